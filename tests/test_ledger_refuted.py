"""What somebody who set out to break a ledger came through with, once."""

from __future__ import annotations

import shutil

import pytest
from made_ledgers import KEEPER, ONE_PAYER, QUARTERS, laid_open, raw, refused, registered, results, total_of
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from payfs.cli import app
from payfs.store import create_store, open_store, schema
from payfs.store.audit import check_ledger
from payfs.store.backup import back_up, restore
from payfs.store.replay import replay
from payfs.store.workflow import approve, grant, set_details, submit, verify


def test_who_comes_second_does_not_take_away_the_ledger_of_who_came_first(tmp_path, monkeypatch):
    file = str(tmp_path / "ledger.db")
    make_room = schema._make_room

    def overtaken(store):
        made = make_room(store)
        monkeypatch.setattr(schema, "_make_room", make_room)
        create_store(file).close()
        return made

    monkeypatch.setattr(schema, "_make_room", overtaken)
    assert refused(create_store, file) == ["there is a ledger already"]
    open_store(file).close()


def test_a_backup_is_restored_from_wherever_it_lies(tmp_path):
    store = create_store(str(tmp_path / "ledger.db"))
    backup = tmp_path / "what?is=100%41.db"
    back_up(store, str(backup))
    store.close()
    restore(str(backup), str(tmp_path / "again.db"))
    assert not check_ledger(open_store(str(tmp_path / "again.db"))).findings


def test_guards_look_at_the_tables_of_the_ledger_whatever_the_connection_calls_by_their_names(postgresql, tmp_path):
    url = postgresql.fresh()
    store = create_store(url)
    name = registered(store, tmp_path, ONE_PAYER)
    grant(store, KEEPER, name, "pat", "approver")
    submit(store, "pat", name, [results(tmp_path, [("starts", QUARTERS[0], 3)])])
    verify(store, "eve", name, 1)
    for says, shadow, row in (
        (
            "whoever prepared",
            "CREATE TEMP TABLE submission AS SELECT id, 'x'::varchar AS \"by\" FROM submission",
            "INSERT INTO approval (entry, id, bill, \"by\", at) VALUES (9, 9, 1, 'pat', 'x')",
        ),
        (
            "not approved",
            "CREATE TEMP TABLE approval AS SELECT 1 AS bill",
            'INSERT INTO payment (entry, id, bill, attempt, paid_on, amount, currency, reference, "by") '
            "VALUES (9, 9, 1, 1, '2021-01-01', 30000, 'USD', 'x', 'carl')",
        ),
    ):
        with pytest.raises(DBAPIError, match=says):
            behind_a_shadow(store.url, shadow, row)
    approve(store, "beth", name, 1, total_of(store, name, 1))
    store.close()


def behind_a_shadow(url, shadow, row):
    with raw(url) as connection:
        connection.execute(text(shadow))
        connection.execute(text(row))


def test_steps_read_what_was_kept_before_whatever_the_server_has_as_its_default(postgresql, tmp_path):
    store = create_store(postgresql.fresh())
    with store.connected("bare") as connection:
        name = store.url.database
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'"))
    store.close()
    with store.connected("write") as connection:
        assert connection.execute(text("SHOW transaction_isolation")).scalar_one() == "read committed"
    store.close()


@pytest.mark.parametrize("column", ["at", "by", "step", "contract", "subject", "text", "previous", "hash"])
def test_bytes_in_the_place_of_a_text_of_the_log_are_found(tmp_path, column):
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    store = create_store(url)
    registered(store, tmp_path, ONE_PAYER)
    store.close()
    copy = f"sqlite:///{tmp_path / 'copy.db'}"
    shutil.copy(str(make_url(url).database), str(make_url(copy).database))
    laid_open(copy)
    with raw(copy) as connection:
        connection.execute(text(f'UPDATE entry SET "{column}" = CAST("{column}" AS BLOB) WHERE number = 2'))
    store = open_store(copy)
    assert any("entry 2 was changed" in finding.what for finding in check_ledger(store).findings)
    store.close()


@pytest.mark.parametrize("name", ["\udcff", "\0", "a\u202eb"])
def test_names_that_no_database_can_hold_are_names_of_nothing(store, tmp_path, name):
    homes = registered(store, tmp_path, ONE_PAYER)
    file = results(tmp_path, [("starts", QUARTERS[0], 3)])
    assert "no contract" in refused(replay, store, name)[0]
    assert "no contract" in refused(submit, store, "pat", name, [file])[0]
    assert "no party" in refused(set_details, store, KEEPER, homes, name, bank="x")[0]
    assert "no party" in refused(grant, store, KEEPER, homes, "zed", "payer", name)[0]
    submit(store, "pat", homes, [file])
    verify(store, "eve", homes, 1)
    assert "is no amount" in refused(approve, store, "beth", homes, 1, name)[0]


@pytest.mark.parametrize("number", ["0", "2147483648", "99999999999999999999"])
def test_numbers_that_no_database_can_hold_are_refused(number):
    for command in (["invoice", "homes"], ["certificate", "homes"], ["verify", "homes"]):
        done = CliRunner().invoke(app, [*command, number])
        assert done.exit_code == 2
        assert isinstance(done.exception, SystemExit)
