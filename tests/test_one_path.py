"""Any path of a run by itself comes to what it came to among the others, and is explained like any real case."""

from __future__ import annotations

import numpy as np
import pytest
from made_scenarios import CONTRACT, loaded

from payfs.report.path_text import path_lines
from payfs.simulate.one_path import one_path
from payfs.simulate.worked import TOTAL, Worked
from payfs.text import Refused


@pytest.mark.parametrize("number", [0, 1, 255, 256, 2500, 4095])
def test_a_path_by_itself_comes_to_what_it_came_to_among_the_others(tmp_path, number):
    scenario = loaded(tmp_path)
    worked, draws = Worked(scenario), scenario.draws()
    together = worked.evaluate(draws.between(0, draws.paths))
    alone = one_path(worked, draws, number)
    assert list(alone.outcomes) == list(together)
    for label, values in together.items():
        np.testing.assert_array_equal(alone.outcomes[label][0], values[number], err_msg=label)


def test_what_is_explained_adds_up_to_what_is_paid(tmp_path):
    scenario = loaded(tmp_path)
    for number in (3, 77, 1234):
        path = one_path(Worked(scenario), scenario.draws(), number)
        assert sum(payment.amount for payment in path.account.payments) == int(path.outcomes[TOTAL][0])
        text = "\n".join(path_lines(path))
        assert scenario.contract.money.show(int(path.outcomes[TOTAL][0])) + " in all" in text
        assert max(map(len, text.splitlines())) <= 88
        for metric, _, period, value in path.measured:
            assert any(metric in line and period in line and value in line for line in text.splitlines())


def test_a_path_that_is_not_drawn_is_refused(tmp_path):
    scenario = loaded(tmp_path)
    with pytest.raises(Refused, match=r"there is no path 4,096; name one from 0 to 4,095"):
        one_path(Worked(scenario), scenario.draws(), 4096)


def test_the_truth_and_the_cash_of_the_provider_are_told(tmp_path):
    scenario = loaded(tmp_path)
    path = one_path(Worked(scenario), scenario.draws(), 12)
    ((metric, cohort, period, value),) = path.truths
    assert (metric, cohort, period) == ("fall", "", "2023")
    text = "\n".join(path_lines(path))
    assert f"fall    2023     {value}" in text
    assert "Cash of The Provider" in text
    lowest = scenario.contract.money.show(int(path.outcomes["lowest cash"][0]))
    assert f"The lowest is {lowest}, on " in text


def test_a_payment_that_is_late_on_a_path_says_how_late_and_when_it_comes(tmp_path):
    scenario = loaded(tmp_path)
    seen = set()
    for number in range(12):
        path = one_path(Worked(scenario), scenario.draws(), number)
        text = "\n".join(path_lines(path))
        for (payer, period), days in path.late.items():
            assert (payer, days in (0, 90)) == ("city", True)
            paid = sum(payment.amount > 0 for payment in path.account.payments if payment.period == period)
            when = {"2021": "30 May 2022", "2022": "30 May 2023", "2023": "29 May 2024"}[period]
            assert text.count(f"On this path it comes 90 days late, on {when}.") == (paid if days else 0)
            seen.add(days)
        received = scenario.contract.money.show(int(path.outcomes["loan received"][0]))
        assert f"loan received {received:>20}".split() in [line.split() for line in text.splitlines()]
    assert seen == {0, 90}


def test_cash_that_never_changes_is_said_and_no_table_of_it_is_empty(tmp_path):
    paid = "costs: {service: {payee: provider, amount: 100000, every: year, from: 2021-01-01, to: 2023-12-31}}"
    scenario = loaded(tmp_path, contract=CONTRACT.replace("  surplus:", f"  {paid}\n  surplus:"))
    text = "\n".join(path_lines(one_path(Worked(scenario), scenario.draws(), 12)))
    assert "after" not in text.partition("Cash of The Provider")[2].split()
    assert "so that what it has never changes" in text
