"""A rule in sentences: who pays whom, how much, for what, when, and on what conditions."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from payfs.report.phrases import (
    Block,
    Item,
    begin,
    full_stop,
    inside,
    the,
)
from payfs.report.price_text import PriceText
from payfs.report.wording import UNKNOWN_FIGURE, UNKNOWN_NUMBER
from payfs.scale import Scale
from payfs.spec import Figure, spoken, written_share
from payfs.terms.limit import Limit
from payfs.terms.rule import Rule


class RuleText(PriceText):
    """Says what is paid."""

    def rule(self, name: str) -> Block:
        """Say who pays whom, how much, for what, when, and on what conditions."""
        rule = self.spec.rules[name]
        metric = rule.metric or (name if name in self.spec.metrics else None)
        if rule.metric is None and rule.priced_by in ("pays", "instalments", "part_of", "tops_up"):
            metric = None
        title = rule.what or (self.spec.metrics[name].what if metric == name else None)
        body: list[Item] = [*self._price(rule, metric, self._who(name, rule))]
        body += self._claim_by_claim(name, rule, metric)
        body += self._counting(rule, metric)
        body += self._scope(name, rule, metric)
        if rule.share is not None and rule.part_of is None:
            body.append(f"Only {written_share(rule.share)} of the amount so worked out is paid.")
        body += self._gate(rule)
        body += self._floor(name, rule, metric)
        if rule.most is not None:
            body += self._most(rule.most, "is paid under this rule in all", Limit(most=rule.most))
            if not rule.most.none:
                body.append("What passes this is not paid.")
        body += self._holdback(rule)
        body += self._stages_of_payers(rule)
        rate = self._rate(rule, metric)
        heading = self.tag(name, rule.clause, title and title.rstrip("."))
        return Block(heading, (*body, *self._aside(rule)), lead=rate, common=self._who(name, rule), own=1)

    def _who(self, name: str, rule: Rule) -> str:
        payers, payee = self.payers_said(name, rule), self.payee_said(name, rule)
        return f"{begin(payee)} shall pay back to {payers}" if rule.returned else f"{begin(payers)} shall pay {payee}"

    def payers_said(self, name: str, rule: Rule) -> str:
        """Say who pays for a rule, inside a sentence."""
        cohorts = (self.spec.population.cohorts or {}) if self.pays_by_cohort(name) else {}
        stages = self.spec.payers_of(rule)
        own = rule.payer is None and rule.payers is None and any(c.payer or c.payers for c in cohorts.values())
        said = None if stages is None else "the payers named below" if len(stages) > 1 else self.stages_said(stages)
        if not own:
            return said or "the payer"
        return "the payer of each cohort" + (f" ({said} where it has none of its own)" if said else "")

    def payee_said(self, name: str, rule: Rule) -> str:
        """Say who is paid for a rule, inside a sentence."""
        cohorts = (self.spec.population.cohorts or {}) if self.pays_by_cohort(name) else {}
        payee = self.spec.payee_of(rule)
        said = None if payee is None else inside(self.party(payee))
        if rule.payee or not any(cohort.payee for cohort in cohorts.values()):
            return said or "the payee"
        if said is None or all(cohort.payee for cohort in cohorts.values()):
            return "the payee of each cohort"
        return f"the payee of each cohort ({said} where it has none of its own)"

    def _counting(self, rule: Rule, metric: str | None) -> Iterator[Item]:
        """Say what counts: beyond a baseline, up to a number, each period or to date, by cohort or together."""
        if metric is None or rule.pays is not None or rule.instalments is not None:
            return
        scale, series = self.scales[metric], self.measured.series[metric]
        if rule.baseline is not None:
            yield from self._baseline(rule, scale)
        if rule.most_units is not None:
            most = scale.whole(rule.most_units) if isinstance(rule.most_units, Figure) else UNKNOWN_NUMBER
            yield f"Payment is made for at most {most} in all. What is beyond that is not paid."
            if rule.gate is not None:
                yield "What is left unpaid because of the condition below does not count towards this number."
        if rule.pays_for is not None:
            part, each = (
                rule.pays_for,
                ", for each cohort by itself" if self.by_cohort(metric) and not rule.pooled else "",
            )
            first = "first is" if part.number == 1 else f"first {part.number} are"
            yield f"Of every {part.of} {scale.plural} only the {first} paid for, counted from the beginning{each}."
        if rule.pooled:
            yield "All cohorts are counted together."
        if self.runs_on(rule, metric):
            yield "Each payment is what is due in all to date, less what was due before."
            yield (
                "Where that is less than before, the payee owes the difference."
                if rule.two_way
                else (
                    "Where that is less than before, nothing is owed back, and later payments wait until it is made up."
                )
            )
        elif rule.bands is not None:
            each = " and for each cohort" if self.by_cohort(metric) and not rule.pooled else ""
            yield f"The bands begin anew in each period{each}."
        if series.running and not self.runs_on(rule, metric):
            yield f"Each result of {spoken(metric)} is priced by itself, although it is a total to date."

    def _baseline(self, rule: Rule, scale: Scale) -> Iterator[Item]:
        base = rule.baseline
        assert base is not None
        only = "Only what lies below" if scale.lower_is_better else "Only what exceeds"
        if base.metric is not None:
            yield f"{only} the baseline {spoken(base.metric)} counts."
        elif base.choices():
            yield from self._varying(base, scale.whole, f"{only} a baseline counts. The baseline differs")
        else:
            flat = scale.whole(base.flat) if isinstance(base.flat, Figure) else UNKNOWN_FIGURE
            yield f"{only} the baseline of {flat} counts."

    def _scope(self, name: str, rule: Rule, metric: str | None) -> Iterator[str]:
        """Say for which periods and cohorts it is paid."""
        measured = self.spec.metrics[metric].measured if metric else None
        if rule.periods:
            yield f"It is paid for {self.periods_said(rule.periods)} only."
        elif measured:
            yield f"It is paid for {self.periods_said(measured)}, when {spoken(str(metric))} is measured."
        if rule.cohorts:
            yield f"It is paid for {the('cohort', rule.cohorts)} only."
        elif self.cohorts and not rule.pooled:
            alone = self.pays_by_cohort(name)
            yield "Each cohort is paid for by itself." if alone else "It is paid once for all cohorts together."

    def _gate(self, rule: Rule) -> Iterator[str]:
        gate = rule.gate
        if gate is None:
            return
        yield f"It is paid only where {gate.said(self.scales)}."
        yield from self.judged(gate)
        for name in dict.fromkeys(part.at for part in gate.parts() if part.at):
            yield f"The result of {spoken(name)} decides this for all periods. Until then nothing is paid."
        if gate.otherwise:
            yield f"Where this is not so, {written_share(gate.otherwise)} of the amount is paid."
        rest = "The rest" if gate.otherwise else "What falls due while this is not so"
        if gate.holds:
            yield f"{rest} is held, and paid as soon as it is so."
            yield "What was paid before is not taken back when it ceases to be so."
        else:
            yield f"{rest} is lost."
        yield "Nothing is paid while it is not known whether this is so."
        if gate.stays_open:
            yield "Once it has been so, it counts as so for good."

    def _floor(self, name: str, rule: Rule, metric: str | None) -> Iterator[str]:
        if rule.returned:
            return
        if rule.two_way:
            yield full_stop(
                f"An amount below nothing is owed by {self.payee_said(name, rule)} to {self.payers_said(name, rule)}"
            )
        elif self._may_be_negative(rule, metric):
            yield "A payment is never less than nothing."

    def _may_be_negative(self, rule: Rule, metric: str | None) -> bool:
        scale = self.scales[metric] if metric else None
        below = scale is not None and (scale.least is None or scale.least < 0) and rule.baseline is None
        if rule.tiers is not None:
            figures = [getattr(tier, key) for tier in rule.tiers for key in ("pays", "price", "plus")]
            return any(isinstance(figure, Figure) and figure.value < 0 for figure in figures) or (
                below and rule.tiers[0].price is not None
            )
        if rule.table is not None:
            points = [rule.before, rule.after, *(point.lump for point in rule.table)]
            return any(isinstance(figure, Figure) and figure.value < 0 for figure in points)
        if rule.priced_by in ("price", "bands", "stages"):
            return below and not self.runs_on(rule, str(metric))
        return isinstance(rule.pays, Fraction) and rule.pays < 0

    def _holdback(self, rule: Rule) -> Iterator[str]:
        held = rule.holdback
        if held is None:
            return
        when = self.periods_said([held.released])
        when = f"the last period of {spoken(held.released)}" if held.released in self.runs else when
        yield f"{written_share(held.share)} of each payment up to and with {when} is held back."
        if held.gate is None:
            yield f"What was held back is paid with {when}."
            return
        met = held.gate.said(self.scales)
        yield f"What was held back is paid with {when}, but only if in that period {met}. If not, it is never paid."
        yield from self.judged(held.gate)

    def _stages_of_payers(self, rule: Rule) -> Iterator[str]:
        stages = self.spec.payers_of(rule)
        if stages is not None and len(stages) > 1:
            yield self.shares_by_stage(stages)
