"""The internal rate of return of dated cash flows, for one path and for a million alike.

All of it is worked in ``x = ln(1 + r)`` and in years of 365 days, ``t``: the value of flows ``f`` is
``sum f e^(-x t)``, and every real ``x`` is a rate in (-1, inf). The rates at which the value is 0 are counted by rules
of signs, the cheapest first; whole numbers decide for most paths:

1. Flows that change sign once have one rate (Descartes' rule of signs, which Laguerre extended to any exponents);
   :mod:`payfs.capital.one_rate` finds it, and only where it does not are they worked out here.
2. Rates above 0 are no more than the sign changes of the running sums, rates below 0 no more than those of the sums
   that still follow (E. Laguerre, "Sur la théorie des équations numériques", J. math. pures et appl. 9, 1883;
   C. J. Norstrøm, "A sufficient condition for a unique nonnegative internal rate of return", JFQA 7(3), 1972).
3. Else all of them are found. ``e^(x c)`` times the value has the same zeros, and between neighbouring zeros of its
   derivative ``sum f (c - t) e^(x (c - t))`` there is one at most (Rolle). Where ``c`` lies at a change of sign the
   derivative has one change less. So from a derivative that has one zero at most, up to the flows themselves, every
   zero is shut in between two others.

A zero is found by Newton's method on ``ln(received / paid in)``, both at their value, which is nearly straight in ``x``
(exactly so for two flows), and never outside the bracket that the signs have shown.

Each path is worked by itself, in the same order of the same operations, wherever it stands: neither the paths beside it
nor the number of threads changes a bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from payfs.capital.given import running, whole, years_of
from payfs.capital.one_rate import WIDE, Reach, changes_of, one_rate
from payfs.money import MOST, Array, refuse_beyond, sum_over
from payfs.threads import processors, side_by_side

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Whole = NDArray[np.int64]

CELLS = 1 << 19  # figures of a block (dates x paths) in one array: a few such arrays fit the processor's cache
CLOSE = 2.0**-26  # a Newton step [share of the span of the dates] whose square is lost in rounding
SMALLEST = 2.0**-52  # the last bit of 1
STEPS = 300  # far beyond what bisection alone would need


class Irr(NamedTuple):
    """The internal rate of return of every path.

    Attributes:
        rate: (paths,) [1 a year, ACT/365]; NaN is none, -1 a total loss.
        several: (paths,) whether more than one rate makes the value 0; ``rate`` is then the one nearest to 0.
    """

    rate: Floats
    several: Flags


def irr(days: Array, flows: Array, *, threads: int | None = None) -> Irr:
    """Return the rate ``r`` at which dated flows are worth nothing: ``sum f_i (1 + r)^(-(d_i - d_0) / 365) = 0``.

    The formula is that of XIRR (OpenFormula: OASIS OpenDocument 1.2, part 2). It is answered for every path:

    - nothing was paid in: NaN, for there is no rate on nothing;
    - money was paid in and nothing ever came back: exactly -1, a total loss, even where there is one date only; so a
      later date without a flow never changes a rate;
    - what came back is what was paid in: exactly 0;
    - the flows begin with a receipt: the rate at which they are worth nothing all the same, which is what the
      money costs its holder;
    - several rates: the one nearest to 0 (of two as near the lower one), and ``several`` says so;
    - no rate at all, as of -100, +200, -150: NaN.

    A gain within one day has no rate, for no time passes; a date has one net flow. A rate that is too large for
    ``float64`` is ``inf``, and one within 1e-16 of -1 is -1. Two rates that are closer than about 1e-7 to each other
    may count as one, or as none: they are as good as one at which the value only touches 0.

    Args:
        days: (dates,) [days since 1970-01-01], strictly ascending.
        flows: (dates, paths) [minor units]: below 0 the holder pays in, above 0 the holder receives.
        threads: how many to work with; as many as there are processors if not said.

    Raises:
        ValueError: days and flows do not fit each other, or days are not ascending.
        TooLarge: an amount passes :data:`payfs.money.MOST`.
    """
    flows = whole(flows)
    years, reach = years_of(days, flows), Reach.of(flows)  # looked through once, which costs as much as a step
    if max(reach.high + [-least for least in reach.low]) > MOST:
        refuse_beyond(flows)
    paths = flows.shape[1]
    rate, several, changes = np.empty(paths), np.zeros(paths, dtype=bool), np.zeros(paths, dtype=np.int32)

    def most(block: slice) -> None:
        some = np.ascontiguousarray(flows[:, block], dtype=np.int64)
        rate[block], known = one_rate(years, some, reach)
        if not known.all():
            here = np.flatnonzero(~known)
            rate[block.start + here], changes[block.start + here] = _by_sums(years, some.take(here, axis=1))

    def rest(block: slice) -> None:
        some = _padded(left[block])
        rate[some], several[some] = _searched(years, flows[:, some].astype(np.int64))

    by_blocks(flows.shape, most, threads)
    if changes.any():
        left = np.argsort(changes, kind="stable")[np.count_nonzero(changes == 0) :]  # alike ones together
        by_blocks((len(years), left.size), rest, threads)
    return Irr(rate, several)


def by_blocks(shape: tuple[int, ...], work: Callable[[slice], None], threads: int | None = None) -> None:
    """Do some work for blocks of paths that fit the processor's cache, several at a time."""
    dates, paths = shape
    size = max(CELLS // dates, WIDE)
    blocks = [slice(start, min(start + size, paths)) for start in range(0, paths, size)]

    def quietly(block: slice) -> None:
        with np.errstate(all="ignore"):  # what leaves the range of floats is decided by its sign
            work(block)

    for _ in side_by_side(quietly, blocks, min(threads or processors(), len(blocks))):
        pass


def discounted(years: Floats, flows: Floats, x: Floats) -> Floats:
    """Return the value of flows at ``x = ln(1 + r)``: (paths,)."""
    weighed = years * -x
    np.exp(weighed, out=weighed)
    weighed *= flows
    return _added(weighed)


def _by_sums(years: Floats, flows: Whole) -> tuple[Floats, NDArray[np.int32]]:
    """Return the rates that rules 1 and 2 decide, and how often the signs of all other paths change."""
    paths = flows.shape[1]
    rate = np.full(paths, np.nan)
    changes = changes_of(flows)
    rate[(changes == 0) & (flows < 0).any(axis=0)] = -1.0
    most = np.minimum(changes, 1)
    maybe = np.flatnonzero(changes > 1)
    if maybe.size:
        most[maybe] = np.minimum(_most(running(flows[:, maybe])), changes[maybe])
    net = sum_over(flows[np.newaxis], 1)[0, 0]
    one = _padded(np.flatnonzero((most == 1) & (net != 0)))
    if one.size:
        value = _Value.of(years, flows[:, one])
        far, start = np.full(one.size, _reach(years, np.log(MOST * len(years)))), np.zeros(one.size)
        rate[one] = np.expm1(_solve(value, -far, far, start, value.ends()[0]))
    rate[(changes > 0) & (most < 2) & (net == 0)] = 0.0
    return rate, np.where(most > 1, changes, 0)


def _searched(years: Floats, flows: Whole) -> tuple[Floats, Flags]:
    """Return the rates of a block whose paths may have several (rule 3), and whether they do."""
    value = _Value.of(years, flows)
    depth, levels, left = np.zeros(flows.shape[1], dtype=np.intp), [value], np.arange(flows.shape[1])
    while (left := left[levels[-1].take(left).most() > 1]).size:
        left = _padded(left)
        levels.append(levels[-1].turned())
        depth[left] += 1
    rate, several = np.empty(flows.shape[1]), np.empty(flows.shape[1], dtype=bool)
    for deep in np.unique(depth).tolist():
        some = _padded(np.flatnonzero(depth == deep))
        zeros = np.expm1(_zeros([level.take(some) for level in levels[: deep + 1]]))
        nearest = np.where(np.isnan(zeros), np.inf, np.abs(zeros)).argmin(axis=0)
        rate[some] = zeros[nearest, np.arange(some.size)]
        several[some] = (~np.isnan(zeros)).sum(axis=0) > 1
    rate[sum_over(flows[np.newaxis], 1)[0, 0] == 0] = 0.0
    return rate, several


def _most(to_date: Array) -> NDArray[np.int32]:
    """Return how many rates there are at most by rule 2, from the running sums; there may be an even number less."""
    to_come = to_date[-1] - to_date
    below = changes_of(np.concatenate([to_date[-1:], to_come[:-1]]))
    most: NDArray[np.int32] = changes_of(to_date) + below + (to_date[-1] == 0)
    return most


def _added(figures: Floats) -> Floats:
    """Add up over the dates, using the array up: always halves upon halves, whatever the number of paths."""
    dates = len(figures)
    while dates > 1:
        half = dates // 2
        figures[:half] += figures[dates - half : dates]
        dates -= half
    return np.array(figures[0])


def _padded(index: NDArray[Any]) -> NDArray[Any]:
    """Repeat an index until it is WIDE."""
    return np.resize(index, WIDE) if 0 < index.size < WIDE else index


class _Value(NamedTuple):
    """The value of flows as a function of ``x``."""

    years: Floats  # (dates, 1)
    flows: Floats  # (dates, paths)
    first: Floats  # (paths,) [years]: of the first flow that is not 0
    last: Floats  # (paths,) [years]: of the last

    @classmethod
    def of(cls, years: Floats, flows: Whole) -> _Value:
        """Read flows, which are whole and below 2^53: none is rounded."""
        there = flows != 0
        first, last = there.argmax(axis=0), len(flows) - 1 - there[::-1].argmax(axis=0)
        return cls(years, flows.astype(np.float64), years[first, 0], years[last, 0])

    def take(self, paths: NDArray[np.intp]) -> _Value:
        return _Value(self.years, self.flows[:, paths], self.first[paths], self.last[paths])

    def at(self, x: Floats) -> tuple[Floats, Floats, Floats]:
        """Return what is received and what is paid in, and by how much later it is received on the average [years].

        Both are at their value at ``x``, up to a factor that they share, by which neither is too large nor are both 0.
        """
        weighed = self.years * -x
        weighed += x * np.where(x < 0, self.last, self.first)
        np.minimum(weighed, 0, out=weighed)  # before the first flow and after the last, where nothing is to be weighed
        np.exp(weighed, out=weighed)
        weighed *= self.flows
        more = np.maximum(weighed, 0)
        weighed -= more
        timed = more * self.years
        late, received = _added(timed), _added(more)
        np.multiply(weighed, self.years, out=timed)
        early, paid_in = _added(timed), -_added(weighed)
        return received, paid_in, late / received + early / paid_in

    def sign(self, x: Floats) -> Floats:
        """Return the sign of the value; 0 where it is no more than what rounding may have left."""
        received, paid_in, _ = self.at(x)
        rounding = (8 + np.abs(x) * self.years[-1]) * SMALLEST
        net = received - paid_in
        return np.where(np.abs(net) <= rounding * (received + paid_in), 0.0, np.sign(net))

    def most(self) -> NDArray[np.int32]:
        """Return how many zeros there are at most by rules 1 and 2; sums that rounding may have turned do not count."""
        to_date = np.cumsum(self.flows, axis=0)
        size = np.abs(self.flows).max(axis=0) * len(self.years) ** 2 * SMALLEST
        sure = ((np.abs(to_date) > size) | (self.years < self.first)).all(axis=0)
        sure &= ((np.abs(to_date[-1] - to_date) > size) | (self.years >= self.last)).all(axis=0)
        changes = changes_of(self.flows)
        return np.where(sure, np.minimum(_most(to_date), changes), changes)

    def ends(self) -> tuple[Floats, Floats]:
        """Return the sign of the value far below 0, where the last flow outweighs all, and far above: of the first."""
        dates, paths = self.years[:, 0], np.arange(self.first.size)
        last, first = (self.flows[np.searchsorted(dates, day), paths] for day in (self.last, self.first))
        return np.sign(last), np.sign(first)

    def turned(self) -> _Value:
        """Return the derivative with one change of sign less: of the changes, the one in the middle."""
        wanted = (changes_of(self.flows) + 1) // 2
        count, last, day, center = np.zeros_like(wanted), *np.zeros((3, wanted.size))
        for year, sign in zip(self.years[:, 0], np.sign(self.flows), strict=True):
            turn = sign * last < 0
            count += turn
            center = np.where(turn & (count == wanted), (day + year) / 2, center)
            last, day = np.where(sign == 0, last, sign), np.where(sign == 0, day, year)
        flows = self.flows * (self.years - center)
        return self._replace(flows=flows / np.abs(flows).max(axis=0))


def _reach(years: Floats, sizes: Any) -> Any:
    """Return an ``x`` beyond which the first flow, or before its opposite the last, outweighs all others together.

    Args:
        years: (dates, 1), more than one.
        sizes: the logarithm of the sum of all flows over the smallest.
    """
    return (sizes + 2) / np.diff(years[:, 0]).min()


def _zeros(levels: list[_Value]) -> Floats:
    """Return every ``x`` at which the value is 0: (so many, paths), NaN where there are no more.

    Args:
        levels: the value and its derivatives as far as the one that has one zero at most.
    """
    value = levels[0]
    paths = np.arange(value.flows.shape[1])
    sizes = [np.abs(level.flows) for level in levels]
    ratios = [size.max(axis=0) / size.min(axis=0, where=size > 0, initial=np.inf) for size in sizes]
    far = _reach(value.years, np.log(len(value.years) * np.max(ratios, axis=0)))
    zeros = np.empty((0, paths.size))
    for level in reversed(levels):
        points = np.stack([-far, *np.fmin(zeros, far), far])
        low, high = level.ends()
        signs = np.stack([low, *(level.sign(x) for x in points[1:-1]), high])
        found = np.full((2 * len(zeros) + 1, paths.size), np.nan)
        found[: len(zeros)] = np.where(signs[1:-1] == 0, zeros, np.nan)
        place, path = np.nonzero(signs[:-1] * signs[1:] < 0)
        if path.size:
            place, path = _padded(place), _padded(path)
            low, high = points[place, path], points[place + 1, path]
            near = 8 / value.years[-1, 0]  # most rates are near 0, or near another one
            start = _middle(np.fmax(low, np.fmin(high, 0) - near), np.fmin(high, np.fmax(low, 0) + near))
            found[len(zeros) + place, path] = _solve(level.take(path), low, high, start, signs[place, path])
        found.sort(axis=0)
        zeros = found[: max((~np.isnan(found)).sum(axis=0).max(), 1)]
    return zeros


def _middle(low: Floats, high: Floats) -> Floats:
    """Return a point between two: of wide brackets so that small and large ones are narrowed alike."""
    wide = np.sinh((np.arcsinh(32 * low) + np.arcsinh(32 * high)) / 2) / 32
    return np.where(high - low > 1, wide, (low + high) / 2)


def _solve(value: _Value, low: Floats, high: Floats, x: Floats, sign: Floats) -> Floats:
    """Return the zero of each path between two ends, of which there is one: (paths,).

    Args:
        value: of flows.
        low: (paths,), below the zero.
        high: (paths,), above it.
        x: (paths,), where to start between them.
        sign: (paths,), that of the value at ``low``.
    """
    span = value.years[-1, 0]
    zero, left, before = x.copy(), np.arange(x.size), np.full(x.size, np.inf)
    for _ in range(STEPS):
        received, paid_in, later = value.at(x)
        beyond = (received > paid_in) == (sign > 0)
        low, high = np.where(beyond, x, low), np.where(beyond, high, x)
        step = np.log(received / paid_in) / later
        straight = (x + step > low) & (x + step < high) & (2 * np.abs(step) <= before)
        new = x + step
        if (astray := _padded(np.flatnonzero(~straight))).size:
            new[astray] = _middle(low[astray], high[astray])
        before = np.abs(new - x)
        exact = received == paid_in
        new = np.where(exact, x, new)
        done = exact | straight & (before * span <= CLOSE) | ((high - low) * span <= SMALLEST * (1 + np.abs(x) * span))
        zero[left] = new
        if done.any():
            keep = _padded(np.flatnonzero(~done))
            if not keep.size:
                break
            value, left = value.take(keep), left[keep]
            low, high, new, sign, before = (array[keep] for array in (low, high, new, sign, before))
        x = new
    return zero
