"""Reading a claims file: CSV, or an Excel workbook."""

from __future__ import annotations

import csv
import io
import os
import re
from warnings import catch_warnings, simplefilter

import numpy as np

from payfs.claims.columns import Column, column_of, only_rows
from payfs.claims.faults import day_fault
from payfs.claims.table import NEEDED, Claims, claims_of
from payfs.claims.workbook import workbook_rows
from payfs.evidence.results import Frame
from payfs.money import Array
from payfs.text import MOST_FINDINGS, Finding, Refused, decode, nearest, read_file

MOST_BYTES = 150_000_000
MOST_BYTES_ASKED = 2_000_000_000
COUNTS = ("metric", "period", "value")
_FIELDS = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")


def is_claims(path: str) -> bool:
    """Tell from its name or its first line whether a file holds claims, a row for each person, or counts."""
    if str(path).lower().endswith(".xlsx"):
        return True
    if str(path).lower().endswith((".yaml", ".yml")):
        return False
    try:
        with open(path, "rb") as file:
            first = file.readline(10_000)
    except (OSError, ValueError):
        return False
    text = first.decode("utf-16" if first.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8", errors="replace")
    names = [name.strip(' "\r\n\ufeff') for name in re.split("[,;\t]", text)][:100]
    near = [sum(nearest(word, names) is not None for word in words) for words in (NEEDED, COUNTS)]
    return near[0] > near[1] or (not near[1] and any(day_fault(name) is None for name in names))


def read_claims(path: str, frame: Frame, large: bool = False) -> Claims:
    """Read a claims file.

    Args:
        path: CSV in UTF-8, or a workbook (.xlsx).
        frame: the contract's metrics, cohorts and periods.
        large: whether more than 150 MB are read.

    Raises:
        Refused: everything that is wrong with it, with row numbers; nothing of it is kept then.
    """
    if not large and os.path.isfile(path) and os.path.getsize(path) > MOST_BYTES:
        what = f"the file is larger than {MOST_BYTES:,} bytes, and nothing of it was read"
        remedy = "leave out what is not needed, or read it with --large: it takes ten times its size in memory"
        raise Refused([Finding(what, remedy, file=str(path))])
    data = read_file(path, MOST_BYTES_ASKED)
    if str(path).lower().endswith(".xlsx"):
        header, table, rows = workbook_rows(data, str(path))
        cells = [[row[place] for row in table] for place in range(len(header))]
        columns = [(name, column_of(words, np.arange(len(words)))) for name, words in zip(header, cells, strict=True)]
    else:
        columns, rows = _csv_columns(decode(data, str(path)), str(path))
    return claims_of(columns, rows, str(path), frame)


def _csv_columns(text: str, file: str) -> tuple[list[tuple[str, Column]], Array]:
    import pandas as pd  # it takes a while to load, and only this needs it

    def refused(what: str, remedy: str, line: int = 1) -> Refused:
        return Refused([Finding(what, remedy, (), file, line)])

    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    first, _, rest = text.partition("\n")
    try:
        header = [name.strip() for name in next(csv.reader([first], strict=True), [])]
    except csv.Error as error:
        raise refused(f"the header cannot be read ({error})", "write the names of the columns, with commas") from None
    if len(header) == 1 and (";" in first or "\t" in first):
        raise refused("the columns are not separated by commas", "save the file as CSV with commas")
    if not any(header):
        what = "the header is empty" if text.strip() else "the file is empty"
        raise refused(what, f"begin with the row {','.join(NEEDED)}", 1 if text.strip() else 0)
    names = [*(name if header.count(name) == 1 else f"{name}\0{place}" for place, name in enumerate(header)), "\0"]
    try:
        with catch_warnings():
            simplefilter("error", pd.errors.ParserWarning)
            cells = pd.read_csv(
                io.StringIO(rest),
                header=None,
                names=names,
                index_col=False,
                dtype="category",
                na_filter=False,
                skip_blank_lines=False,
            )
    except pd.errors.EmptyDataError:
        cells = pd.DataFrame({name: pd.Categorical([]) for name in names})
    except (pd.errors.ParserError, pd.errors.ParserWarning):
        raise Refused(_torn(rest, len(header), file)) from None
    lines = rest.count("\n") + (1 if rest and not rest.endswith("\n") else 0)
    extra = any(value.strip() for value in cells["\0"].cat.categories)
    if lines != len(cells) or extra:
        raise Refused(_torn(rest, len(header), file))
    rows = np.arange(2, len(cells) + 2)
    columns = []
    for place, name in enumerate(header):
        found = cells.iloc[:, place].cat
        columns.append((name, column_of([str(word) for word in found.categories], found.codes.to_numpy())))
    blank = np.ones(len(cells), dtype=bool)
    for _, column in columns:
        blank &= np.array([value == "" for value in column.values] or [True], dtype=bool)[column.codes]
    if blank.any():
        columns = [(name, only_rows(column, ~blank)) for name, column in columns]
    return columns, rows[~blank]


def _torn(text: str, wide: int, file: str) -> list[Finding]:
    """Find the rows that are not one row of cells: quotes without an end, line breaks in quotes, too many cells."""
    found: list[Finding] = []
    opened = 0
    for row, line in enumerate(text.split("\n"), 2):
        if line.count('"') % 2:
            if opened:
                what = f"a quotation mark is opened here, and the next stands in row {row}"
                found.append(Finding(what, "close it in its own row; a cell has no line breaks", (), file, opened))
            opened = 0 if opened else row
        elif not opened:
            cells = next(csv.reader([line]), [])
            if any(cell.strip() for cell in cells[wide:]) or len(cells) > wide + 1:
                what = f"the row has {len(cells)} cells, and the header {wide}"
                found.append(Finding(what, "put a cell with a comma in quotes", (), file, row))
    if opened:
        found.append(
            Finding("a quotation mark is opened and never closed", "close it, or take it out", (), file, opened)
        )
    if len(found) > MOST_FINDINGS:
        more = Finding(f"more than {MOST_FINDINGS} findings", "correct these first", file=file)
        found = [*found[:MOST_FINDINGS], more]
    return found or [Finding("the rows cannot be told apart", "save the table anew as CSV", (), file, 2)]
