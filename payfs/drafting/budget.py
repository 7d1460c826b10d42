"""What a contract would cost in each fiscal year on the results of one of its worked examples."""

from __future__ import annotations

from typing import NamedTuple

from payfs.contract import Contract
from payfs.drafting.compared import paid_on_example


class BudgetLine(NamedTuple):
    """What one payer pays under one rule in one of its fiscal years.

    Attributes:
        fiscal_year: as it is written, ``2027/28``; ``not known`` where no source says when the payment is due.
        payer: the party's short name.
        rule: name.
        amount: [minor units].
    """

    fiscal_year: str
    payer: str
    rule: str
    amount: int


def budget(contract: Contract, place: int) -> tuple[BudgetLine, ...]:
    """Return what is paid in each fiscal year on a worked example, by its place from 0, in order of time.

    Raises:
        Refused: it cannot be worked out.
    """
    account = paid_on_example(contract, contract, place)
    sums: dict[tuple[str, str, str], int] = {}
    for payment in account.payments:
        year = account.fiscal_year(payment).removeprefix(f"{payment.payer} ")
        key = (year, payment.payer, payment.rule)
        sums[key] = sums.get(key, 0) + payment.amount
    known = sorted(sums, key=lambda key: (key[0] == "not known", key))
    return tuple(BudgetLine(*key, sums[key]) for key in known if sums[key])
