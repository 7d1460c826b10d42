"""A stack laid out in time: on which dates something happens, what is scheduled then, and who comes first."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from payfs.capital.cash import EPOCH, Cash, Moment, NothingYet, Receipt, day_number, last_result
from payfs.capital.dates import AS_CASH_COMES, AS_NEEDED, Dated, Every
from payfs.capital.written import COSTS, RANKS, Budget, Capital, Guarantee, Payoff, Redemption, Termination, Tranche
from payfs.money import Currency, Rounding
from payfs.periods import Day
from payfs.periods.days import add_months
from payfs.spec import Unknown, UnknownTerm
from payfs.text import Path

MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}


def last_days(every: str, first: Day, last: Day) -> Iterator[int]:
    """Yield the last day of each month, quarter, half-year or year of a stretch of time, counted from its first day."""
    months, number = MONTHS[every], 1
    while (stop := add_months(first.date, number * months) - datetime.timedelta(days=1)) <= last.date:
        yield (stop - EPOCH).days
        number += 1


def scheduled(spec: Budget, path: Path) -> dict[int, Fraction]:
    """Return what a cost or a budget comes to by day [units of the currency].

    Raises:
        UnknownTerm: an amount is unknown.
    """
    if spec.amounts is not None:
        amounts = spec.amounts.items()
        return {day_number(day): known(amount, (*path, "amounts", day.written)) for day, amount in amounts}
    if spec.every is None or spec.from_ is None or spec.to is None:
        return {}
    amount = known(spec.amount, (*path, "amount"))
    return dict.fromkeys(last_days(spec.every, spec.from_, spec.to), amount)


def known(amount: Any, path: Path) -> Fraction:
    """Return an amount.

    Raises:
        UnknownTerm: it is unknown.
    """
    if amount is None or isinstance(amount, Unknown):
        raise UnknownTerm(("capital", *path))
    return Fraction(amount)


class Ending(NamedTuple):
    """A tranche ends early.

    Attributes:
        day: [days since 1970-01-01].
        payoff: what is owed of it then; None where all is.
        path: the place in the contract.
        happens: on which paths, (paths,).
        why: what happens.
        asked: the metric on whose result it depends; None where it does not.
    """

    day: int
    payoff: Payoff | None
    path: Path
    happens: NDArray[np.bool_]
    why: Literal["redeemed", "terminated"]
    asked: str | None


class Step(NamedTuple):
    """One step of a waterfall: what is served together, in proportion to what is due.

    Attributes:
        kind: cost | reserve | interest | principal | success.
        names: of costs, reserves or tranches.
    """

    kind: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Stack:
    """A stack, laid out for pouring.

    Attributes:
        spec: as written.
        money: the contract's currency.
        rounding: how the contract rounds.
        cash: what comes in.
    """

    spec: Capital
    money: Currency
    rounding: Rounding
    cash: Cash
    _dues: dict[str, tuple[int, ...]] = field(default_factory=dict, compare=False)
    _endings: dict[str, tuple[Ending, ...]] = field(default_factory=dict, compare=False)

    def minor(self, amount: object, *path: str | int) -> int:
        """Return an amount in minor units.

        Raises:
            UnknownTerm: it is unknown.
        """
        value = known(amount, path) * self.money.minor
        return int(value) if value.denominator == 1 else int(value + Fraction(1, 2))

    @cached_property
    def ends(self) -> int:
        """The last day on which anything is paid [days since 1970-01-01]."""
        if self.spec.ends is not None:
            return day_number(self.spec.ends)
        last = max((day for day in self._days() if day is not None), default=self.cash.ends)
        return max(last, self.cash.ends)

    @cached_property
    def moments(self) -> tuple[Moment, ...]:
        """Every date on which something happens, in order; one that no source gives has a place of its own."""
        known_days = {day for day in self._days() if day is not None} | {self.ends}
        unknown: set[Moment] = set()
        for receipt in self.cash.receipts:
            for day, gap in zip(receipt.days, receipt.gaps, strict=True):
                (known_days.add(day) if gap is None else unknown.add(Moment(day, gap)))
        for name, tranche in self.spec.tranches.items():
            if isinstance(tranche.draws, Unknown) and not isinstance(tranche.commitment, Unknown):
                unknown.add(Moment(self.cash.starts, ("capital", "tranches", name, "draws")))
        for name, guarantee in self.spec.guarantees.items():
            if isinstance(guarantee.deposited, Unknown):
                unknown.add(Moment(self.cash.starts, ("capital", "guarantees", name, "deposited")))
        if self.spec.ends is not None:  # what is scheduled later does not happen; what is paid later still comes in
            paid = {day for receipt in self.cash.receipts for day in receipt.days}
            known_days = {day for day in known_days if day <= self.ends or day in paid}
        # what has no day of its own comes in order before what happens on the same day
        moments = [*unknown, *(Moment(day) for day in known_days)]
        in_order = sorted(moments, key=lambda moment: (moment.day, moment.gap is None, moment.gap or ()))
        until = self.cash.until
        seen = tuple(moment for moment in in_order if until is None or moment.day <= until)
        if not seen:
            raise NothingYet
        return seen

    def _days(self) -> Iterator[int | None]:
        spec = self.spec
        for name, cost in spec.costs.items():
            yield from scheduled(cost, ("costs", name))
        if spec.spending is not None:
            yield from scheduled(spec.spending, ("spending",))
        for name, tranche in spec.tranches.items():
            for amounts in (tranche.draws, tranche.repaid):
                yield from map(day_number, amounts) if isinstance(amounts, Dated) else ()
            yield from self.due_days(name)
            days = [tranche.matures, tranche.repaid_from]
            days += [part.on for part in (tranche.success, tranche.redeemed) if part is not None]
            yield from (day_number(day) for day in days if day is not None)
        for guarantee in spec.guarantees.values():
            yield from (day_number(day) for day in (guarantee.on, guarantee.deposited) if isinstance(day, Day))
        yield from (day_number(r.released) for r in spec.reserves.values() if r.released)
        if spec.terminated is not None:
            yield day_number(spec.terminated.on)

    def due_days(self, name: str) -> tuple[int, ...]:
        """Return the days on which a tranche's interest is due; empty where it is due whenever cash comes."""
        if name not in self._dues:
            self._dues[name] = self._due_days(name)
        return self._dues[name]

    def _due_days(self, name: str) -> tuple[int, ...]:
        tranche = self.spec.tranches[name]
        due = tranche.interest.due if tranche.interest is not None else ()
        if isinstance(due, Every):
            return tuple(last_days(due.every, due.from_, due.to))
        if due == "at maturity":
            return (day_number(tranche.matures),) if tranche.matures is not None else ()
        return () if isinstance(due, str | Unknown) else tuple(sorted(day_number(day) for day in due))

    def endings(self, name: str) -> tuple[Ending, ...]:
        """Return how a tranche may end early, in order of time.

        Raises:
            NoReading: whether it does depends on a result that was not given.
        """
        if name not in self._endings:
            found = []
            redeemed, terminated = self.spec.tranches[name].redeemed, self.spec.terminated
            if redeemed is not None:
                path: Path = ("capital", "tranches", name, "redeemed")
                asked = redeemed.if_.metric if redeemed.if_ is not None else None
                day = day_number(redeemed.on)
                found.append(Ending(day, redeemed, path, self._met(redeemed), "redeemed", asked))
            if terminated is not None and self.spec.tranches[name].kind != "grant":
                each = () if isinstance(terminated.pays, Payoff) else (name,)
                path = ("capital", "terminated", "pays", *each)
                asked = terminated.if_.metric if terminated.if_ is not None else None
                day, payoff = day_number(terminated.on), terminated.of(name)
                found.append(Ending(day, payoff, path, self._met(terminated), "terminated", asked))
            until = self.cash.until
            self._endings[name] = tuple(
                sorted((e for e in found if until is None or e.day <= until), key=lambda ending: ending.day)
            )
        return self._endings[name]

    def _met(self, ending: Redemption | Termination) -> NDArray[np.bool_]:
        """Return on which paths an ending happens, (paths,)."""
        asked, met = ending.if_, np.ones(self.cash.paths, dtype=bool)
        late = self.cash.until is not None and day_number(ending.on) > self.cash.until
        if asked is None or late:
            return met
        values, scale = last_result(self.cash.readings, asked.metric, day_number(ending.on))
        met &= asked.from_ is None or values >= scale.steps(asked.from_)
        met &= asked.above is None or values > scale.steps(asked.above)
        met &= asked.below is None or values < scale.steps(asked.below)
        met &= asked.up_to is None or values <= scale.steps(asked.up_to)
        return met

    @cached_property
    def terminates(self) -> NDArray[np.bool_]:
        """On which paths the whole deal ends early, (paths,)."""
        terminated = self.spec.terminated
        return np.zeros(self.cash.paths, dtype=bool) if terminated is None else self._met(terminated)

    def goes_on(self, day: int) -> NDArray[np.bool_]:
        """Return on which paths the deal was not terminated before a day, (paths,)."""
        terminated = self.spec.terminated
        if terminated is None or day <= day_number(terminated.on):
            return np.ones(self.cash.paths, dtype=bool)
        return np.asarray(~self.terminates)

    def by_result(self, kind: str, name: str) -> bool:
        """Whether a result decides how much of a kind is owed of a tranche."""
        tranche, terminated = self.spec.tranches[name], self.spec.terminated
        if kind == "interest":
            return tranche.interest is not None and any(step.by is not None for step in tranche.interest.steps)
        if kind == "success":
            return tranche.success is not None and tranche.success.by is not None
        early = [tranche.redeemed, terminated.of(name) if terminated is not None else None]
        asked = [one for one in (tranche.redeemed, terminated) if one is not None and one.if_ is not None]
        return tranche.owed is not None or bool(asked) or any(one is not None and one.by is not None for one in early)

    def free(self, pool: str, moment: Moment) -> NDArray[np.bool_]:
        """Return on which paths what was drawn pays whatever is due, and not costs only, (paths,)."""
        last = self._last_costs.get(pool, 0)
        # what has no day of its own comes before what falls due on the same day
        past = moment.day > last if moment.gap is not None else moment.day >= last
        if past or moment.day >= self.ends or self.spec.pots[pool].drawn_pays != COSTS:
            return np.ones(self.cash.paths, dtype=bool)
        return np.asarray(~self.goes_on(moment.day + 1))

    @cached_property
    def _last_costs(self) -> dict[str, int]:
        """The day on which the last cost of each pool that has any falls due [days since 1970-01-01]."""
        found: dict[str, int] = {}
        for name, cost in self.spec.costs.items():
            pool = self.pool_of(name)
            found[pool] = max(found.get(pool, 0), *scheduled(cost, ("costs", name)))
        return found

    def pool_of(self, name: str) -> str:
        """Return the pool of a tranche, cost or reserve."""
        spec = self.spec
        owner = spec.tranches.get(name) or spec.costs.get(name) or spec.reserves.get(name)
        return spec.pool_of(owner.pool if owner is not None else None)

    def receipts_of(self, pool: str) -> Iterator[Receipt]:
        """Yield the payments that come into a pool."""
        direct = {rule for tranche in self.spec.tranches.values() for rule in tranche.receives}
        named = self.spec.pots[pool].receives
        alone = len(self.spec.pots) == 1
        for receipt in self.cash.receipts:
            if receipt.rule in direct:
                continue
            if receipt.rule in named if named is not None else alone:
                yield receipt

    def steps(self, pool: str) -> tuple[Step, ...]:
        """Return the order in which a pool pays."""
        order = self.spec.pots[pool].priority
        return tuple(default_steps(self.spec, pool) if order is None else written_steps(self.spec, pool, order))

    def passes_through(self, pool: str) -> str | None:
        """Return the tranche that gets all that comes into a pool, whatever was put in; None where there is none.

        Only so can a tranche be poured of which no source says what was committed.
        """
        mine = [name for name in self.spec.tranches if self.pool_of(name) == pool]
        others = [*self.spec.costs, *self.spec.reserves]
        if len(mine) != 1 or any(self.pool_of(name) == pool for name in others):
            return None
        tranche = self.spec.tranches[mine[0]]
        if not isinstance(tranche.commitment, Unknown) or self.spec.pots[pool].surplus_paid != AS_CASH_COMES:
            return None
        plain = tranche.interest is None and tranche.most is None and tranche.success is None and tranche.owed is None
        whole = (self.spec.pots[pool].surplus or {}).get(mine[0]) == 1
        return mine[0] if plain and whole and tranche.repaid == "as cash comes" else None


