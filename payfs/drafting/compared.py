"""Two versions of a contract in money: both are paid on the same results, and what cannot be compared is said so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np

from payfs.claims.rows import example_claims
from payfs.claims.table import EPOCH
from payfs.contract import Contract
from payfs.drafting.levels import REASONS, telling_levels
from payfs.evidence.entries import correction_entries, tree_entries
from payfs.evidence.results import check_entries
from payfs.incentives.curves import NoCurve, PaymentCurve, curves_of
from payfs.incentives.trial import Seen, Trial, see
from payfs.money import Array
from payfs.payments import Account, pay
from payfs.spec import spoken
from payfs.text import Finding, Path, Refused

MOST_LEVELS = 6  # of one curve
LABELS = ("the first version", "the second version")


class Compared(NamedTuple):
    """What two versions pay on the same results.

    Attributes:
        kind: on what: the results of a worked ``example``, or a level of what a ``rule`` is paid on.
        name: of the example or rule.
        result: the level in words; empty for an example, whose results it gives.
        old: what the first version pays [minor units]; None where that cannot be said.
        new: what the second pays.
        why_not: what stands in the way where one of them is not known.
    """

    kind: Literal["example", "rule"]
    name: str
    result: str
    old: int | None
    new: int | None
    why_not: str = ""

    @property
    def difference(self) -> int | None:
        """How much more the second version pays [minor units]."""
        return None if self.old is None or self.new is None else self.new - self.old


def compare_money(old: Contract, new: Contract) -> tuple[Compared, ...]:
    """Pay both versions on the results of all worked examples, and on levels at which a rule's price turns.

    Raises:
        Refused: they are in different currencies.
    """
    if old.money.code != new.money.code:
        what = f"one version is in {old.money.code}, the other in {new.money.code}"
        raise Refused([Finding(what, "compare versions in the same currency")])
    return (*_by_example(old, new), *_by_rule(old, new))


def _by_example(old: Contract, new: Contract) -> Iterator[Compared]:
    """Compare on the results of the new version's worked examples, then on those of the old one that are gone."""
    told: set[str] = set()
    for source in (new, old):
        for place, example in enumerate(source.terms[0].spec.examples):
            if example.name in told:
                continue
            told.add(example.name)
            paid = [_paid(contract, source, place) for contract in (old, new)]
            amounts = [one if isinstance(one, int) else None for one in paid]
            reasons = [f"{label}: {one}" for label, one in zip(LABELS, paid, strict=True) if isinstance(one, str)]
            yield Compared("example", example.name, "", amounts[0], amounts[1], "; ".join(reasons))


def _paid(contract: Contract, source: Contract, place: int) -> int | str:
    """Pay a contract on the results of an example that stands in one of them; in words why that cannot be done."""
    try:
        return paid_on_example(contract, source, place).total
    except Refused as refused:
        return "; ".join(dict.fromkeys(finding.what for finding in refused.findings))


def paid_on_example(contract: Contract, source: Contract, place: int) -> Account:
    """Pay a contract on what a worked example gives.

    Args:
        contract: what is paid under.
        source: the contract in which the example stands; the same, or another version.
        place: of the example, counted from 0.

    Raises:
        Refused: the results do not fit the contract, or it cannot be worked out on them.
    """
    at: Path = ("examples", place)
    example = source.terms[0].spec.examples[place]
    if example.assuming is not None:
        contract = contract.assuming(example.assuming, (*at, "assuming"))
    entries = tree_entries(source.document, (*at, "results"))
    if example.corrections is not None:
        entries += correction_entries(source.document, (*at, "corrections"))
    results = check_entries(entries, contract.frame, example.period or "", example.cohort or "")
    claims = None
    if example.claims is not None:
        claims = example_claims(source.document, (*at, "claims"), contract.frame)
    as_of = None if example.as_of is None else (example.as_of.date - EPOCH).days
    return pay(contract, results, claims, as_of)


def _by_rule(old: Contract, new: Contract) -> Iterator[Compared]:
    """Compare rule by rule; one that only one of them has pays nothing in the other."""
    for name in dict.fromkeys([*new.spec.rules, *old.spec.rules]):
        before, after = _curves(old, name), _curves(new, name)
        if isinstance(before, str) or isinstance(after, str):
            reasons = dict.fromkeys(one for one in (before, after) if isinstance(one, str))
            yield Compared("rule", name, "", None, None, "; ".join(reasons))
            continue
        for metric in dict.fromkeys([*after, *before]):
            one, two = before.get(metric), after.get(metric)
            if (one is None and before) or (two is None and after):
                which = "the first version is" if one is None else "the second version is"
                why = f"{which} not paid on it"
                yield Compared("rule", name, spoken(metric), None, None, why)
            else:
                yield from _by_level(name, metric, one, two)


def _curves(contract: Contract, name: str) -> dict[str, PaymentCurve] | str:
    """Return the curves of a rule by metric, none where the contract lacks it; in words why it has no curve."""
    if name not in contract.spec.rules:
        return {}
    try:
        return {curve.metric: curve for curve in curves_of(contract, name)}
    except NoCurve as error:
        return error.what


def _by_level(rule: str, metric: str, old: PaymentCurve | None, new: PaymentCurve | None) -> Iterator[Compared]:
    """Compare at the levels at which either price turns; a rule that is not there pays nothing."""
    leading = new or old
    assert leading is not None  # the metric is that of one of them
    scale = leading.scale
    if old is not None and new is not None and (old.scale.unit, old.scale.step) != (scale.unit, scale.step):
        why = "the two versions measure it in different units or steps"
        yield Compared("rule", rule, spoken(metric), None, None, why)
        return
    levels = sorted({level for curve in (old, new) if curve for level in telling_levels(curve, MOST_LEVELS)})
    wanted: Array = np.array(levels, dtype=np.int64)
    seen = [see(_alike(curve, leading), wanted) if curve else None for curve in (old, new)]
    for place, level in enumerate(levels):
        before, after = (_amount(one, place) for one in seen)
        reasons = [
            f"{label}: {one}" for label, one in zip(LABELS, (before, after), strict=True) if isinstance(one, str)
        ]
        amounts = [None if isinstance(one, str) else one for one in (before, after)]
        at = f"{spoken(metric)} at {scale.show(level)}"
        yield Compared("rule", rule, at, amounts[0], amounts[1], "; ".join(reasons))


def _amount(seen: Seen | None, place: int) -> int | str:
    """Return what is paid at one of some levels, nothing without the rule; in words why it is not known."""
    if seen is None:
        return 0
    if seen.known[place]:
        return int(seen.amounts[place])
    return REASONS[seen.gaps[0].kind] if seen.gaps else "it is not known"


def _alike(curve: PaymentCurve, leading: PaymentCurve) -> Trial:
    """Return how a curve is tried on the same results as another: cohort, period, and what is held of other metrics."""
    mine, other = curve.trial, leading.trial
    if mine is other:
        return mine
    contract = mine.contract
    period = contract.frame.places.get(leading.period)
    cohort = contract.frame.rows.get(other.contract.cohorts[other.cohort])
    if period is None or cohort is None or period not in contract.frame.measured_in(curve.metric):
        return mine
    held = dict(mine.held)
    for name in held.keys() & other.held.keys():
        one, two = contract.frame.scales[name], other.contract.frame.scales[name]
        if (one.unit, one.step) == (two.unit, two.step):
            held[name] = other.held[name]
    return replace(mine, period=period, cohort=cohort, manner=other.manner, held=held)
