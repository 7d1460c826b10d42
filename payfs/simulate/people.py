"""How many people there are in each cohort and period: a number, an enrolment that may be slow, and those who leave."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
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

GROUPS = 8
"""In so many groups those are summed who come while a period lasts: up to so many people, each by himself."""


class Number(NamedTuple):
    """A number of people that is believed, and the cells for which it is."""

    distribution: Distribution
    rows: Rows | None
    cells: tuple[int, ...]


class Coming(NamedTuple):
    """An enrolment: so many people in full, of whom the k-th comes in the middle of the k-th of equal stretches."""

    full: Number
    late: tuple[Distribution, Rows | None] | None
    days: NDArray[np.float64]  # of each cell: from the first day of enrolment to the end of the period
    over: float  # [days]
    lasting: NDArray[np.float64] | None = None  # of each cell: its days, where those of a person count; None for heads

    @property
    def certain(self) -> bool:
        """Whether they come alike on all paths."""
        return self.full.rows is None and (self.late is None or self.late[1] is None)

    def drawn(self, uniforms: Floats) -> tuple[Floats, Floats]:
        """Return how many people there are in full, and by how many days they are late, (paths or 1,)."""
        full = np.rint(drawn(self.full.distribution, self.full.rows, uniforms)[0])
        return full, np.zeros(1) if self.late is None else drawn(*self.late, uniforms)[0] * MONTH

    def come(self, days: NDArray[np.float64], full: Floats, late: Floats) -> Whole:
        """Return how many have come, by so many days from the first day of enrolment, (cells, paths or 1)."""
        come = np.floor(full * ((days[:, None] - late) / self.over) + 0.5 + 1e-9)
        return np.clip(come, 0, full).astype(np.int64)


class There(NamedTuple):
    """Who is there in each cell: some all the period long, and others who come while it lasts, one after the other.

    Attributes:
        whole: how many are there all the period long, (cells, paths or 1).
        coming: how many come while it lasts, likewise.
        longest: for which share of the period the first of these is there.
        apart: for how much less of it each of the others is there than the one before.
    """

    whole: Whole
    coming: Whole
    longest: Floats
    apart: Floats

    def groups(self, number: int) -> Iterator[tuple[Whole, Floats, Floats]]:
        """Split those who come, of one cell, into so many groups of people who follow each other, (paths,).

        Yields:
            How many there are in each group, the mean of the shares of the period for which they are there, and the
            root of the mean of the squares of these.
        """
        for group in range(number):
            start, end = self.coming * group // number, self.coming * (group + 1) // number
            people = end - start
            mean = np.where(people > 0, self.longest - self.apart * (start + (people - 1) / 2), 0)
            yield people, mean, np.sqrt(mean**2 + self.apart**2 * np.maximum(people**2 - 1, 0) / 12)


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
        ramp = self.coming is None or self.coming.certain
        return ramp and self.leaving is None and all(number.rows is None for number in self.numbers)

    def count(self, uniforms: Floats) -> Whole:
        """Return how many people there are, (cells, paths), or (cells, 1) where it is certain."""
        return self._sure if self.certain else self._counted(uniforms)

    @cached_property
    def _sure(self) -> Whole:
        """How many there are where it is certain, (cells, 1)."""
        return self._counted(np.empty((0, 1)))

    def _counted(self, uniforms: Floats) -> Whole:
        people = self._places(uniforms)
        return people if self.leaving is None else self._left(people, people, uniforms)

    def there(self, uniforms: Floats) -> There:
        """Return who is there all the period long, and who comes while it lasts."""
        coming = self.coming
        if coming is None or coming.lasting is None:
            nobody = np.zeros((len(self.cells), 1))
            return There(self.count(uniforms), nobody.astype(np.int64), nobody, nobody)
        full, late = coming.drawn(uniforms)
        end, begun = (coming.come(days, full, late) for days in (coming.days, coming.days - coming.lasting))
        lasting, each = coming.lasting[:, None], coming.over / np.maximum(full, 1)
        longest = (coming.days[:, None] - late - each * (begun + 0.5)) / lasting
        whole = begun if self.leaving is None else self._left(end, begun, uniforms)
        return There(whole, end - begun, longest, np.broadcast_to(each / lasting, longest.shape))

    def _left(self, places: Whole, begun: Whole, uniforms: Floats) -> Whole:
        """Let people leave from one period to the next.

        Args:
            places: how many there would be at the end of each period if nobody left.
            begun: how many of these are counted; where it is fewer, the others have come since the period began.
            uniforms: (columns, paths).
        """
        assert self.leaving is not None
        assert self.stay is not None
        distribution, rows = self.leaving
        kept = 1 - drawn(distribution, rows, uniforms)[0]
        here, result = self.stay.of(uniforms), np.zeros((len(self.cells), uniforms.shape[1]), dtype=np.int64)
        places, begun = np.broadcast_to(places, result.shape), np.broadcast_to(begun, result.shape)
        before: dict[int, int] = {}
        for number, cell in sorted(enumerate(self.cells), key=lambda item: item[1].order):
            last = before.get(cell.row)
            if last is None:
                result[number] = begun[number]
            else:
                all_then = result[last] + places[last] - begun[last]
                stayed = binomial_quantile(here[number], all_then, np.broadcast_to(kept, here[number].shape))
                # whoever is new comes beside those who stayed, and nobody stays beyond the places that there are
                new = np.maximum(begun[number] - places[last], 0)
                result[number] = np.minimum(stayed + new, begun[number])
            before[cell.row] = number
        return result

    def _places(self, uniforms: Floats) -> Whole:
        if self.coming is not None:
            return self.coming.come(self.coming.days, *self.coming.drawn(uniforms))
        wide = any(number.rows is not None for number in self.numbers)
        result = np.zeros((len(self.cells), uniforms.shape[1] if wide else 1), dtype=np.int64)
        for number in self.numbers:
            result[list(number.cells)] = np.rint(drawn(number.distribution, number.rows, uniforms)[0])
        return result

    def ramps(self, number: int) -> bool:
        """Whether people may come while a cell's period lasts, and count from then on."""
        coming = self.coming
        if coming is None or coming.lasting is None:
            return False
        late = 0.0 if coming.late is None else float(coming.late[0].quantile(np.array([1 - 1e-12]))[0]) * MONTH
        return bool(coming.days[number] > 0 and coming.days[number] - coming.lasting[number] < coming.over + late)

    @property
    def most(self) -> int:
        """The most people that there can be in a cell."""
        every = [number.distribution for number in self.numbers]
        every += [self.coming.full.distribution] if self.coming is not None else []
        return max(int(min(np.rint(one.quantile(np.array([1 - 1e-12]))[0]), MOST_PEOPLE)) for one in every)


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
        lasting: of each cell, its days, where those of each person count; None where heads are counted at the end.
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
    over = enrolment.months * MONTH or 1e-9  # all of them at once
    return Coming(full[0], late, days, over, None if lasting is None else np.array(lasting, dtype=np.float64))
