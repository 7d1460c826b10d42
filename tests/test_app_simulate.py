"""Finance staff's job in a real browser: what to appropriate, who gains and loses, and what is taken away."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from browsers import PHONE, WIDE, Served, watched
from openpyxl import load_workbook
from playwright.sync_api import expect

from payfs.desk import Desk
from payfs.places import find_spec, simulations
from payfs.text import read_yaml

DENVER = (simulations() / "denver-sib.yaml").read_text("utf-8")
QUICK = DENVER.replace("paths: 100,000", "paths: 2,000")
VIEWS = (
    "What to appropriate",
    "In all, and the budget",
    "Who gains and loses",
    "Limits and tiers",
    "What drives it",
    "One path",
    "Luck",
    "Take away",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulate")
    desk = Desk(folder / "desks", "ann")
    desk.save("dearer", find_spec("denver-sib").read_text("utf-8").replace("price: 15.12", "price: 17.00"))
    desk.keep_typed("beliefs denver-sib", {"texts": {"own": QUICK}})
    server = Served(folder)
    yield server
    server.stop()
    assert "Traceback" not in server.said()


def run(look, button="Run the simulation"):
    look.page.get_by_role("button", name=button).click()
    expect(look.page.get_by_role("radiogroup", name="What to look at")).to_be_visible(timeout=60_000)
    return look.drawn()


def test_from_beliefs_to_the_files_that_are_taken_away(browser, served, tmp_path):
    with watched(browser, served) as look:
        page = look.open("simulate", contract="denver-sib", scenario="own")
        look.click("tab", "Budget, paths and seed")
        page.get_by_label("Budget for all years together [USD]").fill("9,000,000")
        page.get_by_label("Budget for all years together [USD]").press("Enter")
        look.drawn()
        run(look)
        expect(page.get_by_text("The budget of $9,000,000 is passed on").first).to_be_visible()
        expect(page.locator("[data-testid=stVegaLiteChart]")).to_be_visible()
        page.reload()
        look.drawn()
        expect(page.get_by_role("heading", name="What to appropriate")).to_be_visible()
        look.click("tab", "Copies")
        name = page.get_by_role("textbox", name="Keep a copy under the name")
        name.press_sequentially("three months late")
        page.reload()  # a form that is not sent yet keeps what is typed, too
        look.drawn()
        expect(name).to_have_value("three months late")
        page.get_by_text("Take away", exact=True).click()
        look.drawn()
        years = look.take("Fiscal years as CSV", tmp_path)
        scenario = look.take("The scenario (YAML)", tmp_path)
        book = load_workbook(look.take("All tables as Excel", tmp_path))
    assert book.sheetnames[:4] == ["Fiscal years", "Budgets", "Percentiles", "Payers"]
    heads, first = list(book["Fiscal years"].values)[:2]
    assert heads[:3] == ("Fiscal year", "Average [USD]", "Average, standard error [USD]")
    assert first[0] == "2017"
    assert isinstance(first[1], int | float)
    rows = list(csv.DictReader(io.StringIO(years.read_text("utf-8-sig"))))
    assert [row["fiscal_year"] for row in rows] == ["2017", "2018", "2019", "2020", "2021"]
    assert float(rows[0]["appropriation_80"]) > float(rows[0]["appropriation_50"])
    assert read_yaml(scenario.read_text("utf-8"), "").data["budget"] == "9,000,000"


def test_a_run_is_cancelled_while_the_page_stays_alive(browser, served):
    Desk(served.desks, "ann").keep_typed("beliefs utah-preschool", {})
    with watched(browser, served) as look:
        page = look.open("simulate", contract="utah-preschool")
        look.click("tab", "Budget, paths and seed")
        page.get_by_label("How many paths").fill("1,000,000")
        page.get_by_label("How many paths").press("Enter")
        look.drawn()
        page.get_by_role("button", name="Run the simulation").dblclick()
        expect(page.get_by_role("button", name="Cancel")).to_be_visible()
        look.click("tab", "As text")
        expect(page.get_by_role("textbox", name="The scenario as text")).to_be_visible()
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_text("This run was stopped:")).to_be_visible()  # before it began, or in the middle
        expect(page.get_by_role("button", name="Cancel")).to_have_count(0)


def test_a_slider_is_moved_by_keys_and_keeps_the_focus(browser, served):
    with watched(browser, served) as look:
        page = look.open("simulate", contract="denver-sib", scenario="own")
        page.get_by_text("late start of stable days").first.click()
        look.drawn()
        slider = page.get_by_role("slider").last
        slider.focus()
        for end in ("6.2", "6.4", "6.6"):
            page.keyboard.press("ArrowRight")
            expect(page.get_by_text(f"between 0 and {end}").first).to_be_visible()
    text = Desk(served.desks, "ann").typed("beliefs denver-sib")["texts"]["own"]
    assert "late: 'between 0 and 6.6, nine times in ten'" in text


def test_what_drives_it_is_found_out_in_a_second_run(browser, served):
    with watched(browser, served) as look:
        page = look.open("simulate", contract="denver-sib", scenario="own", view="What drives it")
        run(look)
        look.click("button", "Find out what drives it")
        expect(page.get_by_text("moves most with").first).to_be_visible(timeout=60_000)


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_every_view_fits_and_axe_finds_nothing(browser, served, size):
    with watched(browser, served, size) as look:
        look.open("simulate", contract="denver-sib", scenario="own")
        run(look)
        for view in VIEWS:
            look.page.get_by_text(view, exact=True).first.click()
            look.drawn()
            expect(look.page.get_by_role("heading", name=view)).to_be_visible()
            assert look.clipped() == []
            assert look.violations() == []


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_two_contracts_are_compared_and_taken_away(browser, served, size, tmp_path):
    with watched(browser, served, size) as look:
        look.open("compare", a="denver-sib", b="draft/dearer")
        run(look, "Compare them")
        expect(look.page.get_by_text("Under B, City and County of Denver pays").first).to_be_visible()
        for view in ("Who gains and loses", "By fiscal year", "Investors and the provider", "How likely", "Take away"):
            look.page.get_by_text(view, exact=True).first.click()
            look.drawn()
            expect(look.page.get_by_role("heading", name=view)).to_be_visible()
            assert look.clipped() == []
            assert look.violations() == []
        rows = list(csv.reader(io.StringIO(Path(look.take("Fiscal years as CSV", tmp_path)).read_text("utf-8-sig"))))
    assert rows[0][:2] == ["Fiscal year", "A, average [USD]"]
    assert float(rows[1][5]) > 0
