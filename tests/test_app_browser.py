"""Every page in a real browser, on a screen and a phone: readable by everybody, nothing clipped or from elsewhere."""

from __future__ import annotations

import re
import urllib.error
import urllib.request

import pytest
from browsers import PHONE, WIDE, Served, watched
from made_ledgers import ONE_PAYER
from playwright.sync_api import expect

from app.parts.places import PAGES
from app.server import HEADERS
from payfs.desk import Desk

ALL = [place.path for place in PAGES]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    Desk(folder / "desks", "ann").save("mine", ONE_PAYER)
    server = Served(folder)
    yield server
    server.stop()
    assert "Traceback" not in server.said(), server.said()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["screen", "phone"])
@pytest.mark.parametrize("path", ALL)
def test_every_page_can_be_read_by_everybody_and_nothing_is_clipped(browser, served, path, size):
    with watched(browser, served, size) as look:
        page = look.open(path)
        expect(page.locator("h1")).to_have_text(next(place.title for place in PAGES if place.path == path))
        assert look.violations() == []
        assert look.clipped() == []


@pytest.mark.parametrize("path", [path for path in ALL if path in ("scenarios", "simulate", "contract")])
def test_an_address_leads_to_a_contract_on_every_page_also_after_a_reload(browser, served, path):
    with watched(browser, served) as look:
        for ref, title in (("draft/mine", "mine"), ("chicago-cpc", "Chicago")):
            page = look.open(path, contract=ref)
            expect(page.get_by_role("combobox", name="Contract").first).to_have_value(re.compile(title))
            page.reload()
            look.drawn()
            expect(page.get_by_role("combobox", name="Contract").first).to_have_value(re.compile(title))


def test_from_the_first_page_a_link_leads_to_a_contract_and_back(browser, served):
    with watched(browser, served) as look:
        page = look.open()
        look.click("tab", "Real deals")
        assert look.clipped() == []
        look.click("link", "Denver Supportive Housing Social Impact Bond")
        expect(page.get_by_role("heading", name="Denver Supportive Housing Social Impact Bond")).to_be_visible()
        page.go_back()
        look.drawn()
        expect(page.locator("h1")).to_have_text("Contracts")
        page.go_forward()
        look.drawn()
        expect(page.locator("h1")).to_have_text("Contract")
        for title in ("Scenarios", "Simulate"):  # by the navigation, which says nothing of a contract
            look.open("contract", contract="chicago-cpc")
            look.click("link", title)
            expect(page.get_by_role("combobox", name="Contract").first).to_have_value(re.compile("Chicago"))
            expect(page).to_have_title(f"{title} · payfs")
            page.go_back()  # what the page wrote into its address is no place to go back to
            look.drawn()
            expect(page.locator("h1")).to_have_text("Contract")
        page.goto(f"{served.url}/contracts")  # where a link to the first page leads
        look.drawn()
        expect(page.locator("h1")).to_have_text("Contracts")


LURING = (
    "[Click](https://evil.example) $x^2$ ![a](https://evil.example/p.png) www.evil.example and https://evil.example "
    "and pay@evil.example :smile: :material/delete: 5 >= 3 -> x"
)


@pytest.mark.parametrize("path", ["contract", "draft", "scenarios", "contracts"])
def test_what_a_person_wrote_becomes_no_link_formula_or_picture(browser, served, path):
    text = ONE_PAYER.replace("contract: homes", "contract: luring").replace("Homes for people", f"'{LURING}'")
    text = text.replace("The City", f"'{LURING}'")
    Desk(served.desks, "ann").save("luring", text)
    with watched(browser, served) as look:
        page = look.open(path, contract="draft/luring")
        main = page.locator("[data-testid=stMain]")
        expect(main.locator("a[href*=evil], a[href^=mailto], .katex, img")).to_have_count(0)
        if path == "contract":
            expect(main).to_contain_text("5 >= 3 -> x")


def test_every_answer_says_that_it_keeps_to_itself(served):
    for path in ("/", "/track", "/_stcore/health", "/static/nothing.js"):
        try:
            with urllib.request.urlopen(served.url + path) as answer:
                headers = answer.headers
        except urllib.error.HTTPError as error:
            headers = error.headers
        for name, value in HEADERS.items():
            assert headers[name] == value


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example"])
def test_a_page_elsewhere_cannot_speak_for_whoever_sits_here(served, host):
    asked = urllib.request.Request(served.url, headers={"Host": host})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked)
    assert refused.value.code == 400
    refused.value.close()
