"""Where a ledger is: an SQLite file, or a PostgreSQL database by its URL; and how its transactions are opened."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from platformdirs import user_data_dir
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, MultipleResultsFound, NoResultFound, SQLAlchemyError
from sqlmodel import Session

from payfs.text import Finding, Refused

# What SQLAlchemy says of a lost connection, with a traceback, is for whoever asks for logs. A user is told in a
# finding that the database does not answer.
logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())

WAIT = 60  # [s] for others who are writing; each step takes milliseconds
MODE = "payfs_mode"  # the execution option that says how a transaction begins
DRIVERS = {"pg8000": "pg8000", "psycopg": "psycopg"}  # module to SQLAlchemy's name, the first that is installed
CHANGED = re.compile(r"^(Could not decode to UTF-8|integer overflow)")  # SQLite of what somebody put in a cell
SAYS = re.compile(r"payfs: (?P<what>[^;\n]+); (?P<remedy>[^\n\"']+)")  # how the database's own guards speak


def default_file() -> str:
    """Return the file of the ledger in the user's own data directory."""
    return str(Path(user_data_dir("payfs", appauthor=False)) / "ledger.db")


def read_url(text: str) -> URL:
    """Read where a ledger is: a URL, or the path of an SQLite file.

    Raises:
        Refused: it is neither, or names a kind of database or a driver that is not there.
    """
    if "\0" in text or not text.strip():
        raise Refused([Finding("--db: it names no database", "give a file, or postgresql://USER@HOST/DATABASE")])
    if "://" not in text:
        return URL.create("sqlite", database=os.path.abspath(text))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = URL.create("none")
    kind = url.drivername.partition("+")[0]
    if kind in ("postgres", "postgresql"):
        asked = url.drivername.partition("+")[2]
        if asked and asked not in DRIVERS.values():
            what = f"--db: payfs does not work with the driver {asked!r}"
            raise Refused([Finding(what, f"leave it out, or name one of {', '.join(DRIVERS.values())}")])
        driver = next((name for module, name in DRIVERS.items() if find_spec(module)), None)
        if driver is None:
            what = "--db: no driver for PostgreSQL is installed"
            raise Refused([Finding(what, 'install it: pip install "payfs[postgresql]"')])
        return url.set(drivername=url.drivername if "+" in url.drivername else f"postgresql+{driver}")
    if kind == "sqlite" and url.database not in (None, "", ":memory:"):
        return url
    what = "--db: this is neither an SQLite file nor a PostgreSQL database"
    raise Refused([Finding(what, "give a file, or postgresql://USER@HOST/DATABASE")])


