"""What is due now: what is due in all on everything verified, less what was certified before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from payfs.contract import Contract
from payfs.line import Explanation
from payfs.payments import Account, Listed, listed, work_out
from payfs.payments import Payment as Paid
from payfs.spec import quoted
from payfs.store.chain import canonical
from payfs.store.evidence import Handed, evidence_on_files, verified_files
from payfs.store.rows import Certificate, CertificateLine, File
from payfs.store.versions import Kept
from payfs.text import Finding

MOST_MOVED = 20  # of what an amendment would change that is told
KEY = ("rule", "payer", "payee", "cohort", "period", "reported")  # what a payment is for
Key = tuple[str, str, str, str | None, str, str]


class Certified(NamedTuple):
    """What certificates hold of one payment so far.

    Attributes:
        amount: in all [minor units].
        fiscal_year: of the last line on it.
        bill: the id of the last bill that it was on; None where it was on none.
    """

    amount: int
    fiscal_year: str
    bill: int | None


class Due(NamedTuple):
    """What is due now.

    Attributes:
        version: the contract under which.
        files: the evidence, in order.
        to_date: everything that is due in all [minor units].
        lines: columns of the lines of a certificate.
    """

    version: Kept
    files: tuple[File, ...]
    to_date: int
    lines: list[dict[str, Any]]

    @property
    def total(self) -> int:
        """What is due now [minor units]."""
        return sum(line["amount"] for line in self.lines)


class Line(NamedTuple):
    """What a line of a certificate is for, and its amount; its words are not read where nobody asks for them."""

    rule: str
    payer: str
    payee: str
    cohort: str | None
    period: str
    reported: str
    fiscal_year: str
    amount: int
    bill: int | None


def lines_of(session: Session, contract: str, before: int | None = None) -> list[Line]:
    """Return every line of a contract's certificates, in order.

    Args:
        session: to read with.
        contract: name.
        before: the first certificate that is left out, by its id; None for all of them.
    """
    columns = [col(getattr(CertificateLine, name)) for name in Line._fields]
    query = select(*columns).where(CertificateLine.contract == contract).order_by(col(CertificateLine.id))
    if before is not None:
        query = query.where(CertificateLine.certificate < before)
    return [Line(*row) for row in session.execute(query)]


def certified(lines: Iterable[Line]) -> dict[Key, Certified]:
    """Return what certificates hold, by payment."""
    held: dict[Key, Certified] = {}
    for line in lines:
        key: Key = line.rule, line.payer, line.payee, line.cohort, line.period, line.reported
        earlier = held.get(key)
        amount, bill = (earlier.amount, earlier.bill) if earlier else (0, None)
        held[key] = Certified(amount + line.amount, line.fiscal_year, bill if line.bill is None else line.bill)
    return held


def due_now(session: Session, version: Kept, files: tuple[File, ...], before: int | None = None) -> Due:
    """Work out what is due now.

    Args:
        session: to read with.
        version: the contract.
        files: the evidence.
        before: the certificate that is being made again, by its id; None for the next one.

    Raises:
        Refused: what cannot be worked out.
    """
    contract = version.contract
    evidence = evidence_on_files(contract, version.row.text, files)
    account = Account(contract, (), work_out(contract, evidence), evidence)
    due = by_key(account)
    lines = list(_lines(account, due, certified(lines_of(session, version.row.contract, before))))
    return Due(version, files, sum(one.amount for parts in due.values() for one in parts), lines)


def by_key(account: Account) -> dict[Key, list[Listed]]:
    """Return payments by what they are for; of what is paid in parts, such as a holdback, all parts."""
    due: dict[Key, list[Listed]] = {}
    for one in listed(account.contract, account.statement, account.evidence):
        due.setdefault(one.key, []).append(one)
    return due


def amounts_to_date(contract: Contract, text: str, files: Iterable[File | Handed]) -> dict[Key, int]:
    """Work out what each payment comes to in all [minor units].

    Raises:
        Refused: everything that is wrong with a file, or what cannot be worked out.
    """
    evidence = evidence_on_files(contract, text, files)
    due = by_key(Account(contract, (), work_out(contract, evidence), evidence))
    return {key: sum(one.amount for one in parts) for key, parts in due.items()}


def _lines(account: Account, due: dict[Key, list[Listed]], held: dict[Key, Certified]) -> Iterator[dict[str, Any]]:
    show = account.contract.money.show
    order = {period.name: place for place, period in enumerate(account.contract.periods)}
    billed = {key[:5]: one.bill for key, one in held.items() if one.bill is not None}  # whenever it was reported
    for key in sorted(due, key=lambda key: (order[key[5]], key[0], key[1], key[3] or "", order[key[4]], key[2])):
        before = held.get(key)
        amount = sum(one.amount for one in due[key]) - (before.amount if before else 0)
        if before is not None and amount == 0:
            continue  # and what nobody reads is not explained
        payment = _together([one.payment() for one in due[key]])
        why, day, written = payment.why, payment.due, payment.due_written
        if before is not None:
            why += f" — {show(before.amount)} was certified for this before, so {show(amount)} is due now"
            day, written = None, None  # the contract's day was for what was certified then
        yield {
            **dict(zip(KEY, key, strict=True)),
            "measured": payment.measured,
            "due": day.isoformat() if day else None,
            "due_written": written,
            "fiscal_year": account.fiscal_year(payment),
            "amount": amount,
            "before": before.amount if before else 0,
            "corrects": billed.get(key[:5]),
            "why": why,
            "explanation": canonical(as_tree(payment.explanation)),
        }
    for key, before in held.items():
        if key not in due and before.amount:
            why = f"on what is verified now nothing is due for this — {show(before.amount)} was certified for it before"
            nothing = {"name": key[0], "amount": show(-before.amount), "sentence": why, "clause": "", "parts": []}
            yield {
                **dict(zip(KEY, key, strict=True)),
                "measured": None,
                "due": None,
                "due_written": None,
                "fiscal_year": before.fiscal_year,
                "amount": -before.amount,
                "before": before.amount,
                "corrects": before.bill,
                "why": why,
                "explanation": canonical(nothing),
            }


def _together(payments: list[Paid]) -> Paid:
    """Return what is paid for the same in parts as one payment."""
    first = payments[0]
    if len(payments) == 1:
        return first
    why = " — ".join(dict.fromkeys(payment.why for payment in payments))
    parts = tuple(payment.explanation for payment in payments)
    total = sum(payment.amount for payment in payments)
    return first._replace(amount=total, why=why, explanation=Explanation(first.rule, "", why, "", parts))


def as_tree(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as plain data."""
    return {
        "name": explanation.name,
        "amount": explanation.amount,
        "sentence": explanation.sentence,
        "clause": explanation.clause,
        "parts": [as_tree(part) for part in explanation.parts],
    }


def moved(session: Session, contract: str, amended: Contract) -> list[Finding]:
    """Find what was certified and would come to something else under an amended text.

    Raises:
        Refused: what was verified cannot be read or worked out under it.
    """
    if session.exec(select(Certificate.id).where(Certificate.contract == contract).limit(1)).first() is None:
        return []
    now = amounts_to_date(amended, amended.text, verified_files(session, contract))
    held = certified(lines_of(session, contract))
    found = []
    for key in dict.fromkeys((*held, *now)):
        before, after = held[key].amount if key in held else 0, now.get(key, 0)
        if before != after:
            show = amended.money.show
            of = f" of {key[3]}" if key[3] else ""
            found.append(
                Finding(
                    f"{quoted(key[0])} for {key[4]}{of} was certified at {show(before)}, and would be {show(after)}",
                    "write what changes under amendments, with the day or period from which it holds",
                    file=amended.file,
                )
            )
    return found[:MOST_MOVED]
