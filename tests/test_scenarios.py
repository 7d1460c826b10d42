"""What a scenario says of a metric is what is drawn: means, spreads and supports against closed forms."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scenes import ROOT, SPECS, alike, contract, drawn, near, scene, uniforms
from scipy import stats

from payfs.simulate.paths import measured_on
from payfs.simulate.run import Run
from payfs.simulate.scenario import find_scenario, load_scenario
from payfs.simulate.worked import Worked
from payfs.text import Refused

EXAMPLES = sorted(path.stem for path in (ROOT / "simulations").glob("*.yaml"))


def test_a_certain_value_is_the_same_in_every_period_and_on_every_path():
    values = drawn(scene("  jobs: 12\n"), "jobs", 50)
    assert values.shape == (1, 3, 50)
    assert (values == 12).all()


def test_a_value_is_drawn_once_or_for_each_period_and_rounded_to_the_step():
    once = drawn(scene("  hours: {value: {normal: {mean: 100, sd: 10}}, varies: once}\n"), "hours")[0]
    each = drawn(scene("  hours: {value: {normal: {mean: 100, sd: 10}}, varies: each period}\n"), "hours")[0]
    assert (once[0] == once[2]).all()
    assert (once * 2 == np.rint(once * 2)).all()
    for row in (once[0], *each):
        near(row, 100, np.sqrt(100 + 0.5**2 / 12))
    assert abs(np.corrcoef(each[0], each[2])[0, 1]) < 0.02


def test_cohorts_may_share_a_draw_or_have_one_each():
    words = "  exits: {{value: {{poisson: {{mean: 30}}}}, varies: {}}}\n"
    for varies, in_time, across in (("each cohort", 1, 0), ("each period", 0, 1), ("each period and cohort", 0, 0)):
        values = drawn(scene(words.format(varies)), "exits")
        assert np.corrcoef(values[0, 0], values[0, 1])[0, 1] == pytest.approx(in_time, abs=0.02)
        assert np.corrcoef(values[0, 0], values[1, 0])[0, 1] == pytest.approx(across, abs=0.02)
        near(values[1, 2], 30, np.sqrt(30))


def test_people_with_a_certain_chance_are_binomial():
    values = drawn(scene("  jobs: {people: 300, chance: 20%}\n"), "jobs")[0, 1]
    near(values, 60, np.sqrt(300 * 0.2 * 0.8))
    assert values.min() >= 0
    assert values.max() <= 300


def test_a_chance_that_all_share_does_not_average_out():
    """Of a chance Beta(a, b), the count is beta-binomial: N. L. Johnson and others, 2005, 6.2.2."""
    a, b, n = 6.0, 14.0, 300
    values = drawn(scene(f"  jobs: {{people: {n}, chance: {{beta: {{a: 6, b: 14}}}}}}\n"), "jobs")[0]
    mean = n * a / (a + b)
    variance = mean * b / (a + b) * (a + b + n) / (a + b + 1)
    near(values[0], mean, np.sqrt(variance))
    shared = n * n * a * b / (a + b) ** 2 / (a + b + 1)  # the covariance of two periods, which share the chance
    assert np.cov(values[0], values[1])[0, 1] == pytest.approx(shared, rel=0.05)
    expected = stats.betabinom(n, a, b)
    assert stats.ks_2samp(values[0], expected.rvs(40_000, random_state=7)).pvalue > 0.001


def test_a_chance_may_have_a_draw_for_each_period():
    values = drawn(scene("  jobs: {people: 300, chance: {beta: {a: 6, b: 14}}, varies: each period}\n"), "jobs")[0]
    assert abs(np.corrcoef(values[0], values[1])[0, 1]) < 0.02


def test_an_uncertain_number_of_people_spreads_the_count():
    """Poisson people with a chance are Poisson (thinning)."""
    values = drawn(scene("  jobs: {people: {poisson: {mean: 200}}, chance: 30%}\n"), "jobs")[0, 0]
    near(values, 60, np.sqrt(60))
    assert stats.ks_2samp(values, stats.poisson(60).rvs(40_000, random_state=3)).pvalue > 0.001


def test_of_a_percentage_people_and_a_chance_give_the_share():
    values = drawn(scene("  rate: {people: 50, chance: 40%}\n"), "rate")[0, 0]
    near(values, 0.4, np.sqrt(0.4 * 0.6 / 50))
    assert np.allclose(values * 50, np.rint(values * 50))
    assert (drawn(scene("  rate: {people: 0, chance: 40%}\n"), "rate", 50) == 0).all()


def test_yes_or_no_happens_with_its_chance():
    values = drawn(scene("  met: {chance: 35%}\n"), "met")[0]
    assert set(np.unique(values)) == {0, 1}
    near(values[1], 0.35, np.sqrt(0.35 * 0.65))
    assert abs(np.corrcoef(values[0], values[1])[0, 1]) < 0.02


def test_what_people_add_up_to_has_the_mean_and_spread_of_a_sum():
    values = drawn(scene("  days: {people: 400, each: {pert: {least: 0, most likely: 30, most: 90}}}\n"), "days")[0]
    a, b = 1 + 4 * 30 / 90, 1 + 4 * 60 / 90
    one = stats.beta(a, b, scale=90)
    near(values[0], 400 * one.mean(), np.sqrt(400 * (one.var() + 1 / 12)))
    assert abs(np.corrcoef(values[0], values[1])[0, 1]) < 0.02


def test_of_some_people_each_adds_something():
    """The sum over a binomial number of people: n p m, and n (p v + p (1 - p) m^2) (Wald)."""
    values = drawn(scene("  days: {people: 300, chance: 40%, each: {poisson: {mean: 7}}}\n"), "days")[0, 0]
    near(values, 300 * 0.4 * 7, np.sqrt(300 * (0.4 * 7 + 0.24 * 49)))
    shared = drawn(scene("  days: {people: 300, chance: {beta: {a: 6, b: 9}}, each: 7}\n"), "days")[0, 0]
    near(shared, 840, 7 * np.sqrt(300 * 0.24 * 315 / 16))


def test_days_of_the_period_multiply_what_each_person_adds():
    values = drawn(scene("  days: {people: 100, each: {beta: {a: 5, b: 1}}, times: days of the period}\n"), "days")[0]
    for row, days in zip(values, (366, 365, 365), strict=True):
        near(row, 100 * days * 5 / 6, np.sqrt(100 * days**2 * 5 / 36 / 7))


def test_what_all_share_multiplies_the_sum():
    values = drawn(scene("  days: {people: 100, each: 10, together: {uniform: {least: 80%, most: 120%}}}\n"), "days")[0]
    near(values[0], 1000, 1000 * 0.4 / np.sqrt(12))
    assert (values[0] == values[2]).all()


def test_a_trend_grows_or_adds_from_the_first_period_of_its_own():
    grown = drawn(scene("  hours: {value: 100, trend: {grows: 10%}}\n"), "hours", 4)[0, :, 0]
    added = drawn(scene("  hours: {value: 100, trend: {adds: -20}}\n"), "hours", 4)[0, :, 0]
    summed = drawn(scene("  hours: {people: 10, each: 10, trend: {adds: -20}}\n"), "hours", 4)[0, :, 0]
    chance = drawn(scene("  jobs: {people: 1000, chance: 50%, trend: {adds: 40%}}\n"), "jobs", 4000)[0].mean(axis=1)
    words = "  hours:\n    by_period: {2020: 7, others: {value: 100, trend: {grows: 10%}}}\n"
    later = drawn(scene(words), "hours", 4)[0, :, 0]
    assert grown.tolist() == [100, 110, 121]
    assert added.tolist() == [100, 80, 60]
    assert summed.tolist() == [100, 80, 60]
    assert chance == pytest.approx([500, 900, 1000], abs=2)
    assert later.tolist() == [7, 100, 110]


def test_an_uncertain_trend_is_one_draw():
    values = drawn(scene("  hours: {value: 100, trend: {grows: {uniform: {least: 0%, most: 20%}}}}\n"), "hours")[0]
    near(values[1], 110, 100 * 0.2 / np.sqrt(12))
    assert np.corrcoef(values[1], values[2])[0, 1] > 0.99


def test_who_drops_out_is_gone_and_places_are_not_overfilled():
    values = drawn(scene("  jobs: {people: 400, chance: 100%, dropout: 10%}\n"), "jobs")[0]
    assert (values[0] == 400).all()
    near(values[1], 360, np.sqrt(400 * 0.9 * 0.1))
    near(values[2], 324, np.sqrt(400 * 0.81 * 0.19))
    assert (values[2] <= values[1]).all()
    people = "{by_period: {2020: 100, 2021: 50, 2022: 80}}"
    fewer = drawn(scene(f"  jobs: {{people: {people}, chance: 100%, dropout: 10%}}\n"), "jobs")[0]
    assert (fewer[1] <= 50).all()
    near(fewer[2], 30 + 0.9 * fewer[1].mean(), np.sqrt(0.09 * fewer[1].mean() + 0.81 * fewer[1].var()))


def test_people_enrol_evenly_and_perhaps_late():
    words = "{enrolment: {full: 240, from: 2020-07-01, months: 24, late: %s}}"
    sure = drawn(scene(f"  jobs: {{people: {words % 0}, chance: 100%}}\n"), "jobs", 3)[0, :, 0]
    assert sure.tolist() == [np.rint(240 * 184 / 730.5), np.rint(240 * 549 / 730.5), 240]
    late = drawn(scene(f"  jobs: {{people: {words % '{uniform: {least: 0, most: 6}}'}, chance: 100%}}\n"), "jobs")[0]
    near(late[0], 240 * (184 - 3 * 30.4375) / 730.5, 240 * 6 * 30.4375 / np.sqrt(12) / 730.5)
    assert late[2].max() == 240


def test_days_count_from_the_day_on_which_people_come():
    """Who enrols evenly over a year of 365.25 days is there for half of it."""
    words = "{enrolment: {full: 1000, from: 2020-01-01, months: 12}}"
    values = drawn(scene(f"  days: {{people: {words}, each: 100%, times: days of the period}}\n"), "days", 3)[0, :, 0]
    assert values.tolist() == [1000 * (366 - 365.25 / 2), 365_000, 365_000]


def test_people_differ_by_cohort_and_by_period():
    values = drawn(scene("  exits: {people: {by_cohort: {east: 40, west: 10}}, chance: 100%}\n"), "exits", 3)[:, :, 0]
    assert values.tolist() == [[40] * 3, [10] * 3]
    values = drawn(scene("  jobs: {people: {by_period: {2020: 5, 2021 to 2022: 9}}, chance: 100%}\n"), "jobs", 3)
    assert values[0, :, 0].tolist() == [5, 9, 9]


def test_what_is_believed_differs_by_cohort_and_by_period():
    words = """
  exits:
    by_cohort:
      east: {by_period: {years: 3, 2021: 4}}
      west: {people: 10, chance: 100%}
