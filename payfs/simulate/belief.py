"""What a scenario file says of an uncertain number, and the distribution that it stands for.

A belief is a plain figure, a sentence, or a block with one kind of distribution:

    300
    38%
    between 10% and 45%                             nine times in ten is meant where nothing else is said
    between 10% and 45%, nine times in ten          or 8 times in 10, four times in five, 95% of the time
    between 10% and 45%, nine times in ten, most likely 30%
    {between: "10% and 45%, most likely 30%", at_least: 0%}
    {normal: {mean: 30%, sd: 12%}, at_least: -20%}
    {lognormal: {mean: 5, sd: 2}}                   or {median: 5, sd of log: 0.4}
    {beta: {a: 5, b: 1}}                            or {mean: 80%, sd: 10%}; least and most stretch it
    {triangular: {least: 1, most likely: 2, most: 5}}
    {pert: {least: 1, most likely: 2, most: 5}}
    {uniform: {least: 1, most: 5}}
    {binomial: {of: 300, chance: 60%}}
    {poisson: {mean: 12}}
    {negative binomial: {mean: 12, sd: 6}}          or {successes: 10, chance: 40%}: failures before the 10th success
    {discrete: {0: 70%, 30: 20%, 90: 10%}}
    {bootstrap: {file: history.csv, column: reduction}}

``at_least`` and ``at_most`` set the distribution on condition that the number lies there, both ends included: what lies
beyond is not moved to the end but drawn anew. A sentence holds before that. All figures of a belief carry a percent
sign, or none does; a 0 may stand without.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from pathlib import Path as Folder
from typing import Annotated, Any

from pydantic import GetJsonSchemaHandler, PlainValidator, SkipValidation, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from payfs.simulate.continuous import Beta, Between, LogNormal, Normal, Pert, Triangular, Uniform
from payfs.simulate.distributions import Distribution, NothingLeft
from payfs.simulate.kind import Kind, failing, told, worth
from payfs.simulate.single import Binomial, Bootstrap, Discrete, Exactly, NegativeBinomial, Poisson
from payfs.simulate.spoken import not_said
from payfs.simulate.tables import MOST_COUNTS, TooManyCounts
from payfs.spec import Figure, Problem, Quantity, Spec, quoted, read_figure, refuse
from payfs.text import Document, Finding, Path, Refused, nearest, suggest

KINDS: dict[str, type[Kind]] = {
    "between": Between,
    "normal": Normal,
    "lognormal": LogNormal,
    "beta": Beta,
    "triangular": Triangular,
    "pert": Pert,
    "uniform": Uniform,
    "binomial": Binomial,
    "poisson": Poisson,
    "negative binomial": NegativeBinomial,
    "discrete": Discrete,
    "bootstrap": Bootstrap,
}
BOUNDS = ("at_least", "at_most")
Errors = list[tuple[Path, PydanticCustomError]]
MOST_TEXT = 200  # letters of a sentence


class Belief(Spec):
    """What somebody believes of an uncertain number.

    Attributes:
        word: the kind's name in the file; empty for a figure or a sentence.
        kind: the kind of distribution, with its figures.
        at_least: the least that the number can be, or None.
        at_most: the most, or None.
    """

    word: str
    kind: SkipValidation[Kind]
    at_least: Quantity | None = None
    at_most: Quantity | None = None

    def figures(self) -> Iterator[tuple[Path, Figure]]:
        """List the figures that are values of what is believed, with their places in the belief."""
        for path, figure in self.kind.figures():
            yield self.under(path), figure
        for key, bound in self.bounds:
            yield (key,), bound

    @property
    def bounds(self) -> list[tuple[str, Figure]]:
        """The ends to which it is cut, with their keys."""
        both = zip(BOUNDS, (self.at_least, self.at_most), strict=True)
        return [(key, bound) for key, bound in both if bound is not None]

    def under(self, path: Path) -> Path:
        """Return the place of something in the kind's block."""
        return (self.word, *path) if self.word else path


