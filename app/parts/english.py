"""A contract in plain English, as it is read on a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

import streamlit as st

from payfs.contract import Contract
from payfs.report.chapters import EXAMPLES, Chapter, chapters, together
from payfs.report.phrases import Item, full_stop

CLOSED = (EXAMPLES, "SOURCES", "NOTES")  # which are long, and asked for less often


@st.cache_resource(show_spinner=False, max_entries=20)
def read_aloud(text: str, _contract: Contract, draft: str = "") -> tuple[Chapter, ...]:
    """Return the chapters of a contract, or of a version of a draft; the same text is put into words once."""
    return tuple(chapters(_contract, draft))


def draw_chapters(read: Iterable[Chapter]) -> None:
    """Draw a contract chapter by chapter."""
    for chapter in read:
        title = chapter.title.capitalize()
        text = f'<div class="payfs-english">{"".join(_chapter(chapter))}</div>'
        if chapter.title in CLOSED:
            with st.expander(title):
                st.html(text)
        else:
            st.subheader(title, anchor=False)
            st.html(text)


def _chapter(chapter: Chapter) -> Iterator[str]:
    """Write a chapter as HTML, with nothing in it read as markup: every letter is the contract's."""
    number = 0
    for blocks in together(chapter.blocks):
        if len(blocks) > 1:  # alike but for what stands at their head
            if blocks[0].common:
                yield f"<p>{escape(blocks[0].common)}:</p>"
            alike = (f"<b>{escape(block.heading)}:</b> {escape(full_stop(block.lead))}" for block in blocks)
            yield _listed(alike)
            if any(blocks[0].rest):
                yield "<p>For each of these:</p>"
                yield from body(blocks[0].rest)
            number += len(blocks)
            continue
        block = blocks[0]
        number += bool(block.heading)
        count = f"{number}. " if chapter.numbered and block.heading else ""
        if block.inline:
            said = " ".join(escape(item) for item in block.body if isinstance(item, str))
            yield f"<p><b>{escape(block.heading)}</b> {said}</p>"
            continue
        if block.heading:
            yield f"<p><b>{escape(count + block.heading)}</b></p>"
        yield from body(block.body)


def body(items: Iterable[Item]) -> Iterator[str]:
    """Write sentences as paragraphs and small tables as lists, in HTML."""
    flow: list[str] = []
    for item in (*items, ""):
        if isinstance(item, str) and item:
            flow.append(escape(item))
            continue
        if flow:
            yield f"<p>{' '.join(flow)}</p>"
            flow = []
        if not isinstance(item, str):
            yield _listed(f"{escape(what)}: {escape(much)}" for what, much in item.rows)


def _listed(items: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"
