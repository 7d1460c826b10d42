"""What luck does to what is paid, against closed forms, numerical integration and binomials drawn outright."""

from __future__ import annotations

import json

import numpy as np
import pytest
import yaml
from case_files import contract_of
from scipy.integrate import quad
from scipy.stats import norm

from payfs.report.luck_text import luck_data, luck_lines
from payfs.simulate.draws import Draws
from payfs.simulate.luck import Luck, enough, least_that_pays, luck, rules_on
from payfs.simulate.paths import draw, drawn_together, laid_out, measured_on
from payfs.simulate.risk import figure, ratio
from payfs.simulate.run import FEW
from payfs.simulate.scenario import find_scenario, load_scenario, scenario_of
from payfs.simulate.worked import Worked
from payfs.text import Refused, read_yaml

ONE = {"periods": {"term": {"from": "2016-01-01", "to": "2016-12-31"}}}
EFFECT = {"unit": "%", "step": "0.01%"}
FALL = {**EFFECT, "better": "lower"}
STEP = 0.0001
ALL = [{"below": "20%", "pays": "0"}, {"from": "20%", "pays": "1000"}]  # a thousand from 20% on
FAIR = {"design": "randomised", "treated": "400", "control": "100", "spread": "100%"}
SD = np.sqrt(1 / 400 + 1 / 100)  # of the error, with 100% of spread
BELIEVED = {"normal": {"mean": "15%", "sd": "12%"}}


def scenario(metrics, contract, **more):
    text = yaml.safe_dump({"scenario": "s", "contract": "case", "metrics": metrics, **more}, sort_keys=False)
    return scenario_of(read_yaml(text, "s.yaml"), text, contract)


def worked(rules, evaluation=None, metric=None, value=None, believed=None, **parts):
    """One metric m that is evaluated, and the rules that are paid on it."""
    metrics = {"m": dict(metric or EFFECT), **parts.pop("metrics", {})}
    contract = contract_of({**ONE, "metrics": metrics, "rules": rules, **parts})
    belief = {"value": value or BELIEVED, "evaluation": {**FAIR, **(evaluation or {})}}
    return Worked(scenario({"m": belief, **(believed or {})}, contract))


def told(made, paths=65_536, how="random", seed=11) -> Luck:
    (one,) = luck(made, Draws(seed, made.columns, paths, 16, how))
    return one


def near(found, wanted, worth=1):
    """Within four standard errors, or what three of 65,536 paths are worth: the very rare may not be seen at all."""
    assert abs(found.value - wanted) <= max(4 * found.error, 3 / 65_536 * worth), (found, wanted)


def text_of(contract, found):
    return " ".join(" ".join(luck_lines(contract, found)).split())


def by_size(one):
    return [(size, SD / np.sqrt(size.multiple)) for size in one.sizes]


# -- paid for nothing


def test_the_chance_of_being_paid_for_nothing_is_that_of_a_normal_error_passing_the_threshold():
    one = told(worked({"m": {"tiers": ALL}}))
    for size, sd in by_size(one):
        chance = norm.sf((0.2 - STEP / 2) / sd)  # what is measured is rounded to a step, a half up
        near(size.pays, chance)
        near(size.paid, 100_000 * chance, 100_000)
    assert one.now.people == 500
    assert one.anyway.value == 0


def test_sobol_points_tell_the_same_on_few_paths():
    one = told(worked({"m": {"tiers": ALL}}), FEW, "sobol", 1)
    for size, sd in by_size(one):
        assert size.pays.value == pytest.approx(norm.sf((0.2 - STEP / 2) / sd), abs=1 / 4096)


def test_a_bias_shifts_the_error_and_does_not_shrink_with_more_people():
    one = told(worked({"m": {"tiers": ALL}}, {"design": "matched", "bias": {"normal": {"mean": "5%", "sd": "4%"}}}))
    for size, sd in by_size(one):
        near(size.pays, norm.sf((0.2 - STEP / 2 - 0.05) / np.hypot(sd, 0.04)))
    assert one.biased


def test_where_nothing_changed_may_be_another_effect_than_0():
    one = told(worked({"m": {"tiers": ALL}}, {"nothing": "-10%"}))
    for size, sd in by_size(one):
        near(size.pays, norm.sf((0.3 - STEP / 2) / sd))
    assert one.nothing == -1000


def test_a_price_for_every_point_pays_for_nothing_every_second_time():
    one = told(worked({"m": {"price": "10"}}, metric={**EFFECT, "least": "0%"}))
    for size, sd in by_size(one):
        near(size.pays, norm.sf(STEP / 2 / sd))
        near(size.paid, 1000 * 100 * sd / np.sqrt(2 * np.pi))  # E max(x, 0), at 10 a point
    assert one.target == 1
    assert one.enough_for_pays is None


