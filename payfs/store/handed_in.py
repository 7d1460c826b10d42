"""What providers hand in, and what evaluators send back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from payfs.store.database import Store
from payfs.store.due import amounts_to_date
from payfs.store.evidence import (
    Handed,
    covers,
    files_of,
    hand_in,
    read_again,
    submitted_files,
    verified_files,
)
from payfs.store.members import may
from payfs.store.people import name_nobody
from payfs.store.rows import File, SentBack, Submission, SubmissionFile, Verification
from payfs.store.states import MOVES
from payfs.store.step import Answer, Step, kept, numbered, refusal, take, written
from payfs.store.versions import Kept, current


def submit(store: Store, by: str, contract: str, files: Sequence[str], key: str | None = None) -> Answer:
    """Hand in results or claims.

    A claims file is the whole register to date and stands in the place of the one before; of counts, a value for the
    same metric, cohort and period stands in the place of the one before.

    Raises:
        Refused: everything that is wrong with a file, nothing of which is kept then; or it was handed in before.
    """
    handed = hand_in(files)

    def work(step: Step) -> Answer:
        kept(step.session, contract)
        may(step.session, contract, step.by, "submit")
        version = current(step.session, contract)
        read = [read_again(file, version.row.text, contract) for file in handed]
        amounts_to_date(version.contract, version.row.text, [*verified_files(step.session, contract), *handed])
        _not_twice(step.session, contract, handed)
        name_nobody(step.session, contract, [("--key", key)], read)
        number, told = step.number(Submission), covers(version.contract, read)
        row = step.add(Submission, contract=contract, number=number, covers=told, by=step.by, at=step.at)
        for position, file in enumerate(handed):
            step.add(SubmissionFile, submission=row.id, position=position, file=keep_file(step, file))
        count = "a file" if len(handed) == 1 else f"{len(handed)} files"
        text = f"{step.by} handed in {count} for {contract}, submission {number}: {told}"
        return Answer("submit", contract, f"submission {number}", number, text=text)

    return take(store, "submit", by, contract, key, {"files": [file.sha256 for file in handed]}, work)


def keep_file(step: Step, file: Handed) -> str:
    """Keep a file, if it is not kept yet, and return its SHA-256."""
    if step.session.get(File, file.sha256) is None:
        step.add(File, sha256=file.sha256, kind=file.kind, size=len(file.content), content=file.content)
    return file.sha256


def _not_twice(session: Session, contract: str, handed: Sequence[Handed]) -> None:
    """Refuse what waits already, and what holds already. What was replaced since may come again."""
    hashes = {file.sha256 for file in handed}
    rows = session.exec(select(Submission).where(Submission.contract == contract).order_by(col(Submission.id))).all()
    for row in rows:
        waits = state_of(session, row) == "submitted"
        if waits and {file.sha256 for file in submitted_files(session, row.id)} == hashes:
            what = f"the same was handed in as submission {row.number}, which waits for the evaluator"
            raise refusal(what, "wait for what becomes of that")
    last = session.exec(
        select(Verification)
        .join(Submission, col(Submission.id) == Verification.submission)
        .where(Submission.contract == contract)
        .order_by(col(Submission.number).desc())
        .limit(1)
    ).first()
    if last is not None and {file.sha256 for file in files_of(session, last)} == hashes:
        number = next(row.number for row in rows if row.id == last.submission)
        what = f"this is what holds already, as submission {number}"
        raise refusal(what, "hand in what is new")


def send_back(store: Store, by: str, contract: str, submission: int, reason: str, key: str | None = None) -> Answer:
    """Return a submission to the provider, who hands in a better one.

    Raises:
        Refused: ``by`` is no evaluator, or it is no longer submitted.
    """
    reason = written("--reason", reason)

    def work(step: Step) -> Answer:
        row, _ = open_submission(step, contract, submission)
        name_nobody(step.session, contract, [("--reason", reason), ("--key", key)])
        step.add(SentBack, submission=row.id, reason=reason, by=step.by)
        text = f"{step.by} sent back submission {submission} of {contract}"
        return Answer("send back", contract, f"submission {submission}", submission, text=text)

    return take(store, "send back", by, contract, key, {"submission": submission, "reason": reason}, work)


def open_submission(step: Step, contract: str, number: int) -> tuple[Submission, Kept]:
    """Return a submission that the step may move, and the contract that it is under.

    Raises:
        Refused: there is none of this number, who asks may not, or its state does not let it.
    """
    kept(step.session, contract)
    may(step.session, contract, step.by, step.name)
    row: Submission | None = numbered(step.session, Submission, contract, number)
    if row is None:
        last = step.number(Submission) - 1
        known = f"the last is {last}" if last else "nothing has been submitted yet"
        raise refusal(f"{contract} has no submission {number}", f"{known}; payfs ledger show {contract} lists them")
    state, move = state_of(step.session, row), MOVES[step.name]
    if state not in move.starts:
        what = f"submission {number} of {contract} is {state}, and cannot {move.does}"
        raise refusal(what, "hand in anew what is to change: payfs submit")
    if row.by == step.by:
        what = f"{step.by} handed in submission {number}, and cannot be its evaluator"
        raise refusal(what, "have another evaluator look at it")
    return row, current(step.session, contract)


def state_of(session: Session, submission: Submission) -> str:
    """Return the state of a submission, which is what the rows say."""
    if session.exec(select(SentBack.id).where(col(SentBack.submission) == submission.id)).first() is not None:
        return "sent back"
    verified = select(Verification.id).where(col(Verification.submission) == submission.id)
    return "submitted" if session.exec(verified).first() is None else "verified"
