"""Forecasts: cases of a performance by the contract's own rules, the provider's cash, and break-even."""

import csv
import io
from datetime import date
from fractions import Fraction
from itertools import pairwise

import numpy as np
import openpyxl
import pytest
from case_files import contract_of
from drawn import deals
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from payfs.contract import load
from payfs.evidence.entries import Entry
from payfs.evidence.results import Result, check_entries
from payfs.forecast import (
    NEVER,
    REAL,
    Case,
    Lost,
    Plan,
    Row,
    Unfunded,
    Written,
    assuming,
    beginnings,
    blank,
    break_even,
    claims_only,
    cost_months,
    counted,
    from_claims,
    grid_of,
    outcome,
    reached,
    read_case,
    read_grid,
    read_plan,
    read_upload,
    receivers,
    rows_of,
    scaled_unless_chosen,
    stack_moves,
    to_assume,
    unclaimed,
    undrawn,
    wide,
)
from payfs.forecast.break_even import TENTH
from payfs.forecast.cases import measured_at
from payfs.forecast.plan import Cost, Income
from payfs.limits import NoResult
from payfs.payments import pay
from payfs.places import contract_specs, example_names, find_spec, template_names
from payfs.report.excel import tables_workbook
from payfs.report.forecast_tables import grid_table
from payfs.report.forecast_text import WHOLE_COUNTS
from payfs.report.tables import as_csv as csv_of
from payfs.statement import statement
from payfs.text import Finding, Refused

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
law = settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=SLOW)
ALL = [*example_names(), *(f"templates/{name}" for name in template_names())]
shares = st.fractions(0, 3, max_denominator=1000)

BY_YEAR = {
    "metrics": {
        "people": {"unit": "person", "most": "100"},
        "days": {"unit": "day", "reports": "to date"},
        "fall": {"unit": "%", "step": "0.5%", "least": "0%", "most": "40%"},
        "told": {"unit": "yes/no"},
    },
    "rules": {"people": {"price": 1000}, "days": {"price": 2}, "fall": {"price": 100}},
}


def of(name):
    return load(contract_specs() / f"{name}.yaml")


def results_of(measured):
    """Return one path of what was measured as results."""
    return tuple(
        Result(name, row, period, int(series.values[row, period, 0]), period)
        for name, series in measured.series.items()
        for row, period in np.argwhere(series.present).tolist()
    )


def values(contract, results, metric, cohort=0):
    """Return a metric's results by period."""
    found = {one.period: one.value for one in results if (one.metric, one.cohort) == (metric, cohort)}
    return [found.get(place) for place in range(len(contract.periods))]


def in_order(results):
    return sorted(results, key=lambda r: (r.metric, r.cohort, r.period))


def by_year(**results):
    """Return a contract of three calendar years, and results for it."""
    contract = contract_of(BY_YEAR)
    return contract, tuple(
        Result(metric, 0, place, value, place)
        for metric, row in results.items()
        for place, value in enumerate(row)
        if value is not None
    )


def case(share="1", months=0, *metrics):
    return Case(Fraction(share), months, frozenset(metrics))


# -- the grid


@pytest.mark.parametrize("name", ALL)
def test_a_grid_is_read_back_as_the_results_that_it_was_made_from(name):
    contract = of(name)
    for beginning in beginnings(contract):
        assert read_grid(contract, grid_of(contract, beginning.results)) == beginning.results


@pytest.mark.parametrize("name", ALL)
def test_a_grid_begins_from_every_worked_example_on_counts(name):
    contract = of(name)
    named = [one.name for one in beginnings(contract)]
    for example in contract.spec.examples:
        figures = set(counted(contract)) & set(example.results)
        if example.claims is None and example.assuming is None and figures:
            assert example.name in named
        if example.claims is not None:
            assert example.name not in named


def test_denver_begins_with_what_was_really_reported():
    contract = of("denver-sib")
    first = beginnings(contract)[0]
    assert first.name == REAL
    assert outcome(contract, first.results).total == 9_638_911_36


@pytest.mark.parametrize(
    ("name", "first", "total"),
    [
        (
            "ma-juvenile-justice-roca",
            "A decrease of 40 percent pays 22 million",
            22_000_000_00,
        ),  # two before pay nothing
        ("chicago-cpc", "What comes in is shared by the two senior loans", 377_000_00),  # not one child, nor the limit
        ("ch-caritas-perspektive", "On target", 33_750_00),  # not the most there is
        ("dc-water-eib", "Above 41.3 percent", 3_300_000_00),
        ("templates/rate-card", "A first quarter pays each outcome", 53_800_00),  # four metrics, not one in two periods
        ("templates/two-payers", "What passes the state's appropriation", 1_100_000_00),
    ],
)
def test_a_contract_begins_with_the_example_that_says_most(name, first, total):
    contract = of(name)
    begun = beginnings(contract)
    assert begun[0].name.startswith(first)
    assert outcome(contract, begun[0].results).total == total
    assert len({one.name for one in begun}) == len(begun)  # none is lost, and none comes twice


def test_what_comes_first_says_most_also_where_nothing_of_it_can_be_worked_out():
    contract = of("uk-essex-edge-of-care")
    first = beginnings(contract)[0].results
    assert {one.metric for one in first} == {"care_share", "child_days"}
    assert len({one.period for one in first}) == 2


def test_a_grid_has_a_row_for_each_cohort_of_a_metric_that_is_reported_by_cohort():
    contract = of("utah-preschool")
    several = [row.cohort for row in rows_of(contract) if row.metric == "at_risk"]
    assert several == list(contract.cohorts)


