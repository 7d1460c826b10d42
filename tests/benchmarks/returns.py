"""How fast the returns are: prints a table, or with ``--json`` a list of ``{name, value, unit, target, runs}``.

    python tests/benchmarks/returns.py [--json] [--quick]

Every value is the median of so many runs, and every target is a most. A million paths of 24 quarterly flows get their
internal rate of return: flows that are paid in first and received later, the same with a late call on every path, which
makes several rates possible, and a tenth as many paths for which every rate has to be searched: one draw with further
draws mixed into what comes back, and flows of any sign. These two are far slower than the others: more than half of
such paths may have several rates by the rules of signs, and every zero of their derivatives is then worked out. On two
cores shared with other work, 100,000 paths took 4.9 and 8.5 s. pyxirr works 10,000 of the first kind, path by path, and
its rates are compared. ``--quick`` does the same at a tiny size; its figures say nothing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
from figures import Figure, most_memory, report, timed

from payfs.capital.returns import irr, multiple, npv

DATES = 24
CALLS = 6  # dates on which money is paid in first
SEED = 2021


def quarters() -> np.ndarray:
    """Return the last day of each quarter from 2021 on [days since 1970-01-01]."""
    months = np.arange("2021-04", "2027-04", 3, dtype="datetime64[M]")
    days: np.ndarray = (months.astype("datetime64[D]") - 1).astype(np.int64)
    return days


def draw(paths: int, kind: str = "one change") -> np.ndarray:
    """Draw flows: (dates, paths) [cents]."""
    random = np.random.default_rng(SEED)
    flows = random.integers(0, 1_000_000_00, (DATES, paths))
    if kind == "further draws":
        flows[0] *= -8
        np.negative(flows[1:], out=flows[1:], where=random.random(flows[1:].shape) < 0.25)
        return flows
    if kind == "any signs":
        np.negative(flows, out=flows, where=random.random(flows.shape) < 0.5)
        return flows
    flows[:CALLS] *= -3
    if kind == "late call":
        flows[random.integers(CALLS + 2, DATES, paths), np.arange(paths)] *= -1
    return flows


def by_pyxirr(days: np.ndarray, flows: np.ndarray) -> np.ndarray:
    """Return the rates that pyxirr finds, one path after the other."""
    import pyxirr

    dates = [date(1970, 1, 1) + timedelta(days=int(day)) for day in days]
    return np.array([pyxirr.xirr(dates, path) for path in flows.T.astype(np.float64).copy()], dtype=np.float64)


def measure(quick: bool) -> Iterator[Figure]:
    """Measure everything."""
    runs = 1 if quick else 3
    paths = 20_000 if quick else 1_000_000
    days, size = quarters(), f"{paths:,} paths x {DATES} dates"
    flows = draw(paths)
    yield Figure(f"IRR, {size}", timed(lambda: irr(days, flows), runs), "s", 3, runs)
    yield Figure(f"IRR, {size}, one thread", timed(lambda: irr(days, flows, threads=1), runs), "s", None, runs)
    yield Figure(f"money multiple, {size}", timed(lambda: multiple(flows), runs), "s", None, runs)
    yield Figure(f"NPV, {size}", timed(lambda: npv(days, flows, 0.05), runs), "s", None, runs)

    few = flows[:, : paths // 100]
    ours, theirs = irr(days, few).rate, by_pyxirr(days, few)
    assert np.allclose(ours, theirs, rtol=1e-9, atol=1e-9)
    name = f"IRR, {few.shape[1]:,} paths x {DATES} dates"
    yield Figure(f"{name}, payfs", timed(lambda: irr(days, few), runs) * 1000, "ms", None, runs)
    yield Figure(f"{name}, pyxirr", timed(lambda: by_pyxirr(days, few), runs) * 1000, "ms", None, runs)

    for kind, share in (("late call", 1), ("further draws", 10), ("any signs", 10)):
        flows = draw(paths // share, kind)
        name = f"IRR, {paths // share:,} paths x {DATES} dates, {kind}"
        yield Figure(name, timed(lambda flows=flows: irr(days, flows), runs), "s", None, runs)
        yield Figure(f"{name}: several rates", 100 * float(irr(days, flows).several.mean()), "%", None, 1)
    alone = subprocess.run(
        [sys.executable, __file__, "--peak-memory", str(paths)], check=True, capture_output=True, text=True
    )
    before, after = map(float, alone.stdout.split())
    yield Figure(f"{size}, peak memory", after, "MB", 1000, 1)
    yield Figure(f"{size}, peak memory without the IRR", before, "MB", None, 1)


def peak_memory(paths: int) -> tuple[float, float]:
    """Return the most memory that this process held before the rates of so many paths, and after [MB]."""
    flows = draw(paths)
    before = most_memory()
    irr(quarters(), flows)
    return before, most_memory()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quick", action="store_true", help="a tiny size, to see that it works")
    parser.add_argument("--peak-memory", type=int, metavar="PATHS", help="only the memory of a process of its own [MB]")
    asked = parser.parse_args()
    if asked.peak_memory:
        print(*peak_memory(asked.peak_memory))
        return
    report(list(measure(asked.quick)), asked.json)


if __name__ == "__main__":
    main()
