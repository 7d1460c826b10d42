"""Files that somebody uploads: results or claims as everywhere else, and a grid in its own wide form.

A grid has a row for each metric and cohort and a column for each period, as it is downloaded, or the other way round:
a row for each period and a column for each metric, with the cohorts in a row or a column of their own. Figures may have
commas between thousands, and money its currency, since nothing is paid on them. Nothing of a file with a fault is kept.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from payfs.claims.faults import UNREADABLE
from payfs.claims.file import is_claims, read_claims
from payfs.claims.table import NEEDED, Claims
from payfs.claims.workbook import Holding, workbook_table
from payfs.contract import Contract
from payfs.evidence.entries import COLUMNS, MOST_ROWS, Entry, enough, unreadable
from payfs.evidence.results import EITHER, Result, check_entries, read_results
from payfs.forecast.grid import NOT_MEASURED, Grid, Row, counted, latest
from payfs.spec import quoted
from payfs.text import Finding, Refused, decode, suggest

RESULTS = Holding("results", EITHER, percents=True)
KINDS = (".csv", ".xlsx", ".yaml", ".yml")
ACROSS, DOWN, TIDY = "periods across", "periods down", "a row for each result"
_WIDE, _DOWN = ("metric", "cohort"), ("metric", "period", "cohort")


class Uploaded(NamedTuple):
    """What a file says.

    Attributes:
        results: one for each metric, cohort and period; none in a file of claims.
        claims: of single people; None in a file of results.
    """

    results: tuple[Result, ...]
    claims: Claims | None


def read_upload(contract: Contract, name: str, data: bytes) -> Uploaded:
    """Read an uploaded file, whichever form it has.

    Args:
        contract: whose results it holds.
        name: of the file, as whoever uploads it calls it.
        data: its bytes.

    Raises:
        Refused: everything that is wrong with it.
    """
    kind = Path(name).suffix.lower()
    if kind not in KINDS:
        what = "the file is neither CSV nor a workbook (.xlsx) nor YAML"
        raise Refused([Finding(what, "save it as one of them", file=name)])
    with tempfile.TemporaryDirectory() as folder, _called(name, path := Path(folder) / f"upload{kind}"):
        path.write_bytes(data)
        if kind == ".xlsx":
            return _workbook(contract, path, name, data)
        if is_claims(str(path)):
            return _claims(contract, path, name)
        wide = _wide_rows(contract, decode(data, str(path)), str(path)) if kind == ".csv" else None
        if wide is None:
            return Uploaded(_counts(contract, read_results(str(path), contract.frame, grouped=True)), None)
        return Uploaded(_entered(contract, wide, str(path)), None)


@contextmanager
def _called(name: str, path: Path) -> Iterator[None]:
    """Call a file in findings as whoever uploaded it calls it."""
    try:
        yield
    except Refused as refused:
        raise Refused(f._replace(file=name) if f.file == str(path) else f for f in refused.findings) from None


def _claims(contract: Contract, path: Path, name: str) -> Uploaded:
    return Uploaded((), replace(read_claims(str(path), contract.frame), file=name))


def _counts(contract: Contract, results: Sequence[Result]) -> tuple[Result, ...]:
    """Return what a grid holds of results; what only claims decide is refused where it is paid."""
    there = set(counted(contract))
    aside = sorted({one.metric for one in results} - there)
    if aside:
        remedy = "give a claims file, a row for each person"
        raise Refused(
            Finding(f"a count was given of {quoted(name)}, which only claims can decide", remedy) for name in aside
        )
    return latest(results)


class _Line(NamedTuple):
    """A row of a table: its number, and its cells."""

    number: int
    cells: Sequence[str]


def _workbook(contract: Contract, path: Path, name: str, data: bytes) -> Uploaded:
    file = str(path)
    table = workbook_table(data, file, holding=RESULTS)
    names = [name for name, _ in table.columns]
    if set(NEEDED) & set(names) and "metric" not in names:
        return _claims(contract, path, name)
    if table.found:
        raise Refused(table.found)
    lines = [
        _Line(int(number), [column.values[column.codes[at]] for _, column in table.columns])
        for at, number in enumerate(table.rows)
    ]
    lines = [_Line(table.head, names), *lines]
    return Uploaded(_entered(contract, lines, file), None)


def _wide_rows(contract: Contract, text: str, file: str) -> list[_Line] | None:
    """Split CSV in the form of a grid into rows; None where it has another."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[_Line] = []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                lines.append(_Line(reader.line_num, [_bare(cell.strip()) for cell in row]))
            if lines and _form(contract, lines[0].cells) == TIDY:
                return None
            if len(lines) > MOST_ROWS:
                raise Refused([Finding(f"the file has more than {MOST_ROWS:,} rows", "split it", file=file)])
    except csv.Error as error:
        if not lines:
            return None
        what, remedy = unreadable(str(error))
        raise Refused([Finding(what, remedy, file=file, line=reader.line_num)]) from None
    return lines or None


