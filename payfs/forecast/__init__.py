"""What a provider can expect: performance by period, cases of it, payments and cash by month, and break-even."""

from payfs.forecast.assumed import assuming, to_assume
from payfs.forecast.beginnings import REAL, Beginning, beginnings
from payfs.forecast.break_even import BreakEven, break_even
from payfs.forecast.cases import Case, Lost, Reached, reached, read_case, scaled_unless_chosen
from payfs.forecast.cash import NEVER, ProviderCash, Unfunded, provider_cash, receivers, stack_moves, undrawn
from payfs.forecast.claimed import from_claims, unclaimed
from payfs.forecast.grid import (
    NOT_MEASURED,
    Grid,
    Row,
    blank,
    claims_only,
    counted,
    grid_of,
    measured_periods,
    read_grid,
    rows_of,
)
from payfs.forecast.outcome import MonthlyPayment, Outcome, outcome
from payfs.forecast.plan import Plan, Written, cost_months, read_plan
from payfs.forecast.upload import Uploaded, read_upload, wide

__all__ = [
    "NEVER",
    "NOT_MEASURED",
    "REAL",
    "Beginning",
    "BreakEven",
    "Case",
    "Grid",
    "Lost",
    "MonthlyPayment",
    "Outcome",
    "Plan",
    "ProviderCash",
    "Reached",
    "Row",
    "Unfunded",
    "Uploaded",
    "Written",
    "assuming",
    "beginnings",
    "blank",
    "break_even",
    "claims_only",
    "cost_months",
    "counted",
    "from_claims",
    "grid_of",
    "measured_periods",
    "outcome",
    "provider_cash",
    "reached",
    "read_case",
    "read_grid",
    "read_plan",
    "read_upload",
    "receivers",
    "rows_of",
    "scaled_unless_chosen",
    "stack_moves",
    "to_assume",
    "unclaimed",
    "undrawn",
    "wide",
]
