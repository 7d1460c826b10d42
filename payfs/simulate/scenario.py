"""A scenario file, read, checked against its contract, and laid out so that it can be drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from payfs.contract import Contract, load
from payfs.contract.model import read_as
from payfs.evidence.results import Frame
from payfs.places import find_spec, simulations
from payfs.simulate.builder import Builder
from payfs.simulate.correlation import Pair, matrix_of, problems
from payfs.simulate.delays import Late, late_of
from payfs.simulate.draws import Draws
from payfs.simulate.metrics import parts_of
from payfs.simulate.model import Floats, Input
from payfs.simulate.part import Part
from payfs.simulate.patterns import Group, groups_of
from payfs.simulate.people import Cell
from payfs.simulate.written import ScenarioSpec
from payfs.spec import Unknown
from payfs.text import Document, Finding, Path, Refused, decode, read_file, read_yaml, suggest

MOST_COLUMNS = 1_000_000
MOST_NUMBERS = 2**31  # uniforms of one block: 16 GiB


@dataclass(frozen=True)
class Scenario:
    """A scenario that passed its checks.

    Attributes:
        file: where it was read.
        text: as written.
        spec: as written.
        contract: what is simulated, with what the scenario assumes of it.
        parts: what is believed, by metric.
        groups: of participants whose claims are drawn.
        late: how late each payer pays.
        inputs: what is uncertain.
        columns: how many uniforms a path needs.
        correlated: the rows that go together, and their correlation matrix; None where none do.
    """

    file: str
    text: str
    spec: ScenarioSpec
    contract: Contract
    parts: dict[str, tuple[Part, ...]]
    groups: tuple[Group, ...]
    late: dict[str, Late]
    inputs: tuple[Input, ...]
    columns: int
    correlated: tuple[NDArray[np.int64], Floats] | None

    @property
    def sha256(self) -> str:
        """The fingerprint of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def draws(self, paths: int | None = None, seed: int | None = None) -> Draws:
        """Return the uniforms of a run."""
        spec = self.spec
        return Draws(
            spec.seed if seed is None else seed,
            self.columns,
            spec.paths if paths is None else paths,
            spec.replicates,
            spec.draws,
        )

    def budgets(self) -> dict[str, int]:
        """Return what may be paid, in all (under "") and by fiscal year [minor units]."""
        minor = self.contract.money.minor
        return {year: int(amount * minor) for year, amount in (self.spec.budget or {}).items()}


def find_scenario(name: str) -> FilePath:
    """Return a scenario file by its path, or an example scenario by its short name.

    Raises:
        Refused: there is neither.
    """
    path = FilePath(name)
    if path.exists() or path.suffix or len(path.parts) > 1:
        return path
    example = simulations() / f"{name}.yaml"
    if example.is_file():
        return example
    known = sorted(one.stem for one in simulations().glob("*.yaml"))
    hint = suggest(name, known) or f"give a file, or one of the example scenarios: {', '.join(known)}"
    raise Refused([Finding("there is no such file or example scenario", hint, file=name)])


def load_scenario(path: str | FilePath, contract: Contract | None = None) -> Scenario:
    """Read a scenario file and its contract.

    Args:
        path: of the scenario.
        contract: another contract than the one it names, to compare the two.

    Raises:
        Refused: everything that is wrong with them.
    """
    file = str(path)
    text = decode(read_file(file), file)
    return scenario_of(read_yaml(text, file), text, contract)


def scenario_of(document: Document, text: str = "", contract: Contract | None = None) -> Scenario:
    """Check a scenario that has been read, and lay it out.

    Raises:
        Refused: everything that is wrong with it.
    """
    spec = read_as(ScenarioSpec, document)
    folder = FilePath(document.file).parent
    if contract is None:
        contract = _contract(spec, folder, document)
    if spec.assuming is not None:
        contract = _assuming(contract, document)
    builder = Builder(document, folder, contract)
    parts = dict(_parts(builder, spec))
    groups = groups_of(builder, spec.participants)
    late = late_of(builder, spec.delays)
    correlated = _correlated(builder, spec)
    _check_budget(builder, spec)
    if builder.size > MOST_COLUMNS:
        what = f"a path needs {builder.size:,} numbers, more than {MOST_COLUMNS:,}"
        builder.fault(("metrics",), what, "say drawn: sums, or believe of longer periods")
    if builder.found:
        raise Refused(sorted(set(builder.found), key=lambda f: (f.line == 0, f.line, f.column, f.what)))
    return Scenario(document.file, text, spec, contract, parts, groups, late, builder.inputs, builder.size, correlated)


def _contract(spec: ScenarioSpec, folder: FilePath, document: Document) -> Contract:
    beside = folder / spec.contract
    try:
        return load(beside if beside.is_file() else find_spec(spec.contract))
    except Refused as refused:
        if all(finding.file == spec.contract and not finding.line for finding in refused.findings):
            raise Refused([document.finding(("contract",), f.what, f.remedy) for f in refused.findings]) from None
        raise


