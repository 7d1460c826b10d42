"""What claims come to, where each has a price of its own or a limit holds for one person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from payfs.claims.faults import Fault, Faults, spelling
from payfs.claims.table import Claims
from payfs.contract import Contract
from payfs.evidence.counting import Counting
from payfs.evidence.measured import ByClaim
from payfs.limits import stretches
from payfs.money import SAFE, Array, Rounding, fits, peak, refuse_beyond, times
from payfs.spec import Figure, Unknown, UnknownTerm, quoted
from payfs.terms.limit import Limit
from payfs.terms.price import CELL
from payfs.terms.rule import CURVES, Rule
from payfs.terms.setting import Setting
from payfs.text import Finding


class Paid(NamedTuple):
    """What the claims of one step came to under one rule; one entry a claim."""

    claims: Array
    cell: Array  # cohort and period as one place
    due: Array
    after: tuple[Array, ...]  # what is left after each limit
    used: tuple[Array, ...]  # what of each limit the person had used before

    @property
    def left(self) -> Array:
        """What each claim is paid."""
        return self.after[-1] if self.after else self.due

    def only(self, here: NDArray[np.bool_]) -> Paid:
        """Keep some of the claims."""
        after, used = (tuple(one[here] for one in many) for many in (self.after, self.used))
        return Paid(self.claims[here], self.cell[here], self.due[here], after, used)


@dataclass
class _PersonLimit:
    """A limit for one person: what each has had in the stretch of time that runs, in money or in units."""

    name: str
    limit: Limit
    most: int  # [minor units, or units]
    cohorts: NDArray[np.bool_]
    stretch: Array  # of each period
    reached: Array  # of each person in each stretch, one after the other

    @property
    def of_units(self) -> bool:
        """Whether it limits units, and not money."""
        return self.limit.most_units is not None

    def cut(self, person: Array, cohort: Array, period: Array, due: Array) -> tuple[Array, Array]:
        """Let through what each person's total leaves room for, and tell what that total was."""
        at = person * (int(self.stretch.max(initial=0)) + 1) + self.stretch[period]
        before = self.reached[at]
        covered = self.cohorts[cohort]
        paid = np.where(covered, np.minimum(due, np.maximum(self.most - before, 0)), due)
        self.reached[at] = before + np.where(covered, paid, 0)
        return paid, before


@dataclass
class _Tariff:
    """What one rule pays for a claim."""

    name: str
    rule: Rule
    limits: list[_PersonLimit]
    made: list[Paid] = field(default_factory=list)


