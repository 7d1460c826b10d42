"""Several processes and machines: the same bits whoever does how much of the work, and whoever dies of it."""

from __future__ import annotations

import asyncio
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
from benchmarks.portfolio import said, write
from dask import config
from distributed import Client

from payfs.contract import load
from payfs.examples import run_examples
from payfs.simulate import cluster, processes
from payfs.simulate.cluster import started, work_out
from payfs.simulate.processes import in_processes
from payfs.simulate.run import BLOCK, Run
from payfs.simulate.scenario import load_scenario
from payfs.simulate.tasks import EACH, LEAST, Task, sending, tasks_of, versions, work
from payfs.simulate.worked import Worked
from payfs.text import Refused

ROOT = Path(__file__).parent.parent
PATHS = 10_000


def run_of(file, paths=None, block=BLOCK):
    scenario = load_scenario(file)
    return Run(Worked(scenario), scenario.draws(paths), block)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Three scenarios: days in a home, tiers with delays, and participants; and one that looks into a CSV file."""
    folder = tmp_path_factory.mktemp("portfolio")
    found = write(folder, 3, PATHS)
    (folder / "seen").mkdir()
    (folder / "seen" / "falls.csv").write_text("year,fall\n2019,4%\n2020,12%\n2021,7%\n2022,25%\n", encoding="utf-8")
    text = found[1].read_text(encoding="utf-8")
    text = text.replace("{normal: {mean: 3%, sd: 9%}}", "{bootstrap: {file: seen/falls.csv, column: fall}}")
    assert "bootstrap" in text
    assuming = "assuming: {limits: {each year: {most: 300000}}}\n"
    found.append(folder / "seen.yaml")
    found[-1].write_text(text + assuming, encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def expected(files):
    """What each comes to in this process alone."""
    return [said([run_of(file).risk()]) for file in files]


@pytest.fixture(scope="module")
def large():
    """A run of several pieces."""
    return run_of(ROOT / "simulations" / "denver-sib.yaml", 12 * LEAST)


@pytest.fixture(scope="module")
def whole(large):
    return said([large.risk()])


@pytest.fixture(scope="module")
def two():
    """Two real workers on this machine."""
    with started(2) as running:
        yield running


@pytest.fixture(scope="module")
def nobody():
    """A scheduler without workers."""
    with started(0) as running:
        yield running


def children():
    """Return the processes that this one started to work, and that still live."""
    found = psutil.Process().children(recursive=True)
    return {one.pid: one for one in found if "resource_tracker" not in " ".join(one.cmdline())}


def kill_one(before, killed):
    """Return a progress that kills a worker as soon as something is done."""

    def progress(paths):
        if not killed:
            one = next(one for pid, one in children().items() if pid not in before)
            one.send_signal(signal.SIGKILL)
            killed.append(one)

    return progress


# -- cutting the work


@pytest.mark.parametrize("workers", [1, 3, 40])
def test_every_replicate_is_in_one_piece(files, large, workers):
    runs = [*(run_of(file) for file in files), large]
    tasks = tasks_of(runs, workers)
    for place, run in enumerate(runs):
        mine = sorted(task for task in tasks if task.run == place)
        assert [replicate for t in mine for replicate in range(t.first, t.stop)] == list(range(run.draws.replicates))
        assert sum(task.paths for task in mine) == run.draws.paths


def test_a_small_run_is_one_piece_and_a_large_one_several(files, large):
    small = run_of(files[0])
    pieces = [task.run for task in tasks_of([small, large], 2)]
    assert pieces.count(0) == 1
    assert pieces.count(1) >= 8


def test_two_workers_get_about_as_much_each(files):
    runs = [run_of(file, paths) for file in files for paths in (200_000, 20_000, 60_000)]
    cost = [cluster_cost(run) for run in runs]
    busy = [0.0, 0.0]
    for task in tasks_of(runs, 2):  # whoever is free takes the next
        busy[busy.index(min(busy))] += cost[task.run] * task.paths
    assert max(busy) <= sum(busy) / 2 * (1 + 1 / EACH)


def cluster_cost(run):
    contract = run.worked.contract
    return run.draws.columns + len(contract.rules) * len(contract.periods) * len(contract.cohorts)


def test_replicates_without_paths_are_left_out(files):
    run = run_of(files[0], 5)
    (task,) = tasks_of([run], 4)
    assert task == Task(0, 0, 5, 5)
    parts = work(pickle.dumps(run), task.first, task.stop, versions())
    assert said([run.put_together(parts)]) == said([run.risk()])


@pytest.mark.parametrize(("workers", "block"), [(1, 900), (7, BLOCK)])
def test_pieces_come_to_the_same_bits_whatever_their_size(files, expected, workers, block):
    runs = [run_of(file, None, block) for file in files]
    send = sending(runs)
    for place, run in enumerate(runs):
        edges = sorted({run.draws.replicates * piece // workers for piece in range(workers + 1)})
        parts = [part for first, stop in pairwise(edges) for part in work(send(place), first, stop, versions())]
        assert said([run.put_together(parts)]) == expected[place]


def test_threads_make_no_difference(large, whole):
    assert said([large.put_together(list(large.parts(threads=1)))]) == whole
    assert said([large.put_together(list(large.parts(threads=3)))]) == whole


# -- sending it


def test_a_run_is_worked_out_where_its_files_are_not(files, expected, tmp_path):
    folder = tmp_path / "gone"
    shutil.copytree(files[0].parent, folder)
    runs = [run_of(folder / file.name) for file in files]
    send = sending(runs)
    sent = [send(place) for place in range(len(runs))]
    shutil.rmtree(folder)
    for place, run in enumerate(runs):
        assert said([run.put_together(work(sent[place], 0, 16, versions()))]) == expected[place]


def test_what_is_sent_is_small_though_tables_were_made(files, large, whole):
    for file in files:
        run = run_of(file)
        run.risk()
        assert len(pickle.dumps(run)) < 400_000
    assert len(pickle.dumps(large)) < 400_000  # its tables are many times as large


@pytest.mark.parametrize("spec", sorted(path.stem for path in (ROOT / "contract_specs").glob("*.yaml")))
def test_every_contract_pays_the_same_once_it_was_sent(spec):
    contract = load(ROOT / "contract_specs" / f"{spec}.yaml")
    again = pickle.loads(pickle.dumps(contract))
    outcome = run_examples(again)
    assert (outcome.passed, outcome.failed) == (len(contract.spec.examples), 0)


# -- processes on this machine


def test_processes_come_to_the_same_bits_though_one_is_killed(files, expected, large, whole):
    before, killed, done = children(), [], []
    kill = kill_one(before, killed)

    def progress(paths):
        done.append(paths)
        kill(paths)

    runs = [run_of(file) for file in files]
    risks = work_out([*runs, large], workers=2, progress=progress)
    assert [said([risk]) for risk in risks] == [*expected, whole]
    assert sum(done) == sum(run.draws.paths for run in [*runs, large])
    assert len(killed) == 1
    assert not killed[0].is_running()
    assert children().keys() == before.keys()


class Deadly:
    """Ends the process that looks at it."""

    def __reduce__(self):
        return os._exit, (9,)


def test_work_of_which_every_process_dies_is_given_up(monkeypatch):
    monkeypatch.setattr(processes, "DEATHS", 1)
    before = children()
    with pytest.raises(Refused, match="--workers: processes that work on this end before they are done, again and"):
        list(in_processes([Task(0, 0, 1, 1)], lambda _: pickle.dumps(Deadly()), 2))
    assert children().keys() == before.keys()


def test_workers_have_one_thread_and_leave_the_environment_as_it_was(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    before = dict(os.environ)
    with processes.environment():
        seen = dict(os.environ)
    assert {seen[name] for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")} == {"1"}
    assert dict(os.environ) == before


# -- Dask


def test_dask_comes_to_the_same_bits_though_a_worker_is_killed(files, expected, large, whole):
    before, killed = children(), []
    environment = {name: value for name, value in os.environ.items() if "DASK" not in name}
    runs = [*(run_of(file) for file in files), large]
    risks = work_out(runs, cluster="local", workers=2, progress=kill_one(before, killed))
    assert [said([risk]) for risk in risks] == [*expected, whole]
    assert len(killed) == 1
    assert not killed[0].is_running()
    assert children().keys() == before.keys()
    left = {name: value for name, value in os.environ.items() if "DASK" not in name}
    assert left == environment


def test_a_scheduler_that_runs_already_comes_to_the_same_bits(two, files, expected):
    done = []
    risks = work_out([run_of(file) for file in files], two.scheduler_address, progress=done.append)
    assert [said([risk]) for risk in risks] == expected
    assert len(done) == len(files)


def test_workers_can_be_reached_from_this_machine_only(two):
    listening = [
        connection.laddr.ip
        for one in (psutil.Process(), *children().values())
        for connection in one.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 3
    assert set(listening) == {"127.0.0.1"}


def test_work_of_which_every_worker_dies_is_given_up(files, monkeypatch):
    monkeypatch.setattr(cluster, "sending", lambda runs: lambda place: pickle.dumps(Deadly()))
    with (
        config.set({"distributed.scheduler.allowed-failures": 0}),
        pytest.raises(Refused, match="--cluster: processes that work on this end before they are done, again and"),
    ):
        work_out([run_of(files[0])], cluster="local", workers=1)


def test_a_scheduler_that_does_not_answer_is_refused(files, monkeypatch):
    monkeypatch.setattr(cluster, "ANSWERS", 1)
    run = run_of(files[0])
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the call, and says nothing
        port = silent.getsockname()[1]
        start = time.monotonic()
        with pytest.raises(Refused, match=f"--cluster: no scheduler answers at tcp://127.0.0.1:{port} within 1 sec"):
            work_out([run], f"tcp://127.0.0.1:{port}")
    with pytest.raises(Refused, match="look whether it runs and can be reached, or say --cluster local"):
        work_out([run], f"tcp://127.0.0.1:{port}")  # where nobody is by now
    assert time.monotonic() - start < 15


@contextmanager
def alone(what, *words, path=""):
    """Start a Dask program that is no child of these tests' Python, and end it."""
    command = [sys.executable, "-P", "-m", f"distributed.cli.{what}", *words, "--host", "127.0.0.1", "--no-dashboard"]
    environment = {**os.environ, "PYTHONPATH": path or os.pathsep.join(sys.path)}
    started = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield started
    finally:
        started.kill()
        started.wait(20)


