"""Rates of flows that change sign once are those of the slower way, path by path and to the last digits."""

from __future__ import annotations

import numpy as np
import pytest

from payfs.capital import irr as slow
from payfs.capital.given import YEAR
from payfs.capital.one_rate import Reach, changes_of, one_rate
from payfs.capital.returns import irr

DATES = np.array([0, 31, 365, 400, 730, 1096, 3000])


def drawn(seed: int, paths: int, invests: int) -> np.ndarray:
    """Draw flows of which some never start, some bring nothing, and some end even."""
    random = np.random.default_rng(seed)
    flows = random.integers(0, 10 ** random.integers(1, 12, (len(DATES), 1)), (len(DATES), paths))
    flows[:invests] *= -1
    flows[random.random(flows.shape) < 0.3] = 0
    flows[invests:, ::7] = 0
    flows[:invests, ::11] = 0
    even = flows[-1, ::13] - flows[:, ::13].sum(axis=0)
    flows[-1, ::13] = np.where(even > 0, even, flows[-1, ::13])
    return flows


def left(flows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The quick way, of years."""
    with np.errstate(all="ignore"):
        return one_rate((DATES - DATES[0]).reshape(-1, 1) / YEAR, flows, Reach.of(flows))


@pytest.mark.parametrize("invests", [1, 2, 4])
@pytest.mark.parametrize("turned", [1, -1])
def test_they_are_those_of_the_slower_way(invests: int, turned: int, monkeypatch) -> None:
    flows = turned * drawn(invests, 3_000, invests)
    found = irr(DATES, flows)
    rate, known = left(flows)
    assert known.mean() > 0.6  # rates of thousands of percent are left to the other way
    assert np.array_equal(rate[known], found.rate[known], equal_nan=True)

    def none(years: np.ndarray, some: np.ndarray, reach: Reach) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros(some.shape[1]), np.zeros(some.shape[1], bool)

    monkeypatch.setattr(slow, "one_rate", none)
    expected = irr(DATES, flows)
    assert np.array_equal(np.isnan(found.rate), np.isnan(expected.rate))
    assert np.array_equal(found.rate == 0, expected.rate == 0)
    assert np.array_equal(found.rate == -1, expected.rate == -1)
    assert np.allclose(found.rate, expected.rate, rtol=1e-11, atol=1e-14, equal_nan=True)


def test_even_flows_have_a_rate_of_exactly_nothing() -> None:
    flows = np.array([[-(10**15)] * 9, [10**14] * 9, *([[0] * 9] * 4), [9 * 10**14] * 9])
    rate, known = left(flows)
    assert known.all()
    assert (rate == 0).all()
    flows[-1] += 1  # one cent of ten million millions
    assert (irr(DATES, flows).rate > 0).all()


def test_even_flows_on_days_that_follow_each_other_have_a_rate_of_exactly_nothing() -> None:
    flows = np.random.default_rng(4).integers(1, 10**12, (40, 200))
    flows[0] = -flows[1:].sum(axis=0)
    assert (irr(np.arange(40), flows).rate == 0).all()


def test_flows_that_change_sign_twice_are_left_to_the_other_way() -> None:
    flows = drawn(3, 400, 1)
    flows[3, ::2] = -(10**6)
    known = left(flows)[1]
    assert (known <= (changes_of(flows) < 2)).all()
    assert 0 < known.sum() < 400


def test_neither_the_paths_beside_one_nor_their_signs_change_a_bit() -> None:
    mixed = np.concatenate([drawn(5, 500, 1), -drawn(6, 500, 2), drawn(7, 500, 4)], axis=1)
    mixed = mixed[:, np.random.default_rng(1).permutation(mixed.shape[1])]
    expected, known = left(mixed)
    for size in (1, 5, 8, 9, 200):
        for start in range(0, 600, size):
            rate, there = left(mixed[:, start : start + size])
            assert (there == known[start : start + size]).all()
            assert rate[there].tobytes() == expected[start : start + size][there].tobytes()


def test_eight_paths_of_which_some_lose_everything_keep_their_own_rates() -> None:
    flows = np.array([[-100] * 8, [110, 0, 120, 0, 130, 0, 140, 150]])
    days = np.array([0, 365])
    expected = [0.1, -1, 0.2, -1, 0.3, -1, 0.4, 0.5]
    assert np.allclose(irr(days, flows).rate, expected)
    twice = np.concatenate([flows, [[-1, 0, -1, 0, -1, 0, -1, -1]]])  # rates that are found by running sums
    alone = [float(irr(np.array([0, 365, 366]), twice[:, [path]]).rate[0]) for path in range(8)]
    assert np.array_equal(irr(np.array([0, 365, 366]), twice).rate, alone)
