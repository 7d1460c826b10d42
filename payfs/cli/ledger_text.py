"""A ledger as text of at most 80 columns."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence

from sqlmodel import Session

from payfs.money import Currency, currency
from payfs.report.lines import WIDTH, table, wrapped
from payfs.store.engines import engine_named
from payfs.store.history import (
    BillState,
    bills_of,
    certificates_of,
    payments_of,
    reasons,
    statement_rows,
    story,
    submissions_of,
    versions_of,
)
from payfs.store.members import members
from payfs.store.rows import Bill, ContractRow, Entry
from payfs.store.standing import Overview, days_overdue, overdue, state_totals, waiting, year_totals
from payfs.store.versions import title

Bills = Sequence[tuple[Bill, BillState]]

NOT_BY_WHOM = ("amend", "grant", "revoke")  # steps whose own words do not say who took them


def overview_lines(rows: Sequence[Overview]) -> Iterator[str]:
    """Write each contract with what was certified, approved and paid, and what waits."""
    if not rows:
        yield "You have no role under any contract here."
        yield "Register one: payfs register SPEC; or ask a keeper: payfs grant CONTRACT WHO ROLE"
    for row in rows:
        show = currency(row.currency).show
        yield from wrapped(f"{row.name}, {row.versions} version{'s' if row.versions > 1 else ''}")
        yield f"  certified {show(row.certified)}, approved {show(row.approved)}, paid {show(row.paid)}"
        for what in row.waiting:
            yield from _item(what)


def contract_lines(session: Session, contract: str, today: datetime.date) -> Iterator[str]:
    """Write a contract's versions, members, submissions, certificates, bills, totals, and its history."""
    money = currency(session.get_one(ContractRow, contract).currency)
    bills, entries = bills_of(session, contract), story(session, contract)
    parts = (
        _versions(session, contract, {entry.number: entry.at for entry in entries}),
        _members(session, contract),
        _submissions(session, contract),
        _certificates(session, contract, money),
        _bills(bills, money, today),
        _totals(session, contract, bills, money),
        _payments(session, contract, bills, money),
        _waiting(session, contract, today),
        _history(session, contract, entries),
    )
    named = title(session, contract)
    yield from wrapped(f"{contract}, in {money.code}" + (f": {named}" if named else ""))
    for part in parts:
        lines = list(part)
        if lines:
            yield ""
            yield from lines


def _versions(session: Session, contract: str, at: dict[int, str]) -> Iterator[str]:
    for version in versions_of(session, contract):
        when = f", in force from {version.effective}" if version.effective else ""
        yield from wrapped(f"version {version.number} by {version.by} on {at[version.entry][:10]}{when}", "  ")
        yield f"    SHA-256 {version.sha256}"
        if version.reason:
            yield from wrapped(version.reason, "    ")


def _members(session: Session, contract: str) -> Iterator[str]:
    for member in members(session, contract):
        yield f"  {member.role:10}{member.who}" + (f" for {member.party}" if member.party else "")


def _submissions(session: Session, contract: str) -> Iterator[str]:
    for place, row in enumerate(submissions_of(session, contract)):
        if place == 0:
            yield "Submissions"
        corrected = " as corrected" if row.state == "verified" and row.reason else ""
        judged = f"{corrected} by {row.judged_by}" if row.judged_by else ""
        yield from wrapped(f"{row.number}: {row.covers}, by {row.by} on {row.at[:10]}; {row.state}{judged}", "  ")
        if row.reason:
            yield from wrapped(row.reason, "     ")


def _certificates(session: Session, contract: str, money: Currency) -> Iterator[str]:
    made = certificates_of(session, contract)
    if not made:
        return
    yield "Payment certificates"
    head = ("no.", "date", "submission", "version", "certified", "to date")
    cells = [
        (
            str(one.number),
            one.at[:10],
            str(one.submission),
            str(one.version),
            *map(money.show, (one.total, one.to_date)),
        )
        for one in made
    ]
    yield from fitted(head, cells, (0, 2, 3, 4, 5))
    for program in dict.fromkeys(engine_named(session, one.engine) for one in made):
        yield from wrapped(f"worked out by {program}", "  ")


