"""What is looked at in a claims file: its columns, its cells, and what the cells of a row say together."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from payfs.claims.columns import Column
from payfs.claims.faults import MOST_GUESSES, Fault, Faults, day_fault, number_fault, spelling
from payfs.evidence.counting import Counting
from payfs.evidence.results import Frame
from payfs.money import Array
from payfs.periods import read_day
from payfs.spec import quoted
from payfs.text import MOST_FINDINGS, nearest, suggest

OPEN = 10**6  # [days since 1970-01-01] of what has not ended: long after every contract
MOST_CLAIMS = 10_000  # of one person
EPOCH = datetime.date(1970, 1, 1)
NEEDED = ("person", "outcome", "date")
COHORTS = ("cohort", "cohorts")
_BEGIN = f"begin with the row {','.join(NEEDED)}"
# letters that nobody sees: those of Unicode's category Cf, joiners, variants, fillers, the empty Braille cell
_UNSEEN = re.compile(
    "[\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def check_header(columns: Sequence[tuple[str, Column]], faults: Faults, names: Iterable[str]) -> dict[str, Column]:
    """Find what is wrong with the names of the columns, and return those that the contract looks at.

    Raises:
        Refused: a column that every file needs is missing, or one stands there twice: nothing else can be told then.
    """
    known = dict.fromkeys(names)
    found: dict[str, Column] = {}
    header = [name for name, _ in columns]
    if not set(header) & set(NEEDED):
        faults.add_header("it does not name the columns", _BEGIN)
        faults.refuse()
    for name in NEEDED:
        if name not in header:
            faults.add_header(f"there is no column {quoted(name)}", _BEGIN)
    whole = set(NEEDED) <= set(header)
    seen: set[str] = set()
    for place, (name, column) in enumerate(columns, 1):
        if not name:
            faults.add_header(f"column {place} has no name", "name it, or take it out")
        elif name.startswith("\0"):
            faults.add_header(f"the name of column {place} is not plain text", "write the name in the cell itself")
        elif name in seen:
            which = quoted(name) if name in known else "alike"
            faults.add_header(f"two columns are named {which}", "keep one")
            whole = False
        elif name in known:
            found[name] = column
        else:
            # a file without a header begins with a person's id, which is not to be written
            remedy = suggest(name, known) or f"leave it out; the contract looks at {', '.join(known)}"
            faults.add_header(f"the contract has no use for column {place}", remedy)
        seen.add(name)
    if not whole:
        faults.refuse()
    return found


def _plain(value: str) -> str:
    """Return an id without what looks the same or cannot be seen."""
    if not value.isascii():
        value = _UNSEEN.sub("", normalize("NFKC", value))  # which makes one filler of another
    return "".join(value.split()).casefold()


def check_people(person: Column, faults: Faults) -> None:
    """Find ids that differ in capitals, spaces or unseen letters only, as one person would be paid as two.

    Find people with too many claims, too.
    """
    empty = ("the cell is empty", "write the person's id")
    plain = [_plain(value) for value in person.values]
    blank = {value for value, bare in zip(person.values, plain, strict=True) if not bare}
    if blank:
        faults.add_cells(person, lambda value: empty if value in blank else None, "person")
    distinct = len(set(plain)) == len(plain)
    rows = np.full(len(person.values), np.iinfo(np.int64).max)
    counts = np.bincount(person.codes, minlength=len(person.values))
    many = [code for code in np.flatnonzero(counts > MOST_CLAIMS).tolist() if plain[code]]
    if many or not distinct:
        np.minimum.at(rows, person.codes, faults.rows)
    for code in many[: MOST_FINDINGS + 1]:
        what = f"the person has {counts[code]:,} claims, more than {MOST_CLAIMS:,}"
        faults.add_row(int(rows[code]), what, "check the person's id", "person")
    alike: dict[str, int] = {}
    pairs = []
    for place, value in enumerate(() if distinct else plain):
        first = alike.setdefault(value, place)
        if first != place and value:
            pairs.append(sorted((int(rows[first]), int(rows[place]))))
    for row, later in sorted(pairs, key=lambda pair: pair[1])[: MOST_FINDINGS + 1]:
        what = f"the person differs from that of row {row} only in capitals, spaces or what cannot be seen"
        faults.add_row(later, what, "write the same id in both", "person")


def check_names(column: Column, known: Iterable[str], words: tuple[str, str], faults: Faults) -> None:
    """Find names that the contract does not have, and what each may have been meant to be."""
    names = dict.fromkeys(known)
    one, several = words
    listed = ", ".join(list(names)[:12])
    guesses = 0

    def judge(value: str) -> Fault | None:
        nonlocal guesses
        if value in names:
            return None
        if not value:
            return "the cell is empty", f"name one of {listed}"
        guesses += 1
        meant = nearest(value, names) if guesses <= MOST_GUESSES else None
        remedy = f"its {several} are {listed}" if meant is None else f"did you mean {quoted(meant)}"
        return f"the contract has no such {one}", remedy

    faults.add_cells(column, judge, one)


def read_days(coded: Mapping[str, Column], name: str, faults: Faults) -> Array:
    """Read a column of dates [days since 1970-01-01]; ``OPEN`` where it is empty or wrong."""
    if name not in coded:
        return np.full(len(faults.rows), OPEN, dtype=np.int64)
    days: list[int] = []

    def judge(value: str) -> Fault | None:
        fault = day_fault(value) if value or name == "date" else None
        days.append(OPEN if fault or not value else (read_day(value).date - EPOCH).days)
        return fault

    faults.add_cells(coded[name], judge, name)
    result: Array = np.array(days, dtype=np.int64)[coded[name].codes]
    return result


def check_order(days: Mapping[str, Array], faults: Faults) -> None:
    """Find spells that end before they start, and claims reported or withdrawn too early."""
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


def read_cohorts(coded: Mapping[str, Column], faults: Faults, frame: Frame) -> Array:
    """Read the cohort of each claim: its place on the cohort axis."""
    person = coded["person"]
    if "cohort" not in coded:
        if len(frame.cohorts) > 1:
            faults.add_header("there is no column 'cohort'", f"name one of {', '.join(frame.cohorts[:12])} in each row")
        return np.zeros(len(person.codes), dtype=np.int64)
    column = coded["cohort"]
    if frame.cohorts == ("all",):
        none = ("the contract has no cohorts", "leave the column out")
        faults.add_cells(column, lambda value: none if value not in ("", "all") else None, "cohort")
        return np.zeros(len(person.codes), dtype=np.int64)
    names = frame.cohorts if len(frame.cohorts) > 1 else ("", *frame.cohorts)
    check_names(column, names, COHORTS, faults)
    known = np.array([value in names for value in column.values], dtype=bool)[column.codes]
    cohort: Array = np.array([frame.rows.get(value, 0) for value in column.values], dtype=np.int64)[column.codes]
    named = np.flatnonzero(known)[::-1]
    first = np.full(len(person.values), -1, dtype=np.int64)
    first[person.codes[named]] = cohort[named]
    what, remedy = "the person stands in another cohort in a row above", "write the same cohort in all rows of a person"
    wrong = known & (first[person.codes] != cohort)
    if wrong.any():  # nobody is told that an empty cell is a person in two cohorts
        wrong &= np.array([value != "" for value in person.values], dtype=bool)[person.codes]
    faults.add(wrong, what, remedy, "cohort")
    return cohort


def read_units(coded: Mapping[str, Column], faults: Faults) -> Array:
    """Read how many each row claims."""
    if "units" not in coded:
        return np.ones(len(faults.rows), dtype=np.int64)
    column = coded["units"]

    def whole(value: str) -> bool:
        return value.isascii() and value.isdigit() and len(value) < 10 and int(value) > 0

    fault = ("this is no whole number above 0", "write digits only, at most nine")
    faults.add_cells(column, lambda value: None if not value or whole(value) else fault, "units")
    units = [int(value) if whole(value) else 1 for value in column.values]
    result: Array = np.array(units, dtype=np.int64)[column.codes]
    return result


def check_dates(
    outcomes: Column, days: Mapping[str, Array], faults: Faults, frame: Frame, known: Mapping[str, Collection[str]]
) -> None:
    """Find claims outside the periods in which their metric is measured, and last days that nothing counts."""
    day, to = days["date"], days["to"]
    for code, outcome in enumerate(outcomes.values):
        if outcome not in known:
            continue
        here = (outcomes.codes == code) & (day != OPEN)
        spells = any((c := frame.metrics[name].claims) and c.days for name in known[outcome])
        if spells:
            first, last = (min(p.start.date for p in frame.periods), max(p.end.date for p in frame.periods))
            outside_all = (to < (first - EPOCH).days) | (day > (last - EPOCH).days)
            remedy = f"they run from {first} to {last}; correct the dates or leave the spell out"
            what = "the spell lies in none of the contract's periods"
            faults.add(here & outside_all, what, remedy, "date")
        taken_off = any(outcome in (c.days.less or ()) for m in frame.metrics.values() if (c := m.claims) and c.days)
        if not spells and not taken_off:
            what = f"it has a last day, and no days are counted of {quoted(outcome)}"
            remedy = "leave the cell empty, or say days under the claims of its metric"
            faults.add((outcomes.codes == code) & (to != OPEN), what, remedy, "to")
        if not known[outcome] or spells:
            continue
        places = sorted({place for name in known[outcome] for place in frame.measured_in(name)})
        days_here = np.unique(day[here])
        outside = days_here[period_of(days_here, places, frame) < 0]
        if len(outside):
            periods = [frame.periods[place] for place in places]
            first, last = min(p.start.date for p in periods), max(p.end.date for p in periods)
            what = f"its date lies in none of the periods in which {quoted(outcome)} is measured"
            remedy = f"they run from {first} to {last}; correct the date or leave the claim out"
            faults.add(here & np.isin(day, outside), what, remedy, "date")


def check_cells(
    coded: Mapping[str, Column], faults: Faults, frame: Frame, known: Mapping[str, Collection[str]]
) -> None:
    """Find cells that a metric looks at and that are missing or no number."""
    said: set[tuple[str, str]] = set()
    wanted: dict[tuple[str, str], NDArray[np.bool_]] = {}
    outcomes = coded["outcome"]
    for code, outcome in enumerate(outcomes.values):
        here = None
        for metric in known.get(outcome, ()):
            counting = frame.metrics[metric].claims
            for name, kind in _looked_at(counting, frame) if counting else ():
                here = outcomes.codes == code if here is None else here
                if name in coded:
                    wanted[name, kind] = wanted[name, kind] | here if (name, kind) in wanted else here
                elif (outcome, name) not in said:
                    said.add((outcome, name))
                    what = f"there is no column {quoted(name)}, which {quoted(outcome)} is decided by"
                    faults.add_header(what, "add it")
    for (name, kind), among in wanted.items():
        if kind != "text":
            faults.add_cells(coded[name], day_fault if kind == "date" else number_fault, name, among)
    words: dict[str, dict[str, None]] = {}
    for counting in (c for m in frame.metrics.values() if (c := m.claims) is not None):
        for name, asked in counting.words():
            words.setdefault(name, {}).update(dict.fromkeys(asked))
    for name, among_words in words.items():
        if name in coded:
            faults.add_cells(coded[name], spelling(among_words), name)


def _looked_at(counting: Counting, frame: Frame) -> Iterator[tuple[str, str]]:
    """Yield the columns that a metric needs in each claim, and what must stand there."""
    for name, where in (counting.where or {}).items():
        yield name, "number" if where.numeric else "text"
    for name in set(counting.reaches or ()) - {"units"}:
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
