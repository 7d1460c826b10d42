"""A scenario to start from: made-up beliefs from a contract alone, with comments that say what to replace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from payfs.claims.pricing import paid_by_claim
from payfs.contract import Contract
from payfs.evidence.counting import Counting
from payfs.places import contract_specs
from payfs.simulate.belief import KINDS
from payfs.simulate.draft_beliefs import belief_of, flow, people_in_each, short, size_of, sized
from payfs.simulate.draft_people import groups
from payfs.simulate.scenario import scenario_of, wanted
from payfs.simulate.stated import beliefs_of
from payfs.simulate.worked import Worked
from payfs.spec import UnknownTerm
from payfs.text import Path, Refused, read_yaml
from payfs.unknowns import unknown_path

MARK = "REPLACE"  # of a line whose belief is made up
MARKED = re.compile(rf" - {MARK}\b.*|\b{MARK}\b[.:]? ?")
MADE_FROM = "the contract's thresholds, worked examples, limits and sizes alone"
CANNOT_RUN = "IT CANNOT RUN YET"
TRIED = 64  # paths on which a draft is tried
MANY = 300  # numbers that a path needs, beyond which it takes long

DISTRIBUTIONS = "\n".join(f"#       {{{word}: {kind.example}}}" for word, kind in KINDS.items() if word != "between")

HEAD = f"""\
# A scenario: what somebody believes of the results of a contract, before they are known.
#
# Every belief below is made up from {MADE_FROM}, each by
# itself. It is nobody's opinion, and may be far from what is likely. Replace each line that is marked {MARK}.
# In the place of any figure may stand
#   - a figure that is certain:         120
#   - what people can say:              between 60% and 85%, nine times in ten, most likely 75%
#   - a distribution with its figures:
{DISTRIBUTIONS}
# Between braces, put a sentence with commas in quotes.

