"""Performance by period as a grid of text: a row for each metric and cohort, a column for each period.

A cell is what a person typed; only :func:`read_grid` makes results of it, with the very checks of a results file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from payfs.claims.pricing import paid_by_claim
from payfs.contract import Contract
from payfs.evidence.entries import Entry
from payfs.evidence.results import Result, check_entries
from payfs.text import Finding


class Row(NamedTuple):
    """What is reported in one row.

    Attributes:
        metric: name.
        cohort: name; empty where the metric is one result for the whole contract.
    """

    metric: str
    cohort: str = ""


NOT_MEASURED = "–"
"""What stands in a cell of a period in which its metric is not measured."""

Cells = Mapping[tuple[Row, str], str]
"""Text by row and period."""


@dataclass(frozen=True)
class Grid:
    """Performance by period, as typed.

    Attributes:
        rows: what is reported.
        periods: names, in order of payment.
        cells: by row and period; none where nothing is reported.
    """

    rows: tuple[Row, ...]
    periods: tuple[str, ...]
    cells: Cells

    def cell(self, row: Row, period: str) -> str:
        """Return what stands in a cell; empty where nothing does."""
        return self.cells.get((row, period), "")

    def overlaid(self, changes: Cells) -> Grid:
        """Return the grid with some cells written anew; an empty one is no result."""
        cells = {**self.cells, **{place: text.strip() for place, text in changes.items()}}
        return replace(self, cells={place: text for place, text in cells.items() if text})

    def without(self, metrics: Collection[str]) -> Grid:
        """Return the grid without the rows of some metrics, and what stands in them."""
        rows = tuple(row for row in self.rows if row.metric not in metrics)
        return replace(self, rows=rows, cells={at: text for at, text in self.cells.items() if at[0] in rows})

    def changes_to(self, other: Grid) -> dict[tuple[Row, str], str]:
        """Return the cells in which another grid differs from this one, as they stand there."""
        places = dict.fromkeys([*self.cells, *other.cells])
        return {place: other.cell(*place) for place in places if other.cell(*place) != self.cell(*place)}


def counted(contract: Contract) -> tuple[str, ...]:
    """Return the metrics that can be given as figures by period."""
    frame = contract.frame
    aside = {*claims_only(contract)}
    return tuple(name for name, metric in frame.metrics.items() if not metric.worked_out and name not in aside)


def claims_only(contract: Contract) -> tuple[str, ...]:
    """Return the metrics that only a claims file can give: what is paid is decided for each person."""
    by_claim = {contract.rule(name).metric or name for name in paid_by_claim(contract)}
    return tuple(
        name
        for name, metric in contract.frame.metrics.items()
        if not metric.worked_out and (name in by_claim or (metric.claims is not None and not metric.claims.or_counts))
    )


def rows_of(contract: Contract) -> tuple[Row, ...]:
    """Return the rows of a contract's grid."""
    frame = contract.frame
    several = frame.cohorts != ("all",)
    return tuple(
        Row(name, cohort)
        for name in counted(contract)
        for cohort in (frame.cohorts if several and frame.metrics[name].by_cohort else ("",))
    )


def measured_periods(contract: Contract, metric: str) -> tuple[str, ...]:
    """Return the periods in which a metric is measured; the other cells of its rows stay empty."""
    return tuple(contract.periods[place].name for place in contract.frame.measured_in(metric))


def grid_of(contract: Contract, results: Iterable[Result] = ()) -> Grid:
    """Write results into a contract's grid; of a result that was corrected the last value."""
    frame, rows = contract.frame, rows_of(contract)
    named = {row.metric: bool(row.cohort) for row in rows}
    cells: dict[tuple[Row, str], str] = {}
    for result in results:
        if result.metric in named:
            row = Row(result.metric, frame.cohorts[result.cohort] if named[result.metric] else "")
            cells[row, frame.periods[result.period].name] = frame.scales[result.metric].written(result.value)
    return Grid(rows, tuple(period.name for period in frame.periods), cells)


def blank(contract: Contract) -> Grid:
    """Return a contract's grid to be filled in: empty, but for a dash where nothing is measured."""
    grid = grid_of(contract)
    measured = {name: measured_periods(contract, name) for name in counted(contract)}
    aside = [(row, period) for row in grid.rows for period in grid.periods if period not in measured[row.metric]]
    return replace(grid, cells=dict.fromkeys(aside, NOT_MEASURED))


def read_grid(contract: Contract, grid: Grid) -> tuple[Result, ...]:
    """Read a grid, each value exactly in its metric's own step.

    Raises:
        Refused: everything that is wrong with it, each with the path metric, cohort, period.
    """
    entries = []
    for (row, period), text in grid.cells.items():
        path = tuple(part for part in (row.metric, row.cohort, period) if part)
        entries.append(Entry(row.metric, row.cohort, period, text, "", Finding("", path=path)))
    return check_entries(entries, contract.frame, grouped=True)


def latest(results: Iterable[Result]) -> tuple[Result, ...]:
    """Return what is known in the end of each metric, cohort and period, as if it had been reported at once."""
    known = {(one.metric, one.cohort, one.period): one._replace(reported=one.period) for one in results}
    return tuple(sorted(known.values(), key=lambda r: (r.reported, r.period, r.cohort, r.metric)))
