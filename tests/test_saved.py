"""A run saved to a folder: whole or not at all, and repeated to the last bit."""

from __future__ import annotations

import csv
import errno
import json
import os
import shutil
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from told_scenarios import SCENARIOS, made, written

from payfs.simulate import columns, saved
from payfs.simulate.manifest import Manifest, read_manifest, repeat
from payfs.simulate.question import units_of
from payfs.simulate.run import Run
from payfs.simulate.saved import repeated, save
from payfs.simulate.scenario import load_scenario
from payfs.simulate.worked import Worked
from payfs.text import Refused

ALWAYS = {"summary.csv", "percentiles.csv", "fiscal_years.csv", "paths.parquet", "manifest.json"}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refusal(run: Run, folder: Path, **options: Any) -> str:
    with pytest.raises(Refused) as refused:
        save(run, folder, **options)
    return str(refused.value)


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_saved_run_holds_every_path_and_repeats_without_the_files_it_came_from(name: str, tmp_path: Path) -> None:
    run = made(tmp_path / "in", name, 300)
    risk = save(run, tmp_path / "out")
    assert set(contents(tmp_path / "out")) == ALWAYS | {"paths.csv"}
    shutil.rmtree(tmp_path / "in")
    again = repeated(tmp_path / "out")
    assert again.findings == ()
    for label in risk.labels:
        assert np.array_equal(again.risk[label].grid, risk[label].grid, equal_nan=True)
        assert repr(again.risk[label].figures) == repr(risk[label].figures)


def test_two_runs_give_the_same_files_to_the_last_bit_whatever_the_size_of_the_blocks(tmp_path: Path) -> None:
    for name, block in (("one", 16_384), ("other", 64), ("third", 1000)):
        save(made(tmp_path / "in", "stack", 1500, block), tmp_path / name)
    first = contents(tmp_path / "one")
    assert contents(tmp_path / "other") == first
    assert contents(tmp_path / "third") == first


def test_a_run_that_is_repeated_and_saved_gives_the_same_files(tmp_path: Path) -> None:
    save(made(tmp_path / "in", "plain", 500), tmp_path / "one")
    save_again = repeat(read_manifest(tmp_path / "one"))
    # its texts are those of the manifest, its history is written beside the scenario again
    written(tmp_path / "in", "plain")
    scenario = replace(save_again.worked.scenario, file=str(tmp_path / "in" / "scenario.yaml"))
    save(Run(Worked(scenario), save_again.draws), tmp_path / "two")
    assert contents(tmp_path / "two") == contents(tmp_path / "one")


def test_the_manifest_says_what_the_run_was_made_of(tmp_path: Path) -> None:
    run = made(tmp_path / "in", "plain", 200)
    save(run, tmp_path / "out")
    data = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert data["contract"]["text"] == SCENARIOS["plain"][0]
    assert data["scenario"]["text"] == SCENARIOS["plain"][1]
    assert data["scenario"]["sha256"] == sha256(SCENARIOS["plain"][1].encode()).hexdigest()
    assert data["histories"]["seen/history.csv"]["text"] == "index\n40%\n60%\n"
    assert (data["seed"], data["paths"], data["replicates"], data["draws"]) == (3, 200, 16, "sobol")
    assert set(data["versions"]) == {"payfs", "python", "numpy", "scipy", "pyarrow"}
    assert data["versions"]["numpy"] == np.__version__
    files = {name: sha256(held).hexdigest() for name, held in contents(tmp_path / "out").items()}
    assert data["files"] == {name: mark for name, mark in files.items() if name != "manifest.json"}
    assert str(tmp_path) not in json.dumps(data)


def test_parquet_holds_amounts_to_the_cent_and_no_rate_where_there_is_none(tmp_path: Path) -> None:
    run = made(tmp_path / "in", "stack", 300)
    save(run, tmp_path / "out")
    table = pq.read_table(tmp_path / "out" / "paths.parquet")
    paths = dict(next(run.outcomes(range(16), 1))[1])
    assert table.column_names == ["path", *paths]
    assert table["path"].to_pylist() == list(range(300))
    assert table["total"].to_pylist() == [Decimal(int(minor)) / 100 for minor in paths["total"]]
    assert table["lowest cash"].to_pylist() == [Decimal(int(minor)) / 100 for minor in paths["lowest cash"]]
    assert min(table["lowest cash"].to_pylist()) < 0
    assert table["nothing is paid"].to_pylist() == paths["nothing is paid"].tolist()
    assert table["bank loan IRR"].to_pylist() == paths["bank loan IRR"].tolist()
    assert table.schema.field("total").metadata == {b"unit": b"GBP"}
    assert table.schema.field("bank loan IRR").metadata == {b"unit": b"1 a year"}


