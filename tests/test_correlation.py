"""Inputs that rise and fall together: what is written as a rank correlation is what is drawn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest, multivariate_normal, spearmanr

from payfs.simulate.correlation import (
    Pair,
    correlate,
    factor,
    is_correlation,
    matrix_of,
    nearest,
    offer,
    pearson,
    problems,
    spearman,
)
from payfs.simulate.draws import Draws

law = settings(max_examples=60, deadline=None, derandomize=True, database=None)
NAMES = ("price", "days", "starts", "cost")
AGAINST = [Pair("price", "days", 0.9), Pair("days", "starts", 0.9), Pair("price", "starts", -0.9)]


def told(pairs, names=NAMES):
    return [(problem.path, problem.what, problem.remedy) for problem in problems(names, pairs)]


@st.composite
def any_pairs(draw):
    names = NAMES[: draw(st.integers(2, 4))]
    couples = [(one, other) for place, one in enumerate(names) for other in names[:place]]
    chosen = draw(st.lists(st.sampled_from(couples), unique=True))
    hundredths = st.integers(-100, 100)
    return names, [Pair(one, other, draw(hundredths) / 100) for one, other in chosen]


def test_rank_correlations_are_turned_into_those_of_normal_variables():
    ranks = np.array([-1, -0.5, 0, 0.25, 0.5, 1])
    assert pearson(ranks) == pytest.approx([-1, -0.517638, 0, 0.261052, 0.517638, 1], abs=1e-6)
    assert spearman(pearson(ranks)) == pytest.approx(ranks, abs=1e-12)
    # it is also 12 times the chance that two normal variables with half the correlation are both below 0, less 3
    cdf = multivariate_normal(cov=[[1, 0.25], [0.25, 1]]).cdf([0, 0])
    assert 12 * cdf - 3 == pytest.approx(float(spearman(np.array(0.5))), abs=1e-9)


@pytest.mark.parametrize("how", ["sobol", "random"])
def test_drawn_ranks_have_the_correlations_that_were_written(how):
    pairs = [Pair("price", "days", 0.7), Pair("starts", "days", -0.5), Pair("price", "cost", 0.3)]
    matrix = matrix_of(NAMES, pairs)
    u = correlate(Draws(3, 4, 2**16, 16, how).between(0, 2**16), matrix)
    drawn = spearmanr(u.T).statistic
    wanted = np.eye(4)
    for one, other, rank in pairs:
        wanted[NAMES.index(one), NAMES.index(other)] = wanted[NAMES.index(other), NAMES.index(one)] = rank
    # 65,536 paths: the standard error of a rank correlation is below 1/256
    assert np.abs(drawn - wanted).max() < (0.002 if how == "sobol" else 0.016)
    for column in u:
        assert kstest(column, "uniform").pvalue > 0.001


def test_independent_inputs_keep_their_bits():
    u = Draws(3, 4, 1000).between(0, 1000)
    assert correlate(u, np.eye(4)).tobytes() == u.tobytes()
    assert correlate(u[:0], np.eye(0)).shape == (0, 1000)


def test_a_column_that_follows_none_before_it_keeps_its_bits():
    u = Draws(3, 4, 1000).between(0, 1000)
    before = u.copy()
    v = correlate(u, matrix_of(NAMES, [Pair("days", "cost", 0.4)]))
    assert v[:3].tobytes() == u[:3].tobytes()
    assert (v[3] != u[3]).all()
    assert u.tobytes() == before.tobytes()  # and what was given is not changed


def test_what_always_goes_together_has_the_same_bits_or_mirrors_them():
    u = Draws(3, 4, 1000).between(0, 1000)
    v = correlate(u, matrix_of(NAMES, [Pair("price", "days", 1), Pair("price", "cost", -1), Pair("days", "cost", -1)]))
    assert v[1].tobytes() == u[0].tobytes()
    assert v[3].tobytes() == (1 - u[0]).tobytes()
    assert v[2].tobytes() == u[2].tobytes()


@law
@given(any_pairs(), st.integers(1, 300), st.data())
def test_the_size_of_a_block_never_changes_a_bit(named, paths, data):
    names, pairs = named
    matrix = matrix_of(names, offer(names, pairs))
    u = Draws(1, len(names), paths, 2).between(0, paths)
    cut = data.draw(st.integers(0, paths))
    whole = correlate(u, matrix)
    parts = np.concatenate([correlate(u[:, :cut], matrix), correlate(u[:, cut:], matrix)], axis=1)
    assert parts.tobytes() == whole.tobytes()


def test_numbers_stay_strictly_between_0_and_1():
    least = 2.0**-53
    u = np.array([[least, 1 - least, least], [least, 1 - least, 1 - least]])
    for rank in (0.9, 0.999, -0.9):
        v = correlate(u, matrix_of(NAMES[:2], [Pair("price", "days", rank)]))
        assert ((v > 0) & (v < 1)).all()


@law
@given(any_pairs())
def test_pairs_hold_together_or_what_is_offered_does(named):
    names, pairs = named
    better = offer(names, pairs)
    assert told(better, names) == []
    assert all(round(pair.rank, 2) == pair.rank for pair in better)
    if not told(pairs, names):
        written = {frozenset(pair[:2]): pair.rank for pair in pairs if pair.rank}
        offered = {frozenset(pair[:2]): pair.rank for pair in better}
        assert offered == pytest.approx(written)
        matrix = matrix_of(names, pairs)
        lower = factor(matrix)
        assert np.tril(lower).tolist() == lower.tolist()
        assert lower @ lower.T == pytest.approx(matrix, abs=1e-6)


def test_pairs_that_contradict_each_other_are_refused_with_the_nearest():
    [(path, what, remedy)] = told(AGAINST)
    assert path == ()
    assert what == "no inputs can have all these rank correlations at once: they contradict each other"
    assert remedy == (
        'check them; the nearest that can hold together are 0.48 for "price" and "days", '
        '-0.48 for "price" and "starts", 0.48 for "days" and "starts"'
    )
    with pytest.raises(ValueError, match="contradict each other; check them"):
        matrix_of(NAMES, AGAINST)


def test_what_is_offered_has_as_many_decimals_as_was_written():
    finer = [AGAINST[0]._replace(rank=0.905), *AGAINST[1:]]
    assert told(offer(NAMES, finer)) == []
    assert any(round(pair.rank, 2) != pair.rank for pair in offer(NAMES, finer))
    assert all(round(pair.rank, 3) == pair.rank for pair in offer(NAMES, finer))


def test_rounding_alone_does_not_break_what_is_offered():
    # 12 inputs, all against each other: the nearest matrix has eigenvalues of 0, which rounding would push below it
    rng = np.random.default_rng(5)
    names = [f"input {place}" for place in range(12)]
    pairs = [
        Pair(one, other, round(rng.uniform(-1, 1), 2)) for place, one in enumerate(names) for other in names[:place]
    ]
    assert told(pairs, names) != []
    assert told(offer(names, pairs), names) == []


def test_inputs_that_have_no_part_in_a_contradiction_keep_their_correlations():
    names = (*NAMES, "wage", "rent")
    offered = offer(names, [*AGAINST, Pair("wage", "rent", 0.35)])
    assert Pair("wage", "rent", 0.35) in [pair._replace(rank=round(pair.rank, 2)) for pair in offered]
    assert not [pair for pair in offered if len({pair.one, pair.other} & {"wage", "rent"}) == 1]


@pytest.mark.parametrize(
    ("matrix", "published"),
    [
        # Higham 2002, sections 1 and 4
        ([[1, 1, 0], [1, 1, 1], [0, 1, 1]], [[1, 0.7607, 0.1573], [0.7607, 1, 0.7607], [0.1573, 0.7607, 1]]),
        (
            [[2, -1, 0, 0], [-1, 2, -1, 0], [0, -1, 2, -1], [0, 0, -1, 2]],
            [
                [1, -0.8084, 0.1916, 0.1068],
                [-0.8084, 1, -0.6562, 0.1916],
                [0.1916, -0.6562, 1, -0.8084],
                [0.1068, 0.1916, -0.8084, 1],
            ],
        ),
    ],
)
def test_the_nearest_matrix_is_the_published_one(matrix, published):
    near = nearest(np.array(matrix, dtype=float))
    assert near == pytest.approx(np.array(published), abs=5e-5)
    assert np.linalg.eigvalsh(near)[0] > -1e-7


def test_a_matrix_that_holds_together_is_its_own_nearest():
    matrix = matrix_of(NAMES, [Pair("price", "days", 0.5), Pair("days", "cost", -0.25)])
    assert nearest(matrix) == pytest.approx(matrix, abs=1e-9)


@pytest.mark.parametrize(
    ("matrix", "fits"),
    [
        (np.eye(3), True),
        (np.ones((3, 3)), True),
        (np.array([[1, 0.5], [0.4, 1]]), False),
        (np.array([[1, 0.5], [0.5, 0.9]]), False),
        (np.array([[1, 1.1], [1.1, 1]]), False),
        (np.array([[1, np.nan], [np.nan, 1]]), False),
    ],
)
def test_what_is_a_correlation_matrix(matrix, fits):
    assert is_correlation(matrix) is fits
    u = np.full((len(matrix), 2), 0.3)
    if fits:
        assert correlate(u, matrix)[0].tolist() == [0.3, 0.3]
        matrix = matrix[:2, :2]  # too few columns
    with pytest.raises(ValueError, match="not a correlation matrix of"):
        correlate(u, matrix)


def test_every_wrong_pair_is_told_at_once():
    pairs = [
        Pair("price", "day", 0.5),
        Pair("price", "price", 0.5),
        Pair("price", "days", 1.5),
        Pair("days", "price", float("nan")),
        Pair("zzz", "zzz", 0.1),
    ]
    assert told(pairs) == [
        ((0,), 'there is no input "day" to correlate', "did you mean 'days'"),
        ((1,), '"price" is correlated with itself', "name two different inputs"),
        ((2,), 'the rank correlation of "price" and "days" is 1.5', "write a number from -1 to 1"),
        ((3,), '"days" and "price" are correlated twice', "write the pair once"),
        ((3,), 'the rank correlation of "days" and "price" is nan', "write a number from -1 to 1"),
        ((4,), 'there is no input "zzz" to correlate', "name one that is drawn"),
        ((4,), '"zzz" is correlated with itself', "name two different inputs"),
    ]
    with pytest.raises(ValueError, match="is correlated with itself; name two different inputs\n"):
        matrix_of(NAMES, pairs)
