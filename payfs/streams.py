"""What is done to a rule's payments after its price: holdback, payers' shares, and limits over several rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from payfs.contract import Contract, Terms
from payfs.evidence.measured import Series
from payfs.line import Fact, Line, said
from payfs.money import Array, times, to_date
from payfs.periods import fiscal_year
from payfs.spec import Unknown, UnknownTerm
from payfs.terms.limit import NO_LIMIT, Due, Limit, Most, cut
from payfs.terms.limit import said as limit_said
from payfs.terms.payers import split_among
from payfs.terms.rule import Rule
from payfs.terms.setting import Setting
from payfs.terms.work import UnitLimit


class NoResult(Exception):
    """A limit is a measured amount of money, and no result was given for it."""

    def __init__(self, metric: str, period: str) -> None:
        """Keep the place for a finding."""
        super().__init__(metric)
        self.metric, self.period = metric, period


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
    return replace(line, amount=amount, pieces=tuple(pieces))


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


def stretches(contract: Contract, limit: Limit, payer: str | None = None) -> list[slice]:
    """Return the runs of periods in which a limit has a total of its own."""
    labels = labels_of(contract, limit.in_time, payer or limit.payer)
    edges = [0, *(place for place in range(1, len(labels)) if labels[place] != labels[place - 1]), len(labels)]
    return [slice(start, stop) for start, stop in pairwise(edges)]


def labels_of(contract: Contract, in_time: str | None, payer: str | None) -> list[str]:
    """Return the fiscal year, calendar year or period in which each period's payment falls."""
    if in_time == "period":
        return [period.name for period in contract.periods]
    unknown = [period.run for period in contract.periods if not period.paid_known]
    if in_time is not None and unknown:
        raise UnknownTerm(("periods", unknown[0], "paid"))
    if in_time == "year":
        return [str(period.paid.date.year) for period in contract.periods]
    if in_time == "fiscal year":
        who = payer or next(name for name, party in contract.spec.parties.items() if "outcome payer" in party.role)
        return [fiscal_year(period.paid.date, contract.fiscal_year_start(who)) for period in contract.periods]
    return [""] * len(contract.periods)


def unit_limits(contract: Contract, terms: Terms, name: str, rule: Rule) -> list[UnitLimit]:
    """Return the limits on a rule's units: its own first, then the contract's in the order written."""
    held = [
        next(t for t in reversed(contract.terms) if t.first <= place) if place < terms.first else terms
        for place in range(len(contract.periods))
    ]
    limits = []
    if rule.most_units is not None:
        own = Limit(most_units=rule.most_units, rules=(name,))
        before = [t.spec.rules.get(name) for t in held]
        most = [r.most_units if r is not None else None for r in before]
        path = ("rules", name, "most_units")
        limits.append(UnitLimit(f"{name}: most_units", path, own, most, stretches(contract, own)))
    for key, limit in terms.spec.limits.items():
        if limit.most_units is not None and limit.rules == (name,):
            earlier = [t.spec.limits.get(key) for t in held]
            most = [e.most_units if e is not None else None for e in earlier]
            limits.append(UnitLimit(key, ("limits", key, "most_units"), limit, most, stretches(contract, limit)))
    return limits


Placed = tuple[tuple[str, ...], Limit]


Held = list[tuple[int, Placed | None]]
"""What a limit said from which period on; None where it did not hold."""


def money_limits(contract: Contract) -> list[tuple[str, Held]]:
    """Return the contract's limits in money, in the order written."""
    names: dict[str, None] = {}
    for terms in contract.terms:
        names.update(dict.fromkeys(key for key, limit in terms.spec.limits.items() if limit.most is not None))
    result: list[tuple[str, Held]] = []
    for name in names:
        path = ("limits", name, "most")
        written = [(terms.first, terms.spec.limits.get(name)) for terms in contract.terms]
        held: Held = [(at, (path, limit) if limit is not None and limit.most else None) for at, limit in written]
        result.append((name, held))
    return result


