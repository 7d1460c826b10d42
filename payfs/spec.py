"""How single values are written in a contract: money, percentages, shares, dates, names.

A spec is a frozen pydantic model of what somebody wrote. Every scalar arrives as text (see :mod:`payfs.text`) and is
read here by a pattern, so that no float is ever born and no exotic number (``1e400``, full-width digits, ``.nan``)
gets in. What cannot be read is said as a fact and a remedy.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Annotated, Any, NamedTuple

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetJsonSchemaHandler,
    PlainValidator,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from payfs.periods import Day, read_day
from payfs.text import Path

DIGITS = re.compile(r"(-?)(\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(\.\d{1,9})?", re.ASCII)
FRACTION = re.compile(r"(\d{1,9})\s?/\s?([1-9]\d{0,8})", re.ASCII)
_PRICED = re.compile(r"(?:\$|[A-Z]{3}) ?([\d.,]+)|([\d.,]+) ?(?:\$|[A-Z]{3})", re.ASCII)
NAME = re.compile(r"[^\W_][\w ./-]{0,59}")


class Spec(BaseModel):
    """What somebody wrote, checked and frozen; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Unknown:
    """What no source says. Whatever needs it refuses to be computed and names the gap."""

    def __repr__(self) -> str:
        """Return the word as it is written."""
        return "unknown"


UNKNOWN = Unknown()


class UnknownTerm(Exception):
    """A result needs a term that the contract says is unknown."""

    def __init__(self, path: Path, *others: Path) -> None:
        """Remember the place of the term in the contract, and of others that are wanted too."""
        super().__init__(path)
        self.path = path
        self.paths = (path, *others)


class Figure(NamedTuple):
    """A number as written: its value, and whether it carried a percent sign (38% has the value 38)."""

    value: Fraction
    percent: bool = False

    @property
    def share(self) -> Fraction:
        """The part of a whole that is meant: 38% is 19/50, 0.35 is 7/20."""
        return self.value / 100 if self.percent else self.value

    def __str__(self) -> str:
        """Write the figure as a person would."""
        return decimal(self.value) + ("%" if self.percent else "")


def decimal(value: Fraction) -> str:
    """Write an exact number in decimals where they end within 9 places, else as a fraction."""
    if value.denominator == 1:
        return f"{value.numerator:,}"
    for digits in range(1, 10):
        if (value * 10**digits).denominator == 1:
            scaled = abs(value) * 10**digits
            units, rest = divmod(int(scaled), 10**digits)
            return f"{'-' if value < 0 else ''}{units:,}.{rest:0{digits}d}"
    return str(value)


def written_share(share: Fraction) -> str:
    """Write a share: ``35%``, or ``5/6`` where a percentage does not end."""
    percent = share * 100
    return str(Figure(percent, True)) if 1000 % percent.denominator == 0 else f"{share.numerator}/{share.denominator}"


def refuse(what: str, remedy: str) -> PydanticCustomError:
    """Build the error of a value that cannot be read; :mod:`payfs.contract` makes it a finding with its place."""
    # what and remedy travel as context and not in the template, where a user's braces would be read as fields
    return PydanticCustomError("payfs", "{what}", {"what": what, "remedy": remedy})


def refuse_as(error: ValueError) -> PydanticCustomError:
    """Build the error of a date or lag from what :mod:`payfs.periods` says of it: the fact; the remedy."""
    what, _, remedy = str(error).partition("; ")
    return refuse(what, remedy)


def quoted(value: object) -> str:
    """Quote what somebody wrote, cut to a length that a message can carry."""
    if isinstance(value, dict):
        return "a block of keys"
    if isinstance(value, list):
        return "a list"
    text = str(value)
    return repr(text if len(text) <= 40 else text[:37] + "...")


def spoken(name: str) -> str:
    """Write a name as it stands in a sentence: ``"jail reduction"`` for ``jail_reduction``."""
    return '"' + name.replace("_", " ") + '"'


