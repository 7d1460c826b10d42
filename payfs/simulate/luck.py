"""How often the payer pays for luck, and how often bad luck takes what was earned: the evaluation is part of the risk.

What is measured of an evaluated metric is the true effect and an error (:mod:`payfs.simulate.evaluation`). For each
evaluation this asks the contract itself, all else drawn as it is in the scenario:

**Paid for nothing.** The true effect is held at what it is where nothing changed. How often do the rules that depend on
the metric pay more than they would if it were measured without error, and how much more, on average over all paths?

**Missed.** Of the paths on which the true effect, as it is believed, reaches the target: how often do these rules pay
no more than if nothing had changed and that had been measured without error, and what would they have paid, had the
true effect been measured, on average over all such paths?

What the rules pay where nothing changed and nothing is measured wrongly is what both are told from. For most contracts
it is nothing. Where a rule pays something in any case, or pays for another metric and only its gate looks at this one,
a sum that is paid without luck is no sum that is paid for luck.

A rule depends on a metric that it is paid on, that is its baseline, index or limit, or for which its gate or holdback
asks; on those behind a metric that is worked out; and on what the rules depend on from which it takes a part. Limits of
the contract are in, as everywhere; what other rules then get more or less is not counted.

A metric that is measured for several cohorts or periods counts once: the target is met where it is met in all results
that the evaluation is about, and anything that is paid for any of them is paid.

All is asked again of smaller and larger comparisons, both arms alike, on the same draws, so that what differs is the
size alone (common random numbers: P. Glasserman and D. D. Yao, "Some guidelines and guarantees for common random
numbers", 1992).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from payfs.contract import Contract
from payfs.incentives import NoCurve, PaymentCurve, curves_of, tiers_of
from payfs.incentives.alone import asked_by_gate, asked_by_holdback, asked_by_price, metrics_behind, with_others
from payfs.simulate.draws import Draws
from payfs.simulate.evaluation import Error
from payfs.simulate.model import Floats
from payfs.simulate.part import Part
from payfs.simulate.paths import Drawn, draw, drawn_together, laid_out
from payfs.simulate.people import Whole
from payfs.simulate.risk import Figure, ratio
from payfs.simulate.run import Run
from payfs.simulate.worked import Worked, check

MULTIPLES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""The sizes of comparison that are looked at, as multiples of the scenario's."""

RARE = 0.05
"""A chance below which being paid, or missed, by luck is told as rare."""


class Size(NamedTuple):
    """What luck does at one size of comparison.

    Attributes:
        multiple: of the scenario's size.
        people: how many are compared, both arms together.
        pays: the chance that something is paid for nothing.
        paid: what is then paid, on average over all paths on which nothing changed [minor units].
        misses: of the paths on which the target is truly met, the share on which nothing is paid; NaN where there is
            none, or no target.
        forgone: what is then forgone, on average over all paths on which the target is met [minor units].
    """

    multiple: float
    people: int
    pays: Figure
    paid: Figure
    misses: Figure
    forgone: Figure


@dataclass(frozen=True)
class Luck:
    """What the luck of one evaluation does to what is paid.

    Attributes:
        name: of the belief: the metric's, with the cohort or period where each has a belief of its own.
        metric: the metric that is evaluated.
        rules: those that depend on it.
        treated: how many people are served.
        control: how many they are compared with.
        biased: whether the comparison may also be wrong by something that more people do not make smaller.
        nothing: the true effect where nothing changed [steps of the metric].
        target: the true effect from which the target is met [steps]; None where neither the scenario nor the rules say.
        said: whether the scenario says the target.
        met: how likely the true effect is to reach the target; NaN where there is none.
        anyway: what the rules pay on average where nothing changed and nothing is measured wrongly [minor units].
        sizes: by size of comparison, smallest first.
        paths: how many were drawn.
    """

    name: str
    metric: str
    rules: tuple[str, ...]
    treated: int
    control: int
    biased: bool
    nothing: int
    target: int | None
    said: bool
    met: Figure
    anyway: Figure
    sizes: tuple[Size, ...]
    paths: int

    @property
    def now(self) -> Size:
        """What luck does at the size that the scenario says, or the nearest to it."""
        return min(self.sizes, key=lambda size: abs(np.log(size.multiple)))

    @property
    def enough_for_pays(self) -> int | None:
        """How many people have to be compared so that paying for nothing is rare; None where no size is enough."""
        return enough([(size.people, size.pays.value) for size in self.sizes], self.paths)

    @property
    def enough_for_misses(self) -> int | None:
        """How many people have to be compared so that missing is rare; None where no size is enough."""
        met = self.paths * self.met.value
        return None if np.isnan(met) else enough([(size.people, size.misses.value) for size in self.sizes], met)


