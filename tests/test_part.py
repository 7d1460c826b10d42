"""What is looked up in a table is what would be worked out and rounded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scenes import scene, uniforms

from payfs.simulate.part import TABLED


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("rate", "{normal: {mean: 30%, sd: 12%}}"),
        ("rate", "{triangular: {least: 5%, most likely: 20%, most: 90%}}"),
        ("rate", "{beta: {a: 2, b: 3}}"),
        ("hours", "{normal: {mean: -3, sd: 40}}"),
        ("hours", "{uniform: {least: -10, most: 10}}"),
        ("jobs", "{lognormal: {mean: 40, sd: 30}}"),
        ("jobs", "{discrete: {0: 25%, 7: 50%, 40: 25%}}"),
        ("served", '"between 200 and 240, nine times in ten, most likely 225"'),
    ],
)
def test_a_value_of_a_table_is_the_one_that_would_be_worked_out_and_rounded(metric, value):
    made = scene(f"  {metric}: {{value: {value}, varies: each period}}\n")
    (part,), u = made.parts[metric], uniforms(made, 20_000, 3)
    found = part.draw(u)
    assert part._values[0] is not None
    expected = part.seen(np.broadcast_to(part.truth(u), found.shape))
    assert found.dtype == expected.dtype == np.int64
    assert (found == expected).all()
    assert len(np.unique(found)) > 2


def test_a_value_with_too_many_steps_has_no_table():
    made = scene("  wages: {value: {normal: {mean: 9000000, sd: 1000000}}, varies: once}\n")
    (part,), u = made.parts["wages"], uniforms(made, 1_000, 3)
    values = part.draw(u)
    assert part._values == [None]
    assert np.ptp(values) > TABLED
    assert (values == part.seen(np.broadcast_to(part.truth(u), values.shape))).all()


def test_a_value_that_moves_is_worked_out():
    made = scene("  jobs: {value: {normal: {mean: 40, sd: 5}}, varies: once, trend: {adds: 1}}\n")
    (part,), u = made.parts["jobs"], uniforms(made, 100, 3)
    assert (np.diff(part.draw(u), axis=0) == 1).all()
    assert part._values == []


def test_a_sum_that_is_left_as_it_is_drawn_keeps_within_what_the_metric_can_be():
    made = scene("  hours: {people: 40, each: {uniform: {least: -4, most: 4}}}\n")
    (part,), u = made.parts["hours"], uniforms(made, 2_000, 3)
    values = part.draw(u)
    assert part.plain
    assert (values == part._sum(u)).all()
    narrow = replace(part, scale=replace(part.scale, least=-10, most=25))
    assert (narrow.draw(u) == np.clip(values, -10, 25)).all()