def test_a_scheduler_that_goes_away_is_told_without_a_traceback(large, capfd):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    words = ("--port", str(port), "--dashboard-address", "127.0.0.1:0")
    with alone("dask_scheduler", *words) as scheduler, alone("dask_worker", address, "--no-nanny", "--nthreads", "1"):
        with Client(address, timeout=30, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=30)
        with pytest.raises(Refused, match=f"--cluster: the connection to the scheduler at {address} broke off"):
            work_out([large], address, progress=lambda _: scheduler.kill())
    assert capfd.readouterr() == ("", "")


def test_a_scheduler_without_workers_is_refused(nobody, files):
    address = nobody.scheduler_address
    with pytest.raises(Refused, match=f"--cluster: the scheduler at {address} has no workers; start some: dask worker"):
        work_out([run_of(files[0])], address)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("__path__.append({real!r})", "has payfs 0.0.1, and this machine has {mine}"),
        ("", "has no payfs that knows of this work, and this machine has {mine}"),
    ],
    ids=["another", "too old"],
)
def test_a_worker_with_another_version_is_refused(nobody, files, tmp_path, code, said):
    package = tmp_path / "payfs"
    package.mkdir()
    code = '__version__ = "0.0.1"\n' + code.format(real=str(ROOT / "payfs"))
    (package / "__init__.py").write_text(code, encoding="utf-8")
    with alone("dask_worker", nobody.scheduler_address, "--no-nanny", "--nthreads", "1", path=str(tmp_path)):
        nobody.sync(_arrived, nobody.scheduler, 1)
        with pytest.raises(Refused) as refused:
            work_out([run_of(files[0])], nobody.scheduler_address)
    nobody.sync(_arrived, nobody.scheduler, 0)
    (finding,) = refused.value.findings
    mine = versions()["payfs"]
    assert said.format(mine=mine) in finding.what
    assert f"install payfs {mine} there" in finding.remedy


