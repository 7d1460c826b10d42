"""What all kinds of distribution share as they are written in a scenario, and how what is wrong in one is told."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import pairwise
from math import sqrt
from pathlib import Path as Folder
from typing import Annotated, Any, ClassVar, Self

from pydantic import PlainValidator, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from payfs.simulate.distributions import Distribution
from payfs.spec import NUMBER_OR_TEXT, Figure, Problem, Spec, decimal, quoted, read_figure, read_share, refuse
from payfs.text import Path, suggest


def read_plain(value: object) -> Fraction:
    """Read a number that has no percent sign, whatever is believed of."""
    if isinstance(value, Fraction):
        return value
    figure = read_figure(value)
    if figure.percent:
        raise refuse(f"{quoted(value)} is a percentage where a plain number is meant", "write it without the sign")
    return figure.value


def read_chance(value: object) -> Fraction:
    """Read a chance: ``35%``, ``5/6`` or ``0.35``."""
    chance = read_share(value)
    if chance > 1:
        raise refuse(f"the chance {quoted(value)} is more than certain", "write at most 100%")
    return chance


Plain = Annotated[Fraction, PlainValidator(read_plain), NUMBER_OR_TEXT]
Chance = Annotated[Fraction, PlainValidator(read_chance), NUMBER_OR_TEXT]


class Kind(Spec):
    """One kind of distribution, as written.

    Attributes:
        example: how it is written.
        counts: whether it counts whole things, so that its values carry no percent sign.
    """

    example: ClassVar[str]
    counts: ClassVar[bool] = False

    @classmethod
    def read(cls, value: Any) -> Self:
        """Read the block under the kind's name.

        Raises:
            ValidationError, PydanticCustomError: it cannot be read.
        """
        return cls.model_validate(value)

    @classmethod
    def schema_of(cls) -> dict[str, Any]:
        """Return the JSON Schema of the block under the kind's name."""
        return cls.model_json_schema()

    def figures(self) -> Iterator[tuple[Path, Figure]]:
        """List the figures that are values of what is believed, with their places in the block."""
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if isinstance(value, Figure):
                yield (field.alias or name,), value

    def problems(self) -> Iterator[Problem]:
        """Find what is wrong with figures that can each be read."""
        yield from ()

    @abstractmethod
    def distribution(self, percent: bool, folder: Folder) -> Distribution:
        """Build the distribution; ``folder`` is where files that it names are."""

    @abstractmethod
    def said(self) -> str:
        """Say it as an English phrase."""


def worth(figure: Figure) -> float:
    """Return a figure as a plain number: 30% is 0.30."""
    return float(figure.share)


def root(square: Fraction) -> str:
    """Say a square root to four digits."""
    return f"{sqrt(square):.4g}"


def positive(key: str, number: Figure | Fraction | None) -> Iterator[Problem]:
    """Find a number that has to be above 0 and is not."""
    value = number.value if isinstance(number, Figure) else number
    if number is not None and value is not None and value <= 0:
        shown = str(number) if isinstance(number, Figure) else decimal(number)
        what = f"{key} is {shown}, which is not above 0"
        figure_alone = "write one above 0" + (", or the figure alone if it is certain" if key == "sd" else "")
        yield Problem((key,), what, figure_alone)


def ascending(*ends: tuple[str, Figure]) -> Iterator[Problem]:
    """Find ends that are not in order; the first and last may not be the same."""
    for (low, small), (high, large) in pairwise(ends):
        if small.share > large.share:
            yield Problem((high,), f"{high} is {large}, which is below {low}, {small}", "write them in order of size")
            return
    (low, small), (high, large) = ends[0], ends[-1]
    if small.share == large.share:
        what = f"{low} and {high} are both {large}"
        yield Problem((high,), what, "write the figure alone if it is certain")


def one_way(kind: Kind, *ways: tuple[str, ...]) -> Iterator[Problem]:
    """Find keys of two ways to say the same, or of one way only in part.

    Args:
        kind: the block.
        ways: the keys of each way.
    """
    written = {
        field.alias or name for name, field in type(kind).model_fields.items() if getattr(kind, name) is not None
    }
    begun = [way for way in ways if written & set(way)]
    remedy = "give " + ", or ".join(" and ".join(way) for way in ways)
    if len(begun) != 1:
        what = "it is said in two ways" if begun else f"{' and '.join(ways[0])} are missing"
        yield Problem((), what, remedy)
        return
    for key in begun[0]:
        if key not in written:
            yield Problem((), f"the key {quoted(key)} is missing", remedy)


def failing(errors: Iterable[tuple[Path, PydanticCustomError]]) -> ValidationError:
    """Build the error of a belief in which several things are wrong, each at its own place."""
    details = [InitErrorDetails(type=error, loc=path, input=None) for path, error in errors]
    return ValidationError.from_exception_data("belief", details)


def told(error: ValidationError, kind: type[Kind], name: str) -> Iterator[tuple[Path, PydanticCustomError]]:
    """Turn what pydantic says of a block into facts and remedies, each with its place under the block."""
    known = [field.alias or key for key, field in kind.model_fields.items()]
    example = f"write it as in {name}: {kind.example}"
    for detail in error.errors(include_url=False):
        path, context = tuple(detail["loc"]), detail.get("ctx", {})
        if detail["type"] == "payfs":
            yield path, refuse(context["what"], context["remedy"])
        elif detail["type"] == "extra_forbidden":
            hint = suggest(str(path[-1]), known) or f"its keys are {', '.join(known)}"
            yield path, refuse(f"unknown key {quoted(path[-1])}", hint)
        elif detail["type"] == "missing":
            yield path[:-1], refuse(f"the key {quoted(path[-1])} is missing", example)
        else:
            given = detail["input"]
            shown = "nothing" if given in ("", None) else quoted(given)
            yield path, refuse(f"{shown} stands where a block of keys is meant", example)