def _assuming(contract: Contract, document: Document) -> Contract:
    at: Path = ("assuming",)
    try:
        return contract.assuming(document.data["assuming"], at)
    except Refused as refused:
        found = []
        for finding in refused.findings:
            path = finding.path if finding.path[:1] == at else (*at, *finding.path)
            found.append(document.finding(path, finding.what, finding.remedy))
        raise Refused(found) from None


def wanted(frame: Frame) -> Iterator[str]:
    """Yield the metrics that are reported, and not worked out from others."""
    yield from (name for name, metric in frame.metrics.items() if not metric.worked_out)


def _parts(builder: Builder, spec: ScenarioSpec) -> Iterator[tuple[str, tuple[Part, ...]]]:
    frame = builder.contract.frame
    claimed = {name for name, metric in frame.metrics.items() if metric.claims is not None}
    for name in spec.metrics:
        if name not in frame.metrics:
            hint = suggest(name, frame.metrics) or f"name one of {', '.join(list(frame.metrics)[:12])}"
            builder.fault(("metrics", name), f"the contract has no metric {name!r}", hint)
        elif frame.metrics[name].worked_out:
            what = "the contract works it out from others"
            builder.fault(("metrics", name), what, "take it out, and say what is believed of those")
    left = [name for name in wanted(frame) if name not in spec.metrics]
    missing = [name for name in left if not (spec.participants and _fed(builder, spec, name, claimed))]
    if missing:
        what = f"nothing is believed of {', '.join(missing[:12])}"
        at: Path = ("metrics",) if "metrics" in builder.document.data else ()
        builder.fault(at, what, "say what is believed of every metric that is reported")
    for name in wanted(frame):
        if name in spec.metrics:
            rows = len(frame.cohorts) if frame.metrics[name].by_cohort else 1
            places = frame.measured_in(name)
            cells = [Cell(row, place, order) for row in range(rows) for order, place in enumerate(places)]
            yield name, tuple(parts_of(builder, name, spec.metrics[name], name, cells, ("metrics", name)))


def _fed(builder: Builder, spec: ScenarioSpec, name: str, claimed: set[str]) -> bool:
    """Whether the claims of participants give a metric."""
    words = builder.contract.frame.metrics[name].claims
    outcomes = {outcome for group in spec.participants.values() for outcome in group.outcomes}
    return name in outcomes or (words is not None and bool(set(words.of or (name,)) & outcomes)) or name in claimed


def _correlated(builder: Builder, spec: ScenarioSpec) -> tuple[NDArray[np.int64], Floats] | None:
    """Return which rows of the uniforms go together, and how."""
    known = dict(builder.taken)
    pairs: list[Pair] = []
    for place, pairing in enumerate(spec.correlation):
        at: Path = ("correlation", place)
        rows = []
        for said_ in pairing.between:
            # a metric by itself means what is believed of it: its chance, or what all share
            name = next((one for one in (said_, f"{said_}: chance", f"{said_}: together") if one in known), said_)
            if name not in known:
                hint = suggest(name, known) or f"name two of {', '.join(list(known)[:12])}"
                builder.fault((*at, "between"), f"nothing uncertain is called {name!r}", hint)
            else:
                rows.append(known[name])
        if len(rows) == 2 and len(rows[0]) != len(rows[1]):
            what = f"there are {len(rows[0])} draws of one and {len(rows[1])} of the other"
            builder.fault((*at, "between"), what, "let both vary alike, as varies says")
        elif len(rows) == 2:
            pairs += [Pair(str(one), str(other), pairing.rank) for one, other in zip(*rows, strict=True)]
    if not pairs or builder.found:
        return None
    names = list(dict.fromkeys(name for pair in pairs for name in (pair.one, pair.other)))
    said = [Pair(p.between[0], p.between[1], p.rank) for p in spec.correlation]
    wrong = list(problems(list(dict.fromkeys(n for p in said for n in (p.one, p.other))), said))
    for problem in wrong:
        builder.fault(("correlation", *problem.path), problem.what, problem.remedy)
    if wrong:
        return None
    return np.array([int(name) for name in names]), matrix_of(names, pairs)


def _check_budget(builder: Builder, spec: ScenarioSpec) -> None:
    for year, amount in (spec.budget or {}).items():
        at: Path = ("budget", year) if year else ("budget",)
        if isinstance(amount, Unknown) or amount < 0:
            builder.fault(at, "the budget is not known, or below 0", "write an amount, or take it out")


def data_of(scenario: Scenario) -> dict[str, Any]:
    """Return the scenario as it was written."""
    return dict(read_yaml(scenario.text, scenario.file).data)


def is_scenario(path: str | FilePath) -> bool:
    """Whether a file is a scenario and not a contract.

    Raises:
        Refused: it cannot be read.
    """
    file = str(path)
    data = read_yaml(decode(read_file(file), file), file).data
    return isinstance(data, dict) and "scenario" in data
