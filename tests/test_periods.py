"""Dates, lags, business days, fiscal years and runs of periods."""

import datetime
import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payfs.periods import (
    ROLLS,
    BusinessDays,
    Day,
    Lag,
    add_months,
    fiscal_year,
    months_between,
    read_day,
    read_lag,
    read_year_start,
    run_of_periods,
    single_period,
)

WEEKENDS = BusinessDays(None)
COLORADO = BusinessDays("US-CO")

dates = st.dates(datetime.date(1900, 1, 1), datetime.date(2180, 12, 31))
known = st.dates(datetime.date(1990, 1, 1), datetime.date(2070, 12, 31))  # for which the public holidays are known
year_starts = st.sampled_from(["1 January", "1 April", "6 April", "1 July", "1 October"]).map(read_year_start)
calendars = st.sampled_from([WEEKENDS, COLORADO, BusinessDays("GB-ENG"), BusinessDays("JP"), BusinessDays("IL")])


def d(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def run(every="quarter", start="2016-01-01", end="2016-12-31", measured=None, paid=None, roll=None, days=WEEKENDS):
    return run_of_periods(
        "run",
        every,
        read_day(start, first=True),
        read_day(end),
        read_lag(measured) if measured else None,
        read_lag(paid) if paid else None,
        roll,
        days,
    )


def single(start="2016-01-01", end="2016-12-31", measured=None, paid=None, roll=None, days=WEEKENDS):
    def when(text):
        return text and (read_lag(text) if " " in text else read_day(text))

    return single_period("p", read_day(start, first=True), read_day(end), when(measured), when(paid), roll, days)


# --- days -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "last", "first", "spoken"),
    [
        ("2017-10-31", "2017-10-31", "2017-10-31", "31 October 2017"),
        ("2017-10", "2017-10-31", "2017-10-01", "October 2017"),
        ("2016-02", "2016-02-29", "2016-02-01", "February 2016"),
        ("1900-02", "1900-02-28", "1900-02-01", "February 1900"),
        ("2017-12", "2017-12-31", "2017-12-01", "December 2017"),
        ("2017", "2017-12-31", "2017-01-01", "2017"),
        ("2200", "2200-12-31", "2200-01-01", "2200"),
        ("2000-02-09", "2000-02-09", "2000-02-09", "9 February 2000"),
    ],
)
def test_a_date_counts_as_its_last_or_first_day_and_is_printed_as_written(written, last, first, spoken):
    assert read_day(written) == Day(d(last), written)
    assert read_day(written, first=True) == Day(d(first), written)
    assert str(read_day(written)) == str(read_day(written, first=True)) == spoken


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("31/10/2017", '"31/10/2017" is not a date; write 2017-10-31'),
        ("2017-1-3", "is not a date"),
        ("", '"" is not a date'),
        (" 2017", "is not a date"),
        ("2017\n", r'"2017\n" is not a date'),
        ("-2017", "is not a date"),
        ("2017-10-31T00:00", "is not a date"),
        ("２０１７", r'"\uff12\uff10\uff11\uff17" is not a date'),
        ("٢٠١٧", "is not a date"),
        ("9" * 5000, '"' + "9" * 37 + '..." is not a date'),
        ("unknown", "is not a date"),
        ("1899-12-31", "1899-12-31 is outside the years 1900 to 2200; check the year"),
        ("2201", "outside the years 1900 to 2200"),
        ("0000", "outside the years 1900 to 2200"),
        ("2017-13", "2017-13 has no month 13"),
        ("2017-00-01", "has no month 00"),
        ("2017-02-29", "2017-02-29 is not a day: February 2017 has 28 days; correct the day"),
        ("2016-04-31", "April 2016 has 30 days"),
        ("2016-04-00", "April 2016 has 30 days"),
    ],
)
def test_what_is_not_a_date_is_refused_in_a_plain_sentence(text, says):
    with pytest.raises(ValueError, match=r"; ") as refused:
        read_day(text)
    assert says in str(refused.value)
    assert len(str(refused.value)) < 300


