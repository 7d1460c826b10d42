"""What falls due in each period of a contract: what is measured, under which rules, and in whose fiscal year."""

from __future__ import annotations

from typing import NamedTuple

from payfs.contract import Contract
from payfs.periods import fiscal_year


class FallsDue(NamedTuple):
    """What falls due in one period.

    Attributes:
        period: its name.
        fiscal_years: by outcome payer, the fiscal year in which the payment counts; none where no source says when.
        metrics: what is measured in it and not worked out.
        rules: those that may pay in it.
    """

    period: str
    fiscal_years: dict[str, str]
    metrics: tuple[str, ...]
    rules: tuple[str, ...]


def falls_due(contract: Contract) -> tuple[FallsDue, ...]:
    """Return what falls due in every period, in order of payment; :mod:`payfs.report.schedule` has its days."""
    return tuple(_in(contract, place) for place in range(len(contract.periods)))


def _in(contract: Contract, place: int) -> FallsDue:
    spec, frame, period = contract.terms_in(place).spec, contract.frame, contract.periods[place]
    payers = [name for name, party in spec.parties.items() if party.pays]
    years = {name: fiscal_year(period.paid.date, contract.fiscal_year_start(name)) for name in payers}
    metrics = [n for n, metric in frame.metrics.items() if not metric.worked_out and place in frame.measured_in(n)]
    rules = []
    for name, rule in spec.rules.items():
        metric = rule.metric or name
        measured = metric not in frame.metrics or place in frame.measured_in(metric)
        if measured and (rule.periods is None or {period.name, period.run} & set(rule.periods)):
            rules.append(name)
    return FallsDue(period.name, years if period.paid_known else {}, tuple(metrics), tuple(rules))
