"""Distributions: quantiles, weights and moments against scipy.stats and numerical integration."""

import dataclasses
from fractions import Fraction
from math import inf, log, pi, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from payfs.simulate import tables
from payfs.simulate.beta import Beta
from payfs.simulate.distributions import LogNormal, Normal, NothingLeft, Triangular, Uniform
from payfs.simulate.two_piece import TwoPieceNormal, fitted

law = settings(max_examples=60, deadline=None, derandomize=True, database=None)

TAIL = np.geomspace(1e-6, 0.4, 60)
GRID = np.concatenate([TAIL, np.linspace(0.401, 0.599, 41), 1 - TAIL[::-1]])
INSIDE = np.random.default_rng(8).random(1000)

CONTINUOUS = {
    "normal": (Normal(0.3, 0.12), stats.norm(0.3, 0.12)),
    "lognormal": (LogNormal(log(5), 0.4), stats.lognorm(0.4, scale=5)),
    "wide lognormal": (LogNormal(log(0.2), 2.0), stats.lognorm(2.0, scale=0.2)),
    "uniform": (Uniform(1, 5), stats.uniform(1, 4)),
    "triangular": (Triangular(1, 2, 5), stats.triang(0.25, 1, 4)),
    "triangular that only falls": (Triangular(1, 1, 5), stats.triang(0, 1, 4)),
    "triangular that only rises": (Triangular(1, 5, 5), stats.triang(1, 1, 4)),
    "beta": (Beta(5, 1), stats.beta(5, 1)),
    "beta of a trial": (Beta(300, 200), stats.beta(300, 200)),
    "stretched beta": (Beta(2, 3, 10, 60), stats.beta(2, 3, 10, 50)),
    "beta with two peaks": (Beta(0.5, 0.7), stats.beta(0.5, 0.7)),
    "lopsided beta": (Beta(10_000, 1), stats.beta(10_000, 1)),
    "beta near either end": (Beta(0.05, 0.02), stats.beta(0.05, 0.02)),
    "narrow beta": (Beta(1e6, 3e6), stats.beta(1e6, 3e6)),
}
COUNTS = {
    "binomial": (tables.binomial(300, 0.6), stats.binom(300, 0.6)),
    "one trial": (tables.binomial(1, 0.25), stats.binom(1, 0.25)),
    "many trials": (tables.binomial(2_000_000, 0.001), stats.binom(2_000_000, 0.001)),
    "sure success": (tables.binomial(7, 1.0), stats.binom(7, 1.0)),
    "poisson": (tables.poisson(12.0), stats.poisson(12)),
    "rare poisson": (tables.poisson(0.01), stats.poisson(0.01)),
    "large poisson": (tables.poisson(250_000.5), stats.poisson(250_000.5)),
    "negative binomial": (tables.negative_binomial(6.0, 2 / 3), stats.nbinom(6, 1 / 3)),
    "negative binomial with most at none": (tables.negative_binomial(0.3, 0.99), stats.nbinom(0.3, 0.01)),
}
BELOW_AND_ABOVE = ((-inf, 4.0), (1.5, inf), (1.5, 4.0))


def by_name(families):
    return pytest.mark.parametrize(("ours", "theirs"), families.values(), ids=families.keys())


@by_name(CONTINUOUS)
def test_quantiles_are_those_of_scipy(ours, theirs):
    assert ours.quantile(GRID) == pytest.approx(theirs.ppf(GRID), rel=1e-9, abs=1e-11 * ours.sd)


@by_name(CONTINUOUS)
def test_weights_are_those_of_scipy(ours, theirs):
    x = theirs.ppf(GRID)
    around = np.array([x[0] - 1, x[-1] + 1])
    assert ours.cdf(x) == pytest.approx(theirs.cdf(x), rel=1e-10, abs=1e-13)
    assert ours.cdf(around) == pytest.approx(theirs.cdf(around), abs=1e-13)


@by_name(CONTINUOUS)
def test_moments_and_ends_are_those_of_scipy(ours, theirs):
    assert (ours.mean, ours.sd) == pytest.approx((theirs.mean(), theirs.std()), rel=1e-10)
    assert (ours.least, ours.most) == theirs.support()
    assert not ours.whole


@by_name({name: CONTINUOUS[name] for name in CONTINUOUS if name not in ("wide lognormal", "beta near either end")})
def test_moments_are_the_integrals_of_the_quantiles(ours, theirs):
    def over(value):
        def at(u):
            return value(float(ours.quantile(np.array([u]))[0]))

        parts = ((1e-12, 0.01), (0.01, 0.25), (0.25, 0.5), (0.5, 0.99), (0.99, 1 - 1e-12))
        return sum(quad(at, *part, limit=200, epsabs=0, epsrel=1e-9)[0] for part in parts)

    mean = over(lambda x: x)
    sd = sqrt(over(lambda x: (x - mean) ** 2))
    assert ours.mean == pytest.approx(mean, rel=1e-7)
    assert ours.sd == pytest.approx(sd, rel=1e-6)


