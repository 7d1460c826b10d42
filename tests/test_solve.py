"""Solving: the place at which the answer changes, on the grid, and what is said where there is none."""

from fractions import Fraction
from math import nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payfs.money import currency
from payfs.simulate.question import read_question
from payfs.simulate.solve import solve

law = settings(max_examples=200, deadline=None, derandomize=True, database=None)
DOLLAR = currency("USD")
CENT = Fraction(1, 100)
LABELS = {"total": "money", "senior IRR": "rate"}


def ask(text):
    return read_question(text, LABELS, DOLLAR)


ENOUGH = ask("P(senior IRR >= 5%) >= 80%")
CHEAP = ask("P(total > 5) <= 20%")


def chance(price):
    """Return a chance that rises with the price, in steps, as a share of 1,000 paths does: 80% from 15.12 on."""
    return min(1000, max(0, int(price * 100) - 712)) / 1000


def test_the_least_price_is_found_to_the_cent():
    seen = []

    def value(x):
        seen.append(x)
        return chance(x)

    solved = solve(value, ENOUGH, Fraction(0), Fraction(100), CENT, Fraction(12))
    assert solved.answer == (Fraction("15.12"), 0.8, True)
    assert solved.beyond == (Fraction("15.11"), 0.799, False)
    assert solved.monotone
    assert solved.evaluations == len(seen) == len(set(seen))  # no place is worked out twice
    assert solved.evaluations <= 16
    assert [look.x for look in solved.looks] == sorted(seen)
    assert solved.said(ENOUGH, "the price", DOLLAR.rate) == (
        "It holds with the price at $15.12 (80%), but not at $15.11 (79.9%): the least at which it holds, found by "
        f"looking at {len(seen)} places."
    )


def test_the_greatest_price_is_found_where_less_is_asked_for():
    solved = solve(chance, CHEAP, Fraction(0), Fraction(100), CENT, Fraction(12))
    assert (solved.answer.x, solved.beyond.x) == (Fraction("9.12"), Fraction("9.13"))
    assert "the greatest at which it holds" in solved.said(CHEAP, "the price")


def test_it_looks_on_the_side_to_which_the_value_moves_and_on_a_plateau_on_both():
    seen = []

    def value(x):
        seen.append(x)
        return float(x) / 1000

    solve(value, ENOUGH, Fraction(0), Fraction(10**6), CENT, Fraction(1600))
    assert max(seen) == 1700  # one look up, and then down only
    seen.clear()
    solve(value, ENOUGH, Fraction(0), Fraction(10**6), CENT, Fraction(100))
    assert min(seen) == 100
    seen.clear()
    solve(lambda x: seen.append(x) or chance(x), ENOUGH, Fraction(0), Fraction(10**9), CENT, Fraction(1000))
    assert max(seen) == 2000  # it is 1 from 17.12 on: up as far as down


@law
@given(
    st.integers(-300, 300),
    st.integers(-40, 40),
    st.integers(0, 200),
    st.integers(-60, 260),
    st.booleans(),
    st.fractions(Fraction(1, 50), 3, max_denominator=50),
)
def test_it_finds_what_looking_at_every_place_finds(edge, first, length, start, falls, step):
    low, high = first * step, (first + length) * step
    question = CHEAP if falls else ENOUGH

    def value(x):
        assert low <= x <= high
        return float(x >= edge * step)

    solved = solve(value, question, low - step / 2, high + step / 2, step, start * step)
    grid = [place * step for place in range(first, first + length + 1)]
    held = [x for x in grid if question.holds(value(x))]
    assert (solved.low, solved.high) == (low, high)
    assert solved.monotone
    if not held or held == grid:
        assert solved.answer is solved.beyond is None
        assert solved.everywhere == bool(held)
        assert {look.x for look in solved.looks} >= {low, high}
    else:
        assert solved.answer.x == (max(held) if falls else min(held))
        assert abs(solved.answer.x - solved.beyond.x) == step
        assert solved.answer.holds
        assert not solved.beyond.holds
    assert solved.evaluations <= 24


