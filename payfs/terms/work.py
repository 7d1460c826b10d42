"""Work a rule out: from what was measured to what is due for every cohort, period and path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from payfs.evidence.counting import OutOf
from payfs.evidence.measured import ByClaim, Flags, Series, hold
from payfs.line import Fact, Line, said
from payfs.money import (
    Array,
    Rounding,
    at_least_nothing,
    carried,
    over,
    since_before,
    split,
    sum_over,
    times,
    to_date,
)
from payfs.scale import Scale
from payfs.spec import Figure, Unknown, UnknownTerm, written_share
from payfs.terms.gate import ALWAYS, Stretch
from payfs.terms.limit import NO_LIMIT, Cut, Due, Limit, cut, touched_by
from payfs.terms.rule import Rule, unknown_base
from payfs.terms.setting import Setting
from payfs.terms.sums import fitting, without_units


class NeedsClaims(Exception):
    """A rule whose price only a claim decides was given counts."""


class UnitLimit(NamedTuple):
    """A limit on a rule's units.

    Attributes:
        name: the limit's.
        path: its place in the contract.
        limit: its terms.
        most: how many units in each period, as an amendment may have changed it; None where it did not hold.
        stretches: the runs of periods in which it counts anew.
    """

    name: str
    path: tuple[str | int, ...]
    limit: Limit
    most: Sequence[Figure | Unknown | None]
    stretches: Sequence[slice]


class Worked(NamedTuple):
    """What a rule came to.

    Attributes:
        line: the amounts due, before limits in money, holdback and payers.
        cut_units: by limit, the units beyond it, (cohorts or 1, periods, paths) [steps].
        held: what a gate still holds after each period, of the same shape as the amounts due.
    """

    line: Line
    cut_units: Mapping[str, Array]
    held: Array | None = None


def work(
    name: str, rule: Rule, setting: Setting, limits: Sequence[UnitLimit] = (), stretch: Stretch = ALWAYS
) -> Worked:
    """Work a rule out.

    Args:
        name: the rule's.
        rule: as written.
        setting: the contract, what was measured, and the rules before this one.
        limits: on its units.
        stretch: the periods in which these terms hold.

    Raises:
        UnknownTerm: something that matters is unknown, with its place in the rule.
        TooLarge: an amount is beyond what can be paid exactly.
    """
    verdict = rule.gate.verdict(setting) if rule.gate else None
    matters: Flags = rule.gate.matters(verdict) if rule.gate and verdict else np.ones((1, 1, 1), dtype=bool)
    cut_units: dict[str, Array] = {}
    if rule.priced_by in ("pays", "instalments", "part_of", "tops_up"):
        line = without_units(name, rule, setting, matters & stretch.flags(len(setting.periods)))
    else:
        line = _with_units(name, rule, setting, matters, stretch, limits, cut_units)
    show = setting.money.show
    if not rule.two_way and (floor := at_least_nothing(line.amount)) is not line.amount:
        line = Line("floor", floor, "a payment is never less than nothing", {}, (line,), show=show)
    if rule.share is not None and rule.priced_by != "part_of":
        amount = times(line.amount, rule.share, setting.rounding)
        facts = {"due": Fact(line.amount, show), "paid": Fact(amount, show), "share": said(written_share(rule.share))}
        line = Line("share", amount, "{share} of {due} is paid: {paid}", facts, (line,), show=show)
    held = None
    if rule.gate and verdict:
        line, held = rule.gate.let_through(line, verdict, setting, stretch)
    if stretch.held is not None and held is None:
        line = _released(line, stretch, setting)
    if rule.returned:
        line = Line(
            "returned", -line.amount, "{due} to be paid back", {"due": Fact(line.amount, show)}, (line,), show=show
        )
    return Worked(replace(line, name=name, clause=rule.clause or ""), cut_units, held)


def _released(line: Line, stretch: Stretch, setting: Setting) -> Line:
    """Pay what a gate still held when an amendment took it away."""
    released = stretch.released(len(setting.periods))
    amount, show = line.amount + released, setting.money.show
    facts = {"due": Fact(line.amount, show), "released": Fact(released, show), "paid": Fact(amount, show)}
    why = "{due} due, and {released} that was held at a gate which no longer stands: {paid}"
    return Line("released", amount, why, facts, (line,), show=show)


def counted(rule: Rule, name: str, setting: Setting, shut: Flags | None = None) -> tuple[Series, bool]:
    """Return what the price words see, and whether it is a total to date.

    ``shut`` says where a gate lets nothing through.
    """
    series = setting.measured.series[rule.metric or name]
    if rule.pooled:
        series = series.pooled()
    series = series.only(fitting(setting.where(rule.cohorts, rule.periods), series.present.shape[0]))
    if rule.stages is not None and shut is not None and shut.any():
        # a stage ends when so much has been paid, so what is not paid for must not bring its end nearer
        series = series.each_period()
        series = replace(series, values=np.where(shut, 0, series.values).astype(series.values.dtype))
    if rule.counts == "to date" or rule.stages is not None or (rule.counts is None and series.running):
        return series.to_date(), True
    return series, False


def _with_units(
    name: str,
    rule: Rule,
    setting: Setting,
    matters: Flags,
    stretch: Stretch,
    limits: Sequence[UnitLimit],
    cut_units: dict[str, Array],
) -> Line:
    """Price what was measured."""
    series, running = counted(rule, name, setting, ~matters if rule.gate else None)
    scale, show = series.scale, setting.money.show
    x, parts = series.values, []
    if rule.baseline is not None:
        measured = setting.measured.series[rule.metric or name]
        series, line = _beyond_baseline(rule, series, measured, running, setting, matters)
        x = series.values
        parts.append(line)
    for limit in limits:
        x, line = _unit_limit(limit, name, x, matters, scale, running, stretch, setting, cut_units)
        parts.append(line)
    if rule.pays_for is not None:
        x, line = _out_of(rule.pays_for, x, running, scale)
        parts.append(line)
    if rule.complete and rule.per is not None:
        lot = scale.steps(rule.per)
        x = over(x, lot, Rounding("down")) * lot
    # of a total to date the one before these terms matters as well, because it is taken off
    matters = matters & stretch.flags(len(setting.periods), early=1 if running else 0)
    needed = series.present[:, :, None] & matters
    there = slice(None)
    if rule.pool is not None:
        line = _pool(rule, x, needed, parts, series, setting)
    elif (by_claim := setting.measured.by_claim.get(name)) is not None:
        line = _by_claim(by_claim, x, parts, series, setting)
    elif rule.price is not None:
        if rule.claim_by_claim and (x * needed).any():
            raise NeedsClaims(name)
        per = rule.per.value if rule.per else Fraction(1)
        priced = rule.price.pay(replace(series, values=x), needed, setting, per, rule.two_way)
        line = Line("price", priced.amount, priced.why, priced.facts, tuple(parts), show=show)
    else:
        # where nothing is measured nothing is worked out, unless a total to date is told there
        there = slice(None) if running or series.complete else _stretch_of(series.present)
        line = _on_curve(rule, x, scale, needed, parts, setting, there)
    amount = line.amount
    if not series.complete and not (there != slice(None) and series.present[:, there].all()):
        amount = amount * series.present[:, :, None]
    if running:
        # history is not edited: what is due now is what is due in all, less what was due before
        in_all = hold(amount, series.present) if rule.two_way else carried(np.maximum, at_least_nothing(amount))
        amount = since_before(in_all)
        facts = {"all": Fact(in_all, show), "before": Fact(in_all, show, amount), "now": Fact(amount, show)}
        why = "{all} due in all to date, less {before} due before, leaves {now}"
        return Line("to date", amount, why, facts, (line,), show=show)
    if amount is not line.amount:
        line = replace(line, amount=amount)
    return line


def _by_claim(by_claim: ByClaim, x: Array, parts: list[Line], series: Series, setting: Setting) -> Line:
    """Pay what each claim comes to at its own price, within what is paid for one person."""
    show = setting.money.show
    facts = {"x": Fact(x, series.scale.show), "paid": Fact(by_claim.due, show)}
    line = Line("price", by_claim.due, "{x}, claim by claim: {paid}", facts, tuple(parts), show=show)
    for limit, paid in by_claim.limits.items():
        facts = {
            "due": Fact(line.amount, show),
            "beyond": Fact(line.amount, show, paid),
            "paid": Fact(paid, show),
            "limit": said(limit),
        }

        def why(figures: Mapping[str, int]) -> str:
            if not figures["beyond"]:
                return "{due}: no person passes the limit '{limit}'"
            return "{due} due, {beyond} of it beyond what the limit '{limit}' lets through for one person: {paid}"

        line = Line(limit, paid, why, facts, (line,), show=show)
    return line


def _stretch_of(present: Flags) -> slice:
    """Return the stretch of periods from the first to the last result."""
    places = np.flatnonzero(present.any(axis=0))
    return slice(int(places[0]), int(places[-1]) + 1) if places.size else slice(0, 0)


def _on_curve(
    rule: Rule, x: Array, scale: Scale, needed: Flags, parts: list[Line], setting: Setting, there: slice
) -> Line:
    curve = rule.curve(scale, setting.money)
    assert curve is not None
    missing = unknown_base(rule)
    if missing and needed.any():
        raise UnknownTerm(missing)
    curve.refuse_unknown(x, needed)
    if there == slice(None):
        amount = curve.pay(x, setting.rounding)
    else:
        amount = np.zeros(x.shape, dtype=x.dtype)
        amount[:, there] = curve.pay(x[:, there], setting.rounding)
    facts = {"x": Fact(x, scale.show), "how": Fact(x, curve.said_at)}
    return Line(str(rule.priced_by), amount, "{x}: {how}", facts, tuple(parts), show=setting.money.show)


def _beyond_baseline(
    rule: Rule, series: Series, measured: Series, running: bool, setting: Setting, matters: Flags
) -> tuple[Series, Line]:
    """Count only what exceeds the baseline, or falls below it where lower is better.

    Args:
        rule: the rule.
        series: what would be counted without a baseline.
        measured: the rule's metric as it was reported.
        running: whether ``series`` is a total to date.
        setting: the contract.
        matters: where a gate lets something through; elsewhere an unknown baseline does no harm.
    """
    assert rule.baseline is not None
    scale, x, present = series.scale, series.values, series.present
    if rule.baseline.metric is not None:
        base = setting.measured.series[rule.baseline.metric]
        if rule.pooled:
            base, measured = base.pooled(), measured.pooled()
        if running and not base.running:
            # a total counts as long as each result in it has its baseline
            known = np.logical_and.accumulate(base.present | ~measured.present, axis=1)
            base = base.to_date()
        else:
            known = np.logical_or.accumulate(base.present, axis=1)
        present = present & known
        values = times(base.held(), base.scale.worth / scale.worth)
    else:
        grid = rule.baseline.grid(setting.measured, 1 / scale.worth, setting.runs)
        if (grid.unknown[:, :, None] & present[:, :, None] & matters).any():
            raise UnknownTerm(("baseline", *grid.path))
        values = (grid.tops // grid.bottom).astype(x.dtype)
    beyond = values - x if scale.lower_is_better else x - values
    result = (beyond if rule.two_way else np.maximum(beyond, 0)) * present[:, :, None]
    facts = {
        "x": Fact(x, scale.show),
        "base": Fact(values, scale.show),
        "beyond": Fact(result, scale.show),
        "known": Fact(present[:, :, None], str),
        "side": said("below" if scale.lower_is_better else "beyond"),
    }

    def why(figures: Mapping[str, int]) -> str:
        if not figures["known"]:
            return "{x} measured, but nothing counts until its baseline is known"
        return "{x} measured, {beyond} {side} the baseline of {base}"

    return replace(series, values=result, present=present), Line("baseline", result, why, facts, show=scale.show)


def _unit_limit(
    limit: UnitLimit,
    name: str,
    x: Array,
    matters: Flags,
    scale: Scale,
    running: bool,
    stretch: Stretch,
    setting: Setting,
    cut_units: dict[str, Array],
) -> tuple[Array, Line]:
    """Take units beyond a limit off the count and record them."""
    each = since_before(x) if running else x
    if not matters.all():
        each = each * matters  # what a gate does not pay for leaves the limit as it is
    cohorts = setting.measured.cohorts
    rows = [row for row in range(each.shape[0]) if limit.limit.cohorts is None or cohorts[row] in limit.limit.cohorts]
    most = []
    for place, figure in enumerate(limit.most):
        here = stretch.stop is None or place < stretch.stop
        if isinstance(figure, Unknown) and here:
            touched = touched_by(limit.limit, place, len(limit.most))
            if (each[rows, touched.start : touched.stop] > 0).any():
                raise UnknownTerm(limit.path)
        most.append(scale.steps(figure) if isinstance(figure, Figure) else NO_LIMIT)
    room = np.array(most, dtype=x.dtype).reshape(1, -1, 1)
    outcome: Cut = cut([Due(name, each[rows])], room, limit.stretches, limit.limit)
    kept = np.array(each)
    kept[rows] = outcome.paid[0]
    beyond = each - kept
    cut_units[limit.name] = beyond
    facts = {
        "kept": Fact(kept, scale.show),
        "beyond": Fact(beyond, scale.show),
        "most": Fact(room, lambda steps: "an unknown number" if steps >= NO_LIMIT else scale.show(steps)),
        "reached": Fact(_in_rows(outcome.reached[0], rows, each), scale.show),
        "spare": Fact(_in_rows(outcome.room[0], rows, each), scale.show, room),
    }

    def why(figures: Mapping[str, int]) -> str:
        of = "{most} and {spare} left over from before" if figures["spare"] > 0 else "{most}"
        if figures["beyond"] > 0:
            return f"{{kept}} counted; {{beyond}} beyond the limit of {of}, not paid"
        if figures["beyond"] < 0:
            return f"{{kept}} counted, some of which was beyond the limit of {of} before"
        return f"{{kept}} counted, {{reached}} so far, within the limit of {of}"

    line = Line(limit.name, kept, why, facts, show=scale.show)
    return (to_date(kept) if running else kept), line


def _in_rows(array: Array, rows: list[int], like: Array) -> Array:
    """Lay figures of some cohorts out over all of them; those of all cohorts together stay one row."""
    if array.shape[0] == 1:
        return array
    wide = np.zeros((like.shape[0], *array.shape[1:]), dtype=array.dtype)
    wide[rows] = array
    return wide


def _out_of(part: OutOf, x: Array, running: bool, scale: Scale) -> tuple[Array, Line]:
    """Count the first of every so many, for each cohort from the beginning."""
    in_all = x if running else to_date(x)
    full, rest = in_all // part.of, in_all % part.of
    kept = full * part.number + np.minimum(rest, part.number)
    result = kept if running else since_before(kept)
    facts = {"x": Fact(x, scale.show), "kept": Fact(result, scale.show), "part": said(str(part))}
    return result, Line("part paid for", result, "{x}, of which {kept} are paid for: {part}", facts, show=scale.show)


def _pool(rule: Rule, x: Array, needed: Flags, parts: list[Line], series: Series, setting: Setting) -> Line:
    """Share a fixed sum out in proportion to the metric over the cohorts."""
    counts = np.maximum(x, 0)
    if not isinstance(rule.pool, Fraction):
        if (needed & (counts > 0)).any():
            raise UnknownTerm(("pool",))
        return Line("pool", np.zeros_like(x), "nothing is due", show=setting.money.show)
    pool = setting.minor(rule.pool)
    whole = np.broadcast_to(np.array(pool, dtype=x.dtype), (1, *x.shape[1:]))
    whole = np.where(sum_over(counts, 0) > 0, whole, 0).astype(x.dtype)
    shares = split(whole, [counts[row : row + 1] for row in range(counts.shape[0])])
    amount = np.concatenate(shares, axis=0)
    facts = {
        "x": Fact(x, series.scale.show),
        "all": Fact(sum_over(counts, 0), series.scale.show),
        "pool": Fact(pool, setting.money.show),
        "paid": Fact(amount, setting.money.show),
    }
    why = "{x} of {all} in all: {paid} of the pool of {pool}"
    return Line("pool", amount, why, facts, tuple(parts), show=setting.money.show)
