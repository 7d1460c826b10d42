"""Returns: rates that are found wherever there are any, and sums of money that stay exact."""

import datetime
import warnings
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import pyxirr
from hypothesis import given, settings
from hypothesis import strategies as st

from payfs.capital import irr as module
from payfs.capital.returns import (
    NO_DAY,
    gain,
    irr,
    loss,
    lowest,
    multiple,
    npv,
    payback,
    peak_at_risk,
    weighted_average_life,
)
from payfs.money import MOST, TooLarge

law = settings(max_examples=200, deadline=None, derandomize=True, database=None)
RIKERS = 9_600_000_00


def column(*flows, dtype=np.int64):
    """Lay flows out along the dates: one path."""
    return np.array(flows, dtype=dtype).reshape(-1, 1)


def rate(days, *flows):
    return irr(np.array(days), column(*flows)).rate.item()


def several(days, *flows):
    return irr(np.array(days), column(*flows)).several.item()


def day(text):
    return (datetime.date.fromisoformat(text) - datetime.date(1970, 1, 1)).days


def left_over(days, flows, rates):
    """Return the value at a rate, as a share of the sizes of all that makes it up, worked out path by path."""
    years = (days - days[0]) / 365
    shares = []
    for path, at in zip(flows.T, rates, strict=True):
        exponents = -np.log1p(at) * years
        weighed = path * np.exp(np.minimum(exponents - exponents[path != 0].max(), 0))
        shares.append(abs(weighed.sum()) / np.abs(weighed).sum())
    return np.array(shares)


def least(days, rates):
    """Return what may be left over, because a rate is rounded: close to -1 the last bit of a rate is a large step."""
    return 1e-12 * (1 + (1e-3 + np.abs(rates)) / (1 + rates) * (days[-1] - days[0]) / 365)


# -- rates worked out by hand


@pytest.mark.parametrize(
    ("days", "flows", "expected"),
    [
        ([0, 365], [-100, 110], 0.1),
        ([0, 730], [-100, 121], 0.1),
        ([0, 365, 730], [-100, 10, 110], 0.1),
        ([0, 365], [-100, 25], -0.75),
        ([0, 1], [-100, 101], 1.01**365 - 1),
        ([0, 3650], [-100, 200], 2**0.1 - 1),
        ([0, 365], [-1, MOST], MOST - 1),
        ([0, 365], [-MOST, 1], 1 / MOST - 1),
        ([0, 100 * 365], [-MOST, MOST + 1 - 2], (1 - 1e-15) ** 0.01 - 1),
        ([0, 365, 730], [0, -100, 110], 0.1),
        ([0, 365, 730], [-100, 110, 0], 0.1),
        # the quadratic -100 y^2 + 60 y + 60 = 0 for y = 1 + r
        ([0, 365, 730], [-100, 60, 60], (60 + (60**2 + 4 * 100 * 60) ** 0.5) / 200 - 1),
    ],
)
def test_a_rate_worked_out_by_hand(days, flows, expected):
    assert rate(days, *flows) == pytest.approx(expected, rel=1e-13, abs=1e-17)


def test_the_rikers_loan_paid_back_returns_nothing_and_three_quarters_of_it_lose_13_percent_a_year():
    start, end = day("2013-02-01"), day("2015-02-01")
    assert end - start == 730
    assert rate([start, end], -RIKERS, RIKERS) == 0.0
    assert rate([start, end], -RIKERS, 7_200_000_00) == pytest.approx(0.75**0.5 - 1, rel=1e-14)  # -13.397%


def test_no_money_paid_in_has_no_rate():
    assert np.isnan(rate([0, 365], 0, 100))
    assert np.isnan(rate([0, 365], 0, 0))
    assert np.isnan(rate([0], 100))


def test_money_that_never_comes_back_is_a_total_loss():
    assert rate([0, 365], -100, 0) == -1.0
    assert rate([0, 365], -100, -1) == -1.0
    assert rate([0, 365], 0, -100) == -1.0
    assert rate([0], -100) == -1.0  # a later date without a flow would change nothing


