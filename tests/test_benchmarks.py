"""The benchmarks run, and print what they say they print."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ENGINE = Path(__file__).parent / "benchmarks" / "engine.py"


@pytest.fixture(scope="module")
def figures() -> list[dict[str, object]]:
    """Run the engine's benchmark at a tiny size, in which every payment is compared with the one worked out by hand."""
    line = [sys.executable, str(ENGINE), "--json", "--quick"]
    done = subprocess.run(line, check=True, capture_output=True, text=True, timeout=120)
    read: list[dict[str, object]] = json.loads(done.stdout)
    return read


def test_every_figure_has_a_name_a_value_a_unit_and_a_target(figures: list[dict[str, object]]) -> None:
    for figure in figures:
        assert list(figure) == ["name", "value", "unit", "target", "runs"]
        assert isinstance(figure["value"], float)
        assert figure["value"] > 0
        assert figure["target"] is None or isinstance(figure["target"], int | float)
    assert len({figure["name"] for figure in figures}) == len(figures)


def test_the_benchmark_of_claims_measures_what_has_a_target() -> None:
    line = [sys.executable, str(ENGINE.with_name("claims.py")), "--json", "--quick"]
    done = subprocess.run(line, check=True, capture_output=True, text=True, timeout=120)
    aimed = [(figure["unit"], figure["target"]) for figure in json.loads(done.stdout) if figure["target"] is not None]
    assert aimed == [("s", 15), ("MB", 2000)] * 4


def test_the_benchmark_of_returns_measures_what_has_a_target() -> None:
    line = [sys.executable, str(ENGINE.with_name("returns.py")), "--json", "--quick"]
    done = subprocess.run(line, check=True, capture_output=True, text=True, timeout=120)
    aimed = [(figure["unit"], figure["target"]) for figure in json.loads(done.stdout) if figure["target"] is not None]
    assert aimed == [("s", 3), ("MB", 1000)]


def test_the_benchmark_of_a_portfolio_measures_what_has_a_target() -> None:
    line = [sys.executable, str(ENGINE.with_name("portfolio.py")), "--json", "--quick"]
    done = subprocess.run(line, check=True, capture_output=True, text=True, timeout=120)
    assert [(figure["unit"], figure["target"]) for figure in json.loads(done.stdout)] == [("times", 1.7)]


def test_all_that_has_a_target_is_measured(figures: list[dict[str, object]]) -> None:
    aimed = [(figure["unit"], figure["target"]) for figure in figures if figure["target"] is not None]
    assert aimed == [("ms", 5), ("s", 2), ("s", 0.4), ("times", 1.5), ("MB", 1000)]


def test_both_limits_cut_some_of_the_paths_but_not_all(figures: list[dict[str, object]]) -> None:
    cut = [figure["value"] for figure in figures if figure["unit"] == "%"]
    assert len(cut) == 2
    assert all(isinstance(share, float) and 1 < share < 50 for share in cut)


def test_the_benchmark_of_the_simulation_measures_what_has_a_target_on_the_same_distribution() -> None:
    line = [sys.executable, str(ENGINE.with_name("simulate.py")), "--json", "--quick"]
    done = subprocess.run(line, check=True, capture_output=True, text=True, timeout=300)
    figures = json.loads(done.stdout)
    aimed = [figure["target"] for figure in figures if figure["target"] is not None]
    others = [target for name, target in (("monaco", 0.01), ("squigglepy", 0.02)) if find_spec(name) is not None]
    assert aimed[: 6 + len(others)] == [1.2, 0.1, *others, 1, 1, 1, 1]
    assert aimed[6 + len(others) :][:3] == [1, 1.1, 500]
    same = [figure["value"] for figure in figures if "critical value" in figure["name"]]
    assert len(same) == 4
    assert max(same) < 1
    assert next(figure["value"] for figure in figures if figure["target"] == 500) < 500


def test_the_benchmark_of_the_ledger_measures_what_has_a_target_on_both_databases() -> None:
    line = [sys.executable, str(ENGINE.with_name("ledger.py")), "--json", "--quick"]
    done = subprocess.run(line, check=True, capture_output=True, text=True, timeout=300)
    figures = json.loads(done.stdout)
    aimed = [(figure["unit"], figure["target"]) for figure in figures if figure["target"] is not None]
    assert aimed == [("ms", 50), ("s", 30)] * 2
    assert [figure["name"].rsplit(", ", 1)[1] for figure in figures if figure["target"] is not None] == [
        "SQLite", "SQLite", "PostgreSQL", "PostgreSQL"
    ]  # fmt: skip


def test_the_benchmark_of_the_application_measures_from_the_click_to_the_chart() -> None:
    line = [sys.executable, str(ENGINE.with_name("app.py")), "--json", "--quick", "simulate"]
    done = subprocess.run(line, check=True, capture_output=True, text=True, timeout=300)
    (figure,) = json.loads(done.stdout)
    assert figure["name"] == "2,000 Denver paths, from click to chart"
    assert (figure["unit"], figure["target"]) == ("s", 3)
    assert figure["value"] > 0
