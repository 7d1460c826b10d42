"""The provider's cash by month: what it had, what came in, what went out, what is left.

Amounts are whole minor units, (months, paths); one case is a batch of one path. Within a month costs go out before
outcome payments come in, so that the lowest balance of a month is what is left without its payments.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

import numpy as np

from payfs.capital.cash import EPOCH
from payfs.contract import Contract
from payfs.forecast.plan import Plan
from payfs.investment import cash_of, invest_statement
from payfs.money import Array, sum_over
from payfs.spec import Unknown
from payfs.statement import Statement
from payfs.text import Path, Refused
from payfs.unknowns import unknown_finding

NEVER = -1


class Unfunded(Refused):
    """The money of the capital stack cannot be counted: something that it needs is unknown or missing."""


class Movements(NamedTuple):
    """Money that comes to the provider, or goes from it where it is below 0; arrays are (dates, paths).

    Attributes:
        days: of each date [days since 1970-01-01].
        known: whether a source gives the day.
        payments: outcome payments [minor units].
        others: what moves in the capital stack beside them [minor units].
        spent: of others, what the stack says that the provider spends, as amounts above 0 [minor units].
    """

    days: Array
    known: Array
    payments: Array
    others: Array
    spent: Array


@dataclass(frozen=True)
class ProviderCash:
    """The provider's cash by month; arrays are (months, paths) unless something else is said [minor units].

    Attributes:
        party: whose cash it is.
        months: the first day of each.
        opening: before the first month.
        paid: outcome payments that come in.
        other: what else comes in.
        out: what goes out: costs, and outcome payments that are paid back.
        costs: what all costs come to, (paths,).
        payments: what all outcome payments come to, those of an unknown day too, (paths,).
        undated: outcome payments of which no source says when they come, so that they are in no month, (paths,).
        undated_others: likewise what moves in the capital stack.
    """

    party: str
    months: tuple[date, ...]
    opening: int
    paid: Array
    other: Array
    out: Array
    costs: Array
    payments: Array
    undated: Array
    undated_others: Array

    @cached_property
    def closing(self) -> Array:
        """What is left at the end of each month."""
        result: Array = self.opening + np.cumsum(self.paid + self.other - self.out, axis=0)
        return result

    @cached_property
    def before(self) -> Array:
        """What is there at the beginning of each month."""
        result: Array = np.concatenate([np.full_like(self.closing[:1], self.opening), self.closing[:-1]])
        return result

    @cached_property
    def low(self) -> Array:
        """The least that there is within each month: before its outcome payments come in."""
        result: Array = np.minimum(self.before + self.other - self.out, self.closing)
        return result

    @property
    def lowest(self) -> Array:
        """The least that there ever is, (paths,)."""
        result: Array = self.low.min(axis=0)
        return result

    @property
    def lowest_in(self) -> Array:
        """The place of the month in which that is first so, (paths,)."""
        result: Array = self.low.argmin(axis=0)
        return result

    @property
    def below_in(self) -> Array:
        """The place of the first month with less than nothing, (paths,); :data:`NEVER` where there is none."""
        below = self.low < 0
        return np.where(below.any(axis=0), below.argmax(axis=0), NEVER)

    @property
    def end(self) -> Array:
        """What is left in the end, (paths,)."""
        result: Array = self.closing[-1]
        return result

    @property
    def covered(self) -> Array:
        """Whether outcome payments cover all costs, (paths,)."""
        result: Array = self.payments >= self.costs
        return result

    @property
    def lasts(self) -> Array:
        """Whether there is never less than nothing, (paths,)."""
        result: Array = self.lowest >= 0
        return result


def provider_cash(contract: Contract, made: Statement, plan: Plan) -> ProviderCash:
    """Work out the provider's cash on a statement, of however many paths.

    Raises:
        Unfunded: the stack is to be looked at, and something that it needs is unknown or missing.
    """
    moved = _stack(contract, made, plan) if plan.stack else _paid(contract, made, plan)
    known, dates = moved.known, [EPOCH + timedelta(days=day) for day in moved.days.tolist()]
    there = (moved.payments != 0).any(axis=1) | (moved.others != 0).any(axis=1)
    months = _months(contract, plan, [day for day, kept in zip(dates, known & there, strict=True) if kept])
    places = {month: place for place, month in enumerate(months)}
    shape = (len(months), moved.payments.shape[1])
    paid, other, out = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    for row in np.flatnonzero(known & there).tolist():
        at = places[dates[row].replace(day=1)]
        paid[at] += np.maximum(moved.payments[row], 0)
        other[at] += np.maximum(moved.others[row], 0)
        out[at] += np.maximum(-moved.payments[row], 0) + np.maximum(-moved.others[row], 0)
    for cost in plan.costs:
        out[places[cost.first] : places[cost.last] + 1] += cost.amount
    for income in plan.income:
        other[places[income.on.replace(day=1)]] += income.amount
    return ProviderCash(
        plan.party,
        months,
        plan.opening,
        paid,
        other,
        out,
        _in_all(moved.spent) + plan.spent,
        _in_all(moved.payments),
        _in_all(moved.payments[~known]),
        _in_all(moved.others[~known]),
    )


def _in_all(amounts: Array) -> Array:
    result: Array = sum_over(amounts, 0)[0] if len(amounts) else np.zeros(amounts.shape[1], dtype=np.int64)
    return result


def _paid(contract: Contract, made: Statement, plan: Plan) -> Movements:
    """Return the outcome payments to the provider, each on its date or so many days after it."""
    mine = [one for one in cash_of(contract, made).after(plan.delay).receipts if one.payee == plan.party]
    paths = made.measured.paths
    if not mine:
        none = np.zeros((0, paths), dtype=np.int64)
        return Movements(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool), none, none, none)
    days = np.array([day for one in mine for day in one.days], dtype=np.int64)
    known = np.array([gap is None for one in mine for gap in one.gaps], dtype=bool)
    amounts = np.concatenate([np.broadcast_to(one.amounts, (len(one.days), paths)) for one in mine])
    return Movements(days, known, amounts, np.zeros_like(amounts), np.zeros_like(amounts))


def _stack(contract: Contract, made: Statement, plan: Plan) -> Movements:
    """Return what comes to the provider and goes from it where payments are poured through the capital stack."""
    gaps = undrawn(contract)
    if gaps:  # what is put in would be nothing, and what comes back of it would not
        raise Unfunded(unknown_finding(contract, path) for path in gaps)
    try:
        poured = invest_statement(contract, made, late=plan.delay)
    except Refused as refused:
        raise Unfunded(refused.findings) from None
    flows, paths = poured.flows, made.measured.paths
    payments, spent = (
        np.broadcast_to(flows.total(wanted), (len(flows.days), paths))
        for wanted in (
            lambda flow: flow.kind == "payment" and flow.target == plan.party,
            lambda flow: flow.kind == "spending" and flow.source == plan.party,
        )
    )
    others = poured.cash_of_party(plan.party) - payments
    return Movements(flows.days, flows.known, payments, others, spent)


def undrawn(contract: Contract) -> tuple[Path, ...]:
    """Return the places of what a contract does not say of the money that is put in: how much it is, and when."""
    found: list[Path] = []
    for name, tranche in (contract.spec.capital.tranches if contract.spec.capital is not None else {}).items():
        if isinstance(tranche.draws, Unknown):
            keys = ("commitment", "draws") if isinstance(tranche.commitment, Unknown) else ("draws",)
            found += [("capital", "tranches", name, key) for key in keys]
    return tuple(found)


def _months(contract: Contract, plan: Plan, dates: list[date]) -> tuple[date, ...]:
    """Return every month from the first in which anything happens to the last, those of the contract among them."""
    days = [*dates, *_planned(plan), *(period.start.date for period in contract.periods)]
    days += [period.end.date for period in contract.periods]
    first, last = min(days).replace(day=1), max(days).replace(day=1)
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return tuple(
        date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1) for n in range(count)
    )


def _planned(plan: Plan) -> Iterator[date]:
    for cost in plan.costs:
        yield from (cost.first, cost.last)
    yield from (income.on for income in plan.income)


def stack_moves(contract: Contract, party: str) -> bool:
    """Whether a contract's capital stack says of money of a party's that is no outcome payment."""
    spec = contract.spec.capital
    if spec is None:
        return False
    spends = spec.spending is not None and spec.spending.provider == party
    return spends or any(tranche.paid_by == party for tranche in spec.tranches.values())


def receivers(contract: Contract) -> tuple[str, ...]:
    """Return the parties whose cash can be looked at: service providers that are paid, others that are paid, others."""
    spec = contract.spec
    cohorts = [None, *(spec.population.cohorts or {})]
    paid = {spec.payee_of(contract.rule(rule), cohort) for rule in contract.rules for cohort in cohorts}
    provides = [name for name, party in spec.parties.items() if "service provider" in party.role]
    listed = [name for name in provides if name in paid]
    listed += [name for name in spec.parties if name in paid]
    return tuple(dict.fromkeys([*listed, *provides]))
