"""The capital stack as written: pools, tranches, guarantees, costs, reserves, and who comes first."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, TypeAdapter, WrapValidator

from payfs.capital.dates import AS_CASH_COMES, Amounts, Basis, DayOrUnknown, Draws, Due, Repaid
from payfs.spec import (
    UNKNOWN,
    Amount,
    FirstDay,
    LastDay,
    Name,
    Names,
    OneOrMore,
    Pay,
    Quantity,
    Share,
    ShareOrUnknown,
    Spec,
    Text,
    Yes,
    as_list,
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
COSTS = "costs"
DrawnPays = Literal["costs", "all that is due"]
"""What a pool pays out of what was drawn: costs, as long as any are to come, or whatever is due."""


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
    share: ShareOrUnknown | None = None
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


class When(Spec):
    """Asks what a metric came to: the last result of a period that has ended by then."""

    metric: Name
    from_: Quantity | None = Field(None, alias="from")
    above: Quantity | None = None
    below: Quantity | None = None
    up_to: Quantity | None = None


class Payoff(Spec):
    """What is owed of principal where a tranche ends early, and what comes on top; the rest of it is lost."""

    pays: ShareOrUnknown | None = None
    amount: Amount | None = None
    by: Name | None = None
    tiers: tuple[Tier, ...] | None = None
    table: tuple[Point, ...] | None = None
    premium: ShareOrUnknown | None = None


class Redemption(Payoff):
    """Repaid early, on a day of its own, and perhaps only if a result is so."""

    on: LastDay
    if_: When | None = Field(None, alias="if")
    clause: Text | None = None
    note: Text | None = None
    source: Names | None = None


def read_payoff(value: object) -> object:
    """Let a share by itself stand for a payoff."""
    return value if isinstance(value, (dict, Payoff)) else {"pays": value}


EACH: TypeAdapter[dict[str, Payoff]] = TypeAdapter(dict[Name, Annotated[Payoff, BeforeValidator(read_payoff)]])


def read_payoffs(value: object, _: object) -> Payoff | dict[str, Payoff]:
    """Read what is owed where the deal ends early: a payoff for all tranches alike, or one for each that is named."""
    one = isinstance(value, Payoff) or not isinstance(value, dict) or set(value) & set(Payoff.model_fields)
    return Payoff.model_validate(read_payoff(value)) if one else EACH.validate_python(value)


class Termination(Spec):
    """The whole deal ends early: all that is outstanding is due, commitments lapse, and the service stops."""

    on: LastDay
    if_: When | None = Field(None, alias="if")
    pays: Annotated[Payoff | dict[Name, Payoff], WrapValidator(read_payoffs)] = Field(default_factory=dict)
    clause: Text | None = None
    note: Text | None = None
    source: Names | None = None

    def of(self, name: str) -> Payoff | None:
        """Return what is owed of a tranche; None where all is."""
        return self.pays if isinstance(self.pays, Payoff) else self.pays.get(name)

    @property
    def payoffs(self) -> dict[tuple[str, ...], Payoff]:
        """Every payoff that is written, by its place below this one."""
        if isinstance(self.pays, Payoff):
            return {("pays",): self.pays}
        return {("pays", name): payoff for name, payoff in self.pays.items()}


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
    share: ShareOrUnknown | None = None
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
    drawn_pays: DrawnPays = "costs"
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
    terminated: Termination | None = None
    pools: Annotated[dict[Name, Pool], Field(max_length=100)] | None = None
    receives: Names | None = None
    drawn_pays: DrawnPays = "costs"
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

    @cached_property
    def pots(self) -> dict[str, Pool]:
        """The pools by name; one named ``pool`` where none is written."""
        if self.pools is not None:
            return self.pools
        own = {"receives": self.receives, "priority": self.priority, "surplus": self.surplus}
        return {"pool": Pool(**own, drawn_pays=self.drawn_pays, surplus_paid=self.surplus_paid)}  # type: ignore[arg-type]

    def pool_of(self, named: str | None) -> str:
        """Return the pool that something belongs to."""
        if named is not None:
            return named
        return "pool" if self.pools is None else next(iter(self.pools))
