"""What is believed of a contract: an example that comes with payfs, or a scenario of one's own."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from app.parts.chosen import Chosen, whole
from app.parts.kept import Kept
from app.parts.picked import pick
from app.parts.told import plain
from payfs.contract import Contract
from payfs.contract.survey import survey_document
from payfs.places import simulations
from payfs.report.phrases import listed
from payfs.runs import Side, scenario_in
from payfs.simulate.assuming import Open, needed, open_in, wanted_for_returns
from payfs.simulate.carried import Carried, carried
from payfs.simulate.draft import MADE_FROM, MARK, draft, made_up
from payfs.simulate.scenario import MISSING, Scenario
from payfs.spec import NAME
from payfs.text import Finding, Refused, read_yaml

EXAMPLE, OWN, SAME = "example", "own", "same"
PLACE = "beliefs"


@dataclass(frozen=True)
class Given:
    """A scenario that is looked at.

    Attributes:
        which: as it stands in the address: ``example``, ``own`` or ``own/NAME``.
        text: the scenario file.
        chosen: the contract that it is about.
    """

    which: str
    text: str
    chosen: Chosen

    @property
    def mine(self) -> bool:
        """Whether it is one's own, and may be changed."""
        return self.which != EXAMPLE

    @property
    def title(self) -> str:
        """What it is called in a list."""
        return f"{self.chosen.name}: {said(self.which)}"

    @property
    def side(self) -> Side:
        """Return it as a run takes it."""
        return Side(self.text, self.chosen.text, "scenario")


class Read:
    """A scenario's text, read: what it is, or what is wrong with it, and what it leaves open."""

    def __init__(self, side: Side, contract: Contract) -> None:
        """Read it."""
        self.scenario: Scenario | None = None
        self.findings: tuple[Finding, ...] = ()
        self.open: list[Open] = []
        self.for_returns: list[Open] = []
        try:
            self.scenario = scenario_in(side)
            self.open = needed(self.scenario)
            if not self.open:
                self.for_returns = wanted_for_returns(self.scenario)
        except Refused as refused:
            self.open = open_in(contract, refused.findings)
            asked = {one.path for one in self.open}
            self.findings = tuple(finding for finding in refused.findings if finding.path not in asked)

    @property
    def runs(self) -> bool:
        """Whether it can be simulated."""
        return self.scenario is not None and not self.findings and not self.open


@st.cache_resource(show_spinner=False, max_entries=60)
def read(scenario: str, contract: str, _laid_out: Contract) -> Read:
    """Read a scenario; the same texts are read once, whoever looks at them."""
    return Read(Side(scenario, contract), _laid_out)


def examples() -> dict[str, str]:
    """Return the example scenarios by the name of the contract that they are about."""
    return _examples()


@st.cache_data(show_spinner=False)
def _examples() -> dict[str, str]:
    found = {}
    for file in sorted(simulations().glob("*.yaml")):
        text = file.read_text(encoding="utf-8")
        found[str(read_yaml(text, file.name).data["contract"])] = text
    return found


@st.cache_data(show_spinner=False, max_entries=40)
def drafted(contract: str, name: str) -> str:
    """Return a scenario to start from, with beliefs that are made up from the contract alone."""
    try:
        laid_out = survey_document(read_yaml(contract, name), contract).contract
    except Refused:  # what is wrong with the contract is told where it is
        return ""
    return "" if laid_out is None else draft(laid_out)


def said(which: str) -> str:
    """Say which scenario it is."""
    if which in (EXAMPLE, SAME):
        return "example, read-only" if which == EXAMPLE else "the same as A"
    return "my own" if which == OWN else f"my own, {which.removeprefix(OWN + '/')}"


def texts(ref: str) -> dict[str, str]:
    """Return one's own scenarios of a contract, by what stands in the address; the versions of a draft share them."""
    found: dict[str, str] = Kept(PLACE, whole(ref)).get("texts", {})
    return found


def save(ref: str, which: str, text: str) -> None:
    """Keep a scenario of one's own."""
    Kept(PLACE, whole(ref)).put("texts", {**texts(ref), which: text})


def begun(chosen: Chosen) -> str:
    """Return the scenario that one's own begins with."""
    return examples().get(chosen.ref) or drafted(chosen.text, chosen.name)


@st.cache_data(show_spinner=False, max_entries=60)
def carry(scenario: str, here: str, there: str, _here: Contract, _there: Contract) -> Carried:
    """Return a scenario without what only one of two contracts has; the same texts are carried over once."""
    return carried(scenario, _here, _there)


def carried_over(text: str, other: Chosen, chosen: Chosen) -> Carried:
    """Return a scenario as one contract can take it: without what only the other one has.

    It stays whole where one of the contracts is faulty.
    """
    here, there = other.contract, chosen.contract
    return Carried(text) if here is None or there is None else carry(text, other.text, chosen.text, here, there)


