"""The pages Simulate and Compare without a browser: what is typed is written as a scenario, what is asked is run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.parts.told import plain
from app.settings import DB, DESKS, SIGN_IN, settings
from app.simulations import running
from payfs.desk import Desk
from payfs.places import contract_specs, find_spec, simulations
from payfs.runs import Runs
from payfs.text import read_yaml

DENVER = (simulations() / "denver-sib.yaml").read_text("utf-8")
TIERS = (contract_specs() / "templates" / "tiers.yaml").read_text("utf-8")
RUN, COMPARE = "Run the simulation", "Compare them"
PATIENCE = 90


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """Runs of all tests here, whose process is ready."""
    with Runs(tmp_path_factory.mktemp("runs")) as made:
        yield made


@pytest.fixture
def desk(tmp_path: Path, workers: Runs, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The desk of whoever looks."""
    monkeypatch.setenv(DESKS, str(tmp_path / "desks"))
    monkeypatch.setenv(DB, str(tmp_path / "ledger.db"))
    monkeypatch.setenv("PAYFS_USER", "ann")
    monkeypatch.delenv(SIGN_IN, raising=False)
    monkeypatch.setattr(running, "runs", lambda: workers)
    settings.cache_clear()
    yield Desk(tmp_path / "desks", "ann")
    settings.cache_clear()


def opened(page: str, **query: str) -> AppTest:
    """Open a page at an address."""
    at = AppTest.from_string(f"from app.{page} import page; page()", default_timeout=PATIENCE)
    for name, value in query.items():
        at.query_params[name] = value
    return drawn(at.run())


def drawn(at: AppTest) -> AppTest:
    """A page that was drawn without an exception."""
    assert not at.exception, at.exception
    return at


def labelled(found: Any, label: str) -> Any:
    """The control with a label."""
    return next(one for one in found if one.label == label)


def pressed(at: AppTest, name: str) -> AppTest:
    return drawn(labelled(at.button, name).click().run())


def over(at: AppTest) -> AppTest:
    """Look again until the run is over."""
    last = time.monotonic() + PATIENCE
    while any(one.label == "Cancel" for one in at.button):
        assert time.monotonic() < last
        time.sleep(0.1)
        drawn(at.run())
    return at


def address(at: AppTest, name: str) -> str:
    value = at.query_params.get(name, "")
    return value[0] if isinstance(value, list) else value


def written(desk: Desk, ref: str, which: str = "own") -> str:
    """The scenario of one's own, as it is kept."""
    text: str = desk.typed(f"beliefs {ref}")["texts"][which]
    return text


def believed(at: AppTest, key: str) -> Any:
    """A control of a belief, by the end of its key."""
    every = [*at.selectbox, *at.text_input, *at.text_area, *at.select_slider, *at.radio]
    return next(one for one in every if one.key and one.key.endswith(key))


def unfolded(page: str, path: str, **query: str) -> AppTest:
    """Open a page with one of the beliefs unfolded."""
    at = AppTest.from_string(f"from app.{page} import page; page()", default_timeout=PATIENCE)
    for name, value in query.items():
        at.query_params[name] = value
    ref, which = query.get("contract", "denver-sib"), query.get("scenario", "example")
    at.session_state[f"belief {ref} {which} open {path}"] = True
    return drawn(at.run())


def text_of(at: AppTest) -> str:
    return "\n".join(one.value for one in [*at.markdown, *at.caption, *at.warning, *at.info, *at.error])


def quick(desk: Desk, ref: str, text: str) -> None:
    """Keep a scenario of one's own that takes no time."""
    desk.keep_typed(f"beliefs {ref}", {"texts": {"own": text.replace("paths: 100,000", "paths: 400")}})


