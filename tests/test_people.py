"""Who enrols counts from the day of coming: against people who are followed one by one."""

from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.typing import NDArray
from scenes import CONTRACT, alike, contract, drawn, scene, uniforms

from payfs.simulate.paths import measured_on
from payfs.simulate.scenario import Scenario

YEARS = "years: {every: year, from: 2020-01-01, to: 2022-12-31}"
QUARTERS = "quarters: {every: quarter, from: 2026-07-01, to: 2027-09-30}"
ENDS = np.array([92.0, 184, 274, 365, 457])  # of the quarters, in days from the first day of enrolment
LASTING = np.diff(ENDS, prepend=0)
PATHS = 40_000


def enrolled(full: object, more: str = "each: 100%", late: object = 0) -> Scenario:
    """People who come evenly in the twelve months from the first day of five quarters on."""
    people = f"{{enrolment: {{full: {full}, from: 2026-07-01, months: 12, late: {late}}}}}"
    words = f"  days: {{people: {people}, {more}, times: days of the period}}\n"
    return scene(words, "", contract(CONTRACT.replace(YEARS, QUARTERS)))


def days_there(full: int, late: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the days of each person in each quarter, (people, quarters, paths): late by so many days."""
    comes = 365.25 * (np.arange(full) + 0.5) / full + late.reshape(-1, 1)  # (paths, people)
    return np.clip(ENDS[:, None] - comes.T[:, None], 0, LASTING[:, None])


@pytest.mark.parametrize("full", [1, 4, 10, 100, 100_000])
@pytest.mark.parametrize("late", [0, 2])
def test_where_nothing_is_uncertain_the_days_are_those_of_each_person(full, late):
    found = drawn(enrolled(full, late=late), "days", 3)[0]
    expected = days_there(full, np.array([late * 365.25 / 12])).sum(axis=0)[:, 0]
    assert np.abs(found - expected[:, None]).max() <= 0.5 + 1e-6
    if late == 0:
        assert abs(found[:4, 0].sum() - full * 365 / 2) <= full * 0.25 + 2  # four roundings


@pytest.mark.parametrize("full", [1, 4, 10, 100])
@pytest.mark.parametrize("leave", [0.0, 0.2])
@pytest.mark.parametrize("late", [False, True])
def test_days_are_distributed_like_those_of_people_who_are_followed_one_by_one(full, leave, late):
    rng = np.random.default_rng([full, round(10 * leave), late])
    paths = 8_000 if full == 100 else PATHS
    more = f"each: {{beta: {{a: 5, b: 1}}}}{f', dropout: {leave:.0%}' if leave else ''}"
    made = enrolled(full, more, "{uniform: {least: 0, most: 4}}" if late else 0)
    found = drawn(made, "days", paths)[0]

    days = days_there(full, rng.uniform(0, 4 * 365.25 / 12, paths) if late else np.zeros(paths))
    stays = rng.random((full, 5, paths)) >= leave
    come = (days > 0)[:, :-1]  # by the end of the quarter before: only then can somebody have left
    there = np.cumprod(np.concatenate([np.ones((full, 1, paths)), np.where(come, stays[:, 1:], 1)], axis=1), axis=1)
    expected = np.floor((days * there * rng.beta(5, 1, days.shape)).sum(axis=0) + 0.5)

    for one, other in zip([*found, found.sum(axis=0)], [*expected, expected.sum(axis=0)], strict=True):
        alike(one, other)
        rare = np.sqrt((((other - other.mean()) ** 2 - other.var()) ** 2).mean() / paths)  # error of the variance
        assert abs(one.var() - other.var()) <= max(5 * np.sqrt(2) * rare, 0.05 * other.var()) + 1e-9


@pytest.mark.parametrize(
    "more",
    [
        "each: {beta: {a: 5, b: 1}}",
        "each: {discrete: {0%: 30%, 100%: 70%}}, dropout: between 5% and 15%",
        "each: {beta: {a: 2, b: 2}}, chance: {beta: {a: 6, b: 4}}",
        "each: {beta: {a: 5, b: 1}}, together: {uniform: {least: 80%, most: 120%}}, trend: {grows: 3%}",
    ],
)
def test_sums_of_people_who_come_agree_with_people_drawn_one_by_one(more):
    full, late = "{discrete: {15: 50%, 60: 50%}}", "{uniform: {least: 0, most: 4}}"
    one, other = (
        drawn(enrolled(full, f"{more}, drawn: {how}", late), "days", 8000, seed)[0]
        for how, seed in (("sums", 1), ("people", 2))
    )
    for place in range(5):
        alike(one[place], other[place])
    alike(one.sum(axis=0), other.sum(axis=0))


def test_a_path_has_the_same_days_whatever_it_is_drawn_with():
    made = enrolled(
        "{uniform: {least: 300, most: 3000}}", "each: {beta: {a: 5, b: 1}}, dropout: 10%", "between 0 and 6"
    )
    u = uniforms(made, 3_000, 4)
    whole = measured_on(made, u).series["days"].values
    parts = [measured_on(made, u[:, start : start + 700]).series["days"].values for start in range(0, 3_000, 700)]
    assert (whole == np.concatenate(parts, axis=2)).all()


def test_the_cost_of_an_enrolment_does_not_grow_with_the_number_of_people():
    def seconds(people: int) -> float:
        made = enrolled(f"{{uniform: {{least: 1, most: {people}}}}}", "each: {beta: {a: 5, b: 1}}", "between 0 and 6")
        u = uniforms(made, 10_000, 1)
        measured_on(made, u)  # tables are made once
        start = time.perf_counter()
        measured_on(made, u)
        return time.perf_counter() - start

    assert seconds(3_000_000) < 10 * seconds(3_000) + 0.3  # a thousand times the people


def test_people_who_come_all_at_once_are_there_from_the_first_day_on():
    words = "{enrolment: {full: 7, from: 2026-08-01, months: 0}}"
    terms = contract(CONTRACT.replace(YEARS, QUARTERS))
    found = drawn(scene(f"  days: {{people: {words}, each: 100%, times: days of the period}}\n", "", terms), "days", 2)
    assert found[0, :, 0].tolist() == [7 * 61, 7 * 92, 7 * 90, 7 * 91, 7 * 92]
