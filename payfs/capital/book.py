"""The book of a waterfall: what moved on which date, from whom to whom, and the figures that its sentence quotes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from payfs.capital.flows import KINDS, Flow, Kind
from payfs.line import Fact, Line
from payfs.money import Array, Currency

Facts = dict[str, Array]  # (paths,) each [minor units]


@dataclass
class _Entry:
    """The amounts of one kind of movement, date by date."""

    kind: Kind
    source: str
    target: str
    tranche: str | None
    name: str
    in_kind: bool
    why: str
    amounts: Array  # (dates, paths)
    facts: Facts = field(default_factory=dict)  # (dates, paths) each


class Book:
    """Everything that moved."""

    def __init__(self, dates: int, zero: Array, money: Currency) -> None:
        """Begin with nothing, for so many dates and as many paths as ``zero`` has."""
        self.dates, self.zero, self.money = dates, zero, money
        self.entries: dict[tuple[str, ...], _Entry] = {}

    def write(
        self,
        kind: Kind,
        row: int,
        amount: Array,
        source: str,
        target: str,
        tranche: str | None,
        name: str,
        why: str,
        facts: Facts | None = None,
        in_kind: bool = False,
    ) -> None:
        """Write down what moved on one date.

        Args:
            kind: what it is.
            row: the place of the date.
            amount: (paths,) [minor units].
            source: a party, or a pool.
            target: a party, or a pool.
            tranche: whose right it is; None where it is no tranche's.
            name: of the rule, cost, guarantee or reserve.
            why: the sentence, with ``{facts}``.
            facts: what the sentence quotes, (paths,) each [minor units].
            in_kind: whether no cash moves.
        """
        key = (kind, source, target, tranche or "", name, why)
        if key not in self.entries:
            none = np.zeros((self.dates, len(self.zero)), dtype=self.zero.dtype)
            self.entries[key] = _Entry(kind, source, target, tranche, name, in_kind, why, none)
        entry = self.entries[key]
        entry.amounts[row] = entry.amounts[row] + amount
        for fact, figures in (facts or {}).items():
            if fact not in entry.facts:
                entry.facts[fact] = np.zeros_like(entry.amounts)
            entry.facts[fact][row] = figures

    def flows(self) -> Iterator[Flow]:
        """Yield every movement as a line that says why."""
        show = self.money.show
        for entry in sorted(self.entries.values(), key=lambda entry: KINDS.index(entry.kind)):
            facts = {name: Fact(figures[None], show) for name, figures in entry.facts.items()}
            line = Line(entry.name, entry.amounts[None], entry.why, facts, show=show)
            yield Flow(entry.kind, line, entry.source, entry.target, entry.tranche, entry.name, entry.in_kind)
