"""One metric's results, drawn: a value, a count of people with a chance, or a sum over people.

People who are alike are not drawn one by one: how many of them succeed is binomial, and what they add up to has a
distribution that is worked out once (:mod:`payfs.simulate.sums`). What they share, a chance or a factor that is itself
uncertain, is drawn once for all whom it is shared by, so that it does not average out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from math import gcd
from typing import Any

import numpy as np
from numpy.typing import NDArray

from payfs.scale import Scale
from payfs.simulate.builder import Rows, drawn
from payfs.simulate.cells import Cell
from payfs.simulate.distributions import Distribution
from payfs.simulate.evaluation import Error
from payfs.simulate.model import Floats
from payfs.simulate.people import Crowd, There, Whole
from payfs.simulate.sums import Pmf, Sampler, binomial_quantile, of_one, sampler, sum_of

MOST = 2.0**50
"""The most that is measured where a contract says no most: all periods of it add up to less than 64 bits [steps]."""

BOUNDLESS = 1e100  # times as much, which no result shows any more

EXACT = 512
"""Up to so many people, every number of them has a table of its own."""

NODES = 8  # tables for each doubling of the number of people beyond that

TABLED = 2**16
"""The most whole steps that a table of a value's chances is made of."""

LARGE = 2**16
"""Beyond so many people a sum nears the normal distribution, in proportion to one over the root of the people."""


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

    @property
    def certain(self) -> bool:
        """Whether it is the same on all paths."""
        return self.rows is None

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
        if not self.grows:
            return numbers + by * order
        with np.errstate(over="ignore"):
            grown: Floats = np.minimum((1 + by) ** order, BOUNDLESS)
        return numbers * grown


