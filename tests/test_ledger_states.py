"""Whatever people do, in whatever order and with whatever roles: what is paid was verified, and approved by another."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import ClassVar

import hypothesis.strategies as st
import pytest
from conftest import Files
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from made_ledgers import CONTRACT, MOST, PRICES, QUARTERS, refused, results, total_of, written
from sqlalchemy import create_engine, text

from payfs.store import open_store, workflow
from payfs.store.audit import check_ledger
from payfs.store.replay import replay

PEOPLE = ["ann", "bob", "cy", "dee", "eli"]
ROLES = [("keeper", None), ("provider", None), ("evaluator", None), ("approver", None), ("payer", None),
         ("approver", "city"), ("payer", "state"), ("viewer", None)]  # fmt: skip
FIRST = {"bob": "provider", "cy": "evaluator", "dee": "approver", "eli": "payer"}
PAYERS = ("city", "state")
DAYS = [f"2021-06-{day:02}" for day in range(1, 29)]


class Books(RuleBasedStateMachine):
    """A ledger beside a model of it in plain Python, which says of every step whether it may be taken."""

    databases: ClassVar = None
    empty: ClassVar = None
    reached: ClassVar[Counter] = Counter()

    @initialize()
    def begin(self):
        self.folder = Path(tempfile.mkdtemp(prefix="payfs-states-"))
        self.url = self.databases.copy(self.empty)
        self.store = open_store(self.url)
        self.engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        self.behind = self.engine.connect()
        self.files = 0
        self.asked = []  # every request with a key that was answered
        self.held = {("ann", "keeper", None)}
        self.wrote = {"ann"}  # the version that holds
        self.submissions, self.bills = [], []
        self.values, self.billed, self.paid = {}, Counter(), Counter()
        self.entries = 0
        self.took(workflow.register, "ann", written(self.folder, CONTRACT, "homes.yaml"), contract=False)
        for who, role in FIRST.items():
            self.took(workflow.grant, "ann", who, role, None)
            self.held.add((who, role, None))
        # something to approve is there from the beginning
        self.took(workflow.submit, "bob", [self.file(0, 120)])
        self.submissions.append({"by": "bob", "says": (0, 120), "state": "verified"})
        self.values[0] = 120
        self.last, self.prepared, self.verified = [(0, 120)], set(), {1: (0, 120)}
        due = 120 * PRICES["starts"] // 2
        answer = self.took(workflow.verify, "cy", 1)
        self.new_bills(answer, dict.fromkeys(PAYERS, due), {"ann", "bob", "cy"})

    def teardown(self):
        if not hasattr(self, "store"):
            return
        try:
            audit = check_ledger(self.store)
            assert audit.findings == ()
            assert audit.entries == self.entries
            assert replay(self.store).findings == ()
            self.nothing_is_paid_but_what_was_verified_and_approved_by_another_who_had_the_role_then()
            self.books_are_the_models()
        finally:
            self.store.close()
            self.behind.close()
            self.engine.dispose()
            self.databases.drop(self.url)
            shutil.rmtree(self.folder)

    @rule(data=st.data())
    def something(self, data):
        """Do something, and often what brings money forward; one rule, so that none is left out of a whole run."""
        can = [self.grant, self.revoke, self.submit, self.submit, self.amend]
        can += [self.verify, self.verify, self.send_back] if self.submissions else []
        can += [self.verify] * 3 if any(one["state"] == "submitted" for one in self.submissions) else []
        can += [self.approve, self.approve, self.pay, self.pay, self.dispute] if self.bills else []
        can += [self.approve] * 4 if any(bill["state"] == "due" for bill in self.bills) else []
        can += [self.pay] * 6 if any(bill["state"] == "approved" for bill in self.bills) else []
        can += [self.came_back] * 3 if any(bill["state"] == "paid" for bill in self.bills) else []
        can += [self.ask_again, self.ask_for_something_else_with_the_same_key] if self.asked else []
        data.draw(st.sampled_from(can))(data)
        assert self.behind.execute(text("SELECT count FROM anchor")).scalar_one() == self.entries

    # -- steps

    def took(self, step, by, *args, contract=True, key=None):
        """Take a step that has to succeed."""
        whole = (by, "homes", *args) if contract else (by, *args)
        answer = step(self.store, *whole, key=key)
        self.entries += 1
        self.reached[step.__name__] += 1
        assert answer.receipt.startswith(f"{self.entries}:")
        if key:
            self.asked.append((step, whole, key, answer))
        return answer

    def step(self, may, step, by, *args, key=None):
        """Take a step; it has to succeed if it may be taken, and else to be refused and to change nothing."""
        if may:
            return self.took(step, by, *args, key=key)
        refused(step, self.store, by, "homes", *args, key=key)
        self.reached["refused"] += 1
        return None

    def has(self, who, role, payer=None):
        return any(one in self.held for one in ((who, role, None), (who, role, payer)))

    def who(self, data, *roles):
        """Draw somebody: often one who has the role, and often enough one who has not."""
        fitting = sorted({who for who, role, _ in self.held if role in roles})
        return data.draw(st.sampled_from(fitting * 4 + PEOPLE))

    def key(self, data):
        return data.draw(st.sampled_from([None, f"key {len(self.asked)} of {self.entries}"]))

    def grant(self, data):
        who, what = data.draw(st.sampled_from(PEOPLE)), data.draw(st.sampled_from(ROLES))
        by = self.who(data, "keeper")
        may = self.has(by, "keeper") and who != by and (who, *what) not in self.held
        if self.step(may, workflow.grant, by, who, *what, key=self.key(data)):
            self.held.add((who, *what))

    def revoke(self, data):
        who, what = data.draw(st.sampled_from(PEOPLE)), data.draw(st.sampled_from(ROLES))
        by = self.who(data, "keeper")
        last = what == ("keeper", None) and sum(role == "keeper" for _, role, _ in self.held) == 1
        may = self.has(by, "keeper") and (who, *what) in self.held and not last
        if self.step(may, workflow.revoke, by, who, *what, key=self.key(data)):
            self.held.discard((who, *what))

    def file(self, quarter, starts):
        self.files += 1
        return results(self.folder, [("starts", QUARTERS[quarter], starts)], f"{self.files}.csv")

    def submit(self, data):
        quarter, starts = data.draw(st.integers(0, 3)), data.draw(st.integers(0, 300))
        by = self.who(data, "provider")
        open_ones = [one["says"] for one in self.submissions if one["state"] == "submitted"] + self.last
        provider = any(one[:2] == (by, "provider") for one in self.held)
        may = provider and (quarter, starts) not in open_ones
        if self.step(may, workflow.submit, by, [self.file(quarter, starts)], key=self.key(data)):
            self.submissions.append({"by": by, "says": (quarter, starts), "state": "submitted"})

    def verify(self, data):
        corrected = data.draw(st.none() | st.integers(0, 300))
        number = data.draw(st.integers(max(1, len(self.submissions) - 2), len(self.submissions)))
        one, by = self.submissions[number - 1], self.who(data, "evaluator")
        quarter, starts = one["says"]
        may = self.has(by, "evaluator") and one["state"] == "submitted" and one["by"] != by and corrected != starts
        more = () if corrected is None else ([self.file(quarter, corrected)], "counted again")
        answer = self.step(may, workflow.verify, by, number, *more, key=self.key(data))
        if answer:
            one["state"] = "verified"
            value = starts if corrected is None else corrected
            self.verified[number] = quarter, value
            latest = max(other for other, (where, _) in self.verified.items() if where == quarter)
            self.values[quarter] = self.verified[latest][1]  # what was handed in later holds
            self.last = [self.verified[max(self.verified)]]
            due = min(MOST, sum(self.values.values()) * PRICES["starts"]) // 2
            self.new_bills(answer, {payer: due - self.billed[payer] for payer in PAYERS}, {one["by"], by, *self.wrote})

    def new_bills(self, answer, due, prepared):
        self.prepared = prepared = self.prepared | prepared  # what comes later rests on what came before
        rows = self.behind.execute(text("SELECT number, payer, amount, kind FROM bill ORDER BY number")).all()
        new = rows[len(self.bills) :]
        assert tuple(row.number for row in new) == answer.bills
        for payer in PAYERS:
            assert sum(row.amount for row in new if row.payer == payer) == due[payer]
            self.billed[payer] += due[payer]
        for row in new:
            assert (row.amount > 0) == (row.kind == "invoice")
            assert row.amount
            self.bills.append({"payer": row.payer, "amount": row.amount, "state": "due", "prepared": prepared})

    def send_back(self, data):
        number = data.draw(st.integers(1, len(self.submissions)))
        one, by = self.submissions[number - 1], self.who(data, "evaluator")
        may = self.has(by, "evaluator") and one["state"] == "submitted" and one["by"] != by
        if self.step(may, workflow.send_back, by, number, "a page is missing", key=self.key(data)):
            one["state"] = "sent back"

    def a_bill(self, data, *states):
        """Draw a bill: often one in a state in which something can be done with it."""
        fitting = [place for place, bill in enumerate(self.bills) if bill["state"] in states]
        place = data.draw(st.sampled_from(fitting * 3 + list(range(len(self.bills)))))
        return place + 1, self.bills[place]

    def approve(self, data):
        right = data.draw(st.sampled_from([True, True, True, False]))
        number, bill = self.a_bill(data, "due", "disputed")
        by = self.who(data, "approver")
        total = total_of(self.store, "homes", number) if right else "1.23"
        may = (
            self.has(by, "approver", bill["payer"])
            and bill["state"] in ("due", "disputed")
            and right
            and by not in bill["prepared"]
        )
        if self.step(may, workflow.approve, by, number, total, key=self.key(data)):
            bill["state"], bill["approver"] = "approved", by

    def dispute(self, data):
        number, bill = self.a_bill(data, "due")
        by = self.who(data, "approver", "payer")
        may = bill["state"] == "due" and any(self.has(by, role, bill["payer"]) for role in ("approver", "payer"))
        if self.step(may, workflow.dispute, by, number, "looks high", key=self.key(data)):
            bill["state"] = "disputed"

    def pay(self, data):
        number, bill = self.a_bill(data, "approved", "came back")
        by = self.who(data, "payer")
        may = (
            self.has(by, "payer", bill["payer"])
            and bill["state"] in ("approved", "came back")
            and by != bill.get("approver")
        )
        if self.step(
            may,
            workflow.record_payment,
            by,
            number,
            DAYS[bill.get("back", 0)],
            f"transfer {number}",
            key=self.key(data),
        ):
            bill["state"] = "paid"
            self.paid[bill["payer"]] += bill["amount"]
            self.nothing_is_paid_but_what_was_verified_and_approved_by_another_who_had_the_role_then()

    def came_back(self, data):
        late = data.draw(st.booleans())
        number, bill = self.a_bill(data, "paid")
        by = self.who(data, "payer")
        may = self.has(by, "payer", bill["payer"]) and bill["state"] == "paid" and late
        back = bill.get("back", 0) + 1
        day = DAYS[back] if late else "2021-05-31"  # before it was paid
        if self.step(may, workflow.came_back, by, number, day, "account closed", key=self.key(data)):
            bill["state"], bill["back"] = "came back", back
            self.paid[bill["payer"]] -= bill["amount"]

    def amend(self, data):
        """Write the contract anew, with nothing in it that pays otherwise; whoever did so has prepared what comes."""
        by = self.who(data, "keeper")
        self.files += 1
        file = written(self.folder, f"{CONTRACT}# version {self.files}\n", f"{self.files}.yaml")
        if self.step(self.has(by, "keeper"), workflow.amend, by, file, "a new number", key=self.key(data)):
            self.wrote.add(by)

    def ask_again(self, data):
        """The same request again, whatever happened since: the first answer, and nothing else."""
        step, whole, key, answer = data.draw(st.sampled_from(self.asked))
        told = step(self.store, *whole, key=key)
        assert told == answer
        assert told.again
        self.reached["asked again"] += 1

    def ask_for_something_else_with_the_same_key(self, data):
        who = data.draw(st.sampled_from(PEOPLE))
        _, whole, key, _ = data.draw(st.sampled_from(self.asked))
        (said,) = refused(workflow.dispute, self.store, who, "homes", 10_000 + len(whole), "looks high", key=key)
        assert "used for another request" in said

    # -- what holds

    def nothing_is_paid_but_what_was_verified_and_approved_by_another_who_had_the_role_then(self):
        changes = self.behind.execute(text(CHANGES)).all()
        paid = self.behind.execute(text(PAID)).all()
        payments = self.behind.execute(text("SELECT count(*) FROM payment")).scalar_one()
        assert len(paid) == payments  # none without a bill, certificate, verification, submission and approval
        for payment in paid:
            assert payment.verified == payment.certified < payment.approved < payment.paid
            assert payment.approver not in (payment.submitter, payment.verifier, payment.writer, payment.payer_by)
            assert payment.verifier != payment.submitter
            for who, role, then, payer in (
                (payment.approver, "approver", payment.approved, payment.payer),
                (payment.verifier, "evaluator", payment.verified, None),
                (payment.submitter, "provider", payment.submitted, None),
                (payment.payer_by, "payer", payment.paid, payment.payer),
            ):
                roles = {}
                for change in changes:
                    if change.entry < then and (change.who, change.role) == (who, role):
                        roles[change.party] = bool(change.given)
                assert roles.get(None) or roles.get(payer), (who, role, payment)

    def books_are_the_models(self):
        booked = dict(self.behind.execute(text("SELECT account, sum(amount) FROM posting GROUP BY account")).all())
        states = self.behind.execute(text(STATES)).all()
        for payer in PAYERS:
            assert -int(booked.get(f"money of {payer}", 0)) == self.paid[payer]
            assert -int(booked.get(f"owed by {payer} to provider", 0)) == self.billed[payer] - self.paid[payer]
        assert int(booked.get("cost of starts", 0)) == sum(self.billed.values())
        assert sum(int(amount) for amount in booked.values()) == 0
        settled = {bill + 1 for bill, one in enumerate(self.bills) if one["state"] == "paid"}
        assert {number for number, count, back in states if count > back} == settled
        assert all(count - back in (0, 1) for _, count, back in states)


CHANGES = "SELECT entry, who, role, party, given FROM role_change ORDER BY id"
PAID = """
    SELECT p.entry AS paid, p."by" AS payer_by, b.payer AS payer, a."by" AS approver, a.entry AS approved,
        c.entry AS certified, v."by" AS verifier, v.entry AS verified, s."by" AS submitter, s.entry AS submitted,
        w."by" AS writer
    FROM payment p JOIN bill b ON b.id = p.bill JOIN approval a ON a.bill = b.id
    JOIN certificate c ON c.id = b.certificate
    JOIN verification v ON v.id = c.verification JOIN submission s ON s.id = v.submission
    JOIN version w ON w.id = c.version
"""
STATES = """
    SELECT b.number, count(p.id), count(x.id) FROM bill b LEFT JOIN payment p ON p.bill = b.id
    LEFT JOIN payment_return x ON x.payment = p.id GROUP BY b.number
"""


def test_no_sequence_of_steps_reaches_a_payment_that_was_not_verified_and_approved_by_another(databases, empty):
    class Here(Books):
        reached = Counter()

    Here.databases, Here.empty = databases, empty
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=20 if isinstance(databases, Files) else 10,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    # or all this would say nothing
    for step in ("submit", "verify", "approve", "record_payment", "grant", "refused", "asked again"):
        assert Here.reached[step] > 0, Here.reached


def test_the_model_itself_is_refused_what_it_says_is_refused(databases, empty):
    """A model that says yes where the ledger says no is found, and the other way round."""
    machine = type("Here", (Books,), {"databases": databases, "empty": empty, "reached": Counter()})()
    machine.begin()
    try:
        with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
            machine.step(False, workflow.grant, "ann", "bob", "viewer", None)
        machine.entries += 1
        machine.held.add(("bob", "viewer", None))
    finally:
        machine.teardown()
