"""A contract's account and its history, as the ledger has them."""

from __future__ import annotations

import streamlit as st
from sqlmodel import Session

from app.parts.person import person
from app.parts.taken import take_away
from app.parts.told import lines, plain, table
from payfs.money import Currency
from payfs.store.export import exported
from payfs.store.history import bills_of, payments_of, reasons, statement_rows, story, versions_of
from payfs.store.standing import state_totals, year_totals

MOST_SHOWN = 500  # lines; all of them are in the file


def statement(session: Session, contract: str, money: Currency) -> None:
    """Draw what comes to each payer in each fiscal year, and every line."""
    rows = statement_rows(session, contract)
    if not rows:
        st.info(
            "Nothing is certified yet. The first certificate is made when the evaluator verifies what was handed in."
        )
        return
    years = [
        (f"{one.payer}, {one.fiscal_year}", *map(money.show, (one.certified, one.paid, one.certified - one.paid)))
        for one in year_totals(rows)
    ]
    sums = ("certified", "paid", "not yet paid")
    table(("payer, fiscal year", *sums), years, sums, "By payer and fiscal year")
    states = [(one.state, str(one.number), money.show(one.amount)) for one in state_totals(bills_of(session, contract))]
    table(("state", "number", "amount"), states, ("amount",), "Invoices and credit notes by state")
    every = [
        (
            one.rule,
            one.period,
            one.cohort or "",
            one.measured or "",
            one.fiscal_year,
            one.state or "",
            money.show(one.amount),
        )
        for one in reversed(rows)
    ]
    columns = ("rule", "period", "cohort", "measured", "fiscal year", "state", "amount")
    more = f", the last {MOST_SHOWN} of {len(every):,}" if len(every) > MOST_SHOWN else ""
    table(columns, every[:MOST_SHOWN], ("amount",), f"Every certified line, the last first{more}")
    made = payments_of(session, contract)
    if made:
        paid = [
            (one.paid_on, str(one.bill), one.reference, one.by, one.came_on or "", money.show(one.amount))
            for one in made
        ]
        table(
            ("paid on", "invoice", "reference", "recorded by", "came back on", "amount"), paid, ("amount",), "Payments"
        )
    for name, sheet in exported(session, contract, person().name).sheets.items():
        take_away(f"All of it: {name}", f"{contract}-{name}", sheet.as_csv())


def history(session: Session, contract: str) -> None:
    """Draw the log of a contract, and its texts."""
    why = reasons(session, contract)
    rows = [
        (
            f"{one.number}: {one.at[:16].replace('T', ' ')}",
            one.by,
            f"{one.text}: {why[one.number]}" if one.number in why else one.text,
        )
        for one in reversed(story(session, contract))
    ]
    table(("entry, at (UTC)", "by", "what"), rows, what="The log of this contract, the last entry first")
    for version in versions_of(session, contract):
        with st.expander(plain(f"Version {version.number} of the contract, by {version.by}")):
            st.text(f"SHA-256 {version.sha256}")
            take_away(
                f"Version {version.number} as it was kept", f"{contract}-{version.number}.yaml", version.text.encode()
            )
            lines(version.text.splitlines())
