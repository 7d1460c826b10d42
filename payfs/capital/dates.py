"""How a stack writes its dates: amounts by day, when interest is due, and which day count applies."""

from __future__ import annotations

from collections.abc import Sized
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, PlainValidator, WithJsonSchema, WrapValidator

from payfs.periods import Day
from payfs.spec import UNKNOWN, FirstDay, LastDay, Spec, Unknown, quoted, read_amount, read_date, refuse

DayCount = Literal["ACT/365", "ACT/360", "30/360", "ACT/ACT", "ACT/ACT ICMA"]
AS_CASH_COMES, AT_MATURITY, AS_NEEDED, NEVER = "as cash comes", "at maturity", "as needed", "never"

MOST_DATES = 1000


class Dated(dict[Day, Any]):
    """Amounts by day, in order; an amount may be ``unknown``."""


def _few(dates: Sized) -> None:
    if len(dates) > MOST_DATES:
        raise refuse(f"there are {len(dates):,} dates, more than {MOST_DATES:,}", "add up what is near in time")


def _read_amounts(value: object, words: str = "") -> Dated:
    if not isinstance(value, dict) or not value:
        what = "no amount is written" if value == {} else f"{quoted(value)} stands where amounts by date are meant"
        raise refuse(what, f"write {{2017-10-31: 250000}}{words}")
    _few(value)
    read, amounts = read_date(first=False), Dated()
    for key, amount in value.items():
        day = read(key)
        if any(other.date == day.date for other in amounts):
            raise refuse(f"two amounts are written for {day}", "add them up")
        amounts[day] = read_amount(amount)
        if not isinstance(amounts[day], Unknown) and amounts[day] < 0:
            raise refuse(f"the amount of {day} is less than nothing", "write amounts of at least 0")
    return Dated(sorted(amounts.items(), key=lambda item: item[0].date))


def read_draws(value: object) -> Dated | str | Unknown:
    """Read when a commitment is drawn: amounts by date, ``as needed``, or ``unknown``."""
    if value in ("unknown", AS_NEEDED) or value is UNKNOWN:
        return UNKNOWN if value != AS_NEEDED else AS_NEEDED
    return value if isinstance(value, Dated) else _read_amounts(value, ", as needed, or unknown")


def read_repaid(value: object) -> Dated | str:
    """Read when principal is repaid: ``as cash comes``, ``at maturity``, ``never``, or amounts by date."""
    if value in (AS_CASH_COMES, AT_MATURITY, NEVER):
        return str(value)
    return value if isinstance(value, Dated) else _read_amounts(value, ", as cash comes, at maturity, or never")


def read_basis(value: object) -> str | Unknown:
    """Read a day count."""
    if value == "unknown" or value is UNKNOWN:
        return UNKNOWN
    known = get_args(DayCount)
    if value not in known:
        raise refuse(f"{quoted(value)} is no day count", f"write one of {', '.join(known)}, or unknown")
    return str(value)


def read_amounts(value: object) -> Dated:
    """Read amounts by date."""
    return value if isinstance(value, Dated) else _read_amounts(value)


BY_DATE = WithJsonSchema({"type": "object"})
BY_DATE_OR_WORD = WithJsonSchema({"anyOf": [{"type": "object"}, {"type": "string"}]})
Amounts = Annotated[Any, PlainValidator(read_amounts), BY_DATE]
Draws = Annotated[Any, PlainValidator(read_draws), BY_DATE_OR_WORD]
Repaid = Annotated[Any, PlainValidator(read_repaid), BY_DATE_OR_WORD]
Basis = Annotated[Any, PlainValidator(read_basis), WithJsonSchema({"enum": [*get_args(DayCount), "unknown"]})]


class Every(Spec):
    """Days at equal distances: the last day of each month, quarter, half-year or year of a stretch of time."""

    every: Literal["month", "quarter", "half-year", "year"]
    from_: FirstDay = Field(alias="from")
    to: LastDay


def read_due(value: object, _: object) -> object:
    """Read when interest is due: words, days at equal distances, or dates."""
    if value in (AS_CASH_COMES, AT_MATURITY) or isinstance(value, Every):
        return value
    if value == "unknown" or value is UNKNOWN:
        return UNKNOWN
    if isinstance(value, dict):
        return Every.model_validate(value)
    words = isinstance(value, str) and not value[:1].isdigit()
    if words or not isinstance(value, (str, list, tuple)):
        remedy = f"write dates, {AS_CASH_COMES}, {AT_MATURITY}, every: year, or unknown"
        raise refuse(f"{quoted(value)} says no days", remedy)
    _few(value)
    read = read_date(first=False)
    return tuple(read(day) for day in ([value] if isinstance(value, str) else value))


Due = Annotated[
    Literal["as cash comes", "at maturity", "unknown"] | Unknown | Every | tuple[LastDay, ...], WrapValidator(read_due)
]


def read_day_or_unknown(value: object) -> Day | Unknown:
    """Read a date, or ``unknown``."""
    return UNKNOWN if value == "unknown" or value is UNKNOWN else read_date(first=False)(value)


DayOrUnknown = Annotated[Any, PlainValidator(read_day_or_unknown), WithJsonSchema({"type": ["string", "integer"]})]
