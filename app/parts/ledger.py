"""The ledger that the application works on: opened once for all who look."""

from __future__ import annotations

import streamlit as st

from app.settings import settings
from payfs.store import Store, create_store, open_store
from payfs.store.schema import holds_nothing_yet


@st.cache_resource(show_spinner=False)
def _opened(db: str | None) -> Store:
    return create_store(db) if holds_nothing_yet(db) else open_store(db)


def ledger() -> Store:
    """Return the open ledger.

    Raises:
        Refused: it cannot be opened.
    """
    return _opened(settings().db)
