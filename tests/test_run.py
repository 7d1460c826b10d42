"""A run comes to the same bits however it is cut up, and works out no more than is asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Barrier, get_ident

import numpy as np
import pytest
from made_scenarios import written

from payfs.simulate import run as runs
from payfs.simulate.draws import Draws
from payfs.simulate.run import Run
from payfs.simulate.scenario import find_scenario, load_scenario
from payfs.simulate.worked import TOTAL, Worked

BENCHMARKS = Path(__file__).parent / "benchmarks"

# a chance that nobody knows and that all share, results that go together, payments that come late, a cut in two of them
UNCERTAIN = """
scenario: homes
contract: homes.yaml
paths: 1,000
seed: 7
metrics:
  homes: {people: 120, chance: between 60% and 90%}
  fall:
    value: {normal: {mean: 15%, sd: 6%}}
    evaluation: {design: randomised, treated: 200, control: 200, spread: 60%, target: 10%}
correlation: [{between: [chance of homes, fall], rank: 0.4}]
delays: {city: {days: {discrete: {0: 60%, 40: 20%, 90: 20%}}}}
"""


def whole(run: Run, threads: int = 1) -> dict[str, np.ndarray]:
    """Every outcome of a run, by label."""
    found = [outcomes for _, outcomes in run.outcomes(range(run.draws.replicates), threads)]
    return {label: np.concatenate([one[label] for one in found]) for label in found[0]}


@pytest.fixture(params=["uncertain", "denver-like", "denver-sib"])
def worked(request: pytest.FixtureRequest, tmp_path: Path) -> Worked:
    file = {
        "uncertain": lambda: written(tmp_path, UNCERTAIN),
        "denver-like": lambda: BENCHMARKS / "denver-like-scenario.yaml",
        "denver-sib": lambda: find_scenario("denver-sib"),
    }[request.param]()
    return Worked(load_scenario(file))


def test_the_same_bits_come_out_whatever_the_size_of_the_blocks(worked: Worked, monkeypatch) -> None:
    draws = worked.scenario.draws(paths=211)
    monkeypatch.setattr(Run, "size", property(lambda run: run.block))  # the least of 64 paths is about memory only
    expected = whole(Run(worked, draws, 211))
    assert len(expected[TOTAL]) == 211
    for block, threads in ((1, 1), (7, 3), (64, 1), (101, 3), (106, 1)):
        found = whole(Run(worked, draws, block), threads)
        assert found.keys() == expected.keys()
        for label, values in expected.items():
            assert found[label].tobytes() == values.tobytes(), (block, threads, label)


@pytest.mark.parametrize(("threads", "at_once"), [(1, 1), (2, 2)])
def test_blocks_are_worked_out_side_by_side_where_that_is_asked_for(threads, at_once, monkeypatch) -> None:
    worked, at_work = Worked(load_scenario(BENCHMARKS / "denver-like-scenario.yaml")), list[int]()
    evaluate, together = Worked.evaluate, Barrier(at_once)

    def watched(self: Worked, uniforms: np.ndarray) -> dict[str, np.ndarray]:
        at_work.append(get_ident())
        together.wait(60)  # nobody comes through alone
        return evaluate(self, uniforms)

    monkeypatch.setattr(Worked, "evaluate", watched)
    found = whole(Run(worked, worked.scenario.draws(paths=128), 64), threads)
    assert len(found[TOTAL]) == 128
    assert len(at_work) == 2
    assert len(set(at_work)) == at_once


def test_so_do_the_figures_and_their_errors(worked: Worked) -> None:
    draws = worked.scenario.draws(paths=211)
    expected, found = (Run(worked, draws, block).risk() for block in (50_000, 67))
    assert found.enough == expected.enough
    for label, one in expected.labels.items():
        assert found[label].grid.tobytes() == one.grid.tobytes()
        assert repr(found[label].figures) == repr(one.figures)


def test_blocks_follow_each_other_and_are_of_the_same_size(worked: Worked) -> None:
    run = Run(worked, worked.scenario.draws(paths=1_000), 300)
    blocks = list(run.blocks(range(16)))
    assert blocks == [(0, 250), (250, 500), (500, 750), (750, 1_000)]


def test_the_more_a_contract_has_to_lay_out_the_fewer_paths_a_block_has(worked: Worked) -> None:
    frame = worked.contract.frame
    run = Run(worked, worked.scenario.draws(paths=10**6))
    cells = len(frame.cohorts) * len(frame.periods)
    assert run.size == min(runs.BLOCK, runs.FIGURES // cells)
    many = Run(worked, Draws(1, 2**20, 100))
    assert many.size == 64


def test_what_is_asked_for_is_what_it_would_be_among_all(worked: Worked) -> None:
    draws = worked.scenario.draws(paths=300)
    everything = whole(Run(worked, draws))
    for label in everything:
        found = whole(Run(replace(worked, wanted=frozenset({label})), draws))
        assert found.keys() == {TOTAL, label}
        assert all(found[name].tobytes() == everything[name].tobytes() for name in found)


def test_a_stack_that_nobody_asks_about_is_not_poured(tmp_path: Path, monkeypatch) -> None:
    worked = Worked(load_scenario(written(tmp_path, UNCERTAIN)), frozenset({"fiscal year 2022/23"}))
    monkeypatch.setattr(Worked, "_returns", None)
    found = whole(Run(worked, worked.scenario.draws(paths=64)))
    assert set(found) == {TOTAL, "fiscal year 2022/23"}
