"""Simulations in the background: begun with a click, watched while the page stays alive, and read afterwards."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from app.parts.person import person
from app.parts.told import plain, show
from app.settings import settings
from payfs.runs import Analysed, Asked, Runs, Simulated, State, analysed, comparison, simulated
from payfs.simulate.compared import Comparison
from payfs.text import Refused

OFTEN = 0.25  # between two looks at a run [s]
DOING = {
    "simulate": "paths are drawn and paid",
    "sensitivity": "each input is moved",
    "compare": "both are paid",
}


def runs() -> Runs:
    """Return the runs of this server."""
    return _runs(str(settings().desks / "runs"))


@st.cache_resource(show_spinner=False)
def _runs(folder: str) -> Runs:
    return Runs(Path(folder))


def make_ready() -> None:
    """Have a process ready while the person still types."""
    try:
        runs().ready()
    except Refused as refused:
        show(refused)


def begin(asked: Asked, query: str, keep: Callable[[str], None]) -> None:
    """Begin a run, at the click of a button; a double click begins one.

    Args:
        asked: what.
        query: the parameter of the address in which its number stands.
        keep: is given the number.
    """
    what = hashlib.sha256(repr(asked).encode("utf-8", "replace")).hexdigest()
    held: dict[str, str] = st.session_state.setdefault("asked before", {})
    number = held.get(what, "")
    if not number or _over(number):
        try:
            number = runs().start(person().name, asked, uuid.uuid4().hex)
        except Refused as refused:
            st.session_state["not begun"] = list(refused.findings)
            return
        held[what] = number
    st.session_state.pop("not begun", None)
    st.query_params[query] = number
    keep(number)


def _over(number: str) -> bool:
    try:
        return runs().look(person().name, number).over
    except Refused:
        return True


def not_begun() -> None:
    """Say why the last click began nothing."""
    show(st.session_state.get("not begun", []), "It was not begun:")


def watch(number: str) -> State | None:
    """Return a run that is over; draw how far it is where it is not, and nothing where there is none.

    The drawing looks again by itself, and draws the whole page anew once the run is over.
    """
    try:
        state = runs().look(person().name, number)
    except Refused as refused:
        show(refused)
        return None
    if not state.over:
        _progress(number)
        return None
    if state.what == "refused":
        show(state.findings, "This cannot be worked out:")
    elif state.what == "stopped":
        st.warning(plain(f"This run was stopped: {state.reason}. Click the button above to begin it again."))
    elif state.what == "lost":
        st.warning(plain(f"This run was lost: {state.reason}."))
    return state


@st.fragment(run_every=OFTEN)
def _progress(number: str) -> None:
    try:
        state = runs().look(person().name, number)
    except Refused:
        st.rerun()
    if state.over:
        st.rerun()
    if state.what == "waiting":
        others = f"{state.ahead} before it" if state.ahead else "it is next"
        text = f"Waiting in line: {others}."
    else:
        text = f"{state.share:.0%} is done: {DOING[state.kind]}. You may go on typing, or come back later."
    st.progress(state.share, text=text)
    st.button("Cancel", key=f"cancel {number}", on_click=_stop, args=(number,))


def _stop(number: str) -> None:
    try:
        runs().stop(person().name, number)
    except Refused as refused:
        st.session_state["not begun"] = list(refused.findings)


def simulation(number: str) -> Simulated:
    """Return what a simulation of whoever looks came to."""
    return _simulation(str(runs().folder), person().name, number)


def analysis(number: str) -> Analysed:
    """Return what a sensitivity analysis of whoever looks came to."""
    return _analysis(str(runs().folder), person().name, number)


def both(number: str) -> Comparison:
    """Return what a comparison of whoever looks came to."""
    return _both(str(runs().folder), person().name, number)


def asked(number: str) -> Asked:
    """Return what a run of whoever looks was asked."""
    return runs().asked(person().name, number)


def _read(owner: str, number: str) -> tuple[Asked, Any]:
    return runs().asked(owner, number), runs().result(owner, number)


@st.cache_resource(show_spinner=False, max_entries=20)
def _simulation(folder: str, owner: str, number: str) -> Simulated:
    return simulated(*_read(owner, number))


@st.cache_resource(show_spinner=False, max_entries=20)
def _analysis(folder: str, owner: str, number: str) -> Analysed:
    return analysed(*_read(owner, number))


@st.cache_resource(show_spinner=False, max_entries=20)
def _both(folder: str, owner: str, number: str) -> Comparison:
    return comparison(*_read(owner, number))
