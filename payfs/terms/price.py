"""Prices for every unit: flat, per-diem, by year, site or period, compounding and indexed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, PlainValidator, WithJsonSchema

from payfs.evidence.measured import Measured, Series, hold
from payfs.evidence.varying import Grid, Varying
from payfs.line import Fact, Why, said
from payfs.money import MOST, SAFE, Array, Rounding, at_least_nothing, carried, over, since_before, times, times_to_date
from payfs.periods import months_between
from payfs.scale import OffScale, Scale
from payfs.spec import (
    UNKNOWN,
    Figure,
    FirstDay,
    Name,
    Names,
    Pay,
    Problem,
    Quantity,
    Unknown,
    UnknownTerm,
    quoted,
    read_pay,
)
from payfs.terms.setting import Setting
from payfs.text import suggest

MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}

ENDLESS = MOST * 10**30  # a price of which not even the smallest step of a metric could be paid

MORE = ", on top of what was counted before"


@dataclass(frozen=True)
class Priced:
    """Amounts, and the sentence and facts that say how they came about."""

    amount: Array
    why: Why
    facts: Mapping[str, Fact]


CELL = ("cohort", "year", "period")  # what a price may differ by without looking at a claim's columns


def read_amounts(value: object) -> object:
    """Read amounts under one or several levels of names."""
    if isinstance(value, dict):
        return {str(name): read_amounts(amount) for name, amount in value.items()}
    return read_pay(value)


Amounts = Annotated[Any, PlainValidator(read_amounts), WithJsonSchema({"type": "object"})]


class Price(Varying):
    """Pays so much for every unit."""

    by: Names | None = None
    amounts: Amounts | None = None
    starts_at: Pay | None = None
    grows: Quantity | None = None
    every: Literal["month", "quarter", "half-year", "year"] | None = None
    from_: FirstDay | None = Field(None, alias="from")
    index: Name | None = None
    index_base: Quantity | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a claim that the price differs by."""
        return tuple(name for name in self.by or () if name not in CELL)

    def figures(self) -> Iterator[tuple[tuple[str | int, ...], Figure | Unknown]]:
        """Yield every figure with its place."""
        yield from super().figures()
        yield from _leaves(self.amounts, ("amounts",)) if self.amounts is not None else ()

    def grid(
        self,
        measured: Measured,
        worth: Fraction,
        of: dict[str, str] | None = None,
        columns: Mapping[str, str] | None = None,
    ) -> Grid:
        """Lay the prices out over cohorts and periods, for claims whose columns say so.

        A year that is not named has the price of the last year before it.
        """
        if self.by is None:
            return super().grid(measured, worth, of)
        found = [
            self._amount({"cohort": cohort, "period": period, "year": str(year), **(columns or {})}, of or {})
            for cohort in measured.cohorts
            for period, year in zip(measured.periods, measured.starts, strict=True)
        ]
        exact = [figure.share * worth if isinstance(figure, Figure) else Fraction(0) for figure in found]
        bottom = lcm(*(value.denominator for value in exact))
        tops = [int(value * bottom) for value in exact]
        shape = (len(measured.cohorts), len(measured.periods))
        unknown = np.array([isinstance(figure, Unknown) for figure in found], dtype=bool).reshape(shape)
        kind = np.int64 if max(map(abs, tops)) < SAFE else object
        return Grid(np.array(tops, dtype=kind).reshape(*shape, 1), bottom, unknown, ("amounts",))

    def _amount(self, cell: Mapping[str, str], runs: Mapping[str, str]) -> Figure | Unknown:
        amounts: Any = self.amounts
        for level in self.by or ():
            if not isinstance(amounts, dict):
                return UNKNOWN
            name = cell.get(level, "")
            if level == "year" and name not in amounts:
                name = max((year for year in amounts if year <= name), default=name)
            elif level == "period" and name not in amounts:
                name = runs.get(name, name)
            amounts = amounts.get(name, UNKNOWN)
        return amounts if isinstance(amounts, Figure) else UNKNOWN

    def _level_problems(self, measured: Measured, runs: tuple[str, ...]) -> Iterator[Problem]:
        """Find amounts under fewer or more levels than are said, and names of cohorts and periods there are not."""
        levels = self.by or ()
        if self.amounts is None or self.by is None:
            yield Problem((), "by and amounts belong together", "say what the price differs by, and the amounts")
            return
        for path, _ in _leaves(self.amounts, ("amounts",)):
            names = path[1:]
            if len(names) != len(levels):
                what = f"the amount stands under {len(names)} names, and by lists {len(levels)}"
                yield Problem(path, what, f"write a name for each of {', '.join(levels)}")
                continue
            for place, (level, name) in enumerate(zip(levels, names, strict=True)):
                known = {"cohort": measured.cohorts, "period": (*measured.periods, *runs)}.get(level)
                if known is not None and name not in known:
                    yield Problem(path[: place + 2], f"there is no {level} {quoted(name)}", suggest(str(name), known))

    def problems(self, measured: Measured, runs: tuple[str, ...] = ()) -> Iterator[Problem]:
        """Find prices that say nothing, or too much."""
        if self.by is not None or self.amounts is not None:
            others = [key for key in ("flat", "starts_at", "by_year", "by_cohort", "by_period") if getattr(self, key)]
            if others:
                yield Problem(("by",), "the price is said twice", "keep by with its amounts, or the other figures")
            yield from self._level_problems(measured, runs)
            return
        growing = [key for key in ("grows", "every", "from_") if getattr(self, key) is not None]
        if self.starts_at is None:
            for key in [*growing, *(k for k in ("index", "index_base") if getattr(self, k) is not None)]:
                yield Problem(
                    (key.strip("_"),), f"{key.strip('_')} needs starts_at, the price that it changes", "say starts_at"
                )
            yield from super().problems(measured, runs)
            return
        if self.flat is not None or self.choices():
            yield Problem(("starts_at",), "the price is said twice", "keep starts_at, or the other figures")
        if (len(growing) == 3) == (self.index is not None):
            yield Problem((), "starts_at needs what changes it", "say grows, every and from, or index and index_base")
        elif self.index is not None and (growing or self.index_base is None or self.index_base.value <= 0):
            yield Problem(
                (),
                "an index needs index_base above 0, and nothing else that changes the price",
                "say index and index_base only",
            )
        if self.grows is not None and not self.grows.percent:
            yield Problem(("grows",), f"{self.grows} has no percent sign", f"write {self.grows}%")

    def money_problems(self, scale: Scale) -> Iterator[Problem]:
        """Find percentages that are a share of nothing."""
        places = [*self.figures(), *([(("starts_at",), self.starts_at)] if self.starts_at is not None else [])]
        for path, figure in places:
            if isinstance(figure, Figure) and figure.percent and scale.money is None:
                yield Problem(
                    path, f"{figure} is a share, but the metric is not money", "write an amount of money for each unit"
                )

    def pay(self, x: Series, counted: Array, setting: Setting, per: Fraction, two_way: bool) -> Priced:
        """Multiply the count by the price.

        Args:
            x: what is counted [steps].
            counted: where it can be paid, broadcasting to ``x``; elsewhere an unknown price does no harm.
            setting: the contract.
            per: units to one price.
            two_way: whether less than nothing is owed back.

        Raises:
            UnknownTerm: a price that matters is unknown.
        """
        scale, money = x.scale, setting.money
        share = scale.step / per
        if self.index is not None:
            return self._indexed(x, counted, setting, share, per, two_way)
        grid = (
            self._grown(setting)
            if self.starts_at is not None
            else self.grid(setting.measured, Fraction(money.minor), setting.runs)
        )
        # a price that changes in time holds for what is counted from then on, not for the total to date
        changing = x.running and grid.tops.shape[1] > 1
        units = added(x.values, two_way) if changing else x.values
        if grid.unknown.any():
            needed = counted & grid.unknown[:, :, None] & ((units != 0) if two_way else (units > 0))
            if needed.any():
                raise UnknownTerm(("price", *grid.path))
        rate = share / grid.bottom
        tops: Array = grid.tops if rate.numerator == 1 else grid.tops.astype(object) * rate.numerator
        multiply = times_to_date if changing else times
        amount = multiply(units, (tops, rate.denominator), setting.rounding)

        def price(top: int) -> str:
            figure = Fraction(top, grid.bottom * money.minor)
            return f"{Figure(figure * 100, True)} of it" if self._is_share() else money.rate(figure)

        unknown = grid.unknown[:, :, None].astype(np.int64)
        facts = {
            "x": Fact(units, scale.show),
            "price": Fact(grid.tops, price),
            "unit": said(_unit(scale, per)),
            "unknown": Fact(unknown, str),
        }
        why = "{x} at {price}" if self._is_share() else "{x} at {price} {unit}"

        def sentence(figures: Mapping[str, int]) -> str:
            return "{x} at a price that is not known" if figures["unknown"] else f"{why}{MORE if changing else ''}"

        return Priced(amount, sentence if grid.unknown.any() else f"{why}{MORE if changing else ''}", facts)

    def _is_share(self) -> bool:
        figures = [figure for _, figure in self.figures()]
        return bool(figures) and all(isinstance(figure, Figure) and figure.percent for figure in figures)

    def prices(self, setting: Setting) -> list[Fraction]:
        """Return the compounded price in each period [minor units], rounded."""
        assert isinstance(self.starts_at, Figure)
        assert self.grows
        assert self.every
        assert self.from_
        start, growth = self.starts_at.value * setting.money.minor, 1 + self.grows.share
        gone = [
            max(months_between(self.from_.date, period.start.date) // MONTHS[self.every], 0)
            for period in setting.periods
        ]
        rounded: dict[int, Fraction] = {}
        top, bottom, power = start.numerator, start.denominator, 0
        for full in sorted(set(gone)):  # from one power to the next, uncancelled: they have thousands of digits
            if rounded and abs(rounded[power]) > ENDLESS:
                rounded[full], power = rounded[power], full
                continue
            top *= growth.numerator ** (full - power)
            bottom *= growth.denominator ** (full - power)
            power = full
            price = over(np.array([top], dtype=object), bottom, Rounding(setting.rounding.how))
            rounded[full] = Fraction(int(price[0]))
        return [rounded[full] for full in gone]

    def _grown(self, setting: Setting) -> Grid:
        count = len(setting.periods)
        if isinstance(self.starts_at, Unknown):
            return Grid(np.zeros((1, 1, 1), dtype=np.int64), 1, np.ones((1, 1), dtype=bool), ("starts_at",))
        prices = self.prices(setting)
        bottom = lcm(*(price.denominator for price in prices))
        exact = [int(price * bottom) for price in prices]
        small = max(map(abs, exact)) < SAFE
        tops = np.array(exact, dtype=np.int64 if small else object).reshape(1, count, 1)
        return Grid(tops, bottom, np.zeros((1, count), dtype=bool))

    def _indexed(
        self, x: Series, counted: Array, setting: Setting, share: Fraction, per: Fraction, two_way: bool
    ) -> Priced:
        assert self.index is not None
        assert self.index_base is not None
        if isinstance(self.starts_at, Unknown) and (counted & ((x.values != 0) if two_way else (x.values > 0))).any():
            raise UnknownTerm(("price", "starts_at"))
        start = self.starts_at.value if isinstance(self.starts_at, Figure) else Fraction(0)
        index, money = setting.measured.series[self.index], setting.money
        factor = start * money.minor / index.scale.steps(self.index_base)
        price = times(index.held(), factor, Rounding(setting.rounding.how))
        # the price differs by path, so the product is of two arrays
        known = np.logical_or.accumulate(index.present, axis=1)
        units = added(hold(x.values, known), two_way) if x.running else x.values
        multiply = times_to_date if x.running else times
        tops: Array = price if share.numerator == 1 else price.astype(object) * share.numerator
        amount = multiply(units, (tops, share.denominator), setting.rounding)
        facts = {
            "x": Fact(units, x.scale.show),
            "price": Fact(price, money.show),
            "unit": said(_unit(x.scale, per)),
            "start": said(money.rate(start) if isinstance(self.starts_at, Figure) else "a price that is not known"),
            "index": Fact(index.held(), index.scale.show),
            "base": said(index.scale.bare(self.index_base)),
            "known": Fact(known[:, :, None], str),
        }

        def why(figures: Mapping[str, int]) -> str:
            if not figures["known"]:
                return "no result says yet where the index stood"
            return "{x} at {price} {unit} ({start} times {index} over {base})" + (MORE if x.running else "")

        return Priced(amount, why, facts)

    def base_problem(self, index: Scale) -> Iterator[Problem]:
        """Find an index base that does not stand on the index's scale."""
        if self.index_base is not None:
            try:
                index.steps(self.index_base)
            except OffScale as error:
                yield Problem(("index_base",), error.what, error.remedy)


def _leaves(amounts: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Figure | Unknown]]:
    if isinstance(amounts, dict):
        for name, inner in amounts.items():
            yield from _leaves(inner, (*path, name))
    else:
        yield path, amounts


def added(running: Array, two_way: bool) -> Array:
    """Return what each period adds to a total to date; unless both ways count, a fall is made up first."""
    return since_before(running if two_way else carried(np.maximum, at_least_nothing(running)))


def _unit(scale: Scale, per: Fraction) -> str:
    unit = "unit of money" if scale.money else scale.unit
    return f"for each {unit}" if per == 1 else f"for every {per} {scale.plural}"
