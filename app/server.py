"""The web server: Streamlit's own, with what it leaves out of the answers' headers, and only for this machine."""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import re
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import FileResponse, RedirectResponse
from starlette.routing import Route

from app.parts.places import PAGES
from app.settings import DB, DESKS, SIGN_IN, read_sign_in
from payfs.store import create_store, open_store
from payfs.store.schema import holds_nothing_yet
from payfs.text import Finding, Refused

MAIN = Path(__file__).with_name("main.py")
TYPED = MAIN.with_name("typed.js")  # what the browser runs
HERE = ("127.0.0.1", "localhost", "::1")
MOST_UPLOAD = 20  # [MB]; payfs' own readers allow less of most files

INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def policy() -> str:
    """Return what a page may do: nothing is fetched from elsewhere or framed, and no script runs but the server's own.

    Streamlit sets styles from its scripts, and its page holds a script, which is let through by its hash.
    """
    index = Path(st.__file__).with_name("static") / "index.html"
    scripts = INLINE.findall(index.read_text(encoding="utf-8"))
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'wasm-unsafe-eval' {allowed}".strip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


HEADERS = {
    "content-security-policy": policy(),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]


class Headers:
    """Adds to every answer the headers that keep a page to itself."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Any, send: Send) -> None:
        """Pass a request on, and add to its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def added(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                kept = [pair for pair in message.get("headers", []) if pair[0].lower().decode() not in HEADERS]
                message = {**message, "headers": kept + ours}
            await send(message)

        await self.app(scope, receive, added)


def make_ready(db: str | None) -> None:
    """See that there is a ledger that this version works with; where there is nothing at all, make one.

    Raises:
        Refused: there is one that has to be brought up to date, something else, or no access.
    """
    if holds_nothing_yet(db):
        create_store(db).close()
    else:
        open_store(db).close()


def serve(db: str | None, desks: str | None, sign_in: str | None, address: str, port: int, browser: bool) -> None:
    """Serve the application until it is ended.

    Args:
        db: the ledger; None for the user's own.
        desks: the folder of drafts; None for the user's own.
        sign_in: the TOML file that names the OpenID provider; None for single-user mode, on this machine only.
        address: to listen at.
        port: to listen at.
        browser: whether to open a browser.

    Raises:
        Refused: the ledger, the address or the sign-in cannot be used.
    """
    auth = None if sign_in is None else read_sign_in(Path(sign_in))
    if auth is None and address not in HERE:
        what = f"--address {address}: without sign-in whoever reaches the page is taken for you"
        raise Refused([Finding(what, "leave it out, or name an OpenID provider with --sign-in FILE")])
    make_ready(db)
    logging.getLogger("streamlit.runtime.caching.cache_data_api").disabled = True  # before there is a server
    for page in PAGES:
        import_module(f"app.{page.path}")  # what is slow to load is loaded before the first person waits for it
    for name, value in ((DB, db), (DESKS, desks), (SIGN_IN, sign_in)):
        if value is not None:
            os.environ[name] = value
    middleware = [Middleware(Headers)]
    if auth is None:
        # a page elsewhere that has its own name point here must not be able to speak for whoever sits here
        middleware.append(Middleware(TrustedHostMiddleware, allowed_hosts=list(HERE[:2])))
    logging.getLogger("streamlit.runtime.caching.cache_data_api").disabled = False
    logging.getLogger("streamlit").setLevel(logging.WARNING)
    # Streamlit drops the path of the first page, so that a link to it would find nothing
    first = Route(f"/{PAGES[0].path}", lambda asked: RedirectResponse(asked.url.replace(path="/")))
    typed = Route("/typed.js", lambda asked: FileResponse(TYPED, media_type="text/javascript"))
    secrets = {"auth": auth} if auth is not None else {}
    app = st.App(MAIN, secrets=secrets, middleware=middleware, routes=[first, typed])
    app.run(
        config={
            "server.address": address,
            "server.port": port,
            "server.headless": not browser,
            "server.fileWatcherType": "none",
            "server.maxUploadSize": MOST_UPLOAD,
            "server.enableStaticServing": False,
            "browser.gatherUsageStats": False,
            "client.toolbarMode": "minimal",
            "client.showErrorDetails": "none",
            "runner.magicEnabled": False,
            "runner.fastReruns": True,
            # else every rerun ends with a look at all objects there are, which takes 0.1 s where scipy and Altair are
            # loaded, and far more than most reruns
            "runner.postScriptGC": False,
            "theme.base": "light",
            "theme.primaryColor": "#1a4f8b",
            "theme.textColor": "#000000",
            "theme.linkUnderline": True,
            "logger.level": "warning",
            "logger.hideWelcomeMessage": True,
        }
    )
