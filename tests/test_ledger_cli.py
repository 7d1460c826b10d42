"""The ledger from the command line, as its people type it."""

from __future__ import annotations

import io
import json
import re

import pypdf
import pytest
from made_ledgers import AMENDMENT, CONTRACT, ONE_PAYER, QUARTERS, results, written
from test_cli import process, run

from payfs.store.database import default_file


@pytest.fixture
def ledger(tmp_path, monkeypatch):
    """An empty ledger, named once for all commands."""
    monkeypatch.setenv("PAYFS_DB", str(tmp_path / "l.db"))
    assert run("db", "init").stdout == f"{tmp_path / 'l.db'} is a new, empty ledger\n"
    return tmp_path


@pytest.fixture
def homes(ledger):
    """A contract with its people, and a first submission."""
    done("register", written(ledger, ONE_PAYER, "homes.yaml"), "--by", "ann")
    for who, role in (("pat", "provider"), ("eve", "evaluator"), ("beth", "approver"), ("carl", "payer")):
        done("grant", "homes", who, role, "--by", "ann")
    done("submit", "homes", "--results", results(ledger, [("starts", QUARTERS[0], 40)]), "--by", "pat")
    return ledger


def done(*arguments):
    """Take a step that works, and return what is printed without the receipt."""
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    *lines, receipt = result.stdout.splitlines()
    assert re.fullmatch(r"receipt \d+:[0-9a-f]{64}", receipt)
    return lines


def refused(*arguments):
    result = run(*arguments)
    assert result.exit_code == 1
    assert result.stdout == ""
    return result.stderr.splitlines()


def test_a_whole_workflow_from_the_terminal(homes):
    assert done("verify", "homes", "1", "--by", "eve") == [
        "eve verified submission 1 of homes as submitted: $4,000.00 due now, certificate 1",
        "  payfs invoice homes 1",
    ]
    assert done("dispute", "homes", "1", "--reason", "forty look like too many", "--by", "carl") == [
        "carl disputes invoice 1 of homes over $4,000.00"
    ]
    assert done("approve", "homes", "1", "--total", "$4,000.00", "--by", "beth") == [
        "beth approved invoice 1 of homes over $4,000.00"
    ]
    paid = ("record-payment", "homes", "1", "--by", "carl")
    assert done(*paid, "--on", "2021-06-01", "--reference", "TR 1") == [
        "carl recorded that invoice 1 of homes over $4,000.00 was paid on 2021-06-01"
    ]
    assert done("came-back", "homes", "1", "--on", "2021-06-03", "--reason", "closed", "--by", "carl") == [
        "carl recorded that the payment of invoice 1 of homes over $4,000.00 came back on 2021-06-03"
    ]
    done(*paid, "--on", "2021-06-04", "--reference", "TR 2")
    done("amend", "homes", written(homes, ONE_PAYER + AMENDMENT, "2.yaml"), "--reason", "second deed", "--by", "ann")
    done("revoke", "homes", "beth", "approver", "--by", "ann")
    result = run("ledger", "verify")
    assert result.exit_code == 0
    assert "1 invoice or credit note followed" in result.stdout
    assert "1 limit added up, 1 contract worked out anew: sound" in result.stdout
    result = run("ledger", "replay")
    assert result.exit_code == 0
    assert result.stdout.startswith("1 certificate, 1 line, $4,000.00 in all: every one the same, to the cent\n")


def test_what_is_sent_back_and_corrected(homes):
    done("send-back", "homes", "1", "--reason", "page two is missing", "--by", "eve")
    done("submit", "homes", "--results", results(homes, [("starts", QUARTERS[0], 41)], "2.csv"), "--by", "pat")
    better = results(homes, [("starts", QUARTERS[0], 39)], "3.csv")
    assert done("verify", "homes", "2", "--results", better, "--reason", "two were counted twice", "--by", "eve") == [
        "eve verified submission 2 of homes as corrected: $3,900.00 due now, certificate 1",
        "  payfs invoice homes 1",
    ]


def test_who_does_it_may_be_said_once(homes, monkeypatch):
    monkeypatch.setenv("PAYFS_USER", "eve")
    done("verify", "homes", "1")
    assert refused("approve", "homes", "1", "--total", "4000") == [
        "eve is evaluator under homes, and this takes the role of approver; ask its keeper: payfs grant homes eve "
        "approver"
    ]


def test_a_request_with_a_key_is_done_once(homes):
    first = run("verify", "homes", "1", "--by", "eve", "--key", "v1")
    again = run("verify", "homes", "1", "--by", "eve", "--key", "v1")
    assert again.exit_code == 0
    assert "(this was asked before; nothing was done again)" in again.stdout
    assert again.stdout.splitlines()[-1] == first.stdout.splitlines()[-1], "with the receipt of the first time"


def test_a_step_is_told_as_data(homes):
    told = json.loads(run("verify", "homes", "1", "--by", "eve", "--json").stdout)
    assert (told["step"], told["certificate"], told["bills"]) == ("verify", 1, [1])


