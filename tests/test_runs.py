"""Runs in the background: seen by their owner alone, stopped, lost and found again, and gone with the server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from made_scenarios import CONTRACT, SCENARIO

from payfs.places import contract_specs, simulations
from payfs.runs import Asked, Runs, Side, State, analysed, comparison, scenario_in, simulated
from payfs.runs import book as books
from payfs.runs.state import LINE, LOST, STATE, read_state, write_state
from payfs.runs.work import work_out
from payfs.simulate.compared import compared
from payfs.simulate.luck import luck
from payfs.simulate.run import Run
from payfs.simulate.sensitivity import tornado
from payfs.simulate.worked import Worked
from payfs.text import Refused

HOMES = Side(SCENARIO, CONTRACT)
SHORT = Asked("simulate", (HOMES,), paths=512)
LONG = Asked("simulate", (HOMES,), paths=1_000_000)  # takes half a minute: every person is drawn
LONG = replace(LONG, sides=(replace(HOMES, scenario=SCENARIO.replace("drawn: sums", "drawn: people")),))
FEW = replace(HOMES, scenario=SCENARIO + "replicates: 2\n")
PATIENCE = 90


@pytest.fixture(scope="module")
def kept_ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """Runs with a process that is ready, shared by the tests that do no harm to it."""
    with Runs(tmp_path_factory.mktemp("runs")) as runs:
        yield runs


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    """Runs of a test alone."""
    with Runs(tmp_path / "runs") as made:
        yield made


def until(happens: Callable[[], bool]) -> None:
    """Wait for something."""
    last = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < last, "it never happened"
        time.sleep(0.02)


def over(runs: Runs, owner: str, number: str) -> State:
    """Wait for the end of a run."""
    until(lambda: runs.look(owner, number).over)
    return runs.look(owner, number)


def gone(pid: int) -> bool:
    """Whether a process is no more, or is only still to be taken off the list."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def refused(do: Callable[[], object]) -> str:
    """What is said where something is refused."""
    with pytest.raises(Refused) as caught:
        do()
    return str(caught.value)


def same(one: object, other: object) -> bool:
    """Whether two figures are the same, also where there is none."""
    return repr(one) == repr(other)


def test_what_is_read_back_is_what_was_worked_out_to_the_last_bit(kept_ready: Runs) -> None:
    number = kept_ready.start("ann", SHORT)
    state = over(kept_ready, "ann", number)
    assert (state.what, state.share, state.kind) == ("done", 1.0, "simulate")
    assert state.took > 0
    found = simulated(kept_ready.asked("ann", number), kept_ready.result("ann", number))
    scenario = scenario_in(HOMES)
    run = Run(Worked(scenario), scenario.draws(512))
    expected = run.risk()
    assert list(found.risk.labels) == list(expected.labels)
    for label, told in expected.labels.items():
        assert same(dict(found.risk[label].figures), dict(told.figures)), label
        assert np.array_equal(found.risk[label].grid, told.grid, equal_nan=True), label
    assert (found.risk.paths, found.risk.enough) == (expected.paths, expected.enough)
    assert found.run.draws == run.draws
    assert same(found.luck, luck(run.worked, scenario.draws(512)))


def test_so_it_is_with_a_comparison(kept_ready: Runs) -> None:
    dearer = replace(HOMES, contract=CONTRACT.replace("price: 1000", "price: 1100"))
    number = kept_ready.start("ann", Asked("compare", (HOMES, dearer), paths=300, seed=5))
    assert over(kept_ready, "ann", number).what == "done"
    found = comparison(kept_ready.asked("ann", number), kept_ready.result("ann", number))
    expected = compared(scenario_in(HOMES), scenario_in(dearer), 300, 5)
    assert (found.shared, found.apart, found.paths) == (expected.shared, expected.apart, expected.paths)
    assert list(found.labels) == list(expected.labels)
    for label, difference in expected.labels.items():
        again = found.labels[label]
        assert same((again.more, again.less), (difference.more, difference.less))
        for one, other in zip(again[:3], difference[:3], strict=True):
            assert (one is None) == (other is None)
            if one is not None and other is not None:
                assert same(dict(one.figures), dict(other.figures)), label


