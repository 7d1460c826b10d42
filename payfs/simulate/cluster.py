"""Many scenarios, or a big one, worked out by several processes or machines; the same bits whatever does how much.

On several machines with Dask (M. Rocklin, "Dask: parallel computation with blocked algorithms and task scheduling",
2015): a scheduler hands pieces of work to workers, and hands them to others when a worker dies. Machines with
processors of different kinds can differ in the last bits, where numpy has another way for each. On a machine, workers
are best started with one thread each and the variables of :data:`payfs.simulate.processes.ENVIRONMENT`, without which
Dask's own setting makes a run on Linux twice as long:

    export MALLOC_TRIM_THRESHOLD_=268435456 MALLOC_MMAP_THRESHOLD_=33554432
    dask worker tcp://10.0.0.5:8786 --nthreads 1 --nworkers 8

Whoever reaches a scheduler can have anything run by its workers: keep its port within a network that you trust.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import warnings
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from threading import Thread
from time import monotonic
from typing import Any

from payfs.simulate.processes import died, environment, in_processes, undisturbed
from payfs.simulate.risk import Risk
from payfs.simulate.run import Part, Progress, Run
from payfs.simulate.tasks import Done, Send, Task, differences, sending, tasks_of, versions, work
from payfs.simulate.worked import check
from payfs.text import Finding, Refused

LOCAL = "local"
ANSWERS = 5  # how long a scheduler may take to answer [s]
PATIENCE = 15  # how long there may be no worker at all, or one that says nothing [s]
AHEAD = 2  # pieces that are handed out for each worker, so that none waits for the next


def work_out(
    runs: Sequence[Run], cluster: str | None = None, workers: int | None = None, progress: Progress | None = None
) -> list[Risk]:
    """Work runs out.

    Args:
        runs: what is worked out.
        cluster: ``local`` for Dask on this machine, or the address of a Dask scheduler, ``tcp://host:port``; None for
            no Dask.
        workers: how many processes are started on this machine; None for this one alone, or for as many as there are
            processors with ``local``.
        progress: told how many paths are done.

    Returns:
        What each run comes to.

    Raises:
        Refused: everything that stands in the way of any run, or the cluster cannot be used.
    """
    if workers is not None and workers < 1:
        raise Refused([Finding(f"--workers: {workers} processes cannot be started", "write a number of at least 1")])
    if cluster is not None and cluster != LOCAL:
        _check_address(cluster, workers)
    many = workers or (1 if cluster is None else os.cpu_count() or 1)
    _check_all(runs, 1 if cluster not in (None, LOCAL) else many)
    if cluster is None and many == 1:
        return [run.risk(progress) for run in runs]
    if not runs:
        return []
    send = sending(runs)
    pieces: dict[int, dict[int, list[Part]]] = {}
    results = in_processes(tasks_of(runs, many), send, many) if cluster is None else _by_dask(runs, send, cluster, many)
    with closing(results):
        for task, parts in results:
            pieces.setdefault(task.run, {})[task.first] = parts
            if progress is not None:
                progress(task.paths)
    return [run.put_together(_in_order(pieces[place])) for place, run in enumerate(runs)]


def _in_order(pieces: dict[int, list[Part]]) -> list[Part]:
    return [part for first in sorted(pieces) for part in pieces[first]]


def _check_all(runs: Sequence[Run], at_once: int) -> None:
    """Look at every run before any is begun."""
    found: list[Finding] = []
    for run in runs:
        try:
            check(run.worked)
            run.fits(at_once)
        except Refused as refused:
            found += refused.findings
    if found:
        raise Refused(dict.fromkeys(found))


# -- Dask


def _check_address(cluster: str, workers: int | None) -> None:
    found = re.fullmatch(r"tcp://([^\s:/?#]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})", cluster)
    if not found or not 0 < int(found[2]) < 65_536:
        what = f"--cluster: {cluster!r} is not the address of a scheduler"
        raise Refused([Finding(what, "write local, or an address such as tcp://10.0.0.5:8786")])
    if workers is not None:
        what = "--workers: the scheduler has workers of its own"
        raise Refused([Finding(what, "leave it out, or say --cluster local")])


def _dask() -> Any:
    try:
        import distributed
    except ImportError:
        remedy = 'install it: pip install "payfs[cluster]"'
        raise Refused([Finding("--cluster: Dask is not installed", remedy)]) from None
    return distributed


def _by_dask(runs: Sequence[Run], send: Send, cluster: str, workers: int) -> Generator[Done, None, None]:
    dask = _dask()
    with _quiet(dask):
        if cluster != LOCAL:
            with _connected(dask, cluster) as client:
                _check_workers(client, cluster)
                yield from _handed_out(dask, client, cluster, runs, send)
            return
        with started(workers) as here, _connected(dask, here.scheduler_address) as client:
            yield from _handed_out(dask, client, "local", runs, send)


@contextmanager
def _quiet(dask: Any) -> Iterator[None]:
    """Keep Dask's log from the screen: what goes wrong is told in payfs' own words."""
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] == dask.__name__]
    before = [(logger, logger.level) for logger in map(logging.getLogger, names)]
    for logger, _ in before:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in before:
            logger.setLevel(level)


@contextmanager
def started(workers: int) -> Iterator[Any]:
    """Start a scheduler and workers that only this machine can reach, of one thread each, and end them.

    Raises:
        Refused: Dask is not installed, or a worker dies before it has begun.
    """
    dask = _dask()
    with environment():
        try:
            with undisturbed():
                cluster = dask.LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    processes=True,
                    host="127.0.0.1",
                    dashboard_address="127.0.0.1:0",  # where nothing is shown; left out, a port that is often taken
                    scheduler_kwargs={"dashboard": False},
                    silence_logs=logging.CRITICAL + 1,
                    memory_limit=0,
                )
        except (OSError, RuntimeError, TimeoutError):  # one that dies before it has begun
            what = f"--cluster: {workers} workers could not be started on this machine"
            raise Refused([Finding(what, "look whether there is enough memory, or take fewer workers")]) from None
        try:
            yield cluster
        finally:
            with suppress(Exception), undisturbed():
                cluster.sync(_end, list(cluster.workers.values()))
            with suppress(Exception), undisturbed():
                cluster.close(timeout=ANSWERS)


async def _end(nannies: Sequence[Any]) -> None:
    """End workers at once, whatever they are doing."""
    for nanny in nannies:
        nanny.close_gracefully()  # that is, without starting another
    await asyncio.gather(*(nanny.kill(timeout=0.1) for nanny in nannies))


@contextmanager
def _connected(dask: Any, address: str) -> Iterator[Any]:
    """Connect to a scheduler."""
    with warnings.catch_warnings():
        # of other versions of Dask itself and of Python, which decide nothing; those that do are looked at
        warnings.simplefilter("ignore", dask.versions.VersionMismatchWarning)
        try:
            with undisturbed():
                # first, because a client waits for ever for whoever takes the call and says nothing
                with ThreadPoolExecutor(1) as thread:
                    thread.submit(asyncio.run, _ring(dask, address)).result()
                client = dask.Client(address, timeout=ANSWERS, set_as_default=False)
        except ImportError:
            what = f"--cluster: the scheduler at {address} has a version of Dask that cannot work with the one here"
            raise Refused([Finding(what, f"install Dask {dask.__version__} there")]) from None
        except (OSError, TimeoutError, ValueError):
            what = f"--cluster: no scheduler answers at {address} within {ANSWERS} seconds"
            raise Refused([Finding(what, "look whether it runs and can be reached, or say --cluster local")]) from None
    try:
        yield client
    finally:
        with suppress(Exception):
            client.close(timeout=ANSWERS)


async def _ring(dask: Any, address: str) -> None:
    """See whether a scheduler answers."""
    comm = await asyncio.wait_for(dask.comm.connect(address, timeout=ANSWERS), ANSWERS)
    comm.abort()


def _check_workers(client: Any, cluster: str) -> None:
    """Refuse a scheduler without workers, workers that do not answer, and those that could come to other results."""
    asked = list(client.nthreads())
    told = _asked(client, asked)
    silent = sorted(set(asked) - set(told))
    refusals = [_silent(name) for name in silent]
    told = {name: has for name, has in told.items() if not isinstance(has, OSError)}  # one that dies does no work
    if not told and not silent:
        raise Refused([_nobody(cluster)])
    # a worker that cannot even say has no payfs, or one without this module
    has = {name: has if isinstance(has, dict) else {} for name, has in sorted(told.items())}
    refusals += differences(has, versions())
    if refusals:
        raise Refused(refusals)


def _asked(client: Any, workers: Sequence[str]) -> dict[str, Any]:
    """Ask each worker for its versions; one that has not answered in time is left out.

    A call to a worker that is there and stands still never ends. So each has a thread of its own, which may be left
    waiting, and does not keep this process from ending.
    """
    told: dict[str, Any] = {}

    def ask(worker: str) -> None:
        try:
            told.update(client.run(versions, workers=[worker], on_error="return"))
        except Exception as error:  # the connection broke off, or it is gone
            told[worker] = error if isinstance(error, OSError) else OSError(str(error))

    threads = [Thread(target=ask, args=(worker,), daemon=True) for worker in workers]
    with undisturbed():
        for thread in threads:
            thread.start()
    until = monotonic() + PATIENCE
    for thread in threads:
        thread.join(max(until - monotonic(), 0))
    return dict(told)


def _silent(worker: str) -> Finding:
    what = f"--cluster: the worker {worker} does not answer within {PATIENCE} seconds"
    return Finding(what, "look whether it still runs; end it, or start it anew")


def _nobody(cluster: str) -> Finding:
    return Finding(f"--cluster: the scheduler at {cluster} has no workers", f"start some: dask worker {cluster}")


def _handed_out(dask: Any, client: Any, cluster: str, runs: Sequence[Run], send: Send) -> Generator[Done, None, None]:
    """Hand pieces out, a few at a time, and yield each with what it comes to, as they are done."""
    threads = sum(client.nthreads().values())
    left = tasks_of(runs, max(threads, 1))[::-1]
    mine, waiting = versions(), dict[Any, Task]()
    try:
        while left or waiting:
            while left and len(waiting) < AHEAD * max(threads, 1):
                task = left.pop()
                piece = (send(task.run), task.first, task.stop, mine)
                waiting[client.submit(work, *piece, pure=False)] = task
            try:
                with client.as_current():
                    done = dask.wait(list(waiting), PATIENCE, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                if not client.nthreads():
                    raise Refused([_nobody(cluster)]) from None
                continue
            for future in done:
                yield waiting.pop(future), future.result()
            threads = max(threads, sum(client.nthreads().values()))
    except dask.KilledWorker:
        raise Refused([died("--cluster")]) from None
    except (dask.CancelledError, OSError):
        what = f"--cluster: the connection to the scheduler at {cluster} broke off"
        raise Refused([Finding(what, "look whether it still runs, and start again")]) from None
    finally:
        with suppress(Exception):
            client.cancel(list(waiting), force=True)
