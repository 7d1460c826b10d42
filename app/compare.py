"""The page Compare: two contracts or scenarios on the same random numbers, and which of them is better for whom."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import streamlit as st

from app.parts.chosen import KINDS, Chosen, choose
from app.parts.kept import Kept
from app.parts.pictures import picture
from app.parts.places import head, link
from app.parts.taken import take_away
from app.parts.told import plain, show
from app.parts.views import one_of
from app.simulations.given import SAME, Given, carried_over, choose_scenario, lacking, read
from app.simulations.risks import sheet
from app.simulations.running import asked, begin, both, make_ready, not_begun, watch
from payfs.report.charts import gains_chart
from payfs.report.compared_tables import Sides
from payfs.report.compared_text import compared_data, compared_lines
from payfs.report.excel import tables_workbook
from payfs.report.phrases import listed
from payfs.report.simulation_tables import Sheet
from payfs.report.tables import as_csv
from payfs.runs import MOST_PATHS, Asked

PATHS = "20,000"
OPTIONS = (*KINDS, "version")  # an earlier version of a draft is an option, too


def page() -> None:
    """Draw the page."""
    head("compare")
    make_ready()
    if "contract" in st.query_params and "a" not in st.query_params:
        st.query_params["a"] = st.query_params["contract"]
    left, right = st.columns(2)
    with left:
        one = choose(OPTIONS, "A: contract", query="a")
        first = choose_scenario(one, "a_beliefs", "A: beliefs")
    with right:
        other = choose(OPTIONS, "B: contract", query="b", default=one.ref)
        second = choose_scenario(other, "b_beliefs", "B: beliefs", also=SAME, beside=first)
    if second.which == SAME:
        second = replace(second, text=first.text)
    first, second, out = _each_its_own(first, second)
    if _one_currency(one, other):
        sides = (("A", first, second), ("B", second, first))  # both say what is in the way
        sound = [_ready(given, side, out[side], beside) for side, given, beside in sides]
        ready = all(sound)
    else:
        ready = False
    if first.text == second.text and one.text == other.text:
        st.info(
            "A and B are the same. Choose another contract or other beliefs on one side: another real deal, a draft of "
            "yours or an earlier version of it, or a copy of a scenario that you keep on the page Simulate."
        )
        link("simulate", "Write or copy a scenario on the page Simulate", contract=one.whole)
        ready = False
    _run(one, other, first, second, ready)


def _one_currency(one: Chosen, other: Chosen) -> bool:
    """Whether both contracts pay in the same currency; says what to do where they do not."""
    codes = [chosen.sound().money.code for chosen in (one, other)]
    if codes[0] == codes[1]:
        return True
    st.error(f"A is in {codes[0]} and B is in {codes[1]}: only contracts in the same currency can be compared.")
    st.info(f"Choose another contract for B that pays in {codes[0]}, or another one for A that pays in {codes[1]}.")
    return False


def _each_its_own(first: Given, second: Given) -> tuple[Given, Given, dict[str, tuple[str, ...]]]:
    """Let beliefs that both sides share say of each contract what it has; returns what each side leaves out, too."""
    if first.text != second.text:
        return first, second, {"A": (), "B": ()}
    left, right = (
        carried_over(given.text, beside.chosen, given.chosen) for given, beside in ((first, second), (second, first))
    )
    return replace(first, text=left.text), replace(second, text=right.text), {"A": left.left, "B": right.left}


def _ready(given: Given, side: str, left: tuple[str, ...], beside: Given) -> bool:
    """Whether one side can be worked out; says what is in the way, and what of the shared beliefs it leaves out."""
    contract = given.chosen.sound()
    found = read(given.text, given.chosen.text, contract)
    show(found.findings, f"{side}: this scenario has to be mended:")
    if alone := [name for name in lacking(given.text, given.chosen, beside) if given.which in (SAME, beside.which)]:
        names = listed(name.replace("_", " ") for name in alone)
        st.info(
            plain(
                f"Only {side} measures {names}. Say what is believed of that in beliefs of its own, on the page "
                f"Simulate, and choose those for {side}."
            )
        )
    if left:
        st.caption(
            plain(f"{side} is without {listed(left)}: its contract has no such thing, so these beliefs are left out.")
        )
    if found.open:
        names = ", ".join(one.name.replace("_", " ") for one in found.open[:4])
        st.warning(plain(f"{side}: the contract leaves figures unknown that are needed: {names}."))
    if not found.runs:
        link("simulate", f"{side}: mend it on the page Simulate", contract=given.chosen.whole)
    return found.runs


def _run(one: Chosen, other: Chosen, first: Given, second: Given, ready: bool) -> None:
    kept = Kept("compare", f"{one.ref} {first.which} {other.ref} {second.which}")
    paths = kept.text("How many paths", "paths", PATHS)
    many = paths.replace(",", "").strip()
    if not many.isdecimal() or not 1 <= int(many[:18]) <= MOST_PATHS:
        st.error(f"Write a whole number of paths from 1 to {MOST_PATHS:,}.")
        many, ready = "1", False
    sides = tuple(replace(given.side, name=f"scenario {side}") for given, side in ((first, "A"), (second, "B")))
    about = f"A: {first.title}; B: {second.title}"
    question = Asked("compare", sides, paths=int(many[:18]), about=about)
    st.button(
        "Compare them",
        type="primary",
        on_click=begin,
        args=(question, "run", lambda number: kept.put("run", number)),
        disabled=not ready,
        help=None if ready else "First let A and B be two that can be worked out.",
    )
    not_begun()
    place = kept.place
    if st.session_state.get("compared before", place) != place and "run" in st.query_params:
        del st.query_params["run"]  # what was chosen above is another question now
    st.session_state["compared before"] = place
    number = st.query_params.get("run") or kept.get("run", "")
    if not number:
        st.caption(
            "Both are drawn from the same random numbers, so that a difference is one of the terms and not of luck."
        )
        return
    st.query_params["run"] = number
    state = watch(number)
    if state is None or state.what != "done":
        return
    before = asked(number)
    if before.sides != sides:
        st.warning(
            plain(f"What stands below is of an earlier run: {before.about}, as they were then. Compare them again.")
        )
    Views(number, before).draw()


class Views:
    """The views of one comparison that is done."""

    def __init__(self, number: str, before: Asked) -> None:
        """Read what it came to."""
        self.number, self.made = number, both(number)
        self.sides = Sides(self.made)
        self.before = before

    def draw(self) -> None:
        """Draw the view that the address names."""
        st.markdown(plain(self.before.about))
        views = {
            "Who gains and loses": self.parties,
            "By fiscal year": self.years,
            "Investors and the provider": self.investors,
            "How likely": self.likely,
            "Take away": self.taken,
        }
        one_of(views, "a comparison")

    def parties(self) -> None:
        """Say of everybody what they gain or lose."""
        for said in self.sides.said():
            st.markdown(f"- {plain(said)}")
        if self.made.apart:
            names = ", ".join(name.replace("_", " ") for name in self.made.apart)
            st.caption(plain(f"Only one of them has these inputs, or draws them otherwise: {names}."))
        picture(gains_chart(self.made, "payer"), "who-pays-more", self.number)

    def years(self) -> None:
        """What is paid, and what to appropriate, in each fiscal year."""
        sheet(self.sides.years(), "What is paid, and by how much B differs path by path")
        sheet(self.sides.enough(), "What to appropriate, so that it is enough with 80% and 95% confidence")
        picture(gains_chart(self.made, "fiscal year"), "by-fiscal-year", self.number)

    def investors(self) -> None:
        """What tranches, the provider and rules come to."""
        rows = self.sides.investors()
        if rows.rows:
            sheet(rows, "What investors and the provider get")
            picture(gains_chart(self.made, "investor"), "investors", self.number)
        else:
            st.info("Neither contract says enough of capital or spending. What is paid under each rule:")
        sheet(self.sides.rules(), "What is paid under each rule")
        for said in self.sides.untold():
            st.caption(plain(said))

    def likely(self) -> None:
        """How likely what may happen is."""
        for what, one, other in self.sides.events().rows:
            st.markdown(f"- {plain(what)}: **{plain(one)}** under A, **{plain(other)}** under B")

    def taken(self) -> None:
        """What can be taken away."""
        made, sides = self.made, self.sides
        tables = {
            "Fiscal years": sides.years,
            "Appropriations": sides.enough,
            "Rules": sides.rules,
            "Investors": sides.investors,
            "Chances": sides.events,
        }
        with st.container(horizontal=True):
            every = {name: rows().table for name, rows in tables.items() if rows().cells}
            take_away("All tables as Excel", "compared.xlsx", lambda: tables_workbook(every, "Two compared"))
            take_away("The report as text", "compared.txt", lambda: "\n".join(compared_lines(made)).encode())
            data = partial(json.dumps, indent=2)
            take_away("All figures as JSON", "compared.json", lambda: data(compared_data(made)).encode())
            for name, rows in tables.items():
                take_away(f"{name} as CSV", f"{name.replace(' ', '-').lower()}.csv", partial(_csv, rows))
            for side, given in zip("AB", self.before.sides, strict=True):
                take_away(f"Scenario {side} (YAML)", f"scenario-{side}.yaml", given.scenario.encode())


def _csv(rows: Callable[[], Sheet]) -> bytes:
    return as_csv(rows().table)
