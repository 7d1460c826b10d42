"""The contract as chapters: every term that can change a payment, in an order in which people ask for it.

They are the same words whether they are set as lines for a terminal or as paragraphs of a document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel

from payfs.contract import Contract
from payfs.contract.written import Cohort
from payfs.examples import run_example
from payfs.periods import Day
from payfs.report.clauses import Clauses
from payfs.report.examples_text import example_block
from payfs.report.gaps_text import unknown_terms
from payfs.report.period_text import dates, period
from payfs.report.phrases import (
    ROUNDED,
    Block,
    Item,
    counted,
    fiscal_year,
    full_stop,
    inside,
    listed,
    names,
    on,
    span,
    start,
)
from payfs.spec import spoken
from payfs.text import dotted

Sections = dict[str, dict[str, Block]]

NUMBERED = ("WHAT IS PAID", "LIMITS")
CAPITAL = "WHERE THE MONEY COMES FROM"
EXAMPLES = "WORKED EXAMPLES"
HOLDS = "It holds: the rules of this contract come to exactly this."


class Chapter(NamedTuple):
    """A part of the contract under one title.

    Attributes:
        title: in capitals.
        blocks: what it says.
        numbered: whether its blocks are counted, so that one can be named by its number.
    """

    title: str
    blocks: tuple[Block, ...]
    numbered: bool


def chapters(contract: Contract, draft: str = "") -> Iterator[Chapter]:
    """Say a contract, chapter by chapter.

    Args:
        contract: the contract.
        draft: of which draft it is what version, said in the place of the day on which it was signed.
    """
    first = contract.terms[0]
    spec = first.spec
    for name, blocks in sections(Clauses(contract, first), draft).items():
        yield Chapter(name, tuple(blocks.values()), name in NUMBERED)
    if contract.spec.amendments:
        yield Chapter("AMENDMENTS", tuple(_amendments(contract)), True)
    if spec.examples:
        yield Chapter(EXAMPLES, tuple(_examples(contract)), True)
    yield Chapter("NOT KNOWN FROM THE SOURCES", tuple(_gaps(contract)), False)
    if spec.notes:
        yield Chapter("NOTES", tuple(Block(full_stop(note), inline=True) for note in spec.notes), False)
    if spec.sources:
        sources = (Block(f"{spoken(name)}: {source}", inline=True) for name, source in spec.sources.items())
        yield Chapter("SOURCES", tuple(sources), False)


def together(blocks: Sequence[Block]) -> Iterator[Sequence[Block]]:
    """Yield blocks one by one, but three or more in a row that differ in their lead only as one list."""
    place = 0
    while place < len(blocks):
        block, alike = blocks[place], 1
        while block.lead and place + alike < len(blocks) and _alike(block, blocks[place + alike]):
            alike += 1
        alike = alike if alike >= 3 else 1
        yield blocks[place : place + alike]
        place += alike


def _alike(one: Block, other: Block) -> bool:
    return bool(other.lead) and (one.common, one.rest) == (other.common, other.rest)


def sections(clauses: Clauses, draft: str = "") -> Sections:
    """Say the contract as it stands in one stretch of time, section by section; what ``draft`` is, `chapters` says."""
    spec = clauses.spec
    cohorts = {name: _cohort(clauses, name, cohort) for name, cohort in (spec.population.cohorts or {}).items()}
    result: Sections = {
        "THE CONTRACT": {"": Block("", tuple(_contract(clauses, draft)))},
        "THE PARTIES": {**_intro(_who_pays(clauses)), **{name: _party(clauses, name) for name in spec.parties}},
        "WHO IT IS FOR": {**_intro(_population(clauses)), **cohorts},
        "WHEN": {**_intro(dates(clauses)), **{name: period(clauses, name) for name in spec.periods}},
        "WHAT IS MEASURED": {name: clauses.metric(name) for name in spec.metrics},
        "WHAT IS PAID": {name: clauses.rule(name) for name in spec.rules},
        "LIMITS": {name: clauses.limit(name) for name in spec.limits},
        CAPITAL: clauses.capital(),
    }
    limits_for_one = sum("person" in limit.per for limit in spec.limits.values())
    by_claim = limits_for_one or any(rule.claim_by_claim for rule in spec.rules.values())
    if spec.metrics:
        said = [
            "A result that is missing is not zero: nothing is due for it until it is reported. Where a result "
            "is corrected later, the difference is due in the period in which the correction is reported.",
        ]
        if by_claim or any(metric.claims is not None for metric in spec.metrics.values()):
            said += [
                "",
                "The claims of one person are decided in order of their dates, and on one day what others need comes "
                "first. A metric without conditions counts every claim of its name. Where a claim is reported or "
                "withdrawn after its period, all claims are decided anew, and the difference is due in the period in "
                "which it is reported or withdrawn: to the payee if it is more than before, and from the payee if it "
                "is less.",
            ]
        result["WHAT IS MEASURED"] = {**_intro(said), **result["WHAT IS MEASURED"]}
    if len(spec.limits) + sum(rule.most is not None for rule in spec.rules.values()) > 1:
        order = "Limits apply in the order written here, after the limits that stand with a rule itself."
        if sum(limit.most is not None and "person" not in limit.per for limit in spec.limits.values()) > 1:
            order += " What one lets through counts towards its total even where a later one cuts it."
        if any(limit.most_units is not None for limit in spec.limits.values()):
            order += " Limits on numbers apply before the price, limits on money after it."
        if limits_for_one:
            order += " Limits for one person come first, claim by claim."
        result["LIMITS"] = {**_intro([order]), **result["LIMITS"]}
    return {name: blocks for name, blocks in result.items() if blocks}


def _intro(sentences: Iterable[str]) -> dict[str, Block]:
    """Put what holds for a whole section at its head, if anything is said."""
    body = tuple(sentences)
    return {"": Block("", body)} if body else {}


def _contract(clauses: Clauses, draft: str) -> Iterator[str]:
    from babel.numbers import get_currency_name

    spec, money = clauses.spec, clauses.money
    yield f"Short name: {spec.contract}."
    if spec.place:
        yield f"Place: {full_stop(spec.place)}"
    if draft:
        yield full_stop(draft)
    elif spec.signed:
        yield f"Signed {on(spec.signed)}."
    if spec.term:
        yield f"It runs {span(spec.term.start, spec.term.end)}."
    yield f"Amounts are in {get_currency_name(money.code, 2, locale='en')} ({money.code})."
    rounding = spec.rounding.rounding(money)
    whole = "" if rounding.to == 1 else "a multiple of "
    yield f"Every amount is rounded to {whole}{money.show(rounding.to)}, line by line: {ROUNDED[rounding.how]}."
    days = [day for day in _days(spec) if not day.exact]
    if days:
        yield "Where only a month or a year is given, it counts as its last day,"
        yield "or as its first day where it begins something."


def _days(value: Any) -> Iterator[Day]:
    """Yield every date in a specification."""
    if isinstance(value, Day):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _days(getattr(value, name))
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _days(item)
    elif isinstance(value, Mapping):
        for item in (*value, *value.values()):
            yield from _days(item)


def _party(clauses: Clauses, key: str) -> Block:
    party = clauses.spec.parties[key]
    body = [full_stop(listed(party.role))]
    if party.what:
        body.append(full_stop(party.what))
    if "outcome payer" in party.role or party.fiscal_year_starts != (1, 1):
        body.append(f"Fiscal year: {fiscal_year(party.fiscal_year_starts)}.")
    if party.note:
        body.append(f"Note: {full_stop(party.note)}")
    return Block(clauses.tag(key, title=party.name), tuple(body), inline=True)


def _who_pays(clauses: Clauses) -> Iterator[str]:
    spec = clauses.spec
    payee = inside(clauses.party(spec.payee)) if spec.payee else ""
    unless = f"Unless a rule {'or a cohort ' if clauses.cohorts else ''}says otherwise"
    if spec.payer or (spec.payers and len(spec.payers) == 1):
        who = inside(clauses.party(spec.payer)) if spec.payer else clauses.stages_said(spec.payers or ())
        several = "payers are" if spec.payers and len(spec.payers[0].shares) > 1 else "payer is"
        says = f"{who} shall pay {payee}" if payee else f"the {several} {who}"
        yield full_stop(f"{unless}, {says}")
        return
    if spec.payers:
        yield f"{unless}: {clauses.shares_by_stage(spec.payers)}"
    if payee:
        yield full_stop(f"{unless}, the payee is {payee}")


def _population(clauses: Clauses) -> Iterator[str]:
    people = clauses.spec.population
    if people.who:
        yield full_stop(people.who)
    if people.size is not None:
        yield f"Number: {people.size:,}."
    if people.note:
        yield f"Note: {full_stop(people.note)}"
    if people.cohorts:
        yield f"They are measured in {counted(len(people.cohorts), 'cohort')}."


def _cohort(clauses: Clauses, name: str, cohort: Cohort) -> Block:
    body = [full_stop(cohort.what)] if cohort.what else []
    if cohort.from_ or cohort.to:
        begins = f"From {cohort.from_}" if cohort.from_ else ""
        body.append(
            full_stop(start(f"{begins} {'to' if begins else 'until'} {cohort.to}".strip() if cohort.to else begins))
        )
    if cohort.size is not None:
        body.append(f"Number: {cohort.size:,}.")
    if cohort.payer:
        body.append(f"Unless a rule says otherwise, the payer is {full_stop(inside(clauses.party(cohort.payer)))}")
    if cohort.payers:
        one = len(cohort.payers) == 1
        who = f"the payers are {clauses.stages_said(cohort.payers)}." if one else clauses.shares_by_stage(cohort.payers)
        body.append(f"Unless a rule says otherwise{', ' if one else ': '}{who}")
    if cohort.payee:
        body.append(f"Unless a rule says otherwise, the payee is {full_stop(inside(clauses.party(cohort.payee)))}")
    if cohort.note:
        body.append(f"Note: {full_stop(cohort.note)}")
    return Block(clauses.tag(name), tuple(body) or ("Nothing more is said.",), inline=True)


# --- what changes, what it comes to, and what nobody knows ----------------------------------------------------------


def changes(before: Sections, after: Sections) -> Iterator[Item]:
    """Say what one state of a contract says otherwise than another, with what it said before."""
    for section, key, then, now in _differing(before, after):
        where = f"Under {section}" + (f", {spoken(key)}" if key else "")
        yield ""
        if now is None:
            yield f"{where} is taken out."
        elif then is None:
            yield f"{where} is added: {full_stop(now.heading)}"
            yield from now.body
        else:
            if now.heading != then.heading:
                yield f"{where} is now headed: {full_stop(now.heading)}"
            gone = [item for item in then.body if item and item not in now.body]
            come = [item for item in now.body if item and item not in then.body]
            if gone:
                yield f"{where} no longer says:"
                yield from gone
            if come:
                yield "It now says:" if gone else f"{where} now also says:"
                yield from come
    yield ""


def _differing(before: Sections, after: Sections) -> Iterator[tuple[str, str, Block | None, Block | None]]:
    for section in dict.fromkeys([*before, *after]):
        old, new = before.get(section, {}), after.get(section, {})
        for key in dict.fromkeys([*old, *new]):
            then, now = old.get(key), new.get(key)
            if then != now and (key or (then and now)):
                yield section, key, then, now


def assumed(before: Sections, after: Sections) -> Iterator[Item]:
    """Say what an example assumes: only what is to be read, not what stands in its place."""
    yield "Assume, for this example only:"
    for _, key, then, now in _differing(before, after):
        if now is None:
            yield f"{spoken(key)} does not apply."
            continue
        come = _new(now.body, then.body if then is not None else ())
        gone = [item for item in (then.body if then is not None and not come else ()) if item and item not in now.body]
        yield f"{spoken(key)} {'no longer says' if gone else 'says'}:" if key else "it is said:"
        yield from come or gone or [full_stop(now.heading)]
    yield ""


def _new(body: tuple[Item, ...], before: tuple[Item, ...]) -> list[Item]:
    """Return what a clause says and did not say before; a table with the sentence that stands above it."""
    come: list[Item] = []
    for place, item in enumerate(body):
        if item and item not in before:
            above = body[place - 1] if place and not isinstance(item, str) else item
            come += [above, item] if above is not item and above not in come else [item]
    return come


def _amendments(contract: Contract) -> Iterator[Block]:
    yield Block("", ("What stands above is the contract as first signed. Earlier periods keep their terms.",))
    for place, amendment in enumerate(contract.spec.amendments):
        before, after = contract.terms[place], contract.terms[place + 1]
        clause = f" [{amendment.clause}]" if amendment.clause else ""
        first = spoken(contract.periods[after.first].name)
        body: list[Item] = [f"Takes effect {on(amendment.effective)}: it holds from the period {first} on."]
        said = list(changes(sections(Clauses(contract, before)), sections(Clauses(contract, after))))
        for old, new, title in (
            (set(before.spec.notes), after.spec.notes, "Note"),
            (set(before.spec.sources.items()), tuple(after.spec.sources.items()), "Source"),
        ):
            for entry in new:
                if entry not in old:
                    text = entry if isinstance(entry, str) else f"{spoken(entry[0])}, {entry[1]}"
                    said.append(f"{title}: {full_stop(text)}")
        body += said or ["No term reads otherwise."]
        if amendment.note:
            body.append(f"Note: {full_stop(amendment.note)}")
        if amendment.source:
            body.append(f"Source: {names(amendment.source)}.")
        yield Block(f"{amendment.what.rstrip('.')}{clause}", tuple(body))


def _examples(contract: Contract) -> Iterator[Block]:
    spec = contract.terms[0].spec
    gaps = {dotted(path): words for path, words in unknown_terms(contract)}
    for name, rule in spec.rules.items():
        if rule.price is not None:
            for path in (("rules", name, "price"), ("rules", name, "price", "amounts")):
                gaps.setdefault(dotted(path), f"a price under {spoken(name)}")
    base = sections(Clauses(contract, contract.terms[0]))
    for place, example in enumerate(spec.examples):
        body: list[Item] = []
        changed = contract
        if example.assuming is not None:
            changed = contract.assuming(example.assuming, ("examples", place, "assuming"))
            body += assumed(base, sections(Clauses(changed, changed.terms[0])))
        body += example_block(contract, changed, place, example, gaps)
        yield Block(example.name.rstrip("."), tuple(body))


def _gaps(contract: Contract) -> Iterator[Block]:
    gaps = list(unknown_terms(contract))
    if not gaps:
        yield Block("", ("Nothing that a payment needs: every figure is given.",))
        return
    yield Block("", ("No source gives what follows. A payment that needs it is refused, and the gap is named.",))
    for _, words in gaps:
        yield Block(full_stop(start(words)), inline=True)


def verdicts(contract: Contract) -> Iterator[str]:
    """Say of each worked example in turn whether it holds."""
    for place, example in enumerate(contract.terms[0].spec.examples):
        found = list(run_example(contract, place, example))
        if not found:
            yield HOLDS if not example.expect.unknown else "As expected, it cannot be worked out."
        else:
            said = " ".join(full_stop(finding.what) for finding in found[:3])
            more = f" There are {counted(len(found) - 3, 'more difference')}." if len(found) > 3 else ""
            yield f"It does not hold: {said}{more}"
