"""The part of a contract that is quantity times price, as a sum that can be worked with, and what of it is not.

What a spreadsheet is to work out live has to be what the contract pays. So nothing is taken on trust: a rule is only
part of it if the engine, :func:`payfs.statement.statement`, pays the same for many made-up quantities, with results
missing and with limits reached; a limit only if all rules together then come to the same in the engine. What fails is
left out and said in words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

import numpy as np

from payfs.contract import Contract
from payfs.evidence.measured import Measured, Series
from payfs.incentives.alone import alone, without_limits
from payfs.incentives.trial import REFUSALS
from payfs.limits import in_money, labels_of
from payfs.money import Array, TooLarge, times
from payfs.payments import Account
from payfs.report.live_rows import LiveRow, Priced, priced_rule
from payfs.report.phrases import the
from payfs.scale import Scale
from payfs.spec import UnknownTerm
from payfs.statement import Statement, statement
from payfs.terms.limit import Limit

MOST_ROWS = 3000
REACHES = (0, 1, 3, 40, 1_000, 60_000)  # of made-up quantities, one path each [steps]
OTHERWISE = "what it pays hangs on more than its quantities"
FAR = 10**13  # what such a path may come to in one cell [minor units]


class LiveCap(NamedTuple):
    """A limit: what its members come to, up to the most.

    Attributes:
        limit: name, or that of a rule whose own limit it is.
        whose: the cohort, period or year for which it holds by itself; empty for all.
        members: places of rows, and of earlier limits counted on from the rows.
        most: [minor units].
    """

    limit: str
    whose: str
    members: tuple[int, ...]
    most: int


@dataclass(frozen=True)
class Live:
    """What can be worked out live.

    Attributes:
        contract: the contract.
        rows: quantities at prices, rule by rule.
        caps: limits, in the order in which they apply.
        left_out: rules that are not among the rows, and why.
        without: limits that are not among the caps although they touch the rows, and why.
    """

    contract: Contract
    rows: tuple[LiveRow, ...]
    caps: tuple[LiveCap, ...]
    left_out: Mapping[str, str]
    without: Mapping[str, str]

    @cached_property
    def top(self) -> tuple[int, ...]:
        """The places of what no limit takes up: the total is their sum."""
        taken = {member for cap in self.caps for member in cap.members}
        return tuple(place for place in range(len(self.rows) + len(self.caps)) if place not in taken)

    def scale(self, row: LiveRow) -> Scale:
        """Return how a row's quantity is measured."""
        return self.contract.frame.scales[row.metric]

    def worked_out(self, quantities: Sequence[Array]) -> list[Array]:
        """Work out what every row and every limit comes to, (paths,) each [minor units].

        Args:
            quantities: of every row, (paths,) [steps]; 0 where there is no result.
        """
        rounding = self.contract.spec.rounding.rounding(self.contract.money)
        values: list[Array] = []
        before: dict[tuple[str, int | None], Array] = {}
        for row, quantity in zip(self.rows, quantities, strict=True):
            due = times(quantity.astype(object).reshape(1, 1, -1), row.price, rounding)[0, 0]
            if row.to_date:
                earlier = before.get((row.rule, row.cohort), due * 0)
                due = np.maximum(due - earlier, 0)
                before[row.rule, row.cohort] = earlier + due
            values.append(due)
        for cap in self.caps:
            values.append(np.minimum(sum(values[member] for member in cap.members), cap.most))
        return values

    def total(self, values: Sequence[Array]) -> Array:
        """Return what all of it comes to, (paths,) [minor units]."""
        nothing: Array = np.zeros(1, dtype=object)
        return sum((values[place] for place in self.top), start=nothing)

    def quantities(self, measured: Measured) -> list[Array]:
        """Return what was measured for every row, (paths,) [steps]; 0 where there is no result."""
        found = []
        for row in self.rows:
            series = measured.series[row.metric]
            at = row.cohort or 0
            found.append(series.values[at, row.period] * int(series.present[at, row.period]))
        return found


