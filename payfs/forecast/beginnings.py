"""Where a grid begins: a worked example of the contract, or the results that were really reported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from payfs.contract import Contract
from payfs.evidence.results import Result, read_results
from payfs.examples import given
from payfs.forecast.grid import counted, latest
from payfs.payments import Account, pay
from payfs.places import contract_specs
from payfs.text import Refused

REAL = "what was really reported"
A_TENTH = 10  # of the most that is paid: an example of less tests the price of one result


class Beginning(NamedTuple):
    """Results to begin from.

    Attributes:
        name: of the worked example, or :data:`REAL`.
        results: one for each metric, cohort and period.
    """

    name: str
    results: tuple[Result, ...]


def beginnings(contract: Contract) -> tuple[Beginning, ...]:
    """Return what a contract's grid can begin from, the one that says most first.

    What was really reported says most; then what gives results of the most metrics, in the most periods. A worked
    example that gives claims, or that is written for other periods or metrics than the contract has, is none.
    """
    found = sorted(
        [*_real(contract), *_examples(contract)], key=_said
    )  # of two that are as full the earlier comes first
    as_full = [one for one in found if _said(one) == _said(found[0])]
    first = _most_telling(contract, as_full) if len(as_full) > 1 else 0
    return (found[first], *found[:first], *found[first + 1 :]) if found else ()


def _said(one: Beginning) -> tuple[bool, int, int, int]:
    """Tell how much results say, the least for those that say most."""
    metrics, periods = {result.metric for result in one.results}, {result.period for result in one.results}
    return one.name != REAL, -len(metrics), -len(periods), -len(one.results)


def _most_telling(contract: Contract, some: Sequence[Beginning]) -> int:
    """Return the place of the first of some that shows the contract at work rather than tests one of its terms.

    It pays something, no limit cuts it, and it pays more than a small part of what the best of them does. Where nothing
    is paid on any, or nobody can say what is, the first is as good as another.
    """
    made = [_paid(contract, one) for one in some]
    paying = [(place, one) for place, one in enumerate(made) if one is not None and one.total > 0]
    uncut = [(place, one) for place, one in paying if not one.unpaid() and not one.unpaid_units()]
    kept = uncut or paying
    most = max((one.total for _, one in kept), default=0)
    return next((place for place, one in kept if one.total * A_TENTH >= most), 0)


def _paid(contract: Contract, one: Beginning) -> Account | None:
    try:
        return pay(contract, one.results)
    except Refused:  # something that it depends on is unknown
        return None


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
