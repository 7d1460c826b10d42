"""Where a grid begins: a worked example of the contract, or the results that were really reported."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from payfs.contract import Contract
from payfs.evidence.results import Result, read_results
from payfs.examples import given
from payfs.forecast.grid import counted, latest
from payfs.places import contract_specs
from payfs.text import Refused

REAL = "what was really reported"


class Beginning(NamedTuple):
    """Results to begin from.

    Attributes:
        name: of the worked example, or :data:`REAL`.
        results: one for each metric, cohort and period.
    """

    name: str
    results: tuple[Result, ...]


def beginnings(contract: Contract) -> tuple[Beginning, ...]:
    """Return what a contract's grid can begin from, the fullest first.

    A worked example that gives claims, or that is written for other periods or metrics than the contract has, is none.
    """
    found = [*_real(contract), *_examples(contract)]
    # of two that are as full, the one that comes first in the contract
    return tuple(sorted(found, key=lambda one: (one.name != REAL, -len(one.results))))


def _real(contract: Contract) -> Iterator[Beginning]:
    file = contract_specs() / "results" / f"{contract.name}.csv"
    if file.is_file():
        try:
            yield Beginning(REAL, _counts(contract, read_results(str(file), contract.frame)))
        except Refused:  # somebody's own contract of the same name has other metrics or periods
            return


def _examples(contract: Contract) -> Iterator[Beginning]:
    for place, example in enumerate(contract.terms[0].spec.examples):
        if not example.results or example.claims is not None:
            continue
        try:
            results, _ = given(contract, contract, example, ("examples", place))
        except Refused:
            continue
        results = _counts(contract, results)
        if results:
            yield Beginning(example.name, results)


def _counts(contract: Contract, results: tuple[Result, ...]) -> tuple[Result, ...]:
    there = set(counted(contract))
    return latest(one for one in results if one.metric in there)
