"""What a scenario assumes of its contract, laid over it; and what can still be looked at where that is faulty."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any, NamedTuple

from payfs.contract import Contract
from payfs.contract.load import laid_out
from payfs.spec import quoted
from payfs.text import Document, Finding, Path, Refused, suggest

AT: Path = ("assuming",)
NAMED = {"rules": "rule", "limits": "limit", "metrics": "metric", "parties": "party"}
DECIDING = ("metrics", "parties", "periods", "population")
"""Parts of a contract by whose names a scenario calls things."""

AXES = ("periods", "population", "amendments")
"""Parts of a contract that decide which results there are, and in which fiscal year they are paid."""


class Assumed(NamedTuple):
    """A contract with what a scenario assumes of it.

    Attributes:
        contract: with every assumption; where some are faulty, with the others, or with none.
        found: what is wrong with the assumptions.
        aside: the names of what is left out because of that, and of which something may be believed.
        shifted: whether that could change which periods and cohorts there are.
    """

    contract: Contract
    found: tuple[Finding, ...] = ()
    aside: frozenset[str] = frozenset()
    shifted: bool = False

    def follows(self, finding: Finding) -> bool:
        """Whether a finding about the rest of the scenario may only follow from what was left out."""
        if not self.found:
            return False
        deep = finding.path[:1] in (("budget",), ("participants",)) or len(finding.path) > 2
        return _speaks_of(finding, self.aside) or (self.shifted and deep)


def assumed(contract: Contract, document: Document) -> Assumed:
    """Lay what a scenario assumes over its contract."""
    changes, found = copy.deepcopy(document.data["assuming"]), list[Finding]()
    aside, deciding, shifted = set[str](), set[str](), False
    while True:
        try:
            return Assumed(contract.assuming(changes, AT), tuple(found), frozenset(deciding), shifted)
        except Refused:
            told = list(_told(contract, document, changes))
        found += [finding for finding in told if not _speaks_of(finding, aside)]
        for head in sorted({finding.path[1:3] for finding in told} or {()}, key=str):
            part = str(head[0]) if head else ""
            inside = changes.get(part) if isinstance(changes, dict) else None
            if isinstance(inside, dict) and len(head) == 2 and head[1] in inside:
                names = {str(head[1])}
                del inside[head[1]]
            else:  # nothing of it can be laid over the contract by itself
                names = set(map(str, inside)) if isinstance(inside, dict) else set()
                changes = {key: one for key, one in changes.items() if key != part} if inside is not None else {}
            aside |= names
            deciding |= names if part in DECIDING else set()
            shifted |= part in AXES or not part


def _speaks_of(finding: Finding, names: Set[str]) -> bool:
    """Whether a finding is about one of some names."""
    words = (*(str(part) for part in finding.path), *re.split(r"[,;]? ", finding.what.replace("'", " ")))
    return not names.isdisjoint(words)


def _told(contract: Contract, document: Document, changes: Any) -> Iterator[Finding]:
    """Yield what is wrong with the assumptions, each at the very key of the scenario."""
    said = [
        (finding.path if finding.path[:1] == AT else (*AT, *finding.path), finding)
        for finding in _refused(contract, document, changes)
    ]
    whole, gone = {path for path, _ in said}, set[Path]()  # of what lacks something that it needs to be new
    for path, finding in said:
        head, known = path[1:3], contract.document.data.get(path[1] if len(path) > 1 else "")
        if path[:3] in whole and head and head[0] in NAMED and _adds(changes, head, known):
            if head not in gone:
                gone.add(head)
                kind = NAMED[str(head[0])]
                hint = suggest(str(head[1]), known) or f"correct the name, or say all of a new {kind}"
                yield document.finding(path[:3], f"the contract has no {kind} {quoted(str(head[1]))}", hint)
            continue
        yield document.finding(path, finding.what, finding.remedy)


def _adds(changes: Mapping[str, Any], head: Sequence[str | int], known: Any) -> bool:
    """Whether an assumption is about something that the contract has not."""
    inside = changes.get(str(head[0]))
    if not isinstance(known, dict) or not isinstance(inside, dict):
        return False
    return len(head) == 2 and head[1] in inside and head[1] not in known


def _refused(contract: Contract, document: Document, changes: Any) -> Sequence[Finding]:
    """Return why assumptions cannot be laid over a contract, as if the places of the scenario were its own."""
    terms = contract.document
    places = {path: place for path, place in document.places.items() if path[:1] == AT}
    values = {path: place for path, place in document.values.items() if path[:1] == AT}
    data = {key: value for key, value in terms.data.items() if key != "examples"}
    lent = replace(terms, data=data, places={**terms.places, **places}, values={**terms.values, **values})
    try:
        laid_out(lent.merged(changes, AT), contract.text)
    except Refused as refused:
        return refused.findings
    return ()
