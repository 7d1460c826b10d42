"""Every message about a contract or a results file, with a sample that earns it: place, fact and remedy."""

from __future__ import annotations

import ast
import datetime
import os
import re
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import openpyxl
import pytest

import payfs
from payfs.claims.fates import fate_of
from payfs.claims.file import read_claims
from payfs.contract import load
from payfs.evidence import entries, results
from payfs.evidence.results import read_results
from payfs.examples import examine
from payfs.payments import pay
from payfs.text import Finding, Refused, reading

ERRORS = Path(__file__).parent / "errors"
CONTRACTS = sorted(path.name for path in ERRORS.glob("*.yaml"))
RESULTS = sorted(
    str(path.relative_to(ERRORS))
    for path in ERRORS.glob("results/**/*")
    if path.suffix in (".csv", ".yaml") and path.name != "contract.yaml"
)
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
FAR = "stands far from the table; delete it, or save the table as CSV"
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


def a_bomb(file: Path) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 20_000_000)


WORKBOOKS: dict[str, tuple[Callable[[Path], object], list[str]]] = {
    "a formula": (with_cell("C2", '=CONCATENATE("train","ing")'), [":2: a cell holds a formula; paste the values over the formulas"]),
    "merged cells": (
        lambda file: workbook(file, lambda book: book.active.merge_cells("A1:B1")),
        [": cells are merged; take every merge apart and fill each cell in"],
    ),
    "two sheets": (
        lambda file: workbook(file, lambda book: book.create_sheet()),
        [": the workbook has 2 sheets; keep the claims in the only sheet, or save them as CSV"],
    ),
    "a cell at the far corner": (with_cell("XFD1048576", "x"), [f":1048576: the row 1048576 {FAR}"]),
    "a cell far to the right": (with_cell("XFD2", "x"), [f":2: the cell XFD2 {FAR}"]),
    "a cell at the far corner, written by hand": (
        in_sheet(b"</sheetData>", b"<x:row><x:c  s='1' r = 'XFD1048576'/></x:row></sheetData>"),
        [f":1048576: the cell XFD1048576 {FAR}"],
    ),
    "an empty row at the far end": (in_sheet(b"</sheetData>", b'<row r="1048576"/></sheetData>'), [f":1048576: the row 1048576 {FAR}"]),
    "a cell beside the table": (
        with_cell("F2", "x"),
        [":2: a cell stands beside the table, in a column without a name; name the column, or empty it"],
    ),
    "a column without a name": (
        with_rows(("person", None, "outcome", "date"), ROW),
        [":1: a column in the middle of the table has no name; name the column"],
    ),
    "nothing": (with_rows(), [": the sheet is empty; begin with the row person,outcome,date"]),
    "a password": (
        lambda file: file.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000)),
        [f": the workbook cannot be opened (File is not a zip file); {ANEW}"],
    ),
    "text": (
        lambda file: file.write_text("person,cohort,outcome,date\n"),
        [f": the workbook cannot be opened (File is not a zip file); {ANEW}"],
    ),
    "a zip bomb": (a_bomb, [": the workbook is packed more tightly than any table would be; save the table as CSV"]),
    "another archive": (
        lambda file: zipfile.ZipFile(file, "w").close(),
        [": the workbook has 0 sheets; keep the claims in the only sheet, or save them as CSV"],
    ),
    "declarations": (
        in_sheet(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet'),
        [": the workbook holds declarations that no spreadsheet writes; save the table as CSV"],
    ),
    "a sheet cut off": (
        lambda file: rewritten(file, lambda xml: xml[:-40]),
        [": the workbook cannot be read (ParseError); save the table as CSV"],
    ),
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

MAKERS = {"Problem", "OffScale", "refuse", "Finding", "finding", "refused", "complain", "ValueError"}
FAULTS = {"add", "add_row", "add_header"}  # of payfs/claims/faults.py
ELSEWHERE = {
    "payfs/cli.py": "tests/test_cli.py",
    "payfs/places.py": "tests/test_cli.py",
    "payfs/claims/decide.py": "what it refuses is no file but a claim: tests/test_claims.py",
}
# messages that no sample can earn, and why
UNREACHED = {  # how a message begins, and why no file earns it
    "document.finding(path, f'{shown} cannot be read'": "a last resort for what pydantic may yet invent",
    "ValueError(f'cannot count {n} business days": "the contract's own words are checked before",
    'ValueError(f"{quote(how)} is not a way to move': "the contract's own words are checked before",
    "ValueError(f'{quote(every)} is not a length of": "the contract's own words are checked before",
    "self.finding(at, 'changes are not keys and": "the changes of a contract are a block of keys",
    "self.complain((0, 0), 'this is not valid YAML'": "a last resort for what the parser cannot place",
}


def sites() -> Iterator[tuple[str, int, int, str]]:
    """Yield every place in the source that makes a message: the file, its lines and the text."""
    root = Path(payfs.__file__).parent
    for file in sorted(root.rglob("*.py")):
        name = str(file.relative_to(root.parent))
        if name in ELSEWHERE:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                made = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                replaced = made == "_replace" and any(key.arg == "what" for key in node.keywords)
                fault = made in FAULTS and getattr(getattr(node.func, "value", None), "id", "") == "faults"
                if made in MAKERS or replaced or fault:
                    yield name, node.lineno, node.end_lineno or node.lineno, ast.unparse(node)


class Watch:
    """Notes which of some lines run."""

    def __init__(self, lines: dict[str, set[int]]) -> None:
        self.lines, self.ran = lines, set[tuple[str, int]]()
        self.wanted: dict[CodeType, bool] = {}

    def call(self, frame: FrameType, event: str, _: Any) -> Any:
        code = frame.f_code
        if code not in self.wanted:
            near = self.lines.get(code.co_filename, set())
            self.wanted[code] = bool(near) and any(line in near for _, _, line in code.co_lines())
        return self.line if self.wanted[code] else None

    def line(self, frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            self.ran.add((frame.f_code.co_filename, frame.f_lineno))
        return self.line


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
        ("table.MOST_CLAIMS", 1, "price-there-is-none.csv"),
        ("faults.MOST_FINDINGS", 1, "dates-that-are-none.csv"),
        ("file.MOST_FINDINGS", 1, "quoted-line-break.csv"),
        ("file.MOST_BYTES", 10, "rows-twice.csv"),
        ("workbook.MOST_UNZIPPED", 10, str(folder / "0.xlsx")),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(f"payfs.claims.{bound}", least)
            findings_of_claims(sample)


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
