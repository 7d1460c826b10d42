"""What screens and documents ask of a ledger: what is kept, and what happened."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from payfs.store.rows import (
    Approval,
    Bill,
    Certificate,
    CertificateLine,
    Dispute,
    Entry,
    Payment,
    PaymentReturn,
    SentBack,
    Submission,
    Verification,
    Version,
)


class BillState(NamedTuple):
    """Where a bill stands.

    Attributes:
        state: due, disputed, approved, paid or came back.
        approved_by: user; None before.
        approved_at: when.
        paid_on: the day; None before, and after it came back.
        reference: of the payment.
        reason: of a dispute, or why the payment came back.
        paid_entry: the entry under which it was paid; None before, and after it came back.
    """

    state: str
    approved_by: str | None = None
    approved_at: str | None = None
    paid_on: str | None = None
    reference: str | None = None
    reason: str | None = None
    paid_entry: int | None = None


class StatementRow(NamedTuple):
    """A line of a contract's account, with its bill.

    Attributes:
        certificate: number.
        bill: number; None for a line of nothing.
        kind: invoice or credit note; None likewise.
        state: of the bill; None likewise.
        amount: [minor units].
    """

    certificate: int
    bill: int | None
    kind: str | None
    state: str | None
    rule: str
    payer: str
    payee: str
    cohort: str | None
    period: str
    reported: str
    measured: str | None
    due: str | None
    fiscal_year: str
    amount: int
    why: str


class Handed(NamedTuple):
    """A submission and where it stands.

    Attributes:
        number: in its contract.
        covers: the periods that it reports on.
        state: submitted, sent back or verified.
        by: who handed it in.
        at: when.
        judged_by: who verified it or sent it back; None before.
        reason: of a correction, or why it was sent back.
    """

    number: int
    covers: str
    state: str
    by: str
    at: str
    judged_by: str | None
    reason: str | None


class Made(NamedTuple):
    """A payment that was recorded, and whether it came back.

    Attributes:
        bill: its number.
        attempt: 1, and one more after each that came back.
        paid_on: the day.
        amount: [minor units].
        reference: by which the bank knows it.
        by: who recorded it.
        came_on: the day on which it came back; None where it did not.
        reason: why it came back.
    """

    bill: int
    attempt: int
    paid_on: str
    amount: int
    reference: str
    by: str
    came_on: str | None
    reason: str | None


def bill_states(session: Session, contract: str) -> dict[int, BillState]:
    """Return where each bill of a contract stands, by its id."""
    bills = session.exec(select(Bill.id).where(Bill.contract == contract)).all()
    states = dict.fromkeys(bills, BillState("due"))
    of_contract = col(Bill.contract) == contract
    disputed = select(Dispute.bill, Dispute.reason).join(Bill, col(Bill.id) == Dispute.bill).where(of_contract)
    for bill, reason in session.exec(disputed):
        states[bill] = BillState("disputed", reason=reason)
    approved = select(Approval.bill, Approval.by, Approval.at)
    for bill, by, at in session.exec(approved.join(Bill, col(Bill.id) == Approval.bill).where(of_contract)):
        states[bill] = BillState("approved", by, at)
    columns = (Payment.bill, Payment.paid_on, Payment.reference, Payment.entry)
    came = (PaymentReturn.id, PaymentReturn.reason)  # the reason alone does not say whether there is a row
    payments = (
        select(*map(col, (*columns, *came)))
        .join(Bill, col(Bill.id) == Payment.bill)
        .join(PaymentReturn, col(PaymentReturn.payment) == Payment.id, isouter=True)
        .where(of_contract)
        .order_by(col(Payment.attempt))
    )
    for bill, paid_on, reference, entry, back, reason in session.execute(payments):
        state = states[bill]._replace(state="paid", reason=None, paid_on=paid_on, reference=reference, paid_entry=entry)
        if back is not None:
            state = state._replace(state="came back", paid_on=None, reason=reason, paid_entry=None)
        states[bill] = state
    return states


def bills_of(session: Session, contract: str) -> list[tuple[Bill, BillState]]:
    """Return the bills of a contract with their states, by number."""
    states = bill_states(session, contract)
    bills = session.exec(select(Bill).where(Bill.contract == contract).order_by(col(Bill.number)))
    return [(bill, states[bill.id]) for bill in bills]


def statement_rows(session: Session, contract: str) -> list[StatementRow]:
    """Return every line of a contract's account, in the order in which it was certified."""
    states = bill_states(session, contract)
    bills: dict[int | None, tuple[int, str]] = {
        bill: (number, kind)
        for bill, number, kind in session.exec(select(Bill.id, Bill.number, Bill.kind).where(Bill.contract == contract))
    }
    certificates = dict(
        session.exec(select(Certificate.id, Certificate.number).where(Certificate.contract == contract)).all()
    )
    columns = [col(getattr(CertificateLine, name)) for name in ("certificate", "bill", *LINE)]
    lines = select(*columns).where(CertificateLine.contract == contract).order_by(col(CertificateLine.id))
    rows = []
    for certificate, bill, *rest in session.execute(lines):
        number, kind = bills.get(bill, (None, None))
        state = states[bill].state if bill is not None else None
        rows.append(StatementRow(certificates[certificate], number, kind, state, *rest))
    return rows


