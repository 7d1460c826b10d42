"""One of several views of the same result, which the address names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st


def one_of(views: Mapping[str, Callable[[], None]], of: str) -> None:
    """Let somebody choose a view, and draw it: the one that the address names, or the first.

    Args:
        views: what draws each, by what it is called.
        of: what they are views of.
    """
    key = f"view of {of}"
    if key not in st.session_state:
        st.session_state[key] = st.query_params.get("view", "")
    if st.session_state[key] not in views:
        st.session_state[key] = next(iter(views))
    view = st.radio("What to look at", list(views), key=key, horizontal=True, label_visibility="collapsed")
    st.query_params["view"] = view
    st.subheader(view)
    views[view]()
