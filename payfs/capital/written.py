"""The capital stack as written: pools, tranches, guarantees, costs, reserves, and who comes first."""

from __future__ import annotations

from collections.abc import Sized
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema, WrapValidator

from payfs.periods import Day
from payfs.spec import (
    UNKNOWN,
    Amount,
    FirstDay,
    LastDay,
    Name,
    Names,
    OneOrMore,
    Pay,
    Share,
    Spec,
    Text,
    Unknown,
    Yes,
    as_list,
    quoted,
    read_amount,
    read_date,
    refuse,
)
from payfs.words import Point, Tier

Kind = Literal[
    "senior",
    "subordinate",
    "first loss",
    "equity",
    "recoverable grant",
    "recyclable grant",
    "grant",
    "deferred fee",
    "unknown",
]
RANKS: tuple[str, ...] = (
    "senior",
    "subordinate",
    "recoverable grant",
    "recyclable grant",
    "deferred fee",
    "first loss",
    "equity",
)
"""In which order tranches are paid where no priority is written; a plain grant is not repaid."""

DayCount = Literal["ACT/365", "ACT/360", "30/360", "ACT/ACT", "ACT/ACT ICMA"]
AS_CASH_COMES, AT_MATURITY, AS_NEEDED, NEVER = "as cash comes", "at maturity", "as needed", "never"


MOST_DATES = 1000


class Dated(dict[Day, Any]):
    """Amounts by day, in order; an amount may be ``unknown``."""


def _few(dates: Sized) -> None:
    if len(dates) > MOST_DATES:
        raise refuse(f"there are {len(dates):,} dates, more than {MOST_DATES:,}", "add up what is near in time")


def _read_amounts(value: object, words: str = "") -> Dated:
    if not isinstance(value, dict) or not value:
        what = "no amount is written" if value == {} else f"{quoted(value)} stands where amounts by date are meant"
        raise refuse(what, f"write {{2017-10-31: 250000}}{words}")
    _few(value)
    read, amounts = read_date(first=False), Dated()
    for key, amount in value.items():
        day = read(key)
        if any(other.date == day.date for other in amounts):
            raise refuse(f"two amounts are written for {day}", "add them up")
        amounts[day] = read_amount(amount)
        if not isinstance(amounts[day], Unknown) and amounts[day] < 0:
            raise refuse(f"the amount of {day} is less than nothing", "write amounts of at least 0")
    return Dated(sorted(amounts.items(), key=lambda item: item[0].date))


def read_draws(value: object) -> Dated | str | Unknown:
    """Read when a commitment is drawn: amounts by date, ``as needed``, or ``unknown``."""
    if value in ("unknown", AS_NEEDED) or value is UNKNOWN:
        return UNKNOWN if value != AS_NEEDED else AS_NEEDED
    return value if isinstance(value, Dated) else _read_amounts(value, ", as needed, or unknown")


def read_repaid(value: object) -> Dated | str:
    """Read when principal is repaid: ``as cash comes``, ``at maturity``, ``never``, or amounts by date."""
    if value in (AS_CASH_COMES, AT_MATURITY, NEVER):
        return str(value)
    return value if isinstance(value, Dated) else _read_amounts(value, ", as cash comes, at maturity, or never")


def read_basis(value: object) -> str | Unknown:
    """Read a day count."""
    if value == "unknown" or value is UNKNOWN:
        return UNKNOWN
    known = get_args(DayCount)
    if value not in known:
        raise refuse(f"{quoted(value)} is no day count", f"write one of {', '.join(known)}, or unknown")
    return str(value)


def read_amounts(value: object) -> Dated:
    """Read amounts by date."""
    return value if isinstance(value, Dated) else _read_amounts(value)


BY_DATE = WithJsonSchema({"type": "object"})
BY_DATE_OR_WORD = WithJsonSchema({"anyOf": [{"type": "object"}, {"type": "string"}]})
Amounts = Annotated[Any, PlainValidator(read_amounts), BY_DATE]
Draws = Annotated[Any, PlainValidator(read_draws), BY_DATE_OR_WORD]
Repaid = Annotated[Any, PlainValidator(read_repaid), BY_DATE_OR_WORD]
Basis = Annotated[Any, PlainValidator(read_basis), WithJsonSchema({"enum": [*get_args(DayCount), "unknown"]})]


