"""What is shown beside a draft: its plain English, its dates, what it rewards, and its worked examples."""

from __future__ import annotations

import time

import streamlit as st

from app.drafts.text import Drafted, looked
from app.parts.chosen import version_of
from app.parts.english import body, draw_chapters, read_aloud
from app.parts.told import plain, sentence, table
from payfs.drafting.calendar import falls_due
from payfs.drafting.draft import Draft, ExampleMet
from payfs.report.chapters import EXAMPLES
from payfs.report.incentives_text import Remark, limit_remarks, remarks
from payfs.report.phrases import counted
from payfs.report.schedule import schedule

SECONDS = 4.0  # after which no further rule is looked at


def draw_english(current: Drafted, draft: Draft) -> None:
    """Draw the contract in plain English, chapter by chapter."""
    assert draft.sound is not None
    draw_chapters(read_aloud(draft.text, draft.sound, version_of(current.name, changed=current.changed)))


def draw_dates(current: Drafted, draft: Draft) -> None:
    """Draw when each period is measured and paid, and what falls due in it."""
    assert draft.sound is not None
    days = schedule(draft.sound)
    table(days.columns, days.rows, what="When results are measured and payments are due")
    due = falls_due(draft.sound)
    with st.expander("What falls due in each period"):
        rows = [(one.period, ", ".join(one.metrics) or "nothing", ", ".join(one.rules) or "none") for one in due]
        table(("Period", "Measured in it", "Rules"), rows)
    payers = list(dict.fromkeys(name for one in due for name in one.fiscal_years))
    if len(payers) > 1:
        with st.expander("In whose fiscal year a payment counts"):
            years = [(one.period, *(one.fiscal_years.get(name, "not known") for name in payers)) for one in due]
            table(("Period", *payers), years)


def draw_warnings(current: Drafted, draft: Draft) -> None:
    """Draw what each rule rewards: cliffs, flats, and where doing better pays less."""
    assert draft.sound is not None
    st.text(
        "Where a small step in performance is worth much (a cliff), where doing better earns nothing (a flat), and "
        "where it pays less; and limits that let nothing through, or count what a later one cuts. Whether they are "
        "meant is for the parties to say."
    )
    if limits := list(limit_remarks(draft.sound)):
        _remarks(f"Limits: {counted(len(limits), 'warning')}", limits)
    until = time.monotonic() + SECONDS
    rules = list(draft.sound.spec.rules)
    for place, rule in enumerate(rules):
        if time.monotonic() > until:
            left = "1 more rule was" if len(rules) - place == 1 else f"{len(rules) - place} more rules were"
            st.info(f"{left} not looked at yet; this takes a moment.")
            st.button("Look at more")
            return
        clause = draft.sound.spec.rules[rule].clause
        found = list(remarks(looked(draft.text, rule)))
        warned = sum(bool(remark.word) for remark in found)
        title = plain(rule.replace("_", " ")) + (f" \\[{plain(clause)}\\]" if clause else "")
        how = counted(warned, "warning") if warned else "no warning"
        _remarks(f"{title}: {how}", found)


def _remarks(title: str, found: list[Remark]) -> None:
    """Draw remarks as a list under a title, with what several are about said once."""
    st.markdown(f"**{title}**")
    about = ""
    lines = []
    for remark in found:
        if remark.about != about:
            about = remark.about
            lines += ["", plain(about), ""]
        word = f"**{remark.word.capitalize()}:** " if remark.word else ""
        lines.append(f"- {word}{plain(remark.text)}")
    st.markdown("\n".join(lines))


def draw_examples(current: Drafted, draft: Draft) -> None:
    """Draw the worked examples, those that do not hold first."""
    if draft.contract is None:
        st.info("Worked examples are worked out once the findings beside the text are mended.")
        return
    if not draft.examples:
        st.info(
            "There is no worked example yet. An example says: given these results, these payments. It is the best test "
            "of a contract, and it is printed in the annex. Write one by form under Add."
        )
        return
    read = read_aloud(draft.text, draft.contract, version_of(current.name, changed=current.changed))
    told = next(chapter.blocks for chapter in read if chapter.title == EXAMPLES)
    for example in sorted(draft.examples, key=lambda one: (one.holds, one.place)):
        with st.expander(f"{_word(example)}: {plain(example.name)}", expanded=bool(example.findings)):
            for finding in example.findings:
                st.error(plain(sentence(finding._replace(file=""))))
            st.html(f'<div class="payfs-english">{"".join(body(told[example.place].body))}</div>')
            st.caption(f"On line {example.line} of the text.")


def _word(example: ExampleMet) -> str:
    """Say in a word whether an example holds."""
    if not example.worked:
        return "Not worked out"
    return "✓ Holds" if example.holds else "✗ Does not hold"
