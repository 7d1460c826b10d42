"""From uniforms to measured values: every path is a set of results, as a results file would hold them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from payfs.evidence.measured import Measured, Series
from payfs.simulate.correlation import correlate
from payfs.simulate.model import Floats
from payfs.simulate.part import Part
from payfs.simulate.patterns import together
from payfs.simulate.scenario import Scenario


def drawn_together(scenario: Scenario, uniforms: Floats) -> Floats:
    """Let the uniforms of inputs that are correlated go together, (columns, paths)."""
    if scenario.correlated is None:
        return uniforms
    rows, matrix = scenario.correlated
    result = uniforms.copy()
    result[rows] = correlate(uniforms[rows], matrix)
    return result


def measured_on(
    scenario: Scenario, uniforms: Floats, effects: Mapping[str, float] | None = None, larger: float = 1.0
) -> Measured:
    """Return what is measured on each path.

    Args:
        scenario: what is believed.
        uniforms: (columns, paths), as drawn.
        effects: true effects of evaluated metrics, in the place of what is believed of them.
        larger: how many times as large the comparisons of evaluations are.
    """
    uniforms = drawn_together(scenario, uniforms)
    paths, frame = uniforms.shape[1], scenario.contract.frame
    series: dict[str, Series] = {}
    for name, parts in scenario.parts.items():
        rows = len(frame.cohorts) if frame.metrics[name].by_cohort else 1
        values = np.zeros((rows, len(frame.periods), paths), dtype=np.int64)
        present = np.zeros((rows, len(frame.periods)), dtype=bool)
        for part in parts:
            _lay(part, part.draw(uniforms, (effects or {}).get(name), larger), values, present)
        running = frame.metrics[name].reports == "to date"
        if running and not frame.scales[name].percent:
            values = np.cumsum(values, axis=1) * present[:, :, None]  # a belief is about what each period adds
        series[name] = Series(values, present, frame.scales[name], running)
    empty = frame.empty()
    measured = replace(empty, series={**empty.series, **series}, paths=paths)
    return together(scenario.contract, measured, [group.add(uniforms) for group in scenario.groups])


def _lay(part: Part, drawn: NDArray[np.int64], values: NDArray[np.int64], present: NDArray[np.bool_]) -> None:
    for number, cell in enumerate(part.cells):
        values[cell.row, cell.place] = drawn[number]
        present[cell.row, cell.place] = True


def truths(scenario: Scenario, uniforms: Floats, name: str) -> Floats:
    """Return the true effect of an evaluated metric on each path, (cells, paths or 1)."""
    uniforms = drawn_together(scenario, uniforms)
    return np.concatenate([part.truth(uniforms) for part in scenario.parts[name]])
