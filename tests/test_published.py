"""No published figure tells what a few people did, directly, by subtraction, or by what else a reader knows."""

from __future__ import annotations

import json
import random
import time
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pytest
from case_files import contract_of
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp
from test_cli import run

from payfs.claims.rows import claims_of_rows
from payfs.payments import pay
from payfs.places import contract_specs
from payfs.report import disclosure
from payfs.report.disclosure import SMALLEST, Atom, protect
from payfs.report.published import NOTE, publish, published_data

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
ALONE = SPEC.replace("population: {cohorts: {north: {}, south: {}}}\n", "")
MADE_UP = sorted((contract_specs() / "claims").glob("*.csv"))


# Tables of counts


def suppressed(counts, lines, smallest=SMALLEST):
    """What is suppressed of one metric's counts, each of as many people."""
    atoms = [Atom(count, abs(count), ((cell, 1),)) for cell, count in enumerate(counts) if count]
    falling = {"metric"} if min(counts) < 0 else ()
    return protect(atoms, ["metric"] * len(counts), lines, smallest, falling)


def margins(rows: int, columns: int) -> list[list[int]]:
    cells = list(product(range(rows), range(columns)))
    lines = [[place for place, (r, _) in enumerate(cells) if r == row] for row in range(rows)]
    lines += [[place for place, (_, c) in enumerate(cells) if c == column] for column in range(columns)]
    return [*lines, list(range(len(cells)))]


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


@settings(max_examples=100, deadline=None, derandomize=True)
@given(TABLES)
def test_nothing_suppressed_can_be_worked_out_from_what_is_shown(table):
    (rows, columns), counts = table
    lines = margins(rows, columns)
    hidden, hidden_sums = suppressed(counts, lines)
    for place, count in enumerate(counts):
        assert hidden[place] or not 0 < count < SMALLEST
    for line, gone in zip(lines, hidden_sums, strict=True):
        number = sum(counts[place] for place in line)
        assert gone or number == 0 or number >= SMALLEST
    size = len(counts)
    vectors = [[Fraction(int(place in line)) for place in range(size)] for line in lines]
    shown = [vector for vector, gone in zip(vectors, hidden_sums, strict=True) if not gone]
    single = [[Fraction(int(place == at)) for place in range(size)] for at in range(size)]
    shown += [vector for vector, gone in zip(single, hidden, strict=True) if not gone]
    for place in np.flatnonzero(hidden):
        if counts[place] < SMALLEST:  # what is suppressed only to protect it may follow
            assert not follows(shown, single[place])


def test_elimination_finds_what_follows():
    one, none = Fraction(1), Fraction(0)
    assert follows([[one, one, none], [none, one, none]], [one, none, none])
    assert not follows([[one, one, none]], [one, none, none])


def test_a_table_of_large_numbers_is_shown_whole():
    hidden, hidden_sums = suppressed([20, 30, 0, 40], margins(2, 2))
    assert not hidden.any()
    assert not hidden_sums.any()


def test_one_small_cell_takes_another_in_its_row_and_column_with_it():
    hidden, hidden_sums = suppressed([5, 30, 40, 50], margins(2, 2))
    assert hidden.tolist() == [True, True, True, True]
    assert not hidden_sums.any()
    hidden, _ = suppressed([5, 30, 40, 50], [[0, 1, 2, 3]])
    assert hidden.tolist() == [True, True, False, False]


def test_only_one_rectangle_of_a_large_table_is_suppressed():
    counts = [5, 80, 30, 90, 85, 95, 40, 99, 50, 98, 97, 96]
    hidden, hidden_sums = suppressed(counts, margins(3, 4))
    assert np.flatnonzero(hidden).tolist() == [0, 2, 4, 6]
    assert not hidden_sums.any()


def test_two_small_cells_of_so_few_people_that_each_could_be_told_take_a_third():
    hidden, _ = suppressed([1, 1, 30, 40], [[0, 1, 2, 3]])
    assert hidden.tolist() == [True, True, True, False]


def test_a_table_in_which_no_cell_is_left_to_suppress_loses_sums():
    hidden, hidden_sums = suppressed([0, 10, 1, 0, 1, 5], margins(2, 3))
    assert hidden.tolist() == [False, True, True, False, True, True]
    assert hidden_sums.any()


