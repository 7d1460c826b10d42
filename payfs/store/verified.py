"""Verification: an evaluator verifies a submission, and a certificate of what is due now comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, select

from payfs.store.books import book_bill
from payfs.store.chain import canonical
from payfs.store.database import Store
from payfs.store.due import Due, due_now
from payfs.store.engines import keep
from payfs.store.evidence import hand_in, read_again, submitted_files, verified_files
from payfs.store.handed_in import keep_file, open_submission, state_of
from payfs.store.people import name_nobody
from payfs.store.rows import Bill, Certificate, CertificateLine, Submission, Verification, VerificationFile
from payfs.store.step import Answer, Step, numbered, refusal, take, written
from payfs.store.versions import current


def verify(
    store: Store,
    by: str,
    contract: str,
    submission: int,
    files: Sequence[str] = (),
    reason: str | None = None,
    key: str | None = None,
) -> Answer:
    """Verify a submission, as it is or as corrected, and certify what is due now.

    Args:
        store: the ledger.
        by: an evaluator who did not hand it in.
        contract: name.
        submission: number.
        files: what holds instead of what was submitted, if it is corrected.
        reason: of the correction.
        key: by which the same request is known again.

    Raises:
        Refused: ``by`` may not, its state does not let it, a correction lacks its reason or has faults.
    """
    corrected = hand_in(files) if files else ()
    if bool(corrected) != (reason is not None):
        what = "a correction lacks its reason" if corrected else "a reason is given, and nothing is corrected"
        raise refusal(what, "give corrected files with --results and why with --reason, or neither")
    if reason is not None:
        reason = written("--reason", reason)

    def work(step: Step) -> Answer:
        row, version = open_submission(step, contract, submission)
        handed = submitted_files(step.session, row.id)
        if corrected and {file.sha256 for file in corrected} == {file.sha256 for file in handed}:
            raise refusal("the corrected files are the submitted ones", "verify it without correction")
        read = [read_again(file, version.row.text, contract) for file in corrected]
        name_nobody(step.session, contract, [("--reason", reason), ("--key", key)], read)
        made = step.add(Verification, submission=row.id, reason=reason, by=step.by, at=step.at)
        for position, file in enumerate(corrected):
            step.add(VerificationFile, verification=made.id, position=position, file=keep_file(step, file))
        due = due_now(step.session, version, verified_files(step.session, contract))
        certificate, bills = _certify(step, contract, made, due)
        money = version.contract.money
        how = "as corrected" if corrected else "as submitted"
        told = f"{step.by} verified submission {submission} of {contract} {how}: {money.show(due.total)} due now"
        told += f", certificate {certificate.number}"
        return Answer(
            "verify",
            contract,
            f"submission {submission}",
            submission,
            certificate.number,
            tuple(bill.number for bill in bills),
            text=told,
        )

    asked = {"submission": submission, "files": [file.sha256 for file in corrected], "reason": reason}
    return take(store, "verify", by, contract, key, asked, work)


def due_if_verified(session: Session, contract: str, submission: int) -> Due:
    """Work out what would be due if a submission that waits were verified as it is; nothing is kept.

    Raises:
        Refused: there is none of this number, it does not wait, or what cannot be worked out.
    """
    row: Submission | None = numbered(session, Submission, contract, submission)
    if row is None or state_of(session, row) != "submitted":
        raise refusal(f"no submission {submission} of {contract} waits", "choose one that does")
    return due_now(session, current(session, contract), verified_files(session, contract, also=row))


def _certify(step: Step, contract: str, verification: Verification, due: Due) -> tuple[Certificate, list[Bill]]:
    """Keep a certificate with its lines and the bills that come of it."""
    certificate = step.add(
        Certificate,
        contract=contract,
        number=step.number(Certificate),
        verification=verification.id,
        version=due.version.row.id,
        engine=keep(step).sha256,
        evidence=canonical([file.sha256 for file in due.files]),
        total=due.total,
        to_date=due.to_date,
        currency=due.version.contract.money.code,
    )
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for line in due.lines:
        groups.setdefault(tuple(line[name] or "" for name in BILLED), []).append(line)
    bills, position = [], 0
    for lines in (groups[key] for key in sorted(groups)):
        amount = sum(line["amount"] for line in lines)
        bill = None
        if amount:
            bill = step.add(
                Bill,
                contract=contract,
                number=step.number(Bill),
                certificate=certificate.id,
                kind="invoice" if amount > 0 else "credit note",
                amount=amount,
                currency=certificate.currency,
                **{name: lines[0][name] for name in BILLED},
            )
            bills.append(bill)
        places = range(position, position + len(lines))
        position += len(lines)
        step.add_all(
            CertificateLine,
            [
                {
                    **line,
                    "certificate": certificate.id,
                    "position": place,
                    "bill": bill.id if bill else None,
                    "contract": contract,
                }
                for place, line in zip(places, lines, strict=True)
            ],
        )
        if bill is not None:
            kept = step.session.exec(select(CertificateLine).where(CertificateLine.bill == bill.id)).all()
            book_bill(step, bill, kept)
    return certificate, bills


BILLED = ("due", "due_written", "payer", "payee")  # a bill has one of each, and bills are numbered in this order
