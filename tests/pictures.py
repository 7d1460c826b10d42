"""The README's pictures, taken from the application as it is: python tests/pictures.py."""

from __future__ import annotations

import tempfile
from pathlib import Path

from browsers import WIDE, Served, browsing, watched

from payfs.desk import Desk
from payfs.places import contract_specs
from payfs.store import create_store
from payfs.store.workflow import grant, register, submit, verify

OUT = Path(__file__).parent.parent / "app" / "pictures"
PEOPLE = {"pat": "provider", "eve": "evaluator", "beth": "approver", "carl": "payer"}
CHART = "[data-testid=stVegaLiteChart] .marks"


def main() -> None:
    """Take them."""
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, browsing() as browser:
        db = str(Path(folder) / "ledger.db")
        store = create_store(db)
        register(store, "ann", "denver-sib")
        for who, role in PEOPLE.items():
            grant(store, "ann", "denver-sib", who, role)
        reported = str(contract_specs() / "results" / "denver-sib.csv")
        verify(store, "eve", "denver-sib", submit(store, "pat", "denver-sib", [reported]).number)
        store.close()
        served = Served(Path(folder), user="beth", db=db)
        template = (contract_specs() / "templates" / "per-diem.yaml").read_text("utf-8")
        Desk(served.desks, "beth").save(
            "stable-homes", template.replace("contract: per-diem", "contract: stable-homes")
        )
        try:
            with watched(browser, served, WIDE) as look:
                take(look)
        finally:
            served.stop()


def take(look) -> None:
    """Take a picture of each of four pages."""
    look.open("draft", contract="draft/stable-homes")
    look.page.screenshot(path=OUT / "draft.png")
    look.open("scenarios", contract="denver-sib")
    look.page.locator(CHART).first.wait_for(timeout=60_000)
    look.page.locator(CHART).first.scroll_into_view_if_needed()
    look.page.screenshot(path=OUT / "scenarios.png")
    look.open("simulate", contract="denver-sib")
    look.page.get_by_role("button", name="Run the simulation").click()
    look.page.locator(CHART).first.wait_for(timeout=120_000)
    look.drawn()
    look.page.locator(CHART).first.scroll_into_view_if_needed()
    look.page.screenshot(path=OUT / "simulate.png")
    look.open("track", contract="ledger/denver-sib", bill="1")
    look.page.screenshot(path=OUT / "track.png")


if __name__ == "__main__":
    main()
