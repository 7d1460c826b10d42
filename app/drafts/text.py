"""A draft as it is being written: what was typed, what is found in it, and how it gets a new text from a form."""

from __future__ import annotations

from html import escape

import streamlit as st

from app.parts.kept import Kept, desk
from app.parts.told import plain, sentence
from payfs.drafting.draft import Draft, TextLine, around, lines_of, read_draft, with_breaks_of
from payfs.incentives import Look, look
from payfs.text import Refused

AT_ONCE, AT_LENGTH = 1.5, 120.0  # seconds for worked examples: while somebody writes, and when they wait
PATIENT = "draft patient"
MOST_SHOWN = 12  # stretches of lines with findings
PAGE = """<style>
@media (min-width: 640px) {[data-testid=stMainBlockContainer] {padding-left: 2.5rem; padding-right: 2.5rem}}
.st-key-draft-text textarea {font-family: "Source Code Pro", monospace; font-size: 0.8rem; line-height: 1.5}
.st-key-draft-views [role=tablist] {flex-wrap: wrap; overflow: visible; row-gap: 0}
</style>"""
STYLE = """<style>
.draft-lines {font-family: "Source Code Pro", monospace; font-size: 0.8rem; line-height: 1.5; border: 1px solid #b8bcc4;
  border-radius: 0.5rem; padding: 0.25rem 0; max-height: 22rem; overflow: auto; background: #ffffff; color: #262730}
.draft-lines ol {list-style: none; margin: 0; padding: 0}
.draft-lines li {margin: 0; padding: 0 0.5rem 0 3.1rem; text-indent: -2.6rem; white-space: pre-wrap;
  overflow-wrap: anywhere; font-size: 0.8rem}
.draft-lines .number {display: inline-block; min-width: 2.6rem; text-indent: 0; color: #595d66; user-select: none}
.draft-lines .faulty {background: #fdecec; border-left: 4px solid #b3261e; padding-left: 2.85rem; font-weight: 600}
.draft-lines .finding {font-family: "Source Sans", sans-serif; padding: 0.2rem 0.5rem 0.35rem 3.1rem; color: #8c1d18;
  border-left: 4px solid #b3261e; background: #fff8f7; white-space: normal; text-indent: 0; padding-left: 2.85rem}
.draft-lines .gap {color: #595d66; padding-left: 3.1rem}
</style>"""


class Drafted:
    """The text that somebody works on: what they typed since the last version, or that version.

    The desk is the same in all windows of a person. What was typed in this one is written to it; where nothing was, the
    field shows what is on the desk now. Where both were changed, the other text is kept beside it until one is chosen.

    Args:
        name: of the draft.

    Attributes:
        typed: the text as it is on the desk now.
        others: texts that were typed in other windows at the same time.
        unseen: whether the text was changed in another window since this one was drawn.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.kept = Kept("draft", name)
        self.key = f"draft text {name}"
        self.seen = f"{self.key} seen"
        self.saved = desk().read(name)
        self.typed: str = self.kept.get("text", self.saved)
        self.others: list[str] = self.kept.get("others", [])
        self.unseen = False
        self._meet()

    def _meet(self) -> None:
        """Bring together what stands in the field and what is on the desk, either of which may be new."""
        now = _even(self.typed)
        here = _even(str(st.session_state.get(self.key, self.typed) or ""))
        seen = st.session_state.get(self.seen, now) if self.key in st.session_state else here
        if here != seen and here != now:  # typed here
            text = with_breaks_of(self.saved, here)
            if now == seen:
                self.take(text)
            else:
                self._keep(text, [*self.others, self.typed])
        elif self.key not in st.session_state or here != now:
            self.unseen = here != now
            st.session_state[self.key] = self.typed
        st.session_state[self.seen] = _even(self.typed)

    def edit(self) -> str:
        """Draw the text field and return the text, with the line breaks that the draft has."""
        for place, other in enumerate(self.others):
            self._offer(place, other)
        st.text_area(
            "Contract file",
            key=self.key,
            height=330,
            on_change=_keep_typed,
            args=(self.name,),
            help="Write here. What is found in it, the plain English and the payments follow as soon as you pause; "
            "nothing has to be saved for that. A # begins a comment.",
        )
        return self.typed

    def _offer(self, place: int, other: str) -> None:
        """Draw the choice between the text in the field and the one of another window."""
        with st.container(border=True):
            st.warning("This text was changed in another window, too. Both are kept until you choose.")
            with st.expander("The other text"):
                st.code(other, language="yaml", height=330)
            one, two = st.columns(2)
            for column, label, choose in ((one, "Keep this one", _keep_this), (two, "Take the other one", _take_other)):
                with column:
                    st.button(
                        label,
                        key=f"{self.key} {label} {place}",
                        on_click=choose,
                        args=(self.name, other),
                        width="stretch",
                        help="The other one is then forgotten."
                        if choose is _keep_this
                        else "This one is then forgotten.",
                    )

    def take(self, text: str) -> None:
        """Keep a text as what was typed."""
        if text != self.typed:
            self._keep(text, self.others)

    def _keep(self, text: str, others: list[str]) -> None:
        self.typed = text
        self.others = [one for one in dict.fromkeys(others) if _even(one) != _even(text)]
        self.kept.put_all({"text": text, "others": self.others})

    def replace(self, text: str) -> None:
        """Put a text into the field, from a form or an earlier version; only before the field is drawn."""
        self.take(text)
        st.session_state[self.key] = text
        st.session_state[self.seen] = _even(text)

    def instead(self, text: str) -> None:
        """Put a text into the field instead of what stands there; what was not seen yet is kept beside it."""
        if self.unseen:
            self._keep(text, [*self.others, self.typed])
        self.replace(text)

    def without(self, other: str) -> None:
        """Forget a text of another window."""
        self._keep(self.typed, [one for one in self.others if one != other])
        if not self.changed:
            self.done()

    def done(self) -> None:
        """Forget what was typed, since it is a version now, or is not wanted; not what other windows typed."""
        self.kept.forget()
        if self.others:
            self.kept.put("others", self.others)

    @property
    def changed(self) -> bool:
        """Whether anything was typed since the last version."""
        return self.typed != self.saved


def _even(text: str) -> str:
    """Return a text as a browser's text field has it, with line feeds only."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _keep_typed(name: str) -> None:
    """Keep what was typed before a page is drawn, because it may be another page already."""
    Drafted(name)


