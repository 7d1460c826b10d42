"""Every certificate ever made, made again: from the stored contract, the stored evidence, and a program."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from payfs.money import currency
from payfs.store.chain import canonical, sha256
from payfs.store.database import ILLEGIBLE, Store, changed
from payfs.store.due import KEY, due_now
from payfs.store.engines import engine_named, named, running
from payfs.store.evidence import known_kinds, verified_files
from payfs.store.rows import Certificate, CertificateLine, Engine, File, Version
from payfs.store.step import kept
from payfs.store.versions import Kept, read_text
from payfs.store.walk import number, shown, walk
from payfs.text import Finding, Refused

COMPARED = ("measured", "due", "due_written", "fiscal_year", "amount", "before", "why", "explanation")
MOST_TOLD = 20  # differences of one certificate


class Replayed(NamedTuple):
    """What a replay came to.

    Attributes:
        findings: where it came to something else; none where everything is the same.
        certificates: how many were made again.
        lines: how many lines they hold.
        total: of all their amounts [minor units], by currency.
        engines: the programs that made them, and how many each.
        text: the lines as they were made again, as one text: the same for ever, if nothing moved.
    """

    findings: tuple[Finding, ...]
    certificates: int
    lines: int
    total: dict[str, int]
    engines: dict[str, int]
    text: str


def replay(store: Store, contract: str | None = None, stored_engine: bool = False) -> Replayed:
    """Make every certificate again and compare it with what is kept, to the cent and to the word.

    Args:
        store: the ledger.
        contract: only those of one contract; None for all.
        stored_engine: work amounts out by the program that is kept beside each certificate, and not by this one. It
            is run, so only do this with a ledger that you trust.

    Raises:
        Refused: there is no such contract, or the database does not answer.
    """
    found: list[Finding] = []
    told: list[str] = []
    total: dict[str, int] = {}
    engines: dict[str, int] = {}
    lines = count = 0
    with store.reading() as session:
        if contract is not None:
            kept(session, contract)
        query = select(Certificate).order_by(col(Certificate.id))
        if contract is not None:
            query = query.where(Certificate.contract == contract)
        certificates = session.exec(query).all()
        sound = cache(lambda: not walk(session.connection()).findings)  # of a sound ledger nothing is let pass
        for certificate in certificates:
            count += 1
            with _legible(found, _at(certificate), sound):
                name = engine_named(session, certificate.engine)
                stored = _stored(session, certificate)
                amount = sum(line["amount"] for line in stored)
                engines[name] = engines.get(name, 0) + 1
                lines += len(stored)
                total[certificate.currency] = total.get(certificate.currency, 0) + amount
                if stored_engine:
                    continue
                try:
                    made = made_again(session, certificate)
                except Refused as refused:
                    found += _not_again(certificate, refused)
                    continue
                told.append(canonical([certificate.contract, certificate.number, made]))
                found += list(_compare(certificate, stored, made))[:MOST_TOLD]
        if stored_engine:
            found += _by_stored(session, certificates, sound)
    return Replayed(tuple(found), count, lines, total, engines, "\n".join(told))


@contextmanager
def _legible(found: list[Finding], at: str, sound: Callable[[], bool]) -> Iterator[None]:
    """Tell what can no longer be read because somebody changed it; what fails in a sound ledger is a fault of ours."""
    try:
        yield
    except ILLEGIBLE as error:
        if isinstance(error, Refused) or (isinstance(error, DBAPIError) and not changed(error)) or sound():
            raise
        what = f"{at} cannot be made again: what it rests on was changed"
        found.append(Finding(what, "payfs ledger verify says what"))


def made_again(session: Session, certificate: Certificate) -> list[dict[str, Any]]:
    """Make the lines of a certificate again, by this program.

    Raises:
        Refused: the contract or the evidence can no longer be read or worked out.
    """
    row, files = _evidence(session, certificate)
    version = Kept(row, read_text(row.text, f"{row.contract}, version {row.number}"))
    return due_now(session, version, files, certificate.id).lines


def _at(certificate: Certificate) -> str:
    return f"certificate {number(certificate.number)} of {shown(certificate.contract)}"


def _not_again(certificate: Certificate, refused: Refused) -> list[Finding]:
    return [f._replace(what=f"{_at(certificate)} cannot be made again: {f.what}") for f in refused.findings]


def _evidence(session: Session, certificate: Certificate) -> tuple[Version, tuple[File, ...]]:
    files = verified_files(session, certificate.contract, certificate.verification)
    for file in files:
        if sha256(bytes(file.content)) != file.sha256:
            what, remedy = f"file {file.sha256[:12]} is not what its SHA-256 says", "payfs ledger verify says more"
            raise Refused([Finding(what, remedy)])
    if certificate.evidence != canonical([file.sha256 for file in files]):
        raise Refused([Finding("it rests on other files than it says", "payfs ledger verify says more")])
    return session.get_one(Version, certificate.version), files


def _stored(session: Session, certificate: Certificate) -> list[dict[str, Any]]:
    query = select(CertificateLine).where(CertificateLine.certificate == certificate.id)
    return [line.model_dump() for line in session.exec(query.order_by(col(CertificateLine.position)))]


def _for(line: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(line[name] for name in KEY)


def _compare(
    certificate: Certificate, stored: Sequence[dict[str, Any]], made: Sequence[dict[str, Any]]
) -> Iterator[Finding]:
    at, remedy = _at(certificate), _remedy(certificate)
    before, now = ({_for(line): line for line in lines} for lines in (stored, made))
    for key in dict.fromkeys((*before, *now)):
        line = " for ".join((key[0], key[4])) + (f" of {key[3]}" if key[3] else "")
        if key not in now:
            yield Finding(f"{at} has a line {line}, which is not made again", remedy)
        elif key not in before:
            yield Finding(f"{at} has no line {line}, which is made now", remedy)
        else:
            for name in COMPARED:
                if before[key][name] != now[key][name]:
                    show = currency(certificate.currency).show if name in ("amount", "before") else str
                    one, other = (show(lines[key][name]) for lines in (before, now))
                    yield Finding(f"{at}, {line}: {name} is {one}, and made again {other}", remedy)
                    break


def _remedy(certificate: Certificate) -> str:
    if certificate.engine == running().sha256:
        return "the same program made it: payfs ledger verify says what was changed"
    return "another version of payfs made it: payfs ledger replay --stored-engine runs that"


def _by_stored(session: Session, certificates: Sequence[Certificate], sound: Callable[[], bool]) -> list[Finding]:
    """Work contracts out to date by the programs that made their certificates, and compare the amounts."""
    found: list[Finding] = []
    by_engine: dict[str, list[Certificate]] = {}
    for certificate in certificates:
        by_engine.setdefault(certificate.engine, []).append(certificate)
    for sha, made in by_engine.items():
        all_of_it = f"what the program {shown(str(sha)[:12])} made"
        with tempfile.TemporaryDirectory(prefix="payfs-") as folder, _legible(found, all_of_it, sound):
            root = Path(folder)
            program = session.get_one(Engine, sha)
            if named(program.libraries, bytes(program.source)) != sha:
                what = f"the program {shown(sha[:12])} is not what its SHA-256 says, and is not run"
                found.append(Finding(what, "payfs ledger verify says more"))
                continue
            zipfile.ZipFile(io.BytesIO(bytes(program.source))).extractall(root / "program")
            laid_out = []
            for certificate in made:
                with _legible(found, _at(certificate), sound):
                    try:
                        _lay_out(session, certificate, root / "work")
                    except Refused as refused:
                        found += _not_again(certificate, refused)
                        continue
                    laid_out.append(certificate)
            for certificate, amounts in zip(laid_out, _run(root) if laid_out else (), strict=True):
                found += list(_compare_amounts(session, certificate, amounts))[:MOST_TOLD]
    return found


def _lay_out(session: Session, certificate: Certificate, root: Path) -> None:
    """Write down what a certificate rests on, as :mod:`payfs.store.rework` reads it."""
    row, files = _evidence(session, certificate)
    known_kinds(files)
    kept_files = root / "files"
    kept_files.mkdir(parents=True, exist_ok=True)
    names = []
    for file in files:
        names.append(f"{file.sha256}.{file.kind}")
        (kept_files / names[-1]).write_bytes(bytes(file.content))
    work = {"contract": row.text, "files": names}
    (root / f"{certificate.id:09}.json").write_text(canonical(work), encoding="utf-8")


def _run(root: Path) -> list[dict[tuple[Any, ...], int]]:
    environment = {**os.environ, "PYTHONPATH": str(root / "program"), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "payfs.store.rework", str(root / "work")],
        capture_output=True,
        env=environment,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.decode(errors="replace").strip().splitlines() or ["it says nothing"])[-1][:300]
        what = f"the stored program does not run: {last}"
        raise Refused([Finding(what, "install the libraries that payfs ledger show names beside it")])
    return [{tuple(key): amount for key, amount in made} for made in json.loads(done.stdout)]


def _compare_amounts(session: Session, certificate: Certificate, made: dict[tuple[Any, ...], int]) -> Iterator[Finding]:
    at, show = _at(certificate), currency(certificate.currency).show
    remedy = "payfs ledger verify says whether the ledger was changed; if not, its libraries were others"
    for line in _stored(session, certificate):
        again = made.get(_for(line), 0) - line["before"]
        if again != line["amount"]:
            what = f"{at}, {line['rule']} for {line['period']}: {show(line['amount'])} is certified"
            yield Finding(f"{what}, and the stored program makes it {show(again)}", remedy)
    if sum(made.values()) != certificate.to_date:
        what = f"{at} has {show(certificate.to_date)} to date, and the stored program {show(sum(made.values()))}"
        yield Finding(what, remedy)
