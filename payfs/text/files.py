"""Reading files: only ordinary ones, only so big, and only text that a reader can see."""

from __future__ import annotations

import os
import re
import stat
from bisect import bisect_right
from itertools import islice

from payfs.text.findings import Finding, Refused, suggest

MOST_BYTES = 1_000_000
BREAK = re.compile(r"\r\n?|\n")
UNSEEN = re.compile(  # what no reader can see, or what shows a text in another order than it is written
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_PLAIN = "save it as plain text in UTF-8"


def read_file(path: os.PathLike[str] | str, most_bytes: int = MOST_BYTES) -> bytes:
    """The bytes of an ordinary file of at most `most_bytes`.

    Refused: a missing file, a folder, a file that may not be opened, a device or pipe, and a file that is too big.
    """
    file = os.fspath(path)

    def refused(what: str, remedy: str) -> Refused:
        return Refused([Finding(what, remedy, file=file)])

    try:
        mode = os.stat(file).st_mode
        if stat.S_ISDIR(mode):
            raise refused("this is a folder, not a file", "name a file in it")
        if not stat.S_ISREG(mode):
            raise refused("this is not an ordinary file", "save what it holds in a file and name that file")
        # Without blocking, in case a pipe has taken the file's place since it was looked at.
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as opened:
            big = os.fstat(descriptor).st_size > most_bytes
            data = b"" if big else opened.read(most_bytes + 1)
    except (FileNotFoundError, NotADirectoryError):
        remedy = suggest(os.path.basename(file), _beside(file)) or "check its name and folder"
        raise refused("there is no such file", remedy) from None
    except PermissionError:
        raise refused("the file may not be opened", "ask for permission to read it") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refused(f"the file cannot be read ({reason.lower()})", "check its name and folder") from None
    if big or len(data) > most_bytes:
        raise refused(f"the file is larger than {most_bytes:,} bytes", "split it, or leave out what is not needed")
    return data


def head_of(path: os.PathLike[str] | str, most_bytes: int = 20_000) -> str:
    """The beginning of an ordinary file, as well as it can be read; nothing of any other, which might never end."""
    file = os.fspath(path)
    try:
        if not stat.S_ISREG(os.stat(file).st_mode):
            return ""
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as opened:
            data = opened.read(most_bytes)
    except (OSError, ValueError):
        return ""
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return data.decode("utf-16" if wide else "utf-8", errors="replace").removeprefix("\ufeff")


def decode(data: bytes, file: str) -> str:
    """The text of UTF-8 data, without the mark at its start that some editors write.

    Refused: other encodings, and characters that cannot be seen or that turn the order of the text around.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused([Finding("the file is saved as UTF-16", "save it as UTF-8", file=file)])
    if data.startswith((b"PK\x03\x04", b"%PDF-", b"\xd0\xcf\x11\xe0")):
        what = "this is a workbook, a document or an archive, not plain text"
        raise Refused([Finding(what, "save what it holds as plain text", file=file)])
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = BREAK.split(data[: error.start].decode())
        what = f"a character here is not UTF-8 text (byte {data[error.start]:#04x})"
        raise Refused([Finding(what, "save the file as UTF-8", (), file, len(before), len(before[-1]) + 1)]) from None
    return seen(text, file)


def _beside(file: str) -> list[str]:
    """The names in the folder in which a missing file was looked for."""
    try:
        with os.scandir(os.path.dirname(file) or ".") as entries:
            return [entry.name for entry in islice(entries, 1000)]
    except (OSError, ValueError):
        return []


def seen(text: str, file: str) -> str:
    """The text itself, if a reader can see all of it."""
    breaks: list[int] = []
    findings: dict[int, Finding] = {}
    for match in UNSEEN.finditer(text):
        breaks = breaks or [0, *(found.end() for found in BREAK.finditer(text))]
        line = bisect_right(breaks, match.start())
        if line not in findings:
            what = f"the text holds a character that cannot be seen (U+{ord(match[0]):04X})"
            remedy = _PLAIN if match[0] == "\0" else "take it out, and " + _PLAIN
            findings[line] = Finding(what, remedy, (), file, line, match.start() - breaks[line - 1] + 1)
        if len(findings) == 20:
            break
    if findings:
        raise Refused(findings.values())
    return text
