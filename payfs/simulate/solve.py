"""Finds where a question just holds: the price from which on, or up to which, the answer is yes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor, isnan
from typing import NamedTuple, Protocol

from payfs.spec import decimal

MOST_MORE = 6
"""So many decimals more are written at most, where fewer would not tell two values apart."""


class Asked(Protocol):
    """What has to hold: a :class:`payfs.simulate.question.Question`."""

    @property
    def rising(self) -> bool:
        """Whether the value has to be high enough, and not low enough."""

    def holds(self, value: float) -> bool:
        """Whether it holds with this value."""

    def show(self, value: float, more: int = 0) -> str:
        """Write a value, with so many decimals more than usual."""


class Look(NamedTuple):
    """What was seen at one place.

    Attributes:
        x: the place.
        value: the left side of the question there.
        holds: whether the question holds there.
    """

    x: Fraction
    value: float
    holds: bool


@dataclass(frozen=True)
class Solved:
    """Where a question just holds.

    Attributes:
        answer: the place on the grid at which it holds, next to one at which it does not; None where there is none.
        beyond: the place beside it at which it does not hold; None where there is none.
        looks: every place that was looked at, in ascending order.
        monotone: whether the value only rises, or only falls, along these places. Where it does not, the answer is the
            first crossing that was found, and there may be others.
        low: the least place that was allowed.
        high: the greatest.
    """

    answer: Look | None
    beyond: Look | None
    looks: tuple[Look, ...]
    monotone: bool
    low: Fraction
    high: Fraction

    @property
    def evaluations(self) -> int:
        """How often the value was worked out: once for each place."""
        return len(self.looks)

    @property
    def everywhere(self) -> bool:
        """Whether the question holds at every place that was looked at."""
        return all(look.holds for look in self.looks)

    def more(self, question: Asked) -> int:
        """How many decimals more than usual it takes to tell the answer's value from that beside it."""
        if self.answer is None or self.beyond is None or self.answer.value == self.beyond.value:
            return 0
        one, other = self.answer.value, self.beyond.value
        apart = (more for more in range(MOST_MORE + 1) if question.show(one, more) != question.show(other, more))
        return next(apart, 0)

    def said(self, question: Asked, name: str, show: Callable[[Fraction], str] = decimal) -> str:
        """Say the answer in plain words.

        Args:
            question: that was asked.
            name: what was varied, such as ``the price``.
            show: how it is written.
        """
        places, tell = (f"{self.evaluations} places", "tell") if self.evaluations > 1 else ("1 place", "tells")
        if self.answer is None or self.beyond is None:
            where = "everywhere" if self.everywhere else "nowhere"
            text = f"It holds {where} with {name} from {show(self.low)} to {show(self.high)}, as far as {places} {tell}"
            values = {look.value for look in self.looks}
            if not self.everywhere and len(values) == 1 < len(self.looks) and not isnan(self.looks[0].value):
                text += f"; it makes no difference, for at each of them it is {question.show(self.looks[0].value)}"
            elif not self.everywhere:
                nearest = min(self.looks, key=lambda look: _short(question, look))
                text += f"; nearest to it is {show(nearest.x)} ({question.show(nearest.value)})"
            text += "."
        else:
            way, more = "least" if self.answer.x > self.beyond.x else "greatest", self.more(question)
            text = (
                f"It holds with {name} at {show(self.answer.x)} ({question.show(self.answer.value, more)}), but not at "
                f"{show(self.beyond.x)} ({question.show(self.beyond.value, more)}): the {way} at which it holds, "
                f"found by looking at {places}."
            )
        if not self.monotone:
            first = "; this is the first crossing that was found" if self.answer is not None else ""
            text += f" What is asked for does not go one way between these places{first}, and there may be others."
        return text


def solve(
    value_at: Callable[[Fraction], float],
    question: Asked,
    low: Fraction,
    high: Fraction,
    step: Fraction,
    start: Fraction | None = None,
) -> Solved:
    """Find where a question just holds, on the whole multiples of a step.

    From the start it looks up and down at distances that double, on the side on which the value has come nearer to the
    other answer, until the answer changes; then it halves the gap until two neighbours on the grid disagree. Between
    places that it looked at it takes the answer not to change and change back.

    Args:
        value_at: works out the left side of the question. It has to be the same each time: with the same random numbers
            at every place, two neighbours differ by what the place does and not by luck.
        question: what has to hold.
        low: the least place that is allowed.
        high: the greatest.
        step: of the grid, such as a cent.
        start: where to begin, such as the price as it is; the middle if not said. Beyond the ends, the end is meant.

    Raises:
        ValueError: the step is not above 0, or no multiple of it lies from ``low`` to ``high``.
    """
    if step <= 0:
        raise ValueError(f"the step is {decimal(step)}; write one above 0, such as 0.01")
    first, last = ceil(low / step), floor(high / step)
    if first > last:
        what = f"no multiple of {decimal(step)} lies from {decimal(low)} to {decimal(high)}"
        raise ValueError(f"{what}; {'exchange them' if low > high else 'write a wider range'}")
    seen: dict[int, Look] = {}

    def look(place: int) -> Look:
        if place not in seen:
            value = float(value_at(place * step))
            seen[place] = Look(place * step, value, question.holds(value))
        return seen[place]

    begin = (first + last) // 2 if start is None else min(max(round(start / step), first), last)
    ends = _bracket(look, begin, first, last, question.rising)
    if ends is not None:
        near, far = ends
        while abs(far - near) > 1:
            middle = (near + far) // 2
            if look(middle).holds == look(near).holds:
                near = middle
            else:
                far = middle
        ends = (near, far) if look(near).holds else (far, near)
    looks = tuple(seen[place] for place in sorted(seen))
    answer, beyond = (None, None) if ends is None else (seen[ends[0]], seen[ends[1]])
    return Solved(answer, beyond, looks, _one_way(looks), first * step, last * step)


def _bracket(look: Callable[[int], Look], begin: int, first: int, last: int, rising: bool) -> tuple[int, int] | None:
    """Find two places, the first nearer to the start, at which the answers differ; None where there are none."""
    here = look(begin)
    # a sixteenth of where it begins, or of the range where it begins at 0
    distance = dict.fromkeys((1, -1), max(1, abs(begin) // 16 or (last - first) // 16))
    reached = dict.fromkeys((1, -1), begin)
    ends = {1: last, -1: first}

    def stride(way: int) -> tuple[int, int] | None:
        before = reached[way]
        place = begin + way * distance[way]
        reached[way] = min(place, last) if way > 0 else max(place, first)
        distance[way] *= 2
        return (before, reached[way]) if look(reached[way]).holds != here.holds else None

    def promise(way: int) -> float:
        value = look(reached[way]).value
        return float("-inf") if isnan(value) else value if rising != here.holds else -value

    while ways := [way for way in (1, -1) if reached[way] != ends[way]]:
        # where neither side promises more, as on a plateau, they take turns
        if found := stride(max(ways, key=lambda way: (promise(way), -distance[way]))):
            return found
    return None


def _one_way(looks: tuple[Look, ...]) -> bool:
    """Whether values only rise or only fall, but for round-off; those that are NaN are passed over."""
    values = [look.value for look in looks if not isnan(look.value)]
    slack = 1e-12 * max(map(abs, values), default=0)
    rises = [after - before for before, after in pairwise(values)]
    return all(rise >= -slack for rise in rises) or all(rise <= slack for rise in rises)


def _short(question: Asked, look: Look) -> float:
    """How far a value is from what is asked for, up to a constant: the least is nearest."""
    if isnan(look.value):
        return float("inf")
    return -look.value if question.rising else look.value
