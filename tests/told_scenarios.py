"""Scenarios made for tests: without capital, with two tranches and spending, in yen, and with a gap in the stack."""

from __future__ import annotations

from pathlib import Path

from payfs.simulate.run import Run
from payfs.simulate.scenario import load_scenario
from payfs.simulate.worked import Worked

PLAIN = """\
contract: plain
title: A contract without capital
currency: USD
parties:
  city: {name: The City, role: outcome payer}
  firm: {name: A Provider, role: service provider}
payer: city
payee: firm
periods: {years: {every: year, from: 2024-01-01, to: 2025-12-31}}
metrics:
  homes: {unit: home}
  index: {unit: "%", step: 1%}
rules:
  homes: {metric: homes, price: 1000.50}
  index: {metric: index, tiers: [{below: 50%, pays: 0}, {from: 50%, pays: 2000}]}
"""

STACK = """\
contract: stack
title: A contract with two tranches, two payers and a provider who spends
currency: GBP
parties:
  council: {name: The Council, role: outcome payer, fiscal_year_starts: 1 April}
  fund: {name: The Fund, role: outcome payer, fiscal_year_starts: 1 April}
  firm: {name: Better Lives Ltd, role: service provider}
  bank: {name: A Bank, role: investor}
  trust: {name: A Trust, role: investor}
payers: {council: 60%, fund: 40%}
payee: firm
periods: {years: {every: year, from: 2024-01-01, to: 2026-12-31}}
metrics:
  homes: {unit: home}
rules:
  homes: {metric: homes, price: 9000}
limits:
  cap: {most: 1500000}
capital:
  tranches:
    bank loan:
      holder: bank
      kind: senior
      commitment: 500000
      draws: {2024-01-01: 500000}
      interest: {rate: RATE, days: ACT/365}
    trust stake: {holder: trust, kind: first loss, commitment: 250000, draws: {2024-01-01: 250000}}
  surplus: {trust: 100%}
  spending: {provider: firm, opening: 50000, amount: 68000, every: quarter, from: 2024-01-01, to: 2026-12-31}
"""

YEN = """\
contract: yen
title: A contract in yen
currency: JPY
parties:
  city: {name: A City, role: outcome payer, fiscal_year_starts: 1 April}
  firm: {name: A Company, role: service provider}
payer: city
payee: firm
periods: {only: {from: 2024-04-01, to: 2025-03-31}}
metrics:
  rate: {unit: "%", step: 0.1%, most: 100%}
rules:
  success: {metric: rate, tiers: [{below: 20%, pays: 0}, {from: 20%, pays: 2441000000}]}
"""

SCENARIOS = {
    "plain": (
        PLAIN,
        """\
scenario: plain
contract: contract.yaml
paths: 4,096
seed: 3
budget: 30,000
metrics:
  homes: {value: {discrete: {10: 50%, 20: 50%}}, varies: each period}
  index: {value: {bootstrap: {file: seen/history.csv, column: index}}, varies: once}
""",
    ),
    "stack": (
        STACK.replace("RATE", "5%"),
        """\
scenario: slow-start
what: Homes kept, if people come late
contract: contract.yaml
paths: 2,000
seed: 7
budget: {2024/25: 300000, 2025/26: 450000}
metrics:
  homes: {people: {number: between 30 and 70}, chance: {beta: {a: 14, b: 5}}}
""",
    ),
    "yen": (
        YEN,
        """\
scenario: yen
contract: contract.yaml
paths: 2,000
seed: 1
draws: random
metrics:
  rate: between 15% and 30%, nine times in ten, most likely 22%
""",
    ),
}
SCENARIOS["gap"] = (STACK.replace("RATE", "unknown"), SCENARIOS["stack"][1])


def written(folder: Path, name: str) -> Path:
    """Write a scenario and its contract to a folder, and return the scenario's file."""
    contract, scenario = SCENARIOS[name]
    (folder / "seen").mkdir(parents=True, exist_ok=True)
    (folder / "seen" / "history.csv").write_text("index\n40%\n60%\n", encoding="utf-8")
    (folder / "contract.yaml").write_text(contract, encoding="utf-8")
    (folder / "scenario.yaml").write_text(scenario, encoding="utf-8")
    return folder / "scenario.yaml"


def made(folder: Path, name: str, paths: int | None = None, block: int = 16_384) -> Run:
    """Write a scenario and its contract to a folder, and return the run."""
    worked = Worked(load_scenario(written(folder, name)))
    return Run(worked, worked.scenario.draws(paths), block)
