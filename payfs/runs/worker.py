"""A process that works on runs, one after the other: ``python -m payfs.runs.worker FOLDER MOST MINUTES``.

It is started by :mod:`payfs.runs.crew`, and ends when its standard input does: when who started it is gone.
"""

from __future__ import annotations

import os
import resource
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from payfs.places import contract_specs, simulations
from payfs.runs.asked import Asked, Side, asked_from
from payfs.runs.state import (
    ASKED,
    FAULT,
    LINE,
    LOCK,
    RESULT,
    SLOTS,
    STOP,
    State,
    held,
    read,
    read_state,
    waiting,
    write,
    write_state,
)
from payfs.runs.work import work_out
from payfs.text import Finding, Refused

LOOKS = 0.5  # between two looks at the line, if nobody calls [s]
BEAT = 0.1  # between two looks at whether it is to be stopped, and two notes of how far it is [s]
IDLE = 30 * 60.0  # after which a process that has nothing to do ends [s]
MOST_MEMORY = 6 * 2**30  # of a process [bytes]
KIB = 1 if sys.platform == "darwin" else 1024  # in which the system tells memory [bytes]

STOPPED = "somebody stopped it"
FAILED = "the program failed, which is its fault and not yours; whoever runs this server finds the reason in its log"


class Worker:
    """Works on the runs of a folder."""

    def __init__(self, folder: Path, most: int, minutes: float) -> None:
        """Remember the folder, how many may work on it at once, and how long a run may take."""
        self.folder, self.most, self.minutes = folder, most, minutes
        self.called = threading.Event()

    def live(self) -> None:
        """Work for as long as there is something to do, now and then."""
        warm_up()
        last = time.monotonic()
        while time.monotonic() - last < IDLE:
            while self.take():
                last = time.monotonic()
            self.called.wait(LOOKS)
            self.called.clear()

    def take(self) -> bool:
        """Work on the next run in line, and tell whether there was one."""
        line = waiting(self.folder)
        if not line:
            return False
        with ExitStack() as stack:
            slots = (self.folder / SLOTS / str(number) for number in range(self.most))
            if not any(stack.enter_context(held(slot)) for slot in slots):
                return False
            for name, run in line:
                if not run.is_dir():
                    (self.folder / LINE / name).unlink(missing_ok=True)
                    continue
                with held(run / LOCK) as mine:
                    if not mine:
                        continue
                    state = read_state(run)
                    if state.what == "waiting":
                        Turn(run, state, self.minutes, self.folder / LINE / name).take()
                    (self.folder / LINE / name).unlink(missing_ok=True)
                    return True
        return False


class Turn:
    """One run that is worked on, and a watch that ends the process where it is to be stopped."""

    def __init__(self, run: Path, state: State, minutes: float, mark: Path) -> None:
        """Remember the run's folder and its mark in the line."""
        self.run, self.state, self.minutes, self.mark = run, state, minutes, mark
        self.began = self.noted = time.monotonic()
        self.ending = threading.Lock()
        self.over = threading.Event()

    def take(self) -> None:
        """Do the work, and keep what comes of it."""
        write_state(self.run, self.state._replace(what="running"))
        threading.Thread(target=self._watch, daemon=True).start()
        try:
            made = work_out(asked_from(read(self.run / ASKED)), self._share)
        except Refused as refused:
            self._refused(refused.findings)
        except MemoryError:
            self._refused((Finding("there is not enough memory for it", "draw fewer paths"),))
        except Exception:
            (self.run / FAULT).write_text(traceback.format_exc(), encoding="utf-8")
            traceback.print_exc()
            self._end(lambda: self.state._replace(what="stopped", reason=FAILED))
        else:
            self._end(lambda: self._kept(made))

    def _kept(self, made: dict[str, object]) -> State:
        write(self.run / RESULT, made)
        return self.state._replace(what="done", share=1.0)

    def _refused(self, findings: tuple[Finding, ...]) -> None:
        self._end(lambda: self.state._replace(what="refused", findings=findings))

    def _end(self, state: Callable[[], State]) -> None:
        with self.ending:
            self.over.set()
            write_state(self.run, state()._replace(took=time.monotonic() - self.began))

    def _share(self, share: float) -> None:
        self.state = self.state._replace(share=share)
        if time.monotonic() - self.noted < BEAT:
            return
        with self.ending:
            self.noted = time.monotonic()
            if not self.over.is_set():
                write_state(self.run, self.state._replace(what="running"))

    def _watch(self) -> None:
        while not self.over.wait(BEAT):
            reason = self._reason()
            if reason:
                with self.ending:
                    if self.over.is_set():
                        return
                    took = time.monotonic() - self.began
                    write_state(self.run, self.state._replace(what="stopped", reason=reason, took=took))
                    self.mark.unlink(missing_ok=True)
                    os._exit(0)  # nobody wants what it is doing, and it would take its time

    def _reason(self) -> str:
        if (self.run / STOP).exists():
            return STOPPED
        if time.monotonic() - self.began > 60 * self.minutes:
            return f"it took longer than {self.minutes:g} minutes; draw fewer paths"
        if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB > MOST_MEMORY:
            return f"it needed more than {MOST_MEMORY / 2**30:g} GiB of memory; draw fewer paths"
        return ""


def warm_up() -> None:
    """Load and try all that a run needs, so that the first one does not have to wait for it."""
    example = "denver-sib.yaml"
    scenario, contract = (folder() / example for folder in (simulations, contract_specs))
    side = Side(scenario.read_text("utf-8"), contract.read_text("utf-8"))
    work_out(Asked("simulate", (side,), paths=2_000), lambda share: None)


def _listen(called: threading.Event) -> None:
    """End with whoever started this process; wake up when it calls."""
    while os.read(0, 1024):
        called.set()
    os._exit(0)


def main() -> None:
    """Work on the runs of a folder."""
    folder, most, minutes = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    worker = Worker(folder, most, minutes)
    threading.Thread(target=_listen, args=(worker.called,), daemon=True).start()
    worker.live()


if __name__ == "__main__":
    main()
