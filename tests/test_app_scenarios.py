"""The page Scenarios: what a director types, what it comes to, and that it is there after a refresh."""

from __future__ import annotations

import io
import re
from html import unescape

import openpyxl
import pytest
from browsers import PHONE, Served, watched
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from app.drafts.begin import SKELETON
from app.forecasts.performance import apart
from app.parts.told import plain
from app.settings import settings
from payfs.desk import Desk
from payfs.places import contract_specs, example_names, template_names
from payfs.text import dotted

PAGE = "from app.scenarios import page; page()"
RULES = "  one: {metric: out_comes, price: 1}\n  other: {metric: out comes, price: 1000}"
CLAIMS = (contract_specs() / "claims" / "made-up-denver-sib.csv").read_bytes()


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """The desk of the one user, who keeps nothing yet."""
    monkeypatch.setenv("PAYFS_DESKS", str(tmp_path / "desks"))
    monkeypatch.setenv("PAYFS_DB", f"sqlite:///{tmp_path / 'ledger.db'}")
    monkeypatch.setenv("PAYFS_USER", "ann")
    settings.cache_clear()
    yield Desk(tmp_path / "desks", "ann")
    settings.cache_clear()


def opened(contract, **query):
    page = AppTest.from_string(PAGE, default_timeout=60)
    for name, value in {"contract": contract, **query}.items():
        page.query_params[name] = value
    return ran(page)


def ran(page):
    page.run()
    assert [error.value for error in page.exception] == []
    return page


def typed(page, label, text, at=0):
    [each for each in page.text_input if each.label == label][at].set_value(text)
    return ran(page)


def pressed(page, label):
    next(each for each in page.button if each.label == label).click()
    return ran(page)


def said(page):
    kinds = ("markdown", "text", "info", "success", "error", "caption")
    return "\n".join(one.value for kind in kinds for one in getattr(page, kind)).replace("\\", "")


def cases(page):
    """Return the table of cases: rows by their name, then the figure of each case."""
    drawn = next(one.proto.body for one in page.html if "What each case comes to" in one.proto.body)
    rows = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row) for row in re.findall(r"<tr>(.*?)</tr>", drawn)]
    return {what: dict(zip(rows[0][1:], map(unescape, figures), strict=True)) for what, *figures in rows[1:]}


def grid(page, at=0):
    frame = page.data_editor[at].value
    return {row[0]: dict(zip(frame.columns[1:], row[1:], strict=True)) for row in frame.itertuples(index=False)}


def uploaded(page, name, data):
    page.file_uploader[0].upload(name, data)
    return ran(page)


@pytest.mark.parametrize("name", example_names())
def test_every_real_deal_opens_and_says_what_it_comes_to_or_what_is_not_known(desk, name):
    page = opened(name)
    assert [one.value for one in page.header] == ["What it comes to"]
    refused = [one.value for one in page.error]
    assert cases(page) if not refused else all("What is not known" in one for one in refused)


@pytest.mark.parametrize("name", template_names())
def test_a_draft_made_from_a_template_opens(desk, name):
    desk.save(name, (contract_specs() / "templates" / f"{name}.yaml").read_text(encoding="utf-8"))
    page = opened(f"draft/{name}")
    assert not page.error
    assert cases(page)


def test_denver_begins_with_what_really_happened_beside_a_better_and_a_worse_case(desk):
    paid = cases(opened("denver-sib"))["Paid in all"]
    assert paid == {"Worst": "$8,272,305.28", "Expected": "$9,638,911.36", "Best": "$10,092,390.40"}


def test_60_of_80_people_three_months_late_is_worked_out_and_there_after_a_refresh(desk):
    page = typed(opened("denver-sib"), "Reached of what is expected", "60 of 80")
    page = typed(page, "Months late", "12")
    assert '75% of what is expected of "stable days", 12 months late.' in said(page)
    worst = cases(page)["Paid in all"]["Worst"]
    assert worst == "$7,500,172.24"  # 158,477 days and 5,104,000 for jail days
    again = opened("denver-sib")
    assert cases(again)["Paid in all"]["Worst"] == worst
    assert [one.value for one in again.text_input if one.label == "Months late"] == ["12", "0"]


def test_what_cannot_be_read_is_a_finding_and_the_other_cases_are_still_there(desk):
    page = typed(opened("denver-sib"), "Reached of what is expected", "a lot")
    assert "'a lot' is not a number; write 75%, 110%, 3/4 or 60 of 80" in said(page)
    assert set(cases(page)["Paid in all"]) == {"Expected", "Best"}


