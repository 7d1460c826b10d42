"""Who gets the money: a statement's payments poured through the capital stack, and what each holder earns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import NamedTuple

import numpy as np

from payfs.capital.cash import EPOCH, Cash, NoReading, NothingYet, Reading, Receipt
from payfs.capital.flows import CashFlows, Flow
from payfs.capital.irr import irr
from payfs.capital.pour import pour
from payfs.capital.returns import lowest, multiple, npv, payback, peak_at_risk, weighted_average_life
from payfs.capital.written import Capital
from payfs.contract import Contract
from payfs.money import Array, TooLarge, split
from payfs.payments import Account, unknown_finding
from payfs.periods import Day
from payfs.spec import Unknown, UnknownTerm, quoted
from payfs.statement import Statement
from payfs.text import Finding, Path, Refused

ALL = "all tranches"


class Return(NamedTuple):
    """What a tranche, a holder or all of them earn; arrays are (paths,).

    Attributes:
        name: of the tranche or party; ``all tranches`` for all.
        apart: whether principal, interest and what comes on top can be told apart; not where no source says what was
            put in.
        outstanding: principal that is still owed on the last date that was looked at [minor units].
        drawn: what was put in [minor units]; None where no source says.
        interest: interest that was paid [minor units].
        principal: principal that was paid back, by guarantors too [minor units].
        success: success payments, shares of the surplus and payments of the statement [minor units].
        received: all of it [minor units].
        gain: received less drawn [minor units]; None where drawn is not known.
        multiple: received over drawn; NaN where nothing was drawn.
        irr: a year, ACT/365; NaN where there is none; None where a date that matters is not known.
        several: whether there are several rates, of which the one nearest to 0 is given.
        npv: at the rate that was asked for [minor units]; None where none was, or a date is not known.
        payback: the day on which what came back first covers what was put in [days since 1970-01-01]; -1 where none.
        at_risk: the most that was put in and not back yet [minor units].
        life: the weighted average life of principal [years]; NaN where none came back.
    """

    name: str
    apart: bool
    outstanding: Array
    drawn: Array | None
    interest: Array
    principal: Array
    success: Array
    received: Array
    gain: Array | None
    multiple: Array | None
    irr: Array | None
    several: Array | None
    npv: Array | None
    payback: Array | None
    at_risk: Array | None
    life: Array | None

    @property
    def loss(self) -> Array | None:
        """What was put in and never came back [minor units]; 0 where it did."""
        return None if self.gain is None else np.maximum(-self.gain, 0)


@dataclass(frozen=True)
class Investment:
    """A statement poured through the stack.

    Attributes:
        contract: whose stack.
        spec: the stack as written.
        flows: every movement of money.
        rate: at which present values are worked out [a year]; None where none was asked for.
    """

    contract: Contract
    spec: Capital
    flows: CashFlows
    rate: Fraction | None = None

    def tranche(self, name: str) -> Return:
        """Return what a tranche earns."""
        return self._return(name, lambda flow: flow.tranche == name, not isinstance(self._commitment(name), Unknown))

    def holder(self, name: str) -> Return:
        """Return what a holder earns from all its tranches together, each by its share."""
        mine = [tranche for tranche, spec in self.spec.tranches.items() if name in spec.shares]
        known = not any(isinstance(self._commitment(tranche), Unknown) for tranche in mine)
        return self._return(name, lambda flow: flow.tranche in mine, known, name)

    @cached_property
    def all(self) -> Return:
        """What all tranches together earn."""
        mine = [name for name, tranche in self.spec.tranches.items() if tranche.kind != "grant"]
        known = not any(isinstance(self._commitment(name), Unknown) for name in mine)
        made = self._return(ALL, lambda flow: flow.tranche in mine, known)
        total = self.spec.total
        if known or total is None or isinstance(total, Unknown):
            return made
        # what each put in is not known, but sources say what all of them did
        drawn = made.received * 0 + int(total * self.contract.money.minor)
        gain = made.received - drawn
        ratio = multiple(np.stack([-drawn, made.received]))
        return made._replace(drawn=drawn, gain=gain, multiple=ratio, irr=self._undated(drawn, made.received))

    @property
    def holders(self) -> tuple[str, ...]:
        """Everybody who holds a tranche whose share is known."""
        return tuple(dict.fromkeys(name for tranche in self.spec.tranches.values() for name in tranche.shares))

    def _commitment(self, name: str) -> object:
        return self.spec.tranches[name].commitment

    def _return(self, name: str, wanted: object, known: bool, holder: str | None = None) -> Return:
        kinds = {kind: self._sum(wanted, (kind,), holder) for kind in ("principal", "guarantee")}
        kinds["interest"] = self._sum(wanted, ("interest", "guaranteed interest"), holder)
        extra = self._sum(wanted, ("success", "surplus", "handed on", "payment"), holder)
        principal = kinds["principal"] + kinds["guarantee"]
        back = principal + kinds["interest"] + extra
        put_in = self._sum(wanted, ("draw",), holder)
        sums = [flow.sum(axis=0) for flow in (kinds["interest"], principal, extra, back, put_in)]
        drawn = sums[4] if known else None
        owed = self._outstanding(name, holder)
        nothing = Return(name, known, owed, drawn, sums[0], sums[1], sums[2], sums[3], *[None] * 8)
        if drawn is None:
            return nothing
        flows, days = back - put_in, self.flows.days
        dated = not flows[~self.flows.known].any()
        here = self.flows.known
        rate = irr(days[here], flows[here]) if dated else None
        worth = None
        if dated and self.rate is not None:
            worth = npv(days[here], flows[here], self.rate)
        return nothing._replace(
            gain=sums[3] - drawn,
            multiple=multiple(np.stack([-drawn, sums[3]])),
            irr=rate.rate if rate is not None else self._undated(drawn, sums[3]),
            several=rate.several if rate is not None else None,
            npv=worth,
            payback=payback(days[here], flows[here]) if dated else None,
            at_risk=peak_at_risk(flows),
            life=weighted_average_life(days[here], put_in[here], principal[here]) if dated else None,
        )

    def _outstanding(self, name: str, holder: str | None) -> Array:
        result = np.zeros(self.flows.shape[1], dtype=np.int64)
        for tranche, spec in self.spec.tranches.items():
            left = self.flows.outstanding[tranche][-1]
            if holder is not None and holder in spec.shares:
                result = result + _part(left, spec.shares, holder)
            elif holder is None and (name == tranche or (name == ALL and spec.kind != "grant")):
                result = result + left
        return result

    def _undated(self, drawn: Array, received: Array) -> Array | None:
        """Return the rate where no date is needed to know it: nothing came back, or just what was put in."""
        certain = (drawn == 0) | (received == 0) | (received == drawn)
        if not certain.all():
            return None
        return np.where(drawn == 0, np.nan, np.where(received == 0, -1.0, 0.0))

    def _sum(self, wanted: object, kinds: tuple[str, ...], holder: str | None) -> Array:
        assert callable(wanted)
        result = np.zeros(self.flows.shape, dtype=np.int64)
        for flow in self.flows.flows:
            if flow.kind in kinds and wanted(flow):
                result = result + self.share(flow, holder)
        return result

    def share(self, flow: Flow, holder: str | None) -> Array:
        """Return a holder's share of a movement of a tranche, (dates, paths) [minor units]; all of it for None."""
        shares = self.spec.tranches[flow.tranche].shares if flow.tranche is not None else {}
        return flow.amounts if holder is None else _part(flow.amounts, shares, holder)

    def paid_and_got(self) -> Mapping[str, tuple[Array, Array]]:
        """Return what each party pays and what it gets in cash, in all, two times (paths,) [minor units].

        Nothing is set off: who pays and gets on the same day does both. What is taken back goes the other way. What
        belongs to several holders of a tranche is shared out among them.
        """
        none = np.zeros(self.flows.shape[1], dtype=np.int64)
        result: dict[str, tuple[Array, Array]] = {}
        for flow in self.flows.flows:
            if flow.in_kind:
                continue
            shares = self.spec.tranches[flow.tranche].shares if flow.tranche is not None else {}
            for who, pays in ((flow.source, True), (flow.target, False)):
                if who in self.flows.kept:
                    continue
                several = who == flow.tranche and len(shares) > 1
                for name in shares if several else (who,):
                    amount = _part(flow.amounts, shares, name) if several else flow.amounts
                    there, back = np.maximum(amount, 0).sum(axis=0), np.maximum(-amount, 0).sum(axis=0)
                    paid, got = result.get(name, (none, none))
                    result[name] = (paid + there, got + back) if pays else (paid + back, got + there)
        return result

    @cached_property
    def provider(self) -> tuple[str, Array, Array, Array] | None:
        """The provider, its cash after each date, its lowest cash and the day of that; None without a budget."""
        spending = self.spec.spending
        if spending is None:
            return None
        if isinstance(spending.opening, Unknown):
            raise Refused([unknown_finding(self.contract, ("capital", "spending", "opening"))])
        opening = int(spending.opening * self.contract.money.minor)
        balance = opening + np.cumsum(self.flows.of_party(spending.provider), axis=0)
        low, day = lowest(self.flows.days, balance)
        begins = opening < low  # it may never have less than what it began with
        return spending.provider, balance, np.where(begins, opening, low), np.where(begins, self.flows.days[0], day)


