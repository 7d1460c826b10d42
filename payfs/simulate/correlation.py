"""Inputs that rise and fall together: rank correlations between pairs of them, by a Gaussian copula.

What is written is Spearman's rank correlation, which does not depend on the distributions of the inputs: only the ranks
of draws are coupled, and each input keeps its own distribution (the idea of R. L. Iman and W. J. Conover, "A
distribution-free approach to inducing rank correlation among input variables", 1982). A pair that is not written has
the correlation 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from payfs.spec import Problem, spoken
from payfs.text import suggest

Floats = NDArray[np.float64]

CLOSE = 1e-10
"""How far below 0 an eigenvalue of a correlation matrix may be for round-off."""

EDGE = 2.0**-53  # the nearest that a uniform comes to 0 and to 1


class Pair(NamedTuple):
    """Two inputs and the rank correlation between them, from -1 to 1."""

    one: str
    other: str
    rank: float


def pearson(rank: Floats) -> Floats:
    """Return the correlation of two normal variables that have this rank correlation.

    It is 2 sin(pi rank / 6): K. Pearson, "On further methods of determining correlation", 1907.
    """
    correlation: Floats = np.clip(2 * np.sin(np.pi / 6 * rank), -1, 1)
    return correlation


def spearman(correlation: Floats) -> Floats:
    """Return the rank correlation of two normal variables; undoes :func:`pearson`."""
    return 6 / np.pi * np.arcsin(correlation / 2)


def problems(names: Sequence[str], pairs: Sequence[Pair]) -> Iterator[Problem]:
    """Find what is wrong with pairs of these inputs: by the place of the pair, or () where only all of them are."""
    found = False
    seen: set[frozenset[str]] = set()
    for place, (one, other, rank) in enumerate(pairs):
        whole = f"{spoken(one)} and {spoken(other)}"
        wrong = [
            (f"there is no input {spoken(name)} to correlate", suggest(name, names) or "name one that is drawn")
            for name in dict.fromkeys((one, other))
            if name not in names
        ]
        if one == other:
            wrong.append((f"{spoken(one)} is correlated with itself", "name two different inputs"))
        elif frozenset((one, other)) in seen:
            wrong.append((f"{whole} are correlated twice", "write the pair once"))
        if not -1 <= rank <= 1:
            wrong.append((f"the rank correlation of {whole} is {rank:g}", "write a number from -1 to 1"))
        seen.add(frozenset((one, other)))
        for what, remedy in wrong:
            found = True
            yield Problem((place,), what, remedy)
    if not found and not is_correlation(_matrix(names, pairs)):
        better = ", ".join(
            f"{rank:g} for {spoken(one)} and {spoken(other)}" for one, other, rank in offer(names, pairs)
        )
        yield Problem(
            (),
            "no inputs can have all these rank correlations at once: they contradict each other",
            f"check them; the nearest that can hold together are {better}" if better else "leave them out",
        )


def matrix_of(names: Sequence[str], pairs: Sequence[Pair]) -> Floats:
    """Return the correlation matrix of the normal variables behind the inputs, (names, names).

    Raises:
        ValueError: :func:`problems` finds some.
    """
    if wrong := list(problems(names, pairs)):
        raise ValueError("\n".join(f"{problem.what}; {problem.remedy}" for problem in wrong))
    return _matrix(names, pairs)


def is_correlation(matrix: Floats) -> bool:
    """Whether normal variables can have these correlations: ones on the diagonal, and no eigenvalue below 0."""
    if not np.isfinite(matrix).all() or not (matrix == matrix.T).all() or not (np.diag(matrix) == 1).all():
        return False
    return len(matrix) == 0 or bool(np.linalg.eigvalsh(matrix)[0] >= -CLOSE)


def offer(names: Sequence[str], pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """Return the nearest rank correlations that can hold together, those of 0 left out.

    They have two decimals, or three where more than two were written, and hold together as they are rounded: where
    rounding alone would break them, they all come a little nearer to 0.
    """
    decimals = 2 if all(abs(rank * 100 - round(rank * 100)) < 1e-6 for _, _, rank in pairs) else 3
    ranks = spearman(nearest(_matrix(names, pairs)))
    for shrunk in np.linspace(0, 1, 1001):  # at 1 nothing is left, which always holds together
        rounded = np.round(ranks * (1 - shrunk), decimals)
        np.fill_diagonal(rounded, 1)
        if is_correlation(_filled(pearson(rounded))):
            break
    places = zip(*np.nonzero(np.triu(rounded, 1)), strict=True)
    return tuple(Pair(names[one], names[other], float(rounded[one, other])) for one, other in places)


def nearest(matrix: Floats) -> Floats:
    """Return the correlation matrix that is nearest to a symmetric one, by the sum of squared differences.

    Projections onto the matrices without an eigenvalue below 0 and onto those with ones on the diagonal take turns, the
    first with Dykstra's correction: N. J. Higham, "Computing the nearest correlation matrix - a problem from finance",
    2002. It ends when nothing changes by more than 1e-9.
    """
    near, correction = matrix, np.zeros_like(matrix)
    for _ in range(10_000):
        before = near
        start = near - correction
        values, vectors = np.linalg.eigh(start)
        within = (vectors * np.maximum(values, 0)) @ vectors.T
        correction = within - start
        near = _filled((within + within.T) / 2)
        if np.abs(near - before).max(initial=0) < 1e-9:
            break
    clipped: Floats = np.clip(near, -1, 1)
    return clipped


def factor(matrix: Floats) -> Floats:
    """Return the lower triangle whose product with its transpose is the correlation matrix (Cholesky).

    Where a variable follows wholly from those before it, the rest of its column is 0. Every row has length 1, so that
    what is made of independent normal variables is normal with variance 1.
    """
    size = len(matrix)
    lower = np.zeros((size, size))
    for column in range(size):
        rest = matrix[column:, column] - lower[column:, :column] @ lower[column, :column]
        if rest[0] > 1e-9:
            lower[column:, column] = rest / np.sqrt(rest[0])
    lower[np.abs(lower) < 1e-12] = 0
    lower /= np.sqrt((lower * lower).sum(axis=1, keepdims=True))
    return lower


def correlate(u: Floats, matrix: Floats) -> Floats:
    """Turn independent uniforms into correlated ones, strictly between 0 and 1.

    A column that is correlated with none before it keeps its bits, and so does the first. A path is worked out by
    itself, so that blocks of any size give the same bits.

    Args:
        u: (columns, paths).
        matrix: correlations of the normal variables, from :func:`matrix_of`, (columns, columns).

    Raises:
        ValueError: the matrix is not a correlation matrix of so many columns.
    """
    from scipy.special import ndtr, ndtri

    if matrix.shape != (len(u), len(u)) or not is_correlation(matrix):
        raise ValueError(f"this is not a correlation matrix of {len(u)} columns")
    result = u.copy()
    normal: dict[int, Floats] = {}
    for row, weights in enumerate(factor(matrix)):
        parts = np.flatnonzero(weights).tolist()
        if len(parts) == 1:
            source = u[parts[0]]
            result[row] = source if weights[parts[0]] > 0 else 1 - source
            continue
        total = np.zeros(u.shape[1])
        # added one by one: a matrix product may add in another order for another number of paths
        for part in parts:
            if part not in normal:
                normal[part] = ndtri(u[part])
            total += weights[part] * normal[part]
        result[row] = np.clip(ndtr(total), EDGE, 1 - EDGE)
    return result


def _matrix(names: Sequence[str], pairs: Sequence[Pair]) -> Floats:
    ranks = np.zeros((len(names), len(names)))
    places = {name: place for place, name in enumerate(names)}
    for one, other, rank in pairs:
        ranks[places[one], places[other]] = ranks[places[other], places[one]] = rank
    return _filled(pearson(ranks))


def _filled(matrix: Floats) -> Floats:
    """Return the matrix with ones on its diagonal."""
    filled = matrix.copy()
    np.fill_diagonal(filled, 1)
    return filled
