"""What may happen to a participant, as decisions in order: when they join, what happens, and how many months later."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

import numpy as np

from payfs.periods.days import add_months
from payfs.simulate.builder import Builder, Rows, fixed
from payfs.simulate.distributions import Distribution
from payfs.simulate.model import Floats
from payfs.simulate.written import Participants
from payfs.text import Path, suggest

MOST_MONTHS = 120  # different numbers of months that one outcome may take


class Wait(NamedTuple):
    """How many months later something happens: the numbers, and how likely each is."""

    months: tuple[int, ...]
    chances: tuple[float, ...]


@dataclass(frozen=True)
class Step:
    """One outcome of a participant.

    Attributes:
        name: of the outcome, as claims have it.
        chance: how likely it is, and its row of uniforms; None where it is certain how likely.
        needs: the place of the step that has to happen before; None for one that needs none.
        wait: after the one that it needs, or after joining.
        columns: of its claim, beside person, outcome and date.
    """

    name: str
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
        months: of each step, how many months later it happened; None where it did not, or could not.
    """

    joined: int
    months: tuple[int | None, ...]


@dataclass(frozen=True)
class Course:
    """All that may happen to a participant of a group."""

    joins: tuple[datetime.date, ...]
    shares: tuple[float, ...]
    steps: tuple[Step, ...]
    columns: dict[str, str]

    def patterns(self, most: int) -> list[Pattern] | None:
        """List every pattern; None where there are more than ``most``."""
        found: list[tuple[int | None, ...]] = [()]
        for step in self.steps:
            grown: list[tuple[int | None, ...]] = []
            for before in found:
                grown.append((*before, None))
                if step.needs is None or before[step.needs] is not None:
                    grown += [(*before, months) for months in step.wait.months]
            found = grown
            if len(found) * len(self.joins) > most:
                return None
        return [Pattern(joined, months) for joined in range(len(self.joins)) for months in found]

    def likely(self, pattern: Pattern, chances: Sequence[Floats]) -> Floats:
        """Return how likely a pattern is on each path, (paths,) or (1,).

        Args:
            pattern: what happens.
            chances: how likely each step is, (paths,) or (1,) each.
        """
        likely: Floats = np.array([self.shares[pattern.joined]])
        for step, months, chance in zip(self.steps, pattern.months, chances, strict=True):
            if step.needs is not None and pattern.months[step.needs] is None:
                continue
            if months is None:
                likely = likely * (1 - chance)
            else:
                likely = likely * chance * step.wait.chances[step.wait.months.index(months)]
        return likely

    def claims(self, pattern: Pattern, last: datetime.date) -> Iterator[dict[str, str]]:
        """Yield the claims of a participant, up to a last day, without their id."""
        days: list[datetime.date | None] = []
        for step, months in zip(self.steps, pattern.months, strict=True):
            base = self.joins[pattern.joined] if step.needs is None else days[step.needs]
            day = None if months is None or base is None else add_months(base, months)
            days.append(day)
            if day is not None and day <= last:
                yield {**self.columns, **step.columns, "outcome": step.name, "date": day.isoformat()}


def course_of(builder: Builder, name: str, spec: Participants, at: Path) -> Course | None:
    """Lay out what may happen to a participant; None with faults noted."""
    before = len(builder.found)
    shares = [float(share) for share in spec.joins.values()]
    if abs(sum(shares) - 1) > 1e-9:
        builder.fault((*at, "joins"), f"the shares come to {100 * sum(shares):g}%", "make them add up to 100%")
    for outcome, step in spec.outcomes.items():
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
            steps.append(Step(outcome, (chance, rows), needs, wait, dict(step.columns)))
    if len(builder.found) > before:
        return None
    columns = {**spec.columns, **({"cohort": spec.cohort} if spec.cohort is not None else {})}
    return Course(tuple(day.date for day in spec.joins), tuple(shares), tuple(steps), columns)


def _wait(builder: Builder, spec: Participants, outcome: str, at: Path) -> Wait | None:
    belief = spec.outcomes[outcome].months
    if belief is None:
        return Wait((0,), (1.0,))
    made = builder.distribution(belief, (*at, "months"), False, 0)
    if made is None:
        return None
    low, high = (int(np.floor(end + 0.5)) for end in made.quantile(np.array([1e-6, 1 - 1e-6])))
    if high - low >= MOST_MONTHS:
        what = f"it may happen in any of {high - low + 1} months, more than {MOST_MONTHS}"
        builder.fault((*at, "months"), what, "believe of fewer")
        return None
    months = np.arange(low, high + 1)
    upto = made.cdf(np.nextafter(months[:-1] + 0.5, -np.inf)) if len(months) > 1 else np.zeros(0)
    chances = np.diff(upto, prepend=0.0, append=1.0)
    there = chances > 0
    return Wait(tuple(months[there].tolist()), tuple(chances[there].tolist()))