def test_a_metric_that_only_claims_decide_is_in_no_grid():
    contract = of("uk-street-impact-brighton-loan")
    assert claims_only(contract) == ("outcomes",)
    assert rows_of(contract) == ()
    assert beginnings(contract) == ()


def test_everything_wrong_with_a_grid_is_said_at_once_with_its_cell():
    contract = of("denver-sib")
    days, fall = Row("stable_days"), Row("jail_reduction")
    grid = grid_of(contract).overlaid(
        {(days, "payment 1"): "1.5", (fall, "payment 5"): "38", (fall, "payment 2"): "38%", (days, "payment 2"): "=1+1"}
    )
    with pytest.raises(Refused) as refused:
        read_grid(contract, grid)
    said = {finding.path: finding.what for finding in refused.value.findings}
    assert said["stable_days", "payment 1"] == "1.5 is finer than the metric's step of 1"
    assert "no percent sign" in said["jail_reduction", "payment 5"]
    assert said["jail_reduction", "payment 2"] == "'jail_reduction' is not measured in payment 2"
    assert "is not a number" in said["stable_days", "payment 2"]


def test_changes_laid_over_a_grid_are_those_that_it_differs_by():
    contract = of("denver-sib")
    grid = grid_of(contract, beginnings(contract)[0].results)
    changes = {(Row("stable_days"), "payment 2"): "", (Row("stable_days"), "payment 1"): "7"}
    assert grid.changes_to(grid.overlaid(changes)) == changes


# -- cases


@law
@given(deals())
def test_all_of_it_and_in_time_is_the_performance_itself(deal):
    results = results_of(deal.measured.take(slice(0, 1)))
    metrics = frozenset(counted(deal.contract))
    made = reached(deal.contract, results, Case(Fraction(1), 0, metrics))
    assert in_order(made.results) == in_order(results)
    assert (made.lost, made.held) == ((), ())


@pytest.mark.parametrize("name", [name for name in ALL if beginnings(of(name))])
def test_all_of_it_and_in_time_pays_the_plain_statement(name):
    contract = of(name)
    for beginning in beginnings(contract):
        made = reached(contract, beginning.results, Case(Fraction(1), 0, scaled_unless_chosen(contract)))
        try:
            plain = pay(contract, beginning.results)
        except Refused:
            continue
        assert outcome(contract, made.results).account.payments == plain.payments


@law
@given(deals(), st.lists(shares, min_size=1, max_size=4), st.integers(0, 40))
def test_a_share_among_others_is_that_share_alone(deal, some, months):
    contract, results = deal.contract, results_of(deal.measured.take(slice(0, 1)))
    metrics = frozenset(counted(contract))
    many = measured_at(contract, results, some, months, metrics)
    try:
        # where nothing depends on results one path stands for all
        together = np.broadcast_to(statement(contract, many).total()[0, 0], (len(some),))
    except NoResult:
        reject()
    for path, share in enumerate(some):
        alone = reached(contract, results, Case(share, months, metrics)).results
        assert statement(contract, contract.frame.measured(alone)).total()[0, 0, 0] == together[path]


@law
@given(st.lists(st.integers(0, 100), min_size=3, max_size=3), shares)
def test_a_count_is_rounded_down_once_for_all_periods(counts, share):
    contract, results = by_year(people=counts)
    made = reached(contract, results, Case(share, 0, frozenset(["people"]))).results
    got = values(contract, made, "people")
    if "people" not in reached(contract, results, Case(share, 0, frozenset(["people"]))).held:
        assert sum(got) == int(share * sum(counts))
        assert all(abs(one - share * count) < 1 for one, count in zip(got, counts, strict=True))


@law
@given(st.lists(st.integers(0, 10_000), min_size=3, max_size=3).map(sorted), shares, st.integers(0, 50))
def test_what_is_late_is_never_there_before_and_what_is_lost_is_the_rest(days, share, months):
    contract, results = by_year(days=days)
    in_time, late = (reached(contract, results, Case(share, m, frozenset(["days"]))) for m in (0, months))
    pairs = zip(values(contract, late.results, "days"), values(contract, in_time.results, "days"), strict=True)
    assert all(after <= before for after, before in pairs)
    lost = sum(one.value for one in late.lost)
    assert values(contract, late.results, "days")[-1] + lost == values(contract, in_time.results, "days")[-1]


@law
@given(deals(), st.integers(0, 40))
def test_of_a_count_each_period_nothing_is_lost_without_being_said(deal, months):
    contract, results = deal.contract, results_of(deal.measured.take(slice(0, 1)))
    made = reached(contract, results, Case(Fraction(1), months, frozenset(["starts"])))
    for row in range(len(contract.cohorts)):
        there, then = (
            sum(one.value for one in some if (one.metric, one.cohort) == ("starts", row))
            for some in (results, made.results)
        )
        assert there == then + sum(one.value for one in made.lost if one.cohort == row)


@pytest.mark.parametrize(
    ("reached_", "share"),
    [("60 of 80", "3/4"), ("75%", "3/4"), ("3/4", "3/4"), ("110%", "11/10"), ("6/5", "6/5"), ("", "1"), ("0", "0")],
)
def test_a_case_is_read_as_people_say_it(reached_, share):
    assert read_case(reached_, "3", ["people"]) == Case(Fraction(share), 3, frozenset(["people"]))


