"""What luck does to what is paid, as text of at most 80 columns with a drawing against the sample size, and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from payfs.contract import Contract
from payfs.incentives import percent
from payfs.money import Currency
from payfs.report.lines import table, wrapped
from payfs.report.phrases import names, start
from payfs.simulate.luck import RARE, Luck, Size
from payfs.simulate.risk import Figure, points
from payfs.spec import spoken

HEIGHT, EACH = 10, 8  # rows of the drawing, and columns from one size to the next
TOPS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
PAYS, MISSES, BOTH = "o", "x", "*"
LEGEND = {PAYS: "paid for nothing", MISSES: "missed: nothing is paid although the target is met"}

INTRODUCTION = (
    "A comparison of people measures the truth only nearly, so what is paid on it is partly luck. What follows asks "
    "the contract itself how often luck has something paid for nothing, and how often it takes what was earned."
)


def luck_lines(contract: Contract, found: Sequence[Luck]) -> Iterator[str]:
    """Write what luck does, evaluation by evaluation.

    Args:
        contract: the contract, as the scenario assumes it.
        found: by :func:`payfs.simulate.luck.luck`.
    """
    yield from wrapped(f"{contract.name}: what is paid by luck")
    yield ""
    if not found:
        yield from wrapped("Nothing is paid on a comparison of people of which the scenario says how well it measures.")
        return
    yield from wrapped(INTRODUCTION)
    for one in found:
        yield ""
        yield from wrapped(f"{start(spoken(one.name))}, on which {_rules(one)} depend{'s' * (len(one.rules) == 1)}")
        yield ""
        yield from wrapped(said(contract, one), "  ")
        yield ""
        yield from drawing(one)
        yield ""
        yield from sizes_table(contract, one)


def _rules(one: Luck) -> str:
    return f"the rule{'s' * (len(one.rules) > 1)} {names(one.rules)}"


def said(contract: Contract, one: Luck) -> str:
    """Say in one paragraph what luck does at the size that the scenario says, and how many people would be enough."""
    now, scale, money = one.now, contract.frame.scales[one.metric], contract.money
    each = f"{_about(money, now.paid.value / now.pays.value)} on average in these, " if now.pays.value else ""
    text = [
        f"{one.treated:,} people are served and compared with {one.control:,} others.",
        f"If nothing had changed (a true effect of {scale.show(one.nothing)}), luck would still have something paid "
        f"{_often(now.pays, one.paths)}: {each}{_amount(money, now.paid)} over all.",
    ]
    if one.anyway.value:
        anyway = _amount(money, one.anyway)
        text.append(f"The {anyway} on average that the contract pays even so, without luck, is not counted in this.")
    text += _misses(contract, one, now)
    text.append(_enough(one))
    if one.biased:
        text.append("What is wrong because the two groups differ to begin with does not shrink with more people.")
    return " ".join(text)


def _misses(contract: Contract, one: Luck, now: Size) -> Iterator[str]:
    if one.target is None:
        yield (
            "From which true effect on the target counts as met cannot be read off the rules, so how often luck takes "
            "what was earned is not told; say target in the scenario."
        )
        return
    scale = contract.frame.scales[one.metric]
    level = f"{scale.show(one.target)} or {'less' if scale.lower_is_better else 'more'}"
    level += "" if one.said else ", from which on something is earned"
    if np.isnan(now.misses.value):
        yield f"The true effect is never believed to be {level}."
        return
    missed = _often(now.misses, round(one.paths * one.met.value))
    yield (
        f"{start(_often(one.met, one.paths))} the true effect is believed to be {level}. Of these cases, nothing is "
        f"paid all the same {missed}; {_amount(contract.money, now.forgone)} is forgone on average over all of these."
    )


def _enough(one: Luck) -> str:
    """Say how many people would be enough."""
    rare = f"{100 * RARE:g}% of cases"

    def people(number: int | None) -> str:
        if number is None:
            return f"not even {one.sizes[-1].people:,} people are enough"
        if number <= one.sizes[0].people:
            return f"{number:,} people are enough"
        return f"about {_figures(number):,} people are enough"

    text = f"To pay for nothing in less than {rare}, {people(one.enough_for_pays)}, both groups together"
    if not np.isnan(one.now.misses.value):
        text += f"; to miss what was earned in less than {rare}, {people(one.enough_for_misses)}"
    return f"{text}."


def _figures(number: float) -> int:
    """Round to three figures, up."""
    digits = max(int(np.floor(np.log10(max(number, 1)))) - 2, 0)
    return int(-(-number // 10**digits)) * int(10**digits)


def _often(chance: Figure, paths: int) -> str:
    """Say how often something happens, and how surely that is known."""
    if chance.value in (0, 1):
        return f"in {'none' if chance.value == 0 else 'all'} of {paths:,} paths"
    error = "" if np.isnan(chance.error) else f" (standard error {points(chance)} points)"
    return f"in {percent(Fraction(chance.value))} of cases{error}"


def _about(money: Currency, minor: float) -> str:
    """Write an amount to three figures [minor units], in whole units where it is as large as that."""
    if not minor:
        return "nothing"
    digits = max(int(np.floor(np.log10(abs(minor)))) - 2, 0)
    rounded = int(np.floor(abs(minor) / 10**digits + 0.5)) * 10**digits * (1 if minor > 0 else -1)
    text = money.show(rounded)
    return text.partition(".")[0] if digits >= money.digits else text


def _amount(money: Currency, figure: Figure) -> str:
    if not figure.value or not figure.error > 0:
        return _about(money, figure.value)
    return f"{_about(money, figure.value)} (standard error {_about(money, figure.error)})"


def drawing(one: Luck) -> Iterator[str]:
    """Draw both chances against the number of people compared; each size is twice the one before it."""
    width = EACH * (len(one.sizes) - 1) + 1
    curves = [(PAYS, [size.pays.value for size in one.sizes]), (MISSES, [size.misses.value for size in one.sizes])]
    known = [(mark, values) for mark, values in curves if not np.isnan(values).any()]
    highest = max(max(values) for _, values in known)
    top = next(top for top in TOPS if highest <= top)
    cells = [[" "] * width for _ in range(HEIGHT + 1)]

    def row(chance: float) -> int:
        return HEIGHT - int(np.floor(chance / top * HEIGHT + 0.5))

    cells[row(RARE)] = ["-"] * width
    here = EACH * one.sizes.index(one.now)
    for line in cells:
        line[here] = "|"
    drawn: dict[tuple[int, int], str] = {}
    for mark, values in known:
        chances = np.interp(np.arange(width) / EACH, np.arange(len(values)), values)
        for column, chance in enumerate(chances.tolist()):
            place = row(chance), column
            drawn[place] = BOTH if drawn.get(place, mark) != mark else mark
    for (line_, column), mark in drawn.items():
        cells[line_][column] = mark
    for number, line in enumerate(cells):
        share = top * (HEIGHT - number) / HEIGHT
        label = f"{100 * share:g}%" if number in (0, HEIGHT, row(RARE)) else ""
        label = f"{100 * RARE:g}%" if number == row(RARE) else label
        yield f"  {label:>5} {''.join(line)}".rstrip()
    marks = [f"{size.people:,}" for size in one.sizes]
    yield f"  {'':>5} {''.join('+' if column % EACH == 0 else '-' for column in range(width))}"
    yield f"  {'':>2}{''.join(mark.center(EACH) for mark in marks)}".rstrip()
    yield f"  {'':>5} people compared, both groups together; | as the scenario has it"
    for mark, _ in known:
        yield f"  {'':>5} {mark} {LEGEND[mark]}"
    if BOTH in drawn.values():
        yield f"  {'':>5} {BOTH} both"


def sizes_table(contract: Contract, one: Luck) -> Iterator[str]:
    """Set what luck does at each size in a table, with standard errors."""

    def chance(figure: Figure) -> str:
        error = "" if np.isnan(figure.error) else f" ({100 * figure.error:.2f})"
        return "" if np.isnan(figure.value) else f"{100 * figure.value:.1f}%{error}"

    def amount(figure: Figure) -> str:
        return "" if np.isnan(figure.value) else _about(contract.money, figure.value)

    header = ["people", "paid for nothing", "on average"]
    rows = [[f"{size.people:,}", chance(size.pays), amount(size.paid)] for size in one.sizes]
    if not np.isnan(one.now.misses.value):
        header += ["missed", "forgone on average"]
        rows = [[*row, chance(size.misses), amount(size.forgone)] for row, size in zip(rows, one.sizes, strict=True)]
    yield from table(header, rows, range(len(header)))
    yield "  In brackets: standard errors, in percentage points."


def luck_data(contract: Contract, found: Sequence[Luck]) -> list[dict[str, Any]]:
    """Return what luck does as plain data: chances as numbers from 0 to 1, amounts in decimal units.

    Every figure comes with its standard error; what cannot be told is null.
    """
    minor = contract.money.minor

    def plain(value: float, digits: int) -> float | None:
        return None if np.isnan(value) else round(value, digits)

    def chance(figure: Figure) -> dict[str, float | None]:
        return {"value": plain(figure.value, 6), "error": plain(figure.error, 6)}

    def amount(figure: Figure) -> dict[str, float | None]:
        digits = contract.money.digits
        return {"value": plain(figure.value / minor, digits), "error": plain(figure.error / minor, digits)}

    return [
        {
            "name": one.name,
            "metric": one.metric,
            "rules": list(one.rules),
            "treated": one.treated,
            "control": one.control,
            "biased": one.biased,
            "nothing": contract.frame.scales[one.metric].written(one.nothing),
            "target": None if one.target is None else contract.frame.scales[one.metric].written(one.target),
            "target_said": one.said,
            "target_met": chance(one.met),
            "paid_anyway": amount(one.anyway),
            "paths": one.paths,
            "rare": RARE,
            "people_enough_for_paid_for_nothing": one.enough_for_pays,
            "people_enough_for_missed": one.enough_for_misses,
            "sizes": [
                {
                    "multiple": size.multiple,
                    "people": size.people,
                    "paid_for_nothing": chance(size.pays),
                    "mean_paid_for_nothing": amount(size.paid),
                    "missed": chance(size.misses),
                    "mean_forgone": amount(size.forgone),
                }
                for size in one.sizes
            ],
        }
        for one in found
    ]
