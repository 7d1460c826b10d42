"""The payment curve of a rule as a chart, with one level of performance marked, if one is asked for."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np

from payfs.incentives import PaymentCurve, paid_at
from payfs.money import Array
from payfs.report.charts.drawn import (
    DARK,
    INK,
    MID,
    PLAIN,
    Drawn,
    Row,
    Scaled,
    beside,
    layered,
    money_axis,
    rows,
    scaled,
    short,
    tips,
)
from payfs.report.incentives_text import start_said
from payfs.report.phrases import full_stop, start
from payfs.report.tables import Amount, Cell, Table, table_of
from payfs.spec import spoken

POINTS = 300  # of a curve, beside those where much changes
DOTS = 40  # levels that are each drawn as a dot
TOLD = 24  # levels of a table, beside those where much changes
NOT_KNOWN = "not known"


def payment_curve(curve: PaymentCurve, level: int | None = None) -> Drawn:
    """Draw what a rule pays at every level of the result that it is paid on.

    Args:
        curve: the rule's curve.
        level: a level that is marked with its payment [steps]; it may lie between or beyond those that were looked at.
    """
    marked = None if level is None else (level, paid_at(curve, level))
    places = _chosen(curve, POINTS, 50)
    scale = scaled(
        curve.money, [float(curve.amounts.max()), float(curve.amounts.min()), float((marked or (0, 0))[1] or 0)]
    )
    says = _said(curve, marked)
    if curve.scale.yes_no:
        layers = _two_bars(curve, places, scale)
    else:
        layers = _line(curve, places, scale)
        layers += _mark(curve, marked, scale) if marked is not None else []
    return Drawn(layered(layers, says), says, _table(curve, level))


def _line(curve: PaymentCurve, places: list[int], scale: Scaled) -> list[alt.Chart]:
    data = rows([_row(curve, place, scale) for place in places])
    x, y = _level_axis(curve), alt.Y("amount", **money_axis(scale, "Payment"))
    shown = tips(level_text="Level", text="Pays")
    line = alt.Chart(data).mark_line(color=DARK, strokeWidth=2.5).encode(x=x, y=y, tooltip=shown)
    few = len(places) <= DOTS
    # beyond a few, dots are there for the pointer only
    dots = alt.Chart(data).mark_circle(color=DARK, size=45 if few else 60, opacity=1 if few else 0)
    return [line, dots.encode(x=x, y=y, tooltip=shown)]


def _mark(curve: PaymentCurve, marked: tuple[int, int | None], scale: Scaled) -> list[alt.Chart]:
    level, amount = marked
    at = float(curve.scale.value(level))
    low, high = (float(curve.scale.value(int(end))) for end in (curve.levels[0], curve.levels[-1]))
    left = at > (low + high) / 2
    text = f"{curve.scale.show(level)}: {NOT_KNOWN if amount is None else curve.money.show(amount)}"
    data = rows([{"level": at, "amount": scale.at(amount or 0), "text": text}])
    x, y = _level_axis(curve), alt.Y("amount", **money_axis(scale, "Payment"))
    layers = [alt.Chart(data).mark_rule(color=INK, strokeDash=[4, 3]).encode(x=x)]
    if amount is not None:
        layers.append(alt.Chart(data).mark_point(color=INK, fill="white", size=110, strokeWidth=2.5).encode(x=x, y=y))
    return [*layers, beside(data, left).encode(x=x)]


def _two_bars(curve: PaymentCurve, places: list[int], scale: Scaled) -> list[alt.Chart]:
    data = rows([_row(curve, place, scale) for place in places])
    x = alt.X("level_text", type="nominal", sort=None, axis=alt.Axis(title=_named(curve), labelAngle=0))
    y = alt.Y("amount", **money_axis(scale, "Payment"))
    bars = alt.Chart(data).mark_bar(color=MID, stroke=DARK, size=60).encode(x=x, y=y)
    words = (
        alt.Chart(data).mark_text(color=INK, dy=-8, fontSize=12).encode(x=x, y=y, text=alt.Text("text", type="nominal"))
    )
    return [bars, words]


def _level_axis(curve: PaymentCurve) -> alt.X:
    scale = curve.scale
    axis: dict[str, Any] = {
        "title": _named(curve),
        "format": PLAIN,
        "tickMinStep": float(scale.step),
    }
    if scale.percent:
        axis["labelExpr"] = f"format(datum.value, '{PLAIN}') + '%'"  # nothing that somebody wrote
    # what is measured may lie far from 0
    return alt.X("level", type="quantitative", axis=alt.Axis(**axis), scale=alt.Scale(zero=False, nice=False))


def _named(curve: PaymentCurve) -> str:
    scale = curve.scale
    unit = "" if scale.percent or scale.yes_no else f" [{scale.money.code if scale.money else short(scale.plural, 24)}]"
    lower = " (lower is better)" if scale.lower_is_better else ""
    return f"{short(curve.metric.replace('_', ' '), 40)}{unit}{lower}"


def _row(curve: PaymentCurve, place: int, scale: Scaled) -> Row:
    level, known = int(curve.levels[place]), bool(curve.known[place])
    amount = int(curve.amounts[place])
    return {
        "level": float(curve.scale.value(level)),
        "level_text": curve.scale.show(level),
        "amount": scale.at(amount) if known else None,
        "text": curve.money.show(amount) if known else NOT_KNOWN,
    }


def _chosen(curve: PaymentCurve, number: int, parts: int) -> list[int]:
    """Return the places of levels that show the curve as it is: evenly apart, and both sides of where much changes.

    Args:
        curve: the curve.
        number: how many stand evenly apart.
        parts: of the range of what is paid: a step that is worth more than one of them is kept.
    """
    last = len(curve.levels) - 1
    even: Array = np.unique(np.linspace(0, last, min(number, last + 1)).round().astype(np.int64))
    spread = int(curve.amounts.max()) - int(curve.amounts.min())
    steep = np.abs(np.diff(curve.amounts)) > spread // parts
    turns = np.flatnonzero(steep | (curve.known[1:] != curve.known[:-1]))
    return sorted({*even.tolist(), *turns.tolist(), *(turns + 1).tolist()})


def _table(curve: PaymentCurve, level: int | None) -> Table:
    shown: dict[int, int | None] = {}
    for place in _chosen(curve, TOLD, 12):
        shown[int(curve.levels[place])] = int(curve.amounts[place]) if curve.known[place] else None
    if level is not None:
        shown[level] = paid_at(curve, level)
    cells: list[tuple[Cell, ...]] = []
    for at, amount in sorted(shown.items()):
        cells.append((curve.scale.show(at), NOT_KNOWN if amount is None else Amount(amount, curve.money)))
    return table_of((start(curve.metric.replace("_", " ")), "Payment"), cells)


def _said(curve: PaymentCurve, marked: tuple[int, int | None] | None) -> str:
    show = curve.scale.show
    known = np.flatnonzero(curve.known)
    who = f"The rule {spoken(curve.rule)}"
    if not len(known):
        says = f"{who} cannot be drawn: what it pays is not known at any level of {spoken(curve.metric)}."
    else:
        first, last = int(known[0]), int(known[-1])
        ends = [f"{curve.money.show(int(curve.amounts[at]))} at {show(int(curve.levels[at]))}" for at in (first, last)]
        most = int(curve.amounts[known].max())
        says = f"{who} pays {ends[0]} and {ends[1]} of {spoken(curve.metric)}, and at most {curve.money.show(most)}."
        if len(known) < len(curve.known):
            says += " At some levels it is not known."
    if marked is not None:
        level, amount = marked
        pays = "what it pays is not known" if amount is None else f"it pays {curve.money.show(amount)}"
        says += f" At {show(level)} {pays}."
    return f"{says} What is varied: {full_stop(start_said(curve))}"
