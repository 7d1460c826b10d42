"""A real PostgreSQL server for tests: in a folder of its own, on a free port, and gone afterwards whatever happens."""

from __future__ import annotations

import atexit
import itertools
import os
import pwd
import random
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, text

INSTALLED = Path("/usr/lib/postgresql")  # where Debian keeps every version
INSTALL = (
    "these tests need a PostgreSQL server, and found none in /usr/lib/postgresql or on the PATH; install one: "
    "apt-get install --no-install-recommends postgresql (Debian, Ubuntu), dnf install postgresql-server (Fedora), "
    "brew install postgresql (macOS)"
)
# Below the ports that systems hand out to clients: while a server is down nobody else comes to hold its port, and a
# client that knocks at it cannot by chance be given the very port as its own, and so be connected with itself.
PORTS = range(15_000, 30_000)
DRIVER = "postgresql+pg8000"
OWNER = "payfs"  # of the tests' databases: an ordinary user, as in earnest
QUICK = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
SETTINGS = ("listen_addresses=127.0.0.1", "max_connections=50", "shared_buffers=32MB", "max_wal_size=256MB")


class NoServer(Exception):
    """There is no PostgreSQL server to start, and this is how to install one."""


def programs() -> Path:
    """Return the folder of the newest PostgreSQL server that is installed."""
    versions = [path for path in INSTALLED.glob("*/bin") if (path / "initdb").exists()]
    if versions:
        return max(versions, key=lambda path: [int(part) for part in re.findall(r"\d+", path.parent.name)])
    found = shutil.which("initdb")
    if found is None or not Path(found).resolve().with_name("postgres").exists():
        raise NoServer(INSTALL)
    return Path(found).resolve().parent


