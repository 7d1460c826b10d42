"""Invoices, credit notes and payment certificates: what they say, on paper, in a terminal and as data."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import unicodedata
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pypdf
import pytest
from billed import (
    CITY,
    DAY,
    ENTERPRISE,
    RECEIPT,
    correction,
    denver,
    long_bill,
    made_bill,
    made_certificate,
    made_line,
)
from one_letter import font_of

from payfs.billing import BillDocument, BilledLine, BilledParty, BillMade, CertificateDocument, EvidenceFile
from payfs.money import Currency, currency
from payfs.report import bill_pdf as pdf
from payfs.report.bill_data import bill_data, certificate_data
from payfs.report.bill_text import bill_lines, certificate_lines
from payfs.report.bill_words import BY_NUMBER, NO_BANK, NO_DATE, bill_words, visible
from payfs.text import Refused

HOSTILE = {
    "a file to read": '#read("/etc/passwd")',
    "a file to include": '#include "/etc/passwd"; #image("/etc/passwd")',
    "code": "#{panic(1)} #eval(\"1+1\") #let x = 1",
    "mathematics": "$x^2 sum_(i=0)^n$",
    "the end of a block": "]) } */ // <label> @reference",
    "markup": "= Heading *bold* _thin_ `raw` - list + list / term: \\ ~ -- ''' \"\"",
    "HTML": "<script>alert(1)</script><b>&lt;&#0;</b>",
    "SQL": "Robert'); DROP TABLE bill;--",
    "format strings": "{0.__class__.__mro__} {} %s %n ${HOME} {{x}}",
    "a formula of a sheet": "=HYPERLINK(\"http://example.org\")",
    "a PDF string": ") Tj ET (x) \\( endstream endobj %%EOF",
    "escapes of a terminal": "\x1b[2J\x1b]0;title\x07\x9b31m\r\n\x08\x7f",
    "another order of letters": "\u202egnp.exe\u202c \u2066isolated\u2069 \u200fmark",
    "letters that nobody sees": "a\u200bb\u00adc\ufeffd\u2060e\u3164f\U000e0041g\x00h",
    "half of a letter": "\ud83d and \udfff",
    "letters without a meaning": "\ue000 \ufffe \U0010ffff \ufdd0",
    "lines": "one\ntwo\u2028three\u2029four\tfive",
}  # fmt: skip
UNPRINTED = {  # what a bill leaves to its certificate, whom it does not concern, and what only data has
    BillDocument: (".lines.0.why:", ".lines.0.explanation", ".lines.0.bill", ".payee.purchase_order", ".payer.bank"),
    CertificateDocument: (".lines.0.why:",),
}
LONG = {
    "10,000 letters in one word": "W" * 10_000,
    "10,000 letters in words": "many words " * 909 + "x",
}


def squeezed(text: str) -> str:
    """A text without spaces: where a line breaks is not what is read."""
    return "".join(text.split())


def read(made: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(made), strict=True)


def words_of(made: bytes) -> str:
    return "\n".join(page.extract_text() for page in read(made).pages)


def printed(document: BillDocument | CertificateDocument) -> bytes:
    of_bill = isinstance(document, BillDocument)
    return pdf.bill_pdf(document) if of_bill else pdf.certificate_pdf(document)


def text_of(document: BillDocument | CertificateDocument) -> list[str]:
    return list(bill_lines(document) if isinstance(document, BillDocument) else certificate_lines(document))


def data_of(document: BillDocument | CertificateDocument) -> dict:
    return bill_data(document) if isinstance(document, BillDocument) else certificate_data(document)


@cache
def denver_words() -> tuple[str, str]:
    return tuple(squeezed(words_of(printed(document))) for document in denver())


def columns(line: str) -> int:
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in line
    )


def filled(value, text: str, where: str, said: list[str], kept=("kind", "state", "approved_at", "submitted_at",
           "verified_at", "due_written")):  # fmt: skip
    """The same value with a text of its own in every field that holds text; ``said`` hears of each."""
    if isinstance(value, str):
        said.append(f"{where}:{text}")
        return said[-1]
    if isinstance(value, Currency) or value is None or isinstance(value, int | date):
        return value
    if is_dataclass(value):
        return replace(
            value,
            **{
                field.name: filled(getattr(value, field.name), text, f"{where}.{field.name}", said, kept)
                for field in fields(value)
                if field.name not in kept
            },
        )
    if hasattr(value, "_fields"):
        return type(value)(
            *(
                part if name in kept else filled(part, text, f"{where}.{name}", said, kept)
                for name, part in zip(value._fields, value, strict=True)
            )
        )
    return tuple(filled(part, text, f"{where}.{n}", said, kept) for n, part in enumerate(value))


def everything(text: str) -> list[tuple[BillDocument | CertificateDocument, list[str]]]:
    """An invoice and a certificate with a text in every field, optional ones too, and the texts."""
    party = BilledParty("n", "r", ("a", "b"), "t", "p", ("b",))
    line = correction(1, 5, 7)
    line = replace(line, bill="b")
    bill = made_bill(line, payer=party, payee=party, state="paid", paid_on=DAY, payment_reference="r",
                     approved_by="a", dispute_reason="d")  # fmt: skip
    certificate = made_certificate(line, correction_reason="c")
    result = []
    for document in (bill, certificate):
        said: list[str] = []
        result.append((filled(document, text, "", said), said))
    return result


# -- what they say ---------------------------------------------------------------------------------------------------


def test_the_invoice_of_denvers_second_payment_says_what_a_finance_department_asks_for():
    bill, words = denver()[0], denver_words()[0]
    for expected in (
        "Invoice DENVER-SIB-0001",
        "Issued 12 October 2018",
        "City and County of Denver owes Enterprise Community Partners $1,025,967.60.",
        "$1,025,967.60 (USD)",
        "30 November 2018",
        "due November 2018",
        "Approved, not yet paid",
        "by ruth.okafor on 15 October 2018, 09:30 UTC",
        *(line for party in (CITY, ENTERPRISE) for line in (party.name, party.role, *party.address)),
        "52-0000000",
        "PO-2018-00417",
        f"Denver Supportive Housing Social Impact Bond (denver-sib) Version 1, text with SHA-256 {bill.sha256}",
        "payment 2 (1 January 2016 to 30 June 2018)",
        "payment certificate 1 explains every line",
        "A price for every day stably housed, less days in jail",
        "housing [Payment terms, housing stability]",
        "67,855 days",
        "Amount in USD",
        "Total in USD $1,025,967.60",
        "Bank details of Enterprise Community Partners Example Bank, Columbia MD Routing 000000000, account 0000000000",
        f"Ledger receipt {RECEIPT}",
        "Page 1 of 1",
    ):
        assert squeezed(expected) in words, expected


def test_the_certificate_of_denvers_second_payment_reads_the_whole_explanation_aloud():
    certificate, words = denver()[1], denver_words()[1]
    (line,) = certificate.lines
    assert len(line.explanation) == 4
    assert line.explanation[-1] == (3, "price = $1,025,967.60: 67,855 days at $15.12 for each day")
    places = [words.index(squeezed(sentence)) for _, sentence in line.explanation]
    assert places == sorted(places)
    for expected in (
        "Payment certificate 1",
        "The verified results come to $1,025,967.60 now and to $1,025,967.60 to date.",
        "Submitted by ana.lopez on 2 October 2018, 15:04 UTC",
        "Verified by urban.kim on 11 October 2018, 17:45 UTC",
        "Changed nothing; verified as submitted",
        f"Engine {certificate.engine}",
        f"1, text with SHA-256 {certificate.sha256}",
        f"results SHA-256 {certificate.evidence[0].sha256}",
        "Stands on DENVER-SIB-0001.",
        "Invoice DENVER-SIB-0001 City and County of Denver Enterprise Community Partners 30 November 2018",
        f"Ledger receipt {RECEIPT}",
    ):
        assert squeezed(expected) in words, expected


def test_a_terminal_shows_the_same_in_80_columns():
    for document, words in zip(denver(), denver_words(), strict=True):
        lines = text_of(document)
        assert max(map(columns, lines)) <= 80
        shown = squeezed(" ".join(lines))
        kind = "Invoice DENVER-SIB-0001" if isinstance(document, BillDocument) else "Payment certificate 1"
        for expected in (kind, "$1,025,967.60", document.sha256, RECEIPT, "67,855 days", document.lines[0].what):
            assert squeezed(expected) in shown
            assert squeezed(expected) in words


def test_a_credit_note_says_what_is_owed_back_to_whom_and_what_it_corrects():
    note = made_bill(correction(1, -25_000, 125_000), number="DENVER-SIB-0002", state="due", approved_by=None)
    for words in (squeezed(words_of(printed(note))), squeezed(" ".join(text_of(note)))):
        for expected in (
            "Credit note DENVER-SIB-0002",
            "Enterprise Community Partners owes City and County of Denver $250.00 back.",
            "Reported in 2019 Q1. Corrects invoice DENVER-SIB-0001.",
            "Certified before: $1,250.00; in all now: $1,000.00.",
            "-$250.00",
            "Not yet approved",
            f"Bank details of City and County of Denver {NO_BANK}",
        ):
            assert squeezed(expected) in words, expected
        assert "Amountdue" not in words


@pytest.mark.parametrize(
    ("state", "says", "told"),
    [
        ("due", "owes Enterprise Community Partners $1.00.", "Not yet approved"),
        ("approved", "owes Enterprise Community Partners $1.00.", "Approved, not yet paid"),
        ("disputed", "owes Enterprise Community Partners $1.00.", "Disputed the days were counted twice"),
        ("paid", "has paid Enterprise Community Partners $1.00.", "Paid on 2 November 2018, reference ACH 77"),
    ],
)
def test_a_bill_says_how_far_it_has_come(state, says, told):
    reason = "the days were counted twice" if state == "disputed" else None
    bill = made_bill(
        made_line(1, 100), state=state, dispute_reason=reason, paid_on=date(2018, 11, 2), payment_reference="ACH 77"
    )
    for words in (squeezed(words_of(printed(bill))), squeezed(" ".join(text_of(bill)))):
        assert squeezed(says) in words
        assert squeezed(told) in words
        assert ("ACH77" in words) == (state == "paid")


def test_a_bill_without_a_date_says_that_the_contract_has_none():
    bill = made_bill(made_line(1, 100), due=None, due_written=None)
    made = BillMade("invoice", "X-1", "a", "b", 100, None)
    for document in (bill, made_certificate(made_line(1, 100), bills=(made,))):
        assert squeezed(NO_DATE) in squeezed(words_of(printed(document)))
        assert squeezed(NO_DATE) in squeezed(" ".join(text_of(document)))
    assert bill_data(bill)["due"] is None


def test_the_name_of_a_rule_of_which_no_more_is_said_stands_once_in_a_line():
    for clause, notes in ((None, ()), ("§2.1", ("[§2.1]",))):
        bill = made_bill(made_line(1, 100, what="places", clause=clause))
        assert bill_words(bill).lines[0].notes == notes


def test_a_day_that_the_contract_writes_in_full_is_not_said_twice():
    exact = made_bill(made_line(1, 100), due=date(2018, 11, 30), due_written="2018-11-30")
    assert not any("Contract says" in line for line in text_of(exact))
    assert "Contract says   due 2018" in text_of(replace(exact, due_written="2018"))


def test_a_certificate_says_why_the_verifier_changed_something_and_what_is_owed_back():
    certificate = made_certificate(correction(1, -500, 700), to_date=200, correction_reason="two people counted twice")
    for words in (squeezed(words_of(printed(certificate))), squeezed(" ".join(text_of(certificate)))):
        for expected in ("by the verifier: two people counted twice", "come to -$5.00 now and to $2.00 to date.",
                         "The amount now is below zero: it is owed back."):  # fmt: skip
            assert squeezed(expected) in words


def test_a_minus_stays_with_its_amount_and_is_copied_with_it():
    sentences = tuple((0, f"{'w' * length} due before: -$23,200.00 and -KWD 1,234.567") for length in range(1, 20))
    line = made_line(1, -2_320_000, explanation=sentences, corrects="DENVER-SIB-0001", before=-4_640_000)
    padded = tuple((0, f"{'words ' * count}due before: -$23,200.00 and -KWD 1,234.567") for count in range(10, 40))
    for explanation in (sentences, padded):
        copied = words_of(printed(made_certificate(replace(line, explanation=explanation))))
        assert not [said for said in copied.splitlines() if said.rstrip().endswith("-")]
        assert copied.count("-$23,200.00") >= len(explanation)
        assert copied.count("-KWD 1,234.567") == len(explanation)


def test_a_certificate_says_of_a_credit_note_that_the_payee_owes_the_payer():
    made = BillMade("credit note", "IFF-0002", "City of Chicago", "IFF", -25_000, None)
    certificate = made_certificate(correction(1, -25_000, 125_000), bills=(made,))
    assert any(line.startswith("    IFF to City of Chicago; due:") for line in text_of(certificate))
    words = squeezed(words_of(printed(certificate)))
    assert squeezed("Credit note IFF-0002 IFF City of Chicago no date is said in the contract -$250.00") in words
    assert squeezed("Number From To Due") in words
    (data,) = certificate_data(certificate)["bills"]
    assert (data["payer"], data["payee"]) == ("City of Chicago", "IFF"), "data keep who is payer under the contract"


def test_a_line_of_nothing_says_why():
    bill = made_bill(made_line(1, 100), made_line(2, 0, why="0 places: below the least of 5"))
    for words in (squeezed(words_of(printed(bill))), squeezed(" ".join(text_of(bill)))):
        assert words.count(squeezed("0 places: below the least of 5")) == 1
        assert squeezed("12 places at a price") not in words


def test_a_certificate_of_nothing_can_be_printed():
    certificate = made_certificate(bills=(), evidence=())
    for words in (words_of(printed(certificate)), " ".join(text_of(certificate))):
        assert squeezed("come to $0.00 now and to $0.00 to date.") in squeezed(words)


def test_amounts_that_do_not_add_up_make_no_document():
    line = made_line(1, 100)
    with pytest.raises(ValueError, match="the lines come to 100 minor units, and the total says 101"):
        made_bill(line, total=101)
    with pytest.raises(ValueError, match="the lines come to 100 minor units, and the total says 99"):
        made_certificate(line, total=99)
    with pytest.raises(ValueError, match="a bill of 100 is no 'credit note'"):
        made_bill(line, kind="credit note")
    with pytest.raises(ValueError, match="a bill of -1 is no 'invoice'"):
        made_bill(made_line(1, -1), kind="invoice")
    with pytest.raises(ValueError, match="'settled' is no state of a bill"):
        made_bill(line, state="settled")


# -- money -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "shown", "back", "plain"),
    [
        ("JPY", "¥1,234,567", "-¥89", ("1234567", "-89")),
        ("KWD", "KWD 1,234.567", "-KWD 0.089", ("1234.567", "-0.089")),
        ("EUR", "€12,345.67", "-€0.89", ("12345.67", "-0.89")),
        ("INR", "₹12,345.67", "-₹0.89", ("12345.67", "-0.89")),
        ("CHF", "CHF 12,345.67", "-CHF 0.89", ("12345.67", "-0.89")),
    ],
)
def test_every_currency_keeps_its_minor_unit_and_stands_beside_every_amount(code, shown, back, plain):
    lines = (made_line(1, 1_234_567), made_line(2, -89))
    for document in (made_bill(*lines, code=code), made_certificate(*lines, code=code, bills=())):
        for words in (squeezed(words_of(printed(document))), squeezed(" ".join(text_of(document)))):
            assert squeezed(shown) in words
            assert squeezed(back) in words
            assert f"Amountin{code}" in words
        data = data_of(document)
        assert tuple(line["amount"] for line in data["lines"]) == tuple(
            {"amount": amount, "currency": code} for amount in plain
        )
        assert Decimal(data["total"]["amount"]) == sum(Decimal(line["amount"]["amount"]) for line in data["lines"])


# -- data ------------------------------------------------------------------------------------------------------------


def minor(amount: dict[str, str]) -> int:
    return int(Decimal(amount["amount"]).scaleb(currency(amount["currency"]).digits))


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def line_from(data: dict) -> BilledLine:
    told = tuple((part["depth"], part["sentence"]) for part in data["explanation"])
    money = {key: minor(data[key]) for key in ("amount", "before")}
    return BilledLine(**{**data, **money, "explanation": told})


def party_from(data: dict) -> BilledParty:
    return BilledParty(**{**data, "address": tuple(data["address"]), "bank": tuple(data["bank"])})


def document_from(data: dict) -> BillDocument | CertificateDocument:
    """The document that its data was made of."""
    contract = data.pop("contract")
    kind = data.pop("document")
    shared = {
        **data,
        **{key: contract[key] for key in ("title", "version", "sha256")},
        "contract": contract["name"],
        "issued": day(data["issued"]),
        "currency": currency(data["total"]["currency"]),
        "lines": tuple(map(line_from, data["lines"])),
        "total": minor(data["total"]),
    }
    if kind == "payment certificate":
        bills = tuple(
            BillMade(made["document"], made["number"], made["payer"], made["payee"], minor(made["amount"]),
                     day(made["due"]), made["due_written"])
            for made in data["bills"]
        )  # fmt: skip
        evidence = tuple(EvidenceFile(**file) for file in data["evidence"])
        return CertificateDocument(
            **{**shared, "to_date": minor(data["to_date"]), "bills": bills, "evidence": evidence}
        )
    parties = {side: party_from(data[side]) for side in ("payer", "payee")}
    days = {key: day(data[key]) for key in ("due", "paid_on")}
    return BillDocument(**{**shared, **parties, **days, "kind": kind})


@pytest.mark.parametrize("code", ["USD", "JPY", "KWD"])
def test_data_goes_through_json_and_nothing_is_lost(code):
    lines = (made_line(1, 1_234_567), correction(2, -89, 100), made_line(3, 0, measured=None, unit=None, cohort=None))
    documents = [*denver(), made_bill(*lines, code=code), made_certificate(*lines, code=code)]
    for text in HOSTILE.values():
        documents += [document for document, _ in everything(text)]
    for document in documents:
        assert document_from(json.loads(json.dumps(data_of(document)))) == document


# -- hostile text ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_text_in_any_field_is_shown_as_it_is_written_and_does_nothing(text):
    for document, said in everything(text):
        assert len(said) > 15
        made = printed(document)
        paper = re.sub(r"Page\d+of\d+", "", squeezed(words_of(made)))
        terminal = text_of(document)
        assert max(map(columns, terminal)) <= 80
        together = squeezed(" ".join(terminal))
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b-\u200f]", together)
        assert "root:x:0" not in paper
        if "‹U+" in visible(text):
            assert squeezed(BY_NUMBER) in paper
            assert squeezed(BY_NUMBER) in together
        elsewhere = UNPRINTED[type(document)]
        for field in said:
            if not field.startswith(elsewhere):
                assert shown_in(field, paper), field
                assert shown_in(field, together), field


def shown_in(field: str, words: str) -> bool:
    return squeezed(visible(field)) in words


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_long_texts_stay_within_the_page_and_within_80_columns(text):
    longest = [make(made_line(1, 100, what=text)) for make in (made_bill, made_certificate)]
    for document in (*(document for document, _ in everything(text[:400])), *longest):
        lines = words_of(printed(document)).splitlines()
        assert max(map(len, lines)) < 160
        assert max(map(columns, text_of(document))) <= 80
        if document in longest:  # nothing of it is lost where a page ends
            assert "".join(lines).count(text[0]) >= text.count(text[0])


def test_templates_evaluate_nothing_and_reach_for_nothing():
    for template in pdf.DOCUMENTS.glob("*.typ"):
        source = template.read_text(encoding="utf-8")
        assert not re.search(r"\b(eval|read|plugin|image|csv|yaml|toml|xml|cbor|include|link|today)\b *[(\"]", source)
        assert re.findall(r"#import (.+)", source) in ([], ['"paper.typ": *'])


# -- letters ---------------------------------------------------------------------------------------------------------

NAMES = {
    "Latin": "Škofja Loka, Łódź, Sjöbo, Ağrı, Đà Nẵng, Þórshöfn, İzmir",
    "Greek": "Δήμος Αθηναίων, Ἀθῆναι",
    "Cyrillic": "Город Москва, Ґалаґан, Љубљана, Қазақстан",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_names_in_these_letters_are_shown_as_they_are(name):
    for document in (made_bill(made_line(1, 100, what=name)), made_certificate(made_line(1, 100, what=name))):
        words = squeezed(unicodedata.normalize("NFC", words_of(printed(document))))
        assert squeezed(name) in words
        assert "‹U+" not in words


@pytest.mark.parametrize("name", ["עיריית תל אביב", "بلدية عمان", "मुंबई"], ids=["Hebrew", "Arabic", "Devanagari"])
def test_names_in_other_letters_that_the_fonts_have_are_set_with_glyphs_of_their_own(name):
    made = printed(made_bill(made_line(1, 100, what=name)))
    assert "‹U+" not in words_of(made)
    assert all(letter in words_of(made) for letter in name if unicodedata.category(letter) == "Lo")


def test_a_name_in_letters_that_no_font_has_is_written_by_number_and_never_as_boxes():
    bill = made_bill(made_line(1, 100, what="八王子市 (Hachiōji) 😀"))
    words = squeezed(words_of(printed(bill)))
    assert "‹U+516B›‹U+738B›‹U+5B50›‹U+5E02›(Hachiōji)‹U+1F600›" in words
    assert squeezed(BY_NUMBER) in words
    assert bill_data(bill)["lines"][0]["what"] == "八王子市 (Hachiōji) 😀"
    assert any("八王子市" in line for line in text_of(bill))  # a terminal has fonts of its own
    assert max(map(columns, text_of(made_bill(made_line(1, 100, what="八王子市" * 40))))) == 80


def test_a_folder_of_fonts_brings_letters_that_the_package_has_not(tmp_path):
    (tmp_path / "one.ttf").write_bytes(font_of("八"))
    bill = made_bill(made_line(1, 100, what="八王"))
    made = pdf.bill_pdf(bill, fonts=[tmp_path])
    assert "八‹U+738B›" in squeezed(words_of(made))
    assert made == pdf.bill_pdf(bill, fonts=[tmp_path])
    with pytest.raises(Refused, match=r"there is no folder of fonts .*fonts'; name one"):
        pdf.bill_pdf(bill, fonts=[tmp_path / "fonts"])


def test_a_document_without_such_letters_has_no_note_about_them():
    assert not any(squeezed(BY_NUMBER)[:20] in words for words in denver_words())


# -- paper -----------------------------------------------------------------------------------------------------------


def test_two_hundred_lines_flow_over_pages_under_a_head_of_their_own():
    bill = long_bill(200)
    for document in (bill, made_certificate(*bill.lines)):
        pages = [page.extract_text() for page in read(printed(document)).pages]
        whole = squeezed(" ".join(pages))
        assert len(pages) > 7
        for number, page in enumerate(pages, 1):
            assert squeezed(f"Page {number} of {len(pages)}") in squeezed(page)
            assert RECEIPT in squeezed(page)
            # where there is a line of the table there is its head
            assert ("12 places\n" in page or "12 places $" in page) <= ("Amount in USD" in page)
        for line in document.lines:
            assert document.currency.show(line.amount) in whole
        assert whole.count("AmountinUSD") >= 8
        assert document.currency.show(document.total) in whole


@pytest.mark.parametrize("document", denver(), ids=["invoice", "certificate"])
def test_the_file_is_an_archives_pdf_for_everybody_and_carries_its_fonts(document):
    reader = read(printed(document))
    root = reader.trailer["/Root"]
    called = "Invoice DENVER-SIB-0001" if isinstance(document, BillDocument) else "Payment certificate 1"
    assert reader.metadata.title == called
    assert reader.metadata.creation_date.date() == DAY
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"].value is True
    meta = root["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in squeezed(meta)
    assert "<pdfuaid:part>1</pdfuaid:part>" in squeezed(meta)
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(root)
    assert {"/H1", "/Table", "/TH", "/TD"} <= structure(root["/StructTreeRoot"])
    for page in reader.pages:
        assert "/Annots" not in page
        for font in page["/Resources"]["/Font"].values():
            (inner,) = font.get_object()["/DescendantFonts"]
            assert {"/FontFile2", "/FontFile3"} & set(inner.get_object()["/FontDescriptor"].get_object())
            assert re.search("Libertinus|NewCM|DejaVu", inner.get_object()["/BaseFont"])


def structure(node) -> set[str]:
    """The kinds of all parts that a reader who listens hears of."""
    node = node.get_object()
    if isinstance(node, list):
        return set().union(*map(structure, node))
    if not isinstance(node, dict):
        return set()
    found = {str(node["/S"])} if "/S" in node else set()
    return found | (structure(node["/K"]) if "/K" in node else set())


def test_the_same_document_gives_the_same_bytes_on_any_day_in_any_place(tmp_path):
    here = [printed(document) for document in denver()]
    assert here == [printed(document) for document in denver()]
    script = (
        "import sys, hashlib; from billed import denver; from payfs.report import bill_pdf as pdf; b, c = denver();"
        "print(hashlib.sha256(pdf.bill_pdf(b) + pdf.certificate_pdf(c)).hexdigest())"
    )
    tests = Path(__file__).parent
    elsewhere = {**os.environ, "PYTHONPATH": f"{tests}{os.pathsep}{tests.parent}", "TZ": "Asia/Tokyo",
                 "PYTHONHASHSEED": "7", "HOME": str(tmp_path), "SOURCE_DATE_EPOCH": "1"}  # fmt: skip
    ran = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=elsewhere, capture_output=True, text=True)
    assert ran.stdout.strip() == hashlib.sha256(b"".join(here)).hexdigest(), ran.stderr


def test_another_amount_gives_another_file():
    bill = made_bill(made_line(1, 100))
    assert printed(bill) != printed(made_bill(made_line(1, 101)))
    assert printed(bill) != printed(replace(bill, issued=date(2018, 10, 13)))


def test_paper_is_a4_or_letter():
    bill = denver()[0]
    sizes = [read(pdf.bill_pdf(bill, paper)).pages[0].mediabox for paper in pdf.PAPERS]
    assert [(round(size.width), round(size.height)) for size in sizes] == [(595, 842), (612, 792)]
    assert pdf.bill_pdf(bill, "letter") == pdf.bill_pdf(bill, "us-letter")
    with pytest.raises(Refused, match="there is no paper 'a5'; choose a4 or us-letter"):
        pdf.bill_pdf(bill, "a5")


def test_what_cannot_be_set_is_refused_and_not_a_traceback(monkeypatch, tmp_path):
    (tmp_path / "invoice.typ").write_text('#panic("broken")')
    monkeypatch.setattr(pdf, "DOCUMENTS", tmp_path)
    with pytest.raises(Refused, match=r"the PDF cannot be made .*broken.*; print the document as text or as data"):
        pdf.bill_pdf(denver()[0])


def test_typst_is_loaded_only_where_something_is_printed():
    script = "import sys, payfs.cli, payfs.report.bill_pdf, payfs.report.bill_text; print('typst' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    ran = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert ran.stdout.strip() == "False", ran.stderr
