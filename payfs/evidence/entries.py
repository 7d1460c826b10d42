"""Results as written, in tidy CSV or YAML, each with its place."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any, NamedTuple

from payfs.spec import quoted
from payfs.text import MOST_FINDINGS, Document, Finding, Path, Refused, suggest

MOST_ROWS = 100_000
COLUMNS = ("metric", "cohort", "period", "value", "reported")


class Entry(NamedTuple):
    """One result as written, with its place for findings."""

    metric: str
    cohort: str
    period: str
    value: str
    reported: str
    finding: Finding

    @classmethod
    def of(cls, cells: Mapping[str, str], finding: Finding) -> Entry:
        """Build an entry from cells by column."""
        metric, cohort, period, value, reported = (cells.get(name, "") for name in COLUMNS)
        return cls(metric, cohort, period, value, reported, finding)


def csv_entries(text: str, file: str) -> list[Entry]:
    """Read tidy CSV: ``metric,cohort,period,value`` and, for corrections, ``reported``."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: list[Finding] = []
    entries = []
    try:
        header = [name.strip() for name in next((row for row in reader if any(cell.strip() for cell in row)), [])]
        if not header:
            remedy = f"begin with the row {','.join(COLUMNS[:4])}"
            raise Refused([Finding("the file is empty", remedy, file=file)])
        if len(header) > 20:
            what, remedy = f"the header has {len(header):,} cells", f"begin with the row {','.join(COLUMNS[:4])}"
            raise Refused([Finding(what, remedy, file=file, line=reader.line_num)])
        if "person" in header and "outcome" in header:
            raise Refused(
                [
                    Finding(
                        "the file holds claims, a row for each person",
                        "give counts: a row for each metric, cohort and period",
                        file=file,
                        line=reader.line_num,
                    )
                ]
            )
        if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
            found.append(
                Finding(
                    "the columns are not separated by commas",
                    "save the file as CSV with commas",
                    file=file,
                    line=reader.line_num,
                )
            )
        else:
            for place, name in enumerate(header):
                if name not in COLUMNS:
                    # claims without a header begin with a person's id, which is not to be written
                    meant = suggest(name, COLUMNS)
                    found.append(
                        Finding(
                            f"unknown column {quoted(name) if meant else f'number {place + 1}'}",
                            meant or f"use {', '.join(COLUMNS)}",
                            file=file,
                            line=reader.line_num,
                        )
                    )
            for name in ("metric", "period", "value"):
                if name not in header:
                    found.append(
                        Finding(
                            f"the column {name} is missing",
                            f"begin with the row {','.join(COLUMNS[:4])}",
                            file=file,
                            line=reader.line_num,
                        )
                    )
            for name in sorted({name for name in header if header.count(name) > 1}):
                found.append(
                    Finding(f"the column {quoted(name)} stands twice", "keep one", file=file, line=reader.line_num)
                )
        if found:
            raise Refused(found)
        for row in reader:
            line = reader.line_num
            if line > MOST_ROWS:
                found.append(Finding(f"the file has more than {MOST_ROWS:,} rows", "split it", file=file, line=line))
                break
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                enough(found, file)
                found.append(
                    Finding(
                        f"the row has {len(row)} {'cell' if len(row) == 1 else 'cells'}, the header {len(header)}",
                        "give every row one cell for each column, and quote text that has a comma",
                        file=file,
                        line=line,
                    )
                )
                continue
            cells = {name: cell.strip() for name, cell in zip(header, row, strict=True)}
            entries.append(Entry.of(cells, Finding("", file=file, line=line)))
    except csv.Error as error:
        what, remedy = unreadable(str(error))
        raise Refused([*found, Finding(what, remedy, file=file, line=reader.line_num)]) from None
    if found:
        raise Refused(found)
    return entries


def unreadable(error: str) -> tuple[str, str]:
    """Say in plain words why a row cannot be read: the fact and the remedy."""
    if "limit" in error:
        return (
            f"a cell is longer than {csv.field_size_limit():,} characters",
            "check its quotation marks, or shorten it",
        )
    if "end of data" in error:
        return "a quotation mark is opened and never closed", "close it, or take it out"
    return "text follows a closing quotation mark", "write a quotation mark inside quoted text twice"


def enough(found: list[Finding], file: str) -> None:
    """Stop where there is too much to correct at once.

    Raises:
        Refused: the findings so far, if there are many.
    """
    if len(found) >= MOST_FINDINGS:
        raise Refused([*found, Finding(f"more than {MOST_FINDINGS} findings", "correct these first", file=file)])


def tree_entries(document: Document, at: Path) -> list[Entry]:
    """Read ``results:`` of YAML: a metric's value, or values by period, by cohort, or by cohort and period."""
    tree: Any = document.data
    for key in at:
        tree = tree.get(key, {}) if isinstance(tree, dict) else tree[key]
    if not isinstance(tree, dict):
        raise Refused([document.finding(at, "results need a value for each metric", "write metric: value")])
    entries: list[Entry] = []
    found: list[Finding] = []

    def walk(metric: str, keys: tuple[str, ...], value: Any, path: Path) -> None:
        if isinstance(value, dict) and len(keys) < 2:
            for key, inner in value.items():
                walk(metric, (*keys, key), inner, (*path, key))
        elif isinstance(value, str):
            # which of the keys is a cohort and which a period, check_entries tells by their names
            first, second = (*keys, "", "")[:2]
            entries.append(Entry(metric, first, second, value, "", document.finding(path, "")))
        else:
            what = "a list stands" if isinstance(value, list) else "keys stand"
            found.append(
                document.finding(path, f"{what} where a value is meant", "write metric: {cohort: {period: value}}")
            )

    for metric, value in tree.items():
        walk(metric, (), value, (*at, metric))
    if found:
        raise Refused(found)
    return entries


def correction_entries(document: Document, at: Path) -> list[Entry]:
    """Read ``corrections:`` of YAML: a list of metric, cohort, period, value and reported."""
    rows: Any = document.data
    for key in at:
        rows = rows.get(key, []) if isinstance(rows, dict) else rows[key]
    entries, found = [], []
    for place, row in enumerate(rows if isinstance(rows, list) else [rows]):
        path = (*at, place)
        if not isinstance(row, dict) or not all(isinstance(cell, str) for cell in row.values()):
            found.append(document.finding(path, "a correction is not a block of keys", f"give {', '.join(COLUMNS)}"))
            continue
        found += [
            document.finding((*path, key), f"unknown key {quoted(key)}", suggest(key, COLUMNS))
            for key in row
            if key not in COLUMNS
        ]
        found += [
            document.finding(path, f"the key {quoted(key)} is missing", "add it")
            for key in ("metric", "period", "value", "reported")
            if key not in row
        ]
        entries.append(Entry.of(row, document.finding(path, "")))
    if found:
        raise Refused(found)
    return entries