def test_eleven_months_of_one_person_each_do_not_have_their_total_shown():
    hidden, hidden_sums = suppressed([1] * 11, [list(range(11))])
    assert hidden.all()
    assert hidden_sums.all()
    assert not suppressed([2] * 11, [list(range(11))])[1].any()  # each may be 1 to 12


def test_the_smallest_number_is_a_setting():
    assert not suppressed([5, 30], [[0, 1]], smallest=5)[0].any()
    assert suppressed([5, 30], [[0, 1]], smallest=6)[0].all()
    assert not suppressed([1, 1], [[0, 1]], smallest=1)[0].any()


def test_counts_below_zero_are_protected_too():
    hidden, hidden_sums = suppressed([-3, 40, 50], [[0, 1, 2]])
    assert hidden.tolist() == [True, True, False]
    assert not hidden_sums.any()


def test_a_person_behind_several_figures_counts_once():
    atoms = [Atom(20, np.array([1, 2]), ((0, 1),)), Atom(20, np.array([2, 3]), ((1, 1),))]
    assert protect(atoms, ["metric"] * 2, [[0, 1]], 3)[1].tolist() == [False]
    assert protect(atoms, ["metric"] * 2, [[0, 1]], 4)[1].tolist() == [True]


def test_an_interval_is_as_wide_as_so_many_people_and_not_only_as_so_many_visits():
    # twenty visits of one person: 45 people with one visit each beside them leave 1 to 64, 15 would leave 1 to 34
    many = [Atom(count, np.arange(100 * cell, 100 * cell + people), ((cell, 1),)) for cell, count, people in SEEN]
    hidden, _ = protect(many, ["metric"] * len(SEEN), [list(range(len(SEEN)))])
    assert hidden.tolist() == [True, False, True]


SEEN = [(0, 20, 1), (1, 15, 15), (2, 300, 50)]


@settings(max_examples=30, deadline=None, derandomize=True)
@given(TABLES)
def test_without_whole_numbers_from_the_solver_everything_goes(table):
    (rows, columns), counts = table
    lines = margins(rows, columns)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disclosure, "_solve", lambda *_: None)
        hidden, hidden_sums = suppressed(counts, lines)
    few = any(
        0 < sum(counts[place] for place in line) < SMALLEST for line in [*lines, *([i] for i in range(len(counts)))]
    )
    assert hidden_sums.any() == few
    assert hidden.tolist() == [count > 0 and few for count in counts]  # zero is shown


# Contracts and claims


def files(tmp_path, rows, text=SPEC, head="person,outcome,date,cohort\n"):
    spec, claims = tmp_path / "clinic.yaml", tmp_path / "claims.csv"
    spec.write_text(text, encoding="utf-8")
    claims.write_text(head + "".join(rows), encoding="utf-8")
    return spec, claims


def published(tmp_path, rows, *more, **written):
    spec, claims = files(tmp_path, rows, **written)
    result = run("pay", spec, "--results", claims, "--for-publishing", *more)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def shown_in(text: str) -> dict[tuple[str, ...], str | None]:
    """The published counts and sums by metric and then cohort and period, or kind and name."""
    data = json.loads(text)
    cells = {(one["metric"], one["cohort"], one["period"]): one["counted"] for one in data["counts"]}
    return cells | {(one["metric"], one["of"], one["name"]): one["counted"] for one in data["sums"]}


def test_one_person_with_many_claims_is_one_person(tmp_path):
    rows = [f"ann,visit,2016-01-{day:02d},north\n" for day in range(1, 21)]
    rows += [f"p{number},visit,2016-02-01,south\n" for number in range(300)]
    made = published(tmp_path, rows, "--json")
    shown = shown_in(made)
    assert shown["visit", "north", "2016"] is None
    assert shown["visit", "south", "2016"] is None  # with the total, it would tell the other
    assert shown["visit", "total", ""] == "320 visits"
    assert json.loads(made)["paid"] is None
    assert "ann" not in made


