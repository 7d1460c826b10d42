"""Questions: what is asked, what it comes to, how it is said, and what is refused."""

import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from payfs.money import currency
from payfs.simulate.question import read_question, units_of

law = settings(max_examples=200, deadline=None, derandomize=True, database=None)
DOLLAR, YEN = currency("USD"), currency("JPY")
BUDGET = 1_142_000_000
OUTCOMES = {
    "total": np.array([0, 100_000, 200_000, 300_000, 400_000]),
    "rule housing": np.array([0, 10, 20, 30, 40]),
    "rule jail_days": np.array([0, 10, 20, 30, 40]),
    "payer city": np.array([0, 10, 20, 30, 40]),
    "fiscal year 2018": np.array([5, 4, 3, 2, 1]),
    "lowest cash": np.array([-100, -50, 0, 0, 10]),
    "senior IRR": np.array([np.nan, -1, 0.0499999999, 0.05, 0.07]),
    "senior multiple": np.array([np.nan, 0, 1.1, 1.1, 1.3]),
    "nothing is paid": np.array([True, False, False, False, False]),
    "limit contract binds": np.array([False, False, False, True, True]),
}
LABELS = units_of(OUTCOMES)


def read(text, labels=LABELS, money=DOLLAR, budget=BUDGET):
    return read_question(text, labels, money, budget)


def refusal(text, **others) -> str:
    with pytest.raises(PydanticCustomError) as caught:
        read(text, **others)
    assert caught.value.type == "payfs"
    return "{what}; {remedy}".format(**caught.value.context)


def test_the_kind_of_a_result_tells_what_it_is_measured_in():
    units = {
        **dict.fromkeys(["total", "rule housing", "rule jail_days", "payer city", "fiscal year 2018"], "money"),
        "lowest cash": "money",
        "senior IRR": "rate",
        "senior multiple": "number",
        "nothing is paid": "event",
        "limit contract binds": "event",
    }
    assert units == LABELS


SAID = {
    "P(senior IRR >= 5%) >= 0.8": "the probability that the senior IRR is at least 5% is at least 80%",
    "P(total > 10,000,000) <= 5%": "the probability that the total is more than $10,000,000.00 is at most 5%",
    "mean(total) <= 9,500,000": "the mean of the total is at most $9,500,000.00",
    "P80(fiscal year 2018) <= 2000": "the 80th percentile of what is paid in fiscal year 2018 is at most $2,000.00",
    "P(nothing is paid) <= 1%": "the probability that nothing is paid is at most 1%",
    "P(total > budget) < 10%": (
        "the probability that the total is more than the budget of $11,420,000.00 is less than 10%"
    ),
    "mean(total) < Budget": "the mean of the total is less than the budget of $11,420,000.00",
    "P(rule housing > 0) > 4/5": "the probability that what rule housing pays is more than $0.00 is more than 80%",
    "P(payer city < 12.34) > 5/6": "the probability that what payer city pays is less than $12.34 is more than 5/6",
    "P(lowest cash < -5) < 0.5%": "the probability that the lowest cash is less than $-5.00 is less than 0.5%",
    "P2.5(senior multiple) >= 1.1": "the 2.5th percentile of the senior multiple, where there is one, is at least 1.1",
    "P11(lowest cash) >= 0": "the 11th percentile of the lowest cash is at least $0.00",
    "P91(lowest cash) >= 0": "the 91st percentile of the lowest cash is at least $0.00",
    "P2(lowest cash) >= 0": "the 2nd percentile of the lowest cash is at least $0.00",
    "P3(lowest cash) >= 0": "the 3rd percentile of the lowest cash is at least $0.00",
    "mean(senior IRR) >= 0": "the mean of the senior IRR, where there is one, is at least 0%",
    "P(limit contract binds) ≤ 50 %": "the probability that limit contract binds is at most 50%",
    "P(senior IRR ≥ -2.5%) >= 1 / 2": "the probability that the senior IRR is at least -2.5% is at least 50%",
}


@pytest.mark.parametrize(("text", "said"), SAID.items())
def test_a_question_is_said_in_plain_words(text, said):
    assert read(text).said() == said.replace("$-5.00", "-$5.00")


