"""A statement's payments poured through the capital stack of its contract."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from payfs.capital.cash import EPOCH, Cash, NoReading, NothingYet, Reading, Receipt
from payfs.capital.pour import pour
from payfs.capital.written import Capital
from payfs.contract import Contract
from payfs.contract.once import once
from payfs.investment.made import Investment
from payfs.money import Array, TooLarge
from payfs.payments import Account
from payfs.periods import Day
from payfs.spec import UnknownTerm, quoted
from payfs.statement import Statement
from payfs.text import Finding, Path, Refused
from payfs.unknowns import unknown_finding


class Calendar(NamedTuple):
    """On which days a contract pays and measures [days since 1970-01-01].

    Attributes:
        days: on which each period is paid.
        gaps: of each, the place in the contract that says ``unknown`` instead of a day; None where the day is known.
        ends: the last day of each period.
        order: the places of the periods by their last days.
        starts: the first day of the contract.
        stops: the last.
    """

    days: tuple[int, ...]
    gaps: tuple[Path | None, ...]
    ends: Array
    order: tuple[int, ...]
    starts: int
    stops: int


@once
def calendar_of(contract: Contract) -> Calendar:
    """Return on which days a contract pays and measures."""
    spec, periods = contract.spec, contract.periods
    days = tuple((period.paid.date - EPOCH).days for period in periods)
    gaps: tuple[Path | None, ...] = tuple(None if p.paid_known else ("periods", p.run, "paid") for p in periods)
    ends = np.array([(period.end.date - EPOCH).days for period in periods], dtype=np.int64)
    starts = min((period.start.date - EPOCH).days for period in periods)
    if spec.term is not None:
        starts = min(starts, (spec.term.start.date - EPOCH).days)
    return Calendar(days, gaps, ends, tuple(np.argsort(ends, kind="stable").tolist()), starts, max(days))


def cash_of(contract: Contract, made: Statement, until: int | None = None) -> Cash:
    """Return a statement's payments by rule, payer and payee, and the results that a stack looks at."""
    spec, dated = contract.spec, calendar_of(contract)
    receipts = []
    for stream in made.streams:
        cohorts = list(spec.population.cohorts or {}) if stream.paid.shape[0] == len(contract.cohorts) else []
        by_payee: dict[str, Array] = {}
        rule = contract.rule(stream.rule)
        for row in range(stream.paid.shape[0]):
            payee = spec.payee_of(rule, cohorts[row] if cohorts else None) or ""
            by_payee[payee] = by_payee[payee] + stream.paid[row] if payee in by_payee else stream.paid[row]
        for payee, amounts in by_payee.items():
            receipts.append(Receipt(stream.rule, stream.payer, payee, dated.days, dated.gaps, amounts))
    readings = {}
    for name in metrics_of(spec.capital) if spec.capital is not None else ():
        series = made.measured.series[name].pooled()
        here = [place for place in dated.order if place in contract.frame.measured_in(name)]
        readings[name] = Reading(dated.ends[here], series.values[0][here], series.present[0][here], series.scale)
    payee = next(iter(receipts)).payee if receipts else ""
    providers = [name for name, party in spec.parties.items() if "service provider" in party.role]
    paths = max((receipt.amounts.shape[1] for receipt in receipts), default=1)
    service = providers[0] if len(providers) == 1 else payee
    return Cash(tuple(receipts), readings, dated.starts, dated.stops, service, paths, until)


def metrics_of(spec: Capital) -> Iterator[str]:
    """Yield the metrics that a stack looks at."""
    for tranche in spec.tranches.values():
        parts = [*(tranche.interest.steps if tranche.interest else ()), tranche.owed, tranche.success, tranche.redeemed]
        yield from (part.by for part in parts if part is not None and part.by is not None)
    endings = [tranche.redeemed for tranche in spec.tranches.values()]
    for ending in (*endings, spec.terminated):
        if ending is not None and ending.if_ is not None:
            yield ending.if_.metric
    for payoff in spec.terminated.payoffs.values() if spec.terminated is not None else ():
        if payoff.by is not None:
            yield payoff.by


def invest(account: Account, rate: Fraction | None = None) -> Investment:
    """Pour what is paid under a contract through its stack.

    Raises:
        Refused: the contract has no stack, or something that the returns need is unknown or missing.
    """
    return invest_statement(account.contract, account.statement, account.evidence.as_of, rate)


def invest_statement(
    contract: Contract, made: Statement, until: int | None = None, rate: Fraction | None = None, late: int = 0
) -> Investment:
    """Pour a statement, of however many paths, through the stack of its contract.

    Args:
        contract: whose stack.
        made: what is paid.
        until: the last day that is looked at [days since 1970-01-01]; None to the end.
        rate: at which present values are worked out [a year]; None where none is asked for.
        late: how long after its date each payment comes [days].

    Raises:
        Refused: the contract has no stack, or something that the returns need is unknown or missing.
    """
    spec = contract.spec.capital
    if spec is None:
        what = "the contract says nothing of who put the money in"
        raise Refused([Finding(what, "write capital, with its tranches", file=contract.file)])
    try:
        cash = cash_of(contract, made, until).after(late)
        flows = pour(cash, spec, contract.money, contract.spec.rounding.rounding(contract.money))
    except UnknownTerm as error:
        raise Refused([unknown_finding(contract, path) for path in error.paths]) from None
    except NoReading as error:
        day = Day.on(EPOCH + timedelta(days=error.day))
        what = f"what is paid depends on {quoted(error.metric)}, and no result says what it was by {day}"
        remedy = "add the result, or look no further with --as-of"
        raise Refused([contract.document.finding(("metrics", error.metric), what, remedy)]) from None
    except NothingYet:
        what = "nothing of the stack has happened by the day that is looked at"
        raise Refused([Finding(what, "look at a later day with --as-of", file=contract.file)]) from None
    except (TooLarge, OverflowError):
        what = "an amount of the stack cannot be paid exactly"
        raise Refused([Finding(what, "check the commitments and the rates", file=contract.file)]) from None
    return Investment(contract, spec, flows, rate)
