"""Limits that are valid and yet do what nobody expects: one that lets nothing through, and one in the wrong order.

Limits are applied in the order written, and what one lets through counts towards its total even where a later one cuts
it. A limit in all that stands before a yearly one is therefore used up by money that is never paid.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from payfs.contract import Contract
from payfs.contract.written import ContractSpec
from payfs.incentives.cliffs import Incentive
from payfs.spec import Figure, spoken
from payfs.terms.limit import Limit
from payfs.text import Path

LONG = {None: 2, "fiscal year": 1, "year": 1, "period": 0}
TIMES = {None: "in all", "fiscal year": "for each fiscal year", "year": "for each year", "period": "for each period"}


class _Bound(NamedTuple):
    """A limit and where it stands; a rule's own comes before all others."""

    path: Path
    limit: Limit
    own: str = ""


def bounds(contract: Contract) -> tuple[Incentive, ...]:
    """Warn of the limits of a contract as it stands."""
    spec = contract.spec
    found = list(_bounds(spec))
    return (*_nothing(spec, found), *_used_up(spec, found))


def _bounds(spec: ContractSpec) -> Iterator[_Bound]:
    """Yield the limits on money or on units in the order in which they are applied."""
    for name, rule in spec.rules.items():
        if rule.most is not None:
            yield _Bound(("rules", name, "most"), Limit(most=rule.most, rules=(name,)), name)
        if rule.most_units is not None:
            yield _Bound(("rules", name, "most_units"), Limit(most_units=rule.most_units, rules=(name,)), name)
    for name, limit in spec.limits.items():
        yield _Bound(("limits", name), limit)


def _nothing(spec: ContractSpec, found: list[_Bound]) -> Iterator[Incentive]:
    """Warn of limits of 0."""
    for bound in found:
        if bound.limit.then is None and _is_zero(bound.limit):
            clause = spec.rules[bound.own].clause if bound.own else bound.limit.clause
            covered = "the rule never pays" if bound.own else "nothing that it covers is ever paid"
            what = f"the limit is 0, so {covered}; write the amount, or take the limit out if there is none"
            yield Incentive(bound.own, "", "limit of 0", what, clause=clause or "", path=bound.path)


def _is_zero(limit: Limit) -> bool:
    if limit.most_units is not None:
        return isinstance(limit.most_units, Figure) and limit.most_units.value == 0
    if limit.most is None or limit.most.none:
        return False
    figures = [limit.most.flat] if limit.most.flat is not None else []
    figures += [*(limit.most.by_year or {}).values(), *(limit.most.by_period or {}).values()]
    return bool(figures) and all(figure == 0 for figure in figures)


def _used_up(spec: ContractSpec, found: list[_Bound]) -> Iterator[Incentive]:
    """Warn of limits that count what a later one cuts, since that one begins anew more often."""
    for first, later in combinations(found, 2):
        if "person" in (*first.limit.per, *later.limit.per) or not _meet(first.limit, later.limit):
            continue
        if LONG[first.limit.in_time] <= LONG[later.limit.in_time] or later.limit.beyond != "lost":
            continue
        if later.limit.then is not None and first.limit.payer is None:
            continue  # what is cut is paid all the same, by another payer
        other = spoken(str(later.path[1]))
        whole, part = TIMES[first.limit.in_time], TIMES[later.limit.in_time]
        where = "applied" if first.own else "written"
        what = f"this limit {whole} is {where} before {other}, which is {part}, so it is used up by what that one cuts"
        remedy = f"write {other} first"
        if first.own:
            remedy = f"write it under limits, below {other}, with rules: [{first.own}]"
        clause = spec.rules[first.own].clause if first.own else first.limit.clause
        yield Incentive(first.own, "", "used up", f"{what}; {remedy}", clause=clause or "", path=first.path)


def _meet(one: Limit, other: Limit) -> bool:
    """Whether two limits count the same thing, and may bear on the same payment."""
    if (one.most_units is None) != (other.most_units is None) or any(
        limit.most is not None and limit.most.none for limit in (one, other)
    ):
        return False
    rules = one.rules is None or other.rules is None or bool({*one.rules} & {*other.rules})
    cohorts = one.cohorts is None or other.cohorts is None or bool({*one.cohorts} & {*other.cohorts})
    return rules and cohorts and (one.payer is None or other.payer is None or one.payer == other.payer)
