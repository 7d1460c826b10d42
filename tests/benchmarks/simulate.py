"""How fast the simulation is: prints a table, or with ``--json`` a list of ``{name, value, unit, target, runs}``.

    python tests/benchmarks/simulate.py [--json] [--quick]

The common work is ``denver-like-scenario.yaml``: the total payment and the IRR of every path. Whoever is compared does
it in turn, round after round, and values are medians; every target is a most, and what is told in times is one time
over another. Files are read before anything is timed. Processor time stands beside the time on the clock, because
payfs uses two threads where the others use one, and other programs may use the machine meanwhile.

- By hand: plain numpy floats in ``by_hand.py``, each year's days as one normal number (6 numbers a path), or every
  person drawn (1,501 numbers a path). The latter has to give the same distribution: the statistics of Kolmogorov and
  Smirnov and of Anderson and Darling stand over their critical values at 0.1%, for random numbers that do not depend on
  each other.
- monaco and squigglepy (``pip install ".[bench]"``): ``by_others.py``, on fewer paths, their time for all of them in
  proportion. Where they are not installed their figures are left out, and it is said.
- Ten million paths: every figure that ``payfs simulate`` tells, in a process of its own.
- Sobol' points: the error of the mean, as root mean square over many seeds, against that of random points.
- Dask: ``portfolio.py``, where it and Dask are there.

For three paths, what the run says is compared with the contract's own statement, poured through the whole stack.
``--quick`` does the same at a tiny size, to see that it works; its figures say nothing.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from by_hand import by_normals, by_people
from by_others import by_monaco, by_squigglepy
from figures import Figure, most_memory, report
from scipy import stats

from payfs.investment import invest
from payfs.simulate.draws import Draws
from payfs.simulate.one_path import one_path
from payfs.simulate.run import Run
from payfs.simulate.scenario import load_scenario
from payfs.simulate.worked import TOTAL, Worked

HERE = Path(__file__).resolve().parent
RATE = "loans IRR"
SEED = 2016
LEVEL = 0.001

Times = dict[str, list[tuple[float, float]]]


def race(ways: dict[str, Callable[[], Any]], runs: int) -> Times:
    """Let all do their work in turn, the first one changing from round to round: seconds on the clock and of work."""
    spent: Times = {name: [] for name in ways}
    for do in ways.values():
        do()  # warms up
    order = list(ways)
    for _ in range(runs):
        for name in order:
            clock, work = time.perf_counter(), time.process_time()
            ways[name]()
            spent[name].append((time.perf_counter() - clock, time.process_time() - work))
        order.append(order.pop(0))
    return spent


def share(spent: Times, one: str, other: str, place: int, times: float = 1) -> float:
    """Return the time of one over that of another, the median of the rounds; 0 is the clock, 1 the work."""
    pairs = zip(spent[one], spent[other], strict=True)
    return statistics.median(mine[place] / (theirs[place] * times) for mine, theirs in pairs)


def ours(worked: Worked, draws: Draws, threads: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the total [cents] and the IRR of every path."""
    found = [outcomes for _, outcomes in Run(worked, draws).outcomes(range(draws.replicates), threads)]
    total, rate = (np.concatenate([one[label] for one in found]) for label in (TOTAL, RATE))
    return total, rate


