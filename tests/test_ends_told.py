"""What is told where rights end early or are not paid in full, and of what moves without cash."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from case_files import contract_of, paid
from test_returns_told import LENDERS, lent, made_of, text_of

from payfs.capital.cash import EPOCH
from payfs.investment import Investment, invest
from payfs.report.english import contract_lines
from payfs.report.returns_data import returns_data
from payfs.report.returns_text import returns_lines
from payfs.text import Refused

BAD = {"metric": "alpha", "below": "100"}
YEARLY = {"every": "year", "from": "2016-01-01", "to": "2018-12-31"}


def reasons(made: Investment) -> str:
    return " ".join(" ".join(returns_lines(made, why=True)).split())


def read(capital: dict[str, Any]) -> str:
    contract = contract_of({**LENDERS, "term": {"start": "2016-01-01", "end": "2018-12-31"}, "capital": capital})
    return " ".join(" ".join(contract_lines(contract)).split())


def test_a_tranche_that_was_redeemed_is_told_with_its_result_and_what_was_written_off():
    # the result of 2016 is 50: of 1,000 three quarters are due at the end of 2017, and the commitment of 500 lapses
    redeemed = {"on": "2017-12-31", "if": BAD, "pays": "75%"}
    one = {**lent("fund", "1500"), "draws": {"2016-01-01": "1000", "2018-06-30": "500"}, "redeemed": redeemed}
    capital = {"tranches": {"one": {**one, "repaid": "at maturity", "matures": "2018-12-31"}}}
    made = made_of(capital, {"2016": "50", "2017": "50", "2018": "0"})
    text = reasons(made)
    assert (
        '"one" was redeemed on 31 December 2017, because "alpha" was 50 points: $1,000.00 of principal was '
        "outstanding, and $250.00 of it was lost."
    ) in text
    assert 'Of the commitment of "one" $500.00 was not drawn; it lapsed when it was redeemed' in text
    assert "$750.00 due, of $100.00 there to pay it; it is due early; $650.00 stays due" in text
    [early] = returns_data(made)["ended_early"]
    assert early | {"tranche": "one", "date": "2017-12-31", "why": "redeemed", "written_off": "250.00"} == early


def test_what_ends_with_the_deal_is_told_and_what_goes_on_is_not():
    deal = {"on": "2017-12-31", "if": BAD, "pays": "50%"}
    tranches = {"one": lent("fund", "1000"), "two": lent("other", "500")}
    for results, ends in (({"2016": "99", "2017": "99"}, 2), ({"2016": "99", "2017": "100"}, 0)):
        made = made_of({"tranches": tranches, "terminated": deal}, {**results, "2018": "0"})
        assert len(returns_data(made)["ended_early"]) == ends
        told = '"two" ended with the deal, which was terminated on 31 December 2017, because "alpha" was 99 points: '
        assert (told in text_of(made)) is bool(ends)


def test_half_is_due_of_every_tranche_alike_where_no_tranche_is_named():
    # 1,000 and 500 are drawn and nothing comes in before 2018, when 750 do: 500 and 250 are due
    deal = {"on": "2016-12-31", "pays": "50%"}
    tranches = {"one": lent("fund", "1000"), "two": lent("other", "500")}
    made = made_of({"tranches": tranches, "terminated": deal}, {"2018": "900"})
    assert [int(made.tranche(name).principal[0]) for name in tranches] == [50_000, 25_000]
    assert "Of every tranche, 50% of what is outstanding is due. The rest of it is lost." in read(
        {"tranches": tranches, "terminated": deal}
    )


def test_a_party_that_owes_by_itself_owes_as_the_results_decide_where_they_do():
    owed = {"by": "alpha", "tiers": [{"below": "50", "pays": "0%"}, {"from": "50", "pays": "100%"}]}
    one, two = (lent("fund", "100", matures="2018-12-31", paid_by="provider") for _ in range(2))
    made = made_of({"tranches": {"one": {**one, "owed": owed}, "two": two}}, {"2018": "70"})
    why = {cash["tranche"]: cash["why"] for cash in returns_data(made)["cash"] if cash["kind"] == "principal"}
    assert why == {
        "one": "$100.00 owed by the party itself, as the results decide",
        "two": "$100.00 owed by the party itself",
    }


def test_a_success_payment_that_no_cash_reaches_is_told():
    one = lent("fund", "100", success={"on": "2018-12-31", "amount": "30"})
    made = made_of({"tranches": {"one": one}}, {"2018": "110"})
    assert 'Of the success payments of "one" that fell due, $20.00 is not paid.' in text_of(made)
    assert returns_data(made)["unpaid_success"] == {"one": "20.00"}


def test_interest_that_a_limit_cut_is_beyond_it_and_not_unpaid_for_want_of_cash():
    # 10 a year; 15 is the most; 500 comes in
    one = lent("fund", "100", interest={"rate": "10%", "days": "ACT/ACT ICMA", "due": YEARLY}, most={"interest": "15"})
    made = made_of({"tranches": {"one": {**one, "repaid": "at maturity", "matures": "2018-12-31"}}}, {"2018": "500"})
    text = text_of(made)
    assert 'Of the interest on "one" that fell due, $15.00 is beyond the limit on what it earns, and is not' in text
    assert text.count("Of the interest on") == 1
    assert returns_data(made)["beyond_limit"] == {"one": "15.00"}


def test_a_fee_that_waits_is_neither_a_source_nor_a_use_until_it_is_paid():
    fee = {**lent("provider", "100"), "kind": "deferred fee"}
    made = made_of({"tranches": {"fee": fee}}, {"2018": "40"})
    text = reasons(made)
    assert "Drawn from" not in text
    assert text.count("Total $40.00") == 2
    assert "waits, no cash moves, fee provider > the service $100.00 put in by not being paid" in text


def test_capitalised_interest_is_told_as_interest():
    # 1,000 at 10% for three years comes to 1,331, of which 1,200 comes back: 200 of it is interest
    interest = {"rate": "10%", "days": "ACT/ACT ICMA", "capitalised": "yes", "due": YEARLY}
    one = lent("fund", "1000", repaid="at maturity", matures="2018-12-31", interest=interest)
    del one["holder"]
    one["holders"] = {"fund": "75%", "other": "25%"}
    made = made_of({"tranches": {"one": one}}, {"2018": "1200"})
    back = made.tranche("one")
    assert (int(back.interest[0]), int(back.principal[0])) == (20_000, 100_000)
    assert int(made.holder("other").interest[0]) == 5_000
    assert int(made.by_date("one", "interest").sum()) == int(made.by_date("all tranches", "interest").sum()) == 20_000
    assert "Interest $200.00 Principal repaid $1,000.00" in text_of(made)


def test_a_holder_who_is_guarantor_too_is_told_what_it_paid_as_such():
    guarantee = {"guarantor": "fund", "covers": ["one"], "most": "60"}
    made = made_of({"tranches": {"one": lent("fund", "100")}, "guarantees": {"cover": guarantee}}, {"2018": "0"})
    assert "The Fund also paid $60.00 as guarantor, which its returns leave out." in text_of(made)


def test_a_guarantee_says_its_share_and_its_ceiling():
    guarantee = {"guarantor": "other", "covers": ["one"], "share": "75%", "most": "60", "up_to": "50"}
    made = made_of({"tranches": {"one": lent("fund", "100")}, "guarantees": {"cover": guarantee}}, {"2018": "0"})
    assert (
        "$100.00 of what it covers was not paid back; it makes up 75% of that; it makes up at most $60.00; it lifts "
        "what comes back to no more than $50.00, and $0.00 had; $50.00 is made up"
    ) in reasons(made)


def test_a_cut_share_of_what_is_left_says_what_was_cut_and_where_it_went():
    capital = {
        "tranches": {"one": lent("fund", "100", repaid="never", most={"multiple": "1"})},
        "surplus": {"one": "60%", "city": "40%"},
    }
    text = reasons(made_of(capital, {"2018": "500"}))
    assert "60% of the $500.00 that was left; $200.00 of it is beyond the limit on what it earns, and goes to" in text
    assert "40% of the $500.00 that was left; $200.00 is from what limits cut from others" in text


def test_the_provider_is_told_the_first_day_on_which_it_has_less_than_nothing():
    spending = {"provider": "provider", "opening": "5", "amounts": {"2017-06-30": "120", "2018-06-30": "10"}}
    capital = {"tranches": {"one": lent("fund", "100")}, "spending": spending}
    account = paid({**LENDERS, "capital": capital}, {"alpha": {"2016": "0", "2017": "0", "2018": "0"}})
    assert "in the end; the lowest is -$25.00, on 30 June 2018; it is first below nothing on 30 June 2017." in text_of(
        invest(account)
    )
    evidence = replace(account.evidence, as_of=(date(2016, 6, 30) - EPOCH).days)
    assert "Cash of The Provider: $105.00 by then; the lowest is $5.00" in text_of(
        invest(replace(account, evidence=evidence))
    )


def test_where_no_rate_discounts_the_flows_it_says_so():
    # the holder gets 100 in 2016 before it puts anything in, 220 in 2017; 121.01 in 2018: never nothing
    one = {**lent("fund", "220", on="2017-12-31"), "receives": ["alpha"], "repaid": "never"}
    made = made_of({"tranches": {"one": one}}, {"2016": "100", "2017": "0", "2018": "130"})
    assert np.isnan(made.tranche("one").irr[0])
    assert 'No rate discounts the flows of "one" to nothing.' in text_of(made)


def test_the_data_turns_what_goes_the_other_way_as_the_text_does():
    spare = {"tranches": {"one": lent("fund", "100")}, "reserves": {"kept": {"target": "30"}}}
    made = made_of(spare, {"2016": "50", "2017": "-10"})
    cash = returns_data(made)["cash"]
    assert all(float(row["amount"]) > 0 for row in cash)
    assert [(row["from"], row["to"]) for row in cash if row["kind"] == "payment"][1] == ("pool", "city")
    assert ("kept", "pool") in [(row["from"], row["to"]) for row in cash if row["kind"] == "reserve"]
    flows = returns_data(made)["holder_cash"]["fund"]
    assert flows[0] == {"date": "2016-01-01", "amount": "-100.00"}


def test_what_was_not_drawn_yet_is_not_said_to_come_back_never():
    account = paid(
        {
            **LENDERS,
            "capital": {"tranches": {"one": lent("fund", "100", on="2017-01-01"), "two": lent("other", "100")}},
        },
        {"alpha": {"2016": "0", "2017": "0", "2018": "0"}},
    )
    evidence = replace(account.evidence, as_of=(date(2016, 12, 31) - EPOCH).days)
    assert "money back on not yet not yet" in text_of(invest(replace(account, evidence=evidence)))


@pytest.mark.parametrize(
    ("capital", "place"),
    [
        ({"one": {"redeemed": {"on": "2017-12-31", "pays": "unknown"}}}, "capital.tranches.one.redeemed.pays"),
        (
            {"one": {"redeemed": {"on": "2017-12-31", "pays": "50%", "premium": "unknown"}}},
            "capital.tranches.one.redeemed.premium",
        ),
        ({"one": {"success": {"on": "2017-12-31", "share": "unknown"}}}, "capital.tranches.one.success.share"),
    ],
)
def test_an_unknown_share_is_named_where_it_matters(capital, place):
    with pytest.raises(Refused) as refused:
        made_of({"tranches": {"one": lent("fund", "100", **capital["one"])}}, {"2016": "0", "2017": "0", "2018": "0"})
    assert place in str(refused.value)
    # a loan of which nothing was drawn by then owes nothing, whatever the share
    late = lent("fund", "100", on="2018-06-30", **capital["one"])
    if "redeemed" in capital["one"]:
        late["redeemed"] = {**capital["one"]["redeemed"], "if": {"metric": "alpha", "above": "5"}}
    made = made_of({"tranches": {"one": late}}, {"2016": "0", "2017": "0", "2018": "0"})
    assert int(made.tranche("one").received[0]) == 0


def test_an_unknown_share_of_a_guarantee_or_of_the_deal_is_named_where_it_matters():
    for more, place in (
        (
            {"guarantees": {"cover": {"guarantor": "other", "covers": ["one"], "share": "unknown"}}},
            "guarantees.cover.share",
        ),
        ({"terminated": {"on": "2017-12-31", "pays": "unknown"}}, "capital.terminated.pays"),
    ):
        capital = {"tranches": {"one": lent("fund", "100")}, **more}
        with pytest.raises(Refused) as refused:
            made_of(capital, {"2016": "0", "2017": "0", "2018": "0"})
        assert place in str(refused.value)
        assert int(made_of(capital, {"2016": "100", "2017": "0", "2018": "0"}).tranche("one").loss[0]) == 0


def test_an_early_end_is_read_in_words_that_say_when_and_of_what():
    deal = {"on": "2017-12-31", "if": BAD, "pays": {"one": "0%", "two": {"amount": "unknown"}}}
    text = read({"tranches": {"one": lent("fund", "100"), "two": lent("other", "50")}, "terminated": deal})
    assert text.count("Termination") == 1
    assert 'if the last result of "alpha" for a period that has ended by then is fewer than 100 points' in text
    assert 'Of "one", nothing of what is outstanding is due. It is lost.' in text
    assert 'The amount that is due of "two" where the deal is terminated' in text


def test_rates_are_known_to_be_fractions():
    made = made_of({"tranches": {"one": lent("fund", "100")}}, {"2018": "0"}, Fraction(1, 25))
    assert "net present value at 4% -$100.00" in text_of(made)
