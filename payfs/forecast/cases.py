"""Cases: the same performance reached in part, or more than in full, and late by whole months.

What counts is scaled and delayed as a running total, exactly, and rounded down to the metric's step once at the end of
each period: 75% of 80 people are 60, however many periods they are spread over. Within a period results are taken to
come evenly, so three months late means that at the end of a year there is what was expected at the end of its ninth
month. What would come after the last period is lost, and said to be. A percentage, or a yes, is measured on its date
however late people come: it is scaled where somebody chooses so, and never moves.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from pydantic_core import PydanticCustomError

from payfs.contract import Contract
from payfs.evidence.measured import Measured
from payfs.evidence.results import Frame, Result
from payfs.forecast.grid import counted
from payfs.periods import add_months
from payfs.scale import Scale
from payfs.spec import quoted, read_count, read_figure, read_share, refuse, written_share
from payfs.text import Finding, Refused

WHOLE, MOST_SHARE = Fraction(1), Fraction(10)
MOST_MONTHS = 120
_DAY = timedelta(days=1)


class Case(NamedTuple):
    """How performance differs from what is expected.

    Attributes:
        share: what is reached of it; 60 people of 80 are 3/4.
        months: how late.
        metrics: which are scaled and delayed; the others stay as they are.
    """

    share: Fraction
    months: int
    metrics: frozenset[str]


class Lost(NamedTuple):
    """Results that would come after the last period in which their metric is measured.

    Attributes:
        metric: name.
        cohort: place on the cohort axis.
        value: [steps].
    """

    metric: str
    cohort: int
    value: int


class Reached(NamedTuple):
    """What a case comes to.

    Attributes:
        results: by metric, cohort and period.
        lost: what comes too late for any period.
        held: metrics that the case would take beyond the least or the most that they can be, and are held there.
    """

    results: tuple[Result, ...]
    lost: tuple[Lost, ...]
    held: tuple[str, ...]


def read_case(reached: str, late: str, metrics: Collection[str]) -> Case:
    """Read how performance differs from what is expected: ``75%``, ``3/4`` or ``60 of 80``, and so many months late.

    Raises:
        Refused: what cannot be.
    """
    found = list[Finding]()
    share, months = WHOLE, 0
    try:
        share = _read_share(reached.strip() or "100%")
    except PydanticCustomError as error:
        found.append(_no_share(reached.strip(), error))
    try:
        months = read_count(late.strip() or "0")
    except PydanticCustomError as error:
        found.append(Finding((error.context or {}).get("what", str(error)), "write whole months", ("months late",)))
    if share > MOST_SHARE:
        what = f"{written_share(share)} is more than {written_share(MOST_SHARE)} of what is expected"
        found.append(Finding(what, "expect more in the first place", ("reached",)))
    if months > MOST_MONTHS:
        found.append(Finding(f"{months:,} months are more than ten years", "check the figure", ("months late",)))
    if found:
        raise Refused(found)
    return Case(share, months, frozenset(metrics))


def _read_share(text: str) -> Fraction:
    for between in (" of ", "/"):
        part, said, whole = text.partition(between)
        if said:
            top, bottom = read_figure(part.strip()), read_figure(whole.strip())
            if top.percent or bottom.percent or top.value < 0 or bottom.value <= 0:
                raise refuse(f"{quoted(text)} is no part of a number", "")
            return top.value / bottom.value
    return read_share(text)


def _no_share(text: str, error: PydanticCustomError) -> Finding:
    """Say why a text is no share; of a bare number above 1 what was probably meant."""
    forms = "write 75%, 110%, 3/4 or 60 of 80"
    what = (error.context or {}).get("what", str(error))
    try:
        figure = read_figure(text)
    except PydanticCustomError:
        return Finding(what, forms, ("reached",))
    if figure.percent or figure.value <= 1:
        return Finding(what, forms, ("reached",))
    # 60 is 60%; of 1.1 and 2 it may be meant how many times as much
    meant = [] if figure.value > MOST_SHARE else [written_share(figure.value)]
    what = f"{quoted(text)} by itself does not say what share of what is expected is reached"
    remedy = f"write {' or '.join([*meant, f'{text}%'])} if you mean that, or how many of how many: 60 of 80"
    return Finding(what, remedy, ("reached",))


def scaled_unless_chosen(contract: Contract) -> frozenset[str]:
    """Return the metrics that a case changes unless somebody chooses others: counts, days and sums.

    They grow and shrink with the number of people who are reached, those of which less is better too. A percentage says
    how good results are and not how many.
    """
    return frozenset(name for name in counted(contract) if adds_up(contract.frame.scales[name]))


def adds_up(scale: Scale) -> bool:
    """Whether values of several periods can be added up: people, days and money can, percentages cannot."""
    return not scale.percent and not scale.yes_no


def reached(contract: Contract, results: Sequence[Result], case: Case) -> Reached:
    """Work out what a case of some performance comes to."""
    frame = contract.frame
    kept = [one for one in results if one.metric not in case.metrics]
    made, lost, held = list[Result](), list[Lost](), dict[str, None]()
    for metric, cohort, course in _courses(frame, results, case.metrics, case.months):
        values, beyond = course.at(case.share)
        made += [
            Result(metric, cohort, place, value, place)
            for place, value in zip(course.places, values, strict=True)
            if place in course.present
        ]
        if beyond:
            lost.append(Lost(metric, cohort, beyond))
        if course.held(case.share):
            held[metric] = None
    ordered = sorted([*kept, *made], key=lambda r: (r.reported, r.period, r.cohort, r.metric))
    return Reached(tuple(ordered), tuple(lost), tuple(held))


def measured_at(
    contract: Contract, results: Sequence[Result], shares: Sequence[Fraction], months: int, metrics: Collection[str]
) -> Measured:
    """Return what is measured at each of some shares of a performance: one path for each, all worked out at once."""
    frame = contract.frame
    plain = frame.measured(one for one in results if one.metric not in metrics)
    series = {
        name: replace(one, values=np.repeat(one.values, len(shares), axis=2)) for name, one in plain.series.items()
    }
    for metric, cohort, course in _courses(frame, results, metrics, months):
        values, present = series[metric].values, series[metric].present
        for path, share in enumerate(shares):
            for place, value in zip(course.places, course.at(share)[0], strict=True):
                values[cohort, place, path] = value if place in course.present else 0
        present[cohort, sorted(course.present)] = True
    return replace(plain, series=series, paths=len(shares))


@dataclass(frozen=True)
class _Course:
    """How one metric of one cohort grows over its periods.

    Attributes:
        scale: of the metric.
        places: the periods in which it is measured, by their ends.
        present: those that report something.
        levels: what there is by the end of each of the places; of a running total in all, else in the period [steps].
        total: what there would be in the end if nothing came too late [steps].
        grows: whether levels are running totals, of which each period reports what it adds or the total to date.
        running: whether a period reports the total to date.
    """

    scale: Scale
    places: tuple[int, ...]
    present: frozenset[int]
    levels: tuple[Fraction, ...]
    total: Fraction
    grows: bool
    running: bool

    def at(self, share: Fraction) -> tuple[list[int], int]:
        """Return the value in each of the places, and what comes too late, at a share [steps]."""
        share = WHOLE if self.scale.yes_no else share
        steps = [_down(share * level) for level in self.levels]
        beyond = _down(share * self.total) - (steps[-1] if self.grows and steps else 0)
        if self.grows and not self.running:
            steps = [steps[0], *(later - before for before, later in pairwise(steps))]
        return [self._held(value) for value in steps], beyond

    def held(self, share: Fraction) -> bool:
        """Whether a value is held at the least or the most that the metric can be."""
        if self.scale.yes_no:
            return False
        levels = list(self.levels)
        if self.grows and not self.running:
            levels = [levels[0], *(later - before for before, later in pairwise(self.levels))]
        least, most = self.scale.least, self.scale.most
        there = [share * level for place, level in zip(self.places, levels, strict=True) if place in self.present]
        return any((most is not None and v > most) or (least is not None and v < least) for v in there)

    def _held(self, value: int) -> int:
        least, most = self.scale.least, self.scale.most
        value = value if most is None else min(value, most)
        return value if least is None else max(value, least)


def _down(value: Fraction) -> int:
    return value.numerator // value.denominator


def _courses(
    frame: Frame, results: Sequence[Result], metrics: Collection[str], months: int
) -> Iterable[tuple[str, int, _Course]]:
    """Yield the course of each metric and cohort that a case changes."""
    found: dict[tuple[str, int], dict[int, int]] = {}
    for one in results:
        if one.metric in metrics:
            found.setdefault((one.metric, one.cohort), {})[one.period] = one.value
    for (metric, cohort), values in found.items():
        yield metric, cohort, _course(frame, metric, values, months)


def _course(frame: Frame, metric: str, values: dict[int, int], months: int) -> _Course:
    periods, scale = frame.periods, frame.scales[metric]
    places = sorted(frame.measured_in(metric), key=lambda place: (periods[place].end.date, place))
    ends = [periods[place].end.date for place in places]
    starts = [periods[place].start.date for place in places]
    running = frame.metrics[metric].reports == "to date"
    apart = all(before < after for before, after in pairwise(ends))
    one_after_other = all(end < start for end, start in zip(ends, starts[1:], strict=False))
    months = months if adds_up(scale) else 0
    if not adds_up(scale) or not apart or not (running or one_after_other):
        return _whole(scale, places, ends, values, months, running)
    knots, total = [(min(starts) - _DAY, 0)], 0
    for place, start, end in zip(places, starts, ends, strict=True):
        if place in values:
            if not running:
                knots.append((start - _DAY, total))
            total = values[place] if running else total + values[place]
            knots.append((end, total))
    levels = [_level(knots, _earlier(end, months)) for end in ends]
    present = {place for place in places if place in values}
    last = max((rank for rank, place in enumerate(places) if place in values), default=-1)
    for rank in range(1, len(places)) if months else ():
        came = levels[rank] != levels[rank - 1]
        # a total to date is reported on until all of it is there, and never before it was to be reported
        if came if not running else rank > last and levels[rank - 1] != total:
            present.add(places[rank])
    return _Course(scale, tuple(places), frozenset(present), tuple(levels), Fraction(total), True, running)


def _whole(
    scale: Scale, places: Sequence[int], ends: Sequence[date], values: dict[int, int], months: int, running: bool
) -> _Course:
    """Move values that cannot be taken apart: each goes whole to the first period that ends late enough."""
    levels, lost = dict[int, Fraction](), Fraction(0)
    for rank, place in enumerate(places):
        if place not in values:
            continue
        # of periods that end on one day each keeps its own
        late = rank if not months else bisect_left(ends, _later(ends[rank], months), lo=rank)
        if late == len(places):
            lost += values[place]
        elif places[late] in levels and not running:
            levels[places[late]] += values[place]
        else:
            levels[places[late]] = Fraction(values[place])
    course = tuple(levels.get(place, Fraction(0)) for place in places)
    return _Course(scale, tuple(places), frozenset(levels), course, lost, False, running)


def _level(knots: Sequence[tuple[date, int]], day: date) -> Fraction:
    """Return how much there is by the end of a day, where it grows in a straight line from knot to knot."""
    if day <= knots[0][0]:
        return Fraction(knots[0][1])
    for (start, before), (end, after) in pairwise(knots):
        if start < day <= end:
            return before + Fraction((after - before) * (day - start).days, (end - start).days)
    return Fraction(knots[-1][1])


def _earlier(end: date, months: int) -> date:
    """Return the day so many months before the last day of a period; of the end of a month the end of another."""
    return add_months(end + _DAY, -months) - _DAY


def _later(end: date, months: int) -> date:
    return add_months(end + _DAY, months) - _DAY
