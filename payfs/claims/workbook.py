"""Reading a workbook: one plain table in its only sheet, and nothing that only looks like one."""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import IO, NamedTuple
from xml.parsers import expat

from payfs.claims.cells import MOST_PARTS, Damaged, Styles, TooMuch, parse, plain, read_styles, shared_strings
from payfs.claims.columns import Column
from payfs.claims.faults import others
from payfs.claims.sheet import Sheet
from payfs.money import Array
from payfs.text import Finding, Refused

MOST_UNZIPPED = 1_000_000_000
SMALL, MOST_RATIO = 10_000_000, 200  # a table is packed to a tenth or so of its size; a trap to a thousandth
TITLES = 20  # rows above the header that are looked at
_ANEW = "save it anew as .xlsx, without a password"
_AS_CSV = "save the table as CSV"


class Table(NamedTuple):
    """A table of plain cells.

    Attributes:
        columns: name and cells of each.
        rows: the number of each row.
        head: the row that names the columns.
        first: the first rows, from the header on, as text.
        found: what is wrong with the workbook, beside what is wrong with the cells.
    """

    columns: list[tuple[str, Column]]
    rows: Array
    head: int
    first: list[list[str]]
    found: list[Finding]


class _Parts(NamedTuple):
    """Where things stand in a workbook."""

    sheets: list[str]
    charts: bool
    macros: bool
    shared: str
    styles: str
    since_1904: bool
    linked: bool


class Holding(NamedTuple):
    """What a workbook is to hold.

    Attributes:
        what: in the plural.
        begin: how it begins.
        percents: whether cells that are shown as percentages are read as such; else as the number behind them.
    """

    what: str
    begin: str
    percents: bool = False


CLAIMS = Holding("claims", "begin with the row person,outcome,date")


def workbook_table(data: bytes, file: str, large: bool = False, holding: Holding = CLAIMS) -> Table:
    """Read the only sheet of a workbook.

    Args:
        data: the file.
        file: its name.
        large: whether more cells are read than a workbook of claims has.
        holding: what it is to hold.

    Raises:
        Refused: it is no workbook, is too large, or has no table in an only sheet.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_size(archive, len(data), file)
            parts = _parts(archive)
            found = _check_parts(archive, parts, file, holding)
            return _table(archive, parts, found, file, MOST_PARTS * (10 if large else 1), holding)
    except TooMuch:
        what = f"the workbook holds more than {MOST_PARTS // 3:,} cells"
        raise _refused(what, f"{_AS_CSV}, which is read sooner", file) from None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        raise _refused("this is no workbook, or it has a password", _ANEW, file) from None
    except (Damaged, expat.ExpatError, KeyError, ValueError, IndexError, OSError, EOFError, struct.error, zlib.error):
        # nothing of the error is shown, as it may hold what a cell holds
        raise _refused("the workbook is damaged, or is none", f"save it anew as .xlsx, or {_AS_CSV}", file) from None


def _refused(what: str, remedy: str, file: str) -> Refused:
    return Refused([Finding(what, remedy, file=file)])


def _check_size(archive: zipfile.ZipFile, packed: int, file: str) -> None:
    names = archive.namelist()
    if len(set(names)) < len(names):
        raise Damaged("two parts of one name")
    unzipped = sum(entry.file_size for entry in archive.infolist())
    if unzipped > MOST_UNZIPPED:
        raise _refused("the workbook is larger than 1 GB when it is unpacked", _AS_CSV, file)
    if unzipped > max(SMALL, MOST_RATIO * packed):
        raise _refused("the workbook is packed more tightly than any table would be", _AS_CSV, file)


def _open(archive: zipfile.ZipFile, part: str) -> IO[bytes]:
    """Open one of the parts that are small in every workbook."""
    if archive.getinfo(part).file_size > SMALL:
        raise TooMuch
    return archive.open(part)


def _relations(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Return what a part refers to: by id the kind, and the name of the other part."""
    folder, name = posixpath.split(part)
    relations: dict[str, tuple[str, str]] = {}

    def start(element: str, values: dict[str, str]) -> None:
        if element.endswith(" Relationship"):
            target = values["Target"]
            where = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            relations[values["Id"]] = values["Type"].rpartition("/")[2], posixpath.normpath(where)

    with _open(archive, posixpath.join(folder, "_rels", f"{name}.rels")) as opened:
        parse(opened, start)
    return relations


