"""Dates as a contract writes them, lags, business days, fiscal years and runs of periods.

Every function here works on whole days of the Gregorian calendar, from 1900 to 2200. What cannot be read or worked
out raises a ValueError whose text is a plain sentence: the fact, then the remedy.
"""

import datetime
import re
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

FIRST_YEAR, LAST_YEAR = 1900, 2200
MOST_PERIODS = 1200  # a hundred years of months: more is a slip of the pen, and would only fill the memory

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
ROLLS = ("following", "preceding", "modified following")
LAG_FORMS = (
    'a lag such as "45 business days after measurement" or "30 days after the period" '
    "(days, business days, weeks or months; after the period or after measurement)"
)

# [0-9] rather than \d, which would let full-width and other digits through.
_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_LAG = re.compile(r"([0-9]{1,6}) (days?|business days?|weeks?|months?) after (the period|measurement)")
_EVERY = re.compile(r"([0-9]{1,6}) months?")
_YEAR_START = re.compile(r"([0-9]{1,2}) ([A-Za-z]+)")
_HOLIDAYS = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?")

# The longest lag of each unit, about twenty years: longer ones are slips, and would run off the calendar.
_LONGEST_LAG = {"days": 7300, "business days": 5200, "weeks": 1040, "months": 240}


# --- days -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, order=True)
class Day:
    """A date as the contract writes it: a full date, or a month or a year where the source says no more."""

    date: datetime.date  # the day it counts as
    written: str  # as in the contract: "2017-10-31", "2017-10", "2017"

    @classmethod
    def on(cls, date: datetime.date) -> "Day":
        """The day of a date that was worked out and therefore is exact."""
        return cls(date, date.isoformat())

    @property
    def exact(self) -> bool:
        """Whether it was written with a day of the month."""
        return len(self.written) == len("2017-10-31")

    def __str__(self) -> str:
        """In plain English, and no more exact than it was written: "31 October 2017", "October 2017", "2017"."""
        month = f"{MONTHS[self.date.month - 1]} {self.date.year}"
        return f"{self.date.day} {month}" if self.exact else month if "-" in self.written else str(self.date.year)


def read_day(text: str, first: bool = False) -> Day:
    """Read "2017-10-31", "2017-10" or "2017".

    A month or a year counts as its last day, or as its first day if `first`.
    Raises ValueError if it is not a date, or lies outside 1900 to 2200.
    """
    match = _DAY.fullmatch(text)
    if not match:
        raise ValueError(f"{_quote(text)} is not a date; write 2017-10-31, or 2017-10 or 2017 where no more is known")
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None  # the pattern has no match without a year
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"{text} is outside the years {FIRST_YEAR} to {LAST_YEAR}; check the year")
    if month is None:
        return Day(datetime.date(year, 1, 1) if first else datetime.date(year, 12, 31), text)
    if not 1 <= month <= 12:
        raise ValueError(f"{text} has no month {month:02d}; write the year, the month and the day, as in 2017-10-31")
    length = _days_in_month(year, month)
    if day is None:
        return Day(datetime.date(year, month, 1 if first else length), text)
    if not 1 <= day <= length:
        raise ValueError(f"{text} is not a day: {MONTHS[month - 1]} {year} has {length} days; correct the day")
    return Day(datetime.date(year, month, day), text)


def _quote(text: str) -> str:
    """A piece of input fit for a message: on one line, and not long."""
    return '"' + (text if len(text) <= 40 else text[:37] + "...").encode("unicode_escape").decode("ascii") + '"'


def _checked(date: datetime.date) -> datetime.date:
    if not FIRST_YEAR <= date.year <= LAST_YEAR:
        raise ValueError(f"{date} is outside the years {FIRST_YEAR} to {LAST_YEAR}; check the dates and lags")
    return date


# --- months and years -------------------------------------------------------------------------------------------------


