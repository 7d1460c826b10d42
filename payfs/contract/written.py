"""The contract as written: parties, population, periods, rules, limits, amendments, sources, worked examples."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from payfs.capital.written import Capital
from payfs.evidence.metric import Metric
from payfs.evidence.varying import Scalarable
from payfs.money import Currency, Rounding, currency
from payfs.periods import (
    BusinessDays,
    Day,
    Lag,
    Period,
    read_day,
    read_lag,
    read_year_start,
    run_of_periods,
    single_period,
)
from payfs.spec import (
    UNKNOWN,
    Amount,
    Count,
    FirstDay,
    LastDay,
    Name,
    Names,
    OneOrMore,
    Quantity,
    Spec,
    Text,
    Unknown,
    as_list,
    quoted,
    refuse,
    refuse_as,
)
from payfs.terms.limit import Limit
from payfs.terms.payers import Payers
from payfs.terms.rule import Rule

Role = Literal[
    "outcome payer",
    "service provider",
    "intermediary",
    "special purpose company",
    "fiscal agent",
    "investor",
    "evaluator",
    "guarantor",
    "trustee",
    "adviser",
    "other",
]

MANY = 1000  # more of anything is a slip of the pen, and would only fill the memory

TREE = WithJsonSchema({"type": "object"})


def read_currency(value: object) -> Currency:
    """Read a currency's code."""
    try:
        return currency(str(value))
    except KeyError:
        raise refuse(f"{quoted(value)} is no currency", "write its ISO 4217 code in capitals, such as USD") from None


def read_start(value: object) -> tuple[int, int]:
    """Read the first day of a fiscal year, as month and day."""
    try:
        return value if isinstance(value, tuple) else read_year_start(str(value))
    except ValueError as error:
        raise refuse_as(error) from None


def read_holidays(value: object) -> BusinessDays:
    """Read whose public holidays count."""
    try:
        return value if isinstance(value, BusinessDays) else BusinessDays(str(value))
    except ValueError as error:
        raise refuse_as(error) from None


def read_paid(value: object) -> Day | Lag | Unknown:
    """Read a payment date, a lag, or ``unknown``."""
    return UNKNOWN if value == "unknown" or value is UNKNOWN else read_when(value)


def read_when(value: object) -> Day | Lag:
    """Read a date, or a lag such as ``30 days after the period``."""
    if isinstance(value, (Day, Lag)):
        return value
    text = value if isinstance(value, str) else ""
    try:
        return read_lag(text) if "after" in text else read_day(text)
    except ValueError as error:
        raise refuse_as(error) from None


def read_every(value: object) -> str:
    """Read the length of a run's periods."""
    text = str(value)
    words = text.split(" ")
    months = len(words) == 2 and words[1] in ("month", "months") and words[0].isascii() and words[0].isdigit()
    if text in ("month", "quarter", "half-year", "year") or (months and len(words[0]) < 4 and int(words[0]) > 0):
        return text
    raise refuse(
        f"{quoted(value)} is no length of period",
        "write month, quarter, half-year, year, or a number of months such as 4 months",
    )


When = Annotated[Any, PlainValidator(read_when), WithJsonSchema({"type": ["string", "integer"]})]


Paid = Annotated[Any, PlainValidator(read_paid), WithJsonSchema({"type": ["string", "integer"]})]


class RoundingSpec(Scalarable):
    """How the contract rounds, and to a whole number of what."""

    flat: Literal["half up", "half even", "down", "up"] | None = None
    how: Literal["half up", "half even", "down", "up"] = "half up"
    to: Amount | None = None

    def rounding(self, money: Currency) -> Rounding:
        """Return the rounding in minor units."""
        return Rounding(self.flat or self.how, int(self.to * money.minor) if self.to is not None else 1)


class Term(Spec):
    """From when until when the contract runs."""

    start: FirstDay
    end: LastDay


class Party(Spec):
    """Who takes part."""

    name: Text
    role: Annotated[tuple[Role, ...], BeforeValidator(as_list), OneOrMore(), Field(min_length=1)]
    fiscal_year_starts: Annotated[tuple[int, int], PlainValidator(read_start), WithJsonSchema({"type": "string"})] = (
        1,
        1,
    )
    what: Text | None = None
    note: Text | None = None

    @property
    def pays(self) -> bool:
        """Whether the party is an outcome payer."""
        return "outcome payer" in self.role


class Cohort(Spec):
    """People (or sites, or States) that are measured together."""

    what: Text | None = None
    from_: FirstDay | None = Field(None, alias="from")
    to: LastDay | None = None
    size: Count | None = None
    payer: Name | None = None
    payers: Payers | None = None
    payee: Name | None = None
    note: Text | None = None


class Population(Spec):
    """Whom the contract is for."""

    who: Text | None = None
    size: Count | None = None
    cohorts: Annotated[dict[Name, Cohort], Field(max_length=MANY)] | None = None
    note: Text | None = None


