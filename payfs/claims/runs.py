"""Runs of months and weeks, looked at once they are over: which claims came to something."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from payfs.evidence.counting import Run
from payfs.money import Array


def fell_out(person: Array, when: Array, reached: NDArray[np.bool_], run: Run) -> NDArray[np.bool_]:
    """Tell which claims of a run came to nothing: a break came after them, or the window has passed them by.

    Args:
        person: of each claim, in order of person and date; one claim in each month or week.
        when: its month or week, numbered.
        reached: whether as many as are asked for were reached with it.
        run: how many are asked for, in a row or among so many.
    """
    places = np.arange(len(person))
    ends = np.append(person[1:] != person[:-1], True)[: len(person)]
    last = np.minimum.accumulate(np.where(ends, places, len(person))[::-1])[::-1]  # each person's last claim
    found = np.minimum.accumulate(np.where(reached, places, len(person))[::-1])[::-1]  # the next that reaches it
    served = found <= last
    nearest = when[np.minimum(found, len(person) - 1)]
    if run.in_a_row:
        # a break is a month or week without a claim, or one that was reached: the count begins anew after it
        breaks = np.append((when[1:] - when[:-1] != 1) | reached[:-1] | (person[1:] != person[:-1]), True)
        stretch_ends = np.minimum.accumulate(np.where(breaks[: len(person)], places, len(person))[::-1])[::-1]
        came_to_something = served & (nearest - when < run.number)
        still_open = (stretch_ends == last) & ~served
    else:
        width = run.of or 0
        came_to_something = served & (nearest - when < width)
        still_open = ~served & (when[last] - when < width)
    result: NDArray[np.bool_] = ~reached & ~came_to_something & ~still_open
    return result
