"""A ledger that an earlier version made is brought up to date, and proves what it proved before.

``releases`` holds a ledger of every step that was released, made by ``python tests/test_ledger_releases.py``.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from made_ledgers import QUARTERS, refused, results, settle, whole
from sqlalchemy import select, text
from sqlmodel import SQLModel

from payfs.store import create_store, open_store, schema, upgrade_store, workflow
from payfs.store.audit import check_ledger
from payfs.store.backup import TABLES, back_up, restore
from payfs.store.replay import replay

RELEASES = Path(__file__).parent / "releases"
NEXT = '''"""A step that a later version might bring."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("bill", sa.Column("colour", sa.String(), nullable=True))
    op.create_table("colour", sa.Column("name", sa.String(), primary_key=True))
'''


def receipts(release: str) -> list[str]:
    return (RELEASES / f"{release}.receipts").read_text(encoding="utf-8").split()


def test_there_is_a_ledger_of_every_step():
    steps = {step.revision for step in schema._scripts().walk_revisions()}
    assert {file.stem for file in RELEASES.glob("*.db")} == steps


@pytest.mark.parametrize("release", sorted(file.stem for file in RELEASES.glob("*.db")))
def test_a_ledger_of_every_release_is_upgraded_and_proved(databases, tmp_path, release):
    url = databases.fresh()
    laid = tmp_path / "laid.db"
    shutil.copy(RELEASES / f"{release}.db", laid)
    older(url, laid, release)
    upgrade_store(url)
    store = open_store(url)
    audit = check_ledger(store, receipts(release))
    assert not audit.findings
    assert audit.receipt == receipts(release)[-1]
    assert replay(store).total
    settle_more(store, tmp_path)
    assert not check_ledger(store, receipts(release)).findings
    store.close()
    databases.drop(url)


def older(url: str, laid: Path, release: str) -> None:
    """Make a database at the step of a release, and put the rows of its ledger in: those of the file itself."""
    from payfs.store.database import connect, read_url

    source, target = connect(read_url(str(laid))), connect(read_url(url))
    if target.sqlite:
        source.close()
        shutil.copy(laid, str(target.url.database))
        target.close()
        return
    with source.connected("read") as reads, target.connected("write") as writes:
        schema.migrate(writes, release)
        kept = []
        for place, table in enumerate(TABLES):  # of each the columns that it had then
            names = [row[1] for row in reads.execute(text(f'PRAGMA table_info("{table.name}")'))]
            columns = [table.c[name] for name in names]
            by = table.c.number if table.name == "entry" else table.c.entry
            for number, row in enumerate(reads.execute(select(*columns).order_by(by, *table.primary_key.columns))):
                kept.append((row._asdict()[by.name], place, number, row._asdict()))
        for _, place, _, row in sorted(kept, key=lambda one: one[:3]):
            writes.execute(TABLES[place].insert(), [row])
        anchor = SQLModel.metadata.tables["anchor"]
        writes.execute(anchor.insert(), [reads.execute(select(anchor)).one()._asdict()])
    source.close()
    target.close()


def settle_more(store, folder: Path) -> None:
    more = results(folder, [("starts", QUARTERS[3], 5)])
    number = workflow.submit(store, "pat", "homes", [more]).number
    settle(store, "homes", workflow.verify(store, "eve", "homes", number).bills)


def test_a_later_step_leaves_what_was_proved_as_it_was(store, databases, tmp_path, monkeypatch):
    said = whole(store, tmp_path)
    url = store.url.render_as_string(hide_password=False)
    before = schema.head()
    steps = tmp_path / "migrations"
    shutil.copytree(Path(schema.__file__).parent / "migrations", steps)
    (steps / "versions" / "9999_next.py").write_text(NEXT.format(head=before), encoding="utf-8")
    settings = schema._settings()
    settings.set_main_option("script_location", str(steps))
    monkeypatch.setattr(schema, "_settings", lambda: settings)
    assert refused(open_store, url) == [
        f"this ledger is at step {before}, and this version of payfs works with step 9999"
    ]
    assert upgrade_store(url) == (before, "9999")
    assert upgrade_store(url) == ("9999", "9999")
    opened = open_store(url)
    assert not check_ledger(opened, said).findings
    opened.close()


def test_a_step_that_fails_changes_nothing(store, tmp_path, monkeypatch):
    said = whole(store, tmp_path)
    url = store.url.render_as_string(hide_password=False)
    before = schema.head()
    steps = tmp_path / "migrations"
    shutil.copytree(Path(schema.__file__).parent / "migrations", steps)
    broken = NEXT.format(head=before) + "    op.execute('SELECT nothing FROM nowhere')\n"
    (steps / "versions" / "9999_next.py").write_text(broken, encoding="utf-8")
    settings = schema._settings()
    settings.set_main_option("script_location", str(steps))
    with monkeypatch.context() as patch:
        patch.setattr(schema, "_settings", lambda: settings)
        assert refused(upgrade_store, url)
    opened = open_store(url)
    assert not check_ledger(opened, said).findings
    opened.close()


def test_the_steps_make_the_tables_that_the_program_works_with(store):
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with store.connected("read") as connection:
        differences = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    assert differences == []


def test_a_backup_of_an_earlier_release_is_to_be_upgraded_before_it_is_restored(tmp_path, monkeypatch):
    store = create_store(str(tmp_path / "l.db"))
    back_up(store, str(tmp_path / "b.db"))
    store.close()
    monkeypatch.setattr(schema, "head", lambda: "9999")
    assert refused(restore, str(tmp_path / "b.db"), str(tmp_path / "n.db")) == [
        "this ledger is at step 0001, and this version of payfs works with step 9999"
    ]


def main() -> None:
    """Make the ledger of the newest step, if it is not there; one that was released is never made again."""
    RELEASES.mkdir(exist_ok=True)
    release = schema.head()
    if (RELEASES / f"{release}.db").exists():
        sys.exit(f"{release} is there; it was released, and stays as it is")
    with tempfile.TemporaryDirectory() as folder:
        store = create_store(str(Path(folder) / "l.db"))
        said = whole(store, Path(folder))
        back_up(store, str(RELEASES / f"{release}.db"))
        store.close()
    (RELEASES / f"{release}.receipts").write_text("\n".join(said) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
