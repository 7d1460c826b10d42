"""Reading a workbook: one plain table in its first sheet, and nothing that only looks like one."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np

from payfs.money import Array
from payfs.text import Finding, Refused

MOST_UNZIPPED = 1_000_000_000
SMALL, MOST_RATIO = 10_000_000, 200  # a table is packed to a tenth or so of its size; a trap to a thousandth
MOST_ROWS, MOST_COLUMNS = 1_048_575, 100
MOST_GAP = 1000  # empty rows in the middle of a table
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Z]{0,3})([0-9]{1,7})["']""")  # of a cell, or of a row
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s")
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")


def workbook_rows(data: bytes, file: str) -> tuple[list[str], list[list[str]], Array]:
    """Read the only sheet of a workbook.

    Returns:
        The header, the cells of each row as text, and the number of each row.

    Raises:
        Refused: it is no workbook, is too large, or holds formulas, merged cells or cells far from the table.
    """

    def refused(what: str, remedy: str, line: int = 0) -> Refused:
        return Refused([Finding(what, remedy, (), file, line)])

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unzipped = sum(entry.file_size for entry in archive.infolist())
            if unzipped > MOST_UNZIPPED:
                raise refused("the workbook is larger than 1 GB when it is unpacked", "save the table as CSV")
            if unzipped > max(SMALL, MOST_RATIO * len(data)):
                raise refused("the workbook is packed more tightly than any table would be", "save the table as CSV")
            sheets = [name for name in archive.namelist() if _SHEET.fullmatch(name)]
            if len(sheets) != 1:
                what = f"the workbook has {len(sheets)} sheets"
                raise refused(what, "keep the claims in the only sheet, or save them as CSV")
            _check_sheet(archive.read(sheets[0]), refused)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise refused(f"the workbook cannot be opened ({error})", "save it anew as .xlsx, without a password") from None
    return _table(data, refused)


def _check_sheet(xml: bytes, refused: Any) -> None:
    """Look at a sheet before a library lays it out: a cell at the far corner would fill the memory."""
    if b"<!DOCTYPE" in xml[:1000] or b"\0" in xml[:1000]:
        raise refused("the workbook holds declarations that no spreadsheet writes", "save the table as CSV")
    if _MERGED.search(xml) is not None:
        raise refused("cells are merged", "take every merge apart and fill each cell in")
    formula = _FORMULA.search(xml)
    if formula is not None:
        before = _PLACE.findall(xml, max(0, formula.start() - 1000), formula.start())
        row = int(before[-1][1]) if before else 0
        raise refused("a cell holds a formula", "paste the values over the formulas", row)
    last = 0
    for match in _PLACE.finditer(xml):
        column, row = _number(match[1]), int(match[2])
        if column > MOST_COLUMNS or row - last > MOST_GAP:
            what = f"the {'cell' if column else 'row'} {match[1].decode()}{row} stands far from the table"
            raise refused(what, "delete it, or save the table as CSV", row)
        last = max(last, row)


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _table(data: bytes, refused: Any) -> tuple[list[str], list[list[str]], Array]:
    import openpyxl

    try:
        with catch_warnings():
            simplefilter("ignore")  # about styles and extensions that no claim needs
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        found = [[_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    except Exception as error:  # whatever a library makes of a broken file, it is the file that is wrong
        raise refused(f"the workbook cannot be read ({type(error).__name__})", "save the table as CSV") from None
    numbers = [place for place, row in enumerate(found) if any(row)]
    if not numbers:
        raise refused("the sheet is empty", "begin with the row person,outcome,date")
    header = found[numbers[0]]
    while header and not header[-1]:
        header.pop()
    wide = next((place for place in numbers if any(found[place][len(header) :])), None)
    if wide is not None:
        raise refused(
            "a cell stands beside the table, in a column without a name", "name the column, or empty it", wide + 1
        )
    if "" in header:
        raise refused("a column in the middle of the table has no name", "name the column", numbers[0] + 1)
    rows = numbers[1:]
    table = [[*found[row], *([""] * len(header))][: len(header)] for row in rows]
    return header, table, np.array(rows, dtype=np.int64) + 1


def _text(cell: object) -> str:
    """Write a cell as a CSV file would have it."""
    if cell is None:
        return ""
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, float):
        return f"{cell:.9f}".rstrip("0").rstrip(".")
    return str(cell).strip()