def test_the_cash_is_there_once_something_is_typed_of_it(desk):
    page = opened("denver-sib")
    assert "Outcome payments received" not in cases(page)
    assert "Type what is there at the beginning" in said(page)
    page = typed(page, "Cash at the beginning [USD]", "3,000,000")
    assert "No costs are typed yet under Cash" in said(page)
    page = typed(page, "Costs a month [USD]", "100,000")
    assert "No costs are typed yet" not in said(page)
    there = cases(page)
    assert there["Runs out in"] == {"Worst": "July 2018", "Expected": "July 2018", "Best": "July 2018"}
    assert there["Costs"]["Expected"] == "$6,700,000.00"
    least = "Outcome payments cover the costs from 35.2% of the expected results on"
    assert f'{least}: 105,574 of 299,928 days of "stable days".' in said(page)
    assert cases(opened("denver-sib")) == there


def test_costs_begin_with_the_term_unless_other_months_are_typed(desk):
    page = opened("utah-preschool")
    assert [one.value for one in page.text_input if one.label == "From (month)"] == ["2013-09"]
    assert "costs run from the beginning of the contract's term" in said(page)


def test_whose_cash_is_looked_at_changes_nothing_of_what_is_typed_of_it(desk):
    page = typed(opened("denver-sib"), "Cash at the beginning [USD]", "3,000,000")
    next(one for one in page.checkbox if one.label.startswith("Count the funding")).check()
    page = ran(page)
    next(one for one in page.selectbox if one.label == "Whose cash").set_value("colorado coalition")
    for looked in (ran(page), opened("denver-sib")):
        assert next(one for one in looked.selectbox if one.label == "Whose cash").value == "colorado coalition"
        assert [one.value for one in looked.text_input if one.label.startswith("Cash at the")] == ["3,000,000"]
        assert [one.value for one in looked.checkbox if one.label.startswith("Count the funding")] == [True]


def test_funding_that_cannot_be_counted_is_left_out_and_what_is_not_known_of_it_is_said(desk):
    page = typed(opened("denver-sib"), "Cash at the beginning [USD]", "3,000,000")
    page = typed(page, "Costs a month [USD]", "100,000")
    without = cases(page)
    assert not page.warning
    next(one for one in page.checkbox if one.label.startswith("Count the funding")).check()
    page = ran(page)
    assert cases(page) == without  # and not with payments to lenders whose money never came in
    (told,) = (one.value for one in page.warning)
    assert "The funding in the contract is not counted" in told
    assert 'how much is committed to "housing loans", the day of the draw of "housing loans"' in told.replace("\\", "")
    assert "from 35.2% of the expected results on" in said(page)


def test_funding_that_is_known_is_counted(desk):
    page = typed(opened("uk-street-impact-brighton-loan"), 'The price under "outcomes"', "1000")
    page = typed(page, 'The day of payment of "whole term"', "2021-06-30")
    assert not page.warning
    assert "Cash at the end" in cases(page)


def test_another_row_of_costs_is_added_and_adds_up(desk):
    page = typed(opened("denver-sib"), "Costs a month [USD]", "100,000")
    page = pressed(page, "Add another cost")
    page = typed(page, "Costs a month [USD] 2", "50,000.50")
    page = typed(page, "To (month) 2", "2016-02")
    assert cases(page)["Costs"]["Expected"] == "$6,800,001.00"


def test_money_that_cannot_be_read_leaves_the_payments(desk):
    page = typed(opened("denver-sib"), "Costs a month [USD]", "a lot")
    assert "monthly costs.1.amount: 'a lot' is not a number" in said(page)
    assert cases(page)["Paid in all"]["Expected"] == "$9,638,911.36"


def test_what_is_not_known_is_asked_for_and_assumed(desk):
    page = opened("uk-hmp-peterborough")
    assert "it is unknown" in said(page)
    price = next(each.label for each in page.text_input if "price" in each.label)
    page = typed(page, price, "5000")
    assert not page.error
    assert cases(page)["First payment"]["Expected"] == "not known"
    page = typed(page, price, "five")
    assert "What is assumed cannot be" in said(page)
    assert dotted(("rules", "reconvictions", "price")) in said(page)


