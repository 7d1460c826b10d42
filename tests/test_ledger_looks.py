"""A look at a contract in the ledger, on both databases: where it stands, what is overdue, and who is to act."""

from __future__ import annotations

import datetime
import json

import pytest
from made_ledgers import (
    CONTRACT,
    KEEPER,
    ONE_PAYER,
    QUARTERS,
    registered,
    results,
    settle,
    whole,
    written,
)

from payfs.cli.ledger_data import contract_data
from payfs.cli.ledger_text import contract_lines, fitted
from payfs.store import workflow
from payfs.store.history import statement_rows
from payfs.store.members import looking
from payfs.store.standing import waiting, year_totals

TODAY = datetime.date(2021, 11, 29)


def shown(store, contract="homes", today=TODAY):
    with looking(store, KEEPER, contract) as session:
        lines = list(contract_lines(session, contract, today))
    assert max(map(len, lines)) <= 80
    return "\n".join(lines)


def data(store, contract="homes", today=TODAY):
    with looking(store, KEEPER, contract) as session:
        return json.loads(json.dumps(contract_data(session, contract, today)))


def waits(store, contract="homes", today=TODAY):
    with looking(store, KEEPER, contract) as session:
        return waiting(session, contract, today)


def certified(store, folder, *rows, submission=1):
    workflow.submit(store, "pat", "homes", [results(folder, rows, f"{submission}.csv")])
    return workflow.verify(store, "eve", "homes", submission)


def test_a_contract_shows_its_title_and_the_days_of_its_versions_and_certificates(store, tmp_path):
    whole(store, tmp_path)
    text, told = shown(store), data(store)
    day = told["history"][0]["at"][:10]
    assert text.startswith("homes, in USD: Homes for people\n")
    assert f"version 1 by ann on {day}\n" in text
    assert f"version 2 by ann on {day}, in force from 2023-01-01" in text
    assert told["title"] == "Homes for people"
    assert [version["at"] for version in told["versions"]] == [told["history"][0]["at"], told["history"][-1]["at"]]
    head, first, second = text.split("Payment certificates\n")[1].splitlines()[:3]
    assert head.split() == ["no.", "date", "submission", "version", "certified", "to", "date"]
    assert first.split() == ["1", day, "2", "1", "$5,101.00", "$5,101.00"]
    assert second.split() == ["2", day, "3", "1", "-$500.50", "$4,600.50"]
    made = told["certificates"][1]
    assert (made["number"], made["submission"], made["total"], made["to_date"]) == (2, 3, "-500.50", "4600.50")
    assert made["at"][:10] == day
    assert made["engine"].startswith("payfs ")


def test_sums_stand_by_payer_and_fiscal_year_and_by_state(store, tmp_path):
    registered(store, tmp_path)
    certified(store, tmp_path, ("starts", QUARTERS[0], 40), ("starts", QUARTERS[3], 10))
    settle(store, "homes", [1])
    workflow.dispute(store, "carl", "homes", 2, "forty look like too many")
    workflow.approve(store, "beth", "homes", 3, "500")
    text, told = shown(store), data(store)
    years = text.split("By payer and fiscal year\n")[1].split("\n\n")[0].splitlines()
    assert [line.split() for line in years[1:]] == [
        ["city", "2020/21", "$2,000.00", "$2,000.00", "$0.00"],
        ["city", "2021/22", "$500.00", "$0.00", "$500.00"],
        ["state", "2020/21", "$2,000.00", "$0.00", "$2,000.00"],
        ["state", "2021/22", "$500.00", "$0.00", "$500.00"],
    ]
    states = text.split("By state\n")[1].split("\n\n")[0].splitlines()
    assert [line.split() for line in states[1:]] == [
        ["due", "1", "$500.00"],
        ["disputed", "1", "$2,000.00"],
        ["approved", "1", "$500.00"],
        ["paid", "1", "$2,000.00"],
    ]
    assert told["totals"]["by_payer_and_fiscal_year"][0] == {
        "payer": "city", "fiscal_year": "2020/21", "certified": "2000.00", "paid": "2000.00"
    }  # fmt: skip
    assert told["totals"]["by_state"][1] == {"state": "disputed", "number": 1, "amount": "2000.00"}


