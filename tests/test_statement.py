"""The one calculation: sums, blocks, amendments and corrections, on batches of paths."""

import numpy as np
import pytest
from case_files import contract_of

from payfs.evidence.derive import DividedByNothing
from payfs.evidence.measured import Measured, Series
from payfs.examples import run_examples
from payfs.limits import NoResult, labels_of
from payfs.line import Cell, explain
from payfs.money import MOST, TooLarge
from payfs.spec import UnknownTerm
from payfs.statement import blocks, statement

COHORTS = {"population": {"cohorts": {"a": {}, "b": {}}}}
PARTS = {
    "metrics": {"n": {"unit": "unit"}, "budget": {"unit": "money"}},
    "rules": {"n": {"price": "10"}, "fee": {"part_of": ["n"], "share": "10%"}},
}


def measured_of(contract, given, present=True, **more) -> Measured:
    """Measure one metric: an array of (cohorts, periods, paths)."""
    values = {"n": np.array(given, dtype=np.int64), **more}
    series = {}
    for name, array in values.items():
        there = np.full(array.shape[:2], present)
        series[name] = Series(
            array, there, contract.frame.scales[name], contract.spec.metrics[name].reports == "to date"
        )
    names = tuple(period.name for period in contract.periods)
    return Measured(series, contract.cohorts, names, (2016, 2017, 2018), values["n"].shape[2])


def empty_budget(contract, rows=1):
    shape = (rows, 3, 1)
    return Series(np.zeros(shape, dtype=np.int64), np.zeros(shape[:2], dtype=bool), contract.frame.scales["budget"])


def made(parts, given, **words):
    contract = contract_of({**PARTS, **parts})
    measured = measured_of(contract, given)
    budget = words.pop("budget", None) or empty_budget(contract, len(contract.cohorts))
    return statement(contract, measured.with_series({"budget": budget}))


def test_sums_by_rule_payer_and_period_on_each_path():
    found = made({"rules": {"n": {"price": "10"}, "fee": {"part_of": ["n"], "share": "10%", "payer": "state"}}},
                 [[[1, 2], [0, 4], [3, 0]]])  # fmt: skip
    assert found.total().tolist() == [[[4400, 6600]]]
    assert {name: array.tolist() for name, array in found.by_rule().items()} == {
        "n": [[[4000, 6000]]],
        "fee": [[[400, 600]]],
    }
    assert {name: array.tolist() for name, array in found.by_payer().items()} == {
        "state": [[[400, 600]]],
        "city": [[[4000, 6000]]],
    }
    assert found.by_period().tolist() == [[[1100, 2200], [0, 4400], [3300, 0]]]
    assert [(stream.rule, stream.payer, stream.corrects) for stream in found.streams] == [
        ("fee", "state", None),
        ("n", "city", None),
    ]
    assert found.unpaid == {}


def test_cohorts_are_added_up():
    found = made(COHORTS, [[[1], [0], [0]], [[2], [0], [5]]])
    assert found.total().tolist() == [[[8800]]]
    assert found.by_period().tolist() == [[[3300], [0], [5500]]]


def test_what_a_limit_cut_is_kept_by_rule_and_limit():
    parts = {"payers": {"city": "1/2", "state": "1/2"}, "payer": "none", "limits": {"all": {"most": "22"}}}
    found = made(parts, [[[4], [0], [0]]])
    # 40 and 4: half is cut off each stream
    assert {key: array.ravel().tolist() for key, array in found.unpaid.items()} == {
        ("fee", "all"): [200, 0, 0],
        ("n", "all"): [2000, 0, 0],
    }
    assert [(s.rule, s.payer, s.due[0, 0, 0], s.paid[0, 0, 0]) for s in found.streams] == [
        ("fee", "city", 200, 100),
        ("fee", "state", 200, 100),
        ("n", "city", 2000, 1000),
        ("n", "state", 2000, 1000),
    ]


def test_a_rule_that_is_taken_away_still_counts():
    changes = [{"effective": "2018-01-01", "what": "Deed", "changes": {"rules": {"fee": "none"}}}]
    found = made({"amendments": changes}, [[[1], [1], [1]]])
    assert {name: array.tolist() for name, array in found.by_rule().items()} == {"n": [[[3000]]], "fee": [[[200]]]}
    line = next(stream.line for stream in found.streams if stream.rule == "fee")
    assert explain(line, Cell(0, 2, 0)).sentence == "the rule does not hold in this period"
    assert explain(line, Cell(0, 1, 0)).sentence == "10% of $10.00: $1.00"


