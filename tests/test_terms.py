"""The terms of a contract, one by one, on arrays: gates, limits, payers, prices and settings."""

from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import jsonschema
import numpy as np
import pytest
from case_files import contract_of
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from payfs.evidence.condition import Verdict
from payfs.evidence.measured import Measured, Series, hold
from payfs.line import Cell, Line, explain
from payfs.money import HALF_UP, Rounding, currency
from payfs.scale import Scale
from payfs.terms.gate import ALWAYS, Gate, Stretch
from payfs.terms.limit import NO_LIMIT, Due, Limit, cut
from payfs.terms.limit import said as limit_said
from payfs.terms.payers import Payers, split_among
from payfs.terms.price import Price, added
from payfs.terms.setting import Setting

law = settings(max_examples=150, deadline=None, derandomize=True, database=None)
COUNT = Scale(Fraction(1), "start", "starts")


def row(*figures, dtype=np.int64):
    return np.array(figures, dtype=dtype).reshape(1, -1, 1)


def listed(array):
    return array.ravel().tolist()


def setting_of(*, rounding=HALF_UP, code="USD", periods=3, series=None) -> Setting:
    contract = contract_of({"metrics": {"n": {"unit": "unit"}}, "rules": {"n": {"price": "1"}}})
    measured = Measured(series or {}, ("all",), tuple(p.name for p in contract.periods), (2016, 2017, 2018), 1)
    return Setting(currency(code), rounding, contract.periods[:periods], measured, {})


# -- what a rule is worked out in


@pytest.mark.parametrize(
    ("amount", "how", "to", "expected"),
    [
        ("0.125", "half up", 1, 13),
        ("0.125", "half even", 1, 12),
        ("-0.125", "half up", 1, -13),
        ("0.129", "down", 1, 12),
        ("0.121", "up", 1, 13),
        ("2.50", "half up", 100, 300),
        ("2.49", "half up", 100, 200),
    ],
)
def test_an_amount_as_written_becomes_minor_units_by_the_rounding_of_the_contract(amount, how, to, expected):
    assert setting_of(rounding=Rounding(how, to)).minor(Fraction(amount)) == expected


def test_where_some_cohorts_and_periods_are():
    contract = contract_of(
        {
            "population": {"cohorts": {"a": {}, "b": {}}},
            "periods": {
                "years": {"every": "year", "from": "2016-01-01", "to": "2017-12-31"},
                "last": {"from": "2018-01-01", "to": "2018-12-31"},
            },
            "metrics": {"n": {"unit": "unit"}},
            "rules": {"n": {"price": "1"}},
        }
    )
    setting = Setting(contract.money, Rounding(), contract.periods, contract.frame.empty(), {})
    assert setting.where(None, None).tolist() == [[True, True, True]]
    assert setting.where(("b",), None).tolist() == [[False] * 3, [True] * 3]
    assert setting.where(None, ("years",)).tolist() == [[True, True, False]]
    assert setting.where(("a",), ("2017", "last")).tolist() == [[False, True, True], [False] * 3]
    assert setting.runs == {"2016": "years", "2017": "years", "last": "last"}
    assert setting.zeros().shape == (1, 3, 1)
    assert setting.zeros().dtype == setting.dtype == np.int64
    objects = Setting(contract.money, Rounding(), contract.periods, contract.frame.empty().as_objects(), {})
    assert objects.zeros().dtype == objects.dtype == object
    assert setting_of().dtype == np.int64


# -- gaps along the periods


def test_a_gap_is_filled_with_the_value_before_it():
    there = np.array([[False, True, False, True, False]])
    assert listed(hold(row(9, 2, 9, 4, 9), there)) == [0, 2, 2, 4, 4]
    full = row(1, 2)
    assert hold(full, np.array([[True, True]])) is full


def test_a_gap_may_differ_by_path_and_cohort():
    values = np.array([[[1, 10], [2, 20], [3, 30]]])
    there = np.array([[[True, False], [False, True], [False, False]], [[True, True], [True, True], [False, True]]])
    assert hold(values, there).tolist() == [[[1, 0], [1, 20], [1, 20]], [[1, 10], [2, 20], [2, 30]]]
    assert hold(values.astype(object), there).dtype == object


