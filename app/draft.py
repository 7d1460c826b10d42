"""The page Draft: a contract as it is being written, with what is found in it, what it says and what it pays."""

from __future__ import annotations

import streamlit as st

from app.drafts.begin import BEGIN, begin
from app.drafts.forms import draw_forms
from app.drafts.payments import draw_payments
from app.drafts.taken import draw_taken
from app.drafts.text import PAGE, Drafted, marked, read, said, save, wait_for
from app.drafts.versions import draw_versions
from app.drafts.views import draw_dates, draw_english, draw_examples, draw_warnings
from app.parts.chosen import ABOUT, DRAFT, choices, choose
from app.parts.kept import Kept
from app.parts.places import head
from app.parts.told import plain
from payfs.drafting.draft import Draft
from payfs.report.phrases import counted, start

VIEWS = {
    "In plain English": draw_english,
    "What it pays": draw_payments,
    "Dates": draw_dates,
    "Warnings": draw_warnings,
    "Worked examples": draw_examples,
}
ADD, VERSIONS, TAKE = "Add", "Versions", "Take away"


def page() -> None:
    """Draw the page."""
    head("draft")
    asked = st.query_params.get("contract", "") or _last()
    if not asked.startswith(DRAFT):
        begin(asked)
        return
    chosen, another = st.columns([3, 1], vertical_alignment="bottom")
    with chosen:
        name = choose(("draft",), "Your draft").name
    with another:
        st.button("Begin another", on_click=_begin_another, width="stretch")
    current = Drafted(name)
    st.html(PAGE)
    left, right = st.columns(2, gap="medium")
    with left, st.container(key="draft-text"):
        text = current.edit()
        draft = read(text)
        _found(text, draft)
        _save(current)
    with right, st.container(key="draft-views"):
        _view(current, text, draft)


def _last() -> str:
    """Return the draft that was looked at last, for whoever comes by the navigation and does not want another one."""
    last: str = st.session_state.get(ABOUT, "")
    return last if last.startswith(DRAFT) and BEGIN not in st.query_params and last in choices(("draft",)) else ""


def _begin_another() -> None:
    st.query_params.clear()
    st.query_params[BEGIN] = "new"


def _found(text: str, draft: Draft) -> None:
    """Say what is found, and show the lines that it is about."""
    standing, choice = st.columns([3, 2], vertical_alignment="center")
    with standing:
        st.markdown(f"**{_standing(draft)}**")
    with choice:
        whole = st.toggle("Show all lines", key="draft all lines", help="The whole text with the numbers of its lines.")
    if any(not example.worked for example in draft.examples):
        st.button("Work all examples out", on_click=wait_for, args=(text,))
    if draft.findings or whole:
        marked(text, draft, whole)


def _standing(draft: Draft) -> str:
    """Say how a draft stands in a sentence."""
    number, examples = len(draft.findings), len(draft.examples)
    failed = sum(bool(example.findings) for example in draft.examples)
    waiting = sum(not example.worked for example in draft.examples)
    if draft.contract is None:
        them = "it" if number == 1 else "them"
        return f"{counted(number, 'finding')}: mend {them}, and the draft becomes a contract."
    if not examples:
        return "Nothing is wrong with it. It has no worked example yet: add one that both sides agree on."
    if failed:
        does = "does" if failed == 1 else "do"
        return f"Its terms are sound, but {_of(failed, examples)} {does} not hold."
    if waiting:
        how = "takes longer, and is" if waiting == 1 else "take longer, and are"
        return f"Its terms are sound. {start(_of(waiting, examples))} {how} not worked out yet."
    return f"Nothing is wrong with it, and {_of(examples, examples)} {'holds' if examples == 1 else 'hold'}."


def _of(some: int, examples: int) -> str:
    """Count some of the worked examples."""
    return "its worked example" if examples == 1 else f"{some} of {examples} worked examples"


def _save(current: Drafted) -> None:
    """Draw the button that makes a version."""
    with st.container(border=True):
        if said("save", current.typed):
            pass
        elif current.changed:
            st.text("You have changed it since the last version. What you typed is kept until you save it.")
        else:
            st.text("This is the last version as it was saved.")
        Kept(PAGE, current.name).text("What is new in this version (if you like)", "note", max_chars=200)
        one, two = st.columns(2)
        with one:
            st.button(
                "Save as a version",
                type="primary",
                on_click=save,
                args=(current.name,),
                width="stretch",
            )
        with two:
            st.button(
                "Undo all since then",
                on_click=_undo,
                args=(current.name,),
                disabled=not current.changed,
                width="stretch",
            )


def _undo(name: str) -> None:
    current = Drafted(name)
    current.instead(current.saved)
    current.done()


def _view(current: Drafted, text: str, draft: Draft) -> None:
    """Draw what is chosen beside the text."""
    names = [*VIEWS, ADD, VERSIONS, TAKE]
    tabs = st.tabs(names, key="view", bind="query-params")
    for name, tab in zip(names, tabs, strict=True):
        if not tab.open:
            continue
        with tab:
            if name == ADD:
                draw_forms(current, draft)
            elif name == VERSIONS:
                draw_versions(current, text)
            elif name == TAKE:
                draw_taken(current, draft)
            elif draft.sound is None:
                st.info("There is nothing to show yet. Mend the findings beside the text, and it appears here.")
            else:
                _left_out(draft)
                VIEWS[name](current, draft)


def _left_out(draft: Draft) -> None:
    """Say what is not in what follows, because it is faulty."""
    if draft.contract is None:
        names = ", ".join(plain(name) for name in draft.left_out) or "the lines with findings"
        st.warning(f"This is only what is sound in the draft. Left out until it is mended: {names}.")
