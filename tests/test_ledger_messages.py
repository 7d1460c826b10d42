"""Every message of the ledger, as it is read: the fact and the remedy, and what earns it."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import ClassVar

import pg8000
import pytest
from made_ledgers import CLAIMS, CONTRACT, KEEPER, ONE_PAYER, QUARTERS, claims, registered, results, settle, written
from message_sites import Watch, sites_of

import payfs
from payfs.cli.ledger_export import export
from payfs.store import create_store, database, open_store, schema, upgrade_store, workflow
from payfs.store.audit import check_ledger
from payfs.store.backup import back_up, restore
from payfs.store.documents import bill_document
from payfs.store.engines import named, running
from payfs.store.members import looking
from payfs.store.replay import replay
from payfs.store.verified import due_if_verified
from payfs.text import Refused

SIX = "abcdef"


def read(ledger, look):
    with ledger.store.reading() as session:
        look(session)


class Ledger:
    """A small ledger in a folder: one certified submission, and one that waits."""

    made: ClassVar[dict[tuple[bool, str], Path]] = {}  # each is made once, and copied

    def __init__(self, folder: Path, settled: bool = False, contract: str = ONE_PAYER, new: bool = False) -> None:
        self.folder = folder
        self.file = str(folder / "l.db")
        if (settled, contract) in self.made and not new:
            shutil.copytree(self.made[settled, contract], folder, dirs_exist_ok=True)
            self.store = open_store(self.file)
            return
        self.store = create_store(self.file)
        self.name = registered(self.store, folder, contract)
        workflow.submit(self.store, "pat", self.name, [self.results(40, "1.csv")])
        workflow.verify(self.store, "eve", self.name, 1)
        workflow.submit(self.store, "pat", self.name, [self.results(40, "2.csv", QUARTERS[1])])
        if settled:
            settle(self.store, self.name, [1])
        if not new:
            self.store.close()
            self.made[settled, contract] = Path(tempfile.mkdtemp(dir=folder.parent))
            shutil.copytree(folder, self.made[settled, contract], dirs_exist_ok=True)

    def results(self, value: int, name: str = "r.csv", quarter: str = QUARTERS[0]) -> str:
        return results(self.folder, [("starts", quarter, value)], name)

    def write(self, text: str, name: str = "x.yaml") -> str:
        return written(self.folder, text, name)

    def raw(self, *statements: str, guards: bool = False) -> None:
        """Do what somebody with a right to the file could: by default with the guards taken away and put back."""
        with sqlite3.connect(self.file) as connection:
            held = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in held if not guards else ():
                connection.execute(f'DROP TRIGGER "{name}"')
            for statement in statements:
                connection.execute(statement)
            for _, sql in held if not guards else ():
                connection.execute(sql)


def told(call, *args, **more) -> list[str]:
    """Return what is refused, in full; files by their names only."""
    with pytest.raises(Refused) as refused:
        call(*args, **more)
    return [re.sub(r"/\S*/pytest-\S*/", "", str(finding)) for finding in refused.value.findings]


STEPS = {
    # -- who, and what may be written
    "nobody": (
        lambda a: workflow.submit(a.store, " ", "homes", [a.results(1)]),
        "nobody is named: --by; write the name or address that they sign in with, such as ann or ann@city.gov",
    ),
    "a name with a line in it": (
        lambda a: workflow.grant(a.store, KEEPER, "homes", "ann\nbob", "payer"),
        r"'ann\nbob' cannot be the name of a user; write the name or address that they sign in with, such as ann or "
        "ann@city.gov",
    ),
    "an empty reason": (
        lambda a: workflow.send_back(a.store, "eve", "homes", 2, "  "),
        "--reason: nothing is written; say it in a few words",
    ),
    "a long reason": (
        lambda a: workflow.send_back(a.store, "eve", "homes", 2, "x" * 2001),
        "--reason: 2,001 characters; say it in 2,000 at most",
    ),
    "a reason that turns around": (
        lambda a: workflow.send_back(a.store, "eve", "homes", 2, "abc\u202edef"),
        "--reason: it holds characters that cannot be seen; write plain text in one line",
    ),
    "no contract": (
        lambda a: workflow.submit(a.store, "pat", "home", [a.results(1)]),
        "no contract 'home' is kept here; did you mean 'homes'",
    ),
    "no contract and none near": (
        lambda a: workflow.submit(a.store, "pat", "denver\0", [a.results(1)]),
        r"no contract 'denver\x00' is kept here; register it: payfs register SPEC",
    ),
    # -- roles
    "no role": (
        lambda a: workflow.submit(a.store, "zed", "homes", [a.results(1)]),
        "zed has no role under homes, and this takes the role of provider; ask its keeper: payfs grant homes zed "
        "provider",
    ),
    "another role": (
        lambda a: workflow.dispute(a.store, "eve", "homes", 1, "too many"),
        "eve is evaluator under homes, and this takes the role of approver or payer; ask its keeper: payfs grant homes "
        "eve approver",
    ),
    "a role there is not": (
        lambda a: workflow.grant(a.store, KEEPER, "homes", "zed", "aprover"),
        "there is no role 'aprover'; did you mean 'approver'",
    ),
    "a role for the whole contract": (
        lambda a: workflow.grant(a.store, KEEPER, "homes", "zed", "viewer", "city"),
        "the role of viewer is for the whole contract; leave the party out",
    ),
    "a role for oneself": (
        lambda a: workflow.grant(a.store, KEEPER, "homes", "ANN", "approver"),
        "nobody gives themselves a role; have another keeper give it",
    ),
    "a role that is held": (
        lambda a: workflow.grant(a.store, KEEPER, "homes", "pat", "provider"),
        "pat is provider under homes already; there is nothing to do",
    ),
    "a role that is not held": (
        lambda a: workflow.revoke(a.store, KEEPER, "homes", "pat", "payer"),
        "pat is not payer under homes; they have: provider",
    ),
    "a role of nobody": (
        lambda a: workflow.revoke(a.store, KEEPER, "homes", "zed", "payer", "city"),
        "zed is not payer for city under homes; they have no role",
    ),
    "the last keeper": (
        lambda a: workflow.revoke(a.store, KEEPER, "homes", KEEPER, "keeper"),
        "nobody would be left to give roles; give another the role of keeper before",
    ),
    "a role for no party": (
        lambda a: workflow.grant(a.store, KEEPER, "homes", "zed", "payer", "town"),
        "the contract has no party 'town'; it has city, provider, looker",
    ),
    "a payer that pays nothing": (
        lambda a: workflow.grant(a.store, KEEPER, "homes", "zed", "payer", "provider"),
        "'provider' is no outcome payer; name one of city",
    ),
    "a look without a role": (
        lambda a: looked(a, "zed"),
        "zed has no role under homes; ask its keeper for one: payfs grant homes zed viewer",
    ),
    # -- contracts
    "a contract twice": (
        lambda a: workflow.register(a.store, KEEPER, a.write(ONE_PAYER)),
        "a contract 'homes' is kept already; amend it, or give this one another name: contract: homes-2",
    ),
    "another contract's text": (
        lambda a: workflow.amend(a.store, KEEPER, "homes", a.write(CLAIMS), "why not"),
        "the text is of 'jobs', not of 'homes'; write contract: homes",
    ),
    "another currency": (
        lambda a: workflow.amend(a.store, KEEPER, "homes", a.write(ONE_PAYER.replace("USD", "EUR")), "why not"),
        "it pays in EUR, and USD is kept; register it as a contract of its own",
    ),
    "the same text": (
        lambda a: workflow.amend(a.store, KEEPER, "homes", a.write(ONE_PAYER), "why not"),
        "this is the text of version 1; there is nothing to amend",
    ),
    "a moved past": (
        lambda a: workflow.amend(
            a.store, KEEPER, "homes", a.write(ONE_PAYER.replace("starts: {price: 100}", "starts: {price: 7}")), "cut"
        ),
        "x.yaml: 'starts' for 2021-Q1 was certified at $4,000.00, and would be $280.00; write what changes under "
        "amendments, with the day or period from which it holds",
    ),
    "details of nothing": (
        lambda a: workflow.set_details(a.store, KEEPER, "homes", "city"),
        "no details are given; give --address, --tax-id, --purchase-order or --bank",
    ),
    "details of nobody": (
        lambda a: workflow.set_details(a.store, KEEPER, "homes", "citty", bank="x"),
        "the contract has no party 'citty'; did you mean 'city'",
    ),
    # -- submissions
    "no file": (
        lambda a: workflow.submit(a.store, "pat", "homes", []),
        "0 files are handed in; hand in 1 to 20",
    ),
    "the same file twice": (
        lambda a: workflow.submit(a.store, "pat", "homes", [a.results(1, "a.csv"), a.results(1, "b.csv")]),
        "the same file is handed in twice; hand each in once",
    ),
    "what was handed in before": (
        lambda a: workflow.submit(a.store, "pat", "homes", [str(a.folder / "2.csv")]),
        "the same was handed in as submission 2, which waits for the evaluator; wait for what becomes of that",
    ),
    "what was verified last": (
        lambda a: workflow.submit(a.store, "pat", "homes", [str(a.folder / "1.csv")]),
        "this is what holds already, as submission 1; hand in what is new",
    ),
    "details of the other side": (
        lambda a: workflow.set_details(a.store, "pat", "homes", "city", bank="mine"),
        "pat is provider, and speaks for no outcome payer; have it set by the other side, or by the keeper",
    ),
    "paid by who approved": (
        lambda a: (
            workflow.grant(a.store, KEEPER, "homes", "beth", "payer"),
            workflow.approve(a.store, "beth", "homes", 1, "4000"),
            workflow.record_payment(a.store, "beth", "homes", 1, "2021-05-01", "x"),
        ),
        "beth approved invoice 1 of homes, and whoever approves does not pay; have another payer record it",
    ),
    "paid again before it came back": (
        lambda a: (
            settle(a.store, "homes", [1]),
            workflow.came_back(a.store, "carl", "homes", 1, "2021-06-03", "closed"),
            workflow.record_payment(a.store, "carl", "homes", 1, "2021-06-02", "x"),
        ),
        "--on: 2021-06-02 is before the day on which the payment of 2021-06-01 came back, 2021-06-03; give the day on "
        "which it was paid again",
    ),
    "paid before the contract": (
        lambda a: (
            workflow.approve(a.store, "beth", "homes", 1, "4000"),
            workflow.record_payment(a.store, "carl", "homes", 1, "2020-12-31", "x"),
        ),
        "--on: 2020-12-31 is before 2021-01-01, on which the contract begins; check the year",
    ),
    "no submission": (
        lambda a: workflow.verify(a.store, "eve", "homes", 3),
        "homes has no submission 3; the last is 2; payfs ledger show homes lists them",
    ),
    "nothing waits to be looked at": (
        lambda a: read(a, lambda session: due_if_verified(session, "homes", 1)),
        "no submission 1 of homes waits; choose one that does",
    ),
    "verified twice": (
        lambda a: workflow.verify(a.store, "eve", "homes", 1),
        "submission 1 of homes is verified, and cannot be verified; hand in anew what is to change: payfs submit",
    ),
    "one's own submission": (
        lambda a: (
            workflow.grant(a.store, KEEPER, "homes", "pat", "evaluator"),
            workflow.verify(a.store, "pat", "homes", 2),
        ),
        "pat handed in submission 2, and cannot be its evaluator; have another evaluator look at it",
    ),
    "a correction without reason": (
        lambda a: workflow.verify(a.store, "eve", "homes", 2, [a.results(39)]),
        "a correction lacks its reason; give corrected files with --results and why with --reason, or neither",
    ),
    "a reason without correction": (
        lambda a: workflow.verify(a.store, "eve", "homes", 2, (), "because"),
        "a reason is given, and nothing is corrected; give corrected files with --results and why with --reason, or "
        "neither",
    ),
    "a correction that changes nothing": (
        lambda a: workflow.verify(a.store, "eve", "homes", 2, [str(a.folder / "2.csv")], "because"),
        "the corrected files are the submitted ones; verify it without correction",
    ),
    "another request by the same key": (
        lambda a: (
            workflow.dispute(a.store, "carl", "homes", 1, "too many", key="k"),
            workflow.dispute(a.store, "carl", "homes", 1, "too few", key="k"),
        ),
        "the key 'k' was used for another request; give each request a key of its own",
    ),
    # -- bills
    "no bill": (
        lambda a: workflow.approve(a.store, "beth", "homes", 2, "1"),
        "homes has no invoice or credit note 2; the last is 1; payfs ledger show homes lists them",
    ),
    "no bill to print": (
        lambda a: looked(a, KEEPER),
        "homes has no invoice or credit note 7; payfs ledger show homes lists them",
    ),
    "no amount": (
        lambda a: workflow.approve(a.store, "beth", "homes", 1, "all of it"),
        "--total: 'all of it' is no amount; write it as on the invoice, such as 1234.56",
    ),
    "another amount": (
        lambda a: workflow.approve(a.store, "beth", "homes", 1, "4000.01"),
        "--total: '4000.01' is not what invoice 1 comes to; look at it again: payfs invoice homes 1",
    ),
    "a payment before approval": (
        lambda a: workflow.record_payment(a.store, "carl", "homes", 1, "2021-05-01", "x"),
        "invoice 1 of homes is due, and cannot be paid; it has to be approved first",
    ),
    "no day": (
        lambda a: workflow.record_payment(a.store, "carl", "homes", 1, "yesterday", "x"),
        '--on: "yesterday" is not a date; write 2017-10-31, or 2017-10 or 2017 where no more is known',
    ),
    "a month": (
        lambda a: workflow.record_payment(a.store, "carl", "homes", 1, "2021-05", "x"),
        "--on: '2021-05' is no single day; write it as 2026-11-30",
    ),
    "a day to come": (
        lambda a: workflow.record_payment(a.store, "carl", "homes", 1, "2199-05-01", "x"),
        "--on: 2199-05-01 is still to come; record what has happened",
    ),
    "back before it went": (
        lambda a: (
            settle(a.store, "homes", [1]),
            workflow.came_back(a.store, "carl", "homes", 1, "2021-05-01", "closed"),
        ),
        "--on: 2021-05-01 is before the payment of 2021-06-01; give the day it came back",
    ),
    "approved by who prepared it": (
        lambda a: (
            workflow.grant(a.store, KEEPER, "homes", "eve", "approver"),
            workflow.approve(a.store, "eve", "homes", 1, "4000"),
        ),
        "eve verified submission 1, and whoever prepared a payment cannot approve it; have another approver do it",
    ),
    "half of a character": (
        lambda a: workflow.approve(a.store, "beth", "homes", 1, "40\ud80000"),
        r"--total: '40\ud80000' is no amount; write it as on the invoice, such as 1234.56",
    ),
    # -- the ledger itself
    "no receipt": (
        lambda a: check_ledger(a.store, ["412"]),
        "'412' is no receipt; write the entry's number, a colon, and its 64 hex digits",
    ),
    "a backup over a file": (
        lambda a: back_up(a.store, a.file),
        "l.db: there is such a file already; name another; a backup replaces nothing",
    ),
    "a backup to nowhere": (
        lambda a: back_up(a.store, str(a.folder / "1.csv" / "b.db")),
        "b.db: there is no such folder; make it, or name another place",
    ),
    "an export over a file": (
        lambda a: export_to(a, "1.csv"),
        "1.csv: it is there already; name a new folder; an export replaces nothing",
    ),
    "an export to nowhere": (
        lambda a: export_to(a, "1.csv/out"),
        "out: there is no folder to make it in; make that, or name another place",
    ),
    "an export that cannot be written": (
        lambda a: export_to(a, "x" * 300),
        f"{'x' * 300}: the export cannot be written (file name too long); name another place; nothing is left of it",
    ),
    "a ledger where there is one": (
        lambda a: create_store(a.file),
        "l.db: there is a ledger already; use it, or name another database",
    ),
    "a restore where there is one": (
        lambda a: (back_up(a.store, str(a.folder / "b.db")), restore(str(a.folder / "b.db"), a.file)),
        "l.db: there is a ledger already; use it, or name another database",
    ),
    "a restore of what is not sound": (
        lambda a: (
            back_up(a.store, str(a.folder / "b.db")),
            tampered(a.folder / "b.db"),
            restore(str(a.folder / "b.db"), str(a.folder / "n.db")),
        ),
        "b.db: this backup is not sound: what was added under entry 7 (verify, homes) was changed; take another "
        "backup; nothing was restored",
    ),
    "no ledger": (
        lambda a: open_store(str(a.folder / "none.db")),
        "none.db: there is no ledger here; make one: payfs db init",
    ),
    "an empty file": (
        lambda a: open_store(a.write("", "empty.db")),
        "empty.db: this is no ledger yet; make one: payfs db init",
    ),
    "an empty file to upgrade": (
        lambda a: upgrade_store(a.write("", "empty.db")),
        "empty.db: this is no ledger yet; make one: payfs db init",
    ),
    "no database": (
        lambda a: open_store(a.write("x" * 5000, "text.db")),
        "text.db: this file is no database, or it is damaged; restore a backup: payfs db restore",
    ),
    "a folder that cannot be made": (
        lambda a: create_store(str(a.folder / "1.csv" / "n.db")),
        "n.db: the file cannot be made (its folder is a file); name another place: --db",
    ),
    "another's tables": (
        lambda a: (other_tables(a.folder / "o.db"), create_store(str(a.folder / "o.db"))),
        "o.db: the database holds other tables with the names of a ledger's, such as bill; name a database of its own",
    ),
    "no place": (
        lambda a: open_store(" "),
        "--db: it names no database; give a file, or postgresql://USER@HOST/DATABASE",
    ),
    "another kind of database": (
        lambda a: open_store("mysql://u:secret@h/d"),
        "--db: this is neither an SQLite file nor a PostgreSQL database; give a file, or postgresql://USER@HOST/DATABASE",
    ),
    "a driver that is not ours": (
        lambda a: open_store("postgresql+psycopg2://h/d"),
        "--db: payfs does not work with the driver 'psycopg2'; leave it out, or name one of pg8000, psycopg",
    ),
    "a database that does not answer": (
        lambda a: open_store("postgresql://u:secret@127.0.0.1:1/d?password=secret"),
        "postgresql://u:***@127.0.0.1:1/d: the database does not answer; check its address and that it runs, "
        "and try again; what was acknowledged is kept",
    ),
    "a later ledger": (
        lambda a: (a.raw("UPDATE alembic_version SET version_num = '9999'", guards=True), open_store(a.file)),
        "l.db: this ledger is at step 9999, which this version of payfs does not know; install a newer payfs",
    ),
    "a later ledger to upgrade": (
        lambda a: (a.raw("UPDATE alembic_version SET version_num = '9999'", guards=True), upgrade_store(a.file)),
        "l.db: this ledger is at step 9999, which this version of payfs does not know; install a newer payfs",
    ),
    "a replay of no contract": (
        lambda a: replay(a.store, "home"),
        "no contract 'home' is kept here; did you mean 'homes'",
    ),
}


def looked(ledger: Ledger, who: str) -> None:
    with looking(ledger.store, who, "homes") as session:
        bill_document(session, "homes", 7)


def export_to(ledger: Ledger, name: str) -> None:
    with looking(ledger.store, KEEPER, "homes") as session:
        export(session, "homes", KEEPER, str(ledger.folder / name))


def tampered(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        guard = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'line_keeps_update'").fetchone()[0]
        connection.execute("DROP TRIGGER line_keeps_update")
        connection.execute("UPDATE line SET why = 'because'")
        connection.execute(guard)


def other_tables(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE bill (id INTEGER)")


@pytest.mark.parametrize("name", STEPS)
def test_what_is_refused_is_said_with_its_remedy(tmp_path, name):
    step, said = STEPS[name]
    assert told(step, Ledger(tmp_path)) == [said]


def test_an_approver_of_another_payer_is_told_whose_it_is(tmp_path):
    ledger = Ledger(tmp_path, contract=CONTRACT)
    workflow.revoke(ledger.store, KEEPER, "homes", "beth", "approver")
    workflow.grant(ledger.store, KEEPER, "homes", "beth", "approver", "state")
    assert told(workflow.approve, ledger.store, "beth", "homes", 1, "2000") == [
        "beth is approver for 'state', and this is for 'city'; have it done by the approver of 'city'"
    ]


def test_nothing_is_certified_yet(tmp_path):
    store = create_store(str(tmp_path / "l.db"))
    registered(store, tmp_path, ONE_PAYER)
    assert told(workflow.verify, store, "eve", "homes", 1) == [
        "homes has no submission 1; nothing has been submitted yet; payfs ledger show homes lists them"
    ]
    assert told(workflow.approve, store, "beth", "homes", 1, "1") == [
        "homes has no invoice or credit note 1; nothing has been certified yet; payfs ledger show homes lists them"
    ]


def test_a_person_is_named_nowhere(tmp_path):
    store = create_store(str(tmp_path / "l.db"))
    registered(store, tmp_path, CLAIMS)
    workflow.submit(store, "pat", "jobs", [claims(tmp_path, [("ab-1001", "starts", "2021-01-05")])])
    said = ["--reason: it names a person of the claims file; say it without any person's id"]
    for reason in ("look at AB-1001.", "[ab-1001]", "client_ab-1001/x", "ab\u20111001 twice", "#AB-1001", "ａｂ-1001"):
        assert told(workflow.send_back, store, "eve", "jobs", 1, reason) == said
    assert told(workflow.amend, store, KEEPER, "jobs", written(tmp_path, CLAIMS + "# 2\n", "2.yaml"), "ab-1001") == said
    key = [said[0].replace("--reason", "--key")]
    assert told(workflow.send_back, store, "eve", "jobs", 1, "look again", key="ab-1001") == key
    workflow.send_back(store, "eve", "jobs", 1, "xab-1001 and ab-10012 are other words")


def test_an_earlier_ledger_is_to_be_brought_up_to_date(tmp_path, monkeypatch):
    ledger = Ledger(tmp_path)
    monkeypatch.setattr(schema, "head", lambda: "0002")
    assert told(open_store, ledger.file) == [
        "l.db: this ledger is at step 0001, and this version of payfs works with step 0002; bring it up to date: "
        "payfs db upgrade"
    ]


def test_no_driver(monkeypatch):
    monkeypatch.setattr(database, "find_spec", lambda name: None)
    assert told(open_store, "postgresql://h/d") == [
        '--db: no driver for PostgreSQL is installed; install it: pip install "payfs[postgresql]"'
    ]


def test_a_backup_that_cannot_be_finished_leaves_nothing(tmp_path, monkeypatch):
    ledger = Ledger(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "link", full)
    assert told(back_up, ledger.store, str(tmp_path / "b.db")) == [
        "b.db: the backup cannot be written (no space left on device); name another place"
    ]
    assert not list(tmp_path.glob("*b.db*"))

    def taken(*_: object) -> None:
        raise FileExistsError(17, "File exists")

    monkeypatch.setattr(os, "link", taken)
    assert told(back_up, ledger.store, str(tmp_path / "b.db")) == [
        "b.db: there is such a file already; name another; a backup replaces nothing"
    ]


def test_a_database_that_cannot_grow_is_told_and_keeps_nothing(tmp_path):
    ledger = Ledger(tmp_path)
    with ledger.store.connected("bare") as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def grow() -> None:
        with ledger.store.writing() as session:
            session.connection().exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            for number in range(1000):
                session.connection().exec_driver_sql(
                    "INSERT INTO posting VALUES (99, ?, 1, ?, 'USD', 1)", (number + 1000, "x" * 500)
                )

    with pytest.raises(Refused) as refused:
        grow()
    assert str(refused.value).endswith("the disk is full; make room; nothing was kept of this step")
    assert not check_ledger(ledger.store).findings


def test_a_connection_that_breaks_is_told_as_a_database_that_does_not_answer(tmp_path):
    ledger = Ledger(tmp_path)
    with pytest.raises(Refused) as refused, ledger.store.reading():
        raise ConnectionResetError
    assert str(refused.value).endswith(
        "l.db: the database does not answer; check its address and that it runs, and try again; what was acknowledged "
        "is kept"
    )


def test_what_no_pattern_knows_is_said_without_what_was_asked(tmp_path):
    ledger = Ledger(tmp_path)
    with pytest.raises(Refused) as refused, ledger.store.writing() as session:
        session.connection().exec_driver_sql("INSERT INTO posting VALUES (1, 99, 1, 'secret', 'USD', NULL)")
    (finding,) = refused.value.findings
    assert finding.what == "the database refused: NOT NULL constraint failed: posting.amount"
    assert finding.remedy == "nothing was kept; look at its own log, and try again"


def test_what_a_guard_of_the_database_says_is_passed_on(tmp_path):
    ledger = Ledger(tmp_path)
    with pytest.raises(Refused) as refused, ledger.store.writing() as session:
        session.connection().exec_driver_sql("UPDATE bill SET amount = 1")
    assert str(refused.value).endswith("l.db: bill is history, rows are only added; correct by a new step")


# -- what an audit finds

FOUND = {
    "a changed entry": (["UPDATE entry SET text = 'x' WHERE number = 3"], "entry 3 was changed"),
    "an entry that does not follow": (
        ["UPDATE entry SET previous = hash WHERE number = 3"],
        "entry 3 does not follow the entry before it",
    ),
    "an entry that is gone": (
        ["DELETE FROM entry WHERE number = 3"],
        "the log goes on with entry 4 where 3 is due",
    ),
    "rows of no entry": (
        ["UPDATE posting SET entry = 99"],
        "there are rows of an entry 99, which the log does not have",
    ),
    "rows of no number": (
        ["UPDATE posting SET entry = 'somebody' WHERE id = 1", "UPDATE posting SET entry = 99 WHERE id = 2"],
        "there are rows of what is no entry, which the log does not have",
    ),
    "a file that is another": (
        [f"UPDATE file SET sha256 = '{SIX}' WHERE entry = 8"],
        "the file abcdef of entry 8 is not what its SHA-256 says",
    ),
    "changed rows": (
        ["UPDATE posting SET account = 'x'"],
        "what was added under entry 7 (verify, homes) was changed",
    ),
    "another anchor": (
        ["UPDATE anchor SET count = 3"],
        "the log ends with entry 10, and the anchor says otherwise",
    ),
    "books that do not balance": (
        ["UPDATE posting SET amount = amount + 7 WHERE id = 1"],
        "the postings of entry 7 do not come to nothing, but to $0.07",
    ),
    "lines that do not make a bill": (
        ["UPDATE line SET amount = amount + 1"],
        "invoice 1 of homes is over $4,000.00, and its lines come to $4,000.01",
    ),
    "lines that do not make a certificate": (
        ["UPDATE line SET amount = amount + 1"],
        "certificate 1 of homes is over $4,000.00, and its lines come to $4,000.01",
    ),
    "a payment of another amount": (
        ["UPDATE payment SET amount = 1"],
        "invoice 1 of homes is over $4,000.00, and $0.01 was paid on it",
    ),
    "a payment that nobody approved": (["DELETE FROM approval"], "invoice 1 of homes was paid and never approved"),
    "a payment that the books do not have": (
        ["DELETE FROM posting WHERE account LIKE 'money%'"],
        "the books have $0.00 paid on invoice 1 of homes, and the payments $4,000.00",
    ),
    "a debt that the books do not have": (
        ["DELETE FROM posting WHERE account LIKE 'owed%' AND amount > 0"],
        "the books have $4,000.00 owed on invoice 1 of homes, which is over $4,000.00",
    ),
    "approved by somebody else": (
        ["UPDATE approval SET \"by\" = 'zed'"],
        "invoice 1 of homes was approved by zed, who was no approver of its payer then",
    ),
    "paid by somebody else": (
        ["UPDATE payment SET \"by\" = 'zed'"],
        "invoice 1 of homes was paid by zed, who was no payer of it then",
    ),
    "verified by who handed it in": (
        ["UPDATE verification SET \"by\" = 'pat'"],
        "submission 1 of homes was verified by pat, who handed it in",
    ),
    "another text": (
        ["UPDATE version SET text = replace(text, 'price: 100', 'price: 101')"],
        "the text of version 1 of homes is not what its SHA-256 says",
    ),
    "other evidence": (
        ["UPDATE file SET content = CAST(replace(CAST(content AS TEXT), '40', '41') AS BLOB)"],
        "homes comes to $4,100.00 on what is verified, not $4,000.00 as certified",
    ),
    "evidence that says nothing": (
        ["UPDATE file SET content = CAST('metric' AS BLOB)"],
        "what homes has paid can no longer be worked out: the column period is missing",
    ),
    "beyond a limit": (
        ["UPDATE line SET amount = 5000001"],
        "homes certified $50,000.01, beyond its limit 'all' of $50,000.00",
    ),
    "an approval by who verified": (
        ["UPDATE approval SET \"by\" = 'eve'"],
        "invoice 1 of homes was approved by eve, who prepared it",
    ),
    "a payment by who was no payer": (
        ["UPDATE payment SET \"by\" = 'zed'"],
        "invoice 1 of homes was paid by zed, who was no payer of it then",
    ),
    "a verification by who handed in": (
        ["UPDATE verification SET \"by\" = 'pat'"],
        "submission 1 of homes was verified by pat, who handed it in",
    ),
    "what leads nowhere": (
        ["UPDATE certificate SET version = 99"],
        "what homes comes to can no longer be read",
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_an_audit_says_what_was_changed(tmp_path, name):
    statements, said = FOUND[name]
    ledger = Ledger(tmp_path, settled=True)
    ledger.raw(*statements)
    found = check_ledger(ledger.store).findings
    assert said in [finding.what for finding in found]
    assert all(finding.remedy for finding in found)


def test_an_audit_says_which_guards_are_gone(tmp_path):
    ledger = Ledger(tmp_path)
    ledger.raw("DROP TRIGGER payment_once", "DROP TRIGGER bill_keeps_delete", guards=True)
    assert [f.what for f in check_ledger(ledger.store).findings] == [
        "the database no longer has the guard bill_keeps_delete and 1 more"
    ]


def test_an_audit_says_which_guards_are_others(tmp_path):
    ledger = Ledger(tmp_path)
    held = "CREATE TRIGGER {0} BEFORE INSERT ON payment WHEN 0 BEGIN SELECT RAISE(ABORT, 'no'); END"
    names = ("payment_once", "payment_in_full")
    ledger.raw(*(f"DROP TRIGGER {name}" for name in names), *(held.format(name) for name in names), guards=True)
    assert [f.what for f in check_ledger(ledger.store).findings] == [
        "the database has another guard in the place of payment_in_full and 1 more"
    ]


def test_a_text_that_is_none_is_never_shown(tmp_path):
    ledger = Ledger(tmp_path)
    ledger.raw("UPDATE bill SET payer = CAST(x'6D617279FF' AS TEXT)")
    with pytest.raises(Refused) as refused, ledger.store.reading() as session:
        session.connection().exec_driver_sql("SELECT payer FROM bill").all()
    (finding,) = refused.value.findings
    assert finding.what == "the database holds a text that was changed"
    assert finding.remedy == "find it: payfs ledger verify"
    with (
        pytest.raises(Refused, match="the database holds a number that was changed"),
        ledger.store.reading() as session,
    ):
        session.connection().exec_driver_sql("SELECT sum(9223372036854775807) FROM entry").all()


@pytest.mark.parametrize("lost", [ConnectionResetError(), sqlite3.InterfaceError("network error")])
def test_a_connection_that_is_lost_is_told(tmp_path, lost):
    ledger = Ledger(tmp_path)
    with pytest.raises(Refused, match="the database does not answer"), ledger.store.reading():
        raise lost


def test_a_connection_that_breaks_while_it_is_set_up_is_told():
    store = database.connect(database.read_url("postgresql://u@127.0.0.1:1/d"))

    class Broken:
        def __getattr__(self, name):
            raise pg8000.dbapi.InterfaceError("network error")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store.engine, "connect", Broken)
        with pytest.raises(Refused, match="the database does not answer"), store.reading():
            pass


def test_an_audit_compares_receipts(tmp_path):
    ledger = Ledger(tmp_path)
    assert [f.what for f in check_ledger(ledger.store, ["99:" + "0" * 64, "3:" + "0" * 64]).findings] == [
        "entry 99 is gone, and a receipt for it is held",
        "entry 3 is not the one that a receipt was given for",
    ]


def test_a_contract_that_a_later_program_cannot_read_is_told(tmp_path, monkeypatch):
    ledger = Ledger(tmp_path)

    def stricter(text: str, name: str):
        raise Refused(told_by(name))

    def told_by(name: str):
        from payfs.text import Finding

        return [Finding("a key of this name is no longer known", "", file=name)]

    monkeypatch.setattr("payfs.store.audit.read_text", stricter)
    assert [str(f) for f in check_ledger(ledger.store).findings] == [
        "version 1 of homes can no longer be read: a key of this name is no longer known; replay it with the program "
        "that is kept beside it: payfs ledger replay --stored-engine"
    ]


# -- what a replay finds

REPLAYED = {
    "another amount": (
        "UPDATE line SET amount = 399999",
        "certificate 1 of homes, starts for 2021-Q1: amount is $3,999.99, and made again $4,000.00",
    ),
    "another word": (
        "UPDATE line SET why = 'because'",
        "certificate 1 of homes, starts for 2021-Q1: why is because, and made again 40 starts at $100.00 for each",
    ),
    "a line more": (
        "UPDATE line SET rule = 'homes'",
        "certificate 1 of homes has a line homes for 2021-Q1, which is not made again",
    ),
    "a line less": ("DELETE FROM line", "certificate 1 of homes has no line starts for 2021-Q1, which is made now"),
    "another file": (
        "UPDATE file SET content = CAST(replace(CAST(content AS TEXT), '40', '41') AS BLOB)",
        "certificate 1 of homes cannot be made again: file SHA is not what its SHA-256 says",
    ),
    "another kind of file": (
        "UPDATE file SET kind = '../x'",
        "certificate 1 of homes cannot be made again: the kind of file SHA was changed to one that there is not",
    ),
    "another program": (
        "UPDATE certificate SET engine = 'x'",
        "certificate 1 of homes cannot be made again: what it rests on was changed",
    ),
    "other files": (
        "UPDATE certificate SET evidence = '[]'",
        "certificate 1 of homes cannot be made again: it rests on other files than it says",
    ),
}


@pytest.mark.parametrize("name", REPLAYED)
def test_a_replay_says_where_it_differs(tmp_path, name):
    statement, said = REPLAYED[name]
    ledger = Ledger(tmp_path)
    ledger.raw(statement)
    found = replay(ledger.store).findings
    whats = [re.sub(r"file [0-9a-f]{12}", "file SHA", finding.what) for finding in found]
    assert any(what.startswith(said) for what in whats), whats
    assert all(finding.remedy for finding in found)


def test_a_replay_by_the_stored_program_says_where_it_differs(tmp_path):
    ledger = Ledger(tmp_path)
    ledger.raw("UPDATE line SET amount = 399999", "UPDATE certificate SET to_date = 399999")
    assert [f.what for f in replay(ledger.store, stored_engine=True).findings] == [
        "certificate 1 of homes, starts for 2021-Q1: $3,999.99 is certified, and the stored program makes it $4,000.00",
        "certificate 1 of homes has $3,999.99 to date, and the stored program $4,000.00",
    ]


def test_a_stored_program_that_was_changed_is_not_run(tmp_path):
    ledger = Ledger(tmp_path)
    ledger.raw("UPDATE engine SET libraries = '{}'")
    (finding,) = replay(ledger.store, stored_engine=True).findings
    assert re.fullmatch(
        "the program [0-9a-f]{12} is not what its SHA-256 says, and is not run; payfs ledger verify says more",
        str(finding),
    )


def test_a_stored_program_that_does_not_run_is_told(tmp_path, monkeypatch):
    import io
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("payfs/__init__.py", "raise RuntimeError('no such library')")
    libraries, source = running().libraries, packed.getvalue()
    stored = running()._replace(source=source, sha256=named(libraries, source))
    monkeypatch.setattr("payfs.store.engines.running", lambda: stored)
    ledger = Ledger(tmp_path, new=True)
    assert told(replay, ledger.store, stored_engine=True) == [
        "the stored program does not run: RuntimeError: no such library; install the libraries that payfs ledger show "
        "names beside it"
    ]


def test_a_program_that_pays_otherwise_is_told_of(tmp_path, monkeypatch):
    ledger = Ledger(tmp_path)
    monkeypatch.setattr("payfs.store.replay.running", lambda: running()._replace(sha256=SIX))
    ledger.raw("UPDATE line SET amount = 1")
    assert replay(ledger.store).findings[0].remedy == (
        "another version of payfs made it: payfs ledger replay --stored-engine runs that"
    )


# -- every message has a sample

UNREACHED = {  # how a message begins, and where it is earned
    "Finding('the file is there already', 'choose another": "tests/test_ledger_cli.py",
    "Finding(f'the file cannot be written": "tests/test_ledger_cli.py",
}


def test_every_message_of_the_ledger_has_a_sample(tmp_path_factory, monkeypatch):
    ours = ("payfs/store/", "payfs/cli/ledger")
    found = list(sites_of({"refusal", "Finding"}, (), lambda name: not name.startswith(ours)))
    assert len(found) > 80
    root = Path(payfs.__file__).parent.parent
    lines: dict[str, set[int]] = {}
    for name, first, last, _ in found:
        lines.setdefault(str(root / name), set()).update(range(first, last + 1))
    watch, before = Watch(lines), sys.gettrace()
    here = sys.modules[__name__]
    alone = [test for name, test in vars(here).items() if name.startswith("test_") and test.__code__.co_argcount < 3]
    sys.settrace(watch.call)
    try:
        for step, _ in STEPS.values():
            told(step, Ledger(tmp_path_factory.mktemp("step")))
        for name in FOUND:
            test_an_audit_says_what_was_changed(tmp_path_factory.mktemp("found"), name)
        for name in REPLAYED:
            test_a_replay_says_where_it_differs(tmp_path_factory.mktemp("replayed"), name)
        for test in alone:
            wanted = test.__code__.co_varnames[: test.__code__.co_argcount]
            with monkeypatch.context() as patch:
                given = {"tmp_path": tmp_path_factory.mktemp("alone"), "monkeypatch": patch}
                if set(wanted) <= set(given):
                    test(**{name: given[name] for name in wanted})
    finally:
        sys.settrace(before)
    bare = [
        f"{name}:{first}: {text}"
        for name, first, last, text in found
        if not any((str(root / name), line) in watch.ran for line in range(first, last + 1))
        and not text.startswith(tuple(UNREACHED))
    ]
    assert not bare, "no sample earns\n" + "\n".join(bare)
