"""The common work of the simulation's benchmark, written by hand in plain numpy floats for this one contract.

Nothing is read, checked or rounded, and nothing is kept that could explain a payment.
"""

from __future__ import annotations

import numpy as np

PEOPLE, YEARS, DAYS = 300, 5, 365
SUCCESSES = 5  # of Beta(5, 1): the share of a year's days that one person is housed
PRICE, MOST, INVESTED = 15.12, 11_420_000.0, 8_650_000.0
EXACT_YEARS = np.array([365, 730, 1095, 1460, 1826]) / 365  # to the payments from the day of the investment
BLOCK = 1_000  # paths whose people are drawn at once

Floats = np.ndarray


def by_normals(random: np.random.Generator, paths: int) -> tuple[Floats, Floats]:
    """Draw each year's days as one normal number and the fall in jail days as another: total payment and IRR."""
    mean = DAYS * SUCCESSES / (SUCCESSES + 1)
    sd = DAYS * np.sqrt(SUCCESSES / ((SUCCESSES + 1) ** 2 * (SUCCESSES + 2)))
    days = random.standard_normal((YEARS, paths))
    days *= np.sqrt(PEOPLE) * sd
    days += PEOPLE * mean
    paid = within_limit(due(days, random.standard_normal(paths)))
    return paid[-1], rate(np.diff(paid, axis=0, prepend=0))


def by_people(random: np.random.Generator, paths: int) -> tuple[Floats, Floats]:
    """Draw every person in every year, by the inverse of the distribution: total payment and IRR."""
    total, rates = np.empty(paths), np.empty(paths)
    for start in range(0, paths, BLOCK):
        here = slice(start, min(start + BLOCK, paths))
        shares = random.random((YEARS, here.stop - here.start, PEOPLE))
        np.power(shares, 1 / SUCCESSES, out=shares)
        days = DAYS * shares.sum(axis=2)
        paid = within_limit(due(days, random.standard_normal(here.stop - here.start)))
        total[here], rates[here] = paid[-1], exact_rate(np.diff(paid, axis=0, prepend=0))
    return total, rates


def due(days: Floats, normal: Floats) -> Floats:
    """Return what is due each year, (years, paths), using ``days`` up: days at their price, and Denver's table."""
    fall = 30 + 12 * normal
    days *= PRICE
    days[-1] += np.where(
        fall < 20,
        0,
        np.where(fall < 30, 160_000 * fall, np.where(fall < 65, 4_800_000 + 38_000 * (fall - 30), 6_130_000)),
    )
    return days


def within_limit(amounts: Floats) -> Floats:
    """Return what is paid to date, (years, paths)."""
    return np.minimum(np.cumsum(amounts, axis=0), MOST)


def rate(paid: Floats) -> Floats:
    """Return the IRR of what was invested, by Newton's method on the yearly payments, in ``v = 1 / (1 + r)``."""
    a, b, c, d, e = paid
    v = np.full(paid.shape[1], 0.95)
    for _ in range(50):
        value = ((((e * v + d) * v + c) * v + b) * v + a) * v - INVESTED
        slope = (((5 * e * v + 4 * d) * v + 3 * c) * v + 2 * b) * v + a
        step = value / slope
        v -= step
        if np.abs(step).max() < 1e-10:
            break
    return 1 / v - 1


def exact_rate(paid: Floats) -> Floats:
    """Return the same on the days of the contract, the last of which ends a leap year."""
    years, x = EXACT_YEARS[:, None], np.zeros(paid.shape[1])
    for _ in range(50):
        weighed = paid * np.exp(-x * years)
        step = (weighed.sum(axis=0) - INVESTED) / (weighed * years).sum(axis=0)
        x += step
        if np.abs(step).max() < 1e-12:
            break
    return np.expm1(x)
