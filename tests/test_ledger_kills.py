"""Nothing that was acknowledged is lost, whoever is killed in the middle of work."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import killed
import pytest
from made_ledgers import ONE_PAYER, raw, registered
from servers import NoServer, Server
from sqlalchemy import text

from payfs.store import create_store, open_store
from payfs.store.audit import check_ledger

HERE = Path(__file__).parent
CONTRACT = ONE_PAYER.replace("most: 50000", "most: 500000000")
LIVES = 40
KILLS = 6
EACH = 10  # steps that are acknowledged before each time the server is killed


def begun(url, folder):
    """Make a ledger with a contract and its people; return how many entries it has."""
    store = create_store(url)
    registered(store, folder, CONTRACT)
    audit = check_ledger(store)
    store.close()
    return audit.entries


def working(*arguments):
    """Start the work in a process of its own."""
    paths = os.pathsep.join([str(HERE), str(HERE.parent)])
    return subprocess.Popen(
        [sys.executable, str(HERE / "killed.py"), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def all_is_there(url, diary, before):
    """Hold what is kept against what was acknowledged: nothing less, and no more than what nobody heard the end of."""
    done = {line["key"]: line["receipt"] for line in diary if line["what"] == "done"}
    asked = {line["key"] for line in diary if line["what"] == "begun"}
    store = open_store(url)
    audit = check_ledger(store, done.values())
    store.close()
    assert audit.findings == ()
    with raw(url) as connection:
        query = text("SELECT r.key, e.number, e.hash FROM request r JOIN entry e ON e.number = r.entry")
        kept = {key: f"{number}:{hashed}" for key, number, hashed in connection.execute(query)}
        twice = connection.execute(text("SELECT count(*) - count(DISTINCT reference || paid_on) FROM payment"))
        assert twice.scalar_one() == 0  # each payment has a reference of its own, and was asked for under one key
    assert {key: kept.get(key) for key in done} == done
    assert set(kept) <= asked
    assert audit.entries == before + len(kept)
    return done


def test_a_writer_that_is_killed_40_times_loses_nothing_on_sqlite(tmp_path):
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    before = begun(url, tmp_path)
    run = working("lives", url, tmp_path, LIVES)
    said, _ = run.communicate(timeout=240)
    assert run.returncode == 0, said
    diary = killed.Diary(tmp_path).lines()
    done = all_is_there(url, diary, before)
    assert sum(line["what"] == "killed" for line in diary) == LIVES
    assert [line for line in diary if line["what"] in ("refused", "error")] == []
    # every life is killed only after some of its steps were acknowledged, so there is something to lose each time
    assert len(done) >= LIVES * killed.HEARD
    # and most of them within a step: it was begun, and nobody heard its end
    ends = [one["what"] for one, after in pairwise(diary) if after["what"] == "killed"]
    assert ends.count("begun") >= LIVES // 2
    # the next life asked again under the same key, and was told what was kept, or it was done only then
    assert {line["key"] for line in diary if line["what"] == "begun"} - set(done) <= {open_end(diary)}


def open_end(diary):
    """Return the key of the last step, which nobody may have asked for again."""
    return [line["key"] for line in diary if line["what"] == "begun"][-1]


def test_a_server_that_is_killed_6_times_loses_nothing_on_postgresql(tmp_path):
    try:
        server = Server(fsync=True)
    except NoServer as missing:
        pytest.fail(str(missing), pytrace=False)
    chance = random.Random(6)
    diary = killed.Diary(tmp_path)
    try:
        url = server.fresh()
        before = begun(url, tmp_path)
        run = working("work", url, tmp_path)
        try:
            for _ in range(KILLS):
                waited_for(run, diary, EACH)
                time.sleep(chance.uniform(0, 0.05))
                server.kill()
                diary.note("killed")
                server.start()
            waited_for(run, diary, EACH)
            (tmp_path / "stop").touch()
            said, _ = run.communicate(timeout=60)
            assert run.returncode == 0, said
        finally:
            run.kill()
            run.communicate()
        lines = diary.lines()
        done = all_is_there(url, lines, before)
    finally:
        server.stop()
    # the server is killed only after this many more steps were acknowledged, and goes on afterwards
    assert len(done) >= (KILLS + 1) * EACH
    # whoever works meanwhile is told in plain words that the database does not answer, and nothing else
    assert [line["said"] for line in lines if line["what"] == "error"] == []
    told = {what for line in lines if line["what"] == "refused" for what in line["said"]}
    assert told == {"the database does not answer"}
    assert said == ""


def waited_for(run, diary, more):
    """Wait until so many more steps are acknowledged."""
    heard = sum(line["what"] == "done" for line in diary.lines())
    until = time.monotonic() + 90
    while sum(line["what"] == "done" for line in diary.lines()) < heard + more:
        assert run.poll() is None, run.communicate()[0]
        assert time.monotonic() < until
        time.sleep(0.005)
