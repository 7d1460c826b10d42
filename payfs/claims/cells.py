"""The parts of a workbook beside its sheet: texts, formats, and how a number is written out."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import Decimal
from math import isfinite
from typing import IO, NamedTuple
from xml.parsers import expat

from payfs.claims.faults import MANY_DIGITS, NO_DAY

MOST_PARTS = 30_000_000  # elements of a sheet: three for each cell
MOST_TEXT = 100_000  # letters of a cell, three times what a spreadsheet allows
DIGITS = 15  # that a spreadsheet keeps of a number
LONG = "\0long "  # before a number with more digits than a spreadsheet shows
SPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DATE_LETTERS = re.compile("[dmyhs]", re.IGNORECASE)
_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_PERCENT_FORMATS = frozenset({9, 10})
_FIRST_DAY, _LAST_DAY = 61, 2_958_465  # before 1900-03-01 the numbers count a day that there never was


class Damaged(Exception):
    """The part is not what the format says."""


class TooMuch(Exception):
    """The sheet holds more than is read."""


def new_parser() -> expat.XMLParserType:
    """Return a reader of XML that has no declarations of its own, in which names are ``namespace name``."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def declared(*_: object) -> None:
        raise Damaged("declarations")

    parser.StartDoctypeDeclHandler = declared
    return parser


def parse(part: IO[bytes], start: Callable[[str, dict[str, str]], None], **others: Callable[..., object]) -> None:
    """Read XML: each element is handed to ``start`` with its attributes, what else there is to ``others``."""
    parser = new_parser()
    parser.StartElementHandler = start
    for name, handler in others.items():
        setattr(parser, name, handler)
    parser.ParseFile(part)


def plain(name: str) -> str:
    """Return an element's name without the namespace of spreadsheets; others keep theirs."""
    space, _, bare = name.rpartition(" ")
    return bare if space in SPACES else name


def shared_strings(part: IO[bytes]) -> list[str]:
    """Read the texts that cells refer to, without how they are pronounced."""
    texts: list[str] = []
    pieces: list[str] = []
    state = {"spoken": 0, "text": 0}

    def start(name: str, _: dict[str, str]) -> None:
        name = plain(name)
        if name == "si" and len(texts) >= MOST_PARTS:
            raise TooMuch
        if name == "rPh":
            state["spoken"] += 1
        elif name == "t":
            state["text"] += 1

    def end(name: str) -> None:
        name = plain(name)
        if name == "rPh":
            state["spoken"] -= 1
        elif name == "t":
            state["text"] -= 1
        elif name == "si":
            text = "".join(pieces).strip()
            if len(text) > MOST_TEXT:
                raise Damaged("a text that no cell can have")
            texts.append(text)
            pieces.clear()

    def hear(data: str) -> None:
        if state["text"] and not state["spoken"]:
            pieces.append(data)

    parse(part, start, EndElementHandler=end, CharacterDataHandler=hear)
    return texts


class Styles(NamedTuple):
    """What a workbook's styles show a number as, style by style.

    Attributes:
        dates: a date or a time.
        percents: a percentage.
    """

    dates: list[bool]
    percents: list[bool]


def read_styles(part: IO[bytes]) -> Styles:
    """Read which of a workbook's styles show a number as a date, and which as a percentage."""
    formats: dict[str, str] = {}
    styles = Styles([], [])
    inside: list[str] = []

    def start(name: str, values: dict[str, str]) -> None:
        name = plain(name)
        if name == "numFmt" and inside[-1:] == ["numFmts"]:
            formats[values["numFmtId"]] = values["formatCode"]
        elif name == "xf" and inside[-1:] == ["cellXfs"]:
            number = values.get("numFmtId", "0")
            code = formats.get(number)
            styles.dates.append(shows_date(code) if code is not None else int(number) in _DATE_FORMATS)
            styles.percents.append(shows_percent(code) if code is not None else int(number) in _PERCENT_FORMATS)
        inside.append(name)

    parse(part, start, EndElementHandler=lambda _: inside.pop())
    return styles


def shows_date(code: str) -> bool:
    """Tell whether a format shows a number as a date or a time."""
    code = _QUOTED.sub("", code.split(";")[0])
    return "general" not in code.casefold() and _DATE_LETTERS.search(code) is not None


def shows_percent(code: str) -> bool:
    """Tell whether a format shows a number as a percentage."""
    return "%" in _QUOTED.sub("", code.split(";")[0])


def percent_text(text: str) -> str:
    """Write a number as the percentage that a reader of the sheet sees: ``38%`` for 0.38."""
    value = number_text(text)
    if value == MANY_DIGITS:
        return value
    mark = LONG if value.startswith(LONG) else ""
    return f"{mark}{_decimals(Decimal(value.removeprefix(LONG)) * 100)}%"


def day_text(text: str, epoch: datetime.date) -> str:
    """Write the number of a day as that day; its time follows only if there is one."""
    serial = float(text)
    first = _FIRST_DAY if epoch.year == 1899 else 0
    last = _LAST_DAY - (0 if epoch.year == 1899 else 1462)
    if not first <= serial < last + 1:
        return NO_DAY
    days = int(serial)
    day = epoch + datetime.timedelta(days=days)
    seconds = round((serial - days) * 86400)
    if seconds == 86400:
        return (day + datetime.timedelta(days=1)).isoformat() if days < last else NO_DAY
    if seconds == 0:
        return day.isoformat()
    return (datetime.datetime(day.year, day.month, day.day) + datetime.timedelta(seconds=seconds)).isoformat()


def number_text(text: str) -> str:
    """Write a number as a CSV file would have it: every digit, and no exponent."""
    value = float(text)
    if value.is_integer():
        return str(int(value)) if abs(value) < 10**DIGITS else MANY_DIGITS
    if not isfinite(value):
        raise Damaged("a number that is none")
    shortest = repr(value)
    if len(shortest) <= DIGITS and "e" not in shortest:
        return shortest
    exact = Decimal(shortest)
    if len(exact.as_tuple().digits) > DIGITS:
        return f"{LONG}{_decimals(Decimal(f'{value:.{DIGITS}g}'))}"
    return _decimals(exact)


def _decimals(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def whole(text: str) -> int:
    """Read the number of a row, a style or a text."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Damaged("a place that is no number")
    return int(text)
