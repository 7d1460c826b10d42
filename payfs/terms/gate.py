"""Gates open or close a rule."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

import numpy as np

from payfs.evidence.condition import Condition, Verdict
from payfs.evidence.measured import Flags, hold
from payfs.line import Fact, Line
from payfs.money import Array, since_before, times, to_date
from payfs.spec import Share, Yes
from payfs.terms.setting import Setting


class Gate(Condition):
    """Pays its rule while a condition is met."""

    otherwise: Share = Fraction(0)
    before: Literal["lost", "held"] = "lost"
    stays_open: Yes = False

    def verdict(self, setting: Setting) -> Verdict:
        """Judge the gate for every cohort, period and path."""
        verdict = self.judge(setting.measured)
        if not self.stays_open:
            return verdict
        met = np.logical_or.accumulate(verdict.met, axis=1)
        return Verdict(met, met | verdict.known, verdict.line)

    def matters(self, verdict: Verdict) -> Flags:
        """Return where the rule's amount can be paid at all, so that an unknown price matters."""
        if self.before == "held":
            # what was held is paid when the gate opens, however late
            later = np.flip(np.logical_or.accumulate(np.flip(verdict.met, axis=1), axis=1), axis=1)
            return later | verdict.known if self.otherwise else later
        return verdict.known if self.otherwise else verdict.met

    def let_through(self, line: Line, verdict: Verdict, setting: Setting) -> Line:
        """Let the amount through where the gate is open."""
        amount: Array = line.amount
        at_once = None
        if self.otherwise:
            at_once = times(amount, self.otherwise, setting.rounding) * (verdict.known & ~verdict.met)
        if self.before == "held":
            # what was let through is a total to date that moves while the gate is open
            waiting = amount if at_once is None else amount - at_once
            through = since_before(hold(to_date(waiting), verdict.met))
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
                return "{due} due, but no result says yet whether the gate is open"
            if self.otherwise:
                rest = ", and the rest is held until it opens" if self.before == "held" else ""
                return f"{{due}} due; the gate is shut, so {share} of it is paid: {{paid}}{rest}"
            held = "held until it opens" if self.before == "held" else "nothing is paid"
            return f"{{due}} due, but the gate is shut: {held}"

        facts = {
            "due": Fact(amount, show),
            "paid": Fact(through, show),
            "met": Fact(verdict.met, str),
            "known": Fact(verdict.known, str),
        }
        return Line("gate", through.astype(amount.dtype, copy=False), why, facts, (line, verdict.line), show=show)
