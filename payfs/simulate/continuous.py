"""The kinds of distribution of a number that can take any value in a range, as they are written in a scenario."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from math import log, sqrt
from pathlib import Path as Folder
from typing import Any, ClassVar, Self

from pydantic import Field
from scipy import special

from payfs.simulate.beta import Beta as BetaDistribution
from payfs.simulate.distributions import Distribution
from payfs.simulate.distributions import LogNormal as LogNormalDistribution
from payfs.simulate.distributions import Normal as NormalDistribution
from payfs.simulate.distributions import Triangular as TriangularDistribution
from payfs.simulate.distributions import Uniform as UniformDistribution
from payfs.simulate.kind import Chance, Kind, Plain, ascending, one_way, positive, root, worth
from payfs.simulate.spoken import chance_said, read_range
from payfs.simulate.two_piece import fitted
from payfs.spec import Figure, Problem, Quantity, decimal, quoted, refuse
from payfs.text import Path

WHOLE = Figure(Fraction(100), percent=True)
NOTHING = Figure(Fraction(0))
LEAST_BETA, MOST_BETA = Fraction(1, 1000), Fraction(10**9)
MOST_LOG_SD = 10  # one standard deviation is then a factor of 22,000


class Between(Kind):
    """A range in which the number lies with some probability, and outside on either side alike.

    Without a most likely value it is a normal, with one a two-piece normal, which leans to one side.
    """

    example: ClassVar[str] = "60% and 85%, nine times in ten, most likely 75%"

    @classmethod
    def schema_of(cls) -> dict[str, Any]:
        return {"type": "string"}

    low: Quantity
    high: Quantity
    chance: Chance
    likely: Quantity | None = None

    @classmethod
    def read(cls, value: Any) -> Self:
        if not isinstance(value, str) or not value.strip():
            what = f"{quoted(value)} stands where a sentence is meant" if value else "the sentence is empty"
            raise refuse(what, f"write it as in between: {cls.example}")
        low, high, chance, likely = read_range(re.sub(r"^\s*between\s", "", value, flags=re.I))
        return cls(low=low, high=high, chance=chance, likely=likely)

    def figures(self) -> Iterator[tuple[Path, Figure]]:
        for _, figure in super().figures():
            yield (), figure

    def problems(self) -> Iterator[Problem]:
        low, high = self.low.share, self.high.share
        if low > high:
            yield Problem((), f"it begins at {self.low}, above its end, {self.high}", "write the smaller figure first")
        elif low == high:
            yield Problem((), f"it begins and ends at {self.high}", "write the figure alone if it is certain")
        elif self.likely is not None and not low <= self.likely.share <= high:
            what = f"{self.likely} is said to be most likely, but lies outside {self.low} to {self.high}"
            yield Problem((), what, "name a value in the range, or widen the range")

    def distribution(self, percent: bool, folder: Folder) -> Distribution:
        low, high = self.low.share, self.high.share
        if self.likely is None:
            spreads = sqrt(2) * float(special.erfinv(float(self.chance)))  # from the middle to either end
            return NormalDistribution(float((low + high) / 2), float((high - low) / 2) / spreads, percent=percent)
        mode = self.likely.share
        return fitted(float(mode), float(mode - low), float(high - mode), float(self.chance), percent)

    def said(self) -> str:
        likely = f", most likely {self.likely}" if self.likely is not None else ""
        return f"between {self.low} and {self.high}, {chance_said(self.chance)}{likely}"


class Normal(Kind):
    """Values lie around a mean, alike on either side."""

    example: ClassVar[str] = "{mean: 30%, sd: 12%}"

    mean: Quantity
    sd: Quantity

    def problems(self) -> Iterator[Problem]:
        yield from positive("sd", self.sd)

    def distribution(self, percent: bool, folder: Folder) -> Distribution:
        return NormalDistribution(worth(self.mean), worth(self.sd), percent=percent)

    def said(self) -> str:
        return f"normal with mean {self.mean} and standard deviation {self.sd}"


class LogNormal(Kind):
    """Values above 0 that lie around a median by factors alike: half as much is as likely as twice as much.

    ``sd of log`` is the standard deviation of the natural logarithm: with 0.1, two values in three lie within about
    10% of the median.
    """

    example: ClassVar[str] = "{mean: 5, sd: 2}"

    mean: Quantity | None = None
    sd: Quantity | None = None
    median: Quantity | None = None
    log_sd: Plain | None = Field(None, alias="sd of log")

    def problems(self) -> Iterator[Problem]:
        yield from one_way(self, ("mean", "sd"), ("median", "sd of log"))
        for key, number in ("mean", self.mean), ("sd", self.sd), ("median", self.median), ("sd of log", self.log_sd):
            yield from positive(key, number)
        if self.log_sd is not None and self.log_sd > MOST_LOG_SD:
            what = f"a standard deviation of the logarithm of {decimal(self.log_sd)} is too wide to be drawn from"
            yield Problem(("sd of log",), what, f"write at most {MOST_LOG_SD}")

    def distribution(self, percent: bool, folder: Folder) -> Distribution:
        if self.mean is not None and self.sd is not None:
            return LogNormalDistribution.of(worth(self.mean), worth(self.sd), percent)
        assert self.median is not None
        assert self.log_sd is not None
        return LogNormalDistribution(log(worth(self.median)), float(self.log_sd), percent=percent)

    def said(self) -> str:
        if self.log_sd is None:
            return f"lognormal with mean {self.mean} and standard deviation {self.sd}"
        return f"lognormal with median {self.median} and standard deviation of the logarithm {decimal(self.log_sd)}"


class Beta(Kind):
    """A share between 0% and 100%, or a number between a least and a most.

    With ``a`` and ``b``: after ``a - 1`` successes and ``b - 1`` failures in trials of which nothing was known before.
    """

    example: ClassVar[str] = "{a: 5, b: 1}"

    a: Plain | None = None
    b: Plain | None = None
    mean: Quantity | None = None
    sd: Quantity | None = None
    least: Quantity | None = None
    most: Quantity | None = None

    @property
    def ends(self) -> tuple[Figure, Figure]:
        """The least and the most: 0 and 100% unless said."""
        return NOTHING if self.least is None else self.least, WHOLE if self.most is None else self.most

    def problems(self) -> Iterator[Problem]:
        found = [*one_way(self, ("a", "b"), ("mean", "sd")), *self._ends_in_order()]
        found += [*positive("a", self.a), *positive("b", self.b), *positive("sd", self.sd)]
        found = found or [*self._too_wide()]
        yield from found
        if found:
            return
        for key, value in zip("ab", self.shape, strict=True):
            if LEAST_BETA <= value <= MOST_BETA:
                continue
            if self.sd is None:
                remedy = f"write a number from {decimal(LEAST_BETA)} to {decimal(MOST_BETA)}"
                yield Problem((key,), f"{key} is {decimal(value)}, which cannot be drawn from", remedy)
            else:
                size, remedy = "large", "write a smaller one, or discrete: with the chances of the least and the most"
                if value > MOST_BETA:
                    size, remedy = "small", "write the figure alone if it is certain"
                yield Problem(("sd",), f"sd is {self.sd}, which is too {size} to be drawn from", remedy)
                return

    def _ends_in_order(self) -> Iterator[Problem]:
        """Find a least and a most that are not in order, though one of them may not be said."""
        low, high = self.ends
        if self.least is not None and self.most is not None:
            yield from ascending(("least", low), ("most", high))
        elif low.share >= high.share:
            key, other = ("least", f"most is {WHOLE}") if self.most is None else ("most", f"least is {NOTHING}")
            remedy = f"say {other.split()[0]} too"
            yield Problem((key,), f"{key} is {getattr(self, key)}, and {other} where it is not said", remedy)

    def _too_wide(self) -> Iterator[Problem]:
        """Find a mean that is not between the ends, and an sd that no beta with that mean has."""
        if self.mean is None or self.sd is None:
            return
        low, high = self.ends
        room = (self.mean.share - low.share) * (high.share - self.mean.share)
        if room <= 0:
            what = f"mean is {self.mean}, which is not between {low} and {high}"
            yield Problem(("mean",), what, "write one between them, or say least and most")
        elif self.sd.share**2 >= room:
            most = root(room * 10_000) + "%" if self.mean.percent else root(room)
            what = f"sd is {self.sd}, but with a mean of {self.mean} between {low} and {high} it is less than {most}"
            yield Problem(("sd",), what, "write a smaller one")

    @property
    def shape(self) -> tuple[Fraction, Fraction]:
        """The parameters a and b."""
        if self.a is not None and self.b is not None:
            return self.a, self.b
        assert self.mean is not None
        assert self.sd is not None
        low, high = (end.share for end in self.ends)
        share, spread = (self.mean.share - low) / (high - low), self.sd.share / (high - low)
        both = share * (1 - share) / spread**2 - 1
        return share * both, (1 - share) * both

    def distribution(self, percent: bool, folder: Folder) -> Distribution:
        a, b = self.shape
        low, high = self.ends
        return BetaDistribution(float(a), float(b), worth(low), worth(high), percent=percent)

    def said(self) -> str:
        text = f"beta with mean {self.mean} and standard deviation {self.sd}"
        if self.a is not None and self.b is not None:
            text = f"beta with a = {decimal(self.a)} and b = {decimal(self.b)}"
        low, high = self.ends
        return text if self.least is None and self.most is None else f"{text} between {low} and {high}"


class Triangular(Kind):
    """Likelihood rises in a straight line from the least to the most likely value, and falls in one to the most."""

    example: ClassVar[str] = "{least: 1, most likely: 2, most: 5}"
    word: ClassVar[str] = "triangular"

    least: Quantity
    likely: Quantity = Field(alias="most likely")
    most: Quantity

    def problems(self) -> Iterator[Problem]:
        yield from ascending(("least", self.least), ("most likely", self.likely), ("most", self.most))

    def distribution(self, percent: bool, folder: Folder) -> Distribution:
        return TriangularDistribution(worth(self.least), worth(self.likely), worth(self.most), percent=percent)

    def said(self) -> str:
        return f"{self.word} from {self.least} to {self.most}, most likely {self.likely}"


class Pert(Triangular):
    """A smooth rise from the least to the most likely value and a smooth fall to the most.

    A beta whose mean is the sixth part of the least, four times the most likely and the most (D. G. Malcolm, J. H.
    Roseboom, C. E. Clark and W. Fazar, "Application of a technique for research and development program evaluation",
    Operations Research 7(5), 1959), with ``a + b = 6``.
    """

    word: ClassVar[str] = "PERT"

    def distribution(self, percent: bool, folder: Folder) -> Distribution:
        low, high = self.least.share, self.most.share
        lean = 4 * (self.likely.share - low) / (high - low)
        return BetaDistribution(float(1 + lean), float(5 - lean), float(low), float(high), percent=percent)


class Uniform(Kind):
    """Every value from the least to the most is as likely as every other."""

    example: ClassVar[str] = "{least: 1, most: 5}"

    least: Quantity
    most: Quantity

    def problems(self) -> Iterator[Problem]:
        yield from ascending(("least", self.least), ("most", self.most))

    def distribution(self, percent: bool, folder: Folder) -> Distribution:
        return UniformDistribution(worth(self.least), worth(self.most), percent=percent)

    def said(self) -> str:
        return f"anything from {self.least} to {self.most}, each as likely"
