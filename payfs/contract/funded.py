"""Cross-checks of the capital stack: names that there are, dates in order, shares that add up, money that is enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from typing import Any, get_args

from payfs.capital.cash import day_number
from payfs.capital.dates import AS_CASH_COMES, Dated
from payfs.capital.stack import covered_by, meant
from payfs.capital.written import COSTS, Capital, Guarantee, Kind, Payoff
from payfs.contract.funded_by import At
from payfs.contract.funded_enough import enough_problems
from payfs.contract.funded_parts import (
    CLAIMS,
    LATEST,
    below_nothing_problems,
    budget_problems,
    owed_claims,
    written_keys,
)
from payfs.contract.funded_tranche import TrancheProblems
from payfs.contract.written import ContractSpec
from payfs.periods import Day, Period
from payfs.scale import Scale
from payfs.spec import Problem, Unknown, quoted, under
from payfs.text import suggest


def capital_problems(spec: ContractSpec, scales: Mapping[str, Scale], periods: tuple[Period, ...]) -> Iterator[Problem]:
    """Find everything in a capital stack that cannot be poured."""
    if spec.capital is not None:
        yield from under(_Stack(spec, spec.capital, scales, periods).problems(), "capital")


class _Stack(TrancheProblems):
    """Looks a stack through."""

    def __init__(
        self, spec: ContractSpec, capital: Capital, scales: Mapping[str, Scale], periods: tuple[Period, ...]
    ) -> None:
        super().__init__(spec, capital, scales)
        self.periods = periods

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
            if pool.drawn_pays != COSTS and name not in {capital.pool_of(cost.pool) for cost in capital.costs.values()}:
                what = "no costs are written, so what is drawn goes to the service at once"
                yield Problem((*at, "drawn_pays"), what, "write the costs that it pays, or take this out")
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
        if capital.terminated is not None:
            yield from under(self.termination_problems(capital.terminated, *self._runs()), "terminated")
        yield from self._sources((), capital)
        yield from below_nothing_problems((), capital)
        yield from self._after_the_end()
        yield from self._total()
        paid = min((day_number(period.paid) for period in self.periods), default=0)
        yield from enough_problems(capital, paid, self.spec.currency)

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
        words = ("costs", *get_args(Kind), *Payoff.model_fields)
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
                    yield Problem(at, f"{quoted(name)} has a meaning of its own", remedy)
                taken.setdefault(name, f"a {kind.removesuffix('s')}")

    def _guarantee(self, guarantee: Guarantee) -> Iterator[Problem]:
        known = [*self.capital.tranches, *dict.fromkeys(tranche.kind for tranche in self.capital.tranches.values())]
        yield from self._named((guarantee.guarantor,), self.spec.parties, "party", ("guarantor",))
        yield from self._named(guarantee.covers, known, "tranche", ("covers",))
        if not guarantee.covers:
            yield Problem(("covers",), "it covers nothing", "name the tranches")
        if guarantee.most is None and guarantee.share is None:
            yield Problem((), "nothing says how much is guaranteed", "say most: an amount, or share")
        if isinstance(guarantee.share, Fraction) and guarantee.share > 1:
            yield Problem(("share",), "more is guaranteed than can be lost", "write a share of at most 100%")
        covered = [self.capital.tranches[name] for name in covered_by(self.capital, guarantee)]
        if covered and all(tranche.kind == "grant" for tranche in covered):
            yield Problem(("covers",), "a grant is not repaid, so nothing can be made up", "name other tranches")
        late = [one.matures for one in covered if one.matures is not None]
        for matures in late[:1] if guarantee.on is not None else ():
            if guarantee.on is not None and guarantee.on.date < matures.date:
                what = f"it is called on {guarantee.on}, before what it covers matures on {matures}"
                yield Problem(("on",), what, "correct one of the two dates")
        if guarantee.deposited is not None and guarantee.most is None:
            yield Problem(("deposited",), "nothing says how much is deposited", "say most")

    def _runs(self) -> tuple[Day, Day]:
        """The first day of the contract, and the last of the stack or of the contract."""
        term, ends = self.spec.term, self.capital.ends
        starts = [period.start for period in self.periods] + ([term.start] if term is not None else [])
        last = [period.paid for period in self.periods] + ([term.end] if term is not None else [])
        first = min(starts, key=lambda day: day.date)
        return first, ends if ends is not None else max(last, key=lambda day: day.date)

    def _total(self) -> Iterator[Problem]:
        """Find a total that the commitments, all of which are known, do not come to."""
        total, known = self.capital.total, [tranche.commitment for tranche in self.capital.tranches.values()]
        if not isinstance(total, Fraction) or any(isinstance(one, Unknown) for one in known):
            return
        if total != (sums := sum(known, Fraction(0))):
            what = f"all tranches together come to {self.spec.currency.rate(sums)}"
            yield Problem(("total",), what, "correct the total or the commitments, or take the total out")

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
            if key == "due" and isinstance(value, tuple):
                days = [((*path, key, place), day) for place, day in enumerate(value)]
            for place, day in days:
                if ends is not None and day.date > ends.date:
                    yield Problem(place, f"{day} is after the end on {ends}", "correct the date, or ends")

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