async def _arrived(scheduler, number):
    limit = time.monotonic() + 30
    while len(scheduler.workers) != number:
        assert time.monotonic() < limit
        await asyncio.sleep(0.02)


def test_a_worker_that_comes_later_looks_at_the_versions_itself(files):
    with pytest.raises(Refused, match="this worker has numpy"):
        work(pickle.dumps(run_of(files[0])), 0, 1, {**versions(), "numpy": "1.0"})


def test_without_dask_it_says_what_to_install(files, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(Refused, match=r'--cluster: Dask is not installed; install it: pip install "payfs\[cluster\]"'):
        work_out([run_of(files[0])], "local")


# -- what is refused before anything is begun


@pytest.mark.parametrize("address", ["nowhere", "http://127.0.0.1:8786", "tcp://127.0.0.1", "tcp://host:0", "tcp://:1"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(Refused, match="is not the address of a scheduler; write local, or an address such as tcp:"):
        work_out([], address)


def test_workers_of_an_existing_scheduler_are_not_counted_here():
    with pytest.raises(Refused, match="the scheduler has workers of its own; leave it out, or say --cluster local"):
        work_out([], "tcp://127.0.0.1:8786", 2)


def test_no_workers_are_refused():
    with pytest.raises(Refused, match="--workers: 0 processes cannot be started; write a number of at least 1"):
        work_out([], workers=0)


def test_all_that_stands_in_the_way_is_told_at_once_and_nothing_is_begun(files, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "in_processes", lambda *_: pytest.fail("it was begun"))
    shutil.copytree(files[0].parent, tmp_path / "faulty")
    for number in (0, 1):
        contract = tmp_path / "faulty" / f"contract-{number}.yaml"
        text = contract.read_text(encoding="utf-8")
        contract.write_text(text.replace(("price: 11", "price: 1400")[number], "price: unknown"), encoding="utf-8")
    runs = [run_of(tmp_path / "faulty" / files[number].name) for number in (0, 1)]
    with pytest.raises(Refused) as refused:
        work_out(runs, workers=2)
    assert {Path(finding.file).name for finding in refused.value.findings} == {"contract-0.yaml", "contract-1.yaml"}


def test_nothing_is_asked_and_nothing_comes():
    assert work_out([], workers=2) == []


# -- Ctrl-C

SCRIPT = """
import sys
from payfs.simulate.cluster import work_out
from payfs.simulate.run import Run
from payfs.simulate.scenario import load_scenario
from payfs.simulate.worked import Worked

if __name__ == "__main__":
    scenario = load_scenario(sys.argv[1])
    run = Run(Worked(scenario), scenario.draws(3_200_000))
    try:
        work_out([run], sys.argv[2] or None, 2, lambda paths: print(paths, flush=True))
    except KeyboardInterrupt:
        sys.exit(130)
"""


@pytest.mark.parametrize("how", ["", "local"])
def test_ctrl_c_ends_it_without_a_traceback_and_leaves_no_process(how, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    command = [sys.executable, "-W", "error", str(script), str(ROOT / "simulations" / "denver-sib.yaml"), how]
    # where the tests run in the background, interrupts are ignored, and what they start would inherit that
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        started = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True
        )
    finally:
        signal.signal(signal.SIGINT, before)
    try:
        assert started.stdout is not None
        assert started.stdout.readline() == "200000\n"  # it is at work, and on the next piece
        family = [psutil.Process(started.pid), *psutil.Process(started.pid).children(recursive=True)]
        assert len(family) >= 3
        start = time.monotonic()
        os.killpg(started.pid, signal.SIGINT)  # as a terminal does: everybody hears it
        _, errors = started.communicate(timeout=20)
        assert started.returncode == 130
        assert errors == ""
        _, left = psutil.wait_procs(family, timeout=5)
        assert not left
        assert time.monotonic() - start < 15
    finally:
        if started.poll() is None:
            os.killpg(started.pid, signal.SIGKILL)


def test_processes_end_when_the_one_that_started_them_is_killed(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    command = [sys.executable, str(script), str(ROOT / "simulations" / "denver-sib.yaml"), ""]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert started.stdout is not None
    assert started.stdout.readline() == "200000\n"
    family = psutil.Process(started.pid).children(recursive=True)
    assert len(family) >= 2
    started.kill()
    started.communicate(timeout=20)
    _, left = psutil.wait_procs(family, timeout=10)
    assert not left


class Answers:
    """A client whose workers give these answers."""

    def __init__(self, **told):
        self.told = told

    def nthreads(self):
        return dict.fromkeys(self.told, 1)

    def run(self, function, workers, on_error):
        assert (function, on_error) == (versions, "return")
        (worker,) = workers
        if self.told[worker] is None:  # it is stopped, and would never answer
            time.sleep(60)
        return {worker: self.told[worker]}


def test_a_worker_that_dies_while_versions_are_looked_at_is_left_out():
    cluster._check_workers(Answers(here=versions(), gone=OSError("in <TCP (closed)>")), "tcp://a:1")
    with pytest.raises(Refused, match="--cluster: the scheduler at tcp://a:1 has no workers; start some"):
        cluster._check_workers(Answers(gone=OSError("in <TCP (closed)>")), "tcp://a:1")


def test_a_worker_that_is_there_and_does_not_answer_is_named(monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    begun = time.monotonic()
    with pytest.raises(Refused) as refused:
        cluster._check_workers(Answers(here=versions(), stopped=None, old={**versions(), "payfs": "0.0"}), "tcp://a:1")
    assert time.monotonic() - begun < 10
    silent, other = refused.value.findings
    assert silent.what == "--cluster: the worker stopped does not answer within 1 seconds"
    assert silent.remedy == "look whether it still runs; end it, or start it anew"
    assert "the worker old has payfs 0.0" in other.what


def test_workers_that_die_before_they_have_begun_are_told_without_a_traceback(files, monkeypatch):
    def fails(**_):
        raise RuntimeError("Nanny failed to start.")

    monkeypatch.setattr("distributed.LocalCluster", fails)
    with pytest.raises(Refused, match="--cluster: 2 workers could not be started on this machine; look whether"):
        work_out([run_of(files[0])], "local", 2)
