"""The fields of a form, which keep what is typed until it is added."""

from __future__ import annotations

import streamlit as st

from app.parts.kept import Kept


class Form:
    """The fields of a form, which keep what is typed; a press of its button reads them as they stand then.

    Args:
        name: of the draft.
        kind: of what is added.
    """

    def __init__(self, name: str, kind: str) -> None:
        self.name = name
        self.kept = Kept(f"add {kind}", name)

    def text(self, label: str, name: str, help: str | None = None, placeholder: str | None = None) -> str:
        """Draw a text field."""
        return self.kept.text(label, name, help=help, placeholder=placeholder)

    def choice(self, label: str, name: str, options: list[str], help: str | None = None) -> str:
        """Draw a choice."""
        return self.kept.choice(label, name, options, help=help) or ""

    def several(self, label: str, name: str, options: list[str], help: str | None = None) -> list[str]:
        """Draw a choice of any number; nothing chosen means all."""
        return self.kept.several(label, name, options, [], help=help, placeholder="All")

    def read(self, name: str) -> str:
        """Return what stands in a field."""
        return str(st.session_state.get(f"{self.kept.place}/{name}") or "")

    def chosen(self, name: str, *others: str) -> str:
        """Return what is chosen; nothing for words that only stand for nothing."""
        said = self.read(name)
        return "" if said in others else said

    def list(self, name: str) -> tuple[str, ...]:
        """Return what is chosen of several."""
        return tuple(st.session_state.get(f"{self.kept.place}/{name}") or ())

    def clear(self) -> None:
        """Empty all fields."""
        self.kept.forget()
        for key in [key for key in st.session_state if str(key).startswith(f"{self.kept.place}/")]:
            del st.session_state[key]