@dataclass(frozen=True)
class Part:
    """What is believed of some cells of a metric.

    Attributes:
        name: of the metric, and of the part where there are several.
        cells: for which cells.
        scale: how the metric is measured.
        main: the value, the chance, or what each person adds; None where the metric is a sum.
        how: value | count | share | sum.
        crowd: how many people there are.
        moving: how it changes.
        sampling: of each cell, the uniform by which people turn out as they do; more where some come in its period.
        single: what one person adds, by what they are multiplied with [steps], for a sum.
        times: by what each person's number is multiplied, for each cell.
        together: a factor that all share.
        error: of measuring.
        of: the metric of whose results the value is a share; None where it stands by itself.
        chosen: of each cell, the uniform by which people are among those who add anything, with the chance ``main``.
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
    of: str | None = None
    one_by_one: bool = False
    chosen: tuple[Rows, ...] = ()
    _sums: dict[tuple[float, int], Sampler] = field(default_factory=dict, compare=False)
    _ones: dict[float, Pmf] = field(default_factory=dict, compare=False)
    _values: list[Sampler | None] = field(default_factory=list, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        """Go to another process without the tables, which are made again there sooner than they are sent."""
        return {**self.__dict__, "_sums": {}, "_ones": {}}

    def draw(
        self, uniforms: Floats, effect: float | None = None, larger: float = 1.0, whole: Floats | float = 1.0
    ) -> Whole:
        """Return the results, (cells, paths) [steps].

        Args:
            uniforms: (columns, paths).
            effect: the true effect, in the place of what is believed of it; None for what is believed.
            larger: how many times as large the comparison is as the scenario says.
            whole: what the value is a share of, (cells, paths); 1 where it stands by itself.
        """
        if self.how == "sum":
            return self._tabled(uniforms) if self.plain else self._inside(self._sum(uniforms))
        if self.how == "count":
            return self._inside(self._count(uniforms).astype(np.float64) / float(self.scale.worth))
        if self.how == "share":
            assert self.crowd is not None
            share = self._count(uniforms) / np.maximum(self.crowd.count(uniforms), 1)
            return self._inside(share / float(self.scale.worth))
        if effect is None and (tabled := self._from_table(uniforms)) is not None:
            return tabled
        values = self.truth(uniforms) if effect is None else np.full((len(self.cells), 1), effect)
        if self.error is not None:
            values = self.error.measured(values, uniforms, larger)
        return self.seen(np.broadcast_to(values * whole, (len(self.cells), uniforms.shape[1])))

    def seen(self, values: Floats) -> Whole:
        """Return values as they are when measured without error, (cells, paths or 1) [steps]."""
        return self._inside(values / float(self.scale.worth))

    def truth(self, uniforms: Floats) -> Floats:
        """Return the value as it truly is, before it is measured, (cells, paths or 1)."""
        assert self.main is not None
        values = self.main.of(uniforms)
        return values if self.moving is None else self.moving.on(values, uniforms)

    def _from_table(self, uniforms: Floats) -> Whole | None:
        """Return whole steps by a table of their chances, which is quicker than to work numbers out and round them.

        None where a number goes through more than rounding, or the table would be too long.
        """
        main = self.main
        if main is None or main.rows is None or self.of or self.error is not None or self.moving is not None:
            return None
        if not self._values:
            self._values.append(self._stepped(main.distribution))
        if (table := self._values[0]) is None:
            return None
        u = main.rows.of(uniforms)
        whole = np.empty(u.shape, dtype=np.int64)
        for row, numbers in zip(u, whole, strict=True):
            table.quantile(row, numbers)
        return whole if np.array_equal(main.group, np.arange(len(whole))) else whole[main.group]

    def _stepped(self, distribution: Distribution) -> Sampler | None:
        """Put a distribution on whole steps, within what the metric can be; None where there are too many."""
        steps = 1 / float(self.scale.worth)
        ends = np.clip(distribution.quantile(np.array([1e-15, 1 - 1e-15])) * steps, -MOST, MOST)
        low, high = np.floor(ends + 0.5).astype(np.int64).tolist()
        least = low if self.scale.least is None else max(low, int(self.scale.least))
        most = high if self.scale.most is None else min(high, int(self.scale.most))
        return sampler(of_one(distribution.cdf, steps, least, most)) if 0 < most - least < TABLED else None

    def _inside(self, steps: Floats) -> Whole:
        """Round to whole steps, half up, within what the metric can be."""
        low = -MOST if self.scale.least is None else float(self.scale.least)
        high = MOST if self.scale.most is None else float(self.scale.most)
        whole: Whole = np.clip(np.floor(steps + 0.5), low, high).astype(np.int64)
        return whole

    def _chance(self, uniforms: Floats) -> Floats:
        return np.clip(self.truth(uniforms), 0, 1)

    def _count(self, uniforms: Floats) -> Whole:
        """Count whom it happens to; without people, whether it happens at all."""
        paths = uniforms.shape[1]
        chance = self._chance(uniforms)
        people = np.ones((len(self.cells), 1), np.int64) if self.crowd is None else self.crowd.count(uniforms)
        assert self.main is not None
        certain = self.main.certain and (self.moving is None or self.moving.shared.certain)
        certain = certain and (self.crowd is None or self.crowd.certain)
        result = np.zeros((len(self.cells), paths), dtype=np.int64)
        for number, rows in enumerate(self.sampling):
            u, there = rows.of(uniforms), people[number]
            if self.one_by_one:
                wanted = u < chance[number]
                counted = wanted & (np.arange(len(u)).reshape(-1, 1) < there)
                result[number] = counted.sum(axis=0)
            elif certain:
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

    @property
    def fixed(self) -> bool:
        """Whether as many people add something on all paths."""
        return not self.chosen and (self.crowd is None or self.crowd.certain)

    @cached_property
    def plain(self) -> bool:
        """Whether each sum is drawn from its table, and nothing is done to it."""
        crowd = self.crowd
        ramps = crowd is not None and any(crowd.ramps(number) for number in range(len(self.cells)))
        return self.fixed and not (ramps or self.one_by_one or self.moving or self.together)

    def _tabled(self, uniforms: Floats) -> Whole:
        """Draw each sum from its table, within what the metric can be [steps]."""
        assert self.crowd is not None
        people = self.crowd.count(uniforms)
        result = np.empty((len(self.cells), uniforms.shape[1]), dtype=np.int64)
        for rows, there, times, sums in zip(self.sampling, people, self.times, result, strict=True):
            table = self._table((times, int(there[0])), partial(self.one, times))
            table.quantile(rows.of(uniforms)[0], sums)
            if self.scale.least is not None and table.first < self.scale.least:
                np.maximum(sums, int(self.scale.least), out=sums)
            if self.scale.most is not None and table.last > self.scale.most:
                np.minimum(sums, int(self.scale.most), out=sums)
        return result

    def _sum(self, uniforms: Floats) -> Floats:
        """Add up what people come to [steps]."""
        assert self.crowd is not None
        paths = uniforms.shape[1]
        there = self.crowd.there(uniforms)
        result = np.zeros((len(self.cells), paths))
        for number, rows in enumerate(self.sampling):
            u = rows.of(uniforms)
            who = self.chosen[number].of(uniforms) if self.chosen else None
            chance = np.ones(1) if self.main is None else np.clip(self.main.of(uniforms)[number], 0, 1)
            mine = There(*(np.broadcast_to(row[number], (paths,)) for row in there))
            if self.one_by_one:
                result[number] = self._each(self.times[number], mine, u, who, chance)
                continue
            result[number] = self._all(self.times[number], mine.whole, u[0], None if who is None else who[0], chance)
            for place, those in enumerate(mine.groups(len(u) - 1), start=1):
                one = None if who is None else who[place]
                result[number] += self._group(self.times[number], *those, u[place], one, chance)
        if self.moving is not None:
            worth = 1.0 if self.moving.grows else float(self.scale.worth)
            result = self.moving.on(result * worth, uniforms) / worth
        return result if self.together is None else result * self.together.of(uniforms)

    def _each(self, times: float, there: There, u: Floats, who: Floats | None, chance: Floats) -> Floats:
        """Add up people one by one [steps]."""
        assert self.single is not None
        place = np.arange(len(u)).reshape(-1, 1)
        late = place - there.whole  # of those who come while the period lasts, from 0
        part = np.where(late < 0, 1.0, there.longest - there.apart * late)
        adds = self.single.quantile(u) * times
        each = np.where(late < 0, np.floor(adds + 0.5), adds * part) * (late < there.coming)
        summed: Floats = (each if who is None else each * (who < chance)).sum(axis=0)
        return summed

    def _all(self, times: float, people: Whole, u: Floats, who: Floats | None, chance: Floats) -> Floats:
        """Add up what so many people come to, who are alike, or those of them who add anything, (paths,) [steps]."""
        if who is not None:
            people = binomial_quantile(who, people, np.broadcast_to(chance, who.shape))
        if self.fixed:
            return self._table((times, int(people[0])), partial(self.one, times)).quantile(u).astype(np.float64)
        result = np.zeros(len(u))
        few = people <= EXACT
        for many in np.unique(people[few]).tolist():
            here = people == many
            result[here] = self._table((times, many), partial(self.one, times)).quantile(u[here])
        if not few.all():
            result[~few] = self._among_many(times, people[~few], u[~few])
        return result

    def _group(
        self,
        times: float,
        people: Whole,
        mean: Floats,
        root: Floats,
        u: Floats,
        who: Floats | None,
        chance: Floats,
    ) -> Floats:
        """Add up people who are there for a part of the period each, nearly alike, (paths,) [steps].

        What they would come to if all were there for the whole period is brought to the mean and to the variance that
        it has with the parts: with their mean ``mean``, and the root of the mean of their squares ``root``.
        """
        expected = people * self.one(times).mean * chance
        brought: Floats = mean * expected + root * (self._all(times, people, u, who, chance) - expected)
        return brought

    def _among_many(self, times: float, people: Whole, u: Floats) -> Floats:
        """Add up what many people come to, whose number differs from path to path [steps].

        A table for every number would be many tables. What such a sum is away from its mean, in standard deviations,
        hardly changes with the number of people, and nearly in proportion to one over its root (the expansion of E. A.
        Cornish and R. A. Fisher, "Moments and cumulants in the specification of distributions", 1937): so it is taken
        between the tables of two numbers near by, and put on the values that the sum can have.
        """
        from scipy.special import ndtri

        one = self.one(times)
        at = np.flatnonzero(one.chances)
        if len(at) == 1:
            alike: Floats = people.astype(np.float64) * float(one.first + at[0])
            return alike
        least, apart = one.first + int(at[0]), gcd(*np.diff(at).tolist())
        mean, sd, number = one.mean, float(np.sqrt(one.variance)), people.astype(np.float64)
        node = np.floor(np.log2(people) * NODES)
        # the two numbers depend on the path's own, and not on what other paths there are
        low = np.minimum(np.floor(2 ** (node / NODES)), LARGE).astype(np.int64)
        high = np.ceil(2 ** ((node + 1) / NODES)).astype(np.int64)
        beyond = people >= LARGE
        away: Floats = np.zeros((2, len(people)))
        for row, ends in enumerate((low, high)):
            for many in np.unique(ends[~beyond] if row else ends).tolist():
                here = ends == many
                table = self._table((times, many), partial(self.one, times))
                away[row, here] = (_between(table, u[here], apart) - many * mean) / (np.sqrt(many) * sd)
        roots = [1 / np.sqrt(ends.astype(np.float64)) for ends in (low, people, high)]
        roots[2][beyond] = 0.0
        away[1, beyond] = ndtri(u[beyond])
        between = (roots[0] - roots[1]) / (roots[0] - roots[2])
        sums = number * mean + np.sqrt(number) * sd * (away[0] + between * (away[1] - away[0]))
        steps = np.maximum(np.rint((sums - people * least) / apart), 0)
        found: Floats = people * float(least) + steps * apart
        return found

    def one(self, times: float) -> Pmf:
        """Return the probabilities of what one person adds [steps]."""
        if times not in self._ones:
            assert self.single is not None
            ends = self.single.quantile(np.array([1e-15, 1 - 1e-15])) * times
            low, high = int(np.floor(ends[0] + 0.5)), int(np.floor(ends[1] + 0.5))
            self._ones[times] = of_one(self.single.cdf, times, low, high)
        return self._ones[times]


def _between(table: Sampler, u: Floats, apart: int) -> Floats:
    """Return quantiles as if each number's chance were spread evenly over the step around it."""
    numbers = table.quantile(u)
    places = numbers - table.first
    below = np.where(places > 0, table.upto[places - 1], 0.0)
    chance = table.upto[places] - below
    within = np.clip((u - below) / np.where(chance > 0, chance, 1), 0, 1)
    spread: Floats = numbers + apart * (within - 0.5)
    return spread


def _yes(chance: float) -> Pmf:
    """One person to whom something happens with a chance."""
    return Pmf(0, np.array([1 - chance, chance]))
