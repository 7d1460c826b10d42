"""Beliefs by form: ranges with sliders, budgets, and what a contract leaves unknown, all of it written as a scenario.

The scenario's text is the one truth. Each control shows what stands there, and writes what it is moved to into the
text as it is kept at that moment: another control, or another window, may have changed it since the page was drawn.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from app.parts.picked import pick
from app.parts.told import plain, show
from app.simulations.given import EXAMPLE, OWN, Given, Read, save, still_made_up, texts
from payfs.contract import Contract
from payfs.simulate.assuming import Open, assume
from payfs.simulate.draft import taken_as_own
from payfs.simulate.edited import put, take_out
from payfs.simulate.scenario import fiscal_years
from payfs.simulate.spoken import Said
from payfs.simulate.stated import SURE, Stated, as_range, beliefs_of, figure_said, meaning, range_of, stops, sure_of
from payfs.text import Document, Finding, Path, Refused, dotted, read_yaml

HOW = {"range": "a range in words", "certain": "a certain figure", "other": "as a scenario file says it"}
FEW = 8  # beliefs that are shown all at once
ENDS, HOW_SURE, LIKELY = "ends", "sure", "likely"  # the parts of a range, each of which has a control
NO_BUDGET, ONE_BUDGET, YEARLY = "none", "one amount for all years together", "an amount for each fiscal year"

_one_at_a_time = threading.Lock()  # between reading a text and keeping it changed, no other window keeps one


class Form:
    """The controls of one scenario."""

    def __init__(self, given: Given) -> None:
        """Remember which."""
        self.given = given
        self.place = f"{given.chosen.ref} {given.which}"

    def key(self, *parts: object) -> str:
        """Return the key of a control."""
        return " ".join(map(str, ("belief", self.place, *parts)))

    @property
    def target(self) -> str:
        """Which scenario a change is kept as: of an example as one's own copy."""
        return OWN if self.given.which == EXAMPLE else self.given.which

    def now(self) -> str:
        """Return the text that a change is made in, as it is kept at this moment."""
        return texts(self.given.chosen.ref).get(self.target) or self.given.text

    def change(self, do: Callable[[str], str]) -> None:
        """Change the text as it is now, or say why it cannot be changed."""
        try:
            with _one_at_a_time:
                save(self.given.chosen.ref, self.target, do(self.now()))
        except Refused as refused:
            # of several changes at once one may be written, and what is wrong with another is still to be said
            st.session_state["not written"] = [*st.session_state.get("not written", []), *refused.findings]
            return
        self.follow()

    def follow(self) -> None:
        """Show what was changed."""
        if self.target != self.given.which:
            st.query_params["scenario"] = self.target

    def put(self, path: Path, value: Any) -> None:
        """Write a value into the text."""
        self.change(lambda text: put(text, path, value))


def synced(key: str, value: Any) -> None:
    """Let a control show what the text says, and nothing that was not written there."""
    if key not in st.session_state or st.session_state[key] != value:  # what is just being typed is left alone
        st.session_state[key] = value


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
        which = f"Which of the {len(stated)} beliefs"
        place = pick(which, range(len(names)), lambda at: names[at], key=form.key("which"))
        stated = [stated[place]]
    alone = len(stated) == 1
    if not alone:
        st.caption("Tick what you want to change.")
    for one in stated:
        unit = f" [{one.unit}]" if one.unit and one.unit != "chance" else ""
        often = _varies(document, one)
        label = f"**{plain(spaced(one.name) + unit)}**: {plain((meaning(one) or one.written) + often)}"
        if alone:
            st.markdown(label)
        # not an expander, which closes by itself when its label says something new
        if alone or st.checkbox(label, key=form.key("open", *one.path)):
            with st.container(border=True):
                _belief(form, one)


def _varies(document: Document, one: Stated) -> str:
    """Say how often a belief is drawn anew, as the scenario has it; nothing where it is drawn once."""
    said: Any = document.data
    for key in one.path[:2]:
        said = said.get(key) if isinstance(said, dict) else None
    varies = said.get("varies") if isinstance(said, dict) else None
    return f", anew for {varies}" if isinstance(varies, str) else ""


def spaced(name: str) -> str:
    """Write a name as people do."""
    return name.replace("_", " ")


