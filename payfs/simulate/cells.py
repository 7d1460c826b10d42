"""For which results of a metric something is said: by cohort or by period, some of them, or all others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from payfs.simulate.builder import Builder
from payfs.text import Path, suggest

OTHERS = "others"
Said = TypeVar("Said")


class Cell(NamedTuple):
    """One result of a metric: a place on the cohort axis and on the period axis, and its number in order of time."""

    row: int
    place: int
    order: int


def names_of(builder: Builder, key: str, cell: Cell) -> tuple[str, ...]:
    """Return what a cell's cohort, or its period, may be called: a period by its own name or that of its run."""
    frame = builder.contract.frame
    period = frame.periods[cell.place]
    return (frame.cohorts[cell.row],) if key == "by_cohort" else (period.name, period.run)


def split(
    builder: Builder, key: str, said: Mapping[str, Said], cells: Sequence[Cell], at: Path
) -> Iterator[tuple[str, Said, list[int]]]:
    """Yield each entry of ``by_cohort`` or ``by_period``, and the places of the cells that it is about.

    An entry names a cohort, a period or a run of periods, several that follow each other (``2016 to 2018``), or
    ``others``. What is named by itself goes before a run. Faults are noted: names that there are not, cells of which
    something is said twice, or nothing.
    """
    own = [names_of(builder, key, cell)[0] for cell in cells]
    order = list(dict.fromkeys(own))
    runs = _runs(builder, key, cells)
    kind, mine, left = key.removeprefix("by_"), dict[str, list[int]](), set(range(len(cells)))
    for entry in sorted((entry for entry in said if entry != OTHERS), key=lambda entry: entry in runs):
        if entry in order:
            found = [n for n, name in enumerate(own) if name == entry]
        elif entry in runs:
            found = [n for n, cell in enumerate(cells) if n in left and entry in names_of(builder, key, cell)]
        else:
            found = [n for n, name in enumerate(own) if name in _stretch(entry, order)]
        if not found and entry not in runs:
            hint = suggest(entry, order) or f"name one of {', '.join([*order, *runs][:12])}"
            builder.fault((*at, entry), f"there is no {kind} {entry!r} here", hint)
        twice = [own[n] for n in found if n not in left]
        if twice:
            builder.fault((*at, entry), f"{twice[0]} is named by two entries", "let one entry say what holds for it")
        left -= set(found)
        mine[entry] = found
    if OTHERS in said:
        mine[OTHERS] = sorted(left)
    elif left:
        words = ", ".join(dict.fromkeys(own[n] for n in sorted(left)))
        remedy = "say it of each, or of all others by the word others"
        builder.fault(at, f"nothing is said of {words if len(words) <= 200 else words[:197] + '...'}", remedy)
    for entry, about in said.items():
        if mine[entry]:
            yield entry, about, mine[entry]


def _runs(builder: Builder, key: str, cells: Sequence[Cell]) -> list[str]:
    named = [names_of(builder, key, cell) for cell in cells]
    return list(dict.fromkeys(names[-1] for names in named if len(names) > 1 and names[-1] != names[0]))


def _stretch(entry: str, order: Sequence[str]) -> Sequence[str]:
    """Return the names that ``2016 to 2018`` stands for; none where it is no such stretch."""
    parts = entry.split(" to ")
    for at in range(1, len(parts)):
        first, last = " to ".join(parts[:at]), " to ".join(parts[at:])
        if first in order and last in order:
            return order[order.index(first) : order.index(last) + 1]
    return ()