def test_what_the_contract_pays_in_any_case_is_not_paid_for_luck():
    rule = {"tiers": [{"below": "20%", "pays": "300"}, {"from": "20%", "pays": "1000"}]}
    one = told(worked({"m": rule}))
    chance = norm.sf((0.2 - STEP / 2) / SD)
    near(one.now.pays, chance)
    near(one.now.paid, 70_000 * chance)
    assert one.anyway.value == 30_000


# -- missed


def missed(sd, target, threshold, mean=0.15, spread=0.12):
    """Of true effects that reach the target, the share that is measured below the threshold."""

    def both(true):
        return norm.pdf(true, mean, spread) * norm.cdf((threshold - true) / sd)

    return quad(both, target, mean + 9 * spread, epsabs=1e-12)[0] / norm.sf(target, mean, spread)


@pytest.mark.parametrize(("target", "at"), [(None, 0.2), ("20%", 0.2), ("30%", 0.3), ("12.345%", 0.1235)])
def test_the_chance_of_missing_a_target_that_is_met_is_that_of_the_integral(target, at):
    one = told(worked({"m": {"tiers": ALL}}, {} if target is None else {"target": target}))
    assert one.target == round(at / STEP)
    near(one.met, norm.sf(at - STEP / 2, 0.15, 0.12))
    for size, sd in by_size(one):
        chance = missed(sd, at - STEP / 2, 0.2 - STEP / 2)
        near(size.misses, chance)
        if at >= 0.2:  # a true effect below the threshold earns nothing, and nothing is forgone
            near(size.forgone, 100_000 * chance, 100_000)


def test_where_lower_is_better_the_target_is_met_from_above():
    rule = {"tiers": [{"up_to": "-20%", "pays": "1000"}, {"above": "-20%", "pays": "0"}]}
    one = told(worked({"m": rule}, metric=FALL, value={"normal": {"mean": "-15%", "sd": "12%"}}))
    assert one.target == -2000
    for size, sd in by_size(one):
        near(size.pays, norm.sf((0.2 - STEP / 2) / sd))
        near(size.misses, missed(sd, 0.2 - STEP / 2, 0.2 - STEP / 2))


def test_a_target_that_is_believed_never_to_be_reached_is_told_so():
    made = worked({"m": {"tiers": ALL}}, {"target": "50%"}, value={"uniform": {"least": "0%", "most": "40%"}})
    one = told(made, 4096)
    assert one.met.value == 0
    assert np.isnan(one.now.misses.value)
    assert one.enough_for_misses is None
    assert "never believed to be 50% or more" in text_of(made.contract, [one])


# -- which rules, which parts

GATE = {"gate": {"metric": "m", "from": "20%", "otherwise": "1/2"}}


def test_a_gate_pays_for_nothing_what_it_lets_through_by_luck():
    days = {"days": {"unit": "day"}}
    rules = {"days": {"price": "10", **GATE}}
    one = told(worked(rules, metrics=days, believed={"days": {"value": "100"}}))
    assert (one.rules, one.target) == (("days",), 2000)
    chance = norm.sf((0.2 - STEP / 2) / SD)
    near(one.now.pays, chance)
    near(one.now.paid, 50_000 * chance)  # half of 100 days at 10, in cents
    assert one.anyway.value == 50_000
    near(one.now.misses, missed(SD, 0.2 - STEP / 2, 0.2 - STEP / 2))


def test_rules_that_do_not_look_at_the_metric_are_left_out():
    days = {"days": {"unit": "day"}}
    rules = {
        "m": {"tiers": ALL},
        "days": {"price": "10"},
        "fee": {"part_of": ["m"], "share": "10%"},
        "bonus": {"metric": "days", "price": "1", "gate": {"metric": "good", "from": "1%"}},
    }
    made = worked(
        rules,
        metrics={**days, "other": {**EFFECT}, "good": {**EFFECT, "difference": {"of": "m", "less": "other"}}},
        believed={"days": {"value": "100"}, "other": {"value": "0%"}},
    )
    assert rules_on(made.contract, "m") == ("m", "fee", "bonus")
    assert rules_on(made.contract, "days") == ("days", "bonus")
    assert told(made, 1024).rules == ("m", "fee", "bonus")


