"""Participants whose claims decide what is paid, without drawing participants.

People who are alike are exchangeable: only how many of them went through each pattern of outcomes matters. Each pattern
is priced once, by the contract's own conditions and limits for one person, and how many people have it is multinomial.
Where there are too many patterns, people are drawn one by one, and only the patterns that turn up are priced.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from payfs.claims.measure import Evidence
from payfs.claims.pricing import paid_by_claim, person_limits
from payfs.claims.rows import claims_of_rows
from payfs.claims.table import known_outcomes
from payfs.contract import Contract
from payfs.evidence.measured import ByClaim, Measured, Series
from payfs.simulate.builder import Builder, Rows, drawn, fixed
from payfs.simulate.distributions import Distribution
from payfs.simulate.gaps import to_assume
from payfs.simulate.model import Floats
from payfs.simulate.outcomes import Course, Pattern, course_of
from payfs.simulate.sums import MOST_PEOPLE, multinomial
from payfs.simulate.written import Participants
from payfs.spec import UnknownTerm
from payfs.text import Finding, Refused

MOST_PATTERNS = 3000
MOST_DRAWN = 20_000  # participants that are drawn one by one
EXACT = 2**53  # up to here a float64 holds every whole number

Whole = NDArray[np.int64]
Key = tuple[str, str, str]  # what it is (series | due | limit), of which metric or rule, and of which limit


class Prices(NamedTuple):
    """What each of some patterns adds.

    Attributes:
        parts: by what it is, (patterns, cohorts or 1, periods) [steps or minor units]; whatever the patterns are, the
            keys, their order and the shapes beyond the patterns are the same.
    """

    parts: Mapping[Key, Whole]

    def alike(self) -> NDArray[np.int64]:
        """Return for each pattern the number of those that add the same, (patterns,)."""
        flat = np.concatenate([part.reshape(part.shape[0], -1) for part in self.parts.values()], axis=1)
        numbers: NDArray[np.int64] = np.unique(flat, axis=0, return_inverse=True)[1].reshape(-1)
        return numbers


class Added(NamedTuple):
    """What a group adds: a rate card has many periods, and in few of them anything happens.

    Attributes:
        shape: (cohorts or 1, periods).
        cells: the places where there is something, as if both axes were one.
        values: (cells, paths) [steps or minor units].
    """

    shape: tuple[int, ...]
    cells: Whole
    values: Whole


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
        believed: the metrics of which something else is believed, and which no claims give.
    """

    name: str
    contract: Contract
    course: Course
    people: tuple[Distribution, Rows | None]
    sampling: Rows
    members: tuple[tuple[Pattern, ...], ...]
    prices: Prices | None
    believed: frozenset[str] = frozenset()
    _priced: dict[Pattern, dict[Key, Whole]] = field(default_factory=dict, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        """Go to another process without the prices of what turned up here."""
        return {**self.__dict__, "_priced": {}}

    def add(self, uniforms: Floats) -> dict[Key, Added]:
        """Return what the group adds."""
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

    def _one_by_one(self, uniforms: Floats, many: Whole, chances: Sequence[Floats]) -> dict[Key, Added]:
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
            codes.append(np.where(happens, np.minimum(which, len(step.wait.whens) - 1), -1))
        there = np.arange(len(u)).reshape(-1, 1) < many
        drawn_ = [code[there] for code in codes]
        key, size = drawn_[0], len(self.course.joins)
        for step, code in zip(self.course.steps, drawn_[1:], strict=True):
            if size > EXACT // (len(step.wait.whens) + 1):  # number those that there are anew, before they overflow
                there_are, key = np.unique(key, return_inverse=True)
                size = len(there_are)
            key = key * (len(step.wait.whens) + 1) + code + 1
            size *= len(step.wait.whens) + 1
        _, first, index = np.unique(key, return_index=True, return_inverse=True)
        prices = self._price([self._pattern([int(code[at]) for code in drawn_]) for at in first.tolist()])
        path = np.broadcast_to(np.arange(paths), there.shape)[there]
        counts = np.bincount(index * paths + path, minlength=len(first) * paths).reshape(len(first), paths)
        return {key: _times(part, counts) for key, part in prices.parts.items()}

    def _pattern(self, code: list[int]) -> Pattern:
        pairs = zip(self.course.steps, code[1:], strict=True)
        return Pattern(code[0], tuple(None if at < 0 else step.wait.whens[at] for step, at in pairs))

    def _price(self, patterns: list[Pattern]) -> Prices:
        # several threads may price a pattern at a time, which does no harm: each comes to the same
        new = [pattern for pattern in patterns if pattern not in self._priced]
        if new:
            made = priced(self.contract, self.course, new, self.believed).parts
            for at, pattern in enumerate(new):
                self._priced[pattern] = {key: part[at] for key, part in made.items()}
        each = [self._priced[pattern] for pattern in patterns]
        if not each:
            return priced(self.contract, self.course, [], self.believed)
        return Prices({key: np.stack([one[key] for one in each]) for key in each[0]})


def _times(part: Whole, counts: Whole) -> Added:
    """Add up what patterns add, each as often as it occurs."""
    flat = part.reshape(part.shape[0], -1)
    busy = np.flatnonzero(flat.any(axis=0))
    flat = flat[:, busy]
    most = int(np.abs(flat).max(initial=0)) * int(counts.sum(axis=0).max(initial=0))
    if most < EXACT:  # matrices of float64 are many times as fast as those of whole numbers, and as exact up to here
        summed = (flat.T.astype(np.float64) @ counts.astype(np.float64)).astype(np.int64)
    else:
        summed = flat.T @ counts
    return Added(part.shape[1:], busy, summed)


def fed_by(contract: Contract, outcomes: Collection[str], believed: Collection[str] = ()) -> tuple[str, ...]:
    """Return the metrics that participants with such outcomes give; of those that only claims give, nothing is 0.

    Args:
        contract: whose metrics.
        outcomes: as claims call them.
        believed: the metrics of which something else is believed.
    """
    known, frame = known_outcomes(contract.frame), contract.frame
    there = {name for outcome in outcomes for name in known.get(outcome, ())}
    return tuple(
        name
        for name, metric in frame.metrics.items()
        if metric.worked_out is None and name not in believed and (metric.claims is not None or name in there)
    )


def priced(contract: Contract, course: Course, patterns: Sequence[Pattern], believed: Collection[str] = ()) -> Prices:
    """Price patterns by the contract's own conditions: each as one person.

    Args:
        contract: whose conditions.
        course: what may happen.
        patterns: what happened to each.
        believed: the metrics of which something else is believed, and which no claims give.

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
    found = _nothing(contract, course, len(patterns), believed)
    if not rows:
        return Prices(found)
    claims = claims_of_rows(rows, list(range(1, len(rows) + 1)), "participants", frame)
    evidence = Evidence(contract, (), claims)
    evidence.history()
    if len(evidence.decided) > 1:
        what = "an event takes back what was claimed and paid before, which participants' outcomes do not tell"
        raise Refused([Finding(what, "take it out, or say what is believed of the metric under metrics")])
    decided = evidence.decided[-1]
    who = np.array([int(person[1:]) for person in decided.claims.people], dtype=np.int64)
    periods = len(contract.periods)
    for _, name, _ in [key for key in found if key[0] == "series"]:
        if name not in decided.verdicts:  # none of the patterns has a claim that it looks at
            continue
        verdicts, metric = decided.verdicts[name], frame.metrics[name]
        rows_ = len(frame.cohorts) if metric.by_cohort else 1
        counts = verdicts.period >= 0
        person = who[decided.claims.person[verdicts.claims[counts]]]
        cohort = decided.claims.cohort[verdicts.claims[counts]] if rows_ > 1 else np.zeros(counts.sum(), dtype=np.int64)
        sums = found["series", name, ""]
        np.add.at(sums, (person, cohort, verdicts.period[counts]), verdicts.units[counts])
        step = frame.scales[name].step
        sums = sums * step.denominator // step.numerator
        measured = np.zeros(periods, dtype=bool)
        measured[list(frame.measured_in(name))] = True
        found["series", name, ""] = (np.cumsum(sums, axis=2) if metric.reports == "to date" else sums) * measured
    for name, (limits, paid) in decided.paid.items():
        if ("due", name, "") not in found:
            continue
        by_cohort = _by_cohort(contract, name)
        person = who[decided.claims.person[paid.claims]]
        after = [("limit", limit, amounts) for limit, amounts in zip(limits, paid.after, strict=True)]
        for kind, limit, amounts in [("due", "", paid.due), *after]:
            sums = np.zeros((len(patterns), len(contract.cohorts), periods), dtype=np.int64)
            np.add.at(sums, (person, paid.cell // periods, paid.cell % periods), amounts)
            found[kind, name, limit] = sums if by_cohort else sums.sum(axis=1, keepdims=True)
    return Prices(found)


def _by_cohort(contract: Contract, rule: str) -> bool:
    words = contract.rule(rule)
    return contract.frame.metrics[words.metric or rule].by_cohort and not words.pooled


def _nothing(contract: Contract, course: Course, patterns: int, believed: Collection[str]) -> dict[Key, Whole]:
    """Lay out what patterns may add, with nothing in it."""
    frame, periods, found = contract.frame, len(contract.periods), dict[Key, Whole]()
    fed = fed_by(contract, [step.claimed for step in course.steps], believed)
    for name in fed:
        if (words := frame.metrics[name].claims) is not None and words.days is not None:
            what = f"days are counted for {name!r}, of which participants' outcomes do not tell"
            raise Refused([Finding(what, "say people and each under metrics")])
        rows = len(frame.cohorts) if frame.metrics[name].by_cohort else 1
        found["series", name, ""] = np.zeros((patterns, rows, periods), dtype=np.int64)
    limits = [name for name, _ in person_limits(contract)]
    for name in paid_by_claim(contract):
        rule = contract.rule(name)
        if (rule.metric or name) not in fed:
            continue
        rows = len(contract.cohorts) if _by_cohort(contract, name) else 1
        own = [one for one in limits if not rule.returned and _covers(contract, one, name)]
        for kind, limit in [("due", ""), *(("limit", limit) for limit in own)]:
            found[kind, name, limit] = np.zeros((patterns, rows, periods), dtype=np.int64)
    return found


def _covers(contract: Contract, limit: str, rule: str) -> bool:
    rules = next(words for name, words in person_limits(contract) if name == limit).rules
    return rules is None or rule in rules


def together(contract: Contract, measured: Measured, added: Sequence[Mapping[Key, Added]]) -> Measured:
    """Lay what groups of participants add beside what was drawn of other metrics."""
    if not added:
        return measured
    total: dict[Key, Whole] = {}
    for one in added:
        for key, part in one.items():
            if key not in total:
                total[key] = np.zeros((*part.shape, measured.paths), dtype=np.int64)
            total[key].reshape(-1, measured.paths)[part.cells] += part.values
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


def groups_of(
    builder: Builder, spec: Mapping[str, Participants], believed: frozenset[str] = frozenset()
) -> tuple[Group, ...]:
    """Lay out the groups of participants; faults are noted.

    Args:
        builder: what has been laid out so far.
        spec: the groups, as written.
        believed: the metrics of which something else is believed.
    """
    found = []
    contract = builder.contract
    for name, participants in spec.items():
        at = ("participants", name)
        people = builder.distribution(participants.people, (*at, "people"), False, 0, MOST_PEOPLE)
        if participants.cohort is not None and participants.cohort not in contract.cohorts:
            what = f"there is no cohort {participants.cohort!r}"
            builder.fault((*at, "cohort"), what, f"name one of {', '.join(contract.cohorts[:12])}")
            continue
        if participants.cohort is None and len(contract.cohorts) > 1 and "cohort" not in participants.columns:
            remedy = f"say cohort: one of {', '.join(contract.cohorts[:12])}"
            builder.fault(at, "nothing says to which of the contract's cohorts they belong", remedy)
            continue
        if people is not None and fixed(people) and people.least != np.rint(people.least):
            builder.fault((*at, "people"), f"{people.least:g} is no whole number of people", "write a whole number")
        course = course_of(builder, name, participants, at)
        if people is None or course is None:
            continue
        many = (people, None if fixed(people) else builder.rows(f"{name}: how many people"))
        group = _group(builder, name, participants, course, many, believed)
        if group is not None:
            found.append(group)
    return tuple(found)


def _group(
    builder: Builder,
    name: str,
    spec: Participants,
    course: Course,
    people: tuple[Distribution, Rows | None],
    believed: frozenset[str],
) -> Group | None:
    contract, at = builder.contract, ("participants", name)
    last = max(period.end.date for period in contract.periods)
    if not any(True for pattern in course.ends() for _ in course.claims(pattern, last)):
        what = "nothing happens to anybody before the last period ends"
        builder.fault(at, what, "look at joins and months")
        return None
    patterns = course.patterns(MOST_PATTERNS) if spec.drawn == "patterns" else None
    try:
        if patterns is not None:
            prices = priced(contract, course, patterns, believed)
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
            return Group(name, contract, course, people, rows, tuple(map(tuple, members)), kept, believed)
        most = int(people[0].quantile(np.array([1 - 1e-12]))[0])
        if most > MOST_DRAWN:
            what = f"there are more than {MOST_PATTERNS:,} patterns, and {most:,} people would be drawn one by one"
            builder.fault(at, what, "let fewer things happen, in fewer different months")
            return None
        priced(contract, course, course.ends(), believed)
        each = len(course.steps) * 2 + 1
        return Group(
            name, contract, course, people, builder.rows(f"{name}: who does what", most * each), (), None, believed
        )
    except UnknownTerm as error:
        builder.found += to_assume(contract, error.paths)
        return None
    except Refused as refused:
        for finding in refused.findings:
            builder.fault(at, f"{'.'.join(map(str, finding.path))}: {finding.what}".lstrip(": "), finding.remedy)
        return None
