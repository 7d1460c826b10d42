"""What became of each claim: paid, cut or refused, why, and how many of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from payfs.claims.measure import Decided, Evidence
from payfs.claims.pricing import applies
from payfs.claims.reasons import SHORT, Decision, Reason, days_said, sentence
from payfs.claims.table import EPOCH, OPEN, Claims
from payfs.contract import Contract
from payfs.money import Array
from payfs.terms.rule import CURVES
from payfs.text import Finding, Refused

PAID, CUT, TOWARDS, REFUSED = range(4)  # the best that any metric made of a claim is what became of it


class Fates(NamedTuple):
    """What became of all claims, in numbers.

    Attributes:
        paid: how many were paid in full.
        cut: by limit, how many it cut, in part or whole.
        towards: how many count towards a later one.
        refused: by reason, in words.
        withdrawn: how many were withdrawn.
        events: how many only bear on other claims of their person, as days in jail do.
    """

    paid: int
    cut: Mapping[str, int]
    towards: int
    refused: Mapping[str, int]
    withdrawn: int
    events: int


class Share(NamedTuple):
    """What one rule makes of one claim [minor units]."""

    rule: str
    due: int
    after: tuple[tuple[str, int], ...]  # what is left after each limit for one person

    @property
    def left(self) -> int:
        """What is paid."""
        return self.after[-1][1] if self.after else self.due


class Fate(NamedTuple):
    """What became of one claim.

    Attributes:
        row: of the file.
        person: the id, which is shown only if it is asked for.
        outcome: name.
        day: ISO date.
        cohort: name.
        units: how many were claimed.
        withdrawn: whether it was withdrawn.
        decisions: for each metric that looks at it, why it counts or not, and how many units count.
        shares: what each rule that pays claim by claim makes of it.
        rules: the rules that pay for what counts by number.
        place: of the cohort and of the period in which it counts; None where it does not.
    """

    row: int
    person: str
    outcome: str
    day: str
    cohort: str
    units: int
    withdrawn: bool
    decisions: tuple[tuple[Decision, int], ...]
    shares: tuple[Share, ...]
    rules: tuple[str, ...]
    place: tuple[int, int] | None


def fates(evidence: Evidence) -> Fates | None:
    """Count what became of the claims; None where there are none."""
    if evidence.claims is None:
        return None
    last = evidence.decided[-1]
    kind = np.full(len(last.claims), REFUSED, dtype=np.int8)
    why = np.full(len(last.claims), -1, dtype=np.int16)
    limits: list[str] = []
    for name, verdicts in last.verdicts.items():
        own = _kinds(evidence.contract, last, name, limits)
        here = verdicts.claims
        # a claim that is not the one at which others are made up is none the worse, nor the better, for it
        words = evidence.contract.frame.metrics[name].claims
        kept = own[0] == PAID if words is not None and words.missing is not None else np.ones(len(here), dtype=bool)
        # that it lacks the conditions of one metric says little where another refuses it for a reason of its own
        vague = (why[here] < 0) | ((own[0] == REFUSED) & (why[here] == Reason.WHERE))
        better = kept & ((own[0] < kind[here]) | ((own[0] == kind[here]) & vague))
        kind[here] = np.where(better, own[0], kind[here])
        why[here] = np.where(better, own[1], why[here])
    cut = {limit: int(((kind == CUT) & (why == place)).sum()) for place, limit in enumerate(limits)}
    refused = {SHORT[Reason(code)]: int(((kind == REFUSED) & (why == code)).sum()) for code in Reason}
    events = int(((kind == REFUSED) & (why < 0)).sum())
    return Fates(
        int((kind == PAID).sum()),
        {limit: number for limit, number in cut.items() if number},
        int((kind == TOWARDS).sum()),
        {word: number for word, number in refused.items() if number},
        int((evidence.claims.withdrawn < OPEN).sum()),
        events,
    )


def _kinds(contract: Contract, decided: Decided, metric: str, limits: list[str]) -> tuple[Array, Array]:
    """Return for each claim of a metric what became of it, and the limit or reason."""
    verdicts = decided.verdicts[metric]
    pays = any(
        own.priced_by in ("price", *CURVES) and not own.returned and (own.metric or name) == metric
        for name, own in ((name, contract.rule(name)) for name in contract.rules)
    )
    lower = contract.frame.metrics[metric].better == "lower"
    kind = np.where(verdicts.reason == 0, PAID if pays and not lower else TOWARDS, REFUSED)
    kind = np.where(np.isin(verdicts.reason, (Reason.BUILDING, Reason.GATE)), TOWARDS, kind)
    why = verdicts.reason.astype(np.int16)
    place_of = np.full(len(decided.claims), -1, dtype=np.int64)
    place_of[verdicts.claims] = np.arange(len(verdicts.claims))
    for rule, (names, paid) in decided.paid.items():
        if (contract.rule(rule).metric or rule) != metric:
            continue
        before = paid.due
        for name, after in zip(names, paid.after, strict=True):
            if name not in limits:
                limits.append(name)
            less = place_of[paid.claims[after < before]]
            kind[less], why[less] = CUT, limits.index(name)
            before = after
    return kind, why


def fate_of(evidence: Evidence, row: int) -> Fate:
    """Say what became of the claim in one row of the file.

    Raises:
        Refused: there is no such row.
    """
    claims = evidence.claims
    file = claims.file if claims else ""
    if claims is None:
        raise Refused([Finding("no claims were given", "give a claims file with --results")])
    places = np.flatnonzero(claims.rows == row)
    if not len(places):
        what = f"the file has no claim in row {row}"
        rows = f"name a row from {claims.rows.min()} to {claims.rows.max()}" if len(claims) else "it holds none at all"
        raise Refused([Finding(what, rows, file=file)])
    at = int(places[0])
    last = evidence.decided[-1]
    known = np.flatnonzero(last.claims.rows == row)
    decisions, shares, rules = [], list[Share](), list[str]()
    cohort = evidence.contract.cohorts[int(claims.cohort[at])]
    if len(known):
        here = int(known[0])
        decisions = list(_decisions(evidence, last, here, cohort))
        shares = list(_shares(evidence.contract, last, here, cohort))
        by_claim = {share.rule for share in shares}
        rules = [name for name in _paid_by_number(evidence, last, here) if name not in by_claim]
    return Fate(
        row,
        claims.people[int(claims.person[at])],
        claims.outcomes[int(claims.outcome[at])],
        _iso(claims, at),
        cohort,
        int(claims.units[at]),
        not len(known),
        tuple(decisions),
        tuple(shares),
        tuple(rules),
        _place(evidence, last, int(known[0])) if len(known) else None,
    )


def _paid_by_number(evidence: Evidence, last: Decided, at: int) -> Iterator[str]:
    """Yield the rules that pay for what a claim counts for, in the cohort and the periods in which it counts."""
    contract, claims = evidence.contract, last.claims
    for name in contract.rules:
        rule = contract.rule(name)
        metric = rule.metric or name
        verdicts = last.verdicts.get(metric)
        if verdicts is None:
            continue
        where = applies(contract, rule)[int(claims.cohort[at])]
        for place in np.flatnonzero((verdicts.claims == at) & (verdicts.units > 0)).tolist():
            counts = np.zeros(len(contract.periods), dtype=bool)
            counts[verdicts.period[place]] = True
            if verdicts.days is not None:  # a spell counts in every period in which it lies
                starts, ends = contract.frame.spans
                counts = (starts <= claims.to[at]) & (ends >= claims.day[at])
            if (counts & where).any():
                yield name
                break


def _place(evidence: Evidence, last: Decided, at: int) -> tuple[int, int] | None:
    for verdicts in last.verdicts.values():
        found = np.flatnonzero((verdicts.claims == at) & (verdicts.reason == 0))
        if len(found):
            return int(last.claims.cohort[at]), int(verdicts.period[found[0]])
    return None


def _iso(claims: Claims, at: int) -> str:
    from datetime import timedelta

    return (EPOCH + timedelta(days=int(claims.day[at]))).isoformat()


def _decisions(evidence: Evidence, last: Decided, at: int, cohort: str) -> Iterator[tuple[Decision, int]]:
    metrics = evidence.contract.frame.metrics
    for name, verdicts in last.verdicts.items():
        for place in np.flatnonzero(verdicts.claims == at).tolist():
            reason = Reason(int(verdicts.reason[place]))
            words = metrics[name].claims
            clause = (words.clause if words else None) or metrics[name].clause or ""
            said = sentence(reason, name, metrics[name], cohort)
            if reason is Reason.COUNTED and verdicts.days is not None and words is not None:
                said = days_said(verdicts.days, place, words)
            yield Decision(name, reason, said, clause), int(verdicts.units[place])


def _shares(contract: Contract, last: Decided, at: int, cohort: str) -> Iterator[Share]:
    for rule, (limits, paid) in last.paid.items():
        covers = [(own := contract.spec.limits[name].cohorts) is None or cohort in own for name in limits]
        for place in np.flatnonzero(paid.claims == at).tolist():
            lefts = [int(left[place]) for left in paid.after]
            after = tuple((name, left) for name, left, here in zip(limits, lefts, covers, strict=True) if here)
            yield Share(rule, int(paid.due[place]), after)