@given(dates)
def test_every_date_reads_back(date):
    assert read_day(date.isoformat()) == Day.on(date)
    assert read_day(date.isoformat()).exact


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text):
    for read in (read_day, read_lag, read_year_start, BusinessDays):
        try:
            read(text)
        except ValueError as refused:
            says = str(refused)
        else:
            continue
        assert "; " in says  # every sentence ends with a remedy
        assert "\n" not in says


# --- months and years -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "months", "then"),
    [
        ("2017-01-31", 1, "2017-02-28"),
        ("2016-01-31", 1, "2016-02-29"),
        ("2016-01-31", 2, "2016-03-31"),
        ("2016-02-29", 12, "2017-02-28"),
        ("2016-12-15", 1, "2017-01-15"),
        ("2016-03-31", -1, "2016-02-29"),
        ("2016-01-01", -1, "2015-12-01"),
        ("2016-06-30", 0, "2016-06-30"),
    ],
)
def test_adding_months_stops_at_the_end_of_a_short_month(date, months, then):
    assert add_months(d(date), months) == d(then)


@pytest.mark.parametrize(
    ("a", "b", "months"),
    [
        ("2016-01-01", "2016-01-31", 0),
        ("2016-01-01", "2016-02-01", 1),
        ("2016-01-15", "2016-02-14", 0),
        ("2015-09-01", "2017-08-31", 23),
        ("2015-09-01", "2017-09-01", 24),
        ("2017-01-31", "2017-02-28", 1),
        ("2016-02-29", "2017-02-28", 12),
        ("2016-03-15", "2016-03-14", -1),
        ("2016-03-15", "2016-02-15", -1),
        ("2016-03-15", "2016-02-14", -2),
    ],
)
def test_full_months_gone_by(a, b, months):
    assert months_between(d(a), d(b)) == months


@given(dates, dates)
def test_months_between_is_the_most_that_can_be_added_without_passing(a, b):
    months = months_between(a, b)
    assert add_months(a, months) <= b < add_months(a, months + 1)


@given(dates, st.integers(-200, 200))
def test_months_between_takes_back_what_was_added(a, months):
    assert months_between(a, add_months(a, months)) == months


@pytest.mark.parametrize(
    ("date", "start", "year"),
    [
        ("2017-12-31", "1 January", "2017"),
        ("2017-06-30", "1 July", "2016/17"),
        ("2017-07-01", "1 July", "2017/18"),
        ("1999-07-01", "1 July", "1999/00"),
        ("2009-10-01", "1 October", "2009/10"),
        ("2017-04-05", "6 April", "2016/17"),
        ("2017-04-06", "6 April", "2017/18"),
    ],
)
def test_a_fiscal_year_that_is_not_the_calendar_year_bears_both(date, start, year):
    assert fiscal_year(d(date), read_year_start(start)) == year


@given(dates, year_starts)
def test_a_fiscal_year_changes_once_a_year_on_its_first_day(date, start):
    changes = [
        day
        for day in (date + datetime.timedelta(days=i) for i in range((add_months(date, 12) - date).days))
        if fiscal_year(day, start) != fiscal_year(day - datetime.timedelta(days=1), start)
    ]
    assert [(day.month, day.day) for day in changes] == [start]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("1 July", (7, 1)),
        ("6 April", (4, 6)),
        ("31 December", (12, 31)),
        ("1 january", (1, 1)),
        ("28 February", (2, 28)),
    ],
)
def test_the_start_of_a_fiscal_year_is_read(text, start):
    assert read_year_start(text) == start


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("29 February", "29 February is not in every year"),
        ("30 February", "February has 28 days"),
        ("31 April", "April has 30 days"),
        ("0 July", "July has 31 days"),
        ("July", '"July" is not a day of the year; write a day and a month, as in "1 July"'),
        ("1 Juli", "is not a day of the year"),
        ("2017-07-01", "is not a day of the year"),
        ("１ July", "is not a day of the year"),
    ],
)
def test_what_is_not_the_start_of_a_fiscal_year_is_refused(text, says):
    with pytest.raises(ValueError, match=r"; ") as refused:
        read_year_start(text)
    assert says in str(refused.value)


