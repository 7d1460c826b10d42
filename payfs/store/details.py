"""What documents say of a party beyond the contract."""

from __future__ import annotations

import json

from sqlmodel import Session, col, select

from payfs.spec import quoted
from payfs.store.chain import canonical
from payfs.store.database import Store
from payfs.store.members import may
from payfs.store.people import name_nobody
from payfs.store.rows import Details, Entry
from payfs.store.step import Answer, Step, kept, refusal, take, written
from payfs.store.versions import current
from payfs.text import suggest

MOST_DETAIL = 300  # [characters]
SHOWN = 4  # [characters] of an account, by which whoever knows it sees that it changed


def set_details(
    store: Store,
    by: str,
    contract: str,
    party: str,
    address: str | None = None,
    tax_id: str | None = None,
    purchase_order: str | None = None,
    bank: str | None = None,
    key: str | None = None,
) -> Answer:
    """Keep what documents say of a party; what is left out stays as it was.

    Args:
        store: the ledger.
        by: a keeper; of an outcome payer its payer, of others the provider.
        contract: name.
        party: of the contract.
        address: lines, separated by ``;``.
        tax_id: tax or company number.
        purchase_order: the payer's number of the order under which it pays.
        bank: account to which it is to be paid; lines, separated by ``;``.
        key: by which the same request is known again.

    Raises:
        Refused: ``by`` may not, there is no such party, or nothing is given.
    """
    given = {"address": address, "tax_id": tax_id, "purchase_order": purchase_order, "bank": bank}
    new = {
        name: written(f"--{name.replace('_', '-')}", text, MOST_DETAIL)
        for name, text in given.items()
        if text is not None
    }
    if not new:
        raise refusal("no details are given", "give --address, --tax-id, --purchase-order or --bank")

    def work(step: Step) -> Answer:
        kept(step.session, contract)
        member = may(step.session, contract, step.by, "set details", party)
        version = current(step.session, contract)
        parties = version.contract.spec.parties
        if party not in parties:
            names = ", ".join(parties)
            raise refusal(f"the contract has no party {quoted(party)}", suggest(party, parties) or f"it has {names}")
        if member.role != "keeper" and parties[party].pays != (member.role == "payer"):
            what = (
                f"{step.by} is {member.role}, and speaks for no {'outcome payer' if parties[party].pays else 'payee'}"
            )
            raise refusal(what, "have it set by the other side, or by the keeper")
        texts = [(f"--{name.replace('_', '-')}", text) for name, text in new.items()]
        name_nobody(step.session, contract, [*texts, ("--key", key)])
        before = details_of(step.session, contract, party)
        step.add(Details, contract=contract, party=party, data=canonical(before | new), by=step.by)
        told = f"{step.by} set {', '.join(name.replace('_', ' ') for name in new)} of {party}"
        if before.get("bank", bank) != bank and bank is not None:
            told += f": its account was ...{before['bank'][-SHOWN:]} and is ...{new['bank'][-SHOWN:]}"
        return Answer("set details", contract, f"party {party}", text=told)

    return take(store, "set details", by, contract, key, {"party": party, **new}, work)


def details_of(session: Session, contract: str, party: str, entry: int | None = None) -> dict[str, str]:
    """Return what is known of a party for documents.

    Args:
        session: to read with.
        contract: name.
        party: name.
        entry: of the document; what was known by then holds, or else what was known first after it.
    """
    query = select(Details).where(Details.contract == contract, Details.party == party).order_by(col(Details.id))
    rows = session.exec(query).all()
    then = [row for row in rows if entry is None or row.entry <= entry]
    row = then[-1] if then else next(iter(rows), None)
    return dict(json.loads(row.data)) if row is not None else {}


def account_of(session: Session, contract: str, party: str, issued: int, paid: int | None) -> tuple[str, ...]:
    """Return the lines of a party's account for a bill: as it was when that was paid, and until then as it is now.

    An account that changed after the bill was issued says so in a line of its own, for whoever pays.

    Args:
        session: to read with.
        contract: name.
        party: name.
        issued: the entry under which the bill was made.
        paid: the entry under which it was paid; None before.
    """
    query = select(Details).where(Details.contract == contract, Details.party == party).order_by(col(Details.id))
    rows = [row for row in session.exec(query) if paid is None or row.entry <= paid]
    accounts = [(row, json.loads(row.data).get("bank")) for row in rows]
    told = [(row, account) for row, account in accounts if account]
    if not told:
        return ()
    first = next((account for row, account in reversed(told) if row.entry <= issued), told[0][1])
    account = told[-1][1]
    lines = tuple(part.strip() for part in account.split(";") if part.strip())
    if account == first:
        return lines
    change = next(row for row, one in told if one == account and row.entry > issued)
    on = session.get_one(Entry, change.entry).at[:10]
    return (*lines, f"Changed on {on} by {change.by}, after this was issued: ask the payee before you pay.")
