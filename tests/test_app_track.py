"""Track and pay in a real browser: people who signed in, four eyes, double clicks, and what is not theirs to see."""

from __future__ import annotations

import pytest
from browsers import PHONE, WIDE, Served, provided, watched
from made_ledgers import ONE_PAYER, results, written
from playwright.sync_api import expect
from pypdf import PdfReader

from payfs.store import create_store, open_store
from payfs.store.audit import check_ledger
from payfs.store.history import bills_of, payments_of, submissions_of
from payfs.store.workflow import grant, register, submit, verify

ANN, PAT, EVE, BETH, CARL, DAVE = (f"{name}@city.gov" for name in ("ann", "pat", "eve", "beth", "carl", "dave"))
ROLES = {PAT: "provider", EVE: "evaluator", BETH: "approver", CARL: "payer"}


@pytest.fixture(scope="module")
def provider():
    with provided(ANN, PAT, EVE, BETH, CARL, DAVE) as url:
        yield url


@pytest.fixture(scope="module")
def served(provider, tmp_path_factory):
    folder = tmp_path_factory.mktemp("track")
    db = str(folder / "ledger.db")
    store = create_store(db)
    for name in ("homes", "other"):
        text = ONE_PAYER.replace("contract: homes", f"contract: {name}")
        register(store, ANN, written(folder, text, f"{name}.yaml"))
    for who, role in ROLES.items():
        grant(store, ANN, "homes", who, role)
    grant(store, ANN, "other", PAT, "provider")
    store.close()
    server = Served(folder, db=db, provider=provider)
    yield server
    server.stop()
    assert "Traceback" not in server.said()


def looked_up(served, look):
    store = open_store(served.db)
    try:
        with store.reading() as session:
            return look(session)
    finally:
        store.close()


def certified(served, tmp_path, quarter, count):
    """Hand in and verify behind the page, and return the number of the invoice."""
    store = open_store(served.db)
    handed = submit(store, PAT, "homes", [results(tmp_path, [("starts", quarter, count)], f"{quarter}.csv")])
    made = verify(store, EVE, "homes", handed.number)
    store.close()
    return made.bills[0]


def test_from_results_handed_in_to_a_payment_four_people_do_their_part(browser, served, tmp_path):
    file = results(tmp_path, [("starts", "2021-Q1", 7), ("homes", "2021-Q1", 3)], "q1.csv")
    with watched(browser, served) as look:
        page = look.sign_in(PAT)
        look.open("track", contract="ledger/homes", tab="Hand%20in")
        look.upload(file)
        look.click("button", "Hand in")
        expect(page.get_by_text("submission 1: 2021-Q1").first).to_be_visible()
        expect(page.get_by_role("tab", name="Verify")).to_have_count(0)  # which is not the provider's
    with watched(browser, served) as look:
        page = look.sign_in(EVE)
        look.open("track", contract="ledger/homes", tab="Verify")
        expect(page.get_by_text("$3,701.50 would be due now")).to_be_visible()
        look.click("button", "Verify it as it is")
        expect(page.get_by_text("$3,701.50 due now, certificate 1").first).to_be_visible()
        look.open("track", contract="ledger/homes", bill="1")
        expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    with watched(browser, served) as look:
        page = look.sign_in(BETH)
        look.open("track", contract="ledger/homes", bill="1")
        page.get_by_role("textbox", name="Total to approve").fill("3700.50")
        page.get_by_role("textbox", name="Total to approve").press("Tab")
        look.drawn()
        look.click("button", "Approve invoice 1")
        expect(page.get_by_text("Nothing was done")).to_be_visible()  # it is not what the invoice says
        assert page.get_by_role("textbox", name="Total to approve").input_value() == "3700.50"
        page.get_by_role("textbox", name="Total to approve").fill("3701.50")
        page.get_by_role("textbox", name="Total to approve").press("Tab")
        look.drawn()
        look.click("button", "Approve invoice 1")
        expect(page.get_by_text("Receipt, to be kept elsewhere as proof").first).to_be_visible()
        expect(page.get_by_role("button", name="Record the payment")).to_have_count(0)
        invoice = look.take("Invoice as PDF", tmp_path)
        assert "3,701.50" in "".join(sheet.extract_text() for sheet in PdfReader(invoice).pages)
        paper = look.take("Payment certificate as PDF", tmp_path)
        assert "3,701.50" in "".join(sheet.extract_text() for sheet in PdfReader(paper).pages)
    with watched(browser, served) as look:
        page = look.sign_in(CARL)
        look.open("track", contract="ledger/homes", bill="1")
        page.get_by_role("textbox", name="Paid on").fill("2021-05-03")
        page.get_by_role("textbox", name="Reference by which the bank").fill("TR 7")
        page.get_by_role("textbox", name="Reference by which the bank").press("Tab")
        look.drawn()
        look.click("button", "Record the payment")
        expect(page.get_by_text("Receipt, to be kept elsewhere as proof").first).to_be_visible()
        look.open("track", contract="ledger/homes", tab="Statement")
        expect(page.get_by_text("$3,701.50").first).to_be_visible()
        file = look.take("All of it: statement.csv", tmp_path)
        assert "$3,701.50 to date" in file.read_text(encoding="utf-8")
    made = looked_up(served, lambda session: payments_of(session, "homes"))
    assert [(one.amount, one.by, one.reference) for one in made] == [(3_701_50, CARL, "TR 7")]