def test_a_rule_that_is_added_later_did_not_hold_before():
    changes = [
        {"effective": "2017-01-01", "what": "Deed", "changes": {"rules": {"more": {"metric": "n", "price": "1"}}}}
    ]
    found = made({"amendments": changes}, [[[1], [2], [3]]])
    line = next(stream.line for stream in found.streams if stream.rule == "more")
    assert line.amount.ravel().tolist() == [0, 200, 300]
    assert explain(line, Cell(0, 0, 0)).name == "more"
    assert explain(line, Cell(0, 0, 0)).sentence == "the rule does not hold in this period"
    assert explain(line, Cell(0, 1, 0)).sentence == "2 units at $1.00 for each unit"


def test_rules_may_look_at_each_other_in_turn():
    parts = {
        "rules": {"n": {"price": "10"}, "a": {"pays": "1"}, "b": {"part_of": ["a", "n"], "share": "10%"}},
        "amendments": [
            {"effective": "2017-01-01", "what": "Deed", "changes": {"rules": {
                "a": {"pays": "none", "part_of": ["b"], "share": "50%"}, "b": {"part_of": ["n"]}}}},
        ],
    }  # fmt: skip
    found = made(parts, [[[1], [1], [1]]])
    by_rule = {stream.rule: stream.paid.ravel().tolist() for stream in found.streams}
    # 2016: 10, 1 and 10% of 11; later: 10, half of 1 and 10% of 10
    assert by_rule == {"n": [1000, 1000, 1000], "a": [100, 50, 50], "b": [110, 100, 100]}


def test_paths_come_in_blocks_that_cover_each_once():
    contract = contract_of(PARTS)
    measured = measured_of(contract, np.arange(30).reshape(1, 3, 10)).with_series({"budget": empty_budget(contract)})
    parts = list(blocks(measured, 4))
    assert [part.paths for part in parts] == [4, 4, 2]
    assert [part.series["budget"].values.shape for part in parts] == [(1, 3, 1)] * 3
    whole = np.concatenate([part.series["n"].values for part in parts], axis=2)
    assert whole.tolist() == measured.series["n"].values.tolist()
    assert [part.paths for part in blocks(measured)] == [10]
    assert len(list(blocks(measured_of(contract, np.zeros((1, 3, 8193), dtype=np.int64))))) == 2


def test_every_gap_is_named_at_once_and_once():
    parts = {
        "metrics": {"n": {"unit": "unit"}, "m": {"unit": "unit"}, "budget": {"unit": "money"}},
        "rules": {
            "n": {"price": "unknown"},
            "m": {"metric": "n", "bands": [{"up_to": "5", "price": "unknown"}, {"price": "1"}]},
        },
        "amendments": [{"effective": "2018-01-01", "what": "Deed", "changes": {"payer": "state"}}],
    }
    contract = contract_of(parts)
    zeros = np.zeros((1, 3, 1), dtype=np.int64)
    measured = measured_of(contract, [[[1], [1], [1]]], m=zeros).with_series({"budget": empty_budget(contract)})
    with pytest.raises(UnknownTerm) as caught:
        statement(contract, measured)
    assert sorted(caught.value.paths) == [("rules", "m", "bands", 0, "price"), ("rules", "n", "price")]


def test_a_limit_that_was_not_measured_names_its_place():
    with pytest.raises(NoResult) as caught:
        made({"limits": {"all": {"most": "budget"}}}, [[[0], [1], [0]]])
    assert (caught.value.metric, caught.value.period, str(caught.value)) == ("budget", "2017", "budget")


def test_nothing_due_needs_no_limit():
    assert made({"limits": {"all": {"most": "budget"}}}, [[[0], [0], [0]]]).total().tolist() == [[[0]]]


