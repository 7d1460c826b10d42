"""One rule by itself: the contract with nothing in it but the rule, what the rule looks at, and what limits it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from payfs.contract import Contract, Terms
from payfs.contract.written import ContractSpec
from payfs.evidence.metric import Metric
from payfs.terms.limit import Limit
from payfs.terms.rule import Rule
from payfs.text import Path


def with_others(spec: ContractSpec, name: str) -> frozenset[str]:
    """Return a rule and those that it is worked out from, directly or not."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        rule = waiting.pop()
        if rule not in found and rule in spec.rules:
            found.add(rule)
            waiting += [other for _, other in spec.rules[rule].other_rules()]
    return frozenset(found)


def metrics_behind(spec: ContractSpec, names: Iterable[str]) -> frozenset[str]:
    """Return metrics and those that they are worked out from, directly or not."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        metric = waiting.pop()
        if metric not in found and metric in spec.metrics:
            found.add(metric)
            waiting += [other for _, other in spec.metrics[metric].operands()]
    return frozenset(found)


def reported_behind(spec: ContractSpec, names: Iterable[str]) -> tuple[str, ...]:
    """Return the reported metrics behind some metrics, in the order in which the contract writes them."""
    behind = metrics_behind(spec, names)
    return tuple(name for name, metric in spec.metrics.items() if name in behind and not metric.worked_out)


def asked_by_price(rule: Rule, name: str) -> Iterator[str]:
    """Yield the metrics without which a rule has no price: its own, its baseline and its index."""
    yield rule.metric or name
    if rule.baseline is not None and rule.baseline.metric is not None:
        yield rule.baseline.metric
    if rule.price is not None and rule.price.index is not None:
        yield rule.price.index
    if rule.most is not None and rule.most.metric is not None:
        yield rule.most.metric


def asked_by_gate(rule: Rule) -> Iterator[str]:
    """Yield the metrics that a rule's gate asks for."""
    yield from (metric for _, metric in rule.gate.metrics()) if rule.gate is not None else ()


def asked_by_holdback(rule: Rule) -> Iterator[str]:
    """Yield the metrics that decide whether what is held back is released."""
    if rule.holdback is not None and rule.holdback.gate is not None:
        yield from (metric for _, metric in rule.holdback.gate.metrics())


def covers(limit: Limit, rules: frozenset[str]) -> bool:
    """Whether a limit bears on any of some rules."""
    return limit.rules is None or bool(rules & set(limit.rules))


def alone(contract: Contract, *names: str) -> Contract:
    """Return the contract with one rule only, or some, and the rules, metrics and limits that bear on them.

    What another rule pays on the same result, or does not know, is then of no matter.
    """
    return replace(contract, terms=tuple(_only(terms, names) for terms in contract.terms))


def _only(terms: Terms, names: Iterable[str]) -> Terms:
    spec = terms.spec
    rules = frozenset[str]().union(*(with_others(spec, name) for name in names))
    limits = {key: limit for key, limit in spec.limits.items() if covers(limit, rules)}
    asked = [limit.most.metric for limit in limits.values() if limit.most is not None and limit.most.metric is not None]
    for rule in rules:
        asked += [*asked_by_price(spec.rules[rule], rule), *asked_by_gate(spec.rules[rule])]
        asked += asked_by_holdback(spec.rules[rule])
    metrics = metrics_behind(spec, asked)
    less = {"rules": {key: spec.rules[key] for key in spec.rules if key in rules}, "limits": limits}
    return replace(
        terms,
        spec=spec.model_copy(update=less),
        metric_order=tuple(metric for metric in terms.metric_order if metric in metrics),
        rule_order=tuple(rule for rule in terms.rule_order if rule in rules),
    )


def without(contract: Contract, name: str, gap: Path) -> tuple[Contract, str] | None:
    """Take a limit that is not known out of a contract.

    Returns:
        The contract without it and the limit's name; None where the gap is no limit and nothing can be left out.
    """
    if gap[:1] == ("limits",):
        return without_limits(contract, {str(gap[1])}), str(gap[1])
    if gap[:1] == ("rules",) and gap[2:3] in (("most",), ("most_units",)):
        key = str(gap[2])
        return _changed_rule(contract, str(gap[1]), key), f"{gap[1]}: {key}"
    if gap[:1] == ("periods",):
        # a limit by year where no source says in which year a payment falls
        yearly = {
            key
            for terms in contract.terms
            for key, limit in terms.spec.limits.items()
            if limit.in_time in ("year", "fiscal year")
        }
        return (without_limits(contract, yearly), " and ".join(sorted(yearly))) if yearly else None
    return None


def without_limits(contract: Contract, names: set[str]) -> Contract:
    """Return the contract without some limits."""

    def less(terms: Terms) -> Terms:
        limits = {key: limit for key, limit in terms.spec.limits.items() if key not in names}
        return replace(terms, spec=terms.spec.model_copy(update={"limits": limits}))

    return replace(contract, terms=tuple(less(terms) for terms in contract.terms))


def _changed_rule(contract: Contract, name: str, key: str) -> Contract:
    def less(terms: Terms) -> Terms:
        rules = dict(terms.spec.rules)
        if name in rules:
            rules[name] = rules[name].model_copy(update={key: None})
        return replace(terms, spec=terms.spec.model_copy(update={"rules": rules}))

    return replace(contract, terms=tuple(less(terms) for terms in contract.terms))


def judged(metric: Metric) -> bool:
    """Whether more or less of a metric is better, so that it tells of performance."""
    return metric.better != "neither"
