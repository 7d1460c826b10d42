"""Cross-checks of early ends: conditions that a result can meet, payoffs that are owed, dates that are in order."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from payfs.capital.dates import NEVER
from payfs.capital.written import Payoff, Redemption, Termination, Tranche, When
from payfs.contract.funded_by import ByResult
from payfs.periods import Day
from payfs.scale import OffScale, Scale
from payfs.spec import Problem, quoted, under


class EarlyEnds(ByResult):
    """Looks redemptions and terminations through."""

    def redemption_problems(self, tranche: Tranche, redeemed: Redemption) -> Iterator[Problem]:
        """Find what is wrong with an early redemption."""
        yield from self._when(redeemed)
        yield from self._payoff(redeemed)
        if not any(getattr(redeemed, key) is not None for key in ("pays", "amount", "by")):
            yield Problem((), "nothing says how much is repaid", "say pays: a share, amount, or by")
        if tranche.repaid == NEVER:
            what = "its principal is never repaid, so it is not redeemed"
            yield Problem((), what, "say how it is repaid, or take this out")
        if tranche.matures is not None and redeemed.on.date > tranche.matures.date:
            what = f"it is redeemed on {redeemed.on}, after it has matured on {tranche.matures}"
            yield Problem(("on",), what, "correct one of the two dates")

    def termination_problems(self, terminated: Termination, first: Day, last: Day) -> Iterator[Problem]:
        """Find what is wrong with the termination of the deal, which runs from one day to another."""
        yield from self._when(terminated)
        named = [path[1] for path in terminated.payoffs if len(path) > 1]
        yield from self._named(named, self.capital.tranches, "tranche", ("pays",))
        for name in named:
            if name in self.capital.tranches and self.capital.tranches[name].kind == "grant":
                yield Problem(("pays", name), "a grant is not repaid, whenever the deal ends", "take this out")
        for path, payoff in terminated.payoffs.items():
            yield from under(self._payoff(payoff), *path)
        if not first.date <= terminated.on.date <= last.date:
            what = f"the deal is terminated on {terminated.on}, and it runs from {first} to {last}"
            yield Problem(("on",), what, "write a day in between")

    def _when(self, ending: Redemption | Termination) -> Iterator[Problem]:
        """Find conditions that no result can meet."""
        asked = ending.if_
        if asked is None:
            return
        yield from self._named((asked.metric,), self.spec.metrics, "metric", ("if", "metric"))
        ends = {"from": asked.from_, "above": asked.above, "below": asked.below, "up_to": asked.up_to}
        said = {key: figure for key, figure in ends.items() if figure is not None}
        if not said:
            yield Problem(("if",), "nothing says which result is meant", "say from, above, below or up_to")
        for one, other in (("from", "above"), ("below", "up_to")):
            if one in said and other in said:
                yield Problem(("if",), f"{one} and {other} say the same end twice", "leave one of them out")
        yield from self._pooled(asked.metric, ("if", "metric"))
        scale = self.scales.get(asked.metric)
        wrong = False
        for key, figure in said.items() if scale is not None else ():
            try:
                assert scale is not None
                scale.steps(figure)
            except OffScale as error:
                wrong = True
                yield Problem(("if", key), error.what, error.remedy)
        if scale is not None and said and not wrong and not _can_be(asked, scale):
            words = scale.within(asked.from_, asked.above, asked.below, asked.up_to)
            what = f"no result of {quoted(asked.metric)} is {words}"
            yield Problem(("if",), what, "correct the ends of the range")

    def _payoff(self, payoff: Payoff) -> Iterator[Problem]:
        if sum(getattr(payoff, key) is not None for key in ("pays", "amount", "by")) > 1:
            yield Problem((), "what is repaid is said twice", "say pays: a share, amount, or by")
        if isinstance(payoff.pays, Fraction) and payoff.pays > 1:
            what = "more is repaid than is outstanding"
            yield Problem(("pays",), what, "write a share of at most 100%; what comes on top is the premium")
        if payoff.by is not None:
            yield from self._by(payoff.by, payoff.tiers, payoff.table, most=Fraction(1))
        elif payoff.tiers is not None or payoff.table is not None:
            yield Problem((), "nothing says which result decides", "say by: a metric")


def _can_be(asked: When, scale: Scale) -> bool:
    """Whether any result lies in a range."""
    lows = [scale.steps(asked.from_)] if asked.from_ is not None else []
    lows += [scale.steps(asked.above) + 1] if asked.above is not None else []
    highs = [scale.steps(asked.below) - 1] if asked.below is not None else []
    highs += [scale.steps(asked.up_to)] if asked.up_to is not None else []
    lows += [scale.least] if scale.least is not None else []
    highs += [scale.most] if scale.most is not None else []
    return not lows or not highs or max(lows) <= min(highs)
