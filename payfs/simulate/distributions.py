"""Distributions of one uncertain number: everything is drawn through the quantile function, one uniform a number.

A distribution is a frozen value in plain numbers: 30% is 0.30. Its quantile function never falls, so that Sobol'
points keep their evenness and the ranks of uniform numbers are the ranks of what is drawn from them. Floats live here
and in summaries only; money never does.

The formulas are those of N. L. Johnson, S. Kotz and N. Balakrishnan, "Continuous Univariate Distributions", volumes 1
and 2 (2nd edition, 1994 and 1995), where no other source is named.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from math import exp, expm1, inf, log, pi, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

LEAST_WEIGHT = 1e-9
"""What has to be left of a distribution that is cut: with less, the 16 digits of a float no longer carry the tail."""

BELOW_ONE = float(np.nextafter(1.0, 0.0))
ABOVE_NOTHING = float(np.nextafter(0.0, 1.0))


class NothingLeft(ValueError):
    """A distribution has no weight to speak of between the ends to which it is cut."""

    def __init__(self, weight: float) -> None:
        """Keep the weight that is left."""
        super().__init__(weight)
        self.weight = weight


@dataclass(frozen=True)
class Distribution(ABC):
    """How likely each value of one uncertain number is.

    Attributes:
        percent: whether the number was written as a percentage; the values are plain numbers all the same.
    """

    percent: bool = field(default=False, kw_only=True)

    @abstractmethod
    def quantile(self, u: Floats) -> Floats:
        """Return the least value that is not exceeded with probability ``u``.

        Args:
            u: any shape, above 0 and below 1; 0 and 1 are allowed where the distribution has ends.

        Returns:
            The values, of the same shape; they never fall where ``u`` rises.
        """

    @abstractmethod
    def cdf(self, x: Floats) -> Floats:
        """Return the probability of a value of at most ``x``, of the same shape."""

    @property
    @abstractmethod
    def mean(self) -> float:
        """The expected value."""

    @property
    @abstractmethod
    def sd(self) -> float:
        """The standard deviation."""

    @property
    def least(self) -> float:
        """The least value, or minus infinity."""
        return -inf

    @property
    def most(self) -> float:
        """The greatest value, or infinity."""
        return inf

    @property
    def whole(self) -> bool:
        """Whether all values are whole numbers."""
        return False

    def within(self, low: float, high: float) -> Distribution:
        """Return the distribution on condition that the value lies from ``low`` to ``high``.

        Raises:
            NothingLeft: less than :data:`LEAST_WEIGHT` of it lies there.
        """
        below, upto = self._weights(low, high)
        return Truncated(self, low, high, below, upto, percent=self.percent)

    def _weights(self, low: float, high: float) -> tuple[float, float]:
        below, upto = (float(end) for end in self.cdf(np.array([low, high])))
        if upto - below < LEAST_WEIGHT:
            raise NothingLeft(max(upto - below, 0.0))
        return below, upto


@dataclass(frozen=True)
class Truncated(Distribution):
    """A continuous distribution on condition that the value lies between two ends.

    Weights are kept to 16 digits of the whole. In what is left of an upper tail after a cut that is 16 digits of the
    whole still: of a normal cut at 5.5 standard deviations, values are right to about 1e-7 of them.

    Attributes:
        inner: the distribution that is cut.
        low: the lower end, or minus infinity.
        high: the upper end, or infinity.
        below: the weight of ``inner`` up to the lower end.
        upto: the weight of ``inner`` up to the upper end.
    """

    inner: Distribution
    low: float
    high: float
    below: float
    upto: float

    def quantile(self, u: Floats) -> Floats:
        # where the sum rounds to 0 or 1, an end that is open would give an infinite value
        inside = np.clip(self.below + u * (self.upto - self.below), ABOVE_NOTHING, BELOW_ONE)
        return np.clip(self.inner.quantile(inside), self.least, self.most)

    def cdf(self, x: Floats) -> Floats:
        inside = (self.inner.cdf(np.clip(x, self.low, self.high)) - self.below) / (self.upto - self.below)
        return np.clip(inside, 0.0, 1.0)

    @property
    def mean(self) -> float:
        return self._moments[0]

    @property
    def sd(self) -> float:
        return self._moments[1]

    @property
    def least(self) -> float:
        return max(self.low, self.inner.least)

    @property
    def most(self) -> float:
        return min(self.high, self.inner.most)

    @cached_property
    def _moments(self) -> tuple[float, float]:
        return moments(self.quantile)


def moments(quantile: Callable[[Floats], Floats]) -> tuple[float, float]:
    """Integrate a quantile function numerically for the mean and the standard deviation.

    It is done over the standard normal's values, in which tails like a normal's are straight lines. What lies beyond
    8.2 standard deviations has a weight of 2e-16 and is left out, so tails must not be much heavier than a normal's.
    """
    from scipy.integrate import quad

    def over(value: Callable[[float], float]) -> float:
        def weighted(z: float) -> float:
            return value(float(quantile(special.ndtr(np.array([z])))[0])) * exp(-z * z / 2) / sqrt(2 * pi)

        # full_output: what could not be worked out to the last digit is returned without a warning
        return float(quad(weighted, -8.2, 8.2, limit=400, epsabs=0, epsrel=1e-11, points=[0], full_output=1)[0])

    scale = abs(float(quantile(np.array([0.5]))[0])) + float(np.ptp(quantile(np.array([0.01, 0.99]))))
    mean = over(lambda x: x + scale) - scale  # kept away from 0, where a relative tolerance has no meaning
    return mean, sqrt(over(lambda x: (x - mean) ** 2))


@dataclass(frozen=True)
class Normal(Distribution):
    """The normal distribution.

    Attributes:
        centre: the mean.
        spread: the standard deviation, above 0.
    """

    centre: float
    spread: float

    def quantile(self, u: Floats) -> Floats:
        return np.asarray(self.centre + self.spread * special.ndtri(u))

    def cdf(self, x: Floats) -> Floats:
        return np.asarray(special.ndtr((x - self.centre) / self.spread))

    @property
    def mean(self) -> float:
        return self.centre

    @property
    def sd(self) -> float:
        return self.spread


@dataclass(frozen=True)
class LogNormal(Distribution):
    """A number whose natural logarithm is normal.

    Attributes:
        log_median: the mean of the logarithm.
        log_sd: the standard deviation of the logarithm, above 0.
    """

    log_median: float
    log_sd: float

    @classmethod
    def of(cls, mean: float, sd: float, percent: bool = False) -> LogNormal:
        """Return the one with this mean and standard deviation."""
        variance = log(1 + (sd / mean) ** 2) if sd > 1e-6 * mean else (sd / mean) ** 2
        return cls(log(mean) - variance / 2, sqrt(variance), percent=percent)

    def quantile(self, u: Floats) -> Floats:
        return np.asarray(np.exp(self.log_median + self.log_sd * special.ndtri(u)))

    def cdf(self, x: Floats) -> Floats:
        with np.errstate(divide="ignore"):  # the logarithm of 0 is minus infinity, and its weight is 0
            return np.asarray(special.ndtr((np.log(np.maximum(x, 0.0)) - self.log_median) / self.log_sd))

    @property
    def mean(self) -> float:
        return exp(self.log_median + self.log_sd**2 / 2)

    @property
    def sd(self) -> float:
        return self.mean * sqrt(expm1(self.log_sd**2))

    @property
    def least(self) -> float:
        return 0.0

    def within(self, low: float, high: float) -> Distribution:
        below, upto = self._weights(low, high)
        kind = _LogNormalTail if high == inf else Truncated
        return kind(self, low, high, below, upto, percent=self.percent)


class _LogNormalTail(Truncated):
    """A lognormal that is cut from below only: its tail is too heavy for :func:`moments`, and there is a formula."""

    @cached_property
    def _moments(self) -> tuple[float, float]:
        assert isinstance(self.inner, LogNormal)
        middle, sd = self.inner.log_median, self.inner.log_sd
        start = (log(self.low) - middle) / sd if self.low > 0 else -inf

        def power(k: int) -> float:
            kept = float(special.ndtr(k * sd - start) / special.ndtr(-start))
            return exp(k * middle + (k * sd) ** 2 / 2) * kept

        return power(1), sqrt(power(2) - power(1) ** 2)


@dataclass(frozen=True)
class Uniform(Distribution):
    """Every value between two ends is as likely as every other.

    Attributes:
        low: the lower end.
        high: the upper end, above the lower.
    """

    low: float
    high: float

    def quantile(self, u: Floats) -> Floats:
        return np.minimum(self.low + u * (self.high - self.low), self.high)

    def cdf(self, x: Floats) -> Floats:
        return np.clip((x - self.low) / (self.high - self.low), 0.0, 1.0)

    @property
    def mean(self) -> float:
        return self.low + (self.high - self.low) / 2

    @property
    def sd(self) -> float:
        return (self.high - self.low) / sqrt(12)

    @property
    def least(self) -> float:
        return self.low

    @property
    def most(self) -> float:
        return self.high


@dataclass(frozen=True)
class Triangular(Distribution):
    """Likelihood rises in a straight line from the least value to the most likely, and falls in one to the most.

    Attributes:
        low: the least value.
        mode: the most likely, from ``low`` to ``high``.
        high: the greatest, above ``low``.
    """

    low: float
    mode: float
    high: float

    def quantile(self, u: Floats) -> Floats:
        width, rise, fall = self._sides
        up = self.low + np.sqrt(u * (width * rise))
        down = self.high - np.sqrt((1 - u) * (width * fall))
        return np.where(u < rise / width, np.minimum(up, self.mode), np.maximum(down, self.mode))

    def cdf(self, x: Floats) -> Floats:
        width, rise, fall = self._sides
        x = np.clip(x, self.low, self.high)
        # a side of no width is never asked for, except at the mode itself
        up = (x - self.low) ** 2 / (width * rise) if rise else np.zeros_like(x)
        down = 1 - (self.high - x) ** 2 / (width * fall) if fall else np.ones_like(x)
        return np.where(x < self.mode, up, down)

    @property
    def mean(self) -> float:
        width, rise, _ = self._sides
        return self.low + (width + rise) / 3

    @property
    def sd(self) -> float:
        _, rise, fall = self._sides
        return sqrt((rise**2 + fall**2 + rise * fall) / 18)

    @property
    def least(self) -> float:
        return self.low

    @property
    def most(self) -> float:
        return self.high

    @property
    def _sides(self) -> tuple[float, float, float]:
        return self.high - self.low, self.mode - self.low, self.high - self.mode
