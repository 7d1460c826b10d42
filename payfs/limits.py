"""Limits of the contract, over the streams of several rules and payers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np

from payfs.contract import Contract, Terms
from payfs.contract.once import once
from payfs.evidence.measured import Flags, Series
from payfs.line import Fact, Line, said
from payfs.money import Array, times
from payfs.periods import fiscal_year
from payfs.spec import Unknown, UnknownTerm
from payfs.streams import Stream
from payfs.terms.limit import NO_LIMIT, Due, Limit, Most, cut, touched_by
from payfs.terms.limit import said as limit_said
from payfs.terms.rule import Rule
from payfs.terms.setting import Setting
from payfs.terms.work import UnitLimit


class NoResult(Exception):
    """A limit is a measured amount of money, and no result was given for it."""

    def __init__(self, metric: str, period: str) -> None:
        """Keep the place for a finding."""
        super().__init__(metric)
        self.metric, self.period = metric, period


def stretches(contract: Contract, limit: Limit, payer: str | None = None) -> list[slice]:
    """Return the runs of periods in which a limit has a total of its own."""
    return list(_stretches(contract, limit.in_time, payer or limit.payer))


@once
def _stretches(contract: Contract, in_time: str | None, payer: str | None) -> tuple[slice, ...]:
    labels = labels_of(contract, in_time, payer)
    edges = [0, *(place for place in range(1, len(labels)) if labels[place] != labels[place - 1]), len(labels)]
    return tuple(slice(start, stop) for start, stop in pairwise(edges))


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
    if rule.most_units is None and all(limit.most_units is None for limit in terms.spec.limits.values()):
        return []
    held = [
        next(t for t in reversed(contract.terms) if t.first <= place) if place < terms.first else terms
        for place in range(len(contract.periods))
    ]
    exists = next(t.first for t in contract.terms if name in t.spec.rules)
    limits = []
    if rule.most_units is not None:
        own = Limit(most_units=rule.most_units, rules=(name,))
        before = [t.spec.rules.get(name) for t in held]
        most = [r.most_units if r is not None else None for r in before]
        path = ("rules", name, "most_units")
        limits.append(UnitLimit(f"{name}: most_units", path, own, most, _from(stretches(contract, own), exists)))
    for key, limit in terms.spec.limits.items():
        if limit.most_units is not None and limit.rules == (name,) and "person" not in limit.per:
            earlier = [t.spec.limits.get(key) for t in held]
            most = [e.most_units if e is not None else None for e in earlier]
            since = _from(stretches(contract, limit), exists)
            limits.append(UnitLimit(key, ("limits", key, "most_units"), limit, most, since))
    return limits


def in_money(limit: Limit) -> bool:
    """Whether a limit cuts sums of money; one for each person cuts claims."""
    return limit.most is not None and "person" not in limit.per


Placed = tuple[tuple[str, ...], Limit]


def _from(parts: list[slice], first: int) -> list[slice]:
    """Begin anew in a period: what was counted before a rule was there does not use its limit up."""
    cut = [(part, first) for part in parts if part.start < first < part.stop]
    for part, place in cut:
        at = parts.index(part)
        parts[at : at + 1] = [slice(part.start, place), slice(place, part.stop)]
    return parts


Held = list[tuple[int, Placed | None]]
"""What a limit said from which period on; None where it did not hold."""


@once
def money_limits(contract: Contract) -> list[tuple[str, Held]]:
    """Return the contract's limits in money, in the order written."""
    names: dict[str, None] = {}
    for terms in contract.terms:
        names.update(dict.fromkeys(key for key, limit in terms.spec.limits.items() if in_money(limit)))
    result: list[tuple[str, Held]] = []
    for name in names:
        path = ("limits", name, "most")
        written = [(terms.first, terms.spec.limits.get(name)) for terms in contract.terms]
        held: Held = [(at, (path, limit) if limit is not None and in_money(limit) else None) for at, limit in written]
        result.append((name, held))
    return result


@once
def _own(contract: Contract, name: str) -> Held:
    """Return what a rule's own limit in money said from which period on."""
    path, held = ("rules", name, "most"), list[tuple[int, Placed | None]]()
    for terms in contract.terms:
        rule = terms.spec.rules.get(name)
        limit = Limit(most=rule.most, rules=(name,)) if rule is not None and rule.most is not None else None
        held.append((terms.first, (path, limit) if limit is not None else None))
    return held


def own_limit(
    contract: Contract,
    name: str,
    line: Line,
    setting: Setting,
    cuts: dict[tuple[str, str], list[tuple[Array, Array]]],
) -> Line:
    """Cut a rule at its own limit in all."""
    held = _own(contract, name)
    if all(placed is None for _, placed in held):
        return line
    own: dict[tuple[str, str], list[tuple[Array, Array]]] = {}
    (stream,) = limited(contract, f"{name}: most", held, [Stream(name, "", line, line.amount)], setting, own, {})
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
    if all(column.size == 1 for column in columns):
        return np.array([int(column[0]) for column in columns], dtype=setting.dtype).reshape(1, -1, 1)
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
        if any(_asked(streams, at) for at in touched_by(limit, place, len(contract.periods))):
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
    taken_over: dict[str, list[Array]],
) -> list[Stream]:
    """Cut the streams that a limit covers, and let another payer take over what it cuts if the limit says so.

    What another payer takes over is kept in ``taken_over``, by limit; what else it cuts in ``cuts``: what was due and
    what is paid.
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
        covers = _at_rows(np.ones((1, 1, 1), dtype=bool), rows if len(paid) > 1 else [0], len(paid))
        line = _limit_line(contract, name, limit, stream, paid, reached, most, room, covers)
        streams[place] = stream._replace(line=line)
        if limit.then is not None:
            taken_over.setdefault(name, []).append(stream.paid - paid)
            _take_over(contract, name, limit, stream, stream.paid - paid, streams)
        else:
            cuts.setdefault((stream.rule, name), []).append((stream.paid, paid))
    return streams


def _at_rows(array: Array, rows: list[int], count: int) -> Array:
    wide = np.zeros((count, *array.shape[1:]), dtype=array.dtype)
    wide[rows] = array
    return wide


def _limit_line(
    contract: Contract,
    name: str,
    limit: Limit,
    stream: Stream,
    paid: Array,
    reached: Array,
    most: Array,
    room: Array,
    covers: Flags,
) -> Line:
    show = contract.money.show

    def scope(_: int) -> str:
        words = limit_said(limit, {key: party.name for key, party in contract.spec.parties.items()})
        return f" ({words})" if words else ""

    facts = {
        "due": Fact(stream.paid, show),
        "paid": Fact(paid, show),
        "beyond": Fact(stream.paid, show, paid),
        "reached": Fact(reached, show),
        "most": Fact(most, lambda minor: "no amount yet" if minor >= NO_LIMIT else show(minor)),
        "spare": Fact(room, show, most),
        "covers": Fact(covers, str),
        "limit": said(name),
        "scope": Fact(0, scope),
        "then": said(f"; {contract.spec.parties[limit.then].name} takes it over" if limit.then else ""),
    }

    def why(figures: Mapping[str, int]) -> str:
        if not figures["covers"]:
            return "{due}: the limit {limit}{scope} does not cover it"
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