@pytest.mark.parametrize("ours", [Uniform(1, 5), Triangular(1, 2, 5), Beta(5, 1, 1, 5), Beta(0.05, 0.02, 1, 5)])
def test_where_there_are_ends_nothing_lies_beyond_them(ours):
    assert ours.quantile(np.array([0.0, 1.0])).tolist() == [1, 5]
    cut = ours.within(2, 4)
    assert cut.quantile(np.array([0.0, 1.0])) == pytest.approx([2, 4], abs=1e-6)
    assert (cut.least, cut.most) == (2, 4)
    assert (ours.within(0, 4).least, ours.within(2, 9).most) == (1, 5)


def test_a_share_of_a_beta_is_near_the_exact_one_wherever_it_is_tabled():
    from scipy import special

    u = np.concatenate([INSIDE, GRID, 10.0 ** -np.arange(7, 16), 1 - 10.0 ** -np.arange(7, 15)])
    tabled = 0
    for a, b in [(5, 1), (2, 3), (0.5, 0.5), (0.1, 0.1), (300, 200), (1e5, 1), (1e6, 1e6), (1e9, 1e9), (0.02, 0.02)]:
        ours = Beta(a, b)
        upper, lower = special.betainccinv(a, b, 1 - u), special.betaincinv(a, b, u)
        exact = np.where(u > 0.5, upper, lower)
        assert np.abs(ours.quantile(u) - exact).max() <= 1e-9 * ours.sd, (a, b)
        tabled += ours._table is not None
    assert tabled >= 6  # or nothing was tested but the exact formula


@by_name(COUNTS)
def test_counts_are_those_of_scipy(ours, theirs):
    u = np.concatenate([GRID, INSIDE])
    assert ours.quantile(u).tolist() == theirs.ppf(u).tolist()
    k = np.unique(theirs.ppf(GRID))
    assert ours.cdf(k) == pytest.approx(theirs.cdf(k), rel=1e-9)
    assert ours.cdf(k + 0.5) == pytest.approx(theirs.cdf(k), rel=1e-9)
    assert (ours.mean, ours.sd) == pytest.approx((theirs.mean(), theirs.std()), rel=1e-9)
    assert ours.whole


def test_tails_of_counts_are_exact_far_out():
    ours, theirs = tables.poisson(1000.0), stats.poisson(1000)
    k = np.arange(650.0, 1000.0, 25)  # down to a weight of 1e-33
    assert ours.cdf(k) == pytest.approx(theirs.cdf(k), rel=1e-10)
    assert ours.quantile(np.array([1e-30, 1e-20])).tolist() == theirs.ppf([1e-30, 1e-20]).tolist()
    assert ours.chances.sum() == pytest.approx(1, abs=1e-12)
    assert np.isfinite(ours.quantile(np.array([0.0, 1.0]))).all()
    assert (ours.least, ours.most) == (0, inf)
    assert (tables.binomial(10_000, 0.5).least, tables.binomial(10_000, 0.5).most) == (0, 10_000)


def test_a_count_is_drawn_where_the_weight_up_to_it_reaches_the_uniform_number():
    ours = tables.binomial(2, 0.5)
    assert ours.quantile(np.array([0, 0.25, 0.2500001, 0.75, 0.7500001, 1])).tolist() == [0, 0, 1, 1, 2, 2]


def test_too_many_counts_are_refused_at_once():
    for build in (
        lambda: tables.binomial(10**12, 0.5),
        lambda: tables.poisson(1e15),
        lambda: tables.negative_binomial(4.0, 1 - 1e-8),
    ):
        with pytest.raises(tables.TooManyCounts):
            build()
    assert tables.binomial(10**12, 1e-9).mean == pytest.approx(1000)


def test_single_values_have_their_exact_chances():
    third = Fraction(1, 3)
    ours = tables.discrete({Fraction(30): third, Fraction(0): third, Fraction(90): third, Fraction(5): Fraction(0)})
    assert ours.values.tolist() == [0, 30, 90]
    assert ours.upto.tolist() == [1 / 3, 2 / 3, 1]
    assert ours.quantile(np.array([0, 1 / 3, 0.34, 2 / 3, 0.67, 1])).tolist() == [0, 0, 30, 30, 90, 90]
    assert ours.cdf(np.array([-1, 0, 29, 30, 100])).tolist() == [0, 1 / 3, 1 / 3, 2 / 3, 1]
    assert (ours.mean, ours.sd, ours.least, ours.most) == pytest.approx((40, sqrt(1400), 0, 90))
    assert not tables.discrete({Fraction(1, 2): Fraction(1)}).whole


