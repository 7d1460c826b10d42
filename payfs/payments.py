"""Real payments: a statement on reported results, payment by payment, with corrections as lines of their own."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from payfs.claims.fates import fates
from payfs.claims.measure import Evidence
from payfs.claims.table import Claims
from payfs.contract import Contract
from payfs.evidence.derive import DividedByNothing, derive
from payfs.evidence.measured import Flags, Measured, Series
from payfs.evidence.results import Result
from payfs.line import Cell, Explanation, explain
from payfs.periods import fiscal_year
from payfs.statement import Statement, statement
from payfs.streams import Stream
from payfs.terms.setting import Setting
from payfs.terms.work import counted
from payfs.unknowns import saying_why


class Payment(NamedTuple):
    """One payment.

    Attributes:
        rule: name.
        payer: name of a party.
        payee: name of a party.
        cohort: name, or None where the contract has none or the rule pays for all together.
        period: the period that it is for.
        reported: the period in which the result was reported; another one for a correction.
        measured: what the rule's metric came to, as a results file has it; None for a rule without one.
        due: the day on which it is due; None where no source says.
        due_written: the day as the contract has it, which may be a month.
        amount: [minor units]; below 0 it is owed by the payee.
        why: the explanation in one sentence.
        explanation: the explanation as a tree.
    """

    rule: str
    payer: str
    payee: str
    cohort: str | None
    period: str
    reported: str
    measured: str | None
    due: datetime.date | None
    due_written: str | None
    amount: int
    why: str
    explanation: Explanation


@dataclass(frozen=True)
class Account:
    """All payments under a contract on what has been reported so far.

    Attributes:
        contract: the contract.
        payments: in order of their due dates.
        statement: what they were taken from, with everything reported.
        evidence: the results and claims themselves.
    """

    contract: Contract
    payments: tuple[Payment, ...]
    statement: Statement
    evidence: Evidence

    @property
    def total(self) -> int:
        """What is paid in all [minor units]."""
        return sum(payment.amount for payment in self.payments)

    def sums(self, by: str) -> dict[str, int]:
        """Add payments up by rule, payer, payee, cohort, period or ``fiscal year`` [minor units]."""
        result: dict[str, int] = {}
        for payment in self.payments:
            key = self.fiscal_year(payment) if by == "fiscal year" else getattr(payment, by)
            if key is not None:
                result[key] = result.get(key, 0) + payment.amount
        return result

    def fiscal_year(self, payment: Payment) -> str:
        """Return the payer's fiscal year in which a payment is due; ``not known`` where no source says when."""
        if payment.due is None:
            return "not known"
        starts = {party.fiscal_year_starts for party in self.contract.spec.parties.values() if party.pays}
        label = fiscal_year(payment.due, self.contract.fiscal_year_start(payment.payer))
        # years that begin on different days may bear the same name, and are not to be added up
        return label if len(starts) < 2 else f"{payment.payer} {label}"

    def cut_from(self, rule: str, place: tuple[int, int]) -> int:
        """Return what limits on all claims together cut from a rule in a cohort and period [minor units]."""
        cohort, period = place
        limits = self.contract.spec.limits
        total = 0
        for (name, limit), cut in self.statement.unpaid.items():
            for_one = limit in limits and "person" in limits[limit].per
            if name == rule and not for_one:
                total += int(cut[cohort if cut.shape[0] > 1 else 0, period, 0])
        return total

    def unpaid(self) -> dict[tuple[str, str], int]:
        """Return what limits cut off, by rule and limit [minor units]."""
        return {key: int(array.sum()) for key, array in self.statement.unpaid.items() if array.sum()}

    def unpaid_units(self) -> dict[tuple[str, str], str]:
        """Return the units that limits cut off, by rule and limit, in words."""
        result = {}
        for (rule, limit), array in self.statement.unpaid_units.items():
            if array.any():
                result[rule, limit] = self.contract.frame.scales[self.contract.rule(rule).metric or rule].show(
                    int(array.sum())
                )
        return result


def pay(
    contract: Contract, results: tuple[Result, ...], claims: Claims | None = None, as_of: int | None = None
) -> Account:
    """Work out every payment on reported results and claims.

    Raises:
        Refused: what the results need is unknown, missing, or cannot be worked out.
    """
    evidence = Evidence(contract, results, claims, as_of)
    return account_on(contract, work_out(contract, evidence), evidence)


