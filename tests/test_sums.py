"""People without drawing people: sums by transform, tables of quantiles, counts of people."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import bdtr
from scipy.stats import binom, chisquare, gamma, norm, poisson

from payfs.simulate import sums
from payfs.simulate.draws import Draws
from payfs.simulate.sums import Pmf, binomial_quantile, mixed, multinomial, of_one, sampler, sum_of, thinned

law = settings(max_examples=100, deadline=None, derandomize=True, database=None)


def pmf_of(weights, first=0):
    weights = np.array(weights, dtype=float)
    return Pmf(first, weights / weights.sum())


def spread_over(pmf, low, high):
    """The probabilities of low to high, 0 where the pmf has none."""
    chances = np.zeros(high - low + 1)
    chances[pmf.first - low : pmf.first - low + len(pmf.chances)] = pmf.chances
    return chances


pmfs = st.builds(
    pmf_of,
    st.lists(st.integers(0, 1000) | st.just(0), min_size=1, max_size=30).filter(any),
    st.integers(-50, 50),
)
insides = st.floats(0, 1, exclude_min=True, exclude_max=True)


def tried(n, p):
    """The probabilities of the number of successes."""
    return sum_of(Pmf(0, np.array([1 - p, p])), n)


# one person


def test_a_distribution_is_put_on_whole_steps():
    pmf = of_one(norm(10, 3).cdf, 1.0, 0, 40)
    steps = np.arange(pmf.first, pmf.first + len(pmf.chances))
    inner = (steps > 0) & (steps < 40)
    assert pmf.first == 0
    assert pmf.chances[inner] == pytest.approx((norm(10, 3).cdf(steps + 0.5) - norm(10, 3).cdf(steps - 0.5))[inner])
    assert pmf.chances[0] == pytest.approx(norm(10, 3).cdf(0.5))  # what lies below the least


def test_the_scale_turns_units_into_steps():
    days, hours = of_one(gamma(2, scale=5).cdf, 24, 0, 2400), of_one(gamma(2, scale=120).cdf, 1, 0, 2400)
    assert days.first == hours.first
    assert days.chances == pytest.approx(hours.chances, abs=1e-15)


def test_what_lies_beyond_the_ends_counts_as_the_ends():
    pmf = of_one(norm(0, 10).cdf, 1.0, -3, 4)
    assert (pmf.first, len(pmf.chances)) == (-3, 8)
    assert pmf.chances[[0, -1]] == pytest.approx([norm.cdf(-0.25), norm.sf(0.35)])


def test_halves_are_rounded_up():
    # 1, 2 or 3 halves, each with the same chance: 1/2 is 1, 1 is 1, 3/2 is 2; below 0, -1/2 is 0 and -3/2 is -1
    def cdf(x):
        return np.clip(np.floor(x), 0, 3) / 3

    assert of_one(cdf, 0.5, 0, 5) == (1, pytest.approx([2 / 3, 1 / 3]))

    def mirrored(x):
        return np.clip(np.floor(x) + 4, 0, 3) / 3

    assert of_one(mirrored, 0.5, -5, 5) == (-1, pytest.approx([2 / 3, 1 / 3]))


def test_one_possible_step_is_certain():
    assert of_one(norm.cdf, 1.0, 7, 7) == (7, [1.0])


def test_of_people_who_drop_out_nothing_counts():
    pmf = thinned(pmf_of([1, 3], first=5), 0.8)
    assert pmf.first == 0
    assert pmf.chances == pytest.approx([0.2, 0, 0, 0, 0, 0.2, 0.6])
    assert thinned(pmf_of([1, 3], first=5), 1.0) == (5, pytest.approx([0.25, 0.75]))
    assert thinned(pmf_of([1, 3], first=5), 0.0) == (0, [1.0])


@law
@given(pmfs, insides, st.integers(0, 12))
def test_dropping_out_is_the_same_person_by_person_as_by_the_number_who_stay(pmf, chance, people):
    stay = tried(people, chance)
    count = range(stay.first, stay.first + len(stay.chances))
    by_number = mixed([(float(c), sum_of(pmf, k)) for k, c in zip(count, stay.chances, strict=True)])
    by_person = sum_of(thinned(pmf, chance), people)
    low = min(by_number.first, by_person.first)
    high = max(part.first + len(part.chances) for part in (by_number, by_person))
    assert spread_over(by_person, low, high) == pytest.approx(spread_over(by_number, low, high), abs=1e-13)


# sums


@law
@given(pmfs, st.integers(0, 60))
def test_a_sum_is_that_of_direct_convolution(pmf, people):
    direct = np.ones(1)
    for _ in range(people):
        direct = np.convolve(direct, pmf.chances)
    low = people * pmf.first
    ours = spread_over(sum_of(pmf, people), low, low + len(direct) - 1)
    assert np.abs(np.cumsum(ours) - np.cumsum(direct)).max() < 1e-13
    assert np.abs(ours - direct).max() < 1e-14


@law
@given(pmfs, st.integers(0, 500))
def test_chances_add_up_to_1_and_means_and_variances_to_those_of_all(pmf, people):
    total = sum_of(pmf, people)
    assert total.chances.min() >= 0
    assert total.chances.sum() == pytest.approx(1, abs=1e-14)
    assert total.mean == pytest.approx(people * pmf.mean, abs=1e-9 * (1 + people))
    assert total.variance == pytest.approx(people * pmf.variance, rel=1e-8, abs=1e-9 * (1 + people))


@law
@given(pmfs, st.integers(0, 30), st.integers(0, 30))
def test_people_in_two_groups_come_to_the_same(pmf, one, other):
    apart = [sum_of(pmf, people) for people in (one, other)]
    both = Pmf(apart[0].first + apart[1].first, np.convolve(apart[0].chances, apart[1].chances))
    together = sum_of(pmf, one + other)
    low = min(both.first, together.first)
    high = max(part.first + len(part.chances) for part in (both, together))
    assert spread_over(together, low, high) == pytest.approx(spread_over(both, low, high), abs=1e-13)


def test_days_of_300_people_in_a_year():
    one = of_one(gamma(1.5, scale=60).cdf, 1.0, 0, 365)
    total = sum_of(one, 300)
    direct = np.ones(1)
    for _ in range(300):
        direct = np.convolve(direct, one.chances)
    ours = spread_over(total, 0, 300 * 365)
    assert np.abs(np.cumsum(ours) - np.cumsum(direct)).max() < 1e-13
    # only where something can lie is worked out
    assert len(total.chances) < 25_000
    outside = np.delete(direct, np.arange(total.first, total.first + len(total.chances)))
    assert outside.sum() < sums.TAIL


@pytest.mark.parametrize(("n", "p"), [(300, 0.4), (10_000, 1e-4), (1_000_000, 0.5), (1_000_000, 0.999)])
def test_a_sum_of_yes_and_no_is_binomial(n, p):
    pmf = tried(n, p)
    k = np.arange(pmf.first, pmf.first + len(pmf.chances))
    assert np.abs(np.cumsum(pmf.chances) - binom.cdf(k, n, p)).max() < 1e-12 + 1e-16 * n
    assert len(k) < 40 + 20 * np.sqrt(n * p * (1 - p))


def test_a_sum_of_rare_and_large_amounts_has_a_short_grid():
    # one of a million comes to up to 365: four such people among 300 are less likely than the tail that may be cut
    rare = thinned(of_one(gamma(1.5, scale=60).cdf, 1.0, 0, 365), 1e-6)
    total = sum_of(rare, 300)
    assert len(total.chances) < 4 * 365
    assert total.mean == pytest.approx(300 * rare.mean, rel=1e-6)


def test_probabilities_of_0_around_a_person_change_nothing():
    padded = Pmf(-100, np.concatenate([np.zeros(2000), [0.25, 0.75], np.zeros(3000)]))
    assert sum_of(padded, 40) == (
        sum_of(Pmf(1900, np.array([0.25, 0.75])), 40).first,
        pytest.approx(sum_of(Pmf(1900, np.array([0.25, 0.75])), 40).chances),
    )


def test_nobody_comes_to_nothing_and_one_to_what_one_does():
    pmf = pmf_of([1, 2, 1], first=-4)
    assert sum_of(pmf, 0) == (0, [1.0])
    assert sum_of(pmf, 1) is pmf
    assert sum_of(Pmf(3, np.ones(1)), 10**12) == (3 * 10**12, [1.0])


def test_many_poisson_people_are_poisson():
    one = of_one(poisson(0.7).cdf, 1.0, 0, 60)
    pmf = sum_of(one, 200)
    k = np.arange(pmf.first, pmf.first + len(pmf.chances))
    assert np.abs(np.cumsum(pmf.chances) - poisson(140).cdf(k)).max() < 1e-12


# quantiles by table


@law
@given(pmfs, st.integers(0, 40), st.lists(insides, max_size=20))
def test_a_quantile_is_the_least_number_with_enough_probability(pmf, people, us):
    table = sampler(sum_of(pmf, people))
    # at the jumps themselves, and next to them, the answer must not slip by one
    jumps = table.upto[(table.upto > 0) & (table.upto < 1)]
    u = np.concatenate([us, jumps, np.nextafter(jumps, 0), np.nextafter(jumps, 1)])
    u = u[(u > 0) & (u < 1)]
    number = table.quantile(u)
    place = number - table.first
    assert number.dtype == np.int64
    assert (table.upto[place] >= u).all()
    assert ((place == 0) | (table.upto[np.maximum(place - 1, 0)] < u)).all()


@law
@given(pmfs)
def test_a_number_without_a_chance_is_never_drawn(pmf):
    u = np.array([2.0**-53, *np.linspace(0.001, 0.999, 500), 1 - 2.0**-53])
    drawn = sampler(pmf).quantile(u)
    assert (pmf.chances[drawn - pmf.first] > 0).all()
    assert (np.diff(drawn) >= 0).all()


@law
@given(pmfs, st.integers(-(2**49), 2**49))
def test_numbers_of_any_size_are_drawn_as_those_near_0(pmf, away):
    u = np.array([2.0**-53, *np.linspace(0.001, 0.999, 300), 1 - 2.0**-53])
    assert (sampler(Pmf(pmf.first + away, pmf.chances)).quantile(u) == sampler(pmf).quantile(u) + away).all()


def test_uniforms_of_any_shape_become_numbers_of_that_shape():
    table = sampler(pmf_of([1, 1], first=-3))
    assert table.quantile(np.array([[0.1, 0.5], [0.50001, 0.9]])).tolist() == [[-3, -3], [-2, -2]]
    assert table.quantile(np.empty((2, 0))).shape == (2, 0)


def test_the_table_draws_what_the_probabilities_say():
    pmf = sum_of(pmf_of([5, 1, 1, 1]), 12)
    drawn = sampler(pmf).quantile(Draws(2, 1, 100_000, how="random").between(0, 100_000)[0])
    likely = pmf.chances * 100_000 > 20
    counts = np.bincount(drawn - pmf.first, minlength=len(pmf.chances))
    expected = pmf.chances * 100_000
    observed = [*counts[likely], counts[~likely].sum()]
    assert chisquare(observed, [*expected[likely], expected[~likely].sum()]).pvalue > 0.001


# counts of people

chances = st.floats(0, 1) | st.floats(0, 1).map(lambda x: x**9) | st.floats(0, 1).map(lambda x: 1 - x**9)
uniforms = st.floats(2.0**-53, 1 - 2.0**-53) | st.floats(2.0**-53, 1).map(lambda x: 2.0**-53 * x)
trials = st.integers(0, 400) | st.integers(0, 1_000_000)


@law
@given(st.lists(st.tuples(uniforms, trials, chances), min_size=1, max_size=30))
def test_a_count_is_the_least_with_enough_probability(cases):
    u, n, p = (np.array(column) for column in zip(*cases, strict=True))
    k = binomial_quantile(u, n, p)
    assert k.dtype == np.int64
    assert ((k >= 0) & (k <= n)).all()
    assert (bdtr(k.astype(float), n, p) >= u).all()
    assert ((k == 0) | (bdtr(np.maximum(k - 1, 0).astype(float), n, p) < u)).all()


@law
@given(st.integers(0, 25), st.integers(0, 64), st.integers(1, 2**20 - 1))
def test_a_count_is_right_in_exact_fractions(n, of_64, of_a_million):
    u, p = Fraction(of_a_million, 2**20), Fraction(of_64, 64)
    upto, k = (1 - p) ** n, 0
    while upto < u:
        k += 1
        upto += comb(n, k) * p**k * (1 - p) ** (n - k)
    if abs(upto - u) < Fraction(1, 10**12):
        return  # equal but for round-off, which may go either way
    before = upto - comb(n, k) * p**k * (1 - p) ** (n - k)
    if abs(before - u) < Fraction(1, 10**12):
        return
    assert binomial_quantile(np.array([float(u)]), n, float(p)).tolist() == [k]


def test_counts_of_many_paths_are_those_of_each_path_alone():
    rng = np.random.default_rng(4)
    u, n, p = rng.random(2000), rng.integers(0, 500, 2000), rng.beta(0.5, 3, 2000)
    whole = binomial_quantile(u, n, p)
    alone = [binomial_quantile(u[i : i + 1], n[i : i + 1], p[i : i + 1])[0] for i in range(0, 2000, 37)]
    assert whole[::37].tolist() == alone
    assert whole.tolist() == binom.ppf(u, n, p).astype(int).tolist()


def test_the_search_finds_counts_far_from_where_it_starts():
    n, p, u = np.full(3, 1000), np.full(3, 0.3), np.array([0.5, 1e-9, 1 - 1e-9])
    right = binom.ppf(u, n, p)
    for start, short in ((np.zeros(3), True), (np.full(3, 1000.0), False)):
        assert sums._searched(u, n, p, start, np.full(3, short)).tolist() == right.tolist()


def test_of_what_never_happens_or_always_happens_there_is_no_doubt():
    u = np.array([1e-12, 0.5, 1 - 1e-12])
    assert binomial_quantile(u, 300, 0.0).tolist() == [0, 0, 0]
    assert binomial_quantile(u, 300, 1.0).tolist() == [300, 300, 300]
    assert binomial_quantile(u, 0, np.array([0.0, 0.3, 1.0])).tolist() == [0, 0, 0]
    assert binomial_quantile(u[1:2], np.array([10**9]), 0.5).tolist() == [500_000_000]
    assert binomial_quantile(np.empty(0), 300, 0.5).shape == (0,)


def test_counts_and_the_table_draw_the_same():
    u = Draws(1, 1, 5000).between(0, 5000)[0]
    assert binomial_quantile(u, 300, 0.37).tolist() == sampler(tried(300, 0.37)).quantile(u).tolist()


def test_a_chance_that_all_share_makes_counts_spread_wider():
    # beta-binomial: variance n p (1 - p) (a + b + n) / (a + b + 1)
    u = Draws(6, 2, 2**16, 16).between(0, 2**16)
    from scipy.special import betaincinv

    k = binomial_quantile(u[0], 300, betaincinv(20, 30, u[1]))
    assert k.mean() == pytest.approx(120, rel=1e-3)
    assert k.var() == pytest.approx(300 * 0.4 * 0.6 * 350 / 51, rel=1e-2)


@law
@given(
    st.lists(st.integers(0, 20), min_size=1, max_size=5).filter(any), st.integers(0, 1000), st.integers(0, 2**32 - 1)
)
def test_patterns_add_up_to_the_people(weights, people, seed):
    shares = np.array(weights) / sum(weights)
    u = Draws(seed, len(weights) - 1, 40, 1).between(0, 40)
    counts = multinomial(u, people, shares)
    assert counts.shape == (len(weights), 40)
    assert (counts >= 0).all()
    assert (counts.sum(axis=0) == people).all()
    assert (counts[np.array(weights) == 0] == 0).all()


def test_each_pattern_is_binomial_and_patterns_take_from_each_other():
    shares = np.array([0.2, 0.5, 0.3])
    counts = multinomial(Draws(8, 2, 2**16, 16).between(0, 2**16), 300, shares)
    assert counts.mean(axis=1) == pytest.approx(300 * shares, rel=1e-3)
    expected = 300 * (np.diag(shares) - np.outer(shares, shares))
    assert np.cov(counts) == pytest.approx(expected, rel=0.03)


def test_people_and_chances_may_differ_path_by_path():
    u = Draws(8, 2, 300, 4).between(0, 300)
    people = np.arange(300)
    shares = np.stack([np.linspace(0, 0.5, 300), np.full(300, 0.5), np.linspace(0.5, 0, 300)])
    counts = multinomial(u, people, shares)
    assert (counts.sum(axis=0) == people).all()
    alone = multinomial(u[:, 200:201], people[200:201], shares[:, 200:201])
    assert counts[:, 200:201].tolist() == alone.tolist()
    assert counts[0].tolist() == binomial_quantile(u[0], people, shares[0]).tolist()


# refusals


def refused(fact, call):
    with pytest.raises(ValueError, match=fact):
        call()


def test_a_grid_that_is_too_long_is_refused():
    # a million people of up to half a million steps each: even the likely stretch is longer than 2**24
    wide = Pmf(0, np.full(500_000, 1 / 500_000))
    refused("more than the 16,777,216 that can be worked out at once; take coarser steps", lambda: sum_of(wide, 10**6))
    refused("has 16,777,217 possible values", lambda: of_one(norm.cdf, 1.0, 0, 2**24))
    far = [(0.5, Pmf(0, np.ones(1))), (0.5, Pmf(2**24, np.ones(1)))]
    refused("draw people one by one", lambda: mixed(far))


def test_what_cannot_be_a_distribution_is_refused():
    refused("the least, 3, is more than the most, 2", lambda: of_one(norm.cdf, 1.0, 3, 2))
    for scale in (0.0, -1.0, np.inf, np.nan):
        refused("not a number above 0", lambda scale=scale: of_one(norm.cdf, scale, 0, 9))
    refused("do not all lie between 0 and 1", lambda: of_one(lambda x: x * np.nan, 1.0, 0, 9))
    refused("do not all lie between 0 and 1", lambda: of_one(lambda x: x, 1.0, 0, 9))
    refused("fall where the amount rises", lambda: of_one(norm.sf, 1.0, -3, 3))
    refused("add up to 0.9 and not to 1", lambda: mixed([(0.4, pmf_of([1])), (0.5, pmf_of([1]))]))
    refused("or one is below 0", lambda: mixed([(1.5, pmf_of([1])), (-0.5, pmf_of([1]))]))
    refused("add up to 0 and not to 1", lambda: mixed([]))
    refused("does not lie between 0 and 1", lambda: thinned(pmf_of([1]), 1.1))
    refused("there are -1 people", lambda: sum_of(pmf_of([1, 1]), -1))


def test_counts_that_cannot_be_are_refused():
    half = np.array([0.5])
    for u in (0.0, 1.0, np.nan):
        refused("uniform numbers", lambda u=u: binomial_quantile(np.array([u]), 10, 0.5))
    for n in (-1, 10**9 + 1, 2.5):
        refused("people are not all counted", lambda n=n: binomial_quantile(half, n, 0.5))
    for p in (-0.1, 1.1, np.nan):
        refused("chances do not all lie", lambda p=p: binomial_quantile(half, 10, p))
    refused(
        "3 patterns need 2 uniform numbers for each path, not 1", lambda: multinomial(half[None], 9, np.ones(3) / 3)
    )
    refused("do not add up to 1", lambda: multinomial(half[None], 9, np.array([0.5, 0.6])))
    refused("or one is below 0", lambda: multinomial(half[None], 9, np.array([1.5, -0.5])))