def test_what_each_period_adds_to_a_total_to_date():
    running = row(-2, 5, 3, 7)
    assert listed(added(running, two_way=False)) == [0, 5, 0, 2]
    assert listed(added(running, two_way=True)) == [-2, 7, -2, 4]


# -- gates


def through(gate: dict, due, met, known=None, stretch=ALWAYS, rounding=HALF_UP):
    """Let amounts through a gate whose verdict is given."""
    made = Gate.model_validate({"metric": "n", "from": "1", **gate})
    met = np.array(met, dtype=bool).reshape(1, -1, 1)
    known = np.ones_like(met) if known is None else np.array(known, dtype=bool).reshape(1, -1, 1)
    condition = Line("condition", met, "asked")
    found = made.let_through(
        Line("price", row(*due), "due"), Verdict(met, known, condition), setting_of(rounding=rounding), stretch
    )
    sentences = [explain(found.line, Cell(0, place, 0)).sentence for place in range(len(due))]
    return listed(found.line.amount), None if found.held is None else listed(found.held), sentences


def test_a_gate_lets_through_what_falls_due_while_it_is_open():
    assert through({}, [100, 200, 300], [1, 0, 1]) == (
        [100, 0, 300],
        None,
        [
            "$1.00 due and the gate is open: $1.00",
            "$2.00 due, but the gate is shut: nothing is paid",
            "$3.00 due and the gate is open: $3.00",
        ],
    )


def test_a_gate_that_holds_keeps_the_rest():
    assert through({"before": "held"}, [100, 200, 300], [0, 1, 0], [0, 1, 1]) == (
        [0, 300, 0],
        [100, 0, 300],
        [
            "$1.00 due, but no result says yet whether the gate is open: held until one does",
            "$2.00 due and the gate is open: $3.00, with what was held before",
            "$3.00 due, but the gate is shut: held until it opens",
        ],
    )


def test_a_gate_nobody_knows_of_pays_nothing():
    paid, held, sentences = through({"otherwise": "50%"}, [100, 100, 100], [0, 0, 1], [0, 1, 1])
    assert (paid, held) == ([0, 50, 100], None)
    assert sentences == [
        "$1.00 due, but no result says yet whether the gate is open: nothing is paid",
        "$1.00 due; the gate is shut, so 1/2 of it is paid: $0.50",
        "$1.00 due and the gate is open: $1.00",
    ]


def test_a_gate_may_pay_a_share_at_once_and_hold_the_rest():
    paid, held, sentences = through({"otherwise": "1/3", "before": "held"}, [100, 200, 50], [0, 1, 0])
    assert (paid, held) == ([33, 267, 17], [67, 0, 33])
    assert (
        sentences[0] == "$1.00 due; the gate is shut, so 1/3 of it is paid: $0.33, and the rest is held until it opens"
    )
    assert sentences[1] == "$2.00 due and the gate is open: $2.67, with what was held before"


def test_the_share_of_a_shut_gate_is_rounded_as_the_contract_rounds():
    assert through({"otherwise": "50%"}, [1, 3], [0, 0], rounding=Rounding("down"))[0] == [0, 1]
    assert through({"otherwise": "50%"}, [1, 3], [0, 0], rounding=Rounding("up"))[0] == [1, 2]


def test_terms_that_start_later_go_on_with_what_was_held():
    stretch = Stretch(1, 3, row(40))
    paid, held, _ = through({"before": "held"}, [100, 200, 300], [1, 0, 1], stretch=stretch)
    assert paid[1:] == [0, 540]
    assert held[1:] == [240, 0]


def test_a_stretch_says_its_periods():
    assert listed(Stretch(1, 3).flags(4)) == [False, True, True, False]
    assert listed(Stretch(1, 3).flags(4, early=1)) == [True, True, True, False]
    assert listed(Stretch(2).flags(4)) == [False, False, True, True]
    assert listed(ALWAYS.flags(2)) == [True, True]
    assert listed(Stretch(1, 3, row(7)).released(3)) == [0, 7, 0]
    assert Stretch(1, 3).released(3) == 0