def own_limit(
    contract: Contract,
    name: str,
    line: Line,
    setting: Setting,
    cuts: dict[tuple[str, str], list[tuple[Array, Array]]],
) -> Line:
    """Cut a rule at its own limit in all."""
    path = ("rules", name, "most")
    held: Held = []
    for terms in contract.terms:
        rule = terms.spec.rules.get(name)
        limit = Limit(most=rule.most, rules=(name,)) if rule is not None and rule.most is not None else None
        held.append((terms.first, (path, limit) if limit is not None else None))
    if all(placed is None for _, placed in held):
        return line
    own: dict[tuple[str, str], list[tuple[Array, Array]]] = {}
    (stream,) = limited(contract, f"{name}: most", held, [Stream(name, "", line, line.amount)], setting, own)
    cuts.update(own)
    return stream.line


def _room(contract: Contract, held: Held, streams: Sequence[Stream], setting: Setting) -> Array:
    """Return how much a limit lets through in each period, (1, periods, 1 or paths) [minor units]."""
    columns: list[Array] = []
    before: Placed | None = None
    for place in range(len(contract.periods)):
        placed = next(placed for first, placed in reversed(held) if first <= place)
        most = placed[1].most if placed else None
        if place and placed is before and (most is None or isinstance(most.flat, Fraction)):
            columns.append(columns[-1])  # the same figure as in the period before
        else:
            columns.append(_most(contract, placed, place, streams, setting))
        before = placed
    return np.stack(np.broadcast_arrays(*columns))[None].astype(setting.dtype)


def _most(contract: Contract, placed: Placed | None, place: int, streams: Sequence[Stream], setting: Setting) -> Array:
    if placed is None:
        return np.array([NO_LIMIT])
    path, limit = placed
    most: Most | None = limit.most
    assert most is not None
    amount: Fraction | Unknown | None = most.flat
    if most.none:
        return np.array([NO_LIMIT])
    if most.metric is not None:
        series: Series = setting.measured.series[most.metric].pooled()
        # a yearly appropriation does not last into the next year
        since = next(part.start for part in stretches(contract, limit) if part.start <= place < part.stop)
        if not series.present[0, since : place + 1].any():
            if _asked(streams, place):
                raise NoResult(most.metric, contract.periods[place].name)
            return np.array([NO_LIMIT])
        factor = series.scale.worth * contract.money.minor
        values: Array = times(series.held()[0, place], factor)
        return values
    if most.by_year is not None:
        label = labels_of(contract, limit.in_time, limit.payer)[place]
        amount = most.by_year.get(label)
    elif most.by_period is not None:
        amount = most.by_period.get(contract.periods[place].name)
    if amount is None:
        return np.array([NO_LIMIT])
    if isinstance(amount, Unknown):
        if _asked(streams, place):
            raise UnknownTerm(path)
        return np.array([0])
    return np.array([int(amount * contract.money.minor)])


def _asked(streams: Sequence[Stream], place: int) -> bool:
    """Whether anything is due in a period, so that its limit matters."""
    return any(bool((stream.paid[:, place] > 0).any()) for stream in streams)


def limited(
    contract: Contract,
    name: str,
    held: Held,
    streams: list[Stream],
    setting: Setting,
    cuts: dict[tuple[str, str], list[tuple[Array, Array]]],
) -> list[Stream]:
    """Cut the streams that a limit covers, and let another payer take over what it cuts if the limit says so.

    What else it cuts is kept in ``cuts``: what was due and what is paid.
    """
    limit = next(placed[1] for _, placed in reversed(held) if placed is not None)
    chosen = [
        place
        for place, stream in enumerate(streams)
        if (limit.rules is None or stream.rule in limit.rules)
        and (limit.payer is None or stream.payer == limit.payer)
        # what is paid for the whole contract belongs to no cohort
        and ((limit.cohorts is None and "cohort" not in limit.per) or stream.paid.shape[0] == len(contract.cohorts))
    ]
    if not chosen:
        return streams
    rows = [place for place, cohort in enumerate(contract.cohorts) if limit.cohorts is None or cohort in limit.cohorts]
    everywhere = len(rows) == len(contract.cohorts)
    covered = [streams[place] for place in chosen]
    dues = [Due(s.rule, s.paid if everywhere else s.paid[rows]) for s in covered]
    most = _room(contract, held, covered, setting)
    outcome = cut(dues, most, stretches(contract, limit), limit)
    streams = list(streams)
    for place, stream, part, reached, room in zip(
        chosen, covered, outcome.paid, outcome.reached, outcome.room, strict=True
    ):
        paid = part
        if part.shape[0] != stream.paid.shape[0]:
            paid = np.array(np.broadcast_to(stream.paid, (*stream.paid.shape[:2], part.shape[2])))
            paid[rows] = part
            reached, room = (_at_rows(array, rows, stream.paid.shape[0]) for array in (reached, room))
        line = _limit_line(contract, name, limit, stream, paid, reached, most, room)
        streams[place] = stream._replace(line=line)
        if limit.then is not None:
            _take_over(contract, name, limit, stream, stream.paid - paid, streams)
        else:
            cuts.setdefault((stream.rule, name), []).append((stream.paid, paid))
    return streams


