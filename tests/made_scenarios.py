"""A small contract with a stack, and a scenario of it, written to a folder."""

from __future__ import annotations

from pathlib import Path

from payfs.simulate.scenario import Scenario, load_scenario

CONTRACT = """
contract: homes
title: Homes for people
currency: USD
parties:
  city: {name: The City, role: outcome payer, fiscal_year_starts: 1 July}
  provider: {name: The Provider, role: service provider}
  senior: {name: The Senior Fund, role: investor}
  junior: {name: The Junior Fund, role: investor}
periods: {years: {every: year, from: 2021-01-01, to: 2023-12-31, paid: 60 days after the period}}
metrics:
  homes: {unit: home}
  fall: {unit: "%", step: 0.1%, measured: "2023"}
rules:
  homes: {price: 1000}
  fall: {tiers: [{below: 10%, pays: 0}, {from: 10%, below: 20%, pays: 100000}, {from: 20%, pays: 250000}]}
limits:
  all: {most: 500000}
capital:
  ends: 2024-12-31
  tranches:
    loan: {holder: senior, kind: senior, commitment: 200000, draws: {2021-01-01: 200000},
           interest: {rate: 5%, days: ACT/365, due: {every: year, from: 2021-03-01, to: 2024-02-29}}}
    cushion: {holder: junior, kind: first loss, commitment: 100000, draws: {2021-01-01: 100000}}
  surplus: {cushion: 100%}
  spending: {provider: provider, opening: 20000, amount: 100000, every: year, from: 2021-01-01, to: 2023-12-31}
"""

SCENARIO = """
scenario: homes
contract: homes.yaml
paths: 4,096
seed: 7
budget: {"2023/24": 300000}
metrics:
  homes: {people: 120, chance: between 60% and 90%, drawn: sums}
  fall:
    value: {normal: {mean: 15%, sd: 6%}}
    evaluation: {design: randomised, treated: 200, control: 200, spread: 60%, target: 10%}
correlation: [{between: [chance of homes, fall], rank: 0.4}]
delays: {city: {days: {discrete: {0: 80%, 90: 20%}}}}
"""


def written(folder: Path, scenario: str = SCENARIO, contract: str = CONTRACT) -> Path:
    """Write both, and return the scenario's file."""
    (folder / "homes.yaml").write_text(contract, encoding="utf-8")
    file = folder / "scenario.yaml"
    file.write_text(scenario, encoding="utf-8")
    return file


def loaded(folder: Path, scenario: str = SCENARIO, contract: str = CONTRACT) -> Scenario:
    """Write both, and load the scenario."""
    return load_scenario(written(folder, scenario, contract))
