"""Rules without units: lump sums, instalments, and rules that look at other rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm

import numpy as np

from payfs.evidence.measured import Flags, hold
from payfs.line import Fact, Line, said
from payfs.money import (
    Array,
    at_least_nothing,
    carried,
    refuse_beyond,
    since_before,
    split,
    sum_over,
    times,
    to_date,
    total,
)
from payfs.spec import Figure, UnknownTerm, written_share
from payfs.terms.rule import Rule
from payfs.terms.setting import Setting


def fitting(where: Flags, rows: int) -> Flags:
    """Let flags by cohort stand for all cohorts together where there is one row."""
    anywhere: Flags = np.logical_or.reduce(where, axis=0, keepdims=True)
    return anywhere if rows == 1 else where


def without_units(name: str, rule: Rule, setting: Setting, matters: Flags) -> Line:
    """Work out lump sums, instalments, and rules that look at other rules."""
    show = setting.money.show
    where = setting.where(rule.cohorts, rule.periods)
    if rule.part_of is not None:
        return _part_of(rule, where, matters, setting)
    if rule.tops_up is not None:
        return _top_up(rule, where, matters, setting)
    if rule.metric is None:
        where = fitting(where, 1) if rule.cohorts is None else where
        return _fixed_sum(rule, where, matters, setting)
    series = setting.measured.series[rule.metric]
    where = fitting(where, series.present.shape[0]) & series.present
    if not series.scale.yes_no:
        return _fixed_sum(rule, where, matters, setting)
    yes = series.values != 0
    line = _fixed_sum(rule, where, matters & yes, setting)
    facts = {"x": Fact(series.values, series.scale.show), "due": Fact(line.amount, show)}

    def why(figures: Mapping[str, int]) -> str:
        return "{x}, so {due} is due" if figures["x"] else "{x}, so nothing is due"

    return Line("answer", line.amount * yes, why, facts, (line,), show=show)


def _fixed_sum(rule: Rule, where: Flags, matters: Flags, setting: Setting) -> Line:
    """Work out a lump sum, or a fee in instalments."""
    show = setting.money.show
    if rule.pays is not None:
        if not isinstance(rule.pays, Fraction):
            if (where[:, :, None] & matters).any():
                raise UnknownTerm(("pays",))
            return Line("lump sum", setting.zeros(), "nothing is due", show=show)
        lump = setting.minor(rule.pays)
        amount = np.where(where, lump, 0).astype(setting.dtype)[:, :, None]
        return Line("lump sum", refuse_beyond(amount), "a lump sum of {pays}", {"pays": Fact(lump, show)}, show=show)
    assert rule.instalments is not None
    fee = rule.instalments
    chosen = setting.where(None, rule.periods)[0]
    weights = fee.split or {p.name: Fraction(1) for p, here in zip(setting.periods, chosen, strict=True) if here}
    names = [period.name for period in setting.periods if period.name in weights]
    where = where & np.array([[period.name in weights for period in setting.periods]])
    if not isinstance(fee.total, Fraction):
        if (where[:, :, None] & matters).any():
            raise UnknownTerm(("instalments", "total"))
        return Line("instalment", setting.zeros(), "nothing is due", show=show)
    whole = np.full((1, 1, 1), setting.minor(fee.total), dtype=setting.dtype)
    bottom = lcm(*(weights[name].denominator for name in names))
    shares = split(whole, [int(weights[name] * bottom) for name in names])
    amount = setting.zeros()
    for place, period in enumerate(setting.periods):
        if period.name in names:
            amount[0, place, 0] = int(shares[names.index(period.name)][0, 0, 0])
    amount = np.where(where[:, :, None], amount, 0).astype(setting.dtype)
    facts = {"now": Fact(amount, show), "total": Fact(int(whole[0, 0, 0]), show)}
    return Line("instalment", amount, "an instalment of {now} of {total} in all", facts, show=show)


def _others(names: Sequence[str], setting: Setting) -> tuple[Array, tuple[Line, ...]]:
    """Add up what other rules come to; by cohort where all of them are."""
    lines = tuple(setting.lines[name] for name in names)
    alike = len({line.amount.shape[0] for line in lines}) == 1
    return total([line.amount if alike else sum_over(line.amount, 0) for line in lines]), lines


def _part_of(rule: Rule, where: Flags, matters: Flags, setting: Setting) -> Line:
    assert rule.part_of is not None
    assert rule.share is not None
    show = setting.money.show
    base, lines = _others(rule.part_of, setting)
    where = fitting(where, base.shape[0])
    facts = {"share": said(written_share(rule.share))}
    if rule.counts == "to date":
        base = to_date(base)
    if rule.baseline is not None:
        flat = rule.baseline.flat
        if not isinstance(flat, Figure) and ((base != 0) & where[:, :, None] & matters).any():
            raise UnknownTerm(("baseline",))
        free, all_of_it = setting.minor(flat.value) if isinstance(flat, Figure) else 0, base
        base = at_least_nothing(base - free)
        beyond = {"all": Fact(all_of_it, show), "beyond": Fact(base, show), "base": Fact(free, show)}
        lines = (Line("baseline", base, "{all} comes to {beyond} beyond {base}", beyond, lines, show=show),)
    if rule.counts == "to date":
        in_all = hold(times(base, rule.share, setting.rounding), np.broadcast_to(where, base.shape[:2]))
        if not rule.two_way:
            in_all = carried(np.maximum, at_least_nothing(in_all))
        amount = since_before(in_all)
        facts |= {
            "base": Fact(base, show),
            "all": Fact(in_all, show),
            "before": Fact(in_all, show, amount),
            "paid": Fact(amount, show),
        }
        return Line(
            "part", amount, "{share} of {base} to date is {all}, less {before} before: {paid}", facts, lines, show=show
        )
    amount = np.where(where[:, :, None], times(base, rule.share, setting.rounding), 0).astype(base.dtype)
    facts |= {"base": Fact(base, show), "paid": Fact(amount, show)}
    return Line("part", amount, "{share} of {base}: {paid}", facts, lines, show=show)


def _top_up(rule: Rule, where: Flags, matters: Flags, setting: Setting) -> Line:
    assert rule.tops_up is not None
    show, where = setting.money.show, fitting(where, 1)
    if rule.periods is None:
        # what is earned later counts towards the guarantee, so it is made up at the very end
        where = where & (np.arange(where.shape[1]) == where.shape[1] - 1)
    if not isinstance(rule.tops_up.to, Fraction):
        if (where[:, :, None] & matters).any():
            raise UnknownTerm(("tops_up", "to"))
        return Line("top-up", setting.zeros(), "nothing is due", show=show)
    least = setting.minor(rule.tops_up.to)
    base, lines = _others(rule.tops_up.rules, setting)
    base = to_date(sum_over(base, 0))
    short = np.where(where[:, :, None], np.maximum(least - base, 0), 0).astype(base.dtype)
    amount = since_before(np.maximum.accumulate(short, axis=1))
    facts = {"base": Fact(base, show), "least": Fact(least, show), "paid": Fact(amount, show)}
    return Line("top-up", amount, "{base} to date, made up to {least}: {paid}", facts, lines, show=show)
