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


class SpellDays(NamedTuple):
    """The days of each spell by what became of them [days].

    Attributes:
        kept: they count.
        of: all that it has had by then.
        elsewhere: they stand in a row of the person that begins earlier.
        taken_off: they are days of spells that are taken off.
        beyond: they pass what counts for one person.
    """

    kept: Array
    of: Array
    elsewhere: Array
    taken_off: Array
    beyond: Array


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


class Calendar:
    """The days of each person's spells up to any day, looked up for many at once."""

    def __init__(self, spells: Spells) -> None:
        """Lay the spells of each person out one after the other."""
        self.whole = merged(spells)
        self.begins = self.whole.person.astype(np.int64) * 2 * NEVER + self.whole.first
        self.before = np.r_[0, np.cumsum(self.whole.last - self.whole.first + 1)]

    def until(self, person: Array, day: Array) -> Array:
        """Count each person's days up to a day, with those of all people before [days]: take the difference of two."""
        place = np.searchsorted(self.begins, person * 2 * NEVER + day, side="right")
        last = np.maximum(place - 1, 0)
        if not len(self.begins):
            return np.zeros(len(day), dtype=np.int64)
        running = (place > 0) & (self.whole.person[last] == person)
        beyond = np.where(running, np.maximum(self.whole.last[last] - day, 0), 0)
        result: Array = self.before[place] - beyond
        return result

    def between(self, person: Array, first: Array, last: Array) -> Array:
        """Count each person's days from a day to another [days]; none where the last comes before the first."""
        result: Array = np.where(last >= first, self.until(person, last) - self.until(person, first - 1), 0)
        return result


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
