"""The runs of a folder: started, looked at, stopped and read by whoever owns them, and by nobody else."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from payfs.runs.asked import Asked, asked_from
from payfs.runs.crew import Crew
from payfs.runs.state import (
    ASKED,
    LINE,
    LOCK,
    LOST,
    RESULT,
    SLOTS,
    STATE,
    STOP,
    State,
    held,
    leave_line,
    read,
    read_state,
    stand_in_line,
    waiting,
    write,
    write_state,
)
from payfs.text import Finding, Refused

AT_ONCE = 2
"""How many runs of a folder are worked on at once; others wait in line."""

EACH = 3
"""How many runs of one owner may be waiting or running."""

KEPT = 30
"""How many runs of one owner are kept; the oldest that are over go first."""

DAYS = 30
"""How many days a run is kept."""

MINUTES = 10.0
"""How long a run may be worked on."""

NUMBER = re.compile(r"[0-9a-f]{32}")


class Runs:
    """The runs of a folder.

    Each is a folder of its own, under that of its owner. Its number cannot be guessed, and is of no use to anybody
    else. At most :data:`AT_ONCE` are worked on at a time and :data:`EACH` of one owner are unfinished; of one owner the
    newest :data:`KEPT` are kept, for at most :data:`DAYS` days.
    """

    def __init__(self, folder: str | Path, at_once: int = AT_ONCE, minutes: float = MINUTES) -> None:
        """Remember where they are kept; nothing is started yet."""
        self.folder = Path(folder).absolute()
        for inside in (LINE, SLOTS):
            (self.folder / inside).mkdir(parents=True, exist_ok=True, mode=0o700)
        self.crew = Crew(self.folder, at_once, minutes)

    def __enter__(self) -> Runs:
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the processes."""
        self.close()

    def close(self) -> None:
        """End the processes; a run that one of them is working on is lost, those in line stay there."""
        self.crew.close()

    def ready(self) -> None:
        """Have a process ready before anybody asks for a run, so that it begins at once.

        Raises:
            Refused: none can be started.
        """
        self.crew.ready()

    def start(self, owner: str, asked: Asked, key: str = "") -> str:
        """Put a run in line, and return its number.

        Args:
            owner: who asks, and alone may look at it.
            asked: what.
            key: something that nobody can guess, made when the question was shown: asked twice, it is done once.

        Raises:
            Refused: it cannot be begun.
        """
        found = list(asked.problems())
        if found:
            raise Refused(found)
        home = self.folder / _name(owner)
        home.mkdir(exist_ok=True, mode=0o700)
        number = hashlib.sha256(f"{owner}\0{key}".encode()).hexdigest()[:32] if key else secrets.token_hex(16)
        run = home / number
        if (run / STATE).exists():
            return number
        unfinished = sum(not state.over for _, state in self._all(owner))
        if unfinished >= EACH:
            remedy = "wait until one is done, or stop one"
            raise Refused([Finding(f"{unfinished} of your runs are not done yet", remedy)])
        self._clean(home)
        part = home / f".{number}.{secrets.token_hex(4)}"
        part.mkdir(mode=0o700)
        state = State("waiting", asked.kind, asked.about, 0.0, time.time())
        write(part / ASKED, asked.data())
        write_state(part, state)
        try:
            part.rename(run)
        except OSError:  # the same was asked at the same moment
            shutil.rmtree(part)
            return number
        stand_in_line(self.folder, run, state.asked)
        self.crew.ready(min(len(waiting(self.folder)) + self._running(), self.crew.most))
        self.crew.call()
        return number

    def look(self, owner: str, number: str) -> State:
        """Tell how far a run is.

        Raises:
            Refused: the owner has no such run.
        """
        run = self._run(owner, number)
        state = self._state(run)
        if state.what == "waiting":
            line = [other for _, other in waiting(self.folder)]
            if run not in line:  # whoever asked was ended before it stood there, or it has just been taken
                state = self._state(run)
                if state.what == "waiting":
                    stand_in_line(self.folder, run, state.asked)
            else:
                state = state._replace(ahead=line.index(run))
            self.crew.ready()
        return state

    def stop(self, owner: str, number: str) -> None:
        """Stop a run, if it is not over yet.

        Raises:
            Refused: the owner has no such run.
        """
        run = self._run(owner, number)
        (run / STOP).touch()
        with held(run / LOCK) as mine:  # else somebody works on it, and stops by himself
            state = read_state(run)
            if mine and state.what == "waiting":
                write_state(run, state._replace(what="stopped", reason="it was stopped before it began"))
                leave_line(self.folder, run)

    def result(self, owner: str, number: str) -> Any:
        """Return what a run came to, as plain data.

        Raises:
            Refused: the owner has no such run, or it is not done.
        """
        run = self._run(owner, number)
        state = self._state(run)
        if state.what != "done":
            raise Refused([Finding(f"the run is {state.what}, and has no result", state.reason or "wait for it")])
        return read(run / RESULT)

    def asked(self, owner: str, number: str) -> Asked:
        """Return what a run was asked.

        Raises:
            Refused: the owner has no such run.
        """
        return asked_from(read(self._run(owner, number) / ASKED))

    def mine(self, owner: str) -> dict[str, State]:
        """Return the runs of an owner, the newest first."""
        return dict(sorted(self._all(owner), key=lambda one: -one[1].asked))

    def _run(self, owner: str, number: str) -> Path:
        run = self.folder / _name(owner) / number
        if not NUMBER.fullmatch(number) or not (run / STATE).exists():
            remedy = f"start a new one; a run is kept for {DAYS} days, and seen by whoever started it alone"
            raise Refused([Finding("there is no such run", remedy)])
        return run

    def _all(self, owner: str) -> Iterator[tuple[str, State]]:
        home = self.folder / _name(owner)
        for name in os.listdir(home) if home.is_dir() else ():
            if NUMBER.fullmatch(name):
                with suppress(FileNotFoundError):  # it is being taken away
                    yield name, self._state(home / name)

    def _state(self, run: Path) -> State:
        """Return how far a run is; it is lost if nobody works on it any more."""
        state = read_state(run)
        if state.what != "running":
            return state
        with held(run / LOCK) as free:
            if not free:
                return state
        state = read_state(run)  # it may have ended in between
        return state._replace(what="lost", reason=LOST) if state.what == "running" else state

    def _running(self) -> int:
        busy = 0
        for number in range(self.crew.most):
            with held(self.folder / SLOTS / str(number)) as free:
                busy += not free
        return busy

    def _clean(self, home: Path) -> None:
        """Take away what is older or more than is kept, and what was never finished."""
        now = time.time()
        for part in home.glob(".*"):
            with suppress(FileNotFoundError):
                if now - part.stat().st_mtime > 3600:
                    shutil.rmtree(part, ignore_errors=True)
        for other in self.folder.iterdir():
            if other.name in (LINE, SLOTS):
                continue
            over = []
            for run in other.iterdir():
                with suppress(FileNotFoundError, NotADirectoryError):
                    state = self._state(run) if NUMBER.fullmatch(run.name) else None
                    if state is not None and state.over:
                        over.append((state.asked, run))
            over.sort(reverse=True)
            for place, (asked, run) in enumerate(over):
                if place >= KEPT - 1 or now - asked > 86_400 * DAYS:
                    gone = other / f".{run.name}.{secrets.token_hex(4)}"
                    with suppress(OSError):
                        run.rename(gone)
                        shutil.rmtree(gone, ignore_errors=True)


def _name(owner: str) -> str:
    """Return the name of an owner's folder, which tells nothing of the owner."""
    return hashlib.sha256(owner.encode("utf-8", "surrogatepass")).hexdigest()[:32]