def _days_in_month(year: int, month: int) -> int:
    return (datetime.date(year + month // 12, month % 12 + 1, 1) - datetime.date(year, month, 1)).days


def add_months(date: datetime.date, months: int) -> datetime.date:
    """The same day of the month so many months on, or the last day of a shorter month.

    31 January + 1 month is 28 or 29 February.
    """
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(date.day, _days_in_month(year, month + 1)))


def months_between(a: datetime.date, b: datetime.date) -> int:
    """Full months gone by from a to b [months]: the most that can be added to a without passing b.

    It is negative where b is before a, and counts back by months begun: from 15 March to 14 March it is -1.
    """
    months = (b.year - a.year) * 12 + b.month - a.month
    # A month is also full on the last day of a month too short for a's day, as in add_months.
    return months if b.day >= min(a.day, _days_in_month(b.year, b.month)) else months - 1


def read_year_start(text: str) -> tuple[int, int]:
    """Read the first day of a fiscal year: "1 July" is (7, 1), month and day.

    Raises ValueError if it is not a day of every year.
    """
    match = _YEAR_START.fullmatch(text)
    month = next((i for i, m in enumerate(MONTHS, 1) if match and m.lower() == match[2].lower()), None)
    if not match or not month:
        raise ValueError(f'{_quote(text)} is not a day of the year; write a day and a month, as in "1 July"')
    day, length = int(match[1]), _days_in_month(2001, month)
    if (month, day) == (2, 29):
        raise ValueError("29 February is not in every year; a fiscal year starts on a day that every year has")
    if not 1 <= day <= length:
        raise ValueError(f"{_quote(text)} is not a day: {MONTHS[month - 1]} has {length} days; correct the day")
    return month, day


def fiscal_year(date: datetime.date, start: tuple[int, int]) -> str:
    """The fiscal year of a date, for years that start on this (month, day): "2017" for (1, 1), else "2016/17"."""
    if start == (1, 1):
        return str(date.year)
    return _straddling(date.year if (date.month, date.day) >= start else date.year - 1)


def _straddling(year: int) -> str:
    return f"{year}/{(year + 1) % 100:02d}"


# --- lags -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lag:
    """So many days, business days, weeks or months after the period or after measurement."""

    count: int
    unit: str  # "days" | "business days" | "weeks" | "months"
    after: str  # "the period" | "measurement"

    def __str__(self) -> str:
        """As read_lag reads it back."""
        return f"{self.count} {self.unit[:-1] if self.count == 1 else self.unit} after {self.after}"


def read_lag(text: str) -> Lag:
    """Read "45 business days after measurement", "30 days after the period".

    Raises ValueError, naming the accepted forms, if it is no lag, or is longer than about twenty years.
    """
    match = _LAG.fullmatch(text)
    if not match:
        raise ValueError(f"{_quote(text)} is neither a date nor a lag; write {LAG_FORMS}")
    count, unit = int(match[1]), match[2] if match[2].endswith("s") else match[2] + "s"
    if count > _LONGEST_LAG[unit]:
        raise ValueError(f"{_quote(text)} is too long a lag: the longest is {_LONGEST_LAG[unit]:,} {unit}; shorten it")
    return Lag(count, unit, match[3])


# --- business days ----------------------------------------------------------------------------------------------------


class BusinessDays:
    """The days on which payments are made: no weekends, and no public holidays of a country or of a part of it."""

    def __init__(self, code: str | None) -> None:
        """`code` is an ISO 3166 country, or a country and its part: "JP", "US-CO", "GB-ENG". Without: weekends only.

        Raises ValueError, naming the code, if its public holidays are not known.
        """
        self.code = code
        self._is_open, self._first, self._last = _calendar(code)
        self._open: dict[int, list[datetime.date]] = {}

    def _year(self, year: int) -> list[datetime.date]:
        """The open days of a year, in order."""
        if year not in self._open:
            if not self._first <= year <= self._last:
                raise ValueError(
                    f"the public holidays of {self.code} are known for {self._first} to {self._last} only, and {year} "
                    "is needed; check the dates, or leave holidays out to count weekends only"
                )
            dates = [datetime.date(year, 1, 1) + datetime.timedelta(days=i) for i in range(366)]
            with warnings.catch_warnings():
                # The library warns of years in which it knows some holidays only. A payment date is no place to guess.
                warnings.simplefilter("error", UserWarning)
                try:
                    self._open[year] = [date for date in dates if date.year == year and self._is_open(date)]
                except UserWarning:
                    raise ValueError(
                        f"the public holidays of {self.code} are not fully known for {year}; "
                        "check the dates, or leave holidays out to count weekends only"
                    ) from None
        return self._open[year]

    def is_open(self, date: datetime.date) -> bool:
        """Whether it is a business day. Raises ValueError for a year whose public holidays are not known."""
        days = self._year(date.year)
        at = bisect_left(days, date)
        return at < len(days) and days[at] == date

    def add(self, date: datetime.date, n: int) -> datetime.date:
        """The n-th business day after a date, n at least 0 [business days]; the date itself for 0, open or not.

        Raises ValueError for years whose public holidays are not known.
        """
        if n < 0:
            raise ValueError(f"cannot count {n} business days; a lag is 0 or more")
        if n == 0:
            return date
        year, days = date.year, self._year(date.year)
        at = bisect_right(days, date) + n - 1
        while at >= len(days):  # years, not days: a long lag stays quick
            at -= len(days)
            year += 1
            days = self._year(year)
        return days[at]

    def roll(self, date: datetime.date, how: str) -> datetime.date:
        """Move a date on a day off to the next business day (`following`) or to the one before (`preceding`).

        `modified following` is following, unless that lies in the next month: then preceding.
        Raises ValueError for another word, and for years whose public holidays are not known.
        """
        if how not in ROLLS:
            raise ValueError(f"{_quote(how)} is not a way to move a payment date; write one of: {', '.join(ROLLS)}")
        if how == "preceding":
            return self._last_until(date)
        following = date if self.is_open(date) else self.add(date, 1)
        if how == "modified following" and following.month != date.month:
            return self._last_until(date)
        return following

    def _last_until(self, date: datetime.date) -> datetime.date:
        days = self._year(date.year)
        at = bisect_right(days, date)
        return days[at - 1] if at else self._year(date.year - 1)[-1]


def _calendar(code: str | None) -> tuple[Callable[[datetime.date], bool], int, int]:
    """Whether a date is open, and the first and the last year for which that is known."""
    if code is None:
        return (lambda date: date.weekday() < 5), datetime.MINYEAR, datetime.MAXYEAR
    import holidays  # slow to import, and most contracts need none

    match = _HOLIDAYS.fullmatch(code)
    try:
        if not match:
            raise NotImplementedError
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # an old code of a part still means that part
            known = holidays.country_holidays(match[1], subdiv=match[2])
    except NotImplementedError:
        raise ValueError(
            f"the public holidays of {_quote(code)} are not known; "
            'write a country or a part of one by its ISO 3166 code, as in "JP", "US-CO" or "GB-ENG"'
        ) from None

    def is_open(date: datetime.date) -> bool:
        # Some countries move a working day to a weekend. The library knows that only once it has looked up the year's
        # holidays, and it does not look them up for a weekend day: so ask for the holiday first.
        known.get(date)
        return known.is_working_day(date)

    return is_open, known.start_year, known.end_year


# --- periods ----------------------------------------------------------------------------------------------------------


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
            f"{_quote(every)} is not a length of periods; write month, quarter, half-year, year, or a number of months "
            'such as "4 months"'
        )
    return months


def _calendar_name(start: datetime.date, months: int) -> Callable[[datetime.date], str] | None:
    """How the calendar names the periods that begin on this day, or None if it has no names for them."""
    if start.day != 1 or months not in (1, 3, 6, 12):
        return None
    if months == 12:
        return lambda first: str(first.year) if first.month == 1 else _straddling(first.year)
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
            paid_on = Day.on(_checked(rolled))
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
    return Day.on(_checked(date))


def _in_order(*dates: tuple[str, Day]) -> None:
    for (earlier, a), (later, b) in pairwise(dates):
        if b.date < a.date:
            raise ValueError(f"{later} ({_spell(b)}) is before {earlier} ({_spell(a)}); put the dates in order")


def _spell(day: Day) -> str:
    """A day for a message about order, where it matters as which day a month or a year counts."""
    return str(day) if day.exact else f"{day}, which counts as {Day.on(day.date)}"
