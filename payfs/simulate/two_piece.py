"""The two-piece normal distribution: one most likely value, and another spread on either side of it.

It has been the distribution of the Bank of England's fan charts since 1996 (E. Britton, P. Fisher and J. Whitley, "The
Inflation Report projections: understanding the fan chart", Bank of England Quarterly Bulletin 38(1), 1998). It goes
back to G. T. Fechner's "Kollektivmasslehre" of 1897 (K. F. Wallis, "The two-piece normal, binormal, or double Gaussian
distribution: its origin and rediscoveries", Statistical Science 29(1), 2014).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
from scipy import special

from payfs.simulate.distributions import Distribution, Floats


@dataclass(frozen=True)
class TwoPieceNormal(Distribution):
    """Half of a normal on either side of the most likely value, scaled to meet there.

    Attributes:
        mode: the most likely value.
        down: the spread below it, above 0.
        up: the spread above it, above 0.
    """

    mode: float
    down: float
    up: float

    def quantile(self, u: Floats) -> Floats:
        weight = self.weight_below
        low = special.ndtri(np.minimum(u / (2 * weight), 0.5))
        high = special.ndtri(np.minimum((1 - u) / (2 * (1 - weight)), 0.5))
        return np.asarray(self.mode + np.where(u < weight, self.down * low, -self.up * high))

    def cdf(self, x: Floats) -> Floats:
        weight = self.weight_below
        away = x - self.mode
        low = 2 * weight * special.ndtr(np.minimum(away, 0.0) / self.down)
        high = 1 - 2 * (1 - weight) * special.ndtr(-np.maximum(away, 0.0) / self.up)
        return np.asarray(np.where(away < 0, low, high))

    @property
    def weight_below(self) -> float:
        """The probability of a value below the mode."""
        return self.down / (self.down + self.up)

    @property
    def mean(self) -> float:
        return self.mode + sqrt(2 / pi) * (self.up - self.down)

    @property
    def sd(self) -> float:
        return sqrt((1 - 2 / pi) * (self.up - self.down) ** 2 + self.down * self.up)


def fitted(mode: float, below: float, above: float, chance: float, percent: bool = False) -> TwoPieceNormal:
    """Return the two-piece normal that lies in a range with a probability, and outside on either side alike.

    Let ``p`` be the weight below the mode and ``q = (1 - chance) / 2`` the weight that is to lie beyond either end.
    The end below says ``down = below / k(p)`` and the end above ``up = above / k(1 - p)`` with
    ``k(p) = -ndtri(q / 2p)``, and the pieces meet if ``down : up = p : (1 - p)``. ``k`` grows with ``p``, so
    ``below k(1 - p) (1 - p) - above k(p) p`` falls from above 0 at ``p = q`` to below 0 at ``p = 1 - q``: for each
    mode from one end of the range to the other there is one such distribution, and only one.

    Args:
        mode: the most likely value.
        below: how far the lower end of the range lies below it, at least 0.
        above: how far the upper end lies above it, at least 0 and not 0 together with ``below``.
        chance: the probability of a value in the range, above 0 and below 1.
        percent: whether it was written as a percentage.
    """
    from scipy.optimize import brentq

    near, far = min(below, above), max(below, above)
    outside = (1 - chance) / 2

    def weight(t: float) -> float:
        """Return the weight on the near side of the mode where the near end is ``t`` spreads away from it."""
        return outside / (2 * float(special.ndtr(-t)))

    def spreads(p: float) -> float:
        """Return how many spreads away the far end is."""
        return -float(special.ndtri(outside / (2 * (1 - p))))

    def gap(t: float) -> float:
        p = weight(t)
        return near * spreads(p) * (1 - p) - far * t * p

    # solved in t rather than p, and on the near side, where nothing is lost however near the mode is to an end
    alike = -float(special.ndtri(outside))
    even = near == far or gap(alike) >= 0
    p = 0.5 if even else weight(float(brentq(gap, 0.0, alike, xtol=1e-300, rtol=1e-15, maxiter=2000)))
    wide = far / spreads(p)
    narrow = wide * p / (1 - p)
    down, up = (narrow, wide) if below <= above else (wide, narrow)
    return TwoPieceNormal(mode, down, up, percent=percent)