@pytest.mark.parametrize(
    ("reached_", "late", "said"),
    [
        ("most", "0", r"reached: 'most' is not a number; write 75%, 110%, 3/4 or 60 of 80"),
        ("60", "0", r"'60' by itself does not say what share .*; write 60% if you mean that, or how many of how many"),
        ("1.1", "0", r"reached; write 110% or 1\.1% if you mean that"),
        ("0/0", "0", r"'0/0' is no part of a number; write 75%, 110%, 3/4 or 60 of 80"),
        ("60 of 0", "0", r"reached: '60 of 0' is no part of a number"),
        ("5 of 5%", "0", r"is no part of a number"),
        ("2000%", "0", r"2,000% is more than 1,000% of what is expected"),
        ("-5%", "0", r"less than nothing"),
        ("", "a few", r"months late: 'a few' is not a number; write whole months"),
        ("", "121", r"months late: 121 months are more than ten years"),
    ],
)
def test_a_case_that_cannot_be_is_refused(reached_, late, said):
    with pytest.raises(Refused, match=said):
        read_case(reached_, late, [])


def test_a_whole_year_late_moves_every_count_by_a_year():
    contract, results = by_year(people=[10, 20, 30], days=[100, 300, 600])
    made = reached(contract, results, case("1", 12, "people", "days"))
    assert values(contract, made.results, "people") == [0, 10, 20]
    assert values(contract, made.results, "days") == [0, 100, 300]
    assert [(one.metric, one.value) for one in made.lost] == [("people", 30), ("days", 300)]


def test_three_months_late_of_a_year_leaves_the_results_of_nine():
    contract, results = by_year(people=[73, 0, 0])
    made = reached(contract, results, case("1", 3, "people"))
    # 2016 has 366 days, of which 30 September is the 274th: 73 x 274/366 = 54.65, and the other 19 come next year
    assert values(contract, made.results, "people") == [54, 19, 0]
    assert made.lost == ()


def test_a_total_that_comes_late_is_reported_on_until_it_is_there():
    contract, results = by_year(days=[100, None, None])
    made = reached(contract, results, case("1", 12, "days"))
    assert values(contract, made.results, "days") == [0, 100, None]


def test_a_percentage_is_rounded_down_to_its_step_and_held_at_its_most():
    contract, results = by_year(fall=[None, 30, 61])  # steps of 0.5%
    assert values(contract, reached(contract, results, case("9/10", 0, "fall")).results, "fall") == [None, 27, 54]
    more = reached(contract, results, case("2", 0, "fall"))
    assert values(contract, more.results, "fall") == [None, 60, 80]
    assert more.held == ("fall",)


def test_a_percentage_is_measured_on_its_date_however_late_people_come():
    contract, results = by_year(fall=[30, None, 60], told=[1, None, None])
    made = reached(contract, results, case("1/2", 6, "fall", "told"))
    assert values(contract, made.results, "fall") == [15, None, 30]
    assert values(contract, made.results, "told") == [1, None, None]  # there is no half of a yes
    assert made.lost == ()


def test_counts_of_periods_that_overlap_move_whole():
    parts = {
        "periods": {
            "first": {"from": "2016-01-01", "to": "2016-06-30"},
            "second": {"from": "2016-01-01", "to": "2016-12-31"},
            "third": {"from": "2016-01-01", "to": "2017-12-31"},
        },
        "metrics": {"people": {"unit": "person"}},
        "rules": {"people": {"price": 1000}},
    }
    contract = contract_of(parts)
    results = tuple(Result("people", 0, place, count, place) for place, count in enumerate((10, 20, 30)))
    made = reached(contract, results, case("1/2", 8, "people"))
    assert values(contract, made.results, "people") == [None, None, 15]  # 5 and 10, by February and August 2017
    assert made.lost == (Lost("people", 0, 15),)


def test_the_fraction_of_a_count_is_carried_into_the_next_period_as_the_page_says():
    year = {"every": "year", "from": "2016-01-01", "to": "2019-12-31"}
    contract = contract_of(
        {"periods": {"years": year}, "metrics": {"people": {"unit": "person"}}, "rules": {"people": {"price": 1}}}
    )
    results = [Result("people", 0, place, 1, place) for place in range(4)]
    made = reached(contract, results, case("3/4", 0, "people"))
    first, *rest = values(contract, made.results, "people")
    assert WHOLE_COUNTS.endswith("75% of 1, 1, 1 and 1 is {}, {}, {} and {}.".format(first, *rest))


def test_what_is_not_chosen_stays_as_it_is():
    contract, results = by_year(people=[10, 20, 30], fall=[30, 30, 30])
    assert scaled_unless_chosen(contract) == {"people", "days"}
    made = reached(contract, results, Case(Fraction(1, 2), 12, scaled_unless_chosen(contract)))
    assert values(contract, made.results, "fall") == [30, 30, 30]


def test_a_count_beyond_its_most_is_held_there_and_said_to_be():
    contract, results = by_year(people=[60, 60, 60])
    made = reached(contract, results, case("2", 0, "people"))
    assert values(contract, made.results, "people") == [100, 100, 100]
    assert made.held == ("people",)


def test_denver_with_three_quarters_of_its_days_three_months_late():
    contract = of("denver-sib")
    made = reached(contract, beginnings(contract)[0].results, case("3/4", 3, "stable_days"))
    # of payment 5 there is what was housed by 30 September 2020: 258,858 and half of 41,070, as 92 of 184 days are over
    assert values(contract, made.results, "stable_days")[-1] == int(Fraction(3, 4) * (258_858 + Fraction(41_070, 2)))
    assert outcome(contract, made.results).account.sums("rule")["jail_days"] == 5_104_000_00


