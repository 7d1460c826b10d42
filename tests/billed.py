"""Documents made for tests: of a payment that was really made, and of any amounts."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import replace
from functools import cache
from pathlib import Path

from payfs.billing import BillDocument, BilledLine, BilledParty, BillMade, CertificateDocument, EvidenceFile, told
from payfs.contract import Contract, load
from payfs.evidence.results import read_results
from payfs.money import currency
from payfs.payments import Payment, pay

SPECS = Path(__file__).parent.parent / "contract_specs"
RESULTS = SPECS / "results" / "denver-sib.csv"
DAY = datetime.date(2018, 10, 12)
RECEIPT = "17:" + hashlib.sha256(b"entry 17").hexdigest()
CITY = BilledParty(
    "City and County of Denver", "outcome payer",
    ("Department of Finance", "201 West Colfax Avenue", "Denver, CO 80202"), purchase_order="PO-2018-00417",
)  # fmt: skip
ENTERPRISE = BilledParty(
    "Enterprise Community Partners", "fiscal agent", ("11000 Broken Land Parkway", "Columbia, MD 21044"),
    "52-0000000", None, ("Example Bank, Columbia MD", "Routing 000000000, account 0000000000"),
)  # fmt: skip


def line_of(payment: Payment, contract: Contract, position: int = 1) -> BilledLine:
    """The line that a payment becomes when nothing was certified for it before."""
    rule = contract.rule(payment.rule)
    scale = contract.frame.scales[rule.metric or payment.rule]
    return BilledLine(
        position, payment.rule, rule.what or payment.rule, rule.clause, payment.cohort, payment.period,
        payment.reported, payment.measured, payment.amount, 0, None, payment.why, tuple(told(payment.explanation)),
        None if scale.percent else scale.plural,
    )  # fmt: skip


@cache
def denver() -> tuple[BillDocument, CertificateDocument]:
    """Denver's second payment, which was made in November 2018, from the contract and its results file."""
    contract = load(str(SPECS / "denver-sib.yaml"))
    account = pay(contract, read_results(str(RESULTS), contract.frame))
    (payment,) = (payment for payment in account.payments if payment.period == "payment 2")
    line = line_of(payment, contract)
    bill = BillDocument(
        "invoice", "DENVER-SIB-0001", DAY, payment.due, payment.due_written, contract.name, contract.spec.title, 1,
        contract.sha256, contract.money, CITY, ENTERPRISE, "payment 2 (1 January 2016 to 30 June 2018)", (line,),
        line.amount, "approved", "ruth.okafor", "2018-10-15T09:30:12Z", None, None, 1, RECEIPT,
    )  # fmt: skip
    made = BillMade("invoice", bill.number, CITY.name, ENTERPRISE.name, line.amount, payment.due, payment.due_written)
    evidence = (EvidenceFile("results", hashlib.sha256(RESULTS.read_bytes()).hexdigest()),)
    certificate = CertificateDocument(
        1, DAY, contract.name, contract.spec.title, 1, contract.sha256, contract.money, "ana.lopez",
        "2018-10-02T15:04:00Z", "urban.kim", "2018-10-11T17:45:30Z", None,
        f"payfs 0.1.0 (source SHA-256 {hashlib.sha256(b'payfs').hexdigest()})", evidence,
        (replace(line, bill=bill.number),), line.amount, line.amount, (made,), RECEIPT,
    )  # fmt: skip
    return bill, certificate


def made_line(position: int, amount: int, **changes: object) -> BilledLine:
    """A line like any other."""
    line = BilledLine(
        position, "places", "A price for every place filled", "Sch. 3 §2.1", "north", f"2018 Q{position % 4 + 1}",
        f"2018 Q{position % 4 + 1}", "12", amount, 0, None, "12 places at a price",
        ((0, f"places = {amount}: within the limit"), (1, "price: 12 places at a price for each place")), "places",
    )  # fmt: skip
    return replace(line, **changes)  # type: ignore[arg-type]


def made_bill(*lines: BilledLine, code: str = "USD", **changes: object) -> BillDocument:
    """A bill of these lines; a credit note if they come to less than nothing."""
    bill, total = denver()[0], sum(line.amount for line in lines)
    kind = "credit note" if total < 0 else "invoice"
    changed = {"lines": lines, "total": total, "kind": kind, "currency": currency(code), **changes}
    return replace(bill, **changed)  # type: ignore[arg-type]


def made_certificate(*lines: BilledLine, code: str = "USD", **changes: object) -> CertificateDocument:
    """A certificate of these lines."""
    certificate, total = denver()[1], sum(line.amount for line in lines)
    changed = {"lines": lines, "total": total, "to_date": total, "currency": currency(code), **changes}
    return replace(certificate, **changed)  # type: ignore[arg-type]


def correction(position: int, amount: int, before: int) -> BilledLine:
    """A line that takes back a part of what an earlier invoice asked for."""
    return made_line(
        position, amount, before=before, corrects="DENVER-SIB-0001", reported="2019 Q1", period="2018 Q2",
        why="corrected in 2019 Q1",
    )  # fmt: skip


def long_bill(count: int) -> BillDocument:
    """A bill of many lines with corrections among them."""
    return made_bill(
        *(correction(n, -n * 100, n * 1000) if n % 7 == 0 else made_line(n, n * 12_345) for n in range(1, count + 1))
    )