# --- lags -------------------------------------------------------------------------------------------------------------


@given(
    st.integers(0, 240),
    st.sampled_from(["days", "business days", "weeks", "months"]),
    st.sampled_from(["the period", "measurement"]),
)
def test_every_lag_reads_back(count, unit, after):
    lag = Lag(count, unit, after)
    assert read_lag(str(lag)) == lag


def test_a_lag_of_one_is_spoken_in_the_singular():
    assert str(Lag(2, "business days", "measurement")) == "2 business days after measurement"
    assert str(read_lag("1 business day after measurement")) == "1 business day after measurement"
    assert str(read_lag("1 months after the period")) == "1 month after the period"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("45 days", '"45 days" is neither a date nor a lag; write a lag such as "45 business days after measurement"'),
        ("ten days after the period", "is neither a date nor a lag"),
        ("-1 days after the period", "is neither a date nor a lag"),
        ("1.5 days after the period", "is neither a date nor a lag"),
        ("10 days after payment", "days, business days, weeks or months; after the period or after measurement"),
        ("٣ days after the period", "is neither a date nor a lag"),
        ("9999999999 days after the period", "is neither a date nor a lag"),
        ("241 months after the period", "the longest is 240 months; shorten it"),
        ("7301 days after the period", "the longest is 7,300 days"),
        ("5201 business days after measurement", "the longest is 5,200 business days"),
    ],
)
def test_what_is_not_a_lag_is_refused_and_the_accepted_forms_are_named(text, says):
    with pytest.raises(ValueError, match=r"; ") as refused:
        read_lag(text)
    assert says in str(refused.value)


# --- business days ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "date", "is_open"),
    [
        (None, "2017-07-04", True),
        (None, "2017-07-08", False),
        ("US", "2017-07-04", False),
        ("US-CO", "2017-07-04", False),
        ("US-CO", "2021-12-31", False),  # New Year's Day 2022 was a Saturday and was observed on the Friday
        ("GB-ENG", "2017-08-28", False),
        ("GB-SCT", "2017-08-28", True),
        ("JP", "2017-05-03", False),
        ("IL", "2017-07-09", True),  # a Sunday: the weekend is Friday and Saturday
        ("IL", "2017-07-07", False),
        ("CN", "2024-02-04", True),  # a Sunday that was made a working day
    ],
)
def test_weekends_and_public_holidays_are_days_off(code, date, is_open):
    assert BusinessDays(code).is_open(d(date)) is is_open


@pytest.mark.parametrize("code", ["XX", "US-XX", "us", "GBR", "XNYS", "", "US-", "US-CO-X", "HolidayBase", "__all__"])
def test_an_unknown_code_is_refused_by_name(code):
    with pytest.raises(ValueError, match=r'the public holidays of ".*" are not known; write a country') as refused:
        BusinessDays(code)
    assert f'"{code}"' in str(refused.value)


def test_a_year_whose_public_holidays_are_not_known_is_refused():
    with pytest.raises(ValueError, match=r"the public holidays of US-CO are known for .* only, and 2150 is needed"):
        COLORADO.is_open(d("2150-01-03"))
    with pytest.raises(ValueError, match="the public holidays of IN-KL are not fully known for 1990; check the dates"):
        BusinessDays("IN-KL").is_open(d("1990-01-03"))
    assert WEEKENDS.is_open(d("2150-01-02"))


