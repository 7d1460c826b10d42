"""Lags and business days."""

import datetime
import re
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from payfs.periods.days import quote

LAG_FORMS = (
    'a lag such as "45 business days after measurement" or "30 days after the period" '
    "(days, business days, weeks or months; after the period or after measurement)"
)
ROLLS = ("following", "preceding", "modified following")

_LAG = re.compile(r"([0-9]{1,6}) (days?|business days?|weeks?|months?) after (the period|measurement)")
_HOLIDAYS = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?")

# The longest lag of each unit, about twenty years: longer ones are slips, and would run off the calendar.
_LONGEST_LAG = {"days": 7300, "business days": 5200, "weeks": 1040, "months": 240}


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
        raise ValueError(f"{quote(text)} is neither a date nor a lag; write {LAG_FORMS}")
    count, unit = int(match[1]), match[2] if match[2].endswith("s") else match[2] + "s"
    if count > _LONGEST_LAG[unit]:
        raise ValueError(f"{quote(text)} is too long a lag: the longest is {_LONGEST_LAG[unit]:,} {unit}; shorten it")
    return Lag(count, unit, match[3])


class BusinessDays:
    """The days on which payments are made: no weekends, and no public holidays of a country or of a part of it."""

    def __init__(self, code: str | None) -> None:
        """`code` is an ISO 3166 country, or a country and its part: "JP", "US-CO", "GB-ENG". Without: weekends only.

        Raises ValueError, naming the code, if its public holidays are not known.
        """
        self.code = code
        self._is_open, self._first, self._last = _calendar(code)
        self._open: dict[int, list[datetime.date]] = {}

    def __reduce__(self) -> tuple[type["BusinessDays"], tuple[str | None]]:
        """Go to another process by the code alone: the holidays are looked up again there."""
        return BusinessDays, (self.code,)

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
            raise ValueError(f"{quote(how)} is not a way to move a payment date; write one of: {', '.join(ROLLS)}")
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
            f"the public holidays of {quote(code)} are not known; "
            'write a country or a part of one by its ISO 3166 code, as in "JP", "US-CO" or "GB-ENG"'
        ) from None

    def is_open(date: datetime.date) -> bool:
        # Some countries move a working day to a weekend. The library knows that only once it has looked up the year's
        # holidays, and it does not look them up for a weekend day: so ask for the holiday first.
        known.get(date)
        return known.is_working_day(date)

    return is_open, known.start_year, known.end_year
