"""What a case comes to: every payment, by month, and the provider's cash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from payfs.claims.table import Claims
from payfs.contract import Contract
from payfs.evidence.results import Result
from payfs.forecast.cash import ProviderCash, provider_cash
from payfs.forecast.plan import Plan
from payfs.payments import Account, Payment, pay


class MonthlyPayment(NamedTuple):
    """What one payer pays one payee in a month.

    Attributes:
        month: its first day; None where no source says when it is due.
        payer: name of a party.
        payee: name of a party.
        amount: [minor units].
    """

    month: date | None
    payer: str
    payee: str
    amount: int


@dataclass(frozen=True)
class Outcome:
    """What some performance comes to.

    Attributes:
        account: every payment, with its reason.
        cash: the provider's, one path; None where nobody asked for it.
    """

    account: Account
    cash: ProviderCash | None = None

    @property
    def total(self) -> int:
        """What is paid in all, to whomever [minor units]."""
        return self.account.total

    @property
    def first(self) -> Payment | None:
        """The first payment that is due on a day that is known, of more than nothing."""
        dated = [one for one in self.account.payments if one.due is not None and one.amount > 0]
        return min(dated, key=lambda one: one.due or date.max, default=None)

    @property
    def first_amount(self) -> int:
        """What is due in all on the day of the first payment [minor units]; 0 where there is none."""
        first = self.first
        return sum(one.amount for one in self.account.payments if first is not None and one.due == first.due)

    @property
    def by_month(self) -> tuple[MonthlyPayment, ...]:
        """What is due in each month by payer and payee, in order of time; what has no day comes last."""
        sums: dict[tuple[date | None, str, str], int] = {}
        for one in self.account.payments:
            key = (one.due.replace(day=1) if one.due else None, one.payer, one.payee)
            sums[key] = sums.get(key, 0) + one.amount
        rows = [MonthlyPayment(*key, amount) for key, amount in sums.items() if amount]
        return tuple(sorted(rows, key=lambda row: (row.month or date.max, row.payer, row.payee)))


def outcome(
    contract: Contract, results: Sequence[Result], plan: Plan | None = None, claims: Claims | None = None
) -> Outcome:
    """Work out what some performance comes to.

    Raises:
        Refused: what the results need is unknown, missing, or cannot be worked out.
        Unfunded: the payments can be, but not the money of the capital stack that the plan counts.
    """
    account = pay(contract, tuple(results), claims)
    return Outcome(account, None if plan is None else provider_cash(contract, account.statement, plan))
