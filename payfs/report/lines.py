"""Lines of at most 80 columns: paragraphs and tables."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

WIDTH = 80


def table(
    header: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = (), indent: str = "  "
) -> Iterator[str]:
    """Set rows in columns; those listed in ``right`` stand to the right."""
    every = [*([list(header)] if any(header) else []), *(list(row) for row in rows)]
    widths = [max(len(row[place]) for row in every) for place in range(len(header))]
    ends = set(right)
    for row in every:
        cells = [
            cell.rjust(width) if place in ends else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield (indent + "  ".join(cells)).rstrip()


def wrapped(text: str, indent: str = "") -> Iterator[str]:
    """Break a paragraph into lines."""
    yield from textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    ) or [""]
