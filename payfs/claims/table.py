"""A claims file as arrays, checked against the contract: nothing of a file with a fault is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from payfs.claims import checks
from payfs.claims.checks import EPOCH, MOST_CLAIMS, NEEDED, OPEN, period_of
from payfs.claims.columns import Column, only_rows
from payfs.claims.faults import Faults
from payfs.claims.order import outcome_order
from payfs.evidence.counting import ROW, Counting
from payfs.evidence.results import Frame
from payfs.money import Array
from payfs.text import MOST_FINDINGS, Finding

__all__ = [
    "EPOCH",
    "MOST_CLAIMS",
    "NEEDED",
    "OPEN",
    "Claims",
    "claims_of",
    "codes_of",
    "known_outcomes",
    "named_columns",
    "period_of",
]
DATES = ("date", "to", "reported", "withdrawn")


@dataclass(frozen=True)
class Claims:
    """Claims in order of person, date and outcome; arrays of one entry a claim.

    Attributes:
        file: where they were read.
        rows: the row of the file; the header is row 1.
        person: places in ``people``.
        people: ids, which no output shows unless it is asked for.
        outcome: places in ``outcomes``.
        outcomes: names.
        day: the date of each claim, of a spell its first day [days since 1970-01-01].
        to: the last day of a spell; ``OPEN`` while it goes on.
        cohort: places on the cohort axis.
        units: how many are claimed.
        reported: the day on which it was reported; its own where nothing is said.
        withdrawn: the day on which it was withdrawn; ``OPEN`` where it was not.
        columns: others that the contract names.
        head: the row that names the columns.
    """

    file: str
    rows: Array
    person: NDArray[np.int32]
    people: tuple[str, ...]
    outcome: NDArray[np.int32]
    outcomes: tuple[str, ...]
    day: Array
    to: Array
    cohort: Array
    units: Array
    reported: Array
    withdrawn: Array
    columns: Mapping[str, Column] = field(default_factory=dict)
    head: int = 1

    def __len__(self) -> int:
        """How many claims there are."""
        return len(self.rows)

    def column(self, name: str) -> Column:
        """Return a column that the contract names; of empty cells where the file has none."""
        if name == "outcome":
            return Column(self.outcome, self.outcomes)
        return self.columns.get(name, Column(np.zeros(len(self), dtype=np.int32), ("",)))


def codes_of(claims: Claims, outcomes: Collection[str]) -> list[int]:
    """Return the codes that some outcomes have in the claims."""
    return [code for code, outcome in enumerate(claims.outcomes) if outcome in outcomes]


def named_columns(frame: Frame) -> dict[str, None]:
    """Return the columns that a contract's metrics look at, beside those of every claims file."""
    names: dict[str, None] = dict.fromkeys(frame.columns)
    for metric in frame.metrics.values():
        if metric.claims is not None:
            names.update(dict.fromkeys(name for _, name in metric.claims.columns()))
            within = metric.claims.within
            if within is not None and within.of not in frame.metrics:
                names[within.of] = None
    return names


def known_outcomes(frame: Frame) -> dict[str, list[str]]:
    """Return the outcomes that a claims file may have, each with the metrics that look at it."""
    known: dict[str, list[str]] = {}
    for name, metric in frame.metrics.items():
        if metric.worked_out is None:
            counting = metric.claims or Counting()
            for outcome in counting.outcomes(name) if counting.missing is None else ():
                known.setdefault(outcome, []).append(name)
            events = [event for event in counting.closed_by or () if event not in frame.metrics]
            less = (counting.days.less if counting.days else None) or ()
            for outcome in (*events, *(counting.lost_by or ()), *less):
                known.setdefault(outcome, [])
    return known


