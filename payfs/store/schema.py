"""Making a ledger, and bringing one that an earlier version made up to date."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from payfs.store.chain import GENESIS
from payfs.store.database import Store, connect, default_file, read_url
from payfs.store.rows import TABLES
from payfs.text import Finding, Refused

INIT = "make one: payfs db init"


def create_store(url: str | None = None, fill: Callable[[Connection], None] | None = None) -> Store:
    """Make a new ledger, as a whole or not at all.

    Args:
        url: where; None for the user's own data directory.
        fill: puts into it what it is to begin with, anchor and all; None for an empty one.

    Raises:
        Refused: there is one already, or something else; or it cannot be made there.
    """
    store = connect(read_url(url or default_file()))
    new = False  # whether this call made the file
    try:
        if store.sqlite:
            new = _make_room(store)
            with store.connected("bare") as connection:
                connection.execute(text("PRAGMA journal_mode=WAL"))
        with store.connected("write") as connection:
            here = set(inspect(connection).get_table_names())
            if "anchor" in here:
                what = "there is a ledger already"
                raise Refused([Finding(what, "use it, or name another database", file=store.name)])
            if taken := here & {str(table.__tablename__) for table in TABLES}:
                what = f"the database holds other tables with the names of a ledger's, such as {min(taken)}"
                raise Refused([Finding(what, "name a database of its own", file=store.name)])
            migrate(connection)
            (fill or _empty)(connection)
    except BaseException:
        if new and _holds_nothing(store):
            remove_file(Path(str(store.url.database)))
        store.close()
        raise
    return store


def _holds_nothing(store: Store) -> bool:
    """Say whether nobody else has made a ledger in a file meanwhile; where that cannot be told, somebody may have."""
    try:
        with store.connected("write") as connection:
            return not inspect(connection).get_table_names()
    except Refused:
        return False


def _empty(connection: Connection) -> None:
    connection.execute(text("INSERT INTO anchor (id, count, head) VALUES (1, 0, :head)"), {"head": GENESIS})


def remove_file(path: Path) -> None:
    """Take away a file of SQLite, and what lies beside it, as far as it is there."""
    for end in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError):
            path.with_name(path.name + end).unlink()


def open_store(url: str | None = None) -> Store:
    """Open a ledger.

    Raises:
        Refused: there is none, or one that an earlier or a later version of payfs made.
    """
    store = connect(read_url(url or default_file()))
    try:
        _is_there(store)
        with store.connected("read") as connection:
            now, newest = version_of(connection), head()
            if now is None:
                raise Refused([Finding("this is no ledger yet", INIT, file=store.name)])
            if now != newest:
                known = [step.revision for step in _scripts().walk_revisions()]
                if now in known:
                    what = f"this ledger is at step {now}, and this version of payfs works with step {newest}"
                    raise Refused([Finding(what, "bring it up to date: payfs db upgrade", file=store.name)])
                what = f"this ledger is at step {now}, which this version of payfs does not know"
                raise Refused([Finding(what, "install a newer payfs", file=store.name)])
    except BaseException:
        store.close()
        raise
    return store


def holds_nothing_yet(url: str | None = None) -> bool:
    """Say whether there is room for a new ledger: no file, or a database that holds no ledger.

    Raises:
        Refused: it cannot be looked at.
    """
    store = connect(read_url(url or default_file()))
    try:
        if store.sqlite and not os.path.lexists(str(store.url.database)):
            return True
        with store.connected("read") as connection:
            return version_of(connection) is None
    finally:
        store.close()


def upgrade_store(url: str | None = None) -> tuple[str, str]:
    """Bring a ledger up to date, as a whole or not at all.

    Returns:
        The step that it was at, and the step that it is at now.

    Raises:
        Refused: there is none, or a later version of payfs made it.
    """
    store = connect(read_url(url or default_file()))
    try:
        _is_there(store)
        with store.connected("write") as connection:
            before = version_of(connection)
            if before is None:
                raise Refused([Finding("this is no ledger yet", INIT, file=store.name)])
            if before not in [step.revision for step in _scripts().walk_revisions()]:
                what = f"this ledger is at step {before}, which this version of payfs does not know"
                raise Refused([Finding(what, "install a newer payfs", file=store.name)])
            migrate(connection)
        return before, head()
    finally:
        store.close()


def migrate(connection: Connection, to: str = "head") -> None:
    """Run the steps that are missing, in the transaction that is open."""
    settings = _settings()
    settings.attributes["connection"] = connection
    command.upgrade(settings, to)


def version_of(connection: Connection) -> str | None:
    """Return the step that a database is at; None where it holds no ledger."""
    if "anchor" not in inspect(connection).get_table_names():
        return None
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """Return the step that this version of payfs works with."""
    return str(_scripts().get_current_head())


@cache
def guard_statements(dialect: str) -> tuple[str, ...]:
    """Return what makes the guards of a ledger at the step that this version of payfs works with, in order.

    A step that makes a guard anew says so under the same name, and the last holds.
    """
    steps = reversed(list(_scripts().walk_revisions()))
    return tuple(guard for step in steps for guard in getattr(step.module, "guards", lambda _: ())(dialect))


def _settings() -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return settings


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_settings())


def _is_there(store: Store) -> None:
    """Refuse an SQLite file that is not there: opening it would make an empty one."""
    if store.sqlite and not os.path.isfile(str(store.url.database)):
        raise Refused([Finding("there is no ledger here", INIT, file=store.name)])


def _make_room(store: Store) -> bool:
    """Make the folder of a new ledger, and the file itself readable by its owner only; say whether it was not there."""
    file = Path(str(store.url.database))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError:
            os.close(os.open(file, os.O_RDWR))
            return False
        return True
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        reason = "its folder is a file" if isinstance(error, (FileExistsError, NotADirectoryError)) else reason
        what, remedy = f"the file cannot be made ({reason})", "name another place: --db"
        raise Refused([Finding(what, remedy, file=store.name)]) from None
