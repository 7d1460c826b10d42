"""The distribution of an amount, drawn with plain letters: how many paths come to how much, with the budget marked."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from payfs.report.lines import WIDTH
from payfs.report.simulation_figures import Shown, number
from payfs.simulate.risk import GRID

Floats = NDArray[np.float64]
MOST = 18  # bars, but for those at the ends


def histogram(grid: Floats, shown: Shown, budget: int | None = None, passed: str = "") -> Iterator[str]:
    """Draw a distribution, a bar for each stretch of amounts.

    The bar beside an amount is for the paths that come to more than the amount above it and up to this one, so that a
    budget lies between two bars. Shares are read off the percentiles, which are half a percent apart, and so are
    written in whole percents.

    Args:
        grid: percentiles, by :data:`payfs.simulate.risk.GRID` [minor units].
        shown: how amounts are written.
        budget: what is marked, or None [minor units].
        passed: what is said beside the mark.
    """
    bars = stretches(grid, shown.least, budget)
    edges, shares = [bar.upto for bar in bars], [bar.share for bar in bars]
    heads = [number(edge / shown.each, shown.places) for edge in edges]
    left = max(len("up to"), *map(len, heads))
    most = max(shares)
    room = WIDTH - left - 4 - 8
    yield f"  {'up to'.rjust(left)}"
    marked = budget is None
    if budget is not None and budget < edges[0]:
        yield _mark(left, passed)
        marked = True
    for edge, head, share in zip(edges, heads, shares, strict=True):
        length = max(round(room * share / most), 1) if share > 0 else 0
        yield f"  {head.rjust(left)} |{'#' * length}{' ' if length else ''}{_percent(share)}"
        if not marked and budget is not None and edge >= budget:
            yield _mark(left, passed)
            marked = True
    if not marked:
        yield _mark(left, passed)


class Bar(NamedTuple):
    """A stretch of amounts, and the share of paths that come to more than its beginning and up to its end.

    Attributes:
        above: where it begins [minor units].
        upto: where it ends [minor units].
        share: of all paths.
    """

    above: int
    upto: int
    share: float


def stretches(grid: Floats, least: int, budget: int | None = None) -> list[Bar]:
    """Cut a distribution into stretches of the same width.

    Args:
        grid: percentiles, by :data:`payfs.simulate.risk.GRID` [minor units].
        least: the smallest width [minor units].
        budget: what has to lie between two stretches, or None [minor units].
    """
    low, high = float(grid[0]), float(grid[-1])
    step = _step(high - low, least)
    start = 0 if budget is None else budget % step  # so that the budget lies on the edge of a bar
    first = start + step * ceil((low - start) / step)
    edges = list(range(first, first + step * max(ceil((high - first) / step), 0) + 1, step))
    until = [_until(grid, edge) for edge in edges]
    shares = [after - before for before, after in zip([0.0, *until], until, strict=False)]
    return [Bar(edge - step, edge, part) for edge, part in zip(edges, shares, strict=True)]


def _mark(left: int, passed: str) -> str:
    return f"  {'-' * left}-+{f'-- {passed} '.ljust(WIDTH - left - 5, '-')}"


def _percent(share: float) -> str:
    return "<1%" if 0 < share < 0.01 else f"{number(100 * share, 0)}%"


def _step(span: float, least: int) -> int:
    """Return a round step that cuts a span into some bars [minor units]."""
    if span <= least:
        return least
    for power in range(20):
        for digit in (1, 2, 5):
            step: int = digit * 10**power
            if step >= least and span / step <= MOST:
                return step
    return ceil(span)


def _until(grid: Floats, amount: int) -> float:
    """Return the share of paths that come to an amount at most, read off the percentiles."""
    place = int(np.searchsorted(grid, amount + 1e-3, side="right"))
    if place in (0, len(grid)):
        return float(place > 0)
    before, after = float(grid[place - 1]), float(grid[place])
    if (place > 1 and grid[place - 2] == before) and (place + 1 < len(grid) and grid[place + 1] == after):
        part = 0.5  # nothing lies between two amounts that many paths come to; the first ends somewhere in this half
    else:
        part = (amount - before) / (after - before) if amount > before else 0.0
    return (GRID[place - 1] + part * (GRID[place] - GRID[place - 1])) / 100
