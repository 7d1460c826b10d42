"""Results that are at hand of a contract: what was really reported, and its worked examples."""

from __future__ import annotations

import streamlit as st

from app.parts.chosen import Chosen
from payfs.contract import Contract
from payfs.evidence.results import Result
from payfs.forecast import beginnings


def begun(chosen: Chosen, contract: Contract) -> dict[str, tuple[Result, ...]]:
    """Return the results that are at hand of a contract as it is written, those that say most first."""
    return _begun(f"{chosen.name}\n{chosen.text}", contract)


@st.cache_data(show_spinner=False, max_entries=100)
def _begun(key: str, _contract: Contract) -> dict[str, tuple[Result, ...]]:
    """Look for them once for the same text: to tell which say most, several of them are worked out."""
    return {one.name: one.results for one in beginnings(_contract)}
