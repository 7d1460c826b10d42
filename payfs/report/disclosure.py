"""Which counts may be shown, so that nobody can work out a number of 1 to n - 1 people from those that are.

The reader is taken to know which people are told apart by what is published (the atoms), to see every shown count and
sum, and to know that a shown zero is zero and a suppressed count at least 1. For each number of few people two tables
of whole numbers are looked for that fit all that is shown and lie so far apart there that the number stays open. They
are found by linear programming and then checked in whole numbers, so that no tolerance decides. Where there are none,
the cheapest change of the table that would open the number is looked for, and the counts that it changes are
suppressed: small ones first, and sums only where counts do not suffice.

What was found open stays open when more is suppressed, and with everything suppressed all is open: so it ends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from payfs.money import Array

SMALLEST = 11  # [people] the smallest number that is shown
TRIES = 12  # linear programmes until a change is in whole numbers; more is suppressed where it is not
# what may be spent on metrics that share claims, each programme as the cube of its columns: a few seconds; of metrics
# that take more, only those are shown that share none
MOST_WORK = 3 * 10**12


class Atom(NamedTuple):
    """People whom no published count tells apart.

    Attributes:
        counted: what they come to [units; steps where counts were reported].
        people: who they are, or how many at most where only counts tell.
        cells: the cells in which they count, each with the steps that one of ``counted`` adds to it.
    """

    counted: int
    people: Array | int
    cells: tuple[tuple[int, int], ...]


def protect(
    atoms: Sequence[Atom],
    metrics: Sequence[str],
    lines: Sequence[Sequence[int]],
    smallest: int = SMALLEST,
    falling: Collection[str] = (),
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Choose what is suppressed.

    Args:
        atoms: what stands behind the cells; a cell without an atom is zero.
        metrics: the metric of each cell.
        lines: the cells that each published sum adds up, all of one metric.
        smallest: the smallest number of people that is shown; 0 is shown, too.
        falling: metrics whose counts may be below zero.

    Returns:
        Which cells and which sums are suppressed.
    """
    hidden, hidden_sums = np.zeros(len(metrics), dtype=bool), np.zeros(len(lines), dtype=bool)

    def settled(names: Collection[str], own: Sequence[Atom]) -> bool:
        cells = [cell for cell, name in enumerate(metrics) if name in names]
        sums = [row for row, line in enumerate(lines) if line and metrics[line[0]] in names]
        table = Table(own, cells, metrics, [lines[row] for row in sums], smallest, falling)
        done = table.settle()
        hidden[cells], hidden_sums[sums] = table.hidden[: len(cells)], table.hidden[len(cells) :]
        return done

    for names, places in _apart(atoms, metrics):
        own = [atoms[place] for place in places]
        if not settled(names, own):
            for name in _without_shared(own, metrics):
                alone = [(atom, tuple(pair for pair in atom.cells if metrics[pair[0]] == name)) for atom in own]
                settled([name], [atom._replace(cells=cells) for atom, cells in alone if cells])
    return hidden, hidden_sums


def _without_shared(atoms: Sequence[Atom], metrics: Sequence[str]) -> list[str]:
    """Choose metrics of which no two count the same claim, in the order in which they are published."""
    together = {frozenset(metrics[cell] for cell, _ in atom.cells) for atom in atoms}
    chosen: list[str] = []
    for name in dict.fromkeys(metrics):
        mine = [names for names in together if name in names]
        if mine and not any(names & set(chosen) for names in mine):
            chosen.append(name)
    return chosen


def with_few(atoms: Sequence[Atom], metrics: Sequence[str], smallest: int = SMALLEST) -> set[str]:
    """Return metrics that stand on few people in some cell, or differ by them from others that count the same claims.

    Args:
        atoms: what stands behind the cells.
        metrics: the metric of each cell.
        smallest: the smallest number of people that is shown.
    """
    found = set[str]()
    for names, own in _apart(atoms, metrics):
        cells = [cell for cell, name in enumerate(metrics) if name in names]
        if len(Table([atoms[place] for place in own], cells, metrics, (), smallest).width):
            found |= names
    return found


