"""One step: one transaction, with its key, its right, its rows and its entry in the audit log."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypeVar

from sqlalchemy import func
from sqlmodel import Session, select

from payfs.spec import quoted
from payfs.store.chain import canonical, digest, receipt, row_text, seal, sha256
from payfs.store.database import Store
from payfs.store.rows import Anchor, ContractRow, Entry, Request, Row
from payfs.text import Finding, Refused, suggest
from payfs.text.files import UNSEEN

MOST_TEXT = 2000  # [characters] of a reason or another text that somebody writes
USER = re.compile(r"[a-z0-9](?:[a-z0-9._@+-]{0,118}[a-z0-9])?")
AnyRow = TypeVar("AnyRow", bound=Row)


def refusal(what: str, remedy: str) -> Refused:
    """Refuse a step for one reason."""
    return Refused([Finding(what, remedy)])


@dataclass(frozen=True)
class Answer:
    """What a step came to.

    Attributes:
        step: its name.
        contract: the contract's name.
        subject: which submission, bill or member.
        number: of the submission, bill or version; None where there is none.
        certificate: the certificate that it brought, if any.
        bills: the bills that it brought.
        text: what happened, in one sentence.
        at: when.
        receipt: the entry's number and hash.
        again: whether this is the first answer to a request that was made again.
    """

    step: str
    contract: str
    subject: str
    number: int | None = None
    certificate: int | None = None
    bills: tuple[int, ...] = ()
    text: str = ""
    at: str = ""
    receipt: str = ""
    again: bool = field(default=False, compare=False)


@dataclass
class Step:
    """A step that is being taken.

    Attributes:
        session: its transaction.
        by: who takes it.
        name: of the step.
        contract: the contract's name.
        at: when.
        entry: the number that its entry will have.
    """

    session: Session
    by: str
    name: str
    contract: str
    at: str
    entry: int
    rows: list[Row] = field(default_factory=list)
    _next: dict[type[Row], int] = field(default_factory=dict)

    def add(self, kind: type[AnyRow], /, **columns: Any) -> AnyRow:
        """Add a row of history, with the next id of its table where it has ids."""
        if "id" in kind.model_fields:
            columns["id"] = self._id(kind)
        row = kind(**{"entry": self.entry, **columns})
        self.session.add(row)
        self.session.flush()  # in this order, so that what a row refers to is there, and guards see it
        self.rows.append(row)
        return row

    def add_all(self, kind: type[Row], rows: list[dict[str, Any]]) -> None:
        """Add many rows of one table."""
        made = [kind(**{"entry": self.entry, "id": self._id(kind), **columns}) for columns in rows]
        self.session.add_all(made)
        self.session.flush()
        self.rows += made

    def _id(self, kind: type[Row]) -> int:
        column = kind.__table__.c.id  # type: ignore[attr-defined]
        number = self._next.get(kind) or (self.session.scalar(select(func.max(column))) or 0) + 1
        self._next[kind] = number + 1
        return int(number)

    def number(self, kind: Any) -> int:
        """Return the next number of a contract's submissions, certificates, bills or versions."""
        last = self.session.scalar(select(func.max(kind.number)).where(kind.contract == self.contract))
        return (last or 0) + 1


