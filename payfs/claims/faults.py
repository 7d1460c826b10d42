"""Everything that is wrong with a claims file, with its rows: no message shows what a cell holds, lest it be an id."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from payfs.claims.columns import Column
from payfs.money import Array
from payfs.periods import read_day
from payfs.spec import Figure, read_figure
from payfs.text import MOST_FINDINGS, Finding, Refused

LISTED = 5  # rows that are named beside the first
MOST_GUESSES = 200  # words that are compared with those that may have been meant
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Fault = tuple[str, str]  # the fact and the remedy


class Faults:
    """Collects findings, one for each thing that is wrong and not for each row that has it."""

    def __init__(self, file: str, rows: Array, head: int = 1) -> None:
        """Take the row of each cell, and the row that the names of the columns stand in."""
        self.file, self.rows, self.head, self.found = file, rows, head, list[Finding]()

    def at(self, rows: Array) -> Faults:
        """Return the same faults, for cells in another order."""
        other = Faults(self.file, rows, self.head)
        other.found = self.found
        return other

    def add(self, wrong: NDArray[np.bool_], what: str, remedy: str, column: str = "") -> None:
        """Name the rows that are wrong in one way: the first few, and how many others."""
        if not wrong.any():
            return
        rows = np.unique(self.rows[wrong]).tolist()
        self.found.append(Finding(what + _others(rows[1:]), remedy, (column,) if column else (), self.file, rows[0]))

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


def _others(rows: list[int]) -> str:
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


def number(value: str) -> Figure | None:
    """Read a number of a data file; None where it is none."""
    try:
        figure = read_figure(value, grouping=False)
    except ValueError:
        return None
    return None if figure.percent else figure


def number_fault(value: str) -> Fault | None:
    """Say why a cell is no number."""
    if not value:
        return "the cell is empty", "fill it in"
    return None if number(value) is not None else ("this is not a number", "write digits, as in 1234.50")
