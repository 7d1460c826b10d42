"""The README's pictures, taken from the application as it is: python tests/pictures.py."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

from browsers import WIDE, Served, browsing, watched
from made_ledgers import results, written

from payfs.desk import Desk
from payfs.places import contract_specs
from payfs.store import create_store
from payfs.store.workflow import grant, register, submit, verify

OUT = Path(__file__).parent.parent / "app" / "pictures"
PEOPLE = {"pat": "provider", "eve": "evaluator", "beth": "approver", "carl": "payer"}


def main() -> None:
    """Take them."""
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, browsing() as browser:
        db = str(Path(folder) / "ledger.db")
        store = create_store(db)
        template = (contract_specs() / "templates" / "per-diem.yaml").read_text("utf-8")
        register(
            store, "ann", written(Path(folder), (contract_specs() / "chicago-cpc.yaml").read_text("utf-8"), "c.yaml")
        )
        for who, role in PEOPLE.items():
            grant(store, "ann", "chicago-cpc", who, role)
        handed = submit(
            store,
            "pat",
            "chicago-cpc",
            [results(Path(folder), [("special_education_avoided", "2015/16", 60)], "r.csv")],
        )
        verify(store, "eve", "chicago-cpc", handed.number)
        store.close()
        served = Served(Path(folder), user="beth", db=db)
        Desk(served.desks, "beth").save("stable-homes", template.replace("per-diem", "stable-homes"))
        try:
            with watched(browser, served, WIDE) as look:
                look.open("draft", contract="draft/stable-homes")
                look.page.screenshot(path=OUT / "draft.png")
                look.open("scenarios", contract="denver-sib")
                look.page.get_by_role("heading", name="What it comes to").scroll_into_view_if_needed()
                look.page.mouse.wheel(0, 560)
                look.page.wait_for_timeout(500)
                look.page.screenshot(path=OUT / "scenarios.png")
                look.open("simulate", contract="denver-sib")
                look.page.get_by_role("button", name="Run the simulation").click()
                look.page.locator("[data-testid=stVegaLiteChart] .marks").first.wait_for(timeout=60_000)
                look.drawn()
                look.page.locator("[data-testid=stVegaLiteChart] .marks").first.scroll_into_view_if_needed()
                look.page.wait_for_timeout(500)
                look.page.screenshot(path=OUT / "simulate.png")
                look.open("track", contract="ledger/chicago-cpc", bill="1")
                look.page.screenshot(path=OUT / "track.png")
        finally:
            served.stop()


if __name__ == "__main__":
    main()