def test_a_double_click_approves_once_and_shows_no_error(browser, served, tmp_path):
    bill = certified(served, tmp_path, "2021-Q2", 11)
    with watched(browser, served) as look:
        page = look.sign_in(BETH)
        look.open("track", contract="ledger/homes", bill=str(bill))
        page.get_by_role("textbox", name="Total to approve").fill("1100")
        page.get_by_role("textbox", name="Total to approve").press("Tab")
        look.drawn()
        page.get_by_role("button", name=f"Approve invoice {bill}").dblclick()
        look.drawn()
        expect(page.get_by_text(f"approved invoice {bill}").first).to_be_visible()
        expect(page.get_by_text("Nothing was done")).to_have_count(0)
    states = looked_up(served, lambda session: {one.number: state for one, state in bills_of(session, "homes")})
    assert states[bill].state == "approved"


def test_reload_and_the_back_button_in_the_middle_of_an_approval_lose_nothing_and_do_nothing_twice(
    browser, served, tmp_path
):
    bill = certified(served, tmp_path, "2021-Q3", 13)
    with watched(browser, served) as look:
        page = look.sign_in(BETH)
        look.open("track", contract="ledger/homes", bill=str(bill))
        page.get_by_role("textbox", name="Total to approve").fill("1300")
        page.get_by_role("textbox", name="Total to approve").press("Tab")
        look.drawn()
        page.reload()
        look.drawn()
        expect(page.get_by_role("textbox", name="Total to approve")).to_have_value("1300")
        page.get_by_role("button", name=f"Approve invoice {bill}").click()
        page.reload()  # in the middle of it
        look.drawn()
        expect(page.get_by_text("Whoever has the role of payer goes on with it.")).to_be_visible()
        page.go_back()
        look.drawn()
        page.go_forward()
        look.drawn()
        expect(page.get_by_role("button", name=f"Approve invoice {bill}")).to_have_count(0)
    store = open_store(served.db)
    assert check_ledger(store).findings == ()
    store.close()


def test_whose_role_is_taken_away_in_another_window_is_refused(browser, served, tmp_path):
    bill = certified(served, tmp_path, "2021-Q4", 17)
    store = open_store(served.db)
    grant(store, ANN, "homes", DAVE, "approver")
    with watched(browser, served) as look:
        page = look.sign_in(DAVE)
        look.open("track", contract="ledger/homes", bill=str(bill))
        page.get_by_role("textbox", name="Total to approve").fill("1700")
        page.get_by_role("textbox", name="Total to approve").press("Tab")
        look.drawn()
        from payfs.store.workflow import revoke

        revoke(store, ANN, "homes", DAVE, "approver")
        look.click("button", f"Approve invoice {bill}")
        expect(page.get_by_text("Nothing was done")).to_be_visible()
        expect(page.get_by_text("has no role under homes").first).to_be_visible()
        look.drawn()
    store.close()


STRANGE = ("ledger/homes", "draft/secret", "%3Cscript%3E", "ledger/nowhere", "ledger/../homes")


@pytest.mark.parametrize("path", ["track", "contract", "draft", "scenarios", "simulate"])
def test_a_forced_address_shows_nothing_of_what_is_not_theirs(browser, served, path):
    with watched(browser, served) as look:
        page = look.sign_in(DAVE)
        for ref in STRANGE if path == "track" else STRANGE[:3]:
            look.open(path, contract=ref, bill="1", tab="Invoices")
            shown = page.locator("[data-testid=stMain]").inner_text()
            assert "Homes for people" not in shown
            assert "3,701.50" not in shown
            assert "Traceback" not in shown


def test_another_contract_s_number_is_refused(browser, served):
    with watched(browser, served) as look:
        page = look.sign_in(PAT)
        look.open("track", contract="ledger/other", bill="1", tab="Invoices")
        expect(page.get_by_text("There is no invoice yet")).to_be_visible()
        assert "3,701.50" not in page.locator("[data-testid=stMain]").inner_text()


def test_nothing_is_shown_before_somebody_has_signed_in(browser, served):
    with watched(browser, served) as look:
        for path in ("", "track", "contract", "draft", "scenarios", "simulate", "compare"):
            page = look.open(path, contract="ledger/homes")
            expect(page.get_by_role("button", name="Sign in")).to_be_visible()
            assert "Denver" not in page.inner_text("body")


FAULTY = {  # what is handed in, and what is said of it
    "empty.csv": (b"", "empty"),
    "picture.csv": (b"\x89PNG\r\n\x1a\n\x00\x00", ""),
    "unknown.csv": (b"metric,cohort,period,value\nunheard,,2021-Q1,5\n", "unheard"),
    "words.csv": (b"metric,cohort,period,value\nstarts,,2021-Q1,many\n", "many"),
    "book.xlsx": (b"PK\x03\x04 no workbook", ""),
    "bomb.yaml": (b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", ""),
    "utf16.csv": ("metric,period,value".encode("utf-16"), ""),
}


def test_a_faulty_file_is_told_and_nothing_of_it_is_kept(browser, served, tmp_path):
    before = looked_up(served, lambda session: submissions_of(session, "homes"))
    with watched(browser, served) as look:
        page = look.sign_in(PAT)
        for name, (content, says) in FAULTY.items():
            file = tmp_path / name
            file.write_bytes(content)
            look.open("track", contract="ledger/homes", tab="Hand%20in")
            look.upload(file)
            look.click("button", "Hand in")
            alert = page.get_by_role("alert").first
            expect(alert).to_contain_text("Nothing was done")
            expect(alert).to_contain_text(says)
            assert "payfs-" not in alert.inner_text(), name  # no folder of the server
    assert looked_up(served, lambda session: submissions_of(session, "homes")) == before


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["screen", "phone"])
def test_every_part_can_be_read_by_everybody(browser, served, size):
    with watched(browser, served, size) as look:
        look.sign_in(ANN)
        for tab in ("What waits", "Invoices", "Statement", "History", "People"):
            look.open("track", contract="ledger/homes", tab=tab.replace(" ", "%20"))
            assert look.violations() == [], tab
            assert look.clipped() == [], tab