@dataclass
class Purse:
    """Prices claims and keeps what each person has been paid.

    Attributes:
        contract: whose rules and limits.
        claims: what is known.
        tariffs: by metric, the rules that pay claim by claim.
    """

    contract: Contract
    claims: Claims
    tariffs: dict[str, list[_Tariff]] = field(init=False)

    def __post_init__(self) -> None:
        """Set every person's totals to nothing."""
        limits = {name: self._limit(name, limit) for name, limit in person_limits(self.contract)}
        self.tariffs = {}
        for name in paid_by_claim(self.contract):
            rule = self.contract.rule(name)
            own = [kept for kept in limits.values() if kept.limit.rules is None or name in kept.limit.rules]
            own = [] if rule.returned else own  # what is owed back is not limited
            self.tariffs.setdefault(rule.metric or name, []).append(_Tariff(name, rule, own))
        self._places: dict[str, NDArray[np.bool_]] = {}
        self._prices: dict[tuple[str, tuple[str, ...]], tuple[Array, int, NDArray[np.bool_]]] = {}

    def _limit(self, name: str, limit: Limit) -> _PersonLimit:
        contract = self.contract
        figure = limit.most.flat if limit.most is not None else limit.most_units
        if not isinstance(figure, Fraction | Figure):
            raise UnknownTerm(("limits", name, "most" if limit.most is not None else "most_units"))
        # units are whole here, so what passes the last whole one is no unit
        most = int(figure.value) if isinstance(figure, Figure) else int(figure * contract.money.minor)
        stretch = np.zeros(len(contract.periods), dtype=np.int64)
        for number, part in enumerate(stretches(contract, limit)):
            stretch[part] = number
        covered = np.array(
            [limit.cohorts is None or cohort in limit.cohorts for cohort in contract.cohorts], dtype=bool
        )
        people = len(self.claims.people)
        reached = np.zeros(people * (int(stretch.max(initial=0)) + 1), dtype=np.int64)
        return _PersonLimit(name, limit, most, covered, stretch, reached)

    def covers(self, metric: str) -> bool:
        """Whether a metric's claims are paid claim by claim."""
        return metric in self.tariffs

    def pay(
        self, metric: str, places: Array, person: Array, cohort: Array, period: Array, units: Array
    ) -> NDArray[np.bool_]:
        """Pay some claims, of different people, and tell which of them were paid anything."""
        tariffs = self.tariffs.get(metric)
        if tariffs is None:
            return self._priced(metric)[cohort, period]  # where nothing cuts a claim, what counts is paid
        paid = np.zeros(len(places), dtype=bool)
        for tariff in tariffs:
            here = applies(self.contract, tariff.rule)[cohort, period]
            due = np.where(here, self._due(tariff, places, cohort, period, units), 0)
            after, used = [], []
            left, kept = due, units
            for limit in tariff.limits:
                if limit.of_units:
                    kept, before = limit.cut(person, cohort, period, np.where(here, kept, 0))
                    left = np.minimum(left, np.where(here, self._due(tariff, places, cohort, period, kept), 0))
                else:
                    left, before = limit.cut(person, cohort, period, left)
                after.append(left)
                used.append(before)
            cell = cohort * len(self.contract.periods) + period
            made = Paid(places, cell, due, tuple(after), tuple(used))
            tariff.made.append(made if here.all() else made.only(here))
            paid |= left > 0
        return paid

    def _priced(self, metric: str) -> NDArray[np.bool_]:
        """Return where any rule pays for a metric by number, (cohorts, periods)."""
        if metric not in self._places:
            where = np.zeros((len(self.contract.cohorts), len(self.contract.periods)), dtype=bool)
            for name in self.contract.rules:
                where |= self.pays(name, metric)
            self._places[metric] = where
        return self._places[metric]

    def pays(self, name: str, metric: str) -> NDArray[np.bool_]:
        """Return where a rule pays something for each unit of a metric, (cohorts, periods)."""
        rule = self.contract.rule(name)
        where = applies(self.contract, rule)
        if (rule.metric or name) != metric or rule.returned or rule.priced_by not in ("price", *CURVES, "pool"):
            return where & False
        if rule.price is not None and rule.price.index is None and not rule.price.columns:
            tops, _, unknown = self._price(name, ())
            where = where & ((tops > 0) | unknown)
        return where

    def _due(self, tariff: _Tariff, places: Array, cohort: Array, period: Array, units: Array) -> Array:
        """Multiply the units of each claim by its own price [minor units], rounded claim by claim."""
        rule, claims = tariff.rule, self.claims
        assert rule.price is not None
        names = rule.price.columns
        columns = [claims.column(name) for name in names]
        codes = [column.codes[places] for column in columns]
        due = np.zeros(len(places), dtype=np.int64)
        if not len(places):
            return due
        combinations = np.unique(np.stack(codes, axis=1), axis=0) if names else np.zeros((1, 0), int)
        for combination in combinations:
            here = np.ones(len(places), dtype=bool)
            for code, own in zip(combination, codes, strict=True):
                here &= own == code
            words = tuple(column.values[code] for column, code in zip(columns, combination, strict=True))
            tops, bottom, unknown = self._price(tariff.name, words)
            if unknown[cohort[here], period[here]].any():
                raise UnknownTerm(("rules", tariff.name, "price", *(("amounts",) if names else ())))
            due[here] = times(units[here], (tops[cohort[here], period[here]], bottom), self._rounding())
        return self._uplifted(rule, places, due)

    def _price(self, name: str, words: tuple[str, ...]) -> tuple[Array, int, NDArray[np.bool_]]:
        """Return what a unit pays in each cohort and period, as the terms of each period say."""
        key = (name, words)
        if key not in self._prices:
            contract = self.contract
            measured = contract.frame.empty()
            runs = {period.name: period.run for period in contract.periods}
            shape = (len(contract.cohorts), len(contract.periods))
            fractions = np.zeros(shape, dtype=object)
            unknown = np.zeros(shape, dtype=bool)
            stops = [*(terms.first for terms in contract.terms[1:]), shape[1]]
            for terms, stop in zip(contract.terms, stops, strict=True):
                rule, here = terms.spec.rules.get(name), slice(terms.first, stop)
                if rule is None or rule.price is None:
                    continue
                if rule.price.starts_at is not None:
                    rounding = contract.spec.rounding.rounding(contract.money)
                    setting = Setting(contract.money, rounding, contract.periods, measured, {})
                    unknown[:, here] = isinstance(rule.price.starts_at, Unknown)
                    if not isinstance(rule.price.starts_at, Unknown):
                        fractions[:, here] = rule.price.prices(setting)[here]
                    continue
                columns = dict(zip(rule.price.columns, words, strict=False))
                grid = rule.price.grid(measured, Fraction(contract.money.minor), runs, columns)
                known = np.array([Fraction(int(top), grid.bottom) for top in grid.tops.ravel()], dtype=object)
                fractions[:, here] = np.broadcast_to(known.reshape(grid.tops.shape[:2]), shape)[:, here]
                unknown[:, here] = np.broadcast_to(grid.unknown, shape)[:, here]
            bottom = int(np.lcm.reduce([fraction.denominator for fraction in fractions.ravel()]))
            tops = fractions * bottom
            self._prices[key] = tops.astype(np.int64) if peak(tops) < SAFE else tops, bottom, unknown
        return self._prices[key]

    def _uplifted(self, rule: Rule, places: Array, due: Array) -> Array:
        if rule.uplift is None:
            return due
        contract, uplift = self.contract, rule.uplift
        here = np.ones(len(places), dtype=bool)
        for name, words in uplift.where.items():
            column = self.claims.column(name)
            here &= np.array([value in words for value in column.values], dtype=bool)[column.codes[places]]
        step = int(uplift.to * contract.money.minor) if isinstance(uplift.to, Fraction) else self._rounding().to
        more = times(due, uplift.share / step, Rounding(uplift.rounded)) * step
        return np.where(here, due + more, due)

    def _rounding(self) -> Rounding:
        return self.contract.spec.rounding.rounding(self.contract.money)

    def by_rule(self) -> Iterator[tuple[str, list[_PersonLimit], Paid]]:
        """Yield each rule that pays claim by claim, its limits, and everything that its claims came to."""
        for tariff in (tariff for tariffs in self.tariffs.values() for tariff in tariffs):
            none = np.zeros(0, dtype=np.int64)
            nothing = (none,) * len(tariff.limits)
            made = [Paid(none, none, none, nothing, nothing), *tariff.made]
            places = range(len(tariff.limits))
            after = tuple(np.concatenate([paid.after[at] for paid in made]) for at in places)
            used = tuple(np.concatenate([paid.used[at] for paid in made]) for at in places)
            claims, cell, due = (np.concatenate([paid[place] for paid in made]) for place in range(3))
            yield tariff.name, tariff.limits, Paid(claims, cell, due, after, used)

    def totals(self, by_cohort: dict[str, bool]) -> dict[str, ByClaim]:
        """Add up what each rule's claims came to by cohort and period."""
        periods = len(self.contract.periods)
        found = {}
        for name, limits, paid in self.by_rule():
            rows = len(self.contract.cohorts)

            def summed(amounts: Array, cell: Array = paid.cell, rows: int = rows, name: str = name) -> Array:
                sums = np.zeros(rows * periods, dtype=np.int64 if fits(peak(amounts) * len(amounts)) else object)
                np.add.at(sums, cell, amounts)
                shaped = refuse_beyond(sums).astype(np.int64).reshape(rows, periods, 1)
                return shaped if by_cohort[name] else shaped.sum(axis=0, keepdims=True)

            after = {limit.name: summed(amounts) for limit, amounts in zip(limits, paid.after, strict=True)}
            found[name] = ByClaim(summed(paid.due), after)
        return found


