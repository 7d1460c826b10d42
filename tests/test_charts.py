"""Charts: what they say and show is what was worked out, they can be read in black and white, and text stays text."""

from __future__ import annotations

import datetime
import io
import json
import re
import struct
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from made_scenarios import written
from scenes import SPECS

from payfs.contract import Contract, load
from payfs.contract.load import laid_out
from payfs.evidence.results import read_results
from payfs.examples import example_account
from payfs.incentives import curve_of, curves_of, looks, paid_at
from payfs.investment import invest
from payfs.money import currency
from payfs.payments import Account, pay
from payfs.report.charts import (
    Drawn,
    as_png,
    as_svg,
    cash_lines,
    cash_points,
    gains_chart,
    payment_curve,
    payments_by,
    payments_fan,
    provider_cash,
    returns_by_tranche,
    side_by_side,
    tornado_chart,
    total_histogram,
)
from payfs.report.charts.drawn import apart, scaled, shades, short
from payfs.report.tables import Amount, Table, as_csv, table_of
from payfs.simulate.compared import compared
from payfs.simulate.run import Run
from payfs.simulate.scenario import load_scenario
from payfs.simulate.sensitivity import tornado
from payfs.simulate.worked import Worked
from payfs.text import Refused, read_yaml

DEALS = sorted(SPECS.glob("*.yaml"))
STEPS = {"": 1, "thousands of ": 10**3, "millions of ": 10**6, "billions of ": 10**9}
USD, JPY = currency("USD"), currency("JPY")
SVG = "{http://www.w3.org/2000/svg}"

HOSTILE = """
contract: hostile
title: '=HYPERLINK("http://example.org","pay")'
currency: USD
parties:
  city: {name: '<script>alert(1)</script>', role: outcome payer}
  firm: {name: '$a$ datum.amount', role: service provider}
payer: city
payee: firm
periods: {years: {every: year, from: 2024-01-01, to: 2025-12-31, paid: 30 days after the period}}
metrics:
  homes: {unit: "'+alert(1)+'"}
  days: {unit: day}
rules:
  homes: {metric: homes, price: 1000}
  days: {metric: days, price: 0.01}
"""


def of_text(text: str) -> Contract:
    """Load a contract from text."""
    return laid_out(read_yaml(text, "made-up.yaml"))


def examples_of(contract: Contract) -> list[Account]:
    """Return what the examples that can be worked out come to."""
    found = []
    for place in range(len(contract.terms[0].spec.examples)):
        try:
            found.append(example_account(contract, place))
        except Refused:
            continue
    return found


@pytest.fixture(scope="module")
def denver() -> Account:
    contract = load(SPECS / "denver-sib.yaml")
    return pay(contract, read_results(SPECS / "results" / "denver-sib.csv", contract.frame))


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Run:
    scenario = load_scenario(written(tmp_path_factory.mktemp("homes")))
    return Run(Worked(scenario), scenario.draws(1024))


def spec_of(drawn: Drawn) -> dict[str, Any]:
    """Return a chart as Vega-Lite, which altair has checked against its schema."""
    spec: dict[str, Any] = drawn.chart.properties(width="container").to_dict()
    return spec


def rows_of(drawn: Drawn, layer: int) -> list[dict[str, Any]]:
    """Return the rows of a layer."""
    spec = spec_of(drawn)
    found: list[dict[str, Any]] = spec["datasets"][spec["layer"][layer].get("data", spec.get("data"))["name"]]
    return found


def words_in(svg: str) -> list[str]:
    """Return every text that is drawn."""
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def amounts_in(table: Table) -> list[int]:
    return [cell.minor for row in table.cells for cell in row if isinstance(cell, Amount)]


