"""At which levels other metrics are held while one is varied, and for which cohort and period it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice, product

import numpy as np

from payfs.contract import Contract
from payfs.evidence.condition import Condition
from payfs.evidence.entries import tree_entries
from payfs.evidence.results import check_entries
from payfs.incentives.alone import (
    alone,
    asked_by_gate,
    asked_by_holdback,
    asked_by_price,
    reported_behind,
    with_others,
)
from payfs.incentives.tiers import ends, terms_of
from payfs.incentives.trial import REFUSALS, Manner, Seen, Trial, see
from payfs.money import Array
from payfs.scale import Scale
from payfs.text import Refused

MOST_TRIALS = 150  # of one rule and metric, before it is said that nothing is paid
MOST_COMBINATIONS = 64  # of levels that a gate asks for
MOST_COHORTS = 6


@dataclass(frozen=True)
class Given:
    """What one worked example gives: the levels of the metrics that it reports [steps], the last of each."""

    name: str
    levels: Mapping[str, int]


def examples_of(contract: Contract) -> tuple[Given, ...]:
    """Return the results of the contract's worked examples, as far as they fit the contract as it stands."""
    found = []
    for place, example in enumerate(contract.terms[0].spec.examples):
        try:
            entries = tree_entries(contract.document, ("examples", place, "results"))
            results = check_entries(entries, contract.frame, example.period or "", example.cohort or "")
        except Refused:
            continue  # under assuming:, or said wrongly, which check tells elsewhere
        if results:
            found.append(Given(example.name, {result.metric: result.value for result in results}))
    return tuple(found)


def trial_of(contract: Contract, name: str, metric: str, examples: Sequence[Given], levels: Array) -> Seen:
    """Find how a rule is tried: the first way in which it pays anything at some of the levels.

    Tried are, one within the other, cohorts and the last and first period, the ways in which the result is given, and
    levels of the other metrics: those of worked examples, then plain ones. Metrics that only a gate asks for are not
    reported at first, so that a gate that the varied metric opens by itself is seen to open; only if nothing is paid
    then are they held where most is paid.

    Returns:
        What it came to. Where nothing is paid anywhere: the first way in which something that is unknown stands in the
        way, else the first of all.
    """
    by_itself = alone(contract, name)
    others = _Others(by_itself, name, metric, examples)
    first: Seen | None = None
    blocked: Seen | None = None
    trials = (
        Trial(by_itself, name, metric, cohort, period, manner, held)
        for manner in _manners(by_itself, name, metric)
        for cohort, period in _places(by_itself, name, metric)
        for held in others.levels()
    )
    told: set[tuple[int, int]] = set()
    for trial in islice(trials, MOST_TRIALS):
        if (trial.cohort, trial.period) in told:
            continue
        seen = _open(trial, others, levels)
        if seen.pays and (trial.manner != "after" or seen.varies):
            return seen
        first = first or seen
        if any(gap.kind in ("unknown", "claims") for gap in seen.gaps):
            told.add((trial.cohort, trial.period))  # other levels beside it make no term known
            blocked = blocked or seen
    assert first is not None  # there is a place and a manner always
    return blocked or first


def _open(trial: Trial, others: _Others, levels: Array) -> Seen:
    """Try with what a holdback asks for, then with what a gate asks for as well, where most is paid."""
    best = _best(trial, others.candidates(others.holdback), levels)
    if best.pays or not others.gate:
        return best
    opened = _best(trial, others.candidates((*others.holdback, *others.gate)), levels)
    return opened if opened.pays or not best.gaps else best


def _best(trial: Trial, candidates: Mapping[str, Sequence[int]], levels: Array) -> Seen:
    """Return the trial at those levels of some metrics at which most is paid."""
    choices = list(islice(product(*candidates.values()), MOST_COMBINATIONS))
    best: Seen | None = None
    if len(choices) == 1:
        held = dict(zip(candidates, choices[0], strict=True))
        return see(replace(trial, held={**trial.held, **held}), levels)
    columns = {name: np.array([choice[place] for choice in choices]) for place, name in enumerate(candidates)}
    wide = {name: np.repeat(column, len(levels)) for name, column in columns.items()}
    try:
        amounts = replace(trial, held={**trial.held, **wide}).pay(np.tile(levels, len(choices)))
        order = np.argsort(-np.abs(amounts.amounts).reshape(len(choices), -1).max(axis=1), kind="stable")[:1]
    except REFUSALS:  # each combination by itself then
        order = np.arange(len(choices))
    for place in order.tolist():
        seen = see(replace(trial, held={**trial.held, **dict(zip(candidates, choices[place], strict=True))}), levels)
        if best is None or int(np.abs(seen.amounts).max()) > int(np.abs(best.amounts).max()):
            best = seen
    assert best is not None
    return best


def _manners(contract: Contract, name: str, metric: str) -> tuple[Manner, ...]:
    """Return the ways in which a result is given; a gate that asks for that of every cohort needs one of each."""
    spec = terms_of(contract, name).spec
    gate = spec.rules[name].gate
    asked = [part.metric for part in gate.parts() if part.of == "every cohort" and part.metric] if gate else []
    every = metric in reported_behind(spec, asked)
    return ("every", "once", "after") if every else ("once", "after", "every")