def _bills(bills: Bills, money: Currency, today: datetime.date) -> Iterator[str]:
    if not bills:
        return
    yield "Invoices and credit notes"
    cells = []
    for bill, state in bills:
        stands = f"{'repaid' if bill.amount < 0 else 'paid'} {state.paid_on}" if state.state == "paid" else state.state
        due = bill.due_written or "no date"
        cells.append((str(bill.number), bill.kind, bill.payer, due, stands, money.show(bill.amount)))
    yield from fitted(("no.", "kind", "payer", "due", "state", "amount"), cells, (0, 5))
    total = sum(bill.amount for bill, _ in bills)
    paid = sum(bill.amount for bill, state in bills if state.state == "paid")
    yield f"  {money.show(total)} certified, {money.show(paid)} paid"
    for bill, state in bills:
        late = days_overdue(bill, state, today)
        if late is not None:
            yield from wrapped(f"{bill.kind} {bill.number}: {overdue(bill, late)}", "  ")


def _totals(session: Session, contract: str, bills: Bills, money: Currency) -> Iterator[str]:
    years = year_totals(statement_rows(session, contract))
    if not years:
        return
    yield "By payer and fiscal year"
    cells = [
        (one.payer, one.fiscal_year, *map(money.show, (one.certified, one.paid, one.certified - one.paid)))
        for one in years
    ]
    yield from fitted(("payer", "fiscal year", "certified", "paid", "not yet paid"), cells, (2, 3, 4))
    if bills:
        yield ""
        yield "By state"
        states = [(one.state, str(one.number), money.show(one.amount)) for one in state_totals(bills)]
        yield from fitted(("state", "number", "amount"), states, (1, 2))


def _payments(session: Session, contract: str, bills: Bills, money: Currency) -> Iterator[str]:
    named = {bill.number: f"{bill.kind} {bill.number}" for bill, _ in bills}
    for place, made in enumerate(payments_of(session, contract)):
        if place == 0:
            yield "Payments"
        amount = money.show(made.amount)
        text = f"{made.paid_on}: {amount} for {named[made.bill]}, reference {made.reference}, recorded by {made.by}"
        back = f"; came back on {made.came_on}: {made.reason}" if made.came_on else ""
        yield from wrapped(text + back, "  ")


def _waiting(session: Session, contract: str, today: datetime.date) -> Iterator[str]:
    for what in waiting(session, contract, today):
        yield from _item(what)


def _history(session: Session, contract: str, entries: Sequence[Entry]) -> Iterator[str]:
    why = reasons(session, contract)
    yield "History"
    for entry in entries:
        who = f", by {entry.by}" if entry.step in NOT_BY_WHOM else ""
        reason = f": {why[entry.number]}" if entry.number in why else ""
        at = entry.at[:16].replace("T", " ")
        yield from wrapped(f"{entry.number}, {at} UTC: {entry.text}{who}{reason}", "  ")


def _item(text: str) -> Iterator[str]:
    """Write one item of a list: only its first line has a dash, so that nobody counts two."""
    first, *more = wrapped(text, "    ")
    yield f"  - {first[4:]}"
    yield from more


def fitted(header: Sequence[str], rows: Sequence[Sequence[str]], right: Iterable[int]) -> Iterator[str]:
    """Set rows in columns; where these are wider than 80 columns together, each row as a paragraph."""
    lines = list(table(header, rows, right))
    if max(map(len, lines)) <= WIDTH:
        yield from lines
        return
    for row in rows:
        yield from wrapped("; ".join(f"{name} {cell}" for name, cell in zip(header, row, strict=True)), "  ")
