"""The program itself as it is kept beside what it worked out, so that it can be named, and run, in fifteen years."""

from __future__ import annotations

import io
import platform
import zipfile
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from sqlmodel import Session

import payfs
from payfs.store.chain import canonical, sha256
from payfs.store.rows import Engine
from payfs.store.step import Step

LIBRARIES = (
    "numpy",
    "scipy",
    "pyarrow",
    "pydantic",
    "pyyaml",
    "holidays",
    "babel",
)  # on which an amount or a day rests


class Running(NamedTuple):
    """The program that runs.

    Attributes:
        sha256: of its source.
        version: as published.
        libraries: JSON: name to version.
        source: a zip archive, the same bytes for the same source.
    """

    sha256: str
    version: str
    libraries: str
    source: bytes


@cache
def running() -> Running:
    """Return the program that runs, by its source and the libraries that it works with."""
    root = Path(payfs.__file__).parent
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(root.rglob("*.py")):
            name = zipfile.ZipInfo(str(Path("payfs") / file.relative_to(root).as_posix()))  # of 1980, whenever packed
            name.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(name, file.read_bytes())
    source = packed.getvalue()
    libraries = canonical({"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}})
    return Running(named(libraries, source), payfs.__version__, libraries, source)


def named(libraries: str, source: bytes) -> str:
    """Return the SHA-256 by which a program is kept."""
    with zipfile.ZipFile(io.BytesIO(source)) as archive:
        names = canonical(sorted((info.filename, info.CRC, info.file_size) for info in archive.infolist()))
    return sha256(libraries + names + sha256(source))


def keep(step: Step) -> Engine:
    """Keep the program that runs, if it is not kept yet."""
    here = running()
    return step.session.get(Engine, here.sha256) or step.add(Engine, **here._asdict())


def engine_named(session: Session, sha: str) -> str:
    """Name a program that is kept, for documents and messages."""
    return f"payfs {session.get_one(Engine, sha).version} (source {sha[:12]})"
