"""All steps of the workflow, in the order in which they are taken. Each is one function and one transaction."""

from payfs.store.contracts import amend, register
from payfs.store.details import set_details
from payfs.store.handed_in import send_back, submit
from payfs.store.members import grant, revoke
from payfs.store.paying import approve, came_back, dispute, record_payment
from payfs.store.verified import verify

__all__ = [
    "amend",
    "approve",
    "came_back",
    "dispute",
    "grant",
    "record_payment",
    "register",
    "revoke",
    "send_back",
    "set_details",
    "submit",
    "verify",
]
