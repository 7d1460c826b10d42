"""How much faster two Dask workers are than one on a portfolio of 20 contracts.

    python tests/benchmarks/portfolio.py [--json] [--quick]

The contracts are made up: days in a home, a fall in returns to prison by tiers, and a rate card whose participants are
followed through needs and limits, each with its own prices, people and seed. The same runs are worked out by a
scheduler with one worker and by one with two, of one thread each, in turn; workers are started, and have done the work
once, before anything is measured. Values are medians; the seconds of processor time that the workers used are told,
too, because they show what sharing the work costs even where others use the machine. Both have to come to the same
bits. ``--quick`` does the same at a tiny size, to see that it works; its figures say nothing.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

TARGET = 1.7
CONTRACTS = 20
PATHS = 200_000

COMMON = """\
contract: portfolio-{n}
title: Portfolio {n}
currency: USD
parties:
  city: {{name: The City, role: outcome payer, fiscal_year_starts: 1 July}}
  provider: {{name: A provider, role: service provider}}
"""

HOMES = """\
periods:
  quarters: {{every: quarter, from: 2026-07-01, to: 2030-06-30, paid: 30 days after the period}}
metrics:
  days: {{what: Days housed, unit: day}}
rules:
  housing: {{metric: days, price: {price}}}
limits:
  budget: {{most: {most}, per: fiscal year}}
  all: {{most: {all}}}
"""

TIERS = """\
population:
  cohorts: {{first: {{}}, second: {{}}, third: {{}}}}
periods:
  years: {{every: year, from: 2026-01-01, to: 2030-12-31, paid: 60 days after the period}}
metrics:
  fall: {{what: Fall in returns to prison, unit: "%", step: 0.01%, least: -100%}}
  started: {{what: People who started work, unit: person}}
rules:
  prison:
    metric: fall
    tiers: [{{pays: 0}}, {{from: 5%, pays: {price}000}}, {{from: 10%, pays: {price}500}}, {{from: 20%, pays: {most}}}]
  work: {{metric: started, price: {price}00}}
limits:
  each year: {{most: {most}, per: fiscal year}}
"""

CARD = """\
periods:
  quarters: {{every: quarter, from: 2026-01-01, to: 2029-12-31, paid: 30 days after the period}}
metrics:
  assessed: {{what: First assessment, unit: person, claims: {{times: 1}}}}
  housed: {{what: Move into a home, unit: person, claims: {{needs: [assessed], times: 1}}}}
  work: {{what: Start of work, unit: person, claims: {{needs_paid: [housed], times: 1}}}}
rules:
  assessed: {{price: {price}0}}
  housed: {{price: {price}00}}
  work: {{price: {price}50}}
limits:
  one person: {{most: {price}60, per: person}}
  all: {{most: {all}}}
"""

BELIEFS = (
    """\
metrics:
  days:
    people: {{enrolment: {{full: {people}, from: 2026-07-01, months: 18}}}}
    each: {{beta: {{a: 5, b: {b}}}}}
    times: days of the period
    together: between 80% and 110%, nine times in ten
""",
    """\
metrics:
  fall:
    value: {{normal: {{mean: {b}%, sd: 9%}}}}
    varies: each cohort
    evaluation: {{design: matched, treated: 400, control: 800, spread: 120%}}
  started:
    people: {people}
    chance: between 10% and 40%, nine times in ten
    varies: each period and cohort
delays:
  city: {{days: {{triangular: {{least: 0, most likely: 20, most: 120}}}}}}
""",
    """\
participants:
  young people:
    people: {people}
    joins: {{2026-01-01: 40%, 2026-07-01: 30%, 2027-01-01: 30%}}
    outcomes:
      assessed: {{chance: between 70% and 95%, months: 1}}
      housed: {{chance: {{beta: {{a: {b}, b: 6}}}}, needs: assessed, months: between 2 and 9}}
      work: {{chance: between 20% and 50%, needs: housed, months: between 1 and 12}}
