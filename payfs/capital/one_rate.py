"""The rate of return of flows that change sign once, which is what most deals are: money goes in, and then comes back.

Such flows have one rate, as Descartes' rule of signs has it; :mod:`payfs.capital.irr` says what ``x`` and ``t`` are,
and decides all other flows. With ``R`` what is received and ``P`` what is paid in, both at their value at ``x``, the
rate is the zero of ``ln(R / P)``, whose derivatives are the cumulants of the dates: it falls by ``D``, by how much
later money is received than paid in on the average, bends by ``V``, by how much more the dates vary on which it is
received, and so on. Steps of ``s + A s^2 + (2 A^2 - B) s^3``, with ``s = ln(R / P) / D``, ``A = V / 2D`` and ``B`` the
difference of the third cumulants over ``6D``, leave an error of the fourth order (the inverse series: J. F. Traub,
"Iterative methods for the solution of equations", 1964, 5.1). The first is made from ``x = 0``, where nothing needs to
be weighed, in single precision: it is off by more than that anyway. Where as much is received as paid in, or nearly so,
the next is made from exactly 0 as well.

Weights are worked out from each date to the next, so that dates that are equally far apart share one exponential. Each
path is worked by itself, in the same order of the same operations: to add 0, where others have a flow, changes no bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from payfs.money import Array, sum_over

Floats = NDArray[np.floating[Any]]  # in double precision, where nothing else is said
Flags = NDArray[np.bool_]
Whole = NDArray[np.int64]

WIDE = 8  # least paths of a block: shorter arrays may go another way through numpy, which could change the last bit
EXACT = 2**53  # whole numbers below it are floats
STEPS = 3  # after the first; whoever needs more of them is left to the slower way, which cannot go astray
NEAR = 2.0**-10  # how far apart R and P may be to be nearly even, beside what single precision may lose of each flow
FAR = 600.0  # how far from 0 an x is looked for, times the span of the dates: weights stay within the range of floats
MANY = 0.75  # share of the paths below which those that are left are worked by themselves

CLOSE = 2.0**-12
"""How small ``s T^2 / D`` has to be for the error of a step to be lost in rounding.

