"""Bills and payment certificates as text of at most 80 columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from payfs.billing import BillDocument, CertificateDocument
from payfs.report.bill_words import (
    BY_NUMBER,
    Fact,
    LineWords,
    PartyWords,
    bill_words,
    certificate_words,
    has_coded,
)
from payfs.report.lines import WIDTH

LABEL = 16  # columns of a label: a SHA-256 of 64 fits beside it
MARGIN = 5  # columns of a line's number


def bill_lines(bill: BillDocument) -> Iterator[str]:
    """Write an invoice or a credit note."""
    yield from _with_note(_bill(bill))


def certificate_lines(certificate: CertificateDocument) -> Iterator[str]:
    """Write a payment certificate, with the explanation of every line."""
    yield from _with_note(_certificate(certificate))


def _bill(bill: BillDocument) -> Iterator[str]:
    words = bill_words(bill)
    yield from _paragraph(f"{words.kind} {words.number}")
    yield from _paragraph(words.says)
    yield ""
    first = [("Issued", words.issued), ("Due", words.due), ("State", words.state)]
    yield from _facts([*first, *words.facts])
    for party in (words.payee, words.payer):
        yield ""
        yield from _party(party)
    yield ""
    yield from _lines(words.lines, words.currency, [("Total", words.total)])
    yield ""
    yield from _paragraph(words.bank_of)
    for line in words.bank:
        yield from _paragraph(line, "  ")
    yield ""
    for note in words.notes:
        yield from _paragraph(note)


def _certificate(certificate: CertificateDocument) -> Iterator[str]:
    words = certificate_words(certificate)
    yield from _paragraph(f"{words.kind} {words.number}")
    yield from _paragraph(words.says)
    yield ""
    yield from _facts([("Issued", words.issued), *words.facts])
    yield ""
    sums = [("Certified now", words.total), ("Certified to date", words.to_date)]
    yield from _lines(words.lines, words.currency, sums, explained=True)
    yield ""
    yield "Invoices and credit notes made from this certificate"
    for kind, number, owes, owed, due, amount in words.bills:
        yield from _row("  ", f"{kind} {number}", amount)
        yield from _paragraph(f"{owes} to {owed}; due: {due}", "    ")
    if not words.bills:
        yield "  none"
    yield ""
    yield "What it rests on"
    for kind, sha256 in words.evidence:
        yield from _paragraph(f"{kind}, SHA-256", "  ")
        yield from _paragraph(sha256, "    ")
    yield ""
    for note in words.notes:
        yield from _paragraph(note)


def _with_note(lines: Iterable[str]) -> Iterator[str]:
    """Say at the end what characters written by their numbers are, if there were any."""
    found = False
    for line in lines:
        found = found or has_coded(line)
        yield line
    if found:
        yield from _paragraph(BY_NUMBER)


def _party(party: PartyWords) -> Iterator[str]:
    yield from _facts([(party.side, party.name), *party.facts])


def _lines(lines: Iterable[LineWords], currency: str, sums: Iterable[Fact], explained: bool = False) -> Iterator[str]:
    yield from _row("", "Lines", f"Amount in {currency}")
    indent = " " * MARGIN
    for line in lines:
        yield from _row(f"{line.position:>3}  ", line.what, line.amount)
        about = [line.period, line.cohort, line.measured and f"measured {line.measured}"]
        yield from _paragraph(", ".join(part for part in about if part), indent)
        for note in line.notes:
            yield from _paragraph(note, indent)
        for depth, sentence in line.explanation if explained else ():
            yield from _paragraph(sentence, indent + "  " * min(depth + 1, 12))
    yield " " * (WIDTH - 20) + "-" * 20
    for label, amount in sums:
        yield from _row("", label, amount)


def _row(start: str, text: str, amount: str) -> Iterator[str]:
    """Write a text with an amount to the right of its last line."""
    room = WIDTH - _width(start) - _width(amount) - 2
    broken = list(_broken(text, room))
    for place, line in enumerate(broken):
        begin = start if place == 0 else " " * _width(start)
        if place < len(broken) - 1:
            yield f"{begin}{line}"
        else:
            yield f"{begin}{line}{' ' * (room - _width(line) + 2)}{amount}"


def _facts(facts: Iterable[Fact]) -> Iterator[str]:
    for label, text in facts:
        for place, line in enumerate(_broken(text, WIDTH - LABEL)):
            yield f"{(label if place == 0 else ''):<{LABEL}}{line}".rstrip()


def _paragraph(text: str, indent: str = "") -> Iterator[str]:
    for line in _broken(text, WIDTH - len(indent)):
        yield f"{indent}{line}"


def _broken(text: str, room: int) -> Iterator[str]:
    """Break a text between words, and a word that is longer than a line wherever it has to be.

    Unlike ``textwrap`` it counts columns: a Japanese letter takes two, an accent none.
    """
    line, used = "", 0
    for word in text.split(" "):
        width = _width(word)
        if line and used + 1 + width <= room:
            line, used = f"{line} {word}", used + 1 + width
            continue
        if line:
            yield line
        line, used = "", 0
        for letter in word:
            columns = _width(letter)
            if used + columns > room:
                yield line
                line, used = "", 0
            line, used = line + letter, used + columns
    yield line


def _width(text: str) -> int:
    """Return the columns that a text takes in a terminal."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )
