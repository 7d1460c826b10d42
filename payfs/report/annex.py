"""The payment annex of a contract in Word: its terms in plain English, its calendar, and its worked examples."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence

from payfs import __version__
from payfs.contract import Contract
from payfs.periods.days import MONTHS
from payfs.report.chapters import EXAMPLES, Chapter, chapters, together, verdicts
from payfs.report.phrases import Block, Item, Rows, full_stop
from payfs.report.schedule import schedule
from payfs.report.tables import Cell, cell_text
from payfs.report.word import WordDocument

LETTER = frozenset({"USD", "CAD"})  # whose countries print on US Letter
UNDATED = datetime.date(2000, 1, 1)  # of a contract that does not say when it was signed
HEADS = {
    "THE PARTIES": ("Party", "Role"),
    "WHO IT IS FOR": ("Cohort", "Who"),
    "WHEN": ("Period", "Dates"),
}


def annex(contract: Contract, draft: str = "") -> bytes:
    """Write a contract's payment annex as a Word document; the same contract gives the same bytes.

    It is the very text of :mod:`payfs.report.chapters`, with the calendar of periods as a table and, below each worked
    example, whether the rules come to what it expects.

    Args:
        contract: the contract.
        draft: of which draft it is what version, printed below the title and on every page; nothing of a contract
            that is more than a draft.
    """
    spec = contract.terms[0].spec
    american = contract.money.code in LETTER
    signed = spec.signed.date if spec.signed is not None and not draft else UNDATED
    paper = WordDocument(f"{spec.title}: payment annex", "en-US" if american else "en-GB", american, signed)
    paper.title(spec.title, f"Payment annex. {full_stop(draft)}" if draft else "Payment annex")
    if spec.summary:
        paper.paragraph(full_stop(spec.summary))
    paper.footer(
        *([full_stop(draft)] if draft else []),
        f"{spec.contract}. Text of the contract file: SHA-256 {contract.sha256}",
        f"Made by payfs {__version__} from that file alone.",
    )
    for chapter in chapters(contract, draft):
        paper.heading(chapter.title.capitalize(), 1)
        _chapter(paper, chapter, list(verdicts(contract)) if chapter.title == EXAMPLES else [])
        if chapter.title == "WHEN":
            _calendar(paper, contract)
    return paper.written()


def _chapter(paper: WordDocument, chapter: Chapter, held: Sequence[str]) -> None:
    """Set a chapter; short blocks in a row become one table, or one list where they say nothing but their heading."""
    number, rows = 0, list[tuple[str, str]]()
    tabled = chapter.title in HEADS and any(block.inline and block.body for block in chapter.blocks)
    for alike in together(chapter.blocks):
        block = alike[0]
        if block.inline and block.body and chapter.title in HEADS:
            rows.append((block.heading, " ".join(_sentences(block.body))))
            continue
        _flush(paper, chapter, rows)
        if len(alike) > 1:
            _list(paper, alike, number + 1 if chapter.numbered else 0)
        elif block.inline:
            paper.bullet(": ".join(filter(None, (block.heading, " ".join(_sentences(block.body))))))
        else:
            if block.heading:
                paper.heading(f"{number + 1}. {block.heading}" if chapter.numbered else block.heading, 2)
            _body(paper, block.body, with_next=tabled and not block.heading)
            if held:
                paper.paragraph(held[number], bold=True)
        number += len(alike) if block.heading else 0
    _flush(paper, chapter, rows)


def _flush(paper: WordDocument, chapter: Chapter, rows: list[tuple[str, str]]) -> None:
    if rows:
        paper.table(rows, (1, 2), HEADS[chapter.title], what=chapter.title.capitalize())
        rows.clear()


def _list(paper: WordDocument, blocks: Sequence[Block], number: int) -> None:
    """Set blocks that differ in their lead only as a table, and say once what they have in common."""
    last = number + len(blocks) - 1
    if blocks[0].common:
        paper.paragraph(
            f"{number} to {last}. {blocks[0].common}:" if number else f"{blocks[0].common}:", with_next=True
        )
    rows = [
        (f"{number + place}. {block.heading}" if number else block.heading, full_stop(block.lead))
        for place, block in enumerate(blocks)
    ]
    paper.table(rows, (1, 1))
    if any(blocks[0].rest):
        paper.paragraph("For each of these:", with_next=True)
        _body(paper, blocks[0].rest)


def _body(paper: WordDocument, body: Iterable[Item], with_next: bool = False) -> None:
    """Set sentences, which flow into paragraphs, and small tables."""
    flow: list[str] = []
    for item in (*body, ""):
        if isinstance(item, str) and item:
            flow.append(item)
            continue
        if flow:
            paper.paragraph(" ".join(flow), with_next=with_next or isinstance(item, Rows))
            flow = []
        if isinstance(item, Rows):
            paper.table(item.rows, (2, 3))


def _sentences(body: Iterable[Item]) -> Iterator[str]:
    return (item for item in body if isinstance(item, str) and item)


def _calendar(paper: WordDocument, contract: Contract) -> None:
    table = schedule(contract)
    paper.heading("Calendar of measurement and payment", 2)
    shares = [1.1 if name in ("Period", "Fiscal year") else 1.3 for name in table.columns]
    rows = ([_written(cell) for cell in row] for row in table.cells)
    paper.table(rows, shares, table.columns, what="Every period, with the days of measurement and payment")


def _written(cell: Cell) -> str:
    """Write a cell; a date in plain English, its month short so that six columns fit."""
    if isinstance(cell, datetime.date):
        return f"{cell.day} {MONTHS[cell.month - 1][:3]} {cell.year}"
    return cell_text(cell)
