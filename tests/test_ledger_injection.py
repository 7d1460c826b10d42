"""Whatever is written into a field is kept as it was written, or refused in plain words, and becomes nothing else."""

from __future__ import annotations

import json
import logging

import pytest
from made_ledgers import (
    CLAIMS,
    KEEPER,
    ONE_PAYER,
    QUARTERS,
    claims,
    everything,
    refused,
    registered,
    results,
    settle,
    told,
    total_of,
    written,
)

from payfs.store import open_store, workflow
from payfs.store.audit import check_ledger
from payfs.text import Refused

NASTY = {
    "sql": "x'); DROP TABLE payment; --",
    "sql by another quote": 'x" OR "1"="1',
    "sql in two statements": "1; UPDATE anchor SET count = 0",
    "sql comment": "/* x */ -- y",
    "dollar quote": "$guard$ x $guard$",
    "bind parameter": ":bill %(bill)s ? $1 {bill}",
    "format": "%s %n %d {0} {self.__class__} {{}} ${HOME} `id` $(id)",
    "path": "../../../../etc/passwd",
    "file url": "file:///etc/passwd",
    "markup": "<script>alert(1)</script>&amp;[red]x[/red]",
    "formula": "=HYPERLINK(\"http://x\")",
    "backslash": "\\x00\\' \\u0000 \\",
    "NUL": "x\0y",
    "new line": "x\ny",
    "carriage return": "x\ry",
    "escape": "x\x1b[2Jy",
    "bidi": "x\u202ey",
    "invisible": "x\u200by",
    "lone surrogate": "x\ud800y",
    "long": "x" * 1_000_000,
    "letters of the world": "naïve Ωmega 支付 👍🏽",
    "only spaces": "   ",
    "empty": "",
    "a number": "1e9999999",
    "JSON": '{"x": [1, null]}',
    "boolean": "NO",
    "a name in another case": "ANN",
    "full width": "１２３",
}  # fmt: skip


TRIPPING = {"sql", "path", "format", "NUL", "lone surrogate", "long", "bind parameter", "letters of the world"}


def fields(store, folder, bills):
    """Return every text field of every step, as what takes a step with a text in it."""
    file = results(folder, [("starts", QUARTERS[5], 3)], "more.csv")
    better = results(folder, [("starts", QUARTERS[5], 4)], "better.csv")
    due, approved, paid = bills
    total = total_of(store, "homes", due)
    new = written(folder, ONE_PAYER + "# another\n", "another.yaml")
    w, s, c = workflow, store, "homes"
    day = "2021-06-01"
    return {
        "register by": lambda t: w.register(s, t, written(folder, CLAIMS, "jobs.yaml")),
        "register file": lambda t: w.register(s, KEEPER, t),
        "register key": lambda t: w.register(s, KEEPER, written(folder, CLAIMS, "jobs.yaml"), key=t),
        "amend by": lambda t: w.amend(s, t, c, new, "why"),
        "amend contract": lambda t: w.amend(s, KEEPER, t, new, "why"),
        "amend file": lambda t: w.amend(s, KEEPER, c, t, "why"),
        "amend reason": lambda t: w.amend(s, KEEPER, c, new, t),
        "grant by": lambda t: w.grant(s, t, c, "zoe", "viewer"),
        "grant contract": lambda t: w.grant(s, KEEPER, t, "zoe", "viewer"),
        "grant who": lambda t: w.grant(s, KEEPER, c, t, "viewer"),
        "grant role": lambda t: w.grant(s, KEEPER, c, "zoe", t),
        "grant party": lambda t: w.grant(s, KEEPER, c, "zoe", "approver", t),
        "grant key": lambda t: w.grant(s, KEEPER, c, "zoe", "viewer", key=t),
        "revoke who": lambda t: w.revoke(s, KEEPER, c, t, "viewer"),
        "revoke role": lambda t: w.revoke(s, KEEPER, c, "pat", t),
        "revoke party": lambda t: w.revoke(s, KEEPER, c, "pat", "provider", t),
        "submit by": lambda t: w.submit(s, t, c, [file]),
        "submit contract": lambda t: w.submit(s, "pat", t, [file]),
        "submit file": lambda t: w.submit(s, "pat", c, [t]),
        "submit key": lambda t: w.submit(s, "pat", c, [file], key=t),
        "verify by": lambda t: w.verify(s, t, c, 2),
        "verify contract": lambda t: w.verify(s, "eve", t, 2),
        "verify file": lambda t: w.verify(s, "eve", c, 2, [t], "why"),
        "verify reason": lambda t: w.verify(s, "eve", c, 2, [better], t),
        "send back reason": lambda t: w.send_back(s, "eve", c, 2, t),
        "send back by": lambda t: w.send_back(s, t, c, 2, "why"),
        "approve by": lambda t: w.approve(s, t, c, due, total),
        "approve contract": lambda t: w.approve(s, "beth", t, due, total),
        "approve total": lambda t: w.approve(s, "beth", c, due, t),
        "approve key": lambda t: w.approve(s, "beth", c, due, total, key=t),
        "dispute by": lambda t: w.dispute(s, t, c, due, "why"),
        "dispute reason": lambda t: w.dispute(s, "beth", c, due, t),
        "pay by": lambda t: w.record_payment(s, t, c, approved, day, "x"),
        "pay on": lambda t: w.record_payment(s, "carl", c, approved, t, "x"),
        "pay reference": lambda t: w.record_payment(s, "carl", c, approved, day, t),
        "pay key": lambda t: w.record_payment(s, "carl", c, approved, day, "x", key=t),
        "came back on": lambda t: w.came_back(s, "carl", c, paid, t, "why"),
        "came back reason": lambda t: w.came_back(s, "carl", c, paid, day, t),
        "details by": lambda t: w.set_details(s, t, c, "city", address="x"),
        "details party": lambda t: w.set_details(s, KEEPER, c, t, address="x"),
        "details address": lambda t: w.set_details(s, KEEPER, c, "city", address=t),
        "details tax id": lambda t: w.set_details(s, KEEPER, c, "city", tax_id=t),
        "details purchase order": lambda t: w.set_details(s, KEEPER, c, "city", purchase_order=t),
        "details bank": lambda t: w.set_details(s, KEEPER, c, "city", bank=t),
    }  # fmt: skip


