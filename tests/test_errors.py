"""Every message about a contract or a results file, with a sample that earns it: place, fact and remedy."""

from __future__ import annotations

import datetime
import os
import re
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from message_sites import Site, Watch, sites_of
from test_beliefs import run_samples

import payfs
from payfs.claims.fates import fate_of
from payfs.claims.file import is_claims, read_claims
from payfs.contract import load
from payfs.evidence import entries, results
from payfs.evidence.results import read_results
from payfs.examples import examine
from payfs.payments import pay
from payfs.simulate.scenario import find_scenario, load_scenario
from payfs.text import Finding, Refused, reading

ERRORS = Path(__file__).parent / "errors"
CONTRACTS = sorted(path.name for path in ERRORS.glob("*.yaml"))
RESULTS = sorted(
    str(path.relative_to(ERRORS))
    for path in ERRORS.glob("results/**/*")
    if path.suffix in (".csv", ".yaml") and path.name != "contract.yaml"
)
SCENARIOS = sorted(path.name for path in ERRORS.glob("scenarios/*.yaml"))
CLAIMS = sorted(str(path.relative_to(ERRORS)) for path in ERRORS.glob("claims/*.csv"))


def findings_of_contract(path: Path | str) -> list[str]:
    """Check a contract as the command line does."""
    try:
        return said(examine(str(path))[1].findings)
    except Refused as refused:
        return said(refused.findings)


def findings_of_results(path: Path | str, contract: Path | str = "contract.yaml") -> list[str]:
    """Pay results as the command line does."""
    terms = load(contract)
    try:
        pay(terms, read_results(str(path), terms.frame))
    except Refused as refused:
        return said(refused.findings)
    return []


def findings_of_claims(path: Path | str, contract: Path | str = ERRORS / "claims" / "contract.yaml") -> list[str]:
    """Pay claims as the command line does."""
    terms = load(contract)
    try:
        pay(terms, (), read_claims(str(path), terms.frame))
    except Refused as refused:
        return said(refused.findings)
    return []


def findings_of_scenario(path: Path | str) -> list[str]:
    """Read a scenario as the command line does."""
    try:
        load_scenario(path)
    except Refused as refused:
        return said(refused.findings)
    return []


def said(findings: tuple[Finding, ...]) -> list[str]:
    return [str(finding) for finding in findings]


def expected(path: Path) -> list[str]:
    """Read what a sample is to be told: from its head, or from the file beside it where it cannot have remarks."""
    beside = path.with_name(path.name + ".expect")
    if beside.exists():
        return beside.read_text(encoding="utf-8").splitlines()
    head = re.findall(r"^# expect: (.*)$", path.read_text(encoding="utf-8"), re.M)
    places = [line if line[:1].isdigit() else f" {line}" for line in head]
    return [line.strip() if line.strip().startswith(f"{path.name}:") else f"{path.name}:{line}" for line in places]


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_bad_contract_is_told_what_is_wrong_with_it(name, monkeypatch):
    monkeypatch.chdir(ERRORS)
    assert findings_of_contract(name) == expected(ERRORS / name) != []


@pytest.mark.parametrize("name", RESULTS)
def test_bad_results_are_told_what_is_wrong_with_them(name, monkeypatch):
    path = ERRORS / name
    monkeypatch.chdir(path.parent)
    assert findings_of_results(path.name) == expected(path) != []


@pytest.mark.parametrize("name", CLAIMS)
def test_bad_claims_are_told_what_is_wrong_with_them(name, monkeypatch):
    path = ERRORS / name
    monkeypatch.chdir(path.parent)
    assert findings_of_claims(path.name) == expected(path) != []


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_bad_scenario_is_told_what_is_wrong_with_it(name, monkeypatch):
    monkeypatch.chdir(ERRORS / "scenarios")
    before = time.process_time()
    assert findings_of_scenario(name) == expected(ERRORS / "scenarios" / name) != []
    assert time.process_time() - before < 10


