"""Names that lead nowhere, found in a contract as it is written, whatever else is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from payfs.spec import quoted
from payfs.text import Document, Finding, Path, nearest

PARTS = {"party": "parties", "metric": "metrics", "rule": "rules", "source": "sources", "cohort": "cohorts"}
IN_RULES = {"payer": "party", "payee": "party", "metric": "metric", "cohorts": "cohort", "source": "source"}
IN_METRICS = {"verifier": "party", "source": "source"}
IN_LIMITS = {"payer": "party", "then": "party", "rules": "rule", "cohorts": "cohort", "source": "source"}
IN_COHORTS = {"payer": "party", "payee": "party"}


def no_such(name: str, known: Iterable[str], kind: str) -> tuple[str, str]:
    """Say that there is nothing of a name: the fact, and what was most likely meant."""
    known = list(known)
    none = f"the contract has no {kind}s, so add it or leave this out"
    near = nearest(name, known)
    listed = f"name one of {', '.join(known[:12])}" if known else none
    return f"there is no {kind} {quoted(name)}", listed if near is None else f"did you mean {quoted(near)}"


def nowhere(document: Document) -> Iterator[Finding]:
    """Find names of what there is not; of a part that is no block of keys nothing can be said."""
    data = document.data
    if not isinstance(data, dict):
        return
    parts: dict[str, Any] = {kind: data.get(part, {}) for kind, part in PARTS.items()}
    people = data.get("population", {})
    parts["cohort"] = people.get("cohorts", {}) if isinstance(people, dict) else {}
    places: list[tuple[Path, Any, Mapping[str, str]]] = [((), data, {"payer": "party", "payee": "party"})]
    blocks: tuple[tuple[Path, str, Mapping[str, str]], ...] = (
        (("rules",), "rule", IN_RULES),
        (("metrics",), "metric", IN_METRICS),
        (("limits",), "", IN_LIMITS),
        (("population", "cohorts"), "cohort", IN_COHORTS),
    )
    for path, kind, keys in blocks:
        inside = parts[kind] if kind else data.get("limits", {})
        if isinstance(inside, dict):
            places += [((*path, name), entry, keys) for name, entry in inside.items()]
    for part in ("examples", "amendments"):
        inside = data.get(part)
        if isinstance(inside, list):
            places += [((part, place), entry, {"source": "source"}) for place, entry in enumerate(inside)]
    for path, entry, keys in places:
        for key, kind in keys.items():
            said = entry.get(key) if isinstance(entry, dict) else None
            known = parts[kind] or {}
            for name in [said] if isinstance(said, str) else said if isinstance(said, list) else ():
                if isinstance(name, str) and name and isinstance(known, dict) and name not in known:
                    yield document.finding((*path, key), *no_such(name, known, kind))
