"""Questions to a simulation, as a person writes them: ``P(senior IRR >= 5%) >= 0.8``.

    P(total > 10,000,000) <= 5%         how probable it is that a comparison holds
    P(nothing is paid) <= 1%            how probable an event is
    mean(total) <= 9,500,000            what comes out on the average
    P80(fiscal year 2018) <= 2,000,000  what is enough in 80 of 100 cases: the 80th percentile
    P(total > budget) < 10%             the budget is given with the question

Names are those of the simulation's results, in capitals or small letters. Amounts are in units of the contract's
currency, rates of return carry a percent sign, money multiples are plain numbers. Nothing is evaluated: a question is
taken apart by patterns, and what does not fit them is refused.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, isnan
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from payfs.money import MOST, Currency
from payfs.simulate.kind import read_chance
from payfs.simulate.model import Outcomes
from payfs.spec import decimal, quoted, read_figure, refuse
from payfs.text import suggest

Unit = Literal["money", "rate", "number", "event", "chance"]

EXAMPLE = "P(total <= 1,000,000) >= 80%"
MOST_TEXT = 200  # letters of a question
MOST_NAMES = 12  # that a message lists
PLACES = 6  # of rates and multiples; money in whole cents does not settle more

WORDS = {">=": "at least", ">": "more than", "<=": "at most", "<": "less than"}
HOW: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}
MEANT = {"≥": ">=", "≤": "<="}
SLIPS = {"=>": ">=", "=<": "<=", ">>": ">", "<<": "<"}
OTHER_HEADS = {
    **dict.fromkeys(("average", "avg", "expected", "expectation", "e"), "mean"),
    **dict.fromkeys(("probability", "chance", "prob", "pr"), "P"),
    "median": "P50",
}

_COMPARED = re.compile(r"([^<>=≤≥]*)([<>=≤≥]+)(.*)")
_HEAD = re.compile(r"(p)|(mean)|p(\d{1,2}(?:\.\d{1,6})?)", re.I | re.ASCII)
_ALONE = re.compile(r"(-?\d\S*(?:\s?/\s?\d+|\s?%)?)\s+(?![%/])(.+)", re.ASCII)
_NUMBER_AFTER = re.compile(r"(.+?)\s(-?\d\S*)")


class Comparison(NamedTuple):
    """One side of a comparison: how, and with what.

    Attributes:
        how: ``>=``, ``>``, ``<=`` or ``<``.
        figure: [minor units; 1 of a rate or a chance; 1].
        named: ``budget`` where that stands in place of the figure.
    """

    how: str
    figure: Fraction
    named: str = ""

    def of(self, values: Any) -> Any:
        """Whether it holds, of one value or of an array; what is NaN does not."""
        whole = self.figure.denominator == 1
        return HOW[self.how](values, int(self.figure) if whole else float(self.figure))


@dataclass(frozen=True)
class Question:
    """A question to a simulation: a figure of its results, and what that is compared with.

    Attributes:
        asks: whether the figure is a chance, a mean or a percentile.
        label: the result that it is about.
        unit: what the result is measured in.
        inner: what the result is compared with on each path; None for an event, a mean or a percentile.
        percent: which percentile, above 0 and below 100; 0 for anything else.
        outer: what the figure is compared with.
        money: the currency of amounts.
    """

    asks: Literal["chance", "mean", "percentile"]
    label: str
    unit: Unit
    inner: Comparison | None
    percent: Fraction
    outer: Comparison
    money: Currency

    @property
    def rising(self) -> bool:
        """Whether the figure has to be high enough, and not low enough."""
        return self.outer.how in (">=", ">")

    @property
    def figure_unit(self) -> Unit:
        """What the figure that is asked for is measured in."""
        return "chance" if self.asks == "chance" else self.unit

    def value(self, outcomes: Outcomes) -> float:
        """Return the figure that is asked for: a chance, or a mean or percentile [minor units; 1 of a rate; 1].

        A path without a rate of return counts as one on which no comparison holds, and is left out of a mean and a
        percentile, which are NaN where no path has one. A rate or multiple is compared to six decimals: money in whole
        cents does not settle more, and a tranche that earns 5% must not miss it by a rounded cent. The percentile is
        the least result that so many of 100 paths do not pass.

        Args:
            outcomes: (paths,) by label.
        """
        values: NDArray[Any] = outcomes[self.label]
        if self.asks == "chance":
            happens = values if self.inner is None else self.inner.of(_settled(values))
            return float(np.mean(happens))
        if values.dtype.kind == "f":
            values = values[np.isfinite(values)]
        if not len(values):
            return float("nan")
        if self.asks == "mean":
            # from the first path on, so that a mean of equal amounts is exactly that amount
            return float(values[0] + np.mean(values - values[0]))
        place = ceil(self.percent * len(values) / 100) - 1
        return float(np.partition(values, place)[place])

    def holds(self, value: float) -> bool:
        """Whether the answer is yes with this figure; it is no where the figure is NaN."""
        return bool(self.outer.of(value if self.asks == "chance" else _settled(np.float64(value))))

    def show(self, value: float, more: int = 0) -> str:
        """Write a figure as this question asks for it: ``$9,500,000.00``, ``81.25%``.

        Args:
            value: the figure.
            more: with so many decimals more than usual.
        """
        if isnan(value):
            return "none"
        if self.figure_unit == "money":
            return self.money._replace(digits=self.money.digits + more).show(round(value * 10**more))
        if self.figure_unit == "number":
            return decimal(Fraction(round(value * 10 ** (3 + more)), 10 ** (3 + more)))
        return decimal(Fraction(round(value * 10 ** (4 + more)), 10 ** (2 + more))) + "%"

    def said(self) -> str:
        """Say the question as a clause: ``the probability that the senior IRR is at least 5% is at least 80%``."""
        what = _named(self.label)
        if self.asks == "chance":
            clause = self.label if self.inner is None else f"{what} is {self._compared(self.inner, self.unit)}"
            left = f"the probability that {clause}"
        else:
            kind = "mean" if self.asks == "mean" else f"{_ordinal(self.percent)} percentile"
            left = f"the {kind} of {what}" + ("" if self.unit == "money" else ", where there is one,")
        return f"{left} is {self._compared(self.outer, self.figure_unit)}"

    def _compared(self, comparison: Comparison, unit: Unit) -> str:
        how, figure, named = comparison
        if unit == "money":
            shown = self.money.show(int(figure))
        elif unit == "number":
            shown = decimal(figure)
        else:
            shown = decimal(figure * 100)
            shown = str(figure) if "/" in shown else shown + "%"
        return f"{WORDS[how]} {f'the {named} of ' if named else ''}{shown}"


def units_of(outcomes: Outcomes) -> dict[str, Unit]:
    """Return what each result is measured in: flags are events, whole numbers money, others rates or numbers."""
    units: dict[str, Unit] = {}
    for label, values in outcomes.items():
        kinds: dict[str, Unit] = {"b": "event", "i": "money"}
        units[label] = kinds.get(values.dtype.kind, "rate" if label.endswith(" IRR") else "number")
    return units


def read_question(text: object, labels: Mapping[str, Unit], money: Currency, budget: int | None = None) -> Question:
    """Read a question.

    Args:
        text: as written.
        labels: the results that can be asked for, and what each is measured in: :func:`units_of`.
        money: the currency of amounts.
        budget: what the word ``budget`` stands for [minor units], or None.

    Raises:
        PydanticCustomError: it is not such a question; with the fact and a remedy.
    """
    if not isinstance(text, str) or not text.strip():
        empty = text is None or isinstance(text, str)
        what = "the question is empty" if empty else f"{quoted(text)} stands where a question is meant"
        raise refuse(what, f"write one as in '{EXAMPLE}'")
    if len(text) > MOST_TEXT:
        raise refuse(f"the question {quoted(text)} has more than {MOST_TEXT} letters", "ask one thing at a time")
    head, opened, rest = " ".join(text.split()).partition("(")
    inside, closed, tail = rest.partition(")")
    if not opened or not closed:
        what = "has no round brackets" if not opened else "opens a bracket and does not close it"
        raise refuse(f"the question {quoted(text)} {what}", f"write it as in '{EXAMPLE}'")
    if "(" in inside:
        raise refuse(f"a bracket stands in the brackets: {quoted(inside)}", f"write it as in '{EXAMPLE}'")
    asks, percent = _head(head.strip())
    word = {"chance": "P", "mean": "mean"}.get(asks, head.strip().upper())
    label, unit, inner = _inside(inside, word, labels, money, budget)
    compared = _COMPARED.fullmatch(tail)
    if compared is None:
        more = f"{quoted(tail.strip())} stands" if tail.strip() else "nothing stands"
        raise refuse(f"{more} behind the brackets where a comparison is meant", "write >=, >, <= or < and a figure")
    if compared[1].strip():
        raise refuse(f"{quoted(compared[1].strip())} follows the brackets", "write >=, >, <= or < there")
    outer = _comparison(compared[2], compared[3], "chance" if asks == "chance" else unit, label, money, budget)
    return Question(asks, label, unit, inner, percent, outer, money)


def _head(word: str) -> tuple[Literal["chance", "mean", "percentile"], Fraction]:
    """Read what stands before the brackets, with the percent of a percentile."""
    match = _HEAD.fullmatch(word)
    if match is not None and match[3] is None:
        return ("chance" if match[1] else "mean"), Fraction(0)
    if match is not None and Fraction(match[3]) > 0:
        return "percentile", Fraction(match[3])
    if re.fullmatch(r"p[\d.]+", word, re.I | re.ASCII):
        raise refuse(f"{quoted(word)} is no percentile", "write one above P0 and below P100, such as P80")
    meant = OTHER_HEADS.get(word.casefold())
    what = f"{quoted(word)} stands before the brackets" if word else "nothing stands before the brackets"
    raise refuse(what, f"write {meant}" if meant else "write P, mean, or a percentile such as P80")


def _inside(
    text: str, word: str, labels: Mapping[str, Unit], money: Currency, budget: int | None
) -> tuple[str, Unit, Comparison | None]:
    """Read what stands in the brackets: a result, and what it is compared with where a chance is asked for."""
    compared = _COMPARED.fullmatch(text)
    name = (text if compared is None else compared[1]).strip()
    if compared is not None:
        _once(compared[3])
    if not name:
        raise refuse("nothing is named in the brackets", f"write a result there: {_listed(labels)}")
    label = _label(name, labels)
    unit = labels[label]
    if unit == "event" and (compared is not None or word != "P"):
        raise refuse(f"{quoted(label)} happens or does not, and is no figure", f"write P({label})")
    if word != "P":
        if compared is not None:
            raise refuse(
                f"{word} is of a result and not of a comparison", f"write {word}({label}) or P({text.strip()})"
            )
        return label, unit, None
    if unit == "event":
        return label, unit, None
    if compared is None:
        example = {"money": "1,000,000", "rate": "5%"}.get(unit, "1.1")
        what = f"{quoted(label)} is a figure, and nothing says what it is compared with"
        raise refuse(what, f"write it as in P({label} >= {example})")
    return label, unit, _comparison(compared[2], compared[3], unit, label, money, budget)


def _label(name: str, labels: Mapping[str, Unit]) -> str:
    """Find a result by its name, exactly as written or but for capitals, spaces and hyphens."""
    if name in labels:
        return name
    same = [label for label in labels if _folded(label) == _folded(name)]
    if len(same) == 1:
        return same[0]
    if same:
        raise refuse(f"{quoted(name)} may be {_either(map(quoted, same))}", "write it exactly so")
    number = _NUMBER_AFTER.fullmatch(name)
    if number is not None and _folded(number[1]) in map(_folded, labels):
        what = f"no comparison stands between {quoted(number[1])} and {quoted(number[2])}"
        raise refuse(what, f"write >=, >, <= or < there, as in {number[1]} >= {number[2]}")
    raise refuse(f"the simulation has no result {quoted(name)}", hint_of(name, labels))


def hint_of(name: str, labels: Iterable[str]) -> str:
    """Say which result may be meant: one that is written nearly so, those that have it in their names, or any."""
    holding = [label for label in labels if f" {_folded(name)} " in f" {_folded(label)} "]
    if 0 < len(holding) <= MOST_NAMES:
        return f"did you mean {_either(map(quoted, holding))}"
    return suggest(name, labels) or f"the results are {_listed(labels)}"


def _comparison(how: str, text: str, unit: Unit, label: str, money: Currency, budget: int | None) -> Comparison:
    """Read what follows the left side of a comparison."""
    how = MEANT.get(how, how)
    if how not in HOW:
        remedy = f"write {SLIPS[how]}" if how in SLIPS else "write >=, >, <= or <"
        raise refuse(f"{quoted(how)} is not a comparison that can be asked for", remedy)
    text = text.strip()
    _once(text)
    more = _ALONE.fullmatch(text)
    if more is not None:
        raise refuse(f"{quoted(more[2])} follows {more[1]}", "leave it out, and ask one thing at a time")
    if text.casefold() == "budget":
        if unit != "money":
            what = "a probability" if unit == "chance" else quoted(label)
            raise refuse(f"{what} is compared with the budget, which is money", "write a figure in its place")
        if budget is None:
            raise refuse("no budget is given", "write the amount in its place, or give one")
        return Comparison(how, Fraction(budget), "budget")
    return Comparison(how, read_chance(text) if unit == "chance" else _figure(text, unit, label, money))


def _once(text: str) -> None:
    """Refuse another comparison behind the first."""
    if any(sign in text for sign in "<>=≤≥"):
        raise refuse(f"it compares once more in {quoted(text.strip())}", "ask one thing at a time")


def _figure(text: str, unit: Unit, label: str, money: Currency) -> Fraction:
    """Read what a result is compared with [minor units; 1 of a rate; 1]."""
    figure = read_figure(text)
    if unit == "money":
        if figure.percent:
            raise refuse(f"{figure} is a percentage, but {quoted(label)} is money", f"write an amount in {money.code}")
        minor = figure.value * money.minor
        if minor.denominator != 1:
            raise refuse(f"{figure} is finer than {money.show(1)}", f"write at most {money.digits} decimals")
        if abs(minor) > MOST:
            raise refuse(f"{figure} is more than can be paid exactly", "check the figure")
        return minor
    if unit == "rate" and not figure.percent and figure.value != 0:
        both = f"write {figure}%, or {decimal(figure.value * 100)}% if that is meant"
        raise refuse(f"{figure} has no percent sign, but {quoted(label)} is a rate a year", both)
    if unit == "number" and figure.percent:
        raise refuse(
            f"{figure} is a percentage, but {quoted(label)} is a plain number", f"write {decimal(figure.share)}"
        )
    if (figure.share * 10**PLACES).denominator != 1:
        places = PLACES - 2 if figure.percent else PLACES
        raise refuse(f"{figure} is finer than {quoted(label)} is known", f"write at most {places} decimals")
    return figure.share


def _settled(values: Any) -> Any:
    """Round rates, multiples and means of them to what whole cents settle; leave whole amounts as they are."""
    return np.round(values, PLACES) if values.dtype.kind == "f" else values


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name.strip().casefold())


def _named(label: str) -> str:
    """Name a result in a sentence."""
    kind, _, name = label.partition(" ")
    if kind in ("rule", "payer") and name:
        return f"what {label} pays"
    return f"what is paid in {label}" if label.startswith("fiscal year ") else f"the {label}"


def _ordinal(percent: Fraction) -> str:
    text = decimal(percent)
    ending = "th" if "." in text or text[-2:-1] == "1" else {"1": "st", "2": "nd", "3": "rd"}.get(text[-1], "th")
    return text + ending


def _listed(labels: Iterable[str]) -> str:
    names = list(labels)
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more


def _either(names: Iterable[str]) -> str:
    return " or ".join(names)
