"""Money: exact, rounded as the contract says, never wrapped, and shared out to the last minor unit."""

import re
from fractions import Fraction
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payfs.money import (
    HALF_UP,
    MOST,
    SAFE,
    Currency,
    Rounding,
    TooLarge,
    at_least_nothing,
    carried,
    currency,
    fits,
    over,
    peak,
    refuse_beyond,
    since_before,
    split,
    sum_over,
    times,
    times_to_date,
    to_date,
    total,
    within,
)

USD, JPY, KWD, CHF = (currency(code) for code in ("USD", "JPY", "KWD", "CHF"))
BEYOND = "^an amount is beyond what can be paid exactly$"
law = settings(max_examples=200, deadline=None, derandomize=True, database=None)


def row(*figures, dtype=np.int64):
    """Lay figures out along the periods: one cohort, one path."""
    return np.array(figures, dtype=dtype).reshape(1, -1, 1)


def paths(*figures, dtype=np.int64):
    return np.array(figures, dtype=dtype).reshape(1, 1, -1)


def listed(array):
    return array.ravel().tolist()


# -- currencies


def test_the_minor_unit_is_that_of_the_currency():
    assert [c.minor for c in (USD, JPY, KWD)] == [100, 1, 1000]
    assert isinstance(USD.minor, int)
    assert (USD.code, USD.digits, USD.symbol) == ("USD", 2, "$")


def test_there_is_no_such_currency():
    with pytest.raises(KeyError, match="XYZ"):
        currency("XYZ")


@pytest.mark.parametrize(
    ("money", "minor", "shown", "plain"),
    [
        (USD, 510_400_000, "$5,104,000.00", "5104000.00"),
        (USD, 0, "$0.00", "0.00"),
        (USD, 5, "$0.05", "0.05"),
        (USD, 99, "$0.99", "0.99"),
        (USD, 100, "$1.00", "1.00"),
        (USD, 99_999, "$999.99", "999.99"),
        (USD, 100_000, "$1,000.00", "1000.00"),
        (USD, -1, "-$0.01", "-0.01"),
        (USD, 1, "$0.01", "0.01"),
        (CHF, -4_050_000, "-CHF 40,500.00", "-40500.00"),
        (JPY, 1_234_567, "¥1,234,567", "1234567"),
        (JPY, -7, "-¥7", "-7"),
        (KWD, 1_005, "KWD 1.005", "1.005"),
        (KWD, -1_234_567, "-KWD 1,234.567", "-1234.567"),
        (Currency("XXX", 2, ""), 123_456, "1,234.56", "1234.56"),
        (Currency("XXX", 2, "a$b"), 100, "a$b 1.00", "1.00"),
        (Currency("XXX", 2, "ab$"), 100, "ab$1.00", "1.00"),
    ],
)
def test_an_amount_is_written_with_its_currency_and_without(money, minor, shown, plain):
    assert money.show(minor) == shown
    assert money.plain(minor) == plain


def test_numbers_of_numpy_are_written_alike():
    assert USD.show(np.int64(123_456)) == "$1,234.56"
    assert USD.plain(np.int64(-5)) == "-0.05"


@pytest.mark.parametrize(
    ("money", "amount", "text"),
    [
        (USD, Fraction("15.12"), "$15.12"),
        (USD, Fraction("0.125"), "$0.125"),
        (USD, Fraction("-0.125"), "-$0.125"),
        (USD, Fraction("0.000000001"), "$0.000000001"),
        (USD, Fraction(1, 10**10), "$ 1/10000000000"),
        (USD, Fraction(1, 3), "$ 1/3"),
        (JPY, Fraction("1.5"), "¥1.5"),
        (JPY, Fraction("2"), "¥2"),
        (KWD, Fraction("1.0005"), "KWD 1.0005"),
        (CHF, Fraction("2.5"), "CHF 2.50"),
    ],
)
def test_a_price_may_be_finer_than_the_minor_unit(money, amount, text):
    assert money.rate(amount) == text


# -- rounding


