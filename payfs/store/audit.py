"""Is a ledger sound: the chain of its log, its books, what was paid, its limits, and the guards of its database."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, func
from sqlmodel import select as select_rows

from payfs.money import currency
from payfs.spec import quoted
from payfs.store.chain import GENESIS, sha256
from payfs.store.database import ILLEGIBLE, Store, changed
from payfs.store.due import Line, amounts_to_date, certified, lines_of
from payfs.store.evidence import verified_files
from payfs.store.guarded import other_guards
from payfs.store.hands import other_hands
from payfs.store.limits import beyond_limits
from payfs.store.rows import Approval, Bill, Certificate, CertificateLine, Posting, Version
from payfs.store.step import refusal
from payfs.store.versions import Kept, read_text
from payfs.store.walk import DAMAGED, number, shown, walk
from payfs.text import Finding, Refused

RECEIPT = re.compile(r"([1-9]\d{0,17}):([0-9a-f]{64})", re.ASCII)


class Audit(NamedTuple):
    """What an audit found.

    Attributes:
        findings: what is wrong; none of a sound ledger.
        entries: how many there are in the log.
        rows: how many rows of history were hashed anew.
        bills: how many were followed through the books.
        limits: how many limits were added up by contract.
        contracts: how many were worked out anew.
        receipt: the last entry's number and hash, to be kept outside.
    """

    findings: tuple[Finding, ...]
    entries: int
    rows: int
    bills: int
    limits: int
    contracts: int
    receipt: str


def check_ledger(store: Store, receipts: Iterable[str] = ()) -> Audit:
    """Look through a whole ledger, as it is at one moment.

    Args:
        store: the ledger.
        receipts: numbers and hashes of entries that were noted elsewhere. A log that somebody shortened, anchor and
            all, is sound in itself; only what was kept outside shows it.

    Raises:
        Refused: a receipt is none, or the database does not answer.
    """
    noted = [read_receipt(receipt) for receipt in receipts]
    found: list[Finding] = []
    with store.reading() as session:
        connection = session.connection()
        entries, rows, chained = walk(connection)
        found += chained
        for number, expected in noted:
            if number not in entries:
                found.append(Finding(f"entry {number} is gone, and a receipt for it is held", DAMAGED))
            elif entries[number] != expected:
                found.append(Finding(f"entry {number} is not the one that a receipt was given for", DAMAGED))
        found += other_guards(connection)
        bills, limits, contracts = 0, 0, 0
        with _legible(found, "the books"):
            bills, booked = _books(session)
            found += booked
        with _legible(found, "who did what"):
            found += other_hands(session, DAMAGED)
        with _legible(found, "the certificates"):
            for contract, certificate in _last_certificates(session):
                contracts += 1
                with _legible(found, f"what {shown(contract)} comes to"):
                    kept = _kept(session, certificate)
                    if isinstance(kept, Finding):
                        found.append(kept)
                        continue
                    lines = lines_of(session, contract)
                    counted, over = beyond_limits(kept.contract, lines)
                    limits += counted
                    found += over
                    found += _worked_out(session, certificate, kept, lines)
        receipt = f"{max(entries)}:{shown(entries[max(entries)])}" if entries else f"0:{GENESIS}"
        return Audit(tuple(found), len(entries), rows, bills, limits, contracts, receipt)


@contextmanager
def _legible(found: list[Finding], what: str) -> Iterator[None]:
    """Tell what can no longer be read, where the chain has found a change: whoever made it may have left anything."""
    try:
        yield
    except ILLEGIBLE as error:
        if not found or (isinstance(error, DBAPIError) and not changed(error)):
            raise
        found.append(Finding(f"{what} can no longer be read", DAMAGED))


def read_receipt(receipt: str) -> tuple[int, str]:
    """Read a receipt: an entry's number and hash, also as an invoice prints it, broken over two lines.

    Raises:
        Refused: it is none.
    """
    match = RECEIPT.fullmatch("".join(receipt.split()))
    if match is None:
        raise refusal(f"{quoted(receipt)} is no receipt", "write the entry's number, a colon, and its 64 hex digits")
    return int(match[1]), match[2]


def _books(session: Session) -> tuple[int, list[Finding]]:
    """Follow every bill through the books: debits and credits, lines, approvals, payments."""
    found: list[Finding] = []
    unbalanced = (
        select_rows(Posting.entry, Posting.currency, func.sum(Posting.amount))
        .group_by(col(Posting.entry), col(Posting.currency))
        .having(func.sum(Posting.amount) != 0)
    )
    for entry, code, difference in session.exec(unbalanced):
        off = currency(code).show(int(difference))
        found.append(Finding(f"the postings of entry {number(entry)} do not come to nothing, but to {off}", DAMAGED))
    lines = _sums(session, CertificateLine.bill, CertificateLine.amount)
    paid: dict[int, int] = defaultdict(int)
    for bill, amount, back in session.execute(text(PAID)):
        paid[bill] += 0 if back else int(amount)
    approved = set(session.exec(select_rows(Approval.bill)))
    owed = _sums(session, Posting.bill, Posting.amount, col(Posting.account).startswith("owed by "))
    gone = _sums(session, Posting.bill, Posting.amount, col(Posting.account).startswith("money of "))
    columns = (Bill.id, Bill.kind, Bill.number, Bill.contract, Bill.amount, Bill.currency)
    bills = session.execute(select_rows(*map(col, columns))).all()
    for row in bills:
        name = f"{shown(row.kind)} {number(row.number)} of {shown(row.contract)}"
        show = currency(row.currency).show
        if lines.get(row.id, 0) != row.amount:
            what = f"{name} is over {show(row.amount)}, and its lines come to {show(lines.get(row.id, 0))}"
            found.append(Finding(what, DAMAGED))
        if paid.get(row.id, 0) not in (0, row.amount):
            what = f"{name} is over {show(row.amount)}, and {show(paid[row.id])} was paid on it"
            found.append(Finding(what, DAMAGED))
        if row.id in paid and row.id not in approved:
            found.append(Finding(f"{name} was paid and never approved", DAMAGED))
        if -gone.get(row.id, 0) != paid.get(row.id, 0):
            what = f"the books have {show(-gone.get(row.id, 0))} paid on {name}, and the payments {show(paid[row.id])}"
            found.append(Finding(what, DAMAGED))
        if owed.get(row.id, 0) != paid.get(row.id, 0) - row.amount:
            what = f"the books have {show(-owed.get(row.id, 0))} owed on {name}, which is over {show(row.amount)}"
            found.append(Finding(what, DAMAGED))
    totals = _sums(session, CertificateLine.certificate, CertificateLine.amount)
    for certificate in session.exec(select_rows(Certificate)):
        if totals.get(certificate.id, 0) != certificate.total:
            name = f"certificate {number(certificate.number)} of {shown(certificate.contract)}"
            show = currency(certificate.currency).show
            what = f"{name} is over {show(certificate.total)}"
            found.append(Finding(f"{what}, and its lines come to {show(totals.get(certificate.id, 0))}", DAMAGED))
    return len(bills), found


PAID = "SELECT p.bill, p.amount, x.id FROM payment p LEFT JOIN payment_return x ON x.payment = p.id"


def _sums(session: Session, by: Any, amount: Any, *where: Any) -> dict[int, int]:
    query = select_rows(by, func.sum(amount)).where(*where).group_by(by)
    return {key: int(total) for key, total in session.exec(query) if key is not None}


def _last_certificates(session: Session) -> list[tuple[str, Certificate]]:
    last = select_rows(func.max(Certificate.id)).group_by(col(Certificate.contract))
    rows = session.exec(select_rows(Certificate).where(col(Certificate.id).in_(last)))
    return [(row.contract, row) for row in rows]


def _kept(session: Session, certificate: Certificate) -> Kept | Finding:
    """Read the contract under which a certificate was made."""
    row = session.get_one(Version, certificate.version)
    if sha256(row.text) != row.sha256:
        return Finding(
            f"the text of version {number(row.number)} of {shown(row.contract)} is not what its SHA-256 says", DAMAGED
        )
    try:
        return Kept(row, read_text(row.text, row.contract))
    except Refused as refused:
        first = refused.findings[0]
        return Finding(
            f"version {number(row.number)} of {shown(row.contract)} can no longer be read: {first.what}",
            "replay it with the program that is kept beside it: payfs ledger replay --stored-engine",
        )


def _worked_out(session: Session, last: Certificate, kept: Kept, lines: Iterable[Line]) -> Iterator[Finding]:
    """Work everything out anew on what was verified by the last certificate; every limit holds in what comes of it."""
    contract, name = last.contract, shown(last.contract)
    try:
        now = amounts_to_date(kept.contract, kept.row.text, verified_files(session, contract, last.verification))
    except Refused as refused:
        what = f"what {name} has paid can no longer be worked out: {refused.findings[0].what}"
        yield Finding(what, "payfs ledger replay says more")
        return
    held = {key: one.amount for key, one in certified(lines).items()}
    if any(held.get(key, 0) != now.get(key, 0) for key in {*held, *now}) or sum(now.values()) != last.to_date:
        show = kept.contract.money.show
        what = f"{name} comes to {show(sum(now.values()))} on what is verified, not {show(last.to_date)} as certified"
        yield Finding(what, f"see where it differs: payfs ledger replay --contract {name}")
