"""What replicates come to together: figures of all paths, and errors that are honest."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from payfs.simulate.draws import Draws
from payfs.simulate.risk import Risk, gathered, tell


def risk_of(values: np.ndarray, draws: Draws) -> Risk:
    """Sum up values of all paths of a run."""
    parts = [values[slice(r.start, r.stop)] for r in map(draws.paths_of, range(draws.replicates))]
    return gathered([{"x": tell(part)} for part in parts], len(values), [])


def lognormal(paths: int, seed: int, how: str = "sobol") -> tuple[np.ndarray, Draws]:
    draws = Draws(seed, 1, paths, 16, how)  # type: ignore[arg-type]
    return stats.lognorm(s=0.8).ppf(draws.between(0, paths)[0]), draws


@pytest.mark.parametrize("paths", [320, 1000, 15_000])
def test_percentiles_and_means_of_tails_of_small_runs_are_those_of_all_paths(paths):
    values, draws = lognormal(paths, 3, "random")
    figures = risk_of(values, draws)["x"].figures
    ordered = np.sort(values)
    for percent in (1, 5, 50, 80, 95, 99):
        assert figures[f"p{percent}"].value == ordered[int(np.ceil(percent / 100 * paths)) - 1]
    assert figures["least"].value == ordered[0]
    assert figures["most"].value == ordered[-1]
    many = 0.05 * paths
    worst = ordered[-int(many) :].sum() + (many - int(many)) * ordered[-int(many) - 1]
    assert figures["cvar95"].value == pytest.approx(worst / many, rel=1e-12)
    assert figures["sd"].value == pytest.approx(ordered.std(ddof=1), rel=1e-12)


@pytest.mark.parametrize("how", ["sobol", "random"])
def test_percentiles_of_large_runs_lie_within_their_errors_of_what_is_true(how):
    true, off = stats.lognorm(s=0.8), []
    for seed in range(12):
        figures = risk_of(*lognormal(32_000, seed, how))["x"].figures
        for percent in (5, 20, 50, 80, 95, 99):
            figure = figures[f"p{percent}"]
            off.append((figure.value - true.ppf(percent / 100)) / figure.error)
    assert abs(np.mean(off)) < 0.5  # neither too low nor too high
    if how == "random":  # points of one column fill it so evenly that their error is far below that of one path
        assert np.mean(np.abs(off) < 2) > 0.85


def test_a_percentile_is_an_amount_that_some_path_comes_to():
    # a coin decides between 0 and 100, with a chance at which replicates differ over the median
    draws = Draws(1, 1, 40_000, 16, "random")
    values = np.where(draws.between(0, 40_000)[0] < 0.5, 0, 100)
    assert risk_of(values, draws)["x"].figures["p50"].value in (0, 100)


def test_rates_that_are_not_there_are_left_out_and_counted():
    draws = Draws(1, 1, 160, 16)
    values = np.where(np.arange(160) % 4 == 0, np.nan, 0.05)
    figures = risk_of(values, draws)["x"].figures
    assert figures["none"].value == pytest.approx(0.25, abs=0.06)
    assert figures["p50"].value == 0.05


def test_the_least_and_the_most_are_seen_and_have_no_standard_error():
    figures = risk_of(*lognormal(1000, 3, "random"))["x"].figures
    assert [name for name, figure in figures.items() if np.isnan(figure.error)] == ["least", "most"]
