"""Whether what is paid passes what a scenario budgets for it, in all or by fiscal year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from payfs.simulate.scenario import Scenario
from payfs.text import Finding, read_yaml, suggest

Array = NDArray[Any]
YEAR = "fiscal year "
TOTAL_PASSES, YEAR_PASSES, ANY_PASSES = (
    "total passes the budget",
    " passes its budget",
    "any fiscal year passes its budget",
)


def passes(budgets: Mapping[str, int], found: Mapping[str, Array]) -> dict[str, Array]:
    """Return on which paths more is paid than is budgeted, (paths,) by label.

    Args:
        budgets: what may be paid, in all (under "") and by fiscal year [minor units].
        found: what is paid, (paths,) by label: ``total`` and each ``fiscal year ...`` [minor units].
    """
    result: dict[str, Array] = {}
    for year, most in budgets.items():
        if not year:
            result[TOTAL_PASSES] = found["total"] > most
        elif YEAR + year in found:
            result[f"{YEAR}{year}{YEAR_PASSES}"] = found[YEAR + year] > most
    if len(result) > 1:
        result[ANY_PASSES] = np.any(np.broadcast_arrays(*result.values()), axis=0)
    return result


def strange_years(scenario: Scenario, labels: Iterable[str]) -> list[Finding]:
    """Return the fiscal years of the budget in which nothing can be paid: slips of the pen, which would never count."""
    years = [label.removeprefix(YEAR) for label in labels if label.startswith(YEAR) and not label.endswith(YEAR_PASSES)]
    found = []
    for year in scenario.budgets():
        if year and year not in years:
            what = f"nothing can be paid in a fiscal year {year!r}"
            hint = suggest(year, years) or f"the fiscal years with payments are {', '.join(years) or 'none'}"
            at = ("budget", year)
            finding = Finding(what, hint, at, scenario.file)
            found.append(read_yaml(scenario.text, scenario.file).finding(at, what, hint) if scenario.text else finding)
    return found