"""
    values = drawn(scene(words), "exits", 3)[:, :, 0]
    assert values.tolist() == [[3, 4, 3], [10, 10, 10]]


def test_of_what_counts_to_date_each_period_adds_and_the_most_holds():
    values = drawn(scene("  served: 100\n"), "served", 3)[0, :, 0]
    assert values.tolist() == [100, 200, 250]


def test_what_cannot_be_is_drawn_anew_and_not_moved_to_the_end():
    values = drawn(scene("  rate: {value: {normal: {mean: 95%, sd: 3%}}, varies: each period}\n"), "rate")[0, 0]
    assert values.max() <= 1
    assert (values == 1).mean() < 0.01  # at the end as elsewhere, where 5% would have lain beyond it
    with pytest.raises(Refused, match=r"outside of what can be with a chance of 50"):
        scene("  rate: {value: {normal: {mean: 100%, sd: 3%}}, varies: each period}\n")


def test_a_value_may_be_a_share_of_another_result():
    values = scene(
        "  hours: {value: {normal: {mean: 500, sd: 50}}, varies: each period}\n  days: {of: hours, value: 80%}\n"
    )
    hours, days = drawn(values, "hours", 100), drawn(values, "days", 100)
    assert (days == np.floor(hours * 0.8 + 0.5 + 1e-12)).all()


@pytest.mark.parametrize(
    ("design", "more", "spread"),
    [
        ("randomised", "spread: 120%", 1.2 * np.sqrt(1 / 400 + 1 / 300)),
        ("matched", "spread: 120%, bias: {normal: {mean: 5%, sd: 3%}}", np.hypot(0.03, 1.2 * np.sqrt(7 / 1200))),
    ],
)
def test_an_evaluation_measures_with_the_error_of_its_size(design, more, spread):
    words = f"{{design: {design}, treated: 400, control: 300, {more}}}"
    terms = contract().text.replace("least: 0%, most: 100%", "least: -500%, most: 500%")
    made = scene(f"  rate: {{value: 40%, evaluation: {words}}}\n", "", contract(terms))
    near(drawn(made, "rate")[0, 0], 0.45 if "bias" in more else 0.4, spread)


def test_delays_are_drawn_in_steps_once_or_for_each_period():
    made = scene("  jobs: 1\n", "delays: {payer: {days: {uniform: {least: 0, most: 90}}, step: 30}, bank: 45}\n")
    u = uniforms(made, 9000, 1)
    days = made.late["payer"].days(u)
    assert days.shape == (3, 9000)
    assert set(np.unique(days)) == {0, 30, 60, 90} - {0}  # rounded up, and none is exactly nothing
    assert [round((days[0] == step).mean(), 1) for step in (30, 60, 90)] == [0.3, 0.3, 0.3]
    assert abs(np.corrcoef(days[0], days[1])[0, 1]) < 0.05
    assert (made.late["bank"].days(u) == 60).all()
    once = scene("  jobs: 1\n", "delays: {payer: {days: between 0 and 90, varies: once}}\n")
    days = once.late["payer"].days(uniforms(once, 50, 1))
    assert (days[0] == days[2]).all()


def test_inputs_go_together_by_their_ranks():
    made = scene(
        "  hours: {value: {lognormal: {mean: 100, sd: 40}}, varies: once}\n"
        "  jobs: {people: {uniform: {least: 1000, most: 9000}}, chance: 100%}\n",
        "correlation: [{between: [hours, how many people of jobs], rank: -0.6}]\n",
    )
    hours, jobs = drawn(made, "hours")[0, 0], drawn(made, "jobs")[0, 0]
    assert stats.spearmanr(hours, jobs).statistic == pytest.approx(-0.6, abs=0.015)
    near(hours, 100, 40)


# -- people without drawing people


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        ("jobs", "people: 80, chance: 30%"),
        ("jobs", "people: 80, chance: {beta: {a: 3, b: 7}}"),
        ("jobs", "people: between 40 and 80, chance: {beta: {a: 3, b: 7}}, dropout: between 5% and 20%"),
        ("rate", "people: 80, chance: {beta: {a: 3, b: 7}}, varies: each period"),
        ("days", "people: 60, each: {beta: {a: 5, b: 1}}, times: days of the period"),
        ("days", "people: {discrete: {20: 50%, 60: 50%}}, each: {poisson: {mean: 4}}, dropout: 20%"),
        ("days", "people: 50, chance: {beta: {a: 6, b: 4}}, each: {poisson: {mean: 9}}, varies: each period"),
        ("days", "people: between 20 and 50, chance: 30%, each: {uniform: {least: 0, most: 30}}, dropout: 10%"),
        ("hours", "people: 30, each: {normal: {mean: 3, sd: 9}}, together: {normal: {mean: 100%, sd: 10%}}"),
    ],
)
def test_sums_and_people_agree(metric, words):
    one, other = (
        drawn(scene(f"  {metric}: {{{words}, drawn: {how}}}\n"), metric, 8000, seed)[0]
        for how, seed in (("sums", 1), ("people", 2))
    )
    for place in range(3):
        alike(one[place], other[place])
    alike(one.sum(axis=0), other.sum(axis=0))


@pytest.mark.parametrize(
    "each", ["{poisson: {mean: 0.2}}", "{discrete: {0: 70%, 30: 20%, 90: 10%}}", "{beta: {a: 5, b: 1}}"]
)
def test_many_people_of_whom_the_number_is_uncertain_are_still_exactly_summed(each):
    """Between the tables of two numbers near by lies what the table of the number itself gives."""
    more = ", times: 365" if "beta" in each else ""
    made = scene(f"  days: {{people: {{uniform: {{least: 600, most: 3000}}}}, each: {each}{more}}}\n")
    (part,) = made.parts["days"]
    u = uniforms(made, 3000, 5)
    for many in (613, 1000, 2777):
        people = np.full(3000, many)
        found = part._among_many(part.times[0], people, u[1])
        exact = part._table((part.times[0], many), lambda: part.one(part.times[0])).quantile(u[1])
        one = part.one(part.times[0])
        sd = np.sqrt(many * one.variance)
        assert np.abs(found - exact).max() <= max(0.02 * sd, 90 if "30" in each else 1)
        assert abs(found.mean() - exact.mean()) <= 0.002 * sd
        if "30" in each:
            assert set(np.unique(found % 30)) == {0}


@pytest.mark.parametrize(
    "words", ["people: %s, chance: between 20% and 40%", "people: %s, each: {beta: {a: 5, b: 1}}, times: 30"]
)
@pytest.mark.parametrize("many", ["%d", "{uniform: {least: 1, most: %d}}"])
def test_the_cost_does_not_grow_with_the_number_of_people(words, many):
    def seconds(people: int) -> float:
        text = words.replace("%s", many % people)
        made = scene(f"  days: {{{text}}}\n")
        u = uniforms(made, 20_000, 1)
        measured_on(made, u)  # tables are made once
        best = np.inf
        for _ in range(3):
            start = time.perf_counter()
            measured_on(made, u)
            best = min(best, time.perf_counter() - start)
        return best

    assert seconds(300_000) < 10 * seconds(300) + 0.3  # a thousand times the people


# -- the same bits, whoever draws them


@pytest.mark.parametrize("name", EXAMPLES)
def test_one_path_of_a_batch_is_that_path_alone_and_blocks_change_no_bit(name):
    made = load_scenario(find_scenario(name))
    draws = made.draws(paths=200)
    whole = measured_on(made, draws.between(0, 200))
    for start, stop in ((0, 1), (57, 58), (199, 200), (40, 117)):
        part = measured_on(made, draws.between(start, stop))
        for metric, series in whole.series.items():
            assert (series.values[..., start:stop] == part.series[metric].values).all()
        for rule, claims in whole.by_claim.items():
            assert (claims.due[..., start:stop] == part.by_claim[rule].due).all()


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_scenarios_run_in_a_moment(name):
    made = load_scenario(find_scenario(name))
    start = time.process_time()
    risk = Run(Worked(made), made.draws(paths=2000)).risk()
    assert time.process_time() - start < 10
    assert risk["total"].figures["mean"].value > 0
    assert risk["total"].figures["p5"].value < risk["total"].figures["p95"].value


@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - {"denver-sib"}))
def test_a_scenario_of_a_real_contract_says_that_its_beliefs_are_made_up(name):
    made = load_scenario(find_scenario(name))
    assert any("made up for illustration" in note for note in made.spec.notes)
    assert (SPECS / f"{made.spec.contract}.yaml").is_file()
