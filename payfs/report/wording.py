"""What all clauses of a contract's English are made of: its parties, periods, ranges and units in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from payfs.contract import Contract, Terms
from payfs.evidence.condition import Condition
from payfs.evidence.derive import derive
from payfs.evidence.measured import Measured, Series
from payfs.evidence.varying import Varying
from payfs.money import TooLarge
from payfs.report.phrases import (
    Item,
    Rows,
    full_stop,
    inside,
    listed,
    names,
    start,
    the,
)
from payfs.scale import Scale
from payfs.spec import Figure, Unknown, UnknownTerm, decimal, spoken, written_share
from payfs.terms.limit import Limit, Most
from payfs.terms.payers import Payers
from payfs.terms.rule import Rule
from payfs.words import Ends, Point, Tier

NOT_KNOWN = "not known from the sources"
UNKNOWN_FIGURE = "a figure that is not known from the sources"
UNKNOWN_NUMBER = "a number that is not known from the sources"
UNKNOWN_SUM = "a sum that is not known from the sources"


class Wording:
    """Says what the contract's terms are in one stretch of time."""

    def __init__(self, contract: Contract, terms: Terms) -> None:
        """Take the contract for its periods and cohorts, and the terms for all that may be amended."""
        self.contract, self.terms, self.spec = contract, terms, terms.spec
        self.scales, self.money = terms.scales, contract.money
        self.cohorts = tuple(self.spec.population.cohorts or {})
        self.runs = dict.fromkeys(period.run for period in contract.periods if period.run != period.name)

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

    @staticmethod
    def tag(name: str, clause: str | None = None, title: str | None = None) -> str:
        """Write a heading: what it is called, and in brackets the name by which others mean it, and the clause."""
        spoken_name = name.replace("_", " ")
        beside = "; ".join(part for part in (spoken_name if title else "", clause or "") if part)
        return f"{title or start(spoken_name)} [{beside}]" if beside else title or start(spoken_name)

    def _aside(self, spec: Any) -> Iterator[str]:
        """Yield the note and the source of a term, in a paragraph of their own."""
        yield ""
        if getattr(spec, "note", None):
            yield f"Note: {full_stop(spec.note)}"
        if spec.source:
            yield f"Source: {names(spec.source)}."

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

    def _varying(self, varying: Varying, show: Callable[[Figure], str], several: str) -> Iterator[Item]:
        """Say figures by year, cohort or period as a table."""
        word, figures = varying.choices() or ("by_year", {})
        by = {"by_year": "by the calendar year in which the period starts"}.get(word, word.replace("_", " "))
        yield f"{several} {by}:"
        labels = {key: f"Each period of {spoken(key)}" for key in figures if key in self.runs and word == "by_period"}
        rows = [
            (labels.get(key, start(key)), show(f) if isinstance(f, Figure) else NOT_KNOWN) for key, f in figures.items()
        ]
        if word == "by_year" and {str(y) for y in self.measured.starts} - set(figures):
            rows.append(("Any other year", "as in the last year listed before it"))
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
        much = f"an amount {NOT_KNOWN}" if isinstance(tier.plus, Unknown) else show(tier.plus)
        return [f"{much} for each {self._unit_of(scale)}{above}"]

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

    def stages_said(self, stages: Payers) -> str:
        """Say who pays, where it is the same throughout: one party, or several by share."""
        shares = stages[0].shares
        if len(shares) == 1:
            return inside(self.party(next(iter(shares))))
        return listed(f"{inside(self.party(key))} ({written_share(part)})" for key, part in shares.items())

    def shares_by_stage(self, stages: Payers) -> str:
        """Say how payers share where that changes in time."""
        texts = []
        for place, stage in enumerate(stages):
            when = f"for periods that end by {stage.until}" if stage.until else "for later periods"
            if place and stage.until:
                when = f"for later periods that end by {stage.until}"
            falls = listed(f"{written_share(part)} to {inside(self.party(key))}" for key, part in stage.shares.items())
            texts.append(f"{when}, {falls}")
        return f"Of each payment there falls {'; '.join(texts)}."

    def judged(self, condition: Condition) -> Iterator[str]:
        """Say of a condition what its own words leave open."""
        parts = [part for part in condition.parts() if part.metric is not None]
        if any(part.of == "each cohort" and self.by_cohort(str(part.metric)) for part in parts):
            yield "Each cohort is judged by itself."

    def pays_by_cohort(self, name: str) -> bool:
        """Whether a rule pays each cohort by itself, and not once for all of them."""
        rule = self.spec.rules[name]
        if not self.cohorts or rule.pooled or rule.tops_up is not None:
            return False
        if rule.part_of is not None:
            return all(self.pays_by_cohort(other) for other in rule.part_of)
        if rule.priced_by in ("pays", "instalments") and rule.metric is None:
            return rule.cohorts is not None
        return self.by_cohort(rule.metric or name)

    def runs_on(self, rule: Rule, metric: str) -> bool:
        """Whether a rule pays on the total to date."""
        running = rule.counts is None and self.measured.series[metric].running
        return rule.counts == "to date" or rule.stages is not None or running

    def _most(self, most: Most, what: str, limit: Limit) -> Iterator[Item]:
        def show(amount: Any) -> str:
            return self.money.rate(amount) if isinstance(amount, Fraction) else UNKNOWN_SUM

        if most.none:
            yield f"There is no limit on what {what}."
        elif most.metric is not None:
            over = " over all cohorts" if self.by_cohort(most.metric) else ""
            anew = {"fiscal year": "that year", "year": "that year", "period": "that period"}
            since = f"as last reported for {anew[limit.in_time]}" if limit.in_time else "as last reported"
            yield f"At most the amount of {spoken(most.metric)}{over}, {since}, {what}."
        elif most.by_year is not None or most.by_period is not None:
            figures = most.by_year or most.by_period or {}
            yield f"At most {'this amount' if len(figures) == 1 else 'these amounts'} {what}:"
            yield Rows(tuple((start(key), show(amount)) for key, amount in figures.items()))
        else:
            unknown = isinstance(most.flat, Unknown)
            yield f"What {what} is limited to {UNKNOWN_SUM}." if unknown else f"At most {show(most.flat)} {what}."
