"""How findings, texts, amounts and tables are shown: what a person wrote stays text, and money is exact."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import pandas as pd
import streamlit as st

from payfs.text import Finding, Refused, dotted

MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+.!|~$:&-])")
MOST = 50  # findings that are shown at once


def plain(text: str) -> str:
    """Return a text so that markdown shows it as it stands: no links, images, formulas or emphasis."""
    return MARKUP.sub(r"\\\1", " ".join(text.split()))


def sentence(finding: Finding) -> str:
    """Write a finding as a person reads it: where, what, and what to do."""
    where = [f"line {finding.line}" if finding.line else "", dotted(finding.path)]
    place = ", ".join(part for part in where if part)
    fact = f"{finding.what}; {finding.remedy}" if finding.remedy else finding.what
    return f"{place}: {fact}" if place else fact


def show(refused: Refused | Iterable[Finding], what: str = "") -> None:
    """Show what is wrong, all of it, with what to do about it."""
    found = list(refused.findings if isinstance(refused, Refused) else refused)
    if not found:
        return
    lines = [f"- {plain(sentence(finding))}" for finding in found[:MOST]]
    if len(found) > MOST:
        lines.append(f"- and {len(found) - MOST:,} more")
    st.error("\n".join([f"**{what}**", "", *lines] if what else lines))


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[str] = (), what: str = "") -> None:
    """Draw a table of text; the columns that are named stand on the right, as amounts do."""
    frame = pd.DataFrame([list(row) for row in rows], columns=list(columns), dtype="string")
    settings = {name: st.column_config.TextColumn(name, alignment="right") for name in right}
    st.dataframe(frame, hide_index=True, width="stretch", column_config=settings, alt=what or None)
    if what:
        st.caption(what)


def lines(text: Iterable[str]) -> None:
    """Show a text that a person or the program wrote, line by line and as it stands."""
    st.text("\n".join(text))