def test_what_is_published_says_what_is_missing(tmp_path):
    rows = [f"p{number},cure,2016-02-01,south\n" for number in range(30)] + ["ann,cure,2017-01-01,south\n"]
    shown = published(tmp_path, rows)
    assert "suppressed" in shown
    assert "counts of 1 to 10 people" in shown
    assert "counts of 1 person," in published(tmp_path, rows, "--smallest", 2)
    assert "$" not in shown
    assert max(map(len, shown.splitlines())) <= 80
    open_to_all = published(tmp_path, rows, "--smallest", 1)
    assert "suppressed" not in open_to_all
    assert "$3,100.00" in open_to_all


def test_money_and_every_count_are_shown_where_no_number_is_small(tmp_path):
    rows = [f"p{number},cure,{year}-02-01,{where}\n" for number in range(30) for year, where in DIVIDED]
    rows = [row.replace(",", f"{place % 4},", 1) for place, row in enumerate(rows)]
    text = published(tmp_path, rows)
    assert "suppressed" not in text
    assert "Total  $12,000.00" in text
    assert "not shown" not in text


DIVIDED = [("2016", "north"), ("2016", "south"), ("2017", "north"), ("2017", "south")]


def test_every_publication_ends_with_what_an_earlier_one_would_tell(tmp_path):
    for rows in ([], [f"p{number},cure,2016-02-01,south\n" for number in range(30)], ["ann,cure,2016-02-01,south\n"]):
        text = published(tmp_path, rows)
        assert " ".join(text.split()).endswith(NOTE)
        assert json.loads(published(tmp_path, rows, "--json"))["note"] == NOTE


def test_a_file_without_claims_is_published_as_nothing_paid(tmp_path):
    price = "cure: {price: 100, uplift: {where: {g: [x]}, share: 10%}}"
    text = SPEC.replace("cure: {price: 100}", price)
    made = published(tmp_path, [], text=text, head="person,outcome,date,cohort,g\n")
    assert "No counts were reported." in made
    assert "Total  $0.00" in made
    assert "few people were" not in made


def test_without_cohorts_each_period_stands_there_once(tmp_path):
    rows = [f"p{number},cure,{year}-02-01\n" for number in range(30) for year in (2016, 2017)]
    made = published(tmp_path, rows, text=ALONE, head="person,outcome,date\n")
    assert "all cohorts" not in made
    assert made.count("2016") == 1


def test_totals_to_date_are_judged_by_what_each_period_adds(tmp_path):
    spec, results = tmp_path / "clinic.yaml", tmp_path / "results.csv"
    spec.write_text(ALONE.replace("cure: {unit: cure}", "cure: {unit: cure, reports: to date}"), encoding="utf-8")
    results.write_text("metric,period,value\ncure,2016,20\ncure,2017,23\n", encoding="utf-8")
    shown = run("pay", spec, "--results", results, "--for-publishing").stdout
    assert shown.count("suppressed") >= 2
    assert "20 cures" not in shown
    assert "$" not in shown


JOBS = """metrics:
  all_jobs: {unit: job, claims: {of: [job]}}
  job_white: {unit: job, claims: {of: [job], where: {group: white}}}
  job_black: {unit: job, claims: {of: [job], where: {group: black}}}
rules: {all_jobs: {price: 10}, job_white: {price: 1}, job_black: {price: 1}}
"""
GROUPS = "person,outcome,date,cohort,group\n"


def test_a_metric_and_its_parts_are_not_subtracted_from_each_other(tmp_path):
    text = SPEC[: SPEC.index("metrics:")] + JOBS
    rows = [f"p{number},job,2016-02-01,north,{'white' if number < 50 else 'black'}\n" for number in range(53)]
    shown = shown_in(published(tmp_path, rows, "--json", text=text, head=GROUPS))
    assert shown["job_black", "north", "2016"] is None
    for where in (("north", "2016"), ("total", "")):
        assert shown["job_black", *where] is None
        assert None in (shown["all_jobs", *where], shown["job_white", *where])
    # three of another group stand in no figure of their own, and are the difference of the other two
    rows = [row.replace("black", "asian") for row in rows]
    shown = shown_in(published(tmp_path, rows, "--json", text=text, head=GROUPS))
    assert None in (shown["all_jobs", "north", "2016"], shown["job_white", "north", "2016"])