def _bare(cell: str) -> str:
    """Take the apostrophe off by which a figure below 0 was kept from being taken for a formula."""
    return cell[1:] if cell.startswith("'-") else cell


def _form(contract: Contract, header: Sequence[str]) -> str:
    """Tell by its header whether a table has its periods across or down, or a row for each result."""
    frame = contract.frame
    if "value" in header:
        return TIDY
    if "metric" in header and any(name in frame.places for name in header):
        return ACROSS
    down = bool(header) and (header[0] == "metric" or "period" in header)
    return DOWN if down and any(name in frame.metrics for name in header) else TIDY


def _entered(contract: Contract, lines: Sequence[_Line], file: str) -> tuple[Result, ...]:
    """Read the rows of a table, whichever form it has."""
    head, *rest = lines
    form = _form(contract, head.cells)
    # of a grid that was turned round, the row below the names of the metrics names their cohorts
    turned = form == DOWN and head.cells[0] == "metric" and bool(rest) and rest[0].cells[0] == "cohort"
    found = list(_columns(contract, head, form, file, turned))
    if found:
        raise Refused(found)
    cohorts: Sequence[str] = [""] * len(head.cells)
    entries: list[Entry] = []
    for line in rest:
        if len(line.cells) != len(head.cells):
            what = f"the row has {len(line.cells)} cells, the header {len(head.cells)}"
            enough(found, file)
            found.append(Finding(what, "give every row one cell for each column", file=file, line=line.number))
            continue
        for column, cell in zip(head.cells, line.cells, strict=True):
            if cell in UNREADABLE:
                what, remedy = UNREADABLE[cell]
                enough(found, file)
                found.append(Finding(f"column {quoted(column)}: {what}", remedy, file=file, line=line.number))
        if turned and line is rest[0]:
            cohorts = line.cells
            continue
        at = Finding("", file=file, line=line.number)
        cells = dict(zip(head.cells, line.cells, strict=True))
        if form == TIDY:
            entries.append(Entry.of(cells, at))
            continue
        metric, cohort, period = (cells.get(name, "") for name in ("metric", "cohort", "period"))
        for name, below, cell in zip(head.cells, cohorts, line.cells, strict=True):
            if cell in ("", NOT_MEASURED) or name in (_WIDE if form == ACROSS else _DOWN):
                continue
            if form == ACROSS:
                entries.append(Entry(metric, cohort, name, cell, "", at))
            else:
                entries.append(Entry(name, below or cohort, period or metric, cell, "", at))
    if found:
        raise Refused(found)
    return _counts(contract, check_entries(entries, contract.frame, grouped=True))


def _columns(contract: Contract, head: _Line, form: str, file: str, turned: bool) -> Iterator[Finding]:
    """Find columns that nobody knows, that are missing, or that stand twice."""
    known, asked = {
        TIDY: (COLUMNS, f"use {', '.join(COLUMNS)}"),
        ACROSS: ((*_WIDE, *contract.frame.places), "name metric, cohort and the periods of the contract"),
        DOWN: ((*_DOWN, *contract.frame.metrics), "name period, cohort and the contract's metrics"),
    }[form]
    for place, name in enumerate(head.cells):
        if name not in known:
            what = f"unknown column {quoted(name) if name else f'number {place + 1}'}"
            yield Finding(what, suggest(name, known) or asked, file=file, line=head.number)
    for name in {TIDY: ("metric", "period", "value"), ACROSS: ("metric",), DOWN: ()}[form]:
        if name not in head.cells:
            yield Finding(f"the column {name} is missing", EITHER, file=file, line=head.number)
    for name in sorted({name for name in head.cells if head.cells.count(name) > 1 and not turned}):
        yield Finding(f"the column {quoted(name)} stands twice", "keep one", file=file, line=head.number)


def wide(grid: Grid) -> list[list[str]]:
    """Return a grid in the wide form, the names of the columns first: :func:`read_upload` reads it back."""
    cohorts = any(row.cohort for row in grid.rows)

    def cells(row: Row) -> list[str]:
        return [row.metric, *([row.cohort] if cohorts else []), *(grid.cell(row, period) for period in grid.periods)]

    return [["metric", *(["cohort"] if cohorts else []), *grid.periods], *map(cells, grid.rows)]
