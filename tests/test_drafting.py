"""Drafts: additions that only insert lines, findings by line, levels and dates, versions compared in money."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from payfs.contract import load_document
from payfs.drafting.budget import budget
from payfs.drafting.calendar import falls_due
from payfs.drafting.compared import compare_money
from payfs.drafting.draft import around, lines_of, read_draft, read_upload, with_breaks_of
from payfs.drafting.forms import NewExample, NewLimit, NewMetric, NewParty, NewRule, NewTranche, Step
from payfs.drafting.insert import insert_example, insert_limit, insert_metric, insert_party, insert_rule, insert_tranche
from payfs.drafting.levels import even_levels, level_of, payment_at, telling_levels
from payfs.drafting.lines import add_entry
from payfs.drafting.scalar import free_name, scalar
from payfs.forecast import rows_of
from payfs.incentives import NoCurve, curve_of, curves_of
from payfs.places import contract_specs, example_names, template_names
from payfs.spec import read_name
from payfs.text import Refused, read_yaml
from payfs.text.files import UNSEEN

FILES = [contract_specs() / f"{name}.yaml" for name in example_names()]
FILES += [contract_specs() / "templates" / f"{name}.yaml" for name in template_names()]
TEXTS = {file.stem: file.read_text(encoding="utf-8") for file in FILES}
SMALL = """\
contract: small   # a comment
title: Small
currency: USD
parties:
    payer: {name: A Payer, role: outcome payer}
    doer: {name: A Provider, role: service provider}

# about the periods
periods:
    "2027": {from: 2027-01-01, to: 2027-12-31}

metrics:
    jobs: {unit: job}
    rate:
        unit: "%"
        step: 0.1%
        what: >
            A text
            of several lines

rules:
    jobs: {price: 100}
        # a comment that belongs to the rule

# the end
"""
METRIC = NewMetric("people in work", "person", plural="people")


def contract(text):
    return load_document(read_yaml(text, "draft"), text)


def only_inserted(old, new):
    rest = iter(new.splitlines(keepends=True))
    lines = old.splitlines(keepends=True)
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += "\n"  # what stood on the last line now ends
    return all(line in rest for line in lines)


def same(one, other):
    assert one.holidays.code == other.holidays.code  # which is no value of its own
    return one.model_copy(update={"holidays": other.holidays}) == other


def findings(call, *given):
    with pytest.raises(Refused) as refused:
        call(*given)
    return [f"{finding.what}; {finding.remedy}" for finding in refused.value.findings]


def payer_of(text):
    spec = contract(text).terms[0].spec
    if spec.payer or spec.payers or sum(party.pays for party in spec.parties.values()) == 1:
        return ""
    return next(name for name, party in spec.parties.items() if party.pays)


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(
    "rule",
    [
        NewRule("work", "price", METRIC, price="2,900.50", clause="Sch. 3 §2.1", what="It's: a # [test]", most="10000"),
        NewRule("work", "tiers", METRIC, steps=(Step("10", pays="5000"), Step("20", pays="9000", plus="30"))),
        NewRule("work", "bands", METRIC, steps=(Step("", price="10"), Step("20", price="5"), Step("40", price="0"))),
        NewRule("work", "target", METRIC, target="60", pays="50000"),
        NewRule("work", "lump sum", METRIC, pays="50000"),
    ],
    ids=lambda rule: rule.how,
)
def test_a_rule_is_added_to_every_contract_by_inserting_lines_and_changes_nothing_else(name, rule):
    text = TEXTS[name]
    rule = rule._replace(payer=payer_of(text))
    if (
        name == "uk-dwp-innovation-fund" and rule.how != "price"
    ):  # its limit for one person covers every rule that it does not name
        assert any("for one person covers it" in what for what in findings(insert_rule, text, rule))
        return
    added = insert_rule(text, rule)
    assert only_inserted(text, added.text)
    assert added.text.splitlines()[added.first - 1].strip().startswith(f"{added.name}:")
    before, after = (contract(one).terms[0].spec for one in (text, added.text))
    assert set(after.rules) - set(before.rules) == {added.name}
    assert list(after.rules)[-1] == added.name
    less = {name: each for name, each in after.rules.items() if name != added.name}
    metrics = {name: each for name, each in after.metrics.items() if name in before.metrics}
    assert len(after.metrics) == len(before.metrics) + 1
    assert same(after.model_copy(update={"rules": less, "metrics": metrics}), before)


@pytest.mark.parametrize("name", TEXTS)
def test_a_limit_is_added_to_every_contract_after_those_that_there_are(name):
    added = insert_limit(TEXTS[name], NewLimit("a limit", most="900,000,000", clause="§ 9: all"))
    assert only_inserted(TEXTS[name], added.text)
    before, after = (contract(one).terms[0].spec for one in (TEXTS[name], added.text))
    assert list(after.limits) == [*before.limits, added.name]
    assert same(after.model_copy(update={"limits": before.limits}), before)


@pytest.mark.parametrize("name", TEXTS)
def test_a_tranche_is_added_to_every_contract_with_its_holder(name):
    text = TEXTS[name]
    before = contract(text).terms[0].spec
    fund = NewParty("", "A new fund, L.P.", "investor")
    pools = list(before.capital.pools or {}) if before.capital else []
    tranche = NewTranche("more money", "subordinate", "1000", fund, "4%", "ACT/365", pool=pools[0] if pools else "")
    added = insert_tranche(text, tranche)
    assert only_inserted(text, added.text)
    document = read_yaml(added.text, "draft")
    assert document.data["capital"]["tranches"][added.name] == {
        "holder": "A new fund L.P.",
        "kind": "subordinate",
        "commitment": "1000",
        "interest": {"rate": "4%", "days": "ACT/365"},
    } | ({"pool": pools[0]} if pools else {})
    assert document.data["parties"]["A new fund L.P."] == {"name": "A new fund, L.P.", "role": "investor"}
    if before.capital is None or before.capital.total is None:
        after = contract(added.text).terms[0].spec
        assert set(after.capital.tranches) - set(before.capital.tranches if before.capital else ()) == {added.name}


HOUSED = """\
contract: homes
title: Homes
currency: USD