def test_a_limit_that_is_measured_may_differ_by_path():
    contract = contract_of({**PARTS, "limits": {"all": {"most": "budget", "rules": ["n"]}}})
    budget = np.array([[[1500, 500], [2500, 500], [2500, 9000]]])
    measured = measured_of(contract, [[[1, 1], [1, 1], [1, 1]]], budget=budget)
    found = statement(contract, measured)
    assert next(s.paid for s in found.streams if s.rule == "n").tolist() == [
        [[1000, 500], [1000, 0], [500, 1000]],
    ]


def test_a_gate_may_differ_by_path_where_the_count_does_not():
    rules = {"n": {"price": "10", "gate": {"metric": "budget", "from": "5"}}}
    contract = contract_of({**PARTS, "rules": rules})
    budget = np.array([[[499, 500], [500, 499], [500, 500]]])
    present = np.full((1, 3), True)
    measured = measured_of(contract, [[[1], [2], [4]]])
    measured = measured.with_series({"budget": Series(budget, present, contract.frame.scales["budget"])})
    assert statement(contract, measured).by_period().tolist() == [[[0, 1000], [2000, 0], [4000, 4000]]]


def test_a_ratio_to_nothing_names_its_place():
    parts = {
        **COHORTS,
        "metrics": {**PARTS["metrics"], "r": {"unit": "%", "step": "1%", "ratio": {"of": "n", "to": "n"}}},
    }
    with pytest.raises(DividedByNothing) as caught:
        made(parts, [[[1], [1], [1]], [[1], [0], [1]]])
    assert (caught.value.metric, caught.value.cohort, caught.value.period) == ("r", "b", "2017")


