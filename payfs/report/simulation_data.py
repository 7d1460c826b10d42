"""What a simulation comes to, as plain data: for spreadsheets and other programs."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

from payfs.money import Currency
from payfs.report.simulation_text import enough_said, summary
from payfs.simulate.amounts import amount_text, error_text
from payfs.simulate.labels import meanings, units_in
from payfs.simulate.question import Unit
from payfs.simulate.risk import GRID, Figure, Risk
from payfs.simulate.run import Run
from payfs.simulate.tidy import CHANCES


def simulation_data(run: Run, risk: Risk) -> dict[str, Any]:
    """Return all of it as plain data: amounts as text in units of the currency, rates and chances as numbers.

    A figure that is not there is None: a standard error where there is only one replicate, the mean of a rate that no
    path has.
    """
    worked, draws = run.worked, run.draws
    scenario, contract = worked.scenario, worked.contract
    gap = worked.gap if contract.spec.capital is not None else None
    found = meanings(worked, units_in(risk))
    return {
        "scenario": scenario.spec.scenario,
        "scenario_sha256": scenario.sha256,
        "contract": contract.name,
        "contract_sha256": contract.sha256,
        "currency": contract.money.code,
        "paths": risk.paths,
        "replicates": risk.replicates,
        "draws": draws.how,
        "seed": draws.seed,
        "enough": risk.enough,
        "enough_said": enough_said(risk),
        "summary": summary(run, risk),
        "capital_gap": None if gap is None else {"what": gap.what, "remedy": gap.remedy},
        "budget": {year or "total": contract.money.plain(most) for year, most in scenario.budgets().items()},
        "results": {
            label: {
                "kind": meaning.kind,
                "name": meaning.name or None,
                "rule": meaning.rule or None,
                "unit": contract.money.code if meaning.unit == "money" else meaning.unit,
                "figures": {
                    name: figure_data(figure, "chance" if name in CHANCES else meaning.unit, contract.money)
                    for name, figure in risk[label].figures.items()
                },
                "percentiles": {
                    f"{percent:g}": value_data(float(value), meaning.unit, contract.money)
                    for percent, value in zip(GRID, risk[label].grid, strict=False)
                },
            }
            for label, meaning in found.items()
        },
    }


def figure_data(figure: Figure, unit: Unit, money: Currency) -> dict[str, Any]:
    """Return a figure and its standard error."""
    return {
        "value": value_data(figure.value, unit, money),
        "standard_error": value_data(figure.error, unit, money, error_text),
    }


def value_data(
    value: float, unit: Unit, money: Currency, write: Callable[[float, Currency], str] = amount_text
) -> str | float | None:
    """Return an amount [minor units] as text, anything else as a number; None for none."""
    if not isfinite(value):
        return None
    return write(value, money) if unit == "money" else value
