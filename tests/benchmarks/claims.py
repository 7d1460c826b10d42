"""How fast claims are read and decided: prints a table, or with ``--json`` a list as the other benchmarks do.

    python tests/benchmarks/claims.py [--json] [--quick]

A file of a million made-up claims is read, checked, decided by ``rate-card.yaml`` (once only, a paid prerequisite with
a wait, a limit for one person) and paid, each time in a process of its own; values are medians, and every target is a
most. ``--quick`` does the same at a tiny size, to see that it works; its figures say nothing.
"""

from __future__ import annotations

import argparse
import datetime
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from figures import Figure, most_memory, report

HERE = Path(__file__).resolve().parent
OUTCOMES = ("behaviour", "level_1", "level_2", "level_3", "employment_13w", "employment_26w")
FIRST, DAYS = datetime.date(2012, 4, 1), 1270
SEED = 2012


def write(file: Path, rows: int, each: int, late: float) -> None:
    """Make claims up: so many rows, about ``each`` for one person; a share is years late, as many withdrawn."""
    draw = random.Random(SEED)
    days = [(FIRST + datetime.timedelta(days=day)).isoformat() for day in range(DAYS)]
    with file.open("w", encoding="utf-8") as out:
        out.write("person,outcome,date,cohort,reported,withdrawn\n")
        written = person = 0
        while written < rows:
            person += 1
            for outcome, day in {(draw.choice(OUTCOMES), draw.randrange(DAYS)) for _ in range(each)}:
                when = draw.randrange(day, DAYS) if draw.random() < late else day
                withdrawn = days[draw.randrange(when, DAYS)] if draw.random() < late else ""
                reported = days[when] if when != day else ""
                out.write(f"p{person:08d},{outcome},{days[day]},round {1 + person % 2},{reported},{withdrawn}\n")
                written += 1


def decide(file: str) -> dict[str, float]:
    """Read, decide and pay a file of claims: seconds, and the most memory that the process held."""
    from payfs.claims.fates import fates
    from payfs.claims.file import read_claims
    from payfs.contract import load
    from payfs.payments import pay

    contract = load(HERE / "rate-card.yaml")
    start = time.perf_counter()
    claims = read_claims(file, contract.frame)
    read = time.perf_counter()
    account = pay(contract, (), claims)
    assert fates(account.evidence)
    return {"read": read - start, "decided": time.perf_counter() - read, "memory": most_memory()}


def measure(quick: bool) -> Iterator[Figure]:
    """Measure everything."""
    rows, runs = (5_000, 1) if quick else (1_000_000, 3)
    ways = (
        (6, 0.0, "6 a person"),
        (1, 0.0, "1 a person"),
        (6, 0.01, "6 a person, 2% late or withdrawn"),
        (6, 0.08, "6 a person, 16% late or withdrawn"),
    )
    with tempfile.TemporaryDirectory() as folder:
        for each, late, words in ways:
            file = Path(folder) / "claims.csv"
            write(file, rows, each, late)
            line = [sys.executable, __file__, "--decide", str(file)]
            done = [json.loads(subprocess.run(line, check=True, capture_output=True).stdout) for _ in range(runs)]
            name = f"{rows:,} claims, {words}"
            middle = {key: statistics.median(one[key] for one in done) for key in done[0]}
            yield Figure(f"{name}: read and checked", middle["read"], "s", None, runs)
            yield Figure(f"{name}: decided and paid", middle["decided"], "s", None, runs)
            yield Figure(f"{name}: in all", middle["read"] + middle["decided"], "s", 15, runs)
            yield Figure(f"{name}: peak memory", middle["memory"], "MB", 2000, runs)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quick", action="store_true", help="a tiny size, to see that it works")
    parser.add_argument("--decide", metavar="FILE", help="only one file, in this process")
    asked = parser.parse_args()
    if asked.decide:
        print(json.dumps(decide(asked.decide)))
        return
    report(list(measure(asked.quick)), asked.json)


if __name__ == "__main__":
    main()
