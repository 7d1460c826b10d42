"""The pages Contracts, Contract and Track and pay without a browser, who is signed in, and how texts are shown."""

from __future__ import annotations

from html import unescape

import pytest
from made_ledgers import ONE_PAYER, registered, results
from streamlit.testing.v1 import AppTest

from app import settings
from app.parts.person import vouched
from app.parts.told import JOINER, plain, sentence, spoken
from app.server import HEADERS, make_ready, policy, serve
from app.settings import read_sign_in
from payfs.desk import Desk
from payfs.store import create_store, open_store
from payfs.store.history import bills_of
from payfs.store.workflow import submit, verify
from payfs.text import Finding, Refused


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder of its own for everything, and ann as the one user."""
    import streamlit as st

    monkeypatch.setenv("PAYFS_DB", str(tmp_path / "ledger.db"))
    monkeypatch.setenv("PAYFS_DESKS", str(tmp_path / "desks"))
    monkeypatch.setenv("PAYFS_USER", "ann")
    monkeypatch.delenv("PAYFS_SIGN_IN", raising=False)
    settings.settings.cache_clear()
    st.cache_resource.clear()
    yield tmp_path
    settings.settings.cache_clear()
    st.cache_resource.clear()


def shown(page, **query):
    at = AppTest.from_string(f"from app.{page} import page; page()", default_timeout=60)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception, at.exception
    return at


def texts(at):
    kinds = (at.markdown, at.text, at.info, at.error, at.success, at.caption, at.warning, at.get("html"))
    return unescape("\n".join(str(getattr(one, "value", None) or one.proto.body) for kind in kinds for one in kind))


def ledger(place):
    store = create_store(str(place / "ledger.db"))
    registered(store, place, ONE_PAYER)
    handed = submit(store, "pat", "homes", [results(place, [("starts", "2021-Q1", 7)], "a.csv")])
    verify(store, "eve", "homes", handed.number)
    submit(store, "pat", "homes", [results(place, [("starts", "2021-Q2", 9)], "b.csv")])
    store.close()


def test_the_first_page_of_an_empty_ledger_shows_real_deals_and_says_what_to_do(place):
    at = shown("contracts")
    told = texts(at)
    assert "Denver Supportive Housing Social Impact Bond" in told
    assert "You have a role under no signed contract yet" in told
    assert "Begin a draft from a template" in told


def test_contracts_are_found_by_a_word_and_it_is_said_where_there_is_none(place):
    at = shown("contracts")
    at.text_input(key="contracts/find").set_value("hachioji").run()
    assert "Denver Supportive" not in texts(at)
    assert "Denver Supportive" not in texts(shown("contracts"))  # nor after a refresh
    at.text_input(key="contracts/find").set_value("no such word").run()
    assert "No real deal has this word in its title" in texts(at)


def test_what_is_signed_stands_first_with_what_waits_and_for_whom(place):
    ledger(place)
    told = texts(shown("contracts"))
    assert "certified $700.00, approved $0.00, paid $0.00" in told
    assert "submission 2 (2021-Q2) waits for the evaluator: eve" in told
    Desk(place / "desks", "ann").save("mine", "contract: mine\n")
    assert "version 1, saved" in texts(shown("contracts"))


@pytest.mark.parametrize("name", ["denver-sib", "uk-dwp-innovation-fund", "jp-hachioji", "ch-caritas-perspektive"])
def test_a_contract_s_page_reads_it_aloud_and_says_what_was_paid_and_why(place, name):
    assert "Short name" in texts(shown("contract", contract=name))
    assert "payments are due" in texts(shown("contract", contract=name, tab="Dates"))
    told = texts(shown("contract", contract=name, tab="Worked examples"))
    assert "The contract's own tests" in told
    assert "does not hold" not in told
    told = texts(shown("contract", contract=name, tab="Payments and why"))
    if name == "denver-sib":
        assert "$9,638,911.36" in told
        assert "City and County of Denver pays Enterprise Community Partners" in told


def test_of_a_contract_in_the_ledger_the_page_says_what_comes_of_what_was_verified(place):
    ledger(place)
    told = texts(shown("contract", contract="ledger/homes", tab="Payments and why"))
    assert "In all $700.00".replace("$", "\\$") in told


@pytest.mark.parametrize("page", ["contract", "track"])
@pytest.mark.parametrize("ref", ["ledger/homes", "ledger/nowhere", "draft/theirs"])
def test_what_is_not_theirs_is_refused_in_the_same_words_whether_it_is_there_or_not(place, page, ref, monkeypatch):
    ledger(place)
    Desk(place / "desks", "ann").save("theirs", ONE_PAYER)
    monkeypatch.setenv("PAYFS_USER", "mallory")
    told = texts(shown(page, contract=ref))
    assert "Homes for people" not in told
    assert "$700" not in told
    if page == "track" and ref.startswith("ledger/"):
        name = ref.removeprefix("ledger/")
        assert f"there is no contract '{name}' in the ledger that you may look at" in told.replace("\\", "")


def test_a_faulty_draft_says_what_is_wrong_and_where_to_mend_it(place):
    Desk(place / "desks", "ann").save("mine", "contract: mine\nrules: 5\n")
    told = texts(shown("contract", contract="draft/mine"))
    assert "has to be mended before it can be worked with" in told


def test_whoever_has_no_role_is_told_how_to_come_by_one_and_can_register(place):
    create_store(str(place / "ledger.db")).close()
    at = shown("track")
    assert "You have a role under no signed contract yet" in texts(at)
    at.selectbox(key="register/from").set_value("denver-sib").run()
    at.button[-1].click().run()
    assert not at.exception
    assert "ann is its keeper" in texts(at)
    assert "keeper" in texts(at)


def test_a_step_is_taken_once_though_the_button_is_pressed_again(place, monkeypatch):
    ledger(place)
    monkeypatch.setenv("PAYFS_USER", "beth")
    shown("track", contract="ledger/homes", bill="1" * 5_000)
    at = shown("track", contract="ledger/homes", bill="1")
    at.text_input(key="bill homes 1/total").set_value("1").run()
    at.button(key="button approve homes 1 due None").click().run()
    assert "Nothing was done" in texts(at)
    at.text_input(key="bill homes 1/total").set_value("700.00").run()
    at.button(key="button approve homes 1 due None").click().run()
    assert "approved invoice 1" in texts(at)
    store = open_store(str(place / "ledger.db"))
    with store.reading() as session:
        ((_, state),) = bills_of(session, "homes")
    store.close()
    assert (state.state, state.approved_by) == ("approved", "beth")


def test_what_was_typed_is_there_again_in_a_new_session(place, monkeypatch):
    ledger(place)
    monkeypatch.setenv("PAYFS_USER", "beth")
    shown("track", contract="ledger/homes", bill="1").text_input(key="bill homes 1/total").set_value("70").run()
    again = shown("track", contract="ledger/homes", bill="1")
    assert again.text_input(key="bill homes 1/total").value == "70"


def test_a_window_that_is_only_looked_at_undoes_nothing_of_another(place, monkeypatch):
    ledger(place)
    monkeypatch.setenv("PAYFS_USER", "beth")
    one, other = (shown("track", contract="ledger/homes", bill="1") for _ in range(2))
    field = "bill homes 1/total"
    one.text_input(key=field).set_value("70").run()
    other.text_input(key="bill homes 1/reason").set_value("it is late").run()
    assert other.text_input(key=field).value == "70"
    one.run()
    assert one.text_input(key="bill homes 1/reason").value == "it is late"
    assert shown("track", contract="ledger/homes", bill="1").text_input(key=field).value == "70"


def test_the_keeper_gives_and_takes_roles_and_others_cannot(place, monkeypatch):
    ledger(place)
    at = shown("track", contract="ledger/homes", tab="People")
    at.text_input(key="roles homes/who").set_value("zoe").run()
    at.selectbox(key="roles homes/role").set_value("viewer").run()
    next(one for one in at.button if one.label == "Give the role").click().run()
    assert "zoe is now viewer under homes" in texts(at)
    monkeypatch.setenv("PAYFS_USER", "zoe")
    at = shown("track", contract="ledger/homes")
    assert "Give the role" not in [one.label for one in at.button]
    assert "look at everything but the registers of claims" in texts(at)


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"email": "Pat@City.gov", "email_verified": True}, "pat@city.gov"),
        ({"email": "straße@city.gov", "email_verified": "true"}, None),
        ({"email": "pat@city.gov"}, None),
        ({"email": "pat@city.gov", "email_verified": "false"}, None),
        ({"email": "pat@city.gov", "email_verified": 0}, None),
        ({"email": "pat@city.gov", "email_verified": False}, None),
        ({"email": ""}, None),
        ({"sub": "5"}, None),
        ({"email": ["pat@city.gov"]}, None),
        ({"email": "pat@city.gov\nbeth@city.gov"}, None),
    ],
)
def test_people_are_named_by_what_the_provider_vouches_for(claims, name):
    if name is None:
        with pytest.raises(Refused):
            vouched(claims, "email")
    else:
        assert vouched(claims, "email") == name


def test_whoever_is_not_signed_in_is_asked_to_and_sees_nothing_else(place, monkeypatch):
    file = place / "sign-in.toml"
    lines = [f'{key} = "{"x" * 40}"' for key in settings.NEEDED]
    file.write_text("[auth]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setenv("PAYFS_SIGN_IN", str(file))
    settings.settings.cache_clear()
    ledger(place)
    at = shown("contracts")
    assert [one.label for one in at.button] == ["Sign in"]
    assert "homes" not in texts(at)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "there is no table [auth]"),
        ("[auth", "it cannot be read"),
        ("[auth]\n", "[auth] says no redirect_uri"),
        ('[auth]\ncookie_secret = "short"\n', "shorter than 32 characters"),
    ],
)
def test_a_sign_in_that_lacks_something_is_refused_before_anything_is_served(tmp_path, text, says):
    file = tmp_path / "sign-in.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Refused) as refused:
        read_sign_in(file)
    assert says in str(refused.value)


def test_without_sign_in_nobody_else_can_reach_it(tmp_path):
    with pytest.raises(Refused, match="whoever reaches the page is taken for you"):
        serve(str(tmp_path / "l.db"), None, None, "0.0.0.0", 8501, False)
    assert not (tmp_path / "l.db").exists()


def test_an_old_or_foreign_database_is_not_overwritten(tmp_path):
    file = tmp_path / "l.db"
    file.write_text("no database", encoding="utf-8")
    with pytest.raises(Refused):
        make_ready(str(file))
    assert file.read_text(encoding="utf-8") == "no database"
    make_ready(str(tmp_path / "new.db"))
    make_ready(str(tmp_path / "new.db"))


def test_nothing_may_be_fetched_from_elsewhere():
    assert HEADERS["content-security-policy"] == policy()
    for part in policy().split("; "):
        assert "http" not in part
        assert "*" not in part
    assert "'unsafe-inline'" not in policy().split("script-src", 1)[1].split(";", 1)[0]


@pytest.mark.parametrize(
    "text",
    [
        "![x](https://e.example/x.png)",
        "$a$ and $b$",
        "<b>x</b>",
        "[x](javascript:1)",
        "**a** _b_ `c` ~d~ #e :red[f]",
        "a@b.org",
    ],
)
def test_what_a_person_wrote_stays_text(text):
    assert plain(text).replace("\\", "").replace(JOINER, "") == text
    for letter in "[]<>$*`":
        assert plain(letter) == f"\\{letter}"


def test_messages_are_told_without_the_commands_of_a_terminal():
    assert spoken("ask its keeper: payfs grant homes pat provider") == "ask its keeper"
    assert spoken("--reason: nothing is written") == "reason: nothing is written"
    assert spoken("the last is 2; payfs ledger show homes lists them") == "the last is 2"
    assert spoken("another version of payfs made it") == "another version of payfs made it"
    assert spoken('rule "the --fast-track rule"') == 'rule "the --fast-track rule"'
    finding = Finding("it begins twice", "make them meet", ("rules", "a"), "folder/of/a/server/x.yaml", 4, 7)
    assert sentence(finding) == "x.yaml, line 4, column 7, rules.a: it begins twice; make them meet"


def test_only_a_word_that_no_column_has_room_for_may_be_broken_in_a_table():
    def drawn():
        from app.parts.told import table

        table(("what",), [("extraordinarily many & <few>",), ("f" * 30,)])

    told = AppTest.from_function(drawn).run().get("html")[0].proto.body
    assert "extraordinarily many &amp; &lt;few&gt;" in told
    assert "<wbr>".join(["f" * 12, "f" * 12, "f" * 6]) in told


def test_an_entry_that_its_box_may_cut_stands_below_it_as_a_whole():
    def drawn():
        from app.parts.picked import pick

        pick("Contract", ["short", "Ticket to Work, <milestone> payments"])

    at = AppTest.from_function(drawn).run()
    assert not at.get("html")
    at.selectbox[0].set_value("Ticket to Work, <milestone> payments").run()
    told = at.get("html")[0].proto.body
    assert '<p class="over-30">Ticket to Work, &lt;milestone&gt; payments</p>' in told
