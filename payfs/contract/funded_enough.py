"""Whether a stack brings in what its costs need, before anything is paid for results."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from fractions import Fraction

from payfs.capital.cash import EPOCH, day_number
from payfs.capital.dates import Dated
from payfs.capital.stack import needed_draws
from payfs.capital.written import Capital, Tranche
from payfs.contract.funded_parts import costs_by_day
from payfs.money import Currency
from payfs.periods import Day
from payfs.spec import Problem, Unknown

LAST_DAY = day_number(Day.on(datetime.date.max))


def enough_problems(capital: Capital, paid: int, money: Currency) -> Iterator[Problem]:
    """Find pools that cannot pay their costs on the day on which they fall due, before the first payment.

    Args:
        capital: the stack.
        paid: the day of the first payment under the rules [days since 1970-01-01].
        money: the contract's currency.
    """
    for pool, written in capital.pots.items():
        fed = any(pool in (other.surplus or {}) for other in capital.pots.values())
        comes_in = written.receives or (written.receives is None and len(capital.pots) == 1) or fed
        first = paid if comes_in else LAST_DAY  # where nothing comes in, all costs must be drawn
        mine = [t for t in capital.tranches.values() if capital.pool_of(t.pool) == pool and not t.in_kind]
        lenders = [tranche for tranche in mine if tranche.paid_by is None]
        if any(not _known(tranche, first) for tranche in lenders):
            continue
        ended = capital.terminated
        stops = day_number(ended.on) if ended is not None and ended.if_ is None else LAST_DAY  # the service stops
        costs: dict[int, Fraction] = {}
        for cost in capital.costs.values():
            for day, amount in costs_by_day(cost) if capital.pool_of(cost.pool) == pool else ():
                if day < first and day <= stops:
                    costs[day] = costs.get(day, Fraction(0)) + amount
        worst = max(_short(lenders, costs), key=lambda row: row[1] - row[2], default=None)
        if worst is not None and worst[1] > worst[2]:
            day, needed, there = worst
            show, when = money.rate, Day.on(EPOCH + datetime.timedelta(days=day))
            what = f"costs come to {show(needed)} by {when}, {'before the first' if comes_in else 'and no'} payment"
            what += f"{'' if comes_in else ' comes in'}, but only {show(there)} may be drawn by then"
            yield Problem(("costs",), what, f"find {show(needed - there)} more, or correct the costs or the draws")


def _known(tranche: Tranche, first: int) -> bool:
    """Whether it is known what may be drawn before a day."""
    if isinstance(tranche.draws, Dated):
        return not any(isinstance(amount, Unknown) for day, amount in tranche.draws.items() if day_number(day) < first)
    return not isinstance(tranche.commitment, Unknown)


def _short(lenders: list[Tranche], costs: dict[int, Fraction]) -> Iterator[tuple[int, Fraction, Fraction]]:
    """Yield for each day on which costs fall due what they come to by then, and what may be drawn for them.

    What is drawn as costs need it ends on its last day: what is left of the commitment then pays no later cost.
    """
    left = [Fraction(tranche.commitment) if needed_draws(tranche) else Fraction(0) for tranche in lenders]
    needed = drawn = Fraction(0)
    for day, amount in sorted(costs.items()):
        needed += amount
        dated = sum((_dated(tranche, day) for tranche in lenders), Fraction(0))
        open_ = [place for place, tranche in enumerate(lenders) if left[place] and day <= _until(tranche)]
        room = sum((left[place] for place in open_), Fraction(0))
        more = min(max(needed - dated - drawn, Fraction(0)), room)
        for place in open_:  # in proportion to what is left of the commitments
            left[place] -= more * left[place] / room
        drawn += more
        yield day, needed, dated + drawn


def _dated(tranche: Tranche, day: int) -> Fraction:
    """Return what is drawn by a day whatever costs need; all of it where nobody knows when."""
    if isinstance(tranche.draws, Dated):
        return sum((amount for on, amount in tranche.draws.items() if day_number(on) <= day), Fraction(0))
    return Fraction(0) if needed_draws(tranche) else Fraction(tranche.commitment)


def _until(tranche: Tranche) -> int:
    """Return the last day on which a tranche may be drawn as costs need it."""
    early = tranche.redeemed.on if tranche.redeemed is not None and tranche.redeemed.if_ is None else None
    days = [day_number(day) for day in (tranche.draws_until, tranche.matures, early) if day is not None]
    return min(days, default=LAST_DAY)
