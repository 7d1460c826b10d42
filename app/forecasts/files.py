"""What the director takes away: tables, charts, and the grid to be edited in a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from app.forecasts.results import charts_of, names_of
from app.parts.picked import pick
from app.parts.taken import take_away
from app.parts.told import plain
from payfs.contract import Contract
from payfs.forecast import Grid, Outcome, blank
from payfs.report.charts import as_png, as_svg
from payfs.report.excel import tables_workbook
from payfs.report.forecast_tables import cases_table, cash_table, grid_table, payments_table
from payfs.report.tables import Table, as_csv


def tables_of(contract: Contract, grid: Grid, made: dict[str, Outcome]) -> dict[str, Table]:
    """Return every table of the page, by name."""
    found = {"Cases": cases_table(contract, made)}
    for name, one in made.items():
        found[f"Payments, {name.lower()}"] = payments_table(one)
        if one.cash is not None:
            found[f"Cash, {name.lower()}"] = cash_table(contract, one.cash)
    if grid.rows:
        found["Performance"] = grid_table(grid)
    return found


def take(contract: Contract, name: str, grid: Grid, made: dict[str, Outcome]) -> None:
    """Draw the choice of a file, and the button that hands it out; it is made once the button is pressed."""
    st.subheader("Take away")
    tables = tables_of(contract, grid, made)
    files: dict[str, tuple[str, Callable[[], bytes]]] = {
        "All tables, as an Excel workbook": (f"{name}-scenarios.xlsx", partial(tables_workbook, tables, "Scenarios"))
    }
    if "Performance" in tables:
        alone = {"Performance": tables["Performance"]}
        files["Performance, as an Excel workbook"] = f"{name}-performance.xlsx", partial(tables_workbook, alone)
    for title, whole in tables.items():
        slug = title.lower().replace(", ", "-").replace(" ", "-")
        files[f"{title}, as CSV"] = f"{name}-{slug}.csv", partial(as_csv, whole)
    for title in names_of(made):
        words = f"Chart: {title.replace('-', ' ')}"
        for kind in ("png", "svg"):
            files[f"{words}, as {kind.upper()}"] = (
                f"{name}-{title}.{kind}",
                partial(_chart, contract, made, title, kind),
            )
    choice, button = st.columns([3, 1], vertical_alignment="bottom")
    with choice:
        asked = pick("What to take away", list(files))
    with button:
        file, content = files[asked]
        take_away(f"Download {plain(file)}", file, content)


def take_blank(contract: Contract, name: str) -> None:
    """Draw the buttons that hand out an empty grid of a contract, to be filled in and uploaded."""
    made = grid_table(blank(contract))
    with st.container(horizontal=True):
        take_away("Blank file to fill in (Excel)", f"{name}-blank.xlsx", lambda: tables_workbook({"Performance": made}))
        take_away("Blank file to fill in (CSV)", f"{name}-blank.csv", lambda: as_csv(made))


def _chart(contract: Contract, made: dict[str, Outcome], title: str, kind: str) -> bytes:
    one = charts_of(contract, made)[title]
    return as_png(one) if kind == "png" else as_svg(one).encode("utf-8")
