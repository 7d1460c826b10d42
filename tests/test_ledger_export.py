"""A contract's ledger as a folder: all that is needed to work it out and to audit it without a database."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import shlex
from decimal import Decimal

import pytest
from made_ledgers import AMENDMENT, CLAIMS, KEEPER, ONE_PAYER, PEOPLE, QUARTERS, claims, registered, results, whole
from test_cli import run

from payfs.cli.ledger_export import WITHHELD, export
from payfs.store import create_store, open_store, workflow
from payfs.store.export import plain
from payfs.store.history import bills_of, payments_of, statement_rows, story
from payfs.store.members import looking
from payfs.text import Refused


def written_out(store, folder, contract="homes", by=KEEPER):
    """Export a contract, and return what is said and every file."""
    with looking(store, by, contract) as session:
        said = list(export(session, contract, by, str(folder)))
    return said, {file.name: file.read_bytes() for file in folder.iterdir()}


def sheet(content):
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_everything_that_is_kept_of_a_contract_is_written_out(store, tmp_path):
    whole(store, tmp_path)
    said, files = written_out(store, tmp_path / "out")
    assert said == [f"{tmp_path / 'out'} holds {len(files)} files; README.txt says what each is"]
    assert sorted(files) == [
        "README.txt", "bills.csv", "contract-1.yaml", "contract-2.yaml", "log.csv", "payments.csv", "statement.csv",
        "submission-1-1.csv", "submission-2-1.csv", "submission-2-corrected-1.csv", "submission-3-1.csv",
    ]  # fmt: skip
    assert files["contract-1.yaml"] == ONE_PAYER.encode()
    assert files["contract-2.yaml"] == (ONE_PAYER + AMENDMENT).encode()
    for name, source in (
        ("submission-1-1", "first"),
        ("submission-2-1", "first"),
        ("submission-2-corrected-1", "better"),
        ("submission-3-1", "fewer"),
    ):
        assert files[f"{name}.csv"] == (tmp_path / f"{source}.csv").read_bytes()
    readme = files["README.txt"].decode()
    assert max(map(len, readme.splitlines())) <= 80
    for name in files:
        assert name == "README.txt" or f"{name}: " in readme
    for name, content in files.items():
        if name.startswith("submission"):
            assert hashlib.sha256(content).hexdigest() in readme
    assert hashlib.sha256(files["contract-2.yaml"]).hexdigest() in files["log.csv"].decode()
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0, "nobody else reads it"


def test_the_tables_have_every_line_bill_payment_and_entry(store, tmp_path):
    receipts = whole(store, tmp_path)
    _, files = written_out(store, tmp_path / "out")
    with looking(store, KEEPER, "homes") as session:
        rows, bills = statement_rows(session, "homes"), bills_of(session, "homes")
        paid, entries = payments_of(session, "homes"), story(session, "homes")
    lines = sheet(files["statement.csv"])
    assert [int(Decimal(line["amount"]) * 100) for line in lines] == [row.amount for row in rows]
    assert [line["why"] for line in lines] == [row.why for row in rows]
    assert {line["currency"] for line in lines} == {"USD"}
    last = lines[-1]
    assert (last["certificate"], last["kind"], last["rule"], last["cohort"]) == ("2", rows[-1].kind, rows[-1].rule, "")
    made = sheet(files["bills.csv"])
    assert [bill["number"] for bill in made] == [f"HOMES-{bill.number:04}" for bill, _ in bills]
    assert {line["number"] for line in lines} == {bill["number"] for bill in made}
    first = made[0]
    assert (first["state"], first["approved_by"], first["paid_on"], first["reference"]) == (
        "paid", "beth", "2021-06-05", "transfer 2"
    )  # fmt: skip
    assert (first["issued"], first["due"]) == (entries[0].at[:10], "2021-04-30")
    moved = sheet(files["payments.csv"])
    assert [(one["reference"], one["came_back_on"], one["reason"]) for one in moved] == [
        (one.reference, one.came_on or "", one.reason or "") for one in paid
    ]
    log = sheet(files["log.csv"])
    assert [f"{entry['number']}:{entry['hash']}" for entry in log] == receipts
    assert receipts[-1] in files["README.txt"].decode()


def test_the_hash_of_each_entry_is_worked_out_as_the_readme_says(store, tmp_path):
    whole(store, tmp_path)
    _, files = written_out(store, tmp_path / "out")
    before = "0" * 64
    for entry in sheet(files["log.csv"]):
        told = entry.pop("hash")
        assert entry["previous"] == before
        sealed = json.dumps(
            {**entry, "number": int(entry["number"])}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        assert hashlib.sha256(sealed.encode()).hexdigest() == told
        before = told


@pytest.mark.parametrize("role", ["investor", "viewer"])
def test_claims_are_left_out_for_those_who_only_watch(store, tmp_path, role):
    registered(store, tmp_path, CLAIMS)
    for who, more in (("zed", role), ("ivy", role), ("ivy", "payer")):
        workflow.grant(store, KEEPER, "jobs", who, more)
    workflow.submit(store, "pat", "jobs", [claims(tmp_path, [("p-1001", "starts", "2021-01-05")])])
    workflow.verify(store, "eve", "jobs", 1)
    said, files = written_out(store, tmp_path / "out", "jobs", "zed")
    assert " ".join(said[1:]) == WITHHELD
    assert not [name for name in files if name.startswith("submission")]
    assert b"p-1001" not in b"".join(files.values())
    readme = " ".join(files["README.txt"].decode().split())
    assert WITHHELD in readme
    assert "cannot be worked out from this folder" in readme
    for by in (KEEPER, "ivy"):
        said, files = written_out(store, tmp_path / by, "jobs", by)
        assert len(said) == 1
        assert b"p-1001" in files["submission-1-1.csv"]
        assert WITHHELD not in " ".join(files["README.txt"].decode().split())


def test_counts_are_written_out_for_a_viewer_too(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    workflow.grant(store, KEEPER, "homes", "zed", "viewer")
    workflow.submit(store, "pat", "homes", [results(tmp_path, [("starts", QUARTERS[0], 4)])])
    said, files = written_out(store, tmp_path / "out", by="zed")
    assert len(said) == 1
    assert "submission-1-1.csv" in files
    assert "Nothing has been certified yet" in files["README.txt"].decode()


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30 1234", "'+49 30 1234"),
        ("-x", "'-x"),
        ("@sum", "'@sum"),
        ("\tx", "'\tx"),
        ("-5.00", "-5.00"),
        ("-5.00+1", "'-5.00+1"),
        ("5", "5"),
        (7, "7"),
        (None, ""),
        ("it's = 1", "it's = 1"),
    ],
)
def test_no_text_becomes_a_formula_and_amounts_stay_numbers(text, cell):
    assert plain(text) == cell


def test_a_reference_that_looks_like_a_formula_is_a_text(store, tmp_path):
    registered(store, tmp_path, ONE_PAYER)
    workflow.submit(store, "pat", "homes", [results(tmp_path, [("starts", QUARTERS[0], 4)])])
    workflow.verify(store, "eve", "homes", 1)
    workflow.approve(store, "beth", "homes", 1, "400")
    workflow.record_payment(store, "carl", "homes", 1, "2021-06-01", '=HYPERLINK("http://example.org")')
    _, files = written_out(store, tmp_path / "out")
    for name in ("bills.csv", "payments.csv"):
        assert sheet(files[name])[0]["reference"] == '\'=HYPERLINK("http://example.org")'


# -- from the terminal, on SQLite


def recomputed(folder, readme):
    """Run the command that the README says, in the folder."""
    command = re.search(r"payfs pay .*(?:\n    --results .*)*", readme)
    assert command is not None
    before = os.getcwd()
    os.chdir(folder)
    try:
        result = run(*shlex.split(command[0].replace("\\\n", " "))[1:], "--json")
    finally:
        os.chdir(before)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_what_is_certified_is_worked_out_from_the_folder_alone(tmp_path):
    store = create_store(str(tmp_path / "l.db"))
    whole(store, tmp_path)
    store.close()
    said = run("ledger", "export", "homes", tmp_path / "out", "--db", tmp_path / "l.db", "--by", "beth")
    assert said.exit_code == 0, said.stderr
    assert said.stdout == f"{tmp_path / 'out'} holds 11 files; README.txt says what each is\n"
    (tmp_path / "l.db").unlink()
    readme = (tmp_path / "out" / "README.txt").read_text(encoding="utf-8")
    lines = sheet((tmp_path / "out" / "statement.csv").read_bytes())
    assert sum(Decimal(line["amount"]) for line in lines) == Decimal("4600.50")
    assert "Certified in all: $4,600.50" in readme
    assert recomputed(tmp_path / "out", readme)["total"] == "4600.50"


def test_of_registers_of_claims_the_last_is_worked_out(tmp_path):
    store = create_store(str(tmp_path / "l.db"))
    registered(store, tmp_path, CLAIMS)
    rows = [("p-1001", "starts", "2021-01-05")]
    workflow.submit(store, "pat", "jobs", [claims(tmp_path, rows, "1.csv")])
    workflow.verify(store, "eve", "jobs", 1)
    workflow.submit(store, "pat", "jobs", [claims(tmp_path, [*rows, ("p-1001", "jobs", "2021-05-05")], "2.csv")])
    workflow.verify(store, "eve", "jobs", 2)
    _, files = written_out(store, tmp_path / "out", "jobs")
    readme = files["README.txt"].decode()
    assert readme.count("--results") == 1
    assert recomputed(tmp_path / "out", readme)["total"] == "1100.50"
    assert "Certified in all: $1,100.50" in readme


def refused(store, folder):
    with looking(store, KEEPER, "homes") as session, pytest.raises(Refused) as no:
        export(session, "homes", KEEPER, str(folder))
    return [finding.what for finding in no.value.findings]


def test_an_export_replaces_nothing_and_leaves_nothing_half_written(tmp_path, monkeypatch):
    store = create_store(str(tmp_path / "l.db"))
    registered(store, tmp_path, ONE_PAYER)
    store.close()
    store = open_store(str(tmp_path / "l.db"))
    place = tmp_path / "place"
    place.mkdir()
    (place / "there").mkdir()
    (place / "link").symlink_to(place / "nowhere")
    for name in ("there", "link"):
        assert refused(store, place / name) == ["it is there already"]
    assert refused(store, place / "no" / "out") == ["there is no folder to make it in"]

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for broken in ("payfs.store.export.Sheet.as_csv", "payfs.cli.ledger_export.os.rename"):
        with monkeypatch.context() as patch:
            patch.setattr(broken, full)
            assert refused(store, place / "out") == ["the export cannot be written (no space left on device)"]
    assert sorted(os.listdir(place)) == ["link", "there"]


def test_only_those_with_a_role_export(tmp_path):
    store = create_store(str(tmp_path / "l.db"))
    registered(store, tmp_path, ONE_PAYER)
    store.close()
    assert "zed" not in PEOPLE
    result = run("ledger", "export", "homes", tmp_path / "out", "--db", tmp_path / "l.db", "--by", "zed")
    assert result.exit_code == 1
    assert result.stderr.startswith("zed has no role under homes; ask its keeper")
    assert not (tmp_path / "out").exists()