def live(contract: Contract, account: Account | None = None) -> Live:
    """Find what of a contract can be worked out live.

    Args:
        contract: the contract.
        account: payments that it has to come to, too.
    """
    left_out: dict[str, str] = {}
    rows: list[LiveRow] = []
    own: list[tuple[str, int, int, int]] = []
    found = {name: priced_rule(contract, name) for name in contract.spec.rules}
    same = _agreeing(contract, {name: priced for name, priced in found.items() if isinstance(priced, Priced)})
    for name, priced in found.items():
        why = priced if isinstance(priced, str) else None if name in same else OTHERWISE
        mine, most = priced if isinstance(priced, Priced) else ([], None)
        if why is None and account is not None and not _pays(contract, name, mine, most, account):
            why = "what it paid on these results hangs on more than its quantities"
        if why is None and len(rows) + len(mine) > MOST_ROWS:
            why = f"there are more than {MOST_ROWS:,} quantities"
        if why is not None:
            left_out[name] = why
            continue
        if most is not None:
            own.append((name, len(rows), len(rows) + len(mine), most))
        rows += mine
    caps = tuple(LiveCap(name, "", tuple(range(first, stop)), most) for name, first, stop, most in own)
    plain = Live(contract, tuple(rows), caps, left_out, {})
    if not rows:
        return plain
    made = _limited(plain)
    if not _holds(made) or (account is not None and not made.without and not _comes_to(made, account)):
        why = "it does not go by these quantities alone"
        touching = {name: why for name in contract.spec.limits if name in {cap.limit for cap in made.caps[len(caps) :]}}
        made = replace(plain, without={**made.without, **touching})
    return made


def _agreeing(contract: Contract, found: Mapping[str, Priced]) -> set[str]:
    """Return the rules that the engine pays like their rows on made-up results; each by itself, if not together."""
    if not found:
        return set()
    # what the contract's limits on money cut is looked at later
    limits = {key for key, limit in contract.spec.limits.items() if in_money(limit)}
    part = without_limits(alone(contract, *found), limits)
    same = set(found)
    try:
        for measured in _made_up(contract, [row for priced in found.values() for row in priced.rows]):
            made = statement(part, measured)
            same -= {name for name in same if not _agrees(part, name, found[name], measured, made)}
    except REFUSALS:
        each = [_agreeing(contract, {name: priced}) for name, priced in found.items()] if len(found) > 1 else []
        return set[str]().union(*each)
    return same


