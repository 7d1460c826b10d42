"""Sensitivity: indices that are known, errors that are honest, and what happens where there is nothing to tell."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.special import ndtri

from payfs.simulate import sensitivity
from payfs.simulate.correlation import Pair, correlate, matrix_of
from payfs.simulate.draws import Draws
from payfs.simulate.model import Input
from payfs.simulate.sensitivity import rank_correlations, sobol_indices, tornado


@dataclass
class Toy:
    """A model of one line."""

    columns: int
    work: Callable
    inputs: tuple[Input, ...] = ()
    most: int = 0

    def __post_init__(self):
        self.inputs = self.inputs or tuple(Input(f"x{column}", (column,)) for column in range(self.columns))

    def evaluate(self, uniforms):
        assert len(uniforms) == self.columns
        self.most = max(self.most, uniforms.shape[1])
        worked = self.work(uniforms)
        return worked if isinstance(worked, dict) else {"total": worked}


def ishigami(u):
    """T. Ishigami and T. Homma, "An importance quantification technique in uncertainty analysis", 1990."""
    x = np.pi * (2 * u - 1)
    return np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])


ISHIGAMI_VARIANCE = 7**2 / 8 + 0.1 * np.pi**4 / 5 + 0.1**2 * np.pi**8 / 18 + 1 / 2
ISHIGAMI = {
    "x0": ((1 + 0.1 * np.pi**4 / 5) ** 2 / 2, (1 + 0.1 * np.pi**4 / 5) ** 2 / 2 + 8 * 0.1**2 * np.pi**8 / 225),
    "x1": (7**2 / 8, 7**2 / 8),
    "x2": (0, 8 * 0.1**2 * np.pi**8 / 225),
}
WEIGHTS = np.array([0, 1, 4.5, 9, 99])


def g_function(u):
    """The g-function of A. Saltelli and I. M. Sobol', "About the use of rank transformation ...", 1995."""
    return ((np.abs(4 * u - 2) + WEIGHTS[:, None]) / (1 + WEIGHTS[:, None])).prod(axis=0)


def linear(u):
    return 10 * ndtri(u[0]) - 30 * ndtri(u[1]) + 2 * ndtri(u[2])


def near(estimate, truth, most):
    """Whether an estimate is within four standard errors, and those are no excuse."""
    return abs(estimate.value - truth) < 4 * estimate.error < most


@pytest.mark.parametrize(("how", "most"), [("sobol", 0.03), ("random", 0.12)])
def test_indices_of_the_ishigami_function_are_those_that_are_known(how, most):
    found = sobol_indices(Toy(3, ishigami), ["total"], Draws(11, 3, 2**15, 16, how))["total"]
    assert [one.input for one in found] == ["x0", "x1", "x2"]  # by their total indices
    for one in found:
        first, total = ISHIGAMI[one.input]
        assert near(one.first, first / ISHIGAMI_VARIANCE, most)
        assert near(one.total, total / ISHIGAMI_VARIANCE, most)


@pytest.mark.parametrize("groups", [((0,), (1,), (2,), (3,), (4,)), ((1, 2), (0, 3), (4,))])
def test_indices_of_the_g_function_are_those_that_are_known_for_single_columns_and_for_groups(groups):
    parts = 1 / (3 * (1 + WEIGHTS) ** 2)
    variance = (1 + parts).prod() - 1
    model = Toy(5, g_function, tuple(Input(str(group), group) for group in groups))
    found = sobol_indices(model, ["total"], Draws(12, 5, 2**15, 16))["total"]
    assert len(found) == len(groups)
    for group in groups:
        one = next(one for one in found if one.input == str(group))
        own = (1 + parts[list(group)]).prod() - 1
        others = (1 + parts).prod() / (1 + own)
        assert near(one.first, own / variance, 0.05)
        assert near(one.total, own * others / variance, 0.03)


def test_standard_errors_are_as_large_as_the_errors():
    truth = [part / ISHIGAMI_VARIANCE for name in ("x0", "x1", "x2") for part in ISHIGAMI[name]]
    away, errors = [], []
    for seed in range(60):
        found = sobol_indices(Toy(3, ishigami), ["total"], Draws(seed, 3, 1024, 16, "random"))["total"]
        estimates = [part for one in sorted(found) for part in (one.first, one.total)]
        away.append([one.value - true for one, true in zip(estimates, truth, strict=True)])
        errors.append([one.error for one in estimates])
    # 60 runs tell a spread to about 9%, and 16 replicates an error to 18%, of which the mean is taken
    ratio = np.sqrt((np.array(errors) ** 2).mean(axis=0)) / np.sqrt((np.array(away) ** 2).mean(axis=0))
    assert (ratio > 0.7).all()
    assert (ratio < 1.4).all()
    assert np.abs(np.mean(away, axis=0) / np.mean(errors, axis=0)).max() < 4 / np.sqrt(60)


