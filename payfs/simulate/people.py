"""How many people there are in each cohort and period: a number, an enrolment that may be slow, and those who leave."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from payfs.simulate.belief import Belief
from payfs.simulate.builder import Builder, Rows, drawn, fixed
from payfs.simulate.cells import Cell, split
from payfs.simulate.distributions import Distribution
from payfs.simulate.model import Floats
from payfs.simulate.sums import MOST_PEOPLE, binomial_quantile
from payfs.simulate.written import Enrolment, People
from payfs.text import Path

Whole = NDArray[np.int64]
MONTH = 365.25 / 12  # [days]


class Number(NamedTuple):
    """A number of people that is believed, and the cells for which it is."""

    distribution: Distribution
    rows: Rows | None
    cells: tuple[int, ...]


class Coming(NamedTuple):
    """An enrolment: so many people in full, coming in over some days up to each cell's period."""

    full: Number
    late: tuple[Distribution, Rows | None] | None
    days: NDArray[np.float64]  # of each cell: from the first day of enrolment to the end of the period
    over: float  # [days]
    lasting: NDArray[np.float64] | None = None  # of each cell: the days of which the average counts; None for the end

    def share(self, late: Floats | float) -> Floats:
        """Return the share that has come, at the end of each cell's period or on average over it, (cells, paths)."""
        end = (self.days[:, None] - late) / self.over
        if self.lasting is None:
            return np.clip(end, 0, 1)
        length = self.lasting[:, None] / self.over
        average: Floats = (_area(end) - _area(end - length)) / length
        return np.clip(average, 0, 1)


@dataclass(frozen=True)
class Crowd:
    """How many people there are in each cell."""

    cells: tuple[Cell, ...]
    numbers: tuple[Number, ...]
    coming: Coming | None
    leaving: tuple[Distribution, Rows | None] | None
    stay: Rows | None

    @property
    def certain(self) -> bool:
        """Whether there are as many on all paths."""
        coming = self.coming
        ramp = coming is None or (coming.full.rows is None and (coming.late is None or coming.late[1] is None))
        return ramp and self.leaving is None and all(number.rows is None for number in self.numbers)

    def count(self, uniforms: Floats) -> Whole:
        """Return how many people there are, (cells, paths), or (cells, 1) where it is certain."""
        people = self._there(uniforms)
        if self.leaving is None:
            return people
        assert self.stay is not None
        distribution, rows = self.leaving
        kept = 1 - drawn(distribution, rows, uniforms)[0]
        here, result = self.stay.of(uniforms), np.zeros((len(self.cells), uniforms.shape[1]), dtype=np.int64)
        people = np.broadcast_to(people, result.shape)
        before: dict[int, int] = {}
        for number, cell in sorted(enumerate(self.cells), key=lambda item: item[1].order):
            last = before.get(cell.row)
            if last is None:
                result[number] = people[number]
            else:
                stayed = binomial_quantile(here[number], result[last], np.broadcast_to(kept, here[number].shape))
                # whoever is new comes beside those who stayed, and nobody stays beyond the places that there are
                result[number] = np.minimum(stayed + np.maximum(people[number] - people[last], 0), people[number])
            before[cell.row] = number
        return result

    def _there(self, uniforms: Floats) -> Whole:
        coming = self.coming
        if coming is not None:
            full = drawn(coming.full.distribution, coming.full.rows, uniforms)[0]
            late = 0.0 if coming.late is None else drawn(*coming.late, uniforms)[0] * MONTH
            people: Whole = np.floor(np.rint(full) * coming.share(late) + 1e-9).astype(np.int64)
            return people
        wide = any(number.rows is not None for number in self.numbers)
        result = np.zeros((len(self.cells), uniforms.shape[1] if wide else 1), dtype=np.int64)
        for number in self.numbers:
            result[list(number.cells)] = np.rint(drawn(number.distribution, number.rows, uniforms)[0])
        return result

    @property
    def most(self) -> int:
        """The most people that there can be in a cell."""
        every = [number.distribution for number in self.numbers]
        every += [self.coming.full.distribution] if self.coming is not None else []
        return max(int(min(np.rint(one.quantile(np.array([1 - 1e-12]))[0]), MOST_PEOPLE)) for one in every)


