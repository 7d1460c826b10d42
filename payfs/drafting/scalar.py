"""Values from a form as YAML: quoted so that they can never be anything but one text, and names that are free."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Any

PLAIN = re.compile(r"[^\W_][\w./%-]*(?: [\w./%-]+)*|-[0-9][0-9.]*")
"""What needs no quotes: words and figures that begin with a letter or a digit and hold nothing that YAML reads."""
MOST_LETTERS = 60  # of a name
_NOT_IN_NAMES = re.compile(r"[^\w ./-]+")

Entry = dict[str, Any]  # from key to text, list or another entry


def one_line(text: str) -> str:
    """Return a text as one line: breaks and spaces in a row become one space."""
    return " ".join(text.split())


def scalar(text: str) -> str:
    """Write a text as one YAML value, which holds wherever it stands and is read as just this text."""
    line = one_line(text)
    return line if PLAIN.fullmatch(line) else "'" + line.replace("'", "''") + "'"


def flow(value: Any) -> str:
    """Write a value on one line: ``{from: 20%, pays: 4800000}``."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key)}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def block(entry: Entry, indent: int, step: int) -> list[str]:
    """Write keys and values on lines of their own; lists of entries with a dash each, the rest on one line."""
    lines = []
    for key, value in entry.items():
        head = f"{' ' * indent}{scalar(key)}:"
        if isinstance(value, list) and value and isinstance(value[0], dict):
            lines += [head, *(f"{' ' * (indent + step)}- {flow(inner)}" for inner in value)]
        elif isinstance(value, dict) and any(isinstance(inner, (dict, list)) for inner in value.values()):
            lines += [head, *block(value, indent + step, step)]
        else:
            lines.append(f"{head} {flow(value)}")
    return lines


def dashed(entry: Entry, indent: int, step: int) -> list[str]:
    """Write an entry of a list: a dash before its first line, and the others below it."""
    first, *rest = block(entry, indent + 2, step)
    return [f"{' ' * indent}- {first.lstrip()}", *rest]


def free_name(wanted: str, taken: Container[str], otherwise: str) -> str:
    """Make a name valid and free: other characters become spaces, and a name that is taken gets a number.

    Args:
        wanted: what was typed.
        taken: names that there are already.
        otherwise: the name where nothing of what was typed can stand in one.
    """
    name = one_line(_NOT_IN_NAMES.sub(" ", wanted)).lstrip(" _./-")[:MOST_LETTERS].rstrip() or otherwise
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name[: MOST_LETTERS - len(str(number)) - 1].rstrip()} {number}"
    return free
