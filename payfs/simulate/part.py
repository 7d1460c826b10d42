"""One metric's results, drawn: a value, a count of people with a chance, or a sum over people.

People who are alike are not drawn one by one: how many of them succeed is binomial, and what they add up to has a
distribution that is worked out once (:mod:`payfs.simulate.sums`). What they share, a chance or a factor that is itself
uncertain, is drawn once for all whom it is shared by, so that it does not average out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from payfs.scale import Scale
from payfs.simulate.builder import Rows, drawn
from payfs.simulate.distributions import Distribution
from payfs.simulate.evaluation import Error
from payfs.simulate.model import Floats
from payfs.simulate.people import Cell, Crowd, Whole
from payfs.simulate.sums import Pmf, Sampler, binomial_quantile, of_one, sampler, sum_of


@dataclass(frozen=True)
class Shared:
    """A number that is believed, with a draw for each of some groups of cells.

    Attributes:
        distribution: what is believed.
        rows: the uniforms, one for each group; None where nothing is uncertain.
        group: of each cell, (cells,).
    """

    distribution: Distribution
    rows: Rows | None
    group: NDArray[np.int64]

    def of(self, uniforms: Floats) -> Floats:
        """Return the number for each cell, (cells, paths), or (cells, 1) where it is certain."""
        numbers = drawn(self.distribution, self.rows, uniforms)
        return numbers[self.group if self.rows is not None else np.zeros_like(self.group)]


@dataclass(frozen=True)
class Moving:
    """How a number changes from period to period."""

    shared: Shared
    grows: bool
    order: NDArray[np.int64]  # of each cell

    def on(self, numbers: Floats, uniforms: Floats) -> Floats:
        """Return the numbers as they have moved by each cell's period."""
        by = self.shared.of(uniforms)
        order = self.order.reshape(-1, 1)
        moved: Floats = numbers * (1 + by) ** order if self.grows else numbers + by * order
        return moved


@dataclass(frozen=True)
class Part:
    """What is believed of some cells of a metric.

    Attributes:
        name: of the metric, and of the part where there are several.
        cells: for which cells.
        scale: how the metric is measured.
        main: the value, the chance, or what each person adds; None where the metric is a sum.
        how: value | count | sum.
        crowd: how many people there are.
        moving: how it changes.
        sampling: of each cell, the uniform by which people turn out as they do.
        single: what one person adds, by what they are multiplied with [steps], for a sum.
        times: by what each person's number is multiplied, for each cell.
        together: a factor that all share.
        error: of measuring.
        one_by_one: whether people are drawn one by one.
    """

    name: str
    cells: tuple[Cell, ...]
    scale: Scale
    how: str
    main: Shared | None = None
    crowd: Crowd | None = None
    moving: Moving | None = None
    sampling: tuple[Rows, ...] = ()
    single: Distribution | None = None
    times: tuple[float, ...] = ()
    together: Shared | None = None
    error: Error | None = None
    one_by_one: bool = False
    _sums: dict[tuple[float, int], Sampler] = field(default_factory=dict, compare=False)
    _ones: dict[float, Pmf] = field(default_factory=dict, compare=False)

    def draw(self, uniforms: Floats, effect: float | None = None, larger: float = 1.0) -> Whole:
        """Return the results, (cells, paths) [steps].

        Args:
            uniforms: (columns, paths).
            effect: the true effect, in the place of what is believed of it; None for what is believed.
            larger: how many times as large the comparison is as the scenario says.
        """
        if self.how == "sum":
            return self._inside(self._sum(uniforms))
        if self.how == "count":
            return self._inside(self._count(uniforms).astype(np.float64) / float(self.scale.worth))
        values = self.truth(uniforms) if effect is None else np.full((len(self.cells), 1), effect)
        if self.error is not None:
            values = self.error.measured(values, uniforms, larger)
        return self.seen(np.broadcast_to(values, (len(self.cells), uniforms.shape[1])))

    def seen(self, values: Floats) -> Whole:
        """Return values as they are when measured without error, (cells, paths or 1) [steps]."""
        return self._inside(values / float(self.scale.worth))

    def truth(self, uniforms: Floats) -> Floats:
        """Return the value as it truly is, before it is measured, (cells, paths or 1)."""
        assert self.main is not None
        values = self.main.of(uniforms)
        return values if self.moving is None else self.moving.on(values, uniforms)

    def _inside(self, steps: Floats) -> Whole:
        """Round to whole steps, half up, within what the metric can be."""
        low = -(2.0**62) if self.scale.least is None else float(self.scale.least)
        high = 2.0**62 if self.scale.most is None else float(self.scale.most)
        whole: Whole = np.clip(np.floor(steps + 0.5), low, high).astype(np.int64)
        return whole

    def _chance(self, uniforms: Floats) -> Floats:
        return np.clip(self.truth(uniforms), 0, 1)

    def _count(self, uniforms: Floats) -> Whole:
        """Count whom it happens to; without people, whether it happens at all."""
        paths = uniforms.shape[1]
        chance = self._chance(uniforms)
        people = np.ones((len(self.cells), 1), np.int64) if self.crowd is None else self.crowd.count(uniforms)
        result = np.zeros((len(self.cells), paths), dtype=np.int64)
        for number, rows in enumerate(self.sampling):
            u, there = rows.of(uniforms), people[number]
            if self.one_by_one:
                wanted = u < chance[number]
                counted = wanted & (np.arange(len(u)).reshape(-1, 1) < there)
                result[number] = counted.sum(axis=0)
            elif chance.shape[1] == 1 and there.size == 1:
                p = float(chance[number, 0])
                table = self._table((p, int(there[0])), partial(_yes, p))
                result[number] = table.quantile(u[0])
            else:
                result[number] = binomial_quantile(
                    u[0], np.broadcast_to(there, (paths,)), np.broadcast_to(chance[number], (paths,))
                )
        return result

    def _table(self, key: tuple[float, int], one: Callable[[], Pmf]) -> Sampler:
        if key not in self._sums:
            self._sums[key] = sampler(sum_of(one(), key[1]))
        return self._sums[key]

    def _sum(self, uniforms: Floats) -> Floats:
        """Add up what people come to [steps]."""
        assert self.crowd is not None
        assert self.single is not None
        paths = uniforms.shape[1]
        people = self.crowd.count(uniforms)
        result = np.zeros((len(self.cells), paths))
        for number, rows in enumerate(self.sampling):
            u, there, times = rows.of(uniforms), people[number], self.times[number]
            if self.one_by_one:
                each = np.floor(self.single.quantile(u) * times + 0.5)
                result[number] = (each * (np.arange(len(u)).reshape(-1, 1) < there)).sum(axis=0)
                continue
            for many in np.unique(there).tolist():
                table = self._table((times, many), partial(self.one, times))
                here = slice(None) if there.size == 1 else there == many
                result[number, here] = table.quantile(u[0, here])
        if self.moving is not None:
            result = self.moving.on(result, uniforms)
        return result if self.together is None else result * self.together.of(uniforms)

    def one(self, times: float) -> Pmf:
        """Return the probabilities of what one person adds [steps]."""
        if times not in self._ones:
            assert self.single is not None
            ends = self.single.quantile(np.array([1e-15, 1 - 1e-15])) * times
            low, high = int(np.floor(ends[0] + 0.5)), int(np.floor(ends[1] + 0.5))
            self._ones[times] = of_one(self.single.cdf, times, low, high)
        return self._ones[times]


def _yes(chance: float) -> Pmf:
    """One person to whom something happens with a chance."""
    return Pmf(0, np.array([1 - chance, chance]))
