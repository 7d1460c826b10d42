"""Where contracts stand: what comes to whom in which year, what is overdue, and what waits for whom by name."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from payfs.store.history import BillState, StatementRow, bills_of, submissions_of
from payfs.store.members import Member, members
from payfs.store.rows import Bill, Certificate, ContractRow, RoleChange, Submission, Verification, Version

STATES = ("due", "disputed", "approved", "came back", "paid")


class Overview(NamedTuple):
    """A contract that is kept, in figures [minor units].

    Attributes:
        name: of the contract.
        currency: ISO 4217 code.
        versions: how many.
        certified: in all.
        approved: in all.
        paid: in all.
        waiting: what waits, in sentences.
    """

    name: str
    currency: str
    versions: int
    certified: int
    approved: int
    paid: int
    waiting: tuple[str, ...]


class YearTotal(NamedTuple):
    """What comes to a payer in a fiscal year [minor units].

    Attributes:
        payer: name.
        fiscal_year: as the contract numbers it, or ``not known``.
        certified: in all.
        paid: in all; lines that come to nothing together need no payment.
    """

    payer: str
    fiscal_year: str
    certified: int
    paid: int


class StateTotal(NamedTuple):
    """What stands in a state: how many invoices and credit notes, and their sum [minor units]."""

    state: str
    number: int
    amount: int


def year_totals(rows: Iterable[StatementRow]) -> list[YearTotal]:
    """Return what comes to each payer in each fiscal year, by name and year."""
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for row in rows:
        certified, paid = sums.get((row.payer, row.fiscal_year), (0, 0))
        settled = row.amount if row.state in (None, "paid") else 0
        sums[row.payer, row.fiscal_year] = (certified + row.amount, paid + settled)
    return [YearTotal(*key, *sums[key]) for key in sorted(sums)]


def state_totals(bills: Iterable[tuple[Bill, BillState]]) -> list[StateTotal]:
    """Return what stands in each state, of those in which there is anything."""
    every = list(bills)
    amounts = {name: [bill.amount for bill, state in every if state.state == name] for name in STATES}
    return [StateTotal(name, len(found), sum(found)) for name, found in amounts.items() if found]


def days_overdue(bill: Bill, state: BillState, today: datetime.date) -> int | None:
    """Return for how many days an unpaid bill is overdue; None where it is paid, or due today or later."""
    if bill.due is None or state.state == "paid":
        return None
    days = (today - datetime.date.fromisoformat(bill.due)).days
    return days if days > 0 else None


def waiting(session: Session, contract: str, today: datetime.date) -> list[str]:
    """Say what waits for whom, by name where anybody has the role, and what is overdue."""
    held = members(session, contract)
    told = [
        f"submission {row.number} ({row.covers}) waits for the evaluator: {_named(held, 'evaluator', (row.by,))}"
        for row in submissions_of(session, contract)
        if row.state == "submitted"
    ]
    bills = [(bill, state) for bill, state in bills_of(session, contract) if state.state != "paid"]
    prepared = _prepared(session, contract) if bills else {}
    for bill, state in bills:
        name = f"{bill.kind} {bill.number}"
        payers = _named(held, "payer", (), bill.payer)
        if state.state in ("due", "disputed"):
            approvers = _named(held, "approver", prepared[bill.id], bill.payer)
            what = f"{name} is {state.state} and waits for the approver of {bill.payer}: {approvers}"
        else:
            what = f"{name} {'is approved' if state.state == 'approved' else 'came back'} and waits to be "
            back = f"repaid by {bill.payee}, which is recorded for {bill.payer}"
            what += f"{back if bill.amount < 0 else f'paid by {bill.payer}'}: {payers}"
        late = days_overdue(bill, state, today)
        told.append(what if late is None else f"{what}; {overdue(bill, late)}")
    return told


def overdue(bill: Bill, days: int) -> str:
    """Say since when a bill is overdue."""
    return f"due {bill.due}, {days:,} {'day' if days == 1 else 'days'} overdue"


def _named(held: Sequence[Member], role: str, but: Sequence[str], party: str | None = None) -> str:
    """Name who has a role for a party, without those who may not take the step."""
    fitting = [one.who for one in held if one.role == role and (party is None or one.party in (None, party))]
    able = [who for who in dict.fromkeys(fitting) if who not in but]
    if able:
        return " or ".join(able)
    return "nobody has the role" if not fitting else "nobody who has the role may"


def _prepared(session: Session, contract: str) -> dict[int, tuple[str, ...]]:
    """Return who prepared each bill, and so cannot approve it."""
    query = (
        select(Bill.id, Submission.by, Verification.by, Version.by)
        .join(Certificate, col(Certificate.id) == Bill.certificate)
        .join(Verification, col(Verification.id) == Certificate.verification)
        .join(Submission, col(Submission.id) == Verification.submission)
        .join(Version, col(Version.id) == Certificate.version)
        .where(col(Bill.contract) == contract)
    )
    return {bill: tuple(who) for bill, *who in session.exec(query)}


def contracts_of(session: Session, by: str) -> list[str]:
    """Return the names of the contracts under which somebody has a role, by name."""
    names = session.exec(select(RoleChange.contract).where(RoleChange.who == by).distinct()).all()
    return sorted(name for name in names if any(member.who == by for member in members(session, name)))


def contracts_kept(session: Session, today: datetime.date, by: str | None = None) -> list[Overview]:
    """Return the contracts that are kept, by name; of somebody, those under which they have a role."""
    rows = []
    theirs = None if by is None else set(contracts_of(session, by))
    for contract in session.exec(select(ContractRow).order_by(col(ContractRow.name))).all():
        if theirs is not None and contract.name not in theirs:
            continue
        bills = bills_of(session, contract.name)
        versions = session.exec(select(func.count()).select_from(Version).where(Version.contract == contract.name))
        rows.append(
            Overview(
                contract.name,
                contract.currency,
                versions.one(),
                sum(bill.amount for bill, _ in bills),
                sum(bill.amount for bill, state in bills if state.state in ("approved", "paid", "came back")),
                sum(bill.amount for bill, state in bills if state.state == "paid"),
                tuple(waiting(session, contract.name, today)),
            )
        )
    return rows
