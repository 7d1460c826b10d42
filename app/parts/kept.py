"""What a person typed on a page and has not finished: kept on their desk, so that it is there after a refresh."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from app.parts.person import person
from app.parts.picked import pick
from app.parts.told import show
from app.settings import settings
from payfs.desk import Desk
from payfs.text import Refused


def desk() -> Desk:
    """Return the desk of whoever is signed in."""
    return Desk(settings().desks, person().name)


class Kept:
    """What was typed in one place: on a page, about a contract.

    Args:
        page: the page.
        about: what it is about, such as the contract.
    """

    def __init__(self, page: str, about: str = "") -> None:
        self.desk = desk()
        self.place = f"{page} {about}".strip()
        self.values = self.desk.typed(self.place)

    def get(self, name: str, default: Any = None) -> Any:
        """Return what was typed under a name."""
        return self.values.get(name, default)

    def put(self, name: str, value: Any) -> None:
        """Keep what was typed under a name: a text, a number, a list or a table of them."""
        self.put_all({name: value})

    def put_all(self, values: dict[str, Any]) -> None:
        """Keep several values at once; what is the same as before is not written again."""
        new = {**self.desk.typed(self.place), **values}
        if json.dumps(new, sort_keys=True) == json.dumps(self.values, sort_keys=True):
            return
        self.values = new
        try:
            self.desk.keep_typed(self.place, new)
        except Refused as refused:
            show(refused)

    def forget(self) -> None:
        """Forget all that was typed here."""
        self.values = {}
        self.desk.forget_typed(self.place)

    def text(self, label: str, name: str, default: str = "", **more: Any) -> str:
        """Draw a text field whose value is kept, and return it."""
        key = self._current(name, default)
        said = str(st.text_input(label, key=key, **self._at_once(key, name), **more))
        self._typed(key, name, said)
        return said

    def now(self, name: str) -> str:
        """Return what stands in a field at this moment, also where a page was not drawn since it was typed."""
        return str(st.session_state.get(f"{self.place}/{name}", self.get(name, "")) or "")

    def choice(self, label: str, name: str, options: list[str], default: str | None = None, **more: Any) -> str | None:
        """Draw a choice whose value is kept, and return it."""
        key = self._current(name, default)
        if st.session_state.get(key) not in options:
            st.session_state[key] = default if default in options else (options[0] if options else None)
        said: str | None = pick(label, options, key=key, **self._at_once(key, name), **more)
        self._typed(key, name, said)
        return said

    def one_of(self, label: str, name: str, options: list[str]) -> str:
        """Draw a choice of a few that all stand there, whose value is kept, and return it."""
        key = self._current(name, options[0])
        if st.session_state.get(key) not in options:
            st.session_state[key] = options[0]
        said = str(st.radio(label, options, key=key, horizontal=True, **self._at_once(key, name)))
        self._typed(key, name, said)
        return said

    def several(self, label: str, name: str, options: list[str], default: list[str], **more: Any) -> list[str]:
        """Draw a choice of several whose value is kept, and return it."""
        key = self._current(name, default)
        st.session_state[key] = [one for one in st.session_state[key] if one in options]
        said: list[str] = st.multiselect(label, options, key=key, **self._at_once(key, name), **more)
        self._typed(key, name, said)
        return said

    def tick(self, label: str, name: str, default: bool, **more: Any) -> bool:
        """Draw a field to be ticked whose value is kept, and return whether it is."""
        key = self._current(name, default)
        said = bool(st.checkbox(label, key=key, **self._at_once(key, name), **more))
        self._typed(key, name, said)
        return said

    def stood(self, name: str, value: Any) -> Any:
        """Return what stood at the last time in a part that keeps itself, and remember what stands in it now."""
        key = f"{self.place}/{name} stood"
        before = st.session_state.get(key, value)
        st.session_state[key] = value
        return before

    def elsewhere(self, name: str) -> bool:
        """Whether what is kept was changed since this was last asked, by another window or by this one."""
        key = f"{self.place}/{name} elsewhere"
        now = self.get(name)
        before = st.session_state.get(key, now)
        st.session_state[key] = now
        return bool(before != now)

    def _current(self, name: str, default: Any) -> str:
        """See that a field shows what is kept, unless it was changed here, and return its key."""
        key = f"{self.place}/{name}"
        kept = self.get(name, default)
        seen = st.session_state.get(f"{key} seen", kept)
        if key not in st.session_state or (st.session_state[key] == seen and kept != seen):
            st.session_state[key] = kept  # which another window may have changed
        st.session_state[f"{key} seen"] = kept
        return key

    def _at_once(self, key: str, name: str) -> dict[str, Any]:
        """Return what lets a field keep itself before a page is drawn, because it may be another page already."""

        def changed() -> None:
            if f"{key} seen" in st.session_state:
                self._typed(key, name, st.session_state[key])

        return {"on_change": changed}

    def _typed(self, key: str, name: str, said: Any) -> None:
        """Keep what stands in a field, if it was changed here: a window that is only looked at writes nothing."""
        if said != st.session_state[f"{key} seen"]:
            st.session_state[f"{key} seen"] = said
            self.put(name, said)
