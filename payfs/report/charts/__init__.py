"""Charts of what payfs works out, each with a text alternative that quotes its figures and the table that it shows.

A chart computes nothing: it is given curves, accounts, investments and runs. What somebody wrote only ever becomes
data, never a field, a format or an expression of a chart. Series differ by lightness and by a number or a dash, so that
a black-and-white print can be read. Positions are floating-point numbers, because a drawing is; every amount that is
read is text, written from whole minor units.
"""

from payfs.report.charts.compared import gains_chart
from payfs.report.charts.curve import payment_curve
from payfs.report.charts.drawn import Drawn, as_png, as_svg
from payfs.report.charts.paid import cash_lines, cash_points, payments_by, provider_cash, side_by_side
from payfs.report.charts.risk import payments_fan, returns_by_tranche, tornado_chart, total_histogram

__all__ = [
    "Drawn",
    "as_png",
    "as_svg",
    "cash_lines",
    "cash_points",
    "gains_chart",
    "payment_curve",
    "payments_by",
    "payments_fan",
    "provider_cash",
    "returns_by_tranche",
    "side_by_side",
    "tornado_chart",
    "total_histogram",
]