def test_the_default_is_half_up_to_one_minor_unit():
    assert HALF_UP == Rounding() == ("half up", 1)


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        # -11 to 11 quarters
        ("half up", [-3, -3, -2, -2, -2, -2, -1, -1, -1, -1, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3]),
        ("half even", [-3, -2, -2, -2, -2, -2, -1, -1, -1, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 3]),
        ("down", [-2, -2, -2, -2, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]),
        ("up", [-3, -3, -3, -2, -2, -2, -2, -1, -1, -1, -1, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3]),
    ],
)
@pytest.mark.parametrize("dtype", [np.int64, object])
def test_quarters_are_rounded_away_from_and_towards_nothing(how, expected, dtype):
    quarters = row(*range(-11, 12), dtype=dtype)
    found = over(quarters, 4, Rounding(how))
    assert listed(found) == expected
    assert found.dtype == dtype
    assert listed(over(quarters[:, 11:], 4, Rounding(how))) == expected[11:]


@pytest.mark.parametrize(("how", "expected"), [("half up", 500), ("half even", 400), ("down", 400), ("up", 500)])
def test_rounding_to_hundreds(how, expected):
    assert listed(over(row(900, -900), 2, Rounding(how, 100))) == [expected, -expected]


@pytest.mark.parametrize(("number", "expected"), [(149, 100), (150, 200), (151, 200), (-150, -200), (-149, -100)])
def test_rounding_to_hundreds_without_dividing(number, expected):
    assert listed(over(row(number), 1, Rounding("half up", 100))) == [expected]


def test_rounding_to_an_even_number_of_minor_units():
    assert listed(over(row(5, 7, -5), 1, Rounding("down", 2))) == [4, 6, -4]


def test_dividing_by_one_changes_nothing_and_makes_no_array():
    array = row(1, 2)
    assert over(array, 1) is array


def test_dividing_by_arrays():
    assert listed(over(row(7, 7, -7), row(2, 7, 2))) == [4, 1, -4]
    assert listed(over(row(7, 7, -7, dtype=object), row(2, 7, 2))) == [4, 1, -4]
    assert listed(over(row(70, 70), row(2, 7), Rounding("half up", 10))) == [40, 10]
    assert listed(over(row(5, 3), row(1, 1))) == [5, 3]


def test_dividing_nothing():
    empty = np.zeros((1, 0, 1), dtype=np.int64)
    assert over(empty, 3).shape == (1, 0, 1)


def rounded(exact: Fraction, rounding: Rounding) -> int:
    """Round by the words of the contract, one number at a time."""
    size, to = abs(exact) / rounding.to, rounding.to
    low = floor(size)
    part = size - low
    whole = {
        "half up": low + (part >= Fraction(1, 2)),
        "half even": low + (part > Fraction(1, 2) or (part == Fraction(1, 2) and low % 2 == 1)),
        "down": low,
        "up": ceil(size),
    }[rounding.how]
    return (whole if exact >= 0 else -whole) * to


ROUNDINGS = [Rounding(how, to) for how in ("half up", "half even", "down", "up") for to in (1, 5, 100)]


@law
@given(
    st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=6),
    st.fractions(-1000, 1000, max_denominator=997),
    st.sampled_from(ROUNDINGS),
    st.sampled_from([np.int64, object]),
)
def test_a_product_is_rounded_once_as_the_words_say(figures, rate, rounding, dtype):
    found = times(row(*figures, dtype=dtype), rate, rounding)
    assert listed(found) == [rounded(figure * rate, rounding) for figure in figures]
    assert found.dtype == dtype


@law
@given(
    st.lists(st.tuples(st.integers(-(10**8), 10**8), st.integers(-(10**6), 10**6)), min_size=1, max_size=6),
    st.integers(1, 10**6),
    st.sampled_from(ROUNDINGS),
)
def test_each_period_may_have_its_own_rate(pairs, bottom, rounding):
    amounts, tops = row(*(a for a, _ in pairs)), row(*(t for _, t in pairs))
    expected = [rounded(Fraction(a * t, bottom), rounding) for a, t in pairs]
    for dtype in (np.int64, object):
        assert listed(times(amounts.astype(dtype), (tops, bottom), rounding)) == expected
        assert listed(times(amounts, (tops.astype(object), bottom), rounding)) == expected
    to_now = [rounded(sum(Fraction(a * t, bottom) for a, t in pairs[: n + 1]), rounding) for n in range(len(pairs))]
    for dtype in (np.int64, object):
        found = times_to_date(amounts.astype(dtype), (tops, bottom), rounding)
        assert listed(found) == to_now
        assert found.dtype == dtype