def test_a_contract_that_needs_claims_says_so_and_pays_them_in_one_case(desk):
    page = opened("uk-street-impact-brighton-loan")
    assert "is decided for each person, so it needs a claims file" in said(page)
    assert set(cases(page)["Paid in all"]) == {"Expected"}
    page = typed(page, 'The price under "outcomes"', "1000")
    page = typed(page, 'The day of payment of "whole term"', "2021-06-30")
    rows = b"person,outcome,date\na,outcomes,2019-01-31\nb,outcomes,2019-02-01\n"
    page = uploaded(page, "people.csv", rows)
    assert "people.csv was read: 2 claims." in said(page)
    assert cases(page)["Paid in all"] == {"Expected": "£2,000.00"}
    assert cases(page)["First payment"] == {"Expected": "30 June 2021"}


def test_claims_are_not_kept_and_can_be_put_away(desk):
    page = uploaded(opened("denver-sib"), "people.csv", CLAIMS)
    assert set(cases(page)["Paid in all"]) == {"Expected"}
    assert "upload it again" in said(page)
    for file in desk.folder.rglob("*"):
        assert not file.is_file() or b"people.csv" not in file.read_bytes()
    assert set(cases(opened("denver-sib"))["Paid in all"]) == {"Worst", "Expected", "Best"}
    page = pressed(page, "Put the claims file away")
    assert set(cases(page)["Paid in all"]) == {"Worst", "Expected", "Best"}


def test_what_is_counted_from_claims_comes_from_the_file_alone_and_the_grid_shows_the_rest(desk):
    text = (contract_specs() / "templates" / "rate-card.yaml").read_text(encoding="utf-8")
    text = text.replace("\nrules: ", "\n  attendance: {unit: '%', step: 1%}\n\nrules: ", 1)
    text = text.replace("\nlimits: ", "\n  attendance: {price: 10000}\n\nlimits: ", 1)
    desk.save("card", text)
    page = opened("draft/card")
    assert cases(page)["Paid in all"]["Expected"] == "£53,800.00"
    filled = grid(page)
    rows = b"person,outcome,date\na,enrolled,2027-01-31\nb,enrolled,2027-02-01\na,qualified,2027-05-01\n"
    page = uploaded(page, "people.csv", rows)
    assert cases(page)["Paid in all"] == {"Expected": "£2,300.00"}  # 2 x 400 and 1,500, and no work of the example's
    assert list(page.data_editor[0].value.columns) == ["Period", "attendance [%]"]
    assert (
        '"enrolled" and "qualified" come from it. "started work" and "kept work" come from it, too: nothing of them is '
        'claimed, so there is none. "attendance" comes from the grid.'
    ) in said(page)
    assert 'Nothing is typed for "attendance"' in said(page)
    page = pressed(page, "Put the claims file away")
    assert grid(page) == filled
    assert cases(page)["Paid in all"]["Expected"] == "£53,800.00"


def test_where_all_is_counted_from_claims_no_grid_is_shown_and_nothing_of_it_is_lost(desk):
    desk.save("card", (contract_specs() / "templates" / "rate-card.yaml").read_text(encoding="utf-8"))
    page = uploaded(opened("draft/card"), "people.csv", b"person,outcome,date\na,qualified,2027-01-31\n")
    assert cases(page)["Paid in all"] == {"Expected": "£1,500.00"}
    assert not page.data_editor
    page = pressed(page, "Put the claims file away")
    assert cases(page)["Paid in all"]["Expected"] == "£53,800.00"


def test_what_stood_in_the_grid_before_another_took_its_place_can_be_put_back(desk):
    page = opened("denver-sib")
    before = cases(page), grid(page)
    assert "Put back what stood in the grid before" not in [one.label for one in page.button]
    page = uploaded(page, "r.csv", b"metric,payment 2\nstable_days,100\n")
    few = cases(page), grid(page)
    assert few != before
    page = pressed(opened("denver-sib"), "Put back what stood in the grid before")  # also after a refresh
    assert (cases(page), grid(page)) == before
    page = pressed(page, "Put back what stood in the grid before")  # and the other way round
    assert (cases(page), grid(page)) == few


def test_it_is_said_that_counts_stay_whole(desk):
    assert "75% of 1, 1, 1 and 1 is 0, 1, 1 and 1." in said(opened("denver-sib"))


