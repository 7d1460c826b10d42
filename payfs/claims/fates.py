"""What became of each claim: paid, cut or refused, why, and how many of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from payfs.claims.decide import Verdicts
from payfs.claims.measure import Decided, Evidence
from payfs.claims.pricing import Purse, applies
from payfs.claims.reasons import SHORT, Decision, Reason, days_said, sentence
from payfs.claims.table import EPOCH, OPEN
from payfs.contract import Contract
from payfs.evidence.counting import Counting
from payfs.money import Array
from payfs.text import Finding, Refused

CUT, PAID, TOWARDS, REFUSED = range(4)  # the first that any metric made of a claim is what became of it
IN_PART = "more than counts for one person"


class Fates(NamedTuple):
    """What became of all claims, in numbers.

    Attributes:
        paid: how many were paid in full.
        cut: by limit, how many it cut, in part or whole, even if another rule pays for them.
        towards: how many count, with nothing due for them alone.
        refused: by reason, in words.
        withdrawn: how many were withdrawn.
        unreported: how many were not reported yet.
        events: how many only bear on other claims of their person, as days in jail do.
    """

    paid: int
    cut: Mapping[str, int]
    towards: int
    refused: Mapping[str, int]
    withdrawn: int
    unreported: int
    events: int


class Share(NamedTuple):
    """What one rule makes of one claim [minor units].

    Attributes:
        rule: name.
        due: before the limits for one person.
        after: of each limit, its name, what is left after it, and what of it the person had used before [minor units,
            or units].
    """

    rule: str
    due: int
    after: tuple[tuple[str, int, int], ...]

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
        standing: known | withdrawn | not reported.
        decisions: for each metric that looks at it, why it counts or not.
        shares: what each rule that pays claim by claim makes of it.
        rules: the rules that pay for what counts by number.
        place: of the cohort and of the period in which it counts; None where it does not.
        history: where that changed, what was so by the end of each period.
    """

    row: int
    person: str
    outcome: str
    day: str
    cohort: str
    units: int
    standing: str
    decisions: tuple[Decision, ...]
    shares: tuple[Share, ...]
    rules: tuple[str, ...]
    place: tuple[int, int] | None
    history: tuple[tuple[str, str], ...]


def fates(evidence: Evidence) -> Fates | None:
    """Count what became of the claims; None where there are none."""
    claims = evidence.claims
    if claims is None:
        return None
    last = evidence.decided[-1]
    kind = np.full(len(last.claims), REFUSED, dtype=np.int8)
    why = np.full(len(last.claims), -1, dtype=np.int16)
    limits: list[str] = []
    purse = Purse(evidence.contract, last.claims)
    for name, verdicts in last.verdicts.items():
        own = _kinds(evidence.contract, last, name, limits, purse)
        here = verdicts.claims
        # a claim that is not the one at which others are made up is none the worse, nor the better, for it
        words = evidence.contract.frame.metrics[name].claims
        kept = own[0] <= PAID if words is not None and words.missing is not None else np.ones(len(here), dtype=bool)
        # that it lacks the conditions of one metric says little where another refuses it for a reason of its own
        vague = (why[here] < 0) | ((own[0] == REFUSED) & (why[here] == Reason.WHERE))
        better = kept & ((own[0] < kind[here]) | ((own[0] == kind[here]) & vague))
        kind[here] = np.where(better, own[0], kind[here])
        why[here] = np.where(better, own[1], why[here])
    cut = {limit: int(((kind == CUT) & (why == place)).sum()) for place, limit in enumerate(limits)}
    refused = {SHORT[Reason(code)]: int(((kind == REFUSED) & (why == code)).sum()) for code in Reason}
    events = int(((kind == REFUSED) & (why < 0)).sum())
    until = OPEN - 1 if evidence.as_of is None else evidence.as_of
    reported = claims.reported <= until
    return Fates(
        int((kind == PAID).sum()),
        {limit: number for limit, number in cut.items() if number},
        int((kind == TOWARDS).sum()),
        {word: number for word, number in refused.items() if number},
        int((reported & (claims.withdrawn <= until)).sum()),
        int((~reported).sum()),
        events,
    )


