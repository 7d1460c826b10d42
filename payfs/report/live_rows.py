"""Rules that are a quantity times a price, as rows; or why one is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from payfs.contract import Contract
from payfs.evidence.varying import Grid
from payfs.report.phrases import the
from payfs.spec import spoken
from payfs.terms.rule import Rule

KINDS: Mapping[str, str] = {
    "tiers": "its price lies in tiers",
    "bands": "its price lies in bands",
    "table": "its price is read off a table",
    "stages": "its price changes in stages",
    "pays": "it pays a fixed sum",
    "instalments": "it is a fee in instalments",
    "pool": "it shares a sum out",
    "part_of": "it is a part of what other rules come to",
    "tops_up": "it makes what other rules come to up to a sum",
}
TERMS: Mapping[str, str] = {
    "gate": "it pays only where its gate is open",
    "baseline": "only what passes its baseline counts",
    "most_units": "it counts up to a number only",
    "holdback": "a part of it is held back",
    "uplift": "each claim has a price of its own",
    "pays_for": "a claim may count in part",
    "two_way": "it may owe something back",
    "returned": "it is paid back",
    "pooled": "it adds cohorts up before it prices them",
    "complete": "only whole lots count",
}


class LiveRow(NamedTuple):
    """A quantity at a price.

    Attributes:
        rule: name.
        cohort: its place; None where the metric is one for all cohorts.
        period: its place.
        metric: that is counted.
        price: of one step of the metric [minor units].
        to_date: whether the quantity is a total to date, of which only what is new is due.
    """

    rule: str
    cohort: int | None
    period: int
    metric: str
    price: Fraction
    to_date: bool


class Priced(NamedTuple):
    """A rule as rows, and its own limit [minor units]; None for none."""

    rows: list[LiveRow]
    most: int | None


def priced_rule(contract: Contract, name: str) -> Priced | str:
    """Return a rule as rows, or why it cannot be worked out live."""
    rule = contract.spec.rules[name]
    if (why := _why_not(contract, rule, name)) is not None:
        return why
    rows = list(_rows(contract, name))
    if not rows:
        return "no price or quantity of it is known"
    most = None
    if rule.most is not None and not rule.most.none:
        if not isinstance(rule.most.flat, Fraction):
            return "its own limit is not one known amount"
        most = int(rule.most.flat * contract.money.minor)
    rounding = contract.spec.rounding.rounding(contract.money)
    if (rounding.how != "half up" and any(row.price.denominator != 1 for row in rows)) or rounding.to != 1:
        return "it is rounded in a way that a spreadsheet may miss"
    return Priced(rows, most)


def _why_not(contract: Contract, rule: Rule, name: str) -> str | None:
    metric = rule.metric or name
    if rule.priced_by != "price":
        return KINDS[rule.priced_by or "pays"]
    assert rule.price is not None
    if rule.claim_by_claim:
        return "each claim has a price of its own"
    if rule.price.starts_at is not None:
        return "its price changes with time or an index"
    for key, why in TERMS.items():
        if getattr(rule, key):
            return why
    counting = [key for key, limit in contract.spec.limits.items() if limit.most_units and limit.rules == (name,)]
    if counting:
        return f"{the('limit', counting)} cuts its numbers"
    if contract.spec.metrics[metric].worked_out:
        return f"{spoken(metric)} is worked out from other results"
    return None


def _rows(contract: Contract, name: str) -> Iterator[LiveRow]:
    """Yield a rule's quantities that have a known price, cohort by cohort."""
    rule = contract.spec.rules[name]
    metric = rule.metric or name
    spec, scale = contract.frame.metrics[metric], contract.frame.scales[metric]
    runs = {period.name: period.run for period in contract.periods}
    empty, per = contract.frame.empty(), Fraction(1) if rule.per is None else rule.per.value
    cohorts: list[int | None] = [None]
    if spec.by_cohort:
        cohorts = [at for at, cohort in enumerate(contract.cohorts) if not rule.cohorts or cohort in rule.cohorts]
    grids: dict[int, Grid] = {}
    for cohort in cohorts:
        for period in contract.frame.measured_in(metric):
            when, terms = contract.periods[period], contract.terms_in(period)
            held = terms.spec.rules.get(name)
            if rule.periods and when.name not in rule.periods and when.run not in rule.periods:
                continue
            if held is None or held.price is None or held.price.starts_at is not None:
                continue
            if terms.first not in grids:
                grids[terms.first] = held.price.grid(empty, Fraction(contract.money.minor), runs)
            grid = grids[terms.first]
            at = min(cohort or 0, grid.tops.shape[0] - 1), min(period, grid.tops.shape[1] - 1)
            if not grid.unknown[at]:
                price = Fraction(int(grid.tops[at][0]), grid.bottom) * scale.step / per
                yield LiveRow(name, cohort, period, metric, price, spec.reports == "to date")
