"""One figure of the contract varied until a question just holds, always on the same draws."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from payfs.contract import Contract
from payfs.evidence.measured import Measured
from payfs.simulate.draws import Draws
from payfs.simulate.model import Floats
from payfs.simulate.paths import measured_on
from payfs.simulate.question import Question, read_question, units_of
from payfs.simulate.run import Run
from payfs.simulate.scenario import Scenario, scenario_of
from payfs.simulate.solve import Solved, solve
from payfs.simulate.worked import Worked, check
from payfs.spec import Figure, decimal, quoted, read_figure
from payfs.text import Finding, Path, Refused, dotted, read_yaml, suggest

MOST_KEPT = 2**28  # numbers of measured results that are kept from one figure to the next
SHAPE = ("metrics", "population", "periods", "parties")  # what decides how results are laid out


class Knob(NamedTuple):
    """A figure of the contract that can be turned.

    Attributes:
        path: its place.
        figure: as the contract has it.
    """

    path: Path
    figure: Figure


def knob_of(contract: Contract, name: str) -> Knob:
    """Find a figure by its place, such as ``rules.housing.price`` or ``rules.jail_days.tiers.2.price``.

    Raises:
        Refused: there is no figure there.
    """
    data, path = contract.document.data, list[str | int]()
    for word in name.split("."):
        if isinstance(data, dict) and word in data:
            path.append(word)
            data = data[word]
        elif isinstance(data, list) and word.isdigit() and 1 <= int(word) <= len(data):
            path.append(int(word) - 1)
            data = data[int(word) - 1]
        else:
            known = list(data) if isinstance(data, dict) else []
            where = f"{'.'.join(name.split('.')[: len(path)])} has" if path else "the contract has"
            hint = suggest(word, known) or (f"its keys are {', '.join(known[:12])}" if known else "name a figure")
            raise Refused([Finding(f"--vary {name}: {where} no {quoted(word)}", hint, file=contract.file)])
    try:
        return Knob(tuple(path), read_figure(data))
    except ValueError:
        what = f"--vary {name}: {quoted(data)} is no figure that can be varied"
        keys = f"go on to one of {', '.join(map(str, list(data)[:12]))}" if isinstance(data, dict) else "name a figure"
        raise Refused([Finding(what, keys, file=contract.file)]) from None


def changes_of(data: Any, path: Path, text: str) -> Any:
    """Return a change of one figure in the shape of the whole contract; lists are replaced whole."""
    if isinstance(data, list):
        whole = copy.deepcopy(data)
        here: Any = whole
        for step in path[:-1]:
            here = here[step]
        here[path[-1]] = text
        return whole
    key, rest = path[0], path[1:]
    return {key: changes_of(data[key], rest, text) if rest else text}


def turned(scenario: Scenario, knob: Knob, value: Fraction) -> Scenario:
    """Return the scenario with another figure in its contract.

    Raises:
        Refused: the contract does not stand with it.
    """
    text = decimal(value).replace(",", "") + ("%" if knob.figure.percent else "")
    contract = scenario.contract
    at: Path = ("vary",)
    try:
        changed = contract.assuming(changes_of(contract.document.data, knob.path, text), at)
    except Refused as refused:
        where = f"with {dotted(knob.path)} at {text}: "
        raise Refused([finding._replace(what=where + finding.what) for finding in refused.findings]) from None
    if scenario.groups or knob.path[0] in SHAPE:
        document = read_yaml(scenario.text, scenario.file)
        data = {key: part for key, part in document.data.items() if key != "assuming"}
        return scenario_of(replace(document, data=data), scenario.text, changed)
    return replace(scenario, contract=changed)


@dataclass
class Turning:
    """Works the question out for one figure after another, on results that are drawn once."""

    run: Run
    knob: Knob
    question: Question
    progress: Callable[[Fraction, float], None] | None = None

    def __post_init__(self) -> None:
        self._kept: list[tuple[Floats, Measured]] | None = None

    def value(self, x: Fraction) -> float:
        """Return the left side of the question with another figure."""
        worked = Worked(turned(self.run.worked.scenario, self.knob, x))
        found = []
        for uniforms, measured in self._blocks(worked):
            found.append(np.array(worked.of_measured(measured, uniforms)[self.question.label]))
        value = self.question.value({self.question.label: np.concatenate(found)})
        if self.progress is not None:
            self.progress(x, value)
        return value

    def _blocks(self, worked: Worked) -> list[tuple[Floats, Measured]] | Any:
        """Yield what was drawn and measured; kept from one figure to the next where that fits the memory."""
        draws, whole = self.run.draws, range(self.run.draws.replicates)
        again = bool(worked.scenario.groups) or self.knob.path[0] in SHAPE
        frame = worked.contract.frame
        each = self.run.draws.columns + len(frame.metrics) * len(frame.cohorts) * len(frame.periods)
        if again or each * draws.paths > MOST_KEPT:
            return (
                (uniforms, measured_on(worked.scenario, uniforms))
                for block in self.run.blocks(whole)
                for uniforms in (draws.between(*block),)
            )
        if self._kept is None:
            self._kept = [
                (uniforms, measured_on(worked.scenario, uniforms))
                for block in self.run.blocks(whole)
                for uniforms in (draws.between(*block),)
            ]
        return self._kept


def solved(
    scenario: Scenario,
    draws: Draws,
    vary: str,
    until: str,
    between: tuple[Fraction, Fraction] | None = None,
    step: Fraction | None = None,
    progress: Callable[[Fraction, float], None] | None = None,
) -> tuple[Solved, Question, Knob]:
    """Find the figure at which a question just holds.

    Args:
        scenario: what is believed.
        draws: the same for every figure.
        vary: the place of the figure in the contract.
        until: the question.
        between: the least and the greatest figure; from 0 to ten times the contract's own if not said.
        step: figures are whole multiples of it; the minor unit of money, or a hundredth of a percentage point.
        progress: told each figure that was tried, and the left side of the question.

    Raises:
        Refused: there is no such figure, the question cannot be read, or the contract cannot be worked out.
    """
    worked = Worked(scenario)
    check(worked)
    knob = knob_of(scenario.contract, vary)
    probe = worked.evaluate(np.full((worked.columns, 2), 0.5))
    budget = scenario.budgets().get("")
    try:
        question = read_question(until, units_of(probe), scenario.contract.money, budget)
    except ValueError as error:
        context = getattr(error, "context", None) or {}
        what = f"--until: {context.get('what', str(error))}"
        raise Refused([Finding(what, context.get("remedy", ""), file=scenario.file)]) from None
    now = knob.figure.value
    if step is None:
        step = Fraction(1, 100) if knob.figure.percent else Fraction(1, scenario.contract.money.minor)
        while (now / step).denominator != 1 and step > Fraction(1, 10**9):
            step /= 10
    low, high = between if between is not None else (Fraction(0), max(10 * now, step * 1000))
    if not low < high or step <= 0:
        raise Refused([Finding("--between: the least is not below the greatest", "write --between LOW HIGH")])
    turning = Turning(Run(worked, draws), knob, question, progress)
    start = min(max(now, low), high)
    return solve(turning.value, question, low, high, step, start), question, knob
