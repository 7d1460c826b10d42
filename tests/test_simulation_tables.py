"""Short tables of simulations and comparisons: every cell is a figure of the run, and every party has its sentence."""

from __future__ import annotations

import pytest
from made_scenarios import CONTRACT, SCENARIO

from payfs.contract import load_document
from payfs.report.compared_tables import Sides
from payfs.report.simulation_tables import (
    Sheet,
    appropriations,
    budgets,
    by_payer,
    by_rule,
    chances,
    parties_said,
    percentiles,
    provider,
    spreadable,
    tranches,
)
from payfs.report.simulation_text import Telling
from payfs.report.tables import Amount, Percent
from payfs.simulate.compared import compared
from payfs.simulate.run import Run
from payfs.simulate.scenario import Scenario, find_scenario, load_scenario, scenario_of
from payfs.simulate.worked import TOTAL, Worked
from payfs.text import read_yaml


def scenario(contract: str = CONTRACT, text: str = SCENARIO) -> Scenario:
    return scenario_of(read_yaml(text, "s"), text, load_document(read_yaml(contract, "c"), contract))


def told(given: Scenario, paths: int = 800) -> Telling:
    run = Run(Worked(given), given.draws(paths))
    return Telling(run, run.risk())


@pytest.fixture(scope="module")
def homes() -> Telling:
    return told(scenario())


@pytest.fixture(scope="module")
def real() -> list[Telling]:
    names = ("denver-sib", "chicago-cpc", "ma-juvenile-justice-roca", "ticket-to-work")
    return [told(load_scenario(find_scenario(name)), 64) for name in names]


def whole(sheet: Sheet) -> Sheet:
    assert {len(row) for row in sheet.rows} <= {len(sheet.columns)}
    assert not [cell for row in sheet.rows for cell in row if "nan" in cell or "± ?" in cell]
    return sheet


def test_what_to_appropriate_stands_by_fiscal_year_with_its_error_and_its_budget(homes: Telling) -> None:
    sheet = whole(appropriations(homes))
    assert sheet.columns == ("Fiscal year", "Average", "50%", "80%", "95%")
    assert [row[0] for row in sheet.rows] == ["2021/22", "2022/23", "2023/24", "All years"]
    last = sheet.rows[2]
    assert last[3] == homes.shown.both(homes.risk["fiscal year 2023/24"].figures["p80"])
    passes = homes.shown.both(homes.risk.chance("fiscal year 2023/24 passes its budget"), "event")
    budget = budgets(homes)
    assert budget is not None
    assert budget.rows == (("2023/24", "$300,000", passes),)
    assert sheet.rows[-1][4] == homes.shown.both(homes.risk[TOTAL].figures["p95"])


def test_for_a_spreadsheet_figures_stay_figures_and_errors_have_columns_of_their_own(homes: Telling) -> None:
    table = appropriations(homes).table
    assert table.columns[:3] == ("Fiscal year", "Average", "Average, standard error")
    mean = homes.risk["fiscal year 2021/22"].figures["mean"]
    money = homes.run.worked.contract.money
    assert table.cells[0][1:3] == (Amount(round(mean.value), money), Amount(round(mean.error), money))
    assert chances(homes).table.cells[0] == ("nothing at all is paid", Percent(0.0, 2), Percent(0.0, 2))
    most = next(row for row in percentiles(homes).table.cells if row[0] == "most of all paths")
    assert most[2] == ""


def test_percentiles_rise_and_what_is_only_seen_has_no_error(homes: Telling) -> None:
    sheet = dict(whole(percentiles(homes)).rows)
    assert sheet["at most, on 80% of the paths"] == homes.shown.both(homes.risk[TOTAL].figures["p80"])
    assert "±" not in sheet["most of all paths"]
    assert sheet["most of all paths"] == "$500,000"
    assert next(iter(spreadable(homes))) == TOTAL
    for label, name in spreadable(homes).items():
        assert whole(percentiles(homes, label)).rows
        assert name


