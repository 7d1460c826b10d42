"""The page Simulate: what to appropriate, who bears which loss, and what drives it."""

from __future__ import annotations

import streamlit as st

from app.parts.chosen import choose
from app.parts.kept import Kept
from app.parts.places import head
from app.parts.taken import take_away
from app.parts.told import plain, show
from app.simulations.beliefs import (
    Form,
    beliefs_form,
    budget_form,
    figures_form,
    found_said,
    not_written,
    open_form,
    text_form,
)
from app.simulations.given import EXAMPLE, Given, choose_scenario, examples, keep_as, read, where_from
from app.simulations.risks import Risks
from app.simulations.running import asked, begin, make_ready, not_begun, watch
from payfs.contract import Contract
from payfs.runs import Asked
from payfs.text import Refused, read_yaml

NEEDED = "**The contract leaves these figures unknown, and what is paid depends on them.** What are they taken to be?"
TAB = "beliefs"  # what the tab that is open is called in the address
FOR_RETURNS = (
    "**What investors get is not worked out, because the contract leaves this unknown.** What is it taken to be?"
)


def page() -> None:
    """Draw the page."""
    head("simulate")
    make_ready()
    asked_for = st.query_params.get("scenario", "")
    if asked_for in examples() and "contract" not in st.query_params:
        st.query_params["contract"] = asked_for
        st.query_params["scenario"] = EXAMPLE
    left, right = st.columns(2)
    with left:
        chosen = choose()
    contract = chosen.sound()
    with right:
        given = choose_scenario(chosen)
    where_from(given)
    ask(given, contract)
    _outcome(given, Kept("simulate", chosen.ref))


def ask(given: Given, contract: Contract) -> None:
    """Draw what is believed, in four ways of saying it."""
    found = read(given.text, given.chosen.text, contract)
    form = Form(given)
    not_written()
    try:
        document = read_yaml(given.text, "scenario")
    except Refused as refused:
        show(refused, "The scenario is no text that can be read. Mend it here:")
        text_form(form)
        return
    found_said(found)
    open_figures = []
    if found.open or found.for_returns:
        open_figures = ["Unknown figures" if found.open else "Investors' returns"]
    names = ["What is believed", "Budget, paths and seed", *open_figures, "As text", "Copies"]
    if st.session_state.get(TAB) not in (None, *names):
        del st.session_state[TAB]  # nothing is unknown any more
    tabs = dict(zip(names, st.tabs(names, key=TAB, bind="query-params"), strict=True))
    with tabs["What is believed"]:
        beliefs_form(form, contract)
    with tabs["Budget, paths and seed"]:
        budget_form(form, document, contract, found)
        figures_form(form, document)
    for name in open_figures:
        with tabs[name]:
            open_form(form, contract, found.open or found.for_returns, NEEDED if found.open else FOR_RETURNS)
    with tabs["As text"]:
        text_form(form)
        take_away("The scenario (YAML)", f"{given.chosen.name}.yaml", given.text.encode(), key="scenario as text")
    with tabs["Copies"]:
        keep_as(given)


def _outcome(given: Given, kept: Kept) -> None:
    """Draw the button that runs it, and what the last run came to."""
    contract = given.chosen.sound()
    ready = read(given.text, given.chosen.text, contract).runs
    question = Asked("simulate", (given.side,), about=given.title)
    if st.session_state.get("simulated before", given.chosen.ref) != given.chosen.ref and "run" in st.query_params:
        del st.query_params["run"]  # it is of the contract that was chosen before
    st.session_state["simulated before"] = given.chosen.ref
    number = st.query_params.get("run") or kept.get("run", "")
    st.button(
        "Run the simulation",
        type="primary",
        on_click=begin,
        args=(question, "run", lambda number: kept.put("run", number)),
        disabled=not ready,
        help=None if ready else "First mend the scenario, or say what its unknown figures are taken to be.",
    )
    not_begun()
    if not number:
        st.info("Say what is believed, and run it: it takes a few seconds. Nothing is sent anywhere.")
        return
    st.query_params["run"] = number
    state = watch(number)
    if state is None or state.what != "done":
        return
    before = asked(number)
    if before.sides != question.sides:
        same = before.sides[0].contract == given.chosen.text
        what = "The beliefs above have" if same else "The contract above is another one, or has"
        about = before.about or "another run"
        st.warning(plain(f"{what} changed since: what stands below is of {about}, as it was then. Run it again."))
    Risks(number, before.sides[0], kept).draw()
