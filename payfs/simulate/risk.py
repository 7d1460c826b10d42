"""What a run comes to: figures with their standard errors, from replicates that are independent of each other.

A run is cut into replicates; a figure is worked out in each of them, and what is told is their mean. Its standard error
is the standard deviation of the replicates over the square root of their number, whatever the figure is (independent
replications: A. M. Law, "Simulation modeling and analysis", 2015, 9.4; for scrambled points A. B. Owen, "Scrambled net
variance for integrals of smooth functions", 1997).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Floats = NDArray[np.float64]

PERCENTILES = (1, 5, 10, 20, 25, 50, 75, 80, 90, 95, 99)
GRID = tuple(float(p) for p in np.round(np.linspace(0, 100, 201), 1))
"""The percentiles of which a distribution is drawn."""

TAILS = (95, 99)


class Figure(NamedTuple):
    """A figure and its standard error."""

    value: float
    error: float


class Told(NamedTuple):
    """What one replicate comes to for one label: numbers by the name of the figure."""

    figures: Mapping[str, float]
    grid: Floats  # percentiles, by GRID


def tell(values: Array) -> Told:
    """Work out the figures of one label in one replicate.

    Args:
        values: (paths,): amounts, rates (NaN where there is none) or flags.
    """
    if values.dtype == np.bool_:
        return Told({"probability": float(values.mean())}, np.zeros(0))
    numbers = values.astype(np.float64)
    there = numbers[~np.isnan(numbers)] if values.dtype.kind == "f" else numbers
    figures = {"none": 1 - len(there) / len(numbers)} if values.dtype.kind == "f" else {}
    if not len(there):
        return Told(figures, np.full(len(GRID), np.nan))
    ordered = np.sort(there)
    grid = _percentiles(ordered, np.array(GRID))
    figures |= {"mean": float(there.mean()), "sd": float(there.std(ddof=1)) if len(there) > 1 else 0.0}
    figures |= {
        f"p{p}": float(v) for p, v in zip(PERCENTILES, _percentiles(ordered, np.array(PERCENTILES)), strict=True)
    }
    figures |= {"least": float(ordered[0]), "most": float(ordered[-1])}
    for tail in TAILS:
        worst = ordered[int(np.floor(len(ordered) * tail / 100)) :]
        figures[f"cvar{tail}"] = float(worst.mean()) if len(worst) else float(ordered[-1])
        low = ordered[: max(int(np.ceil(len(ordered) * (100 - tail) / 100)), 1)]
        figures[f"cvar{100 - tail}"] = float(low.mean())
    figures["below nothing"] = float((ordered < 0).mean())
    figures["above nothing"] = float((ordered > 0).mean())
    return Told(figures, grid)


def _percentiles(ordered: Floats, wanted: Floats) -> Floats:
    """Return percentiles: the least value that at least so many of the paths do not pass."""
    places = np.ceil(wanted / 100 * len(ordered) - 1e-9).astype(np.int64) - 1
    return ordered[np.clip(places, 0, len(ordered) - 1)]


class Label(NamedTuple):
    """What a run comes to for one label.

    Attributes:
        figures: by name: mean, sd, p1 to p99, least, most, cvar95 (the mean of the highest 5%), cvar5 (of the lowest
            5%), probability, none (the share of paths on which there is no rate).
        grid: percentiles by :data:`GRID`, from all replicates together.
    """

    figures: Mapping[str, Figure]
    grid: Floats


@dataclass(frozen=True)
class Risk:
    """What a run comes to, by label.

    Attributes:
        labels: by name.
        paths: how many paths were drawn.
        replicates: in how many independent parts.
        enough: how many paths would have been enough to know the mean of the total to a thousandth; None where all of
            them were not.
    """

    labels: Mapping[str, Label]
    paths: int
    replicates: int
    enough: int | None

    def __getitem__(self, label: str) -> Label:
        """Return what a label comes to."""
        return self.labels[label]

    def chance(self, label: str) -> Figure:
        """Return the probability of an event."""
        return self.labels[label].figures["probability"]


def gathered(told: Sequence[Mapping[str, Told]], paths: int, prefixes: Sequence[tuple[int, Floats]]) -> Risk:
    """Put replicates together.

    Args:
        told: of each replicate, what each label comes to.
        paths: how many there were in all.
        prefixes: of the total's mean over the first paths of each replicate: how many paths that is in all, and the
            mean in each replicate, (replicates,).
    """
    labels = {}
    for label in told[0]:
        mine = [one[label] for one in told]
        names = dict.fromkeys(name for one in mine for name in one.figures)
        figures = {name: figure([one.figures[name] for one in mine if name in one.figures]) for name in names}
        grids = np.stack([one.grid for one in mine])
        labels[label] = Label(figures, _pooled(grids))
    enough = None
    for number, means in prefixes:
        found = figure(means.tolist())
        if found.error <= abs(found.value) / 1000:
            enough = number
            break
    return Risk(labels, paths, len(told), enough)


def _pooled(grids: Floats) -> Floats:
    """Return the percentiles of all replicates together, each a figure that some path came to.

    Every percentile of a replicate stands for as many paths as the next. A mean of them would lie between two amounts
    where only these two can be.
    """
    points = np.sort(grids[:, 1:][~np.isnan(grids[:, 1:])])
    if not len(points):  # an event, which has no percentiles, or a rate that no path has
        return np.full(grids.shape[1], np.nan)
    pooled = _percentiles(points, np.array(GRID))
    pooled[0] = np.nanmin(grids[:, 0])
    return pooled


def figure(values: Sequence[float]) -> Figure:
    """Return the mean of replicates and its standard error; NaN where there is only one."""
    array = np.array(values, dtype=np.float64)
    error = float(array.std(ddof=1) / np.sqrt(len(array))) if len(array) > 1 else float("nan")
    return Figure(float(array.mean()), error)


def ratio(parts: Floats, wholes: Floats) -> Figure:
    """Return a share of replicates' sums, and its standard error; NaN where there is nothing to have a share of.

    Where the wholes differ from replicate to replicate the error is that of a ratio estimator (W. G. Cochran, "Sampling
    techniques", 1977, 6.4), which needs no replicate to have much of a whole.

    Args:
        parts: the part of each replicate, (replicates,).
        wholes: that of which it is a part, (replicates,).
    """
    whole, many = float(wholes.sum()), len(wholes)
    if whole == 0:
        return Figure(float("nan"), float("nan"))
    share = float(parts.sum()) / whole
    if many < 2:
        return Figure(share, float("nan"))
    off = parts - share * wholes
    return Figure(share, float(np.sqrt(many / (many - 1) * (off**2).sum()) / whole))


def points(chance: Figure) -> str:
    """Write the standard error of a chance [percentage points]."""
    return f"{100 * chance.error:.2f}" if chance.error >= 0.00005 else "below 0.01"
