"""Days of spells: overlaps count once, days of other spells are taken off, and a gate lets earlier days through."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from payfs.money import Array

NEVER = 10**7  # [days since 1970-01-01]: after every date


class Spells(NamedTuple):
    """Stretches of days, first and last included, one entry a stretch."""

    person: Array
    first: Array
    last: Array

    def until(self, day: int | Array) -> Spells:
        """Return what of them lies on or before a day, which may be another for each."""
        keep = self.first <= day
        return Spells(self.person[keep], self.first[keep], np.minimum(self.last, day)[keep])

    def since(self, day: int) -> Spells:
        """Return what of them lies on or after a day."""
        keep = self.last >= day
        return Spells(self.person[keep], np.maximum(self.first[keep], day), self.last[keep])

    def with_others(self, other: Spells) -> Spells:
        """Put two lists of spells together."""
        return Spells(*(np.concatenate(pair) for pair in zip(self, other, strict=True)))


def merged(spells: Spells) -> Spells:
    """Join spells of one person that overlap or follow each other without a day between."""
    if not len(spells.person):
        return spells
    order = np.lexsort((spells.last, spells.first, spells.person))
    person, first, last = (column[order] for column in spells)
    # the last day so far, person by person: people are set apart so far that one's days never reach the next one's
    apart = (np.cumsum(np.r_[0, np.diff(person) != 0])) * (2 * NEVER)
    reached = np.maximum.accumulate(last + apart)
    begins = np.r_[True, (first + apart)[1:] > reached[:-1] + 1]
    starts = np.flatnonzero(begins)
    ends = np.r_[starts[1:], len(person)] - 1
    return Spells(person[starts], first[starts], reached[ends] - apart[ends])


def days_of(spells: Spells, people: int) -> Array:
    """Return the days of each person [days], each counted once."""
    whole = merged(spells)
    days = np.zeros(people, dtype=np.int64)
    np.add.at(days, whole.person, whole.last - whole.first + 1)
    return days


def net_days(spells: Spells, less: Spells, people: int) -> Array:
    """Return each person's days of some spells that are no days of others [days]: |A without B| = |A or B| - |B|."""
    return days_of(spells.with_others(less), people) - days_of(less, people)


def reached_on(spells: Spells, days: int, in_a_row: bool, people: int) -> Array:
    """Return the day on which each person has spent so many days in spells, ``NEVER`` where it was not reached.

    Args:
        spells: of everyone.
        days: how many are asked for.
        in_a_row: whether a break sets the count back to nothing.
        people: how many there are.
    """
    result = np.full(people, NEVER, dtype=np.int64)
    whole = merged(spells)
    if not len(whole.person):
        return result
    length = whole.last - whole.first + 1
    before = np.zeros(len(length), dtype=np.int64)
    if not in_a_row:
        total = np.cumsum(length)
        starts: NDArray[np.bool_] = np.r_[True, np.diff(whole.person) != 0]
        base = np.maximum.accumulate(np.where(starts, total - length, 0))
        before = total - length - base
    there = before + length >= days
    day = whole.first + (days - before) - 1
    np.minimum.at(result, whole.person[there], np.maximum(day, whole.first)[there])
    return result