def applies(contract: Contract, rule: Rule) -> NDArray[np.bool_]:
    """Return where a rule pays, (cohorts, periods)."""
    names = rule.periods
    cohorts = np.array([rule.cohorts is None or name in rule.cohorts for name in contract.cohorts], dtype=bool)
    periods = np.array([names is None or p.name in names or p.run in names for p in contract.periods], dtype=bool)
    where: NDArray[np.bool_] = cohorts[:, None] & periods
    return where


def price_faults(contract: Contract, claims: Claims) -> list[Finding]:
    """Find claims whose columns do not say what their price is."""
    faults = Faults(claims.file, claims.rows, claims.head)
    for name in contract.rules:
        rule = contract.rule(name)
        metric = rule.metric or name
        counting = contract.frame.metrics[metric].claims or Counting() if rule.claim_by_claim else Counting()
        wanted = counting.outcomes(metric)
        among = np.isin(claims.outcome, [code for code, outcome in enumerate(claims.outcomes) if outcome in wanted])
        for column in dict.fromkeys(column for _, column in rule.columns()):
            if among.any() and column != "outcome" and column not in claims.columns:
                faults.add_header(
                    f"there is no column {quoted(column)}, which the price of {quoted(name)} goes by", "add it"
                )
        for column, words in (rule.uplift.where if rule.uplift is not None else {}).items():
            if column in claims.columns:
                faults.add_cells(claims.columns[column], spelling(words), column, among)
        for level, column in enumerate(rule.price.by or () if rule.price else ()):
            if (column in claims.columns or column == "outcome") and column not in CELL:
                known = _names(contract, name, level)
                remedy = f"the prices are for {', '.join(sorted(known)[:12])}"

                def judge(value: str, known: set[str] = known, remedy: str = remedy) -> Fault | None:
                    return None if value in known else ("the contract has no price for this", remedy)

                faults.add_cells(claims.column(column), judge, column, among)
    return list(dict.fromkeys(faults.found))


def _names(contract: Contract, rule: str, level: int) -> set[str]:
    """Return the names that the amounts of a price have at one of their levels."""
    prices = [terms.spec.rules[rule].price for terms in contract.terms if rule in terms.spec.rules]
    trees: list[object] = [price.amounts for price in prices if price is not None]
    for _ in range(level):
        trees = [inner for tree in trees if isinstance(tree, dict) for inner in tree.values()]
    return {name for tree in trees if isinstance(tree, dict) for name in tree}


def person_limits(contract: Contract) -> list[tuple[str, Limit]]:
    """Return the limits that hold for one person, in the order written."""
    return [(name, limit) for name, limit in contract.spec.limits.items() if "person" in limit.per]


def paid_by_claim(contract: Contract) -> list[str]:
    """Return the rules that pay claim by claim, in the order written."""
    limits = [limit for _, limit in person_limits(contract)]
    return [
        name
        for name in contract.rules
        if (rule := contract.rule(name)).claim_by_claim
        or (
            rule.price is not None
            and not rule.returned  # what is owed back is neither limited nor makes room
            and any(limit.rules is None or name in limit.rules for limit in limits)
        )
    ]
