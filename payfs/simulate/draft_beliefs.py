"""Made-up beliefs of a metric, from what a contract alone says: its thresholds, worked examples, limits and size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from math import floor, log10
from typing import Any

from pydantic_core import PydanticCustomError

from payfs.contract import Contract
from payfs.incentives import tiers_of
from payfs.scale import Scale
from payfs.spec import Figure, Unknown, decimal, read_figure

LONG = 90  # letters of a value, from which on each of its parts has a line of its own
USUAL = 100  # people or units, where nothing says how many
PEOPLE = ("person", "child", "woman", "man", "participant")  # units of metrics that count people
WIDE = 2  # people in each result, from which on a range of them need not begin at none
PLAIN = re.compile(r"[^\W_][\w ./%-]*(?<! )", re.ASCII)


def flow(value: Any) -> str:
    """Write a value as YAML in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    text = str(value)
    return text if PLAIN.fullmatch(text) else "'" + text.replace("'", "''") + "'"


def sized(value: Any, key: str) -> list[str] | None:
    """Return the lines of what is unknown in a part of a contract; None where nothing is.

    Lists are told whole, since what is assumed takes their place.
    """
    left = _unknown(value)
    if left is None:
        return None
    if isinstance(left, list) and len(flow(left)) >= LONG:
        return [f"{flow(key)}:", *(f"  - {flow(one)}" for one in left)]
    if not isinstance(left, dict):
        return [f"{flow(key)}: {flow(left)}"]
    lines = [f"{flow(key)}:"]
    for name, one in left.items():
        inner = flow(one)
        lines += [f"  {flow(name)}: {inner}"] if len(inner) < LONG else [f"  {line}" for line in sized(one, name) or ()]
    return lines


def _unknown(value: Any) -> Any:
    if isinstance(value, dict):
        left = {key: found for key, one in value.items() if (found := _unknown(one)) is not None}
        return left or None
    if isinstance(value, list):
        return value if any(_unknown(one) is not None for one in value) else None
    return value if value == "unknown" else None


