"""Invoices and credit notes: what each is for and why, and what the payer does with it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import streamlit as st
from sqlmodel import Session

from app.parts.kept import Kept
from app.parts.ledger import ledger
from app.parts.person import person
from app.parts.picked import pick
from app.parts.taken import take_away
from app.parts.told import facts, lines, plain, table
from app.payments.steps import step
from payfs.billing import BillDocument
from payfs.money import Currency
from payfs.report.bill_pdf import bill_pdf, certificate_pdf
from payfs.report.bill_words import bill_words
from payfs.store import Store, workflow
from payfs.store.documents import bill_document, bill_number, certificate_document
from payfs.store.history import BillState, bills_of
from payfs.store.members import Member, looking
from payfs.store.rows import Bill
from payfs.store.standing import days_overdue
from payfs.store.states import MOVES
from payfs.store.step import Answer

LETTER = ("USD", "CAD", "MXN")  # where paper is letter, and not A4


def draw(session: Session, contract: str, money: Currency, mine: Sequence[Member]) -> None:
    """Draw the invoices and credit notes of a contract, and one of them in full."""
    found = bills_of(session, contract)
    if not found:
        st.info("There is no invoice yet. One is made when the evaluator verifies what was handed in.")
        return
    today = datetime.date.today()
    rows = []
    for bill, state in found:
        late = days_overdue(bill, state, today)
        due = f"due {bill.due_written}" if bill.due_written else "no due date"
        stands = state.state if late is None else f"{state.state}, {late:,} days overdue"
        rows.append((f"{bill.kind} {bill.number} to {bill.payer}", due, stands, money.show(bill.amount)))
    table(("what", "when", "state", "amount"), rows, ("amount",), "Invoices and credit notes")
    numbers = {bill.number: f"{bill.kind.capitalize()} {bill_number(contract, bill.number)}" for bill, _ in found}
    number = _chosen(contract, numbers, found)
    bill, state = next(one for one in found if one[0].number == number)
    document = bill_document(session, contract, number)
    _in_full(document)
    _actions(contract, bill, state, document, mine)
    _papers(contract, number, document)


def _chosen(contract: str, numbers: dict[int, str], found: Sequence[tuple[Bill, BillState]]) -> int:
    """Draw the choice of a bill, bound to the address; the first that is not paid, if none is named there."""
    asked = st.query_params.get("bill", "")
    key = f"bill of {contract}"
    known = {str(number): number for number in numbers}
    if asked in known and st.session_state.get(f"{key} asked") != asked:
        st.session_state[key] = known[asked]
    if st.session_state.get(key) not in numbers:
        open_ones = [bill.number for bill, state in found if state.state != "paid"]
        st.session_state[key] = open_ones[0] if open_ones else next(iter(numbers))
    number = pick("Look at", list(numbers), numbers.__getitem__, key=key)
    st.session_state[f"{key} asked"] = st.query_params["bill"] = str(number)
    return number


def _in_full(document: BillDocument) -> None:
    words = bill_words(document)
    st.subheader(plain(f"{words.kind} {words.number}"), anchor=False)
    rows = [
        ("Total", f"{words.total} ({words.currency})" if words.currency not in words.total else words.total),
        ("State", words.state),
        ("Issued", words.issued),
        ("Due", words.due),
        (words.payer.side, words.payer.name),
        (words.payee.side, words.payee.name),
        *words.facts,
        *((words.bank_of or "Bank account", line) for line in words.bank),
    ]
    facts(rows, words.kind)
    for note in words.notes:
        st.text(note)
    shown = [
        (
            ", ".join(part for part in (f"{line.position}. {line.what}", line.period, line.cohort) if part),
            line.measured,
            line.amount,
        )
        for line in words.lines
    ]
    table(("what", "measured", "amount"), shown, ("amount",), "What it is for")
    with st.expander("Why each line is what it is"):
        for line in words.lines:
            st.markdown(f"**Line {line.position}**")
            lines(f"{'    ' * depth}{sentence}" for depth, sentence in line.explanation)


def _actions(contract: str, bill: Bill, state: BillState, document: BillDocument, mine: Sequence[Member]) -> None:
    """Draw what whoever looks may do with it now."""
    number = bill.number
    roles = {member.role for member in mine if member.party in (None, bill.payer)}
    place = f"{contract} {number} {state.state} {state.paid_on}"
    can = {name for name, move in MOVES.items() if move.what == "bill" and state.state in move.starts}
    may = {name for name in can if roles & set(MOVES[name].roles)}
    if not may:
        who = sorted({role for name in can for role in MOVES[name].roles})
        st.caption(f"Whoever has the role of {' or '.join(who)} goes on with it." if who else "Nothing is left to do.")
        return
    kept = Kept("bill", f"{contract} {number}")
    if "approve" in may:
        kept.text(
            f"Total to approve, typed as you read it on the {bill.kind}", "total",
            help="It is typed again so that nobody approves what they did not read. Of a credit note with its minus.",
        )  # fmt: skip

        def approve(store: Store, by: str, key: str) -> Answer:
            return workflow.approve(store, by, contract, number, kept.now("total"), key)

        step(f"Approve {document.kind} {number}", f"approve {place}", approve, kept)
    if "dispute" in may:
        with st.expander("Dispute it"):
            kept.text("Reason, in one line; it names no participant", "reason")

            def dispute(store: Store, by: str, key: str) -> Answer:
                return workflow.dispute(store, by, contract, number, kept.now("reason"), key)

            step("Dispute it", f"dispute {place}", dispute, kept, primary=False)
    if "record payment" in may:
        kept.text("Paid on, such as 2026-11-30", "on")
        kept.text("Reference by which the bank knows the transfer", "reference")

        def pay(store: Store, by: str, key: str) -> Answer:
            return workflow.record_payment(store, by, contract, number, kept.now("on"), kept.now("reference"), key)

        step("Record the payment", f"pay {place}", pay, kept)
    if "came back" in may:
        with st.expander("The payment came back"):
            kept.text("Came back on, such as 2026-11-30", "back")
            kept.text("Why, in one line", "why")

            def back(store: Store, by: str, key: str) -> Answer:
                return workflow.came_back(store, by, contract, number, kept.now("back"), kept.now("why"), key)

            step("Record that it came back", f"back {place}", back, kept, primary=False)


def _papers(contract: str, number: int, document: BillDocument) -> None:
    """Draw what is taken away: the document, and the certificate on which it rests."""
    paper = "letter" if document.currency.code in LETTER else "a4"
    who = person().name

    def certificate() -> bytes:
        with looking(ledger(), who, contract) as session:
            return certificate_pdf(certificate_document(session, contract, document.certificate), paper)

    left, right = st.columns(2)
    with left:
        kind = document.kind.capitalize()
        take_away(f"{kind} as PDF", f"{contract}-{number}.pdf", lambda: bill_pdf(document, paper))
    with right:
        take_away("Payment certificate as PDF", f"{contract}-certificate-{document.certificate}.pdf", certificate)
