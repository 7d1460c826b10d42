"""What a simulation comes to, as short tables: each figure with its standard error, and money with its currency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite, isnan
from typing import NamedTuple

from payfs.contract import Contract
from payfs.money import Currency
from payfs.report.phrases import inside, listed
from payfs.report.pooled_text import goes_on, kept_said, pooled
from payfs.report.simulation_figures import Shown, whole
from payfs.report.simulation_text import Telling
from payfs.report.tables import Amount, Cell, Number, Percent, Table, table_of
from payfs.simulate.budget import ANY_PASSES, TOTAL_PASSES, YEAR, YEAR_PASSES
from payfs.simulate.labels import Meaning, of_kind
from payfs.simulate.question import Unit
from payfs.simulate.risk import PERCENTILES, Figure
from payfs.simulate.worked import ALL, LOWEST, NOTHING, TOTAL
from payfs.spec import spoken

ENOUGH = {"Average": "mean", "50%": "p50", "80%": "p80", "95%": "p95"}
LOW = {"Average": "mean", "1%": "p1", "5%": "p5", "50%": "p50", "95%": "p95"}
RETURNS = {"Average": "mean", "5%": "p5", "50%": "p50", "95%": "p95"}
KINDS = {"IRR": "IRR a year", "multiple": "money multiple", "received": "received", "loss": "loss"}
WHOLE = {
    "mean": "average",
    "sd": "standard deviation",
    "cvar95": "average of the highest 5%",
    "cvar5": "average of the lowest 5%",
    "least": "least of all paths",
    "most": "most of all paths",
}
ALL_YEARS = "All years"


class Estimated(NamedTuple):
    """A figure with its standard error, and what it is measured in; None where there is none."""

    figure: Figure | None
    unit: Unit = "money"


Row = tuple[str | Estimated, ...]


@dataclass(frozen=True)
class Sheet:
    """A table of figures with their standard errors.

    Attributes:
        columns: their heads; the first is of names, the others are of figures.
        cells: by row, as many as there are columns.
        shown: how amounts are written.
    """

    columns: tuple[str, ...]
    cells: tuple[Row, ...]
    shown: Shown

    @cached_property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The cells as text: each standard error behind its figure."""
        return tuple(
            tuple(cell if isinstance(cell, str) else _said(self.shown, cell) for cell in row) for row in self.cells
        )

    @cached_property
    def table(self) -> Table:
        """The same for a spreadsheet: each standard error in a column of its own, and figures that stay figures."""
        columns = [self.columns[0]]
        for head in self.columns[1:]:
            columns += [head, f"{head}, standard error"]
        money = self.shown.money
        cells = [[str(row[0]), *(typed for cell in row[1:] for typed in _typed(cell, money))] for row in self.cells]
        return table_of(columns, cells)


def _said(shown: Shown, cell: Estimated) -> str:
    figure, unit = cell
    if figure is not None and isfinite(figure.value) and isnan(figure.error):  # it is seen, and not estimated
        return shown.said(figure.value) if unit == "money" else shown.pair(figure, unit)[0]
    return shown.both(figure, unit)


def _typed(cell: str | Estimated, money: Currency) -> list[Cell]:
    if isinstance(cell, str) or cell.figure is None:
        return [cell if isinstance(cell, str) else "", ""]
    return [_number(number, cell.unit, money) if isfinite(number) else "" for number in cell.figure]


def _number(value: float, unit: Unit, money: Currency) -> Cell:
    if unit == "money":
        return Amount(whole(value), money)
    return Number(value, 4) if unit == "number" else Percent(value, 2)


def appropriations(told: Telling) -> Sheet:
    """What is enough in each fiscal year, and in all, with so much confidence."""
    years = of_kind(told.meanings, "fiscal year")
    rows: list[Row] = [
        (year or ALL_YEARS, *_cells(told, label, ENOUGH)) for label, year in [*years.items(), (TOTAL, "")]
    ]
    return Sheet(("Fiscal year", *ENOUGH), tuple(rows), told.shown)


def budgets(told: Telling) -> Sheet | None:
    """How often each budget is passed; None where there is none."""
    rows: list[Row] = []
    for year, most in told.budgets.items():
        passes = YEAR + year + YEAR_PASSES if year else TOTAL_PASSES
        if passes in told.risk.labels:
            amount = Estimated(Figure(most, float("nan")))
            rows.append((year or ALL_YEARS, amount, _chance(told, passes)))
    if ANY_PASSES in told.risk.labels:
        rows.append(("at least one of them", "", _chance(told, ANY_PASSES)))
    return Sheet(("Fiscal year", "Budget", "Passed on so many of the paths"), tuple(rows), told.shown) if rows else None