def test_metrics_that_nest_do_not_tell_the_one_in_between(tmp_path):
    nested = """metrics:
  part_time: {unit: person, claims: {of: [volunteering], where: {hours: {from: 1}}}}
  full_time: {unit: person, claims: {of: [volunteering], where: {hours: {from: 30}}}}
rules: {part_time: {price: 10}, full_time: {price: 10}}
"""
    head = "person,outcome,date,hours\n"
    text = ALONE[: ALONE.index("metrics:")] + nested
    rows = [f"p{number},volunteering,2016-02-01,{40 if number else 8}\n" for number in range(12)]
    shown = shown_in(published(tmp_path, rows, "--json", text=text, head=head))
    assert None in (shown["part_time", None, "2016"], shown["full_time", None, "2016"])
    assert None in (shown["part_time", "total", ""], shown["full_time", "total", ""])


def test_ten_people_between_two_sums_are_not_told_though_they_are_divided_over_periods(tmp_path):
    text = SPEC[: SPEC.index("metrics:")] + JOBS
    rows = [
        f"p{number},job,{2016 + number % 2}-02-01,north,{'white' if number < 50 else 'asian'}\n" for number in range(60)
    ]
    shown = shown_in(published(tmp_path, rows, "--json", text=text, head=GROUPS))
    assert None in (shown["all_jobs", "total", ""], shown["job_white", "total", ""])


def test_days_of_the_same_spells_are_counted_in_one_metric_only(tmp_path):
    spells = """metrics:
  housed: {unit: day, claims: {of: [home], days: {}}}
  net: {unit: day, claims: {of: [home], days: {less: [jail]}}}
rules: {housed: {price: 1}, net: {price: 1}}
"""
    text = ALONE[: ALONE.index("metrics:")] + spells
    rows = [f"p{number},home,2016-02-01,2016-03-01\n" for number in range(30)] + ["p1,jail,2016-02-05,2016-02-06\n"]
    made = published(tmp_path, rows, text=text, head="person,outcome,date,to\n")
    assert "Not shown: net." in made
    assert "900 days" in made
    data = json.loads(published(tmp_path, rows, "--json", text=text, head="person,outcome,date,to\n"))
    assert data["left_out"] == ["net"]
    assert {one["metric"] for one in data["counts"]} == {"housed"}
    assert data["paid"] is None  # the days that are left out are paid on


# Money


BONUS = """metrics:
  cure: {unit: cure}
  wage: {unit: money, step: 1, claims: {of: [wage]}}
rules: {cure: {price: 100}, wage: {price: 95%}}
"""


def test_an_amount_of_one_person_is_not_told_by_what_is_paid(tmp_path):
    text = SPEC[: SPEC.index("metrics:")] + BONUS
    head = "person,outcome,date,cohort,units\n"
    rows = [f"p{number},cure,2016-02-01,south,1\n" for number in range(30)]
    made = published(tmp_path, [*rows, "ann,wage,2016-02-01,south,2160\n"], text=text, head=head)
    assert "$" not in made
    assert "'wage', which is not shown, would tell of fewer than 11 people" in " ".join(made.split())
    many = [f"p{number},wage,2016-02-01,south,2160\n" for number in range(30)]
    assert "$" in published(tmp_path, [*rows, *many], text=text, head=head)
    # nor by the difference of two amounts of many
    more = "  all: {unit: money, step: 1, claims: {of: [wage, tips]}}\nrules: {all: {price: 5%}, "
    text = text.replace("rules: {", more)
    assert "$" in published(tmp_path, [*rows, *many], text=text, head=head)
    assert "$" not in published(tmp_path, [*rows, *many, "ann,tips,2016-02-01,south,20\n"], text=text, head=head)


@pytest.mark.parametrize(("unit", "value", "is_shown"), [("money", "2160.50", False), ("yes/no", "yes", True)])
def test_of_an_amount_that_was_reported_nobody_can_say_how_many_people_stand_behind_it(tmp_path, unit, value, is_shown):
    rule = "price: 95%" if unit == "money" else "pays: 500"
    spec, results = tmp_path / "clinic.yaml", tmp_path / "results.csv"
    text = ALONE[: ALONE.index("metrics:")] + f"metrics:\n  bonus: {{unit: {unit}}}\nrules: {{bonus: {{{rule}}}}}\n"
    spec.write_text(text, encoding="utf-8")
    results.write_text(f"metric,period,value\nbonus,2016,{value}\n", encoding="utf-8")
    result = run("pay", spec, "--results", results, "--for-publishing")
    assert result.exit_code == 0, result.stderr
    assert ("$" in result.stdout) == is_shown
    assert ("a figure that was reported" in " ".join(result.stdout.split())) != is_shown