def _area(x: Floats) -> Floats:
    """Return the area under a ramp that rises from 0 at 0 to 1 at 1, up to x."""
    inside = np.clip(x, 0, 1)
    area: Floats = inside * inside / 2 + np.maximum(x - 1, 0)
    return area


def crowd_of(
    builder: Builder,
    name: str,
    people: People,
    dropout: Belief | None,
    cells: Sequence[Cell],
    at: Path,
    lasting: Sequence[float] | None = None,
) -> Crowd | None:
    """Lay out how many people there are; None with faults noted.

    Args:
        builder: what has been laid out so far.
        name: of the metric, and of the part where there are several.
        people: as written.
        dropout: the share that leaves from each period to the next, or None.
        cells: for which cells.
        at: where it stands in the scenario.
        lasting: of each cell, over how many days those who come count on average; None for those there at the end.
    """
    before = len(builder.found)
    said = [key for key in ("number", "by_cohort", "by_period", "enrolment") if getattr(people, key) is not None]
    if len(said) != 1:
        what = "how many people there are is said twice, or not at all"
        builder.fault(at, what, "say a number, by_cohort, by_period, or enrolment")
        return None
    where = (*at, said[0]) if said[0] != "number" or "number" in _data(builder, at) else at
    numbers: list[Number] = []
    coming = None
    if people.number is not None:
        numbers += _number(builder, f"{name}: how many people", people.number, range(len(cells)), where)
    elif people.by_cohort is not None:
        for cohort, belief, mine in split(builder, "by_cohort", people.by_cohort, cells, where):
            numbers += _number(builder, f"{name}: how many people of {cohort}", belief, mine, (*where, cohort))
    elif people.by_period is not None:
        for period, belief, mine in split(builder, "by_period", people.by_period, cells, where):
            numbers += _number(builder, f"{name}: how many people in {period}", belief, mine, (*where, period))
    elif people.enrolment is not None:
        coming = _coming(builder, name, people.enrolment, cells, where, lasting)
    leaving, stay = None, None
    if dropout is not None:
        made = builder.distribution(dropout, (*at[:-1], "dropout"), True, 0, 1)
        if made is not None:
            leaving = (made, None if fixed(made) else builder.rows(f"{name}: dropout"))
            stay = builder.rows(f"{name}: who stays", len(cells))
    if len(builder.found) > before:
        return None
    return Crowd(tuple(cells), tuple(numbers), coming, leaving, stay)


def _data(builder: Builder, at: Path) -> dict[str, Any]:
    data: Any = builder.document.data
    for key in at:
        data = data[key]
    return data if isinstance(data, dict) else {}


def _number(builder: Builder, name: str, belief: Belief, cells: Sequence[int], at: Path) -> list[Number]:
    made = builder.distribution(belief, at, False, 0, MOST_PEOPLE)
    if made is None:
        return []
    if fixed(made) and made.least != np.rint(made.least):
        builder.fault(at, f"{made.least:g} is no whole number of people", "write a whole number")
        return []
    return [Number(made, None if fixed(made) else builder.rows(name), tuple(cells))]


def _coming(
    builder: Builder,
    name: str,
    enrolment: Enrolment,
    cells: Sequence[Cell],
    at: Path,
    lasting: Sequence[float] | None,
) -> Coming | None:
    full = _number(builder, f"{name}: people in full", enrolment.full, range(len(cells)), (*at, "full"))
    late = None
    if enrolment.late is not None:
        made = builder.distribution(enrolment.late, (*at, "late"), False, 0)
        late = None if made is None else (made, None if fixed(made) else builder.rows(f"{name}: late start"))
    start = enrolment.from_.date - datetime.timedelta(days=1)
    periods = builder.contract.periods
    days = np.array([(periods[cell.place].end.date - start).days for cell in cells], dtype=np.float64)
    if len(days) and days.max() <= 0:
        builder.fault((*at, "from"), f"the last period is over before {enrolment.from_}", "correct the date")
    if not full:
        return None
    over = max(enrolment.months * MONTH, 1.0)
    return Coming(full[0], late, days, over, None if lasting is None else np.array(lasting, dtype=np.float64))