def read_belief(value: object) -> Belief:
    """Read a belief: a figure, a sentence, or a block.

    Raises:
        PydanticCustomError, ValidationError: everything that is wrong with it, each with its place.
    """
    if isinstance(value, Belief):
        return value
    word = ""
    bounds: dict[str, Figure] = {}
    errors: Errors = []
    kind: Kind | None = None
    try:
        if isinstance(value, dict):
            word, kind, bounds, errors = _block(value)
        else:
            kind = _line(value)
    except PydanticCustomError as error:
        errors.append(((), error))
    if kind is not None:
        belief = Belief(word=word, kind=kind, **bounds)
        errors += [(problem.path, refuse(problem.what, problem.remedy)) for problem in _problems(belief)]
        if not errors:
            return belief
    raise failing(errors)


def _line(value: object) -> Kind:
    """Read a figure or a sentence."""
    if not isinstance(value, str) or not value.strip():
        what = f"{quoted(value)} stands where a number is meant" if value not in ("", None) else "the value is empty"
        raise refuse(what, "write a figure such as 38%, a sentence such as 'between 10% and 45%', or a block of keys")
    text = value.strip()
    if len(text) > MOST_TEXT:
        raise refuse(f"the sentence {quoted(text)} has more than {MOST_TEXT} letters", "say between what and what")
    if text.lower().startswith("between "):
        return Between.read(text)
    try:
        return Exactly(figure=read_figure(text))
    except (PydanticCustomError, ValidationError):
        pass
    name = nearest(text, KINDS)
    if name is not None:
        raise refuse(f"{quoted(text)} stands without its figures", f"write {name}: {KINDS[name].example}")
    raise not_said(text)


def _block(value: dict[str, Any]) -> tuple[str, Kind | None, dict[str, Figure], Errors]:
    """Read a block: the kind's name, the kind if it can be read, the bounds, and what is wrong."""
    errors: Errors = []
    bounds = {}
    for key in BOUNDS:
        if key in value:
            try:
                bounds[key] = read_figure(value[key])
            except PydanticCustomError as error:
                errors.append(((key,), error))
    words = [key for key in value if key in KINDS]
    for key in value:
        if key not in KINDS and key not in BOUNDS:
            hint = suggest(str(key), [*KINDS, *BOUNDS])
            what = f"there is no distribution {quoted(key)}" if not words else f"unknown key {quoted(key)}"
            others = (
                f"the kinds are {', '.join(KINDS)}" if not words else f"beside {words[0]} stand at_least and at_most"
            )
            errors.append(((str(key),), refuse(what, hint or others)))
    if not words and not errors:
        raise refuse("it names no distribution", f"write one of {', '.join(KINDS)}, such as normal: {Normal.example}")
    if len(words) > 1:
        errors.append(((words[1],), refuse(f"a second distribution stands beside {words[0]}", "keep one of them")))
    if len(words) != 1:
        return "", None, bounds, errors
    kind = None
    try:
        kind = KINDS[words[0]].read(value[words[0]])
    except PydanticCustomError as error:
        errors.append(((words[0],), error))
    except ValidationError as error:
        errors += [((words[0], *path), each) for path, each in told(error, KINDS[words[0]], words[0])]
    return words[0], kind, bounds, errors


def _problems(belief: Belief) -> Iterator[Problem]:
    """Find what is wrong with a belief whose figures can all be read."""
    found = [*_signs(belief)]
    if not found:  # figures of which some lack their percent sign are in no order
        found += [problem._replace(path=belief.under(problem.path)) for problem in belief.kind.problems()]
        low, high = belief.at_least, belief.at_most
        if low is not None and high is not None and low.share > high.share:
            found.append(Problem(("at_most",), f"at_most is {high}, which is below at_least, {low}", "exchange them"))
    yield from found
    if not found and not isinstance(belief.kind, Bootstrap):
        try:
            _built(belief, Folder())
        except _Cannot as error:
            yield error.problem


