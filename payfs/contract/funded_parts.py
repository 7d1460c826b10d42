"""What single parts of a capital stack say wrongly, and what they come to."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from payfs.capital.cash import EPOCH, day_number
from payfs.capital.dates import NEVER, Dated
from payfs.capital.stack import last_days, pays_success
from payfs.capital.written import Budget, Capital, Tranche
from payfs.periods import Day
from payfs.spec import Figure, Problem, Spec

At = tuple[str | int, ...]
CLAIMS = ("interest", "principal", "success")
LATEST = ("on", "to", "matures", "released", "deposited", "draws_until", "repaid_from")


def written_keys(at: At, value: object) -> Iterator[tuple[At, str, Any]]:
    """Yield every key of a stack that is written: where it stands, and what it holds."""
    if isinstance(value, Spec):
        for name, field in type(value).model_fields.items():
            key, inner = field.alias or name, getattr(value, name)
            if inner is not None and name in value.model_fields_set:
                yield at, key, inner
                yield from written_keys((*at, key), inner)
    elif isinstance(value, (dict, tuple)) and not isinstance(value, (Dated, Figure)):
        for part, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from written_keys((*at, part), inner)


def below_nothing_problems(at: At, capital: Capital) -> Iterator[Problem]:
    """Find amounts and rates that are less than nothing."""
    for path, key, value in written_keys(at, capital):
        size = value.value if isinstance(value, Figure) else value
        if (
            isinstance(size, Fraction)
            and size < 0
            and key not in ("commitment", "at", "from", "above", "below", "up_to")
        ):
            yield Problem((*path, key), "the figure is less than nothing", "write one of at least 0")


def grant_problems(tranche: Tranche) -> Iterator[Problem]:
    """Find terms of repayment in a grant, which is not repaid."""
    if tranche.kind == "grant":
        for key in ("interest", "repaid_from", "matures", "owed", "success", "most", "redeemed"):
            if getattr(tranche, key) is not None:
                remedy = "take this out, or say kind: recoverable grant"
                yield Problem((key,), "a grant is not repaid and earns nothing", remedy)


def owed_claims(capital: Capital, pool: str) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield what a pool's order has to serve, with the words for it."""
    for name, cost in capital.costs.items():
        if capital.pool_of(cost.pool) == pool:
            yield ("cost", name), name
    for name, reserve in capital.reserves.items():
        if capital.pool_of(reserve.pool) == pool:
            yield ("reserve", name), name
    for name, tranche in capital.tranches.items():
        if capital.pool_of(tranche.pool) != pool or tranche.kind == "grant" or tranche.paid_by is not None:
            continue
        if tranche.interest is not None and not tranche.interest.capitalised:
            yield ("interest", name), f"interest of {name}"
        if tranche.repaid != NEVER:
            yield ("principal", name), f"principal of {name}"
        if pays_success(capital, name):
            yield ("success", name), f"success of {name}"


def stretch_problems(every: str, first: Day, last: Day) -> Iterator[Problem]:
    """Find stretches of time that hold no whole number of months, quarters, half-years or years."""
    days = list(last_days(every, first, last))
    if last.date < first.date:
        yield Problem(("to",), "it ends before it begins", "exchange the two dates")
    elif not days:
        yield Problem(("to",), f"it ends before a whole {every} is over", "correct the dates")
    elif days[-1] != day_number(last):
        ended = Day.on(EPOCH + datetime.timedelta(days=days[-1]))
        what = f"it ends within a {every}: the last that is whole ends on {ended}"
        yield Problem(("to",), what, f"write to: {ended.written}, or the end of the next {every}")


def budget_problems(spec: Budget) -> Iterator[Problem]:
    """Find budgets that are said twice, in part, or for a stretch of time that there is not."""
    parts = [spec.every, spec.from_, spec.to, spec.amount]
    if (spec.amounts is None) == all(part is None for part in parts):
        what = "the amounts are said twice, or not at all"
        yield Problem((), what, "say amounts by date, or amount, every, from and to")
    elif spec.amounts is None and any(part is None for part in parts):
        yield Problem((), "the budget is not whole", "say amount, every, from and to")
    elif spec.every is not None and spec.from_ is not None and spec.to is not None:
        yield from stretch_problems(spec.every, spec.from_, spec.to)


def costs_by_day(cost: Budget) -> Iterator[tuple[int, Fraction]]:
    """Yield what is known of a cost: the day [days since 1970-01-01] and the amount [units of the currency]."""
    if cost.amounts is not None:
        yield from ((day_number(day), amount) for day, amount in cost.amounts.items() if isinstance(amount, Fraction))
    elif cost.every and cost.from_ and cost.to and isinstance(cost.amount, Fraction):
        yield from ((day, cost.amount) for day in last_days(cost.every, cost.from_, cost.to))
