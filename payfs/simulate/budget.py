"""Whether what is paid passes what a scenario budgets for it, in all or by fiscal year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