def luck(worked: Worked, draws: Draws, multiples: Sequence[float] = MULTIPLES) -> tuple[Luck, ...]:
    """Say for every evaluation of a scenario on which something is paid what luck does.

    Args:
        worked: the scenario.
        draws: some thousand paths (:data:`payfs.simulate.run.FEW`), in replicates, from which standard errors come.
        multiples: sizes of comparison, as multiples of the scenario's, smallest first.

    Raises:
        Refused: the contract cannot be worked out on what the scenario believes.
    """
    check(worked)
    looks = [
        _Look(worked, name, place, rules, tuple(multiples), draws)
        for name, parts in worked.scenario.parts.items()
        if any(part.error for part in parts) and (rules := rules_on(worked.contract, name))
        for place, part in enumerate(parts)
        if part.error
    ]
    for first, stop in Run(worked, draws).blocks(range(draws.replicates)) if looks else ():
        uniforms = drawn_together(worked.scenario, draws.between(first, stop))
        drawn = draw(worked.scenario, uniforms)
        replicates = np.array([draws.replicate_of(path)[0] for path in range(first, stop)])
        for look in looks:
            look.add(drawn, uniforms, replicates)
    return tuple(look.told() for look in looks)


def rules_on(contract: Contract, metric: str) -> tuple[str, ...]:
    """Return the rules that depend on a metric, under any of the contract's terms."""
    found: dict[str, None] = {}
    for terms in contract.terms:
        for name in terms.spec.rules:
            asked: list[str] = []
            for other in with_others(terms.spec, name):
                rule = terms.spec.rules[other]
                asked += [*asked_by_price(rule, other), *asked_by_gate(rule), *asked_by_holdback(rule)]
            if metric in metrics_behind(terms.spec, asked):
                found[name] = None
    return tuple(found)


def least_that_pays(contract: Contract, rules: Iterable[str], metric: str, nothing: int) -> int | None:
    """Return the level nearest to nothing at which a rule pays more than there [steps]; None where it cannot be told.

    It is read off the payment curves (:mod:`payfs.incentives`), which say what is held; of a rule that only asks for
    the metric in its gate, it is the level at which that part of the gate is met.
    """
    scale = contract.frame.scales[metric]
    sign = -1 if scale.lower_is_better else 1
    found: list[int] = []
    for rule in rules:
        try:
            curves = [curve for curve in curves_of(contract, rule) if curve.metric == metric]
        except NoCurve:
            curves = []
        levels = [level for curve in curves if (level := _first_better(curve, nothing, sign)) is not None]
        if not curves:
            met = [s for s in tiers_of(contract, rule) if s.kind == "gate" and s.metric == metric]
            ends = [s.last if sign < 0 else s.first for s in met if "none_of" not in s.path]
            levels = [end for end in ends if end is not None and sign * end > sign * nothing]
        found += levels
    return min(found, key=lambda level: sign * level, default=None)


def _first_better(curve: PaymentCurve, nothing: int, sign: int) -> int | None:
    at = min(max(int(np.searchsorted(curve.levels, nothing, side="right")) - 1, 0), len(curve.levels) - 1)
    better = curve.known & (sign * curve.levels > sign * nothing) & (curve.amounts > curve.amounts[at])
    places = np.flatnonzero(better)
    return None if not len(places) else int(curve.levels[places[0 if sign > 0 else -1]])


