"""A draft: whatever somebody has typed or handed in, and everything that is found in it, line by line."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from payfs.contract import Contract
from payfs.contract.survey import STAND_INS, ordered, survey_document
from payfs.examples import examined, run_example
from payfs.text import Finding, Refused, decode, read_yaml
from payfs.text.files import BREAK, MOST_BYTES


class ExampleMet(NamedTuple):
    """A worked example of a draft, and whether it holds.

    Attributes:
        place: among the examples, counted from 0.
        name: as written.
        line: where it stands.
        findings: what does not hold; empty where it does.
        worked: whether it was worked out.
    """

    place: int
    name: str
    line: int
    findings: tuple[Finding, ...]
    worked: bool = True

    @property
    def holds(self) -> bool:
        """Whether it comes to what it says."""
        return self.worked and not self.findings


class Draft(NamedTuple):
    """A text, and what came of reading it as a contract.

    Attributes:
        text: as typed.
        contract: the contract, if it is sound, whether its worked examples hold or not.
        sound: of a faulty contract, what is sound in it; the contract itself where nothing is wrong; None where nothing
            can be laid out.
        left_out: of a faulty contract, the names of entries and parts that are set aside.
        findings: everything that is wrong, by place.
        examples: each worked example; none while the contract is faulty.
    """

    text: str
    contract: Contract | None
    sound: Contract | None
    left_out: tuple[str, ...]
    findings: tuple[Finding, ...]
    examples: tuple[ExampleMet, ...]


def read_draft(text: str, file: str = "draft", seconds: float = 5.0) -> Draft:
    """Read a text as a contract and find everything that is wrong with it; whatever it is, nothing is raised.

    Args:
        text: as typed.
        file: what findings call it.
        seconds: after so long no further worked example is begun; those that are left are not worked out, which each
            of them says.
    """
    try:
        document = read_yaml(text, file)
    except Refused as refused:
        return Draft(text, None, None, (), refused.findings, ())
    found = survey_document(document, text)
    if found.contract is not None and not found.findings:
        met = tuple(_met(found.contract, seconds))
        findings = ordered(finding for example in met for finding in example.findings)
        return Draft(text, found.contract, found.contract, (), findings, met)
    _, outcome = examined(found)
    # a name or currency that only stands in for one that is missing or faulty is not to be read aloud
    stands_in = not STAND_INS.keys() <= document.data.keys() or STAND_INS.keys() & found.aside.parts
    left_out = (*sorted(found.aside.names), *sorted({"capital", "amendments"} & found.aside.parts))
    return Draft(text, None, None if stands_in else found.contract, left_out, outcome.findings, ())


def _met(contract: Contract, seconds: float) -> Iterator[ExampleMet]:
    """Work the examples out, one after the other, as long as there is time."""
    until = time.monotonic() + seconds
    for place, example in enumerate(contract.terms[0].spec.examples):
        line, _ = contract.document.find(("examples", place))
        worked = time.monotonic() < until
        findings = tuple(run_example(contract, place, example)) if worked else ()
        yield ExampleMet(place, example.name, line, findings, worked)


def not_signed(name: str, version: int, changed: bool = False) -> str:
    """Say of which draft something is what version, for whoever is given a document that was made of it.

    Args:
        name: of the draft.
        version: the number of its last version.
        changed: whether the text was changed since then.
    """
    return f"Draft, {'changed since ' if changed else ''}version {version} of {name}, not signed"


class Uploaded(NamedTuple):
    """What a file that was handed in holds: its text, or why that cannot be read."""

    text: str | None
    findings: tuple[Finding, ...]


def read_upload(data: bytes, file: str) -> Uploaded:
    """Read a file as text, if it is text and not too large; what is wrong with the contract in it is found later."""
    try:
        if len(data) > MOST_BYTES:
            what = f"the file is larger than {MOST_BYTES:,} bytes"
            raise Refused([Finding(what, "leave out what is not needed", file=file)])
        return Uploaded(decode(data, file), ())
    except Refused as refused:
        return Uploaded(None, refused.findings)


class TextLine(NamedTuple):
    """One line of a draft, counted from 1, with what is found in it."""

    number: int
    text: str
    findings: tuple[Finding, ...]


def lines_of(text: str, findings: Iterable[Finding]) -> list[TextLine]:
    """Return the lines of a text, each with the findings about it."""
    by_line: dict[int, list[Finding]] = {}
    for finding in findings:
        by_line.setdefault(finding.line, []).append(finding)
    return [TextLine(number, line, tuple(by_line.get(number, ()))) for number, line in enumerate(BREAK.split(text), 1)]


def around(lines: Sequence[TextLine], beside: int = 2) -> list[list[TextLine]]:
    """Return the lines with findings and a few beside each, in stretches that do not touch."""
    shown: list[list[TextLine]] = []
    wanted = {
        place
        for place, line in enumerate(lines)
        if any(line.findings for line in lines[max(place - beside, 0) : place + beside + 1])
    }
    for place in sorted(wanted):
        if shown and shown[-1][-1].number == lines[place].number - 1:
            shown[-1].append(lines[place])
        else:
            shown.append([lines[place]])
    return shown


def with_breaks_of(before: str, text: str) -> str:
    """Return a text with the line breaks of another: a browser's text field turns all of them into line feeds."""
    found = {match[0] for match in BREAK.finditer(before)}
    return "\r\n".join(BREAK.split(text)) if found == {"\r\n"} else text
