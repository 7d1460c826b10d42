"""The real contracts through the ledger, period by period, with slips that are corrected later: to the cent as paid."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest
from made_ledgers import KEEPER, written
from sqlmodel import select

from payfs.contract import load
from payfs.evidence.entries import correction_entries, tree_entries
from payfs.evidence.results import check_entries
from payfs.payments import pay
from payfs.places import contract_specs
from payfs.store import create_store, workflow
from payfs.store.audit import check_ledger
from payfs.store.due import KEY
from payfs.store.replay import replay
from payfs.store.rows import CertificateLine
from payfs.text import Refused

# whose worked examples rest on claims, or on what is assumed: tests/test_ledger.py has claims
BY_CLAIMS = {
    "adoption-incentive",
    "in-educate-girls-dib",
    "ticket-to-work",
    "uk-dwp-innovation-fund",
    "uk-street-impact-brighton-loan",
    "uk-troubled-families",
}
SPECS = sorted(path.stem for path in contract_specs().glob("*.yaml"))


def cases(contract):
    """Yield the results of each worked example that stands by itself, and that can be paid."""
    for place, example in enumerate(contract.terms[0].spec.examples):
        if example.as_of or example.assuming or example.claims or not example.results:
            continue
        at = ("examples", place)
        entries = [
            *tree_entries(contract.document, (*at, "results")),
            *correction_entries(contract.document, (*at, "corrections")),
        ]
        try:
            results = check_entries(entries, contract.frame, example.period or "", example.cohort or "")
            pay(contract, results)
        except Refused:
            continue
        if results:
            yield results


def rows(contract, results):
    """Write results as lines of a results file."""
    frame = contract.frame
    for one in results:
        by_cohort = contract.spec.population.cohorts and frame.metrics[one.metric].by_cohort
        cohort = frame.cohorts[one.cohort] if by_cohort else ""
        value = frame.scales[one.metric].written(one.value)
        period, reported = frame.periods[one.period].name, frame.periods[one.reported].name
        yield f'{one.metric},"{cohort}","{period}","{value}","{reported if reported != period else ""}"'


@pytest.mark.parametrize("spec", SPECS)
def test_a_deal_that_is_certified_in_parts_comes_to_what_pay_says(tmp_path, spec):
    contract = load(contract_specs() / f"{spec}.yaml")
    chance = random.Random(spec)
    tried = 0
    for number, results in enumerate(cases(contract)):
        if tried == 3:
            break
        lines = list(rows(contract, results))
        by_period = defaultdict(list)
        for line, one in zip(lines, results, strict=True):
            by_period[one.reported].append((line, one))
        store = create_store(str(tmp_path / f"{number}.db"))
        workflow.register(store, KEEPER, spec)
        for who, role in (("pat", "provider"), ("eve", "evaluator")):
            workflow.grant(store, KEEPER, contract.name, who, role)
        batches, late = [], []
        for place in sorted(by_period):
            batch = []
            for line, one in by_period[place]:
                slip = next(rows(contract, [one._replace(value=one.value - 1)]))
                if chance.random() < 0.3 and slip != line:
                    batch.append(slip)
                    late.append(line)
                else:
                    batch.append(line)
            batches.append(batch)
        batches += [late] if late else []
        for batch in [*batches, lines]:
            text = "\n".join(["metric,cohort,period,value,reported", *batch]) + "\n"
            if batch is lines and batches[-1] == lines:
                continue  # it was all handed in at once, and rightly
            try:
                handed = workflow.submit(store, "pat", contract.name, [written(tmp_path, text, f"{number}.csv")])
            except Refused:  # a slip that the contract refuses, or a part that cannot be paid by itself
                assert batch is not lines
                continue
            workflow.verify(store, "eve", contract.name, handed.number)
        with store.reading() as session:
            certified = defaultdict(int)
            for line in session.exec(select(CertificateLine)):
                certified[tuple(getattr(line, name) for name in KEY)] += line.amount
        due = defaultdict(int)
        for payment in pay(contract, results).payments:
            due[tuple(getattr(payment, name) for name in KEY)] += payment.amount
        assert {key: amount for key, amount in certified.items() if amount} == {
            key: amount for key, amount in due.items() if amount
        }
        assert not check_ledger(store).findings
        assert not replay(store).findings
        store.close()
        tried += 1
    assert bool(tried) == (spec not in BY_CLAIMS)
