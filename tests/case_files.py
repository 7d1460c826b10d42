"""Contracts made for tests: a head that every one shares, and files of golden cases that change one contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import yaml

from payfs.claims.rows import example_claims
from payfs.contract import Contract, load_document
from payfs.evidence.entries import correction_entries, tree_entries
from payfs.evidence.results import check_entries
from payfs.payments import Account, pay
from payfs.text import read_yaml

DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # the fast one where it is there
CASES = Path(__file__).parent / "cases"

HEAD: dict[str, Any] = {
    "contract": "case",
    "title": "A contract made for a test",
    "currency": "USD",
    "parties": {
        "city": {"name": "The City", "role": "outcome payer"},
        "state": {"name": "The State", "role": "outcome payer"},
        "provider": {"name": "The Provider", "role": "service provider"},
    },
    "payer": "city",
    "payee": "provider",
    "periods": {"years": {"every": "year", "from": "2016-01-01", "to": "2018-12-31"}},
}


class Case(NamedTuple):
    """One golden case: the contract that holds it as its only worked example, and what else it must say."""

    file: str
    name: str
    contract: dict[str, Any]
    why: dict[str, Any]
    unpaid_units: dict[str, str]
    refused: str | None


def contract_of(parts: dict[str, Any]) -> Contract:
    """Read and check a contract of plain Python data; a part that is ``none`` is left out."""
    whole = {key: part for key, part in {**HEAD, **parts}.items() if part != "none"}
    text = yaml.dump(whole, Dumper=DUMPER, sort_keys=False, allow_unicode=True, width=100_000)
    return load_document(read_yaml(text, "case.yaml"), text)


def account_of(contract: Contract, at: int = 0) -> Account:
    """Pay one of a contract's worked examples."""
    example = contract.terms[0].spec.examples[at]
    path = ("examples", at)
    changed = contract if example.assuming is None else contract.assuming(example.assuming, (*path, "assuming"))
    entries = tree_entries(contract.document, (*path, "results"))
    if example.corrections is not None:
        entries += correction_entries(contract.document, (*path, "corrections"))
    results = check_entries(entries, changed.frame, example.period or "")
    claims = None if example.claims is None else example_claims(contract.document, (*path, "claims"), changed.frame)
    return pay(changed, results, claims)


def paid(parts: dict[str, Any], results: dict[str, Any], corrections: list[Any] | None = None) -> Account:
    """Pay a contract of plain data on plain results."""
    example: dict[str, Any] = {"name": "a test", "results": results, "expect": {}}
    if corrections:
        example["corrections"] = corrections
    return account_of(contract_of({**parts, "examples": [example]}))


def cases(path: Path) -> list[Case]:
    """Read a file of cases."""
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    found = []
    for case in data["cases"]:
        example = {key: value for key, value in case.items() if key not in ("why", "unpaid_units", "refused")}
        example.setdefault("expect", {})
        contract = {**data.get("contract", {}), "examples": [example]}
        more = case.get("why", {}), case.get("unpaid_units", {}), case.get("refused")
        found.append(Case(path.stem, case["name"], contract, *more))
    return found


def all_cases() -> list[Case]:
    """Read every file of cases."""
    return [case for path in sorted(CASES.glob("*.yaml")) for case in cases(path)]