def test_an_example_is_read_only_and_a_change_of_it_is_ones_own(desk: Desk) -> None:
    at = unfolded("simulate", "metrics stable_days together", contract="denver-sib")
    assert address(at, "scenario") == "example"
    drawn(believed(at, "together likely").set_value("95%").run())
    assert address(at, "scenario") == "own"
    own = written(desk, "denver-sib")
    before, after = "most likely 100%", "most likely 95%"
    assert own == DENVER.replace(before, after)


def test_a_slider_moves_the_ends_of_a_range_in_the_text(desk: Desk) -> None:
    at = unfolded("simulate", "metrics stable_days enrolment", contract="denver-sib")
    at = unfolded("simulate", "metrics stable_days people enrolment late", contract="denver-sib")
    slider = believed(at, "late ends 1")
    assert slider.value == ("0", "6")
    drawn(slider.set_value(("1", "9")).run())
    assert "late: 'between 1 and 9, nine times in ten'" in written(desk, "denver-sib")


def test_a_distribution_becomes_a_range_and_a_figure(desk: Desk) -> None:
    at = unfolded("simulate", "metrics jail_reduction value", contract="denver-sib")
    drawn(believed(at, "value how").set_value("range").run())
    assert "value: between 12% and 30%, nine times in ten   # the true fall" in written(desk, "denver-sib")
    at = unfolded("simulate", "metrics jail_reduction value", contract="denver-sib", scenario="own")
    drawn(believed(at, "value how").set_value("certain").run())
    assert "value: 12%   # the true fall" in written(desk, "denver-sib")
    at = unfolded("simulate", "metrics jail_reduction value", contract="denver-sib", scenario="own")
    drawn(believed(at, "value written").set_value("{normal: {mean: 25%, sd: 10%}}").run())
    assert read_yaml(written(desk, "denver-sib"), "").data["metrics"]["jail_reduction"]["value"] == {
        "normal": {"mean": "25%", "sd": "10%"}
    }


def test_what_cannot_be_believed_is_a_finding_and_nothing_is_run(desk: Desk) -> None:
    at = unfolded("simulate", "metrics stable_days together", contract="denver-sib")
    drawn(believed(at, "together likely").set_value("nonsense").run())
    assert text_of(at).count("is not a number") == 1
    assert labelled(at.button, RUN).disabled


def test_a_scenario_that_is_no_yaml_can_be_mended_as_text(desk: Desk) -> None:
    quick(desk, "denver-sib", DENVER + "budget: {2018: [}\n")
    at = opened("simulate", contract="denver-sib", scenario="own")
    assert "no text that can be read" in text_of(at)
    assert len(at.error) == 1
    drawn(labelled(at.text_area, "The scenario as text").set_value(DENVER).run())
    assert not at.error
    assert not labelled(at.button, RUN).disabled


def test_a_budget_is_written_by_fiscal_year_and_taken_out(desk: Desk) -> None:
    at = opened("simulate", contract="denver-sib")
    assert labelled(at.radio, "Budget").value == "one amount for all years together"
    drawn(labelled(at.radio, "Budget").set_value("an amount for each fiscal year").run())
    drawn(labelled(at.text_input, "Budget for 2021 [USD]").set_value("6,000,000").run())
    assert read_yaml(written(desk, "denver-sib"), "").data["budget"] == {"2021": "6,000,000"}
    drawn(labelled(at.radio, "Budget").set_value("none").run())
    pressed(at, "Take the budget out")
    assert "budget" not in read_yaml(written(desk, "denver-sib"), "").data


def test_money_in_a_budget_is_read_exactly_or_refused(desk: Desk) -> None:
    at = opened("simulate", contract="denver-sib")
    name = "Budget for all years together [USD]"
    drawn(labelled(at.text_input, name).set_value("9007199254740993.25").run())
    assert "at most 15 digits" in text_of(at)
    drawn(labelled(at.text_input, name).set_value("90071992547409.25").run())
    assert written(desk, "denver-sib") == DENVER.replace("10,000,000", "90071992547409.25")


