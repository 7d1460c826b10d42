"""Small phrases of a contract's English, and how its blocks are set on a page of 80 columns.

Everything here takes and returns plain text. No text of the contract is ever used as a format string.
"""

from __future__ import annotations

import datetime
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from payfs.periods import BusinessDays, Day
from payfs.report.lines import WIDTH, wrapped
from payfs.spec import spoken

ROUNDED = {
    "half up": "a half is rounded up, away from zero",
    "half even": "a half is rounded to the even neighbour",
    "down": "what is left over is dropped, so that the figure moves towards zero",
    "up": "what is left over is rounded up, so that the figure moves away from zero",
}
ROLLED = {
    "following": "moves to the next business day",
    "preceding": "moves to the last business day before it",
    "modified following": (
        "moves to the next business day, or, where that lies in the next month, to the last business day before it"
    ),
}


@dataclass(frozen=True)
class Rows:
    """A small table of two columns: for what, and how much."""

    rows: tuple[tuple[str, str], ...]


Item = str | Rows


@dataclass(frozen=True)
class Block:
    """One heading and what is said under it: sentences, which flow into paragraphs, and small tables.

    An empty sentence ends a paragraph. What several blocks have in common is said once for all of them: ``lead`` is
    what each has for itself, ``common`` what stands before it.
    """

    heading: str
    body: tuple[Item, ...] = ()
    inline: bool = False  # short enough to stand on the line of its heading
    lead: str = ""
    common: str = ""
    own: int = 0  # how much of the body says what lead and common say

    @property
    def rest(self) -> tuple[Item, ...]:
        """What is said beside the lead."""
        return self.body[self.own :]


def listed(words: Iterable[str], last: str = "and") -> str:
    """Join words: ``a, b and c``."""
    every = list(words)
    return every[0] if len(every) == 1 else f"{', '.join(every[:-1])} {last} {every[-1]}" if every else ""


def in_words(text: str, names: Iterable[str]) -> str:
    """Write names of a contract as words where they stand in a text: ``stable homes`` for ``stable_homes``."""
    written = sorted((re.escape(name) for name in names if "_" in name), key=len, reverse=True)
    if not written:
        return text
    return re.sub(rf"(?<!\w)(?:{'|'.join(written)})(?!\w)", lambda name: name[0].replace("_", " "), text)


def exact(name: str) -> str:
    """Write a name letter for letter, as a claims file has to have it."""
    return f'"{name}"'


def exactly(keys: Iterable[str], last: str = "or") -> str:
    """Join names letter for letter."""
    return listed((exact(key) for key in keys), last)


def names(keys: Iterable[str]) -> str:
    """Join names as they stand in a sentence."""
    return listed(spoken(key) for key in keys)


def the(kind: str, keys: Sequence[str], plural: str = "") -> str:
    """Name one or several things of a kind: ``the rules "a" and "b"``."""
    return f"the {kind if len(keys) == 1 else plural or kind + 's'} {names(keys)}"


def start(text: str) -> str:
    """Begin a sentence."""
    return text[:1].upper() + text[1:]


def begin(text: str) -> str:
    """Begin a sentence with a party: its article gains the capital, and its name stays as it is."""
    return start(text) if text.startswith(("the ", "a ", "an ")) else text


def inside(name: str) -> str:
    """Write a party's name inside a sentence: its leading article loses the capital."""
    return name[:1].lower() + name[1:] if name.startswith(("The ", "A ", "An ")) else name


def full_stop(text: str) -> str:
    """End a sentence that somebody else wrote, where it has no end."""
    return text if text.endswith((".", "!", "?", ".)", '."')) else text + "."


def counted(number: int, one: str, many: str = "") -> str:
    """Count things: ``1 period``, ``17 periods``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def on(day: Day) -> str:
    """Say when: ``on 31 October 2017``, ``in October 2017``, ``in 2017``."""
    return f"{'on' if day.exact else 'in'} {day}"


def span(start_day: Day, end_day: Day) -> str:
    """Say from when to when."""
    return f"from {start_day} to {end_day}"


def fiscal_year(first: tuple[int, int]) -> str:
    """Say when a fiscal year begins and ends: ``1 July to 30 June``."""
    begins = datetime.date(2001, *first)
    ends = begins - datetime.timedelta(days=1)
    return " to ".join(str(Day.on(day)).rpartition(" ")[0] for day in (begins, ends))


def business_days(days: BusinessDays) -> str:
    """Say which days are business days."""
    if days.code is None:
        return "Business days are Monday to Friday; no public holidays are named."
    from babel import Locale

    country = Locale("en").territories.get(days.code[:2], days.code)
    place = country if len(days.code) == 2 else f"{country}, part {days.code[3:]}"
    return f"Business days are all days but weekends and public holidays ({place})."


def heading(title: str) -> Iterator[str]:
    """Set a section's title."""
    yield ""
    yield title
    yield "-" * len(title)


def paragraphs(body: Iterable[Item], indent: str = "  ") -> Iterator[str]:
    """Set sentences and tables under one another; sentences in a row make one paragraph."""
    flow: list[str] = []
    gap = False
    for item in (*body, ""):
        if isinstance(item, str) and item:
            flow.append(item)
            continue
        if flow:
            yield from [""] if gap else []
            yield from wrapped(" ".join(flow), indent)
            flow, gap = [], False
        if isinstance(item, Rows):
            yield ""
            yield from columns(item.rows, indent + "  ")
            gap = True


def columns(rows: Sequence[tuple[str, str]], indent: str) -> Iterator[str]:
    """Set two columns, each wrapped to what room there is."""
    room = WIDTH - len(indent) - 2
    left = min(max(len(row[0]) for row in rows), 38)
    for first, second in rows:
        one = textwrap.wrap(first, left, break_on_hyphens=False) or [""]
        two = textwrap.wrap(second, room - left, break_on_hyphens=False) or [""]
        for place in range(max(len(one), len(two))):
            cells = (one[place] if place < len(one) else "", two[place] if place < len(two) else "")
            yield f"{indent}{cells[0].ljust(left)}  {cells[1]}".rstrip()


def bullet(text: str, mark: str = "-", indent: str = "  ") -> Iterator[str]:
    """Set one entry of a list."""
    after = " " * (len(mark) + 1)
    yield from textwrap.wrap(
        text,
        WIDTH,
        initial_indent=f"{indent}{mark} ",
        subsequent_indent=indent + after,
        break_long_words=False,
        break_on_hyphens=False,
    )
