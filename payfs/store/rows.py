"""The tables of a ledger. Every one of them is history: rows are only ever added, and a state is what they say.

A row does not check what it is given; whoever adds it has. ``entry`` is the entry of the audit log under which a row
was added. Money is [minor units] with its currency beside it, times are UTC as ISO 8601 text, days ISO 8601 text, so
that both databases give back the very characters that were stored.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import BigInteger, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel


class Row(SQLModel):
    """A row of history."""

    entry: int = Field(index=True)  # which is written last, with a hash of all its rows


class Anchor(SQLModel, table=True):
    """How many entries there are, and the hash of the last: the one row that changes, and only forward."""

    id: int = Field(primary_key=True)
    count: int
    head: str


class Entry(SQLModel, table=True):
    """An entry of the audit log: who took which step when, chained to the entry before by its hash."""

    number: int = Field(primary_key=True)
    at: str
    by: str
    step: str
    contract: str = Field(index=True)
    subject: str  # which submission, bill or member
    text: str  # one sentence, without anything of participants
    rows_digest: str  # of all rows added under this entry
    previous: str  # the hash of the entry before; 64 zeros for the first
    hash: str


class Request(Row, table=True):
    """A step that was asked for under a key, and its answer: the same request asked again gets the same answer."""

    key: str = Field(primary_key=True)
    by: str
    step: str
    body: str  # SHA-256 of what was asked
    answer: str  # JSON


class Engine(Row, table=True):
    """The program that worked payments out: its version, its libraries and its source."""

    sha256: str = Field(primary_key=True)
    version: str
    libraries: str  # JSON: name to version
    source: bytes = Field(sa_type=LargeBinary)  # a zip archive


class File(Row, table=True):
    """A file as it was handed in."""

    sha256: str = Field(primary_key=True)
    kind: str  # how its name ended: csv, yaml or xlsx
    size: int
    content: bytes = Field(sa_type=LargeBinary)


class ContractRow(Row, table=True):
    """A contract that is kept."""

    __tablename__: ClassVar[Any] = "contract"
    name: str = Field(primary_key=True)
    currency: str


class Version(Row, table=True):
    """A contract's text, as signed or as amended."""

    __table_args__ = (UniqueConstraint("contract", "number"),)
    id: int = Field(primary_key=True)
    contract: str = Field(foreign_key="contract.name")
    number: int
    sha256: str
    text: str
    effective: str | None  # the day from which the last amendment holds
    reason: str | None
    by: str


class RoleChange(Row, table=True):
    """A role given to somebody under a contract, or taken away."""

    __tablename__: ClassVar[Any] = "role_change"
    id: int = Field(primary_key=True)
    contract: str = Field(index=True, foreign_key="contract.name")
    who: str
    role: str
    party: str | None  # for whom; None for every party that the role fits
    given: bool
    by: str


class Details(Row, table=True):
    """What documents say of a party beyond the contract: address, tax number, purchase order, bank account."""

    id: int = Field(primary_key=True)
    contract: str = Field(index=True, foreign_key="contract.name")
    party: str
    data: str  # JSON
    by: str


class Submission(Row, table=True):
    """Results or claims that a provider handed in."""

    __table_args__ = (UniqueConstraint("contract", "number"),)
    id: int = Field(primary_key=True)
    contract: str = Field(foreign_key="contract.name")
    number: int
    covers: str  # the periods that it reports on
    by: str
    at: str


class SubmissionFile(Row, table=True):
    """A file of a submission."""

    __tablename__: ClassVar[Any] = "submission_file"
    __table_args__ = (UniqueConstraint("submission", "position"),)
    id: int = Field(primary_key=True)
    submission: int = Field(foreign_key="submission.id")
    position: int
    file: str = Field(foreign_key="file.sha256")


class SentBack(Row, table=True):
    """An evaluator returned a submission."""

    __tablename__: ClassVar[Any] = "sent_back"
    id: int = Field(primary_key=True)
    submission: int = Field(unique=True, foreign_key="submission.id")
    reason: str
    by: str


class Verification(Row, table=True):
    """An evaluator verified a submission, as it was or as corrected."""

    id: int = Field(primary_key=True)
    submission: int = Field(unique=True, foreign_key="submission.id")
    reason: str | None  # of a correction
    by: str
    at: str