def test_what_an_open_gate_pays_matters_and_what_a_shut_gate_pays_does_not():
    def matters(gate: dict, met, known):
        made = Gate.model_validate({"metric": "n", "from": "1", **gate})
        flags = (np.array(f, dtype=bool).reshape(1, -1, 1) for f in (met, known))
        return listed(made.matters(Verdict(*flags, Line("condition", row(0), ""))))

    met, known = [0, 1, 0, 0], [0, 1, 1, 0]
    assert matters({}, met, known) == [False, True, False, False]
    assert matters({"otherwise": "5%"}, met, known) == [False, True, True, False]
    assert matters({"before": "held"}, met, known) == [True, True, False, False]
    assert matters({"before": "held", "otherwise": "5%"}, met, known) == [True, True, True, False]


@law
@given(
    st.lists(st.tuples(st.integers(-50, 50), st.booleans()), min_size=1, max_size=6),
    st.sampled_from([{}, {"otherwise": "50%"}]),
)
def test_paid_and_held_are_what_was_due(pairs, gate):
    due, met = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    contract = contract_of(
        {
            "metrics": {"n": {"unit": "unit"}},
            "rules": {"n": {"price": "1"}},
            "periods": {"years": {"every": "year", "from": "2011-01-01", "to": f"{2010 + len(due)}-12-31"}},
        }
    )
    made = Gate.model_validate({"metric": "n", "from": "1", "before": "held", **gate})
    flags = np.array(met).reshape(1, -1, 1)
    setting = Setting(contract.money, Rounding(), contract.periods, contract.frame.empty(), {})
    verdict = Verdict(flags, np.ones_like(flags), Line("condition", flags, ""))
    found = made.let_through(Line("price", row(*due), ""), verdict, setting)
    assert listed(found.line.amount.cumsum(axis=1) + found.held) == listed(row(*due).cumsum(axis=1))
    assert all(still == 0 for still, is_open in zip(listed(found.held), met, strict=True) if is_open)


# -- limits


def limit_of(**words) -> Limit:
    return Limit.model_validate({"most": "1", **words})


def cut_of(limit: Limit, most, *dues, stretches=None, dtype=np.int64):
    """Cut named streams at a limit."""
    periods = dues[0][1].shape[1]
    room = np.broadcast_to(np.array(most, dtype=dtype).reshape(1, -1, 1), (1, periods, 1))
    parts = [slice(*edges) for edges in stretches] if stretches else [slice(0, periods)]
    return cut([Due(name, amount.astype(dtype)) for name, amount in dues], room, parts, limit)


def test_a_limit_that_cuts_nothing_hands_the_arrays_on():
    amount = row(1, 2)
    found = cut_of(limit_of(), 3, ("a", amount))
    assert listed(found.paid[0]) == [1, 2]
    assert listed(found.reached[0]) == [1, 3]
    assert listed(found.room[0]) == [3, 3]
    again = cut([Due("a", amount)], row(3, 3), [slice(0, 2)], limit_of())
    assert np.shares_memory(again.paid[0], amount)


def test_a_limit_cuts_the_running_total():
    found = cut_of(limit_of(), 5, ("a", row(3, 4, 1)))
    assert listed(found.paid[0]) == [3, 2, 0]
    assert listed(found.reached[0]) == [3, 5, 5]


def test_a_limit_below_nothing_is_a_limit_of_nothing():
    assert listed(cut_of(limit_of(), -5, ("a", row(3, 4))).paid[0]) == [0, 0]


@pytest.mark.parametrize("dtype", [np.int64, object])
def test_odd_units_of_a_cut_go_to_the_largest_remainders(dtype):
    found = cut_of(limit_of(), 100, ("a", row(100)), ("b", row(100)), ("c", row(101)), dtype=dtype)
    # 201 are cut off 301: 66.78, 66.78 and 67.44
    assert [listed(paid) for paid in found.paid] == [[33], [33], [34]]
    assert all(paid.dtype == dtype for paid in found.paid)


