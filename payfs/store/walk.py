"""The log walked from its first entry, and every row of history hashed anew, as the database itself holds it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, TypeDecorator

from payfs.store.chain import GENESIS, row_writer, seal, sha256, together
from payfs.store.rows import HISTORY, Anchor, Entry, File
from payfs.text import Finding

DAMAGED = "restore a backup that is sound, and find out who could write to the database"
AT_ONCE = 500  # rows that are fetched together
Values = tuple[Any, ...]


class Walked(NamedTuple):
    """What a walk along the log found.

    Attributes:
        entries: the hash of every entry, by its number.
        rows: how many rows of history were hashed.
        findings: what was changed.
    """

    entries: dict[int, str]
    rows: int
    findings: list[Finding]


class _Hashed(NamedTuple):
    """Every row of history, hashed.

    Attributes:
        hashes: by entry.
        unfit: entries with a row that holds what no step could have put there.
        files: the SHA-256 and the entry of files that are something else by now.
        rows: how many there are.
    """

    hashes: dict[Any, list[str]]
    unfit: set[Any]
    files: list[tuple[str, Any]]
    rows: int


def walk(connection: Connection) -> Walked:
    """Walk the log from its first entry to its anchor, and compare each entry with the rows added under it."""
    with _as_it_is(connection):
        hashed = _hashed(connection)
        entries, found = _along(connection, hashed)
    for name, entry in hashed.files:
        found.append(
            Finding(f"the file {shown(name[:12])} of entry {number(entry)} is not what its SHA-256 says", DAMAGED)
        )
    return Walked(entries, hashed.rows, found)


@contextmanager
def _as_it_is(connection: Connection) -> Iterator[None]:
    """Read texts also where they are none: SQLite keeps whatever bytes somebody puts in the place of a text."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    before = driver.text_factory
    driver.text_factory = lambda data: data.decode(errors="surrogateescape")
    try:
        yield
    finally:
        driver.text_factory = before


def _raw(connection: Connection, table: Table, names: Sequence[str], order: str = "") -> Iterator[Values]:
    """Read a table as the driver gives it, before anything makes of it what the column should hold."""
    columns = ", ".join(f'"{name}"' for name in names)
    rows = connection.exec_driver_sql(f'SELECT {columns} FROM "{table.name}"{order}')
    for some in rows.partitions(AT_ONCE):
        yield from map(tuple, some)


def _hashed(connection: Connection) -> _Hashed:
    hashed = _Hashed(defaultdict(list), set(), [], 0)
    count = 0
    for kind in HISTORY:
        table: Table = kind.__table__  # type: ignore[attr-defined]
        names = sorted(column.name for column in table.columns)
        text, fit, entry = row_writer(table.name, names), _fitting(connection, table, names), names.index("entry")
        for row in _raw(connection, table, names):
            count += 1
            values = fit(row)
            if values is None:
                hashed.unfit.add(row[entry])
                continue
            hashed.hashes[row[entry]].append(sha256(text(values)))
            if kind is File:
                columns = dict(zip(names, values, strict=True))
                if sha256(bytes(columns["content"])) != columns["sha256"]:
                    hashed.files.append((columns["sha256"], row[entry]))
    return hashed._replace(rows=count)


def _fitting(connection: Connection, table: Table, names: Sequence[str]) -> Callable[[Values], Values | None]:
    """Return what gives back the values of a row as they were written; None where one cannot have been written so.

    SQLite lets any column hold anything, and a value of another kind may be hashed like the right one, or be taken for
    it later: 2 is as true as 1.
    """
    sqlite = connection.dialect.name == "sqlite"
    allowed: list[set[type]] = []
    flags = []
    for place, name in enumerate(names):
        column = table.columns[name]
        held = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
        kind = held.python_type
        if kind is bool and sqlite:
            flags.append(place)
        one = {int} if kind is bool and sqlite else {bytes, memoryview} if kind is bytes else {kind}
        allowed.append(one | ({type(None)} if column.nullable else set()))
    known: dict[tuple[type, ...], bool] = {}

    def fit(row: Values) -> Values | None:
        kinds = tuple(map(type, row))
        fits = known.get(kinds)
        if fits is None:
            fits = known[kinds] = all(kind in one for kind, one in zip(kinds, allowed, strict=True))
        if not fits or any(row[place] not in (0, 1) for place in flags):
            return None
        if flags:
            return tuple(bool(value) if place in flags else value for place, value in enumerate(row))
        return row

    return fit


def _along(connection: Connection, hashed: _Hashed) -> tuple[dict[int, str], list[Finding]]:
    table: Table = Entry.__table__  # type: ignore[attr-defined]
    names = [column.name for column in table.columns]
    fit = _fitting(connection, table, names)
    found: list[Finding] = []
    entries: dict[int, str] = {}
    last, number = GENESIS, 0
    for row in _raw(connection, table, names, " ORDER BY number"):
        entry = dict(zip(names, row, strict=True))
        number += 1
        if entry["number"] != number:
            found.append(Finding(f"the log goes on with entry {entry['number']} where {number} is due", DAMAGED))
            number = entry["number"]
        if entry["previous"] != last:
            found.append(Finding(f"entry {number} does not follow the entry before it", DAMAGED))
        if fit(row) is None or entry["hash"] != seal(entry):
            found.append(Finding(f"entry {number} was changed", DAMAGED))
        if number in hashed.unfit or entry["rows_digest"] != together(hashed.hashes.get(number, ())):
            of = f"{shown(entry['step'])}, {shown(entry['contract'])}"
            found.append(Finding(f"what was added under entry {number} ({of}) was changed", DAMAGED))
        last = entries[number] = entry["hash"]
    for stray in sorted(({*hashed.hashes} | hashed.unfit) - {*entries}, key=lambda entry: (str(type(entry)), entry)):
        named = f"an entry {stray}" if isinstance(stray, int) else "what is no entry"
        found.append(Finding(f"there are rows of {named}, which the log does not have", DAMAGED))
    anchor: Table = Anchor.__table__  # type: ignore[attr-defined]
    if list(_raw(connection, anchor, ("id", "count", "head"))) != [(1, number, last)]:
        found.append(Finding(f"the log ends with entry {number}, and the anchor says otherwise", DAMAGED))
    return entries, found


def shown(value: Any) -> str:
    """Return a word or a number for a message; nothing of the bytes that somebody may have put in its place."""
    if isinstance(value, int):
        return str(value)
    return value if isinstance(value, str) and value.isprintable() and len(value) <= 100 else "?"


def number(value: Any) -> str:
    """Return a number for a message; nothing of what somebody may have put in its place."""
    return shown(value) if isinstance(value, int) else "?"
