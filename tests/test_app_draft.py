"""The page Draft: begun, written, read, added to by form, saved in versions and taken away."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from app.drafts import text
from app.drafts.begin import SKELETON
from app.parts.told import plain
from app.settings import settings
from payfs.desk import Desk
from payfs.places import contract_specs, find_spec, template_names
from payfs.text import read_yaml

PAGE = "from app.draft import page; page()"
DENVER = find_spec("denver-sib").read_text(encoding="utf-8")
TIERS = (contract_specs() / "templates" / "tiers.yaml").read_text(encoding="utf-8")
VIEWS = ["In plain English", "What it pays", "Dates", "Warnings", "Worked examples", "Add", "Versions", "Take away"]


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """The desk of the one user, who keeps nothing yet."""
    monkeypatch.setenv("PAYFS_DESKS", str(tmp_path / "desks"))
    monkeypatch.setenv("PAYFS_DB", f"sqlite:///{tmp_path / 'ledger.db'}")
    monkeypatch.setenv("PAYFS_USER", "ann")
    settings.cache_clear()
    yield Desk(tmp_path / "desks", "ann")
    settings.cache_clear()


def opened(view="", **query):
    page = AppTest.from_string(PAGE, default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    if view:
        page.query_params["view"] = view
        page.session_state["view"] = view
    return ran(page)


def ran(page):
    """Run a page again, or what was changed on it."""
    page = page.run()
    assert [error.value for error in page.exception] == []
    return page


def draft(desk, text=DENVER, view="", name="one"):
    desk.save(name, text, "")
    return opened(view, contract=f"draft/{name}")


def button(page, label):
    return next(each for each in page.button if each.label == label)


def field(page, label, kind="text_input"):
    return next(each for each in getattr(page, kind) if each.label == label)


def said(page):
    kinds = ("markdown", "text", "info", "success", "warning", "error", "caption", "expander", "metric", "html")
    found = []
    for kind in kinds:
        for each in page.get(kind):
            body = getattr(each, "value", None) or getattr(each, "label", None) or getattr(each.proto, "body", "")
            found.append(f"{getattr(each, 'label', '')} {body}")
    return "\n".join(found)


# --- begin ---------------------------------------------------------------------------------------------------------


def test_without_a_draft_the_page_says_how_to_begin_one(desk):
    page = opened()
    assert field(page, "Begin from", "radio").options == [
        "A template",
        "A contract or draft that there is",
        "A file of yours",
        "The least that a contract needs",
    ]
    assert len(field(page, "Template", "selectbox").options) == len(template_names())


def test_a_draft_is_begun_from_a_template_under_a_name_that_is_free(desk):
    desk.save("tiers", "x: y\n", "")
    page = opened()
    ran(field(page, "Template", "selectbox").select("tiers"))
    assert field(page, "Name of the draft").value == "tiers 2"
    field(page, "Name of the draft").set_value("My tiers")
    ran(button(page, "Begin this draft").click())
    assert page.query_params["contract"] in ("draft/My tiers", ["draft/My tiers"])
    assert desk.read("My tiers") == TIERS
    assert "Nothing is wrong with it, and 3 of 3 worked examples hold" in said(page)


def test_a_draft_is_begun_from_the_deal_that_the_address_names(desk):
    page = opened(contract="denver-sib")
    assert field(page, "Contract", "selectbox").value == "denver-sib"
    ran(button(page, "Begin this draft").click())
    assert desk.read("denver-sib") == DENVER
    assert desk.versions("denver-sib")[0].note.startswith("Begun from Denver")


def test_a_draft_is_copied_as_it_was_saved_last(desk):
    desk.save("tiers", "x: y\n", "")
    desk.save("tiers", TIERS, "")
    page = opened()
    ran(field(page, "Begin from", "radio").set_value("A contract or draft that there is"))
    assert not field(page, "Contract", "selectbox").value.startswith("draft/")
    ran(field(page, "Contract", "selectbox").select("draft/tiers"))
    assert "as it was saved last" in said(page)
    assert field(page, "Name of the draft").value == "tiers 2"
    ran(button(page, "Begin this draft").click())
    assert desk.read("tiers 2") == TIERS
    assert len(desk.versions("tiers")) == 2


def test_whoever_comes_back_by_the_navigation_finds_the_draft_until_they_want_another(desk):
    page = draft(desk)
    assert field(page, "Your draft", "selectbox").value == "draft/one"
    page.query_params.clear()  # as a link of the navigation has it
    page = ran(page)
    assert field(page, "Your draft", "selectbox").value == "draft/one"
    page = ran(button(page, "Begin another").click())
    assert "Begin a draft" in [each.value for each in page.subheader]


def test_the_least_that_a_contract_needs_is_a_contract(desk):
    page = opened()
    ran(field(page, "Begin from", "radio").set_value("The least that a contract needs"))
    ran(button(page, "Begin this draft").click())
    assert "Nothing is wrong with it. It has no worked example yet" in said(page)


def test_a_name_that_is_taken_is_refused_and_so_is_one_that_cannot_be(desk):
    desk.save("tiers", "x: y\n", "")
    for name, why in (("tiers", "already"), ("../x", "name")):
        page = opened()
        field(page, "Name of the draft").set_value(name)
        ran(button(page, "Begin this draft").click())
        assert why in page.error[0].value
    assert desk.read("tiers") == "x: y\n"


def test_a_contract_that_is_not_there_is_refused_and_another_can_be_chosen(desk):
    page = opened(contract="ledger/secret")
    assert "there is no contract" in page.error[0].value
    assert button(page, "Begin this draft")


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (DENVER.encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04", "not plain text"),
        (b"x" * 2_000_000, "larger than 1,000,000 bytes"),
        (b"\xff\x00\x01", "not UTF-8"),
    ],
    ids=["utf-16", "workbook", "large", "bytes"],
)
def test_a_file_that_is_no_text_is_a_finding(desk, data, what):
    page = opened()
    ran(field(page, "Begin from", "radio").set_value("A file of yours"))
    ran(page.get("file_uploader")[0].upload("deal.yaml", data))
    assert plain(what) in page.error[0].value
    assert not [each for each in page.button if each.label == "Begin this draft"]


@pytest.mark.parametrize(
    "text",
    ["a: &a [x]\nb: [*a, *a]\n", "a: " + "[" * 5000, "rules: {a: {price: 1}}\n", "just words", DENVER],
    ids=["aliases", "deep", "little", "words", "sound"],
)
def test_a_file_with_faults_is_begun_and_shows_them(desk, text):
    page = opened()
    ran(field(page, "Begin from", "radio").set_value("A file of yours"))
    ran(page.get("file_uploader")[0].upload("deal.yaml", text.encode()))
    ran(button(page, "Begin this draft").click())
    assert desk.read("deal") == text
    assert ("finding" in said(page)) == (text != DENVER)


# --- write ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", ["denver-sib", "uk-dwp-innovation-fund", "two-payers", "claims"])
def test_every_view_of_real_deals_and_templates_can_be_drawn(desk, view, name):
    folder = contract_specs() / "templates" if name in template_names() else contract_specs()
    page = draft(desk, (folder / f"{name}.yaml").read_text(encoding="utf-8"), view)
    assert [error.value for error in page.error] == []


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(
    "text",
    ["", "a: [", DENVER.replace("price: 15.12", "prise: 15.12"), DENVER.replace("currency: USD\n", "")],
    ids=["empty", "broken", "misspelt", "without a currency"],
)
def test_every_view_of_a_faulty_draft_says_what_to_do(desk, view, text):
    page = draft(desk, text, view)
    assert "finding" in said(page)


def test_a_finding_stands_under_its_line_as_soon_as_the_text_is_typed(desk):
    page = draft(desk)
    assert "Nothing is wrong with it, and 24 of 24 worked examples hold" in said(page)
    ran(page.text_area[0].set_value(DENVER.replace("    price: 15.12", "    prise: 15.12 <b>")))
    assert "1 finding: mend" in said(page)
    html = said(page)
    assert "prise: 15.12 &lt;b&gt;</li><li" in html
    assert "unknown key &#x27;prise&#x27;; did you mean &#x27;price&#x27;" in html
    assert "Left out until it is mended: housing, capital" in said(page)


ONE = "\nexamples:\n  - {name: None, expect: {total: %s}}\n"


@pytest.mark.parametrize(
    ("text", "standing"),
    [
        (SKELETON + "prise: 5\n", "1 finding: mend it, and the draft becomes a contract."),
        (SKELETON + "prise: 5\nnonsense: 5\n", "2 findings: mend them, and the draft becomes a contract."),
        (SKELETON + ONE % 0, "Nothing is wrong with it, and its worked example holds."),
        (SKELETON + ONE % 5, "Its terms are sound, but its worked example does not hold."),
    ],
)
def test_one_is_counted_as_one_in_how_a_draft_stands(desk, text, standing):
    assert f"**{standing}**" in said(draft(desk, text))


def test_one_example_that_is_left_for_later_is_one(desk, monkeypatch):
    monkeypatch.setattr(text, "AT_ONCE", 0.0)
    page = draft(desk, SKELETON + ONE % 0)
    assert "Its terms are sound. Its worked example takes longer, and is not worked out yet." in said(page)


def test_what_was_typed_is_there_after_a_refresh_and_can_be_undone(desk):
    page = draft(desk)
    ran(page.text_area[0].set_value(DENVER.replace("price: 15.12", "price: 16")))
    again = opened(contract="draft/one")
    assert "price: 16" in again.text_area[0].value
    assert desk.read("one") == DENVER
    ran(button(again, "Undo all since then").click())
    assert again.text_area[0].value == DENVER
    assert opened(contract="draft/one").text_area[0].value == DENVER


def test_a_window_in_which_nothing_was_typed_writes_nothing_and_shows_what_is_on_the_desk(desk):
    one, two = draft(desk, TIERS), opened(contract="draft/one")
    ran(one.text_area[0].set_value(TIERS + "# one\n"))
    ran(two)
    assert two.text_area[0].value == TIERS + "# one\n"
    ran(one.text_area[0].set_value(TIERS + "# one more\n"))
    ran(button(two, "Undo all since then").click())  # of a text that it did not show yet
    assert two.text_area[0].value == TIERS
    assert "This text was changed in another window, too" in said(two)
    assert two.code[0].value == TIERS + "# one more"
    ran(button(two, "Take the other one").click())
    ran(one)
    assert one.text_area[0].value == two.text_area[0].value == TIERS + "# one more\n"
    assert not one.warning
    assert not two.warning


def test_a_version_is_not_saved_of_a_text_that_the_window_did_not_show(desk):
    one, two = draft(desk, TIERS), opened(contract="draft/one")
    ran(one.text_area[0].set_value(TIERS + "# one\n"))
    ran(button(two, "Save as a version").click())
    assert len(desk.versions("one")) == 1
    assert plain("changed in another window") in two.error[0].value
    assert two.text_area[0].value == TIERS + "# one\n"
    ran(button(two, "Save as a version").click())
    assert desk.read("one") == TIERS + "# one\n"


@pytest.mark.parametrize("breaks", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("choice", "left"), [("Keep this one", "# two\n"), ("Take the other one", "# one\n")], ids=["keep", "take"]
)
def test_of_two_windows_that_typed_both_texts_are_kept_until_one_is_chosen(desk, choice, left, breaks):
    text = TIERS.replace("\n", breaks)
    one, two = draft(desk, text), opened(contract="draft/one")
    ran(one.text_area[0].set_value(TIERS + "# one\n"))
    ran(two.text_area[0].set_value(TIERS + "# two\n"))
    ran(one)
    for page in (one, two, opened(contract="draft/one")):
        assert "This text was changed in another window, too" in said(page)
        assert page.text_area[0].value.splitlines() == [*TIERS.splitlines(), "# two"]
        assert page.code[0].value.splitlines() == [*TIERS.splitlines(), "# one"]
    ran(two.text_area[0].set_value(TIERS + "# two\n# more\n"))
    ran(two.text_area[0].set_value(TIERS + "# two\n"))
    assert two.code[0].value.splitlines()[-1] == "# one"
    ran(one)
    ran(button(one, choice).click())
    for page in (one, ran(two), opened(contract="draft/one")):
        assert not page.warning
        assert page.text_area[0].value.splitlines()[-1] == left.strip()
    ran(button(two, "Save as a version").click())
    assert desk.read("one") == text + left.replace("\n", breaks)


def test_a_text_of_another_window_stays_when_a_version_is_saved(desk):
    one, two = draft(desk, TIERS), opened(contract="draft/one")
    ran(one.text_area[0].set_value(TIERS + "# one\n"))
    two.text_area[0].set_value(TIERS + "# two\n")
    ran(button(two, "Save as a version").click())
    assert desk.read("one") == TIERS + "# two\n"
    assert two.code[0].value == TIERS + "# one"
    ran(button(two, "Keep this one").click())
    assert not two.warning
    assert "This text was changed" not in said(ran(one))
    assert one.text_area[0].value == TIERS + "# two\n"


def test_line_breaks_of_a_file_from_windows_stay(desk):
    page = draft(desk, TIERS.replace("\n", "\r\n"))
    ran(page.text_area[0].set_value(TIERS.replace("size: 1600", "size: 1700")))
    ran(button(page, "Save as a version").click())
    assert desk.read("one") == TIERS.replace("size: 1600", "size: 1700").replace("\n", "\r\n")


def test_saving_makes_a_version_and_says_how_it_stands(desk):
    page = draft(desk)
    page.text_area[0].set_value(DENVER.replace("price: 15.12", "price: 16"))
    field(page, "What is new in this version (if you like)").set_value("Dearer")
    ran(button(page, "Save as a version").click())
    assert [(one.number, one.note) for one in desk.versions("one")] == [(1, ""), (2, "Dearer")]
    assert "Saved as version 2" in page.success[0].value
    assert "findings to be mended" in page.success[0].value
    ran(button(page, "Save as a version").click())
    assert len(desk.versions("one")) == 2  # nothing was changed since


def test_a_message_goes_once_the_text_is_changed(desk):
    page = draft(desk)
    ran(button(page, "Save as a version").click())
    assert "Saved as version 1" in page.success[0].value
    ran(page)
    assert "Saved as version 1" in page.success[0].value
    ran(page.text_area[0].set_value(DENVER + "# more\n"))
    assert not page.success


def test_examples_that_take_long_are_worked_out_when_somebody_waits(desk, monkeypatch):
    monkeypatch.setattr(text, "AT_ONCE", 0.0)
    page = draft(desk, TIERS + "# slowly\n")
    assert "3 of 3 worked examples take longer" in said(page)
    ran(button(page, "Work all examples out").click())
    assert "Nothing is wrong with it, and 3 of 3 worked examples hold" in said(page)


def test_the_draft_of_somebody_else_cannot_be_named(desk):
    Desk(desk.folder.parent, "bob").save("his", DENVER, "")
    page = opened(contract="draft/his")
    assert "you have no draft" in page.error[0].value


# --- read ----------------------------------------------------------------------------------------------------------


def test_the_payment_at_a_level_that_is_typed_is_shown_with_its_reason(desk):
    page = draft(desk, view="What it pays")
    ran(field(page, "Rule", "selectbox").select("jail_days"))
    ran(field(page, "Level of jail reduction").set_value("41.37"))
    assert (page.metric[0].label, page.metric[0].value) == (plain("Paid at 41.37%"), "$5,232,060.00")
    assert plain("$38,000.00 for each percentage point above 30%") in said(page)
    ran(field(page, "Level of jail reduction").set_value("much"))
    assert "is not a number" in page.error[0].value
    ran(field(page, "or drag", "select_slider").set_value("20%"))
    assert page.metric[0].value == "$3,200,000.00"
    assert field(page, "Level of jail reduction").value == "20%"


def test_a_name_or_a_unit_is_no_link_and_no_formula_in_labels(desk):
    link = "[M](https://evil.example) $q^2$"
    text = SKELETON.replace("price: unknown", "price: 2").replace("unit: outcome", f'unit: "{link}"')
    page = draft(desk, text.replace("outcomes", "www.evil.example"), view="What it pays")
    slider = field(page, "or drag", "select_slider")
    assert plain(link) in page.metric[0].label
    assert plain(link) in slider.options[-1]
    assert field(page, plain("Level of www.evil.example"))
    ran(slider.set_value("100"))
    assert page.metric[0].value == "$200.00"


def test_warnings_name_the_cliff_of_denver(desk):
    page = draft(desk, view="Warnings")
    assert plain("one step from 19.99% to 20% is worth $3,200,000.00") in said(page)


def test_a_limit_in_all_before_a_yearly_one_is_warned_of(desk):
    limits = "\nlimits:\n  whole: {most: 500}\n  yearly: {most: 100, per: fiscal year}\n"
    html = said(draft(desk, SKELETON + limits, "Warnings")).replace("\\", "")
    assert "**Limits: 1 warning**" in html
    assert "limits.whole:" in html
    assert 'write "yearly" first' in html


def test_an_example_that_fails_comes_first_and_says_what_it_comes_to(desk):
    page = draft(desk, DENVER.replace("price: 15.12", "price: 16"), "Worked examples")
    first = page.expander[0].label
    assert first.startswith("✗ Does not hold: The City paid 9")
    assert plain("it comes to $9,902,848.00") in page.error[0].value


def test_dates_have_the_day_of_payment_and_the_fiscal_year(desk):
    html = said(draft(desk, (contract_specs() / "templates" / "two-payers.yaml").read_text("utf-8"), "Dates"))
    assert "2028-02-29" in html
    assert "2027/28" in html


# --- add -----------------------------------------------------------------------------------------------------------


def test_a_rule_is_added_by_form_as_lines_of_the_text_and_survives_a_refresh(desk):
    page = draft(desk, TIERS, "Add")
    field(page, "Name of the rule").set_value("jobs: kept")
    ran(field(page, "Paid on the metric", "selectbox").select("A new one"))
    field(page, "Name of the metric").set_value("jobs kept")
    field(page, "Unit").set_value("job")
    field(page, "Price").set_value("2,900")
    field(page, "Clause").set_value("Sch. 3 §2.1")
    ran(button(page, "Add this payment rule").click())
    assert '"jobs kept" now stands on line' in page.success[0].value.replace("\\", "")
    text = page.text_area[0].value
    assert "\n  jobs kept: {clause: 'Sch. 3 §2.1', metric: jobs kept, price: 2900}\n" in text
    assert "\n  jobs kept: {unit: job}\n" in text
    rest = iter(text.splitlines())
    assert all(line in rest for line in TIERS.splitlines())
    assert field(page, "Name of the rule").value == ""
    assert opened(contract="draft/one").text_area[0].value == text


def test_tiers_are_filled_in_line_by_line(desk):
    page = draft(desk, TIERS, "Add")
    field(page, "Name of the rule").set_value("more")
    ran(field(page, "How it pays", "selectbox").select("Tiers: one tier decides the whole amount (a cliff at each)"))
    ran(field(page, "Paid on the metric", "selectbox").select("reduction"))
    field(page, "Tier 1 begins at (empty: open below)").set_value("10%")
    field(page, "Tier 1 pays in all").set_value("1000")
    field(page, "Tier 2 begins at").set_value("20%")
    field(page, "Tier 2 pays in all").set_value("3000")
    ran(button(page, "Add this payment rule").click())
    assert "      - {from: 10%, below: 20%, pays: 1000}\n      - {from: 20%, pays: 3000}\n" in page.text_area[0].value


def test_a_worked_example_is_added_by_form_and_gives_a_budget_with_the_sum_of_each_year(desk):
    page = draft(desk, TIERS[: TIERS.index("examples:")], "Add")
    ran(field(page, "What to add", "radio").set_value("Worked example"))
    field(page, "Name of the example").set_value("Planned")
    rows = [each for each in page.text_input if "[" in each.label]
    for each in rows:
        each.set_value("60%" if "rate" in each.label else "1")
    ran(button(page, "Add this worked example").click())
    assert "now stands on lines" in said(page)
    assert "  - name: Planned" in field(page, "Contract file", "text_area").value
    assert "its worked example holds" in said(page)

    page = draft(desk, DENVER, "Take away", "denver")
    assert ">In all<" in said(page)


def test_a_form_that_leaves_something_out_adds_nothing_and_keeps_what_was_typed(desk):
    page = draft(desk, TIERS, "Add")
    field(page, "Name of the rule").set_value("more")
    ran(button(page, "Add this payment rule").click())
    assert "the price is missing" in page.error[0].value
    assert page.text_area[0].value == TIERS
    assert field(page, "Name of the rule").value == "more"
    assert field(opened("Add", contract="draft/one"), "Name of the rule").value == "more"


@pytest.mark.parametrize(
    ("kind", "typed", "line"),
    [
        ("Limit", {"Name of the limit": "all", "Money, at most": "5000"}, "  all: {most: 5000}"),
        (
            "Metric",
            {"Name of the metric": "days", "Unit": "day"},
            "  days: {unit: day}",
        ),
        (
            "Party",
            {"Short name, by which the contract names it": "bank", "Name": "A bank"},
            "  bank: {name: A bank, role: outcome payer}",
        ),
        (
            "Tranche",
            {"Name of the tranche": "loan", "Amount": "1000", "Name of the holder": "A bank"},
            "    loan: {holder: ",
        ),
    ],
)
def test_limits_metrics_parties_and_tranches_are_added_likewise(desk, kind, typed, line):
    page = draft(desk, TIERS, "Add")
    ran(field(page, "What to add", "radio").set_value(kind))
    for label, value in typed.items():
        field(page, label).set_value(value)
    ran(button(page, f"Add this {kind.lower()}").click())
    assert [error.value for error in page.error] == []
    assert any(each.startswith(line) for each in page.text_area[0].value.splitlines())
    assert typed.get("Name of the holder", "") in page.text_area[0].value  # who is no party yet, and not the payer


def test_a_tranche_is_drawn_by_date(desk):
    page = draft(desk, TIERS, "Add")
    ran(field(page, "What to add", "radio").set_value("Tranche"))
    for label, value in {"Name of the tranche": "loan", "Amount": "1000", "Name of the holder": "A bank"}.items():
        field(page, label).set_value(value)
    ran(field(page, "It is drawn", "selectbox").select("by date"))
    ran(field(page, "How many draws", "selectbox").select("2"))
    field(page, "Draw 1 on").set_value("2027-01-31")
    field(page, "Amount of draw 1").set_value("400")
    field(page, "Draw 2 on").set_value("2027-01-31")
    ran(button(page, "Add this tranche").click())
    assert "the amount of draw 2 is missing" in page.error[0].value
    assert "draw 2 is on the day of another" in page.error[0].value
    field(page, "Draw 2 on").set_value("2028-01-31")
    field(page, "Amount of draw 2").set_value("600")
    ran(button(page, "Add this tranche").click())
    assert [error.value for error in page.error] == []
    tranche = read_yaml(page.text_area[0].value, "").data["capital"]["tranches"]["loan"]
    assert tranche["draws"] == {"2027-01-31": "400", "2028-01-31": "600"}
    assert field(page, "It is drawn", "selectbox").value == "unknown"  # the next begins anew


def test_a_metric_in_the_contract_s_currency_is_one_in_money(desk):
    page = draft(desk, SKELETON, "Add")
    ran(field(page, "What to add", "radio").set_value("Metric"))
    field(page, "Name of the metric").set_value("saved")
    field(page, "Unit").set_value("USD")
    ran(button(page, "Add this metric").click())
    assert "  saved: {unit: money}\n" in page.text_area[0].value


# --- versions and what is taken away -------------------------------------------------------------------------------


def test_one_version_has_nothing_to_be_compared_with(desk):
    assert "There is one version so far" in said(draft(desk, view="Versions"))


def test_two_versions_are_compared_in_words_in_money_and_in_the_file(desk):
    desk.save("one", DENVER, "")
    page = draft(desk, DENVER.replace("price: 15.12", "price: 16"), "Versions")
    html = said(page)
    assert "<del>$15.12</del>" in html
    assert "<ins>$16.00</ins>" in html
    ran(field(page, "Compare", "radio").set_value("In money"))
    html = said(page)
    assert ">$9,638,911.36</td>" in html
    assert ">$263,936.64</td>" in html
    ran(field(page, "Compare", "radio").set_value("In the file"))
    assert "<del>-    price: 15.12</del>" in said(page)
    ran(field(page, "Compare", "radio").set_value("In words"))
    ran(button(page, "Put the first version back into the field").click())
    assert page.text_area[0].value == DENVER


def test_a_version_with_findings_is_compared_in_the_file_only(desk):
    desk.save("one", DENVER, "")
    page = draft(desk, DENVER.replace("price: 15.12", "prise: 16"), "Versions")
    assert "Version 2 cannot be read as a contract" in said(page)
    ran(field(page, "Compare", "radio").set_value("In the file"))
    assert "<ins>+    prise: 16</ins>" in said(page)


def test_the_budget_of_an_example_is_shown_by_fiscal_year(desk):
    page = draft(desk, view="Take away")
    html = said(page)
    for amount in ("$1,025,967.60", "$2,887,965.36", "$620,978.40", "$5,104,000.00"):
        assert amount in html
    assert [each.proto.label for each in page.get("download_button")] == [
        "Contract file (YAML)",
        "Payment annex (Word)",
        "Tables and totals (Excel)",
        "Budget by fiscal year (CSV)",
        "Payments on these results (Excel)",
        "Chart as PNG",
        "Chart as SVG",
        "Figures as CSV",
    ]


def test_a_draft_says_in_plain_english_which_version_it_is_and_not_when_the_deal_it_came_from_was_signed(desk):
    page = draft(desk)
    assert "Draft, version 1 of one, not signed." in said(page)
    assert "Signed in February 2016" not in said(page)
    ran(page.text_area[0].set_value(DENVER + "# more\n"))
    assert "Draft, changed since version 1 of one, not signed." in said(page)


def test_of_a_faulty_draft_only_the_file_is_taken_away(desk):
    page = draft(desk, DENVER.replace("price: 15.12", "prise: 16"), "Take away")
    assert [each.proto.label for each in page.get("download_button")] == ["Contract file (YAML)"]


def test_what_is_new_is_there_after_a_reload_until_it_is_saved(desk):
    page = draft(desk)
    ran(field(page, "What is new in this version (if you like)").set_value("a higher price"))
    again = opened(contract="draft/one")
    assert field(again, "What is new in this version (if you like)").value == "a higher price"
    ran(again.text_area[0].set_value(DENVER + "# more\n"))
    ran(button(again, "Save as a version").click())
    assert desk.versions("one")[-1].note == "a higher price"
    assert field(again, "What is new in this version (if you like)").value == ""
    assert field(opened(contract="draft/one"), "What is new in this version (if you like)").value == ""


def test_the_budget_says_on_which_results_it_is(desk):
    assert "Budget by fiscal year, on the results of the example 1. " in said(draft(desk, view="Take away"))
