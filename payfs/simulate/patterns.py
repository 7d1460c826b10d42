"""Participants whose claims decide what is paid, without drawing participants.

People who are alike are exchangeable: only how many of them went through each pattern of outcomes matters. Each pattern
is priced once, by the contract's own conditions and limits for one person, and how many people have it is multinomial.
Where there are too many patterns, people are drawn one by one, and only the patterns that turn up are priced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from payfs.claims.measure import Evidence
from payfs.claims.rows import claims_of_rows
from payfs.contract import Contract
from payfs.evidence.measured import ByClaim, Measured, Series
from payfs.simulate.builder import Builder, Rows, drawn, fixed
from payfs.simulate.distributions import Distribution
from payfs.simulate.model import Floats
from payfs.simulate.outcomes import Course, Pattern, course_of
from payfs.simulate.sums import MOST_PEOPLE, multinomial
from payfs.simulate.written import Participants
from payfs.text import Finding, Refused

MOST_PATTERNS = 3000
MOST_DRAWN = 20_000  # participants that are drawn one by one
EXACT = 2**53  # up to here a float64 holds every whole number

Whole = NDArray[np.int64]
Key = tuple[str, str, str]  # what it is (series | due | limit), of which metric or rule, and of which limit


class Prices(NamedTuple):
    """What each of some patterns adds.

    Attributes:
        parts: by what it is, (patterns, cohorts or 1, periods) [steps or minor units].
    """

    parts: Mapping[Key, Whole]

    def alike(self) -> NDArray[np.int64]:
        """Return for each pattern the number of those that add the same, (patterns,)."""
        flat = np.concatenate([part.reshape(part.shape[0], -1) for part in self.parts.values()], axis=1)
        numbers: NDArray[np.int64] = np.unique(flat, axis=0, return_inverse=True)[1].reshape(-1)
        return numbers


@dataclass(frozen=True)
class Group:
    """Participants who are alike.

    Attributes:
        name: in the scenario.
        contract: whose claims they make.
        course: what may happen to each.
        people: how many there are.
        sampling: the uniforms that say how they turn out.
        patterns: what may happen to one; those that come to the same are one.
        members: of each, the patterns that it stands for.
        prices: of each, what it adds; None where people are drawn one by one.
    """

    name: str
    contract: Contract
    course: Course
    people: tuple[Distribution, Rows | None]
    sampling: Rows
    members: tuple[tuple[Pattern, ...], ...]
    prices: Prices | None
    _priced: dict[Pattern, int] = field(default_factory=dict, compare=False)
    _found: list[Prices] = field(default_factory=list, compare=False)

    def add(self, uniforms: Floats) -> dict[Key, Whole]:
        """Return what the group adds, (cohorts or 1, periods, paths) [steps or minor units]."""
        paths = uniforms.shape[1]
        many = np.broadcast_to(np.rint(drawn(*self.people, uniforms)[0]).astype(np.int64), (paths,))
        chances = [step.likely(uniforms) for step in self.course.steps]
        if self.prices is None:
            return self._one_by_one(uniforms, many, chances)
        likely = [
            sum((self.course.likely(pattern, chances) for pattern in members), start=np.zeros(1))
            for members in self.members
        ]
        wide = np.stack([np.broadcast_to(one, (paths,)) for one in likely])
        wide = wide / wide.sum(axis=0)
        counts = multinomial(self.sampling.of(uniforms), many, wide) if len(likely) > 1 else many[None]
        return {key: _times(part, counts) for key, part in self.prices.parts.items()}

    def _one_by_one(self, uniforms: Floats, many: Whole, chances: Sequence[Floats]) -> dict[Key, Whole]:
        """Draw each participant's join, outcomes and months, and price the patterns that turn up."""
        rows, paths = self.sampling.of(uniforms), uniforms.shape[1]
        each = len(self.course.steps) * 2 + 1
        u = rows.reshape(-1, each, paths)  # (people, decisions, paths)
        joined = np.searchsorted(np.cumsum(self.course.shares), u[:, 0], side="right")
        codes = [np.minimum(joined, len(self.course.shares) - 1)]
        for place, step in enumerate(self.course.steps):
            happens = u[:, 1 + 2 * place] < chances[place]
            if step.needs is not None:
                happens &= codes[1 + step.needs] >= 0
            which = np.searchsorted(np.cumsum(step.wait.chances), u[:, 2 + 2 * place], side="right")
            codes.append(np.where(happens, np.minimum(which, len(step.wait.months) - 1), -1))
        there = np.arange(len(u)).reshape(-1, 1) < many
        flat = np.stack([code[there] for code in codes], axis=1)
        path = np.broadcast_to(np.arange(paths), there.shape)[there]
        unique, index = np.unique(flat, axis=0, return_inverse=True)
        prices = self._price([self._pattern(code) for code in unique.tolist()])
        counts = np.zeros((len(unique), paths), dtype=np.int64)
        np.add.at(counts, (index.reshape(-1), path), 1)
        return {key: _times(part, counts) for key, part in prices.parts.items()}

    def _pattern(self, code: list[int]) -> Pattern:
        pairs = zip(self.course.steps, code[1:], strict=True)
        return Pattern(code[0], tuple(None if at < 0 else step.wait.months[at] for step, at in pairs))

    def _price(self, patterns: list[Pattern]) -> Prices:
        new = [pattern for pattern in dict.fromkeys(patterns) if pattern not in self._priced]
        if new:
            start = len(self._priced)
            self._priced.update({pattern: start + at for at, pattern in enumerate(new)})
            self._found.append(priced(self.contract, self.course, new))
        at = [self._priced[pattern] for pattern in patterns]
        keys = self._found[0].parts
        return Prices({key: np.concatenate([one.parts[key] for one in self._found])[at] for key in keys})


