"""What is done to a rule's payments after its price: holdback, payers' shares, and limits over several rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from payfs.contract import Contract
from payfs.line import Fact, Line, said
from payfs.money import Array, times, to_date
from payfs.terms.payers import split_among
from payfs.terms.setting import Setting


class Stream(NamedTuple):
    """What one payer pays for one rule.

    Attributes:
        rule: name.
        payer: name.
        line: amounts paid, (cohorts or 1, periods, paths) [minor units], and why.
        due: the same before the contract's limits.
        corrects: of a correction, the place of the period that it corrects; it is due in the period of reporting.
    """

    rule: str
    payer: str
    line: Line
    due: Array
    corrects: int | None = None

    @property
    def paid(self) -> Array:
        """The amounts paid [minor units]."""
        return self.line.amount


class Claim(NamedTuple):
    """What a rule comes to before payers and the contract's limits.

    Attributes:
        rule: name.
        line: amounts due, (cohorts or 1, periods, paths) [minor units], and why.
        corrects: of a correction, the place of the period that it corrects.
    """

    rule: str
    line: Line
    corrects: int | None = None


def corrected(contract: Contract, history: Sequence[tuple[int, Mapping[str, Line]]]) -> list[Claim]:
    """Take corrections apart from what was first reported.

    Args:
        contract: the contract.
        history: the place of each period of reporting, and what each rule came to on what was known by then.

    Returns:
        For each rule what was due when first reported, and a claim for every period that a later report changed: the
        difference, in the period of that report.
    """
    claims: list[Claim] = []
    show = contract.money.show
    for name in sorted(history[-1][1]):
        starts = [0, *(time + 1 for time, _ in history[:-1])]
        lines = [known[name] for _, known in history]
        claims.append(Claim(name, joined(list(zip(starts, lines, strict=True)))))
        for (time, _), start, before, now in zip(history[1:], starts[1:], lines, lines[1:], strict=False):
            change = now.amount - before.amount
            for place in range(start):
                if not change[:, place].any():
                    continue
                amount = np.zeros_like(change)
                amount[:, time] = change[:, place]
                here = slice(place, place + 1)
                facts = {
                    "all": Fact(now.amount[:, here], show),
                    "before": Fact(before.amount[:, here], show),
                    "period": said(contract.periods[place].name),
                    "now": Fact(change[:, here], show),
                }
                why = "{all} due for {period} on what is now reported, less {before} due before: {now}"
                parts = (replace(now, of_period=place),)
                claims.append(Claim(name, Line(now.name, amount, why, facts, parts, now.clause, show), place))
    return claims


def since(before: Array | None, now: Array, first: int) -> Array:
    """Let figures hold from a period on."""
    if first == 0 or before is None:
        return now if first == 0 else np.concatenate([np.zeros_like(now[:, :first]), now[:, first:]], axis=1)
    shape = np.broadcast_shapes(before[:, :1].shape, now[:, :1].shape)
    wide = [np.broadcast_to(part, (shape[0], part.shape[1], shape[2])) for part in (before[:, :first], now[:, first:])]
    return np.concatenate(wide, axis=1)


def joined(pieces: Sequence[tuple[int, Line]]) -> Line:
    """Join the lines that held in each stretch of time."""
    line = pieces[0][1]
    if len(pieces) == 1:
        return line
    amount: Array = line.amount
    for first, piece in pieces[1:]:
        amount = since(amount, piece.amount, first)
    return replace(line, amount=amount, pieces=tuple(pieces), clause=pieces[-1][1].clause or line.clause)


def held_back(contract: Contract, name: str, line: Line, setting: Setting) -> Line:
    """Keep a share back until a standard is met; what is released is paid in the period of release.

    The share is that of each period's own terms; when and whether it is released, the last terms of it say.
    """
    written = [(terms.first, terms.spec.rules.get(name)) for terms in contract.terms]
    holdbacks = [(first, rule.holdback if rule is not None else None) for first, rule in written]
    last = next((holdback for _, holdback in reversed(holdbacks) if holdback is not None), None)
    if last is None:
        return line
    names = [(p.name, p.run) for p in contract.periods]
    release = max(place for place, name in enumerate(names) if last.released in name)
    held = np.zeros_like(line.amount)
    for (start, holdback), (stop, _) in pairwise([*holdbacks, (len(names), None)]):
        if holdback is not None:
            here = slice(start, min(stop, release + 1))
            held[:, here] = times(line.amount[:, here], holdback.share, setting.rounding)
    kept = to_date(held)[:, release : release + 1]
    parts: tuple[Line, ...] = (line,)
    met: Array = np.ones((1, 1, 1), dtype=bool)
    if last.gate is not None:
        verdict = last.gate.judge(setting.measured)
        met, parts = verdict.met[:, release : release + 1], (line, verdict.line)
    released = np.where(np.arange(len(names)).reshape(1, -1, 1) == release, np.where(met, kept, 0), 0)
    amount = (line.amount - held + released).astype(line.amount.dtype, copy=False)
    show = contract.money.show
    facts = {
        "due": Fact(line.amount, show),
        "held": Fact(held, show),
        "released": Fact(released, show),
        "paid": Fact(amount, show),
    }

    def why(figures: Mapping[str, int]) -> str:
        if figures["released"]:
            return "{due} due, {held} of it held back, and {released} released that was held back in all: {paid}"
        return "{due} due, {held} of it held back: {paid}"

    return Line(line.name, amount, why, facts, parts, line.clause, show)


def shares_of(contract: Contract, claim: Claim) -> dict[str, Array]:
    """Split what a rule comes to among its payers: as the terms of each period, the rule and the cohort say."""
    amount = claim.line.amount
    if claim.corrects is not None:
        # a correction is shared as the period was that it corrects
        total, (at, *_) = amount.sum(axis=1, keepdims=True), np.flatnonzero(amount.any(axis=(0, 2)))
        amount = np.zeros_like(amount)
        amount[:, claim.corrects : claim.corrects + 1] = total
    shares: dict[str, Array] = {}
    edges = [*(terms.first for terms in contract.terms), len(contract.periods)]
    for terms, (start, stop) in zip(contract.terms, pairwise(edges), strict=True):
        rule = terms.spec.rules.get(claim.rule) or contract.rule(claim.rule)
        cohorts = list((terms.spec.population.cohorts or {}).values())
        own = any(cohort.payer or cohort.payers for cohort in cohorts)
        by_cohort = own and amount.shape[0] == len(contract.cohorts) == len(cohorts)
        rows = [slice(row, row + 1) for row in range(amount.shape[0])] if by_cohort else [slice(None)]
        rounding = terms.spec.rounding.rounding(contract.money)
        for place, row in enumerate(rows):
            stages = terms.spec.payers_of(rule, cohorts[place] if by_cohort else None)
            assert stages is not None  # contract.check refuses a rule without a payer
            parts = split_among(stages, amount[row, start:stop], contract.periods[start:stop], rounding.to)
            if len(rows) == 1 and len(edges) == 2 and claim.corrects is None:
                return parts
            for payer, part in parts.items():
                shares.setdefault(payer, np.zeros_like(amount))[row, start:stop] = part
    if claim.corrects is not None:
        for payer, share in shares.items():
            moved = np.zeros_like(share)
            moved[:, at] = share[:, claim.corrects]
            shares[payer] = moved
    return shares


def share_line(contract: Contract, line: Line, amount: Array, payer: str, several: int) -> Line:
    """Say which share of a rule one of several payers pays."""
    if several == 1:
        return line
    show = contract.money.show
    facts = {
        "due": Fact(line.amount, show),
        "paid": Fact(amount, show),
        "payer": said(contract.spec.parties[payer].name),
    }
    return Line(line.name, amount, "{payer} pays {paid} of {due}", facts, (line,), line.clause, show)
