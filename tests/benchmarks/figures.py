"""What every benchmark prints: a table, or with ``--json`` a list of ``{name, value, unit, target, runs}``."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple


class Figure(NamedTuple):
    """One line of the table."""

    name: str
    value: float
    unit: str
    target: float | None
    runs: int


def timed(do: Callable[[], Any], runs: int) -> float:
    """Return the median time of a call [s], after one that warms up."""
    do()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        do()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def most_memory() -> float:
    """Return the most memory that this process ever held [MB]."""
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6  # macOS counts bytes, Linux KiB


def report(figures: Sequence[Figure], as_json: bool) -> None:
    """Print the figures; every target is a most."""
    if as_json:
        print(json.dumps([figure._asdict() for figure in figures], indent=2))
        return
    width = max(len(figure.name) for figure in figures)
    for name, value, unit, target, runs in figures:
        least = "" if target is None else f"under {target:g} {unit}: {'yes' if value < target else 'NO'}"
        print(f"{name:<{width}}  {value:>9.3f} {unit:<5}  {runs:>3} run{'s' if runs > 1 else ' '}  {least}".rstrip())
