"""Two versions of a contract in words: which sentences of its plain English were taken out, put in or changed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from payfs.contract import Contract
from payfs.report.chapters import Sections, chapters, sections
from payfs.report.clauses import Clauses
from payfs.report.phrases import Block, Item, full_stop

WORDS = re.compile(r"\s+|[^\s]+")


class Piece(NamedTuple):
    """A piece of a sentence, and whether the other version says it otherwise."""

    text: str
    differs: bool


class Sentences(NamedTuple):
    """A sentence of the first version beside what the second says in its place; nothing where one lacks it."""

    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


class Reworded(NamedTuple):
    """One clause that the two versions say differently.

    Attributes:
        section: of the plain English, as it is headed there.
        name: of the party, period, rule, limit ...; empty for what holds for the section.
        kind: ``added``, ``removed`` or ``changed``.
        sentences: those that differ, in order.
    """

    section: str
    name: str
    kind: str
    sentences: tuple[Sentences, ...]


def reworded(old: Contract, new: Contract) -> tuple[Reworded, ...]:
    """Return every clause that two versions say differently, in the order in which the contract is read."""
    before, after = _whole(old), _whole(new)
    return tuple(_differing(before, after))


def _differing(before: Sections, after: Sections) -> Iterator[Reworded]:
    order = [*after, *(section for section in before if section not in after)]
    for section in order:
        old, new = before.get(section, {}), after.get(section, {})
        for name in dict.fromkeys([*old, *new]):
            then, now = _said(old.get(name)), _said(new.get(name))
            if then != now:
                kind = "changed" if name in old and name in new else "added" if name in new else "removed"
                yield Reworded(section, name, kind, tuple(_beside(then, now)))


def _said(block: Block | None) -> list[str]:
    """Return a clause sentence by sentence."""
    if block is None:
        return []
    return [text for item in (block.heading, *block.body) for text in _flat(item) if text]


def _flat(item: Item) -> Iterator[str]:
    if isinstance(item, str):
        yield item
    else:
        yield from (f"{what}: {much}" for what, much in item.rows)


def _beside(then: Sequence[str], now: Sequence[str]) -> Iterator[Sentences]:
    """Set sentences that were changed beside each other."""
    matcher = difflib.SequenceMatcher(None, then, now, autojunk=False)
    for kind, first, last, begin, end in matcher.get_opcodes():
        if kind == "equal":
            continue
        for place in range(max(last - first, end - begin)):
            old = then[first + place] if first + place < last else ""
            new = now[begin + place] if begin + place < end else ""
            yield _word_by_word(old, new)


def _word_by_word(old: str, new: str) -> Sentences:
    """Mark the words that differ."""
    one, two = WORDS.findall(old), WORDS.findall(new)
    if not one or not two:
        return Sentences(*(tuple(Piece(text, True) for text in (text,) if text) for text in (old, new)))
    before, after = list[Piece](), list[Piece]()
    for kind, first, last, begin, end in difflib.SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        for pieces, words in ((before, one[first:last]), (after, two[begin:end])):
            if words:
                pieces.append(Piece("".join(words), kind != "equal"))
    return Sentences(tuple(before), tuple(after))


def _whole(contract: Contract) -> Sections:
    """Return all that is read aloud of a contract, by section and clause."""
    first = contract.terms[0]
    clauses = sections(Clauses(contract, first))
    title = Block("", tuple(full_stop(text) for text in (first.spec.title, first.spec.summary) if text))
    result: Sections = {"TITLE": {"": title}, **clauses}
    for chapter in chapters(contract):
        if chapter.title in clauses:
            continue
        blocks = result.setdefault(chapter.title, {})
        for block in chapter.blocks:
            same = sum(name == block.heading or name.startswith(f"{block.heading} (") for name in blocks)
            blocks[f"{block.heading} ({same + 1})" if same else block.heading] = block
    return result
