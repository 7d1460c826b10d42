"""Real payments: what each says of itself, when it is listed, and how corrections are paid."""

import datetime

import pytest
from case_files import contract_of, paid

from payfs.payments import as_data, pay, sentences
from payfs.text import Finding, Refused
from payfs.unknowns import unknown_path

STARTS = {"metrics": {"starts": {"unit": "start"}}, "rules": {"starts": {"clause": "Sch. 1", "price": "100"}}}
COHORTS = {"population": {"cohorts": {"a": {"payee": "charity"}, "b": {}}}}
PARTIES = {
    "city": {"name": "The City", "role": "outcome payer", "fiscal_year_starts": "1 July"},
    "state": {"name": "The State", "role": "outcome payer"},
    "provider": {"name": "The Provider", "role": "service provider"},
    "charity": {"name": "The Charity", "role": "service provider"},
}
MONTHS = {"period 1": {"from": "2016-01-01", "to": "2016-06-30", "paid": "2016-09"}, "period 2": {"from": "2016-07-01",
          "to": "2016-12-31", "paid": "30 days after the period"}}  # fmt: skip


def test_a_payment_says_all_there_is_to_say():
    account = paid({**STARTS, **COHORTS, "parties": PARTIES, "periods": MONTHS}, {"starts": {"a": {"period 1": "3"}}})
    (payment,) = account.payments
    assert payment._replace(explanation=None) == (
        "starts", "city", "charity", "a", "period 1", "period 1", "3", datetime.date(2016, 9, 30), "2016-09", 30_000,
        "3 starts at $100.00 for each start", None,
    )  # fmt: skip
    assert (payment.explanation.name, payment.explanation.clause) == ("starts", "Sch. 1")
    assert payment.explanation.amount == "$300.00"
    assert list(sentences(payment.explanation)) == ["3 starts at $100.00 for each start"]


def test_payments_stand_in_order_of_time_rule_payer_and_cohort():
    parts = {
        **COHORTS,
        "parties": PARTIES,
        "metrics": {"starts": {"unit": "start"}},
        "rules": {
            "z": {"metric": "starts", "price": "1"},
            "a": {"metric": "starts", "payers": {"state": "50%", "city": "50%"}, "price": "2"},
        },
    }  # fmt: skip
    account = paid(parts, {"starts": {"b": {"2017": "1", "2016": "1"}, "a": {"2016": "1"}}})
    assert [(p.period, p.rule, p.payer, p.cohort) for p in account.payments] == [
        ("2016", "a", "city", "a"), ("2016", "a", "city", "b"),
        ("2016", "a", "state", "a"), ("2016", "a", "state", "b"),
        ("2016", "z", "city", "a"), ("2016", "z", "city", "b"),
        ("2017", "a", "city", "b"), ("2017", "a", "state", "b"), ("2017", "z", "city", "b"),
    ]  # fmt: skip


def test_a_result_that_pays_nothing_is_listed_and_a_missing_one_is_not():
    account = paid(STARTS, {"starts": {"2016": "0", "2018": "1"}})
    assert [(p.period, p.measured, p.amount) for p in account.payments] == [("2016", "0", 0), ("2018", "1", 10_000)]


def test_a_rule_without_a_metric_is_listed_where_it_pays():
    account = paid({**STARTS, "rules": {"fee": {"pays": "5", "periods": ["2017"]}}}, {})
    assert [(p.period, p.measured, p.amount) for p in account.payments] == [("2017", None, 500)]


def test_a_payer_without_a_share_is_not_listed():
    stages = [{"until": "2016-12-31", "shares": {"city": "100%"}}, {"shares": {"state": "100%"}}]
    account = paid({**STARTS, "payer": "none", "payers": stages}, {"starts": {"2016": "0", "2017": "0"}})
    assert [(p.period, p.payer) for p in account.payments] == [("2016", "city"), ("2017", "state")]


def test_what_was_measured_is_written_as_it_was_reported():
    parts = {
        "metrics": {"starts": {"unit": "%", "step": "0.1%", "reports": "to date"}},
        "rules": {"starts": {"price": "1"}},
    }
    account = paid(parts, {"starts": {"2016": "12.5%", "2017": "20%"}})
    assert [(p.measured, p.amount) for p in account.payments] == [("12.5%", 1250), ("20%", 750)]