def test_streams_are_served_in_order():
    found = cut_of(limit_of(shared=["c", "a"]), 50, ("a", row(30)), ("b", row(30)), ("c", row(30)))
    assert [listed(paid) for paid in found.paid] == [[20], [0], [30]]
    two = cut_of(limit_of(shared=["b"]), 40, ("a", row(30)), ("b", row(30)), ("c", row(30)))
    assert [listed(paid) for paid in two.paid] == [[5], [30], [5]]


def test_less_is_owed_back_where_what_was_due_before_was_cut():
    found = cut_of(limit_of(), 50, ("a", row(80, 0)), ("b", row(0, -40)))
    # 80 are cut to 50; with 40 owed back 40 are due in all, 10 less than was paid
    assert [listed(paid) for paid in found.paid] == [[50, 0], [0, -10]]


def test_cohorts_share_a_limit_and_have_their_own():
    amount = np.array([[[60]], [[90]]])
    assert cut_of(limit_of(), 100, ("a", amount)).paid[0].tolist() == [[[40]], [[60]]]
    apart = cut_of(limit_of(per=["cohort"]), 70, ("a", amount))
    assert apart.paid[0].tolist() == [[[60]], [[70]]]
    assert apart.reached[0].tolist() == [[[60]], [[70]]]
    together = cut_of(limit_of(), 90, ("a", amount), ("whole", row(30)))
    assert together.paid[0].tolist() == [[[30]], [[45]]]
    assert together.paid[1].tolist() == [[[15]]]


def test_rules_have_a_limit_each():
    found = cut_of(limit_of(per=["rule"]), 50, ("a", row(60, 10)), ("b", row(20, 40)))
    assert [listed(paid) for paid in found.paid] == [[50, 0], [20, 30]]
    assert [listed(reached) for reached in found.reached] == [[50, 50], [20, 50]]
    assert [listed(room) for room in found.room] == [[50, 50], [50, 50]]


def test_what_several_payers_pay_for_a_rule_shares_its_limit():
    found = cut_of(limit_of(per=["rule"]), 50, ("a", row(60)), ("b", row(40)), ("a", row(40)))
    assert [listed(paid) for paid in found.paid] == [[30], [40], [20]]
    assert [listed(reached) for reached in found.reached] == [[50], [40], [50]]


HALVES = [(0, 2), (2, 4), (4, 5)]


def test_each_stretch_of_time_begins_anew():
    found = cut_of(limit_of(per=["year"]), 10, ("a", row(7, 7, 4, 20, 1)), stretches=HALVES)
    assert listed(found.paid[0]) == [7, 3, 4, 6, 1]
    assert listed(found.reached[0]) == [7, 10, 4, 10, 1]


def test_what_is_beyond_is_carried_forward():
    limit = limit_of(per=["year"], beyond="carried forward")
    found = cut_of(limit, 10, ("a", row(7, 7, 4, 20, 1)), ("b", row(0, 0, 0, 0, 4)), stretches=HALVES)
    # 4 wait; 4 + 4 and 2 of 20; 18 wait with 1 and 4: 10 of 23 in proportion: 8.26.. and 1.73..
    assert [listed(paid) for paid in found.paid] == [[7, 3, 8, 2, 8], [0, 0, 0, 0, 2]]


def test_what_is_not_used_is_added_to_the_next_stretch():
    limit = limit_of(per=["year"], unused="carried forward")
    found = cut_of(limit, [10, 10, 10, 10, 5], ("a", row(4, 0, 3, 9, 20)), stretches=HALVES)
    # 6 are left over; 16: 3 and 9, 4 left over; 9 of 20
    assert listed(found.paid[0]) == [4, 0, 3, 9, 9]
    assert listed(found.room[0]) == [10, 10, 16, 16, 9]


def test_a_stretch_without_a_limit_leaves_nothing_over():
    limit = limit_of(per=["year"], unused="carried forward")
    found = cut_of(limit, [NO_LIMIT, NO_LIMIT, 10, 10, 5], ("a", row(4, 0, 3, 9, 20)), stretches=HALVES)
    assert listed(found.paid[0]) == [4, 0, 3, 7, 5]
    many = [(place, place + 1) for place in range(200)]
    free = cut_of(limit, NO_LIMIT, ("a", row(*[1] * 200)), stretches=many)
    assert listed(free.paid[0]) == [1] * 200