@pytest.mark.parametrize(
    ("text", "value", "holds"),
    [
        ("P(total > 1,000) >= 60%", 0.6, True),
        ("P(total > 1,000) > 60%", 0.6, False),
        ("P(total >= 1,000) > 60%", 0.8, True),
        ("P(total < 1,000) <= 1/5", 0.2, True),
        ("P(total <= 1000) < 0.4", 0.4, False),
        ("mean(total) <= 2,000", 200_000, True),
        ("mean(total) < 2,000", 200_000, False),
        ("P80(total) <= 3,000", 300_000, True),
        ("P80.001(total) <= 3,000", 400_000, False),
        ("P20(total) <= 0", 0, True),
        ("P0.5(total) <= 0", 0, True),
        ("P99.5(total) <= 0", 400_000, False),
        ("P60(fiscal year 2018) <= 0.03", 3, True),
        ("P(nothing is paid) <= 20%", 0.2, True),
        ("P(limit contract binds) <= 20%", 0.4, False),
        # no rate is no good rate, and 5% is not missed by a rounded cent
        ("P(senior IRR >= 5%) >= 60%", 0.6, True),
        ("P(senior IRR > 5%) >= 60%", 0.2, False),
        ("P(senior IRR < 5%) >= 20%", 0.2, True),
        ("P(senior IRR < 0%) >= 20%", 0.2, True),
        ("P(senior multiple >= 1.1) >= 60%", 0.6, True),
        ("P50(senior IRR) >= 5%", 0.0499999999, True),
        ("P51(senior IRR) > 5%", 0.05, False),
        ("mean(senior multiple) >= 0.875", 0.875, True),
        ("P(lowest cash < -0.50) <= 20%", 0.2, True),
    ],
)
def test_what_is_asked_comes_to_a_figure_and_a_yes_or_no(text, value, holds):
    question = read(text)
    assert question.value(OUTCOMES) == value
    assert question.holds(question.value(OUTCOMES)) is holds


@law
@given(st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=40), st.integers(1, 99))
def test_a_percentile_is_the_least_result_that_so_many_paths_do_not_pass(amounts, percent):
    found = read(f"P{percent}(total) >= 0").value({"total": np.array(amounts)})
    enough = [one for one in amounts if sum(other <= one for other in amounts) * 100 >= percent * len(amounts)]
    assert found == min(enough)


@pytest.mark.parametrize("amount", [950_000_001, 10**15 - 1, -7])
def test_the_mean_of_equal_amounts_is_that_amount(amount):
    paths = np.full(2_000_001, amount)
    assert read("mean(total) >= 0").value({"total": paths}) == amount


def test_a_mean_of_no_rates_is_none_and_holds_nothing():
    nothing = {"senior IRR": np.array([np.nan, np.nan])}
    for text in "mean(senior IRR) >= -100%", "mean(senior IRR) < 5%", "P50(senior IRR) <= 5%":
        question = read(text)
        assert np.isnan(question.value(nothing))
        assert not question.holds(float("nan"))
        assert question.show(float("nan")) == "none"
    assert read("P(senior IRR < 5%) <= 0").value(nothing) == 0


def test_names_are_read_in_capitals_or_not_and_with_underscores_or_spaces():
    for name in "rule jail_days", "Rule Jail Days", "RULE  jail-days", " rule jail_days ":
        assert read(f"p( {name}>5)>=0.5").label == "rule jail_days"
    assert read("MEAN(TOTAL)<=5").asks == "mean"
    assert read("P( NOTHING is paid )<1%").label == "nothing is paid"
    assert read("P(total > 5)\n   <=\t5%").said() == read("P(total > 5) <= 5%").said()


def test_of_names_that_are_alike_the_one_as_written_is_meant():
    labels = {"rule a_b": "money", "rule a b": "money"}
    assert read("mean(rule a b) > 0", labels=labels).label == "rule a b"
    assert read("mean(rule a_b) > 0", labels=labels).label == "rule a_b"
    assert refusal("mean(rule A B) > 0", labels=labels) == (
        "'rule A B' may be 'rule a_b' or 'rule a b'; write it exactly so"
    )


def test_amounts_are_in_units_of_the_currency():
    assert read("mean(total) <= 12.5").outer.figure == 1250
    assert read("mean(total) <= 12", money=YEN).outer.figure == 12
    assert refusal("mean(total) <= 12.5", money=YEN) == "12.5 is finer than ¥1; write at most 0 decimals"


def test_figures_are_shown_as_they_are_asked_for():
    assert read("mean(total) > 0").show(950_000_000.4) == "$9,500,000.00"
    assert read("P(total > 5) > 0").show(13 / 16) == "81.25%"
    assert read("P50(senior IRR) > 0").show(0.0512345) == "5.12%"
    assert read("P50(senior multiple) > 0").show(1.23456) == "1.235"


def test_a_question_tells_whether_its_figure_has_to_be_high_or_low():
    assert [read(f"P(total > 5) {how} 50%").rising for how in (">=", ">", "<=", "<")] == [True, True, False, False]