def test_what_comes_to_nothing_together_needs_no_payment(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    certified(store, tmp_path, ("starts", QUARTERS[0], 40), ("starts", QUARTERS[1], 0))
    settle(store, "homes", [1])
    certified(store, tmp_path, ("starts", QUARTERS[0], 39), ("starts", QUARTERS[1], 1), submission=2)
    with looking(store, KEEPER, "homes") as session:
        rows = statement_rows(session, "homes")
        bare = [row.amount for row in rows if row.bill is None]
        totals = year_totals(rows)
    assert sum(one.certified for one in totals) == sum(row.amount for row in rows) == 4_000_00
    assert sum(one.certified - one.paid for one in totals) == sum(
        row.amount for row in rows if row.state not in (None, "paid")
    )
    assert sum(bare) == 0


def test_a_bill_is_overdue_from_the_day_after_it_is_due_until_it_is_paid(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    certified(store, tmp_path, ("starts", QUARTERS[0], 40))
    due = datetime.date(2021, 4, 30)
    assert "overdue" not in shown(store, today=due)
    assert "invoice 1: due 2021-04-30, 1 day overdue" in shown(store, today=due + datetime.timedelta(1))
    assert "invoice 1: due 2021-04-30, 213 days overdue" in shown(store)
    assert data(store)["bills"][0]["days_overdue"] == 213
    settle(store, "homes", [1])
    assert "overdue" not in shown(store)
    assert data(store)["bills"][0]["days_overdue"] is None
    workflow.came_back(store, "carl", "homes", 1, "2021-06-03", "the account was closed")
    assert waits(store) == ["invoice 1 came back and waits to be paid by city: carl; due 2021-04-30, 213 days overdue"]


def test_the_history_says_why_something_was_returned_corrected_disputed_or_came_back(store, tmp_path):
    whole(store, tmp_path)
    text = " ".join(shown(store).split())
    for said in (
        "eve sent back submission 1 of homes: the second page is missing",
        "certificate 1: one start was left out",
        "carl disputes invoice 1 of homes over $5,101.00: the count looks high",
        "came back on 2021-06-03: account closed",
        ", by ann: second deed",
    ):
        assert said in text.split("History")[1]
    reasons = [entry["reason"] for entry in data(store)["history"] if entry["reason"]]
    assert reasons == [
        "the second page is missing",
        "one start was left out",
        "the count looks high",
        "account closed",
        "second deed",
    ]


def test_what_waits_names_who_may_act_and_not_who_prepared_it(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    workflow.grant(store, KEEPER, "homes", "pat", "evaluator")
    workflow.submit(store, "pat", "homes", [results(tmp_path, [("starts", QUARTERS[0], 40)])])
    assert waits(store) == ["submission 1 (2021-Q1) waits for the evaluator: eve"]
    workflow.revoke(store, KEEPER, "homes", "eve", "evaluator")
    assert waits(store) == ["submission 1 (2021-Q1) waits for the evaluator: nobody who has the role may"]
    workflow.grant(store, KEEPER, "homes", "eve", "evaluator")
    workflow.verify(store, "eve", "homes", 1)
    workflow.grant(store, KEEPER, "homes", "eve", "approver")
    workflow.grant(store, KEEPER, "homes", "dan", "approver", "city")
    late = "; due 2021-04-30, 213 days overdue"
    assert waits(store) == [f"invoice 1 is due and waits for the approver of city: beth or dan{late}"]
    settle(store, "homes", [1])
    certified(store, tmp_path, ("starts", QUARTERS[0], 30), submission=2)
    workflow.approve(store, "beth", "homes", 2, "-1000")
    assert waits(store) == [
        "credit note 2 is approved and waits to be repaid by provider, which is recorded for city: carl"
    ]
    workflow.revoke(store, KEEPER, "homes", "carl", "payer")
    assert waits(store)[0].endswith("for city: nobody has the role")


def test_what_waits_has_one_dash_for_each_also_where_it_takes_two_lines(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    workflow.grant(store, KEEPER, "homes", "dan", "approver", "city")
    certified(store, tmp_path, ("starts", QUARTERS[0], 40))
    assert shown(store).count("\n  - ") == len(waits(store)) == 1
    assert "\n    2021-04-30, 213 days overdue\n" in shown(store)


def test_a_table_that_is_too_wide_becomes_paragraphs():
    rows = [("a" * 70, "2021", "$1.00")]
    assert list(fitted(("payer", "fiscal year", "certified"), rows, (2,))) == [
        f"  payer {'a' * 70};",
        "  fiscal year 2021; certified $1.00",
    ]


def test_a_contract_that_this_program_cannot_read_is_shown_without_its_title(store, tmp_path, monkeypatch):
    from payfs.text import Finding, Refused

    registered(store, tmp_path)

    def stricter(text, name):
        raise Refused([Finding("a key of this name is no longer known", "")])

    monkeypatch.setattr("payfs.store.versions.read_text", stricter)
    assert shown(store).startswith("homes, in USD\n")
    assert data(store)["title"] is None


@pytest.mark.parametrize("contract", [CONTRACT, ONE_PAYER], ids=["two payers", "one payer"])
def test_a_contract_without_results_shows_no_empty_tables(store, tmp_path, contract):
    registered(store, tmp_path, contract)
    text = shown(store)
    assert "Payment certificates" not in text
    assert "By " not in text
    assert "\n\n\n" not in text


def test_a_fiscal_year_that_is_not_known_is_said_to_be(store, tmp_path):
    contract = ONE_PAYER.replace("30 days after the period", "unknown")
    workflow.register(store, KEEPER, written(tmp_path, contract, "homes.yaml"))
    for who, role in (("pat", "provider"), ("eve", "evaluator"), ("beth", "approver"), ("carl", "payer")):
        workflow.grant(store, KEEPER, "homes", who, role)
    certified(store, tmp_path, ("starts", QUARTERS[0], 40))
    settle(store, "homes", [1])
    assert "city not known $4,000.00 $4,000.00 $0.00" in " ".join(shown(store).split())