def test_a_rate_that_is_not_there_is_null(tmp_path: Path) -> None:
    run = made(tmp_path / "in", "plain", 16)
    with columns.Table(tmp_path / "p.parquet", None, run.worked.contract.money, {}) as table:
        table.add(0, {"a IRR": np.array([0.5, np.nan]), "total": np.array([-1, 5])})
    read = pq.read_table(tmp_path / "p.parquet")
    assert read["a IRR"].to_pylist() == [0.5, None]
    assert read["total"].to_pylist() == [Decimal("-0.01"), Decimal("0.05")]


def test_yen_have_no_decimals(tmp_path: Path) -> None:
    save(made(tmp_path / "in", "yen", 50), tmp_path / "out")
    total = pq.read_table(tmp_path / "out" / "paths.parquet")["total"]
    assert str(total.type) == "decimal128(18, 0)"
    assert set(total.to_pylist()) == {Decimal(0), Decimal(2_441_000_000)}


def test_rows_are_written_as_they_come_in_groups_of_one_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "ROWS", 100)
    save(made(tmp_path / "in", "plain", 250, 64), tmp_path / "out")
    about = pq.ParquetFile(tmp_path / "out" / "paths.parquet").metadata
    assert [about.row_group(place).num_rows for place in range(about.num_row_groups)] == [100, 100, 50]


def test_paths_are_written_as_csv_where_they_are_few_or_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved, "FEW", 40)
    for name, paths, asked, there in (
        ("few", 40, None, True),
        ("many", 41, None, False),
        ("asked", 41, True, True),
        ("not wanted", 40, False, False),
    ):
        save(made(tmp_path / "in", "plain", paths), tmp_path / name, csv=asked)
        assert (tmp_path / name / "paths.csv").exists() is there
    rows = rows_of(tmp_path / "asked" / "paths.csv")
    held = pq.read_table(tmp_path / "asked" / "paths.parquet")
    assert [Decimal(row["total"]) for row in rows] == held["total"].to_pylist()
    assert {row["nothing is paid"] for row in rows} == {"false"}


def test_the_summary_is_tidy_with_every_figure_its_error_and_its_unit(tmp_path: Path) -> None:
    risk = save(made(tmp_path / "in", "stack", 300), tmp_path / "out")
    rows = {(row["label"], row["figure"]): row for row in rows_of(tmp_path / "out" / "summary.csv")}
    assert set(rows) == {(label, name) for label, told in risk.labels.items() for name in told.figures}
    mean = rows["total", "mean"]
    assert Decimal(mean["value"]) == round(Decimal(risk["total"].figures["mean"].value) / 100, 2)
    assert float(mean["standard_error"]) == pytest.approx(risk["total"].figures["mean"].error / 100, abs=1e-4)
    assert mean["unit"] == "GBP"
    assert rows["bank loan IRR", "mean"]["unit"] == "rate"
    assert float(rows["bank loan IRR", "p50"]["value"]) == risk["bank loan IRR"].figures["p50"].value
    assert rows["bank loan IRR", "none"]["unit"] == "chance"


def test_the_percentiles_are_those_of_the_run(tmp_path: Path) -> None:
    risk = save(made(tmp_path / "in", "plain", 300), tmp_path / "out")
    every = rows_of(tmp_path / "out" / "percentiles.csv")
    assert {row["label"] for row in every} == {label for label, told in risk.labels.items() if "mean" in told.figures}
    rows = [row for row in every if row["label"] == "total"]
    assert [row["percentile"] for row in rows][:3] == ["0", "0.1", "0.2"]
    assert [float(row["value"]) for row in rows] == pytest.approx((risk["total"].grid / 100).tolist())


def test_fiscal_years_have_their_appropriations_and_budgets(tmp_path: Path) -> None:
    risk = save(made(tmp_path / "in", "stack", 300), tmp_path / "out")
    rows = {row["fiscal_year"]: row for row in rows_of(tmp_path / "out" / "fiscal_years.csv")}
    assert list(rows) == ["2024/25", "2025/26", "2026/27"]
    first, figures = rows["2024/25"], risk["fiscal year 2024/25"].figures
    assert float(first["appropriation_80"]) == pytest.approx(figures["p80"].value / 100, abs=0.005)
    assert first["budget"] == "300000.00"
    assert float(first["passes"]) == risk.chance("fiscal year 2024/25 passes its budget").value
    assert rows["2026/27"]["budget"] == ""