def test_a_run_says_what_to_appropriate_and_survives_a_refresh(desk: Desk) -> None:
    quick(desk, "denver-sib", DENVER)
    at = over(pressed(opened("simulate", contract="denver-sib", scenario="own"), RUN))
    number = address(at, "run")
    assert [one.value for one in at.subheader] == ["What to appropriate"]
    assert "400 paths, each a possible course" in text_of(at)
    again = opened("simulate", contract="denver-sib", scenario="own", run=number)
    assert [one.value for one in again.subheader] == ["What to appropriate"]
    later = opened("simulate", contract="denver-sib", scenario="own")
    assert address(later, "run") == number


@pytest.mark.parametrize(
    ("view", "says"),
    [
        ("In all, and the budget", "The budget of"),
        ("Who gains and loses", "City and County of Denver pays"),
        ("Limits and tiers", "nothing at all is paid"),
        ("Luck", "363 people are served"),
        ("Take away", "draws the same paths again"),
    ],
)
def test_every_view_of_a_run_has_a_link(desk: Desk, view: str, says: str) -> None:
    quick(desk, "denver-sib", DENVER)
    at = over(pressed(opened("simulate", contract="denver-sib", scenario="own"), RUN))
    linked = opened("simulate", contract="denver-sib", scenario="own", run=address(at, "run"), view=view)
    assert [one.value for one in linked.subheader] == [view]
    assert says in text_of(linked).replace("\\", "")


def test_any_path_is_explained_to_the_cent(desk: Desk) -> None:
    quick(desk, "denver-sib", DENVER)
    at = over(pressed(opened("simulate", contract="denver-sib", scenario="own"), RUN))
    one = opened("simulate", contract="denver-sib", scenario="own", run=address(at, "run"), view="One path", path="3")
    assert not one.code
    told = text_of(one).replace("\\", "")
    assert "On path 3 **$" in told
    tables = "".join(table.proto.body for table in one.get("html"))
    for title in ("What is paid", "How high each input was drawn", "What was measured"):
        assert f"<caption>{title}</caption>" in tables
    why = labelled(one.selectbox, "Why is this payment what it is?")
    assert "City and County of Denver pays Enterprise Community Partners, due" in told
    drawn(why.set_value(len(why.options) - 1).run())
    amount = why.options[-1].rpartition(": ")[2]
    assert f"- jail days = {amount}" in text_of(one).replace("\\", "")
    drawn(one.text_input(key="path number").set_value("400").run())
    assert "there is no path 400" in text_of(one)
    drawn(one.text_input(key="path number").set_value("many").run())
    assert "Write a whole number" in text_of(one)


def test_what_drives_it_is_a_second_run(desk: Desk) -> None:
    quick(desk, "denver-sib", DENVER + "replicates: 2\n")
    at = over(pressed(opened("simulate", contract="denver-sib", scenario="own"), RUN))
    drawn(labelled(at.radio, "What to look at").set_value("What drives it").run())
    over(pressed(at, "Find out what drives it"))
    assert "moves most with" in text_of(at)
    assert plain("stable days: what each adds (37 draws) is drawn anew for each period, cohort or person") in text_of(
        at
    )


def test_a_double_click_begins_one_run(desk: Desk, workers: Runs) -> None:
    quick(desk, "denver-sib", DENVER.replace("paths: 100,000", "paths: 300,000"))
    at = opened("simulate", contract="denver-sib", scenario="own")
    before = set(workers.mine("ann"))
    pressed(pressed(at, RUN), RUN)
    (number,) = set(workers.mine("ann")) - before
    pressed(at, "Cancel")
    over(at)
    assert workers.look("ann", number).what == "stopped"
    assert "This run was stopped:" in text_of(at).replace("\\", "")


