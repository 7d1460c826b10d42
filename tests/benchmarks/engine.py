"""How fast the engine is: prints a table, or with ``--json`` a list of ``{name, value, unit, target, runs}``.

    python tests/benchmarks/engine.py [--json] [--quick]

Every value is the median of so many runs, and every target is a most. A million paths of ``five-rules.yaml`` are paid
by payfs and by the same arithmetic written by hand in plain numpy int64 (``cumsum``, ``diff``, ``where``; nothing
checked, nothing kept for an explanation), block by block in turn, and every payment of every path is compared.
``--quick`` does the same at a tiny size, to see that it works; its figures say nothing.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from figures import Figure, most_memory, report, timed

from payfs.contract import Contract, load
from payfs.evidence.measured import Measured, Series
from payfs.evidence.results import read_results
from payfs.payments import pay
from payfs.report.statement_text import explanation_lines
from payfs.statement import blocks, statement

HERE = Path(__file__).resolve().parent
SPECS = HERE.parents[1] / "contract_specs"
PERIODS = 12
DRAWN = 1 << 16  # paths that are drawn at once; the engine cuts them into blocks of its own
SEED = 2021

Amounts = dict[str, np.ndarray]  # by rule, (periods, paths) [cents]


def command(*words: str) -> Callable[[], Any]:
    """Return a call that runs ``payfs`` as a whole process."""
    line = [sys.executable, "-m", "payfs", *words]
    return lambda: subprocess.run(line, check=True, capture_output=True)


def denver(runs: int) -> float:
    """Time one statement with the explanation of every payment, the contract loaded already [s]."""
    contract = load(SPECS / "denver-sib.yaml")
    results = read_results(str(SPECS / "results" / "denver-sib.csv"), contract.frame)

    def once() -> str:
        account = pay(contract, results)
        return "\n".join(line for payment in account.payments for line in explanation_lines(payment, account))

    return timed(once, runs)


def draw(contract: Contract, paths: int) -> Iterator[Measured]:
    """Draw results for so many paths, some at a time, so that a million of them never stand in memory together."""
    random = np.random.default_rng(SEED)
    least_and_most = {
        "starts": (0, 60),
        "jail_reduction": (-1_000, 7_500),  # [0.01%]
        "housed_days": (0, 4_000),
        "attendance": (700, 1_000),  # [0.1%]
        "care_days": (0, 900),
        "quality": (600, 1_000),  # [0.1%]
    }
    empty = contract.frame.empty()
    present = np.ones((1, PERIODS), dtype=bool)
    for start in range(0, paths, DRAWN):
        count = min(DRAWN, paths - start)
        series = {
            name: Series(random.integers(*ends, (1, PERIODS, count)), present, contract.frame.scales[name])
            for name, ends in least_and_most.items()
        }
        yield Measured(series, empty.cohorts, empty.periods, empty.starts, count)


def by_payfs(contract: Contract, measured: Measured) -> tuple[Amounts, np.ndarray]:
    """Pay a block, and collect what each path comes to."""
    made = statement(contract, measured)
    return {stream.rule: stream.paid[0] for stream in made.streams}, made.total()[0, 0]


def by_hand(measured: Measured) -> tuple[Amounts, np.ndarray]:
    """Pay a block by the same arithmetic, written for this one contract and nothing else."""
    x = {name: series.values[0] for name, series in measured.series.items()}

    running = np.minimum(np.cumsum(x["starts"] * 2_900_00, axis=0), 1_250_000_00)
    starts = np.diff(running, axis=0, prepend=0)

    fall = x["jail_reduction"]
    jail_days = np.where(
        fall < 2_000,
        0,
        np.where(fall < 3_000, 1_600 * fall, np.where(fall < 6_500, 48_000_00 + 380 * (fall - 3_000), 61_300_00)),
    )

    days = np.cumsum(x["housed_days"], axis=0)
    due = 15_12 * np.minimum(days, 10_000)
    due += 11_34 * np.clip(days - 10_000, 0, 15_000)
    due += 4_20 * np.maximum(days - 25_000, 0)
    housing = np.diff(due, axis=0, prepend=0)

    at = np.clip(x["attendance"], 790, 940)
    schooling = np.where(
        at <= 870,
        ((at - 790) * 2 * 48_812_35 + 80) // 160,
        48_812_35 + ((at - 870) * 2 * (61_000_00 - 48_812_35) + 70) // 140,
    )

    care = np.where(x["quality"] >= 750, x["care_days"] * 92_50, 0)

    # the limit over all: what passes it is taken off each rule in proportion, left-over cents by largest remainder
    paid = {"care": care, "housing": housing, "jail_days": jail_days, "schooling": schooling, "starts": starts}
    total = care + housing + jail_days + schooling + starts
    in_all = np.cumsum(total, axis=0)
    over = in_all > LIMIT
    if over.any():
        due_there = np.stack([amount[over] for amount in paid.values()])
        whole = np.maximum(total[over], 1)
        short = np.minimum(total[over], in_all[over] - LIMIT)
        exact = due_there * short
        off = exact // whole
        rest = exact - off * whole
        rank = np.argsort(np.argsort(-rest, axis=0, kind="stable"), axis=0, kind="stable")
        off += rank < short - off.sum(axis=0)
        for amount, less in zip(paid.values(), off, strict=True):
            amount[over] -= less
    return paid, np.minimum(in_all[-1], LIMIT)


LIMIT = 2_700_000_00


class Race(NamedTuple):
    """Both ways over the same paths in turn [s], and on how many paths each limit was reached."""

    payfs: float
    hand: float
    cut: dict[str, int]


def race(contract: Contract, paths: int) -> Race:
    """Pay every block both ways, the one that goes first changing from block to block.

    Raises:
        AssertionError: a payment of a path differs.
    """
    spent = {"payfs": 0.0, "hand": 0.0}
    ways: dict[str, Callable[[Measured], tuple[Amounts, np.ndarray]]] = {
        "payfs": lambda block: by_payfs(contract, block),
        "hand": by_hand,
    }
    order, cut = list(ways), {"starts": 0, "contract": 0}
    for drawn in draw(contract, paths):
        for block in blocks(drawn):
            found = {}
            for name in order:
                start = time.perf_counter()
                found[name] = ways[name](block)
                spent[name] += time.perf_counter() - start
            order.reverse()
            (one, total), (other, same) = found["payfs"], found["hand"]
            assert one.keys() == other.keys()
            assert all(np.array_equal(one[rule], other[rule]) for rule in one)
            assert np.array_equal(total, same)
            cut["contract"] += int((total == LIMIT).sum())
            cut["starts"] += int((block.series["starts"].values.sum(axis=(0, 1)) * 2_900_00 > 1_250_000_00).sum())
    return Race(spent["payfs"], spent["hand"], cut)


def peak_memory(paths: int) -> float:
    """Pay so many paths and return the most memory that this process ever held [MB]."""
    contract = load(HERE / "five-rules.yaml")
    totals = [by_payfs(contract, block)[1] for drawn in draw(contract, paths) for block in blocks(drawn)]
    assert sum(map(len, totals)) == paths
    return most_memory()


def measure(quick: bool) -> Iterator[Figure]:
    """Measure everything."""
    runs = 1 if quick else 5
    specs = sorted(map(str, SPECS.glob("*.yaml")))[: 1 if quick else None]
    yield Figure("Denver statement with explanation", denver(runs * 20) * 1000, "ms", 5, runs * 20)
    yield Figure(f"payfs check, {len(specs)} contracts", timed(command("check", *specs), runs), "s", 2, runs)
    yield Figure("payfs --help", timed(command("--help"), runs), "s", 0.4, runs)
    yield Figure("payfs demo", timed(command("demo"), runs), "s", None, runs)
    paths = 20_000 if quick else 1_000_000
    contract = load(HERE / "five-rules.yaml")
    size = f"{paths:,} paths x {PERIODS} periods x {len(contract.spec.rules)} rules"
    race(contract, min(paths, DRAWN))  # warms up
    races = [race(contract, paths) for _ in range(runs)]
    yield Figure(f"{size}, payfs", statistics.median(r.payfs for r in races), "s", None, runs)
    yield Figure(f"{size}, by hand in numpy", statistics.median(r.hand for r in races), "s", None, runs)
    yield Figure(f"{size}, ratio", statistics.median(r.payfs / r.hand for r in races), "times", 1.5, runs)
    for limit, count in races[0].cut.items():
        yield Figure(f"paths that the {limit} limit cuts", 100 * count / paths, "%", None, 1)
    alone = subprocess.run(
        [sys.executable, __file__, "--peak-memory", str(paths)], check=True, capture_output=True, text=True
    )
    yield Figure(f"{size}, peak memory", float(alone.stdout), "MB", 1000, 1)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quick", action="store_true", help="a tiny size, to see that it works")
    parser.add_argument("--peak-memory", type=int, metavar="PATHS", help="only the memory of a process of its own [MB]")
    asked = parser.parse_args()
    if asked.peak_memory:
        print(peak_memory(asked.peak_memory))
        return
    report(list(measure(asked.quick)), asked.json)


if __name__ == "__main__":
    main()