def test_the_least_that_pays_is_read_off_curves_and_gates():
    parts = {"metrics": {"days": {"unit": "day"}}, "believed": {"days": {"value": "1"}}}
    made = worked({"m": {"tiers": ALL}, "days": {"price": "10", **GATE}}, **parts).contract
    assert least_that_pays(made, ("m",), "m", 0) == 2000
    assert least_that_pays(made, ("days",), "m", 0) == 2000
    assert least_that_pays(made, ("days",), "m", 2000) is None  # there is nothing better than that
    shut = {"price": "10", "gate": {"none_of": [{"metric": "m", "from": "20%"}]}}
    assert least_that_pays(worked({"days": shut}, **parts).contract, ("days",), "m", 0) is None


def test_each_cohort_with_an_evaluation_of_its_own_is_told_by_itself():
    cohorts = {"population": {"who": "people", "cohorts": {"young": {}, "old": {}}}}
    contract = contract_of({**ONE, **cohorts, "metrics": {"m": EFFECT}, "rules": {"m": {"tiers": ALL}}})
    small, large = ({"value": "25%", "evaluation": {**FAIR, "treated": str(n), "control": str(n)}} for n in (50, 800))
    made = Worked(scenario({"m": {"by_cohort": {"young": small, "old": large}}}, contract))
    found = luck(made, Draws(1, made.columns, 65_536, 16, "random"))
    assert [(one.name, one.treated) for one in found] == [("m (young)", 50), ("m (old)", 800)]
    for one, people in zip(found, (50, 800), strict=True):
        sd = np.sqrt(2 / people)
        near(one.now.pays, norm.sf((0.2 - STEP / 2) / sd))
        near(one.now.misses, norm.cdf((0.2 - STEP / 2 - 0.25) / sd))
        # what the other cohort is paid, whose effect is real, is there in any case
        assert 0 < one.anyway.value < 100_000


def test_several_results_are_paid_for_if_any_is_and_met_if_all_are():
    years = {"years": {"every": "year", "from": "2016-01-01", "to": "2018-12-31"}}
    contract = contract_of({"periods": years, "metrics": {"m": EFFECT}, "rules": {"m": {"tiers": ALL}}})
    belief = {"value": BELIEVED, "varies": "each period", "evaluation": FAIR}
    one = told(Worked(scenario({"m": belief}, contract)))
    near(one.now.pays, 1 - norm.cdf((0.2 - STEP / 2) / SD) ** 3)
    near(one.met, norm.sf(0.2 - STEP / 2, 0.15, 0.12) ** 3)


def test_where_nothing_is_paid_on_an_evaluation_there_is_no_luck():
    days = {"days": {"unit": "day"}}
    made = worked({"days": {"price": "10"}}, metrics=days, believed={"days": {"value": "100"}})
    assert luck(made, Draws(1, made.columns, 64, 2)) == ()
    assert text_of(made.contract, ()).endswith("of which the scenario says how well it measures.")


# -- how many people


def test_how_many_people_are_enough_is_found_between_the_sizes_looked_at():
    one = told(worked({"m": {"tiers": ALL}}), FEW, "sobol", 3)
    # 500 people have an error of SD; the chance is 5% where the threshold is 1.645 of it
    wanted = 500 * (SD * norm.isf(0.05) / (0.2 - STEP / 2)) ** 2
    assert one.enough_for_pays == pytest.approx(wanted, rel=0.02)
    chances = [size.pays.value for size in one.sizes]
    assert chances == sorted(chances, reverse=True)


def test_enough_is_the_least_looked_at_none_or_lies_between():
    assert enough([(100, 0.04), (200, 0.01)], 1000) == 100
    assert enough([(100, 0.2), (200, 0.05)], 1000) is None
    assert enough([(100, 0.01), (200, 0.2), (400, 0.01)], 1000) > 200
    assert 100 < enough([(100, 0.06), (200, 0.0)], 1000) < 200


def test_the_errors_are_those_that_runs_with_other_seeds_show():
    made = worked({"m": {"tiers": ALL}})
    runs = [told(made, 1024, seed=seed).now for seed in range(60)]
    for name in ("pays", "misses", "forgone"):
        values, errors = zip(*((getattr(run, name).value, getattr(run, name).error) for run in runs), strict=True)
        # the sd of 60 runs is known to a tenth
        assert np.std(values, ddof=1) / np.sqrt(np.mean(np.square(errors))) == pytest.approx(1, abs=0.35)


def test_a_ratio_of_like_wholes_is_the_mean_of_replicates():
    parts = np.array([3.0, 5.0, 4.0])
    assert ratio(parts, np.full(3, 10.0)) == pytest.approx(figure((parts / 10).tolist()))
    assert np.isnan(ratio(parts, np.zeros(3)).value)


