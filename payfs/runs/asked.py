"""What is asked of a run: texts of a scenario and its contract, or of two; how many paths, from which seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from payfs.contract import load_document
from payfs.simulate.run import FEW
from payfs.simulate.scenario import Scenario, scenario_of
from payfs.simulate.worked import TOTAL
from payfs.spec import quoted
from payfs.text import Finding, Refused, read_yaml
from payfs.text.files import MOST_BYTES

Kind = Literal["simulate", "sensitivity", "compare"]

MOST_PATHS = 1_000_000
"""The most paths of a run, so that it ends within minutes and fits the memory beside others."""

MOST_DRAWN = 2**16
"""The most paths of a sensitivity analysis, which draws them anew for each input."""

SIDES: Mapping[str, int] = {"simulate": 1, "sensitivity": 1, "compare": 2}


@dataclass(frozen=True)
class Side:
    """A scenario and the contract that it is about, as texts, and what they are called in messages."""

    scenario: str
    contract: str
    name: str = "scenario"


@dataclass(frozen=True)
class Asked:
    """What is asked of a run.

    Attributes:
        kind: what is done.
        sides: the scenario; of a comparison the first and the second.
        paths: how many; if not said, as many as the scenario says.
        seed: if not said, the scenario's.
        of: of which result a sensitivity analysis tells what it hangs on.
        about: what the run is called in a list.
    """

    kind: Kind
    sides: tuple[Side, ...]
    paths: int | None = None
    seed: int | None = None
    of: str = TOTAL
    about: str = ""

    @property
    def most(self) -> int:
        """How many paths it may have."""
        return MOST_DRAWN if self.kind == "sensitivity" else MOST_PATHS

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    def problems(self) -> Iterator[Finding]:
        """Yield what keeps it from being begun at all."""
        if self.kind not in get_args(Kind) or len(self.sides) != SIDES[self.kind]:
            yield Finding(f"{quoted(self.kind)} of {len(self.sides)} scenarios is not a run", "compare needs two")
        for side in self.sides:
            for text in (side.scenario, side.contract):
                if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
                    yield Finding(f"the text is larger than {MOST_BYTES:,} bytes", "shorten it", file=side.name)
        if self.paths is not None:
            yield from too_many(self.paths, self.most)
        if self.seed is not None and not 0 <= self.seed < 10**15:
            yield Finding(f"{self.seed:,} is no seed", "write a whole number of 0 to 15 digits, such as 4711")


def asked_from(data: Mapping[str, Any]) -> Asked:
    """Return what :meth:`Asked.data` wrote."""
    return Asked(**{**data, "sides": tuple(Side(**side) for side in data["sides"])})


def too_many(paths: int, most: int) -> Iterator[Finding]:
    """Yield what is wrong with a number of paths."""
    if not 1 <= paths <= most:
        remedy = f"write a number from 1 to {most:,}; more than that is for whoever runs payfs in a terminal"
        yield Finding(f"{paths:,} paths are not drawn here", remedy)


def paths_of(asked: Asked, scenario: Scenario) -> int:
    """Return how many paths are drawn.

    Raises:
        Refused: the scenario says too many.
    """
    said = asked.paths
    if said is None:
        said = min(scenario.spec.paths, FEW) if asked.kind == "sensitivity" else scenario.spec.paths
    found = list(too_many(said, asked.most))
    if found:
        raise Refused([finding._replace(file=scenario.file) for finding in found])
    return said


def scenario_in(side: Side) -> Scenario:
    """Read a scenario and its contract from their texts. No file is looked at, whatever the texts name.

    Raises:
        Refused: everything that is wrong with them.
    """
    contract = load_document(read_yaml(side.contract, f"contract of {side.name}"), side.contract)
    document = read_yaml(side.scenario, side.name)
    found = [
        document.finding(
            path,
            "values are read from a file, and a text alone has none beside it",
            "write them here, as discrete: {VALUE: CHANCE, ...}",
        )
        for path in _files(document.data, ())
    ]
    if found:
        raise Refused(found)
    return scenario_of(document, side.scenario, contract)


def _files(value: Any, at: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """Yield the places at which values are to be read from a file."""
    if isinstance(value, Mapping):
        for key, inside in value.items():
            if key == "bootstrap" and at:
                yield (*at, key)
            else:
                yield from _files(inside, (*at, key))
    elif isinstance(value, list):
        for place, inside in enumerate(value):
            yield from _files(inside, (*at, place))