# -- payments and cash


@law
@given(deals(), st.integers(-5_000, 5_000), st.integers(0, 400), st.lists(st.integers(0, 900), max_size=3))
def test_what_there_was_and_came_in_less_what_went_out_is_what_is_left(deal, opening, delay, amounts):
    contract, results = deal.contract, results_of(deal.measured.take(slice(0, 1)))
    costs = tuple(Cost(amount, date(2015, 11, 1), date(2017, 3, 1)) for amount in amounts)
    income = tuple(Income(amount, date(2019, 2, 28)) for amount in amounts)
    try:
        found = outcome(contract, results, Plan("provider", opening, costs, income, delay))
    except Refused:
        reject()
    cash = found.cash
    assert cash.before[0, 0] == opening
    assert (cash.before[1:] == cash.closing[:-1]).all()
    assert (cash.before + cash.paid + cash.other - cash.out == cash.closing).all()
    mine = sum(one.amount for one in found.account.payments if one.payee == "provider")
    assert cash.end[0] == opening + mine + sum(amounts) - 17 * sum(amounts)
    assert cash.payments[0] == mine
    assert cash.costs[0] == 17 * sum(amounts)
    assert cash.lowest[0] == min(cash.low[:, 0]) <= cash.end[0]
    assert len(cash.months) == len(set(cash.months))
    assert sum(row.amount for row in found.by_month) == found.total
    assert sum(found.account.sums("fiscal year").values()) == found.total


def test_a_payment_comes_in_the_month_of_its_date_and_so_many_days_later():
    contract, results = by_year(people=[10, 0, 0])
    plan = Plan("provider", 0, (Cost(1_000_00, date(2016, 1, 1), date(2017, 2, 1)),))
    for delay, month in ((0, date(2016, 12, 1)), (1, date(2017, 1, 1)), (45, date(2017, 2, 1))):
        cash = outcome(contract, results, plan._replace(delay=delay)).cash
        assert [m for m, paid in zip(cash.months, cash.paid[:, 0], strict=True) if paid] == [month]
        assert cash.end[0] == 10_000_00 - 14_000_00


def test_the_costs_of_a_month_go_out_before_its_payments_come_in():
    contract, results = by_year(people=[12, 0, 0])
    costs = (Cost(1_000_00, date(2016, 1, 1), date(2016, 12, 1)),)
    cash = outcome(contract, results, Plan("provider", 0, costs)).cash
    assert (cash.lowest[0], cash.months[cash.lowest_in[0]]) == (-12_000_00, date(2016, 12, 1))
    assert cash.months[cash.below_in[0]] == date(2016, 1, 1)
    assert cash.end[0] == 0
    enough = outcome(contract, results, Plan("provider", 12_000_00, costs)).cash
    assert (enough.lowest[0], enough.below_in[0]) == (0, NEVER)


def test_a_payment_of_which_nobody_knows_the_day_is_in_no_month():
    contract = of("uk-care-leavers-sib")
    results = beginnings(contract)[0].results
    assert [path for path in to_assume(contract) if path[-1] == "paid"] == [("periods", "results", "paid")]
    party = receivers(contract)[0]
    cash = outcome(contract, results, Plan(party)).cash
    assert cash.undated[0] == cash.payments[0] > 0
    assert not cash.paid.any()
    dated = assuming(contract, {("periods", "results", "paid"): "2022-12-30"})
    cash = outcome(dated, results, Plan(party)).cash
    assert (cash.undated[0], cash.paid.sum()) == (0, cash.payments[0])


def test_a_provider_that_owes_a_loan_has_its_money_and_pays_it_back():
    contract = of("uk-street-impact-brighton-loan")
    assert receivers(contract) == ("provider",)
    assert stack_moves(contract, "provider")
    cash = outcome(contract, (), Plan("provider", stack=True)).cash
    by_month = dict(zip(cash.months, (cash.other - cash.out)[:, 0].tolist(), strict=True))
    assert by_month[date(2018, 3, 1)] == 155_000_00
    assert by_month[date(2018, 9, 1)] == -4_913_00
    assert by_month[date(2019, 12, 1)] == -32_539_00
    assert cash.end[0] == 155_000_00 - sum(-amount for amount in by_month.values() if amount < 0)


def test_funding_of_which_nobody_knows_when_it_comes_in_is_not_counted():
    contract = of("denver-sib")
    results = beginnings(contract)[0].results
    tranches = ("housing loans", "jail loans")
    unknown = tuple(("capital", "tranches", name, key) for name in tranches for key in ("commitment", "draws"))
    assert undrawn(contract) == unknown
    with pytest.raises(Unfunded) as refused:
        outcome(contract, results, Plan(receivers(contract)[0], stack=True))
    assert tuple(one.path for one in refused.value.findings) == unknown
    draws = {name: {"commitment": "4300000", "draws": {"2016-02-16": "4300000"}} for name in tranches}
    known = contract.assuming({"capital": {"tranches": draws}}, ())
    assert undrawn(known) == ()
    assert outcome(known, results, Plan("city", stack=True)).cash.end[0] == -9_638_911_36
    half = contract.assuming({"capital": {"tranches": {name: {"commitment": "4300000"} for name in tranches}}}, ())
    assert undrawn(half) == (unknown[1], unknown[3])