def _times(part: Whole, counts: Whole) -> Whole:
    """Add up what patterns add, each as often as it occurs: (cohorts or 1, periods, paths)."""
    flat = part.reshape(part.shape[0], -1)
    most = int(np.abs(flat).max(initial=0)) * int(counts.sum(axis=0).max(initial=0))
    if most < EXACT:  # matrices of float64 are many times as fast as those of whole numbers, and as exact up to here
        summed = (flat.T.astype(np.float64) @ counts.astype(np.float64)).astype(np.int64)
    else:
        summed = flat.T @ counts
    return summed.reshape(*part.shape[1:], counts.shape[1])


def priced(contract: Contract, course: Course, patterns: Sequence[Pattern]) -> Prices:
    """Price patterns by the contract's own conditions: each as one person.

    Raises:
        Refused: the contract cannot read or decide such claims.
    """
    frame = contract.frame
    last = max(period.end.date for period in contract.periods)
    rows = [
        {"person": f"p{number}", **row}
        for number, pattern in enumerate(patterns)
        for row in course.claims(pattern, last)
    ]
    if not rows:
        raise Refused([Finding("nothing happens to anybody before the last period ends", "look at joins and months")])
    claims = claims_of_rows(rows, list(range(1, len(rows) + 1)), "participants", frame)
    evidence = Evidence(contract, (), claims)
    evidence.history()
    decided = evidence.decided[-1]
    who = np.array([int(person[1:]) for person in decided.claims.people], dtype=np.int64)
    found: dict[Key, Whole] = {}
    periods = len(contract.periods)
    for name in evidence.fed:
        verdicts, metric = decided.verdicts[name], frame.metrics[name]
        rows_ = len(frame.cohorts) if metric.by_cohort else 1
        if verdicts.days is not None:
            what = f"days are counted for {name!r}, of which participants' outcomes do not tell"
            raise Refused([Finding(what, "say people and each under metrics")])
        counts = verdicts.period >= 0
        person = who[decided.claims.person[verdicts.claims[counts]]]
        cohort = decided.claims.cohort[verdicts.claims[counts]] if rows_ > 1 else np.zeros(counts.sum(), dtype=np.int64)
        sums = np.zeros((len(patterns), rows_, periods), dtype=np.int64)
        np.add.at(sums, (person, cohort, verdicts.period[counts]), verdicts.units[counts])
        step = frame.scales[name].step
        sums = sums * step.denominator // step.numerator
        measured = np.zeros(periods, dtype=bool)
        measured[list(frame.measured_in(name))] = True
        sums = sums * measured
        found["series", name, ""] = np.cumsum(sums, axis=2) if metric.reports == "to date" else sums
    for name, (limits, paid) in decided.paid.items():
        rule = contract.rule(name)
        by_cohort = frame.metrics[rule.metric or name].by_cohort and not rule.pooled
        person = who[decided.claims.person[paid.claims]]
        after = [("limit", limit, amounts) for limit, amounts in zip(limits, paid.after, strict=True)]
        for kind, limit, amounts in [("due", "", paid.due), *after]:
            sums = np.zeros((len(patterns), len(contract.cohorts), periods), dtype=np.int64)
            np.add.at(sums, (person, paid.cell // periods, paid.cell % periods), amounts)
            found[kind, name, limit] = sums if by_cohort else sums.sum(axis=1, keepdims=True)
    return Prices(found)


def together(contract: Contract, measured: Measured, added: Sequence[Mapping[Key, Whole]]) -> Measured:
    """Lay what groups of participants add beside what was drawn of other metrics."""
    if not added:
        return measured
    total: dict[Key, Whole] = {}
    for one in added:
        for key, part in one.items():
            total[key] = total[key] + part if key in total else part
    frame, series = contract.frame, dict[str, Series]()
    for (kind, name, _), values in total.items():
        if kind != "series":
            continue
        present = np.zeros((values.shape[0], values.shape[1]), dtype=bool)
        present[:, list(frame.measured_in(name))] = True
        series[name] = Series(values, present, frame.scales[name], frame.metrics[name].reports == "to date")
    by_claim = {
        name: ByClaim(due, {limit: left for (k, n, limit), left in total.items() if k == "limit" and n == name})
        for (kind, name, _), due in total.items()
        if kind == "due"
    }
    return replace(measured.with_series(series), by_claim=by_claim)


def groups_of(builder: Builder, spec: Mapping[str, Participants]) -> tuple[Group, ...]:
    """Lay out the groups of participants; faults are noted."""
    found = []
    contract = builder.contract
    for name, participants in spec.items():
        at = ("participants", name)
        people = builder.distribution(participants.people, (*at, "people"), False, 0, MOST_PEOPLE)
        if participants.cohort is not None and participants.cohort not in contract.cohorts:
            what = f"there is no cohort {participants.cohort!r}"
            builder.fault((*at, "cohort"), what, f"name one of {', '.join(contract.cohorts[:12])}")
            continue
        course = course_of(builder, name, participants, at)
        if people is None or course is None:
            continue
        many = (people, None if fixed(people) else builder.rows(f"{name}: people"))
        group = _group(builder, name, participants, course, many)
        if group is not None:
            found.append(group)
    return tuple(found)


def _group(
    builder: Builder, name: str, spec: Participants, course: Course, people: tuple[Distribution, Rows | None]
) -> Group | None:
    contract, at = builder.contract, ("participants", name)
    patterns = course.patterns(MOST_PATTERNS) if spec.drawn == "patterns" else None
    try:
        if patterns is not None:
            prices = priced(contract, course, patterns)
            merged: dict[int, list[Pattern]] = {}
            for pattern, number in zip(patterns, prices.alike().tolist(), strict=True):
                merged.setdefault(number, []).append(pattern)
            middle = [np.array([float(step.chance[0].mean)]) for step in course.steps]

            def weight(members: list[Pattern]) -> float:
                return sum(float(course.likely(pattern, middle)[0]) for pattern in members)

            members = sorted(merged.values(), key=weight, reverse=True)  # the best uniforms decide on the most people
            first = [patterns.index(one[0]) for one in members]
            kept = Prices({key: part[first] for key, part in prices.parts.items()})
            rows = builder.rows(f"{name}: who does what", max(len(members) - 1, 1))
            return Group(name, contract, course, people, rows, tuple(map(tuple, members)), kept)
        most = int(people[0].quantile(np.array([1 - 1e-12]))[0])
        if most > MOST_DRAWN:
            what = f"there are more than {MOST_PATTERNS:,} patterns, and {most:,} people would be drawn one by one"
            builder.fault(at, what, "let fewer things happen, in fewer different months")
            return None
        everything = Pattern(0, tuple(step.wait.months[0] for step in course.steps))
        priced(contract, course, [everything])
        each = len(course.steps) * 2 + 1
        return Group(name, contract, course, people, builder.rows(f"{name}: who does what", most * each), (), None)
    except Refused as refused:
        for finding in refused.findings:
            builder.fault(at, f"{'.'.join(map(str, finding.path))}: {finding.what}".lstrip(": "), finding.remedy)
        return None
