"""Which inputs a result hangs on: tornado, rank correlations, and Sobol' indices, each with its standard error.

An input is moved by its own uniforms, which are independent of each other. Where a model makes inputs rise and fall
together (:mod:`payfs.simulate.correlation`), it does so in their order: the uniform of the first of them is the whole
of that input, and those that follow move along with it as far as they are correlated; the uniform of a later one is
what those before it leave open, and they stay where they are. An index of the first then counts what it shares with
the others, and an index of the last only what it adds (T. A. Mara and S. Tarantola, "Variance-based sensitivity indices
for models with dependent inputs", 2012). Among independent inputs the order makes no difference.

Events count as 1 where they happen and 0 where not, so that their mean is a probability. Standard errors are the
jackknife's over the replicates of the draws, which are independent (M. H. Quenouille, 1956; J. W. Tukey, 1958), and NaN
where there is only one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

import numpy as np

from payfs.simulate.draws import Draws
from payfs.simulate.model import Floats, Model
from payfs.spec import quoted
from payfs.text import suggest

Told = TypeVar("Told")

LOW, HIGH = 0.1, 0.9
"""The percentiles between which a tornado moves an input."""

BLOCK = 1 << 14  # paths that are worked out at once, so that memory does not grow with the run


class Estimate(NamedTuple):
    """A figure from a simulation, and its standard error."""

    value: float
    error: float


class Swing(NamedTuple):
    """What the mean of a result is with an input low and with it high.

    Attributes:
        input: the input's name.
        low: the mean with the input at its 10th percentile.
        high: the mean with it at its 90th.
        swing: ``high`` less ``low``.
        without: the share of all these paths that have no such figure, and are left out of the means.
    """

    input: str
    low: Estimate
    high: Estimate
    swing: Estimate
    without: float


class Ranked(NamedTuple):
    """How far a result rises and falls with an input.

    Attributes:
        input: the input's name.
        correlation: Spearman's rank correlation, from -1 to 1; NaN where the result is the same on every path.
        without: the share of paths that have no such figure, and are left out.
    """

    input: str
    correlation: Estimate
    without: float


class Indices(NamedTuple):
    """What part of the variance of a result comes from an input.

    Attributes:
        input: the input's name.
        first: the first-order index, what the input brings by itself: the part of the variance that would go, on the
            average, if the input were known.
        total: the total index, what it brings by itself and together with others: the part of the variance that would
            be left, on the average, if all the others were known.
    """

    input: str
    first: Estimate
    total: Estimate


def tornado(model: Model, labels: Sequence[str], draws: Draws) -> dict[str, list[Swing]]:
    """Return by label what the mean is with each input low and high, the widest swing first.

    All columns of an input are held at 0.1 and at 0.9 at once: an input with a draw for each period is low in all of
    them, which is rarer than one time in ten. All other inputs are drawn as usual, from the same numbers each time, so
    that the difference has far less error than the means. It takes two runs for each input.

    Args:
        model: what is simulated.
        labels: results to look at.
        draws: the uniforms, as many columns as the model has.

    Raises:
        ValueError: the model has no such result.
    """
    origin = _origin(model, labels, draws)
    sums = np.zeros((draws.replicates, len(model.inputs), len(labels), 2, 2))
    for replicate in range(draws.replicates):
        for uniforms in _blocks(draws, replicate):
            for place, one in enumerate(model.inputs):
                held, columns = uniforms.copy(), list(one.columns)
                for end, percentile in enumerate((LOW, HIGH)):
                    held[columns] = percentile
                    values = _values(model, labels, held) - origin
                    there = ~np.isnan(values)
                    sums[replicate, place, :, end, 0] += there.sum(axis=1)
                    sums[replicate, place, :, end, 1] += np.where(there, values, 0).sum(axis=1)

    def means(sums: Floats) -> Floats:
        ends = _over(sums[..., 1], sums[..., 0]) + origin
        return np.concatenate([ends, ends[..., 1:] - ends[..., :1]], axis=-1)

    without = 1 - sums[..., 0].sum(axis=(0, 3)) / (2 * draws.paths)

    def swing(place: int, at: int, name: str, found: list[Estimate]) -> Swing:
        return Swing(name, found[0], found[1], found[2], float(without[place, at]))

    return _by_label(model, labels, _jackknife(sums, means, draws), swing, lambda one: one.swing)


def rank_correlations(model: Model, labels: Sequence[str], draws: Draws) -> dict[str, list[Ranked]]:
    """Return by label its rank correlation with each input, the strongest first.

    The correlation is Spearman's (C. Spearman, "The proof and measurement of association between two things", 1904) of
    the result and the input's uniform, or the mean of the normal scores of its uniforms where it has several. Equal
    results share the mean of their ranks. Each replicate is ranked by itself, and what they have in common is added up.
    It takes one run.

    Args:
        model: what is simulated.
        labels: results to look at.
        draws: the uniforms, as many columns as the model has.

    Raises:
        ValueError: the model has no such result.
    """
    from scipy.special import ndtri

    sums = np.zeros((draws.replicates, len(model.inputs), len(labels), 3))
    missing = np.zeros(len(labels))
    for replicate in range(draws.replicates):
        parts, scored = [], []
        for uniforms in _blocks(draws, replicate):
            parts.append(_values(model, labels, uniforms))
            scored.append(np.empty((len(model.inputs), uniforms.shape[1])))
            for row, one in zip(scored[-1], model.inputs, strict=True):
                row[:] = ndtri(uniforms[list(one.columns)]).mean(axis=0)
        if not parts or not model.inputs:
            continue
        values, scores = np.concatenate(parts, axis=1), np.concatenate(scored, axis=1)
        whole = _ranks(scores)
        for at, row in enumerate(values):
            there = ~np.isnan(row)
            missing[at] += (~there).sum()
            x, y = whole if there.all() else _ranks(scores[:, there]), _ranks(row[None, there])
            sums[replicate, :, at] = np.stack([(x * x).sum(1), np.full(len(x), (y * y).sum()), (x * y).sum(1)], axis=-1)

    def correlations(sums: Floats) -> Floats:
        return _over(sums[..., 2], np.sqrt(sums[..., 0] * sums[..., 1]))[..., None]

    def ranked(place: int, at: int, name: str, found: list[Estimate]) -> Ranked:
        return Ranked(name, found[0], float(missing[at] / draws.paths))

    return _by_label(model, labels, _jackknife(sums, correlations, draws), ranked, lambda one: one.correlation)


def sobol_indices(model: Model, labels: Sequence[str], draws: Draws) -> dict[str, list[Indices]]:
    """Return by label the first-order and total Sobol' indices of each input, the largest total index first.

    Two independent runs, A and B, are the first and the second half of points of twice the columns; AB is A with the
    input's columns from B. An input of several columns is one group. Of the results, less their mean, and of their
    variance V over A and B:

    - first order: mean of ``f(B) (f(AB) - f(A)) / V``, formula (b) of table 2 in A. Saltelli and others, "Variance
      based sensitivity analysis of model output. Design and estimator for the total sensitivity index", 2010;
    - total: mean of ``(f(A) - f(AB))**2 / (2 V)``: M. J. W. Jansen, "Analysis of variance designs for model output",
      1999.

    They are estimates, so that an index of 0 may come out a little below it. Where the result is the same on every
    path there is no variance to share, and the indices are NaN; so they are where any of the paths has no such figure
    (a rate of return may have none), since what is left is no longer drawn independently: ask of an amount or a
    multiple instead. It takes two runs, and one more for each input.

    Args:
        model: what is simulated.
        labels: results to look at.
        draws: the seed, the paths and the replicates; as many columns as the model has.

    Raises:
        ValueError: the model has no such result.
    """
    origin = _origin(model, labels, draws)
    sums = np.zeros((draws.replicates, len(model.inputs), len(labels), 6))
    for replicate in range(draws.replicates):
        for uniforms in _blocks(replace(draws, columns=2 * draws.columns), replicate):
            one_run, other_run = uniforms[: draws.columns], uniforms[draws.columns :]
            a, b = (_values(model, labels, run) - origin for run in (one_run, other_run))
            for place, one in enumerate(model.inputs):
                mixed, columns = one_run.copy(), list(one.columns)
                mixed[columns] = other_run[columns]
                moved = _values(model, labels, mixed) - origin - a
                terms = (np.ones_like(a), a + b, a * a + b * b, b * moved, moved, moved * moved)
                sums[replicate, place] += np.stack([term.sum(axis=1) for term in terms], axis=-1)

    def indices(sums: Floats) -> Floats:
        paths = sums[..., 0]
        mean = _over(sums[..., 1], 2 * paths)
        square = _over(sums[..., 2], 2 * paths)
        variance = square - mean * mean
        # from the first path's result as the origin, a variance this far below the square is round-off of nothing
        variance = np.where(variance > 1e-12 * square, variance, 0)
        first = _over(sums[..., 3] - mean * sums[..., 4], paths * variance)
        return np.stack([first, _over(sums[..., 5], 2 * paths * variance)], axis=-1)

    def of_input(place: int, at: int, name: str, found: list[Estimate]) -> Indices:
        return Indices(name, found[0], found[1])

    return _by_label(model, labels, _jackknife(sums, indices, draws), of_input, lambda one: one.total)


def _blocks(draws: Draws, replicate: int) -> Iterator[Floats]:
    """Yield the uniforms of a replicate, (columns, at most BLOCK)."""
    size = len(draws.paths_of(replicate))
    for start in range(0, size, BLOCK):
        yield draws.take(replicate, start, min(start + BLOCK, size))


def _values(model: Model, labels: Sequence[str], uniforms: Floats) -> Floats:
    """Work results out as numbers, (labels, paths); NaN for none."""
    outcomes = model.evaluate(uniforms)
    for label in labels:
        if label not in outcomes:
            hint = suggest(label, outcomes) or f"it has {', '.join(outcomes)}"
            raise ValueError(f"the simulation has no result {quoted(label)}; {hint}")
    values = np.empty((len(labels), uniforms.shape[1]))
    for row, label in zip(values, labels, strict=True):
        row[:] = outcomes[label]
    values[~np.isfinite(values)] = np.nan
    return values


def _origin(model: Model, labels: Sequence[str], draws: Draws) -> Floats:
    """Return the results of the first path, from which sums are taken so that they lose no digits, (labels, 1)."""
    values = _values(model, labels, draws.take(0, 0, 1))
    return np.where(np.isnan(values), 0, values)


def _ranks(values: Floats) -> Floats:
    """Return the ranks along each row, from -1/2 to 1/2; equal values share the mean of theirs."""
    from scipy.stats import rankdata

    paths = values.shape[1]
    ranks: Floats = (rankdata(values, axis=1) - (paths + 1) / 2) / max(paths, 1)
    return ranks


def _over(number: Floats, by: Floats) -> Floats:
    """Divide; NaN where there is nothing to divide by."""
    none = ~(by > 0)
    result: Floats = np.where(none, np.nan, number / np.where(none, 1, by))
    return result


def _jackknife(sums: Floats, statistic: Callable[[Floats], Floats], draws: Draws) -> tuple[Floats, Floats]:
    """Return a statistic of sums over all replicates, and its standard error from leaving out each of them.

    Args:
        sums: (replicates, inputs, labels, ...).
        statistic: works on sums with any axes in front.
        draws: tells which replicates have paths at all.
    """
    total = sums.sum(axis=0)
    number = min(draws.replicates, draws.paths)
    found = statistic(total)
    if number < 2:
        return found, np.full_like(found, np.nan)
    away = statistic(total - sums[:number]) - found
    spread = ((away - away.mean(axis=0)) ** 2).sum(axis=0)
    return found, np.sqrt(spread * (number - 1) / number)


def _by_label(
    model: Model,
    labels: Sequence[str],
    figures: tuple[Floats, Floats],
    make: Callable[[int, int, str, list[Estimate]], Told],
    by: Callable[[Told], Estimate],
) -> dict[str, list[Told]]:
    """List by label what is told of each input, sorted by one of its estimates.

    Args:
        model: tells the inputs.
        labels: of the results.
        figures: values and standard errors, (inputs, labels, figures) each.
        make: from the places of an input and a label, the input's name and its estimates.
        by: the estimate that sorts: the largest size first.
    """
    found, error = figures
    result = {}
    for at, label in enumerate(labels):
        told = []
        for place, one in enumerate(model.inputs):
            pairs = zip(found[place, at].tolist(), error[place, at].tolist(), strict=True)
            told.append(make(place, at, one.name, [Estimate(*pair) for pair in pairs]))
        result[label] = sorted(told, key=lambda one: _widest(by(one)))
    return result


def _widest(estimate: Estimate) -> tuple[bool, float]:
    """Sort the largest size first and what is NaN last."""
    return estimate.value != estimate.value, -abs(estimate.value)
