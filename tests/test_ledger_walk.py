"""What a database may hold where a text or a number should be: it is found as it is, under its entry, and not shown."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_ledgers import laid_open, raw, tables
from sqlalchemy import MetaData, Table, create_engine, literal_column, select, text, update

from payfs.store import open_store
from payfs.store.audit import check_ledger
from payfs.store.chain import row_text, row_writer
from payfs.store.replay import replay
from payfs.store.rows import HISTORY
from payfs.text import Refused

SECRET = "ab-1001-of-a-person"
VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.binary())


@given(st.dictionaries(st.text(string.ascii_lowercase + "_", min_size=1), VALUES, min_size=1))
def test_a_row_is_written_one_way_only_however_it_is_written(row):
    names = sorted(row)
    assert row_writer("line", names)([row[name] for name in names]) == row_text("line", row)


def changed_rows(store):
    """Return what an audit says, which names entries and shows nothing of a cell."""
    found = [f"{finding.what}; {finding.remedy}" for finding in check_ledger(store).findings]
    for what in found:
        assert SECRET not in what
        assert what.isprintable()
    return found


@pytest.fixture
def behind(copied):
    """A ledger of SQLite, which lets any column hold anything, laid open."""
    laid_open(copied.url)
    store = open_store(copied.url)
    yield copied.url, store
    store.close()


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
class TestSqlite:
    def test_a_role_is_given_or_not_and_nothing_else_is_as_true(self, behind):
        url, store = behind
        for other in ("2", "-1", "1.5", "'evil'", "x'01'"):
            with raw(url) as connection:
                entry, role = connection.execute(text("SELECT entry, id FROM role_change WHERE given")).first()
                connection.execute(text(f"UPDATE role_change SET given = {other} WHERE id = {role}"))
            assert any(f"was added under entry {entry} (" in what for what in changed_rows(store)), other
            with raw(url) as connection:
                connection.execute(text(f"UPDATE role_change SET given = 1 WHERE id = {role}"))
        assert not [what for what in changed_rows(store) if "guard" not in what]

    @pytest.mark.parametrize("bad", [f"CAST(x'FF{SECRET.encode().hex()}' AS TEXT)", f"CAST('{SECRET}' AS BLOB)"])
    def test_a_text_that_is_none_is_found_under_its_entry_and_nothing_of_it_is_shown(self, behind, bad):
        url, store = behind
        held = {str(kind.__tablename__): kind.__table__ for kind in HISTORY}
        tried = 0
        for name, table in held.items():
            for column in (column for column in table.columns if str(column.type) == "VARCHAR"):
                with raw(url) as connection:
                    key, value, entry = connection.exec_driver_sql(
                        f'SELECT rowid, "{column.name}", entry FROM "{name}" LIMIT 1'
                    ).first()
                    connection.exec_driver_sql(f'UPDATE "{name}" SET "{column.name}" = {bad} WHERE rowid = {key}')
                assert any(f"was added under entry {entry} (" in what for what in changed_rows(store)), column
                with raw(url) as connection:
                    connection.exec_driver_sql(f'UPDATE "{name}" SET "{column.name}" = ? WHERE rowid = {key}', (value,))
                tried += 1
        assert tried > 60
        assert not [what for what in changed_rows(store) if "guard" not in what]

    @pytest.mark.parametrize("column", ["at", "by", "step", "contract", "subject", "text", "rows_digest", "hash"])
    def test_a_text_of_the_log_that_is_none_is_found(self, behind, column):
        url, store = behind
        with raw(url) as connection:
            connection.exec_driver_sql(
                f"UPDATE entry SET \"{column}\" = CAST(x'FF{SECRET.encode().hex()}' AS TEXT) WHERE number = 2"
            )
        assert any("entry 2 was changed" in what for what in changed_rows(store))

    def test_bytes_are_not_taken_for_the_hash_of_them_nor_a_hash_for_its_bytes(self, behind):
        url, store = behind
        for change in (
            "UPDATE submission_file SET file = (SELECT content FROM file WHERE sha256 = submission_file.file)",
            "UPDATE file SET content = sha256",
        ):
            with raw(url) as connection:
                if "content = sha256" in change:  # now both are texts of one hash
                    connection.exec_driver_sql(
                        "UPDATE submission_file AS s SET file = (SELECT sha256 FROM file WHERE content = s.file)"
                    )
                connection.exec_driver_sql(change)
            assert any("was added under entry" in what for what in changed_rows(store)), change

    def test_rows_of_what_is_no_number_of_an_entry_are_found(self, behind):
        url, store = behind
        with raw(url) as connection:
            for number, entry in enumerate((f"'{SECRET}'", "99", "x'00'", "1.5")):
                connection.exec_driver_sql(
                    f"UPDATE posting SET entry = {entry} WHERE id = (SELECT id FROM posting LIMIT 1 OFFSET {number})"
                )
        found = changed_rows(store)
        assert any("there are rows of an entry 99" in what for what in found)
        assert sum("there are rows of what is no entry" in what for what in found) == 3


def test_a_ledger_that_was_changed_is_replayed_as_far_as_it_goes_and_what_stands_in_the_way_is_told(copied):
    laid_open(copied.url)
    store, engine = open_store(copied.url), create_engine(copied.url)
    with engine.connect() as connection:
        held = MetaData()
        shapes = [Table(name, held, autoload_with=connection) for name in tables(connection)]
        for table in shapes:
            keys = list(table.primary_key.columns)
            row = connection.execute(select(table).order_by(*keys)).mappings().first()
            for column in table.columns:
                kind = column.type.python_type
                others = {str: ["["], bytes: [b"x"], int: [900_001]}.get(kind, [])
                others = [*others, *([None] if column.nullable else [])]
                if kind is str and engine.dialect.name == "sqlite" and not column.primary_key:
                    others.append(literal_column("CAST(x'FF' AS TEXT)"))
                for other in others:
                    now = {**row, column.name: other}
                    change(connection, table, row, {column.name: other})
                    _replayed(store)
                    change(connection, table, now, {column.name: row[column.name]})
    engine.dispose()
    assert replay(store).findings == ()
    store.close()


def change(connection, table, row, values):
    where = [column == row[column.name] for column in table.primary_key.columns]
    assert connection.execute(update(table).where(*where).values(values)).rowcount == 1
    connection.commit()


def _replayed(store):
    try:
        findings = replay(store).findings
    except Refused as refused:
        findings = refused.findings
    for finding in findings:
        assert finding.what
        assert finding.remedy


def test_a_fault_of_the_program_itself_is_not_blamed_on_a_ledger_that_is_sound(copied, monkeypatch):
    def faulty(*_):
        raise LookupError("a fault of ours")

    monkeypatch.setattr("payfs.store.replay.due_now", faulty)
    store = open_store(copied.url)
    with pytest.raises(LookupError, match="a fault of ours"):
        replay(store)
    store.close()


@pytest.mark.parametrize("stop", [KeyboardInterrupt, MemoryError, SystemExit])
def test_a_replay_of_a_changed_ledger_can_be_stopped(copied, monkeypatch, stop):
    def stopped(*_):
        raise stop

    laid_open(copied.url)
    with raw(copied.url) as connection:
        connection.execute(text("UPDATE bill SET payer = 'x'"))
    monkeypatch.setattr("payfs.store.replay.due_now", stopped)
    store = open_store(copied.url)
    with pytest.raises(stop):
        replay(store)
    store.close()
