"""Beliefs by form: ranges with sliders, budgets, and what a contract leaves unknown, all of it written as a scenario.

The scenario's text is the one truth. Each control shows what stands there, and writes what it is moved to.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from app.parts.told import plain, show
from app.simulations.given import EXAMPLE, OWN, Given, Read, save
from payfs.contract import Contract
from payfs.simulate.assuming import Open, assume
from payfs.simulate.edited import put, take_out
from payfs.simulate.scenario import fiscal_years
from payfs.simulate.stated import SURE, Stated, as_range, beliefs_of, figure_said, range_of, stops, sure_of
from payfs.text import Document, Path, Refused, dotted, read_yaml

HOW = {"range": "a range in words", "certain": "a certain figure", "other": "as a scenario file says it"}
FEW = 8  # beliefs that are shown all at once
NO_BUDGET, ONE_BUDGET, YEARLY = "none", "one amount for all years together", "an amount for each fiscal year"


class Form:
    """The controls of one scenario."""

    def __init__(self, given: Given) -> None:
        """Remember which."""
        self.given = given
        self.place = f"{given.chosen.ref} {given.which}"

    def key(self, *parts: object) -> str:
        """Return the key of a control."""
        return " ".join(map(str, ("belief", self.place, *parts)))

    def write(self, text: str) -> None:
        """Keep a new text; of an example as one's own copy."""
        which = OWN if self.given.which == EXAMPLE else self.given.which
        save(self.given.chosen.ref, which, text)
        st.session_state.pop("not written", None)
        if which != self.given.which:
            st.query_params["scenario"] = which

    def change(self, do: Callable[[str], str]) -> None:
        """Change the text, or say why it cannot be changed."""
        try:
            self.write(do(self.given.text))
        except Refused as refused:
            st.session_state["not written"] = list(refused.findings)

    def put(self, path: Path, value: Any) -> None:
        """Write a value into the text."""
        self.change(lambda text: put(text, path, value))


def synced(key: str, value: Any) -> None:
    """Let a control show what the text says, unless it is what the control itself wrote."""
    seen = f"{key} seen"
    if key not in st.session_state or st.session_state.get(seen) != value:
        st.session_state[key] = value
    st.session_state[seen] = value


def not_written() -> None:
    """Say why the last change was not written."""
    show(st.session_state.pop("not written", []), "It was not written:")


def beliefs_form(form: Form, contract: Contract) -> None:
    """Draw the beliefs: all of few, of many one that is chosen."""
    document = read_yaml(form.given.text, "scenario")
    stated = beliefs_of(document, contract)
    if not stated:
        st.info("The scenario says nothing yet. Write it as text, or begin it anew.")
        return
    if len(stated) > FEW:
        names = [f"{spaced(one.name)}: {one.written}" for one in stated]
        place = st.selectbox(
            f"Which of the {len(stated)} beliefs",
            range(len(names)),
            format_func=lambda at: names[at],
            key=form.key("which"),
        )
        stated = [stated[place]]
    alone = len(stated) == 1
    if not alone:
        st.caption("Tick what you want to change.")
    for one in stated:
        unit = f" [{one.unit}]" if one.unit and one.unit != "chance" else ""
        label = f"**{plain(spaced(one.name) + unit)}**: {plain(one.written)}"
        if alone:
            st.markdown(label)
        # not an expander, which closes by itself when its label says something new
        if alone or st.checkbox(label, key=form.key("open", *one.path)):
            with st.container(border=True):
                _belief(form, one)


def spaced(name: str) -> str:
    """Write a name as people do."""
    return name.replace("_", " ")


def _belief(form: Form, one: Stated) -> None:
    key, name = form.key(*one.path), spaced(one.name)
    synced(f"{key} how", one.how)
    st.selectbox(
        f"How it is said: {name}",
        list(HOW),
        format_func=HOW.__getitem__,
        key=f"{key} how",
        on_change=_other_way,
        args=(form, one, key),
    )
    if one.how == "range" and one.said is not None:
        _range(form, one, key, name)
        return
    synced(f"{key} written", one.written)
    what = "How much" if one.how == "certain" else "In the words of a scenario file"
    st.text_input(f"{what}: {name}", key=f"{key} written", on_change=_written, args=(form, one, key))


def _range(form: Form, one: Stated, key: str, name: str) -> None:
    said = one.said
    assert said is not None
    ends = figure_said(said.low, one.percent), figure_said(said.high, one.percent)
    there: list[str] = st.session_state.get(f"{key} stops", [])
    if not set(ends) <= set(there):
        there = st.session_state[f"{key} stops"] = stops(said, one.unit == "chance")
    if st.session_state.get(f"{key} seen") != ends:  # it was moved by something else: a slider that begins there
        st.session_state[f"{key} seen"] = ends
        st.session_state[f"{key} turn"] = st.session_state.get(f"{key} turn", 0) + 1
    slider = f"{key} ends {st.session_state[f'{key} turn']}"
    again: dict[str, Any] = {"on_change": _moved, "args": (form, one, key, slider)}
    st.select_slider(f"Between what and what: {name}", there, ends, key=slider, **again)
    left, right = st.columns(2)
    sure = list(dict.fromkeys([*SURE, sure_of(said)]))
    synced(f"{key} sure", sure_of(said))
    left.selectbox(f"How sure that is: {name}", sure, key=f"{key} sure", **again)
    synced(f"{key} likely", "" if said.likely is None else figure_said(said.likely, one.percent))
    right.text_input(f"Most likely, if that can be said: {name}", key=f"{key} likely", **again)


