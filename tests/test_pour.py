"""Stacks small enough to be poured by hand: the working stands beside each, and the engine and the oracle must meet it.

Amounts are in dollars; ``flows["interest loan"]`` is what was paid on each day.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import yaml
from capital_oracle import Oracle, Payment, Result
from case_files import paid
from test_capital_laws import SCALE, movements

from payfs.capital.cash import EPOCH, Cash, Reading, Receipt
from payfs.capital.pour import pour
from payfs.capital.returns import irr
from payfs.capital.written import Capital
from payfs.investment import invest
from payfs.money import Rounding, currency

Flows = dict[str, dict[str, str]]
Poured = tuple[Flows, dict[str, str]]  # what moved, by kind and whose; and what each pool keeps in the end
day_of = datetime.date.fromisoformat


def dollars(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def number(text: str) -> int:
    return (day_of(text) - EPOCH).days


def by_engine(stack: dict[str, Any], comes_in: dict[str, dict[str, str]], scores: dict[str, int]) -> Poured:
    receipts = [
        Receipt(
            rule,
            "city",
            "provider",
            tuple(map(number, amounts)),
            (None,) * len(amounts),
            np.array([[int(Fraction(amount) * 100)] for amount in amounts.values()], dtype=np.int64),
        )
        for rule, amounts in comes_in.items()
    ]
    ends, values = np.array([*map(number, scores)], dtype=np.int64), np.array([[v] for v in scores.values()])
    reading = Reading(ends, values.reshape(-1, 1), np.ones(len(ends), dtype=bool), SCALE)
    days = [day for receipt in receipts for day in receipt.days]
    cash = Cash(tuple(receipts), {"score": reading}, min(days), max(days), "provider", 1)
    flows = pour(cash, Capital.model_validate(stack), currency("USD"), Rounding("half up"))
    return by_name(movements(flows)), {name: dollars(int(kept[-1, 0])) for name, kept in flows.kept.items()}


def by_oracle(stack: dict[str, Any], comes_in: dict[str, dict[str, str]], scores: dict[str, int]) -> Poured:
    payments = [
        Payment(day_of(day), rule, "city", "provider", int(Fraction(amount) * 100))
        for rule, amounts in comes_in.items()
        for day, amount in amounts.items()
    ]
    results = {"score": [Result(day_of(day), Fraction(score, 100)) for day, score in scores.items()]}
    oracle = Oracle(stack, payments, results, "provider")
    last = oracle.dates[-1]
    return by_name(oracle.flows), {name: dollars(kept) for (day, name), kept in oracle.kept.items() if day == last}


def by_name(found: dict[Any, int]) -> Flows:
    flows: Flows = {}
    for (day, kind, whose, _), amount in sorted(found.items()):
        flows.setdefault(f"{kind} {whose}", {})[str(day)] = dollars(amount)
    return flows


Pour = Callable[..., Flows]


@pytest.fixture(params=[by_engine, by_oracle], ids=["engine", "oracle"])
def poured(request: pytest.FixtureRequest) -> Pour:
    """Pour a stack written in YAML; what comes in is by day, or by rule and day."""

    def run(
        text: str, comes_in: dict[str, Any], scores: dict[str, int] | None = None, kept: str | None = None
    ) -> Flows:
        by_rule = comes_in if isinstance(next(iter(comes_in.values())), dict) else {"alpha": comes_in}
        flows, left = request.param(yaml.load(text, Loader=yaml.BaseLoader), by_rule, scores or {})
        if kept is not None:
            assert left["pool"] == kept
        return flows

    return run


def loan(terms: str, day: str = "2017-01-01", amount: str = "1000", more: str = "", ends: str = "2020-12-31") -> str:
    """A stack of one loan that is drawn on one day."""
    head = f"loan: {{holder: fund, kind: senior, commitment: {amount}, draws: {{{day}: {amount}}}"
    return f"ends: {ends}\ntranches:\n  {head}, {terms}}}\n{more}"


# -- interest


def test_a_stub_counts_its_own_days(poured):
    # 10 Feb to 31 Mar 2016: 19 + 31 = 50 days, 1000 x 10% x 50/365 = 13.698...; then 91 days: 24.931...
    due = "{every: quarter, from: 2016-01-01, to: 2016-06-30}"
    text = loan(f"interest: {{rate: 10%, days: ACT/365, due: {due}}}, repaid: never", "2016-02-10", ends="2016-06-30")
    assert poured(text, {"2016-03-31": "100"})["interest loan"] == {"2016-03-31": "13.70", "2016-06-30": "24.93"}


def test_thirty_of_360_days_across_short_and_long_months(poured):
    # 31 Jan (counts as 30) to 29 Feb: 30 + 29 - 30 = 29 days, 1000 x 12% x 29/360 = 9.666...
    # 29 Feb to 31 Mar, which counts as 30: 30 + 30 - 29 = 31, 10.333...; 31 Mar to 30 Apr: 30, 10
    due = "[2016-02-29, 2016-03-31, 2016-04-30]"
    text = loan(f"interest: {{rate: 12%, days: 30/360, due: {due}}}, repaid: never", "2016-01-31", ends="2016-04-30")
    expected = {"2016-02-29": "9.67", "2016-03-31": "10.33", "2016-04-30": "10.00"}
    assert poured(text, {"2016-02-01": "100"})["interest loan"] == expected


def test_another_date_between_changes_nothing_in_a_30_360_year(poured):
    # 15 Jan to 15 Mar is two months of 30: 1000 x 12% x 60/360 = 20; a nought that comes in on 31 Jan adds no day
    text = loan(
        "interest: {rate: 12%, days: 30/360, due: [2017-03-15]}, repaid: never", "2017-01-15", ends="2017-03-15"
    )
    assert poured(text, {"2017-01-31": "0", "2017-03-15": "100"})["interest loan"] == {"2017-03-15": "20.00"}


def test_a_date_before_the_first_draw_changes_nothing_in_a_30_360_year(poured):
    # 30 Jan to 31 Mar, which counts as 30: 60 days, 20
    text = loan(
        "interest: {rate: 12%, days: 30/360, due: [2017-03-31]}, repaid: never", "2017-01-30", ends="2017-03-31"
    )
    assert poured(text, {"2017-01-01": "0", "2017-03-31": "100"})["interest loan"] == {"2017-03-31": "20.00"}


def test_after_the_last_due_date_the_quarters_go_on(poured):
    # due until 30 Jun, the last date is 15 Aug 2017: 46 of the 92 days to 30 Sep, 1000 x 12% x 3/12 x 46/92 = 15;
    # a nought that comes in on 15 Jul changes nothing
    due = "{every: quarter, from: 2017-01-01, to: 2017-06-30}"
    text = loan(f"interest: {{rate: 12%, days: ACT/ACT ICMA, due: {due}}}, repaid: never", ends="2017-08-15")
    flows = poured(text, {"2017-03-31": "1000", "2017-07-15": "0"})
    assert flows["interest loan"] == {"2017-03-31": "30.00", "2017-06-30": "30.00", "2017-08-15": "15.00"}


def test_interest_runs_until_the_last_date_and_no_longer(poured):
    # the last date is 1 Jan 2018: 100 for 2017; what comes in later finds no more interest than that
    text = loan("interest: {rate: 10%, days: ACT/365, due: [2018-01-01]}", ends="2018-01-01")
    assert poured(text, {"2019-01-01": "5000"})["interest loan"] == {"2019-01-01": "100.00"}


def test_actual_days_over_the_days_of_a_leap_year(poured):
    # 1 Nov 2015 to 1 Mar 2016: 61 days of 365 and 31 + 29 = 60 days of 366: 100 x (0.167123 + 0.163934) = 33.1057
    text = loan(
        "interest: {rate: 10%, days: ACT/ACT, due: [2016-03-01]}, repaid: never", "2015-11-01", ends="2016-03-01"
    )
    assert poured(text, {"2016-03-01": "100"})["interest loan"] == {"2016-03-01": "33.11"}


def test_actual_days_of_360(poured):
    # 1 Jan to 1 Jul 2016: 31 + 29 + 31 + 30 + 31 + 30 = 182 days: 1000 x 5% x 182/360 = 25.277...
    text = loan(
        "interest: {rate: 5%, days: ACT/360, due: [2016-07-01]}, repaid: never", "2016-01-01", ends="2016-07-01"
    )
    assert poured(text, {"2016-07-01": "100"})["interest loan"] == {"2016-07-01": "25.28"}


def test_every_quarter_is_three_twelfths_whatever_its_days(poured):
    # ACT/ACT ICMA: 1000 x 12% x 3/12 = 30, the first quarter too
    due = "{every: quarter, from: 2017-01-01, to: 2017-12-31}"
    text = loan(f"interest: {{rate: 12%, days: ACT/ACT ICMA, due: {due}}}, repaid: never", ends="2017-12-31")
    expected = dict.fromkeys(["2017-03-31", "2017-06-30", "2017-09-30", "2017-12-31"], "30.00")
    assert poured(text, {"2017-03-31": "1000"})["interest loan"] == expected


def test_half_a_quarter_is_part_of_three_twelfths_by_its_days(poured):
    # drawn on 15 Aug 2017, in the quarter from 30 Jun to 30 Sep (92 days): 46 of them, 1000 x 12% x 3/12 x 46/92 = 15
    due = "{every: quarter, from: 2017-01-01, to: 2017-09-30}"
    terms = f"interest: {{rate: 12%, days: ACT/ACT ICMA, due: {due}}}, repaid: never"
    text = loan(terms, "2017-08-15", ends="2017-09-30")
    assert poured(text, {"2017-09-30": "100"})["interest loan"] == {"2017-09-30": "15.00"}


SIMPLE = "interest: {rate: 10%, days: ACT/365, due: [2018-01-01, 2019-01-01]}"


def test_simple_interest_that_was_not_paid_stays_due_and_bears_none(poured):
    # 100 a year for two years
    flows = poured(loan(SIMPLE), {"2019-01-01": "5000"})
    assert (flows["interest loan"], flows["principal loan"]) == ({"2019-01-01": "200.00"}, {"2019-01-01": "1000.00"})


def test_compound_interest_that_was_not_paid_bears_interest(poured):
    # 100, then 10% of 1,100: 210 in all; principal is still 1,000
    flows = poured(loan(SIMPLE[:-1] + ", compound: yes}"), {"2019-01-01": "5000"})
    assert (flows["interest loan"], flows["principal loan"]) == ({"2019-01-01": "210.00"}, {"2019-01-01": "1000.00"})


def test_capitalised_interest_becomes_principal(poured):
    # 1,000 + 100 + 110 are owed as principal, and no interest is ever paid
    flows = poured(loan(SIMPLE[:-1] + ", capitalised: yes}"), {"2019-01-01": "5000"})
    assert "interest loan" not in flows
    assert flows["principal loan"] == {"2019-01-01": "1210.00"}


def test_a_draw_bears_interest_from_its_own_day(poured):
    # 400 for all of 2017 and 600 for its last 184 days (1 Jul to 1 Jan): 40 + 600 x 10% x 184/365 = 40 + 30.2465...
    text = """
    ends: 2018-01-01
    tranches:
      loan: {holder: fund, kind: senior, commitment: 1000, draws: {2017-01-01: 400, 2017-07-01: 600},
             interest: {rate: 10%, days: ACT/365, due: [2018-01-01]}, repaid: never}
    """
    assert poured(text, {"2018-01-01": "500"})["interest loan"] == {"2018-01-01": "70.25"}


STEPS = "by: score, table: [{at: 55%, pays: 3%}, {at: 70%, pays: 15%}]"


def test_a_floor_coupon_holds_in_the_first_years_only(poured):
    # at 55% the table gives 3%: 5% at least in 2017, 3% in 2018; at 60% it gives 3% + 12% x 5/15 = 7% in 2019
    rates = f"[{{until: 2018-01-01, {STEPS}, least: 5%}}, {{{STEPS}}}]"
    terms = f"interest: {{days: ACT/365, due: [2018-01-01, 2019-01-01, 2020-01-01], rates: {rates}}}"
    flows = poured(
        loan(f"{terms}, repaid: never", ends="2020-01-01"), {"2018-01-01": "500"}, {"2017-12-31": 55, "2019-12-31": 60}
    )
    assert flows["interest loan"] == {"2018-01-01": "50.00", "2019-01-01": "30.00", "2020-01-01": "70.00"}


def test_a_floor_that_ends_within_an_interest_period_ends_on_its_day(poured):
    # 2017, at 55%: 5% until 2 Jul (182 days), then 3% (183 days): 1000 x (5% x 182 + 3% x 183)/365 = 24.9315 + 15.0411
    rates = f"[{{until: 2017-07-02, {STEPS}, least: 5%}}, {{{STEPS}}}]"
    terms = f"interest: {{days: ACT/365, due: [2018-01-01], rates: {rates}}}"
    flows = poured(loan(f"{terms}, repaid: never", ends="2018-01-01"), {"2018-01-01": "500"}, {"2017-06-30": 55})
    assert flows["interest loan"] == {"2018-01-01": "39.97"}


def test_an_interest_period_that_redemption_ends_knows_no_later_result(poured):
    # redeemed on 2 Jul 2017, when 0% was the last result: 3% for 182 days, 14.9589; December's 70% is not known yet
    redeemed = "redeemed: {on: 2017-07-02, pays: 100%}"
    terms = f"interest: {{days: ACT/365, due: [2018-01-01], rates: [{{{STEPS}}}]}}, {redeemed}"
    flows = poured(loan(terms), {"2017-07-02": "5000"}, {"2017-03-31": 0, "2017-12-31": 70})
    assert flows["interest loan"] == {"2017-07-02": "14.96"}


def test_after_redemption_an_interest_period_ends_on_its_due_date(poured):
    # redeemed on 1 Jan 2018, but 500 of it is not paid until 1 Jan 2019, when 70% is known: 15% of 500 for the year;
    # a nought that comes in on 1 Jul 2018, when 55% was the last result, decides nothing
    redeemed = "redeemed: {on: 2018-01-01, pays: 50%}"
    terms = f"interest: {{days: ACT/365, due: [2019-01-01], rates: [{{{STEPS}}}]}}, {redeemed}"
    comes_in = {"2018-07-01": "0", "2019-01-01": "5000"}
    flows = poured(loan(terms, "2018-01-01"), comes_in, {"2017-12-31": 55, "2018-12-31": 70})
    assert flows["interest loan"] == {"2019-01-01": "75.00"}


def test_the_last_interest_period_ends_on_the_last_date(poured):
    # after 1 Jan 2018 no due date follows: the period ends on the last date, 1 Jan 2019, when 70% is known: 15% of
    # 1,000; a nought that comes in on 1 Jul 2018, when 55% was the last result, decides nothing
    terms = f"interest: {{days: ACT/365, due: [2018-01-01], rates: [{{{STEPS}}}]}}, repaid: never"
    comes_in = {"2018-01-01": "500", "2018-07-01": "0", "2019-01-01": "0"}
    flows = poured(loan(terms, ends="2019-01-01"), comes_in, {"2017-12-31": 55, "2018-12-31": 70})
    assert flows["interest loan"] == {"2018-01-01": "30.00", "2019-01-01": "150.00"}


# -- who comes first


def test_odd_cents_go_to_the_largest_remainders_and_the_first_of_equals(poured):
    # 10.00 for three claims of 100: 3.333... each, and one cent is left for the first
    text = "ends: 2018-01-01\ntranches:\n" + "".join(
        f"  {name}: {{holder: fund, kind: senior, commitment: 100, draws: {{2017-01-01: 100}}}}\n" for name in "abc"
    )
    flows = poured(text, {"2018-01-01": "10"})
    assert [flows[f"principal {name}"]["2018-01-01"] for name in "abc"] == ["3.34", "3.33", "3.33"]


def test_interest_of_all_in_a_step_comes_before_principal_of_any(poured):
    # 100 of interest is due to each of two, and 150 come in: 75 each, and nothing of principal
    tranche = f"{{holder: fund, kind: equity, commitment: 1000, draws: {{2017-01-01: 1000}}, {SIMPLE}}}"
    text = f"ends: 2018-01-01\npriority: [[a, b]]\ntranches:\n  a: {tranche}\n  b: {tranche}\n"
    flows = poured(text, {"2018-01-01": "150"})
    assert [flows[f"interest {name}"] for name in "ab"] == [{"2018-01-01": "75.00"}] * 2
    assert "principal a" not in flows


RECYCLED = """
ends: 2018-06-30
tranches:
  loan: {holder: fund, kind: senior, commitment: 1000, draws: as needed, repaid_from: 2018-01-01}
