"""The error of measuring: a comparison of a limited number of people finds the true effect only by chance.

The difference of two means has the standard deviation ``s sqrt(1/n1 + 1/n0)``, where people's outcomes have the
standard deviation s and n1 and n0 people are compared. Of a share of people to whom something happens, which falls by
the share ``e`` from the rate ``r``, the relative fall has, to first order, the standard deviation
``sqrt(p (1 - p) / n1 + (1 - e)^2 r (1 - r) / n0) / r`` with ``p = r (1 - e)`` (the delta method; J. Katz and others,
"Obtaining confidence intervals for the risk ratio in cohort studies", 1978).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from payfs.scale import Scale
from payfs.simulate.builder import Builder, Rows, drawn, fixed
from payfs.simulate.distributions import Distribution
from payfs.simulate.model import Floats
from payfs.simulate.written import Evaluation
from payfs.text import Path


@dataclass(frozen=True)
class Error:
    """What is measured is the truth, a bias and an error.

    Attributes:
        treated: how many people are served.
        control: how many they are compared with.
        spread: the standard deviation of one person's outcome, as a plain number; None where a rate is given.
        base_rate: the share of the others to whom it happens; None where the spread is given.
        rows: the uniforms of the error, one for each comparison.
        group: of each cell, which comparison it is, (cells,).
        bias: what a comparison of people who differ is wrong by; None for nothing.
        nothing: the true effect where nothing changed, as a plain number.
        target: the true effect from which the target is met; None for the least at which anything is paid.
    """

    treated: int
    control: int
    spread: float | None
    base_rate: float | None
    rows: Rows
    group: NDArray[np.int64]
    bias: tuple[Distribution, Rows | None] | None
    nothing: float
    target: float | None

    def deviation(self, truth: Floats, larger: float = 1.0) -> Floats:
        """Return the standard deviation of what is measured, for each true effect."""
        treated, control = self.treated * larger, self.control * larger
        if self.spread is not None:
            return np.full_like(truth, self.spread * np.sqrt(1 / treated + 1 / control))
        rate = self.base_rate or 0.0
        rest = np.clip(1 - truth, 0, 1 / rate)
        served = rest * rate
        deviation: Floats = np.sqrt(served * (1 - served) / treated + rest**2 * rate * (1 - rate) / control) / rate
        return deviation

    def measured(self, truth: Floats, uniforms: Floats, larger: float = 1.0) -> Floats:
        """Return what is measured, (cells, paths)."""
        from scipy.special import ndtri  # type: ignore[import-untyped]

        scores = ndtri(self.rows.of(uniforms))[self.group]
        found: Floats = truth + self.deviation(truth, larger) * scores
        return found if self.bias is None else found + drawn(*self.bias, uniforms)[0]


def error_of(
    builder: Builder, name: str, spec: Evaluation, scale: Scale, group: NDArray[np.int64], at: Path
) -> Error | None:
    """Lay out the error of measuring; None with faults noted."""
    before = len(builder.found)
    for key in ("treated", "control"):
        if getattr(spec, key) < 2:
            builder.fault((*at, key), "fewer than 2 people are compared", "write how many people there are in each arm")
    if (spec.spread is None) == (spec.base_rate is None):
        what = "how much people differ is said twice, or not at all"
        remedy = (
            "say spread: the standard deviation of one person's outcome, or base_rate: the rate without the programme"
        )
        builder.fault(at, what, remedy)
    for key in ("spread", "nothing", "target"):
        figure = getattr(spec, key)
        if figure is not None and figure.value != 0 and figure.percent != scale.percent:
            sign = "write it with a percent sign" if scale.percent else "write it without the percent sign"
            builder.fault((*at, key), f"{figure} is not in the metric's unit", sign)
    if spec.spread is not None and spec.spread.value <= 0:
        builder.fault((*at, "spread"), f"{spec.spread} is not above 0", "write the standard deviation of one outcome")
    if spec.base_rate is not None and not 0 < spec.base_rate.share < 1:
        what = f"{spec.base_rate} is no rate between 0% and 100%"
        builder.fault((*at, "base_rate"), what, "write the share of people to whom it happens, such as 40%")
    if spec.base_rate is not None and not scale.percent:
        what = "a rate is given, and the metric is no percentage"
        builder.fault((*at, "base_rate"), what, "say spread: the standard deviation of one person's outcome")
    bias = None
    if spec.bias is not None:
        made = builder.distribution(spec.bias, (*at, "bias"), scale.percent)
        if spec.design == "randomised" and made is not None and (not fixed(made) or made.least != 0):
            what = "people are assigned by lot, so the comparison has no bias"
            builder.fault((*at, "bias"), what, "take it out, or say design: matched")
        if made is not None:
            bias = (made, None if fixed(made) else builder.rows(f"{name}: bias"))
    if len(builder.found) > before:
        return None
    return Error(
        spec.treated,
        spec.control,
        None if spec.spread is None else float(spec.spread.share),
        None if spec.base_rate is None else float(spec.base_rate.share),
        builder.rows(f"{name}: error of measuring", int(group.max()) + 1),
        group,
        bias,
        0.0 if spec.nothing is None else float(spec.nothing.share),
        None if spec.target is None else float(spec.target.share),
    )
