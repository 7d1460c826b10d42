"""What is kept of a contract, as files and tables that are read without a ledger."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from payfs.money import currency
from payfs.store.documents import bill_number
from payfs.store.evidence import holds_claims
from payfs.store.history import bills_of, certificates_of, payments_of, statement_rows, story, versions_of
from payfs.store.members import members
from payfs.store.rows import ContractRow, File, Submission, SubmissionFile, Verification, VerificationFile
from payfs.store.step import user

NO_CLAIMS = ("investor", "viewer")  # roles by which nobody sees a person's id

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")

Cell = str | int | None


class KeptFile(NamedTuple):
    """A file that was handed in, or holds in its place.

    Attributes:
        name: by which it is written out: ``submission-2-1.csv``, or ``submission-2-corrected-1.csv``.
        sha256: of its bytes [hexadecimal].
        verification: the place of the verification by which it holds; None where it does not hold.
        claims: whether it is a register of claims, which names people.
    """

    name: str
    sha256: str
    verification: int | None
    claims: bool


class Sheet(NamedTuple):
    """A table: its columns, and its rows in order."""

    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]]

    def as_csv(self) -> bytes:
        """Write it as CSV, in UTF-8."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows([[plain(cell) for cell in row] for row in self.rows])
        return text.getvalue().encode()


def plain(cell: Cell) -> str:
    """Write a cell so that no spreadsheet takes a text for a formula: such a text begins with an apostrophe."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) and not NUMBER.fullmatch(text) else text


class Exported(NamedTuple):
    """All that is written out of a contract but the content of the files that were handed in.

    Attributes:
        texts: of each version by name of file, the last one last.
        files: every file that was handed in, or holds in its place.
        sees_claims: whether whoever asks may have registers of claims.
        sheets: the tables, by name of file.
        to_date: certified in all, with its currency.
        last: the number and the hash of the last entry of the log about the contract.
    """

    texts: dict[str, str]
    files: tuple[KeptFile, ...]
    sees_claims: bool
    sheets: dict[str, Sheet]
    to_date: str
    last: str

    @property
    def holding(self) -> tuple[KeptFile, ...]:
        """The files on which everything certified rests, in order: of registers of claims the last one only."""
        held = sorted((file for file in self.files if file.verification is not None), key=lambda f: f.verification or 0)
        last = max((place for place, file in enumerate(held) if file.claims), default=None)
        return tuple(file for place, file in enumerate(held) if not file.claims or place == last)


def exported(session: Session, contract: str, by: str) -> Exported:
    """Return what is written out of a contract for somebody who has a role under it."""
    by = user(by)
    roles = {member.role for member in members(session, contract) if member.who == by}
    money = currency(session.get_one(ContractRow, contract).currency)
    entries, made = story(session, contract), certificates_of(session, contract)
    return Exported(
        {f"contract-{version.number}.yaml": version.text for version in versions_of(session, contract)},
        tuple(_files(session, contract)),
        bool(roles - set(NO_CLAIMS)),
        {
            "statement.csv": _statement(session, contract),
            "bills.csv": _bills(session, contract, {entry.number: entry.at for entry in entries}),
            "payments.csv": _payments(session, contract),
            "log.csv": Sheet(LOG, [tuple(getattr(entry, name) for name in LOG) for entry in entries]),
        },
        money.show(made[-1].to_date if made else 0),
        f"{entries[-1].number}:{entries[-1].hash}",
    )


LOG = ("number", "at", "by", "step", "contract", "subject", "text", "rows_digest", "previous", "hash")
STATEMENT = (
    "rule",
    "payer",
    "payee",
    "cohort",
    "period",
    "reported",
    "measured",
    "due",
    "fiscal_year",
)


def content_of(session: Session, sha256: str) -> bytes:
    """Return the bytes of a file."""
    return bytes(session.exec(select(File.content).where(File.sha256 == sha256)).one())


def _files(session: Session, contract: str) -> Iterator[KeptFile]:
    columns: list[Any] = [Submission.number, Verification.id, VerificationFile.position, File.sha256, File.kind]
    corrected = (
        select(*columns)
        .join(Verification, col(Verification.submission) == Submission.id)
        .join(VerificationFile, col(VerificationFile.verification) == Verification.id)
        .join(File, col(File.sha256) == VerificationFile.file)
        .where(col(Submission.contract) == contract)
        .order_by(col(Submission.number), col(VerificationFile.position))
    )
    better = [tuple(row) for row in session.execute(corrected)]
    replaced = {number for number, *_ in better}
    columns[2] = SubmissionFile.position
    handed = (
        select(*columns)
        .join(SubmissionFile, col(SubmissionFile.submission) == Submission.id)
        .join(File, col(File.sha256) == SubmissionFile.file)
        .join(Verification, col(Verification.submission) == Submission.id, isouter=True)
        .where(col(Submission.contract) == contract)
        .order_by(col(Submission.number), col(SubmissionFile.position))
    )
    for number, verification, position, sha, kind in session.execute(handed):
        holds = verification if number not in replaced else None
        claims = holds_claims(content_of(session, sha), kind)
        yield KeptFile(f"submission-{number}-{position + 1}.{kind}", sha, holds, claims)
    for number, verification, position, sha, kind in better:
        claims = holds_claims(content_of(session, sha), kind)
        yield KeptFile(f"submission-{number}-corrected-{position + 1}.{kind}", sha, verification, claims)


def _statement(session: Session, contract: str) -> Sheet:
    money = currency(session.get_one(ContractRow, contract).currency)
    rows: list[tuple[Cell, ...]] = [
        (
            row.certificate,
            bill_number(contract, row.bill) if row.bill is not None else None,
            row.kind,
            row.state,
            *(getattr(row, name) for name in STATEMENT),
            money.plain(row.amount),
            money.code,
            row.why,
        )
        for row in statement_rows(session, contract)
    ]
    return Sheet(("certificate", "number", "kind", "state", *STATEMENT, "amount", "currency", "why"), rows)


def _bills(session: Session, contract: str, at: dict[int, str]) -> Sheet:
    columns = ("number", "kind", "payer", "payee", "issued", "due", "amount", "currency", "state")
    more = ("approved_by", "approved_at", "paid_on", "reference", "reason")
    rows: list[tuple[Cell, ...]] = [
        (
            bill_number(contract, bill.number),
            bill.kind,
            bill.payer,
            bill.payee,
            at[bill.entry][:10],
            bill.due_written if bill.due is None else bill.due,
            currency(bill.currency).plain(bill.amount),
            bill.currency,
            state.state,
            *(getattr(state, name) for name in more),
        )
        for bill, state in bills_of(session, contract)
    ]
    return Sheet((*columns, *more), rows)


def _payments(session: Session, contract: str) -> Sheet:
    money = currency(session.get_one(ContractRow, contract).currency)
    columns = (
        "number",
        "attempt",
        "paid_on",
        "amount",
        "currency",
        "reference",
        "recorded_by",
        "came_back_on",
        "reason",
    )
    rows: list[tuple[Cell, ...]] = [
        (
            bill_number(contract, made.bill),
            made.attempt,
            made.paid_on,
            money.plain(made.amount),
            money.code,
            made.reference,
            made.by,
            made.came_on,
            made.reason,
        )
        for made in payments_of(session, contract)
    ]
    return Sheet(columns, rows)
