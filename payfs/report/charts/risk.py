"""What a simulation comes to, as charts: payments by fiscal year, the total, what drives it, and returns by tranche."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, Literal

import altair as alt

from payfs.money import Currency
from payfs.report.charts.drawn import (
    DARK,
    INK,
    MID,
    PALE,
    PLAIN,
    Drawn,
    Row,
    Scaled,
    apart,
    beside,
    layered,
    money_axis,
    names_axis,
    rows,
    scaled,
    short,
    tips,
)
from payfs.report.histogram import stretches
from payfs.report.phrases import listed
from payfs.report.simulation_figures import share, whole
from payfs.report.simulation_text import Telling
from payfs.report.tables import Amount, Cell, Number, Percent, table_of
from payfs.simulate.budget import TOTAL_PASSES
from payfs.simulate.labels import of_kind
from payfs.simulate.question import Unit
from payfs.simulate.risk import Label, Risk
from payfs.simulate.run import Run
from payfs.simulate.sensitivity import Swing
from payfs.simulate.worked import ALL, TOTAL
from payfs.spec import spoken

SPREAD = ("p5", "p25", "p50", "p75", "p95")
COLUMNS = ("5%", "25%", "50%", "75%", "95%")
TEXTS = {f"{name}_text": head for name, head in zip(SPREAD, COLUMNS, strict=True)}
ROW = 52  # height of a row with its name above [pixels]
MOST = 12  # bars of a tornado
TOLD = 8  # years in a sentence
RETURNS: Mapping[str, tuple[Unit, str]] = {
    "IRR": ("rate", "IRR a year"),
    "multiple": ("number", "Received for 1 put in"),
    "received": ("money", "Received"),
    "loss": ("money", "Lost"),
}


def payments_fan(run: Run, risk: Risk) -> Drawn:
    """Draw how what is paid spreads in each fiscal year: half of the paths in a dark band, nine tenths in a pale."""
    telling = Telling(run, risk)
    money = run.worked.contract.money
    years = {name: risk[label] for label, name in of_kind(telling.meanings, "fiscal year").items()}
    budgets = {year: most for year, most in telling.budgets.items() if year in years}
    scale = scaled(
        money, [*(label.figures[name].value for label in years.values() for name in SPREAD), *budgets.values()]
    )
    data: list[Row] = [{"name": year, **_ends(label, "money", scale)} for year, label in years.items()]
    axis = money_axis(scale, "Paid")
    x = alt.X("name", type="nominal", sort=list(years), axis=names_axis("Fiscal year"))
    base = alt.Chart(rows(data)).encode(x=x)
    wide, half = ({"y": alt.Y(low, **axis), "y2": alt.Y2(up)} for low, up in (("p5", "p95"), ("p25", "p75")))
    if len(years) > 1:
        outer, inner = base.mark_area(color=PALE, stroke=MID), base.mark_area(color=MID)
    else:  # an area of one year has no width
        outer, inner = base.mark_rule(color=MID, strokeWidth=6), base.mark_bar(color=MID, size=40)
    middle = base.mark_line(color=DARK, strokeWidth=2.5, point=alt.OverlayMarkDef(color=DARK, size=45))
    layers = [
        outer.encode(**wide),
        inner.encode(**half),
        middle.encode(y=alt.Y("p50", **axis), tooltip=tips(name="Fiscal year", **TEXTS)),
    ]
    if budgets:
        marks = rows([{"name": year, "budget": scale.at(most)} for year, most in budgets.items()])
        tick = alt.Chart(marks).mark_tick(color=INK, thickness=3, size=34)
        layers.append(tick.encode(x=x, y=alt.Y("budget", **axis)))
    says = _fan_said(years, money, budgets)
    cells = [(year, *_cells(label, "money", money)) for year, label in years.items()]
    return Drawn(layered(layers, says), says, table_of(("Fiscal year", *COLUMNS), cells))


def _fan_said(years: Mapping[str, Label], money: Currency, budgets: Mapping[str, int]) -> str:
    if not years:
        return "Nothing is paid in any fiscal year."
    parts = []
    for year, label in list(years.items())[:TOLD]:
        low, middle, high = (money.show(whole(label.figures[name].value)) for name in ("p5", "p50", "p95"))
        parts.append(f"{year}: {middle} ({low} to {high})")
    more = f"; and {len(years) - TOLD} more years in the table" if len(years) > TOLD else ""
    says = (
        "Payments by fiscal year, the median and in brackets from the 5th to the 95th percentile of the paths. "
        f"{'; '.join(parts)}{more}."
    )
    if budgets:
        says += f" Marks show the budgets: {listed(f'{year} {money.show(most)}' for year, most in budgets.items())}."
    return says


def total_histogram(run: Run, risk: Risk) -> Drawn:
    """Draw how often the total comes to how much, with the budget in all, if the scenario has one."""
    telling = Telling(run, risk)
    money, budget, label = run.worked.contract.money, telling.budgets.get(""), risk[TOTAL]
    found = stretches(label.grid, telling.shown.least, budget)
    marked = [] if budget is None else [budget]
    scale = scaled(money, [*(found[0][:2]), *(found[-1][:2]), *marked])
    data = [
        {
            "low": scale.at(above),
            "high": scale.at(upto),
            "share": part,
            "above": money.show(above),
            "upto": money.show(upto),
            "text": share(part),
        }
        for above, upto, part in found
    ]
    x = alt.X("low", scale=alt.Scale(zero=False), **money_axis(scale, "Total paid"))
    y = alt.Y("share", type="quantitative", axis=alt.Axis(title="Share of the paths", format=".0%"))
    bars = alt.Chart(rows(data)).mark_bar(color=MID, stroke=DARK, strokeWidth=0.7)
    shown = tips(above="More than", upto="Up to", text="Paths")
    layers = [bars.encode(x=x, x2=alt.X2("high"), y=y, y2=alt.Y2Datum(0), tooltip=shown)]
    figures = (money.show(whole(label.figures[name].value)) for name in ("mean", "p5", "p50", "p80", "p95"))
    mean, low, middle, high, top = figures
    says = (
        f"The total is {mean} on average and {middle} in the middle; it is at most {low} on 5% of the paths, {high} on "
        f"80% and {top} on 95%."
    )
    if budget is not None:
        left = 2 * budget > found[0].above + found[-1].upto
        line = rows([{"low": scale.at(budget), "text": f"budget {money.show(budget)}"}])
        layers.append(alt.Chart(line).mark_rule(color=INK, strokeWidth=2.5, strokeDash=[6, 3]).encode(x=x))
        layers.append(beside(line, left).encode(x=x))
        says += (
            f" The budget of {money.show(budget)} is passed on {share(risk.chance(TOTAL_PASSES).value)} of the paths."
        )
    cells = [(Amount(above, money), Amount(upto, money), Percent(part)) for above, upto, part in found]
    return Drawn(layered(layers, says), says, table_of(("More than", "Up to", "Share of the paths"), cells))


def tornado_chart(swings: Sequence[Swing], unit: Unit, money: Currency, of: str = TOTAL, most: int = MOST) -> Drawn:
    """Draw how far the mean of a result moves with each input, the widest first.

    Args:
        swings: from :func:`payfs.simulate.sensitivity.tornado`.
        unit: what the result is measured in.
        money: the currency.
        of: the result's name.
        most: so many bars at most.
    """
    there = [one for one in swings if isfinite(one.low.value) and isfinite(one.high.value)][:most]
    scale = _scale_of(unit, money, [end.value for one in there for end in (one.low, one.high)])
    names = apart([one.input.replace("_", " ") for one in there])
    data = [
        {
            "name": name,
            "low": scale.at(one.low.value),
            "high": scale.at(one.high.value),
            "low_text": str(_cell(one.low.value, unit, money)),
            "high_text": str(_cell(one.high.value, unit, money)),
        }
        for name, one in zip(names, there, strict=True)
    ]
    axis = _axis(unit, scale, f"Mean of {short(of, 30)}")
    low, high = (alt.X(end, scale=alt.Scale(zero=False), **axis) for end in ("low", "high"))
    shown = tips(name="Input", low_text="Input low", high_text="Input high")
    base = alt.Chart(rows(data)).encode(y=_rows_axis(names), tooltip=shown)
    # which end is the low one is told by a mark, not by a colour
    circle = base.mark_point(filled=True, color="white", stroke=DARK, strokeWidth=2, size=70, opacity=1)
    diamond = base.mark_point(shape="diamond", filled=True, color=DARK, size=90, opacity=1)
    bars = base.mark_bar(color=MID, stroke=DARK, strokeWidth=0.7, size=14)
    layers = [bars.encode(x=low, x2=alt.X2("high")), circle.encode(x=low), diamond.encode(x=high)]
    says = _tornado_said(there, len(swings), unit, money, of)
    cells = [
        (one.input.replace("_", " "), *(_cell(end.value, unit, money) for end in (one.low, one.high, one.swing)))
        for one in swings
    ]
    table = table_of(("Input", "Mean with it low", "Mean with it high", "Difference"), cells)
    return Drawn(layered(layers, says, _height(len(there))), says, table)


def _tornado_said(there: Sequence[Swing], of_all: int, unit: Unit, money: Currency, of: str) -> str:
    if not there:
        return f"No input moves {spoken(of)}: there is no figure of it."
    parts = [
        f"{spoken(one.input)}, from {_cell(one.low.value, unit, money)} to {_cell(one.high.value, unit, money)}"
        for one in there[:3]
    ]
    left = f" The {len(there)} widest of {of_all} are drawn." if of_all > len(there) else ""
    return (
        f"The mean of {spoken(of)} moves most with {listed(parts)}. White circles stand for the input low (10th "
        f"percentile), dark diamonds for it high (90th).{left}"
    )


def returns_by_tranche(
    run: Run, risk: Risk, kind: Literal["IRR", "multiple", "received", "loss"] = "IRR"
) -> Drawn | None:
    """Draw how the returns of each tranche spread; None where no tranche has such a return."""
    found = {name: risk[label] for label, name in of_kind(Telling(run, risk).meanings, kind).items()}
    told = {
        "All tranches together" if name == ALL else name: label
        for name, label in found.items()
        if "p50" in label.figures
    }
    unit, title = RETURNS[kind]
    return spread_chart(told, unit, run.worked.contract.money, title, "Tranche") if told else None


def spread_chart(found: Mapping[str, Label], unit: Unit, money: Currency, title: str, what: str) -> Drawn:
    """Draw how figures spread, one row each: a line for nine tenths of the paths, a bar for half, a tick.

    Args:
        found: by name.
        unit: what they are measured in.
        money: the currency.
        title: of their axis.
        what: the names are names of.
    """
    scale = _scale_of(unit, money, [label.figures[name].value for label in found.values() for name in SPREAD])
    names = apart(list(found))
    data = [{"name": name, **_ends(one, unit, scale)} for name, one in zip(names, found.values(), strict=True)]
    axis = _axis(unit, scale, title)
    base = alt.Chart(rows(data)).encode(y=_rows_axis(names), tooltip=tips(name=what, **TEXTS))
    layers = [
        alt.Chart(rows([{"p5": 0}])).mark_rule(color=INK).encode(x=alt.X("p5", **axis)),
        base.mark_rule(color=DARK, strokeWidth=2).encode(x=alt.X("p5", **axis), x2=alt.X2("p95")),
        base.mark_bar(color=MID, stroke=DARK, size=14).encode(x=alt.X("p25", **axis), x2=alt.X2("p75")),
        base.mark_tick(color=INK, thickness=3, size=20).encode(x=alt.X("p50", **axis)),
    ]
    parts = []
    for name, label in found.items():
        low, middle, high = (str(_cell(label.figures[figure].value, unit, money)) for figure in ("p5", "p50", "p95"))
        none = label.figures["none"].value if "none" in label.figures else 0.0
        parts.append(f"{short(name)}: {middle} ({low} to {high}{f', none on {share(none)}' if none else ''})")
    says = f"{title}, the median and in brackets from the 5th to the 95th percentile of the paths. {'; '.join(parts)}."
    cells = [(name, *_cells(label, unit, money)) for name, label in found.items()]
    return Drawn(layered(layers, says, _height(len(names))), says, table_of((what, *COLUMNS), cells))


def _ends(label: Label, unit: Unit, scale: Scaled) -> Row:
    """Return where the percentiles of a label stand, and how they read."""
    values = {name: label.figures[name].value for name in SPREAD}
    texts = {f"{name}_text": str(_cell(value, unit, scale.money)) for name, value in values.items()}
    return {**{name: scale.at(value) for name, value in values.items()}, **texts}


def _rows_axis(names: list[str]) -> alt.Y:
    """Return an axis of names, each above its row, so that a narrow page has room for both."""
    placed: dict[str, Any] = {"labelAlign": "left", "labelPadding": -4, "labelOffset": -19, "labelLimit": 330}
    axis = alt.Axis(title=None, ticks=False, domain=False, **placed)
    return alt.Y("name", type="nominal", sort=names, axis=axis)


def _height(number: int) -> int:
    return max(number, 1) * ROW


def _scale_of(unit: Unit, money: Currency, values: Sequence[float]) -> Scaled:
    return scaled(money, values) if unit == "money" else Scaled(money, 1, "")


def _axis(unit: Unit, scale: Scaled, title: str) -> dict[str, Any]:
    if unit == "money":
        return money_axis(scale, title)
    wanted = ",.1~%" if unit in ("rate", "event", "chance") else PLAIN
    return {"axis": alt.Axis(title=title, format=wanted, tickCount=6), "type": "quantitative"}


def _cells(label: Label, unit: Unit, money: Currency) -> tuple[Cell, ...]:
    return tuple(_cell(label.figures[name].value, unit, money) for name in SPREAD)


def _cell(value: float, unit: Unit, money: Currency) -> Cell:
    """Return a figure as a cell, rounded as it is told elsewhere."""
    if not isfinite(value):
        return "none"
    if unit == "money":
        return Amount(whole(value), money)
    return Percent(value, 2) if unit in ("rate", "event", "chance") else Number(value, 4)
