"""A workbook in Excel's format: numbers that are numbers, text that stays text, and the same bytes each time.

A text never becomes a formula, a link or an error value, not even when somebody edits its cell; amounts are written as
numbers where Excel holds them exactly, with the decimals of their currency, and as text where it does not.
"""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from payfs.report.bill_words import visible
from payfs.report.tables import FORMULA, Amount, Cell, Number, Percent, Table, cell_text

EXACT = 2**53  # whole numbers up to here are held exactly
LONGEST = 32_000  # letters of a cell; Excel takes 32,767
OLDEST = datetime.date(1900, 3, 1)  # before it Excel's calendar has a day that there never was
UNDATED = datetime.datetime(2000, 1, 1)
NARROW, WIDE = 9, 60  # columns [letters]
LINE, TALLEST = 15, 400  # heights of rows [points]; Excel takes 409
HEAD = "#E4ECF5"
ARGUMENTS = 200  # of a sum; Excel takes 255
LETTER, A4 = 1, 9  # Excel's numbers of papers
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}


class Book:
    """A workbook that grows sheet by sheet."""

    def __init__(self, title: str, letter: bool = False) -> None:
        """Begin a workbook.

        Args:
            title: in its properties.
            letter: whether it is printed on US Letter; else on A4.
        """
        self._file = io.BytesIO()
        self.book = xlsxwriter.Workbook(self._file, OPTIONS)
        self.book.set_properties({"title": visible(title)[:255], "author": "", "created": UNDATED})
        self._letter, self._title = letter, title
        self._names: set[str] = set()
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def sheet(self, name: str) -> Sheet:
        """Add a sheet, whose name is made valid and unlike the others."""
        made = self.book.add_worksheet(self._named(name))
        made.set_paper(LETTER if self._letter else A4)
        made.set_landscape()
        made.fit_to_pages(1, 0)
        made.hide_gridlines(2)
        footer = visible(self._title).replace("&", "&&")[:150]
        made.set_footer(f"&L{footer}&RPage &P of &N")
        return Sheet(self, made)

    def format(self, **properties: Any) -> Any:
        """Return a format, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format({"valign": "top", **properties})
        return self._formats[key]

    def written(self) -> bytes:
        """Return the workbook."""
        self.book.close()
        return self._file.getvalue()

    def _named(self, name: str) -> str:
        clean = re.sub(r"[\[\]:*?/\\]", " ", visible(name)).strip(" '") or "Sheet"
        clean = f"{clean} sheet" if clean.casefold() == "history" else clean
        made, number = clean[:31], 1
        while made.casefold() in self._names:
            number += 1
            made = f"{clean[: 31 - len(str(number)) - 1]} {number}"
        self._names.add(made.casefold())
        return made


class Sheet:
    """A sheet of a workbook."""

    def __init__(self, book: Book, sheet: Any) -> None:
        self.book, self.sheet = book, sheet
        self._widths: dict[int, int] = {}

    def put(self, row: int, column: int, cell: Cell, **look: Any) -> None:
        """Write a cell: a number as a number, a date as a date, and a text as a text."""
        self._widths[column] = max(self._widths.get(column, 0), min(len(cell_text(cell)) + 2, WIDE))
        if isinstance(cell, Amount) and abs(cell.minor) < EXACT:
            look.setdefault("num_format", money_format(cell.money.digits))
            self.sheet.write_number(row, column, cell.minor / cell.money.minor, self.book.format(**look))
        elif isinstance(cell, Percent):
            decimals = f".{'0' * cell.places}" if cell.places else ""
            self.sheet.write_number(row, column, cell.value, self.book.format(num_format=f"0{decimals}%", **look))
        elif isinstance(cell, Number | int) and abs(_value(cell)) < EXACT:
            decimals = f".{'0' * cell.places}" if isinstance(cell, Number) and cell.places else ""
            form = self.book.format(num_format=f"#,##0{decimals}", **look)
            self.sheet.write_number(row, column, _value(cell), form)
        elif isinstance(cell, datetime.date) and cell >= OLDEST:
            form = self.book.format(num_format="yyyy-mm-dd", align="left", **look)
            self.sheet.write_datetime(row, column, datetime.datetime(cell.year, cell.month, cell.day), form)
        else:
            look.setdefault("align", "left")
            self.text(row, column, cell_text(cell), **({"indent": 1} if look["align"] == "left" else {}), **look)

    def text(self, row: int, column: int, text: str, **look: Any) -> None:
        """Write a text, cut to what a cell holds; one that looks like a formula stays a text when it is edited."""
        shown = visible(text)
        shown = shown if len(shown) <= LONGEST else f"{shown[:LONGEST]} …"
        if shown.lstrip().startswith(FORMULA):
            look["quote_prefix"] = True
        self.sheet.write_string(row, column, shown, self.book.format(**look))

    def formula(self, row: int, column: int, formula: str, cell: Amount, **look: Any) -> None:
        """Write a formula with the exact figure that it comes to."""
        form = self.book.format(num_format=money_format(cell.money.digits), **look)
        self._widths[column] = max(self._widths.get(column, 0), len(str(cell)) + 2)
        self.sheet.write_formula(row, column, formula, form, cell.minor / cell.money.minor)

    def heading(self, row: int, text: str) -> None:
        """Write a heading across the sheet."""
        self.text(row, 0, text, bold=True, font_size=13)

    def note(self, row: int, text: str, columns: int = 6) -> None:
        """Write a sentence over several columns, as high as it needs."""
        self.sheet.merge_range(row, 0, row, columns - 1, "", self.book.format(text_wrap=True))
        self.text(row, 0, text, text_wrap=True)
        self.sheet.set_row(row, LINE * (1 + len(text) // 90))

    def table(self, row: int, table: Table) -> int:
        """Write a table with its head, and return the row below it."""
        codes = [
            {cell.money.code for cell in cells if isinstance(cell, Amount)}
            for cells in ([line[place] for line in table.cells] for place in range(len(table.columns)))
        ]
        for column, (name, found) in enumerate(zip(table.columns, codes, strict=True)):
            code = next(iter(found)) if len(found) == 1 else ""
            self.head(row, column, name if not code or code in name else f"{name} [{code}]", column in table.right)
        for at, line in enumerate(table.cells, row + 1):
            for column, cell in enumerate(line):
                if len(codes[column]) > 1 and isinstance(cell, Amount):  # several currencies: each says its own
                    self.text(at, column, str(cell), align="right")
                else:
                    self.put(at, column, cell, **({"text_wrap": True} if isinstance(cell, str) else {}))
        self._heights(row, table)
        return row + 1 + len(table.cells)

    def _heights(self, row: int, table: Table) -> None:
        """Make rows as high as their texts need: not every program does so by itself."""
        for at, cells in enumerate((table.columns, *table.cells), row):
            room = WIDE // 2 if at == row else WIDE
            lines = max((-(-len(cell) // (room - 4)) for cell in cells if isinstance(cell, str)), default=1)
            if lines > 1:
                self.sheet.set_row(at, min(lines * LINE, TALLEST))

    def head(self, row: int, column: int, text: str, right: bool = False) -> None:
        """Write the head of a column."""
        self._widths[column] = max(self._widths.get(column, 0), min(len(text) + 2, WIDE // 2))
        side = "right" if right else "left"
        shown = {"bold": True, "bg_color": HEAD, "bottom": 1, "text_wrap": True, "align": side}
        self.text(row, column, text, **shown, **({} if right else {"indent": 1}))

    def finish(self, head: int | None = None) -> None:
        """Set widths, and keep the rows up to a head in sight on the screen and on every page."""
        for column, width in self._widths.items():
            self.sheet.set_column(column, column, max(min(width, WIDE), NARROW))
        if head is not None:
            self.sheet.freeze_panes(head + 1, 0)
            self.sheet.repeat_rows(head)


def _value(cell: Number | int) -> float:
    return float(cell.value if isinstance(cell, Number) else cell)


def money_format(digits: int) -> str:
    """Return how Excel writes amounts of a currency with so many decimals."""
    return f"#,##0.{'0' * digits}" if digits else "#,##0"


def place(row: int, column: int, fixed: bool = False) -> str:
    """Name a cell: ``C7``."""
    name: str = xl_rowcol_to_cell(row, column, row_abs=fixed, col_abs=fixed)
    return name


def summed(cells: Sequence[tuple[int, int]]) -> str:
    """Return the sum of cells as a formula without its sign; cells below each other are named together."""
    runs: list[list[int]] = []
    for row, column in sorted(cells, key=lambda cell: (cell[1], cell[0])):
        if runs and runs[-1][2] == column and runs[-1][1] == row - 1:
            runs[-1][1] = row
        else:
            runs.append([row, row, column])
    names = [place(a, c) if a == b else f"{place(a, c)}:{place(b, c)}" for a, b, c in runs]
    while len(names) > ARGUMENTS:
        names = [f"SUM({','.join(names[at : at + ARGUMENTS])})" for at in range(0, len(names), ARGUMENTS)]
    return f"SUM({','.join(names)})" if names else "0"


def tables_workbook(tables: Mapping[str, Table], title: str = "Tables", letter: bool = False) -> bytes:
    """Write tables as a workbook, one sheet each.

    Args:
        tables: by the name of their sheet.
        title: of the workbook.
        letter: whether it is printed on US Letter; else on A4.
    """
    book = Book(title, letter)
    for name, table in tables.items():
        sheet = book.sheet(name)
        sheet.table(0, table)
        sheet.finish(0)
    if not tables:
        book.sheet("Empty").finish()
    return book.written()
