"""Who it is that looks: whom the OpenID provider vouches for, or the one user of this machine."""

from __future__ import annotations

import getpass
import os
import unicodedata
from typing import NamedTuple

import streamlit as st

from app.parts.told import show
from app.settings import settings
from payfs.store.step import user
from payfs.text import Finding, Refused


class Person(NamedTuple):
    """Somebody who is signed in.

    Attributes:
        name: by which the ledger knows them.
        local: whether nobody vouches for it, as in single-user mode.
    """

    name: str
    local: bool


def person() -> Person:
    """Return who is signed in; whoever is not is asked to, and sees nothing else."""
    setting = settings()
    if setting.sign_in is None:
        try:
            return Person(user(os.environ.get("PAYFS_USER") or getpass.getuser()), True)
        except (KeyError, OSError):
            return Person("user", True)
        except Refused as refused:
            show(refused)
            st.stop()
    if not st.user.get("is_logged_in"):
        st.title("payfs")
        st.write("Results-based contracts: drafted, simulated, tracked and paid. Please sign in to go on.")
        st.button("Sign in", type="primary", on_click=st.login)
        st.stop()
    try:
        return Person(vouched(dict(st.user.items()), setting.claim), False)
    except Refused as refused:
        show(refused)
        st.button("Sign out", on_click=st.logout)
        st.stop()


def vouched(claims: dict[str, object], claim: str) -> str:
    """Return the name of somebody from what the OpenID provider says of them.

    Raises:
        Refused: it does not say who they are, or does not vouch for it.
    """
    said = claims.get(claim)
    ask = "ask whoever runs payfs, who chooses the claim with name_claim in [auth]"
    if not isinstance(said, str) or not said.strip():
        raise Refused([Finding(f"your sign-in does not say your {claim}", ask)])
    if claim == "email" and claims.get("email_verified") not in (True, "true"):
        raise Refused(
            [Finding("your sign-in does not vouch for your email address", "confirm it there, and try again")]
        )
    return user(unicodedata.normalize("NFC", said))


def greet(who: Person) -> None:
    """Say in the sidebar who is signed in, and how; as text, so that a name can be copied as it is."""
    with st.sidebar:
        if who.local:
            st.text(f"Single-user mode: everything is done as {who.name}. Only this machine can open this page.")
        else:
            st.text(f"Signed in as {who.name}")
            st.button("Sign out", on_click=st.logout)
