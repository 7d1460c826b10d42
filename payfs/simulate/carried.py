"""A scenario of one contract carried over to another: what is said of what only the first one has is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from payfs.contract import Contract
from payfs.simulate.edited import take_out
from payfs.simulate.scenario import scenario_of, wanted
from payfs.text import Document, Path, Refused, read_yaml

ONE_BY_ONE = ("by_cohort", "by_period")  # keys under which something is said of each of several


class Carried(NamedTuple):
    """A scenario as another contract can take it.

    Attributes:
        text: of the scenario.
        left: what was left out, in words.
    """

    text: str
    left: tuple[str, ...] = ()


def carried(text: str, here: Contract, there: Contract) -> Carried:
    """Leave out of a scenario what one contract has and another one has not, and nothing else.

    What neither of them knows stays, and so does all of a text that cannot be read: that is to be mended, and not
    to be passed over.

    Args:
        text: of the scenario.
        here: the contract that it may have been written for.
        there: the contract that is to take it.
    """
    try:
        document = read_yaml(text, "scenario")
        paths = [*_names(document.data, here, there)] if isinstance(document.data, dict) else []
        new = _without(text, paths)
        paths += [path for path in _new_faults(document, new, here, there) if path not in paths]
        new = _without(text, paths)
    except Refused:
        return Carried(text)
    return Carried(new, tuple(dict.fromkeys(_said(document.data, path) for path in paths)))


def _without(text: str, paths: list[Path]) -> str:
    for path in sorted(paths, key=lambda path: (len(path), [(isinstance(step, int), step) for step in path]))[::-1]:
        text = take_out(text, path)  # from the end of a list on, so that its other places stay
    return text


def _names(data: Mapping[str, Any], here: Contract, there: Contract) -> Iterator[Path]:
    """Yield what bears the name of something that only the first contract has."""
    for key, mine, others in (
        ("metrics", set(wanted(here.frame)), set(wanted(there.frame))),
        ("delays", _payers(here), _payers(there)),
    ):
        yield from ((key, name) for name in _keys(data.get(key)) if name in mine - others)
    for part in _keys(data.get("assuming")):
        mine, others = (set(_keys(one.document.data.get(part))) for one in (here, there))
        yield from (("assuming", part, name) for name in _keys(data["assuming"][part]) if name in mine - others)


def _new_faults(document: Document, new: str, here: Contract, there: Contract) -> Iterator[Path]:
    """Yield what the other contract alone does not know: fiscal years, cohorts and periods, and what goes together.

    Args:
        document: the scenario.
        new: it without what bears a name that there is not.
        here: the first contract.
        there: the other one.
    """
    before = {(finding.path, finding.what) for finding in _faults(document, document.data, here)}
    for finding in _faults(document, read_yaml(new, "scenario").data, there):
        path = finding.path
        if (path, finding.what) in before:
            continue
        if path[:1] in (("budget",), ("correlation",)) and len(path) > 1:
            yield path[:2]
        elif len(path) > 2 and path[-2] in ONE_BY_ONE and str(path[-1]) in _cells(here) - _cells(there):
            yield path


def _faults(document: Document, data: Any, contract: Contract) -> Any:
    try:
        scenario_of(Document(document.file, data, document.places, document.values), "", contract)
    except Refused as refused:
        return refused.findings
    return ()


def _cells(contract: Contract) -> set[str]:
    return {*contract.frame.cohorts, *contract.frame.places}


def _payers(contract: Contract) -> set[str]:
    return {name for name, party in contract.spec.parties.items() if party.pays}


def _keys(data: Any) -> list[str]:
    return list(data) if isinstance(data, dict) else []


def _said(data: Any, path: Path) -> str:
    """Say in words what is left out."""
    name = str(path[-1]).replace("_", " ")
    if path[0] == "correlation":
        return " together with ".join(map(str, data["correlation"][path[1]]["between"])).replace("_", " ")
    if path[0] == "metrics":
        return name if len(path) == 2 else f"{str(path[1]).replace('_', ' ')} in {name}"
    return {"delays": f"the delay of {name}", "budget": f"the budget of {name}"}.get(
        str(path[0]), f"what is assumed of {name}"
    )
