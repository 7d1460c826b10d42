"""A contract's text as lines, and where in it a new entry can stand without a letter of the others being changed."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import yaml

from payfs.drafting.scalar import Entry, block, dashed, flow, scalar
from payfs.text import Document, Finding, Path, Refused, dotted, read_yaml
from payfs.text.reading import LOADER

ORDER = (
    *("contract", "title", "summary", "place", "currency", "signed", "term", "rounding", "holidays", "notes"),
    *("parties", "payer", "payers", "payee", "population", "periods", "metrics", "rules", "limits", "capital"),
    *("amendments", "sources", "examples"),
)
"""The parts of a contract file in the order in which README.md of contract_specs lists them."""
SHORT = 100  # letters: a line that is longer is easier to read as several
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_KEEPS = re.compile(r"[|>]\d*\+")  # a text whose empty last lines count


class Added(NamedTuple):
    """A text with something new in it.

    Attributes:
        text: the whole; every line of the one before is in it, in the same order.
        name: of the new entry, which may differ from what was typed.
        first: the first new line, counted from 1.
        last: the last new line.
    """

    text: str
    name: str
    first: int
    last: int


class _Cut(NamedTuple):
    """A way to write the new entry: before which line, counted from 0, and which lines."""

    before: int
    lines: list[str]


def add_entry(text: str, path: tuple[str, ...], name: str, entry: Entry, file: str = "draft") -> Added:
    """Write a new entry below a part of the contract, such as ``("rules",)``; the part is begun if it is not there.

    Only lines are inserted. That the new text says what the old one says, and the entry, is checked by reading it.

    Raises:
        Refused: the text cannot be read as YAML, or no line can be inserted where the entry belongs.
    """
    document = read_yaml(text, file)
    wanted = _with_entry(document.data, path, name, entry)
    lines = _LINE.findall(text)
    if wanted is not None:
        for cut in _Places(lines).ways(path, name, entry):
            new = "".join([*lines[: cut.before], *_broken(lines, cut), *lines[cut.before :]])
            if _says(new, wanted, file):
                return Added(new, name, cut.before + 1, cut.before + len(cut.lines))
    raise Refused([_no_room(document, path)])


def add_item(text: str, part: str, name: str, entry: Entry, file: str = "draft") -> Added:
    """Write a new entry at the end of a part of the contract that is a list, such as ``examples``.

    Raises:
        Refused: the text cannot be read as YAML, or no line can be inserted where the entry belongs.
    """
    document = read_yaml(text, file)
    there = document.data.get(part, "") or []
    lines = _LINE.findall(text)
    if isinstance(there, list):
        wanted = {**document.data, part: [*there, entry]}
        cut = _Places(lines).item(part, entry)
        new = "".join([*lines[: cut.before], *_broken(lines, cut), *lines[cut.before :]]) if cut else text
        if cut and _says(new, wanted, file):
            return Added(new, name, cut.before + 1, cut.before + len(cut.lines))
    raise Refused([_no_room(document, (part,))])


def _with_entry(data: Any, path: Sequence[str], name: str, entry: Entry) -> Any:
    """Return what the text will say; None where there is no room for it."""
    wanted = copy.deepcopy(data)
    inside = wanted
    for key in path:
        if inside.get(key, "") == "":
            inside[key] = {}
        inside = inside[key]
        if not isinstance(inside, dict):
            return None
    inside[name] = entry
    return wanted


def _no_room(document: Document, path: Path) -> Finding:
    deep = next((path[:end] for end in range(len(path), 0, -1) if path[:end] in document.places), ())
    what = f"nothing can be added to {dotted(path)} line by line, because of how it is written"
    key = f"'{path[-1]}:'"
    remedy = f"write {key} on a line of its own, and each entry on lines below it, indented by two spaces"
    return document.finding(deep, what, remedy)


def _says(text: str, wanted: Any, file: str) -> bool:
    """Whether a text says just this."""
    try:
        found = read_yaml(text, file).data
    except Refused:
        return False
    return bool(found == wanted)


def _broken(lines: Sequence[str], cut: _Cut) -> Iterator[str]:
    """Yield new lines with the line breaks of the text."""
    ends = [line[len(line.rstrip("\r\n")) :] for line in lines]
    before = ends[cut.before - 1] if cut.before else ""
    end = before or next((found for found in ends if found), "\n")
    if cut.before and not before:
        yield end  # the text ends without one
    for line in cut.lines:
        yield line + end


class _Places:
    """Finds the places where a text can be added to."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = [
            line.rstrip("\r\n").removeprefix("\ufeff" if not place else "") for place, line in enumerate(lines)
        ]
        self.root: Any = yaml.compose("\n".join(self.lines), Loader=LOADER)
        self.step = self._step()

    def _step(self) -> int:
        """Return by how much the file indents: as far as the first part that stands below its key."""
        for _, value in self.root.value:
            if isinstance(value, yaml.MappingNode) and not value.flow_style and value.value:
                columns: list[int] = [value.value[0][0].start_mark.column, self.root.start_mark.column]
                return columns[0] - columns[1]
        return 2

    def ways(self, path: Sequence[str], name: str, entry: Entry) -> Iterator[_Cut]:
        """Yield ways to add an entry below a path, the best first."""
        key, node, rest = None, self.root, list(path)
        while rest and isinstance(node, yaml.MappingNode):
            inside = next(((k, v) for k, v in node.value if k.value == rest[0]), None)
            if inside is None:
                break
            (key, node), rest = inside, rest[1:]
        whole: Entry = {name: entry}
        for part in reversed(rest):
            whole = {part: whole}
        if isinstance(node, yaml.ScalarNode):
            if key is not None:  # a key with nothing below it yet
                indent = key.start_mark.column + self.step
                yield _Cut(self.after(node, indent), self.written(whole, indent))
        elif isinstance(node, yaml.MappingNode) and node.flow_style:
            yield from self._in_brackets(node, whole)
        elif isinstance(node, yaml.MappingNode):
            yield self._below(node, whole)

    def item(self, part: str, entry: Entry) -> _Cut | None:
        """Return a way to add an entry to a list of the contract; None where its brackets leave no line for it."""
        key, node = next((pair for pair in self.root.value if pair[0].value == part), (None, None))
        if key is None:
            return self._below(self.root, {part: [entry]})
        if isinstance(node, yaml.ScalarNode):
            indent = key.start_mark.column + self.step
            return _Cut(self.after(node, indent), dashed(entry, indent, self.step))
        if not isinstance(node, yaml.SequenceNode) or node.flow_style:
            return None
        indent = node.start_mark.column
        lines = dashed(entry, indent, self.step)
        apart = all(self._blank_above(below) for below in node.value[1:]) and len(node.value) > 1
        return _Cut(self.after(node, indent), ["", *lines] if apart else lines)

    def _below(self, node: Any, whole: Entry) -> _Cut:
        """Add to keys that stand below each other, at their end; a new part of the contract where it belongs."""
        indent, entries, last = node.start_mark.column, node.value, node.value[-1]
        if node is self.root:
            part = next(iter(whole))
            order = ORDER.index(part) if part in ORDER else len(ORDER)
            earlier = [pair for pair in entries if pair[0].value in ORDER[:order]]
            last = earlier[-1] if earlier else last
        lines = self.written(whole, indent)
        apart = [place for place, (_, below) in enumerate(pairwise(entries)) if self._blank_above(below[0])]
        if apart and (node is self.root or len(apart) == len(entries) - 1):
            lines = ["", *lines]
        return _Cut(self.after(last[1], indent), lines)

    def _in_brackets(self, node: Any, whole: Entry) -> Iterator[_Cut]:
        """Add a line before a bracket that closes on a line of its own."""
        at = node.end_mark.line
        bracket = self.lines[at]
        if not bracket.lstrip().startswith("}") or node.start_mark.line == at:
            return
        indent = node.value[0][0].start_mark.column if node.value else node.start_mark.column + self.step
        for comma in ("", ", "):
            yield _Cut(at, [f"{' ' * indent}{comma}{flow(whole)[1:-1]}"])

    def written(self, whole: Entry, indent: int) -> list[str]:
        """Write an entry: on one line if it is short, else on several."""
        ((name, entry),) = whole.items()
        if isinstance(entry, list):
            below = [dashed(item, indent + self.step, self.step) for item in entry]
            return [f"{' ' * indent}{scalar(name)}:", *(line for lines in below for line in lines)]
        short = f"{' ' * indent}{scalar(name)}: {flow(entry)}"
        nested = any(isinstance(value, (dict, list)) for value in entry.values())
        if not nested and len(short) <= SHORT:
            return [short]
        return [f"{' ' * indent}{scalar(name)}:", *block(entry, indent + self.step, self.step)]

    def after(self, node: Any, indent: int) -> int:
        """Return the first line after a value and the comments that belong to it, counted from 0."""
        end = self._last_line(node)
        deep = max(indent, 1)
        for place in range(end + 1, len(self.lines)):
            line = self.lines[place]
            bare = line.lstrip()
            if bare and not (bare.startswith("#") and len(line) - len(bare) >= deep):
                break
            if bare:
                end = place
        return end + 1

    def _last_line(self, node: Any) -> int:
        """Return the last line of a value; the parser's own mark lies behind the comments that follow it."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style:
            last = node.value[-1]
            return self._last_line(last[1] if isinstance(last, tuple) else last)
        long = isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")
        end: int = node.end_mark.line - (long and not node.end_mark.column)
        end = min(end, len(self.lines) - 1)
        if long:
            keeps = _KEEPS.match(self.lines[node.start_mark.line][node.start_mark.column :])
            while not keeps and end > node.start_mark.line and not self.lines[end].strip():
                end -= 1
        return end

    def _blank_above(self, key: Any) -> bool:
        """Whether an empty line stands above a key and its comments."""
        place = key.start_mark.line - 1
        while place >= 0 and self.lines[place].lstrip().startswith("#"):
            place -= 1
        return place >= 0 and not self.lines[place].strip()
