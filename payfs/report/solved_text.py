"""Where a question just holds, as text of at most 80 columns and as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from math import isfinite
from typing import Any

from payfs.report.lines import table, wrapped
from payfs.report.phrases import start
from payfs.simulate.question import Question
from payfs.simulate.solve import Look, Solved
from payfs.spec import decimal


def solved_lines(
    solved: Solved, question: Question, name: str, show: Callable[[Fraction], str] = decimal
) -> Iterator[str]:
    """Write what was asked, the answer, and every place that was looked at.

    Args:
        solved: the answer.
        question: that was asked.
        name: what was varied, such as ``rules.housing.price``.
        show: how it is written.
    """
    yield from wrapped(f"Asked: {name} at which {question.said()}.")
    yield ""
    yield from wrapped(solved.said(question, name, show))
    yield ""
    yield "Every place that was looked at, on the same random numbers"
    more = solved.more(question)
    rows = [(show(look.x), question.show(look.value, more), _mark(look, solved)) for look in solved.looks]
    yield from table((_head(name), _asked(question), "holds"), rows, right=(0, 1))


def _head(name: str) -> str:
    return name if len(name) <= 40 else f"...{name[-37:]}"


def _asked(question: Question) -> str:
    return {"chance": "probability", "mean": "mean", "percentile": f"P{decimal(question.percent)}"}[question.asks]


def _mark(look: Look, solved: Solved) -> str:
    return f"{'yes' if look.holds else 'no'}{', the answer' if look == solved.answer else ''}"


def solved_data(
    solved: Solved, question: Question, name: str, show: Callable[[Fraction], str] = decimal
) -> dict[str, Any]:
    """Return the same as plain data: places and values as they are written, and values as numbers, too."""
    more = solved.more(question)

    def look_data(look: Look | None) -> dict[str, Any] | None:
        if look is None:
            return None
        value = look.value if isfinite(look.value) else None
        money = question.money if question.figure_unit == "money" else None
        return {
            "at": show(look.x),
            "value": value if money is None or value is None else money.plain(round(value)),
            "shown": question.show(look.value, more),
            "holds": look.holds,
        }

    return {
        "vary": name,
        "asked": start(question.said()),
        "unit": question.money.code if question.figure_unit == "money" else question.figure_unit,
        "answer": look_data(solved.answer),
        "beyond": look_data(solved.beyond),
        "everywhere": solved.everywhere,
        "monotone": solved.monotone,
        "low": show(solved.low),
        "high": show(solved.high),
        "looks": [look_data(look) for look in solved.looks],
        "said": solved.said(question, name, show),
    }
