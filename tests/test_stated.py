"""What a scenario believes is found, called by its name, and written as a person says it; gaps are asked for."""

from __future__ import annotations

from fractions import Fraction

import pytest

from payfs.contract import load
from payfs.places import contract_specs, example_names, find_spec, simulations
from payfs.simulate.assuming import assume, needed, open_in, wanted_for_returns
from payfs.simulate.draft import draft
from payfs.simulate.scenario import scenario_of
from payfs.simulate.spoken import read_range
from payfs.simulate.stated import SURE, Stated, as_range, beliefs_of, meaning, range_of, stops, sure_of
from payfs.spec import read_figure
from payfs.text import Refused, read_yaml

DENVERS = "between 85% and 105%, nine times in ten, most likely 100%"
RANGES = ["10% and 45%", "0 and 6, most likely 1.5", "-10% and 55%", "140 and 170", "0.01 and 0.02", "7 and 2,000,000"]


def scenario_named(name: str) -> list[Stated]:
    text = (simulations() / f"{name}.yaml").read_text("utf-8")
    return beliefs_of(read_yaml(text, ""), load(find_spec(name)))


def test_the_beliefs_of_denver_are_told_in_words() -> None:
    assert [(one.name, one.unit, one.how, one.written) for one in scenario_named("denver-sib")] == [
        ("each of stable_days", "days", "other", "{beta: {a: 5, b: 1}}"),
        ("together of stable_days", "of the usual", "range", DENVERS),
        ("people in full of stable_days", "people", "certain", "250"),
        ("late start of stable_days", "months", "range", "between 0 and 6"),
        ("jail_reduction", "%", "other", "{normal: {mean: 30%, sd: 12%}}"),
    ]  # fmt: skip


def test_so_are_those_of_participants_cohorts_periods_and_payers() -> None:
    names = {one.name for one in scenario_named("uk-dwp-innovation-fund")}
    assert {"how many people of first round", "how likely level_2 of second round"} <= names
    assert "months until level_3 of first round" in names
    names = {one.name for one in scenario_named("chicago-cpc")}
    assert "chance of ready_children (2014/15)" in names
    assert "how many people of readers (2019/20 to 2022/23) (2019/20)" in names
    delays = [one for one in scenario_named("in-educate-girls-dib") if one.path[0] == "delays"]
    assert [(one.name, one.unit, one.written) for one in delays] == [("delay of ciff", "days", "between 0 and 60")]


@pytest.mark.parametrize("sure", ["", *SURE])
@pytest.mark.parametrize("likely", ["", "30%"])
def test_a_range_that_is_written_is_read_back(sure: str, likely: str) -> None:
    said = read_range(range_of("10%", "45%", sure, likely).removeprefix("between "))
    assert (str(said.low), str(said.high)) == ("10%", "45%")
    assert sure_of(said) == (sure or "nine times in ten")
    assert said.likely == (read_figure("30%") if likely else None)


@pytest.mark.parametrize("text", RANGES)
def test_a_slider_reaches_beyond_a_range_on_both_sides_and_has_its_ends(text: str) -> None:
    said = read_range(text)
    found = [read_figure(stop) for stop in stops(said)]
    values = [one.value for one in found]
    assert values == sorted(set(values))
    assert {said.low.value, said.high.value} <= set(values)
    assert values[0] < said.low.value or said.low.value == 0
    assert values[-1] > said.high.value
    assert 20 < len(values) < 300
    assert all(one.percent == said.low.percent for one in found)


def test_a_chance_moves_from_0_to_100_percent() -> None:
    assert stops(read_range("60% and 85%"), chance=True)[0::100] == ["0%", "100%"]


def test_what_is_written_otherwise_has_a_range_to_start_from() -> None:
    normal = Stated((), "", "%", "{normal: {mean: 30%, sd: 12%}}", "other")
    assert as_range(normal)[:2] == (read_figure("12%"), read_figure("30%"))
    certain = Stated((), "", "", "250", "certain", figure=read_figure("250"))
    assert as_range(certain)[:2] == (read_figure("200"), read_figure("300"))
    nothing = Stated((), "", "", "yes", "other")
    assert as_range(nothing).low.value < as_range(nothing).high.value
    zero = Stated((), "", "", "0", "certain", figure=read_figure("0"))
    assert as_range(zero)[:2] == (read_figure("0"), read_figure("1"))


@pytest.mark.parametrize("name", example_names())
def test_once_what_is_asked_for_is_assumed_every_real_deal_can_be_simulated(name: str) -> None:
    contract = load(find_spec(name))
    text = draft(contract)
    before = text
    for _ in range(3):
        try:
            found = needed(scenario_of(read_yaml(text, ""), text, contract))
        except Refused as refused:
            found = open_in(contract, refused.findings) or pytest.fail(str(refused))
        if not found:
            break
        assert all(one.name and one.path for one in found)
        of = {one.path: ", of " in one.beside for one in found}  # a sum, of which shares are paid
        figures = {path: f"{30 + place}%" if of[path] else str(900 + 10 * place) for place, path in enumerate(of)}
        text = assume(text, contract, figures)
    scenario = scenario_of(read_yaml(text, ""), text, contract)
    assert needed(scenario) == []
    assert set(before.splitlines()) <= set(text.splitlines())  # comments and beliefs are as they were


def test_a_gap_is_named_in_the_contracts_own_words() -> None:
    contract = load(find_spec("nyc-rikers-able"))
    text = draft(contract)
    found = needed(scenario_of(read_yaml(text, ""), text, contract))
    assert found[0].name == 'rule "bed days": tiers, 2, pays'
    assert "from" in found[0].beside


def test_what_investors_get_is_asked_for_by_itself() -> None:
    contract = load(find_spec("utah-preschool"))
    text = draft(contract)
    scenario = scenario_of(read_yaml(text, ""), text, contract)
    assert needed(scenario) == []
    assert [one.path for one in wanted_for_returns(scenario)] == [("capital", "tranches", "senior loan", "draws")]
    denver = (simulations() / "denver-sib.yaml").read_text("utf-8")
    assert wanted_for_returns(scenario_of(read_yaml(denver, ""), denver, load(find_spec("denver-sib")))) == []


def test_a_template_needs_nothing_to_be_assumed() -> None:
    contract = load(contract_specs() / "templates" / "tiers.yaml")
    text = draft(contract)
    assert needed(scenario_of(read_yaml(text, ""), text, contract)) == []


def test_a_slider_of_a_certain_percentage_keeps_its_sign() -> None:
    certain = Stated((), "", "%", "40%", "certain", figure=read_figure("40%"))
    assert as_range(certain).low.percent
    assert as_range(certain).low.value == Fraction(32)


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("{beta: {a: 5, b: 1}}", "beta with a = 5 and b = 1: nine times in ten between 54.9% and 99%, and as often"),
        ("{uniform: {least: 10%, most: 30%}}", "each as likely: nine times in ten between 11% and 29%, and as often"),
        ("{uniform: {least: 10%}}", ""),
        ("{bootstrap: {file: seen.csv, column: jobs}}", ""),
        ("between 10% and 30%", ""),
        ("7", ""),
    ],
)
def test_a_distribution_says_in_words_what_it_means(written: str, means: str) -> None:
    document = read_yaml(
        f"metrics: {{jail_reduction: {{value: {written if written[0] == '{' else repr(written)}}}}}", "s"
    )
    (one,) = beliefs_of(document, load(find_spec("denver-sib")))
    said = meaning(one)
    assert means in said
    assert bool(means) == bool(said)
