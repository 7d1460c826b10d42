"""Payments that come late: a risk of its own, which moves money between fiscal years and empties purses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from payfs.simulate.builder import Builder, Rows, fixed
from payfs.simulate.distributions import Distribution
from payfs.simulate.model import Floats
from payfs.simulate.written import Delay
from payfs.text import Path, suggest

MOST_STEPS = 60
MOST_DAYS = 36_500


@dataclass(frozen=True)
class Late:
    """How late a payer pays.

    Attributes:
        distribution: of the days.
        rows: the uniforms; one for all periods, or one for each; None where nothing is uncertain.
        step: delays are rounded up to so many days.
        steps: every delay that there may be [days], ascending.
        periods: how many periods the contract has.
    """

    distribution: Distribution
    rows: Rows | None
    step: int
    steps: tuple[int, ...]
    periods: int

    def days(self, uniforms: Floats) -> NDArray[np.int64]:
        """Return how many days late each period's payment is, (periods, paths)."""
        if self.rows is None:
            days = np.full((1, uniforms.shape[1]), self.distribution.least)
        else:
            days = self.distribution.quantile(self.rows.of(uniforms))
        whole = (np.ceil(days / self.step - 1e-9) * self.step).astype(np.int64)
        inside: NDArray[np.int64] = np.clip(whole, self.steps[0], self.steps[-1])
        return np.broadcast_to(inside, (self.periods, uniforms.shape[1]))


def late_of(builder: Builder, delays: Mapping[str, Delay]) -> dict[str, Late]:
    """Lay out how late each payer pays; faults are noted."""
    contract, found = builder.contract, dict[str, Late]()
    payers = [name for name, party in contract.spec.parties.items() if party.pays]
    for payer, delay in delays.items():
        at: Path = ("delays", payer)
        if payer not in payers:
            hint = suggest(payer, payers) or f"name one of {', '.join(payers)}"
            builder.fault(at, f"no payer is called {payer!r}", hint)
            continue
        made = builder.distribution(delay.days, (*at, "days"), False, 0)
        if delay.step < 1:
            builder.fault((*at, "step"), "a step of no days", "write a number of days of at least 1")
        if made is None or delay.step < 1:
            continue
        ends = made.quantile(np.array([1e-6, 1 - 1e-6]))
        low, high = (int(np.ceil(end / delay.step - 1e-9)) for end in ends)
        if ends[1] > MOST_DAYS:
            what = f"it may be {ends[1]:,.0f} days, more than {MOST_DAYS:,}"
            builder.fault((*at, "days"), what, "write how many days after the due date is paid")
            continue
        if high - low >= MOST_STEPS:
            longer = -(-(high - low + 1) * delay.step // MOST_STEPS)
            what = f"it may be one of {high - low + 1} delays, more than {MOST_STEPS}"
            builder.fault((*at, "days"), what, f"say step: {longer} or more")
            continue
        number = 1 if delay.varies == "once" else len(contract.periods)
        rows = None if fixed(made) else builder.rows(f"delay of {payer}", number)
        steps = tuple(step * delay.step for step in range(low, high + 1))
        found[payer] = Late(made, rows, delay.step, steps, len(contract.periods))
    return found
