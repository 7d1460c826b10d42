"""Threads that stand ready: results in order, nobody waits for whom it keeps waiting, and nothing goes on unasked."""

from __future__ import annotations

import subprocess
import sys
import time
from threading import Barrier, Event, get_ident

import pytest

from payfs import threads
from payfs.threads import side_by_side


@pytest.fixture(autouse=True)
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "processors", lambda: 2)
    threads._standing.cache_clear()


def test_results_come_in_the_order_of_the_items_whichever_is_done_first() -> None:
    def slow_at_first(number: int) -> int:
        time.sleep(0.05 if number == 0 else 0)
        return number * number

    for many in (1, 2, 3, 50):
        assert list(side_by_side(slow_at_first, range(20), many)) == [number * number for number in range(20)]
    assert list(side_by_side(slow_at_first, [], 2)) == []


def test_two_work_at_the_same_time_and_one_of_them_is_the_one_who_asks() -> None:
    together, here = Barrier(2), set[int]()

    def meets(_: int) -> None:
        here.add(get_ident())
        together.wait(60)  # nobody comes through alone

    for _ in range(3):
        list(side_by_side(meets, range(2), 2))
    assert len(here) == 2
    assert get_ident() in here


def test_one_is_the_one_who_asks_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(side_by_side(lambda _: get_ident(), range(5), 1)) == {get_ident()}
    monkeypatch.setattr(threads, "processors", lambda: 1)
    assert set(side_by_side(lambda _: get_ident(), range(5), 4)) == {get_ident()}


def test_threads_are_kept_from_one_time_to_the_next() -> None:
    def others() -> set[int]:
        together = Barrier(2)

        def meets(_: int) -> int:
            together.wait(60)
            return get_ident()

        return set(side_by_side(meets, range(2), 2)) - {get_ident()}

    assert others() == others()


def test_work_that_asks_for_threads_itself_comes_to_an_end() -> None:
    def deep(level: int) -> int:
        return 1 if level == 0 else sum(side_by_side(deep, [level - 1] * 3, 3))

    assert list(side_by_side(deep, [4] * 4, 4)) == [81] * 4


def test_what_goes_wrong_is_told_in_its_turn_and_what_nobody_began_is_left() -> None:
    done = []

    def third_fails(number: int) -> int:
        done.append(number)
        if number == 2:
            raise ValueError("the third")
        return number

    made = side_by_side(third_fails, range(1_000), 2)
    assert [next(made), next(made)] == [0, 1]
    with pytest.raises(ValueError, match="the third"):
        list(made)
    assert len(done) < 10


def test_who_leaves_early_leaves_no_work_behind() -> None:
    done, hold = [], Event()

    def waits(number: int) -> int:
        done.append(number)
        if number == 1:
            hold.wait(60)
        return number

    made = side_by_side(waits, range(100), 3)
    assert next(made) == 0
    made.close()
    hold.set()
    list(side_by_side(lambda _: None, range(4), 2))  # behind all that was left in line
    assert len(done) <= 4


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork on Windows")
def test_a_process_that_is_forked_off_has_threads_of_its_own() -> None:
    program = (
        "import os\n"
        "from payfs import threads\n"
        "threads.processors = lambda: 2\n"
        "assert list(threads.side_by_side(abs, range(9), 2)) == list(range(9))\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    os._exit(0 if list(threads.side_by_side(abs, range(9), 2)) == list(range(9)) else 1)\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True, timeout=60)