def test_a_lag_of_business_days_skips_days_off():
    assert WEEKENDS.add(d("2017-06-30"), 2) == d("2017-07-04")
    assert COLORADO.add(d("2017-06-30"), 2) == d("2017-07-05")
    assert COLORADO.add(d("2017-07-01"), 0) == d("2017-07-01")
    assert COLORADO.add(d("2017-12-29"), 1) == d("2018-01-02")
    with pytest.raises(ValueError, match="cannot count -1 business days"):
        WEEKENDS.add(d("2017-07-01"), -1)


@pytest.mark.parametrize(
    ("how", "date", "then"),
    [
        ("following", "2017-09-30", "2017-10-02"),
        ("preceding", "2017-09-30", "2017-09-29"),
        ("modified following", "2017-09-30", "2017-09-29"),
        ("modified following", "2017-09-16", "2017-09-18"),
        ("following", "2017-09-29", "2017-09-29"),
        ("preceding", "2017-01-01", "2016-12-30"),
        ("following", "2016-12-31", "2017-01-02"),
        ("modified following", "2016-12-31", "2016-12-30"),
    ],
)
def test_a_payment_date_on_a_day_off_moves(how, date, then):
    assert WEEKENDS.roll(d(date), how) == d(then)


def test_an_unknown_way_to_move_is_refused():
    with pytest.raises(ValueError, match=r'"nearest" is not a way .* following, preceding, modified following'):
        WEEKENDS.roll(d("2017-09-30"), "nearest")


@given(calendars, known, st.integers(0, 300), st.integers(0, 300))
def test_business_days_add_up(days, date, a, b):
    then = days.add(date, a)
    assert days.add(then, b) == days.add(date, a + b)
    assert a == 0 or days.is_open(then)


@given(calendars, known, st.integers(1, 40))
def test_a_lag_counts_the_open_days_that_it_passes(days, date, n):
    then = days.add(date, n)
    passed = [date + datetime.timedelta(days=i) for i in range(1, (then - date).days + 1)]
    assert sum(map(days.is_open, passed)) == n


@given(calendars, known, st.sampled_from(ROLLS))
def test_a_date_moves_to_an_open_day_once_and_only_if_it_must(days, date, how):
    then = days.roll(date, how)
    assert days.is_open(then)
    assert days.roll(then, how) == then
    assert (then == date) == days.is_open(date)
    if how == "following":
        assert then >= date
    elif how == "preceding":
        assert then <= date
    else:
        assert then.month == date.month


