"""The router: which pages there are, and who may see them. Streamlit runs this file for every click."""

from __future__ import annotations

import streamlit as st

from app import compare, contract, contracts, draft, scenarios, simulate, track
from app.parts import picked
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
# Streamlit leaves a quarter of a small screen empty above a page, and cuts off what does not fit on one line
STYLE = (
    """<style>
[data-testid="stMainBlockContainer"] { padding-top: 3.5rem; padding-bottom: 4rem; }
[data-testid="stMainBlockContainer"] h1 { font-size: 2rem; padding-top: 0; }
[data-testid="stMainBlockContainer"] h2 { font-size: 1.5rem; }
[data-testid="stMainBlockContainer"] h3 { font-size: 1.2rem; }
[data-testid="stMain"] [data-testid="stPageLink"] p { color: #1a4f8b; text-decoration: underline; }
:is([data-testid="stPageLink"], [data-testid="stButton"], [data-testid="stDownloadButton"]) :is(p, a, button, span) {
    white-space: normal; overflow: visible; overflow-wrap: anywhere;
}
[data-testid="stMultiSelectTagsContainer"] [data-tag], [data-testid="stMultiSelectTagsContainer"] [data-tag] > span {
    height: auto; max-width: 100%; white-space: normal; overflow: visible; overflow-wrap: anywhere;
}
[data-testid="stText"] div, [data-testid="stText"] { white-space: pre-wrap; overflow-wrap: anywhere; }
.payfs-english { overflow-wrap: anywhere; }
.payfs-scrolls { overflow-x: auto; }
.payfs-table { border-collapse: collapse; width: 100%; font-size: 0.9rem; color: #000000; }
.payfs-table caption { text-align: left; font-weight: 600; padding: 0.25rem 0; color: #000000; }
.payfs-table th, .payfs-table td {
    border: 1px solid #c9ccd3; padding: 0.3rem 0.5rem; vertical-align: top; text-align: left; overflow-wrap: break-word;
    min-width: 3.5rem;
}
.payfs-table th { background: #f2f3f6; font-weight: 600; }
.payfs-table .right { text-align: right; overflow-wrap: normal; font-variant-numeric: tabular-nums; }
.payfs-scrolls::-webkit-scrollbar { height: 10px; }
.payfs-scrolls::-webkit-scrollbar-thumb { background: #6b7280; border-radius: 5px; }
@media (max-width: 640px) {
    .payfs-table { font-size: 0.72rem; }
    .payfs-table th, .payfs-table td { padding: 0.2rem 0.2rem; min-width: 0; }
}
.st-key-payfs-script { display: none; }
"""
    + f"{picked.STYLE}\n</style>"
)
SCRIPT = '<script src="/typed.js"></script>'


def main() -> None:
    """Find the page that is asked for, and draw it for whoever is signed in."""
    st.set_page_config(page_title="payfs", layout="wide", initial_sidebar_state="auto")
    st.html(STYLE)
    with st.container(key="payfs-script"):
        st.html(SCRIPT, unsafe_allow_javascript=True)
    pages = {place: made(place) for place in PAGES}
    st.session_state["pages"] = {place.path: page for place, page in pages.items()}
    asked = st.navigation(list(pages.values()))
    st.set_page_config(page_title=f"{asked.title} · payfs")
    greet(person())
    asked.run()


def made(place: Place) -> st.Page:
    """Return Streamlit's page of a place."""
    return st.Page(DRAW[place.path], title=place.title, url_path=place.path, default=place is PAGES[0])


main()
