"""Where the source makes messages, and which of these places ran."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import payfs

Site = tuple[str, int, int, str]  # file, first and last line, text


def sites_of(makers: Collection[str], faults: Collection[str], skipped: Callable[[str], bool]) -> Iterator[Site]:
    """Yield every place in the source that makes a message: the file, its lines and the text."""
    root = Path(payfs.__file__).parent
    for file in sorted(root.rglob("*.py")):
        name = str(file.relative_to(root.parent))
        if skipped(name):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                made = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                replaced = made == "_replace" and any(key.arg == "what" for key in node.keywords)
                fault = made in faults and getattr(getattr(node.func, "value", None), "id", "") == "faults"
                if made in makers or replaced or fault:
                    yield name, node.lineno, node.end_lineno or node.lineno, ast.unparse(node)


class Watch:
    """Notes which of some lines run."""

    def __init__(self, lines: dict[str, set[int]]) -> None:
        self.lines, self.ran = lines, set[tuple[str, int]]()
        self.wanted: dict[CodeType, bool] = {}

    def call(self, frame: FrameType, event: str, _: Any) -> Any:
        code = frame.f_code
        if code not in self.wanted:
            near = self.lines.get(code.co_filename, set())
            self.wanted[code] = bool(near) and any(line in near for _, _, line in code.co_lines())
        return self.line if self.wanted[code] else None

    def line(self, frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            self.ran.add((frame.f_code.co_filename, frame.f_lineno))
        return self.line