class Every(Spec):
    """Days at equal distances: the last day of each month, quarter, half-year or year of a stretch of time."""

    every: Literal["month", "quarter", "half-year", "year"]
    from_: FirstDay = Field(alias="from")
    to: LastDay


def read_due(value: object, _: object) -> object:
    """Read when interest is due: words, days at equal distances, or dates."""
    if value in (AS_CASH_COMES, AT_MATURITY) or isinstance(value, Every):
        return value
    if value == "unknown" or value is UNKNOWN:
        return UNKNOWN
    if isinstance(value, dict):
        return Every.model_validate(value)
    words = isinstance(value, str) and not value[:1].isdigit()
    if words or not isinstance(value, (str, list, tuple)):
        remedy = f"write dates, {AS_CASH_COMES}, {AT_MATURITY}, every: year, or unknown"
        raise refuse(f"{quoted(value)} says no days", remedy)
    _few(value)
    read = read_date(first=False)
    return tuple(read(day) for day in ([value] if isinstance(value, str) else value))


Due = Annotated[
    Literal["as cash comes", "at maturity", "unknown"] | Unknown | Every | tuple[LastDay, ...], WrapValidator(read_due)
]


def read_day_or_unknown(value: object) -> Day | Unknown:
    """Read a date, or ``unknown``."""
    return UNKNOWN if value == "unknown" or value is UNKNOWN else read_date(first=False)(value)


DayOrUnknown = Annotated[Any, PlainValidator(read_day_or_unknown), WithJsonSchema({"type": ["string", "integer"]})]


class ByMetric(Spec):
    """A share or an amount that a result decides."""

    by: Name
    tiers: tuple[Tier, ...] | None = None
    table: tuple[Point, ...] | None = None


class RateStep(Spec):
    """A rate of interest a year until a day: fixed, or by a result, and at least so much."""

    until: LastDay | None = None
    rate: Pay | None = None
    by: Name | None = None
    tiers: tuple[Tier, ...] | None = None
    table: tuple[Point, ...] | None = None
    least: Pay | None = None


class Interest(Spec):
    """Interest on what is outstanding."""

    rate: Pay | None = None
    rates: tuple[RateStep, ...] | None = None
    days: Basis
    due: Due = "as cash comes"
    capitalised: Yes = False
    compound: Yes = False
    from_: FirstDay | None = Field(None, alias="from")
    clause: Text | None = None
    note: Text | None = None
    source: Names | None = None

    @property
    def steps(self) -> tuple[RateStep, ...]:
        """The rates in order of time."""
        return self.rates if self.rates is not None else (RateStep(rate=self.rate),)


class Success(Spec):
    """What is paid on top of principal and interest: an amount, a share of what was drawn, or what a result decides."""

    on: LastDay
    amount: Amount | None = None
    share: Share | None = None
    by: Name | None = None
    tiers: tuple[Tier, ...] | None = None
    table: tuple[Point, ...] | None = None
    clause: Text | None = None
    note: Text | None = None
    source: Names | None = None


class ReturnLimit(Spec):
    """The most that a tranche earns."""

    irr: Pay | None = None
    multiple: Amount | None = None
    interest: Amount | None = None
    clause: Text | None = None


class Redemption(Spec):
    """Repaid early, in part or whole; what is left is lost."""

    on: LastDay
    pays: Share
    clause: Text | None = None
    note: Text | None = None
    source: Names | None = None