def test_so_it_is_with_what_a_result_hangs_on(kept_ready: Runs) -> None:
    number = kept_ready.start("ann", Asked("sensitivity", (FEW,), paths=64, of="total"))
    assert over(kept_ready, "ann", number).what == "done"
    found = analysed(kept_ready.asked("ann", number), kept_ready.result("ann", number))
    assert same(found.swings, tornado(found.worked, ["total"], found.worked.scenario.draws(64)))
    assert set(found.ranks) == set(found.shares) == {"total"}


def test_the_share_that_is_done_rises_to_one() -> None:
    sensitivity, compare = Asked("sensitivity", (FEW,), paths=64), Asked("compare", (FEW, FEW), paths=64)
    for asked in (replace(SHORT, paths=64), sensitivity, compare):
        shares: list[float] = []
        work_out(asked, shares.append)
        assert shares == sorted(shares)
        assert 0 < shares[0] <= shares[-1] <= 1
        assert shares[-1] > 0.85


def test_a_run_is_seen_by_its_owner_alone(kept_ready: Runs) -> None:
    number = kept_ready.start("ann", SHORT)
    over(kept_ready, "ann", number)
    for other in ("bob", "ann ", ""):
        for do in (kept_ready.look, kept_ready.stop, kept_ready.result, kept_ready.asked):
            assert "there is no such run" in refused(lambda do=do, other=other: do(other, number))
        assert kept_ready.mine(other) == {}
    assert kept_ready.look("ann", number).what == "done"


@pytest.mark.parametrize("number", ["", "..", "../line", "0" * 32, "0" * 31, "a/" + "0" * 30, "\0", "é" * 32, "F" * 32])
def test_a_number_that_is_none_is_refused(kept_ready: Runs, number: str) -> None:
    assert "there is no such run" in refused(lambda: kept_ready.look("ann", number))


def test_nobodys_name_stands_on_the_disk_in_a_path(kept_ready: Runs) -> None:
    over(kept_ready, "../eve@city.gov", kept_ready.start("../eve@city.gov", SHORT))
    assert not [path for path in kept_ready.folder.rglob("*") if "eve" in str(path.relative_to(kept_ready.folder))]
    assert kept_ready.folder.parent.joinpath("eve@city.gov").exists() is False


def test_what_is_asked_twice_with_the_same_key_is_done_once(kept_ready: Runs) -> None:
    first, second = (kept_ready.start("ann", SHORT, key="4711") for _ in range(2))
    assert first == second
    assert kept_ready.start("bob", SHORT, key="4711") != first
    assert over(kept_ready, "ann", first).what == "done"
    assert kept_ready.start("ann", SHORT, key="4711") == first


def test_everything_wrong_with_a_scenario_is_told(kept_ready: Runs) -> None:
    wrong = SCENARIO.replace("120", "many").replace("fall:", "fell:")
    number = kept_ready.start("ann", Asked("simulate", (Side(wrong, CONTRACT, "mine.yaml"),)))
    state = over(kept_ready, "ann", number)
    assert state.what == "refused"
    said = [str(finding) for finding in state.findings]
    assert any("'many' is not a number" in one and one.startswith("mine.yaml:8:") for one in said)
    assert any("fell" in one for one in said)
    assert "refused" in refused(lambda: kept_ready.result("ann", number))


def test_what_cannot_be_begun_is_refused_at_once(kept_ready: Runs) -> None:
    assert "from 1 to 1,000,000" in refused(lambda: kept_ready.start("ann", replace(SHORT, paths=1_000_001)))
    assert "from 1 to" in refused(lambda: kept_ready.start("ann", replace(SHORT, paths=0)))
    assert "-1 is no seed" in refused(lambda: kept_ready.start("ann", replace(SHORT, seed=-1)))
    assert "compare needs two" in refused(lambda: kept_ready.start("ann", Asked("compare", (HOMES,))))
    large = Side("#" * 1_000_001, CONTRACT)
    assert "larger than" in refused(lambda: kept_ready.start("ann", Asked("simulate", (large,))))


