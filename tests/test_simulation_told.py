"""What a simulation says: sentences and tables of 80 columns, in figures that can be recounted from the paths."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from told_scenarios import SCENARIOS, made, written

from payfs.report.histogram import histogram
from payfs.report.sensitivity_text import moved_at_once, sensitivity_data, sensitivity_lines
from payfs.report.simulation_data import simulation_data
from payfs.report.simulation_figures import margin, number, share, shown_of
from payfs.report.simulation_text import enough_said, few_said, simulation_lines, summary
from payfs.report.solved_text import solved_data, solved_lines
from payfs.simulate.labels import meanings, units_in
from payfs.simulate.model import Input
from payfs.simulate.question import read_question, units_of
from payfs.simulate.risk import GRID, Risk
from payfs.simulate.run import Run
from payfs.simulate.scenario import find_scenario, load_scenario
from payfs.simulate.sensitivity import Estimate, Indices, Swing, rank_correlations, sobol_indices, tornado
from payfs.simulate.solve import solve
from payfs.simulate.worked import Worked
from payfs.text import Refused


def text_of(run: Run) -> str:
    return "\n".join(simulation_lines(run, run.risk()))


def flowing(text: str) -> str:
    """The text without its line breaks, as it is read aloud."""
    return " ".join(text.split())


def paths_of(run: Run) -> dict[str, np.ndarray]:
    blocks = [outcomes for _, outcomes in run.outcomes(range(run.draws.replicates), 1)]
    return {label: np.concatenate([block[label] for block in blocks]) for label in blocks[0]}


def columns(line: str) -> list[str]:
    return re.split(r"\s{2,}", line.strip())


@pytest.mark.parametrize("paths", [1, 3, 200])
@pytest.mark.parametrize("name", SCENARIOS)
def test_no_line_is_wider_than_a_terminal(name: str, paths: int, tmp_path: Path) -> None:
    lines = text_of(made(tmp_path, name, paths)).splitlines()
    assert [line for line in lines if len(line) > 80] == []
    assert [line for line in lines if line != line.rstrip() or "nan" in line] == []


def test_denver_is_told_at_80_columns_in_its_own_words() -> None:
    worked = Worked(load_scenario(find_scenario("denver-sib")))
    text = text_of(Run(worked, worked.scenario.draws(1600)))
    assert max(map(len, text.splitlines())) <= 80
    for said in ("Supportive Housing", "budget of $10,000,000", 'the limit of the rule "housing" binds', "seed 2016"):
        assert said in flowing(text)
    assert "No source says how much is put in, so what is lost, the multiple and the IRR are not known." in flowing(
        text
    )


def test_the_paragraph_says_what_can_be_worked_out_by_hand(tmp_path: Path) -> None:
    # 10 or 20 homes in each of two years at 1,000.50, and 2 x 2,000 or nothing for the index: the total is 20,010,
    # 30,015 or 40,020 with chances of 1/4, 1/2 and 1/4, and half of the time 4,000 more
    run = made(tmp_path, "plain")
    assert summary(run, run.risk()) == (
        "4,096 paths, each a possible course of this contract, were drawn and paid exactly as it says. On average "
        "$32,015.00 is paid over both fiscal years together. $40,020.00 is enough on 80% of the paths, and $44,020.00 "
        "on every one. What to appropriate in each year stands below. The budget of $30,000.00 is passed on 75.0% of "
        "the paths. Something is paid on every path."
    )


def test_the_paragraph_of_one_path_is_about_one_path(tmp_path: Path) -> None:
    run = made(tmp_path, "plain", 1)
    said = summary(run, run.risk())
    assert said.startswith(
        "One path, a possible course of this contract, was drawn and paid exactly as it says. On it $"
    )
    assert re.search(r"is passed on (every|no) path\.", said)


def test_where_three_paths_differ_none_is_taken_for_all(tmp_path: Path) -> None:
    run = made(tmp_path, "stack", 3)
    assert "On every one of them" not in summary(run, run.risk())


def test_a_budget_by_year_names_the_year_that_passes_it_most_often(tmp_path: Path) -> None:
    run = made(tmp_path, "stack")
    paths, risk = paths_of(run), run.risk()
    often = {year: paths[f"fiscal year {year} passes its budget"].mean() for year in ("2024/25", "2025/26")}
    assert often["2024/25"] > often["2025/26"]
    either = (paths["fiscal year 2024/25"] > 30_000_000) | (paths["fiscal year 2025/26"] > 45_000_000)
    chance = risk.chance("any fiscal year passes its budget").value
    assert chance == pytest.approx(either.mean())
    said = f"at least one fiscal year is passed on {share(chance)} of the paths, most often that of 2024/25"
    assert said in summary(run, risk)


def test_passing_a_budget_is_counted_path_by_path_and_not_read_off_a_percentile(tmp_path: Path) -> None:
    run = made(tmp_path, "plain")
    paths = paths_of(run)
    assert np.array_equal(paths["total passes the budget"], paths["total"] > 3_000_000)
    assert run.risk().chance("total passes the budget").value == (paths["total"] > 3_000_000).mean()


def test_what_comes_to_the_budget_exactly_does_not_pass_it(tmp_path: Path) -> None:
    file = written(tmp_path, "plain")
    text = file.read_text(encoding="utf-8").replace("30,000", "44,020")
    file.write_text(text, encoding="utf-8")
    worked = Worked(load_scenario(file))
    run = Run(worked, worked.scenario.draws())
    assert run.risk()["total"].grid[-1] == 4_402_000
    assert "The budget of $44,020.00 is passed on no path." in summary(run, run.risk())


def test_a_budget_for_a_year_without_payments_is_refused_with_its_place(tmp_path: Path) -> None:
    file = written(tmp_path, "stack")
    file.write_text(file.read_text(encoding="utf-8").replace("2025/26:", "2025-26:"), encoding="utf-8")
    with pytest.raises(Refused) as refused:
        load_scenario(file)
    (found,) = refused.value.findings
    assert str(found).endswith(
        "scenario.yaml:6:27: budget.2025-26: no payment falls into a fiscal year '2025-26'; did you mean '2025/26'"
    )


def test_every_amount_of_a_table_has_its_standard_error_below(tmp_path: Path) -> None:
    run = made(tmp_path, "stack")
    risk = run.risk()
    lines = list(simulation_lines(run, risk))
    at = next(place for place, line in enumerate(lines) if line.strip().startswith("2025/26  "))
    figures = risk["fiscal year 2025/26"].figures
    names = ("mean", "p5", "p50", "p80", "p95")
    assert columns(lines[at]) == ["2025/26", *(number(figures[name].value / 100, 0) for name in names)]
    assert columns(lines[at + 1]) == [margin(figures[name].error / 100, 0) for name in names]


def test_the_stack_is_told_by_tranche_with_what_it_may_lose(tmp_path: Path) -> None:
    run = made(tmp_path, "stack")
    text, paths = flowing(text_of(run)), paths_of(run)
    lost = paths["bank loan loss"]
    chance = f"{number(100 * (lost > 0).mean(), 2)}%"
    assert f"bank loan mean 5% 50% 95% IRR a year {number(100 * paths['bank loan IRR'].mean(), 2)}%" in text
    assert f"Money is lost on {chance} ±" in text
    assert f"On average £{number(lost.mean() / 100, 0)} ±" in text
    assert "Lowest cash of Better Lives Ltd [GBP]" in text
    assert "It falls below nothing on 100% ± 0% of the paths." in text
    assert text.index("All tranches together") > text.index("trust stake mean")


def test_a_stack_with_a_gap_names_it_and_the_payments_are_told_all_the_same(tmp_path: Path) -> None:
    text = flowing(text_of(made(tmp_path, "gap")))
    assert "They are not worked out. Capital.tranches.bank loan.interest.rate: it is unknown" in text
    assert "What investors can lose is not known: the sources do not say enough of the capital." in text
    assert "Payments by fiscal year [GBP]" in text


def test_a_contract_without_capital_says_nothing_of_investors(tmp_path: Path) -> None:
    text = text_of(made(tmp_path, "plain"))
    assert "nvestor" not in text
    assert "tranche" not in text
    assert "ash of" not in text


def test_amounts_in_yen_have_no_decimals_and_large_ones_stand_in_thousands(tmp_path: Path) -> None:
    text = text_of(made(tmp_path, "yen"))
    assert "Payments by fiscal year [thousands of JPY]" in text
    assert (
        "¥2,441,000,000 is the most that is paid on any path, and on at least a fifth of them it is paid."
        in flowing(text)
    )
    assert not re.search(r"¥[\d,]+\.\d", text)


def test_it_says_how_the_paths_were_drawn_and_how_many_would_have_been_enough(tmp_path: Path) -> None:
    text = flowing(text_of(made(tmp_path, "yen")))
    assert "2,000 paths were drawn at random, in 16 independent replicates, from the seed 1." in text
    assert "2,000 paths are not enough to know the mean of the total to a thousandth of it" in text
    text = flowing(text_of(made(tmp_path, "plain")))
    assert "drawn as Sobol' sequences, in 16 independent replicates, from the seed 3." in text
    assert "128 paths would have been enough to know the mean of the total to a thousandth of it." in text


def test_enough_is_told_for_every_case() -> None:
    assert enough_said(Risk({}, 1000, 1, None)).startswith("From one replicate alone")
    assert enough_said(Risk({}, 1000, 16, 1000)).startswith("All 1,000 paths were needed")


# -- the drawing


def drawn(run: Run) -> dict[str, str]:
    """The bars by the amount beside them."""
    lines = text_of(run).splitlines()
    rows = [re.fullmatch(r" +([\d,.-]+) \|(#*) ?(<?\d+)%", line) for line in lines]
    return {row[1]: row[3] for row in rows if row}


def test_the_bars_of_an_amount_that_can_only_be_a_few_show_these_and_nothing_between(tmp_path: Path) -> None:
    bars = drawn(made(tmp_path, "plain"))
    there = {amount for amount, percent in bars.items() if percent != "0"}
    assert there == {"22,000.00", "26,000.00", "32,000.00", "36,000.00", "42,000.00", "46,000.00"}
    assert {bars["32,000.00"], bars["36,000.00"]} == {"25"}
    for tail in ("22,000.00", "26,000.00", "42,000.00", "46,000.00"):
        assert abs(int(bars[tail]) - 12.5) < 1  # read off percentiles that are half a percent apart


def test_the_bars_add_up_to_all_paths(tmp_path: Path) -> None:
    grid = np.sort(np.random.default_rng(1).normal(5e7, 1e7, len(GRID)))
    shown = shown_of(made(tmp_path, "plain").worked.contract.money, [9e7])
    shares = [int(line.rpartition(" ")[2].strip("<%")) for line in histogram(grid, shown) if "%" in line]
    assert sum(shares) == pytest.approx(100, abs=len(shares) / 2)


@pytest.mark.parametrize("budget", [100, 3_000_000, 4_402_000, 99_000_000])
def test_the_budget_is_marked_once_and_splits_the_bars_where_it_lies(budget: int, tmp_path: Path) -> None:
    run = made(tmp_path, "plain")
    risk = run.risk()
    lines = list(histogram(risk["total"].grid, shown_of(run.worked.contract.money, [4e6]), budget, "the budget"))
    (mark,) = [place for place, line in enumerate(lines) if "the budget" in line]
    upto = [int(line.split("|")[0].replace(",", "").replace(".", "")) for line in lines if "|" in line]
    assert all(amount <= budget for amount in upto[: mark - 1])
    assert all(amount > budget for amount in upto[mark - 1 :])
    assert max(map(len, lines)) <= 80


def test_one_amount_for_all_paths_is_one_bar(tmp_path: Path) -> None:
    grid = np.full(len(GRID), 123_456.0)
    lines = list(histogram(grid, shown_of(made(tmp_path, "plain").worked.contract.money, [123_456])))
    assert len(lines) == 2
    assert lines[1].endswith("# 100%")


def test_percentiles_are_amounts_that_some_path_came_to(tmp_path: Path) -> None:
    run = made(tmp_path, "yen")
    grid = run.risk()["total"].grid
    assert set(grid) == {0, 2_441_000_000}


# -- figures


def test_a_small_standard_error_is_not_written_as_none() -> None:
    assert margin(0.0, 0) == "± 0"
    assert margin(0.3, 0) == "± <1"
    assert margin(0.5, 0) == "± 1"
    assert margin(1554.4, 0) == "± 1,554"
    assert margin(1554.4, 0, before="$") == "± $1,554"
    assert margin(0.2, 0, before="$") == "± <$1"
    assert margin(0.004, 2, "%") == "± <0.01%"
    assert margin(float("nan"), 0) == "± ?"


def test_a_chance_that_is_not_certain_is_never_said_to_be() -> None:
    assert [share(p) for p in (0, 0.00001, 0.0042, 0.205, 0.9998, 0.999999, 1)] == [
        "0%",
        "less than 0.01%",
        "0.42%",
        "20.5%",
        "99.98%",
        "more than 99.99%",
        "100%",
    ]


def test_no_minus_stands_before_a_nought() -> None:
    assert number(-0.4, 0) == "0"
    assert number(-2.5, 0) == "-3"


# -- plain data


@pytest.mark.parametrize("paths", [1, 200])
@pytest.mark.parametrize("name", SCENARIOS)
def test_plain_data_is_json_without_numbers_that_json_has_not(name: str, paths: int, tmp_path: Path) -> None:
    run = made(tmp_path, name, paths)
    data = simulation_data(run, run.risk())
    assert json.loads(json.dumps(data, allow_nan=False)) == data


def test_plain_data_has_amounts_as_text_and_chances_as_numbers(tmp_path: Path) -> None:
    run = made(tmp_path, "plain")
    data = simulation_data(run, run.risk())
    total = data["results"]["total"]
    assert total["unit"] == "USD"
    assert total["figures"]["mean"]["value"] == "32015.00"
    assert total["percentiles"]["100"] == "44020.00"
    passes = data["results"]["total passes the budget"]
    assert passes["figures"]["probability"] == {"value": 0.75, "standard_error": 0.0}
    assert (passes["kind"], passes["unit"], passes["percentiles"]) == ("budget", "event", {})
    assert data["results"]["index: from 50%, $2,000.00"]["rule"] == "index"
    assert data["budget"] == {"total": "30000.00"}


def test_every_label_is_told_apart_by_kind(tmp_path: Path) -> None:
    run = made(tmp_path, "stack")
    found = meanings(run.worked, units_in(run.risk()))
    assert "other" not in {meaning.kind for meaning in found.values()}
    assert found["all tranches IRR"][:3] == ("IRR", "all tranches", "rate")
    assert found["fiscal year 2024/25 passes its budget"][:3] == ("budget", "2024/25", "event")
    assert found["limit cap binds"][:3] == ("limit", "cap", "event")
    assert {label: meaning.unit for label, meaning in found.items()} == units_of(paths_of(run))


def test_so_few_paths_as_tell_nothing_of_percentiles_are_told(tmp_path: Path) -> None:
    run = made(tmp_path, "plain", 1)
    assert "One path says nothing of percentiles or chances" in flowing(text_of(run))
    run = made(tmp_path, "plain", 60)
    assert "60 paths say nothing of percentiles near the ends" in flowing(text_of(run))
    run = made(tmp_path, "plain", 4096)
    assert few_said(run.risk()) == ""


# -- sensitivity and solving


def test_sensitivities_are_drawn_the_strongest_first_at_80_columns(tmp_path: Path) -> None:
    run = made(tmp_path, "stack", 256)
    labels = ["total", "bank loan IRR", "nothing is paid"]
    found = [way(run.worked, labels, run.draws) for way in (tornado, rank_correlations, sobol_indices)]
    lines = list(sensitivity_lines(run.worked, run.draws, *found))
    assert max(map(len, lines)) <= 80
    assert [line for line in lines if "nan" in line] == []
    bars = [re.fullmatch(r"  (.+?) +\|( *)(#+) *\|", line) for line in lines]
    tornado_of_total = [bar for bar in bars if bar][:3]
    assert [bar[1] for bar in tornado_of_total] == [one.input for one in found[0]["total"]]
    assert len(tornado_of_total[0][3]) == max(len(bar[3]) for bar in tornado_of_total)
    assert "There are none: the result is the same on every path" in flowing("\n".join(lines))
    data = sensitivity_data(run.worked, run.draws, *found)
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["results"]["total"]["tornado"][0]["low"]["value"].count(".") == 1
    assert data["results"]["total"]["sobol_indices"][0]["total"]["value"] > 0


def test_an_input_that_is_drawn_for_each_period_is_said_to_be_moved_in_all_of_them_at_once(tmp_path: Path) -> None:
    run = made(tmp_path, "stack", 64)
    many = {one.name: len(one.columns) for one in run.worked.inputs if len(one.columns) > 1}
    assert many
    text = flowing("\n".join(sensitivity_lines(run.worked, run.draws, tornado(run.worked, ["total"], run.draws))))
    for name, draws in many.items():
        assert f"{name} ({draws} draws)" in text
    assert "but moved here in all of them at once" in text
    assert moved_at_once([Input("index", (0,))]) == ""


def test_the_answer_of_a_search_is_told_with_every_place_that_was_looked_at(tmp_path: Path) -> None:
    worked = made(tmp_path, "plain").worked
    units = units_of(worked.evaluate(np.full((worked.columns, 1), 0.5)))
    question = read_question("mean(total) <= 20,000", units, worked.contract.money)
    solved = solve(lambda x: float(x) * 1500, question, Fraction(0), Fraction(2000), Fraction(1))
    text = "\n".join(solved_lines(solved, question, "rules.homes.price"))
    assert max(map(len, text.splitlines())) <= 80
    assert "Asked: rules.homes.price at which the mean of the total is at most $20,000.00." in flowing(text)
    assert re.search(r"1,333 +\$19,995\.00 +yes, the answer", text)
    assert re.search(r"1,334 +\$20,010\.00 +no$", text, re.M)
    data = solved_data(solved, question, "rules.homes.price")
    assert data["answer"] == {"at": "1,333", "value": "19995.00", "shown": "$19,995.00", "holds": True}
    assert len(data["looks"]) == solved.evaluations
    assert json.loads(json.dumps(data, allow_nan=False)) == data


def test_an_input_with_a_short_bar_and_a_large_index_is_named(tmp_path: Path) -> None:
    run = made(tmp_path, "stack", 256)
    none = Estimate(0.0, 0.0)

    def told(swing: float, total: float) -> str:
        swings = [Swing("wide", none, none, Estimate(-100.0, 0), 0), Swing("short", none, none, Estimate(swing, 0), 0)]
        shares = [Indices("wide", none, Estimate(0.5, 0)), Indices("short", none, Estimate(total, 0))]
        lines = list(sensitivity_lines(run.worked, run.draws, {"total": swings}, None, {"total": shares}))
        assert max(map(len, lines)) <= 80
        return flowing("\n".join(lines))

    said = "short: the bar above is short, but the total index is large. What it does lies beyond"
    assert said in told(-10, 0.1)
    assert said not in told(11, 0.1)
    assert said not in told(0, 0.09)
    assert said in told(0, 0.6)


def test_what_is_taken_to_be_so_is_told_with_what_came_out():
    scenario = load_scenario(find_scenario("uk-hmp-peterborough"))
    run = Run(Worked(scenario), scenario.draws(64))
    told = "In the place of what the contract says or leaves unknown, this is taken to be so: "
    assert f"{told}rules.reconvictions.price = 50000." in summary(run, run.risk())
    denver = load_scenario(find_scenario("denver-sib"))
    run = Run(Worked(denver), denver.draws(64))
    assert told not in summary(run, run.risk())
