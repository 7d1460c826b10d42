"""What a stack that was poured comes to: what each tranche and each holder earns, and whose cash moved."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import NamedTuple

import numpy as np

from payfs.capital.flows import CashFlows, Flow
from payfs.capital.irr import irr
from payfs.capital.returns import NO_DAY, lowest, multiple, npv, payback, peak_at_risk, weighted_average_life
from payfs.capital.written import Capital
from payfs.contract import Contract
from payfs.money import Array, split
from payfs.spec import Unknown
from payfs.text import Refused
from payfs.unknowns import unknown_finding

ALL = "all tranches"
KINDS = {
    "drawn": ("draw",),
    "interest": ("interest", "guaranteed interest"),
    "principal": ("principal", "guarantee"),
    "success": ("success", "surplus", "handed on", "payment"),
}
"""Of which movements a figure is made up; interest that was capitalised moves as principal, and counts as interest."""


class Return(NamedTuple):
    """What a tranche, a holder or all of them earn; arrays are (paths,).

    Attributes:
        name: of the tranche or party; ``all tranches`` for all.
        apart: whether principal, interest and what comes on top can be told apart; not where no source says what was
            put in.
        outstanding: principal that is still owed on the last date that was looked at [minor units].
        drawn: what was put in [minor units]; None where no source says.
        interest: interest that was paid, what was capitalised too [minor units].
        principal: what was put in and paid back, by guarantors too [minor units].
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