# -- what is measured


@pytest.mark.parametrize(
    ("people", "rate", "true"), [(361, 0.4, 0.0), (361, 0.4, 0.2), (100, 0.7, 0.1), (800, 0.1, 0.1)]
)
@pytest.mark.parametrize("change", ["fall", "rise"])
def test_a_rate_is_measured_as_binomials_would_have_it(people, rate, true, change):
    """Real people counted: the shares of chances beyond thresholds within 1.5 points, where a normal ratio is out."""
    evaluation = {"design": "randomised", "treated": people, "control": people, "base_rate": f"{rate:.0%}"}
    sign = -1 if change == "fall" else 1
    belief = {"value": f"{true:.0%}", "evaluation": {**evaluation, "change": change}}
    contract = contract_of({**ONE, "metrics": {"m": EFFECT}, "rules": {"m": {"price": "1"}}})
    made = scenario({"m": belief}, contract)
    found = measured_on(made, Draws(5, made.columns, 200_000, 1, "random").between(0, 200_000)).series["m"].values[0, 0]
    random = np.random.default_rng(5)
    served = random.binomial(people, rate * (1 + sign * true), 200_000) / people
    others = random.binomial(people, rate, 200_000) / people
    counted = sign * (served / others - 1)
    for threshold in (-0.1, 0.1, 0.2, 0.3):
        assert np.mean(found * STEP >= threshold) == pytest.approx(np.mean(counted >= threshold), abs=0.015)
    assert found.std() * STEP == pytest.approx(counted.std(), rel=0.04)


def test_luck_in_a_rate_passes_a_threshold_as_its_logarithm_does():
    evaluation = {"treated": "361", "control": "361", "base_rate": "40%", "spread": "none"}
    evaluation = {key: word for key, word in {**FAIR, **evaluation}.items() if word != "none"}
    contract = contract_of({**ONE, "metrics": {"m": EFFECT}, "rules": {"m": {"tiers": ALL}}})
    one = told(Worked(scenario({"m": {"value": BELIEVED, "evaluation": evaluation}}, contract)))
    for size in one.sizes:
        sd = np.sqrt(2 * 0.6 / 0.4 / 361 / size.multiple)
        near(size.pays, norm.cdf(np.log(0.8 + STEP / 2) / sd))


def test_a_change_goes_the_way_in_which_the_metric_is_better_unless_it_is_said():
    def deviation(metric, **evaluation):
        contract = contract_of({**ONE, "metrics": {"m": metric}, "rules": {"m": {"price": "1"}}})
        words = {"design": "randomised", "treated": "100", "control": "100", "base_rate": "40%", **evaluation}
        made = scenario({"m": {"value": "10%", "evaluation": words}}, contract)
        return float(made.parts["m"][0].error.deviation(np.array([[-0.1]]))[0, 0])

    less, more = (np.sqrt((1 - p) / p / 100 + 0.6 / 0.4 / 100) for p in (0.36, 0.44))
    assert deviation(EFFECT) == pytest.approx(more)  # a fall of -10% is a rise
    assert deviation(FALL) == pytest.approx(less)
    assert deviation(EFFECT, change="rise") == pytest.approx(less)
    assert deviation(FALL, change="fall") == pytest.approx(more)


def test_how_a_rate_changes_is_refused_where_no_rate_is_given():
    with pytest.raises(Refused, match="it says how a rate changes, and no rate is given"):
        worked({"m": {"tiers": ALL}}, {"change": "fall"})


def test_everybody_measured_tells_the_truth_and_nobody_to_count_tells_nothing():
    for evaluation in ({"spread": "100%"}, {"base_rate": "40%"}):
        words = {key: word for key, word in FAIR.items() if key != "spread"} | evaluation
        contract = contract_of({**ONE, "metrics": {"m": EFFECT}, "rules": {"m": {"price": "1"}}})
        made = scenario({"m": {"value": {"uniform": {"least": "0%", "most": "100%"}}, "evaluation": words}}, contract)
        uniforms = Draws(1, made.columns, 512, 1).between(0, 512)
        found = measured_on(made, uniforms, larger=np.inf).series["m"].values[0, 0]
        assert np.array_equal(found, made.parts["m"][0].seen(made.parts["m"][0].truth(uniforms))[0])
    whole = measured_on(made, uniforms, {"m": 1.0}).series["m"].values
    assert (whole == 10_000).all()