parties:
  city: {name: City, role: outcome payer}
  provider: {name: Provider, role: service provider}

periods:
  years: {every: year, from: 2027-01-01, to: 2029-12-31}

metrics:
  days: {unit: day}
  fall: {unit: "%", step: 1%, measured: 2029}

rules:
  days: {price: 12.50}
  fall: {tiers: [{below: 20%, pays: 0}, {from: 20%, pays: 100000}]}
"""
PLANNED = NewExample("What we plan", {("days", ""): "1,000 - 2,000", ("fall", ""): "25%"})


@pytest.mark.parametrize(
    ("there", "column"),
    [
        ("", 2),
        ("\nexamples:\n", 2),
        ("\nexamples:\n- {name: One, results: {days: {2027: 1}}, expect: {total: 12.50}}  # by hand\n# end\n", 0),
        ("\nexamples:\n    - {name: One, results: {days: {2027: 1}}, expect: {total: 12.50}}\n\nnotes: [x]\n", 4),
    ],
)
def test_an_example_is_added_with_what_the_terms_pay_on_its_results(there, column):
    added = insert_example(HOUSED + there, PLANNED)
    assert only_inserted(HOUSED + there, added.text)
    line = added.text.splitlines()[added.first - 1 : added.last]
    assert f"{' ' * column}- name: What we plan" in line
    last = contract(added.text).terms[0].spec.examples[-1]
    assert last.name == "What we plan"
    data = read_yaml(added.text, "draft").data["examples"][-1]
    assert data["results"] == {"days": {"2027": "1000", "2029": "2000"}, "fall": {"2029": "25%"}}
    assert data["expect"] == {"total": "137500.00"}  # 3,000 days at $12.50, and $100,000 for the fall
    assert [example.holds for example in read_draft(added.text).examples][-1]
    again = insert_example(added.text, PLANNED)
    assert again.name == "What we plan 2"


IN_THE_WAY = {
    "jp-hachioji": "it is unknown",
    "uk-hmp-peterborough": "it would divide by nothing",
    "tiers": "it would divide by nothing",
    **dict.fromkeys(  # whose metrics are counted from claims
        (
            "ticket-to-work",
            "uk-dwp-innovation-fund",
            "uk-street-impact-brighton-loan",
            "uk-troubled-families",
            "claims",
        ),
        "no results are given",
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_an_example_is_added_to_every_contract_or_it_is_said_what_is_in_the_way(name):
    text, frame = TEXTS[name], contract(TEXTS[name]).frame
    results = {}
    for row in rows_of(contract(text)):
        scale = frame.scales[row.metric]
        results[row.metric, row.cohort] = "yes" if scale.yes_no else "0%" if scale.percent else "0"
    example = NewExample("Nothing at all", results)
    if name in IN_THE_WAY:
        assert all(what.startswith(IN_THE_WAY[name]) for what in findings(insert_example, text, example))
        return
    added = insert_example(text, example)
    assert only_inserted(text, added.text)
    assert [one.holds for one in read_draft(added.text, seconds=60).examples][-1]


def test_an_example_that_cannot_be_is_refused_and_nothing_is_added():
    assert findings(insert_example, HOUSED, NewExample(" ", {("days", ""): " "})) == [
        "the example's name is missing; fill it in",
        "no results are given; write the figures of at least one metric, a figure for each period",
    ]
    many = NewExample("One", {("days", ""): "1 2 3 4", ("fall", ""): "1% 2%"})
    where = "; give one figure for each, with a space between; - where there is none"
    assert findings(insert_example, HOUSED, many) == [
        f"4 figures are given, and it is measured in 3 periods{where}",
        f"2 figures are given, and it is measured in 1 period{where}",
    ]
    (word,) = findings(insert_example, HOUSED, NewExample("One", {("days", ""): "x"}))
    assert word.startswith("'x' is not a number; ")
    (full,) = findings(insert_example, HOUSED + "examples: []\n", PLANNED)
    assert full.startswith("nothing can be added to examples line by line, because of how it is written; ")


def test_comments_and_the_style_of_the_file_stay_as_they_are():
    added = insert_rule(SMALL, NewRule("jobs", "price", "jobs", price="5", clause="§ 4"))
    assert added.text == SMALL.replace(
        "        # a comment that belongs to the rule\n",
        "        # a comment that belongs to the rule\n    jobs 2: {clause: '§ 4', metric: jobs, price: 5}\n",
    )
    assert (added.name, added.first, added.last) == ("jobs 2", 24, 24)


def test_a_part_that_is_not_there_begins_where_it_belongs():
    added = insert_limit(SMALL, NewLimit("all", most="1000"))
    assert "belongs to the rule\n\nlimits:\n    all: {most: 1000}\n\n# the end\n" in added.text
    text = insert_tranche(SMALL, NewTranche("loan", "senior", "1000", "doer")).text
    assert "\ncapital:\n    tranches:\n        loan: {holder: doer, kind: senior, commitment: 1000}\n" in text


def test_a_metric_that_is_added_below_a_folded_text_stands_behind_it():
    added = insert_metric(SMALL, NewMetric("days", "day"))
    assert "            of several lines\n    days: {unit: day}\n\nrules:" in added.text


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_breaks_stay_what_they_are(end):
    text = end.join(SMALL.split("\n"))
    added = insert_rule(text, NewRule("more", "price", "jobs", price="5")).text
    assert added.replace(end, "").count("\n") + added.replace(end, "").count("\r") == 0
    assert added.split(end)[23] == "    more: {metric: jobs, price: 5}"
    assert set(text.split(end)) <= set(added.split(end))


def test_a_text_without_a_last_line_break_can_be_added_to():
    text = SMALL[: SMALL.index("        # a comment that belongs")].rstrip("\n")
    added = insert_rule(text, NewRule("more", "price", "jobs", price="5"))
    assert added.text == f"{text}\n    more: {{metric: jobs, price: 5}}\n"


def test_brackets_that_close_on_a_line_of_their_own_take_another_line():
    head, _, tail = SMALL.partition("rules:\n    jobs: {price: 100}\n")
    for comma in ("", ","):
        text = head + "rules: {\n    jobs: {price: 100}" + comma + "\n}\n" + tail
        added = insert_rule(text, NewRule("more", "price", "jobs", price="5"))
        assert only_inserted(text, added.text)
        assert contract(added.text).spec.rules["more"].metric == "jobs"


def test_brackets_on_one_line_are_refused_with_what_to_do():
    text = SMALL.replace("rules:\n    jobs: {price: 100}\n", "rules: {jobs: {price: 100}}\n")
    assert findings(insert_rule, text, NewRule("more", "price", "jobs", price="5")) == [
        "nothing can be added to rules line by line, because of how it is written; write 'rules:' on a line of its "
        "own, and each entry on lines below it, indented by two spaces"
    ]


def test_a_key_with_nothing_below_it_is_filled():
    added = insert_limit(SMALL.replace("# the end", "limits:    # none yet"), NewLimit("all", most="1000"))
    assert added.text.endswith("limits:    # none yet\n    all: {most: 1000}\n")


def test_an_empty_last_line_of_a_text_that_keeps_them_is_not_moved():
    text = SMALL.replace("        what: >\n", "        what: |+\n")
    added = insert_metric(text, NewMetric("days", "day"))
    assert read_yaml(added.text, "draft").data["metrics"]["rate"] == read_yaml(text, "draft").data["metrics"]["rate"]
    assert only_inserted(text, added.text)


def test_what_a_form_leaves_out_is_said_all_at_once_and_nothing_is_added():
    assert findings(insert_rule, SMALL, NewRule(" ", "price")) == [
        "the rule's name is missing; fill it in",
        "the metric that the rule is paid on is missing; fill it in",
        "the price is missing; fill it in",
    ]
    tiers = NewRule("x", "tiers", NewMetric("m", ""), steps=(Step("1"), Step("", pays="5")))
    assert findings(insert_rule, SMALL, tiers) == [
        "the metric's unit is missing; fill it in",
        "nothing says what it pays in tier 1; write the amount, or 0",
        "nothing says where tier 2 begins; write the level at which it begins",
    ]
    assert findings(insert_limit, SMALL, NewLimit("x")) == [
        "nothing says how much the limit lets through; write an amount, or a number of units"
    ]
    assert findings(insert_tranche, SMALL, NewTranche("x", "", "", NewParty("", "", ""))) == [
        "the class is missing; fill it in",
        "the amount is missing; fill it in",
        "the name of the holder is missing; fill it in",
    ]


def test_what_does_not_fit_the_contract_is_refused_as_a_finding_of_the_contract():
    (said,) = findings(insert_rule, SMALL, NewRule("x", "price", "jobs", price="$5"))
    assert said.startswith("'$5' is not a number; ")
    (said,) = findings(insert_rule, SMALL, NewRule("x", "price", "job", price="5"))
    assert said == "there is no metric 'job'; did you mean 'jobs'"
    (said,) = findings(insert_rule, SMALL, NewRule("x", "target", "rate", target="5", pays="5"))
    assert said.startswith("5 has no percent sign although a percentage is meant")


def test_a_target_that_is_better_missed_is_turned_around():
    text = insert_metric(SMALL, NewMetric("returns", "return", better="lower")).text
    rule = contract(insert_rule(text, NewRule("few", "target", "returns", target="9", pays="50")).text).spec.rules[
        "few"
    ]
    assert [tier.said(contract(text).frame.scales["returns"]) for tier in rule.tiers] == ["up to 9", "above 9"]


def test_several_payers_share_a_rule_that_is_added():
    text = insert_party(SMALL, NewParty("second", "A second payer", "outcome payer", "1 July")).text
    rule = NewRule("x", "price", "jobs", price="5", shares=(("payer", "60%"), ("second", "40%")))
    assert findings(insert_rule, text, rule._replace(shares=(("payer", "60%"), ("second", "30%"))))
    text = text.replace("jobs: {price: 100}", "jobs: {price: 100, payer: payer}").replace(
        "currency: USD\n", "currency: USD\npayee: doer\n"
    )
    stage = contract(insert_rule(text, rule).text).spec.rules["x"].payers[0]
    assert {name: str(share) for name, share in stage.shares.items()} == {"payer": "3/5", "second": "2/5"}


@given(st.text(max_size=80))
def test_whatever_is_typed_is_one_text_in_yaml(typed):
    line = " ".join(typed.split())
    for form in ("a: {}\nb: c\n", "a: {{b: {}}}\n", "- {}\n"):
        written = "top:\n  " + form.format(scalar(typed)).replace("\n", "\n  ")
        if UNSEEN.search(written):
            with pytest.raises(Refused, match="cannot be seen"):
                read_yaml(written, "draft")
            continue
        found = read_yaml(written, "draft").data["top"]
        text = found[0] if isinstance(found, list) else found["a"]
        assert (text["b"] if isinstance(text, dict) else text) == line


@settings(max_examples=60, deadline=None)
@given(*[st.text(max_size=30)] * 4)
def test_nothing_that_is_typed_into_a_form_changes_anything_but_its_own_entry(name, what, clause, price):
    try:
        added = insert_rule(SMALL, NewRule(name, "price", "jobs", price=price, what=what, clause=clause))
    except Refused:
        return
    assert only_inserted(SMALL, added.text)
    data = read_yaml(added.text, "draft").data
    entry = data["rules"].pop(added.name)
    assert data == read_yaml(SMALL, "draft").data
    assert set(entry) <= {"what", "clause", "metric", "price"}


@given(st.text(max_size=80), st.sets(st.text(max_size=5)))
def test_a_name_is_always_valid_and_free(typed, taken):
    name = free_name(typed, taken, "rule")
    assert name not in taken
    assert read_name(name) == name


def test_a_contract_that_says_something_else_than_text_at_a_part_is_refused():
    assert "nothing can be added to limits" in findings(add_entry, "limits: [a]\n", ("limits",), "x", {"most": "1"})[0]


# --- what is found -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TEXTS)
def test_every_contract_is_a_sound_draft_whose_examples_hold(name):
    draft = read_draft(TEXTS[name], seconds=300)
    assert draft.contract is draft.sound
    assert draft.findings == ()
    assert all(example.holds for example in draft.examples)
    lines = TEXTS[name].splitlines()
    assert all(example.name[:20].split(": ")[0] in lines[example.line - 1] for example in draft.examples)


def test_an_example_that_fails_leaves_the_contract_to_be_read_and_says_what_it_comes_to():
    draft = read_draft(TEXTS["denver-sib"].replace("price: 15.12", "price: 16"))
    assert draft.contract is not None
    failed = [example for example in draft.examples if not example.holds]
    assert 0 < len(failed) < len(draft.examples)
    assert "expects $9,638,911.36, but it comes to $9,902,848.00" in failed[0].findings[0].what


def test_what_is_sound_in_a_faulty_draft_can_be_read_without_what_is_set_aside():
    draft = read_draft(TEXTS["denver-sib"].replace("    price: 15.12", "    prise: 15.12"))
    assert draft.contract is None
    assert draft.left_out == ("housing", "capital")  # a pool of which receives it
    assert list(draft.sound.spec.rules) == ["jail_days"]
    (line,) = (line for line in lines_of(draft.text, draft.findings) if line.findings)
    assert line.text == "    prise: 15.12"
    assert line.findings[0].remedy == "did you mean 'price'"


def test_a_draft_without_a_currency_is_not_read_aloud_in_another():
    assert read_draft(TEXTS["tiers"].replace("currency: USD", "currency: US")).sound is None
    assert read_draft(TEXTS["tiers"].replace("currency: USD", "")).sound is None


def test_lines_with_findings_are_shown_with_their_neighbours_in_stretches():
    lines = lines_of(SMALL, [])
    assert [line.text for line in lines] == SMALL.split("\n")
    assert around(lines) == []
    marked = [line._replace(findings=("x",)) if line.number in (1, 5, 20) else line for line in lines]
    assert [[line.number for line in part] for part in around(marked, 1)] == [[1, 2], [4, 5, 6], [19, 20, 21]]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (TEXTS["tiers"].encode("utf-16"), "UTF-16"),
        (b"x" * 30_000_000, "larger than 1,000,000 bytes"),
        (b"PK\x03\x04rest", "not plain text"),
        (bytes(range(256)), "is not UTF-8 text"),
    ],
    ids=["utf-16", "30 MB", "workbook", "bytes"],
)
def test_a_file_that_is_no_text_is_refused_with_the_reason(data, what):
    found = read_upload(data, "file")
    assert found.text is None
    assert what in found.findings[0].what


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: &a [x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(1000)), "an anchor"),
        ("a: " + "[" * 100_000, "nested more than 40 deep"),
        ("".join(" " * n + "a:\n" for n in range(800)), "nested more than 40 deep"),
        ("a: !!python/object x", "is a YAML tag"),
        ("", "is empty"),
        ("a: \0", "cannot be seen"),
        ("a: '" + "x\n" * 400_000, "never closed"),
    ],
    ids=["bomb", "brackets", "levels", "tag", "empty", "nul", "quote"],
)
def test_a_file_that_means_harm_is_a_draft_with_findings(text, what):
    found = read_upload(text.encode(), "file")
    assert found.findings == () or found.text is None
    draft = read_draft(text)
    assert (draft.contract, draft.sound) == (None, None)
    assert any(what in finding.what for finding in draft.findings)


def test_worked_examples_are_given_up_when_time_is_up_and_say_so():
    start = time.monotonic()
    draft = read_draft(TEXTS["ticket-to-work"], seconds=0)
    assert time.monotonic() - start < 1.5
    assert draft.contract is not None
    assert not any(example.worked or example.holds for example in draft.examples)


def test_a_text_field_gives_the_line_breaks_back():
    assert with_breaks_of("a\r\nb\r\n", "a\nc\n") == "a\r\nc\r\n"
    assert with_breaks_of("a\nb\r\n", "a\nc\n") == "a\nc\n"


# --- levels, dates, money ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["denver-sib", "wb-rhino-bond", "utah-preschool", "jp-hachioji", "tiers", "two-payers"]
)
def test_what_is_payment_at_a_level_is_what_the_curve_says(name):
    found = contract(TEXTS[name])
    for rule in found.spec.rules:
        try:
            curves = curves_of(found, rule)
        except NoCurve:
            continue
        for curve in curves:
            for level in telling_levels(curve):
                assert curve.at(level) == payment_at(curve, level).amount
                if not curve.scale.yes_no:
                    assert level_of(curve, curve.scale.show(level)) == level
                assert level_of(curve, curve.scale.written(level)) == level


def test_a_level_between_those_of_the_curve_is_worked_out_exactly_with_its_reason():
    curve = curve_of(contract(TEXTS["denver-sib"]), "jail_days")
    paid = payment_at(curve, level_of(curve, "41.37"))
    assert (paid.level, paid.amount) == ("41.37%", 523206000)  # 4,800,000 + 11.37 x 38,000
    assert "and $38,000.00 for each percentage point above 30%" in paid.why[0]
    with pytest.raises(Refused, match="finer than the metric's step"):
        level_of(curve, "41.375%")
    with pytest.raises(Refused, match="above 100%"):
        level_of(curve, "101%")
    with pytest.raises(Refused, match="is not a number"):
        level_of(curve, "many")


def test_what_is_not_known_at_a_level_says_what_is_missing():
    curve = curve_of(contract(TEXTS["denver-sib"].replace("price: 15.12", "price: unknown")), "housing")
    paid = payment_at(curve, 5)
    assert paid.amount is None
    assert paid.why == ("it needs a term that is unknown: rules.housing.price",)


def test_the_levels_of_a_slider_hold_every_turn_of_the_price():
    curve = curve_of(contract(TEXTS["denver-sib"]), "jail_days")
    assert telling_levels(curve) == (0, 1999, 2000, 3000, 6500, 10000)
    levels = even_levels(curve)
    assert set(telling_levels(curve)) <= set(levels)
    assert list(levels) == sorted(levels)
    assert len(levels) < 210


def test_what_falls_due_in_a_period_is_told_with_the_years_of_its_payers():
    first, *_ = falls_due(contract(TEXTS["two-payers"]))
    assert first.period == "2027"
    assert first.fiscal_years == {"state": "2027/28", "county": "2027/28"}
    assert (first.metrics, first.rules) == (("returned_home",), ("returned_home",))
    unknown = contract(SMALL.replace("to: 2027-12-31", "to: 2027-12-31, paid: unknown"))
    assert falls_due(unknown)[0].fiscal_years == {}
    denver = {due.period: due for due in falls_due(contract(TEXTS["denver-sib"]))}
    assert denver["payment 5"].rules == ("housing", "jail_days")
    assert denver["payment 4"].rules == ("housing",)


@pytest.mark.parametrize("name", ["denver-sib", "chicago-cpc", "two-payers", "ch-caritas-perspektive"])
def test_a_version_compared_with_itself_differs_by_nothing(name):
    found = contract(TEXTS[name])
    rows = compare_money(found, found)
    assert {row.difference for row in rows} <= {0, None}
    assert all(row.why_not for row in rows if row.difference is None)
    assert {row.name for row in rows if row.kind == "rule"} == set(found.spec.rules)


def test_versions_are_paid_on_the_same_results():
    old, new = (contract(text) for text in (TEXTS["denver-sib"], TEXTS["denver-sib"].replace("15.12", "16")))
    rows = compare_money(old, new)
    (real,) = (row for row in rows if row.name == "The City paid 9,638,911.36 in all")
    assert (real.old, real.new, real.difference) == (963891136, 990284800, 26393664)  # 299,928 days at 0.88
    days = {row.result: row.difference for row in rows if row.name == "housing"}
    assert days['"stable days" at 330,625 days'] == 330_625 * 88
    assert {row.difference for row in rows if row.name == "jail_days"} == {0}


def test_a_rule_that_only_one_version_has_pays_nothing_in_the_other():
    added = insert_rule(SMALL, NewRule("more", "price", "jobs", price="5")).text
    rows = [row for row in compare_money(contract(SMALL), contract(added)) if row.name == "more"]
    assert all(row.old == 0 and row.difference == row.new for row in rows)
    assert any(row.new for row in rows)
    again = [row for row in compare_money(contract(added), contract(SMALL)) if row.name == "more"]
    assert all(row.new == 0 for row in again)


def test_what_cannot_be_compared_says_why():
    old = contract(TEXTS["denver-sib"])
    new = contract(TEXTS["denver-sib"].partition("examples:")[0].replace("stable_days", "days_housed"))
    rows = compare_money(old, new)
    (real,) = (row for row in rows if row.name == "The City paid 9,638,911.36 in all")
    assert (real.old, real.new, real.difference) == (963891136, None, None)
    assert "the second version: the contract has no metric 'stable_days'" in real.why_not
    housing = [row for row in rows if row.name == "housing"]
    assert all(row.difference is None and "is not paid on it" in row.why_not for row in housing)
    finer = contract(TEXTS["denver-sib"].partition("examples:")[0].replace("step: 0.01%", "step: 1%"))
    (row,) = (row for row in compare_money(old, finer) if row.name == "jail_days")
    assert row.why_not == "the two versions measure it in different units or steps"
    with pytest.raises(Refused, match="one version is in USD, the other in EUR"):
        compare_money(contract(SMALL), contract(SMALL.replace("USD", "EUR")))


def test_templates_are_small_enough_to_be_read_at_every_key_stroke():
    for file in FILES:
        if file.parent.name == "templates":
            start = time.process_time()
            read_draft(Path(file).read_text(encoding="utf-8"))
            assert time.process_time() - start < 1.0, file.stem
    assert yaml.safe_load(SMALL)["contract"] == "small"


def test_the_budget_of_an_example_has_every_year_payer_and_rule_and_adds_up_to_its_total():
    found = contract(TEXTS["two-payers"])
    lines = budget(found, 1)
    assert [(line.fiscal_year, line.payer, line.amount) for line in lines] == [
        ("2027/28", "county", 10800000),
        ("2027/28", "state", 16200000),
        ("2028/29", "county", 21600000),
        ("2028/29", "state", 30000000),
        ("2029/30", "county", 11600000),
        ("2029/30", "state", 19800000),
    ]
    assert sum(line.amount for line in lines) == 110000000
    with pytest.raises(Refused, match="unknown"):
        budget(contract(TEXTS["two-payers"].replace("price: 10000", "price: unknown")), 1)
