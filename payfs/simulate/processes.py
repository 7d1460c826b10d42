"""Pieces of work done by several processes on this machine, which end with the one that started them.

One that dies half way is replaced, and what it was doing is done again.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

from payfs.simulate.tasks import Done, Send, Task, versions, work
from payfs.text import Finding, Refused

DEATHS = 3  # in a row, with nothing done between them
ENVIRONMENT = {
    # there are as many workers as processors
    **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
    # Linux gives the memory of a block back when it is done and takes it again for the next, which can take longer than
    # the arithmetic; so keep it. Both have to be said, or the one that is left loses what it learns by itself
    "MALLOC_MMAP_THRESHOLD_": str(2**25),
    "MALLOC_TRIM_THRESHOLD_": str(2**28),
}
"""What makes workers quick, as variables of their environment."""


def in_processes(tasks: Sequence[Task], send: Send, workers: int) -> Generator[Done, None, None]:
    """Do pieces of work in so many processes, and yield each with what it comes to, as they are done.

    Raises:
        Refused: a piece cannot be worked out, or processes die again and again.
    """
    left, deaths = list(tasks), 0
    while left:
        try:
            for task, parts in _at_once(left, send, workers):
                left, deaths = [other for other in left if other != task], 0
                yield task, parts
        except BrokenProcessPool:
            deaths += 1
            if deaths == DEATHS:
                raise Refused([died("--workers")]) from None


def died(option: str) -> Finding:
    """Say that whoever works on a piece dies of it."""
    what = f"{option}: processes that work on this end before they are done, again and again"
    return Finding(what, "most likely there is too little memory: take fewer workers, or more replicates")


class _Context(SpawnContext):
    """Starts processes anew, not as copies of this one, and remembers them."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[SpawnProcess] = []

    def Process(self, *args: Any, **kwargs: Any) -> SpawnProcess:  # type: ignore[override]  # noqa: N802
        process = SpawnProcess(*args, **kwargs)
        self.started.append(process)
        return process


def _at_once(tasks: Sequence[Task], send: Send, workers: int) -> Generator[Done, None, None]:
    context = _Context()
    pool = ProcessPoolExecutor(min(workers, len(tasks)), context, _begin)
    finished = False
    try:
        with undisturbed(), environment():
            futures = {pool.submit(work, send(t.run), t.first, t.stop, versions()): t for t in tasks}
        for future in as_completed(futures):
            yield futures[future], future.result()
        finished = True
    finally:
        for process in () if finished else context.started:
            process.kill()  # nobody wants what it is doing, and it would take its time
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """End with the process that started this one, whatever ends it; Ctrl-C is its business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep Ctrl-C from the threads and processes that are started meanwhile; it reaches this one a moment later."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # Python starts it with the first process, and lets Ctrl-C through again when it has (until 3.11, in any case)
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def environment() -> Iterator[None]:
    """Give the processes that are started meanwhile :data:`ENVIRONMENT`."""
    # the last is what Dask leaves behind in this process
    before = {name: os.environ.get(name) for name in (*ENVIRONMENT, "PYTHONHASHSEED")}
    os.environ.update(ENVIRONMENT)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
