"""The page Track and pay: what a signed contract has earned is handed in, verified, approved and paid."""

from __future__ import annotations

import datetime

import streamlit as st
from sqlmodel import Session

from app.parts.chosen import LEDGER, choices, choose, unlisted
from app.parts.ledger import ledger
from app.parts.person import person
from app.parts.places import head
from app.parts.told import facts, show, spoken
from app.payments import bills, books, handing, people
from app.payments.steps import told
from payfs.money import currency
from payfs.store.members import looking, members
from payfs.store.rows import ContractRow
from payfs.store.standing import contracts_kept, waiting
from payfs.text import Refused

ALSO_AS = {  # what each role does, as it is told to whoever has it
    "keeper": "keep the contract: amend it, and give and take roles",
    "provider": "hand in results",
    "evaluator": "verify what was handed in, correct it with a reason, or send it back",
    "approver": "approve or dispute invoices that you did not prepare",
    "payer": "record payments",
    "investor": "look at everything but the registers of claims",
    "viewer": "look at everything but the registers of claims",
}


def page() -> None:
    """Draw the page."""
    head("track")
    told()
    if not choices(("ledger",)):
        if asked := st.query_params.get("contract"):
            try:
                unlisted(asked)
            except Refused as refused:
                show(refused)
        st.info(
            "You have a role under no signed contract yet. Put one into the ledger below; you become its keeper, and "
            "give the others their roles. Or ask the keeper of a contract to give you one."
        )
        handing.register_form()
        return
    chosen = choose(("ledger",), "Signed contract")
    name = chosen.ref.removeprefix(LEDGER)
    try:
        with looking(ledger(), person().name, name) as session:
            _contract(session, name)
    except Refused as refused:
        show(refused)
    with st.expander("Put another signed contract into the ledger"):
        handing.register_form()


def _contract(session: Session, name: str) -> None:
    mine = [member for member in members(session, name) if member.who == person().name]
    roles = {member.role for member in mine}
    row = session.get_one(ContractRow, name)
    _standing(session, name)
    tabs = ["What waits", "Invoices", "Statement", "History", "People"]
    if "provider" in roles:
        tabs.insert(1, "Hand in")
    if "evaluator" in roles:
        tabs.insert(1, "Verify")
    begin = "Invoices" if "bill" in st.query_params else None
    for tab, drawn in zip(tabs, st.tabs(tabs, key="tab", bind="query-params", default=begin), strict=True):
        if not drawn.open:  # what nobody looks at is not looked up
            continue
        with drawn:
            if tab == "What waits":
                _waits(session, name, roles)
            elif tab == "Hand in":
                handing.hand_in_form(session, name)
            elif tab == "Verify":
                handing.verify_form(session, name)
            elif tab == "Invoices":
                bills.draw(session, name, currency(row.currency), mine)
            elif tab == "Statement":
                books.statement(session, name, currency(row.currency))
            elif tab == "History":
                books.history(session, name)
            else:
                people.draw(session, name, roles)


def _standing(session: Session, name: str) -> None:
    """Say what the contract came to so far."""
    (one,) = [kept for kept in contracts_kept(session, datetime.date.today(), person().name) if kept.name == name]
    unit = currency(one.currency)
    rows = [
        ("Certified in all", unit.show(one.certified)),
        ("Approved", unit.show(one.approved)),
        ("Paid", unit.show(one.paid)),
        ("Certified and not yet paid", unit.show(one.certified - one.paid)),
    ]
    facts(rows, f"Where {name} stands, in {unit.code}")


def _waits(session: Session, name: str, roles: set[str]) -> None:
    what = waiting(session, name, datetime.date.today())
    if not what:
        st.text("Nothing waits. The next step is the provider's: to hand in results.")
    for one in what:
        st.text(f"• {spoken(one)}")
    st.text(f"You are {' and '.join(sorted(roles))} here. You can:")
    for does in dict.fromkeys(ALSO_AS[role] for role in sorted(roles)):
        st.text(f"• {does}")
