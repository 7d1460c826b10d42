"""What a simulation came to, view by view: what to appropriate, who gains and loses, what drives it, and any path."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from math import isnan

import streamlit as st

from app.parts.kept import Kept
from app.parts.picked import pick
from app.parts.pictures import picture
from app.parts.taken import take_away
from app.parts.told import lines, plain, show, table
from app.parts.views import one_of
from app.simulations.one_path import draw_path
from app.simulations.running import analysis, begin, simulation, watch
from payfs.report.charts import payments_fan, returns_by_tranche, tornado_chart, total_histogram
from payfs.report.excel import tables_workbook
from payfs.report.luck_text import said as luck_said
from payfs.report.luck_text import sizes_table
from payfs.report.path_text import path_lines
from payfs.report.sensitivity_text import moved_at_once
from payfs.report.simulation_data import simulation_data
from payfs.report.simulation_tables import (
    Sheet,
    appropriations,
    budgets,
    by_payer,
    by_rule,
    chances,
    parties_said,
    percentiles,
    provider,
    result_said,
    spreadable,
    tranches,
)
from payfs.report.simulation_text import Telling, enough_said, few_said, simulation_lines, summary
from payfs.runs import Asked, Side, Simulated
from payfs.simulate.budget import YEAR
from payfs.simulate.labels import units_in
from payfs.simulate.one_path import one_path
from payfs.simulate.sensitivity import Estimate
from payfs.simulate.tidy import tables
from payfs.text import Refused

NOT_KNOWN = "not known"  # the fiscal year of payments whose day no source gives
FEW_RULES = 1
FILES = {
    "fiscal_years.csv": "Fiscal years as CSV",
    "percentiles.csv": "Percentiles as CSV",
    "summary.csv": "All figures as CSV",
}


def sheet(rows: Sheet, what: str = "") -> None:
    """Draw a table of figures."""
    table(rows.columns, rows.rows, rows.columns[1:], what)


class Risks:
    """The views of one simulation that is done."""

    def __init__(self, number: str, side: Side, kept: Kept) -> None:
        """Read what it came to."""
        self.number, self.side, self.kept = number, side, kept
        self.made: Simulated = simulation(number)
        self.telling = Telling(self.made.run, self.made.risk)
        self.name = f"{self.made.run.worked.scenario.spec.scenario}".replace(" ", "-").replace("/", "-")

    def views(self) -> dict[str, Callable[[], None]]:
        """Return the views, by what they are called."""
        found: dict[str, Callable[[], None]] = {
            "What to appropriate": self.appropriate,
            "In all, and the budget": self.in_all,
            "Who gains and loses": self.parties,
            "Limits and tiers": self.limits,
            "What drives it": self.drives,
            "One path": self.path,
        }
        if self.made.luck:
            found["Luck"] = self.luck
        return {**found, "Take away": self.taken}

    def draw(self) -> None:
        """Draw the view that the address names."""
        st.markdown(plain(summary(self.made.run, self.made.risk)))
        if few := few_said(self.made.risk):
            st.warning(plain(few))
        one_of(self.views(), "a simulation")

    def appropriate(self) -> None:
        """What is enough in each fiscal year."""
        sheet(appropriations(self.telling))
        if (passed := budgets(self.telling)) is not None:
            sheet(passed, "How often a budget is passed")
        st.caption(
            "50%, 80% and 95%: what is enough in the year with that confidence. Figures of single years do not add up "
            "to what is enough for all of them together. The figure behind each ± is its standard error."
        )
        if YEAR + NOT_KNOWN in self.made.risk.labels:
            st.caption("Not known: the contract does not say when all of its payments are made.")
        picture(payments_fan(self.made.run, self.made.risk), f"{self.name}-by-fiscal-year", self.number)

    def in_all(self) -> None:
        """How the total spreads, with the budget in all; and how any other result does."""
        picture(total_histogram(self.made.run, self.made.risk), f"{self.name}-in-all", self.number)
        results = spreadable(self.telling)
        label = pick("Percentiles of", list(results), results.__getitem__, key="percentiles of")
        sheet(percentiles(self.telling, label))
        st.caption(plain(enough_said(self.made.risk)))

    def parties(self) -> None:
        """Who pays, gains and loses."""
        for said in parties_said(self.telling):
            st.markdown(f"- {plain(said)}")
        sheet(by_payer(self.telling), "What each payer pays")
        if len((rules := by_rule(self.telling)).rows) > FEW_RULES:
            sheet(rules, "What is paid under each rule")
        if (lowest := provider(self.telling)) is not None:
            sheet(lowest, "The provider's cash at its lowest")
        for kind in ("IRR", "multiple", "loss"):
            drawn = returns_by_tranche(self.made.run, self.made.risk, kind)
            if drawn is not None:
                picture(drawn, f"{self.name}-{kind.lower()}", self.number)
                break
        for name, rows in tranches(self.telling).items():
            sheet(rows, name)
        if self.made.run.worked.contract.spec.capital is None:
            st.caption("The contract says nothing of investors.")

    def limits(self) -> None:
        """How often limits bind and tiers are reached."""
        for what, often in chances(self.telling).rows:
            st.markdown(f"- **{plain(often)}**: {plain(what)}")
        st.caption(
            "How often it happens, of all paths. A result counts in a tier if it lies there in any period or cohort."
        )

    def drives(self) -> None:
        """What the result hangs on: a second run."""
        units = units_in(self.made.risk)
        labels = list(self.made.risk.labels)
        names = {label: label if units[label] == "event" else result_said(self.telling, label) for label in labels}
        of = pick("What drives", labels, names.__getitem__, key="drives what")
        before: dict[str, str] = self.kept.get("drives", {})
        place = f"{self.number} {of}"
        asked = Asked("sensitivity", (self.side,), of=of, about=f"what drives {names[of]}")

        def keep(number: str) -> None:
            self.kept.put("drives", {**dict(list(before.items())[-20:]), place: number})

        if not self.made.run.worked.inputs:
            st.info("Nothing is uncertain in this scenario, so nothing drives it.")
            return
        st.button("Find out what drives it", on_click=begin, args=(asked, "drives", keep), type="primary")
        st.caption("Each input is moved from its 10th to its 90th percentile, all others drawn as usual.")
        number = before.get(place, "")
        state = watch(number) if number else None
        if state is None or state.what != "done":
            return
        found = analysis(number)
        money = found.worked.contract.money
        picture(tornado_chart(found.swings[of], units[of], money, names[of]), f"{self.name}-tornado", self.number)
        if several := moved_at_once(found.worked.inputs):
            st.caption(plain(several.replace("_", " ")))
        ranks = {one.input: one for one in found.ranks[of]}
        rows = [
            (one.input.replace("_", " "), _share(one.first), _share(one.total), _rank(ranks[one.input].correlation))
            for one in found.shares[of]
        ]
        heads = ("Input", "Of the variance, by itself", "and with others", "Rank correlation")
        what = "What part of the variance each input brings (Sobol' indices), and whether the result rises with it"
        table(heads, rows, heads[1:], what)

    def path(self) -> None:
        """Any path, explained to the cent."""
        paths = self.made.run.draws.paths
        if "path number" not in st.session_state:
            st.session_state["path number"] = st.query_params.get("path") or self.kept.get("path", "0")
        said = st.text_input(f"Which path, from 0 to {paths - 1:,}", key="path number")
        st.query_params["path"] = said
        self.kept.put("path", said)
        digits = said.replace(",", "").strip()
        if not digits.isdecimal():
            st.error("Write a whole number.")
            return
        try:
            found = one_path(self.made.run.worked, self.made.run.draws, int(digits[:18]))
        except Refused as refused:
            show(refused)
            return
        draw_path(found)
        file = f"{self.name}-path-{digits}.txt"
        take_away(
            "This path as text, with every payment explained", file, lambda: "\n".join(path_lines(found)).encode()
        )

    def luck(self) -> None:
        """What is paid, or missed, by the luck of the comparison."""
        contract = self.made.run.worked.contract
        st.caption(
            "A comparison of people measures the truth only nearly. How often does luck have something paid for "
            "nothing, and how often does it take what was earned?"
        )
        for one in self.made.luck:
            st.markdown(f"**{plain(one.name.replace('_', ' '))}**: {plain(luck_said(contract, one))}")
            with st.expander("Against the number of people who are compared"):
                lines(sizes_table(contract, one))

    def taken(self) -> None:
        """What can be taken away."""
        run, risk = self.made.run, self.made.risk
        with st.container(horizontal=True):
            take_away("All tables as Excel", f"{self.name}.xlsx", self._workbook)
            take_away("The scenario (YAML)", f"{self.name}.yaml", self.side.scenario.encode())
            take_away("The report as text", f"{self.name}.txt", lambda: "\n".join(simulation_lines(run, risk)).encode())
            take_away("All figures as JSON", f"{self.name}.json", self._json)
            for file, what in FILES.items():
                take_away(what, f"{self.name}-{file}", partial(self._file, file))
        st.caption(
            "With the scenario, payfs simulate draws the same paths again in a terminal, to the last bit. Charts can "
            "be taken away below each of them."
        )

    def _file(self, name: str) -> bytes:
        return tables(self.made.run, self.made.risk)[name].encode("utf-8-sig")

    def _workbook(self) -> bytes:
        told = self.telling
        found = {
            "Fiscal years": appropriations(told),
            "Budgets": budgets(told),
            "Percentiles": percentiles(told),
            "Payers": by_payer(told),
            "Rules": by_rule(told),
            "Chances": chances(told),
            "Cash": provider(told),
            **tranches(told),
        }
        return tables_workbook({name: rows.table for name, rows in found.items() if rows is not None}, self.name)

    def _json(self) -> bytes:
        data = simulation_data(self.made.run, self.made.risk)
        return json.dumps(data, indent=2, ensure_ascii=False).encode()


def _share(figure: Estimate) -> str:
    return "none" if isnan(figure.value) else f"{figure.value:.1%} ± {figure.error:.1%}"


def _rank(figure: Estimate) -> str:
    return "none" if isnan(figure.value) else f"{figure.value:.2f} ± {figure.error:.2f}"
