"""Which levels of a metric matter, and at how many of them a curve is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np

from payfs.contract import Contract
from payfs.incentives.held import inside, near
from payfs.incentives.trial import Trial, see
from payfs.money import MOST, Array
from payfs.scale import Scale

MOST_LEVELS = 20_000
GRID = 2_000  # levels at first, where there are more than MOST_LEVELS
PARTS = 16  # into which a stretch of the grid is cut where it has to be seen more finely
FINE = Fraction(1, 50)  # of the most that is paid: a stretch that is worth more is looked at step by step
USUAL = 100  # units that are looked at where nothing says how many matter


def probes(scale: Scale, direct: Iterable[int], given: Iterable[int]) -> Array:
    """Return a few levels that tell whether anything is paid at all, in ascending order [steps]."""
    levels = {level + near_by for level in [*direct, *given] for near_by in (-1, 0, 1)}
    plain = (0, 5, 10, 25, 50, 75, 90, 100) if scale.percent else (0, 1, 10, 100, 1_000, 100_000)
    levels |= {near(scale, value) for value in plain} | {1}
    levels |= {level for level in (scale.least, scale.most) if level is not None}
    return np.array(sorted(level for level in levels if inside(scale, level)), dtype=np.int64)


def range_of(
    trial: Trial, scale: Scale, direct: Sequence[int], behind: dict[str, list[int]], given: Sequence[int]
) -> tuple[int, int]:
    """Return the lowest and the highest level that matter [steps].

    A metric that has a least and a most is looked at in full. Where it has no most: up to one and a half times the last
    threshold, what worked examples measured and the level at which the last limit is reached, whichever is highest; a
    percentage at least up to 100%. Where it has no least: from 0, or from below the first threshold if that lies below
    0. Nothing that a contract says tells how far people can get, so 100 units are taken where none of these is there.

    Args:
        trial: the trial.
        scale: of the metric that is varied.
        direct: levels of that metric at which something begins to hold.
        behind: the same of metrics that are worked out from it.
        given: levels of worked examples.
    """
    span = max(direct) - min(direct) if len(direct) > 1 else abs(direct[0]) if direct else 0
    low = 0 if not direct or min(direct) > 0 else min(direct) - max(span // 2, 1)
    low = min([low, *given])
    high = max([0, *(max(level * 3 // 2, level + 3, 0) for level in direct)])
    high = max([high, *(level * 3 // 2 for level in given)])
    if scale.percent and not direct:
        high = max(high, near(scale, 100))
    low = low if scale.least is None else scale.least
    if scale.most is not None:
        return low, scale.most
    far, paying = _farther(trial, scale, behind)
    high = max([high, *far])
    if high <= max(low, 0) or (not direct and not given and not far):
        usual = 100_000 if scale.money else USUAL
        high = max(high, max(low, 0) + max(1, int(usual / scale.step)))
    if paying is not None and paying > high:
        high = paying * 2  # whatever stands in the way of paying earlier, something is to be seen
    return low, min(high, MOST)


def _farther(trial: Trial, scale: Scale, behind: dict[str, list[int]]) -> tuple[list[int], int | None]:
    """Return the levels by which limits and thresholds behind are met, and one at which something is paid at last."""
    powers = [2**power for power in range(45) if 2**power <= MOST // 1000]
    levels = np.array([level for level in powers if scale.least is None or level >= scale.least], dtype=np.int64)
    found: list[int] = []
    seen = see(trial, levels)
    for limit, flags in seen.cut.items():
        if flags.any():
            place = int(np.flatnonzero(flags)[0])
            below = int(levels[place - 1]) if place else 0
            found.append(_first_cut(seen.trial, limit, below, int(levels[place])) * 9 // 8 + 1)
    paying = levels[seen.amounts != 0]
    counted = seen.trial.counted(levels, behind)
    for name, starts in behind.items():
        values = counted.get(name)
        if values is None or scale.percent:
            continue
        for start in starts:
            flips = np.flatnonzero((values[1:] >= start) != (values[:-1] >= start))
            found += [int(levels[place + 1]) * 2 for place in flips.tolist()]
    return found, int(paying[0]) if len(paying) else None


def _first_cut(trial: Trial, limit: str, below: int, cut: int) -> int:
    """Return the first level at which a limit cuts something off, above one at which it does not."""
    while cut - below > 1:
        inner = np.unique(np.linspace(below, cut, 18).astype(np.int64)[1:-1])
        inner = inner[(inner > below) & (inner < cut)]
        flags = see(trial, inner).cut.get(limit, np.zeros(len(inner), dtype=bool))
        if flags.any():
            place = int(np.flatnonzero(flags)[0])
            below, cut = int(inner[place - 1]) if place else below, int(inner[place])
        else:
            below = int(inner[-1])
    return cut


def most_levels(contract: Contract) -> int:
    """Return at how many levels a curve is drawn: fewer where a contract has very many periods and cohorts."""
    cells = len(contract.periods) * len(contract.cohorts)
    return max(min(MOST_LEVELS, 100_000_000 // cells), 500)


def grid(low: int, high: int, direct: Iterable[int], most: int = MOST_LEVELS) -> Array:
    """Return the levels to begin with: every step, or some of them with each threshold and its neighbours [steps]."""
    if high - low < most:
        return np.arange(low, high + 1, dtype=np.int64)
    # whole numbers throughout: a float has too few digits for amounts of money
    parts = min(GRID, most // 2)
    even = {low + (high - low) * place // parts for place in range(parts + 1)}
    near_by = {level + step for level in direct for step in (-1, 0, 1)}
    return np.array(sorted(even | {level for level in near_by if low <= level <= high}), dtype=np.int64)


def finer(levels: Array, amounts: Array, known: Array, at_most: int = MOST_LEVELS) -> Array:
    """Return levels to look at as well: inside stretches that are worth much, or where a flat begins or ends."""
    width, change = np.diff(levels), np.abs(np.diff(amounts))
    most = int(np.abs(amounts).max()) if len(amounts) else 0
    much = change > most * FINE.numerator // FINE.denominator
    flat = change == 0
    edge = np.zeros(len(change), dtype=bool)
    edge[1:] |= flat[:-1] & ~flat[1:]
    edge[:-1] |= flat[1:] & ~flat[:-1]
    edge |= known[1:] != known[:-1]
    room = max(at_most - len(levels), 0) // PARTS
    places = np.flatnonzero((width > 1) & (much | edge))
    # the widest change first, as long as there is room
    places = places[np.argsort(-change[places], kind="stable")][:room]
    inner: set[int] = set()
    for place in places.tolist():
        start, stop = int(levels[place]), int(levels[place + 1])
        inner |= {start + (stop - start) * part // PARTS for part in range(1, PARTS)} - {start, stop}
    return np.array(sorted(inner), dtype=np.int64)


def edges(levels: Array, counted: dict[str, Array], starts: dict[str, list[int]]) -> list[int]:
    """Return the places among the levels at which something begins to hold, for metrics and those behind them."""
    found: set[int] = set()
    for name, values in counted.items():
        for start in starts.get(name, ()):
            flips = np.flatnonzero((values[1:] >= start) != (values[:-1] >= start)) + 1
            found.update(flips.tolist())
    return sorted(found)
