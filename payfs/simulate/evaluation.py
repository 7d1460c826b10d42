"""The error of measuring: a comparison of a limited number of people finds the true effect only by chance.

The difference of two means is taken to be normal, with the standard deviation ``s sqrt(1/n1 + 1/n0)``, where people's
outcomes have the standard deviation s, and n1 and n0 people are compared. Of the total of those who are served it is as
many times that as there are of them.

Of a share of people to whom something happens, which changes from the rate r to p, the logarithm of what is measured of
the ratio p / r is taken to be normal, with the standard deviation ``sqrt((1 - p) / (n1 p) + (1 - r) / (n0 r))``
(D. Katz and others, "Obtaining confidence intervals for the risk ratio in cohort studies", 1978). The ratio itself is
not near enough to normal: where 361 people are compared with 361 others, of whom 40% fail, a fall of a fifth is found
by luck in 0.8% of cases, by Katz in 0.7%, and if the ratio were normal in 1.4%. Where fewer than about five people are
expected to fail in an arm, neither holds.
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
        total: whether the metric is the effect on all who are served together, and not on one of them.
        rises: whether the metric is by how much of itself that rate rises, and not by how much it falls.
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
    total: bool
    rises: bool
    rows: Rows
    group: NDArray[np.int64]
    bias: tuple[Distribution, Rows | None] | None
    nothing: float
    target: float | None

    def deviation(self, truth: Floats, larger: float = 1.0) -> Floats:
        """Return the standard deviation of what is measured, for each true effect; of a rate, of the ratio's logarithm.

        Args:
            truth: (cells, paths or 1), as plain numbers.
            larger: how many times as many people are compared; infinity for all there could be.
        """
        treated, control = self.treated * larger, self.control * larger
        if self.spread is not None:
            many = self.treated if self.total else 1
            return np.full_like(truth, many * self.spread * np.sqrt(1 / treated + 1 / control))
        rate = self.base_rate or 0.0
        served = np.minimum(self._ratio(truth) * rate, 1)
        # where it happens to nobody who is served there is nothing to count, and the ratio is measured as 0
        odds = np.divide(1 - served, served, out=np.zeros_like(served), where=served > 0)
        deviation: Floats = np.sqrt(odds / treated + (1 - rate) / rate / control)
        return deviation

    def _ratio(self, truth: Floats) -> Floats:
        """Return the rate of those who are served, over that of the others."""
        ratio: Floats = np.maximum(1 + truth if self.rises else 1 - truth, 0)
        return ratio

    def measured(self, truth: Floats, uniforms: Floats, larger: float = 1.0) -> Floats:
        """Return what is measured, (cells, paths); a higher uniform measures more."""
        from scipy.special import ndtri

        found: Floats = self.deviation(truth, larger) * ndtri(self.rows.of(uniforms))[self.group]
        if self.spread is not None:
            found = truth + found
        elif self.rises:
            found = self._ratio(truth) * np.exp(found) - 1
        else:
            found = 1 - self._ratio(truth) * np.exp(-found)
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
    if spec.change is not None and spec.base_rate is None:
        what = "it says how a rate changes, and no rate is given"
        builder.fault((*at, "change"), what, "take it out, or say base_rate: the rate without the programme")
    if spec.spread is not None and not scale.percent and spec.measures is None:
        what = "nothing says whether the result is an average of those who are served, or the total of them"
        builder.fault(at, what, "say measures: average, or total")
    if spec.measures is not None and (scale.percent or spec.spread is None):
        builder.fault((*at, "measures"), "a percentage is neither an average nor a total of people", "take it out")
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
        spec.measures == "total",
        scale.lower_is_better if spec.change is None else spec.change == "rise",
        builder.rows(f"{name}: error of measuring", int(group.max()) + 1),
        group,
        bias,
        0.0 if spec.nothing is None else float(spec.nothing.share),
        None if spec.target is None else float(spec.target.share),
    )