@pytest.mark.parametrize("number", ["0" * 32, "../../etc", "<script>"])
def test_a_run_that_is_not_ones_own_is_not_shown(desk: Desk, workers: Runs, number: str) -> None:
    at = opened("simulate", contract="denver-sib", run=number)
    assert "there is no such run" in text_of(at)
    assert not at.subheader


def test_another_persons_run_is_not_shown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    quick(desk, "denver-sib", DENVER)
    at = over(pressed(opened("simulate", contract="denver-sib", scenario="own"), RUN))
    monkeypatch.setenv("PAYFS_USER", "bob")
    bob = opened("simulate", contract="denver-sib", run=address(at, "run"))
    assert "there is no such run" in text_of(bob)
    assert not bob.subheader


def test_what_changed_since_a_run_is_said(desk: Desk) -> None:
    quick(desk, "denver-sib", DENVER)
    at = over(pressed(opened("simulate", contract="denver-sib", scenario="own"), RUN))
    drawn(labelled(at.text_input, "Seed: the same one draws the same paths").set_value("7").run())
    assert "The beliefs above have changed since" in text_of(at)


def test_more_paths_than_are_drawn_here_are_refused(desk: Desk) -> None:
    quick(desk, "denver-sib", DENVER.replace("paths: 100,000", "paths: 2,000,000"))
    at = over(pressed(opened("simulate", contract="denver-sib", scenario="own"), RUN))
    assert "2,000,000 paths are not drawn here" in text_of(at).replace("\\", "")


def test_what_a_contract_leaves_unknown_is_asked_for_and_never_made_up(desk: Desk) -> None:
    at = opened("simulate", contract="chicago-cpc", scenario="own")
    assert not at.warning  # the example assumes it
    at = opened("simulate", contract="nyc-rikers-able")
    assert labelled(at.button, RUN).disabled
    asked = [one for one in at.text_input if one.label.startswith("What is taken for")]
    assert len(asked) == 6
    assert {one.value for one in asked} == {""}
    for place, one in enumerate(asked):
        one.set_value(str(1_000_000 * (place + 1)))
    pressed(at, "Assume this")
    assumed = read_yaml(written(desk, "nyc-rikers-able"), "").data["assuming"]
    assert assumed["rules"]["bed_days"]["tiers"][1]["pays"] == "1000000"
    assert not labelled(at.button, RUN).disabled


def test_a_draft_of_a_template_runs_with_beliefs_that_are_said_to_be_made_up(desk: Desk) -> None:
    desk.save("mine", TIERS)
    at = opened("simulate", contract="draft/mine")
    assert "nobody's opinion" in text_of(at)
    text = labelled(at.text_area, "The scenario as text").value
    desk.keep_typed("beliefs draft/mine", {"texts": {"own": text.replace("paths: 20,000", "paths: 64")}})
    at = over(pressed(opened("simulate", contract="draft/mine"), RUN))
    assert [one.value for one in at.subheader] == ["What to appropriate"]
    assert "64 paths say nothing of percentiles near the ends" in text_of(at)


def test_beliefs_that_are_made_up_are_named_until_each_is_somebodys(desk: Desk) -> None:
    at = opened("simulate", contract="utah-preschool")
    text = labelled(at.text_area, "The scenario as text").value
    (banner,) = [one.value for one in at.info if "nobody's opinion" in one.value]
    assert "nobody's opinion: at risk, special ed, verified savings and outstanding. Put" in banner.replace("\\", "")
    own = text.replace("between 32 and 64", "between 50 and 90").replace("{uniform: {least: 1, most: 2}}", "1")
    desk.keep_typed("beliefs utah-preschool", {"texts": {"own": own}})
    (banner,) = [one.value for one in opened("simulate", contract="utah-preschool").info if "opinion" in one.value]
    assert "nobody's opinion: verified savings and outstanding. Put" in banner
    own = own.replace("REPLACE. Or {people: 595, each", "mine. Or {people: 595, each")
    desk.keep_typed("beliefs utah-preschool", {"texts": {"own": own}})
    assert "nobody's opinion" not in text_of(opened("simulate", contract="utah-preschool"))


