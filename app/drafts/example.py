"""The form that adds a worked example: results, of which is written what the terms pay on them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.drafts.form import Form
from app.drafts.text import Drafted, read
from app.parts.told import plain
from payfs.drafting.forms import NewExample
from payfs.drafting.insert import insert_example
from payfs.drafting.lines import Added
from payfs.forecast import claims_only, measured_periods, rows_of


def draw_example(form: Form, data: Any) -> None:
    """Draw a field for each metric and cohort."""
    contract = read(Drafted(form.name).typed).sound
    if contract is None:
        st.info("An example can be worked out once the findings beside the text are mended.")
        return
    form.text("Name of the example", "name", placeholder="What we plan")
    st.text(
        "Write the results, or paste a row of a table: a figure for each period, with a space between, and - where "
        "there is none. What the terms pay on them is written beside them, for both sides to check by hand."
    )
    for row in rows_of(contract):
        periods = measured_periods(contract, row.metric)
        those = f"{periods[0]} to {periods[-1]}" if len(periods) > 1 else "".join(periods)
        about = f"{row.metric}{f', {row.cohort}' if row.cohort else ''}".replace("_", " ")
        form.text(plain(f"{about} [{those}]"), f"results {row.metric} {row.cohort}", placeholder="10 12 15")
    if aside := claims_only(contract):
        names = ", ".join(name.replace("_", " ") for name in aside)
        st.caption(plain(f"Counted from claims, which an example in the text has to list: {names}."))


def make_example(form: Form, text: str) -> Added:
    """Add what the form says."""
    contract = read(text).sound
    rows = () if contract is None else rows_of(contract)
    results = {(row.metric, row.cohort): form.read(f"results {row.metric} {row.cohort}") for row in rows}
    return insert_example(text, NewExample(form.read("name"), results))