def test_what_is_left_over_differs_by_cohort():
    limit = limit_of(per=["cohort", "year"], unused="carried forward", beyond="carried forward")
    amount = np.array([[[4], [20]], [[12], [7]]])
    found = cut_of(limit, 10, ("a", amount), stretches=[(0, 1), (1, 2)])
    assert found.paid[0].tolist() == [[[4], [16]], [[10], [9]]]
    assert found.room[0].tolist() == [[[10], [16]], [[10], [10]]]


def test_a_lump_sum_beside_many_paths_is_carried_forward_on_each():
    limit = limit_of(per=["year"], beyond="carried forward")
    lump, many = row(10, 0, 0), np.array([[[0, 10], [0, 0], [0, 0]]])
    found = cut_of(limit, 10, ("a", lump), ("b", many), stretches=[(0, 1), (1, 3)])
    assert found.paid[0].tolist() == [[[10, 5], [0, 5], [0, 0]]]
    assert found.paid[1].tolist() == [[[0, 5], [0, 5], [0, 0]]]


def test_a_limit_that_changes_leaves_what_was_cut_and_what_was_paid():
    assert listed(cut_of(limit_of(), [5, 5, 9, 9], ("a", row(4, 4, 3, 3))).paid[0]) == [4, 1, 3, 1]
    assert listed(cut_of(limit_of(), [9, 9, 5, 8], ("a", row(4, 4, 3, 3))).paid[0]) == [4, 4, 0, 0]
    assert listed(cut_of(limit_of(), [5, 9], ("a", row(8, -2))).paid[0]) == [5, -2]
    assert listed(cut_of(limit_of(), [5, 9, 9], ("a", row(1, 20, -3))).paid[0]) == [1, 8, 0]


def test_a_limit_that_changes_on_one_path_leaves_the_other_alone():
    amount = np.array([[[8, 8], [-2, -2]]])
    most = np.array([[[5, 5], [5, 9]]])
    found = cut([Due("a", amount)], most, [slice(0, 2)], limit_of())
    # unchanged, 6 are due in all, still beyond 5; changed, what was cut stays cut and 2 are taken back
    assert found.paid[0].tolist() == [[[5, 5], [0, -2]]]
    assert found.reached[0].dtype == np.int64


def test_a_lump_sum_on_all_paths_is_cut_by_a_limit_that_changes_on_one():
    most = np.array([[[5, 5], [5, 9]]])
    found = cut([Due("a", row(8, 3))], most, [slice(0, 2)], limit_of())
    # 5, and nothing more; 5, and 3 of the 4 that are left when it is raised
    assert found.paid[0].tolist() == [[[5, 5], [0, 3]]]


def test_a_limit_that_changes_cuts_each_path_and_cohort():
    amount = np.array([[[8, 1], [2, 3]], [[4, 1], [1, 9]]])
    found = cut([Due("a", amount)], row(5, 7), [slice(0, 2)], limit_of(per=["cohort"]))
    assert found.paid[0].tolist() == [[[5, 1], [2, 3]], [[4, 1], [1, 6]]]


@law
@given(
    st.lists(st.lists(st.integers(0, 60), min_size=4, max_size=4), min_size=1, max_size=4),
    st.lists(st.integers(0, 100), min_size=4, max_size=4),
    st.sampled_from([{}, {"shared": ["b", "a"]}, {"per": ["year"]}, {"per": ["year"], "unused": "carried forward"}]),
)
def test_no_running_total_passes_the_limit_and_nobody_is_paid_more_than_is_due(rows, most, words):
    words = {"per": [], **words}
    edges = [(0, 2), (2, 4)] if words["per"] else [(0, 4)]
    most = [most[0], most[0], most[2], most[2]] if words.get("unused") else most
    dues = [("abcd"[place], row(*figures)) for place, figures in enumerate(rows)]
    found = cut_of(limit_of(**words), most, *dues, stretches=edges)
    room = 0
    for start, stop in edges:
        so_far = sum(paid[:, start:stop] for paid in found.paid).cumsum(axis=1)
        highest = np.maximum.accumulate(most[start:stop])
        assert (so_far[0, :, 0] <= highest + room).all()
        room = highest[-1] + room - so_far[0, -1, 0] if words.get("unused") else 0
    for (_, due), paid in zip(dues, found.paid, strict=True):
        assert ((paid >= 0) & (paid <= due)).all()


