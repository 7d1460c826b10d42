"""The calendar of a contract: when each period is measured and paid, in whose fiscal year, and under which rules."""

from __future__ import annotations

from typing import NamedTuple

from payfs.contract import Contract
from payfs.periods import Period, fiscal_year


class Dates(NamedTuple):
    """The dates of one period.

    Attributes:
        name: of the period.
        starts: its first day, as a reader has it.
        ends: its last day.
        measured: the day of measurement.
        paid: the day of payment; None where no source says.
        fiscal_years: by outcome payer, the fiscal year in which the payment counts; none where no source says when.
        metrics: what is measured in it and not worked out.
        rules: what may fall due in it.
    """

    name: str
    starts: str
    ends: str
    measured: str
    paid: str | None
    fiscal_years: dict[str, str]
    metrics: tuple[str, ...]
    rules: tuple[str, ...]


def calendar(contract: Contract) -> tuple[Dates, ...]:
    """Return the dates of every period, in order of payment."""
    return tuple(_dates(contract, place, period) for place, period in enumerate(contract.periods))


def _dates(contract: Contract, place: int, period: Period) -> Dates:
    spec, frame = contract.terms_in(place).spec, contract.frame
    payers = [name for name, party in spec.parties.items() if party.pays]
    years = {name: fiscal_year(period.paid.date, contract.fiscal_year_start(name)) for name in payers}
    metrics = [n for n, metric in frame.metrics.items() if not metric.worked_out and place in frame.measured_in(n)]
    rules = []
    for name, rule in spec.rules.items():
        metric = rule.metric or name
        measured = metric not in frame.metrics or place in frame.measured_in(metric)
        named = rule.periods is None or {period.name, period.run} & set(rule.periods)
        if measured and named:
            rules.append(name)
    return Dates(
        period.name,
        str(period.start),
        str(period.end),
        str(period.measured),
        str(period.paid) if period.paid_known else None,
        years if period.paid_known else {},
        tuple(metrics),
        tuple(rules),
    )
