"""Whatever a contract says and a payment can depend on must be readable in its English."""

from __future__ import annotations

import re
from functools import cache
from itertools import combinations
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from case_files import contract_of
from english_fields import BASE, CASES, GIVEN, LATER, WORKED, amendment, example, fresh, limit, metric, rule
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from payfs.claims.table import known_outcomes, named_columns
from payfs.contract import ContractSpec, load, load_document
from payfs.evidence.condition import Condition
from payfs.money import currency
from payfs.report.english import contract_lines
from payfs.report.phrases import counted, fiscal_year, inside, listed
from payfs.scale import Scale
from payfs.spec import Figure, read_figure
from payfs.text import read_yaml

ROOT = Path(__file__).parents[1]
SPECS = sorted([*(ROOT / "contract_specs").glob("*.yaml"), *(ROOT / "contract_specs" / "templates").glob("*.yaml")])


@cache
def text_of(change: str = "") -> str:
    """Read the sample aloud after a change, which is written as an amendment's is."""
    document = read_yaml(BASE, "sample.yaml")
    if change:
        document = document.merged(read_yaml(change, "change.yaml").data, ())
    return "\n".join(contract_lines(load_document(document)))


def paragraph(text: str) -> str:
    """Undo the line breaks."""
    return re.sub(r"\s+", " ", text)


# --- nothing that is written is left out -----------------------------------------------------------------------------


def models(annotation: Any) -> set[type[BaseModel]]:
    """Find the specifications that a field may hold."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}
    return {model for inner in get_args(annotation) for model in models(inner)}


def choices(annotation: Any) -> tuple[str, ...]:
    """Find the words of which a field is one."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    if get_origin(annotation) in (Union, UnionType):
        return tuple(word for inner in get_args(annotation) for word in choices(inner))
    return ()


def fields() -> dict[str, tuple[str, ...]]:
    """Walk the contract's specifications: every field, with the words of which it is one."""
    found: dict[str, tuple[str, ...]] = {}
    known, todo = {ContractSpec}, [ContractSpec]
    while todo:
        model = todo.pop()
        for name, field in model.model_fields.items():
            found[f"{model.__name__}.{name}"] = choices(field.annotation)
            for other in models(field.annotation) - known:
                known.add(other)
                todo.append(other)
    return found


FIELDS = fields()


def test_every_field_of_a_contract_has_a_case_here():
    assert set(CASES) == set(FIELDS), "say in CASES how the field changes the text, and read it aloud in payfs.report"


@pytest.mark.parametrize("field", CASES)
def test_what_is_written_in_a_field_is_read_aloud(field: str):
    ways = CASES[field]
    assert len(ways) >= max(2, len(FIELDS.get(field, ())))
    texts = [text_of(way) for way in ways]
    for (one, a), (two, b) in combinations(zip(ways, texts, strict=True), 2):
        assert a != b, f"the text is the same for {one!r} and for {two!r}"


# --- how it is set ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", SPECS, ids=lambda file: file.stem)
def test_a_contract_fits_80_columns_and_holds_no_words_of_the_program(file: Path):
    contract = load(file)
    lines = list(contract_lines(contract))
    for line in lines:
        assert len(line) <= 80 or len(line.split()) <= 2, "only an address may be wider than the page"
        assert line == line.rstrip()
    text = "\n".join(line for line in lines if "://" not in line)
    bare = re.sub(r" ?\[[^\]]*\]", "", text)
    for word in ("None", "Fraction", "from_", "by_cohort", "up_to", "Unknown(", "Figure(", "..", "  ,", " ."):
        assert word not in bare.replace("...", ""), word
    # outcomes and columns of a claims file are written letter for letter
    for name in {**known_outcomes(contract.frame), **named_columns(contract.frame)}:
        bare = bare.replace(f'"{name}"', "")
    assert "_" not in bare
    for heading in ("THE PARTIES", "WHEN", "WHAT IS PAID", "NOT KNOWN FROM THE SOURCES"):
        assert heading in lines


@pytest.mark.parametrize("way", [way for ways in CASES.values() for way in ways])
def test_every_way_of_saying_a_term_fits_the_page_and_reads_as_english(way: str):
    text = text_of(way)
    assert max(map(len, text.splitlines())) <= 80
    bare = re.sub(r" ?\[[^\]]*\]", "", text)
    for word in ("None", "Fraction", "from_", "_", "Unknown", "Figure", "..", " ,", " .", ";.", ":."):
        assert word not in bare, word
    assert not re.search(r"\b(\w+) \1\b", paragraph(bare).replace("that that", "")), "a word stands twice"


USER_TEXT = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=60).filter(str.strip)


