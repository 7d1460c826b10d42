"""Workbooks: what stands in them is what is paid, formulas come to it and go on to, and text stays text."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from scenes import SPECS
from test_charts import HOSTILE, examples_of, of_text, read_results_of
from typer.testing import CliRunner

from payfs.cli import app
from payfs.contract import Contract, load
from payfs.drafting.draft import not_signed
from payfs.evidence.results import read_results
from payfs.incentives.alone import alone, without_limits
from payfs.money import currency
from payfs.payments import Account, pay
from payfs.report.excel import EXACT, Book, summed, tables_workbook
from payfs.report.live import Live, live
from payfs.report.tables import Amount, Number, Percent, table_of
from payfs.report.workbook import payment_tables, workbook
from payfs.statement import statement

DEALS = sorted(SPECS.glob("*.yaml"))
USD, JPY = currency("USD"), currency("JPY")
LIVE = "Quantity times price"
CUTS_THROUGH = "it cuts through what another limit takes together"
FORMULA = re.compile(r"=(?:(?:SUM|ROUND|MIN|MAX)\(|[A-Z0-9:,.*\-()])+")


def opened(made: bytes, values: bool = False) -> Any:
    return openpyxl.load_workbook(io.BytesIO(made), data_only=values)


def paid_on(contract: Contract) -> Account | None:
    """Return what the example with the most payments comes to, under the contract as it stands."""
    found = [account for account in examples_of(contract) if account.contract is contract]
    return max(found, key=lambda account: len(account.payments), default=None)


class Sums:
    """Works a sheet's formulas out once more, with exact fractions: what a spreadsheet does, and nothing of payfs."""

    def __init__(self, sheet: Any, changed: Mapping[str, Fraction] | None = None) -> None:
        self.cells = {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row}
        self.cells |= dict(changed or {})
        self.known: dict[str, Fraction] = {}
        self.left: list[list[str]] = []  # words of the formulas that are being worked out, the innermost last

    def value(self, name: str) -> Fraction:
        if name not in self.known:
            found = self.cells.get(name)
            if isinstance(found, str) and found.startswith("="):
                self.left.append(re.findall(r"[A-Z]+(?=\()|[A-Z]+\d+|\d+|[-*(),:]", found[1:]))
                self.known[name] = self._sum()
                assert self.left.pop() == []
            else:
                self.known[name] = Fraction(0) if found is None else Fraction(str(found))
        return self.known[name]

    def _next(self) -> str:
        return self.left[-1][0] if self.left[-1] else ""

    def _take(self) -> str:
        return self.left[-1].pop(0)

    def _sum(self) -> Fraction:
        value = self._product()
        while self._next() == "-":
            self._take()
            value -= self._product()
        return value

    def _product(self) -> Fraction:
        value = self._single()
        while self._next() == "*":
            self._take()
            value *= self._single()
        return value

    def _single(self) -> Fraction:
        word = self._take()
        if word.isdigit():
            return Fraction(word)
        if re.fullmatch(r"[A-Z]+\d+", word):
            return self.value(word)
        assert self._take() == "("
        given: list[Fraction] = []
        while True:
            given += self._argument()
            if self._take() == ")":
                break
        if word == "ROUND":
            scaled = given[0] * 10 ** int(given[1])
            size = (2 * abs(scaled) + 1).__floor__() // 2  # half up, away from zero
            return Fraction(size if scaled >= 0 else -size, 10 ** int(given[1]))
        return {"SUM": lambda values: sum(values, Fraction(0)), "MIN": min, "MAX": max}[word](given)

    def _argument(self) -> list[Fraction]:
        if self.left[-1][1:2] == [":"]:
            first, _, last = self._take(), self._take(), self._take()
            (column, start), (_, stop) = re.findall(r"([A-Z]+)(\d+)", f"{first} {last}")
            return [self.value(f"{column}{row}") for row in range(int(start), int(stop) + 1)]
        return [self._sum()]


def head_of(sheet: Any) -> int:
    return next(row for row in range(1, 20) if sheet.cell(row, 1).value == "Rule")


def total_of(sheet: Any) -> str:
    """Return the cell with the live total."""
    found = [row for row in range(1, sheet.max_row + 1) if str(sheet.cell(row, 1).value).startswith("Total")]
    assert len(found) == 1
    return f"H{found[0]}"


