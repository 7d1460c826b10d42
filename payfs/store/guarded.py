"""Are the guards of a database still what the steps made that brought them: by what they do, and not by name alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, text

from payfs.store.schema import guard_statements
from payfs.store.walk import DAMAGED
from payfs.text import Finding

TRIGGER = re.compile(
    r'CREATE TRIGGER "?(?P<name>\w+)"? BEFORE (?P<events>\w+(?: OR \w+)*) ON "?(?P<table>\w+)"?'
    r'(?: FOR EACH (?P<each>ROW|STATEMENT) EXECUTE FUNCTION "?(?P<calls>\w+)"?\(\)$)?'
)
FUNCTION = re.compile(r'CREATE FUNCTION "?(?P<name>\w+)"?\(\).* AS \$guard\$(?P<body>.*)\$guard\$$', re.DOTALL)
BITS = {"ROW": 1, "STATEMENT": 0, "INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}  # of tgtype
BEFORE = 2
SQLITE = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
# Whatever a guard has beyond what the steps give it makes it another: a condition, columns, arguments, rights.
POSTGRESQL = """
SELECT t.tgname::text, c.relname::text, t.tgtype::integer, p.proname::text, p.prosrc,
    t.tgqual IS NULL AND t.tgattr::text = '' AND t.tgnargs = 0 AND NOT p.prosecdef AND l.lanname = 'plpgsql'
    AND p.pronamespace = c.relnamespace
    AND p.proconfig = ARRAY['search_path=pg_catalog, ' || quote_ident(current_schema()) || ', pg_temp']
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    JOIN pg_language l ON l.oid = p.prolang
WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND c.relnamespace = current_schema()::regnamespace
"""


def other_guards(connection: Connection) -> Iterator[Finding]:
    """Find guards that are no longer there, or switched off, and those that are others than they were made."""
    dialect = connection.dialect.name
    rows = connection.execute(text(SQLITE if dialect == "sqlite" else POSTGRESQL))
    there: dict[str, list[tuple[Any, ...]]] = {}
    for name, *more in rows:
        there.setdefault(name, []).append(tuple(more))
    made = _made(dialect)
    gone = sorted(made.keys() - there.keys())
    if gone:
        yield Finding(f"the database no longer has the guard {_and_more(gone)}", DAMAGED)
    # on PostgreSQL another table may have a trigger of the same name
    others = sorted(name for name in made.keys() & there.keys() if made[name] not in there[name])
    if others:
        yield Finding(f"the database has another guard in the place of {_and_more(others)}", DAMAGED)


def _and_more(names: list[str]) -> str:
    return names[0] + (f" and {len(names) - 1} more" if len(names) > 1 else "")


@cache
def _made(dialect: str) -> Mapping[str, tuple[Any, ...]]:
    """Return every guard as the database describes it when it was made by the steps."""
    bodies: dict[str, str] = {}
    made: dict[str, tuple[Any, ...]] = {}
    for statement in guard_statements(dialect):
        if match := FUNCTION.match(statement):
            bodies[match["name"]] = match["body"]
        elif match := TRIGGER.match(statement):
            if dialect == "sqlite":
                made[match["name"]] = (match["table"], statement)
            else:
                kind = BEFORE | BITS[match["each"]] | sum(BITS[event] for event in match["events"].split(" OR "))
                made[match["name"]] = (match["table"], kind, match["calls"], bodies[match["calls"]], True)
    return made