SCENARIO = "scenario: x\ncontract: contracts/small.yaml\nmetrics: {"
HOSTILE = {
    "nothing": "",
    "no yaml": "scenario: [x",
    "a list": "- scenario: x",
    "too long": SCENARIO + "jobs: 3}\nnotes: [" + "x" * 1_000_001 + "]",
    "many unknown metrics": SCENARIO + ", ".join(f"m{n}: {n}" for n in range(20_000)) + "}",
    "deep": SCENARIO + "exits: " + "{by_cohort: {east: " * 15 + "3" + "}}" * 15 + "}",
    "deeper": SCENARIO + "exits: " + "{by_cohort: {east: " * 500 + "3" + "}}" * 500 + "}",
    "many months": "scenario: x\ncontract: contracts/card.yaml\nparticipants: {a: {people: 900000000, cohort: north, joins: "
    "{from: 2020, every: month, times: 120}, outcomes: {start: {chance: 5%, months: {uniform: {least: 0, most: 110}}}, "
    "job: {chance: 5%, months: {uniform: {least: 0, most: 110}}}, course: {chance: 5%, lasts: {uniform: {least: 1, most: 110}}}}}}",
    "a device": "scenario: x\ncontract: /dev/zero\nmetrics: {}",
    "a folder": "scenario: x\ncontract: contracts\nmetrics: {}",
    "braces": SCENARIO + "'{jobs}': '{0}', '%s': 3}",
    "a scenario as its contract": "scenario: x\ncontract: x.yaml\nmetrics: {}",
    "a contract as a scenario": (ERRORS / "scenarios" / "contracts" / "small.yaml").read_text(encoding="utf-8"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_stands_in_a_scenario_is_refused_plainly_and_soon(name, tmp_path, monkeypatch):
    (tmp_path / "contracts").mkdir()
    for file in (ERRORS / "scenarios" / "contracts").iterdir():
        (tmp_path / "contracts" / file.name).write_bytes(file.read_bytes())
    (tmp_path / "x.yaml").write_text(HOSTILE[name], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    before = time.process_time()
    found = findings_of_scenario("x.yaml")
    assert time.process_time() - before < 5
    assert 0 < len(found) <= 101
    assert all(line.startswith(("x.yaml", "contracts")) and len(line) < 1000 for line in found)


# -- what is too large, or no file at all, is made here and not kept


def contract_with(lines: str) -> str:
    return (ERRORS / "results" / "no-cohorts" / "contract.yaml").read_text(encoding="utf-8") + lines


def over_a_megabyte(folder: Path) -> str:
    (folder / "x.yaml").write_text(contract_with(f"notes: {'x' * 1_000_000}\n"), encoding="utf-8")
    return "x.yaml"


def over_200_000_values(folder: Path) -> str:
    (folder / "x.yaml").write_text("notes: [" + "a," * 200_001 + "]\n", encoding="utf-8")
    return "x.yaml"


def a_binary_file(folder: Path) -> str:
    (folder / "x.yaml").write_bytes(bytes(range(256)) * 100)
    return "x.yaml"


def a_workbook(folder: Path) -> str:
    (folder / "x.yaml").write_bytes(b"PK\x03\x04" + bytes(100))
    return "x.yaml"


def text_in_latin_1(folder: Path) -> str:
    (folder / "x.yaml").write_bytes("contract: x\ntitle: Città\n".encode("latin-1"))
    return "x.yaml"


def text_in_utf_16(folder: Path) -> str:
    (folder / "x.yaml").write_bytes("contract: x\n".encode("utf-16"))
    return "x.yaml"


def a_nul(folder: Path) -> str:
    (folder / "x.yaml").write_bytes(b"contract: x\ntitle: a\0b\n")
    return "x.yaml"


def text_turned_around(folder: Path) -> str:
    (folder / "x.yaml").write_text("contract: x\ntitle: a\u202eb\n", encoding="utf-8")
    return "x.yaml"


def an_empty_file(folder: Path) -> str:
    (folder / "x.yaml").touch()
    return "x.yaml"


def a_folder(folder: Path) -> str:
    (folder / "x.yaml").mkdir()
    return "x.yaml"


def a_missing_file(folder: Path) -> str:
    return "nothing-like-it.yaml"


def a_misspelt_file(folder: Path) -> str:
    (folder / "contract.yaml").touch()
    return "contrcat.yaml"


def a_file_as_a_folder(folder: Path) -> str:
    (folder / "x.yaml").touch()
    return "x.yaml/y.yaml"


def a_device(folder: Path) -> str:
    (folder / "x.yaml").symlink_to("/dev/zero")
    return "x.yaml"


def a_pipe(folder: Path) -> str:
    os.mkfifo(folder / "x.yaml")
    return "x.yaml"


def a_name_too_long(folder: Path) -> str:
    return "x" * 300


def codes_of_no_character(folder: Path) -> str:
    (folder / "x.yaml").write_text('title: "\\UFFFFFFFF"\n', encoding="utf-8")
    return "x.yaml"


FILES: list[tuple[Callable[[Path], str], str]] = [
    (over_a_megabyte, "x.yaml: the file is larger than 1,000,000 bytes; split it, or leave out what is not needed"),
    (over_200_000_values, "x.yaml:1:400003: notes.199998: the file holds more than 200,000 values; split it"),
    (a_binary_file, "x.yaml:3:115: a character here is not UTF-8 text (byte 0x80); save the file as UTF-8"),
    (
        a_workbook,
        "x.yaml: this is a workbook, a document or an archive, not plain text; save what it holds as plain text",
    ),
    (text_in_latin_1, "x.yaml:2:12: a character here is not UTF-8 text (byte 0xe0); save the file as UTF-8"),
    (text_in_utf_16, "x.yaml: the file is saved as UTF-16; save it as UTF-8"),
    (a_nul, "x.yaml:2:9: the text holds a character that cannot be seen (U+0000); save it as plain text in UTF-8"),
    (
        text_turned_around,
        "x.yaml:2:9: the text holds a character that cannot be seen (U+202E); "
        "take it out, and save it as plain text in UTF-8",
    ),
    (an_empty_file, "x.yaml: the file is empty; write what it should say, or name another file"),
    (a_folder, "x.yaml: this is a folder, not a file; name a file in it"),
    (a_missing_file, "nothing-like-it.yaml: there is no such file; check its name and folder"),
    (a_misspelt_file, "contrcat.yaml: there is no such file; did you mean 'contract.yaml'"),
    (a_file_as_a_folder, "x.yaml/y.yaml: there is no such file; check its name and folder"),
    (a_device, "x.yaml: this is not an ordinary file; save what it holds in a file and name that file"),
    (a_pipe, "x.yaml: this is not an ordinary file; save what it holds in a file and name that file"),
    (a_name_too_long, f"{'x' * 300}: the file cannot be read (file name too long); check its name and folder"),
    (
        codes_of_no_character,
        "x.yaml:1:8: a backslash in this text begins a code that means nothing; "
        "write two backslashes, or put the text in single quotes",
    ),
]


@pytest.mark.parametrize(("make", "message"), FILES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_file_that_cannot_be_read_is_refused_plainly(make, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert findings_of_contract(make(tmp_path)) == [message]


RESULT_FILES = {
    "the file is larger than 5,000,000 bytes; split it, or leave out what is not needed": lambda: "\n" * 5_000_001,
    "the file has more than 100,000 rows; split it": lambda: "metric,period,value\n" + "\n" * 100_001,
    "a cell is longer than 131,072 characters; check its quotation marks, or shorten it": (
        lambda: f"metric,period,value\ndays,2016-01,{'5' * 140_000}\n"
    ),
    "a quotation mark is opened and never closed; close it, or take it out": (
        lambda: 'metric,period,value\ndays,"2016-01,5\n' + "days,2016-02,5\n" * 500
    ),
    "more than 100 findings; correct these first": lambda: "metric,period,value\n" + "days,2016-01\n" * 500,
    "corrections were reported in 101 different periods, more than 100; give the last result of each period only": (
        lambda: (
            "metric,period,value,reported\n"
            + "".join(
                f"days,{1900 + n // 12}-{n % 12 + 1:02d},5,{1901 + n // 12}-{n % 12 + 1:02d}\n" for n in range(101)
            )
        )
    ),
}


@pytest.mark.parametrize("message", RESULT_FILES)
def test_results_that_are_too_large_are_refused_plainly(message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contract.yaml").write_text(contract_with("").replace("2016-12-31", "2017-12-31"), encoding="utf-8")
    if "101" in message:
        text = contract_with("").replace("from: 2016-01-01, to: 2016-12-31", "from: 1900-01-01, to: 1919-12-31")
        (tmp_path / "contract.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "x.csv").write_text(RESULT_FILES[message](), encoding="utf-8")
    last = findings_of_results("x.csv")[-1]
    assert re.fullmatch(rf"x\.csv(:\d+)?: {re.escape(message)}", last)


# -- claims in workbooks, and claims that are too many or too large

HEADER = ("person", "cohort", "outcome", "date")
ROW = ("a1", "east", "training", datetime.date(2016, 2, 1))
ANEW = "save it anew as .xlsx, without a password"
FAR = "a cell stands far from the table ({}); empty it, or save the table as CSV"
MANY = ": the workbook holds more than 10,000,000 cells; save the table as CSV, which is read sooner"
Change = Callable[[openpyxl.Workbook], object]


def workbook(file: Path, change: Change = lambda book: None, rows: Sequence[Sequence[object]] = (HEADER, ROW)) -> None:
    """Write a workbook."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    change(book)
    book.save(file)


def rewritten(file: Path, change: Callable[[bytes], bytes]) -> None:
    """Write a workbook, and change its sheet as no spreadsheet would."""
    workbook(file)
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = change(parts["xl/worksheets/sheet1.xml"])
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)


def with_rows(*rows: Sequence[object]) -> Callable[[Path], None]:
    return lambda file: workbook(file, rows=rows)


def with_cell(place: str, value: object) -> Callable[[Path], None]:
    def change(book: openpyxl.Workbook) -> None:
        book.active[place] = value

    return lambda file: workbook(file, change)


def in_sheet(before: bytes, after: bytes) -> Callable[[Path], None]:
    return lambda file: rewritten(file, lambda xml: xml.replace(before, after, 1))


def instead_of(place: str, cell: str) -> Callable[[Path], None]:
    """Write a cell by hand, as no library would."""

    def change(xml: bytes) -> bytes:
        found = re.search(rf'<c r="{place}".*?</c>'.encode(), xml)
        assert found is not None
        return xml.replace(found[0], cell.encode())

    return lambda file: rewritten(file, change)


def dated(number: float) -> Callable[[Path], None]:
    """Write a number with the format of a date into the place of an id."""

    def change(book: openpyxl.Workbook) -> None:
        book.active["A2"] = number
        book.active["A2"].number_format = "yyyy-mm-dd"

    return lambda file: workbook(file, change)


def a_bomb(file: Path) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 20_000_000)


def with_parts(
    change: Callable[[dict[str, bytes]], object], rows: Sequence[Sequence[object]] = (HEADER, ROW)
) -> Callable[[Path], None]:
    """Change the parts of a workbook."""

    def make(file: Path) -> None:
        workbook(file, rows=rows)
        with zipfile.ZipFile(file) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        change(parts)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, part in parts.items():
                archive.writestr(name, part)

    return make


def a_decoy(parts: dict[str, bytes]) -> None:
    """Put a sheet that is well in the usual place, and have the workbook refer to another."""
    rels, sheet = "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"
    parts[rels] = parts[rels].replace(b"/xl/worksheets/sheet1.xml", b"/xl/elsewhere.xml")
    parts["xl/elsewhere.xml"] = re.sub(
        rb'<c r="C2".*?</c>', b'<c r="C2" t="str"><f>A1</f><v>training</v></c>', parts[sheet]
    )


def a_part(parts: dict[str, bytes], kind: str) -> None:
    rels = "xl/_rels/workbook.xml.rels"
    kind = f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"
    link = f'<Relationship Id="rId99" Type="{kind}" Target="x.xml"/></Relationships>'
    parts[rels] = parts[rels].replace(b"</Relationships>", link.encode())


def two_of_one_name(file: Path) -> None:
    workbook(file)
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("xl/worksheets/sheet1.xml", b"<x/>")


def hidden(book: openpyxl.Workbook) -> None:
    sheet = book.active
    for row in (2, 3, 9):  # the last holds nothing, and column Z neither
        sheet.row_dimensions[row].hidden = True
    for column in "BCZ":
        sheet.column_dimensions[column].hidden = True
    sheet.column_dimensions["C"].width = 5


def all_that_a_table_has_not(book: openpyxl.Workbook) -> None:
    sheet = book.active
    sheet.insert_rows(1, 2)
    sheet["C4"] = "=A4"
    sheet["C5"] = "=A5"
    sheet["C6"] = "=A6"
    sheet.merge_cells("D8:D9")
    sheet.merge_cells("A11:B12")
    sheet.row_dimensions[5].hidden = True
    sheet["E3"] = "Dale"
    sheet["ZZ4"] = "x"
    sheet["H5"] = "x"


def charted(file: Path) -> None:
    workbook(file, lambda book: book.create_chartsheet())


DAMAGED = ": the workbook is damaged, or is none; save it anew as .xlsx, or save the table as CSV"
ERROR = "the cell holds an error of the spreadsheet, such as #N/A; write what it should say, or leave it empty"
NO_DAY = (
    "the cell is formatted as a date, and its number is none from 1900-03-01 to 9999-12-31; "
    "correct it, or give the column another format"
)
ROUNDED = "the number has more than 15 digits, which a spreadsheet rounds"
AS_TEXT = "format the column as text, and enter it anew"
NO_COHORT = ":1: there is no column 'cohort'; name one of east, west in each row"

WORKBOOKS: dict[str, tuple[Callable[[Path], object], list[str]]] = {
    "a formula": (with_cell("C2", '=CONCATENATE("train","ing")'), [":2: outcome: the cell holds a formula; paste the values over the formulas"]),
    "a formula in the header": (
        with_cell("B1", '="co"&"hort"'),
        [":1: the name of column 2 is not plain text; write the name in the cell itself", NO_COHORT],
    ),
    "merged cells": (
        lambda file: workbook(file, lambda book: book.active.merge_cells("A4:B5")),
        [":4: cells are merged (A4:B5); take every merge apart and fill each cell in"],
    ),
    "rows and columns that are hidden": (
        lambda file: workbook(file, hidden, (HEADER, ROW, ("a2", *ROW[1:]))),
        [
            ":1: columns 2, 3 are hidden; show what is hidden, or delete it",
            ":2: the row is hidden (also in row 3), and nobody sees that it is paid; show or delete what is hidden",
        ],
    ),
    "a column that is hidden": (
        lambda file: workbook(file, lambda book: setattr(book.active.column_dimensions["A"], "hidden", True)),
        [":1: column 1 is hidden; show what is hidden, or delete it"],
    ),
    "all that a table has not, under two empty rows": (
        lambda file: workbook(file, all_that_a_table_has_not, (HEADER, *((f"a{n}", *ROW[1:]) for n in range(4)))),
        [
            ":3: the contract has no use for column 5; did you mean 'date'",
            ":4: a cell stands far from the table (ZZ4); empty it, or save the table as CSV",
            ":4: outcome: the cell holds a formula (also in rows 5 and 6); paste the values over the formulas",
            ":5: the row is hidden, and nobody sees that it is paid; show or delete what is hidden",
            ":5: a cell stands beside the table, in a column without a name; name the column, or empty it",
            ":8: cells are merged (D8:D9, and 1 more); take every merge apart and fill each cell in",
        ],
    ),
    "errors": (
        instead_of("A2", '<c r="A2" t="e"><v>#N/A</v></c>'),
        [f":2: person: {ERROR}"],
    ),
    "an error without a word": (instead_of("D2", '<c r="D2" t="e"/>'), [f":2: date: {ERROR}"]),
    "a date that is none": (dated(99_999_999_999), [f":2: person: {NO_DAY}"]),
    "a date before the first": (dated(-5), [f":2: person: {NO_DAY}"]),
    "an id that is rounded": (with_cell("A2", 1234567890123456), [f":2: person: {ROUNDED}; {AS_TEXT}"]),
    "an id with digits that are not shown": (
        instead_of("A2", '<c r="A2"><v>0.30000000000000004</v></c>'),
        [f":2: person: {ROUNDED}; {AS_TEXT}"],
    ),
    "a letter that is not seen": (
        with_cell("A2", "a\u202e1"),
        [":2: person: the cell holds a character that cannot be seen; take it out"],
    ),
    "two sheets": (
        lambda file: workbook(file, lambda book: book.create_sheet()),
        [": the workbook has 2 sheets; keep the claims in the only sheet, or save them as CSV"],
    ),
    "a chart sheet": (charted, [": the workbook has a chart sheet; delete it"]),
    "macros": (
        with_parts(lambda parts: parts.update({"xl/vbaProject.bin": b"x"})),
        [": the workbook holds macros; save it as .xlsx, which has none"],
    ),
    "macros under another name": (
        with_parts(lambda parts: a_part(parts, "vbaProject")),
        [": the workbook holds macros; save it as .xlsx, which has none"],
    ),
    "a cell with the text of a book": (instead_of("B2", f'<c r="B2" t="str"><v>{"x" * 200_000}</v></c>'), [DAMAGED]),
    "links": (
        with_parts(lambda parts: a_part(parts, "externalLink")),
        [": the workbook refers to other workbooks; break the links, so that only values are left"],
    ),
    "a decoy": (with_parts(a_decoy), [":2: outcome: the cell holds a formula; paste the values over the formulas"]),
    "two parts of one name": (two_of_one_name, [DAMAGED]),
    "a title": (
        with_rows(("Claims of 2016",), (), HEADER, ROW),
        [":1: this row does not name the columns, and a row below it does; delete what stands above the names"],
    ),
    "a cell at the far corner": (with_cell("XFD1048576", "x"), [f":1048576: {FAR.format('XFD1048576')}"]),
    "a cell far to the right": (with_cell("XFD2", "x"), [f":2: {FAR.format('XFD2')}"]),
    "cells far down": (
        lambda file: workbook(file, lambda book: [setattr(book.active[f"A{row}"], "value", "x") for row in (2000, 2001)]),
        [f":2000: {FAR.format('A2000, and 1 more')}"],
    ),
    "a cell far down, its place written by codes": (
        in_sheet(b"</sheetData>", b'<row r="104857&#54;"><c r="A104857&#54;"><v>1</v></c></row></sheetData>'),
        [f":1048576: {FAR.format('A1048576')}"],
    ),
    "a cell beside the table": (
        with_cell("F2", "x"),
        [":2: a cell stands beside the table, in a column without a name; name the column, or empty it"],
    ),
    "a column without a name": (
        with_rows(("person", None, "outcome", "date"), ROW),
        [":1: column 2 has no name; name it, or take it out", NO_COHORT],
    ),
    "nothing": (with_rows(), [": the sheet is empty; begin with the row person,outcome,date"]),
    "a password": (
        lambda file: file.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000)),
        [f": this is no workbook, or it has a password; {ANEW}"],
    ),
    "text": (
        lambda file: file.write_text("person,cohort,outcome,date\n"),
        [f": this is no workbook, or it has a password; {ANEW}"],
    ),
    "a zip bomb": (a_bomb, [": the workbook is packed more tightly than any table would be; save the table as CSV"]),
    "another archive": (lambda file: zipfile.ZipFile(file, "w").close(), [DAMAGED]),
    "declarations": (in_sheet(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet'), [DAMAGED]),
    "a sheet cut off": (lambda file: rewritten(file, lambda xml: xml[:-40]), [DAMAGED]),
    "no sheet at all": (lambda file: rewritten(file, lambda xml: b"<worksheet/>"), [DAMAGED]),
    "a row twice": (in_sheet(b"</sheetData>", b'<row r="2"/></sheetData>'), [DAMAGED]),
    "a row that is no number": (in_sheet(b"</sheetData>", b'<row r="x"/></sheetData>'), [DAMAGED]),
    "a cell twice": (instead_of("B2", '<c r="A2"><v>1</v></c>'), [DAMAGED]),
    "a cell of another row": (instead_of("B2", '<c r="B7"><v>1</v></c>'), [DAMAGED]),
    "a cell without a column": (instead_of("B2", '<c r="2"><v>1</v></c>'), [DAMAGED]),
    "a cell of no known kind": (instead_of("B2", '<c r="B2" t="x"><v>1</v></c>'), [DAMAGED]),
    "a number that is none": (instead_of("B2", '<c r="B2"><v>1e999</v></c>'), [DAMAGED]),
    "a number that is a word": (instead_of("B2", '<c r="B2"><v>AB123456C</v></c>'), [DAMAGED]),
    "a text that is not there": (instead_of("B2", '<c r="B2" t="s"><v>9999</v></c>'), [DAMAGED]),
    "a merge without a place": (
        in_sheet(b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="AB123456C"/></mergeCells>'),
        [DAMAGED],
    ),
    "styles too large": (with_parts(lambda parts: parts.update({"xl/styles.xml": os.urandom(10_000_001)})), [MANY]),
    "faults in its rows": (
        with_rows(HEADER, ROW, (None,) * 4, ("a2", "east", "flight", "soon"), ("a3", "east", "training", datetime.datetime(2016, 2, 1, 12))),
        [
            ":4: outcome: the contract has no such outcome; its outcomes are training, moved away, job, wage, housed, jail",
            ":4: date: this is no day (also in row 5); write the year, the month and the day, as in 2017-10-31",
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_workbook_that_is_no_plain_table_is_refused_at_once(name, tmp_path, monkeypatch):
    make, messages = WORKBOOKS[name]
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "x.xlsx")
    before = time.process_time()
    assert findings_of_claims("x.xlsx") == [f"x.xlsx{message}" for message in messages]
    assert time.process_time() - before < 1


def test_no_cell_of_a_workbook_is_ever_shown(tmp_path, recwarn, capfd):
    for place, (make, messages) in enumerate(WORKBOOKS.values()):
        make(tmp_path / f"{place}.xlsx")
        recwarn.clear()
        capfd.readouterr()
        findings_of_claims(tmp_path / f"{place}.xlsx")
        assert not re.findall(r"AB\d+|Dale|99.?999|12345", "".join(messages))
        assert not recwarn.list
        assert capfd.readouterr() == ("", "")


def test_empty_cells_rows_and_columns_are_not_looked_at(tmp_path):
    empty = (
        b'<x:row xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" r="1048576" hidden="1">'
        b"<x:c  s='1' r = 'XFD1048576'/></x:row></sheetData>"
    )
    in_sheet(b"</sheetData>", empty)(tmp_path / "x.xlsx")
    assert findings_of_claims(tmp_path / "x.xlsx") == []


def read_ids(file: Path) -> tuple[str, ...]:
    contract = load(ERRORS / "claims" / "contract.yaml")
    return read_claims(str(file), contract.frame).people


def test_ids_that_are_numbers_are_read_to_the_last_digit(tmp_path):
    ids = [1.0000000001, 1.0000000002, 1e-7, 123456789012345, 0.5, -3, 1e14]
    workbook(tmp_path / "x.xlsx", rows=(HEADER, *((id_, *ROW[1:]) for id_ in ids)))
    assert sorted(read_ids(tmp_path / "x.xlsx")) == sorted(
        ["1.0000000001", "1.0000000002", "0.0000001", "123456789012345", "0.5", "-3", "100000000000000"]
    )


@pytest.mark.parametrize(
    "ids",
    [
        ["007", "07", "7", "7.0"],
        ["100000", "1e5"],
        ["True", "no", "1"],
        ["9223372036854775808", "09223372036854775808"],
        ["0.10", "0.1"],
        ["NA", "nan", "null"],
        ["2016-01-01", "2016-1-1"],
        ["+1", "1"],
    ],
)
def test_ids_that_look_like_numbers_are_read_as_they_are_written(ids, tmp_path):
    rows = "".join(f"{id_},east,training,2016-02-01\n" for id_ in ids)
    (tmp_path / "x.csv").write_text(f"person,cohort,outcome,date\n{rows}", encoding="utf-8")
    assert sorted(read_ids(tmp_path / "x.csv")) == sorted(ids)


def test_a_workbook_may_count_days_from_1904_show_them_in_many_ways_and_hold_text_with_formats(tmp_path):
    rows = [
        (True, "east", "training", datetime.date(2016, 2, 1)),
        ("b\xa0", "east", "training", datetime.datetime(2016, 2, 2)),
        ("c", "east", "training", datetime.date(2016, 2, 3)),
    ]

    def change(book: openpyxl.Workbook) -> None:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        sheet = book.active
        rich = openpyxl.cell.rich_text
        sheet["A4"] = rich.CellRichText("c", rich.TextBlock(openpyxl.cell.text.InlineFont(b=True), "d"))
        for place, code in (("D2", 'dd"of"mm\\ yy'), ("D3", "[$-409]d\\-mmm;@"), ("A3", '0" days"')):
            sheet[place].number_format = code

    workbook(tmp_path / "x.xlsx", change, (HEADER, *rows))
    contract = load(ERRORS / "claims" / "contract.yaml")
    claims = read_claims(str(tmp_path / "x.xlsx"), contract.frame)
    assert claims.people == ("TRUE", "b", "cd")
    days = [datetime.date(1970, 1, 1) + datetime.timedelta(days=int(day)) for day in claims.day]
    assert days == [datetime.date(2016, 2, day) for day in (1, 2, 3)]


def test_a_number_shows_a_date_where_its_format_has_days_months_years_or_hours():
    from payfs.claims.cells import shows_date

    dates = ["yyyy-mm-dd", "[$-409]d-mmm", "[h]:mm", "m/d/yy h:mm", '"on" dd', "[Red]dd.mm"]
    numbers = [
        "General",
        "0.00",
        '0" days"',
        "[Red]0",
        "0.00E+00",
        "@",
        "#,##0;[Red]-dd",
        r"\d0",
        "_d0",
        "[>100]0",
        "$#,##0",
    ]
    assert [shows_date(code) for code in dates + numbers] == [True] * 6 + [False] * 11


def test_a_workbook_says_the_same_as_a_csv_file(tmp_path):
    contract = load(ERRORS / "claims" / "contract.yaml")
    header = (*HEADER, "units", "pay", "to")
    rows = [
        (101.0, "east", "training", datetime.datetime(2016, 2, 1), 1.0, None, None),
        (101, "east", "wage", datetime.date(2016, 3, 1), None, 700.1 + 0.2, None),
        (" 101 ", "east", "housed", "2016-03-01", None, None, datetime.date(2016, 3, 4)),
    ]
    workbook(tmp_path / "x.xlsx", rows=(header, *rows))
    text = (
        "person,cohort,outcome,date,units,pay,to\n"
        "101,east,training,2016-02-01,1,,\n101,east,wage,2016-03-01,,700.3,\n101,east,housed,2016-03-01,,,2016-03-04\n"
    )
    (tmp_path / "x.csv").write_text(text, encoding="utf-8")
    one, other = (read_claims(str(tmp_path / name), contract.frame) for name in ("x.xlsx", "x.csv"))
    assert str(one).replace(".xlsx", ".csv") == str(other)


TOO_LARGE = "and nothing of it was read; leave out what is not needed, or read it with --large: it takes ten times its size in memory"


def test_200_megabytes_are_refused_before_they_are_read_unless_asked_for(tmp_path, monkeypatch):
    file = tmp_path / "x.csv"
    with file.open("wb") as opened:
        opened.write(b"person,cohort,outcome,date\n")
        opened.truncate(200_000_000)
    contract = load(ERRORS / "claims" / "contract.yaml")
    with pytest.raises(Refused) as caught:
        read_claims(str(file), contract.frame)
    assert said(caught.value.findings) == [f"{file}: the file is larger than 150,000,000 bytes, {TOO_LARGE}"]
    read = []
    monkeypatch.setattr(
        "payfs.claims.file.read_file", lambda path, most: read.append(most) or b"person,cohort,outcome,date"
    )
    assert len(read_claims(str(file), contract.frame, large=True)) == 0
    assert read == [2_000_000_000]


def findings_of_either(file: str) -> list[str]:
    """Pay a file of which nothing is known but its name, as the command line does."""
    if is_claims(file):
        return findings_of_claims(file)
    return findings_of_results(file, ERRORS / "claims" / "contract.yaml")


LARGE = "leave out what is not needed, or read it with --large: it takes ten times its size in memory"
BEGIN = "begin with person,outcome,date for claims or metric,cohort,period,value for counts"
TITLED = "1: this row does not name the columns, and a row below it does; delete what stands above the names"
EXTREMES: dict[str, tuple[str, str]] = {
    "100,000 columns": (
        "person,outcome,date" + ",x" * 49_000 + "\n",
        ":1: the header has more than 100 columns; leave out what the contract has no use for",
    ),
    "a header without an end": ("person,outcome,date" + ",x" * 100_000, ":1: the row is longer than 100,000 bytes; begin a new line for each claim"),
    "20 million rows": (
        "person,outcome,date\n" + "A,\n" * 20_000_000,
        f": the file has more than 5,000,000 rows, and nothing of it was read; {LARGE}",
    ),
    "140 MB of commas": (
        "person,outcome,date\r\na1\r\n" + "," * 140_000_000,
        ":3: the row is longer than 100,000 bytes; begin a new line for each claim",
    ),
    "140 MB of empty lines": (
        "person,outcome,date" + "\n" * 140_000_000,
        f": the file has more than 5,000,000 rows, and nothing of it was read; {LARGE}",
    ),
    "a line of 100 MB": ("x" * 100_000_000, f":1: the file names no columns at its beginning; {BEGIN}"),
    "nothing": ("", f": the file is empty; {BEGIN}"),
    "words": ("to whom it may concern\n\nour results\n", f":1: it does not name the columns; {BEGIN}"),
    "claims under empty lines": ("\n,,\nperson,outcome,date,cohort\na1,training,2016-02-01,east\na2,,2016-02-01,east\n",
        ":5: outcome: the cell is empty; name one of training, moved away, job, wage, housed, jail"),
    "claims under a title": ("Claims\n\nperson,outcome,date,cohort\na1,training,2016-02-01,east\n", f":{TITLED}"),
    "counts under a title": ("Counts\n\nmetric,cohort,period,value\n", f":1: it does not name the columns; {BEGIN}"),
    "claims with pipes": ("person|outcome|date\n", ":1: the columns are not separated by commas; save the file as CSV with commas"),
    "claims without a header": ("a1,training,2016-02-01\n", ":1: it does not name the columns; begin with the row person,outcome,date"),
}  # fmt: skip


@pytest.mark.parametrize("name", EXTREMES)
def test_what_is_no_table_of_claims_is_refused_plainly_and_soon(name, tmp_path, monkeypatch):
    text, message = EXTREMES[name]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.csv").write_bytes(text.encode())
    before = time.process_time()
    assert findings_of_either("x.csv") == [f"x.csv{message}"]
    assert time.process_time() - before < 5


@pytest.mark.parametrize("name", ["x.csv", "x.xlsx", "x"])
def test_a_pipe_is_not_waited_for(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkfifo(name)
    message = "this is not an ordinary file; save what it holds in a file and name that file"
    assert findings_of_either(name) == [f"{name}: {message}"]


def test_rows_that_are_torn_are_told_soon(tmp_path):
    rows = ["a1,east,training,2016-02-01\n"] * 1_000_000
    for torn in (['"x\ny",east,training,2016-02-01\n'], ["a,b,c,d,e,f\n"] * 1_000_000):
        (tmp_path / "x.csv").write_text("person,cohort,outcome,date\n" + "".join([*rows, *torn]), encoding="utf-8")
        before = time.process_time()
        assert len(findings_of_claims(tmp_path / "x.csv")) in (1, 101)
        assert time.process_time() - before < 5


def test_a_file_that_does_not_fit_into_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.csv").write_text("person,cohort,outcome,date\n", encoding="utf-8")

    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("payfs.claims.file.claims_of", full)
    message = "the file does not fit into this computer's memory; split it by people, or leave out what is not needed"
    assert findings_of_claims("x.csv") == [f"x.csv: {message}"]


def test_a_file_of_nothing_but_a_header_holds_no_claims(tmp_path):
    for text in (
        "person,cohort,outcome,date",
        "\ufeffperson,cohort,outcome,date\r\n",
        '"person",cohort,outcome,date\n\n,,,\n',
    ):
        (tmp_path / "x.csv").write_bytes(text.encode())
        assert findings_of_claims(tmp_path / "x.csv") == []


def ten_thousand_of_one_person(folder: Path) -> None:
    days = [datetime.date(2016, 1, 1) + datetime.timedelta(days=n % 700) for n in range(10_001)]
    rows = "".join(f"a1,east,housed,{day},{n + 1}\n" for n, day in enumerate(days))
    (folder / "x.csv").write_text(
        f"person,cohort,outcome,date,units\nb2,east,housed,2016-01-01,1\n{rows}", encoding="utf-8"
    )


def test_one_person_has_at_most_10000_claims(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ten_thousand_of_one_person(tmp_path)
    message = "x.csv:3: person: the person has 10,001 claims, more than 10,000; check the person's id"
    assert findings_of_claims("x.csv") == [message]


def test_what_is_wrong_in_every_row_is_told_at_once_and_soon(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = "".join(
        f"a{n % 10_000},east,flight {n},{n},x{n}\nA{n % 10_000},west,jail,2016-01-01,{n + 1}\n" for n in range(20_000)
    )
    (tmp_path / "x.csv").write_text(f"person,cohort,outcome,date,units\n{rows}", encoding="utf-8")
    before = time.process_time()
    found = findings_of_claims("x.csv")
    assert time.process_time() - before < 5
    assert len(found) == 101
    assert found[-1] == "x.csv: more than 100 findings; correct these first"
    assert any(
        "units: this is no whole number above 0 (also in rows 4, 6, 8, 10, 12 and 19,994 more)" in line
        for line in found
    )


@pytest.mark.parametrize("name", CLAIMS)
def test_no_message_shows_a_persons_id(name, monkeypatch):
    path = ERRORS / name
    monkeypatch.chdir(path.parent)
    assert not re.findall(r"AB\d+|\b[ab] ?\d\b|M.ller", "".join(expected(path)), re.IGNORECASE)


def test_a_file_that_may_not_be_opened_is_refused(tmp_path, monkeypatch):
    def refuse(*_: Any, **__: Any) -> int:
        raise PermissionError

    (tmp_path / "x.yaml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "open", refuse)
    assert findings_of_contract("x.yaml") == ["x.yaml: the file may not be opened; ask for permission to read it"]


# -- every message has a sample

MAKERS = {"Problem", "OffScale", "refuse", "Finding", "finding", "refused", "complain", "ValueError", "fault"}
FAULTS = {"add", "add_row", "add_header"}  # of payfs/claims/faults.py
ELSEWHERE = {
    "payfs/cli/shared.py": "tests/test_cli.py",
    "payfs/cli/contracts.py": "tests/test_cli.py",
    "payfs/cli/simulations.py": "tests/test_simulations.py",
    "payfs/cli/__init__.py": "tests/test_cli.py",
    "payfs/places.py": "tests/test_cli.py",
    "payfs/claims/decide.py": "what it refuses is no file but a claim: tests/test_claims.py",
    "payfs/simulate/draws.py": "what it refuses is no file but a call: tests/test_draws.py",
    "payfs/simulate/columns.py": "what it refuses is a run, and no file: tests/test_saved.py",
    "payfs/simulate/saved.py": "what it refuses is a folder: tests/test_saved.py",
    "payfs/simulate/manifest.py": "what it refuses is a folder: tests/test_saved.py",
    "payfs/simulate/cluster.py": "what it refuses is a cluster: tests/test_cluster.py",
    "payfs/simulate/processes.py": "what it refuses is work of which processes die: tests/test_cluster.py",
    "payfs/simulate/tasks.py": "what it refuses is a worker: tests/test_cluster.py",
    "payfs/simulate/compared.py": "what it refuses is two scenarios: tests/test_compared.py",
    "payfs/simulate/one_path.py": "what it refuses is the number of a path: tests/test_one_path.py",
    "payfs/simulate/varied.py": "what it refuses is a figure or a question: tests/test_varied.py",
    "payfs/simulate/sums.py": "what it refuses is no file but a call: tests/test_sums.py",
    "payfs/simulate/correlation.py": "what it refuses is told of a scenario: tests/test_correlation.py",
    "payfs/simulate/sensitivity.py": "what it refuses is no file but a call: tests/test_sensitivity.py",
    "payfs/simulate/question.py": "what it refuses is no file but a question: tests/test_questions.py",
    "payfs/simulate/solve.py": "what it refuses is no file but a call: tests/test_solve.py",
    "payfs/simulate/run.py": "what it refuses is a run, and no file: tests/test_run.py",
    "payfs/simulate/worked.py": "what it refuses is a run, and no file: tests/test_run.py",
    "payfs/forecast/grid.py": "what it refuses was typed: tests/test_forecast.py",
    "payfs/forecast/cases.py": "what it refuses was typed: tests/test_forecast.py",
    "payfs/forecast/plan.py": "what it refuses was typed: tests/test_forecast.py",
    "payfs/forecast/upload.py": "what it refuses was uploaded: tests/test_forecast.py",
    "payfs/forecast/assumed.py": "what it refuses was typed: tests/test_forecast.py",
    "payfs/desk.py": "what it refuses is a draft that is saved: tests/test_desk.py",
    "payfs/simulate/edited.py": "what it refuses is a change that was typed: tests/test_edited.py",
    "payfs/billing.py": "what it refuses is no file but a call: tests/test_bills.py",
    "payfs/report/bill_pdf.py": "what it refuses is a document: tests/test_bills.py",
    "payfs/capital/given.py": "what it refuses is no file but a call: tests/test_returns.py",
    "payfs/capital/returns.py": "what it refuses is no file but a call: tests/test_returns.py",
}
OTHERS = (
    "payfs/store/",  # what it refuses is no file but a step: tests/test_ledger_messages.py
    "payfs/cli/ledger",
    "payfs/drafting/",  # what was typed or chosen: tests/test_drafting.py
    "payfs/runs/",  # a run, and no file: tests/test_runs.py
)
# messages that no sample can earn, and why
UNREACHED = {  # how a message begins, and why no file earns it
    "document.finding(path, f'{shown} cannot be read'": "a last resort for what pydantic may yet invent",
    "ValueError(f'cannot count {n} business days": "the contract's own words are checked before",
    'ValueError(f"{quote(how)} is not a way to move': "the contract's own words are checked before",
    "ValueError(f'{quote(every)} is not a length of": "the contract's own words are checked before",
    "self.finding(at, 'changes are not keys and": "the changes of a contract are a block of keys",
    "self.complain((0, 0), 'this is not valid YAML'": "a last resort for what the parser cannot place",
}


def sites() -> Iterator[Site]:
    """Yield every place in the source that makes a message, but those that other tests earn."""
    return sites_of(MAKERS, FAULTS, lambda name: name in ELSEWHERE or name.startswith(tuple(OTHERS)))


def test_every_message_has_a_sample(tmp_path, monkeypatch):
    root = Path(payfs.__file__).parent.parent
    found = list(sites())
    lines: dict[str, set[int]] = {}
    for name, first, last, _ in found:
        lines.setdefault(str(root / name), set()).update(range(first, last + 1))
    watch, before = Watch(lines), sys.gettrace()
    sys.settrace(watch.call)
    try:
        run_all(tmp_path, monkeypatch)
    finally:
        sys.settrace(before)
    ran = watch.ran
    missing = {
        text: f"{name}:{first}"
        for name, first, last, text in found
        if not any((str(root / name), line) in ran for line in range(first, last + 1))
    }
    bare = [f"{place}: {text}" for text, place in missing.items() if not text.startswith(tuple(UNREACHED))]
    assert not bare, "no sample earns\n" + "\n".join(bare)
    earned = [start for start in UNREACHED if not any(text.startswith(start) for text in missing)]
    assert not earned, "listed as unreached, but a sample earns it\n" + "\n".join(earned)


def run_what_is_too_much(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run what takes long to write in full, with smaller bounds; in full it has tests of its own."""
    terms = load("contract.yaml")
    (folder / "none.csv").write_text("person,cohort,outcome,date\n", encoding="utf-8")
    for claims in (None, read_claims(str(folder / "none.csv"), terms.frame)):
        with pytest.raises(Refused):
            fate_of(pay(terms, (), claims).evidence, 99)
    for bound, least, sample in (
        ("checks.MOST_CLAIMS", 1, "price-there-is-none.csv"),
        ("faults.MOST_FINDINGS", 1, "dates-that-are-none.csv"),
        ("file.MOST_FINDINGS", 1, "quoted-line-break.csv"),
        ("file.MOST_BYTES", 10, "rows-twice.csv"),
        ("file.MOST_ROWS", 1, "rows-twice.csv"),
        ("file.MOST_LINE", 10, "rows-twice.csv"),
        ("workbook.MOST_UNZIPPED", 10, str(folder / "0.xlsx")),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(f"payfs.claims.{bound}", least)
            findings_of_claims(sample)
    for place, (text, _) in enumerate(EXTREMES.values()):
        if len(text) < 1000:
            (folder / f"{place}.csv").write_bytes(text.encode())
            findings_of_either(str(folder / f"{place}.csv"))
    with monkeypatch.context() as patch:
        patch.setattr("payfs.evidence.results.read_results.__defaults__", (10,))
        findings_of_either(str(folder / "7.csv"))
    here = folder / "full"
    here.mkdir()
    with monkeypatch.context() as patch:
        test_a_file_that_does_not_fit_into_memory_is_refused(here, patch)


def run_all(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every sample."""
    monkeypatch.chdir(ERRORS)
    for name in CONTRACTS:
        findings_of_contract(name)
    for name in RESULTS:
        monkeypatch.chdir((ERRORS / name).parent)
        findings_of_results(Path(name).name)
    monkeypatch.chdir(ERRORS / "claims")
    for name in CLAIMS:
        findings_of_claims(Path(name).name)
    for place, (make, _) in enumerate(WORKBOOKS.values()):
        make(folder / f"{place}.xlsx")
        findings_of_claims(folder / f"{place}.xlsx")
    run_what_is_too_much(folder, monkeypatch)
    monkeypatch.chdir(ERRORS / "scenarios")
    for name in SCENARIOS:
        findings_of_scenario(name)
    with pytest.raises(Refused):
        find_scenario("denver-sibb")
    for place, (make, _) in enumerate(FILES):
        here = folder / str(place)
        here.mkdir()
        monkeypatch.chdir(here)
        findings_of_contract(make(here))
    for place, message in enumerate(RESULT_FILES):
        if "bytes" not in message and "rows" not in message:  # their messages have been seen; here they would take long
            here = folder / f"results-{place}"
            here.mkdir()
            test_results_that_are_too_large_are_refused_plainly(message, here, monkeypatch)
    run_samples(folder)
    with monkeypatch.context() as patch:
        here = folder / "shut"
        here.mkdir()
        test_a_file_that_may_not_be_opened_is_refused(here, patch)
    monkeypatch.chdir(ERRORS / "results")
    monkeypatch.setattr(entries, "MOST_ROWS", 1)
    findings_of_results("twice.csv")
    monkeypatch.setattr(results, "MOST_BYTES", 10)
    findings_of_results("twice.csv")
    monkeypatch.setattr(reading, "MOST_BYTES", 10)
    findings_of_contract("contract.yaml")
