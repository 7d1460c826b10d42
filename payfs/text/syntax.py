"""What a YAML parser could not read, in plain words."""

from __future__ import annotations

import re
from typing import Any

import yaml

from payfs.text.findings import Place, quoted

QUOTES = "put the text in quotes"
_UNSPACED = re.compile(r"(?:- +)*[{\[]? *(\w[\w ./-]*):(?!//)([^\s:].*)")  # key:value

Fault = tuple[Place, str, str]  # the place, the fact and the remedy


def place_of(mark: Any) -> Place:
    """The parser's mark as a line and column that count from 1."""
    return mark.line + 1, mark.column + 1


def tag(name: str) -> tuple[str, str]:
    """What to say of a tag."""
    shown = quoted(name.replace("tag:yaml.org,2002:", "!!"))
    return f"{shown} is a YAML tag, which is not allowed", f"leave it out, or {QUOTES} if the ! belongs to it"


def unspaced(text: str) -> bool:
    """Whether this is `key:value`, with no space after the colon."""
    return bool(_match(text))


def without_space(text: str) -> tuple[str, str]:
    """What to say of `key:value`."""
    match = _match(text)
    key, value = (match[1], match[2].split(" #")[0].strip()) if match else (text, "")
    return f"a space is missing after the colon of {quoted(key + ':' + value)}", f"write {quoted(key + ': ' + value)}"


def syntax(error: yaml.MarkedYAMLError, lines: list[str], inside: Place | None) -> Fault:
    """The fault behind a parser's error, which arose in the mapping or list that begins at `inside`.

    The C and the Python parser differ in their words, but not in what is said here.
    """
    problem, context = error.problem or "", error.context or ""
    end = (len(lines), len(lines[-1]) + 1)
    here = min(place_of(error.problem_mark), end) if error.problem_mark else end
    start = place_of(error.context_mark) if error.context_mark else here
    line = _line(lines, here[0])
    rest = line[here[1] - 1 :]
    indent = len(line) - len(line.lstrip())
    first = here[1] - 1 <= indent
    if first and "\t" in line[:indent]:
        return (here[0], line.index("\t") + 1), "the line is indented with a tab", "indent it with spaces"
    if "cannot start any token" in problem:
        if rest[:1] == "\t":
            return here, "a tab stands where only spaces may stand", "replace it with a space"
        return here, f"a value cannot begin with {quoted(rest[:1])}", QUOTES
    if "values are not allowed" in problem:
        return _colon(here, lines)
    if "could not find expected ':'" in problem:
        begun = _line(lines, start[0])
        if unspaced(begun):
            return _unspaced(start[0], begun)
        return (
            start,
            f"{quoted(begun)} has no colon",
            "write it as 'key: value', or indent it below the text it continues",
        )
    if "entries are not allowed" in problem:
        return here, "a list begins on the line of its key", "begin the list on the next line"
    if "expected ','" in problem:
        return _bracket(here, start, lines)
    if "node content" in problem:
        return _nothing(here, inside, rest, lines)
    if "block collection" in context and first and rest[:1] not in "]}":
        return here, "this line stands among list items and is not one", "begin it with '- ', or indent it like its key"
    if "block mapping" in context or "block collection" in context:
        return _out_of_line(here, rest, first)
    return _scalar(here, start, problem, context, lines)


def _match(text: str) -> re.Match[str] | None:
    return _UNSPACED.match(text.lstrip()[:200])


def _line(lines: list[str], number: int) -> str:
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _ended(here: Place, lines: list[str]) -> bool:
    """Whether nothing more stands in the file."""
    rest = [_line(lines, here[0])[here[1] - 1 :], *lines[here[0] :]]
    return not any(line.strip() for line in rest)


def _unspaced(number: int, line: str) -> Fault:
    match = _match(line)
    indent = len(line) - len(line.lstrip())
    return (number, indent + 1 + (match.start(1) if match else 0)), *without_space(line)


