"""Cliffs, flats and places where better results pay less: a payment curve read for what it rewards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from typing import NamedTuple

import numpy as np

from payfs.contract import Contract
from payfs.evidence.measured import Flags
from payfs.incentives.alone import asked_by_gate, asked_by_price, reported_behind
from payfs.incentives.curves import NoCurve, PaymentCurve, curves_of, listed
from payfs.incentives.held import Given, examples_of
from payfs.incentives.tiers import terms_of
from payfs.money import Array
from payfs.spec import spoken, written_share
from payfs.terms.rule import Rule
from payfs.text import Path, dotted

CLIFF = Fraction(1, 10)  # of the most that a rule pays: a step that is worth more is a cliff
STANDS_OUT = Fraction(3, 2)  # times what the steps beside it are worth; else it is a steep line and no cliff
SHORTEST = Fraction(1, 200)  # of the range: a shorter flat is rounding
ALIKE = 3  # more cliffs or flats that are alike are told in one sentence


class Incentive(NamedTuple):
    """One thing that a rule's price rewards, or fails to reward.

    Attributes:
        rule: name; empty where it is about a limit of the contract.
        metric: the reported metric that is varied; empty where none is.
        kind: ``cliff``, ``flat``, ``stops`` (a flat that goes on to the best results), ``less`` (better results pay
            less), ``yes or no``, ``gate``, ``unknown``, ``nothing``, ``same`` or ``no curve``; given a scenario also
            ``nearly certain`` and ``nearly impossible``, of a tier, a band or a part of a gate.
            Of a limit ``limit of 0`` or ``used up``, which is by what a later one cuts.
        first: the level at which it begins, on the side of the worse results [steps]; None where there is none.
        last: the level at which it ends, on the side of the better results [steps].
        before: what is paid at the first [minor units].
        after: what is paid at the last [minor units].
        share: of the most that the rule pays, what a cliff is worth or a fall costs.
        most: the most that the rule pays in the range that is looked at [minor units].
        clause: the rule's clause; empty where none is said.
        what: the same as a sentence.
        beside: what is varied and held, to be said before it; empty where the rule's own metric is all there is.
        path: its place in the contract, where it is about a limit, or one tier, band or part of a gate; else empty.
        chance: how likely that is to be reached; None where no scenario was asked.
        error: the standard error of the chance.
    """

    rule: str
    metric: str
    kind: str
    what: str
    first: int | None = None
    last: int | None = None
    before: int | None = None
    after: int | None = None
    share: Fraction | None = None
    most: int | None = None
    clause: str = ""
    beside: str = ""
    path: Path = ()
    chance: float | None = None
    error: float | None = None

    def __str__(self) -> str:
        return f"{dotted(self.path) or f'rules.{self.rule}'}: {self.beside}{self.what}"


class Look(NamedTuple):
    """One rule looked at: its payment curves, if it has any, and what they reward."""

    rule: str
    curves: tuple[PaymentCurve, ...]
    found: tuple[Incentive, ...]


def looks(contract: Contract) -> tuple[Look, ...]:
    """Look at every rule of a contract as it stands."""
    examples = examples_of(contract)
    return tuple(look(contract, name, examples) for name in contract.spec.rules)


def look(contract: Contract, name: str, examples: tuple[Given, ...] | None = None) -> Look:
    """Look at one rule.

    Args:
        contract: the contract.
        name: the rule's name.
        examples: what its worked examples give, where it is known already.
    """
    rule = terms_of(contract, name).spec.rules[name]
    clause = rule.clause or ""
    try:
        curves = curves_of(contract, name, examples)
    except NoCurve as error:
        return Look(name, (), (Incentive(name, "", "no curve", error.what, clause=clause),))
    found = [incentive for curve in curves for incentive in read(curve)]
    found += _gate(contract, name, rule, curves)
    return Look(name, curves, tuple(incentive._replace(clause=clause) for incentive in found))


def read(curve: PaymentCurve) -> Iterator[Incentive]:
    """Read one payment curve from the worst results to the best."""
    reader = _Reader(curve)
    if not curve.amounts.any():
        if not curve.gaps:
            yield reader.tell("nothing", f"nothing is paid at any level from {reader.range()}")
    elif curve.scale.yes_no:
        yield from reader.yes_no()
    else:
        yield from reader.cliffs()
        yield from reader.flats()
        yield from reader.falls()
    yield from reader.gaps()


class _Reader:
    """A payment curve with its better results last."""

    def __init__(self, curve: PaymentCurve) -> None:
        turn = slice(None, None, -1 if curve.scale.lower_is_better else 1)
        self.curve, self.show, self.money = curve, curve.scale.show, curve.money.show
        self.levels, self.amounts, self.known = curve.levels[turn], curve.amounts[turn], curve.known[turn]
        self.cut = {name: flags[turn] for name, flags in curve.cut.items()}
        self.counted = None if curve.counted is None else curve.counted[turn]
        self.change: Array = np.diff(self.amounts)
        self.width: Array = np.abs(np.diff(self.levels))
        self.valid: Flags = self.known[1:] & self.known[:-1]
        self.range_width = abs(int(self.levels[-1]) - int(self.levels[0]))
        self.better = curve.trial.contract.frame.metrics[curve.metric].better

    def tell(self, kind: str, what: str, first: int | None = None, last: int | None = None) -> Incentive:
        """Return a finding between two places of the curve."""
        curve, beside = self.curve, self._beside()
        if first is None or last is None:
            return Incentive(curve.rule, curve.metric, kind, what, most=curve.most, beside=beside)
        before, after = int(self.amounts[first]), int(self.amounts[last])
        share = Fraction(abs(after - before), curve.most) if curve.most and kind in ("cliff", "less") else None
        levels = int(self.levels[first]), int(self.levels[last])
        return Incentive(curve.rule, curve.metric, kind, what, *levels, before, after, share, curve.most, beside=beside)

    def _beside(self) -> str:
        """Say what is varied, where it is not the rule's own metric, and at what the price's other metrics are held."""
        curve, contract = self.curve, self.curve.trial.contract
        spec = terms_of(contract, curve.rule).spec
        priced = reported_behind(spec, asked_by_price(spec.rules[curve.rule], curve.rule))
        scales = contract.frame.scales
        others = {name: level for name, level in curve.held.items() if name in priced and name != curve.metric}
        held = [f"{spoken(name)} held at {scales[name].show(level)}" for name, level in others.items()]
        words = [f"by {spoken(curve.metric)}"] if curve.metric != curve.of else []
        words += [f"with {listed(held)}"] if held else []
        return f"{' '.join(words)}: " if words else ""

    def at(self, place: int) -> str:
        """Write the level at a place."""
        return self.show(int(self.levels[place]))

    def range(self) -> str:
        """Say the range that is looked at, from the worse to the better end."""
        return f"{self.at(0)} to {self.at(-1)}"

    def paid(self, place: int) -> str:
        """Write what is paid at a place; below nothing it is owed by the payee."""
        amount = int(self.amounts[place])
        if amount == 0:
            return "nothing"
        return f"{self.money(-amount)} owed by the payee" if amount < 0 else self.money(amount)

    def part(self, amount: int) -> str:
        """Say which part of the most that the rule pays an amount is."""
        most = self.curve.most
        word = "pays" if int(self.amounts.max()) == most else "takes"
        return f"{percent(Fraction(amount, most))} of the most this rule {word} ({self.money(most)})"

    def yes_no(self) -> Iterator[Incentive]:
        """Say what a yes is worth."""
        if not bool(self.known.all()):
            return
        worth = int(self.change[0])
        if worth == 0:
            yield self.tell("same", f"a yes and a no pay the same, {self.paid(0)}", 0, 1)
        elif worth > 0:
            what = f"it is paid on a yes or no, so it is all or nothing: {self.at(1)} is worth {self.money(worth)} more"
            yield self.tell("yes or no", f"{what} than {self.at(0)}", 0, 1)
        else:
            what = (
                f"a {self.at(1)} pays {self.money(-worth)} less than a {self.at(0)}, although it is the better result"
            )
            yield self.tell("less", what, 0, 1)

    def cliffs(self) -> Iterator[Incentive]:
        """Yield steps that are worth more than a tenth of the most that the rule pays."""
        places = np.flatnonzero(self.valid & (self.width == 1) & (self.change > 0)).tolist()
        found = [place for place in places if self._is_cliff(place)]
        for worth, alike in groupby(
            sorted(found, key=lambda at: (-int(self.change[at]), at)), lambda at: int(self.change[at])
        ):
            same = list(alike)
            shown = same if len(same) <= ALIKE else same[:1]
            for place in shown:
                what = f"one step from {self.at(place)} to {self.at(place + 1)} is worth {self.money(worth)}"
                what += f", {self.part(worth)}"
                if len(same) > ALIKE:
                    last = self.at(same[-1] + 1)
                    what += f"; there are {len(same)} such steps in all, the last one to {last}"
                yield self.tell("cliff", what, place, place + 1)

    def _is_cliff(self, place: int) -> bool:
        worth = int(self.change[place])
        if worth <= self.curve.most * CLIFF:
            return False
        beside = [at for at in (place - 1, place + 1) if 0 <= at < len(self.change) and self.valid[at]]
        # a step that a limit cuts is worth less than it would be, and tells nothing of the line that it is on
        whole = [at for at in beside if not any(bool(flags[at + 1]) for flags in self.cut.values())]
        return bool(whole) and all(
            worth > STANDS_OUT * Fraction(int(self.change[at]), int(self.width[at])) for at in whole
        )

    def _runs(self, where: Flags) -> Iterator[tuple[int, int]]:
        """Yield the first and last place of each stretch of the curve where something holds between neighbours."""
        edges = np.flatnonzero(np.diff(np.concatenate([[0], where.astype(np.int8), [0]])))
        yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)

    def flats(self) -> Iterator[Incentive]:
        """Yield stretches in which better results earn nothing, from the worst to the best."""
        end = len(self.levels) - 1
        runs = [run for run in self._runs(self.valid & (self.change == 0)) if self._long(*run)]
        widths = Counter(self._width(*run) for run in runs if run[0] > 0 and run[1] < end)
        told: set[int] = set()
        for first, last in runs:
            if first == 0 and last == end:
                what = f"{self.paid(0)} is paid whatever the result from {self.range()}"
                yield self.tell("same", what, first, last)
            elif last == end:
                yield self._stops(first, last)
            elif first == 0:
                if not self._natural(last):
                    yield self.tell("flat", self._start_said(last), first, last)
            elif (width := self._width(first, last)) not in told:
                what = f"from {self.at(first)} to {self.at(last)} every result pays the same, {self.paid(first)}"
                what += ": in between, doing better earns nothing more"
                if widths[width] > ALIKE:
                    told.add(width)
                    what += f"; there are {widths[width]} such stretches in all"
                yield self.tell("flat", what, first, last)

    def _width(self, first: int, last: int) -> int:
        return abs(int(self.levels[last]) - int(self.levels[first]))

    def _long(self, first: int, last: int) -> bool:
        width = self._width(first, last)
        return width >= 2 and width >= self.range_width * SHORTEST

    def _natural(self, last: int) -> bool:
        """Whether a flat at the worse end is only that there is nothing to pay for."""
        if self.counted is None or int(self.amounts[last]):
            return False
        # points of a score that stand at 0 are a threshold; days avoided that rise to 0 are not
        return int(self.counted[last]) <= 0 and int(self.counted[0]) < int(self.counted[last])

    def _start_said(self, last: int) -> str:
        there, then = self.at(last), self.at(last + 1) if bool(self.known[last + 1]) else ""
        worse = "down to" if self.curve.scale.lower_is_better else "up to"
        until = f"until {then}" if then else "up to there" if worse == "up to" else "down to there"
        if int(self.amounts[last]) == 0:
            return f"{worse} {there} nothing is paid: {until}, doing better earns nothing"
        return f"{worse} {there} every result comes to {self.paid(last)}: {until}, doing better changes nothing"

    def _stops(self, first: int, last: int) -> Incentive:
        beyond = min(first + 1, last)  # at the first level itself a limit may just be reached, and cut nothing
        reached = [name for name, flags in self.cut.items() if bool(flags[beyond])]
        why = f", where it reaches {self._limits_said(reached)}" if reached else ""
        bound = self.curve.scale.least if self.curve.scale.lower_is_better else self.curve.scale.most
        to = "" if bound is None else f" {'down' if self.curve.scale.lower_is_better else 'up'} to {self.at(last)}"
        if int(self.amounts[last]) == 0:
            what = f"from {self.at(first)} nothing is paid: better results{to} change nothing"
            return self.tell("stops", what, first, last)
        what = f"it stops paying more at {self.at(first)} ({self.paid(first)}){why}"
        if not bool(self.known[first - 1]):  # what is paid before it cannot be told
            what = f"from {self.at(first)} it pays {self.paid(first)}{why}"
        return self.tell("stops", f"{what}: better results{to} earn nothing more", first, last)

    def _limits_said(self, names: Sequence[str]) -> str:
        own = [name for name in names if name.startswith(f"{self.curve.rule}: ")]
        if own:
            return "its own limit"
        return f"the {'limit' if len(names) == 1 else 'limits'} {listed([spoken(name) for name in names])}"

    def falls(self) -> Iterator[Incentive]:
        """Yield places where better results pay less."""
        if self.better == "neither":
            return
        to = self.curve.trial.contract.spec.rounding.rounding(self.curve.money).to
        never = not bool((self.valid & (self.change > 0)).any())
        for first, last in self._runs(self.valid & (self.change < 0)):
            cost = int(self.amounts[first]) - int(self.amounts[last])
            if cost <= to:
                continue  # amounts that are shared out and rounded
            if last - first == 1 and self.width[first] == 1:
                what = f"one step better, from {self.at(first)} to {self.at(last)}, pays {self.money(cost)} less"
            else:
                what = (
                    f"better results pay less: from {self.at(first)} to {self.at(last)} it falls by {self.money(cost)}"
                )
            what += f", {self.part(cost)}, from {self.paid(first)} to {self.paid(last)}"
            if never:
                other = "higher" if self.curve.scale.lower_is_better else "lower"
                what += f"; if {other} is better, say better: {other} of {spoken(self.curve.metric)}"
            yield self.tell("less", what, first, last)

    def gaps(self) -> Iterator[Incentive]:
        """Say what stands in the way where it does."""
        curve = self.curve
        if not curve.gaps:
            return
        unknown = [f"{dotted(gap.path)}" for gap in curve.gaps if gap.kind == "unknown"]
        why = ""
        if unknown:
            why = f"{listed(unknown)} {'is' if len(unknown) == 1 else 'are'} unknown"
        for gap in curve.gaps:
            if gap.kind == "divided":
                why += f"{' and ' if why else ''}{dotted(gap.path)} would divide by nothing"
            elif gap.kind == "large":
                why += f"{' and ' if why else ''}the amount is too large to be paid exactly"
            elif gap.kind == "missing":
                why += f"{' and ' if why else ''}nothing says how much {dotted(gap.path)} is"
            elif gap.kind == "claims":
                why = "each claim has a price of its own, which a count does not tell"
        stretches = [
            f"{self.at(first)} to {self.at(last)}" if first != last else self.at(first)
            for first, last in self._blocked()
        ]
        if curve.amounts.any():
            where = listed(stretches[:4] + ([f"{len(stretches) - 4} more stretches"] if len(stretches) > 4 else []))
            yield self.tell("unknown", f"what it pays at {where} cannot be told, because {why}")
        else:
            yield self.tell("unknown", f"what it rewards cannot be told, because {why}")

    def _blocked(self) -> Iterator[tuple[int, int]]:
        edges = np.flatnonzero(np.diff(np.concatenate([[0], (~self.known).astype(np.int8), [0]])))
        yield from zip(edges[::2].tolist(), (edges[1::2] - 1).tolist(), strict=True)


def percent(share: Fraction) -> str:
    """Write a share as a percentage to one decimal, a half rounded up."""
    tenths = int(share * 1000 + Fraction(1, 2))
    if share and not tenths:
        return "less than 0.1%"
    return f"{tenths // 10}.{tenths % 10}%" if tenths % 10 else f"{tenths // 10}%"


def _gate(contract: Contract, name: str, rule: Rule, curves: Sequence[PaymentCurve]) -> list[Incentive]:
    """Say what a gate asks of metrics that are not varied: all that the rule pays hangs on it."""
    if rule.gate is None or not curves:
        return []
    terms = terms_of(contract, name)
    varied = {curve.metric for curve in curves}
    if all(varied & set(reported_behind(terms.spec, [metric])) for metric in asked_by_gate(rule)):
        return []  # the curves show where it opens
    share = f"{written_share(rule.gate.otherwise)} of it" if rule.gate.otherwise else "nothing"
    shut = f"where it is shut, {share} is paid"
    if rule.gate.holds:
        shut = f"{shut} at once, and the rest" if rule.gate.otherwise else "what falls due while it is shut"
        shut += " is held until it opens"
    what = f"it pays in full only where its gate is open, that is where {rule.gate.said(terms.scales)}; {shut}"
    return [Incentive(name, "", "gate", what)]