def test_uploaded_results_fill_the_grid_and_are_there_after_a_refresh(desk):
    page = uploaded(opened("denver-sib"), "r.csv", b"metric,payment 2,payment 5\nstable_days,100,200\n")
    assert "r.csv was read: 2 results." in said(page)
    there = {"payment 1": "", "payment 2": "100", "payment 3": "", "payment 4": "", "payment 5": "200"}
    assert grid(page)["stable days [days]"] == there
    assert grid(opened("denver-sib"))["stable days [days]"] == there
    assert cases(page)["Paid in all"]["Expected"] == "$3,024.00"
    assert 'Nothing is typed for "jail reduction"' in said(page)


def test_a_blank_file_can_be_taken_away_and_figures_typed_with_commas_are_read(desk):
    page = opened("denver-sib")
    labels = [each.proto.label for each in page.get("download_button")]
    assert labels[:2] == ["Blank file to fill in (Excel)", "Blank file to fill in (CSV)"]
    page = uploaded(page, "r.csv", b'period,stable_days\npayment 2,"1,000"\npayment 5,200\n')
    assert "r.csv was read: 2 results." in said(page)
    assert grid(page)["stable days [days]"]["payment 2"] == "1000"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("r.csv", b""),
        ("r.csv", b"metric,payment 2\nstable_day,5\n"),
        ("r.csv", b"metric,cohort,period,value\nstable_days,,payment 9,5\n"),
        ("r.csv", b"person,outcome,date\na,jailed,soon\n"),
        ("r.csv", b"\x00\x01\x02"),
        ("r.xlsx", b"PK\x03\x04 no workbook"),
        ("r.yaml", b"results: {stable_days: [1]}"),
        ("![x](http://127.0.0.1/x).csv", b"a,b\n1,2\n"),
    ],
)
def test_of_a_bad_file_nothing_is_taken_and_all_is_said(desk, name, data):
    page = opened("denver-sib")
    before = grid(page)
    page = uploaded(page, name, data)
    assert any(one.value.startswith("**Nothing of ") for one in page.error)
    assert "](http" not in "".join(one.value for one in page.error)
    assert grid(page) == before
    assert cases(page)["Paid in all"]["Expected"] == "$9,638,911.36"


def test_a_line_is_explained_and_the_address_leads_to_it(desk):
    page = opened("denver-sib")
    line = next(each for each in page.selectbox if each.label == "Line")
    jail = "jail days, payment 5, City and County of Denver"
    assert f"{jail}: $5,104,000.00" in line.options
    line.set_value(jail)
    page = ran(page)
    assert "and $38,000.00 for each percentage point above 30%" in said(page)
    assert jail in page.query_params["line"]
    again = opened("denver-sib", case="Worst", line=jail)
    assert next(each for each in again.selectbox if each.label == "Line").value == jail
    assert next(each for each in again.selectbox if each.label == "Case").value == "Worst"


def test_the_grid_begins_anew_from_another_example_or_empty(desk):
    page = opened("denver-sib")
    begin = next(each for each in page.selectbox if each.label == "Begin from")
    begin.set_value("an empty grid")
    page = pressed(ran(page), "Fill the grid")
    assert set(grid(page)["stable days [days]"].values()) == {""}
    assert cases(page)["Paid in all"]["Expected"] == "$0.00"
    assert "Nothing is typed for" in said(page)


def test_cases_can_change_a_percentage_by_choice(desk):
    page = opened("ch-caritas-perspektive")
    assert "The three cases are alike until you choose" in said(page)
    page.multiselect[0].set_value(["performance"])
    page = typed(ran(page), "Reached of what is expected", "60%")
    found = next(each for each in page.selectbox if each.label == "Begin from")
    found.set_value(next(one for one in found.options if one.startswith("On target")))
    page = pressed(ran(page), "Fill the grid")
    assert cases(page)["Paid in all"]["Worst"] == "-CHF 172,800.00"
    assert cases(page)["Paid in all"]["Expected"] == "CHF 33,750.00"


