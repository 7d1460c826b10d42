"""What is told about who got the money: nothing is set off or counted twice, and what was not paid is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
from case_files import paid

from payfs.capital.book import Book
from payfs.capital.cash import EPOCH
from payfs.investment import Investment, invest
from payfs.money import currency
from payfs.report.returns_data import returns_data
from payfs.report.returns_text import returns_lines

LENDERS = {
    "parties": {
        "city": {"name": "The City", "role": "outcome payer"},
        "provider": {"name": "The Provider", "role": "service provider"},
        "fund": {"name": "The Fund", "role": "investor"},
        "other": {"name": "The Other", "role": "investor"},
    },
    "metrics": {"alpha": {"unit": "point", "least": "-5000"}},
    "rules": {"alpha": {"price": "1", "two_way": "yes"}},
}


def made_of(capital: dict[str, Any], results: dict[str, str], rate: Fraction | None = None) -> Investment:
    term = {"start": "2016-01-01", "end": "2018-12-31"}
    return invest(paid({**LENDERS, "term": term, "capital": capital}, {"alpha": results}), rate)


def text_of(made: Investment) -> str:
    return " ".join(" ".join(returns_lines(made)).split())


def lent(holder: str, much: str, on: str = "2016-01-01", **more: Any) -> dict[str, Any]:
    return {"holder": holder, "kind": "senior", "commitment": much, "draws": {on: much}, **more}


def test_what_one_pool_hands_to_another_is_neither_a_source_nor_a_use():
    # 600 is drawn and 1,200 comes in; 500 a year later repays the loan of 300 and splits 200 in halves, and so on
    capital = {
        "pools": {
            "a": {"receives": ["alpha"], "surplus": {"b": "50%", "one": "50%"}, "surplus_paid": "as cash comes"},
            "b": {"receives": [], "surplus": {"two": "100%"}},
        },
        "tranches": {"one": lent("fund", "300", pool="a"), "two": lent("other", "300", pool="b")},
    }
    text = text_of(made_of(capital, {"2016": "500", "2017": "300", "2018": "400"}))
    assert text.count("Total $1,800.00") == 2


def test_what_is_paid_and_what_is_got_on_one_day_is_not_set_off():
    # on the last date the city pays 500 and gets the 400 that are left
    capital = {"tranches": {"one": lent("fund", "100")}, "surplus": {"city": "100%"}}
    made = made_of(capital, {"2018": "500"})
    paid_, got = made.paid_and_got()["city"]
    assert (int(paid_[0]), int(got[0])) == (50_000, 40_000)
    assert "The City $500.00 $400.00 -$100.00" in text_of(made)


def test_what_is_left_in_a_pool_closes_the_account_by_party():
    made = made_of({"tranches": {"one": lent("fund", "100")}}, {"2018": "500"})
    assert "still in the pools $400.00" in text_of(made)


def test_a_limit_on_interest_binds_what_was_capitalised():
    # 1,000 at 10% for three years would be 1,331; 50 beyond the 1,000 is the most
    due = {"every": "year", "from": "2016-01-01", "to": "2018-12-31"}
    interest = {"rate": "10%", "days": "30/360", "capitalised": "yes", "due": due}
    loan_ = lent("fund", "1000", repaid="at maturity", matures="2018-12-31", interest=interest, most={"interest": "50"})
    made = made_of({"tranches": {"one": loan_}}, {"2018": "1500"}).tranche("one")
    assert (int(made.received[0]), int(made.gain[0])) == (105_000, 5_000)


def test_a_cost_that_no_cash_reaches_is_told():
    # 150 is there for 100 and 900; 1 more comes in
    capital = {
        "tranches": {"one": lent("fund", "150")},
        "costs": {"work": {"payee": "provider", "amounts": {"2016-06-30": "100", "2017-06-30": "900"}}},
    }
    made = made_of(capital, {"2018": "1"})
    assert int(made.flows.unpaid_costs["work"][0]) == 84_900
    assert 'Of the cost "work" $849.00 is not paid' in text_of(made)


def test_interest_that_fell_due_and_was_not_paid_is_told():
    # 100 falls due in 2016 and 100 in 2017; 50 comes in
    due = {"every": "year", "from": "2016-01-01", "to": "2017-12-31"}
    loan_ = lent("fund", "1000", interest={"rate": "10%", "days": "30/360", "due": due})
    made = made_of({"tranches": {"one": loan_}}, {"2017": "50"})
    assert f"${int(made.flows.unpaid_interest['one'][0]) / 100:,.2f} is not paid" in text_of(made)
    assert int(made.flows.unpaid_interest["one"][0]) >= 15_000


def test_a_present_value_is_rounded_and_not_cut_off():
    # 31 December 2018 is 1,095 days after 1 January 2016
    made = made_of(
        {"tranches": {"one": lent("fund", "1000")}, "surplus": {"one": "100%"}}, {"2018": "1100"}, Fraction("0.048")
    )
    worth = -1000 + 1100 / 1.048 ** (1095 / 365)
    shown = f"-${abs(worth):,.2f}"
    assert round(abs(worth) * 100) != int(abs(worth) * 100)  # the two ways differ
    text = text_of(made)
    assert f"net present value at 4.8% {shown}" in text
    assert "Net present values are those of 1 January 2016, the first date of the stack." in text


def test_more_that_is_taken_back_than_a_pool_holds_is_told():
    capital = {"tranches": {"one": lent("fund", "1000")}}
    made = made_of(capital, {"2016": "2000", "2017": "-1900"})
    assert 'out of the pool "pool" than it holds: on 31 December 2017 it is short by $900.00' in text_of(made)


def test_each_movement_says_why_in_the_order_in_which_they_happen():
    # 100 is lent and pays for work; of the 50 that come in, 10 is interest, and the reserve gets the rest
    due = {"every": "year", "from": "2016-01-01", "to": "2018-12-31"}
    capital = {
        "tranches": {"one": lent("fund", "100", interest={"rate": "10%", "days": "ACT/ACT ICMA", "due": due})},
        "costs": {"work": {"payee": "provider", "amounts": {"2016-01-01": "100"}}},
        "reserves": {"cushion": {"target": "60"}},
        "priority": ["work", "interest of one", "cushion", "principal of one"],
    }
    made = made_of(capital, {"2016": "50", "2017": "5", "2018": "0"})
    text = " ".join(" ".join(returns_lines(made, why=True)).split())
    steps = [
        "2016-01-01 puts in, one fund > pool $100.00 drawn as agreed for this date: $100.00 drawn so far, of $100.00",
        "2016-01-01 work pool > provider $100.00 $100.00 due, of $100.00 there to pay it",
        "2016-12-31 interest, one pool > fund $10.00 $10.00 due, of $50.00 there to pay it",
        "2016-12-31 set aside pool > cushion $40.00 set aside, being $60.00 short of its target, out of $40.00 there; "
        "$20.00 is still missing",
        "2017-12-31 interest, one pool > fund $10.00 $10.00 due, of $45.00 there to pay it",
        "2017-12-31 out of the reserve cushion > pool $5.00 taken to pay for what nothing else was left for",
        "2018-12-31 out of the reserve cushion > pool $35.00 released, because it is no longer needed",
        "2018-12-31 principal, one pool > fund $25.00 $100.00 due, of $25.00 there to pay it; $75.00 stays due",
    ]
    places = [text.find(step) for step in steps]
    assert -1 not in places, steps[places.index(-1)] + " | " + text
    data = returns_data(made)
    assert [cash["why"] for cash in data["cash"] if cash["kind"] == "principal"] == [
        "$100.00 due, of $25.00 there to pay it; $75.00 stays due"
    ]
    assert data["parties"]["fund"] == {"pays": "100.00", "gets": "55.00", "net": "-45.00"}
    assert data["sources"] == [
        {"what": 'Drawn from "one"', "amount": "100.00"},
        {"what": "Outcome payments that come in", "amount": "55.00"},
    ]
    assert sum(float(use["amount"]) for use in data["uses"]) == 155


def test_what_a_limit_cuts_is_said_beside_what_is_paid():
    made = made_of({"tranches": {"one": lent("fund", "100", most={"multiple": "0.9"})}}, {"2018": "500"})
    assert "$90.00 due, of $500.00 there to pay it; $10.00 more is beyond the limit on what it earns" in " ".join(
        " ".join(returns_lines(made, why=True)).split()
    )


def test_holders_of_one_tranche_share_totals_so_that_none_loses_a_cent_again_and_again():
    # a third of three times 1.00 is 1.00, and not three times 0.33
    thirds = {"fund": "1/3", "other": "2/3"}
    capital = {"tranches": {"one": {**lent("fund", "100"), "holders": thirds}}}
    del capital["tranches"]["one"]["holder"]
    made = made_of(capital, {"2016": "1", "2017": "1", "2018": "1"})
    got = [int(made.holder(name).received[0]) for name in ("fund", "other")]
    assert got == [100, 200]


def test_the_lowest_cash_may_be_what_the_provider_began_with():
    spending = {"provider": "provider", "opening": "5", "amounts": {"2017-06-30": "20"}}
    made = made_of({"tranches": {"one": lent("fund", "100")}, "spending": spending}, {"2018": "0"})
    assert made.provider is not None
    assert (int(made.provider[2][0]), int(made.provider[3][0])) == (500, 16801)  # 1 January 2016


def test_what_was_never_drawn_of_a_commitment_is_told_and_whether_it_lapsed():
    loan_ = {**lent("fund", "100"), "draws": {"2016-01-01": "60", "2018-06-30": "40"}}
    ends = {"on": "2017-12-31", "if": {"metric": "alpha", "below": "5"}}
    made = made_of({"tranches": {"one": loan_}, "terminated": ends}, {"2016": "0", "2017": "0", "2018": "0"})
    text = text_of(made)
    lapsed = "it lapsed when the deal was terminated, on 31 December 2017."
    assert f'Of the commitment of "one" $40.00 was not drawn; {lapsed}' in text


def test_a_deal_that_runs_and_has_paid_nothing_back_has_no_rate_yet():
    account = paid({**LENDERS, "capital": {"tranches": {"one": lent("fund", "100")}}}, {"alpha": {"2016": "0"}})
    evidence = replace(account.evidence, as_of=(date(2016, 6, 30) - EPOCH).days)
    assert "IRR a year none yet" in text_of(invest(replace(account, evidence=evidence)))
    assert "IRR a year -100.00%" in text_of(invest(account))


def test_the_cash_of_a_provider_that_holds_part_of_a_tranche_has_its_part():
    # 100 is lent, a quarter of it by the provider, which gets all of it to spend; then 40 comes back, 10 of it to it
    one = {**lent("fund", "100"), "holders": {"fund": "75%", "provider": "25%"}}
    del one["holder"]
    spending = {"provider": "provider", "opening": "5", "amounts": {"2016-12-31": "80"}}
    made = made_of({"tranches": {"one": one}, "spending": spending}, {"2018": "40"})
    assert made.provider is not None
    balance = made.provider.balance
    # 5 - 25 + 100 = 80, less 80 is 0, and 10 more
    assert [int(balance[place, 0]) for place in (0, -1)] == [8_000, 1_000]
    assert int(made.provider.lowest[0]) == 0
    assert int(made.holder("provider").drawn[0]) == 2_500


def test_what_belongs_to_a_tranche_directly_goes_to_its_holder_and_not_to_the_payee_of_the_rule():
    made = made_of({"tranches": {"one": lent("fund", "100", receives=["alpha"])}}, {"2018": "40"})
    got = {name: int(both[1][0]) for name, both in made.paid_and_got().items()}
    assert got == {"city": 0, "fund": 4_000, "provider": 10_000}
    assert "city > fund $40.00" in text_of(made)


def test_a_step_that_serves_what_a_step_before_it_has_served_leaves_its_reason_alone():
    due = {"every": "year", "from": "2016-01-01", "to": "2018-12-31"}
    one = lent("fund", "100", interest={"rate": "10%", "days": "ACT/ACT ICMA", "due": due})
    made = made_of({"tranches": {"one": one}, "priority": ["interest of one", "one"]}, {"2016": "10", "2018": "0"})
    text = " ".join(" ".join(returns_lines(made, why=True)).split())
    assert "2016-12-31 interest, one pool > fund $10.00 $10.00 due, of $10.00 there to pay it Cash by party" in text


def test_what_is_paid_in_two_movements_of_one_kind_on_one_day_is_told_in_two_lines():
    book = Book(1, np.zeros(1, dtype=np.int64), currency("USD"))
    for amount in (1_000, 500, 0):
        figure = np.array([amount])
        book.write("interest", 0, figure, "pool", "fund", "one", "one", "{due} due", {"due": figure})
    told = [(int(flow.amounts[0, 0]), flow.why(0, 0)) for flow in book.flows()]
    assert told == [(1_000, "$10.00 due"), (500, "$5.00 due")]