def test_errors_of_means_and_rank_correlations_are_as_large_as_the_errors():
    ends, ranks = [], []
    for seed in range(60):
        draws = Draws(seed, 3, 800, 16, "random")
        swing = next(one for one in tornado(Toy(3, linear), ["total"], draws)["total"] if one.input == "x2")
        ends.append((swing.low.value - 2 * ndtri(0.1), swing.low.error))
        ranked = rank_correlations(Toy(3, linear), ["total"], draws)["total"]
        one = next(one for one in ranked if one.input == "x0")
        ranks.append((one.correlation.value - 6 / np.pi * np.arcsin(10 / np.sqrt(1004) / 2), one.correlation.error))
    for pairs in ends, ranks:
        away, error = np.array(pairs).T
        assert 0.75 < np.sqrt((error**2).mean()) / np.sqrt((away**2).mean()) < 1.35


def test_a_tornado_holds_an_input_at_its_10th_and_90th_percentile_with_all_others_as_before():
    found = tornado(Toy(3, linear), ["total"], Draws(5, 3, 4096, 16, "random"))["total"]
    assert [one.input for one in found] == ["x1", "x0", "x2"]  # the widest first, whichever way it goes
    for one in found:
        slope = {"x0": 10, "x1": -30, "x2": 2}[one.input]
        assert one.swing.value == pytest.approx(2 * slope * ndtri(0.9), rel=1e-9)
        assert one.swing.error < 1e-9 < one.low.error  # the others are the same, so that the difference has no error
        assert near(one.low, slope * ndtri(0.1), 3)
        assert near(one.high, slope * ndtri(0.9), 3)
        assert one.without == 0


def test_all_columns_of_an_input_are_held_at_once():
    model = Toy(3, linear, (Input("effect", (0, 2)), Input("cost", (1,))))
    found = {one.input: one for one in tornado(model, ["total"], Draws(5, 3, 512))["total"]}
    assert found["effect"].swing.value == pytest.approx(24 * ndtri(0.9))
    ranked = rank_correlations(model, ["total"], Draws(5, 3, 2**14))["total"]
    assert [one.input for one in ranked] == ["cost", "effect"]
    # the mean of the scores of 0 and 2 has the correlation 12 / sqrt(2 * 1004) with the total
    assert near(ranked[1].correlation, 6 / np.pi * np.arcsin(12 / np.sqrt(2008) / 2), 0.02)
    assert near(ranked[0].correlation, -6 / np.pi * np.arcsin(30 / np.sqrt(1004) / 2), 0.02)


def test_what_only_rises_or_falls_has_the_rank_correlation_1_or_minus_1():
    model = Toy(1, lambda u: {"up": np.exp(9 * u[0]), "down": (-(10**6) * u[0]).astype(np.int64)})
    found = rank_correlations(model, ["up", "down"], Draws(1, 1, 1000))
    assert found["up"][0].correlation.value == pytest.approx(1)
    assert found["down"][0].correlation.value == pytest.approx(-1)


def test_a_model_may_return_its_uniforms_themselves():
    found = tornado(Toy(2, lambda u: u[0]), ["total"], Draws(1, 2, 64))["total"]
    assert (found[0].low.value, found[0].high.value) == pytest.approx((0.1, 0.9), abs=1e-15)
    assert found[1].swing.value == 0


def test_of_correlated_inputs_the_first_moves_the_others_and_a_later_one_only_what_is_left():
    matrix = matrix_of(["a", "b"], [Pair("a", "b", 6 / np.pi * np.arcsin(0.6 / 2))])  # 0.6 between the normals
    model = Toy(2, lambda u: ndtri(correlate(u, matrix)[1]))
    found = sobol_indices(model, ["total"], Draws(3, 2, 2**14))["total"]
    assert [one.input for one in found] == ["x1", "x0"]
    assert near(found[0].first, 0.64, 0.02)
    assert near(found[1].first, 0.36, 0.02)
    swings = {one.input: one.swing.value for one in tornado(model, ["total"], Draws(3, 2, 2**10))["total"]}
    assert swings == pytest.approx({"x0": 2 * 0.6 * ndtri(0.9), "x1": 2 * 0.8 * ndtri(0.9)})


def test_an_event_counts_as_one_where_it_happens():
    model = Toy(2, lambda u: {"nothing is paid": u[0] + u[1] < 0.5})
    draws = Draws(7, 2, 2**14)
    low = tornado(model, ["nothing is paid"], draws)["nothing is paid"][0]
    assert near(low.low, 0.4, 0.01)
    assert near(low.swing, -0.4, 0.01)
    assert low.high == (0, 0)
    for one in sobol_indices(model, ["nothing is paid"], draws)["nothing is paid"]:
        # E[P(happens | x)^2] is the integral of (1/2 - x)^2 to 1/2, 1/24, and its chance is 1/8
        assert near(one.first, (1 / 24 - 1 / 64) / (1 / 8 - 1 / 64), 0.05)