def test_money_that_comes_back_as_it_was_has_a_rate_of_exactly_0():
    found = irr(np.array([0, 100, 365]), np.array([[-MOST, 7, -3], [1, -7, 2], [MOST - 1, 0, 1]]))
    assert found.rate.tolist() == [0.0, 0.0, 0.0]
    assert not found.several.any()


def test_flows_that_begin_with_a_receipt_have_the_rate_that_the_money_costs():
    assert rate([0, 365], 100, -110) == pytest.approx(0.1, rel=1e-14)
    assert rate([0, 365, 730], 100, -60, -60) == pytest.approx(rate([0, 365, 730], -100, 60, 60), rel=1e-14)


def test_a_rate_that_no_float_can_hold_is_infinite_or_a_total_loss():
    assert rate([0, 1], -1, MOST) == np.inf
    assert rate([0, 1], -MOST, 1) == -1.0
    assert not several([0, 1], -1, MOST)


def test_of_several_rates_the_one_nearest_to_0_is_given():
    years = [0, 365, 730]
    assert rate(years, -100, 230, -132) == pytest.approx(0.1, rel=1e-12)  # and 20%
    assert several(years, -100, 230, -132)
    assert rate(years, -1_600, 10_000, -10_000) == pytest.approx(0.25, rel=1e-12)  # and 400%
    assert several(years, -1_600, 10_000, -10_000)
    assert rate(years, -100, 110, -24) == pytest.approx(-0.2, rel=1e-12)  # and -70%
    assert several(years, -100, 110, -24)
    # (y - 0.5)(y - 1.1)(y - 3) = 0 for y = 1 + r
    assert rate([0, 365, 730, 1095], -100, 460, -535, 165) == pytest.approx(0.1, rel=1e-12)
    assert several([0, 365, 730, 1095], -100, 460, -535, 165)


def test_a_rate_of_0_among_several_is_exactly_0():
    assert rate([0, 365, 730], -1, 3, -2) == 0.0  # and 100%
    assert several([0, 365, 730], -1, 3, -2)


def test_no_rate_at_all_is_none():
    assert np.isnan(rate([0, 365, 730], -100, 200, -150))
    assert not several([0, 365, 730], -100, 200, -150)
    assert np.isnan(rate([0, 365, 730], 100, -200, 150))


def test_a_rate_at_which_the_value_only_touches_0_is_one_rate():
    assert rate([0, 365, 730], -100, 220, -121) == pytest.approx(0.1, rel=1e-7)
    assert not several([0, 365, 730], -100, 220, -121)
    # three rates in one: (y - 1.1)^3
    assert rate([0, 365, 730, 1095], -1000, 3300, -3630, 1331) == pytest.approx(0.1, rel=1e-4)


def test_many_changes_of_sign_may_still_be_one_rate():
    found = irr(np.arange(6) * 365, column(-1000, 500, -100, 500, -100, 700))
    assert not found.several.any()
    assert left_over(np.arange(6) * 365, column(-1000, 500, -100, 500, -100, 700), found.rate) < 1e-14


def test_every_rate_of_flows_built_from_their_rates_is_counted():
    random = np.random.default_rng(5)
    for _ in range(200):
        growth = sorted(random.choice(np.arange(50, 300, 10), random.integers(2, 6), replace=False).tolist())
        flows = [1]
        for y in growth:  # times (100 Y - y), whole numbers throughout
            flows = [100 * a - y * b for a, b in zip([*flows, 0], [0, *flows], strict=True)]
        found = irr(np.arange(len(flows)) * 365, column(*flows))
        nearest = min(growth, key=lambda y: abs(y - 100)) / 100 - 1
        assert found.several.all()
        assert abs(found.rate.item()) == pytest.approx(abs(nearest), rel=1e-6, abs=1e-7)


