"""Who gains and who loses between two scenarios, as a chart."""

from __future__ import annotations

from payfs.report.charts.drawn import Drawn
from payfs.report.charts.risk import SPREAD, spread_chart
from payfs.report.compared_labels import names
from payfs.report.tables import Table
from payfs.simulate.budget import YEAR
from payfs.simulate.compared import Comparison

MOST = 12
STARTS = {"payer": ("total", "payer "), "fiscal year": (YEAR,), "rule": ("rule ",)}
ENDS = {"investor": (" received", " loss")}


def gains_chart(made: Comparison, of: str = "payer") -> Drawn:
    """Draw by how much the second of two scenarios comes to more than the first, path by path.

    Args:
        made: the two scenarios on the same draws.
        of: what is drawn: ``payer`` (with the total), ``rule``, ``fiscal year`` or ``investor``.
    """
    money = made.one.contract.money
    found = {
        label: difference.gain
        for label, difference in made.labels.items()
        if difference.gain is not None
        and all(name in difference.gain.figures for name in SPREAD)
        and (label.startswith(STARTS.get(of, ())) or label.endswith(ENDS.get(of, ())))
    }
    called = names(made, list(found)[:MOST])
    shown = {name: found[label] for label, name in called.items()}
    drawn = spread_chart(shown, "money", money, "B less A", of.capitalize())
    if not found:
        return Drawn(drawn.chart, "Nothing of this kind can be compared.", Table(drawn.table.columns, ()))
    return drawn
