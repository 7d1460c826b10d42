"""A scenario that another contract takes: what only the first has is left out, and every other letter stays."""

from __future__ import annotations

import pytest
from made_scenarios import CONTRACT, SCENARIO

from payfs.contract import Contract, load_document
from payfs.simulate.carried import carried
from payfs.simulate.scenario import scenario_of
from payfs.text import Refused, read_yaml

FALL = '  fall: {unit: "%", step: 0.1%, measured: "2023"}\n'
PAYS = next(line for line in CONTRACT.splitlines(keepends=True) if line.startswith("  fall: {tiers"))
LESS = CONTRACT.replace(FALL, "").replace(PAYS, "")
SHORTER = CONTRACT.replace("2023-12-31, paid", "2022-12-31, paid").replace('measured: "2023"', 'measured: "2022"')
OTHERS = LESS.replace("city:", "state:", 1).replace("all: {", "most: {")


def contract(text: str) -> Contract:
    return load_document(read_yaml(text, "c"), text)


def runs(text: str, terms: str) -> bool:
    return bool(scenario_of(read_yaml(text, "s"), text, contract(terms)).inputs)


def test_a_metric_that_the_other_has_not_is_left_out_with_what_goes_together_with_it() -> None:
    with pytest.raises(Refused, match="has no metric 'fall'"):
        runs(SCENARIO, LESS)
    made = carried(SCENARIO, contract(CONTRACT), contract(LESS))
    assert made.left == ("fall", "chance of homes together with fall")
    before, _, rest = SCENARIO.partition("  fall:\n")
    assert made.text == before + rest[rest.index("delays:") :]
    assert runs(made.text, LESS)


def test_so_are_years_periods_payers_and_what_is_assumed_of_what_it_has_not() -> None:
    said = SCENARIO.replace("{people: 120,", "{people: {by_period: {2021: 100, 2022: 110, 2023: 120}},")
    made = carried(said, contract(CONTRACT), contract(SHORTER))
    assert made.left == ("the budget of 2023/24", "homes in 2023")
    assert "{people: {by_period: {2021: 100, 2022: 110}}," in made.text
    assert runs(made.text, SHORTER)
    state = CONTRACT.replace("city:", "state:", 1)
    assumed = SCENARIO + "assuming:\n  limits: {all: {most: 400000}}\n  rules:\n    fall: {price: 1}\n"
    made = carried(assumed, contract(CONTRACT), contract(OTHERS))
    assert set(made.left) >= {"the delay of city", "what is assumed of fall", "what is assumed of all"}
    assert "assuming" not in read_yaml(made.text, "s").data
    assert carried(SCENARIO, contract(CONTRACT), contract(state)).left == ("the delay of city",)


def test_what_is_wrong_in_both_stays_to_be_mended() -> None:
    wrong = SCENARIO.replace("  homes:", "  homs:").replace("2023/24", "1999/00").replace("city: {days", "town: {days")
    made = carried(wrong, contract(CONTRACT), contract(LESS))
    assert made.left == ("fall", "chance of homes together with fall")
    for still in ("homs:", "1999/00", "town:"):
        assert still in made.text
    assert carried("a: [", contract(CONTRACT), contract(LESS)) == ("a: [", ())


def test_what_both_have_is_not_touched() -> None:
    assert carried(SCENARIO, contract(CONTRACT), contract(CONTRACT)) == (SCENARIO, ())
    assert carried(SCENARIO, contract(LESS), contract(CONTRACT)) == (SCENARIO, ())
