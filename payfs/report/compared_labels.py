"""What the labels of a comparison are called: by the names that the contracts give to parties, rules and limits."""

from __future__ import annotations

from collections.abc import Iterable

from payfs.report.simulation_tables import event_said
from payfs.simulate.budget import YEAR
from payfs.simulate.compared import OF_SECOND, Comparison, Difference
from payfs.simulate.labels import Meaning, meanings
from payfs.simulate.question import Unit
from payfs.simulate.worked import ALL, LOWEST, Worked


def names(made: Comparison, labels: Iterable[str]) -> dict[str, str]:
    """Return what each label is called; no two are called alike.

    Args:
        made: two scenarios on the same draws.
        labels: of them.
    """
    found: dict[str, str] = {}
    for label in labels:
        name = named(made, label)
        found[label] = f"{name} ({label})" if name in found.values() else name
    return found


def named(made: Comparison, label: str) -> str:
    """Return what a label is called: a party by its name in the contract, in B's where both have it."""
    worked = made.one if made.labels[label].other is None else made.other
    one, contract = meaning(made, label), worked.contract
    whose = "all tranches together" if one.name == ALL else one.name.replace("_", " ")
    if one.kind == "payer":
        return contract.spec.parties[one.name].name
    if one.kind == "rule":
        return one.name.replace("_", " ")
    if one.kind in ("received", "loss", "multiple", "IRR"):
        return f"{whose}: {one.kind}"
    if one.kind == "lowest cash":
        return f"{spender(worked)}: {LOWEST}"
    if one.kind == "fiscal year":
        return label.removeprefix(YEAR)
    if one.kind == "total":
        return "In all"
    return event_said(contract, label, one)


def meaning(made: Comparison, label: str) -> Meaning:
    """Return what a label stands for, in A or, where A has it not, in B."""
    difference = made.labels[label]
    worked = made.one if difference.one is not None else made.other
    own = label.removesuffix(OF_SECOND)
    return meanings(worked, {own: unit_of(label, difference)})[own]


def party(made: Comparison, keys: tuple[str | None, str | None], otherwise: str) -> str:
    """Return what a party is called by its keys in A and in B; in other words where it is not the same one in both."""
    sides = zip((made.one, made.other), keys, strict=True)
    found = {worked.contract.spec.parties[key].name for worked, key in sides if key is not None}
    return found.pop() if len(found) == 1 else otherwise


def unit_of(label: str, difference: Difference) -> Unit:
    """Return what a label is measured in."""
    if any(one is not None and "probability" in one.figures for one in difference[:2]):
        return "event"
    return "rate" if label.endswith(" IRR") else "number" if label.endswith(" multiple") else "money"


def spender(worked: Worked) -> str:
    """Return the name of the party whose cash is looked at."""
    capital = worked.contract.spec.capital
    assert capital is not None
    assert capital.spending is not None
    return worked.contract.spec.parties[capital.spending.provider].name
