"""A contract in plain English, as it is read on a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import streamlit as st

from app.parts.told import plain
from payfs.contract import Contract
from payfs.report.chapters import EXAMPLES, Chapter, chapters, together
from payfs.report.phrases import Item, full_stop

CLOSED = (EXAMPLES, "SOURCES", "NOTES")  # which are long, and asked for less often


@st.cache_resource(show_spinner=False, max_entries=20)
def read_aloud(text: str, _contract: Contract) -> tuple[Chapter, ...]:
    """Return the chapters of a contract; the same text is put into words once."""
    return tuple(chapters(_contract))


def draw_chapters(read: Iterable[Chapter]) -> None:
    """Draw a contract chapter by chapter."""
    for chapter in read:
        title = chapter.title.capitalize()
        if chapter.title in CLOSED:
            with st.expander(title):
                st.markdown("\n\n".join(_chapter(chapter)))
        else:
            st.subheader(title, anchor=False)
            st.markdown("\n\n".join(_chapter(chapter)))


def _chapter(chapter: Chapter) -> Iterator[str]:
    """Write a chapter as markdown, with nothing in it read as markup."""
    number = 0
    for blocks in together(chapter.blocks):
        if len(blocks) > 1:  # alike but for what stands at their head
            if blocks[0].common:
                yield f"{plain(blocks[0].common)}:"
            yield "\n".join(f"- **{plain(block.heading)}:** {plain(full_stop(block.lead))}" for block in blocks)
            if any(blocks[0].rest):
                yield "For each of these:"
                yield from body(blocks[0].rest)
            number += len(blocks)
            continue
        block = blocks[0]
        number += bool(block.heading)
        count = f"{number}\\. " if chapter.numbered and block.heading else ""
        if block.inline:
            said = [plain(item) for item in block.body if isinstance(item, str)]
            yield " ".join([f"**{plain(block.heading)}**", *said])
            continue
        if block.heading:
            yield f"**{count}{plain(block.heading)}**"
        yield from body(block.body)


def body(body: Iterable[Item]) -> Iterator[str]:
    """Write sentences as paragraphs and small tables as lists."""
    flow: list[str] = []
    for item in (*body, ""):
        if isinstance(item, str) and item:
            flow.append(plain(item))
            continue
        if flow:
            yield " ".join(flow)
            flow = []
        if not isinstance(item, str):
            yield "\n".join(f"- {plain(what)}: {plain(much)}" for what, much in item.rows)