def _parts(archive: zipfile.ZipFile) -> _Parts:
    """Follow a workbook's own references, as a spreadsheet does: a part's name says nothing."""
    book = _named(_relations(archive, ""), "officeDocument")
    relations = _relations(archive, book)
    sheets: list[str] = []
    kinds: set[str] = set()
    state = {"1904": False}

    def start(element: str, values: dict[str, str]) -> None:
        name = plain(element)
        if name == "workbookPr":
            state["1904"] = values.get("date1904") in ("1", "true")
        elif name == "sheet":
            kind, part = relations[next((values[key] for key in values if key.endswith("/relationships id")), "")]
            kinds.add(kind)
            if kind == "worksheet":
                sheets.append(part)

    with _open(archive, book) as opened:
        parse(opened, start)
    linked = any(kind == "externalLink" for kind, _ in relations.values())
    macros = bool(kinds - {"worksheet", "chartsheet"}) or bool(_named(relations, "vbaProject"))
    shared, styles = (_named(relations, kind) for kind in ("sharedStrings", "styles"))
    return _Parts(sheets, "chartsheet" in kinds, macros, shared, styles, state["1904"], linked)


def _named(relations: Mapping[str, tuple[str, str]], kind: str) -> str:
    return next((part for name, part in relations.values() if name == kind), "")


def _check_parts(archive: zipfile.ZipFile, parts: _Parts, file: str, holding: Holding) -> list[Finding]:
    """Find what a workbook with one plain table does not have.

    Raises:
        Refused: it has not one sheet.
    """
    found: list[Finding] = []
    if parts.macros or any(name.lower().endswith("vbaproject.bin") for name in archive.namelist()):
        found.append(Finding("the workbook holds macros", "save it as .xlsx, which has none", file=file))
    if parts.linked:
        remedy = "break the links, so that only values are left"
        found.append(Finding("the workbook refers to other workbooks", remedy, file=file))
    if parts.charts:
        found.append(Finding("the workbook has a chart sheet", "delete it", file=file))
    if len(parts.sheets) != 1:
        remedy = f"keep the {holding.what} in the only sheet, or save them as CSV"
        raise Refused([*found, Finding(f"the workbook has {len(parts.sheets)} sheets", remedy, file=file)])
    return found


def _table(
    archive: zipfile.ZipFile, parts: _Parts, found: list[Finding], file: str, most: int, holding: Holding
) -> Table:
    shared: list[str] = []
    styles = Styles([], [])
    if parts.shared:
        with archive.open(parts.shared) as opened:
            shared = shared_strings(opened)
    if parts.styles:
        with _open(archive, parts.styles) as opened:
            styles = read_styles(opened)
    sheet = Sheet(shared, styles.dates, parts.since_1904, most, styles.percents if holding.percents else ())
    with archive.open(parts.sheets[0]) as opened:
        sheet.read(opened)

    def add(line: int, what: str, remedy: str) -> None:
        found.append(Finding(what, remedy, (), file, line))

    if sheet.far is not None:
        line, place = sheet.far
        more = f", and {sheet.far_cells - 1:,} more" if sheet.far_cells > 1 else ""
        add(line, f"a cell stands far from the table ({place}{more})", f"empty it, or {_AS_CSV}")
    if sheet.merged:
        line = int(sheet.merged.partition(":")[0].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        more = f", and {sheet.merges - 1:,} more" if sheet.merges > 1 else ""
        add(line, f"cells are merged ({sheet.merged}{more})", "take every merge apart and fill each cell in")
    if not sheet.rows:
        raise Refused([*found, Finding("the sheet is empty", holding.begin, file=file)])
    first = sheet.head(TITLES)
    header = first[0]
    while not header[-1]:
        header.pop()
    head = sheet.rows[0]
    if sheet.hidden_rows:
        what = f"the row is hidden{others(sheet.hidden_rows[1:])}, and nobody sees that it is paid"
        add(sheet.hidden_rows[0], what, "show or delete what is hidden")
    hidden = [place for place in range(1, len(header) + 1) if any(a <= place <= b for a, b in sheet.hidden_columns)]
    if hidden:
        which = f"s {', '.join(str(place) for place in hidden)} are" if len(hidden) > 1 else f" {hidden[0]} is"
        add(head, f"column{which} hidden", "show what is hidden, or delete it")
    beside_table = sheet.beside(len(header))
    if beside_table:
        what = f"a cell stands beside the table, in a column without a name{others(beside_table[1:])}"
        add(beside_table[0], what, "name the column, or empty it")
    columns, rows = sheet.table(header)
    return Table(columns, rows, head, first, found)
