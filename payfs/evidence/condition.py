"""Conditions on what was measured: the words of gates and of targets that are met or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from operator import and_, or_
from typing import Literal, NamedTuple

import numpy as np
from pydantic import Field

from payfs.evidence.measured import Flags, Measured, Series
from payfs.line import Fact, Line, said
from payfs.scale import OffScale, Scale
from payfs.spec import Name, Problem, Quantity, Spec, quoted, spoken, under


class Verdict(NamedTuple):
    """What a condition came to.

    Attributes:
        met: where it is met, (cohorts or 1, periods, paths).
        known: where the results that decide it are there, of the same shape.
        line: the same, to be read aloud; its amount is 1 where met.
    """

    met: Flags
    known: Flags
    line: Line


Of = Literal["each cohort", "pooled", "every cohort", "any cohort"]


class Condition(Spec):
    """A metric stands within ends, or several conditions hold together."""

    metric: Name | None = None
    from_: Quantity | None = Field(None, alias="from")
    above: Quantity | None = None
    below: Quantity | None = None
    up_to: Quantity | None = None
    of: Of = "each cohort"
    at: Name | None = None
    counts: Literal["each period", "to date"] = "each period"
    all_of: tuple[Condition, ...] | None = None
    any_of: tuple[Condition, ...] | None = None
    none_of: tuple[Condition, ...] | None = None

    @property
    def nested(self) -> tuple[str, tuple[Condition, ...]] | None:
        """The word and the conditions under it, if this one is made of others."""
        for word in ("all_of", "any_of", "none_of"):
            conditions = getattr(self, word)
            if conditions is not None:
                return word, conditions
        return None

    def metrics(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Yield the metrics that are asked for, with their places."""
        if self.metric is not None:
            yield ("metric",), self.metric
        if self.nested:
            word, conditions = self.nested
            for place, condition in enumerate(conditions):
                for path, name in condition.metrics():
                    yield (word, place, *path), name

    def parts(self) -> Iterator[Condition]:
        """Yield this condition and those it is made of."""
        yield self
        for condition in self.nested[1] if self.nested else ():
            yield from condition.parts()

    def said(self, scales: Mapping[str, Scale], inner: bool = False) -> str:
        """Say the condition in words; ``inner``: as one of several, which then stand in brackets."""
        if self.nested:
            word, conditions = self.nested
            texts = [condition.said(scales, len(conditions) > 1) for condition in conditions]
            joined = {"all_of": ", and ", "any_of": ", or ", "none_of": ", nor that "}[word].join(texts)
            if word == "none_of":
                joined = f"it is not the case that {joined}"
            return f"({joined})" if inner and (len(texts) > 1 or word == "none_of") else joined
        assert self.metric is not None
        scale = scales[self.metric]
        ends = "yes" if scale.yes_no else scale.within(self.from_, self.above, self.below, self.up_to)
        running = " to date" if self.counts == "to date" else ""
        whose = {
            "each cohort": "",
            "pooled": " of all cohorts together",
            "every cohort": " of every cohort",
            "any cohort": " of at least one cohort",
        }[self.of]
        when = f" in {spoken(self.at)}" if self.at else ""
        return f"{spoken(self.metric)}{running}{whose}{when} is {ends}"

    def problems(self, scales: Mapping[str, Scale], periods: Callable[[str], bool], cohorts: bool) -> Iterator[Problem]:
        """Find a condition that says nothing, too much, or what the metric's scale cannot show."""
        ends = [key for key in ("from_", "above", "below", "up_to") if getattr(self, key) is not None]
        nested = [key for key in ("all_of", "any_of", "none_of") if getattr(self, key) is not None]
        if len(nested) + (self.metric is not None) != 1:
            yield Problem((), "a condition needs one metric, or one of all_of, any_of and none_of", "say which")
            return
        if self.nested:
            word, conditions = self.nested
            if ends or self.at or self.of != "each cohort":
                yield Problem((word,), f"ends stand beside {word}", "move them to the conditions under it")
            if not conditions:
                yield Problem((word,), f"{word} lists no conditions", "list at least one")
            for place, condition in enumerate(conditions):
                yield from under(condition.problems(scales, periods, cohorts), word, place)
            return
        assert self.metric is not None
        if not ends and not (self.metric in scales and scales[self.metric].yes_no):
            yield Problem((), f"nothing says when {quoted(self.metric)} is enough", "say from, above, up_to or below")
        if self.at is not None and not periods(self.at):
            yield Problem(("at",), f"there is no period {quoted(self.at)}", "name one of the contract's periods")
        if self.of != "each cohort" and not cohorts:
            yield Problem(("of",), f"of: {self.of} asks about cohorts, but the contract has none", "leave it out")
        scale = scales.get(self.metric)
        if scale is None:
            return  # reported as a missing reference
        if self.of == "pooled" and scale.percent:
            yield Problem(
                ("of",),
                "percentages of several cohorts cannot be added up",
                "use a metric that is worked out from pooled counts, or of: every cohort, or any cohort",
            )
        if scale.yes_no and ends:
            yield Problem(
                (), f"{quoted(self.metric)} is yes or no, and needs no {ends[0].strip('_')}", "name the metric only"
            )
            return
        for key in ends:
            try:
                scale.steps(getattr(self, key))
            except OffScale as error:
                yield Problem((key.strip("_"),), error.what, error.remedy)

    def judge(self, measured: Measured) -> Verdict:
        """Judge the condition for every cohort, period and path; what is not known is not met."""
        if self.nested:
            word, conditions = self.nested
            verdicts = [condition.judge(measured) for condition in conditions]
            mets, fails = [v.met for v in verdicts], [v.known & ~v.met for v in verdicts]
            # what the results that are there decide is known, whatever is still missing
            met, failed = {
                "all_of": lambda: (reduce(and_, mets), reduce(or_, fails)),
                "any_of": lambda: (reduce(or_, mets), reduce(and_, fails)),
                "none_of": lambda: (reduce(and_, fails), reduce(or_, mets)),
            }[word]()
            known = met | failed
            words = {"all_of": "all of these", "any_of": "one of these", "none_of": "none of these"}[word]
            return Verdict(
                met, known, self._line(measured, met, known, {"what": said(words)}, [v.line for v in verdicts])
            )
        assert self.metric is not None
        series = measured.series[self.metric]
        if self.of == "pooled":
            series = series.pooled()
        if self.counts == "to date":
            series = series.to_date()
        if self.at is not None:
            series = _in_period(series, [place for place, name in enumerate(measured.periods) if name == self.at][-1])
        x, scale = series.values, series.scale
        met = np.asarray(x != 0 if scale.yes_no else np.ones(x.shape), dtype=bool)
        if self.from_ is not None:
            met = met & (x >= scale.steps(self.from_))
        if self.above is not None:
            met = met & (x > scale.steps(self.above))
        if self.below is not None:
            met = met & (x < scale.steps(self.below))
        if self.up_to is not None:
            met = met & (x <= scale.steps(self.up_to))
        known = np.broadcast_to(series.present[:, :, None], met.shape)
        met = met.astype(bool) & known
        if self.of in ("every cohort", "any cohort"):
            met_by, failed_by = (np.logical_and, np.logical_or)[:: 1 if self.of == "every cohort" else -1]
            failed = np.asarray(failed_by.reduce(known & ~met, axis=0, keepdims=True))
            met = np.asarray(met_by.reduce(met, axis=0, keepdims=True))
            known = met | failed
        facts = {"what": said(self.said({self.metric: scale}))}
        if x.shape[0] == met.shape[0]:
            facts["x"] = Fact(x, scale.show)
        return Verdict(met, known, self._line(measured, met, known, facts, []))

    def _line(self, measured: Measured, met: Flags, known: Flags, facts: Mapping[str, Fact], parts: list[Line]) -> Line:
        def why(figures: Mapping[str, int]) -> str:
            if not figures["known"]:
                return "asked for: {what}; no result is known yet"
            verdict = "this is met" if figures["met"] else "this is not met"
            return f"asked for: {{what}}; {'measured: {x}; ' if 'x' in figures else ''}{verdict}"

        flags = {"met": Fact(met, str), "known": Fact(known, str)}
        return Line(
            "condition", met, why, {**facts, **flags}, tuple(parts), show=lambda yes: "met" if yes else "not met"
        )


def _in_period(series: Series, period: int) -> Series:
    """Let one period's value stand for all periods from then on; before, nobody could know it."""
    values = np.broadcast_to(series.values[:, period : period + 1], series.values.shape)
    from_then = np.arange(series.present.shape[1]) >= period
    present = np.asarray(series.present[:, period : period + 1] & from_then)
    return Series(values, present, series.scale, series.running)
