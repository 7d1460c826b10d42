"""Two scenarios side by side: who gains and loses what, on the same random numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from payfs.report.compared_labels import named
from payfs.report.lines import table, wrapped
from payfs.report.phrases import listed
from payfs.report.simulation_figures import paragraph, shown_of, spread
from payfs.report.simulation_returns import called_early_lines
from payfs.simulate.budget import YEAR
from payfs.simulate.compared import Comparison, Difference
from payfs.simulate.question import Unit
from payfs.simulate.risk import Figure, Label
from payfs.simulate.worked import LOWEST, TOTAL

KINDS = (
    ("What is paid in all, and by rule", ("total", "rule ")),
    ("What each payer pays", ("payer ",)),
    ("What is paid in each fiscal year", ("fiscal year ",)),
)


FALLS = ((" loss", "above nothing", ": money is lost"), (LOWEST, "below nothing", f"{LOWEST} below nothing"))
"""How labels of amounts end, the chance that is told of them, and in which words."""

HEADER = ("", "A, mean", "B, mean", "B - A, mean", "±")


def compared_lines(made: Comparison) -> Iterator[str]:
    """Write a comparison."""
    names = _names(made)
    money = made.one.contract.money
    yield from wrapped(
        f"{names[0]} (A) and {names[1]} (B) on the same {made.paths:,} paths, in {money.code}. What is uncertain in "
        "both by the same name is drawn alike, so that a difference is one of terms and not of luck."
    )
    if made.apart:
        yield from wrapped(f"Only one of them has these inputs, or draws them otherwise: {listed(made.apart)}.")
    yield ""
    yield from wrapped(_summary(made, names))
    for title, starts in KINDS:
        mine = [label for label in made.labels if label.startswith(starts) and _chance(made.labels[label][:2]) is None]
        rows = [_money_row(made, label) for label in mine]
        if rows:
            yield ""
            yield title
            yield from table(HEADER, rows, right=(1, 2, 3, 4))
    yield from _enough(made)
    yield from _parties(made)
    yield from called_early_lines(made.one.called_early | made.other.called_early)
    yield from _events(made)


def _names(made: Comparison) -> tuple[str, str]:
    one, other = made.one.scenario, made.other.scenario
    if one.spec.scenario != other.spec.scenario:
        return one.spec.scenario, other.spec.scenario
    if one.contract.name != other.contract.name:
        return f"{one.spec.scenario} under {one.contract.name}", f"{other.spec.scenario} under {other.contract.name}"
    return one.file, other.file if other.file != one.file else other.contract.file


def _summary(made: Comparison, names: tuple[str, str]) -> str:
    show, difference = made.one.contract.money.show, made.labels[TOTAL]
    assert difference.gain is not None
    gain = difference.gain.figures["mean"]
    if gain.value == 0 and gain.error == 0:
        return "Under both the same is paid on every path."
    more, less = difference.more or Figure(0, 0), difference.less or Figure(0, 0)
    word = "more" if gain.value >= 0 else "less"
    return (
        f"Under B {show(abs(round(gain.value)))} {word} is paid on the average (± {show(round(gain.error))}): more on "
        f"{100 * more.value:.1f}% of the paths, less on {100 * less.value:.1f}%. The 95th percentile of the total is "
        f"{_at(made, difference.one, 'p95')} under A and {_at(made, difference.other, 'p95')} under B."
    )


def _at(made: Comparison, label: Label | None, name: str) -> str:
    return "nothing" if label is None else made.one.contract.money.show(round(label.figures[name].value))


def _money_row(made: Comparison, label: str) -> tuple[str, ...]:
    show = made.one.contract.money.show
    one, other, gain = made.labels[label][:3]
    name = named(made, label) if label.startswith("payer ") else label

    def mean(of: Label | None) -> str:
        return "-" if of is None else show(round(of.figures["mean"].value))

    error = "" if gain is None else show(round(gain.figures["mean"].error))
    return _short(name), mean(one), mean(other), mean(gain), error


def _short(label: str, room: int = 22) -> str:
    return label if len(label) <= room else label[: room - 3] + "..."


def _enough(made: Comparison) -> Iterator[str]:
    """Write what is enough in each fiscal year, and in all, with 80% and 95% confidence."""
    rows: dict[str, tuple[dict[str, Figure], Unit]] = {}
    for label, difference in made.labels.items():
        if (label == TOTAL or label.startswith(YEAR)) and _chance(difference[:2]) is None:
            sides = zip("AB", difference[:2], strict=True)
            figures = {f"{side} {name}": of.figures[name] for side, of in sides if of for name in ("p80", "p95")}
            rows["all years" if label == TOTAL else label.removeprefix(YEAR)] = (figures, "money")
    if len(rows) < 2:
        return
    shown = shown_of(made.one.contract.money, (one.value for figures, _ in rows.values() for one in figures.values()))
    yield ""
    yield from wrapped(f"What to appropriate, so that it is enough with 80% and 95% confidence [{shown.unit}]")
    yield from spread(shown, rows, {"A, 80%": "A p80", "B, 80%": "B p80", "A, 95%": "A p95", "B, 95%": "B p95"})
    yield from paragraph("Figures of single years do not add up to what is enough for all of them together.")


def _parties(made: Comparison) -> Iterator[str]:
    """Write what tranches and the provider gain or lose."""
    rates = [label for label in made.labels if label.endswith((" IRR", " multiple"))]
    amounts = [label for label in made.labels if label.endswith((" received", " loss")) or label == "lowest cash"]
    if amounts:
        yield ""
        yield "What investors and the provider gain or lose"
        rows = [_money_row(made, label) for label in amounts]
        yield from table(HEADER, rows, right=(1, 2, 3, 4))
    if rates:
        yield ""
        yield "Rates of return and multiples"
        yield from table(
            ("", "A, mean", "B, mean", "B - A, mean", "±"), [_rate_row(made, r) for r in rates], right=(1, 2, 3, 4)
        )


def _rate_row(made: Comparison, label: str) -> tuple[str, ...]:
    def said(of: Label | None, name: str = "value") -> str:
        if of is None or "mean" not in of.figures:
            return "none"
        value = getattr(of.figures["mean"], name)
        return f"{100 * value:.2f}%" if label.endswith(" IRR") else f"{value:.4f}"

    one, other, gain = made.labels[label][:3]
    return _short(label), said(one), said(other), said(gain), said(gain, "error") if gain is not None else ""


def _events(made: Comparison) -> Iterator[str]:
    rows = []
    for label, difference in made.labels.items():
        chances = [None if of is None else of.figures.get("probability") for of in difference[:2]]
        if any(chance is not None for chance in chances):
            rows.append((_short(label, 48), *("-" if c is None else f"{100 * c.value:.2f}%" for c in chances)))
        for ending, name, words in FALLS:
            if label.endswith(ending) and any(difference[:2]):
                chances = [None if of is None else of.figures.get(name) for of in difference[:2]]
                said = _short(label.removesuffix(ending) + words, 48)
                rows.append((said, *("-" if c is None else f"{100 * c.value:.2f}%" for c in chances)))
    if rows:
        yield ""
        yield "How likely it is"
        yield from table(("", "A", "B"), rows, right=(1, 2))


def _chance(both: Iterable[Label | None]) -> Figure | None:
    """Return how likely an event is in the first that has it; None for amounts and rates."""
    return next((one.figures["probability"] for one in both if one and "probability" in one.figures), None)


def compared_data(made: Comparison) -> dict[str, Any]:
    """Return a comparison as plain data; amounts in units of the currency."""
    names = _names(made)
    return {
        "one": names[0],
        "other": names[1],
        "currency": made.one.contract.money.code,
        "paths": made.paths,
        "drawn_alike": list(made.shared),
        "drawn_apart": list(made.apart),
        "labels": {label: _data(made, label, difference) for label, difference in made.labels.items()},
    }


def _data(made: Comparison, label: str, difference: Difference) -> dict[str, Any]:
    plain = 1 if label.endswith((" IRR", " multiple")) else made.one.contract.money.minor

    def of(one: Label | None) -> dict[str, Any] | None:
        if one is None:
            return None
        scales = {name: 1 if name in UNSCALED else plain for name in one.figures}
        return {
            name: {"value": _number(f.value / scales[name]), "standard_error": _number(f.error / scales[name])}
            for name, f in one.figures.items()
        }

    return {
        "one": of(difference.one),
        "other": of(difference.other),
        "difference": of(difference.gain),
        "more": None if difference.more is None else difference.more.value,
        "less": None if difference.less is None else difference.less.value,
    }


UNSCALED = ("probability", "none", "below nothing", "above nothing")


def _number(value: float) -> float | None:
    return None if np.isnan(value) else value
