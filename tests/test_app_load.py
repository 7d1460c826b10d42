"""Many people at once over the websocket; how quickly, and for how long, is measured by tests/benchmarks/load.py."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from browsers import Served

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))

from load import visit


def test_ten_people_at_once_are_shown_every_page_and_none_fails(tmp_path):
    served = Served(tmp_path)
    try:
        visitors, held = asyncio.run(visit(served, 10, 20, think=1.0))
    finally:
        served.stop()
    assert [what for one in visitors for what in one.failed] == []
    assert all(one.times for one in visitors)
    assert len(held) > 10
    assert "Traceback" not in served.said(), served.said()
