"""Charts as they are shown: each followed by what it says and its figures, and with what can be taken away of it."""

from __future__ import annotations

import altair as alt
import streamlit as st

from app.parts.taken import take_away
from app.parts.told import plain, table
from payfs.report.charts import Drawn, as_png, as_svg
from payfs.report.tables import as_csv


def fitted(drawn: Drawn) -> alt.LayerChart:
    """Return a chart that is as wide as the page, and as high as its rows need: its axis has its own room below."""
    chart: alt.LayerChart = drawn.chart.properties(width="container", autosize={"type": "fit-x", "contains": "padding"})
    return chart


def picture(drawn: Drawn, name: str, of: str = "") -> None:
    """Draw a chart.

    Args:
        drawn: the chart.
        name: of the files that can be taken away, without an ending.
        of: what it is a chart of, such as the number of a run: of another it is another chart.
    """
    with st.container(key=f"chart {name} {of}".strip()):
        st.altair_chart(fitted(drawn), theme=None, width="stretch")
    st.markdown(plain(drawn.says))
    with st.expander("The figures of this chart, and the chart as a file"):
        right = [drawn.table.columns[place] for place in drawn.table.right]
        table(drawn.table.columns, drawn.table.rows, right)
        with st.container(horizontal=True):
            take_away("Chart as PNG", f"{name}.png", lambda: as_png(drawn), key=f"{name} png")
            take_away("Chart as SVG", f"{name}.svg", lambda: as_svg(drawn).encode(), key=f"{name} svg")
            take_away("Figures as CSV", f"{name}.csv", lambda: as_csv(drawn.table), key=f"{name} csv")
