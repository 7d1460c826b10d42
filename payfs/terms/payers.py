"""Who pays: one payer, or several by share, for the whole time or by stages."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import lcm
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from payfs.money import Array, split
from payfs.periods import Period
from payfs.spec import Figure, LastDay, Name, Problem, Share, Spec


class PayerStage(Spec):
    """Payers and their shares, for periods that end by a day; without one, from then on."""

    until: LastDay | None = None
    shares: dict[Name, Share] = Field(max_length=100)


def as_stages(value: Any) -> Any:
    """Let shares stand for one stage of them."""
    return [{"shares": value}] if isinstance(value, dict) else value


class OrShares:
    """Says in the JSON Schema that payers and their shares may stand for one stage of them."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Accept shares as well as the list of stages."""
        return {"anyOf": [{"type": "object", "additionalProperties": {"type": ["number", "string"]}}, handler(core)]}


Payers = Annotated[tuple[PayerStage, ...], BeforeValidator(as_stages), Field(max_length=100), OrShares()]


def payer_problems(stages: tuple[PayerStage, ...]) -> Iterator[Problem]:
    """Find shares that do not add up and stages out of order."""
    if not stages:
        yield Problem((), "no payer is named", "name at least one")
    for place, stage in enumerate(stages):
        whole = sum(stage.shares.values(), Fraction(0))
        if whole != 1:
            yield Problem(
                (place, "shares"),
                f"the payers' shares add up to {Figure(whole * 100, True)}, not to 100%",
                "mend the shares",
            )
        last = place == len(stages) - 1
        if last and stage.until is not None:
            yield Problem(
                (place, "until"), "the last stage ends, and nobody pays after it", "leave until out of the last stage"
            )
        if not last and stage.until is None:
            yield Problem((place,), "a stage without until is followed by another", "say until when it holds")
        earlier = stages[place - 1].until if place else None
        if earlier is not None and stage.until is not None and stage.until.date <= earlier.date:
            yield Problem(
                (place, "until"), f"the stage ends on {stage.until}, not after the one before", "write stages in order"
            )


def split_among(
    stages: tuple[PayerStage, ...], amount: Array, periods: tuple[Period, ...], to: int = 1
) -> dict[str, Array]:
    """Split amounts among payers to the last minor unit, or the last ``to`` of them if that is how money is rounded.

    Remainders are served in order of the payers' names.
    """
    names = sorted({name for stage in stages for name in stage.shares})
    if len(names) == 1:
        return {names[0]: amount}
    shares = []
    for period in periods:
        stage = next(stage for stage in stages if stage.until is None or period.end.date <= stage.until.date)
        shares.append([stage.shares.get(name, Fraction(0)) for name in names])
    bottom = lcm(*(share.denominator for row in shares for share in row))
    weights = [
        np.array([int(row[place] * bottom) for row in shares], dtype=amount.dtype).reshape(1, -1, 1)
        for place in range(len(names))
    ]
    return dict(zip(names, split(amount, weights, to), strict=True))