def test_sums_by_every_key():
    parts = {**STARTS, **COHORTS, "parties": PARTIES, "periods": MONTHS}
    account = paid(parts, {"starts": {"a": {"period 1": "3", "period 2": "1"}, "b": {"period 1": "2"}}})
    assert account.sums("rule") == {"starts": 60_000}
    assert account.sums("payer") == {"city": 60_000}
    assert account.sums("payee") == {"charity": 40_000, "provider": 20_000}
    assert account.sums("cohort") == {"a": 40_000, "b": 20_000}
    assert account.sums("period") == {"period 1": 50_000, "period 2": 10_000}
    # payers whose years begin on different days are told apart; both payments fall due after 1 July 2016
    assert account.sums("fiscal year") == {"city 2016/17": 60_000}
    assert account.total == 60_000


def test_a_rule_for_all_together_belongs_to_no_cohort():
    account = paid({**STARTS, **COHORTS, "parties": PARTIES, "rules": {"starts": {"price": "1", "pooled": "yes"}}},
                   {"starts": {"a": {"2016": "3"}, "b": {"2016": "4"}}})  # fmt: skip
    assert [(p.cohort, p.payee, p.measured, p.amount) for p in account.payments] == [(None, "provider", "7", 700)]
    assert account.sums("cohort") == {}


def test_a_correction_is_a_payment_in_the_period_of_its_report():
    corrections = [{"metric": "starts", "period": "2016", "value": "5", "reported": "2018"}]
    account = paid(STARTS, {"starts": {"2016": "7", "2017": "1"}}, corrections)
    assert [(p.period, p.reported, p.measured, p.amount, p.due.year) for p in account.payments] == [
        ("2016", "2016", "7", 70_000, 2016),
        ("2017", "2017", "1", 10_000, 2017),
        ("2016", "2018", "5", -20_000, 2018),
    ]
    assert account.payments[2].why == (
        "5 starts at $100.00 for each start — $500.00 due for 2016 on what is now reported, less $700.00 due before: "
        "-$200.00 — corrected in 2018: $200.00 less than before"
    )
    assert account.payments[0].why == "7 starts at $100.00 for each start"
    up = paid(STARTS, {"starts": {"2016": "7"}}, [{**corrections[0], "value": "8"}])
    assert up.payments[1].why.endswith(" — corrected in 2018: $100.00 more than before")


def test_a_sentence_that_is_said_twice_is_written_once():
    parts = {**STARTS, "rules": {**STARTS["rules"], "fee": {"part_of": ["starts", "starts again"], "share": "10%"},
                                 "starts again": {"metric": "starts", "price": "100"}}}  # fmt: skip
    account = paid(parts, {"starts": {"2016": "1"}})
    fee = next(p for p in account.payments if p.rule == "fee")
    assert fee.why == "1 start at $100.00 for each start — 10% of $200.00: $20.00"


def test_what_limits_cut_is_told_by_rule_and_limit():
    parts = {**STARTS, "rules": {"starts": {"price": "100", "most_units": "8"}}, "limits": {"all": {"most": "500"}}}
    account = paid(parts, {"starts": {"2016": "7", "2017": "3"}})
    assert account.unpaid() == {("starts", "all"): 30_000}
    assert account.unpaid_units() == {("starts", "starts: most_units"): "2 starts"}
    none = paid(parts, {"starts": {"2016": "1"}})
    assert (none.unpaid(), none.unpaid_units()) == ({}, {})


def test_an_account_as_plain_data():
    parts = {**STARTS, "rules": {"starts": {"price": "100", "most_units": "8"}}, "limits": {"all": {"most": "500"}}}
    assert as_data(paid(parts, {"starts": {"2016": "7", "2017": "3"}})) == {
        "contract": "case",
        "currency": "USD",
        "total": "500.00",
        "payments": [
            {
                "rule": "starts", "payer": "city", "payee": "provider", "cohort": None, "period": "2016",
                "reported": "2016", "measured": "7", "due": "2016-12-31", "due_written": "2016-12-31",
                "fiscal_year": "2016", "amount": "500.00",
                "why": "7 starts counted, 7 starts so far, within the limit of 8 starts — 7 starts at $100.00 for each "
                       "start — $700.00 "
                       "due, $200.00 of it beyond the limit all of $500.00: $500.00",
            },
            {
                "rule": "starts", "payer": "city", "payee": "provider", "cohort": None, "period": "2017",
                "reported": "2017", "measured": "3", "due": "2017-12-31", "due_written": "2017-12-31",
                "fiscal_year": "2017", "amount": "0.00",
                "why": "1 start counted; 2 starts beyond the limit of 8 starts, not paid — 1 start at $100.00 for "
                       "each start — $100.00 due, $100.00 of it beyond the limit all of $500.00: $0.00",
            },
        ],
        "unpaid": {"starts": "300.00"},
        "unpaid_by_limit": [{"rule": "starts", "limit": "all", "amount": "300.00"}],
        "unpaid_units": [{"rule": "starts", "limit": "starts: most_units", "units": "2 starts"}],
        "by_rule": {"starts": "500.00"},
        "by_payer": {"city": "500.00"},
        "by_period": {"2016": "500.00", "2017": "0.00"},
        "by_fiscal_year": {"2016": "500.00", "2017": "0.00"},
    }  # fmt: skip


