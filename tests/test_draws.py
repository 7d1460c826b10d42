"""Uniform numbers: the same bits however a run is cut, evenly spread, and independent between replicates."""

import warnings
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare, kstest, qmc

from payfs.simulate import draws
from payfs.simulate.draws import TABLE, Draws

law = settings(max_examples=60, deadline=None, derandomize=True, database=None)
HOW = ("sobol", "random")

runs = st.builds(
    Draws,
    seed=st.integers(0, 2**200),
    columns=st.integers(0, 5),
    paths=st.integers(1, 300) | st.integers(9_000, 20_000),
    replicates=st.integers(1, 20),
    how=st.sampled_from(HOW),
)


@law
@given(runs, st.data())
def test_the_size_of_a_block_never_changes_a_bit(run, data):
    whole = run.between(0, run.paths)
    cuts = sorted({0, run.paths, *data.draw(st.lists(st.integers(0, run.paths), max_size=5))})
    parts = [run.between(start, stop) for start, stop in pairwise(cuts)]
    assert whole.shape == (run.columns, run.paths)
    assert np.concatenate(parts, axis=1).tobytes() == whole.tobytes()


@law
@given(runs, st.data())
def test_a_path_has_its_own_replicate_and_place(run, data):
    path = data.draw(st.integers(0, run.paths - 1))
    replicate, place = run.replicate_of(path)
    assert run.paths_of(replicate)[place] == path
    alone = run.take(replicate, place, place + 1)
    assert alone.tobytes() == run.between(path, path + 1).tobytes()


@law
@given(runs)
def test_replicates_follow_each_other_and_the_first_have_one_path_more(run):
    parts = [run.paths_of(replicate) for replicate in range(run.replicates)]
    assert [path for part in parts for path in part] == list(range(run.paths))
    sizes = [len(part) for part in parts]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] - sizes[-1] <= 1


@law
@given(runs)
def test_numbers_lie_strictly_between_0_and_1(run):
    u = run.between(0, run.paths)
    assert u.dtype == np.float64
    assert ((u > 0) & (u < 1)).all()


def test_the_least_and_the_greatest_number():
    words = np.array([[0, 2**52 - 1]], dtype=np.uint64) | draws.ONE
    assert draws._uniforms(words).tolist() == [[2.0**-53, 1 - 2.0**-53]]


@pytest.mark.parametrize("how", HOW)
def test_more_columns_or_more_paths_leave_the_others_as_they_are(how):
    small = Draws(7, 3, 160, 16, how).take(5, 2, 9)
    large = Draws(7, 40, 16_000, 16, how).take(5, 2, 9)
    assert large[:3].tobytes() == small.tobytes()


# these bits are a promise: whoever has kept a seed finds the same paths again with a later version
@pytest.mark.parametrize(
    ("how", "bits"),
    [
        ("sobol", ["0x1.0326c7e3ee129p-1", "0x1.17eda897b736ap-2", "0x1.388178183375ep-2", "0x1.7e216ffc3ff60p-6"]),
        ("random", ["0x1.34a73c1dc8afap-2", "0x1.137e536800bd4p-3", "0x1.949c6dae5c2a8p-4", "0x1.54a62fbe4012ep-2"]),
    ],
)
def test_a_seed_draws_the_same_numbers_for_ever(how, bits):
    assert [number.hex() for number in Draws(20_160_101, 2, 64, 4, how).take(3, 9, 11).ravel().tolist()] == bits


@pytest.mark.parametrize("how", HOW)
def test_seeds_replicates_and_columns_draw_different_numbers(how):
    # numpy's SeedSequence would take seed 2**32 for seed 0 in replicate 1 if both came in one list
    drawn = [
        tuple(column)
        for seed in (0, 1, 2**32, 2**32 + 1, 2**64, 3 * 2**128, 10**60)
        for replicate in range(4)
        for column in Draws(seed, 3, 32, 4, how).take(replicate, 0, 8)
    ]
    assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize("places", [1, 2, 64, 1000, 8193])
def test_unscrambled_points_are_those_of_scipy(places):
    depth = (places - 1).bit_length()
    words = np.empty((9, places), dtype=np.uint64)
    directions = draws._directions(9, depth) << np.uint64(22)
    draws._fill_sobol(words, np.full((9, 1), draws.ONE), directions, 0)
    ours = (words ^ draws.ONE) >> np.uint64(22)
    gray = np.arange(2**depth) ^ np.arange(2**depth) >> 1  # scipy's order
    theirs = np.empty((9, 2**depth), dtype=np.uint64)
    theirs[:, gray] = (qmc.Sobol(9, scramble=False).random(2**depth) * 2**30).T
    assert (ours == theirs[:, :places]).all()