def _part(amounts: Array, shares: Mapping[str, Fraction], holder: str) -> Array:
    """Return one holder's share of amounts, to the last minor unit.

    Totals to date are shared out, (dates, paths), so that no holder loses a cent again and again.
    """
    if len(shares) < 2:
        return amounts
    bottom = lcm(*(Fraction(share).denominator for share in shares.values()))
    in_all = np.cumsum(amounts, axis=0) if amounts.ndim == 2 else amounts
    part = split(in_all, [int(share * bottom) for share in shares.values()])[list(shares).index(holder)]
    return np.diff(part, axis=0, prepend=np.zeros_like(part[:1])) if amounts.ndim == 2 else part


def cash_of(contract: Contract, made: Statement, until: int | None = None) -> Cash:
    """Return a statement's payments by rule, payer and payee, and the results that a stack looks at."""
    spec, periods = contract.spec, contract.periods
    receipts = []
    for stream in made.streams:
        cohorts = list(spec.population.cohorts or {}) if stream.paid.shape[0] == len(contract.cohorts) else []
        by_payee: dict[str, Array] = {}
        rule = contract.rule(stream.rule)
        for row in range(stream.paid.shape[0]):
            payee = spec.payee_of(rule, cohorts[row] if cohorts else None) or ""
            by_payee[payee] = by_payee.get(payee, 0) + stream.paid[row]
        days = tuple((period.paid.date - EPOCH).days for period in periods)
        gaps: tuple[Path | None, ...] = tuple(None if p.paid_known else ("periods", p.run, "paid") for p in periods)
        for payee, amounts in by_payee.items():
            receipts.append(Receipt(stream.rule, stream.payer, payee, days, gaps, amounts))
    ends = np.array([(period.end.date - EPOCH).days for period in periods], dtype=np.int64)
    order = np.argsort(ends, kind="stable")
    readings = {}
    for name in metrics_of(spec.capital) if spec.capital is not None else ():
        series = made.measured.series[name].pooled()
        here = [place for place in order.tolist() if place in contract.frame.measured_in(name)]
        readings[name] = Reading(ends[here], series.values[0][here], series.present[0][here], series.scale)
    starts = min((period.start.date - EPOCH).days for period in periods)
    stops = max((period.paid.date - EPOCH).days for period in periods)
    if spec.term is not None:
        starts = min(starts, (spec.term.start.date - EPOCH).days)
    payee = next(iter(receipts)).payee if receipts else ""
    providers = [name for name, party in spec.parties.items() if "service provider" in party.role]
    paths = max((receipt.amounts.shape[1] for receipt in receipts), default=1)
    service = providers[0] if len(providers) == 1 else payee
    return Cash(tuple(receipts), readings, starts, stops, service, paths, until)


def metrics_of(spec: Capital) -> Iterator[str]:
    """Yield the metrics that a stack looks at."""
    for tranche in spec.tranches.values():
        parts = [*(tranche.interest.steps if tranche.interest else ()), tranche.owed, tranche.success, tranche.redeemed]
        yield from (part.by for part in parts if part is not None and part.by is not None)
    endings = [tranche.redeemed for tranche in spec.tranches.values()]
    for ending in (*endings, spec.terminated):
        if ending is not None and ending.if_ is not None:
            yield ending.if_.metric
    for payoff in spec.terminated.pays.values() if spec.terminated is not None else ():
        if payoff.by is not None:
            yield payoff.by


def invest(account: Account, rate: Fraction | None = None) -> Investment:
    """Pour what is paid under a contract through its stack.

    Raises:
        Refused: the contract has no stack, or something that the returns need is unknown or missing.
    """
    contract = account.contract
    spec = contract.spec.capital
    if spec is None:
        what = "the contract says nothing of who put the money in"
        raise Refused([Finding(what, "write capital, with its tranches", file=contract.file)])
    try:
        cash = cash_of(contract, account.statement, account.evidence.as_of)
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