def roots(flows):
    """Count the zeros of ``f_0 y^n + f_1 y^(n - 1) + ...`` above 0 by Sturm's theorem, exactly."""
    first, *_, last = np.flatnonzero(flows).tolist()
    chain = [[Fraction(flow) for flow in flows[first : last + 1].tolist()]]
    chain.append([figure * (last - first - place) for place, figure in enumerate(chain[0][:-1])])
    while chain[-1]:
        rest, by = chain[-2], chain[-1]
        while len(rest) >= len(by):
            share = rest[0] / by[0]
            rest = [a - share * b for a, b in zip(rest, by + [0] * (len(rest) - len(by)), strict=True)][1:]
        while rest and rest[0] == 0:
            rest = rest[1:]
        chain.append([-figure for figure in rest])

    def changes(signs):
        signs = [sign for sign in signs if sign]
        return sum(a * b < 0 for a, b in pairwise(signs))

    return changes(row[-1] for row in chain[:-1]) - changes(row[0] for row in chain[:-1])


@pytest.mark.parametrize("largest", [1, 3, 1_000])
@pytest.mark.parametrize("dates", [2, 3, 4, 6, 9, 12])
def test_rates_of_yearly_flows_are_as_many_as_sturm_counts(dates, largest):
    flows = np.random.default_rng(dates).integers(-largest, largest + 1, (dates, 200))
    flows = flows[:, (flows > 0).any(axis=0) & (flows < 0).any(axis=0)]
    found = irr(np.arange(dates) * 365, flows)
    exact = np.array([roots(path) for path in flows.T])
    assert np.array_equal(found.several, exact > 1)
    assert np.array_equal(np.isnan(found.rate), exact == 0)


def test_two_hundred_changes_of_sign_are_decided():
    flows = np.tile(np.array([[-100, -90], [101, 95]]), (100, 1))
    found = irr(np.arange(200) * 30, flows)
    assert (left_over(np.arange(200) * 30, flows, found.rate) < 1e-12).all()


# -- agreement with pyxirr


def drawn(shape, random, paths):
    """Draw days and flows of one kind."""
    dates = int(random.integers(2, 40))
    days = 15_000 + np.cumsum(random.integers(1, 200, dates))
    sizes = random.integers(1, 10 ** int(random.integers(2, 12)), (dates, paths))
    turn = int(random.integers(1, dates))
    if shape == "invest, then receive":
        sizes[:turn] *= -1
    elif shape == "borrow, then repay":
        sizes[turn:] *= -1
    elif shape == "gaps":
        sizes[:turn] *= -1
        sizes[random.random(sizes.shape) < 0.6] = 0
    elif shape == "late calls":
        sizes[:turn] *= -3
        sizes[random.random(sizes.shape) < 0.1] *= -1
    else:
        sizes *= random.choice([-1, 1], sizes.shape)
    return days, sizes


@pytest.mark.parametrize("shape", ["invest, then receive", "borrow, then repay", "gaps", "late calls", "any signs"])
def test_the_rates_are_those_of_pyxirr(shape):
    """Two thousand of each shape. Where pyxirr answers otherwise, the value at our rate says who is right."""
    random = np.random.default_rng(len(shape))
    compared = agreed = 0
    for _ in range(100):
        days, flows = drawn(shape, random, 20)
        found = irr(days, flows)
        dates = [datetime.date(1970, 1, 1) + datetime.timedelta(days=int(d)) for d in days]
        for path, ours, more in zip(flows.T, *found, strict=True):
            theirs = pyxirr.xirr(dates, path.tolist(), silent=True)
            compared += 1
            if theirs is not None and np.isclose(ours, theirs, rtol=1e-7, atol=1e-7):
                agreed += 1
                continue
            zero = theirs is not None and left_over(days, path.reshape(-1, 1), [theirs])[0] < 1e-9
            if not ((path > 0).any() and (path < 0).any()):  # pyxirr has no rate for a total loss
                assert theirs is None
                assert ours == -1.0 if (path < 0).any() else np.isnan(ours)
            elif np.isnan(ours):
                assert not zero
            elif zero:  # another of several
                assert more
                assert abs(ours) <= abs(theirs)
            elif -1 < ours < np.inf:  # pyxirr found none, or one that is none
                assert left_over(days, path.reshape(-1, 1), [ours]) < least(days, ours)
    assert compared == 2_000
    assert agreed > 0.5 * compared


