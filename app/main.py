"""The router: which pages there are, and who may see them. Streamlit runs this file for every click."""

from __future__ import annotations

import streamlit as st

from app import compare, contract, contracts, draft, scenarios, simulate, track
from app.parts.person import greet, person
from app.parts.places import PAGES, Place

DRAW = {
    "contracts": contracts.page,
    "draft": draft.page,
    "scenarios": scenarios.page,
    "simulate": simulate.page,
    "compare": compare.page,
    "track": track.page,
    "contract": contract.page,
}


def main() -> None:
    """Find the page that is asked for, and draw it for whoever is signed in."""
    st.set_page_config(page_title="payfs", page_icon="📄", layout="wide", initial_sidebar_state="auto")
    pages = {place: made(place) for place in PAGES}
    st.session_state["pages"] = {place.path: page for place, page in pages.items()}
    asked = st.navigation(list(pages.values()))
    greet(person())
    asked.run()


def made(place: Place) -> st.Page:
    """Return Streamlit's page of a place."""
    return st.Page(DRAW[place.path], title=place.title, icon=place.icon, url_path=place.path, default=place is PAGES[0])


main()
