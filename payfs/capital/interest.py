"""Interest as it runs: exact until it falls due, and rounded once then."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import NDArray

from payfs.capital.cash import EPOCH, Moment, Reading, day_number, last_result
from payfs.capital.dates import Every
from payfs.capital.daycount import year_fraction
from payfs.capital.stack import Ending, Stack, last_days
from payfs.capital.written import ByMetric, Interest, Payoff, RateStep, Success
from payfs.money import HALF_UP, Array, fits, over, peak
from payfs.periods import Day
from payfs.periods.days import add_months
from payfs.spec import Figure, Unknown, UnknownTerm
from payfs.text import Path
from payfs.words import Payout, table_curve, tiers_curve

NANO = 10**9  # a rate that a result decides is worked out to nine decimals


def _date(day: int) -> datetime.date:
    return EPOCH + datetime.timedelta(days=day)


def share_by(
    step: ByMetric | RateStep | Success | Payoff,
    readings: Mapping[str, Reading],
    day: int,
    path: tuple[str | int, ...],
) -> Array:
    """Return the share that a result decides [billionths], (paths,).

    Args:
        step: with ``tiers`` or a ``table`` of shares.
        readings: results by metric.
        day: the last result of a period that has ended by then decides [days since 1970-01-01].
        path: the place in the contract, for what is unknown.

    Raises:
        NoReading: there is none.
        UnknownTerm: the share is unknown.
    """
    values, scale = last_result(readings, step.by or "", day)
    payout = Payout(Fraction(NANO), None, Fraction(1))
    if step.tiers is not None:
        curve = tiers_curve(step.tiers, scale, payout)
    else:
        curve = table_curve(step.table or (), None, None, scale, payout)
    try:
        curve.refuse_unknown(values, np.ones_like(values, dtype=bool))
    except UnknownTerm as error:
        raise UnknownTerm((*path, *error.path)) from None
    return curve.pay(values, HALF_UP)


@dataclass
class Accrual:
    """The interest of one tranche.

    Attributes:
        name: of the tranche.
        stack: the stack.
        terms: as written.
        running: what has run since it last fell due, over ``bottom``, (paths,).
        since: the day up to which it has run [days since 1970-01-01].
        begins: the first day of the interest period that runs.
        bottom: the denominator of what has run.
        ran: whether any has run yet.
    """

    name: str
    stack: Stack
    terms: Interest
    running: Array
    since: int
    begins: int
    bottom: int = 1
    ran: bool = False
    # by step, end of the interest period and the first day on which it may end early [billionths]
    rates: dict[tuple[int, int, int], Array] = field(default_factory=dict)

    @property
    def path(self) -> tuple[str | int, ...]:
        """The place in the contract."""
        return ("capital", "tranches", self.name, "interest")

    def run(self, balance: Array, moment: Moment, undated: Path | None) -> None:
        """Let interest run on a balance up to a date.

        Args:
            balance: what it runs on.
            moment: the date; on one that no source gives no time is known to have passed.
            undated: the place that says ``unknown`` instead of the day on which the balance came to be what it is.

        Raises:
            UnknownTerm: the rate, the day count, when it is due or a date is unknown, and something is outstanding.
        """
        if moment.gap is not None:
            return
        if not balance.any():
            self.since = max(self.since, moment.day)
            return
        gaps = [undated] if undated is not None else []
        gaps += [(*self.path, key) for key in ("days", "due") if isinstance(getattr(self.terms, key), Unknown)]
        gaps += [] if self.terms.rates is not None or isinstance(self.terms.rate, Figure) else [(*self.path, "rate")]
        if gaps:
            raise UnknownTerm(*gaps)
        while self.since < moment.day:
            step, stop = self._step(moment.day)
            self._add(balance, step, self.since, stop)
            self.since = stop

    def _step(self, until: int) -> tuple[int, int]:
        """Return the rate that holds now, and the day until which it does."""
        for place, step in enumerate(self.terms.steps):
            if step.until is None:
                return place, until
            last = (step.until.date - EPOCH).days
            if self.since < last:
                return place, min(until, last)
        return len(self.terms.steps) - 1, until

    def _period_end(self, stop: int) -> int:
        """Return the day on which an interest period ends that ends on a day or later, where nothing ends it early."""
        matures = self.stack.spec.tranches[self.name].matures
        days = [*self.stack.due_days(self.name), self.stack.ends]
        days += [day_number(matures)] if matures is not None else []
        return min((day for day in days if day >= stop), default=stop)

    def _fraction(self, start: int, stop: int) -> Fraction:
        """Return the fraction of a year between two days."""
        basis = str(self.terms.days)
        if basis != "ACT/ACT ICMA":
            return year_fraction(_date(start), _date(stop), basis)
        dues, due = self.stack.due_days(self.name), self.terms.due
        if isinstance(due, Every) and stop > dues[-1]:  # after the last the periods go on
            dues = tuple(last_days(due.every, due.from_, Day.on(add_months(_date(stop), 12))))
        total = Fraction(0)
        while start < stop:
            ends = next((day for day in dues if day > start), stop)
            begins = max((day for day in dues if day < ends), default=self.begins)
            if isinstance(due, Every) and ends == dues[0]:
                begins = day_number(due.from_) - 1
                # where interest begins to run with the first period, the first day is part of it
                start = begins if start == begins + 1 and not self.ran else start
            last = min(ends, stop)
            total += year_fraction(_date(start), _date(last), basis, (_date(begins), _date(ends)))
            start = last
        return total

    def _add(self, balance: Array, place: int, start: int, stop: int) -> None:
        terms = self.terms
        fraction = self._fraction(start, stop)
        rate = self._rate(terms.steps[place], place, stop)
        if isinstance(rate, Fraction):
            top: Array | int = (rate * fraction).numerator
            bottom = (rate * fraction).denominator
        else:
            top, bottom = rate * fraction.numerator, fraction.denominator * NANO
        whole = lcm(self.bottom, bottom)
        grown = (whole // self.bottom, whole // bottom)
        steepest = peak(top) if isinstance(top, np.ndarray) else abs(top)
        most = peak(self.running) * grown[0] + peak(balance) * steepest * grown[1]
        if not fits(most, whole):
            self.running, balance = self.running.astype(object), balance.astype(object)
            top = top.astype(object) if isinstance(top, np.ndarray) else top
        self.ran = True
        self.running = self.running * grown[0] + balance * top * grown[1]
        self.bottom = whole

    def _rate(self, step: RateStep, place: int, stop: int) -> Fraction | Array:
        where = (*self.path, "rates", place) if self.terms.rates is not None else self.path
        if step.by is None:
            if not isinstance(step.rate, Figure):
                raise UnknownTerm((*where, "rate"))
            return step.rate.share
        end = self._period_end(stop)
        early = tuple(e for e in self.stack.endings(self.name) if stop <= e.day < end and e.happens.any())
        key = (place, end, early[0].day if early else end)
        if key not in self.rates:
            rate = self._decided(step, early, end, where)
            if isinstance(step.least, Unknown):
                raise UnknownTerm((*where, "least"))
            if step.least is not None:
                rate = np.maximum(rate, int(step.least.share * NANO))
            self.rates[key] = rate
        return self.rates[key]

    def _decided(self, step: RateStep, early: tuple[Ending, ...], end: int, where: tuple[str | int, ...]) -> Array:
        """Return the rate that a result decides at the end of the interest period: early, where the tranche ends so."""
        readings = self.stack.cash.readings
        rate: Array | None = None
        if not any(ending.happens.all() for ending in early):
            rate = share_by(step, readings, end, where)
        for ending in reversed(early):
            then = share_by(step, readings, ending.day, where)
            rate = then if rate is None else np.where(ending.happens, then, rate)
        assert rate is not None
        return rate

    def fall_due(self, day: int, where: NDArray[np.bool_] | None = None) -> Array:
        """Return what has run since it last fell due, rounded once [minor units], (paths,).

        Args:
            day: [days since 1970-01-01].
            where: on which paths it falls due, (paths,); all if not said.
        """
        due = over(self.running, self.bottom, self.stack.rounding)
        if where is not None and not where.all():
            self.running = np.where(where, 0, self.running)
            return np.where(where, due, 0)
        self.running = np.zeros_like(self.running)
        self.bottom, self.begins = 1, day
        return due
