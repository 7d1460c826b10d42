"""Triggers by which the database itself keeps history: rows are only added, and nobody approves their own work.

Steps that were released use these functions: a later guard is a new function.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

# What a guard says is read by payfs.store.database: the fact, then the remedy.
ADDED = "payfs: {table} is history, rows are only added; correct by a new step"
ANCHORED = "payfs: the anchor follows the audit log, one entry at a time; take a step of the workflow"


def append_only(dialect: str, table: str, keys: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield what keeps a table from being changed.

    Args:
        dialect: ``sqlite`` or ``postgresql``.
        table: name.
        keys: columns that no two rows share. SQLite's REPLACE would take the earlier row away without asking a
            trigger on DELETE, unless the connection asks for it.
    """
    says = ADDED.format(table=table)
    if dialect == "sqlite":
        same = " OR ".join(
            ["rowid = NEW.rowid", *(" AND ".join(f'"{name}" = NEW."{name}"' for name in key) for key in keys)]
        )
        for event, when in (
            ("UPDATE", ""),
            ("DELETE", ""),
            ("INSERT", f'WHEN EXISTS (SELECT 1 FROM "{table}" WHERE {same})'),
        ):
            yield (
                f'CREATE TRIGGER "{table}_keeps_{event.lower()}" BEFORE {event} ON "{table}" {when} '
                f"BEGIN SELECT RAISE(ABORT, '{says}'); END"
            )
    else:
        yield from _function(f"{table}_keeps", f"RAISE EXCEPTION '{says}';")
        yield (
            f'CREATE TRIGGER "{table}_keeps" BEFORE UPDATE OR DELETE ON "{table}" '
            f'FOR EACH ROW EXECUTE FUNCTION "{table}_keeps"()'
        )
        yield (
            f'CREATE TRIGGER "{table}_keeps_all" BEFORE TRUNCATE ON "{table}" '
            f'FOR EACH STATEMENT EXECUTE FUNCTION "{table}_keeps"()'
        )


def refuses(dialect: str, table: str, name: str, when: str, says: str, event: str = "INSERT") -> Iterator[str]:
    """Yield what refuses a row of a table.

    Args:
        dialect: ``sqlite`` or ``postgresql``.
        table: name.
        name: of the guard.
        when: the condition, in SQL that both dialects read; NEW is the row.
        says: the fact and the remedy.
        event: INSERT or UPDATE.
    """
    if dialect == "sqlite":
        yield (
            f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}" WHEN {when} '
            f"BEGIN SELECT RAISE(ABORT, '{says}'); END"
        )
    else:
        yield from _function(name, f"IF {when} THEN RAISE EXCEPTION '{says}'; END IF; RETURN NEW;")
        yield f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}" FOR EACH ROW EXECUTE FUNCTION "{name}"()'


def anchored(dialect: str) -> Iterator[str]:
    """Yield what lets the anchor only follow the log."""
    yield from refuses(
        dialect,
        "anchor",
        "anchor_follows",
        'NEW.id <> OLD.id OR NEW."count" <> OLD."count" + 1 OR NOT EXISTS '
        '(SELECT 1 FROM entry e WHERE e.number = NEW."count" AND e.hash = NEW.head)',
        ANCHORED,
        "UPDATE",
    )
    yield from refuses(dialect, "anchor", "anchor_is_one", "EXISTS (SELECT 1 FROM anchor)", ANCHORED)
    if dialect == "sqlite":
        yield f"CREATE TRIGGER anchor_stays BEFORE DELETE ON anchor BEGIN SELECT RAISE(ABORT, '{ANCHORED}'); END"
    else:
        yield from _function("anchor_stays", f"RAISE EXCEPTION '{ANCHORED}';")
        yield "CREATE TRIGGER anchor_stays BEFORE DELETE ON anchor FOR EACH ROW EXECUTE FUNCTION anchor_stays()"
        yield (
            "CREATE TRIGGER anchor_stays_all BEFORE TRUNCATE ON anchor "
            "FOR EACH STATEMENT EXECUTE FUNCTION anchor_stays()"
        )


def _function(name: str, body: str) -> Iterator[str]:
    # each guard is a function of its own: PL/pgSQL looks at columns of NEW that only its own table has
    yield f'CREATE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN {body} END $guard$'
    # it looks at the ledger's own tables, and not at what whoever adds a row calls by their names (pg_temp is searched
    # first where it is not named)
    yield (
        f"DO $path$ BEGIN EXECUTE format('ALTER FUNCTION %I() SET search_path = pg_catalog, %I, pg_temp', "
        f"'{name}', current_schema()); END $path$"
    )
