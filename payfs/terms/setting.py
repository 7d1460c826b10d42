"""What a rule is worked out in: the currency, the periods, what was measured and the rules before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from payfs.evidence.measured import Flags, Measured
from payfs.line import Line
from payfs.money import Array, Currency, Rounding, over
from payfs.periods import Period


@dataclass(frozen=True)
class Setting:
    """What a rule is worked out in.

    Attributes:
        money: the contract's currency.
        rounding: the contract's rounding.
        periods: in order of payment.
        measured: all metrics, those worked out included.
        lines: the rules that are worked out already, by name.
    """

    money: Currency
    rounding: Rounding
    periods: tuple[Period, ...]
    measured: Measured
    lines: Mapping[str, Line]

    @cached_property
    def dtype(self) -> Any:
        """The integers that are worked in: int64, or object for the oracle."""
        return next((s.values.dtype for s in self.measured.series.values()), np.dtype(np.int64))

    @cached_property
    def runs(self) -> dict[str, str]:
        """The run of each period."""
        return {period.name: period.run for period in self.periods}

    def where(self, cohorts: tuple[str, ...] | None, periods: tuple[str, ...] | None) -> Flags:
        """Return where some cohorts and periods (or runs) are, (cohorts or 1, periods)."""
        if cohorts is None and periods is None:
            return np.ones((1, len(self.periods)), dtype=bool)
        rows = (
            np.array([[name in cohorts] for name in self.measured.cohorts])
            if cohorts is not None
            else np.ones((1, 1), bool)
        )
        columns = np.array([[periods is None or p.name in periods or p.run in periods for p in self.periods]])
        where: Flags = np.logical_and(rows, columns)
        return where

    def minor(self, amount: Fraction) -> int:
        """Turn an amount as written [units of the currency] into minor units, rounded as the contract says."""
        exact = amount * self.money.minor
        return int(over(np.array([exact.numerator], dtype=object), exact.denominator, self.rounding)[0])

    def zeros(self) -> Array:
        """Return no money for the whole contract in every period, one path."""
        return np.zeros((1, len(self.periods), 1), dtype=self.dtype)
