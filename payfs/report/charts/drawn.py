"""What all charts have in common: money on an axis, shades that survive a black-and-white print, and files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import altair as alt

from payfs.money import Currency
from payfs.report.tables import Table

INK, DARK, MID, PALE, LINE = "#1b1b1b", "#14365c", "#6f94bf", "#d3e1f0", "#c9c9c9"
ENDS = ((0x14, 0x36, 0x5C), (0xD9, 0xE6, 0xF3))  # of the shades: dark, light
DASHES = ([1, 0], [8, 3], [2, 3], [9, 3, 2, 3])
PLAIN = ",~f"  # every digit, thousands set apart; never 1e+6 nor 1.5M
HEIGHT = 300  # [pixels]
WIDTH = 720  # of a file [pixels]
LETTERS = 46  # of a name in a legend or at an axis
STEPS = ((10**9, "billions of "), (10**6, "millions of "), (10**3, "thousands of "), (1, ""))
FEW = 10  # units of a step that an axis must reach before it is counted in them

STYLE: dict[str, Any] = {
    "font": "sans-serif",
    "axis": {
        "labelColor": INK,
        "titleColor": INK,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": LINE,
    },
    "legend": {"labelColor": INK, "titleColor": INK, "labelFontSize": 12, "labelLimit": 320, "symbolLimit": 0},
    "view": {"stroke": None},
}

Row = dict[str, Any]


@dataclass(frozen=True)
class Drawn:
    """A chart and what it says.

    Attributes:
        chart: without a width, which a page or a file gives it.
        says: the text alternative: one or two sentences that quote the figures.
        table: the rows that are shown.
    """

    chart: alt.LayerChart
    says: str
    table: Table


@dataclass(frozen=True)
class Scaled:
    """How amounts stand on an axis.

    Attributes:
        money: the currency.
        each: minor units in one unit of the axis.
        unit: what is counted, such as ``thousands of USD``.
    """

    money: Currency
    each: int
    unit: str

    def at(self, minor: float) -> float:
        """Return where an amount stands [units of the axis]."""
        return minor / self.each

    @property
    def step(self) -> float:
        """The least step between two marks: a minor unit."""
        return 1 / self.each


def scaled(money: Currency, amounts: Iterable[float]) -> Scaled:
    """Choose in what amounts [minor units] are counted on an axis, so that its labels stay short."""
    most = max((abs(amount) for amount in amounts), default=0) / money.minor
    by, words = next((step for step in STEPS if most >= FEW * step[0]), STEPS[-1])
    return Scaled(money, by * money.minor, f"{words}{money.code}")


def money_axis(scale: Scaled, what: str) -> dict[str, Any]:
    """Return the axis and scale of amounts, to be given to a channel of a chart."""
    return {
        "axis": alt.Axis(title=f"{what} [{scale.unit}]", format=PLAIN, tickMinStep=scale.step, tickCount=6),
        "type": "quantitative",
    }


def shades(number: int) -> list[str]:
    """Return so many shades from dark to light, evenly apart."""
    if number == 1:
        return [DARK]
    parts = [place / (number - 1) for place in range(number)]
    return ["#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in zip(*ENDS, strict=True)) for part in parts]


def on_shade(number: int) -> list[str]:
    """Return the ink that can be read on each of so many shades."""
    light = [number > 1 and place / (number - 1) > 0.45 for place in range(number)]
    return [INK if one else "#ffffff" for one in light]


def short(text: str, room: int = LETTERS) -> str:
    """Cut a name to what a chart has room for."""
    text = " ".join(text.split())
    return text if len(text) <= room else text[: room - 1] + "…"


def apart(names: Sequence[str], room: int = LETTERS) -> list[str]:
    """Cut names to what a chart has room for, each still unlike the others."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        cut = short(name, room)
        seen[cut] = seen.get(cut, 0) + 1
        result.append(cut if seen[cut] == 1 else f"{cut} ({seen[cut]})")
    return result


def rows(data: Sequence[Mapping[str, Any]]) -> alt.InlineData:
    """Give rows to a chart, as they are."""
    return alt.InlineData(values=[dict(row) for row in data])


def tips(**heads: str) -> list[alt.Tooltip]:
    """Return what the pointer shows: fields of text under their heads."""
    return [alt.Tooltip(field, type="nominal", title=head) for field, head in heads.items()]


def beside(data: alt.InlineData, left: bool) -> alt.Chart:
    """Write a text above the chart, to the left or to the right of a line that is drawn up to it."""
    words = alt.Chart(data).mark_text(
        color=INK,
        fontSize=13,
        fontWeight="bold",
        align="right" if left else "left",
        dx=6 if left else -6,
        baseline="bottom",
        dy=-3,
    )
    placed: alt.Chart = words.encode(y=alt.value(0), text=alt.Text("text", type="nominal"))
    return placed


def legend(title: str, names: Sequence[str]) -> alt.Legend:
    """Return a legend that fits a phone: names one below the other where they are long."""
    return alt.Legend(title=title, orient="bottom", columns=1 if max(map(len, names), default=0) > 16 else 2)


def shaded(field: str, names: Sequence[str], title: str) -> alt.Color:
    """Give each name its shade, and say so below the chart."""
    scale = alt.Scale(domain=list(names), range=shades(len(names)))
    return alt.Color(field, type="nominal", sort=list(names), scale=scale, legend=legend(title, names))


def names_axis(title: str) -> alt.Axis:
    """Return an axis of names below the chart, of which some are left out where there is no room."""
    axis: dict[str, Any] = {"title": title, "labelAngle": -40, "labelOverlap": "greedy", "labelLimit": 150}
    return alt.Axis(**axis)


def layered(layers: Sequence[alt.Chart], says: str, height: int = HEIGHT) -> alt.LayerChart:
    """Lay charts over one another, in the style of all charts."""
    # all at once: each later step would copy every row
    return alt.LayerChart(layer=list(layers), height=height, description=says, background="white", config=STYLE)


def as_svg(drawn: Drawn, width: int = WIDTH) -> str:
    """Draw a chart as SVG with its text alternative, the same for the same chart."""
    import vl_convert

    # no address may be looked up: what a chart shows stands in it
    svg: str = vl_convert.vegalite_to_svg(_sized(drawn, width), allowed_base_urls=[])
    head, rest = re.split(r"(?<=>)", svg, maxsplit=1)
    described = f'{head[:-1]} role="img" aria-labelledby="chart-title chart-text">'
    first, _, more = drawn.says.partition(". ")
    title = escape(_xml(first.rstrip(".") + "."))
    return f'{described}<title id="chart-title">{title}</title><desc id="chart-text">{escape(_xml(more))}</desc>{rest}'


def as_png(drawn: Drawn, width: int = WIDTH, scale: float = 2) -> bytes:
    """Draw a chart as PNG, so many times as fine as its width [pixels] says."""
    import vl_convert

    png: bytes = vl_convert.vegalite_to_png(_sized(drawn, width), scale=scale, allowed_base_urls=[])
    return png


def _sized(drawn: Drawn, width: int) -> dict[str, Any]:
    spec: dict[str, Any] = drawn.chart.properties(width=width).to_dict()
    return spec


def _xml(text: str) -> str:
    """Leave out what XML cannot hold."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", text)