def test_a_limit_is_said_in_words():
    assert limit_said(limit_of(), {}) == ""
    whole = limit_of(rules=["a", "b"], cohorts=["west", "east"], payer="city", per=["rule", "cohort", "fiscal year"])
    assert limit_said(whole, {"city": "The City"}) == (
        "for a and b, for west and east, from The City, for each rule, for each cohort, in each fiscal year"
    )
    assert limit_said(limit_of(payer="city", per=["period"]), {}) == "from city, in each period"
    assert limit_said(limit_of(per="year"), {}) == "in each year"
    assert limit_of(per="year").in_time == "year"
    assert limit_of(per="rule").in_time is None
    assert limit_of().order is None
    assert limit_of(shared=["a"]).order == ("a",)


# -- prices


def test_a_share_of_what_is_no_money_is_found_in_its_place():
    price = Price.model_validate({"starts_at": "5%", "grows": "1%", "every": "year", "from": "2016-01-01"})
    assert [problem.path for problem in price.money_problems(COUNT)] == [("starts_at",)]
    assert list(price.money_problems(replace(COUNT, money=currency("USD")))) == []


# -- payers


def stages_of(*shares: dict, until=()):
    found = []
    for place, each in enumerate(shares):
        day = until[place] if place < len(until) else None
        found.append(
            SimpleNamespace(shares={k: Fraction(v) for k, v in each.items()}, until=day and SimpleNamespace(date=day))
        )
    return tuple(found)


def period_of(year: int):
    import datetime

    return SimpleNamespace(end=SimpleNamespace(date=datetime.date(year, 12, 31)))


def test_one_payer_pays_all():
    amount = row(5, 6)
    assert split_among(stages_of({"city": 1}), amount, (period_of(2016), period_of(2017)))["city"] is amount


def test_payers_share_by_name_and_stage():
    import datetime

    stages = stages_of(
        {"state": "1/3", "city": "2/3"}, {"fund": 1}, {"city": "1/2", "fund": "1/2"},
        until=(datetime.date(2016, 12, 31), datetime.date(2017, 12, 31)),
    )  # fmt: skip
    periods = tuple(period_of(year) for year in (2016, 2017, 2018))
    found = split_among(stages, row(100, 7, -5), periods)
    assert {name: listed(share) for name, share in found.items()} == {
        "city": [67, 0, -3],
        "fund": [0, 7, -2],
        "state": [33, 0, 0],
    }
    assert list(found) == ["city", "fund", "state"]
    wide = split_among(stages, row(1000, 700, 500), periods, 100)
    assert {name: listed(share) for name, share in wide.items()} == {
        "city": [700, 0, 300],
        "fund": [0, 700, 200],
        "state": [300, 0, 0],
    }
    exact = split_among(stages, row(100, 7, -5, dtype=object), periods)
    assert all(share.dtype == object for share in exact.values())


def test_the_schema_takes_shares_or_stages_of_them():
    valid = jsonschema.Draft202012Validator(TypeAdapter(Payers).json_schema()).is_valid
    assert valid({"city": 0.6, "state": "40%"})
    assert valid([{"until": "2017-12-31", "shares": {"city": "100%"}}, {"shares": {"state": 1}}])
    assert not valid({"city": ["60%"]})
    assert not valid([{"until": "2017-12-31"}])
    assert not valid("city")


# -- a stretch of results that are priced together


def test_measured_series_say_what_they_add():
    series = Series(row(3, 0, 9), np.array([[True, False, True]]), COUNT, running=True)
    assert listed(series.each_period().values) == [3, 0, 6]
    assert listed(series.to_date().values) == [3, 3, 9]
    each = Series(row(3, 0, 9), np.array([[True, False, True]]), COUNT)
    assert listed(each.to_date().values) == [3, 3, 12]
    assert each.each_period() is each
