"""A scenario as written: which contract, how many paths, and what is believed of each metric."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from payfs.periods.days import add_months
from payfs.simulate.belief import BOUNDS, KINDS, Believed
from payfs.simulate.kind import failing
from payfs.spec import (
    NUMBER_OR_TEXT,
    Count,
    FirstDay,
    Name,
    Quantity,
    Spec,
    Text,
    quoted,
    read_amount,
    read_count,
    read_date,
    read_figure,
    read_share,
    refuse,
)

MOST_PATHS = 1_000_000_000
MOST_JOINS = 120
Varies = Literal["once", "each period", "each cohort", "each period and cohort"]
DAYS = "days of the period"


def read_seed(value: object) -> int:
    """Read a seed: a whole number of at least 0."""
    try:
        return read_count(value)
    except PydanticCustomError:
        raise refuse(f"{quoted(value)} is no seed", "write a whole number of 0 to 15 digits, such as 4711") from None


def read_paths(value: object) -> int:
    """Read how many paths are drawn."""
    number = read_count(value)
    if not 1 <= number <= MOST_PATHS:
        raise refuse(f"{number:,} paths cannot be drawn", f"write a number from 1 to {MOST_PATHS:,}")
    return number


def read_replicates(value: object) -> int:
    """Read into how many independent parts a run is cut."""
    number = read_count(value)
    if not 2 <= number <= 1000:
        raise refuse(f"{number:,} replicates tell no error", "write a number from 2 to 1,000; 16 if not said")
    return number


def read_times_joined(value: object) -> int:
    """Read on how many days people join."""
    number = read_count(value)
    if not 1 <= number <= MOST_JOINS:
        raise refuse(f"people cannot join on {number:,} days", f"write a number from 1 to {MOST_JOINS}")
    return number


Seed = Annotated[int, PlainValidator(read_seed), NUMBER_OR_TEXT]
Paths = Annotated[int, PlainValidator(read_paths), NUMBER_OR_TEXT]
Replicates = Annotated[int, PlainValidator(read_replicates), NUMBER_OR_TEXT]


class Times(Spec):
    """A plain number."""

    number: Quantity


def read_times(value: object) -> Times | str:
    """Read by how much what each person does is multiplied: a number, or the days of the period."""
    if value == DAYS or isinstance(value, Times):
        return DAYS if value == DAYS else value
    try:
        return Times(number=read_figure(value))
    except PydanticCustomError:
        raise refuse(f"{quoted(str(value))} is no number", f"write a number, or {DAYS}") from None


class Enrolment(Spec):
    """People come in evenly, from a day on and over some months; perhaps late."""

    full: Believed
    from_: FirstDay = Field(alias="from")
    months: Count
    late: Believed | None = None


class People(Spec):
    """How many people there are in each period."""

    number: Believed | None = None
    by_cohort: dict[Name, Believed] | None = None
    by_period: dict[Name, Believed] | None = None
    enrolment: Enrolment | None = None


def read_people(value: object) -> object:
    """Let a belief by itself stand for how many people there are, always."""
    keys = set(People.model_fields)
    return value if isinstance(value, People) or (isinstance(value, dict) and keys & set(value)) else {"number": value}


class Trend(Spec):
    """How a value changes from each period to the next: by a share of it, or by so much."""

    grows: Believed | None = None
    adds: Believed | None = None


class Evaluation(Spec):
    """What is measured is the true effect and an error: so many people are compared, and they differ so much.

    How much they differ is the spread of one person's outcome; or, where the metric is by which part of itself a rate
    changes, that rate without the programme. Whether it is a fall or a rise is said by ``change``: else it is a fall
    where more is better, and a rise, which is then below 0 where it is good, where less is.
    """

    design: Literal["randomised", "matched"]
    treated: Count
    control: Count
    spread: Quantity | None = None
    base_rate: Quantity | None = None
    measures: Literal["average", "total"] | None = None
    change: Literal["fall", "rise"] | None = None
    bias: Believed | None = None
    nothing: Quantity | None = None
    target: Quantity | None = None
    note: Text | None = None
    source: Text | None = None


class MetricBelief(Spec):
    """What is believed of a metric: of its value, or of the people behind it."""

    what: Text | None = None
    value: Believed | None = None
    of: Name | None = None
    people: Annotated[People, BeforeValidator(read_people)] | None = None
    chance: Believed | None = None
    each: Believed | None = None
    times: Annotated[Any, PlainValidator(read_times), NUMBER_OR_TEXT] | None = None  # Times | "days of the period"
    together: Believed | None = None
    trend: Trend | None = None
    dropout: Believed | None = None
    varies: Varies | None = None
    evaluation: Evaluation | None = None
    drawn: Literal["sums", "people"] = "sums"
    by_cohort: dict[Name, MetricBeliefRead] | None = None
    by_period: dict[Name, MetricBeliefRead] | None = None
    note: Text | None = None
    source: Text | None = None


def read_metric(value: object) -> object:
    """Let a belief by itself stand for what is believed of a metric's value; yes and no for what is certain."""
    if isinstance(value, MetricBelief):
        return value
    if isinstance(value, dict) and not set(value) & {*KINDS, *BOUNDS}:
        return value
    if value in ("yes", "no"):
        return {"chance": "100%" if value == "yes" else "0%"}
    return {"value": value}