def test_a_belief_that_is_ones_own_as_it_stands_is_told_so_by_a_button(desk: Desk) -> None:
    at = unfolded("simulate", "metrics special_ed value", contract="utah-preschool", scenario="own")
    (banner,) = [one.value for one in at.info if "nobody's opinion" in one.value]
    text = labelled(at.text_area, "The scenario as text").value
    assert plain("thresholds, worked examples, limits and sizes alone") in plain(banner)
    assert "from the contract's thresholds, worked examples, limits and sizes alone" in text
    assert "REPLACE" not in banner
    assert "README" not in text
    pressed(at, "This is what I believe: special ed")
    (banner,) = [one.value for one in at.info if "nobody's opinion" in one.value]
    assert "nobody's opinion: at risk, verified savings and outstanding. Put" in banner.replace("\\", "")
    assert "This is what I believe: special ed" not in [one.label for one in at.button]
    (before,) = [line for line in text.splitlines() if line.startswith("  special_ed:")]
    assert written(desk, "utah-preschool") == text.replace(before, before.replace("REPLACE. Or", "Or"))


def test_a_distribution_is_explained_in_words_below_its_field(desk: Desk) -> None:
    at = unfolded("simulate", "metrics jail_reduction value", contract="denver-sib")
    assert believed(at, "value written").value.startswith("{normal")
    told = text_of(at).replace("\\", "")
    assert "That is normal with mean 30% and standard deviation 12%: nine times in ten between 10.3% and 49.7%" in told


def test_a_scenario_in_the_address_brings_its_contract(desk: Desk) -> None:
    at = opened("simulate", scenario="ticket-to-work")
    assert address(at, "contract") == "ticket-to-work"
    assert address(at, "scenario") == "example"


def test_a_copy_is_kept_under_a_name(desk: Desk) -> None:
    at = opened("simulate", contract="denver-sib")
    labelled(at.text_input, "Keep a copy under the name").set_value("three months late")
    pressed(at, "Keep a copy")
    assert written(desk, "denver-sib", "own/three months late") == DENVER
    assert address(at, "scenario") == "own/three months late"
    labelled(at.text_input, "Keep a copy under the name").set_value("<b>")
    pressed(at, "Keep a copy")
    assert "Give it a name of letters" in text_of(at)


def test_two_contracts_are_compared_party_by_party(desk: Desk) -> None:
    denver = find_spec("denver-sib").read_text("utf-8")
    desk.save("dearer", denver.replace("price: 15.12", "price: 17.00"))
    at = opened("compare", a="denver-sib", b="draft/dearer")
    labelled(at.text_input, "How many paths").set_value("400")
    drawn(at.run())
    over(pressed(at, COMPARE))
    assert "Under B, City and County of Denver pays $" in text_of(at).replace("\\", "")
    for view in ("By fiscal year", "Investors and the provider", "How likely", "Take away"):
        drawn(labelled(at.radio, "What to look at").set_value(view).run())
        assert [one.value for one in at.subheader] == [view]
        # the contract does not say what its providers spend
        assert ("lasts is not told under A and B" in text_of(at)) == (view == "Investors and the provider")
    again = opened("compare", a="denver-sib", b="draft/dearer", run=address(at, "run"))
    assert "Who gains and loses" in [one.value for one in again.subheader]


def test_a_draft_is_compared_with_an_earlier_version_of_it_on_ones_own_beliefs(desk: Desk) -> None:
    denver = find_spec("denver-sib").read_text("utf-8")
    desk.save("mine", denver)
    desk.save("mine", denver.replace("price: 15.12", "price: 17.00"))
    quick(desk, "draft/mine", (simulations() / "denver-sib.yaml").read_text("utf-8"))
    at = opened("compare", a="draft/mine/1", b="draft/mine", a_beliefs="own")
    assert labelled(at.selectbox, "B: contract").options.count("mine, version 1 (your draft)") == 1
    labelled(at.text_input, "How many paths").set_value("400")
    drawn(at.run())
    over(pressed(at, COMPARE))
    told = text_of(at).replace("\\", "")
    assert "A: mine version 1: my own; B: mine: the same as A" in told
    assert "Under B, City and County of Denver pays $" in told