def test_the_library_of_holidays_is_loaded_only_when_asked_for():
    code = (
        "import sys; from payfs.periods import BusinessDays; BusinessDays(None);"
        "assert 'holidays' not in sys.modules; BusinessDays('JP'); assert 'holidays' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# --- one period -------------------------------------------------------------------------------------------------------


def test_a_period_is_measured_on_its_last_day_and_paid_when_measured_unless_it_says_otherwise():
    period = single(end="2016-12")
    assert (period.name, period.run) == ("p", "p")
    assert str(period.start) == "1 January 2016"
    assert [str(day) for day in (period.end, period.measured, period.paid)] == ["December 2016"] * 3
    assert str(single(measured="2017-03").paid) == "March 2017"


@pytest.mark.parametrize(
    ("measured", "paid", "then"),
    [
        ("2017-09-30", "2017-10", "2017-10"),
        (None, "30 days after the period", "2017-01-30"),
        (None, "2 weeks after measurement", "2017-01-14"),
        ("2017-09-30", "2 months after measurement", "2017-11-30"),
        ("2 months after the period", "0 days after measurement", "2017-02-28"),
        ("1 month after the period", "3 months after the period", "2017-03-31"),
        ("30 days after the period", "3 business days after measurement", "2017-02-02"),
    ],
)
def test_a_payment_date_is_a_date_or_a_lag(measured, paid, then):
    assert single(measured=measured, paid=paid).paid.written == then


def test_only_a_payment_date_with_its_day_moves():
    assert single(paid="2017-09-30", roll="following").paid.written == "2017-10-02"
    assert single(paid="2017-09", roll="following").paid == read_day("2017-09")  # 30 September was a Saturday
    assert single(measured="2017-09-30", roll="following").measured.written == "2017-09-30"
    assert single(measured="2017-09-30", roll="following").paid.written == "2017-10-02"


def test_a_payment_date_may_move_back_before_the_measurement():
    period = single(measured="2017-09-30", roll="preceding")
    assert (period.measured.written, period.paid.written) == ("2017-09-30", "2017-09-29")


@pytest.mark.parametrize(
    ("dates", "says"),
    [
        ({"end": "2015-12-31"}, "to (31 December 2015) is before from (1 January 2016); put the dates in order"),
        ({"measured": "2016-12-30"}, "measured (30 December 2016) is before to (31 December 2016)"),
        (
            {"measured": "2017", "paid": "2017-10"},
            "paid (October 2017, which counts as 31 October 2017) is before "
            "measured (2017, which counts as 31 December 2017)",
        ),
        (
            {"measured": "60 days after the period", "paid": "30 days after the period"},
            "paid (30 January 2017) is before",
        ),
        (
            {"measured": "1 day after measurement"},
            'measured: "1 day after measurement" counts from itself; write "1 day after the period"',
        ),
        ({"end": "2200-12-31", "paid": "1 day after the period"}, "2201-01-01 is outside the years 1900 to 2200"),
        ({"paid": "2017-09-30", "roll": "later"}, '"later" is not a way to move a payment date'),
        ({"end": "2200-12-31", "paid": "1 week after the period", "days": COLORADO}, "outside the years"),
        ({"end": "2199", "paid": "1 business day after the period", "days": COLORADO}, "and 2199 is needed"),
    ],
)
def test_a_period_out_of_order_or_out_of_range_is_refused(dates, says):
    with pytest.raises(ValueError, match=r"; ") as refused:
        single(**dates)
    assert says in str(refused.value)


# --- runs -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("every", "start", "end", "names"),
    [
        ("year", "2016-01-01", "2017-12-31", ["2016", "2017"]),
        ("year", "2016-07-01", "2018-06-30", ["2016/17", "2017/18"]),
        ("year", "1999-04", "2000-03", ["1999/00"]),
        ("year", "2016-07-15", "2018-07-14", ["run 1", "run 2"]),
        ("half-year", "2016", "2016", ["2016-H1", "2016-H2"]),
        ("half-year", "2016-04-01", "2017-03-31", ["run 1", "run 2"]),
        ("quarter", "2016-10-01", "2017-03-31", ["2016-Q4", "2017-Q1"]),
        ("quarter", "2016-02-01", "2016-07-31", ["run 1", "run 2"]),
        ("month", "2016-12-01", "2017-02-28", ["2016-12", "2017-01", "2017-02"]),
        ("month", "2016-12-15", "2017-02-14", ["run 1", "run 2"]),
        ("4 months", "2016", "2016", ["run 1", "run 2", "run 3"]),
        ("3 months", "2016-01-01", "2016-06-30", ["2016-Q1", "2016-Q2"]),
        ("1 month", "2016-01-01", "2016-01-31", ["2016-01"]),
        ("24 months", "2016", "2019", ["run 1", "run 2"]),
    ],
)
def test_periods_are_named_by_the_calendar_where_they_fit_it_else_by_number(every, start, end, names):
    periods = run(every, start, end)
    assert [period.name for period in periods] == names
    assert {period.run for period in periods} == {"run"}


def test_periods_from_the_end_of_a_month_do_not_drift():
    periods = run("month", "2016-01-31", "2016-05-30")
    assert [p.start.written for p in periods] == ["2016-01-31", "2016-02-29", "2016-03-31", "2016-04-30"]
    assert [p.end.written for p in periods] == ["2016-02-28", "2016-03-30", "2016-04-29", "2016-05-30"]


