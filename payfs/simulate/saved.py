"""A run saved to a folder, to be read by other programs and repeated to the last bit.

    summary.csv        every figure of every result, with its standard error and unit
    percentiles.csv    the distribution of every amount, rate and multiple, half a percent apart
    fiscal_years.csv   what to appropriate in each fiscal year, and how often its budget is passed
    paths.parquet      a row for each path: its number, as payfs explain --path takes it, and every result
    paths.csv          the same, where it is asked for or there are at most :data:`FEW` paths
    manifest.json      what the run was made of, and the fingerprints of all this

Everything is written to a folder of its own inside and moved when it is complete, the manifest last: a folder that has
a manifest is whole.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path as Folder
from typing import NamedTuple

import numpy as np

from payfs.simulate.columns import Fingerprints, Outcomes, Table, size_of
from payfs.simulate.manifest import (
    MANIFEST,
    Manifest,
    fingerprint,
    manifest_of,
    read_manifest,
    repeat,
    versions,
)
from payfs.simulate.question import units_of
from payfs.simulate.risk import Risk
from payfs.simulate.run import Progress, Run
from payfs.simulate.tidy import tables
from payfs.text import Finding, Refused

FEW = 10_000  # paths that are written as CSV, too: what a spreadsheet opens at once
UNFINISHED = ".unfinished"
SPARE = 10_000_000  # for all but the paths [bytes]
PROBED = 64  # paths on which a manifest is tried before the run


class Repeated(NamedTuple):
    """A saved run that was made again.

    Attributes:
        run: as the manifest has it.
        risk: what it came to now.
        findings: what differs from what was saved; none where all is the same to the last bit.
    """

    run: Run
    risk: Risk
    findings: tuple[Finding, ...]


def save(run: Run, folder: str | Folder, csv: bool | None = None, progress: Progress | None = None) -> Risk:
    """Work a run out and save it to a folder, block by block, so that memory does not grow with the paths.

    Args:
        run: what is worked out.
        folder: a new folder, or an empty one, in a folder that is there.
        csv: whether paths are written as CSV, too; if not said, where there are at most :data:`FEW`.
        progress: told how many paths are done.

    Raises:
        Refused: the run cannot be worked out or repeated, the folder cannot be used, or its disk has not enough room.
            Nothing is left behind then, nor where it is stopped.
    """
    target = Folder(folder)
    _usable(target)
    manifest = manifest_of(run)
    _repeatable(run, manifest)
    as_csv = run.draws.paths <= FEW if csv is None else csv
    _fits(run, target, as_csv)
    with _unfinished(target) as part:
        seen = Fingerprints()
        about = {"contract": run.worked.contract.name, "scenario": run.worked.scenario.spec.scenario}
        about |= {"currency": run.worked.contract.money.code, "seed": str(run.draws.seed)}
        with Table(
            part / "paths.parquet", part / "paths.csv" if as_csv else None, run.worked.contract.money, about
        ) as t:

            def sink(first: int, outcomes: Outcomes) -> None:
                seen.add(outcomes)
                t.add(first, outcomes)

            risk = run.risk(progress, sink)
        for name, text in tables(run, risk).items():
            (part / name).write_text(text, encoding="utf-8", newline="")
        files = {path.name: _fingerprint(path) for path in sorted(part.iterdir())}
        whole = manifest.model_copy(update={"columns": seen.found(), "files": files})
        (part / MANIFEST).write_text(whole.written(), encoding="utf-8", newline="")
    return risk


def repeated(folder: str | Folder, progress: Progress | None = None) -> Repeated:
    """Make a saved run again from its manifest alone, and hold every path and every file against it.

    Raises:
        Refused: there is no manifest, it was changed, or what it holds is not accepted any more.
    """
    manifest = read_manifest(folder)
    run = repeat(manifest)
    seen = Fingerprints()
    risk = run.risk(progress, lambda first, outcomes: seen.add(outcomes))
    found = [*_on_disk(Folder(folder), manifest), *_apart(Folder(folder), manifest, seen.found(), tables(run, risk))]
    return Repeated(run, risk, tuple(found))


def _on_disk(folder: Folder, manifest: Manifest) -> Iterator[Finding]:
    """Find files that are no longer as they were written."""
    remedy = "make the run again to another folder"
    for name, before in manifest.files.items():
        path = folder / name
        if not path.is_file():
            yield Finding("the file is gone", remedy, file=str(path))
        elif _fingerprint(path) != before:
            yield Finding("the file was changed after it was written", remedy, file=str(path))


def _apart(folder: Folder, manifest: Manifest, columns: dict[str, str], texts: dict[str, str]) -> Iterator[Finding]:
    """Find what comes out differently now."""
    now = versions()
    other = [
        f"{name} {before}, now {now.get(name)}" for name, before in manifest.versions.items() if now.get(name) != before
    ]
    remedy = (
        f"the run was made with {'; '.join(other)}: repeat it with those"
        if other
        else (f"it was made on {manifest.machine}, with the same versions: please report it")
    )
    file = str(folder / MANIFEST)
    for label in dict.fromkeys([*manifest.columns, *columns]):
        if manifest.columns.get(label) != columns.get(label):
            lacks = "is not there" if label not in columns else "is new" if label not in manifest.columns else ""
            yield Finding(f"the result {label!r} {lacks or 'differs on some path'}", remedy, file=file)
    for name, text in texts.items():
        if manifest.files.get(name) != fingerprint(text):
            yield Finding("it comes out differently", remedy, file=str(folder / name))


def _fingerprint(path: Folder) -> str:
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _repeatable(run: Run, manifest: Manifest) -> None:
    """Refuse a run that its files do not give, because something was changed after they were read."""
    uniforms = run.draws.between(0, min(PROBED, run.draws.paths))
    again = repeat(manifest)
    same = again.worked.columns == run.worked.columns
    if same:
        mine, other = run.worked.evaluate(uniforms), again.worked.evaluate(uniforms)
        same = list(mine) == list(other) and all(
            np.array_equal(mine[label], other[label], equal_nan=mine[label].dtype.kind == "f") for label in mine
        )
    if not same:
        what = "the contract or the scenario was changed after it was read, so that no manifest can repeat the run"
        raise Refused(
            [Finding(what, "write the change into the file, and simulate that", file=run.worked.scenario.file)]
        )


def _usable(target: Folder) -> None:
    """Refuse a folder that cannot be used."""

    def refused(what: str, remedy: str) -> Refused:
        return Refused([Finding(what, remedy, file=str(target))])

    try:
        if not target.is_dir() and (target.exists() or target.is_symlink()):
            raise refused("this is a file, not a folder", "name a new folder")
        if target.is_dir():
            inside = sorted(os.listdir(target))
            if inside == [UNFINISHED]:
                what = f"a run was cut off here, or is still being written: it left {UNFINISHED}"
                raise refused(what, f"take {UNFINISHED} away if no run is going on, or name another folder")
            if inside:
                named = ", ".join(inside[:3]) + (" and more" if len(inside) > 3 else "")
                raise refused(f"the folder is not empty: it holds {named}", "name a new folder, or empty it")
        elif not target.parent.is_dir():
            raise refused(f"there is no folder {str(target.parent)!r} to make it in", "make that first")
    except (OSError, ValueError) as error:
        raise refused(f"the folder cannot be read: {_reason(error)}", "name another folder") from None


def _fits(run: Run, target: Folder, csv: bool) -> None:
    """Refuse a run whose files would not fit the disk."""
    units = units_of(run.worked.evaluate(np.full((run.worked.columns, 1), 0.5)))
    paths = run.draws.paths
    needed, free = (
        size_of(units, paths, csv) + SPARE,
        shutil.disk_usage(target if target.is_dir() else target.parent).free,
    )
    if needed > free:
        most = max(int((free - SPARE) / (needed - SPARE) * paths), 0)
        what = f"{paths:,} paths may need {_bytes(needed)} on the disk, and {_bytes(free)} are free"
        less = f", or draw at most {most:,} paths" if most else ""
        also = " without paths.csv" if csv else ""
        raise Refused(
            [Finding(what, f"name a folder on another disk{less}{',' + also if also else ''}", file=str(target))]
        )


def _bytes(number: int) -> str:
    return f"{number / 1e9:,.1f} GB" if number >= 1e9 else f"{number / 1e6:,.1f} MB"


@contextmanager
def _unfinished(target: Folder) -> Iterator[Folder]:
    """Yield a folder to write to; at the end its files are moved to their place, or everything is taken away."""
    made, moved = False, list[Folder]()
    part = target / UNFINISHED
    try:
        if not target.is_dir():
            target.mkdir()
            made = True
        part.mkdir()
    except (OSError, ValueError) as error:
        if made:
            target.rmdir()
        raise Refused(
            [Finding(f"the folder cannot be written: {_reason(error)}", "name another", file=str(target))]
        ) from None
    try:
        yield part
        for path in sorted(part.iterdir(), key=lambda path: path.name == MANIFEST):
            with path.open("r+b") as file:
                os.fsync(file.fileno())
            moved.append(target / path.name)
            path.rename(target / path.name)
        part.rmdir()
    except BaseException as error:
        for path in moved:
            path.unlink(missing_ok=True)
        shutil.rmtree(part, ignore_errors=True)
        if made:
            shutil.rmtree(target, ignore_errors=True)
        if isinstance(error, OSError):
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            remedy = "make room, or name a folder on another disk" if full else "name another folder"
            what = f"the run cannot be written: {'the disk is full' if full else _reason(error)}; nothing of it is left"
            raise Refused([Finding(what, remedy, file=str(target))]) from None
        raise


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).lower()