def test_a_percentage_that_was_reported_is_paid_on_openly():
    results = contract_specs() / "results" / "denver-sib.csv"
    assert "$9,638,911.36" in run("pay", "denver-sib", "--results", results, "--for-publishing").stdout


def test_prices_of_single_claims_are_not_told_by_money(tmp_path):
    text = SPEC.replace("cure: {price: 100}", "cure: {price: 100, uplift: {where: {g: [x]}, share: 10%}}")
    rows = [f"p{number},cure,2016-02-01,south,{'x' if number < 3 else 'y'}\n" for number in range(43)]
    shown = published(tmp_path, rows, text=text, head="person,outcome,date,cohort,g\n")
    assert "43 cures" in shown
    assert "$" not in shown


def test_money_that_tells_of_a_claim_withdrawn_later_is_not_shown(tmp_path):
    head = "person,outcome,date,cohort,withdrawn\n"
    rows = [f"p{number},cure,2016-02-01,south,\n" for number in range(30)]
    ann = "ann,cure,2016-02-01,south,2017-03-01\n"
    # what was paid for her is taken back, and nothing is left of it
    assert "Total  $3,000.00" in published(tmp_path, [*rows, ann], head=head)
    # unless a limit had cut a part of it: then less is paid than for thirty people
    text = SPEC + "limits: {year: {most: 3050, per: year}}\n"
    assert "Total  $3,000.00" in published(tmp_path, rows, text=text, head=head)
    made = published(tmp_path, [*rows, ann], text=text, head=head)
    assert "30 cures" in made
    assert "$" not in made
    assert "corrected after they were paid" in " ".join(made.split())


# All of it, against a reader who solves for what is not shown


class Deal(NamedTuple):
    """A contract and claims, and which claims each metric counts."""

    parts: dict[str, Any]
    rows: list[dict[str, str]]
    counts: dict[str, tuple[set[str], set[str]]]


COHORTS, YEARS, OUTCOMES, GROUPS_OF = ("n", "s"), ("2016", "2017", "2018"), ("job", "course"), ("x", "y", "z")


def drawn(seed: int) -> Deal:
    """Draw a contract of up to four metrics that may overlap or nest, and claims of few people and many."""
    draw = random.Random(seed)
    cohorts = draw.choice([(), COHORTS, COHORTS])
    years = YEARS[: draw.randint(1, 3)]
    counts, metrics = {}, {}
    for name in ("a", "b", "c", "d")[: draw.randint(1, 4)]:
        of = set(draw.sample(OUTCOMES, draw.randint(1, 2)))
        groups = set(draw.sample(GROUPS_OF, draw.choice([1, 2, 3])))
        counts[name] = (of, groups)
        metrics[name] = {"unit": "unit", "claims": {"of": sorted(of), "where": {"group": sorted(groups)}}}
        if cohorts and draw.random() < 0.2:
            metrics[name]["by_cohort"] = "no"
    people = draw.choice([3, 8, 20])
    sizes = {
        cell: draw.choice([0, 1, 1, 2, 4, people]) for cell in product(cohorts or ("",), years, OUTCOMES, GROUPS_OF)
    }
    rows, number = [], 0
    for (cohort, year, outcome, group), size in sizes.items():
        known = any(outcome in of for of, _ in counts.values())
        for day in range(1, 1 + draw.randint(0, size * known)):
            number += draw.random() < 0.8  # now and then the same person has another claim
            person = f"{cohort}{number}"
            row = {"person": person, "outcome": outcome, "date": f"{year}-03-{day:02d}", "group": group, "units": ""}
            rows.append({**row, **({"cohort": cohort} if cohorts else {})})
    parts = {
        "periods": {year: {"from": f"{year}-01-01", "to": f"{year}-12-31"} for year in years},
        "metrics": metrics,
        "rules": {name: {"price": "10"} for name in counts},
        **({"population": {"cohorts": {name: {} for name in cohorts}}} if cohorts else {}),
    }
    return Deal(parts, rows, counts)