def _in_part(verdicts: Verdicts, words: Counting, units: Array) -> NDArray[np.bool_]:
    """Tell of which claims that count only some of the units, or days, do."""
    if verdicts.days is not None:
        return np.asarray(verdicts.days.beyond > 0)
    if words.times is None or words.run is not None or words.reaches is not None or words.missing is not None:
        return np.zeros(len(verdicts.claims), dtype=bool)
    return np.asarray(verdicts.units < units)


def _kinds(contract: Contract, decided: Decided, metric: str, limits: list[str], purse: Purse) -> tuple[Array, Array]:
    """Return for each claim of a metric what became of it, and the limit or reason."""
    verdicts, claims = decided.verdicts[metric], decided.claims
    words = contract.frame.metrics[metric].claims or Counting()
    cohort = claims.cohort[verdicts.claims]
    pays = np.zeros((len(contract.cohorts), len(contract.periods)), dtype=bool)
    for rule in contract.rules:
        if rule not in decided.paid and contract.frame.metrics[metric].better != "lower":
            pays |= purse.pays(rule, metric)
    anywhere = np.asarray(pays.any(axis=1))  # a spell may lie in several periods
    paid_for = pays[cohort, np.maximum(verdicts.period, 0)] if verdicts.days is None else anywhere[cohort]
    counts = verdicts.reason == 0
    kind = np.where(counts, np.where(paid_for, PAID, TOWARDS), REFUSED)
    kind = np.where(np.isin(verdicts.reason, (Reason.BUILDING, Reason.GATE)), TOWARDS, kind)
    why = verdicts.reason.astype(np.int16)

    def cut_by(which: Array | NDArray[np.bool_], limit: str) -> None:
        if limit not in limits:
            limits.append(limit)
        kind[which], why[which] = CUT, limits.index(limit)

    place_of = np.full(len(claims), -1, dtype=np.int64)
    place_of[verdicts.claims] = np.arange(len(verdicts.claims))
    for rule, (names, paid) in decided.paid.items():
        if (contract.rule(rule).metric or rule) != metric:
            continue
        due = place_of[paid.claims[paid.due > 0]]
        kind[due[kind[due] != CUT]] = PAID  # what one rule cuts is cut, even if another pays for it
        before = paid.due
        for name, after in zip(names, paid.after, strict=True):
            cut_by(place_of[paid.claims[after < before]], name)
            before = after
    cut_by(counts & (kind == PAID) & _in_part(verdicts, words, claims.units[verdicts.claims]), IN_PART)
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
    told = _at(evidence, last, int(known[0])) if len(known) else ((), (), ())
    heard = bool(evidence.heard.on_time[at])
    return Fate(
        row,
        claims.people[int(claims.person[at])],
        claims.outcomes[int(claims.outcome[at])],
        (EPOCH + timedelta(days=int(claims.day[at]))).isoformat(),
        evidence.contract.cohorts[int(claims.cohort[at])],
        int(claims.units[at]),
        "known" if len(known) else "withdrawn" if heard else "not reported",
        *told,
        _place(last, int(known[0])) if len(known) else None,
        tuple(_history(evidence, row, int(claims.person[at]))),
    )


Told = tuple[tuple[Decision, ...], tuple[Share, ...], tuple[str, ...]]


def _at(evidence: Evidence, decided: Decided, at: int) -> Told:
    """Return what was decided of a claim, what each rule that pays claim by claim makes of it, and the other rules."""
    cohort = evidence.contract.cohorts[int(decided.claims.cohort[at])]
    decisions = tuple(_decisions(evidence, decided, at, cohort))
    shares = tuple(_shares(evidence.contract, decided, at, cohort))
    return decisions, shares, tuple(_paid_by_number(evidence, decided, at))


