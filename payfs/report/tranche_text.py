"""One tranche in sentences: who puts it in and when, what it earns, when it is repaid, and up to what."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from payfs.capital.cash import Cash
from payfs.capital.dates import AS_CASH_COMES, AS_NEEDED, AT_MATURITY, NEVER, Dated, Every
from payfs.capital.stack import Stack
from payfs.capital.written import (
    ByMetric,
    Capital,
    Interest,
    Payoff,
    RateStep,
    Redemption,
    ReturnLimit,
    Success,
    Termination,
    Tranche,
    When,
)
from payfs.report.phrases import Block, Item, Rows, begin, full_stop, inside, listed, names, on, start, the
from payfs.report.wording import NOT_KNOWN, UNKNOWN_SUM, Wording
from payfs.spec import Figure, Unknown, decimal, spoken, written_share

KINDS = {
    "senior": "A senior tranche",
    "subordinate": "A subordinate tranche",
    "first loss": "A first-loss tranche",
    "equity": "Equity",
    "recoverable grant": "A recoverable grant",
    "recyclable grant": "A recyclable grant",
    "grant": "A grant, which is not repaid",
    "unknown": f"A tranche whose class is {NOT_KNOWN}",
    "deferred fee": "A fee that waits, put in by not being paid, so that no cash moves",
}
DAY_COUNTS = {
    "ACT/365": "actual days over a year of 365",
    "ACT/360": "actual days over a year of 360",
    "30/360": "months of 30 days over a year of 360",
    "ACT/ACT": "actual days over the actual days of each calendar year",
    "ACT/ACT ICMA": "each interest period counts as so many twelfths of a year",
}


class TrancheText(Wording):
    """Says what a tranche is."""

    def sum_of(self, amount: Any) -> str:
        """Write an amount of money, which may be unknown."""
        return self.money.rate(Fraction(amount)) if not isinstance(amount, Unknown) else UNKNOWN_SUM

    def by_date(self, amounts: Dated, head: str, one: str = "") -> Iterator[Item]:
        """Say amounts by date: in a sentence where there is one (``one``: what becomes of it), else as a table."""
        if len(amounts) == 1:
            ((day, amount),) = amounts.items()
            much = self.sum_of(amount)
            yield f"{f'{start(much)} {one}' if one else f'{head} {much}'} {on(day)}."
            return
        yield f"{head}:"
        yield Rows(tuple((start(on(day)), self.sum_of(amount)) for day, amount in amounts.items()))

    def passes_through(self, spec: Capital, pool: str) -> str | None:
        """Return the tranche that gets all that comes into a pool; None where there is none."""
        nothing = Cash((), {}, 0, 0, "", 1)
        return Stack(spec, self.money, self.spec.rounding.rounding(self.money), nothing).passes_through(pool)

    def tranche(self, spec: Capital, name: str) -> Block:
        """Say all of one tranche."""
        one = spec.tranches[name]
        body: list[Item] = [*([full_stop(one.what)] if one.what else []), self._held(one)]
        if spec.pools and one.paid_by is None:
            body.append(f"It belongs to the pool {spoken(spec.pool_of(one.pool))}.")
        body += self._drawn(one)
        if one.interest is not None:
            body += ["", *self._interest(one.interest, one)]
        body += ["", *self._repaid(one, self.passes_through(spec, spec.pool_of(one.pool)) == name)]
        if one.redeemed is not None:
            body += self._redeemed(one.redeemed)
        if one.success is not None:
            body += ["", *self._success(one.success)]
        if one.receives:
            body.append(
                f"Payments under {the('rule', one.receives)} belong to it directly; they count as earned, and repay "
                "no principal."
            )
        if one.most is not None:
            lists = (pool.surplus or {} for pool in spec.pots.values())
            body += self._limited(one.most, any(name in shares and len(shares) > 1 for shares in lists))
        return Block(self.tag(name, one.clause), (*body, *self._aside(one)))

    def _held(self, one: Tranche) -> str:
        shares = one.shares
        if len(shares) == 1:
            who = inside(self.party(next(iter(shares))))
        else:
            who = listed(f"{inside(self.party(key))} ({written_share(part)})" for key, part in shares.items())
        return full_stop(f"{KINDS[one.kind]}, held by {who}")

    def _drawn(self, one: Tranche) -> Iterator[Item]:
        known = not isinstance(one.commitment, Unknown)
        yield f"{self.sum_of(one.commitment)} is committed." if known else f"How much is committed is {NOT_KNOWN}."
        if isinstance(one.draws, Dated):
            yield from self.by_date(one.draws, "These sums are drawn", "is drawn")
        elif one.draws == AS_NEEDED:
            until = f"up to {one.draws_until}" if one.draws_until else "up to the last date"
            yield (
                f"It is drawn as costs need it beyond what the pool holds, {until}, in proportion to what is left of "
                "every commitment that is drawn so."
            )
        else:
            yield f"When it is drawn is {NOT_KNOWN}."

    # -- interest

    def _interest(self, one: Interest, tranche: Tranche) -> Iterator[Item]:
        since = f"from {one.from_}" if one.from_ else "from the first draw"
        if one.rates is None:
            rate = f"{one.rate} a year" if isinstance(one.rate, Figure) else f"a rate that is {NOT_KNOWN}"
            yield f"Interest runs on what is outstanding at {rate}, {since}."
        else:
            yield f"Interest runs on what is outstanding, {since}, at these rates a year:"
            yield from self._rates(one.rates)
        if isinstance(one.days, Unknown):
            yield f"Which day count applies is {NOT_KNOWN}."
        else:
            yield f"It is counted by {one.days}: {DAY_COUNTS[one.days]}."
        yield self._due(one.due)
        if one.capitalised:
            yield "When it falls due it is added to principal, and bears interest from then on."
        elif one.compound:
            yield "Interest that fell due and was not paid stays due and bears interest, too."
        else:
            yield "Interest that fell due and was not paid stays due and bears no interest."
        if one.capitalised and one.compound:
            yield "Interest that is outstanding bears interest in any case."
        if one.clause:
            yield f"Clause on interest: {full_stop(one.clause)}"
        if one.note:
            yield f"Note on interest: {full_stop(one.note)}"
        if one.source:
            yield f"Source on interest: {names(one.source)}."

    def _rates(self, steps: tuple[RateStep, ...]) -> Iterator[Item]:
        plain: list[tuple[str, str]] = []
        for place, step in enumerate(steps):
            when = f"until {step.until}" if step.until else "after that" if place else "always"
            if step.by is None:
                figure = str(step.rate) if isinstance(step.rate, Figure) else NOT_KNOWN
                plain.append((start(when), self._at_least(figure, step)))
                continue
            if plain:
                yield Rows(tuple(plain))
                plain = []
            least = self._at_least("", step)
            yield f"{start(when)}, a rate that depends on {spoken(step.by)}{least}:"
            yield from self.by_result(step)
        if plain:
            yield Rows(tuple(plain))
        if any(step.by is not None for step in steps):
            yield "The last result of a period that has ended by the end of the interest period decides."

    @staticmethod
    def _at_least(text: str, step: RateStep) -> str:
        if step.least is None:
            return text
        least = str(step.least) if isinstance(step.least, Figure) else f"a rate that is {NOT_KNOWN}"
        return f"{text}, and at least {least}"

    def by_result(self, one: ByMetric | RateStep | Success | Payoff) -> Iterator[Item]:
        """Say a share that a result decides as a small table."""
        scale = self.scales[one.by or ""]

        def show(figure: Any) -> str:
            return str(figure) if isinstance(figure, Figure) else NOT_KNOWN

        if one.tiers is not None:
            rows = []
            for place, tier in enumerate(one.tiers):
                parts = [show(tier.lump)] if tier.lump is not None else []
                if tier.price is not None:
                    parts.append(f"{show(tier.price)} for each {self._unit_of(scale)} measured")
                parts += self._plus(tier, one.tiers, place, scale, show)
                rows.append((self.range_of(one.tiers, place, scale), self._with_aside(", and ".join(parts), tier)))
            yield Rows(tuple(rows))
        elif one.table is not None:
            yield from self._table(one.table, None, None, scale, show)

    @staticmethod
    def _due(due: Any) -> str:
        if due == AS_CASH_COMES:
            return "It falls due on every date on which cash comes in or anything else happens."
        if isinstance(due, Unknown):
            return f"When it falls due is {NOT_KNOWN}."
        last = ", and what has run since on the last date or at maturity"
        if due == AT_MATURITY:
            return "It falls due at maturity, or on the last date."
        if isinstance(due, Every):
            return f"It falls due on the last day of each {due.every}, counted from {due.from_} to {due.to}{last}."
        return f"It falls due {listed(on(day) for day in due)}{last}."

    # -- principal, and what comes on top

    def _repaid(self, one: Tranche, through: bool) -> Iterator[Item]:
        if one.kind == "grant":
            return
        owed = inside(self.party(one.paid_by)) if one.paid_by is not None else ""
        if owed:
            yield full_stop(f"{begin(owed)} owes it by itself, and it stands outside the pools")
        if isinstance(one.repaid, Dated):
            yield from self.by_date(
                one.repaid, "Of principal, these fall due" if len(one.repaid) > 1 else "Principal due:"
            )
            if one.matures is None:
                yield "No more than that falls due."
        elif one.repaid == NEVER:
            yield "Principal is never repaid as such."
        elif one.repaid == AT_MATURITY:
            yield "Principal is repaid at maturity, and not before."
        elif not owed and through:
            yield "All that comes into its pool belongs to it."
        elif not owed:
            yield "Principal is repaid as cash comes in, by its place in the order."
        if one.repaid_from is not None:
            yield f"Nothing of it is repaid before {one.repaid_from}; until then what comes in pays for costs."
        if one.matures is not None:
            rest = "" if one.repaid == NEVER or one.owed else ": all that is outstanding is due from then on"
            yield f"It matures {on(one.matures)}{rest}."
        if one.owed is not None:
            yield f"What is owed of principal at maturity depends on {spoken(one.owed.by)}; the rest is lost:"
            yield from self.by_result(one.owed)

    def _redeemed(self, one: Redemption) -> Iterator[Item]:
        head = f"Early redemption: {on(one.on)}{self.only_if(one.if_)}, "
        yield from self.payoff(one, head, ", with the interest run by then")
        yield from self._asides(one, "early redemption")

    @staticmethod
    def part_of(share: Any) -> str:
        """Write a share of something, which may be unknown."""
        if isinstance(share, Unknown):
            return f"a share that is {NOT_KNOWN}"
        return {0: "nothing", 1: "all"}.get(share) or written_share(share)

    def only_if(self, asked: When | None) -> str:
        """Say on which result an early end depends."""
        if asked is None:
            return ""
        said = self.scales[asked.metric].within(asked.from_, asked.above, asked.below, asked.up_to)
        metric, cohorts = self.spec.metrics[asked.metric], self.spec.population.cohorts or ()
        of_all = ", all cohorts together," if metric.by_cohort and len(cohorts) > 1 else ""
        return f", if the last result of {spoken(asked.metric)}{of_all} for a period that has ended by then is {said}"

    def payoff(self, one: Payoff, head: str, then: str) -> Iterator[Item]:
        """Say what is owed of principal where a tranche ends early."""
        lost = "The rest of it is lost."
        if one.by is not None:
            yield f"{head}a share of what is outstanding that depends on {spoken(one.by)} is due{then}:"
            yield from self.by_result(one)
        elif one.amount is not None:
            yield f"{head}{self.sum_of(one.amount)} of what is outstanding is due{then}."
        else:
            part = one.pays if one.pays is not None else Fraction(1)
            yield f"{head}{self.part_of(part)} of what is outstanding is due{then}."
            lost = lost if isinstance(part, Unknown) or 0 < part < 1 else "It is lost." if part == 0 else ""
        if lost:
            yield lost
        if one.premium is not None:
            yield f"On top comes a premium of {self.part_of(one.premium)} of what is due of principal."

    def terminated(self, one: Termination) -> Block:
        """Say how the whole deal may end early."""
        body: list[Item] = [
            f"The deal is terminated {on(one.on)}{self.only_if(one.if_)}. What is left of commitments lapses, the "
            "service stops, and costs and spending that are scheduled for later do not fall due. All that is "
            "outstanding is due, with the interest run by then, and reserves are released. Payments under the rules "
            "go on."
        ]
        for path, payoff in one.payoffs.items():
            body += self.payoff(payoff, f"Of {spoken(path[1])}, " if len(path) > 1 else "Of every tranche, ", "")
        heading = f"Termination [{one.clause}]" if one.clause else "Termination"
        return Block(heading, (*body, *self._aside(one)))

    def _success(self, one: Success) -> Iterator[Item]:
        head = f"A success payment falls due {on(one.on)}:"
        if one.amount is not None:
            yield f"{head} {self.sum_of(one.amount)}."
        elif one.share is not None:
            yield f"{head} {self.part_of(one.share)} of what was drawn."
        elif one.by is not None:
            yield f"{head} a share of what was drawn that depends on {spoken(one.by)}."
            yield from self.by_result(one)
        yield from self._asides(one, "the success payment")

    @staticmethod
    def _asides(one: Redemption | Success, of: str) -> Iterator[str]:
        if one.clause:
            yield f"Clause on {of}: {full_stop(one.clause)}"
        if one.note:
            yield f"Note on {of}: {full_stop(one.note)}"
        if one.source:
            yield f"Source on {of}: {names(one.source)}."

    def _limited(self, most: ReturnLimit, shares: bool) -> Iterator[str]:
        said = []
        if most.irr is not None:
            rate = str(most.irr) if isinstance(most.irr, Figure) else f"a rate that is {NOT_KNOWN}"
            said.append(f"a return of {rate} a year (internal rate of return, ACT/365)")
        if most.multiple is not None:
            known = not isinstance(most.multiple, Unknown)
            times = f"{decimal(most.multiple)} times" if known else f"a multiple that is {NOT_KNOWN} of"
            said.append(f"{times} what was drawn, all that comes back counted")
        if most.interest is not None:
            said.append(f"{self.sum_of(most.interest)} beyond principal")
        clause = f" (clause {most.clause})" if most.clause else ""
        others = ", and what is cut of its share of what is left goes to the others that share" if shares else ""
        yield (
            f"It gets no more than {', and no more than '.join(said)}{clause}; what is cut stays in the pool{others}."
        )
