"""What follows from a contract alone is worked out once for each contract."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest
from case_files import contract_of

from payfs.contract import Contract
from payfs.contract.once import once

RULES = {"rules": {"fee": {"pays": "100"}}}
ASKED: list[tuple[str, ...]] = []


@once
def said(contract: Contract, first: str, last: str = "") -> list[str]:
    """Note that it was asked for, and return it."""
    ASKED.append((contract.name, first, last))
    if first == "nobody":
        raise KeyError(first)
    return [contract.name, first, last]


@pytest.fixture(autouse=True)
def _nothing_asked() -> None:
    ASKED.clear()


def test_it_is_worked_out_once_for_each_contract_and_its_names():
    one, other = contract_of(RULES), contract_of({**RULES, "contract": "other"})
    assert said(one, "a") is said(one, "a")
    assert said(one, "b") == [one.name, "b", ""]
    assert said(one, "a", last="z") == [one.name, "a", "z"]
    assert said(one, "a") == [one.name, "a", ""]
    assert said(other, "a") == ["other", "a", ""]
    assert [asked[1:] for asked in ASKED] == [("a", ""), ("b", ""), ("a", "z"), ("a", "")]


def test_what_stands_in_the_way_is_said_each_time():
    contract = contract_of(RULES)
    with pytest.raises(KeyError, match="nobody"):
        said(contract, "nobody")
    with pytest.raises(KeyError, match="nobody"):
        said(contract, "nobody")
    assert len(ASKED) == 2


def test_a_changed_contract_begins_anew_and_one_that_was_sent_knows_it():
    contract = contract_of(RULES)
    found = said(contract, "a")
    assert said(replace(contract, file="elsewhere"), "a") is not found
    assert said(pickle.loads(pickle.dumps(contract)), "a") == found
    assert len(ASKED) == 2