def test_an_amount_beyond_what_can_be_paid_is_refused():
    with pytest.raises(TooLarge):
        made({}, [[[MOST], [0], [0]]])
    with pytest.raises(TooLarge):
        made({}, [[[MOST // 2000], [MOST // 1000], [0]]]).total().tolist()


@pytest.mark.parametrize(
    ("scope", "labels"),
    [
        (None, ["", "", ""]),
        ("period", ["2016", "2017", "2018"]),
        ("year", ["2016", "2017", "2018"]),
        ("fiscal year", ["2016/17", "2017/18", "2018/19"]),
    ],
)
def test_a_limit_counts_by_the_day_of_payment(scope, labels):
    parts = {
        "parties": {
            "city": {"name": "The City", "role": "outcome payer", "fiscal_year_starts": "1 July"},
            "provider": {"name": "The Provider", "role": "service provider"},
        }
    }
    contract = contract_of({**PARTS, **parts})
    assert labels_of(contract, scope, None) == labels
    assert labels_of(contract, scope, "city") == labels


def test_where_no_source_says_when_money_is_paid_no_year_can_be_told():
    years = {"every": "year", "from": "2016-01-01", "to": "2018-12-31", "paid": "unknown"}
    contract = contract_of({**PARTS, "periods": {"years": years}})
    assert labels_of(contract, None, None) == ["", "", ""]
    assert labels_of(contract, "period", None) == ["2016", "2017", "2018"]
    for scope in ("year", "fiscal year"):
        with pytest.raises(UnknownTerm) as caught:
            labels_of(contract, scope, None)
        assert caught.value.path == ("periods", "years", "paid")


def test_whoever_takes_over_is_due_what_was_cut():
    limits = {"city max": {"most": "22", "payer": "city", "then": "state"}}
    found = made({"limits": limits}, [[[4], [0], [0]]])
    assert [(s.rule, s.payer, s.due[0, 0, 0], s.paid[0, 0, 0]) for s in found.streams] == [
        ("fee", "city", 400, 200),
        ("n", "city", 4000, 2000),
        ("fee", "state", 200, 200),
        ("n", "state", 2000, 2000),
    ]
    shared = made({"limits": limits, "payer": "none", "payers": {"city": "3/4", "state": "1/4"}}, [[[4], [0], [0]]])
    assert [(s.rule, s.payer, s.due[0, 0, 0], s.paid[0, 0, 0]) for s in shared.streams] == [
        ("fee", "city", 300, 200),
        ("fee", "state", 200, 200),
        ("n", "city", 3000, 2000),
        ("n", "state", 2000, 2000),
    ]


def test_whoever_takes_over_a_correction_pays_it_as_one():
    contract = contract_of({**PARTS, "limits": {"city max": {"most": "22", "payer": "city", "then": "state"}}})
    budget = {"budget": empty_budget(contract)}
    first = measured_of(contract, [[[1], [1], [0]]]).with_series(budget)
    later = measured_of(contract, [[[1], [4], [0]]]).with_series(budget)
    found = statement(contract, later, [(1, first), (2, later)])
    paid = {(s.rule, s.payer, s.corrects): s.paid.ravel().tolist() for s in found.streams if s.rule == "n"}
    assert paid == {
        ("n", "city", None): [1000, 1000, 0],
        ("n", "state", None): [0, 0, 0],
        ("n", "city", 1): [0, 0, 0],
        ("n", "state", 1): [0, 0, 3000],
    }


def test_a_correction_of_a_later_period_alone():
    rules = {"n": {"clause": "§7", "price": "10"}}
    contract = contract_of({**PARTS, "rules": rules})
    budget = {"budget": empty_budget(contract)}
    first = measured_of(contract, [[[1], [2], [0]]]).with_series(budget)
    later = measured_of(contract, [[[1], [4], [3]]]).with_series(budget)
    found = statement(contract, later, [(1, first), (2, later)])
    told = [explain(s.line, Cell(0, 2, 0)) for s in found.streams]
    assert [(t.name, t.amount, t.clause, t.sentence) for t in told] == [
        ("n", "$30.00", "§7", "3 units at $10.00 for each unit"),
        ("n", "$20.00", "§7", "$40.00 due for 2017 on what is now reported, less $20.00 due before: $20.00"),
    ]
    assert [part.sentence for part in told[1].parts] == ["4 units at $10.00 for each unit"]
    assert explain(found.streams[0].line, Cell(0, 0, 0)).sentence == "1 unit at $10.00 for each unit"


def test_corrections_are_claims_of_their_own():
    contract = contract_of({**PARTS, "payers": {"city": "2/3", "state": "1/3"}, "payer": "none"})
    first = measured_of(contract, [[[1], [2], [0]]]).with_series({"budget": empty_budget(contract)})
    later = measured_of(contract, [[[4], [2], [5]]]).with_series({"budget": empty_budget(contract)})
    found = statement(contract, later, [(1, first), (2, later)])
    paid = {(s.rule, s.payer, s.corrects): s.paid.ravel().tolist() for s in found.streams}
    assert paid == {
        ("fee", "city", None): [67, 133, 333],
        ("fee", "state", None): [33, 67, 167],
        ("fee", "city", 0): [0, 0, 200],
        ("fee", "state", 0): [0, 0, 100],
        ("n", "city", None): [667, 1333, 3333],
        ("n", "state", None): [333, 667, 1667],
        ("n", "city", 0): [0, 0, 2000],
        ("n", "state", 0): [0, 0, 1000],
    }
    line = next(s.line for s in found.streams if (s.rule, s.payer, s.corrects) == ("n", "city", 0))
    told = explain(line, Cell(0, 2, 0))
    assert told.sentence == "The City pays $20.00 of $30.00"
    (change,) = told.parts
    assert change.sentence == "$40.00 due for 2016 on what is now reported, less $10.00 due before: $30.00"
    assert change.parts[0].sentence == "4 units at $10.00 for each unit"
    assert found.total().tolist() == [[[12100]]]
    assert found.measured.series["n"].values.ravel().tolist() == [4, 2, 5]


@pytest.mark.parametrize(
    "how",
    [{"difference": {"of": "planned", "less": "real"}}, {"sum": ["planned", "real"]}, {"highest": ["planned", "real"]}],
)
def test_a_figure_that_lacks_an_operand_adds_nothing_to_the_total_to_date(how):
    contract = contract_of(
        {
            "metrics": {"planned": {"unit": "unit"}, "real": {"unit": "unit"}, "both": {"unit": "unit", **how}},
            "rules": {"both": {"price": "10", "counts": "to date"}},
            "examples": [
                {
                    "name": "The second year is the first with both figures",
                    "results": {"planned": {"2016": "5", "2017": "7"}, "real": {"2017": "0"}},
                    "expect": {"rules": {"both": {"2016": "0", "2017": "70"}}},
                }
            ],
        }
    )
    assert run_examples(contract).findings == ()
