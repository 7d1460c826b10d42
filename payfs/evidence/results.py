"""Results as reported, checked against the contract, and laid out as arrays."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from payfs.evidence.entries import Entry, correction_entries, csv_entries, enough, tree_entries
from payfs.evidence.measured import Measured, Series
from payfs.evidence.metric import Metric
from payfs.money import Array
from payfs.periods import Period
from payfs.scale import OffScale, Scale
from payfs.spec import quoted, read_figure
from payfs.text import Finding, Path, Refused, decode, nearest, read_file, read_yaml, suggest
from payfs.text.files import head_of

MOST_BYTES = 5_000_000
MOST_TIMES = 100  # at which corrections were reported
EITHER = "begin with person,outcome,date for claims or metric,cohort,period,value for counts"
_BLANK = ' \t\r\n,;|"'


class Result(NamedTuple):
    """One result, checked.

    Attributes:
        metric: name.
        cohort: place on the cohort axis.
        period: place on the period axis.
        value: [steps].
        reported: place of the period in which it was reported: its own, unless it is a correction.
    """

    metric: str
    cohort: int
    period: int
    value: int
    reported: int


@dataclass(frozen=True)
class Frame:
    """What results are checked against: a contract's metrics, cohorts and periods, and the columns its prices name."""

    metrics: Mapping[str, Metric]
    scales: Mapping[str, Scale]
    cohorts: tuple[str, ...]
    periods: tuple[Period, ...]
    columns: tuple[str, ...] = ()

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each period."""
        return {period.name: place for place, period in enumerate(self.periods)}

    @cached_property
    def rows(self) -> dict[str, int]:
        """The place of each cohort."""
        return {cohort: row for row, cohort in enumerate(self.cohorts)}

    @cached_property
    def spans(self) -> tuple[Array, Array]:
        """The first and last day of each period [days since 1970-01-01]."""
        epoch = datetime.date(1970, 1, 1)
        starts = np.array([(period.start.date - epoch).days for period in self.periods], dtype=np.int64)
        return starts, np.array([(period.end.date - epoch).days for period in self.periods], dtype=np.int64)

    def days_of(self, place: int) -> tuple[int, int]:
        """Return the first and last day of a period [days since 1970-01-01]."""
        starts, ends = self.spans
        return int(starts[place]), int(ends[place])

    def first_open(self, days: Array) -> Array:
        """Return the place of the first period that had not ended before each day; one more than the last after that.

        Args:
            days: [days since 1970-01-01].
        """
        reached = np.maximum.accumulate(self.spans[1])  # the first whose end is not before a day is where this begins
        result: Array = np.searchsorted(reached, days)
        return result

    def measured_in(self, metric: str) -> tuple[int, ...]:
        """Return the places of the periods in which a metric is measured."""
        return self._measured_in[metric]

    @cached_property
    def _measured_in(self) -> dict[str, tuple[int, ...]]:
        return {
            name: tuple(
                place
                for place, period in enumerate(self.periods)
                if metric.measured is None or period.name in metric.measured or period.run in metric.measured
            )
            for name, metric in self.metrics.items()
        }

    def empty(self) -> Measured:
        """Return nothing measured yet, one path."""
        return self._empty

    @cached_property
    def _empty(self) -> Measured:
        empty = self.measured(())
        for series in empty.series.values():  # which whoever asks for it shares
            series.values.flags.writeable = series.present.flags.writeable = False
        return empty

    def measured(self, results: Iterable[Result]) -> Measured:
        """Lay results out as arrays, one path; a later one for the same place replaces an earlier one."""
        series = {}
        for name, metric in self.metrics.items():
            if metric.worked_out:
                continue
            rows = len(self.cohorts) if metric.by_cohort else 1
            shape = (rows, len(self.periods))
            series[name] = (np.zeros((*shape, 1), dtype=np.int64), np.zeros(shape, dtype=bool))
        for result in results:
            values, present = series[result.metric]
            values[result.cohort, result.period, 0] = result.value
            present[result.cohort, result.period] = True
        return Measured(
            {
                name: Series(values, present, self.scales[name], self.metrics[name].reports == "to date")
                for name, (values, present) in series.items()
            },
            self.cohorts,
            tuple(period.name for period in self.periods),
            tuple(period.start.date.year for period in self.periods),
            1,
        )


def read_results(path: str, frame: Frame, most_bytes: int = MOST_BYTES, *, grouped: bool = False) -> tuple[Result, ...]:
    """Read a results file.

    Args:
        path: of the file.
        frame: the contract's metrics, cohorts and periods.
        most_bytes: that it may have.
        grouped: whether a figure may have commas between thousands, and its currency; not where it is paid.

    Raises:
        Refused: everything that is wrong with it; nothing of it is kept then.
    """
    try:
        data = read_file(path, most_bytes)
    except Refused:
        if not (head_of(path).strip(_BLANK) and _neither(path)):
            raise
        raise Refused([Finding("the file names no columns at its beginning", EITHER, file=str(path), line=1)]) from None
    if str(path).lower().endswith((".yaml", ".yml")):
        document = read_yaml(data, str(path))
        known = ("results", "corrections")
        unknown = [key for key in document.data if key not in known]
        if unknown:
            remedy = "a results file has results and corrections"
            raise Refused(
                document.finding((key,), f"unknown key {quoted(key)}", suggest(key, known) or remedy) for key in unknown
            )
        return check_entries(
            [*tree_entries(document, ("results",)), *correction_entries(document, ("corrections",))],
            frame,
            grouped=grouped,
        )
    text = decode(data, str(path))
    try:
        entries = csv_entries(text, str(path))
    except Refused as refused:
        if not _neither(path):
            raise
        first = refused.findings[0]
        what = first.what if len(refused.findings) == 1 else "it does not name the columns"
        raise Refused([first._replace(what=what, remedy=EITHER)]) from None
    return check_entries(entries, frame, grouped=grouped)


def _neither(path: str) -> bool:
    """Whether a file begins with the columns of no results: what is to be said of it is how either kind begins."""
    if str(path).lower().endswith((".yaml", ".yml")):
        return False
    lines = (line for line in re.split(r"\r\n?|\n", head_of(path)) if line.strip(_BLANK))
    names = [name.strip(' "')[:40] for name in re.split(r"[,;\t|]", next(lines, ""))][:100]
    claims = {"person", "outcome"} <= set(names)
    return not claims and not any(nearest(word, names) for word in ("metric", "period", "value", "cohort"))


def check_entries(
    entries: Sequence[Entry], frame: Frame, period: str = "", cohort: str = "", *, grouped: bool = False
) -> tuple[Result, ...]:
    """Check results against the contract.

    Args:
        entries: as written.
        frame: the contract's metrics, cohorts and periods.
        period: the period of those that do not name one.
        cohort: the cohort of those that do not name one.
        grouped: whether a figure may have commas between thousands, and its currency.

    Raises:
        Refused: everything that is wrong with them.
    """
    results: list[Result] = []
    found: list[Finding] = []
    seen: dict[tuple[str, int, int, int], Finding] = {}
    for entry in entries:
        try:
            if grouped and entry.metric in frame.scales:
                entry = entry._replace(value=frame.scales[entry.metric].ungrouped(entry.value))
            result = _check(entry, frame, period, cohort)
        except OffScale as error:
            enough(found, entry.finding.file)
            # of a row of a table the number alone does not say what it is about
            path = entry.finding.path or (error.path if isinstance(error, _OffScaleAt) else ())
            found.append(entry.finding._replace(what=error.what, remedy=error.remedy, path=path))
            continue
        key = (result.metric, result.cohort, result.period, result.reported)
        if key in seen:
            first = seen[key]
            where = f" (first in line {first.line})" if first.line else ""
            enough(found, entry.finding.file)
            found.append(
                entry.finding._replace(
                    what=f"the result of {quoted(entry.metric)} stands twice for the same cohort and period{where}",
                    remedy="keep one; a correction says in reported: when it was made",
                )
            )
        seen.setdefault(key, entry.finding)
        results.append(result)
    if found:
        raise Refused(found)
    times = {result.reported for result in results if result.reported != result.period}
    if len(times) > MOST_TIMES:
        what = f"corrections were reported in {len(times)} different periods, more than {MOST_TIMES}"
        raise Refused([Finding(what, "give the last result of each period only", file=entries[0].finding.file)])
    return tuple(sorted(results, key=lambda r: (r.reported, r.period, r.cohort, r.metric)))


class _OffScaleAt(OffScale):
    """A value cannot stand on its metric's scale; the metric, its cohort and its period are known."""

    def __init__(self, error: OffScale, path: Path) -> None:
        """Keep where it is for a finding."""
        super().__init__(error.what, error.remedy)
        self.path = path