@pytest.mark.parametrize("replicate", range(3))
def test_scrambled_points_are_spread_as_evenly_as_sobol_points(replicate):
    u = Draws(11, 20, 3 * 1024, 3).take(replicate, 0, 1024)
    # each column has one point in each 1024th, and so have the first two in each rectangle of that size
    assert (np.sort(np.floor(u * 1024).astype(int), axis=1) == np.arange(1024)).all()
    for bits in range(11):
        cells = np.floor(u[0] * 2**bits) * 2 ** (10 - bits) + np.floor(u[1] * 2 ** (10 - bits))
        assert len(set(cells.tolist())) == 1024


def test_every_bit_of_a_scrambled_point_is_as_often_1_as_0():
    # 400 replicates, the same place: only the scrambling differs; 52 bits, each within 5 standard errors of a half
    u = np.stack([Draws(3, 4, 400 * 8, 400).take(replicate, 5, 6)[:, 0] for replicate in range(400)])
    bits = (u[..., None] * 2.0 ** np.arange(1, 53)).astype(np.int64) & 1
    assert np.abs(bits.mean(axis=(0, 1)) - 0.5).max() < 5 * 0.5 / np.sqrt(1600)


@pytest.mark.parametrize("how", HOW)
def test_numbers_are_uniform(how):
    u = Draws(5, 6, 40_000, 16, how).between(0, 40_000)
    for column in u:
        assert kstest(column, "uniform").pvalue > 0.001
    pairs = np.floor(u[0] * 20) * 20 + np.floor(u[5] * 20)
    assert chisquare(np.bincount(pairs.astype(int), minlength=400)).pvalue > 0.001


def test_a_mean_of_sobol_points_is_much_nearer_than_one_of_random_points():
    def spread(how):
        run = Draws(1, 6, 16 * 1024, 16, how)
        means = [np.prod(0.5 + run.take(replicate, 0, 1024), axis=0).mean() for replicate in range(16)]
        return np.mean(means), np.std(means, ddof=1) / 4

    (even, error), (_, plain) = spread("sobol"), spread("random")
    assert error < plain / 10
    assert abs(even - 1) < 4 * error


def test_columns_beyond_the_table_are_random():
    columns = TABLE + 2
    u = Draws(9, columns, 8, 2).take(1, 0, 4)
    assert u[TABLE:].tobytes() == Draws(9, columns, 8, 2, "random").take(1, 0, 4)[TABLE:].tobytes()
    assert (np.sort(np.floor(u[:TABLE] * 4), axis=1) == np.arange(4)).all()


@pytest.mark.parametrize("how", HOW)
def test_no_paths_and_no_columns_are_empty(how):
    assert Draws(1, 3, 10, 4, how).take(0, 2, 2).shape == (3, 0)
    assert Draws(1, 0, 10, 4, how).between(1, 9).shape == (0, 8)
    assert Draws(1, 3, 2, 4, how).take(3, 0, 0).shape == (3, 0)


def test_nobody_is_warned_of_powers_of_two():
    draws._directions.cache_clear()
    draws._scrambled.cache_clear()
    draws._first_points.cache_clear()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        Draws(1, 3, 1001, 7).between(3, 998)
    assert said == []


@pytest.mark.parametrize(
    ("given", "fact"),
    [
        ({"seed": -1}, "seed is -1; write a whole number of at least 0"),
        ({"seed": 1.5}, "seed is 1.5"),
        ({"seed": True}, "seed is True"),
        ({"columns": -1}, "columns is -1"),
        ({"paths": 0}, "paths is 0; write a whole number of at least 1"),
        ({"replicates": 0}, "replicates is 0"),
        ({"how": "halton"}, "'halton'; write sobol or random"),
        ({"paths": 2**34 + 1}, "more than 1,073,741,824 Sobol' points each"),
    ],
)
def test_a_run_that_cannot_be_drawn_is_refused(given, fact):
    with pytest.raises(ValueError, match=fact):
        Draws(**{"seed": 1, "columns": 2, "paths": 10, **given})


def test_a_random_run_may_be_of_any_length():
    run = Draws(1, 1, 2**40, 1, "random")
    assert run.between(2**39 + 1, 2**39 + 4).tobytes() == run.between(2**39, 2**39 + 4)[:, 1:].tobytes()


def test_places_that_are_not_there_are_refused():
    run = Draws(1, 2, 10, 3)
    for wrong in (
        lambda: run.take(0, 0, 5),
        lambda: run.take(3, 0, 1),
        lambda: run.take(-1, 0, 1),
        lambda: run.take(0, -1, 1),
        lambda: run.between(0, 11),
        lambda: run.between(5, 4),
        lambda: run.replicate_of(10),
        lambda: run.replicate_of(-1),
        lambda: run.paths_of(3),
    ):
        with pytest.raises(ValueError, match=r"are not all among|there is no"):
            wrong()


def test_what_is_kept_between_blocks_cannot_be_changed():
    for array in (*draws._scrambled(1, 0, 3, 4), draws._first_points(1, 0, 3, 4)):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
