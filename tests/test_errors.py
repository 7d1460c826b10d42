"""Every message about a contract or a results file, with a sample that earns it: place, fact and remedy, and no more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from payfs.contract import load
from payfs.evidence.results import read_results
from payfs.examples import run_examples
from payfs.payments import pay
from payfs.text import Finding, Refused

ERRORS = Path(__file__).parent / "errors"
CONTRACTS = sorted(path.name for path in ERRORS.glob("*.yaml"))
RESULTS = sorted(path.name for path in (ERRORS / "results").iterdir() if path.suffix in (".csv", ".yaml"))
RESULTS.remove("contract.yaml")


def findings_of_contract(path: Path) -> tuple[Finding, ...]:
    """Check a contract as the command line does."""
    try:
        return run_examples(load(path)).findings
    except Refused as refused:
        return refused.findings


def findings_of_results(path: Path) -> tuple[Finding, ...]:
    """Pay a results file as the command line does."""
    contract = load(path.parent / "contract.yaml")
    try:
        pay(contract, read_results(str(path), contract.frame))
    except Refused as refused:
        return refused.findings
    return ()


def expected(path: Path) -> list[str]:
    """Read what a sample is to be told, from its head or from the file beside it."""
    beside = path.with_name(path.name + ".expect")
    if beside.exists():
        return beside.read_text(encoding="utf-8").splitlines()
    head = re.findall(r"^# expect: (.*)$", path.read_text(encoding="utf-8"), re.M)
    return [line if line.startswith(path.name) else f"{path.name}:{line}" for line in head]


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_bad_contract_is_told_what_is_wrong_with_it(name, monkeypatch):
    monkeypatch.chdir(ERRORS)
    assert [str(finding) for finding in findings_of_contract(Path(name))] == expected(ERRORS / name)


@pytest.mark.parametrize("name", RESULTS)
def test_bad_results_are_told_what_is_wrong_with_them(name, monkeypatch):
    monkeypatch.chdir(ERRORS / "results")
    assert [str(finding) for finding in findings_of_results(Path(name))] == expected(ERRORS / "results" / name)


def test_every_sample_expects_something():
    for name in CONTRACTS:
        assert expected(ERRORS / name), name
    for name in RESULTS:
        assert expected(ERRORS / "results" / name), name
