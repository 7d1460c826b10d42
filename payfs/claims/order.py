"""The order in which the claims of one day are decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from payfs.evidence.counting import Counting
from payfs.evidence.metric import Metric


def counting_order(metrics: Mapping[str, Metric]) -> list[str]:
    """Return the metrics that are reported, each after those that it needs, else in the contract's order."""
    names = [name for name, metric in metrics.items() if metric.worked_out is None]
    return _sorted({name: {need for need in needed(metrics, name) if need in names} for name in names})


def outcome_order(metrics: Mapping[str, Metric], outcomes: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the outcomes in the order in which claims of one day are decided.

    An outcome comes after those that its metrics need, and where these need each other, or nothing, as written.

    Args:
        metrics: the contract's.
        outcomes: by outcome, the metrics that look at it.
    """
    place = {name: at for at, name in enumerate(counting_order(metrics))}
    ranked = sorted(outcomes, key=lambda outcome: min((place[name] for name in outcomes[outcome]), default=len(place)))
    needs: dict[str, set[str]] = {}
    for outcome in ranked:
        wanted = {need for name in outcomes[outcome] for need in needed(metrics, name)}
        needs[outcome] = {other for other in ranked if other != outcome and wanted & set(outcomes[other])}
    try:
        return _sorted(needs)
    except CycleError:
        return ranked


def needed(metrics: Mapping[str, Metric], name: str) -> list[str]:
    """Return the metrics that one looks back at."""
    words = metrics[name].claims or Counting()
    needs = [*(words.needs or ()), *(words.needs_paid or ()), *(words.missing or ())]
    needs += [words.at.of] if words.at is not None else []
    return needs + ([words.within.of] if words.within is not None and words.within.of not in (name, "") else [])


def _sorted(needs: Mapping[str, set[str]]) -> list[str]:
    """Sort names so that each comes after those it needs, and otherwise as they stand."""
    sorter = TopologicalSorter(needs)
    sorter.prepare()
    place, order = {name: at for at, name in enumerate(needs)}, list[str]()
    ready: list[str] = []
    while sorter.is_active() or ready:
        ready = sorted([*ready, *sorter.get_ready()], key=place.__getitem__)
        order.append(ready.pop(0))
        sorter.done(order[-1])
    return order