def _belief(form: Form, one: Stated) -> None:
    key, name = form.key(*one.path), spaced(one.name)
    if one.name in still_made_up(form.given):
        st.button(
            f"This is what I believe: {plain(name)}",
            key=f"{key} own",
            on_click=form.change,
            args=(lambda text: taken_as_own(text, one.path),),
            help="It is made up, and stays as it is. It is then told as yours.",
        )
    synced(f"{key} how", one.how)
    st.selectbox(
        f"How it is said: {plain(name)}",
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
    st.text_input(f"{what}: {plain(name)}", key=f"{key} written", on_change=_written, args=(form, one, key))
    if words := meaning(one):
        st.caption(plain(f"That is {words}."))


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
    st.select_slider(
        f"Between what and what: {plain(name)}",
        there,
        ends,
        key=slider,
        on_change=_moved,
        args=(form, one, key, slider),
    )
    left, right = st.columns(2)
    sure = list(dict.fromkeys([*SURE, sure_of(said)]))
    synced(f"{key} sure", sure_of(said))
    left.selectbox(
        f"How sure that is: {plain(name)}",
        sure,
        key=f"{key} sure",
        on_change=_part_said,
        args=(form, one, HOW_SURE, f"{key} sure"),
    )
    synced(f"{key} likely", "" if said.likely is None else figure_said(said.likely, one.percent))
    right.text_input(
        f"Most likely, if that can be said: {plain(name)}",
        key=f"{key} likely",
        on_change=_part_said,
        args=(form, one, LIKELY, f"{key} likely"),
    )


def _moved(form: Form, one: Stated, key: str, slider: str) -> None:
    st.session_state[f"{key} seen"] = st.session_state[slider]
    _part_said(form, one, ENDS, slider)


def _part_said(form: Form, one: Stated, part: str, control: str) -> None:
    """Say one part of a range anew; the others stay as they are written now."""
    new = st.session_state[control]

    def change(text: str) -> str:
        now = _as_it_is(form, text, one)
        if now.said is None:
            what = f"{spaced(one.name)} is no range any more: it was changed at the same time, or in another window"
            raise Refused([Finding(what, "look at what stands there now, and change that", path=one.path)])
        parts = _parts(now.said, now.percent)
        if part == LIKELY:
            parts[LIKELY] = str(new).strip()
        elif part == HOW_SURE:
            parts[HOW_SURE] = new
        else:
            parts["low"], parts["high"] = new
        return put(text, one.path, range_of(**parts))

    form.change(change)


def _parts(said: Said, percent: bool) -> dict[str, str]:
    likely = "" if said.likely is None else figure_said(said.likely, percent)
    ends = {"low": figure_said(said.low, percent), "high": figure_said(said.high, percent)}
    return {**ends, HOW_SURE: sure_of(said), LIKELY: likely}


def _as_it_is(form: Form, text: str, one: Stated) -> Stated:
    """Return a belief as it stands in a text that may be a newer one."""
    contract = form.given.chosen.contract
    found = [] if contract is None else beliefs_of(read_yaml(text, "scenario"), contract)
    now = next((other for other in found if other.path == one.path), None)
    if now is None:
        what = f"{spaced(one.name)} is no longer believed: it was taken out at the same time, or in another window"
        raise Refused([Finding(what, "look at what stands there now, and change that", path=one.path)])
    return now


def _written(form: Form, one: Stated, key: str) -> None:
    said = str(st.session_state[f"{key} written"]).strip()
    try:
        value = read_yaml(f"said: {said}", "").data["said"]
    except Refused:
        value = said
    form.put(one.path, value)


def _other_way(form: Form, one: Stated, key: str) -> None:
    how = st.session_state[f"{key} how"]

    def change(text: str) -> str:
        now = _as_it_is(form, text, one)
        said = as_range(now)
        low, high = figure_said(said.low, now.percent), figure_said(said.high, now.percent)
        value: Any = {"uniform": {"least": low, "most": high}}
        if how == "range":
            value = range_of(low, high, sure_of(said))
        elif how == "certain":
            value = figure_said(said.likely or said.low, now.percent)
        return put(text, one.path, value)

    form.change(change)


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
                    f"Budget for {plain(year)} [{contract.money.code}]",
                    key=name,
                    on_change=_budgeted,
                    args=(form, year, name),
                )


def _budgeted(form: Form, year: str, key: str) -> None:
    amount = _typed(key)

    def change(text: str) -> str:
        said = read_yaml(text, "scenario").data.get("budget")
        amounts = {**(said if isinstance(said, dict) else {}), year: amount}
        kept = {name: amount for name, amount in amounts.items() if amount}
        return put(text, ("budget",), kept) if kept else take_out(text, "budget")

    form.change(change)


def open_form(form: Form, contract: Contract, found: list[Open], why: str) -> None:
    """Ask for what the contract leaves unknown; nothing is filled in that nobody said."""
    st.markdown(why)
    with st.form(form.key("open", len(found)), border=True):
        said = {}
        for one in found:
            said[one.path] = st.text_input(
                f"What is taken for {plain(spaced(one.name))} [as the contract writes it]",
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


def text_form(form: Form) -> None:
    """Draw the scenario as text, which may be edited and is the one truth."""
    key = form.key("text")
    if st.session_state.get(f"{key} stands beside") != form.given.text:
        synced(key, form.given.text)
    st.text_area(
        "The scenario as text",
        key=key,
        height=420,
        on_change=_edited,
        args=(form, key),
        help="Everything above is written here, and what you write here stands above.",
    )


def _edited(form: Form, key: str) -> None:
    """Keep the whole text, unless it was changed since it was shown: then what is typed stands, and is not written."""
    typed = str(st.session_state[key])

    def change(now: str) -> str:
        if now not in (form.given.text, typed):
            there = Form(replace(form.given, which=form.target)).key("text")
            st.session_state[there], st.session_state[f"{there} stands beside"] = typed, now
            form.follow()
            what = "the scenario was changed at the same time, or in another window, since this text was shown"
            remedy = "your text still stands under As text: edit it once more to keep it in the place of what is there"
            raise Refused([Finding(what, remedy)])
        return typed

    st.session_state.pop(f"{key} stands beside", None)
    form.change(change)


def found_said(given: Read) -> None:
    """Say what is wrong with the scenario."""
    show(given.findings, "The scenario has to be mended:")
    if given.open:
        what = ", ".join(dotted(one.path) for one in given.open[:6])
        st.warning(
            plain(f"The contract leaves figures unknown that are needed: {what}. Say below what they are taken to be.")
        )
