"""One value of a scenario is changed, and every other letter stays: comments, order, and how things are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payfs.contract import load
from payfs.places import contract_specs, example_names, find_spec, simulations, template_names
from payfs.simulate.draft import draft
from payfs.simulate.edited import put, take_out
from payfs.simulate.stated import beliefs_of
from payfs.text import Path, Refused, read_yaml

TEXT = """\
# at the top
scenario: a
metrics:
  # about jail
  jail:
    value: between 10% and 45%   # from the brief
    people: {number: 300, late: between 0 and 6}
  days: 300                      # certain
  both: {a: "x, y"}
  none:
  long:
    normal:
      mean: 3                    # it goes
      sd: 1

# what else may be said
# budget: 1
"""


def lines(text: str) -> list[str]:
    return text.splitlines()


RANGE = "between 1 and 2, most likely 1"
CHANGES: list[tuple[Path, object, str, str]] = [
    (("metrics", "days"), RANGE, "  days: 300  ", f"  days: {RANGE}  "),
    (("metrics", "jail", "value"), "between 5% and 9%", "between 10% and 45%", "between 5% and 9%"),
    (("metrics", "jail", "people", "late"), RANGE, "between 0 and 6", f"'{RANGE}'"),
    (("metrics", "both", "a"), "z", '"x, y"', "z"),
    (("metrics", "none"), "7", "  none:", "  none: 7"),
    (("metrics", "long", "normal", "mean"), "4", "mean: 3", "mean: 4"),
    (("metrics", "jail", "people", "number"), {"poisson": {"mean": "1"}}, "300,", "{poisson: {mean: 1}},"),
]


@pytest.mark.parametrize(("path", "value", "before", "after"), CHANGES)
def test_only_the_value_changes(path: Path, value: object, before: str, after: str) -> None:
    assert put(TEXT, path, value) == TEXT.replace(before, after, 1)


def test_a_value_on_lines_of_its_own_becomes_one_line() -> None:
    new = put(TEXT, ("metrics", "long"), "5")
    head, tail = TEXT[: TEXT.index("  long:")], TEXT[TEXT.index("\n# what else") :]
    assert new == f"{head}  long: 5\n{tail}"


def test_a_new_key_stands_below_what_is_there() -> None:
    new = put(TEXT, ("budget",), {"2018": "1,500,000"})
    assert set(lines(TEXT)) <= set(lines(new))
    assert lines(new).count("budget: {2018: '1,500,000'}") == 1
    assert put(TEXT, ("metrics", "jail", "varies"), "once") == TEXT.replace(
        "late: between 0 and 6}\n", "late: between 0 and 6}\n    varies: once\n"
    )


def test_a_new_key_stands_in_braces_where_the_others_do() -> None:
    assert "both: {a: \"x, y\", b: {c: '1, 2'}}" in put(TEXT, ("metrics", "both", "b", "c"), "1, 2")
    assert "e: {f: 1}" in put("e: {}\nscenario: a\n", ("e", "f"), "1")


def test_the_way_to_a_new_key_is_made() -> None:
    new = put("scenario: a", ("assuming", "rules", "jail", "price"), "5")
    assert new == "scenario: a\nassuming:\n  rules:\n    jail:\n      price: 5\n"
    more = put(new, ("assuming", "rules", "days", "tiers"), [{"from": "5%", "pays": "3"}])
    assert more.startswith(new)
    rules = {"jail": {"price": "5"}, "days": {"tiers": [{"from": "5%", "pays": "3"}]}}
    assert read_yaml(more, "").data["assuming"]["rules"] == rules


def test_what_is_taken_out_is_gone_and_nothing_else() -> None:
    assert take_out(TEXT, "metrics") == "# at the top\nscenario: a\n\n# what else may be said\n# budget: 1\n"
    assert take_out(TEXT, "budget") == TEXT
    assert take_out(put(TEXT, ("budget",), "5"), "budget") == TEXT
    assert take_out("a: 1\nb: 2", "b") == "a: 1\n"


TAKEN: list[tuple[Path, str, str]] = [
    (("metrics", "days"), "  days: 300                      # certain\n", ""),
    (("metrics", "jail", "people", "late"), ", late: between 0 and 6", ""),
    (("metrics", "jail", "people", "number"), "number: 300, ", ""),
    (("metrics", "long", "normal", "sd"), "      sd: 1\n", ""),
    (("metrics", "both", "a"), '  both: {a: "x, y"}\n', ""),  # nothing else is said of it
    (("metrics", "jail", "people", "many"), "", ""),
]


@pytest.mark.parametrize(("path", "before", "after"), TAKEN)
def test_what_stands_further_in_is_taken_out_by_itself(path: Path, before: str, after: str) -> None:
    assert before in TEXT
    assert take_out(TEXT, path) == TEXT.replace(before, after, 1)


def test_entries_of_a_list_are_taken_out() -> None:
    pairs = "c: [{x: 1}, {x: 2}, {x: 3}]\n"
    assert take_out(pairs, ("c", 0)) == "c: [{x: 2}, {x: 3}]\n"
    assert take_out(pairs, ("c", 2)) == "c: [{x: 1}, {x: 2}]\n"
    below = "c:\n  - x: 1\n    y: 2\n  - {x: 3}  # the last\n"
    assert take_out(below, ("c", 0)) == "c:\n  - {x: 3}  # the last\n"
    assert take_out(below, ("c", 1)) == "c:\n  - x: 1\n    y: 2\n"


def test_where_nothing_can_be_written_it_is_said() -> None:
    for path in (("metrics", "days", "inside"), ("metrics", "jail", 0), ("scenario", "a", "b")):
        with pytest.raises(Refused, match="cannot be written here"):
            put(TEXT, path, "1")
    with pytest.raises(Refused, match="cannot be taken out by itself"):
        take_out("{a: 1}", "a")
    with pytest.raises(Refused, match="line"):
        put("a: 1\n b: 2", ("a",), "3")


@given(value=st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20))
def test_whatever_is_written_is_read_back(value: str) -> None:
    for path in (("metrics", "days"), ("metrics", "jail", "people", "late"), ("new", "one")):
        data = read_yaml(put(TEXT, path, value), "").data
        for step in path:
            data = data[step]
        assert data == value


SCENARIOS = {file.stem: (file.read_text("utf-8"), find_spec(file.stem)) for file in simulations().glob("*.yaml")}
TEMPLATES = [contract_specs() / "templates" / f"{name}.yaml" for name in template_names()]
SPECS = [*map(find_spec, example_names()), *TEMPLATES]


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_belief_of_the_real_scenarios_can_be_changed_without_touching_another_line(name: str) -> None:
    text, spec = SCENARIOS[name]
    changes_one_line_each(text, load(spec))


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.stem)
def test_so_can_every_belief_of_a_draft(spec) -> None:
    contract = load(spec)
    changes_one_line_each(draft(contract), contract)


def changes_one_line_each(text: str, contract) -> None:
    found = beliefs_of(read_yaml(text, ""), contract)
    assert found
    for stated in found:
        new = put(text, stated.path, "between 1% and 2%, most likely 1%")
        apart = [(one, other) for one, other in zip(lines(text), lines(new), strict=True) if one != other]
        assert len(apart) == 1
        assert apart[0][0].partition("#")[2] == apart[0][1].partition("#")[2]
        (again,) = [one for one in beliefs_of(read_yaml(new, ""), contract) if one.path == stated.path]
        assert (again.how, again.written) == ("range", "between 1% and 2%, most likely 1%")
