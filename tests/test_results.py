"""Results: the same figures however they are written, laid out in their place, and corrections in their time."""

from __future__ import annotations

import csv
import io
import random

import pytest

from payfs.contract import load_document
from payfs.evidence.entries import csv_entries
from payfs.evidence.results import Result, check_entries, read_results, value_of, vintages
from payfs.scale import OffScale
from payfs.text import Refused, read_yaml

CONTRACT = """\
contract: sample
title: A sample
currency: USD
parties:
  city: {name: City, role: outcome payer}
  provider: {name: Provider, role: service provider}
population: {cohorts: {east: {}, west: {}}}
periods:
  years: {every: year, from: 2016-01-01, to: 2018-12-31}
metrics:
  days: {unit: day}
  nights: {unit: night, by_cohort: no, reports: to date}
  fall: {unit: "%", step: 0.01%, by_cohort: no, measured: 2018}
  gap: {unit: "%", step: 0.01%, least: -50%, most: 50%, by_cohort: no}
  savings: {unit: money, least: none, by_cohort: no}
  quality: {unit: yes/no, by_cohort: no}
rules:
  days: {price: 15.12}
"""
FRAME = load_document(read_yaml(CONTRACT, "contract.yaml")).frame
HEAD = "metric,cohort,period,value,reported\n"


def of_csv(text: str) -> tuple[Result, ...]:
    return check_entries(csv_entries(text, "x.csv"), FRAME)


def test_a_row_stands_in_its_cohort_and_period_in_whole_steps():
    text = HEAD + "days,west,2017,5,\nfall,,2018,38%,\nsavings,,2016,-9.05,\nquality,,2017,yes,\n"
    assert of_csv(text) == (
        Result("savings", 0, 0, -905, 0),
        Result("quality", 0, 1, 1, 1),
        Result("days", 1, 1, 5, 1),
        Result("fall", 0, 2, 3800, 2),
    )


@pytest.mark.parametrize(
    "text",
    [
        "metric,period,cohort,value\ndays,2017,west,5\n",
        "value,metric,period,cohort\n5,days,2017,west\n",
        "metric,cohort,period,value\r\ndays,west,2017,5\r\n",
        "metric,cohort,period,value\rdays,west,2017,5\r",
        "\n\nmetric , cohort,period,value\n\n  days,west ,2017, 5\n,,,\n",
        '"metric","cohort","period","value"\n"days","west","2017","5"',
        "metric,cohort,period,value\ndays,2017,west,5\n",
    ],
)
def test_the_order_of_columns_blank_lines_and_quotes_do_not_matter(text):
    assert of_csv(text) == (Result("days", 1, 1, 5, 1),)


def test_the_order_of_rows_does_not_matter():
    rows = [f"days,{cohort},{year},{year}" for cohort in ("east", "west") for year in (2016, 2017, 2018)]
    first = of_csv("metric,cohort,period,value\n" + "\n".join(rows))
    for seed in range(5):
        random.Random(seed).shuffle(rows)
        assert of_csv("metric,cohort,period,value\n" + "\n".join(rows)) == first


def test_a_file_without_rows_says_nothing_and_nothing_is_zero():
    assert of_csv(HEAD) == ()
    series = FRAME.measured(()).series["days"]
    assert not series.present.any()


def test_the_only_period_in_which_a_metric_is_measured_need_not_be_named():
    assert of_csv(HEAD + "fall,,,38%,\n") == (Result("fall", 0, 2, 3800, 2),)


def test_yaml_and_csv_say_the_same(tmp_path):
    yaml, table = tmp_path / "x.yaml", tmp_path / "x.csv"
    yaml.write_text(
        "results:\n"
        "  days: {east: {2016: 5, 2017: 6}, 2018: {west: 7}}\n"
        "  nights: {2016: 100, 2017: 200}\n"
        "  fall: 38%\n"
        "corrections:\n"
        "  - {metric: nights, period: 2016, value: 110, reported: 2017}\n",
        encoding="utf-8",
    )
    table.write_text(
        HEAD + "days,east,2016,5,\ndays,east,2017,6,\ndays,west,2018,7,\nnights,,2016,100,\nnights,,2017,200,\n"
        "fall,,2018,38%,\nnights,,2016,110,2017\n",
        encoding="utf-8",
    )
    assert read_results(str(yaml), FRAME) == read_results(str(table), FRAME)


