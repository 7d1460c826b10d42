"""The one price curve: a piecewise-linear function of one measured number, exact.

A flat price, a per-diem, cliff tiers, marginal bands, an interpolated table, a share that switches, bonus and malus
around a dead band: each is pieces of a curve, with an amount at a point and a slope. The words of the contract
(:mod:`payfs.words`) are sugar on it. One primitive evaluates them all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import lcm
from typing import NamedTuple

import numpy as np

from payfs.money import Array, Rounding, TooLarge, fits, over, peak, within
from payfs.spec import UnknownTerm
from payfs.text import Path


class Piece(NamedTuple):
    """A straight piece of a curve: ``amount + slope * (x - origin)`` from ``start`` up to the next piece's start.

    Attributes:
        start: the first measured value that lies in it [steps]; None where the curve is open below.
        amount: at ``origin`` [minor units]; None where the contract says ``unknown``.
        slope: [minor units a step].
        origin: where the amount holds [steps]; it need not be a whole step.
        path: the place in the rule that says so.
        said: the piece in words.
    """

    start: int | None
    amount: Fraction | None
    slope: Fraction = Fraction(0)
    origin: Fraction = Fraction(0)
    path: Path = ()
    said: str = ""

    @property
    def intercept(self) -> Fraction:
        """The amount at 0 on the piece's line; 0 where unknown."""
        return Fraction(0) if self.amount is None else self.amount - self.slope * self.origin

    @property
    def incline(self) -> Fraction:
        """The slope, 0 where the amount is unknown."""
        return Fraction(0) if self.amount is None else self.slope


class Kink(NamedTuple):
    """What changes where a piece begins, over the curve's common denominator."""

    start: int
    jump: int
    bend: int


MANY = 4_096  # values for which it is worth while to look amounts up
LONG = 2**15  # steps of a table that is kept: it fits the processor's cache


class Table(NamedTuple):
    """What a curve pays at each of some steps that follow each other.

    Attributes:
        first: the first [steps].
        amounts: (steps,) [minor units]; empty where one of them cannot be paid exactly.
    """

    first: int
    amounts: Array


@dataclass(frozen=True)
class Curve:
    """Pieces in ascending order that cover every value; the first is open below."""

    pieces: tuple[Piece, ...]
    _tables: dict[Rounding, Table] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def divisor(self) -> int:
        """The common denominator of all amounts and slopes."""
        return lcm(*(x.denominator for p in self.pieces for x in (p.intercept, p.incline)))

    @cached_property
    def base(self) -> tuple[int, int]:
        """Amount at 0 and slope of the first piece, over the divisor."""
        first = self.pieces[0]
        return int(first.intercept * self.divisor), int(first.incline * self.divisor)

    @cached_property
    def kinks(self) -> tuple[Kink, ...]:
        """Jumps and bends between the pieces, over the divisor."""
        result = []
        for before, piece in pairwise(self.pieces):
            assert piece.start is not None
            bend = piece.incline - before.incline
            jump = piece.intercept - before.intercept + bend * piece.start
            if bend or jump:
                result.append(Kink(piece.start, int(jump * self.divisor), int(bend * self.divisor)))
        return tuple(result)

    def pay(self, x: Array, rounding: Rounding) -> Array:
        """Evaluate the curve and round once.

        Args:
            x: measured values [steps].
            rounding: as the contract says.

        Returns:
            Amounts [minor units], 0 where the contract says ``unknown`` (see :meth:`refuse_unknown`).

        Raises:
            TooLarge: an amount is beyond what can be paid exactly.
        """
        if x.size >= MANY and x.dtype == np.int64 and len(self.pieces) > 1:
            low, high = int(x.min()), int(x.max())
            if high - low < LONG and (table := self._table(low, high, rounding)).amounts.size:
                return table.amounts.take(x - table.first, mode="wrap")  # all are in it, so none is looked at for it
        return self._worked(x, rounding)

    def _table(self, low: int, high: int, rounding: Rounding) -> Table:
        """Return the amounts from one value to another, which are worked out once for many paths that share them."""
        known = self._tables.get(rounding)
        if known is not None and known.amounts.size:
            if known.first <= low and high < known.first + len(known.amounts):
                return known
            if max(high + 1, known.first + len(known.amounts)) - min(low, known.first) <= LONG:
                low, high = min(low, known.first), max(high, known.first + len(known.amounts) - 1)
        try:
            made = Table(low, self._worked(np.arange(low, high + 1), rounding))
        except TooLarge:  # which may be said only of values that there are
            made = Table(low, np.empty(0, dtype=np.int64))
        self._tables[rounding] = made
        return made

    def _worked(self, x: Array, rounding: Rounding) -> Array:
        """Work the amounts out, value by value."""
        (level, slope), reach = self.base, max(peak(x), 1)
        bound = abs(level) + abs(slope) * reach
        bound += sum(abs(k.jump) + abs(k.bend) * (reach + abs(k.start)) for k in self.kinks)
        exact = (
            fits(bound, self.divisor * rounding.to)
            and reach + max((abs(k.start) for k in self.kinks), default=0) < 2**62
        )
        values = x if exact else x.astype(object)
        # max(x - start, 0) is max(x, start) less start, and all that is constant is added at once; every total on the
        # way stays inside the bound, and is added to in place, because new arrays cost more than the arithmetic
        total = values * slope
        for start, jump, bend in self.kinks:
            if bend:
                bent = np.maximum(values, start)
                bent *= bend
                total += bent
                level -= bend * start
            if jump:
                total += np.multiply(values >= start, jump, dtype=values.dtype)
        if level:
            total += level
        result = over(total, self.divisor, rounding)
        return within(bound, result, self.divisor, rounding).astype(x.dtype, copy=False)

    @cached_property
    def gaps(self) -> tuple[int, ...]:
        """The places of the pieces whose amount the contract says is unknown."""
        return tuple(i for i, piece in enumerate(self.pieces) if piece.amount is None)

    def refuse_unknown(self, x: Array, counted: Array) -> None:
        """Refuse values that fall where the contract says ``unknown``.

        Args:
            x: measured values [steps].
            counted: where they matter, broadcasting to ``x``.

        Raises:
            UnknownTerm: one does, with the place in the rule.
        """
        for place in self.gaps:
            piece = self.pieces[place]
            inside = counted & np.ones_like(x, dtype=bool)
            if piece.start is not None:
                inside = inside & (x >= piece.start)
            if place + 1 < len(self.pieces):
                inside = inside & (x < self.pieces[place + 1].start)
            if inside.any():
                raise UnknownTerm(piece.path)

    def piece_at(self, x: int) -> Piece:
        """Return the piece in which a value lies."""
        return next(p for p in reversed(self.pieces) if p.start is None or x >= p.start)

    def amount_at(self, x: int) -> Fraction | None:
        """Return the exact amount at one value [minor units], or None where it is unknown."""
        piece = self.piece_at(x)
        return None if piece.amount is None else piece.amount + piece.slope * (x - piece.origin)

    def said_at(self, x: int) -> str:
        """Say in words what the piece pays in which a value lies."""
        return self.piece_at(x).said