class Tranche(Spec):
    """Money that somebody puts in, and what comes back for it."""

    what: Text | None = None
    holder: Name | None = None
    holders: dict[Name, Share] | None = None
    kind: Kind
    pool: Name | None = None
    commitment: Amount
    draws: Draws = Field(default_factory=lambda: UNKNOWN)
    draws_until: LastDay | None = None
    interest: Interest | None = None
    repaid: Repaid = AS_CASH_COMES
    repaid_from: FirstDay | None = None
    matures: LastDay | None = None
    owed: ByMetric | None = None
    success: Success | None = None
    receives: Names = ()
    paid_by: Name | None = None
    most: ReturnLimit | None = None
    redeemed: Redemption | None = None
    clause: Text | None = None
    note: Text | None = None
    source: Names | None = None

    @property
    def shares(self) -> dict[str, Any]:
        """Who holds how much of it."""
        return {self.holder: 1} if self.holder is not None else dict(self.holders or {})

    @property
    def in_kind(self) -> bool:
        """Whether no cash comes in: a fee that waits."""
        return self.kind == "deferred fee"


class Guarantee(Spec):
    """Makes up what a tranche is not repaid, up to a limit."""

    guarantor: Name
    covers: Names
    of: Literal["principal", "principal and interest"] = "principal"
    most: Amount | None = None
    share: Share | None = None
    up_to: Amount | None = None
    on: LastDay | None = None
    deposited: DayOrUnknown | None = None
    unused: Literal["returned", "recycled"] = "returned"
    clause: Text | None = None
    note: Text | None = None
    source: Names | None = None


class Budget(Spec):
    """Amounts by date, or the same amount at equal distances."""

    amounts: Amounts | None = None
    amount: Amount | None = None
    every: Literal["month", "quarter", "half-year", "year"] | None = None
    from_: FirstDay | None = Field(None, alias="from")
    to: LastDay | None = None


class Cost(Budget):
    """A cost or fee that a pool pays."""

    what: Text | None = None
    payee: Name
    pool: Name | None = None
    clause: Text | None = None
    note: Text | None = None
    source: Names | None = None


class Spending(Budget):
    """What the provider spends on the service, so that its own cash is seen."""

    provider: Name
    opening: Amount = 0
    note: Text | None = None
    source: Names | None = None


class Reserve(Spec):
    """Money that a pool sets aside for costs and interest, until it is released."""

    pool: Name | None = None
    target: Amount
    released: LastDay | None = None
    clause: Text | None = None
    note: Text | None = None


Together = Annotated[tuple[Text, ...], BeforeValidator(as_list), OneOrMore(), Field(max_length=100)]
Priority = Annotated[tuple[Together, ...], Field(max_length=500)]


class Pool(Spec):
    """Money that is kept apart: what comes in, in which order it goes out, and whose the rest is."""

    what: Text | None = None
    receives: Names | None = None
    priority: Priority | None = None
    surplus: dict[Name, Share] | None = None
    surplus_paid: Literal["at the end", "as cash comes"] = "at the end"
    clause: Text | None = None
    note: Text | None = None
    source: Names | None = None


class Capital(Spec):
    """The capital stack."""

    what: Text | None = None
    total: Amount | None = None
    ends: LastDay | None = None
    pools: Annotated[dict[Name, Pool], Field(max_length=100)] | None = None
    receives: Names | None = None
    priority: Priority | None = None
    surplus: dict[Name, Share] | None = None
    surplus_paid: Literal["at the end", "as cash comes"] = "at the end"
    tranches: Annotated[dict[Name, Tranche], Field(min_length=1, max_length=100)]
    guarantees: Annotated[dict[Name, Guarantee], Field(max_length=100)] = Field(default_factory=dict)
    costs: Annotated[dict[Name, Cost], Field(max_length=100)] = Field(default_factory=dict)
    spending: Spending | None = None
    reserves: Annotated[dict[Name, Reserve], Field(max_length=100)] = Field(default_factory=dict)
    clause: Text | None = None
    note: Text | None = None
    source: Names | None = None

    @property
    def pots(self) -> dict[str, Pool]:
        """The pools by name; one named ``pool`` where none is written."""
        if self.pools is not None:
            return self.pools
        own = {"receives": self.receives, "priority": self.priority, "surplus": self.surplus}
        return {"pool": Pool(**own, surplus_paid=self.surplus_paid)}  # type: ignore[arg-type]

    def pool_of(self, named: str | None) -> str:
        """Return the pool that something belongs to."""
        if named is not None:
            return named
        return "pool" if self.pools is None else next(iter(self.pools))
