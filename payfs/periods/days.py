"""Dates as a contract writes them, months, and fiscal years."""

import datetime
import re
from dataclasses import dataclass

FIRST_YEAR, LAST_YEAR = 1900, 2200

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

# [0-9] rather than \d, which would let full-width and other digits through.
_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_YEAR_START = re.compile(r"([0-9]{1,2}) ([A-Za-z]+)")


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
        raise ValueError(f"{quote(text)} is not a date; write 2017-10-31, or 2017-10 or 2017 where no more is known")
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


def quote(text: str) -> str:
    """A piece of input fit for a message: on one line, and not long."""
    return '"' + (text if len(text) <= 40 else text[:37] + "...").encode("unicode_escape").decode("ascii") + '"'


def checked(date: datetime.date) -> datetime.date:
    """Return the date if it lies in the years that are worked with; ValueError otherwise."""
    if not FIRST_YEAR <= date.year <= LAST_YEAR:
        raise ValueError(f"{date} is outside the years {FIRST_YEAR} to {LAST_YEAR}; check the dates and lags")
    return date


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
        raise ValueError(f'{quote(text)} is not a day of the year; write a day and a month, as in "1 July"')
    day, length = int(match[1]), _days_in_month(2001, month)
    if (month, day) == (2, 29):
        raise ValueError("29 February is not in every year; a fiscal year starts on a day that every year has")
    if not 1 <= day <= length:
        raise ValueError(f"{quote(text)} is not a day: {MONTHS[month - 1]} has {length} days; correct the day")
    return month, day


def fiscal_year(date: datetime.date, start: tuple[int, int]) -> str:
    """The fiscal year of a date, for years that start on this (month, day): "2017" for (1, 1), else "2016/17"."""
    if start == (1, 1):
        return str(date.year)
    return straddling(date.year if (date.month, date.day) >= start else date.year - 1)


def straddling(year: int) -> str:
    """Name a year of two calendar years: 2016/17."""
    return f"{year}/{(year + 1) % 100:02d}"