def test_who_pays_and_who_gains_is_told_of_everybody(homes: Telling) -> None:
    said = parties_said(homes)
    assert [one.split(" on ")[0].split(" (")[0].split(" pays")[0].split(" lacks")[0] for one in said] == [
        "The City", "The Provider", "The Senior Fund", "The Junior Fund",
    ]  # fmt: skip
    assert "an IRR of" in said[2]
    assert "loses money on" in said[3]
    assert set(tranches(homes)) == {"loan", "cushion", "All tranches together"}
    lowest = provider(homes)
    assert lowest is not None
    assert whole(lowest).rows[0][0] == "Lowest cash"


def test_whoever_is_paid_and_whoever_provides_the_service_is_named(real: list[Telling]) -> None:
    denver = real[0].risk[TOTAL].figures["mean"].value
    paid = next(one for one in parties_said(real[0]) if one.startswith("Enterprise Community Partners"))
    pools = f'is due {real[0].shown.said(denver)} on average, which goes into the pools "housing" and "jail", from'
    assert paid.startswith(f"Enterprise Community Partners {pools} which ")
    for one in real:
        spec = one.run.worked.contract.spec
        said = parties_said(one)
        for party in spec.parties.values():
            if "service provider" in party.role:
                assert [line for line in said if line.startswith(party.name)], party.name
    alone = CONTRACT.partition("capital:")[0]
    (provider_said,) = [one for one in parties_said(told(scenario(alone), 64)) if one.startswith("The Provider")]
    assert "on average; whether its cash lasts is not told" in provider_said


LENT = CONTRACT.partition("  spending:")[0]


def test_what_goes_into_the_pool_of_the_capital_is_not_told_as_paid_to_the_provider() -> None:
    one = told(scenario(LENT), 64)
    (due,) = [said for said in parties_said(one) if said.startswith("The Provider")]
    mean = one.shown.said(one.risk[TOTAL].figures["mean"].value)
    assert due.startswith(
        f"The Provider is due {mean} on average, which goes into the pool of the capital, from which The Senior Fund "
        "and The Junior Fund are paid; whether its cash lasts"
    )
    apart = LENT.replace("  surplus:", "  receives: [homes]\n  surplus:")
    (due,) = [said for said in parties_said(told(scenario(apart), 64)) if said.startswith("The Provider")]
    assert 'is paid for "fall": ' in due
    assert '; it is due for "homes": ' in due


def test_what_stays_in_the_pool_for_nobody_is_told() -> None:
    nobodys = LENT.replace("  surplus: {cushion: 100%}\n", "")
    one = told(scenario(nobodys), 64)
    (stays,) = [said for said in parties_said(one) if "for nobody" in said]
    mean = one.risk[TOTAL].figures["mean"].value - one.risk["all tranches received"].figures["mean"].value
    assert mean > 0
    assert stays.startswith(f"{one.shown.said(mean)} on average stays in the pool of the capital for nobody:")
    assert not [said for said in parties_said(told(scenario(LENT), 64)) if "for nobody" in said]


def test_what_may_happen_is_told_in_words(homes: Telling) -> None:
    rows = dict(whole(chances(homes)).rows)
    assert rows['the limit "all" binds'] == homes.shown.both(homes.risk.chance("limit all binds"), "event")
    assert "fall: from 20%, $250,000.00" in rows
    assert "the budget of fiscal year 2023/24 is passed" in rows


def test_every_real_scenario_has_its_tables(real: list[Telling]) -> None:
    for one in real:
        for table in (appropriations, percentiles, by_rule, by_payer, chances):
            assert whole(table(one)).rows
        for sheet in tranches(one).values():
            assert whole(sheet).rows
        assert parties_said(one)
    assert provider(real[0]) is None
    assert any("Goldman Sachs" in said and "lose" in said for said in parties_said(real[2]))


def test_many_holders_receive_and_one_receives() -> None:
    both = CONTRACT.replace("{holder: senior, kind: senior", "{holders: {senior: 50%, junior: 50%}, kind: senior")
    (line,) = [one for one in parties_said(told(scenario(both), 64)) if "(loan)" in one]
    assert line.startswith("The Senior Fund and The Junior Fund (loan) receive ")


