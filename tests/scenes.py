"""Small contracts and scenarios by hand, and what is drawn of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from payfs.contract import Contract, load
from payfs.contract.load import laid_out
from payfs.simulate.paths import measured_on
from payfs.simulate.scenario import Scenario, scenario_of
from payfs.text import read_yaml

ROOT = Path(__file__).parent.parent
SPECS = ROOT / "contract_specs"

CONTRACT = """
contract: small
title: A small contract
currency: EUR
parties:
  payer: {name: The payer, role: outcome payer}
  bank: {name: A second payer, role: outcome payer}
  provider: {name: The provider, role: service provider}
payer: payer
population: {cohorts: {east: {what: East}, west: {what: West}}}
periods: {years: {every: year, from: 2020-01-01, to: 2022-12-31}}
metrics:
  jobs: {unit: job, by_cohort: no}
  days: {unit: day, by_cohort: no}
  hours: {unit: hour, step: 0.5, least: none, by_cohort: no}
  served: {unit: person, reports: to date, most: 250, by_cohort: no}
  rate: {unit: "%", step: 0.1%, least: 0%, most: 100%, by_cohort: no}
  met: {unit: yes/no, by_cohort: no}
  exits: {unit: exit}
  wages: {unit: money, by_cohort: no}
rules:
  jobs: {price: 10}
  days: {price: 1}
"""
ALL = {
    "jobs": "0",
    "days": "0",
    "hours": "0",
    "served": "0",
    "rate": "0%",
    "met": "{chance: 0%}",
    "exits": "0",
    "wages": "0",
}

CLAIMS = """
contract: card
title: A small rate card
currency: EUR
parties:
  payer: {name: The payer, role: outcome payer}
  provider: {name: The provider, role: service provider}
periods: {quarters: {every: quarter, from: 2020-01-01, to: 2021-12-31}}
metrics:
  start: {unit: start, claims: {times: 1}}
  job: {unit: job, claims: {needs: [start], wait: 2 months, times: 1}}
  course: {unit: course, claims: {not_with: [job], times: 1}}
  kept: {unit: job, claims: {of: [still at work], needs_paid: [job], months: 3 in a row, times: 2}}
rules:
  start: {price: 500}
  job: {price: 2000.33}
  course: {price: 900}
  kept: {price: 700}
limits:
  one person: {most: 3000, per: person}
  in all: {most: 400000}
"""


def contract(text: str = CONTRACT, name: str = "small.yaml") -> Contract:
    """Read a contract."""
    return laid_out(read_yaml(text, name), text)


def scene(metrics: str, more: str = "", terms: Contract | None = None) -> Scenario:
    """Read a scenario of the small contract; what it does not say of a metric is that it is nothing."""
    said = {line.split(":", 1)[0].strip() for line in metrics.splitlines() if line.startswith("  ") and line[2] != " "}
    rest = "".join(f"  {name}: {belief}\n" for name, belief in ALL.items() if name not in said)
    return written(
        f"scenario: x\ncontract: small\nmetrics:\n{metrics.strip(chr(10))}\n{rest}{more}", terms or contract()
    )


def card(participants: str, more: str = "", terms: Contract | None = None) -> Scenario:
    """Read a scenario of participants."""
    text = f"scenario: x\ncontract: card\nparticipants:\n{participants.strip(chr(10))}\n{more}"
    return written(text, terms or contract(CLAIMS, "card.yaml"))


def written(text: str, terms: Contract) -> Scenario:
    """Read a scenario."""
    return scenario_of(read_yaml(text, "x.yaml"), text, terms)


def of_deal(name: str, text: str) -> Scenario:
    """Read a scenario of an example contract."""
    return written(f"scenario: x\ncontract: {name}\n{text}", load(SPECS / f"{name}.yaml"))


def uniforms(scenario: Scenario, paths: int, seed: int) -> NDArray[np.float64]:
    """Draw plain random numbers, (columns, paths)."""
    return np.random.default_rng(seed).random((scenario.columns, paths)).clip(1e-12, 1 - 1e-12)


def drawn(scenario: Scenario, metric: str, paths: int = 40_000, seed: int = 1) -> NDArray[np.float64]:
    """Return what is measured of a metric, (cohorts or 1, periods, paths) [units; 1 for 100%]."""
    series = measured_on(scenario, uniforms(scenario, paths, seed)).series[metric]
    return series.values * float(series.scale.worth)


def near(values: NDArray[np.float64], mean: float, sd: float) -> None:
    """Hold the mean and the standard deviation of what was drawn against what they should be.

    The mean may be off by 5 standard errors, and the standard deviation by 3%.
    """
    assert abs(values.mean() - mean) <= 5 * sd / np.sqrt(len(values)) + 1e-9
    assert abs(values.std() - sd) <= 0.03 * sd + 1e-9


def alike(one: NDArray[np.float64], other: NDArray[np.float64]) -> None:
    """Hold two samples against each other: the test of Kolmogorov and Smirnov, of which fixed seeds pass 1 in 1,000."""
    assert stats.ks_2samp(one, other).pvalue > 0.001
    assert abs(one.mean() - other.mean()) <= 5 * np.hypot(one.std(), other.std()) / np.sqrt(len(one)) + 1e-9