class _Look:
    """One evaluation, and what has been counted of it so far, replicate by replicate."""

    def __init__(
        self, worked: Worked, name: str, place: int, rules: tuple[str, ...], multiples: tuple[float, ...], draws: Draws
    ) -> None:
        part = worked.scenario.parts[name][place]
        assert part.error is not None
        self.worked, self.name, self.place, self.rules, self.multiples = worked, name, place, rules, multiples
        self.part: Part = part
        self.error: Error = part.error
        self.nothing = int(part.seen(np.full(1, self.error.nothing))[0])
        self.sign = -1 if part.scale.lower_is_better else 1
        if self.error.target is None:
            self.target = least_that_pays(worked.contract, rules, name, self.nothing)
        else:  # a target finer than the metric's step is met by the next step that is as good
            steps = self.sign * self.error.target / float(part.scale.worth)
            self.target = self.sign * int(np.ceil(steps - 1e-9))
        self.draws = draws
        self.met = np.zeros(draws.replicates)
        self.anyway = np.zeros(draws.replicates)
        self.counted = np.zeros((len(multiples), 4, draws.replicates))

    def add(self, drawn: Drawn, uniforms: Floats, replicates: NDArray[np.int64]) -> None:
        """Count some paths."""

        def summed(values: NDArray[Any]) -> Floats:
            return np.bincount(replicates, values, self.draws.replicates).astype(np.float64)

        wide = (len(self.part.cells), drawn.paths)
        true = np.broadcast_to(self.part.seen(self.part.truth(uniforms)), wide)
        reached: NDArray[Any] = np.zeros(drawn.paths, dtype=bool)
        if self.target is not None:
            reached = np.all(self.sign * true >= self.sign * self.target, axis=0)
        unchanged = self._paid(drawn, np.full(wide, self.nothing))
        earned = self._paid(drawn, true)
        self.met += summed(reached)
        self.anyway += summed(unchanged)
        for at, multiple in enumerate(self.multiples):
            more = self._paid(drawn, self.part.draw(uniforms, self.error.nothing, multiple)) - unchanged
            paid = self._paid(drawn, self.part.draw(uniforms, None, multiple))
            missed = reached & (paid <= unchanged)
            self.counted[at] += [
                summed(more > 0),
                summed(np.maximum(more, 0)),
                summed(missed),
                summed(missed * np.maximum(earned - paid, 0)),
            ]

    def _paid(self, drawn: Drawn, values: Whole) -> Floats:
        """Return what the rules pay in all if this is what is measured, (paths,) [minor units]."""
        parts = list(drawn.values[self.name])
        parts[self.place] = values
        changed = replace(drawn, values={**drawn.values, self.name: tuple(parts)})
        rules = self.worked.statement(laid_out(self.worked.scenario, changed)).by_rule()
        amounts = [rules[rule][0, 0] for rule in self.rules if rule in rules]
        found: Floats = np.broadcast_to(sum(amounts, np.zeros(1)), (drawn.paths,))
        return found

    def told(self) -> Luck:
        """Return what was counted, as chances and amounts."""
        paths = np.array([len(self.draws.paths_of(replicate)) for replicate in range(self.draws.replicates)], float)
        error = self.error
        sizes = [
            Size(
                multiple,
                round((error.treated + error.control) * multiple),
                ratio(pays, paths),
                ratio(paid, paths),
                ratio(misses, self.met),
                ratio(forgone, self.met),
            )
            for multiple, (pays, paid, misses, forgone) in zip(self.multiples, self.counted, strict=True)
        ]
        met = Figure(float("nan"), float("nan")) if self.target is None else ratio(self.met, paths)
        return Luck(
            name=self.part.name,
            metric=self.name,
            rules=self.rules,
            treated=error.treated,
            control=error.control,
            biased=error.bias is not None,
            nothing=self.nothing,
            target=self.target,
            said=error.target is not None,
            met=met,
            anyway=ratio(self.anyway, paths),
            sizes=tuple(sizes),
            paths=self.draws.paths,
        )


def enough(chances: Sequence[tuple[float, float]], paths: float) -> int | None:
    """Return from how many people on a chance stays below :data:`RARE`; None where it does at no size looked at.

    Between two sizes the normal score of the chance is taken to go along a line over the root of the number of people,
    which is just so where a normal error has to pass a threshold.

    Args:
        chances: (people, chance), fewest people first.
        paths: on how many paths a chance was counted; one that was not seen once is taken for half a path.
    """
    from scipy.special import ndtri

    over = [place for place, (_, chance) in enumerate(chances) if not chance < RARE]
    if not over:
        return round(chances[0][0])
    if over[-1] == len(chances) - 1:
        return None
    ends = chances[over[-1] : over[-1] + 2]
    least = min(0.5 / paths, RARE / 2)
    roots = [np.sqrt(people) for people, _ in ends]
    scores = [float(ndtri(np.clip(chance, least, 1 - least))) for _, chance in ends]
    share = (scores[0] - float(ndtri(RARE))) / (scores[0] - scores[1])
    return int(np.ceil((roots[0] + share * (roots[1] - roots[0])) ** 2))
