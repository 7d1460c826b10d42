"""A trial: one result at many levels, everything else held, and what the real engine pays for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from payfs.contract import Contract
from payfs.evidence.derive import DividedByNothing, derive
from payfs.evidence.measured import Flags, Measured, Series
from payfs.incentives.alone import without
from payfs.incentives.tiers import terms_of
from payfs.limits import NoResult
from payfs.money import Array, TooLarge, total
from payfs.spec import UnknownTerm
from payfs.statement import Statement, blocks, statement
from payfs.terms.work import NeedsClaims
from payfs.text import Path

Manner = Literal["once", "after", "every"]

CELLS = 2_000_000  # of cohorts, periods and levels that are worked out at a time

REFUSALS = (UnknownTerm, DividedByNothing, TooLarge, NeedsClaims, NoResult)


@dataclass(frozen=True)
class Trial:
    """How one rule is tried.

    Attributes:
        contract: the rule alone; see :func:`payfs.incentives.alone.alone`.
        rule: its name.
        metric: the reported metric that is varied.
        cohort: place on the cohort axis.
        period: place on the period axis.
        manner: ``once``: the result is given for that cohort and period only; ``after``: in the period before it was
            at the level that is held, too, as a metric that is a change needs; ``every``: it is the same for every
            cohort and period.
        held: levels of other metrics, in each period and cohort in which they are measured [steps], or one for each
            path; what is not here was not reported.
        left_out: limits that are unknown and were left out.
    """

    contract: Contract
    rule: str
    metric: str
    cohort: int
    period: int
    manner: Manner
    held: Mapping[str, int | Array]
    left_out: tuple[str, ...] = ()

    def measured(self, levels: Array) -> Measured:
        """Lay the results out, a path for every level."""
        contract = self.contract
        series = dict(contract.frame.empty().series)  # what is neither held nor varied was not reported
        for name, level in {**self.held, self.metric: levels}.items():
            metric = contract.frame.metrics[name]
            rows = len(contract.cohorts) if metric.by_cohort else 1
            present = np.zeros((rows, len(contract.periods)), dtype=bool)
            places = list(contract.frame.measured_in(name))
            width = len(levels) if isinstance(level, np.ndarray) else 1
            values = np.zeros((rows, len(contract.periods), width), dtype=np.int64)
            if name != self.metric or self.manner == "every":
                present[:, places] = True
                values[:, places] = level
            else:
                self._vary(values, present, levels)
            series[name] = Series(values, present, contract.frame.scales[name], metric.reports == "to date")
        return Measured(
            series,
            contract.cohorts,
            tuple(period.name for period in contract.periods),
            tuple(period.start.date.year for period in contract.periods),
            len(levels),
        )

    def _vary(self, values: Array, present: Flags, levels: Array) -> None:
        row = self.cohort if len(values) > 1 else 0
        before = self.held.get(self.metric, 0)
        if self.manner == "after":
            earlier = [place for place in self.contract.frame.measured_in(self.metric) if place < self.period]
            for place in earlier[-1:]:
                values[row, place], present[row, place] = before, True
        if self.pooled_sum:
            values[:, self.period], present[:, self.period] = before, True
        values[row, self.period], present[row, self.period] = levels, True

    @property
    def pooled_sum(self) -> bool:
        """Whether cohorts share a fixed sum, so that what one gets depends on the others."""
        return terms_of(self.contract, self.rule).spec.rules[self.rule].pool is not None

    def pay(self, levels: Array) -> Paid:
        """Work out what is paid for each level.

        Raises:
            UnknownTerm, NoResult, DividedByNothing, TooLarge, NeedsClaims: what stands in the way at one of them.
        """
        size = max(CELLS // (len(self.contract.periods) * len(self.contract.cohorts)), 1)
        if len(levels) <= size:
            return self._pay(self.measured(levels), len(levels))
        whole = self.measured(levels)
        parts = [self._pay(part, part.paths) for part in blocks(whole, size)]
        limits = dict.fromkeys(limit for part in parts for limit in part.cut)
        cut = {limit: np.concatenate([part.flags(limit) for part in parts]) for limit in limits}
        return Paid(np.concatenate([part.amounts for part in parts]), cut)

    def _pay(self, measured: Measured, paths: int) -> Paid:
        made = statement(self.contract, measured)
        streams = [stream.paid for stream in made.streams if stream.rule == self.rule]
        if self.pooled_sum:
            streams = [paid[self.cohort : self.cohort + 1] if len(paid) > 1 else paid for paid in streams]
        amounts = total([paid.sum(axis=(0, 1), keepdims=True) for paid in streams], np.zeros(1, dtype=np.int64))
        wide = np.array(np.broadcast_to(amounts[0, 0], paths))
        return Paid(wide, _cut(made, self.rule, paths))

    def counted(self, levels: Array, metrics: Iterable[str]) -> dict[str, Array]:
        """Return what some metrics come to at each level, in the cohort and period that are tried [steps].

        A metric that cannot be worked out at one of the levels is left out.
        """
        terms = self.contract.terms_in(self.period)
        try:
            full = derive(terms.spec.metrics, terms.scales, terms.metric_order, self.measured(levels))
        except (UnknownTerm, DividedByNothing, TooLarge):
            return {self.metric: levels}
        found = {}
        for name in metrics:
            if name in full.series:
                values = full.series[name].values
                row = values[self.cohort if len(values) > 1 else 0, self.period]
                found[name] = np.array(np.broadcast_to(row, len(levels)))
        return found


class Paid(NamedTuple):
    """What is paid at each level.

    Attributes:
        amounts: (levels,) [minor units].
        cut: by limit, whether it cut anything off, (levels,).
    """

    amounts: Array
    cut: Mapping[str, Flags]

    def flags(self, limit: str) -> Flags:
        """Return where a limit cuts something off, (levels,)."""
        nowhere: Flags = np.zeros(len(self.amounts), dtype=bool)
        return self.cut.get(limit, nowhere)


class Seen(NamedTuple):
    """What a trial came to, as far as it could be worked out.

    Attributes:
        trial: the trial; limits that are unknown were left out of it on the way.
        amounts: (levels,) [minor units]; 0 where not known.
        known: (levels,), where nothing stood in the way.
        cut: by limit, where it cut anything off.
        gaps: what stood in the way elsewhere.
    """

    trial: Trial
    amounts: Array
    known: Flags
    cut: Mapping[str, Flags]
    gaps: tuple[Gap, ...]

    @property
    def pays(self) -> bool:
        """Whether anything is paid, or owed, at some level."""
        return bool(self.amounts.any())

    @property
    def varies(self) -> bool:
        """Whether not everything that is known is the same."""
        known = self.amounts[self.known]
        return bool((known != known[:1]).any())


class Gap(NamedTuple):
    """What stands in the way of working an amount out.

    Attributes:
        kind: ``unknown``, ``divided``, ``large`` or ``claims``.
        path: of a term that is unknown, or of the metric that divides by nothing.
    """

    kind: str
    path: Path = ()


def _cut(made: Statement, rule: str, levels: int) -> dict[str, Flags]:
    """Return by limit whether it cut anything off."""
    found: dict[str, Flags] = {}
    for (name, limit), array in [*made.unpaid.items(), *made.unpaid_units.items()]:
        if name == rule:
            found[limit] = np.broadcast_to((array > 0).any(axis=(0, 1)), levels)
    return found


def see(trial: Trial, levels: Array, edges: Sequence[int] = ()) -> Seen:
    """Work out what a trial pays, level by level as far as something stands in the way of some.

    Args:
        trial: the trial.
        levels: in ascending order [steps].
        edges: places among the levels at which something begins to hold. What is unknown is taken to be so throughout
            between two of them if it is at both ends and in the middle.
    """
    state = _State(trial, np.zeros(len(levels), dtype=np.int64), np.ones(len(levels), dtype=bool))
    state.fill(levels, 0, len(levels), sorted({edge for edge in edges if 0 < edge < len(levels)}))
    return Seen(state.trial, state.amounts, state.known, state.cut, tuple(dict.fromkeys(state.gaps)))


class _State:
    """The levels that are worked out already."""

    def __init__(self, trial: Trial, amounts: Array, known: Flags) -> None:
        self.trial, self.amounts, self.known = trial, amounts, known
        self.cut: dict[str, Flags] = {}
        self.gaps: list[Gap] = []

    def fill(self, levels: Array, first: int, stop: int, edges: Sequence[int]) -> None:
        """Work out some levels; where something stands in the way, each stretch between edges by itself."""
        if self._attempt(levels, first, stop) is None:
            return
        for start, end in zip([first, *edges], [*edges, stop], strict=True):
            self._halve(levels, start, end)

    def _halve(self, levels: Array, first: int, stop: int) -> None:
        gap = self._attempt(levels, first, stop)
        if gap is None:
            return
        middle = (first + stop) // 2
        if stop - first == 1 or gap.kind == "claims":
            self._block(first, stop, gap)
            return
        if stop - first > 3 and gap.kind != "divided":
            probes = [self._gap(levels[place : place + 1]) for place in (first, middle, stop - 1)]
            if None not in probes and len(set(probes)) == 1:
                self._block(first, stop, probes[0])
                return
        self._halve(levels, first, middle)
        self._halve(levels, middle, stop)

    def _gap(self, levels: Array) -> Gap | None:
        try:
            self.trial.pay(levels)
        except REFUSALS as error:
            return gap_of(error)
        return None

    def _attempt(self, levels: Array, first: int, stop: int) -> Gap | None:
        while True:
            try:
                paid = self.trial.pay(levels[first:stop])
            except UnknownTerm as error:
                left = [without(self.trial.contract, self.trial.rule, path) for path in error.paths]
                if None in left:
                    place = left.index(None)
                    return Gap("unknown", error.paths[place])
                assert left[0] is not None
                contract, name = left[0]
                self.trial = replace(self.trial, contract=contract, left_out=(*self.trial.left_out, name))
                continue
            except (DividedByNothing, TooLarge, NeedsClaims, NoResult) as error:
                return gap_of(error)
            self.amounts[first:stop] = paid.amounts
            for limit, flags in paid.cut.items():
                self.cut.setdefault(limit, np.zeros(len(levels), dtype=bool))[first:stop] = flags
            return None

    def _block(self, first: int, stop: int, gap: Gap | None) -> None:
        assert gap is not None
        self.known[first:stop] = False
        self.gaps.append(gap)


def gap_of(error: Exception) -> Gap:
    """Say what stands in the way."""
    if isinstance(error, UnknownTerm):
        return Gap("unknown", error.path)
    if isinstance(error, DividedByNothing):
        return Gap("divided", ("metrics", error.metric))
    if isinstance(error, NoResult):
        return Gap("missing", ("metrics", error.metric))
    return Gap("claims" if isinstance(error, NeedsClaims) else "large")
