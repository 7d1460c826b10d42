"""One simulated path, drawn: what was drawn and measured, what was paid and why, and what the cash came to."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.parts.explained import explain, line_name
from app.parts.picked import pick
from app.parts.told import plain, table
from payfs.report.forecast_text import due_text
from payfs.report.path_text import NEVER_CHANGES, drawn_rows, late_said, provider_cash, returned_rows
from payfs.simulate.one_path import OnePath
from payfs.simulate.worked import TOTAL


def draw_path(path: OnePath) -> None:
    """Draw a path."""
    contract = path.account.contract
    show = contract.money.show
    st.markdown(f"On path {path.number:,} **{plain(show(int(path.outcomes[TOTAL][0])))}** is paid in all.")
    paid = [(line_name(contract, one), due_text(one), show(one.amount)) for one in path.account.payments]
    if paid:
        table(("payment", "due", "amount"), paid, ("amount",), "What is paid")
        _why(path)
    ranks = [(name.replace("_", " "), rank) for name, rank in drawn_rows(path)]
    table(("input", "drawn at"), ranks, ("drawn at",), "How high each input was drawn")
    st.caption("0 is the lowest that is believed, 1 the highest.")
    _measured(path.measured, "What was measured")
    if path.truths:
        _measured(path.truths, "What it truly was, before the comparison measured it with its error")
    if returned := returned_rows(path):
        returned = [(label.replace("_", " "), said) for label, said in returned]
        table(("", "comes to"), returned, ("comes to",), "What the investors get")
    _cash(path)


def _why(path: OnePath) -> None:
    """Draw a choice of a payment, and why it is what it is."""
    contract, payments = path.account.contract, path.account.payments
    names = [f"{line_name(contract, one)}: {contract.money.show(one.amount)}" for one in payments]
    asked = "Why is this payment what it is?"
    at = pick(asked, range(len(names)), names.__getitem__, key=f"why on path {path.number}")
    explain(contract, payments[at], late_said(path, payments[at]))


def _measured(results: Sequence[tuple[str, str, str, str]], what: str) -> None:
    cohorts = any(cohort for _, cohort, _, _ in results)
    heads = ("metric", "cohort", "period", "result") if cohorts else ("metric", "period", "result")
    rows = [
        (name.replace("_", " "), *([cohort] if cohorts else []), period, said) for name, cohort, period, said in results
    ]
    table(heads, rows, ("result",), what)


def _cash(path: OnePath) -> None:
    cash = None if path.investment is None else provider_cash(path.investment)
    if cash is None:
        return
    if cash.rows:
        table(("after", "it has"), cash.rows, ("it has",), f"Cash of {cash.whose}")
    else:
        st.markdown(f"**{plain(f'Cash of {cash.whose}')}**: {plain(NEVER_CHANGES)}")
    st.caption(plain(cash.lowest))