Of dates in a span ``T`` the variance is at most ``T^2 / 4``, the third cumulant ``T^3 / 10`` and the fourth ``T^4 /
8``, so that what the series leaves out is at most ``s^4 T^3 (T / D)^3 / 25``, and ``D`` is at most ``T``.
"""


class Reach(NamedTuple):
    """How far flows go on each date, over all paths [minor units].

    Attributes:
        low: the lowest, and no more than 0, (dates,).
        high: the highest, and no less than 0, (dates,).
    """

    low: list[int]
    high: list[int]

    @classmethod
    def of(cls, flows: Array) -> Reach:
        """Look flows through, (dates, paths)."""
        return cls(flows.min(axis=1, initial=0).tolist(), flows.max(axis=1, initial=0).tolist())


class _Side(NamedTuple):
    """What is received, or what is paid in (below 0).

    Attributes:
        first: the place of the first date on which any path has such a flow.
        flows: from then on, (so many dates, paths).
    """

    first: int
    flows: Floats

    @property
    def at(self) -> slice:
        """The places of its dates."""
        return slice(self.first, self.first + len(self.flows))

    @property
    def at_once(self) -> bool:
        """Whether all flows on the first date, where nothing needs to be weighed."""
        return self.first == 0 and len(self.flows) == 1

    def single(self) -> _Side:
        """Return it in single precision."""
        return self._replace(flows=self.flows.astype(np.float32))

    def take(self, paths: NDArray[np.intp]) -> _Side:
        """Return some of the paths."""
        return self._replace(flows=self.flows.take(paths, axis=1))


class _Sums(NamedTuple):
    """What a side comes to at its value.

    Attributes:
        total: in all, (paths,).
        moments: times the years, their squares and their cubes, over the total, (3, paths); None where all flows on the
            first date.
    """

    total: Floats
    moments: Floats | None

    def cumulants(self) -> tuple[Floats, Floats, Floats]:
        """Return the average date, the variance of the dates and their third cumulant, using the moments up."""
        assert self.moments is not None
        mean, second, third = self.moments
        variance = second - mean * mean
        second += variance
        second += variance
        second *= mean
        third -= second
        return mean, variance, third


def changes_of(figures: Array) -> NDArray[np.int32]:
    """Count the changes of sign over the dates, passing over 0: (paths,)."""
    count = np.zeros(figures.shape[1], dtype=np.int32)
    last = np.zeros(figures.shape[1], dtype=np.int8)
    for sign in (figures > 0).view(np.int8) - (figures < 0).view(np.int8):
        count += sign * last < 0
        last = np.where(sign == 0, last, sign)
    return count


def one_rate(years: Floats, flows: Whole, reach: Reach) -> tuple[NDArray[np.float64], Flags]:
    """Return the rates of a block, and on which paths they are known; the others are not for this way to decide.

    Args:
        years: (dates, 1), from 0.
        flows: (dates, paths) [minor units].
        reach: how far they go, or those of which they are a block.
    """
    paths = flows.shape[1]
    if 0 < paths < WIDE:
        rate, known = one_rate(years, flows.take(np.resize(np.arange(paths), WIDE), axis=1), reach)
        return rate[:paths], known[:paths]
    low, high = reach
    received = [place for place, most in enumerate(high) if most > 0]
    paid = [place for place, least in enumerate(low) if least < 0]
    figures = flows.astype(np.float64, order="C")  # so that dates are added up one after the other
    # most often all pay in before any receives
    sure = not received or not paid or paid[-1] < received[0] or received[-1] < paid[0]
    back = _side(figures, received) if sure else _Side(0, np.maximum(figures, 0))
    given = _side(figures, paid) if sure else _Side(0, np.minimum(figures, 0))
    single = years.astype(np.float32)
    got, put = (_summed(single, side.single()) for side in (back, given))
    nothing_in, nothing_back = put.total == 0, got.total == 0
    once = ~(nothing_in | nothing_back)
    if not sure:
        once &= changes_of(flows) == 1
    if max(*high, *(-least for least in low)) * len(flows) >= EXACT:
        once &= sum_over(flows[np.newaxis], 1)[0, 0] != 0  # floats may not tell that it is exactly 0
    x, known = np.zeros(paths), np.zeros(paths, dtype=bool)
    if once.any():
        apart = np.abs(got.total + put.total) > (NEAR + len(years) * 2.0**-23) * got.total
        apart &= once
        x = _step(got, put, float(years[-1, 0]))[0].astype(np.float64)
        if not apart.all():
            x[~apart] = 0
        _solve(years, (back, given), once, x, known)
    rate = np.expm1(x)
    if not known.all():
        rate[nothing_back], rate[nothing_in] = -1.0, np.nan
        known |= nothing_in | nothing_back
    return rate, known


def _side(figures: Floats, places: list[int]) -> _Side:
    """Return the flows from the first to the last of some dates."""
    return _Side(places[0], figures[places[0] : places[-1] + 1]) if places else _Side(0, figures[:0])


def _weighed(years: Floats, sides: Sequence[_Side], x: Floats) -> list[_Side]:
    """Return sides with their flows at their value at ``x``."""
    made = [side if side.at_once else side._replace(flows=np.empty_like(side.flows)) for side in sides]
    weights: Floats = np.ones(x.size)
    grown, own = dict[float, Floats](), np.empty(x.size)
    for place, gap in enumerate([0.0, *np.diff(years[:, 0]).tolist()]):
        if place:
            if gap not in grown:
                grown[gap] = np.exp(x * -gap)
            weights = grown[gap] if place == 1 else np.multiply(weights, grown[gap], out=own)
        for side, new in zip(sides, made, strict=True):
            if new is not side and side.at.start <= place < side.at.stop:
                np.multiply(side.flows[place - side.first], weights, out=new.flows[place - side.first])
    return made


def _summed(years: Floats, side: _Side) -> _Sums:
    """Return what a side comes to whose flows are at their value."""
    if side.at_once:
        return _Sums(side.flows[0], None)
    powers = np.repeat(years[side.at].T, 4, axis=0)
    powers[0] = 1
    np.multiply.accumulate(powers, axis=0, out=powers)
    # date by date for all paths at once, and so in the same order for each; matmul would go its own way
    sums = np.einsum("md,dp->mp", powers, side.flows)
    total, moments = sums[0], sums[1:]
    moments /= total
    return _Sums(total, moments)


def _step(got: _Sums, put: _Sums, span: float) -> tuple[Floats, Flags]:
    """Return the step towards the zero, and whether its error is lost in rounding."""
    if put.moments is None:
        later, wider, skew = got.cumulants()
    elif got.moments is None:
        later, wider, skew = (np.negative(one, out=one) for one in put.cumulants())
    else:
        later, wider, skew = (one - other for one, other in zip(got.cumulants(), put.cumulants(), strict=True))
    sooner = 1 / later
    step: Floats = got.total / put.total
    np.negative(step, out=step)
    np.log(step, out=step)
    step *= sooner
    size = step * sooner
    np.abs(size, out=size)
    close: Flags = size <= CLOSE / span**2
    # s (1 + s/2 (2A + s (4 A^2 - 2B)))
    wider *= sooner
    skew *= sooner
    skew *= 1 / 3
    more = np.multiply(wider, wider, out=size)
    more -= skew
    more *= step
    more += wider
    more *= step
    more *= 0.5
    more *= step
    step += more
    return step, close


def _solve(years: Floats, sides: tuple[_Side, _Side], once: Flags, x: Floats, found: Flags) -> None:
    """Work out the zeros, and on which paths they are found.

    Args:
        years: (dates, 1).
        sides: what is received and what is paid in.
        once: which paths are to be solved; those that leave the range of floats are taken out.
        x: near the zeros, which are written to it; 0 on paths that are not to be solved.
        found: of no path yet.
    """
    left: NDArray[np.intp] | None = None
    span = float(years[-1, 0])
    for _ in range(STEPS):
        if not max(float(x.max()), -float(x.min())) * span < FAR:
            once &= np.abs(x) * span < FAR  # what leaves it would do so on some dates only, which others may have
        todo = once & ~found
        many = int(np.count_nonzero(todo))
        if not many:
            break
        left = None if many > MANY * x.size else np.resize(np.flatnonzero(todo), max(many, WIDE))
        here = sides if left is None else [side.take(left) for side in sides]
        got, put = (_summed(years, side) for side in _weighed(years, here, x if left is None else x[left]))
        step, close = _step(got, put, span)
        if left is None:
            x += np.where(found, 0, step) if found.any() else step
            found |= close & once
        else:
            x[left] += step
            found[left] = close