class Provider(NamedTuple):
    """The cash of the provider; arrays are (paths,).

    Attributes:
        name: of the party.
        balance: after each date, (dates, paths) [minor units].
        lowest: the least that it ever has [minor units].
        on: the day on which it first has that [days since 1970-01-01].
        below: the first day on which it has less than nothing; :data:`payfs.capital.returns.NO_DAY` where it never has.
    """

    name: str
    balance: Array
    lowest: Array
    on: Array
    below: Array


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
        return self._return(name, [name], not isinstance(self._commitment(name), Unknown))

    def holder(self, name: str) -> Return:
        """Return what a holder earns from all its tranches together, each by its share."""
        mine = self._held(name)
        known = not any(isinstance(self._commitment(tranche), Unknown) for tranche in mine)
        return self._return(name, mine, known, name)

    @cached_property
    def all(self) -> Return:
        """What all tranches together earn."""
        mine = self._all
        known = not any(isinstance(self._commitment(name), Unknown) for name in mine)
        made = self._return(ALL, mine, known)
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

    def _return(self, name: str, wanted: Container[str], known: bool, holder: str | None = None) -> Return:
        interest, principal, extra, put_in = (
            self._sum(wanted, key, holder) for key in ("interest", "principal", "success", "drawn")
        )
        back = principal + interest + extra
        sums = [flow.sum(axis=0) for flow in (interest, principal, extra, back, put_in)]
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

    def _moved(self, mine: Container[str], key: str, holder: str | None) -> Array:
        """Add up the movements of some tranches, of a holder its part, (dates, paths) [minor units]."""
        result = np.zeros(self.flows.shape, dtype=np.int64)
        for flow in self.flows.flows:
            if flow.kind in KINDS[key] and flow.tranche is not None and flow.tranche in mine:
                result = result + self.share(flow, holder)
        return result

    def _sum(self, mine: Container[str], key: str, holder: str | None) -> Array:
        """Return what some tranches pay in or get by date, of a holder its part, (dates, paths) [minor units]."""
        result = self._moved(mine, key, holder)
        for name, amount in self.capitalised.items() if key in ("interest", "principal") else ():
            if name in mine:
                part = amount if holder is None else _part(amount, self.spec.tranches[name].shares, holder)
                result = result + part if key == "interest" else result - part
        return result

    @cached_property
    def capitalised(self) -> Mapping[str, Array]:
        """Interest that was added to principal and comes back as such, by tranche, (dates, paths) [minor units].

        It is what comes back of principal beyond all that was drawn.
        """
        found = {}
        for name, spec in self.spec.tranches.items():
            if spec.interest is not None and spec.interest.capitalised and not isinstance(spec.commitment, Unknown):
                back, drawn = (self._moved([name], key, None) for key in ("principal", "drawn"))
                drawn = drawn.sum(axis=0)
                beyond = np.maximum(np.cumsum(back, axis=0) - drawn, 0)
                found[name] = np.diff(beyond, axis=0, prepend=np.zeros_like(beyond[:1]))
        return found

    def by_date(self, name: str, key: str) -> Array:
        """Return what a tranche, a holder or all of them pay in or get on each date, (dates, paths) [minor units].

        Args:
            name: as in :class:`Return`.
            key: drawn | interest | principal | success | received.
        """
        keys = ("interest", "principal", "success") if key == "received" else (key,)
        if name in self.spec.tranches:
            mine, holder = [name], None
        elif name == ALL:
            mine, holder = self._all, None
        else:
            mine, holder = self._held(name), name
        return sum((self._sum(mine, each, holder) for each in keys), start=np.zeros(self.flows.shape, dtype=np.int64))

    def _held(self, holder: str) -> list[str]:
        return [tranche for tranche, spec in self.spec.tranches.items() if holder in spec.shares]

    @property
    def _all(self) -> list[str]:
        return [name for name, tranche in self.spec.tranches.items() if tranche.kind != "grant"]

    def share(self, flow: Flow, holder: str | None) -> Array:
        """Return a holder's share of a movement of a tranche, (dates, paths) [minor units]; all of it for None."""
        shares = self.spec.tranches[flow.tranche].shares if flow.tranche is not None else {}
        return flow.amounts if holder is None else _part(flow.amounts, shares, holder)

    def guaranteed_by(self, party: str) -> Array:
        """Return what a party paid as guarantor, less what came back of a deposit, (paths,) [minor units]."""
        kinds = ("guarantee", "guaranteed interest", "deposit")
        paid: Array = self.flows.total(lambda flow: flow.kind in kinds and flow.source == party).sum(axis=0)
        return paid

    def paid_and_got(self) -> Mapping[str, tuple[Array, Array]]:
        """Return what each party pays and what it gets in cash, in all, two times (paths,) [minor units].

        Nothing is set off: who pays and gets on the same day does both. What is taken back goes the other way. What
        belongs to several holders of a tranche is shared out among them.
        """
        none = np.zeros(self.flows.shape[1], dtype=np.int64)
        result: dict[str, tuple[Array, Array]] = {}
        for name, pays, amount in self._by_party():
            there, back = np.maximum(amount, 0).sum(axis=0), np.maximum(-amount, 0).sum(axis=0)
            paid, got = result.get(name, (none, none))
            result[name] = (paid + there, got + back) if pays else (paid + back, got + there)
        return result

    def cash_of_party(self, name: str) -> Array:
        """Return what a party pays (below 0) and gets in cash, (dates, paths) [minor units].

        Of what belongs to several holders of a tranche it is the party's part.
        """
        result = np.zeros(self.flows.shape, dtype=np.int64)
        for who, pays, amount in self._by_party():
            if who == name:
                result = result - amount if pays else result + amount
        return result

    def _by_party(self) -> Iterator[tuple[str, bool, Array]]:
        """Yield whose cash moves, whether it pays, and how much, (dates, paths) [minor units]; not that of pools."""
        for flow in self.flows.flows:
            if flow.in_kind:
                continue
            shares = self.spec.tranches[flow.tranche].shares if flow.tranche is not None else {}
            for who, pays in ((flow.source, True), (flow.target, False)):
                if who in self.flows.kept:
                    continue
                several = who == flow.tranche and len(shares) > 1
                for name in shares if several else (who,):
                    yield name, pays, _part(flow.amounts, shares, name) if several else flow.amounts

    @cached_property
    def provider(self) -> Provider | None:
        """The provider and its cash; None without a budget."""
        spending = self.spec.spending
        if spending is None:
            return None
        if isinstance(spending.opening, Unknown):
            raise Refused([unknown_finding(self.contract, ("capital", "spending", "opening"))])
        opening = int(spending.opening * self.contract.money.minor)
        balance = opening + np.cumsum(self.cash_of_party(spending.provider), axis=0)
        low, day = lowest(self.flows.days, balance)
        begins = opening < low  # it may never have less than what it began with
        lowest_, when = np.where(begins, opening, low), np.where(begins, self.flows.days[0], day)
        below = balance < 0
        first = np.where(below.any(axis=0), self.flows.days[below.argmax(axis=0)], NO_DAY)
        return Provider(spending.provider, balance, lowest_, when, first)


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
