"""A guard that is there by name and no longer guards is found: one after the other, on both databases."""

from __future__ import annotations

import re

import pytest
from made_ledgers import raw
from sqlalchemy import text

from payfs.store import create_store, open_store
from payfs.store.audit import check_ledger
from payfs.store.guarded import TRIGGER, _made, other_guards
from payfs.store.schema import guard_statements


def found(url):
    store = open_store(url)
    try:
        return [finding.what for finding in check_ledger(store).findings]
    finally:
        store.close()


def does(url, *statements):
    with raw(url) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def another(*names):
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return [f"the database has another guard in the place of {min(names)}{more}"]


def test_every_guard_is_known_by_what_it_does(databases, copied):
    dialect = "sqlite" if copied.url.startswith("sqlite") else "postgresql"
    names = {match["name"] for made in guard_statements(dialect) if (match := TRIGGER.match(made))}
    assert len(names) == sum("CREATE TRIGGER" in made for made in guard_statements(dialect)) > 50
    assert set(_made(dialect)) == names
    assert found(copied.url) == []


def test_every_guard_that_was_made_hollow_is_found(copied):
    sqlite = copied.url.startswith("sqlite")
    store = open_store(copied.url)
    missed = []
    for name, (table, *_) in _made("sqlite" if sqlite else "postgresql").items():
        with raw(copied.url) as connection:
            if sqlite:
                says = f"SELECT sql FROM sqlite_master WHERE name = '{name}'"
                before = connection.execute(text(says)).scalar_one()
                event = re.search(r"BEFORE (\w+)", before)[1]
                hollow = (
                    f"CREATE TRIGGER {name} BEFORE {event} ON '{table}' WHEN 0 BEGIN SELECT RAISE(ABORT, 'no'); END"
                )
                taken = f'DROP TRIGGER "{name}"'
            else:
                says = f"SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = '{name}'"
                before = connection.execute(text(says)).scalar_one()
                taken = f'DROP TRIGGER "{name}" ON "{table}"'
                hollow = before.replace(" EXECUTE", " WHEN (false) EXECUTE")
            connection.exec_driver_sql(taken)
            connection.exec_driver_sql(hollow)
        with store.reading() as session:
            if [finding.what for finding in other_guards(session.connection())] != another(name):
                missed.append(name)
        does(copied.url, taken, before)
    store.close()
    assert missed == []
    assert found(copied.url) == []


@pytest.mark.parametrize(
    ("what", "statements"),
    [
        (
            "a guard of another table",
            [
                "DROP TRIGGER payment_once",
                'CREATE TRIGGER payment_once BEFORE INSERT ON "entry" BEGIN SELECT 1; END',
            ],
        ),
        (
            "another text beneath the same name",
            [
                "PRAGMA writable_schema=ON",
                "UPDATE sqlite_master SET sql = replace(sql, 'WHEN ', 'WHEN 0 AND ') WHERE name = 'payment_once'",
            ],
        ),
        (
            "what another guard does",
            [
                "DROP TRIGGER payment_once",
                "CREATE TRIGGER payment_once BEFORE INSERT ON payment WHEN NEW.amount < 0 "
                "BEGIN SELECT RAISE(ABORT, 'no'); END",
            ],
        ),
    ],
)
def test_a_guard_that_is_another_is_found(copied, what, statements):
    if not copied.url.startswith("sqlite"):
        statements = POSTGRESQL[what]
    does(copied.url, *statements)
    assert found(copied.url) == another("payment_once")


POSTGRESQL = {
    "a guard of another table": [
        "DROP TRIGGER payment_once ON payment",
        "CREATE TRIGGER payment_once BEFORE INSERT ON posting FOR EACH ROW EXECUTE FUNCTION payment_once()",
    ],
    "another text beneath the same name": [
        "CREATE OR REPLACE FUNCTION payment_once() RETURNS trigger LANGUAGE plpgsql "
        "SET search_path = pg_catalog, public, pg_temp AS 'BEGIN RETURN NEW; END'",
    ],
    "what another guard does": [
        "DROP TRIGGER payment_once ON payment",
        "CREATE TRIGGER payment_once BEFORE INSERT ON payment FOR EACH ROW EXECUTE FUNCTION payment_in_full()",
    ],
}
MORE = {
    "of another moment": [
        "DROP TRIGGER payment_once ON payment",
        "CREATE TRIGGER payment_once AFTER INSERT ON payment FOR EACH ROW EXECUTE FUNCTION payment_once()",
    ],
    "of no rows": [
        "DROP TRIGGER payment_once ON payment",
        "CREATE TRIGGER payment_once BEFORE INSERT ON payment FOR EACH STATEMENT EXECUTE FUNCTION payment_once()",
    ],
    "with the names of whoever asks": ["ALTER FUNCTION payment_once() RESET ALL"],
    "with other names first": ["ALTER FUNCTION payment_once() SET search_path = pg_temp, public"],
    "with the rights of who made it": ["ALTER FUNCTION payment_once() SECURITY DEFINER"],
}


@pytest.mark.parametrize("what", MORE)
def test_a_guard_of_postgresql_that_is_another_is_found(postgresql, what):
    url = postgresql.fresh()
    create_store(url).close()
    assert found(url) == []
    does(url, *MORE[what])
    assert found(url) == another("payment_once")
    postgresql.drop(url)


def test_a_guard_that_is_switched_off_is_found(copied):
    if copied.url.startswith("sqlite"):
        does(copied.url, "DROP TRIGGER payment_once")
    else:
        does(copied.url, "ALTER TABLE payment DISABLE TRIGGER payment_once")
    assert found(copied.url) == ["the database no longer has the guard payment_once"]
