"""Cross-checks of the capital stack: names that there are, dates in order, shares that add up, money that is enough."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from typing import Any, get_args

from payfs.capital.stack import day_number, meant
from payfs.capital.written import (
    AS_CASH_COMES,
    AS_NEEDED,
    AT_MATURITY,
    Capital,
    Dated,
    Every,
    Guarantee,
    Interest,
    Kind,
    Tranche,
)
from payfs.contract.funded_parts import (
    CLAIMS,
    LATEST,
    below_nothing_problems,
    budget_problems,
    costs_by_day,
    drawable,
    grant_problems,
    owed_claims,
    stretch_problems,
    written_keys,
)
from payfs.contract.written import ContractSpec
from payfs.evidence.metric import table_problems
from payfs.periods import Day, Period
from payfs.scale import Scale
from payfs.spec import Figure, Problem, Unknown, quoted, under
from payfs.text import suggest
from payfs.words import Payout, Point, Tier, fit, tier_problems

At = tuple[str | int, ...]


def capital_problems(spec: ContractSpec, scales: Mapping[str, Scale], periods: tuple[Period, ...]) -> Iterator[Problem]:
    """Find everything in a capital stack that cannot be poured."""
    if spec.capital is not None:
        yield from under(_Stack(spec, spec.capital, scales, periods).problems(), "capital")


class _Stack:
    """Looks a stack through."""

    def __init__(
        self, spec: ContractSpec, capital: Capital, scales: Mapping[str, Scale], periods: tuple[Period, ...]
    ) -> None:
        self.spec, self.capital, self.scales, self.periods = spec, capital, scales, periods

    def problems(self) -> Iterator[Problem]:
        capital = self.capital
        single = [key for key in ("receives", "priority", "surplus") if getattr(capital, key) is not None]
        if capital.pools is not None and single:
            yield Problem((single[0],), "there are several pools, and this is for one", "write it under its pool")
        if capital.pools is not None and not capital.pools:
            yield Problem(("pools",), "there are no pools", "name one, or leave pools out")
            return
        for name, tranche in capital.tranches.items():
            yield from under(self._tranche(name, tranche), "tranches", name)
        for name, pool in capital.pots.items():
            at: At = ("pools", name) if capital.pools is not None else ()
            yield from self._named(pool.receives or (), self.spec.rules, "rule", (*at, "receives"))
            yield from under(self._priority(name), *at)
            known = [*capital.tranches, *self.spec.parties, *(other for other in capital.pots if other != name)]
            yield from self._named(pool.surplus or {}, known, "tranche, party or pool", (*at, "surplus"))
            if sum((pool.surplus or {}).values(), Fraction(0)) > 1:
                yield Problem((*at, "surplus"), "the shares come to more than the whole", "make them add up to 100%")
            elif pool.surplus and pool.surplus_paid == AS_CASH_COMES and sum(pool.surplus.values(), Fraction(0)) < 1:
                what = "what is nobody's share would be shared out again on the next date"
                yield Problem((*at, "surplus"), what, "make the shares add up to 100%, or pay it at the end")
        yield from self._names()
        yield from self._once()
        yield from self._circles()
        for name, guarantee in capital.guarantees.items():
            yield from under(self._guarantee(guarantee), "guarantees", name)
        for name, cost in capital.costs.items():
            at = ("costs", name)
            yield from self._named((cost.payee,), self.spec.parties, "party", (*at, "payee"))
            yield from self._pool(cost.pool, at)
            yield from under(budget_problems(cost), *at)
        for name, reserve in capital.reserves.items():
            yield from self._pool(reserve.pool, ("reserves", name))
        if capital.spending is not None:
            yield from self._named((capital.spending.provider,), self.spec.parties, "party", ("spending", "provider"))
            yield from under(budget_problems(capital.spending), "spending")
        yield from self._sources((), capital)
        yield from below_nothing_problems((), capital)
        yield from self._after_the_end()
        yield from self._enough()

    def _names(self) -> Iterator[Problem]:
        """Find two things of one name: an order, or a share of what is left, could mean either."""
        capital = self.capital
        kinds: dict[str, Mapping[str, Any]] = {
            "pools": capital.pots,
            "tranches": capital.tranches,
            "guarantees": capital.guarantees,
            "costs": capital.costs,
            "reserves": capital.reserves,
        }
        words = ("costs", *get_args(Kind))
        taken: dict[str, str] = {}
        for kind, entries in kinds.items():
            for name in entries:
                at: At = () if kind == "pools" and capital.pools is None else (kind, name)
                own = kind == "tranches" and set(capital.tranches[name].shares) == {name}
                remedy = "give it another name" if at else "write pools, and give the pool a name"
                if name in taken or (name in self.spec.parties and not own):
                    what = f"{quoted(name)} is the name of {taken.get(name, 'a party')}, too"
                    yield Problem(at, what, remedy)
                elif name in words or (name.partition(" of ")[0] in CLAIMS and " of " in name):
                    yield Problem(at, f"{quoted(name)} has a meaning of its own in the order of payment", remedy)
                taken.setdefault(name, f"a {kind.removesuffix('s')}")

    def _guarantee(self, guarantee: Guarantee) -> Iterator[Problem]:
        known = [*self.capital.tranches, *dict.fromkeys(tranche.kind for tranche in self.capital.tranches.values())]
        yield from self._named((guarantee.guarantor,), self.spec.parties, "party", ("guarantor",))
        yield from self._named(guarantee.covers, known, "tranche", ("covers",))
        if not guarantee.covers:
            yield Problem(("covers",), "it covers nothing", "name the tranches")
        if guarantee.most is None and guarantee.share is None:
            yield Problem((), "nothing says how much is guaranteed", "say most: an amount, or share")
        if guarantee.share is not None and guarantee.share > 1:
            yield Problem(("share",), "more is guaranteed than can be lost", "write a share of at most 100%")
        if guarantee.deposited is not None and guarantee.most is None:
            yield Problem(("deposited",), "nothing says how much is deposited", "say most")

    def _sources(self, at: At, spec: object) -> Iterator[Problem]:
        """Find sources that the contract does not list, anywhere in the stack."""
        for path, key, value in written_keys(at, spec):
            if key == "source":
                yield from self._named(value, self.spec.sources, "source", (*path, key))

    def _after_the_end(self) -> Iterator[Problem]:
        ends = self.capital.ends
        for path, key, value in written_keys((), self.capital) if ends is not None else ():
            days = [((*path, key), value)] if isinstance(value, Day) and key in LATEST else []
            if isinstance(value, Dated) and key != "draws":
                days = [((*path, key, day.written), day) for day in value]
            for place, day in days:
                if ends is not None and day.date > ends.date:
                    yield Problem(place, f"{day} is after the end on {ends}", "correct the date, or ends")

    def _named(self, names: Iterable[str], known: Iterable[str], kind: str, path: At) -> Iterator[Problem]:
        listed = list(known)
        for place, name in enumerate(names):
            if name not in listed:
                where = (*path, name) if path[-1] == "surplus" else (*path, place) if path[-1] in MANY else path
                known_ = f"name one of {', '.join(listed[:12])}" if listed else f"write it under {kind}s"
                yield Problem(where, f"there is no {kind} {quoted(name)}", suggest(name, listed) or known_)

    def _pool(self, pool: str | None, at: At) -> Iterator[Problem]:
        pots = self.capital.pots
        if pool is not None:
            yield from self._named((pool,), pots, "pool", (*at, "pool"))
        elif len(pots) > 1:
            yield Problem(at, "nothing says to which pool it belongs", f"say pool: {' or '.join(list(pots)[:3])}")

    def _tranche(self, name: str, tranche: Tranche) -> Iterator[Problem]:
        if (tranche.holder is None) == (tranche.holders is None):
            yield Problem((), "nothing says who holds it, or it is said twice", "say holder, or holders with shares")
        key = "holder" if tranche.holder is not None else "holders"
        yield from self._named(tranche.shares, self.spec.parties, "party", (key,))
        if tranche.holders is not None and sum(tranche.holders.values(), Fraction(0)) != 1:
            yield Problem(("holders",), "the shares do not add up to the whole", "make them add up to 100%")
        yield from self._pool(tranche.pool, ())
        yield from self._named(tranche.receives, self.spec.rules, "rule", ("receives",))
        if tranche.paid_by is not None:
            yield from self._named((tranche.paid_by,), self.spec.parties, "party", ("paid_by",))
            if tranche.repaid == "as cash comes" and tranche.matures is None:
                what = "a party owes it, and nothing says when"
                yield Problem(("repaid",), what, "say matures, or amounts by date")
        if tranche.repaid == AT_MATURITY and tranche.matures is None:
            yield Problem(("repaid",), "it is repaid at maturity, and nothing says when that is", "say matures")
        yield from grant_problems(tranche)
        if tranche.owed is not None and tranche.matures is None:
            yield Problem(("owed",), "what is owed at maturity is said, and not when that is", "say matures")
        if isinstance(tranche.commitment, Fraction) and tranche.commitment <= 0:
            yield Problem(("commitment",), "the commitment is not above 0", "write what may be drawn, or unknown")
        yield from self._draws(tranche)
        if tranche.interest is not None:
            yield from under(self._interest(tranche, tranche.interest), "interest")
        for key, part in (("owed", tranche.owed), ("success", tranche.success)):
            if part is not None and part.by is not None:
                yield from under(self._by(part.by, part.tiers, part.table), key)
        success = tranche.success
        if success is not None:
            said = [k for k in ("amount", "share", "by") if getattr(success, k) is not None]
            if len(said) != 1:
                what = "the success payment is said twice, or not at all"
                yield Problem(("success",), what, "say amount, share, or by")
        redeemed = tranche.redeemed
        if redeemed is not None and redeemed.pays > 1:
            yield Problem(("redeemed", "pays"), "more is repaid than is outstanding", "write a share of at most 100%")
        late, first = tranche.repaid_from, tranche.matures
        if late is not None and first is not None and first.date < late.date:
            yield Problem(("repaid_from",), f"it matures before, on {first}", "correct one of the two dates")
        most = tranche.most
        if most is not None and not any(getattr(most, k) is not None for k in ("irr", "multiple", "interest")):
            yield Problem(("most",), "nothing is limited", "say irr, multiple or interest")
        if most is not None and isinstance(most.irr, Figure) and not (most.irr.percent and most.irr.value >= 0):
            yield Problem(("most", "irr"), f"{most.irr} is no rate a year", "write a percentage, such as 15%")

    def _draws(self, tranche: Tranche) -> Iterator[Problem]:
        draws = tranche.draws
        ends = self.capital.ends or (self.spec.term.end if self.spec.term is not None else None)
        if isinstance(draws, Dated):
            for day in draws:
                if ends is not None and day.date > ends.date:
                    what = f"it is drawn on {day}, after the end on {ends}"
                    yield Problem(("draws", day.written), what, "correct the date, or the end")
                elif tranche.matures is not None and day.date > tranche.matures.date:
                    what = f"it is drawn on {day}, after it has matured on {tranche.matures}"
                    yield Problem(("draws", day.written), what, "correct the date, or matures")
                elif tranche.redeemed is not None and day.date > tranche.redeemed.on.date:
                    what = f"it is drawn on {day}, after it was redeemed on {tranche.redeemed.on}"
                    yield Problem(("draws", day.written), what, "correct the date, or take the draw out")
            sums = [amount for amount in draws.values() if not isinstance(amount, Unknown)]
            if isinstance(tranche.commitment, Fraction) and sum(sums) > tranche.commitment:
                yield Problem(("draws",), "more is drawn than was committed", "correct the draws, or the commitment")
        late = tranche.draws_until
        if late is not None and ends is not None and self.capital.ends is None and late.date > ends.date:
            what = f"it may be drawn until {late}, after the end on {ends}"
            yield Problem(("draws_until",), what, "correct the date, or say in capital when the stack ends")
        if draws != AS_NEEDED and tranche.draws_until is not None:
            yield Problem(("draws_until",), "it is not drawn as needed", "say draws: as needed, or take this out")
        if draws == AS_NEEDED and tranche.paid_by is not None:
            what = "its money goes to the party that owes it, and not to the costs"
            yield Problem(("draws",), what, "write the draws by date")
        elif draws == AS_NEEDED and tranche.in_kind:
            what = "a deferred fee brings no cash that costs could be paid with"
            yield Problem(("draws",), what, "write the amounts that wait by date")
        elif draws == AS_NEEDED:
            pool = self.capital.pool_of(tranche.pool)
            if not any(self.capital.pool_of(cost.pool) == pool for cost in self.capital.costs.values()):
                what = "it is drawn as the costs need it, and no costs are written"
                yield Problem(("draws",), what, "write costs, or the draws by date")

    def _interest(self, tranche: Tranche, interest: Interest) -> Iterator[Problem]:
        if (interest.rate is None) == (interest.rates is None):
            yield Problem((), "the rate is said twice, or not at all", "say rate, or rates by time")
            return
        if isinstance(interest.rate, Figure) and not interest.rate.percent:
            yield Problem(("rate",), f"{interest.rate} is no percentage", "write the rate a year, such as 5%")
        if interest.due == AT_MATURITY and tranche.matures is None:
            yield Problem(("due",), "interest is due at maturity, and nothing says when that is", "say matures")
        if interest.due == AS_CASH_COMES and (interest.capitalised or interest.compound):
            key = "capitalised" if interest.capitalised else "compound"
            what = "interest would bear interest from every date on which anything happens"
            yield Problem((key,), what, "say on which dates interest is due")
        if interest.due == () or interest.rates == ():
            key = "due" if interest.due == () else "rates"
            yield Problem((key,), "the list is empty", "list at least one")
        if isinstance(interest.due, Every):
            yield from under(stretch_problems(interest.due.every, interest.due.from_, interest.due.to), "due")
        if interest.days == "ACT/ACT ICMA" and isinstance(interest.due, str):
            what = "this day count goes by interest periods, and there are none"
            yield Problem(("days",), what, "say due: {every: year, from: ..., to: ...}, or another day count")
        for place, step in enumerate(interest.rates or ()):
            at: At = ("rates", place)
            if (step.rate is None) == (step.by is None):
                yield Problem(at, "the rate is said twice, or not at all", "say rate, or by: a metric")
            if isinstance(step.rate, Figure) and not step.rate.percent:
                yield Problem((*at, "rate"), f"{step.rate} is no percentage", "write the rate a year, such as 5%")
            if step.least is not None and step.by is None:
                yield Problem((*at, "least"), "the rate is fixed, so it is never less", "take least out")
            elif isinstance(step.least, Figure) and not step.least.percent and step.least.value:
                yield Problem((*at, "least"), f"{step.least} is no percentage", "write the rate a year, such as 5%")
            if step.by is not None:
                yield from under(self._by(step.by, step.tiers, step.table), *at)
                if isinstance(interest.due, str):
                    what = "the rate goes by results, and nothing says which interest period each is for"
                    yield Problem(at, what, "say due: {every: year, from: ..., to: ...}")
            last = place == len(interest.rates or ()) - 1
            if (step.until is None) != last:
                yield Problem(at, "the rates do not follow each other in time", "say until in all but the last")
            before = (interest.rates or ())[place - 1].until if place else None
            if before is not None and step.until is not None and step.until.date <= before.date:
                yield Problem((*at, "until"), "it ends before the rate before it", "write them in order of time")

    def _by(self, by: str, tiers: tuple[Tier, ...] | None, table: tuple[Point, ...] | None) -> Iterator[Problem]:
        yield from self._named((by,), self.spec.metrics, "metric", ("by",))
        if (tiers is None) == (table is None):
            yield Problem((), "what the result decides is said twice, or not at all", "say tiers, or table")
            return
        scale = self.scales.get(by)
        if scale is None:
            return
        metric = self.spec.metrics[by]
        if scale.percent and metric.by_cohort and not metric.worked_out and len(self.spec.population.cohorts or ()) > 1:
            what = "each cohort has a percentage of its own, and they cannot be added up"
            yield Problem(("by",), what, "name a metric with by_cohort: no, or one worked out from pooled counts")
        rows: tuple[Tier | Point, ...] = tiers if tiers is not None else table or ()
        for place, row in enumerate(rows):
            at: At = ("tiers" if tiers is not None else "table", place)
            if row.gives is not None:
                yield Problem((*at, "gives"), "points stand where a share is meant", "say pays: a share")
            for word in ("pays", "price", "plus"):
                figure = getattr(row, word, None)
                if isinstance(figure, Figure) and not figure.percent and figure.value:
                    yield Problem((*at, word), f"{figure} is no percentage", "write a share, such as 12%")
        if tiers == ():
            yield Problem(("tiers",), "the list is empty", "list at least one")
        if tiers is not None:
            yield from under(tier_problems(tiers, _Shares(Fraction(1))), "tiers")
            yield from under(fit(tiers, scale), "tiers")
        else:
            yield from under(table_problems(table or (), scale), "table")

    def _priority(self, pool: str) -> Iterator[Problem]:
        written = self.capital.pots[pool].priority
        if written is None:
            return
        served: dict[tuple[str, str], int] = {}
        due = dict(owed_claims(self.capital, pool))
        for place, entry in enumerate(written):
            for name in entry:
                claims = list(meant(self.capital, pool, name))
                if not claims:
                    known = [*self.capital.costs, *self.capital.reserves, *self.capital.tranches]
                    hint = suggest(name.rpartition(" of ")[2], known) or f"name one of {', '.join(known[:12])}"
                    yield Problem(("priority", place), f"{quoted(name)} names nobody who is paid here", hint)
                if claims and not any(claim in due for claim in claims) and name.partition(" of ")[0] in CLAIMS:
                    what = f"{quoted(name)} stands in the order, and none is agreed"
                    yield Problem(("priority", place), what, "write it under the tranche, or take it out here")
                again = [served[claim] for claim in claims if claim in served]
                if claims and len(again) == len(claims):
                    what = f"{quoted(name)} is served here and in step {again[0] + 1}"
                    yield Problem(("priority", place), what, "name it once")
                for claim in claims:
                    served.setdefault(claim, place)
        missing = [words for claim, words in due.items() if claim not in served]
        if missing:
            yield Problem(("priority",), f"it leaves out {', '.join(missing[:5])}", "say when it is paid")

    def _once(self) -> Iterator[Problem]:
        """Find payments that would come in twice."""
        taken: dict[str, str] = {}
        lists = [(("pools", name, "receives"), pool.receives or ()) for name, pool in self.capital.pots.items()]
        lists += [(("tranches", name, "receives"), t.receives) for name, t in self.capital.tranches.items()]
        for path, rules in lists:
            for rule in rules:
                if rule in taken:
                    what = f"the payments of {quoted(rule)} come in here and in {quoted(taken[rule])}"
                    yield Problem(
                        path if self.capital.pools or path[0] == "tranches" else path[2:], what, "name it once"
                    )
                taken.setdefault(rule, path[1])

    def _circles(self) -> Iterator[Problem]:
        pots = self.capital.pots
        try:
            TopologicalSorter({name: set(pool.surplus or {}) & set(pots) for name, pool in pots.items()}).prepare()
        except CycleError as error:
            circle = list(reversed(error.args[1]))
            what = f"the pools pass what is left round in a circle: {' to '.join(circle[:8])}"
            yield Problem(("pools", circle[0], "surplus"), what, "break the circle")

    def _enough(self) -> Iterator[Problem]:
        """Find pools whose costs until the first payment are more than what may be drawn."""
        capital = self.capital
        paid = min((day_number(p.paid) for p in self.periods), default=0)
        for pool, written in capital.pots.items():
            fed = any(pool in (other.surplus or {}) for other in capital.pots.values())
            comes_in = written.receives or (written.receives is None and len(capital.pots) == 1) or fed
            first = paid if comes_in else LAST_DAY  # where nothing comes in, all costs must be drawn
            costs = [cost for cost in capital.costs.values() if capital.pool_of(cost.pool) == pool]
            mine = [t for t in capital.tranches.values() if capital.pool_of(t.pool) == pool and not t.in_kind]
            sums = [drawable(tranche, first) for tranche in mine]
            if not costs or None in sums:
                continue
            needed = sum((amount for cost in costs for day, amount in costs_by_day(cost) if day < first), Fraction(0))
            there = sum((amount for amount in sums if amount is not None), Fraction(0))
            if needed > there:
                show = self.spec.currency.rate
                when = "before the first payment" if comes_in else "no payment comes in, and"
                what = f"{when} costs come to {show(needed)}, and what may be drawn to {show(there)}"
                yield Problem(("costs",), what, f"find {show(needed - there)} more, or correct the costs or the draws")


class _Shares(Payout):
    """What a result decides is a share of whatever it is a share of."""

    def problem(self, pay: object) -> None:
        """Leave figures to those who know that they are shares."""


LAST_DAY = day_number(Day.on(datetime.date.max))
MANY = ("receives", "covers", "source")
