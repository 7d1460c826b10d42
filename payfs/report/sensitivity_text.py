"""Which inputs a result hangs on, as text of at most 80 columns with bars, and as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from math import isfinite
from typing import Any

import numpy as np

from payfs.report.cash_text import short
from payfs.report.lines import WIDTH, wrapped
from payfs.report.phrases import counted, listed
from payfs.report.simulation_data import figure_data
from payfs.report.simulation_figures import margin, number, paragraph, share, shown_of, spread
from payfs.simulate.draws import Draws
from payfs.simulate.model import Input
from payfs.simulate.question import Unit, units_of
from payfs.simulate.risk import Figure
from payfs.simulate.sensitivity import Estimate, Indices, Ranked, Swing
from payfs.simulate.worked import Worked
from payfs.spec import spoken

Swings = Mapping[str, Sequence[Swing]]
Ranks = Mapping[str, Sequence[Ranked]]
Shares = Mapping[str, Sequence[Indices]]
NAME = 30  # letters of an input beside its bar
LITTLE = 0.1  # a bar is short if it is no longer than so much of the longest
MUCH = 0.1  # an input matters if it has so much of the variance in its total index

TORNADO = (
    "The mean with one input low (its draws at their 10th percentile) and high (at their 90th), all others drawn as "
    "usual. Each bar runs from one to the other, on one scale for all inputs."
)
RANKS = (
    "Rank correlations (Spearman): 1 where the result always rises with the input, -1 where it always falls, 0 where "
    "neither. Each bar begins in the middle, at 0."
)
SHARES = (
    "Sobol' indices: the part of the variance that an input brings by itself (first, #), and by itself and together "
    "with others (total, # and -). What the first indices leave of 100% comes from inputs that work together."
)


def sensitivity_lines(
    worked: Worked, draws: Draws, swings: Swings | None = None, ranks: Ranks | None = None, shares: Shares | None = None
) -> Iterator[str]:
    """Write which inputs each result hangs on, the strongest first.

    Args:
        worked: what is simulated.
        draws: on which draws.
        swings: by result, from :func:`payfs.simulate.sensitivity.tornado`.
        ranks: from :func:`payfs.simulate.sensitivity.rank_correlations`.
        shares: from :func:`payfs.simulate.sensitivity.sobol_indices`.
    """
    yield from wrapped(worked.contract.spec.title)
    yield from wrapped(
        f"Which inputs of the simulation {spoken(worked.scenario.spec.scenario)} its results hang on: "
        f"{counted(draws.paths, 'path')} a run, seed {draws.seed}."
    )
    units = _units(worked)
    for label in dict.fromkeys([*(swings or {}), *(ranks or {}), *(shares or {})]):
        yield ""
        unit = units.get(label, "number")
        yield from wrapped(f"Result: {label}")
        if swings and label in swings:
            yield from _tornado(worked, swings[label], unit)
        if ranks and label in ranks:
            yield from _ranks(ranks[label])
        if shares and label in shares:
            yield from _shares(worked, shares[label])
            yield from _hidden(swings.get(label, ()) if swings else (), shares[label])


def _tornado(worked: Worked, swings: Sequence[Swing], unit: Unit) -> Iterator[str]:
    ends = [end.value for one in swings for end in (one.low, one.high) if isfinite(end.value)]
    shown = shown_of(worked.contract.money, ends)
    yield ""
    yield from paragraph(TORNADO + (f" Amounts in {shown.unit}." if unit == "money" else ""))
    rows: dict[str, tuple[Mapping[str, Figure], Unit]] = {
        one.input: (_figures(one, ("low", "high", "swing")), unit) for one in swings
    }
    yield from spread(shown, rows, {"low": "low", "high": "high", "difference": "swing"})
    if several := moved_at_once(worked.inputs):
        yield from paragraph(several)
    if ends:
        yield ""
        bars = {one.input: (partial(_span, one.low.value, one.high.value, min(ends), max(ends)), "") for one in swings}
        yield from _bars(bars)
    without = max((one.without for one in swings), default=0.0)
    if without > 0:
        yield from paragraph(f"On up to {share(without)} of the paths there is no such figure; they are left out.")


def moved_at_once(inputs: Sequence[Input]) -> str:
    """Say which inputs have several draws, all of which a tornado moves at once; nothing where there is none."""
    many = [f"{one.name} ({len(one.columns)} draws)" for one in inputs if len(one.columns) > 1]
    if not many:
        return ""
    is_, its, it = ("is", "its", "it is") if len(many) == 1 else ("are", "their", "they are")
    bars = "bar shows" if len(many) == 1 else "bars show"
    return (
        f"{listed(many)} {is_} drawn anew for each period, cohort or person, but moved here in all of them at once. "
        f"That all of {its} draws are low, or high, together is far rarer than one time in ten, so that {its} {bars} "
        f"more than what {it} likely to bring."
    )


def _ranks(ranks: Sequence[Ranked]) -> Iterator[str]:
    yield ""
    yield from paragraph(RANKS)
    rows: dict[str, tuple[Callable[[int], str], str]] = {}
    for one in ranks:
        value, error = one.correlation
        words = f"{number(value, 3)} {margin(error, 3)}" if isfinite(value) else "none"
        rows[one.input] = (partial(_span, min(value, 0), max(value, 0), -1, 1), words)
    yield from _bars(rows)
    without = max((one.without for one in ranks), default=0.0)
    if without > 0:
        yield from paragraph(f"On {share(without)} of the paths there is no such figure; they are left out.")


def _shares(worked: Worked, shares: Sequence[Indices]) -> Iterator[str]:
    yield ""
    yield from paragraph(SHARES)
    if any(not isfinite(one.total.value) for one in shares):
        yield from paragraph(
            "There are none: the result is the same on every path, or some paths have no such figure. Ask of an amount "
            "or a multiple instead."
        )
        return
    rows: dict[str, tuple[Mapping[str, Figure], Unit]] = {
        one.input: (_figures(one, ("first", "total")), "rate") for one in shares
    }
    yield from spread(shown_of(worked.contract.money, ()), rows, {"first": "first", "total": "total"})
    yield ""
    yield from _bars({one.input: (partial(_stacked, one.first.value, one.total.value), "") for one in shares})


def _hidden(swings: Sequence[Swing], shares: Sequence[Indices]) -> Iterator[str]:
    """Name the inputs that bring much of the variance, although the mean hardly moves from one end to the other."""
    moved = {one.input: abs(one.swing.value) for one in swings if isfinite(one.swing.value)}
    totals = {one.input: one.total.value for one in shares if isfinite(one.total.value)}
    widest = max(moved.values(), default=0.0)
    names = [one for one, total in totals.items() if total >= MUCH and moved.get(one, widest + 1) <= LITTLE * widest]
    if names:
        bar, what, it = ("the bar above is", "it does", "it")
        if len(names) > 1:
            bar, what, it = ("the bars above are", "they do", "them")
        yield ""
        yield from paragraph(
            f"{listed(names)}: {bar} short, but the total index is large. What {what} lies beyond the 10th and 90th "
            "percentile, is alike at both ends, or only shows together with other inputs; so do not leave "
            f"{it} out for a short bar."
        )


def _figures(one: Swing | Indices, names: Sequence[str]) -> dict[str, Figure]:
    return {name: Figure(*getattr(one, name)) for name in names}


def _units(worked: Worked) -> dict[str, Unit]:
    return units_of(worked.evaluate(np.full((worked.columns, 1), 0.5)))


def _bars(rows: Mapping[str, tuple[Callable[[int], str], str]]) -> Iterator[str]:
    """Draw a bar for each name, with a few words behind it."""
    left, right = min(max(map(len, rows)), NAME), max(len(words) for _, words in rows.values())
    room = WIDTH - 2 - left - 4 - (right + 1 if right else 0)
    for name, (bar, words) in rows.items():
        yield f"  {short(name, left).ljust(left)} |{bar(room).ljust(room)}| {words}".rstrip()


def _span(low: float, high: float, least: float, most: float, room: int) -> str:
    """Draw a bar from one value to another, on a scale that begins and ends where it is said."""
    if not (isfinite(low) and isfinite(high)):
        return ""
    width = (most - least) or 1.0
    begin, end = sorted(round((value - least) / width * room) for value in (low, high))
    begin = min(begin, room - 1)
    return " " * begin + "#" * max(end - begin, 1)


def _stacked(first: float, total: float, room: int) -> str:
    """Draw a first index, and what the total adds to it."""
    alone, all_ = (round(min(max(value, 0.0), 1.0) * room) for value in (first, total))
    return "#" * alone + "-" * max(all_ - alone, 0)


def sensitivity_data(
    worked: Worked, draws: Draws, swings: Swings | None = None, ranks: Ranks | None = None, shares: Shares | None = None
) -> dict[str, Any]:
    """Return the same as plain data: amounts as text in units of the currency, all else as numbers."""
    units, money = _units(worked), worked.contract.money

    def figure(estimate: Estimate, unit: Unit) -> dict[str, Any]:
        return figure_data(Figure(*estimate), unit, money)

    results: dict[str, dict[str, Any]] = {}
    for label, found in (swings or {}).items():
        unit = units.get(label, "number")
        results.setdefault(label, {"unit": money.code if unit == "money" else unit})["tornado"] = [
            {
                "input": one.input,
                "low": figure(one.low, unit),
                "high": figure(one.high, unit),
                "difference": figure(one.swing, unit),
                "without": one.without,
            }
            for one in found
        ]
    for label, ranked in (ranks or {}).items():
        results.setdefault(label, {"unit": units.get(label, "number")})["rank_correlations"] = [
            {"input": one.input, "correlation": figure(one.correlation, "number"), "without": one.without}
            for one in ranked
        ]
    for label, indices in (shares or {}).items():
        results.setdefault(label, {"unit": units.get(label, "number")})["sobol_indices"] = [
            {"input": one.input, "first": figure(one.first, "number"), "total": figure(one.total, "number")}
            for one in indices
        ]
    return {
        "scenario": worked.scenario.spec.scenario,
        "contract": worked.contract.name,
        "currency": money.code,
        "paths": draws.paths,
        "replicates": draws.replicates,
        "draws": draws.how,
        "seed": draws.seed,
        "results": results,
    }