def _check(entry: Entry, frame: Frame, default: str, default_cohort: str) -> Result:
    metric = frame.metrics.get(entry.metric)
    if metric is None:
        given = sorted(name for name, known in frame.metrics.items() if not known.worked_out)
        raise OffScale(
            f"the contract has no metric {quoted(entry.metric)}",
            suggest(entry.metric, given) or f"its metrics are {', '.join(given[:12])}",
        )
    if metric.worked_out:
        raise OffScale(f"{quoted(entry.metric)} is worked out from other metrics", "leave it out and give those")
    names = frame.places
    cohort, period = entry.cohort, entry.period
    if not period and cohort in names and cohort not in frame.rows:
        cohort, period = "", cohort
    elif period and cohort in names and period in frame.rows and cohort not in frame.rows:
        cohort, period = period, cohort
    cohort = cohort or (default_cohort if metric.by_cohort else "")
    where = _cohort(cohort, metric, entry.metric, frame)
    when = _period(period or default, entry.metric, names, frame, bool(period))
    reported = when
    if entry.reported:
        if entry.reported not in names:
            hint = suggest(entry.reported, names) or f"the periods are {', '.join(list(names)[:12])}"
            raise OffScale(f"there is no period {quoted(entry.reported)}", hint)
        reported = names[entry.reported]
        if reported < when:
            raise OffScale(
                f"it was reported in {entry.reported}, before its own period {frame.periods[when].name}",
                "check the two periods",
            )
    try:
        value = value_of(entry.value, frame.scales[entry.metric])
    except OffScale as error:
        raise _OffScaleAt(error, (entry.metric, *([cohort] if cohort else []), frame.periods[when].name)) from None
    return Result(entry.metric, where, when, value, reported)