@pytest.fixture(scope="module")
def prepared(databases, empty, tmp_path_factory):
    """A ledger with a bill that is due, one that is approved and one that is paid, and a submission that waits."""
    folder, url = tmp_path_factory.mktemp("nasty"), databases.copy(empty)
    store = open_store(url)
    registered(store, folder, ONE_PAYER)
    rows = [("starts", quarter, 2) for quarter in QUARTERS[:3]]
    workflow.submit(store, "pat", "homes", [results(folder, rows)])
    due, approved, paid = workflow.verify(store, "eve", "homes", 1).bills
    settle(store, "homes", [paid])
    workflow.approve(store, "beth", "homes", approved, total_of(store, "homes", approved))
    waits = results(folder, [("starts", QUARTERS[4], 3)], "waits.csv")
    workflow.submit(store, "pat", "homes", [waits])
    store.close()
    return url, folder, (due, approved, paid)


def texts(value):
    """Return all texts of a row."""
    return [str(part) for part in value]


def test_every_text_field_of_every_step_keeps_what_is_written_or_refuses_it(databases, prepared):
    url, folder, bills = prepared
    mine = databases.copy(url)
    store = open_store(mine)
    before = everything(mine)
    taken, broken, refusals = [], [], 0
    every = 3 if mine.startswith("sqlite") else 12  # what may trip a database, and of the rest one in so many in turn
    for place, field in enumerate(fields(store, folder, bills)):
        for turn, (what, text) in enumerate(NASTY.items()):
            if what not in TRIPPING and (place + turn) % every:
                continue
            try:
                fields(store, folder, bills)[field](text)
            except Refused as no:
                told(no)
                refusals += 1
                said = sum(len(finding.what) + len(finding.remedy) for finding in no.findings)
                assert said < 5_000, (field, what)  # a megabyte is not said back
                continue
            except Exception as error:
                broken.append(f"{field}, {what}: {type(error).__name__}: {error}"[:300])
                continue
            taken.append((field, what))
            after = everything(mine)
            # kept as it was written, in one row at least, but for spaces at its ends
            new = [row for table, rows in after.items() for row in rows if row not in before[table]]
            if field.split()[-1] in ("reason", "reference", "key", "address", "id", "order", "bank"):
                assert any(text.strip() in part or canonical_part(text) in part for row in new for part in texts(row))
            # and nothing that was there is another, but the anchor, which moved by one
            gone = {table: [row for row in rows if row not in after[table]] for table, rows in before.items()}
            assert {table for table, rows in gone.items() if rows} == {"anchor"}
            assert check_ledger(store).findings == ()
            store.close()
            databases.drop(mine)
            mine = databases.copy(url)  # from the beginning: each text meets the same ledger
            store = open_store(mine)
    assert not broken, "\n".join(broken)
    assert everything(mine) == before  # what was refused left nothing
    store.close()
    databases.drop(mine)
    assert refusals > len(NASTY) * (5 if every > 3 else 10)
    kept = {field for field, _ in taken}
    free = ("amend reason", "verify reason", "send back reason", "dispute reason", "pay reference", "came back reason",
            "details address", "details bank", "register key", "pay key")  # fmt: skip
    assert kept >= set(free)  # or nothing was tried in earnest
    assert {what for field, what in taken if field == "pay reference"} >= {"sql", "letters of the world"}
    # what nobody can see, or would break a line, or a database cannot hold, is never kept
    unseen = {"NUL", "new line", "carriage return", "escape", "bidi", "lone surrogate", "long", "only spaces", "empty"}
    assert {(field, what) for field, what in taken if what in unseen} <= {
        (field, what) for field, what in taken if field in ("grant party", "revoke party")
    }


