"""A ledger as plain data."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from sqlmodel import Session

from payfs.money import currency
from payfs.store.engines import engine_named
from payfs.store.history import (
    bills_of,
    certificates_of,
    payments_of,
    reasons,
    statement_rows,
    story,
    submissions_of,
    versions_of,
)
from payfs.store.members import members
from payfs.store.rows import ContractRow
from payfs.store.standing import Overview, days_overdue, state_totals, waiting, year_totals
from payfs.store.versions import title


def overview_data(rows: Sequence[Overview]) -> list[dict[str, Any]]:
    """Return each contract as plain data: amounts as strings of decimal units."""
    made = []
    for row in rows:
        plain = currency(row.currency).plain
        amounts = {name: plain(getattr(row, name)) for name in ("certified", "approved", "paid")}
        made.append({**row._asdict(), **amounts, "waiting": list(row.waiting)})
    return made


def contract_data(session: Session, contract: str, today: datetime.date) -> dict[str, Any]:
    """Return all of a contract as plain data: amounts as strings of decimal units."""
    money = currency(session.get_one(ContractRow, contract).currency)
    bills, rows, entries = bills_of(session, contract), statement_rows(session, contract), story(session, contract)
    at, why = {entry.number: entry.at for entry in entries}, reasons(session, contract)
    return {
        "contract": contract,
        "title": title(session, contract),
        "currency": money.code,
        "versions": [
            {
                "number": v.number,
                "sha256": v.sha256,
                "effective": v.effective,
                "reason": v.reason,
                "by": v.by,
                "at": at[v.entry],
            }
            for v in versions_of(session, contract)
        ],
        "members": [member._asdict() for member in members(session, contract)],
        "submissions": [row._asdict() for row in submissions_of(session, contract)],
        "certificates": [
            {
                "number": one.number,
                "at": one.at,
                "submission": one.submission,
                "version": one.version,
                "total": money.plain(one.total),
                "to_date": money.plain(one.to_date),
                "engine": engine_named(session, one.engine),
            }
            for one in certificates_of(session, contract)
        ],
        "bills": [
            {
                "number": bill.number,
                "kind": bill.kind,
                "payer": bill.payer,
                "payee": bill.payee,
                "due": bill.due,
                "amount": money.plain(bill.amount),
                "days_overdue": days_overdue(bill, state, today),
                **state._asdict(),
            }
            for bill, state in bills
        ],
        "totals": {
            "by_payer_and_fiscal_year": [
                {**one._asdict(), "certified": money.plain(one.certified), "paid": money.plain(one.paid)}
                for one in year_totals(rows)
            ],
            "by_state": [{**one._asdict(), "amount": money.plain(one.amount)} for one in state_totals(bills)],
        },
        "payments": [{**made._asdict(), "amount": money.plain(made.amount)} for made in payments_of(session, contract)],
        "lines": [{**row._asdict(), "amount": money.plain(row.amount)} for row in rows],
        "waiting": waiting(session, contract, today),
        "history": [
            {
                **{name: getattr(entry, name) for name in ("number", "at", "by", "step", "subject", "text", "hash")},
                "reason": why.get(entry.number),
            }
            for entry in entries
        ],
    }
