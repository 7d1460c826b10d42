"""One value of a scenario's text changed, added or taken out; every other letter stays as it is, comments and all."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from payfs.simulate.draft_beliefs import flow
from payfs.text import Path, Refused, read_yaml

STEP = 2  # spaces by which what is new stands further in


def put(text: str, path: Path, value: Any, file: str = "scenario") -> str:
    """Write a value where it belongs, in the place of what is there or as a new key; only its own lines change.

    Args:
        text: of a scenario.
        path: where.
        value: text, or keys and lists of it.
        file: what the text is called in messages.

    Raises:
        Refused: the text cannot be read, or the value cannot be written there without changing something else.
    """
    document = read_yaml(text, file)
    wanted = _with(document.data, path, value)
    if wanted is not None:
        for new in _ways(text, path, value):
            if _says(new, wanted, file):
                return new
    what = "this cannot be written here without changing something else"
    raise Refused([document.finding(path, what, "write it in the text yourself")])


def take_out(text: str, key: str | Path, file: str = "scenario") -> str:
    """Take a key out, with the value that it has, or an entry of a list; what is not there stays so.

    What would be left empty by that goes with it.

    Args:
        text: of a scenario.
        key: of the whole scenario, or the way to one inside it.
        file: what the text is called in messages.

    Raises:
        Refused: the text cannot be read, or the key cannot be taken out without changing something else.
    """
    document = read_yaml(text, file)
    path: Path = (key,) if isinstance(key, str) else key
    if not _is_there(document.data, path):
        return text
    while len(path) > 1 and len(_there(document.data, path[:-1])) == 1:
        path = path[:-1]
    wanted = copy.deepcopy(document.data)
    del _there(wanted, path[:-1])[path[-1]]
    for new in _ways_out(text, path):
        if _says(new, wanted, file):
            return new
    raise Refused([document.finding(path, "this cannot be taken out by itself", "take it out in the text yourself")])


def _there(data: Any, path: Path) -> Any:
    """Return what stands at a place."""
    for step in path:
        data = data[step]
    return data


def _is_there(data: Any, path: Path) -> bool:
    try:
        _there(data, path)
    except (KeyError, IndexError, TypeError):
        return False
    return bool(path)


def _ways_out(text: str, path: Path) -> Iterator[str]:
    """Yield texts that may no longer say something: without its lines, or without what stands between commas."""
    node: yaml.Node | None = _node(text)
    for step in path[:-1]:
        node = None if node is None else _inside(node, step)
    entries = _entries(node)
    names = [name for name, _, _ in entries]
    if path[-1] not in names:
        return
    at = names.index(path[-1])
    _, start, end = entries[at]
    if isinstance(node, yaml.CollectionNode) and node.flow_style:
        if at + 1 < len(entries):
            yield text[:start] + text[entries[at + 1][1] :]
        elif at:
            yield text[: entries[at - 1][2]] + text[end:]
        return
    line, below = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    yield text[:line] + (text[below + 1 :] if below >= 0 else "")


def _entries(node: yaml.Node | None) -> list[tuple[str | int, int, int]]:
    """Return the keys of a mapping, or the places of a list, each with where it begins and ends."""
    if isinstance(node, yaml.MappingNode):
        return [(name.value, name.start_mark.index, _end(inside)) for name, inside in node.value]
    if isinstance(node, yaml.SequenceNode):
        return [(place, inside.start_mark.index, _end(inside)) for place, inside in enumerate(node.value)]
    return []


def _with(data: Any, path: Path, value: Any) -> Any:
    """Return the whole with a value in its place; None where there is no such place."""
    if not path:
        return value
    whole: Any = copy.copy(data) if data != "" else {}
    step = path[0]
    if isinstance(whole, dict) and isinstance(step, str):
        under = _with(whole.get(step, ""), path[1:], value)
    elif isinstance(whole, list) and isinstance(step, int) and step < len(whole):
        under = _with(whole[step], path[1:], value)
    else:
        return None
    if under is None:
        return None
    whole[step] = under
    return whole


def _says(text: str, wanted: Any, file: str) -> bool:
    try:
        return bool(read_yaml(text, file).data == wanted)
    except Refused:
        return False


def _ways(text: str, path: Path, value: Any) -> Iterator[str]:
    """Yield texts that may say it: first as a person would write it, then with quotes."""
    node, depth = _node(text), 0
    while depth < len(path) and (inside := _inside(node, path[depth])) is not None:
        node, depth = inside, depth + 1
    for written in _written(value):
        if depth == len(path):
            yield from _instead(text, node, written)
        elif isinstance(path[depth], str):
            yield from _beside(text, node, [str(step) for step in path[depth:]], written)


def _written(value: Any) -> Sequence[str]:
    return (value, flow(value)) if isinstance(value, str) else (flow(value),)


def _instead(text: str, node: yaml.Node, written: str) -> Iterator[str]:
    """Put a value in the place of another."""
    start, end = node.start_mark.index, _end(node)
    if end == start:  # a key without a value
        yield f"{text[:start]} {written}{text[start:]}"
        return
    before = text[:start].rstrip()
    if before.endswith(":") and "\n" in text[len(before) : start]:
        yield f"{before} {written}{text[end:]}"  # it stood on lines of its own
    yield text[:start] + written + text[end:]


def _beside(text: str, node: yaml.Node, path: list[str], written: str) -> Iterator[str]:
    """Add a key to a mapping that is there."""
    inline = written
    for step in reversed(path[1:]):
        inline = f"{{{flow(step)}: {inline}}}"
    if isinstance(node, yaml.MappingNode) and not node.flow_style:
        column = node.start_mark.column
        at = text.find("\n", _end(node))
        head, tail = (text, "") if at < 0 else (text[: at + 1], text[at + 1 :])
        gap = "" if head.endswith("\n") else "\n"
        lines, indent = list[str](), column
        for step in path[:-1]:
            lines.append(f"{' ' * indent}{flow(step)}:")
            indent += STEP
        lines.append(f"{' ' * indent}{flow(path[-1])}: {written}")
        yield head + gap + "\n".join(lines) + "\n" + tail
    elif isinstance(node, yaml.MappingNode):
        at = _end(node.value[-1][1]) if node.value else node.end_mark.index - 1
        yield f"{text[:at]}{', ' if node.value else ''}{flow(path[0])}: {inline}{text[at:]}"
    elif isinstance(node, yaml.ScalarNode) and node.value == "":
        at = node.start_mark.index
        yield f"{text[:at]} {{{flow(path[0])}: {inline}}}{text[at:]}"


def _node(text: str) -> yaml.Node:
    node: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    assert node is not None  # an empty text is refused before
    return node


def _inside(node: yaml.Node, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        found = _pair(node, str(step))
        return None if found is None else found[1]
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        inside: yaml.Node = node.value[step]
        return inside
    return None


def _pair(node: yaml.Node, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next(((name, inside) for name, inside in pairs if name.value == key), None)


def _end(node: yaml.Node) -> int:
    """Return where a value ends; a block's own end lies behind the comments that follow it."""
    if not isinstance(node, yaml.CollectionNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(last[1] if isinstance(node, yaml.MappingNode) else last)