# -- laws

DAYS = st.lists(st.integers(1, 900), min_size=1, max_size=11).map(lambda gaps: np.cumsum([15_000, *gaps]))
AMOUNT = st.integers(-(10**9), 10**9)


@st.composite
def batch(draw, amount=AMOUNT, paths=4):
    days = draw(DAYS)
    flows = draw(st.lists(amount, min_size=len(days) * paths, max_size=len(days) * paths))
    return days, np.array(flows, dtype=np.int64).reshape(len(days), paths)


@st.composite
def investment(draw):
    """Flows of one path that change sign once: first they are paid in."""
    days = draw(DAYS)
    turn = draw(st.integers(1, len(days) - 1))
    sizes = draw(st.lists(st.integers(1, 10**9), min_size=len(days), max_size=len(days)))
    return days, column(*[-size if place < turn else size for place, size in enumerate(sizes)]), turn


def same(one, other):
    """Whether two returns are the same, bit for bit."""
    return np.array_equal(one.rate, other.rate, equal_nan=True) and np.array_equal(one.several, other.several)


@law
@given(batch())
def test_a_path_of_a_batch_is_that_path_alone(drawn_batch):
    days, flows = drawn_batch
    found = irr(days, flows)
    for path in range(flows.shape[1]):
        alone = irr(days, flows[:, path : path + 1])
        assert same(alone, type(found)(found.rate[path : path + 1], found.several[path : path + 1]))


def test_a_path_of_many_blocks_is_that_path_alone_on_any_number_of_threads():
    random = np.random.default_rng(3)
    days = np.cumsum(random.integers(1, 99, 24))
    flows = random.integers(-(10**8), 10**8, (24, 9_000))
    flows[:, ::3] = np.sort(flows[:, ::3], axis=0)
    found = irr(days, flows)
    assert all(same(found, irr(days, flows, threads=threads)) for threads in (1, 2, 5))
    for path in range(0, 9_000, 150):
        alone = irr(days, flows[:, path : path + 1])
        assert same(alone, type(found)(found.rate[path : path + 1], found.several[path : path + 1]))
    order = random.permutation(9_000)
    mixed = irr(days, flows[:, order])
    assert same(mixed, type(found)(found.rate[order], found.several[order]))


@law
@given(batch(), st.integers(2, 10**5))
def test_the_rate_of_flows_is_that_of_so_many_times_the_flows(drawn_batch, by):
    days, flows = drawn_batch
    one, other = irr(days, flows), irr(days, flows * by)
    assert np.array_equal(one.several, other.several)
    assert np.allclose(one.rate, other.rate, rtol=1e-8, atol=1e-10, equal_nan=True)
    assert same(one, irr(days, flows * 2))  # a power of two leaves every bit as it is
    assert same(one, irr(days, flows * 1024))


@law
@given(batch(), st.integers(-20_000, 20_000))
def test_other_dates_with_the_same_distances_have_the_same_rate(drawn_batch, by):
    days, flows = drawn_batch
    assert same(irr(days, flows), irr(days + by, flows))


@law
@given(batch())
def test_the_value_at_the_rate_is_nothing(drawn_batch):
    days, flows = drawn_batch
    rates = irr(days, flows).rate
    found = np.isfinite(rates) & (rates > -1)
    assert (left_over(days, flows[:, found], rates[found]) < least(days, rates[found])).all()
    ordinary = found & (np.abs(rates) < 0.5)
    size = npv(days, np.abs(flows), np.where(ordinary, rates, 0.0))
    assert (np.abs(npv(days, flows, rates)) <= 1e-11 * size)[ordinary].all()


