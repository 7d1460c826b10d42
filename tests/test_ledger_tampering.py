"""Whoever gets behind the program and changes what is kept is found out: each column of each row, and a cut tail."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager

import pytest
from made_ledgers import everything, laid_open, raw, tables
from sqlalchemy import MetaData, Table, create_engine, insert, select, text, update
from sqlalchemy import inspect as looked_at
from sqlalchemy.exc import DatabaseError, IntegrityError

from payfs.store import open_store
from payfs.store.audit import check_ledger
from payfs.store.chain import GENESIS, canonical, digest, row_text, seal

UNLIKELY = 900_000  # an id that no row has


@contextmanager
def opened(url):
    store = open_store(url)
    try:
        yield store
    finally:
        store.close()


def found(store, receipts=()):
    """Check a ledger, and return what was found, but that its guards are gone: to whoever took them it is no news."""
    findings = check_ledger(store, receipts).findings
    for finding in findings:
        assert finding.what
        assert finding.remedy
    return [finding.what for finding in findings if "no longer has the guard" not in finding.what]


def shapes(connection):
    """Return every table as the database itself describes it."""
    held = MetaData()
    return {name: Table(name, held, autoload_with=connection) for name in tables(connection)}


def others(value, column, rows):
    """Return what a value could be changed to: something else of its kind, what another row has there, nothing."""
    made = []
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, bytes | memoryview):
        return [bytes(value)[:-1] + bytes([bytes(value)[-1] ^ 1])]
    if isinstance(value, int):
        made.append(value + UNLIKELY if column.primary_key or column.foreign_keys else value + 1)
    elif isinstance(value, str):
        made.append(value + " ")  # which nobody sees
        if value[:1] in "{[":  # and JSON that says the same in another spelling
            made.append(json.dumps(json.loads(value), indent=1))
    else:
        return [UNLIKELY if column.type.python_type is int else "x"]
    if not column.primary_key:
        made += {row[column.name] for row in rows} - {None, value}
        made += [None] if column.nullable else []
        made += [value + UNLIKELY] if isinstance(value, int) else []  # where the next number is taken
    return made


def where(table, row):
    """Find one row by what identifies it."""
    return [column == row[column.name] for column in table.primary_key.columns]


def test_a_ledger_that_nobody_touched_is_sound_and_so_are_all_its_receipts(kept):
    with opened(kept.url) as store:
        audit = check_ledger(store, kept.receipts)
        assert audit.findings == ()
        assert audit.entries == len(kept.receipts)


def test_every_table_of_history_has_rows_to_be_changed(kept):
    assert all(everything(kept.url).values())


class Opened:
    """A ledger without its guards, with a connection of whoever changes it."""

    def __init__(self, url):
        laid_open(url)
        self.engine = create_engine(url)
        self.connection = self.engine.connect()
        self.tables = shapes(self.connection)
        self.rows = {
            name: self.connection.execute(select(table)).mappings().all() for name, table in self.tables.items()
        }
        self.connection.commit()

    def close(self):
        self.connection.close()
        self.engine.dispose()

    def do(self, statement):
        """Change one row for good; return whether the database took it: it may not have two alike even so."""
        try:
            assert self.connection.execute(statement).rowcount == 1
            self.connection.commit()
        except (IntegrityError, DatabaseError) as error:
            self.connection.rollback()
            if not re.search("unique", str(error), re.IGNORECASE):
                raise
            return False
        return True


@pytest.fixture
def behind(copied):
    """Whoever got behind the program."""
    made = Opened(copied.url)
    yield made
    made.close()


def test_every_column_of_every_row_changed_in_turn_is_found_each_time(copied, behind):
    before = everything(copied.url)
    missed, untried, tried, turn = [], [], 0, 0
    with opened(copied.url) as store:
        for name, table in behind.tables.items():
            for row in behind.rows[name]:
                for column in table.columns:
                    choices = others(row[column.name], column, behind.rows[name])
                    turn += 1  # a kind of change after the other
                    for other in choices[turn % len(choices) :] + choices[: turn % len(choices)]:
                        if behind.do(update(table).where(*where(table, row)).values({column.name: other})):
                            break
                    else:
                        untried.append((name, column.name, row[column.name], choices))
                        continue
                    tried += 1
                    if not found(store):
                        missed.append((name, dict(row), column.name, other))
                    now = {**row, column.name: other}
                    assert behind.do(update(table).where(*where(table, now)).values({column.name: row[column.name]}))
        assert found(store, copied.receipts) == []
    assert everything(copied.url) == before
    assert missed == []
    assert untried == []
    assert tried == sum(len(rows) * len(behind.tables[name].columns) for name, rows in before.items())


def test_every_row_that_is_taken_away_is_found(copied, behind):
    missed = []
    with opened(copied.url) as store:
        for name, table in behind.tables.items():
            for row in behind.rows[name]:
                assert behind.do(table.delete().where(*where(table, row)))
                if not found(store):
                    missed.append((name, dict(row)))
                assert behind.do(insert(table).values(**row))
        assert found(store, copied.receipts) == []
    assert missed == []


def test_every_row_that_is_added_to_an_old_entry_is_found(copied, behind):
    missed = []
    with opened(copied.url) as store:
        for name, table in behind.tables.items():
            row = dict(behind.rows[name][0])
            alike = [unique["column_names"] for unique in looked_at(behind.engine).get_unique_constraints(name)]
            for column in {*(key.name for key in table.primary_key.columns), *(names[-1] for names in alike)}:
                row[column] = row[column] + UNLIKELY if isinstance(row[column], int) else "new"
            assert behind.do(insert(table).values(**row))
            if not found(store):
                missed.append(name)
            assert behind.do(table.delete().where(*where(table, row)))
        assert found(store, copied.receipts) == []
    assert missed == []


def test_guards_that_were_taken_away_are_found(copied, behind):
    with opened(copied.url) as store:
        assert any("no longer has the guard" in finding.what for finding in check_ledger(store).findings)


def test_a_row_under_an_entry_that_is_still_to_come_is_found(copied):
    with raw(copied.url) as connection:  # with all guards in place: adding is what they allow
        table = shapes(connection)["role_change"]
        last = connection.execute(text("SELECT max(number) FROM entry")).scalar_one()
        row = dict(connection.execute(select(table)).mappings().first())
        row |= {"id": UNLIKELY, "entry": last + 1, "who": "mallory", "role": "approver", "given": True}
        connection.execute(insert(table).values(**row))
    with opened(copied.url) as store:
        assert found(store)


# -- whoever knows how it is made


def cut(url, entries=1):
    """Take away the last entries and all their rows, as if they had never been; the anchor stays."""
    with raw(url) as connection:
        last = connection.execute(text("SELECT max(number) FROM entry")).scalar_one()
        for name, table in shapes(connection).items():
            number = table.columns.get("entry", table.columns.get("number"))
            if name != "anchor":
                connection.execute(table.delete().where(number > last - entries))


def set_back(url):
    """Let the anchor say that what is left is all."""
    with raw(url) as connection:
        last = connection.execute(text("SELECT number, hash FROM entry ORDER BY number DESC LIMIT 1")).first()
        count, head = last or (0, GENESIS)
        connection.execute(text("UPDATE anchor SET count = :count, head = :head"), {"count": count, "head": head})


@pytest.mark.parametrize("entries", [1, 3])
def test_a_tail_that_was_cut_is_found_by_the_anchor(copied, entries):
    laid_open(copied.url)
    cut(copied.url, entries)
    with opened(copied.url) as store:
        assert found(store)


@pytest.mark.parametrize("entries", [1, 3])
def test_a_tail_that_was_cut_with_the_anchor_set_back_is_found_by_an_earlier_receipt(copied, entries):
    laid_open(copied.url)
    cut(copied.url, entries)
    set_back(copied.url)
    with opened(copied.url) as store:
        assert found(store, copied.receipts[:-entries]) == []  # it looks like an earlier state, and is one
        for receipt in copied.receipts[-entries:]:
            assert found(store, [receipt])


def test_the_whole_ledger_gone_but_for_its_anchor_is_found(copied):
    laid_open(copied.url)
    cut(copied.url, len(copied.receipts))
    with opened(copied.url) as store:
        assert found(store)


def chained_again(url):
    """Work out all hashes anew, as somebody could who has the program and the database."""
    with raw(url) as connection:
        held = shapes(connection)
        rows = {}
        for name, table in held.items():
            if name not in ("anchor", "entry"):
                for row in connection.execute(select(table)).mappings():
                    rows.setdefault(row["entry"], []).append(row_text(name, dict(row)))
        entry, head = held["entry"], GENESIS
        for row in connection.execute(select(entry).order_by(entry.c.number)).mappings().all():
            made = {**row, "rows_digest": digest(rows.get(row["number"], [])), "previous": head}
            made["hash"] = head = seal(made)
            connection.execute(update(entry).where(entry.c.number == row["number"]).values(**made))
    set_back(url)


def test_hashes_that_are_worked_out_anew_over_the_same_rows_are_the_same(copied):
    """So that the next test changes nothing but what it means to."""
    laid_open(copied.url)
    before = everything(copied.url)
    chained_again(copied.url)
    assert everything(copied.url) == before


@pytest.mark.parametrize(
    ("table", "column", "change"),
    [
        ("payment", "reference", "reference || ' '"),
        ("payment", "paid_on", "'2021-06-02'"),
        ("approval", "by", "'carla'"),
        ("details", "data", "replace(data, 'PO 7', 'PO 8')"),
        ("version", "reason", "'another deed'"),
    ],
)
def test_a_past_that_was_written_anew_with_all_its_hashes_is_found_by_an_earlier_receipt(copied, table, column, change):
    laid_open(copied.url)
    with raw(copied.url) as connection:
        done = connection.execute(text(f'UPDATE "{table}" SET "{column}" = {change}'))
        assert done.rowcount
    chained_again(copied.url)
    with opened(copied.url) as store:
        assert found(store, copied.receipts)
        assert found(store, copied.receipts[-1:])  # the last alone is enough: it rests on all before


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("a payment of another amount", "UPDATE payment SET amount = amount + 100"),
        ("a posting that nothing stands against", "UPDATE posting SET amount = amount + 1 WHERE id = 1"),
        ("both sides of a posting", "UPDATE posting SET amount = amount * 2"),
        ("a bill that is not its lines", "UPDATE bill SET amount = amount + 100 WHERE id = 1"),
        ("a line of another amount", "UPDATE line SET amount = amount + 100 WHERE id = 1"),
        ("a certificate that is not its lines", "UPDATE certificate SET total = total + 100 WHERE id = 1"),
        ("a payment that nobody approved", "DELETE FROM approval"),
        ("a payment of the day after it came back", "DELETE FROM payment_return"),
        ("an approval by who verified", "UPDATE approval SET \"by\" = 'eve'"),
        ("an approval by who handed in", "UPDATE approval SET \"by\" = 'pat'"),
        ("an approval by who had no role", "UPDATE approval SET \"by\" = 'mallory'"),
        ("a contract that is not its hash", "UPDATE version SET text = replace(text, '1000.50', '1001.50')"),
        ("a file that is not its hash", "FILE"),
        ("a verification by who handed in", "UPDATE verification SET \"by\" = 'pat'"),
        ("a certificate that nobody verified", "DELETE FROM verification"),
    ],
)
def test_books_that_do_not_add_up_are_found_even_where_all_hashes_were_worked_out_anew(copied, what, change):
    laid_open(copied.url)
    with raw(copied.url) as connection:
        if change == "FILE":
            file = shapes(connection)["file"]
            connection.execute(update(file).values(content=b"metric,cohort,period,value,reported\n"))
        else:
            connection.execute(text(change))
    chained_again(copied.url)
    with opened(copied.url) as store:
        assert found(store), what


def test_canonical_text_tells_apart_what_differs():
    """A digest of rows is only as good as the text that it is of."""
    rows = [
        {"a": "1"}, {"a": 1}, {"a": True}, {"a": None}, {"a": "None"}, {"a": ""}, {"a": "a,b"}, {"a": "a", "b": ""},
        {"a": 'x"}],["b'}, {"a": "é"}, {"a": "e\u0301"},
    ]  # fmt: skip
    texts = [row_text("t", row) for row in rows] + [row_text("u", rows[0]), canonical(["t"])]
    assert len(set(texts)) == len(texts)
    assert digest(["ab", "c"]) != digest(["a", "bc"])
    assert digest(["a", "a"]) != digest(["a"])