def test_values_that_were_seen_are_drawn_as_often_as_they_were_seen():
    ours = tables.seen([Fraction(3), Fraction(1), Fraction(3), Fraction(2)])
    assert ours.quantile(np.array([0.0, 0.25, 0.26, 0.5, 0.51, 1.0])).tolist() == [1, 1, 2, 2, 3, 3]
    assert (ours.mean, ours.sd) == pytest.approx((2.25, np.std([1, 2, 3, 3])))


# -- cut


@pytest.mark.parametrize(("low", "high"), BELOW_AND_ABOVE)
@by_name({name: CONTINUOUS[name] for name in ("lognormal", "uniform", "triangular")} | {
    "normal": (Normal(2, 1.2), stats.norm(2, 1.2)),
    "beta": (Beta(2, 3, 0, 6), stats.beta(2, 3, 0, 6)),
})  # fmt: skip
def test_what_is_cut_has_the_weights_of_what_is_left(ours, theirs, low, high):
    cut = ours.within(low, high)
    below, upto = theirs.cdf(low), theirs.cdf(high)
    x = theirs.ppf(below + (upto - below) * GRID)
    assert cut.quantile(GRID) == pytest.approx(x, rel=1e-9)
    assert cut.cdf(x) == pytest.approx((theirs.cdf(x) - below) / (upto - below), abs=1e-12)
    assert cut.cdf(np.array([low - 1, high + 1])).tolist() == [0, 1]
    given = {"lb": low, "ub": high, "conditional": True}
    mean = theirs.expect(lambda x: x, **given)
    assert cut.mean == pytest.approx(mean, rel=1e-7)
    assert cut.sd == pytest.approx(sqrt(theirs.expect(lambda x: (x - mean) ** 2, **given)), rel=1e-6)


def test_a_normal_cut_far_out_is_still_that_of_scipy():
    cut = Normal(0.0, 1.0).within(5.5, inf)
    theirs = stats.truncnorm(5.5, inf)
    # of the 16 digits of a weight near 1, seven are left for what is beyond it
    assert cut.quantile(INSIDE) == pytest.approx(theirs.ppf(INSIDE), rel=1e-6)
    assert (cut.mean, cut.sd) == pytest.approx((theirs.mean(), theirs.std()), rel=1e-6)
    assert np.isfinite(cut.quantile(np.array([0.0, np.nextafter(1, 0), 1.0]))).all()


def test_the_tail_of_a_wide_lognormal_has_the_moments_of_the_formula():
    ours = LogNormal(0.0, 3.0)
    whole = ours.within(-1, inf)
    assert (whole.mean, whole.sd) == pytest.approx((ours.mean, ours.sd), rel=1e-12)
    tail = ours.within(100, inf)
    expected = quad(lambda z: np.exp(3 * z) * stats.norm.pdf(z), log(100) / 3, 30)[0] / stats.norm.sf(log(100) / 3)
    assert tail.mean == pytest.approx(expected, rel=1e-8)


def test_counts_are_cut_with_both_ends_included():
    cut = tables.poisson(3.0).within(2, 5)
    chances = stats.poisson(3).pmf([2, 3, 4, 5])
    assert cut.values.tolist() == [2, 3, 4, 5]
    assert cut.chances == pytest.approx(chances / chances.sum(), rel=1e-12)
    assert (cut.least, cut.most, cut.whole) == (2, 5, True)
    assert tables.poisson(3.0).within(2, inf).most == inf
    assert tables.binomial(9, 0.5).within(3.5, 4.5).values.tolist() == [4]


def test_less_than_a_billionth_is_nothing():
    for ours, low in (Normal(0, 1), 6.0), (Uniform(0, 1), 2.0), (tables.poisson(3.0), 30.0), (Beta(2, 2), 1.0):
        with pytest.raises(NothingLeft):
            ours.within(low, inf)
    with pytest.raises(NothingLeft):
        tables.poisson(3.0).within(3.2, 3.8)


def test_a_percentage_stays_one_when_it_is_cut():
    for ours in (
        Normal(0.3, 0.1, percent=True),
        LogNormal(0, 1, percent=True),
        tables.seen([Fraction(1, 4)], percent=True),
    ):
        assert ours.percent
        assert ours.within(0.01, 2).percent
    assert not Normal(0.3, 0.1).percent
    with pytest.raises(dataclasses.FrozenInstanceError):
        Normal(0.3, 0.1).centre = 0.5