@law
@given(investment(), st.data())
def test_more_money_later_never_lowers_the_rate(case, data):
    days, flows, turn = case
    before = irr(days, flows)
    more = flows.copy()
    more[data.draw(st.integers(turn, len(days) - 1))] += data.draw(st.integers(1, 10**9))
    after = irr(days, more)
    assert not before.several.any()
    assert after.rate >= before.rate or np.isclose(after.rate, before.rate, rtol=1e-10, atol=1e-14)


@law
@given(batch())
def test_dates_without_a_flow_change_nothing(drawn_batch):
    days, flows = drawn_batch
    one = irr(days, flows)
    nothing = np.zeros_like(flows[:1])
    around = irr(np.concatenate([days[:1] - 7, days, days[-1:] + 7]), np.concatenate([nothing, flows, nothing]))
    assert np.array_equal(one.several, around.several)
    assert np.allclose(one.rate, around.rate, rtol=1e-8, atol=1e-10, equal_nan=True)


@law
@given(batch(amount=st.integers(-9, 9)))
def test_the_rates_of_flows_turned_round_are_the_same(drawn_batch):
    days, flows = drawn_batch
    both = (flows > 0).any(axis=0) & (flows < 0).any(axis=0)
    one, other = irr(days, flows[:, both]), irr(days, -flows[:, both])
    assert np.array_equal(one.several, other.several)
    assert np.allclose(one.rate, other.rate, rtol=1e-10, atol=1e-14, equal_nan=True)


@law
@given(batch(amount=st.integers(-3, 3)))
def test_several_rates_are_those_that_a_fine_grid_sees(drawn_batch):
    days, flows = drawn_batch
    found = irr(days, flows)
    years = (days - days[0]) / 365
    x = np.concatenate([-np.geomspace(3_000, 1e-4, 2_000), np.geomspace(1e-4, 3_000, 2_000)])
    seen = []
    for path in flows.T:
        there = path != 0
        exponents = -np.outer(years[there], x)
        weighed = path[there].reshape(-1, 1) * np.exp(exponents - exponents.max(axis=0, initial=-np.inf))
        clear = np.abs(weighed.sum(axis=0)) > 1e-9 * np.abs(weighed).sum(axis=0)
        signs = np.sign(weighed.sum(axis=0)[clear])
        seen.append((signs[1:] != signs[:-1]).sum())
    seen = np.array(seen)
    assert (found.several | (seen <= 1)).all()  # the grid sees no more than there are
    assert not np.isnan(found.rate[seen > 0]).any()


@law
@given(batch(amount=st.integers(-MOST, MOST), paths=2))
def test_sums_in_64_bits_are_those_of_unbounded_integers(drawn_batch):
    days, flows = drawn_batch
    exact = flows.astype(object)
    for measure in (gain, loss, peak_at_risk):
        assert measure(flows).dtype == np.int64
        assert measure(flows).tolist() == measure(exact).tolist()
    assert gain(flows).tolist() == [max(sum(path), 0) for path in exact.T.tolist()]
    assert (gain(flows) - loss(flows)).tolist() == [sum(path) for path in exact.T.tolist()]
    assert payback(days, flows).tolist() == payback(days, exact).tolist()
    assert lowest(days, flows).balance.tolist() == lowest(days, exact).balance.tolist()
    assert np.array_equal(multiple(flows), multiple(exact), equal_nan=True)
    size, back = np.abs(flows), np.maximum(flows, 0)
    assert np.allclose(
        weighted_average_life(days, size, back), weighted_average_life(days, size.astype(object), back), equal_nan=True
    )
    assert same(irr(days, flows), irr(days, exact))


# -- nothing is lost to size, and nothing warns


