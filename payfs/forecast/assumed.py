"""What a contract does not say, taken to be something: figures and days that are unknown, each laid over it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from payfs.contract import Contract
from payfs.text import Finding, Path, Refused, dotted
from payfs.unknowns import unknown_in

AT: Path = ("assuming",)
PARTS = ("periods", "metrics", "rules", "limits", "capital")
"""The parts of a contract on which payments, their days and the provider's cash depend."""


def to_assume(contract: Contract) -> tuple[Path, ...]:
    """Return the places of everything that a contract says is unknown and that can be assumed."""
    return tuple(unknown_in(contract.document.data, PARTS))


def assuming(contract: Contract, taken: Mapping[Path, str]) -> Contract:
    """Return the contract with what it does not say taken to be something; an empty text assumes nothing.

    Raises:
        Refused: what cannot be, each with the place of what was assumed.
    """
    there = set(to_assume(contract))
    changes: dict[str, Any] = {}
    for path, text in taken.items():
        if text.strip() and path in there:
            _lay(changes, contract.document.data, path, text.strip())
    if not changes:
        return contract
    try:
        return contract.assuming(changes, AT)
    except Refused as refused:
        raise Refused(_told(finding, taken) for finding in refused.findings) from None


def _lay(changes: dict[str, Any], data: Any, path: Path, text: str) -> None:
    """Write a text at its place; of a list the whole is laid over, with the rest as it stands there."""
    here: Any = changes
    for key in path[:-1]:
        data = data[key]
        if isinstance(here, dict):
            here = here.setdefault(key, copy.deepcopy(data) if isinstance(data, list) else {})
        else:
            here = here[key]
    here[path[-1]] = text


def _told(finding: Finding, taken: Mapping[Path, str]) -> Finding:
    """Say of a finding which assumption it is about."""
    path = finding.path[1:] if finding.path[:1] == AT else finding.path
    meant = next((one for one in taken if path[: len(one)] == one or one[: len(path)] == path), path)
    return Finding(f"assumed of {dotted(meant)}: {finding.what}" if meant else finding.what, finding.remedy, meant)
