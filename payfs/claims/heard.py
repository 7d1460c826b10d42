"""When claims were heard of: reported, withdrawn, and at which times that changes what earlier periods came to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from payfs.claims.table import OPEN, Claims, codes_of, known_outcomes, period_of
from payfs.evidence.counting import Counting
from payfs.evidence.results import Frame, Result
from payfs.money import Array


class Heard(NamedTuple):
    """When claims were heard of, one entry a claim.

    Attributes:
        on_time: whether it was reported by the day of looking.
        reported: the place of the period of reporting.
        withdrawn: the place of the period in which it was taken back; one more than the last where it was not.
        moved: whether it is of a person of whom something was reported late, withdrawn, or taken back by an event.
        times: the places of the periods by whose ends what is known changes what earlier periods came to; the last is
            that of everything.
    """

    on_time: NDArray[np.bool_]
    reported: Array
    withdrawn: Array
    moved: NDArray[np.bool_]
    times: tuple[int, ...]

    def known(self, time: int) -> NDArray[np.bool_]:
        """Tell which claims stood by the end of a period."""
        flags: NDArray[np.bool_] = self.on_time & (self.reported <= time) & (self.withdrawn > time)
        return flags


def heard_of(claims: Claims, frame: Frame, results: Sequence[Result], as_of: int | None) -> Heard:
    """Find out when each claim was heard of.

    Args:
        claims: all of them.
        frame: the contract's metrics, cohorts and periods.
        results: counts, which may be corrected, too.
        as_of: what was reported after this day is left out [days since 1970-01-01].
    """
    last = len(frame.periods) - 1
    until = OPEN - 1 if as_of is None else as_of
    on_time = claims.reported <= until
    gone = claims.withdrawn <= until
    # what was reported or withdrawn after the last period ended is settled with it
    reported = np.minimum(frame.first_open(claims.reported), last)
    withdrawn = np.where(gone, np.minimum(frame.first_open(claims.withdrawn), last), last + 1)
    own = np.minimum(_own(claims, frame), last)
    events = {event for metric in frame.metrics.values() for event in (metric.claims or Counting()).lost_by or ()}
    back = np.isin(claims.outcome, codes_of(claims, events))  # these bear on claims of earlier periods
    late = on_time & ((reported > own) | back)
    taken_back = on_time & gone & (withdrawn > own)
    changes = {*np.unique(reported[late]).tolist(), *np.unique(withdrawn[taken_back]).tolist()}
    changes |= {result.reported for result in results if result.reported != result.period}
    seen = np.where(claims.to == OPEN, claims.day, claims.to)
    top = max([int(own[on_time].max(initial=0)), *changes, *(result.reported for result in results)])
    latest = int(np.minimum(seen[on_time], until).max(initial=0)) if as_of is None else as_of
    top = max([top, *np.flatnonzero(frame.spans[0] <= latest).tolist()])
    people = np.zeros(len(claims.people), dtype=bool)
    people[claims.person[late | taken_back]] = True
    times = sorted({*(time - 1 for time in changes if time > 0), *changes, top})
    return Heard(on_time, reported, withdrawn, people[claims.person], tuple(times))


def _own(claims: Claims, frame: Frame) -> Array:
    """Return the place of the period that each claim belongs to; of a spell, that in which it begins."""
    own = frame.first_open(claims.day)
    known = known_outcomes(frame)
    for code, outcome in enumerate(claims.outcomes):
        here = np.flatnonzero(claims.outcome == code)
        for name in known[outcome]:
            words = frame.metrics[name].claims
            if words is None or words.days is None:
                own[here] = np.maximum(own[here], period_of(claims.day[here], frame.measured_in(name), frame))
    return own