def test_funding_that_needs_what_is_unknown_is_told_apart_from_payments_that_do():
    contract = of("dc-water-eib")
    results = beginnings(contract)[0].results
    with pytest.raises(Unfunded, match=r"capital\.tranches\.bond\.interest\.days: it is unknown"):
        outcome(contract, results, Plan(receivers(contract)[0], stack=True))
    with pytest.raises(Refused) as refused:
        outcome(of("uk-hmp-peterborough"), beginnings(of("uk-hmp-peterborough"))[0].results, Plan("x", stack=True))
    assert not isinstance(refused.value, Unfunded)


def test_a_case_may_come_to_less_than_nothing_where_money_is_owed_back():
    contract = of("ch-caritas-perspektive")
    taken = {("periods", "whole term", "paid"): "2020-09-30"}
    results = read_grid(contract, grid_of(contract).overlaid({(Row("performance"), "whole term"): "60%"}))
    cash = outcome(assuming(contract, taken), results, Plan("caritas", 100_000_00)).cash
    assert cash.out.sum() == 40_500_00
    assert cash.end[0] == 59_500_00


# -- plans


def test_a_plan_is_read_exactly():
    contract = of("templates/per-diem")
    written = Written("provider", "50,000.01", [("1200.50", "2027-01", "2027-12"), ("", "", "")], [("7", "2027-05-31")])
    plan = read_plan(contract, written)
    assert plan == Plan(
        "provider",
        50_000_01,
        (Cost(1200_50, date(2027, 1, 1), date(2027, 12, 1)),),
        (Income(7_00, date(2027, 5, 31)),),
    )
    assert plan.spent == 12 * 1200_50


def test_everything_wrong_with_a_plan_is_said_at_once():
    contract = of("templates/per-diem")
    costs = [("0.001", "2027-13", "2027"), ("-5", "2027-06", "2027-05")]
    written = Written("nobody", "much", costs, [("5%", "soon"), ("unknown", "2027-01-01")], "1.5")
    with pytest.raises(Refused) as refused:
        read_plan(contract, written)
    said = {finding.path: finding.what for finding in refused.value.findings}
    assert "is not a number" in said["cash at the beginning",]
    assert "finer than $0.01" in said["monthly costs", 0, "amount"]
    assert "no month 13" in said["monthly costs", 0, "from"]
    assert "less than nothing" in said["monthly costs", 1, "amount"]
    assert "ends before it begins" in said["monthly costs", 1, "to"]
    assert "percentage" in said["other income", 0, "amount"]
    assert "not a date" in said["other income", 0, "on"]
    assert "unknown" in said["other income", 1, "amount"]
    assert "whole number" in said["days late",]
    assert "no party" in said[()]


# -- break-even


def test_payments_cover_costs_from_the_very_tenth_of_a_percent_on():
    contract, results = by_year(people=[100, 100, 100])  # 300 people, 300,000 dollars
    plan = Plan("provider", 0, (Cost(12_345_67, date(2016, 1, 1), date(2017, 8, 1)),))  # 246,913.40 in all
    found = break_even(contract, results, plan, {"people"})["covers"]
    # 247 people are needed: 82.4% of 300 are 247.2, 82.3% are 246.9
    assert found.share == Fraction(824, 1000)
    for share, holds in ((found.share, True), (found.share - TENTH, False)):
        cash = outcome(contract, reached(contract, results, Case(share, 0, frozenset(["people"]))).results, plan).cash
        assert bool(cash.covered[0]) is holds


def test_where_no_performance_is_enough_break_even_says_so():
    contract, results = by_year(people=[10, 10, 10])
    plan = Plan("provider", 0, (Cost(100_000_00, date(2016, 1, 1), date(2016, 1, 1)),))
    found = break_even(contract, results, plan, {"people"})
    assert (found["covers"].share, found["lasts"].share, found["lasts"].most) == (None, None, 3)
    with_cash = break_even(contract, results, plan._replace(opening=100_000_00), {"people"})
    assert (with_cash["covers"].share, with_cash["lasts"].share) == (None, 0)


def test_better_results_that_pay_less_break_even_again():
    parts = {
        "metrics": {"people": {"unit": "person"}},
        "rules": {
            "people": {
                "tiers": [
                    {"below": "50", "pays": "0"},
                    {"from": "50", "below": "90", "pays": "900"},
                    {"from": "90", "pays": "1"},
                ]
            }
        },
    }
    contract = contract_of(parts)
    results = (Result("people", 0, 0, 100, 0),)
    plan = Plan("provider", 0, (Cost(900_00, date(2017, 1, 1), date(2017, 1, 1)),))
    found = break_even(contract, results, plan, {"people"})["covers"]
    assert (found.share, found.again) == (Fraction(1, 2), Fraction(9, 10))


def test_break_even_names_the_shares_at_which_the_contract_does_not_say_what_it_pays():
    contract = of("ch-caritas-perspektive")
    results = read_grid(contract, grid_of(contract).overlaid({(Row("performance"), "whole term"): "100%"}))
    found = break_even(contract, results, Plan("caritas", 40_500_00), {"performance"})["covers"]
    assert found.gaps == (Fraction(61, 100), Fraction(139, 100))
    assert found.share == 1  # to 60% a penalty is owed, and on target nothing is; between them nobody knows


def test_where_nothing_can_be_worked_out_break_even_says_what_is_missing():
    contract = of("uk-hmp-peterborough")
    results = beginnings(contract)[0].results
    with pytest.raises(Refused, match=r"rules\.reconvictions\.price: it is unknown"):
        break_even(contract, results, Plan(receivers(contract)[0]), {"treated", "control"})


