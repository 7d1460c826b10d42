"""One figure of the contract, varied until a question just holds."""

from __future__ import annotations

from fractions import Fraction

import pytest
from made_scenarios import CONTRACT, SCENARIO, loaded

from payfs.simulate.varied import changes_of, knob_of, solved, turned
from payfs.simulate.worked import Worked
from payfs.text import Refused

FREE = CONTRACT.replace("all: {most: 500000}", "all: {most: 5000000}")


def test_the_price_at_which_the_mean_is_so_much(tmp_path):
    # the mean of what is paid for homes is the price times a mean number of homes, whatever that is
    scenario = loaded(tmp_path, contract=FREE)
    draws = scenario.draws()
    found, question, knob = solved(scenario, draws, "rules.homes.price", "mean(rule homes) <= 300000")
    homes = Worked(scenario).evaluate(draws.between(0, draws.paths))["rule homes"].mean() / 100_000
    assert found.answer is not None
    assert found.answer.x == Fraction(int(300_000 / homes * 100), 100)
    assert question.holds(found.answer.value)
    assert found.beyond is not None
    assert found.beyond.x - found.answer.x == Fraction(1, 100)
    assert not found.beyond.holds
    assert knob.figure.value == 1000


def test_the_answer_is_what_the_contract_comes_to_with_it_written_in(tmp_path):
    scenario = loaded(tmp_path, contract=FREE)
    found, question, _ = solved(scenario, scenario.draws(), "rules.homes.price", "P(loan IRR >= 4%) >= 0.8")
    assert found.answer is not None
    price = f"{float(found.answer.x):.2f}"
    again = loaded(tmp_path, contract=FREE.replace("price: 1000", f"price: {price}"))
    outcomes = Worked(again).evaluate(again.draws().between(0, 4096))
    assert question.value(outcomes) == found.answer.value
    assert question.holds(found.answer.value)


def test_a_figure_in_a_list_is_found_by_its_number_from_1(tmp_path):
    scenario = loaded(tmp_path)
    knob = knob_of(scenario.contract, "rules.fall.tiers.2.pays")
    assert knob.figure.value == 100_000
    rules = turned(scenario, knob, Fraction(120_000)).contract.spec.rules
    assert [str(tier.lump) for tier in rules["fall"].tiers or ()] == ["0", "120,000", "250,000"]
    assert changes_of({"a": [{"b": "1"}, "2"]}, ("a", 0, "b"), "7") == {"a": [{"b": "7"}, "2"]}


def test_a_figure_of_the_stack_may_be_varied_too(tmp_path):
    scenario = loaded(tmp_path, contract=FREE)
    found, _, _ = solved(
        scenario, scenario.draws(1024), "capital.tranches.loan.interest.rate", "mean(loan multiple) >= 1.1"
    )
    assert found.answer is not None
    assert 3 < found.answer.x < 8


def test_it_says_when_there_is_none(tmp_path):
    scenario = loaded(tmp_path)
    found, question, _ = solved(scenario, scenario.draws(512), "rules.homes.price", "P(total > 600000) >= 10%")
    assert found.answer is None
    assert "nowhere" in found.said(question, "price") or "none" in found.said(question, "price")


def test_participants_are_priced_anew_where_prices_change(tmp_path):
    contract = FREE.replace("homes: {unit: home}", "homes: {unit: home, claims: {times: 1}}")
    people = """
participants:
  all: {people: 120, joins: {2021-01-15: 100%}, outcomes: {homes: {chance: 60%}}}
"""
    counted = "  homes: {people: 120, chance: between 60% and 90%, drawn: sums}\n"
    pairs = "correlation: [{between: [chance of homes, fall], rank: 0.4}]\n"
    scenario = loaded(tmp_path, SCENARIO.replace(counted, "").replace(pairs, people), contract)
    found, _, _ = solved(scenario, scenario.draws(1024), "rules.homes.price", "mean(rule homes) <= 36000")
    assert found.answer is not None
    assert float(found.answer.x) == pytest.approx(500, rel=0.01)


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        ("rules.home.price", "rules has no 'home'; did you mean 'homes'"),
        ("rules.homes", "'a block of keys' is no figure"),
        ("title", "is no figure that can be varied; name a figure"),
        ("rules.fall.tiers.9.pays", "rules.fall.tiers has no '9'; name a figure"),
    ],
)
def test_what_cannot_be_varied_is_refused(tmp_path, vary, said):
    scenario = loaded(tmp_path)
    with pytest.raises(Refused) as refused:
        solved(scenario, scenario.draws(64), vary, "mean(total) <= 1")
    assert said in str(refused.value.findings[0]).replace("a block of keys is", "'a block of keys' is")


def test_a_figure_with_which_the_contract_does_not_stand_is_refused(tmp_path):
    scenario = loaded(tmp_path)
    with pytest.raises(Refused, match=r"with rules.fall.tiers.2.from at 25%"):
        turned(scenario, knob_of(scenario.contract, "rules.fall.tiers.2.from"), Fraction(25))


def test_a_question_that_cannot_be_read_is_refused(tmp_path):
    scenario = loaded(tmp_path)
    with pytest.raises(Refused, match="--until"):
        solved(scenario, scenario.draws(64), "rules.homes.price", "total is large")