def account_on(contract: Contract, made: Statement, evidence: Evidence) -> Account:
    """List every payment of a statement of one path, in order.

    Args:
        contract: under which it is paid.
        made: the statement.
        evidence: what was reported; empty where it was drawn.
    """
    payments = [one.payment() for one in listed(contract, made, evidence)]
    places = {period.name: place for place, period in enumerate(contract.periods)}
    payments.sort(key=lambda p: (places[p.reported], p.rule, p.payer, p.cohort or "", places[p.period]))
    return Account(contract, tuple(payments), made, evidence)


class Listed(NamedTuple):
    """A payment that is known by what it is for and its amount, and described only when that is asked for.

    Attributes:
        contract: under which it is paid.
        stream: that it is part of.
        series: what was measured for it; None for a rule without a metric.
        at: the place at which it is paid.
        cell: the place that it is for; another one for a correction.
    """

    contract: Contract
    stream: Stream
    series: Series | None
    at: Cell
    cell: Cell

    @property
    def amount(self) -> int:
        """[minor units]."""
        return int(self.stream.paid[self.at])

    @property
    def cohort(self) -> str | None:
        """The name of its cohort, if it is paid by cohort."""
        contract = self.contract
        by_cohort = contract.spec.population.cohorts and self.stream.paid.shape[0] == len(contract.cohorts)
        return contract.cohorts[self.at.cohort] if by_cohort else None

    @property
    def payee(self) -> str:
        """Who is paid; empty where nobody is named."""
        terms, name = self.contract.terms_in(self.cell.period), self.stream.rule
        return terms.spec.payee_of(terms.spec.rules.get(name) or self.contract.rule(name), self.cohort) or ""

    @property
    def key(self) -> tuple[str, str, str, str | None, str, str]:
        """What it is for: rule, payer, payee, cohort, period, and the period in which the result was reported."""
        periods = self.contract.periods
        period, reported = periods[self.cell.period].name, periods[self.at.period].name
        return self.stream.rule, self.stream.payer, self.payee, self.cohort, period, reported

    def payment(self) -> Payment:
        """Describe it."""
        at, money, series = self.contract.periods[self.at.period], self.contract.money, self.series
        explanation = explain(self.stream.line, self.at)
        measured = None
        if series is not None:
            row = self.cell.cohort if series.present.shape[0] > 1 else 0
            if series.present[row, self.cell.period]:
                measured = series.scale.written(int(series.values[row, self.cell.period, 0]))
        why = " — ".join(dict.fromkeys(sentences(explanation)))
        if self.stream.corrects is not None:
            more, size = ("more" if self.amount >= 0 else "less"), money.show(abs(self.amount))
            why += f" — corrected in {at.name}: {size} {more} than before"
        rule, payer, payee, cohort, period, reported = self.key
        return Payment(
            rule=rule,
            payer=payer,
            payee=payee,
            cohort=cohort,
            period=period,
            reported=reported,
            measured=measured,
            due=at.paid.date if at.paid_known else None,
            due_written=at.paid.written if at.paid_known else None,
            amount=self.amount,
            why=why,
            explanation=explanation,
        )


def listed(contract: Contract, made: Statement, evidence: Evidence) -> Iterator[Listed]:
    """Yield every payment of a statement of one path: what is due, and where nothing is due on what was reported."""
    for stream in made.streams:
        series = _series(contract, made.measured, stream.rule)
        if stream.corrects is None:
            series = _first_told(contract, made, stream.rule, series)
        elif series is not None:
            series = _last_told(contract, made, stream, series)
        amounts = stream.paid[:, :, 0] != 0
        reported = reported_in(stream, series) if stream.corrects is None else amounts
        if series is not None and (contract.rule(stream.rule).metric or stream.rule) in evidence.fed:
            # a rate card has many periods in which nothing was claimed
            reported = reported & (series.values[:, :, 0] != 0)
        if reported.shape[0] > amounts.shape[0]:
            reported = reported.any(axis=0, keepdims=True)
        for row, period in np.argwhere(amounts | reported).tolist():
            if amounts[row, period] or _shares(contract, stream, row, period):
                at = Cell(row, period, 0)
                cell = at if stream.corrects is None else at._replace(period=stream.corrects)
                yield Listed(contract, stream, series, at, cell)


def work_out(contract: Contract, evidence: Evidence) -> Statement:
    """Work out a statement on what was reported, saying in plain words what stands in its way.

    Raises:
        Refused: what the results need is unknown, missing, or cannot be worked out.
    """
    with saying_why(contract):
        history = evidence.history()
        return statement(contract, history[-1][1], history)