def same_as_explained(worked: Worked, draws: Draws) -> None:
    """Compare some paths with their own statements, every payment of which can be explained.

    Raises:
        AssertionError: a path comes to something else by itself.
    """
    total, rate = ours(worked, draws)
    for number in (0, draws.paths // 2, draws.paths - 1):
        account = one_path(worked, draws, number).account
        assert sum(payment.amount for payment in account.payments) == total[number]
        assert invest(account).tranche("loans").irr == rate[number]


def against_others(worked: Worked, paths: int, runs: int) -> Iterator[Figure]:
    """Measure the common work side by side."""
    draws, random = worked.scenario.draws(paths), np.random.default_rng(SEED)
    same_as_explained(worked, draws)
    ways: dict[str, Callable[[], Any]] = {
        "payfs": lambda: ours(worked, draws),
        "payfs, one thread": lambda: ours(worked, draws, 1),
        "by hand in numpy, years as normals": lambda: by_normals(random, paths),
    }
    size = f"{paths:,} paths"
    quick = race(ways, runs * 5)
    hand = "by hand in numpy, years as normals"
    for name in ways:
        yield Figure(f"{size}, {name}", median(quick, name, 0), "ms", None, runs * 5)
        yield Figure(f"{size}, {name}: processor time", median(quick, name, 1), "ms", None, runs * 5)
    yield Figure(f"payfs over {hand}", share(quick, "payfs", hand, 0), "times", 1.2, runs * 5)
    yield Figure(f"payfs over {hand}: processor time", share(quick, "payfs", hand, 1), "times", None, runs * 5)
    one = share(quick, "payfs, one thread", hand, 0)
    yield Figure(f"payfs, one thread, over {hand}", one, "times", None, runs * 5)

    hand = "by hand in numpy, every person drawn"
    few, size = max(paths // 50, 1), f"{max(paths // 50, 1):,} paths"
    slow: dict[str, tuple[Callable[[], Any], float, float]] = {
        hand: (lambda: by_people(random, paths), 1, 0.1),
        "monaco": (lambda: by_monaco(few, SEED), paths / few, 0.01),
        "squigglepy": (lambda: by_squigglepy(few, SEED), paths / few, 0.02),
    }
    for name in [name for name in ("monaco", "squigglepy") if find_spec(name) is None]:
        print(f'{name} is not installed: pip install ".[bench]"', file=sys.stderr)
        del slow[name]
    spent = race({"payfs": ways["payfs"], **{name: do for name, (do, _, _) in slow.items()}}, runs)
    for name, (_, times, target) in slow.items():
        shown = f"{paths:,} paths, {name}" if times == 1 else f"{size}, {name}"
        yield Figure(shown, median(spent, name, 0), "ms", None, runs)
        told = f"payfs over {name}" + ("" if times == 1 else ", in proportion to the paths")
        yield Figure(told, share(spent, "payfs", name, 0, times), "times", target, runs)


def median(spent: Times, name: str, place: int) -> float:
    """Return the median time [ms]."""
    return 1000 * statistics.median(one[place] for one in spent[name])


def same_distribution(worked: Worked, paths: int) -> Iterator[Figure]:
    """Compare the distributions with those of every person drawn, on random numbers that do not hang together."""
    total, rate = ours(worked, Draws(SEED, worked.columns, paths, how="random"))
    theirs = by_people(np.random.default_rng(SEED), paths)
    for name, mine, other in zip(("total payment", "IRR"), (total / 100, rate), theirs, strict=True):
        far = stats.ks_2samp(mine, other).statistic
        # Smirnov's limit for the distance of two samples: sqrt(-ln(level / 2) / 2) sqrt(2 / n)
        most = np.sqrt(-np.log(LEVEL / 2) / 2) * np.sqrt(2 / paths)
        yield Figure(f"{name}, every person drawn: Kolmogorov-Smirnov over its critical value", far / most, "", 1, 1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the p-value is told within bounds only, and is not asked for
            found = stats.anderson_ksamp([mine, other])
        against = found.statistic / found.critical_values[-1]
        yield Figure(f"{name}, every person drawn: Anderson-Darling over its critical value", against, "", 1, 1)


def many_paths(paths: int, runs: int) -> Iterator[Figure]:
    """Measure long runs with all their figures, each in a process of its own."""
    found = {}
    for number in (paths // 10, paths):
        line = [sys.executable, __file__, "--run", str(number)]
        done = [json.loads(subprocess.run(line, check=True, capture_output=True).stdout) for _ in range(runs)]
        found[number] = {key: statistics.median(one[key] for one in done) for key in done[0]}
        yield Figure(f"{number:,} paths, all figures", found[number]["clock"], "s", None, runs)
    many, few = found[paths]["work"] / paths, found[paths // 10]["work"] / (paths // 10)
    yield Figure(
        f"{paths:,} paths: processor time of each over that of {paths // 10:,}", many / few, "times", 1.1, runs
    )
    yield Figure(f"{paths:,} paths, peak memory", found[paths]["memory"], "MB", 500, runs)


def long_run(paths: int) -> dict[str, float]:
    """Work out every figure of so many paths."""
    worked = Worked(load_scenario(HERE / "denver-like-scenario.yaml"))
    clock, work = time.perf_counter(), time.process_time()
    risk = Run(worked, worked.scenario.draws(paths)).risk()
    assert risk.paths == paths
    return {
        "clock": time.perf_counter() - clock,
        "work": time.process_time() - work,
        "memory": most_memory(),
    }


def errors(worked: Worked, seeds: int) -> Iterator[Figure]:
    """Measure how far the mean of the total is off."""

    def mean(seed: int, paths: int, how: Any) -> float:
        return float(ours(worked, Draws(seed, worked.columns, paths, 1, how))[0].mean()) / 100

    truth = statistics.fmean(mean(seed, 2**18, "sobol") for seed in range(1_000, 1_008))
    found = {}
    for how, paths in (("sobol", 1_024), ("random", 65_536)):
        off = [mean(seed, paths, how) - truth for seed in range(seeds)]
        found[how] = float(np.sqrt(np.mean(np.square(off))))
        name = f"error of the mean total, {paths:,} {how.replace('sobol', 'Sobol’')} points"
        yield Figure(name, found[how], "USD", None, seeds)
    yield Figure("error of Sobol’ points over that of random ones", found["sobol"] / found["random"], "times", 1, seeds)


def on_dask(quick: bool) -> Iterator[Figure]:
    """Measure the portfolio on Dask workers, where it is there."""
    portfolio = HERE / "portfolio.py"
    if not portfolio.is_file() or find_spec("distributed") is None:
        print("Dask is not installed, or there is no portfolio.py: its figure is left out", file=sys.stderr)
        return
    line = [sys.executable, str(portfolio), "--json", *(["--quick"] if quick else [])]
    for figure in json.loads(subprocess.run(line, check=True, capture_output=True).stdout):
        name = f"{figure['name']}: time of two over that of one"
        yield Figure(name, 1 / figure["value"], "times", round(1 / figure["target"], 3), figure["runs"])


def measure(quick: bool) -> Iterator[Figure]:
    """Measure everything."""
    scenario = load_scenario(HERE / "denver-like-scenario.yaml")
    worked = Worked(scenario, frozenset({TOTAL, RATE}))
    paths, runs = (2_000, 1) if quick else (100_000, 5)
    yield from against_others(worked, paths, runs)
    yield from same_distribution(worked, paths)
    yield from errors(worked, 8 if quick else 200)
    yield from many_paths(20_000 if quick else 10_000_000, 1)
    yield from on_dask(quick)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quick", action="store_true", help="a tiny size, to see that it works")
    parser.add_argument("--run", type=int, metavar="PATHS", help="only one run, in this process")
    asked = parser.parse_args()
    if asked.run:
        print(json.dumps(long_run(asked.run)))
        return
    report(list(measure(asked.quick)), asked.json)


if __name__ == "__main__":
    main()