def fits(given: Given, other: Chosen) -> bool:
    """Whether beliefs of one contract may be taken of another one: they leave out none of its metrics.

    What is believed of metrics that the other contract has not is left out. Where the other contract is faulty, or the
    beliefs cannot be read, that is to be mended first, and they do.
    """
    return not lacking(carried_over(given.text, given.chosen, other).text, other, given)


def lacking(text: str, chosen: Chosen, before: Given) -> list[str]:
    """Return the metrics of a contract of which a scenario says nothing.

    Args:
        text: of the scenario.
        chosen: the contract that is to take it.
        before: the scenario of the contract for which it may have been written; what it lacks there is not told.
    """
    if before.chosen.contract is None or chosen.contract is None:
        return []
    known = {one.what for one in read(before.text, before.chosen.text, before.chosen.contract).findings}
    new = (one.what for one in read(text, chosen.text, chosen.contract).findings if one.what not in known)
    return [name for what in new if what.startswith(MISSING) for name in what.removeprefix(MISSING).split(", ")]


def choose_scenario(
    chosen: Chosen,
    query: str = "scenario",
    label: str = "Beliefs",
    also: str = "",
    beside: Given | None = None,
) -> Given:
    """Draw the choice of a scenario of a contract, bound to the address, and return it.

    Args:
        chosen: the contract.
        query: the parameter in the address.
        label: of the choice.
        also: what may be chosen, too; it has no text of its own.
        beside: the scenario that ``also`` stands for; it is chosen if the address says nothing and it fits.
    """
    mine = texts(chosen.ref)
    own = [*([EXAMPLE] if chosen.ref in examples() else []), OWN, *(one for one in mine if one != OWN)]
    options = [also, *own] if also else own
    about = f"{chosen.ref} {beside.chosen.ref if beside is not None else ''}".strip()
    key, written = f"choose {query} {about}", f"choose {query} written"
    asked = st.query_params.get(query, "")
    place, which = st.session_state.get(written, (about, ""))
    if also and place != about and which == asked:
        asked = ""  # it was chosen of other contracts
    like = bool(also) and (beside is None or fits(beside, chosen))
    first = asked if asked in options else options[0] if like or not also else own[0]
    if OWN in mine and not asked and not like:
        first = OWN
    if st.session_state.get(f"{key} asked") != asked and asked in options:
        st.session_state[key] = asked
    if st.session_state.get(key) not in options:
        st.session_state[key] = first
    which = pick(label, options, said, key=key)
    st.session_state[f"{key} asked"] = which
    if st.query_params.get(query) != which:
        st.query_params[query] = which
    st.session_state[written] = (about, which)
    if which == also:
        return Given(which, "", chosen)
    text = examples()[chosen.ref] if which == EXAMPLE else mine.get(which) or begun(chosen)
    return Given(which, text, chosen)


def where_from(given: Given) -> None:
    """Say where the beliefs come from."""
    if not given.mine:
        there = OWN in texts(given.chosen.ref)
        kept = "is made in your own copy, which is there already" if there else "is kept as your own copy"
        st.caption(f"An example that comes with payfs. Change anything, and the change {kept}.")
    elif names := still_made_up(given):
        st.info(
            f"These beliefs are made up from {MADE_FROM}, and are nobody's opinion: "
            f"{plain(listed(name.replace('_', ' ') for name in names))}. Put yours in their place; where one is yours "
            "as it stands, choose it under What is believed and say so there."
        )


def still_made_up(given: Given) -> list[str]:
    """Return the beliefs that are still as they were made up; none of an example, or of a text that cannot be read."""
    if given.chosen.ref in examples():
        return []
    drafted_text = drafted(given.chosen.text, given.chosen.name)
    if not drafted_text or MARK not in given.text:
        return []
    try:
        return made_up(given.text, drafted_text, given.chosen.sound())
    except Refused:
        return []


def keep_as(given: Given) -> None:
    """Draw what keeps a copy under a name, and what begins one's own anew."""
    with st.form(f"copy of {given.chosen.ref}", border=False):
        name = st.text_input("Keep a copy under the name", placeholder="three months late")
        if st.form_submit_button("Keep a copy"):
            if not NAME.fullmatch(name.strip()):
                st.error("Give it a name of letters, digits and spaces.")
            elif f"{OWN}/{name.strip()}" in texts(given.chosen.ref):
                st.error("There is a copy of that name. Give this one another name; nothing was changed.")
            else:
                which = f"{OWN}/{name.strip()}"
                save(given.chosen.ref, which, given.text)
                st.query_params["scenario"] = which
                st.rerun()
    st.button("Begin my own anew", on_click=save, args=(given.chosen.ref, OWN, begun(given.chosen)))
    st.caption(plain("Your own scenario is then what it was at first; copies that you kept stay."))