def percentiles(told: Telling, label: str = TOTAL) -> Sheet:
    """How a result spreads: on so many of the paths it is at most so much."""
    figures, unit = told.risk[label].figures, told.meanings[label].unit
    names = {f"p{percent}": f"at most, on {percent}% of the paths" for percent in PERCENTILES} | WHOLE
    rows: list[Row] = [(words, Estimated(figures[name], unit)) for name, words in names.items() if name in figures]
    return Sheet(("Of the paths", "Comes to"), tuple(rows), told.shown)


def spreadable(told: Telling) -> dict[str, str]:
    """Return the results that have percentiles, each with its name in words."""
    return {label: result_said(told, label) for label, one in told.meanings.items() if one.unit != "event"}


def result_said(told: Telling, label: str) -> str:
    """Say a result's name in words."""
    one, parties = told.meanings[label], told.run.worked.contract.spec.parties
    whose = "all tranches together" if one.name == ALL else one.name.replace("_", " ")
    words: Mapping[str, str] = {
        "total": "all that is paid",
        "rule": f"paid for the rule {spoken(one.name)}",
        "payer": f"paid by {inside(parties[one.name].name)}" if one.name in parties else label,
        "fiscal year": f"paid in fiscal year {one.name}",
        "lowest cash": "the provider's lowest cash",
        **{kind: f"{said}: {whose}" for kind, said in KINDS.items()},
    }
    return words.get(one.kind, label)


def by_rule(told: Telling) -> Sheet:
    """What is paid under each rule."""
    rules = of_kind(told.meanings, "rule")
    rows: list[Row] = [(name.replace("_", " "), *_cells(told, label, ENOUGH)) for label, name in rules.items()]
    return Sheet(("Rule", *ENOUGH), tuple(rows), told.shown)


def by_payer(told: Telling) -> Sheet:
    """What each payer pays."""
    parties, payers = told.run.worked.contract.spec.parties, of_kind(told.meanings, "payer")
    rows: list[Row] = [(parties[name].name, *_cells(told, label, ENOUGH)) for label, name in payers.items()]
    return Sheet(("Payer", *ENOUGH), tuple(rows), told.shown)


def chances(told: Telling) -> Sheet:
    """How often a limit binds, nothing is paid, a budget is passed, or a result lies in a tier."""
    return Sheet(("What happens", "On so many of the paths"), tuple(_events(told)), told.shown)


def _events(told: Telling) -> Iterator[tuple[str, Estimated]]:
    yield "nothing at all is paid", _chance(told, NOTHING)
    for label, one in told.meanings.items():
        if one.unit == "event" and one.kind != "nothing":
            yield event_said(told.run.worked.contract, label, one), _chance(told, label)


def event_said(contract: Contract, label: str, one: Meaning) -> str:
    """Say in words what happens where a label of a chance holds."""
    limits = contract.spec.limits
    if label in (TOTAL_PASSES, ANY_PASSES):
        return "the budget in all is passed" if label == TOTAL_PASSES else "the budget of any fiscal year is passed"
    if one.kind == "budget":
        return f"the budget of fiscal year {one.name} is passed"
    if one.kind == "limit":
        own = one.name not in limits and one.name.startswith("of ")
        whose = spoken(one.name.removeprefix("of ") if own else one.name)
        return f"the limit of the rule {whose} binds" if own else f"the limit {whose} binds"
    if one.kind == "tier":
        return f"{one.rule.replace('_', ' ')}: {one.name}"
    return label


def provider(told: Telling) -> Sheet | None:
    """The provider's lowest cash; None where the contract has no spending, or it cannot be worked out."""
    if LOWEST not in told.risk.labels:
        return None
    cells: Row = (
        "Lowest cash",
        *_cells(told, LOWEST, LOW),
        Estimated(told.risk[LOWEST].figures["below nothing"], "event"),
    )
    return Sheet(("", *LOW, "Below nothing on"), (cells,), told.shown)


def tranches(told: Telling) -> dict[str, Sheet]:
    """The returns of each tranche, by its name; what is missing of one is not in its table."""
    found: dict[str, dict[str, str]] = {}
    for label, one in told.meanings.items():
        if one.kind in KINDS:
            found.setdefault(one.name, {})[one.kind] = label
    sheets = {}
    for name, labels in found.items():
        rows: list[Row] = [(KINDS[kind], *_cells(told, labels[kind], RETURNS)) for kind in KINDS if kind in labels]
        title = "All tranches together" if name == ALL else name.replace("_", " ")
        sheets[title] = Sheet(("", *RETURNS), tuple(rows), told.shown)
    return sheets