""",
)


def write(folder: Path, contracts: int, paths: int) -> list[Path]:
    """Make contracts and a scenario of each up, and return the scenarios' files."""
    files = []
    for n in range(contracts):
        kind, price = n % 3, 11 + 3 * n
        terms = (HOMES, TIERS, CARD)[kind]
        money = {"price": price, "most": price * 40_000, "all": price * 110_000}
        (folder / f"contract-{n}.yaml").write_text((COMMON + terms).format(n=n, **money), encoding="utf-8")
        drawn = paths // 10 if kind == 2 else paths  # each takes as long as many of the others
        head = f"scenario: portfolio-{n}\ncontract: contract-{n}.yaml\npaths: {drawn}\nseed: {n}\n"
        beliefs = BELIEFS[kind].format(people=150 + 10 * n, b=2 + n % 5)
        files.append(folder / f"scenario-{n}.yaml")
        files[-1].write_text(head + beliefs, encoding="utf-8")
    return files


class Measured(NamedTuple):
    """What was measured.

    Attributes:
        one: with one worker, the median [s].
        two: with two.
        used: seconds of processor time that the workers used, one and two of them.
        repeats: how often each was measured.
    """

    one: float
    two: float
    used: tuple[float, float]
    repeats: int

    @property
    def times(self) -> float:
        """How many times as fast two are."""
        return self.one / self.two


def used(cluster: Any) -> float:
    """Return the processor time that the workers of a cluster have used so far [s]."""
    import psutil

    times = [psutil.Process(nanny.pid).cpu_times() for nanny in cluster.workers.values()]
    return sum(one.user + one.system for one in times)


def measure(contracts: int = CONTRACTS, paths: int = PATHS, repeats: int = 3) -> Measured:
    """Work the portfolio out by one worker and by two, in turn."""
    from payfs.simulate.cluster import started, work_out
    from payfs.simulate.run import Run
    from payfs.simulate.scenario import load_scenario
    from payfs.simulate.worked import Worked

    with tempfile.TemporaryDirectory() as folder:
        scenarios = [load_scenario(file) for file in write(Path(folder), contracts, paths)]
    runs = [Run(Worked(scenario), scenario.draws()) for scenario in scenarios]
    with started(1) as one, started(2) as two:
        clusters, times, cpu = (one, two), ([], []), ([], [])
        results = [work_out(runs, cluster.scheduler_address) for cluster in clusters]
        if said(results[0]) != said(results[1]):
            raise SystemExit("two workers come to other results than one")
        for _ in range(repeats):
            for place, cluster in enumerate(clusters):
                before, start = used(cluster), time.perf_counter()
                work_out(runs, cluster.scheduler_address)
                times[place].append(time.perf_counter() - start)
                cpu[place].append(used(cluster) - before)
    medians = [statistics.median(values) for values in (*times, *cpu)]
    return Measured(medians[0], medians[1], (medians[2], medians[3]), repeats)


def said(risks: Sequence[Any]) -> list[Any]:
    """Return every bit of results, to be compared."""
    return [
        (risk.paths, risk.replicates, risk.enough, name, label.grid.tobytes(), key, *map(float.hex, figure))
        for risk in risks
        for name, label in risk.labels.items()
        for key, figure in label.figures.items()
    ]


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quick", action="store_true", help="a tiny size, to see that it works")
    given = parser.parse_args()
    made = measure(3, 2_000, 1) if given.quick else measure()
    name = f"2 Dask workers against 1, {3 if given.quick else CONTRACTS} contracts"
    if given.json:
        figure = {"name": name, "value": made.times, "unit": "times", "target": TARGET, "runs": made.repeats}
        print(json.dumps([figure], indent=2))
        return
    print(f"1 worker   {made.one:8.3f} s    {made.used[0]:8.3f} s of processor time")
    print(f"2 workers  {made.two:8.3f} s    {made.used[1]:8.3f} s of processor time")
    print(f"{name}: {made.times:.2f} times as fast; at least {TARGET}: {'yes' if made.times >= TARGET else 'NO'}")


if __name__ == "__main__":
    main()
