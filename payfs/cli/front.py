"""The command that opens the application."""

from __future__ import annotations

import importlib
import sys
from typing import Annotated

import typer

from payfs.cli.ledger import Db
from payfs.cli.shared import app, findings, say
from payfs.places import application


@app.command("app")
def open_app(
    db: Db = None,
    desks: Annotated[
        str | None,
        typer.Option(
            "--desks",
            metavar="FOLDER",
            envvar="PAYFS_DESKS",
            help="Where drafts are kept. Without it, among your data.",
        ),
    ] = None,
    sign_in: Annotated[
        str | None,
        typer.Option(
            "--sign-in",
            metavar="FILE",
            envvar="PAYFS_SIGN_IN",
            help="TOML with [auth]: the OpenID provider by which people sign in. Without it there is one user: you.",
        ),
    ] = None,
    address: Annotated[
        str, typer.Option("--address", metavar="ADDRESS", help="Where to listen; elsewhere only with --sign-in.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", min=1, max=65535, help="Where to listen.")] = 8501,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")] = True,
) -> None:
    """Open the application in the browser: draft, simulate, track and pay without a terminal. Ctrl-C ends it."""
    with findings():
        folder = application()
        sys.path.insert(0, str(folder.parent))  # the pages are a package beside this one, and no part of it
        server = importlib.import_module("app.server")
        say(f"payfs is at http://{address}:{port}" + ("" if sign_in else ", for you alone; Ctrl-C ends it"))
        sys.stdout.flush()
        server.serve(db, desks, sign_in, address, port, browser)
