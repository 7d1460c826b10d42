"""Tables that people take away: cells that know what they are, as text, as CSV, and as cells of a workbook."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from payfs.money import Currency
from payfs.report.simulation_figures import number

FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What a text must not begin with where a spreadsheet may take it for a formula; the wide signs count in Japanese."""


class Amount(NamedTuple):
    """An amount of money [minor units]; as text it carries its currency."""

    minor: int
    money: Currency

    def __str__(self) -> str:
        return self.money.show(self.minor)


class Percent(NamedTuple):
    """A rate, share or chance [1], written with so many decimals."""

    value: float
    places: int = 1

    def __str__(self) -> str:
        return f"{number(100 * self.value, self.places)}%"


class Number(NamedTuple):
    """A plain number, written with so many decimals."""

    value: int | float | Fraction
    places: int = 0

    def __str__(self) -> str:
        return number(float(self.value), self.places) if self.places else f"{self.value:,}"


Cell = str | int | datetime.date | Amount | Percent | Number


@dataclass(frozen=True)
class Table:
    """Rows under the names of their columns.

    Attributes:
        columns: their names.
        cells: by row; what a cell is decides how it is written in each kind of file.
    """

    columns: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]

    @cached_property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The cells as text, money with its currency."""
        return tuple(tuple(cell_text(cell) for cell in row) for row in self.cells)

    @cached_property
    def right(self) -> tuple[int, ...]:
        """The places of the columns that hold figures, which stand to the right."""
        return tuple(place for place in range(len(self.columns)) if _figures([row[place] for row in self.cells]))


def table_of(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Table:
    """Put a table together."""
    return Table(tuple(columns), tuple(tuple(row) for row in rows))


def cell_text(cell: Cell) -> str:
    """Write a cell for a reader."""
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def as_csv(table: Table) -> bytes:
    """Write a table as CSV in UTF-8: amounts as decimals under a column that names their currency, dates as ISO 8601.

    A text that a spreadsheet may take for a formula gets an apostrophe before it; figures stay figures.
    """
    money = [_currency([row[place] for row in table.cells]) for place in range(len(table.columns))]
    columns = [
        name if code is None or code in name else f"{name} [{code}]"
        for name, code in zip(table.columns, money, strict=True)
    ]
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([harmless(name) for name in columns])
    for row in table.cells:
        writer.writerow([_csv_cell(cell, code) for cell, code in zip(row, money, strict=True)])
    return file.getvalue().encode("utf-8-sig")  # the mark by which Excel knows UTF-8


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" \n\ufeff").startswith(FORMULA) else text


def _csv_cell(cell: Cell, code: str | None) -> str:
    if isinstance(cell, Amount):
        return cell.money.plain(cell.minor) if code is not None else str(cell)
    if isinstance(cell, Percent):
        return str(cell).replace(",", "")
    if isinstance(cell, Number):
        return str(cell).replace(",", "")
    if isinstance(cell, int):
        return str(cell)
    return cell.isoformat() if isinstance(cell, datetime.date) else harmless(cell)


def _currency(cells: Sequence[Cell]) -> str | None:
    """Return the one currency of a column of amounts; None where it has several, or none."""
    codes = {cell.money.code for cell in cells if isinstance(cell, Amount)}
    return codes.pop() if len(codes) == 1 else None


def _figures(cells: Sequence[Cell]) -> bool:
    return any(isinstance(cell, int | Amount | Percent | Number) for cell in cells) and all(
        cell == "" or isinstance(cell, int | Amount | Percent | Number) for cell in cells
    )
