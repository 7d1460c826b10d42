"""What a scenario says of a metric, checked and laid out so that it can be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from payfs.scale import Scale
from payfs.simulate.builder import Builder, Rows, fixed
from payfs.simulate.cells import Cell, split
from payfs.simulate.distributions import Distribution
from payfs.simulate.evaluation import error_of
from payfs.simulate.part import LARGE, Moving, Part, Shared
from payfs.simulate.people import GROUPS, Crowd, crowd_of
from payfs.simulate.sums import sum_of
from payfs.simulate.written import DAYS, MetricBelief, Trend
from payfs.text import Path, suggest

MERE = 1e-6
"""A chance that so many paths do not show."""

MOST_DRAWN = 200_000  # people, over all periods, that are drawn one by one


def parts_of(
    builder: Builder, name: str, belief: MetricBelief, metric: str, cells: Sequence[Cell], at: Path
) -> list[Part]:
    """Lay out what is believed of a metric; faults are noted."""
    frame = builder.contract.frame
    for key, entries in (("by_cohort", belief.by_cohort), ("by_period", belief.by_period)):
        if entries is None:
            continue
        if len(belief.model_fields_set - {"what", "note", "source"}) > 1:
            builder.fault(at, f"{key} stands beside other keys", f"write them under each entry of {key}")
            return []
        if key == "by_cohort" and not frame.metrics[metric].by_cohort and len(frame.cohorts) > 1:
            what = "the contract has one result of the metric for all cohorts together"
            builder.fault((*at, key), what, "say what is believed of that one")
            return []
        parts = []
        for entry, inner, places in split(builder, key, entries, cells, (*at, key)):
            mine = [cells[place] for place in places]
            parts += parts_of(builder, f"{name} ({entry})", inner, metric, mine, (*at, key, entry))
        return parts
    made = _Laying(builder, name, metric, belief, frame.scales[metric], tuple(cells), at).part()
    return [] if made is None else [made]


@dataclass
class _Laying:
    """Lays one part out."""

    builder: Builder
    name: str
    metric: str
    belief: MetricBelief
    scale: Scale
    cells: tuple[Cell, ...]
    at: Path

    def part(self) -> Part | None:
        belief, before = self.belief, len(self.builder.found)
        how = "value" if belief.value is not None else "sum" if belief.each is not None else "count"
        said = [key for key in ("value", "chance", "each") if getattr(belief, key) is not None]
        if not said or (len(said) > 1 and "value" in said):
            what = "what is believed is said twice" if said else "nothing is said of what is believed"
            self.builder.fault(self.at, what, "say value; or chance, each or both, with people")
            return None
        for key in ("people", "chance", "each", "times", "together", "dropout", "evaluation", "of"):
            self._belongs(key, how)
        part = getattr(self, f"_{how}")()
        return part if len(self.builder.found) == before else None

    def _belongs(self, key: str, how: str) -> None:
        goes = {
            "people": ("count", "sum"), "dropout": ("count", "sum"), "chance": ("count", "sum"), "each": ("sum",),
            "times": ("sum",), "together": ("sum",), "evaluation": ("value",), "of": ("value",),
        }[key]  # fmt: skip
        if getattr(self.belief, key) is not None and how not in goes:
            beside = {"value": "value", "count": "chance", "sum": "each"}[how]
            self.builder.fault((*self.at, key), f"{key} means nothing beside {beside}", "take one of them out")

    def _at(self, key: str) -> Path:
        """Return the place of a key; that of the metric, where a belief by itself stands for its value."""
        data = self.builder.document.data
        for step in self.at:
            data = data[step]
        return (*self.at, key) if isinstance(data, dict) and key in data else self.at

    def _shared(self, key: str, label: str, by_default: str | None, **bounds: float | bool | None) -> Shared | None:
        made = self.builder.distribution(getattr(self.belief, key), self._at(key), **bounds)  # type: ignore[arg-type]
        if made is None:
            return None
        group = self._groups(made, key, by_default)
        rows = None if fixed(made) else self.builder.rows(label, int(group.max()) + 1)
        return Shared(made, rows, group)

    def _groups(self, made: Distribution, key: str, by_default: str | None) -> NDArray[np.int64]:
        varies = self.belief.varies or by_default
        if varies is None:
            varies = "once"
            if len(self.cells) > 1 and not fixed(made):
                what = f"there are {len(self.cells)} results, and nothing says whether each has a draw of its own"
                remedy = "say varies: once, each period, each cohort, or each period and cohort"
                self.builder.fault(self._at(key), what, remedy)
        places: dict[tuple[int, int], int] = {}
        group = []
        for cell in self.cells:
            key_ = (cell.place if "period" in varies else -1, cell.row if "cohort" in varies else -1)
            group.append(places.setdefault(key_, len(places)))
        return np.array(group, dtype=np.int64)

    def _moving(self) -> Moving | None:
        trend: Trend | None = self.belief.trend
        if trend is None:
            return None
        at = (*self.at, "trend")
        if (trend.grows is None) == (trend.adds is None):
            self.builder.fault(at, "the trend is said twice, or not at all", "say grows: a share, or adds: an amount")
            return None
        key, belief = ("grows", trend.grows) if trend.grows is not None else ("adds", trend.adds)
        percent = key == "grows" or self.scale.percent or (self.belief.chance is not None and self.belief.each is None)
        assert belief is not None
        made = self.builder.distribution(belief, (*at, key), percent, -1 if key == "grows" else -np.inf)
        if made is None:
            return None
        rows = None if fixed(made) else self.builder.rows(f"{self.name}: trend")
        order = np.array([cell.order for cell in self.cells], dtype=np.int64)
        return Moving(Shared(made, rows, np.zeros_like(order)), key == "grows", order - order.min())

    def _value(self) -> Part | None:
        percent = self.scale.percent
        if self.scale.yes_no:
            remedy = "say chance: how likely it is"
            self.builder.fault(self._at("value"), "the metric is yes or no, and has no value", remedy)
            return None
        of = self._of()
        main = self._shared("value", self.name, None, percent=True if of else percent)
        if main is not None and of is None and self.belief.evaluation is None and self.belief.trend is None:
            main = self._possible(main)
        moving, error = self._moving(), None
        if main is not None and self.belief.evaluation is not None:
            at = (*self.at, "evaluation")
            error = error_of(self.builder, self.name, self.belief.evaluation, self.scale, main.group, at)
        if main is None:
            return None
        return Part(self.name, self.cells, self.scale, "value", main, moving=moving, error=error, of=of)

    def _of(self) -> str | None:
        """Return the metric of which the value is a share; None with a fault noted, or where it stands by itself."""
        of, frame, at = self.belief.of, self.builder.contract.frame, (*self.at, "of")
        if of is None:
            return None
        others = [name for name, metric in frame.metrics.items() if not metric.worked_out and name != self.metric]
        if of not in others:
            hint = suggest(of, others) or f"name one of {', '.join(others[:12]) or 'the others: there are none'}"
            self.builder.fault(at, f"there is no other metric {of!r} that is reported", hint)
        elif frame.scales[of].yes_no or self.scale.yes_no or frame.scales[of].percent != self.scale.percent:
            self.builder.fault(at, f"{of!r} is not in the metric's unit", "name a metric in the same unit")
        elif not set(frame.measured_in(of)) >= {cell.place for cell in self.cells}:
            self.builder.fault(at, f"{of!r} is not measured in all of these periods", "name one that is")
        elif frame.metrics[of].by_cohort != frame.metrics[self.metric].by_cohort:
            what = f"one of them and {of!r} is measured by cohort, and the other is not"
            self.builder.fault(at, what, "name one that is measured alike")
        elif self.belief.evaluation is not None:
            self.builder.fault(at, "an evaluation measures an effect, and not a share of a result", "take one out")
        return of

    def _possible(self, main: Shared) -> Shared | None:
        """Hold a value that is measured as it is to what the metric can be."""
        worth, made = float(self.scale.worth), main.distribution
        low = -np.inf if self.scale.least is None else self.scale.least * worth
        high = np.inf if self.scale.most is None else self.scale.most * worth
        inside = made.cdf(np.array([np.nextafter(low, -np.inf), high]))
        if made.least >= low - worth / 2 and made.most < high + worth / 2:
            return main
        if 1 - (inside[1] - inside[0]) < MERE:  # it is put on the end then, which nobody can tell apart
            return main
        assert self.belief.value is not None
        held = self.builder.distribution(self.belief.value, self._at("value"), self.scale.percent, low, high)
        return None if held is None else replace(main, distribution=held)

    def _crowd(self, lasting: Sequence[float] | None = None) -> Crowd | None:
        if self.belief.people is None:
            self.builder.fault(self.at, "nothing says how many people there are", "say people")
            return None
        at = (*self.at, "people")
        return crowd_of(self.builder, self.name, self.belief.people, self.belief.dropout, self.cells, at, lasting)

    def _sampling(self, crowd: Crowd | None) -> tuple[Rows, ...]:
        label = f"{self.name}: who succeeds" if self.belief.each is None else f"{self.name}: what each adds"
        return self._rows(label, crowd)

    def _rows(self, label: str, crowd: Crowd | None) -> tuple[Rows, ...]:
        """Take uniforms for each result: one, or one for each person where people are drawn."""
        if self.belief.drawn == "sums" or crowd is None:
            ramps = (crowd is not None and crowd.ramps(number) for number in range(len(self.cells)))
            return tuple(self.builder.rows(label, 1 + GROUPS if ramp else 1) for ramp in ramps)
        if crowd.most * len(self.cells) > MOST_DRAWN:
            what = f"{crowd.most * len(self.cells):,} people would be drawn one by one"
            self.builder.fault((*self.at, "drawn"), what, "say drawn: sums, which comes to the same")
            return ()
        return tuple(self.builder.rows(label, crowd.most) for _ in self.cells)

    def _count(self) -> Part | None:
        yes_no = self.scale.yes_no and self.belief.people is None
        main = self._shared("chance", f"{self.name}: chance", "once", percent=True, least=0, most=1)
        moving = self._moving()
        crowd = None if yes_no else self._crowd()
        if self.scale.money is not None or self.scale.yes_no != yes_no:
            what = "a number of people is believed, and the metric counts nobody"
            self.builder.fault(self._at("chance"), what, self._instead())
        if main is None or (crowd is None and not yes_no):
            return None
        one, how = self.belief.drawn == "people", "share" if self.scale.percent else "count"
        return Part(self.name, self.cells, self.scale, how, main, crowd, moving, self._sampling(crowd), one_by_one=one)

    def _sum(self) -> Part | None:
        builder, belief = self.builder, self.belief
        assert belief.each is not None
        days = belief.times == DAYS
        # where the contract counts no less than nothing, nobody adds less; and no day has more than a day
        least = 0.0 if self.scale.least is not None and self.scale.least >= 0 else -np.inf
        single = builder.distribution(belief.each, self._at("each"), None, least, 1.0 if days else np.inf)
        times = self._times()
        crowd, moving = self._crowd(times if days else None), self._moving()
        together = None
        if belief.together is not None:
            together = self._shared("together", f"{self.name}: together", "once", percent=True, least=0)
        main: Shared | None = None
        chosen: tuple[Rows, ...] = ()
        if belief.chance is not None:
            main = self._shared("chance", f"{self.name}: chance", "once", percent=True, least=0, most=1)
            chosen = self._rows(f"{self.name}: who succeeds", crowd)
        if self.scale.percent or self.scale.yes_no:
            what = "people are added up, and the metric is no sum over people"
            builder.fault(self._at("each"), what, self._instead())
        if single is None or crowd is None or (belief.chance is not None and main is None):
            return None
        part = Part(
            self.name, self.cells, self.scale, "sum", main, crowd, moving, self._sampling(crowd), single,
            tuple(number / float(self.scale.worth) for number in times), together, one_by_one=belief.drawn == "people",
            chosen=chosen,
        )  # fmt: skip
        if len(builder.found) == 0 and not part.one_by_one:
            try:
                for number in set(part.times):
                    sum_of(part.one(number), crowd.most if part.fixed else min(crowd.most, LARGE))
            except ValueError as error:
                what = str(error).partition(";")[0]
                builder.fault(self._at("each"), what, "give the metric a coarser step, or say drawn: people for few")
        return part

    def _instead(self) -> str:
        if self.scale.yes_no:
            return "say chance alone: how likely a yes is"
        return "say value, or chance with people for the share of them" if self.scale.percent else "say value, or each"

    def _times(self) -> list[float]:
        times = self.belief.times
        if times is None:
            return [1.0] * len(self.cells)
        if times != DAYS:
            assert not isinstance(times, str)
            if times.number.value <= 0:
                self.builder.fault((*self.at, "times"), f"{times.number} is not above 0", "write a number above 0")
            return [float(times.number.share) or 1.0] * len(self.cells)
        periods = self.builder.contract.periods
        days, last = [], dict[int, int]()
        for cell in self.cells:  # of periods that overlap, as where each counts from the start again, the new days
            period = periods[cell.place]
            start = max(period.start.date.toordinal(), last.get(cell.row, 0) + 1)
            end = period.end.date.toordinal()
            days.append(float(max(end - start + 1, 0)) or 1.0)
            last[cell.row] = max(end, last.get(cell.row, 0))
        return days