def _colon(here: Place, lines: list[str]) -> Fault:
    """A colon stands where no key can be."""
    line = _line(lines, here[0])
    before = line[: here[1] - 1]
    if re.search(r":\s", before):
        return here, "a second colon stands on the line", f"{QUOTES}, or begin a new line"
    number = here[0] - 1
    while number and not _line(lines, number).strip():
        number -= 1
    above = _line(lines, number)
    if unspaced(above):
        return _unspaced(number, above)
    indent, over = (len(text) - len(text.lstrip()) for text in (line, above))
    if not number:
        return here, "a colon stands where no key can be", QUOTES
    if indent > over or ":" in above:
        return (
            (here[0], indent + 1),
            "the line is indented as if it went on with the text above",
            "indent it like its fellow keys",
        )
    return (number, over + 1), f"{quoted(above)} has no colon", "write it as 'key: value'"


def _bracket(here: Place, start: Place, lines: list[str]) -> Fault:
    """A list or mapping in brackets does not go on as it should."""
    opened = _line(lines, start[0])[start[1] - 1 : start[1]]
    closed = {"[": "]", "{": "}"}.get(opened, "]")
    if _ended(here, lines):
        return start, f"the {quoted(opened)} that is opened here is never closed", f"close it with {quoted(closed)}"
    if here[0] > start[0]:
        what = f"the {quoted(opened)} that is opened here is not closed, or a comma is missing, by line {here[0]}"
        return start, what, f"close it with {quoted(closed)}, or add the comma"
    return here, f"a comma or the closing {quoted(closed)} is missing here", f"add it, or {QUOTES}"


def _nothing(here: Place, inside: Place | None, rest: str, lines: list[str]) -> Fault:
    """A value is missing."""
    if _ended(here, lines):
        if inside and _line(lines, inside[0])[inside[1] - 1 : inside[1]] in ("[", "{"):
            return _bracket(here, inside, lines)
        return here, "the file ends in the middle of a value", "close every bracket that is open"
    if rest[:1] in "]}":
        return here, f"{quoted(rest[:1])} closes a bracket that was never opened", f"take it out, or {QUOTES}"
    if rest[:1] == "-":
        return here, "a list item with a dash stands inside brackets", "leave the dash out"
    return here, f"a value is missing before {quoted(rest[:1])}", f"add it, or {QUOTES}"


def _out_of_line(here: Place, rest: str, first: bool) -> Fault:
    """Something stands where the next key should."""
    if rest[:1] in ("]", "}"):
        return here, f"{quoted(rest[:1])} closes a bracket that was never opened", f"take it out, or {QUOTES}"
    if rest.startswith(":"):
        return here, "a key is missing before the colon", f"name it, or {QUOTES}"
    if not first:
        return here, f"{quoted(rest)} goes on after the value has ended", "put the whole value in one pair of quotes"
    if re.match(r"-(\s|$)", rest):
        return here, "a list item stands where a key should", "indent it below the key that it belongs to"
    return (
        here,
        "the line does not line up with the lines above",
        "indent it exactly like the keys that it belongs with",
    )


def _scalar(here: Place, start: Place, problem: str, context: str, lines: list[str]) -> Fault:
    """A single value cannot be read."""
    begun = _line(lines, start[0])[start[1] - 1 :]
    if "tag" in context or "tag" in problem:
        return start, *tag(begun.split()[0] if begun.strip() else "!")
    if "alias" in context or "anchor" in context:
        return start, f"a value cannot begin with {quoted(begun[:1])}", QUOTES
    if "quoted scalar" in context and ("end of stream" in problem or "document" in problem):
        return start, "the quotation mark that is opened here is never closed", "close it at the end of the text"
    if "quoted scalar" in context:
        what = "a backslash in this text begins a code that means nothing"
        return start, what, "write two backslashes, or put the text in single quotes"
    if "unexpected ':'" in problem:
        return here, "a space is missing after this colon", f"add it, or {QUOTES}"
    if "directive" in context:
        return (here[0], 1), "a line cannot begin with '%'", QUOTES
    if "keys are not allowed" in problem:
        return here, "a value cannot begin with '?'", QUOTES
    if "block scalar" in context:
        what = f"{quoted(begun[:1])} begins a text on the lines below, but more stands beside it"
        return start, what, f"begin the text on the next line, or {QUOTES}"
    if "document start" in problem and not any(text.startswith("...") for text in lines[: here[0]]):
        return _out_of_line(here, _line(lines, here[0])[here[1] - 1 :], False)
    if "document start" in problem:
        return here, "the document has ended above, and more follows", "take out the line with the three dots"
    return here, "this is not valid YAML", "compare it with the lines above"
