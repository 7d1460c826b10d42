"""How fast a ledger of 100 contracts, 40 quarters and 20 lines a quarter is looked at and audited, on both databases.

    python tests/benchmarks/ledger.py [--json] [--quick] [--contracts N]

The SQLite ledger is made by the workflow itself: each contract is registered, its roles are given, and its results are
handed in and verified year by year, ten rules and two payers each, so that every line and bill comes of a certificate;
two bills a year are approved and paid. The PostgreSQL ledger is the backup of that one, restored. Nothing is written
past the program. Values are medians; the time for which the process itself was at work is told
too, because it holds where others use the machine. ``--quick`` does the same at a tiny
size, to see that it works; its figures say nothing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
if str(HERE.parent) not in sys.path:
    sys.path[:0] = [str(HERE), str(HERE.parent)]

from benchmarks.figures import Figure, report, timed  # noqa: E402
from made_ledgers import KEEPER, PEOPLE, settle, written  # noqa: E402
from servers import Server  # noqa: E402

from payfs.store import Store, create_store, evidence, open_store, versions  # noqa: E402
from payfs.store.audit import check_ledger  # noqa: E402
from payfs.store.backup import back_up, restore  # noqa: E402
from payfs.store.history import statement_rows  # noqa: E402
from payfs.store.members import looking  # noqa: E402
from payfs.store.workflow import grant, register, submit, verify  # noqa: E402

CONTRACTS, YEARS, RULES, PAYERS = 100, 10, 10, 2
LINES = 4 * RULES * PAYERS  # a year

CONTRACT = """
contract: portfolio-{number}
title: Portfolio {number}
currency: USD
parties:
  city: {{name: The City, role: outcome payer, fiscal_year_starts: 1 July}}
  state: {{name: The State, role: outcome payer, fiscal_year_starts: 1 July}}
  provider: {{name: The Provider, role: service provider}}
payers: {{city: 60%, state: 40%}}
payee: provider
periods: {{quarters: {{every: quarter, from: 2021-01-01, to: 2030-12-31, paid: 30 days after the period}}}}
metrics:
{metrics}
rules:
{rules}
limits:
  all: {{most: 100000000}}
  each year: {{most: 20000000, per: fiscal year}}
"""


def text_of(number: int) -> str:
    """Write a contract of ten rules."""
    metrics = "\n".join(f"  outcome {rule}: {{unit: outcome}}" for rule in range(RULES))
    rules = "\n".join(f"  outcome {rule}: {{price: {50 + 7 * rule + number}.25}}" for rule in range(RULES))
    return CONTRACT.format(number=number, metrics=metrics, rules=rules)


def fill(store: Store, folder: Path, contracts: int, years: int) -> int:
    """Take contracts through the workflow, year by year; return how many steps it took."""
    for number in range(contracts):
        name = f"portfolio-{number}"
        register(store, KEEPER, written(folder, text_of(number), f"{name}.yaml"))
        for who, (role, party) in PEOPLE.items():
            grant(store, KEEPER, name, who, role, party)
        for year in range(years):
            lines = ["metric,cohort,period,value,reported"]
            for quarter in range(1, 5):
                lines += [
                    f"outcome {rule},,{2021 + year}-Q{quarter},{(7 * rule + 3 * quarter + year + number) % 40 + 1},"
                    for rule in range(RULES)
                ]
            submit(store, "pat", name, [written(folder, "\n".join(lines) + "\n", f"{name}-{year}.csv")])
            settle(store, name, verify(store, "eve", name, year + 1).bills[:2])
    return check_ledger(store).entries


def main() -> None:
    """Make the ledger, measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--contracts", type=int, default=CONTRACTS)
    asked = parser.parse_args()
    contracts, years = (2, 1) if asked.quick else (asked.contracts, YEARS)
    with tempfile.TemporaryDirectory() as kept:
        figures = measured(Path(kept), contracts, years)
    report(figures, asked.json)


def measured(folder: Path, contracts: int, years: int) -> list[Figure]:
    """Return all figures."""
    store = create_store(f"sqlite:///{folder / 'ledger.db'}")
    start = time.perf_counter()
    steps = fill(store, folder, contracts, years)
    figures = [Figure("a step of the workflow, SQLite", (time.perf_counter() - start) / steps * 1e3, "ms", None, steps)]
    figures += looks(store, "SQLite", contracts, years)
    start = time.perf_counter()
    back_up(store, str(folder / "backup.db"))
    figures.append(Figure("backup, SQLite", time.perf_counter() - start, "s", None, 1))
    store.close()
    server = Server(fsync=True)
    try:
        url = server.fresh()
        start = time.perf_counter()
        restore(str(folder / "backup.db"), url)
        figures.append(Figure("restore, PostgreSQL", time.perf_counter() - start, "s", None, 1))
        store = open_store(url)
        figures += looks(store, "PostgreSQL", contracts, years)
        store.close()
    finally:
        server.stop()
    return figures


def looks(store: Store, kind: str, contracts: int, years: int) -> list[Figure]:
    """Measure the statement of one contract after the other, and an audit of all."""
    asked = 0

    def statement() -> None:
        nonlocal asked
        name = f"portfolio-{asked % contracts}"
        asked += 1
        with looking(store, KEEPER, name) as session:
            rows = statement_rows(session, name)
        assert len(rows) == years * LINES
        assert {row.state for row in rows} == {"paid", "due"}

    def audit() -> None:
        # as a process does that has just begun: a hundred contracts have more files than are held
        evidence._read.cache_clear()
        versions.read_text.cache_clear()
        found = check_ledger(store)
        assert found.findings == ()
        assert found.contracts == contracts

    figures = []
    for name, do, factor, unit, target, runs in (
        (f"statement of {years * LINES} lines, {kind}", statement, 1e3, "ms", 50, 25),
        (f"audit of {contracts * years * LINES:,} lines, {kind}", audit, 1, "s", 30, 3),
    ):
        start = time.process_time()
        figures.append(Figure(name, timed(do, runs) * factor, unit, target, runs))
        used = (time.process_time() - start) / (runs + 1)  # it is done once more before it is timed
        figures.append(Figure("  of which this process was at work", used * factor, unit, None, runs))
    return figures


if __name__ == "__main__":
    main()
