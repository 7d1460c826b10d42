"""Denver from the contract to the returns: what ``payfs demo`` prints."""

from __future__ import annotations

from collections.abc import Iterator

from payfs.contract import load
from payfs.evidence.results import read_results
from payfs.examples import run_examples
from payfs.investment import invest
from payfs.payments import pay
from payfs.places import contract_specs
from payfs.report.returns_text import returns_lines
from payfs.report.statement_text import explanation_lines, statement_lines
from payfs.text import Refused


def demo_lines() -> Iterator[str]:
    """Check, pay, explain and pour Denver, on the results that were really measured.

    Raises:
        Refused: one of its worked examples does not hold.
    """
    contract = load(contract_specs() / "denver-sib.yaml")
    outcome = run_examples(contract)
    yield f"1. payfs check denver-sib: {outcome.passed} worked examples hold, {outcome.failed} do not."
    yield ""
    account = pay(contract, read_results(str(contract_specs() / "results" / "denver-sib.csv"), contract.frame))
    yield "2. payfs pay denver-sib, on the results that were really measured:"
    yield ""
    yield from statement_lines(account)
    yield ""
    yield "3. payfs explain denver-sib --rule jail_days: why that line is what it is."
    yield ""
    for payment in account.payments:
        if payment.rule == "jail_days":
            yield from explanation_lines(payment, account)
    yield ""
    yield "4. payfs returns denver-sib: what the investors got back."
    yield ""
    yield from returns_lines(invest(account))
    if outcome.findings:
        raise Refused(outcome.findings)
