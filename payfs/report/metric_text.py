"""A metric in sentences: what it is, how it is measured or worked out, by whom and against what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import prod
from typing import Any

from payfs.evidence.metric import Metric
from payfs.report.claim_rules_text import ClaimRulesText
from payfs.report.phrases import (
    ROUNDED,
    Block,
    Item,
    Rows,
    full_stop,
    inside,
    listed,
)
from payfs.report.wording import NOT_KNOWN, UNKNOWN_FIGURE
from payfs.scale import Scale
from payfs.spec import Figure, decimal, spoken, written_share


class MetricText(ClaimRulesText):
    """Says what is measured."""

    def metric(self, name: str) -> Block:
        """Say what a metric is, how it is measured, by whom and against what."""
        metric, scale = self.spec.metrics[name], self.scales[name]
        body: list[Item] = [full_stop(metric.what), ""] if metric.what else []
        body.append(self._unit(scale))
        if metric.worked_out:
            body += self._worked_out(metric, scale)
        body += self._when_measured(name, metric, scale)
        if metric.claims is not None:
            body += ["", *self._claims(name, metric.claims, scale), ""]
        if metric.better != "higher":
            body.append("Lower is better." if metric.better == "lower" else "Neither higher nor lower is better.")
        if metric.counterfactual:
            body.append(f"Compared with: {full_stop(metric.counterfactual)}")
        if metric.baseline:
            body.append(f"Baseline: {full_stop(metric.baseline)}")
        if metric.verifier:
            body.append(f"Verified by {full_stop(inside(self.party(metric.verifier)))}")
        heading, lead = self.tag(name, metric.clause), full_stop(metric.what) if metric.what else ""
        return Block(heading, (*body, *self._aside(metric)), lead=lead, own=2 if lead else 0)

    def _unit(self, scale: Scale) -> str:
        step = decimal(scale.step)
        if scale.yes_no:
            return "The answer is yes or no."
        if scale.money:
            return f"An amount of money, to {scale.money.rate(scale.step)}."
        if scale.percent:
            return f"A percentage, to {step}%."
        if scale.step == 1:
            return f"Counted in {scale.plural}, whole ones only."
        return f"Counted in {scale.plural}, in steps of {step}."

    def _when_measured(self, name: str, metric: Metric, scale: Scale) -> Iterator[str]:
        if metric.measured:
            yield f"It is measured for {self.periods_said(metric.measured)} only."
        if metric.reports == "to date":
            yield "Each result is a total to date: it counts from the start again."
        if self.cohorts and not metric.worked_out:
            yield (
                "There is one result for each cohort."
                if metric.by_cohort
                else ("There is one result for the whole contract, not one for each cohort.")
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
            how = " plus ".join(
                f"{written_share(weight)} of {spoken(name)}" for name, weight in metric.weighted.items()
            )
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
            if metric.fixed.choices():
                yield from self._varying(metric.fixed, scale.whole, "It is fixed")
            else:
                figure = metric.fixed.flat
                yield f"It is fixed at {scale.whole(figure) if isinstance(figure, Figure) else UNKNOWN_FIGURE}."
        elif metric.score is not None:
            yield f"It depends on {spoken(metric.score.of)}:"
            yield from self._score(metric, scale)
        else:
            yield f"It is worked out: {how}."
        if metric.if_zero is not None:
            divisor = metric.ratio.to if metric.ratio else metric.reduction.from_ if metric.reduction else ""
            yield f"Where {said(divisor)} is 0, it is {scale.whole(metric.if_zero)}."
        if metric.rounded != "half up" or not self._exact(metric, scale):
            step = "a whole number" if scale.step == 1 and not scale.money and not scale.percent else scale.show(1)
            yield f"It is rounded to {step}: {ROUNDED[metric.rounded]}."

    def _exact(self, metric: Metric, scale: Scale) -> bool:
        """Whether a metric is worked out without anything to round."""
        if metric.score is not None:
            return metric.score.table is None  # the points of tiers are whole steps
        operands = [self.scales[name].worth for _, name in metric.operands()]
        if metric.product is not None:
            figures = [operand.share for operand in metric.product if isinstance(operand, Figure)]
            return (prod([*operands, *figures], start=Fraction(1)) / scale.worth).denominator == 1
        if metric.worked_out in ("sum", "difference", "highest", "lowest", "change", "running", "pooled"):
            return all((worth / scale.worth).denominator == 1 for worth in operands)
        return metric.worked_out in ("fixed", "met")

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
