"""What one holder earns who gets all that comes in is the same as when the stack is poured."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from test_capital_laws import DAYS, HEAD, PAID, cash_of_paths, contract_of, poured

from payfs.capital.cash import Cash
from payfs.capital.straight import all_to_one, way
from payfs.contract import Contract

PLAIN: dict[str, Any] = {
    "surplus": {"loan": "100%"},
    "surplus_paid": "as cash comes",
    "tranches": {"loan": {"holder": "fund", "kind": "senior", "commitment": "1000", "draws": {"2016-01-01": "1000"}}},
}


def straight(cash, spec, money, rounding):
    """Let cash take its way, if it has one."""
    found = way(cash, spec, money, rounding)
    return None if found is None else found.along(cash)


def made(capital: dict[str, Any], rounding: str = "half up") -> Contract:
    return contract_of({**HEAD, "rounding": rounding, "capital": capital})


def stack(rng: random.Random) -> dict[str, Any]:
    """One tranche with whatever it may have: draws, interest, dates, a success payment, a loss by results."""
    days = sorted(rng.sample(DAYS, 3))
    amounts = [rng.randint(0, 900) for _ in days]
    loan: dict[str, Any] = {
        "holder": "fund",
        "kind": rng.choice(["senior", "subordinate", "first loss"]),
        "commitment": str(sum(amounts)),
        "draws": {str(day): str(amount) for day, amount in zip(days, amounts, strict=True)},
    }
    if rng.random() < 0.6:
        loan["interest"] = {"rate": f"{rng.randint(1, 12)}%", "days": "ACT/365", "due": "as cash comes"}
    if rng.random() < 0.4:
        loan["repaid_from"] = str(rng.choice(DAYS))
    if rng.random() < 0.3:
        loan["success"] = {"amount": str(rng.randint(1, 300)), "on": str(PAID[-1])}
    if rng.random() < 0.3:
        loan["repaid"] = "never"
    return {**PLAIN, "tranches": {"loan": loan}}


def cash(rng: random.Random, paths: int, kind: type = np.int64) -> Cash:
    class Case:
        def __init__(self) -> None:
            scale = rng.choice([0, 10_000, 40_000])
            self.payments = {rule: [rng.randint(0, scale) for _ in PAID] for rule in ("alpha", "beta")}
            self.scores = [rng.randint(0, 100) for _ in PAID]

    return cash_of_paths([Case() for _ in range(paths)], kind)  # type: ignore[misc]


@pytest.mark.parametrize("kind", [np.int64, object])
def test_it_puts_in_and_gets_back_what_it_does_when_the_stack_is_poured(kind: type) -> None:
    rng, gave = random.Random(7), 0
    for _ in range(60):
        contract, come = made(stack(rng), rng.choice(["half up", "down"])), cash(rng, 5, kind)
        spec = contract.spec
        assert spec.capital is not None
        assert all_to_one(spec.capital) == "loan"
        found = straight(come, spec.capital, contract.money, spec.rounding.rounding(contract.money))
        assert found is not None
        flows = poured(contract, come)
        assert (found.days == flows.days).all()
        assert flows.known.all()
        back = flows.total(lambda flow: flow.tranche == "loan" and flow.kind != "draw")
        put_in = flows.total(lambda flow: flow.tranche == "loan" and flow.kind == "draw")
        assert (found.back == back).all()
        assert (np.broadcast_to(found.put_in, put_in.shape) == put_in).all()
        gave += int(back.any())
    assert gave > 30


@pytest.mark.parametrize(
    "other",
    [
        {"surplus_paid": "at the end"},
        {"surplus": {"loan": "90%"}},
        {"costs": {"fee": {"payee": "agent", "amounts": {"2016-12-31": "10"}}}},
        {"reserves": {"spare": {"target": "10"}}},
        {"guarantees": {"cover": {"guarantor": "bank", "covers": "loan", "most": "10"}}},
        {"spending": {"provider": "provider", "opening": "5"}},
        {"tranches": {**PLAIN["tranches"], "more": {**PLAIN["tranches"]["loan"], "kind": "subordinate"}}},
        {"tranches": {"loan": {**PLAIN["tranches"]["loan"], "most": {"multiple": "1.2"}}}},
        {"tranches": {"loan": {**PLAIN["tranches"]["loan"], "receives": "alpha"}}},
        {"tranches": {"loan": {**PLAIN["tranches"]["loan"], "draws": "as needed"}}},
    ],
)
def test_where_anybody_or_anything_else_has_a_say_it_is_poured(other: dict[str, Any]) -> None:
    from payfs.capital.written import Capital

    words = {**PLAIN, **other}
    assert all_to_one(Capital.model_validate(PLAIN)) == "loan"
    assert all_to_one(Capital.model_validate(words)) is None


def test_what_is_clawed_back_waits_for_what_comes_in_and_is_poured() -> None:
    contract, come = made(PLAIN), cash(random.Random(1), 2)
    receipt = come.receipts[0]
    amounts = receipt.amounts.copy()
    amounts[3, 1] = -(10**9)
    spec = contract.spec
    assert spec.capital is not None
    owed = Cash(
        (receipt._replace(amounts=amounts), *come.receipts[1:]),
        come.readings, come.starts, come.ends, come.payee, come.paths,
    )  # fmt: skip
    assert straight(owed, spec.capital, contract.money, spec.rounding.rounding(contract.money)) is None
