"""The page Scenarios."""

from __future__ import annotations

from app.parts.places import head


def page() -> None:
    """Draw the page."""
    head("scenarios")
