"""Golden cases, worked out by hand: each is a small contract, results, and the payments they must come to."""

import pytest
from case_files import Case, account_of, all_cases, contract_of

from payfs.examples import leaves, run_examples
from payfs.text import Refused

CASES = all_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}: {case.name}")
def test_a_case_comes_to_what_was_worked_out_by_hand(case: Case):
    if case.refused is not None:
        with pytest.raises(Refused) as caught:
            account_of(contract_of(case.contract))
        said = [f"{finding.what}; {finding.remedy}" for finding in caught.value.findings]
        assert case.refused in said
        return
    outcome = run_examples(contract_of(case.contract))
    assert [f"{finding.what}; {finding.remedy}" for finding in outcome.findings] == []
    assert outcome.passed == 1


@pytest.mark.parametrize("case", [c for c in CASES if c.why], ids=lambda case: f"{case.file}: {case.name}")
def test_a_case_says_why(case: Case):
    payments = account_of(contract_of(case.contract)).payments
    for rule, tree in case.why.items():
        for keys, text in leaves(tree):
            said = [p.why for p in payments if p.rule == rule and all(k in (p.cohort, p.period, p.payer) for k in keys)]
            assert said == [text]


@pytest.mark.parametrize("case", [c for c in CASES if c.unpaid_units], ids=lambda case: f"{case.file}: {case.name}")
def test_a_case_records_the_units_that_are_not_paid(case: Case):
    statement = account_of(contract_of(case.contract)).statement
    for rule, units in case.unpaid_units.items():
        found = [array.sum() for (name, _), array in statement.unpaid_units.items() if name == rule]
        assert [str(steps) for steps in found] == [units]


def test_no_two_cases_bear_the_same_name():
    names = [(case.file, case.name) for case in CASES]
    assert len(names) == len(set(names))