def test_names_that_look_alike_have_rows_of_their_own_and_a_period_may_be_called_result(desk):
    text = SKELETON.replace("first year", "Result").replace(
        "    unit: outcome\n", "    unit: outcome\n  out comes: {unit: outcome}\n"
    )
    text = text.replace("outcomes:\n    unit", "out_comes:\n    unit")
    text = text.replace("  outcomes: {price: unknown}", RULES)
    desk.save("alike", text)
    page = opened("draft/alike")
    assert list(page.data_editor[0].value.columns) == ["Result, by its name", "Result"]
    assert list(grid(page)) == ["out_comes [outcomes]", "out comes [outcomes]"]
    page = uploaded(page, "results.csv", b"metric,cohort,period,value\nout_comes,,Result,3\nout comes,,Result,5\n")
    assert {name: row["Result"] for name, row in grid(page).items()} == {
        "out_comes [outcomes]": "3",
        "out comes [outcomes]": "5",
    }
    assert cases(page)["Paid in all"]["Expected"] == "$5,003.00"


def test_names_are_apart_whatever_they_are_called():
    assert apart(["a b", "a b", "c"], ["a_b", "a b", "c"]) == ["a_b", "a b", "c"]
    assert apart(["a", "a", "a (2)"], ["a", "a", "a (2)"]) == ["a", "a (2)", "a (2) (2)"]
    assert apart(["Period"], ["Period, by its name"], ["Period", "Period, by its name"]) == ["Period, by its name (2)"]


def test_what_is_asked_for_is_no_link_in_its_label(desk):
    desk.save("linked", SKELETON.replace("outcomes", "www.evil.example"))
    asked = [one.label for one in opened("draft/linked").text_input if "price" in one.label]
    assert asked == [plain('The price under "www.evil.example"')]


def test_the_part_that_is_looked_at_stands_in_the_address_and_all_are_worked_out(desk):
    page = typed(opened("denver-sib"), "Costs a month [USD]", "100,000")
    again = opened("denver-sib", part="Cash")
    assert again.session_state["part"] == "Cash"
    assert cases(again) == cases(page)
    assert [tab.label for tab in again.tabs] == ["Performance", "Worst and best", "Cash", "What is not known"]


# -- in a real browser


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    server = Served(tmp_path_factory.mktemp("scenarios"))
    yield server
    server.stop()
    assert "Traceback" not in server.said()


def write(look, label, text):
    field = look.page.get_by_label(label, exact=True).locator("visible=true").first
    field.fill(text)
    field.press("Enter")
    return look.drawn()


def take(look, choice, file, folder):
    """Choose what to take away, and download it; the button bears the name of the file that it hands out."""
    field = look.page.get_by_role("combobox", name="What to take away")
    if field.input_value() != choice:
        field.fill("")
        field.press("ArrowDown")
        look.page.get_by_role("option", name=choice, exact=True).click()
        expect(look.page.get_by_role("button", name=f"Download {file}", exact=True)).to_be_visible()
        look.drawn()
    return look.take(f"Download {file}", folder)


def edit(look, row, column, text):
    """Type into a cell of the first grid that is seen; row and column from 0, the names of the rows being column 0."""
    frame = look.page.locator("[data-testid=stDataFrame]:visible").first
    frame.scroll_into_view_if_needed()
    # they stand behind the canvas, and come late
    frame.locator("[role=columnheader]").first.wait_for(state="attached")
    box = frame.bounding_box()
    columns = frame.locator("[role=columnheader]").count()
    # the cells are drawn on a canvas; the last column reaches to its right end
    place = box["width"] - 40 if column == columns - 1 else box["width"] * (column + 0.5) / columns
    look.page.mouse.dblclick(box["x"] + place, box["y"] + 35 * (row + 1.5))
    editor = look.page.locator("#portal").get_by_role("textbox")
    editor.fill(text)
    editor.press("Enter")
    return look.drawn()


