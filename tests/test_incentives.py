"""Payment curves and what stands out on them: cases worked out by hand, the law that the curve is what pay says."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest
import yaml
from case_files import contract_of
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from typer.testing import CliRunner

from payfs.cli import app
from payfs.contract import load
from payfs.evidence.results import Result
from payfs.incentives import NoCurve, bounds, curve_of, curves_of, incentives, looks, tiers_of
from payfs.payments import pay
from payfs.places import contract_specs, find_spec, template_names
from payfs.simulate.certainty import reached, with_certainty
from payfs.simulate.draws import Draws
from payfs.simulate.scenario import scenario_of
from payfs.simulate.worked import Worked
from payfs.text import read_yaml

ONE = {"periods": {"term": {"from": "2016-01-01", "to": "2016-12-31"}}}
RATE = {"unit": "%", "step": "1%", "least": "0%", "most": "100%"}
SPECS = sorted(path.stem for path in contract_specs().glob("*.yaml"))
TEMPLATES = [str(contract_specs() / "templates" / f"{name}.yaml") for name in template_names()]


def made(rule, metrics=None, **parts):
    return contract_of({**ONE, "metrics": metrics or {"m": RATE}, "rules": {"m": rule}, **parts})


def found(contract, *kinds):
    return [each for each in incentives(contract) if not kinds or each.kind in kinds]


def said(contract, *kinds):
    return [each.what for each in found(contract, *kinds)]


def results_of(curve, level):
    """The results behind one level of a curve."""
    frame, trial = curve.trial.contract.frame, curve.trial
    assert trial.manner == "once"
    results = []
    for name, held in curve.held.items():
        rows = range(len(frame.cohorts)) if frame.metrics[name].by_cohort else [0]
        results += [Result(name, row, place, held, place) for row in rows for place in frame.measured_in(name)]
    row = trial.cohort if frame.metrics[curve.metric].by_cohort else 0
    return (*results, Result(curve.metric, row, trial.period, level, trial.period))


def assert_is_what_pay_says(contract, curve, levels):
    for level in levels:
        assert curve.at(level) == pay(contract, results_of(curve, level)).sums("rule").get(curve.rule, 0), level


def test_denvers_table_has_a_cliff_at_20_percent_and_stops_at_65():
    contract = load(find_spec("denver-sib"))
    (cliff,) = found(contract, "cliff")
    assert str(cliff) == (
        "rules.jail_days: one step from 19.99% to 20% is worth $3,200,000.00, "
        "52.2% of the most this rule pays ($6,130,000.00)"
    )
    assert (cliff.first, cliff.last, cliff.before, cliff.after) == (1999, 2000, 0, 320_000_000)
    assert cliff.share == Fraction(3_200_000, 6_130_000)
    assert cliff.clause == "Payment terms, table of jail days"
    assert [(f.rule, f.first, f.last, f.before) for f in found(contract, "flat", "stops")] == [
        ("housing", 349_868, 600_000, 529_000_000),  # 349,867 x 15.12 = 5,289,989.04 and one day more passes 5,290,000
        ("jail_days", 0, 1999, 0),
        ("jail_days", 6500, 10_000, 613_000_000),
    ]


def test_a_plain_price_for_every_day_has_neither_cliffs_nor_flats():
    contract = made({"price": "15.12"}, {"m": {"unit": "day"}})
    assert incentives(contract) == ()
    curve = curve_of(contract, "m")
    assert (curve.levels[0], curve.levels[-1], curve.most) == (0, 100, 151_200)


def test_few_steps_that_are_worth_a_tenth_each_are_no_cliffs():
    assert said(made({"price": "10"}, {"m": {"unit": "job", "most": "4"}})) == []


def test_above_its_own_limit_a_rule_stops_paying_more():
    contract = made({"price": "10", "most": "1005"}, {"m": {"unit": "job"}})
    assert said(contract) == [
        "it stops paying more at 101 jobs ($1,005.00), where it reaches its own limit: better results earn nothing more"
    ]
    both = {"all": {"most": "9000"}, "yearly": {"most": "5000", "per": "fiscal year"}}
    assert [one for one in said(made({"price": "10"}, {"m": {"unit": "job"}}, limits=both)) if "stops" in one] == [
        'it stops paying more at 500 jobs ($5,000.00), where it reaches the limit "yearly": better results earn '
        "nothing more"
    ]
    contract = made({"price": "10"}, {"m": {"unit": "job"}}, limits={"all": {"most": "5000"}})
    assert said(contract) == [
        'it stops paying more at 500 jobs ($5,000.00), where it reaches the limit "all": better results earn nothing '
        "more"
    ]
    contract = made({"price": "10", "most_units": "50"}, {"m": {"unit": "job"}})
    (stop,) = found(contract)
    assert (stop.kind, stop.first, stop.before) == ("stops", 50, 50_000)


def test_tiers_with_a_drop_pay_less_for_a_better_result():
    tiers = [
        {"below": "50%", "price": "1000"},
        {"from": "50%", "below": "80%", "pays": "30000"},
        {"from": "80%", "pays": "49000", "plus": "100"},
    ]
    contract = made({"tiers": tiers})
    # 49 points pay 49,000, and 50 only 30,000; the most is 49,000 + 20 x 100 = 51,000
    assert said(contract, "less") == [
        "one step better, from 49% to 50%, pays $19,000.00 less, 37.3% of the most this rule pays ($51,000.00), from "
        "$49,000.00 to $30,000.00"
    ]
    assert [(f.first, f.last) for f in found(contract, "cliff")] == [(79, 80)]
    assert said(contract, "flat") == [
        "from 50% to 79% every result pays the same, $30,000.00: in between, doing better earns nothing more"
    ]


def test_where_lower_is_better_a_curve_is_read_from_the_top():
    tiers = [
        {"up_to": "10%", "pays": "500"},
        {"above": "10%", "below": "40%", "pays": "200"},
        {"from": "40%", "pays": "0"},
    ]
    contract = made({"tiers": tiers}, {"m": {**RATE, "better": "lower"}})
    assert [(f.kind, f.first, f.last, f.before, f.after) for f in found(contract)] == [
        ("cliff", 11, 10, 20_000, 50_000),
        ("cliff", 40, 39, 0, 20_000),
        ("flat", 100, 40, 0, 0),
        ("flat", 39, 11, 20_000, 20_000),
        ("stops", 10, 0, 50_000, 50_000),
    ]
    assert said(contract, "flat", "stops") == [
        "down to 40% nothing is paid: until 39%, doing better earns nothing",
        "from 39% to 11% every result pays the same, $200.00: in between, doing better earns nothing more",
        "it stops paying more at 10% ($500.00): better results down to 0% earn nothing more",
    ]


def test_a_price_that_falls_although_lower_is_not_said_to_be_better_names_the_slip():
    contract = made({"tiers": [{"up_to": "10%", "pays": "500"}, {"above": "10%", "pays": "0"}]})
    assert said(contract, "less") == [
        "one step better, from 10% to 11%, pays $500.00 less, 100% of the most this rule pays ($500.00), from $500.00 "
        'to nothing; if lower is better, say better: lower of "m"'
    ]


def test_what_is_neither_better_nor_worse_cannot_pay_less_for_better():
    rule = {"tiers": [{"up_to": "10%", "pays": "500"}, {"above": "10%", "pays": "0"}]}
    assert found(made(rule, {"m": {**RATE, "better": "neither"}}), "less") == []


def test_a_malus_is_said_to_be_owed():
    tiers = [
        {"below": "20%", "pays": "-300"},
        {"from": "20%", "up_to": "40%", "pays": "0"},
        {"above": "40%", "pays": "600"},
    ]
    contract = made({"tiers": tiers, "two_way": "yes"})
    assert [(f.first, f.before, f.after, f.share) for f in found(contract, "cliff")] == [
        (40, 0, 60_000, 1),
        (19, -30_000, 0, Fraction(1, 2)),
    ]
    assert said(contract, "flat")[0] == (
        "up to 19% every result comes to $300.00 owed by the payee: until 20%, doing better changes nothing"
    )
    only = made({"tiers": [tiers[0], {"from": "20%", "pays": "0"}], "two_way": "yes"})
    assert said(only, "cliff") == [
        "one step from 19% to 20% is worth $300.00, 100% of the most this rule takes ($300.00)"
    ]


def test_what_is_unknown_is_named_and_the_rest_is_still_looked_at():
    contract = made({"tiers": [{"below": "20%", "pays": "unknown"}, {"from": "20%", "pays": "600"}]})
    assert said(contract) == [
        "from 20% it pays $600.00: better results up to 100% earn nothing more",
        "what it pays at 0% to 19% cannot be told, because rules.m.tiers.1.pays is unknown",
    ]
    assert said(made({"price": "unknown"}, {"m": {"unit": "job"}})) == [
        "what it rewards cannot be told, because rules.m.price is unknown"
    ]


def test_a_single_level_that_is_known_between_unknown_ones_is_seen():
    tiers = [
        {"below": "40%", "pays": "unknown"},
        {"from": "40%", "up_to": "40%", "pays": "600"},
        {"above": "40%", "pays": "unknown"},
    ]
    curve = curve_of(made({"tiers": tiers}), "m")
    assert np.flatnonzero(curve.known).tolist() == [40]
    assert curve.at(40) == 60_000
    assert curve.at(41) is None


def test_a_limit_that_is_unknown_is_left_out_and_named():
    contract = made({"price": "10"}, {"m": {"unit": "job"}}, limits={"all": {"most": "unknown"}})
    curve = curve_of(contract, "m")
    assert curve.trial.left_out == ("all",)
    assert (bool(curve.known.all()), curve.most) == (True, 100_000)
    assert curve_of(made({"price": "10", "most": "unknown"}, {"m": {"unit": "job"}}), "m").trial.left_out == (
        "m: most",
    )


def test_of_a_price_that_is_unknown_later_the_first_period_is_taken():
    rule = {"price": {"by_year": {"2016": "10", "2018": "unknown"}}}
    contract = contract_of({"metrics": {"m": {"unit": "job"}}, "rules": {"m": rule}})
    assert curve_of(contract, "m").period == "2016"
    known = contract_of({"metrics": {"m": {"unit": "job"}}, "rules": {"m": {"price": "10"}}})
    assert curve_of(known, "m").period == "2018"


def test_of_cohorts_the_first_is_taken_whose_price_is_known():
    cohorts = {"population": {"cohorts": {"a": {}, "b": {}}}}
    rule = {"price": {"by_cohort": {"a": "unknown", "b": "7"}}}
    curve = curve_of(made(rule, {"m": {"unit": "job"}}, **cohorts), "m")
    assert (curve.cohort, curve.most) == ("b", 70_000)


def test_a_yes_is_all_or_nothing_and_no_cliff():
    contract = made({"pays": "500", "metric": "m"}, {"m": {"unit": "yes/no"}})
    assert [(f.kind, f.what) for f in found(contract)] == [
        ("yes or no", "it is paid on a yes or no, so it is all or nothing: yes is worth $500.00 more than no")
    ]


def test_rules_without_a_measure_say_why_they_have_no_curve():
    rules = {
        "m": {"price": "10"},
        "fee": {"pays": "500"},
        "bonus": {"part_of": ["m"], "share": "10%"},
        "floor": {"tops_up": {"rules": ["m"], "to": "100"}},
    }
    contract = contract_of({**ONE, "metrics": {"m": {"unit": "job"}}, "rules": rules})
    assert [str(f) for f in found(contract)] == [
        "rules.fee: it is a fixed sum, and no result changes it",
        'rules.bonus: it is 10% of what "m" comes to, and rewards what that rewards',
        'rules.floor: it makes up what "m" comes to, to $100.00: below that, doing better there earns nothing in all',
    ]
    with pytest.raises(NoCurve, match="fixed sum"):
        curve_of(contract, "fee")


def test_a_rule_on_a_metric_that_is_worked_out_is_varied_by_each_reported_metric_behind_it():
    metrics = {
        "control": {**RATE, "better": "neither"},
        "treated": {**RATE, "better": "lower"},
        "cut": {"unit": "%", "step": "1%", "reduction": {"from": "control", "to": "treated"}},
    }
    rule = {"metric": "cut", "tiers": [{"below": "10%", "pays": "0"}, {"from": "10%", "pays": "500"}]}
    example = {"name": "x", "results": {"control": "40%", "treated": "36%"}, "expect": {"total": "500"}}
    contract = made(rule, metrics, examples=[example])
    (curve,) = curves_of(contract, "m")
    assert (curve.metric, curve.of, curve.held, curve.source) == ("treated", "cut", {"control": 40}, "x")
    # from 40% down to 36% is a reduction of 10%
    assert str(found(contract, "cliff")[0]) == (
        'rules.m: by "treated" with "control" held at 40%: one step from 37% to 36% is worth $500.00, 100% of the most '
        "this rule pays ($500.00)"
    )


def test_a_gate_on_the_rules_own_metric_is_a_cliff():
    contract = made({"price": "10", "gate": {"metric": "m", "from": "50"}}, {"m": {"unit": "job", "most": "100"}})
    assert [(f.kind, f.first, f.last, f.after) for f in found(contract)] == [
        ("cliff", 49, 50, 50_000),
        ("flat", 0, 49, 0),
    ]


GATED = {"m": {"unit": "job", "most": "100"}, "q": RATE, "breach": {"unit": "event"}}


@pytest.mark.parametrize(
    ("gate", "held"),
    [
        ({"metric": "q", "from": "80%"}, {"q": 80}),
        ({"metric": "q", "below": "80%", "otherwise": "50%"}, {"q": 79}),
        ({"all_of": [{"metric": "q", "above": "80%"}, {"none_of": [{"metric": "breach", "from": "1"}]}]},
         {"q": 81, "breach": 0}),
        ({"any_of": [{"metric": "m", "from": "50"}, {"metric": "q", "from": "80%"}]}, {}),
    ],
)  # fmt: skip
def test_gates_on_other_metrics_are_held_open_unless_the_metric_opens_them_itself(gate, held):
    contract = made({"price": "10", "gate": gate}, GATED)
    curve = curve_of(contract, "m")
    assert curve.held == held
    assert curve.at(100) == 100_000
    assert len(found(contract, "gate")) == 1
    assert len(found(contract, "cliff")) == (0 if held else 1)
    assert_is_what_pay_says(contract, curve, (0, 1, 49, 50, 100))


def test_what_is_held_back_is_released():
    holdback = {"share": "20%", "released": "term", "gate": {"metric": "q", "from": "80%"}}
    curve = curve_of(made({"price": "10", "holdback": holdback}, GATED), "m")
    assert (curve.held, curve.at(100)) == ({"q": 80}, 100_000)


def test_beyond_a_baseline_only_what_exceeds_it_earns():
    contract = made({"price": "10", "baseline": "30"}, {"m": {"unit": "job", "most": "100"}})
    assert [(f.kind, f.first, f.last) for f in found(contract)] == [("flat", 0, 30)]


def test_nothing_to_pay_for_is_no_flat():
    assert found(made({"price": "10"}, {"m": {"unit": "day", "least": "none"}})) == []
    metrics = {
        "a": {"unit": "day"},
        "b": {"unit": "day", "better": "lower"},
        "m": {"unit": "day", "difference": {"of": "a", "less": "b"}},
    }
    assert found(made({"price": "10"}, metrics)) == []


def test_points_that_stand_at_nothing_are_a_threshold():
    score = {"of": "n", "tiers": [{"below": "30", "gives": "0"}, {"from": "30", "gives": "50"}]}
    contract = made({"price": "10"}, {"n": {"unit": "job"}, "m": {"unit": "point", "score": score}})
    assert [(f.kind, f.first, f.last) for f in found(contract, "flat", "cliff")] == [("cliff", 29, 30), ("flat", 0, 29)]


def test_a_gate_is_told_only_where_the_curve_does_not_show_it():
    metrics = {"n": {"unit": "job"}, "of": {"unit": "job", "better": "neither"}}
    metrics["rate"] = {"unit": "%", "step": "1%", "ratio": {"of": "n", "to": "of"}}
    contract = made({"pays": "500", "gate": {"metric": "rate", "from": "75%"}}, metrics)
    assert [(f.kind, f.metric, f.last) for f in found(contract, "gate", "cliff")] == [("cliff", "n", 75)]


def test_complete_lots_that_are_alike_are_told_once():
    contract = made({"price": "100", "per": "10", "complete": "yes"}, {"m": {"unit": "job", "most": "60"}})
    (cliff,) = found(contract, "cliff")
    assert cliff.what.startswith("one step from 9 jobs to 10 jobs is worth $100.00, 16.7% of the most")
    assert cliff.what.endswith("; there are 6 such steps in all, the last one to 60 jobs")


def test_a_change_since_the_period_before_is_tried_after_a_level_that_is_held():
    metrics = {"rate": RATE, "m": {"unit": "%", "step": "1%", "change": "rate"}}
    rule = {"tiers": [{"below": "10%", "pays": "0"}, {"from": "10%", "pays": "500"}]}
    contract = contract_of({"metrics": metrics, "rules": {"m": rule}})
    (cliff,) = found(contract, "cliff")
    curve = curve_of(contract, "m")
    assert curve.trial.manner == "after"
    assert cliff.last == curve.held["rate"] + 10


def test_a_pool_is_tried_against_the_other_cohorts():
    cohorts = {"population": {"cohorts": {"a": {}, "b": {}}}}
    curve = curve_of(made({"pool": "1000"}, {"m": {"unit": "job"}}, **cohorts), "m")
    # the other cohort has 100 jobs: 100 of 200 are half of the pool
    assert (curve.held, curve.at(100), curve.at(0)) == ({"m": 100}, 50_000, 0)


def test_a_cliff_between_levels_of_a_coarse_grid_is_found():
    metrics = {"m": {"unit": "money", "most": "1000000"}, "s": {"unit": "point", "score": {"of": "m", "tiers": [
        {"below": "123456.78", "gives": "0"}, {"from": "123456.78", "gives": "40"}]}}}  # fmt: skip
    contract = made({"metric": "s", "price": "10"}, metrics)
    (cliff,) = found(contract, "cliff")
    assert (cliff.first, cliff.last, cliff.after) == (12_345_677, 12_345_678, 40_000)
    assert len(curve_of(contract, "m").levels) < 20_000
    # worked out by a product, so that no threshold is written for what is varied
    metrics = {"m": {"unit": "money", "most": "1000000"}, "half": {"unit": "money", "product": ["m", "50%"]}}
    tiers = [{"below": "123456.78", "pays": "0"}, {"from": "123456.78", "pays": "500"}]
    (cliff,) = found(made({"metric": "half", "tiers": tiers}, metrics), "cliff")
    # half of 246,913.55 is 123,456.775, which is rounded to 123,456.78
    assert (cliff.first, cliff.last) == (24_691_354, 24_691_355)


def test_what_divides_by_nothing_is_named_and_the_rest_is_seen():
    metrics = {"n": {"unit": "job"}, "m": {"unit": "%", "step": "1%", "ratio": {"of": "10", "to": "n"}}}
    contract = made({"tiers": [{"below": "50%", "pays": "0"}, {"from": "50%", "pays": "500"}]}, metrics)
    curve = curve_of(contract, "m")
    assert (curve.at(0), curve.at(1)) == (None, 50_000)
    assert "metrics.m would divide by nothing" in said(contract, "unknown")[0]


def test_after_an_amendment_the_later_terms_are_looked_at():
    amendment = {"effective": "2018-01-01", "what": "Twice as much", "changes": {"rules": {"m": {"price": "20"}}}}
    parts = {"metrics": {"m": {"unit": "job"}}, "rules": {"m": {"price": "10"}}, "amendments": [amendment]}
    assert curve_of(contract_of(parts), "m").at(100) == 200_000


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    starts=st.lists(st.integers(1, 99), min_size=1, max_size=4, unique=True).map(sorted),
    pays=st.lists(st.integers(-50, 50), min_size=5, max_size=5),
    prices=st.lists(st.integers(0, 9), min_size=5, max_size=5),
    most=st.one_of(st.none(), st.integers(1, 600)),
    two_way=st.booleans(),
    data=st.data(),
)
def test_a_curve_is_what_pay_says_at_every_level(starts, pays, prices, most, two_way, data):
    tiers = []
    for place, start in enumerate([None, *starts]):
        tier = {"pays": str(pays[place] * 10), "price": str(prices[place])}
        tiers.append(tier if start is None else {"from": f"{start}%", **tier})
    tiers[0]["below"] = f"{starts[0]}%"
    rule = {"tiers": tiers, **({"two_way": "yes"} if two_way else {}), **({"most": str(most)} if most else {})}
    contract = made(rule)
    curve = curve_of(contract, "m")
    assert curve.levels.tolist() == list(range(101))
    near = {level + step for level in starts for step in (-1, 0, 1)} & set(range(101))
    assert_is_what_pay_says(contract, curve, sorted(near | data.draw(st.sets(st.integers(0, 100), max_size=5))))
    # and no step that is worth more than a tenth is passed over, unless those beside it are worth nearly as much or cut
    change, cliffs = np.diff(curve.amounts), found(contract, "cliff")
    for step in np.flatnonzero(change * 10 > curve.most).tolist():
        beside = max(int(change[at]) for at in (step - 1, step + 1) if 0 <= at < 100)
        line = 2 * int(change[step]) <= 3 * beside
        cut = any(flags[min(step + 2, 100)] for flags in curve.cut.values())
        assert line or cut or any(step == f.first or (f.after - f.before) == int(change[step]) for f in cliffs)


@pytest.mark.parametrize("spec", [*SPECS, *TEMPLATES])
def test_every_contract_can_be_looked_at_and_its_curves_are_what_pay_says(spec):
    contract = load(find_spec(spec))
    looked = incentives(contract)
    assert all(len(str(each)) < 700 and each.what == each.what.strip() for each in looked)
    # one rule alone is what pay says of the whole contract, where claims are not what decides
    for name in contract.spec.rules:
        for curve in curves_of(contract, name):
            metric = contract.spec.metrics[curve.metric]
            if metric.claims is not None or curve.trial.left_out or curve.gaps or curve.trial.manner != "once":
                continue
            shared = [other for other, rule in contract.spec.rules.items() if (rule.metric or other) == curve.of]
            if len(shared) == 1:
                ends = {int(curve.levels[at]) for at in (0, len(curve.levels) // 2, -1)}
                assert_is_what_pay_says(contract, curve, sorted(ends))


@pytest.mark.parametrize("spec", [*SPECS, *TEMPLATES])
def test_the_report_fits_80_columns_and_changes_no_exit_status(spec):
    result = CliRunner().invoke(app, ["check", spec, "--incentives"], catch_exceptions=False)
    assert result.exit_code == 0
    assert result.stderr == ""
    lines = result.stdout.splitlines()[1:]
    assert max(map(len, lines)) <= 80
    assert sum(line.startswith("rules.") for line in lines) == len(load(find_spec(spec)).spec.rules)


def test_check_tells_incentives_as_data():
    result = CliRunner().invoke(app, ["check", "denver-sib", "--incentives", "--json"], catch_exceptions=False)
    (file,) = json.loads(result.stdout)["files"]
    (cliff,) = [each for each in file["incentives"] if each["kind"] == "cliff"]
    assert {key: cliff[key] for key in ("rule", "metric", "from", "to", "before", "after", "share", "most")} == {
        "rule": "jail_days",
        "metric": "jail_reduction",
        "from": "19.99%",
        "to": "20%",
        "before": "0.00",
        "after": "3200000.00",
        "share": "0.5220",
        "most": "6130000.00",
    }
    plain = CliRunner().invoke(app, ["check", "denver-sib", "--json"], catch_exceptions=False)
    assert "incentives" not in json.loads(plain.stdout)["files"][0]


def test_a_faulty_contract_is_first_to_be_mended(tmp_path):
    (tmp_path / "x.yaml").write_text("contract: x\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["check", str(tmp_path / "x.yaml"), "--incentives"], catch_exceptions=False)
    assert result.exit_code == 1
    assert "what it rewards can be seen once it is mended" in result.stdout


def test_the_tiers_of_a_rule_cover_every_level_and_name_where_its_gate_is_met():
    contract = load(find_spec("denver-sib"))
    assert [(tier.kind, tier.first, tier.last) for tier in tiers_of(contract, "jail_days")] == [
        ("tier", None, 1999),
        ("tier", 2000, 2999),
        ("tier", 3000, 6499),
        ("tier", 6500, None),
    ]
    assert [(tier.kind, tier.first, tier.last) for tier in tiers_of(contract, "housing")] == [("price", None, None)]
    gate = {"all_of": [{"metric": "q", "above": "80%"}, {"none_of": [{"metric": "breach", "from": "1"}]}]}
    tiers = tiers_of(made({"price": "10", "baseline": "30", "gate": gate}, GATED), "m")
    assert [(tier.metric, tier.kind, tier.first, tier.last) for tier in tiers] == [
        ("m", "price", 30, None),
        ("q", "gate", 81, None),
        ("breach", "gate", 1, None),
    ]
    assert tiers[2].path == ("rules", "m", "gate", "all_of", 1, "none_of", 0)


# -- given a scenario: what is nearly certain, and what is nearly impossible


def believing(contract, metrics):
    text = yaml.safe_dump({"scenario": "s", "contract": "case", "metrics": metrics}, sort_keys=False)
    return Worked(scenario_of(read_yaml(text, "s.yaml"), text, contract))


def told_by(worked, paths=65_536):
    draws = Draws(7, worked.columns, paths, 16, "random")
    return [f for look in with_certainty(looks(worked.contract), worked, draws) for f in look.found if f.path]


def normally(mean, sd="10%"):
    return {"m": {"normal": {"mean": mean, "sd": sd}}}


TIERED = [
    {"below": "20%", "pays": "0"},
    {"from": "20%", "below": "30%", "price": "10"},
    {"from": "30%", "pays": "300"},
]
WIDE = {"unit": "%", "step": "0.01%"}


def test_each_tier_is_reached_as_often_as_its_distribution_says():
    worked = believing(made({"tiers": TIERED}, {"m": WIDE}), normally("22%", "4%"))
    found = reached(worked, Draws(7, worked.columns, 65_536, 16, "random"))
    edges = [-np.inf, (0.2 - 0.00005 - 0.22) / 0.04, (0.3 - 0.00005 - 0.22) / 0.04, np.inf]
    for one, low, high in zip(found, edges[:-1], edges[1:], strict=True):
        assert one.chance.value == pytest.approx(norm.cdf(high) - norm.cdf(low), abs=4 * one.chance.error)
        assert 0 < one.chance.error < 0.005
    assert [one.kind for one in found] == [None, None, "nearly impossible"]  # 2.3%


def test_a_tier_that_is_hardly_ever_reached_is_told():
    (tier,) = told_by(believing(made({"tiers": TIERED}, {"m": WIDE}), normally("22%", "4%")))
    assert (tier.kind, tier.metric, tier.first, tier.last) == ("nearly impossible", "m", 3000, None)
    assert str(tier).startswith('rules.m.tiers.3: "m" at 30% or more is nearly impossible: 2.2% of paths reach it (')
    assert str(tier).endswith(" points)")
    assert tier.chance == pytest.approx(norm.sf(2), abs=4 * tier.error)


def test_a_tier_that_is_nearly_always_reached_is_told():
    found = told_by(believing(made({"tiers": TIERED}, {"m": WIDE}), normally("25%", "1%")))
    assert [(one.kind, one.path[-1], one.chance) for one in found] == [
        ("nearly impossible", 0, 0.0),
        ("nearly certain", 1, 1.0),
        ("nearly impossible", 2, 0.0),
    ]
    assert [one.what for one in found[:2]] == [
        '"m" at 19.99% or less is nearly impossible: no path reaches it',
        '"m" at 20% to 29.99% is nearly certain: every path reaches it',
    ]


def test_the_gate_of_a_plain_sum_is_looked_at_and_one_that_shuts_is_told_so():
    gate = {"all_of": [{"metric": "m", "from": "1%"}, {"none_of": [{"metric": "m", "from": "90%"}]}]}
    contract = contract_of({**ONE, "metrics": {"m": WIDE}, "rules": {"fee": {"pays": "100", "gate": gate}}})
    assert [str(one) for one in told_by(believing(contract, {"m": "50%"}))] == [
        'rules.fee.gate.all_of.1: "m" at 1% or more is nearly certain: every path meets it',
        'rules.fee.gate.all_of.2.none_of.1: "m" at 90% or more is nearly impossible: no path meets it (to meet it '
        "shuts the gate)",
    ]


def test_where_lower_is_better_a_tier_begins_at_its_upper_end():
    tiers = [{"up_to": "10%", "pays": "500"}, {"above": "10%", "pays": "0"}]
    contract = made({"tiers": tiers}, {"m": {**WIDE, "better": "lower"}})
    best, worst = told_by(believing(contract, {"m": "50%"}))
    assert (best.kind, best.first, best.last) == ("nearly impossible", 1000, None)
    assert (worst.kind, worst.first, worst.last) == ("nearly certain", None, 1001)


def test_the_same_price_for_every_unit_is_no_tier():
    assert told_by(believing(made({"price": "10"}, {"m": {"unit": "job"}}), {"m": "5"}), 64) == []


def test_check_with_a_scenario_tells_denvers_last_tier_impossible():
    command = ["check", "denver-sib", "--incentives", "--scenario", "denver-sib"]
    result = CliRunner().invoke(app, command, catch_exceptions=False)
    assert (result.exit_code, result.stderr) == (0, "")
    text = " ".join(result.stdout.split())
    assert (
        'rules.jail_days.tiers.4: "jail reduction" at 65% or more is nearly impossible: 1.2% of paths reach it' in text
    )
    assert "0 nearly certain tiers, bands or gates and 1 nearly impossible one." in text
    assert max(map(len, result.stdout.splitlines()[1:])) <= 80
    data = json.loads(CliRunner().invoke(app, [*command, "--json"], catch_exceptions=False).stdout)
    (tier,) = [each for each in data["files"][0]["incentives"] if each["path"]]
    assert (tier["kind"], tier["path"], tier["from"], tier["to"], tier["warning"]) == (
        "nearly impossible",
        "rules.jail_days.tiers.4",
        "65%",
        None,
        True,
    )
    assert tier["chance"] == pytest.approx(0.0115, abs=0.002)
    assert 0 < tier["error"] < 0.001


def test_a_scenario_alone_asks_for_incentives_and_one_that_does_not_fit_is_refused():
    result = CliRunner().invoke(app, ["check", "denver-sib", "--scenario", "denver-sib"], catch_exceptions=False)
    assert "is nearly impossible" in " ".join(result.stdout.split())
    result = CliRunner().invoke(app, ["check", "jp-hachioji", "--scenario", "denver-sib"], catch_exceptions=False)
    assert result.exit_code == 1
    assert "metrics.stable_days: the contract has no metric 'stable_days'" in result.stderr
    assert "nearly" not in result.stdout
    result = CliRunner().invoke(app, ["check", "denver-sib", "--scenario", "there-is-none"], catch_exceptions=False)
    assert result.exit_code == 1
    assert "there is no such file or example scenario" in result.stderr


# --- limits by themselves --------------------------------------------------------------------------------------------

IN_ALL, YEARLY = {"most": "300"}, {"most": "100", "per": "fiscal year"}
USED_UP = 'this limit in all is written before "yearly", which is for each fiscal year, so it is used up by what that '


def limited_by(limits, **rule):
    return contract_of(
        {
            "periods": {
                "2016": {"from": "2016-01-01", "to": "2016-12-31"},
                "2017": {"from": "2017-01-01", "to": "2017-12-31"},
                "2018": {"from": "2018-01-01", "to": "2018-12-31"},
            },
            "metrics": {"m": {"unit": "job"}},
            "rules": {"m": {"price": "1", **rule}},
            "limits": limits,
        }
    )


def test_a_limit_in_all_before_a_yearly_one_is_told_to_be_used_up_by_what_that_one_cuts():
    contract = limited_by({"whole": IN_ALL, "yearly": YEARLY})
    (told,) = found(contract, "used up")
    assert str(told) == f'limits.whole: {USED_UP}one cuts; write "yearly" first'
    in_order = limited_by({"yearly": YEARLY, "whole": IN_ALL})
    assert found(in_order, "used up") == []
    # and so it is: of the 300 two years use up all, although only 100 of each were paid
    results = [Result("m", 0, place, 150, place) for place in range(3)]
    assert pay(contract, results).total == 20_000
    assert pay(in_order, results).total == 30_000


def test_a_rule_s_own_limit_is_told_to_be_written_below_the_yearly_one():
    (told,) = found(limited_by({"yearly": YEARLY}, most="300"), "used up")
    assert told.path == ("rules", "m", "most")
    assert told.what.endswith('one cuts; write it under limits, below "yearly", with rules: [m]')
    assert found(limited_by({"yearly": {**YEARLY, "rules": ["m"]}}, most_units="300"), "used up") == []
    units = {"most_units": "100", "per": "year", "rules": ["m"]}
    assert len(found(limited_by({"yearly": units}, most_units="300"), "used up")) == 1


@pytest.mark.parametrize(
    "limits",
    [
        {"whole": IN_ALL, "yearly": {**YEARLY, "beyond": "carried forward"}},
        {"whole": {**IN_ALL, "most": "none"}, "yearly": YEARLY},
        {"whole": {**IN_ALL, "payer": "city"}, "yearly": {**YEARLY, "payer": "state"}},
        {"whole": IN_ALL, "yearly": {**YEARLY, "payer": "city", "then": "state"}},
        {"one": YEARLY, "other": {**YEARLY, "per": "year"}},
        {"whole": IN_ALL},
    ],
)
def test_limits_that_lose_nothing_by_their_order_are_not_warned_of(limits):
    parties = {
        "city": {"name": "City", "role": "outcome payer"},
        "state": {"name": "State", "role": "outcome payer"},
        "provider": {"name": "Provider", "role": "service provider"},
    }
    contract = contract_of(
        {
            **ONE,
            "parties": parties,
            "payer": "city",
            "payee": "provider",
            "metrics": {"m": {"unit": "job"}},
            "rules": {"m": {"price": "1"}},
            "limits": limits,
        }
    )
    assert found(contract, "used up", "limit of 0") == []


def test_a_limit_of_0_is_told_where_it_stands():
    some = {"most": {"by_year": {2016: 0, 2017: 5, 2018: 0}}, "per": "year"}
    contract = limited_by({"some years": some, "whole": {"most": "0"}})
    (told,) = found(contract, "limit of 0")
    assert str(told) == (
        "limits.whole: the limit is 0, so nothing that it covers is ever paid; "
        "write the amount, or take the limit out if there is none"
    )
    (told,) = found(limited_by({}, most_units="0"), "limit of 0")
    assert str(told).startswith("rules.m.most_units: the limit is 0, so the rule never pays; ")


@pytest.mark.parametrize("name", [*SPECS, *TEMPLATES])
def test_no_real_contract_has_a_limit_that_does_what_nobody_expects(name):
    assert bounds(load(find_spec(name))) == ()


def test_the_command_tells_of_limits_after_the_rules(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text(limited_by({"whole": IN_ALL, "yearly": YEARLY}).text, encoding="utf-8")
    result = CliRunner().invoke(app, ["check", str(file), "--incentives"])
    assert result.exit_code == 0
    text = " ".join(result.stdout.split())
    assert f"limits - limits.whole: {USED_UP}one cuts" in text
    assert "1 limit that counts what another cuts" in text
    data = json.loads(CliRunner().invoke(app, ["check", str(file), "--incentives", "--json"]).stdout)
    (row,) = [row for row in data["files"][0]["incentives"] if row["path"] == "limits.whole"]
    assert (row["rule"], row["kind"], row["warning"]) == (None, "used up", True)
