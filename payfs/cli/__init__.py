"""The commands. Findings go to standard error, results to standard output.

Exit status: 0 all well, 1 findings in what the user gave, 2 wrong usage.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from typing import Any

from payfs.cli import contracts, documents, front, ledger, ledger_looks, simulations
from payfs.cli.shared import app, complain

__all__ = ["app", "contracts", "documents", "front", "ledger", "ledger_looks", "main", "simulations"]


STOPPED = 130  # the status with which Ctrl-C ends a command


def main() -> None:
    """Run the command line; a broken pipe, a full disk or Ctrl-C ends it without a traceback."""
    sys.stdout, sys.stderr = sys.stdout or io.StringIO(), sys.stderr or io.StringIO()  # None where they are closed
    for stream in (sys.stdout, sys.stderr):
        # a terminal that is set to ASCII cannot write £ or §; UTF-8 is what every terminal of today reads
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() != "utf-8":
            stream.reconfigure(encoding="utf-8")
    command: Callable[[], Any] = app
    try:
        try:
            command()
        finally:
            sys.stdout.flush()
    except SystemExit as ended:
        if ended.code == STOPPED:
            complain("stopped")
        raise
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        complain(f"the result cannot be written: {(error.strerror or str(error)).lower()}; write it elsewhere")
        sys.stderr.flush()
        os._exit(1)  # to leave in order would be to write the rest of the result once more
