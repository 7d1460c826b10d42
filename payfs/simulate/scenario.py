"""A scenario file, read, checked against its contract, and laid out so that it can be drawn."""

from __future__ import annotations

import copy
import datetime
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from payfs.claims.pricing import paid_by_claim
from payfs.claims.table import known_outcomes
from payfs.contract import Contract, load
from payfs.contract.check import some
from payfs.evidence.results import Frame
from payfs.periods import fiscal_year
from payfs.places import find_spec, simulations
from payfs.simulate.assumed import Assumed, assumed
from payfs.simulate.builder import Builder
from payfs.simulate.cells import Cell
from payfs.simulate.correlation import Pair, matrix_of, problems
from payfs.simulate.delays import Late, late_of
from payfs.simulate.draws import Draws
from payfs.simulate.metrics import parts_of
from payfs.simulate.model import Floats, Input
from payfs.simulate.part import Part
from payfs.simulate.patterns import Group, fed_by, groups_of
from payfs.simulate.reading import read_scenario
from payfs.simulate.written import ScenarioSpec
from payfs.spec import Unknown
from payfs.text import MOST_FINDINGS, Document, Finding, Path, Refused, decode, read_file, read_yaml, suggest

MOST_COLUMNS = 1_000_000


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
    if path.suffix or len(path.parts) > 1 or _is_file(path):
        return path
    example = simulations() / f"{name}.yaml"
    if _is_file(example):
        return example
    known = sorted(one.stem for one in simulations().glob("*.yaml"))
    hint = suggest(name, known) or f"give a file, or one of the example scenarios: {', '.join(known)}"
    raise Refused([Finding("there is no such file or example scenario", hint, file=name)])


def _is_file(path: FilePath) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long
        return False


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
    data = document.data
    if isinstance(data, dict) and "scenario" not in data and {"contract", "parties", "rules"} <= set(data):
        remedy = f"write a scenario of it with payfs new scenario --for {document.file}"
        raise Refused([Finding("this is a contract, and no scenario", remedy, file=document.file)])
    try:
        spec = read_scenario(document)
    except Refused as refused:
        raise Refused(_all_findings(document, refused, contract)) from None
    return _laid_out(document, spec, text, contract)


LISTED = ("metrics", "delays", "participants", "budget")  # of which one entry can be faulty and the others sound
MISSING = "nothing is believed of "


def _all_findings(document: Document, refused: Refused, contract: Contract | None) -> list[Finding]:
    """Return what cannot be read, and what else is wrong: what is faulty is set aside, and the rest is looked at."""
    found, data, aside = list(refused.findings), copy.deepcopy(document.data), set[str]()
    # of what stands under a misspelt key, or is said of participants, nothing can be missed
    heads = [f.path[0] for f in found if len(f.path) == 1 or f.path[:1] == ("participants",)]
    blind = any(head not in ScenarioSpec.model_fields or head in ("metrics", "participants") for head in heads)
    for finding in found:
        path = finding.path[:2] if finding.path[:1] and finding.path[0] in LISTED else finding.path[:1]
        if not path or path[0] in ("scenario", "contract") or not isinstance(data, dict):
            return found  # nothing more can be said
        inside = data.get(path[0])
        if len(path) == 2 and isinstance(inside, dict):
            inside.pop(path[1], None)
            aside.add(str(path[1]))
        else:
            data.pop(path[0], None)
    rest = replace(document, data=data)
    try:
        _laid_out(rest, read_scenario(rest), "", contract)
    except Refused as others:
        for finding in others.findings:
            what = finding.what
            if what.startswith(MISSING):
                left = [] if blind else [name for name in what.removeprefix(MISSING).split(", ") if name not in aside]
                what = MISSING + ", ".join(left) if left else ""
            if what and not (aside and finding.path[:1] == ("correlation",)):
                found.append(finding._replace(what=what))
    ordered = sorted(dict.fromkeys(found), key=lambda f: (f.line == 0, f.line, f.column, f.what))
    return some(ordered[:MOST_FINDINGS], document.file, len(ordered))