def _cohort(cohort: str, metric: Metric, name: str, frame: Frame) -> int:
    if cohort in frame.rows:
        if not metric.by_cohort:
            raise OffScale(
                f"{quoted(name)} is one result for the whole contract, but a cohort is named", "leave the cohort out"
            )
        return frame.rows[cohort]
    if cohort:
        listed = (
            "leave the cohort out: the contract has none"
            if frame.cohorts == ("all",)
            else f"the cohorts are {', '.join(frame.cohorts[:12])}"
        )
        raise OffScale(
            f"there is no cohort or period {quoted(cohort)}",
            suggest(cohort, [*frame.cohorts, *(p.name for p in frame.periods)]) or listed,
        )
    if metric.by_cohort and len(frame.cohorts) > 1:
        raise OffScale(f"the result of {quoted(name)} names no cohort", f"name one of {', '.join(frame.cohorts[:12])}")
    return 0


def _period(period: str, name: str, names: Mapping[str, int], frame: Frame, said: bool) -> int:
    places = frame.measured_in(name)
    if not said and len(places) == 1:
        return places[0]
    if not period:
        known = ", ".join(frame.periods[place].name for place in places[:6])
        raise OffScale(
            f"the result of {quoted(name)} names no period", f"name one of {known}{' ...' if len(places) > 6 else ''}"
        )
    if period not in names:
        raise OffScale(
            f"there is no period {quoted(period)}",
            suggest(period, names) or f"the periods are {', '.join(list(names)[:12])}",
        )
    if names[period] not in places:
        known = ", ".join(frame.periods[place].name for place in places[:6])
        raise OffScale(
            f"{quoted(name)} is not measured in {period}",
            f"it is measured in {known}{' ...' if len(places) > 6 else ''}",
        )
    return names[period]


def value_of(text: str, scale: Scale) -> int:
    """Read a measured value [steps].

    Raises:
        OffScale: it is no number, finer than the step, or outside the metric's range.
    """
    if scale.yes_no:
        if text not in ("yes", "no"):
            raise OffScale(f"{quoted(text)} is neither yes nor no", "write yes or no")
        return int(text == "yes")
    try:
        figure = read_figure(text, grouping=False)
    except ValueError as error:
        context = getattr(error, "context", None) or {}
        raise OffScale(
            context.get("what", str(error)),
            "write plain digits such as 1234.56 without separators, or 38% for a percentage",
        ) from None
    steps = scale.steps(figure)
    if scale.least is not None and steps < scale.least:
        raise OffScale(
            f"{figure} is below {scale.written(scale.least)}, the least that the metric can be", "check the result"
        )
    if scale.most is not None and steps > scale.most:
        raise OffScale(
            f"{figure} is above {scale.written(scale.most)}, the most that the metric can be", "check the result"
        )
    return steps


def vintages(results: tuple[Result, ...]) -> Iterator[tuple[int, tuple[Result, ...]]]:
    """Yield what was known at each time of reporting that brought a correction, and at last everything.

    Each is the place of the period of reporting and the results known by then; where nothing is corrected there is
    one.
    """
    times = sorted({result.reported for result in results if result.reported != result.period})
    last = max((result.reported for result in results), default=0)
    # a time before a correction counts as well, so that what was paid until then is taken off what is due in all
    for time in sorted({*(t - 1 for t in times if t > 0), *times, last}):
        yield time, tuple(result for result in results if result.reported <= time)
