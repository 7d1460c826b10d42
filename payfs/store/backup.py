"""Backups: a copy of one moment of a ledger, as an SQLite ledger in one file, whatever the ledger itself is kept in."""

from __future__ import annotations

import heapq
import os
import uuid
from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, select, text

from payfs.store.audit import check_ledger
from payfs.store.database import Store
from payfs.store.rows import HISTORY, Anchor, Entry
from payfs.store.schema import create_store, open_store, remove_file
from payfs.text import Finding, Refused

TAKEN, REPLACES = "there is such a file already", "name another; a backup replaces nothing"


class Copied(NamedTuple):
    """What was copied.

    Attributes:
        entries: how many of the log.
        rows: of history.
        receipt: the last entry's number and hash.
    """

    entries: int
    rows: int
    receipt: str


def back_up(store: Store, path: str) -> Copied:
    """Copy a ledger, as it is at one moment, while others go on writing.

    Raises:
        Refused: there is such a file already, or it cannot be written; nothing is left of it then.
    """
    target = Path(path)
    if target.exists():
        raise Refused([Finding(TAKEN, REPLACES, file=path)])
    if not target.parent.is_dir():
        raise Refused([Finding("there is no such folder", "make it, or name another place", file=path)])
    part = target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")
    try:
        copied, made = _copied(store, str(part))
        try:
            with made.connected("bare") as connection:
                connection.execute(text("PRAGMA journal_mode=DELETE"))  # one file, and nothing beside it
        finally:
            made.close()
        os.link(part, target)  # which, unlike renaming, replaces nothing
        _sync(target)
    except FileExistsError:
        raise Refused(
            [Finding("there is such a file already", "name another; a backup replaces nothing", file=path)]
        ) from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise Refused([Finding(f"the backup cannot be written ({reason})", "name another place", file=path)]) from None
    finally:
        remove_file(part)
    return copied


def restore(path: str, url: str | None = None) -> Copied:
    """Make a new ledger from a backup, after the backup was looked through.

    Raises:
        Refused: the backup is none or not sound, or there is a ledger already where it is to be.
    """
    source = open_store(os.path.abspath(path))
    try:
        found = check_ledger(source).findings
        if found:
            what = f"this backup is not sound: {found[0].what}"
            raise Refused([Finding(what, "take another backup; nothing was restored", file=path), *found[1:]])
        copied, made = _copied(source, url)
        made.close()
        return copied
    finally:
        source.close()


def _copied(source: Store, url: str | None) -> tuple[Copied, Store]:
    copied: list[Copied] = []
    made = create_store(url, lambda target: copied.append(_copy(source, target)))
    return copied[0], made


def _copy(source: Store, writes: Connection) -> Copied:
    """Add every row in the order in which it came, so that the guards of the copy look at each as it was then."""
    entries = count = 0
    with source.connected("read") as reads:
        for (_, table), rows in groupby(_in_order(reads), key=lambda row: (row[0], row[1])):
            columns = [row[3] for row in rows]
            kind: Table = TABLES[table]
            writes.execute(kind.insert(), columns)
            count += len(columns)
            entries += len(columns) if table == len(TABLES) - 1 else 0
        anchor = reads.execute(select(Anchor.__table__)).one()._asdict()  # type: ignore[attr-defined]
        writes.execute(Anchor.__table__.insert(), [anchor])  # type: ignore[attr-defined]
    return Copied(entries, count - entries, f"{anchor['count']}:{anchor['head']}")


TABLES: list[Any] = [kind.__table__ for kind in (*HISTORY, Entry)]  # type: ignore[attr-defined]


def _in_order(connection: Connection) -> Iterator[tuple[int, int, int, dict[str, Any]]]:
    """Yield every row: its entry, the place of its table, its place there, its columns."""
    return heapq.merge(
        *(_rows(connection, place, table) for place, table in enumerate(TABLES)), key=lambda row: row[:3]
    )


def _rows(connection: Connection, place: int, table: Table) -> Iterator[tuple[int, int, int, dict[str, Any]]]:
    by = table.c.number if table.name == "entry" else table.c.entry
    names = [column.name for column in table.columns]
    query = select(table).order_by(by, *table.primary_key.columns)
    for number, row in enumerate(connection.execute(query)):
        columns = dict(zip(names, row, strict=True))
        yield columns[by.name], place, number, columns


def _sync(path: Path) -> None:
    """Have the disk keep a file and its name."""
    for place, how in ((path, os.O_RDONLY), (path.parent, os.O_RDONLY)):
        with suppress(OSError):  # folders cannot be opened everywhere
            opened = os.open(place, how)
            try:
                os.fsync(opened)
            finally:
                os.close(opened)
