"""Invoices, credit notes and payment certificates, as values that are printed elsewhere."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from typing import Any

from sqlmodel import Session, col, select

from payfs.billing import (
    BillDocument,
    BilledLine,
    BilledParty,
    BillMade,
    CertificateDocument,
    EvidenceFile,
    told,
)
from payfs.line import Explanation
from payfs.money import currency
from payfs.scale import Scale
from payfs.store.chain import receipt
from payfs.store.details import account_of, details_of
from payfs.store.engines import engine_named
from payfs.store.evidence import read_again
from payfs.store.history import bill_states
from payfs.store.rows import Bill, Certificate, CertificateLine, Entry, File, Submission, Verification, Version
from payfs.store.step import numbered, refusal
from payfs.store.versions import Kept, read_text

MOST_PERIODS = 4  # that the head of a bill lists by name
PRINTED = {"came back": "approved"}  # a bill whose payment came back is to be paid again


def bill_document(session: Session, contract: str, number: int) -> BillDocument:
    """Return an invoice or credit note.

    Raises:
        Refused: the contract has no bill of this number.
    """
    bill: Bill | None = numbered(session, Bill, contract, number)
    if bill is None:
        raise _missing(contract, "invoice or credit note", number)
    certificate = session.get_one(Certificate, bill.certificate)
    kept, entry = _kept(session, certificate), session.get_one(Entry, bill.entry)
    lines = tuple(_lines(session, kept, _on(session, CertificateLine.bill, bill.id)))
    state = bill_states(session, contract)[bill.id]
    spec, paid = kept.contract.spec, state.paid_entry
    paid_on = datetime.date.fromisoformat(state.paid_on) if state.paid_on else None
    return BillDocument(
        kind=bill.kind,
        number=bill_number(contract, number),
        issued=_day(entry.at),
        due=datetime.date.fromisoformat(bill.due) if bill.due else None,
        due_written=bill.due_written,
        contract=contract,
        title=spec.title,
        version=kept.row.number,
        sha256=kept.row.sha256,
        currency=currency(bill.currency),
        payer=_party(session, kept, bill.payer, bill.entry, paid),
        payee=_party(session, kept, bill.payee, bill.entry, paid),
        periods=_periods(kept, [line.period for line in lines]),
        lines=lines,
        total=bill.amount,
        state=PRINTED.get(state.state, state.state),
        approved_by=state.approved_by,
        approved_at=state.approved_at,
        paid_on=paid_on,
        payment_reference=state.reference if paid_on else None,
        certificate=certificate.number,
        receipt=receipt(entry),
        dispute_reason=state.reason if state.state == "disputed" else None,
    )


def certificate_document(session: Session, contract: str, number: int) -> CertificateDocument:
    """Return a payment certificate.

    Raises:
        Refused: the contract has no certificate of this number.
    """
    certificate: Certificate | None = numbered(session, Certificate, contract, number)
    if certificate is None:
        raise _missing(contract, "certificate", number)
    kept, entry = _kept(session, certificate), session.get_one(Entry, certificate.entry)
    verification = session.get_one(Verification, certificate.verification)
    submission = session.get_one(Submission, verification.submission)
    bills = session.exec(select(Bill).where(Bill.certificate == certificate.id).order_by(col(Bill.number)))
    spec = kept.contract.spec
    return CertificateDocument(
        number=number,
        issued=_day(entry.at),
        contract=contract,
        title=spec.title,
        version=kept.row.number,
        sha256=kept.row.sha256,
        currency=currency(certificate.currency),
        submitted_by=submission.by,
        submitted_at=submission.at,
        verified_by=verification.by,
        verified_at=verification.at,
        correction_reason=verification.reason,
        engine=engine_named(session, certificate.engine),
        evidence=tuple(_evidence(session, kept, certificate)),
        lines=tuple(_lines(session, kept, _on(session, CertificateLine.certificate, certificate.id))),
        total=certificate.total,
        to_date=certificate.to_date,
        bills=tuple(
            BillMade(
                bill.kind,
                bill_number(contract, bill.number),
                _name(kept, bill.payer),
                _name(kept, bill.payee),
                bill.amount,
                datetime.date.fromisoformat(bill.due) if bill.due else None,
                bill.due_written,
            )
            for bill in bills
        ),
        receipt=receipt(entry),
    )


def bill_number(contract: str, number: int) -> str:
    """Write the number of a bill as it is quoted, without a gap in a contract: ``DENVER-SIB-0003``."""
    return f"{contract.upper().replace(' ', '-')}-{number:04}"


def _missing(contract: str, what: str, number: int) -> Exception:
    return refusal(f"{contract} has no {what} {number}", f"payfs ledger show {contract} lists them")


def _kept(session: Session, certificate: Certificate) -> Kept:
    row = session.get_one(Version, certificate.version)
    return Kept(row, read_text(row.text, f"{row.contract}, version {row.number}"))


def _on(session: Session, where: Any, number: int) -> list[CertificateLine]:
    return list(session.exec(select(CertificateLine).where(where == number).order_by(col(CertificateLine.position))))


def _lines(session: Session, kept: Kept, rows: list[CertificateLine]) -> Iterator[BilledLine]:
    named = [row for one in rows for row in (one.bill, one.corrects) if row is not None]
    numbers = {
        bill: bill_number(kept.row.contract, number)
        for bill, number in session.exec(select(Bill.id, Bill.number).where(col(Bill.id).in_(named)))
    }
    contract = kept.contract
    for row in rows:
        rule = contract.rule(row.rule)
        scale = contract.frame.scales.get(rule.metric or row.rule)
        yield BilledLine(
            position=row.position + 1,
            rule=row.rule,
            what=rule.what or row.rule,
            clause=rule.clause,
            cohort=row.cohort,
            period=row.period,
            reported=row.reported,
            measured=row.measured,
            amount=row.amount,
            before=row.before,
            corrects=numbers.get(row.corrects) if row.corrects is not None else None,
            why=row.why,
            explanation=tuple(told(_explanation(json.loads(row.explanation)))),
            unit=_unit(scale, row.measured) if scale is not None and row.measured is not None else None,
            bill=numbers.get(row.bill) if row.bill is not None else None,
        )


def _unit(scale: Scale, measured: str) -> str | None:
    if scale.percent or scale.money is not None or scale.yes_no:
        return None
    return scale.unit if measured in ("1", "-1") else scale.plural


def _explanation(tree: dict[str, Any]) -> Explanation:
    parts = tuple(_explanation(part) for part in tree["parts"])
    return Explanation(tree["name"], tree["amount"], tree["sentence"], tree["clause"], parts)


def _evidence(session: Session, kept: Kept, certificate: Certificate) -> Iterator[EvidenceFile]:
    for sha in json.loads(certificate.evidence):
        read = read_again(session.get_one(File, sha), kept.row.text, kept.row.contract)
        yield EvidenceFile("results" if read.claims is None else "claims", sha)


def _party(session: Session, kept: Kept, party: str, entry: int, paid: int | None) -> BilledParty:
    details = details_of(session, kept.row.contract, party, entry)
    known = kept.contract.spec.parties.get(party)
    return BilledParty(
        name=_name(kept, party),
        role=", ".join(known.role) if known else "",
        address=_split(details.get("address")),
        tax_id=details.get("tax_id"),
        purchase_order=details.get("purchase_order"),
        bank=account_of(session, kept.row.contract, party, entry, paid),
    )


def _periods(kept: Kept, named: list[str]) -> str:
    """Name the periods of a bill, in the order of the contract; of many the first and the last."""
    order = {period.name: place for place, period in enumerate(kept.contract.periods)}
    names = sorted(dict.fromkeys(named), key=lambda name: order.get(name, len(order)))
    return ", ".join(names) if len(names) <= MOST_PERIODS else f"{names[0]} to {names[-1]} ({len(names)} periods)"


def _name(kept: Kept, party: str) -> str:
    known = kept.contract.spec.parties.get(party)
    return known.name if known else party


def _split(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(";") if part.strip())


def _day(at: str) -> datetime.date:
    return datetime.date.fromisoformat(at[:10])
