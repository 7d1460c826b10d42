"""Turns what a scenario says into what can be drawn, and gathers everything that is wrong with it on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import NamedTuple

import numpy as np

from payfs.contract import Contract
from payfs.simulate.belief import Belief, placed, resolve
from payfs.simulate.distributions import Distribution
from payfs.simulate.model import Floats, Input
from payfs.simulate.single import Bootstrap
from payfs.spec import decimal
from payfs.text import Document, Finding, Path, Refused

STRAY = 0.05  # the chance with which a belief may lie where the number cannot be; it is then taken to lie elsewhere


class Rows(NamedTuple):
    """Rows of the uniforms that belong together."""

    first: int
    number: int

    def of(self, uniforms: Floats) -> Floats:
        """Return them, (number, paths)."""
        return uniforms[self.first : self.first + self.number]


@dataclass
class Builder:
    """What has been laid out so far of a scenario.

    Attributes:
        document: the scenario's text, with its places.
        folder: the folder in which it stands.
        contract: the contract that is simulated.
        taken: rows of uniforms by input.
        found: what is wrong.
    """

    document: Document
    folder: FilePath
    contract: Contract
    taken: dict[str, list[int]] = field(default_factory=dict)
    found: list[Finding] = field(default_factory=list)
    size: int = 0

    def rows(self, name: str, count: int = 1) -> Rows:
        """Take rows of uniforms for an input."""
        rows = Rows(self.size, count)
        self.taken.setdefault(name, []).extend(range(self.size, self.size + count))
        self.size += count
        return rows

    @property
    def inputs(self) -> tuple[Input, ...]:
        """What is uncertain, so far."""
        return tuple(Input(name, tuple(rows)) for name, rows in self.taken.items())

    def fault(self, at: Path, what: str, remedy: str = "") -> None:
        """Note something that is wrong."""
        self.found.append(self.document.finding(at, what, remedy))

    def distribution(
        self, belief: Belief, at: Path, percent: bool | None = None, least: float = -np.inf, most: float = np.inf
    ) -> Distribution | None:
        """Return what a belief stands for, set on condition that the number can be; None with a fault noted.

        Args:
            belief: as read.
            at: where it stands in the scenario.
            percent: whether a percentage is meant; None where either may stand.
            least: the least that the number can be, as a plain number.
            most: the most.
        """
        try:
            made = resolve(belief, self.folder)
        except Refused as refused:
            self.found += placed(refused, self.document, at)
            return None
        figures = [str(figure) for _, figure in belief.figures() if figure.value != 0]
        # of a beta distribution nothing but its shape may be said, and it is one of shares
        shares = not figures and not isinstance(belief.kind, Bootstrap) and 0 <= made.least <= made.most <= 1
        if percent is True and not made.percent and not shares:
            shown = figures[0] if figures else "what is drawn"
            small = [figure for _, figure in belief.figures() if 0 < abs(figure.value) <= 1]
            either = (
                f" or {decimal(small[0].value * 100)}%, whichever it is" if small and str(small[0]) == shown else ""
            )
            remedy = f"write {shown}%{either}" if figures else "write figures with a percent sign"
            self.fault(at, f"{shown} has no percent sign although a percentage is meant", remedy)
            return None
        if percent is False and made.percent:
            self.fault(at, "a percentage stands where a plain number is meant", "write the number")
            return None
        if made.least >= least and made.most <= most:
            return made
        stray = float(made.cdf(np.array([np.nextafter(least, -np.inf)]))[0]) if made.least < least else 0.0
        stray += 1 - float(made.cdf(np.array([most]))[0]) if made.most > most else 0.0
        if stray > STRAY or made.least == made.most:
            self.fault(at, *_outside(made, least, most, stray))
            return None
        return made.within(least, most)


def _outside(made: Distribution, least: float, most: float, stray: float) -> tuple[str, str]:
    def shown(number: float) -> str:
        return f"{100 * number:g}%" if made.percent or most == 1 else f"{number:,.12g}"

    within = f"from {shown(least)} to {shown(most)}" if most < np.inf else f"of at least {shown(least)}"
    within = within if least > -np.inf else f"of at most {shown(most)}"
    if made.least == made.most:
        return f"{shown(made.least)} cannot be", f"write a figure {within}"
    return f"it lies outside of what can be with a chance of {100 * stray:.1f}%", f"write a belief {within}"


def fixed(distribution: Distribution) -> bool:
    """Whether there is nothing uncertain about it."""
    return distribution.least == distribution.most


def drawn(distribution: Distribution, rows: Rows | None, uniforms: Floats) -> Floats:
    """Return the numbers of a belief, (rows, paths); (1, 1) where nothing is uncertain."""
    return np.full((1, 1), distribution.least) if rows is None else distribution.quantile(rows.of(uniforms))
