"""A statement for publishing: no number from which a reader could tell what one of a few people did.

A figure about 1 to 10 people is suppressed, and so is another one wherever the first could be had by subtraction: from
the sum of a rule, of a cohort, of a period, or of everything. Whether a figure can be had is decided exactly: it can
if it lies in the row space of the sums that are published.
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
    """What is paid under one rule for one cohort and period, corrections included.

    Attributes:
        rule: name.
        cohort: name, or None for all together.
        period: name.
        people: who is behind it, or how many at most where only counts tell; None where nobody is counted.
        measured: what the metric came to, as a results file has it.
        amount: [minor units].
    """

    rule: str
    cohort: str | None
    period: str
    people: Array | int | None
    measured: str | None
    amount: int


class Sum(NamedTuple):
    """A sum that is published.

    Attributes:
        kind: rule, cohort, period or total.
        name: of which rule, cohort or period.
        cells: places of the cells that it adds up.
        amount: [minor units].
    """

    kind: str
    name: str
    cells: tuple[int, ...]
    amount: int


class Published(NamedTuple):
    """A statement for publishing.

    Attributes:
        cells: what is paid, by rule, cohort and period.
        sums: by rule, by cohort, by period and in all.
        hidden: which cells are suppressed.
        hidden_sums: which sums are.
        smallest: the smallest number of people that is shown.
    """

    cells: tuple[Cell, ...]
    sums: tuple[Sum, ...]
    hidden: NDArray[np.bool_]
    hidden_sums: NDArray[np.bool_]
    smallest: int


def publish(account: Account, smallest: int = SMALLEST) -> Published:
    """Lay a statement out for publishing, and suppress what says too much about a few people."""
    cells = tuple(_cells(account))
    sums = tuple(_sums(cells))
    lines = [one.cells for one in sums]
    hidden, hidden_sums = suppressed([cell.people for cell in cells], lines, smallest)
    return Published(cells, sums, hidden, hidden_sums, smallest)


def _cells(account: Account) -> Iterator[Cell]:
    amounts: dict[tuple[str, str | None, str], int] = {}
    measured: dict[tuple[str, str | None, str], str | None] = {}
    for payment in account.payments:
        key = (payment.rule, payment.cohort, payment.period)
        amounts[key] = amounts.get(key, 0) + payment.amount
        measured[key] = payment.measured
    for key, amount in amounts.items():
        yield Cell(*key, account.people(*key), measured[key], amount)


def _sums(cells: Sequence[Cell]) -> Iterator[Sum]:
    for kind in ("rule", "cohort", "period"):
        names = dict.fromkeys(name for cell in cells if (name := getattr(cell, kind)) is not None)
        for name in names:
            places = tuple(place for place, cell in enumerate(cells) if getattr(cell, kind) == name)
            yield Sum(kind, name, places, sum(cells[place].amount for place in places))
    yield Sum("total", "", tuple(range(len(cells))), sum(cell.amount for cell in cells))


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
        "payments": [
            {
                "rule": cell.rule,
                "cohort": cell.cohort,
                "period": cell.period,
                "measured": None if hidden else cell.measured,
                "amount": None if hidden else plain(cell.amount),
                "suppressed": bool(hidden),
            }
            for cell, hidden in zip(made.cells, made.hidden, strict=True)
        ],
        "sums": [
            {
                "by": one.kind,
                "name": one.name,
                "amount": None if hidden else plain(one.amount),
                "suppressed": bool(hidden),
            }
            for one, hidden in zip(made.sums, made.hidden_sums, strict=True)
        ],
    }


def published_lines(account: Account, made: Published) -> Iterator[str]:
    """Write a statement for publishing."""
    money = account.contract.money
    yield from wrapped(account.contract.spec.title)
    yield f"Statement in {money.code}, for publishing"
    yield ""
    rows = []
    for cell, hidden in zip(made.cells, made.hidden, strict=True):
        shown = ("suppressed", "suppressed") if hidden else (cell.measured or "", money.show(cell.amount))
        rows.append((cell.rule, cell.cohort or "", cell.period, *shown))
    yield from table(("rule", "cohort", "period", "measured", "amount"), rows, right=(3, 4))
    for kind in ("rule", "cohort", "period", "total"):
        chosen = [(one, hidden) for one, hidden in zip(made.sums, made.hidden_sums, strict=True) if one.kind == kind]
        if not chosen or (kind == "cohort" and len(chosen) < 2):
            continue
        yield ""
        yield "In all" if kind == "total" else f"By {kind}"
        figures = [(one.name or "Total", "suppressed" if hidden else money.show(one.amount)) for one, hidden in chosen]
        yield from table(("", ""), figures, right=(1,))
    if made.hidden.any() or made.hidden_sums.any():
        yield ""
        few = f"figures about 1 to {made.smallest - 1} people"
        yield from wrapped(f"Suppressed: {few}, and others that would tell them by subtraction.")