@settings(max_examples=60, deadline=None)
@given(USER_TEXT)
def test_text_of_the_contract_is_never_a_format(text: str):
    document = read_yaml(BASE, "sample.yaml")
    for path in (("title",), ("parties", "city", "name"), ("rules", "days", "what"), ("metrics", "days", "unit")):
        place = document.data
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = f"x{text}"
    assert all(isinstance(line, str) for line in contract_lines(load_document(document)))


def test_braces_and_percent_signs_of_the_contract_are_printed_as_they_are():
    text = text_of('rules: {days: {what: "{x} {0} {} %s %(x)s", note: "{price}"}}')
    assert "1. {x} {0} {} %s %(x)s [days]" in text
    assert "Note: {price}." in text


# --- the words -------------------------------------------------------------------------------------------------------

PERCENT = Scale(read_figure("0.1").value, "percentage point", "percentage points", percent=True)
DAYS = Scale(read_figure("1").value, "day", "days")
MONEY = Scale(read_figure("0.01").value, "USD", "USD", money=currency("USD"))


def figure(text: str | None) -> Figure | None:
    return None if text is None else read_figure(text)


@pytest.mark.parametrize(
    ("scale", "from_", "above", "below", "up_to", "said"),
    [
        (PERCENT, "20%", None, "30%", None, "20% or more but less than 30%"),
        (PERCENT, None, "41.3%", None, None, "more than 41.3%"),
        (PERCENT, "18.6%", None, None, "41.3%", "18.6% to 41.3%, both included"),
        (PERCENT, None, "2%", None, "4%", "more than 2% but not more than 4%"),
        (PERCENT, None, "2%", "4%", None, "more than 2% but less than 4%"),
        (PERCENT, "40%", None, None, "40%", "exactly 40%"),
        (PERCENT, None, None, "5%", None, "less than 5%"),
        (PERCENT, None, None, None, "5%", "not more than 5%"),
        (PERCENT, None, None, None, None, "at any level"),
        (DAYS, "1", None, None, None, "1 day or more"),
        (DAYS, None, None, "2", None, "fewer than 2 days"),
        (DAYS, "1,000", None, "2,000", None, "1,000 or more but fewer than 2,000 days"),
        (MONEY, None, "0", None, None, "more than $0.00"),
        (MONEY, "5", None, "9.50", None, "$5.00 or more but less than $9.50"),
    ],
)
def test_ranges_say_exactly_which_ends_lie_in_them(scale, from_, above, below, up_to, said):
    assert scale.within(figure(from_), figure(above), figure(below), figure(up_to)) == said


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ({"metric": "fall_in_jail", "from": "10%"}, '"fall in jail" is 10% or more'),
        ({"metric": "nights", "below": "2", "of": "pooled"}, '"nights" of all cohorts together is fewer than 2 days'),
        (
            {"metric": "nights", "from": "9", "of": "every cohort", "at": "p 1"},
            '"nights" of every cohort in "p 1" is 9 days or more',
        ),
        ({"metric": "nights", "from": "9", "counts": "to date"}, '"nights" to date is 9 days or more'),
        ({"metric": "done"}, '"done" is yes'),
        (
            {"any_of": [{"metric": "done"}, {"metric": "nights", "above": "3"}]},
            '"done" is yes, or "nights" is more than 3 days',
        ),
        (
            {"all_of": [{"metric": "done"}, {"any_of": [{"metric": "done"}, {"metric": "nights", "above": "3"}]}]},
            '"done" is yes, and ("done" is yes, or "nights" is more than 3 days)',
        ),
        ({"none_of": [{"metric": "done"}]}, 'it is not the case that "done" is yes'),
        (
            {"none_of": [{"metric": "done"}, {"metric": "nights", "from": "1"}]},
            'it is not the case that "done" is yes, nor that "nights" is 1 day or more',
        ),
    ],
)
def test_conditions_are_said_in_words(condition, said):
    done = Scale(DAYS.step, "yes/no", "yes/no", yes_no=True)
    scales = {"fall_in_jail": PERCENT, "nights": DAYS, "done": done}
    assert Condition.model_validate(condition).said(scales) == said


