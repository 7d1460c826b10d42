"""A scenario as written: which contract, how many paths, and what is believed of each metric."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from payfs.simulate.belief import BOUNDS, KINDS, Believed
from payfs.spec import (
    NUMBER_OR_TEXT,
    Count,
    FirstDay,
    Name,
    Quantity,
    Share,
    Spec,
    Text,
    quoted,
    read_amount,
    read_count,
    read_figure,
    refuse,
)

MOST_PATHS = 1_000_000_000
Varies = Literal["once", "each period", "each cohort", "each period and cohort"]
DAYS = "days of the period"


def read_seed(value: object) -> int:
    """Read a seed: a whole number of at least 0."""
    try:
        return read_count(value)
    except PydanticCustomError:
        raise refuse(f"{quoted(value)} is no seed", "write a whole number of at least 0, such as 4711") from None


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


Seed = Annotated[int, PlainValidator(read_seed), NUMBER_OR_TEXT]
Paths = Annotated[int, PlainValidator(read_paths), NUMBER_OR_TEXT]
Replicates = Annotated[int, PlainValidator(read_replicates), NUMBER_OR_TEXT]


def read_times(value: object) -> object:
    """Read by how much what each person does is multiplied: a number, or the days of the period."""
    return value if value == DAYS else {"number": value}


class Times(Spec):
    """A plain number."""

    number: Quantity


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
    people: Annotated[People, BeforeValidator(read_people)] | None = None
    chance: Believed | None = None
    each: Believed | None = None
    times: Annotated[Times | Literal["days of the period"], BeforeValidator(read_times)] | None = None
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
    """Let a belief by itself stand for what is believed of a metric's value."""
    if isinstance(value, MetricBelief):
        return value
    if isinstance(value, dict) and not set(value) & {*KINDS, *BOUNDS}:
        return value
    return {"value": value}


MetricBeliefRead = Annotated[MetricBelief, BeforeValidator(read_metric)]


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


class Pairing(Spec):
    """Two inputs that go up and down together, by their rank correlation."""

    between: Annotated[tuple[Text, ...], Field(min_length=2, max_length=2)]
    rank: Annotated[Any, PlainValidator(read_rank), NUMBER_OR_TEXT]


class Outcome(Spec):
    """Something that happens to a person, with a chance, perhaps only after something else, and some months later."""

    chance: Believed
    needs: Name | None = None
    months: Believed | None = None
    columns: dict[Name, Text] = Field(default_factory=dict)


class Participants(Spec):
    """A group of people who are alike: when they join, and what may happen to each."""

    what: Text | None = None
    people: Believed
    cohort: Name | None = None
    joins: Annotated[dict[FirstDay, Share], Field(min_length=1)]
    columns: dict[Name, Text] = Field(default_factory=dict)
    outcomes: Annotated[dict[Name, Outcome], Field(min_length=1, max_length=12)]
    drawn: Literal["patterns", "people"] = "patterns"
    note: Text | None = None
    source: Text | None = None


def read_budget(value: object) -> dict[str, Any]:
    """Read what may be paid in all, or by fiscal year [units of the contract's currency]."""
    if isinstance(value, dict):
        return {str(year): read_amount(amount) for year, amount in value.items()}
    return {"": read_amount(value)}


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
    discount: Quantity | None = None
    assuming: dict[str, Any] | None = None
    metrics: dict[Name, MetricBeliefRead] = Field(default_factory=dict)
    participants: dict[Name, Participants] = Field(default_factory=dict)
    delays: dict[Name, Delay] = Field(default_factory=dict)
    correlation: tuple[Pairing, ...] = ()
    notes: tuple[Text, ...] = ()
    sources: dict[Name, Text] = Field(default_factory=dict)
