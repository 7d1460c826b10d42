"""The commands that simulate, as a user runs them."""

from __future__ import annotations

import csv
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_scenarios import CONTRACT, SCENARIO, written
from typer.testing import CliRunner

from payfs.cli import app
from payfs.simulate.scenario import load_scenario
from payfs.simulate.worked import Worked


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_simulate_tells_what_to_appropriate(tmp_path):
    result = run("simulate", written(tmp_path), "--paths", "1,024")
    assert result.exit_code == 0, result.stderr
    assert "1,024 paths, each a possible course of this contract" in result.stdout
    assert "what is paid by luck" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_simulate_as_json_is_the_same_run_after_run(tmp_path):
    file = written(tmp_path)
    one, other = (run("simulate", file, "--paths", 512, "--seed", 3, "--json").stdout for _ in range(2))
    assert one == other
    assert {"luck"} < set(json.loads(one))
    another = run("simulate", file, "--paths", 512, "--seed", 4, "--json").stdout
    assert another != one


def test_several_scenarios_are_told_one_after_the_other(tmp_path):
    file = written(tmp_path)
    result = run("simulate", file, file, "--paths", 64, "--json")
    assert len(json.loads(result.stdout)["scenarios"]) == 2


def test_what_is_saved_repeats_to_the_last_bit_and_a_change_is_noticed(tmp_path):
    folder = tmp_path / "out"
    saved = run("simulate", written(tmp_path), "--paths", 300, "--out", folder)
    assert saved.exit_code == 0, saved.stderr
    assert f"To run it again: payfs simulate --repeat {folder}" in saved.stdout
    again = run("simulate", "--repeat", folder)
    assert again.stdout == f"{folder}: 300 paths drawn again, and every bit is the same\n"
    with (folder / "summary.csv").open("a") as file:
        file.write("x")
    changed = run("simulate", "--repeat", folder)
    assert changed.exit_code == 1
    assert "was changed after it was written" in changed.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--paths", "0"), "--paths: '0' cannot be; write a whole number from 1 to 1,000,000,000"),
        (("--paths", "ten"), "--paths: 'ten' cannot be"),
        (("--seed", "-1"), "--seed: '-1' cannot be; write a whole number from 0 on"),
        (("--out", "x", "--workers", "2"), "--out keeps every path of one scenario, in one process"),
        (("--csv",), "--csv says how paths are saved, and nothing is; say --out DIR, too"),
        (("--repeat", "--seed", "2"), "--repeat runs what was saved, just as it was; leave the other options out"),
    ],
)
def test_options_that_do_not_fit_are_refused(tmp_path, arguments, said):
    result = run("simulate", written(tmp_path), *arguments)
    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stdout == ""


def test_what_is_wrong_with_several_scenarios_is_told_at_once(tmp_path):
    result = run("simulate", tmp_path / "none.yaml", "denver-sb")
    assert result.exit_code == 1
    assert "did you mean 'denver-sib'" in result.stderr
    assert "none.yaml" in result.stderr


def test_explain_a_path_and_the_same_path_as_saved(tmp_path):
    result = run("explain", written(tmp_path), "--path", 42)
    assert result.exit_code == 0, result.stderr
    assert "Path 42 of the simulation of Homes for people" in result.stdout
    assert "It is one of 4,096 paths from seed " in result.stdout
    saved, few = tmp_path / "saved", ("--paths", 500, "--seed", 9)
    assert run("simulate", tmp_path / "scenario.yaml", *few, "--out", saved).exit_code == 0
    again = run("explain", saved, "--path", 42)
    assert again.exit_code == 0, again.stderr
    assert "It is one of 500 paths from seed 9" in again.stdout
    assert again.stdout == run("explain", tmp_path / "scenario.yaml", "--path", 42, *few).stdout
    assert again.stdout != result.stdout
    with (saved / "paths.csv").open(encoding="utf-8") as file:
        total = next(row["total"] for row in csv.DictReader(file) if row["path"] == "42")
    assert f"What is paid: ${float(total):,.2f} in all" in again.stdout
    refused = run("explain", saved, "--path", 42, *few)
    assert refused.exit_code == 1
    assert "a saved run has its own paths and its own seed; leave --paths and --seed out" in refused.stderr
    assert "manifest.json" in run("explain", tmp_path, "--path", 42).stderr
    assert run("explain", tmp_path / "scenario.yaml", "--path", "4,096").exit_code == 1


