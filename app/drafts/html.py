"""How two versions are set beside each other, with what differs marked: everything that a person wrote is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st

from payfs.report.versions_text import Piece, Reworded

STYLE = """<style>
.draft-beside {table-layout: fixed}
.payfs-table del {background: #fdecec; color: #8c1d18}
.payfs-table ins {background: #e6f4ea; color: #14532d}
.draft-changes td {font-family: "Source Code Pro", monospace; white-space: pre-wrap; border: 0; padding: 0 0.5rem}
</style>"""


def beside(clauses: Iterable[Reworded], first: str, second: str) -> None:
    """Draw sentences of two versions beside each other, with the words that differ marked."""
    rows = []
    for clause in clauses:
        title = clause.section.capitalize() + (f": {clause.name.replace('_', ' ')}" if clause.name else "")
        rows.append(f"<tr><th scope=colgroup colspan=2>{escape(title)} ({clause.kind})</th></tr>")
        for sentence in clause.sentences:
            rows.append(f"<tr><td>{_pieces(sentence.before, 'del')}</td><td>{_pieces(sentence.after, 'ins')}</td></tr>")
    head = f"<thead><tr><th scope=col>{escape(first)}</th><th scope=col>{escape(second)}</th></tr></thead>"
    start = '<table class="payfs-table draft-beside" aria-label="In words">'
    st.html(f"{STYLE}{start}{head}<tbody>{''.join(rows)}</tbody></table>")


def changed_lines(lines: Iterable[str]) -> None:
    """Draw lines of a unified diff: what was taken out, what was put in, and a few lines beside."""
    rows = []
    for line in lines:
        shown = "…" if line.startswith("@@") else escape(line)
        tag = {"+": "ins", "-": "del"}.get(line[:1])
        rows.append(f"<tr><td>{f'<{tag}>{shown}</{tag}>' if tag else shown}</td></tr>")
    name = "Lines that differ"
    st.html(
        f'{STYLE}<table class="payfs-table draft-changes" aria-label="{name}"><tbody>{"".join(rows)}</tbody></table>'
    )


def _pieces(pieces: Sequence[Piece], tag: str) -> str:
    return "".join(f"<{tag}>{escape(one.text)}</{tag}>" if one.differs else escape(one.text) for one in pieces) or "—"
