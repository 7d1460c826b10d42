"""Who may do what under a contract: roles given and taken away, and looked up in the step that needs them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlmodel import Session, select

from payfs.contract import Contract
from payfs.spec import quoted
from payfs.store.database import Store
from payfs.store.rows import RoleChange
from payfs.store.states import MOVES, PARTY_ROLES, ROLES
from payfs.store.step import Answer, Step, kept, refusal, take, user
from payfs.store.versions import current
from payfs.text import suggest


class Member(NamedTuple):
    """A role that somebody has.

    Attributes:
        who: user.
        role: one of :data:`payfs.store.states.ROLES`.
        party: for whom; None for every party that the role fits.
    """

    who: str
    role: str
    party: str | None


def members(session: Session, contract: str) -> tuple[Member, ...]:
    """Return the roles that are held under a contract now, in the order in which they were given."""
    held: dict[Member, None] = {}
    changes = session.exec(select(RoleChange).where(RoleChange.contract == contract).order_by(RoleChange.id))  # type: ignore[arg-type]
    for change in changes:
        member = Member(change.who, change.role, change.party)
        if change.given:
            held[member] = None
        else:
            held.pop(member, None)
    return tuple(held)


def may(session: Session, contract: str, by: str, step: str, party: str | None = None) -> Member:
    """Return the role by which somebody may take a step.

    Args:
        session: in the transaction of the step, so that a role that was taken away meanwhile is not used.
        contract: name.
        by: user.
        step: name.
        party: the party for which it is done, if it is for one.

    Raises:
        Refused: no role of theirs allows it.
    """
    move = MOVES[step]
    held = [member for member in members(session, contract) if member.who == by]
    fitting = [member for member in held if member.role in move.roles]
    for member in fitting:
        if member.party is None or party is None or member.party == party:
            return member
    needed = " or ".join(move.roles)
    if fitting:
        what = f"{by} is {fitting[0].role} for {quoted(fitting[0].party)}, and this is for {quoted(party)}"
        raise refusal(what, f"have it done by the {needed} of {quoted(party)}")
    has = f"is {' and '.join(dict.fromkeys(m.role for m in held))}" if held else "has no role"
    raise refusal(
        f"{by} {has} under {contract}, and this takes the role of {needed}",
        f"ask its keeper: payfs grant {contract} {by} {move.roles[0]}",
    )


@contextmanager
def looking(store: Store, by: str, contract: str) -> Iterator[Session]:
    """Open a look at a contract for somebody who has a role under it.

    Raises:
        Refused: there is no such contract, or they have none.
    """
    by = user(by)
    with store.reading() as session:
        kept(session, contract)
        if not any(member.who == by for member in members(session, contract)):
            remedy = f"ask its keeper for one: payfs grant {contract} {by} viewer"
            raise refusal(f"{by} has no role under {contract}", remedy)
        yield session


def grant(
    store: Store, by: str, contract: str, who: str, role: str, party: str | None = None, key: str | None = None
) -> Answer:
    """Give somebody a role under a contract.

    Raises:
        Refused: ``by`` is no keeper of it or means themselves, or there is no such role or party, or it is given.
    """
    return _change(store, "grant", by, contract, who, role, party, key)


def revoke(
    store: Store, by: str, contract: str, who: str, role: str, party: str | None = None, key: str | None = None
) -> Answer:
    """Take a role away.

    Raises:
        Refused: ``by`` is no keeper of it, nobody has this role, or nobody would be left to give roles.
    """
    return _change(store, "revoke", by, contract, who, role, party, key)


def _change(
    store: Store, name: str, by: str, contract: str, who: str, role: str, party: str | None, key: str | None
) -> Answer:
    who = user(who)
    if role not in ROLES:
        raise refusal(f"there is no role {quoted(role)}", suggest(role, ROLES) or f"name one of {', '.join(ROLES)}")
    if party is not None and role not in PARTY_ROLES:
        raise refusal(f"the role of {role} is for the whole contract", "leave the party out")

    def work(step: Step) -> Answer:
        kept(step.session, contract)
        may(step.session, contract, step.by, name)
        if party is not None:
            _fits(current(step.session, contract).contract, role, party)
        held, member = members(step.session, contract), Member(who, role, party)
        for_whom = f" for {party}" if party is not None else ""
        if name == "grant" and who == step.by:
            raise refusal("nobody gives themselves a role", "have another keeper give it")
        if name == "grant" and member in held:
            raise refusal(f"{who} is {role}{for_whom} under {contract} already", "there is nothing to do")
        if name == "revoke" and member not in held:
            has = ", ".join(sorted({f"{m.role}{f' for {m.party}' if m.party else ''}" for m in held if m.who == who}))
            raise refusal(
                f"{who} is not {role}{for_whom} under {contract}", f"they have: {has}" if has else "they have no role"
            )
        if name == "revoke" and role == "keeper" and sum(m.role == "keeper" for m in held) == 1:
            raise refusal("nobody would be left to give roles", "give another the role of keeper before")
        step.add(RoleChange, contract=contract, who=who, role=role, party=party, given=name == "grant", by=step.by)
        done = "is now" if name == "grant" else "is no longer"
        return Answer(name, contract, f"member {who}", text=f"{who} {done} {role}{for_whom} under {contract}")

    return take(store, name, by, contract, key, {"who": who, "role": role, "party": party}, work)


def _fits(contract: Contract, role: str, party: str) -> None:
    parties = contract.spec.parties
    if party not in parties:
        names = ", ".join(parties)
        raise refusal(f"the contract has no party {quoted(party)}", suggest(party, parties) or f"it has {names}")
    if role in ("payer", "approver") and not parties[party].pays:
        payers = ", ".join(name for name, one in parties.items() if one.pays)
        raise refusal(f"{quoted(party)} is no outcome payer", f"name one of {payers}")