costs:
  fees: {payee: provider, amounts: {2017-01-01: 400, 2017-06-01: 350}}
"""


def test_what_comes_in_pays_for_costs_until_repayment_begins(poured):
    # 400 is drawn for the first cost; 300 comes in and stays, for it is not yet 2018; the second cost takes it and
    # draws 50; of the 1,000 that comes in then, 450 goes back
    flows = poured(RECYCLED, {"2017-03-01": "300", "2018-01-01": "1000"}, kept="550.00")
    assert flows["draw loan"] == {"2017-01-01": "400.00", "2017-06-01": "50.00"}
    assert flows["cost fees"] == {"2017-01-01": "400.00", "2017-06-01": "350.00"}
    assert flows["principal loan"] == {"2018-01-01": "450.00"}


def test_draws_as_needed_are_in_proportion_to_what_is_left(poured):
    # 40 of 300 and 100: 30 and 10; then 270 and 90 are left, and 20 are drawn 15 and 5
    tranche = "{{holder: fund, kind: {}, commitment: {}, draws: as needed}}"
    text = f"""
    ends: 2018-01-01
    tranches:
      a: {tranche.format("senior", 300)}
      b: {tranche.format("first loss", 100)}
    costs:
      fees: {{payee: provider, amounts: {{2017-01-01: 40, 2017-02-01: 20}}}}
    """
    flows = poured(text, {"2018-01-01": "0"})
    assert flows["draw a"] == {"2017-01-01": "30.00", "2017-02-01": "15.00"}
    assert flows["draw b"] == {"2017-01-01": "10.00", "2017-02-01": "5.00"}


def test_a_reserve_is_filled_in_its_place_and_released_on_its_day(poured):
    # of 150 the reserve takes 100 and the loan 50; released on 1 Jan 2019 its 100 goes to the loan
    text = loan("repaid: as cash comes", more="reserves: {cushion: {target: 100, released: 2019-01-01}}")
    flows = poured(text, {"2018-01-01": "150"})
    assert flows["principal loan"] == {"2018-01-01": "50.00", "2019-01-01": "100.00"}


def test_a_reserve_pays_interest_that_the_pool_cannot(poured):
    # 100 is set aside; the interest of 100 for 2018 finds nothing else, and is paid out of it
    text = loan(
        f"{SIMPLE}, repaid: never",
        more="priority: [interest of loan, cushion, principal of loan]\nreserves: {cushion: {target: 100}}",
    )
    assert poured(text, {"2018-01-01": "200"})["interest loan"] == {"2018-01-01": "100.00", "2019-01-01": "100.00"}


def test_a_negative_payment_is_a_hole_that_later_ones_fill(poured):
    # 50 is owed to the city; of the 120 that comes next, 70 is there for the loan
    flows = poured(loan("repaid: as cash comes"), {"2018-01-01": "-50", "2018-02-01": "120"})
    assert flows["principal loan"] == {"2018-02-01": "70.00"}


def test_a_deferred_fee_waits_for_the_loan_and_moves_no_cash_when_put_in(poured):
    # of 1,150 the loan takes 1,000 first; the fee of 200 gets the other 150
    text = loan("repaid: as cash comes") + (
        "  fee: {holder: provider, kind: deferred fee, commitment: 200, draws: {2017-06-01: 200}}\n"
    )
    flows = poured(text, {"2018-01-01": "1150"}, kept="0.00")
    assert (flows["principal loan"], flows["principal fee"]) == ({"2018-01-01": "1000.00"}, {"2018-01-01": "150.00"})


def test_a_loan_that_a_party_owes_by_itself_is_repaid_when_it_matures(poured):
    # not on the day on which it is drawn, although nothing but the day of maturity is said
    flows = poured(loan("paid_by: agent, matures: 2019-01-01"), {"2018-01-01": "100"}, kept="100.00")
    assert flows["principal loan"] == {"2019-01-01": "1000.00"}


# -- guarantees


def test_a_guarantee_of_75_percent_makes_up_three_quarters_of_what_is_missing(poured):
    # 1,000 less 200: 75% of 800
    text = loan("repaid: as cash comes", more="guarantees: {pledge: {guarantor: bank, covers: [loan], share: 75%}}")
    assert poured(text, {"2018-01-01": "200"})["guarantee loan"] == {"2020-12-31": "600.00"}


def test_a_guarantee_holds_for_a_loan_that_gets_the_whole_surplus(poured):
    # as above; the surplus of 100% promises more, not less
    more = "surplus: {loan: 100%}\nguarantees: {pledge: {guarantor: bank, covers: [loan], share: 75%}}"
    assert poured(loan("repaid: as cash comes", more=more), {"2018-01-01": "200"})["guarantee loan"] == {
        "2020-12-31": "600.00"
    }


def test_a_deposit_that_is_not_called_is_returned(poured):
    # 500 is deposited; 1,000 less 800 is missing; 200 is called and 300 goes back
    more = "guarantees: {pledge: {guarantor: bank, covers: [loan], most: 500, deposited: 2017-01-01}}"
    flows = poured(loan("repaid: as cash comes", more=more), {"2018-01-01": "800"})
    assert flows["guarantee loan"] == {"2020-12-31": "200.00"}
    assert flows["deposit pledge"] == {"2017-01-01": "500.00", "2020-12-31": "-300.00"}


def test_principal_comes_before_interest_in_what_is_made_up(poured):
    # 1,000 and interest of 100 are missing; 1,050 is made up: all of principal, and 50 of interest
    more = "guarantees: {pledge: {guarantor: bank, covers: [loan], of: principal and interest, most: 1050}}"
    text = loan("interest: {rate: 10%, days: ACT/365, due: [2018-01-01]}", more=more, ends="2018-01-01")
    assert poured(text, {"2017-06-01": "0"})["guarantee loan"] == {"2018-01-01": "1050.00"}


def test_no_guarantee_is_called_for_what_a_party_pays_that_day(poured):
    # the agent owes 1,000 on the last date and pays it; nothing is missing
    more = "guarantees: {pledge: {guarantor: bank, covers: [loan], share: 75%}}"
    text = loan("paid_by: agent, repaid: at maturity, matures: 2019-01-01", more=more, ends="2019-01-01")
    flows = poured(text, {"2018-01-01": "0"})
    assert flows["principal loan"] == {"2019-01-01": "1000.00"}
    assert "guarantee loan" not in flows


def test_no_guarantee_is_called_before_every_pool_has_paid(poured):
    # both loans are repaid in full on the last date, each out of its own pool; nothing is missing
    text = """
    ends: 2018-01-01
    pools: {one: {receives: [alpha]}, two: {receives: [beta]}}
    tranches:
      b: {holder: fund, kind: senior, pool: two, commitment: 100, draws: {2017-01-01: 100}}
      a: {holder: fund, kind: senior, pool: one, commitment: 100, draws: {2017-01-01: 100}}
    guarantees: {pledge: {guarantor: bank, covers: [a, b], most: 50}}
    """
    flows = poured(text, {"alpha": {"2018-01-01": "100"}, "beta": {"2018-01-01": "100"}})
    assert flows["principal b"] == {"2018-01-01": "100.00"}
    assert "guarantee b" not in flows


# -- limits, success, redemption and what is left


def test_a_limit_on_the_rate_of_return_leaves_the_excess_in_the_pool(poured):
    # 1,000 at 10% for 365 days is 1,100: after 1,000 of principal, 100 of the 500 is let through
    terms = "success: {on: 2018-01-01, amount: 500}, most: {irr: 10%}"
    flows = poured(loan(terms, ends="2018-01-01"), {"2018-01-01": "2000"}, kept="900.00")
    assert flows["success loan"] == {"2018-01-01": "100.00"}
    days = np.array([number("2017-01-01"), number("2018-01-01")])
    assert irr(days, np.array([[-100_000], [110_000]])).rate == pytest.approx(0.1, abs=1e-6)


def test_a_second_draw_earns_under_the_limit_from_its_own_day(poured):
    # 500 for a year and 500 for none, at 10%: 550 + 500, so that 50 of the 500 is let through
    text = """
    ends: 2018-01-01
    tranches:
      loan: {holder: fund, kind: senior, commitment: 1000, draws: {2017-01-01: 500, 2018-01-01: 500},
             success: {on: 2018-01-01, amount: 500}, most: {irr: 10%}}
    """
    assert poured(text, {"2018-01-01": "2000"})["success loan"] == {"2018-01-01": "50.00"}


def test_a_limit_on_the_multiple_counts_everything_that_comes_back(poured):
    # 1.2 x 1,000, of which 1,000 is principal
    flows = poured(
        loan("success: {on: 2018-01-01, amount: 500}, most: {multiple: 1.2}"), {"2018-01-01": "2000"}, kept="800.00"
    )
    assert flows["success loan"] == {"2018-01-01": "200.00"}


def test_redeemed_early_at_75_percent_the_rest_is_lost(poured):
    # 75% of 1,000 is due on the day, 600 is there; the other 150 when cash comes, and no more
    flows = poured(
        loan("redeemed: {on: 2018-01-01, pays: 75%}"), {"2018-01-01": "600", "2018-06-01": "600"}, kept="450.00"
    )
    assert flows["principal loan"] == {"2018-01-01": "600.00", "2018-06-01": "150.00"}


def test_redeemed_early_for_an_amount_with_a_premium_on_it(poured):
    # 400 of 1,000 is due, and 2.5% of 400 on top; the other 600 is lost
    flows = poured(loan("redeemed: {on: 2018-01-01, amount: 400, premium: 2.5%}"), {"2018-01-01": "600"}, kept="190.00")
    assert (flows["principal loan"], flows["success loan"]) == ({"2018-01-01": "400.00"}, {"2018-01-01": "10.00"})


@pytest.mark.parametrize(("score", "repaid"), [(54, "750.00"), (55, "1000.00")])
def test_redeemed_early_only_if_the_last_result_is_below_55_percent(poured, score, repaid):
    asked = "redeemed: {on: 2018-01-01, if: {metric: score, below: 55%}, pays: 75%}, repaid: as cash comes"
    left = f"{2000 - float(repaid):.2f}"
    flows = poured(loan(asked), {"2018-01-01": "2000"}, {"2017-12-31": score}, kept=left)
    assert flows["principal loan"] == {"2018-01-01": repaid}


TERMINATED = """
    ends: 2019-01-01
    terminated: {on: 2017-12-31, if: {metric: score, below: 10%}, pays: {loan: 50%}}
    tranches:
      loan: {holder: fund, kind: senior, commitment: 1000, draws: {2017-01-01: 400, 2018-06-30: 400},
             interest: {rate: 10%, days: ACT/365, due: at maturity}, matures: 2019-01-01, repaid: at maturity}
    costs:
      wages: {payee: provider, amounts: {2017-01-01: 400, 2018-06-30: 400}}
    """


def test_where_the_deal_is_terminated_the_service_stops_and_the_rest_of_the_commitment_lapses(poured):
    # 364 days at 10% of 400: 39.8904; half of 400 is due on the day and paid when cash comes, after 31 days at 10% of
    # 200 (1.6986, due at maturity); nothing more is drawn
    flows = poured(TERMINATED, {"2018-01-31": "1000"}, {"2017-06-30": 9}, kept="758.41")
    assert flows["draw loan"] == {"2017-01-01": "400.00"}
    assert flows["cost wages"] == {"2017-01-01": "400.00"}
    assert flows["interest loan"] == {"2018-01-31": "39.89", "2019-01-01": "1.70"}
    assert flows["principal loan"] == {"2018-01-31": "200.00"}


def test_where_the_result_is_good_enough_the_deal_goes_on(poured):
    # 10% is not below 10%: at maturity 10% of 400 for 730 days (80.00) and of another 400 for 185 (20.2740)
    flows = poured(TERMINATED, {"2018-01-31": "1000"}, {"2017-06-30": 10}, kept="99.73")
    assert flows["draw loan"] == {"2017-01-01": "400.00", "2018-06-30": "400.00"}
    assert flows["interest loan"] == {"2019-01-01": "100.27"}
    assert flows["principal loan"] == {"2019-01-01": "800.00"}


def test_a_result_decides_how_much_of_principal_is_owed(poured):
    # 54% is below 55%: half of 1,000
    owed = "owed: {by: score, tiers: [{below: 55%, pays: 50%}, {from: 55%, pays: 100%}]}"
    text = loan(f"repaid: at maturity, matures: 2018-01-01, {owed}")
    assert poured(text, {"2017-06-01": "900"}, {"2017-12-31": 54}, kept="400.00")["principal loan"] == {
        "2018-01-01": "500.00"
    }


def test_the_surplus_is_shared_60_20_20(poured):
    # 100.01 is left: 60.006, 20.002 and 20.002, and the odd cent goes to the largest remainder
    text = loan("repaid: as cash comes", more="surplus: {loan: 60%, provider: 20%, city: 20%}")
    flows = poured(text, {"2018-01-01": "1100.01"}, kept="0.00")
    assert flows["surplus loan"] == {"2020-12-31": "60.01"}
    assert flows["surplus provider"] == flows["surplus city"] == {"2020-12-31": "20.00"}


def test_the_whole_surplus_of_a_loan_is_paid_at_the_end_if_not_said_otherwise(poured):
    # 1,000 is repaid when it comes; the other 500 is surplus, and surplus is paid at the end
    flows = poured(loan("repaid: as cash comes", more="surplus: {loan: 100%}"), {"2018-01-01": "1500"})
    assert flows["principal loan"] == {"2018-01-01": "1000.00"}
    assert flows["surplus loan"] == {"2020-12-31": "500.00"}


def test_what_is_left_in_one_pool_serves_the_next_on_the_same_day(poured):
    # 100 of the 130 repays a; the other 30 passes to pool two, where b is owed 100 and 50 has come in: 80
    text = """
    ends: 2018-01-01
    pools:
      two: {receives: [beta]}
      one: {receives: [alpha], surplus: {two: 100%}}
    tranches:
      a: {holder: fund, kind: senior, pool: one, commitment: 100, draws: {2017-01-01: 100}}
      b: {holder: fund, kind: senior, pool: two, commitment: 100, draws: {2017-01-01: 100}}
    """
    flows = poured(text, {"alpha": {"2018-01-01": "130"}, "beta": {"2018-01-01": "50"}})
    assert (flows["surplus two"], flows["principal b"]) == ({"2018-01-01": "30.00"}, {"2018-01-01": "80.00"})


SHARED = """
ends: 2018-12-31
tranches:
  a: {{holder: fund, kind: equity, commitment: 100, draws: {{2017-01-01: 100}}, repaid: never, most: {{multiple: 1.5}}}}
  b: {{holder: fund, kind: equity, commitment: 100, draws: {{2017-01-01: 100}}, repaid: never{most}}}
