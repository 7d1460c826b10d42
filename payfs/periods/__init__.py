"""Dates as a contract writes them, lags, business days, fiscal years and runs of periods.

Every function here works on whole days of the Gregorian calendar, from 1900 to 2200. What cannot be read or worked
out raises a ValueError whose text is a plain sentence: the fact, then the remedy.
"""

from payfs.periods.business import LAG_FORMS, ROLLS, BusinessDays, Lag, read_lag
from payfs.periods.days import (
    FIRST_YEAR,
    LAST_YEAR,
    Day,
    add_months,
    fiscal_year,
    months_between,
    read_day,
    read_year_start,
)
from payfs.periods.runs import MOST_PERIODS, Period, run_of_periods, single_period

__all__ = [
    "FIRST_YEAR",
    "LAG_FORMS",
    "LAST_YEAR",
    "MOST_PERIODS",
    "ROLLS",
    "BusinessDays",
    "Day",
    "Lag",
    "Period",
    "add_months",
    "fiscal_year",
    "months_between",
    "read_day",
    "read_lag",
    "read_year_start",
    "run_of_periods",
    "single_period",
]
