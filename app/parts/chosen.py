"""Which contract a page is about: a real deal that comes with payfs, a draft of one's own, or one in the ledger.

Whoever goes on to another page by the navigation, whose links say nothing of a contract, finds the same one there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from app.parts.kept import desk
from app.parts.ledger import ledger
from app.parts.person import person
from app.parts.picked import pick
from app.parts.places import link
from app.parts.told import show
from payfs.contract import Contract, Survey
from payfs.contract.survey import Aside, survey_document
from payfs.drafting.draft import not_signed
from payfs.places import example_names, find_spec
from payfs.store.standing import contracts_of
from payfs.store.versions import current
from payfs.text import Finding, Refused, read_yaml

DRAFT, LEDGER = "draft/", "ledger/"
KINDS = ("draft", "ledger", "deal")
FIRST = "denver-sib"  # what is shown to whoever has chosen nothing yet
ABOUT = "contract of the pages"  # the one that was chosen last, in this window
MOST_OFFERED = 20  # versions of one draft


class Chosen(NamedTuple):
    """A contract that a page is about.

    Attributes:
        ref: as it stands in the address: ``denver-sib``, ``draft/NAME``, ``draft/NAME/2`` or ``ledger/NAME``.
        title: as people read it.
        text: the contract file.
        contract: laid out; of a faulty one what is sound in it, or None.
        findings: what is wrong with it.
    """

    ref: str
    title: str
    text: str
    contract: Contract | None
    findings: tuple[Finding, ...]

    @property
    def name(self) -> str:
        """Its name without where it is kept."""
        return _name(self.ref)

    @property
    def whole(self) -> str:
        """What stands in the address for it, or for the draft of which it is a version."""
        return whole(self.ref)

    @property
    def where(self) -> str:
        """Where it is kept, in words."""
        if self.ref.startswith(DRAFT):
            return "your draft"
        return "in the ledger" if self.ref.startswith(LEDGER) else "a real deal, read-only"

    @property
    def draft(self) -> str:
        """Of which draft it is what version; nothing where it is no draft."""
        return version_of(*_draft(self.ref)) if self.ref.startswith(DRAFT) else ""

    def sound(self) -> Contract:
        """Return the contract where nothing is wrong with it; otherwise say what is, and end the page here."""
        if self.findings or self.contract is None:
            show(self.findings, "This contract has to be mended before it can be worked with:")
            if self.ref.startswith(DRAFT):
                link("draft", "Mend it on the page Draft", contract=self.whole)
            st.stop()
        return self.contract


def whole(ref: str) -> str:
    """Return what stands in the address for a contract, or for the draft of which it is a version."""
    name, _ = _draft(ref) if ref.startswith(DRAFT) else ("", None)
    return DRAFT + name if name else ref


def _draft(ref: str) -> tuple[str, int | None]:
    """Return the name of a draft and which of its versions is meant; the last without a number."""
    name, _, number = ref.removeprefix(DRAFT).partition("/")
    if not number:
        return name, None
    return name, int(number) if number.isdecimal() and len(number) < 6 else 0  # a version that there never is


def _name(ref: str) -> str:
    """Return a contract's name without where it is kept."""
    if not ref.startswith(DRAFT):
        return ref.removeprefix(LEDGER)
    name, number = _draft(ref)
    return name if number is None else f"{name} version {number}"


def version_of(draft: str, number: int | None = None, changed: bool = False) -> str:
    """Say which version of a draft something is made of, the last without a number, and that it is not signed."""
    return not_signed(draft, number or len(desk().versions(draft)), changed)


@st.cache_data(show_spinner=False, max_entries=100)
def titles() -> dict[str, str]:
    """Return the titles of the real deals that come with payfs, by name."""
    return {name: _title(find_spec(name).read_text(encoding="utf-8"), name) for name in example_names()}


def _title(text: str, name: str) -> str:
    """Return a contract's title, without laying it out."""
    for line in text.splitlines():
        if line.startswith("title:"):
            return line.partition(":")[2].strip().strip("\"'") or name
    return name