def test_what_is_kept_and_what_waits(homes):
    assert run("ledger", "show", "--by", "zed").stdout.splitlines() == [
        "You have no role under any contract here.",
        "Register one: payfs register SPEC; or ask a keeper: payfs grant CONTRACT WHO ROLE",
    ]
    assert run("ledger", "show", "--by", "eve").stdout.splitlines() == [
        "homes, 1 version",
        "  certified $0.00, approved $0.00, paid $0.00",
        "  - submission 1 (2021-Q1) waits for the evaluator: eve",
    ]
    done("verify", "homes", "1", "--by", "eve")
    shown = run("ledger", "show", "homes", "--by", "eve").stdout
    assert max(map(len, shown.splitlines())) <= 80
    assert "  - invoice 1 is due and waits for the approver of city" in shown
    data = json.loads(run("ledger", "show", "homes", "--by", "eve", "--json").stdout)
    assert data["bills"][0]["amount"] == "4000.00"
    assert data["lines"][0]["why"] == "40 starts at $100.00 for each start — within the limit all of $50,000.00: " + (
        "$4,000.00 to date"
    )
    assert json.loads(run("ledger", "show", "--by", "eve", "--json").stdout)[0]["certified"] == "4000.00"
    assert refused("ledger", "show", "homes", "--by", "zed") == [
        "zed has no role under homes; ask its keeper for one: payfs grant homes zed viewer"
    ]


@pytest.mark.parametrize(("command", "number"), [("invoice", "1"), ("certificate", "1")])
def test_documents_as_text_as_data_and_as_pdf(homes, command, number):
    done("verify", "homes", "1", "--by", "eve")
    done("details", "homes", "city", "--address", "City Hall; 1 Main Street", "--by", "ann")
    text = run(command, "homes", number, "--by", "beth").stdout
    assert "$4,000.00" in text
    assert max(map(len, text.splitlines())) <= 80
    data = json.loads(run(command, "homes", number, "--by", "beth", "--json").stdout)
    assert data["total"] == {"amount": "4000.00", "currency": "USD"}
    file = homes / f"{command}.pdf"
    result = run(command, "homes", number, "--by", "beth", "--pdf", file, "--paper", "letter")
    assert result.stdout == f"{file} is written\n"
    pages = pypdf.PdfReader(io.BytesIO(file.read_bytes())).pages
    assert "$4,000.00" in "".join(page.extract_text() for page in pages)
    assert refused(command, "homes", number, "--by", "beth", "--pdf", file) == [
        f"{file}: the file is there already; choose another name"
    ]
    assert refused(command, "homes", number, "--by", "beth", "--pdf", homes / "no" / "x.pdf") == [
        f"{homes / 'no' / 'x.pdf'}: the file cannot be written: no such file or directory; choose another place"
    ]
    assert refused(command, "homes", "7", "--by", "beth")[0].endswith(" 7; payfs ledger show homes lists them")


def test_backups_and_upgrades(homes, monkeypatch):
    done("verify", "homes", "1", "--by", "eve")
    shown = run("db", "backup", homes / "b.db").stdout.splitlines()
    assert shown[0] == f"{homes / 'b.db'} holds 7 entries and 17 rows; keep it together with"
    monkeypatch.setenv("PAYFS_DB", str(homes / "n.db"))
    assert run("db", "restore", homes / "b.db").stdout.splitlines()[1] == shown[1]
    assert run("ledger", "verify", "--receipt", shown[1].removeprefix("receipt ")).exit_code == 0
    assert run("db", "upgrade").stdout == "up to date already: step 0001\n"
    assert refused("db", "init") == [f"{homes / 'n.db'}: there is a ledger already; use it, or name another database"]


def test_a_ledger_that_is_not_sound_is_told_and_ends_with_1(homes):
    import sqlite3

    with sqlite3.connect(homes / "l.db") as connection:
        connection.execute("DROP TRIGGER file_keeps_update")
        connection.execute("UPDATE file SET kind = 'xlsx'")
    result = run("ledger", "verify")
    assert result.exit_code == 1
    assert "what was added under entry 6 (submit, homes) was changed; restore a backup" in result.stderr
    assert "2 findings" in result.stdout
    assert run("ledger", "verify", "--json").exit_code == 1


def test_two_payers_are_asked_for_by_name(ledger):
    done("register", written(ledger, CONTRACT, "homes.yaml"), "--by", "ann")
    assert done("grant", "homes", "carla", "approver", "--party", "city", "--by", "ann") == [
        "carla is now approver for city under homes"
    ]


def test_without_db_a_ledger_lies_among_the_users_own_data(tmp_path, monkeypatch):
    monkeypatch.delenv("PAYFS_DB", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_file() == str(tmp_path / "payfs" / "ledger.db")
    assert run("db", "init").exit_code == 0
    assert (tmp_path / "payfs" / "ledger.db").stat().st_mode & 0o077 == 0, "nobody else reads it"


@pytest.mark.parametrize(
    "arguments",
    [
        ("approve", "homes", "one", "--total", "1"),
        ("approve", "homes", "1"),
        ("verify", "homes"),
        ("ledger",),
        ("db", "backup"),
    ],
)
def test_wrong_usage_ends_with_2_and_no_traceback(ledger, arguments):
    ended = process(*arguments)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("number", ["0", "-1", "99999999999999999999"])
def test_numbers_that_no_bill_has(homes, number):
    ended = process("approve", "homes", "--total", "1", "--by", "beth", "--", number)
    assert ended.returncode == 2
    assert "Invalid value for 'BILL'" in ended.stderr
    assert "Traceback" not in ended.stderr
