"""The pages by job, and links between them."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from app.parts.told import plain


class Place(NamedTuple):
    """A page.

    Attributes:
        path: in the address.
        title: in the navigation.
        job: what it is for, in a sentence.
    """

    path: str
    title: str
    job: str


PAGES = (
    Place("contracts", "Contracts", "What contracts there are, and where each of them stands."),
    Place("draft", "Draft", "Write a contract, and see what it says and what it pays while you write."),
    Place("scenarios", "Scenarios", "What is paid, when, and whether the cash lasts, if it goes well or badly."),
    Place("simulate", "Simulate", "What to appropriate, who bears which loss, and what drives it."),
    Place("compare", "Compare", "Which of two contracts is better for whom."),
    Place("track", "Track and pay", "Hand in, verify, approve and pay what a signed contract has earned."),
    Place("contract", "Contract", "One contract: what it says, its dates, its payments and why."),
)
BY_PATH = {place.path: place for place in PAGES}


def head(path: str) -> None:
    """Write the title of a page and what it is for."""
    place = BY_PATH[path]
    st.title(place.title)
    st.caption(place.job)


def link(path: str, label: str, **query: str) -> None:
    """Draw a link to a page, with what it is to show."""
    pages = st.session_state.get("pages", {})
    if path in pages:
        st.page_link(pages[path], label=plain(label), query_params=query)
    else:  # a page that is drawn by itself, in a test
        st.text(label)


def go(path: str, **query: str) -> None:
    """Go to a page at once."""
    pages = st.session_state.get("pages", {})
    if path in pages:
        st.switch_page(pages[path], query_params=query)
    for name, value in query.items():
        st.query_params[name] = value
