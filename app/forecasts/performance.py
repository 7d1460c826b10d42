"""The grid of performance by period, as it is edited: text cells only, so that no figure is ever rounded."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.parts.kept import Kept
from payfs.contract import Contract
from payfs.forecast import NOT_MEASURED, Grid, Row, grid_of, measured_periods

ACROSS = 6  # periods that stand side by side; of more each has a row
Cells = dict[tuple[Row, str], str]


def as_kept(cells: Cells) -> list[list[str]]:
    """Write cells so that they can be kept."""
    return [[row.metric, row.cohort, period, text] for (row, period), text in cells.items()]


def from_kept(rows: Any) -> Cells:
    """Read cells that were kept; what is no cell is passed over."""
    return {
        (Row(line[0], line[1]), line[2]): line[3]
        for line in (rows if isinstance(rows, list) else [])
        if isinstance(line, list) and len(line) == 4 and all(isinstance(part, str) for part in line)
    }


def kept_grid(contract: Contract, kept: Kept, name: str, first: Grid) -> Grid:
    """Return a grid that was kept, with the cells that the contract has; ``first`` where none was."""
    if kept.get(name) is None:
        return first
    empty = grid_of(contract)
    there = {(row, period) for row in empty.rows for period in empty.periods}
    return empty.overlaid({place: text for place, text in from_kept(kept.get(name)).items() if place in there})


def label(contract: Contract, row: Row, exact: bool = False) -> str:
    """Name a row, with its cohort and its unit; exactly as the contract writes it, or as people do."""
    scale = contract.frame.scales[row.metric]
    unit = "%" if scale.percent else "yes or no" if scale.yes_no else scale.plural
    cohort = f", {row.cohort}" if row.cohort else ""
    return f"{row.metric if exact else row.metric.replace('_', ' ')}{cohort} [{unit}]"


def apart(names: Sequence[str], exact: Sequence[str], taken: Sequence[str] = ()) -> list[str]:
    """Return names of which no two are alike: the exact ones where two would be, and numbered where these are, too."""
    often = Counter([*names, *taken])
    found: list[str] = []
    for name, otherwise in zip(names, exact, strict=True):
        first = said = otherwise if often[name] > 1 else name
        number = 2
        while said in found or said in taken:
            said = f"{first} ({number})"
            number += 1
        found.append(said)
    return found


def edited(contract: Contract, grid: Grid, key: str, what: str) -> Grid:
    """Draw a grid to be edited, and return what stands in it.

    Args:
        contract: whose grid.
        grid: what it begins with under this key; what is edited is laid over that.
        key: another one where it is to begin anew.
        what: it holds, for those who do not see it.
    """
    if key not in st.session_state:  # it is drawn for the first time, or somebody comes back to the page
        st.session_state[f"{key} base"] = grid
    base: Grid = st.session_state[f"{key} base"]
    rows, periods = base.rows, base.periods
    measured = {row: set(measured_periods(contract, row.metric)) for row in rows}
    across = len(periods) <= ACROSS
    named = apart([label(contract, row) for row in rows], [label(contract, row, exact=True) for row in rows])
    lines, columns = (named, list(periods)) if across else (list(periods), named)
    usual = "Result" if across else "Period"
    (head,) = apart([usual], [f"{usual}, by its name"], columns)

    def place(line: int, column: int) -> tuple[Row, str]:
        return (rows[line], periods[column]) if across else (rows[column], periods[line])

    def shown(row: Row, period: str) -> str:
        return base.cell(row, period) or ("" if period in measured[row] else NOT_MEASURED)

    frame = pd.DataFrame(
        [[name, *(shown(*place(line, column)) for column in range(len(columns)))] for line, name in enumerate(lines)],
        columns=[head, *columns],
        dtype="string",
    )
    made = st.data_editor(
        frame,
        key=key,
        hide_index=True,
        disabled=[head],
        width="stretch",
        column_config={
            head: st.column_config.TextColumn(head, pinned=True),
            **{name: st.column_config.TextColumn(name, alignment="right") for name in columns},
        },
        alt=what,
    )
    cells: Cells = {}
    for line, (_, *texts) in enumerate(made.fillna("").itertuples(index=False, name=None)):
        for column, text in enumerate(texts):
            bare = str(text).strip()
            cells[place(line, column)] = "" if bare == NOT_MEASURED else bare
    return base.overlaid(cells)


def fingerprint(grid: Grid) -> str:
    """Return what tells one grid from another."""
    return hashlib.sha256(json.dumps(sorted(as_kept(dict(grid.cells)))).encode()).hexdigest()[:12]
