"""Which metrics a claims file gives, and of which the figures by period are left."""

from __future__ import annotations

from payfs.claims.measure import looked_at
from payfs.claims.table import Claims, known_outcomes
from payfs.contract import Contract
from payfs.forecast.grid import claims_only
from payfs.scale import Scale

TIMES = ("hour", "day", "night", "week", "month")
"""Units of which a claims file has no row each, unless the contract says how they are counted from it."""


def from_claims(contract: Contract, claims: Claims) -> tuple[str, ...]:
    """Return the metrics that a claims file gives, in the contract's order: what it can tell, it tells alone.

    They are those that the contract counts from claims, those that are claimed, and of a plain rate card every count of
    people or events that is paid for, also where nothing of it is claimed: then there was none. What gates and other
    metrics look at is left, unless it is claimed, since silence of that is not 0.
    """
    told = {*claims_only(contract), *_claimed(contract, claims), *_rate_card(contract)}
    told |= {name for name, metric in contract.frame.metrics.items() if metric.claims is not None}
    return tuple(name for name, metric in contract.frame.metrics.items() if name in told and not metric.worked_out)


def unclaimed(contract: Contract, claims: Claims) -> tuple[str, ...]:
    """Return the metrics that a claims file gives although it says nothing of them, so that they come to nothing."""
    claimed = _claimed(contract, claims)
    listed = {name for names in known_outcomes(contract.frame).values() for name in names}  # others count what lacks
    return tuple(name for name in from_claims(contract, claims) if name in listed and name not in claimed)


def _claimed(contract: Contract, claims: Claims) -> set[str]:
    known = known_outcomes(contract.frame)
    return {name for outcome in claims.outcomes for name in known[outcome]}


def _rate_card(contract: Contract) -> set[str]:
    """Return the counts of people or events that rules pay for, and nothing else looks at."""
    scales = contract.frame.scales
    paid = {contract.rule(name).metric or name for name in contract.rules} - looked_at(contract)
    return {name for name in paid & {*scales} if _counts(scales[name])}


def _counts(scale: Scale) -> bool:
    figure = scale.percent or scale.yes_no or scale.money is not None
    return scale.step == 1 and not figure and scale.unit not in TIMES
