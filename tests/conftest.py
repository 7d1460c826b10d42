"""What several tests need: empty databases of either kind, and one server for all of them."""

from __future__ import annotations

import itertools
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from browsers import NoBrowser, browsing
from made_ledgers import whole
from playwright.sync_api import Browser
from servers import NoServer, Server
from sqlalchemy import make_url

from payfs.store import Store, create_store, open_store

if threading.current_thread() is threading.main_thread():
    # a shell that runs the tests in the background lets them, and all that they start, ignore Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Files:
    """SQLite files in a folder; used like a server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = itertools.count(1)

    def fresh(self) -> str:
        """Return the URL of a file that is not there yet."""
        return f"sqlite:///{self.folder / f'ledger-{next(self.numbers)}.db'}"

    def copy(self, url: str) -> str:
        """Copy a file that nobody has open."""
        made = self.fresh()
        shutil.copy(str(make_url(url).database), str(make_url(made).database))
        return made

    def drop(self, url: str) -> None:
        """Remove a file."""
        Path(str(make_url(url).database)).unlink(missing_ok=True)


class Kept(NamedTuple):
    """A ledger that has been through every step, which nobody may change but in a copy."""

    url: str
    receipts: list[str]


@pytest.fixture(autouse=True)
def own_main() -> Iterator[None]:
    """The program that runs is what it was after a test, too.

    A page that Streamlit tries in this process takes the place of ``__main__``, which every process that is started
    by multiprocessing afterwards would read.
    """
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server for all tests that ask for one. Where none is installed they fail, and say what to do."""
    try:
        server = Server()
    except NoServer as missing:
        pytest.fail(str(missing), pytrace=False)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser for the tests of a module. Where none is installed they fail, and say what to do.

    Playwright keeps an event loop running in this thread for as long as it is open, in which no other may run; so it is
    closed before the next module begins.
    """
    try:
        with browsing() as opened:
            yield opened
    except NoBrowser as missing:
        pytest.fail(str(missing), pytrace=False)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Files | Server:
    """Where databases can be had, once of each kind."""
    if request.param == "sqlite":
        return Files(tmp_path_factory.mktemp("ledgers"))
    server: Server = request.getfixturevalue("postgresql")
    return server


@pytest.fixture
def url(databases: Files | Server) -> Iterator[str]:
    """The URL of an empty database."""
    made = databases.fresh()
    yield made
    databases.drop(made)


@pytest.fixture(scope="session")
def empty(databases: Files | Server) -> str:
    """The URL of a ledger without an entry, to be copied."""
    made = databases.fresh()
    create_store(made).close()
    return made


@pytest.fixture
def store(databases: Files | Server, empty: str) -> Iterator[Store]:
    """A ledger without an entry."""
    made = databases.copy(empty)
    opened = open_store(made)
    yield opened
    opened.close()
    databases.drop(made)


@pytest.fixture(scope="session")
def kept(databases: Files | Server, empty: str, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A small ledger that has been through every step."""
    made = databases.copy(empty)
    opened = open_store(made)
    receipts = whole(opened, tmp_path_factory.mktemp("whole"))
    opened.close()
    return Kept(made, receipts)


@pytest.fixture
def copied(databases: Files | Server, kept: Kept) -> Iterator[Kept]:
    """A copy of that ledger, to do with as one likes."""
    made = databases.copy(kept.url)
    yield kept._replace(url=made)
    databases.drop(made)
