"""YAML with line numbers: every value stays the text that was written, and every fault is told with its place.

Nothing is guessed and nothing is run: the parser's events are read one by one, so that deep nesting, aliases, tags and
duplicate keys are refused before anything is built from them.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import yaml

from payfs.text.files import BREAK, MOST_BYTES, UNSEEN, decode, seen
from payfs.text.findings import Document, Finding, Path, Place, Refused, quoted
from payfs.text.syntax import QUOTES, place_of, syntax, tag, unspaced, without_space

MOST_DEPTH = 40
MOST_VALUES = 200_000
MOST_FINDINGS = 100
# The C parser where there is one. The other finds the same faults and some more: a tab between words, a question mark
# in brackets.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(source: bytes | str, file: str) -> Document:
    """The document that one YAML file holds, with every scalar as the text that was written.

    Refused, all at once: syntax errors; more than 1 MB, 40 levels or 200,000 values; anchors, aliases, tags and
    directives; duplicate keys and keys that are not plain text; an empty file, a second document, and a top level
    without keys; encodings other than UTF-8 and characters that cannot be seen.
    """
    size = len(source) if isinstance(source, bytes) else len(source.encode("utf-8", "surrogatepass"))
    if size > MOST_BYTES:
        raise Refused([Finding(f"the file is larger than {MOST_BYTES:,} bytes", "split it", file=file)])
    text = decode(source, file) if isinstance(source, bytes) else seen(source.removeprefix("\ufeff"), file)
    reader = _Reader(file, BREAK.split(text))
    with suppress(_Enough):
        reader.read(LOADER)
    if reader.gave_up:
        reader = _Reader(file, BREAK.split(text))
        with suppress(_Enough):
            reader.read(yaml.SafeLoader)
    if reader.findings:
        raise Refused(reader.findings)
    return Document(file, reader.data, reader.places, reader.values)


class _Enough(Exception):
    """The reading stops here; the findings say why."""


@dataclass
class _Open:
    """A mapping or list that is being read."""

    holds: Any
    path: Path
    key: str | None = None  # the key whose value comes next
    unspaced: bool = False  # this key looks like `key:value`, and is one if no value follows
    lines: dict[str, int] = field(default_factory=dict)  # of each key so far


class _Reader:
    """Builds the document from the parser's events."""

    def __init__(self, file: str, lines: list[str]) -> None:
        self.file, self.lines = file, lines
        self.findings: list[Finding] = []
        self.data: Any = None
        self.places: dict[Path, Place] = {}
        self.values: dict[Path, Place] = {}
        self.open: list[_Open] = []
        self.skipping = 0  # how deep inside a key that is itself a mapping or a list
        self.count = self.documents = 0
        self.gave_up = False  # the parser has a bound of its own on levels, and does not say where they begin

    def complain(self, place: Place, what: str, remedy: str, path: Path = ()) -> None:
        if len(self.findings) == MOST_FINDINGS:
            self.findings.append(Finding(f"more than {MOST_FINDINGS} findings", "correct these first", file=self.file))
            raise _Enough
        self.findings.append(Finding(what, remedy, path, self.file, *place))

    def read(self, loader: Any) -> None:
        """Reads the whole file."""
        try:
            for event in yaml.parse(self.without_directives(), Loader=loader):
                self.take(event)
            self.end()
        except yaml.MarkedYAMLError as error:
            inside = self.values[self.open[-1].path] if self.open else None
            self.gave_up = "nesting depth" in (error.problem or "")
            if self.gave_up:
                return
            if "document start" in (error.problem or "") and not isinstance(self.data, dict):
                self.end()
            else:
                self.complain(*syntax(error, self.lines, inside))
        except (yaml.YAMLError, ValueError, OverflowError):
            self.complain((0, 0), "this is not valid YAML", "check the codes that begin with a backslash")

    def without_directives(self) -> str:
        """The text for the parser, with directives turned into comments, since the parsers differ over them."""
        for number, line in enumerate(self.lines):
            if line.startswith("%"):
                what = f"{quoted(line)} is a YAML directive, which is not allowed"
                self.complain((number + 1, 1), what, "leave the line out, or make it a comment with #")
                self.lines[number] = "#" + line[1:]
            elif line.strip() and not line.lstrip().startswith("#"):
                break
        return "\n".join(self.lines)

    def take(self, event: Any) -> None:
        """Reads one event of the parser."""
        if isinstance(event, yaml.NodeEvent):
            if self.skipping:
                self._skip(event)
            else:
                self._node(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            if self.skipping:
                self.skipping -= 1
            else:
                self.open.pop()
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.complain(
                    place_of(event.start_mark), "a second document begins here", "keep one document in a file"
                )
                raise _Enough

    def end(self) -> None:
        """Refuses a file that holds anything but keys and values."""
        if isinstance(self.data, dict):
            return
        if not self.data and self.data != []:
            self.complain((0, 0), "the file is empty", "write what it should say, or name another file")
        elif isinstance(self.data, str) and unspaced(self.data):
            self.complain(self.places[()], *without_space(self.data))
        else:
            what = f"the file is {'a list' if isinstance(self.data, list) else 'a single text'}, not keys and values"
            self.complain(self.places[()], what, "write each entry as 'key: value'")

    def _skip(self, event: yaml.NodeEvent) -> None:
        self._count(event, len(self.open) + self.skipping, ())
        if isinstance(event, yaml.CollectionStartEvent):
            self.skipping += 1

    def _count(self, event: yaml.NodeEvent, depth: int, path: Path) -> None:
        """Stops a file that is too deep or holds too much."""
        self.count += 1
        if self.count > MOST_VALUES:
            self.complain(
                place_of(event.start_mark), f"the file holds more than {MOST_VALUES:,} values", "split it", path
            )
            raise _Enough
        if depth >= MOST_DEPTH and isinstance(event, yaml.CollectionStartEvent):
            what = f"values are nested more than {MOST_DEPTH} deep"
            self.complain(place_of(event.start_mark), what, "write them with fewer levels")
            raise _Enough

    def _node(self, event: yaml.NodeEvent) -> None:
        around = self.open[-1] if self.open else None
        place = place_of(event.start_mark)
        path: Path = () if around is None else around.path
        if around is not None and isinstance(around.holds, dict):
            if around.key is None:
                self._key(event, around, place)
                return
            path = (*path, around.key)
        elif around is not None:
            path = (*path, len(around.holds))
        self._count(event, len(self.open), path)
        self._plain(event, place, path)
        value: Any = ""
        if isinstance(event, yaml.MappingStartEvent):
            value = {}
        elif isinstance(event, yaml.SequenceStartEvent):
            value = []
        elif isinstance(event, yaml.ScalarEvent):
            value = event.value
        self.values[path] = place
        if around is None:
            self.data, self.places[()] = value, place
        elif isinstance(around.holds, dict):
            if around.unspaced and value == "" and isinstance(event, yaml.ScalarEvent) and not event.style:
                self.complain(self.places[path], *without_space(around.key or ""))
            around.holds[around.key] = value
            around.key = None
        else:
            self.places[path] = place
            around.holds.append(value)
        if isinstance(event, yaml.CollectionStartEvent):
            self.open.append(_Open(value, path))

    def _key(self, event: yaml.NodeEvent, around: _Open, place: Place) -> None:
        """Reads a key, which must be a short plain text and stand only once in its mapping."""
        self._count(event, len(self.open), around.path)
        self._plain(event, place, around.path)
        key, what = "", ""
        if isinstance(event, yaml.CollectionStartEvent):
            what = "a key is a mapping or a list, not a text"
            self.skipping = 1
        elif isinstance(event, yaml.ScalarEvent):
            key = event.value
            if not key.strip():
                what = "a key is empty"
            elif key == "<<":
                what = "'<<' merges one mapping into another, which is not allowed"
            elif "\n" in key or event.style in ("|", ">"):
                what = "a key runs over more than one line"
        if what:
            remedy = (
                "write out what it stands for" if key == "<<" else "name the key with a plain text before the colon"
            )
            self.complain(place, what, remedy, around.path)
        elif key in around.lines:
            what = f"{quoted(key)} already stands on line {around.lines[key]}"
            cut = key.isdigit() and len(key) == 3  # as the rest of a figure is that a comma in braces cut
            remedy = "keep one of the two" + (", and put figures that have a comma in quotes" if cut else "")
            self.complain(place, what, remedy, (*around.path, key))
        around.lines.setdefault(key, place[0])
        around.key = key
        around.unspaced = isinstance(event, yaml.ScalarEvent) and not event.style and ":" in key and unspaced(key)
        self.places[(*around.path, key)] = place

    def _plain(self, event: Any, place: Place, path: Path) -> None:
        """Refuses anchors, aliases and tags, and characters that cannot be seen."""
        if isinstance(event, yaml.AliasEvent):
            what = f"{quoted(f'*{event.anchor}')} repeats a value from elsewhere (an alias), which is not allowed"
            self.complain(place, what, f"write the value out in full, or {QUOTES} if the * belongs to it", path)
            return
        if event.anchor is not None:
            what = f"{quoted('&' + event.anchor)} marks a value for reuse (an anchor), which is not allowed"
            self.complain(place, what, f"leave it out, or {QUOTES} if the & belongs to it", path)
        if event.tag is not None:
            self.complain(place, *tag(event.tag), path)
        if isinstance(event, yaml.ScalarEvent) and event.style == '"' and UNSEEN.search(event.value):
            what = "the text in quotes holds a code for a character that cannot be seen"
            self.complain(place, what, "leave the code out", path)