def test_too_many_paths_in_the_scenario_are_refused(kept_ready: Runs) -> None:
    side = replace(HOMES, scenario=SCENARIO.replace("4,096", "1,000,001"))
    state = over(kept_ready, "ann", kept_ready.start("ann", Asked("simulate", (side,))))
    assert state.what == "refused"
    assert "1,000,001 paths are not drawn here" in str(state.findings[0])


def test_a_text_reads_no_file_of_the_machine(kept_ready: Runs) -> None:
    text = SCENARIO.replace("people: 120", "people: {bootstrap: {file: /etc/hostname, column: a}}")
    state = over(kept_ready, "ann", kept_ready.start("ann", Asked("simulate", (replace(HOMES, scenario=text),))))
    assert state.what == "refused"
    assert "values are read from a file" in str(state.findings[0])


def test_a_run_is_stopped_and_the_next_begins(runs: Runs) -> None:
    number = runs.start("ann", LONG)
    until(lambda: runs.look("ann", number).what == "running")
    runs.stop("ann", number)
    state = over(runs, "ann", number)
    assert (state.what, state.reason) == ("stopped", "somebody stopped it")
    assert "stopped" in refused(lambda: runs.result("ann", number))
    assert over(runs, "ann", runs.start("ann", SHORT)).what == "done"
    runs.stop("ann", number)
    assert runs.look("ann", number).what == "stopped"


def test_only_so_many_are_worked_on_at_once_and_the_others_wait_in_line(tmp_path: Path) -> None:
    with Runs(tmp_path, at_once=1) as runs:
        first = runs.start("ann", LONG)
        until(lambda: runs.look("ann", first).what == "running")
        second, third = runs.start("ann", SHORT), runs.start("bob", SHORT)
        time.sleep(1)
        assert runs.look("ann", second).what == runs.look("bob", third).what == "waiting"
        assert runs.look("bob", third).ahead > runs.look("ann", second).ahead
        runs.stop("bob", third)
        assert runs.look("bob", third).what == "stopped"
        runs.stop("ann", first)
        assert over(runs, "ann", second).what == "done"
        assert len(runs.crew.processes()) == 1


def test_nobody_has_more_than_a_few_unfinished_runs(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs.crew, "ready", lambda number=1: None)  # nobody works
    numbers = [runs.start("ann", SHORT) for _ in range(books.EACH)]
    assert f"{books.EACH} of your runs are not done yet" in refused(lambda: runs.start("ann", SHORT))
    runs.start("bob", SHORT)
    runs.stop("ann", numbers[0])
    runs.start("ann", SHORT)


def test_a_run_whose_process_died_is_lost_and_says_what_to_do(runs: Runs) -> None:
    number = runs.start("ann", LONG)
    until(lambda: runs.look("ann", number).what == "running")
    (pid,) = runs.crew.processes()
    os.kill(pid, signal.SIGKILL)
    until(lambda: runs.look("ann", number).what == "lost")
    assert runs.look("ann", number).reason == LOST
    assert LOST in refused(lambda: runs.result("ann", number))
    assert over(runs, "ann", runs.start("ann", SHORT)).what == "done"


def test_a_run_that_takes_too_long_is_stopped_with_the_reason(tmp_path: Path) -> None:
    with Runs(tmp_path, minutes=0.01) as runs:
        state = over(runs, "ann", runs.start("ann", LONG))
    assert state.what == "stopped"
    assert state.reason == "it took longer than 0.01 minutes; draw fewer paths"