def read_figure(value: object, grouping: bool = True, percents: bool = True) -> Figure:
    """Read a number, with or without a percent sign.

    Args:
        value: the text.
        grouping: whether ``5,290,000`` is accepted; not in data files, where a comma may be a decimal point.
        percents: whether a percentage can be meant, so that the remedy names one.

    Raises:
        PydanticCustomError: it is not a number as contracts write it.
    """
    if isinstance(value, Figure):
        return value
    text = value if isinstance(value, str) else ""
    percent = text.endswith("%")
    match = DIGITS.fullmatch(text[:-1].rstrip(" ") if percent else text)
    if match is None or ("," in text and not grouping):
        ways = "1234.56, or 38% for a percentage" if percents else "1234.56"
        bare = _without_currency(text)
        raise refuse(
            f"{quoted(value)} is not a number" if value != "" else "the value is empty",
            f"write {bare}, without the currency"
            if bare
            else f"write plain digits such as {ways}: at most 15 digits and 9 decimals",
        )
    sign, whole, decimals = match.groups()
    number = Fraction(whole.replace(",", "") + (decimals or ""))
    return Figure(-number if sign else number, percent)


def _without_currency(text: str) -> str:
    """Return the number in ``$5``, ``5 €`` or ``USD 5``; nothing where there is none."""
    known = "".join(letter if unicodedata.category(letter) != "Sc" else "$" for letter in text)
    match = _PRICED.fullmatch(known)
    bare = (match[1] or match[2]) if match else ""
    return bare if DIGITS.fullmatch(bare) else ""


def read_amount(value: object) -> Fraction | Unknown:
    """Read money [units of the contract's currency], or ``unknown``."""
    if value == "unknown" or value is UNKNOWN:
        return UNKNOWN
    if isinstance(value, Fraction):
        return value
    figure = read_figure(value, percents=False)
    if figure.percent:
        raise refuse(f"{quoted(value)} is a percentage where an amount of money is meant", "write the amount")
    return figure.value


def read_pay(value: object) -> Figure | Unknown:
    """Read an amount that may be money or a share of a sum (``4.9%``), or ``unknown``."""
    return UNKNOWN if value == "unknown" or value is UNKNOWN else read_figure(value)


def read_share_or_unknown(value: object) -> Fraction | Unknown:
    """Read a share: ``35%``, ``5/6`` or ``0.35``, or ``unknown``."""
    return UNKNOWN if value == "unknown" or value is UNKNOWN else read_share(value)


def read_share(value: object) -> Fraction:
    """Read a share: ``35%``, ``5/6`` or ``0.35``."""
    if isinstance(value, Fraction):
        return value
    match = FRACTION.fullmatch(value) if isinstance(value, str) else None
    share = Fraction(int(match[1]), int(match[2])) if match else read_figure(value).share
    if share < 0:
        raise refuse(f"the share {quoted(value)} is less than nothing", "write 35%, 5/6 or 0.35")
    if share > 1 and not (isinstance(value, str) and value.endswith("%")):
        raise refuse(f"the share {quoted(value)} is more than the whole", "write 35%, 5/6 or 0.35")
    return share


def read_change(value: object) -> Fraction:
    """Read a share that is added, or taken off where it is below 0: ``10%`` or ``-10%``."""
    if isinstance(value, Fraction):
        return value
    if isinstance(value, str) and value.startswith("-"):
        share = -read_share(value[1:])
        if share < -1:
            raise refuse(f"the share {quoted(value)} takes more than the whole off", "write -10%, or down to -100%")
        return share
    return read_share(value)


def read_yes(value: object) -> bool:
    """Read ``yes`` or ``no``."""
    if isinstance(value, bool):
        return value
    if value in ("yes", "no"):
        return value == "yes"
    raise refuse(f"{quoted(value)} is neither yes nor no", "write yes or no")