def _signs(belief: Belief) -> Iterator[Problem]:
    """Find figures that carry a percent sign where the first does not, or the other way round."""
    said = [(path, figure) for path, figure in belief.figures() if figure.value != 0]
    for path, figure in said:
        if belief.kind.counts and figure.percent:
            yield Problem(path, f"{figure} has a percent sign, but whole things are counted", "write a number")
        elif figure.percent != said[0][1].percent:
            has, other = ("a", "none") if figure.percent else ("no", "one")
            what = f"{figure} has {has} percent sign, but {said[0][1]} has {other}"
            yield Problem(path, what, "write all figures with the sign, or all without")


class _Cannot(Exception):
    """There is no such distribution."""

    def __init__(self, path: Path, what: str, remedy: str) -> None:
        super().__init__(what)
        self.problem = Problem(path, what, remedy)


def _built(belief: Belief, folder: Folder) -> Distribution:
    """Build the distribution and set it on condition of the bounds.

    Raises:
        _Cannot: there is none.
        Refused: a file cannot be used.
    """
    percent = any(figure.percent for _, figure in belief.figures())
    try:
        whole = belief.kind.distribution(percent, folder)
    except TooManyCounts:
        what = f"it spreads over more than {MOST_COUNTS:,} different counts"
        remedy = (
            "write normal: or lognormal: with its mean and sd, since one more or less makes no difference among them"
        )
        raise _Cannot(belief.under(()), what, remedy) from None
    if not belief.bounds:
        return whole
    for key, bound in belief.bounds:
        if bound.value != 0 and bound.percent != whole.percent:  # the values of a file, which are only known now
            has, other = ("a", "none") if bound.percent else ("no", "one")
            what = f"{bound} has {has} percent sign, but the values in the file have {other}"
            raise _Cannot((key,), what, "write it as the file does")
    low = -inf if belief.at_least is None else worth(belief.at_least)
    high = inf if belief.at_most is None else worth(belief.at_most)
    try:
        return whole.within(low, high)
    except NothingLeft as error:
        keys = [key for key, _ in belief.bounds]
        left = "less than a billionth" if error.weight else "nothing"
        what = f"{' and '.join(keys)} {'leave' if keys[1:] else 'leaves'} {left} of the distribution"
        path = () if keys[1:] else (keys[0],)
        raise _Cannot(path, what, "leave more of it") from None


def resolve(belief: Belief, folder: Folder) -> Distribution:
    """Return the distribution that a belief stands for; a file that it names is read now.

    Args:
        belief: as read.
        folder: that of the scenario file, from which the paths of files start.

    Raises:
        Refused: a file is missing or something in it cannot be used. Findings that name no file are about the belief,
            and their path starts at it; :func:`placed` puts them into the scenario.
    """
    try:
        return _built(belief, folder)
    except _Cannot as error:
        raise Refused([Finding(error.problem.what, error.problem.remedy, error.problem.path)]) from None
    except Refused as refused:
        found = refused.findings
        raise Refused(f if f.file else f._replace(path=belief.under(f.path)) for f in found) from None


def placed(refused: Refused, document: Document, at: Path) -> list[Finding]:
    """Give what :func:`resolve` found the place of the belief, which stands at ``at`` in the scenario."""
    return [f if f.file else document.finding((*at, *f.path), f.what, f.remedy) for f in refused.findings]


def said(belief: Belief) -> str:
    """Say a belief as an English phrase: ``normal with mean 30% and standard deviation 12%, not below -20%``."""
    words = {"at_least": "not below", "at_most": "not above"}
    return ", ".join([belief.kind.said(), *(f"{words[key]} {bound}" for key, bound in belief.bounds)])


class _Written:
    """Says in the JSON Schema how a belief is written."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Accept a figure, a sentence, or a block with one kind of distribution."""
        figure = {"type": ["number", "string"]}
        bounds = dict.fromkeys(BOUNDS, figure)
        blocks = [
            {
                "type": "object",
                "properties": {word: kind.schema_of(), **bounds},
                "required": [word],
                "additionalProperties": False,
            }
            for word, kind in KINDS.items()
        ]
        return {"anyOf": [figure, *blocks]}


Believed = Annotated[Belief, PlainValidator(read_belief), _Written()]
