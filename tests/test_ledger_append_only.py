"""History is only added to, and the database sees to it: from a plain connection that sets nothing, on every table."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pg8000.dbapi
import pytest
from made_ledgers import QUARTERS, everything, results
from sqlalchemy import make_url

from payfs.store import open_store
from payfs.store.audit import check_ledger
from payfs.store.rows import TABLES
from payfs.store.workflow import grant, submit

NAMES = sorted(str(table.__tablename__) for table in TABLES)
ONLY_SQLITE = {
    "INSERT OR REPLACE": 'INSERT OR REPLACE INTO "{table}" SELECT * FROM "{table}"',
    "REPLACE of one row": 'REPLACE INTO "{table}" SELECT * FROM "{table}" LIMIT 1',
    "REPLACE by the hidden number of a row": 'REPLACE INTO "{table}" (rowid, {columns}) SELECT rowid, {columns} '
    'FROM "{table}"',
    "REPLACE under another key": 'REPLACE INTO "{table}" ({columns}) SELECT {moved} FROM "{table}"',
    "UPDATE OR REPLACE": 'UPDATE OR REPLACE "{table}" SET {first} = {first}',
    "UPDATE OR IGNORE": 'UPDATE OR IGNORE "{table}" SET {first} = {first}',
    "ON CONFLICT DO UPDATE": 'INSERT INTO "{table}" SELECT * FROM "{table}" WHERE true '
    "ON CONFLICT DO UPDATE SET {last} = {last}",
}
ONLY_POSTGRESQL = {
    "TRUNCATE": 'TRUNCATE "{table}"',
    "TRUNCATE CASCADE": 'TRUNCATE "{table}" CASCADE',
    "ON CONFLICT DO UPDATE": 'INSERT INTO "{table}" SELECT * FROM "{table}" ON CONFLICT ({first}) '
    "DO UPDATE SET {last} = EXCLUDED.{last}",
    "UPDATE FROM": 'UPDATE "{table}" t SET {first} = o.{first} FROM "{table}" o WHERE o.{first} = t.{first}',
    "DELETE USING": 'DELETE FROM "{table}" t USING "{table}" o WHERE o.{first} = t.{first}',
    "MERGE": 'MERGE INTO "{table}" t USING "{table}" o ON o.{first} = t.{first} WHEN MATCHED THEN DELETE',
}
BOTH = {
    "UPDATE": 'UPDATE "{table}" SET {first} = {first}',
    "UPDATE of the last column": 'UPDATE "{table}" SET {last} = {last}',
    "DELETE": 'DELETE FROM "{table}"',
    "DELETE of one row": 'DELETE FROM "{table}" WHERE {first} IN (SELECT {first} FROM "{table}" LIMIT 1)',
}


def plain(url):
    """Connect as any program would, without a setting."""
    where = make_url(url)
    if where.get_backend_name() == "sqlite":
        return sqlite3.connect(str(where.database))
    return pg8000.dbapi.connect(
        where.username, host=where.host, port=where.port, database=where.database, password=where.password
    )


def words(cursor, table):
    """Return what the statements of a table name: its columns, the first of its key, and the last."""
    cursor.execute(f'SELECT * FROM "{table}" LIMIT 1')
    names = [column[0] for column in cursor.description]
    key = next(name for name in ("id", "number", "key", "sha256", "name") if name in names)
    last = next(name for name in reversed(names) if name != key)
    quoted = [f'"{name}"' for name in names]
    moved = [f'"{name}" + 900000' if name == "id" else f'"{name}"' for name in names]
    return {
        "table": table,
        "columns": ", ".join(quoted),
        "moved": ", ".join(moved),
        "first": f'"{key}"',
        "last": f'"{last}"',
    }


@pytest.fixture(scope="module")
def before(kept):
    """All that the ledger holds, and has to hold after each test."""
    return everything(kept.url)


@pytest.mark.parametrize("table", NAMES)
def test_rows_cannot_be_changed_replaced_or_taken_away(kept, before, table):
    assert before[table]
    sqlite = kept.url.startswith("sqlite")
    with closing(plain(kept.url)) as connection:
        cursor = connection.cursor()
        named = words(cursor, table)
        connection.rollback()
        for what, statement in {**BOTH, **(ONLY_SQLITE if sqlite else ONLY_POSTGRESQL)}.items():
            if what == "REPLACE under another key" and '"id" + ' not in named["moved"]:
                continue  # it has but one key, by which it was replaced above
            if what == "REPLACE under another key" and table in FREE:
                continue  # there such a row is a new one
            with pytest.raises((sqlite3.DatabaseError, pg8000.dbapi.DatabaseError)) as no:
                cursor.execute(statement.format(**named))
            connection.rollback()
            of_its_own = "cannot truncate a table referenced" if what == "TRUNCATE" else "payfs: "
            assert re.search(f"payfs: |{of_its_own}", str(no.value)), (what, str(no.value))
        connection.commit()
    assert everything(kept.url) == before


# where no two rows are kept apart by anything but their number; that an entry did not add it is what an audit finds
FREE = {"role_change", "details", "posting", "anchor"}


@pytest.mark.parametrize("table", NAMES)
def test_a_row_that_is_there_is_not_added_again_without_a_word(kept, before, table):
    with closing(plain(kept.url)) as connection:
        cursor = connection.cursor()
        for statement in ('INSERT INTO "{0}" SELECT * FROM "{0}"', 'INSERT OR IGNORE INTO "{0}" SELECT * FROM "{0}"',
                          'INSERT INTO "{0}" SELECT * FROM "{0}" ON CONFLICT DO NOTHING'):  # fmt: skip
            try:
                cursor.execute(statement.format(table))
            except (sqlite3.Error, pg8000.dbapi.DatabaseError):
                connection.rollback()
            else:
                connection.commit()
    assert everything(kept.url) == before


def test_the_anchor_moves_only_with_the_log(kept, before):
    with closing(plain(kept.url)) as connection:
        cursor = connection.cursor()
        for statement in (
            "UPDATE anchor SET count = count + 1",
            "UPDATE anchor SET count = count - 1",
            "UPDATE anchor SET head = (SELECT hash FROM entry WHERE number = 1)",
            "UPDATE anchor SET count = 1, head = (SELECT hash FROM entry WHERE number = 1)",
            "UPDATE anchor SET id = 2",
            "INSERT INTO anchor (id, count, head) VALUES (2, 0, 'x')",
            "DELETE FROM anchor",
        ):
            with pytest.raises((sqlite3.DatabaseError, pg8000.dbapi.DatabaseError), match="payfs: "):
                cursor.execute(statement)
            connection.rollback()
    assert everything(kept.url) == before
    store = open_store(kept.url)
    assert check_ledger(store, kept.receipts).findings == ()
    store.close()


# -- four eyes, by the database alone


def newest(cursor, table, columns, values):
    cursor.execute(
        f"INSERT INTO {table} (id, entry, {columns}) "
        f"SELECT (SELECT max(id) + 1 FROM {table}), (SELECT max(number) FROM entry), {values}"
    )


FORBIDDEN = [
    ("approval", 'bill, "by", at', "{open}, 'pat', 'now'", "prepared"),  # who handed in
    ("approval", 'bill, "by", at', "{open}, 'eve', 'now'", "prepared"),  # who verified
    ("approval", 'bill, "by", at', "{open}, 'ann', 'now'", "prepared"),  # who registered
    ("approval", 'bill, "by", at', "{open}, 'carl', 'now'", "only an approver"),  # who has another role
    ("approval", 'bill, "by", at', "{open}, 'mallory', 'now'", "only an approver"),  # who has none
    ("payment", 'bill, attempt, paid_on, amount, currency, reference, "by"',
     "{open}, 1, '2021-06-01', (SELECT amount FROM bill WHERE id = {open}), 'USD', 'x', 'carl'", "not approved"),
    ("payment", 'bill, attempt, paid_on, amount, currency, reference, "by"',
     "{paid}, 3, '2021-06-01', (SELECT amount FROM bill WHERE id = {paid}), 'USD', 'x', 'carl'", "paid once"),
    ("verification", 'submission, reason, "by", at', "{waiting}, NULL, 'pat', 'now'", "handed results in"),
    ("verification", 'submission, reason, "by", at', "1, NULL, 'eve', 'now'", "sent back"),
    ("sent_back", 'submission, reason, "by"', "2, 'x', 'eve'", "verified"),
]  # fmt: skip


@pytest.fixture(scope="module")
def ready(databases, kept, tmp_path_factory):
    """A ledger in which those who prepared are approvers too, with a bill that is open and a submission that waits."""
    url = databases.copy(kept.url)
    store = open_store(url)
    grant(store, "ann", "homes", "bob", "keeper")
    for by, who, role in (("ann", "pat", "approver"), ("ann", "eve", "approver"), ("bob", "ann", "approver"),
                          ("ann", "pat", "evaluator")):  # fmt: skip
        grant(store, by, "homes", who, role)
    submit(store, "pat", "homes", [results(tmp_path_factory.mktemp("ready"), [("starts", QUARTERS[3], 4)])])
    store.close()
    return url


@pytest.mark.parametrize(("table", "columns", "values", "said"), FORBIDDEN)
def test_what_the_workflow_refuses_the_database_refuses_too(ready, table, columns, values, said):
    before = everything(ready)
    with closing(plain(ready)) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT bill FROM approval")
        ((paid,),) = cursor.fetchall()
        cursor.execute(f"SELECT max(id) FROM bill WHERE id <> {paid}")
        ((unpaid,),) = cursor.fetchall()
        with pytest.raises((sqlite3.DatabaseError, pg8000.dbapi.DatabaseError), match=f"payfs: .*{said}"):
            newest(cursor, table, columns, values.format(open=unpaid, paid=paid, waiting=4))
        connection.rollback()
    assert everything(ready) == before