def read_count(value: object) -> int:
    """Read a whole number of at least 0."""
    if isinstance(value, int):
        return value
    figure = read_figure(value)
    if figure.percent or figure.value.denominator != 1 or figure.value < 0:
        raise refuse(f"{quoted(value)} is not a whole number of at least 0", "write digits only")
    return int(figure.value)


def read_text(value: object) -> str:
    """Read text that says something."""
    if not isinstance(value, str):
        raise refuse(
            f"{quoted(value)} stands where text is meant", "write one line of text, in quotes if it has a colon"
        )
    if not value.strip():
        raise refuse("the text is empty", "say something or leave the key out")
    return value.strip()


def read_name(value: object) -> str:
    """Read a name of a party, metric, period, rule ..."""
    text = read_text(value)
    if not NAME.fullmatch(text):
        raise refuse(f"{quoted(value)} cannot be a name", "use letters, digits, spaces and _ - . /, at most 60 of them")
    return text


def as_list(value: object) -> object:
    """Let one name stand for a list of one."""
    return [value] if isinstance(value, str) else value


class OneOrMore:
    """Says in the JSON Schema that a single value may stand for a list of one."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Accept an entry as well as the list."""
        schema = handler(core)
        items = handler.resolve_ref_schema(schema).get("items", {})
        return {"anyOf": [items, schema]}


def read_date(first: bool) -> Callable[[object], Day]:
    """Return a reader of dates; ``first``: a month counts as its first day, else as its last."""

    def read(value: object) -> Day:
        if isinstance(value, Day):
            return value
        try:
            return read_day(value if isinstance(value, str) else "", first)
        except ValueError as error:
            raise refuse_as(error) from None

    return read


NUMBER_OR_TEXT = WithJsonSchema({"type": ["number", "string"]})
Amount = Annotated[Any, PlainValidator(read_amount), NUMBER_OR_TEXT]  # Fraction | Unknown [units of currency]
Pay = Annotated[Any, PlainValidator(read_pay), NUMBER_OR_TEXT]  # Figure | Unknown
Quantity = Annotated[Figure, PlainValidator(read_figure), NUMBER_OR_TEXT]
Share = Annotated[Fraction, PlainValidator(read_share), NUMBER_OR_TEXT]
ShareOrUnknown = Annotated[Any, PlainValidator(read_share_or_unknown), NUMBER_OR_TEXT]  # Fraction | Unknown
Change = Annotated[Fraction, PlainValidator(read_change), NUMBER_OR_TEXT]
Yes = Annotated[bool, PlainValidator(read_yes), WithJsonSchema({"enum": ["yes", "no", True, False]})]
Count = Annotated[int, PlainValidator(read_count), NUMBER_OR_TEXT]
Text = Annotated[str, PlainValidator(read_text), WithJsonSchema({"type": ["string", "number"]})]
Name = Annotated[str, PlainValidator(read_name), WithJsonSchema({"type": ["string", "integer"]})]
LastDay = Annotated[Day, PlainValidator(read_date(first=False)), WithJsonSchema({"type": ["string", "integer"]})]
FirstDay = Annotated[Day, PlainValidator(read_date(first=True)), WithJsonSchema({"type": ["string", "integer"]})]


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    for place, name in enumerate(names):
        if name in names[:place]:
            raise refuse(f"{quoted(name)} is listed twice", "name it once")
    return names


Names = Annotated[tuple[Name, ...], BeforeValidator(as_list), AfterValidator(_distinct), OneOrMore()]


class Problem(NamedTuple):
    """Something that a cross-check found: where in the spec, the fact and the remedy."""

    path: Path
    what: str
    remedy: str = ""

    def under(self, *prefix: str | int) -> Problem:
        """Place the problem deeper in the document."""
        return self._replace(path=prefix + self.path)


def under(problems: Iterator[Problem], *prefix: str | int) -> Iterator[Problem]:
    """Place problems deeper in the document."""
    for problem in problems:
        yield problem.under(*prefix)