def whoever_may() -> dict[str, str | int]:
    """Return as whom a server is started: as this user, but for root, as whom PostgreSQL refuses to run."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    entry = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid}


class Server:
    """A PostgreSQL server, started when it is made. With ``fsync`` it keeps what it acknowledged when it is killed."""

    def __init__(self, fsync: bool = False) -> None:
        self.bin = programs()
        self.settings = SETTINGS if fsync else SETTINGS + QUICK
        self.who = whoever_may()
        self.password = secrets.token_hex(16)  # whoever else is on this machine stays out
        self.numbers = itertools.count(1)
        self.administrator: Engine | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self.keeper: subprocess.Popen[bytes] | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="payfs-postgresql-"))
        atexit.register(self.stop)
        try:
            self._lay_out()
            self._start_on_a_free_port()
            # as most servers sort, and unlike SQLite: a before B, and before a comma
            self.locale = "LOCALE_PROVIDER icu ICU_LOCALE 'en'" if self._sorts_as_people_do() else ""
            self._do(f"CREATE ROLE {OWNER} LOGIN PASSWORD '{self.password}'")
        except BaseException:
            self.stop()
            raise

    def _lay_out(self) -> None:
        secret = self.folder / "password"
        secret.touch(0o600)
        secret.write_text(self.password, encoding="ascii")
        if self.who:
            for path in (self.folder, secret):
                os.chown(path, self.who["user"], self.who["group"])
        line = ["-D", self.folder / "data", "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={secret}"]
        line += ["--no-sync", "-E", "UTF8", "--locale=C"]
        done = subprocess.run(
            [self.bin / "initdb", *line], cwd="/", capture_output=True, text=True, check=False, **self._extra()
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def _extra(self) -> dict:
        return {**self.who, "extra_groups": []} if self.who else {}

    def _start_on_a_free_port(self) -> None:
        for self.port in random.SystemRandom().sample(PORTS, 50):
            with socket.socket() as knock:
                taken = knock.connect_ex(("127.0.0.1", self.port)) == 0
            # somebody may still come between; then the server itself says so, and the next port is tried
            if not taken and self._started():
                return
        raise AssertionError(f"no port is free: {self.log()}")

    def start(self) -> None:
        """Start it again where it was, after it was killed: as soon as what is left of the old one is gone."""
        until = time.monotonic() + 30
        while not self._started():
            assert time.monotonic() < until, self.log()
            time.sleep(0.05)

    def _started(self) -> bool:
        """Start it and wait until it takes connections; or say that this port, or this folder, is not free yet."""
        before = len(self.log())
        line = [self.bin / "postgres", "-D", self.folder / "data", "-p", str(self.port), "-k", self.folder]
        for setting in self.settings:
            line += ["-c", setting]
        with (self.folder / "log").open("ab") as log:
            # a session of its own: Ctrl-C in a terminal is for the tests, which then stop the server
            self.process = subprocess.Popen(
                line, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **self._extra()
            )
        self._watch()
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if self.process.poll() is not None:
                said = self.log()[before:]
                assert "already in use" in said or "still in use" in said or "lock file" in said, said
                return False
            if self._ready():
                return True
            time.sleep(0.01)
        raise AssertionError(f"the server did not start within a minute: {self.log()}")

    def _ready(self) -> bool:
        try:
            lines = (self.folder / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return False
        assert self.process is not None
        return len(lines) > 7 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready"

    def _watch(self) -> None:
        """Let a process wait for the end of this one, however it comes, to stop the server and remove its folder."""
        assert self.process is not None
        self._unwatch()
        wait = (
            'read -r _; for _ in $(seq 300); do kill -QUIT "$0" 2>/dev/null || break; sleep 0.1; done; '
            'for _ in 1 2 3; do rm -rf "$1" && break; sleep 1; done'
        )
        self.keeper = subprocess.Popen(
            ["/bin/sh", "-c", wait, str(self.process.pid), self.folder],
            cwd="/", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip

    def _unwatch(self) -> None:
        if self.keeper is not None:
            self.keeper.kill()
            self.keeper.wait()
            assert self.keeper.stdin is not None
            self.keeper.stdin.close()
            self.keeper = None

    def kill(self) -> None:
        """Kill the server's first process without a word, as a machine that fails would."""
        assert self.process is not None
        self._let_go()
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Stop it and remove all that it wrote. It may be stopped twice."""
        atexit.unregister(self.stop)
        self._let_go()
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # which ends connections, and is not a crash
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(20)
        self._unwatch()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        """Return what the server wrote into its log."""
        log = self.folder / "log"
        return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""

    def fresh(self) -> str:
        """Create an empty database that nobody has used, and return its URL."""
        name = f"ledger_{next(self.numbers)}"
        self._do(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE template0 {self.locale}")
        return self.url(name)

    def copy(self, url: str) -> str:
        """Create a database that holds what another holds, with which nobody may be connected; return its URL."""
        name = f"ledger_{next(self.numbers)}"
        self._do(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {url.rsplit('/', 1)[1]}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Drop a database, whoever is connected with it."""
        self._do(f"DROP DATABASE {url.rsplit('/', 1)[1]} WITH (FORCE)")

    def url(self, database: str, user: str = OWNER) -> str:
        """Return the URL of a database."""
        made = URL.create(DRIVER, user, self.password, "127.0.0.1", self.port, database)
        return made.render_as_string(hide_password=False)

    def _sorts_as_people_do(self) -> bool:
        """Say whether a database of this server can; before version 15 none could by itself."""
        version = (self.folder / "data" / "PG_VERSION").read_text(encoding="ascii")
        return int(version.split(".")[0]) >= 15 and self._do("SELECT FROM pg_collation WHERE collprovider = 'i'") > 0

    def _do(self, command: str) -> int:
        if self.administrator is None:
            url = self.url("postgres", "postgres")
            self.administrator = create_engine(url, isolation_level="AUTOCOMMIT")
        with self.administrator.connect() as connection:
            return connection.execute(text(command)).rowcount

    def _let_go(self) -> None:
        if self.administrator is not None:
            self.administrator.dispose()
            self.administrator = None