def parties_said(told: Telling) -> list[str]:
    """Say of each payer, of whoever is paid or provides the service, and of each holder what they pay, gain or lose."""
    return [*_payers_said(told), *_paid_said(told), *_provider_said(told), *_holders_said(told)]


def _payers_said(told: Telling) -> Iterator[str]:
    said, parties = told.shown.said, told.run.worked.contract.spec.parties
    for label, name in of_kind(told.meanings, "payer").items():
        figures = told.risk[label].figures
        yield (
            f"{parties[name].name} pays {told.shown.both(figures['mean'])} on average; {said(figures['p80'].value)} is "
            f"enough on 80% of the paths, and {said(figures['p95'].value)} on 95%."
        )


def _paid_said(told: Telling) -> Iterator[str]:
    """Say who is paid and who provides the service, but for the provider whose cash is told by itself."""
    contract = told.run.worked.contract
    spec, rules = contract.spec, of_kind(told.meanings, "rule")
    cohorts = [None, *(spec.population.cohorts or {})]
    paid = {name: {spec.payee_of(contract.rule(name), cohort) for cohort in cohorts} for name in rules.values()}
    payees = [payee for some in paid.values() for payee in spec.parties if payee in some]
    provides = [name for name, party in spec.parties.items() if "service provider" in party.role]
    into = pooled(told)
    for name in dict.fromkeys([*payees, *provides]):
        if name == _spender(told):
            continue
        mine = [rule for rule, some in paid.items() if name in some]
        parts = list[str]()
        for some in ([rule for rule in mine if rule not in into], [rule for rule in mine if rule in into]):
            if not some:
                continue
            pools = list(dict.fromkeys(into[rule] for rule in some if rule in into))
            verb = "is due" if pools else "is paid"
            said = verb if len(some) == len(paid) else f"{verb} for {listed(map(spoken, some))}"
            if all(paid[rule] == {name} for rule in some):
                means = sum(told.risk[label].figures["mean"].value for label, rule in rules.items() if rule in some)
                said += f"{'' if said == verb else ':'} {told.shown.said(means)} on average"
            else:
                said += ", together with others"
            parts.append(f"{said}, which goes into {goes_on(spec, pools)}" if pools else said)
        if not mine:
            parts.append("provides the service, and no payment of this contract goes to it")
        cash = "; whether its cash lasts is not told, because the contract does not say enough of what it spends"
        yield f"{spec.parties[name].name} {'; it '.join(parts)}{cash if name in provides else ''}."
    yield from kept_said(told)


def _spender(told: Telling) -> str:
    """Return the party whose cash is worked out; nothing where that of none is."""
    capital = told.run.worked.contract.spec.capital
    if LOWEST not in told.risk.labels or capital is None or capital.spending is None:
        return ""
    return capital.spending.provider


def _provider_said(told: Telling) -> Iterator[str]:
    spender = _spender(told)
    if not spender:
        return
    figures = told.risk[LOWEST].figures
    name = told.run.worked.contract.spec.parties[spender].name
    short = figures["below nothing"]
    lacks = f"lacks cash on {told.shown.both(short, 'event')} of the paths" if short.value else "lacks cash on no path"
    yield f"{name} {lacks}; at its lowest its cash is {told.shown.both(figures['mean'])} on average."


def _holders_said(told: Telling) -> Iterator[str]:
    contract, both = told.run.worked.contract, told.shown.both
    for label, one in told.meanings.items():
        if one.kind != "received" or one.name == ALL or contract.spec.capital is None:
            continue
        holders = contract.spec.capital.tranches[one.name].shares
        who = listed([contract.spec.parties[name].name for name in holders])
        s = "" if len(holders) > 1 else "s"
        loss, rate = told.risk.labels.get(f"{one.name} loss"), told.risk.labels.get(f"{one.name} IRR")
        text = f"{who} ({one.name.replace('_', ' ')}) receive{s} {both(told.risk[label].figures['mean'])} on average"
        if rate is not None and "mean" in rate.figures:
            text += f", an IRR of {both(rate.figures['mean'], 'rate')} a year"
        if loss is not None and loss.figures["above nothing"].value:
            chance, worst = both(loss.figures["above nothing"], "event"), both(loss.figures["cvar95"])
            text += f", and lose{s} money on {chance} of the paths: {worst} on average over the worst 5% of all paths"
        elif loss is not None:
            text += f", and lose{s} money on no path"
        yield f"{text}."


def _cells(told: Telling, label: str, columns: Mapping[str, str]) -> list[Estimated]:
    figures, unit = told.risk[label].figures, told.meanings[label].unit
    return [Estimated(figures.get(name), unit) for name in columns.values()]


def _chance(told: Telling, label: str) -> Estimated:
    return Estimated(told.risk.chance(label), "event")
