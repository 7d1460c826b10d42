"""What the labels of a run stand for: of each its kind, whose it is, and what it is measured in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from payfs.simulate.budget import ANY_PASSES, TOTAL_PASSES, YEAR, YEAR_PASSES
from payfs.simulate.question import Unit
from payfs.simulate.risk import Label, Risk
from payfs.simulate.worked import ALL, LOWEST, NOTHING, TOTAL, Worked

Kind = Literal[
    "total",
    "rule",
    "payer",
    "fiscal year",
    "nothing",
    "budget",
    "limit",
    "tier",
    "received",
    "loss",
    "multiple",
    "IRR",
    "lowest cash",
    "other",
]
OF_TRANCHE: tuple[Kind, ...] = ("received", "loss", "multiple", "IRR")


class Meaning(NamedTuple):
    """What a label stands for.

    Attributes:
        kind: what sort of figure it is; of ``budget`` that more is paid than is budgeted, of ``limit`` that it binds,
            of ``tier`` that a result lies in it.
        name: of the rule, payer, fiscal year, limit or tranche; of a tier what holds there; of a budget its fiscal
            year, or nothing for the total's.
        unit: what it is measured in.
        rule: of a tier, the rule's name.
    """

    kind: Kind
    name: str
    unit: Unit
    rule: str = ""


def meanings(worked: Worked, units: Mapping[str, Unit]) -> dict[str, Meaning]:
    """Return what each label stands for, in the order given.

    Args:
        worked: what was worked out.
        units: what each label is measured in: :func:`units_in`, or :func:`payfs.simulate.question.units_of`.
    """
    known = dict(_known(worked))
    return {label: _meaning(label, unit, known) for label, unit in units.items()}


def units_in(risk: Risk) -> dict[str, Unit]:
    """Return what each label of a run is measured in."""
    return {label: _unit(label, told) for label, told in risk.labels.items()}


def of_kind(found: Mapping[str, Meaning], *kinds: Kind) -> dict[str, str]:
    """Return the labels of some kinds, each with its name."""
    return {label: meaning.name for label, meaning in found.items() if meaning.kind in kinds}


def _unit(label: str, told: Label) -> Unit:
    if "probability" in told.figures:
        return "event"
    if "none" in told.figures:  # only rates and multiples may not be there
        return "rate" if label.endswith(" IRR") else "number"
    return "money"


def _known(worked: Worked) -> Iterable[tuple[str, tuple[Kind, str, str]]]:
    """Yield the labels that can be told from the contract: kind, name and rule."""
    contract = worked.contract
    yield TOTAL, ("total", "", "")
    yield NOTHING, ("nothing", "", "")
    yield TOTAL_PASSES, ("budget", "", "")
    yield ANY_PASSES, ("budget", "any", "")
    yield LOWEST, ("lowest cash", "", "")
    for rule in contract.rules:
        yield f"rule {rule}", ("rule", rule, "")
    for party in contract.spec.parties:
        yield f"payer {party}", ("payer", party, "")
    for label, stretch in worked.stretches:
        yield label, ("tier", stretch.said, stretch.rule)
    if contract.spec.capital is not None:
        for tranche in (*contract.spec.capital.tranches, ALL):
            for kind in OF_TRANCHE:
                yield f"{tranche} {kind}", (kind, tranche, "")


def _meaning(label: str, unit: Unit, known: Mapping[str, tuple[Kind, str, str]]) -> Meaning:
    if label in known:
        kind, name, rule = known[label]
        return Meaning(kind, name, unit, rule)
    if label.startswith(YEAR) and unit == "event":
        return Meaning("budget", label.removeprefix(YEAR).removesuffix(YEAR_PASSES), unit)
    if label.startswith(YEAR):
        return Meaning("fiscal year", label.removeprefix(YEAR), unit)
    if label.startswith("limit ") and label.endswith(" binds"):
        return Meaning("limit", label.removeprefix("limit ").removesuffix(" binds"), unit)
    return Meaning("other", label, unit)