def _made_up(contract: Contract, rows: Sequence[LiveRow]) -> Iterator[Measured]:
    """Yield results for rows, a path for each reach of quantities: all reported, and every second of them."""
    for skipped in (False, True):
        measured = contract.frame.empty()
        series: dict[str, Series] = dict(measured.series)
        for metric in dict.fromkeys(row.metric for row in rows):
            blank = series[metric]
            shape = (*blank.present.shape, len(REACHES))
            values, present = np.zeros(shape, dtype=np.int64), np.zeros(shape[:2], dtype=bool)
            least, most = blank.scale.least or 0, blank.scale.most
            for number, row in enumerate(row for row in rows if row.metric == metric):
                if skipped and number % 2:
                    continue
                at = (row.cohort or 0, row.period)
                present[at] = True
                for path, reach in enumerate(REACHES):
                    size = min(reach, FAR // max(int(row.price), 1))
                    value = max(least, 0) + (size * (7 + number * 5) // 11 if size else 0)
                    values[(*at, path)] = value if most is None else min(value, most)
            series[metric] = replace(blank, values=values, present=present)
        yield Measured(series, measured.cohorts, measured.periods, measured.starts, len(REACHES))


def _agrees(contract: Contract, name: str, priced: Priced, measured: Measured, made: Statement) -> bool:
    """Whether a rule's rows come to what is due in a statement, period by period, or in all up to its own limit."""
    part = Live(contract, tuple(priced.rows), (), {}, {})
    values = part.worked_out(part.quantities(measured))
    dues = [stream.due for stream in made.streams if stream.rule == name]
    paths = measured.paths
    if priced.most is not None:
        due = sum(np.broadcast_to(one.sum(axis=(0, 1)), paths) for one in dues)
        return bool((np.minimum(part.total(values), priced.most) == due).all())
    for period in range(len(contract.periods)):
        here = [value for row, value in zip(part.rows, values, strict=True) if row.period == period]
        due = sum(np.broadcast_to(one[:, period].sum(axis=0), paths) for one in dues)
        if not np.all(sum(here, start=np.zeros(paths, dtype=object)) == due):
            return False
    return True


def _pays(contract: Contract, name: str, rows: list[LiveRow], most: int | None, account: Account) -> bool:
    """Whether rows come to what was due under a rule in real payments; corrections only move it to other periods."""
    part = Live(contract, tuple(rows), (), {}, {})
    try:
        in_all = int(part.total(part.worked_out(part.quantities(account.statement.measured)))[0])
    except (TooLarge, KeyError):
        return False
    due = sum(int(stream.due.sum()) for stream in account.statement.streams if stream.rule == name)
    return (in_all if most is None else min(in_all, most)) == due


def _limited(plain: Live) -> Live:
    """Add the contract's limits, as far as each takes whole parts of what was there before it."""
    contract = plain.contract
    caps, without = list(plain.caps), dict[str, str]()
    covers = [frozenset([place]) for place in range(len(plain.rows))]
    covers += [frozenset(cap.members) for cap in caps]
    tops = set(plain.top)
    spoilt: set[int] = set()
    for name, limit in contract.spec.limits.items():
        rules = set(limit.rules or contract.spec.rules)
        touched = {
            place for place, row in enumerate(plain.rows) if row.rule in rules and _in_cohorts(plain, row, limit)
        }
        if not touched:
            continue
        why, keys = _buckets(plain, name, limit, touched, rules)
        if why is None and touched & spoilt:
            why = "it comes after a limit that is left out"
        members: dict[str, list[int]] = {}
        for node in sorted(tops) if why is None else ():
            inside = {keys[place] for place in covers[node] & touched}
            if len(inside) > 1 or (inside and not covers[node] <= touched):
                why = "it cuts through what another limit takes together"
                break
            if inside:
                members.setdefault(inside.pop(), []).append(node)
        if why is not None:
            without[name] = why
            spoilt |= touched
            continue
        assert limit.most is not None
        assert isinstance(limit.most.flat, Fraction)
        most = int(limit.most.flat * contract.money.minor)
        for whose, nodes in members.items():
            tops -= set(nodes)
            tops.add(len(plain.rows) + len(caps))
            covers.append(frozenset[int]().union(*(covers[node] for node in nodes)))
            caps.append(LiveCap(name, whose, tuple(nodes), most))
    return replace(plain, caps=tuple(caps), without=without)


def _in_cohorts(plain: Live, row: LiveRow, limit: Limit) -> bool:
    return not limit.cohorts or (row.cohort is not None and plain.contract.cohorts[row.cohort] in limit.cohorts)


def _buckets(
    plain: Live, name: str, limit: Limit, touched: set[int], rules: set[str]
) -> tuple[str | None, dict[int, str]]:
    """Return why a limit cannot be worked out live, or of every row that it touches for what it holds by itself."""
    contract = plain.contract
    missing = sorted(rules & set(plain.left_out))
    if len(contract.terms) > 1:
        return "the contract was amended", {}
    if missing:
        return f"it also limits {the('rule', missing)}", {}
    if not in_money(limit):
        return "it limits numbers, or is one for each person", {}
    if limit.most is None or not isinstance(limit.most.flat, Fraction):
        return "it is not one known amount", {}
    if limit.beyond != "lost" or limit.unused != "lost":
        return "what it leaves or cuts is carried forward", {}
    payers = {party for party, spec in contract.spec.parties.items() if spec.pays}
    if limit.then is not None or (limit.payer is not None and len(payers) > 1):
        return "it limits one of several payers", {}
    try:
        labels = labels_of(contract, limit.in_time, limit.payer)
    except UnknownTerm:
        return "the days of payment that it goes by are unknown", {}
    keys = {}
    for place in touched:
        row = plain.rows[place]
        cohort = contract.cohorts[row.cohort] if row.cohort is not None else "all"
        parts = [cohort] if "cohort" in limit.per else []
        parts += [row.rule] if "rule" in limit.per else []
        parts += [labels[row.period]] if limit.in_time else []
        keys[place] = ", ".join(parts)
    return None, keys


def _holds(made: Live) -> bool:
    """Whether these rules pay what the rows come to up to these limits, on made-up results."""
    rules = tuple(dict.fromkeys(row.rule for row in made.rows))
    contract = without_limits(alone(made.contract, *rules), set(made.without))
    try:
        return all(
            bool((_paid(statement(contract, measured), rules, measured.paths) == wanted).all())
            for measured in _made_up(made.contract, made.rows)
            for wanted in [made.total(made.worked_out(made.quantities(measured)))]
        )
    except REFUSALS:
        return False


def _comes_to(made: Live, account: Account) -> bool:
    """Whether real payments come to what the rows come to."""
    rules = {row.rule for row in made.rows}
    values = made.worked_out(made.quantities(account.statement.measured))
    return int(made.total(values)[0]) == sum(p.amount for p in account.payments if p.rule in rules)


def _paid(made: Statement, rules: Collection[str], paths: int) -> Array:
    streams = [np.broadcast_to(one.paid.sum(axis=(0, 1)), paths) for one in made.streams if one.rule in rules]
    result: Array = sum(streams, start=np.zeros(paths, dtype=object))
    return result
