"""Forecasts in sentences and tables."""

import csv
import io
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from case_files import contract_of

from payfs.contract import load
from payfs.evidence.results import Result
from payfs.forecast import (
    Case,
    Plan,
    Row,
    Unfunded,
    beginnings,
    break_even,
    grid_of,
    outcome,
    reached,
    read_grid,
    read_upload,
    receivers,
    scaled_unless_chosen,
)
from payfs.forecast.plan import Cost
from payfs.places import contract_specs
from payfs.report.forecast_tables import cases_table, cash_points, cash_table, grid_table, payments_table
from payfs.report.forecast_text import (
    break_even_sentences,
    case_sentences,
    cash_sentences,
    paid_sentence,
    unfunded_sentences,
)
from payfs.report.tables import as_csv

PEOPLE = {
    "metrics": {"people": {"unit": "person", "most": "100"}, "fall": {"unit": "%", "step": "1%"}},
    "rules": {"people": {"price": 1000}},
}


def people(*counts, months=12):
    """Return a contract of three years, results, and what they come to where 10,000 dollars are spent a month."""
    contract = contract_of(PEOPLE)
    results = tuple(Result("people", 0, place, count, place) for place, count in enumerate(counts))
    plan = Plan("provider", 50_000_00, (Cost(10_000_00, date(2016, 1, 1), date(2016, months, 1)),))
    return contract, results, plan, outcome(contract, results, plan)


def denver():
    contract = load(contract_specs() / "denver-sib.yaml")
    return contract, beginnings(contract)[0].results


def test_what_a_case_changes_loses_and_leaves_is_said():
    contract, results = denver()
    case = Case(Fraction(3, 4), 3, scaled_unless_chosen(contract))
    assert list(case_sentences(contract, case, reached(contract, results, case))) == [
        '75% of what is expected of "stable days", 3 months late.',
        '"jail reduction" stays as expected.',
        '15,402 days of "stable days" would come after the last period, and are lost.',
    ]


def test_a_case_that_is_held_within_bounds_says_so():
    contract, results, _, _ = people(60, 60, 60)
    case = Case(Fraction(2), 0, frozenset(["people"]))
    said = list(case_sentences(contract, case, reached(contract, results, case)))
    assert said[-1] == '"people" is held within the range that the contract gives it.'


def test_a_count_of_which_less_is_better_is_pointed_out():
    contract = load(contract_specs() / "templates" / "per-diem.yaml")
    results = beginnings(contract)[0].results
    case = Case(Fraction(1, 2), 1, scaled_unless_chosen(contract))
    said = list(case_sentences(contract, case, reached(contract, results, case)))
    assert said[0] == '50% of what is expected of "housed days" and "away days", 1 month late.'
    assert said[-1] == 'Of "away days" less is better: check whether a share of it is what you mean.'


def test_nothing_chosen_is_nothing_changed():
    contract, results, _, _ = people(1, 1, 1)
    case = Case(Fraction(1, 2), 0, frozenset())
    said = list(case_sentences(contract, case, reached(contract, results, case)))
    assert said == ["Nothing is chosen that this case could change."]


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((60, 0, 0), "$60,000.00 is paid in all, the first of it, $60,000.00, due 31 December 2016."),
        ((0, 0, 0), "Nothing is paid in all."),
    ],
)
def test_what_is_paid_is_said_with_its_first_day(counts, said):
    assert paid_sentence(people(*counts)[3]) == said


def test_what_is_first_paid_is_all_that_is_due_on_that_day():
    contract = load(contract_specs() / "denver-sib.yaml")
    made = outcome(contract, next(one for one in beginnings(contract)).results)
    same = [one.amount for one in made.account.payments if one.due == made.first.due]
    assert made.first_amount == sum(same)
    twice = replace(made.account, payments=(*made.account.payments, made.first))
    assert replace(made, account=twice).first_amount == sum(same) + made.first.amount


def test_what_is_paid_on_no_day_that_is_known_and_what_is_owed_back_are_said():
    contract = load(contract_specs() / "ch-caritas-perspektive.yaml")
    for text, said in (
        ("100%", "CHF 33,750.00 is paid in all; the contract does not say when."),
        ("60%", "CHF 172,800.00 is owed back in all."),
    ):
        results = read_grid(contract, grid_of(contract).overlaid({(Row("performance"), "whole term"): text}))
        assert paid_sentence(outcome(contract, results)) == said


def test_cash_that_runs_out_is_said_with_its_month_and_what_is_missing():
    contract, _, _, found = people(60, 10, 0)
    assert list(cash_sentences(contract, found.cash)) == [
        "The cash of The Provider runs out in June 2016. At the lowest, in December 2016, $70,000.00 is missing.",
        "At the end, in December 2018, it is $0.00.",
    ]


def test_cash_that_lasts_is_said_with_its_lowest():
    contract, _, _, found = people(60, 10, 0, months=4)
    assert next(cash_sentences(contract, found.cash)) == (
        "The cash of The Provider lasts: it is never less than $10,000.00, in April 2016."
    )