def test_what_was_done_and_who_stood_in_line_outlive_the_server(tmp_path: Path) -> None:
    with Runs(tmp_path) as before:
        done = before.start("ann", SHORT)
        over(before, "ann", done)
    with Runs(tmp_path) as between:
        between.crew.close()
        waits = between.start("ann", SHORT)
        assert between.look("ann", waits).what == "waiting"
    with Runs(tmp_path) as after:
        assert after.look("ann", done).what == "done"
        assert after.result("ann", done)["risk"]["paths"] == 512
        assert over(after, "ann", waits).what == "done"
        assert list(after.mine("ann")) == [waits, done]


def test_whoever_never_came_to_stand_in_line_is_put_there(runs: Runs) -> None:
    runs.crew.close()
    number = runs.start("ann", SHORT)
    for mark in (runs.folder / LINE).iterdir():
        mark.unlink()
    with Runs(runs.folder) as others:
        assert over(others, "ann", number).what == "done"


def test_old_runs_are_taken_away(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "KEPT", 3)
    monkeypatch.setattr(books, "EACH", 100)
    runs.crew.close()
    numbers = [runs.start("ann", SHORT) for _ in range(5)]
    home = next(path for path in runs.folder.iterdir() if len(path.name) == 32)
    for age, number in enumerate(reversed(numbers)):
        folder = home / number
        write_state(folder, read_state(folder)._replace(what="done", asked=time.time() - age - 1))
    bobs = runs.start("bob", SHORT)
    other = next(path for path in runs.folder.glob(f"*/{bobs}"))
    write_state(other, read_state(other)._replace(what="done", asked=time.time() - 86_400 * 31))
    last = runs.start("ann", SHORT)
    assert list(runs.mine("ann")) == [last, *reversed(numbers[3:])]
    assert runs.mine("bob") == {}
    assert not [path for path in home.iterdir() if path.name.startswith(".")]


SERVER = """
import sys, time
from payfs.runs import Asked, Runs, Side
runs = Runs(sys.argv[1], at_once=2)
runs.crew.ready(2)
number = runs.start("ann", Asked("simulate", (Side(open(sys.argv[2]).read(), open(sys.argv[3]).read()),), 1000000))
while runs.look("ann", number).what == "waiting":
    time.sleep(0.05)
print(number, *runs.crew.processes(), flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_the_server(how: signal.Signals, tmp_path: Path) -> None:
    scenario, contract = tmp_path / "s.yaml", tmp_path / "c.yaml"
    scenario.write_text(LONG.sides[0].scenario, encoding="utf-8")
    contract.write_text(CONTRACT, encoding="utf-8")
    line = [sys.executable, "-c", SERVER, str(tmp_path / "runs"), str(scenario), str(contract)]
    server = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout is not None
    number, *pids = server.stdout.readline().split()
    assert len(pids) == 2
    assert not any(gone(int(pid)) for pid in pids)
    server.send_signal(how)
    server.wait(PATIENCE)
    server.stdout.close()
    until(lambda: all(gone(int(pid)) for pid in pids))
    with Runs(tmp_path / "runs") as again:
        until(lambda: again.look("ann", number).what == "lost")  # once the last thread of it has let go of the lock


def test_a_program_that_does_not_start_is_said(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")

    def try_again() -> None:
        for _ in range(50):
            runs.ready()
            time.sleep(0.1)

    assert "the program for them does not start" in refused(try_again)


def test_a_state_is_there_whole_while_it_is_written(kept_ready: Runs) -> None:
    number = kept_ready.start("ann", replace(LONG, paths=20_000))
    (file,) = kept_ready.folder.glob(f"*/{number}/{STATE}")
    while not kept_ready.look("ann", number).over:
        json.loads(file.read_text(encoding="utf-8"))
    assert kept_ready.look("ann", number).what == "done"


def test_every_real_scenario_runs_from_its_texts_alone() -> None:
    for file in sorted(simulations().glob("*.yaml")):
        side = Side(file.read_text("utf-8"), (contract_specs() / file.name).read_text("utf-8"), file.name)
        assert scenario_in(side).contract.name == file.stem
