"""What a person says of an uncertain number: ``between 10% and 45%, nine times in ten, most likely 30%``."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from pydantic_core import PydanticCustomError

from payfs.spec import Figure, decimal, quoted, read_figure, refuse

EXAMPLE = "between 10% and 45%, nine times in ten, most likely 30%"
BLOCK = "normal: {mean: 30%, sd: 12%}"
NINE_IN_TEN = Fraction(9, 10)

_UNDER_TWENTY = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen
"""
_ONES = _UNDER_TWENTY.split()
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_WORDS = {word: number for number, word in enumerate(_ONES)} | _TENS
_WORDS |= {f"{ten}{gap}{_ONES[one]}": _TENS[ten] + one for ten in _TENS for one in range(1, 10) for gap in "- "}
_WORDS |= {f"{one} {word}": 10**zeros for one in ("a", "one") for word, zeros in (("hundred", 2), ("thousand", 3))}

_RANGE = re.compile(r"(.{1,40}?)\s+and\s+(.{1,60})", re.I)
_LIKELY = re.compile(r"most likely\s+(.{1,40})", re.I)
_TIMES = re.compile(r"(.{1,30}?)\s+times\s+(?:in|out of)\s+(.{1,30})", re.I)
_SHARE = re.compile(r"(.{1,30}%)\s+of the time", re.I)
_VAGUE = re.compile(r"(?:about|around|roughly|approximately|approx\.?|circa|ca\.?|c\.|nearly|almost|some|~)\s*\d", re.I)
_OTHER_RANGE = re.compile(r"(?:from\s+)?([\d.,]+\s?%?)\s*(?:to|-|–|\.\.)\s*([\d.,]+\s?%?)", re.I)


class Said(NamedTuple):
    """A range, how sure it is, and what is most likely in it.

    Attributes:
        low: the lower end.
        high: the upper end.
        chance: the probability of a value from one to the other.
        likely: the most likely value, or None where nothing is said of it.
    """

    low: Figure
    high: Figure
    chance: Fraction = NINE_IN_TEN
    likely: Figure | None = None


def read_range(text: str) -> Said:
    """Read what follows ``between``: ``10% and 45%, nine times in ten, most likely 30%``.

    Nine times in ten is meant where the sentence does not say how sure it is.

    Raises:
        PydanticCustomError: it is not such a sentence.
    """
    first, *rest = re.split(r",\s+", text.strip().removesuffix("."))
    ends = _RANGE.fullmatch(first)
    if ends is None:
        raise refuse(f"{quoted(text)} does not say between what and what", f"write it as in '{EXAMPLE}'")
    low, high = read_figure(ends[1]), _last(ends[2])
    chances: list[Fraction] = []
    likely: list[Figure] = []
    for part in rest:
        peak = _LIKELY.fullmatch(part)
        if peak is None:
            chances.append(_chance(part))
        else:
            likely.append(_last(peak[1]))
    for what, times in ("how sure it is", len(chances)), ("what is most likely", len(likely)):
        if times > 1:
            raise refuse(f"it says twice {what}", "say it once")
    return Said(low, high, chances[0] if chances else NINE_IN_TEN, likely[0] if likely else None)


def _last(text: str) -> Figure:
    """Read the figure at the end of a part of a sentence."""
    number, *more = text.split()
    if more and more[0] != "%" and number[:1].isdigit():
        percent = more[0].lower().startswith("per")
        remedy = f"write {number}%" if percent else f"leave units out, and put a comma after {number}"
        raise refuse(f"{quoted(' '.join(more))} follows {number}", remedy)
    return read_figure(text)


def _chance(text: str) -> Fraction:
    times, share = _TIMES.fullmatch(text), _SHARE.fullmatch(text)
    if times is not None:
        hits, of = _count(times[1]), _count(times[2])
        chance = Fraction(hits, of) if of else Fraction(0)
    elif share is not None:
        chance = read_figure(share[1]).share
    else:
        ways = "'nine times in ten' or '90% of the time'"
        hint = ", or 'most likely 30%'" if "likely" in text.lower() or "probabl" in text.lower() else ""
        raise refuse(f"{quoted(text)} does not say how sure it is", f"write {ways}{hint}")
    if not 0 < chance < 1:
        what = "leaves no doubt" if chance == 1 else "is no chance between 0 and 1"
        raise refuse(
            f"{quoted(text)} {what}", "say how sure it is, such as nine times in ten, or write uniform: or pert:"
        )
    return chance


def _count(text: str) -> int:
    """Read a whole number in digits or in words up to a hundred, and a thousand."""
    word = " ".join(text.lower().split())
    if word in _WORDS:
        return _WORDS[word]
    try:
        figure = read_figure(text)
    except PydanticCustomError:
        figure = Figure(Fraction(-1))
    if figure.percent or figure.value < 0 or figure.value.denominator != 1:
        raise refuse(f"{quoted(text)} is no number of times", "write digits, or a word such as nine")
    return int(figure.value)


def chance_said(chance: Fraction) -> str:
    """Say a chance as a sentence does: ``nine times in ten``, ``95% of the time``."""
    if (chance * 10).denominator == 1:
        return f"{_ONES[int(chance * 10)]} {'time' if chance * 10 == 1 else 'times'} in ten"
    share = decimal(chance * 100)
    return f"{chance.numerator:,} times in {chance.denominator:,}" if "/" in share else f"{share}% of the time"


def not_said(text: str) -> PydanticCustomError:
    """Build the refusal of a text that is neither a figure nor a sentence that can be drawn from."""
    vague, other = _VAGUE.match(text), _OTHER_RANGE.fullmatch(text)
    if vague is not None:
        what = f"{quoted(text)} does not say how far off it may be"
        return refuse(what, f"say between what and what, as in '{EXAMPLE}', or write the figure alone if it is certain")
    if other is not None:
        low = other[1] + ("%" if other[2].endswith("%") and not other[1].endswith("%") else "")
        return refuse(f"{quoted(text)} does not say how sure it is", f"write between {low} and {other[2]}")
    if " " not in text.strip():
        return refuse(
            f"{quoted(text)} is not a number",
            f"write plain digits such as 1234.56 or 38%, a sentence such as '{EXAMPLE}', or a block such as {BLOCK}",
        )
    what = f"{quoted(text)} says nothing that can be drawn from"
    return refuse(what, f"write a figure such as 38%, a sentence such as '{EXAMPLE}', or a block such as {BLOCK}")