def test_an_amount_of_many_digits_loses_none():
    model = Toy(2, lambda u: 900_000_000_000_000 + (100 * u[0] + 10 * u[1]).astype(np.int64))
    found = sobol_indices(model, ["total"], Draws(3, 2, 2**13))["total"]
    assert found[0].first.value == pytest.approx(100 / 101, abs=0.002)
    swing = tornado(model, ["total"], Draws(3, 2, 2**13))["total"][0]
    assert swing.swing.value == pytest.approx(80, abs=0.5)
    assert swing.low.value == pytest.approx(900_000_000_000_014.5, abs=0.5)


def test_a_result_that_is_always_the_same_has_no_variance_to_share_and_no_swing():
    model = Toy(2, lambda u: {"total": np.full(u.shape[1], 1_142_000_001), "rate": np.full(u.shape[1], 0.1)})
    draws = Draws(1, 2, 1000, 7)
    for label in "total", "rate":
        for one in sobol_indices(model, [label], draws)[label]:
            assert np.isnan([*one.first, *one.total]).all()
        for ranked in rank_correlations(model, [label], draws)[label]:
            assert np.isnan(ranked.correlation).all()
        for swing in tornado(model, [label], draws)[label]:
            assert (swing.swing, swing.low.error) == ((0, 0), 0)


def test_paths_without_a_rate_are_left_out_and_told_and_make_indices_nan():
    def work(u):
        return {
            "senior IRR": np.where(u[0] < 0.25, np.nan, u[1]),
            "total": u[1],
            "inf": np.where(u[0] < 0.25, np.inf, 1),
        }

    model, draws = Toy(2, work), Draws(2, 2, 2**12)
    swings = {one.input: one for one in tornado(model, ["senior IRR"], draws)["senior IRR"]}
    assert np.isnan(swings["x0"].low).all()  # with x0 low, no path has a rate
    assert swings["x0"].without == 0.5
    assert swings["x0"].high.value == pytest.approx(0.5, abs=1e-3)
    assert swings["x1"].without == pytest.approx(0.25, abs=1e-3)
    assert swings["x1"].swing.value == pytest.approx(0.8)
    assert [one.input for one in tornado(model, ["senior IRR"], draws)["senior IRR"]] == ["x1", "x0"]  # NaN last
    ranked = rank_correlations(model, ["senior IRR", "inf"], draws)
    assert ranked["senior IRR"][0].correlation.value == pytest.approx(1)
    assert abs(ranked["senior IRR"][1].correlation.value) < 0.01
    assert {one.without for one in ranked["inf"]} == {ranked["senior IRR"][0].without}
    for one in sobol_indices(model, ["senior IRR", "total"], draws)["senior IRR"]:
        assert np.isnan([*one.first, *one.total]).all()
    assert sobol_indices(model, ["senior IRR", "total"], draws)["total"][0].first.value == pytest.approx(1, abs=0.01)


def test_a_run_is_cut_into_blocks_and_comes_to_the_same(monkeypatch):
    draws = Draws(9, 3, 3000, 4)
    whole = [work(Toy(3, ishigami), ["total"], draws)["total"] for work in (tornado, rank_correlations, sobol_indices)]
    monkeypatch.setattr(sensitivity, "BLOCK", 100)
    model = Toy(3, ishigami)
    for before, work in zip(whole, (tornado, rank_correlations, sobol_indices), strict=True):
        after = work(model, ["total"], draws)["total"]
        for one, other in zip(before, after, strict=True):
            assert one[0] == other[0]
            assert np.allclose(one[1], other[1], rtol=1e-9, atol=1e-12)
            assert np.allclose(one[2], other[2], rtol=1e-9, atol=1e-12)
    assert model.most == 100


def test_one_replicate_tells_no_error_and_replicates_without_paths_do_not_count():
    assert np.isnan(sobol_indices(Toy(3, ishigami), ["total"], Draws(9, 3, 512, 1))["total"][0].first.error)
    for work in tornado, rank_correlations, sobol_indices:
        few, many = (work(Toy(3, ishigami), ["total"], Draws(9, 3, 6, parts))["total"] for parts in (6, 16))
        assert str(few) == str(many)


def test_a_model_without_inputs_has_nothing_to_tell():
    model = Toy(0, lambda u: np.ones(u.shape[1]))
    for work in tornado, rank_correlations, sobol_indices:
        assert work(model, ["total"], Draws(1, 0, 8, 2)) == {"total": []}


def test_a_result_that_there_is_none_is_refused():
    for work in tornado, rank_correlations, sobol_indices:
        with pytest.raises(ValueError, match=r"^the simulation has no result 'totl'; did you mean 'total'$"):
            work(Toy(3, ishigami), ["totl"], Draws(9, 3, 64))
        with pytest.raises(ValueError, match=r"^the simulation has no result 'senior IRR'; it has total$"):
            work(Toy(3, ishigami), ["senior IRR"], Draws(9, 3, 64))
