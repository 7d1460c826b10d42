"""What a person takes away: files, made when they are asked for."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable

import streamlit as st

TYPES = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".yaml": "application/yaml",
    ".csv": "text/csv",
    ".svg": "image/svg+xml",
}


def take_away(label: str, file: str, content: bytes | Callable[[], bytes], key: str | None = None) -> None:
    """Draw a button that hands out a file.

    Args:
        label: of the button.
        file: its name.
        content: what is in it, or what makes it once the button is pressed.
        key: where the label is there more than once.
    """
    end = file[file.rfind(".") :]
    kind = TYPES.get(end) or mimetypes.guess_type(file)[0] or "application/octet-stream"
    st.download_button(label, content, file_name=file, mime=kind, key=key, on_click="ignore")
