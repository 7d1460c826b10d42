"""The contract in plain English, in lines of at most 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from payfs.contract import Contract
from payfs.report.chapters import chapters, together
from payfs.report.lines import wrapped
from payfs.report.phrases import Block, bullet, full_stop, heading, paragraphs


def contract_lines(contract: Contract) -> Iterator[str]:
    """Read a contract aloud in plain English, in lines of at most 80 columns."""
    spec = contract.terms[0].spec
    title = list(wrapped(spec.title))
    yield from title
    yield "=" * max(len(line) for line in title)
    if spec.summary:
        yield ""
        yield from wrapped(spec.summary)
    for chapter in chapters(contract):
        yield from heading(chapter.title)
        yield from _blocks(chapter.blocks, chapter.numbered)


def _blocks(blocks: Sequence[Block], numbered: bool) -> Iterator[str]:
    """Set blocks one below the other; three or more in a row that differ in their lead only become a list."""
    before: Block | None = None
    number = 0
    for alike in together(blocks):
        block = alike[0]
        if before is not None and not (block.inline and before.inline):
            yield ""
        if len(alike) > 1:
            yield from _list(alike, number + 1 if numbered else 0)
        else:
            yield from _block(block, f"{number + 1}." if numbered and block.heading else "")
        number += len(alike) if block.heading else 0
        before = block


def _list(blocks: Sequence[Block], number: int) -> Iterator[str]:
    """Set blocks that differ in their lead only, and say once what they have in common."""
    if blocks[0].common:
        yield from wrapped(f"{number} to {number + len(blocks) - 1}. {blocks[0].common}:")
    for place, block in enumerate(blocks):
        yield from bullet(
            f"{block.heading}: {full_stop(block.lead)}", f"{number + place}." if number else "-", "  " if number else ""
        )
    if any(blocks[0].rest):
        yield from wrapped("For each of these:")
        yield from paragraphs(blocks[0].rest)


def _block(block: Block, number: str) -> Iterator[str]:
    """Set one block."""
    if block.inline:
        said = " ".join(item for item in block.body if isinstance(item, str))
        yield from bullet(f"{block.heading}: {said}" if said else block.heading, indent="")
        return
    if block.heading:
        yield from bullet(block.heading, number, "") if number else wrapped(block.heading)
    yield from paragraphs(block.body, "  " if block.heading else "")
