"""The stretches of a rule's price over what is measured: tiers, bands, lines, stages, and where its gates open."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from payfs.contract import Contract, Terms
from payfs.curve import Curve
from payfs.evidence.condition import Condition
from payfs.evidence.metric import score_curve
from payfs.scale import Scale
from payfs.spec import Figure
from payfs.terms.rule import Rule
from payfs.text import Path


class Stretch(NamedTuple):
    """One stretch of a metric in which a rule's price says one thing, or a part of its gate is met.

    Attributes:
        rule: name.
        metric: name of the metric whose levels these are.
        kind: ``tier``, ``band``, ``line`` (of a table), ``stage``, ``price`` or ``gate``.
        first: the first level in it [steps of the metric]; None where it is open below.
        last: the last level in it [steps]; None where it is open above.
        said: what holds there, in words.
        path: its place in the contract.
        beyond: the metric that is the rule's baseline, where levels count from it; empty otherwise.
    """

    rule: str
    metric: str
    kind: str
    first: int | None
    last: int | None
    said: str
    path: Path
    beyond: str = ""


KINDS = {"tiers": "tier", "bands": "band", "table": "line", "stages": "stage"}


def tiers_of(contract: Contract, name: str) -> tuple[Stretch, ...]:
    """Return the stretches of a rule's price over its metric, and those in which its gate is met.

    A simulation counts in which of them its paths lie. Stretches of the price come first, in ascending order, and cover
    every level; of each part of the gate only the stretch that meets it is told. Under ``none_of`` meeting it shuts the
    gate. Terms are those that held last.
    """
    terms = terms_of(contract, name)
    rule = terms.spec.rules[name]
    metric = rule.metric or name
    found: list[Stretch] = []
    if metric in terms.scales:
        found += _price_stretches(contract, terms, name, rule, metric)
    if rule.gate is not None:
        found += (
            Stretch(name, part.metric, "gate", *ends(part, terms.scales[part.metric]), part.said(terms.scales), path)
            for path, part in _leaves(rule.gate, ("rules", name, "gate"))
            if part.metric is not None
        )
    return tuple(found)


def terms_of(contract: Contract, name: str) -> Terms:
    """Return the last terms in which a rule stands."""
    return next(terms for terms in reversed(contract.terms) if name in terms.spec.rules)


def _price_stretches(contract: Contract, terms: Terms, name: str, rule: Rule, metric: str) -> Iterator[Stretch]:
    scale, word = terms.scales[metric], rule.priced_by or "price"
    curve = rule.curve(scale, contract.money)
    base = plain_baseline(rule, scale)
    beyond = (rule.baseline.metric or "") if rule.baseline is not None else ""
    if curve is None:
        if word in ("price", "pool") or rule.metric is not None:
            first = None if base is None or scale.lower_is_better else base
            last = base if scale.lower_is_better else None
            yield Stretch(name, metric, "price", first, last, "every unit", ("rules", name, word), beyond)
        return
    for first, last, said, path in _pieces(curve):
        low, high = first, last
        if base is not None:
            low, high = (None if end is None else base + end for end in (first, last))
            if scale.lower_is_better:
                low, high = (None if end is None else base - end for end in (last, first))
        yield Stretch(name, metric, KINDS[word], low, high, said, ("rules", name, *path), beyond)


def _pieces(curve: Curve) -> Iterator[tuple[int | None, int | None, str, Path]]:
    starts = [piece.start for piece in curve.pieces] + [None]
    for piece, (first, then) in zip(curve.pieces, pairwise(starts), strict=True):
        yield first, None if then is None else then - 1, piece.said, piece.path


def plain_baseline(rule: Rule, scale: Scale) -> int | None:
    """Return a baseline that is one figure [steps]; None where there is none, or it varies or is unknown."""
    figure = rule.baseline.flat if rule.baseline is not None else None
    return scale.steps(figure) if isinstance(figure, Figure) and rule.part_of is None else None


def ends(condition: Condition, scale: Scale) -> tuple[int | None, int | None]:
    """Return the first and the last level at which a condition on one metric is met [steps]."""
    if scale.yes_no:
        return 1, 1
    first = last = None
    if condition.from_ is not None or condition.above is not None:
        figure = condition.from_ or condition.above
        assert figure is not None
        first = scale.steps(figure) + (condition.from_ is None)
    if condition.up_to is not None or condition.below is not None:
        figure = condition.up_to or condition.below
        assert figure is not None
        last = scale.steps(figure) - (condition.up_to is None)
    return first, last


def _leaves(condition: Condition, path: Path) -> Iterator[tuple[Path, Condition]]:
    if condition.nested is None:
        yield path, condition
        return
    word, conditions = condition.nested
    for place, part in enumerate(conditions):
        yield from _leaves(part, (*path, word, place))


def thresholds(
    contract: Contract, terms: Terms, name: str, needed: frozenset[str], held: dict[str, int]
) -> dict[str, list[int]]:
    """Return for each metric behind a rule the levels at which something begins to hold [steps of that metric].

    Args:
        contract: the contract.
        terms: those that hold.
        name: the rule's.
        needed: the metrics behind it.
        held: the levels of metrics that are held, so that a baseline that is one of them is a threshold, too.
    """
    found: dict[str, set[int]] = {}

    def add(metric: str, levels: Iterator[int | None]) -> None:
        found.setdefault(metric, set()).update(level for level in levels if level is not None)

    rule = terms.spec.rules[name]
    metric = rule.metric or name
    for stretch in tiers_of(contract, name):
        past = None if stretch.last is None else stretch.last + 1
        if stretch.beyond in held:
            worth = terms.scales[stretch.beyond].worth / terms.scales[metric].worth
            base, sign = int(held[stretch.beyond] * worth), -1 if terms.scales[metric].lower_is_better else 1
            add(metric, iter((base, base + 1)))
            add(metric, (base + sign * level for level in (stretch.first, past) if level is not None))
        else:
            add(stretch.metric, iter((stretch.first, past)))
    if metric in terms.scales:
        base = plain_baseline(rule, terms.scales[metric]) or 0
        if terms.spec.metrics[metric].worked_out:
            add(metric, iter((1,)))  # from where there is something to pay for at all
        caps = [rule.most_units] + [limit.most_units for limit in terms.spec.limits.values() if limit.rules == (name,)]
        add(metric, (base + terms.scales[metric].steps(cap) for cap in caps if isinstance(cap, Figure)))
    for other in needed:
        spec = terms.spec.metrics.get(other)
        if spec is not None and spec.score is not None:
            curve = score_curve(spec.score, terms.scales[spec.score.of], terms.scales[other])
            add(spec.score.of, (piece.start for piece in curve.pieces))
        for part in spec.met.parts() if spec is not None and spec.met is not None else ():
            if part.metric is not None:
                first, last = ends(part, terms.scales[part.metric])
                add(part.metric, iter((first, None if last is None else last + 1)))
    return {metric: sorted(levels) for metric, levels in found.items()}
