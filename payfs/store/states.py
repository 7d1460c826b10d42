"""The workflow as one table: who may take which step, from which state it starts and to which it leads."""

from __future__ import annotations

from typing import NamedTuple

ROLES = ("keeper", "payer", "approver", "provider", "evaluator", "investor", "viewer")
PARTY_ROLES = {"payer": "outcome payer", "approver": "outcome payer", "provider": None}  # may be bound to one party


class Move(NamedTuple):
    """A step of the workflow.

    Attributes:
        roles: one of them is needed.
        what: what it moves: a ``submission``, a ``bill``, or the ``contract`` itself.
        starts: the states in which it may be taken; none where there is nothing yet.
        to: the state that it leads to.
        does: what it does, after "cannot".
    """

    roles: tuple[str, ...]
    what: str
    starts: tuple[str, ...]
    to: str
    does: str


MOVES = {
    "register": Move((), "contract", (), "in force", "be registered"),
    "amend": Move(("keeper",), "contract", ("in force",), "in force", "be amended"),
    "grant": Move(("keeper",), "contract", ("in force",), "in force", "have roles given"),
    "revoke": Move(("keeper",), "contract", ("in force",), "in force", "have roles taken away"),
    "set details": Move(("keeper", "payer", "provider"), "contract", ("in force",), "in force", "have details set"),
    "submit": Move(("provider",), "submission", (), "submitted", "be submitted"),
    "verify": Move(("evaluator",), "submission", ("submitted",), "verified", "be verified"),
    "send back": Move(("evaluator",), "submission", ("submitted",), "sent back", "be sent back"),
    "dispute": Move(("approver", "payer"), "bill", ("due",), "disputed", "be disputed"),
    "approve": Move(("approver",), "bill", ("due", "disputed"), "approved", "be approved"),
    "record payment": Move(("payer",), "bill", ("approved", "came back"), "paid", "be paid"),
    "came back": Move(("payer",), "bill", ("paid",), "came back", "come back"),
}
