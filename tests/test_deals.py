"""Real deals: each contract is valid, pays what was really paid, and refuses what no source says."""

from fractions import Fraction

import pytest
from case_files import account_of

from payfs.contract import load
from payfs.evidence.results import read_results
from payfs.examples import run_examples
from payfs.payments import pay
from payfs.places import contract_specs

DEALS = sorted(contract_specs().glob("*.yaml"))
TEMPLATES = sorted((contract_specs() / "templates").glob("*.yaml"))


@pytest.mark.parametrize("path", [*DEALS, *TEMPLATES], ids=lambda path: path.stem)
def test_every_worked_example_holds(path):
    contract = load(path)
    outcome = run_examples(contract)
    assert [str(finding) for finding in outcome.findings] == []
    assert (outcome.passed, outcome.failed) == (len(contract.spec.examples), 0)
    assert outcome.passed > 0


@pytest.mark.parametrize("path", DEALS, ids=lambda path: path.stem)
def test_every_deal_cites_its_sources(path):
    contract = load(path)
    assert contract.name == path.stem
    assert contract.spec.sources
    cited = {name for example in contract.spec.examples for name in example.source or ()}
    assert cited


def test_the_deals_are_there():
    assert [path.stem for path in DEALS] == [
        "adoption-incentive", "au-newpin-nsw", "ch-caritas-perspektive", "chicago-cpc", "cuyahoga-family-success",
        "dc-water-eib", "denver-sib", "in-educate-girls-dib", "jp-hachioji", "ma-juvenile-justice-roca",
        "nyc-rikers-able", "ticket-to-work", "uk-care-leavers-sib", "uk-dwp-innovation-fund", "uk-essex-edge-of-care",
        "uk-hmp-peterborough", "uk-street-impact-brighton-loan", "uk-troubled-families", "utah-preschool",
        "wb-rhino-bond",
    ]  # fmt: skip


def test_denver_paid_9_638_911_36():
    contract = load(contract_specs() / "denver-sib.yaml")
    account = pay(contract, read_results(str(contract_specs() / "results" / "denver-sib.csv"), contract.frame))
    assert Fraction(account.total, 100) == Fraction("9638911.36")
    assert account.sums("rule") == {"housing": 453_491_136, "jail_days": 510_400_000}
    assert [payment.amount for payment in account.payments if payment.rule == "housing"][-1] == 62_097_840
    assert account.unpaid() == {}


@pytest.mark.parametrize("path", sorted((contract_specs() / "results").glob("*.csv")), ids=lambda path: path.stem)
def test_the_results_that_travel_with_a_deal_can_be_paid(path):
    contract = load(contract_specs() / f"{path.stem}.yaml")
    account = pay(contract, read_results(str(path), contract.frame))
    assert account.payments
    assert account.total == int(account.statement.total()[0, 0, 0])


@pytest.mark.parametrize("path", DEALS, ids=lambda path: path.stem)
def test_every_payment_of_a_deal_says_why_and_when(path):
    contract = load(path)
    for place, example in enumerate(contract.spec.examples):
        if example.expect.unknown:
            continue
        for payment in account_of(contract, place).payments:
            assert payment.why
            assert "{" not in payment.why
            assert payment.payee in contract.spec.parties
            assert payment.payer in contract.spec.parties
