"""The price curve: one primitive evaluates every price, exactly, and says where a value lies."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_money import BEYOND, ROUNDINGS, rounded

from payfs.curve import Curve, Kink, Piece
from payfs.money import MOST, Rounding, TooLarge
from payfs.spec import UnknownTerm

HALF_UP = Rounding()
law = settings(max_examples=200, deadline=None, derandomize=True, database=None)


def values(*steps, dtype=np.int64):
    return np.array(steps, dtype=dtype).reshape(1, -1, 1)


def paid(curve: Curve, *steps, rounding=HALF_UP, dtype=np.int64) -> list[int]:
    return curve.pay(values(*steps, dtype=dtype), rounding).ravel().tolist()


# Denver's tiers in hundredths of a percent and cents
TIERS = Curve(
    (
        Piece(None, Fraction(0), path=("tiers", 0), said="nothing"),
        Piece(2000, Fraction(0), Fraction(160_000), path=("tiers", 1), said="160,000 a point"),
        Piece(3000, Fraction(480_000_000), Fraction(38_000), Fraction(3000), ("tiers", 2), "and 38,000"),
        Piece(6500, Fraction(613_000_000), path=("tiers", 3), said="the most"),
    )
)


def test_tiers_at_their_edges():
    steps = (-1, 0, 1999, 2000, 2001, 2999, 3000, 3001, 3800, 6499, 6500, 6501, 10_000)
    assert paid(TIERS, *steps) == [
        0, 0, 0, 320_000_000, 320_160_000, 479_840_000, 480_000_000, 480_038_000, 510_400_000, 612_962_000, 613_000_000,
        613_000_000, 613_000_000,
    ]  # fmt: skip


@pytest.mark.parametrize("how", ["half up", "half even", "down", "up"])
def test_many_values_are_paid_what_each_is_paid_alone(how):
    curve = Curve((*TIERS.pieces[:2], Piece(3000, Fraction(10**9, 7), Fraction(38_001, 11)), Piece(6500, Fraction(5))))
    random, rounding = np.random.default_rng(0), Rounding(how, 3)
    for low, high in ((2900, 3100), (-500, 7000), (6000, 36_000), (50_000, 60_000), (-(10**6), 10**6)):
        x = random.integers(low, high, (1, 2, 5_000))
        expected = [curve.pay(x[:, :, start : start + 1_000], rounding) for start in range(0, 5_000, 1_000)]
        assert np.array_equal(curve.pay(x, rounding), np.concatenate(expected, axis=2))


def test_many_values_are_refused_only_for_what_one_of_them_is_paid():
    spike = Curve((Piece(None, Fraction(1)), Piece(50, Fraction(2 * MOST)), Piece(51, Fraction(3))))
    x = np.where(np.arange(10_000) % 2, 0, 100).reshape(1, 1, -1)
    assert set(spike.pay(x, HALF_UP).ravel().tolist()) == {1, 3}
    x[0, 0, 77] = 50
    with pytest.raises(TooLarge):
        spike.pay(x, HALF_UP)


def test_what_a_piece_is_if_little_is_said():
    piece = Piece(None, Fraction(3))
    assert piece == (None, Fraction(3), Fraction(0), Fraction(0), (), "")


def test_a_line_is_followed_back_to_nothing():
    piece = Piece(10, Fraction(7), Fraction(2), Fraction(5))
    assert (piece.intercept, piece.incline) == (-3, 2)
    unknown = Piece(10, None, Fraction(2), Fraction(5))
    assert (unknown.intercept, unknown.incline) == (0, 0)


def test_only_what_changes_between_pieces_is_kept():
    assert TIERS.divisor == 1
    assert TIERS.base == (0, 0)
    assert TIERS.kinks == (
        Kink(2000, 320_000_000, 160_000),
        Kink(3000, 0, 38_000 - 160_000),
        Kink(6500, 0, -38_000),
    )
    straight = Curve((Piece(None, Fraction(0), Fraction(2)), Piece(5, Fraction(10), Fraction(2), Fraction(5))))
    assert straight.kinks == ()
    halves = Curve((Piece(None, Fraction(1, 2), Fraction(1, 3)), Piece(6, Fraction(1, 2), Fraction(1, 5))))
    assert halves.divisor == 30
    assert halves.base == (15, 10)
    assert halves.kinks == (Kink(6, -24, -4),)


def test_a_kink_may_be_a_jump_or_a_bend_alone():
    jump = Curve((Piece(None, Fraction(1)), Piece(5, Fraction(4))))
    bend = Curve((Piece(None, Fraction(0)), Piece(5, Fraction(0), Fraction(3), Fraction(5))))
    assert jump.kinks == (Kink(5, 3, 0),)
    assert bend.kinks == (Kink(5, 0, 3),)
    assert paid(jump, 4, 5, 6) == [1, 4, 4]
    assert paid(bend, 4, 5, 6) == [0, 0, 3]


def test_a_curve_that_starts_high_and_one_that_slopes_everywhere():
    assert paid(Curve((Piece(None, Fraction(7)),)), -5, 0, 5) == [7, 7, 7]
    assert paid(Curve((Piece(None, Fraction(7), Fraction(-2)),)), -5, 0, 5) == [17, 7, -3]
    assert paid(Curve((Piece(None, Fraction(0)),)), -5, 0, 5) == [0, 0, 0]


def test_it_is_rounded_once_and_only_at_the_end():
    third = Curve((Piece(None, Fraction(1, 3), Fraction(1, 3)),))
    assert paid(third, 0, 1, 2, -3) == [0, 1, 1, -1]
    assert paid(third, 0, 1, 2, rounding=Rounding("up")) == [1, 1, 1]
    assert paid(third, 500, rounding=Rounding("half up", 100)) == [200]


@st.composite
def curves(draw):
    """Draw pieces with jumps and bends, and values about their edges."""
    amounts = st.fractions(-10_000, 10_000, max_denominator=60)
    starts = sorted(draw(st.sets(st.integers(-50, 50), max_size=4)))
    pieces = [
        Piece(start, draw(amounts), draw(amounts), draw(st.fractions(-60, 60, max_denominator=6)), ("tiers", place))
        for place, start in enumerate([None, *starts])
    ]
    return Curve(tuple(pieces)), [edge + step for edge in starts for step in (-1, 0, 1)] or [0]


@law
@given(curves(), st.lists(st.integers(-100, 100), max_size=5), st.sampled_from(ROUNDINGS))
def test_a_batch_is_paid_what_each_value_alone_would_be(drawn, more, rounding):
    curve, edges = drawn
    steps = [*edges, *more]
    expected = []
    for step in steps:
        piece = next(p for p in reversed(curve.pieces) if p.start is None or p.start <= step)
        exact = piece.amount + piece.slope * (step - piece.origin)
        assert curve.amount_at(step) == exact
        assert curve.piece_at(step) is piece
        expected.append(rounded(exact, rounding))
    for dtype in (np.int64, object):
        found = curve.pay(values(*steps, dtype=dtype), rounding)
        assert found.ravel().tolist() == expected
        assert found.dtype == dtype


def test_the_values_themselves_are_left_alone():
    steps = values(1999, 2000, 6500)
    TIERS.pay(steps, HALF_UP)
    assert steps.ravel().tolist() == [1999, 2000, 6500]


def test_no_values_are_paid_nothing():
    assert TIERS.pay(np.zeros((1, 0, 1), dtype=np.int64), HALF_UP).shape == (1, 0, 1)


# -- nothing wraps


@pytest.mark.parametrize("dtype", [np.int64, object])
def test_the_largest_amount_can_be_paid_and_one_more_cannot(dtype):
    assert paid(Curve((Piece(None, Fraction(MOST)),)), 1, dtype=dtype) == [MOST]
    assert paid(Curve((Piece(None, Fraction(0), Fraction(1)),)), MOST, -MOST, dtype=dtype) == [MOST, -MOST]
    for curve in (
        Curve((Piece(None, Fraction(MOST + 1)),)),
        Curve((Piece(None, Fraction(1), Fraction(1)),)),
        Curve((Piece(None, Fraction(0)), Piece(5, Fraction(MOST + 1)))),
        Curve((Piece(None, Fraction(0)), Piece(0, Fraction(0), Fraction(2)))),
    ):
        with pytest.raises(TooLarge, match=BEYOND):
            paid(curve, MOST, dtype=dtype)


@pytest.mark.parametrize("slope", [2**11, 2**12, 2**13, 2**40, 2**62, 2**70])
@pytest.mark.parametrize("kind", ["slope", "bend", "jump", "level"])
def test_what_does_not_fit_64_bits_on_the_way_is_worked_out_all_the_same(slope, kind):
    # the amounts are small, but over the divisor they pass 64 bits
    divisor = slope * 3 - 1
    part = Fraction(slope, divisor)
    curve = {
        "slope": Curve((Piece(None, Fraction(0), part),)),
        "bend": Curve((Piece(None, Fraction(0)), Piece(10, Fraction(0), part, Fraction(10)))),
        "jump": Curve((Piece(None, Fraction(0)), Piece(10, part * 10**14))),
        "level": Curve((Piece(None, part * 10**14),)),
    }[kind]
    steps = [0, 10, 11, 10**14, MOST, -MOST]
    assert paid(curve, *steps) == [rounded(curve.amount_at(step), HALF_UP) for step in steps]
    assert curve.pay(values(*steps), HALF_UP).dtype == np.int64


def test_a_tie_is_seen_where_the_product_passes_64_bits():
    # x less a millionth of it, where that ends in half a unit
    curve = Curve((Piece(None, Fraction(0), Fraction(10**6 - 1, 10**6)),))
    steps = [MOST - place * 10**6 - 5 * 10**5 for place in range(1, 9)]
    for how in ("half up", "down", "up"):
        expected = [rounded(curve.amount_at(step), Rounding(how)) for step in steps]
        assert paid(curve, *steps, rounding=Rounding(how)) == expected


def test_a_threshold_far_beyond_64_bits_is_never_reached():
    far = Curve((Piece(None, Fraction(1)), Piece(2**62, Fraction(2)), Piece(2**70, Fraction(3))))
    assert paid(far, MOST, 0, -MOST) == [1, 1, 1]
    assert far.pay(values(1), HALF_UP).dtype == np.int64


def test_a_bend_far_away_may_be_too_steep_for_64_bits():
    far = Curve((Piece(None, Fraction(0)), Piece(2**45, Fraction(0), Fraction(2**20), Fraction(2**45))))
    assert paid(far, 0, 2**45, 2**45 + 1) == [0, 0, 2**20]


def test_what_is_rounded_to_may_be_too_large_for_64_bits_and_for_what_can_be_paid():
    assert paid(Curve((Piece(None, Fraction(1, 2**40)),)), 1, rounding=Rounding("half up", 10**12)) == [0]
    with pytest.raises(TooLarge, match=BEYOND):
        paid(Curve((Piece(None, Fraction(MOST - 1)),)), 1, rounding=Rounding("up", 10**6 + 3))


def test_amounts_that_nothing_multiplies_must_fit_as_well():
    # a slope that only empty results are multiplied with
    steep = Curve((Piece(None, Fraction(0), Fraction(2**70)),))
    assert paid(steep, 0) == [0]
    with pytest.raises(TooLarge, match=BEYOND):
        paid(steep, 1)


# -- what nobody knows

GAPS = Curve(
    (
        Piece(None, None, path=("tiers", 0, "pays"), said="below 3, unknown"),
        Piece(3, Fraction(5), path=("tiers", 1), said="from 3"),
        Piece(7, None, path=("tiers", 2, "pays"), said="from 7, unknown"),
        Piece(9, Fraction(6), path=("tiers", 3), said="from 9"),
        Piece(20, None, path=("tiers", 4, "pays"), said="from 20, unknown"),
    )
)
EVERYWHERE = np.ones((1, 1, 1), dtype=bool)


@pytest.mark.parametrize(
    ("step", "gap"), [(2, 0), (-9, 0), (3, None), (6, None), (7, 2), (8, 2), (9, None), (19, None), (20, 4), (99, 4)]
)
def test_a_value_where_the_contract_says_unknown_is_refused(step, gap):
    assert GAPS.gaps == (0, 2, 4)
    if gap is None:
        GAPS.refuse_unknown(values(5, step), EVERYWHERE)
        assert GAPS.amount_at(step) is not None
        return
    with pytest.raises(UnknownTerm) as caught:
        GAPS.refuse_unknown(values(5, step), EVERYWHERE)
    assert caught.value.path == ("tiers", gap, "pays")
    assert GAPS.amount_at(step) is None
    assert GAPS.said_at(step).endswith("unknown")


def test_it_does_no_harm_where_it_does_not_count():
    GAPS.refuse_unknown(values(5, 1), np.array([[[True], [False]]]))
    with pytest.raises(UnknownTerm):
        GAPS.refuse_unknown(values(5, 1), np.array([[[False], [True]]]))
    GAPS.refuse_unknown(values(5, 1, 8), np.zeros((1, 1, 1), dtype=bool))


def test_flags_may_be_wider_than_the_values():
    with pytest.raises(UnknownTerm):
        GAPS.refuse_unknown(values(1), np.array([[[False]], [[True]]]))


def test_unknown_amounts_are_paid_nothing_until_they_are_refused():
    assert paid(GAPS, 2, 3, 7, 9, 20) == [0, 5, 0, 6, 0]


def test_a_gap_may_be_the_last_but_one():
    gap = Curve((Piece(None, Fraction(5)), Piece(3, None, path=("tiers", 1)), Piece(6, Fraction(7))))
    gap.refuse_unknown(values(2, 6, 8), EVERYWHERE)
    for step in (3, 5):
        with pytest.raises(UnknownTerm):
            gap.refuse_unknown(values(step), EVERYWHERE)


def test_a_curve_without_gaps_refuses_nothing():
    assert TIERS.gaps == ()
    TIERS.refuse_unknown(values(-1, 10**15), EVERYWHERE)


# -- what is said


def test_each_value_is_said_by_its_piece():
    said = [TIERS.said_at(step) for step in (1999, 2000, 2999, 3000, 6500)]
    assert said == ["nothing", "160,000 a point", "160,000 a point", "and 38,000", "the most"]
    assert TIERS.amount_at(2500) == 400_000_000
