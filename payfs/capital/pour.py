"""The waterfall: every party's right is a claim on cash with an amount due, a priority and a limit, date by date.

It loops over dates and claims, never over paths: amounts are whole minor units, (paths,), and one case is a batch of
one path. What comes into a pool or is drawn is paid out or kept, to the cent.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from payfs.capital.book import Book, Facts
from payfs.capital.cash import Cash, Moment, day_number
from payfs.capital.claims import TrancheState
from payfs.capital.flows import CashFlows, Kind
from payfs.capital.guarantees import Guarantees
from payfs.capital.stack import Stack, Step, needed_draws, scheduled
from payfs.capital.surplus import share_out
from payfs.capital.written import Capital
from payfs.money import Array, Currency, Rounding, split
from payfs.spec import UnknownTerm, written_share
from payfs.text import Path

SERVICE = "the service"


class Waterfall:
    """One stack being poured."""

    def __init__(self, spec: Capital, cash: Cash, money: Currency, rounding: Rounding) -> None:
        """Lay everything out and set all balances to nothing."""
        self.stack = Stack(spec, money, rounding, cash)
        self.spec, self.cash = spec, cash
        self.moments = self.stack.moments
        kind = next((r.amounts.dtype for r in cash.receipts), np.dtype(np.int64))
        self.zero: Array = np.zeros(cash.paths, dtype=kind)
        self.book = Book(len(self.moments), self.zero, money)
        # a pool holds what was drawn for the service apart from what was paid for results
        self.drawn = dict.fromkeys(spec.pots, self.zero)
        self.earned = dict.fromkeys(spec.pots, self.zero)
        self.reserved = dict.fromkeys(spec.reserves, self.zero)
        self.arrears = dict.fromkeys(spec.costs, self.zero)
        self.costs = {name: scheduled(cost, ("costs", name)) for name, cost in spec.costs.items()}
        self.spending = scheduled(spec.spending, ("spending",)) if spec.spending is not None else {}
        self.guarantees = Guarantees(self.stack, self.book, self.zero)
        self.through = {pool: name for pool in spec.pots if (name := self.stack.passes_through(pool)) is not None}
        self.tranches = {name: TrancheState.of(name, self.stack, self.zero) for name in spec.tranches}
        self.order = self._pools_in_order()
        self.steps = {pool: self.stack.steps(pool) for pool in spec.pots}
        self.into = {id(receipt): pool for pool in spec.pots for receipt in self.stack.receipts_of(pool)}
        self.direct = {rule: name for name, tranche in spec.tranches.items() for rule in tranche.receives}
        shape = (len(self.moments), cash.paths)
        self.kept = {name: np.zeros(shape, dtype=kind) for name in (*spec.pots, *self.guarantees.deposits)}
        self.outstanding = {name: np.zeros(shape, dtype=kind) for name in spec.tranches}
        self.in_reserve = {name: np.zeros(shape, dtype=kind) for name in spec.reserves}

    def pour(self) -> CashFlows:
        """Go through the dates."""
        for row, moment in enumerate(self.moments):
            self._run_to(moment)
            self._come_in(row, moment)
            for state in self.tranches.values():
                state.fall_due(moment, moment.day >= self.stack.ends)
            self._outside(row, moment)
            self.called: set[str] = set()
            for place, pool in enumerate(self.order):
                self._pool(pool, row, moment, {*self.order[: place + 1]})
            self._spend(row, moment)
            for pool in self.spec.pots:
                self.kept[pool][row] = self.drawn[pool] + self.earned[pool] + self._in_reserves(pool)
            for name, held in self.guarantees.deposits.items():
                self.kept[name][row] = held
            for name, state in self.tranches.items():
                self.outstanding[name][row] = state.outstanding
            for name, held in self.reserved.items():
                self.in_reserve[name][row] = held
        return CashFlows(
            np.array([moment.day for moment in self.moments], dtype=np.int64),
            np.array([moment.gap is None for moment in self.moments], dtype=bool),
            tuple(self.book.flows()),
            self.kept,
            self.outstanding,
            self.in_reserve,
            {name: state.undrawn for name, state in self.tranches.items()},
            self.arrears,
            {name: state.payable for name, state in self.tranches.items()},
            {name: state.success for name, state in self.tranches.items()},
            {name: state.beyond_limit(self.moments[-1]) for name, state in self.tranches.items()},
            tuple(early for state in self.tranches.values() for early in state.early),
            self.stack.terminates,
            self.cash.until is None or self.cash.until >= self.stack.ends,
        )

    def _run_to(self, moment: Moment) -> None:
        """Let time pass; every gap that this meets is named at once."""
        gaps: dict[Path, None] = {}
        for state in self.tranches.values() if moment.day <= self.stack.ends else ():
            try:
                state.run_to(moment)
            except UnknownTerm as error:
                gaps.update(dict.fromkeys(error.paths))
        if gaps:
            raise UnknownTerm(*gaps)

    # -- what comes in

    def _come_in(self, row: int, moment: Moment) -> None:
        for receipt in self.cash.receipts:
            here = [at for at, day in enumerate(receipt.days) if (day, receipt.gaps[at]) == (moment.day, moment.gap)]
            if not here:
                continue
            amount = receipt.amounts[here].sum(axis=0)
            pool = self.into.get(id(receipt))
            tranche = self.direct.get(receipt.rule)
            if pool is not None:
                self.earned[pool] = self.earned[pool] + amount
            if tranche is not None:
                self.tranches[tranche].take(amount)
            target = pool or receipt.payee
            if tranche is not None:  # it is the holder's, whoever the rule pays
                target = self.spec.tranches[tranche].holder or tranche
            why = "due by the statement"
            self.book.write("payment", row, amount, receipt.payer, target, tranche, receipt.rule, why)
        self.guarantees.come_in(row, moment)
        for name, state in self.tranches.items():
            amount = state.scheduled_draw(moment)
            if amount is not None:
                self._draw(name, row, moment, amount, "drawn as agreed for this date")

    def _draw(self, name: str, row: int, moment: Moment, amount: Array, why: str) -> None:
        state, tranche = self.tranches[name], self.spec.tranches[name]
        pool = self.stack.pool_of(name)
        state.draw(amount, moment)
        to_service = tranche.in_kind or not any(self.stack.pool_of(cost) == pool for cost in self.spec.costs)
        target = tranche.paid_by or (self.cash.payee if to_service else pool)
        if tranche.in_kind:
            target, why = SERVICE, "put in by not being paid, so that no cash moves"
        if target == pool:
            self.drawn[pool] = self.drawn[pool] + amount
        source = tranche.holder or name
        facts = {"drawn": state.drawn, "commitment": state.commitment}
        said_ = f"{why}: {{drawn}} drawn so far, of {{commitment}}"
        self.book.write("draw", row, amount, source, target, name, name, said_, facts, tranche.in_kind)

    # -- one pool

    def _pool(self, pool: str, row: int, moment: Moment, served: set[str]) -> None:
        last = moment.day >= self.stack.ends
        for name in (name for name in self.costs if self.stack.pool_of(name) == pool):
            if moment.gap is None:
                due = self.costs[name].get(moment.day, 0)
                minor = self.stack.minor(due, "costs", name)
                self.arrears[name] = self.arrears[name] + minor * self.stack.goes_on(moment.day)
        self._free_what_was_drawn(pool, moment)
        self._draw_what_is_needed(pool, row, moment)
        self._release(pool, row, moment, last)
        if pool in self.through:
            self._pass_through(pool, row)
        for step in self.steps[pool] if pool not in self.through else ():
            self._serve(step, pool, row, moment)
        self.guarantees.make_up(row, moment, served, self.called, self.tranches)
        if pool in self.through:
            return
        if last or self.spec.pots[pool].surplus_paid == "as cash comes":
            self._surplus(pool, row, moment)

    def _free_what_was_drawn(self, pool: str, moment: Moment) -> None:
        """Let what was drawn pay whatever is due where no costs need it any more."""
        free = self.stack.free(pool, moment)
        self.earned[pool] = self.earned[pool] + self.drawn[pool] * free
        self.drawn[pool] = self.drawn[pool] * ~free

    def _draw_what_is_needed(self, pool: str, row: int, moment: Moment) -> None:
        """Draw what costs need beyond what the pool holds, in proportion to what is left of the commitments."""
        lenders = [n for n, t in self.spec.tranches.items() if needed_draws(t) and self.stack.pool_of(n) == pool]
        if not lenders or moment.gap is not None:
            return
        due = sum((self.arrears[name] for name in self.costs if self.stack.pool_of(name) == pool), start=self.zero)
        need = np.maximum(due - self._cash("cost", pool), 0)
        rooms = [self.tranches[name].room_at(moment) for name in lenders]
        amount = np.minimum(need, sum(rooms, start=self.zero))
        if amount.any():
            for name, part in zip(lenders, split(amount, rooms), strict=True):
                self._draw(name, row, moment, part, "drawn because the costs need it")

    def _pass_through(self, pool: str, row: int) -> None:
        """Hand everything on to the one tranche that all of it belongs to, of which nobody knows what was put in."""
        name, amount = self.through[pool], self.earned[pool]
        self.earned[pool] = self.zero
        self.tranches[name].take(amount)
        self._pay("handed on", name, pool, row, amount, "all that came in for the tranche, whatever was put in")

    def _serve(self, step: Step, pool: str, row: int, moment: Moment) -> None:
        """Pay one step of the priority as far as the cash goes."""
        dues = [self._due(step.kind, name, moment) for name in step.names]
        if not any(due.any() for due in dues):
            return
        cash = self._cash(step.kind, pool)
        wanted = sum(dues, start=self.zero)
        parts = dues if not (wanted > cash).any() else split(np.minimum(wanted, np.maximum(cash, 0)), dues)
        for name, due, part in zip(step.names, dues, parts, strict=True):
            self._take(step.kind, pool, row, part)
            self._settle(step.kind, name, pool, row, moment, due, part, cash)

    def _due(self, kind: str, name: str, moment: Moment) -> Array:
        if kind == "cost":
            return self.arrears[name]
        if kind == "reserve":
            target = self.stack.minor(self.spec.reserves[name].target, "reserves", name, "target")
            released = self.spec.reserves[name].released
            over_ = moment.day >= (day_number(released) if released is not None else self.stack.ends)
            goes_on = self.stack.goes_on(moment.day + 1)
            return self.zero if over_ else np.maximum(target - self.reserved[name], 0) * goes_on
        return self.tranches[name].due(kind, moment)

    def _cash(self, kind: str, pool: str) -> Array:
        """Return what may be used: what was drawn for the service, and reserves, pay for some things only.

        What is taken back of payments leaves a hole in what came in, which neither of the two fills.
        """
        if kind not in ("cost", "interest"):
            return self.earned[pool]
        cash = np.maximum(self.earned[pool], 0) + self._in_reserves(pool)
        return cash + self.drawn[pool] if kind == "cost" else cash

    def _take(self, kind: str, pool: str, row: int, amount: Array) -> None:
        """Take cash out of a pool: what was drawn for it first, then what was earned, then reserves."""
        left = amount
        if kind == "cost":
            part = np.minimum(left, self.drawn[pool])
            self.drawn[pool], left = self.drawn[pool] - part, left - part
        part = np.minimum(left, np.maximum(self.earned[pool], 0)) if kind in ("cost", "interest") else left
        self.earned[pool], left = self.earned[pool] - part, left - part
        for name in self.reserved:
            if self.stack.pool_of(name) == pool:
                part = np.minimum(left, self.reserved[name])
                self._set_aside(pool, name, row, -part, "taken to pay for what nothing else was left for")
                left = left - part

    def _settle(
        self, kind: str, name: str, pool: str, row: int, moment: Moment, due: Array, part: Array, cash: Array
    ) -> None:
        facts = {"due": due, "cash": cash, "short": due - part}
        if kind == "reserve":
            why = "set aside, being {due} short of its target, out of {cash} there; [short] {short} is still missing"
            self._set_aside(pool, name, row, part, why, facts)
            return
        why = "{due} due, of {cash} there to pay it; [short] {short} stays due"
        if kind == "cost":
            self.arrears[name] = self.arrears[name] - part
            self.book.write("cost", row, part, pool, self.spec.costs[name].payee, None, name, why, facts)
            return
        state = self.tranches[name]
        if kind == "principal" and state.early:
            facts["early"] = state.due_early(due)
            why = "{due} due, of {cash} there to pay it; [early] it is due early; [short] {short} stays due"
        if self.spec.tranches[name].most is not None:
            facts["cut"] = state.claim(kind, moment) - due
            why += "; [cut] {cut} more is beyond the limit on what it earns"
        state.settle(kind, part, moment)
        self._pay(kind, name, pool, row, part, why, facts)  # type: ignore[arg-type]

    def _set_aside(self, pool: str, name: str, row: int, amount: Array, why: str, facts: Facts | None = None) -> None:
        """Move money of a pool into one of its reserves, or out of it where below 0."""
        self.reserved[name] = self.reserved[name] + amount
        self.book.write("reserve", row, amount, pool, name, None, name, why, facts, in_kind=True)

    def _pay(
        self, kind: Kind, name: str, source: str, row: int, amount: Array, why: str, facts: Facts | None = None
    ) -> None:
        tranche = self.spec.tranches[name]
        self.book.write(kind, row, amount, source, tranche.holder or name, name, name, why, facts or {})

    # -- the end, and what stands outside the pools

    def _release(self, pool: str, row: int, moment: Moment, last: bool) -> None:
        for name in self.reserved:
            day = self.spec.reserves[name].released
            released = day is not None and moment.gap is None and moment.day >= day_number(day)
            if self.stack.pool_of(name) != pool:
                continue
            amount = self.reserved[name]
            if not last and not released:
                amount = amount * ~self.stack.goes_on(moment.day + 1)
            self.earned[pool] = self.earned[pool] + amount
            self._set_aside(pool, name, row, -amount, "released, because it is no longer needed")

    def _in_reserves(self, pool: str) -> Array:
        mine = (held for name, held in self.reserved.items() if self.stack.pool_of(name) == pool)
        return sum(mine, start=self.zero)

    def _outside(self, row: int, moment: Moment) -> None:
        """Pay what a party owes by itself."""
        for name, tranche in self.spec.tranches.items():
            if tranche.paid_by is None:
                continue
            for kind in ("interest", "principal", "success"):
                due = self.tranches[name].due(kind, moment)
                self.tranches[name].settle(kind, due, moment)
                decided = ", as the results decide" if self.stack.by_result(kind, name) else ""
                facts, why = {"due": due}, f"{{due}} owed by the party itself{decided}"
                if kind == "principal" and self.tranches[name].early:
                    facts["early"], why = self.tranches[name].due_early(due), f"{why}; [early] it is due early"
                self._pay(kind, name, tranche.paid_by, row, due, why, facts)

    def _spend(self, row: int, moment: Moment) -> None:
        spending = self.spec.spending
        if spending is not None and moment.gap is None and moment.day in self.spending:
            amount = self.zero + self.stack.minor(self.spending[moment.day], "spending")
            amount = amount * self.stack.goes_on(moment.day)
            why = "what the service costs the provider"
            self.book.write("spending", row, amount, spending.provider, SERVICE, None, "spending", why)

    def _surplus(self, pool: str, row: int, moment: Moment) -> None:
        """Share out what is left; what a limit on a return cuts goes to the others that share."""
        shares = self.spec.pots[pool].surplus
        left = np.maximum(self.earned[pool], 0)
        if not shares or not left.any():
            return
        limits = {n: partial(self.tranches[n].allowed, moment=moment) for n in shares if n in self.tranches}
        for name, one in share_out(left, shares, limits).items():
            self._take("surplus", pool, row, one.paid)
            facts = {"left": left, "cut": one.cut, "stays": one.stays}
            why = f"{written_share(shares[name])} of the {{left}} that was left"
            if name in self.tranches:
                why += "; [cut] {cut} of it is beyond the limit on what it earns, and goes to the others that share"
                why += "; [stays] {stays} of it is beyond the limit on what it earns, and stays in the pool"
            more = one.paid + one.cut + one.stays - one.agreed
            facts["more"] = more
            why += "; [more] {more} is from what limits cut from others"
            if name in self.tranches:
                self.tranches[name].take(one.paid)
                self._pay("surplus", name, pool, row, one.paid, why, facts)
            else:
                if name in self.earned:
                    self.earned[name] = self.earned[name] + one.paid
                self.book.write("surplus", row, one.paid, pool, name, None, "surplus", why, facts)

    def _pools_in_order(self) -> tuple[str, ...]:
        """Return the pools, each after those whose surplus it gets."""
        feeds = {name: set(pool.surplus or {}) & set(self.spec.pots) for name, pool in self.spec.pots.items()}
        order: list[str] = []
        while len(order) < len(feeds):
            left = [name for name in feeds if name not in order]
            order.append(next(name for name in left if not any(name in feeds[o] for o in left if o != name)))
        return tuple(order)


def pour(cash: Cash, spec: Capital, money: Currency, rounding: Rounding) -> CashFlows:
    """Pour cash through a stack, for every path at once.

    Args:
        cash: what the payers pay, and the results that rates depend on.
        spec: the stack as written.
        money: the contract's currency.
        rounding: how the contract rounds.

    Raises:
        UnknownTerm: something that matters is unknown; the path is that of the term in the contract.
        NoReading: a rate or share depends on a result that was not given.
        TooLarge: an amount is beyond what can be paid exactly.
    """
    return Waterfall(spec, cash, money, rounding).pour()