def publication(deal: Deal, smallest: int) -> dict[str, Any]:
    contract = contract_of(deal.parts)
    claims = claims_of_rows(deal.rows, list(range(2, len(deal.rows) + 2)), "claims.csv", contract.frame)
    account = pay(contract, (), claims)
    return published_data(account, publish(account, smallest))


class Reader:
    """Knows the contract and a publication, and in which boxes there is any claim: cohort, year, outcome and group."""

    def __init__(self, deal: Deal, data: dict[str, Any]) -> None:
        keys = ("cohort", "date", "outcome", "group")
        boxes: dict[tuple[str, ...], set[str]] = {}
        for row in deal.rows:
            box = tuple(row.get(key, "")[:4] if key == "date" else row.get(key, "") for key in keys)
            boxes.setdefault(box, set()).add(row["person"])
        self.deal, self.boxes = deal, boxes
        rows, low, high = [], [], []
        seen = set()
        for one in data["counts"]:
            where = (one["cohort"], one["period"])
            seen.add((one["metric"], *where))
            rows.append(self.of(one["metric"], *where))
            figure = None if one["counted"] is None else int(one["counted"].split()[0].replace(",", ""))
            low.append(1 if figure is None else figure)
            high.append(np.inf if figure is None else figure)
        for one in data["sums"]:
            if one["counted"] is not None:
                where = (one["name"], None) if one["of"] == "cohort" else (None, one["name"] or None)
                rows.append(self.of(one["metric"], *where))
                low.append(int(one["counted"].split()[0].replace(",", "")))
                high.append(low[-1])
        self.known = LinearConstraint(np.array(rows).reshape(len(rows), len(boxes)), low, high)

    def of(self, metric: str, cohort: str | None, year: str | None) -> list[int]:
        """Which boxes a figure counts."""
        outcomes, groups = self.deal.counts[metric]
        return [
            int(o in outcomes and g in groups and cohort in (None, c) and year in (None, y))
            for c, y, o, g in self.boxes
        ]

    def numbers(self) -> set[tuple[int, ...]]:
        """What should not be told: every figure, and in each who counts for others, and who does not."""
        names = list(self.deal.counts)
        cohorts, years = {box[0] for box in self.boxes}, {box[1] for box in self.boxes}
        found = set()
        for where in product([None, *cohorts], [None, *years]):
            each = {name: np.array(self.of(name, *where)) for name in names}
            ways = [np.array(way) for way in product((0, 1), repeat=len(names))]
            for way in ways:
                found.add(
                    tuple(np.all([each[n] == w for n, w in zip(names, way, strict=True)], axis=0) * 1)
                ) if way.any() else None
            for one, other in product(names, names):
                found |= {tuple(each[one] * each[other]), tuple(each[one] * (1 - each[other]))}
        return found

    def people(self, number: tuple[int, ...]) -> int:
        return len(set().union(*(people for people, inside in zip(self.boxes.values(), number, strict=True) if inside)))

    def interval(self, number: tuple[int, ...]) -> int:
        """How far apart the least and the most are that it can be."""
        ends = []
        for sign in (1, -1):
            made = milp(
                sign * np.array(number),
                integrality=np.ones(len(number)),
                bounds=Bounds(0, 500),
                constraints=self.known if self.known.A.size else (),
            )
            assert made.status == 0
            ends.append(round(made.fun))
        return -ends[1] - ends[0]

    def told(self, smallest: int) -> list[tuple[int, ...]]:
        """The numbers of few people that lie in too small an interval."""
        few = [number for number in self.numbers() if 0 < self.people(number) < smallest]
        return [number for number in few if self.interval(number) < max(smallest - 2, 1)]


@pytest.mark.parametrize("part", range(3))
def test_a_reader_who_solves_for_it_finds_no_number_of_few_people(part):
    for seed in range(part * 50, part * 50 + 50):
        deal = drawn(seed)
        smallest = (2, 3, 4, 6, 11)[seed % 5]
        if deal.rows:
            assert Reader(deal, publication(deal, smallest)).told(smallest) == [], f"seed {seed}"