def test_where_nobody_knows_when_it_is_paid_there_is_no_day_and_no_fiscal_year():
    years = {"every": "year", "from": "2016-01-01", "to": "2018-12-31", "paid": "unknown"}
    account = paid({**STARTS, "periods": {"years": years}}, {"starts": {"2016": "1"}})
    (payment,) = account.payments
    assert (payment.due, payment.due_written, account.fiscal_year(payment)) == (None, None, "not known")
    assert as_data(account)["payments"][0]["due"] is None
    assert as_data(account)["by_fiscal_year"] == {"not known": "100.00"}


def test_without_results_nothing_is_paid():
    account = pay(contract_of(STARTS), ())
    assert (account.payments, account.total) == ((), 0)


def refusal(parts, results) -> list[Finding]:
    with pytest.raises(Refused) as caught:
        paid(parts, results)
    return list(caught.value.findings)


def test_what_is_unknown_is_named_with_its_place():
    (finding,) = refusal({**STARTS, "rules": {"starts": {"price": "unknown"}}}, {"starts": {"2016": "1"}})
    assert finding.what == "it is unknown, and what these results come to depends on it"
    assert finding.remedy == "find the figure and write it in the contract"
    assert finding.path == ("rules", "starts", "price")
    assert finding.line > 0
    assert unknown_path(finding) == "rules.starts.price"
    assert unknown_path(Finding("something else", path=("rules",))) is None


def test_what_an_amendment_left_unknown_is_named_in_the_amendment():
    changes = [{"effective": "2018-01-01", "what": "Deed", "changes": {"rules": {"starts": {"price": "unknown"}}}}]
    (finding,) = refusal({**STARTS, "amendments": changes}, {"starts": {"2018": "1"}})
    assert finding.path == ("rules", "starts", "price")


def test_a_ratio_to_nothing_names_the_cohort_where_there_are_any():
    rate = {"r": {"unit": "%", "step": "1%", "ratio": {"of": "starts", "to": "starts"}}}
    parts = {**STARTS, "metrics": {**STARTS["metrics"], **rate}}
    (finding,) = refusal(parts, {"starts": {"2016": "0"}})
    assert finding.what == "it would divide by nothing in 2016"
    assert finding.remedy == "check the results, or say in if_zero what it is then"
    assert finding.path == ("metrics", "r")
    (finding,) = refusal({**parts, **COHORTS, "parties": PARTIES}, {"starts": {"b": {"2017": "0"}}})
    assert finding.what == "it would divide by nothing in 2017 for b"


def test_an_amount_too_large_to_be_paid_is_refused_in_plain_words():
    (finding,) = refusal(STARTS, {"starts": {"2016": "999999999999"}})
    assert finding.what == "an amount is beyond $10,000,000,000,000.00 and cannot be paid exactly"
    assert finding.remedy == "check the results and the prices"
    assert finding.file == "case.yaml"


def test_a_limit_that_was_not_measured_is_refused_in_plain_words():
    parts = {
        "metrics": {**STARTS["metrics"], "budget": {"unit": "money"}},
        "rules": STARTS["rules"],
        "limits": {"all": {"most": "budget"}},
    }
    (finding,) = refusal(parts, {"starts": {"2017": "1"}})
    assert finding.what == "the limit is the metric 'budget', and no result says what it was in 2017"
    assert finding.remedy == "add the result"
    assert finding.path == ("metrics", "budget")


def test_a_metric_that_is_worked_out_is_told_as_it_was_known_when_it_was_paid():
    # 50% of 2016 is paid as 50; in 2017 it turns out to have been 60%, and 10 more is paid
    rate = {"unit": "%", "step": "1%", "ratio": {"of": "kept", "to": "starts"}}
    parts = {
        "metrics": {"starts": {"unit": "start"}, "kept": {"unit": "start"}, "rate": rate},
        "rules": {"rate": {"price": "1"}},
    }
    later = [{"metric": "kept", "period": "2016", "value": "6", "reported": "2017"}]
    account = paid(parts, {"starts": {"2016": "10"}, "kept": {"2016": "5"}}, later)
    assert [(p.period, p.reported, p.measured, p.amount) for p in account.payments] == [
        ("2016", "2016", "50%", 5_000),
        ("2016", "2017", "60%", 1_000),
    ]
