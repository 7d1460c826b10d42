"""Where what is due of a payee goes on to: payments that come into the capital's pool, and what stays there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from payfs.capital.written import Capital
from payfs.contract.written import ContractSpec
from payfs.report.phrases import listed
from payfs.report.simulation_text import Telling
from payfs.simulate.labels import of_kind
from payfs.spec import spoken


def pooled(told: Telling) -> dict[str, str]:
    """Return the rules whose payments come into a pool, each with its pool."""
    capital = told.run.worked.contract.spec.capital
    if capital is None:
        return {}
    direct = {rule for tranche in capital.tranches.values() for rule in tranche.receives}
    found: dict[str, str] = {}
    for name, pool in capital.pots.items():
        alone = list(told.run.worked.contract.rules) if len(capital.pots) == 1 else []
        found |= {rule: name for rule in (alone if pool.receives is None else pool.receives) if rule not in direct}
    return found


def goes_on(spec: ContractSpec, pools: Sequence[str]) -> str:
    """Say into which pools something goes, and who is paid from there."""
    assert spec.capital is not None
    named = f"the pool{'s' if len(pools) > 1 else ''} {listed(map(spoken, pools))}"
    names = [spec.parties[holder].name for holder in _holders(spec.capital, pools)]
    paid = f", from which {listed(names)} {'are' if len(names) > 1 else 'is'} paid" if names else ""
    return f"{'the pool of the capital' if spec.capital.pools is None else named}{paid}"


def kept_said(told: Telling) -> Iterator[str]:
    """Say how much of what comes into each pool stays there for nobody, where the tranches alone are paid from it."""
    spec, into = told.run.worked.contract.spec, pooled(told)
    capital = spec.capital
    if capital is None or capital.costs or capital.reserves or capital.guarantees:
        return
    rules, received = of_kind(told.meanings, "rule"), of_kind(told.meanings, "received")
    for name in dict.fromkeys(into.values()):
        mine = _tranches(capital, [name])
        if capital.pots[name].surplus or any(capital.tranches[one].receives for one in mine):
            continue
        comes = sum(told.risk[label].figures["mean"].value for label, rule in rules.items() if into.get(rule) == name)
        goes = sum(told.risk[label].figures["mean"].value for label, tranche in received.items() if tranche in mine)
        if {*mine} <= {*received.values()} and round(comes - goes) > 0:
            yield (
                f"{told.shown.said(comes - goes)} on average stays in {goes_on(spec, [name]).partition(',')[0]} for "
                "nobody: the contract does not say whose the surplus is."
            )


def _tranches(capital: Capital, pools: Sequence[str]) -> list[str]:
    return [name for name, one in capital.tranches.items() if not one.paid_by and capital.pool_of(one.pool) in pools]


def _holders(capital: Capital, pools: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(who for name in _tranches(capital, pools) for who in capital.tranches[name].shares))
