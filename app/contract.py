"""One contract's own page."""

from __future__ import annotations

from app.parts.chosen import choose
from app.parts.places import head
from app.parts.told import lines
from payfs.report.english import contract_lines


def page() -> None:
    """Draw the page."""
    head("contract")
    lines(contract_lines(choose().sound()))
