"""The audit log as a chain: each entry's hash covers the entry before and every row that was added under it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any

from payfs.store.rows import Entry

GENESIS = "0" * 64
# made once: to make it takes as long as to write a row
_ENCODED = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
SEALED = ("number", "at", "by", "step", "contract", "subject", "text", "rows_digest", "previous")


def canonical(value: Any) -> str:
    """Write plain data as JSON in one way only: keys in order, no spaces, no escapes but those that JSON needs."""
    return _ENCODED(value)


def sha256(data: bytes | str) -> str:
    """Return a SHA-256 in hexadecimal digits."""
    return hashlib.sha256(data.encode(errors="surrogatepass") if isinstance(data, str) else data).hexdigest()


def row_text(table: str, row: Mapping[str, Any]) -> str:
    """Write a row as what is hashed; what a column holds in bytes by its own SHA-256."""
    return canonical([table, {name: _plain(value) for name, value in row.items()}])


def row_writer(table: str, names: Sequence[str]) -> Callable[[Sequence[Any]], str]:
    """Return what writes one row of a table after the other as :func:`row_text` does, in a tenth of the time.

    Args:
        table: name.
        names: of its columns, in alphabetical order.
    """
    assert list(names) == sorted(names)
    columns = ",".join(f"{encode_basestring(name)}:%s" for name in names)
    form = f"[{encode_basestring(table)},{{{columns}}}]"
    return lambda values: form % tuple([_WRITERS[type(value)](value) for value in values])


def _plain(value: Any) -> Any:
    return sha256(bytes(value)) if isinstance(value, (bytes, memoryview)) else value


_WRITERS: Mapping[type, Callable[[Any], str]] = {
    str: encode_basestring,
    int: int.__repr__,
    bool: {False: "false", True: "true"}.__getitem__,
    type(None): lambda _: "null",
    bytes: lambda value: encode_basestring(sha256(value)),
    memoryview: lambda value: encode_basestring(sha256(bytes(value))),
}


def digest(texts: Iterable[str]) -> str:
    """Return the SHA-256 of the rows of one entry, in whatever order they are found."""
    return together(sha256(text) for text in texts)


def together(hashes: Iterable[str]) -> str:
    """Return the SHA-256 of the hashes of rows, in whatever order they are found."""
    return sha256("\n".join(sorted(hashes)))


def seal(entry: Mapping[str, Any]) -> str:
    """Return the hash of an entry: of all its columns but the hash itself."""
    return sha256(canonical({name: _plain(entry[name]) for name in SEALED}))


def receipt(entry: Entry) -> str:
    """Write an entry's number and hash, by which it can be asked for later: ``412:3fa9c01b...``."""
    return f"{entry.number}:{entry.hash}"