def test_totals_at_changing_rates_by_path():
    added = np.array([[[1, 2], [3, 4]]])
    rates = np.array([[[10], [100]]])
    assert times_to_date(added, (rates, 1)).tolist() == [[[10, 20], [310, 420]]]


# -- nothing wraps


@pytest.mark.parametrize("dtype", [np.int64, object])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_amount_can_be_paid_and_one_more_cannot(dtype, sign):
    most = row(sign * MOST, dtype=dtype)
    assert refuse_beyond(most) is most
    assert listed(times(most, Fraction(1))) == [sign * MOST]
    with pytest.raises(TooLarge, match=BEYOND):
        refuse_beyond(row(sign * (MOST + 1), dtype=dtype))
    with pytest.raises(TooLarge, match=BEYOND):
        times(most, Fraction(MOST + 1, MOST))
    with pytest.raises(TooLarge, match=BEYOND):
        times(row(sign, dtype=dtype), Fraction(MOST + 1))
    with pytest.raises(TooLarge, match=BEYOND):
        times_to_date(row(sign * MOST, sign, dtype=dtype), (row(1), 1))
    assert listed(times_to_date(row(sign * MOST, -sign, dtype=dtype), (row(1), 1))) == [sign * MOST, sign * (MOST - 1)]


def test_another_limit_may_be_asked_for():
    assert listed(refuse_beyond(row(5), 5)) == [5]
    with pytest.raises(TooLarge):
        refuse_beyond(row(6), 5)


