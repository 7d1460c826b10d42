"""Everything that is wrong with a contract, at once: what is faulty is set aside, and the rest is checked on."""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from payfs.contract.load import Contract, laid_out
from payfs.contract.named import nowhere
from payfs.spec import quoted, spoken
from payfs.text import MOST_FINDINGS, Document, Finding, Path, Refused, decode, read_file, read_yaml, suggest

MOST_ROUNDS = 12  # each finds what the faults of the one before hid
NAMED = ("parties", "population", "periods", "metrics", "rules", "limits", "sources")
ASIDES = ("what", "note", "clause", "source", "verifier", "confidence")  # said about an entry, and without effect
NEEDED = ("parties", "periods", "rules")
STAND_INS = {"contract": "x", "title": "x", "currency": "BHD"}  # whatever another currency can pay, BHD can
FOLLOWS = {  # what is said for want of something in these parts of the contract
    "nothing says who": {"parties", "payer", "payers", "payee", "population"},
    "there is no period": {"periods"},
    "there is no cohort": {"population"},
    "no use for column": {"metrics", "rules"},
    "no such outcome": {"metrics"},
    "no such cohort": {"population", "parties"},
    "lies in none of": {"metrics", "periods"},
}


@dataclass
class Aside:
    """What was set aside: the names of entries, and the parts of the contract that they stood in."""

    names: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)

    def explains(self, finding: Finding) -> bool:
        """Tell whether a finding merely follows from what was set aside."""
        if any(
            name in finding.path or quoted(name) in finding.what or spoken(name) in finding.what for name in self.names
        ):
            return True
        if "capital" in self.parts and "capital" in finding.path:
            return True  # what an example assumes of a stack, or expects, builds on the whole of it
        return any(words in finding.what and self.parts & parts for words, parts in FOLLOWS.items())

    def told(self, finding: Finding) -> Finding:
        """Let a finding about a misspelt name suggest what was set aside, too."""
        missing = re.search(r"\bno (?:\w+ ){1,3}'([^']+)'$", finding.what)
        hint = suggest(missing[1], sorted(self.names)) if missing and not finding.remedy.startswith("did you") else ""
        return finding._replace(remedy=hint) if hint else finding

    def take(self, data: dict[str, Any], path: Path) -> None:
        """Take the entry that a path lies in out of a contract."""
        head, at = str(path[0]), path[1] if len(path) > 1 else None
        inside = data.get(head)
        told = next((place for place, key in enumerate(path) if place > 1 and key in ASIDES), None)
        if told is not None:
            _entry(data, path[:told]).pop(str(path[told]), None)
            return
        self.parts.add(head)
        if head == "amendments" and isinstance(inside, list) and isinstance(at, int):
            del inside[at:]  # those after it build on it
        elif head == "examples" and isinstance(inside, list) and isinstance(at, int):
            inside[at] = {"name": "x", "expect": {}}  # the others keep their places
        elif path[:2] == ("population", "cohorts") and len(path) > 2 and isinstance(inside, dict):
            self.names.add(str(path[2]))
            inside["cohorts"].pop(path[2], None)
        elif head in NAMED and at is not None and isinstance(inside, dict):
            self.names.add(str(at))
            inside.pop(at, None)
        else:
            data.pop(head, None)


def _entry(data: Any, path: Path) -> dict[str, Any]:
    """Go down to a block of keys; an empty one where the path leads to none."""
    for key in path:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return {}
    return data if isinstance(data, dict) else {}


class Survey(NamedTuple):
    """What came of reading a contract.

    Attributes:
        contract: the contract, or of a faulty one what is sound in it; None where nothing can be laid out.
        findings: everything that is wrong, by place.
        aside: what was set aside.
    """

    contract: Contract | None
    findings: tuple[Finding, ...]
    aside: Aside


def load(path: str | os.PathLike[str]) -> Contract:
    """Read and check a contract file.

    Raises:
        Refused: everything that is wrong with it.
    """
    return _sound(survey(path))


def load_document(document: Document, text: str = "") -> Contract:
    """Check a contract that has been read.

    Raises:
        Refused: everything that is wrong with it.
    """
    return _sound(survey_document(document, text))


def _sound(found: Survey) -> Contract:
    if found.findings or found.contract is None:
        raise Refused(found.findings)
    return found.contract


def survey(path: str | os.PathLike[str]) -> Survey:
    """Read a contract file and find everything that is wrong with it.

    Raises:
        Refused: it cannot be read as YAML at all.
    """
    file = str(FilePath(path))
    text = decode(read_file(file), file)
    return survey_document(read_yaml(text, file), text)


def survey_document(document: Document, text: str = "") -> Survey:
    """Find everything that is wrong with a contract that has been read."""
    aside, found, rest = Aside(), list[Finding](), document
    for _ in range(MOST_ROUNDS):
        try:
            return Survey(laid_out(rest, text), ordered(map(aside.told, found)), aside)
        except Refused as refused:
            new = [finding for finding in refused.findings if not aside.explains(finding)]
            if rest is document:  # what is named in an entry that is set aside, or where nothing is left to be checked
                new += islice(nowhere(document), max(MOST_FINDINGS - len(new), 0))
            told = {(finding.path, finding.what): finding for finding in found}
            for finding in new:
                told.setdefault((finding.path, finding.what), finding)
            found = list(told.values())
            data = copy.deepcopy(rest.data)
            if not isinstance(data, dict) or len(found) > MOST_FINDINGS:
                break
            for finding in refused.findings:
                if finding.path:
                    aside.take(data, finding.path)
            data = STAND_INS | data
            if data == rest.data or not all(isinstance(data.get(key), dict) and data[key] for key in NEEDED):
                break
            rest = replace(rest, data=data)
    return Survey(None, ordered(map(aside.told, found)), aside)


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings by place; those without one stand at the end."""
    return tuple(sorted(findings, key=lambda finding: (finding.line == 0, finding.line, finding.column)))
