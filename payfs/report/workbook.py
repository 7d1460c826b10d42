"""A contract and its payments as a workbook: every line, sums, the calendar, and a sheet that can be worked with."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from payfs import __version__
from payfs.contract import Contract
from payfs.payments import Account
from payfs.periods import read_day
from payfs.report.chapters import EXAMPLES, chapters, verdicts
from payfs.report.excel import Book, Sheet
from payfs.report.live import live
from payfs.report.live_sheet import live_sheet
from payfs.report.phrases import Item, Rows, full_stop, listed
from payfs.report.schedule import NOT_KNOWN, schedule
from payfs.report.tables import Amount, Cell, Table, table_of

LETTER = frozenset({"USD", "CAD"})
NO_RESULTS = "No results were given, so there are no payments here: name a results file, and they are added."


def workbook(contract: Contract, account: Account | None = None, draft: str = "") -> bytes:
    """Write a contract as a workbook; the same contract and payments give the same bytes.

    Args:
        contract: the contract.
        account: its payments on what was reported; without them the workbook has none.
        draft: of which draft it is what version, said at its head and at the foot of every page that is printed;
            nothing of a contract that is more than a draft.
    """
    title = f"{full_stop(draft)} {contract.spec.title}" if draft else contract.spec.title
    book = Book(title, contract.money.code in LETTER)
    _summary(book.sheet("Summary"), contract, account, draft)
    if account is not None:
        for name, table in payment_tables(account).items():
            _sheet(book, name, table)
    live_sheet(book.sheet("Quantity times price"), live(contract, account), account)
    _sheet(book, "Schedule", schedule(contract))
    examples = _examples(contract)
    if examples.cells:
        _sheet(book, "Worked examples", examples)
    return book.written()


def payment_tables(account: Account) -> dict[str, Table]:
    """Return payments as tables: line by line, by date, and by fiscal year and payer."""
    return {
        "Statement lines": _lines(account),
        "Payments by date": _by_date(account),
        "By fiscal year and payer": _by_year(account),
    }


def _sheet(book: Book, name: str, table: Table) -> None:
    sheet = book.sheet(name)
    sheet.table(0, table)
    sheet.finish(0)


def _summary(sheet: Sheet, contract: Contract, account: Account | None, draft: str) -> None:
    spec, money = contract.spec, contract.money
    sheet.heading(0, spec.title)
    facts: list[tuple[str, Cell]] = [
        ("Contract", spec.contract),
        *([("Standing", draft)] if draft else []),
        ("SHA-256 of its text", contract.sha256),
        ("Made by", f"payfs {__version__}"),
        ("Currency", money.code),
    ]
    if account is not None:
        facts.append(("Paid in all", Amount(account.total, money)))
    row = 2
    for label, cell in facts:
        sheet.text(row, 0, label, bold=True)
        sheet.put(row, 1, cell, align="left")
        row += 1
    row += 1
    if spec.summary:
        sheet.note(row, full_stop(spec.summary))
        row += 2
    parties = [(party.name, listed(party.role), name) for name, party in spec.parties.items()]
    row = sheet.table(row, table_of(("Party", "Role", "Key"), parties)) + 1
    if account is None:
        sheet.note(row, NO_RESULTS)
        sheet.finish()
        return
    for by in ("rule", "payer", "fiscal year"):
        sums = account.sums(by)
        names = {key: spec.parties[key].name if by == "payer" else key.replace("_", " ") for key in sums}
        rows = [(names[key], Amount(amount, money)) for key, amount in sums.items()]
        row = sheet.table(row, table_of((f"By {by}", "Paid"), [*rows, ("In all", Amount(account.total, money))])) + 1
    cut = [
        (rule.replace("_", " "), limit.replace("_", " "), Amount(amount, money))
        for (rule, limit), amount in account.unpaid().items()
    ]
    if cut:
        sheet.table(row, table_of(("Cut off: rule", "By the limit", "Not paid"), cut))
    sheet.finish()


def _lines(account: Account) -> Table:
    money, parties = account.contract.money, account.contract.spec.parties
    columns = ("Rule", "Clause", "Payer", "Payee", "Cohort", "Period", "Reported", "Measured", "Due", "Fiscal year")
    rows: list[list[Cell]] = []
    for payment in account.payments:
        rule = account.contract.spec.rules.get(payment.rule)
        payee = parties[payment.payee].name if payment.payee in parties else payment.payee
        rows.append(
            [
                payment.rule.replace("_", " "),
                (rule.clause if rule is not None else None) or "",
                parties[payment.payer].name,
                payee,
                (payment.cohort or "").replace("_", " "),
                payment.period.replace("_", " "),
                payment.reported.replace("_", " "),
                payment.measured or "",
                payment.due if payment.due is not None else NOT_KNOWN,
                account.fiscal_year(payment),
                Amount(payment.amount, money),
                payment.why,
            ]
        )
    return table_of((*columns, "Amount", "Why"), rows)


def _by_date(account: Account) -> Table:
    """Add payments up by the day on which they are due, with what they come to until then."""
    money = account.contract.money
    known: dict[tuple[datetime.date, str], int] = {}
    unknown: list[int] = []
    for payment in account.payments:
        if payment.due is None:
            unknown.append(payment.amount)
            continue
        day = (payment.due, str(read_day(payment.due_written or payment.due.isoformat())))
        known[day] = known.get(day, 0) + payment.amount
    rows: list[tuple[Cell, ...]] = []
    so_far = 0
    for (due, said), amount in sorted(known.items()):
        so_far += amount
        rows.append((due, said, Amount(amount, money), Amount(so_far, money)))
    if unknown:
        rows.append((NOT_KNOWN, NOT_KNOWN, Amount(sum(unknown), money), Amount(so_far + sum(unknown), money)))
    return table_of(("Due", "As the contract says it", "Paid", "Paid so far"), rows)


def _by_year(account: Account) -> Table:
    """Add payments up by fiscal year and payer."""
    money, parties = account.contract.money, account.contract.spec.parties
    payers = list(account.sums("payer"))
    sums: dict[tuple[str, str], int] = {}
    for payment in account.payments:
        key = (account.fiscal_year(payment), payment.payer)
        sums[key] = sums.get(key, 0) + payment.amount
    years = sorted(dict.fromkeys(year for year, _ in sums), key=lambda year: (year.endswith(NOT_KNOWN), year))
    rows: list[tuple[Cell, ...]] = []
    for year in years:
        amounts = [sums.get((year, payer), 0) for payer in payers]
        rows.append((year, *(Amount(amount, money) for amount in [*amounts, sum(amounts)])))
    whole = [*account.sums("payer").values(), account.total]
    rows.append(("In all", *(Amount(amount, money) for amount in whole)))
    return table_of(("Fiscal year", *(parties[payer].name for payer in payers), "In all"), rows)


def _examples(contract: Contract) -> Table:
    """List worked examples: what is given and expected, and whether it holds."""
    said = next((chapter.blocks for chapter in chapters(contract) if chapter.title == EXAMPLES), ())
    rows = [
        (number, block.heading, " ".join(_flat(block.body)), verdict)
        for number, (block, verdict) in enumerate(zip(said, verdicts(contract), strict=True), 1)
    ]
    return table_of(("Number", "Example", "Given, and expected", "Does it hold?"), rows)


def _flat(body: tuple[Item, ...]) -> Iterator[str]:
    for item in body:
        if isinstance(item, Rows):
            yield "; ".join(f"{first}: {second}" for first, second in item.rows) + "."
        elif item:
            yield item
