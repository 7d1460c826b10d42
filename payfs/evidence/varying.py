"""Figures that differ by year, cohort or period: prices, fixed measures, limits."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple

import numpy as np
from pydantic import GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from payfs.evidence.measured import Flags, Measured
from payfs.money import SAFE, Array
from payfs.spec import Figure, Name, Pay, Problem, Spec, Unknown, quoted, refuse
from payfs.text import suggest


def closed(value: Any) -> Any:
    """Return a block of keys as it stands; the keys that a single value is kept under are none of the language's."""
    for key in ("flat", "none"):
        if isinstance(value, dict) and key in value:
            raise refuse(f"unknown key {quoted(key)}", "write the value in the place of the block")
    return value


class Scalarable(Spec):
    """A block of keys for which a single value may stand."""

    @model_validator(mode="before")
    @classmethod
    def _from_scalar(cls, value: Any) -> Any:
        return {"flat": value} if isinstance(value, str) else closed(value)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Say that a single value is accepted too."""
        schema = handler(core)
        resolved = handler.resolve_ref_schema(schema)
        resolved.get("properties", {}).pop("flat", None)
        return {"anyOf": [{"type": ["number", "string"]}, schema]}


class Grid(NamedTuple):
    """A figure for every cohort and period.

    Attributes:
        tops: numerators, (cohorts or 1, periods or 1, 1).
        bottom: their common denominator.
        unknown: where the contract says ``unknown``, (cohorts or 1, periods or 1); the numerator is 0 there.
        path: the place in the spec.
    """

    tops: Array
    bottom: int
    unknown: Flags
    path: tuple[str | int, ...] = ()


class Varying(Scalarable):
    """One figure, or one for every year, cohort or period."""

    flat: Pay | None = None
    by_year: dict[Name, Pay] | None = None
    by_cohort: dict[Name, Pay] | None = None
    by_period: dict[Name, Pay] | None = None

    def choices(self) -> tuple[str, dict[str, Any]] | None:
        """Return the word and the figures by name, unless there is one figure for all."""
        for word in ("by_year", "by_cohort", "by_period"):
            figures = getattr(self, word)
            if figures is not None:
                return word, figures
        return None

    def figures(self) -> Iterator[tuple[tuple[str | int, ...], Figure | Unknown]]:
        """Yield every figure with its place."""
        if self.flat is not None:
            yield (), self.flat
        chosen = self.choices()
        if chosen:
            word, figures = chosen
            for name, figure in figures.items():
                yield (word, name), figure

    def names(self, word: str, measured: Measured) -> tuple[str, ...]:
        """Return the names that ``word`` needs a figure for, one for each cohort or period."""
        return {
            "by_year": tuple(str(year) for year in measured.starts),
            "by_cohort": measured.cohorts,
            "by_period": measured.periods,
        }[word]

    def problems(self, measured: Measured, runs: tuple[str, ...] = ()) -> Iterator[Problem]:
        """Find names that there are not, and names that no figure is given for."""
        said = [key for key in ("flat", "by_year", "by_cohort", "by_period") if getattr(self, key) is not None]
        if len(said) != 1:
            yield Problem((), "a figure is needed: one, or one of by_year, by_cohort and by_period", "say which")
            return
        chosen = self.choices()
        if not chosen:
            return
        word, figures = chosen
        needed = self.names(word, measured)
        for name in figures:
            if name not in needed and word != "by_year" and not (word == "by_period" and name in runs):
                yield Problem((word, name), f"there is no {word[3:]} {quoted(name)}", suggest(name, needed))
        if word == "by_period" and runs:
            return  # a figure may be wanted for the periods of a rule only, which the results decide
        missing = [name for name in dict.fromkeys(needed) if name not in figures]
        if word == "by_year":
            missing = [year for year in missing if not any(known <= year for known in figures)]
        if missing:
            yield Problem((word,), f"nothing is said for {', '.join(missing[:5])}", "add it, or write unknown")

    def grid(self, measured: Measured, worth: Fraction, of: dict[str, str] | None = None) -> Grid:
        """Lay the figures out over cohorts and periods.

        Args:
            measured: whose cohorts and periods.
            worth: what one written unit is in the result [minor units, steps].
            of: the run of each period, so that a figure may be given for a whole run.
        """
        chosen = self.choices()
        figures: list[Any]
        if not chosen:
            figures, shape = [self.flat], (1, 1, 1)
        else:
            word, known = chosen
            names = self.names(word, measured)
            if word == "by_year":
                # before the first year that is named nothing is said
                years = [max((year for year in known if year <= name), default="") for name in names]
                figures = [known.get(year, Unknown()) for year in years]
            else:
                runs = of or {}
                figures = [known.get(name, known.get(runs.get(name, name), Unknown())) for name in names]
            shape = (len(names), 1, 1) if word == "by_cohort" else (1, len(names), 1)
        exact = [figure.share * worth if isinstance(figure, Figure) else Fraction(0) for figure in figures]
        bottom = lcm(*(value.denominator for value in exact))
        tops = [int(value * bottom) for value in exact]
        small = max(map(abs, tops)) < SAFE
        unknown = np.array([isinstance(figure, Unknown) for figure in figures], dtype=bool)
        path = next((path for path, figure in self.figures() if isinstance(figure, Unknown)), ())
        return Grid(
            np.array(tops, dtype=np.int64 if small else object).reshape(shape), bottom, unknown.reshape(shape[:2]), path
        )