def now() -> str:
    """Return the time [UTC], as it is kept."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def take(
    store: Store,
    name: str,
    by: str,
    contract: str,
    key: str | None,
    asked: Mapping[str, Any],
    work: Callable[[Step], Answer],
) -> Answer:
    """Take a step: wait for its turn, answer a request that was made before, do the work, and keep it with its entry.

    Args:
        store: the ledger.
        name: of the step, one of :data:`payfs.store.states.MOVES`.
        by: who asks.
        contract: the contract's name.
        key: by which the same request is known again; None where it is not to be.
        asked: what is asked for, as plain data.
        work: adds the rows. What it refuses is refused as a whole.

    Raises:
        Refused: the key was used for something else, or what ``work`` refuses.
    """
    by = user(by)
    body = sha256(canonical({"step": name, "by": by, "contract": contract, "asked": asked}))
    if key is not None:
        key = written("--key", key, 200)
    with store.writing() as session:
        anchor = session.exec(select(Anchor).with_for_update()).one()
        before = session.get(Request, key) if key is not None else None
        if before is not None:
            if before.body != body:
                raise refusal(
                    f"the key {quoted(key)} was used for another request", "give each request a key of its own"
                )
            return _first_answer(session, before)
        at = now()
        step = Step(session, by, name, contract, at, anchor.count + 1)
        answer = replace(work(step), at=at)
        if key is not None:
            step.add(Request, key=key, by=by, step=name, body=body, answer=canonical(asdict(answer)))
        entry = Entry(
            number=step.entry,
            at=at,
            by=by,
            step=name,
            contract=contract,
            subject=answer.subject,
            text=answer.text,
            rows_digest=digest(text_of(row) for row in step.rows),
            previous=anchor.head,
            hash="",
        )
        entry.hash = seal(entry.model_dump())
        session.add(entry)
        session.flush()
        anchor.count, anchor.head = entry.number, entry.hash
        session.add(anchor)
        session.flush()
        return replace(answer, receipt=receipt(entry))


def text_of(row: Row) -> str:
    """Write a row as what is hashed."""
    return row_text(str(row.__tablename__), row.model_dump())


def _first_answer(session: Session, request: Request) -> Answer:
    told = json.loads(request.answer)
    entry = session.get_one(Entry, request.entry)
    return Answer(**told | {"bills": tuple(told["bills"]), "receipt": receipt(entry), "again": True})


def kept(session: Session, contract: str) -> ContractRow:
    """Return a contract that is kept.

    Raises:
        Refused: there is none of this name.
    """
    row = None if UNSEEN.search(contract) else session.get(ContractRow, contract)
    if row is None:
        known = session.exec(select(ContractRow.name)).all()
        hint = suggest(contract, known) or "register it: payfs register SPEC"
        raise refusal(f"no contract {quoted(contract)} is kept here", hint)
    return row


def numbered(session: Session, kind: Any, contract: str, number: int) -> Any:
    """Return a contract's submission, certificate or bill by its number; None where it has none of it."""
    if not 0 < number < 2**31:  # beyond what a column holds
        return None
    return session.exec(select(kind).where(kind.contract == contract, kind.number == number)).first()


def user(text: str) -> str:
    """Read who somebody is, in one spelling only, so that nobody is two people.

    Raises:
        Refused: it is no name that can be kept.
    """
    name = text.strip().lower()
    if not USER.fullmatch(name):
        what = "nobody is named: --by" if not name else f"{quoted(text)} cannot be the name of a user"
        raise refusal(what, "write the name or address that they sign in with, such as ann or ann@city.gov")
    return name


def written(option: str, text: str, most: int = MOST_TEXT) -> str:
    """Read a text that somebody wrote: in one line, and nothing that a reader cannot see.

    Raises:
        Refused: it is empty, too long, or holds what cannot be seen.
    """
    told = text.strip()
    if not told:
        raise refusal(f"{option}: nothing is written", "say it in a few words")
    if len(told) > most:
        raise refusal(f"{option}: {len(told):,} characters", f"say it in {most:,} at most")
    if "\n" in told or "\r" in told or "\t" in told or UNSEEN.search(told):
        raise refusal(f"{option}: it holds characters that cannot be seen", "write plain text in one line")
    return told


def day(option: str, text: str) -> str:
    """Read a day on which something happened.

    Raises:
        Refused: it is no day, or still to come.
    """
    from payfs.periods import read_day

    try:
        read = read_day(text)
    except ValueError as error:
        what, _, remedy = str(error).partition("; ")
        raise refusal(f"{option}: {what}", remedy) from None
    if read.date.isoformat() != text.strip():
        raise refusal(f"{option}: {quoted(text)} is no single day", "write it as 2026-11-30")
    if read.date > datetime.date.today() + datetime.timedelta(days=1):  # it may be tomorrow elsewhere
        raise refusal(f"{option}: {text} is still to come", "record what has happened")
    return read.date.isoformat()
