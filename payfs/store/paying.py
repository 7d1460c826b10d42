"""What the payer does with a bill: disputes it, approves it, pays it; and what came back."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session, col, select

from payfs.money import currency
from payfs.spec import Figure, quoted, read_figure
from payfs.store.books import book_payment
from payfs.store.database import Store
from payfs.store.members import may
from payfs.store.people import name_nobody
from payfs.store.rows import (
    Approval,
    Bill,
    Certificate,
    Dispute,
    Payment,
    PaymentReturn,
    Submission,
    Verification,
    Version,
)
from payfs.store.states import MOVES
from payfs.store.step import Answer, Step, day, kept, numbered, refusal, take, written
from payfs.store.versions import current

MOST_REFERENCE = 140  # [characters] of a payment reference, as in a bank transfer


def approve(store: Store, by: str, contract: str, bill: int, total: str, key: str | None = None) -> Answer:
    """Approve a bill for payment.

    Args:
        store: the ledger.
        by: an approver of the payer, who prepared nothing of what it rests on.
        contract: name.
        bill: number.
        total: its amount, written again by who approves it, so that nobody approves what they did not see.
        key: by which the same request is known again.

    Raises:
        Refused: ``by`` may not or prepared it, the bill is not open, or the total is another.
    """

    def work(step: Step) -> Answer:
        row = _open_bill(step, contract, bill)
        _same_total(row, total)
        for who, did in _prepared(step.session, row):
            if who == step.by:
                what = f"{step.by} {did}, and whoever prepared a payment cannot approve it"
                raise refusal(what, "have another approver do it")
        step.add(Approval, bill=row.id, by=step.by, at=step.at)
        return _answer(step, row, f"{step.by} approved {_named(row)}")

    return take(store, "approve", by, contract, key, {"bill": bill, "total": total.strip()}, work)


def dispute(store: Store, by: str, contract: str, bill: int, reason: str, key: str | None = None) -> Answer:
    """Dispute a bill: it is not paid before it is approved all the same, or settled by what is verified later.

    Raises:
        Refused: ``by`` may not, or the bill is not due.
    """
    reason = written("--reason", reason)

    def work(step: Step) -> Answer:
        row = _open_bill(step, contract, bill)
        name_nobody(step.session, contract, [("--reason", reason), ("--key", key)])
        step.add(Dispute, bill=row.id, reason=reason, by=step.by)
        return _answer(step, row, f"{step.by} disputes {_named(row)}")

    return take(store, "dispute", by, contract, key, {"bill": bill, "reason": reason}, work)


def record_payment(
    store: Store, by: str, contract: str, bill: int, on: str, reference: str, key: str | None = None
) -> Answer:
    """Record that a bill was paid; of a credit note, that it was repaid or set off.

    Args:
        store: the ledger.
        by: of the payer.
        contract: name.
        bill: number.
        on: the day.
        reference: of the transfer, by which the bank knows it.
        key: by which the same request is known again.

    Raises:
        Refused: ``by`` may not, the bill is not approved or paid already, the day is none, to come, or before the one
            on which an earlier payment came back.
    """
    on, reference = day("--on", on), written("--reference", reference, MOST_REFERENCE)

    def work(step: Step) -> Answer:
        row = _open_bill(step, contract, bill)
        name_nobody(step.session, contract, [("--reference", reference), ("--key", key)])
        approver = step.session.exec(select(Approval.by).where(col(Approval.bill) == row.id)).one()
        if approver == step.by:
            what = f"{step.by} approved {row.kind} {bill} of {contract}, and whoever approves does not pay"
            raise refusal(what, "have another payer record it")
        periods = current(step.session, contract).contract.periods
        starts = min(period.start.date for period in periods).isoformat()
        if on < starts:
            raise refusal(f"--on: {on} is before {starts}, on which the contract begins", "check the year")
        earlier = _payments(step.session, row)
        if earlier:
            query = select(PaymentReturn.came_on).where(col(PaymentReturn.payment) == earlier[-1].id)
            back = step.session.exec(query).one()
            if on < back:
                what = f"--on: {on} is before the day on which the payment of {earlier[-1].paid_on} came back, {back}"
                raise refusal(what, "give the day on which it was paid again")
        payment = step.add(
            Payment,
            bill=row.id,
            attempt=len(earlier) + 1,
            paid_on=on,
            amount=row.amount,
            currency=row.currency,
            reference=reference,
            by=step.by,
        )
        book_payment(step, row, payment)
        return _answer(step, row, f"{step.by} recorded that {_named(row)} was {_paid(row)} on {on}")

    return take(store, "record payment", by, contract, key, {"bill": bill, "on": on, "reference": reference}, work)


def came_back(store: Store, by: str, contract: str, bill: int, on: str, reason: str, key: str | None = None) -> Answer:
    """Record that a payment came back, so that the bill is to be paid again.

    Raises:
        Refused: ``by`` may not, the bill is not paid, the day is none, to come, or before the payment.
    """
    on, reason = day("--on", on), written("--reason", reason)

    def work(step: Step) -> Answer:
        row = _open_bill(step, contract, bill)
        name_nobody(step.session, contract, [("--reason", reason), ("--key", key)])
        payment = _payments(step.session, row)[-1]
        if on < payment.paid_on:
            raise refusal(f"--on: {on} is before the payment of {payment.paid_on}", "give the day it came back")
        step.add(PaymentReturn, payment=payment.id, came_on=on, reason=reason, by=step.by)
        book_payment(step, row, payment, back=True)
        told = f"{step.by} recorded that the {'re' if row.amount < 0 else ''}payment of {_named(row)} came back on {on}"
        return _answer(step, row, told)

    return take(store, "came back", by, contract, key, {"bill": bill, "on": on, "reason": reason}, work)


def state_of(session: Session, bill: Bill) -> str:
    """Return the state of a bill, which is what the rows say."""
    payments = _payments(session, bill)
    if payments:
        back = select(PaymentReturn.id).where(col(PaymentReturn.payment) == payments[-1].id)
        return "paid" if session.exec(back).first() is None else "came back"
    if session.exec(select(Approval.id).where(col(Approval.bill) == bill.id)).first() is not None:
        return "approved"
    disputed = session.exec(select(Dispute.id).where(col(Dispute.bill) == bill.id)).first()
    return "due" if disputed is None else "disputed"


def _payments(session: Session, bill: Bill) -> list[Payment]:
    query = select(Payment).where(col(Payment.bill) == bill.id).order_by(col(Payment.attempt))
    return list(session.exec(query).all())


def _open_bill(step: Step, contract: str, number: int) -> Bill:
    """Return a bill that the step may move.

    Raises:
        Refused: there is none of this number, who asks may not, or its state does not let it.
    """
    kept(step.session, contract)
    row: Bill | None = numbered(step.session, Bill, contract, number)
    may(step.session, contract, step.by, step.name, row.payer if row is not None else None)
    if row is None:
        last = step.number(Bill) - 1
        known = f"the last is {last}" if last else "nothing has been certified yet"
        raise refusal(
            f"{contract} has no invoice or credit note {number}", f"{known}; payfs ledger show {contract} lists them"
        )
    state, move = state_of(step.session, row), MOVES[step.name]
    if state not in move.starts:
        stands = state if state != "paid" else _paid(row)
        does = move.does.replace("paid", _paid(row))
        unapproved = state in ("due", "disputed") and step.name != "dispute"
        raise refusal(
            f"{row.kind} {number} of {contract} {'' if state == 'came back' else 'is '}{stands}, and cannot {does}",
            "it has to be approved first" if unapproved else f"see payfs ledger show {contract}",
        )
    return row


def _same_total(bill: Bill, total: str) -> None:
    """Refuse a total that is not the bill's own."""
    money = currency(bill.currency)
    plain = total.strip()
    sign, plain = ("-", plain[1:].strip()) if plain[:1] in "-\u2212" and plain else ("", plain)
    text = sign + plain.removeprefix(money.symbol).removeprefix(money.code).strip()
    try:
        figure: Figure | None = read_figure(text)
    except ValueError:
        figure = None
    if figure is None or figure.percent:
        raise refusal(f"--total: {quoted(total)} is no amount", "write it as on the invoice, such as 1234.56")
    if figure.value * money.minor != bill.amount:
        raise refusal(
            f"--total: {quoted(total)} is not what {bill.kind} {bill.number} comes to",
            f"look at it again: payfs invoice {bill.contract} {bill.number}",
        )


