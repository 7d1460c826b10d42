"""Work on a ledger that is killed half way: each step is written down before it is taken, and when it is acknowledged.

python killed.py lives URL FOLDER LIVES     # one life after the other, each killed in the middle of its work
python killed.py work URL FOLDER            # one life that goes on whatever becomes of the server, until FOLDER/stop
"""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from made_ledgers import QUARTERS, results, total_of

from payfs.store import Store, open_store
from payfs.store.workflow import approve, came_back, record_payment, submit, verify
from payfs.text import Refused

STEPS = {step.__name__: step for step in (submit, verify, approve, record_payment, came_back)}
HEARD = 3  # steps of each life that are acknowledged before it is killed


class Diary:
    """What was begun and what was acknowledged. A line that was written is there, whoever is killed after it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "diary"
        self.file.touch()
        self.handle = os.open(self.file, os.O_WRONLY | os.O_APPEND)

    def note(self, what: str, **more: Any) -> None:
        """Write a line."""
        os.write(self.handle, (json.dumps({"what": what, **more}) + "\n").encode())

    def lines(self) -> list[dict[str, Any]]:
        """Read all lines."""
        return [json.loads(line) for line in self.file.read_text(encoding="utf-8").splitlines()]


def take(store: Store, diary: Diary, name: str, args: list[Any], key: str) -> Any:
    """Take a step, and again with the same key for as long as the database does not answer."""
    diary.note("begun", step=name, args=args, key=key)
    for _ in range(2_000):
        try:
            answer = STEPS[name](store, *args, key=key)
        except Refused as no:
            diary.note("refused", said=[finding.what for finding in no.findings])
            time.sleep(0.02)
        except Exception as error:
            diary.note("error", said=f"{type(error).__name__}: {error}")
            time.sleep(0.02)
        else:
            diary.note("done", key=key, receipt=answer.receipt, again=answer.again)
            return answer
    raise AssertionError("the database never came back")


def rounds(store: Store, diary: Diary, folder: Path, life: int) -> Iterator[None]:
    """Hand in, verify, approve, pay, take back and pay again, round after round."""
    for number in range(1_000):
        key, count = f"{life}/{number}", life * 50 + number
        file = results(folder, [("starts", QUARTERS[count % 12], 1 + count)], f"{life}-{number}.csv")
        handed = take(store, diary, "submit", ["pat", "homes", [file]], f"{key}/submit")
        yield
        verified = take(store, diary, "verify", ["eve", "homes", handed.number], f"{key}/verify")
        yield
        for bill in verified.bills:
            total = total_of(store, "homes", bill)
            take(store, diary, "approve", ["beth", "homes", bill, total], f"{key}/approve/{bill}")
            yield
            pay = ["carl", "homes", bill, "2021-06-01", f"transfer {key}"]
            take(store, diary, "record_payment", pay, f"{key}/pay/{bill}")
            yield
            back = ["carl", "homes", bill, "2021-06-02", "account closed"]
            take(store, diary, "came_back", back, f"{key}/back/{bill}")
            yield
            pay[3] = "2021-06-03"
            take(store, diary, "record_payment", pay, f"{key}/pay again/{bill}")
            yield


def live(url: str, folder: Path, life: int) -> None:
    """Ask again for what nobody heard of, and work until killed or told to stop."""
    diary = Diary(folder)
    before = [line for line in diary.lines() if line["what"] in ("begun", "done")]
    store = open_store(url)
    if before and before[-1]["what"] == "begun":
        take(store, diary, before[-1]["step"], before[-1]["args"], before[-1]["key"])
    for _ in rounds(store, diary, folder, life):
        if (folder / "stop").exists():
            break
    store.close()


def lives(url: str, folder: Path, count: int) -> None:
    """Live and be killed, again and again. Each life is a process of its own, forked from this one."""
    chance = random.Random(6)
    diary = Diary(folder)
    store = open_store(url)
    for _ in itertools.islice(rounds(store, diary, folder, count), 6):  # so that all that is slow to load is loaded
        pass
    store.close()
    for life in range(count):
        heard = sum(line["what"] == "done" for line in diary.lines())
        child = os.fork()
        if child == 0:
            live(url, folder, life)
            os._exit(1)  # nobody gets so far
        until = time.monotonic() + 60
        while sum(line["what"] == "done" for line in diary.lines()) < heard + HEARD:
            assert time.monotonic() < until
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.05))  # about as long as a step or two
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        diary.note("killed", life=life)


if __name__ == "__main__":
    if sys.argv[1] == "lives":
        lives(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    else:
        live(sys.argv[2], Path(sys.argv[3]), 0)
