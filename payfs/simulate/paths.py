"""From uniforms to measured values: every path is a set of results, as a results file would hold them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from payfs.evidence.measured import Measured, Series
from payfs.simulate.correlation import correlate
from payfs.simulate.model import Floats
from payfs.simulate.part import Part
from payfs.simulate.patterns import Added, Key, together
from payfs.simulate.people import Whole
from payfs.simulate.scenario import Scenario


def drawn_together(scenario: Scenario, uniforms: Floats) -> Floats:
    """Let the uniforms of inputs that are correlated go together, (columns, paths)."""
    if scenario.correlated is None:
        return uniforms
    rows, matrix = scenario.correlated
    result = uniforms.copy()
    result[rows] = correlate(uniforms[rows], matrix)
    return result


@dataclass(frozen=True)
class Drawn:
    """What was drawn on some paths, before it is laid out as results.

    Attributes:
        values: of each metric, what each of its parts comes to, (cells, paths) [steps].
        added: what each group of participants adds.
        paths: how many.
    """

    values: Mapping[str, tuple[Whole, ...]]
    added: tuple[Mapping[Key, Added], ...]
    paths: int


def draw(
    scenario: Scenario, uniforms: Floats, effects: Mapping[str, float] | None = None, larger: float = 1.0
) -> Drawn:
    """Draw every metric.

    Args:
        scenario: what is believed.
        uniforms: (columns, paths), correlated already: :func:`drawn_together`.
        effects: true effects of evaluated metrics, in the place of what is believed of them.
        larger: how many times as large the comparisons of evaluations are.
    """
    values: dict[str, tuple[Whole, ...]] = {}
    for name, parts in sorted(scenario.parts.items(), key=lambda item: any(part.of for part in item[1])):
        effect = (effects or {}).get(name)
        values[name] = tuple(part.draw(uniforms, effect, larger, whole_of(scenario, part, values)) for part in parts)
    return Drawn(values, tuple(group.add(uniforms) for group in scenario.groups), uniforms.shape[1])


def laid_out(scenario: Scenario, drawn: Drawn) -> Measured:
    """Lay out what was drawn, as a results file would hold it."""
    frame, series = scenario.contract.frame, dict[str, Series]()
    for name, parts in scenario.parts.items():
        rows = len(frame.cohorts) if frame.metrics[name].by_cohort else 1
        values, present = _laid(parts, drawn.values[name], (rows, len(frame.periods), drawn.paths))
        running, scale = frame.metrics[name].reports == "to date", frame.scales[name]
        if running and not (scale.percent or scale.yes_no):  # of these each figure is believed as it will be reported
            values = np.cumsum(values, axis=1)  # and of others what each period adds
            values = np.minimum(values, 2**61 if scale.most is None else scale.most) * present[:, :, None]
        series[name] = Series(values, present, frame.scales[name], running)
    empty = frame.empty()
    measured = replace(empty, series={**empty.series, **series}, paths=drawn.paths)
    return together(scenario.contract, measured, drawn.added)


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
    return laid_out(scenario, draw(scenario, drawn_together(scenario, uniforms), effects, larger))


def whole_of(scenario: Scenario, part: Part, values: Mapping[str, tuple[Whole, ...]]) -> Floats | float:
    """Return what a part is a share of, (cells, paths), as a plain number; 1 where it stands by itself."""
    if part.of is None:
        return 1.0
    worth, drawn = float(scenario.contract.frame.scales[part.of].worth), dict[tuple[int, int], Whole]()
    for other, steps in zip(scenario.parts[part.of], values[part.of], strict=True):
        drawn |= {(cell.row, cell.place): steps[number] for number, cell in enumerate(other.cells)}
    none = np.zeros_like(next(iter(drawn.values())))
    whole: Floats = np.stack([drawn.get((cell.row, cell.place), none) for cell in part.cells]).astype(np.float64)
    return whole * worth


def _laid(
    parts: Sequence[Part], drawn: Sequence[Whole], shape: tuple[int, int, int]
) -> tuple[Whole, NDArray[np.bool_]]:
    """Lay out what the parts of a metric come to: (cohorts or 1, periods, paths), and where there is a result."""
    places = [(cell.row, cell.place) for part in parts for cell in part.cells]
    if len(parts) == 1 and places == list(product(range(shape[0]), range(shape[1]))):
        return drawn[0].reshape(shape), np.ones(shape[:2], dtype=bool)  # all of it is there, and in order
    values, present = np.zeros(shape, dtype=np.int64), np.zeros(shape[:2], dtype=bool)
    for place, steps in zip(places, (steps for one in drawn for steps in one), strict=True):
        values[place] = steps
        present[place] = True
    return values, present