def _laid_out(document: Document, spec: ScenarioSpec, text: str, contract: Contract | None) -> Scenario:
    """Check a scenario as written against its contract, and lay it out.

    Raises:
        Refused: everything that is wrong with it.
    """
    folder = FilePath(document.file).parent
    if contract is None:
        contract = _contract(spec, folder, document)
    terms = Assumed(contract) if spec.assuming is None else assumed(contract, document)
    contract = terms.contract
    builder = Builder(document, folder, contract)
    parts = dict(_parts(builder, spec, terms.aside))
    _check_participants(builder, spec)
    groups = groups_of(builder, spec.participants, frozenset(spec.metrics))
    late = late_of(builder, spec.delays)
    correlated = _correlated(builder, spec)
    _check_budget(builder, spec, late)
    if builder.size > MOST_COLUMNS:
        what = f"a path needs {builder.size:,} numbers, more than {MOST_COLUMNS:,}"
        builder.fault(("metrics",), what, "say drawn: sums, or believe of longer periods")
    if builder.found or terms.found:
        found = {*terms.found, *(finding for finding in builder.found if not terms.follows(finding))}
        ordered = sorted(found, key=lambda f: (f.line == 0, f.line, f.column, f.what))
        raise Refused(some(ordered[:MOST_FINDINGS], document.file, len(ordered)))
    return Scenario(document.file, text, spec, contract, parts, groups, late, builder.inputs, builder.size, correlated)


def _contract(spec: ScenarioSpec, folder: FilePath, document: Document) -> Contract:
    beside = [folder / spec.contract, folder / f"{spec.contract}.yaml"]  # a file, or a short name: beside the scenario
    try:
        return load(next((path for path in beside if is_contract(path)), None) or find_spec(spec.contract))
    except Refused as refused:
        if all(finding.file == spec.contract and not finding.line for finding in refused.findings):
            raise Refused([document.finding(("contract",), f.what, f.remedy) for f in refused.findings]) from None
        raise


def wanted(frame: Frame) -> Iterator[str]:
    """Yield the metrics that are reported, and not worked out from others."""
    yield from (name for name, metric in frame.metrics.items() if not metric.worked_out)


def _parts(builder: Builder, spec: ScenarioSpec, aside: frozenset[str]) -> Iterator[tuple[str, tuple[Part, ...]]]:
    frame = builder.contract.frame
    for name in spec.metrics:
        if name not in frame.metrics:
            hint = suggest(name, frame.metrics) or f"name one of {', '.join(list(frame.metrics)[:12])}"
            builder.fault(("metrics", name), f"the contract has no metric {name!r}", hint)
        elif frame.metrics[name].worked_out:
            what = "the contract works it out from others"
            builder.fault(("metrics", name), what, "take it out, and say what is believed of those")
    left = [name for name in wanted(frame) if name not in spec.metrics]
    fed = fed_by(builder.contract, _claimed(spec)) if spec.participants else ()
    missing = [name for name in left if name not in fed and name not in aside]
    if missing:
        what = f"{MISSING}{', '.join(missing[:12])}"
        at: Path = ("metrics",) if "metrics" in builder.document.data else ()
        remedy = "say what is believed of every metric that is reported"
        by_claim = [name for name in missing if frame.metrics[name].claims is not None]
        if by_claim:
            remedy += "; of what claims give, say under participants what happens to people"
        builder.fault(at, what, remedy)
    for name in wanted(frame):
        if name in spec.metrics:
            said = spec.metrics[name]
            rows = len(frame.cohorts) if frame.metrics[name].by_cohort else 1
            places = frame.measured_in(name)
            cells = [Cell(row, place, order) for row in range(rows) for order, place in enumerate(places)]
            yield name, tuple(parts_of(builder, name, said, name, cells, ("metrics", name)))


def _claimed(spec: ScenarioSpec) -> set[str]:
    """Return what claims call the outcomes of participants."""
    groups = spec.participants.values()
    return {step.claimed_as or outcome for group in groups for outcome, step in group.outcomes.items()}


def _check_participants(builder: Builder, spec: ScenarioSpec) -> None:
    """Note metrics that are said twice, and counts of what only claims can decide."""
    contract, known = builder.contract, known_outcomes(builder.contract.frame)
    told = {name for outcome in _claimed(spec) for name in known.get(outcome, ())}
    by_claim = {contract.rule(name).metric or name for name in paid_by_claim(contract)}
    for name in spec.metrics:
        if name in told:
            what = "participants' outcomes give the metric, too"
            builder.fault(("metrics", name), what, "say it once: here, or under participants")
        elif name in by_claim:
            what = "what it pays is decided person by person, which a number of outcomes does not tell"
            builder.fault(("metrics", name), what, "say under participants what happens to them")


def called(name: str) -> str:
    """Return what a person calls an input: ``chance of employment`` for ``employment: chance``."""
    metric, _, what = name.partition(": ")
    return f"{what} of {metric}" if what else name


