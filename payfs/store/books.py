"""The books: every certificate and payment as debits (above 0) and credits (below 0) that come to nothing together."""

from __future__ import annotations

from collections.abc import Sequence

from payfs.store.rows import Bill, CertificateLine, Payment, Posting
from payfs.store.step import Step


def cost(rule: str) -> str:
    """Name the account of what a rule costs."""
    return f"cost of {rule}"


def owed(bill: Bill) -> str:
    """Name the account of what a payer owes a payee."""
    return f"owed by {bill.payer} to {bill.payee}"


def money(bill: Bill) -> str:
    """Name the account of a payer's money."""
    return f"money of {bill.payer}"


def book_bill(step: Step, bill: Bill, lines: Sequence[CertificateLine]) -> None:
    """Debit what each rule costs, and credit what is owed for it."""
    by_rule: dict[str, int] = {}
    for line in lines:
        by_rule[line.rule] = by_rule.get(line.rule, 0) + line.amount
    _post(step, bill, {**{cost(rule): amount for rule, amount in by_rule.items()}, owed(bill): -bill.amount})


def book_payment(step: Step, bill: Bill, payment: Payment, back: bool = False) -> None:
    """Debit what was owed, and credit the money that went; the other way where it came back."""
    amount = -payment.amount if back else payment.amount
    _post(step, bill, {owed(bill): amount, money(bill): -amount})


def _post(step: Step, bill: Bill, amounts: dict[str, int]) -> None:
    step.add_all(
        Posting,
        [
            {"bill": bill.id, "account": account, "currency": bill.currency, "amount": amount}
            for account, amount in amounts.items()
            if amount
        ],
    )
