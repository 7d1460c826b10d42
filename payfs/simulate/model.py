"""What a simulation is to whoever asks it something: inputs that are uncertain, and what comes out, path by path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Outcomes = Mapping[str, NDArray[Any]]
"""What each path comes to, (paths,) by label: amounts in minor units, rates and multiples as numbers (NaN for none),
and events as flags."""


class Input(NamedTuple):
    """Something uncertain of a scenario.

    Attributes:
        name: in the scenario's words.
        columns: the rows of the uniforms that it is drawn from; several where it has a draw for each period or cohort.
    """

    name: str
    columns: tuple[int, ...]


class Model(Protocol):
    """A scenario that can be worked out on any draws."""

    @property
    def inputs(self) -> tuple[Input, ...]:
        """What is uncertain."""

    @property
    def columns(self) -> int:
        """How many uniforms a path needs."""

    def evaluate(self, uniforms: Floats) -> Outcomes:
        """Work out what each path comes to.

        Args:
            uniforms: (columns, paths), strictly between 0 and 1.
        """