# --- the curve of a rule ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", DEALS, ids=lambda file: file.stem)
def test_every_curve_of_every_real_contract_is_drawn_and_says_what_is_paid(file: Path) -> None:
    contract = load(file)
    drawn_any = False
    for look in looks(contract)[:5]:
        for curve in look.curves[:2]:
            middle = int(curve.levels[len(curve.levels) // 2])
            drawn = payment_curve(curve, middle)
            spec_of(drawn)
            drawn_any = True
            amount = curve.at(middle)
            paid = "what it pays is not known" if amount is None else f"it pays {contract.money.show(amount)}"
            assert f"At {curve.scale.show(middle)} {paid}." in drawn.says
            exact = dict(zip(curve.levels.tolist(), zip(curve.amounts, curve.known, strict=True), strict=True))
            shown = {curve.scale.show(level): pair for level, pair in exact.items()}
            for level, cell in drawn.table.cells:
                amount, known = shown[str(level)]
                assert cell == (Amount(int(amount), contract.money) if known else "not known")
    assert drawn_any


def test_a_level_that_was_not_looked_at_is_marked_with_what_the_engine_pays_for_it() -> None:
    curve = curve_of(load(SPECS / "denver-sib.yaml"), "housing")
    between = next(level for level in range(1000, 2000) if curve.at(level) is None)
    assert paid_at(curve, between) == round(between * Fraction("15.12") * 100)
    assert paid_at(curve, int(curve.levels[3])) == int(curve.amounts[3])
    assert f"At {between:,} days it pays {curve.money.show(paid_at(curve, between) or 0)}." in (
        payment_curve(curve, between).says
    )


def test_the_drawn_line_goes_through_both_sides_of_a_cliff() -> None:
    curve = curve_of(load(SPECS / "denver-sib.yaml"), "jail_days")
    pairs = [(row["level"], row["text"]) for row in rows_of(payment_curve(curve), 0)]
    assert (20, "$3,200,000.00") in pairs
    assert (19.99, "$0.00") in pairs


def test_a_yes_or_no_is_two_bars_and_not_a_line() -> None:
    contract = of_text(HOSTILE.replace("unit: day}", "unit: yes/no}").replace("price: 0.01", "price: 500"))
    drawn = payment_curve(curve_of(contract, "days"))
    assert drawn.table.rows == (("no", "$0.00"), ("yes", "$500.00"))
    assert spec_of(drawn)["layer"][0]["mark"]["type"] == "bar"


# --- payments --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", DEALS, ids=lambda file: file.stem)
def test_bars_of_every_real_contract_add_up_to_what_its_examples_pay(file: Path) -> None:
    accounts = examples_of(load(file))
    most = max(accounts, key=lambda account: len(account.payments))
    for account in accounts:
        drawn = payments_by(account, "fiscal year", "payer")
        *parts, total = amounts_in(drawn.table)
        assert sum(parts) == total == account.total
    for by in ("fiscal year", "month"):
        drawn = payments_by(most, by)  # type: ignore[arg-type]
        *parts, total = amounts_in(drawn.table)
        assert sum(parts) == total == most.total
        unit = spec_of(drawn)["layer"][0]["encoding"]["y"]["axis"]["title"]
        each = STEPS[unit.removeprefix("Paid [").split(most.contract.money.code)[0]] * most.contract.money.minor
        height = sum(Fraction(row["high"]) - Fraction(row["low"]) for row in rows_of(drawn, 0)) if most.total else 0
        assert round(height * each) == most.total


def test_payments_are_told_with_the_largest_year_and_rule(denver: Account) -> None:
    assert payments_by(denver).says == (
        'The contract "denver-sib" pays $9,638,911.36 in all, in 3 fiscal years, the most in 2021: $5,724,978.40. By '
        "rule: $5,104,000.00 under jail days and $4,534,911.36 under housing."
    )


def test_months_in_which_nothing_is_paid_have_their_place(denver: Account) -> None:
    axis = spec_of(payments_by(denver, "month"))["layer"][0]["encoding"]["x"]
    months = axis["scale"]["domain"]
    assert (months[0], months[-1], len(months)) == ("2018-11", "2021-07", 33)


def test_what_nobody_knows_the_date_of_stands_by_itself() -> None:
    contract = of_text(HOSTILE.replace(", paid: 30 days after the period", ", paid: unknown"))
    account = pay(contract, read_results_of(contract, "homes,,2024,3\n"))
    drawn = payments_by(account, "month")
    assert drawn.table.rows[0] == ("not known", "homes", "$3,000.00")
    assert "of $3,000.00 no source says when it is due" in drawn.says


def read_results_of(contract: Contract, rows: str) -> Any:
    """Read results from text."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "results.csv"
        file.write_text("metric,cohort,period,value\n" + rows, encoding="utf-8")
        return read_results(file, contract.frame)


def test_many_rules_become_a_few_series_and_the_rest_together() -> None:
    names = [f"m{place}" for place in range(12)]
    contract = of_text(
        HOSTILE.partition("metrics:")[0]
        + "metrics: {" + ", ".join(f"{name}: {{unit: thing}}" for name in names) + "}\n"
        + "rules: {" + ", ".join(f"{name}: {{price: {10 + at}}}" for at, name in enumerate(names)) + "}\n"
    )  # fmt: skip
    account = pay(contract, read_results_of(contract, "".join(f"{name},,2024,1\n" for name in names)))
    drawn = payments_by(account)
    domain = spec_of(drawn)["layer"][0]["encoding"]["color"]["scale"]["domain"]
    assert len(domain) == 7
    assert domain[-1].endswith("6 others")
    assert len(drawn.table.rows) == 13


def test_cases_stand_side_by_side_with_their_totals(denver: Account) -> None:
    contract = denver.contract
    low = pay(contract, read_results(SPECS / "results" / "denver-sib.csv", contract.frame)[:1])
    drawn = side_by_side({"worst": low, "best": denver})
    assert drawn.table.columns == ("Fiscal year", "worst", "best")
    assert drawn.table.cells[-1] == ("In all", Amount(low.total, USD), Amount(denver.total, USD))
    assert f'{USD.show(low.total)} in the case "worst" and $9,638,911.36 in the case "best"' in drawn.says


# --- cash ------------------------------------------------------------------------------------------------------------


def test_the_cash_of_a_provider_is_told_at_its_lowest(homes: Run) -> None:
    contract = homes.worked.contract
    account = pay(contract, read_results_of(contract, "homes,,2021,50\nhomes,,2022,90\nfall,,2023,12%\n"))
    made = invest(account)
    drawn = provider_cash(made)
    assert drawn is not None
    assert made.provider is not None
    points = cash_points(made)
    assert [cash for _, cash in points] == made.provider.balance[:, 0].tolist()
    low = int(made.provider.lowest[0])
    assert f"{USD.show(low)} at its lowest" in drawn.says
    assert "never falls below nothing" in drawn.says if low >= 0 else "first falls below nothing on" in drawn.says
    assert drawn.table.cells[0] == (points[0][0], Amount(points[0][1], USD))


def test_a_contract_without_a_budget_of_the_provider_has_no_cash_to_draw(denver: Account) -> None:
    assert provider_cash(invest(denver)) is None


def test_lines_of_several_cases_differ_by_their_dashes_and_each_is_told() -> None:
    day = datetime.date
    lines = {
        "expected": [(day(2024, 1, 1), 500_00), (day(2024, 6, 1), -20_00)],
        "best": [(day(2024, 3, 1), 900_00)],
    }
    drawn = cash_lines(lines, USD, "Better Lives Ltd")
    assert "first falls below nothing on 2024-06-01" in drawn.says
    assert 'In the case "best", the cash of Better Lives Ltd is $900.00 at the end' in drawn.says
    assert drawn.table.rows == (
        ("2024-01-01", "$500.00", ""),
        ("2024-03-01", "$500.00", "$900.00"),
        ("2024-06-01", "-$20.00", "$900.00"),
    )
    dashes = spec_of(drawn)["layer"][1]["encoding"]["strokeDash"]["scale"]["range"]
    assert len({tuple(dash) for dash in dashes}) == 2


# --- simulations -----------------------------------------------------------------------------------------------------


def test_a_fan_shows_the_percentiles_of_each_fiscal_year(homes: Run) -> None:
    risk = homes.risk()
    drawn = payments_fan(homes, risk)
    assert drawn.table.columns == ("Fiscal year", "5%", "25%", "50%", "75%", "95%")
    for row in drawn.table.cells:
        figures = risk[f"fiscal year {row[0]}"].figures
        wanted = [round(figures[name].value) for name in ("p5", "p25", "p50", "p75", "p95")]
        assert [cell.minor for cell in row[1:] if isinstance(cell, Amount)] == wanted
    assert "Marks show the budgets: 2023/24 $300,000.00." in drawn.says
    spec_of(drawn)


def test_bars_of_the_total_add_up_to_all_paths_and_the_budget_lies_between_two(tmp_path: Path) -> None:
    from made_scenarios import SCENARIO

    scenario = load_scenario(written(tmp_path, SCENARIO.replace('budget: {"2023/24": 300000}', "budget: 300000")))
    run = Run(Worked(scenario), scenario.draws(1024))
    risk = run.risk()
    drawn = total_histogram(run, risk)
    shares = [cell.value for row in drawn.table.cells for cell in row[2:] if hasattr(cell, "value")]
    assert sum(shares) == pytest.approx(1)
    assert Amount(300_000_00, USD) in [row[1] for row in drawn.table.cells]
    assert "The budget of $300,000.00 is passed on" in drawn.says
    assert "budget $300,000.00" in words_in(as_svg(drawn))


def test_a_tornado_and_returns_tell_the_figures_they_are_drawn_from(homes: Run) -> None:
    worked = homes.worked
    swings = tornado(worked, ["total"], worked.scenario.draws(256))["total"]
    drawn = tornado_chart(swings, "money", USD)
    first = swings[0]
    of_one = tornado_chart([first._replace(input="stable_homes: chance")], "money", USD)
    assert spec_of(of_one)["layer"][0]["encoding"]["y"]["sort"] == ["stable homes: chance"]
    assert of_one.table.rows[0][0] == "stable homes: chance"
    assert drawn.table.rows[0][:2] == (first.input, USD.show(round(first.low.value)))
    assert f'"{first.input.replace("_", " ")}", from {USD.show(round(first.low.value))}' in drawn.says
    risk = homes.risk()
    returns = returns_by_tranche(homes, risk, "IRR")
    assert returns is not None
    assert [row[0] for row in returns.table.rows] == ["loan", "cushion", "All tranches together"]
    assert returns.table.rows[0][3] == f"{100 * risk['loan IRR'].figures['p50'].value:.2f}%"
    for one in (drawn, returns):
        spec_of(one)


def test_gains_between_two_scenarios_are_those_path_by_path(homes: Run) -> None:
    scenario = homes.worked.scenario
    drawn = gains_chart(compared(scenario, scenario, 256))
    assert {row[0] for row in drawn.table.rows} == {"In all", "The City"}
    assert set(amounts_in(drawn.table)) == {0}


# --- how they look, and files ----------------------------------------------------------------------------------------


def lightness(colour: str) -> float:
    """Return the luminance of a colour, as a black-and-white print has it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


@pytest.mark.parametrize("number", range(2, 8))
def test_shades_grow_lighter_one_by_one(number: int) -> None:
    found = [lightness(shade) for shade in shades(number)]
    assert all(after - before > 0.02 for before, after in pairwise(found))


@pytest.mark.parametrize(
    ("money", "most", "unit"),
    [
        (USD, 0, "USD"),
        (USD, 5_000_00, "USD"),
        (USD, 10_000_00, "thousands of USD"),
        (USD, 10_000_000_00, "millions of USD"),
        (USD, -(10**14), "billions of USD"),
        (JPY, 9_999, "JPY"),
        (JPY, 10**12, "billions of JPY"),
    ],
)
def test_an_axis_of_money_names_its_currency_and_counts_in_short_steps(money: Any, most: int, unit: str) -> None:
    assert scaled(money, [most]).unit == unit


def test_no_label_is_ever_written_in_scientific_notation() -> None:
    day = datetime.date
    for money, top in ((USD, 10**14), (JPY, 10**12), (USD, 3)):
        drawn = cash_lines({"cash": [(day(2024, 1, 1), top), (day(2025, 1, 1), top // 3)]}, money)
        found = words_in(as_svg(drawn))
        assert any(money.code in word for word in found)
        assert not any(re.search(r"\d[eE][+\-−]?\d|\d[kMGTµm]$", word) for word in found)


def test_a_chart_as_svg_is_the_same_each_time_and_has_its_text_alternative(denver: Account) -> None:
    drawn = payments_by(denver)
    svg = as_svg(drawn)
    assert svg == as_svg(payments_by(denver))
    root = ElementTree.fromstring(svg)
    title, text = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert text is not None
    assert f"{title.text} {text.text}" == drawn.says
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"].split() == [title.attrib["id"], text.attrib["id"]]
    assert not re.search(r"@import|<script|href=|url\(http", svg)


def test_a_chart_as_png_has_the_width_that_was_asked_for(denver: Account) -> None:
    png = as_png(payments_by(denver), width=400, scale=2)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    assert 800 < width < 1000
    assert height > 600
    assert len(set(io.BytesIO(png).read()[2000:])) > 50


def test_nothing_that_somebody_wrote_becomes_markup_or_an_expression() -> None:
    contract = of_text(HOSTILE)
    account = pay(contract, read_results_of(contract, "homes,,2024,3\ndays,,2024,5\n"))
    charts = [
        payments_by(account, "month", "payer"),
        side_by_side({"=1+1": account, "${x}": account}, "payer"),
        *(payment_curve(curve, 1) for curve in curves_of(contract, "homes")),
        cash_lines({"<img src=x onerror=alert(1)>": [(datetime.date(2024, 1, 1), 5)], "{{a}}": []}, USD, "datum.x"),
    ]
    for drawn in charts:
        svg = as_svg(drawn)
        root = ElementTree.fromstring(svg)
        assert {tag.tag for tag in root.iter()} <= {
            f"{SVG}{tag}" for tag in ("svg", "title", "desc", "rect", "g", "path", "line", "text", "defs", "clipPath")
        }
        spec = json.dumps(spec_of(drawn))
        for written_by in re.findall(r'"(?:expr|signal|labelExpr|href|url|filter|calculate)": "([^"]*)"', spec):
            assert written_by == "format(datum.value, ',~f') + '%'"
    assert "1 <script>alert(1)</script>" in words_in(as_svg(charts[0]))


def test_long_names_are_cut_and_stay_unlike_each_other() -> None:
    long = ["x" * 200 + "a", "x" * 200 + "b", "מחיר", "a\nb"]
    found = apart(long)
    assert len(set(found)) == 4
    assert max(map(len, found)) < 60
    assert found[2:] == ["מחיר", "a b"]
    assert short("short") == "short"


# --- tables ----------------------------------------------------------------------------------------------------------


def test_a_table_as_csv_keeps_figures_as_figures_and_text_as_text() -> None:
    table = table_of(
        ("Name", "=Paid", "Day"),
        [
            ("=1+1", Amount(-123456, USD), datetime.date(2024, 1, 2)),
            (" @x", Amount(0, USD), ""),
            ("-5", 7, "+1"),
            ('a"b,c\nd', Amount(10**15, USD), "plain"),
        ],
    )
    text = as_csv(table).decode("utf-8-sig")
    assert text == (
        "Name,'=Paid [USD],Day\r\n"
        "'=1+1,-1234.56,2024-01-02\r\n"
        "' @x,0.00,\r\n"
        "'-5,7,'+1\r\n"
        '"a""b,c\nd",10000000000000.00,plain\r\n'
    )
    assert table.rows[0] == ("=1+1", "-$1,234.56", "2024-01-02")
    assert table.right == (1,)


def test_a_column_of_several_currencies_says_each_with_its_amount() -> None:
    table = table_of(("Paid",), [(Amount(5, USD),), (Amount(5, JPY),)])
    assert as_csv(table).decode("utf-8-sig") == "Paid\r\n$0.05\r\n¥5\r\n"