def test_what_is_drawn_and_laid_out_is_what_is_measured():
    made = load_scenario(find_scenario("denver-sib"))
    uniforms = made.draws(256).between(0, 256)
    parts = laid_out(made, draw(made, drawn_together(made, uniforms)))
    for name, series in measured_on(made, uniforms).series.items():
        assert np.array_equal(series.values, parts.series[name].values)


# -- as text and as data


@pytest.fixture(scope="module")
def denver():
    made = Worked(load_scenario(find_scenario("denver-sib")))
    return made.contract, luck(made, made.scenario.draws(FEW))


def test_denvers_evaluation_seldom_pays_for_nothing_and_often_misses(denver):
    (one,) = denver[1]
    sd = 1.3 * np.sqrt(1 / 363 + 1 / 361)
    assert (one.treated, one.control, one.target, one.rules) == (363, 361, 2000, ("jail_days",))
    assert one.now.pays.value == pytest.approx(norm.sf((0.2 - STEP / 2) / sd), abs=0.0005)
    assert one.now.misses.value == pytest.approx(missed(sd, 0.2, 0.2, 0.3), abs=0.002)


def test_the_text_is_at_most_80_columns_and_draws_both_curves(denver):
    lines = list(luck_lines(*denver))
    text = text_of(*denver)
    assert max(map(len, lines)) <= 80
    assert all(ord(letter) < 128 or letter == "§" for line in lines for letter in line)
    assert "363 people are served and compared with 361 others" in text
    assert "luck would still have something paid in 1.9% of cases (standard error 0.01 points)" in text
    assert "To pay for nothing in less than 5% of cases, about 458 people are enough" in text
    drawn = [line[8:] for line in lines if line.startswith("  ") and len(line) > 8 and line[7] == " "]
    for mark in "ox":
        columns = {at for line in drawn for at, letter in enumerate(line[:57]) if letter in (mark, "*")}
        assert columns >= set(range(57))
    marked = any("*" in line[:57] for line in drawn)
    assert marked == any(line.endswith("* both") for line in lines)


def test_the_data_are_plain_and_say_null_for_what_cannot_be_told(denver):
    (one,) = luck_data(*denver)
    assert json.loads(json.dumps(one, allow_nan=False)) == one
    assert (one["nothing"], one["target"], len(one["sizes"])) == ("0%", "20%", 8)
    now = next(size for size in one["sizes"] if size["multiple"] == 1)
    assert now["people"] == 724
    assert now["paid_for_nothing"]["value"] == pytest.approx(0.0193, abs=0.0005)
    made = worked({"m": {"tiers": ALL}}, {"target": "50%"}, value={"uniform": {"least": "0%", "most": "40%"}})
    (never,) = luck_data(made.contract, [told(made, 1024)])
    json.dumps(never, allow_nan=False)
    assert never["sizes"][0]["missed"] == {"value": None, "error": None}
    assert max(map(len, luck_lines(made.contract, [told(made, 1024)]))) <= 80


def test_the_text_says_what_is_paid_in_any_case_what_is_biased_and_what_cannot_be_told():
    rule = {"tiers": [{"below": "20%", "pays": "300"}, {"from": "20%", "pays": "1000"}]}
    made = worked({"m": rule}, {"design": "matched", "bias": "5%"})
    text = text_of(made.contract, [told(made, 1024)])
    assert "The $300 on average that the contract pays even so, without luck, is not counted in this." in text
    assert "20% or more, from which on something is earned" in text
    assert "differ to begin with does not shrink with more people" in text
    shut = {"price": "10", "gate": {"none_of": [{"metric": "m", "from": "20%"}]}}
    days = {"days": {"unit": "day"}}
    made = worked({"days": shut}, metrics=days, believed={"days": {"value": "100"}})
    one = told(made, 1024)
    text = text_of(made.contract, [one])
    assert one.target is None
    assert "say target in the scenario" in text
    assert "missed" not in text
    (data,) = luck_data(made.contract, [one])
    assert (data["target"], data["target_met"]["value"]) == (None, None)


def test_the_error_of_a_total_is_that_of_each_of_those_who_are_served():
    # 135 are served: the error of their total is 135 times that of the average of one, 250 sqrt(2 / 135)
    sd = {}
    for measures in ("average", "total"):
        size = {"treated": "135", "control": "135", "spread": "250", "measures": measures}
        made = worked({"m": {"price": "1"}}, size, {"unit": "day", "least": "none"}, "0")
        (part,) = made.scenario.parts["m"]
        sd[measures] = float(part.error.deviation(np.zeros((1, 1)))[0, 0])
    assert sd["average"] == pytest.approx(250 * np.sqrt(2 / 135))
    assert sd["total"] == pytest.approx(135 * sd["average"])