def _places(contract: Contract, name: str, metric: str) -> list[tuple[int, int]]:
    """Return cohorts and periods to try: for each cohort the last period in which the rule pays, then the first."""
    terms = terms_of(contract, name)
    rule = terms.spec.rules[name]
    cohorts = [row for row, cohort in enumerate(contract.cohorts) if rule.cohorts is None or cohort in rule.cohorts]
    measured = [
        place
        for place in contract.frame.measured_in(metric)
        if name in contract.terms_in(place).spec.rules
        and (rule.periods is None or {contract.periods[place].name, contract.periods[place].run} & set(rule.periods))
    ] or list(contract.frame.measured_in(metric))[-1:]
    by_cohort = contract.frame.metrics[metric].by_cohort
    rows = cohorts[:MOST_COHORTS] if by_cohort else cohorts[:1]
    periods = dict.fromkeys((*measured[-1:], *measured[:1]))
    return [(row, period) for row in rows or [0] for period in periods or [len(contract.periods) - 1]]


class _Others:
    """The metrics beside the one that is varied."""

    def __init__(self, contract: Contract, name: str, metric: str, examples: Sequence[Given]) -> None:
        spec = terms_of(contract, name).spec
        rules = with_others(spec, name)
        self.contract, self.rule, self.examples = contract, spec.rules[name], examples
        self.scales, self.metric = contract.frame.scales, metric
        price = [asked for rule in rules for asked in asked_by_price(spec.rules[rule], rule)]
        price += [li.most.metric for li in spec.limits.values() if li.most is not None and li.most.metric is not None]
        gates = [asked for rule in rules for asked in asked_by_gate(spec.rules[rule])]
        backs = [asked for rule in rules for asked in asked_by_holdback(spec.rules[rule])]
        self.price = tuple(q for q in reported_behind(spec, price) if q != metric)
        # what is varied decides a gate by itself where it can: then the other figures behind the same measure count too
        mine = [gate for gate in gates if metric in reported_behind(spec, [gate])]
        self.price += tuple(q for q in reported_behind(spec, mine) if q != metric and q not in self.price)
        taken = {metric, *self.price}
        self.holdback = tuple(q for q in reported_behind(spec, backs) if q not in taken)
        self.gate = tuple(q for q in reported_behind(spec, gates) if q not in {*taken, *self.holdback})
        asking: list[Condition | None] = [spec.rules[rule].gate for rule in rules]
        asking += [back.gate for rule in rules if (back := spec.rules[rule].holdback) is not None]
        self.asked = [part for gate in asking if gate for part in gate.parts() if part.metric is not None]

    def levels(self) -> Iterator[dict[str, int]]:
        """Yield levels of what the price asks for, and of the varied metric itself where it has to stand before."""
        seen = []
        for given in self.examples:
            if all(name in given.levels for name in self.price):
                seen.append({name: given.levels[name] for name in (*self.price, self.metric) if name in given.levels})
        plain = {name: self._first(name) for name in (*self.price, self.metric)}
        seen = [*seen[:4], plain]
        for base in (100, 1, 0):
            seen.append({name: near(self.scales[name], base) for name in (*self.price, self.metric)})
        told: list[dict[str, int]] = []
        for levels in seen:
            if levels not in told:
                told.append(levels)
                yield {self.metric: near(self.scales[self.metric], 0), **levels}

    def _first(self, name: str) -> int:
        """Return the level of the first worked example that has one, else a plain one."""
        price = self.rule.price
        if price is not None and price.index == name and price.index_base is not None:
            return self.scales[name].steps(price.index_base)
        return next(
            (given.levels[name] for given in self.examples if name in given.levels), plain_level(self.scales[name])
        )

    def candidates(self, names: Sequence[str]) -> dict[str, list[int]]:
        """Return levels that might open a gate: just inside and outside its ends, of examples, and plain ones."""
        found = {}
        for name in names:
            scale, levels = self.scales[name], list[int]()
            for part in self.asked:
                if part.metric == name:
                    first, last = ends(part, scale)
                    levels += [end for end in (first, last) if end is not None]
                    levels += [
                        end for end in (first and first - 1, None if last is None else last + 1) if end is not None
                    ]
            levels += [given.levels[name] for given in self.examples if name in given.levels][:3]
            levels += [near(scale, base) for base in (0, 100, 1)]
            fitting = [level for level in dict.fromkeys(levels) if inside(scale, level)]
            found[name] = fitting[: 8 if len(names) < 3 else 4]
        return found


def plain_level(scale: Scale) -> int:
    """Return a level that is as good as any other: half of the way, or 100 units."""
    if scale.percent:
        return near(scale, 50)
    return near(scale, 1_000_000 if scale.money else 100)


def near(scale: Scale, value: int) -> int:
    """Return the level nearest to a plain figure that the metric can have [steps]."""
    level = round(Fraction(value) / scale.step)
    level = level if scale.least is None else max(level, scale.least)
    return level if scale.most is None else min(level, scale.most)


def inside(scale: Scale, level: int) -> bool:
    """Whether a metric can be at a level."""
    return (scale.least is None or level >= scale.least) and (scale.most is None or level <= scale.most)
