"""What a holder's dated cash flows come to: sums of money, exact, and rates, the one place where floats live.

Flows are whole minor units, (dates, paths): below 0 the holder pays in, above 0 the holder receives. Days are whole
days since 1970-01-01, strictly ascending, one for each date. One case is a batch of one path. A sum of money stays a
whole number of minor units; a rate, a ratio, a number of years or a discounted value is ``float64``, and never becomes
money that is paid.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from payfs.capital.given import YEAR, amounts, dated, running
from payfs.capital.irr import Floats, Irr, Whole, by_blocks, discounted, irr
from payfs.money import Array, at_least_nothing, fits, peak, sum_over

__all__ = [
    "NO_DAY",
    "Irr",
    "Lowest",
    "gain",
    "irr",
    "loss",
    "lowest",
    "multiple",
    "npv",
    "payback",
    "peak_at_risk",
    "weighted_average_life",
]

NO_DAY = int(np.iinfo(np.int64).min)
"""A day that never came: what ``astype("datetime64[D]")`` reads as ``NaT``."""


class Lowest(NamedTuple):
    """The lowest balance of every path.

    Attributes:
        balance: (paths,) [minor units].
        day: (paths,) [days since 1970-01-01], on which it is first reached.
    """

    balance: Array
    day: Whole


def multiple(flows: Array) -> Floats:
    """Return the money multiple (MOIC): all that was received over all that was paid in; NaN where nothing was.

    Source: the investment multiple, TVPI, of the GIPS standards (2020), with nothing left in the holding at the end.

    Args:
        flows: (dates, paths) [minor units].

    Raises:
        ValueError: flows are not (dates, paths) of whole numbers.
        TooLarge: an amount passes :data:`payfs.money.MOST`, or a sum 1,000 times that.
    """
    flows = amounts(flows)
    paid_in = _over_dates(at_least_nothing(-flows))
    nothing = paid_in == 0
    ratio = _over_dates(at_least_nothing(flows)).astype(np.float64) / np.where(nothing, 1, paid_in).astype(np.float64)
    return np.where(nothing, np.nan, ratio)


def npv(days: Array, flows: Array, rate: Fraction | float | Floats, on: int | None = None) -> Floats:
    """Return the net present value: ``sum f_i (1 + r)^(-(d_i - on) / 365)`` [minor units].

    The formula is that of XNPV (OpenFormula: OASIS OpenDocument 1.2, part 2), with any day in the place of the first.

    Args:
        days: (dates,) [days since 1970-01-01], strictly ascending.
        flows: (dates, paths) [minor units].
        rate: one for all paths, or (paths,) [1 a year, ACT/365], above -1. Where it is NaN, infinite or -1, as a rate
            of return may be, so is no value: NaN.
        on: the day on which the flows are valued; the first one if not said.

    Raises:
        ValueError: a rate is below -1, or days and flows do not fit each other.
        TooLarge: an amount passes :data:`payfs.money.MOST`.
    """
    years, flows = dated(days, flows)
    rates = np.broadcast_to(np.asarray(rate, dtype=np.float64), flows.shape[1:])
    if (rates < -1).any():
        raise ValueError("a rate is below -1; nothing can lose more than all of it in a year")
    if on is not None:
        years = years + (int(days[0]) - on) / YEAR
    value = np.empty(flows.shape[1])

    def work(block: slice) -> None:
        x = np.log1p(rates[block])
        found = discounted(years, np.ascontiguousarray(flows[:, block], dtype=np.float64), x)
        value[block] = np.where(np.isfinite(x), found, np.nan)

    by_blocks(flows.shape, work)
    return value


def payback(days: Array, flows: Array) -> Whole:
    """Return the day on which what was paid in is back for good: (paths,) [days since 1970-01-01].

    It is the first day from which the running sum is never below 0 again, after it was. :data:`NO_DAY` where it never
    was below 0 (:func:`peak_at_risk` is 0 then), and where it still is at the end (:func:`loss` is above 0 then).

    Args:
        days: (dates,) [days since 1970-01-01], strictly ascending.
        flows: (dates, paths) [minor units].

    Raises:
        ValueError: days and flows do not fit each other, or days are not ascending.
        TooLarge: an amount passes :data:`payfs.money.MOST`, or a sum 1,000 times that.
    """
    _, flows = dated(days, flows)
    below = running(flows) < 0
    back = len(flows) - below[::-1].argmax(axis=0)  # the date after the last one below 0
    listed = np.append(np.asarray(days, dtype=np.int64), NO_DAY)
    return np.where(below.any(axis=0), listed[back], NO_DAY)


def peak_at_risk(flows: Array) -> Array:
    """Return the most that was ever out: how far the running sum is below 0 where it is lowest, (paths,) [minor units].

    Args:
        flows: (dates, paths) [minor units].

    Raises:
        ValueError: flows are not (dates, paths) of whole numbers.
        TooLarge: an amount passes :data:`payfs.money.MOST`, or a sum 1,000 times that.
    """
    return at_least_nothing(-running(amounts(flows)).min(axis=0))


def weighted_average_life(days: Array, drawn: Array, repaid: Array) -> Floats:
    """Return how long a unit of principal is out until it is repaid, on the average: (paths,) [years, ACT/365].

    ``(sum repaid_i d_i - sum drawn_j d_j) / 365 / sum repaid_i`` (average life: F. J. Fabozzi, "The Handbook of Fixed
    Income Securities", counted from the day of each draw). What is drawn first is repaid first. Principal that is never
    repaid has no time, and is not in the average; nor is what is repaid beyond what was drawn, as capitalised interest
    is. NaN where nothing is drawn or nothing repaid.

    Args:
        days: (dates,) [days since 1970-01-01], strictly ascending.
        drawn: (dates, paths) [minor units], principal paid out, at least 0.
        repaid: (dates, paths) [minor units], principal paid back, at least 0.

    Raises:
        ValueError: an amount is below 0, or days and amounts do not fit each other.
        TooLarge: an amount passes :data:`payfs.money.MOST`.
    """
    _, drawn = dated(days, drawn)
    _, repaid = dated(days, repaid)
    if drawn.shape != repaid.shape:
        raise ValueError(
            f"{drawn.shape} of draws for {repaid.shape} of repayments; give both for the same dates and paths"
        )
    for principal in (drawn, repaid):
        if principal.size and principal.min() < 0:
            raise ValueError("principal is below 0; give draws and repayments apart, each as amounts of at least 0")
    since = np.asarray(days, dtype=np.int64) - int(days[0])
    paid_in, back = running(drawn), running(repaid)
    whole = np.minimum(paid_in[-1], back[-1])
    # each as far as the other reaches: what is drawn first is repaid first
    out, home = np.minimum(paid_in, whole), np.minimum(back, whole)
    # the area between the two, date by date, is what was out from one date to the next
    between = out[:-1] - home[:-1]
    exact = between if fits(peak(between) * max(int(since[-1]), YEAR) * len(since)) else between.astype(object)
    weighed = (exact * np.diff(since).reshape(-1, 1)).sum(axis=0)
    life = weighed.astype(np.float64) / (np.where(whole, whole, 1) * YEAR).astype(np.float64)
    return np.where(whole != 0, life, np.nan)


def loss(flows: Array) -> Array:
    """Return what was paid in and never came back: (paths,) [minor units], 0 where nothing was lost.

    Args:
        flows: (dates, paths) [minor units].

    Raises:
        ValueError: flows are not (dates, paths) of whole numbers.
        TooLarge: an amount passes :data:`payfs.money.MOST`, or a sum 1,000 times that.
    """
    return gain(-amounts(flows))


def gain(flows: Array) -> Array:
    """Return what was received beyond what was paid in: (paths,) [minor units], 0 where nothing was gained.

    Args:
        flows: (dates, paths) [minor units].

    Raises:
        ValueError: flows are not (dates, paths) of whole numbers.
        TooLarge: an amount passes :data:`payfs.money.MOST`, or a sum 1,000 times that.
    """
    return at_least_nothing(_over_dates(amounts(flows)))


def lowest(days: Array, balance: Array) -> Lowest:
    """Return the lowest balance of every path, and the day on which it is first reached.

    Args:
        days: (dates,) [days since 1970-01-01], strictly ascending.
        balance: (dates, paths) [minor units].

    Raises:
        ValueError: days and balances do not fit each other, or days are not ascending.
        TooLarge: a balance passes :data:`payfs.money.MOST`.
    """
    _, balance = dated(days, balance)
    where = balance.argmin(axis=0)
    return Lowest(balance[where, np.arange(where.size)], np.asarray(days, dtype=np.int64)[where])


def _over_dates(flows: Array) -> Array:
    """Add up over the dates: (paths,)."""
    total: Array = sum_over(flows[np.newaxis], 1)[0, 0]
    return total