# -- repeating


@pytest.fixture
def out(tmp_path: Path) -> Path:
    save(made(tmp_path / "in", "plain", 100), tmp_path / "out")
    return tmp_path / "out"


def changed(folder: Path, **parts: Any) -> None:
    """Write another manifest, as if the run had been so."""
    file = folder / "manifest.json"
    data = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(Manifest.model_validate(data | parts).written(), encoding="utf-8")


def test_a_file_that_was_changed_or_taken_away_is_found(out: Path) -> None:
    with (out / "summary.csv").open("a", encoding="utf-8") as file:
        file.write("total,mean,1.00,0,USD\n")
    (out / "paths.csv").unlink()
    found = sorted(str(finding) for finding in repeated(out).findings)
    assert len(found) == 2
    assert "paths.csv: the file is gone" in found[0]
    assert "summary.csv: the file was changed after it was written" in found[1]


def test_a_result_that_comes_out_differently_is_named_with_the_versions_that_may_be_why(out: Path) -> None:
    data = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    changed(out, columns=data["columns"] | {"total": "0" * 64}, versions=data["versions"] | {"numpy": "1.0"})
    (found,) = repeated(out).findings
    assert "the result 'total' differs on some path; the run was made with numpy 1.0, now " in str(found)


def test_another_seed_gives_other_bits(out: Path) -> None:
    changed(out, seed=4)
    said = "\n".join(str(finding) for finding in repeated(out).findings)
    assert "the result 'total' differs on some path" in said
    assert "summary.csv: it comes out differently" in said


def test_a_manifest_that_was_changed_by_hand_is_not_blamed_on_payfs(out: Path) -> None:
    file = out / "manifest.json"
    text = file.read_text(encoding="utf-8")
    for part in ('"seed": 3', '"sha256": "'):
        assert part in text
        file.write_text(text.replace(part, '"seed": 4' if "seed" in part else '"sha256": "0'), encoding="utf-8")
        with pytest.raises(Refused, match=r"was changed (by hand )?after the run; name a folder that payfs"):
            repeated(out)
    file.write_text(text.replace('"seed": 3', '"seed": 4'), encoding="utf-8")
    with pytest.raises(Refused, match=r"manifest\.json: the manifest was changed by hand after the run; name a folder"):
        repeated(out)
    file.write_text(json.dumps(json.loads(text)), encoding="utf-8")  # spaces say nothing
    assert repeated(out).findings == ()


def test_a_manifest_whose_texts_were_changed_is_refused(out: Path) -> None:
    data = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    data["contract"]["text"] = data["contract"]["text"].replace("1000.50", "2000.50")
    changed(out, contract=data["contract"])
    with pytest.raises(Refused, match=r"the text of contract\.yaml was changed after the run"):
        repeated(out)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no json", "this is no manifest"),
        ("[]", "this is no manifest"),
        ("{}", "scenario is missing or cannot be read"),
        ('{"payfs_manifest": 2}', "payfs_manifest is missing or cannot be read"),
    ],
)
def test_what_is_no_manifest_is_refused_in_plain_words(text: str, said: str, out: Path) -> None:
    (out / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match=said):
        repeated(out)


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="there is no such file"):
        repeated(tmp_path)


def test_a_history_is_never_written_outside_of_its_folder(out: Path) -> None:
    data = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    changed(out, histories={"../../stray.csv": data["histories"]["seen/history.csv"]})
    with pytest.raises(Refused, match="lies outside the folder of the scenario"):
        repeated(out)
    assert not list(out.parent.rglob("stray.csv"))


