"""Claims, row by row: what is said of each, which line of the statement it ends in, and that no output shows an id."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from case_files import HEAD, contract_of
from typer.testing import CliRunner

from payfs.claims.fates import fate_of, fates
from payfs.claims.rows import claims_of_rows
from payfs.cli import app
from payfs.payments import Account, pay
from payfs.report.claims_text import fate_lines
from payfs.report.statement_text import statement_lines
from payfs.text import Refused

METRICS: dict[str, Any] = {
    "m": {"unit": "unit"},
    "n": {"unit": "unit"},
}


def row(outcome: str, date: str, person: str = "p-4711", **cells: str) -> dict[str, str]:
    return {"person": person, "outcome": outcome, "date": date, **cells}


def account(parts: dict[str, Any], rows: list[dict[str, str]]) -> Account:
    """Pay claims; the first stands in row 2."""
    contract = contract_of({"metrics": METRICS, "rules": {"m": {"price": "100"}}, **parts})
    claims = claims_of_rows(rows, list(range(2, len(rows) + 2)), "claims.csv", contract.frame)
    return pay(contract, (), claims)


def said(parts: dict[str, Any], rows: list[dict[str, str]], at: int = 0) -> str:
    """Return what is said of one claim, in one line."""
    paid = account(parts, rows)
    found = fate_of(paid.evidence, at + 2 if at >= 0 else len(rows) + 2 + at)
    return " ".join(line.strip() for line in fate_lines(found, paid)).replace('"', "")


def claims(**words: Any) -> dict[str, Any]:
    """Return metrics of which the first has such claims."""
    return {"metrics": {**METRICS, "m": {"unit": "unit", "claims": words}}}


# -- late and withdrawn


def lines(paid: Account) -> list[tuple[str, str, int]]:
    """Return the period, the period of reporting and the amount of each payment that is not nothing [dollars]."""
    return [(p.period, p.reported, p.amount // 100) for p in paid.payments if p.amount]


def test_a_late_claim_is_a_line_in_the_period_in_which_it_is_reported():
    rows = [row("m", "2016-06-01"), row("m", "2016-06-01", "b", reported="2017-01-01")]
    assert lines(account({}, rows)) == [("2016", "2016", 100), ("2016", "2017", 100)]


def test_a_claim_reported_on_the_last_day_of_its_period_is_not_late():
    assert lines(account({}, [row("m", "2016-06-01", reported="2016-12-31")])) == [("2016", "2016", 100)]


def test_a_withdrawn_claim_is_a_negative_line_in_the_later_period():
    found = account({}, [row("m", "2016-06-01"), row("m", "2016-06-01", "b", withdrawn="2018-01-01")])
    assert lines(found) == [("2016", "2016", 200), ("2016", "2018", -100)]
    assert found.payments[1].why.endswith("corrected in 2018: $100.00 less than before")


def test_a_claim_withdrawn_in_its_own_period_is_not_paid_at_all():
    assert lines(account({}, [row("m", "2016-06-01", withdrawn="2016-12-31")])) == []


def test_a_claim_reported_late_and_withdrawn_later_is_paid_and_taken_back():
    found = account({}, [row("m", "2016-06-01", reported="2017-03-01", withdrawn="2018-03-01")])
    assert lines(found) == [("2016", "2017", 100), ("2016", "2018", -100)]


def test_what_a_late_claim_takes_from_a_later_one_is_taken_back_as_well():
    parts = {**claims(times="1")}
    rows = [row("m", "2017-06-01"), row("m", "2016-06-01", reported="2018-02-01")]
    assert lines(account(parts, rows)) == [("2017", "2017", 100), ("2016", "2018", 100), ("2017", "2018", -100)]


def test_a_withdrawn_claim_gives_room_under_a_persons_limit_in_the_later_period():
    parts = {"limits": {"person": {"most": "150", "per": "person"}}}
    rows = [row("m", "2016-06-01", withdrawn="2017-02-01"), row("m", "2016-07-01"), row("m", "2016-08-01")]
    assert lines(account(parts, rows)) == [("2016", "2016", 150)]


def test_what_is_owed_back_claim_by_claim_is_not_cut_by_a_limit_for_one_person():
    price = {"by": ["site"], "amounts": {"a": "100"}}
    parts = {
        "rules": {"m": {"price": "100"}, "back": {"metric": "n", "price": price, "returned": "yes"}},
        "limits": {"person": {"most": "150", "per": "person"}},
    }
    rows = [row("m", f"2016-0{month}-01", site="a") for month in (1, 2)]
    rows += [row("n", f"2017-0{month}-01", site="a") for month in (1, 2)]
    assert lines(account(parts, rows)) == [("2016", "2016", 150), ("2017", "2017", -200)]


def test_claims_do_not_give_a_metric_with_a_coarser_step():
    parts = {"metrics": {**METRICS, "m": {"unit": "unit", "step": "5"}}}
    with pytest.raises(Refused, match="claims are counted one by one, and the step is 5; say step: 1"):
        account(parts, [row("m", "2016-02-01")])


# -- what is said of each claim

PERSON = {"limits": {"person": {"most": "150", "per": "person", "clause": "Sch. 2"}}}
COUNTS = "Counted, and paid for by number. m: it counts m: paid for with all others that count"
TOWARDS = "Nothing is due for it by itself: it counts towards later ones."


def test_a_claim_that_is_paid():
    assert said({}, [row("m", "2016-02-01")]) == f"Row 2: m, 2016-02-01 {COUNTS}"


def test_a_claim_that_is_taken_back():
    price = {"by": ["site"], "amounts": {"a": "100"}}
    rules = {"m": {"price": "100"}, "back": {"metric": "n", "price": price, "returned": "yes"}}
    assert said({"rules": rules}, [row("n", "2016-02-01", site="a")]).endswith(
        "Taken back: $100.00. n: it counts back: $100.00 taken back"
    )
    by_number = {**rules, "back": {"metric": "n", "price": "100", "returned": "yes"}}
    assert said({"rules": by_number}, [row("n", "2016-02-01")]).endswith(
        "Counted, and taken back by number. n: it counts back: taken back with all others that count"
    )


def test_a_claim_of_several_units_of_which_some_count():
    assert said(claims(times="3"), [row("m", "2016-02-01", units="5")]) == (
        "Row 2: m, 2016-02-01, 5 units Counted, and paid for by number, for 3 of 5. "
        "m: it counts: 3 of 5 m: paid for with all others that count"
    )


LIMIT = "the limit 'person' of $150.00 for one person, of which"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (
            0,
            "Due in full: $100.00. m: it counts DUE within LIMIT $0.00 had been used: $100.00 [Sch. 2]",
        ),
        (
            1,
            "Due in part: $50.00 of $100.00. m: it counts DUE $50.00 of it beyond LIMIT $100.00 had been used: "
            "$50.00 [Sch. 2]",
        ),
        (
            2,
            "Cut: nothing of $100.00 is due. m: it counts DUE $100.00 of it beyond LIMIT $150.00 had been used: "
            "$0.00 [Sch. 2]",
        ),
    ],
)
def test_a_claim_within_and_beyond_a_persons_limit(number, expected):
    rows = [row("m", f"2016-0{month}-01") for month in (1, 2, 3)]
    expected = expected.replace("DUE", "m: $100.00 due").replace("LIMIT", LIMIT)
    assert said(PERSON, rows, number) == f"Row {number + 2}: m, 2016-0{number + 1}-01 {expected}"


REFUSED: dict[str, tuple[dict[str, Any], list[dict[str, str]], str]] = {
    "where": (
        {"where": {"hours": {"from": "10", "below": "20"}, "site": ["a", "b"]}, "clause": "Sch. 3"},
        [row("m", "2016-02-01", hours="9", site="a")],
        "m: asked for: hours is 10 or more and below 20 and site is a or b; this is not met [Sch. 3]",
    ),
    "claimed_within": (
        {"claimed_within": "3 months"},
        [row("m", "2016-02-01", reported="2016-05-02")],
        "m: it had to be claimed within 3 months, and was claimed later",
    ),
    "within": (
        {"within": "12 months of start"},
        [row("m", "2016-02-01", start="2015-01-31")],
        "m: it counts within 12 months of start, and lies outside",
    ),
    "closed_by": (
        {"closed_by": ["left", "died"]},
        [row("left", "2016-02-01"), row("m", "2016-02-02")],
        "m: the person has left or died from an earlier day, after which nothing more counts",
    ),
    "needs": (
        {"needs": "n"},
        [row("m", "2016-02-01")],
        "m: it needs an earlier n, and the person has none that counted",
    ),
    "needs_paid": (
        {"needs_paid": "n"},
        [row("m", "2016-02-01")],
        "m: it needs an earlier n that was paid, and none was",
    ),
    "wait": (
        {"needs": "n", "wait": "13 weeks"},
        [row("n", "2016-02-01"), row("m", "2016-05-01")],
        "m: it has to come at least 13 weeks after what it needs, and comes sooner",
    ),
    "not_with": (
        {"not_with": "n"},
        [row("n", "2016-02-01"), row("m", "2016-05-01")],
        "m: it does not go with n, which counted before",
    ),
    "once_a": (
        {"once_a": "quarter"},
        [row("m", "2016-01-01"), row("m", "2016-03-31")],
        "m: one counts for a person in a quarter, and one of the same quarter did already",
    ),
    "times": (
        {"times": "2"},
        [row("m", "2016-01-01"), row("m", "2016-02-01"), row("m", "2016-03-01")],
        "m: it counts twice for one person, and has counted so often already",
    ),
    "months of": (
        {"months": "9 of 18"},
        [row("m", "2016-01-01")],
        "m: it counts towards the 9 months within 18 months that are asked for",
    ),
    "weeks in a row": (
        {"weeks": "13 in a row"},
        [row("m", "2016-01-01")],
        "m: it counts towards the 13 weeks in a row that are asked for",
    ),
    "a run that was broken": (
        {"weeks": "3 in a row"},
        [row("m", "2016-01-18"), row("m", "2016-01-01"), row("m", "2016-01-04")],
        "m: it was part of a run of weeks that was broken before 3 were reached",
    ),
    "a window that went by": (
        {"months": "2 of 3"},
        [row("m", "2016-05-01"), row("m", "2016-01-01")],
        "m: the 3 months in which 2 are asked for went by before they were reached",
    ),
    "a month twice": (
        {"months": "2"},
        [row("m", "2016-01-01"), row("m", "2016-01-02")],
        "m: a month counts once, however many claims it has, and this one had one before",
    ),
    "reached before": (
        {"reaches": {"pay": "5"}},
        [row("m", "2016-01-01", pay="5"), row("m", "2016-01-02", pay="5")],
        "m: the 5 of pay that is asked for had been reached before",
    ),
    "lost": (
        {"lost_by": "left", "lost_within": "6 months"},
        [row("left", "2016-07-01"), row("m", "2016-01-01")],
        "m: it was lost: the person has left within 6 months of its date",
    ),
    "months": ({"months": "3"}, [row("m", "2016-01-01")], "m: it counts towards the 3 months that are asked for"),
    "reaches": (
        {"reaches": {"pay": "768"}},
        [row("m", "2016-01-01", pay="767.99")],
        "m: it counts towards the 768 of pay that is asked for",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_claim_that_does_not_count_says_why(name):
    words, rows, expected = REFUSED[name]
    last = rows[-1]
    verdict = TOWARDS if "it counts towards" in expected else "Refused."
    assert said(claims(**words), rows, -1) == f"Row {len(rows) + 1}: m, {last['date']} {verdict} {expected}"


def test_a_claim_at_which_nothing_is_left_to_make_up():
    parts = {
        "metrics": {**METRICS, "k": {"unit": "unit", "claims": {"missing": "m", "at": "2 of n"}}},
        "rules": {"k": {"price": "100"}},
    }
    rows = [row("m", "2016-01-01"), row("n", "2016-02-01"), row("n", "2016-03-01")]
    first = "k: what is missing is made up at claim 2 of n, which this is not"
    assert first in said(parts, rows, 1)
    assert "k: nothing of m is left to make up" in said(parts, rows, 2)


def test_a_spell_that_waits_for_its_gate():
    metric = {"unit": "day", "claims": {"of": "housed", "days": {"less": "jail", "after": "365 days"}}}
    rows = [row("housed", "2016-01-01", to="2016-02-01"), row("jail", "2016-01-02", to="2016-02-01")]
    parts = {"metrics": {"m": metric}}
    assert said(parts, rows).endswith("m: the person has not been there for 365 days yet")
    assert said(parts, rows, 1).endswith("Not paid for itself: it bears on other claims of the person.")


def test_a_spell_says_what_became_of_each_of_its_days():
    metric = {"unit": "day", "claims": {"of": "housed", "days": {"less": "jail"}, "times": "20"}}
    rows = [
        row("housed", "2015-12-30", to="2016-01-10"),
        row("housed", "2016-01-08", to="2016-01-17"),
        row("jail", "2016-01-12", to="2016-01-14"),
        row("housed", "2016-01-12", to="2016-01-14"),
        row("housed", "2016-01-13", to="2016-01-13"),
        row("housed", "2016-02-01", to="2016-02-09"),
        row("housed", "2016-03-01"),
        row("jail", "2017-05-05", to="2017-05-05", person="p-2"),
        row("housed", "2017-05-05", to="2017-05-05", person="p-2"),
    ]
    parts = {"metrics": {"m": metric}}
    outside = "2 lie in no period in which this is measured, or before what is asked for is reached"
    assert f"m: it counts, with 10 of its 12 days: {outside}" in said(parts, rows)
    shared = "3 stand in rows of the person that begin earlier, and count there; 3 are taken off as days of jail"
    assert f"m: it counts, with 4 of its 10 days: {shared}" in said(parts, rows, 1)
    elsewhere = "all of its days stand in rows of the person that begin earlier, and count there"
    assert said(parts, rows, 3).endswith(f"Refused. m: {elsewhere}")
    beyond = "3 are beyond what counts for one person"
    assert f"m: it counts, with 6 of its 9 days: {beyond}" in said(parts, rows, 5)
    assert said(parts, rows, 6).endswith("m: at most 20 days count for one person, and so many have counted already")
    assert said(parts, rows, 8).endswith("m: all of its days are taken off: they are days of jail")


def test_a_spell_of_which_single_days_do_not_count():
    parts = {"metrics": {"m": {"unit": "day", "claims": {"of": "housed", "days": {"less": "jail"}, "times": "5"}}}}
    rows = [
        row("housed", "2015-12-31", to="2016-01-02"),
        row("housed", "2016-01-02", to="2016-01-04"),
        row("jail", "2016-01-04", to="2016-01-04"),
        row("housed", "2016-02-01", to="2016-02-03"),
    ]
    outside = "1 lies in no period in which this is measured, or before what is asked for is reached"
    assert f"m: it counts, with 2 of its 3 days: {outside}" in said(parts, rows)
    shared = "1 stands in rows of the person that begin earlier, and counts there; 1 is taken off as a day of jail"
    assert f"m: it counts, with 1 of its 3 days: {shared}" in said(parts, rows, 1)
    assert "m: it counts, with 2 of its 3 days: 1 is beyond what counts for one person" in said(parts, rows, 3)


def test_a_rule_that_does_not_pay_in_the_period_is_not_said_to_pay():
    parts = {"rules": {"m": {"price": "100", "periods": ["2017"]}}}
    rows = [row("m", "2016-02-01"), row("m", "2017-02-01")]
    assert said(parts, rows) == "Row 2: m, 2016-02-01 Counted; no rule pays for it by itself. m: it counts"
    assert "Counted, and paid for by number." in said(parts, rows, 1)


def test_an_event_bears_on_others():
    rows = [row("left", "2016-02-01"), row("m", "2016-02-01")]
    expected = "Row 2: left, 2016-02-01 Not paid for itself: it bears on other claims of the person."
    assert said(claims(closed_by="left"), rows) == expected


def test_a_withdrawn_claim_is_due_nothing():
    rows = [row("m", "2016-02-01", withdrawn="2017-01-01"), row("m", "2016-03-01")]
    expected = "Row 2: m, 2016-02-01 Withdrawn: nothing is due for it any more. "
    expected += "As it was known by the end of: 2016: 1 of 1 counted 2017: withdrawn"
    assert said({}, rows) == expected


@pytest.mark.parametrize("rows", [[], [row("m", "2016-02-01")]])
def test_a_row_that_there_is_none_is_refused(rows):
    with pytest.raises(Refused):
        fate_of(account({}, rows).evidence, 99)


# -- the command line

CONTRACT = """\
contract: case
title: A contract made for a test
currency: USD
parties: {city: {name: City, role: outcome payer}, provider: {name: Provider, role: service provider}}
payer: city
payee: provider
periods: {years: {every: year, from: 2016-01-01, to: 2018-12-31}}
metrics:
  training: {unit: unit, claims: {times: 1}}
  job: {unit: unit, claims: {needs: [training], closed_by: [left]}}
  housed: {unit: day, claims: {days: {less: [jail]}}}