def canonical_part(text):
    """Write a text as it stands within JSON."""
    return json.dumps(text.strip(), ensure_ascii=False)[1:-1]


@pytest.mark.parametrize("what", sorted(NASTY))
def test_files_with_anything_in_them_are_refused_or_read_as_data(databases, prepared, tmp_path, what):
    url, *_ = prepared
    mine = databases.copy(url)
    store = open_store(mine)
    before, text = everything(mine), NASTY[what].encode("utf-8", "surrogatepass")
    other = ONE_PAYER.replace("contract: homes", "contract: other").encode()
    head = b"metric,cohort,period,value,reported\n"
    for name, content in (
        ("metric.csv", head + text + b",,2021-Q4,1,\n"),
        ("cohort.csv", head + b"starts," + text + b",2021-Q4,1,\n"),
        ("period.csv", head + b"starts,," + text + b",1,\n"),
        ("value.csv", head + b"starts,,2021-Q4," + text + b",\n"),
        ("reported.csv", head + b"starts,,2021-Q4,1," + text + b"x\n"),
        ("bare.csv", text),
        ("spec.yaml", other + b"notes: [\"" + text + b"\"]\nx: y\n"),
        ("name.yaml", other.replace(b"contract: other", b"contract: '" + text.replace(b"'", b"''") + b"'")),
    ):  # fmt: skip
        file = tmp_path / name
        file.write_bytes(content)
        if "cohort" in name and not text.strip():
            continue  # no cohort, as it should be
        if name == "name.yaml" and what in NAMES:
            assert workflow.register(store, KEEPER, str(file)).contract == " ".join(NASTY[what].split())
            assert check_ledger(store).findings == ()
            continue
        if name.endswith("csv"):
            refused(workflow.submit, store, "pat", "homes", [str(file)])
        else:
            refused(workflow.register, store, KEEPER, str(file))
    assert (everything(mine) == before) == (what not in NAMES)
    store.close()
    databases.drop(mine)


# which a contract may be called
NAMES = {"a name in another case", "a number", "boolean", "full width", "new line", "carriage return"}


# -- participants

PERSONS = ("zebra-7731", "Quixote.Maria", "born1984x")


def test_who_took_part_is_in_the_claims_file_and_nowhere_else(store, tmp_path, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    for name in ("sqlalchemy.engine", "sqlalchemy.pool", "alembic"):  # every statement; DEBUG would log rows as well
        logging.getLogger(name).setLevel(logging.INFO)
    try:
        answers = claimed(store, tmp_path)
    finally:
        for name in ("sqlalchemy.engine", "sqlalchemy.pool", "alembic"):
            logging.getLogger(name).setLevel(logging.NOTSET)
    seen = {"answers": "\n".join(map(repr, answers)), "logs": caplog.text, "screen": "".join(capsys.readouterr())}
    held = everything(store.url.render_as_string(hide_password=False))
    assert all(any(person.encode() in bytes(part) for row in held["file"] for part in row if isinstance(part, bytes))
               for person in PERSONS)  # fmt: skip
    for table, rows in held.items():
        if table != "file":
            seen[table] = repr(rows)
    assert "sqlalchemy.engine" in caplog.text  # the logs were on
    for place, text in seen.items():
        for person in PERSONS:
            assert person.casefold() not in text.casefold(), (place, person)
    assert check_ledger(store).findings == ()


def claimed(store, folder):
    """Take every step with a claims file, and with reasons that name somebody, which have to be refused."""
    contract = registered(store, folder, CLAIMS)
    rows = [(person, "starts", "2021-02-03") for person in PERSONS]
    rows += [(PERSONS[0], "jobs", "2021-05-06")]
    file = claims(folder, rows)
    better = claims(folder, rows[:-1], "better.csv")
    answers = [workflow.submit(store, "pat", contract, [file], key="s")]
    no = []

    def named(step, *args, **more):
        no.extend(refused(step, store, *args, **more))

    for person in PERSONS:
        for reason in (f"{person} was counted twice", f"twice: ({person})", f"ask about {person.upper()}."):
            named(workflow.verify, "eve", contract, 1, [better], reason)
            named(workflow.send_back, "eve", contract, 1, reason)
    answers.append(workflow.verify(store, "eve", contract, 1, [better], "one was counted twice", key="v"))
    first, *_ = answers[-1].bills
    for person in PERSONS:
        named(workflow.dispute, "beth", contract, first, f"what of {person}?")
    answers.append(workflow.approve(store, "beth", contract, first, total_of(store, contract, first), key="a"))
    for person in PERSONS:
        named(workflow.record_payment, "carl", contract, first, "2021-06-01", f"for {person}")
    answers.append(workflow.record_payment(store, "carl", contract, first, "2021-06-01", "transfer 1", key="p"))
    for person in PERSONS:
        named(workflow.came_back, "carl", contract, first, "2021-06-02", f"{person} has moved")
        named(workflow.set_details, KEEPER, contract, "city", address=f"c/o {person}")
    answers.append(workflow.came_back(store, "carl", contract, first, "2021-06-02", "account closed", key="b"))
    return answers + no
