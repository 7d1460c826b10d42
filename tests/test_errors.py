"""Every message about a contract or a results file, with a sample that earns it: place, fact and remedy."""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

import payfs
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


def test_a_file_that_may_not_be_opened_is_refused(tmp_path, monkeypatch):
    def refuse(*_: Any, **__: Any) -> int:
        raise PermissionError

    (tmp_path / "x.yaml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "open", refuse)
    assert findings_of_contract("x.yaml") == ["x.yaml: the file may not be opened; ask for permission to read it"]


# -- every message has a sample

MAKERS = {"Problem", "OffScale", "refuse", "Finding", "finding", "refused", "complain", "ValueError"}
ELSEWHERE = {"payfs/cli.py": "tests/test_cli.py", "payfs/places.py": "tests/test_cli.py"}
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
                if made in MAKERS or replaced:
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


def run_all(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every sample."""
    monkeypatch.chdir(ERRORS)
    for name in CONTRACTS:
        findings_of_contract(name)
    for name in RESULTS:
        monkeypatch.chdir((ERRORS / name).parent)
        findings_of_results(Path(name).name)
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