def _at_rows(array: Array, rows: list[int], count: int) -> Array:
    wide = np.zeros((count, *array.shape[1:]), dtype=array.dtype)
    wide[rows] = array
    return wide


def _limit_line(
    contract: Contract, name: str, limit: Limit, stream: Stream, paid: Array, reached: Array, most: Array, room: Array
) -> Line:
    show = contract.money.show
    words = limit_said(limit, {key: party.name for key, party in contract.spec.parties.items()})
    facts = {
        "due": Fact(stream.paid, show),
        "paid": Fact(paid, show),
        "beyond": Fact(stream.paid, show, paid),
        "reached": Fact(reached, show),
        "most": Fact(most, lambda minor: "no amount yet" if minor >= NO_LIMIT else show(minor)),
        "spare": Fact(room, show, most),
        "limit": said(name),
        "scope": said(f" ({words})" if words else ""),
        "then": said(f"; {contract.spec.parties[limit.then].name} takes it over" if limit.then else ""),
    }

    def why(figures: Mapping[str, int]) -> str:
        if figures["most"] >= NO_LIMIT:
            return "{due}: the limit {limit} sets {most}"
        of = "of {most} and {spare} left over from before" if figures["spare"] > 0 else "of {most}"
        if figures["beyond"] > 0:
            return f"{{due}} due, {{beyond}} of it beyond the limit {{limit}} {of}{{scope}}{{then}}: {{paid}}"
        if figures["beyond"] < 0:
            return f"{{due}} due, and more that was beyond the limit {{limit}} {of}{{scope}} before: {{paid}}"
        return f"within the limit {{limit}} {of}{{scope}}: {{reached}} to date"

    return Line(stream.line.name, paid, why, facts, (stream.line,), stream.line.clause, show)


def _take_over(
    contract: Contract, name: str, limit: Limit, stream: Stream, beyond: Array, streams: list[Stream]
) -> None:
    """Let another payer pay what a limit cut."""
    assert limit.then is not None
    show = contract.money.show
    payer = contract.spec.parties[limit.then].name
    for place, other in enumerate(streams):
        if (other.rule, other.payer, other.corrects) == (stream.rule, limit.then, stream.corrects):
            amount = other.paid + beyond
            facts = {
                "own": Fact(other.paid, show),
                "more": Fact(beyond, show),
                "limit": said(name),
                "payer": said(payer),
            }
            line = Line(
                other.line.name,
                amount,
                "{payer} pays {own} and takes over {more} beyond the limit {limit}",
                facts,
                (other.line,),
                other.line.clause,
                show,
            )
            streams[place] = other._replace(line=line, due=other.due + beyond)
            return
    facts = {"more": Fact(beyond, show), "limit": said(name), "payer": said(payer)}
    line = Line(
        stream.line.name,
        beyond,
        "{payer} takes over {more} beyond the limit {limit}",
        facts,
        (stream.line,),
        stream.line.clause,
        show,
    )
    streams.append(Stream(stream.rule, limit.then, line, beyond, stream.corrects))
