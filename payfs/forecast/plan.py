"""What the provider has, spends and gets beside outcome payments: as written by a person, and as read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from pydantic_core import PydanticCustomError

from payfs.contract import Contract
from payfs.money import MOST, Currency
from payfs.periods import read_day
from payfs.spec import quoted, read_amount, read_count
from payfs.text import Finding, Path, Refused

MOST_LINES = 200
MOST_DELAY = 3650  # [days]


class Cost(NamedTuple):
    """A cost of every month.

    Attributes:
        amount: of each month [minor units].
        first: the first day of its first month.
        last: the first day of its last month.
    """

    amount: int
    first: date
    last: date


class Income(NamedTuple):
    """Money that comes in beside outcome payments.

    Attributes:
        amount: [minor units].
        on: the day on which it comes.
    """

    amount: int
    on: date


class Plan(NamedTuple):
    """What the provider has, spends and gets.

    Attributes:
        party: whose cash it is: name of a party.
        opening: what it has at the beginning [minor units].
        costs: month by month; they add up where they meet.
        income: beside outcome payments.
        delay: how long after its date each outcome payment comes [days].
        stack: whether the money of the contract's own capital stack moves, too.
    """

    party: str
    opening: int = 0
    costs: tuple[Cost, ...] = ()
    income: tuple[Income, ...] = ()
    delay: int = 0
    stack: bool = False

    @property
    def empty(self) -> bool:
        """Whether it says of no money at all beside outcome payments."""
        return not (self.opening or self.costs or self.income or self.stack)

    @property
    def spent(self) -> int:
        """What all costs come to [minor units], without those of the stack."""
        return sum(cost.amount * (_month(cost.last) - _month(cost.first) + 1) for cost in self.costs)


class Written(NamedTuple):
    """A plan as a person typed it: text only; an empty text says nothing.

    Attributes:
        party: name.
        opening: amount [units of the currency].
        costs: amount of a month, first month, last month.
        income: amount, day.
        delay: [days].
        stack: whether the money of the contract's own capital stack moves, too.
    """

    party: str
    opening: str = ""
    costs: Sequence[tuple[str, str, str]] = ()
    income: Sequence[tuple[str, str]] = ()
    delay: str = ""
    stack: bool = False


def read_plan(contract: Contract, written: Written) -> Plan:
    """Read a plan; a line without an amount says nothing and is passed over.

    Raises:
        Refused: everything that is wrong with it.
    """
    reader = _Reader(contract.money)
    opening = reader.read(("cash at the beginning",), written.opening or "0", reader.signed)
    delay = reader.read(("days late",), written.delay or "0", reader.days)
    costs, income = [], []
    for place, (amount, first, last) in enumerate(written.costs[:MOST_LINES]):
        if amount.strip():
            at: Path = ("monthly costs", place)
            cost = Cost(
                reader.read((*at, "amount"), amount, reader.amount),
                reader.read((*at, "from"), first, reader.month),
                reader.read((*at, "to"), last, reader.month),
            )
            if cost.last < cost.first:
                reader.found.append(Finding("it ends before it begins", "exchange the two months", (*at, "to")))
            costs.append(cost)
    for place, (amount, day) in enumerate(written.income[:MOST_LINES]):
        if amount.strip():
            at = ("other income", place)
            income.append(
                Income(
                    reader.read((*at, "amount"), amount, reader.amount), reader.read((*at, "on"), day, reader.day_of)
                )
            )
    if written.party not in contract.spec.parties:
        reader.found.append(Finding(f"the contract has no party {quoted(written.party)}", "choose one of its parties"))
    if reader.found:
        raise Refused(reader.found)
    return Plan(written.party, opening, tuple(costs), tuple(income), delay, written.stack)


def cost_months(contract: Contract) -> tuple[date, date]:
    """Return the months in which the provider has costs unless it says otherwise, each by its first day.

    They begin with the term, or with the first period where that is earlier or no term is told, since a service is paid
    for before anything of it is measured; they end with the last payment.
    """
    starts = [period.start.date for period in contract.periods]
    if contract.spec.term is not None:
        starts.append(contract.spec.term.start.date)
    last = max(period.paid.date for period in contract.periods)
    return min(starts).replace(day=1), last.replace(day=1)


class _Reader:
    """Reads text by text, and keeps what is wrong."""

    def __init__(self, money: Currency) -> None:
        self.money = money
        self.found: list[Finding] = []

    def read(self, path: Path, text: str, how: Callable[[str], Any]) -> Any:
        """Read a text; where it cannot be, keep the finding and return what reads as nothing."""
        try:
            return how(text.strip())
        except PydanticCustomError as error:
            context = error.context or {}
            self.found.append(Finding(context.get("what", str(error)), context.get("remedy", ""), path))
        except ValueError as error:
            what, _, remedy = str(error).partition("; ")
            self.found.append(Finding(what, remedy, path))
        return date(1970, 1, 1) if how in (self.month, self.day_of) else 0

    def signed(self, text: str) -> int:
        amount = read_amount(text)
        if not isinstance(amount, Fraction):
            raise ValueError("the amount is unknown; write a figure")
        minor = amount * self.money.minor
        if minor.denominator != 1:
            raise ValueError(f"{quoted(text)} is finer than {self.money.show(1)}; round it")
        if abs(minor) > MOST:
            raise ValueError(f"{quoted(text)} is beyond {self.money.show(MOST)}; check the figure")
        return int(minor)

    def amount(self, text: str) -> int:
        minor = self.signed(text)
        if minor < 0:
            raise ValueError(f"{quoted(text)} is less than nothing; write it without the minus sign")
        return minor

    def month(self, text: str) -> date:
        return read_day(text, first=True).date.replace(day=1)

    def day_of(self, text: str) -> date:
        return read_day(text).date

    def days(self, text: str) -> int:
        days = read_count(text)
        if days > MOST_DELAY:
            raise ValueError(f"{days:,} days are more than ten years; check the figure")
        return days


def _month(day: date) -> int:
    return day.year * 12 + day.month
