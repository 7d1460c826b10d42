"""What a run comes to as tidy CSV: a figure a row, amounts in units of the currency."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from math import isfinite

from payfs.money import Currency
from payfs.simulate.amounts import amount_text, error_text
from payfs.simulate.budget import YEAR, YEAR_PASSES
from payfs.simulate.labels import meanings, of_kind, units_in
from payfs.simulate.question import Unit
from payfs.simulate.risk import GRID, Risk
from payfs.simulate.run import Run

CHANCES = frozenset({"probability", "none", "below nothing", "above nothing"})
"""Figures that are chances, whatever they are figures of."""

YEARLY = {"mean": "mean", "p5": "p5", "p50": "appropriation_50", "p80": "appropriation_80", "p95": "appropriation_95"}
"""Figures of a fiscal year, and how their columns are called: what is enough in 50, 80 and 95 of 100 cases."""

Row = Iterable[object]


def tables(run: Run, risk: Risk) -> dict[str, str]:
    """Return the text of each file by its name: ``summary.csv``, ``percentiles.csv`` and ``fiscal_years.csv``."""
    return {
        "summary.csv": _text(_summary(run, risk)),
        "percentiles.csv": _text(_percentiles(run, risk)),
        "fiscal_years.csv": _text(_years(run, risk)),
    }


def _summary(run: Run, risk: Risk) -> Iterator[Row]:
    yield "label", "figure", "value", "standard_error", "unit"
    money, units = run.worked.contract.money, units_in(risk)
    for label, told in risk.labels.items():
        for name, (value, error) in told.figures.items():
            unit: Unit = "chance" if name in CHANCES else units[label]
            said = money.code if unit == "money" else unit
            yield label, name, _value(value, unit, money), _value(error, unit, money, error_text), said


def _percentiles(run: Run, risk: Risk) -> Iterator[Row]:
    yield "label", "percentile", "value", "unit"
    money, units = run.worked.contract.money, units_in(risk)
    for label, told in risk.labels.items():
        for percent, value in zip(GRID, told.grid, strict=False):  # an event has none
            said = money.code if units[label] == "money" else units[label]
            yield label, f"{percent:g}", _value(float(value), units[label], money), said


def _years(run: Run, risk: Risk) -> Iterator[Row]:
    money, budgets = run.worked.contract.money, run.worked.scenario.budgets()
    heads = [head for name in YEARLY.values() for head in (name, f"{name}_standard_error")]
    yield "fiscal_year", *heads, "budget", "passes", "passes_standard_error", "unit"
    for label, year in of_kind(meanings(run.worked, units_in(risk)), "fiscal year").items():
        figures = risk[label].figures
        cells = [
            _value(part, "money", money, write)
            for name in YEARLY
            for part, write in zip(figures[name], (amount_text, error_text), strict=True)
        ]
        passes: tuple[str, str, str] = ("", "", "")
        if year in budgets:
            chance, error = risk.chance(YEAR + year + YEAR_PASSES)
            passes = money.plain(budgets[year]), _value(chance, "chance", money), _value(error, "chance", money)
        yield year, *cells, *passes, money.code


def _value(value: float, unit: Unit, money: Currency, write: Callable[[float, Currency], str] = amount_text) -> str:
    if not isfinite(value):
        return ""
    return write(value, money) if unit == "money" else repr(value)


def _text(rows: Iterator[Row]) -> str:
    made = io.StringIO(newline="")
    csv.writer(made, lineterminator="\n").writerows(rows)
    return made.getvalue()
