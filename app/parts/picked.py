"""A choice out of a list whose chosen entry can be read as a whole, also where its box is too narrow for it.

A browser draws what is chosen on one line, and cuts it where the line ends. Whether it does is known to the browser
alone, so the whole entry stands below every longer one, and its style shows it only where the box is too narrow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any, TypeVar

import streamlit as st

Option = TypeVar("Option")

SHORT = 20  # letters that any box has room for
LETTER, BESIDE = 6.6, 52  # the width of a letter, and of what stands beside them in a box [pixels]
STEPS = tuple(range(SHORT, 151, 10))
STYLE = "\n".join(
    [
        '[data-testid="stElementContainer"]:has(.payfs-picked) { margin-top: -1rem; }',
        ".payfs-picked { container-type: inline-size; }",
        ".payfs-picked p { display: none; margin: 0.3rem 0 0; font-size: 0.875rem; overflow-wrap: anywhere; }",
        *(
            f"@container (max-width: {(step + 10) * LETTER + BESIDE:.0f}px) "
            f"{{ .payfs-picked .over-{step} {{ display: block; }} }}"
            for step in STEPS
        ),
    ]
)


def pick(label: str, options: Sequence[Option], format_func: Callable[[Option], str] = str, **more: Any) -> Option:
    """Draw a choice, and below it the chosen entry as a whole where its box cuts it."""
    chosen: Option = st.selectbox(label, options, format_func=format_func, **more)
    text = "" if chosen is None else format_func(chosen)  # of an empty list nothing is chosen
    if len(text) > SHORT:
        step = max(step for step in STEPS if step < len(text))
        # whoever listens is told the whole entry by the box itself
        st.html(f'<div class="payfs-picked" aria-hidden="true"><p class="over-{step}">{escape(text)}</p></div>')
    return chosen