rules:
  training: {price: 100}
  job: {price: {by: [site], amounts: {north: 10, south: 20}}}
  housed: {price: 1}
limits:
  person: {most: 115, per: person, rules: [training, job]}
"""
PEOPLE = ("AB123456C", "zq-0815", "Maria Rossi")
ROWS = [
    ("person", "outcome", "date", "to", "site", "withdrawn"),
    ("AB123456C", "training", "2016-02-01", "", "north", ""),
    ("AB123456C", "job", "2016-03-01", "", "north", ""),
    ("AB123456C", "job", "2016-04-01", "", "north", ""),
    ("AB123456C", "left", "2016-05-01", "", "", ""),
    ("AB123456C", "job", "2016-06-01", "", "north", ""),
    ("zq-0815", "job", "2016-06-01", "", "south", ""),
    ("zq-0815", "housed", "2016-06-01", "2016-06-30", "", ""),
    ("zq-0815", "jail", "2016-06-03", "2016-06-04", "", ""),
    ("Maria Rossi", "training", "2016-06-03", "", "", "2017-06-03"),
]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "x.yaml").write_text(CONTRACT, encoding="utf-8")
    (tmp_path / "x.csv").write_text("\n".join(map(",".join, ROWS)) + "\n", encoding="utf-8")
    return tmp_path / "x.yaml", tmp_path / "x.csv"


def run(*arguments: object, status: int = 0) -> str:
    result = CliRunner().invoke(app, [str(word) for word in arguments])
    assert result.exit_code == status, result.output
    return result.output


def test_no_output_shows_an_id_unless_it_is_asked_for(files):
    spec, file = files
    outputs = [
        run("pay", spec, "--results", file),
        run("pay", spec, "--results", file, "--json"),
        run("explain", spec, "--results", file),
        *(run("explain", spec, "--results", file, "--claim", n) for n in range(2, 11)),
        run("explain", spec, "--results", file, "--claim", 99, status=1),
    ]
    for output in outputs:
        assert not [person for person in PEOPLE if person.casefold() in output.casefold()]
    shown = run("explain", spec, "--results", file, "--claim", 2, "--show-people")
    assert shown.startswith("Row 2: training, 2016-02-01, person AB123456C\n")


def test_the_statement_counts_what_became_of_the_claims(files):
    spec, file = files
    output = run("pay", spec, "--results", file)
    counted = [line.strip().rsplit(maxsplit=1) for line in output.split("Claims\n")[1].splitlines()]
    assert {words.strip(): number for words, number in counted} == {
        "paid": "3",
        "cut by the limit person": "1",
        "refused: closed by an event": "1",
        "refused: lacks an earlier outcome": "1",
        "only bear on others": "2",
        "withdrawn": "1",
    }
    made = json.loads(run("pay", spec, "--results", file, "--json"))["claims"]
    assert (made["paid"], made["cut"], made["withdrawn"]) == (3, {"person": 1}, 1)
    assert (sum(made["refused"].values()), made["events"]) == (2, 2)


def test_a_workbook_is_paid_as_a_csv_file_is(files, tmp_path):
    spec, file = files
    book = openpyxl.Workbook()
    for cells in ROWS:
        days = [datetime.date.fromisoformat(cell) if cell[:2] == "20" else cell or None for cell in cells]
        book.active.append(days)
    book.save(tmp_path / "x.xlsx")
    assert run("pay", spec, "--results", tmp_path / "x.xlsx") == run("pay", spec, "--results", file)


def test_nothing_of_a_refused_file_is_paid(files):
    spec, file = files
    with file.open("a", encoding="utf-8") as opened:
        opened.write("Maria Rossi,flight,2016-06-03,,,\nMARIA ROSSI,training,soon,,,\n")
    output = run("pay", spec, "--results", file, status=1)
    assert len(output.splitlines()) == 3
    assert "$" not in output
    assert "rossi" not in output.casefold()


def test_one_file_of_claims_is_read(files):
    spec, file = files
    assert "this is the second file of claims" in run("pay", spec, "--results", file, "--results", file, status=1)


@pytest.mark.parametrize(
    "first",
    [
        "person,outcome,dates",
        "persn,outcome,date",
        "person;outcome;date",
        "AB123456C,training,2016-02-01",
        "person\toutcome",
    ],
)
def test_a_file_with_a_faulty_header_is_still_taken_for_claims(first, files):
    spec, file = files
    file.write_text(f"{first}\nAB123456C,training,2016-02-01\n", encoding="utf-8")
    output = run("pay", spec, "--results", file, status=1)
    assert "metric" not in output
    assert "AB123456C" not in output


def test_rows_that_say_the_same_in_other_words_are_one_claim_too_many(tmp_path):
    spec, file = tmp_path / "c.yaml", tmp_path / "c.csv"
    spec.write_text(yaml.safe_dump({**HEAD, "metrics": {"m": {"unit": "unit"}}, "rules": {"m": {"price": 10}}}))
    file.write_text("person,outcome,date,units,reported\nz,m,2016-02-01,,\nz,m,2016-02-01,1,2016-02-01\n")
    output = run("pay", spec, "--results", file, status=1)
    assert "it says the same as row 2" in output


def test_an_open_spell_goes_on_until_the_day_that_is_named(tmp_path):
    spec, file = tmp_path / "c.yaml", tmp_path / "c.csv"
    metrics = {"h": {"unit": "day", "claims": {"of": ["housed"], "days": {}}}}
    spec.write_text(yaml.safe_dump({**HEAD, "metrics": metrics, "rules": {"h": {"price": 1}}}))
    file.write_text("person,outcome,date,to\nz,housed,2016-12-01,\n")
    assert json.loads(run("pay", spec, "--results", file, "--json"))["total"] == "31.00"
    paid = json.loads(run("pay", spec, "--results", file, "--json", "--as-of", "2017-01-10"))
    assert paid["by_period"] == {"2016": "31.00", "2017": "10.00"}
    assert "is not a date" in run("pay", spec, "--results", file, "--as-of", "soon", status=1)


def test_a_file_without_a_header_does_not_tell_its_first_person(tmp_path):
    spec, file = tmp_path / "c.yaml", tmp_path / "c.csv"
    spec.write_text(yaml.safe_dump({**HEAD, "metrics": {"m": {"unit": "unit"}}, "rules": {"m": {"price": 10}}}))
    for text in ("JaneDoe77,m,01/02/2016\n", "outcome,date,JaneDoe77\nm,2016-01-01,1\n", "person,outcome,JaneDoe77\n"):
        file.write_text(text)
        assert "JaneDoe77" not in run("pay", spec, "--results", file, status=1)


# -- what was known when


def test_a_claim_that_was_paid_and_taken_back_says_when():
    parts = {
        "periods": {"months": {"every": "month", "from": "2017-01-01", "to": "2017-12-31"}},
        "metrics": {"m": {"unit": "unit"}, "n": {"unit": "unit", "claims": {"needs_paid": ["m"]}}},
        "rules": {"m": {"price": "25"}, "n": {"price": {"by": ["site"], "amounts": {"north": "50"}}}},
    }
    rows = [
        row("m", "2017-02-01", reported="2017-03-02", withdrawn="2017-04-10"),
        row("n", "2017-02-03", site="north"),
        row("m", "2017-02-03", "p-2"),
    ]
    withdrawn = "As it was known by the end of: 2017-03: 1 of 1 counted 2017-04: withdrawn"
    assert said(parts, rows).endswith(f"Withdrawn: nothing is due for it any more. {withdrawn}")
    refused = "not counted: lacks an earlier outcome that was paid"
    history = f"2017-02: {refused} 2017-03: $50.00 due 2017-04: {refused}"
    assert said(parts, rows, 1).endswith(f"As it was known by the end of: {history}")
    assert "As it was known" not in said(parts, rows, 2)


def test_a_claim_that_was_not_reported_by_then_is_not_called_withdrawn():
    contract = contract_of({"metrics": METRICS, "rules": {"m": {"price": "100"}}})
    rows = [row("m", "2016-02-01", reported="2017-02-01"), row("m", "2016-03-01", withdrawn="2017-03-01")]
    claims_ = claims_of_rows(rows, [2, 3], "claims.csv", contract.frame)
    paid = pay(contract, (), claims_, (datetime.date(2016, 12, 31) - datetime.date(1970, 1, 1)).days)
    assert "Not reported by then: nothing is due for it yet." in "".join(fate_lines(fate_of(paid.evidence, 2), paid))
    made = fates(paid.evidence)
    assert made is not None
    assert (made.paid, made.withdrawn, made.unreported) == (1, 0, 1)


def test_a_correction_shows_the_count_that_it_rests_on():
    rows = [
        row("m", "2016-02-01"),
        row("m", "2016-03-01", "p-2", reported="2017-02-01"),
        row("m", "2016-04-01", "p-3", reported="2018-02-01"),
    ]
    told = [(p.reported, p.measured) for p in account({}, rows).payments if p.amount]
    assert told == [("2016", "1"), ("2017", "2"), ("2018", "3")]


def test_silence_that_keeps_something_from_being_due_is_said():
    parts = {
        "metrics": {"m": {"unit": "unit"}, "n": {"unit": "unit", "claims": {"of": ["bad"]}}},
        "rules": {"m": {"price": "1", "gate": {"metric": "n", "below": "1"}}},
    }
    text = " ".join(" ".join(statement_lines(account(parts, [row("m", "2016-02-01")]))).split())
    assert "No claim that bears on 'n' lies in 2016." in text
    assert "say if_none: 0 under its claims" in text
    parts["metrics"]["n"]["claims"]["if_none"] = "0"  # type: ignore[index]
    assert "No claim that bears" not in " ".join(statement_lines(account(parts, [row("m", "2016-02-01")])))


def test_what_is_done_to_all_claims_of_a_rule_is_named():
    parts = {
        "rules": {"m": {"price": "100", "pays_for": "5 of 6"}},
        "limits": {"all": {"most": "150"}},
    }
    text = said(parts, [row("m", "2016-02-01"), row("m", "2016-03-01")])
    assert "only 5 of every 6 are paid for, whichever they are and the limit 'all'" in text
    assert "Limits cut $50.00 from all of them in 2016." in text


def test_a_claim_that_one_rule_cuts_and_another_pays_for_is_cut():
    parts = {
        "rules": {"m": {"price": "100"}, "also": {"metric": "m", "price": "50"}},
        "limits": {"person": {"most": "100", "per": "person", "rules": ["m"]}},
    }
    rows = [row("m", "2016-02-01"), row("m", "2016-03-01")]
    assert "Cut: nothing of $100.00 is due. Another rule pays for it by number." in said(parts, rows, 1)
    made = fates(account(parts, rows).evidence)
    assert made is not None
    assert (made.paid, made.cut) == (1, {"person": 1})
    parts["limits"]["other"] = {"most": "1000", "per": "person", "rules": ["also"]}
    made = fates(account(parts, rows).evidence)
    assert made is not None
    assert (made.paid, made.cut) == (1, {"person": 1})