def test_the_largest_amounts_on_many_dates_have_a_rate():
    days = np.arange(3_000) * 7
    flows = np.full((3_000, 2), MOST)
    flows[:1_500] *= -1
    flows[0, 1] += 1
    assert rate(days, *flows[:, 0].tolist()) == 0.0
    assert 0 <= irr(days, flows).rate[1] < 1e-15


def test_an_amount_beyond_the_largest_is_refused():
    large = np.array([[-1], [MOST + 1]])
    days = np.array([0, 1])
    for measure in (multiple, gain, loss, peak_at_risk):
        with pytest.raises(TooLarge):
            measure(large)
    for dated in (irr, payback, lowest):
        with pytest.raises(TooLarge):
            dated(days, large)
    with pytest.raises(TooLarge):
        npv(days, large, 0.1)
    with pytest.raises(TooLarge):
        gain(np.full((1_001, 1), MOST))
    with pytest.raises(TooLarge):
        peak_at_risk(np.full((20_000, 1), -MOST))


def test_nothing_warns_even_where_all_floating_point_errors_are_raised():
    random = np.random.default_rng(9)
    days = np.cumsum(random.integers(1, 9_000, 9))
    flows = random.integers(-1, 2, (9, 500)) * 10 ** random.integers(0, 16, (9, 500))
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        found = irr(days, flows)
        npv(days, flows, found.rate)
        npv(days, flows, Fraction(-999, 1_000))
        multiple(flows)
        weighted_average_life(days, np.abs(flows), np.abs(flows))
    assert not found.several[np.isnan(found.rate)].any()


def test_no_paths_at_all_are_no_rates():
    found = irr(np.array([0, 1]), np.zeros((2, 0), dtype=np.int64))
    assert found.rate.shape == found.several.shape == (0,)
    assert gain(np.zeros((2, 0), dtype=np.int64)).shape == (0,)


def test_any_layout_in_memory_is_read_alike():
    flows = np.random.default_rng(2).integers(-9, 9, (300, 12))
    days = np.arange(12) * 100
    assert same(irr(days, flows.T), irr(days, np.ascontiguousarray(flows.T)))