@law
@given(deals(), st.integers(0, 60), st.integers(0, 3_000))
def test_the_break_even_is_the_least_of_its_neighbours(deal, months, cost):
    contract, results = deal.contract, results_of(deal.measured.take(slice(0, 1)))
    metrics = frozenset(scaled_unless_chosen(contract))
    plan = Plan("provider", 0, (Cost(cost, date(2016, 1, 1), date(2016, 6, 1)),))
    try:
        found = break_even(contract, results, plan, metrics, months)["covers"]
    except Refused:
        reject()
    if found.share:
        cash = [
            outcome(contract, reached(contract, results, Case(share, months, metrics)).results, plan).cash
            for share in (found.share, found.share - TENTH)
        ]
        assert [bool(one.covered[0]) for one in cash] == [True, False]


# -- what a contract does not say


def test_what_is_assumed_of_a_price_in_a_list_leaves_the_rest_of_the_list():
    contract = of("ch-caritas-perspektive")
    path = ("rules", "provider", "tiers", 1, "pays")
    assert path in to_assume(contract)
    others = {path: "-0.5%", ("rules", "investors", "tiers", 1, "pays"): "-2%"}
    results = read_grid(contract, grid_of(contract).overlaid({(Row("performance"), "whole term"): "80%"}))
    assert outcome(assuming(contract, others), results).account.sums("payee") == {
        "lenders": -54_000_00,
        "caritas": -13_500_00,
    }


def test_an_assumption_that_cannot_be_is_refused_with_its_place():
    contract = of("uk-street-impact-brighton-loan")
    with pytest.raises(Refused) as refused:
        assuming(contract, {("rules", "outcomes", "price"): "a lot", ("periods", "whole term", "paid"): "later"})
    assert {f.path for f in refused.value.findings} <= {
        ("rules", "outcomes", "price"),
        ("periods", "whole term", "paid"),
    }
    assert len(refused.value.findings) == 2


def test_nothing_assumed_leaves_the_contract_alone():
    contract = of("uk-street-impact-brighton-loan")
    assert assuming(contract, {("rules", "outcomes", "price"): " ", ("rules", "no", "such"): "5"}) is contract


# -- uploads