def test_there_is_none_where_it_holds_everywhere_or_nowhere():
    nowhere = solve(chance, ENOUGH, Fraction(0), Fraction(14), CENT, Fraction(12))
    assert (nowhere.answer, nowhere.everywhere) == (None, False)
    assert nowhere.said(ENOUGH, "the price", DOLLAR.rate) == (
        f"It holds nowhere with the price from $0.00 to $14.00, as far as {nowhere.evaluations} places tell; nearest "
        "to it is $14.00 (68.8%)."
    )
    everywhere = solve(chance, ENOUGH, Fraction(20), Fraction(30), CENT)
    assert (everywhere.answer, everywhere.everywhere) == (None, True)
    assert everywhere.said(ENOUGH, "the price") == (
        f"It holds everywhere with the price from 20 to 30, as far as {everywhere.evaluations} places tell."
    )
    alike = solve(lambda _: 0.25, ENOUGH, Fraction(0), Fraction(14), CENT)
    assert alike.said(ENOUGH, "the price").endswith(
        f"as far as {alike.evaluations} places tell; it makes no difference, for at each of them it is 25%."
    )
    one = solve(chance, ENOUGH, Fraction(20), Fraction(20), CENT)
    assert one.said(ENOUGH, "the price").endswith("as far as 1 place tells.")


def test_a_value_that_does_not_go_one_way_is_told():
    def hill(x):
        return 0.9 if 20 <= x <= 60 else 0.1

    solved = solve(hill, ENOUGH, Fraction(0), Fraction(100), Fraction(1), Fraction(30))
    assert solved.answer.holds
    assert {solved.answer.x, solved.beyond.x} in ({19, 20}, {60, 61})
    assert solved.monotone  # what it looked at on one side of the hill goes one way

    def wave(x):
        return (int(x) % 7) / 10

    solved = solve(wave, ENOUGH, Fraction(0), Fraction(100), Fraction(1), Fraction(30))
    assert solved.answer is None
    assert not solved.monotone
    assert solved.said(ENOUGH, "the price").endswith(
        " What is asked for does not go one way between these places, and there may be others."
    )

    def jagged(x):
        return 0.5 if x == 31 else float(x >= 50)

    solved = solve(jagged, ENOUGH, Fraction(0), Fraction(100), Fraction(1), Fraction(30))
    assert (solved.answer.x, solved.beyond.x, solved.monotone) == (50, 49, False)
    assert "; this is the first crossing that was found, and there may be others." in solved.said(ENOUGH, "the price")


def test_round_off_is_no_change_of_direction():
    solved = solve(lambda x: 0.9 + (int(x) % 2) * 1e-16, ENOUGH, Fraction(0), Fraction(100), Fraction(1))
    assert solved.monotone


def test_where_there_is_no_figure_it_does_not_hold():
    def value(x):
        return nan if x < 30 else 0.07

    question = ask("mean(senior IRR) >= 5%")
    solved = solve(value, question, Fraction(0), Fraction(100), Fraction(1), Fraction(0))
    assert (solved.answer.x, solved.beyond.x) == (30, 29)
    assert solved.monotone
    assert "but not at 29 (none)" in solved.said(question, "the price")
    nothing = solve(lambda _: nan, question, Fraction(0), Fraction(9), Fraction(1))
    assert nothing.said(question, "the price").endswith("nearest to it is 0 (none).")


def test_a_start_beyond_the_ends_is_the_end():
    for start in -5, 500:
        assert solve(chance, ENOUGH, Fraction(10), Fraction(20), CENT, Fraction(start)).answer.x == Fraction("15.12")


@pytest.mark.parametrize(
    ("low", "high", "step", "message"),
    [
        (0, 1, 0, "the step is 0; write one above 0, such as 0.01"),
        (0, 1, -1, "the step is -1; write one above 0, such as 0.01"),
        (2, 1, 1, "no multiple of 1 lies from 2 to 1; exchange them"),
        (Fraction("0.1"), Fraction("0.9"), 1, "no multiple of 1 lies from 0.1 to 0.9; write a wider range"),
    ],
)
def test_a_range_without_a_place_is_refused(low, high, step, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        solve(chance, ENOUGH, Fraction(low), Fraction(high), Fraction(step))


def test_neighbours_whose_values_differ_little_are_written_so_that_they_differ():
    solved = solve(lambda x: 0.04 + float(x) / 1000, ask("mean(senior IRR) >= 5%"), Fraction(0), Fraction(100), CENT)
    said = solved.said(ask("mean(senior IRR) >= 5%"), "the price")
    assert "at 10 (5%), but not at 9.99 (4.999%)" in said
    cheap = ask("mean(total) <= 5")
    solved = solve(lambda x: 499.9 + float(x), cheap, Fraction(0), Fraction(1), CENT)
    assert "at 0.1 ($5.0000), but not at 0.11 ($5.0001)" in solved.said(cheap, "the price")
    same = solve(lambda x: 0.5, ENOUGH, Fraction(0), Fraction(1), CENT)
    assert same.more(ENOUGH) == 0