def size_of(contract: Contract) -> list[int]:
    """Return how many people each cohort has, as far as the contract says; one number where it has no cohorts."""
    population = contract.spec.population
    cohorts = population.cohorts or {}
    if not cohorts:
        return [population.size or USUAL]
    each = max((population.size or USUAL * len(cohorts)) // len(cohorts), 1)
    return [cohort.size or each for cohort in cohorts.values()]


def belief_of(contract: Contract, name: str) -> str:
    """Return what might be believed of the value of a metric, as it is written in a scenario."""
    scale = contract.frame.scales[name]
    low, high = _percent(contract, name, scale) if scale.percent else _amount(contract, name, scale)
    sign = "%" if scale.percent else ""
    least = None if scale.least is None else scale.value(scale.least)
    most = None if scale.most is None else scale.value(scale.most)
    low, high = low if least is None else max(low, least), high if most is None else min(high, most)
    if low >= high:
        return f"{plain(high)}{sign}"
    room = (high - low) * Fraction(35, 100)
    near = (least is not None and low - least < room) or (most is not None and most - high < room)
    if near or (not scale.percent and high < 20):
        return f"{{uniform: {{least: {plain(low)}{sign}, most: {plain(high)}{sign}}}}}"
    return f"between {plain(low)}{sign} and {plain(high)}{sign}"


def short(text: str, most: int) -> str:
    """Return the beginning of a text in one line, cut between words."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 3].rsplit(" ", 1)[0] + " ..."


def plain(number: Fraction) -> str:
    """Write a number without commas, which would end a sentence in braces."""
    written = decimal(number)
    return (written if "/" not in written else f"{float(number):.3f}").replace(",", "")


def _percent(contract: Contract, name: str, scale: Scale) -> tuple[Fraction, Fraction]:
    levels = set(_levels(contract, name, scale)) or set(_figures(contract, name))
    if not levels:
        return Fraction(30), Fraction(60)
    low, high = min(levels), max(levels)
    margin = Fraction(0) if high - low >= 10 else max(abs(high) / 5, Fraction(5))
    return low - margin, high + margin


def _levels(contract: Contract, name: str, scale: Scale) -> Iterator[Fraction]:
    """Yield the thresholds of all rules on a metric, but for those at its ends [units]."""
    for rule in contract.spec.rules:
        for stretch in tiers_of(contract, rule):
            inner = stretch.first is not None and stretch.first not in (scale.least, scale.most)
            if stretch.metric == name and not stretch.beyond and inner:
                yield scale.value(int(stretch.first or 0))


def _figures(contract: Contract, name: str) -> Iterator[Fraction]:
    """Yield what worked examples say of a metric [units]."""
    for example in contract.spec.examples:
        yield from _leaves(example.results.get(name))


def _leaves(value: Any) -> Iterator[Fraction]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _leaves(one)
    elif isinstance(value, str):
        try:
            yield read_figure(value).value
        except PydanticCustomError:
            return


def _amount(contract: Contract, name: str, scale: Scale) -> tuple[Fraction, Fraction]:
    frame = contract.frame
    metric = frame.metrics[name]
    places = max(len(frame.measured_in(name)), 1)
    cells = places * (len(frame.cohorts) if metric.by_cohort else 1)
    seen = max(_figures(contract, name), default=Fraction(0)) / (places if metric.reports == "to date" else 1)
    tops = [top for top in (seen, *(most / cells for most in _afforded(contract, name))) if top > 0]
    people = people_in_each(contract, name)
    if people is not None and min(tops, default=people + 1) * Fraction(3, 4) > people:
        if people < WIDE:
            return Fraction(0), max(Fraction(floor(people * 2)), scale.step)
        high = Fraction(floor(people * Fraction(4, 3)))  # a range from half of it has the middle that is meant
        return Fraction(floor(high / 2)), high
    usual = Fraction(100_000) if scale.money is not None else Fraction(size_of(contract)[0])
    high = max(_rounded(min(tops, default=usual)), scale.step * 2)
    return max(_rounded(high / 2), scale.step), high


def people_in_each(contract: Contract, name: str) -> Fraction | None:
    """Return how many people each result of a metric may be of, so that all of them come to the contract's size.

    None where the metric does not count people, or no size is said; and where a worked example counts more people than
    there are, so that whoever was counted once is counted again.
    """
    frame, population = contract.frame, contract.spec.population
    metric, cohorts = frame.metrics[name], (population.cohorts or {}).values()
    known = population.size is not None or (cohorts and all(cohort.size is not None for cohort in cohorts))
    size = population.size or sum(size_of(contract))
    if not known or frame.scales[name].unit not in PEOPLE:
        return None
    adding = sum if metric.reports != "to date" else max
    for example in contract.spec.examples:
        if adding([*_leaves(example.results.get(name)), Fraction(0)]) > size:
            return None
    cells = max(len(frame.measured_in(name)), 1) * (len(frame.cohorts) if metric.by_cohort else 1)
    return Fraction(size, cells)


def _afforded(contract: Contract, name: str) -> Iterator[Fraction]:
    """Yield how many units limits pay for: a rule's own, and its part of those for all rules [units]."""
    rules = contract.spec.rules
    limits = [limit for limit in contract.spec.limits.values() if not limit.per and limit.most is not None]
    for rule_name, rule in rules.items():
        price = None if rule.price is None else rule.price.flat or rule.price.starts_at
        paid_for = contract.frame.metrics.get(rule.metric or rule_name)
        behind = [] if paid_for is None else [other for _, other in paid_for.operands()]
        if name not in (rule.metric or rule_name, *behind) or price is None or isinstance(price, Unknown):
            continue
        of_all = [limit.most.flat for limit in limits if limit.most is not None and limit.rules is None]
        mosts = [(rule.most.flat if rule.most is not None else None, 1), *((most, len(rules)) for most in of_all)]
        for most, shared in mosts:
            paid = price.share if isinstance(price, Figure) else price
            if isinstance(most, Fraction) and isinstance(paid, Fraction) and paid > 0:
                yield most / shared / paid


def _rounded(number: Fraction) -> Fraction:
    """Round to two digits."""
    if number <= 0:
        return Fraction(0)
    unit = Fraction(10) ** (floor(log10(number)) - 1)
    return Fraction(round(number / unit)) * unit
