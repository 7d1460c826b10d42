"""What a contract rewards, as text of at most 80 columns with a small drawing of each curve, and as plain data."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from payfs.contract import Contract
from payfs.incentives import Incentive, Look, PaymentCurve, bounds, looks
from payfs.report.lines import WIDTH, wrapped
from payfs.report.phrases import counted, listed, the
from payfs.simulate.certainty import CERTAIN, IMPOSSIBLE, KINDS
from payfs.spec import spoken
from payfs.text import dotted

HEIGHT, BLOCKS = 6, " ▁▂▃▄▅▆▇█"
DRAWN = frozenset({"cliff", "flat", "less"})
WORDS = {"cliff": "cliff", "less": "pays less", "flat": "flat", "stops": "flat"}
BOUNDS = {"limit of 0": "limit of 0", "used up": "used up"}
WARNINGS = frozenset({"cliff", "flat", "stops", "less", *BOUNDS, *KINDS})

INTRODUCTION = (
    "What each rule pays at every level of the result that it is paid on, worked out as payfs pay does, limits applied "
    "and all other rules left out. A cliff is one step of the measure that is worth more than 10% of the most that the "
    "rule pays in the range that is looked at. These are warnings: whether they are meant is for the parties to say."
)
BELIEVED = (
    f"Tiers, bands and gates are nearly certain where the scenario reaches them on {100 * CERTAIN:g}% of its paths or "
    f"more, in some cohort and period, and nearly impossible on {100 * IMPOSSIBLE:g}% or fewer."
)


def incentives_lines(
    contract: Contract, looked: tuple[Look, ...] | None = None, believed: bool = False
) -> Iterator[str]:
    """Write what every rule of a contract rewards.

    Args:
        contract: the contract.
        looked: at its rules, where that is known already.
        believed: whether a scenario was asked, too: :func:`payfs.simulate.certainty.with_certainty`.
    """
    looked = looks(contract) if looked is None else looked
    limits = bounds(contract)
    found = [incentive.kind for incentive in (*(found for look in looked for found in look.found), *limits)]
    yield from wrapped(f"{contract.name}: what the rules reward")
    yield ""
    yield from wrapped(f"{INTRODUCTION} {BELIEVED}" if believed else INTRODUCTION)
    for look in looked:
        yield ""
        clause = contract.spec.rules[look.rule].clause
        yield from wrapped(f"rules.{look.rule}" + (f" [{clause}]" if clause else ""))
        for curve in look.curves:
            mine = [each for each in look.found if each.metric == curve.metric and each.kind not in KINDS]
            yield from wrapped(f"{start_said(curve)}.", "  ")
            if curve.amounts.any() and not curve.scale.yes_no and any(incentive.kind in DRAWN for incentive in mine):
                yield from drawing(curve)
            for incentive in mine:
                yield from _item(incentive)
            if not mine or all(incentive.kind == "stops" for incentive in mine):
                yield from _bullet(straight_said(curve, any(mine)))
        for incentive in look.found:
            if not incentive.metric:
                yield from _item(incentive)
        for incentive in look.found:
            if incentive.kind in KINDS:
                yield from _bullet(f"{dotted(incentive.path)}: {incentive.what}")
    if limits:
        yield ""
        yield "limits"
        for incentive in limits:
            yield from _bullet(f"{dotted(incentive.path)}: {incentive.what}")
    yield ""
    sums = [
        counted(found.count(kind), one, many)
        for kind, one, many in (
            ("cliff", "cliff", "cliffs"),
            ("flat", "flat", "flats"),
            ("stops", "place where a rule stops paying more", "places where a rule stops paying more"),
            ("less", "place where better results pay less", "places where better results pay less"),
            ("limit of 0", "limit of 0", "limits of 0"),
            ("used up", "limit that counts what another cuts", "limits that count what another cuts"),
            ("nearly certain", "nearly certain tier, band or gate", "nearly certain tiers, bands or gates"),
            ("nearly impossible", "nearly impossible one", "nearly impossible ones"),
        )
        if (kind in found if kind in BOUNDS else believed or kind not in KINDS)
    ]
    yield from wrapped(f"In all {listed(sums)}.")


class Remark(NamedTuple):
    """Something about what a rule rewards.

    Attributes:
        about: what is varied and held, in a sentence; empty where it is about the rule as it stands.
        word: ``cliff``, ``flat`` or ``pays less``; empty for what is no warning.
        text: what is to be said.
    """

    about: str
    word: str
    text: str


def remarks(look: Look) -> Iterator[Remark]:
    """Say what one rule rewards, warnings and what is straight alike."""
    for curve in look.curves:
        about = f"{start_said(curve)}."
        mine = [each for each in look.found if each.metric == curve.metric and each.kind not in KINDS]
        for incentive in mine:
            yield Remark(about, WORDS.get(incentive.kind, ""), incentive.what)
        if not mine or all(incentive.kind == "stops" for incentive in mine):
            yield Remark(about, "", straight_said(curve, any(mine)))
    for incentive in look.found:
        if not incentive.metric:
            yield Remark("", WORDS.get(incentive.kind, ""), incentive.what)


def limit_remarks(contract: Contract) -> Iterator[Remark]:
    """Say which limits of a contract do what nobody expects, each with its place."""
    for found in bounds(contract):
        yield Remark(f"{dotted(found.path)}:", BOUNDS[found.kind], found.what)


def start_said(curve: PaymentCurve) -> str:
    """Say what is varied, over which range, for whom and when, and what is held."""
    scale, contract = curve.scale, curve.trial.contract
    text = f"{spoken(curve.metric)} from {scale.show(int(curve.levels[0]))} to {scale.show(int(curve.levels[-1]))}"
    if curve.metric != curve.of:
        text += f", behind {spoken(curve.of)}"
    text += ", the same for every period and cohort" if curve.trial.manner == "every" else f', in "{curve.period}"'
    if curve.cohort is not None and curve.trial.manner != "every":
        text += f' for "{curve.cohort}"'
    if curve.scale.lower_is_better:
        text += "; lower is better"
    others = {name: level for name, level in curve.held.items() if name != curve.metric}
    if curve.trial.pooled_sum:
        text += f", where every other cohort has {scale.show(curve.held[curve.metric])}"
    elif curve.metric in curve.held:
        text += f", after {scale.show(curve.held[curve.metric])} in the period before"
    if others:
        levels = [f"{spoken(name)} at {contract.frame.scales[name].show(level)}" for name, level in others.items()]
        from_where = f', as in the worked example "{curve.source}"' if curve.source else ""
        text += f". Held: {listed(levels)}{from_where}"
    if curve.trial.left_out:
        text += f". Left out, because it is unknown: {the('limit', curve.trial.left_out)}"
    for_one = [name for name, limit in contract.spec.limits.items() if "person" in limit.per]
    if for_one:
        text += f". What {the('limit', for_one)} cut{'s' if len(for_one) == 1 else ''} for one person is not seen here"
    return text


def straight_said(curve: PaymentCurve, stops: bool = False) -> str:
    """Say what better results are worth where there is nothing to warn of, or only that the rule stops paying more."""
    turn = slice(None, None, -1 if curve.scale.lower_is_better else 1)
    levels, amounts = curve.levels[turn], curve.amounts[turn]
    moving = np.flatnonzero(np.diff(amounts))
    if not len(moving):
        return "there is nothing to warn of"
    first, last = int(moving[0]), int(moving[-1]) + 1
    text = (
        "every better result earns more"
        if len(moving) == last - first
        else "better results earn more, though not at every single step"
    )
    # the step in which it stops may be worth less than a whole one
    end = last - 1 if stops and last - first > 1 else last
    width = abs(int(levels[end]) - int(levels[first]))
    step = Fraction(int(amounts[end]) - int(amounts[first]), width)
    off = [
        abs(int(amounts[at]) - int(amounts[first]) - step * abs(int(levels[at]) - int(levels[first])))
        for at in range(first, end)
    ]
    each = step / curve.scale.step  # minor units for one unit
    if max(off, default=0) <= 1 and curve.scale.money is None and each.denominator == 1:
        more = "avoided" if curve.scale.lower_is_better else "further"
        text = f"every {more} {curve.scale.unit} is worth {curve.money.show(int(each))}"
    if stops:
        return f"until then {text}, without cliffs"
    beyond = f"from {curve.scale.show(int(levels[first]))} on " if first else ""
    return f"{beyond}{text}, without cliffs or flats"


def drawing(curve: PaymentCurve) -> Iterator[str]:
    """Draw the curve: amounts upwards, levels to the right, a question mark where it is not known."""
    high, low = max(int(curve.amounts.max()), 0), min(int(curve.amounts.min()), 0)
    tops = [curve.money.show(high), *[""] * (HEIGHT - 2), curve.money.show(low)]
    left = max(map(len, tops))
    width = min(WIDTH - left - 7, 56)
    first, last = int(curve.levels[0]), int(curve.levels[-1])
    width = max(min(width, last - first + 1), 2)
    columns = []
    for column in range(width):
        level = first + (last - first) * column // (width - 1)
        place = int(np.searchsorted(curve.levels, level, side="right")) - 1
        eighths = HEIGHT * 8 * (int(curve.amounts[place]) - low) // (high - low)
        columns.append(eighths if bool(curve.known[place]) else None)
    yield ""
    for row in range(HEIGHT):
        floor = (HEIGHT - 1 - row) * 8
        cells = [
            ("?" if floor == 0 else " ") if eighths is None else BLOCKS[min(max(eighths - floor, 0), 8)]
            for eighths in columns
        ]
        yield f"    {tops[row].rjust(left)} │{''.join(cells)}".rstrip()
    ends = curve.scale.show(first), curve.scale.show(last)
    gap = max(width - len(ends[0]) - len(ends[1]), 2)
    yield f"    {' ' * left} └{'─' * width}"
    yield f"    {' ' * left}  {ends[0]}{' ' * gap}{ends[1]}".rstrip()
    yield ""


def _item(incentive: Incentive) -> Iterator[str]:
    yield from _bullet(incentive.what, WORDS.get(incentive.kind, ""))


def _bullet(text: str, word: str = "") -> Iterator[str]:
    lines = list(wrapped(f"{word}: {text}" if word else text, "    "))
    yield from [f"  - {lines[0][4:]}", *lines[1:]]


def incentives_data(contract: Contract, looked: tuple[Look, ...] | None = None) -> list[dict[str, Any]]:
    """Return what every rule rewards as plain data: levels as a results file has them, amounts in decimal units."""
    looked = looks(contract) if looked is None else looked
    plain, scales = contract.money.plain, contract.frame.scales

    def amount(minor: int | None) -> str | None:
        return None if minor is None else plain(minor)

    def level(found: Incentive, steps: int | None) -> str | None:
        return None if steps is None else scales[found.metric].written(steps)

    return [
        {
            "rule": found.rule or None,
            "metric": found.metric or None,
            "kind": found.kind,
            "warning": found.kind in WARNINGS,
            "from": level(found, found.first),
            "to": level(found, found.last),
            "before": amount(found.before),
            "after": amount(found.after),
            "share": None if found.share is None else f"{float(found.share):.4f}",
            "most": amount(found.most),
            "path": dotted(found.path) or None,
            "chance": None if found.chance is None else round(found.chance, 6),
            "error": None if found.error is None or math.isnan(found.error) else round(found.error, 6),
            "clause": found.clause or None,
            "what": f"{found.beside}{found.what}",
        }
        for found in (*(found for look in looked for found in look.found), *bounds(contract))
    ]
