"""The application in a real browser: its server in a process of its own, and Chromium, which is watched.

Nothing is fetched from another machine, nothing is logged as an error, and every page is looked at by axe.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).parent.parent
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NO_BROWSER = "no Chromium found, and the application is promised in a real browser; on Debian: apt-get install chromium"
SETTLE = 300  # [ms] in which a browser has told the server what was typed or pressed
PATIENCE = 120  # [s] for a server to start on a busy machine
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
expect.set_options(timeout=30_000)


SIGN_IN = """
[auth]
redirect_uri = "{url}/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef"
client_id = "payfs"
client_secret = "secret of a test"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""


class NoBrowser(Exception):
    """There is no Chromium on this machine."""


def free_port():
    """Return a port at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Served:
    """The application's server, with a ledger and desks of its own.

    Args:
        folder: where they are.
        user: who it is in single-user mode.
        db: the ledger, if it is there already.
        provider: the address of the OpenID provider by which people sign in; None for single-user mode.
    """

    def __init__(self, folder: Path, user: str = "ann", db: str | None = None, provider: str | None = None) -> None:
        self.folder, self.port = folder, free_port()
        self.db, self.desks = db or str(folder / "ledger.db"), folder / "desks"
        self.url = f"http://127.0.0.1:{self.port}"
        more = []
        if provider is not None:
            file = folder / "sign-in.toml"
            file.write_text(SIGN_IN.format(url=self.url, provider=provider), encoding="utf-8")
            more = ["--sign-in", str(file)]
        self.log = folder / "server.log"
        self.signed: dict[str, list] = {}  # by what each person's browser is known again
        command = [
            sys.executable, "-m", "payfs", "app", "--db", self.db, "--desks", str(self.desks),
            "--port", str(self.port), "--no-browser", *more,
        ]  # fmt: skip
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PAYFS_USER": user, "HOME": str(folder)}
        environment.pop("PAYFS_DB", None)
        with self.log.open("wb") as said:
            self.process = subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=subprocess.STDOUT)
        try:
            until = time.monotonic() + PATIENCE
            while not answers(f"{self.url}/_stcore/health"):
                assert self.process.poll() is None, self.said()
                assert time.monotonic() < until, self.said()
                time.sleep(0.05)
        except BaseException:
            self.stop()
            raise

    def said(self) -> str:
        """Return what the server wrote."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """End it, as a service manager does."""
        self.process.terminate()
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def provided(*people: str):
    """Run an OpenID provider that vouches for people by their address, in a process of its own."""
    port = free_port()
    claims = [["--user-claims", json.dumps({"sub": one, "email": one, "email_verified": True})] for one in people]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), *itertools.chain(*claims)]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://localhost:{port}"
    try:
        until = time.monotonic() + PATIENCE
        while not answers(f"{url}/.well-known/openid-configuration"):
            assert run.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        yield url
    finally:
        run.terminate()
        run.wait(timeout=15)


def answers(url: str) -> bool:
    """Say whether anything is found at an address."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


