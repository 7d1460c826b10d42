"""What a scenario believes, one belief after the other: where it stands, what it is called, and how it is written."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor, log10
from pathlib import Path as Folder
from typing import Any, Literal, NamedTuple

import numpy as np
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from payfs.contract import Contract
from payfs.simulate.belief import BOUNDS, KINDS, read_belief, resolve, said
from payfs.simulate.draft_beliefs import flow, plain
from payfs.simulate.scenario import called
from payfs.simulate.single import Bootstrap
from payfs.simulate.spoken import NINE_IN_TEN, Said, chance_said, read_range
from payfs.spec import Figure, read_figure
from payfs.text import Document, Path, Refused, read_yaml

How = Literal["range", "certain", "other"]

SURE = ("eight times in ten", "nine times in ten", "95% of the time", "99% of the time")
"""How sure a range may be, as a person says it; any other that is written stays."""

STOPS = 100  # of a slider, about
SPARE = 1  # how much of a range a slider leaves on either side of it, in its lengths
SHARES = ("%", "chance", "share", "of the usual")  # units of what may be written from 0 to 1, too
PARTS = ("value", "chance", "each", "together", "dropout")
OF_OUTCOME = {"chance": "how likely", "months": "months until", "lasts": "months that it lasts"}


class Stated(NamedTuple):
    """A belief as it stands in a scenario.

    Attributes:
        path: where.
        name: in words.
        unit: what it is a number of.
        written: as it is written, in one line.
        how: whether it is a range in words, a certain figure, or anything else.
        said: the range.
        figure: the certain figure.
    """

    path: Path
    name: str
    unit: str
    written: str
    how: How
    said: Said | None = None
    figure: Figure | None = None

    @property
    def percent(self) -> bool:
        """Whether its figures carry a percent sign."""
        if self.said is not None:
            return self.said.low.percent or self.said.high.percent
        return self.figure.percent if self.figure is not None else "%" in self.written


def beliefs_of(document: Document, contract: Contract) -> list[Stated]:
    """Return what a scenario believes, in the order in which it is written.

    What is faulty is among them as it is written, so that it can be put right.

    Args:
        document: the scenario, read as YAML.
        contract: which it is about, for the units of its metrics.
    """
    data = document.data
    found = [*_metrics(data.get("metrics"), contract), *_groups(data.get("participants"))]
    for payer, value in _entries(data.get("delays")):
        at: Path = ("delays", payer)
        if isinstance(value, dict) and "days" in value:
            at, value = (*at, "days"), value["days"]
        found += _stated(at, f"delay of {payer}", "days", value)
    return found


def range_of(low: str, high: str, sure: str = "", likely: str = "") -> str:
    """Write a range in words: ``between 10% and 45%, nine times in ten, most likely 30%``."""
    parts = [f"between {low} and {high}", sure, f"most likely {likely}" if likely else ""]
    return ", ".join(part for part in parts if part)


def sure_of(said: Said) -> str:
    """Say how sure a range is."""
    return chance_said(said.chance)


def meaning(stated: Stated) -> str:
    """Say in words what a distribution means: its name, and where its values lie; nothing of what says that by itself.

    Nothing is said, either, of what cannot be read, or is read from a file.
    """
    if stated.how != "other":
        return ""
    try:
        belief = read_belief(read_yaml(f"said: {stated.written}", "belief").data["said"])
        if isinstance(belief.kind, Bootstrap):
            return ""
        made = resolve(belief, Folder())
    except (PydanticCustomError, ValidationError, Refused):
        return ""
    share = stated.unit in SHARES or not any(figure.value for _, figure in belief.figures())  # a beta's shape alone
    percent = made.percent or (share and 0 <= made.least <= made.most <= 1)
    low, middle, high = (_of_three(float(value), percent) for value in made.quantile(np.array([0.05, 0.5, 0.95])))
    where = f"nine times in ten between {low} and {high}, and as often above {middle} as below it"
    return f"{said(belief)}: {where}" if low != high else said(belief)


def _of_three(value: float, percent: bool) -> str:
    """Write a number with three digits."""
    shown = plain(_short(Fraction(value * (100 if percent else 1))))
    return f"{shown}%" if percent else shown


def as_range(stated: Stated) -> Said:
    """Return a range to start from, in the place of a belief that is written otherwise."""
    if stated.said is not None:
        return stated.said
    middle = stated.figure.value if stated.figure is not None else None
    figures = sorted(_figures(stated.written)) if middle is None else []
    if middle is not None:
        low, high = sorted((middle * Fraction(8, 10), middle * Fraction(12, 10)))
    elif len(figures) > 1:
        low, high = figures[0], figures[-1]
    else:
        low, high = Fraction(0), Fraction(100)
    if low == high:
        high = low + 1
    return Said(Figure(_short(low), stated.percent), Figure(_short(high), stated.percent), NINE_IN_TEN)


def stops(said: Said, chance: bool = False) -> list[str]:
    """Return where the ends of a range may be moved to: evenly spaced figures, and among them the ends as they are.

    Args:
        said: the range.
        chance: whether it is one of a chance or a share of people, from 0% to 100%.
    """
    low, high = said.low.value, said.high.value
    percent = said.low.percent or said.high.percent
    least, most = low - SPARE * (high - low), high + SPARE * (high - low)
    if low >= 0:
        least = Fraction(0)
    if chance or (percent and low >= 0 and high <= 100):
        least, most = Fraction(0), Fraction(100)
    step = _step(most - least)
    places = range(floor(least / step), ceil(most / step) + 1)
    figures = {place * step for place in places} | {low, high}
    figures |= set() if said.likely is None else {said.likely.value}
    return [f"{plain(figure)}{'%' if percent else ''}" for figure in sorted(figures)]


def figure_said(figure: Figure, percent: bool) -> str:
    """Write a figure as :func:`stops` does."""
    return f"{plain(figure.value)}{'%' if percent else ''}"


def _metrics(data: Any, contract: Contract) -> Iterator[Stated]:
    for name, value in _entries(data):
        scale = contract.frame.scales.get(name)
        unit = "" if scale is None else "%" if scale.percent else scale.plural
        yield from _metric(("metrics", name), name, unit, value)


def _metric(at: Path, name: str, unit: str, value: Any) -> Iterator[Stated]:
    if not isinstance(value, dict) or set(value) & {*KINDS, *BOUNDS}:
        yield from _stated(at, name, unit, value)
        return
    for part in PARTS:
        if part in value:
            kind = {"chance": "chance", "together": "of the usual", "dropout": "share"}.get(part, unit)
            yield from _stated((*at, part), name if part == "value" else called(f"{name}: {part}"), kind, value[part])
    yield from _people((*at, "people"), name, value.get("people"))
    for part, inside in _entries(value.get("trend")):
        yield from _stated((*at, "trend", part), called(f"{name}: trend"), "" if part == "grows" else unit, inside)
    for part in ("by_cohort", "by_period"):
        for which, inside in _entries(value.get(part)):
            yield from _metric((*at, part, which), f"{name} ({which})", unit, inside)
    evaluation = value.get("evaluation")
    if isinstance(evaluation, dict) and "bias" in evaluation:
        yield from _stated((*at, "evaluation", "bias"), called(f"{name}: bias"), unit, evaluation["bias"])


def _people(at: Path, name: str, value: Any) -> Iterator[Stated]:
    if value is None:
        return
    words = called(f"{name}: how many people")
    if not isinstance(value, dict) or set(value) & {*KINDS, *BOUNDS}:
        yield from _stated(at, words, "people", value)
        return
    if "number" in value:
        yield from _stated((*at, "number"), words, "people", value["number"])
    for part in ("by_cohort", "by_period"):
        for which, inside in _entries(value.get(part)):
            yield from _stated((*at, part, which), f"{words} ({which})", "people", inside)
    enrolment = value.get("enrolment")
    for part, what, unit in (("full", "people in full", "people"), ("late", "late start", "months")):
        if isinstance(enrolment, dict) and part in enrolment:
            yield from _stated((*at, "enrolment", part), called(f"{name}: {what}"), unit, enrolment[part])


def _groups(data: Any) -> Iterator[Stated]:
    for name, group in _entries(data):
        at: Path = ("participants", name)
        if isinstance(group, dict) and "people" in group:
            yield from _stated((*at, "people"), called(f"{name}: how many people"), "people", group["people"])
        for outcome, inside in _entries(group.get("outcomes") if isinstance(group, dict) else None):
            for part, words in OF_OUTCOME.items():
                if isinstance(inside, dict) and part in inside:
                    where = (*at, "outcomes", outcome, part)
                    unit = "chance" if part == "chance" else "months"
                    yield from _stated(where, f"{words} {outcome} of {name}", unit, inside[part])


def _entries(data: Any) -> Iterator[tuple[str, Any]]:
    yield from data.items() if isinstance(data, dict) else ()


def _stated(path: Path, name: str, unit: str, value: Any) -> Iterator[Stated]:
    if not isinstance(value, str):
        yield Stated(path, name, unit, flow(value), "other")
        return
    if value.lower().startswith("between "):
        try:
            said = read_range(value.strip()[len("between ") :])
        except PydanticCustomError:
            yield Stated(path, name, unit, value, "other")
        else:
            yield Stated(path, name, unit, value, "range", said=said)
        return
    try:
        yield Stated(path, name, unit, value, "certain", figure=read_figure(value))
    except PydanticCustomError:
        yield Stated(path, name, unit, value, "other")


def _figures(written: str) -> Iterator[Fraction]:
    """Yield the figures that stand in a belief."""
    for word in written.replace("{", " ").replace("}", " ").replace(", ", " ").replace(":", " ").split():
        try:
            yield read_figure(word.strip("'\"")).value
        except PydanticCustomError:
            continue


def _short(number: Fraction) -> Fraction:
    """Round to three digits."""
    if not number:
        return number
    unit = Fraction(10) ** (floor(log10(abs(number))) - 2)
    return round(number / unit) * unit


def _step(width: Fraction) -> Fraction:
    """Return a round step that leaves about so many stops in a width."""
    rough = float(width) / STOPS
    unit = Fraction(10) ** floor(log10(rough))
    return next(times * unit for times in (1, 2, 5, 10) if times * unit >= Fraction(rough) * Fraction(99, 100))
