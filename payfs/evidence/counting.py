"""Which claims count: the words under a metric's ``claims``, each a decision on a person's claims in order of date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from payfs.evidence.varying import Scalarable
from payfs.spec import (
    Count,
    Name,
    Names,
    OneOrMore,
    Problem,
    Quantity,
    Spec,
    Text,
    Yes,
    as_list,
    quoted,
    refuse,
)

ROW = ("person", "outcome", "date", "cohort", "to", "units", "reported", "withdrawn")
"""The columns of every claims file; a contract may name others."""

TEXT = WithJsonSchema({"type": ["string", "integer"]})
UNITS = ("day", "week", "month", "year")
_LAPSE = re.compile(r"([1-9]\d{0,3}) (day|week|month|year)s?", re.ASCII)
_RUN = re.compile(r"([1-9]\d?)(?: of ([1-9]\d?)| (in a row))?", re.ASCII)
_NTH = re.compile(r"([1-9]\d{0,3}) of (.+)", re.ASCII)
_WITHIN = re.compile(r"(.+?) of (.+)", re.ASCII)
WIDEST = 60  # months, weeks or quarters that a run may look back on: they fit in one integer


class Lapse(NamedTuple):
    """A length of time."""

    number: int
    unit: str

    def __str__(self) -> str:
        """Write it as the contract does: ``13 weeks``."""
        return f"{self.number} {self.unit}{'' if self.number == 1 else 's'}"


class Run(NamedTuple):
    """So many months, weeks or quarters: in a row, among so many, or in all."""

    number: int
    of: int | None = None
    in_a_row: bool = False

    def __str__(self) -> str:
        """Write it as the contract does: ``9 of 18``."""
        return f"{self.number}{f' of {self.of}' if self.of else ' in a row' if self.in_a_row else ''}"


class OutOf(NamedTuple):
    """So many of every so many: ``5 of 6``."""

    number: int
    of: int

    def __str__(self) -> str:
        """Write it as the contract does."""
        return f"{self.number} of every {self.of}"


class Nth(NamedTuple):
    """The nth claim that counts for a metric."""

    number: int
    of: str


class Within(NamedTuple):
    """A length of time after a date: of a column, or of what counted for a metric first."""

    lapse: Lapse
    of: str


def read_lapse(value: object) -> Lapse:
    """Read ``13 weeks``."""
    if isinstance(value, Lapse):
        return value
    match = _LAPSE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise refuse(f"{quoted(value)} is no length of time", "write so many days, weeks, months or years: 13 weeks")
    return Lapse(int(match[1]), match[2])


def read_run(value: object) -> Run:
    """Read ``9 of 18``, ``6 in a row`` or ``3``."""
    if isinstance(value, Run):
        return value
    match = _RUN.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise refuse(f"{quoted(value)} is no number of them", "write 9 of 18, 6 in a row, or 3")
    run = Run(int(match[1]), int(match[2]) if match[2] else None, match[3] is not None)
    if max(run.number, run.of or 0) > WIDEST or (run.of and run.of < run.number):
        raise refuse(f"{quoted(value)} cannot be reached", f"write at most {WIDEST}, and the smaller number first")
    return run


def read_out_of(value: object) -> OutOf:
    """Read ``5 of 6``."""
    if isinstance(value, OutOf):
        return value
    match = _NTH.fullmatch(value) if isinstance(value, str) else None
    if match is None or not match[2].isdigit() or not int(match[1]) < int(match[2]) <= 1000:
        raise refuse(f"{quoted(value)} does not say how many of how many", "write 5 of 6")
    return OutOf(int(match[1]), int(match[2]))


def read_nth(value: object) -> Nth:
    """Read ``12 of outcome months``."""
    if isinstance(value, Nth):
        return value
    match = _NTH.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise refuse(
            f"{quoted(value)} does not say which claim", "write the number and the metric: 12 of months_worked"
        )
    return Nth(int(match[1]), match[2])


def read_within(value: object) -> Within:
    """Read ``12 months of start``."""
    if isinstance(value, Within):
        return value
    match = _WITHIN.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise refuse(
            f"{quoted(value)} is no window", "write a length of time and what it begins with: 12 months of start"
        )
    return Within(read_lapse(match[1]), match[2])


LapseText = Annotated[Any, PlainValidator(read_lapse), TEXT]
RunText = Annotated[Any, PlainValidator(read_run), TEXT]
OutOfText = Annotated[Any, PlainValidator(read_out_of), TEXT]
NthText = Annotated[Any, PlainValidator(read_nth), TEXT]
WithinText = Annotated[Any, PlainValidator(read_within), TEXT]
Word = Annotated[Text, WithJsonSchema({"type": ["string", "number", "boolean"]})]
Values = Annotated[tuple[Word, ...], BeforeValidator(as_list), OneOrMore(), Field(min_length=1)]


class Where(Scalarable):
    """What a column must say: one of some words, or a number within ends."""

    flat: Text | None = None
    is_: Values | None = Field(None, alias="is")
    is_not: Values | None = None
    from_: Quantity | None = Field(None, alias="from")
    above: Quantity | None = None
    below: Quantity | None = None
    up_to: Quantity | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, value: Any) -> Any:
        return {"is": value} if isinstance(value, list) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Say that a word, which an editor may take for a truth value, and a list of words are accepted too."""
        schema = super().__get_pydantic_json_schema__(core, handler)
        word = {"type": ["number", "string", "boolean"]}
        return {"anyOf": [word, {"type": "array", "items": word}, *schema["anyOf"][1:]]}

    @property
    def words(self) -> tuple[str, ...] | None:
        """The words that are asked for; None where a number is, or words that are not."""
        return (self.flat,) if self.flat is not None else self.is_

    @property
    def numeric(self) -> bool:
        """Whether a number is asked for."""
        return any(end is not None for end in (self.from_, self.above, self.below, self.up_to))

    def problems(self) -> Iterator[Problem]:
        """Find a column of which nothing is asked, or two things that cannot be together."""
        asked = [self.words is not None, self.is_not is not None, self.numeric]
        if sum(asked) != 1:
            yield Problem(
                (), "nothing, or too much, is asked of the column", "say is, is_not, or from, above, below, up_to"
            )
        for one, other in (("from_", "above"), ("below", "up_to")):
            if getattr(self, one) is not None and getattr(self, other) is not None:
                what = f"an end is said twice, by {one.strip('_')} and by {other}"
                yield Problem((other,), what, "keep one of them")
        for end in (self.from_, self.above, self.below, self.up_to):
            if end is not None and end.percent:
                yield Problem((), "a column holds no percentages", "leave the percent sign out")


