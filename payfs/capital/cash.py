"""What a waterfall is fed: the statement's payments, and the results that a stack looks at."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from payfs.money import Array
from payfs.periods import Day
from payfs.scale import Scale
from payfs.text import Path

EPOCH = datetime.date(1970, 1, 1)


class Receipt(NamedTuple):
    """What one payer pays for one rule: the statement's payments.

    Attributes:
        rule: name.
        payer: name of a party.
        payee: name of a party.
        days: on which each is due [days since 1970-01-01].
        gaps: of each, the place in the contract that says ``unknown`` instead of a day; None where the day is known.
        amounts: (dates, paths) [minor units].
    """

    rule: str
    payer: str
    payee: str
    days: tuple[int, ...]
    gaps: tuple[Path | None, ...]
    amounts: Array


class Reading(NamedTuple):
    """What a metric came to, over all cohorts together.

    Attributes:
        days: the last day of each period [days since 1970-01-01], ascending.
        values: (periods, paths) [steps].
        present: (periods,): where there is a result.
        scale: how it is measured.
    """

    days: Array
    values: Array
    present: NDArray[np.bool_]
    scale: Scale


@dataclass(frozen=True)
class Cash:
    """What a waterfall is fed.

    Attributes:
        receipts: payments of the statement.
        readings: by metric.
        starts: the first day of the contract, where a draw has no day of its own [days since 1970-01-01].
        ends: the last day of the contract, where the stack says none.
        payee: who carries out the service with what is drawn, where no costs are written.
        paths: how many.
        until: the last day that is looked at; None to the end.
    """

    receipts: tuple[Receipt, ...]
    readings: Mapping[str, Reading]
    starts: int
    ends: int
    payee: str
    paths: int
    until: int | None = None

    def after(self, late: int) -> Cash:
        """Return the same with every payment so many days later; one whose day nobody knows stays where it is."""
        if not late:
            return self
        receipts = tuple(
            one._replace(
                days=tuple(day if gap else day + late for day, gap in zip(one.days, one.gaps, strict=True)),
            )
            for one in self.receipts
        )
        latest = max((day for one in receipts for day in one.days), default=self.ends)
        return replace(self, receipts=receipts, ends=max(self.ends, latest))


class NoReading(Exception):
    """Something depends on a metric that has no result by then."""

    def __init__(self, metric: str, day: int) -> None:
        """Remember which metric, and by which day [days since 1970-01-01]."""
        super().__init__(metric, day)
        self.metric, self.day = metric, day


def last_result(readings: Mapping[str, Reading], metric: str, day: int) -> tuple[Array, Scale]:
    """Return what a metric came to by a day: the last result of a period that has ended by then, (paths,) [steps].

    Raises:
        NoReading: there is none.
    """
    reading = readings.get(metric)
    ended = np.flatnonzero(reading.days <= day) if reading is not None else np.zeros(0, dtype=np.int64)
    if reading is None or not len(ended) or not reading.present[ended[-1]]:
        raise NoReading(metric, day)
    return reading.values[ended[-1]], reading.scale


class NothingYet(ValueError):
    """Nothing of a stack has happened by the last day that is looked at."""


class Moment(NamedTuple):
    """A date on which something happens.

    Attributes:
        day: [days since 1970-01-01].
        gap: the place in the contract that says ``unknown`` instead of a day; None where the day is known.
    """

    day: int
    gap: Path | None = None

    @property
    def date(self) -> datetime.date:
        """The date."""
        return EPOCH + datetime.timedelta(days=self.day)


def day_number(day: Day) -> int:
    """Return a day as a number [days since 1970-01-01]."""
    return (day.date - EPOCH).days
