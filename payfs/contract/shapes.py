"""Rules that cannot pay as they are written: once for all cohorts though they look at each, or less than nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from payfs.contract.written import ContractSpec
from payfs.evidence.derive import derive
from payfs.evidence.measured import Measured, Series
from payfs.evidence.results import Frame
from payfs.money import TooLarge
from payfs.periods import Period
from payfs.scale import Scale
from payfs.spec import Figure, Problem, UnknownTerm, under
from payfs.terms.rule import Rule


def shape_problems(
    spec: ContractSpec,
    scales: Mapping[str, Scale],
    derived: tuple[str, ...],
    rules: tuple[str, ...],
    periods: tuple[Period, ...],
) -> Iterator[Problem]:
    """Find rules that pay once for the whole contract but look at each cohort."""
    cohorts = tuple(spec.population.cohorts or {}) or ("all",)
    frame = Frame(spec.metrics, scales, cohorts, periods)
    try:
        measured = derive(spec.metrics, scales, derived, frame.empty())
    except (UnknownTerm, TooLarge):
        return  # it is refused when something is paid
    alone = _paid_once(spec, measured, rules)
    for name in rules:
        rule = spec.rules[name]
        series = _priced_series(name, rule, measured)
        rows = 1 if series is None or rule.pooled else series.present.shape[0]
        if rule.cohorts is not None and series is not None and rows == 1 and len(cohorts) > 1:
            yield Problem(
                ("rules", name, "cohorts"),
                "the rule names cohorts, but it pays once for all of them",
                "leave cohorts out, or use a metric that is measured by cohort",
            )
        if name in alone and series is None and rule.cohorts is not None and len(cohorts) > 1:
            what = "the rule names cohorts, but it pays once for all of them"
            yield Problem(("rules", name, "cohorts"), what, "leave cohorts out")
        if name in alone:
            yield from under(_each_cohort(rule, measured), "rules", name)
        if rule.pool is not None and series is not None and not rule.two_way:
            running = rule.counts == "to date" or (rule.counts is None and series.running)
            if running:
                yield Problem(
                    ("rules", name, "pool"),
                    "a pool is shared out anew on each total to date, but what was paid is not taken back",
                    "say counts: each period, or two_way: yes",
                )
        if name in alone and len(cohorts) > 1:
            if spec.payers_of(rule) is None:
                yield Problem(("rules", name), "nothing says who pays for all cohorts together", "say payer")
            if spec.payee_of(rule) is None:
                yield Problem(("rules", name), "nothing says who is paid for all cohorts together", "say payee")


def paid_once(
    spec: ContractSpec,
    scales: Mapping[str, Scale],
    derived: tuple[str, ...],
    rules: tuple[str, ...],
    periods: tuple[Period, ...],
) -> set[str]:
    """Return the rules that pay once for the whole contract and not for each cohort."""
    frame = Frame(spec.metrics, scales, tuple(spec.population.cohorts or {}) or ("all",), periods)
    try:
        return _paid_once(spec, derive(spec.metrics, scales, derived, frame.empty()), rules)
    except (UnknownTerm, TooLarge):
        return set()  # it is refused when something is paid


def _paid_once(spec: ContractSpec, measured: Measured, rules: tuple[str, ...]) -> set[str]:
    alone: set[str] = set()
    for name in rules:
        rule = spec.rules[name]
        series = _priced_series(name, rule, measured)
        rows = 1 if series is None or rule.pooled else series.present.shape[0]
        whole = rule.priced_by in ("pays", "instalments") and rule.metric is None and rule.cohorts is None
        once = rows == 1 and (whole or series is not None)
        if once or rule.tops_up is not None or alone & {other for _, other in rule.other_rules()}:
            alone.add(name)
    return alone


def _priced_series(name: str, rule: Rule, measured: Measured) -> Series | None:
    """Return what a rule prices; None where it prices nothing that is measured."""
    without = rule.metric is None and rule.priced_by in ("pays", "instalments", "part_of", "tops_up")
    return None if without else measured.series.get(rule.metric or name)


def _each_cohort(rule: Rule, measured: Measured) -> Iterator[Problem]:
    """Find what looks at each cohort in a rule that pays once for all of them."""

    def apart(metric: str | None) -> bool:
        return metric is not None and metric in measured.series and measured.series[metric].present.shape[0] > 1

    what = "looks at each cohort, but the rule pays once for all of them"
    late = rule.holdback.gate if rule.holdback is not None else None
    for path, condition in (("gate",), rule.gate), (("holdback", "gate"), late):
        if condition is not None and condition.judge(measured).met.shape[0] > 1:
            yield Problem(path, f"the gate {what}", "say of: pooled, every cohort or any cohort")
    if rule.price is not None and (rule.price.by_cohort is not None or apart(rule.price.index)):
        yield Problem(("price",), f"the price {what}", "give one price for all")
    if rule.baseline is not None and (
        rule.baseline.by_cohort is not None or (apart(rule.baseline.metric) and not rule.pooled)
    ):
        yield Problem(("baseline",), f"the baseline {what}", "give one baseline for all")


def below_nothing(spec: ContractSpec) -> Iterator[Problem]:
    """Find amounts below 0 that would never be paid, and limits that nothing can keep."""
    for name, rule in spec.rules.items():
        prices: list[tuple[tuple[str | int, ...], object]] = [(("pays",), rule.pays)]
        if rule.price is not None:
            prices += [(("price", *path), figure) for path, figure in rule.price.figures()]
        for path, figure in prices:
            if _negative(figure) and not rule.two_way:
                what = "it is below 0, but the rule pays one way only, so nothing would ever be paid"
                remedy = "say two_way: yes, or write it above 0 and say returned: yes"
                yield Problem(("rules", name, *path), what, remedy)
    limited = [(("rules", name), rule.most, rule.most_units) for name, rule in spec.rules.items()]
    limited += [(("limits", name), limit.most, limit.most_units) for name, limit in spec.limits.items()]
    for at, most, units in limited:
        figures: list[tuple[tuple[str, ...], object]] = [(("most_units",), units)]
        if most is not None:
            figures.append((("most",), most.flat))
            figures += [(("most", "by_year", key), figure) for key, figure in (most.by_year or {}).items()]
            figures += [(("most", "by_period", key), figure) for key, figure in (most.by_period or {}).items()]
        for where, figure in figures:
            if _negative(figure):
                yield Problem((*at, *where), "the limit is below nothing", "give at least 0")


def _negative(figure: object) -> bool:
    number = figure.value if isinstance(figure, Figure) else figure
    return isinstance(number, Fraction) and number < 0
