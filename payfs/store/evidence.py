"""Files as they were handed in, and all that was verified, read again."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from sqlmodel import Session, col, select

from payfs.claims.file import MOST_BYTES, is_claims, read_claims
from payfs.claims.measure import Evidence
from payfs.claims.table import Claims
from payfs.contract import Contract
from payfs.evidence.results import Result, read_results
from payfs.store.chain import sha256
from payfs.store.rows import File, Submission, SubmissionFile, Verification, VerificationFile
from payfs.store.step import refusal
from payfs.store.versions import read_text
from payfs.text import Refused, read_file

KINDS = ("csv", "yaml", "xlsx")  # how a file's name ends
MOST_FILES = 20  # of one submission


class Handed(NamedTuple):
    """A file that is handed in.

    Attributes:
        name: as whoever hands it in calls it; it is not kept.
        kind: how its name ends: csv, yaml or xlsx.
        content: its bytes.
        sha256: of them.
    """

    name: str
    kind: str
    content: bytes
    sha256: str


class Read(NamedTuple):
    """What a file says.

    Attributes:
        results: counts; none in a file of claims.
        claims: the whole register to date; None in a file of counts.
    """

    results: tuple[Result, ...]
    claims: Claims | None


def hand_in(files: Sequence[str]) -> tuple[Handed, ...]:
    """Read files as they are.

    Raises:
        Refused: there is none, too many, the same twice, or one that cannot be read.
    """
    if not 1 <= len(files) <= MOST_FILES:
        raise refusal(f"{len(files)} files are handed in", f"hand in 1 to {MOST_FILES}")
    handed = []
    for name in files:
        content = read_file(name, MOST_BYTES)
        kind = {".xlsx": "xlsx", ".yaml": "yaml", ".yml": "yaml"}.get(Path(name).suffix.lower(), "csv")
        handed.append(Handed(name, kind, content, sha256(content)))
    if len({file.sha256 for file in handed}) < len(handed):
        raise refusal("the same file is handed in twice", "hand each in once")
    return tuple(handed)


def read_again(file: File | Handed, text: str, name: str) -> Read:
    """Read a file against a contract, as it would be read from a folder.

    Args:
        file: as it was handed in.
        text: of the contract.
        name: of the contract.

    Raises:
        Refused: everything that is wrong with it.
    """
    known_kinds([file])
    called = file.name if isinstance(file, Handed) else f"file {file.sha256[:12]}"
    return _read(bytes(file.content), file.kind, called, text, name)


def holds_claims(content: bytes, kind: str) -> bool:
    """Tell whether a file is read as claims, a row for each person, or as counts."""
    with tempfile.TemporaryDirectory(prefix="payfs-") as folder:
        path = Path(folder) / f"handed-in.{kind}"
        path.write_bytes(content)
        return is_claims(str(path))


def known_kinds(files: Iterable[File | Handed]) -> None:
    """Refuse a file of another kind than is ever kept: the kind ends the name under which it is laid out."""
    for file in files:
        if file.kind not in KINDS:
            what = f"the kind of file {file.sha256[:12]} was changed to one that there is not"
            raise refusal(what, "payfs ledger verify says more")


@lru_cache(maxsize=256)
def _read(content: bytes, kind: str, called: str, text: str, name: str) -> Read:
    frame = read_text(text, name).frame
    # a file without a folder of its own, for nobody else to read: where thousands are read again, folders take longer
    opened, path = tempfile.mkstemp(f".{kind}", "payfs-")
    try:
        with open(opened, "wb") as file:
            file.write(content)
        if is_claims(path):
            return Read((), read_claims(path, frame))
        return Read(read_results(path, frame), None)
    except Refused as refused:
        found = [f._replace(file=called) if f.file == path else f for f in refused.findings]
        raise Refused(found) from None
    finally:
        Path(path).unlink()


def verified_files(
    session: Session, contract: str, until: int | None = None, also: Submission | None = None
) -> tuple[File, ...]:
    """Return the files that hold: of each verified submission, as it was or as corrected, in the order of submission.

    What was handed in later holds, whichever was verified first.

    Args:
        session: to read with.
        contract: name.
        until: the last verification that is looked at, by its id; None for all.
        also: a submission that is taken as if it were verified as it is; None for none.
    """
    query = (
        select(Verification, Submission.number)
        .join(Submission, col(Submission.id) == Verification.submission)
        .where(Submission.contract == contract)
        .order_by(col(Submission.number))
    )
    if until is not None:
        query = query.where(Verification.id <= until)
    numbered = session.exec(query).all()
    verifications = [verification for verification, _ in numbered]
    places = [verification.id for verification in verifications]
    held: dict[int, list[File]] = {}
    of = {verification.submission: verification.id for verification in verifications}
    corrected = (
        select(VerificationFile.verification, File)
        .join(File, col(File.sha256) == VerificationFile.file)
        .where(col(VerificationFile.verification).in_(places))
        .order_by(col(VerificationFile.position))
    )
    for verification, file in session.exec(corrected):
        held.setdefault(verification, []).append(file)
    handed = (
        select(SubmissionFile.submission, File)
        .join(File, col(File.sha256) == SubmissionFile.file)
        .where(col(SubmissionFile.submission).in_([one for one, made in of.items() if made not in held]))
        .order_by(col(SubmissionFile.position))
    )
    for submission, file in session.exec(handed):
        held.setdefault(of[submission], []).append(file)
    pieces: list[tuple[int, Sequence[File]]] = [(number, held.get(one.id, ())) for one, number in numbered]
    if also is not None:
        pieces.append((also.number, submitted_files(session, also.id)))
    return tuple(file for _, files in sorted(pieces, key=lambda piece: piece[0]) for file in files)


def files_of(session: Session, verification: Verification) -> Sequence[File]:
    """Return the files that a verification holds: as corrected, or as submitted."""
    corrected = session.exec(
        select(File)
        .join(VerificationFile, col(VerificationFile.file) == File.sha256)
        .where(VerificationFile.verification == verification.id)
        .order_by(col(VerificationFile.position))
    ).all()
    return corrected or submitted_files(session, verification.submission)


def submitted_files(session: Session, submission: int) -> Sequence[File]:
    """Return the files of a submission, by its id."""
    return session.exec(
        select(File)
        .join(SubmissionFile, col(SubmissionFile.file) == File.sha256)
        .where(SubmissionFile.submission == submission)
        .order_by(col(SubmissionFile.position))
    ).all()


def evidence_on_files(contract: Contract, text: str, files: Iterable[File | Handed]) -> Evidence:
    """Put files together: of counts the later value holds, of claims the later file.

    Raises:
        Refused: everything that is wrong with a file.
    """
    results: dict[tuple[str, int, int, int], Result] = {}
    claims = None
    for file in files:
        read = read_again(file, text, contract.name)
        for result in read.results:
            results[result.metric, result.cohort, result.period, result.reported] = result
        claims = read.claims or claims
    return Evidence(contract, tuple(results.values()), claims)


def covers(contract: Contract, read: Iterable[Read]) -> str:
    """Say which periods files report on."""
    places = sorted({result.reported for one in read for result in one.results})
    names = [contract.periods[place].name for place in places]
    told = names if len(names) <= 4 else [names[0], "...", names[-1]]
    if any(one.claims is not None for one in read):
        told = [*told, "claims to date"]
    return ", ".join(told) or "nothing"
