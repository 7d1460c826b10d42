"""The decision on every claim, person by person in order of date, for all people at once.

The first claim of every person is decided, then the second of every person, and so on: what is known of each person
by then stands in arrays of one entry a person, so that a million people cost no more steps than one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from math import lcm

import numpy as np
from numpy.typing import NDArray

from payfs.claims.columns import Column
from payfs.claims.dates import bucket, later
from payfs.claims.faults import number
from payfs.claims.order import counting_order
from payfs.claims.pricing import Purse
from payfs.claims.reasons import Reason
from payfs.claims.runs import fell_out
from payfs.claims.spells import NEVER, SpellDays
from payfs.claims.table import EPOCH, MOST_CLAIMS, Claims, codes_of, period_of
from payfs.evidence.counting import Counting
from payfs.evidence.results import Frame
from payfs.money import Array, fits
from payfs.periods import read_day

FULL = (1 << 62) - 1


@dataclass
class People:
    """What is known of each person for one metric so far; one entry a person."""

    count: Array
    before: Array  # the count before the claim that counted last
    first: Array  # day on which it first counted
    first_paid: Array
    first_claim: Array
    first_paid_claim: Array
    last_claim: Array  # the claim that counted last
    last_bucket: Array  # the last month or week in which there was a claim
    last_once: Array  # the last day, week or month in which it counted
    mask: Array  # months or weeks seen, the last in the lowest place
    streak: Array
    sum: Array

    @classmethod
    def of(cls, people: int) -> People:
        """Know nothing of so many people."""

        def full(value: int) -> Array:
            return np.full(people, value, dtype=np.int64)

        first = ("first", "first_paid")
        before = ("last_bucket", "last_once")
        claim = ("first_claim", "first_paid_claim", "last_claim")
        start = {**dict.fromkeys(first, NEVER), **dict.fromkeys(before, -NEVER), **dict.fromkeys(claim, -1)}
        return cls(**{known.name: full(start.get(known.name, 0)) for known in fields(cls)})


@dataclass
class Verdicts:
    """What became of the claims that one metric looks at.

    Attributes:
        claims: their places, in the order in which they were decided.
        reason: why each counts or not.
        units: how many of each count.
        period: the place of the period in which each counts.
        who: where the claims do not tell, the cells (cohort and period as one place) and the person of each that
            something counts for.
    """

    claims: Array
    reason: NDArray[np.int8]
    units: Array
    period: Array
    who: tuple[Array, Array] | None = None
    moved: NDArray[np.bool_] | None = None  # of spells, where days are added or taken off
    days: SpellDays | None = None  # of spells


@dataclass
class _Counter:
    """Decides the claims that one metric looks at."""

    name: str
    words: Counting
    frame: Frame
    claims: Claims
    all: Mapping[str, _Counter]
    purse: Purse
    wanted: tuple[str, ...] = ()
    verdicts: Verdicts = field(init=False)
    people: People = field(init=False)
    starts: list[int] = field(init=False)

    def prepare(self, position: Array, steps: int) -> None:
        """Find the metric's claims, sort them by step, and decide what the claim alone decides."""
        claims, words = self.claims, self.words
        wanted = words.outcomes(self.name) if words.at is None else self.all[words.at.of].wanted
        self.wanted = wanted
        mine = np.flatnonzero(np.isin(claims.outcome, codes_of(claims, wanted)))
        mine = mine[np.argsort(position[mine], kind="stable")]
        self.starts = np.searchsorted(position[mine], np.arange(steps + 1)).tolist()
        period = period_of(claims.day[mine], self.frame.measured_in(self.name), self.frame)
        reason = np.zeros(len(mine), dtype=np.int8)

        def refuse(wrong: NDArray[np.bool_], why: Reason) -> None:
            reason[wrong & (reason == 0)] = why

        for name, where in (words.where or {}).items():
            column = claims.column(name)
            flags = np.array([not _meets(value, where) for value in column.values], dtype=bool)
            refuse(flags[column.codes[mine]], Reason.WHERE)
        if words.claimed_within is not None:
            refuse(claims.reported[mine] > later(claims.day[mine], words.claimed_within), Reason.LATE)
        if words.within is not None and words.within.of not in self.frame.metrics:
            column = claims.column(words.within.of)
            anchors = np.array([_day(value) for value in column.values], dtype=np.int64)[column.codes[mine]]
            day = claims.day[mine]
            refuse((day < anchors) | (day > later(anchors, words.within.lapse)), Reason.WITHIN)
        for event in words.closed_by or ():
            if event not in self.frame.metrics:
                here = np.isin(claims.outcome, codes_of(claims, (event,)))
                first = np.full(len(claims.people), NEVER, dtype=np.int64)
                np.minimum.at(first, claims.person[here], claims.day[here])
                refuse(claims.day[mine] > first[claims.person[mine]], Reason.CLOSED)
        if words.lost_by is not None:
            refuse(self._lost(mine), Reason.LOST)
        refuse(period < 0, Reason.NOT_MEASURED)
        self.verdicts = Verdicts(mine, reason, claims.units[mine].copy(), period)
        self.people = People.of(len(claims.people)) if self.stepwise else People.of(0)
        if words.reaches is not None:
            ((name, target),) = words.reaches.items()
            column = claims.column(name)
            if name == "units":
                sizes, codes = np.unique(claims.units, return_inverse=True)
                column = Column(codes.astype(np.int32), tuple(str(size) for size in sizes))
            figures = [found.value if (found := number(value)) is not None else 0 for value in column.values]
            bottom = lcm(target.value.denominator, *(getattr(figure, "denominator", 1) for figure in figures))
            whole = [int(figure * bottom) for figure in figures]
            # a number too long for the machine's integers is added up in Python's
            kind = np.int64 if fits(max(map(abs, whole), default=0) * MOST_CLAIMS) else object
            self.amounts = np.array(whole, dtype=kind)[column.codes[mine]]
            self.people.sum = self.people.sum.astype(kind)
            self.target = int(target.value * bottom)

    def _lost(self, mine: Array) -> NDArray[np.bool_]:
        """Tell which claims are followed by an event of the same person that takes them back."""
        claims, words = self.claims, self.words
        events = np.isin(claims.outcome, codes_of(claims, words.lost_by or ()))
        # claims are in order of person and date, and so are people set apart by more days than there are
        when = np.append(claims.person[events].astype(np.int64) * NEVER + claims.day[events], np.iinfo(np.int64).max)
        person, day = claims.person[mine].astype(np.int64) * NEVER, claims.day[mine]
        next_one = when[np.searchsorted(when[:-1], person + day)]
        until = later(day, words.lost_within) if words.lost_within is not None else np.full(len(day), NEVER - 1)
        lost: NDArray[np.bool_] = next_one <= person + np.minimum(until, NEVER - 1)
        return lost

    @property
    def stepwise(self) -> bool:
        """Whether the claims of one person depend on each other, or others look at what counted here."""
        words = self.words
        own = (words.times, words.run, words.reaches, words.once_a, words.missing, words.needs)
        more = (words.needs_paid, words.not_with)
        looks = any(value is not None for value in (*own, *more))
        within = words.within is not None and words.within.of in self.frame.metrics
        closed = any(event in self.frame.metrics for event in words.closed_by or ())
        return looks or within or closed or self.name in self.looked_at or self.purse.covers(self.name)

    looked_at: frozenset[str] = frozenset()

    def step(self, at: int) -> None:
        """Decide the claims that come at one place of their people's claims; each person has at most one there."""
        here = slice(self.starts[at], self.starts[at + 1])
        if here.start == here.stop:
            return
        claims, words, mine = self.claims, self.words, self.people
        places = self.verdicts.claims[here]
        person, day = claims.person[places], claims.day[places]
        reason = self.verdicts.reason[here]
        units = self.verdicts.units[here]

        def refuse(wrong: NDArray[np.bool_], why: Reason) -> None:
            reason[wrong & (reason == 0)] = why

        def first(name: str) -> Array:
            known: Array = self.all[name].people.first[person]
            return known

        for event in words.closed_by or ():
            if event in self.all:
                refuse(first(event) < day, Reason.CLOSED)
        if words.within is not None and words.within.of in self.all:
            anchor = first(words.within.of)
            refuse(anchor == NEVER, Reason.NO_START)
            refuse((anchor > day) | (day > later(anchor, words.within.lapse)), Reason.WITHIN)
        for name in words.needs or ():
            # what is needed is another claim: else the last week of one run would be the first of the next
            itself = self.all[name].people.first_claim[person] == places
            refuse((first(name) > day) | itself, Reason.NEEDS)
            if words.wait is not None:
                refuse(later(first(name), words.wait) > day, Reason.WAIT)
        for name in words.needs_paid or ():
            paid = self.all[name].people.first_paid[person]
            itself = self.all[name].people.first_paid_claim[person] == places
            refuse((paid > day) | itself, Reason.NEEDS_PAID)
            if words.wait is not None:
                refuse(later(paid, words.wait) > day, Reason.WAIT)
        for name in words.not_with or ():
            refuse(first(name) < NEVER, Reason.NOT_WITH)
        if words.once_a is not None:
            now = bucket(day, words.once_a)
            refuse(now == mine.last_once[person], Reason.ONCE_A)
        if words.times is not None:
            most = np.array([words.times.of(name) for name in self.frame.cohorts], dtype=np.int64)
            room = most[claims.cohort[places]] - mine.count[person]
            refuse(room <= 0, Reason.TIMES)
            np.minimum(units, np.maximum(room, 0), out=units)
        alive = reason == 0
        if words.once_a is not None and (words.run is not None or words.reaches is not None):
            # here every claim that is looked at is one of those of which so many are asked for
            mine.last_once[person[alive]] = bucket(day[alive], words.once_a)
        if words.run is not None:
            reached, again = self._run(person, day, alive)
            refuse(again, Reason.AGAIN)
            refuse(alive & ~reached, Reason.BUILDING)
        if words.reaches is not None:
            before = mine.sum[person]
            after = before + np.where(alive, self.amounts[here], 0)
            mine.sum[person] = after
            fresh = mine.streak[person] == 0  # it is reached once, even if the total falls and rises again
            reached = alive & fresh & (before < self.target) & (after >= self.target)
            mine.streak[person] += reached
            refuse(alive & ~fresh, Reason.REACHED)
            refuse(alive & ~reached, Reason.BUILDING)
        if words.missing is not None and words.at is not None:
            other = self.all[words.at.of].people
            passed = (other.before[person] < words.at.number) & (other.count[person] >= words.at.number)
            hit = passed & (other.last_claim[person] == places)
            refuse(~hit, Reason.BUILDING)
            units[:] = self._missing(person, claims.cohort[places])
            refuse(units == 0, Reason.NOTHING_MISSING)
        counted = reason == 0
        if words.run is not None or words.reaches is not None:
            units[counted] = 1  # it is reached once, however many units the claim has that completes it
        units[~counted] = 0
        person, day, places = person[counted], day[counted], places[counted]
        mine.before[person] = mine.count[person]
        mine.count[person] += units[counted]
        mine.first_claim[person] = np.where(mine.first[person] == NEVER, places, mine.first_claim[person])
        mine.first[person] = np.minimum(mine.first[person], day)
        mine.last_claim[person] = places
        if words.once_a is not None and words.run is None and words.reaches is None:
            mine.last_once[person] = bucket(day, words.once_a)
        paid = self.purse.pay(
            self.name, places, person, claims.cohort[places], self.verdicts.period[here][counted], units[counted]
        )
        fresh = paid & (mine.first_paid[person] == NEVER)
        mine.first_paid[person[fresh]] = day[fresh]
        mine.first_paid_claim[person[fresh]] = places[fresh]

    def _run(self, person: Array, day: Array, alive: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Note the month or week of each claim, and tell who has reached as many as are asked for.

        Also which claims are not the first of their month or week.
        """
        mine = self.people
        assert self.words.run is not None
        run, unit = self.words.run
        now, last = bucket(day, unit), mine.last_bucket[person]
        new = alive & (now != last)
        gone = np.minimum(now - last, 62)
        if run.in_a_row or run.of is None:
            streak = mine.streak[person]
            grown = np.where(gone == 1, streak + 1, 1) if run.in_a_row else streak + 1
            streak = np.where(new, grown, streak)
            reached: NDArray[np.bool_] = new & (streak >= run.number)
            mine.streak[person] = np.where(reached, 0, streak)
        else:
            mask = mine.mask[person]
            mask = np.where(new, ((mask << gone) & FULL) | 1, mask)
            seen = np.bitwise_count(mask & ((1 << run.of) - 1))
            reached = new & (seen >= run.number)
            mine.mask[person] = np.where(reached, 0, mask)
        mine.last_bucket[person] = np.where(new, now, last)
        return reached, alive & ~new

    def settle(self) -> None:
        """Say of claims whose run was broken, or ran out of time, that nothing came of them."""
        words, verdicts = self.words, self.verdicts
        verdicts.units[verdicts.reason != 0] = 0
        run, unit = words.run or (None, "")
        if run is not None and (run.in_a_row or run.of is not None):
            part = np.isin(verdicts.reason, (Reason.COUNTED, Reason.BUILDING))
            places = verdicts.claims[part]
            order = np.argsort(places)
            person, when = self.claims.person[places][order], bucket(self.claims.day[places][order], unit)
            gone = np.empty(len(order), dtype=bool)
            gone[order] = fell_out(person, when, verdicts.reason[part][order] == 0, run)
            verdicts.reason[np.flatnonzero(part)[gone]] = Reason.BROKEN

    def _missing(self, person: Array, cohort: Array) -> Array:
        """Return how many of some metrics a person never had."""
        missing = np.zeros(len(person), dtype=np.int64)
        for name in self.words.missing or ():
            other = self.all[name]
            times = other.words.times
            most = [times.of(c) if times is not None else 1 for c in self.frame.cohorts]
            missing += np.maximum(np.array(most, dtype=np.int64)[cohort] - other.people.count[person], 0)
        return missing


def decide_claims(claims: Claims, frame: Frame, purse: Purse) -> dict[str, Verdicts]:
    """Decide every claim for every metric that looks at it.

    Args:
        claims: what is known.
        frame: the contract's metrics, cohorts and periods.
        purse: prices the claims whose rules pay claim by claim, and keeps the limits of each person.
    """
    counters: dict[str, _Counter] = {}
    for name in counting_order(frame.metrics):
        words = frame.metrics[name].claims or Counting()
        if words.days is None:
            counters[name] = _Counter(name, words, frame, claims, counters, purse)
    position = _positions(claims.person)
    steps = int(position.max(initial=-1)) + 1
    looked_at = frozenset(
        name
        for counter in counters.values()
        for name in (
            *(name for _, name in counter.words.metrics()),
            *(counter.words.closed_by or ()),
            *([counter.words.within.of] if counter.words.within else ()),
        )
    )
    for counter in counters.values():
        counter.looked_at = looked_at
        counter.prepare(position, steps)
    stepwise = [counter for counter in counters.values() if counter.stepwise]
    for at in range(steps if stepwise else 0):
        for counter in stepwise:
            counter.step(at)
    for counter in counters.values():
        counter.settle()
    return {name: counter.verdicts for name, counter in counters.items()}


def _positions(person: NDArray[np.int32]) -> Array:
    """Return the place of each claim among its person's; claims are in order of person and date."""
    if not len(person):
        return np.zeros(0, dtype=np.int64)
    new = np.r_[True, person[1:] != person[:-1]]
    starts = np.flatnonzero(new)
    result: Array = np.arange(len(person)) - np.repeat(starts, np.diff(np.r_[starts, len(person)]))
    return result


def _day(value: str) -> int:
    try:
        return (read_day(value).date - EPOCH).days
    except ValueError:
        return NEVER


def _meets(value: str, where: object) -> bool:
    from payfs.evidence.counting import Where

    assert isinstance(where, Where)
    if where.words is not None:
        return value in where.words
    if where.is_not is not None:
        return value not in where.is_not
    found = number(value)
    if found is None:
        return False
    x = found.value
    return not (
        (where.from_ is not None and x < where.from_.value)
        or (where.above is not None and x <= where.above.value)
        or (where.below is not None and x >= where.below.value)
        or (where.up_to is not None and x > where.up_to.value)
    )


def only(claims: Claims, keep: NDArray[np.bool_]) -> Claims:
    """Keep some claims, and only the people who have them."""
    per_claim: Sequence[str] = ("rows", "person", "outcome", "day", "to", "cohort", "units", "reported", "withdrawn")
    columns = {name: Column(column.codes[keep], column.values) for name, column in claims.columns.items()}
    kept = {name: getattr(claims, name)[keep] for name in per_claim}
    there, kept["person"] = np.unique(kept["person"], return_inverse=True)
    people = tuple(claims.people[place] for place in there.tolist())
    return replace(claims, **{**kept, "person": kept["person"].astype(np.int32)}, people=people, columns=columns)