NAMES = (
    "total, rule housing, rule jail_days, payer city, fiscal year 2018, lowest cash, senior IRR, senior multiple, "
    + ("nothing is paid, limit contract binds")
)
LIKE = "write it as in 'P(total <= 1,000,000) >= 80%'"
DIGITS = "write plain digits such as 1234.56, or 38% for a percentage: at most 15 digits and 9 decimals"
REFUSED = {
    "": "the question is empty; write one as in 'P(total <= 1,000,000) >= 80%'",
    "  \n ": "the question is empty; write one as in 'P(total <= 1,000,000) >= 80%'",
    "senior IRR >= 5%": f"the question 'senior IRR >= 5%' has no round brackets; {LIKE}",
    "P(total > 5": f"the question 'P(total > 5' opens a bracket and does not close it; {LIKE}",
    "P(P(total > 5) > 5%) > 5%": f"a bracket stands in the brackets: 'P(total > 5'; {LIKE}",
    "(total > 5) > 5%": "nothing stands before the brackets; write P, mean, or a percentile such as P80",
    "sum(total) > 5": "'sum' stands before the brackets; write P, mean, or a percentile such as P80",
    "average(total) > 5": "'average' stands before the brackets; write mean",
    "Prob(total > 5) > 5%": "'Prob' stands before the brackets; write P",
    "median(total) > 5": "'median' stands before the brackets; write P50",
    "P0(total) > 5": "'P0' is no percentile; write one above P0 and below P100, such as P80",
    "P100(total) > 5": "'P100' is no percentile; write one above P0 and below P100, such as P80",
    "P8.5.5(total) > 5": "'P8.5.5' is no percentile; write one above P0 and below P100, such as P80",
    "P() > 5%": f"nothing is named in the brackets; write a result there: {NAMES}",
    "P(> 5) > 5%": f"nothing is named in the brackets; write a result there: {NAMES}",
    "P(senor IRR >= 5%) > 5%": "the simulation has no result 'senor IRR'; did you mean 'senior IRR'",
    "P(IRR >= 5%) > 5%": "the simulation has no result 'IRR'; did you mean 'senior IRR'",
    "P(zebra >= 5%) > 5%": f"the simulation has no result 'zebra'; the results are {NAMES}",
    "P(total) > 5%": (
        "'total' is a figure, and nothing says what it is compared with; write it as in P(total >= 1,000,000)"
    ),
    "P(senior IRR) > 5%": (
        "'senior IRR' is a figure, and nothing says what it is compared with; write it as in P(senior IRR >= 5%)"
    ),
    "P(senior multiple) > 5%": (
        "'senior multiple' is a figure, and nothing says what it is compared with; "
        "write it as in P(senior multiple >= 1.1)"
    ),
    "P(senior IRR 5%) > 5%": (
        "no comparison stands between 'senior IRR' and '5%'; write >=, >, <= or < there, as in senior IRR >= 5%"
    ),
    "P(nothing is paid > 5) > 5%": (
        "'nothing is paid' happens or does not, and is no figure; write P(nothing is paid)"
    ),
    "mean(nothing is paid) > 5%": "'nothing is paid' happens or does not, and is no figure; write P(nothing is paid)",
    "mean(total > 5) > 5": "mean is of a result and not of a comparison; write mean(total) or P(total > 5)",
    "p80(total > 5) > 5": "P80 is of a result and not of a comparison; write P80(total) or P(total > 5)",
    "P(total > 5)": "nothing stands behind the brackets where a comparison is meant; write >=, >, <= or < and a figure",
    "P(total > 5) 0.8": (
        "'0.8' stands behind the brackets where a comparison is meant; write >=, >, <= or < and a figure"
    ),
    "P(total > 5) is >= 0.8": "'is' follows the brackets; write >=, >, <= or < there",
    "P(total > 5) => 0.8": "'=>' is not a comparison that can be asked for; write >=",
    "P(total =< 5) > 0.8": "'=<' is not a comparison that can be asked for; write <=",
    "P(total = 5) > 0.8": "'=' is not a comparison that can be asked for; write >=, >, <= or <",
    "P(total > 5) >= 0.8 >= 0.7": "it compares once more in '0.8 >= 0.7'; ask one thing at a time",
    "P(1 < total < 5) > 5%": "it compares once more in 'total < 5'; ask one thing at a time",
    "P(total > 5) >= 0.8 and more": "'and more' follows 0.8; leave it out, and ask one thing at a time",
    "P(total > 5 dollars) >= 0.8": "'dollars' follows 5; leave it out, and ask one thing at a time",
    "P(total > 5) >= 80 % or so": "'or so' follows 80 %; leave it out, and ask one thing at a time",
    "P(total > 5) >=": "the value is empty; " + DIGITS,
    "P(total > 5) >= 1.2": "the share '1.2' is more than the whole; write 35%, 5/6 or 0.35",
    "P(total > 5) >= 120%": "the chance '120%' is more than certain; write at most 100%",
    "P(total > 5) >= -5%": "the share '-5%' is less than nothing; write 35%, 5/6 or 0.35",
    "P(total > 5) >= likely": "'likely' is not a number; " + DIGITS,
    "P(total > 5) >= 10 / x": "'10 / x' is not a number; " + DIGITS,
    "P(total > 5) >= budget": "a probability is compared with the budget, which is money; write a figure in its place",
    "P(senior IRR > budget) >= 5%": (
        "'senior IRR' is compared with the budget, which is money; write a figure in its place"
    ),
    "P80(fiscal year 2018) <= 2m": "'2m' is not a number; " + DIGITS,
    "mean(total) <= USD 5": "'USD 5' is not a number; write 5, without the currency",
    "mean(total) <= 1e400": "'1e400' is not a number; " + DIGITS,
    "mean(total) <= nan": "'nan' is not a number; " + DIGITS,
    "mean(total) <= 5%": "5% is a percentage, but 'total' is money; write an amount in USD",
    "mean(total) <= 5.005": "5.005 is finer than $0.01; write at most 2 decimals",
    "mean(total) <= 999,999,999,999,999": "999,999,999,999,999 is more than can be paid exactly; check the figure",
    "P(senior IRR > 5) >= 5%": (
        "5 has no percent sign, but 'senior IRR' is a rate a year; write 5%, or 500% if that is meant"
    ),
    "P(senior IRR > 5.00001%) >= 5%": "5.00001% is finer than 'senior IRR' is known; write at most 4 decimals",
    "P(senior multiple > 110%) >= 5%": "110% is a percentage, but 'senior multiple' is a plain number; write 1.1",
    "P(senior multiple > 1.0000001) >= 5%": (
        "1.0000001 is finer than 'senior multiple' is known; write at most 6 decimals"
    ),
    "P(total > 5) > 5% " + "x" * 200: (
        "the question 'P(total > 5) > 5% xxxxxxxxxxxxxxxxxxx...' has more than 200 letters; ask one thing at a time"
    ),
    "__import__('os').system('x')": (
        '"__import__" stands before the brackets; write P, mean, or a percentile such as P80'.replace('"', "'")
    ),
    "P({what} > 5) > 5%": f"the simulation has no result '{{what}}'; the results are {NAMES}",
    "P(\0 > 5) > 5%": f"the simulation has no result '\\x00'; the results are {NAMES}",
    "P(total > ５) > 5%": "'５' is not a number; " + DIGITS,
}


