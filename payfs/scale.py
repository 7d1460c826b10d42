"""A metric's own step: measured values are whole numbers of it, so that no threshold is lost to floating point."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from payfs.money import MOST, Currency
from payfs.spec import DIGITS, Figure, decimal


class OffScale(ValueError):
    """A figure cannot stand on the scale: the fact, and the remedy."""

    def __init__(self, what: str, remedy: str) -> None:
        """Keep both for a finding."""
        super().__init__(what)
        self.what, self.remedy = what, remedy


@dataclass(frozen=True)
class Scale:
    """How a metric is measured: its unit and the step of which values are whole numbers.

    Attributes:
        step: the finest measure [units; percentage points for a percentage].
        unit: the unit in the singular; ``percentage point`` for a percentage.
        plural: the unit in the plural.
        percent: whether values are percentages.
        money: the currency, where values are money.
        yes_no: whether values are yes or no.
        least: the least value [steps], or None.
        most: the greatest value [steps], or None.
        lower_is_better: whether a baseline is beaten by falling below it.
    """

    step: Fraction
    unit: str
    plural: str
    percent: bool = False
    money: Currency | None = None
    yes_no: bool = False
    least: int | None = None
    most: int | None = None
    lower_is_better: bool = False

    def ungrouped(self, text: str) -> str:
        """Return a figure without its currency and the commas between thousands: 1200 for ``$1,200``.

        Where the metric is measured to thousandths, or in percent, 1,200 may as well mean 1.2, and is left as it is.
        """
        figure, below = text.removeprefix("-"), text.startswith("-")
        if self.money is not None:
            for sign in (self.money.code, self.money.symbol):
                figure = figure.removeprefix(sign).removesuffix(sign).strip()
        match = DIGITS.fullmatch(figure)
        if match is None or match[1]:
            return text
        plain = figure if self.percent or (self.step * 100).denominator != 1 else figure.replace(",", "")
        return f"-{plain}" if below else plain

    @property
    def worth(self) -> Fraction:
        """The value of one step as a plain number: 0.01% is 1/10000."""
        return self.step / 100 if self.percent else self.step

    def steps(self, figure: Figure) -> int:
        """Turn a figure into steps.

        Raises:
            OffScale: the percent sign is missing or too much, or the figure is finer than the step, or too large.
        """
        if self.percent and not figure.percent and figure.value != 0:
            raise OffScale(
                f"{figure} has no percent sign although a percentage is meant",
                f"write {figure}%"
                + (f" or {decimal(figure.value * 100)}%, whichever it is" if abs(figure.value) <= 1 else ""),
            )
        if figure.percent and not self.percent:
            raise OffScale(
                f"{figure} is a percentage although {self.plural} are meant", f"write a number of {self.plural}"
            )
        steps = figure.value / self.step
        if steps.denominator != 1:
            raise OffScale(
                f"{figure} is finer than the metric's step of {self._plain(self.step)}",
                f"round it to a whole number of steps, or give the metric a finer step such as {self._finer(figure)}",
            )
        if abs(steps) > MOST:
            raise OffScale(f"{figure} is too large to be worked with exactly", "check the figure")
        return int(steps)

    def value(self, steps: int) -> Fraction:
        """Return the value of so many steps [units; percentage points]."""
        return steps * self.step

    def written(self, steps: int) -> str:
        """Write a value as a results file has it: ``38%``, ``41070``, ``yes``."""
        if self.yes_no:
            return "yes" if steps else "no"
        return self._plain(self.value(steps)).replace(",", "")

    def show(self, steps: int) -> str:
        """Write a value for a reader: ``38%``, ``41,070 days``, ``$281,000.00``, ``yes``."""
        if self.yes_no:
            return "yes" if steps else "no"
        value = self.value(steps)
        if self.money is not None:
            return self.money.rate(value)
        if self.percent:
            return self._plain(value)
        return f"{decimal(value)} {self.unit if abs(value) == 1 else self.plural}"

    def bare(self, figure: Figure) -> str:
        """Write a threshold without its unit, money with its currency."""
        return self.money.rate(figure.value) if self.money else self._plain(figure.value)

    def whole(self, figure: Figure) -> str:
        """Write a threshold with its unit: ``30%``, ``1 day``, ``200 days``, ``$5.00``."""
        if self.money is not None or self.percent or self.yes_no:
            return self.bare(figure)
        return f"{self.bare(figure)} {self.unit if abs(figure.value) == 1 else self.plural}"

    def within(
        self,
        from_: Figure | None = None,
        above: Figure | None = None,
        below: Figure | None = None,
        up_to: Figure | None = None,
    ) -> str:
        """Say a range so that nobody can doubt which ends lie in it: ``20% or more but less than 30%``."""
        counted = self.money is None and not self.percent and self.step.denominator == 1
        less = "fewer than" if counted else "less than"
        if from_ is not None and up_to is not None:
            if from_.value == up_to.value:
                return f"exactly {self.whole(from_)}"
            return f"{self.bare(from_)} to {self.whole(up_to)}, both included"
        low, high = from_ if from_ is not None else above, below if below is not None else up_to
        if low is not None and high is not None:
            first = f"{self.bare(low)} or more" if from_ is not None else f"more than {self.bare(low)}"
            return f"{first} but {less if below is not None else 'not more than'} {self.whole(high)}"
        if low is not None:
            return f"{self.whole(low)} or more" if from_ is not None else f"more than {self.whole(low)}"
        if high is not None:
            return f"{less} {self.whole(high)}" if below is not None else f"not more than {self.whole(high)}"
        return "at any level"

    def _plain(self, value: Fraction) -> str:
        return decimal(value) + ("%" if self.percent else "")

    def _finer(self, figure: Figure) -> str:
        for places in range(10):
            step = Fraction(1, 10**places)
            if (figure.value / step).denominator == 1:
                return self._plain(step)
        return self._plain(Fraction(1, 10**9))
