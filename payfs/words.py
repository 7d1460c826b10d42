"""The contract's words for prices that are curves: tiers, bands, tables and stages.

Each word turns into a :class:`payfs.curve.Curve` and says each of its pieces in words; none of them computes money
itself. The same words give points where a metric is a score.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import NamedTuple

from pydantic import Field

from payfs.curve import Curve, Piece
from payfs.money import Currency
from payfs.scale import OffScale, Scale
from payfs.spec import Amount, Figure, Names, Pay, Problem, Quantity, Spec, Text, Unknown, decimal


class Payout(NamedTuple):
    """What a curve gives: money in minor units, or points in steps.

    Attributes:
        worth: what one written unit is [minor units, or steps].
        money: the currency, or None for points.
        of: the sum that percentages are shares of [units], or None.
        per: money is for every so much of ``of`` [units], or None.
    """

    worth: Fraction
    money: Currency | None = None
    of: Fraction | None = None
    per: Fraction | None = None

    def amount(self, pay: Figure) -> Fraction:
        """Turn a written amount into minor units (or steps), exactly."""
        if pay.percent and self.of is not None:
            return pay.share * self.of * self.worth
        if pay.percent:
            return pay.share * self.worth
        if self.of is not None and self.per is not None:
            return pay.value * self.of / self.per * self.worth
        return pay.value * self.worth

    def show(self, pay: Figure) -> str:
        """Write an amount as the contract does."""
        if pay.percent:
            return f"{pay} of {self._plain(self.of)}" if self.of is not None else f"{pay}"
        text = self._plain(pay.value)
        return f"{text} for every {self._plain(self.per)} of {self._plain(self.of)}" if self.per and self.of else text

    def _plain(self, value: Fraction | None) -> str:
        assert value is not None
        return self.money.rate(value) if self.money else f"{decimal(value)} points"

    def problem(self, pay: object) -> tuple[str, str] | None:
        """Say why an amount cannot be paid: the fact and the remedy."""
        if not isinstance(pay, Figure) or pay.value == 0:
            return None
        if pay.percent and self.of is None:
            return (
                f"{pay} is a share, but nothing says of what",
                "write an amount, or say of: the sum that it is a share of",
            )
        if not pay.percent and self.of is not None and self.per is None:
            return (
                f"{pay} is an amount although of: {self._plain(self.of)} asks for shares",
                "write a percentage, or say for_every: how much of the sum each amount is for",
            )
        return None


class Ends(Spec):
    """The two ends of a tier or band: ``from`` and ``up_to`` include their value, ``above`` and ``below`` do not."""

    from_: Quantity | None = Field(None, alias="from")
    above: Quantity | None = None
    below: Quantity | None = None
    up_to: Quantity | None = None
    at: Quantity | None = None
    clause: Text | None = None
    note: Text | None = None
    source: Names | None = None

    @property
    def low(self) -> Figure | None:
        """The lower end as written."""
        return self.from_ or self.above or self.at

    @property
    def high(self) -> Figure | None:
        """The upper end as written."""
        return self.below or self.up_to or self.at

    def first(self, scale: Scale) -> int | None:
        """Return the first step that lies inside, or None where the lower end is not said."""
        if self.low is None:
            return None
        return scale.steps(self.low) + (self.above is not None)

    def last(self, scale: Scale) -> int | None:
        """Return the first step beyond the upper end, or None where it is not said."""
        if self.high is None:
            return None
        return scale.steps(self.high) + (self.below is None)

    def said(self, scale: Scale) -> str:
        """Say the range: ``from 20% and below 30%``."""
        if self.at is not None:
            return f"at exactly {scale.bare(self.at)}"
        pairs = (("from", self.from_), ("above", self.above), ("up to", self.up_to), ("below", self.below))
        words = [f"{word} {scale.bare(end)}" for word, end in pairs if end is not None]
        return " and ".join(words) or "at any level"

    def problems(self, scale: Scale) -> Iterator[Problem]:
        """Find ends that are said twice, stand off the scale or are upside down."""
        if self.at is not None and (self.from_ or self.above or self.below or self.up_to):
            yield Problem(("at",), "at is a single value and has no ends", "keep at, or the ends")
            return
        if self.from_ and self.above:
            yield Problem(("above",), "the lower end is said twice, as from and as above", "keep one of them")
        if self.below and self.up_to:
            yield Problem(("up_to",), "the upper end is said twice, as below and as up_to", "keep one of them")
        try:
            first, last = self.first(scale), self.last(scale)
        except OffScale as error:
            yield Problem((), error.what, error.remedy)
            return
        if first is not None and last is not None and first >= last:
            yield Problem((), f"nothing lies {self.said(scale)}", "make the upper end greater than the lower end")


class Tier(Ends):
    """One tier: while the measure lies in it, it decides the whole amount."""

    pays: Pay | None = None
    gives: Pay | None = None
    price: Pay | None = None
    plus: Pay | None = None

    @property
    def lump(self) -> Figure | Unknown | None:
        """The lump sum, or the points."""
        return self.pays if self.pays is not None else self.gives


class Band(Ends):
    """One band: every unit that lies in it has its price."""

    price: Pay


class Point(Spec):
    """One point of a table, joined to the next by a straight line."""

    at: Quantity
    pays: Pay | None = None
    gives: Pay | None = None

    @property
    def lump(self) -> Figure | Unknown | None:
        """The amount, or the points."""
        return self.pays if self.pays is not None else self.gives


class Stage(Spec):
    """One stage: a price or share, until so much has been paid in all."""

    price: Pay
    until_paid: Amount | None = None


def fit(ends: Sequence[Ends], scale: Scale) -> Iterator[Problem]:
    """Find gaps and overlaps between tiers or bands, and values that none of them covers."""
    bad = False
    for place, end in enumerate(ends):
        for problem in end.problems(scale):
            bad = True
            yield problem.under(place)
    if bad or not ends:
        return
    for place in range(1, len(ends)):
        before, this = ends[place - 1], ends[place]
        last, first = before.last(scale), this.first(scale)
        if last is None and first is None:
            yield Problem((place,), "nothing says where it begins or where the one before ends", "say from, or above")
        elif last is not None and first is not None and last != first:
            assert before.high is not None
            assert this.low is not None
            begins, ended = (
                f"begins {this.said(scale).split(' and ')[0]}",
                f"ends {before.said(scale).split(' and ')[-1]}",
            )
            kind = "what lies between is in neither" if first > last else "what lies between is in both"
            yield Problem((place,), f"it {begins}, but the one before {ended}: {kind}", "make them meet")
        else:
            start = first if first is not None else last
            earlier = before.first(scale)
            if earlier is not None and start is not None and start <= earlier:
                yield Problem((place,), "it does not come after the one before", "write them in ascending order")
    lowest, highest = ends[0].first(scale), ends[-1].last(scale)
    if lowest is not None and (scale.least is None or lowest > scale.least):
        yield Problem(
            (0,),
            f"nothing says what is paid {_beyond(ends[0], scale, low=True)}",
            "add one that does, or leave its lower end open",
        )
    if highest is not None and (scale.most is None or highest <= scale.most):
        last_place = len(ends) - 1
        yield Problem(
            (last_place,),
            f"nothing says what is paid {_beyond(ends[-1], scale, low=False)}",
            "add one that does, or leave its upper end open",
        )


def _beyond(end: Ends, scale: Scale, low: bool) -> str:
    figure = end.low if low else end.high
    assert figure is not None
    if low:
        return f"{'up to' if end.above else 'below'} {scale.bare(figure)}"
    return f"{'from' if end.below else 'above'} {scale.bare(figure)}"


def starts(ends: Sequence[Ends], scale: Scale) -> list[int | None]:
    """Return the first step of each of some tiers or bands that :func:`fit`; None where the first is open."""
    result: list[int | None] = [None]
    for before, this in pairwise(ends):
        first = this.first(scale)
        result.append(first if first is not None else before.last(scale))
    return result


def per_unit(scale: Scale) -> str:
    """Say what a price is for."""
    return f"for each {'unit of money' if scale.money else scale.unit}"


def tiers_curve(tiers: Sequence[Tier], scale: Scale, payout: Payout) -> Curve:
    """Turn tiers into a curve: each a lump sum, a price for every unit, or a lump sum and more above its start."""
    pieces = []
    for place, (tier, start) in enumerate(zip(tiers, starts(tiers, scale), strict=True)):
        path, where = ("tiers", place), tier.said(scale)
        if not tier.low and start is not None:
            where = f"from {scale.show(start)} and {where}" if tier.high else f"from {scale.show(start)}"
        unknown = next(
            (key for key in ("pays", "gives", "price", "plus") if isinstance(getattr(tier, key), Unknown)), None
        )
        if unknown:
            pieces.append(Piece(start, None, path=(*path, unknown), said=f"{where}, an amount that is unknown"))
            continue
        amount, slope, origin, words = Fraction(0), Fraction(0), Fraction(0), []
        if isinstance(tier.lump, Figure):
            amount = payout.amount(tier.lump)
            words.append(payout.show(tier.lump) if tier.lump.value else "nothing")
        if isinstance(tier.price, Figure):
            slope = payout.amount(tier.price) * scale.step
            words.append(f"{payout.show(tier.price)} {per_unit(scale)}")
        if isinstance(tier.plus, Figure):
            begin = tier.low or tiers[place - 1].high
            assert begin is not None  # tier_problems refuses plus in a tier without a start, and beside a price
            slope, origin = payout.amount(tier.plus) * scale.step, Fraction(scale.steps(begin))
            words.append(f"{payout.show(tier.plus)} {per_unit(scale)} above {scale.bare(begin)}")
        pieces.append(Piece(start, amount, slope, origin, path, f"{where}, {' and '.join(words)}"))
    return Curve(tuple(pieces))


def tier_problems(tiers: Sequence[Tier], payout: Payout) -> Iterator[Problem]:
    """Find tiers that say no amount, or one that cannot be."""
    for place, tier in enumerate(tiers):
        if tier.lump is None and tier.price is None:
            yield Problem((place,), "the tier says no amount", "say pays: an amount, or price: for every unit")
        if tier.pays is not None and tier.gives is not None:
            yield Problem((place, "gives"), "the tier both pays money and gives points", "keep one of them")
        if tier.plus is not None and (tier.low is None and place == 0):
            yield Problem(
                (place, "plus"), "plus counts units above the tier's start, but the tier has none", "say from"
            )
        if tier.plus is not None and tier.lump is None:
            yield Problem((place, "plus"), "plus adds to a lump sum, but the tier has none", "say pays, or price")
        if tier.plus is not None and tier.price is not None:
            yield Problem((place, "plus"), "plus stands beside a price for every unit", "keep one of them")
        for key in ("pays", "gives", "price", "plus"):
            wrong = payout.problem(getattr(tier, key)) if key in ("pays", "plus") else None
            if wrong:
                yield Problem((place, key), *wrong)


def bands_curve(bands: Sequence[Band], scale: Scale, payout: Payout) -> Curve:
    """Turn marginal bands into a curve: every unit at the price of the band it lies in."""
    pieces: list[Piece] = []
    amount: Fraction | None = Fraction(0)
    origin = Fraction(0)
    for place, (band, start) in enumerate(zip(bands, starts(bands, scale), strict=True)):
        if place:
            edge = bands[place - 1].high or band.low
            assert edge is not None
            begin = Fraction(scale.steps(edge))
            amount = None if amount is None else amount + pieces[-1].slope * (begin - origin)
            origin = begin
        elif band.low is not None:
            origin = Fraction(scale.steps(band.low))
        path, where = ("bands", place, "price"), band.said(scale)
        if isinstance(band.price, Unknown):
            amount = None
        if amount is None:
            pieces.append(Piece(start, None, path=path, said=f"{where}, at a price that is unknown"))
            continue
        slope = payout.amount(band.price) * scale.step
        below = f", after {_money(payout, amount)} for what lies below" if amount else ""
        pieces.append(
            Piece(start, amount, slope, origin, path, f"{where}, {payout.show(band.price)} {per_unit(scale)}{below}")
        )
    return Curve(tuple(pieces))


def table_curve(
    points: Sequence[Point],
    before: Figure | Unknown | None,
    after: Figure | Unknown | None,
    scale: Scale,
    payout: Payout,
) -> Curve:
    """Turn points into a curve: straight lines between them, level before the first and after the last."""

    def level(start: int | None, pay: Figure | Unknown | None, path: tuple[str | int, ...], said: str) -> Piece:
        if not isinstance(pay, Figure):
            return Piece(start, None, path=path, said=f"{said}, an amount that is unknown")
        return Piece(start, payout.amount(pay), path=path, said=f"{said}, {payout.show(pay)}")

    first, last = points[0], points[-1]
    end = len(points) - 1
    pieces = [
        level(
            None,
            before if before is not None else first.lump,
            ("before",) if before is not None else ("table", 0),
            f"below {scale.bare(first.at)}",
        )
    ]
    for place, (here, there) in enumerate(pairwise(points)):
        low, high = scale.steps(here.at), scale.steps(there.at)
        said = f"between {scale.bare(here.at)} and {scale.bare(there.at)}"
        if isinstance(here.lump, Figure) and isinstance(there.lump, Figure):
            amount, top = payout.amount(here.lump), payout.amount(there.lump)
            said += f", on the straight line from {payout.show(here.lump)} to {payout.show(there.lump)}"
            pieces.append(Piece(low, amount, (top - amount) / (high - low), Fraction(low), ("table", place), said))
            continue
        pieces.append(level(low, here.lump, ("table", place, "pays"), f"at {scale.bare(here.at)}"))
        if isinstance(here.lump, Figure) and high > low + 1:
            pieces.append(
                Piece(low + 1, None, path=("table", place + 1, "pays"), said=f"{said}, an amount that is unknown")
            )
    edge = scale.steps(last.at)
    pieces.append(level(edge, last.lump, ("table", end, "pays"), f"at {scale.bare(last.at)}"))
    pieces.append(
        level(
            edge + 1,
            after if after is not None else last.lump,
            ("after",) if after is not None else ("table", end),
            f"above {scale.bare(last.at)}",
        )
    )
    return Curve(tuple(pieces))


def stages_curve(stages: Sequence[Stage], scale: Scale, payout: Payout) -> Curve:
    """Turn stages into a curve of the total to date: each share until so much has been paid, then the next."""
    pieces: list[Piece] = []
    amount: Fraction | None = Fraction(0)
    origin = Fraction(0)
    for place, stage in enumerate(stages):
        path = ("stages", place, "price")
        start = ceil(origin) if place else None
        if isinstance(stage.price, Unknown) or amount is None:
            # up to the switch nothing is due at the unknown share, whatever it is
            pieces.append(Piece(floor(origin) + 1, None, path=path, said="a share that is unknown"))
            return Curve(tuple([Piece(None, Fraction(0), said="nothing"), *pieces] if place == 0 else pieces))
        slope = (stage.price.share if stage.price.percent else stage.price.value) * payout.worth * scale.step
        until = stage.until_paid
        said = f"{stage.price} of it" if scale.money else f"{payout.show(stage.price)} {per_unit(scale)}"
        if place:
            said += f" once {_money(payout, amount)} has been paid"
        pieces.append(Piece(start, amount, slope, origin, path, said))
        if until is None:
            break
        if isinstance(until, Unknown):
            pieces[-1] = pieces[-1]._replace(said=said + " until an amount that is unknown has been paid")
            amount = None
            pieces.append(
                Piece(
                    floor(origin) + 1,
                    None,
                    path=("stages", place, "until_paid"),
                    said="the amount at which the share switches is unknown",
                )
            )
            break
        origin += (until * payout.worth - amount) / slope
        amount = until * payout.worth
    return Curve(tuple(pieces))


def _money(payout: Payout, amount: Fraction) -> str:
    return payout.money.rate(amount / payout.worth) if payout.money else decimal(amount / payout.worth)
