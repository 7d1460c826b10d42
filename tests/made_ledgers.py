"""A small contract, its files and people, ledgers of it in every state, and raw connections that look behind them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, inspect, make_url, text

from payfs.store import Store, open_store
from payfs.store.workflow import (
    amend,
    approve,
    came_back,
    dispute,
    grant,
    record_payment,
    register,
    send_back,
    set_details,
    submit,
    verify,
)
from payfs.text import Refused

PRICES = {"starts": 100_00, "homes": 1_000_50}  # [cents]
MOST = 50_000_00  # [cents] of both together
QUARTERS = [f"{year}-Q{quarter}" for year in (2021, 2022, 2023) for quarter in (1, 2, 3, 4)]

CONTRACT = """
contract: homes
title: Homes for people
currency: USD
parties:
  city: {name: The City, role: outcome payer, fiscal_year_starts: 1 July}
  state: {name: The State, role: outcome payer, fiscal_year_starts: 1 July}
  provider: {name: The Provider, role: service provider}
  looker: {name: The Evaluator, role: evaluator}
payers: {city: 50%, state: 50%}
payee: provider
periods: {quarters: {every: quarter, from: 2021-01-01, to: 2023-12-31, paid: 30 days after the period}}
metrics:
  starts: {unit: start}
  homes: {unit: home}
rules:
  starts: {price: 100}
  homes: {price: 1000.50}
limits:
  all: {most: 50000}
"""
ONE_PAYER = CONTRACT.replace(
    "  state: {name: The State, role: outcome payer, fiscal_year_starts: 1 July}\n", ""
).replace("payers: {city: 50%, state: 50%}", "payer: city")
CLAIMS = ONE_PAYER.replace("contract: homes", "contract: jobs").replace(
    """  starts: {unit: start}
  homes: {unit: home}
rules:
  starts: {price: 100}
  homes: {price: 1000.50}
""",
    """  starts: {unit: start, claims: {times: 1}}
  jobs: {unit: job, claims: {needs: [starts], times: 1}}
rules:
  starts: {price: 100}
  jobs: {price: 1000.50}
""",
)
AMENDMENT = """
amendments:
  - {effective: 2023-01-01, what: Second deed, changes: {rules: {starts: {price: 120}}}}
"""
# Who has which role. Nobody prepares and approves.
PEOPLE = {
    "pat": ("provider", None),
    "eve": ("evaluator", None),
    "beth": ("approver", None),
    "carl": ("payer", None),
}
KEEPER = "ann"


def written(folder: Path, text: str, name: str) -> str:
    """Write a file, and return where it is."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return str(file)


def results(folder: Path, rows: Iterable[tuple[str, str, int]], name: str = "results.csv") -> str:
    """Write a file of results: metric, period, value."""
    lines = ["metric,cohort,period,value,reported", *(f"{metric},,{period},{value}," for metric, period, value in rows)]
    return written(folder, "\n".join(lines) + "\n", name)


def claims(folder: Path, rows: Iterable[tuple[str, str, str]], name: str = "claims.csv") -> str:
    """Write a file of claims: person, outcome, date."""
    lines = ["person,outcome,date", *(",".join(row) for row in rows)]
    return written(folder, "\n".join(lines) + "\n", name)


def registered(store: Store, folder: Path, contract: str = CONTRACT) -> str:
    """Register a contract, give everybody their role, and return its name."""
    name = contract.split("contract: ", 1)[1].split("\n", 1)[0]
    register(store, KEEPER, written(folder, contract, f"{name}.yaml"))
    for who, (role, party) in PEOPLE.items():
        grant(store, KEEPER, name, who, role, party)
    return name


def total_of(store: Store, contract: str, bill: int) -> str:
    """Return what a bill comes to, as whoever approves it writes it."""
    with store.reading() as session:
        amount = session.connection().execute(
            text("SELECT amount FROM bill WHERE contract = :contract AND number = :bill"),
            {"contract": contract, "bill": bill},
        )
        whole, cents = divmod(abs(cast := int(amount.scalar_one())), 100)
    return f"{'-' if cast < 0 else ''}{whole}.{cents:02}"


def settle(store: Store, contract: str, bills: Iterable[int], key: str = "") -> None:
    """Approve and pay bills."""
    for bill in bills:
        keys = [f"{key}-{step}-{bill}" if key else None for step in ("approve", "pay")]
        approve(store, "beth", contract, bill, total_of(store, contract, bill), key=keys[0])
        record_payment(store, "carl", contract, bill, "2021-06-01", f"transfer {bill}", key=keys[1])


