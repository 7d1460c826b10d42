"""The page Contracts: what there is, and where each of them stands."""

from __future__ import annotations

import datetime

import streamlit as st

from app.drafts.begin import BEGIN
from app.parts.chosen import DRAFT, LEDGER, titles
from app.parts.kept import Kept, desk
from app.parts.ledger import ledger
from app.parts.person import person
from app.parts.places import head, link
from app.parts.told import plain
from payfs.money import currency
from payfs.places import example_names
from payfs.store.standing import Overview, contracts_kept


def page() -> None:
    """Draw the page."""
    head("contracts")
    kept = Kept("contracts")
    asked = kept.text("Find a contract", "find", placeholder="a word of its title or name").strip().casefold()
    signed, drafts, deals = st.tabs(["Signed contracts", "Your drafts", "Real deals"], default=_first())
    with signed:
        _signed(asked)
    with drafts:
        _drafts(asked)
    with deals:
        _deals(asked)


def _first() -> str:
    """Return where to begin: with what waits for the person, if anything is theirs."""
    with ledger().reading() as session:
        if contracts_kept(session, datetime.date.today(), person().name):
            return "Signed contracts"
    return "Your drafts" if desk().drafts() else "Real deals"


def _signed(asked: str) -> None:
    with ledger().reading() as session:
        kept = contracts_kept(session, datetime.date.today(), person().name)
    if not kept:
        st.info(
            "You have a role under no signed contract yet. Put one into the ledger on the page Track and pay, "
            "or ask the keeper of a contract to give you a role."
        )
        link("track", "Put a signed contract into the ledger")
        return
    for one in _found(kept, asked):
        with st.container(border=True):
            link("contract", one.name, contract=LEDGER + one.name)
            st.text(_money(one))
            for what in one.waiting:
                st.text(f"• {what}")
            link("track", "Track and pay", contract=LEDGER + one.name)


def _money(one: Overview) -> str:
    """Say what a contract came to so far."""
    unit = currency(one.currency)
    version = "" if one.versions == 1 else f", version {one.versions}"
    told = f"certified {unit.show(one.certified)}, approved {unit.show(one.approved)}, paid {unit.show(one.paid)}"
    return f"{told}{version}" + ("" if one.waiting else "; nothing waits")


def _drafts(asked: str) -> None:
    drafts = [one for one in desk().drafts() if asked in one.name.casefold()]
    if not drafts:
        st.info("Nothing here. Begin a draft from a template, from a real deal or from a file of your own.")
        link("draft", "Begin a draft", **{BEGIN: "new"})
        return
    for one in drafts:
        with st.container(border=True):
            link("draft", one.name, contract=DRAFT + one.name)
            st.text(f"version {one.versions}, saved {one.saved:%d %B %Y, %H:%M}")


def _deals(asked: str) -> None:
    st.caption(
        "Contracts that were really signed, each with its sources and with payments that were really made. "
        "They are read-only: begin a draft from one to change it."
    )
    found = [name for name in example_names() if asked in f"{name} {titles()[name]}".casefold()]
    if not found:
        st.info("No real deal has this word in its title. Clear the field above to see all.")
    columns = st.columns(2)
    for number, name in enumerate(found):
        with columns[number % 2]:
            link("contract", titles()[name], contract=name)


def _found(kept: list[Overview], asked: str) -> list[Overview]:
    found = [one for one in kept if asked in one.name.casefold()]
    if not found:
        st.info(f"No signed contract is called {plain(asked)}.")
    return found