@pytest.mark.parametrize(("text", "message"), REFUSED.items())
def test_what_is_no_question_is_refused_with_fact_and_remedy(text, message):
    assert refusal(text) == message


def test_a_budget_that_is_not_given_is_asked_for():
    message = "no budget is given; write the amount in its place, or give one"
    assert refusal("P(total > budget) < 10%", budget=None) == message


@pytest.mark.parametrize("value", [["P(total > 5) > 5%"], {"P": 1}, 5, True])
def test_what_is_no_text_is_no_question(value):
    assert refusal(value).endswith(" stands where a question is meant; write one as in 'P(total <= 1,000,000) >= 80%'")
    assert refusal(None).startswith("the question is empty")


def test_of_many_results_a_few_are_listed():
    labels = {f"fiscal year {year}": "money" for year in range(2000, 2040)}
    assert refusal("mean(zebra) > 5", labels=labels).endswith("fiscal year 2011 and 28 more")


PIECES = [
    "P",
    "mean",
    "P80",
    "(",
    ")",
    ">=",
    "<",
    "=",
    "total",
    "senior IRR",
    "5%",
    "0.8",
    "budget",
    " ",
    "nothing is paid",
]


@law
@given(st.one_of(st.text(max_size=300), st.lists(st.sampled_from(PIECES), max_size=12).map("".join)))
def test_any_text_is_a_question_or_is_refused_in_words(text):
    question = refused = None
    try:
        question = read(text)
    except PydanticCustomError as error:
        refused = error
    if question is None:
        assert refused.type == "payfs"
        assert all(refused.context.values())
    else:
        assert question.said()
        assert question.holds(question.value(OUTCOMES)) in (True, False)


@pytest.mark.parametrize("piece", ["(", ")", "<", " ", "P(", "5 ", "1/", "a-", "5%", ",5"])
def test_hostile_text_is_read_in_a_moment(piece):
    begun = time.monotonic()
    for text in (piece * 10**6, f"P(total > {piece * 40}"[:190] + ") > 5%", f"P(total > 5) > {piece * 40}"[:200]):
        refusal(text)
    assert time.monotonic() - begun < 1


@law
@given(st.fractions(0, 1, max_denominator=10**6))
def test_a_chance_is_compared_exactly(chance):
    question = read(f"P(total > 5) >= {chance.numerator}/{chance.denominator}") if chance.denominator > 1 else None
    if question is not None:
        paths = np.arange(chance.denominator) < chance.numerator
        assert question.holds(question.value({"total": paths * 1000}))
        assert question.outer.figure == Fraction(chance)
