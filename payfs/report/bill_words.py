"""What bills and payment certificates say, in words: the same for a terminal and for paper.

Every text is made visible here once: a character that nobody sees, or that turns the order of the text around, is
written as ``‹U+202E›``. Data (``bill_data``) keeps texts as they are.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from payfs.billing import CREDIT_NOTE, BillDocument, BilledLine, BilledParty, BillMade, CertificateDocument
from payfs.money import Currency
from payfs.periods import Day, read_day

NO_DATE = "no date is said in the contract"
NO_TAX = "Amounts are what the contract comes to. No tax is worked out or added."
NO_BANK = "No bank details have been given; ask for them before paying."
BY_NUMBER = (
    "‹U+…› stands for a character that cannot be seen or that this document's letters do not have, by its number in "
    "Unicode. The document as data has the character itself."
)

STATE = {
    "due": "Not yet approved",
    "approved": "Approved, not yet paid",
    "disputed": "Disputed",
    "paid": "Paid",
}

# empty to the eye although Unicode counts them as letters, symbols or marks
_EMPTY = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")

Fact = tuple[str, str]
"""A label and what stands beside it."""


@dataclass(frozen=True)
class PartyWords:
    """One side of a bill: what it is on this document, its name, and what else is known of it."""

    side: str
    name: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class LineWords:
    """One amount: what for, further facts, the cells of its row, and the sentences that explain it with their depth."""

    position: str
    what: str
    notes: tuple[str, ...]
    cohort: str
    period: str
    measured: str
    amount: str
    explanation: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class BillWords:
    """An invoice or a credit note."""

    kind: str
    number: str
    issued: str
    says: str
    asked: str
    owed: str
    total: str
    due: str
    state: str
    currency: str
    payee: PartyWords
    payer: PartyWords
    facts: tuple[Fact, ...]
    lines: tuple[LineWords, ...]
    bank_of: str
    bank: tuple[str, ...]
    notes: tuple[str, ...]
    receipt: str


@dataclass(frozen=True)
class CertificateWords:
    """A payment certificate."""

    kind: str
    number: str
    issued: str
    says: str
    total: str
    to_date: str
    currency: str
    facts: tuple[Fact, ...]
    lines: tuple[LineWords, ...]
    bills: tuple[tuple[str, str, str, str, str, str], ...]  # kind, number, who owes, whom, due, amount
    evidence: tuple[Fact, ...]
    notes: tuple[str, ...]
    receipt: str


def bill_words(bill: BillDocument) -> BillWords:
    """Put an invoice or a credit note into words."""
    money, back = bill.currency, bill.kind == CREDIT_NOTE
    owes, owed = (bill.payee, bill.payer) if back else (bill.payer, bill.payee)
    amount, paid = money.show(abs(bill.total)), bill.state == "paid"
    does = ("has paid" if paid else "owes", " back" if back else "")
    facts = [
        *_happened(bill),
        ("Contract", f"{visible(bill.title)} ({visible(bill.contract)})"),
        ("Version", f"{bill.version}, text with SHA-256 {visible(bill.sha256)}"),
        ("Purchase order", visible(bill.payer.purchase_order or "none given")),
        ("Period", visible(bill.periods)),
        ("Certificate", f"payment certificate {bill.certificate} explains every line"),
        ("Ledger receipt", visible(bill.receipt)),
    ]
    return BillWords(
        kind=bill.kind.capitalize(),
        number=visible(bill.number),
        issued=day(bill.issued),
        says=f"{visible(owes.name)} {does[0]} {visible(owed.name)} {amount}{does[1]}.",
        asked=("Paid back" if back else "Paid") if paid else "Owed back" if back else "Amount due",
        owed=amount,
        total=money.show(bill.total),
        due=_due(bill.due),
        state=STATE[bill.state] + (" back" if back and paid else ""),
        currency=money.code,
        payee=_party(bill.payee, "From"),
        payer=_party(bill.payer, "To"),
        facts=tuple(facts),
        lines=tuple(_line(line, money, *([line.why] if line.amount == 0 else ())) for line in bill.lines),
        bank_of=f"Bank details of {visible(owed.name)}",
        bank=_lines(owed.bank) or (NO_BANK,),
        notes=(NO_TAX,),
        receipt=visible(bill.receipt),
    )


def certificate_words(certificate: CertificateDocument) -> CertificateWords:
    """Put a payment certificate into words."""
    money = certificate.currency
    changed = certificate.correction_reason
    facts = [
        ("Contract", f"{visible(certificate.title)} ({visible(certificate.contract)})"),
        ("Version", f"{certificate.version}, text with SHA-256 {visible(certificate.sha256)}"),
        ("Submitted", f"by {visible(certificate.submitted_by)} on {_time(certificate.submitted_at)}"),
        ("Verified", f"by {visible(certificate.verified_by)} on {_time(certificate.verified_at)}"),
        ("Changed", "nothing; verified as submitted" if changed is None else f"by the verifier: {visible(changed)}"),
        ("Engine", visible(certificate.engine)),
        ("Ledger receipt", visible(certificate.receipt)),
    ]
    total, to_date = money.show(certificate.total), money.show(certificate.to_date)
    lower = certificate.total < 0
    return CertificateWords(
        kind="Payment certificate",
        number=str(certificate.number),
        issued=day(certificate.issued),
        says=f"The verified results come to {total} now and to {to_date} to date."
        + (" The amount now is below zero: it is owed back." if lower else ""),
        total=total,
        to_date=to_date,
        currency=money.code,
        facts=tuple(facts),
        lines=tuple(
            _line(line, money, *([f"Stands on {line.bill}."] if line.bill else ())) for line in certificate.lines
        ),
        bills=tuple(_made(made, money) for made in certificate.bills),
        evidence=tuple((visible(kind), visible(sha256)) for kind, sha256 in certificate.evidence),
        notes=("Amounts run from payer to payee; what is below zero is owed back.",),
        receipt=visible(certificate.receipt),
    )


def visible(text: str) -> str:
    """Return a text on one line with every character to be seen, and in the order in which it is written."""
    spaced = re.sub(r"[\t\r\n\v\f\x1c-\x1f\x85\u2028\u2029]+", " ", text)
    return "".join(coded(letter) if _unseen(letter) else letter for letter in spaced)


def coded(letter: str) -> str:
    """Write a character by its number: ``‹U+202E›``."""
    return f"‹U+{ord(letter):04X}›"


def has_coded(text: str) -> bool:
    """Whether a character is written by its number in a text."""
    return "‹U+" in text


def day(date: datetime.date) -> str:
    """Write a date in plain English: ``31 October 2017``."""
    return str(Day.on(date))


def _unseen(letter: str) -> bool:
    return unicodedata.category(letter)[0] == "C" or _EMPTY.match(letter) is not None


def _due(due: datetime.date | None) -> str:
    return NO_DATE if due is None else day(due)


def _said_due(written: str) -> str:
    """Write a day as the contract has it, which may be no more exact than a month or a year."""
    try:
        return str(read_day(written))
    except ValueError:
        return visible(written)


def _time(at: str | None) -> str:
    """Write a time [ISO 8601] in plain English, to the minute and in UTC."""
    if at is None:
        return "a day not kept"
    try:
        read = datetime.datetime.fromisoformat(at)
    except ValueError:
        return visible(at)
    read = read.replace(tzinfo=datetime.UTC) if read.tzinfo is None else read.astimezone(datetime.UTC)
    return f"{day(read.date())}, {read:%H:%M} UTC"


def _happened(bill: BillDocument) -> Iterator[Fact]:
    """Say how the contract writes the day where it is less exact, and what has been done about the bill."""
    if bill.due is not None and bill.due_written is not None and _said_due(bill.due_written) != day(bill.due):
        yield "Contract says", f"due {_said_due(bill.due_written)}"
    if bill.approved_by is not None:
        yield "Approved", f"by {visible(bill.approved_by)} on {_time(bill.approved_at)}"
    if bill.dispute_reason is not None or bill.state == "disputed":
        yield "Disputed", visible(bill.dispute_reason or "no reason given")
    if bill.state == "paid":
        on = f"on {day(bill.paid_on)}" if bill.paid_on else "on a day not kept"
        yield "Paid", on + (f", reference {visible(bill.payment_reference)}" if bill.payment_reference else "")


def _made(made: BillMade, money: Currency) -> tuple[str, str, str, str, str, str]:
    """Say of a bill that was made who owes whom: by a credit note the payee owes the payer."""
    owes, owed = (made.payee, made.payer) if made.kind == CREDIT_NOTE else (made.payer, made.payee)
    kind, number = made.kind.capitalize(), visible(made.number)
    return kind, number, visible(owes), visible(owed), _due(made.due), money.show(made.amount)


def _party(party: BilledParty, side: str) -> PartyWords:
    facts = [("Role", visible(party.role))]
    facts += [("Address" if place == 0 else "", line) for place, line in enumerate(_lines(party.address))]
    facts += [("Tax id", visible(party.tax_id))] if party.tax_id else []
    return PartyWords(side, visible(party.name), tuple(facts))


def _lines(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(visible(line) for line in lines)


def _line(line: BilledLine, money: Currency, *more: str) -> LineWords:
    named = [] if line.what == line.rule else [line.rule]  # a rule of which no more is said than its name
    clause = [f"[{line.clause}]"] if line.clause else []
    notes = [" ".join(named + clause)] if named or clause else []
    if line.reported != line.period:
        notes.append(f"Reported in {line.reported}.")
    if line.corrects is not None:
        notes.append(f"Corrects invoice {line.corrects}.")
    if line.before or line.corrects is not None:
        before, now = money.show(line.before), money.show(line.before + line.amount)
        notes.append(f"Certified before: {before}; in all now: {now}.")
    return LineWords(
        position=str(line.position),
        what=visible(line.what),
        notes=tuple(visible(note) for note in (*notes, *more)),
        cohort=visible(line.cohort or ""),
        period=visible(line.period),
        measured=visible(_measured(line)),
        amount=money.show(line.amount),
        explanation=tuple((depth, visible(sentence)) for depth, sentence in line.explanation),
    )


def _measured(line: BilledLine) -> str:
    if line.measured is None:
        return ""
    number = re.fullmatch(r"(-?)([0-9]+)(\.[0-9]+)?", line.measured)
    measured = f"{number[1]}{int(number[2]):,}{number[3] or ''}" if number else line.measured
    return f"{measured} {line.unit}" if line.unit else measured
