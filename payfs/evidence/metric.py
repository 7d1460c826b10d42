"""Metrics: what is measured, in which unit and step, and how some are worked out from others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator

from payfs.evidence.condition import Condition
from payfs.evidence.counting import Counting
from payfs.evidence.varying import Varying
from payfs.money import Currency, currency
from payfs.scale import OffScale, Scale
from payfs.spec import (
    NUMBER_OR_TEXT,
    Figure,
    Name,
    Names,
    OneOrMore,
    Pay,
    Problem,
    Quantity,
    Share,
    Spec,
    Text,
    Unknown,
    Yes,
    as_list,
    quoted,
    read_figure,
    read_name,
    under,
)
from payfs.words import Payout, Point, Tier, fit, table_curve, tier_problems, tiers_curve

PLURALS = {
    "person": "people",
    "child": "children",
    "woman": "women",
    "man": "men",
}


def plural_of(unit: str) -> str:
    """Return a unit in the plural, as English most often has it: ``months of tenancy`` of ``month of tenancy``."""
    head, of, rest = unit.partition(" of ")
    if of:
        return f"{plural_of(head)} of {rest}"
    if unit in PLURALS:
        return PLURALS[unit]
    if _is_currency(unit):
        return unit
    if unit[-1:] == "y" and unit[-2:-1] not in "aeiou":
        return f"{unit[:-1]}ies"
    return f"{unit}es" if unit.endswith(("s", "x", "ch", "sh")) else f"{unit}s"


def _is_currency(unit: str) -> bool:
    """Whether a unit is the code of a currency, which has no plural of its own."""
    if len(unit) != 3 or not unit.isupper():
        return False
    try:
        return bool(currency(unit))
    except KeyError:
        return False


def read_operand(value: object) -> Figure | str:
    """Read an operand: a metric's name, or a plain figure."""
    if isinstance(value, str) and value[:1] in "-0123456789" and value.strip("%") != "":
        try:
            return read_figure(value)
        except ValueError:
            pass
    return read_name(value)


Operand = Annotated[Any, PlainValidator(read_operand), NUMBER_OR_TEXT]  # Figure | str
Operands = Annotated[tuple[Operand, ...], BeforeValidator(as_list), OneOrMore(), Field(min_length=1)]


def read_bound(value: object) -> Figure | str:
    """Read the least that a metric can be: a figure, or ``none``."""
    return "none" if value == "none" else read_figure(value)


Bound = Annotated[Any, PlainValidator(read_bound), NUMBER_OR_TEXT]  # Figure | "none"
RoundingWord = Literal["half up", "half even", "down", "up"]


class Difference(Spec):
    """One thing less another."""

    of: Operand
    less: Operand


class Ratio(Spec):
    """One thing for each of another."""

    of: Operand
    to: Operand


class Reduction(Spec):
    """How far one thing lies below another, as a part of the other."""

    from_: Operand = Field(alias="from")
    to: Operand


class Score(Spec):
    """Points for where a metric stands."""

    of: Name
    tiers: tuple[Tier, ...] | None = None
    table: tuple[Point, ...] | None = None
    before: Pay | None = None
    after: Pay | None = None


WORKED_OUT = (
    "sum",
    "difference",
    "product",
    "ratio",
    "reduction",
    "weighted",
    "highest",
    "lowest",
    "change",
    "running",
    "pooled",
    "fixed",
    "score",
    "met",
)