def test_a_lognormal_has_the_mean_and_the_sd_that_were_asked_for():
    for mean, sd in (5, 2), (1, 30), (1e6, 1e-3), (0.3, 1e-9):
        ours = LogNormal.of(mean, sd)
        assert (ours.mean, ours.sd) == pytest.approx((mean, sd), rel=1e-6)


# -- two pieces


def density(x, mode, down, up):
    """As Britton, Fisher and Whitley (1998) write it, with a spread for each side."""
    return sqrt(2 / pi) / (down + up) * np.exp(-((x - mode) ** 2) / 2 / np.where(x < mode, down, up) ** 2)


@pytest.mark.parametrize(("mode", "down", "up"), [(0.3, 0.08, 0.12), (0, 1, 1), (-2, 5, 0.1)])
def test_a_two_piece_normal_has_the_density_of_the_fan_charts(mode, down, up):
    ours = TwoPieceNormal(mode, down, up)

    def over(value, end=mode + 12 * up):
        low, high = (min(end, mode), max(end, mode))
        below = quad(lambda x: value(x) * density(x, mode, down, up), mode - 12 * down, low)[0]
        return below + (quad(lambda x: value(x) * density(x, mode, down, up), mode, high)[0] if end > mode else 0)

    mean = over(lambda x: x)
    assert ours.mean == pytest.approx(mean, abs=1e-8)
    assert ours.sd == pytest.approx(sqrt(over(lambda x: (x - mean) ** 2)), rel=1e-7)
    for end in (mode - down, mode, mode + 2 * up):
        assert float(ours.cdf(np.array(end))) == pytest.approx(over(lambda x: 1, end), abs=1e-9)
    assert ours.cdf(ours.quantile(GRID)) == pytest.approx(GRID, rel=1e-12)


@law
@given(
    below=st.floats(0, 1e6),
    above=st.floats(1e-6, 1e6),
    chance=st.floats(0.001, 0.9999),
    mirrored=st.booleans(),
)
def test_every_mode_in_a_range_has_its_two_piece_normal(below, above, chance, mirrored):
    if mirrored:
        below, above = above, below
    ours = fitted(0.0, below, above, chance)
    low, high = ours.cdf(np.array([-below, above]))
    assert (low, 1 - high) == pytest.approx(((1 - chance) / 2,) * 2, rel=1e-9, abs=1e-12)
    # the pieces meet at the mode
    assert ours.weight_below / ours.down == pytest.approx((1 - ours.weight_below) / ours.up, rel=1e-9)


def test_a_two_piece_normal_that_leans_to_no_side_is_a_normal():
    ours = fitted(0.725, 0.125, 0.125, 0.9)
    assert ours.down == ours.up == pytest.approx(0.125 / stats.norm.ppf(0.95))


# -- laws

positive = st.floats(0.01, 100)
families = st.one_of(
    st.builds(Normal, st.floats(-100, 100), positive),
    st.builds(LogNormal, st.floats(-5, 5), st.floats(0.01, 3)),
    st.builds(TwoPieceNormal, st.floats(-100, 100), positive, positive),
    st.builds(lambda low, width: Uniform(low, low + width), st.floats(-100, 100), positive),
    st.builds(lambda low, x, y: Triangular(low, low + x, low + x + y), st.floats(-100, 100), positive, positive),
    st.builds(Beta, st.floats(0.3, 1000), st.floats(0.3, 1000)),
)
counts = st.one_of(
    st.builds(tables.binomial, st.integers(1, 5000), st.floats(0, 1)),
    st.builds(tables.poisson, st.floats(0.001, 5000)),
    st.builds(tables.negative_binomial, st.floats(0.1, 100), st.floats(0, 0.99)),
)
uniform = st.lists(st.floats(1e-9, 1 - 1e-9), min_size=1, max_size=30).map(lambda u: np.array(sorted(u)))


@law
@given(families, uniform, st.floats(0.001, 0.4), st.floats(0.6, 0.999))
def test_quantiles_never_fall_and_lead_back_to_the_weights(ours, u, low, high):
    ends = ours.quantile(np.array([low, high]))
    for each in (ours, ours.within(*ends), ours.within(-inf, ends[1]), ours.within(ends[0], inf)):
        x = each.quantile(u)
        assert (np.diff(x) >= -1e-14 * np.abs(x[1:])).all()
        assert ((x >= each.least) & (x <= each.most)).all()
        assert each.cdf(x) == pytest.approx(u, abs=1e-9)
        assert each.quantile(u[:1])[0] == x[0]  # a number is drawn alike alone and among others


@law
@given(counts, uniform)
def test_a_count_is_the_least_whose_weight_reaches_the_uniform_number(ours, u):
    x = ours.quantile(u)
    assert (np.diff(x) >= 0).all()
    assert (ours.cdf(x) >= u).all()
    assert (ours.cdf(x - 1) < u).all()
