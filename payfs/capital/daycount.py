"""Day counts: which fraction of a year lies between two days, exact.

Each is additive: the fraction of two stretches of time together is that of the one and of the other. Sources: ISDA 2006
Definitions, section 4.16: (d) ACT/365, (e) ACT/360, (g) 30E/360, (b) ACT/ACT; ICMA Rule 251 (ACT/ACT ICMA).
"""

from __future__ import annotations

import calendar
import datetime
from fractions import Fraction

Date = datetime.date


def year_fraction(start: Date, end: Date, basis: str, period: tuple[Date, Date] | None = None) -> Fraction:
    """Return the fraction of a year from one day to a later one [years].

    Args:
        start: the first day; interest begins to run on it.
        end: the day on which it stops.
        basis: ACT/365 | ACT/360 | 30/360 | ACT/ACT | ACT/ACT ICMA.
        period: for ACT/ACT ICMA, the whole interest period in which the days lie: a period of so many months counts as
            so many twelfths, and a part of it by its days.
    """
    days = (end - start).days
    if basis == "ACT/365":
        return Fraction(days, 365)
    if basis == "ACT/360":
        return Fraction(days, 360)
    if basis == "30/360":
        # the 31st counts as the 30th at both ends, so that it does not matter on how many dates in between one looks
        first, last = min(start.day, 30), min(end.day, 30)
        whole = 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first
        return Fraction(whole, 360)
    if basis == "ACT/ACT":
        return _by_year(start, end)
    assert period is not None
    begins, ends = period
    months = 12 * (ends.year - begins.year) + ends.month - begins.month
    return Fraction(months, 12) * Fraction(days, (ends - begins).days)


def _by_year(start: Date, end: Date) -> Fraction:
    """Count the days of each calendar year over the days that it has."""
    total, day = Fraction(0), start
    while day < end:
        stop = min(end, Date(day.year + 1, 1, 1))
        total += Fraction((stop - day).days, 366 if calendar.isleap(day.year) else 365)
        day = stop
    return total


def growth(rate: Fraction, days: int) -> Fraction:
    """Return how much one grows to in so many days at a rate a year, ACT/365, to forty digits."""
    from decimal import Decimal, localcontext

    if days == 0 or rate == 0:
        return Fraction(1)
    with localcontext() as context:
        context.prec = 60
        base = 1 + Decimal(rate.numerator) / Decimal(rate.denominator)
        return Fraction(base ** (Decimal(days) / 365)).limit_denominator(10**40)
