"""A payment rule as written, and what can be wrong with one."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal

from pydantic import Field, model_validator

from payfs.curve import Curve
from payfs.evidence.condition import Condition
from payfs.evidence.counting import OutOfText, Values
from payfs.evidence.metric import table_problems
from payfs.evidence.varying import Varying, closed
from payfs.money import Currency
from payfs.scale import OffScale, Scale
from payfs.spec import (
    Amount,
    Change,
    Figure,
    Name,
    Names,
    Pay,
    Problem,
    Quantity,
    Share,
    Spec,
    Text,
    Unknown,
    Yes,
    read_figure,
    under,
)
from payfs.terms.gate import Gate
from payfs.terms.limit import Most
from payfs.terms.payers import Payers
from payfs.terms.price import Price
from payfs.words import (
    Band,
    Payout,
    Point,
    Stage,
    Tier,
    bands_curve,
    fit,
    stages_curve,
    table_curve,
    tier_problems,
    tiers_curve,
)

CURVES = ("tiers", "bands", "table", "stages")
PRICES = ("price", *CURVES, "pays", "instalments", "pool", "part_of", "tops_up")


class Instalments(Spec):
    """A fee and its split over periods."""

    total: Amount
    split: dict[Name, Share] | None = None
    evenly: Yes = False


class TopUp(Spec):
    """A minimum guarantee over other rules."""

    rules: Names
    to: Amount


class Holdback(Spec):
    """A share that is kept back until a standard is met."""

    share: Share
    released: Name
    gate: Condition | None = None


class Baseline(Varying):
    """What is not paid for, because it would have come anyway: a figure, a metric, or figures that vary."""

    metric: Name | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_scalar(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return closed(value)
        try:
            read_figure(value)
        except ValueError:
            return {"metric": value} if value[:1].isalpha() and value != "unknown" else {"flat": value}
        return {"flat": value}


class Uplift(Spec):
    """Adds a share to the price of claims whose columns say so, or takes it off, rounded in its own way."""

    where: dict[Name, Values] = Field(min_length=1)
    share: Change
    rounded: Literal["half up", "half even", "down", "up"] = "half up"
    to: Amount | None = None


class Rule(Spec):
    """Pays for one metric, by one price."""

    what: Text | None = None
    clause: Text | None = None
    note: Text | None = None
    source: Names | None = None
    metric: Name | None = None
    cohorts: Names | None = None
    periods: Names | None = None
    payer: Name | None = None
    payers: Payers | None = None
    payee: Name | None = None
    price: Price | None = None
    tiers: tuple[Tier, ...] | None = None
    bands: tuple[Band, ...] | None = None
    table: tuple[Point, ...] | None = None
    before: Pay | None = None
    after: Pay | None = None
    stages: tuple[Stage, ...] | None = None
    pays: Amount | None = None
    instalments: Instalments | None = None
    pool: Amount | None = None
    part_of: Names | None = None
    tops_up: TopUp | None = None
    per: Quantity | None = None
    complete: Yes = False
    counts: Literal["each period", "to date"] | None = None
    pooled: Yes = False
    baseline: Baseline | None = None
    most_units: Pay | None = None
    of: Amount | None = None
    for_every: Amount | None = None
    share: Share | None = None
    gate: Gate | None = None
    two_way: Yes = False
    returned: Yes = False
    most: Most | None = None
    holdback: Holdback | None = None
    uplift: Uplift | None = None
    pays_for: OutOfText | None = None

    @property
    def claim_by_claim(self) -> bool:
        """Whether each claim has a price of its own, which counts cannot give."""
        return self.uplift is not None or (self.price is not None and bool(self.price.columns))

    def columns(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Yield the columns of a claim that the price looks at, with their places."""
        yield from (
            (("price", "by", place), name) for place, name in enumerate(self.price.columns if self.price else ())
        )
        yield from ((("uplift", "where", name), name) for name in (self.uplift.where if self.uplift else ()))

    @property
    def priced_by(self) -> str | None:
        """The word that says the price."""
        return next((word for word in PRICES if getattr(self, word) is not None), None)

    def other_rules(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Yield the rules that this one is worked out from, with their places."""
        for place, name in enumerate(self.part_of or ()):
            yield ("part_of", place), name
        for place, name in enumerate(self.tops_up.rules if self.tops_up else ()):
            yield ("tops_up", "rules", place), name

    def payout(self, money: Currency) -> Payout:
        """Return what a curve of this rule gives; a base that is unknown counts as 1 until it is asked for."""
        of, per = (
            Fraction(1) if isinstance(base, Unknown) else base if isinstance(base, Fraction) else None
            for base in (self.of, self.for_every)
        )
        return Payout(Fraction(money.minor), money, of, per)

    def curve(self, scale: Scale, money: Currency) -> Curve | None:
        """Return the price curve, if the price is one."""
        ends = (self.before, self.after)
        return _curve(self.tiers, self.bands, self.table, ends, self.stages, scale, self.payout(money))

    def problems(self, scale: Scale | None, money: Currency) -> Iterator[Problem]:
        """Find prices said twice or not at all, words that do not belong together, and curves that do not fit.

        Args:
            scale: of the rule's metric; None where it has none.
            money: the contract's currency.
        """
        words = [word for word in PRICES if getattr(self, word) is not None]
        if not words:
            yield Problem((), "the rule says no price", f"say one of {', '.join(PRICES)}")
            return
        if len(words) > 1:
            yield Problem((words[1],), f"the price is said twice, by {words[0]} and by {words[1]}", "keep one of them")
            return
        word = words[0]
        if self.most is not None and (self.most.by_year is not None or self.most.by_period is not None):
            what = "a rule's own limit is for all of the term"
            yield Problem(("most",), what, "write a limit by year or period under limits, with rules: this one")
        if self.payer is not None and self.payers is not None:
            yield Problem(("payers",), "payer and payers are both said", "keep one of them")
        yield from self._stray_words(word, scale)
        if scale is None:
            if word in ("price", *CURVES, "pool"):
                yield Problem((), "the rule names no metric", "say metric")
            return
        if self.per is not None:
            yield from self._on_scale(("per",), self.per, scale, above_zero=True)
        if isinstance(self.most_units, Figure):
            yield from self._on_scale(("most_units",), self.most_units, scale)
        if self.baseline is not None:
            for path, figure in self.baseline.figures():
                if isinstance(figure, Figure):
                    yield from self._on_scale(("baseline", *path), figure, scale)
        yield from self._curve_problems(scale, money)

    def _on_scale(
        self, path: tuple[str | int, ...], figure: Figure, scale: Scale, above_zero: bool = False
    ) -> Iterator[Problem]:
        try:
            steps = scale.steps(figure)
        except OffScale as error:
            yield Problem(path, error.what, error.remedy)
            return
        if above_zero and steps <= 0:
            yield Problem(path, f"{figure} is not above 0", "give so many units of the metric")

    def _plain_baseline(self) -> bool:
        figure = self.baseline.flat if self.baseline else None
        return isinstance(figure, Unknown) or (isinstance(figure, Figure) and not figure.percent)

    def _stray_words(self, word: str, scale: Scale | None) -> Iterator[Problem]:
        belongs = {
            "per": ("price",),
            "before": ("table",),
            "after": ("table",),
            "of": CURVES[:3],
            "for_every": CURVES[:3],
            "baseline": ("price", *CURVES, "pool", "part_of"),
            "most_units": ("price", *CURVES),
            "uplift": ("price",),
            "pays_for": ("price", *CURVES),
        }
        for key, places in belongs.items():
            if getattr(self, key) is not None and word not in places:
                yield Problem((key,), f"{key} does not go with {word}", f"it goes with {', '.join(places)}")
        if self.complete and self.per is None:
            yield Problem(
                ("complete",),
                "complete says that only whole lots count, but nothing says how large a lot is",
                "say per",
            )
        if self.for_every is not None and self.of is None:
            yield Problem(("for_every",), "for_every divides a sum that is not said", "say of: the sum")
        if isinstance(self.for_every, Fraction) and self.for_every <= 0:
            yield Problem(("for_every",), "the sum cannot be divided by nothing", "give an amount above 0")
        if self.part_of is not None and self.baseline is not None and not self._plain_baseline():
            what = "the baseline of a part of other rules is one amount of money"
            yield Problem(("baseline",), what, "write the amount")
        if self.part_of is not None and self.share is None:
            yield Problem((), "part_of takes a share of other rules, but nothing says how large", "say share")
        if word == "stages" and self.share is not None:
            yield Problem(("share",), "share does not go with stages", "say the share in the stages")
        if word == "stages" and self.gate is not None and (self.gate.holds or self.gate.otherwise):
            yield Problem(("gate",), "a gate of stages lets all through or nothing", "leave before and otherwise out")
        if word == "stages" and self.counts == "each period":
            yield Problem(("counts",), "stages switch on what was paid in all", "leave counts out")
        if word in ("instalments", "tops_up", "pays") and self.counts is not None:
            yield Problem(("counts",), f"counts does not go with {word}", "leave it out")
        if word == "instalments" and self.instalments is not None:
            whole = sum((self.instalments.split or {}).values(), Fraction(0))
            if (self.instalments.split is None) != self.instalments.evenly:
                what = "nothing says how the fee is split, or two things do"
                yield Problem(("instalments",), what, "say split, or evenly: yes")
            elif whole != 1 and not self.instalments.evenly:
                yield Problem(
                    ("instalments", "split"),
                    f"the instalments add up to {Figure(whole * 100, True)}, not to 100%",
                    "mend the split",
                )
        if self.pooled and scale is not None and scale.percent:
            yield Problem(
                ("pooled",),
                "percentages of several cohorts cannot be added up",
                "use a metric that is worked out from pooled counts",
            )
        if self.holdback is not None and self.holdback.share > 1:
            yield Problem(("holdback", "share"), "more than the whole is held back", "give at most 100%")
        if self.pays_for is not None and scale is not None and scale.step != 1:
            yield Problem(("pays_for",), "only whole units can be paid for in part", "use a metric with a step of 1")
        if self.returned and self.two_way:
            yield Problem(("returned",), "returned and two_way are both said", "keep returned for what is paid back")

    def _curve_problems(self, scale: Scale, money: Currency) -> Iterator[Problem]:
        payout = self.payout(money)
        if self.price is not None:
            yield from under(self.price.money_problems(scale), "price")
        if self.tiers is not None:
            if not self.tiers:
                yield Problem(("tiers",), "there are no tiers", "list at least one")
            yield from under(fit(self.tiers, scale), "tiers")
            yield from under(tier_problems(self.tiers, payout), "tiers")
            for place, tier in enumerate(self.tiers):
                yield from self._price_problem(("tiers", place, "price"), tier.price, scale, payout)
                if tier.gives is not None:
                    yield Problem(
                        ("tiers", place, "gives"), "a payment rule pays money and gives no points", "say pays"
                    )
        if self.bands is not None:
            if not self.bands:
                yield Problem(("bands",), "there are no bands", "list at least one")
            yield from under(fit(self.bands, scale), "bands")
            for place, band in enumerate(self.bands):
                yield from self._price_problem(("bands", place, "price"), band.price, scale, payout)
        if self.table is not None:
            yield from under(table_problems(self.table, scale), "table")
            for place, point in enumerate(self.table):
                wrong = payout.problem(point.lump)
                if wrong:
                    yield Problem(("table", place), *wrong)
                if point.gives is not None:
                    yield Problem(
                        ("table", place, "gives"), "a payment rule pays money and gives no points", "say pays"
                    )
            for key in ("before", "after"):
                wrong = payout.problem(getattr(self, key))
                if wrong:
                    yield Problem((key,), *wrong)
        yield from self._stage_problems(scale)

    def _price_problem(
        self, path: tuple[str | int, ...], price: object, scale: Scale, payout: Payout
    ) -> Iterator[Problem]:
        """Find a price for every unit that is a share of nothing; of a metric that is money it is a share of that."""
        wrong = payout.problem(price)
        if wrong and (scale.money is None or payout.of is not None):
            yield Problem(path, *wrong)

    def _stage_problems(self, scale: Scale) -> Iterator[Problem]:
        earlier = Fraction(0)
        for place, stage in enumerate(self.stages or ()):
            last = place == len(self.stages or ()) - 1
            if isinstance(stage.price, Figure):
                if stage.price.percent and scale.money is None:
                    yield Problem(
                        ("stages", place, "price"),
                        f"{stage.price} is a share, but the metric is not money",
                        "give a price for each unit",
                    )
                if stage.price.value <= 0 and not last:
                    yield Problem(
                        ("stages", place, "price"), "the stage pays nothing, so it never ends", "give a share above 0"
                    )
            if last and stage.until_paid is not None:
                yield Problem(
                    ("stages", place, "until_paid"),
                    "the last stage ends, and nothing says what is paid after it",
                    "add a stage",
                )
            if not last and stage.until_paid is None:
                yield Problem(("stages", place), "the stage has no end but is followed by another", "say until_paid")
            if isinstance(stage.until_paid, Fraction):
                if stage.until_paid <= earlier:
                    yield Problem(
                        ("stages", place, "until_paid"),
                        "it is not more than the stage before ends at",
                        "write stages in ascending order",
                    )
                earlier = stage.until_paid
        if self.stages is not None and not self.stages:
            yield Problem(("stages",), "there are no stages", "list at least one")


@lru_cache(maxsize=1024)
def _curve(
    tiers: tuple[Tier, ...] | None,
    bands: tuple[Band, ...] | None,
    table: tuple[Point, ...] | None,
    ends: tuple[Figure | Unknown | None, Figure | Unknown | None],
    stages: tuple[Stage, ...] | None,
    scale: Scale,
    payout: Payout,
) -> Curve | None:
    """Lay a curve out once, and not for every block of paths: its fractions take longer than a statement."""
    if tiers is not None:
        return tiers_curve(tiers, scale, payout)
    if bands is not None:
        return bands_curve(bands, scale, payout)
    if table is not None:
        return table_curve(table, *ends, scale, payout)
    return stages_curve(stages, scale, payout) if stages is not None else None


def unknown_base(rule: Rule) -> tuple[str, ...] | None:
    """Return the place of a base (``of``, ``for_every``) that the contract says is unknown."""
    return next(((key,) for key in ("of", "for_every") if isinstance(getattr(rule, key), Unknown)), None)
