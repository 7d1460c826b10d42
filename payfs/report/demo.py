"""Denver from the contract to the simulation: what ``payfs demo`` prints."""

from __future__ import annotations

from collections.abc import Iterator

from payfs.contract import load
from payfs.evidence.results import read_results
from payfs.examples import run_examples
from payfs.investment import invest
from payfs.payments import pay
from payfs.places import contract_specs, simulations
from payfs.report.returns_text import returns_lines
from payfs.report.simulation_text import simulation_head
from payfs.report.statement_text import explanation_lines, statement_lines
from payfs.simulate.run import Run
from payfs.simulate.scenario import load_scenario
from payfs.simulate.worked import Worked
from payfs.text import Refused

PATHS = 100_000


def demo_lines() -> Iterator[str]:
    """Check, pay, explain and pour Denver on the results that were really measured, and simulate it.

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
    yield ""
    yield "5. payfs simulate denver-sib: what it could have come to."
    yield ""
    scenario = load_scenario(simulations() / "denver-sib.yaml")
    run = Run(Worked(scenario), scenario.draws(PATHS))
    yield from simulation_head(run, run.risk())
    if outcome.findings:
        raise Refused(outcome.findings)