def whole(store: Store, folder: Path) -> list[str]:
    """Take a store through every step and every state; return the receipts. Every table of history then has rows."""
    said = []

    def took(answer: Any) -> Any:
        said.append(answer.receipt)
        return answer

    took(register(store, KEEPER, written(folder, ONE_PAYER, "homes.yaml"), key="r"))
    for who, (role, party) in PEOPLE.items():
        took(grant(store, KEEPER, "homes", who, role, party))
    took(grant(store, KEEPER, "homes", "carla", "approver", "city"))  # who may, and does not
    took(set_details(store, KEEPER, "homes", "city", address="1 Main Street", purchase_order="PO 7"))
    first = results(folder, [("starts", QUARTERS[0], 30), ("homes", QUARTERS[0], 2)], "first.csv")
    took(submit(store, "pat", "homes", [first]))
    took(send_back(store, "eve", "homes", 1, "the second page is missing"))
    took(submit(store, "pat", "homes", [first], key="s"))
    better = results(folder, [("starts", QUARTERS[0], 31), ("homes", QUARTERS[0], 2)], "better.csv")
    bills = took(verify(store, "eve", "homes", 2, [better], "one start was left out", key="v")).bills
    took(dispute(store, "carl", "homes", bills[0], "the count looks high"))
    took(approve(store, "beth", "homes", bills[0], total_of(store, "homes", bills[0]), key="a"))
    took(record_payment(store, "carl", "homes", bills[0], "2021-06-01", "transfer 1", key="p"))
    took(came_back(store, "carl", "homes", bills[0], "2021-06-03", "account closed"))
    took(record_payment(store, "carl", "homes", bills[0], "2021-06-05", "transfer 2"))
    fewer = results(folder, [("homes", QUARTERS[0], 1), ("starts", QUARTERS[1], 5)], "fewer.csv")
    took(submit(store, "pat", "homes", [fewer]))
    took(verify(store, "eve", "homes", 3))
    took(amend(store, KEEPER, "homes", written(folder, ONE_PAYER + AMENDMENT, "amended.yaml"), "second deed"))
    return said


# -- looking behind a ledger


@contextmanager
def raw(url: str) -> Iterator[Connection]:
    """Open a plain connection as anybody might, with nothing set as the ledger sets it, and keep what is done there."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def tables(connection: Connection) -> list[str]:
    """Return the names of all tables but the one in which alembic keeps its step."""
    return sorted(set(inspect(connection).get_table_names()) - {"alembic_version"})


def everything(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table."""
    with raw(url) as connection:
        held = {}
        for table in tables(connection):
            rows = connection.execute(text(f'SELECT * FROM "{table}"')).all()
            held[table] = sorted((tuple(row) for row in rows), key=repr)
        return held


def laid_open(url: str) -> None:
    """Take away all that keeps rows from being changed: triggers, and references between tables."""
    with raw(url) as connection:
        if connection.dialect.name == "sqlite":
            names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            for name in names:
                connection.execute(text(f'DROP TRIGGER "{name}"'))
            return
        for table in tables(connection):
            connection.execute(text(f'ALTER TABLE "{table}" DISABLE TRIGGER USER'))
            for reference in inspect(connection).get_foreign_keys(table):
                connection.execute(text(f'ALTER TABLE "{table}" DROP CONSTRAINT "{reference["name"]}"'))


def refused(call: Callable[..., Any], *args: Any, **more: Any) -> list[str]:
    """Call what has to be refused, and return what is said: in sentences, each with something to do about it."""
    with pytest.raises(Refused) as no:
        call(*args, **more)
    return told(no.value)


def told(no: Refused) -> list[str]:
    """Return what a refusal says, which has to be in plain words, with a remedy each."""
    assert no.findings
    for finding in no.findings:
        assert finding.what
        assert finding.remedy
        assert not re.search(
            r"traceback|sqlalchemy|psycopg|pg8000|sqlite3|\bSQL\b|0x[0-9a-f]{8}", finding.what, re.IGNORECASE
        )
    return [finding.what for finding in no.findings]


def sqlite_file(url: str) -> sqlite3.Connection:
    """Open an SQLite ledger by Python's own driver, with its default settings."""
    return sqlite3.connect(str(make_url(url).database))


def reopened(url: str) -> Store:
    """Open a ledger as another process would."""
    return open_store(url)
