"""A statement for publishing: no number from which a reader could tell what one of a few people did.

A count of 1 to 10 people is suppressed, and so is another one wherever the first could be had by subtraction from the
counts and sums that are shown. Whether a count can be had is decided exactly: it can if it lies in the row space of
what is shown. Money says how many claims there were, and at which prices, so it is shown only where nothing is
suppressed and no claim has a price of its own. Measures that are worked out from counts are not shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from payfs.money import Array
from payfs.payments import Account
from payfs.report.lines import table, wrapped

SMALLEST = 11  # [people] the smallest number that is shown


class Cell(NamedTuple):
    """What one metric counted for one cohort in one period.

    Attributes:
        metric: name.
        cohort: name, or None for all together.
        period: name.
        people: who is behind it, or how many at most where only counts tell.
        counted: how many were counted.
        shown: the same, as it is written.
    """

    metric: str
    cohort: str | None
    period: str
    people: Array | int
    counted: int
    shown: str


class Sum(NamedTuple):
    """A sum of counts that is published.

    Attributes:
        metric: name.
        kind: cohort, period or total.
        name: of which cohort or period.
        cells: places of the cells that it adds up.
        shown: as it is written.
    """

    metric: str
    kind: str
    name: str
    cells: tuple[int, ...]
    shown: str


class Published(NamedTuple):
    """A statement for publishing.

    Attributes:
        cells: what was counted, by metric, cohort and period.
        sums: by metric: of each cohort, of each period and in all.
        hidden: which cells are suppressed.
        hidden_sums: which sums are.
        money: what is paid by rule and in all [minor units]; None where it would tell something that is suppressed.
        smallest: the smallest number of people that is shown.
    """

    cells: tuple[Cell, ...]
    sums: tuple[Sum, ...]
    hidden: NDArray[np.bool_]
    hidden_sums: NDArray[np.bool_]
    money: dict[str, int] | None
    smallest: int


def publish(account: Account, smallest: int = SMALLEST) -> Published:
    """Lay a statement out for publishing, and suppress what says too much about a few people."""
    cells = tuple(_cells(account))
    sums = tuple(_sums(account, cells))
    hidden, hidden_sums = suppressed([cell.people for cell in cells], [one.cells for one in sums], smallest)
    whole = not hidden.any() and not hidden_sums.any() and not account.statement.measured.by_claim
    money = {**account.sums("rule"), "Total": account.total} if whole else None
    return Published(cells, sums, hidden, hidden_sums, money, smallest)


def _cells(account: Account) -> Iterator[Cell]:
    contract, measured = account.contract, account.statement.measured
    for name, metric in contract.frame.metrics.items():
        series = measured.series.get(name)
        if metric.worked_out is not None or series is None:
            continue
        scale = series.scale
        if scale.percent or scale.yes_no or scale.money is not None:
            continue
        each, rows = series.each_period(), series.present.shape[0]
        claimed = account.evidence.who(name)
        for row in range(rows):
            for place in np.flatnonzero(each.present[row]).tolist():
                steps = int(each.values[row, place, 0])
                counted = int(abs(steps * scale.step))
                people: Array | int = counted
                if claimed is not None:
                    people = np.unique(claimed[1][claimed[0] == row * len(contract.periods) + place])
                cohort = contract.cohorts[row] if rows > 1 else None
                yield Cell(name, cohort, contract.periods[place].name, people, steps, scale.show(steps))


def _sums(account: Account, cells: Sequence[Cell]) -> Iterator[Sum]:
    for metric in dict.fromkeys(cell.metric for cell in cells):
        mine = [place for place, cell in enumerate(cells) if cell.metric == metric]
        show = account.statement.measured.series[metric].scale.show
        for kind in ("cohort", "period"):
            names = dict.fromkeys(name for place in mine if (name := getattr(cells[place], kind)) is not None)
            for name in names if len(names) > 1 else ():
                places = tuple(place for place in mine if getattr(cells[place], kind) == name)
                yield Sum(metric, kind, name, places, show(sum(cells[place].counted for place in places)))
        yield Sum(metric, "total", "", tuple(mine), show(sum(cells[place].counted for place in mine)))


def suppressed(
    people: Sequence[Array | int | None], lines: Sequence[Sequence[int]], smallest: int = SMALLEST
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Choose what is suppressed.

    Args:
        people: behind each cell, or how many they are; None where no people are counted.
        lines: the cells that each published sum adds up.
        smallest: the smallest number of people that is shown; 0 is shown, too.

    Returns:
        Which cells and which sums are suppressed.
    """
    sizes = [together([who]) for who in people]
    hidden = np.array([size is not None and 0 < size < smallest for size in sizes], dtype=bool)
    matrix = np.zeros((len(lines), len(people)))
    for row, line in enumerate(lines):
        matrix[row, list(line)] = 1
    behind = [together([people[place] for place in line]) for line in lines]
    hidden_sums = np.array([size is not None and 0 < size < smallest for size in behind], dtype=bool)
    while True:
        found = _derivable(matrix, hidden, hidden_sums) or _too_few(lines, people, hidden, hidden_sums, smallest)
        if found is None:
            return hidden, hidden_sums
        kind, place = found
        _hide_another(kind, place, matrix, lines, sizes, hidden, hidden_sums)


def together(people: Sequence[Array | int | None]) -> int | None:
    """Count the people behind several cells, each once where they are known; None where nobody is counted in one."""
    if any(who is None for who in people):
        return None
    known = [who for who in people if isinstance(who, np.ndarray)]
    return sum(who for who in people if isinstance(who, int)) + (len(np.unique(np.concatenate(known))) if known else 0)