class VerificationFile(Row, table=True):
    """A file that holds instead of what was submitted."""

    __tablename__: ClassVar[Any] = "verification_file"
    __table_args__ = (UniqueConstraint("verification", "position"),)
    id: int = Field(primary_key=True)
    verification: int = Field(foreign_key="verification.id")
    position: int
    file: str = Field(foreign_key="file.sha256")


class Certificate(Row, table=True):
    """What a verification brings: what is due in all by then, less what earlier certificates hold."""

    __table_args__ = (UniqueConstraint("contract", "number"),)
    id: int = Field(primary_key=True)
    contract: str = Field(foreign_key="contract.name")
    number: int
    verification: int = Field(unique=True, foreign_key="verification.id")
    version: int = Field(foreign_key="version.id")
    engine: str = Field(foreign_key="engine.sha256")
    evidence: str  # JSON: the SHA-256 of each file that it rests on, in order
    total: int = Field(sa_type=BigInteger)
    to_date: int = Field(sa_type=BigInteger)
    currency: str


class Bill(Row, table=True):
    """An invoice, or with an amount below 0 a credit note: one payer, one payee, one due date of a certificate."""

    __table_args__ = (UniqueConstraint("contract", "number"),)
    id: int = Field(primary_key=True)
    contract: str = Field(foreign_key="contract.name")
    number: int
    certificate: int = Field(index=True, foreign_key="certificate.id")
    kind: str
    payer: str
    payee: str
    due: str | None
    due_written: str | None
    amount: int = Field(sa_type=BigInteger)
    currency: str


class CertificateLine(Row, table=True):
    """A line of a certificate: a payment's difference to what was certified for it before, and why."""

    __tablename__: ClassVar[Any] = "line"
    __table_args__ = (UniqueConstraint("certificate", "position"),)
    id: int = Field(primary_key=True)
    certificate: int = Field(foreign_key="certificate.id")
    position: int
    bill: int | None = Field(index=True, foreign_key="bill.id")
    contract: str = Field(index=True, foreign_key="contract.name")
    rule: str
    payer: str
    payee: str
    cohort: str | None
    period: str
    reported: str
    measured: str | None
    due: str | None
    due_written: str | None
    fiscal_year: str
    amount: int = Field(sa_type=BigInteger)
    before: int = Field(sa_type=BigInteger)  # certified for the same before
    corrects: int | None = Field(foreign_key="bill.id")  # the last bill that it was on
    why: str
    explanation: str  # JSON


class Approval(Row, table=True):
    """The payer approved a bill."""

    id: int = Field(primary_key=True)
    bill: int = Field(unique=True, foreign_key="bill.id")
    by: str
    at: str


class Dispute(Row, table=True):
    """The payer disputes a bill."""

    id: int = Field(primary_key=True)
    bill: int = Field(unique=True, foreign_key="bill.id")
    reason: str
    by: str


class Payment(Row, table=True):
    """A bill was paid, in full."""

    __table_args__ = (UniqueConstraint("bill", "attempt"),)
    id: int = Field(primary_key=True)
    bill: int = Field(foreign_key="bill.id")
    attempt: int  # 1, and one more after each payment that came back
    paid_on: str
    amount: int = Field(sa_type=BigInteger)
    currency: str
    reference: str
    by: str


class PaymentReturn(Row, table=True):
    """A payment came back."""

    __tablename__: ClassVar[Any] = "payment_return"
    id: int = Field(primary_key=True)
    payment: int = Field(unique=True, foreign_key="payment.id")
    came_on: str
    reason: str
    by: str


class Posting(Row, table=True):
    """An amount on one side of the books: above 0 debit, below 0 credit."""

    id: int = Field(primary_key=True)
    bill: int = Field(index=True, foreign_key="bill.id")
    account: str
    currency: str
    amount: int = Field(sa_type=BigInteger)


# every table of history but the log itself, each after those that it refers to
HISTORY: tuple[type[Row], ...] = (
    Request,
    Engine,
    File,
    ContractRow,
    Version,
    RoleChange,
    Details,
    Submission,
    SubmissionFile,
    SentBack,
    Verification,
    VerificationFile,
    Certificate,
    Bill,
    CertificateLine,
    Approval,
    Dispute,
    Payment,
    PaymentReturn,
    Posting,
)
TABLES: tuple[type[SQLModel], ...] = (Anchor, Entry, *HISTORY)
