"""The one calculation that everything calls: what was measured goes in, what is paid comes out.

A statement is worked out for all cohorts, periods and paths at once; a real case is a batch of one path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce

import numpy as np

from payfs.contract import Contract, Terms
from payfs.evidence.derive import derive
from payfs.evidence.measured import Measured
from payfs.limits import limited, money_limits, own_limit, unit_limits
from payfs.line import Line
from payfs.money import MOST, Array, sum_over, total
from payfs.spec import UnknownTerm
from payfs.streams import Claim, Stream, corrected, held_back, joined, share_line, shares_of, since
from payfs.terms.gate import Stretch
from payfs.terms.rule import Rule
from payfs.terms.setting import Setting
from payfs.terms.work import Worked, work


@dataclass(frozen=True)
class Statement:
    """What is paid.

    Attributes:
        contract: under which contract.
        measured: on which results, metrics that are worked out included.
        streams: what is paid, by rule and payer.
        cuts: by rule and limit, for each payer what was due and what the limit let through [minor units].
        unpaid_units: by rule and limit, the units beyond it [steps of the rule's metric].
        history: where results were corrected, the place of each period of reporting and what was known by then.
        taken_over: by limit, what another payer takes over of each stream that it cuts [minor units].
    """

    contract: Contract
    measured: Measured
    streams: tuple[Stream, ...]
    cuts: Mapping[tuple[str, str], Sequence[tuple[Array, Array]]]
    unpaid_units: Mapping[tuple[str, str], Array]
    history: Sequence[tuple[int, Measured]] = ()
    taken_over: Mapping[str, Sequence[Array]] = field(default_factory=dict)

    @cached_property
    def unpaid(self) -> dict[tuple[str, str], Array]:
        """The amounts beyond each limit, by rule and limit, (cohorts or 1, periods, paths) [minor units]."""
        return {key: reduce(np.add, [due - paid for due, paid in parts]) for key, parts in self.cuts.items()}

    def total(self) -> Array:
        """Return what is paid in all on each path, (1, 1, paths) [minor units]."""
        return self._sum(lambda stream: True)

    def by_rule(self) -> dict[str, Array]:
        """Return what is paid for each rule on each path, (1, 1, paths)."""
        rules = dict.fromkeys([*self.contract.spec.rules, *(stream.rule for stream in self.streams)])
        return {name: self._sum(lambda s, name=name: s.rule == name) for name in rules}

    def by_payer(self) -> dict[str, Array]:
        """Return what each payer pays on each path, (1, 1, paths)."""
        payers = dict.fromkeys(stream.payer for stream in self.streams)
        return {name: self._sum(lambda s, name=name: s.payer == name) for name in payers}

    def by_period(self) -> Array:
        """Return what is paid in each period, (1, periods, paths)."""
        return total([sum_over(stream.paid, 0) for stream in self.streams])

    def _sum(self, wanted: Callable[..., bool]) -> Array:
        chosen = [stream.paid for stream in self.streams if wanted(stream)]
        most = 16 * MOST  # what corrections, releases and takeovers add up to in a cell is a few times MOST at most
        amounts = [sum_over(sum_over(paid, 0, most), 1, most * len(paid)) for paid in chosen]
        return total(amounts, next(iter(self.streams)).paid)


def statement(contract: Contract, measured: Measured, history: Sequence[tuple[int, Measured]] = ()) -> Statement:
    """Work out what is paid.

    What is due at each time of reporting is what is due in all on what was known by then, less what was due before: a
    correction is a payment of its own in the period in which it is reported, and history is not edited.

    Args:
        contract: the contract.
        measured: results, by :meth:`payfs.evidence.results.Frame.measured` or drawn; metrics that are worked out from
            others are added here.
        history: where results were corrected, the place of each period of reporting and what was known by then; the
            last is ``measured``.

    Raises:
        UnknownTerm: something that matters is unknown; the path is that of the term in the contract.
        NoResult: a limit is a measured amount that was not given.
        DividedByNothing: a ratio to 0.
        TooLarge: an amount is beyond what can be paid exactly.
    """
    cuts: dict[tuple[str, str], list[tuple[Array, Array]]] = {}
    lines, unpaid_units, setting = _lines(contract, measured, cuts)
    claims = [Claim(name, lines[name]) for name in sorted(lines)]
    if len(history) > 1:
        # what each rule came to at each time of reporting; what its own limit cuts is that of the last
        before = [(time, _lines(contract, known, {})[0]) for time, known in history[:-1]]
        claims = corrected(contract, [*before, (history[-1][0], lines)])
    streams: list[Stream] = []
    taken_over: dict[str, list[Array]] = {}
    for claim in claims:
        shares = shares_of(contract, claim)
        for payer in sorted(shares):
            share = share_line(contract, claim.line, shares[payer], payer, len(shares))
            streams.append(Stream(claim.rule, payer, share, shares[payer], claim.corrects))
    for name, limits in money_limits(contract):
        streams = limited(contract, name, limits, streams, setting, cuts, taken_over)
    return Statement(contract, setting.measured, tuple(streams), cuts, unpaid_units, tuple(history), taken_over)


def blocks(measured: Measured, size: int = 8192) -> Iterator[Measured]:
    """Cut the paths into blocks that fit the processor's cache, so that memory does not grow with the paths."""
    # Linux gives the memory of a block back when it is done and takes it again for the next, which costs more than the
    # arithmetic; once 30 MB have been given back at a time, the allocator keeps as much for what comes next
    np.empty(30_000_000, dtype=np.int8)
    for start in range(0, measured.paths, size):
        yield measured.take(slice(start, min(start + size, measured.paths)))


def _lines(
    contract: Contract, measured: Measured, cuts: dict[tuple[str, str], list[tuple[Array, Array]]]
) -> tuple[dict[str, Line], dict[tuple[str, str], Array], Setting]:
    """Work all rules out under the terms that held in each stretch of time.

    Each line ends with its rule's own limit and holdback, so that rules that look at it see what is paid. What its
    own limit cuts is kept in ``cuts``: what was due and what is paid.

    Returns:
        The lines, the units beyond limits, and the setting of the last terms.
    """
    settings = []
    lines: dict[str, Line] = {}  # each rule sees those that were worked out before it
    for terms in contract.terms:
        full = derive(terms.spec.metrics, terms.scales, terms.metric_order, measured)
        rounding = terms.spec.rounding.rounding(contract.money)
        settings.append(Setting(contract.money, rounding, contract.periods, full, lines))
    pieces: dict[str, list[tuple[int, Line]]] = {}
    held: dict[str, Array | None] = {}
    units: dict[tuple[str, str], Array] = {}
    gaps: list[UnknownTerm] = []
    stops = [*(terms.first for terms in contract.terms[1:]), len(contract.periods)]
    for terms, setting, stop in zip(contract.terms, settings, stops, strict=True):
        none = Line("none", setting.zeros(), "the rule does not hold in this period", show=contract.money.show)
        for name in {**dict.fromkeys(terms.rule_order), **pieces}:
            rule = terms.spec.rules.get(name)
            mine = pieces.setdefault(name, [(0, replace(none, name=name))] if terms.first else [])
            worked: Worked | None = None
            if rule is not None:
                before = held.get(name)
                still = None if before is None else before[:, terms.first - 1 : terms.first]
                stretch = Stretch(terms.first, stop, still)
                try:
                    worked = _worked(contract, terms, name, rule, setting, stretch)
                except UnknownTerm as error:
                    gaps.append(error)  # the other rules are still worked out, so that every gap is named at once
            worked = worked or Worked(replace(none, name=name), {})
            held[name] = worked.held
            mine.append((terms.first, worked.line))
            for limit, beyond in worked.cut_units.items():
                units[name, limit] = since(units.get((name, limit)), beyond, terms.first)
            try:
                line = own_limit(contract, name, joined(mine), setting, cuts)
                lines[name] = held_back(contract, name, line, setting)
            except UnknownTerm as error:
                gaps.append(error)
                lines[name] = mine[0][1]
    for name, by_claim in measured.by_claim.items():
        due = by_claim.due
        for limit, paid in by_claim.limits.items():
            cuts.setdefault((name, limit), []).append((due, paid))
            due = paid
    if gaps:
        raise UnknownTerm(*dict.fromkeys(gap.path for gap in gaps))
    return lines, units, settings[-1]


def _worked(contract: Contract, terms: Terms, name: str, rule: Rule, setting: Setting, stretch: Stretch) -> Worked:
    """Work a rule out, naming the place of an unknown term in the whole contract."""
    try:
        return work(name, rule, setting, unit_limits(contract, terms, name, rule), stretch)
    except UnknownTerm as error:
        in_place = error.path[:1] in (("rules",), ("limits",))
        raise error if in_place else UnknownTerm(("rules", name, *error.path)) from None
