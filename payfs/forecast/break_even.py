"""Break-even: the least share of some performance at which payments cover costs, or at which the cash lasts.

Nothing is taken for granted of how payments grow: a cap, a cliff or a malus may let more results come to less. So every
whole percent is worked out by the contract's own rules, all at once as paths, then every tenth of a percent below the
first that holds, and at last that one and the one before it each by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from fractions import Fraction
from typing import NamedTuple

from payfs.contract import Contract
from payfs.evidence.results import Result
from payfs.forecast.cases import Case, measured_at, reached
from payfs.forecast.cash import ProviderCash, provider_cash
from payfs.forecast.outcome import outcome
from payfs.forecast.plan import Plan
from payfs.statement import statement
from payfs.text import Refused
from payfs.unknowns import saying_why

MOST_PERCENT = 300
MOST_CELLS = 4_000_000  # cohorts, periods and paths that are worked out at once
PERCENT, TENTH = Fraction(1, 100), Fraction(1, 1000)

GOALS: dict[str, Callable[[ProviderCash, int], bool]] = {
    "covers": lambda cash, path: bool(cash.covered[path]),
    "lasts": lambda cash, path: bool(cash.lasts[path]),
}
"""What can be asked: do outcome payments cover the costs, is there never less than nothing."""


class BreakEven(NamedTuple):
    """The least share at which something holds.

    Attributes:
        share: of the performance, in tenths of a percent; None where it holds at no share up to ``most``.
        again: the least whole percent above it at which it does not hold again; None where there is none.
        gaps: the least and the greatest whole percent at which the contract does not say what is paid; None where it
            always does.
        most: the greatest share that was looked at.
    """

    share: Fraction | None
    again: Fraction | None
    gaps: tuple[Fraction, Fraction] | None
    most: Fraction


def break_even(
    contract: Contract, results: Sequence[Result], plan: Plan, metrics: Collection[str], months: int = 0
) -> dict[str, BreakEven]:
    """Find the least share of some performance for each of :data:`GOALS`.

    Args:
        contract: by which it is paid.
        results: the performance of which shares are looked at.
        plan: what the provider has, spends and gets.
        metrics: which are scaled.
        months: how late results are.

    Raises:
        Refused: what the performance itself comes to cannot be worked out.
    """
    search = _Search(contract, results, plan, frozenset(metrics), months)
    whole = [PERCENT * percent for percent in range(MOST_PERCENT + 1)]
    search.work(whole)
    if search.held(Fraction(1), "covers") is None:  # what is missing is said where one case is worked out
        outcome(contract, reached(contract, results, Case(Fraction(1), months, search.metrics)).results, plan)
    unknown = [share for share in whole if search.held(share, "covers") is None]
    gaps = (unknown[0], unknown[-1]) if unknown else None
    found = {}
    for goal in GOALS:
        first = next((share for share in whole if search.held(share, goal)), None)
        if first is None:
            found[goal] = BreakEven(None, None, gaps, whole[-1])
            continue
        tenths = [first - TENTH * tenth for tenth in range(9, 0, -1)] if first else []
        search.work(tenths)
        least = next((share for share in tenths if search.held(share, goal)), first)
        search.confirm(least, goal)
        again = next((share for share in whole if share > first and search.held(share, goal) is False), None)
        found[goal] = BreakEven(least, again, gaps, whole[-1])
    return found


class _Search:
    """Shares that were worked out, each with what holds there."""

    def __init__(
        self, contract: Contract, results: Sequence[Result], plan: Plan, metrics: frozenset[str], months: int
    ) -> None:
        self.contract, self.results, self.plan, self.metrics, self.months = contract, results, plan, metrics, months
        self._held: dict[Fraction, dict[str, bool] | None] = {}
        cells = len(contract.cohorts) * len(contract.periods) * max(len(contract.spec.metrics), 1)
        self._at_once = max(MOST_CELLS // cells, 1)

    def held(self, share: Fraction, goal: str) -> bool | None:
        """Whether something holds at a share; None where the contract does not say what is paid there."""
        known = self._held[share]
        return None if known is None else known[goal]

    def work(self, shares: Sequence[Fraction]) -> None:
        """Work out several shares at once; where one of them cannot be, each half by itself."""
        if len(shares) > self._at_once:
            self.work(shares[: self._at_once])
            self.work(shares[self._at_once :])
            return
        if not shares:
            return
        measured = measured_at(self.contract, self.results, shares, self.months, self.metrics)
        try:
            with saying_why(self.contract):
                made = statement(self.contract, measured)
            cash = provider_cash(self.contract, made, self.plan)
        except Refused:
            if len(shares) == 1:
                self._held[shares[0]] = None
            else:
                self.work(shares[: len(shares) // 2])
                self.work(shares[len(shares) // 2 :])
            return
        for path, share in enumerate(shares):
            self._held[share] = {goal: holds(cash, path) for goal, holds in GOALS.items()}

    def confirm(self, share: Fraction, goal: str) -> None:
        """Work a share and the one before it out as single cases, by which payments are explained.

        Raises:
            AssertionError: they come to something else, which no batch of paths may.
        """
        for one in (share, share - TENTH):
            if self._held.get(one) is not None:
                results = reached(self.contract, self.results, Case(one, self.months, self.metrics)).results
                cash = outcome(self.contract, results, self.plan).cash
                if cash is None or GOALS[goal](cash, 0) is not self.held(one, goal):
                    raise AssertionError(f"a path of a batch differs from that path alone at {one}")
