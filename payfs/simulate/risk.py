"""What a run comes to: figures with their standard errors, from replicates that are independent of each other.

A run is cut into replicates; a figure is worked out in each of them, and what is told is their mean, but for
percentiles and the like, which are those of all replicates together. Its standard error
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
GRID = tuple(float(p) for p in np.round(np.linspace(0, 100, 1001), 1))
"""The percentiles of which a distribution is drawn."""

TAILS = (95, 99)

ENDS = ("least", "most")
"""The figures that are seen and not estimated: they have no standard error."""

FEW_ENOUGH = 1000
"""Up to so many paths of a replicate all are kept, so that figures of small runs are those of all paths together."""


class Figure(NamedTuple):
    """A figure and its standard error; NaN where it has none."""

    value: float
    error: float


class Told(NamedTuple):
    """What one replicate comes to for one label: numbers by the name of the figure."""

    figures: Mapping[str, float]
    grid: Floats  # percentiles, by GRID
    upper: Floats  # those of the value above, where so many paths are a whole number
    sample: Floats  # every value in ascending order, where there are few enough


def tell(values: Array) -> Told:
    """Work out the figures of one label in one replicate.

    Args:
        values: (paths,): amounts, rates (NaN where there is none) or flags.
    """
    none = np.zeros(0)
    if values.dtype == np.bool_:
        return Told({"probability": float(values.mean())}, none, none, none)
    numbers = values.astype(np.float64)
    there = numbers[~np.isnan(numbers)] if values.dtype.kind == "f" else numbers
    figures = {"none": 1 - len(there) / len(numbers)} if values.dtype.kind == "f" else {}
    if not len(there):
        nothing = np.full(len(GRID), np.nan)
        return Told(figures, nothing, nothing, none)
    ordered = np.sort(there)
    figures["mean"] = float(there.mean())
    figures |= _ordered_figures(ordered)
    figures["below nothing"] = float((ordered < 0).mean())
    figures["above nothing"] = float((ordered > 0).mean())
    wanted = np.array(GRID)
    sample = ordered if len(ordered) <= FEW_ENOUGH else none
    return Told(figures, _percentiles(ordered, wanted), _percentiles(ordered, wanted, upper=True), sample)


def _ordered_figures(ordered: Floats) -> dict[str, float]:
    """Return the spread of values in ascending order."""
    figures = {"sd": float(ordered.std(ddof=1)) if len(ordered) > 1 else 0.0}
    wanted = _percentiles(ordered, np.array(PERCENTILES))
    figures |= {f"p{p}": float(value) for p, value in zip(PERCENTILES, wanted, strict=True)}
    figures |= {"least": float(ordered[0]), "most": float(ordered[-1])}
    for tail in TAILS:
        figures[f"cvar{tail}"] = _mean_of_highest(ordered, 1 - tail / 100)
        figures[f"cvar{100 - tail}"] = -_mean_of_highest(-ordered[::-1], 1 - tail / 100)
    return figures


def _mean_of_highest(ordered: Floats, share: float) -> float:
    """Return the mean of the highest share of the values; the last of them counts in part."""
    many = max(share * len(ordered), 1e-9)
    whole = min(int(many), len(ordered))
    total = float(ordered[len(ordered) - whole :].sum())
    if whole < len(ordered):
        total += (many - whole) * float(ordered[len(ordered) - whole - 1])
    return total / many


def _percentiles(ordered: Floats, wanted: Floats, upper: bool = False) -> Floats:
    """Return percentiles: the least value that at least so many of the paths do not pass.

    Where so many paths are a whole number, the next value is as good: ``upper`` takes that.
    """
    many = wanted / 100 * len(ordered)
    places = (np.floor(many + 1e-9) if upper else np.ceil(many - 1e-9) - 1).astype(np.int64)
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
        grid, exact = _together(mine)
        # a mean of replicates' figures would be biased, and may be an amount that no path comes to; the error is theirs
        figures |= {name: figures[name]._replace(value=value) for name, value in exact.items() if name in figures}
        # what is seen on a single path of all is no estimate of anything, and replicates say nothing of its error
        figures |= {name: figures[name]._replace(error=float("nan")) for name in ENDS if name in figures}
        labels[label] = Label(figures, grid)
    enough = None
    for number, means in prefixes:
        found = figure(means.tolist())
        if found.error <= abs(found.value) / 1000:
            enough = number
            break
    return Risk(labels, paths, len(told), enough)


def _together(told: Sequence[Told]) -> tuple[Floats, dict[str, float]]:
    """Return the percentiles of all replicates together, and the figures of which a mean would be biased.

    A percentile is that of the replicate which is nearest to the mean of them, so that some path comes to it; every
    other replicate has the value above, so that neither a low nor a high one is preferred. Where replicates are small,
    all of their values are put together.
    """
    if not any(len(one.grid) for one in told):
        return np.zeros(0), {}
    there = [one for one in told if "mean" in one.figures]
    if not there:
        return np.full(len(GRID), np.nan), {}
    if all(len(one.sample) for one in there):
        ordered = np.sort(np.concatenate([one.sample for one in there]))
        return _percentiles(ordered, np.array(GRID)), _ordered_figures(ordered)
    grids = np.stack([one.upper if number % 2 else one.grid for number, one in enumerate(there)])
    nearest = np.abs(grids - grids.mean(axis=0)).argmin(axis=0)
    pooled = np.maximum.accumulate(grids[nearest, np.arange(grids.shape[1])])
    exact = {"least": min(one.figures["least"] for one in there), "most": max(one.figures["most"] for one in there)}
    pooled[0], pooled[-1] = exact["least"], exact["most"]
    exact |= {f"p{percent}": float(pooled[GRID.index(float(percent))]) for percent in PERCENTILES}
    means, spreads = (np.array([one.figures[name] for one in there]) for name in ("mean", "sd"))
    exact["sd"] = float(np.sqrt((spreads**2).mean() + means.var()))
    return pooled, exact


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
