"""How fast the application is in a real browser: prints a table, or with ``--json`` a list of figures.

    python tests/benchmarks/app.py [--json] [--quick] [NAME ...]

Every measure is a function in :data:`MEASURES`, and may be asked for by its name: it is given a server of its own kind,
a browser and how often to measure, and returns its figures, medians over the runs. Times are those of a person who
looks: from the click until what was asked for can be seen in Chromium.

- ``first``: the first page of an empty ledger, in a browser that was never there.
- ``simulate``: 100,000 paths of the Denver contract, from the click on the button until the chart is drawn. The beliefs
  are those of the example, but for one that differs from run to run, so that each is worked out from the beginning, by
  a process that was kept ready.

``--quick`` does the same at a tiny size, to see that it works; its figures say nothing.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from figures import Figure, report

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from browsers import Served, browsing, watched

from payfs.desk import Desk
from payfs.places import simulations

BEGUN = "before => /run=[0-9a-f]/.test(location.search) && !location.search.includes(before)"
"""Whether the address names another run than before."""

Measure = Callable[[Served, Any, int, bool], list[Figure]]


def simulate(served: Served, browser: Any, runs: int, quick: bool) -> list[Figure]:
    """Measure from the click to the chart."""
    text = (simulations() / "denver-sib.yaml").read_text("utf-8")
    paths = "2,000" if quick else "100,000"
    desk = Desk(served.desks, "ann")
    times = []
    with watched(browser, served) as look:
        for number in range(runs + 1):  # the first one warms up
            changed = text.replace("paths: 100,000", f"paths: {paths}").replace("and 105%", f"and {106 + number}%")
            desk.keep_typed("beliefs denver-sib", {"texts": {"own": changed}})
            page = look.open("simulate", contract="denver-sib", scenario="own")
            before = _run(page) or "none"
            start = time.perf_counter()
            page.get_by_role("button", name="Run the simulation").click()
            page.wait_for_function(BEGUN, arg=before, timeout=60_000)
            page.locator(f"[class*=st-key-chart][class*='{_run(page)}'] .marks").wait_for(timeout=60_000)
            times.append(time.perf_counter() - start)
            look.drawn()
    name = f"{paths} Denver paths, from click to chart"
    return [Figure(name, statistics.median(times[1:]), "s", 3, runs)]


def _run(page: Any) -> str:
    return parse_qs(urlsplit(page.url).query).get("run", [""])[0]


def first_page(served: Served, browser: Any, runs: int, quick: bool) -> list[Figure]:
    """Measure from the address to the first page, for somebody who comes for the first time."""
    times = []
    for _ in range(runs + 1):  # the first one warms up
        with watched(browser, served) as look:  # with nothing kept from before
            start = time.perf_counter()
            look.page.goto(served.url)
            look.page.get_by_role("link", name="Denver Supportive Housing Social Impact Bond").wait_for(timeout=60_000)
            times.append(time.perf_counter() - start)
    return [
        Figure("the first page, from the address to the list of contracts", statistics.median(times[1:]), "s", 2, runs)
    ]


MEASURES: dict[str, Measure] = {"first": first_page, "simulate": simulate}


def main() -> None:
    """Measure what is asked for."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("names", nargs="*", choices=[*MEASURES, []], help="which; all if not said")
    asked.add_argument("--json", action="store_true", help="print JSON")
    asked.add_argument("--quick", action="store_true", help="at a tiny size")
    given = asked.parse_args()
    runs, found = 1 if given.quick else 5, list[Figure]()
    with browsing() as browser:
        for name in given.names or MEASURES:
            with tempfile.TemporaryDirectory() as folder:
                served = Served(Path(folder))
                try:
                    found += MEASURES[name](served, browser, runs, given.quick)
                finally:
                    served.stop()
    report(found, given.json)


if __name__ == "__main__":
    main()
