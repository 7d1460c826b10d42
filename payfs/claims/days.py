"""What spells come to: the days that each period adds, and what becomes of the days of each spell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from payfs.claims.decide import Verdicts
from payfs.claims.reasons import Reason
from payfs.claims.spells import NEVER, Calendar, SpellDays, Spells, merged, net_days, reached_on
from payfs.claims.table import OPEN, Claims, codes_of
from payfs.evidence.counting import Counting
from payfs.evidence.results import Frame
from payfs.money import Array


def count_days(
    name: str, words: Counting, claims: Claims, frame: Frame, rows: int, time: int, as_of: int | None
) -> tuple[Array, Verdicts]:
    """Count the days of spells that each period adds, and decide each spell.

    Args:
        name: of the metric.
        words: its conditions.
        claims: what was known.
        frame: the contract's metrics, cohorts and periods.
        rows: one for each cohort, or 1.
        time: the place of the last period that is counted.
        as_of: the day until which spells without an end go on [days since 1970-01-01].

    Returns:
        The days, (rows, periods, 1), and what became of each spell.
    """
    days = words.days
    assert days is not None
    people = len(claims.people)
    spans = sorted((frame.days_of(p), p) for p in frame.measured_in(name))  # in time, not in order of payment
    places = [place for _, place in sorted(spans, key=lambda span: span[0][1]) if place <= time]
    begin = spans[0][0][0]
    until = OPEN if as_of is None else as_of

    def rows_of(outcomes: tuple[str, ...]) -> Array:
        found: Array = np.flatnonzero(np.isin(claims.outcome, codes_of(claims, outcomes)))
        return found

    def spells(at: Array) -> Spells:
        return Spells(claims.person[at].astype(np.int64), claims.day[at], claims.to[at]).until(until)

    def measured(whole: Spells) -> Spells:
        """Return the days that lie in a period in which the metric is measured."""
        parts = [whole.since(start).until(end) for (start, end), _ in spans]
        return Spells(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))

    mine = rows_of(words.outcomes(name))
    here, off = spells(mine), spells(rows_of(days.less or ()))
    cohort = np.zeros(people, dtype=np.int64)
    cohort[claims.person] = claims.cohort
    most = np.full(people, NEVER, dtype=np.int64)
    if words.times is not None:
        most = np.array([words.times.of(c) for c in frame.cohorts], dtype=np.int64)[cohort]
    through = np.full(people, -NEVER, dtype=np.int64)
    left = np.full(people, -NEVER, dtype=np.int64)  # the last qualified exit so far: the days before it need no gate
    waived = np.zeros(len(mine), dtype=bool)
    if days.after is not None:
        asked = days.after.number * (7 if days.after.unit == "week" else 1)
        through = reached_on(here, asked, days.in_a_row, people)
        for column_name, words_of_exit in (days.waived_by or {}).items():
            column = claims.column(column_name)
            waived |= np.array([value in words_of_exit for value in column.values], dtype=bool)[column.codes[mine]]
    values = np.zeros((rows, len(frame.periods), 1), dtype=np.int64)
    before = np.zeros(rows, dtype=np.int64)
    none = np.zeros(0, dtype=np.int64)
    who: list[tuple[Array, Array]] = [(none, none)]
    net_before = np.zeros(people, dtype=np.int64)
    row_of = cohort if rows > 1 else np.zeros(people, dtype=np.int64)
    end = begin - 1
    counted, taken = measured(here.since(begin)), measured(off.since(begin))
    for place in places:
        end = min(frame.days_of(place)[1], until)
        gone = mine[waived & (claims.to[mine] <= end)]
        np.maximum.at(left, claims.person[gone], claims.to[gone])
        paid_to = np.where(through <= end, end, left)
        net = net_days(counted.until(paid_to[counted.person]), taken.until(paid_to[taken.person]), people)
        net = np.minimum(net, most)
        in_all = np.zeros(rows, dtype=np.int64)
        np.add.at(in_all, row_of, net)
        changed = np.flatnonzero(net != net_before)
        who.append((row_of[changed] * len(frame.periods) + place, changed))
        net_before = net
        values[:, place, 0] = in_all - before
        before = in_all
    cells, those = (np.concatenate([pair[at] for pair in who]) for at in range(2))
    paid_to = np.where(through <= end, end, left)
    apart = _apart(claims, mine, end, paid_to, most, taken, [span for span, _ in spans])
    when = np.minimum(frame.first_open(np.maximum(claims.day[mine], begin)), len(frame.periods) - 1)
    reason = _reasons(apart, claims.day[mine] <= paid_to[claims.person[mine]])
    verdicts = Verdicts(mine, reason, apart.kept, when, (cells, those), values[:, :, 0] != 0, apart)
    return values, verdicts


def _apart(
    claims: Claims, mine: Array, end: int, paid_to: Array, most: Array, taken: Spells, spans: list[tuple[int, int]]
) -> SpellDays:
    """Tell the days of each spell apart: a day that several rows have belongs to the one that begins first.

    Args:
        claims: what was known, in order of person and date.
        mine: the places of the spells.
        end: the last day that is counted.
        paid_to: of each person, the last day that counts.
        most: of each person, how many days count.
        taken: spells that are taken off.
        spans: first and last day of the periods in which the metric is measured.
    """
    person, first = claims.person[mine].astype(np.int64), claims.day[mine]
    last = np.minimum(claims.to[mine], end)
    apart = person * 2 * NEVER  # so far that one person's days never reach the next one's
    reached = np.maximum.accumulate(np.r_[-NEVER, apart + last])[:-1] if len(mine) else last
    fresh = np.maximum(first, reached - apart + 1)  # from here on no earlier row has the day
    stop = np.minimum(last, paid_to[person])
    whole, shared, off = (np.zeros(len(mine), dtype=np.int64) for _ in range(3))
    calendar = Calendar(taken)
    one = np.zeros(len(spans), dtype=np.int64)
    begins, ends = (np.array(days, dtype=np.int64) for days in zip(*spans, strict=True))
    for a, b in zip(*merged(Spells(one, begins, ends))[1:], strict=True):
        low, high = np.maximum(first, a), np.minimum(stop, b)
        whole += np.maximum(high - low + 1, 0)
        low = np.maximum(fresh, a)
        shared += np.maximum(high - low + 1, 0)
        off += calendar.between(person, low, high)
    net = shared - off
    running = np.cumsum(net)
    starts: NDArray[np.bool_] = np.r_[True, person[1:] != person[:-1]] if len(mine) else np.zeros(0, dtype=bool)
    base = np.maximum.accumulate(np.where(starts, running - net, 0)) if len(mine) else running
    up_to = np.minimum(running - base, most[person])
    count = up_to - np.minimum(running - base - net, most[person])
    return SpellDays(count, np.maximum(last - first + 1, 0), whole - shared, off, net - count)


def _reasons(days: SpellDays, reached: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Say why each spell counts or not: the last that takes a day away where none is left."""
    reason = np.full(len(days.kept), Reason.NOT_MEASURED, dtype=np.int8)
    for taken, why in (
        (days.elsewhere, Reason.ELSEWHERE),
        (days.taken_off, Reason.TAKEN_OFF),
        (days.beyond, Reason.TIMES),
    ):
        reason[taken > 0] = why
    reason[~reached] = Reason.GATE
    reason[days.kept > 0] = Reason.COUNTED
    return reason
