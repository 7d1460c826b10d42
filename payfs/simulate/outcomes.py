"""What may happen to a participant, as decisions in order: when they join, what happens, and how many months later."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

import numpy as np

from payfs.claims.table import known_outcomes
from payfs.periods.days import add_months
from payfs.simulate.belief import Belief
from payfs.simulate.builder import Builder, Rows, fixed
from payfs.simulate.distributions import Distribution
from payfs.simulate.model import Floats
from payfs.simulate.written import Participants
from payfs.text import Path, suggest

MOST_MONTHS = 120  # different numbers of months that one outcome may take, or last
MOST_LASTING = 600  # months that one outcome may last


class When(NamedTuple):
    """How many months later something happens, and in how many months in a row."""

    months: int
    lasts: int = 1


class Wait(NamedTuple):
    """When something may happen, and how likely each is."""

    whens: tuple[When, ...]
    chances: tuple[float, ...]


@dataclass(frozen=True)
class Step:
    """One outcome of a participant.

    Attributes:
        name: of the outcome, in the scenario.
        claimed: what claims call it.
        chance: how likely it is, and its row of uniforms; None where it is certain how likely.
        needs: the place of the step that has to happen before; None for one that needs none.
        wait: after the last claim of the one that it needs, or after joining.
        columns: of its claim, beside person, outcome and date.
    """

    name: str
    claimed: str
    chance: tuple[Distribution, Rows | None]
    needs: int | None
    wait: Wait
    columns: dict[str, str]

    def likely(self, uniforms: Floats) -> Floats:
        """Return how likely it is on each path, (paths,) or (1,)."""
        distribution, rows = self.chance
        if rows is None:
            return np.array([distribution.least])
        return distribution.quantile(rows.of(uniforms)[0])


class Pattern(NamedTuple):
    """What happened to one participant.

    Attributes:
        joined: the place of the day of joining.
        whens: of each step, when it happened; None where it did not, or could not.
    """

    joined: int
    whens: tuple[When | None, ...]


@dataclass(frozen=True)
class Course:
    """All that may happen to a participant of a group."""

    joins: tuple[datetime.date, ...]
    shares: tuple[float, ...]
    steps: tuple[Step, ...]
    columns: dict[str, str]

    def patterns(self, most: int) -> list[Pattern] | None:
        """List every pattern; None where there are more than ``most``."""
        found: list[tuple[When | None, ...]] = [()]
        for step in self.steps:
            grown: list[tuple[When | None, ...]] = []
            for before in found:
                grown.append((*before, None))
                if step.needs is None or before[step.needs] is not None:
                    grown += [(*before, when) for when in step.wait.whens]
            found = grown
            if len(found) * len(self.joins) > most:
                return None
        return [Pattern(joined, whens) for joined in range(len(self.joins)) for whens in found]

    def ends(self) -> list[Pattern]:
        """Return where everything happens as early as may be, for each day of joining, and as late."""
        ends = (min, max)
        return [
            Pattern(joined, tuple(end(step.wait.whens) for step in self.steps))
            for joined in range(len(self.joins))
            for end in ends
        ]

    def likely(self, pattern: Pattern, chances: Sequence[Floats]) -> Floats:
        """Return how likely a pattern is on each path, (paths,) or (1,).

        Args:
            pattern: what happens.
            chances: how likely each step is, (paths,) or (1,) each.
        """
        likely: Floats = np.array([self.shares[pattern.joined]])
        for step, when, chance in zip(self.steps, pattern.whens, chances, strict=True):
            if step.needs is not None and pattern.whens[step.needs] is None:
                continue
            if when is None:
                likely = likely * (1 - chance)
            else:
                likely = likely * chance * step.wait.chances[step.wait.whens.index(when)]
        return likely

    def claims(self, pattern: Pattern, last: datetime.date) -> Iterator[dict[str, str]]:
        """Yield the claims of a participant, up to a last day, without their id."""
        # months since joining, and not days: 31 January would drift to the 28th for good
        months: list[int | None] = []
        joined = self.joins[pattern.joined]
        for step, when in zip(self.steps, pattern.whens, strict=True):
            base = 0 if step.needs is None else months[step.needs]
            if when is None or base is None:
                months.append(None)
                continue
            start = base + when.months
            months.append(start + when.lasts - 1)
            for month in range(start, start + when.lasts):
                day = add_months(joined, month)
                if day > last:
                    break
                yield {**self.columns, **step.columns, "outcome": step.claimed, "date": day.isoformat()}


def course_of(builder: Builder, name: str, spec: Participants, at: Path) -> Course | None:
    """Lay out what may happen to a participant; None with faults noted."""
    before = len(builder.found)
    total = sum(spec.joins.values())
    if abs(total - 1) > 1e-9:
        builder.fault((*at, "joins"), f"the shares come to {float(100 * total):g}%", "make them add up to 100%")
    shares = [float(share / total) for share in spec.joins.values()] if total else []
    known = known_outcomes(builder.contract.frame)
    for outcome, step in spec.outcomes.items():
        claimed = step.claimed_as or outcome
        if claimed not in known:
            hint = suggest(claimed, known) or f"name one of {', '.join(list(known)[:12]) or 'none'}"
            where = (*at, "outcomes", outcome, *(("claimed_as",) if step.claimed_as else ()))
            builder.fault(where, f"no metric of the contract counts claims of {claimed!r}", hint)
        if step.needs is not None and step.needs not in spec.outcomes:
            hint = suggest(step.needs, spec.outcomes) or f"name one of {', '.join(spec.outcomes)}"
            builder.fault((*at, "outcomes", outcome, "needs"), f"there is no outcome {step.needs!r} here", hint)
    if len(builder.found) > before:
        return None
    graph = {outcome: {step.needs} if step.needs else set() for outcome, step in spec.outcomes.items()}
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = " to ".join(error.args[1])
        builder.fault((*at, "outcomes"), f"outcomes need each other in a circle: {circle}", "break the circle")
        return None
    steps = []
    for outcome in order:
        step, here = spec.outcomes[outcome], (*at, "outcomes", outcome)
        chance = builder.distribution(step.chance, (*here, "chance"), True, 0, 1)
        wait = _wait(builder, spec, outcome, here)
        if chance is not None and wait is not None:
            rows = None if fixed(chance) else builder.rows(f"{name}: {outcome}")
            needs = None if step.needs is None else order.index(step.needs)
            steps.append(Step(outcome, step.claimed_as or outcome, (chance, rows), needs, wait, dict(step.columns)))
    if len(builder.found) > before:
        return None
    columns = {**spec.columns, **({"cohort": spec.cohort} if spec.cohort is not None else {})}
    return Course(tuple(spec.joins), tuple(shares), tuple(steps), columns)


def _wait(builder: Builder, spec: Participants, outcome: str, at: Path) -> Wait | None:
    step = spec.outcomes[outcome]
    later = _months(builder, step.months, (*at, "months"), 0, {0: 1.0})
    lasts = _months(builder, step.lasts, (*at, "lasts"), 1, {1: 1.0})
    if later is None or lasts is None:
        return None
    both = {When(months, lasting): a * b for months, a in later.items() for lasting, b in lasts.items()}
    return Wait(tuple(both), tuple(both.values()))


def _months(
    builder: Builder, belief: Belief | None, at: Path, least: int, by_default: dict[int, float]
) -> dict[int, float] | None:
    """Return how likely each number of months is; None with a fault noted."""
    if belief is None:
        return by_default
    made = builder.distribution(belief, at, False, least, MOST_LASTING)
    if made is None:
        return None
    low, high = (int(np.floor(end + 0.5)) for end in made.quantile(np.array([1e-6, 1 - 1e-6])))
    if high - low >= MOST_MONTHS:
        what = f"it may be any of {high - low + 1} numbers of months, more than {MOST_MONTHS}"
        builder.fault(at, what, "believe of fewer")
        return None
    months = np.arange(low, high + 1)
    upto = made.cdf(np.nextafter(months[:-1] + 0.5, -np.inf)) if len(months) > 1 else np.zeros(0)
    chances = np.diff(upto, prepend=0.0, append=1.0)
    there = chances > 0
    return dict(zip(months[there].tolist(), chances[there].tolist(), strict=True))