@pytest.mark.parametrize(
    ("name", "said", "remedy"),
    [
        ("nyc-rikers-able", 'the day of the draw of "loan"', "write that in a draft of your own of this contract."),
        (
            "dc-water-eib",
            'the day count of "bond" and the days on which interest falls due on "bond"',
            "type what to take that to be under What is not known.",
        ),
    ],
)
def test_funding_that_is_not_counted_is_said_with_what_is_not_known_of_it(name, said, remedy):
    contract = load(contract_specs() / f"{name}.yaml")
    plan = Plan(receivers(contract)[0], stack=True)
    with pytest.raises(Unfunded) as refused:
        outcome(contract, beginnings(contract)[0].results, plan)
    assert list(unfunded_sentences(contract, refused.value))[1:] == [
        f"The contract does not say {said}.",
        f"To count it, {remedy}",
    ]


def test_payments_in_no_month_are_said():
    contract = load(contract_specs() / "uk-care-leavers-sib.yaml")
    found = outcome(contract, beginnings(contract)[0].results, Plan("reboot west", 1))
    assert list(cash_sentences(contract, found.cash))[-1].endswith(
        "of outcome payments is in no month, because the contract does not say when it is paid."
    )


def test_break_even_is_said_in_people():
    contract, results, plan, _ = people(100, 100, 100)
    case = Case(Fraction(1), 0, frozenset(["people"]))
    found = break_even(contract, results, plan, case.metrics)
    assert list(break_even_sentences(contract, found, results, case)) == [
        'Outcome payments cover the costs from 40% of the expected results on: 120 of 300 people of "people".',
        "The cash lasts at no share of the expected results up to 300%.",
    ]


def test_break_even_names_each_metric_in_the_order_of_the_contract():
    contract = load(contract_specs() / "templates" / "rate-card.yaml")
    results = beginnings(contract)[0].results
    plan = Plan("provider", 0, (Cost(10_000_00, date(2027, 1, 1), date(2027, 3, 1)),))
    case = Case(Fraction(1), 0, scaled_unless_chosen(contract))
    found = break_even(contract, results, plan, case.metrics)
    share = found["covers"].share
    assert next(break_even_sentences(contract, found, results, case)).endswith(
        f'{int(40 * share)} of 40 people of "enrolled", {int(12 * share)} of 12 people of "qualified" '
        f'and {int(9 * share)} of 9 people of "started work".'
    )


def test_a_table_of_cases_says_what_the_sentences_say():
    contract, _, _, found = people(60, 10, 0)
    rows = cases_table(contract, {"Worst": found, "Best": found}).rows
    assert rows == (
        ("Paid in all", "$70,000.00", "$70,000.00"),
        ("First payment", "31 December 2016", "31 December 2016"),
        ("Outcome payments received", "$70,000.00", "$70,000.00"),
        ("Costs", "$120,000.00", "$120,000.00"),
        ("Lowest cash", "-$70,000.00", "-$70,000.00"),
        ("Lowest in", "December 2016", "December 2016"),
        ("Runs out in", "June 2016", "June 2016"),
        ("Cash at the end", "$0.00", "$0.00"),
    )


def test_cash_by_month_and_its_points_are_the_same_figures():
    contract, _, _, found = people(60, 10, 0)
    rows = cash_table(contract, found.cash).rows
    assert rows[11] == (
        "December 2016", "-$60,000.00", "$60,000.00", "$0.00", "$10,000.00", "-$10,000.00", "-$70,000.00",
    )  # fmt: skip
    points = cash_points(found.cash)
    assert points[22:24] == [(date(2016, 12, 1), -70_000_00), (date(2016, 12, 31), -10_000_00)]
    assert min(balance for _, balance in points) == found.cash.lowest[0]


def test_payments_by_month_add_up_to_what_is_paid():
    _, _, _, found = people(60, 10, 0)
    assert payments_table(found).rows == (
        ("December 2016", "The City", "The Provider", "$60,000.00"),
        ("December 2017", "The City", "The Provider", "$10,000.00"),
        ("In all", "", "", "$70,000.00"),
    )


@pytest.mark.parametrize("name", ["denver-sib", "utah-preschool", "uk-hmp-peterborough", "templates/shared-savings"])
def test_a_grid_that_is_taken_away_as_csv_is_read_back(name):
    contract = load(contract_specs() / f"{name}.yaml")
    for beginning in beginnings(contract)[:4]:
        data = as_csv(grid_table(grid_of(contract, beginning.results)))
        assert read_upload(contract, "grid.csv", data).results == beginning.results


def test_figures_below_0_in_a_grid_are_read_back_and_are_no_formulas():
    contract = contract_of(
        {
            "metrics": {"net": {"unit": "unit", "least": "none", "step": "0.5"}, "fall": {"unit": "%", "step": "0.1%"}},
            "rules": {"net": {"price": 1}},
        }
    )
    results = tuple(
        Result(metric, 0, place, value, place)
        for place, row in enumerate([(-3, -15), (4, 20), (-2, 0)])
        for metric, value in zip(("fall", "net"), row, strict=True)
    )
    data = as_csv(grid_table(grid_of(contract, results)))
    cells = [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))) for cell in row]
    assert "-7.5" in cells
    assert "'-0.3%" in cells
    assert set(read_upload(contract, "grid.csv", data).results) == set(results)
