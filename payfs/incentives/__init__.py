"""What a contract rewards: the payment curve of every rule, and where it has cliffs, flats and falls.

The curve is worked out by the engine that pays, :func:`payfs.statement.statement`, with the levels of performance on
the axis of paths, so that it cannot differ from what is paid. What is decided here is which results are put in.

**What is varied.** The metric that the rule is paid on. If it is worked out, each reported metric behind it in turn;
those of which neither more nor less is better (a control group, a baseline) are no performance and are held. A rule
without a metric is varied by what its gate asks for. Counts that come from claims are varied as if they were reported;
what conditions and limits for one person do to single claims is not seen.

**What is held.** All other rules are taken out, so that what they pay on the same result, or do not know, is of no
matter; rules that this one looks at stay. Other metrics that the price needs stand at the levels of the first worked
example that gives them, else at plain ones (half of the way, 100 units). What only a gate asks for is not reported, and
if then nothing is paid, held where most is paid: gates are open, unless the varied metric opens them by itself, which
is then seen. What is held back is released where a level of another metric releases it.

**For whom and when.** One result of one cohort: the first that the rule names, in the last period in which it is
measured; where terms are unknown there, the first period, then the next cohort. What counts is all that is paid for it
over the whole term. Only if nothing is paid so, the result before it is held, too (for a metric that is a change), and
at last the same result is given for every cohort and period.

**Limits** are in, as far as this rule reaches them by itself: beyond them the curve is flat, which is said once, as
where it stops paying more. Limits that are unknown are left out and named.

**Which levels.** From the least to the most of the metric. Without a most: up to one and a half times the last
threshold, what worked examples measured, and a little beyond where limits are reached, whichever is highest. Every
step, if there are fewer than 20,000; else some 2,000 with every threshold and its neighbours, and every stretch that is
worth more than a fiftieth of the most looked at more finely, down to single steps.

**What stands out.** A cliff is one step that is worth more than a tenth of the most that the rule pays in that range,
and half as much again as the steps beside it: where few steps make up the range, each may be worth a tenth without
being one. A flat is a stretch of two steps or more, and of a two-hundredth of the range, that earns nothing; that
nothing is paid where there is nothing to pay for (no days avoided, or fewer than none) is no flat.

**Limits by themselves.** A limit of 0 is told whatever the results, and so is one in all that is written before a
yearly one, since it is used up by what that one cuts: :mod:`payfs.incentives.bounds`.
"""

from payfs.contract import Contract
from payfs.incentives.bounds import bounds
from payfs.incentives.cliffs import Incentive, Look, look, looks, percent, read
from payfs.incentives.curves import NoCurve, PaymentCurve, curve_of, curves_of, paid_at
from payfs.incentives.tiers import Stretch, tiers_of


def incentives(contract: Contract) -> tuple[Incentive, ...]:
    """Return everything that stands out in what the rules of a contract reward, rule by rule, and in its limits."""
    return (*(found for look in looks(contract) for found in look.found), *bounds(contract))


__all__ = [
    "Incentive",
    "Look",
    "NoCurve",
    "PaymentCurve",
    "Stretch",
    "bounds",
    "curve_of",
    "curves_of",
    "incentives",
    "look",
    "looks",
    "paid_at",
    "percent",
    "read",
    "tiers_of",
]
