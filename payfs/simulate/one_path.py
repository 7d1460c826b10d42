"""Any simulated path by itself: what was drawn of each input, what was measured, and what the contract paid on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from payfs.claims.measure import Evidence
from payfs.investment import Investment
from payfs.payments import Account, account_on
from payfs.simulate.draws import Draws
from payfs.simulate.model import Floats, Outcomes
from payfs.simulate.paths import drawn_together, measured_on
from payfs.simulate.worked import Worked
from payfs.text import Finding, Refused


class OnePath(NamedTuple):
    """One path of a run.

    Attributes:
        number: counted from 0.
        draws: of which run it is; another number of paths, or another seed, has other paths.
        account: every payment on it, as if its results had been reported.
        measured: by metric, cohort and period, in words.
        ranks: where each input was drawn, between 0 and 1, by name; one for each of its draws.
        outcomes: what it came to, (1,) by label.
        truths: of each evaluated metric, its results as they truly are, in words: metric, cohort, period and value.
        investment: the payments poured through the stack; None where there is none, or it cannot be poured.
        late: how many days late each payer pays for each period, by payer and period.
    """

    number: int
    draws: Draws
    account: Account
    measured: tuple[tuple[str, str, str, str], ...]
    ranks: dict[str, tuple[float, ...]]
    outcomes: Outcomes
    truths: tuple[tuple[str, str, str, str], ...] = ()
    investment: Investment | None = None
    late: Mapping[tuple[str, str], int] = {}


def one_path(worked: Worked, draws: Draws, number: int) -> OnePath:
    """Work one path out by itself; it comes to what it came to among the others.

    Raises:
        Refused: there is no such path, or it cannot be worked out.
    """
    if not 0 <= number < draws.paths:
        what = f"there is no path {number:,}"
        remedy = f"name one from 0 to {draws.paths - 1:,}"
        raise Refused([Finding(what, remedy, file=worked.scenario.file)])
    uniforms = draws.between(number, number + 1)
    measured = measured_on(worked.scenario, uniforms)
    made, contract = worked.statement(measured), worked.contract
    told = []
    frame = contract.frame
    for name, series in measured.series.items():
        for row, place in np.argwhere(series.present).tolist():
            cohort = frame.cohorts[row] if series.present.shape[0] > 1 else ""
            value = int(series.values[row, place, 0])
            told.append((name, cohort, frame.periods[place].name, series.scale.show(value)))
    ranks = {one.name: tuple(float(uniforms[column, 0]) for column in one.columns) for one in worked.scenario.inputs}
    outcomes = worked.of_measured(measured, uniforms)
    account = account_on(contract, made, Evidence(contract, ()))
    return OnePath(
        number,
        draws,
        account,
        tuple(told),
        ranks,
        outcomes,
        tuple(_truths(worked, uniforms)),
        worked.invested(made, uniforms),
        _late(worked, uniforms),
    )


def _late(worked: Worked, uniforms: Floats) -> dict[tuple[str, str], int]:
    """Return how many days late each payer pays for each period."""
    if not worked.scenario.late:
        return {}
    drawn = drawn_together(worked.scenario, uniforms)
    return {
        (payer, period.name): days
        for payer, late in worked.scenario.late.items()
        for period, days in zip(worked.contract.periods, late.days(drawn)[:, 0].tolist(), strict=True)
        if period.paid_known
    }


def _truths(worked: Worked, uniforms: Floats) -> Iterator[tuple[str, str, str, str]]:
    """Yield what evaluated metrics truly are, before they are measured."""
    drawn, frame = drawn_together(worked.scenario, uniforms), worked.contract.frame
    for name, parts in worked.scenario.parts.items():
        for part in parts:
            if part.error is None:
                continue
            true = part.seen(np.broadcast_to(part.truth(drawn), (len(part.cells), 1)))
            for cell, steps in zip(part.cells, true[:, 0].tolist(), strict=True):
                cohort = frame.cohorts[cell.row] if frame.metrics[name].by_cohort and len(frame.cohorts) > 1 else ""
                yield name, cohort, frame.periods[cell.place].name, frame.scales[name].show(steps)