surplus: {{{shares}}}
"""


@pytest.mark.parametrize(
    ("most", "shares", "gets", "kept"),
    [
        # of 600, 200 and 200 the first gets 150; the 450 go to the others in halves
        ("", "a: 60%, b: 20%, city: 20%", ["150.00", "425.00", "425.00"], "0.00"),
        # of 500 and 250 the first gets 150; the 350 go to the other, and the quarter that is nobody's stays
        ("", "a: 50%, b: 25%", ["150.00", "600.00", None], "250.00"),
        # where there is no other it stays
        ("", "a: 100%", ["150.00", None, None], "850.00"),
        # of 500, 250, 250: 150 and 175 more for each of the others; b gets 400 of 425, and its 25 go to the city
        (", most: {multiple: 4}", "a: 50%, b: 25%, city: 25%", ["150.00", "400.00", "450.00"], "0.00"),
        # 500 and 500: 150 and 400, and nobody is left to get the rest
        (", most: {multiple: 4}", "a: 50%, b: 50%", ["150.00", "400.00", None], "450.00"),
    ],
)
def test_what_a_limit_cuts_from_a_share_of_what_is_left_goes_to_the_others(poured, most, shares, gets, kept):
    flows = poured(SHARED.format(most=most, shares=shares), {"2018-12-31": "1000"}, kept=kept)
    for name, got in zip(("a", "b", "city"), gets, strict=True):
        assert flows.get(f"surplus {name}") == (None if got is None else {"2018-12-31": got})


# -- what was drawn

WORK = "costs: {{work: {{payee: provider, amounts: {{{days}}}}}}}\n"


def test_once_the_last_cost_has_fallen_due_what_is_left_of_a_draw_repays_the_loan(poured):
    # 50 comes in in March and repays; of the 1,000 drawn, 600 pay for the work in June, and 400 repay that day
    text = loan("repaid: as cash comes", more=WORK.format(days="2017-06-30: 600"))
    flows = poured(text, {"2017-03-31": "50", "2018-06-30": "0"})
    assert flows["principal loan"] == {"2017-03-31": "50.00", "2017-06-30": "400.00"}


def test_where_the_deal_is_terminated_what_is_left_of_a_draw_repays_the_loan_on_that_day(poured):
    # 600 of the 1,000 pay for the work of 2017; that of 2018 never falls due
    more = WORK.format(days="2017-06-30: 600, 2018-06-30: 300") + "terminated: {on: 2017-12-31, pays: {loan: 25%}}"
    flows = poured(loan("repaid: as cash comes", more=more), {"2017-03-31": "0", "2018-06-30": "0"}, kept="150.00")
    assert flows["principal loan"] == {"2017-12-31": "250.00"}


def test_where_what_is_drawn_pays_all_that_is_due_it_pays_interest_too(poured):
    # 1,000 is drawn: 100 of interest in January, 600 for the work in June; at the end 1000 x 10% x 359/360 = 99.72
    terms = "interest: {rate: 10%, days: 30/360, due: [2018-01-01]}, repaid: at maturity, matures: 2018-12-31"
    more = WORK.format(days="2018-06-30: 600") + "drawn_pays: all that is due"
    flows = poured(loan(terms, more=more, ends="2018-12-31"), {"2018-06-30": "0"})
    assert flows["interest loan"] == {"2018-01-01": "100.00", "2018-12-31": "99.72"}
    assert flows["principal loan"] == {"2018-12-31": "200.28"}


def test_where_what_is_drawn_pays_for_costs_interest_waits_for_them(poured):
    # nothing comes in: the interest of January waits until the work of June has fallen due, when 400 are left
    terms = "interest: {rate: 10%, days: 30/360, due: [2018-01-01]}, repaid: at maturity, matures: 2018-12-31"
    flows = poured(loan(terms, more=WORK.format(days="2018-06-30: 600"), ends="2018-12-31"), {"2018-06-30": "0"})
    assert flows["interest loan"] == {"2018-06-30": "100.00", "2018-12-31": "99.72"}


def test_costs_draw_nothing_for_what_was_taken_back(poured):
    # 100 is taken back of nothing; of the commitment only the 50 of the work are drawn, and pay for it
    text = """
    ends: 2018-12-31
    tranches:
      loan: {holder: fund, kind: senior, commitment: 1000, draws: as needed}
    costs: {work: {payee: provider, amounts: {2017-06-30: 50}}}
    """
    flows = poured(text, {"2017-03-31": "-100"}, kept="-100.00")
    assert (flows["draw loan"], flows["cost work"]) == ({"2017-06-30": "50.00"}, {"2017-06-30": "50.00"})


@pytest.mark.parametrize(("score", "drawn"), [(54, {"2017-01-01": "500.00"}), (55, None)])
def test_the_commitment_of_a_loan_that_is_redeemed_lapses(poured, score, drawn):
    text = """
    ends: 2018-12-31
    tranches:
      loan: {holder: fund, kind: senior, commitment: 1000, draws: {2017-01-01: 500, 2018-01-01: 500},
             redeemed: {on: 2017-06-30, if: {metric: score, below: 55%}, pays: 75%}}
    """
    flows = poured(text, {"2018-12-31": "2000"}, {"2017-03-31": score})
    assert flows["draw loan"] == (drawn or {"2017-01-01": "500.00", "2018-01-01": "500.00"})


def test_an_interest_period_that_maturity_ends_knows_no_later_result(poured):
    # 55% gives 3% in 2017: 30; from 1 Jan to 1 Jul 2018 it is still the last result: 1000 x 3% x 181/365 = 14.88
    terms = f"interest: {{days: ACT/365, due: [2018-01-01, 2019-01-01], rates: [{{{STEPS}}}]}}"
    text = loan(f"{terms}, repaid: at maturity, matures: 2018-07-01", ends="2019-01-01")
    flows = poured(text, {"2018-01-01": "30", "2018-07-01": "2000"}, {"2017-12-31": 55, "2018-12-31": 70})
    assert flows["interest loan"] == {"2018-01-01": "30.00", "2018-07-01": "14.88"}


# -- days that no source gives

PARTS: dict[str, Any] = {
    "parties": {
        "city": {"name": "The City", "role": "outcome payer"},
        "provider": {"name": "The Provider", "role": "service provider"},
        "fund": {"name": "The Fund", "role": "investor"},
    },
    "metrics": {"alpha": {"unit": "point"}, "score": {"unit": "%", "step": "1%"}},
    "rules": {"alpha": {"price": "1"}},
}


def test_a_draw_on_an_unknown_day_gives_no_rate_of_return():
    # 1,000 was put in on a day that no source gives; 1,200 comes back: gain and multiple are known, the rate is not
    capital = {
        "tranches": {"loan": {"holder": "fund", "kind": "senior", "commitment": "1000"}},
        "surplus": {"loan": "1"},
    }
    made = invest(paid({**PARTS, "capital": capital}, {"alpha": {"2016": "1200"}})).tranche("loan")
    assert made.irr is None
    assert (int(made.gain[0]), float(made.multiple[0])) == (20_000, 1.2)


def test_what_is_owed_by_a_result_is_halved_once_although_a_payment_has_no_day():
    # the payment of 2017 falls on a day that no source gives, in order before 31 Dec 2017; half of 1,000 is owed then:
    # 300 and 100 are paid back, and 100 of what comes in later
    years = {"every": "year", "from": "2016-01-01", "to": "2018-12-31", "paid": "unknown"}
    loan_ = {
        "holder": "fund",
        "kind": "senior",
        "commitment": "1000",
        "draws": {"2016-01-01": "1000"},
        "repaid": "at maturity",
        "matures": "2017-12-31",
        "owed": {"by": "score", "tiers": [{"pays": "50%"}]},
    }
    parts = {**PARTS, "periods": {"years": years}, "capital": {"ends": "2019-12-31", "tranches": {"loan": loan_}}}
    flows = invest(
        paid(parts, {"alpha": {"2016": "300", "2017": "100", "2018": "200"}, "score": {"2017": "10%"}})
    ).flows
    whole = flows.total(lambda flow: flow.kind == "principal")
    assert int(whole.sum()) == 50_000
