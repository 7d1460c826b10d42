"""From claims to what the rules are fed: counts by cohort and period, and what claims come to one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from payfs.claims.days import count_days
from payfs.claims.decide import Verdicts, decide_claims, only
from payfs.claims.heard import Heard, heard_of
from payfs.claims.pricing import Paid, Purse, paid_by_claim, price_faults
from payfs.claims.table import EPOCH, OPEN, Claims, known_outcomes
from payfs.contract import Contract
from payfs.evidence.counting import Counting
from payfs.evidence.measured import ByClaim, Measured, Series
from payfs.evidence.results import Frame, Result, vintages
from payfs.money import SAFE, Array, refuse_beyond
from payfs.spec import quoted
from payfs.text import Finding, Refused


class Decided(NamedTuple):
    """What became of the claims that were known at one time.

    Attributes:
        time: the place of the period by whose end they were known.
        claims: those that were known.
        verdicts: by metric.
        paid: of each rule that pays claim by claim, its limits for one person and what each claim came to.
        measured: counts and amounts, for the rules.
    """

    time: int
    claims: Claims
    verdicts: Mapping[str, Verdicts]
    paid: Mapping[str, tuple[tuple[str, ...], Paid]]
    measured: Measured


@dataclass(frozen=True)
class Evidence:
    """Everything that was reported: results, and claims if there are any."""

    contract: Contract
    results: tuple[Result, ...]
    claims: Claims | None = None
    as_of: int | None = (
        None  # [days since 1970-01-01] what was reported later is left out; open spells go on until then
    )

    @cached_property
    def fed(self) -> tuple[str, ...]:
        """The metrics that claims give."""
        if self.claims is None:
            return ()
        frame, counted = self.contract.frame, {result.metric for result in self.results}
        known = known_outcomes(frame)
        there = {name for outcome in self.claims.outcomes for name in known[outcome]}
        return tuple(
            name
            for name, metric in frame.metrics.items()
            if metric.worked_out is None and name not in counted and (metric.claims is not None or name in there)
        )

    @cached_property
    def decided(self) -> tuple[Decided, ...]:
        """What was known at each time of reporting that changed something earlier, and at last everything."""
        if self.claims is None:
            return ()
        heard = self.heard
        top = heard.times[-1]
        final = self._decide(top, heard.known(top))
        if len(heard.times) == 1:
            return (final,)
        # a later claim changes how an earlier one was decided only where that may be lost by it, so only the people of
        # whom such, or something late or withdrawn, was reported have to be decided anew for each time; what the others
        # came to by then is part of the last
        theirs = heard.moved
        running = any(self.contract.frame.metrics[name].reports == "to date" for name in self.fed)
        steady = None if running or theirs.mean() > 0.5 else self._decide(top, heard.known(top) & ~theirs).measured
        earlier = []
        for time in heard.times[:-1]:
            measured = self._decide(time, heard.known(time) & (theirs if steady is not None else True)).measured
            measured = measured if steady is None else _together(measured, steady, time)
            earlier.append(Decided(time, final.claims, {}, {}, measured))
        return (*earlier, final)

    @cached_property
    def heard(self) -> Heard:
        """When each claim was heard of."""
        assert self.claims is not None
        return heard_of(self.claims, self.contract.frame, self.results, self.as_of)

    def retold(self, person: int) -> Iterator[Decided]:
        """Decide one person's claims once more, as they were known at each time of reporting and in the end."""
        assert self.claims is not None
        theirs = self.claims.person == person
        for time in self.heard.times:
            yield self._decide(time, self.heard.known(time) & theirs)

    def silent(self) -> dict[str, list[str]]:
        """Return the metrics that others or gates look at, and the periods in which nothing at all was claimed of them.

        Only periods that the claims reach: there, nothing is worked out on them, since silence is not 0.
        """
        if self.claims is None:
            return {}
        asked, last = looked_at(self.contract), self.decided[-1]
        found = {}
        for name in (name for name in self.fed if name in asked):
            there = np.asarray(last.measured.series[name].present.any(axis=0))
            places = [p for p in self.contract.frame.measured_in(name) if p <= last.time and not there[p]]
            if places:
                found[name] = [self.contract.periods[place].name for place in places]
        return found

    def who(self, metric: str) -> tuple[Array, Array] | None:
        """Return whom something counts for: cells (cohort and period as one place) and people, each pair once.

        None where counts give the metric.
        """
        if metric not in self.fed:
            return None
        last, periods = self.decided[-1], len(self.contract.periods)
        verdicts = last.verdicts[metric]
        rows = last.measured.series[metric].present.shape[0]
        if verdicts.who is not None:
            return verdicts.who
        counts = verdicts.units > 0
        places, period = verdicts.claims[counts], np.clip(verdicts.period[counts], 0, periods - 1)
        cohort = last.claims.cohort[places] if rows > 1 else np.zeros(len(places), dtype=np.int64)
        cells, people = np.unique(np.stack([cohort * periods + period, last.claims.person[places]]), axis=1)
        return cells, people

    def history(self) -> list[tuple[int, Measured]]:
        """Return the place of each period of reporting and what was known by then; the last is everything.

        Raises:
            Refused: counts were given where only claims can decide.
        """
        self._check()
        frame = self.contract.frame
        if self.claims is None:
            return [(time, frame.measured(known)) for time, known in vintages(self.results)]
        history = []
        for decided in self.decided:
            known = [result for result in self.results if result.reported <= decided.time]
            counted = frame.measured(known)
            series = {name: decided.measured.series[name] for name in self.fed}
            history.append((decided.time, replace(counted.with_series(series), by_claim=decided.measured.by_claim)))
        return history

    def _check(self) -> None:
        frame, found = self.contract.frame, list[Finding]()
        by_claim = {self.contract.rule(name).metric or name for name in paid_by_claim(self.contract)}
        known, outcomes = known_outcomes(frame), self.claims.outcomes if self.claims is not None else ()
        claimed = {name for outcome in outcomes for name in known[outcome]}
        for name in dict.fromkeys(result.metric for result in self.results):
            words = frame.metrics[name].claims
            if (words is not None and not words.or_counts) or name in by_claim:
                what = f"a count was given of {quoted(name)}, which only claims can decide"
                found.append(
                    self.contract.document.finding(("metrics", name), what, "give a claims file, a row for each person")
                )
            elif name in claimed:
                what = f"both claims and counts were given of {quoted(name)}, and each would count alone"
                found.append(self.contract.document.finding(("metrics", name), what, "give one of them"))
        for name in self.fed:
            if frame.scales[name].step > 1:
                what = f"claims are counted one by one, and the step is {frame.metrics[name].step}"
                found.append(self.contract.document.finding(("metrics", name, "step"), what, "say step: 1"))
        if self.claims is not None:
            found += price_faults(self.contract, self.claims)
        if found:
            raise Refused(found)

    def _claimed(self, made: Verdicts, words: Counting, claims: Claims, rows: int) -> NDArray[np.bool_]:
        """Return where anything was claimed, (rows, periods): elsewhere nothing was reported, which is not 0."""
        frame = self.contract.frame
        present = np.zeros((rows, len(frame.periods)), dtype=bool)
        cohort = claims.cohort[made.claims] if rows > 1 else np.zeros(len(made.claims), dtype=np.int64)
        if words.days is None:
            present[cohort[made.period >= 0], made.period[made.period >= 0]] = True
            return present
        for place, period in enumerate(frame.periods):
            start, end = ((date - EPOCH).days for date in (period.start.date, period.end.date))
            there = (claims.day[made.claims] <= end) & (claims.to[made.claims] >= start)
            present[cohort[there], place] = True
        return present | (made.moved if made.moved is not None else False)

    def _decide(self, time: int, known: NDArray[np.bool_]) -> Decided:
        assert self.claims is not None
        contract = self.contract
        frame, claims = contract.frame, self.claims if known.all() else only(self.claims, known)
        purse = Purse(contract, claims)
        verdicts = decide_claims(claims, frame, purse)
        series: dict[str, Series] = {}
        for name in self.fed:
            metric = frame.metrics[name]
            rows = len(frame.cohorts) if metric.by_cohort else 1
            words = metric.claims or Counting()
            places = list(frame.measured_in(name))
            if words.days is not None:
                values, verdicts[name] = count_days(name, words, claims, frame, rows, time, self.as_of)
            else:
                values = _totals(verdicts[name], claims, frame, rows)
            present = self._claimed(verdicts[name], words, claims, rows)
            if words.if_none is not None:
                over = frame.spans[1] <= (OPEN if self.as_of is None else self.as_of)
                present |= over  # silence is 0, and a correction where something was claimed before
            present[:, [place for place in range(len(frame.periods)) if place > time or place not in places]] = False
            step = frame.scales[name].step
            if step != 1:
                exact = values.astype(object) * step.denominator // step.numerator
                values = refuse_beyond(exact, SAFE).astype(np.int64)
            running = metric.reports == "to date"  # then each figure counts from the start again, as a count would
            values = np.cumsum(values, axis=1) if running else values
            series[name] = Series(values * present[:, :, None], present, frame.scales[name], running)
        by_cohort = {}
        for name in paid_by_claim(contract):
            rule = contract.rule(name)
            by_cohort[name] = frame.metrics[rule.metric or name].by_cohort and not rule.pooled
        measured = replace(frame.empty(), series=series, by_claim=purse.totals(by_cohort))
        paid = {name: (tuple(limit.name for limit in limits), one) for name, limits, one in purse.by_rule()}
        return Decided(time, claims, verdicts, paid, measured)