def test_small_words():
    assert [listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert [counted(1, "period"), counted(17, "period"), counted(2, "child", "children")] == [
        "1 period",
        "17 periods",
        "2 children",
    ]
    assert [inside("The City"), inside("An Office"), inside("Andover")] == ["the City", "an Office", "Andover"]
    assert [fiscal_year((1, 1)), fiscal_year((7, 1)), fiscal_year((3, 1))] == [
        "1 January to 31 December",
        "1 July to 30 June",
        "1 March to 28 February",
    ]


# --- whole sentences -------------------------------------------------------------------------------------------------


def said_of(name: str, sentence: str) -> None:
    text = paragraph("\n".join(contract_lines(load(ROOT / "contract_specs" / f"{name}.yaml"))))
    assert sentence in text


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "denver-sib",
            "City and County of Denver shall pay Enterprise Community Partners $15.12 for each day counted as "
            '"stable days".',
        ),
        ("denver-sib", "At most $5,290,000.00 is paid under this rule in all."),
        (
            "denver-sib",
            "30% or more but less than 65% $4,800,000.00, and $38,000.00 for each percentage point above 30%",
        ),
        ("denver-sib", "Payment is due in October 2017."),
        ("dc-water-eib", "less than 18.6% the payee owes the payer $3,300,000.00"),
        ("dc-water-eib", "18.6% to 41.3%, both included nothing"),
        ("dc-water-eib", "Payment is due on 1 April 2021."),
        ("chicago-cpc", '16 years, from 1 December 2015 to 30 November 2031, named "2015/16" to "2030/31".'),
        ("chicago-cpc", "When each is paid is not known from the sources."),
        (
            "uk-hmp-peterborough",
            'It is paid only where "reduction" is 10% or more, or "pooled reduction" is 7.5% or more.',
        ),
        (
            "adoption-incentive",
            "What is paid in each fiscal year is limited to a sum that is not known from the sources.",
        ),
        ("adoption-incentive", "It counts by the fiscal year of United States of America in which a payment is due."),
        ("ma-juvenile-justice-roca", 'It is worked out: 80% of "rct" plus 20% of "did".'),
        ("uk-care-leavers-sib", 'Feels safe [m3]: £220.00 for each outcome counted as "m3".'),
        ("ch-caritas-perspektive", "the payee owes the payer 4.9% of CHF 2,700,000.00, which is CHF 132,300.00"),
        ("jp-hachioji", 'The amount under "early cancers" where "early cancers" is 1 cancer or more.'),
    ],
)
def test_real_contracts_read_as_they_should(name: str, sentence: str):
    said_of(name, sentence)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (rule("days", "payer: state")[0], 'The State shall pay a Firm $10.00 for each day counted as "days".'),
        (
            rule("days", "payers: {city: 60%, state: 40%}")[0],
            "The City (60%) and the State (40%) shall pay a Firm $10.00",
        ),
        (
            rule("days", "per: 5, complete: yes")[0],
            '$10.00 for every full 5 days counted as "days". What does not make up a full number is not counted.',
        ),
        (rule("days", "returned: yes")[0], "A Firm shall pay back to the City $10.00"),
        (rule("days", "share: 5/6")[0], "Only 5/6 of the amount so worked out is paid."),
        (
            rule("days", "gate: {metric: rate, from: 5%, otherwise: 50%, before: held, stays_open: yes}")[0],
            'It is paid only where "rate" is 5% or more. Each cohort is judged by itself. Where this is not so, '
            "50% of the amount is paid. The rest is held, and paid as soon as it is so. What was paid before is "
            "not taken back when it ceases to be so. Nothing is paid while it is not known whether this is so. "
            "Once it has been so, it counts as so for good.",
        ),
        (
            rule("days", 'holdback: {share: 10%, released: "2021", gate: {metric: ready}}')[0],
            '10% of each payment up to and with the period "2021" is held back. What was held back is paid with '
            'the period "2021", but only if in that period "ready" is yes. If not, it is never paid. Each cohort '
            "is judged by itself.",
        ),
        (
            rule("days", "payers: [{until: 2018-12-31, shares: {city: 100%}}, {shares: {city: 1/3, state: 2/3}}]")[0],
            "Of each payment there falls for periods that end by 31 December 2018, 100% to the City; for later "
            "periods, 1/3 to the City and 2/3 to the State.",
        ),
        (
            limit(
                "most: 7, payer: city, per: fiscal year, beyond: carried forward, unused: carried forward, rules: "
                "[days, rated], shared: [rated, days]"
            )[0],
            'At most $7.00 is paid in each fiscal year by the City under the rules "days" and "rated". It counts '
            "by the fiscal year of the City in which a payment is due. What passes the limit is carried forward "
            "and paid as soon as a later fiscal year has room. Room that is not used is added to the next fiscal "
            'year. Where the payments of a period pass it together, the rules are served in this order: "rated" '
            'and "days".',
        ),
        (
            "population: {cohorts: {east: {payer: state}}}",
            "The payer of each cohort (the City where it has none of its own) shall pay a Firm $10.00 for each "
            'day counted as "days".',
        ),
        (
            "population: {cohorts: {east: {payer: state}}}",
            "The City shall pay a Firm a lump sum of $500.00 for each period.",
        ),
        (
            example(
                f"{GIVEN}, corrections: [{{metric: days, cohort: east, period: first, value: 5, reported: "
                f'"2019"}}], expect: {{total: 50}}'
            )[0],
            'Given "days" of 1 day for "east" in "first"; and "days" for "east" in "first" corrected to 5 days in '
            '"2019", the payment in all is $50.00.',
        ),
        (
            rule("bonus", "baseline: 700")[0],
            'The City shall pay a Firm 10% of what the rule "days" comes to in the period. Of that, only what '
            "exceeds $700.00 counts. What other rules come to is counted after limits for one person, their own limits "
            "and their holdbacks, and before all other limits.",
        ),
        (
            rule("floor", "clause: 9")[0],
            'the difference to $700.00 where the rule "days" comes to less than that in all to date. It falls due '
            "in the last period.",
        ),
        (
            fresh("instalments: {total: 3, evenly: yes}, periods: years")[0],
            'a Firm $3.00 in all, in equal instalments for each period of "years".',
        ),
        (
            fresh("metric: ready, pays: 5")[0],
            'shall pay a Firm a lump sum of $5.00 for each period in which "ready" is yes. Each cohort is paid '
            "for by itself.",
        ),
        (
            rule("days", "gate: {metric: rate, from: 5%, at: first}, most: 9, holdback: {share: 10%, released: first}")[
                0
            ],
            'The result of "first" decides this for all periods. Until then nothing is paid. What falls due while '
            "this is not so is held, and paid as soon as it is so.",
        ),
        (
            limit("most: due, per: fiscal year")[0],
            'At most the amount of "due", as last reported for that year, is paid in each fiscal year.',
        ),
        (rule("fee", "instalments: {total: unknown}")[0], 'The fee in all under "fee".'),
        (metric(f"{WORKED}product: [days, 3]")[0], 'It is worked out: "days" times 3. ' + "WHAT IS PAID"),
        (
            metric('unit: "%", step: 0.1%, score: {of: rate, tiers: [{gives: 40%}]}')[0],
            'It depends on "rate": at any level 40%',
        ),
        (metric("unit: goose, plural: geese, step: 0.5")[0], "Counted in geese, in steps of 0.5."),
        (
            limit("most_units: 1, rules: [headed]")[0],
            'Payment is made for at most 1 person in all under the rule "headed".',
        ),
    ],
)
def test_terms_read_as_they_should(change: str, sentence: str):
    assert sentence in paragraph(text_of(change))


