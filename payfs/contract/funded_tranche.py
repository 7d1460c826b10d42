"""Cross-checks of one tranche: names that there are, dates in order, rates and shares that are said once."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from fractions import Fraction

from payfs.capital.cash import EPOCH, day_number
from payfs.capital.dates import AS_CASH_COMES, AS_NEEDED, AT_MATURITY, Dated, Every
from payfs.capital.written import Interest, Tranche
from payfs.contract.funded_by import At
from payfs.contract.funded_ends import EarlyEnds
from payfs.contract.funded_parts import costs_by_day, grant_problems, stretch_problems
from payfs.periods import Day
from payfs.spec import Figure, Problem, Unknown, under


class TrancheProblems(EarlyEnds):
    """Looks tranches through."""

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
                whole = Fraction(1) if key == "owed" else None
                yield from under(self._by(part.by, part.tiers, part.table, whole), key)
        success = tranche.success
        if success is not None:
            said = [k for k in ("amount", "share", "by") if getattr(success, k) is not None]
            if len(said) != 1:
                what = "the success payment is said twice, or not at all"
                yield Problem(("success",), what, "say amount, share, or by")
        if tranche.redeemed is not None:
            yield from under(self.redemption_problems(tranche, tranche.redeemed), "redeemed")
        late, first = tranche.repaid_from, tranche.matures
        if late is not None and first is not None and first.date < late.date:
            yield Problem(("repaid_from",), f"it matures before, on {first}", "correct one of the two dates")
        most = tranche.most
        if most is not None and not any(getattr(most, k) is not None for k in ("irr", "multiple", "interest")):
            yield Problem(("most",), "nothing is limited", "say irr, multiple or interest")
        if most is not None and isinstance(most.irr, Figure) and not (most.irr.percent and most.irr.value >= 0):
            yield Problem(("most", "irr"), f"{most.irr} is no rate a year", "write a percentage, such as 15%")

    def _draws(self, tranche: Tranche) -> Iterator[Problem]:
        draws, early, deal = tranche.draws, tranche.redeemed, self.capital.terminated
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
                elif deal is not None and deal.if_ is None and day.date > deal.on.date:
                    what = f"it is drawn on {day}, after the deal was terminated on {deal.on}"
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
                return
            mine = [cost for cost in self.capital.costs.values() if self.capital.pool_of(cost.pool) == pool]
            days = [day for cost in mine for day, amount in costs_by_day(cost) if amount]
            last = max((day for day in days if late is None or day <= day_number(late)), default=0)
            when, matures = Day.on(EPOCH + datetime.timedelta(days=last)), tranche.matures
            if matures is not None and last > day_number(matures):
                what = f"costs of {when} would still be drawn, after it has matured on {matures}"
                yield Problem(("draws",), what, "say draws_until, or correct matures")
            elif self.capital.ends is None and ends is not None and late is None and last > day_number(ends):
                what = f"costs of {when} would still be drawn, after the end on {ends}"
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
        if interest.compound and interest.due == AT_MATURITY and not interest.capitalised:
            what = "interest is due once, at maturity, so nothing says how often it compounds"
            yield Problem(("compound",), what, "say on which dates interest is due, or take this out")
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
                    once = interest.due == AT_MATURITY and tranche.matures is not None
                    remedy = f"say due: [{tranche.matures.written}]" if once and tranche.matures is not None else ""
                    yield Problem(at, what, remedy or "say due: {every: year, from: ..., to: ...}")
            last = place == len(interest.rates or ()) - 1
            if (step.until is None) != last:
                yield Problem(at, "the rates do not follow each other in time", "say until in all but the last")
            before = (interest.rates or ())[place - 1].until if place else None
            if before is not None and step.until is not None and step.until.date <= before.date:
                yield Problem((*at, "until"), "it ends before the rate before it", "write them in order of time")
