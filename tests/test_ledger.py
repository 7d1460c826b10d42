"""The ledger as its people meet it: what each step does, on both databases."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from made_ledgers import (
    AMENDMENT,
    CLAIMS,
    CONTRACT,
    KEEPER,
    ONE_PAYER,
    QUARTERS,
    claims,
    refused,
    registered,
    results,
    settle,
    total_of,
    written,
)
from sqlmodel import select

from payfs.cli.ledger_text import contract_lines
from payfs.places import contract_specs
from payfs.store import workflow
from payfs.store.audit import check_ledger
from payfs.store.documents import bill_document, certificate_document
from payfs.store.history import bills_of, certificates_of, payments_of, statement_rows, story, submissions_of
from payfs.store.members import looking, members
from payfs.store.replay import replay
from payfs.store.rows import Version
from payfs.store.standing import contracts_kept, waiting
from payfs.store.states import MOVES, ROLES
from payfs.store.verified import due_if_verified
from payfs.text import Refused

TODAY = datetime.date(2021, 5, 1)
TOTALS = {  # Denver, as it was really paid: what was due at each submission [cents]
    "payment 2": 1_025_967_60,
    "payment 4": 2_887_965_36,
    "payment 5": 620_978_40 + 5_104_000_00,
}


def bills(store, contract):
    with looking(store, KEEPER, contract) as session:
        return [(bill.number, bill.payer, bill.amount, state.state) for bill, state in bills_of(session, contract)]


def rows(store, contract):
    with looking(store, KEEPER, contract) as session:
        return statement_rows(session, contract)


def sound(store):
    found = check_ledger(store).findings
    assert not found, "\n".join(map(str, found))


def certified(store, contract, *files, submission=1):
    workflow.submit(store, "pat", contract, list(files))
    return workflow.verify(store, "eve", contract, submission)


def test_denver_is_paid_what_it_was_really_paid(store, tmp_path):
    workflow.register(store, KEEPER, "denver-sib")
    for who, role in (("pat", "provider"), ("eve", "evaluator"), ("beth", "approver"), ("carl", "payer")):
        workflow.grant(store, KEEPER, "denver-sib", who, role)
    lines = (contract_specs() / "results" / "denver-sib.csv").read_text(encoding="utf-8").splitlines()
    for number, (period, total) in enumerate(TOTALS.items(), 1):
        mine = [line for line in lines[1:] if f",{period}," in line]
        file = written(tmp_path, "\n".join([lines[0], *mine]), f"{number}.csv")
        answer = certified(store, "denver-sib", file, submission=number)
        assert [amount for bill, _, amount, _ in bills(store, "denver-sib") if bill in answer.bills] == [total]
        settle(store, "denver-sib", answer.bills)
    (kept,) = contracts_of(store)
    assert kept.certified == kept.approved == kept.paid == 9_638_911_36
    assert kept.waiting == ()
    sound(store)
    replayed = replay(store)
    assert not replayed.findings
    assert replayed.total == {"USD": 9_638_911_36}


def contracts_of(store):
    with store.reading() as session:
        return contracts_kept(session, TODAY)


def test_each_payer_gets_a_bill_of_its_own(store, tmp_path):
    registered(store, tmp_path)
    answer = certified(store, "homes", results(tmp_path, [("starts", QUARTERS[0], 31)]))
    assert answer.bills == (1, 2)
    assert bills(store, "homes") == [(1, "city", 1_550_00, "due"), (2, "state", 1_550_00, "due")]


def test_a_correction_is_a_line_of_its_own_and_a_credit_note(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    first = certified(store, "homes", results(tmp_path, [("starts", QUARTERS[0], 31), ("homes", QUARTERS[0], 2)]))
    settle(store, "homes", first.bills)
    before = rows(store, "homes")
    second = certified(store, "homes", results(tmp_path, [("starts", QUARTERS[0], 11)], "less.csv"), submission=2)
    assert bills(store, "homes") == [(1, "city", 5_101_00, "paid"), (2, "city", -2_000_00, "due")]
    after = rows(store, "homes")
    assert after[: len(before)] == before, "what was certified is never edited"
    (line,) = after[len(before) :]
    assert (line.rule, line.period, line.amount, line.kind) == ("starts", QUARTERS[0], -2_000_00, "credit note")
    assert "$3,100.00 was certified for this before, so -$2,000.00 is due now" in line.why
    with looking(store, KEEPER, "homes") as session:
        document = bill_document(session, "homes", second.bills[0])
    assert document.kind == "credit note"
    assert document.lines[0].corrects == "HOMES-0001"
    settle(store, "homes", second.bills)
    sound(store)
    assert not replay(store).findings


def test_an_invoice_lists_few_periods_by_name_and_of_many_the_first_and_the_last(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER.replace("30 days after the period", "unknown"))
    certified(store, "homes", results(tmp_path, [("starts", quarter, 1) for quarter in QUARTERS[3:5]]))
    more = results(tmp_path, [("starts", quarter, 1) for quarter in QUARTERS], "2.csv")
    certified(store, "homes", more, submission=2)
    with looking(store, KEEPER, "homes") as session:
        few, many = (bill_document(session, "homes", number).periods for number in (1, 2))
    assert few == "2021-Q4, 2022-Q1"
    assert many == "2021-Q1 to 2023-Q4 (10 periods)"


def test_a_credit_note_is_repaid(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    certified(store, "homes", results(tmp_path, [("starts", QUARTERS[0], 31)]))
    certified(store, "homes", results(tmp_path, [("starts", QUARTERS[0], 11)], "less.csv"), submission=2)
    note = "credit note 2 of homes"
    paid = (workflow.record_payment, store, "carl", "homes", 2, "2021-06-01", "transfer 2")
    assert refused(*paid) == [f"{note} is due, and cannot be repaid"]
    workflow.approve(store, "beth", "homes", 2, "-2000")
    assert paid[0](*paid[1:]).text == f"carl recorded that {note} over -$2,000.00 was repaid on 2021-06-01"
    assert refused(*paid) == [f"{note} is repaid, and cannot be repaid"]
    with looking(store, KEEPER, "homes") as session:
        assert "  repaid 2021-06-01  " in "\n".join(contract_lines(session, "homes", TODAY))
    back = workflow.came_back(store, "carl", "homes", 2, "2021-06-03", "closed").text
    assert back == f"carl recorded that the repayment of {note} over -$2,000.00 came back on 2021-06-03"


def test_a_result_that_changes_nothing_brings_a_certificate_and_no_bill(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    certified(store, "homes", results(tmp_path, [("starts", QUARTERS[0], 31)]))
    again = results(tmp_path, [("starts", QUARTERS[0], 31), ("homes", QUARTERS[1], 0)], "again.csv")
    answer = certified(store, "homes", again, submission=2)
    assert (answer.certificate, answer.bills) == (2, ())
    assert "$0.00 due now" in answer.text


def test_what_a_limit_cuts_stays_cut_over_several_submissions(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    for number, quarter in enumerate(QUARTERS[:4], 1):
        certified(store, "homes", results(tmp_path, [("starts", quarter, 150)], f"{quarter}.csv"), submission=number)
    assert [amount for _, _, amount, _ in bills(store, "homes")] == [15_000_00, 15_000_00, 15_000_00, 5_000_00]
    audit = check_ledger(store)
    assert not audit.findings
    assert audit.limits == 1


def test_claims_are_the_register_to_date_and_stand_in_for_the_one_before(store, tmp_path):
    registered(store, tmp_path, CLAIMS)
    first = [("ab-1001", "starts", "2021-01-05"), ("ab-1002", "starts", "2021-02-05")]
    certified(store, "jobs", claims(tmp_path, first))
    later = [*first, ("ab-1001", "jobs", "2021-04-05")]
    answer = certified(store, "jobs", claims(tmp_path, later, "later.csv"), submission=2)
    assert [amount for _, _, amount, _ in bills(store, "jobs")] == [200_00, 1_000_50]
    withdrawn = claims(tmp_path, later[1:], "withdrawn.csv")  # the first is no longer in the register
    certified(store, "jobs", withdrawn, submission=3)
    assert [amount for _, _, amount, _ in bills(store, "jobs")][2:] == [-100_00 - 1_000_50]
    assert answer.certificate == 2
    sound(store)
    assert not replay(store).findings


def test_a_corrected_submission_pays_the_corrected_figures_and_keeps_both(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    workflow.submit(store, "pat", "homes", [results(tmp_path, [("starts", QUARTERS[0], 40)])])
    better = results(tmp_path, [("starts", QUARTERS[0], 30)], "better.csv")
    workflow.verify(store, "eve", "homes", 1, [better], "ten were counted twice")
    assert bills(store, "homes") == [(1, "city", 3_000_00, "due")]
    with looking(store, KEEPER, "homes") as session:
        (handed,) = submissions_of(session, "homes")
        document = certificate_document(session, "homes", 1)
    assert (handed.state, handed.reason) == ("verified", "ten were counted twice")
    assert document.correction_reason == "ten were counted twice"
    assert not replay(store).findings


def test_what_was_sent_back_is_not_paid_and_can_be_handed_in_again(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    file = results(tmp_path, [("starts", QUARTERS[0], 40)])
    workflow.submit(store, "pat", "homes", [file])
    assert refused(workflow.submit, store, "pat", "homes", [file]) == [
        "the same was handed in as submission 1, which waits for the evaluator"
    ]
    workflow.send_back(store, "eve", "homes", 1, "the signature is missing")
    assert refused(workflow.verify, store, "eve", "homes", 1) == [
        "submission 1 of homes is sent back, and cannot be verified"
    ]
    assert workflow.submit(store, "pat", "homes", [file]).number == 2


def test_the_same_request_gets_the_first_answer_and_another_is_refused(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    file = results(tmp_path, [("starts", QUARTERS[0], 40)])
    first = workflow.submit(store, "pat", "homes", [file], key="k1")
    again = workflow.submit(store, "pat", "homes", [file], key="k1")
    assert again == first
    assert (first.again, again.again) == (False, True)
    other = results(tmp_path, [("starts", QUARTERS[0], 41)], "other.csv")
    assert refused(workflow.submit, store, "pat", "homes", [other], key="k1") == [
        "the key 'k1' was used for another request"
    ]
    assert refused(workflow.submit, store, "eve", "homes", [file], key="k1") == [
        "the key 'k1' was used for another request"
    ]
    assert len(rows(store, "homes")) == 0
    with looking(store, KEEPER, "homes") as session:
        assert len(submissions_of(session, "homes")) == 1


@pytest.mark.parametrize("spelling", ["Pat", " pat ", "PAT"])
def test_one_person_is_not_two_by_spelling(store, tmp_path, spelling):
    registered(store, tmp_path, ONE_PAYER)
    workflow.grant(store, KEEPER, "homes", spelling, "evaluator")
    workflow.submit(store, "pat", "homes", [results(tmp_path, [("starts", QUARTERS[0], 40)])])
    assert refused(workflow.verify, store, spelling, "homes", 1) == [
        "pat handed in submission 1, and cannot be its evaluator"
    ]


@pytest.mark.parametrize(
    ("who", "also", "did"),
    [
        ("pat", "approver", "pat handed in submission 1"),
        ("eve", "approver", "eve verified submission 1"),
        ("ann", "approver", "ann registered the contract"),
    ],
)
def test_whoever_prepared_a_payment_cannot_approve_it(store, tmp_path, who, also, did):
    registered(store, tmp_path, ONE_PAYER)
    workflow.grant(store, KEEPER, "homes", "kim", "keeper")
    workflow.grant(store, "kim", "homes", who, also)
    certified(store, "homes", results(tmp_path, [("starts", QUARTERS[0], 40)]))
    assert refused(workflow.approve, store, who, "homes", 1, "4000") == [
        f"{did}, and whoever prepared a payment cannot approve it"
    ]
    assert bills(store, "homes") == [(1, "city", 4_000_00, "due")]


def test_a_role_that_was_taken_away_is_gone_at_once(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    certified(store, "homes", results(tmp_path, [("starts", QUARTERS[0], 40)]))
    workflow.revoke(store, KEEPER, "homes", "beth", "approver")
    assert refused(workflow.approve, store, "beth", "homes", 1, "4000") == [
        "beth has no role under homes, and this takes the role of approver"
    ]
    workflow.grant(store, KEEPER, "homes", "beth", "approver")
    workflow.approve(store, "beth", "homes", 1, "4000")


def test_a_second_tab_neither_approves_nor_pays_again(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    certified(store, "homes", results(tmp_path, [("starts", QUARTERS[0], 40)]))
    workflow.approve(store, "beth", "homes", 1, "4000", key="tab 1")
    assert refused(workflow.approve, store, "beth", "homes", 1, "4000", key="tab 2") == [
        "invoice 1 of homes is approved, and cannot be approved"
    ]
    workflow.record_payment(store, "carl", "homes", 1, "2021-06-01", "TR 1", key="tab 1 pays")
    assert refused(workflow.record_payment, store, "carl", "homes", 1, "2021-06-01", "TR 1", key="tab 2 pays") == [
        "invoice 1 of homes is paid, and cannot be paid"
    ]
    sound(store)


def test_a_tab_that_shows_another_bill_approves_nothing(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    certified(store, "homes", results(tmp_path, [("starts", QUARTERS[0], 40)]))
    certified(store, "homes", results(tmp_path, [("starts", QUARTERS[1], 7)], "2.csv"), submission=2)
    assert refused(workflow.approve, store, "beth", "homes", 2, "4000") == [
        "--total: '4000' is not what invoice 2 comes to"
    ]
    assert [state for *_, state in bills(store, "homes")] == ["due", "due"]


def test_an_approver_of_one_payer_does_not_approve_for_another(store, tmp_path):
    registered(store, tmp_path)
    workflow.revoke(store, KEEPER, "homes", "beth", "approver")
    workflow.grant(store, KEEPER, "homes", "beth", "approver", "state")
    certified(store, "homes", results(tmp_path, [("starts", QUARTERS[0], 40)]))
    assert refused(workflow.approve, store, "beth", "homes", 1, "2000") == [
        "beth is approver for 'state', and this is for 'city'"
    ]
    workflow.approve(store, "beth", "homes", 2, "2000")


@pytest.mark.parametrize("total", ["4000", "4000.00", "4,000", "$4,000.00", "USD 4000.00", " 4000 "])
def test_a_total_may_be_written_as_people_write_it(store, tmp_path, total):
    registered(store, tmp_path, ONE_PAYER)
    certified(store, "homes", results(tmp_path, [("starts", QUARTERS[0], 40)]))
    workflow.approve(store, "beth", "homes", 1, total)


@pytest.mark.parametrize("total", ["3999.99", "4000.001", "400", "-4000", "4000%", "", "four thousand", "nan", "1e999"])
def test_a_total_that_is_not_the_bills_own_approves_nothing(store, tmp_path, total):
    registered(store, tmp_path, ONE_PAYER)
    certified(store, "homes", results(tmp_path, [("starts", QUARTERS[0], 40)]))
    refused(workflow.approve, store, "beth", "homes", 1, total)
    assert bills(store, "homes") == [(1, "city", 4_000_00, "due")]


def test_a_payment_that_came_back_is_made_again_once(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    certified(store, "homes", results(tmp_path, [("starts", QUARTERS[0], 40)]))
    settle(store, "homes", [1])
    assert refused(workflow.record_payment, store, "carl", "homes", 1, "2021-06-02", "again") == [
        "invoice 1 of homes is paid, and cannot be paid"
    ]
    workflow.came_back(store, "carl", "homes", 1, "2021-06-03", "the account was closed")
    assert bills(store, "homes")[0][3] == "came back"
    assert refused(workflow.record_payment, store, "carl", "homes", 1, "2021-06-02", "second transfer") == [
        "--on: 2021-06-02 is before the day on which the payment of 2021-06-01 came back, 2021-06-03"
    ]
    workflow.record_payment(store, "carl", "homes", 1, "2021-06-04", "second transfer")
    assert bills(store, "homes")[0][3] == "paid"
    with looking(store, KEEPER, "homes") as session:
        assert payments_of(session, "homes") == [
            (1, 1, "2021-06-01", 4_000_00, "transfer 1", "carl", "2021-06-03", "the account was closed"),
            (1, 2, "2021-06-04", 4_000_00, "second transfer", "carl", None, None),
        ]
        text = "\n".join(contract_lines(session, "homes", TODAY))
    assert "2021-06-04: $4,000.00 for invoice 1, reference second transfer, recorded by carl" in " ".join(text.split())
    sound(store)


def test_a_bill_says_in_which_state_a_step_finds_it(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    certified(store, "homes", results(tmp_path, [("starts", QUARTERS[0], 40)]))
    workflow.dispute(store, "carl", "homes", 1, "forty look like too many")
    with pytest.raises(Refused) as again:
        workflow.dispute(store, "carl", "homes", 1, "forty are too many")
    assert "is disputed, and cannot be disputed; see payfs ledger show homes" in str(again.value)
    settle(store, "homes", [1])
    workflow.came_back(store, "carl", "homes", 1, "2021-06-03", "the account was closed")
    assert refused(workflow.came_back, store, "carl", "homes", 1, "2021-06-03", "it was closed") == [
        "invoice 1 of homes came back, and cannot come back"
    ]


def test_a_disputed_bill_waits_until_it_is_approved_all_the_same(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    certified(store, "homes", results(tmp_path, [("starts", QUARTERS[0], 40)]))
    workflow.dispute(store, "carl", "homes", 1, "forty look like too many")
    assert refused(workflow.record_payment, store, "carl", "homes", 1, "2021-06-02", "x") == [
        "invoice 1 of homes is disputed, and cannot be paid"
    ]
    with looking(store, KEEPER, "homes") as session:
        assert waiting(session, "homes", TODAY) == [
            "invoice 1 is disputed and waits for the approver of city: beth; due 2021-04-30, 1 day overdue"
        ]
    workflow.approve(store, "beth", "homes", 1, "4000")


def test_a_reason_names_nobody_also_of_several_words(store, tmp_path):
    registered(store, tmp_path, CLAIMS)
    certified(
        store, "jobs", claims(tmp_path, [("Jane van Dyke", "starts", "2021-02-03"), ("p-17", "starts", "2021-02-04")])
    )
    for reason in ("jane van dyke moved away", "It was (Jane van Dyke).", "nobody knows p-17"):
        assert refused(workflow.dispute, store, "carl", "jobs", 1, reason) == [
            "--reason: it names a person of the claims file"
        ]
    workflow.dispute(store, "carl", "jobs", 1, "a van and a dyke, and no Jane")


def test_a_receipt_is_read_as_an_invoice_prints_it(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    last = check_ledger(store).receipt
    assert not check_ledger(store, [f"{last[:63]}\n                {last[63:]} "]).findings
    assert refused(check_ledger, store, [last[:-1]])
    (other,) = check_ledger(store, [f"1:{'0' * 64}"]).findings
    assert other.what == "entry 1 is not the one that a receipt was given for"


def test_only_those_with_a_role_look(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    workflow.grant(store, KEEPER, "homes", "ivy", "viewer")
    with looking(store, "ivy", "homes") as session:
        assert story(session, "homes")

    def look():
        with looking(store, "zed", "homes") as session:
            return story(session, "homes")

    assert refused(look) == ["zed has no role under homes"]
    with store.reading() as session:
        assert contracts_kept(session, TODAY, "zed") == []
        assert [kept.name for kept in contracts_kept(session, TODAY, "ivy")] == ["homes"]


# -- amendments


def test_the_past_does_not_move_when_a_contract_is_amended(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    certified(store, "homes", results(tmp_path, [("starts", QUARTERS[0], 40)]))
    settle(store, "homes", [1])
    before, document = replay(store).text, document_of(store, 1)
    workflow.amend(store, KEEPER, "homes", written(tmp_path, ONE_PAYER + AMENDMENT, "2.yaml"), "second deed")
    assert replay(store).text.encode() == before.encode()
    assert document_of(store, 1) == document
    certified(store, "homes", results(tmp_path, [("starts", "2023-Q1", 10)], "later.csv"), submission=2)
    after = replay(store)
    assert not after.findings
    assert after.text.splitlines()[0] == before
    assert bills(store, "homes")[1][2] == 1_200_00, "the new price holds from its day on"
    with looking(store, KEEPER, "homes") as session:
        second = certificate_document(session, "homes", 2)
    assert (document.version, second.version) == (1, 2)


def document_of(store, number):
    with looking(store, KEEPER, "homes") as session:
        return certificate_document(session, "homes", number)


def test_an_amendment_that_moves_what_was_certified_is_refused(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    certified(store, "homes", results(tmp_path, [("starts", QUARTERS[0], 40)]))
    dearer = written(tmp_path, ONE_PAYER.replace("starts: {price: 100}", "starts: {price: 101}"), "2.yaml")
    assert refused(workflow.amend, store, KEEPER, "homes", dearer, "a better price") == [
        "'starts' for 2021-Q1 was certified at $4,000.00, and would be $4,040.00"
    ]
    with store.reading() as session:
        assert len(session.exec(select(Version)).all()) == 1


def test_the_day_of_an_amendment_is_kept(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    workflow.amend(store, KEEPER, "homes", written(tmp_path, ONE_PAYER + AMENDMENT, "2.yaml"), "second deed")
    with store.reading() as session:
        kept = session.exec(select(Version).order_by(Version.number)).all()
    assert [(one.number, one.effective, one.reason) for one in kept] == [
        (1, None, None),
        (2, "2023-01-01", "second deed"),
    ]


# -- the table of the workflow


def test_every_move_names_roles_that_there_are_and_starts_where_another_ends():
    for name, move in MOVES.items():
        assert set(move.roles) <= set(ROLES), name
        ends = {other.to for other in MOVES.values() if other.what == move.what} | {"due"}
        assert set(move.starts) <= ends, name


def test_nobody_reaches_a_payment_by_one_role_alone():
    for what in ("submission", "bill"):
        takers = [set(move.roles) for move in MOVES.values() if move.what == what]
        assert not set.intersection(*takers)


def test_every_step_is_told_in_the_log_in_one_sentence(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    certified(store, "homes", results(tmp_path, [("starts", QUARTERS[0], 40)]))
    settle(store, "homes", [1])
    with looking(store, KEEPER, "homes") as session:
        told = [(entry.by, entry.text) for entry in story(session, "homes")][5:]
        held = members(session, "homes")
    assert told == [
        ("pat", "pat handed in a file for homes, submission 1: 2021-Q1"),
        ("eve", "eve verified submission 1 of homes as submitted: $4,000.00 due now, certificate 1"),
        ("beth", "beth approved invoice 1 of homes over $4,000.00"),
        ("carl", "carl recorded that invoice 1 of homes over $4,000.00 was paid on 2021-06-01"),
    ]
    assert next((member.who, member.role) for member in held) == (KEEPER, "keeper")


def test_an_invoice_says_what_is_known_of_its_parties(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    workflow.set_details(store, KEEPER, "homes", "city", address="City Hall; 1 Main Street", purchase_order="PO 4711")
    certified(store, "homes", results(tmp_path, [("starts", QUARTERS[0], 40)]))
    workflow.set_details(store, KEEPER, "homes", "city", purchase_order="PO 4712")
    workflow.set_details(store, KEEPER, "homes", "provider", bank="IBAN XX00; Bank of the Homes", tax_id="12-34")
    with looking(store, KEEPER, "homes") as session:
        document = bill_document(session, "homes", 1)
    assert document.payer.address == ("City Hall", "1 Main Street")
    assert document.payer.purchase_order == "PO 4711", "an invoice does not change when the next order comes"
    assert document.payee.bank == ("IBAN XX00", "Bank of the Homes")
    assert (document.number, document.total, document.state) == ("HOMES-0001", 4_000_00, "due")
    assert document.lines[0].unit == "starts"
    assert total_of(store, "homes", 1) == "4000.00"


def test_a_bill_that_is_open_shows_the_account_of_today_and_says_that_it_changed(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    workflow.set_details(store, KEEPER, "homes", "provider", bank="IBAN XX00 1111")
    certified(store, "homes", results(tmp_path, [("starts", QUARTERS[0], 40)]))
    told = workflow.set_details(store, "pat", "homes", "provider", bank="IBAN XX00 2222")
    assert told.text == "pat set bank of provider: its account was ...1111 and is ...2222"
    assert account(store) == (
        "IBAN XX00 2222",
        f"Changed on {told.at[:10]} by pat, after this was issued: ask the payee before you pay.",
    )
    settle(store, "homes", [1])
    workflow.set_details(store, KEEPER, "homes", "provider", bank="IBAN XX00 3333")
    assert account(store)[0] == "IBAN XX00 2222", "what was paid shows the account to which it went"
    workflow.came_back(store, "carl", "homes", 1, "2021-06-03", "the account was closed")
    assert account(store)[0] == "IBAN XX00 3333"


def account(store):
    with looking(store, KEEPER, "homes") as session:
        return bill_document(session, "homes", 1).payee.bank


def test_a_credit_note_names_the_invoice_that_it_corrects_however_it_was_reported(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    certified(store, "homes", results(tmp_path, [("starts", QUARTERS[0], 40)]))
    late = f"metric,cohort,period,value,reported\nstarts,,{QUARTERS[0]},30,{QUARTERS[1]}\n"
    certified(store, "homes", written(tmp_path, late, "late.csv"), submission=2)
    with looking(store, KEEPER, "homes") as session:
        document = bill_document(session, "homes", 2)
    assert (document.kind, document.total) == ("credit note", -1_000_00)
    assert [line.corrects for line in document.lines] == ["HOMES-0001"]


def test_what_was_handed_in_later_holds_whichever_was_verified_first(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    workflow.submit(store, "pat", "homes", [results(tmp_path, [("starts", QUARTERS[0], 30)], "1.csv")])
    workflow.submit(store, "pat", "homes", [results(tmp_path, [("starts", QUARTERS[0], 35)], "2.csv")])
    workflow.verify(store, "eve", "homes", 2)
    workflow.verify(store, "eve", "homes", 1)
    assert bills(store, "homes") == [(1, "city", 3_500_00, "due")]
    assert not replay(store).findings
    sound(store)


def test_a_submission_that_an_amendment_left_behind_can_be_sent_back(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    workflow.submit(store, "pat", "homes", [results(tmp_path, [("homes", QUARTERS[0], 3)])])
    without = ONE_PAYER.replace("  homes: {unit: home}\n", "").replace("  homes: {price: 1000.50}\n", "")
    workflow.amend(store, KEEPER, "homes", written(tmp_path, without, "2.yaml"), "no homes any more")
    refused(workflow.verify, store, "eve", "homes", 1)
    workflow.send_back(store, "eve", "homes", 1, "the contract no longer pays for homes")


def test_whoever_prepared_what_came_before_cannot_approve_what_comes_later(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    certified(store, "homes", results(tmp_path, [("starts", QUARTERS[0], 40)]))
    workflow.grant(store, KEEPER, "homes", "pia", "provider")
    workflow.grant(store, KEEPER, "homes", "pat", "approver")
    workflow.submit(store, "pia", "homes", [results(tmp_path, [("starts", QUARTERS[1], 5)], "2.csv")])
    workflow.verify(store, "eve", "homes", 2)
    assert refused(workflow.approve, store, "pat", "homes", 2, "500") == [
        "pat handed in submission 1, and whoever prepared a payment cannot approve it"
    ]


def test_what_was_replaced_may_come_again(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    first = results(tmp_path, [("starts", QUARTERS[0], 40)])
    certified(store, "homes", first)
    certified(store, "homes", results(tmp_path, [("starts", QUARTERS[0], 30)], "2.csv"), submission=2)
    certified(store, "homes", first, submission=3)
    assert [amount for _, _, amount, _ in bills(store, "homes")] == [4_000_00, -1_000_00, 1_000_00]
    sound(store)
    assert not replay(store).findings


def test_evidence_is_kept_as_its_hash_says(store, tmp_path):
    import hashlib

    registered(store, tmp_path, ONE_PAYER)
    file = results(tmp_path, [("starts", QUARTERS[0], 40)])
    certified(store, "homes", file)
    document = document_of(store, 1)
    assert [kept.sha256 for kept in document.evidence] == [hashlib.sha256(Path(file).read_bytes()).hexdigest()]


def test_a_contract_whose_examples_fail_is_not_kept(store, tmp_path):
    wrong = (
        ONE_PAYER
        + """examples:
  - {name: One start, results: {starts: {2021-Q1: 1}}, expect: {total: 99}}
