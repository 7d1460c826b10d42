"""Two scenarios, or one under two contracts, on the same random numbers: who gains and loses what.

What is uncertain in both by the same name is drawn from the same uniforms, so that a difference is one of the terms and
not of luck (common random numbers: A. M. Law, "Simulation modeling and analysis", 2015, 11.2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from payfs.capital.dates import Dated
from payfs.simulate.draws import Draws
from payfs.simulate.risk import Figure, Label, Told, figure, gathered, tell
from payfs.simulate.run import BLOCK, NUMBERS
from payfs.simulate.scenario import Scenario
from payfs.simulate.worked import ALL, Worked, check
from payfs.spec import Unknown
from payfs.text import Finding, Refused

Array = NDArray[Any]

OF_SECOND = " (of the second)"
"""What follows the label of a party of the second contract that bears a key of the first, and is somebody else."""


class Difference(NamedTuple):
    """What the two come to for one label.

    Attributes:
        one: in the first; None where it is not there.
        other: in the second.
        gain: of the second over the first, path by path; None where only one has it, or for events.
        more: the chance that the second comes to more.
        less: the chance that it comes to less.
    """

    one: Label | None
    other: Label | None
    gain: Label | None
    more: Figure | None
    less: Figure | None


@dataclass(frozen=True)
class Comparison:
    """Two scenarios on the same draws.

    Attributes:
        one: the first.
        other: the second.
        labels: what they come to, by label.
        shared: inputs that are drawn alike in both.
        apart: inputs that only one of them has, or that have another number of draws.
        paths: how many.
    """

    one: Worked
    other: Worked
    labels: dict[str, Difference]
    shared: tuple[str, ...]
    apart: tuple[str, ...]
    paths: int


def compared(
    one: Scenario,
    other: Scenario,
    paths: int | None = None,
    seed: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Comparison:
    """Work two scenarios out on the same draws.

    Raises:
        Refused: they are in different currencies, or one of them cannot be worked out.
    """
    if one.contract.money != other.contract.money:
        what = f"one is in {one.contract.money.code} and the other in {other.contract.money.code}"
        raise Refused([Finding(what, "compare scenarios in the same currency", file=other.file)])
    first, second = Worked(one), Worked(other)
    check(first)
    check(second)
    columns, at, shared, apart = _aligned(one, other)
    own = one.draws(paths, seed)
    draws = Draws(own.seed, columns, own.paths, own.replicates, own.how)
    size = max(64, min(BLOCK, NUMBERS // max(columns, 1)))
    others = _others(one, other)
    told: list[dict[str, dict[str, Told]]] = []
    for replicate in range(draws.replicates):
        places = draws.paths_of(replicate)
        held: tuple[list[Any], list[Any]] = ([], [])
        for start in range(0, len(places), size):
            uniforms = draws.take(replicate, start, min(start + size, len(places)))
            held[0].append(first.evaluate(uniforms[: one.columns]))
            found = second.evaluate(uniforms[at])
            held[1].append({others.get(label, label): values for label, values in found.items()})
        if len(places):
            told.append(_told(*held))
        if progress is not None:
            progress(len(places))
    labels = {}
    wholes = {which: gathered([part[which] for part in told], draws.paths, []) for which in ("one", "other", "gain")}
    names = dict.fromkeys([*wholes["one"].labels, *wholes["other"].labels])
    for label in names:
        labels[label] = Difference(
            wholes["one"].labels.get(label),
            wholes["other"].labels.get(label),
            wholes["gain"].labels.get(label),
            _chance(told, label, "above nothing"),
            _chance(told, label, "below nothing"),
        )
    return Comparison(first, second, labels, shared, apart, draws.paths)


def _others(one: Scenario, other: Scenario) -> dict[str, str]:
    """Return the labels of the second's payers who are somebody else than the first's of the same key."""
    mine, theirs = one.contract.spec.parties, other.contract.spec.parties
    return {
        f"payer {key}": f"payer {key}{OF_SECOND}"
        for key, party in theirs.items()
        if key in mine and mine[key].name != party.name
    }


def _aligned(one: Scenario, other: Scenario) -> tuple[int, NDArray[np.int64], tuple[str, ...], tuple[str, ...]]:
    """Return how many rows both need, and which of them are the second's."""
    mine = {given.name: given.columns for given in one.inputs}
    at = np.full(other.columns, -1, dtype=np.int64)
    shared, apart = [], [name for name in mine if name not in {given.name for given in other.inputs}]
    for given in other.inputs:
        rows = mine.get(given.name, ())
        if len(rows) == len(given.columns):
            at[list(given.columns)] = rows
            shared.append(given.name)
        else:
            apart.append(given.name)
    left = at < 0
    at[left] = one.columns + np.arange(int(left.sum()))
    return one.columns + int(left.sum()), at, tuple(shared), tuple(dict.fromkeys(apart))


def put_in(worked: Worked, name: str) -> int | None:
    """Return what is put into a tranche, or into all together, on every path alike [minor units].

    None where it hangs on the path, as where money is drawn as needed or the deal may end early, and where no source
    says it.
    """
    capital = worked.contract.spec.capital
    if capital is None or capital.terminated is not None:
        return None
    every = [one for one, tranche in capital.tranches.items() if tranche.kind != "grant"] if name == ALL else [name]
    total = 0
    for tranche in map(capital.tranches.get, every):
        if tranche is None or tranche.redeemed is not None or not isinstance(tranche.draws, Dated):
            return None
        amounts = [tranche.commitment, *tranche.draws.values()]
        if any(isinstance(amount, Unknown) for amount in amounts) or sum(amounts[1:]) > amounts[0]:
            return None
        if capital.ends is not None and any(day.date > capital.ends.date for day in tranche.draws):
            return None
        total += int(sum(amounts[1:]) * worked.contract.money.minor)
    return total


def _told(one: list[Any], other: list[Any]) -> dict[str, dict[str, Told]]:
    def whole(parts: list[Any]) -> dict[str, Array]:
        return {label: np.concatenate([part[label] for part in parts]) for label in parts[0]}

    left, right = whole(one), whole(other)
    gains = {
        label: right[label].astype(np.float64) - left[label].astype(np.float64)
        for label in left
        if label in right and left[label].dtype != np.bool_
    }
    return {
        "one": {label: tell(values) for label, values in left.items()},
        "other": {label: tell(values) for label, values in right.items()},
        "gain": {label: tell(values) for label, values in gains.items()},
    }


def _chance(told: list[dict[str, dict[str, Told]]], label: str, name: str) -> Figure | None:
    gains = [part["gain"][label].figures for part in told if label in part["gain"]]
    values = [figures[name] for figures in gains if name in figures]
    return figure(values) if values else None
