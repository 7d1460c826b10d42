"""The work of a run: what was asked, worked out, kept as plain data, and read back from it to the last bit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from pydantic import TypeAdapter

from payfs.runs.asked import Asked, Side, paths_of, scenario_in
from payfs.simulate.compared import Comparison, Difference, compared
from payfs.simulate.draws import Draws
from payfs.simulate.luck import Luck, luck
from payfs.simulate.model import Floats, Input, Outcomes
from payfs.simulate.question import hint_of
from payfs.simulate.risk import Figure, Label, Risk
from payfs.simulate.run import FEW, Run
from payfs.simulate.sensitivity import Indices, Ranked, Swing, rank_correlations, sobol_indices, tornado
from payfs.simulate.worked import Worked, check
from payfs.text import Finding, Refused

Share = Callable[[float], None]
Data = dict[str, Any]
LUCK = 0.1  # how much of a run the question takes how much of it is luck
KEPT = 4  # scenarios that a process keeps, with the tables that it made for them
BLOCK = 20_000  # paths at a time: enough that smaller blocks would take longer, and few enough that one sees it go on

LUCKS = TypeAdapter(tuple[Luck, ...])
SWINGS = TypeAdapter(dict[str, list[Swing]])
RANKS = TypeAdapter(dict[str, list[Ranked]])
SHARES = TypeAdapter(dict[str, list[Indices]])


class Simulated(NamedTuple):
    """What a simulation came to, as :mod:`payfs.report` takes it.

    Attributes:
        run: the scenario and its draws.
        risk: what it came to.
        luck: how much of it is luck where a comparison of people measures.
    """

    run: Run
    risk: Risk
    luck: tuple[Luck, ...]


class Analysed(NamedTuple):
    """What a sensitivity analysis came to, as :mod:`payfs.report` takes it."""

    worked: Worked
    draws: Draws
    swings: dict[str, list[Swing]]
    ranks: dict[str, list[Ranked]]
    shares: dict[str, list[Indices]]


def work_out(asked: Asked, share: Share) -> Data:
    """Do what was asked, and return what it came to as plain data.

    Args:
        asked: what.
        share: told how much is done, from 0 to 1.

    Raises:
        Refused: everything that is wrong with what was asked.
    """
    return {"simulate": _simulate, "sensitivity": _analyse, "compare": _compare}[asked.kind](asked, share)


def _simulate(asked: Asked, share: Share) -> Data:
    run = _run(asked)
    risk = run.risk(_counting(share, run.draws.paths / (1 - LUCK)))
    draws = run.worked.scenario.draws(min(run.draws.paths, FEW), run.draws.seed)
    chances = luck(run.worked, draws)
    return {"risk": risk_data(risk), "luck": LUCKS.dump_python(chances)}


def _analyse(asked: Asked, share: Share) -> Data:
    run = _run(asked)
    worked, draws = run.worked, run.draws
    check(worked)
    labels = list(worked.evaluate(np.full((worked.columns, 2), 0.5)))
    if asked.of not in labels:
        what = f"nothing is called {asked.of!r}"
        raise Refused([Finding(what, hint_of(asked.of, labels), file=worked.scenario.file)])
    # two runs for each input, one, and two and one more for each input
    model = _Counted(worked, _counting(share, 3 * (len(worked.inputs) + 1) * draws.paths))
    return {
        "swings": SWINGS.dump_python(tornado(model, [asked.of], draws)),
        "ranks": RANKS.dump_python(rank_correlations(model, [asked.of], draws)),
        "shares": SHARES.dump_python(sobol_indices(model, [asked.of], draws)),
    }


def _compare(asked: Asked, share: Share) -> Data:
    one, other = (scenario_in(side) for side in asked.sides)
    paths = paths_of(asked, one)
    made = compared(one, other, paths, asked.seed, _counting(share, paths))
    return {
        "labels": {label: _difference_data(difference) for label, difference in made.labels.items()},
        "shared": list(made.shared),
        "apart": list(made.apart),
        "paths": made.paths,
    }


def simulated(asked: Asked, data: Data) -> Simulated:
    """Return a simulation from what :func:`work_out` kept of it."""
    return Simulated(_run(asked), risk_from(data["risk"]), LUCKS.validate_python(data["luck"]))


def analysed(asked: Asked, data: Data) -> Analysed:
    """Return a sensitivity analysis from what :func:`work_out` kept of it."""
    run = _run(asked)
    swings, ranks = SWINGS.validate_python(data["swings"]), RANKS.validate_python(data["ranks"])
    return Analysed(run.worked, run.draws, swings, ranks, SHARES.validate_python(data["shares"]))


def comparison(asked: Asked, data: Data) -> Comparison:
    """Return a comparison from what :func:`work_out` kept of it."""
    one, other = (Worked(scenario_in(side)) for side in asked.sides)
    labels = {label: _difference_from(kept) for label, kept in data["labels"].items()}
    return Comparison(one, other, labels, tuple(data["shared"]), tuple(data["apart"]), data["paths"])


@lru_cache(maxsize=KEPT)
def _worked(side: Side) -> Worked:
    return Worked(scenario_in(side))


def _run(asked: Asked) -> Run:
    worked = _worked(asked.sides[0])
    scenario = worked.scenario
    return Run(worked, scenario.draws(paths_of(asked, scenario), asked.seed), BLOCK)


def risk_data(risk: Risk) -> Data:
    """Return what a run came to as plain data."""
    labels = {label: _label_data(told) for label, told in risk.labels.items()}
    return {"labels": labels, "paths": risk.paths, "replicates": risk.replicates, "enough": risk.enough}


def risk_from(data: Data) -> Risk:
    """Return what :func:`risk_data` wrote."""
    labels = {label: _label_from(kept) for label, kept in data["labels"].items()}
    return Risk(labels, data["paths"], data["replicates"], data["enough"])


def _label_data(label: Label) -> Data:
    return {"figures": {name: list(figure) for name, figure in label.figures.items()}, "grid": label.grid.tolist()}


def _label_from(data: Data) -> Label:
    return Label({name: Figure(*pair) for name, pair in data["figures"].items()}, np.array(data["grid"], dtype=float))


def _difference_data(difference: Difference) -> Data:
    labels = {name: getattr(difference, name) for name in ("one", "other", "gain")}
    chances = {name: getattr(difference, name) for name in ("more", "less")}
    return {
        **{name: None if label is None else _label_data(label) for name, label in labels.items()},
        **{name: None if chance is None else list(chance) for name, chance in chances.items()},
    }


def _difference_from(data: Mapping[str, Any]) -> Difference:
    one, other, gain = (
        None if (kept := data[name]) is None else _label_from(kept) for name in ("one", "other", "gain")
    )
    more, less = (None if (kept := data[name]) is None else Figure(*kept) for name in ("more", "less"))
    return Difference(one, other, gain, more, less)


def _counting(share: Share, total: float) -> Callable[[int], None]:
    """Return what is told how many paths were done, and tells their share of all."""
    done = 0

    def told(number: int) -> None:
        nonlocal done
        done += number
        share(min(done / max(total, 1), 1.0))

    return told


@dataclass(frozen=True)
class _Counted:
    """A model that says how many paths it has worked out."""

    worked: Worked
    told: Callable[[int], None]

    @property
    def inputs(self) -> tuple[Input, ...]:
        return self.worked.inputs

    @property
    def columns(self) -> int:
        return self.worked.columns

    def evaluate(self, uniforms: Floats) -> Outcomes:
        found = self.worked.evaluate(uniforms)
        self.told(uniforms.shape[1])
        return found
