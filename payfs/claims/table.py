"""A claims file as arrays, checked against the contract: nothing of a file with a fault is kept."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from unicodedata import category, normalize

import numpy as np
from numpy.typing import NDArray

from payfs.claims.columns import Column
from payfs.claims.faults import MOST_GUESSES, Fault, Faults, day_fault, number_fault
from payfs.claims.order import outcome_order
from payfs.evidence.counting import ROW, Counting
from payfs.evidence.results import Frame
from payfs.money import Array
from payfs.periods import read_day
from payfs.spec import quoted
from payfs.text import MOST_FINDINGS, nearest, suggest

OPEN = 10**6  # [days since 1970-01-01] of what has not ended: long after every contract
MOST_CLAIMS = 10_000  # of one person
EPOCH = datetime.date(1970, 1, 1)
DATES = ("date", "to", "reported", "withdrawn")
NEEDED = ("person", "outcome", "date")
COHORTS = ("cohort", "cohorts")


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


def claims_of(columns: Sequence[tuple[str, Column]], rows: Array, file: str, frame: Frame, head: int = 1) -> Claims:
    """Check cells against the contract and lay them out as arrays.

    Args:
        columns: name and cells of each column; empty cells are empty text.
        rows: the row of the file for each cell.
        file: its name.
        frame: the contract's metrics, cohorts and periods.
        head: the row that names the columns.

    Raises:
        Refused: everything that is wrong, with row numbers; no cell's content is named, as it may be a person's id.
    """
    faults = Faults(file, rows, head)
    _check_header([name for name, _ in columns], faults, frame)
    faults.refuse()
    coded = dict(columns)
    person, outcome = coded["person"], coded["outcome"]
    faults.add_cells(person, lambda id_: None if id_ else ("the cell is empty", "write the person's id"), "person")
    _check_people(person, faults)
    known = known_outcomes(frame)
    _check_names(outcome, known, ("outcome", "outcomes"), faults)
    days = {name: _days(coded, name, faults) for name in DATES}
    day = days["date"]
    ordered = [
        ("to", "it ends before it starts", "exchange the two dates, or correct one"),
        ("reported", "it was reported before it happened", "correct one of the dates"),
        ("withdrawn", "it was withdrawn before it happened", "correct one of the dates"),
    ]
    for name, what, remedy in ordered:
        faults.add((days[name] < day) & (day != OPEN), what, remedy, name)
    both = (days["reported"] != OPEN) & (day != OPEN) & (days["withdrawn"] >= day)
    what = "it was withdrawn before it was reported"
    faults.add(both & (days["withdrawn"] < days["reported"]), what, "correct one of the dates", "withdrawn")
    cohort = _cohorts(coded, person, faults, frame)
    units = _units(coded, faults)
    faults.refuse()
    reported = np.where(days["reported"] == OPEN, day, days["reported"])
    named = {name: coded[name] for name in named_columns(frame) if name in coded}
    order = _order(coded, day, frame, known)
    claims = Claims(
        file,
        rows[order],
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
    faults = faults.at(claims.rows)
    _check_dates(claims, faults, frame, known)
    _check_cells(claims, faults, frame, known)
    faults.refuse()
    return claims


def _check_header(header: list[str], faults: Faults, frame: Frame) -> None:
    known = dict.fromkeys([*ROW, *named_columns(frame)])
    if not set(header) & set(NEEDED):
        faults.add_header("it does not name the columns", f"begin with the row {','.join(NEEDED)}")
        return
    for name in NEEDED:
        if name not in header:
            faults.add_header(f"there is no column {quoted(name)}", f"begin with the row {','.join(NEEDED)}")
    for place, name in enumerate(header):
        if not name:
            faults.add_header(f"column {place + 1} has no name", "name it, or take it out")
        elif name in header[:place]:
            which = quoted(name) if name in known else "alike"
            faults.add_header(f"two columns are named {which}", "keep one")
        elif name not in known:
            # a file without a header begins with a person's id, which is not to be written
            meant = suggest(name, known)
            which = quoted(name) if meant else f"number {place + 1}"
            remedy = meant or f"leave it out; the contract looks at {', '.join(known)}"
            faults.add_header(f"the contract has no use for the column {which}", remedy)


def _plain(value: str) -> str:
    """Return an id without what looks the same or cannot be seen."""
    if value.isascii():
        return value
    return "".join(letter for letter in normalize("NFKC", value) if category(letter) != "Cf")


def _check_people(person: Column, faults: Faults) -> None:
    """Find ids that differ in capitals or spaces only: one person would be paid as two."""
    plain = ["".join(_plain(value).split()).casefold() for value in person.values]
    if len(set(plain)) == len(plain):
        return
    alike: dict[str, int] = {}
    pairs = []
    for place, value in enumerate(plain):
        first = alike.setdefault(value, place)
        if first != place:
            pairs.append((first, place))
    rows = np.full(len(person.values), np.iinfo(np.int64).max)
    np.minimum.at(rows, person.codes, faults.rows)
    for pair in pairs[: MOST_FINDINGS + 1]:
        row, later = sorted(int(rows[place]) for place in pair)
        what = f"the person differs from that of row {row} only in capitals or spaces"
        faults.add_row(later, what, "write the same id in both", "person")


def _check_names(column: Column, known: Iterable[str], words: tuple[str, str], faults: Faults) -> None:
    """Find names that the contract does not have, and what each may have been meant to be."""
    names = list(known)
    one, several = words
    listed = f"its {several} are {', '.join(names[:12])}"
    guesses = 0

    def judge(value: str) -> Fault | None:
        nonlocal guesses
        if value in names:
            return None
        if not value:
            return "the cell is empty", f"name one of {', '.join(names[:12])}"
        guesses += 1
        meant = nearest(value, names) if guesses <= MOST_GUESSES else None
        return f"the contract has no such {one}", f"did you mean {quoted(meant)}" if meant is not None else listed

    faults.add_cells(column, judge, one)


def _days(coded: Mapping[str, Column], name: str, faults: Faults) -> Array:
    """Read a column of dates [days since 1970-01-01]; ``OPEN`` where it is empty."""
    if name not in coded:
        return np.full(len(coded["person"].codes), OPEN, dtype=np.int64)
    column = coded[name]
    faults.add_cells(column, lambda value: day_fault(value) if value or name == "date" else None, name)
    days = [OPEN if day_fault(value) else (read_day(value).date - EPOCH).days for value in column.values]
    result: Array = np.array(days, dtype=np.int64)[column.codes]
    return result


def _cohorts(coded: Mapping[str, Column], person: Column, faults: Faults, frame: Frame) -> Array:
    if "cohort" not in coded:
        if len(frame.cohorts) > 1:
            faults.add_header("there is no column 'cohort'", f"name one of {', '.join(frame.cohorts[:12])} in each row")
        return np.zeros(len(person.codes), dtype=np.int64)
    column = coded["cohort"]
    if frame.cohorts == ("all",):
        none = ("the contract has no cohorts", "leave the column out")
        faults.add_cells(column, lambda value: none if value not in ("", "all") else None, "cohort")
        return np.zeros(len(person.codes), dtype=np.int64)
    _check_names(column, frame.cohorts if len(frame.cohorts) > 1 else ("", *frame.cohorts), COHORTS, faults)
    cohort: Array = np.array([frame.rows.get(value, 0) for value in column.values], dtype=np.int64)[column.codes]
    first = np.full(len(person.values), -1, dtype=np.int64)
    first[person.codes[::-1]] = column.codes[::-1]
    what, remedy = "the person stands in another cohort in a row above", "write the same cohort in all rows of a person"
    faults.add(first[person.codes] != column.codes, what, remedy, "cohort")
    return cohort


def _units(coded: Mapping[str, Column], faults: Faults) -> Array:
    if "units" not in coded:
        return np.ones(len(coded["person"].codes), dtype=np.int64)
    column = coded["units"]

    def whole(value: str) -> bool:
        return value.isascii() and value.isdigit() and len(value) < 10 and int(value) > 0

    fault = ("this is no whole number above 0", "write digits only, at most nine")
    faults.add_cells(column, lambda value: None if not value or whole(value) else fault, "units")
    units = [int(value) if whole(value) else 1 for value in column.values]
    result: Array = np.array(units, dtype=np.int64)[column.codes]
    return result


def _order(
    coded: Mapping[str, Column], day: Array, frame: Frame, known: Mapping[str, Sequence[str]]
) -> NDArray[np.intp]:
    """Sort by person, date, outcome and everything else that is said, so that the order of rows is of no matter.

    Within a day an outcome comes after those that its metrics need, else as in the contract.
    """
    rest = [coded[name].codes for name in sorted(coded) if name not in NEEDED]
    place = {name: at for at, name in enumerate(outcome_order(frame.metrics, known))}
    outcome = coded["outcome"]
    rank = np.array([place[value] for value in outcome.values], dtype=np.int64)[outcome.codes]
    keys: list[Array] = [*rest, outcome.codes, rank, day, coded["person"].codes]
    order: NDArray[np.intp] = np.lexsort(keys)
    return order


def _check_twice(claims: Claims, faults: Faults) -> None:
    """Find rows that say the same, whether they write out what goes without saying or not."""
    said: list[Array] = [claims.person, claims.day, claims.outcome, claims.cohort, claims.to, claims.units]
    said += [claims.reported, claims.withdrawn, *(column.codes for column in claims.columns.values())]
    order = np.lexsort(said)
    same = np.ones(max(len(order) - 1, 0), dtype=bool)
    for figures in said:
        same &= figures[order][1:] == figures[order][:-1]
    for place in np.flatnonzero(same)[: MOST_FINDINGS + 1].tolist():
        pair = sorted(int(claims.rows[row]) for row in order[place : place + 2])
        remedy = "delete one; if both happened, tell them apart by their dates or units"
        faults.add_row(pair[1], f"it says the same as row {pair[0]}", remedy)


def _check_dates(claims: Claims, faults: Faults, frame: Frame, known: Mapping[str, list[str]]) -> None:
    """Find claims outside the periods in which their metric is measured, and people with too many."""
    for code, outcome in enumerate(claims.outcomes):
        spells = any((c := frame.metrics[name].claims) and c.days for name in known[outcome])
        if spells:
            ends = [(p.start.date, p.end.date) for p in frame.periods]
            first, last = min(start for start, _ in ends), max(end for _, end in ends)
            outside_all = (claims.to < (first - EPOCH).days) | (claims.day > (last - EPOCH).days)
            remedy = f"they run from {first} to {last}; correct the dates or leave the spell out"
            what = "the spell lies in none of the contract's periods"
            faults.add((claims.outcome == code) & outside_all, what, remedy, "date")
        if not known[outcome] or spells:
            continue
        places = sorted({place for name in known[outcome] for place in frame.measured_in(name)})
        days = np.unique(claims.day[claims.outcome == code])
        outside = days[period_of(days, places, frame) < 0]
        if len(outside):
            periods = [frame.periods[place] for place in places]
            first, last = min(p.start.date for p in periods), max(p.end.date for p in periods)
            what = f"its date lies in none of the periods in which {quoted(outcome)} is measured"
            wrong = (claims.outcome == code) & np.isin(claims.day, outside)
            remedy = f"they run from {first} to {last}; correct the date or leave the claim out"
            faults.add(wrong, what, remedy, "date")
    counts = np.bincount(claims.person, minlength=1)
    if counts.max(initial=0) > MOST_CLAIMS:
        row = int(claims.rows[claims.person == counts.argmax()].min())
        what = f"the person has {counts.max():,} claims, more than {MOST_CLAIMS:,}"
        faults.add_row(row, what, "check the person's id", "person")


def _check_cells(claims: Claims, faults: Faults, frame: Frame, known: Mapping[str, list[str]]) -> None:
    """Find cells that a metric looks at and that are missing or no number."""
    said: set[tuple[str, str]] = set()
    wanted: dict[tuple[str, str], NDArray[np.bool_]] = {}
    for code, outcome in enumerate(claims.outcomes):
        here = claims.outcome == code
        for metric in known[outcome]:
            counting = frame.metrics[metric].claims
            for name, kind in _looked_at(counting, frame) if counting else ():
                if name in claims.columns:
                    wanted[name, kind] = wanted[name, kind] | here if (name, kind) in wanted else here
                elif (outcome, name) not in said:
                    said.add((outcome, name))
                    what = f"there is no column {quoted(name)}, which {quoted(outcome)} is decided by"
                    faults.add_header(what, "add it")
    for (name, kind), among in wanted.items():
        if kind != "text":
            faults.add_cells(claims.columns[name], day_fault if kind == "date" else number_fault, name, among)


def _looked_at(counting: Counting, frame: Frame) -> Iterator[tuple[str, str]]:
    """Yield the columns that a metric needs in each claim, and what must stand there."""
    for name, where in (counting.where or {}).items():
        yield name, "number" if where.numeric else "text"
    for name in counting.reaches or {}:
        yield name, "number"
    if counting.within is not None and counting.within.of not in frame.metrics:
        yield counting.within.of, "date"


def period_of(days: Array, places: Iterable[int], frame: Frame) -> Array:
    """Return the place of the first period that each day lies in, -1 where there is none."""
    order = np.array(sorted(places), dtype=np.int64)
    starts, ends = frame.spans
    result = np.full(len(days), -1, dtype=np.int64)
    if len(days) * len(order) < 1_000_000:
        inside = (days[:, None] >= starts[order]) & (days[:, None] <= ends[order])
        there = inside.any(axis=1)
        result[there] = order[inside[there].argmax(axis=1)]
        return result
    for place in order[::-1].tolist():
        result[(days >= starts[place]) & (days <= ends[place])] = place
    return result
