"""Contracts in versions: registered as signed, amended by a text that leaves the past as it was."""

from __future__ import annotations

import hashlib

from payfs.contract import Contract, load_document
from payfs.examples import run_examples
from payfs.places import find_spec
from payfs.spec import quoted
from payfs.store.database import Store
from payfs.store.due import moved
from payfs.store.members import may
from payfs.store.people import name_nobody
from payfs.store.rows import ContractRow, RoleChange, Version
from payfs.store.step import Answer, Step, kept, refusal, take, written
from payfs.store.versions import current
from payfs.text import Refused, decode, read_file, read_yaml


def register(store: Store, by: str, file: str, key: str | None = None) -> Answer:
    """Keep a contract as it was signed; whoever does becomes its keeper, who gives roles to others.

    Raises:
        Refused: everything that is wrong with the contract; it is kept already.
    """
    text, contract = _signed(file)
    asked = {"sha256": hashlib.sha256(text.encode()).hexdigest()}

    def work(step: Step) -> Answer:
        if step.session.get(ContractRow, contract.name) is not None:
            what = f"a contract {quoted(contract.name)} is kept already"
            raise refusal(what, f"amend it, or give this one another name: contract: {contract.name}-2")
        step.add(ContractRow, name=contract.name, currency=contract.money.code)
        _version(step, contract, text, 1, None)
        step.add(RoleChange, contract=contract.name, who=step.by, role="keeper", party=None, given=True, by=step.by)
        told = f"{contract.name} is registered, SHA-256 {asked['sha256']}; {step.by} is its keeper"
        return Answer("register", contract.name, "version 1", 1, text=told)

    return take(store, "register", by, contract.name, key, asked, work)


def amend(store: Store, by: str, contract: str, file: str, reason: str, key: str | None = None) -> Answer:
    """Keep a contract's next version.

    What was certified has to come to the same under it: an amendment changes what is to come, and says so in the
    contract itself (``amendments``, with the day from which it holds).

    Raises:
        Refused: everything that is wrong with the text; it is another contract's, or moves what was certified.
    """
    text, amended = _signed(file)
    reason = written("--reason", reason)
    asked = {"sha256": hashlib.sha256(text.encode()).hexdigest(), "reason": reason}

    def work(step: Step) -> Answer:
        row = kept(step.session, contract)
        may(step.session, contract, step.by, "amend")
        last = current(step.session, contract)
        if amended.name != contract:
            what = f"the text is of {quoted(amended.name)}, not of {quoted(contract)}"
            raise refusal(what, f"write contract: {contract}")
        if amended.money.code != row.currency:
            what = f"it pays in {amended.money.code}, and {row.currency} is kept"
            raise refusal(what, "register it as a contract of its own")
        if last.row.text == text:
            raise refusal(f"this is the text of version {last.row.number}", "there is nothing to amend")
        name_nobody(step.session, contract, [("--reason", reason), ("--key", key)])
        found = moved(step.session, contract, amended)
        if found:
            raise Refused(found)
        number = last.row.number + 1
        _version(step, amended, text, number, reason, last.contract)
        told = f"{contract} is amended: version {number}, SHA-256 {asked['sha256']}"
        return Answer("amend", contract, f"version {number}", number, text=told)

    return take(store, "amend", by, contract, key, asked, work)


def _signed(file: str) -> tuple[str, Contract]:
    """Read a contract whose worked examples hold, and the text that it was read from.

    Raises:
        Refused: everything that is wrong with it.
    """
    name = str(find_spec(file))
    text = decode(read_file(name), name)
    contract = load_document(read_yaml(text, name), text)
    found = run_examples(contract).findings
    if found:
        raise Refused(found)
    return text, contract


def _version(
    step: Step, contract: Contract, text: str, number: int, reason: str | None, before: Contract | None = None
) -> None:
    amendments = contract.terms[0].spec.amendments
    added = amendments[-1:] if before is None or amendments != before.terms[0].spec.amendments else ()
    effective = added[0].effective.date.isoformat() if added and before is not None else None
    step.add(
        Version,
        contract=contract.name,
        number=number,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        text=text,
        effective=effective,
        reason=reason,
        by=step.by,
    )