@st.cache_resource(show_spinner=False, max_entries=60)
def surveyed(text: str, name: str) -> Survey:
    """Read a contract's text; the same text is read once, whoever looks at it."""
    try:
        return survey_document(read_yaml(text, f"{name}.yaml"), text)
    except Refused as refused:
        return Survey(None, refused.findings, Aside())


def choices(kinds: Sequence[str] = KINDS) -> dict[str, str]:
    """Return what may be chosen: what stands in the address, and how it is shown."""
    found: dict[str, str] = {}
    if "draft" in kinds:
        for one in desk().drafts():
            found[DRAFT + one.name] = f"{one.name} (your draft)"
            if "version" in kinds:
                for number in range(one.versions - 1, max(one.versions - MOST_OFFERED, 0), -1):
                    found[f"{DRAFT}{one.name}/{number}"] = f"{one.name}, version {number} (your draft)"
    if "ledger" in kinds:
        with ledger().reading() as session:
            found |= {LEDGER + name: f"{name} (in the ledger)" for name in contracts_of(session, person().name)}
    if "deal" in kinds:
        found |= {name: f"{title} (real deal)" for name, title in titles().items()}
    return found


def find(ref: str) -> Chosen:
    """Find a contract by what stands in the address.

    Raises:
        Refused: there is none, or it is not for whoever is signed in.
    """
    if ref.startswith(DRAFT):
        text = desk().read(*_draft(ref))
    elif ref.startswith(LEDGER):
        name = ref.removeprefix(LEDGER)
        with ledger().reading() as session:
            if name not in contracts_of(session, person().name):  # in the same words, whether it is there or not
                what = f"there is no contract {name[:60]!r} in the ledger that you may look at"
                raise Refused([Finding(what, "ask its keeper for a role, or choose one of the list")])
            text = current(session, name).row.text
    elif ref in titles():
        text = find_spec(ref).read_text(encoding="utf-8")
    else:
        raise Refused([Finding(f"there is no contract {ref[:60]!r}", "choose one of the list")])
    name = _name(ref)
    read = surveyed(text, name)
    return Chosen(ref, _title(text, name), text, read.contract, read.findings)


def choose(
    kinds: Sequence[str] = KINDS,
    label: str = "Contract",
    query: str = "contract",
    default: str | None = None,
) -> Chosen:
    """Draw the choice of a contract, bound to the address, and return it; end the page where there is none.

    Args:
        kinds: of ``draft``, ``version`` of a draft, ``ledger`` and ``deal``, which may be chosen.
        label: of the choice.
        query: the parameter in the address.
        default: what is chosen where the address says nothing; the one that was chosen last if not said.
    """
    options = choices(kinds)
    asked = st.query_params.get(query)
    if asked and asked not in options:
        try:
            return unlisted(asked)
        except Refused as refused:
            show(refused)
            asked = None
    if not options:
        st.stop()
    known = (one for one in (default, st.session_state.get(ABOUT), FIRST) if one in options)
    first = asked or next(known, next(iter(options)))
    key = f"choose {query}"
    chosen = st.session_state.get(key)
    if not asked or asked != st.session_state.get(f"{key} asked") or chosen not in options:
        chosen = first  # the address was changed, and not the choice
    st.session_state[key] = chosen  # always: the choice of another page has the same key, and lends it no value
    ref = pick(label, list(options), lambda one: options.get(one, one), key=key)
    st.session_state[f"{key} asked"] = ref
    if default is None:
        st.session_state[ABOUT] = whole(ref)
    if st.query_params.get(query) != ref:
        st.query_params[query] = ref
    try:
        return find(ref)
    except Refused as refused:
        show(refused)
        st.stop()


def unlisted(ref: str) -> Chosen:
    """Refuse what may not be chosen here, with the reason."""
    found = find(ref)
    raise Refused([Finding(f"{found.title} is {found.where}, and this page is not for such", "choose one of the list")])