def pays_success(spec: Capital, name: str) -> bool:
    """Whether anything of a tranche is ever due on top: a success payment, or a premium where it ends early."""
    tranche, terminated = spec.tranches[name], spec.terminated
    early = [tranche.redeemed, terminated.of(name) if terminated is not None else None]
    return tranche.success is not None or any(one is not None and one.premium is not None for one in early)


def default_steps(spec: Capital, pool: str) -> Iterator[Step]:
    """Yield who is paid in which order where nothing is written: costs, then class by class, then success payments."""
    yield from (Step("cost", (name,)) for name, cost in spec.costs.items() if spec.pool_of(cost.pool) == pool)
    yield from (Step("reserve", (name,)) for name, own in spec.reserves.items() if spec.pool_of(own.pool) == pool)
    for kind in ("interest", "principal", "success"):
        for names in _by_rank(spec, pool) if kind == "success" else ():
            yield Step(kind, names)
        if kind == "interest":
            for names in _by_rank(spec, pool):
                yield Step("interest", names)
                yield Step("principal", names)


def _by_rank(spec: Capital, pool: str) -> Iterator[tuple[str, ...]]:
    mine = {name: t for name, t in spec.tranches.items() if spec.pool_of(t.pool) == pool and not t.paid_by}
    if len(mine) > 1:
        for name, tranche in mine.items():
            if tranche.kind == "unknown":
                raise UnknownTerm(("capital", "tranches", name, "kind"))
    for rank in (*RANKS, "unknown"):
        names = tuple(name for name, tranche in mine.items() if tranche.kind == rank)
        if names:
            yield names


