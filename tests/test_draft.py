"""A drafted scenario of every contract and template: it loads, it runs as it stands, or it names the gap."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scenes import CLAIMS, CONTRACT, SPECS, contract

from payfs.contract import Contract, load, load_document
from payfs.simulate.draft import draft, made_up, taken_as_own
from payfs.simulate.gaps import ASSUME
from payfs.simulate.run import Run
from payfs.simulate.scenario import Scenario, load_scenario, scenario_of
from payfs.simulate.stated import beliefs_of
from payfs.simulate.worked import Worked, check
from payfs.text import Refused, read_yaml

FILES = sorted([*SPECS.glob("*.yaml"), *SPECS.glob("templates/*.yaml")])


def of(text: str, terms: Contract) -> Scenario:
    return scenario_of(read_yaml(text, "draft.yaml"), text, terms)


def ran(text: str, terms: Contract) -> tuple[float, list[str]]:
    """Return the mean total of 2,000 paths [units], or why there is none."""
    try:
        made = of(text, terms)
        risk = Run(Worked(made), made.draws(paths=2000)).risk()
    except Refused as refused:
        return 0.0, [finding.what for finding in refused.findings]
    return risk["total"].figures["mean"].value / terms.money.minor, []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_draft_runs_as_it_stands_or_says_what_to_assume(file):
    terms = load(file)
    text = draft(terms)
    mean, gaps = ran(text, terms)
    if gaps:
        assert all(what.startswith("it is unknown") for what in gaps)
        assert "IT CANNOT RUN YET" in text
        assert re.search(r"^# assuming:\n#   \w", text, re.M)
    else:
        assert mean != 0
        assert "IT CANNOT RUN YET" not in text
    assert max(map(len, re.findall(r"^(?!#   ).*$", text, re.M))) <= 200


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_belief_of_a_draft_says_what_to_replace(file):
    text = draft(load(file))
    body = text[text.index("\nmetrics:") if "\nmetrics:" in text else text.index("\nparticipants:") :]
    lines = body.splitlines()
    beliefs = [line for line in lines if re.match(r"[^#]*\b(chance|value|people|each|between)\b", line)]
    assert beliefs
    for belief in beliefs:
        above = lines[lines.index(belief) - 1]
        assert "REPLACE" in belief or "REPLACE" in above


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_a_draft_leaves_to_assume_is_what_is_missing(file):
    """With figures in the place of every unknown, a draft that named a gap runs."""
    terms = load(file)
    text = draft(terms)
    if "IT CANNOT RUN YET" not in text:
        return
    head, rest = text.split("# assuming:\n")
    block, rest = rest.split("\n\n", 1)
    for figure in ("1000", "10%"):  # amounts, or shares where the contract asks for them
        filled = re.sub(r"^# ", "", block, flags=re.M).replace("unknown", figure)
        mean, gaps = ran(f"{head}assuming:\n{filled}\n\n{rest}", terms)
        if not gaps:
            break
    assert not gaps
    assert mean != 0


def test_a_draft_may_be_kept_beside_its_contract(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in (("small.yaml", CONTRACT), ("a card: 2.yaml", CLAIMS)):
        Path(name).write_text(text, encoding="utf-8")
        Path("draft.yaml").write_text(draft(load(name), "what if"), encoding="utf-8")
        made = load_scenario("draft.yaml")
        assert made.spec.scenario == "what if"
        assert made.contract.file == name


def test_a_draft_of_a_contract_without_any_figure_takes_a_hundred():
    text = draft(contract())
    assert "jobs: {value: between 50 and 100, varies: each period}" in text
    assert "exits: {value: between 50 and 100, varies: each period and cohort}" in text
    assert "met: {chance: 50%}" in text
    assert "wages: {value: between 50000 and 100000" in text
    assert "rate: {value: between 30% and 60%" in text


def test_a_draft_lays_a_percentage_around_its_thresholds():
    tiers = "[{below: 30%, pays: 0}, {from: 30%, below: 55%, pays: 1}, {from: 55%, pays: 2}]"
    words = f"  jobs: {{price: 10}}\n  rate: {{tiers: {tiers}}}\n"
    text = draft(contract(CONTRACT.replace("  jobs: {price: 10}\n", words)))
    assert "rate: {value: between 30% and 55%" in text


@pytest.mark.parametrize(
    ("name", "many"),
    [
        ("ch-caritas-perspektive", 4),
        ("nyc-rikers-able", 6),
        ("jp-hachioji", 5),
        ("ticket-to-work", 14),
        ("ma-juvenile-justice-roca", 4),
        ("uk-troubled-families", 4),
    ],
)
def test_all_figures_that_a_draft_lists_as_unknown_are_told_at_once(name, many):
    terms = load(SPECS / f"{name}.yaml")
    text = draft(terms)
    block = text.split("# assuming:\n")[1].split("\n\n", 1)[0]
    assert block.count("unknown") == many
    with pytest.raises(Refused) as refused:
        check(Worked(of(text, terms)))
    assert len({finding.path for finding in refused.value.findings}) == len(refused.value.findings) == many
    assert all(finding.line and finding.what.startswith("it is unknown") for finding in refused.value.findings)
    assert {finding.remedy for finding in refused.value.findings} == {ASSUME}


def test_a_figure_that_only_some_paths_meet_is_told_with_the_others():
    terms = load(SPECS / "ma-juvenile-justice-roca.yaml")
    made = of(draft(terms).replace("seed: 1", "assuming: {rules: {job_readiness: {price: 1}}}\nseed: 1"), terms)
    with pytest.raises(Refused) as refused:
        Worked(made).evaluate(made.draws(paths=64).between(0, 64))
    said = {".".join(map(str, finding.path)): finding.what for finding in refused.value.findings}
    assert said["rules.employment.price"] == "it is unknown, and what these results come to depends on it"
    assert said["rules.incarceration.tiers.1.pays"].endswith("on it")
    assert "rules.job_readiness.price" not in said


def test_a_draft_says_why_returns_are_left_out_and_what_to_assume_for_them():
    text = draft(load(SPECS / "dc-water-eib.yaml"))
    assert "# The investors' returns are left out: capital.tranches.bond.interest.days is unknown.\n" in text
    terms = load(SPECS / "denver-sib.yaml")
    text = draft(terms)
    assert "# The investors' returns are left out: no source says how much is put in.\n# REPLACE: Take the #" in text
    assert "IT CANNOT RUN YET" not in text
    lines = "#   capital:\n#     tranches: {housing loans: {commitment: unknown}, jail loans: {commitment: unknown}}\n"
    assert f"# assuming:\n{lines}" in text
    told = text.replace("# assuming", "assuming").replace("#   capital", "  capital").replace("#     tran", "    tran")
    for much in ("6300000", "2300000"):
        told = told.replace("commitment: unknown", f"commitment: {much}", 1)
    assert "commitment: unknown" not in told
    made = of(told, terms)
    assert "jail loans loss" in Worked(made).evaluate(made.draws(paths=16).between(0, 16))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_belief_that_is_taken_as_ones_own_is_no_longer_made_up(file):
    terms = load(file)
    first = text = draft(terms)
    names = made_up(text, first, terms)
    assert names
    for one in beliefs_of(read_yaml(text, "s"), terms):
        text = taken_as_own(text, one.path)
        assert one.name not in made_up(text, first, terms)
    assert read_yaml(text, "s").data == read_yaml(first, "s").data


def sized_draft(size: int, seen: str, periods: str = "quarter", unit: str = "person") -> str:
    """A draft for a contract over six years whose worked example sees so many people in one period."""
    total = 400 * seen.count(": 40")
    text = f"""
