"""Backups: taken while others write, restored into either kind of database, and proved before they are used."""

from __future__ import annotations

import multiprocessing
import shutil
import sqlite3
from pathlib import Path

import pytest
from made_ledgers import KEEPER, ONE_PAYER, QUARTERS, everything, refused, registered, results, settle

from payfs.store import open_store, workflow
from payfs.store.audit import check_ledger
from payfs.store.backup import back_up, restore
from payfs.store.replay import replay
from payfs.text import Refused

ROUNDS = 25  # steps that the writer takes at least, while backups are taken


def write(url: str, go, stop, told) -> None:
    """Give and take a role until told to stop, and say each receipt."""
    store = open_store(url)
    go.set()
    number = 0
    while not stop.is_set() or number < ROUNDS:
        step = workflow.revoke if number % 2 else workflow.grant
        told.send(step(store, KEEPER, "homes", f"viewer{number // 2}", "viewer").receipt)
        number += 1
    told.close()
    store.close()


def test_a_backup_that_is_taken_while_others_write_is_one_moment(store, databases, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    context = multiprocessing.get_context("spawn")
    go, stop = context.Event(), context.Event()
    hear, told = context.Pipe(duplex=False)
    url = store.url.render_as_string(hide_password=False)
    writer = context.Process(target=write, args=(url, go, stop, told))
    writer.start()
    told.close()
    copies = []
    try:
        assert go.wait(60)
        for number in range(4):
            before = heard(hear, wait=10)
            copies.append((back_up(store, str(tmp_path / f"{number}.db")), before))
    finally:
        stop.set()
        receipts = [receipt for _, before in copies for receipt in before]
        while (more := heard(hear, wait=30)) is not None:
            receipts += more
        writer.join(60)
    assert writer.exitcode == 0
    assert len(receipts) >= ROUNDS
    assert copies[-1][0].entries > copies[0][0].entries, "the writer went on meanwhile"
    known = {int(receipt.split(":")[0]): receipt for receipt in receipts}
    for number, (copied, before) in enumerate(copies):
        backup = open_store(str(tmp_path / f"{number}.db"))
        noted = [known[one] for one in known if one <= copied.entries]
        assert not check_ledger(backup, noted).findings
        backup.close()
        assert all(int(receipt.split(":")[0]) <= copied.entries for receipt in before), "what was told before is in it"
        again = databases.fresh()
        restore(str(tmp_path / f"{number}.db"), again)
        opened = open_store(again)
        assert check_ledger(opened, noted).receipt == copied.receipt
        opened.close()
        databases.drop(again)


def heard(pipe, wait: float = 0) -> list[str] | None:
    """Return what was said so far; None once nothing more can come."""
    said = []
    try:
        while pipe.poll(wait):
            said.append(pipe.recv())
            wait = 0
    except EOFError:
        return said or None
    return said


def test_what_is_restored_is_the_same_to_the_last_bit_in_either_kind_of_database(copied, databases, tmp_path):
    source = open_store(copied.url)
    backup = str(tmp_path / "b.db")
    told = back_up(source, backup)
    text = replay(source).text
    source.close()
    assert told.receipt == copied.receipts[-1]
    assert sorted(path.name for path in tmp_path.glob("b.db*")) == ["b.db"], "one file, and nothing beside it"
    for made in (databases.fresh(), str(tmp_path / "again.db")):
        restored = restore(backup, made)
        assert restored == told
        opened = open_store(made)
        audit = check_ledger(opened, copied.receipts)
        assert not audit.findings
        assert replay(opened).text == text
        where = opened.url.render_as_string(hide_password=False)
        opened.close()
        assert everything(where) == everything(copied.url)
        databases.drop(made) if "again" not in made else None


def test_work_goes_on_in_what_was_restored(copied, databases, tmp_path):
    source = open_store(copied.url)
    back_up(source, str(tmp_path / "b.db"))
    source.close()
    made = databases.fresh()
    restore(str(tmp_path / "b.db"), made)
    opened = open_store(made)
    more = results(tmp_path, [("starts", QUARTERS[3], 5)])
    number = workflow.submit(opened, "pat", "homes", [more]).number
    settle(opened, "homes", workflow.verify(opened, "eve", "homes", number).bills)
    assert not check_ledger(opened, copied.receipts).findings
    opened.close()
    databases.drop(made)


@pytest.mark.parametrize("damage", ["cut", "bit", "row", "empty"])
def test_a_damaged_backup_restores_nothing(copied, databases, tmp_path, damage):
    source = open_store(copied.url)
    file = tmp_path / "b.db"
    back_up(source, str(file))
    source.close()
    data = bytearray(file.read_bytes())
    if damage == "cut":
        file.write_bytes(data[: len(data) // 2])
    elif damage == "bit":
        place = data.index(b"transfer 1")
        data[place] ^= 1
        file.write_bytes(data)
    elif damage == "empty":
        file.write_bytes(b"")
    else:
        with sqlite3.connect(file) as connection:
            connection.execute("DROP TRIGGER payment_keeps_update")
            connection.execute("UPDATE payment SET paid_on = '2021-06-02'")
    made = databases.fresh()
    assert refused(restore, str(file), made)
    with pytest.raises(Refused):
        open_store(made)
    databases.drop(made)


def test_a_restore_that_breaks_off_leaves_nothing(copied, databases, tmp_path, monkeypatch):
    source = open_store(copied.url)
    back_up(source, str(tmp_path / "b.db"))
    source.close()
    made = databases.fresh()
    place = Path(str(open_url(made).database))

    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("payfs.store.backup._rows", broken)
        with pytest.raises(KeyboardInterrupt):
            restore(str(tmp_path / "b.db"), made)
    assert not place.exists()
    restore(str(tmp_path / "b.db"), made)
    databases.drop(made)


def open_url(url: str):
    from payfs.store.database import read_url

    return read_url(url)


def test_a_backup_replaces_nothing(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    back_up(store, str(tmp_path / "b.db"))
    before = (tmp_path / "b.db").read_bytes()
    assert refused(back_up, store, str(tmp_path / "b.db")) == ["there is such a file already"]
    assert (tmp_path / "b.db").read_bytes() == before
    shutil.copy(tmp_path / "b.db", tmp_path / "c.db")
    opened = open_store(str(tmp_path / "c.db"))
    assert not check_ledger(opened).findings
    opened.close()