MetricBeliefRead = Annotated[MetricBelief, BeforeValidator(read_metric)]


def read_delay(value: object) -> object:
    """Let a belief by itself stand for the days."""
    return value if isinstance(value, Delay) or (isinstance(value, dict) and "days" in value) else {"days": value}


class Delay(Spec):
    """How long after its due date a payer pays [days]."""

    days: Believed
    varies: Literal["once", "each period"] = "each period"
    step: Count = 30
    note: Text | None = None


def read_rank(value: object) -> float:
    """Read a rank correlation: from -1 to 1, or as a percentage."""
    figure = read_figure(value)
    share = float(figure.share)
    if not -1 <= share <= 1:
        raise refuse(f"{quoted(value)} is no rank correlation", "write a number from -1 to 1, such as 0.4")
    return share


def read_pair(names: tuple[str, ...]) -> tuple[str, ...]:
    """Read which two inputs go together."""
    if len(set(names)) != 2 or len(names) != 2:
        raise refuse("these are not two inputs", "name two that differ, such as [chance of a, value of b]")
    return names


class Pairing(Spec):
    """Two inputs that go up and down together, by their rank correlation."""

    between: Annotated[tuple[Text, ...], AfterValidator(read_pair)]
    rank: Annotated[Any, PlainValidator(read_rank), NUMBER_OR_TEXT]


class Outcome(Spec):
    """Something that happens to a person, with a chance, perhaps only after something else, and some months later.

    It may go on for several months, and is claimed in each of them.
    """

    what: Text | None = None
    claimed_as: Name | None = None
    chance: Believed
    needs: Name | None = None
    months: Believed | None = None
    lasts: Believed | None = None
    columns: dict[Name, Text] = Field(default_factory=dict)


class Evenly(Spec):
    """People join evenly: on the same day of every month, quarter or year, from a day on, so often."""

    from_: FirstDay = Field(alias="from")
    every: Literal["month", "quarter", "half-year", "year"]
    times: Annotated[int, PlainValidator(read_times_joined), NUMBER_OR_TEXT]

    def days(self) -> dict[datetime.date, Fraction]:
        """Return the share that joins on each day."""
        length = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}[self.every]
        days = [add_months(self.from_.date, length * number) for number in range(self.times)]
        return dict.fromkeys(days, Fraction(1, self.times))


def read_joins(value: object) -> dict[datetime.date, Fraction]:
    """Read when people join: on one day, a share on each of some days, or evenly.

    Raises:
        PydanticCustomError, ValidationError: what cannot be read, each at its place.
    """
    first = read_date(first=True)
    if not isinstance(value, dict):
        return {first(value).date: Fraction(1)}
    if {"from", "every", "times"} & set(value):
        return Evenly.model_validate(value).days()
    if not 1 <= len(value) <= MOST_JOINS:
        raise refuse(f"people cannot join on {len(value):,} days", f"write from 1 to {MOST_JOINS} days")
    found: dict[datetime.date, Fraction] = {}
    errors: list[tuple[tuple[str | int, ...], PydanticCustomError]] = []
    for key, share in value.items():
        try:
            found[first(key).date] = read_share(share)
        except PydanticCustomError as error:
            errors.append(((key,), error))
    if errors:
        raise failing(errors)
    return found


Joins = Annotated[Any, PlainValidator(read_joins), WithJsonSchema({"type": ["string", "integer", "object"]})]


class Participants(Spec):
    """A group of people who are alike: when they join, and what may happen to each."""

    what: Text | None = None
    people: Believed
    cohort: Name | None = None
    joins: Joins  # dict[datetime.date, Fraction]
    columns: dict[Name, Text] = Field(default_factory=dict)
    outcomes: Annotated[dict[Name, Outcome], Field(min_length=1, max_length=12)]
    drawn: Literal["patterns", "people"] = "patterns"
    note: Text | None = None
    source: Text | None = None


def read_budget(value: object) -> dict[str, Any]:
    """Read what may be paid in all, or by fiscal year [units of the contract's currency]."""
    if isinstance(value, dict):
        return dict(_by_year(value))
    return {"": read_amount(value)}


def _by_year(value: dict[Any, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what may be paid in each fiscal year; what cannot be read is told of each by itself."""
    errors: list[tuple[tuple[str | int, ...], PydanticCustomError]] = []
    for year, amount in value.items():
        try:
            yield str(year), read_amount(amount)
        except PydanticCustomError as error:
            errors.append(((year,), error))
    if errors:
        raise failing(errors)


Budget = Annotated[Any, PlainValidator(read_budget), WithJsonSchema({})]


class ScenarioSpec(Spec):
    """A scenario."""

    scenario: Name
    what: Text | None = None
    contract: Text
    paths: Paths = 100_000
    seed: Seed = 1
    draws: Literal["sobol", "random"] = "sobol"
    replicates: Replicates = 16
    budget: Budget | None = None
    assuming: dict[str, Any] | None = None
    metrics: dict[Name, MetricBeliefRead] = Field(default_factory=dict)
    participants: dict[Name, Participants] = Field(default_factory=dict)
    delays: dict[Name, Annotated[Delay, BeforeValidator(read_delay)]] = Field(default_factory=dict)
    correlation: tuple[Pairing, ...] = ()
    notes: tuple[Text, ...] = ()
    sources: dict[Name, Text] = Field(default_factory=dict)