@pytest.mark.parametrize(
    ("days", "flows", "words"),
    [
        ([0, 0], [[1], [2]], "days do not ascend"),
        ([1, 0], [[1], [2]], "days do not ascend"),
        ([0], [[1], [2]], r"\(1,\) days for flows on 2 dates"),
        ([0.0, 1.0], [[1], [2]], "days are float64"),
        ([0, 1], [[1.0], [2.0]], "amounts are float64"),
        ([0, 1], [1, 2], r"amounts are shaped \(2,\)"),
        ([], np.zeros((0, 1), dtype=np.int64), r"amounts are shaped \(0, 1\)"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(days, flows, words):
    with pytest.raises(ValueError, match=f"{words}.*; "):
        irr(np.array(days), np.array(flows))


# -- the other measures


def test_the_multiple_is_what_was_received_over_what_was_paid_in():
    flows = np.array([[-100, -50, 0, -1], [150, -50, 7, 0], [0, 25, 0, 0]])
    found = multiple(flows)
    assert found[:2].tolist() == [1.5, 0.25]
    assert np.isnan(found[2])
    assert found[3] == 0.0


def test_the_net_present_value_on_the_first_day_or_another():
    days, flows = np.array([0, 365, 730]), column(-100, 110, 121)
    assert npv(days, flows, Fraction(1, 10)).item() == pytest.approx(100, rel=1e-13)
    assert npv(days, flows, 0.1, on=730).item() == pytest.approx(121, rel=1e-13)
    assert npv(days, flows, 0.1, on=-365).item() == pytest.approx(100 / 1.1, rel=1e-13)
    assert npv(days, flows, 0).item() == 131.0
    assert npv(days, np.tile(flows, 2), np.array([0.0, 0.1])) == pytest.approx([131, 100], rel=1e-13)


def test_a_rate_of_none_or_of_a_total_loss_gives_no_value():
    rates = np.array([np.nan, -1.0, np.inf])
    assert np.isnan(npv(np.array([0, 365]), np.full((2, 3), 5), rates)).all()
    with pytest.raises(ValueError, match=r"below -1; nothing"):
        npv(np.array([0, 365]), column(-1, 1), -1.01)


def test_money_is_paid_back_on_the_day_from_which_it_stays_so():
    days = np.array([10, 20, 30, 40])
    assert payback(days, column(-100, 60, 40, 5)).item() == 30
    assert payback(days, column(-100, 100, -1, 1)).item() == 40  # it was back on day 20, but not for good
    assert payback(days, column(5, -3, -4, 2)).item() == 40
    assert payback(days, column(-1, 1, 0, 0)).item() == 20


def test_money_that_never_was_out_or_never_came_back_has_no_day_of_payback():
    days = np.array([10, 20])
    assert payback(days, np.array([[-100, 1, 0, 5], [99, 0, 0, -5]])).tolist() == [NO_DAY] * 4
    assert np.isnat(payback(days, column(-1, 0)).astype("datetime64[D]")).all()


def test_the_most_that_was_ever_out():
    flows = np.array([[-100, 5, 0], [-50, -6, 3], [500, 9, 0]])
    assert peak_at_risk(flows).tolist() == [150, 1, 0]


def test_what_was_lost_and_what_was_gained():
    flows = np.array([[-100, -100, 5], [40, 140, -5]])
    assert loss(flows).tolist() == [60, 0, 0]
    assert gain(flows).tolist() == [0, 40, 0]


def test_the_average_life_counts_from_each_draw():
    days = np.array([0, 365, 730, 1095])
    drawn_, repaid = column(0, 100, 0, 0), column(0, 0, 50, 50)
    assert weighted_average_life(days, drawn_, repaid).item() == 1.5
    assert weighted_average_life(days, drawn_, column(0, 0, 50, 0)).item() == 1.0  # the rest is lost and has no time
    assert np.isnan(weighted_average_life(days, drawn_, repaid * 0)).all()
    assert np.isnan(weighted_average_life(days, drawn_ * 0, repaid)).all()
    # 100 drawn today is repaid after two years, and 100 drawn a year later after three: two years each
    assert weighted_average_life(days, column(100, 100, 0, 0), column(0, 0, 100, 100)).item() == 2.0
    # of 100 and 300, the first 200 come back after two years: 100 after two, and 100 after one
    assert weighted_average_life(days, column(100, 300, 0, 0), column(0, 0, 200, 0)).item() == 1.5
    # what comes back beyond what was drawn is interest, and in no average
    assert weighted_average_life(days, column(100, 0, 0, 0), column(0, 100, 0, 50)).item() == 1.0
    large = np.array([0, 20_000])
    assert weighted_average_life(large, column(MOST, 0), column(0, MOST)).item() == pytest.approx(
        20_000 / 365, rel=1e-15
    )


def test_principal_below_0_or_of_another_shape_is_refused():
    days = np.array([0, 1])
    with pytest.raises(ValueError, match="principal is below 0; give"):
        weighted_average_life(days, column(-1, 0), column(0, 1))
    with pytest.raises(ValueError, match="; give both for the same dates"):
        weighted_average_life(days, column(1, 0), np.zeros((2, 2), dtype=np.int64))


def test_the_lowest_balance_and_the_day_on_which_it_is_first_reached():
    found = lowest(np.array([10, 20, 30]), np.array([[5, -1, 0], [3, -1, 0], [3, 2, -7]]))
    assert found.balance.tolist() == [3, -1, -7]
    assert found.day.tolist() == [20, 10, 30]


def test_blocks_are_cut_so_that_every_path_is_worked_once(monkeypatch):
    seen = []
    module.by_blocks((24, 100_000), lambda block: seen.extend(range(block.start, block.stop)), 1)
    assert seen == list(range(100_000))
    monkeypatch.setattr(module, "CELLS", 1)
    module.by_blocks((5, 0), lambda block: pytest.fail("there is nothing to do"))