def test_nor_where_metrics_that_share_claims_take_too_long_and_only_some_are_shown(monkeypatch):
    monkeypatch.setattr(disclosure, "MOST_WORK", -1)
    left_out = 0
    for seed in range(50):
        deal = drawn(seed)
        smallest = (2, 3, 4, 6, 11)[seed % 5]
        if deal.rows:
            data = publication(deal, smallest)
            assert Reader(deal, data).told(smallest) == [], f"seed {seed}"
            left_out += None in [one["counted"] for one in data["counts"]]
    assert left_out


def test_the_reader_finds_what_is_told_where_only_small_counts_are_suppressed(monkeypatch):
    monkeypatch.setattr(disclosure.Table, "settle", lambda table: None)
    told = [bool(Reader(deal, publication(deal, 6)).told(6)) for deal in map(drawn, range(12)) if deal.rows]
    assert sum(told) > 6


def test_nothing_is_suppressed_where_no_number_is_small():
    for seed in range(30):
        deal = drawn(seed)
        reader = Reader(deal, {"counts": [], "sums": []})
        data = publication(deal, 3)
        if deal.rows and not any(0 < reader.people(number) < 3 for number in reader.numbers()):
            assert None not in [one["counted"] for one in (*data["counts"], *data["sums"])]


# What comes with payfs


@pytest.mark.parametrize("claims", MADE_UP, ids=lambda path: path.stem)
def test_the_made_up_claims_can_be_published(claims):
    began = time.perf_counter()
    result = run("pay", claims.stem.removeprefix("made-up-"), "--results", claims, "--for-publishing")
    assert result.exit_code == 0, result.stderr
    assert "suppressed" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "made up" not in result.stdout  # nobody's id
    assert time.perf_counter() - began < 20  # it takes about one second


def test_beside_claims_a_rate_that_was_reported_stops_the_money_too(tmp_path):
    spec, claims, rates = tmp_path / "clinic.yaml", tmp_path / "claims.csv", tmp_path / "rates.csv"
    more = "  quality: {unit: '%', step: 1%}\nrules:\n  quality: {price: 1000}\n"
    spec.write_text(ALONE.replace("rules:\n", more), encoding="utf-8")
    rows = "".join(f"p{number},cure,2016-02-01\n" for number in range(30))
    claims.write_text(f"person,outcome,date\n{rows}", encoding="utf-8")
    rates.write_text("metric,period,value\nquality,2016,50%\n", encoding="utf-8")
    given = ("--results", claims, "--results", rates)
    assert "$" in run("pay", spec, *given).stdout
    made = run("pay", spec, *given, "--for-publishing")
    assert made.exit_code == 0, made.stderr
    assert "$" not in made.stdout
    assert "'quality', a figure that was reported" in " ".join(made.stdout.split())


def test_ten_people_who_are_in_neither_of_two_groups_are_not_told_though_a_third_divides_them(tmp_path):
    # all less white less asian would leave ten people, of whom nine are veterans
    groups = ("white", "asian")
    jobs = "".join(
        f"  job_{group}: {{unit: job, claims: {{of: [job], where: {{group: {group}}}}}}}\n" for group in groups
    )
    veterans = "  job_veteran: {unit: job, claims: {of: [job], where: {veteran: y}}}\n"
    rules = "rules: {all_jobs: {price: 1}, job_white: {price: 1}, job_asian: {price: 1}, job_veteran: {price: 1}}\n"
    text = ALONE[: ALONE.index("metrics:")] + "metrics:\n"
    text += "  all_jobs: {unit: job, claims: {of: [job]}}\n" + jobs + veterans + rules
    rows = [f"w{n},job,2016-02-01,white,{'y' if n < 20 else 'n'}\n" for n in range(40)]
    rows += [f"a{n},job,2016-02-01,asian,{'y' if n < 20 else 'n'}\n" for n in range(40)]
    rows += [f"b{n},job,2016-02-01,black,{'y' if n < 9 else 'n'}\n" for n in range(10)]
    made = published(tmp_path, rows, "--json", text=text, head="person,outcome,date,group,veteran\n")
    shown = shown_in(made)
    assert None in (shown[name, "total", ""] for name in ("all_jobs", "job_white", "job_asian"))
