"""Two versions of a draft side by side: in words, in money, and in the file itself."""

from __future__ import annotations

import difflib
from collections.abc import Callable

import streamlit as st

from app.drafts.html import beside, changed_lines
from app.drafts.text import Drafted, read
from app.parts.kept import Kept, desk
from app.parts.picked import pick
from app.parts.told import plain, show, table
from payfs.contract import Contract
from payfs.drafting.compared import Compared, compare_money
from payfs.report.versions_text import Reworded, reworded
from payfs.spec import spoken
from payfs.text import Refused

Pair = tuple[str, str]
NOW = 0  # what stands in the text field, which is no version yet
MOST_LINES = 1000  # of a comparison of two files
WORDS, MONEY, FILE = "In words", "In money", "In the file"


def draw_versions(current: Drafted, text: str) -> None:
    """Draw the choice of two versions, and how they differ."""
    saved = {one.number: one for one in desk().versions(current.name)}
    options = [*reversed(saved), NOW] if current.changed else list(reversed(saved))

    def label(number: int) -> str:
        if number == NOW:
            return "What stands in the field now"
        one = saved[number]
        return f"Version {number}, {one.saved:%d %B %Y %H:%M}" + (f": {one.note}" if one.note else "")

    if len(options) < 2:
        st.info("There is one version so far, and nothing to compare it with. Change the text and save it.")
        return
    last = max(saved)
    old = _choose("First version", "versions first", options, last if current.changed else last - 1, label)
    new = _choose("Second version", "versions second", options, NOW if current.changed else last, label)
    texts = [text if number == NOW else desk().read(current.name, number) for number in (old, new)]
    if texts[0] == texts[1]:
        st.info("The two are the same, letter by letter. Choose another version.")
        return
    how = Kept("versions", current.name).one_of("Compare", "how", [WORDS, MONEY, FILE])
    labels = ["Field now" if number == NOW else f"Version {number}" for number in (old, new)]
    if how == FILE:
        _in_the_file(texts[0], texts[1])
        return
    before, after = (read(one).contract for one in texts)
    if before is None or after is None:
        which = " and ".join(name for name, one in zip(labels, (before, after), strict=True) if one is None)
        st.warning(
            f"{plain(which)} cannot be read as a contract, because of its findings. Compare the two in the file."
        )
    elif how == WORDS:
        _in_words((texts[0], texts[1]), (before, after), labels)
    else:
        _in_money((texts[0], texts[1]), (before, after), labels)
    st.button("Put the first version back into the field", on_click=_put_back, args=(current.name, texts[0]))


def _choose(name: str, key: str, options: list[int], first: int, label: Callable[[int], str]) -> int:
    if st.session_state.get(key) not in options:
        st.session_state[key] = first if first in options else options[0]
    return pick(name, options, label, key=key)


def _put_back(name: str, text: str) -> None:
    Drafted(name).instead(text)


@st.cache_resource(show_spinner="Comparing the words …", max_entries=10)
def _words(texts: Pair, _contracts: tuple[Contract, Contract]) -> tuple[Reworded, ...]:
    return reworded(*_contracts)


@st.cache_resource(show_spinner="Paying both on the same results …", max_entries=10)
def _money(texts: Pair, _contracts: tuple[Contract, Contract]) -> tuple[Compared, ...]:
    return compare_money(*_contracts)


def _in_words(texts: Pair, contracts: tuple[Contract, Contract], labels: list[str]) -> None:
    """Draw the clauses that read otherwise."""
    found = _words(texts, contracts)
    if not found:
        st.info("They say the same. What differs is in comments, in spaces, or in the order of the file.")
        return
    st.text(f"Clauses that read otherwise: {len(found)}. The words that differ are marked.")
    beside(found, labels[0], labels[1])


def _in_money(texts: Pair, contracts: tuple[Contract, Contract], labels: list[str]) -> None:
    """Draw what both pay on the same results."""
    try:
        rows = _money(texts, contracts)
    except Refused as refused:
        show(refused)
        return
    show_money = contracts[0].money.show
    differing = [row for row in rows if row.difference]
    gaps = [row for row in rows if row.difference is None]
    st.text(
        f"Both are paid on the same {len(rows) - len(gaps)} results: those of the worked examples, and levels at which "
        f"a rule's price turns. {len(differing)} of them are paid differently."
    )
    if gaps:
        many = "1 more result" if len(gaps) == 1 else f"{len(gaps)} more results"
        st.warning(f"{many} cannot be compared, because one of the versions or both do not say what is paid.")
    whole = st.toggle("Show those that are paid alike, too", key="versions all")
    told = [row for row in rows if row.difference is not None] if whole else differing
    for kind, title in (("example", "On the results of worked examples"), ("rule", "At levels of performance")):
        mine = [
            (
                row.name if kind == "example" else f"{row.name.replace('_', ' ')}: {row.result}",
                show_money(row.old or 0),
                show_money(row.new or 0),
                show_money(row.difference or 0),
            )
            for row in told
            if row.kind == kind
        ]
        if mine:
            table(("Result", *labels, "Difference"), mine, (*labels, "Difference"), title)
    if gaps:
        with st.expander(f"Why {len(gaps)} of them cannot be compared"):
            reasons = [(spoken(row.name) + (f", {row.result}" if row.result else ""), row.why_not) for row in gaps]
            table(("Result", "Why"), reasons)


def _in_the_file(old: str, new: str) -> None:
    """Draw the lines that were taken out and put in."""
    lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=2))[2:]
    if len(lines) > MOST_LINES:
        st.text(f"{len(lines):,} lines are concerned; the first {MOST_LINES:,} are shown.")
    changed_lines(lines[:MOST_LINES])
