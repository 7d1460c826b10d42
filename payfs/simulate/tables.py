"""Distributions over single values: each has its chance, and the chances are added up once, in a table.

Counts are tabled from the ratio of neighbouring chances, outwards from the most likely count, so that both tails are
exact however small they are (N. L. Johnson, A. W. Kemp and S. Kotz, "Univariate Discrete Distributions", 3rd edition,
2005, for the ratios).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from math import inf, sqrt

import numpy as np

from payfs.simulate.distributions import LEAST_WEIGHT, Distribution, Floats, NothingLeft

MOST_COUNTS = 4_000_000
"""How many different counts a table may have: 64 MB."""

LEAST_BELOW, LEAST_ABOVE = -100.0, -50.0
"""How much less likely than the most likely count [natural logarithm] one has to be to be left out. No uniform number
is within 1e-17 of 1, but some are that near to 0."""


class TooManyCounts(ValueError):
    """More different counts than :data:`MOST_COUNTS` are likely enough to be drawn."""


@dataclass(frozen=True, eq=False)
class Table(Distribution):
    """Single values and their chances.

    Attributes:
        values: ascending, those that can be drawn.
        upto: the probability of a value of at most each; the last is 1.
        ends: the least and greatest value; of counts whose tail has no end, the greatest is infinite.
    """

    values: Floats
    upto: Floats
    ends: tuple[float, float]

    def quantile(self, u: Floats) -> Floats:
        return self.values[np.searchsorted(self.upto, u, side="left")]

    def cdf(self, x: Floats) -> Floats:
        place = np.searchsorted(self.values, x, side="right")
        return np.where(place == 0, 0.0, self.upto[place - 1])

    @cached_property
    def chances(self) -> Floats:
        """The chance of each value."""
        return np.diff(self.upto, prepend=0.0)

    @cached_property
    def mean(self) -> float:
        return float(self.values[0] + (self.values - self.values[0]) @ self.chances)

    @cached_property
    def sd(self) -> float:
        return sqrt(float((self.values - self.mean) ** 2 @ self.chances))

    @property
    def least(self) -> float:
        return self.ends[0]

    @property
    def most(self) -> float:
        return self.ends[1]

    @cached_property
    def whole(self) -> bool:
        return bool((self.values == np.floor(self.values)).all())

    def within(self, low: float, high: float) -> Table:
        first, last = np.searchsorted(self.values, low, side="left"), np.searchsorted(self.values, high, side="right")
        below = self.upto[first - 1] if first else 0.0
        weight = float(self.upto[last - 1] - below) if last > first else 0.0
        if weight < LEAST_WEIGHT:
            raise NothingLeft(weight)
        values, upto = self.values[first:last], (self.upto[first:last] - below) / weight
        upto[-1] = 1.0
        ends = (max(self.least, float(values[0])), self.most if high >= self.most else float(values[-1]))
        return Table(values, upto, ends, percent=self.percent)


def discrete(chances: Mapping[Fraction, Fraction], percent: bool = False) -> Table:
    """Table values with chances that add up to 1; a value without a chance is left out."""
    values = sorted(value for value, chance in chances.items() if chance)
    upto = np.array([float(total) for total in accumulate(chances[value] for value in values)])
    numbers = np.array([float(value) for value in values])
    return Table(numbers, upto, (float(numbers[0]), float(numbers[-1])), percent=percent)


def seen(values: Sequence[Fraction], percent: bool = False) -> Table:
    """Table values of which each is as likely as every other.

    It is the bootstrap of one value (B. Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics
    7(1), 1979).
    """
    numbers, counts = np.unique(np.array([float(value) for value in values]), return_counts=True)
    upto = np.cumsum(counts) / len(values)
    return Table(numbers, upto, (float(numbers[0]), float(numbers[-1])), percent=percent)


def binomial(of: int, chance: float) -> Table:
    """Table how many of so many succeed, each with a chance and by itself.

    Raises:
        TooManyCounts: too many to be tabled.
    """
    if chance in (0.0, 1.0):
        return discrete({Fraction(of if chance else 0): Fraction(1)})
    odds = chance / (1 - chance)
    mode = min(int((of + 1) * chance), of)
    return _counts(mode, lambda k: (of - k) / (k + 1) * odds, of)


def poisson(mean: float) -> Table:
    """Table how many events there are, where each comes by itself and ``mean`` are expected.

    Raises:
        TooManyCounts: too many to be tabled.
    """
    return _counts(int(mean), lambda k: mean / (k + 1), None)


def negative_binomial(successes: float, failing: float) -> Table:
    """Table how many fail before so many succeed.

    Args:
        successes: above 0; need not be whole, which makes it a Poisson whose mean is itself uncertain.
        failing: the chance of a failure, from 0 and below 1.

    Raises:
        TooManyCounts: too many to be tabled.
    """
    if failing == 0:
        return discrete({Fraction(0): Fraction(1)})
    if 1 - failing < 1e-6:  # every further count is all but as likely as the one before
        raise TooManyCounts(failing)
    mode = int(max((successes - 1) * failing / (1 - failing), 0.0))
    return _counts(mode, lambda k: (k + successes) / (k + 1) * failing, None)


def _counts(mode: int, ratio: Callable[[Floats], Floats], most: int | None) -> Table:
    """Table counts from 0.

    Args:
        mode: the most likely one.
        ratio: the chance of one more than ``k``, over that of ``k``.
        most: the greatest count, or None.
    """
    above = _side(lambda steps: np.log(ratio(mode + steps)), None if most is None else most - mode, LEAST_ABOVE)
    below = _side(lambda steps: -np.log(ratio(mode - 1 - steps)), mode, LEAST_BELOW)
    low, high = np.exp(below[::-1]), np.exp(above)
    # each tail is added up from its far end, so that its small chances are not lost beside large ones
    from_low, from_high = np.cumsum(low), np.cumsum(high[::-1])[::-1]
    total = float(low.sum() + 1 + high.sum())
    to_mode = (low.sum() + 1) / total
    upto = np.concatenate([from_low / total, [to_mode], 1 - np.append(from_high, 0.0)[1:] / total])
    upto = np.maximum.accumulate(np.minimum(upto, 1.0))
    upto[-1] = 1.0
    values = np.arange(mode - len(low), mode + len(high) + 1, dtype=float)
    return Table(values, upto, (0.0, inf if most is None else float(most)))


def _side(step: Callable[[Floats], Floats], most: int | None, least: float) -> Floats:
    """Return how likely counts are on one side of the most likely one, nearest first [natural logarithm, 0 for it].

    Args:
        step: what the logarithm changes by between so many counts away and one more.
        most: how many counts there are, or None.
        least: where to stop.
    """
    parts = [np.zeros(0)]
    done, last, size = 0, 0.0, 256
    while last >= least and (most is None or done < most):
        if done > MOST_COUNTS:
            raise TooManyCounts(done)
        end = done + size if most is None else min(done + size, most)
        parts.append(last + np.cumsum(step(np.arange(done, end, dtype=float))))
        done, last, size = end, float(parts[-1][-1]), size * 2
    logs = np.concatenate(parts)
    return logs[logs >= least]