MONTHS = """\
contract: jobs
title: Jobs that last
currency: USD
parties:
  city: {name: The City, role: outcome payer, fiscal_year_starts: 1 July}
  provider: {name: The Provider, role: service provider}
periods: {years: {every: year, from: 2027-01-01, to: 2029-12-31, paid: 60 days after the period}}
metrics:
  jobs: {unit: person}
  later_months: {unit: month}
rules:
  jobs: {price: 1000}
  later_months: {price: 50}
"""
BELIEVED = """\
scenario: jobs
contract: jobs
paths: 400
seed: 7
metrics:
  jobs: {value: between 20 and 40, varies: once}
  later_months: {value: between 50 and 90, varies: once}
correlation: [{between: [jobs, later_months], rank: 0.4}]
"""


def two_versions(desk: Desk) -> None:
    """Keep a draft whose second version lacks a rule and its metric, and what is believed of the first."""
    desk.save("jobs", MONTHS)
    desk.save("jobs", "".join(line for line in MONTHS.splitlines(keepends=True) if "later_months" not in line))
    quick(desk, "draft/jobs", BELIEVED)


@pytest.mark.parametrize("beliefs", ["same", "own"])
def test_a_version_without_a_metric_is_compared_on_beliefs_that_leave_it_out(desk: Desk, beliefs: str) -> None:
    two_versions(desk)
    query = {} if beliefs == "same" else {"b_beliefs": beliefs}
    at = opened("compare", a="draft/jobs/1", b="draft/jobs", a_beliefs="own", **query)
    assert address(at, "b_beliefs") == beliefs
    assert "B is without later months and jobs together with later months" in text_of(at)
    assert "has to be mended" not in text_of(at)
    labelled(at.text_input, "How many paths").set_value("400")
    drawn(at.run())
    over(pressed(at, COMPARE))
    assert "Under B, the City pays $" in text_of(at).replace("\\", "")
    assert written(desk, "draft/jobs") == BELIEVED


def test_what_only_the_other_version_measures_is_to_be_believed_of_it(desk: Desk) -> None:
    two_versions(desk)
    at = opened("compare", a="draft/jobs", b="draft/jobs/1", a_beliefs="own", b_beliefs="same")
    assert "A is without later months and jobs together with later months" in text_of(at)
    assert not labelled(at.button, COMPARE).disabled  # the beliefs of the draft are of both versions
    quick(desk, "draft/jobs", BELIEVED.partition("  later_months")[0])
    at = opened("compare", a="draft/jobs", b="draft/jobs/1", a_beliefs="own", b_beliefs="same")
    assert "Only B measures later months" in text_of(at)
    assert labelled(at.button, COMPARE).disabled


@pytest.mark.parametrize("version", ["0", "3", "-1", "x", "1/2", "9" * 30])
def test_a_version_that_there_is_not_is_a_finding(desk: Desk, version: str) -> None:
    desk.save("mine", find_spec("denver-sib").read_text("utf-8"))
    desk.save("mine", "x: y\n")
    at = opened("compare", a=f"draft/mine/{version}")
    assert "has no version" in text_of(at)


def test_two_that_are_the_same_are_not_compared(desk: Desk) -> None:
    at = opened("compare", contract="denver-sib")
    assert (address(at, "a"), address(at, "b")) == ("denver-sib", "denver-sib")
    assert "A and B are the same" in text_of(at)
    assert labelled(at.button, COMPARE).disabled


