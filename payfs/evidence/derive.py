"""Work metrics out from others, exactly, each rounded once to its own step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np

from payfs.evidence.measured import Flags, Measured, Series, hold
from payfs.evidence.metric import Metric, score_curve
from payfs.money import Array, Rounding, fits, over, peak, refuse_beyond
from payfs.scale import Scale
from payfs.spec import Figure, UnknownTerm


class DividedByNothing(ValueError):
    """A ratio to nothing: the metric, and the cohort and period."""

    def __init__(self, metric: str, cohort: str, period: str) -> None:
        """Keep the place for a finding."""
        super().__init__(metric)
        self.metric, self.cohort, self.period = metric, cohort, period


def derive(
    metrics: Mapping[str, Metric], scales: Mapping[str, Scale], order: tuple[str, ...], measured: Measured
) -> Measured:
    """Add the metrics that are worked out from others.

    Args:
        metrics: by name.
        scales: of each.
        order: those that are worked out, each after the ones that it needs.
        measured: what was reported.

    Raises:
        DividedByNothing: a ratio to 0 without ``if_zero``.
        UnknownTerm: a figure that the contract says is unknown.
        TooLarge: a value is beyond what can be worked with exactly.
    """
    for name in order:
        try:
            series = _series(name, metrics[name], scales[name], measured)
        except UnknownTerm as error:
            raise UnknownTerm(("metrics", name, *error.path)) from None
        refuse_beyond(series.values)
        if not series.complete:
            # where an operand is missing there is no result: what the others come to must not be added to a total
            series = replace(series, values=series.values * series.present[:, :, None])
        measured = measured.with_series({name: series})
    return measured


def _series(name: str, metric: Metric, scale: Scale, measured: Measured) -> Series:
    word = metric.worked_out
    rounding = Rounding(metric.rounded)
    read = measured.series
    running = metric.reports == "to date"
    if word in ("sum", "difference", "weighted"):
        terms = _terms(metric)
        inputs = [read[operand] for operand, _ in terms if isinstance(operand, str)]
        if metric.reports is None:
            running = bool(inputs) and all(series.running for series in inputs)
        present = _present(inputs, measured)
        return Series(_linear(terms, scale, measured, rounding), present, scale, running)
    if word in ("highest", "lowest"):
        operands = metric.highest or metric.lowest or ()
        columns = [_linear([(operand, Fraction(1))], scale, measured, rounding) for operand in operands]
        best = columns[0]
        for column in columns[1:]:
            best = np.maximum(best, column) if word == "highest" else np.minimum(best, column)
        return Series(best, _present([read[o] for o in operands if isinstance(o, str)], measured), scale, running)
    if metric.product is not None:
        values: Array | None = None
        factor = 1 / scale.worth
        for operand in metric.product:
            if isinstance(operand, Figure):
                factor *= operand.share
            else:
                series = read[operand]
                factor *= series.scale.worth
                values = series.values if values is None else _multiply(values, series.values)
        assert values is not None
        present = _present([read[o] for o in metric.product if isinstance(o, str)], measured)
        result = refuse_beyond(_scaled(values, factor, rounding)).astype(_dtype(measured), copy=False)
        return Series(result, present, scale, running)
    if metric.ratio is not None or metric.reduction is not None:
        return _ratio(name, metric, scale, measured, rounding)
    if metric.change is not None:
        series = read[metric.change]
        values, present = series.values, series.present
        before = np.zeros_like(present)
        before[:, 1:] = np.logical_or.accumulate(present, axis=1)[:, :-1]
        earlier = np.zeros_like(values)
        earlier[:, 1:] = hold(values, present)[:, :-1]
        return Series(
            _scaled(values - earlier, series.scale.worth / scale.worth, rounding), present & before, scale, False
        )
    if metric.running is not None or metric.pooled is not None:
        series = read[metric.running].to_date() if metric.running else read[str(metric.pooled)].pooled()
        # a total to date is known wherever it was added to, not in the periods that report nothing
        present = read[metric.running].present if metric.running else series.present
        values = _scaled(series.values, series.scale.worth / scale.worth, rounding)
        return Series(values, present, scale, series.running)
    if metric.fixed is not None:
        grid = metric.fixed.grid(measured, 1 / scale.worth)
        if grid.unknown.any():
            raise UnknownTerm(("fixed", *grid.path))
        shape = (grid.tops.shape[0], len(measured.periods), 1)
        values = np.broadcast_to((grid.tops // grid.bottom).astype(_dtype(measured)), shape)
        return Series(values, np.ones(shape[:2], dtype=bool), scale, False)
    if metric.score is not None:
        series = read[metric.score.of]
        curve = score_curve(metric.score, series.scale, scale)
        try:
            curve.refuse_unknown(series.values, series.present[:, :, None])
        except UnknownTerm as error:
            raise UnknownTerm(("score", *error.path)) from None
        return Series(curve.pay(series.values, rounding), series.present, scale, False)
    assert metric.met is not None
    verdict = metric.met.judge(measured)
    known: Flags = np.logical_and.reduce(verdict.known, axis=2)
    return Series(verdict.met.astype(_dtype(measured)), known, scale, False)


def _dtype(measured: Measured) -> Any:
    return next((series.values.dtype for series in measured.series.values()), np.dtype(np.int64))


def _terms(metric: Metric) -> list[tuple[Figure | str, Fraction]]:
    """Return operands with their coefficients."""
    if metric.sum is not None:
        return [(operand, Fraction(1)) for operand in metric.sum]
    if metric.difference is not None:
        return [(metric.difference.of, Fraction(1)), (metric.difference.less, Fraction(-1))]
    return [(name, weight) for name, weight in (metric.weighted or {}).items()]


def _present(inputs: list[Series], measured: Measured) -> Flags:
    """Return where all inputs were reported."""
    present = np.ones((1, len(measured.periods)), dtype=bool)
    for series in inputs:
        present = present & series.present
    return present


def _linear(terms: list[tuple[Figure | str, Fraction]], scale: Scale, measured: Measured, rounding: Rounding) -> Array:
    """Add operands times coefficients and round once."""
    constant, factors = Fraction(0), []
    for operand, coefficient in terms:
        if isinstance(operand, Figure):
            constant += operand.share * coefficient / scale.worth
        else:
            series = measured.series[operand]
            factors.append((series.values, series.scale.worth * coefficient / scale.worth))
    bottom = lcm(constant.denominator, *(factor.denominator for _, factor in factors))
    sizes = [max(peak(values), 1) * abs(int(factor * bottom)) for values, factor in factors]
    bound = abs(int(constant * bottom)) + sum(sizes)
    dtype = _dtype(measured)
    work = dtype if fits(bound, bottom) else np.dtype(object)
    total: Array = np.full((1, len(measured.periods), 1), int(constant * bottom), dtype=work)
    for values, factor in factors:
        total = total + values.astype(work, copy=False) * int(factor * bottom)
    result: Array = refuse_beyond(over(total, bottom, rounding)).astype(dtype, copy=False)
    return result


def _multiply(one: Array, other: Array) -> Array:
    if fits(peak(one) * peak(other)):
        product: Array = one * other
        return product
    exact: Array = one.astype(object) * other.astype(object)
    return exact


def _scaled(values: Array, factor: Fraction, rounding: Rounding) -> Array:
    """Multiply by an exact factor and round once."""
    if factor == 1:
        return values
    top, bottom = factor.numerator, factor.denominator
    work = values if fits(max(peak(values), 1) * abs(top), bottom) else values.astype(object)
    result = refuse_beyond(over(work * top, bottom, rounding))
    return result.astype(np.int64) if values.dtype != object else result


def _ratio(name: str, metric: Metric, scale: Scale, measured: Measured, rounding: Rounding) -> Series:
    """Divide, rounding once: ``of / to``, or ``1 - to / from`` for a reduction."""
    first, second = (
        (metric.ratio.of, metric.ratio.to) if metric.ratio else (metric.reduction.to, metric.reduction.from_)  # type: ignore[union-attr]
    )
    dtype = _dtype(measured)

    def operand(what: Figure | str) -> tuple[Array, Fraction, Flags]:
        if isinstance(what, Figure):
            return np.ones((1, 1, 1), dtype=dtype), what.share, np.ones((1, len(measured.periods)), dtype=bool)
        series = measured.series[what]
        return series.values, series.scale.worth, series.present

    (of, of_worth, of_present), (to, to_worth, to_present) = operand(first), operand(second)
    present = of_present & to_present
    factor = of_worth / to_worth / scale.worth if to_worth else Fraction(0)
    bottom = to.astype(object) * factor.denominator if to_worth else np.zeros((1, 1, 1), dtype=object)
    top = of.astype(object) * factor.numerator
    if metric.reduction is not None:
        whole = 1 / scale.worth  # 100% in steps
        top = bottom * whole.numerator - top * whole.denominator
        bottom = bottom * whole.denominator
    top, bottom = np.broadcast_arrays(top, bottom)
    nothing = bottom == 0
    if metric.if_zero is None:
        wrong = np.argwhere(nothing & present[:, :, None])
        if wrong.size:
            cohort, period, _ = wrong[0]
            raise DividedByNothing(name, measured.cohorts[cohort % len(measured.cohorts)], measured.periods[period])
    sign = np.where(bottom < 0, -1, 1)
    divided = over(np.where(nothing, 0, top * sign), np.where(nothing, 1, bottom * sign), rounding)
    if metric.if_zero is not None:
        divided = np.where(nothing, scale.steps(metric.if_zero), divided)
    divided = np.where(present[:, :, None], divided, 0)
    return Series(refuse_beyond(divided).astype(dtype), present, scale, metric.reports == "to date")
