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
# Streamlit leaves a quarter of a small screen empty above a page
STYLE = """<style>
[data-testid="stMainBlockContainer"] { padding-top: 3.5rem; padding-bottom: 4rem; }
[data-testid="stMainBlockContainer"] h1 { font-size: 2rem; padding-top: 0; }
[data-testid="stText"] div, [data-testid="stText"] { white-space: pre-wrap; overflow-wrap: anywhere; }
[data-testid="stTable"] td, [data-testid="stTable"] td * {
    min-width: 0 !important; max-width: none !important;
    overflow-wrap: anywhere !important; overflow: visible !important;
}
[data-testid="stTable"] td { vertical-align: top; }
[data-testid="stTable"] table { width: 100%; }
</style>"""


def main() -> None:
    """Find the page that is asked for, and draw it for whoever is signed in."""
    st.set_page_config(page_title="payfs", layout="wide", initial_sidebar_state="auto")
    st.html(STYLE)
    pages = {place: made(place) for place in PAGES}
    st.session_state["pages"] = {place.path: page for place, page in pages.items()}
    asked = st.navigation(list(pages.values()))
    greet(person())
    asked.run()


def made(place: Place) -> st.Page:
    """Return Streamlit's page of a place."""
    return st.Page(DRAW[place.path], title=place.title, url_path=place.path, default=place is PAGES[0])


main()
