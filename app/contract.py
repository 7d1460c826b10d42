"""One contract's own page: what it says, its dates, what was or would be paid, and why."""

from __future__ import annotations

import streamlit as st

from app.parts.begun import begun
from app.parts.chosen import DRAFT, LEDGER, Chosen, choose
from app.parts.english import draw_chapters, read_aloud
from app.parts.kept import Kept
from app.parts.ledger import ledger
from app.parts.person import person
from app.parts.pictures import picture
from app.parts.places import head, link
from app.parts.taken import take_away
from app.parts.told import lines, plain, show, table
from payfs.contract import Contract
from payfs.drafting.draft import read_draft
from payfs.payments import Account, Payment, pay
from payfs.report.annex import annex
from payfs.report.charts import payments_by
from payfs.report.schedule import schedule
from payfs.report.statement_text import explanation_lines
from payfs.report.workbook import workbook
from payfs.store.evidence import evidence_on_files, verified_files
from payfs.store.members import looking
from payfs.store.versions import current
from payfs.text import Refused

VERIFIED = "what was verified so far"
TABS = ("In plain English", "Dates", "Payments and why", "Worked examples", "Take away")
SECONDS = 4.0  # after which no further worked example is begun


def page() -> None:
    """Draw the page."""
    head("contract")
    chosen = choose()
    contract = chosen.sound()
    st.header(plain(contract.spec.title), anchor=False)
    st.caption(plain(f"{chosen.name}, {chosen.where}"))
    _ways(chosen)
    english, dates, payments, examples, away = st.tabs(TABS, key="tab", bind="query-params")
    if english.open:
        with english:
            draw_chapters(read_aloud(chosen.text, contract, chosen.draft))
    if dates.open:
        with dates:
            days = schedule(contract)
            table(days.columns, days.rows, what="When results are measured and payments are due")
    if payments.open:
        with payments:
            _payments(chosen, contract)
    if examples.open:
        with examples:
            _examples(chosen)
    if away.open:
        with away:
            take_away("Payment annex (Word)", f"{chosen.name}.docx", lambda: annex(contract, chosen.draft))
            take_away("Workbook (Excel)", f"{chosen.name}.xlsx", lambda: workbook(contract, draft=chosen.draft))
            take_away("The contract file (YAML)", f"{chosen.name}.yaml", chosen.text.encode())


def _ways(chosen: Chosen) -> None:
    """Draw where one goes on from here."""
    with st.container(horizontal=True):
        link("draft", "Go on with this draft" if chosen.ref.startswith(DRAFT) else "Draft", contract=chosen.ref)
        link("scenarios", "Scenarios", contract=chosen.ref)
        link("simulate", "Simulate", contract=chosen.ref)
        link("compare", "Compare", a=chosen.ref)
        if chosen.ref.startswith(LEDGER):
            link("track", "Track and pay", contract=chosen.ref)


def _payments(chosen: Chosen, contract: Contract) -> None:
    """Draw what is paid on results that are at hand, and why."""
    found = begun(chosen, contract)
    options = ([VERIFIED] if chosen.ref.startswith(LEDGER) else []) + list(found)
    if not options:
        st.info("No results are at hand. Type or upload some on the page Scenarios, and see what they come to.")
        link("scenarios", "Scenarios", contract=chosen.ref)
        return
    kept = Kept("contract", chosen.ref)
    on = kept.choice("On which results", "results", options) or options[0]
    try:
        account = _verified(chosen.name) if on == VERIFIED else pay(contract, found[on])
    except Refused as refused:
        show(refused, "What these results come to cannot be worked out:")
        st.info(
            "On the page Scenarios you say what to take it to be, and see what is paid then; nothing is changed by it."
        )
        link("scenarios", "Scenarios", contract=chosen.ref)
        return
    if not account.payments:
        st.info("Nothing is paid on these results yet.")
        return
    money = contract.money
    st.markdown(f"**In all {money.show(account.total)}**".replace("$", "\\$"))
    years = [(year, money.show(amount)) for year, amount in account.sums("fiscal year").items()]
    table(("fiscal year", "amount"), years, ("amount",), "By fiscal year")
    picture(payments_by(account), f"{chosen.name}-payments")
    _why(account, kept)


def _why(account: Account, kept: Kept) -> None:
    """Draw the choice of a payment, and read its explanation aloud."""
    shown = {f"{place + 1}": one for place, one in enumerate(account.payments)}
    number = kept.choice(
        "Why is this payment what it is?", "why", list(shown), format_func=lambda one: _named(account, shown[one])
    )
    if number is not None:
        lines(explanation_lines(shown[number], account))


def _named(account: Account, one: Payment) -> str:
    cohort = f", {one.cohort}" if one.cohort else ""
    due = f", due {one.due_written}" if one.due_written else ""
    return f"{one.rule}, {one.period}{cohort}: {account.contract.money.show(one.amount)}{due}"


def _verified(name: str) -> Account:
    with looking(ledger(), person().name, name) as session:
        version = current(session, name)
        evidence = evidence_on_files(version.contract, version.row.text, verified_files(session, name))
        return pay(version.contract, evidence.results, evidence.claims)


def _examples(chosen: Chosen) -> None:
    draft = read_draft(chosen.text, seconds=SECONDS)
    if not draft.examples:
        st.info("This contract has no worked example.")
        return
    rows = [
        (one.name, "holds" if one.holds else "does not hold" if one.worked else "not worked out")
        for one in draft.examples
    ]
    table(("worked example", "given its results, what is paid"), rows, what="The contract's own tests")
    show(draft.findings)