def _history(evidence: Evidence, row: int, person: int) -> Iterator[tuple[str, str]]:
    """Say what became of a claim by the end of each period in which that changed; nothing if it never did."""
    show, periods = evidence.contract.money.show, evidence.contract.periods
    told: list[tuple[str, str]] = []
    for decided in evidence.retold(person):
        places = np.flatnonzero(decided.claims.rows == row)
        if len(places):
            decisions, shares, _ = _at(evidence, decided, int(places[0]))
            counts = [decision for decision in decisions if decision.units]
            if shares:
                said = f"{show(sum(share.left for share in shares))} due"
            elif counts:
                said = f"{counts[0].units:,} of {counts[0].of:,} counted"
            else:
                said = f"not counted: {SHORT[decisions[0].reason]}" if decisions else ""
        else:
            said = "withdrawn" if told else ""
        if said and (not told or told[-1][1] != said):
            told.append((periods[decided.time].name, said))
    if len(told) > 1:
        yield from told


def _paid_by_number(evidence: Evidence, decided: Decided, at: int) -> Iterator[str]:
    """Yield the rules that pay for or take back what a claim counts for, where and when it counts."""
    contract, claims = evidence.contract, decided.claims
    purse = Purse(contract, claims)
    for name in contract.rules:
        rule = contract.rule(name)
        metric = rule.metric or name
        verdicts = decided.verdicts.get(metric)
        if verdicts is None or name in decided.paid:
            continue
        # what is taken back is paid to nobody, and is told as well
        paid_for = applies(contract, rule) if rule.returned else purse.pays(name, metric)
        where = paid_for[int(claims.cohort[at])]
        for place in np.flatnonzero((verdicts.claims == at) & (verdicts.units > 0)).tolist():
            counts = np.zeros(len(contract.periods), dtype=bool)
            counts[verdicts.period[place]] = True
            if verdicts.days is not None:  # a spell counts in every period in which it lies
                starts, ends = contract.frame.spans
                counts = (starts <= claims.to[at]) & (ends >= claims.day[at])
            if (counts & where).any():
                yield name
                break


def _place(last: Decided, at: int) -> tuple[int, int] | None:
    for verdicts in last.verdicts.values():
        found = np.flatnonzero((verdicts.claims == at) & (verdicts.reason == 0))
        if len(found):
            return int(last.claims.cohort[at]), int(verdicts.period[found[0]])
    return None


def _decisions(evidence: Evidence, last: Decided, at: int, cohort: str) -> Iterator[Decision]:
    metrics = evidence.contract.frame.metrics
    for name, verdicts in last.verdicts.items():
        for place in np.flatnonzero(verdicts.claims == at).tolist():
            reason = Reason(int(verdicts.reason[place]))
            words = metrics[name].claims or Counting()
            said, of = sentence(reason, name, metrics[name], cohort), int(last.claims.units[at])
            if verdicts.days is not None:
                said = days_said(verdicts.days, place, words) if reason is Reason.COUNTED else said
                of = int(verdicts.days.of[place])
            elif words.run is not None or words.reaches is not None or words.missing is not None:
                of = int(verdicts.units[place])
            clause = words.clause or metrics[name].clause or ""
            yield Decision(name, reason, said, clause, int(verdicts.units[place]), of)


def _shares(contract: Contract, last: Decided, at: int, cohort: str) -> Iterator[Share]:
    for rule, (limits, paid) in last.paid.items():
        covers = [(own := contract.spec.limits[name].cohorts) is None or cohort in own for name in limits]
        for place in np.flatnonzero(paid.claims == at).tolist():
            lefts = [(int(left[place]), int(used[place])) for left, used in zip(paid.after, paid.used, strict=True)]
            after = tuple((name, *left) for name, left, here in zip(limits, lefts, covers, strict=True) if here)
            yield Share(rule, int(paid.due[place]), after)
