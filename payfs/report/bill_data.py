"""Bills and payment certificates as plain data: for accounting systems and other programs."""

from __future__ import annotations

import datetime
from typing import Any

from payfs.billing import BillDocument, BilledLine, BilledParty, CertificateDocument
from payfs.money import Currency


def bill_data(bill: BillDocument) -> dict[str, Any]:
    """Return all of a bill: dates as ISO 8601, amounts as strings of decimal units beside their currency."""
    money = bill.currency
    return {
        "document": bill.kind,
        "number": bill.number,
        "issued": bill.issued.isoformat(),
        "due": _iso(bill.due),
        "due_written": bill.due_written,
        "contract": _contract(bill),
        "payer": _party(bill.payer),
        "payee": _party(bill.payee),
        "periods": bill.periods,
        "lines": [_line(line, money) for line in bill.lines],
        "total": _amount(bill.total, money),
        "state": bill.state,
        "approved_by": bill.approved_by,
        "approved_at": bill.approved_at,
        "dispute_reason": bill.dispute_reason,
        "paid_on": _iso(bill.paid_on),
        "payment_reference": bill.payment_reference,
        "certificate": bill.certificate,
        "receipt": bill.receipt,
    }


def certificate_data(certificate: CertificateDocument) -> dict[str, Any]:
    """Return all of a certificate: dates as ISO 8601, amounts as strings of decimal units beside their currency."""
    money = certificate.currency
    return {
        "document": "payment certificate",
        "number": certificate.number,
        "issued": certificate.issued.isoformat(),
        "contract": _contract(certificate),
        "submitted_by": certificate.submitted_by,
        "submitted_at": certificate.submitted_at,
        "verified_by": certificate.verified_by,
        "verified_at": certificate.verified_at,
        "correction_reason": certificate.correction_reason,
        "engine": certificate.engine,
        "evidence": [{"kind": kind, "sha256": sha256} for kind, sha256 in certificate.evidence],
        "lines": [_line(line, money) for line in certificate.lines],
        "total": _amount(certificate.total, money),
        "to_date": _amount(certificate.to_date, money),
        "bills": [
            {
                "document": made.kind,
                "number": made.number,
                "payer": made.payer,
                "payee": made.payee,
                "amount": _amount(made.amount, money),
                "due": _iso(made.due),
                "due_written": made.due_written,
            }
            for made in certificate.bills
        ],
        "receipt": certificate.receipt,
    }


def _contract(document: BillDocument | CertificateDocument) -> dict[str, Any]:
    return {
        "name": document.contract,
        "title": document.title,
        "version": document.version,
        "sha256": document.sha256,
    }


def _party(party: BilledParty) -> dict[str, Any]:
    return {
        "name": party.name,
        "role": party.role,
        "address": list(party.address),
        "tax_id": party.tax_id,
        "purchase_order": party.purchase_order,
        "bank": list(party.bank),
    }


def _line(line: BilledLine, money: Currency) -> dict[str, Any]:
    return {
        "position": line.position,
        "rule": line.rule,
        "what": line.what,
        "clause": line.clause,
        "cohort": line.cohort,
        "period": line.period,
        "reported": line.reported,
        "measured": line.measured,
        "unit": line.unit,
        "amount": _amount(line.amount, money),
        "before": _amount(line.before, money),
        "corrects": line.corrects,
        "bill": line.bill,
        "why": line.why,
        "explanation": [{"depth": depth, "sentence": sentence} for depth, sentence in line.explanation],
    }


def _amount(minor: int, money: Currency) -> dict[str, str]:
    return {"amount": money.plain(minor), "currency": money.code}


def _iso(day: datetime.date | None) -> str | None:
    return None if day is None else day.isoformat()
