"""The payment annex: what it says is what the contract says, it opens, and the same contract gives the same bytes."""

from __future__ import annotations

import io
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm
from docx.table import Table
from docx.text.paragraph import Paragraph
from lxml import etree
from scenes import SPECS
from test_charts import HOSTILE, of_text

from payfs import __version__
from payfs.contract import Contract, load
from payfs.drafting.draft import not_signed
from payfs.examples import run_example
from payfs.report.annex import annex
from payfs.report.bill_words import visible
from payfs.report.chapters import chapters
from payfs.report.phrases import Rows
from payfs.report.schedule import schedule

DEALS = sorted(SPECS.glob("*.yaml"))


def opened(contract: Contract) -> Any:
    """Write the annex and open it again."""
    return Document(io.BytesIO(annex(contract)))


def words_of(document: Any) -> list[str]:
    """Return every text of a document in its order: paragraphs, and the cells of tables."""
    found = []
    for item in document.iter_inner_content():
        if isinstance(item, Paragraph):
            found.append(item.text)
        elif isinstance(item, Table):
            found += [text.text or "" for text in item._tbl.iter(qn("w:t"))]
    return found


@pytest.mark.parametrize("file", DEALS, ids=lambda file: file.stem)
def test_the_annex_of_every_real_contract_has_all_that_its_plain_english_says(file: Path) -> None:
    contract = load(file)
    document = opened(contract)
    whole = " ".join(words_of(document))
    headings = [
        (paragraph.style.name, paragraph.text)
        for paragraph in document.paragraphs
        if paragraph.style.name.startswith("Heading")
    ]
    for chapter in chapters(contract):
        assert ("Heading 1", chapter.title.capitalize()) in headings
        for block in chapter.blocks:
            assert visible(block.heading) in whole
            for item in block.body:
                for text in [cell for row in item.rows for cell in row] if isinstance(item, Rows) else [item]:
                    assert visible(text) in whole or block.lead
    levels = [int(style[-1]) for style, _ in headings]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    verdicts = [text for text in words_of(document) if text.startswith(("It holds: ", "As expected, it cannot be"))]
    assert len(verdicts) == len(contract.terms[0].spec.examples)


@pytest.mark.parametrize("file", DEALS[::4], ids=lambda file: file.stem)
def test_the_same_contract_gives_the_same_bytes_and_no_time_of_the_machine(file: Path) -> None:
    contract = load(file)
    made = annex(contract)
    assert made == annex(load(file))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not [name for name in archive.namelist() if "thumbnail" in name]
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(archive.read(name))


def test_the_calendar_has_every_period_and_repeats_its_head() -> None:
    contract = load(SPECS / "uk-dwp-innovation-fund.yaml")
    tables = opened(contract).tables
    calendar = next(table for table in tables if table.cell(0, 0).text == "Period" and len(table.columns) > 2)
    assert len(calendar.rows) == len(contract.periods) + 1 == 50
    assert [cell.text for cell in calendar.rows[1].cells] == [
        "2012-04", "1 Apr 2012", "30 Apr 2012", "30 Apr 2012", "not known", "not known",
    ]  # fmt: skip
    heads = [row._tr.find(qn("w:trPr")).find(qn("w:tblHeader")) is not None for row in calendar.rows]
    assert heads == [True] + [False] * 49


def test_a_date_is_as_exact_as_the_contract_says() -> None:
    table = schedule(load(SPECS / "denver-sib.yaml"))
    assert table.rows[0] == ("payment 1", "2016-01-01", "2017-06-30", "2017-06-30", "October 2017", "2017")
    assert table.columns[-1] == "Fiscal year"


def test_the_foot_of_every_page_names_the_file_by_its_fingerprint_and_counts_pages() -> None:
    contract = load(SPECS / "denver-sib.yaml")
    footer = opened(contract).sections[0].footer
    said = " ".join(paragraph.text for paragraph in footer.paragraphs)
    assert contract.sha256 in said
    assert f"payfs {__version__}" in said
    fields = [field.get(qn("w:instr")).strip() for field in footer._element.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]


@pytest.mark.parametrize(
    ("name", "width", "language"),
    [("denver-sib", 7772400, "en-US"), ("jp-hachioji", Mm(210), "en-GB"), ("ch-caritas-perspektive", Mm(210), "en-GB")],
)
def test_paper_and_language_are_those_of_the_currency(name: str, width: int, language: str) -> None:
    document = opened(load(SPECS / f"{name}.yaml"))
    assert abs(document.sections[0].page_width - width) < 1000
    assert document.core_properties.language == language
    lang = document.styles.element.find(qn("w:docDefaults")).find(f".//{qn('w:lang')}")
    assert lang.get(qn("w:val")) == language


def test_properties_name_the_contract_and_nobody() -> None:
    core = opened(load(SPECS / "denver-sib.yaml")).core_properties
    assert core.title == "Denver Supportive Housing Social Impact Bond: payment annex"
    assert (core.author, core.last_modified_by, core.comments) == ("", "", "")
    assert core.created.isoformat().startswith("2016-02-29")


def test_the_annex_of_a_draft_says_which_version_of_which_draft_it_is_and_not_when_it_was_signed() -> None:
    contract = load(SPECS / "denver-sib.yaml")
    draft = not_signed("denver 2", 3)
    document = Document(io.BytesIO(annex(contract, draft)))
    whole = words_of(document)
    assert whole[:2] == [contract.spec.title, "Payment annex. Draft, version 3 of denver 2, not signed."]
    assert sum("Draft, version 3 of denver 2, not signed." in text for text in whole) == 2
    assert document.sections[0].footer.paragraphs[0].text == "Draft, version 3 of denver 2, not signed."
    assert "Signed" not in " ".join(whole)
    assert document.core_properties.created.year == 2000
    signed = " ".join(words_of(opened(contract)))
    assert "Signed in February 2016." in signed
    assert "not signed" not in signed


def test_an_example_that_does_not_hold_says_by_how_much() -> None:
    text = HOSTILE + "examples: [{name: Wrong, results: {homes: {2024: 3}}, expect: {total: 2999.99}}]\n"
    contract = of_text(text)
    said = [text for text in words_of(opened(contract)) if text.startswith("It does not hold")]
    (finding,) = run_example(contract, 0, contract.terms[0].spec.examples[0])
    assert said == [f"It does not hold: {finding.what}."]
    assert "$3,000.00" in said[0]


def test_nothing_that_somebody_wrote_becomes_markup() -> None:
    names = '<w:br/> & "x" ]]> {{a}} %s'
    text = HOSTILE.replace("$a$ datum.amount", names.replace("'", "''"))
    contract = of_text(text)
    document = opened(contract)
    whole = " ".join(words_of(document))
    for told in ('=HYPERLINK("http://example.org","pay")', "<script>alert(1)</script>", names):
        assert told in whole
    assert not list(document.element.body.iter(qn("w:br"), qn("w:hyperlink"), qn("w:fldSimple"), qn("w:instrText")))


def test_long_names_other_scripts_and_large_amounts_are_kept_whole() -> None:
    hebrew, long = "עיריית תל אביב", "A" * 300
    text = HOSTILE.replace("<script>alert(1)</script>", hebrew).replace("$a$ datum.amount", long)
    contract = of_text(text.replace("price: 1000}", "price: 1000000000000}").replace("USD", "JPY").replace("0.01", "1"))
    whole = " ".join(words_of(opened(contract)))
    assert hebrew in whole
    assert long in whole
    assert "¥1,000,000,000,000" in whole
