"""Measured values as integer arrays: what the rules are fed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from payfs.money import Array, since_before, sum_over, to_date
from payfs.scale import Scale

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Series:
    """One metric's values.

    Attributes:
        values: (cohorts or 1, periods, paths) [steps of the metric]; 0 where nothing was reported.
        present: (cohorts or 1, periods): where a result was reported.
        scale: how the metric is measured.
        running: whether each value counts from the start again.
    """

    values: Array
    present: Flags
    scale: Scale
    running: bool = False

    @property
    def complete(self) -> bool:
        """Whether every result is there."""
        return bool(self.present.all())

    def only(self, where: Flags) -> Series:
        """Keep the results of some cohorts and periods, (cohorts, periods)."""
        if where.all():
            return self
        present: Flags = np.asarray(self.present & where)
        return replace(self, present=present, values=self.values * present[:, :, None])

    def held(self) -> Array:
        """Return the values with each gap filled by the last one reported; 0 before the first."""
        return hold(self.values, self.present)

    def to_date(self) -> Series:
        """Return the totals to date; a missing result adds nothing."""
        if self.running:
            return replace(self, values=self.held(), present=np.logical_or.accumulate(self.present, axis=1))
        return replace(
            self, values=to_date(self.values), present=np.logical_or.accumulate(self.present, axis=1), running=True
        )

    def each_period(self) -> Series:
        """Return what each period adds, of a count that reports to date."""
        if not self.running:
            return self
        return replace(self, values=since_before(self.held()), running=False)

    def pooled(self) -> Series:
        """Add the cohorts up; of a count to date, each cohort's last one counts."""
        if self.values.shape[0] == 1:
            return self
        series = self.to_date() if self.running else self
        return replace(
            self, values=sum_over(series.values, 0), present=np.asarray(series.present.any(axis=0, keepdims=True))
        )


def hold(values: Array, present: Flags) -> Array:
    """Fill each gap along the periods with the value before it; 0 before the first value.

    Args:
        values: (cohorts or 1, periods, paths).
        present: (cohorts or 1, periods), or also by path.
    """
    if present.all():
        return values
    flags = present[:, :, None] if present.ndim == 2 else present
    last = np.maximum.accumulate(np.where(flags, np.arange(flags.shape[1]).reshape(1, -1, 1), -1), axis=1)
    shape = np.broadcast_shapes(values.shape, last.shape)
    places = np.broadcast_to(np.maximum(last, 0), shape)
    taken = np.take_along_axis(np.broadcast_to(values, shape), places, axis=1)
    return np.where(last >= 0, taken, 0).astype(values.dtype, copy=False)


@dataclass(frozen=True)
class ByClaim:
    """What a rule's claims come to, each at its own price.

    Attributes:
        due: (cohorts or 1, periods, paths) [minor units].
        limits: what is left of it after each limit for one person, in the order in which they are applied.
    """

    due: Array
    limits: Mapping[str, Array]


@dataclass(frozen=True)
class Measured:
    """All metrics of a contract on the same cohorts, periods and paths.

    Attributes:
        series: by metric.
        cohorts: names, at least one (``all`` where the contract has none).
        periods: names, in order of payment.
        starts: the calendar year in which each period starts.
        paths: how many.
        by_claim: of rules that pay claim by claim, what the claims come to; they hold one path.
    """

    series: Mapping[str, Series]
    cohorts: tuple[str, ...]
    periods: tuple[str, ...]
    starts: tuple[int, ...]
    paths: int
    by_claim: Mapping[str, ByClaim] = field(default_factory=dict)

    def with_series(self, series: Mapping[str, Series]) -> Measured:
        """Add or replace metrics."""
        return replace(self, series={**self.series, **series})

    def as_objects(self) -> Measured:
        """Return the same values in unbounded integers: the oracle."""
        by_claim = {
            name: ByClaim(made.due.astype(object), {key: left.astype(object) for key, left in made.limits.items()})
            for name, made in self.by_claim.items()
        }
        series = {name: replace(s, values=s.values.astype(object)) for name, s in self.series.items()}
        return replace(self, series=series, by_claim=by_claim)

    def take(self, paths: slice) -> Measured:
        """Return some of the paths."""
        start, stop, step = paths.indices(self.paths)
        return replace(
            self,
            series={
                name: s if s.values.shape[2] == 1 else replace(s, values=s.values[:, :, paths])
                for name, s in self.series.items()
            },
            paths=len(range(start, stop, step)),
        )