def _moved(form: Form, one: Stated, key: str, slider: str) -> None:
    low, high = st.session_state[f"{key} seen"] = st.session_state[slider]
    likely = str(st.session_state[f"{key} likely"]).strip()
    form.put(one.path, range_of(low, high, st.session_state[f"{key} sure"], likely))


def _written(form: Form, one: Stated, key: str) -> None:
    said = str(st.session_state[f"{key} written"]).strip()
    try:
        value = read_yaml(f"said: {said}", "").data["said"]
    except Refused:
        value = said
    form.put(one.path, value)


def _other_way(form: Form, one: Stated, key: str) -> None:
    how, said = st.session_state[f"{key} how"], as_range(one)
    low, high = figure_said(said.low, one.percent), figure_said(said.high, one.percent)
    if how == "range":
        form.put(one.path, range_of(low, high, sure_of(said)))
    elif how == "certain":
        form.put(one.path, figure_said(said.likely or said.low, one.percent))
    else:
        form.put(one.path, {"uniform": {"least": low, "most": high}})


def figures_form(form: Form, document: Document) -> None:
    """Draw how many paths are drawn, and from which seed."""
    left, right = st.columns(2)
    for column, key, label, otherwise in (
        (left, "paths", "How many paths (at most 1,000,000)", "100,000"),
        (right, "seed", "Seed: the same one draws the same paths", "1"),
    ):
        name = form.key(key)
        synced(name, str(document.data.get(key, otherwise)))
        column.text_input(label, key=name, on_change=lambda key=key, name=name: form.put((key,), _typed(name)))


def _typed(key: str) -> str:
    return " ".join(str(st.session_state[key]).split())


def budget_form(form: Form, document: Document, contract: Contract, given: Read) -> None:
    """Draw the budget: none, one amount, or one by fiscal year."""
    budget = document.data.get("budget")
    now = YEARLY if isinstance(budget, dict) else ONE_BUDGET if budget is not None else NO_BUDGET
    late = given.scenario.late if given.scenario is not None else {}
    years = fiscal_years(given.scenario.contract if given.scenario is not None else contract, late)
    kinds = [NO_BUDGET, ONE_BUDGET, *([YEARLY] if years else [])]
    if now not in kinds:
        kinds.append(now)
    key = form.key("budget")
    if st.session_state.get(f"{key} seen") != now or key not in st.session_state:
        st.session_state[key] = now
    st.session_state[f"{key} seen"] = now
    kind = st.radio("Budget", kinds, key=key, horizontal=True)
    if kind == NO_BUDGET and now != NO_BUDGET:
        st.button("Take the budget out", on_click=form.change, args=(lambda text: take_out(text, "budget"),))
    elif kind == ONE_BUDGET:
        name = form.key("budget", "all")
        synced(name, budget if isinstance(budget, str) else "")
        st.text_input(
            f"Budget for all years together [{contract.money.code}]",
            key=name,
            on_change=lambda: form.put(("budget",), _typed(name)) if _typed(name) else None,
        )
    elif kind == YEARLY:
        said = budget if isinstance(budget, dict) else {}
        for place, column in enumerate(st.columns(min(len(years), 3) or 1)):
            for year in years[place::3]:
                name = form.key("budget", year)
                synced(name, said.get(year, ""))
                column.text_input(
                    f"Budget for {year} [{contract.money.code}]",
                    key=name,
                    on_change=_budgeted,
                    args=(form, said, year, name),
                )


def _budgeted(form: Form, said: dict[str, str], year: str, key: str) -> None:
    amounts = {**said, year: _typed(key)}
    kept = {name: amount for name, amount in amounts.items() if amount}
    form.change(lambda text: put(text, ("budget",), kept) if kept else take_out(text, "budget"))


def open_form(form: Form, contract: Contract, found: list[Open], why: str) -> None:
    """Ask for what the contract leaves unknown; nothing is filled in that nobody said."""
    st.markdown(why)
    with st.form(form.key("open", len(found)), border=True):
        said = {}
        for one in found:
            said[one.path] = st.text_input(
                f"What is taken for {spaced(one.name)} [as the contract writes it]",
                key=form.key("open", *one.path),
            )
            if one.beside:
                st.caption(plain(one.beside))
        if st.form_submit_button("Assume this", type="primary"):
            filled = {path: " ".join(value.split()) for path, value in said.items() if value.strip()}
            if not filled:
                st.error("Fill in at least one of them.")
            else:
                form.change(lambda text: assume(text, contract, filled))
                st.rerun()


def text_form(form: Form, given: Read) -> None:
    """Draw the scenario as text, which may be edited and is the one truth."""
    key = form.key("text")
    synced(key, form.given.text)
    st.text_area(
        "The scenario as text",
        key=key,
        height=420,
        on_change=lambda: form.write(str(st.session_state[key])),
        help="Everything above is written here, and what you write here stands above.",
    )
    show(given.findings)


def found_said(given: Read) -> None:
    """Say what is wrong with the scenario."""
    show(given.findings, "The scenario has to be mended:")
    if given.open:
        what = ", ".join(dotted(one.path) for one in given.open[:6])
        st.warning(
            plain(f"The contract leaves figures unknown that are needed: {what}. Say below what they are taken to be.")
        )
