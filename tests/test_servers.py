"""The server that tests of the ledger run on: real, empty each time, and gone afterwards however a run ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import servers
from servers import NoServer, Server
from sqlalchemy import create_engine, text

HERE = Path(__file__).parent


def asked(url, question):
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            return connection.execute(text(question)).scalar()
    finally:
        engine.dispose()


def test_a_database_of_either_kind_is_there_and_empty(url):
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE kept (it integer)"))  # which fails if anybody left one
    engine.dispose()


def test_tests_run_as_an_ordinary_user_of_the_database(postgresql):
    assert asked(postgresql.fresh(), "SELECT usesuper FROM pg_user WHERE usename = current_user") is False


def test_a_server_that_was_killed_starts_again_where_it_was_and_a_stopped_one_leaves_nothing():
    server = Server(fsync=True)
    url = server.fresh()
    server.kill()
    server.start()
    assert asked(url, "SHOW fsync") == "on"
    processes = [psutil.Process(server.process.pid), psutil.Process(server.keeper.pid)]
    server.stop()
    server.stop()
    assert not any(process.is_running() for process in processes)
    assert not server.folder.exists()


def test_a_port_that_another_server_holds_is_passed_over(postgresql, monkeypatch):
    """Even where it was taken between the look and the start."""
    monkeypatch.setattr(servers.random.SystemRandom, "sample", lambda self, ports, count: [postgresql.port, ports[-1]])
    monkeypatch.setattr(servers.socket.socket, "connect_ex", lambda self, address: 111)
    server = Server()
    try:
        assert server.port == servers.PORTS[-1]
        assert "already in use" in server.log()
    finally:
        server.stop()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_broken_off_leaves_no_server_and_no_folder(end, tmp_path):
    # as a terminal starts it: whatever runs the tests may ignore Ctrl-C, and hand that down
    code = "import signal, time; signal.signal(signal.SIGINT, signal.default_int_handler); "
    code += "from servers import Server; s = Server(); print(s.process.pid, s.folder, flush=True); "
    run = subprocess.Popen(
        [sys.executable, "-c", code + "time.sleep(60)"],
        env={**os.environ, "PYTHONPATH": str(HERE)}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert run.stdout is not None
    pid, folder = run.stdout.readline().split()
    assert psutil.pid_exists(int(pid))
    run.send_signal(end)
    run.wait(30)
    run.stdout.close()
    until = time.monotonic() + 30
    while (psutil.pid_exists(int(pid)) or Path(folder).exists()) and time.monotonic() < until:
        time.sleep(0.05)
    assert not psutil.pid_exists(int(pid))
    assert not Path(folder).exists()


def test_the_newest_of_several_servers_is_taken(monkeypatch, tmp_path):
    for version in ("9.6", "14", "15", "junk"):
        (tmp_path / version / "bin").mkdir(parents=True)
        if version != "junk":
            (tmp_path / version / "bin" / "initdb").touch()
    monkeypatch.setattr(servers, "INSTALLED", tmp_path)
    assert servers.programs() == tmp_path / "15" / "bin"


def test_without_a_server_the_tests_fail_and_say_how_to_install_one(monkeypatch, tmp_path):
    monkeypatch.setattr(servers, "INSTALLED", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoServer, match=r"apt-get install --no-install-recommends postgresql"):
        Server()