def test_beliefs_that_do_not_fit_the_other_contract_are_findings(desk: Desk) -> None:
    at = opened("compare", a="denver-sib", b="chicago-cpc", b_beliefs="same")
    assert "B: this scenario has to be mended" in text_of(at)
    assert labelled(at.button, COMPARE).disabled


@pytest.mark.parametrize(
    ("other", "beliefs"), [("chicago-cpc", "example"), ("dc-water-eib", "own"), ("denver-sib", "same")]
)
def test_of_another_contract_other_beliefs_are_compared(desk: Desk, other: str, beliefs: str) -> None:
    at = opened("compare", a="denver-sib", b=other)
    assert address(at, "b_beliefs") == beliefs
    assert "has to be mended" not in text_of(at)


def test_when_another_contract_is_chosen_its_own_beliefs_are(desk: Desk) -> None:
    at = opened("compare", a="denver-sib")
    for other, beliefs in (("chicago-cpc", "example"), ("denver-sib", "same"), ("ticket-to-work", "example")):
        drawn(labelled(at.selectbox, "B: contract").set_value(other).run())
        assert address(at, "b_beliefs") == labelled(at.selectbox, "B: beliefs").value == beliefs
        assert "has to be mended" not in text_of(at)
    drawn(labelled(at.selectbox, "B: beliefs").set_value("same").run())
    assert address(at, "b_beliefs") == "same"
    assert "B: this scenario has to be mended" in text_of(at)
    drawn(labelled(at.selectbox, "A: contract").set_value("ticket-to-work").run())
    assert labelled(at.selectbox, "B: beliefs").value == "same"
    assert "has to be mended" not in text_of(at)


def test_two_contracts_in_different_currencies_are_not_compared(desk: Desk) -> None:
    at = opened("compare", a="denver-sib", b="uk-hmp-peterborough")
    assert "A is in USD and B is in GBP" in text_of(at)
    assert "Choose another contract for B that pays in USD" in text_of(at)
    assert "has to be mended" not in text_of(at)
    assert labelled(at.button, COMPARE).disabled


SEED, PATHS = "Seed: the same one draws the same paths", "How many paths (at most 1,000,000)"


@pytest.mark.parametrize("which", ["own", "example"])
def test_two_fields_changed_before_one_rerun_are_both_written(desk: Desk, which: str) -> None:
    at = opened("simulate", contract="denver-sib", scenario=which)
    labelled(at.text_input, SEED).set_value("77")
    labelled(at.text_input, PATHS).set_value("5000")
    drawn(at.run())
    kept = read_yaml(written(desk, "denver-sib"), "").data
    assert (kept["seed"], kept["paths"]) == ("77", "5000")
    assert (labelled(at.text_input, SEED).value, labelled(at.text_input, PATHS).value) == ("77", "5000")


def test_two_years_of_a_budget_changed_before_one_rerun_are_both_written(desk: Desk) -> None:
    at = opened("simulate", contract="denver-sib", scenario="own")
    drawn(labelled(at.radio, "Budget").set_value("an amount for each fiscal year").run())
    labelled(at.text_input, "Budget for 2020 [USD]").set_value("5,000,000")
    labelled(at.text_input, "Budget for 2021 [USD]").set_value("6,000,000")
    drawn(at.run())
    assert read_yaml(written(desk, "denver-sib"), "").data["budget"] == {"2020": "5,000,000", "2021": "6,000,000"}


def test_every_part_of_a_range_changed_before_one_rerun_is_written(desk: Desk) -> None:
    at = unfolded("simulate", "metrics stable_days people enrolment late", contract="denver-sib")
    believed(at, "late ends 1").set_value(("1", "9"))
    believed(at, "late sure").set_value("eight times in ten")
    believed(at, "late likely").set_value("4")
    drawn(at.run())
    assert "late: 'between 1 and 9, eight times in ten, most likely 4'" in written(desk, "denver-sib")


