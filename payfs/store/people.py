"""Participants stay out of what is written beside a step, which many read and which is kept for good."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from sqlmodel import Session, col, select

from payfs.store.evidence import Read, read_again
from payfs.store.rows import File, Submission, SubmissionFile, Verification, VerificationFile, Version
from payfs.store.step import refusal
from payfs.text import Refused

LEAST_ID = 4  # [characters] of a person's id that is looked for; shorter ones are everyday words
MOST_KEPT = 64  # files whose ids are remembered
DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\ufe58\ufe63\uff0d"), "-")
_ids: dict[tuple[str, str], frozenset[str]] = {}  # by the SHA-256 of a file and of the contract that it was read under


def name_nobody(
    session: Session, contract: str, texts: Iterable[tuple[str, str | None]], also: Iterable[Read] = ()
) -> None:
    """Refuse texts that name a participant of any file that was ever handed in under a contract.

    Args:
        session: to read with.
        contract: name.
        texts: each option and what was written for it; None where nothing was.
        also: files that are being handed in.

    Raises:
        Refused: an id of a person stands in a text, however it is spelt or set off.
    """
    written = [(option, _plain(text)) for option, text in texts if text]
    if not written:
        return
    for ids in (*_people(session, contract), *(_ids_of(read) for read in also)):
        for option, text in written:
            if any(person in text and _stands(person, text) for person in ids):
                raise refusal(f"{option}: it names a person of the claims file", "say it without any person's id")


def _stands(person: str, text: str) -> bool:
    """Whether an id stands in a text by itself, and not within a longer word or number."""
    return re.search(rf"(?<![^\W_]){re.escape(person)}(?![^\W_])", text) is not None


def _plain(text: str) -> str:
    """Fold a text so that two that look alike are alike."""
    return unicodedata.normalize("NFKC", text.translate(DASHES)).translate(DASHES).casefold()


def _ids_of(read: Read) -> frozenset[str]:
    people = read.claims.people if read.claims is not None else ()
    return frozenset(person for person in map(_plain, people) if len(person) >= LEAST_ID)


def _people(session: Session, contract: str) -> Iterator[frozenset[str]]:
    """Yield the ids in each file of a contract, read under the version that was in force when it was handed in."""
    versions = session.exec(select(Version).where(Version.contract == contract).order_by(col(Version.number))).all()
    handed = (
        select(SubmissionFile.file, SubmissionFile.entry)
        .join(Submission, col(Submission.id) == SubmissionFile.submission)
        .where(Submission.contract == contract)
    )
    corrected = (
        select(VerificationFile.file, VerificationFile.entry)
        .join(Verification, col(Verification.id) == VerificationFile.verification)
        .join(Submission, col(Submission.id) == Verification.submission)
        .where(Submission.contract == contract)
    )
    for sha, entry in [*session.exec(handed), *session.exec(corrected)]:
        version = [one for one in versions if one.entry < entry][-1]
        key = sha, version.sha256
        if key not in _ids:
            try:
                ids = _ids_of(read_again(session.get_one(File, sha), version.text, contract))
            except Refused:  # it could be read when it was handed in, so whoever looks for damage will find it
                ids = frozenset()
            if len(_ids) >= MOST_KEPT:
                _ids.pop(next(iter(_ids)))
            _ids[key] = ids
        yield _ids[key]
