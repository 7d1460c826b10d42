"""Everything that is wrong with a claims file, with its rows: no message shows what a cell holds, lest it be an id."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from payfs.claims.columns import Column
from payfs.money import Array
from payfs.periods import read_day
from payfs.spec import DIGITS, Figure, quoted, read_figure
from payfs.text import MOST_FINDINGS, Finding, Refused

LISTED = 5  # rows that are named beside the first
MOST_GUESSES = 200  # words that are compared with those that may have been meant
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LONG = re.compile(r"-?\d+(\.\d+)?", re.ASCII)

Fault = tuple[str, str]  # the fact and the remedy

# What a cell of a workbook is read as if it has no plain value; no text of a file begins with U+0000.
FORMULA, FAILED, NO_DAY, MANY_DIGITS, HIDDEN_SIGN = "\0formula", "\0failed", "\0day", "\0digits", "\0sign"
_FAILED = ("the cell holds an error of the spreadsheet, such as #N/A", "write what it should say, or leave it empty")
_ERRORS = (
    "#N/A #VALUE! #REF! #DIV/0! #NAME? #NUM! #NULL! #SPILL! #CALC! #FIELD! #BLOCKED! #CONNECT! #BUSY! #UNKNOWN! "
    "#EXTERNAL! #PYTHON! #TIMEOUT! #GETTING_DATA"
)
UNREADABLE: dict[str, Fault] = {
    FORMULA: ("the cell holds a formula", "paste the values over the formulas"),
    FAILED: _FAILED,
    NO_DAY: (
        "the cell is formatted as a date, and its number is none from 1900-03-01 to 9999-12-31",
        "correct it, or give the column another format",
    ),
    MANY_DIGITS: (
        "the number has more than 15 digits, which a spreadsheet rounds",
        "format the column as text, and enter it anew",
    ),
    HIDDEN_SIGN: ("the cell holds a character that cannot be seen", "take it out"),
    **dict.fromkeys(_ERRORS.split(), _FAILED),  # as a spreadsheet writes them into a CSV file
}


class Faults:
    """Collects findings, one for each thing that is wrong and not for each row that has it."""

    def __init__(self, file: str, rows: Array, head: int = 1, found: Iterable[Finding] = ()) -> None:
        """Take the row of each cell, the row that the names of the columns stand in, and what was found before."""
        self.file, self.rows, self.head, self.found = file, rows, head, list(found)
        self.faulty = np.zeros(len(rows), dtype=bool)
        """Which rows something is wrong with."""

    def set_aside(self) -> None:
        """Look at the rows that nothing is wrong with, and at no others."""
        self.rows = self.rows[~self.faulty]
        self.faulty = np.zeros(len(self.rows), dtype=bool)

    def add(self, wrong: NDArray[np.bool_], what: str, remedy: str, column: str = "") -> None:
        """Name the rows that are wrong in one way: the first few, and how many others."""
        if not wrong.any():
            return
        self.faulty |= wrong
        rows = np.unique(self.rows[wrong]).tolist()
        self.found.append(Finding(what + others(rows[1:]), remedy, (column,) if column else (), self.file, rows[0]))

    def add_cells(
        self,
        column: Column,
        judge: Callable[[str], Fault | None],
        name: str,
        among: NDArray[np.bool_] | None = None,
    ) -> None:
        """Judge each word of a column once; the rows of all that are wrong in the same way make one finding."""
        alike: dict[Fault, list[int]] = {}
        for code, value in enumerate(column.values):
            fault = judge(value)
            if fault is not None:
                alike.setdefault(fault, []).append(code)
        for fault, codes in alike.items():
            flags = np.zeros(len(column.values), dtype=bool)
            flags[codes] = True
            wrong = flags[column.codes]
            self.add(wrong if among is None else wrong & among, *fault, name)

    def add_unreadable(self, column: Column, name: str) -> None:
        """Name the rows of cells that hold no value."""
        values = column.values  # sorted, so that a million ids need not be looked at
        there = [word for word in UNREADABLE if values[(at := bisect_left(values, word)) : at + 1] == (word,)]
        if there:
            self.add_cells(column, lambda value: UNREADABLE.get(value), name)

    def add_row(self, row: int, what: str, remedy: str, column: str = "") -> None:
        """Name one row."""
        self.found.append(Finding(what, remedy, (column,) if column else (), self.file, row))

    def add_header(self, what: str, remedy: str) -> None:
        """Name what is wrong with the columns."""
        self.add_row(self.head, what, remedy)

    def refuse(self) -> None:
        """Refuse the file if anything was found."""
        if self.found:
            found = sorted(self.found, key=lambda finding: finding.line)
            if len(found) > MOST_FINDINGS:
                more = Finding(f"more than {MOST_FINDINGS} findings", "correct these first", file=self.file)
                found = [*found[:MOST_FINDINGS], more]
            raise Refused(found)


def others(rows: list[int]) -> str:
    """Name the rows beside the first that something is wrong with: a few, and how many more."""
    if not rows:
        return ""
    named = [str(row) for row in rows[:LISTED]]
    named += [f"{len(rows) - LISTED:,} more"] if len(rows) > LISTED else []
    listed = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    return f" (also in row{'s' if len(rows) > 1 else ''} {listed})"


def day_fault(value: str) -> Fault | None:
    """Say why a cell is no day."""
    if not value:
        return "the cell is empty", "write a day as in 2017-10-31"
    try:
        if read_day(value).exact:
            return None
    except ValueError:
        if _DAY.fullmatch(value):
            return "there is no such day between 1900 and 2200", "correct the year, the month or the day"
    return "this is no day", "write the year, the month and the day, as in 2017-10-31"


def spelling(words: Iterable[str]) -> Callable[[str], Fault | None]:
    """Judge cells that mean a word of the contract and write it with other capitals or spaces: it would not count."""
    known = {"".join(word.split()).casefold(): word for word in words}

    def judge(value: str) -> Fault | None:
        meant = known.get("".join(value.split()).casefold())
        if meant is None or meant == value or value in known.values():
            return None
        return f"it differs from {quoted(meant)} only in capitals or spaces", "write it as the contract does"

    return judge


def number(value: str) -> Figure | None:
    """Read a number of a data file; None where it is none."""
    if DIGITS.fullmatch(value) is None:  # a million words that are no numbers are not each worth an exception
        return None
    try:
        figure = read_figure(value, grouping=False)
    except ValueError:
        return None
    return None if figure.percent else figure


def number_fault(value: str) -> Fault | None:
    """Say why a cell is no number."""
    if not value:
        return "the cell is empty", "fill it in"
    if number(value) is not None:
        return None
    if _LONG.fullmatch(value):
        return "the number has more than 15 digits or 9 decimals", "round it, as to 1234.50"
    return "this is not a number", "write digits, as in 1234.50"
