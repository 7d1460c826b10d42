"""Two scenarios on the same random numbers: a difference is one of terms, and not of luck."""

from __future__ import annotations

import numpy as np
import pytest
from made_scenarios import CONTRACT, SCENARIO, loaded

from payfs.contract import load
from payfs.places import simulations
from payfs.report.compared_labels import names
from payfs.report.compared_tables import Sides
from payfs.report.compared_text import compared_data, compared_lines
from payfs.report.simulation_text import simulation_lines
from payfs.simulate.compared import compared
from payfs.simulate.run import Run
from payfs.simulate.scenario import load_scenario
from payfs.simulate.worked import Worked
from payfs.text import Refused


def folders(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    return tmp_path / "a", tmp_path / "b"


def test_a_scenario_beside_itself_differs_by_nothing(tmp_path):
    one, other = (loaded(folder) for folder in folders(tmp_path))
    made = compared(one, other)
    assert made.apart == ()
    for label, difference in made.labels.items():
        if difference.gain is not None and "mean" in difference.gain.figures:
            assert difference.gain.figures["mean"] == (0, 0), label
    assert "Under both the same is paid on every path." in "\n".join(compared_lines(made))


def test_a_dollar_more_for_each_home_costs_a_dollar_for_each_home(tmp_path):
    # 120 people, 75% of them on the average, in three years; the limit of 500,000 is taken away
    first, second = folders(tmp_path)
    free = CONTRACT.replace("all: {most: 500000}", "all: {most: 5000000}")
    one = loaded(first, contract=free)
    other = loaded(second, contract=free.replace("price: 1000", "price: 1001"))
    made = compared(one, other)
    gain = made.labels["rule homes"].gain
    assert gain is not None
    assert gain.figures["mean"].value == pytest.approx(100 * 3 * 120 * 0.75, rel=0.02)
    assert made.labels["rule fall"].gain.figures["mean"].value == 0
    assert made.labels["rule homes"].more.value == 1
    text = "\n".join(compared_lines(made))
    assert "more on 100.0% of the paths, less on 0.0%" in " ".join(text.split())
    assert max(len(line) for line in text.splitlines() if not line.startswith("/")) <= 80  # a path is as long as it is
    data = compared_data(made)
    assert data["labels"]["rule homes"]["difference"]["mean"]["value"] == pytest.approx(270, rel=0.02)


def test_the_difference_is_known_far_better_than_on_draws_of_its_own(tmp_path):
    first, second = folders(tmp_path)
    one = loaded(first)
    other = loaded(second, contract=CONTRACT.replace("price: 1000", "price: 1010"))
    together = compared(one, other).labels["total"].gain
    apart = [float(np.hypot(*(compared(one, one, seed=s).labels["total"].one.figures["mean"].error for s in (1, 2))))]
    assert together is not None
    assert together.figures["mean"].error < apart[0] / 5


def test_inputs_of_the_same_name_are_drawn_alike_and_others_by_themselves(tmp_path):
    first, second = folders(tmp_path)
    one = loaded(first)
    certain = SCENARIO.replace("chance: between 60% and 90%", "chance: 75%")
    certain = certain.replace("correlation: [{between: [chance of homes, fall], rank: 0.4}]\n", "")
    other = loaded(second, certain)
    made = compared(one, other)
    assert made.apart == ("homes: chance",)
    # the fall is drawn alike, and was not moved by the correlation: its input comes after the chance
    assert "homes: who succeeds" in made.shared


def test_a_scenario_under_another_contract(tmp_path):
    scenario = loaded(tmp_path)
    dearer = CONTRACT.replace("price: 1000", "price: 1100").replace("contract: homes", "contract: dearer")
    (tmp_path / "dearer.yaml").write_text(dearer, encoding="utf-8")
    other = load_scenario(tmp_path / "scenario.yaml", load(tmp_path / "dearer.yaml"))
    text = " ".join(" ".join(compared_lines(compared(scenario, other))).split())
    assert text.startswith("homes under homes (A) and homes under dearer (B) on the same 4,096 paths, in USD.")


def test_payers_are_called_by_their_names_in_the_contract(tmp_path):
    scenario = loaded(tmp_path)
    made = compared(scenario, scenario, 64)
    text = "\n".join(compared_lines(made)).partition("What each payer pays")[2]
    assert "payer city" not in text
    assert scenario.contract.spec.parties["city"].name in text
    assert names(made, ["payer city"]) == {"payer city": scenario.contract.spec.parties["city"].name}


def test_whoever_has_another_name_under_the_same_key_is_somebody_else(tmp_path):
    one = load_scenario(simulations() / "denver-sib.yaml")
    other = load_scenario(simulations() / "chicago-cpc.yaml")
    made = compared(one, other, paths=400)
    for label, side in (("payer city", "one"), ("payer city (of the second)", "other")):
        assert made.labels[label].gain is None
        assert getattr(made.labels[label], side) is not None
    called = names(made, made.labels)
    assert called["payer city"] == "City and County of Denver"
    assert called["payer city (of the second)"] == "City of Chicago"
    said = Sides(made).said()
    assert any(one.startswith("City and County of Denver pays under A alone: $") for one in said)
    assert any(one.startswith("City of Chicago pays under B alone: $") for one in said)
    assert not any("Under B, City of Chicago" in one for one in said)
    payers = "\n".join(compared_lines(made)).partition("What each payer pays")[2].splitlines()[:6]
    (denver,) = [line for line in payers if line.strip().startswith("City and County")]
    (chicago,) = [line for line in payers if line.strip().startswith("City of Chicago")]
    assert denver.split()[-2:] == ["-", "-"]
    assert "-" in chicago.split()


def test_scenarios_in_two_currencies_are_refused(tmp_path):
    first, second = folders(tmp_path)
    one, other = loaded(first), loaded(second, contract=CONTRACT.replace("currency: USD", "currency: EUR"))
    with pytest.raises(Refused, match="one is in USD and the other in EUR; compare scenarios in the same currency"):
        compared(one, other)


@pytest.mark.parametrize(
    ("called", "delayed", "warns"),
    [
        (", on: 2024-03-31", "city", True),
        (", on: 2024-05-29", "city", False),  # the latest payment comes on that very day
        ("", "city", False),  # when the capital ends
        (", on: 2024-03-31", "nobody", False),
    ],
)
def test_a_guarantee_that_is_called_before_late_payments_come_is_told(tmp_path, called, delayed, warns):
    guarantee = f"guarantees: {{backing: {{guarantor: city, covers: [loan], most: 50000{called}}}}}"
    contract = CONTRACT.replace("  surplus:", f"  {guarantee}\n  surplus:")
    scenario = loaded(tmp_path, SCENARIO if delayed == "city" else SCENARIO.partition("delays:")[0], contract)
    run = Run(Worked(scenario), scenario.draws(64))
    for lines in (simulation_lines(run, run.risk()), compared_lines(compared(scenario, scenario, 64))):
        text = " ".join("\n".join(lines).split())
        assert ('Mind: the guarantee "backing" is called on 31 March 2024' in text) == warns


def test_what_is_enough_in_each_year_and_how_often_cash_and_money_are_lost_are_told(tmp_path):
    scenario = loaded(tmp_path)
    made = compared(scenario, scenario, 512)
    text = "\n".join(compared_lines(made))
    rows = [line.split() for line in text.partition("What to appropriate")[2].partition("\n\n")[0].splitlines()]
    for label in ("total", "fiscal year 2023/24"):
        said = [f"{round(made.labels[label].one.figures[name].value / 100):,}" for name in ("p80", "p80", "p95", "p95")]
        assert [*("all years" if label == "total" else "2023/24").split(), *said] in rows
    for label, words, figure in (
        ("loan loss", "loan: money is lost", "above nothing"),
        ("lowest cash", "lowest cash below nothing", "below nothing"),
    ):
        chance = f"{100 * made.labels[label].one.figures[figure].value:.2f}%"
        assert f"{words} {chance} {chance}" in " ".join(text.split())
    assert max(len(line) for line in text.splitlines() if not line.startswith("/")) <= 80  # a path is as long as it is
