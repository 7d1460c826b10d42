"""Gates open or close a rule."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal, NamedTuple

import numpy as np

from payfs.evidence.condition import Condition, Verdict
from payfs.evidence.measured import Flags, hold
from payfs.line import Fact, Line
from payfs.money import Array, since_before, times, to_date
from payfs.spec import Share, Yes
from payfs.terms.setting import Setting


class Stretch(NamedTuple):
    """The periods in which some terms hold.

    Attributes:
        start: the first.
        stop: the first after them; None where they hold to the end.
        held: what the gate of the terms before still held when these started, (cohorts or 1, 1, paths).
    """

    start: int = 0
    stop: int | None = None
    held: Array | None = None

    def flags(self, periods: int, early: int = 0) -> Flags:
        """Return the periods as flags, (1, periods, 1), beginning ``early`` periods before."""
        places = np.arange(periods).reshape(1, -1, 1)
        inside: Flags = (places >= self.start - early) & (places < (periods if self.stop is None else self.stop))
        return inside

    def released(self, periods: int) -> Array | int:
        """Return what was held, in the first period of the stretch, (cohorts or 1, periods, paths)."""
        return 0 if self.held is None else self.held * (np.arange(periods).reshape(1, -1, 1) == self.start)


ALWAYS = Stretch()


class Through(NamedTuple):
    """What a gate let through, and what it still holds after each period; None where it holds nothing."""

    line: Line
    held: Array | None


class Gate(Condition):
    """Pays its rule while a condition is met."""

    otherwise: Share = Fraction(0)
    before: Literal["lost", "held"] = "lost"
    stays_open: Yes = False

    @property
    def holds(self) -> bool:
        """Whether what falls due while the gate is shut is kept; it is where a later period decides."""
        return self.before == "held" or any(part.at is not None for part in self.parts())

    def verdict(self, setting: Setting) -> Verdict:
        """Judge the gate for every cohort, period and path."""
        verdict = self.judge(setting.measured)
        if not self.stays_open:
            return verdict
        met = np.logical_or.accumulate(verdict.met, axis=1)
        return Verdict(met, met | verdict.known, verdict.line)

    def matters(self, verdict: Verdict) -> Flags:
        """Return where the rule's amount can be paid at all, so that an unknown price matters."""
        if self.holds:
            # what was held is paid when the gate opens, however late
            later = np.flip(np.logical_or.accumulate(np.flip(verdict.met, axis=1), axis=1), axis=1)
            return later | verdict.known if self.otherwise else later
        return verdict.known if self.otherwise else verdict.met

    def let_through(self, line: Line, verdict: Verdict, setting: Setting, stretch: Stretch = ALWAYS) -> Through:
        """Let the amount through where the gate is open, in the periods in which these terms hold."""
        amount: Array = line.amount
        still: Array | None = None
        at_once = None
        if self.otherwise:
            at_once = times(amount, self.otherwise, setting.rounding) * (verdict.known & ~verdict.met)
        if self.holds:
            # what was let through is a total to date that moves while the gate is open
            waiting = amount if at_once is None else amount - at_once
            here = stretch.flags(amount.shape[1])
            in_all = to_date(waiting * here + stretch.released(amount.shape[1]))
            let = hold(in_all, verdict.met & here)
            through, still = since_before(let), in_all - let
        else:
            through = amount * verdict.met  # np.where is several times as slow where flags alternate
        if at_once is not None:
            through = through + at_once
        show = setting.money.show
        share = f"{self.otherwise.numerator}/{self.otherwise.denominator}"

        def why(figures: Mapping[str, int]) -> str:
            if figures["met"]:
                extra = ", with what was held before" if figures["paid"] != figures["due"] else ""
                return "{due} due and the gate is open: {paid}" + extra
            if not figures["known"]:
                wait = "held until one does" if self.holds else "nothing is paid"
                return f"{{due}} due, but no result says yet whether the gate is open: {wait}"
            if self.otherwise:
                rest = ", and the rest is held until it opens" if self.holds else ""
                return f"{{due}} due; the gate is shut, so {share} of it is paid: {{paid}}{rest}"
            held = "held until it opens" if self.holds else "nothing is paid"
            return f"{{due}} due, but the gate is shut: {held}"

        facts = {
            "due": Fact(amount, show),
            "paid": Fact(through, show),
            "met": Fact(verdict.met, str),
            "known": Fact(verdict.known, str),
        }
        paid = through.astype(amount.dtype, copy=False)
        return Through(Line("gate", paid, why, facts, (line, verdict.line), show=show), still)
