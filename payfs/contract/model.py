"""From pydantic's errors to findings: a document read as a model, with place, fact and remedy for all that is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from payfs.capital.dates import DayCount
from payfs.contract.check import some
from payfs.spec import quoted
from payfs.text import MOST_FINDINGS, Document, Finding, Path, Refused, suggest

Model = TypeVar("Model", bound=BaseModel)
_FIRST, _REST = re.compile(r"(-?)([$€£¥]?)\d{1,3}", re.ASCII), re.compile(r"\d{3}(\.\d+)?%?", re.ASCII)
EXAMPLES = {"days": f"one of {', '.join(get_args(DayCount))}, or unknown"}
"""How a key under interest is written of which nobody guesses the words."""


def read_as(model: type[Model], document: Document) -> Model:
    """Read a document as what a model says that it holds: a contract, or a scenario.

    Raises:
        Refused: unknown and missing keys, and values that cannot be read.
    """
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        details = sorted(error.errors(include_url=False), key=lambda detail: document.find(tuple(detail["loc"])))
        found = {_finding(model, document, detail) for detail in details[:MOST_FINDINGS]}
        if cuts := list(_cut_at_commas(document.data)):
            around = {path[:-1] for path, _ in cuts}
            places = {path for path, _ in cuts}
            found = {one for one in found if one.path not in places and not _follows(one, around)}
            found |= {_of_cut(document, path, figure) for path, figure in cuts[:MOST_FINDINGS]}
        ordered = sorted(found, key=lambda f: (f.line, f.column, f.what))
        raise Refused(some(ordered, document.file, len(details))) from None


def _cut_at_commas(data: Any, at: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield figures that a comma in braces cut, with the place of their first part: in ``{a: 3,500}`` 500 is a key."""
    if isinstance(data, list):
        for place, inside in enumerate(data):
            yield from _cut_at_commas(inside, (*at, place))
    elif isinstance(data, dict):
        head, figure = "", ""
        for key, inside in (*data.items(), ("", None)):
            if figure and inside == "" and _REST.fullmatch(key):
                figure = f"{figure},{key}"
                continue
            if "," in figure:
                yield (*at, head), figure
            head, figure = key, inside if isinstance(inside, str) and _FIRST.fullmatch(inside) else ""
            yield from _cut_at_commas(inside, (*at, key))


def _follows(finding: Finding, around: set[Path]) -> bool:
    """Whether a finding only says of the rest of a figure that it is no key, or empty."""
    if finding.path[:-1] in around and _REST.fullmatch(str(finding.path[-1])):
        return True
    return finding.path in around and finding.what == "the value is empty"


def _of_cut(document: Document, path: Path, figure: str) -> Finding:
    first, whole = figure.partition(",")[0], figure.replace(",", "")
    what = f"a comma in braces ends the value, so {figure} is read as {first}"
    if bare := _FIRST.sub(lambda match: match[0].replace(match[2], "", 1) if match[2] else "", first):
        return document.finding(path, what, f"write {whole.replace(first, bare, 1)}, without the currency")
    return document.finding(path, what, f"write '{figure}' in quotes, or {whole}")


def _finding(model: type[BaseModel], document: Document, detail: ErrorDetails) -> Finding:
    """Turn pydantic's error into place, fact and remedy."""
    path: Path = tuple(detail["loc"])
    while path and path not in document.places and not (detail["type"] == "missing" and path[:-1] in document.places):
        path = path[:-1]
    kind, given, context = detail["type"], detail.get("input"), detail.get("ctx", {})
    if kind == "payfs":
        return document.finding(path, context["what"], context["remedy"])
    shown = "nothing" if given in ("", None) else quoted(given)
    last = str(detail["loc"][-1]) if detail["loc"] else ""
    if kind == "extra_forbidden":
        known = _known_keys(model, tuple(detail["loc"][:-1]))
        hint = suggest(last, known) or (f"its keys are {', '.join(known[:24])}" if known else "leave it out")
        return document.finding(path, f"unknown key {quoted(last)}", hint)
    if kind == "missing":
        words = EXAMPLES.get(last) if "interest" in path else None
        remedy = f"write {words}" if words is not None else "add it"
        return document.finding(
            path[:-1] if path and path not in document.places else path, f"the key {quoted(last)} is missing", remedy
        )
    if kind == "literal_error":
        expected = str(context.get("expected", "")).replace("'", "")
        hint = suggest(given, expected.replace(" or ", ", ").split(", ")) if isinstance(given, str) else ""
        return document.finding(path, f"{shown} is not one of the words for it", hint or f"write {expected}")
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return document.finding(
            path, f"{shown} stands where a block of keys is meant", "write key: value pairs under it"
        )
    if kind in ("tuple_type", "list_type"):
        return document.finding(path, f"{shown} stands where a list is meant", "begin each entry with a dash")
    if kind == "too_long":
        what = f"it has more than {context['max_length']:,} entries"
        return document.finding(path, what, "leave out what is not needed, or split the contract")
    if kind == "too_short":
        return document.finding(path, "it is empty", "name at least one")
    return document.finding(path, f"{shown} cannot be read", "see the contract reference for how it is written")


def _known_keys(model: type[BaseModel], place: Path) -> list[str]:
    """Return the keys that a block may have, found by walking the models."""

    def models(annotation: Any) -> Iterator[Any]:
        if get_origin(annotation) in (Union, UnionType):
            for inner in get_args(annotation):
                yield from models(inner)
        elif annotation is not type(None):
            yield annotation

    here: list[Any] = [model]
    for key in place:
        deeper: list[Any] = []
        for annotation in here:
            origin = get_origin(annotation)
            if origin is dict:
                deeper += models(get_args(annotation)[1])
            elif origin in (tuple, list):
                deeper += models(get_args(annotation)[0])
            elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
                for name, field in annotation.model_fields.items():
                    if key in (name, field.alias):
                        deeper += models(field.annotation)
        here = deeper
    keys = [
        field.alias or name
        for annotation in here
        if isinstance(annotation, type) and issubclass(annotation, BaseModel)
        for name, field in annotation.model_fields.items()
        if name not in ("flat",)
    ]
    return list(dict.fromkeys(keys))
