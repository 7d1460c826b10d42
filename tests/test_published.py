"""No published figure tells what a few people did, directly or by subtraction."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cli import run

from payfs.report.published import SMALLEST, suppressed, together

SPEC = """
contract: clinic
title: A clinic
currency: USD
parties:
  city: {name: The City, role: outcome payer}
  clinic: {name: The Clinic, role: service provider}
population: {cohorts: {north: {}, south: {}}}
periods:
  2016: {from: 2016-01-01, to: 2016-12-31}
  2017: {from: 2017-01-01, to: 2017-12-31}
metrics:
  visit: {unit: visit}
  cure: {unit: cure}
rules:
  visit: {price: 10}
  cure: {price: 100}
"""


def follows(known: list[list[Fraction]], target: list[Fraction]) -> bool:
    """Whether a sum of unknowns follows from others that are known, by elimination in exact fractions."""
    pivots: list[tuple[int, list[Fraction]]] = []

    def reduced(row: list[Fraction]) -> list[Fraction]:
        for at, pivot in pivots:
            factor = row[at] / pivot[at]
            row = [a - factor * b for a, b in zip(row, pivot, strict=True)]
        return row

    for row in map(reduced, known):
        at = next((place for place, figure in enumerate(row) if figure), None)
        if at is not None:
            pivots.append((at, row))
    return not any(reduced(target))


TABLES = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda shape: st.lists(
        st.sampled_from([0, 0, 1, 3, 10, 11, 12, 40, 200]), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]
    ).map(lambda counts: (shape, counts))
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(TABLES)
def test_nothing_suppressed_can_be_worked_out_from_what_is_shown(table):
    (rows, columns), counts = table
    cells = list(product(range(rows), range(columns)))
    lines = [[place for place, (r, _) in enumerate(cells) if r == row] for row in range(rows)]
    lines += [[place for place, (_, c) in enumerate(cells) if c == column] for column in range(columns)]
    lines.append(list(range(len(cells))))
    hidden, hidden_sums = suppressed(counts, lines)
    for place, count in enumerate(counts):
        assert hidden[place] or not 0 < count < SMALLEST
    vectors = [[Fraction(int(place in line)) for place in range(len(cells))] for line in lines]
    shown = [vector for vector, gone in zip(vectors, hidden_sums, strict=True) if not gone]
    single = [[Fraction(int(place == at)) for place in range(len(cells))] for at in range(len(cells))]
    shown += [vector for vector, gone in zip(single, hidden, strict=True) if not gone]
    for place in np.flatnonzero(hidden):
        assert not follows(shown, single[place])
    for row in np.flatnonzero(hidden_sums):
        assert not follows(shown, vectors[row])
    for line, gone in zip(lines, hidden_sums, strict=True):
        number = sum(counts[place] for place in line)
        assert gone or number == 0 or number >= SMALLEST
        few = [counts[place] for place in line if hidden[place]]
        assert gone or not few or sum(few) >= SMALLEST


def test_elimination_finds_what_follows():
    one, none = Fraction(1), Fraction(0)
    assert follows([[one, one, none], [none, one, none]], [one, none, none])
    assert not follows([[one, one, none]], [one, none, none])


def test_a_table_of_large_numbers_is_shown_whole():
    hidden, hidden_sums = suppressed([20, 30, 0, 40], [[0, 1], [2, 3], [0, 2], [1, 3], [0, 1, 2, 3]])
    assert not hidden.any()
    assert not hidden_sums.any()


def test_one_small_cell_takes_another_in_its_row_and_column_with_it():
    hidden, _ = suppressed([5, 30, 40, 50], [[0, 1], [2, 3], [0, 2], [1, 3], [0, 1, 2, 3]])
    assert hidden.tolist() == [True, True, True, True]
    hidden, _ = suppressed([5, 30, 40, 50], [[0, 1, 2, 3]])
    assert hidden.tolist() == [True, True, False, False]


def test_two_small_cells_of_so_few_people_that_each_could_be_told_take_a_third():
    hidden, _ = suppressed([1, 1, 30, 40], [[0, 1, 2, 3]])
    assert hidden.tolist() == [True, True, True, False]


def test_the_smallest_number_is_a_setting():
    assert not suppressed([5, 30], [[0, 1]], smallest=5)[0].any()
    assert suppressed([5, 30], [[0, 1]], smallest=6)[0].all()


def test_a_person_behind_several_figures_counts_once():
    assert together([np.array([1, 2]), np.array([2, 3])]) == 3
    assert together([4, 5]) == 9
    assert together([4, None]) is None


def files(tmp_path, rows):
    spec, claims = tmp_path / "clinic.yaml", tmp_path / "claims.csv"
    spec.write_text(SPEC, encoding="utf-8")
    claims.write_text("person,outcome,date,cohort\n" + "".join(rows), encoding="utf-8")
    return spec, claims


def published(tmp_path, rows, *more):
    spec, claims = files(tmp_path, rows)
    return run("pay", spec, "--results", claims, "--for-publishing", *more).stdout


def test_one_person_with_many_claims_is_one_person(tmp_path):
    rows = [f"ann,visit,2016-01-{day:02d},north\n" for day in range(1, 21)]
    rows += [f"p{number},visit,2016-02-01,south\n" for number in range(30)]
    made = published(tmp_path, rows, "--json")
    data = json.loads(made)
    shown = {(one["cohort"], one["period"]): one["counted"] for one in data["counts"] if one["metric"] == "visit"}
    assert shown["north", "2016"] is None
    assert shown["south", "2016"] is None  # with the total, it would tell the other
    sums = {(one["of"], one["name"]): one["counted"] for one in data["sums"]}
    assert sums["total", ""] == "50 visits"
    assert sums["cohort", "north"] is None
    assert data["paid"] is None
    assert "ann" not in made


def test_what_is_published_says_what_is_missing(tmp_path):
    rows = [f"p{number},cure,2016-02-01,south\n" for number in range(30)] + ["ann,cure,2017-01-01,south\n"]
    shown = published(tmp_path, rows)
    assert "suppressed" in shown
    assert "counts of 1 to 10 people" in shown
    assert "$" not in shown
    assert max(map(len, shown.splitlines())) <= 80
    open_to_all = published(tmp_path, rows, "--smallest", 1)
    assert "suppressed" not in open_to_all
    assert "$3,100.00" in open_to_all


def test_money_is_shown_where_no_count_is_small(tmp_path):
    rows = [f"p{number},cure,2016-02-01,south\n" for number in range(30)]
    assert "Total  $3,000.00" in published(tmp_path, rows)


def test_totals_to_date_are_judged_by_what_each_period_adds(tmp_path):
    spec, results = tmp_path / "clinic.yaml", tmp_path / "results.csv"
    text = SPEC.replace("cure: {unit: cure}", "cure: {unit: cure, reports: to date}").replace(
        "population: {cohorts: {north: {}, south: {}}}", ""
    )
    spec.write_text(text, encoding="utf-8")
    results.write_text("metric,period,value\ncure,2016,20\ncure,2017,23\n", encoding="utf-8")
    shown = run("pay", spec, "--results", results, "--for-publishing").stdout
    assert "23" not in shown.split("cure")[1].splitlines()[3]
    assert "$" not in shown


def test_prices_of_single_claims_are_not_told_by_money(tmp_path):
    spec, claims = tmp_path / "clinic.yaml", tmp_path / "claims.csv"
    text = SPEC.replace("cure: {price: 100}", "cure: {price: 100, uplift: {where: {g: [x]}, share: 10%}}")
    spec.write_text(text, encoding="utf-8")
    rows = [f"p{number},cure,2016-02-01,south,{'x' if number < 3 else 'y'}\n" for number in range(43)]
    claims.write_text("person,outcome,date,cohort,g\n" + "".join(rows), encoding="utf-8")
    shown = run("pay", spec, "--results", claims, "--for-publishing").stdout
    assert "43 cures" in shown
    assert "$" not in shown