class Times(Scalarable):
    """How often something counts for one person: so often, or so often in each cohort."""

    flat: Count | None = None
    by_cohort: dict[Name, Count] | None = None

    def of(self, cohort: str) -> int:
        """Return how often in a cohort."""
        return self.flat if self.flat is not None else (self.by_cohort or {})[cohort]

    def problems(self, cohorts: tuple[str, ...]) -> Iterator[Problem]:
        """Find cohorts that nothing is said for."""
        if (self.flat is None) == (self.by_cohort is None):
            yield Problem((), "the number is said twice, or not at all", "give one number, or by_cohort")
        elif self.by_cohort is not None:
            for name in self.by_cohort:
                if name not in cohorts:
                    yield Problem(
                        ("by_cohort", name), f"there is no cohort {quoted(name)}", "name the contract's cohorts"
                    )
            missing = [name for name in cohorts if name not in self.by_cohort]
            if missing:
                yield Problem(("by_cohort",), f"nothing is said for {', '.join(missing[:5])}", "add it")


class Days(Spec):
    """Days of spells, less those of others; after so many all earlier ones count."""

    less: Names | None = None
    after: LapseText | None = None
    in_a_row: Yes = False
    waived_by: dict[Name, Values] | None = None


class Counting(Spec):
    """Counts the claims that meet every condition; without conditions each claim counts once."""

    of: Names | None = None
    where: dict[Name, Where] | None = None
    months: RunText | None = None
    weeks: RunText | None = None
    quarters: RunText | None = None
    reaches: dict[Name, Quantity] | None = None
    once_a: Literal["day", "week", "month", "quarter", "year"] | None = None
    times: Times | None = None
    needs: Names | None = None
    needs_paid: Names | None = None
    wait: LapseText | None = None
    not_with: Names | None = None
    closed_by: Names | None = None
    lost_by: Names | None = None
    lost_within: LapseText | None = None
    within: WithinText | None = None
    claimed_within: LapseText | None = None
    missing: Names | None = None
    at: NthText | None = None
    days: Days | None = None
    or_counts: Yes = False
    if_none: Literal["0"] | None = None
    clause: Text | None = None
    note: Text | None = None

    def outcomes(self, metric: str) -> tuple[str, ...]:
        """Return the outcomes in the claims file that are looked at."""
        return self.of or (metric,)

    @property
    def run(self) -> tuple[Run, str] | None:
        """The months, weeks or quarters that are asked for, and which of them."""
        for run, unit in ((self.months, "month"), (self.weeks, "week"), (self.quarters, "quarter")):
            if run is not None:
                return run, unit
        return None

    def columns(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Yield the columns that are looked at, with their places."""
        yield from ((("where", name), name) for name in self.where or {})
        yield from ((("reaches", name), name) for name in self.reaches or {} if name != "units")
        if self.days is not None:
            yield from ((("days", "waived_by", name), name) for name in self.days.waived_by or {})

    def words(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the words that are asked for, by column."""
        for name, where in (self.where or {}).items():
            yield name, where.words or where.is_not or ()
        yield from (((self.days.waived_by if self.days is not None else None) or {}).items())

    def metrics(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Yield the other metrics that are looked at, with their places."""
        for key in ("needs", "needs_paid", "not_with", "missing"):
            yield from (((key, place), name) for place, name in enumerate(getattr(self, key) or ()))
        if self.at is not None:
            yield ("at",), self.at.of

    def problems(self, cohorts: tuple[str, ...]) -> Iterator[Problem]:
        """Find words that do not belong together."""
        for name, where in (self.where or {}).items():
            yield from (problem.under("where", name) for problem in where.problems())
        if self.times is not None:
            yield from (problem.under("times") for problem in self.times.problems(cohorts))
        runs = [key for key in ("months", "weeks", "quarters", "reaches") if getattr(self, key) is not None]
        if len(runs) > 1:
            yield Problem(
                (runs[1],), f"it is reached in two ways, by {runs[0]} and by {runs[1]}", "keep one, or add a metric"
            )
        if self.reaches is not None and len(self.reaches) != 1:
            yield Problem(("reaches",), "it names several columns, or none", "name one")
        if (self.missing is None) != (self.at is None):
            yield Problem(
                (), "missing and at belong together", "say which are missing, and at which claim they are made up"
            )
        if self.wait is not None and not (self.needs or self.needs_paid):
            yield Problem(("wait",), "wait counts from an earlier claim, but none is needed", "say needs")
        if self.lost_within is not None and self.lost_by is None:
            yield Problem(("lost_within",), "it counts until an event, but none is named", "say lost_by")
        own = set(type(self).model_fields) - {"clause", "note", "or_counts", "of", "if_none"}
        said = {key for key in own if getattr(self, key) is not None}
        for key, alone in (("days", {"days", "times"}), ("missing", {"missing", "at", "closed_by"})):
            if key in said and (more := sorted(said - alone)):
                yield Problem((more[0],), f"{more[0]} does not go with {key}", "leave it out, or add a metric")
        if self.days is not None and self.days.in_a_row and self.days.after is None:
            yield Problem(("days", "in_a_row"), "nothing is asked for that a break could set back", "say after")
        if self.days is not None and self.days.waived_by is not None and self.days.after is None:
            yield Problem(("days", "waived_by"), "nothing is asked for that could be waived", "say after")
        if self.days is not None and self.days.after is not None and self.days.after.unit not in ("day", "week"):
            yield Problem(("days", "after"), "it is counted in days", "write 365 days")
