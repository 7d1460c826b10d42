"""Dates of many claims at once: lengths of time added, and the month, week or quarter that a day lies in."""

from __future__ import annotations

import datetime

import numpy as np

from payfs.evidence.counting import Lapse
from payfs.money import Array
from payfs.periods.days import add_months

LAST = (datetime.date(2200, 12, 31) - datetime.date(1970, 1, 1)).days
EPOCH = datetime.date(1970, 1, 1)


def later(days: Array, lapse: Lapse) -> Array:
    """Add a length of time to days [days since 1970-01-01]; a month on is the same day of the month, or its last."""
    if lapse.unit in ("day", "week"):
        return days + lapse.number * (7 if lapse.unit == "week" else 1)
    months = lapse.number * (12 if lapse.unit == "year" else 1)
    unique, places = np.unique(days, return_inverse=True)
    added = [_on(int(day), months) for day in unique]
    return np.array(added, dtype=np.int64)[places]


def _on(day: int, months: int) -> int:
    if day > LAST:
        return day
    return (add_months(EPOCH + datetime.timedelta(days=day), months) - EPOCH).days


def bucket(days: Array, unit: str) -> Array:
    """Number the day, week (from Monday), month, quarter or year that each day lies in."""
    if unit == "day":
        return days
    if unit == "week":
        return (days + 3) // 7  # 1 January 1970 was a Thursday
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    result: Array = months // {"month": 1, "quarter": 3, "year": 12}[unit]
    return result