def test_a_product_beyond_64_bits_is_worked_out_all_the_same():
    # 10**15 x (10**9 / (10**9 + 1)): the product before the division has 24 digits
    rate = Fraction(10**9, 10**9 + 1)
    found = times(row(MOST), rate)
    assert listed(found) == [rounded(MOST * rate, HALF_UP)]
    assert found.dtype == np.int64
    tops = row(10**9)
    assert listed(times(row(MOST), (tops, 10**9 + 1))) == listed(found)
    assert listed(times_to_date(row(MOST // 2, MOST // 2), (tops, 10**9 + 1))) == [
        rounded(MOST // 2 * rate, HALF_UP),
        rounded(MOST * rate, HALF_UP),
    ]
    assert times_to_date(row(MOST), (tops, 10**9 + 1)).dtype == np.int64


def test_what_no_floating_point_number_could_hold_is_rounded_exactly():
    numbers = range(2**53, 2**53 + 200)
    exact = [rounded(Fraction(number, 31), HALF_UP) for number in numbers]
    assert listed(over(paths(*numbers), paths(*[31] * 200))) == exact
    assert listed(times(paths(1), (paths(*numbers), 31))) == exact
    assert listed(times_to_date(paths(1), (paths(*numbers), 31))) == exact
    # and the same where it passes 64 bits on the way
    assert listed(times(paths(1024), (paths(*numbers), 1024 * 31))) == exact
    assert listed(times_to_date(paths(1024), (paths(*numbers), 1024 * 31))) == exact
    assert listed(times_to_date(paths(*numbers), (paths(1024), 1024 * 31))) == exact


@pytest.mark.parametrize("extra", [-1, 0, 1])
@pytest.mark.parametrize("how", ["half up", "half even", "down", "up"])
def test_at_the_edge_of_64_bits_the_figures_are_those_of_unbounded_integers(how, extra):
    # at half of SAFE, over 2, the check changes from 64 bits to unbounded integers
    bottom = 2**30
    for top in (2**31 + extra, 2**32 + extra, 2**33 + extra):
        amount = (SAFE - bottom) // (2 * top) + extra
        rate = Fraction(top, bottom + 1)
        rounding = Rounding(how)
        assert listed(times(row(amount, -amount), rate, rounding)) == [
            rounded(amount * rate, rounding),
            rounded(-amount * rate, rounding),
        ]


def test_a_rate_alone_may_be_too_large_for_64_bits():
    tops = np.array([[[2**70]]], dtype=object)
    assert listed(times(row(0), (tops, 1))) == [0]
    assert listed(times(row(3), (tops, 2**70))) == [3]
    assert listed(times(row(0), Fraction(2**70))) == [0]
    assert listed(times_to_date(row(0), (tops, 1))) == [0]
    assert times(row(0), Fraction(2**70)).dtype == np.int64


def test_a_divisor_alone_may_be_too_large_for_64_bits():
    assert listed(times(row(3), Fraction(1, 2**70))) == [0]
    assert listed(times(row(MOST), Fraction(1, 2**70), Rounding("up"))) == [1]


def test_a_divisor_and_what_is_rounded_to_may_be_too_large_together():
    coarse = Rounding("half up", 10**12)
    assert listed(times(row(3), Fraction(1, 2**40), coarse)) == [0]
    assert listed(times_to_date(row(3), (row(1), 2**40), coarse)) == [0]


def test_rounding_may_lift_an_amount_beyond_the_largest():
    coarse = Rounding("up", 10**6 + 3)
    for pay in (
        lambda: times(row(MOST - 1), Fraction(1), coarse),
        lambda: times_to_date(row(MOST - 1), (row(1), 1), coarse),
    ):
        with pytest.raises(TooLarge, match=BEYOND):
            pay()


def test_many_periods_together_do_not_wrap():
    found = times_to_date(row(*[10**8] * 40), (row(2**33), 2**33 + 1))
    assert listed(found)[-1] == rounded(40 * 10**8 * Fraction(2**33, 2**33 + 1), HALF_UP)


@pytest.mark.parametrize(
    ("product", "divisor", "expected"),
    [
        ((SAFE - 2) // 2, 1, True),
        ((SAFE - 2) // 2 + 1, 1, False),
        (0, SAFE // 2 - 1, True),
        (0, SAFE // 2, False),
        (1, SAFE // 2 - 1, True),
        (0, 1, True),
        (SAFE // 4, SAFE // 2 - 1, True),
        (SAFE // 4 + 1, SAFE // 2 - 1, False),
        (SAFE // 2 - 1, 2, False),
    ],
)
def test_whether_a_product_fits(product, divisor, expected):
    assert fits(product, divisor) is expected
    assert SAFE == 2**62


def test_the_divisor_is_one_if_not_said():
    assert fits((SAFE - 2) // 2) is True
    assert fits((SAFE - 1) // 2 + 1) is False


def test_a_bound_spares_looking_through_the_array():
    large = row(MOST + 1)
    assert within(MOST - 1, large) is large  # it is believed
    assert within((MOST - 1) * 7, large, 7) is large
    assert within((MOST - 100) * 7, large, 7, Rounding("half up", 100)) is large
    with pytest.raises(TooLarge, match=BEYOND):
        within(MOST, large)
    with pytest.raises(TooLarge, match=BEYOND):
        within(MOST * 7, large, 7)
    with pytest.raises(TooLarge, match=BEYOND):
        within((MOST - 99) * 7, large, 7, Rounding("half up", 100))


def test_the_size_of_the_largest_entry():
    assert peak(row(3, -7, 5)) == 7
    assert peak(row(3, -2)) == 3
    assert peak(row(0)) == 0
    assert peak(np.zeros((1, 0, 1), dtype=np.int64)) == 0
    assert peak(row(-(2**63))) == 2**63
    assert peak(row(2**63 - 1, -1)) == 2**63 - 1
    assert peak(np.broadcast_to(row(4, -9), (3, 2, 5))[:, ::-1, ::2]) == 9
    assert peak(np.array([[[2**70], [-(2**71)]]], dtype=object)) == 2**71
    assert isinstance(peak(row(1)), int)


# -- sums


def test_a_total_of_nothing_is_nothing():
    assert total([]).shape == (1, 1, 1)
    assert listed(total([])) == [0]
    assert total([]).dtype == np.int64
    assert total([], row(1, dtype=object)).dtype == object


def test_amounts_are_added_up_to_broadcasting():
    cohorts = np.array([[[1]], [[2]]])
    assert total([cohorts, paths(10, 20)]).tolist() == [[[11, 21]], [[12, 22]]]
    assert total([row(1), row(2), row(4)]).tolist() == [[[7]]]
    assert total([row(5)]).tolist() == [[[5]]]


def test_a_total_beyond_the_largest_amount_is_refused():
    assert listed(total([row(MOST - 1), row(1)])) == [MOST]
    with pytest.raises(TooLarge, match=BEYOND):
        total([row(MOST), row(1)])


def test_ten_thousand_of_the_largest_amounts_do_not_wrap():
    with pytest.raises(TooLarge, match=BEYOND):
        total([row(MOST)] * 18_447)  # 18,447 x 10**15 is 2**64 and a little: in 64 bits it would be small again
    assert listed(total([row(1)] * 9_000)) == [9_000]
    assert listed(total([row(1), row(2)] * 4_501)) == [13_503]


def test_sums_along_an_axis_keep_it():
    array = np.arange(12).reshape(2, 3, 2)
    assert sum_over(array, 0).tolist() == array.sum(axis=0, keepdims=True).tolist()
    assert sum_over(array, 1).tolist() == array.sum(axis=1, keepdims=True).tolist()
    one = row(1, 2)
    assert sum_over(one, 0) is one
    assert sum_over(array.astype(object), 0).dtype == object


def test_a_sum_does_not_wrap():
    assert listed(sum_over(row(*[MOST] * 1000), 1)) == [1000 * MOST]
    with pytest.raises(TooLarge, match=BEYOND):
        sum_over(row(*[MOST] * 1001), 1)
    with pytest.raises(TooLarge, match=BEYOND):
        sum_over(np.full((1, 18_447, 1), MOST), 1)
    assert listed(sum_over(row(*[MOST] * 1001, *[-MOST] * 999), 1)) == [2 * MOST]
    large = np.full((1, 3, 1), 333 * MOST)
    assert listed(sum_over(large, 1)) == [999 * MOST]
    assert sum_over(np.full((1, 9, 1), 111 * MOST), 1).dtype == np.int64
    # more than a floating-point number could hold to the last cent
    assert listed(sum_over(row(*[MOST - 1] * 21, *[0] * 2_400), 1)) == [21 * (MOST - 1)]


def test_the_total_to_date_and_back():
    added = np.array([[[1, 5], [2, -6], [3, 7]], [[10, 0], [0, 0], [1, 1]]])
    running = to_date(added)
    assert running.tolist() == added.cumsum(axis=1).tolist()
    assert since_before(running).tolist() == added.tolist()
    assert running.dtype == np.int64
    assert to_date(added.astype(object)).dtype == object
    assert added[0, 0, 0] == 1  # nothing is changed in place


@pytest.mark.parametrize("paths", [1, 2, 5])
def test_totals_may_take_the_place_of_amounts_that_nobody_needs_any_more(paths):
    added = np.random.default_rng(paths).integers(-9, 9, (2, 3, paths))
    before, used_up = added.copy(), to_date(added.copy(), used_up=True)
    assert used_up.tolist() == to_date(added).tolist() == before.cumsum(axis=1).tolist()
    wide = np.full((1, 3, 2), MOST // 3, dtype=object)
    assert to_date(wide, used_up=True)[0, -1].tolist() == [MOST // 3 * 3] * 2


def test_one_period_is_its_own_total():
    one = paths(1, 2)
    assert to_date(one) is one
    assert since_before(one) is one


@pytest.mark.parametrize("dtype", [np.int64, object])
def test_a_total_to_date_beyond_the_largest_amount_is_refused(dtype):
    assert listed(to_date(row(MOST - 1, 1, dtype=dtype))) == [MOST - 1, MOST]
    with pytest.raises(TooLarge, match=BEYOND):
        to_date(row(MOST, 1, dtype=dtype))
    with pytest.raises(TooLarge, match=BEYOND):
        to_date(np.full((1, 18_447, 1), MOST, dtype=dtype))
    with pytest.raises(TooLarge, match=BEYOND):
        to_date(row(MOST // 2, MOST // 2, 1, dtype=dtype))


def test_totals_to_date_fall_back_where_they_might_not_fit():
    wide = row(*[MOST, -MOST] * 2_000)
    found = to_date(wide)
    assert listed(found) == [MOST, 0] * 2_000
    assert found.dtype == np.int64


@pytest.mark.parametrize("shape", [(2, 3, 7), (2, 7, 3), (1, 4, 4), (1, 1, 5), (1, 5, 1)])
@pytest.mark.parametrize("step", [np.add, np.maximum])
def test_what_is_carried_is_the_same_whichever_way_it_goes(shape, step):
    array = np.random.default_rng(1).integers(-9, 9, shape)
    before = array.copy()
    assert carried(step, array).tolist() == step.accumulate(array, axis=1).tolist()
    assert array.tolist() == before.tolist()


def test_at_least_nothing():
    kept = row(0, 1)
    assert at_least_nothing(kept) is kept
    assert listed(at_least_nothing(row(-1, 0, 3))) == [0, 0, 3]
    empty = np.zeros((1, 0, 1), dtype=np.int64)
    assert at_least_nothing(empty) is empty


# -- sharing out


def shared(amount: int, weights: list[int]) -> list[int]:
    """Share one amount out by Hamilton's method."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    exact = [Fraction(abs(amount) * weight, whole) for weight in weights]
    low = [floor(share) for share in exact]
    order = sorted(range(len(weights)), key=lambda place: (low[place] - exact[place], place))
    for place in order[: abs(amount) - sum(low)]:
        low[place] += 1
    return [share if amount >= 0 else -share for share in low]


@law
@given(
    st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=5),
    st.lists(st.integers(0, 1000), min_size=1, max_size=5),
    st.sampled_from([np.int64, object]),
)
def test_shares_add_up_and_odd_units_go_to_the_largest_remainders(amounts, weights, dtype):
    found = split(row(*amounts, dtype=dtype), weights)
    assert len(found) == len(weights)
    for place, amount in enumerate(amounts):
        assert [int(share[0, place, 0]) for share in found] == shared(amount, weights)
    assert all(share.dtype == dtype for share in found)


def test_equal_remainders_are_served_in_the_order_given():
    assert [listed(share) for share in split(row(100, 101, 2), [1, 1, 1])] == [[34, 34, 1], [33, 34, 1], [33, 33, 0]]


def test_where_all_weights_are_nothing_nothing_is_shared_out():
    assert [listed(share) for share in split(row(100), [0, 0])] == [[0], [0]]
    assert [listed(share) for share in split(row(100, 100), [row(0, 1), row(0, 3)])] == [[0, 25], [0, 75]]


def test_nobody_with_nothing_gets_an_odd_unit():
    assert [listed(share) for share in split(row(1), [0, 1, 0])] == [[0], [1], [0]]


def test_weights_may_differ_by_cohort_and_path():
    weights = [np.array([[[1, 2]]]), np.array([[[1, 0]], [[3, 2]]])]
    first, second = split(paths(8), weights)
    assert first.tolist() == [[[4, 8]], [[2, 4]]]
    assert second.tolist() == [[[4, 0]], [[6, 4]]]


def test_large_amounts_and_weights_do_not_wrap():
    found = split(row(MOST), [MOST, 2 * MOST, 10])
    assert [int(share[0, 0, 0]) for share in found] == shared(MOST, [MOST, 2 * MOST, 10])
    assert all(share.dtype == np.int64 for share in found)
    weights = [MOST - 3, MOST - 7, MOST // 3]
    shares = split(paths(*range(MOST - 50, MOST)), weights)
    for place, amount in enumerate(range(MOST - 50, MOST)):
        assert [int(share[0, 0, place]) for share in shares] == shared(amount, weights)
    close = [403_982_858_093_100, 381_483_954_809_790, 466_385_622_849_015]  # remainders that floats would mistake
    found = split(row(929_362_585_565_743), close)
    assert [int(share[0, 0, 0]) for share in found] == shared(929_362_585_565_743, close)
    edge = [2**31, 2**31 + 1]
    for amount in (2**29, 2**30, 2**31):
        assert [int(share[0, 0, 0]) for share in split(row(amount), edge)] == shared(amount, edge)


def test_shares_in_whole_hundreds():
    assert [listed(share) for share in split(row(1000), [1, 1, 1], 100)] == [[400], [300], [300]]
    assert [listed(share) for share in split(row(-1000), [1, 1, 1], 100)] == [[-400], [-300], [-300]]
    assert all(share.dtype == np.int64 for share in split(row(1000), [1, 1, 1], 100))
    # an amount that is no whole number of hundreds is shared to the minor unit
    assert [listed(share) for share in split(row(1001), [1, 1], 100)] == [[501], [500]]
    assert [listed(share) for share in split(row(1000, 1001), [1, 3], 100)] == [[300, 250], [700, 751]]


def test_the_words_of_the_error_are_plain():
    with pytest.raises(TooLarge) as caught:
        refuse_beyond(row(MOST + 1))
    assert re.fullmatch(BEYOND, str(caught.value))