class Metric(Spec):
    """What is measured."""

    what: Text | None = None
    unit: Text
    plural: Text | None = None
    step: Quantity | None = None
    reports: Literal["in the period", "to date"] | None = None
    measured: Names | None = None
    by_cohort: Yes = True
    least: Bound | None = None
    most: Quantity | None = None
    better: Literal["higher", "lower", "neither"] = "higher"
    rounded: RoundingWord = "half up"
    if_zero: Quantity | None = None
    source: Names | None = None
    verifier: Name | None = None
    baseline: Text | None = None
    counterfactual: Text | None = None
    clause: Text | None = None
    note: Text | None = None
    claims: Counting | None = None
    sum: Operands | None = None
    difference: Difference | None = None
    product: Operands | None = None
    ratio: Ratio | None = None
    reduction: Reduction | None = None
    weighted: dict[Name, Share] | None = None
    highest: Operands | None = None
    lowest: Operands | None = None
    change: Name | None = None
    running: Name | None = None
    pooled: Name | None = None
    fixed: Varying | None = None
    score: Score | None = None
    met: Condition | None = None

    @property
    def worked_out(self) -> str | None:
        """The operation by which the metric is worked out from others, if it is."""
        return next((word for word in WORKED_OUT if getattr(self, word) is not None), None)

    def operands(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Yield the metrics that this one is worked out from, with their places."""
        word = self.worked_out
        value = getattr(self, word) if word else None
        if isinstance(value, tuple):
            for place, operand in enumerate(value):
                if isinstance(operand, str):
                    yield (str(word), place), operand
        elif isinstance(value, (Difference, Ratio, Reduction)):
            for key in type(value).model_fields:
                if isinstance(getattr(value, key), str):
                    yield (str(word), key.strip("_")), getattr(value, key)
        elif word == "weighted":
            yield from ((("weighted", name), name) for name in self.weighted or {})
        elif word in ("change", "running", "pooled"):
            yield (str(word),), str(value)
        elif isinstance(value, Score):
            yield ("score", "of"), value.of
        elif isinstance(value, Condition):
            yield from ((("met", *path), name) for path, name in value.metrics())

    def scale(self, money: Currency) -> Scale:
        """Work out the scale.

        Raises:
            OffScale: the step, or an end of the range, cannot be.
        """
        percent, yes_no = self.unit == "%", self.unit == "yes/no"
        is_money = self.unit == "money"
        if self.step is None:
            if percent:
                raise OffScale("a percentage needs a step", "say how finely it is measured, for example step: 0.01%")
            step = Fraction(1, money.minor) if is_money else Fraction(1)
        else:
            step = self.step.value
            if step <= 0:
                raise OffScale(f"the step {self.step} is not above 0", "say how finely the metric is measured")
            if self.step.percent != percent:
                raise OffScale(
                    f"the step {self.step} does not fit the unit {quoted(self.unit)}",
                    "give the step in the metric's unit, with a percent sign where the unit is %",
                )
        unit = "percentage point" if percent else self.unit
        plural = self.plural or plural_of(unit)
        if is_money:
            unit, plural = money.code, money.code
        scale = Scale(step, unit, plural, percent, money if is_money else None, yes_no)
        least = scale.steps(self.least) if isinstance(self.least, Figure) else None
        most = scale.steps(self.most) if self.most is not None else None
        if yes_no:
            least, most = 0, 1
        elif self.least is None and not percent and self.worked_out is None:
            least = 0
        if least is not None and most is not None and least > most:
            raise OffScale("the least it can be is more than the most", "exchange least and most")
        return Scale(step, unit, plural, percent, scale.money, yes_no, least, most, self.better == "lower")

    def problems(
        self, scales: Mapping[str, Scale], own: Scale, periods: Callable[[str], bool], cohorts: bool
    ) -> Iterator[Problem]:
        """Find what cannot be worked out."""
        words = [word for word in WORKED_OUT if getattr(self, word) is not None]
        if len(words) > 1:
            yield Problem((words[1],), f"the metric is worked out twice, by {words[0]} and by {words[1]}", "keep one")
            return
        if not cohorts and not self.by_cohort:
            yield Problem(("by_cohort",), "by_cohort: no is said, but the contract has no cohorts", "leave it out")
        if self.weighted is not None and sum_of(self.weighted.values()) != 1:
            yield Problem(
                ("weighted",),
                f"the weights add up to {Figure(sum_of(self.weighted.values()) * 100, True)}, not to 100%",
                "mend the weights",
            )
        if self.product is not None and not any(isinstance(operand, str) for operand in self.product):
            yield Problem(("product",), "the product is of plain figures only", "name a metric, or say fixed")
        if self.if_zero is not None and not (self.ratio or self.reduction):
            yield Problem(("if_zero",), "if_zero belongs to ratio and reduction only", "leave it out")
        elif self.if_zero is not None:
            try:
                own.steps(self.if_zero)
            except OffScale as error:
                yield Problem(("if_zero",), error.what, error.remedy)
        if self.fixed is not None:
            for path, figure in self.fixed.figures():
                if isinstance(figure, Unknown):
                    continue
                try:
                    own.steps(figure)
                except OffScale as error:
                    yield Problem(("fixed", *path), error.what, error.remedy)
        if self.met is not None:
            yield from under(self.met.problems(scales, periods, cohorts), "met")
        if self.score is not None and self.score.of in scales:
            yield from under(_score_problems(self.score, scales[self.score.of], own), "score")


def _points(own: Scale) -> Payout:
    """Return what a score gives: steps of its own metric, for a percentage 40% and not 40."""
    return Payout(1 / own.worth)


def _unfitting(score: Score, own: Scale) -> Iterator[Problem]:
    """Find points without the percent sign that the metric's unit asks for, or with one too many."""
    places: list[tuple[tuple[str | int, ...], object]] = [(("before",), score.before), (("after",), score.after)]
    for word, entries in (("tiers", score.tiers or ()), ("table", score.table or ())):
        keys = ("pays", "gives", "price", "plus") if word == "tiers" else ("pays", "gives")
        places += [((word, place, key), getattr(entry, key)) for place, entry in enumerate(entries) for key in keys]
    for path, figure in places:
        if isinstance(figure, Figure) and figure.value and figure.percent != own.percent:
            remedy = "write it with a percent sign" if own.percent else f"write a number of {own.plural}"
            yield Problem(path, f"{figure} does not fit the metric's unit", remedy)


def _score_problems(score: Score, scale: Scale, own: Scale) -> Iterator[Problem]:
    if (score.tiers is None) == (score.table is None):
        yield Problem((), "a score needs tiers or a table", "say one of them")
        return
    payout, wrong = _points(own), list(_unfitting(score, own))
    yield from wrong
    if score.tiers is not None and not wrong:
        found = [*under(fit(score.tiers, scale), "tiers"), *under(tier_problems(score.tiers, payout), "tiers")]
        yield from found
        if not found:
            for piece in tiers_curve(score.tiers, scale, payout).pieces:
                if piece.amount is not None and piece.intercept.denominator != 1:
                    yield Problem(
                        piece.path, "the points are finer than the metric's step", "give the score a finer step"
                    )
    if score.table is not None:
        yield from under(table_problems(score.table, scale), "table")


def table_problems(points: tuple[Point, ...], scale: Scale) -> Iterator[Problem]:
    """Find points that are off the scale, out of order, or say no amount."""
    before = None
    if not points:
        yield Problem((), "the table has no points", "list at least two")
    for place, point in enumerate(points):
        if point.lump is None:
            yield Problem((place,), "the point says no amount", "say pays")
        try:
            here = scale.steps(point.at)
        except OffScale as error:
            yield Problem((place, "at"), error.what, error.remedy)
            continue
        if before is not None and here <= before:
            yield Problem(
                (place, "at"), "it does not come after the point before", "write the points in ascending order"
            )
        before = here


@lru_cache(maxsize=1024)  # once, and not for every block of paths
def score_curve(score: Score, scale: Scale, own: Scale) -> Any:
    """Turn a score into a curve from steps of the one metric to steps of the other."""
    payout = _points(own)
    if score.tiers is not None:
        return tiers_curve(score.tiers, scale, payout)
    assert score.table is not None
    return table_curve(score.table, score.before, score.after, scale, payout)


def sum_of(shares: Any) -> Fraction:
    """Add fractions."""
    return sum(shares, Fraction(0))