"""
    )
    (what,) = refused(workflow.register, store, KEEPER, written(tmp_path, wrong, "homes.yaml"))
    assert "99" in what
    assert contracts_of(store) == []


def test_the_contract_with_two_payers_is_kept(store, tmp_path):
    registered(store, tmp_path, CONTRACT)
    with store.reading() as session:
        assert json.loads(json.dumps(contracts_kept(session, TODAY)[0]._asdict()))["name"] == "homes"


def test_what_would_be_due_is_what_is_certified_once_it_is_verified_in_whatever_order(store, tmp_path):
    registered(store, tmp_path)
    first = workflow.submit(store, "pat", "homes", [results(tmp_path, [("starts", "2021-Q1", 3)], "a.csv")])
    later = workflow.submit(
        store, "pat", "homes", [results(tmp_path, [("starts", "2021-Q1", 5), ("homes", "2021-Q1", 1)], "b.csv")]
    )
    for handed in (later, first):
        with store.reading() as session:
            due = due_if_verified(session, "homes", handed.number)
        made = workflow.verify(store, "eve", "homes", handed.number)
        with store.reading() as session:
            (certificate,) = [one for one in certificates_of(session, "homes") if one.number == made.certificate]
        assert (due.total, due.to_date) == (certificate.total, certificate.to_date)
