"""How far a run is, and the folder in which that is kept: every file in it appears whole or not at all."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal, NamedTuple

from payfs.text import Finding

What = Literal["waiting", "running", "done", "refused", "stopped", "lost"]

STATE, ASKED, RESULT, STOP, LOCK, FAULT = "state.json", "asked.json", "result.json", "stop", "lock", "fault.txt"
LINE, SLOTS = "line", "slots"
"""Folders beside those of the owners: whose turn it is, and how many may be at work."""

LOST = "the program that worked on it ended before it was done; run it again"


class State(NamedTuple):
    """How far a run is.

    Attributes:
        what: ``waiting`` in line, ``running``, ``done``, ``refused`` for what is wrong with what was asked, ``stopped``
            by somebody or by a bound, or ``lost`` with the process that worked on it.
        kind: what is done.
        about: what the run is called.
        share: how much of it is done, from 0 to 1.
        asked: when it was asked for [seconds since 1970].
        took: how long it was worked on [s]; 0 until it is over.
        findings: why it was refused.
        reason: why it was stopped, or what to do about a lost one.
        ahead: how many others are before it in line.
    """

    what: What
    kind: str
    about: str
    share: float
    asked: float
    took: float = 0.0
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    ahead: int = 0

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.what not in ("waiting", "running")


def write_state(folder: Path, state: State) -> None:
    """Keep how far a run is."""
    write(folder / STATE, state._asdict())


def read_state(folder: Path) -> State:
    """Return how far a run is, as it was last kept."""
    data = read(folder / STATE)
    return State(**{**data, "findings": tuple(_finding(one) for one in data["findings"])})


def _finding(data: list[Any]) -> Finding:
    what, remedy, path, *place = data
    return Finding(what, remedy, tuple(path), *place)


def write(file: Path, value: Any) -> None:
    """Write plain data, so that the file is there whole or as it was before; NaN is written as Python reads it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    part.write_text(text, encoding="utf-8")
    os.replace(part, file)


def read(file: Path) -> Any:
    """Read plain data."""
    return json.loads(file.read_text(encoding="utf-8"))


@contextmanager
def held(file: Path) -> Iterator[bool]:
    """Hold a lock, if nobody else does, and tell whether it is held. It is given back when the process ends, too."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        mine = True
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            mine = False
        yield mine
    finally:
        os.close(handle)


def waiting(folder: Path) -> list[tuple[str, Path]]:
    """Return who is in line, first come first: the name of each mark, and the folder of the run."""
    found = []
    with suppress(FileNotFoundError):
        for name in sorted(os.listdir(folder / LINE)):
            when, owner, number = [*name.split("."), "", ""][:3]
            if when and owner and number:
                found.append((name, folder / owner / number))
    return found


def stand_in_line(folder: Path, run: Path, asked: float) -> None:
    """Put a run in line; doing it twice does no harm."""
    (folder / LINE / f"{int(asked * 1e6):020d}.{run.parent.name}.{run.name}").touch()


def leave_line(folder: Path, run: Path) -> None:
    """Take a run out of the line."""
    for name, other in waiting(folder):
        if other == run:
            (folder / LINE / name).unlink(missing_ok=True)
