"""How findings, texts, amounts and tables are shown: what a person wrote stays text, and money is exact."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from payfs.text import Finding, Refused, dotted

MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+.!|~$:&-])")
# a command of the terminal, and what leads to it
COMMAND = re.compile(
    r"(?:[:,;] )?\bpayfs (?:amend|approve|check|db|details|explain|grant|invoice|ledger|new|pay|register|simulate|"
    r"submit)\b[^;\n]*"
)
OPTION = re.compile(r"(?<![\w-])--([a-z]+(?:-[a-z]+)*)")
MOST_ROWS, MOST_COLUMNS = 40, 4  # of a table that is drawn as a whole: it fits a phone's width
MOST = 50  # findings that are shown at once


def plain(text: str) -> str:
    """Return a text so that markdown shows it as it stands: no links, images, formulas or emphasis."""
    return MARKUP.sub(r"\\\1", " ".join(text.split()))


def sentence(finding: Finding) -> str:
    """Write a finding as a person reads it who has no terminal: where, what, and what to do."""
    line = f"line {finding.line}" + (f", column {finding.column}" if finding.column > 1 else "")
    where = [Path(finding.file).name if finding.file else "", line if finding.line else "", dotted(finding.path)]
    place = ", ".join(part for part in where if part)
    fact = f"{finding.what}; {finding.remedy}" if finding.remedy else finding.what
    return spoken(f"{place}: {fact}" if place else fact)


def spoken(text: str) -> str:
    """Write a message of the program without the commands and options of a terminal."""
    return OPTION.sub(lambda found: found[1].replace("-", " "), COMMAND.sub("", text))


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
    """Draw a table of text; the columns that are named stand on the right, as amounts do.

    A small table is part of the page, and long texts in it are broken; a long or broad one scrolls within itself.
    """
    cells = [[str(cell) for cell in row] for row in rows]
    if what:
        st.markdown(f"**{plain(what)}**")
    if len(cells) <= MOST_ROWS and len(columns) <= MOST_COLUMNS:
        shown = pd.DataFrame(
            [[plain(cell) for cell in row] for row in cells], columns=[plain(name) for name in columns]
        )
        places = [place for place, name in enumerate(columns) if name in right]
        align = {"text-align": "right", "white-space": "nowrap"}
        st.table(
            shown.style.set_properties(subset=shown.columns[places], **align) if places else shown, hide_index=True
        )
        return
    settings = {name: st.column_config.TextColumn(name, alignment="right") for name in right}
    frame = pd.DataFrame(cells, columns=list(columns), dtype="string")
    st.dataframe(frame, hide_index=True, width="stretch", column_config=settings, alt=what or None)


def lines(text: Iterable[str]) -> None:
    """Show a text that a person or the program wrote, line by line and as it stands."""
    st.text("\n".join(text))


def success(what: str, more: str = "") -> None:
    """Say that something was done."""
    st.success("\n\n".join(plain(part) for part in (spoken(what), more) if part))


def facts(rows: Iterable[tuple[str, str]], what: str = "") -> None:
    """Show what is said of something, a fact a row."""
    said = pd.DataFrame([(plain(name), plain(fact)) for name, fact in rows if fact])
    if what:
        st.markdown(f"**{plain(what)}**")
    st.table(said, hide_index=True, hide_header=True, border="horizontal")
