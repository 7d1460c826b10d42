"""By whose hands a ledger was kept, looked at again: what guards refuse while they are there."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text
from sqlmodel import Session

from payfs.store.walk import number, shown
from payfs.text import Finding

# Whoever took a step did not have the role for it by then: no change gave it that none took away again before.
HELD = """EXISTS (SELECT 1 FROM role_change r WHERE r.contract = {contract} AND r.who = {who} AND r.role = '{role}'
    AND r.given AND r.entry < {entry} AND (r.party IS NULL OR r.party = {party}) AND NOT EXISTS (
        SELECT 1 FROM role_change t WHERE t.contract = r.contract AND t.who = r.who AND t.role = r.role
        AND COALESCE(t.party, '') = COALESCE(r.party, '') AND NOT t.given AND t.id > r.id AND t.entry < {entry}))"""
PREPARED = """(EXISTS (SELECT 1 FROM submission s JOIN verification v ON v.submission = s.id
        WHERE s.contract = b.contract AND v.entry <= c.entry AND a."by" IN (v."by", s."by"))
    OR EXISTS (SELECT 1 FROM version w WHERE w.contract = b.contract AND w.entry <= c.entry AND a."by" = w."by"))"""
APPROVED = f"""SELECT b.kind, b.number, b.contract, a."by", CASE WHEN {PREPARED} THEN 1 ELSE 0 END
    FROM approval a JOIN bill b ON b.id = a.bill JOIN certificate c ON c.id = b.certificate
    WHERE {PREPARED} OR NOT """
PAID = """SELECT b.kind, b.number, b.contract, p."by", CASE WHEN a."by" = p."by" THEN 1 ELSE 0 END
    FROM payment p JOIN bill b ON b.id = p.bill LEFT JOIN approval a ON a.bill = b.id WHERE a."by" = p."by" OR NOT """
VERIFIED = """SELECT s.number, s.contract, v."by", CASE WHEN v."by" = s."by" THEN 1 ELSE 0 END
    FROM verification v JOIN submission s ON s.id = v.submission WHERE v."by" = s."by" OR NOT """


def other_hands(session: Session, remedy: str) -> Iterator[Finding]:
    """Find what was verified, approved or paid by somebody who may not have."""
    held = HELD.format(contract="b.contract", who='a."by"', role="approver", entry="a.entry", party="b.payer")
    for kind, bill, contract, who, prepared in session.execute(text(APPROVED + held)):
        why = "prepared it" if prepared else "was no approver of its payer then"
        what = f"{shown(kind)} {number(bill)} of {shown(contract)} was approved by {shown(who)}, who {why}"
        yield Finding(what, remedy)
    held = HELD.format(contract="b.contract", who='p."by"', role="payer", entry="p.entry", party="b.payer")
    for kind, bill, contract, who, approved in session.execute(text(PAID + held)):
        why = "approved it" if approved else "was no payer of it then"
        what = f"{shown(kind)} {number(bill)} of {shown(contract)} was paid by {shown(who)}, who {why}"
        yield Finding(what, remedy)
    held = HELD.format(contract="s.contract", who='v."by"', role="evaluator", entry="v.entry", party="NULL")
    for submission, contract, who, own in session.execute(text(VERIFIED + held)):
        why = "handed it in" if own else "was no evaluator then"
        what = f"submission {number(submission)} of {shown(contract)} was verified by {shown(who)}, who {why}"
        yield Finding(what, remedy)