def test_each_period_of_a_run_is_measured_and_paid_after_its_own_end():
    periods = run(measured="30 days after the period", paid="5 business days after measurement", roll="following")
    assert [p.measured.written for p in periods] == ["2016-04-30", "2016-07-30", "2016-10-30", "2017-01-30"]
    assert [p.paid.written for p in periods] == ["2016-05-06", "2016-08-05", "2016-11-04", "2017-02-06"]
    assert [p.paid.written for p in run(roll="following")][-1] == "2017-01-02"


@pytest.mark.parametrize(
    ("dates", "says"),
    [
        (
            {"end": "2016-11-30"},
            "1 January 2016 to 30 November 2016 is not a whole number of periods of 3 months; "
            "end it on 30 September 2016 or 31 December 2016, or write each period on its own",
        ),
        ({"end": "2016-01-15"}, "3 months; end it on 31 March 2016, or write each period on its own"),
        ({"every": "month", "end": "2016-01-15"}, "periods of 1 month; end it on 31 January 2016, or"),
        ({"every": "1200 months", "start": "2150", "end": "2160"}, "1200 months; write each period on its own"),
        ({"every": "month", "start": "1900", "end": "2000-01"}, "1,201 periods are more than 1,200; check the dates"),
        ({"end": "2015-12-31"}, "to (31 December 2015) is before from (1 January 2016)"),
        ({"every": "fortnight"}, '"fortnight" is not a length of periods; write month, quarter, half-year, year'),
        ({"every": "0 months"}, "is not a length of periods"),
        ({"every": "1201 months"}, "is not a length of periods"),
        ({"every": "４ months"}, "is not a length of periods"),
        ({"measured": "9 days after the period", "paid": "1 day after the period"}, "is before measured"),
        ({"measured": "9 days after measurement"}, "counts from itself"),
    ],
)
def test_a_run_that_does_not_fit_is_refused_in_a_plain_sentence(dates, says):
    with pytest.raises(ValueError, match=r"; ") as refused:
        run(**dates)
    assert says in str(refused.value)


@pytest.mark.parametrize("key", ["measured", "paid"])
def test_one_fixed_date_for_a_whole_run_is_refused(key):
    when = {"measured": None, "paid": None, key: read_day("2018")}
    with pytest.raises(ValueError, match=f"{key}: 2018 is one date for a whole run of periods; write a lag"):
        run_of_periods("run", "year", read_day("2016", True), read_day("2017"), **when, roll=None, days=WEEKENDS)


def test_the_longest_run_is_a_hundred_years_of_months():
    assert len(run("month", "2001", "2100", paid="5 business days after the period", roll="following")) == 1200


@given(dates, st.integers(1, 12), st.integers(1, 40))
def test_a_run_covers_its_span_without_gap_or_overlap_and_with_distinct_names(start, months, count):
    end = add_months(start, months * count) - datetime.timedelta(days=1)
    if end.year > 2200:
        return
    periods = run(f"{months} months", start.isoformat(), end.isoformat(), paid="1 week after measurement")
    assert len(periods) == count
    assert len({period.name for period in periods}) == count
    assert (periods[0].start.date, periods[-1].end.date) == (start, end)
    for period, following in pairwise(periods):
        assert following.start.date - period.end.date == datetime.timedelta(days=1)
    for period in periods:
        assert period.start.date <= period.end.date <= period.measured.date <= period.paid.date


@given(
    known, st.sampled_from(["month", "quarter", "half-year", "year"]), st.integers(1, 8), calendars, st.integers(0, 60)
)
def test_a_period_of_a_run_equals_that_period_alone(start, every, count, days, lag):
    months = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}[every]
    end = add_months(start, months * count) - datetime.timedelta(days=1)
    paid = f"{lag} business days after the period"
    for period in run(every, start.isoformat(), end.isoformat(), paid=paid, roll="modified following", days=days):
        alone = single(period.start.written, period.end.written, paid=paid, roll="modified following", days=days)
        assert (alone.measured, alone.paid) == (period.measured, period.paid)
