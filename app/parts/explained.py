"""Why a payment is what it is: who pays whom, and sentence by sentence down to what was measured."""

from __future__ import annotations

import streamlit as st

from app.parts.told import plain
from payfs.billing import told
from payfs.contract import Contract
from payfs.payments import Payment
from payfs.report.forecast_text import due_text, party_name
from payfs.report.phrases import in_words


def explain(contract: Contract, payment: Payment, late: str = "") -> None:
    """Draw the explanation of a payment.

    Args:
        contract: under which it is due.
        payment: which is explained.
        late: what is said of it if it comes late.
    """
    who = f"{party_name(contract, payment.payer)} pays {party_name(contract, payment.payee)}"
    st.markdown(plain(f"{who}, due {due_text(payment)}. {late}"))
    names = {*contract.spec.rules, *contract.frame.metrics, *contract.spec.limits}
    said = [(depth, in_words(line, names)) for depth, line in told(payment.explanation)]
    st.markdown("\n".join(f"{'  ' * min(depth, 6)}- {plain(line)}" for depth, line in said))


def line_name(contract: Contract, one: Payment) -> str:
    """Name a payment by what it is for, whatever it comes to."""
    cohort = f", {one.cohort}" if one.cohort else ""
    again = "" if one.reported == one.period else f", corrected in {one.reported}"
    who = f", {party_name(contract, one.payer)}"
    return f"{one.rule.replace('_', ' ')}, {one.period}{cohort}{again}{who}"
