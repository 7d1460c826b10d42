"""Cross-checks of one tranche: names that there are, dates in order, rates and shares that are said once."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from payfs.capital.cash import EPOCH, day_number
from payfs.capital.dates import AS_CASH_COMES, AS_NEEDED, AT_MATURITY, Dated, Every
from payfs.capital.written import Capital, Interest, Payoff, Redemption, Termination, Tranche
from payfs.contract.funded_parts import costs_by_day, grant_problems, stretch_problems
from payfs.contract.written import ContractSpec
from payfs.evidence.metric import table_problems
from payfs.periods import Day
from payfs.scale import OffScale, Scale
from payfs.spec import Figure, Problem, Unknown, quoted, under
from payfs.text import suggest
from payfs.words import Payout, Point, Tier, fit, tier_problems

At = tuple[str | int, ...]
MANY = ("receives", "covers", "source")
POOLED = (
    "each cohort has a percentage of its own, and they cannot be added up",
    "name a metric with by_cohort: no, or one worked out from pooled counts",
)


class TrancheProblems:
    """Looks tranches through."""

    def __init__(self, spec: ContractSpec, capital: Capital, scales: Mapping[str, Scale]) -> None:
        """Take the contract and its stack as written, and how its metrics are measured."""
        self.spec, self.capital, self.scales = spec, capital, scales

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
        if isinstance(tranche.repaid, Dated) and isinstance(tranche.commitment, Fraction):
            sums = [amount for amount in tranche.repaid.values() if not isinstance(amount, Unknown)]
            capitalised = tranche.interest is not None and tranche.interest.capitalised
            if sum(sums) > tranche.commitment and not capitalised:
                what = "more is repaid than was committed"
                yield Problem(("repaid",), what, "correct the amounts, or the commitment")
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
        if tranche.redeemed is not None:
            yield from under(self._when(tranche.redeemed), "redeemed")
            yield from under(self._payoff(tranche.redeemed), "redeemed")
            if not any(getattr(tranche.redeemed, key) is not None for key in ("pays", "amount", "by")):
                yield Problem(("redeemed",), "nothing says how much is repaid", "say pays: a share, amount, or by")
        late, first = tranche.repaid_from, tranche.matures
        if late is not None and first is not None and first.date < late.date:
            yield Problem(("repaid_from",), f"it matures before, on {first}", "correct one of the two dates")
        most = tranche.most
        if most is not None and not any(getattr(most, k) is not None for k in ("irr", "multiple", "interest")):
            yield Problem(("most",), "nothing is limited", "say irr, multiple or interest")
        if most is not None and isinstance(most.irr, Figure) and not (most.irr.percent and most.irr.value >= 0):
            yield Problem(("most", "irr"), f"{most.irr} is no rate a year", "write a percentage, such as 15%")

    def _draws(self, tranche: Tranche) -> Iterator[Problem]:
        draws, early = tranche.draws, tranche.redeemed
        ends = self.capital.ends or (self.spec.term.end if self.spec.term is not None else None)
        if isinstance(draws, Dated):
            for day in draws:
                if ends is not None and day.date > ends.date:
                    what = f"it is drawn on {day}, after the end on {ends}"
                    yield Problem(("draws", day.written), what, "correct the date, or the end")
                elif tranche.matures is not None and day.date > tranche.matures.date:
                    what = f"it is drawn on {day}, after it has matured on {tranche.matures}"
                    yield Problem(("draws", day.written), what, "correct the date, or matures")
                elif early is not None and early.if_ is None and day.date > early.on.date:
                    what = f"it is drawn on {day}, after it was redeemed on {early.on}"
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
            elif self.capital.ends is None and ends is not None and late is None:
                mine = (cost for cost in self.capital.costs.values() if self.capital.pool_of(cost.pool) == pool)
                after = [
                    day for cost in mine for day, amount in costs_by_day(cost) if day > day_number(ends) and amount
                ]
                if after:
                    last = Day.on(EPOCH + datetime.timedelta(days=max(after)))
                    what = f"costs of {last} would still be drawn, after the end on {ends}"
                    yield Problem(("draws",), what, "say draws_until, or say in capital when the stack ends")

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
        if interest.days == "ACT/ACT ICMA" and not isinstance(interest.due, (Every, Unknown)):
            what = "this day count goes by interest periods of equal length, and there are none"
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

    def _when(self, ending: Redemption | Termination) -> Iterator[Problem]:
        """Find conditions that no result can meet."""
        asked = ending.if_
        if asked is None:
            return
        yield from self._named((asked.metric,), self.spec.metrics, "metric", ("if", "metric"))
        ends = {"from": asked.from_, "above": asked.above, "below": asked.below, "up_to": asked.up_to}
        said = {key: figure for key, figure in ends.items() if figure is not None}
        if not said:
            yield Problem(("if",), "nothing says which result is meant", "say from, above, below or up_to")
        if self._pooled(asked.metric):
            yield Problem(("if", "metric"), *POOLED)
        for key, figure in said.items() if asked.metric in self.scales else ():
            try:
                self.scales[asked.metric].steps(figure)
            except OffScale as error:
                yield Problem(("if", key), error.what, error.remedy)

    def _payoff(self, payoff: Payoff) -> Iterator[Problem]:
        if sum(getattr(payoff, key) is not None for key in ("pays", "amount", "by")) > 1:
            yield Problem((), "what is repaid is said twice", "say pays: a share, amount, or by")
        if isinstance(payoff.pays, Fraction) and payoff.pays > 1:
            what = "more is repaid than is outstanding"
            yield Problem(("pays",), what, "write a share of at most 100%; what comes on top is the premium")
        if payoff.by is not None:
            yield from self._by(payoff.by, payoff.tiers, payoff.table)
        elif payoff.tiers is not None or payoff.table is not None:
            yield Problem((), "nothing says which result decides", "say by: a metric")

    def _pooled(self, metric: str) -> bool:
        """Whether each cohort has a percentage of its own, so that there is none for all together."""
        spec, scale = self.spec.metrics.get(metric), self.scales.get(metric)
        if spec is None or scale is None or not scale.percent or spec.worked_out:
            return False
        return bool(spec.by_cohort) and len(self.spec.population.cohorts or ()) > 1

    def _by(self, by: str, tiers: tuple[Tier, ...] | None, table: tuple[Point, ...] | None) -> Iterator[Problem]:
        yield from self._named((by,), self.spec.metrics, "metric", ("by",))
        if (tiers is None) == (table is None):
            yield Problem((), "what the result decides is said twice, or not at all", "say tiers, or table")
            return
        scale = self.scales.get(by)
        if scale is None:
            return
        if self._pooled(by):
            yield Problem(("by",), *POOLED)
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


class _Shares(Payout):
    """What a result decides is a share of whatever it is a share of."""

    def problem(self, pay: object) -> None:
        """Leave figures to those who know that they are shares."""
