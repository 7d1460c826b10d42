"""Who has which role under a contract, and what invoices say of its parties."""

from __future__ import annotations

import streamlit as st
from sqlmodel import Session

from app.parts.kept import Kept
from app.parts.told import table
from app.payments.steps import ready, step, uploaded, with_files
from payfs.store import Store, workflow
from payfs.store.details import details_of
from payfs.store.members import members
from payfs.store.states import PARTY_ROLES, ROLES
from payfs.store.step import Answer
from payfs.store.versions import current

EVERY = "every party that the role fits"
DETAILS = {
    "address": ("Address; its lines separated by a semicolon", "address"),
    "tax_id": ("Tax or company number", "tax id"),
    "purchase_order": ("Purchase order under which it pays", "purchase order"),
    "bank": ("Bank account to which it is to be paid; lines separated by a semicolon", "bank account"),
}


def draw(session: Session, contract: str, roles: set[str]) -> None:
    """Draw the roles, and for the keeper what gives and takes them."""
    held = members(session, contract)
    rows = [(one.who, one.role, one.party or EVERY) for one in held]
    table(("who", "role", "for"), rows, what="Who has which role")
    parties = current(session, contract).contract.spec.parties
    if "keeper" in roles:
        with st.expander("Give or take a role"):
            _roles(contract, tuple(parties))
        with st.expander("Amend the contract"):
            _amend(contract)
    said = []
    for party in parties:
        found = details_of(session, contract, party)
        said += [(parties[party].name, label, found[name]) for name, (_, label) in DETAILS.items() if found.get(name)]
    if said:
        table(("party", "what", "as it is printed"), said, what="What invoices say of the parties")
    if roles & {"keeper", "payer", "provider"}:
        with st.expander("Addresses, purchase orders and bank accounts"):
            _details(contract, tuple(parties))


def _roles(contract: str, parties: tuple[str, ...]) -> None:
    kept = Kept("roles", contract)
    kept.text("Who: the name or address that they sign in with", "who")
    role = kept.choice("Role", "role", [one for one in ROLES if one != "keeper"] + ["keeper"])
    if role in PARTY_ROLES:
        kept.choice("For", "party", [EVERY, *parties])

    def asked() -> tuple[str, str, str | None]:
        role, party = kept.now("role"), kept.now("party")
        return kept.now("who"), role, party if role in PARTY_ROLES and party != EVERY else None

    def grant(store: Store, by: str, key: str) -> Answer:
        return workflow.grant(store, by, contract, *asked(), key)

    def revoke(store: Store, by: str, key: str) -> Answer:
        return workflow.revoke(store, by, contract, *asked(), key)

    step("Give the role", f"grant {contract}", grant, kept)
    step("Take the role away", f"revoke {contract}", revoke, kept, primary=False)


def _amend(contract: str) -> None:
    kept, place = Kept("amend", contract), f"amend {contract} file"
    kept.text("Reason of the amendment, in one line", "reason")
    file = st.file_uploader("The contract file with its amendment", type=["yaml", "yml"], key=place)
    ready([file] if file else [], "kept as the next version")

    def amend(store: Store, by: str, key: str) -> Answer:
        return with_files(
            uploaded(place), lambda names: workflow.amend(store, by, contract, names[0], kept.now("reason"), key)
        )

    st.caption("What was certified has to come to the same under it: an amendment changes what is to come.")
    step("Amend it", f"amend {contract}", amend, kept, primary=False)


def _details(contract: str, parties: tuple[str, ...]) -> None:
    kept = Kept("details", contract)
    kept.choice("Party", "party", list(parties))
    for name, (label, _) in DETAILS.items():
        kept.text(label, name)

    def work(store: Store, by: str, key: str) -> Answer:
        given = {name: kept.now(name) for name in DETAILS if kept.now(name).strip()}
        return workflow.set_details(store, by, contract, kept.now("party"), key=key, **given)

    st.caption("What is left empty stays as it was. An account that changes after an invoice was issued says so on it.")
    step("Keep the details", f"details {contract}", work, kept)