def test_an_amendment_says_from_when_what_changes():
    changes = f"{LATER}, clause: Deed 2, changes: {{rules: {{days: {{price: 16}}}}, limits: {{cap: none}}}}"
    text = paragraph(text_of(amendment(changes)[0]))
    assert (
        "AMENDMENTS ---------- What stands above is the contract as first signed. Earlier periods keep their "
        'terms. 1. Changed [Deed 2] Takes effect on 1 January 2019: it holds from the period "2019" on. Under '
        'WHAT IS PAID, "days" no longer says: The City shall pay a Firm $10.00 for each day counted as "days". It '
        'now says: The City shall pay a Firm $16.00 for each day counted as "days". Under LIMITS, "cap" is taken '
        "out."
    ) in text
    assert text.index("$10.00 for each day") < text.index("AMENDMENTS")


def test_an_example_says_what_is_assumed_given_and_paid():
    text = paragraph(text_of(example(f"{GIVEN}, assuming: {{rules: {{days: {{price: 9}}}}}}, expect: {{total: 9}}")[0]))
    assert (
        'Assume, for this example only: "days" says: The City shall pay a Firm $9.00 for each day counted as '
        '"days". Given "days" of 1 day for "east" in "first", the payment in all is $9.00.'
    ) in text


def test_what_is_unknown_is_listed_once_and_in_words():
    change = "{rules: {days: {price: unknown}, rated: {tiers: [{below: 20%, pays: 0}, {from: 20%, pays: unknown}]}}}"
    text = paragraph(text_of(change))
    assert '- The price under "days". - The amount under "rated" where "rate" is 20% or more.' in text
    assert "Nothing that a payment needs: every figure is given." in paragraph(text_of())


def test_headings_say_a_name_once_and_in_words():
    contract = contract_of(
        {
            "periods": {"term": {"from": "2016-01-01", "to": "2016-12-31"}},
            "metrics": {"re_earnings": {"unit": "USD", "step": "0.01"}, "full_time": {"unit": "FTE"}},
            "rules": {
                "re_earnings": {"price": "1", "clause": "§2"},
                "full_time": {"what": "Posts that are filled", "price": "1"},
            },
        }
    )
    text = "\n".join(contract_lines(contract))
    assert "Re earnings\n" in text
    assert "Re earnings [§2]" in text
    assert "Posts that are filled [full time]" in text
    assert "re_earnings" not in text
    assert "Counted in USD, in steps of 0.01." in text
    assert "Counted in FTEs, whole ones only." in text
