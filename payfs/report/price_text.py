"""The price of a rule in sentences and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from payfs.report.phrases import (
    ROUNDED,
    Item,
    Rows,
    exact,
    exactly,
    listed,
    start,
    the,
)
from payfs.report.wording import NOT_KNOWN, UNKNOWN_SUM, Wording
from payfs.scale import Scale
from payfs.spec import Figure, decimal, spoken, written_share
from payfs.terms.price import Price
from payfs.terms.rule import Instalments, Rule
from payfs.terms.setting import Setting
from payfs.words import Band

OTHERS = (
    "What other rules come to is counted after limits for one person, their own limits and their holdbacks, and before "
    "all other limits."
)


class PriceText(Wording):
    """Says how much is paid for what."""

    def amount(self, rule: Rule) -> Callable[[Any], str]:
        """Return how a rule's lump sums are written."""

        def money(value: Any) -> str:
            return self.money.rate(value) if isinstance(value, Fraction) else UNKNOWN_SUM

        def show(figure: Any) -> str:
            if not isinstance(figure, Figure):
                return NOT_KNOWN
            if figure.value == 0:
                return "nothing"
            size = Figure(abs(figure.value), figure.percent)
            text = str(size) if size.percent else money(size.value)
            if rule.of is not None:
                every = f" for every {money(rule.for_every)}" if rule.for_every is not None and not size.percent else ""
                if every and not isinstance(rule.for_every, Fraction):
                    every = f" for every so much (how much is {NOT_KNOWN})"
                text += f"{every} of {money(rule.of)}"
                per = Fraction(1) if size.percent else rule.for_every
                if isinstance(rule.of, Fraction) and isinstance(per, Fraction):
                    text += f", which is {money(size.share * rule.of / per)}"
            if figure.value > 0:
                return text
            return f"the payee owes the payer {text}" if rule.two_way else f"minus {text}"

        return show

    def _each(self, rule: Rule, scale: Scale, part: str = "it", where: str = "") -> Callable[[Any], str]:
        """Return how a rule's prices for every unit are written."""
        show = self.amount(rule)

        def each(figure: Any) -> str:
            if not isinstance(figure, Figure):
                if part != "it" or not scale.money:
                    return f"a price {NOT_KNOWN} for each {self._unit_of(scale)}{where}"
                return f"a share of it that is {NOT_KNOWN}"
            if figure.percent and rule.of is None:
                return f"{figure} of {part}"
            return f"{show(figure)} for each {self._unit_of(scale)}{where}" if figure.value else show(figure)

        return each

    def _price(self, rule: Rule, metric: str | None, who: str) -> Iterator[Item]:
        """Say how much is paid for what."""
        if metric is None or rule.pays is not None or rule.instalments is not None:
            yield from self._without_units(rule, metric, who)
            return
        scale, show = self.scales[metric], self.amount(rule)
        if rule.price is not None:
            yield from self._price_each(rule, rule.price, scale, metric, who)
        elif rule.tiers is not None:
            each, rows = self._each(rule, scale, where=" measured"), []
            yield f"{who} an amount that depends on {spoken(metric)}:"
            for place, tier in enumerate(rule.tiers):
                parts = [show(tier.lump)] if tier.lump is not None else []
                parts += [each(tier.price)] if tier.price is not None else []
                parts += self._plus(tier, rule.tiers, place, scale, show)
                rows.append((self.range_of(rule.tiers, place, scale), self._with_aside(", and ".join(parts), tier)))
            yield Rows(tuple(rows))
        elif rule.bands is not None:
            each = self._each(rule, scale, "what lies there")
            yield f"{who}, for {self._units(scale, metric)}, the price of the band in which it lies:"
            yield Rows(tuple(self._band(rule.bands, place, scale, each) for place in range(len(rule.bands))))
        elif rule.table is not None:
            yield f"{who} an amount that depends on {spoken(metric)}:"
            yield from self._table(rule.table, rule.before, rule.after, scale, show)
        elif rule.stages is not None:
            yield (
                f"{who} a part of {spoken(metric)} to date:"
                if scale.money
                else (f"{who} a price for {self._units(scale, metric)} to date:")
            )
            each, rows = self._each(rule, scale), []
            for stage in rule.stages:
                until = "from then on" if rows else "always"
                if stage.until_paid is not None:
                    limit = self.money.rate(stage.until_paid) if isinstance(stage.until_paid, Fraction) else UNKNOWN_SUM
                    until = f"{'then ' if rows else ''}until {limit} has fallen due in all"
                rows.append((until, each(stage.price)))
            yield Rows(tuple(rows))
        elif rule.pool is not None:
            pool = self.money.rate(rule.pool) if isinstance(rule.pool, Fraction) else UNKNOWN_SUM
            yield f"{who} {pool} for each period, shared out over the cohorts in proportion to {spoken(metric)}."

    def _band(self, bands: tuple[Band, ...], place: int, scale: Scale, each: Callable[[Any], str]) -> tuple[str, str]:
        band = bands[place]
        return self.range_of(bands, place, scale), self._with_aside(each(band.price), band)

    def _price_each(self, rule: Rule, price: Price, scale: Scale, metric: str, who: str) -> Iterator[Item]:
        per, figure = rule.per, price.flat
        units = self._units(scale, metric, per, rule.complete)

        def each(figure: Figure) -> str:
            return self._at_price(figure, per, units, metric)

        if price.by is not None:
            yield from self._levels(rule, price, units, metric, who)
        elif price.choices():
            yield from self._varying(price, each, f"{who} a price that differs")
        elif isinstance(figure, Figure):
            yield f"{who} {each(figure)}."
        elif price.starts_at is None:
            yield f"{who} a price for {units}. The price is {NOT_KNOWN}."
        else:
            first = self.money.rate(price.starts_at.value) if isinstance(price.starts_at, Figure) else UNKNOWN_SUM
            rounded = f"rounded to {self.money.show(1)}"
            yield f"{who} a price for {units}."
            if price.index is not None and price.index_base is not None:
                base = self.scales[price.index].whole(price.index_base)
                yield f"The price is {first} times {spoken(price.index)} divided by {base}, {rounded}."
            elif price.from_ is not None:
                yield (
                    f"The price starts at {first}. It grows by {price.grows}, compounded, for each full {price.every} "
                    f"from {price.from_} to the start of the period, and is {rounded}."
                )
                yield from self._grown(price)
        in_time = price.by_year or price.by_period or {"year", "period"} & set(price.by or ())
        if self.runs_on(rule, metric) and (in_time or price.starts_at is not None):
            yield "The price of a period holds for what that period adds."
        if per is not None and per.value != 1:
            if rule.complete:
                yield "What does not make up a full number is not counted."
            else:
                yield "What does not make up a full number is paid in proportion."

    def _levels(self, rule: Rule, price: Price, units: str, metric: str, who: str) -> Iterator[Item]:
        """Say prices that differ by several things at once as a table."""
        levels = price.by or ()
        said = {"year": "the calendar year in which the period starts", "cohort": "cohort", "period": "period"}
        yield f"{who} for {units} a price that differs by {listed(said.get(key, spoken(key)) for key in levels)}:"
        rows, figures = list[tuple[str, str]](), [(path[1:], figure) for path, figure in price.figures()]
        for keys, figure in figures:
            words = [
                f"each period of {spoken(str(key))}" if level == "period" and key in self.runs else str(key)
                for level, key in zip(levels, keys, strict=True)
            ]
            much = NOT_KNOWN
            if isinstance(figure, Figure):
                much = f"{figure} of {spoken(metric)}" if figure.percent else self.money.rate(figure.value)
            rows.append((start(", ".join(words)).replace("_", " "), much))
        if "year" in levels:
            place = levels.index("year")
            if {str(year) for year in self.measured.starts} - {str(keys[place]) for keys, _ in figures}:
                rows.append(("Any other year", "as in the last year listed before it"))
        if price.columns or self._unnamed(rule, price):
            rows.append(("Anything else", NOT_KNOWN))
        yield Rows(tuple(rows))

    def _unnamed(self, rule: Rule, price: Price) -> bool:
        """Whether there are cohorts and periods for which no amount is written, not even that it is unknown."""
        periods = self.contract.periods
        written = price.model_copy(update={"amounts": _all_known(price.amounts)})
        unknown = written.grid(self.measured, Fraction(1), {period.name: period.run for period in periods}).unknown
        rows = [place for place, name in enumerate(self.measured.cohorts) if name in (rule.cohorts or (name,))]
        names = [{period.name, period.run} & set(rule.periods or (period.name,)) for period in periods]
        return bool(unknown[rows][:, [place for place, named in enumerate(names) if named]].any())

    def _claim_by_claim(self, name: str, rule: Rule, metric: str | None) -> Iterator[str]:
        """Say what holds where each claim has an amount of its own."""
        uplift = rule.uplift
        if uplift is not None:
            where = " and ".join(
                f"whose {exact(column)} is {exactly(values)}" for column, values in uplift.where.items()
            )
            whole = self.money.show(self.spec.rounding.rounding(self.money).to)
            to = self.money.rate(uplift.to) if isinstance(uplift.to, Fraction) else whole
            what = "added" if uplift.share >= 0 else "taken off"
            yield (
                f"For a claim {where}, {written_share(abs(uplift.share))} of its amount is {what}. What is {what} is "
                f"rounded to {to}: {ROUNDED[uplift.rounded]}."
            )
        limited = any(
            "person" in limit.per and (limit.rules is None or name in limit.rules)
            for limit in self.spec.limits.values()
        )
        if metric is not None and (rule.claim_by_claim or (limited and rule.price is not None)):
            yield "Each claim is paid by itself: its amount is rounded before the amounts are added up."

    def _at_price(self, figure: Figure, per: Figure | None, units: str, metric: str) -> str:
        if not figure.percent:
            return f"{self.money.rate(figure.value)} for {units}"
        return f"{figure} of {spoken(metric)}" + (
            f", divided by {decimal(per.value)}" if per and per.value != 1 else ""
        )

    def _rate(self, rule: Rule, metric: str | None) -> str:
        """Return the price of a rule that has one figure for it, as a line of a rate card; else nothing."""
        figure = rule.price.flat if rule.price is not None else None
        if metric is None or not isinstance(figure, Figure):
            return ""
        return self._at_price(
            figure, rule.per, self._units(self.scales[metric], metric, rule.per, rule.complete), metric
        )

    def _grown(self, price: Price) -> Iterator[str]:
        """Say what a growing price comes to."""
        if not isinstance(price.starts_at, Figure):
            return
        periods = self.contract.periods
        rounding = self.spec.rounding.rounding(self.money)
        prices = price.prices(Setting(self.money, rounding, periods, self.measured, {}))
        changes = [i for i in range(len(prices)) if not i or prices[i] != prices[i - 1]]
        shown = changes if len(changes) <= 6 else [*changes[:3], changes[-1]]
        texts = [f"{self.money.rate(prices[i] / self.money.minor)} from {spoken(periods[i].name)}" for i in shown]
        if len(changes) > 6:
            texts[-1] = f"at last {texts[-1]}"
        yield f"It comes to {listed(texts)}."

    def _without_units(self, rule: Rule, metric: str | None, who: str) -> Iterator[Item]:
        """Say lump sums, instalments, and rules that look at other rules."""
        yes = metric is not None and self.scales[metric].yes_no
        where = f" in which {spoken(metric)} is {'yes' if yes else 'reported'}" if metric else ""

        def money(value: Any) -> str:
            return self.money.rate(value) if isinstance(value, Fraction) else UNKNOWN_SUM

        def others(keys: tuple[str, ...]) -> str:
            return f"{the('rule', keys)} {'comes' if len(keys) == 1 else 'come'} to"

        if rule.pays is not None:
            lump = f"of {money(rule.pays)}" if isinstance(rule.pays, Fraction) else f"that is {NOT_KNOWN}"
            yield f"{who} a lump sum {lump} for each period{where}."
        elif rule.instalments is not None:
            yield from self._instalments(rule, rule.instalments, where, who)
        elif rule.part_of is not None and rule.share is not None:
            so_far = " in all so far, less what was due before under this rule"
            when = so_far if rule.counts == "to date" else " in the period"
            yield f"{who} {written_share(rule.share)} of what {others(rule.part_of)}{when}."
            if rule.baseline is not None:
                flat = rule.baseline.flat
                beyond = self.money.rate(flat.value) if isinstance(flat, Figure) else UNKNOWN_SUM
                yield f"Of that, only what exceeds {beyond} counts."
            yield OTHERS
        elif rule.tops_up is not None:
            to = money(rule.tops_up.to)
            yield f"{who} the difference to {to} where {others(rule.tops_up.rules)} less than that in all to date."
            yield "What was paid so before is taken off." if rule.periods else "It falls due in the last period."
            yield OTHERS

    def _instalments(self, rule: Rule, fee: Instalments, where: str, who: str) -> Iterator[Item]:
        known = isinstance(fee.total, Fraction)
        total = self.money.rate(fee.total) if known else UNKNOWN_SUM
        periods = f", for periods{where}" if where else ""
        if fee.split is None:
            of_which = f"for {self.periods_said(rule.periods)}" if rule.periods else "for each period"
            yield f"{who} {total} in all, in equal instalments {of_which}{periods}."
            return
        yield f"{who} {total} in all, in these instalments{periods}:"
        rows = []
        for period, part in fee.split.items():
            exact = known and (fee.total * part * self.money.minor).denominator == 1
            much = f", which is {self.money.rate(fee.total * part)}" if exact else ""
            rows.append((start(period), written_share(part) + much))
        yield Rows(tuple(rows))


def _all_known(amounts: Any) -> Any:
    """Put a figure wherever an amount is written, known or not."""
    if isinstance(amounts, dict):
        return {name: _all_known(inner) for name, inner in amounts.items()}
    return Figure(Fraction(0))
