"""What a waterfall comes to: every movement of money from somebody to somebody, date by date, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from payfs.line import Cell, Line, explain
from payfs.money import Array

Kind = Literal[
    "payment",
    "draw",
    "cost",
    "interest",
    "principal",
    "success",
    "guarantee",
    "guaranteed interest",
    "deposit",
    "surplus",
    "handed on",
    "reserve",
    "spending",
]

KINDS: tuple[str, ...] = get_args(Kind)  # in the order in which they are told


class Flow(NamedTuple):
    """Money that goes from one place to another.

    Attributes:
        kind: what it is.
        line: the amounts, (1, dates, paths) [minor units], and why; below 0 the money goes the other way.
        source: a party, or a pool.
        target: a party, or a pool.
        tranche: whose right it is; None for what is no tranche's.
        name: of the rule, cost, guarantee or reserve.
        in_kind: whether no cash changes hands: a fee that waits, or what a pool sets aside.
        order: the place of each date's amount among all that moved on it, (dates,).
    """

    kind: Kind
    line: Line
    source: str
    target: str
    tranche: str | None = None
    name: str = ""
    in_kind: bool = False
    order: tuple[int, ...] = ()

    def why(self, date: int, path: int) -> str:
        """Return the sentence that says why, for one date and path."""
        return explain(self.line, Cell(0, date, path)).sentence

    @property
    def amounts(self) -> Array:
        """The amounts, (dates, paths) [minor units]."""
        array: Array = self.line.amount[0]
        return array


class Early(NamedTuple):
    """A tranche that ended early; arrays are (paths,).

    Attributes:
        tranche: name.
        day: [days since 1970-01-01].
        why: redeemed | terminated.
        happens: on which paths.
        due: principal that was due then [minor units].
        lost: principal that was written off [minor units].
        metric: the metric on whose result it depended; None where it did not.
        result: what that came to [steps]; None where it did not depend on any.
    """

    tranche: str
    day: int
    why: Literal["redeemed", "terminated"]
    happens: NDArray[np.bool_]
    due: Array
    lost: Array
    metric: str | None
    result: Array | None


@dataclass(frozen=True)
class CashFlows:
    """All movements of money of a capital stack.

    Attributes:
        days: of each date [days since 1970-01-01], ascending.
        known: whether a source gives the day; where it does not, only the order counts.
        flows: every movement.
        kept: what each pool holds after each date, (dates, paths) [minor units].
        outstanding: principal of each tranche after each date, (dates, paths) [minor units].
        reserves: what each reserve holds after each date, (dates, paths) [minor units]; part of what its pool keeps.
        undrawn: what is left of each commitment in the end, (paths,) [minor units].
        unpaid_costs: what fell due of each cost and is not paid in the end, (paths,) [minor units].
        unpaid_interest: what fell due of each tranche's interest and is not paid in the end, (paths,) [minor units].
        unpaid_success: likewise of its success payments.
        beyond_limit: how much of both together the limit on what it earns lets nobody pay, (paths,) [minor units].
        early: what ended early.
        terminated: on which paths the whole deal ended early, (paths,).
        ended: whether it was poured to the last date; if not, what is outstanding may still be paid.
    """

    days: Array
    known: NDArray[np.bool_]
    flows: tuple[Flow, ...]
    kept: Mapping[str, Array]
    outstanding: Mapping[str, Array]
    reserves: Mapping[str, Array]
    undrawn: Mapping[str, Array]
    unpaid_costs: Mapping[str, Array]
    unpaid_interest: Mapping[str, Array]
    unpaid_success: Mapping[str, Array]
    beyond_limit: Mapping[str, Array]
    early: tuple[Early, ...]
    terminated: NDArray[np.bool_]
    ended: bool = True

    def on(self, date: int, path: int = 0) -> list[Flow]:
        """Return what moves on one date of one path, in the order in which it does."""
        here = [flow for flow in self.flows if flow.amounts[date, path]]
        return sorted(here, key=lambda flow: flow.order[date])

    @property
    def shape(self) -> tuple[int, int]:
        """Dates and paths."""
        first = next(iter(self.kept.values()))
        return first.shape[0], first.shape[1]

    def total(self, wanted: Callable[[Flow], bool]) -> Array:
        """Add some movements up, (dates, paths) [minor units]."""
        chosen = [flow for flow in self.flows if wanted(flow)]
        result = np.zeros(self.shape, dtype=np.int64 if not chosen else chosen[0].amounts.dtype)
        begun = [False] * len(result)
        for flow in chosen:
            for date, amount in enumerate(flow.amounts):
                if not flow.order or flow.order[date]:  # on other dates nothing moved
                    result[date] = result[date] + amount if begun[date] else amount
                    begun[date] = True
        return result