LINE = (
    "rule",
    "payer",
    "payee",
    "cohort",
    "period",
    "reported",
    "measured",
    "due",
    "fiscal_year",
    "amount",
    "why",
)


def payments_of(session: Session, contract: str) -> list[Made]:
    """Return every payment that was recorded under a contract, also those that came back, in order."""
    query = (
        select(Payment, Bill.number, PaymentReturn)
        .join(Bill, col(Bill.id) == Payment.bill)
        .join(PaymentReturn, col(PaymentReturn.payment) == Payment.id, isouter=True)
        .where(col(Bill.contract) == contract)
        .order_by(col(Payment.id))
    )
    made = []
    for one, bill, back in session.exec(query):
        row = Made(bill, one.attempt, one.paid_on, one.amount, one.reference, one.by, None, None)
        if back is not None:
            row = row._replace(came_on=back.came_on, reason=back.reason)
        made.append(row)
    return made


def submissions_of(session: Session, contract: str) -> list[Handed]:
    """Return what was handed in under a contract, by number."""
    back = {
        row.submission: row
        for row in session.exec(
            select(SentBack)
            .join(Submission, col(Submission.id) == SentBack.submission)
            .where(col(Submission.contract) == contract)
        )
    }
    verified = {
        row.submission: row
        for row in session.exec(
            select(Verification)
            .join(Submission, col(Submission.id) == Verification.submission)
            .where(col(Submission.contract) == contract)
        )
    }
    rows = []
    handed = select(Submission).where(Submission.contract == contract).order_by(col(Submission.number))
    for row in session.exec(handed):
        judged = back.get(row.id) or verified.get(row.id)
        state = "sent back" if row.id in back else "verified" if row.id in verified else "submitted"
        by, reason = (judged.by, judged.reason) if judged is not None else (None, None)
        rows.append(Handed(row.number, row.covers, state, row.by, row.at, by, reason))
    return rows


def story(session: Session, contract: str) -> list[Entry]:
    """Return the entries of the log about a contract, in order."""
    return list(session.exec(select(Entry).where(Entry.contract == contract).order_by(col(Entry.number))))


def reasons(session: Session, contract: str) -> dict[int, str]:
    """Return the reasons that were written beside steps under a contract, by the number of the step's entry."""
    of_bills = select(Bill.id).where(Bill.contract == contract)
    handed = select(Submission.id).where(Submission.contract == contract)
    paid = select(Payment.id).where(col(Payment.bill).in_(of_bills))
    written: list[Any] = [
        select(Version.entry, Version.reason).where(Version.contract == contract),
        select(SentBack.entry, SentBack.reason).where(col(SentBack.submission).in_(handed)),
        select(Verification.entry, Verification.reason).where(col(Verification.submission).in_(handed)),
        select(Dispute.entry, Dispute.reason).where(col(Dispute.bill).in_(of_bills)),
        select(PaymentReturn.entry, PaymentReturn.reason).where(col(PaymentReturn.payment).in_(paid)),
    ]
    return {entry: reason for query in written for entry, reason in session.execute(query) if reason}


def versions_of(session: Session, contract: str) -> list[Version]:
    """Return a contract's versions, by number."""
    return list(session.exec(select(Version).where(Version.contract == contract).order_by(col(Version.number))))


class Certified(NamedTuple):
    """A certificate that was made.

    Attributes:
        number: in its contract.
        at: when.
        submission: the number of the one that was verified.
        version: the number of the contract's text under which it was worked out.
        total: what it certified [minor units].
        to_date: with all before it [minor units].
        engine: SHA-256 of the program that worked it out.
    """

    number: int
    at: str
    submission: int
    version: int
    total: int
    to_date: int
    engine: str


def certificates_of(session: Session, contract: str) -> list[Certified]:
    """Return a contract's certificates, by number."""
    query = (
        select(Certificate, Verification.at, Submission.number, Version.number)
        .join(Verification, col(Verification.id) == Certificate.verification)
        .join(Submission, col(Submission.id) == Verification.submission)
        .join(Version, col(Version.id) == Certificate.version)
        .where(col(Certificate.contract) == contract)
        .order_by(col(Certificate.number))
    )
    return [
        Certified(row.number, at, submission, version, row.total, row.to_date, row.engine)
        for row, at, submission, version in session.exec(query)
    ]
