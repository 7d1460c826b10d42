"""Run from a stored program: works contracts out on evidence in a folder, and prints what each payment comes to.

It is the one call that a later payfs makes into an earlier one, so what it reads and prints stays as it is.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from payfs.store.due import amounts_to_date
from payfs.store.evidence import Handed
from payfs.store.versions import read_text


def main(folder: str) -> None:
    """Print JSON: of each work in order, a list of what each payment is for, and its amount [minor units]."""
    sys.stdout.write(json.dumps([list(_amounts(file)) for file in sorted(Path(folder).glob("*.json"))]))


def _amounts(file: Path) -> Iterator[list[Any]]:
    work = json.loads(file.read_text(encoding="utf-8"))
    contract = read_text(work["contract"], file.name)
    names = [file.parent / "files" / name for name in work["files"]]
    files = [Handed(name.name, name.suffix[1:], name.read_bytes(), name.stem) for name in names]
    for key, amount in amounts_to_date(contract, work["contract"], files).items():
        yield [list(key), amount]


if __name__ == "__main__":
    main(sys.argv[1])
