"""Beginning a draft: from a template, from a real deal or a contract in the ledger, or from a file of one's own."""

from __future__ import annotations

import re

import streamlit as st

from app.parts.chosen import DRAFT, choices, find
from app.parts.kept import Kept, desk
from app.parts.picked import pick
from app.parts.places import link
from app.parts.told import show
from payfs.drafting.draft import read_upload
from payfs.drafting.scalar import free_name
from payfs.places import contract_specs, template_names
from payfs.text import Finding, Refused

FIRST = re.compile(r"^# *([A-Z][A-Z ,]*): *(.*)$")  # how a template says in its first line what it is
BEGIN = "begin"  # in the address of the page Draft, where another draft is wanted
TEMPLATE, CONTRACT, FILE, LEAST = (
    "A template",
    "A contract or draft that there is",
    "A file of yours",
    "The least that a contract needs",
)
SKELETON = """\
# Text after a # is a comment. Write "key: value", and indent what belongs together by two spaces.
contract: draft
title: A contract
currency: USD

parties:
  payer: {name: unknown, role: outcome payer}
  provider: {name: unknown, role: service provider}

periods:
  first year: {from: 2027-01-01, to: 2027-12-31}

metrics:
  outcomes:
    unit: outcome

rules:
  outcomes: {price: unknown}
"""


def begin(asked: str) -> None:
    """Draw the ways to begin a draft, and the drafts that there are.

    Args:
        asked: the contract that the address names, if any: the draft then begins from that.
    """
    kept = Kept("begin")
    others = choices()
    if asked and asked not in others:
        show([Finding(f"there is no contract {asked[:60]!r} to begin from", "choose one below")])
    drafts = desk().drafts()
    if drafts:
        st.subheader("Go on with a draft")
        for one in drafts[:20]:
            link("draft", f"{one.name}: version {one.versions}, {one.saved:%d %B %Y}", contract=DRAFT + one.name)
    st.subheader("Begin a draft")
    ways = [TEMPLATE, CONTRACT, FILE, LEAST]
    if asked in others and st.session_state.get("begin asked") != asked:
        st.session_state["begin asked"], st.session_state["begin way"] = asked, CONTRACT
        st.session_state["begin contract"] = asked
    if st.session_state.get("begin way") not in ways:
        st.session_state["begin way"] = kept.get("way", TEMPLATE)
    way = st.radio("Begin from", ways, key="begin way", horizontal=True)
    kept.put("way", way)
    if way == TEMPLATE:
        _from_template(kept)
    elif way == CONTRACT:
        _from_contract(kept, others)
    elif way == FILE:
        _from_file()
    else:
        _named("draft", SKELETON, "Begun with the least that a contract needs")


@st.cache_data(show_spinner=False)
def templates() -> dict[str, tuple[str, str, str]]:
    """Return the templates by name: title, what it is for, and text."""
    found = {}
    for name in template_names():
        text = (contract_specs() / "templates" / f"{name}.yaml").read_text(encoding="utf-8")
        lines = text.splitlines()
        match = FIRST.match(lines[0])
        title, what = (match[1].capitalize(), match[2]) if match else (name, "")
        for line in lines[1:]:
            if not line.startswith("# ") or line.startswith("# How"):
                break
            what += f" {line.removeprefix('# ')}"
        found[name] = (title, what, text)
    return found


def _from_template(kept: Kept) -> None:
    known = templates()
    if st.session_state.get("begin template") not in known:
        held = kept.get("template")
        st.session_state["begin template"] = held if held in known else next(iter(known))
    name = pick("Template", list(known), lambda one: known[one][0], key="begin template")
    kept.put("template", name)
    title, what, text = known[name]
    st.text(what[:1].upper() + what[1:])
    _named(name, text, f"Begun from the template {title}")


def _from_contract(kept: Kept, others: dict[str, str]) -> None:
    if st.session_state.get("begin contract") not in others:
        held = kept.get("contract")
        deals = (one for one in others if not one.startswith(DRAFT))
        st.session_state["begin contract"] = held if held in others else next(deals, next(iter(others)))
    ref = pick("Contract", list(others), lambda one: others.get(one, one), key="begin contract")
    kept.put("contract", ref)
    try:
        found = find(ref)
    except Refused as refused:
        show(refused)
        return
    last = ", as it was saved last" if ref.startswith(DRAFT) else ""
    st.text(f"The new draft is a copy{last}: what it is copied from stays as it is.")
    _named(found.name, found.text, f"Begun from {found.title}")


def _from_file() -> None:
    file = st.file_uploader(
        "Contract file",
        key="begin file",
        help="A YAML file of at most 1 MB, as payfs reads it. A file with faults is taken, too: they are shown beside "
        "its lines.",
    )
    if file is None:
        st.text("Choose a file; it is read on this server and goes nowhere else.")
        return
    read = read_upload(file.getvalue(), file.name)
    if read.text is None:
        show(read.findings, "This file cannot be taken:")
        return
    _named(file.name.rpartition("/")[2].rpartition(".")[0] or file.name, read.text, f"Begun from the file {file.name}")


def _named(wanted: str, text: str, note: str) -> None:
    """Ask for the draft's name, and begin it."""
    taken = {one.name for one in desk().drafts()}
    free = free_name(wanted.replace("/", " ").rstrip(". "), taken, "draft")
    Kept("begin").text("Name of the draft", f"name {free}", free, max_chars=60)
    st.button("Begin this draft", type="primary", on_click=_begin, args=(f"name {free}", text, note))
    show(st.session_state.pop("begin refused", ()))


def _begin(key: str, text: str, note: str) -> None:
    """Begin a draft; called when the button is pressed, once for each press."""
    name = Kept("begin").now(key).strip()
    if name in {one.name for one in desk().drafts()}:
        remedy = "choose another name, or go on with that one"
        st.session_state["begin refused"] = [Finding(f"you have a draft {name!r} already", remedy)]
        return
    try:
        desk().save(name, text, note)
    except Refused as refused:
        st.session_state["begin refused"] = refused.findings
        return
    st.session_state.pop(key, None)
    st.query_params.clear()
    st.query_params["contract"] = DRAFT + name