def looked_at(contract: Contract) -> set[str]:
    """Return the metrics that other metrics, gates or baselines look at: where nothing is said of one, it is not 0."""
    spec = contract.spec
    found = {name for metric in spec.metrics.values() for _, name in metric.operands()}
    for rule in spec.rules.values():
        found |= {name for _, name in rule.gate.metrics()} if rule.gate is not None else set()
        found |= {rule.baseline.metric} if rule.baseline is not None and rule.baseline.metric else set()
    return found


def _together(some: Measured, others: Measured, time: int) -> Measured:
    """Add what some people came to by a time and what others came to in the periods until then."""

    def until(array: Array) -> Array:
        cut = array.copy()
        cut[:, time + 1 :] = 0
        return cut

    series = {
        name: replace(one, values=one.values + until(two.values), present=one.present | until(two.present))
        for name, one in some.series.items()
        for two in (others.series[name],)
    }
    by_claim = {}
    for name, made in some.by_claim.items():
        other = others.by_claim[name]
        limits = {limit: left + until(other.limits[limit]) for limit, left in made.limits.items()}
        by_claim[name] = ByClaim(made.due + until(other.due), limits)
    return replace(some, series=series, by_claim=by_claim)


def _totals(verdicts: Verdicts, claims: Claims, frame: Frame, rows: int) -> Array:
    """Add up what counts by cohort and period, (rows, periods, 1) [units]."""
    shape = (rows, len(frame.periods))
    cohort = claims.cohort[verdicts.claims] if rows > 1 else np.zeros(len(verdicts.claims), dtype=np.int64)
    cell = cohort * shape[1] + np.maximum(verdicts.period, 0)
    sums = np.zeros(shape[0] * shape[1], dtype=np.int64)
    np.add.at(sums, cell, verdicts.units)
    return sums.reshape(*shape, 1)
