"""What a contract leaves unknown, asked of whoever writes a scenario, and written there as what it is taken to be."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from payfs.contract import Contract
from payfs.simulate.edited import put
from payfs.simulate.scenario import Scenario
from payfs.simulate.worked import Worked, check
from payfs.spec import spoken
from payfs.text import Finding, Path, Refused, dotted, read_yaml
from payfs.unknowns import unknown_path

AT: Path = ("assuming",)
UNKNOWN = "unknown"
APART = ("what", "clause", "source", "note", "metric")  # keys that do not help to tell what is asked for


class Open(NamedTuple):
    """A figure of the contract that no source gives.

    Attributes:
        path: where it stands in the contract.
        name: in words.
        beside: what the contract says there, so that one knows what is asked for.
    """

    path: Path
    name: str
    beside: str


def open_in(contract: Contract, findings: tuple[Finding, ...]) -> list[Open]:
    """Return the figures of a contract that findings ask for."""
    asked = (finding.path for finding in findings if unknown_path(finding) and finding.path)
    return [_open(contract, path) for path in dict.fromkeys(asked)]


def needed(scenario: Scenario) -> list[Open]:
    """Return what has to be assumed before a scenario can be simulated.

    Raises:
        Refused: something else stands in the way.
    """
    try:
        check(Worked(scenario))
    except Refused as refused:
        found = open_in(scenario.contract, refused.findings)
        if not found:
            raise
        return found
    return []


def wanted_for_returns(scenario: Scenario) -> list[Open]:
    """Return what has to be assumed before it can be told what investors earn."""
    worked = Worked(scenario)
    gap = worked.gap if scenario.contract.spec.capital is not None else None
    return [] if gap is None else open_in(scenario.contract, (gap,))


def assume(text: str, contract: Contract, said: Mapping[Path, str], file: str = "scenario") -> str:
    """Write into a scenario what figures of its contract are taken to be.

    A list of the contract is written whole, since what is assumed takes its place.

    Args:
        text: of the scenario.
        contract: which the scenario is about, as it is written.
        said: by their places, what they are taken to be.
        file: what the text is called in messages.

    Raises:
        Refused: it cannot be written there.
    """
    whole: dict[Path, Any] = {}
    before = read_yaml(text, file).data.get(AT[0])
    for path, value in said.items():
        head = _head(path)
        if head == path:
            whole[head] = value
            continue
        if head not in whole:
            whole[head] = copy.deepcopy(_there(before, head) or _there(contract.terms[-1].document.data, head))
        inside = _at(whole[head], path[len(head) : -1])
        inside[path[-1]] = value
    for head, value in whole.items():
        text = put(text, (*AT, *head), value, file)
    return text


def _head(path: Path) -> Path:
    """Return the way to the first list, or the whole way."""
    end = next((place for place, step in enumerate(path) if isinstance(step, int)), len(path))
    return path[:end]


def _there(data: Any, path: Path) -> Any:
    """Return what stands at a place; None where nothing does."""
    try:
        return _at(data, path)
    except (KeyError, IndexError, TypeError):
        return None


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _open(contract: Contract, path: Path) -> Open:
    head = str(path[0]).removesuffix("s") if len(path) > 1 else ""
    rest = [str(step + 1) if isinstance(step, int) else step.replace("_", " ") for step in path[2:]]
    name = f"{head} {spoken(str(path[1]))}: {', '.join(rest)}" if rest else dotted(path)
    return Open(path, name, ", ".join(_beside(contract, path)))


def _beside(contract: Contract, path: Path) -> Iterator[str]:
    """Yield the plain texts that stand beside a figure, and what the part of the contract is for."""
    data = contract.terms[-1].document.data
    part, around = _there(data, path[:2]), _there(data, path[:-1])
    if isinstance(part, dict) and isinstance(part.get("what"), str):
        yield part["what"]
    for place in (part, around) if around is not part else (part,):
        for key, value in place.items() if isinstance(place, dict) else ():
            if (
                key not in ("what", "clause", "source", "note", path[-1])
                and isinstance(value, str)
                and value != UNKNOWN
            ):
                yield f"{key.replace('_', ' ')} {value}"