contract: homes
title: Homes
currency: USD
parties: {{city: {{name: City, role: outcome payer}}, provider: {{name: Provider, role: service provider}}}}
population: {{size: {size}}}
periods: {{all: {{every: {periods}, from: 2027-01-01, to: 2032-12-31, paid: 30 days after the period}}}}
metrics: {{stable: {{unit: {unit}}}}}
rules: {{stable: {{price: 10}}}}
examples:
  - name: one
    results: {{stable: {seen}}}
    expect: {{total: {total}}}
"""
    return draft(load_document(read_yaml(text, "homes.yaml"), text))


@pytest.mark.parametrize(("size", "periods", "cells"), [(112, "quarter", 24), (112, "year", 6), (45, "quarter", 24)])
def test_made_up_numbers_of_people_come_to_about_the_size_and_not_to_more(size, periods, cells):
    text = sized_draft(size, "{2027: 40}" if periods == "year" else "{2027-Q1: 40}", periods)
    low, high = map(int, re.search(r"stable: {value: .*?(\d+)\D+(\d+)", text).groups())
    assert 0.7 * size < (low + high) / 2 * cells <= size
    assert f"{{people: {size // cells}, chance: 50%}}" in text


def test_people_who_are_counted_again_and_what_are_no_people_are_not_shared_out():
    again = "{" + ", ".join(f"2027-Q{quarter}: 40" for quarter in (1, 2, 3, 4)) + "}"
    assert "stable: {value: between 20 and 40," in sized_draft(112, again)
    assert "stable: {value: between 20 and 40," in sized_draft(112, "{2027-Q1: 40}", unit="night")
