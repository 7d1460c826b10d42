"""The procurement officer's job in a real browser: from the first click to the files that are taken away."""

from __future__ import annotations

import csv
import io
import re
import zipfile

import pytest
from browsers import PHONE, WIDE, Served, watched
from playwright.sync_api import expect

from payfs.desk import Desk
from payfs.places import find_spec

VIEWS = ["In plain English", "What it pays", "Dates", "Warnings", "Worked examples", "Add", "Versions", "Take away"]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    server = Served(tmp_path_factory.mktemp("served"))
    yield server
    server.stop()


def text_of(page):
    return page.get_by_role("textbox", name="Contract file")


def typed(look, old, new):
    """Change the text as a person does, without saving it."""
    field = text_of(look.page)
    expect(field).to_have_value(re.compile(re.escape(old)))
    text = field.input_value()
    field.fill(text.replace(old, new))
    field.press("Control+Enter")


def test_an_officer_drafts_a_contract_from_a_template_and_takes_it_away(browser, served, tmp_path):
    with watched(browser, served, WIDE) as look:
        page = look.open("draft")
        page.get_by_role("combobox", name="Template").click()
        page.get_by_role("option", name="Tiers").click()
        expect(page.get_by_role("textbox", name="Name of the draft")).to_have_value("tiers")
        page.get_by_role("button", name="Begin this draft").click()
        expect(page.get_by_text("Nothing is wrong with it, and 3 of 3 worked examples hold.")).to_be_visible()

        # a slip of the pen is found beside its line, without saving, as soon as nobody types
        field = text_of(page)
        field.fill(field.input_value().replace("pays: 550000", "pais: 550000"))
        expect(page.get_by_role("region", name="Lines with findings")).to_contain_text("did you mean 'pays'")
        expect(page.get_by_text("1 finding: mend")).to_be_visible()
        field.fill(field.input_value().replace("pais: 550000", "pays: 600000"))
        expect(page.get_by_text("1 of 3 worked examples does not hold")).to_be_visible()

        # what it pays, by the field and by the slider
        page.get_by_role("tab", name="What it pays").click()
        level = page.get_by_role("textbox", name="Level of treated rate")
        level.fill("51")
        level.press("Enter")
        look.drawn()
        expect(page.get_by_test_id("stMetric")).to_contain_text("$")
        before = level.input_value()
        page.get_by_role("slider").focus()
        page.keyboard.press("ArrowRight")
        expect(level).not_to_have_value(before)

        # a reload, and what was typed is there
        page.reload()
        look.drawn()
        expect(text_of(page)).to_have_value(re.compile("pays: 600000"))
        expect(page.get_by_role("tab", name="What it pays")).to_have_attribute("aria-selected", "true")

        # also if it was typed at this moment
        field.press("Control+End")
        page.keyboard.type("# agreed on in May", delay=5)
        page.reload()
        look.drawn()
        expect(field).to_have_value(re.compile("# agreed on in May$"))
        expect(page.get_by_text("You have changed it since the last version.")).to_be_visible()
        field.press("Control+End")
        page.keyboard.type(" and June", delay=5)
        look.click("link", "Scenarios")  # the first click leads there
        expect(page.locator("h1")).to_have_text("Scenarios")
        look.click("link", "Draft")  # and back to this draft
        expect(field).to_have_value(re.compile("# agreed on in May and June$"))

        # a limit by form
        page.get_by_role("tab", name="Add").click()
        page.get_by_text("Limit", exact=True).click()
        name = page.get_by_role("textbox", name="Name of the limit")
        name.fill("each payment")
        name.press("Enter")
        most = page.get_by_role("textbox", name="Money, at most")
        most.fill("600,000")
        most.press("Enter")
        page.get_by_role("button", name="Add this limit").click()
        expect(page.get_by_text('"each payment" now stands on line 70 of the text.')).to_be_visible()
        assert "  each payment: {most: 600000}\n" in text_of(page).input_value()
        page.get_by_role("button", name="Save as a version").click()
        expect(page.get_by_text("Saved as version 2")).to_be_visible()

        # two versions side by side
        page.get_by_role("tab", name="Versions").click()
        expect(page.locator("ins", has_text="$600,000.00").first).to_be_visible()
        page.get_by_text("In money").click()
        expect(page.get_by_text("Both are paid on the same")).to_be_visible()

        # and what is taken away
        page.get_by_role("tab", name="Take away").click()
        expect(page.get_by_role("heading", name="Budget by fiscal year")).to_be_visible()
        expect(page.get_by_role("table", name="Budget by fiscal year")).to_contain_text("$400,000.00")
        written = look.take("Contract file (YAML)", tmp_path)
        assert written.read_text(encoding="utf-8") == Desk(served.desks, "ann").read("tiers")
        annex = look.take("Payment annex (Word)", tmp_path)
        told = zipfile.ZipFile(annex).read("word/document.xml").decode()
        assert "Each payment" in told
        assert "Draft, version 2 of tiers, not signed." in told
        budget = look.take("Budget by fiscal year (CSV)", tmp_path)
        rows = list(csv.reader(io.StringIO(budget.read_text(encoding="utf-8-sig"))))
        assert rows == [
            ["Fiscal year", "Payer", "Rule", "Amount [USD]"],
            ["2029", "Ministry of Justice", "fewer reconvictions", "400000.00"],
        ]


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_every_view_is_whole_and_can_be_read_by_everybody(browser, served, size):
    name = f"denver {size['width']}"
    desk = Desk(served.desks, "ann")
    text = find_spec("denver-sib").read_text(encoding="utf-8")
    desk.save(name, text)
    desk.save(name, text.replace("price: 15.12", "price: 16").replace("{most: 11420000}", "{mots: 11420000}"))
    desk.save(name, text.replace("price: 15.12", "price: 16"))
    with watched(browser, served, size) as look:
        for view in VIEWS:
            page = look.open("draft", contract=f"draft/{name}", view=view.replace(" ", "+"))
            expect(page.get_by_role("tab", name=view)).to_have_attribute("aria-selected", "true")
            assert look.clipped() == [], view
            assert look.violations() == [], view


@pytest.mark.parametrize(
    ("file", "data", "says"),
    [
        ("u16.yaml", "a: b".encode("utf-16"), "the file is saved as UTF-16"),
        ("large.yaml", b"x" * 19_000_000, "larger than 1,000,000 bytes"),
        ("bytes.yaml", bytes(range(256)), "is not UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_taken_is_a_finding(browser, served, file, data, says):
    with watched(browser, served, WIDE) as look:
        page = look.open("draft")
        page.get_by_text("A file of yours").click()
        field = page.locator("input[type=file]")
        field.set_input_files({"name": file, "mimeType": "application/octet-stream", "buffer": data})
        expect(page.get_by_text(says)).to_be_visible(timeout=30_000)


def test_what_stands_in_a_file_is_never_markup(browser, served):
    evil = 'title: "<img src=https://example.org/x.png> $a$ ![x](https://example.org/y.png)"\n&: x\n'
    with watched(browser, served, WIDE) as look:
        page = look.open("draft")
        page.get_by_text("A file of yours").click()
        name = "<img src=https:/example.org/z.png>.yaml"
        field = page.locator("input[type=file]")
        field.set_input_files({"name": name, "mimeType": "text/plain", "buffer": evil.encode()})
        page.get_by_role("button", name="Begin this draft").click()
        expect(page.get_by_role("region", name="Lines with findings")).to_contain_text("<img src=")
        assert page.locator("img[src*='example.org']").count() == 0
