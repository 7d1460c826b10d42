"""The work of many runs in pieces: a piece is one run and some of its replicates, worked out by any process anywhere.

A replicate comes to the same wherever it is worked out, and replicates are put together in their order; so the result
is the same to the last bit whoever did how much of it. What is sent is the run as it is laid out here, and not the
files it was read from: another machine has no such files, and a contract may have been changed since it was read. It is
sent as Python's own pickle (of Denver's scenario 0.2 MB, read back in 2 ms, where reading and checking the texts takes
20 ms), which goes only to processes that take any work from this one.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import scipy

from payfs import __version__
from payfs.simulate.run import Part, Run
from payfs.text import Finding, Refused

EACH = 8  # pieces for each worker, so that none waits long for the last of them
LEAST = 16_384  # paths of a piece, where there are as many: for fewer it is not worth the sending
KEPT = 4  # runs that a process keeps, with the tables that it made for them

Versions = Mapping[str, str]


class Task(NamedTuple):
    """A piece of work: the place of the run, its first replicate, the one after its last, and how many paths it has."""

    run: int
    first: int
    stop: int
    paths: int


Done = tuple[Task, list[Part]]
Send = Callable[[int], bytes]  # the run with that number, as it is sent


def versions() -> dict[str, str]:
    """Return the versions of what decides the last bit of a result."""
    return {"payfs": __version__, "numpy": np.__version__, "scipy": str(scipy.__version__)}


def tasks_of(runs: Sequence[Run], workers: int) -> list[Task]:
    """Cut runs into pieces, the largest first: a small run is one piece, a large one several.

    What a path costs is taken to grow with its draws and with the payments that are worked out for it. A run is
    not cut into pieces of fewer than :data:`LEAST` paths.
    """
    weighed: list[tuple[float, Task]] = []
    costs = [_cost(run) for run in runs]
    most = sum(cost * run.draws.paths for cost, run in zip(costs, runs, strict=True)) / (workers * EACH)
    for place, (cost, run) in enumerate(zip(costs, runs, strict=True)):
        draws = run.draws
        replicates = min(draws.replicates, draws.paths)  # where there are fewer paths, the last have none
        wanted = -(-cost * draws.paths // most)
        pieces = int(max(min(wanted, replicates, draws.paths // LEAST), 1))
        edges = [replicates * piece // pieces for piece in range(pieces + 1)]
        for first, stop in pairwise(edges):
            paths = draws.paths_of(stop - 1).stop - draws.paths_of(first).start
            weighed.append((cost * paths, Task(place, first, stop, paths)))
    weighed.sort(key=lambda one: -one[0])
    return [task for _, task in weighed]


def _cost(run: Run) -> float:
    contract = run.worked.contract
    return run.draws.columns + len(contract.rules) * len(contract.periods) * len(contract.cohorts)


def sending(runs: Sequence[Run]) -> Send:
    """Return how a run is written down to be sent; the last is kept, since its pieces follow each other."""

    @lru_cache(maxsize=16)
    def send(place: int) -> bytes:
        return pickle.dumps(runs[place], pickle.HIGHEST_PROTOCOL)

    return send


@lru_cache(maxsize=KEPT)
def _received(sent: bytes) -> Run:
    run: Run = pickle.loads(sent)
    return run


def work(sent: bytes, first: int, stop: int, theirs: Versions) -> list[Part]:
    """Work a piece out, in whatever process this is, in one thread.

    Raises:
        Refused: this process has other versions than the one that asks, or not the memory.
    """
    found = list(differences({"this worker": versions()}, theirs))
    if found:
        raise Refused(found)
    run = _received(sent)
    run.fits()
    return list(run.parts(range(first, stop), threads=1))


def differences(workers: Mapping[str, Versions], mine: Versions) -> Iterator[Finding]:
    """Yield what is wrong with the versions of workers, by their names; nothing is known of one without payfs."""
    for name, theirs in workers.items():
        for package, version in mine.items() if theirs else [("payfs", mine["payfs"])]:
            if theirs.get(package) != version:
                has = f"{package} {theirs[package]}" if theirs else "no payfs that knows of this work"
                what = f"--cluster: the worker {name} has {has}, and this machine has {version}"
                remedy = f"results could differ: install {package} {version} there, and start the worker anew"
                yield Finding(what, remedy)
