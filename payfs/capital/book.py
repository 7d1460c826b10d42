"""The book of a waterfall: what moved on which date, from whom to whom, and the figures that its sentence quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from payfs.capital.flows import KINDS, Flow, Kind
from payfs.line import Fact, Line, Why
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
    order: dict[int, int] = field(default_factory=dict)  # by date: how much had been written down before


class Book:
    """Everything that moved."""

    def __init__(self, dates: int, zero: Array, money: Currency) -> None:
        """Begin with nothing, for so many dates and as many paths as ``zero`` has."""
        self.dates, self.zero, self.money = dates, zero, money
        self.entries: dict[tuple[str | int, ...], _Entry] = {}
        self.written = 0

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
        """Write down what moved on one date, if anything did.

        Args:
            kind: what it is.
            row: the place of the date.
            amount: (paths,) [minor units].
            source: a party, or a pool.
            target: a party, or a pool.
            tranche: whose right it is; None where it is no tranche's.
            name: of the rule, cost, guarantee or reserve.
            why: the sentence, with ``{facts}``; a part that begins with ``[fact] `` is said only where that is not 0.
            facts: what the sentence quotes, (paths,) each [minor units].
            in_kind: whether no cash moves.
        """
        if not amount.any():
            return
        number = 0  # a second movement of the same kind on a date is a line of its own, with figures of its own
        key = (kind, source, target, tranche or "", name, why, number)
        while key in self.entries and row in self.entries[key].order:
            number += 1
            key = (kind, source, target, tranche or "", name, why, number)
        if key not in self.entries:
            none = np.zeros((self.dates, len(self.zero)), dtype=self.zero.dtype)
            self.entries[key] = _Entry(kind, source, target, tranche, name, in_kind, why, none)
        entry = self.entries[key]
        entry.amounts[row] = amount
        self.written += 1
        entry.order[row] = self.written
        for fact, figures in (facts or {}).items():
            if fact not in entry.facts:
                entry.facts[fact] = np.zeros_like(entry.amounts)
            entry.facts[fact][row] = figures

    def flows(self) -> Iterator[Flow]:
        """Yield every movement as a line that says why."""
        show = self.money.show
        for entry in sorted(self.entries.values(), key=lambda entry: KINDS.index(entry.kind)):
            facts = {name: Fact(figures[None], show) for name, figures in entry.facts.items()}
            line = Line(entry.name, entry.amounts[None], _sentence(entry.why), facts, show=show)
            order = tuple(entry.order.get(row, 0) for row in range(self.dates))
            yield Flow(entry.kind, line, entry.source, entry.target, entry.tranche, entry.name, entry.in_kind, order)


PART = re.compile(r"\[(\w+)\] ")


def _sentence(why: str) -> Why:
    """Leave out what is said only where a figure is not 0."""
    first, *parts = why.split("; ")

    def said(figures: Mapping[str, int]) -> str:
        kept = [first]
        for part in parts:
            asked = PART.match(part)
            if asked is None or figures[asked[1]]:
                kept.append(PART.sub("", part, count=1))
        return "; ".join(kept)

    return said