def _keep_this(name: str, other: str) -> None:
    """Forget the text of another window; called when the button is pressed."""
    current = Drafted(name)
    if not current.unseen:  # or it was not this one that the person saw
        current.without(other)


def _take_other(name: str, other: str) -> None:
    """Put the text of another window into the field; called when the button is pressed."""
    current = Drafted(name)
    if other in current.others:
        current.instead(other)
        current.without(other)


@st.cache_resource(show_spinner=False, max_entries=40)
def _read(text: str, seconds: float) -> Draft:
    """Read a draft; the same text is read once, whoever looks at it."""
    return read_draft(text, "draft", seconds)


def read(text: str) -> Draft:
    """Read a draft: at once what can be done at once, and all of it where somebody waits for that."""
    return _read(text, AT_LENGTH if st.session_state.get(PATIENT) == text else AT_ONCE)


def wait_for(text: str) -> None:
    """Work out all examples of a text, however long it takes; called when the button is pressed."""
    st.session_state[PATIENT] = text


@st.cache_resource(show_spinner=False, max_entries=200)
def looked(text: str, rule: str) -> Look:
    """Look at what a rule of a sound draft rewards."""
    contract = read(text).sound
    assert contract is not None  # or nothing could be asked about its rules
    return look(contract, rule)


def save(name: str) -> None:
    """Keep what stands in the text field as a version; called when the button is pressed."""
    drafted = Drafted(name)
    text = drafted.typed
    if drafted.unseen:
        say(
            "save",
            text,
            "Not saved, because this text was changed in another window. Look at it, and save it then.",
            False,
        )
        return
    try:
        number = desk().save(name, text, Kept(PAGE, name).now("note"))
    except Refused as refused:
        say("save", text, "\n".join(sentence(one) for one in refused.findings), False)
        return
    drafted.done()
    Kept(PAGE, name).put("note", "")
    found = len(read(text).findings)
    how = "nothing is wrong with it" if not found else f"{found} finding{'s' if found > 1 else ''} to be mended"
    say("save", text, f"Saved as version {number}: {how}.")


def say(where: str, text: str, what: str, good: bool = True) -> None:
    """Leave a message somewhere on the page, which stands there as long as the draft has this text."""
    st.session_state[f"draft said {where}"] = (text, what, good)


def said(where: str, text: str) -> bool:
    """Show the message that was left, if it is about this text, and return whether there is one."""
    about, what, good = st.session_state.get(f"draft said {where}", ("", "", True))
    if not what or about != text:
        return False
    (st.success if good else st.error)(plain(what))
    return True


def marked(text: str, draft: Draft, whole: bool) -> None:
    """Draw numbered lines with each finding under its own line: those with findings, or all."""
    lines = lines_of(text, draft.findings)
    parts = [lines] if whole else around(lines, 1)
    items = []
    for place, part in enumerate(parts[:MOST_SHOWN]):
        if place:
            items.append('<li class="gap">…</li>')
        items += [_line(line) for line in part]
    if len(parts) > MOST_SHOWN:
        items.append('<li class="gap">… and more below; mend these first</li>')
    unplaced = [finding for finding in draft.findings if not finding.line]
    items += [f'<li class="finding">{escape(sentence(finding))}</li>' for finding in unplaced]
    name = "All lines" if whole else "Lines with findings"
    box = f'<div class="draft-lines" tabindex="0" role="region" aria-label="{name}">'
    st.html(f"{STYLE}{box}<ol>{''.join(items)}</ol></div>")


def _line(line: TextLine) -> str:
    kind = ' class="faulty"' if line.findings else ""
    number = f'<span class="number">{line.number}</span>'
    items = [f"<li{kind}>{number}{escape(line.text) or ' '}</li>"]
    here = [finding._replace(file="", line=0, column=0) for finding in line.findings]  # which its place says already
    items += [f'<li class="finding">{escape(sentence(finding))}</li>' for finding in here]
    return "".join(items)
