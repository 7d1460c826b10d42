"""Threads that stand ready for work on arrays, which numpy does outside the interpreter's lock.

They are started once and kept: a thread that has just been started has no memory of its own yet, and asking for it page
by page takes as long as the work of a run that is over in 20 ms.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


def processors() -> int:
    """How many threads can work at the same time."""
    return os.cpu_count() or 1


def side_by_side(work: Callable[[Item], Made], items: Iterable[Item], threads: int) -> Iterator[Made]:
    """Yield what some work makes of each item, in the order of the items, several being worked on at a time.

    Whoever takes the results works as well, on what nobody has begun; so work that asks for threads itself never waits
    for those that wait for it.

    Args:
        work: what is done.
        items: with what.
        threads: how many work at the same time, this one and others; with 1 it is this one alone.
    """
    if threads < 2 or processors() < 2:
        yield from map(work, items)
        return
    others = _standing(os.getpid())
    ahead: deque[tuple[Item, Future[Made]]] = deque()
    try:
        for item in items:
            ahead.append((item, others.submit(work, item)))
            if len(ahead) > threads:
                yield _first(work, ahead)
        while ahead:
            yield _first(work, ahead)
    finally:
        for _, future in ahead:
            future.cancel()


def _first(work: Callable[[Item], Made], ahead: deque[tuple[Item, Future[Made]]]) -> Made:
    """Take the first result, and work on what is to come until it is there."""
    for place, (item, future) in enumerate(ahead):
        if ahead[0][1].done():
            break
        if future.cancel():
            here: Future[Made] = Future()
            here.set_result(work(item))
            ahead[place] = item, here
    return ahead.popleft()[1].result()


@cache
def _standing(process: int) -> ThreadPoolExecutor:
    """Return the threads of a process beside the one that asks; one that was forked off has none of its parent's."""
    return ThreadPoolExecutor(processors() - 1, f"payfs-{process}")