def _prepared(session: Session, bill: Bill) -> Iterator[tuple[str, str]]:
    """Yield who prepared a bill, and what they did: it rests on everything before it under its contract."""
    certificate = session.get_one(Certificate, bill.certificate)
    versions = select(Version).where(Version.contract == bill.contract, Version.entry <= certificate.entry)
    for version in session.exec(versions.order_by(col(Version.number).desc())):
        wrote = "registered the contract" if version.number == 1 else f"wrote version {version.number} of the contract"
        yield version.by, wrote
    query = (
        select(Submission, Verification)
        .join(Verification, col(Verification.submission) == Submission.id)
        .where(Submission.contract == bill.contract, Verification.entry <= certificate.entry)
        .order_by(col(Submission.number).desc())
    )
    for submission, verification in session.exec(query):
        yield submission.by, f"handed in submission {submission.number}"
        yield verification.by, f"verified submission {submission.number}"


def _paid(bill: Bill) -> str:
    """Say of an invoice that it is paid, and of a credit note that it is repaid."""
    return "paid" if bill.amount > 0 else "repaid"


def _named(bill: Bill) -> str:
    return f"{bill.kind} {bill.number} of {bill.contract} over {currency(bill.currency).show(bill.amount)}"


def _answer(step: Step, bill: Bill, text: str) -> Answer:
    return Answer(step.name, bill.contract, f"bill {bill.number}", bill.number, bills=(bill.number,), text=text)
