"""What a rule pays at one level of performance, worked out exactly, with the reason; and which levels are telling."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from payfs.claims.measure import Evidence
from payfs.evidence.results import value_of
from payfs.incentives.curves import PaymentCurve, paid_at
from payfs.incentives.trial import see
from payfs.payments import account_on
from payfs.scale import OffScale
from payfs.statement import statement
from payfs.text import Finding, Refused, dotted

REASONS = {
    "unknown": "it needs a term that is unknown",
    "divided": "it would divide by nothing",
    "missing": "it needs a result that is not given",
    "claims": "it is decided claim by claim, which a level of performance does not say",
    "large": "it is too large to be worked out exactly",
}


class PaidAt(NamedTuple):
    """What a rule pays at one level.

    Attributes:
        level: the level in words.
        steps: the level [steps of the metric].
        amount: in all [minor units]; None where it is not known.
        why: the explanation of each payment, or what stands in the way.
    """

    level: str
    steps: int
    amount: int | None
    why: tuple[str, ...]


def level_of(curve: PaymentCurve, text: str) -> int:
    """Read a level as it is typed: ``38%``, ``41,070`` or ``yes`` [steps].

    Raises:
        Refused: it is no level of the metric.
    """
    plain = " ".join(text.split()).replace(",", "")
    if (money := curve.scale.money) is not None:
        for sign in (money.code, money.show(0).partition("0")[0]):
            plain = plain.removeprefix(sign).strip()
    for unit in (curve.scale.plural, curve.scale.unit):
        plain = plain.removesuffix(f" {unit}")
    if curve.scale.percent and plain and not plain.endswith("%"):
        plain += "%"  # there is nothing else that it could be
    try:
        return value_of(plain, curve.scale)
    except OffScale as error:
        raise Refused([Finding(error.what, error.remedy)]) from None


def payment_at(curve: PaymentCurve, steps: int) -> PaidAt:
    """Work out what the rule pays at one level of the metric that is varied, and why, all else as the curve holds it.

    Args:
        curve: the payment curve.
        steps: the level, whether the curve was looked at there or not [steps of the metric].
    """
    said, trial = curve.scale.show(steps), curve.trial
    amount, levels = paid_at(curve, steps), np.array([steps], dtype=np.int64)
    if amount is None:
        gap = see(trial, levels).gaps[0]
        where = f": {dotted(gap.path)}" if gap.path else ""
        return PaidAt(said, steps, None, (f"{REASONS[gap.kind]}{where}",))
    account = account_on(
        trial.contract, statement(trial.contract, trial.measured(levels)), Evidence(trial.contract, ())
    )
    mine = [payment for payment in account.payments if payment.rule == curve.rule]
    if trial.pooled_sum:
        mine = [payment for payment in mine if payment.cohort in (None, trial.contract.cohorts[trial.cohort])]
    return PaidAt(said, steps, amount, tuple(dict.fromkeys(payment.why for payment in mine)))


def even_levels(curve: PaymentCurve, most: int = 200) -> tuple[int, ...]:
    """Return levels for a slider: spread evenly over the curve, with those at which the price turns [steps]."""
    first, last = int(curve.levels[0]), int(curve.levels[-1])
    parts = max(min(last - first, most), 1)
    even = {first + (last - first) * part // parts for part in range(parts + 1)}
    return tuple(sorted(even | set(telling_levels(curve))))


def telling_levels(curve: PaymentCurve, most: int = 8) -> tuple[int, ...]:
    """Return the ends of a curve and the levels at which it turns or jumps the most [steps].

    Between two levels beside each other that are straight lines the rest follows.
    """
    levels, amounts = curve.levels, curve.amounts
    if len(levels) <= most:
        return tuple(levels.tolist())
    slope = np.diff(amounts).astype(np.float64) / np.diff(levels)  # only to rank the turns
    turn = np.abs(np.diff(slope))
    turn[turn <= 2 / np.minimum(np.diff(levels)[1:], np.diff(levels)[:-1])] = 0  # what rounding does
    order = np.argsort(-turn, kind="stable")[: most - 2]
    inner = {int(levels[place + 1]) for place in order.tolist() if turn[place] > 0}
    return tuple(sorted({int(levels[0]), int(levels[-1])} | inner))
