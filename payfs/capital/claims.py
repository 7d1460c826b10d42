"""The claims of one tranche: what has been drawn, what is outstanding, what is due, and what its limits let through."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from payfs.capital.cash import Moment, day_number, last_result
from payfs.capital.dates import AS_CASH_COMES, NEVER, Dated
from payfs.capital.daycount import growth
from payfs.capital.flows import Early
from payfs.capital.interest import NANO, Accrual, share_by
from payfs.capital.stack import Ending, Stack, known, needed_draws
from payfs.capital.written import Payoff, Tranche
from payfs.money import Array, times
from payfs.spec import Figure, Unknown, UnknownTerm
from payfs.text import Path

Flags = NDArray[np.bool_]
FINE = 10**6  # parts of a minor unit in which a limit on the internal rate of return is kept


@dataclass
class TrancheState:
    """One tranche while it is poured; arrays are (paths,) [minor units].

    Attributes:
        name: name.
        stack: the stack.
        spec: as written.
        known: whether its commitment is known; if not, it can only hand on what comes in for it.
        commitment: what may be drawn.
        drawn: what was.
        outstanding: principal that is owed, capitalised interest included.
        payable: interest that has fallen due and was not paid.
        received: everything that came back.
        earned: what came back beyond principal.
        success: what is due on top.
        accrual: the interest that runs; None where there is none.
        hurdle: what may still be paid under a limit on the internal rate of return, in fine parts; None without one.
        hurdle_day: the day up to which that has grown.
        repaid: principal that came back.
        closed: on which paths it has ended early or at maturity, with a payoff of its own.
    """

    name: str
    stack: Stack
    spec: Tranche
    known: bool
    commitment: Array
    drawn: Array
    outstanding: Array
    payable: Array
    received: Array
    earned: Array
    success: Array
    accrual: Accrual | None
    hurdle: Array | None
    hurdle_day: int
    repaid: Array
    closed: Flags
    undated: Path | None = None  # where a source does not give the day of a draw or repayment
    settled: bool = False  # whether the success payment has fallen due
    early: list[Early] = field(default_factory=list)  # how it ended early

    @classmethod
    def of(cls, name: str, stack: Stack, zero: Array) -> TrancheState:
        """Begin with nothing drawn."""
        spec = stack.spec.tranches[name]
        known_ = not isinstance(spec.commitment, Unknown)
        if not known_ and name not in (stack.passes_through(pool) for pool in stack.spec.pots):
            raise UnknownTerm(("capital", "tranches", name, "commitment"))
        commitment = zero + (stack.minor(spec.commitment, "tranches", name, "commitment") if known_ else 0)
        accrual = None
        if spec.interest is not None:
            first = spec.interest.from_
            begins = day_number(first) if first is not None else stack.moments[0].day
            accrual = Accrual(name, stack, spec.interest, zero, begins, begins)
        capped = spec.most is not None and spec.most.irr is not None
        return cls(
            name=name,
            stack=stack,
            spec=spec,
            known=known_,
            commitment=commitment,
            drawn=zero,
            outstanding=zero,
            payable=zero,
            received=zero,
            earned=zero,
            success=zero,
            accrual=accrual,
            hurdle=zero.astype(object) if capped else None,
            hurdle_day=stack.moments[0].day,
            repaid=zero,
            closed=np.zeros(len(zero), dtype=bool),
        )

    @property
    def undrawn(self) -> Array:
        """What is left of the commitment."""
        return self.commitment - self.drawn

    # -- draws

    def scheduled_draw(self, moment: Moment) -> Array | None:
        """Return what is drawn on a date by agreement; None where nothing is."""
        draws = self.spec.draws
        if isinstance(draws, Unknown):
            own = moment.gap == ("capital", "tranches", self.name, "draws")
            return self.commitment if own else None
        if not isinstance(draws, Dated) or moment.gap is not None:
            return None
        for day, amount in draws.items():
            if day_number(day) == moment.day and moment.day <= self.stack.ends:
                minor = self.stack.minor(amount, "tranches", self.name, "draws", str(day.written))
                amount = np.minimum(self.undrawn, minor) if self.known else self.drawn * 0 + minor
                # a commitment lapses where the tranche is redeemed, and where the deal is terminated
                return amount * (~self.closed & self.stack.goes_on(moment.day))
        return None

    def room_at(self, moment: Moment) -> Array:
        """Return what may still be drawn as needed."""
        until = self.spec.draws_until
        over_ = moment.day > self.stack.ends or (until is not None and moment.day > day_number(until))
        if over_ or not needed_draws(self.spec):
            return self.undrawn * 0
        return self.undrawn * (~self.closed & self.stack.goes_on(moment.day))

    def draw(self, amount: Array, moment: Moment) -> None:
        """Draw."""
        self._note(amount, moment)
        self.drawn = self.drawn + amount
        if self.spec.kind != "grant":
            self.outstanding = self.outstanding + amount
        if self.hurdle is not None:
            self.hurdle = self.hurdle + amount.astype(object) * FINE

    def _note(self, amount: Array, moment: Moment) -> None:
        if moment.gap is not None and amount.any():
            self.undated = moment.gap

    # -- time

    def run_to(self, moment: Moment) -> None:
        """Let interest and limits run up to a date, on what was outstanding until then."""
        if self.accrual is not None:
            self.accrual.run(self._bearing(), moment, self.undated)
        self._grow(moment)

    def fall_due(self, moment: Moment, last: bool) -> None:
        """Let fall due what does on a date: interest, what is owed at maturity or early, success payments."""
        endings = [e for e in self.stack.endings(self.name) if e.day == moment.day and moment.gap is None]
        regular = self.accrual is not None and moment.gap is None and self._interest_due(moment, last)
        if self.accrual is not None and (regular or endings):
            due = self.accrual.fall_due(moment.day, None if regular else self._ended(endings))
            if self.accrual.terms.capitalised:
                self.outstanding = self.outstanding + due
            else:
                self.payable = self.payable + due
        for ending in endings:
            self._end(ending)
        if self._matures(moment) and self.spec.owed is not None and not self.closed.all():
            self._write_down(np.where(self.closed, self.outstanding, self._owed(moment.day)))
            self.closed = np.ones_like(self.closed)
        success = self.spec.success
        if success is not None and moment.day == day_number(success.on) and moment.gap is None and not self.settled:
            due = self._success_due(moment.day) * self.stack.goes_on(moment.day)
            self.success, self.settled = self.success + due, True

    def _ended(self, endings: list[Ending]) -> Flags:
        """Return on which paths the tranche ends now, (paths,)."""
        now = np.zeros_like(self.closed)
        for ending in endings:
            now |= ending.happens & ~self.closed
        return now

    def _end(self, ending: Ending) -> None:
        """Owe the payoff, with what comes on top; what is left of principal is lost."""
        now = ending.happens & ~self.closed
        self.closed = self.closed | now
        before = self.outstanding
        if not now.any():
            return
        if ending.payoff is not None and before[now].any():
            self._pay_off(ending, ending.payoff, now)
        metric = ending.asked
        result = last_result(self.stack.cash.readings, metric, ending.day)[0] if metric is not None else None
        due, lost = self.outstanding * now, (before - self.outstanding) * now
        self.early.append(Early(self.name, ending.day, ending.why, now, due, lost, metric, result))

    def _pay_off(self, ending: Ending, payoff: Payoff, now: Flags) -> None:
        owed, at = self.outstanding, ending.path[1:]
        if payoff.by is not None:
            share = share_by(payoff, self.stack.cash.readings, ending.day, ending.path)
            owed = times(owed, (share, NANO), self.stack.rounding)
        elif payoff.amount is not None:
            owed = np.minimum(owed, self.stack.minor(payoff.amount, *at, "amount"))
        elif payoff.pays is not None:
            owed = times(owed, known(payoff.pays, (*at, "pays")), self.stack.rounding)
        self._write_down(np.where(now, owed, self.outstanding))
        if payoff.premium is not None and self.outstanding[now].any():
            premium = times(self.outstanding, known(payoff.premium, (*at, "premium")), self.stack.rounding)
            self.success = self.success + premium * now

    def _matures(self, moment: Moment) -> bool:
        matures = self.spec.matures
        return matures is not None and moment.gap is None and moment.day == day_number(matures)

    def _bearing(self) -> Array:
        compound = self.accrual is not None and self.accrual.terms.compound
        return self.outstanding + self.payable if compound else self.outstanding

    def _interest_due(self, moment: Moment, last: bool) -> bool:
        assert self.accrual is not None
        if self.accrual.terms.due == AS_CASH_COMES:
            return True
        return moment.day in self.stack.due_days(self.name) or last or self._matures(moment)

    def _grow(self, moment: Moment) -> None:
        most = self.spec.most
        if self.hurdle is None or most is None or moment.gap is not None or moment.day <= self.hurdle_day:
            return
        if not isinstance(most.irr, Figure):
            raise UnknownTerm(("capital", "tranches", self.name, "most", "irr"))
        factor = growth(most.irr.share, moment.day - self.hurdle_day)
        self.hurdle = (2 * self.hurdle * factor.numerator + factor.denominator) // (2 * factor.denominator)
        self.hurdle_day = moment.day

    def _owed(self, day: int) -> Array:
        owed = self.spec.owed
        assert owed is not None
        path = ("capital", "tranches", self.name, "owed")
        share = share_by(owed, self.stack.cash.readings, day, path)
        return times(self.outstanding, (share, NANO), self.stack.rounding)

    def _write_down(self, left: Array) -> None:
        """Owe no more than so much; the rest is lost."""
        self.outstanding = np.minimum(self.outstanding, left)

    def _success_due(self, day: int) -> Array:
        success = self.spec.success
        assert success is not None
        path = ("capital", "tranches", self.name, "success")
        if success.by is not None:
            share = share_by(success, self.stack.cash.readings, day, path)
            return times(self.drawn, (share, NANO), self.stack.rounding)
        if success.share is not None:
            part = known(success.share, (*path[1:], "share")) if self.drawn.any() else Fraction(0)
            return times(self.drawn, part, self.stack.rounding)
        return self.drawn * 0 + self.stack.minor(success.amount, *path[1:], "amount")

    # -- what is due and what is paid

    def claim(self, kind: str, moment: Moment) -> Array:
        """Return what is due now, whatever the tranche's limits."""
        if kind == "interest":
            return self.payable
        return self.success if kind == "success" else self._principal_due(moment)

    def due(self, kind: str, moment: Moment) -> Array:
        """Return what is due now, within the tranche's limits."""
        return self.allowed(self.claim(kind, moment), moment, earned=kind != "principal")

    def _principal_due(self, moment: Moment) -> Array:
        if self.spec.repaid == NEVER or self.spec.kind == "grant":
            return self.outstanding * 0
        agreed = self._principal_agreed(moment)
        return np.where(self.closed, self.outstanding, agreed) if self.closed.any() else agreed

    def _principal_agreed(self, moment: Moment) -> Array:
        """Return what is due of principal where the tranche has not ended early."""
        spec, none = self.spec, self.outstanding * 0
        if moment.gap is not None and (spec.paid_by is not None or spec.repaid != AS_CASH_COMES):
            return none  # what is agreed for a day is not due on a day that nobody knows
        if spec.paid_by is not None and spec.repaid == AS_CASH_COMES and spec.matures is not None:
            return self.outstanding if moment.day >= day_number(spec.matures) else none
        if spec.repaid_from is not None and moment.day < day_number(spec.repaid_from):
            return none
        if spec.matures is not None and moment.day >= day_number(spec.matures):
            return self.outstanding
        if isinstance(spec.repaid, Dated):
            if moment.gap is not None:
                return none
            by_now = sum(
                self.stack.minor(amount, "tranches", self.name, "repaid", str(day.written))
                for day, amount in spec.repaid.items()
                if day_number(day) <= moment.day
            )
            scheduled: Array = np.minimum(self.outstanding, np.maximum(by_now - self.repaid, 0))
            return scheduled
        return self.outstanding if spec.repaid == AS_CASH_COMES else none

    def due_early(self, due: Array) -> Array:
        """Return what is due on the paths on which the tranche has ended early."""
        early: Flags = np.logical_or.reduce([one.happens for one in self.early])
        return due * early

    def beyond_limit(self, moment: Moment) -> Array:
        """Return what fell due on top of principal, and a limit on what the tranche earns lets nobody pay."""
        owed = self.payable + self.success
        return self.payable * 0 if moment.gap is not None else owed - self.allowed(owed, moment)

    def allowed(self, amount: Array, moment: Moment, earned: bool = True) -> Array:
        """Return as much of an amount as the limits on the tranche's return let through."""
        most = self.spec.most
        if most is None:
            return amount
        if most.multiple is not None:
            multiple = known(most.multiple, ("tranches", self.name, "most", "multiple"))
            whole = times(self.drawn, multiple, self.stack.rounding)
            amount = np.minimum(amount, np.maximum(whole - self.received, 0))
        if most.interest is not None:
            limit = self.stack.minor(most.interest, "tranches", self.name, "most", "interest")
            # interest that was capitalised comes back as principal, beyond what was drawn
            beyond = self.repaid - self.drawn
            before = self.earned + (np.maximum(beyond, 0) if earned else beyond)
            amount = np.minimum(amount, np.maximum(limit - before, 0))
        if self.hurdle is not None:
            if moment.gap is not None:
                raise UnknownTerm(moment.gap)
            room = np.maximum(self.hurdle // FINE, 0).astype(amount.dtype)
            amount = np.minimum(amount, room)
        return amount

    def settle(self, kind: str, amount: Array, moment: Moment) -> None:
        """Take a payment of what is due."""
        self._note(amount, moment)
        if kind == "principal":
            self.repay(amount)
        elif kind == "interest":
            self.payable = self.payable - amount
            self.take(amount)
        else:
            self.success = self.success - amount
            self.take(amount)

    def repay(self, amount: Array) -> None:
        """Take principal back."""
        self.outstanding = self.outstanding - amount
        self.repaid = self.repaid + amount
        self._receive(amount)

    def make_up(self, amount: Array) -> tuple[Array, Array]:
        """Take what a guarantor makes up, and tell how much of it is principal and how much interest."""
        part = np.minimum(amount, self.outstanding)
        self.repay(part)
        self.payable = self.payable - (amount - part)
        self.take(amount - part)
        return part, amount - part

    def take(self, amount: Array) -> None:
        """Take what comes on top of principal."""
        self.earned = self.earned + amount
        self._receive(amount)

    def _receive(self, amount: Array) -> None:
        self.received = self.received + amount
        if self.hurdle is not None:
            self.hurdle = self.hurdle - amount.astype(object) * FINE

    def short(self, of: str) -> Array:
        """Return what was not paid back: principal, or interest that fell due as well."""
        return self.outstanding + self.payable if of == "principal and interest" else self.outstanding
