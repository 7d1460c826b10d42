"""Reading a claims file: CSV, or an Excel workbook."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Sequence
from warnings import catch_warnings, simplefilter

import numpy as np

from payfs.claims.columns import Column, column_of, only_rows
from payfs.claims.faults import day_fault
from payfs.claims.table import NEEDED, Claims, claims_of
from payfs.claims.workbook import workbook_table
from payfs.evidence.results import Frame
from payfs.money import Array
from payfs.text import MOST_FINDINGS, Finding, Refused, decode, nearest, read_file
from payfs.text.files import head_of

MOST_BYTES = 150_000_000
MOST_BYTES_ASKED = 2_000_000_000
MOST_ROWS = 5_000_000
MOST_ROWS_ASKED = 50_000_000
MOST_COLUMNS = 100
MOST_LINE = 100_000  # [bytes]
TITLES = 20  # lines above the header that are looked at
COUNTS = ("metric", "period", "value")
_BLANK = re.compile(r'(?:[ \t,;|"]*\n)*+')
_LARGE = "leave out what is not needed, or read it with --large: it takes ten times its size in memory"


def is_claims(path: str) -> bool:
    """Tell from its name or its first lines whether a file holds claims, a row for each person, or counts."""
    if str(path).lower().endswith(".xlsx"):
        return True
    if str(path).lower().endswith((".yaml", ".yml")):
        return False
    text = re.sub(r"\r\n?", "\n", head_of(path))
    first, *others = _first_lines(text[_skipped(text) :]) or [[]]
    near = [sum(nearest(word, first) is not None for word in words) for words in (NEEDED, COUNTS)]
    if any(near):
        return near[0] > near[1]
    for line in others:
        near = [len(set(words) & set(line)) for words in (NEEDED, COUNTS)]
        if any(near):
            return near[0] > near[1]
    return any(day_fault(name) is None for name in first)


def _skipped(text: str) -> int:
    """Return where the first line begins that says anything."""
    match = _BLANK.match(text)
    return match.end() if match else 0


def _first_lines(text: str) -> list[list[str]]:
    """Split the first lines into names, whatever separates these."""
    lines = text[: 2 * MOST_LINE].split("\n", TITLES)[:TITLES]
    return [[name.strip(' "')[:40] for name in re.split(r"[,;\t|]", line, maxsplit=MOST_COLUMNS)] for line in lines]


def read_claims(path: str, frame: Frame, large: bool = False) -> Claims:
    """Read a claims file.

    Args:
        path: CSV in UTF-8, or a workbook (.xlsx).
        frame: the contract's metrics, cohorts and periods.
        large: whether more than 150 MB, or 5 million rows, are read.

    Raises:
        Refused: everything that is wrong with it, with row numbers; nothing of it is kept then.
    """
    file = str(path)
    if not large and os.path.isfile(path) and os.path.getsize(path) > MOST_BYTES:
        what = f"the file is larger than {MOST_BYTES:,} bytes, and nothing of it was read"
        raise Refused([Finding(what, _LARGE, file=file)])
    data = read_file(path, MOST_BYTES_ASKED)
    try:
        if file.lower().endswith(".xlsx"):
            table = workbook_table(data, file, large)
            _check_titles(table.first, table.head, file)
            return claims_of(table.columns, table.rows, file, frame, table.head, table.found)
        text = decode(data, file)
        _check_lines(data, file, large)
        del data
        columns, rows, head = _csv_columns(text, file)
        return claims_of(columns, rows, file, frame, head)
    except MemoryError:
        what = "the file does not fit into this computer's memory"
        raise Refused([Finding(what, "split it by people, or leave out what is not needed", file=file)]) from None


def _check_titles(first: Sequence[Sequence[str]], head: int, file: str) -> None:
    """Look for the header under titles, where the first row that says anything is none."""
    if set(first[0]) & set(NEEDED):
        return
    if any(len(set(names) & set(NEEDED)) > 1 for names in first[1:]):
        what = "this row does not name the columns, and a row below it does"
        raise Refused([Finding(what, "delete what stands above the names", (), file, head)])


def _check_lines(data: bytes, file: str, large: bool) -> None:
    """Look at the size of a table before it is laid out."""
    most = MOST_ROWS_ASKED if large else MOST_ROWS
    if max(data.count(b"\n"), data.count(b"\r")) > most:
        what = f"the file has more than {most:,} rows, and nothing of it was read"
        raise Refused([Finding(what, "split it by people" if large else _LARGE, file=file)])
    letters = np.frombuffer(data, dtype=np.uint8)
    breaks = letters == 10
    if b"\r" in data:
        breaks |= letters == 13
    ends = np.flatnonzero(breaks)
    lengths = np.diff(ends, prepend=-1, append=len(data))
    if lengths.max() > MOST_LINE:
        line = int((lengths > MOST_LINE).argmax())
        row = line + 1 - data[: int(ends[line - 1]) + 1 if line else 0].count(b"\r\n")
        what = f"the row is longer than {MOST_LINE:,} bytes"
        raise Refused([Finding(what, "begin a new line for each claim", (), file, row)])


def _csv_columns(text: str, file: str) -> tuple[list[tuple[str, Column]], Array, int]:
    """Lay out a CSV file: its columns, the number of each row, and that of the header."""
    import pandas as pd  # it takes a while to load, and only this needs it

    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    start = _skipped(text)
    head = text.count("\n", 0, start) + 1
    end = text.find("\n", start)
    first, rest = (text[start:], "") if end < 0 else (text[start:end], text[end + 1 :])
    _check_titles(_first_lines(text[start : start + 2 * MOST_LINE]), head, file)
    header = _header(first, head, file)
    names = [*(name if header.count(name) == 1 else f"{name}\0{place}" for place, name in enumerate(header)), "\0"]
    try:
        with catch_warnings():
            simplefilter("error", pd.errors.ParserWarning)
            cells = pd.read_csv(
                io.StringIO(rest),
                header=None,
                names=names,
                index_col=False,
                dtype=object,  # as text: pandas 3.1 would make 7 of the category 007, and one person of two
                na_filter=False,
                skip_blank_lines=False,
            )
    except pd.errors.EmptyDataError:
        cells = pd.DataFrame({name: [] for name in names}, dtype=object)
    except (pd.errors.ParserError, pd.errors.ParserWarning):
        raise Refused(_torn(rest, len(header), file, head)) from None
    lines = rest.count("\n") + (1 if rest and not rest.endswith("\n") else 0)
    extra = any(value.strip() for value in cells["\0"].unique())
    if lines != len(cells) or extra:
        raise Refused(_torn(rest, len(header), file, head))
    rows = np.arange(head + 1, head + len(cells) + 1)
    columns = []
    for place, name in enumerate(header):
        codes, words = pd.factorize(cells.iloc[:, place].to_numpy(), sort=True)
        columns.append((name, column_of(words.tolist(), codes)))
    blank = np.ones(len(cells), dtype=bool)
    for _, column in columns:
        blank &= np.array([value == "" for value in column.values] or [True], dtype=bool)[column.codes]
    if blank.any():
        columns = [(name, only_rows(column, ~blank)) for name, column in columns]
    return columns, rows[~blank], head


def _header(first: str, head: int, file: str) -> list[str]:
    def refused(what: str, remedy: str) -> Refused:
        return Refused([Finding(what, remedy, (), file, head)])

    if first.count(",") >= MOST_COLUMNS:
        raise refused(f"the header has more than {MOST_COLUMNS} columns", "leave out what the contract has no use for")
    try:
        header = [name.strip() for name in next(csv.reader([first], strict=True), [])]
    except csv.Error as error:
        raise refused(f"the header cannot be read ({error})", "write the names of the columns, with commas") from None
    if len(header) == 1 and any(mark in first for mark in ";\t|"):
        raise refused("the columns are not separated by commas", "save the file as CSV with commas")
    if not any(header):
        raise Refused([Finding("the file is empty", f"begin with the row {','.join(NEEDED)}", file=file)])
    return header


def _torn(text: str, wide: int, file: str, head: int) -> list[Finding]:
    """Find the rows that are not one row of cells: quotes without an end, line breaks in quotes, too many cells."""
    found: list[Finding] = []
    opened = 0
    for row, line in enumerate(text.split("\n"), head + 1):
        if len(found) > MOST_FINDINGS:
            break
        if line.count('"') % 2:
            if opened:
                what = f"a quotation mark is opened here, and the next stands in row {row}"
                found.append(Finding(what, "close it in its own row; a cell has no line breaks", (), file, opened))
            opened = 0 if opened else row
        elif not opened and line.count(",") >= wide:
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
    return found or [Finding("the rows cannot be told apart", "save the table anew as CSV", (), file, head + 1)]
