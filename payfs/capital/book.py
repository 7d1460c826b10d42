"""The book of a waterfall: what moved on which date, from whom to whom, and the figures that its sentence quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from payfs.capital.flows import KINDS, Flow, Kind
from payfs.line import Fact, Line, Why
from payfs.money import Array, Currency

Facts = dict[str, Array]  # (paths,) each [minor units]


class _Quoted:
    """Figures by date, (1, dates, paths): laid out only for who asks for all, and not for a sentence at one place."""

    def __init__(self, by_date: Mapping[int, Array], dates: int, zero: Array) -> None:
        """Keep the figures of the dates on which there are any; on the others they are 0."""
        self.by_date, self.zero, self.shape = by_date, zero, (1, dates, len(zero))

    def __getitem__(self, place: tuple[int, int, int]) -> int:
        """Return the figure at a place."""
        _, date, path = place
        return int(self.by_date.get(date, self.zero)[path])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """Return all figures."""
        figures: Array = np.stack([self.by_date.get(date, self.zero) for date in range(self.shape[1])])[None]
        return figures if dtype is None else figures.astype(dtype)


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
    amounts: dict[int, Array] = field(default_factory=dict)  # by date, (paths,)
    facts: dict[str, dict[int, Array]] = field(default_factory=dict)  # the same
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
            self.entries[key] = _Entry(kind, source, target, tranche, name, in_kind, why)
        entry = self.entries[key]
        entry.amounts[row] = amount
        self.written += 1
        entry.order[row] = self.written
        for fact, figures in (facts or {}).items():
            entry.facts.setdefault(fact, {})[row] = figures

    def flows(self) -> Iterator[Flow]:
        """Yield every movement as a line that says why."""
        show = self.money.show
        for entry in sorted(self.entries.values(), key=lambda entry: KINDS.index(entry.kind)):
            facts = {
                name: Fact(cast(Array, _Quoted(figures, self.dates, self.zero)), show)
                for name, figures in entry.facts.items()
            }
            amounts = np.stack([entry.amounts.get(row, self.zero) for row in range(self.dates)])
            line = Line(entry.name, amounts[None], _sentence(entry.why), facts, show=show)
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