def test_a_director_finds_out_whether_the_cash_lasts_and_takes_it_away(browser, served, tmp_path):
    with watched(browser, served) as look:
        page = look.open("scenarios", contract="denver-sib")
        look.click("tab", "Worst and best")
        write(look, "Reached of what is expected", "60 of 80")
        look.click("tab", "Cash")
        write(look, "Cash at the beginning [USD]", "3,000,000")
        write(look, "Costs a month [USD]", "100,000")
        expect(
            page.get_by_text("The cash of Enterprise Community Partners runs out in July 2018").first
        ).to_be_visible()
        page.reload()
        look.drawn()
        expect(
            page.get_by_text("The cash of Enterprise Community Partners runs out in July 2018").first
        ).to_be_visible()
        assert look.clipped() == []
        assert look.violations() == []
        text = take(look, "Cases, as CSV", "denver-sib-cases.csv", tmp_path).read_text(encoding="utf-8-sig")
        assert "8272305.28" in text
        book = openpyxl.load_workbook(
            take(look, "All tables, as an Excel workbook", "denver-sib-scenarios.xlsx", tmp_path)
        )
        cells = {row[0].value: [cell.value for cell in row[1:]] for row in book["Cash, expected"].iter_rows()}
        assert cells["July 2018"][-2] == -100_000
        assert (
            take(look, "Chart: cash by month, as PNG", "denver-sib-cash-by-month.png", tmp_path)
            .read_bytes()
            .startswith(b"\x89PNG")
        )
        assert "<svg" in take(
            look, "Chart: payments by month, as SVG", "denver-sib-payments-by-month.svg", tmp_path
        ).read_text(encoding="utf-8")
        grid_file = take(look, "Performance, as an Excel workbook", "denver-sib-performance.xlsx", tmp_path)
        look.click("tab", "Performance")
        page.locator("input[type=file]").first.set_input_files(grid_file)
        expect(page.get_by_text("was read: 4 results.")).to_be_visible()
        expect(page.get_by_text("$9,638,911.36 is paid in all").first).to_be_visible()


def test_a_cell_that_is_edited_counts_at_once_and_after_a_reload(browser, served):
    with watched(browser, served) as look:
        page = look.open("scenarios", contract="denver-sib")
        edit(look, 1, 5, "20%")
        expect(page.get_by_text("$7,734,911.36 is paid in all").first).to_be_visible()
        look.click("link", "Simulate")
        look.click("link", "Scenarios")  # somebody who comes back finds what was typed, and can go on
        expect(page.get_by_text("$7,734,911.36 is paid in all").first).to_be_visible()
        edit(look, 0, 2, "50,000")
        expect(page.get_by_text("the first of it, $756,000.00").first).to_be_visible()
        edit(look, 0, 2, "60,000")
        page.reload()
        look.drawn()
        expect(page.get_by_text("$7,734,911.36 is paid in all").first).to_be_visible()


def test_a_bad_workbook_is_findings_in_the_browser_too(browser, served, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["metric", "payment 1"])
    book.active.append(["stable_days", "=1+1"])
    made = io.BytesIO()
    book.save(made)
    (tmp_path / "bad.xlsx").write_bytes(made.getvalue())
    with watched(browser, served) as look:
        page = look.open("scenarios", contract="denver-sib")
        look.upload(tmp_path / "bad.xlsx")
        expect(page.get_by_text("the cell holds a formula")).to_be_visible()


@pytest.mark.parametrize("tab", ["Performance", "Worst and best", "Cash", "What is not known"])
def test_nothing_is_clipped_on_a_phone(browser, served, tab):
    with watched(browser, served, PHONE) as look:
        look.open("scenarios", contract="au-newpin-nsw")
        look.click("tab", tab)
        assert look.clipped() == []
        assert look.violations() == []


def test_a_window_that_is_only_looked_at_undoes_nothing_of_another(desk):
    one, other = opened("denver-sib"), opened("denver-sib")
    all_of_them = sorted(one.multiselect[0].options)
    names = sorted(name.replace(" ", "_") for name in all_of_them)
    assert sorted(one.multiselect[0].value) != names
    one.multiselect[0].set_value(names)
    changed = cases(ran(one))
    typed(other, "Months late", "1")
    assert sorted(other.multiselect[0].value) == names  # it follows
    assert sorted(opened("denver-sib").multiselect[0].value) == names
    assert cases(other)["Paid in all"]["Best"] == changed["Paid in all"]["Best"]


def test_what_two_windows_upload_and_type_is_kept_side_by_side(desk):
    one, other = opened("denver-sib"), opened("denver-sib")
    uploaded(one, "few.csv", b"metric,period,value\nstable_days,payment 1,1000\n")
    ran(one)
    few = cases(one)["Paid in all"]["Expected"]
    assert few == "$15,120.00"
    typed(other, "Months late", "1")
    assert cases(ran(other))["Paid in all"]["Expected"] == few  # it follows
    assert cases(opened("denver-sib"))["Paid in all"]["Expected"] == few


def test_a_file_without_results_takes_nothing_away(desk):
    page = opened("denver-sib")
    before = cases(page)
    uploaded(page, "none.csv", b"metric,period,value\n")
    ran(page)
    assert "it has no results" in said(page)
    assert cases(page) == before
