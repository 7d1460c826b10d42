"""The claims of a worked example: rows of keys, each of which may stand for one in every month or week."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

import numpy as np

from payfs.claims.columns import column_of
from payfs.claims.table import NEEDED, Claims, claims_of
from payfs.evidence.results import Frame
from payfs.periods import read_day
from payfs.periods.days import add_months
from payfs.text import Document, Finding, Path, Refused

REPEAT = ("every", "times")
MOST_TIMES = 1000


def example_claims(document: Document, path: Path, frame: Frame) -> Claims:
    """Read the claims of a worked example.

    Raises:
        Refused: everything that is wrong with them, each at the line of its row.
    """
    data = document.data
    for key in path:
        data = data[key]
    rows: list[Mapping[str, str]] = []
    numbers: list[int] = []
    found: list[Finding] = []
    for place, row in enumerate(data):
        at = (*path, place)
        if not isinstance(row, dict) or not all(isinstance(cell, str) for cell in row.values()):
            found.append(document.finding(at, "a claim is not written as keys and values", "write {person: a, ...}"))
            continue
        line = document.find(at)[0]
        try:
            repeated = list(_repeated(row))
        except ValueError as error:
            what, _, remedy = str(error).partition("; ")
            found.append(document.finding(at, what, remedy))
            continue
        rows += repeated
        numbers += [line] * len(repeated)
    if found:
        raise Refused(found)
    return claims_of_rows(rows, numbers, document.file, frame)


def _repeated(row: Mapping[str, str]) -> list[Mapping[str, str]]:
    """Repeat a row every month or week from its date on."""
    every, times = row.get("every"), row.get("times")
    bare = {name: cell for name, cell in row.items() if name not in REPEAT}
    if every is None and times is None:
        return [bare]
    if (
        every not in ("day", "week", "month")
        or times is None
        or not times.isdigit()
        or not 0 < int(times) <= MOST_TIMES
    ):
        raise ValueError(
            f"the row is not repeated in a way that is known; say every: month, and times: up to {MOST_TIMES}"
        )
    first = read_day(row.get("date", ""))
    days = [_on(first.date, every, number) for number in range(int(times))]
    return [{**bare, "date": day.isoformat()} for day in days]


def _on(first: datetime.date, every: str, number: int) -> datetime.date:
    if every == "month":
        return add_months(first, number)
    return first + datetime.timedelta(days=number * (7 if every == "week" else 1))


def claims_of_rows(rows: Sequence[Mapping[str, str]], numbers: Sequence[int], file: str, frame: Frame) -> Claims:
    """Check rows of plain text as if a claims file held them.

    Args:
        rows: each with its cells by column.
        numbers: the row, or the line, that each stands in.
        file: its name.
        frame: the contract's metrics, cohorts and periods.

    Raises:
        Refused: everything that is wrong with them.
    """
    columns = []
    for name in dict.fromkeys([*NEEDED, *(name for row in rows for name in row)]):
        words = [row.get(name, "") for row in rows]
        columns.append((name, column_of(words, np.arange(len(words)))))
    return claims_of(columns, np.array(numbers, dtype=np.int64), file, frame, min(numbers, default=1))
