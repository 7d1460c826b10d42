"""Paid once: several people, tabs and machines at the same bills at the same time, and nobody sees an error."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter

import pytest
from made_ledgers import KEEPER, ONE_PAYER, raw, refused, registered, results, total_of
from sqlalchemy import text

from payfs.store import open_store
from payfs.store.audit import check_ledger
from payfs.store.workflow import approve, grant, record_payment, revoke, submit, verify
from payfs.text import Refused

BILLS = 300
WORKERS = 4
# a bill for every month of 25 years, all of one certificate
MONTHS = ONE_PAYER.replace(
    "quarters: {every: quarter, from: 2021-01-01, to: 2023-12-31",
    "months: {every: month, from: 1996-01-01, to: 2020-12-31",
).replace("most: 50000", "most: 500000")
CONTEXT = multiprocessing.get_context("spawn")  # as on several machines: nothing is shared but the database


GATE = None  # in each process: behind it all begin at the same moment


def behind(gate):
    """Begin the life of a process."""
    global GATE
    GATE = gate


@pytest.fixture(scope="module")
def race():
    """Run a function in as many processes at once, each with its own arguments, and return what each tells."""
    with CONTEXT.Pool(WORKERS, behind, (CONTEXT.Barrier(WORKERS),)) as pool:
        yield lambda work, arguments: pool.starmap_async(work, arguments, chunksize=1).get(timeout=300)
        pool.close()
        pool.join()


def at_work(url, contract, seed, totals):
    """Approve and pay every bill, in an order of its own, with the keys that all others use too."""
    store = open_store(url)
    bills = sorted(totals)
    random.Random(seed).shuffle(bills)
    receipts, errors = {}, []
    GATE.wait()
    for bill in bills:
        try:
            done = approve(store, "beth", contract, bill, totals[bill], key=f"approve {bill}")
            paid = record_payment(store, "carl", contract, bill, "2021-06-01", f"transfer {bill}", key=f"pay {bill}")
            receipts[bill] = (done.receipt, paid.receipt, done.again, paid.again)
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}")
    store.close()
    return receipts, errors


def test_4_processes_that_race_for_300_bills_pay_each_once_and_show_no_error(store, race, tmp_path):
    contract = registered(store, tmp_path, MONTHS)
    rows = [("starts", f"{1996 + month // 12}-{month % 12 + 1:02}", 1 + month % 7) for month in range(BILLS)]
    submit(store, "pat", contract, [results(tmp_path, rows)])
    bills = verify(store, "eve", contract, 1).bills
    assert len(bills) == BILLS
    where = store.url.render_as_string(hide_password=False)
    totals = {bill: total_of(store, contract, bill) for bill in bills}
    answers = race(at_work, [(where, contract, seed, totals) for seed in range(WORKERS)])

    assert [error for _, errors in answers for error in errors] == []
    for bill in bills:
        said = [receipts[bill] for receipts, _ in answers]
        assert len({(one[0], one[1]) for one in said}) == 1  # everybody is told of the same approval and payment
        assert Counter(one[2] for one in said) == {False: 1, True: WORKERS - 1}  # and one of them made it
        assert Counter(one[3] for one in said) == {False: 1, True: WORKERS - 1}
    assert sum(any(not one[3] for one in receipts.values()) for receipts, _ in answers) > 1  # it was a race
    with raw(where) as connection:
        counted = connection.execute(text("SELECT count(*), count(DISTINCT bill), sum(amount) FROM payment")).one()
        entries = connection.execute(text("SELECT count(*), max(number) FROM entry")).one()
    assert tuple(counted) == (BILLS, BILLS, sum(row[2] for row in rows) * 100_00)
    assert tuple(entries) == (7 + 2 * BILLS, 7 + 2 * BILLS)  # 5 before, submitted, verified; then each bill twice
    receipts = [receipt for said, _ in answers[:1] for one in said.values() for receipt in one[:2]]
    assert check_ledger(store, receipts).findings == ()


def without_keys(url, contract, who, totals):
    """Approve every bill as oneself, and pay it, and count what is refused."""
    store = open_store(url)
    done, said = [], []
    GATE.wait()
    for bill in sorted(totals):
        for step in (
            lambda bill=bill: approve(store, who, contract, bill, totals[bill]),
            lambda bill=bill: record_payment(store, who, contract, bill, "2021-06-01", f"transfer of {who}"),
        ):
            try:
                done.append((step().step, bill))
            except Refused as no:
                said += [finding.what for finding in no.findings]
            except Exception as error:
                said.append(f"{type(error).__name__}: {error}")
    store.close()
    return done, said


def test_without_keys_one_of_several_people_is_first_and_the_others_are_told_so(store, race, tmp_path):
    contract = registered(store, tmp_path)
    people = [f"person{number}" for number in range(WORKERS)]
    for who in people:
        grant(store, KEEPER, contract, who, "approver")
        grant(store, KEEPER, contract, who, "payer")
    rows = [("starts", f"202{year}-Q{quarter}", 2) for year in (1, 2) for quarter in (1, 2, 3, 4)]
    submit(store, "pat", contract, [results(tmp_path, rows)])
    bills = verify(store, "eve", contract, 1).bills
    assert len(bills) == 16
    where = store.url.render_as_string(hide_password=False)
    totals = {bill: total_of(store, contract, bill) for bill in bills}
    answers = race(without_keys, [(where, contract, who, totals) for who in people])

    steps = Counter(step for done, _ in answers for step in done)
    assert steps == {(step, bill): 1 for step in ("approve", "record payment") for bill in bills}
    said = [what for _, told in answers for what in told]
    assert len(said) == (WORKERS - 1) * 2 * len(bills)
    known = (" is approved, and cannot ", " is paid, and cannot ", "whoever approves does not pay")
    assert all(any(words in what for words in known) for what in said), said
    assert check_ledger(store).findings == ()


def half_way(url, contract, totals, place):
    """Approve until it is refused; or take the role away in the middle of that."""
    store = open_store(url)
    numbers, said = [], []
    GATE.wait()
    if place == 1:
        time.sleep(0.3)
        numbers.append(int(revoke(store, KEEPER, contract, "beth", "approver").receipt.split(":")[0]))
    for bill in sorted(totals) if place == 0 else ():
        try:
            numbers.append(int(approve(store, "beth", contract, bill, totals[bill]).receipt.split(":")[0]))
        except Refused as no:
            said += [finding.what for finding in no.findings]
        time.sleep(0.01)
    store.close()
    return numbers, said


def test_a_role_that_is_taken_away_half_way_counts_for_nothing_from_that_entry_on(store, race, tmp_path):
    contract = registered(store, tmp_path, MONTHS)
    rows = [("starts", f"{1996 + month // 12}-{month % 12 + 1:02}", 1) for month in range(60)]
    submit(store, "pat", contract, [results(tmp_path, rows)])
    bills = verify(store, "eve", contract, 1).bills
    totals = {bill: total_of(store, contract, bill) for bill in bills}
    where = store.url.render_as_string(hide_password=False)
    (numbers, said), (revoked, _), *_ = race(half_way, [(where, contract, totals, place) for place in range(WORKERS)])
    assert numbers
    assert max(numbers) < revoked[0]
    assert len(said) == len(bills) - len(numbers) > 0
    assert all(what.startswith(f"beth has no role under {contract}") for what in said)
    refused(record_payment, store, "carl", contract, bills[-1], "2021-06-01", "transfer")
    assert check_ledger(store).findings == ()
