"""The tree of Lines: amounts, the sentence that says why, the facts it quotes, and the parts it was made of.

A Line carries the very arrays that were added up. An explanation is the tree read aloud at one cell (cohort, period,
path), so it cannot drift from the sum, and any single path of a million can be explained by the same code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from payfs.money import Array


class Cell(NamedTuple):
    """One place of the arrays."""

    cohort: int
    period: int
    path: int


def at(array: Array, cell: Cell) -> int:
    """Read an array of shape (cohorts or 1, periods or 1, paths or 1) at a cell."""
    place = tuple(0 if length == 1 else where for length, where in zip(array.shape, cell, strict=True))
    return int(array[place])


@dataclass(frozen=True)
class Fact:
    """A figure that a sentence quotes: the array, or one figure for all cells, and how it is written.

    ``less`` is taken off at the cell that is read, so that no array is made that only a sentence needs.
    """

    values: Array | int
    show: Callable[[int], str]
    less: Array | None = None

    def at(self, cell: Cell) -> int:
        """Return the figure at a cell."""
        figure = self.values if isinstance(self.values, int) else at(self.values, cell)
        return figure if self.less is None else figure - at(self.less, cell)


Why = str | Callable[[Mapping[str, int]], str]
"""A sentence with ``{facts}``, or a function of the cell's figures that returns one. Users' text never stands in the
sentence itself, only in facts: it would be read as fields."""


def said(text: str) -> Fact:
    """Quote a text as a fact."""
    return Fact(0, lambda _: text)


@dataclass(frozen=True)
class Line:
    """An amount for every cohort, period and path, and why.

    Attributes:
        name: what the line is, in the contract's words.
        amount: (cohorts or 1, periods, paths) [minor units, or steps of a metric].
        why: the sentence.
        facts: what the sentence quotes.
        parts: the lines that this one was made from.
        clause: the place in the signed contract.
        show: how the amount is written.
        pieces: of a line that an amendment changed, the first period of each part of time and the line that held then.
        of_period: the period that it is read at, whatever period is asked for; None for the one that is asked for.
    """

    name: str
    amount: Array
    why: Why
    facts: Mapping[str, Fact] = field(default_factory=dict)
    parts: tuple[Line, ...] = ()
    clause: str = ""
    show: Callable[[int], str] = str
    pieces: tuple[tuple[int, Line], ...] = ()
    of_period: int | None = None


@dataclass(frozen=True)
class Explanation:
    """A Line read at one cell: plain values, ready to be printed."""

    name: str
    amount: str
    sentence: str
    clause: str
    parts: tuple[Explanation, ...]


def explain(line: Line, cell: Cell) -> Explanation:
    """Read a Line and its parts aloud at one cell."""
    if line.of_period is not None:
        cell = cell._replace(period=line.of_period)
    for start, piece in reversed(line.pieces):
        if cell.period >= start:
            return explain(piece, cell)
    figures = {name: fact.at(cell) for name, fact in line.facts.items()}
    template = line.why if isinstance(line.why, str) else line.why(figures)
    sentence = template.format_map({name: fact.show(figures[name]) for name, fact in line.facts.items()})
    parts = tuple(explain(part, cell) for part in line.parts)
    return Explanation(line.name, line.show(at(line.amount, cell)), sentence, line.clause, parts)