@pytest.fixture(scope="module")
def sides() -> Sides:
    dearer = CONTRACT.replace("price: 1000", "price: 1200").replace("pays: 250000", "pays: 200000")
    return Sides(compared(scenario(), scenario(dearer), 800))


def test_both_sides_stand_beside_each_other_by_fiscal_year(sides: Sides) -> None:
    sheet = whole(sides.years())
    total = sides.made.labels[TOTAL]
    assert sheet.rows[-1][0] == "All years"
    assert total.gain is not None
    assert sheet.rows[-1][3] == sides.shown.both(total.gain.figures["mean"])
    assert sheet.rows[-1][4:] == tuple(sides.shown.both(total.gain.figures[at]) for at in ("p5", "p50", "p95"))
    assert whole(sides.enough()).columns == ("Fiscal year", "A, 80%", "B, 80%", "A, 95%", "B, 95%")
    for sheet in (sides.rules(), sides.investors(), sides.events()):
        assert whole(sheet).rows
    assert "The Provider: lowest cash" in [row[0] for row in sides.investors().rows]
    assert "The Provider: lowest cash below nothing" in [row[0] for row in sides.events().rows]
    assert 'the limit "all" binds' in [row[0] for row in sides.events().rows]


def test_every_party_has_a_sentence_of_what_it_gains_or_loses(sides: Sides) -> None:
    said = sides.said()
    assert said[0].startswith("Under B, the City pays $")
    assert " more on average: more on " in said[0]
    assert said[1].startswith("The cash of the Provider is at its lowest")
    assert said[2].startswith("Under B, the Senior Fund (loan) receives $")
    assert "money is lost on" in said[3]


def test_where_nothing_changes_it_is_said() -> None:
    said = Sides(compared(scenario(), scenario(), 64)).said()
    assert said[0] == "Under B, the City pays the same on every path."


def test_who_is_there_in_one_of_them_alone_is_said() -> None:
    other = CONTRACT.replace("city:", "town:")
    text = SCENARIO.replace("delays: {city: {days: {discrete: {0: 80%, 90: 20%}}}}", "")
    made = compared(scenario(text=text), scenario(other, text), 64)
    assert [one.split(" alone")[0] for one in Sides(made).said()[:2]] == [
        "The City pays under A", "The City pays under B",
    ]  # fmt: skip


def test_why_the_cash_of_a_provider_is_not_compared_is_said(sides: Sides) -> None:
    assert not sides.untold()
    for one, other, where in ((CONTRACT, LENT, "B"), (LENT, LENT, "A and B")):
        made = Sides(compared(scenario(one), scenario(other), 64))
        (said,) = made.untold()
        assert said.startswith(f"Whether the cash of the Provider lasts is not told under {where}, because")
        assert said in made.said()


def test_what_a_tranche_receives_less_what_is_put_in_tells_who_is_better_off() -> None:
    larger = LENT.replace(
        "commitment: 100000, draws: {2021-01-01: 100000}",
        "commitment: 150000, draws: {2021-01-01: 90000, 2022-01-01: 60000}",
    )
    made = Sides(compared(scenario(LENT), scenario(larger), 64))
    rows = {row[0]: row[1:] for row in made.investors().cells}
    net, got = rows["cushion: received less what is put in"], rows["cushion: received"]
    for cell, received, less in zip(net, got, (10_000_000, 15_000_000, 5_000_000), strict=True):
        assert cell.figure == (received.figure.value - less, received.figure.error)
    for multiple, received, less in zip(rows["cushion: multiple"], got, (10_000_000, 15_000_000), strict=False):
        assert multiple.figure.value * less == pytest.approx(received.figure.value)
    both = rows["all tranches together: received less what is put in"]
    assert both[2].figure.value == rows["all tranches together: received"][2].figure.value - 5_000_000
    undated = LENT.replace("draws: {2021-01-01: 100000}", "draws: unknown")
    rows = {row[0]: row[1:] for row in Sides(compared(scenario(LENT), scenario(undated), 64)).investors().cells}
    one, other, more = rows["cushion: received less what is put in"]
    assert one.figure is not None
    assert (other.figure, more.figure) == (None, None)
