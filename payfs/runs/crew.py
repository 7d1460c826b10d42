"""The processes that work on runs: started when they are wanted, kept ready, and ended with the one that started them.

They are programs of their own, not copies of this process (which may have threads, such as those of a web server), and
hold one end of a pipe each. However this process ends, its end of the pipe is closed, and they end, too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import payfs
from payfs.simulate.processes import ENVIRONMENT
from payfs.text import Finding, Refused

SOON = 20.0  # a process that ends within so many seconds, and not by itself, could not begin [s]
TRIES = 3


class Crew:
    """The processes that one process keeps for the runs of a folder."""

    def __init__(self, folder: Path, most: int, minutes: float) -> None:
        """Remember for which folder, how many at most, and how long a run may take."""
        self.folder, self.most, self.minutes = folder, most, minutes
        self._here = threading.Lock()
        self._members: list[tuple[subprocess.Popen[bytes], float]] = []
        self._failed = 0
        self._closed = False

    def ready(self, number: int = 1) -> None:
        """See to it that so many processes are there.

        Raises:
            Refused: they end as soon as they begin, again and again.
        """
        with self._here:
            alive = []
            for process, began in self._members:
                if process.poll() is None:
                    alive.append((process, began))
                    continue
                assert process.stdin is not None
                process.stdin.close()
                if process.returncode and time.monotonic() - began < SOON:
                    self._failed += 1
            self._members = alive
            if self._failed >= TRIES:
                remedy = "whoever runs this server finds the reason in its log, and has to start it again"
                raise Refused([Finding("simulations cannot be run: the program for them does not start", remedy)])
            while len(self._members) < min(number, self.most) and not self._closed:
                self._members.append((self._started(), time.monotonic()))

    def call(self) -> None:
        """Say that somebody stands in line."""
        with self._here:
            for process, _ in self._members:
                with suppress(OSError, ValueError):  # it has ended; the next that is started looks by itself
                    assert process.stdin is not None
                    os.write(process.stdin.fileno(), b"\n")

    def close(self) -> None:
        """End them all."""
        with self._here:
            self._closed = True
            for process, _ in self._members:
                with suppress(OSError):
                    assert process.stdin is not None
                    process.stdin.close()
            for process, _ in self._members:
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            self._members = []

    def processes(self) -> list[int]:
        """Return the numbers of those that live."""
        with self._here:
            return [process.pid for process, _ in self._members if process.poll() is None]

    def _started(self) -> subprocess.Popen[bytes]:
        inside = str(Path(payfs.__file__).parent.parent)
        paths = [inside, *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": os.pathsep.join(paths)}
        line = [sys.executable, "-P", "-m", "payfs.runs.worker", str(self.folder), str(self.most), str(self.minutes)]
        # in a session of its own, so that Ctrl-C in a terminal reaches only the server, which then closes the pipe
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        return subprocess.Popen(line, 0, stdin=pipe, stdout=nowhere, env=environment, start_new_session=True)
