"""Periods and runs of them."""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from payfs.periods.business import LAG_FORMS, BusinessDays, Lag
from payfs.periods.days import LAST_YEAR, Day, add_months, checked, months_between, quote, straddling

MOST_PERIODS = 1200  # a hundred years of months: more is a slip of the pen, and would only fill the memory

_EVERY = re.compile(r"([0-9]{1,6}) months?")


@dataclass(frozen=True)
class Period:
    """A stretch of days with the day on which it is measured and the day on which it is paid."""

    name: str
    run: str  # the run it belongs to; its own name for a single period
    start: Day  # its first day
    end: Day  # its last day
    measured: Day
    paid: Day
    paid_known: bool = True  # whether the contract's sources say when; else `paid` only orders the payments


def single_period(
    name: str,
    start: Day,
    end: Day,
    measured: Day | Lag | None,
    paid: Day | Lag | None,
    roll: str | None,
    days: BusinessDays,
) -> Period:
    """One period. Without `measured` it is measured on its last day, without `paid` it is paid on that day.

    `roll` moves a payment date on a day off; a payment date written without its day stays as written.
    Raises ValueError for dates out of order, and for dates outside the years that are known.
    """
    return _period(name, name, start, end, measured, paid, roll, days)


def run_of_periods(
    name: str,
    every: str,
    start: Day,
    end: Day,
    measured: Day | Lag | None,
    paid: Day | Lag | None,
    roll: str | None,
    days: BusinessDays,
) -> list[Period]:
    """The periods of equal length, one after the other, from `start` to `end`.

    `every` is month, quarter, half-year, year, or a number of months ("4 months"). The periods are named by the
    calendar where they fit it ("2016", "2016-H1", "2016-Q1", "2016-01", a July year "2016/17"), else "<name> 1".
    Raises ValueError if the span is not a whole number of periods or holds more than 1,200, if `measured` or `paid` is
    one fixed date, for dates out of order, and for dates outside the years that are known.
    """
    months = _read_every(every)
    _in_order(("from", start), ("to", end))
    for key, when in (("measured", measured), ("paid", paid)):
        if isinstance(when, Day):
            raise ValueError(f"{key}: {when.written} is one date for a whole run of periods; write {LAG_FORMS}")
    after = end.date + datetime.timedelta(days=1)
    count, over = divmod(months_between(start.date, after), months)
    # Each start is worked out from the run's start: month by month, 31 January would drift to the 28th for good.
    if over or add_months(start.date, count * months) != after:
        ends = [add_months(start.date, n * months) - datetime.timedelta(days=1) for n in (count, count + 1)]
        fits = [str(Day.on(fit)) for fit in ends if fit >= start.date and fit.year <= LAST_YEAR]
        raise ValueError(
            f"{Day.on(start.date)} to {Day.on(end.date)} is not a whole number of periods of "
            f"{months} {'month' if months == 1 else 'months'}; "
            + (f"end it on {' or '.join(fits)}, or write" if fits else "write")
            + " each period on its own"
        )
    if count > MOST_PERIODS:
        raise ValueError(
            f"{count:,} periods are more than {MOST_PERIODS:,}; check the dates, or make the periods longer"
        )
    bounds = [add_months(start.date, n * months) for n in range(count + 1)]
    by_calendar = _calendar_name(start.date, months)
    return [
        _period(
            by_calendar(first) if by_calendar else f"{name} {n}",
            name,
            Day.on(first),
            Day.on(next_first - datetime.timedelta(days=1)),
            measured,
            paid,
            roll,
            days,
        )
        for n, (first, next_first) in enumerate(pairwise(bounds), 1)
    ]


def _read_every(every: str) -> int:
    """The length of a run's periods [months]."""
    words = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
    match = _EVERY.fullmatch(every)
    months = words.get(every, int(match[1]) if match else 0)
    if not 1 <= months <= MOST_PERIODS:
        raise ValueError(
            f"{quote(every)} is not a length of periods; write month, quarter, half-year, year, or a number of months "
            'such as "4 months"'
        )
    return months


def _calendar_name(start: datetime.date, months: int) -> Callable[[datetime.date], str] | None:
    """How the calendar names the periods that begin on this day, or None if it has no names for them."""
    if start.day != 1 or months not in (1, 3, 6, 12):
        return None
    if months == 12:
        return lambda first: str(first.year) if first.month == 1 else straddling(first.year)
    if months == 1:
        return lambda first: f"{first.year}-{first.month:02d}"
    if (start.month - 1) % months:
        return None
    return lambda first: f"{first.year}-{'Q' if months == 3 else 'H'}{(first.month - 1) // months + 1}"


def _period(
    name: str,
    run: str,
    start: Day,
    end: Day,
    measured: Day | Lag | None,
    paid: Day | Lag | None,
    roll: str | None,
    days: BusinessDays,
) -> Period:
    if isinstance(measured, Lag) and measured.after != "the period":
        raise ValueError(
            f'measured: "{measured}" counts from itself; write "{Lag(measured.count, measured.unit, "the period")}"'
        )
    measured_on = _when(measured, end, end, end, days)
    paid_on = _when(paid, measured_on, end, measured_on, days)
    # The order is that of the dates as agreed: a payment date on a day off may well move back to before measurement.
    _in_order(("from", start), ("to", end), ("measured", measured_on), ("paid", paid_on))
    if roll is not None:
        rolled = days.roll(paid_on.date, roll)
        # A month or a year has no day to move; moving the day it counts as could leave the month that was agreed.
        if paid_on.exact and rolled != paid_on.date:
            paid_on = Day.on(checked(rolled))
    return Period(name, run, start, end, measured_on, paid_on)


def _when(when: Day | Lag | None, default: Day, end: Day, measured: Day, days: BusinessDays) -> Day:
    if when is None:
        return default
    if isinstance(when, Day):
        return when
    origin = (end if when.after == "the period" else measured).date
    match when.unit:
        case "business days":
            date = days.add(origin, when.count)
        case "months":
            date = add_months(origin, when.count)
        case unit:
            date = origin + datetime.timedelta(days=when.count * (7 if unit == "weeks" else 1))
    return Day.on(checked(date))


def _in_order(*dates: tuple[str, Day]) -> None:
    for (earlier, a), (later, b) in pairwise(dates):
        if b.date < a.date:
            raise ValueError(f"{later} ({_spell(b)}) is before {earlier} ({_spell(a)}); put the dates in order")


def _spell(day: Day) -> str:
    """A day for a message about order, where it matters as which day a month or a year counts."""
    return str(day) if day.exact else f"{day}, which counts as {Day.on(day.date)}"