def claims_of(
    columns: Sequence[tuple[str, Column]],
    rows: Array,
    file: str,
    frame: Frame,
    head: int = 1,
    found: Iterable[Finding] = (),
) -> Claims:
    """Check cells against the contract and lay them out as arrays.

    Args:
        columns: name and cells of each column; empty cells are empty text.
        rows: the row of the file for each cell.
        file: its name.
        frame: the contract's metrics, cohorts and periods.
        head: the row that names the columns.
        found: what is wrong with the file already; the rest is looked at all the same, so that all is told at once.

    Raises:
        Refused: everything that is wrong, with row numbers; no cell's content is named, as it may be a person's id.
    """
    faults = Faults(file, rows, head, found)
    coded = checks.check_header(columns, faults, [*ROW, *named_columns(frame)])
    coded = _readable(coded, faults)
    known = known_outcomes(frame)
    person, outcome = coded["person"], coded["outcome"]
    checks.check_people(person, faults)
    checks.check_names(outcome, known, ("outcome", "outcomes"), faults)
    days = {name: checks.read_days(coded, name, faults) for name in DATES}
    checks.check_order(days, faults)
    cohort = checks.read_cohorts(coded, faults, frame)
    units = checks.read_units(coded, faults)
    named = {name: coded[name] for name in named_columns(frame) if name in coded}
    checks.check_dates(outcome, days, faults, frame, known)
    checks.check_cells({**named, "outcome": outcome}, faults, frame, known)
    day = days["date"]
    reported = np.where(days["reported"] == OPEN, day, days["reported"])
    figures = [days["to"], cohort, units, reported, days["withdrawn"], *(named[name].codes for name in sorted(named))]
    order = _order(coded, day, figures, frame, known)
    if faults.faulty.any():  # rows that are wrong are not told to be like others as well
        order = order[~faults.faulty[order]]
    claims = Claims(
        file,
        faults.rows[order],
        person.codes[order],
        person.values,
        outcome.codes[order],
        outcome.values,
        day[order],
        days["to"][order],
        cohort[order],
        units[order],
        reported[order],
        days["withdrawn"][order],
        {name: Column(column.codes[order], column.values) for name, column in named.items()},
        head,
    )
    _check_twice(claims, faults)
    faults.refuse()
    return claims


def _readable(coded: Mapping[str, Column], faults: Faults) -> dict[str, Column]:
    """Set the rows aside in which a cell cannot be read: what else they say is of no use."""
    for name, column in coded.items():
        faults.add_unreadable(column, name)
    if not faults.faulty.any():
        return dict(coded)
    keep = ~faults.faulty
    faults.set_aside()
    return {name: only_rows(column, keep) for name, column in coded.items()}


def _order(
    coded: Mapping[str, Column], day: Array, figures: Sequence[Array], frame: Frame, known: Mapping[str, Sequence[str]]
) -> NDArray[np.intp]:
    """Sort by person, date, outcome and everything else that is said, so that the order of rows is of no matter.

    Within a day an outcome comes after those that its metrics need, else as in the contract.
    """
    place = {name: at for at, name in enumerate(outcome_order(frame.metrics, known))}
    outcome = coded["outcome"]
    rank = np.array([place.get(value, 0) for value in outcome.values], dtype=np.int64)[outcome.codes]
    keys: list[Array] = [*figures, outcome.codes, rank, day, coded["person"].codes]
    order: NDArray[np.intp] = np.lexsort(keys)
    return order


def _check_twice(claims: Claims, faults: Faults) -> None:
    """Find rows that say the same, whether they write out what goes without saying or not; they are neighbours."""
    said: list[Array] = [claims.person, claims.day, claims.outcome, claims.cohort, claims.to, claims.units]
    said += [claims.reported, claims.withdrawn, *(column.codes for column in claims.columns.values())]
    same = np.ones(max(len(claims) - 1, 0), dtype=bool)
    for figures in said:
        same &= figures[1:] == figures[:-1]
    twice = np.flatnonzero(same)
    twice = twice[np.argsort(claims.rows[twice + 1], kind="stable")][: MOST_FINDINGS + 1]
    for place in twice.tolist():
        row, later = sorted(int(number) for number in claims.rows[place : place + 2])
        remedy = "delete one; if both happened, tell them apart by their dates or units"
        faults.add_row(later, f"it says the same as row {row}", remedy)
