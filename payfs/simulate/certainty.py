"""Tiers, bands and gates of which a scenario says that they are nearly certain, or nearly impossible.

A tier that is reached on nearly every path pays for what is expected anyway, and one that is reached on hardly any is
there for show. Reached means that a result lies in it, in some cohort and period.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal, NamedTuple

import numpy as np

from payfs.contract import Contract
from payfs.incentives import Incentive, Look, Stretch, looks, percent
from payfs.simulate.draws import Draws
from payfs.simulate.paths import measured_on
from payfs.simulate.risk import Figure, points, ratio
from payfs.simulate.run import FEW, Run
from payfs.simulate.scenario import find_scenario, load_scenario
from payfs.simulate.worked import Worked, check
from payfs.spec import spoken

CERTAIN, IMPOSSIBLE = 0.975, 0.025

Kind = Literal["nearly certain", "nearly impossible"]
KINDS: tuple[Kind, ...] = ("nearly certain", "nearly impossible")


class Reached(NamedTuple):
    """How likely a result is to lie in a stretch of a rule's price, or to meet a part of its gate.

    Attributes:
        stretch: which.
        chance: that any result lies in it.
    """

    stretch: Stretch
    chance: Figure

    @property
    def kind(self) -> Kind | None:
        """Whether it is nearly certain or nearly impossible; None where it is neither."""
        if self.chance.value >= CERTAIN:
            return "nearly certain"
        return "nearly impossible" if self.chance.value <= IMPOSSIBLE else None


def reached(worked: Worked, draws: Draws) -> tuple[Reached, ...]:
    """Say how likely every tier, band and gate of every rule is to be reached.

    Args:
        worked: the scenario.
        draws: some thousand paths, in replicates, from which the standard errors come.

    Raises:
        Refused: the contract cannot be worked out on what the scenario believes.
    """
    check(worked)
    stretches = [(label, one) for label, one in worked.stretches if one.kind != "price"]
    sums = {label: np.zeros(draws.replicates) for label, _ in stretches}
    for first, stop in Run(worked, draws).blocks(range(draws.replicates)) if stretches else ():
        replicates = np.array([draws.replicate_of(path)[0] for path in range(first, stop)])
        made = worked.statement(measured_on(worked.scenario, draws.between(first, stop)))
        for label, here in worked.reached(made).items():
            if label in sums:
                wide = np.broadcast_to(here, replicates.shape)
                sums[label] += np.bincount(replicates, wide, draws.replicates)
    paths = np.array([len(draws.paths_of(replicate)) for replicate in range(draws.replicates)], dtype=np.float64)
    return tuple(Reached(stretch, ratio(sums[label], paths)) for label, stretch in stretches)


def with_certainty(looked: Sequence[Look], worked: Worked, draws: Draws | None = None) -> tuple[Look, ...]:
    """Add to what the rules of a contract reward what a scenario says of their tiers, bands and gates.

    Args:
        looked: at the rules, by :func:`payfs.incentives.looks`.
        worked: a scenario of the same contract.
        draws: some thousand paths; :data:`payfs.simulate.run.FEW` of the scenario's own if not said.

    Raises:
        Refused: the contract cannot be worked out on what the scenario believes.
    """
    draws = worked.scenario.draws(FEW) if draws is None else draws
    found = [one for one in reached(worked, draws) if one.kind is not None]
    return tuple(
        look._replace(
            found=(*look.found, *(_told(worked.contract, one) for one in found if one.stretch.rule == look.rule))
        )
        for look in looked
    )


def believed(scenario: str, contract: Contract) -> tuple[Contract, tuple[Look, ...]]:
    """Look at what a contract rewards as a scenario file, or an example scenario, sees it.

    Returns:
        The contract with what the scenario assumes of it, and what its rules reward, with what is believed.

    Raises:
        Refused: the scenario does not fit the contract, or the contract cannot be worked out on it.
    """
    loaded = load_scenario(find_scenario(scenario), contract)
    return loaded.contract, with_certainty(looks(loaded.contract), Worked(loaded))


def _told(contract: Contract, one: Reached) -> Incentive:
    stretch, kind = one.stretch, one.kind
    assert kind is not None
    surely = one.chance.value in (0, 1)
    share = "every path" if one.chance.value == 1 else "no path"
    error = ""
    if not surely:
        share = f"{percent(Fraction(one.chance.value))} of paths"
        error = "" if np.isnan(one.chance.error) else f" (standard error {points(one.chance)} points)"
    verb = {True: "meets" if surely else "meet", False: "reaches" if surely else "reach"}[stretch.kind == "gate"]
    shuts = " (to meet it shuts the gate)" if "none_of" in stretch.path else ""
    where = f"{spoken(stretch.metric)} at {_level(contract, stretch)}"
    what = f"{where} is {kind}: {share} {verb} it{error}{shuts}"
    worse, better = stretch.first, stretch.last
    if contract.frame.scales[stretch.metric].lower_is_better:
        worse, better = better, worse
    return Incentive(
        stretch.rule,
        stretch.metric,
        kind,
        what,
        worse,
        better,
        clause=contract.rule(stretch.rule).clause or "",
        path=stretch.path,
        chance=one.chance.value,
        error=one.chance.error,
    )


def _level(contract: Contract, stretch: Stretch) -> str:
    """Say where a stretch lies."""
    scale, first, last = contract.frame.scales[stretch.metric], stretch.first, stretch.last
    if first is None:
        return "any level" if last is None else f"{scale.show(last)} or less"
    if last is None:
        return f"{scale.show(first)} or more"
    return scale.show(first) if first == last else f"{scale.show(first)} to {scale.show(last)}"