class Watched:
    """A page of a browser, and what went wrong on it.

    Attributes:
        page: Playwright's.
        outside: addresses beyond this machine that were asked for.
        errors: what the page logged as errors.
    """

    def __init__(self, page: Page, served: Served) -> None:
        self.page, self.url, self.signed = page, served.url, served.signed
        self.outside: list[str] = []
        self.errors: list[str] = []
        page.on("request", self._asked)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._logged)

    def _asked(self, request) -> None:
        if not self._here():  # what the page of an OpenID provider fetches is its own matter
            return
        if not request.url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "http://localhost:", "data:", "blob:")):
            self.outside.append(request.url)

    def _logged(self, said) -> None:
        # Streamlit looks for its own server below the path of a page, too, and does not find it there
        own = said.location["url"].endswith(("/_stcore/health", "/_stcore/host-config")) and "404" in said.text
        if said.type == "error" and not own and self._here():
            self.errors.append(said.text)

    def _here(self) -> bool:
        return self.page.url.startswith(self.url)

    def open(self, path: str = "", **query: str) -> Page:
        """Open a page of the application, and wait until it is drawn."""
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        self.page.goto(f"{self.url}/{path}" + (f"?{asked}" if asked else ""))
        return self.drawn()

    def drawn(self) -> Page:
        """Wait until the page is drawn, also what was changed a moment ago and has to reach the server first."""
        self.page.wait_for_timeout(SETTLE)
        self.page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=60_000)
        expect(self.page.locator("[data-testid=stSkeleton]")).to_have_count(0)
        return self.page

    def click(self, role: str, name: str, exact: bool = True) -> Page:
        """Press a button, a tab or a link by its name, and wait until the page is drawn."""
        self.page.get_by_role(role, name=name, exact=exact).first.click()
        return self.drawn()

    def sign_in(self, who: str) -> Page:
        """Sign in with the OpenID provider as somebody whom it knows, or go on as whoever did so before."""
        if who in self.signed:
            self.page.context.add_cookies(self.signed[who])
            return self.page
        self.open()
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("button", name=who, exact=True).first.click()
        self.page.wait_for_url(f"{self.url}/**")
        self.drawn()
        expect(self.page.get_by_text(f"Signed in as {who}").first).to_be_attached()
        self.signed[who] = self.page.context.cookies(self.url)
        return self.page

    def upload(self, file: str | Path, place: int = 0) -> Page:
        """Choose a file to be uploaded, and wait until the page says that it has arrived."""
        self.page.locator("input[type=file]").nth(place).set_input_files(str(file))
        expect(self.page.get_by_text(f": {Path(file).name}").first).to_be_visible()
        return self.drawn()

    def take(self, name: str, folder: Path) -> Path:
        """Press a button that hands out a file, and return it."""
        with self.page.expect_download() as handed:
            self.page.get_by_role("button", name=name).first.click()
        file = folder / handed.value.suggested_filename
        handed.value.save_as(file)
        return file

    def clipped(self) -> list[str]:
        """Return what reaches beyond the page and cannot be scrolled to, and text that its own box or chart hides."""
        return self.page.evaluate(
            """() => {
            const wide = document.documentElement.clientWidth, found = [];
            const cut = (how) => how === 'hidden' || how === 'clip';
            for (const one of document.querySelectorAll('[data-testid=stMain] *')) {
                if (one.closest('svg, canvas, script, style, template') || !one.textContent.trim()) continue;
                const box = one.getBoundingClientRect(), how = getComputedStyle(one);
                if (box.width < 3 || box.height < 3 || how.visibility === 'hidden') continue;
                const across = cut(how.overflowX) && one.scrollWidth > one.clientWidth + 1;
                const down = cut(how.overflowY) && one.scrollHeight > one.clientHeight + 1;
                if (across || down) found.push(one.tagName + ' hides: ' + one.textContent.trim().slice(0, 60));
            }
            for (const one of document.querySelectorAll('[data-testid=stMain] input[role=combobox]')) {
                if (one.clientWidth === 0 || one.scrollWidth <= one.clientWidth + 1) continue;
                const whole = [...document.querySelectorAll('.payfs-picked p')]
                    .some((text) => text.checkVisibility() && text.textContent === one.value);
                if (!whole) found.push('box hides: ' + one.value);
            }
            for (const one of document.querySelectorAll('[data-testid=stMain] svg.marks text')) {
                const box = one.getBoundingClientRect(), all = one.closest('svg').getBoundingClientRect();
                const most = Math.max(all.left - box.left, box.right - all.right, all.top - box.top,
                    box.bottom - all.bottom);
                if (most > 4) found.push('chart hides: ' + one.textContent);  // a letter is less high than its line
            }
            for (const one of document.querySelectorAll('[data-testid=stMain] *')) {
                const box = one.getBoundingClientRect();
                if (box.width === 0 || box.right <= wide + 1) continue;
                let around = one.parentElement, scrolls = false;
                while (around && around.dataset.testid !== 'stMain') {
                    const how = getComputedStyle(around).overflowX;
                    if (how === 'auto' || how === 'scroll' || how === 'hidden') { scrolls = true; break; }
                    around = around.parentElement;
                }
                if (!scrolls) found.push(one.tagName + ': ' + (one.textContent || '').slice(0, 60));
            }
            return found.slice(0, 5);
        }"""
        )

    def violations(self) -> list[str]:
        """Return what axe finds against WCAG 2.2 AA, without what is Streamlit's own."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page, options={"runOnly": {"type": "tag", "values": RULES}}).response["violations"]
        return [
            f"{one['id']}: {node['target']} {node['html'][:200]}"
            for one in found
            for node in one["nodes"]
            if not streamlits_own(one["id"], node)
        ]


def streamlits_own(rule: str, node: dict) -> bool:
    """Say whether a violation is in what Streamlit draws by itself and no page can change."""
    return rule in ("list", "listitem") and "stSidebarNav" in node["html"] + str(node["target"])


def chromium() -> str:
    """Return where Chromium is.

    Raises:
        NoBrowser: nowhere.
    """
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
    if found is None:
        raise NoBrowser(NO_BROWSER)
    return found


@contextmanager
def browsing():
    """Open a browser."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), headless=True, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def watched(browser, served: Served, size=WIDE, quiet: bool = True):
    """Open a page as a new person does, and see afterwards that nothing went wrong."""
    context = browser.new_context(viewport=size, accept_downloads=True, locale="en-US")
    look = Watched(context.new_page(), served)
    try:
        yield look
        assert look.outside == [], look.outside
        if quiet:
            assert look.errors == [], look.errors
    finally:
        context.close()