def reported_in(stream: Stream, series: Series | None) -> Flags:
    """Return where a stream has a result to pay on, (cohorts or 1, periods)."""
    if series is None:
        flags: Flags = stream.due[:, :, 0] != 0
        return flags
    return series.present


def _series(contract: Contract, measured: Measured, name: str) -> Series | None:
    """Return what a rule's metric came to, where the rule applies; None for a rule without one."""
    rule = contract.rule(name)
    metric = rule.metric or name
    spec, terms = contract.spec, contract.terms[-1]
    if metric not in measured.series and metric in terms.metric_order:
        try:
            measured = derive(terms.spec.metrics, terms.scales, terms.metric_order, measured)
        except DividedByNothing:
            return None
    if metric not in measured.series:
        return None
    setting = Setting(contract.money, spec.rounding.rounding(contract.money), contract.periods, measured, {})
    series, _ = counted(rule.model_copy(update={"counts": "each period", "stages": None}), name, setting)
    return series


def _first_told(contract: Contract, made: Statement, name: str, last: Series | None) -> Series | None:
    """Return a rule's metric as it was known when each period was first paid; corrections are lines of their own."""
    if last is None:
        return None
    values, present = last.values.copy(), last.present.copy()
    for time, known in reversed(made.history[:-1]):
        series = _series(contract, known, name)
        if series is None:
            return last  # what could not be worked out then is told as it stands
        values[:, : time + 1], present[:, : time + 1] = series.values[:, : time + 1], series.present[:, : time + 1]
    return replace(last, values=values, present=present)


def _last_told(contract: Contract, made: Statement, stream: Stream, last: Series) -> Series:
    """Return a rule's metric as it was known when a period was corrected."""
    reported = np.flatnonzero(stream.paid[:, :, 0].any(axis=0))
    known = [measured for time, measured in made.history if len(reported) and time <= reported[0]]
    return (_series(contract, known[-1], stream.rule) if known else None) or last


def _shares(contract: Contract, stream: Stream, row: int, period: int) -> bool:
    """Whether a payer has a share in what is paid for a cohort in a period."""
    terms = contract.terms_in(period)
    rule = terms.spec.rules.get(stream.rule)
    if rule is None:
        return False
    cohorts = list((terms.spec.population.cohorts or {}).values())
    cohort = cohorts[row] if stream.paid.shape[0] == len(cohorts) else None
    end = contract.periods[period].end.date
    for stage in terms.spec.payers_of(rule, cohort) or ():
        if stage.until is None or end <= stage.until.date:
            return stream.payer in stage.shares
    return False


def sentences(explanation: Explanation) -> Iterator[str]:
    """Yield an explanation's sentences, from what was measured up to what is paid."""
    for part in explanation.parts:
        yield from sentences(part)
    yield explanation.sentence


def as_data(account: Account) -> Mapping[str, Any]:
    """Return an account as plain data: dates as ISO 8601, amounts as strings of decimal units."""
    plain = account.contract.money.plain
    unpaid: dict[str, int] = {}
    for (rule, _), amount in account.unpaid().items():
        unpaid[rule] = unpaid.get(rule, 0) + amount
    return {
        "contract": account.contract.name,
        "currency": account.contract.money.code,
        "total": plain(account.total),
        "payments": [
            {
                "rule": p.rule,
                "payer": p.payer,
                "payee": p.payee,
                "cohort": p.cohort,
                "period": p.period,
                "reported": p.reported,
                "measured": p.measured,
                "due": p.due.isoformat() if p.due else None,
                "due_written": p.due_written,
                "fiscal_year": account.fiscal_year(p),
                "amount": plain(p.amount),
                "why": p.why,
            }
            for p in account.payments
        ],
        **({"claims": made._asdict()} if (made := fates(account.evidence)) is not None else {}),
        "unpaid": {rule: plain(amount) for rule, amount in unpaid.items()},
        "unpaid_by_limit": [
            {"rule": rule, "limit": limit, "amount": plain(amount)}
            for (rule, limit), amount in account.unpaid().items()
        ],
        "unpaid_units": [
            {"rule": rule, "limit": limit, "units": units} for (rule, limit), units in account.unpaid_units().items()
        ],
        "by_rule": {key: plain(amount) for key, amount in account.sums("rule").items()},
        "by_payer": {key: plain(amount) for key, amount in account.sums("payer").items()},
        "by_period": {key: plain(amount) for key, amount in account.sums("period").items()},
        "by_fiscal_year": {key: plain(amount) for key, amount in sorted(account.sums("fiscal year").items())},
    }
