"""How the application bears many people at once: prints a table, or with ``--json`` a list of figures.

    python tests/benchmarks/load.py [--json] [--quick] [--people N] [--minutes M]

25 people, each with a websocket as a browser has one, look at pages of the application for 10 minutes: each asks for a
page of a contract, waits until it is drawn, thinks for 5 seconds, and goes on. Half of the processors are taken by the
people themselves, who are in this process. Memory is that of the server's process and those it started, at the end
against what it was after the first quarter.

``--quick`` does it for 20 seconds with 5 people.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil
from figures import Figure, report
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from browsers import Served

THINK = 5.0  # [s]
LOOKS = [
    ("", ""),
    *(("contract", f"contract={name}") for name in ("denver-sib", "utah-preschool", "chicago-cpc", "jp-hachioji")),
    *(("draft", f"contract={name}") for name in ("denver-sib", "adoption-incentive")),
    *(("scenarios", f"contract={name}") for name in ("denver-sib", "chicago-cpc")),
    ("simulate", "contract=denver-sib"),
    ("compare", ""),
    ("track", ""),
]


class Visitor:
    """Somebody who looks at pages, one after the other.

    Args:
        url: of the server.
        number: by which visitors differ.
    """

    def __init__(self, url: str, number: int) -> None:
        self.url = url.replace("http", "ws", 1) + "/_stcore/stream"
        self.chance = random.Random(number)
        self.times: list[float] = []
        self.failed: list[str] = []

    async def look(self, until: float, think: float = THINK) -> None:
        """Look until a moment of the clock has come."""
        await asyncio.sleep(self.chance.uniform(0, think))  # nobody comes with another
        async with connect(self.url, subprotocols=["streamlit"], max_size=None, open_timeout=60) as socket:
            while time.monotonic() < until:
                page, query = self.chance.choice(LOOKS)
                asked = BackMsg()
                asked.rerun_script.page_name = page
                asked.rerun_script.query_string = query
                start = time.monotonic()
                await socket.send(asked.SerializeToString())
                await asyncio.wait_for(self._drawn(socket), 60)
                self.times.append(time.monotonic() - start)
                await asyncio.sleep(think)

    async def _drawn(self, socket) -> None:
        while True:
            said = ForwardMsg()
            said.ParseFromString(await socket.recv())
            if said.WhichOneof("type") == "delta" and said.delta.new_element.WhichOneof("type") == "exception":
                self.failed.append(said.delta.new_element.exception.message)
            if said.WhichOneof("type") == "script_finished":
                return


def memory(process: psutil.Process) -> float:
    """Return what a process and those it started hold [MB]."""
    return sum(one.memory_info().rss for one in [process, *process.children(recursive=True)]) / 1e6


async def visit(served: Served, people: int, seconds: float, think: float = THINK) -> tuple[list[Visitor], list[float]]:
    """Let people look; return them, and the server's memory once a second [MB]."""
    until, held = time.monotonic() + seconds, list[float]()
    process = psutil.Process(served.process.pid)
    visitors = [Visitor(served.url, number) for number in range(people)]
    looks = asyncio.gather(*(one.look(until, think) for one in visitors))
    while not looks.done():
        held.append(memory(process))
        await asyncio.sleep(1)
    await looks
    return visitors, held


def measured(people: int, seconds: float) -> list[Figure]:
    """Measure on a server of its own."""
    with tempfile.TemporaryDirectory() as folder:
        served = Served(Path(folder))
        try:
            asyncio.run(visit(served, 1, 12 * 0.2, 0.05))  # what is read once is read
            visitors, held = asyncio.run(visit(served, people, seconds))
        finally:
            served.stop()
    times = sorted(one for visitor in visitors for one in visitor.times)
    failed = [what for visitor in visitors for what in visitor.failed]
    quarter = len(held) // 4
    before, after = statistics.median(held[quarter : 2 * quarter]), statistics.median(held[-quarter:])
    return [
        Figure(f"{people} people: half of the pages are drawn within", times[len(times) // 2], "s", None, len(times)),
        Figure(
            f"{people} people: 95% of the pages are drawn within", times[int(0.95 * len(times))], "s", 1.5, len(times)
        ),
        Figure("memory of the last quarter, as a multiple of the second", after / before, "times", 1.1, len(held)),
        Figure("memory of the last quarter", after, "MB", None, len(held)),
        Figure("pages that failed", float(len(failed)), "pages", 1, len(times)),
    ]


def main() -> None:
    """Measure what is asked for."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--json", action="store_true", help="print JSON")
    asked.add_argument("--quick", action="store_true", help="at a tiny size")
    asked.add_argument("--people", type=int, default=25)
    asked.add_argument("--minutes", type=float, default=10)
    given = asked.parse_args()
    people, seconds = (5, 20.0) if given.quick else (given.people, 60 * given.minutes)
    report(measured(people, seconds), given.json)


if __name__ == "__main__":
    main()