class PeriodSpec(Spec):
    """One period, or with ``every`` a run of them."""

    what: Text | None = None
    note: Text | None = None
    every: Annotated[str, PlainValidator(read_every), WithJsonSchema({"type": "string"})] | None = None
    from_: FirstDay = Field(alias="from")
    to: LastDay
    measured: When | None = None
    paid: Paid | None = None
    roll: Literal["following", "preceding", "modified following"] | None = None

    def periods(self, name: str, days: BusinessDays) -> list[Period]:
        """Lay the periods out.

        Raises:
            ValueError: dates out of order, or a run that does not come out even.
        """
        known = not isinstance(self.paid, Unknown)
        paid = self.paid if known else None
        if self.every is None:
            periods = [single_period(name, self.from_, self.to, self.measured, paid, self.roll, days)]
        else:
            periods = run_of_periods(name, self.every, self.from_, self.to, self.measured, paid, self.roll, days)
        return [replace(period, paid_known=known) for period in periods]


class Amendment(Spec):
    """A change of the contract from a day on."""

    effective: FirstDay
    applies_from: Name | None = None
    what: Text
    clause: Text | None = None
    source: Names | None = None
    note: Text | None = None
    changes: Annotated[dict[str, Any], TREE]


Expected = Annotated[dict[str, Any], TREE]


class Expect(Spec):
    """What a worked example comes to."""

    total: Amount | None = None
    rules: Expected | None = None
    payers: dict[Name, Amount] | None = None
    payees: dict[Name, Amount] | None = None
    cohorts: dict[Name, Amount] | None = None
    periods: dict[Name, Amount] | None = None
    fiscal_years: dict[Name, Amount] | None = None
    metrics: Expected | None = None
    unpaid: dict[Name, Quantity] | None = None
    capital: Expected | None = None
    claims: dict[Name, Count] | None = None
    unknown: Annotated[tuple[Text, ...], BeforeValidator(as_list), OneOrMore()] | None = None


class Example(Spec):
    """Given these results, these payments."""

    name: Text
    period: Name | None = None
    cohort: Name | None = None
    as_of: LastDay | None = None
    assuming: Annotated[dict[str, Any], TREE] | None = None
    results: Annotated[dict[str, Any], TREE] = Field(default_factory=dict)
    claims: Annotated[list[Any], WithJsonSchema({"type": "array"})] | None = None
    corrections: Annotated[list[Any], WithJsonSchema({"type": "array"})] | None = None
    expect: Expect
    source: Names | None = None
    confidence: Literal["high", "medium", "low"] | None = None
    note: Text | None = None


class ContractSpec(Spec):
    """One outcome contract."""

    contract: Name
    title: Text
    summary: Text | None = None
    place: Text | None = None
    currency: Annotated[
        Currency, PlainValidator(read_currency), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$"})
    ]
    signed: LastDay | None = None
    term: Term | None = None
    rounding: RoundingSpec = RoundingSpec()
    holidays: Annotated[BusinessDays, PlainValidator(read_holidays), WithJsonSchema({"type": "string"})] = Field(
        default_factory=lambda: BusinessDays(None)
    )
    notes: Annotated[tuple[Text, ...], BeforeValidator(as_list), OneOrMore()] = ()
    parties: dict[Name, Party] = Field(min_length=1, max_length=MANY)
    payer: Name | None = None
    payers: Payers | None = None
    payee: Name | None = None
    population: Population = Population()
    periods: dict[Name, PeriodSpec] = Field(min_length=1)
    metrics: dict[Name, Metric] = Field(default_factory=dict, max_length=MANY)
    rules: dict[Name, Rule] = Field(min_length=1, max_length=MANY)
    limits: dict[Name, Limit] = Field(default_factory=dict, max_length=100)
    capital: Capital | None = None
    amendments: Annotated[tuple[Amendment, ...], Field(max_length=100)] = ()
    sources: dict[Name, Text] = Field(default_factory=dict)
    examples: Annotated[tuple[Example, ...], Field(max_length=MANY)] = ()

    def payers_of(self, rule: Rule, cohort: Cohort | None = None) -> Payers | None:
        """Return who pays for a rule, and a cohort if it matters, by stages; None where nobody is named."""
        own = (cohort.payers, cohort.payer) if cohort else (None, None)
        for stages, payer in ((rule.payers, rule.payer), own, (self.payers, self.payer)):
            if payer is not None:
                return _alone(payer)
            if stages is not None:
                return stages
        candidates = [name for name, party in self.parties.items() if "outcome payer" in party.role]
        return _alone(candidates[0]) if len(candidates) == 1 else None

    def payee_of(self, rule: Rule, cohort: str | None = None) -> str | None:
        """Return who is paid for a rule, and a cohort if it matters; None where nobody is named."""
        own = (self.population.cohorts or {}).get(cohort or "")
        named = rule.payee or (own.payee if own else None) or self.payee
        if named:
            return named
        for role in ("special purpose company", "intermediary", "service provider"):
            candidates = [name for name, party in self.parties.items() if role in party.role]
            if candidates:
                return candidates[0] if len(candidates) == 1 else None
        return None


@lru_cache(maxsize=1024)
def _alone(payer: str) -> Payers:
    from fractions import Fraction

    from payfs.terms.payers import PayerStage

    return (PayerStage(shares={payer: Fraction(1)}),)