def test_a_run_whose_contract_was_changed_in_memory_is_refused(tmp_path: Path) -> None:
    run = made(tmp_path / "in", "plain", 100)
    dearer = run.worked.contract.assuming({"rules": {"homes": {"price": "2000"}}}, ("assuming",))
    scenario = load_scenario(tmp_path / "in" / "scenario.yaml", dearer)
    other = Run(Worked(scenario), run.draws)
    assert "was changed after it was read" in refusal(other, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_was_never_a_file_cannot_be_saved(tmp_path: Path) -> None:
    run = made(tmp_path / "in", "plain", 100)
    bare = Run(Worked(replace(run.worked.scenario, text="")), run.draws)
    assert "this was not read from a file" in refusal(bare, tmp_path / "out")


# -- whole or not at all


class Stopped(KeyboardInterrupt):
    """Ctrl-C."""


@pytest.mark.parametrize("there", [False, True])
def test_a_run_that_is_stopped_leaves_nothing(there: bool, tmp_path: Path) -> None:
    out, done = tmp_path / "out", list[int]()
    if there:
        out.mkdir()

    def stop(paths: int) -> None:
        done.append(paths)
        if len(done) == 3:
            assert (out / saved.UNFINISHED / "paths.parquet").exists()
            raise Stopped

    with pytest.raises(Stopped):
        save(made(tmp_path / "in", "plain", 1000, 100), out, progress=stop)
    assert len(done) == 3
    assert out.exists() is there
    assert not there or not list(out.iterdir())


@pytest.mark.parametrize("call", [1, 2])
def test_a_full_disk_leaves_nothing_and_is_told_in_plain_words(
    call: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = list[int]()
    before = columns.Table._write

    def full(self: columns.Table, held: Any) -> None:
        calls.append(1)
        if len(calls) == call:
            raise OSError(errno.ENOSPC, "No space left on device")
        before(self, held)

    monkeypatch.setattr(columns, "ROWS", 100)
    monkeypatch.setattr(columns.Table, "_write", full)
    said = refusal(made(tmp_path / "in", "plain", 500, 100), tmp_path / "out")
    assert "out: the run cannot be written: the disk is full; nothing of it is left; make room, or " in said
    assert not (tmp_path / "out").exists()


def test_a_failure_while_files_are_moved_takes_those_away_that_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = list[str]()
    rename = Path.rename

    def failing(self: Path, to: Path) -> Path:
        moved.append(to.name)
        if to.name == "manifest.json":
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", failing)
    (tmp_path / "out").mkdir()
    assert "the run cannot be written: input/output error" in refusal(
        made(tmp_path / "in", "plain", 50), tmp_path / "out"
    )
    assert moved[-1] == "manifest.json"
    assert len(moved) == 6
    assert not list((tmp_path / "out").iterdir())


def test_a_folder_that_holds_something_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    said = refusal(made(tmp_path / "in", "plain", 50), tmp_path)
    assert "the folder is not empty: it holds in, notes.txt; name a new folder, or empty it" in said
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_what_a_killed_run_left_is_named(tmp_path: Path) -> None:
    (tmp_path / "out" / saved.UNFINISHED).mkdir(parents=True)
    assert "a run was cut off here, or is still being written" in refusal(
        made(tmp_path / "in", "plain", 50), tmp_path / "out"
    )


def test_a_file_a_missing_folder_and_a_name_that_cannot_be_are_refused(tmp_path: Path) -> None:
    run = made(tmp_path / "in", "plain", 50)
    assert "this is a file, not a folder" in refusal(run, tmp_path / "in" / "scenario.yaml")
    assert "there is no folder" in refusal(run, tmp_path / "none" / "out")
    assert "make that first" in refusal(run, tmp_path / "none" / "out")
    assert "the folder cannot be written: embedded null byte" in refusal(run, tmp_path / "out\0")


def test_a_folder_that_may_not_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = made(tmp_path / "in", "plain", 50)

    def forbidden(self: Path, *more: Any, **options: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(saved, "_repeatable", lambda run, manifest: None)
        patch.setattr(Path, "mkdir", forbidden)
        assert "the folder cannot be written: permission denied; name another" in refusal(run, tmp_path / "out")


def test_more_than_the_disk_holds_is_refused_with_how_many_paths_would_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=50_000_000))
    run = made(tmp_path / "in", "plain", 10_000_000)
    said = refusal(run, tmp_path / "out")
    assert "10,000,000 paths may need " in said
    assert "and 50.0 MB are free; name a folder on another disk, or draw at most " in said
    most = int(said.rpartition("at most ")[2].split()[0].replace(",", ""))
    units = {"a": "money"}
    assert 0 < most < 10_000_000
    assert columns.size_of(units, most, False) < 50_000_000
    assert not (tmp_path / "out").exists()


def test_the_estimate_of_the_room_is_no_less_than_what_is_taken(tmp_path: Path) -> None:
    run = made(tmp_path / "in", "stack", 3000)
    save(run, tmp_path / "out", csv=True)
    units = units_of(next(run.outcomes(range(1), 1))[1])
    taken = sum(os.path.getsize(tmp_path / "out" / name) for name in ("paths.parquet", "paths.csv"))
    assert taken < columns.size_of(units, 3000, True) + saved.SPARE
    assert os.path.getsize(tmp_path / "out" / "paths.csv") < columns.size_of(units, 3000, True)