def test_a_spreadsheet_s_mark_at_the_start_does_no_harm(tmp_path):
    file = tmp_path / "x.csv"
    file.write_bytes(b"\xef\xbb\xbf" + (HEAD + "days,east,2016,5,\n").encode())
    assert read_results(str(file), FRAME) == (Result("days", 0, 0, 5, 0),)


def test_what_was_known_at_each_time_is_told_apart():
    results = of_csv(HEAD + "nights,,2016,100,\nnights,,2017,200,\nnights,,2018,300,\nnights,,2016,110,2018\n")
    known = {time: [(r.period, r.value) for r in part] for time, part in vintages(results)}
    assert known[1] == [(0, 100), (1, 200)]
    assert sorted(known[2]) == [(0, 100), (0, 110), (1, 200), (2, 300)]
    values = FRAME.measured(results).series["nights"].values
    assert values[0, :, 0].tolist() == [110, 200, 300]


def test_without_corrections_everything_is_known_at_once():
    results = of_csv(HEAD + "nights,,2016,100,\nnights,,2018,300,\n")
    assert len(list(vintages(results))) == 1


@pytest.mark.parametrize(
    ("metric", "text", "steps"),
    [
        ("days", "0", 0),
        ("days", "0041070", 41070),
        ("days", "5.0", 5),
        ("days", "999999999999999", 999999999999999),
        ("fall", "41.30%", 4130),
        ("fall", "41.3 %", 4130),
        ("fall", "0", 0),
        ("fall", "-0.01%", -1),
        ("gap", "-50%", -5000),
        ("gap", "50%", 5000),
        ("savings", "0.01", 1),
        ("quality", "no", 0),
    ],
)
def test_a_value_is_a_whole_number_of_steps(metric, text, steps):
    assert value_of(text, FRAME.scales[metric]) == steps


@pytest.mark.parametrize(
    ("metric", "text"),
    [
        *(
            ("days", text)
            for text in ("", " ", "-1", "5.5", "1,000", "1e3", "５", "٣", "NaN", "inf", "0x1F", "5%", "yes")
        ),
        *(("days", text) for text in ("1000000000000000", "9" * 400, "1e9999999", "+5", "5.", ".5", "1_000", "5 5")),
        *(("fall", text) for text in ("38", "0.38", "38.001%", "%", "38%%")),
        *(("gap", text) for text in ("50.01%", "-50.01%")),
        *(("quality", text) for text in ("true", "1", "Yes", "")),
    ],
)
def test_any_other_value_is_refused(metric, text):
    with pytest.raises(OffScale):
        value_of(text, FRAME.scales[metric])


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_kept():
    rows = ["days,east,2016,x", "dyas,east,2016,1", "days,eats,2016,1", "days,east,2061,1", "days,east,2016,1"]
    with pytest.raises(Refused) as caught:
        of_csv("metric,cohort,period,value\n" + "\n".join(rows))
    assert [finding.line for finding in caught.value.findings] == [2, 3, 4, 5]


def test_a_row_over_several_lines_is_named_by_its_last():
    with pytest.raises(Refused) as caught:
        of_csv('metric,cohort,period,value\n"da\nys",east,2016,1\n')
    assert caught.value.findings[0].line == 3


def test_whatever_a_spreadsheet_quotes_is_read_back():
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(
        [["metric", "cohort", "period", "value"], ["days", "east", 2016, 5]]
    )
    assert of_csv(out.getvalue()) == (Result("days", 0, 0, 5, 0),)
