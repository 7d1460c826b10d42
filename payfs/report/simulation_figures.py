"""How the figures of a simulation are written: amounts, rates and chances, each with its standard error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite

from payfs.money import Currency
from payfs.report.lines import WIDTH, wrapped
from payfs.simulate.question import Unit
from payfs.simulate.risk import Figure

FINE = 100_000  # where no amount reaches it, all are written with their minor unit [units of the currency]
ROOM = 13  # letters of an amount, so that five columns fit
SCALES = ((1, ""), (10**3, "thousands of "), (10**6, "millions of "), (10**9, "billions of "))
SPREAD = {"mean": "mean", "5%": "p5", "50%": "p50", "80%": "p80", "95%": "p95"}
"""The columns of a table of amounts, and the figures that stand in them."""


@dataclass(frozen=True)
class Shown:
    """How a run writes its amounts: all of its tables in one unit.

    Attributes:
        money: the currency.
        each: minor units in one unit of a table.
        places: decimals in a table.
        unit: what a table's amounts are, such as ``thousands of USD``.
    """

    money: Currency
    each: int
    places: int
    unit: str

    @property
    def least(self) -> int:
        """The smallest step that is told apart in a table [minor units]."""
        return self.each if self.places == 0 else 1

    def said(self, minor: float) -> str:
        """Write an amount [minor units] in a sentence, with its currency; in whole units, but for small ones."""
        if not isfinite(minor):
            return "none"
        if self.places == self.money.digits and self.each == self.money.minor:
            return self.money.show(whole(minor))
        return self.money._replace(digits=0).show(whole(minor / self.money.minor))

    def pair(self, figure: Figure | None, unit: Unit = "money") -> tuple[str, str]:
        """Write a figure and its standard error: ``8,487,942`` and ``± 962``."""
        if figure is None or not isfinite(figure.value):
            return "none", ""
        value, error = figure
        if unit == "money":
            return number(value / self.each, self.places), margin(error / self.each, self.places)
        if unit == "number":
            return number(value, 4), margin(error, 4)
        exact = value == 0 or (value == 1 and unit == "event")
        return f"{number(100 * value, 0 if exact else 2)}%", margin(100 * error, 2, "%")

    def both(self, figure: Figure | None, unit: Unit = "money") -> str:
        """Write a figure with its standard error; in a sentence amounts carry their currency: ``$8,487,942 ± $962``."""
        value, error = self.pair(figure, unit)
        if unit == "money" and figure is not None and isfinite(figure.value):
            small = self.places == self.money.digits and self.each == self.money.minor
            value = self.said(figure.value)
            sign = self.money.symbol + (" " if self.money.symbol[-1:].isalpha() else "")
            error = margin(figure.error / self.money.minor, self.money.digits if small else 0, before=sign)
        return f"{value} {error}".rstrip()


def shown_of(money: Currency, amounts: Iterable[float]) -> Shown:
    """Choose how amounts are written, so that the widest of them fits [minor units]."""
    most = max((abs(amount) for amount in amounts if isfinite(amount)), default=0.0) / money.minor
    if most < FINE:
        return Shown(money, money.minor, money.digits, money.code)
    by, words = next((scale for scale in SCALES if len(number(-most / scale[0], 0)) <= ROOM), SCALES[-1])
    return Shown(money, by * money.minor, 0, f"{words}{money.code}")


def whole(value: float) -> int:
    """Round to a whole number, half away from 0."""
    return int(Decimal(value).to_integral_value(ROUND_HALF_UP))


def number(value: float, places: int) -> str:
    """Write a number with so many decimals, half away from 0, and no minus before a 0."""
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{abs(rounded) if rounded == 0 else rounded:,}"


def margin(error: float, places: int, sign: str = "", before: str = "") -> str:
    """Write a standard error: ``± 962``, ``± <1`` where it is not 0 but would be written so."""
    if not isfinite(error):
        return "± ?"
    least = 10.0**-places
    if error < least / 1e6:  # the round-off of equal figures
        return f"± {before}0{sign}"
    less, figure = ("<", least) if error < least / 2 else ("", error)
    return f"± {less}{before}{number(figure, places)}{sign}"


def share(chance: float) -> str:
    """Write a chance in a sentence: ``2.0%``, ``less than 0.01%``."""
    if chance in (0, 1):
        return f"{chance:.0%}"
    if min(chance, 1 - chance) < 0.0001:
        return "less than 0.01%" if chance < 0.5 else "more than 99.99%"
    return f"{number(100 * chance, 2 if min(chance, 1 - chance) < 0.01 else 1)}%"


def spread(
    shown: Shown, rows: Mapping[str, tuple[Mapping[str, Figure], Unit]], columns: Mapping[str, str]
) -> Iterator[str]:
    """Set figures in columns, each standard error under its figure.

    A name that leaves no room for its figures stands on a line of its own.

    Args:
        shown: how amounts are written.
        rows: of each name, its figures and what they are measured in.
        columns: the head of each column, and the figure that stands in it.
    """
    cells = {
        name: [shown.pair(figures.get(figure), unit) for figure in columns.values()]
        for name, (figures, unit) in rows.items()
    }
    widths = [
        max(len(text) for text in (head, *(part for row in cells.values() for part in row[place])))
        for place, head in enumerate(columns)
    ]
    room = WIDTH - 2 - sum(width + 2 for width in widths)
    fits = [len(name) for name in rows if len(name) <= room]
    left = max(fits, default=2)

    def line(name: str, texts: Sequence[str]) -> str:
        row = "  ".join(text.rjust(width) for text, width in zip(texts, widths, strict=True))
        return f"  {name.ljust(left)}  {row}".rstrip()

    yield line("", list(columns))
    for name, pairs in cells.items():
        if len(name) > left:
            yield from wrapped(name, "  ")
        yield line(name if len(name) <= left else "", [value for value, _ in pairs])
        if any(error for _, error in pairs):
            yield line("", [error for _, error in pairs])


def paragraph(text: str, indent: str = "  ") -> Iterator[str]:
    """Break a paragraph into lines, but never between a ± and its figure."""
    for line in wrapped(text.replace("± ", "±\u00a0"), indent):
        yield line.replace("\u00a0", " ")


def beside(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Set a figure and, to its right and wrapped, what it is the figure of."""
    every = list(rows)
    left = max((len(figure) for figure, _ in every), default=0)
    for figure, what in every:
        lines = list(wrapped(what, " " * (left + 4)))
        yield f"  {figure.rjust(left)}  {lines[0].strip()}"
        yield from lines[1:]
