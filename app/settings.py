"""Where the application finds the ledger and the desks, and how people sign in: as said when it was started."""

from __future__ import annotations

import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from payfs.desk import default_folder
from payfs.text import Finding, Refused

# By these the server tells the pages, which Streamlit runs as scripts, what it was started with.
DB, DESKS, SIGN_IN = "PAYFS_DB", "PAYFS_DESKS", "PAYFS_SIGN_IN"
NEEDED = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
CLAIM = "name_claim"  # of this program, in [auth]; all else there is Streamlit's


class Settings(NamedTuple):
    """What the application was started with.

    Attributes:
        db: the ledger; None for the user's own.
        desks: the folder of desks.
        sign_in: what [auth] says of the OpenID provider; None in single-user mode.
        claim: the claim by which people are named.
    """

    db: str | None
    desks: Path
    sign_in: dict[str, Any] | None
    claim: str


@cache
def settings() -> Settings:
    """Return what the application was started with."""
    file = os.environ.get(SIGN_IN)
    sign_in = None if file is None else read_sign_in(Path(file))
    return Settings(
        os.environ.get(DB),
        Path(os.environ.get(DESKS) or default_folder()),
        sign_in,
        "email" if sign_in is None else str(sign_in.get(CLAIM, "email")),
    )


def read_sign_in(file: Path) -> dict[str, Any]:
    """Read the file that names the OpenID provider: a table [auth] in TOML, as Streamlit reads it.

    Raises:
        Refused: it cannot be read, or something is missing.
    """
    name = str(file)
    try:
        auth = tomllib.loads(file.read_text(encoding="utf-8")).get("auth")
    except (OSError, ValueError) as error:
        told = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise Refused(
            [Finding(f"it cannot be read: {told}", "give a TOML file with a table [auth]", file=name)]
        ) from None
    if not isinstance(auth, dict):
        raise Refused([Finding("there is no table [auth]", f"say there {', '.join(NEEDED)}", file=name)])
    missing = [key for key in NEEDED if not str(auth.get(key, "")).strip()]
    found = [
        Finding(f"[auth] says no {key}", "the OpenID provider tells it, or you choose it", file=name) for key in missing
    ]
    secret = str(auth.get("cookie_secret", ""))
    if secret.strip() and len(secret) < 32:
        what = "cookie_secret is shorter than 32 characters"
        found.append(Finding(what, 'make one: python -c "import secrets; print(secrets.token_hex(32))"', file=name))
    if found:
        raise Refused(found)
    return auth