def test_what_cannot_be_written_any_more_is_said(desk: Desk) -> None:
    quick(desk, "denver-sib", DENVER)
    at = opened("simulate", contract="denver-sib", scenario="own")
    quick(desk, "denver-sib", "budget: [")  # as another window may leave it
    labelled(at.text_input, SEED).set_value("77")
    drawn(at.run())
    assert "It was not written" in text_of(at)
    assert written(desk, "denver-sib") == "budget: ["


def test_two_windows_do_not_undo_each_others_changes(desk: Desk) -> None:
    one, other = (opened("simulate", contract="denver-sib", scenario="own") for _ in range(2))
    drawn(labelled(one.text_input, SEED).set_value("77").run())
    drawn(labelled(other.text_input, PATHS).set_value("5000").run())
    assert written(desk, "denver-sib") == DENVER.replace("seed: 2016", "seed: 77").replace("100,000", "5000")
    assert labelled(other.text_input, SEED).value == "77"
    drawn(one.run())
    assert labelled(one.text_input, PATHS).value == "5000"


def test_a_text_that_another_window_changed_is_not_replaced_unseen(desk: Desk) -> None:
    one, other = (opened("simulate", contract="denver-sib") for _ in range(2))
    drawn(labelled(one.text_input, SEED).set_value("77").run())
    mine = DENVER.replace("100,000", "5000")
    drawn(labelled(other.text_area, "The scenario as text").set_value(mine).run())
    assert "in another window" in text_of(other)
    assert "seed: 77" in written(desk, "denver-sib")
    assert labelled(other.text_area, "The scenario as text").value == mine
    drawn(labelled(other.text_area, "The scenario as text").set_value(mine + "# seen\n").run())
    assert written(desk, "denver-sib") == mine + "# seen\n"


@pytest.mark.parametrize("tab", ["What is believed", "Budget, paths and seed", "Unknown figures", "As text", "Copies"])
def test_every_tab_of_beliefs_has_a_link(desk: Desk, tab: str) -> None:
    at = opened("simulate", contract="nyc-rikers-able", beliefs=tab)
    assert at.session_state["beliefs"] == tab


def test_a_link_to_a_tab_that_is_not_there_opens_the_first(desk: Desk) -> None:
    at = opened("simulate", contract="denver-sib", beliefs="Unknown figures")
    assert at.session_state["beliefs"] == "What is believed"


def test_a_tab_that_goes_when_nothing_is_unknown_gives_way_to_the_first(desk: Desk) -> None:
    at = opened("simulate", contract="nyc-rikers-able", beliefs="Unknown figures")
    for one in [one for one in at.text_input if one.label.startswith("What is taken for")]:
        one.set_value("1000000")
    pressed(at, "Assume this")
    assert at.session_state["beliefs"] != "Unknown figures"
    assert not labelled(at.button, RUN).disabled


@pytest.mark.parametrize("text", ["contract: x\nrules: [1,2", "# nothing yet\n"])
def test_a_draft_that_cannot_be_read_is_told_on_both_pages(desk, text):
    desk.save("bad", text)
    for at in (opened("compare", a="draft/bad"), opened("compare", contract="draft/bad"),
               opened("simulate", contract="draft/bad")):  # fmt: skip
        assert "has to be mended" in text_of(at)


def test_a_copy_takes_the_place_of_no_other(desk):
    at = opened("simulate", contract="denver-sib", part="Copies")
    name = next(one for one in at.text_input if one.label == "Keep a copy under the name")
    name.set_value("late")
    drawn(next(one for one in at.button if one.label == "Keep a copy").click().run())
    name = next(one for one in at.text_input if one.label == "Keep a copy under the name")
    name.set_value("late")
    drawn(next(one for one in at.button if one.label == "Keep a copy").click().run())
    assert "There is a copy of that name" in text_of(at)
