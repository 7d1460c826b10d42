"""A contract's versions as they are kept, read again as contracts."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from sqlmodel import Session, select

from payfs.contract import Contract, load_document
from payfs.store.rows import Version
from payfs.text import Refused, read_yaml


class Kept(NamedTuple):
    """A version of a contract, and what it says.

    Attributes:
        row: the version as it is kept.
        contract: read from its text.
    """

    row: Version
    contract: Contract


def current(session: Session, contract: str, number: int | None = None) -> Kept:
    """Return the last version of a contract, or the one of a number."""
    query = select(Version).where(Version.contract == contract)
    query = query.where(Version.number == number) if number else query.order_by(Version.number.desc())  # type: ignore[attr-defined]
    row = session.exec(query.limit(1)).one()
    return Kept(row, read_text(row.text, f"{contract}, version {row.number}"))


def title(session: Session, contract: str) -> str | None:
    """Return the title of a contract, as its last version has it; None where this program cannot read that."""
    try:
        return current(session, contract).contract.spec.title
    except Refused:
        return None


@lru_cache(maxsize=64)
def read_text(text: str, name: str) -> Contract:
    """Read a contract from its text.

    Args:
        text: YAML.
        name: how messages name it.

    Raises:
        Refused: it cannot be read; it could when it was kept, so the program or the text has changed since.
    """
    return load_document(read_yaml(text, name), text)
