"""Where one holder gets all that comes in, on the day on which it does, nothing has to be poured to know what it earns.

Which part of it is interest, principal or surplus is for the waterfall to say (:mod:`payfs.capital.pour`); what goes in
and what comes back is the same, and a law of the tests.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from payfs.capital.cash import Cash, day_number
from payfs.capital.dates import AS_CASH_COMES, Dated
from payfs.capital.stack import Stack
from payfs.capital.written import Capital
from payfs.money import Array, Currency, Rounding
from payfs.spec import Unknown


class Straight(NamedTuple):
    """What one tranche puts in and gets back.

    Attributes:
        tranche: its name.
        days: of each date of the stack [days since 1970-01-01].
        put_in: (dates, 1) [minor units].
        back: (dates, paths) [minor units].
    """

    tranche: str
    days: Array
    put_in: Array
    back: Array


def all_to_one(spec: Capital) -> str | None:
    """Return the tranche that gets all that comes in as it comes in, by the words of the stack; None if none does."""
    others = spec.costs or spec.reserves or spec.guarantees or spec.spending or spec.terminated
    if others or len(spec.tranches) != 1 or len(spec.pots) != 1:
        return None
    (name, tranche), pool = next(iter(spec.tranches.items())), next(iter(spec.pots.values()))
    ends_early = tranche.most is not None or tranche.redeemed is not None
    beside = tranche.paid_by is not None or tranche.receives or tranche.in_kind or tranche.kind == "grant"
    whole = (pool.surplus or {}).get(name) == 1 and pool.surplus_paid == AS_CASH_COMES
    dated = isinstance(tranche.draws, Dated) and not isinstance(tranche.commitment, Unknown)
    return name if whole and dated and not ends_early and not beside else None


class Way(NamedTuple):
    """How all that comes in goes to one tranche, laid out in time: the same for whatever comes in on the same days.

    Attributes:
        tranche: its name.
        days: of each date of the stack [days since 1970-01-01].
        put_in: (dates, 1) [minor units].
        come: for each date, which of which receipts come in then: the places of the receipt and of its day.
    """

    tranche: str
    days: Array
    put_in: Array
    come: tuple[tuple[tuple[int, int], ...], ...]

    def along(self, cash: Cash) -> Straight | None:
        """Let cash take the way; None where it is clawed back, and has to wait for what comes in later."""
        kind = cash.receipts[0].amounts.dtype
        back = np.empty((len(self.days), cash.paths), dtype=kind)
        for row, places in zip(back, self.come, strict=True):
            parts = [cash.receipts[receipt].amounts[place] for receipt, place in places]
            if len(parts) < 2:
                row[:] = parts[0] if parts else 0
                continue
            np.add(parts[0], parts[1], out=row)
            for part in parts[2:]:
                row += part
        if back.size and int(back.min()) < 0:
            return None
        return Straight(self.tranche, self.days, self.put_in.astype(kind), back)


def way(cash: Cash, spec: Capital, money: Currency, rounding: Rounding) -> Way | None:
    """Return the way of all that comes in, whatever it comes to; None where the stack has to be poured.

    Args:
        cash: what the payers pay, of which only the days are looked at.
        spec: the stack as written.
        money: the contract's currency.
        rounding: how the contract rounds.

    Raises:
        UnknownTerm: an amount that is drawn is unknown.
    """
    name = all_to_one(spec)
    undated = any(gap is not None for receipt in cash.receipts for gap in receipt.gaps)
    if name is None or undated or cash.until is not None or not cash.receipts:
        return None
    stack, tranche = Stack(spec, money, rounding, cash), spec.tranches[name]
    rows = {moment.day: row for row, moment in enumerate(stack.moments)}
    drawn = [0] * len(rows)
    left = stack.minor(tranche.commitment, "tranches", name, "commitment")
    assert isinstance(tranche.draws, Dated)
    for day, amount in sorted(tranche.draws.items(), key=lambda item: day_number(item[0])):
        if day_number(day) <= stack.ends:
            more = min(left, stack.minor(amount, "tranches", name, "draws", str(day.written)))
            drawn[rows[day_number(day)]] += more
            left -= more
    come: list[list[tuple[int, int]]] = [[] for _ in rows]
    rules = {receipt.rule for receipt in stack.receipts_of(next(iter(spec.pots)))}
    for number, receipt in enumerate(cash.receipts):
        for place, on in enumerate(receipt.days if receipt.rule in rules else ()):
            come[rows[on]].append((number, place))
    put_in = np.array(drawn, dtype=cash.receipts[0].amounts.dtype).reshape(-1, 1)
    return Way(name, np.array(list(rows), dtype=np.int64), put_in, tuple(map(tuple, come)))
