"""One click is one step of the workflow: one call, one transaction, under a key that was made when it was shown.

Streamlit may run a page's body half and then again. What a click does is therefore done in its callback, which is run
once and to its end, and a second click on what was shown once asks under the same key, and is told the first answer.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import streamlit as st

from app.parts.kept import Kept
from app.parts.ledger import ledger
from app.parts.person import person
from app.parts.told import show, success
from payfs.store import Store
from payfs.store.step import Answer
from payfs.text import Finding, Refused

LAST, DONE = "last step", "last step done"
TWICE = 2.0  # [s] within which a second click on the same button is a part of the first
Work = Callable[[Store, str, str], Answer]  # on the ledger, by whom, under which key


def step(label: str, place: str, work: Work, kept: Kept | None = None, primary: bool = True) -> None:
    """Draw a button that takes a step.

    Args:
        label: of the button.
        place: what the step is about, such as ``approve homes 3 due``; nothing that is typed, or a click that comes
            with the last letter would be on a button that is there no more.
        work: takes the step.
        kept: what was typed for it, which is forgotten once it is taken.
        primary: whether it is what is mostly done here.
    """
    key = f"key of {place}"
    st.session_state.setdefault(key, secrets.token_urlsafe(18))
    st.button(
        label,
        key=f"button {place}",
        type="primary" if primary else "secondary",
        on_click=_take,
        args=(work, place, st.session_state[key], kept),
    )


def _take(work: Work, place: str, key: str, kept: Kept | None) -> None:
    about = st.query_params.get("contract")
    done, when = st.session_state.get(DONE, ("", 0.0))
    if done == place and time.monotonic() - when < TWICE:
        return
    try:
        answer = work(ledger(), person().name, key)
    except Refused as refused:
        st.session_state[LAST] = (about, refused.findings)
        return
    st.session_state[LAST] = (about, answer)
    st.session_state[DONE] = (place, time.monotonic())
    st.session_state.pop(f"key of {place}", None)  # what is asked here next is another request
    if kept is not None:
        kept.forget()
        for name in [name for name in st.session_state if str(name).startswith(f"{kept.place}/")]:
            del st.session_state[name]


def told() -> None:
    """Show what came of the last step, until another is taken or another contract is looked at."""
    about, last = st.session_state.get(LAST, (None, None))
    if last is None:
        return
    if isinstance(last, Answer):
        success(last.text, f"Receipt, to be kept elsewhere as proof: {last.receipt}")
        if about != st.query_params.get("contract"):
            del st.session_state[LAST]
    elif about == st.query_params.get("contract"):
        show(last, "Nothing was done:")


def ready(files: list[Any], what: str) -> None:
    """Say which files have arrived."""
    if files:
        st.text(f"Ready to be {what}: {', '.join(file.name for file in files)}")


def uploaded(place: str) -> list[Any]:
    """Return the files that stand in an uploader at this moment, also where a page was not drawn since."""
    found = st.session_state.get(place)
    return found if isinstance(found, list) else [found] if found else []


def with_files(uploaded: list[Any], work: Callable[[list[str]], Answer]) -> Answer:
    """Take a step on files that were uploaded; they are laid out where nobody else can read them, and taken away again.

    Raises:
        Refused: no file was chosen, or what the step refuses.
    """
    if not uploaded:
        raise Refused([Finding("no file is chosen", "choose one above")])
    with TemporaryDirectory(prefix="payfs-") as folder:
        files = []
        for number, file in enumerate(uploaded, 1):
            # a folder each, because two may have the same name; of the name only what cannot lead elsewhere
            place = Path(folder) / str(number) / (Path(file.name.replace("\\", "/")).name[-80:] or "file")
            place.parent.mkdir()
            place.write_bytes(file.getvalue())
            files.append(str(place))
        try:
            return work(files)
        except Refused as refused:
            # the finding names the file as it is known to whoever chose it
            raise Refused(one._replace(file=Path(one.file).name) for one in refused.findings) from None