def _derivable(
    matrix: NDArray[Any], hidden: NDArray[np.bool_], hidden_sums: NDArray[np.bool_]
) -> tuple[str, int] | None:
    """Find a suppressed cell or sum that follows from the sums that are shown."""
    basis = _row_space(matrix, hidden, hidden_sums)
    inside = (basis**2).sum(axis=0)
    for place, share in zip(np.flatnonzero(hidden), inside, strict=True):
        if share > 1 - 1e-6:
            return "cell", int(place)
    for row in np.flatnonzero(hidden_sums):
        target = matrix[row][hidden]
        if np.allclose(basis.T @ (basis @ target), target, atol=1e-6):
            return "sum", int(row)
    return None


def _row_space(matrix: NDArray[Any], hidden: NDArray[np.bool_], hidden_sums: NDArray[np.bool_]) -> NDArray[Any]:
    """Return what the shown sums say of the suppressed cells, as orthogonal rows of length 1."""
    shown = matrix[~hidden_sums][:, hidden]
    if not shown.size:
        return np.zeros((0, shown.shape[1]))
    _, values, vectors = np.linalg.svd(shown, full_matrices=False)
    basis: NDArray[Any] = vectors[values > 1e-9]
    return basis


def _too_few(
    lines: Sequence[Sequence[int]],
    people: Sequence[Array | int | None],
    hidden: NDArray[np.bool_],
    hidden_sums: NDArray[np.bool_],
    smallest: int,
) -> tuple[str, int] | None:
    """Find a sum of which the suppressed cells have so few people in all that each could nearly be told."""
    for row, line in enumerate(lines):
        gone = [place for place in line if hidden[place]]
        if gone and not hidden_sums[row]:
            number = together([people[place] for place in gone])
            if number is not None and number < smallest:
                return "cell", gone[0]
    return None


def _hide_another(
    kind: str,
    place: int,
    matrix: NDArray[Any],
    lines: Sequence[Sequence[int]],
    sizes: Sequence[int | None],
    hidden: NDArray[np.bool_],
    hidden_sums: NDArray[np.bool_],
) -> None:
    """Suppress one more: the cell with the fewest people that stands in a sum with what is to be protected."""
    about = set(lines[place]) if kind == "sum" else {place}
    beside = [line for row, line in enumerate(lines) if not hidden_sums[row] and about & set(line)]
    for line in sorted(beside, key=len):
        free = [other for other in line if not hidden[other] and sizes[other] != 0]
        if free:
            hidden[min(free, key=lambda other: (sizes[other] is None, sizes[other] or 0, other))] = True
            return
    # no cell is left: the smallest sum without which it does not follow, or else the smallest that it stands in
    shown = sorted(np.flatnonzero(~hidden_sums).tolist(), key=lambda row: (len(lines[row]), row))
    for row in shown:
        hidden_sums[row] = True
        if _derivable(matrix, hidden, hidden_sums) != (kind, place):
            return
        hidden_sums[row] = False
    hidden_sums[next(row for row in shown if about & set(lines[row]))] = True


def published_data(account: Account, made: Published) -> dict[str, Any]:
    """Return a statement for publishing as plain data; what is suppressed is null."""
    plain = account.contract.money.plain
    return {
        "contract": account.contract.name,
        "currency": account.contract.money.code,
        "smallest_number_of_people": made.smallest,
        "counts": [
            {
                "metric": cell.metric,
                "cohort": cell.cohort,
                "period": cell.period,
                "counted": None if hidden else cell.shown,
            }
            for cell, hidden in zip(made.cells, made.hidden, strict=True)
        ],
        "sums": [
            {"metric": one.metric, "of": one.kind, "name": one.name, "counted": None if hidden else one.shown}
            for one, hidden in zip(made.sums, made.hidden_sums, strict=True)
        ],
        "paid": None if made.money is None else {name: plain(amount) for name, amount in made.money.items()},
    }


def published_lines(account: Account, made: Published) -> Iterator[str]:
    """Write a statement for publishing."""
    money = account.contract.money
    yield from wrapped(account.contract.spec.title)
    yield f"For publishing: nothing about fewer than {made.smallest} people"
    for metric in dict.fromkeys(cell.metric for cell in made.cells):
        yield ""
        yield metric
        rows = [
            (cell.period, cell.cohort or "", "suppressed" if hidden else cell.shown)
            for cell, hidden in zip(made.cells, made.hidden, strict=True)
            if cell.metric == metric
        ]
        for one, hidden in zip(made.sums, made.hidden_sums, strict=True):
            if one.metric == metric:
                names = {
                    "cohort": ("all periods", one.name),
                    "period": (one.name, "all cohorts"),
                    "total": ("in all", ""),
                }
                rows.append((*names[one.kind], "suppressed" if hidden else one.shown))
        yield from table(("period", "cohort", "counted"), rows, right=(2,))
    yield ""
    if made.money is not None:
        yield "Paid"
        yield from table(("", ""), [(name, money.show(amount)) for name, amount in made.money.items()], right=(1,))
        return
    yield from wrapped(
        "What was paid is not shown: it would tell how many of a few people were counted, or at which price."
    )
    if made.hidden.any() or made.hidden_sums.any():
        few = f"counts of 1 to {made.smallest - 1} people"
        yield from wrapped(f"Suppressed: {few}, and others that would tell them by subtraction.")
