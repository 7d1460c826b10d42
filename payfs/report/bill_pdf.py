"""Bills and payment certificates as PDF: for an archive (PDF/A-2a) and for readers who listen (PDF/UA-1).

Typst sets them by the templates in ``documents``. Words reach a template as data and are only ever placed as strings,
so that nothing in them can become markup or code. Templates read no file, no font of the machine and nothing from the
network, and the day on a document is its day of issue: the same document gives the same bytes.

The fonts that travel with Typst have Latin, Greek, Cyrillic, Hebrew, Arabic and Devanagari letters. A character that
none of them has (Japanese, say) never becomes an empty box: PDF/A forbids it, so that Typst refuses it by name. It is
then written by its number, ``‹U+6771›``, with a note that says so. Give ``fonts`` to have it in its own script.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from payfs.billing import BillDocument, CertificateDocument
from payfs.report.bill_words import BY_NUMBER, bill_words, certificate_words, coded, has_coded
from payfs.text import Finding, Refused

DOCUMENTS = Path(__file__).parent / "documents"
PAPERS = ("a4", "us-letter")
CALLED = {"letter": "us-letter"}
# Typst's words for a letter that no font has, or that an archive's PDF may not hold
_MISSING = re.compile(r'(?:the text|codepoint) `"(.+?)"`', re.DOTALL)
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")


def bill_pdf(bill: BillDocument, paper: str = "a4", fonts: Sequence[Path] = ()) -> bytes:
    """Set an invoice or a credit note.

    Args:
        bill: what it says.
        paper: ``a4``, ``us-letter`` or, for the same, ``letter``.
        fonts: folders with fonts for letters that the package has not.

    Raises:
        Refused: it cannot be set.
    """
    return _set("invoice.typ", asdict(bill_words(bill)), bill.issued, paper, fonts)


def certificate_pdf(certificate: CertificateDocument, paper: str = "a4", fonts: Sequence[Path] = ()) -> bytes:
    """Set a payment certificate; arguments as for :func:`bill_pdf`.

    Raises:
        Refused: it cannot be set.
    """
    return _set("certificate.typ", asdict(certificate_words(certificate)), certificate.issued, paper, fonts)


def _set(template: str, words: dict[str, Any], issued: datetime.date, paper: str, fonts: Sequence[Path]) -> bytes:
    """Set a document, writing by its number every letter that cannot be shown."""
    paper = CALLED.get(paper, paper)
    if paper not in PAPERS:
        raise Refused([Finding(f"there is no paper {paper!r}", f"choose {' or '.join(PAPERS)}")])
    for folder in fonts:
        if not folder.is_dir():
            raise Refused([Finding(f"there is no folder of fonts {str(folder)!r}", "name one that is there")])
    import typst  # 80 MB, and most commands print nothing

    found = typst.Fonts(include_system_fonts=False, font_paths=[str(folder) for folder in fonts])
    embedded = set(typst.Fonts(include_system_fonts=False).families())
    own = [family for family in found.families() if family not in embedded]
    # no package can be found, neither in a folder nor on the network
    compiler = typst.Compiler(DOCUMENTS / template, root=DOCUMENTS, font_paths=found, ignore_system_fonts=True)
    missing: set[str] = set()
    while True:
        shown = _without(words, missing)
        if has_coded(json.dumps(shown, ensure_ascii=False)):
            shown["notes"] = [*shown["notes"], BY_NUMBER]
        given = {**shown, "day": [issued.year, issued.month, issued.day], "paper": paper, "fonts": own}
        try:
            made = compiler.compile(
                format="pdf", sys_inputs={"document": json.dumps(given)}, pdf_standards=["a-2a", "ua-1"]
            )
        except typst.TypstError as error:
            new = set(_letters(error.diagnostic)) - missing
            if not new:
                what = f"the PDF cannot be made ({error.message})"
                raise Refused([Finding(what, "print the document as text or as data")]) from None
            missing |= new
        else:
            assert isinstance(made, bytes)
            return made


def _letters(diagnostic: str) -> set[str]:
    """Return the letters that Typst says cannot be shown."""
    texts = (_ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) for text in _MISSING.findall(diagnostic))
    return {letter for text in texts for letter in text if not letter.isascii()}


def _without(words: Any, missing: set[str]) -> Any:
    """Return words with these letters written by their numbers."""
    if isinstance(words, str):
        return "".join(coded(letter) if letter in missing else letter for letter in words)
    if isinstance(words, dict):
        return {key: _without(value, missing) for key, value in words.items()}
    if isinstance(words, list | tuple):
        return [_without(value, missing) for value in words]
    return words
