"""What a payment document says: invoices, credit notes and payment certificates as plain values.

Whoever keeps the ledger makes them, and whoever prints them reads them; neither knows the other. Amounts are whole
minor units of the document's currency [cents, pence, yen] and run from the payer to the payee: what is owed back is
below 0.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from payfs.line import Explanation
from payfs.money import Currency

INVOICE, CREDIT_NOTE = "invoice", "credit note"
STATES = ("due", "approved", "disputed", "paid")


@dataclass(frozen=True)
class BilledParty:
    """One side of a bill.

    Attributes:
        name: as the contract has it.
        role: in the contract, in its words.
        address: line by line, as on an envelope; empty where nobody has given it.
        tax_id: number under which it is taxed.
        purchase_order: number of the order that a payer's finance department asks for.
        bank: where it is paid, line by line.
    """

    name: str
    role: str
    address: tuple[str, ...] = ()
    tax_id: str | None = None
    purchase_order: str | None = None
    bank: tuple[str, ...] = ()


@dataclass(frozen=True)
class BilledLine:
    """One amount of a document, and why.

    Attributes:
        position: in its certificate, counted from 1.
        rule: name of the payment rule.
        what: what is paid for, in a sentence or by the rule's name.
        clause: place in the signed contract.
        cohort: name, or None where the contract has none or the rule pays for all together.
        period: name of the period that it is for.
        reported: name of the period in which the result was reported; another one for a correction.
        measured: what the rule's metric came to, as a results file has it; None for a rule without one.
        amount: [minor units]; below 0 it is owed back.
        before: what earlier certificates hold for the same [minor units]; 0 where there is nothing.
        corrects: number of the earlier invoice that this line corrects.
        why: the explanation in one sentence.
        explanation: the explanation as sentences, each with its depth (see :func:`told`).
        unit: of what was measured, in the plural; None where ``measured`` says it or there is none.
        bill: number of the invoice or credit note that this line stands on, where it is known.
    """

    position: int
    rule: str
    what: str
    clause: str | None
    cohort: str | None
    period: str
    reported: str
    measured: str | None
    amount: int
    before: int
    corrects: str | None
    why: str
    explanation: tuple[tuple[int, str], ...]
    unit: str | None = None
    bill: str | None = None


@dataclass(frozen=True)
class BillDocument:
    """An invoice, by which the payee asks the payer for money, or a credit note, by which the payee owes it back.

    Attributes:
        kind: ``invoice``, or ``credit note`` where the total is below 0.
        number: as it is quoted, such as ``DENVER-SIB-0003``.
        issued: day.
        due: day on which it is due; None where the contract does not say.
        due_written: the day as the contract has it, which may be a month.
        contract: name.
        title: of the contract.
        version: of the contract, counted from 1.
        sha256: of the contract's text in that version [hexadecimal].
        currency: of every amount.
        payer: who pays under the contract.
        payee: who is paid under the contract.
        periods: what the lines are for, in words.
        lines: in order.
        total: sum of the lines [minor units].
        state: ``due``, ``approved``, ``disputed`` or ``paid``.
        approved_by: user.
        approved_at: time [ISO 8601, UTC].
        paid_on: day.
        payment_reference: as the bank has it.
        certificate: number of the payment certificate that it was made from.
        receipt: of the ledger entry that made it, by which it is found again.
        dispute_reason: why it is disputed.

    Raises:
        ValueError: the lines do not add up to the total, or kind or state is not one of those above.
    """

    kind: str
    number: str
    issued: datetime.date
    due: datetime.date | None
    due_written: str | None
    contract: str
    title: str
    version: int
    sha256: str
    currency: Currency
    payer: BilledParty
    payee: BilledParty
    periods: str
    lines: tuple[BilledLine, ...]
    total: int
    state: str
    approved_by: str | None
    approved_at: str | None
    paid_on: datetime.date | None
    payment_reference: str | None
    certificate: int
    receipt: str
    dispute_reason: str | None = None

    def __post_init__(self) -> None:
        _refuse_sum(self.lines, self.total)
        if self.kind != (CREDIT_NOTE if self.total < 0 else INVOICE):
            raise ValueError(f"a bill of {self.total} is no {self.kind!r}")
        if self.state not in STATES:
            raise ValueError(f"{self.state!r} is no state of a bill; states are {', '.join(STATES)}")


class BillMade(NamedTuple):
    """A bill that was made from a certificate.

    Attributes:
        kind: ``invoice`` or ``credit note``.
        number: as it is quoted.
        payer: name, as printed.
        payee: name, as printed.
        amount: its total [minor units].
        due: day; None where the contract does not say.
        due_written: the day as the contract has it, which may be a month.
    """

    kind: str
    number: str
    payer: str
    payee: str
    amount: int
    due: datetime.date | None
    due_written: str | None = None


class EvidenceFile(NamedTuple):
    """A file that amounts rest on.

    Attributes:
        kind: ``results`` or ``claims``.
        sha256: of its bytes [hexadecimal].
    """

    kind: str
    sha256: str


@dataclass(frozen=True)
class CertificateDocument:
    """A payment certificate: what verified results came to, line by line, and how each amount was reached.

    Attributes:
        number: in its contract, counted from 1.
        issued: day.
        contract: name.
        title: of the contract.
        version: of the contract under which it was worked out, counted from 1.
        sha256: of the contract's text in that version [hexadecimal].
        currency: of every amount.
        submitted_by: user.
        submitted_at: time [ISO 8601, UTC].
        verified_by: user.
        verified_at: time [ISO 8601, UTC].
        correction_reason: why the verifier changed what was submitted; None where it was left as it was.
        engine: program, version and hash that worked it out.
        evidence: every file that it rests on.
        lines: what is certified now, in order.
        total: sum of the lines [minor units].
        to_date: sum of all certificates of the contract up to this one [minor units].
        bills: made from this certificate.
        receipt: of the ledger entry that made it, by which it is found again.

    Raises:
        ValueError: the lines do not add up to the total.
    """

    number: int
    issued: datetime.date
    contract: str
    title: str
    version: int
    sha256: str
    currency: Currency
    submitted_by: str
    submitted_at: str
    verified_by: str
    verified_at: str
    correction_reason: str | None
    engine: str
    evidence: tuple[EvidenceFile, ...]
    lines: tuple[BilledLine, ...]
    total: int
    to_date: int
    bills: tuple[BillMade, ...]
    receipt: str

    def __post_init__(self) -> None:
        _refuse_sum(self.lines, self.total)


def told(explanation: Explanation, depth: int = 0) -> Iterator[tuple[int, str]]:
    """Read an explanation aloud, from what is paid down to what was measured: each sentence with its depth."""
    clause = f" [{explanation.clause}]" if explanation.clause else ""
    yield depth, f"{explanation.name} = {explanation.amount}{clause}: {explanation.sentence}"
    for part in explanation.parts:
        yield from told(part, depth + 1)


def _refuse_sum(lines: Sequence[BilledLine], total: int) -> None:
    found = sum(line.amount for line in lines)
    if found != total:
        raise ValueError(f"the lines come to {found} minor units, and the total says {total}")
