"""What people keep beside the ledger: drafts of contracts in versions, and what they typed and have not finished.

Everything of one person lies in one folder, as plain files: ``drafts/NAME/0003.yaml`` is the third version of a draft,
``typed/PLACE.json`` what was typed in one place. Versions are only ever added. Whoever may read the folder can read it
all; nothing in it is proof of anything, which is what the ledger is for.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from platformdirs import user_data_dir

from payfs.spec import NAME, quoted
from payfs.text import Finding, Refused
from payfs.text.files import MOST_BYTES

MOST_TYPED = 4_000_000  # characters of what was typed in one place
MOST_DRAFTS = 500  # of one person
MOST_VERSIONS = 9_999  # of one draft


class Draft(NamedTuple):
    """A draft that somebody keeps.

    Attributes:
        name: of the draft.
        versions: how many there are.
        saved: when the last was, in this machine's time.
    """

    name: str
    versions: int
    saved: datetime.datetime


class Saved(NamedTuple):
    """A version of a draft.

    Attributes:
        number: from 1.
        saved: when, in this machine's time.
        note: what it was saved with.
    """

    number: int
    saved: datetime.datetime
    note: str


def default_folder() -> Path:
    """Return where desks are in the user's own data directory."""
    return Path(user_data_dir("payfs", appauthor=False)) / "desks"


class Desk:
    """What one person keeps.

    Args:
        folder: where the desks of all are.
        owner: whose this is; no two people share one, whatever their names are made of.
    """

    def __init__(self, folder: Path, owner: str) -> None:
        self.owner = owner
        self.folder = Path(folder) / hashlib.sha256(owner.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def drafts(self) -> list[Draft]:
        """Return the drafts, those that were saved last first."""
        found = []
        for folder in _folders(self.folder / "drafts"):
            files = _versions(folder)
            if files:
                found.append(Draft(_read_name(folder), len(files), _time(files[-1])))
        return sorted(found, key=lambda draft: (draft.saved, draft.name), reverse=True)

    def versions(self, name: str) -> list[Saved]:
        """Return the versions of a draft, the first first.

        Raises:
            Refused: there is no such draft.
        """
        return [Saved(int(file.stem), _time(file), _note(file)) for file in self._files(name)]

    def read(self, name: str, number: int | None = None) -> str:
        """Return the text of a version of a draft; of the last without a number.

        Raises:
            Refused: there is no such draft, or no such version.
        """
        files = self._files(name)
        if number is None:
            number = len(files)
        if not 1 <= number <= len(files):
            what = f"the draft {quoted(name)} has no version {number}"
            raise Refused([Finding(what, f"choose one of 1 to {len(files)}")])
        return files[number - 1].read_bytes().decode("utf-8")

    def save(self, name: str, text: str, note: str = "") -> int:
        """Keep a text as the next version of a draft, and return its number; the last one's, if nothing was changed.

        Raises:
            Refused: the name cannot be one, or it is too much.
        """
        if not NAME.fullmatch(name) or "/" in name or name.endswith((".", " ")):
            raise Refused([Finding(f"{quoted(name)} cannot be a draft's name", "use letters, digits and hyphens")])
        content = text.encode("utf-8", "replace")
        if len(content) > MOST_BYTES:
            what = f"the draft has more than {MOST_BYTES:,} bytes"
            raise Refused([Finding(what, "a contract is a few pages; take out what is not part of it")])
        folder = self._folder(name)
        if not folder.is_dir() and len(_folders(self.folder / "drafts")) >= MOST_DRAFTS:
            raise Refused([Finding(f"you keep {MOST_DRAFTS} drafts already", "go on with one of them")])
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            files = _versions(folder)
            if files and files[-1].read_bytes() == content:
                return len(files)
            if len(files) >= MOST_VERSIONS:
                raise Refused([Finding(f"the draft has {MOST_VERSIONS:,} versions", "go on under a new name")])
            number = len(files) + 1
            # whole or not at all, and never over what another window saved meanwhile: a link cannot replace a file
            made = _whole(folder, content)
            try:
                os.link(made, folder / f"{number:04}.yaml")
            except FileExistsError:
                continue
            finally:
                made.unlink()
            if note.strip():
                _replace(folder / f"{number:04}.note", note.strip()[:500].encode("utf-8", "replace"))
            _replace(folder / "name", name.encode())
            return number

    def typed(self, place: str) -> dict[str, Any]:
        """Return what was typed in a place; nothing where nothing was, or it cannot be read any more."""
        try:
            found = json.loads(self._place(place).read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def keep_typed(self, place: str, values: dict[str, Any]) -> None:
        """Keep what was typed in a place, in the place of what was typed there before.

        Raises:
            Refused: it is too much.
        """
        text = json.dumps(values, ensure_ascii=False)
        if len(text) > MOST_TYPED:
            raise Refused([Finding("this is too much to be kept while you work", "hand it in as a file")])
        file = self._place(place)
        file.parent.mkdir(parents=True, exist_ok=True)
        _replace(file, text.encode("utf-8", "replace"))

    def forget_typed(self, place: str) -> None:
        """Forget what was typed in a place."""
        with contextlib.suppress(FileNotFoundError):
            self._place(place).unlink()

    def _place(self, place: str) -> Path:
        return self.folder / "typed" / f"{_safe(place)}.json"

    def _folder(self, name: str) -> Path:
        return self.folder / "drafts" / _safe(name)

    def _files(self, name: str) -> list[Path]:
        files = _versions(self._folder(name))
        if not files:
            remedy = "choose one of yours, or begin it on the page Draft"
            raise Refused([Finding(f"you have no draft {quoted(name)}", remedy)])
        return files


def _safe(name: str) -> str:
    """Return a file's name for any text, so that two texts never share one, whatever the file system folds together."""
    shown = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name.lower())[:40]
    return f"{shown}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def _folders(folder: Path) -> list[Path]:
    try:
        return [one for one in folder.iterdir() if one.is_dir()]
    except FileNotFoundError:
        return []


def _versions(folder: Path) -> list[Path]:
    return sorted(folder.glob("[0-9][0-9][0-9][0-9].yaml"))


def _read_name(folder: Path) -> str:
    try:
        return (folder / "name").read_text(encoding="utf-8")
    except OSError:
        return folder.name


def _note(file: Path) -> str:
    try:
        return file.with_suffix(".note").read_text(encoding="utf-8")
    except OSError:
        return ""


def _time(file: Path) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(file.stat().st_mtime)


def _whole(folder: Path, content: bytes) -> Path:
    handle, name = tempfile.mkstemp(dir=folder, prefix="new-")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


def _replace(target: Path, content: bytes) -> None:
    os.replace(_whole(target.parent, content), target)