# --- every real contract -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", DEALS, ids=lambda file: file.stem)
def test_the_workbook_of_every_real_contract_adds_up_and_its_formulas_come_to_what_stands_beside_them(
    file: Path,
) -> None:
    contract = load(file)
    account = paid_on(contract)
    made = workbook(contract, account)
    book, cached = opened(made), opened(made, values=True)
    assert len({name.casefold() for name in book.sheetnames}) == len(book.sheetnames)
    money = contract.money
    if account is not None:
        lines = book["Statement lines"]
        column = [cell.value for cell in lines[1]].index(f"Amount [{money.code}]") + 1 if account.payments else 11
        amounts = [Fraction(str(lines.cell(row, column).value)) for row in range(2, lines.max_row + 1)]
        assert sum(amounts) * money.minor == account.total
        for name, table in payment_tables(account).items():
            assert book[name].max_row == len(table.cells) + 1
            assert book[name].freeze_panes == "A2"
        years = payment_tables(account)["By fiscal year and payer"].cells
        assert sum(row[-1].minor for row in years[:-1] if isinstance(row[-1], Amount)) == account.total
    for sheet in book:
        formulas = [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
        assert not formulas or sheet.title == LIVE
        sums = Sums(sheet)
        for cell in formulas:
            assert FORMULA.fullmatch(cell.value)
            assert len(cell.value) < 8192
            assert Fraction(str(cached[sheet.title][cell.coordinate].value)) == sums.value(cell.coordinate)


@pytest.mark.parametrize("name", ["uk-care-leavers-sib", "denver-sib", "chicago-cpc", "ticket-to-work"])
def test_changed_quantities_come_to_what_the_engine_pays(name: str) -> None:
    contract = load(SPECS / f"{name}.yaml")
    made = live(contract)
    sheet = opened(workbook(contract))[LIVE]
    head = head_of(sheet)
    rules = tuple(dict.fromkeys(row.rule for row in made.rows))
    part = without_limits(alone(contract, *rules), set(made.without))
    for turn, most in enumerate((2, 90, 4000)):
        changed: dict[str, Fraction] = {}
        series = dict(contract.frame.empty().series)
        for number, row in enumerate(made.rows):
            if isinstance(sheet.cell(head + 1 + number, 5).value, str):
                continue  # another rule asks for the same quantity, and stands above
            quantity = (number * 7919 + turn * 31) % (most + 1) if (number + turn) % 4 else 0
            changed[f"E{head + 1 + number}"] = made.scale(row).value(quantity)
            one, at = series[row.metric], (row.cohort or 0, row.period)
            values, present = one.values.copy(), one.present.copy()
            values[at], present[at] = quantity, bool((number + turn) % 4)
            series[row.metric] = replace(one, values=values, present=present)
        paid = statement(part, replace(contract.frame.empty(), series=series))
        wanted = sum(int(stream.paid.sum()) for stream in paid.streams if stream.rule in rules)
        assert wanted > 0
        assert Sums(sheet, changed).value(total_of(sheet)) * contract.money.minor == wanted


def test_a_limit_that_is_reached_cuts_the_total() -> None:
    contract = load(SPECS / "uk-care-leavers-sib.yaml")
    sheet = opened(workbook(contract))[LIVE]
    head = head_of(sheet)
    rows = range(head + 1, head + 1 + len(live(contract).rows))
    cohort = [row for row in rows if sheet.cell(row, 3).value == "reboot west"]
    assert Sums(sheet, {f"E{cohort[8]}": Fraction(10**6)}).value(total_of(sheet)) == 2_250_000


# --- what is live and what is not ------------------------------------------------------------------------------------


def test_what_cannot_be_worked_out_live_is_said_in_words_with_what_was_paid() -> None:
    contract = load(SPECS / "denver-sib.yaml")
    account = pay(contract, read_results(SPECS / "results" / "denver-sib.csv", contract.frame))
    sheet = opened(workbook(contract, account))[LIVE]
    said = [[cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows()]
    assert ["jail days", "its price lies in tiers", 5104000] in said
    assert ['The limit "contract" is not worked out here: it also limits the rule "jail days".'] in said
    assert ["All rules, as payfs works them out on these results", 9638911.36] in said
    assert sheet["A16"].value == 'Total of these rules, before the limit "contract"'


CARD = """
contract: card
title: A card
currency: EUR
parties:
  city: {name: City, role: outcome payer}
  firm: {name: Firm, role: service provider}
payer: city
payee: firm
population: {cohorts: {east: {}, west: {}}}
periods: {years: {every: year, from: 2024-01-01, to: 2025-12-31, paid: 30 days after the period}}
metrics: {homes: {unit: home}, jobs: {unit: job}}
rules:
  homes: {metric: homes, price: 10.5, most: 100}
  jobs: {metric: jobs, price: {by_cohort: {east: 3, west: 4.25}}}
"""


def card(more: str = "", **changes: str) -> Live:
    text = CARD + more
    for old, new in changes.items():
        text = text.replace(f"{old}: {{", f"{old}: {{{new}, ", 1)
    return live(of_text(text))


@pytest.mark.parametrize(
    ("limits", "caps", "without"),
    [
        ("", 1, {}),
        ("limits: {all: {most: 120}}", 2, {}),
        ("limits: {each: {most: 120, per: cohort}}", 1, {"each": CUTS_THROUGH}),
        ("limits: {each: {most: 50, per: rule}, all: {most: 120}}", 4, {}),
        (
            "limits: {jobs: {most: 9, per: [period, cohort], rules: [jobs]}, all: {most: 120}}",
            6,
            {},
        ),
        ("limits: {a: {most: 9, per: period}, b: {most: 120}}", 1, {
            "a": CUTS_THROUGH, "b": "it comes after a limit that is left out",
        }),
        (
            "limits: {kept: {most: 9, per: period, beyond: carried forward, rules: [jobs]}}",
            1,
            {"kept": "what it leaves or cuts is carried forward"},
        ),
        ("limits: {x: {most: unknown}}", 1, {"x": "it is not one known amount"}),
    ],
)  # fmt: skip
def test_limits_are_formulas_as_far_as_each_takes_whole_parts_of_what_was_before_it(
    limits: str, caps: int, without: dict[str, str]
) -> None:
    made = card(limits + "\n")
    assert (len(made.caps), dict(made.without)) == (caps, without)
    assert not made.left_out


@pytest.mark.parametrize(
    ("term", "why"),
    [
        ("gate: {metric: homes, from: 1}", "it pays only where its gate is open"),
        ("baseline: 3", "only what passes its baseline counts"),
        ("most_units: 3", "it counts up to a number only"),
        ("two_way: yes", "it may owe something back"),
        ("per: 2, complete: yes", "only whole lots count"),
    ],
)
def test_a_rule_that_is_more_than_quantity_times_price_is_left_out_with_the_reason(term: str, why: str) -> None:
    made = live(of_text(CARD.replace("price: {by_cohort", f"{term}, price: {{by_cohort")))
    assert dict(made.left_out) == {"jobs": why}
    assert {row.rule for row in made.rows} == {"homes"}


def test_a_rule_of_which_nobody_thought_is_left_out_because_the_engine_pays_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from payfs.report import live_rows

    monkeypatch.setattr(live_rows, "TERMS", {})
    made = live(of_text(CARD.replace("price: {by_cohort", "baseline: 3, price: {by_cohort")))
    assert dict(made.left_out) == {"jobs": "what it pays hangs on more than its quantities"}


def test_a_limit_of_which_nobody_thought_is_left_out_because_the_engine_pays_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from payfs.report import live as module

    real = module._buckets

    def one_bucket(*given: Any) -> Any:
        why, keys = real(*given)
        return why, dict.fromkeys(keys, "")

    monkeypatch.setattr(module, "_buckets", one_bucket)
    made = live(of_text(CARD.replace(", most: 100", "") + "limits: {each: {most: 9, per: period}}\n"))
    assert dict(made.without) == {"each": "it does not go by these quantities alone"}
    assert made.caps == ()


def test_prices_finer_than_a_cent_are_rounded_as_the_contract_says_or_not_worked_out() -> None:
    fine = CARD.replace("price: 10.5", "price: 0.125")
    made = live(of_text(fine))
    assert not made.left_out
    (value,) = made.worked_out([np.array([3 if row == made.rows[0] else 0]) for row in made.rows])[0]
    assert value == 38
    assert live(of_text(fine + "rounding: {how: down}\n")).left_out == {
        "homes": "it is rounded in a way that a spreadsheet may miss"
    }


def test_two_rules_that_count_the_same_share_one_cell() -> None:
    contract = of_text(
        CARD.replace("metric: jobs, price: {by_cohort: {east: 3, west: 4.25}}", "metric: homes, price: 1")
    )
    sheet = opened(workbook(contract))[LIVE]
    head = head_of(sheet)
    assert sheet.cell(head + 5, 5).value == f"=E{head + 1}"
    assert Sums(sheet, {f"E{head + 1}": Fraction(2)}).value(total_of(sheet)) == 23


# --- numbers and text ------------------------------------------------------------------------------------------------


def test_amounts_have_the_decimals_of_their_currency_and_what_excel_cannot_hold_is_text() -> None:
    huge = Amount(EXACT, USD)
    table = table_of(
        ("USD", "JPY", "Share", "Number", "Day", "Old day", "Both"),
        [
            (Amount(-123456, USD), Amount(5, JPY), Percent(0.1234, 2), Number(1.5, 2), datetime.date(2024, 2, 29),
             datetime.date(1900, 1, 5), Amount(5, USD)),
            (huge, Amount(10**12, JPY), "", 7, "", "", Amount(5, JPY)),
        ],
    )  # fmt: skip
    sheet = opened(tables_workbook({"A": table}))["A"]
    assert [cell.value for cell in sheet[1]] == ["USD", "JPY", "Share", "Number", "Day", "Old day", "Both"]
    assert [(cell.value, cell.number_format) for cell in sheet[2]] == [
        (-1234.56, "#,##0.00"),
        (5, "#,##0"),
        (0.1234, "0.00%"),
        (1.5, "#,##0.00"),
        (datetime.datetime(2024, 2, 29), "yyyy-mm-dd"),
        ("1900-01-05", "General"),
        ("$0.05", "General"),
    ]
    assert sheet["A3"].value == str(huge)
    assert sheet["B3"].value == 10**12


BAD = ['=HYPERLINK("http://example.org","x")', "+1", "-1", "@SUM(A1)", "\t=1", "http://example.org", "1e5", "TRUE"]


def test_nothing_that_somebody_wrote_becomes_a_formula_a_link_or_a_number() -> None:
    made = tables_workbook({"=A1": table_of(("=1", *"bc"), [(text, text, 1) for text in BAD])})
    sheet = opened(made).worksheets[0]
    for row, text in enumerate(BAD, 2):
        cell = sheet.cell(row, 1)
        assert (cell.value, cell.data_type) == (text.strip("\t") if text != "\t=1" else " =1", "s")
        assert cell.hyperlink is None
        if text[0] in "=+-@\t":
            assert cell.quotePrefix
    assert sheet["A1"].data_type == "s"
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert not [name for name in archive.namelist() if "external" in name.lower() or "hyperlink" in name.lower()]
        assert "<f>" not in archive.read("xl/worksheets/sheet1.xml").decode()


def test_hostile_contracts_are_written_as_they_are() -> None:
    text = HOSTILE.replace("$a$ datum.amount", "A" * 300).replace("price: 1000}", "price: 1000000}")
    contract = of_text(text.replace("[$", "$"))
    account = pay(contract, read_results_of(contract, "homes,,2024,900000\ndays,,2025,7\n"))
    made = workbook(contract, account)
    book = opened(made)
    summary = [cell.value for row in book["Summary"].iter_rows() for cell in row]
    assert '=HYPERLINK("http://example.org","pay")' in summary
    assert "<script>alert(1)</script>" in summary
    assert "A" * 300 in summary
    assert [cell.data_type for row in book["Summary"].iter_rows() for cell in row].count("f") == 0
    assert Sums(book[LIVE]).value(total_of(book[LIVE])) * 100 == account.total == 900_000 * 10**8 + 7


def test_control_characters_and_very_long_texts_can_be_opened() -> None:
    sheet = opened(tables_workbook({"A": table_of(("a",), [("x\x00\x1b\u202ey",), ("y" * 40_000,)])}))["A"]
    assert sheet["A2"].value == "x‹U+0000›‹U+001B›‹U+202E›y"
    assert len(sheet["A3"].value) < 32_768


def test_names_of_sheets_are_made_valid_and_unlike_each_other() -> None:
    table = table_of(("a",), [])
    names = ["", "History", "a/b:c*?[x]", "'quoted'", "x" * 40, "X" * 40, "x" * 31, "A/B:C*?[X]"]
    found = opened(tables_workbook(dict.fromkeys(names[:1], table) | dict.fromkeys(names[1:], table))).sheetnames
    assert found == [
        "Sheet", "History sheet", "a b c   x", "quoted", "x" * 31, f"{'X' * 29} 2", f"{'x' * 29} 3", "A B C   X 2",
    ]  # fmt: skip


def test_a_workbook_without_a_table_opens() -> None:
    assert opened(tables_workbook({})).sheetnames == ["Empty"]


def test_the_same_contract_gives_the_same_bytes_and_no_time_of_the_machine() -> None:
    contract = load(SPECS / "uk-care-leavers-sib.yaml")
    made = workbook(contract, paid_on(contract))
    again = load(SPECS / "uk-care-leavers-sib.yaml")
    assert made == workbook(again, paid_on(again))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
        assert b"2000-01-01T00:00:00Z" in archive.read("docProps/core.xml")


def test_every_page_is_printed_in_landscape_with_its_head_and_number() -> None:
    contract = load(SPECS / "denver-sib.yaml")
    sheet = opened(workbook(contract))["Schedule"]
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.paperSize == 1
    assert sheet.print_title_rows == "$1:$1"
    assert "&P" in sheet.oddFooter.right.text or "Page" in sheet.oddFooter.right.text
    assert opened(workbook(load(SPECS / "jp-hachioji.yaml")))["Schedule"].page_setup.paperSize == 9


def test_a_sum_of_very_many_cells_stays_within_what_excel_takes() -> None:
    formula = summed([(2 * row, 7) for row in range(1000)])
    assert formula.startswith("SUM(SUM(H1,H3,")
    assert max(part.count(",") for part in re.findall(r"SUM\(([^()]*)\)", formula)) < 255
    assert summed([(1, 7), (2, 7), (5, 7)]) == "SUM(H2:H3,H6)"
    assert summed([]) == "0"


def test_a_book_counts_pages_and_doubles_the_sign_that_excel_takes_for_a_code() -> None:
    book = Book("A & B")
    book.sheet("a").finish()
    with zipfile.ZipFile(io.BytesIO(book.written())) as archive:
        assert "&amp;LA &amp;&amp; B&amp;RPage &amp;P of &amp;N" in archive.read("xl/worksheets/sheet1.xml").decode()


# --- the commands ----------------------------------------------------------------------------------------------------


def test_the_commands_write_both_files_and_overwrite_nothing(tmp_path: Path) -> None:
    results = SPECS / "results" / "denver-sib.csv"
    word, excel = tmp_path / "a.docx", tmp_path / "a.xlsx"
    run = CliRunner().invoke
    assert run(app, ["annex", "denver-sib", str(word)]).output == f"{word} is written\n"
    assert run(app, ["workbook", "denver-sib", str(excel), "--results", str(results)]).exit_code == 0
    assert "Statement lines" in opened(excel.read_bytes()).sheetnames
    again = run(app, ["workbook", "denver-sib", str(excel)])
    assert again.exit_code == 1
    assert "the file is there already" in again.output
    assert run(app, ["annex", "denver", str(tmp_path / "b.docx")]).exit_code == 1
    assert not (tmp_path / "b.docx").exists()


def test_the_workbook_of_a_draft_says_so_at_its_head_and_at_the_foot_of_every_page() -> None:
    contract = load(SPECS / "denver-sib.yaml")
    book = opened(workbook(contract, draft=not_signed("denver 2", 3, changed=True)))
    said = "Draft, changed since version 3 of denver 2, not signed"
    assert ("Standing", said) in [(row[0].value, row[1].value) for row in book["Summary"].iter_rows(max_col=2)]
    assert all(sheet.oddFooter.left.text.startswith(f"{said}. Denver") for sheet in book)
    assert not [row for row in opened(workbook(contract))["Summary"].values if row[0] == "Standing"]


def test_without_results_a_workbook_has_no_payments_and_says_so(tmp_path: Path) -> None:
    excel = tmp_path / "a.xlsx"
    assert CliRunner().invoke(app, ["workbook", "uk-care-leavers-sib", str(excel)]).exit_code == 0
    book = opened(excel.read_bytes())
    assert book.sheetnames == ["Summary", LIVE, "Schedule", "Worked examples"]
    said = [str(cell.value) for row in book["Summary"].iter_rows() for cell in row]
    assert any(text.startswith("No results were given") for text in said)
    assert Sums(book[LIVE]).value(total_of(book[LIVE])) == 0
