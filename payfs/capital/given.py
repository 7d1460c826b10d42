"""Dated cash flows as they are given: whole minor units, (dates, paths), on days that ascend, checked and read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from payfs.money import MOST, Array, carried, fits, peak, refuse_beyond

Floats = NDArray[np.float64]

YEAR = 365  # [days]: ACT/365 Fixed (2006 ISDA Definitions, 4.16(d)), as XIRR of spreadsheets has it


def dated(days: Array, flows: Array) -> tuple[Floats, Array]:
    """Return years since the first day, (dates, 1), and the flows, if both are as they have to be.

    Raises:
        ValueError: they are not.
        TooLarge: an amount passes :data:`payfs.money.MOST`.
    """
    flows = amounts(flows)
    return years_of(days, flows), flows


def years_of(days: Array, flows: Array) -> Floats:
    """Return years since the first day, (dates, 1), if the days are as they have to be.

    Raises:
        ValueError: they are not.
    """
    days = np.asarray(days)
    if days.shape != flows.shape[:1]:
        raise ValueError(f"{days.shape} days for flows on {len(flows)} dates; give one day for each row of flows")
    if not np.issubdtype(days.dtype, np.integer):
        raise ValueError(f"days are {days.dtype}; give whole days since 1970-01-01")
    if (days[1:] <= days[:-1]).any():
        raise ValueError("days do not ascend; add up the flows of one day, and sort them by day")
    years: Floats = ((days - days[:1]) / YEAR).reshape(-1, 1)
    return years


def amounts(flows: Array) -> Array:
    """Return the flows if they are (dates, paths) of whole minor units that are not too large.

    Raises:
        ValueError: they are not (dates, paths), without a date, or not whole.
        TooLarge: an amount passes :data:`payfs.money.MOST`.
    """
    return refuse_beyond(whole(flows))


def whole(flows: Array) -> Array:
    """Return the flows if they are (dates, paths) of whole minor units, of whatever size.

    Raises:
        ValueError: they are not (dates, paths), without a date, or not whole.
    """
    flows = np.asarray(flows)
    if flows.ndim != 2 or not len(flows):
        raise ValueError(f"amounts are shaped {flows.shape}; give (dates, paths), with one date at least")
    if flows.dtype != np.int64 and flows.dtype != object:
        raise ValueError(f"amounts are {flows.dtype}; give whole minor units as int64")
    return flows


def running(flows: Array) -> Array:
    """Add up over the dates: (dates, paths), exact.

    Raises:
        TooLarge: a sum passes 1,000 times :data:`payfs.money.MOST`.
    """
    reach, most = peak(flows) * len(flows), 1000 * MOST
    exact = flows if fits(reach) else flows.astype(object)
    result = carried(np.add, exact[np.newaxis])[0]
    return (result if reach <= most else refuse_beyond(result, most)).astype(flows.dtype, copy=False)
