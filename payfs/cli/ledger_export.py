"""A contract's ledger as a folder of plain files, from which it is worked out and audited without a database."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlmodel import Session

from payfs.report.lines import wrapped
from payfs.store.export import Exported, content_of, exported
from payfs.text import Finding, Refused

WITHHELD = (
    "Claims files are left out: they name people, and whoever is only an investor or a viewer does not see them. "
    "A keeper, payer, approver, provider or evaluator can export them."
)
SHEETS = {
    "statement.csv": "every certified line: its certificate, the invoice or credit note on which it stands and the "
    "state of that, what was measured, the amount, and why. The amounts add up to what is certified.",
    "bills.csv": "every invoice and credit note, with who approved it when, and by which transfer it was paid. The "
    "reason is that of a dispute, or why the payment came back. Amounts run from payer to payee: those of credit "
    "notes are below 0.",
    "payments.csv": "every payment that was recorded, also those that came back.",
    "log.csv": "every entry of the log about this contract: who took which step when. The hash of an entry is the "
    "SHA-256 of its other columns as JSON, in UTF-8, with keys in order of the alphabet, no spaces, and the number as "
    "a number; previous is the hash of the entry before in the ledger, which may be about another contract.",
}


def export(session: Session, contract: str, by: str, folder: str) -> Iterator[str]:
    """Write a contract's ledger into a new folder, and return what there is to say about it, line by line.

    Raises:
        Refused: the folder is there already, or it cannot be written; nothing is left of it then.
    """
    target = Path(os.path.abspath(folder))
    if os.path.lexists(target):
        raise Refused([Finding("it is there already", "name a new folder; an export replaces nothing", file=folder)])
    if not target.parent.is_dir():
        raise Refused([Finding("there is no folder to make it in", "make that, or name another place", file=folder)])
    whole = exported(session, contract, by)
    part = None
    try:
        part = Path(tempfile.mkdtemp(prefix=".payfs-export-", dir=target.parent))  # which nobody else can open
        number = 0
        for name, content in _written(session, contract, whole):
            (part / name).write_bytes(content)
            number += 1
        os.rename(part, target)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        what = f"the export cannot be written ({reason})"
        raise Refused([Finding(what, "name another place; nothing is left of it", file=folder)]) from None
    finally:
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)
    return iter((f"{folder} holds {number} files; README.txt says what each is", *_warned(whole)))


def _warned(whole: Exported) -> Iterator[str]:
    if _withheld(whole):
        yield from wrapped(WITHHELD)


def _withheld(whole: Exported) -> bool:
    return not whole.sees_claims and any(file.claims for file in whole.files)


def _written(session: Session, contract: str, whole: Exported) -> Iterator[tuple[str, bytes]]:
    """Return each file that is written, by its name."""
    for name, text in whole.texts.items():
        yield name, text.encode()
    for file in whole.files:
        if whole.sees_claims or not file.claims:
            yield file.name, content_of(session, file.sha256)
    for name, sheet in whole.sheets.items():
        yield name, sheet.as_csv()
    yield "README.txt", ("\n".join(_readme(contract, whole)) + "\n").encode()


def _readme(contract: str, whole: Exported) -> Iterator[str]:
    yield from wrapped(f"The ledger of the contract {contract}, as payfs kept it.")
    yield ""
    yield from wrapped(f"Certified in all: {whole.to_date}")
    yield "Last receipt:"
    yield f"  {whole.last}"
    yield from wrapped(
        "Keep it elsewhere: payfs ledger verify --receipt shows by it whether the ledger was cut off or written anew."
    )
    yield ""
    last = list(whole.texts)[-1]
    for name in whole.texts:
        what = "the contract as it holds now" if name == last else "an earlier version of it"
        yield from wrapped(f"{name}: {what}, byte for byte as its SHA-256 in log.csv says.")
    yield ""
    for file in whole.files:
        if file.claims and not whole.sees_claims:
            yield from wrapped(f"{file.name}: claims; left out here.")
        else:
            kind = "claims" if file.claims else "results"
            how = "holds" if file in whole.holding else "does not hold: corrected, sent back, replaced or not verified"
            yield from wrapped(f"{file.name}: {kind}, byte for byte as handed in; {how}. SHA-256")
        yield f"  {file.sha256}"
    if whole.files:
        yield ""
    if _withheld(whole):
        yield from wrapped(WITHHELD)
        yield ""
    for name, what in SHEETS.items():
        yield from wrapped(f"{name}: {what}")
    yield from wrapped(
        "A text that begins with = + - @ or a tab has an apostrophe before it, so that no spreadsheet works it out. "
        "Amounts are plain decimal numbers. HOMES-0001 is number 1 where payfs asks for a number.".replace(
            "HOMES", contract.upper().replace(" ", "-")
        )
    )
    yield ""
    yield from _recompute(whole, last)


def _recompute(whole: Exported, last: str) -> Iterator[str]:
    holding = whole.holding
    if not holding:
        yield "Nothing has been certified yet, so there is nothing to work out."
    elif not whole.sees_claims and any(file.claims for file in holding):
        yield from wrapped("What is certified rests on claims, so it cannot be worked out from this folder.")
    else:
        yield f"This works out what is certified, {whole.to_date} in all, from these files alone:"
        yield ""
        *first, end = [f"    --results {file.name}" for file in holding]
        yield f"  payfs pay {last} \\"
        yield from (f"{line} \\" for line in first)
        yield end
