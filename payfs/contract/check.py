"""Cross-checks: whatever one part of a contract says of another must be there and fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from itertools import islice
from typing import Any

from payfs.contract.claimed import claim_problems
from payfs.contract.funded import capital_problems
from payfs.contract.named import no_such
from payfs.contract.shapes import below_nothing, shape_problems
from payfs.contract.written import ContractSpec
from payfs.evidence.measured import Measured
from payfs.evidence.metric import Metric
from payfs.evidence.results import Frame
from payfs.evidence.varying import Varying
from payfs.periods import Period, fiscal_year
from payfs.scale import OffScale, Scale
from payfs.spec import Figure, Problem, Unknown, quoted, under
from payfs.terms.limit import Limit
from payfs.terms.payers import payer_problems
from payfs.terms.rule import Rule
from payfs.text import MOST_FINDINGS, Document, Finding, nearest

MOST_DEEP, MOST_WIDE = 10, 1000  # of rules that look at rules
MOST_CELLS = 1_000_000  # of rules and metrics in all periods and cohorts

Checked = tuple[dict[str, Scale], tuple[str, ...], tuple[str, ...]]
Exists = Callable[[str], bool]


def periods_of(spec: ContractSpec, document: Document) -> tuple[tuple[Period, ...], list[Finding]]:
    """Lay the periods out in order of payment, and find what is wrong with them."""
    periods: list[Period] = []
    found = []
    for name, written in spec.periods.items():
        try:
            periods += written.periods(name, spec.holidays)
        except ValueError as error:
            what, _, remedy = str(error).partition("; ")
            found.append(document.finding(("periods", name), what, remedy))
    names = [period.name for period in periods]
    for name in sorted({name for name in names if names.count(name) > 1}):
        run = next(period.run for period in reversed(periods) if period.name == name)
        found.append(
            document.finding(
                ("periods", run), f"two periods are named {quoted(name)}", "give one of the runs another length or name"
            )
        )
    if len(periods) > 2400:
        found.append(document.finding(("periods",), f"there are {len(periods):,} periods", "use at most 2,400"))
    cells = (len(spec.rules) + len(spec.metrics)) * (len(spec.population.cohorts or ()) or 1) * len(periods)
    if cells > MOST_CELLS:
        what = f"the rules and metrics in all periods and cohorts make {cells:,} figures, more than {MOST_CELLS:,}"
        found.append(document.finding(("periods",), what, "use fewer periods or cohorts, or split the contract"))
    return tuple(sorted(periods, key=lambda p: (p.paid.date, p.end.date, p.start.date, p.name))), found


def check(spec: ContractSpec, document: Document, periods: tuple[Period, ...]) -> tuple[Checked | None, list[Finding]]:
    """Cross-check a contract.

    Returns:
        Scales, the order of worked-out metrics and the order of rules (None if something is wrong), and findings.
    """
    problems: list[Problem] = []
    scales: dict[str, Scale] = {}
    for name, metric in spec.metrics.items():
        try:
            scales[name] = metric.scale(spec.currency)
        except OffScale as error:
            problems.append(Problem(("metrics", name), error.what, error.remedy))
    checker = _Checker(spec, periods, scales)
    problems += islice(checker.problems(), MOST_FINDINGS + 1)
    metric_order, cycle = _order(
        {name: [o for _, o in m.operands() if o in spec.metrics] for name, m in spec.metrics.items()}
    )
    if cycle:
        problems.append(
            Problem(
                ("metrics", cycle[0]),
                f"the metrics go round in a circle: {_round(cycle, ' needs ')}",
                "break the circle",
            )
        )
    rule_order, cycle = _order(
        {name: [o for _, o in r.other_rules() if o in spec.rules] for name, r in spec.rules.items()}
    )
    if cycle:
        problems.append(
            Problem(
                ("rules", cycle[0]),
                f"the rules go round in a circle: {_round(cycle, ' looks at ')}",
                "break the circle",
            )
        )
    derived = tuple(name for name in metric_order if spec.metrics[name].worked_out)
    problems += [*_too_deep(spec, rule_order), *below_nothing(spec), *claim_problems(spec)]
    problems += capital_problems(spec, scales, periods)
    if not problems:
        problems += shape_problems(spec, scales, derived, rule_order, periods)
    findings = [document.finding(p.path, p.what, p.remedy) for p in problems]
    findings.sort(key=lambda finding: (finding.line, finding.column))
    return (None if findings else (scales, derived, rule_order)), some(findings, document.file, len(findings))


def _too_deep(spec: ContractSpec, order: tuple[str, ...]) -> Iterator[Problem]:
    """Find rules that look at so many others, and through them at others again, that nobody could follow the sum."""
    looks: dict[str, tuple[int, int]] = {}
    for name in order:
        others = [looks[other] for _, other in spec.rules[name].other_rules() if other in looks]
        deep = 1 + max((deep for deep, _ in others), default=0)
        wide = 1 + sum(wide for _, wide in others)
        looks[name] = deep, wide
        if deep > MOST_DEEP or wide > MOST_WIDE:
            what = "the rule looks at other rules, and through them at others, more often than can be explained"
            yield Problem(("rules", name), what, "look at the first rules directly")
            return


def some(findings: list[Finding], file: str, number: int) -> list[Finding]:
    """Return the first of many findings, as many as can be corrected at once."""
    if number <= MOST_FINDINGS:
        return findings
    return [*findings[:MOST_FINDINGS], Finding(f"more than {MOST_FINDINGS} findings", "correct these first", file=file)]


def _order(needs: Mapping[str, Iterable[str]]) -> tuple[tuple[str, ...], list[str]]:
    """Sort names so that each stands after those it needs; or return a circle."""
    try:
        return tuple(TopologicalSorter({name: sorted(set(needs[name])) for name in sorted(needs)}).static_order()), []
    except CycleError as error:
        return (), list(reversed(error.args[1]))


def _round(cycle: list[str], verb: str) -> str:
    """Write a circle, without the middle of a long one."""
    return verb.join(cycle if len(cycle) <= 12 else [*cycle[:9], "...", *cycle[-2:]])


class _Checker:
    """Finds references to what is not there, and words that do not fit each other."""

    def __init__(self, spec: ContractSpec, periods: tuple[Period, ...], scales: Mapping[str, Scale]) -> None:
        self.spec, self.periods, self.scales = spec, periods, scales
        self.period_names = dict.fromkeys([*(p.name for p in periods), *(p.run for p in periods)])
        self.cohorts = tuple(spec.population.cohorts or {})
        measured = Frame(spec.metrics, scales, self.cohorts or ("all",), periods)
        self.measured = Measured(
            {}, measured.cohorts, tuple(p.name for p in periods), tuple(p.start.date.year for p in periods), 1
        )
        self.runs = tuple(dict.fromkeys(p.run for p in periods))

    def problems(self) -> Iterator[Problem]:
        yield from self._head()
        for name, metric in self.spec.metrics.items():
            yield from under(self._metric(metric, name), "metrics", name)
        for name, rule in self.spec.rules.items():
            yield from under(self._rule(rule, name), "rules", name)
        yield from self._limits()
        for place, example in enumerate(self.spec.examples):
            yield from self._named(example.source, self.spec.sources, "source", ("examples", place, "source"))
        for place, amendment in enumerate(self.spec.amendments):
            yield from self._named(amendment.source, self.spec.sources, "source", ("amendments", place, "source"))

    def _named(
        self, names: str | Iterable[str] | None, known: Iterable[str], kind: str, path: tuple[str | int, ...]
    ) -> Iterator[Problem]:
        """Find names that there are not."""
        known = known if isinstance(known, Mapping) else list(known)
        for name in [names] if isinstance(names, str) else names or ():
            if name not in known:
                what, hint = no_such(name, known, kind)
                near = nearest(name, known) if kind == "period" else None
                here = [period.name for period in self.periods if period.run == near]
                if near is not None and here and near not in here:  # near to a run, of which one period is meant
                    hint = f"the periods of {quoted(near)} are {', '.join(here[:12])}"
                yield Problem(path, what, hint)

    def _head(self) -> Iterator[Problem]:
        spec = self.spec
        if spec.term and spec.term.end.date < spec.term.start.date:
            yield Problem(("term",), "the term ends before it starts", "exchange the two dates")
        yield from self._named(spec.payer, spec.parties, "party", ("payer",))
        if spec.payer in spec.parties:
            yield from self._pays(str(spec.payer), ("payer",))
        yield from self._named(spec.payee, spec.parties, "party", ("payee",))
        if spec.payer and spec.payers:
            yield Problem(("payers",), "payer and payers are both said", "keep one of them")
        yield from self._payers(spec.payers, ("payers",))
        rounding = spec.rounding.to
        if rounding is not None and (
            isinstance(rounding, Unknown) or rounding <= 0 or (rounding * spec.currency.minor).denominator != 1
        ):
            yield Problem(
                ("rounding", "to"),
                "money cannot be rounded to that",
                f"give a whole number of minor units of {spec.currency.code}, above 0",
            )
        for name, cohort in (spec.population.cohorts or {}).items():
            path = ("population", "cohorts", name)
            if name in self.period_names or name == "all":
                yield Problem(
                    path,
                    f"{quoted(name)} is the name of a cohort and of {'all cohorts' if name == 'all' else 'a period'}",
                    "give the cohort another name",
                )
            if cohort.from_ and cohort.to and cohort.to.date < cohort.from_.date:
                yield Problem(path, "the cohort ends before it starts", "exchange the two dates")
            yield from self._named(cohort.payee, spec.parties, "party", (*path, "payee"))
            yield from self._named(cohort.payer, spec.parties, "party", (*path, "payer"))
            if cohort.payer in spec.parties:
                yield from self._pays(str(cohort.payer), (*path, "payer"))
            if cohort.payer and cohort.payers:
                yield Problem((*path, "payers"), "payer and payers are both said", "keep one of them")
            yield from self._payers(cohort.payers, (*path, "payers"))

    def _payers(self, stages: Any, path: tuple[str | int, ...]) -> Iterator[Problem]:
        if stages is None:
            return
        yield from under(payer_problems(stages), *path)
        for place, stage in enumerate(stages):
            for name in stage.shares:
                yield from self._named(name, self.spec.parties, "party", (*path, place, "shares", name))
                if name in self.spec.parties:
                    yield from self._pays(name, (*path, place, "shares", name))

    def _pays(self, name: str, path: tuple[str | int, ...]) -> Iterator[Problem]:
        party = self.spec.parties[name]
        if "outcome payer" not in party.role:
            yield Problem(
                path,
                f"{quoted(name)} pays, but its role is {' and '.join(party.role)}",
                "give it the role outcome payer; money that it owes back is a rule with two_way: yes, or returned: yes",
            )

    def _metric(self, metric: Metric, name: str) -> Iterator[Problem]:
        spec = self.spec
        yield from self._named(metric.source, spec.sources, "source", ("source",))
        yield from self._named(metric.verifier, spec.parties, "party", ("verifier",))
        yield from self._named(metric.measured, self.period_names, "period", ("measured",))
        for path, operand in metric.operands():
            yield from self._named(operand, spec.metrics, "metric", path)
        if name in self.scales:
            yield from metric.problems(
                self.scales, self.scales[name], self.period_names.__contains__, bool(self.cohorts)
            )
        if metric.fixed is not None:
            yield from under(metric.fixed.problems(self.measured, self.runs), "fixed")
        if metric.worked_out and metric.measured:
            yield Problem(
                ("measured",),
                "the metric is worked out, so nobody measures it",
                "leave measured out; say it of the metrics that it needs",
            )

    def _rule(self, rule: Rule, name: str) -> Iterator[Problem]:
        spec = self.spec
        for path, other in rule.other_rules():
            yield from self._named(other, spec.rules, "rule", path)
        yield from self._named(rule.source, spec.sources, "source", ("source",))
        yield from self._named(rule.payer, spec.parties, "party", ("payer",))
        if rule.payer in spec.parties:
            yield from self._pays(str(rule.payer), ("payer",))
        yield from self._named(rule.payee, spec.parties, "party", ("payee",))
        yield from self._payers(rule.payers, ("payers",))
        yield from self._named(rule.cohorts, self.cohorts, "cohort", ("cohorts",))
        yield from self._named(rule.periods, self.period_names, "period", ("periods",))
        metric = rule.metric
        if (
            metric is None
            and name in spec.metrics
            and rule.priced_by not in ("pays", "instalments", "part_of", "tops_up")
        ):
            metric = name
        if rule.metric is not None:
            yield from self._named(rule.metric, spec.metrics, "metric", ("metric",))
        if metric is None or metric in self.scales:
            yield from rule.problems(self.scales.get(metric or ""), spec.currency)
        if rule.price is not None:
            yield from under(rule.price.problems(self._where(rule, metric), self.runs), "price")
            yield from self._named(rule.price.index, spec.metrics, "metric", ("price", "index"))
            if rule.price.index in self.scales:
                yield from under(rule.price.base_problem(self.scales[str(rule.price.index)]), "price")
        if rule.baseline is not None:
            yield from self._named(rule.baseline.metric, spec.metrics, "metric", ("baseline",))
            if rule.baseline.metric is None:
                yield from under(Varying.problems(rule.baseline, self.measured, self.runs), "baseline")
        for key, condition in (("gate", rule.gate), ("holdback", rule.holdback.gate if rule.holdback else None)):
            at = (key,) if key == "gate" else (key, "gate")
            if condition is not None:
                for path, operand in condition.metrics():
                    yield from self._named(operand, spec.metrics, "metric", (*at, *path))
                yield from under(
                    condition.problems(self.scales, self.period_names.__contains__, bool(self.cohorts)), *at
                )
        if rule.holdback is not None:
            yield from self._named(rule.holdback.released, self.period_names, "period", ("holdback", "released"))
        if rule.instalments is not None:
            for period in rule.instalments.split or {}:
                yield from self._named(
                    period, [p.name for p in self.periods], "period", ("instalments", "split", period)
                )
        cohorts = list((spec.population.cohorts or {}).values())
        if spec.payers_of(rule) is None and not (cohorts and all(cohort.payer or cohort.payers for cohort in cohorts)):
            yield Problem((), "nothing says who pays", "say payer, here or for the whole contract")
        if spec.payee_of(rule) is None and not (cohorts and all(cohort.payee for cohort in cohorts)):
            yield Problem((), "nothing says who is paid", "say payee, here or for the whole contract")
        if rule.most is not None and rule.most.metric is not None:
            yield from self._money_metric(rule.most.metric, ("most",))

    def _where(self, rule: Rule, metric: str | None) -> Measured:
        """Return the periods in which a rule can pay, so that no price is asked for in others."""
        spec = self.spec.metrics.get(metric or "")
        wanted = [names for names in (rule.periods, spec.measured if spec else None) if names is not None]
        here = [p for p in self.periods if all(p.name in names or p.run in names for names in wanted)]
        names, starts = tuple(p.name for p in here), tuple(p.start.date.year for p in here)
        return replace(self.measured, periods=names, starts=starts) if here else self.measured

    def _money_metric(self, name: str, path: tuple[str | int, ...]) -> Iterator[Problem]:
        yield from self._named(name, self.spec.metrics, "metric", path)
        if name in self.scales and self.scales[name].money is None:
            yield Problem(path, f"the metric {quoted(name)} is not money", "give its unit as money, or name another")

    def _years(self, limit: Limit) -> Iterator[str]:
        """Yield the years, or the payer's fiscal years, in which payments fall due."""
        payers = [name for name, party in self.spec.parties.items() if "outcome payer" in party.role]
        who = limit.payer if limit.payer in self.spec.parties else next(iter(payers), None)
        for period in self.periods:
            if period.paid_known and limit.in_time == "year":
                yield str(period.paid.date.year)
            elif period.paid_known and who is not None:
                yield fiscal_year(period.paid.date, self.spec.parties[who].fiscal_year_starts)

    def _limits(self) -> Iterator[Problem]:
        spec = self.spec
        own: dict[str, str] = {}  # payers whose limits stand further up
        for name, limit in spec.limits.items():
            path = ("limits", name)
            yield from under(limit.problems(), *path)
            yield from self._named(limit.source, spec.sources, "source", (*path, "source"))
            yield from self._named(limit.rules, spec.rules, "rule", (*path, "rules"))
            yield from self._named(limit.cohorts, self.cohorts, "cohort", (*path, "cohorts"))
            if limit.then in own:
                before = quoted(own[limit.then])
                what = f"{quoted(limit.then)} takes over here, after its own limit {before} was applied"
                yield Problem((*path, "then"), what, f"write {before} after this one")
            if limit.payer is not None:
                own.setdefault(limit.payer, name)
            for key in ("payer", "then"):
                party = getattr(limit, key)
                yield from self._named(party, spec.parties, "party", (*path, key))
                if party in spec.parties:
                    yield from self._pays(party, (*path, key))
            yield from self._named(limit.order, spec.rules, "rule", (*path, "shared"))
            if limit.most is not None and limit.most.metric is not None:
                yield from self._money_metric(limit.most.metric, (*path, "most"))
            if limit.most is not None and limit.most.by_period is not None:
                names = [p.name for p in self.periods]
                yield from self._named(limit.most.by_period, names, "period", (*path, "most", "by_period"))
                yield from _missing(names, limit.most.by_period, (*path, "most", "by_period"))
            if limit.most is not None and limit.most.by_year is not None:
                yield from _missing(self._years(limit), limit.most.by_year, (*path, "most", "by_year"))
            starts = {p.fiscal_year_starts for p in spec.parties.values() if "outcome payer" in p.role}
            if limit.in_time == "fiscal year" and limit.payer is None and len(starts) > 1:
                what = "the payers' fiscal years differ, and nothing says whose counts"
                yield Problem((*path, "per"), what, "say payer, or per: year")
            if "cohort" in limit.per and not self.cohorts:
                yield Problem((*path, "per"), "per: cohort is said, but the contract has no cohorts", "leave it out")
            for limited in limit.rules or () if limit.most_units is not None else ():
                rule = spec.rules.get(limited)
                scale = self.scales.get((rule.metric if rule is not None else None) or limited)
                if rule is None:
                    continue  # named as unknown elsewhere
                if scale is None or rule.priced_by not in ("price", "tiers", "bands", "table", "stages"):
                    yield Problem((*path, "rules"), f"{quoted(limited)} counts no units", "limit its money with most")
                elif isinstance(limit.most_units, Figure) and "person" not in limit.per:
                    try:
                        scale.steps(limit.most_units)
                    except OffScale as error:
                        yield Problem((*path, "most_units"), error.what, error.remedy)


def _missing(needed: Iterable[str], figures: Iterable[str], path: tuple[str | int, ...]) -> Iterator[Problem]:
    """Find years or periods that a limit has no figure for."""
    missing = [name for name in dict.fromkeys(needed) if name not in set(figures)]
    if missing:
        yield Problem(path, f"nothing is said for {', '.join(missing[:5])}", "add it, or write unknown")
