"""Reads a scenario file as written, and tells what cannot be read in its own words and at its own keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from payfs.contract.model import read_as
from payfs.simulate.belief import KINDS
from payfs.simulate.written import ScenarioSpec
from payfs.text import Document, Finding, Path, Refused, suggest

SPARED = ("value", "number", "days")
"""Keys for which a belief by itself may stand."""

_CUT = re.compile(r"most likely|.* times (in|out of) |.*% of the time|\d{3}\b")


def read_scenario(document: Document) -> ScenarioSpec:
    """Read a scenario.

    Raises:
        Refused: everything that cannot be read.
    """
    whole = replace(document, places=_Spared(document, document.places))
    try:
        return read_as(ScenarioSpec, whole)
    except Refused as refused:
        raise Refused(_told(document, finding) for finding in refused.findings) from None


def _told(document: Document, finding: Finding) -> Finding:
    """Tell of sentences that were cut at their commas, and of distributions that there are not."""
    path = as_written(document, finding.path)
    finding = finding._replace(path=path)
    if not finding.what.startswith("unknown key"):
        return finding
    if _CUT.match(str(path[-1])):
        return finding._replace(remedy="put the whole sentence in quotes: in braces a comma ends it")
    of_metric = path[0] == "metrics" and (len(path) == 3 or path[-3] in ("by_cohort", "by_period"))
    if of_metric and not finding.remedy.startswith("did you mean") and isinstance(_at(document.data, path), dict):
        hint = suggest(str(path[-1]), KINDS) or f"the distributions are {', '.join(KINDS)}"
        return finding._replace(remedy=hint)
    return finding


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    return data


def as_written(document: Document, path: Path) -> Path:
    """Return a place without the keys that are not written, since a belief stands for them."""
    data, found = document.data, list[str | int]()
    for step in path:
        if isinstance(data, dict) and step not in data and step in SPARED:
            continue
        found.append(step)
        inside = isinstance(data, dict) and step in data
        inside = inside or (isinstance(data, list) and isinstance(step, int) and step < len(data))
        data = data[step] if inside else None
    return tuple(found)


@dataclass(frozen=True)
class _Spared(Mapping[Path, tuple[int, int]]):
    """The places of a document, in which what stands under a key that is not written has its own."""

    document: Document
    places: Mapping[Path, tuple[int, int]]

    def __getitem__(self, path: Path) -> tuple[int, int]:
        """Return the place."""
        return self.places[as_written(self.document, path)]

    def __iter__(self) -> Iterator[Path]:
        """Yield the places that are written."""
        return iter(self.places)

    def __len__(self) -> int:
        """Return how many are written."""
        return len(self.places)
