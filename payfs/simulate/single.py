"""The kinds of distribution over single values, as they are written in a scenario: counts, lists and history."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path as Folder
from typing import Any, ClassVar, Self

from pydantic_core import PydanticCustomError

from payfs.simulate import tables
from payfs.simulate.distributions import Distribution
from payfs.simulate.history import read_column
from payfs.simulate.kind import Chance, Kind, Plain, failing, one_way, positive, read_chance, root
from payfs.spec import Count, Figure, Problem, Quantity, Text, decimal, quoted, read_figure, refuse
from payfs.text import Path

MOST_SHOWN = 12
NUMBER = {"type": ["number", "string"]}


class Exactly(Kind):
    """A figure that is certain."""

    example: ClassVar[str] = "300"

    figure: Quantity

    def distribution(self, percent: bool, folder: Folder) -> Distribution:
        return tables.discrete({self.figure.share: Fraction(1)}, percent)

    def said(self) -> str:
        return f"exactly {self.figure}"


class Binomial(Kind):
    """How many of so many succeed, each with the same chance and whatever the others do."""

    example: ClassVar[str] = "{of: 300, chance: 60%}"
    counts: ClassVar[bool] = True

    of: Count
    chance: Chance

    def problems(self) -> Iterator[Problem]:
        if self.of == 0:
            yield Problem(("of",), "it counts successes among none", "write a whole number of at least 1")

    def distribution(self, percent: bool, folder: Folder) -> Distribution:
        return tables.binomial(self.of, float(self.chance))

    def said(self) -> str:
        return f"how many of {self.of:,} succeed, each with a chance of {_share(self.chance)}"


class Poisson(Kind):
    """How often something happens, each time by itself, where so many times are expected."""

    example: ClassVar[str] = "{mean: 12}"
    counts: ClassVar[bool] = True

    mean: Plain

    def problems(self) -> Iterator[Problem]:
        yield from positive("mean", self.mean)

    def distribution(self, percent: bool, folder: Folder) -> Distribution:
        return tables.poisson(float(self.mean))

    def said(self) -> str:
        return f"Poisson with mean {decimal(self.mean)}"


class NegativeBinomial(Kind):
    """A count that spreads more than a Poisson, with its mean and sd; or how many fail before so many succeed."""

    example: ClassVar[str] = "{mean: 12, sd: 6}"
    counts: ClassVar[bool] = True

    mean: Plain | None = None
    sd: Plain | None = None
    successes: Count | None = None
    chance: Chance | None = None

    def problems(self) -> Iterator[Problem]:
        yield from one_way(self, ("mean", "sd"), ("successes", "chance"))
        signs = [*positive("mean", self.mean), *positive("sd", self.sd)]
        yield from signs
        if not signs and self.mean is not None and self.sd is not None and self.sd**2 <= self.mean:
            what = (
                f"sd is {decimal(self.sd)}, but with a mean of {decimal(self.mean)} it is more than {root(self.mean)}"
            )
            yield Problem(("sd",), what, "write a greater one, or poisson: with the mean alone")
        if self.successes == 0:
            yield Problem(("successes",), "it counts failures before no success", "write a whole number of at least 1")
        if self.chance == 0:
            yield Problem(("chance",), "without a chance of success the failures never end", "write one above 0%")

    def distribution(self, percent: bool, folder: Folder) -> Distribution:
        if self.mean is not None and self.sd is not None:
            more = self.sd**2 - self.mean
            return tables.negative_binomial(float(self.mean**2 / more), float(more / self.sd**2))
        assert self.successes is not None
        assert self.chance is not None
        return tables.negative_binomial(float(self.successes), float(1 - self.chance))

    def said(self) -> str:
        if self.mean is not None and self.sd is not None:
            return f"negative binomial with mean {decimal(self.mean)} and standard deviation {decimal(self.sd)}"
        assert self.chance is not None
        return f"how many fail before {self.successes:,} succeed, each with a chance of {_share(self.chance)}"


class Discrete(Kind):
    """One of a few values, each with its chance."""

    example: ClassVar[str] = "{0: 70%, 30: 20%, 90: 10%}"

    @classmethod
    def schema_of(cls) -> dict[str, Any]:
        return {"type": "object", "minProperties": 1, "additionalProperties": NUMBER}

    values: tuple[Quantity, ...]
    chances: tuple[Chance, ...]
    keys: tuple[str, ...]

    @classmethod
    def read(cls, value: Any) -> Self:
        if not isinstance(value, dict) or not value:
            shown = "nothing" if value in ("", None) or value == {} else quoted(value)
            what = f"{shown} stands where values with their chances are meant"
            raise refuse(what, f"write it as in discrete: {cls.example}")
        seen: dict[Fraction, str] = {}
        errors: list[tuple[Path, PydanticCustomError]] = []
        values, chances = [], []
        for key, chance in value.items():
            try:
                figure = read_figure(key)
                if figure.share in seen:
                    raise refuse(
                        f"the value {figure} stands twice", f"give its chances together, under {seen[figure.share]}"
                    )
                seen[figure.share] = key
                values.append(figure)
                chances.append(read_chance(chance))
            except PydanticCustomError as error:
                errors.append(((str(key),), error))
        if errors:
            raise failing(errors)
        return cls(values=tuple(values), chances=tuple(chances), keys=tuple(value))

    def figures(self) -> Iterator[tuple[Path, Figure]]:
        for key, figure in zip(self.keys, self.values, strict=True):
            yield (key,), figure

    def problems(self) -> Iterator[Problem]:
        total = sum(self.chances, Fraction(0))
        if total != 1:
            remedy = "write thirds and the like as 1/3" if abs(total - 1) < Fraction(1, 50) else "correct them"
            yield Problem((), f"its chances add up to {_share(total)}, not to 100%", remedy)

    def distribution(self, percent: bool, folder: Folder) -> Distribution:
        pairs = zip(self.values, self.chances, strict=True)
        return tables.discrete({figure.share: chance for figure, chance in pairs}, percent)

    def said(self) -> str:
        pairs = [*zip(self.values, self.chances, strict=True)]
        said = [f"{figure} with a chance of {_share(chance)}" for figure, chance in pairs[:MOST_SHOWN]]
        if len(pairs) > MOST_SHOWN:
            said[-1] = f"one of {len(pairs) - MOST_SHOWN + 1} other values"
        return " or ".join([", ".join(said[:-1]), said[-1]] if said[1:] else said)


class Bootstrap(Kind):
    """A value that was seen before, each as likely: a column of a CSV file, whose path starts at the scenario file."""

    example: ClassVar[str] = "{file: history.csv, column: reduction}"

    file: Text
    column: Text

    def history(self, folder: Folder) -> tuple[Figure, ...]:
        """Return the values in the file.

        Raises:
            Refused: the file is missing, or something in it cannot be used.
        """
        return read_column(folder, self.file, self.column)

    def distribution(self, percent: bool, folder: Folder) -> Distribution:
        values = self.history(folder)
        return tables.seen([figure.share for figure in values], any(figure.percent for figure in values))

    def said(self) -> str:
        return f"one of the values of {quoted(self.column)} in {self.file}, each as likely"


def _share(chance: Fraction) -> str:
    share = decimal(chance * 100)
    return decimal(chance) if "/" in share else f"{share}%"