def meant(spec: Capital, pool: str, entry: str) -> Iterator[tuple[str, str]]:
    """Yield what an entry of a priority names: kinds of claims, and whose.

    An entry is a cost, a reserve, a tranche or a class of tranches, or ``interest of``, ``principal of`` or
    ``success of`` one; a tranche by itself is its interest and its principal.
    """
    kind, _, rest = entry.partition(" of ")
    kinds = (kind,) if kind in ("interest", "principal", "success") and rest else ("interest", "principal")
    name = rest if kind in ("interest", "principal", "success") and rest else entry
    if name in spec.costs and spec.pool_of(spec.costs[name].pool) == pool:
        yield "cost", name
    elif name == "costs":
        yield from (("cost", key) for key, cost in spec.costs.items() if spec.pool_of(cost.pool) == pool)
    elif name in spec.reserves and spec.pool_of(spec.reserves[name].pool) == pool:
        yield "reserve", name
    else:
        for key, tranche in spec.tranches.items():
            if name in (key, tranche.kind) and spec.pool_of(tranche.pool) == pool and not tranche.paid_by:
                yield from ((one, key) for one in kinds)


def written_steps(spec: Capital, pool: str, entries: Iterable[tuple[str, ...]]) -> Iterator[Step]:
    """Yield the steps of a written priority; entries that stand together are served in proportion to what is due."""
    for entry in entries:
        claims = [claim for name in entry for claim in meant(spec, pool, name)]
        for kind in dict.fromkeys(kind for kind, _ in claims):
            yield Step(kind, tuple(name for one, name in claims if one == kind))


def covered_by(spec: Capital, guarantee: Guarantee) -> Iterator[str]:
    """Yield the tranches that a guarantee covers: those that it names, and those of the classes that it names."""
    for name, tranche in spec.tranches.items():
        if name in guarantee.covers or tranche.kind in guarantee.covers:
            yield name


def needed_draws(tranche: Tranche) -> bool:
    """Whether a commitment is drawn as the service budget needs."""
    return isinstance(tranche.draws, str) and tranche.draws == AS_NEEDED
