"""How findings, texts, amounts and tables are shown: what a person wrote stays text, and money is exact."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

import pandas as pd
import streamlit as st

from payfs.text import Finding, Refused, dotted

MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+.!|~$:&@-])")
JOINER = "\u2060"
APART = re.compile(r"\\:(?=//|[\w\\/+-]+:)|www(?=\\\.)|(?:\\[<>!~-]|=)(?=\\?[<>=-])", re.IGNORECASE)
WORD = re.compile(r"\S+")
# a command of the terminal, and what leads to it
COMMAND = re.compile(
    r"(?:[:,;] )?\bpayfs (?:amend|approve|check|db|details|explain|grant|invoice|ledger|new|pay|register|simulate|"
    r"submit)\b[^;\n]*"
)
LARGE = re.compile(r", or read it with --large: [^;\n]*")
# options of a terminal, by name: what else begins with two dashes, somebody wrote
OPTION = re.compile(
    r"(?<![\w-])--(total|reason|on|reference|results|address|tax-id|purchase-order|bank|key|by|party|as-of|paths|seed|"
    r"rate)\b(?!-)"
)
LONG, PART = 24, 12  # letters of a word that may be broken in a table, and of each part of it
MOST_ROWS = 60  # of a table that is drawn as a whole
MOST = 50  # findings that are shown at once


def plain(text: str) -> str:
    """Return a text so that markdown shows it as it stands: no links, images, formulas, icons or emphasis.

    Streamlit makes links, icons and arrows of what is left once backslashes are read; a joiner that nobody sees keeps
    the letters of which it would make them apart. Longer texts are drawn as HTML, without it.
    """
    shown = MARKUP.sub(r"\\\1", " ".join(text.split()))
    return APART.sub(lambda found: f"{found[0]}{JOINER}", shown).replace("\\@", f"{JOINER}\\@")


def sentence(finding: Finding) -> str:
    """Write a finding as a person reads it who has no terminal: where, what, and what to do."""
    line = f"line {finding.line}" + (f", column {finding.column}" if finding.column > 1 else "")
    where = [Path(finding.file).name if finding.file else "", line if finding.line else "", dotted(finding.path)]
    place = ", ".join(part for part in where if part)
    fact = f"{finding.what}; {finding.remedy}" if finding.remedy else finding.what
    return spoken(f"{place}: {fact}" if place else fact)


def spoken(text: str) -> str:
    """Write a message of the program without the commands and options of a terminal."""
    return OPTION.sub(lambda found: found[1].replace("-", " "), COMMAND.sub("", LARGE.sub("", text)))


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

    A small table is part of the page, and long texts in it are broken; a long one scrolls within itself.
    """
    cells = [[str(cell) for cell in row] for row in rows]
    if len(cells) <= MOST_ROWS:
        heads = "".join(f"<th scope=col{_side(name in right)}>{escape(name)}</th>" for name in columns)
        body = "".join(
            f"<tr>{''.join(_cell(cell, name in right) for cell, name in zip(row, columns, strict=True))}</tr>"
            for row in cells
        )
        _draw(f"<thead><tr>{heads}</tr></thead>" if any(columns) else "", body, what)
        return
    if what:
        st.markdown(f"**{plain(what)}**")
    settings = {name: st.column_config.TextColumn(name, alignment="right") for name in right}
    frame = pd.DataFrame(cells, columns=list(columns), dtype="string")
    st.dataframe(frame, hide_index=True, width="stretch", column_config=settings, alt=what or None)


def facts(rows: Iterable[tuple[str, str]], what: str = "") -> None:
    """Show what is said of something, a fact a row."""
    said = [(name, fact) for name, fact in rows if fact]
    _draw(
        "", "".join(f"<tr><th scope=row>{_breakable(name)}</th>{_cell(fact, False)}</tr>" for name, fact in said), what
    )


def _draw(head: str, body: str, what: str) -> None:
    caption = f"<caption>{escape(what)}</caption>" if what else ""
    # where it is broader than the page it scrolls, also by keyboard
    region = f'<div class="payfs-scrolls" tabindex="0" role="region" aria-label="{escape(what or "Table")}">'
    st.html(f"{region}<table class=payfs-table>{caption}{head}<tbody>{body}</tbody></table></div>")


def _cell(text: str, right: bool) -> str:
    return f"<td{_side(right)}>{_breakable(text)}</td>"


def _breakable(text: str) -> str:
    """Write a text as HTML in which only such words may be broken as no column has room for."""
    return WORD.sub(lambda word: _parted(word[0]) if len(word[0]) > LONG else escape(word[0]), text)


def _parted(word: str) -> str:
    return "<wbr>".join(escape(word[place : place + PART]) for place in range(0, len(word), PART))


def _side(right: bool) -> str:
    return " class=right" if right else ""


def lines(text: Iterable[str]) -> None:
    """Show a text that a person or the program wrote, line by line and as it stands."""
    st.text("\n".join(text))


def success(what: str, more: str = "") -> None:
    """Say that something was done."""
    st.success("\n\n".join(plain(part) for part in (spoken(what), more) if part))