def _correlated(builder: Builder, spec: ScenarioSpec) -> tuple[NDArray[np.int64], Floats] | None:
    """Return which rows of the uniforms go together, and how."""
    known = dict(builder.taken)
    names = {called(name): name for name in known}
    pairs: list[Pair] = []
    faulty = {str(finding.path[1]) for finding in builder.found if finding.path[1:]}
    for place, pairing in enumerate(spec.correlation):
        at: Path = ("correlation", place)
        rows = []
        for name in pairing.between:
            meant = names.get(name, name)
            if meant not in known and any(one in name for one in faulty):
                continue  # it may be uncertain, once it can be read
            if meant not in known:
                hint = suggest(name, names) or f"name two of {', '.join(list(names)[:12]) or 'none that there are'}"
                builder.fault((*at, "between"), f"nothing uncertain is called {name!r}", hint)
            else:
                rows.append(known[meant])
        if len(rows) == 2 and len(rows[0]) != len(rows[1]):
            one, other = ("once" if len(row) == 1 else f"{len(row)} times" for row in rows)
            what = f"the first is drawn {one}, and the second {other}"
            builder.fault((*at, "between"), what, "let both vary alike, as varies says")
        elif len(rows) == 2:
            pairs += [Pair(str(one), str(other), pairing.rank) for one, other in zip(*rows, strict=True)]
    if not pairs or builder.found:
        return None
    columns = list(dict.fromkeys(name for pair in pairs for name in (pair.one, pair.other)))
    said = [Pair(p.between[0], p.between[1], p.rank) for p in spec.correlation]
    wrong = list(problems(list(dict.fromkeys(n for p in said for n in (p.one, p.other))), said))
    for problem in wrong:
        builder.fault(("correlation", *problem.path), problem.what, problem.remedy)
    if wrong:
        return None
    return np.array([int(name) for name in columns]), matrix_of(columns, pairs)


def _check_budget(builder: Builder, spec: ScenarioSpec, late: dict[str, Late]) -> None:
    minor, years = builder.contract.money.minor, fiscal_years(builder.contract, late)
    for year, amount in (spec.budget or {}).items():
        at: Path = ("budget", year) if year else ("budget",)
        if isinstance(amount, Unknown) or amount < 0:
            builder.fault(at, "the budget is not known, or below 0", "write an amount, or take it out")
        elif (amount * minor).denominator != 1:
            builder.fault(at, "the budget is finer than the currency", "round it")
        if year and year not in years:
            hint = suggest(year, years) or f"name one of {', '.join(years[:12]) or 'none: no source says when it pays'}"
            builder.fault(at, f"no payment falls into a fiscal year {year!r}", hint)


def fiscal_years(contract: Contract, late: dict[str, Late]) -> list[str]:
    """Return the fiscal years into which payments may fall, as results name them."""
    starts = {name: party.fiscal_year_starts for name, party in contract.spec.parties.items() if party.pays}
    alike, found = len(set(starts.values())) < 2, set[str]()
    for payer, start in starts.items():
        most = late[payer].steps[-1] if payer in late else 0
        for period in (period for period in contract.periods if period.paid_known):
            first, last = (period.paid.date + datetime.timedelta(days=days) for days in (0, most))
            for number in range(first.year, last.year + 2):
                day = min(max(first, datetime.date(number, 1, 1)), last)
                found |= {fiscal_year(day, start) if alike else f"{payer} {fiscal_year(day, start)}"}
            found |= {fiscal_year(last, start) if alike else f"{payer} {fiscal_year(last, start)}"}
    return sorted(found)


def data_of(scenario: Scenario) -> dict[str, Any]:
    """Return the scenario as it was written."""
    return dict(read_yaml(scenario.text, scenario.file).data)


def is_contract(path: FilePath) -> bool:
    """Whether a file is there, and is not the scenario of the same name."""
    return _is_file(path) and not (path.suffix == ".yaml" and _names_scenario(path))


def is_scenario(path: str | FilePath) -> bool:
    """Whether a file is a scenario and not a contract.

    Raises:
        Refused: it cannot be read.
    """
    file = str(path)
    data = read_yaml(decode(read_file(file), file), file).data
    return isinstance(data, dict) and "scenario" in data


def _names_scenario(path: FilePath) -> bool:
    try:
        return is_scenario(path)
    except Refused:
        return False  # what is wrong with it is told when it is read as a contract
