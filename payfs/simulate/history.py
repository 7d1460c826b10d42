"""Values that were seen before, read from a column of a CSV file beside the scenario."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path as Folder

from pydantic_core import PydanticCustomError

from payfs.evidence.entries import enough, unreadable
from payfs.spec import Figure, quoted, read_figure
from payfs.text import Finding, Refused, decode, read_file, suggest

MOST_BYTES = 5_000_000


def read_column(folder: Folder, file: str, column: str) -> tuple[Figure, ...]:
    """Read a column of numbers.

    Args:
        folder: the scenario file's.
        file: the file's path from there.
        column: its name in the first row.

    Raises:
        Refused: everything that is wrong with it. What is to be corrected in the CSV file has that file's name and the
            line; what is to be corrected in the scenario has no file and the path of the key in the block.
    """

    def refused(key: str, what: str, remedy: str) -> Refused:
        return Refused([Finding(what, remedy, (key,))])

    # links are followed, so that none of them leads outside
    inside = Folder(os.path.realpath(folder / file)).is_relative_to(os.path.realpath(folder))
    if not inside:
        what = f"{quoted(file)} lies outside the folder of the scenario"
        raise refused("file", what, "put the file beside the scenario, or in a folder beside it")
    try:
        data = read_file(folder / file, MOST_BYTES)
    except Refused as error:
        raise refused("file", f"{quoted(file)}: {error.findings[0].what}", error.findings[0].remedy) from None
    shown = str(folder / file)
    rows = list(_rows(decode(data, shown), shown))
    if not rows:
        raise refused(
            "file", f"{quoted(file)} is empty", "give a row with the names of the columns, and rows of values"
        )
    header = [name.strip() for name in rows[0][1]]
    if header.count(column) != 1:
        twice = column in header
        what = f"{quoted(file)} has {'two columns' if twice else 'no column'} {quoted(column)}"
        remedy = suggest(column, header) or "its first row has to name the columns, with commas between them"
        raise refused("column", what, "give each its own name" if twice else remedy)
    if len(rows) == 1:
        raise refused("file", f"{quoted(file)} has no rows below the names of its columns", "give a row for each value")
    return _numbers(rows[1:], len(header), header.index(column), shown)


def _rows(text: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, with their lines."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error as error:
        what, remedy = unreadable(str(error))
        raise Refused([Finding(what, remedy, file=file, line=reader.line_num)]) from None


def _numbers(rows: list[tuple[int, list[str]]], wide: int, place: int, file: str) -> tuple[Figure, ...]:
    """Read the cells of one column, which all carry a percent sign or all do not."""
    figures: list[Figure] = []
    found: list[Finding] = []
    first: tuple[int, Figure] | None = None
    for line, row in rows:
        if len(row) != wide:
            what = f"the row has {len(row)} {'cell' if len(row) == 1 else 'cells'}, the first row {wide}"
            enough(found, file)
            found.append(Finding(what, "give every row one cell for each column", file=file, line=line))
            continue
        try:
            figure = read_figure(row[place].strip(), grouping=False)
        except PydanticCustomError as error:
            context = error.context or {}
            enough(found, file)
            found.append(Finding(context["what"], context["remedy"], file=file, line=line))
            continue
        figures.append(figure)
        if figure.value == 0:
            continue
        first = first or (line, figure)
        if figure.percent != first[1].percent:
            has, other = ("a", "none") if figure.percent else ("no", "one")
            what = f"{figure} has {has} percent sign, but {first[1]} on line {first[0]} has {other}"
            enough(found, file)
            found.append(Finding(what, "write all with the sign, or all without", file=file, line=line))
    if found:
        raise Refused(found)
    return tuple(figures)