@dataclass(frozen=True)
class Store:
    """An open ledger.

    Attributes:
        url: where it is.
        engine: SQLAlchemy's, with the settings that a ledger needs.
    """

    url: URL
    engine: Engine

    @property
    def name(self) -> str:
        """Where it is, as messages name it: without the password."""
        if self.sqlite:
            return str(self.url.database)
        plain = self.url.set(drivername=self.url.get_backend_name(), query={})  # where a password may stand, too
        return plain.render_as_string(hide_password=True)

    @property
    def sqlite(self) -> bool:
        """Whether it is a file of SQLite."""
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a look at one state of the ledger, which others who write neither change nor wait for."""
        with self.connected("read") as connection, Session(connection) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a transaction that writes; it is kept as a whole, or not at all."""
        with self.connected("write") as connection, Session(connection, expire_on_commit=False) as session:
            yield session
            session.flush()

    @contextmanager
    def connected(self, mode: str) -> Iterator[Connection]:
        """Open a connection in a transaction: ``read``, ``write``, or ``bare`` without one.

        Raises:
            Refused: the database does not answer, is no ledger, or does not let this happen.
        """
        options: dict[str, Any] = {MODE: mode}
        if not self.sqlite and mode == "bare":
            options["isolation_level"] = "AUTOCOMMIT"
        elif not self.sqlite and mode == "write":
            # whatever the server's default: who has waited for a turn sees what was kept before it
            options["isolation_level"] = "READ COMMITTED"
        elif not self.sqlite and mode == "read":
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        try:
            with self.engine.connect().execution_options(**options) as connection:
                if mode == "bare":
                    yield connection
                else:
                    with connection.begin():
                        yield connection
        except (SQLAlchemyError, ConnectionError, self._driver_error) as error:
            # SQLAlchemy passes on as it is what breaks while a connection is set up, begun or reset
            raise Refused([self._finding(error)]) from error

    @property
    def _driver_error(self) -> type[Exception]:
        """What the driver of the database raises, as SQLAlchemy finds it when it does not wrap it."""
        return self.engine.dialect.loaded_dbapi.Error

    def _finding(self, error: Exception) -> Finding:
        """Say in plain words why the database did not do what it was asked, without what it was asked."""
        if isinstance(error, ConnectionError):
            return Finding(*SILENT, file=self.name)
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        # drivers' errors are a text or a table of parts, of which the detail may show what a row holds
        parts = [
            " ".join(str(part.get(name, "")) for name in ("M", "C")) if isinstance(part, dict) else str(part)
            for part in getattr(cause, "args", ()) or (cause,)
        ]
        text = " ".join(parts)
        if CHANGED.search(text):  # and nothing of what the database says of it: that may be of a participant
            kind = "number" if "overflow" in text[:20] else "text"
            what = f"the database holds a {kind} that was changed"
            return Finding(what, "find it: payfs ledger verify", file=self.name)
        said = SAYS.search(text)
        if said:
            return Finding(said["what"], said["remedy"], file=self.name)
        for pattern, what, remedy in FAULTS:
            if re.search(pattern, text, re.IGNORECASE):
                return Finding(what, remedy, file=self.name)
        first = re.sub(r"\s+", " ", text.strip().splitlines()[0] if text.strip() else type(cause).__name__)[:200]
        return Finding(
            f"the database refused: {first}", "nothing was kept; look at its own log, and try again", file=self.name
        )


def changed(error: BaseException) -> bool:
    """Say whether a database refused because of what somebody put into it, and not because of what it was asked."""
    return isinstance(error, DBAPIError) and CHANGED.search(str(error.orig)) is not None


# What reading may end in where somebody changed what is read, and of DBAPIError what `changed` says
ILLEGIBLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    RecursionError,
    MultipleResultsFound,
    NoResultFound,
    DBAPIError,
    BadZipFile,
    Refused,
)
SILENT = (
    "the database does not answer",
    "check its address and that it runs, and try again; what was acknowledged is kept",
)
FAULTS = (
    (r"not a database|malformed", "this file is no database, or it is damaged", "restore a backup: payfs db restore"),
    (r"unable to open|no such file", "the file cannot be opened", "check its folder, and that you may write there"),
    (r"readonly|read-only|permission denied|insufficient", "the database may not be written", "ask for the right to"),
    (r"disk is full|no space|disk full", "the disk is full", "make room; nothing was kept of this step"),
    (
        r"database is locked|lock timeout|deadlock",
        f"others have been writing for more than {WAIT} seconds",
        "try again; nothing was kept of this step",
    ),
    (r"database .* does not exist|3D000", "there is no such database", "have it made, or check its name in --db"),
    (r"no such table|does not exist|undefined table|42P01", "this is no ledger yet", "make one: payfs db init"),
    (
        r"password|authentication|role .* is not permitted|28P01|28000",
        "the database does not let this user in",
        "check the user and the password in --db",
    ),
    (
        r"connection|connect|network error|could not translate|server closed|refused|terminat|timed? ?out|57P0",
        *SILENT,
    ),
)


def connect(url: URL) -> Store:
    """Prepare connections to a database, with the settings that keep what is acknowledged."""
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, hide_parameters=True, connect_args={"timeout": WAIT})
        event.listen(engine, "connect", _settle_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=True)
    return Store(url, engine)


def _settle_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions are begun below, and not by the driver
    cursor = connection.cursor()
    for setting in (
        f"busy_timeout={WAIT * 1000}",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "synchronous=FULL",
        "trusted_schema=OFF",
    ):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get(MODE, "read")
    if mode != "bare":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if mode == "write" else "BEGIN")
