"""What is wrong and where it stands: findings, and documents that know the place of everything in them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

Path = tuple[str | int, ...]  # keys and 0-based list indexes
Place = tuple[int, int]  # line and column, 1-based

KEPT = frozenset({"most", "most_units", "least"})  # where `none` is a word of the language and does not remove the key


class Finding(NamedTuple):
    """One thing that is wrong: its place, the fact and the remedy."""

    what: str  # the fact, a plain clause
    remedy: str = ""  # what to do about it
    path: Path = ()
    file: str = ""
    line: int = 0  # 1-based, 0 where there is none
    column: int = 0

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        fact = f"{self.what}; {self.remedy}" if self.remedy else self.what
        return ": ".join(part for part in (place, dotted(self.path), fact) if part)


class Refused(Exception):
    """What was given cannot be used; `findings` holds everything wrong with it, at once."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings: tuple[Finding, ...] = tuple(findings)
        super().__init__(self.findings)

    def __str__(self) -> str:
        return "\n".join(str(finding) for finding in self.findings)


def dotted(path: Path) -> str:
    """A path as it is read: `rules.jail_days.tiers.2`, where list places count from 1."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was most likely meant to be, or None."""
    folded: dict[str, str] = {}
    for name in islice(known, 500):
        folded.setdefault(_fold(name), name)
    if len(word) > 100:
        return None
    meant = _fold(word)
    if meant in folded:
        return folded[meant]
    close = difflib.get_close_matches(meant, folded, n=3, cutoff=0.65)
    # of words that are equally near, the one with the same letters: they were exchanged in writing
    same = [name for name in close if sorted(name) == sorted(meant)]
    return folded[(same or close)[0]] if close else None


def suggest(word: str, known: Iterable[str]) -> str:
    """`did you mean 'price'`, or nothing where no known word is near."""
    meant = nearest(word, known)
    return "" if meant is None else f"did you mean {quoted(meant)}"


@dataclass(frozen=True)
class Document:
    """What a YAML file says: mappings, lists and text only, and where each of them stands."""

    file: str
    data: Any
    places: Mapping[Path, Place]  # of every value; for an entry of a mapping the place of its key
    values: Mapping[Path, Place]  # of the values themselves

    def find(self, path: Path) -> Place:
        """The place of `path`, or of the nearest thing around it that has one."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.places:
                return self.places[path[:end]]
        return 0, 0

    def finding(self, path: Path, what: str, remedy: str = "") -> Finding:
        """A finding about `path`, with its file, line and column."""
        return Finding(what, remedy, path, self.file, *self.find(path))

    def merged(self, changes: Any, at: Path) -> Document:
        """A new document: `changes`, which stand in this one at `at`, are laid over the whole.

        Mappings merge key by key, lists and text replace whole, and `none` removes a key (but is kept as the value of
        `most`, `most_units` and `least`). What was changed or removed has its place under `at`. Refused: changes that
        are not a mapping, and a `none` for a key that is not there.
        """
        laid: set[Path] = set()
        findings: list[Finding] = []

        def lay(old: dict[str, Any], new: dict[str, Any], path: Path) -> dict[str, Any]:
            result = dict(old)
            for key, value in new.items():
                here = (*path, key)
                under = old.get(key)
                if isinstance(value, dict) and isinstance(under, dict):
                    result[key] = lay(under, value, here)
                    continue
                laid.add(here)
                if value != "none" or key in KEPT:
                    result[key] = lay({}, value, here) if isinstance(value, dict) else value
                elif key in old:
                    del result[key]
                else:
                    remedy = suggest(key, old) or "leave it out"
                    findings.append(
                        self.finding((*at, *here), f"none removes {quoted(key)}, which is not there", remedy)
                    )
            return result

        if changes == "":
            changes = {}
        if not isinstance(changes, dict) or not isinstance(self.data, dict):
            raise Refused(
                [self.finding(at, "changes are not keys and values", "write them in the shape of the whole file")]
            )
        data = lay(self.data, changes, ())
        if findings:
            raise Refused(findings)

        def moved(places: Mapping[Path, Place]) -> dict[Path, Place]:
            heads = {path[0] for path in laid}

            def changed(path: Path) -> bool:
                if not path or path[0] not in heads:
                    return False
                return any(path[:end] in laid for end in range(1, len(path) + 1))

            kept = {path: place for path, place in places.items() if not changed(path)}
            here = len(at)
            new = {path[here:]: place for path, place in places.items() if path[:here] == at and changed(path[here:])}
            return kept | new

        return Document(self.file, data, moved(self.places), moved(self.values)) if laid else self


def quoted(text: str) -> str:
    """A piece of the file in quotes, cut where it is long."""
    shown = " ".join(text.split())
    return f"'{shown[:40].rstrip()}…'" if len(shown) > 41 else f"'{shown}'"


def _fold(word: str) -> str:
    return re.sub(r"[\s_-]+", "_", word.strip().casefold())