def workbook(rows, percent=()):
    """Return a workbook of rows; cells that are named are shown as percentages."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for place in percent:
        book.active[place].number_format = "0.00%"
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def as_csv(rows):
    return "\n".join(",".join(row) for row in rows).encode()


@pytest.mark.parametrize("name", [name for name in ALL if beginnings(of(name))])
def test_a_grid_that_was_taken_away_is_read_back(name):
    contract = of(name)
    results = beginnings(contract)[0].results
    rows = wide(grid_of(contract, results))
    assert read_upload(contract, "grid.csv", as_csv(rows)) == (results, None)
    assert read_upload(contract, "grid.XLSX", workbook(rows)) == (results, None)


@pytest.mark.parametrize("name", [name for name in ALL if beginnings(of(name))])
def test_a_grid_is_read_back_the_other_way_round(name):
    contract = of(name)
    results = beginnings(contract)[0].results
    rows = [list(row) for row in zip(*wide(grid_of(contract, results)), strict=True)]
    assert read_upload(contract, "grid.csv", as_csv(rows)) == (results, None)
    assert read_upload(contract, "grid.xlsx", workbook(rows)) == (results, None)


def test_periods_may_stand_below_each_other_with_the_cohort_in_a_column_of_its_own():
    contract = of("uk-care-leavers-sib")
    results = tuple(one for one in beginnings(contract)[0].results if contract.frame.metrics[one.metric].by_cohort)
    grid = grid_of(contract, results)
    metrics = list(dict.fromkeys(row.metric for row in grid.rows if row.cohort))
    rows = [["period", "cohort", *metrics]]
    for period in grid.periods:
        for cohort in contract.frame.cohorts:
            rows.append([period, cohort, *(grid.cell(Row(metric, cohort), period) for metric in metrics)])
    assert results
    assert read_upload(contract, "grid.csv", as_csv(rows)).results == results


@pytest.mark.parametrize("name", [name for name in ALL if counted(of(name))])
def test_a_blank_file_is_read_and_says_nothing_until_it_is_filled_in(name):
    contract = of(name)
    table = grid_table(blank(contract))
    cells = [list(row) for row in csv.reader(io.StringIO(csv_of(table).decode("utf-8-sig")))]
    file = tables_workbook({"Performance": table})
    assert read_upload(contract, "blank.csv", csv_of(table)).results == ()
    assert read_upload(contract, "blank.xlsx", file).results == ()
    empty = sum(cell == "" for row in cells[1:] for cell in row[len(row) - len(contract.periods) :])
    frame = contract.frame
    asked = sum(
        len(frame.measured_in(metric)) * (len(frame.cohorts) if frame.metrics[metric].by_cohort else 1)
        for metric in counted(contract)
    )
    assert empty == asked > 0


def test_figures_may_have_commas_between_thousands_and_money_its_currency():
    contract = contract_of(
        {
            "periods": {"term": {"from": "2016-01-01", "to": "2016-12-31"}},
            "metrics": {"saved": {"unit": "money"}, "days": {"unit": "day"}, "fine": {"unit": "kg", "step": "0.001"}},
            "rules": {"r": {"pays": 5}},
        }
    )
    for text, steps in (("1,200", 1_200_00), ("$1,200.50", 1_200_50), ("USD 1,200", 1_200_00), ("1200 USD", 1_200_00)):
        for data in (f'metric,term\nsaved,"{text}"\n', f'metric,value,period\nsaved,"{text}",term\n'):
            assert read_upload(contract, "r.csv", data.encode()).results[0].value == steps
    assert read_upload(contract, "r.csv", b'period,days\nterm,"41,070"\n').results[0].value == 41_070
    grid = grid_of(contract).overlaid({(Row("days"), "term"): "41,070"})
    assert read_grid(contract, grid)[0].value == 41_070
    for metric, text in (("fine", "1,200"), ("days", "$5"), ("days", "1,2"), ("saved", "€5")):
        with pytest.raises(Refused, match="is not a number; write plain digits"):
            read_upload(contract, "r.csv", f'metric,term\n{metric},"{text}"\n'.encode())
    with pytest.raises(Refused, match="'41,070' is not a number"):  # on which it is paid
        check_entries([Entry("days", "", "term", "41,070", "", Finding(""))], contract.frame)


def test_results_are_read_in_every_form_that_they_have():
    contract = of("denver-sib")
    tidy = find_spec("denver-sib").parent / "results" / "denver-sib.csv"
    results = beginnings(contract)[0].results
    assert read_upload(contract, "r.csv", tidy.read_bytes()).results == results
    rows = [line.split(",") for line in tidy.read_text().splitlines()]
    assert read_upload(contract, "r.xlsx", workbook(rows)).results == results
    written = "results: {stable_days: {payment 2: 67855, payment 4: 258858, payment 5: 299928}, jail_reduction: 38%}"
    assert read_upload(contract, "r.yml", written.encode()).results == results


def test_a_cell_that_a_spreadsheet_shows_as_a_percentage_is_one():
    contract = of("denver-sib")
    rows = [["metric", "payment 5"], ["jail_reduction", 0.07], ["stable_days", 12]]
    read = read_upload(contract, "r.xlsx", workbook(rows, ["B2"]))
    assert values(contract, read.results, "jail_reduction")[-1] == 700
    with pytest.raises(Refused, match=r"r\.xlsx:2: jail_reduction\.payment 5: 0\.07 has no percent sign"):
        read_upload(contract, "r.xlsx", workbook(rows))


def test_what_others_look_at_days_and_percentages_are_not_taken_from_a_claims_file_that_says_nothing_of_them():
    contract = contract_of(
        {
            "metrics": {
                "enrolled": {"unit": "person"},
                "started": {"unit": "person"},
                "seen": {"unit": "person"},
                "nights": {"unit": "night"},
                "fall": {"unit": "%", "step": "1%"},
                "rate": {"unit": "%", "step": "1%", "ratio": {"of": "seen", "to": "fall"}},
            },
            "rules": {
                "enrolled": {"price": 100},
                "started": {"price": 100},
                "seen": {"price": 1},
                "nights": {"price": 5},
                "fall": {"price": 1},
                "rate": {"price": 1},
                "more": {"metric": "enrolled", "price": 7},
            },
        }
    )
    one = read_upload(contract, "c.csv", b"person,outcome,date\na,started,2016-02-01\n").claims
    assert from_claims(contract, one) == ("enrolled", "started")
    assert unclaimed(contract, one) == ("enrolled",)
    night = read_upload(contract, "c.csv", b"person,outcome,date\na,nights,2016-02-01\n").claims
    assert from_claims(contract, night) == ("enrolled", "started", "nights")


def test_claims_are_read_as_claims():
    contract = of("denver-sib")
    file = contract_specs() / "claims" / "made-up-denver-sib.csv"
    read = read_upload(contract, "people.csv", file.read_bytes())
    assert (read.results, read.claims.file) == ((), "people.csv")
    assert outcome(contract, (), None, read.claims).total == pay(contract, (), read.claims).total > 0
    grid = grid_of(contract, beginnings(contract)[0].results).without(from_claims(contract, read.claims))
    there = read_grid(contract, grid)
    assert {one.metric for one in there} == {"jail_reduction"}
    assert outcome(contract, there, None, read.claims).account.sums("rule")["jail_days"] == 5_104_000_00


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("r.pdf", b"%PDF-1.7", "the file is neither CSV nor a workbook"),
        ("r", b"", "the file is neither CSV nor a workbook"),
        ("r.csv", b"", "the file is empty"),
        ("r.csv", b"\xff\xfe\x00", "saved as UTF-16"),
        ("r.csv", b"metric,payment 1\nstable_days,1,2\n", "r.csv:2: the row has 3 cells, the header 2"),
        ("r.csv", b"metric,payment 1\nstable_day,1\n", "did you mean 'stable_days'"),
        ("r.csv", b"metric,payment 1,payment 9\nstable_days,1,2\n", "unknown column 'payment 9'"),
        ("r.csv", b"metric,payment 1,payment 1\nstable_days,1,2\n", "the column 'payment 1' stands twice"),
        ("r.csv", b"metric,payment 1\nstable_days,1\nstable_days,2\n", "stands twice for the same cohort"),
        ("r.csv", b'metric,payment 1\nstable_days,"1\n', "a quotation mark is opened and never closed"),
        ("r.csv", b"metric,payment 1\nstable_days,-1\n", "below 0"),
        ("r.csv", b"period,stable_days,stable_days\npayment 1,1,2\n", "the column 'stable_days' stands twice"),
        ("r.csv", b"period,stable_days\npayment 9,1\n", "r.csv:2: there is no period 'payment 9'"),
        ("r.csv", b"period,stable_days,jail\npayment 1,1,2\n", "unknown column 'jail'"),
        ("r.csv", b"metric,stable_days\ncohort,one,two\npayment 1,1\n", "r.csv:2: the row has 3 cells, the header 2"),
        ("r.csv", b"metric,stable_days\ncohort,one\npayment 1,1\n", "there is no cohort or period 'one'"),
        ("r.csv", b"metric,payment 1\nstable_days,#N/A\n", "the cell holds an error of the spreadsheet"),
        ("r.csv", b"person,outcome,date\na,jailed,2016-01-01\n", "r.csv"),
        ("r.xlsx", b"not a workbook", "this is no workbook, or it has a password"),
        ("r.xlsx", workbook([["metric", "payment 1"], ["stable_days", "=1+1"]]), "the cell holds a formula"),
        ("r.xlsx", workbook([["metrik", "payment 1"], ["stable_days", 1]]), "unknown column 'metrik'"),
        ("r.xlsx", workbook([]), "the sheet is empty; begin with person,outcome,date"),
        ("r.yaml", b"results: [", "r.yaml"),
        ("r.yaml", b"claims: {}", "unknown key 'claims'"),
    ],
)
def test_a_bad_file_is_refused_with_findings(name, data, said):
    with pytest.raises(Refused) as refused:
        read_upload(of("denver-sib"), name, data)
    assert said in str(refused.value)
    assert {finding.file for finding in refused.value.findings} == {name}


def test_a_value_that_cannot_be_is_refused_with_its_metric_and_its_period():
    tidy = b"metric,cohort,period,value\nstable_days,,payment 2,6.5\njail_reduction,,payment 5,soon\n"
    for data in (tidy, b"metric,payment 2,payment 5\nstable_days,6.5,\njail_reduction,,soon\n"):
        with pytest.raises(Refused) as refused:
            read_upload(of("denver-sib"), "r.csv", data)
        finer, none = map(str, refused.value.findings)
        assert finer.startswith("r.csv:2: stable_days.payment 2: 6.5 is finer than the metric's step of 1;")
        assert none.startswith("r.csv:3: jail_reduction.payment 5: 'soon' is not a number;")
    cohorts = {"population": {"who": "Families", "cohorts": {"east": {}, "west": {}}}}
    metrics = {"families": {"unit": "family", "by_cohort": "yes"}}
    contract = contract_of({**cohorts, "metrics": metrics, "rules": {"families": {"price": 1}}})
    with pytest.raises(Refused, match=r"r\.csv:2: families\.east\.2016: 1\.5 is finer"):
        read_upload(contract, "r.csv", b"metric,cohort,2016\nfamilies,east,1.5\n")


def test_a_table_of_too_many_rows_is_refused(monkeypatch):
    monkeypatch.setattr("payfs.forecast.upload.MOST_ROWS", 3)
    rows = "metric,payment 1\n" + "stable_days,\n" * 3
    with pytest.raises(Refused, match="more than 3 rows; split it"):
        read_upload(of("denver-sib"), "r.csv", rows.encode())


def test_what_is_wrong_with_a_workbook_beside_its_cells_is_told():
    book = openpyxl.load_workbook(io.BytesIO(workbook([["metric", "payment 1"], ["stable_days", 1], ["", 5]])))
    book.active.row_dimensions[2].hidden = True
    made = io.BytesIO()
    book.save(made)
    with pytest.raises(Refused, match="the row is hidden"):
        read_upload(of("denver-sib"), "r.xlsx", made.getvalue())


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (Written("provider", "10000000000000000"), "15 digits"),
        (Written("provider", "900000000000000"), "is beyond"),
        (Written("provider", "-1", delay="4000"), "more than ten years"),
        (Written("provider", "unknown"), "the amount is unknown"),
    ],
)
def test_a_plan_beyond_all_bounds_is_refused(written, said):
    with pytest.raises(Refused, match=said):
        read_plan(of("templates/per-diem"), written)


def test_a_count_that_only_claims_can_decide_is_refused():
    with pytest.raises(Refused, match="which only claims can decide; give a claims file"):
        read_upload(of("uk-street-impact-brighton-loan"), "r.csv", b"metric,period,value\noutcomes,whole term,5\n")


def test_the_figures_of_a_percentage_cell_are_those_that_are_shown():
    from payfs.claims.cells import percent_text

    assert [percent_text(text) for text in ("0.38", "1", "0.1", "7.0000000000000007E-2", "0.3333", "-0.5")] == [
        "38%", "100%", "10%", "7%", "33.33%", "-50%",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("contract", "first", "last"),
    [
        ("utah-preschool", date(2013, 9, 1), date(2025, 8, 1)),  # a year before its first period
        ("adoption-incentive", date(1997, 10, 1), date(2003, 9, 1)),  # which tells no term
    ],
)
def test_costs_begin_with_the_term_and_end_with_the_last_payment(contract, first, last):
    assert cost_months(load(find_spec(contract))) == (first, last)


def test_months_of_cash_follow_each_other_without_a_gap():
    contract, results = by_year(people=[1, 1, 1])
    months = outcome(contract, results, Plan("provider", 0, (), (Income(1, date(2023, 5, 5)),))).cash.months
    assert (months[0], months[-1]) == (date(2016, 1, 1), date(2023, 5, 1))
    assert all((b.year * 12 + b.month) - (a.year * 12 + a.month) == 1 for a, b in pairwise(months))
