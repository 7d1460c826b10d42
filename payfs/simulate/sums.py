"""People without drawing people: the distribution of a sum, worked out once, and counts drawn from one uniform each.

What independent people with the same chances come to in all has one distribution, and its probabilities follow from
those of one person exactly, up to rounding of floats: one lookup for each path then stands for hundreds of people. All
amounts are whole steps of a metric. A grid of more than :data:`MOST_POINTS` steps is refused, so that a caller can take
coarser steps or draw people one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

MOST_POINTS = 2**24
"""The longest grid [steps]: 128 MB of probabilities."""

MOST_PEOPLE = 10**9
"""The most people of a count: with more the probabilities would lose too many digits."""

TAIL = 1e-15
"""The probability that may be cut off at both ends together."""


class Pmf(NamedTuple):
    """The probabilities of whole numbers that follow each other."""

    first: int  # the number that the first probability is of [steps]
    chances: Floats  # (points,), of at least 0, adding up to 1

    @property
    def mean(self) -> float:
        """Return the expected number [steps]."""
        return self.first + float(np.arange(len(self.chances)) @ self.chances)

    @property
    def variance(self) -> float:
        """Return the variance [steps squared]."""
        away = np.arange(len(self.chances)) - (self.mean - self.first)
        return float((away * away) @ self.chances)


def of_one(cdf: Callable[[Floats], Floats], scale: float, least: int, most: int) -> Pmf:
    """Put a distribution on whole steps: the amount times ``scale``, rounded half up.

    What lies below ``least`` or above ``most`` counts as these.

    Args:
        cdf: the chance of at most so much, for an array of amounts.
        scale: steps in one unit of the amount; above 0.
        least: the least number [steps].
        most: the greatest number [steps].

    Raises:
        ValueError: the grid is empty or too long, the scale is not above 0, or the chances are not chances.
    """
    if not least <= most:
        raise ValueError(f"the least, {least:,}, is more than the most, {most:,}")
    _refuse_long(most - least + 1)
    if not 0 < scale < np.inf:
        raise ValueError(f"amounts are to be multiplied by {scale}, which is not a number above 0")
    # half a step up belongs to the next step, with what chance may stand on it: so the cdf is asked just below
    edges = np.nextafter((np.arange(least, most) + 0.5) / scale, -np.inf)
    below = np.asarray(cdf(edges), dtype=np.float64)
    if below.shape != edges.shape or not ((below >= 0) & (below <= 1)).all():
        raise ValueError("the chances of at most so much do not all lie between 0 and 1")
    chances = np.diff(below, prepend=0.0, append=1.0)
    if chances.min() < -1e-9:
        raise ValueError("the chances of at most so much fall where the amount rises")
    return _trimmed(least, chances)


def thinned(pmf: Pmf, chance: float) -> Pmf:
    """Let each person count with a chance only, and for 0 otherwise.

    Raises:
        ValueError: the chance does not lie between 0 and 1, or the grid is too long.
    """
    if not 0 <= chance <= 1:
        raise ValueError(f"the chance {chance} does not lie between 0 and 1")
    return mixed([(chance, pmf), (1 - chance, Pmf(0, np.ones(1)))])


def mixed(parts: Sequence[tuple[float, Pmf]]) -> Pmf:
    """Let each person be of one of several kinds: the chance of each kind, and its probabilities.

    Raises:
        ValueError: the chances do not add up to 1, or the grid is too long.
    """
    weights = [weight for weight, _ in parts]
    if not parts or not min(weights) >= 0 or not abs(sum(weights) - 1) <= 1e-9:
        raise ValueError(f"the chances of the kinds add up to {sum(weights):.10g} and not to 1, or one is below 0")
    first = min(pmf.first for _, pmf in parts)
    length = max(pmf.first + len(pmf.chances) for _, pmf in parts) - first
    _refuse_long(length)
    chances = np.zeros(length)
    for weight, pmf in parts:
        start = pmf.first - first
        chances[start : start + len(pmf.chances)] += weight * pmf.chances
    return _trimmed(first, chances)


def sum_of(pmf: Pmf, people: int) -> Pmf:
    """Work out the probabilities of the sum over so many independent people with the same probabilities.

    The transform of the sum is that of one person to the power of the people (fast Fourier transform: J. W. Cooley and
    J. W. Tukey, "An algorithm for the machine calculation of complex Fourier series", 1965). Only the stretch outside
    of which less than :data:`TAIL` can lie is worked out, by the bound of H. Chernoff, "A measure of asymptotic
    efficiency for tests of a hypothesis based on the sum of observations", 1952; what lies outside it falls, as the
    transform goes round, on a place inside it. Round-off below 0 is cut. A cumulative probability is right to 1e-13 and
    1e-16 for each person; a probability below that is not to be relied on.

    Raises:
        ValueError: the people are fewer than 0, or the grid is too long.
    """
    if people < 0:
        raise ValueError(f"there are {people:,} people; write a whole number of at least 0")
    if people == 1:
        return pmf
    some = np.flatnonzero(pmf.chances)
    pmf = Pmf(pmf.first + int(some[0]), pmf.chances[some[0] : some[-1] + 1])
    if people == 0 or len(pmf.chances) == 1:
        return Pmf(people * pmf.first, np.ones(1))
    from scipy.fft import irfft, next_fast_len, rfft

    low, high = _reach(pmf.chances, people)
    _refuse_long(high - low + 1)
    length = next_fast_len(high - low + 1, real=True)
    one = np.zeros(-(-len(pmf.chances) // length) * length)
    one[: len(pmf.chances)] = pmf.chances
    around = irfft(_power(rfft(one.reshape(-1, length).sum(axis=0)), people), length)
    chances = np.roll(around, -(low % length))[: high - low + 1]
    return _trimmed(people * pmf.first + low, chances)


@dataclass(frozen=True)
class Sampler:
    """Turns uniforms into numbers with given probabilities.

    By a guide table (H.-C. Chen and Y. Asau, "On generating random variates from an empirical distribution", 1974;
    L. Devroye, "Non-uniform random variate generation", 1986, III.2.4): for each of so many equal parts of the range 0
    to 1, the first number that one of its uniforms can mean, and the chance of at most that number. Where a part can
    mean one number more, one comparison decides; where it can mean several more, the number is searched.

    Chances are rounded to the grid on which uniforms are drawn, between whose points these lie. So all is decided in
    whole numbers, by one figure for each part: added to the uniform's own, it leaves above the lowest :attr:`low` bits
    the number itself, or how far it is from :attr:`least` where numbers are too large for that.

    Attributes:
        first: the least number [steps].
        least: what is still to be added to a number that was looked up; 0 for all but very large numbers [steps].
        upto: the chance of at most each number, (points,); the last is 1.
        guide: the figure of each part, :data:`SEVERAL` where a part can mean several more, (a power of two,).
        low: how many of a uniform's bits tell where it lies in its part.
    """

    first: int
    least: int
    upto: Floats
    guide: Whole
    low: int

    @property
    def last(self) -> int:
        """The greatest number [steps]."""
        return self.first + len(self.upto) - 1

    def quantile(self, u: Floats, out: Whole | None = None) -> Whole:
        """Return for each uniform the least number whose cumulative probability is not below it, in the shape of u.

        Args:
            u: uniforms, strictly between 0 and 1.
            out: where to write the numbers; a new array if not said.
        """
        bits = np.multiply(u, BELOW, out=np.empty(u.shape, dtype=np.int64), casting="unsafe")
        part = np.right_shift(bits, self.low, out=out)
        # no uniform lies in a part that the table has not; to look whether one does takes longer than all the rest
        bits += self.guide.take(part, mode="wrap")
        number = np.right_shift(bits, self.low, out=part)
        if (searched := number < FEWEST >> self.low).any():
            several = np.nonzero(searched)
            number[several] = np.searchsorted(self.upto, u[several]) + (self.first - self.least)
        if self.least:
            number += self.least
        return number


GRID = 2**52  # points, by which uniforms are drawn
BELOW = GRID - 0.5  # a float times this is the one just below it times the grid: what is on a point has not passed it
SEVERAL = -(2**62)  # of a guide's part: whatever uniform is added, it is below FEWEST
FEWEST = -(2**60)  # of a guide's part that tells a number, which is at most as far above 0
CACHED = 2**16  # parts that a table may have where few are needed: they fit the processor's cache


def sampler(pmf: Pmf) -> Sampler:
    """Make the table by which uniforms become numbers."""
    upto = np.minimum(np.cumsum(pmf.chances), 1.0)
    # what follows the last number with a chance cannot be drawn by any uniform
    upto[np.flatnonzero(pmf.chances)[-1] :] = 1.0
    edges = np.floor(upto * GRID + 0.5).astype(np.int64)
    upto = edges / GRID
    # the more parts, the fewer in which several numbers are to be searched
    bits = max((2 * len(upto) - 1).bit_length(), min((8 * len(upto) - 1).bit_length(), CACHED.bit_length() - 1))
    low = GRID.bit_length() - 1 - bits
    starts = np.arange(2**bits + 1) << low
    places = np.searchsorted(edges, starts, side="right")
    guide = (places[:-1] + 1 << low) - np.minimum(edges[places[:-1]], starts[1:])
    least = 0 if abs(pmf.first) + len(upto) < -FEWEST >> low else pmf.first
    guide += pmf.first - least << low
    guide[np.diff(places) > 1] = SEVERAL
    return Sampler(pmf.first, least, upto, guide, low)


def _refuse_long(points: int) -> None:
    if points > MOST_POINTS:
        raise ValueError(
            f"the sum has {points:,} possible values, more than the {MOST_POINTS:,} that can be worked out at once; "
            "take coarser steps, or draw people one by one"
        )


def _trimmed(first: int, chances: Floats) -> Pmf:
    """Cut round-off below 0 and the tails, and let the rest add up to 1."""
    chances = np.maximum(chances, 0.0)
    start = int(np.searchsorted(np.cumsum(chances), TAIL / 2, side="right"))
    stop = len(chances) - int(np.searchsorted(np.cumsum(chances[::-1]), TAIL / 2, side="right"))
    chances = chances[start:stop]
    return Pmf(first + start, chances / chances.sum())


def _reach(chances: Floats, people: int) -> tuple[int, int]:
    """Return the stretch of the sum outside of which at most :data:`TAIL` lies, counted from its least value."""
    top = len(chances) - 1
    mean = _weighed(np.arange(top + 1), chances)
    sd = float(np.sqrt(_weighed((np.arange(top + 1) - mean) ** 2, chances)))
    if sd == 0.0:
        return 0, people * top
    spare = float(np.log(2 / TAIL))
    # the bound holds for every tilt; the best is near the first for many people, and near the second where few of them
    # come to anything
    normal, rare = np.sqrt(2 * spare / people) / sd, 8 / top
    least, most = min(normal, rare) / 4, max(normal, rare) * 4
    tilts: list[float] = np.geomspace(least, most, 2 + int(np.log2(most / least))).tolist()

    def beyond(chances: Floats) -> float:
        """The sum over the mean that is passed with a chance of half the tail at most."""
        mean = _weighed(np.arange(top + 1), chances)
        # from the greatest value down, so that no exponential can overflow
        up = np.arange(-top, 1)
        grown = [float(np.log(_weighed(np.exp(tilt * up), chances))) + tilt * (top - mean) for tilt in tilts]
        return min(float(people * log + spare) / tilt for log, tilt in zip(grown, tilts, strict=True))

    low = np.floor(people * mean - beyond(chances[::-1]))
    high = np.ceil(people * mean + beyond(chances))
    return max(0, int(low)), min(people * top, int(high))


def _weighed(numbers: NDArray[Any], chances: Floats) -> float:
    """Add up numbers, each times its chance.

    Not by ``@``, whose last bits depend on how many threads the library of linear algebra takes, and so on the machine.
    """
    return float((numbers * chances).sum())


def _power(numbers: NDArray[np.complex128], exponent: int) -> NDArray[np.complex128]:
    """Multiply by repeated squaring, which is faster and nearer than logarithms."""
    result = numbers
    for bit in f"{exponent:b}"[1:]:
        result = result * result
        if bit == "1":
            result = result * numbers
    return result


def binomial_quantile(u: Floats, n: Whole | int, p: Floats | float) -> Whole:
    """Return how many of n people something happens to, each with chance p: the quantile of the binomial distribution.

    It is the least number whose cumulative probability, as scipy's ``bdtr`` has it, is not below u. The expansion of
    E. A. Cornish and R. A. Fisher, "Moments and cumulants in the specification of distributions", 1937, finds it
    nearly always, one cumulative probability shows whether it did, and the rest is searched. Where n and p are the same
    on all paths, ``sampler(sum_of(Pmf(0, [1 - p, p]), n))`` is faster.

    Args:
        u: uniforms, (paths,).
        n: people, one number or (paths,).
        p: the chance, one for all or (paths,), where what is not known about it is shared by all people.

    Raises:
        ValueError: a uniform, number or chance is out of its range.
    """
    from scipy.special import gammaln, xlog1py, xlogy

    shape = np.broadcast_shapes(np.shape(u), np.shape(n), np.shape(p))
    u, n, p = (np.ascontiguousarray(np.broadcast_to(given, shape)).ravel() for given in (u, n, p))
    if not ((u > 0) & (u < 1)).all():
        raise ValueError("uniform numbers do not all lie between 0 and 1")
    if n.dtype.kind not in "iu" or not ((n >= 0) & (n <= MOST_PEOPLE)).all():
        raise ValueError(f"people are not all counted in whole numbers from 0 to {MOST_PEOPLE:,}")
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("chances do not all lie between 0 and 1")
    k = _near(u, n, p)
    upto = _upto(k, n, p)
    short = upto < u
    mass = np.exp(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1) + xlogy(k, p) + xlog1py(n - k, -p))
    before = upto - mass
    # what is taken off is less exact than the cumulative probability, which alone decides where it is close
    close = np.flatnonzero(np.abs(before - u) <= 0.01 * mass + 1e-11)
    before[close] = _upto(k[close] - 1, n[close], p[close])
    wrong = np.flatnonzero(short | (before >= u))
    if wrong.size:
        k[wrong] = _searched(u[wrong], n[wrong], p[wrong], k[wrong], short[wrong])
    return k.astype(np.int64).reshape(shape)


def multinomial(u: Floats, n: Whole | int, chances: Floats) -> Whole:
    """Return how many of n people show each of several patterns.

    One pattern after the other takes from the people who are left, with its chance among the patterns that are left
    (L. Devroye, "Non-uniform random variate generation", 1986, XI.1.4).

    Args:
        u: uniforms, (patterns - 1, paths).
        n: people, one number or (paths,).
        chances: the chance of each pattern, (patterns,) or (patterns, paths), adding up to 1.

    Returns:
        Counts that add up to n on each path, (patterns, paths).

    Raises:
        ValueError: the shapes do not fit, the chances do not add up to 1, or something is out of its range.
    """
    if len(u) != len(chances) - 1:
        raise ValueError(f"{len(chances)} patterns need {len(chances) - 1} uniform numbers for each path, not {len(u)}")
    if not (chances >= 0).all() or not (np.abs(chances.sum(axis=0) - 1) <= 1e-9).all():
        raise ValueError("the chances of the patterns do not add up to 1, or one is below 0")
    left = np.cumsum(chances[::-1], axis=0)[::-1]
    counts = np.empty((len(chances), u.shape[1]), dtype=np.int64)
    counts[-1] = n
    for pattern, own in enumerate(chances[:-1]):
        chance = np.minimum(own / np.where(left[pattern] > 0, left[pattern], 1), 1)
        counts[pattern] = binomial_quantile(u[pattern], counts[-1], chance)
        counts[-1] -= counts[pattern]
    return counts


def _upto(k: Floats, n: Whole, p: Floats) -> Floats:
    """Return the chance of at most k."""
    from scipy.special import bdtr

    upto: Floats = np.where(k < 0, 0.0, bdtr(np.maximum(k, 0), n, p))
    return upto


def _near(u: Floats, n: Whole, p: Floats) -> Floats:
    """Return the quantile by the expansion of Cornish and Fisher, a whole number that is right or nearly so."""
    from scipy.special import ndtri

    z = ndtri(u)
    variance = np.maximum(n * p * (1 - p), 1e-9)
    skew = (1 - 2 * p) / np.sqrt(variance)
    z2 = z * z
    shape = skew * (z2 - 1) / 6 + (z2 - 3) * z * (1 / variance - 6 / np.maximum(n, 1)) / 24
    shape -= skew * skew * (2 * z2 - 5) * z / 36
    near: Floats = np.clip(np.floor(n * p + np.sqrt(variance) * (z + shape) + 0.5), 0, n)
    return near


def _searched(u: Floats, n: Whole, p: Floats, k: Floats, short: NDArray[np.bool_]) -> Floats:
    """Search upwards from numbers that are too small, downwards from those that are too large."""
    low, high = np.where(short, k, k - 2), np.where(short, k + 1, k - 1)
    stretch = 1
    while True:
        from_below, from_above = _upto(low, n, p) < u, _upto(high, n, p) >= u
        if (from_below & from_above).all():
            break
        stretch *= 2
        lower = np.where(from_below, np.where(from_above, low, high), np.maximum(low - stretch, -1))
        high = np.where(from_above, np.where(from_below, high, low), np.minimum(high + stretch, n))
        low = lower
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        enough = _upto(middle, n, p) >= u
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return high