def _apart(atoms: Sequence[Atom], metrics: Sequence[str]) -> Iterator[tuple[frozenset[str], list[int]]]:
    """Yield groups of metrics of which no two in different groups count the same claim, with their atoms."""
    group = {name: frozenset([name]) for name in metrics}
    for names in {frozenset(metrics[cell] for cell, _ in atom.cells) for atom in atoms}:
        joined = frozenset[str]().union(*(group[name] for name in names))
        group.update(dict.fromkeys(joined, joined))
    own: dict[frozenset[str], list[int]] = {}
    for place, atom in enumerate(atoms):
        own.setdefault(group[metrics[atom.cells[0][0]]], []).append(place)
    yield from own.items()


class Table:
    """Cells and sums of metrics that belong together, what of them is suppressed, and what a reader can then tell.

    Rows are the cells and then the sums; a change is one whole number for each atom, of what is added to it.

    Attributes:
        hidden: which rows are suppressed.
    """

    def __init__(
        self,
        atoms: Sequence[Atom],
        cells: Sequence[int],
        metrics: Sequence[str],
        lines: Sequence[Sequence[int]],
        smallest: int,
        falling: Collection[str] = (),
    ) -> None:
        """Lay the table out, and suppress each row of few people."""
        from scipy.sparse import csr_array

        self.atoms, self.smallest, self.work = atoms, smallest, 0
        # where metrics share claims, the programme mostly gives fractions where many parts are looked at together
        self.crossed = any(len(atom.cells) > 1 for atom in atoms)
        own = [metrics[cell] for cell in cells]
        place = {cell: row for row, cell in enumerate(cells)}
        inside: list[dict[int, int]] = [{} for _ in cells]  # of each row: atoms, with the steps that one of them adds
        for number, atom in enumerate(atoms):
            for cell, weight in atom.cells:
                inside[place[cell]][number] = weight
        for line in lines:
            inside.append({number: weight for cell in line for number, weight in inside[place[cell]].items()})
        own += [metrics[line[0]] for line in lines]
        self.count = np.array([atom.counted for atom in atoms], dtype=np.int64)
        self.rows = _sparse(csr_array, inside, len(atoms))
        self.value = self.rows @ self.count
        self.some = np.array([len(row) > 0 for row in inside], dtype=bool)  # zero is shown
        self.hidden = np.array([self._few(row) > 0 for row in inside], dtype=bool)
        # a suppressed cell is at least 1 [steps]; of a sum that follows from its cells
        self.floor = np.array([row < len(cells) and name not in falling for row, name in enumerate(own)], dtype=bool)
        free = [any(metrics[cell] in falling for cell, _ in atom.cells) for atom in atoms]
        parts: dict[frozenset[tuple[int, int]], int] = {}
        for row, name in zip(inside, own, strict=True):
            for part, number in self._parts(row, name, metrics):
                # where one person has many units, an interval of a few of them would tell what the person did
                each = -(-abs(sum(self.atoms[atom].counted * weight for atom, weight in part.items())) // number)
                parts[frozenset(part.items())] = max(smallest - 2, 1) * max(each, 1)
        self.parts = _sparse(csr_array, [dict(part) for part in parts], len(atoms))
        self.width = np.array(list(parts.values()), dtype=np.int64)
        # the two tables of each part: how far it falls and rises in them [steps]
        self.low, self.high = np.zeros((2, len(parts)), dtype=np.int64)
        steps = max((weight for atom in atoms for _, weight in atom.cells), default=1)
        self.reach = 10 * int(self.width.max(initial=1)) * steps  # no atom is changed by more: far enough, and exact
        self.least = np.where(free, -self.reach, -np.minimum(self.count, self.reach))
        cost = 1 + np.log2(1 + np.abs(self.value.astype(np.float64)))
        self.cost = np.where(np.arange(len(inside)) < len(cells), cost, 1000 * cost)

    def _few(self, atoms: Iterable[int]) -> int:
        """Return how many people stand behind some atoms, each counted once where known; 0 where they are not few."""
        number, seen = 0, set[int]()
        for atom in atoms:
            people = self.atoms[atom].people
            if isinstance(people, int):
                number += people
            elif len(people) < self.smallest:
                seen.update(people.tolist())
            else:
                return 0
            if number + len(seen) >= self.smallest:
                return 0
        return number + len(seen)

    def _parts(
        self, row: Mapping[int, int], metric: str, metrics: Sequence[str]
    ) -> Iterator[tuple[dict[int, int], int]]:
        """Yield what of a cell or sum is of few people, and of how many: all of it, or who counts for the same metrics.

        Also those who count for one other metric, and those who count for none of up to three others: what is left
        where these are subtracted.
        """
        by_set: dict[frozenset[str], dict[int, int]] = {}
        for atom, weight in row.items():
            names = frozenset(metrics[cell] for cell, _ in self.atoms[atom].cells)
            by_set.setdefault(names, {})[atom] = weight
        found = [row]
        if len(by_set) > 1:
            found += by_set.values()
            others = sorted(frozenset[str]().union(*by_set) - {metric})
            kept = [[names for names in by_set if other in names] for other in others]
            for without in (some for size in (1, 2, 3) for some in combinations(others, size)):
                kept.append([names for names in by_set if names.isdisjoint(without)])
            for mine in dict.fromkeys(tuple(names) for names in kept if names):
                found.append({atom: weight for names in mine for atom, weight in by_set[names].items()})
        yield from ((dict(part), number) for part in found if (number := self._few(part)))

    def settle(self) -> bool:
        """Suppress until a reader can tell no part of few people; everything, and False, where that takes too long."""
        if not self.crossed:
            self._explore()
        for part in np.argsort(-self.width, kind="stable").tolist():
            for sign in () if self.crossed else (1, -1):
                if not self.open[part]:
                    self._learn(self._change(sign * self.parts[[part], :].toarray()[0]))
            if not self.open[part]:
                self._suppress(part)
            if self.spent:
                self.hidden = self.some.copy()
                return False
        return True

    @property
    def spent(self) -> bool:
        """Whether no more may be spent on it."""
        return self.crossed and self.work > MOST_WORK

    @property
    def open(self) -> NDArray[np.bool_]:
        """Which parts can no longer be told."""
        flags: NDArray[np.bool_] = self.high - self.low >= self.width
        return flags

    def _explore(self) -> None:
        """Look for changes that open many parts at once: there are far fewer of them than parts."""
        draw = np.random.default_rng(0)
        idle = 0
        for turn in range(40):
            closed = ~self.open
            if closed.sum() < 3 or idle > 3:
                return
            signs = np.full(len(closed), 1 - 2 * turn) if turn < 2 else draw.choice([-1, 1], len(closed))
            self._learn(self._change(self.parts.T @ (signs * closed)))
            idle = idle + 1 if (~self.open).sum() == closed.sum() else 0

    def _learn(self, change: Array | None) -> None:
        """Note how far a change that fits all that is shown moves each part."""
        for one in () if change is None else (change, -change):
            if one is change or self._fits(one, self.hidden):
                moved = self.parts @ one
                np.maximum(self.high, moved, out=self.high)
                np.minimum(self.low, moved, out=self.low)

    def _change(self, aim: NDArray[Any]) -> Array | None:
        """Return the change that moves an aim up the farthest and fits all that is shown; None if none was found."""
        low = np.where(self.hidden, -np.inf, 0.0)
        low = np.where(self.hidden & self.floor, 1.0 - self.value, low)
        high = np.where(self.hidden, np.inf, 0.0)
        most = np.full(len(self.count), self.reach)
        return self._whole(_solve(-aim, self.rows, (low, high), (self.least, most)), self.hidden)

    def _whole(self, change: NDArray[Any] | None, hidden: NDArray[np.bool_]) -> Array | None:
        """Return the farthest change in whole numbers on the way to a change in fractions; None where there is none.

        Whatever lies between no change and one that fits does fit.
        """
        if change is None:
            return None
        for bottom in (1, 2, 3, 4, 6):
            tops = np.rint(change * bottom).astype(np.int64)
            if np.abs(change * bottom - tops).max(initial=0) < 1e-6:
                steps = int(np.gcd.reduce(tops))
                found: Array = tops // max(steps, 1) * (steps // bottom)
                return found if found.any() and self._fits(found, hidden) else None
        return None

    def _fits(self, change: Array, hidden: NDArray[np.bool_]) -> bool:
        """Whether a change leaves all that is shown as it is, and every suppressed count at least 1."""
        moved = self.rows @ change
        least = (change >= self.least).all() and (self.value + moved >= 1)[hidden & self.floor].all()
        return bool(least and not moved[~hidden].any())

    def _cheapest(self, aim: Any, need: int, free: bool) -> Array | None:
        """Return the cheapest change that moves an aim up by what is needed; None if none was found.

        Args:
            aim: the part, as one row.
            need: [steps].
            free: whether rows that are shown may change, too, at their cost.
        """
        number = len(self.count)
        shown = ~self.hidden
        least = np.concatenate([np.where(shown, 0.0, np.where(self.floor, 1.0 - self.value, -np.inf)), [need]])
        # a shown row moves up or down at its cost; of changes that cost the same, the smaller one
        move = np.where(shown & free, self.reach * number, 0)
        down = np.where(self.floor, np.minimum(move, np.maximum(self.value - 1, 0)), move)
        cost = np.concatenate([np.full(2 * number, 0.001), self.cost, self.cost])
        most = np.concatenate([np.full(number, self.reach), -self.least, move, down])
        low, left = np.zeros(len(most)), self._stacked(aim)
        high = np.concatenate([np.where(shown, 0.0, np.inf), [np.inf]])
        up: int | None = None
        for _ in range(0 if self.spent else TRIES):
            self.work += len(cost) ** 3
            made = _solve(cost, left, (least, high), (low, most))
            if made is None:
                if up is None:
                    return None
                low[up], most[up], up = 0, low[up] - 1, None
                continue
            change = made[:number] - made[number : 2 * number]
            whole = self._whole(change, self.hidden | (np.abs(self.rows @ change) > 1e-6))
            if whole is not None and (aim @ whole)[0] >= need:
                return whole
            # what lies farthest from a whole number goes up to the next, or else down
            parts = made[: 2 * number]
            up = int(np.argmax(np.abs(parts - np.rint(parts))))
            low[up] = np.ceil(parts[up] - 1e-6)
        return None

    def _stacked(self, aim: Any) -> Any:
        """Lay rows and aim out over changes up, changes down, and moves of the rows up and down."""
        from scipy.sparse import eye_array, hstack, vstack

        move = eye_array(len(self.value))
        none = 0 * eye_array(1, 2 * len(self.value))
        return vstack([hstack([self.rows, -self.rows, -move, move]), hstack([aim, -aim, none])]).tocsc()

    def _suppress(self, part: int) -> None:
        """Suppress the rows that the cheapest change that opens a part would change."""
        aim, need = self.parts[[part], :], int(self.width[part] + self.low[part])
        while (change := self._cheapest(aim, need, True)) is None:
            near = self._nearest(aim)
            if near is None or self.spent:
                self.hidden = self.some.copy()
                self.high[:] = self.low + self.width  # nothing is shown, and any number may stand anywhere
                return
            self.hidden[near] = True
        moved = np.abs(self.rows @ change) * ~self.hidden
        new = np.flatnonzero(moved)
        self.hidden[new] = True
        # show again what need not be touched, that which moves least first
        for row in new[np.lexsort((-self.value[new], moved[new]))].tolist() if len(new) > 1 else ():
            self.hidden[row] = False
            found = self._cheapest(aim, need, False)
            self.hidden[row] = found is None
            change = change if found is None else found
        self._learn(change)

    def _nearest(self, aim: Any) -> int | None:
        """Return the smallest shown cell that shares a person with a part, or else a sum; any other where none does."""
        shown = ~self.hidden & self.some
        shared = (self.rows @ abs(aim).T).toarray()[:, 0] != 0
        order = np.lexsort((np.abs(self.value), self.cost >= 1000, ~shared))
        return next((int(row) for row in order if shown[row]), None)


def _solve(
    cost: NDArray[Any], left: Any, rows: tuple[Any, Any], columns: tuple[Any, Any]
) -> NDArray[np.float64] | None:
    """Solve a linear programme by HiGHS: the cheapest columns between their ends, with rows between theirs."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    # this entry to HiGHS takes half the time of linprog, and solves the same where nothing is asked to be whole
    made = milp(cost, bounds=Bounds(*columns), constraints=LinearConstraint(left, *rows))
    found: NDArray[np.float64] | None = made.x
    return found


def _sparse(kind: Any, rows: Sequence[Mapping[int, int]], columns: int) -> Any:
    """Lay rows out as a matrix with few entries."""
    ends = np.cumsum([0, *map(len, rows)])
    places = np.array([place for row in rows for place in row], dtype=np.int64)
    entries = np.array([entry for row in rows for entry in row.values()], dtype=np.int64)
    return kind((entries, places, ends), shape=(len(rows), columns))