def test_solve_compare_and_sensitivity(tmp_path):
    file = written(tmp_path)
    solved = run("solve", file, "--vary", "rules.homes.price", "--until", "mean(rule homes) <= 200000", "--paths", 512)
    assert solved.exit_code == 0, solved.stderr
    assert "It holds with rules.homes.price at $" in " ".join(solved.stdout.split())
    (tmp_path / "other.yaml").write_text(CONTRACT.replace("price: 1000", "price: 900"), encoding="utf-8")
    compared = run("compare", file, tmp_path / "other.yaml", "--paths", 512)
    assert compared.exit_code == 0, compared.stderr
    assert "less is paid on the average" in " ".join(compared.stdout.split())
    driven = run("sensitivity", file, "--of", "rule fall", "--paths", 512)
    assert driven.exit_code == 0, driven.stderr
    assert "Sobol' indices" in driven.stdout
    strange = run("sensitivity", file, "--of", "rule falls")
    assert "--of: nothing is called 'rule falls'; did you mean 'rule fall'" in strange.stderr
    for command in (
        ("solve", file, "--vary", "rules.homes.price", "--until", "mean(total) <= 1", "--paths", 64),
        ("compare", file, file, "--paths", 64),
        ("sensitivity", file, "--paths", 64),
    ):
        json.loads(run(*command, "--json").stdout)


def test_a_scenario_of_any_contract_is_written_and_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("new", "scenario", "--for", "denver-sib").stdout.startswith("scenario.yaml is written.")
    assert run("simulate", "scenario.yaml", "--paths", 256).exit_code == 0
    assert run("new", "scenario", "--for", "denver-sib").exit_code == 1
    assert run("new", "neither").exit_code == 2


def test_ctrl_c_in_the_middle_leaves_no_traceback_and_nothing_half_written(tmp_path):
    folder = tmp_path / "out"
    command = [
        sys.executable,
        "-m",
        "payfs",
        "simulate",
        str(written(tmp_path)),
        "--paths",
        "50000000",
        "--out",
        str(folder),
    ]
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    wait_for(lambda: any(tmp_path.glob("out*/**/*")) or folder.exists())
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"stopped\n")
    assert not folder.exists() or not list(folder.iterdir())


def wait_for(ready: Any, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not ready() and time.monotonic() < end:
        time.sleep(0.05)


def test_a_bar_shows_on_a_terminal_while_long_work_goes_on(tmp_path):
    primary, secondary = pty.openpty()
    file = written(tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-m", "payfs", "simulate", str(file), "--paths", "400000"],
        stderr=secondary,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
    )
    os.close(secondary)
    shown = b""
    while True:
        if not select.select([primary], [], [], 60)[0]:
            break
        try:
            part = os.read(primary, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        shown += part
    os.close(primary)
    assert process.wait(60) == 0
    assert b"paths" in shown
    assert b"of 400,000" in shown


def test_nothing_but_the_result_is_printed_where_nobody_looks(tmp_path):
    result = subprocess.run(
        [sys.executable, "-m", "payfs", "simulate", str(written(tmp_path)), "--paths", "64"],
        capture_output=True,
        check=True,
        cwd=Path(__file__).parent.parent,
    )
    assert result.stderr == b""


def test_of_a_path_only_what_is_asked_for_is_explained(tmp_path):
    result = run("explain", written(tmp_path), "--path", 42, "--rule", "fall", "--period", "2023")
    assert "fall, 2023:" in result.stdout
    assert "homes, 20" not in result.stdout
    assert run("explain", tmp_path / "scenario.yaml", "--path", 42, "--rule", "fail").exit_code == 1


def test_a_limit_that_hands_over_to_another_payer_binds_too(tmp_path):
    contract = CONTRACT.replace(
        "  all: {most: 500000}", "  all: {most: 80000, payer: city, per: fiscal year, then: state}"
    )
    contract = contract.replace("periods:", "  state: {name: The State, role: outcome payer}\npayer: city\nperiods:", 1)
    made = load_scenario(written(tmp_path, SCENARIO.replace("2023/24", "city 2023/24"), contract))
    outcomes = Worked(made).evaluate(made.draws().between(0, 512))
    assert outcomes["limit all binds"].mean() > 0.5
    np.testing.assert_array_equal(outcomes["limit all binds"], outcomes["payer state"] > 0)
