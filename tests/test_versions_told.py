"""Two versions of a contract in words: the sentences of its plain English that differ."""

from __future__ import annotations

import pytest

from payfs.contract import load_document
from payfs.places import contract_specs, example_names, find_spec
from payfs.report.versions_text import reworded
from payfs.text import read_yaml

DENVER = find_spec("denver-sib").read_text(encoding="utf-8")
TWO = (contract_specs() / "templates" / "two-payers.yaml").read_text(encoding="utf-8")


def contract(text):
    return load_document(read_yaml(text, "draft"), text)


def told(pieces):
    return "".join(f"[{piece.text}]" if piece.differs else piece.text for piece in pieces)


@pytest.mark.parametrize("name", example_names())
def test_a_version_says_what_it_says(name):
    text = find_spec(name).read_text(encoding="utf-8")
    assert reworded(contract(text), contract(text)) == ()


def test_a_price_that_was_changed_is_one_sentence_with_its_figure_marked():
    (rule,) = reworded(contract(DENVER), contract(DENVER.replace("price: 15.12", "price: 16")))
    assert (rule.section, rule.name, rule.kind) == ("WHAT IS PAID", "housing", "changed")
    (sentence,) = rule.sentences
    assert "[$15.12] for each day" in told(sentence.before)
    assert "[$16.00] for each day" in told(sentence.after)
    assert told(sentence.before).count("[") == told(sentence.after).count("[") == 1


def test_what_is_added_stands_alone_and_what_is_removed_too():
    more = DENVER.replace("limits:\n", "limits:\n  each year: {most: 5000000, per: year}\n")
    found = {(one.section, one.name): one for one in reworded(contract(DENVER), contract(more))}
    added = found["LIMITS", "each year"]
    assert added.kind == "added"
    assert all(not sentence.before and sentence.after for sentence in added.sentences)
    found = {(one.section, one.name): one for one in reworded(contract(more), contract(DENVER))}
    assert found["LIMITS", "each year"].kind == "removed"
    assert all(sentence.before and not sentence.after for sentence in found["LIMITS", "each year"].sentences)


def test_titles_examples_notes_sources_and_amendments_are_compared_too():
    changed = (
        TWO.replace("title: Bringing", "title: Taking")
        .replace("results: {returned_home: 30}", "results: {returned_home: 31}")
        .replace("sources:\n", "notes: [A note.]\nsources:\n  more: A second source\n")
    )
    changed += (
        "\namendments:\n  - {effective: 2029-01-01, what: Dearer, changes: {rules: {returned_home: {price: 9}}}}\n"
    )
    found = {(one.section, one.name, one.kind) for one in reworded(contract(TWO), contract(changed))}
    assert ("TITLE", "", "changed") in found
    assert ("WORKED EXAMPLES", "In the first year both pay their share, less a tenth", "changed") in found
    assert ("NOTES", "A note.", "added") in found
    assert ("SOURCES", '"more": A second source', "added") in found
    assert ("AMENDMENTS", "Dearer", "added") in found


def test_comments_and_the_order_of_the_file_say_nothing():
    assert reworded(contract(TWO), contract(TWO.replace("#", "# ").replace(" # ", "    # "))) == ()
