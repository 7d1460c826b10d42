"""A rule, a metric and a limit in sentences: who pays whom, how much, for what, and on what conditions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from fractions import Fraction
from typing import Any

import numpy as np

from payfs.contract import Contract, Terms
from payfs.evidence.condition import Condition
from payfs.evidence.derive import derive
from payfs.evidence.measured import Measured, Series
from payfs.evidence.metric import Metric
from payfs.evidence.varying import Varying
from payfs.money import TooLarge
from payfs.report.phrases import ROUNDED, Block, Item, Rows, full_stop, inside, listed, names, share, start, the
from payfs.scale import Scale
from payfs.spec import Figure, Unknown, UnknownTerm, decimal, spoken
from payfs.terms.limit import Limit, Most
from payfs.terms.payers import Payers
from payfs.terms.price import Price
from payfs.terms.rule import Rule
from payfs.terms.setting import Setting
from payfs.words import Band, Ends, Point, Tier

NOT_KNOWN = "not known from the sources"


class Clauses:
    """Says what the contract's terms are in one stretch of time."""

    def __init__(self, contract: Contract, terms: Terms) -> None:
        """Take the contract for its periods and cohorts, and the terms for all that may be amended."""
        self.contract, self.terms, self.spec = contract, terms, terms.spec
        self.scales, self.money = terms.scales, contract.money
        self.cohorts = tuple(self.spec.population.cohorts or {})
        self.runs = dict.fromkeys(period.run for period in contract.periods if period.run != period.name)

    # --- what is measured -----------------------------------------------------------------------------------------

    @cached_property
    def measured(self) -> Measured:
        """Nothing measured yet: it tells which metrics are by cohort, and which are totals to date."""
        measured = self.contract.frame.empty()
        for name in self.terms.metric_order:
            if self.spec.metrics[name].worked_out:
                try:
                    measured = derive(self.spec.metrics, self.scales, (name,), measured)
                except (UnknownTerm, TooLarge):  # what the contract does not know is the same for all cohorts
                    nothing = np.zeros((1, len(measured.periods), 1), dtype=np.int64)
                    series = Series(nothing, np.ones(nothing.shape[:2], dtype=bool), self.scales[name])
                    measured = measured.with_series({name: series})
        return measured

    def by_cohort(self, metric: str) -> bool:
        """Whether a metric has one value for each cohort."""
        return bool(self.cohorts) and self.measured.series[metric].present.shape[0] > 1

    def metric(self, name: str) -> Block:
        """Say what a metric is, how it is measured, by whom and against what."""
        metric, scale = self.spec.metrics[name], self.scales[name]
        body: list[Item] = [full_stop(metric.what)] if metric.what else []
        body.append(self._unit(scale))
        if metric.worked_out:
            body += self._worked_out(metric, scale)
        body += self._when_measured(name, metric, scale)
        if metric.better != "higher":
            body.append("Lower is better." if metric.better == "lower" else "Neither higher nor lower is better.")
        if metric.counterfactual:
            body.append(f"It is held against: {full_stop(metric.counterfactual)}")
        if metric.baseline:
            body.append(f"Baseline: {full_stop(metric.baseline)}")
        if metric.verifier:
            body.append(f"Verified by {full_stop(inside(self.party(metric.verifier)))}")
        return Block(self.tag(name, metric.clause), (*body, *self._aside(metric)))

    @staticmethod
    def tag(name: str, clause: str | None = None, title: str | None = None) -> str:
        """Write a heading: the name in words, and in brackets the key and the clause."""
        words = title or start(name.replace("_", " "))
        return f"{words} [{name}{'; ' + clause if clause else ''}]"

    def _unit(self, scale: Scale) -> str:
        step = decimal(scale.step)
        if scale.yes_no:
            return "The answer is yes or no."
        if scale.money:
            return f"An amount of money, measured to {scale.money.rate(scale.step)}."
        if scale.percent:
            return f"A percentage, measured to {step}%."
        if scale.step == 1:
            return f"Counted in {scale.plural}, whole ones only."
        return f"Counted in {scale.plural}, to {step}."

    def _when_measured(self, name: str, metric: Metric, scale: Scale) -> Iterator[str]:
        if metric.measured:
            yield f"It is measured for {self.periods_said(metric.measured)} only."
        if metric.reports == "to date":
            yield "Each result is a total to date: it counts from the start again."
        if self.cohorts and not metric.worked_out:
            yield "There is one result for each cohort." if metric.by_cohort else (
                "There is one result for the whole contract, not one for each cohort."
            )
        elif self.cohorts and not metric.by_cohort:
            yield "It stands for the whole contract."
        if scale.yes_no:
            return
        least = None if scale.least is None else scale.show(scale.least)
        most = None if scale.most is None else scale.show(scale.most)
        if metric.least is not None or most is not None:
            if least is not None and most is not None:
                yield f"It lies between {least} and {most}."
            elif most is not None:
                yield f"It is at most {most}."
            elif least is not None:
                yield f"It is at least {least}."
            else:
                yield "It may be below 0."

    def _aside(self, spec: Any) -> Iterator[str]:
        """Yield the note and the source of a term."""
        if getattr(spec, "note", None):
            yield f"Note: {full_stop(spec.note)}"
        if spec.source:
            yield f"Source: {names(spec.source)}."

    def _worked_out(self, metric: Metric, scale: Scale) -> Iterator[Item]:
        def said(operand: Figure | str) -> str:
            return spoken(operand) if isinstance(operand, str) else str(operand)

        def every(operands: Iterable[Figure | str]) -> str:
            return listed(said(operand) for operand in operands)

        how, word = "", metric.worked_out
        if metric.sum is not None:
            how = f"the sum of {every(metric.sum)}"
        elif metric.difference is not None:
            how = f"{said(metric.difference.of)} less {said(metric.difference.less)}"
        elif metric.product is not None:
            how = " times ".join(said(operand) for operand in metric.product)
        elif metric.ratio is not None:
            of, to = said(metric.ratio.of), said(metric.ratio.to)
            how = f"{of} as a percentage of {to}" if scale.percent else f"{of} divided by {to}"
        elif metric.reduction is not None:
            before, after = said(metric.reduction.from_), said(metric.reduction.to)
            how = f"how far {after} lies below {before}, as a {'percentage' if scale.percent else 'part'} of {before}"
        elif metric.weighted is not None:
            how = " plus ".join(f"{share(weight)} of {spoken(name)}" for name, weight in metric.weighted.items())
        elif metric.highest is not None or metric.lowest is not None:
            how = f"the {word} of {every(metric.highest or metric.lowest or ())}"
        elif metric.change is not None:
            how = f"the change in {spoken(metric.change)} since it was last reported"
        elif metric.running is not None:
            how = f"the total of {spoken(metric.running)} to date"
        elif metric.pooled is not None:
            how = f"{spoken(metric.pooled)} of all cohorts together"
        elif metric.met is not None:
            how = f"yes where {metric.met.said(self.scales)}, and no otherwise"
        if metric.fixed is not None:
            yield from self._varying(
                "It is fixed at", metric.fixed, lambda figure: scale.whole(figure), "It is fixed, but differs"
            )
        elif metric.score is not None:
            yield f"It depends on {spoken(metric.score.of)}:"
            yield from self._score(metric, scale)
        else:
            yield f"It is worked out: {how}."
        if metric.if_zero is not None:
            divisor = metric.ratio.to if metric.ratio else metric.reduction.from_ if metric.reduction else ""
            yield f"Where {said(divisor)} is 0, it is {scale.whole(metric.if_zero)}."
        if word not in ("fixed", "met", "sum", "running", "pooled") or metric.rounded != "half up":
            step = scale.show(1) if not scale.percent else f"{decimal(scale.step)}%"
            yield f"It is rounded to {'a multiple of ' if scale.step != 1 else ''}{step}: {ROUNDED[metric.rounded]}."

    def _score(self, metric: Metric, own: Scale) -> Iterator[Item]:
        assert metric.score is not None
        scale = self.scales[metric.score.of]

        def points(figure: Any) -> str:
            if not isinstance(figure, Figure):
                return NOT_KNOWN
            value = figure.value
            return f"{decimal(value)}{'%' if own.percent else ' ' + (own.unit if abs(value) == 1 else own.plural)}"

        if metric.score.tiers is not None:
            rows = []
            for place, tier in enumerate(metric.score.tiers):
                parts = [points(tier.lump)] if tier.lump is not None else []
                parts += [f"{points(tier.price)} for each {self._unit_of(scale)}"] if tier.price is not None else []
                parts += self._plus(tier, metric.score.tiers, place, scale, points)
                rows.append((self.range_of(metric.score.tiers, place, scale), self._with_aside(listed(parts), tier)))
            yield Rows(tuple(rows))
        elif metric.score.table is not None:
            yield from self._table(metric.score.table, metric.score.before, metric.score.after, scale, points)

    # --- small parts ----------------------------------------------------------------------------------------------

    def party(self, name: str) -> str:
        """Name a party."""
        return self.spec.parties[name].name

    def parties(self, keys: Iterable[str]) -> str:
        """Name parties inside a sentence."""
        return listed(inside(self.party(key)) for key in keys)

    def periods_said(self, keys: Iterable[str]) -> str:
        """Name periods and runs of them."""
        single = [key for key in keys if key not in self.runs]
        runs = [f"each period of {spoken(key)}" for key in keys if key in self.runs]
        return listed([*([the("period", single)] if single else []), *runs])

    @staticmethod
    def _unit_of(scale: Scale) -> str:
        return scale.money.rate(Fraction(1)) if scale.money else scale.unit

    def _units(self, scale: Scale, metric: str, count: Figure | None = None, whole: bool = False) -> str:
        """Say what a price is for: ``for each day counted as "stable days"``."""
        if count is None or count.value == 1:
            what = f"each {self._unit_of(scale)}"
        elif scale.money:
            what = f"every {'full ' if whole else ''}{scale.money.rate(count.value)}"
        else:
            what = f"every {'full ' if whole else ''}{decimal(count.value)} {scale.plural}"
        return f"{what} {'of' if scale.percent or scale.money else 'counted as'} {spoken(metric)}"

    def _varying(self, one: str, varying: Varying, show: Any, several: str) -> Iterator[Item]:
        """Say one figure, or a table of figures by year, cohort or period."""
        chosen = varying.choices()
        if chosen is None:
            figure = varying.flat
            yield f"{one} {show(figure)}." if isinstance(figure, Figure) else f"{several.split(',')[0]}; {NOT_KNOWN}."
            return
        word, figures = chosen
        by = {
            "by_year": "by the calendar year in which the period starts",
            "by_cohort": "by cohort",
            "by_period": "by period",
        }[word]
        yield f"{several} {by}:"
        rows = [(start(key), show(f) if isinstance(f, Figure) else NOT_KNOWN) for key, f in figures.items()]
        if word == "by_year" and {str(y) for y in self.contract.frame.empty().starts} - set(figures):
            rows.append(("Any year in between or later", "as in the last year listed before it"))
        missing = [p for p in self.contract.periods if p.name not in figures and p.run not in figures]
        if word == "by_period" and missing:
            rows.append(("Any other period", NOT_KNOWN))
        yield Rows(tuple(rows))

    def range_of(self, ends: tuple[Ends, ...], place: int, scale: Scale) -> str:
        """Say in exact words where a tier or band begins and ends; an end that is not written is its neighbour's."""
        this = ends[place]
        if this.at is not None:
            return scale.within(this.at, up_to=this.at)
        from_, above, below, up_to = this.from_, this.above, this.below, this.up_to
        if from_ is None and above is None and place:
            before = ends[place - 1]
            from_, above = before.below, before.up_to or before.at
        if below is None and up_to is None and place + 1 < len(ends):
            after = ends[place + 1]
            below, up_to = after.from_ or after.at, after.above
        return scale.within(from_, above, below, up_to)

    @staticmethod
    def _with_aside(text: str, ends: Ends) -> str:
        asides = [f"clause: {ends.clause}"] if ends.clause else []
        asides += [f"source: {names(ends.source)}"] if ends.source else []
        asides += [f"note: {ends.note}"] if ends.note else []
        return f"{text} [{'; '.join(asides)}]" if asides else text

    def _plus(self, tier: Tier, tiers: tuple[Tier, ...], place: int, scale: Scale, show: Any) -> list[str]:
        if tier.plus is None:
            return []
        begin = tier.low or (tiers[place - 1].high if place else None)
        above = f" above {scale.whole(begin)}" if begin is not None else ""
        return [f"{show(tier.plus)} for each {self._unit_of(scale)}{above}"]

    def _table(
        self, points: tuple[Point, ...], before: Any, after: Any, scale: Scale, show: Any, zero: str = ""
    ) -> Iterator[Item]:
        first, last = points[0], points[-1]
        rows = [
            (scale.within(below=first.at), show(before if before is not None else first.lump)),
            *((f"at {scale.whole(point.at)}", show(point.lump)) for point in points),
            (scale.within(above=last.at), show(after if after is not None else last.lump)),
        ]
        yield Rows(tuple(rows))
        if len(points) > 1:
            yield "Between two of these points it lies on the straight line from one to the other."

    # --- rules ----------------------------------------------------------------------------------------------------

    def rule(self, name: str) -> Block:
        """Say who pays whom, how much, for what, when, and on what conditions."""
        rule = self.spec.rules[name]
        metric = rule.metric or (name if name in self.spec.metrics else None)
        if rule.metric is None and rule.priced_by in ("pays", "instalments", "part_of", "tops_up"):
            metric = None
        title = rule.what or (self.spec.metrics[metric].what if metric else None)
        body: list[Item] = [*self._price(rule, metric, self._who(rule))]
        body += self._counting(rule, metric)
        body += self._scope(rule, metric)
        if rule.share is not None and rule.part_of is None:
            body.append(f"Only {share(rule.share)} of the amount so worked out is paid.")
        body += self._gate(rule)
        body += self._floor(rule, metric)
        body += self._holdback(rule)
        if rule.most is not None:
            body += self._most(rule.most, "is paid under this rule in all", Limit(most=rule.most))
            if not rule.most.none:
                body.append("What passes this is not paid.")
        body += self._stages_of_payers(rule)
        return Block(self.tag(name, rule.clause, title and title.rstrip(".")), (*body, *self._aside(rule)))

    def _who(self, rule: Rule) -> str:
        payers, payee = self.payers_said(rule), self.payee_said(rule)
        if rule.returned:
            return f"{start(payee)} shall pay back to {payers}"
        return f"{start(payers) if payers != self.payers_said(rule, True) else self.payers_said(rule, True)} shall pay {payee}"

    def stages_said(self, stages: Payers) -> str:
        """Say who pays, where it is the same throughout: one party, or several by share."""
        shares = stages[0].shares
        if len(shares) == 1:
            return inside(self.party(next(iter(shares))))
        return listed(f"{inside(self.party(key))} ({share(part)})" for key, part in shares.items())

    def payers_said(self, rule: Rule) -> str:
        """Say who pays for a rule, inside a sentence."""
        cohorts = self.spec.population.cohorts or {}
        stages = self.spec.payers_of(rule)
        own = rule.payer is None and rule.payers is None and any(c.payer or c.payers for c in cohorts.values())
        said = None if stages is None else "the payers" if len(stages) > 1 else self.stages_said(stages)
        if not own:
            return said or "the payer"
        return "the payer of each cohort" + (f" ({said} where it has none of its own)" if said else "")

    def payee_said(self, rule: Rule) -> str:
        """Say who is paid for a rule, inside a sentence."""
        cohorts = self.spec.population.cohorts or {}
        payee = self.spec.payee_of(rule)
        said = None if payee is None else inside(self.party(payee))
        if rule.payee or not any(cohort.payee for cohort in cohorts.values()):
            return said or "the payee"
        if said is None or all(cohort.payee for cohort in cohorts.values()):
            return "the payee of each cohort"
        return f"the payee of each cohort ({said} where it has none of its own)"