"""


def draft(contract: Contract, name: str | None = None) -> str:
    """Return the text of a scenario of a contract, which runs as it stands wherever the contract says enough.

    Where it does not say what is needed to say, the text tells so, and lists what to assume; running it names
    the gaps.

    Args:
        contract: what is to be simulated.
        name: of the scenario; the contract's if not said.
    """
    head = f"scenario: {flow(name or contract.name)}\ncontract: {flow(_named(contract))}\n"
    head += "seed: 1                        # any whole number\n"
    found, tried = "", Tried(False, False, "", 0)
    for by_claims in (True, False):
        found = "\n".join(_body(contract, by_claims)) + "\n"
        tried = _tried(head + found, contract)
        if tried.loaded:
            break
    many = 20_000 if tried.columns <= MANY else 5_000
    head += f"paths: {many:,}                  # more of them for finer figures\n"
    return HEAD + head + _assuming(contract, tried.runs, tried.gap) + found + TAIL


TAIL = """
# What else may be said, each under a key of its own:
# budget: 1000000                    # how likely is it that more is paid
# delays: {PAYER: between 0 and 60}  # days after the due date
# correlation: [{between: [A, B], rank: 0.5}]      # two uncertain things that go up and down together
"""


def _named(contract: Contract) -> str:
    """Return how a scenario names the contract: an example by its short name, any other by its file."""
    example = contract_specs() / f"{contract.name}.yaml"
    return contract.name if example.is_file() and example.read_text("utf-8") == contract.text else contract.file


def _body(contract: Contract, by_claims: bool) -> Iterator[str]:
    """Yield the lines of metrics and participants."""
    frame = contract.frame
    one_by_one = {contract.rule(name).metric or name for name in paid_by_claim(contract)}
    claimed = [
        name for name in wanted(frame) if by_claims and (name in one_by_one or _of_people(frame.metrics[name].claims))
    ]
    told = list(groups(contract, claimed)) if claimed else []
    others = [name for name in wanted(frame) if name not in claimed]
    if others:
        yield "\nmetrics:"
    for name in others:
        yield from _metric(contract, name)
    if told:
        yield "\n# What happens to each of some people who are alike. What is not listed does not happen."
        yield "participants:"
        yield from told


def _of_people(words: Counting | None) -> bool:
    return words is not None and words.days is None


def _metric(contract: Contract, name: str) -> Iterator[str]:
    frame = contract.frame
    metric, scale = frame.metrics[name], frame.scales[name]
    rows = len(frame.cohorts) if metric.by_cohort else 1
    places = len(frame.measured_in(name))
    unit = "%" if scale.percent else scale.plural
    adding = metric.reports == "to date" and not (scale.percent or scale.yes_no)
    yield f"  # {short(metric.what or name, 90)} [{unit}{'; what each period adds to the total' if adding else ''}]"
    if metric.claims is not None and metric.claims.days is not None:
        first = min(period.start.date for period in contract.periods)
        yield f"  {name}:"
        full = f"{{enrolment: {{full: {size_of(contract)[0]}, from: {first}, months: 12}}}}"
        yield f"    people: {size_of(contract)[0]}                # REPLACE. Or {full}"
        yield "    each: between 40% and 90%          # REPLACE: the share of days that count, of one person"
        yield "    times: days of the period"
        yield "    together: between 90% and 110%     # REPLACE: what goes well or badly for all at once"
        return
    if scale.yes_no:
        yield f"  {name}: {{chance: 50%}}             # REPLACE. Or yes, or no"
        return
    varies = {(False, False): "", (True, False): "each period", (False, True): "each cohort"}.get(
        (places > 1, rows > 1), "each period and cohort"
    )
    belief = belief_of(contract, name)
    if scale.percent:
        other = f"Or {{people: {size_of(contract)[0]}, chance: 50%}}: the share of them"
        if metric.counterfactual is not None:
            other = "Beside value may stand evaluation: with how many people it is measured"
    elif scale.money is not None:
        other = f"Or {{people: {size_of(contract)[0]}, each: 1000}}"
    else:
        each = people_in_each(contract, name)
        people = size_of(contract)[0] if each is None else max(int(each), 1)
        other = f"Or {{people: {people}, chance: 50%}}, or {{people: ..., each: ...}}"
    said = f"{{value: {belief}, varies: {varies}}}" if varies else belief
    yield f"  {name}: {said}                # REPLACE. {other}"


def made_up(text: str, drafted: str, contract: Contract) -> list[str]:
    """Return the beliefs of a scenario that are still as its draft made them up, by name.

    A belief is somebody's own once it says something else, or is no longer marked REPLACE.

    Args:
        text: the scenario.
        drafted: what :func:`draft` wrote of the contract.
        contract: which it is about.

    Raises:
        Refused: the scenario is no text that can be read.
    """
    document, lines = read_yaml(text, "scenario"), text.splitlines()
    first = {one.path: one.written for one in beliefs_of(read_yaml(drafted, "draft"), contract)}
    return [
        one.name
        for one in beliefs_of(document, contract)
        if first.get(one.path) == one.written and _marked(lines, document.find(one.path)[0])
    ]


def taken_as_own(text: str, path: Path) -> str:
    """Take the mark from a belief that is somebody's own as it stands; every other letter stays.

    Args:
        text: of the scenario.
        path: where the belief stands.

    Raises:
        Refused: the scenario is no text that can be read.
    """
    line, lines = read_yaml(text, "scenario").find(path)[0], text.splitlines(keepends=True)
    if _marked(lines, line):
        at = line - 1 if MARK in lines[line - 1] else line - 2
        lines[at] = MARKED.sub("", lines[at], count=1)
    return "".join(lines)


def _marked(lines: list[str], line: int) -> bool:
    """Whether a line is marked to be replaced, or a comment just above it is."""
    above = lines[line - 2].strip() if line > 1 else ""
    return MARK in lines[line - 1] or (above.startswith("#") and MARK in above)


class Tried(NamedTuple):
    """What came of a draft.

    Attributes:
        loaded: whether it can be read.
        runs: whether it runs, too; else the contract says unknown where a figure is needed.
        gap: what the capital stack lacks; empty for nothing.
        columns: how many numbers a path needs.
    """

    loaded: bool
    runs: bool
    gap: str
    columns: int


def _tried(text: str, contract: Contract) -> Tried:
    """Read a draft and run a few of its paths."""
    try:
        scenario = scenario_of(read_yaml(text, "draft.yaml"), text, contract)
    except Refused as refused:
        unknown = all(finding.what.startswith("it is unknown") for finding in refused.findings)
        return Tried(unknown, False, "", 0)
    worked = Worked(scenario)
    try:
        made = worked.evaluate(scenario.draws(paths=TRIED).between(0, TRIED))
    except (Refused, UnknownTerm):
        return Tried(True, False, "", scenario.columns)
    lacks = worked.gap if contract.spec.capital is not None else None
    gap = "" if lacks is None else f"{path} is unknown" if (path := unknown_path(lacks)) else lacks.what
    paid_back = [label.removesuffix(" received") for label in made if label.endswith(" received")]
    if not gap and any(f"{name} loss" not in made for name in paid_back):
        gap = "no source says how much is put in"
    return Tried(True, True, gap, scenario.columns)


def _assuming(contract: Contract, runs: bool, gap: str) -> str:
    """Return what to assume of terms that the contract says are unknown; as comments, so that nothing is guessed."""
    keys = [] if runs else ["metrics", "rules", "limits"]
    lines: list[str] = []
    for key in [*keys, *(["capital"] if gap else [])]:
        left = sized(contract.document.data.get(key), key)
        if left is not None:
            lines += [f"#   {line}" for line in left]
    if not lines and not gap:
        return ""
    why = f"{CANNOT_RUN}: the contract says unknown where a figure is needed."
    if runs:
        why = f"The investors' returns are left out: {' '.join(gap.split())}."
    if not lines:
        return f"\n# {why}\n"
    remedy = "Take the # away from assuming and from the lines under it, and write what is meant for each unknown."
    return f"\n# {why}\n# REPLACE: {remedy}\n# assuming:\n" + "\n".join(lines) + "\n"
