"""Adding to a draft by form: the text grows by lines, and what a person wrote stays as it is, comments included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from payfs.contract import Contract
from payfs.contract.survey import survey_document
from payfs.drafting.forms import NewExample, NewLimit, NewMetric, NewParty, NewRule, NewTranche
from payfs.drafting.lines import Added, add_entry, add_item
from payfs.drafting.scalar import Entry, free_name, one_line
from payfs.evidence.entries import Entry as Reported
from payfs.evidence.results import check_entries
from payfs.money import currency
from payfs.payments import pay
from payfs.text import Finding, Refused, read_yaml


def insert_rule(text: str, rule: NewRule, file: str = "draft") -> Added:
    """Add a payment rule, and its metric if that is new.

    Raises:
        Refused: what was typed leaves something out or does not fit the contract; the text stays as it is.
    """
    data = read_yaml(text, file).data
    new = _in_money(rule.metric, data) if isinstance(rule.metric, NewMetric) else None
    metrics = _names(data, "metrics")
    metric = free_name(new.name, metrics, "metric") if new else one_line(str(rule.metric))
    measured = new.entry() if new else metrics.get(metric)
    measured = measured if isinstance(measured, dict) else {}
    _complete(rule.missing(measured))
    # limits and rules are named beside each other where examples say what is unpaid
    name = free_name(rule.name, {*_names(data, "rules"), *_names(data, "limits")}, "rule")
    parts: list[tuple[tuple[str, ...], str, Entry]] = [(("metrics",), metric, new.entry())] if new else []
    return _fitting(text, [*parts, (("rules",), name, rule.entry(metric, measured))], file)


def insert_limit(text: str, limit: NewLimit, file: str = "draft") -> Added:
    """Add a limit; it applies after those that are written already.

    Raises:
        Refused: what was typed leaves something out or does not fit the contract; the text stays as it is.
    """
    data = read_yaml(text, file).data
    _complete(limit.missing())
    name = free_name(limit.name, {*_names(data, "rules"), *_names(data, "limits")}, "limit")
    return _fitting(text, [(("limits",), name, limit.entry())], file)


def insert_tranche(text: str, tranche: NewTranche, file: str = "draft") -> Added:
    """Add a tranche of the capital stack, and its holder if that party is new.

    Raises:
        Refused: what was typed leaves something out or does not fit the contract; the text stays as it is.
    """
    data = read_yaml(text, file).data
    _complete(tranche.missing())
    new = tranche.holder if isinstance(tranche.holder, NewParty) else None
    holder = free_name(new.name or new.full_name, _names(data, "parties"), "investor") if new else str(tranche.holder)
    parts: list[tuple[tuple[str, ...], str, Entry]] = [(("parties",), holder, new.entry())] if new else []
    capital = data.get("capital")
    # tranches, holders and pools are named beside each other in the priority and where examples say what comes back
    taken = {*_names(data, "parties"), *_names(capital, "tranches"), *_names(capital, "pools"), holder}
    taken |= {*_names(capital, "costs"), *_names(capital, "reserves")}
    name = free_name(tranche.name, taken, "tranche")
    return _fitting(text, [*parts, (("capital", "tranches"), name, tranche.entry(holder))], file)


def insert_party(text: str, party: NewParty, file: str = "draft") -> Added:
    """Add a party.

    Raises:
        Refused: what was typed leaves something out or does not fit the contract; the text stays as it is.
    """
    _complete(party.missing())
    name = free_name(party.name or party.full_name, _names(read_yaml(text, file).data, "parties"), "party")
    return _fitting(text, [(("parties",), name, party.entry())], file)


def insert_metric(text: str, metric: NewMetric, file: str = "draft") -> Added:
    """Add a metric.

    Raises:
        Refused: what was typed leaves something out or does not fit the contract; the text stays as it is.
    """
    metric = _in_money(metric, read_yaml(text, file).data)
    _complete(metric.missing())
    name = free_name(metric.name, _names(read_yaml(text, file).data, "metrics"), "metric")
    return _fitting(text, [(("metrics",), name, metric.entry())], file)


def insert_example(text: str, example: NewExample, file: str = "draft") -> Added:
    """Add a worked example with what the terms as they stand pay on its results in all.

    Raises:
        Refused: what was typed leaves something out, does not fit the contract or cannot be worked out; the text stays
            as it is.
    """
    _complete(example.missing())
    contract = survey_document(read_yaml(text, file), text).contract
    if contract is None:
        raise Refused([Finding("the draft is no contract yet", "mend what is found in it, and add the example then")])
    entries = list(_reported(contract, example))
    results = check_entries(entries, contract.frame, grouped=True)
    total = sum(payment.amount for payment in pay(contract, results).payments)
    names = {one.name for one in contract.terms[0].spec.examples}
    name = free_name(example.name, names, "example")
    tree: dict[str, Any] = {}
    for entry in entries:
        figure = contract.frame.scales[entry.metric].ungrouped(entry.value)
        inside = tree.setdefault(entry.metric, {})
        (inside.setdefault(entry.cohort, {}) if entry.cohort else inside)[entry.period] = figure
    expect = {"total": contract.money.plain(total)}
    return add_item(text, "examples", name, {"name": name, "results": tree, "expect": expect}, file)


def _reported(contract: Contract, example: NewExample) -> Iterator[Reported]:
    """Yield the results of an example, one for each figure that is typed.

    Raises:
        Refused: there are more figures than periods in which the metric is measured.
    """
    found: list[Finding] = []
    for (metric, cohort), typed in example.results.items():
        periods = [contract.periods[place].name for place in contract.frame.measured_in(metric)]
        figures = typed.split()
        path = (metric, cohort) if cohort else (metric,)
        if len(figures) > len(periods):
            several = f"{len(periods)} period{'' if len(periods) == 1 else 's'}"
            what = f"{len(figures)} figures are given, and it is measured in {several}"
            found.append(Finding(what, "give one figure for each, with a space between; - where there is none", path))
        for period, figure in zip(periods, figures, strict=False):
            if figure not in ("-", "–"):
                yield Reported(metric, cohort, period, figure, "", Finding("", path=(*path, period)))
    if found:
        raise Refused(found)


def _in_money(metric: NewMetric, data: Any) -> NewMetric:
    """Return a metric of which the unit is the contract's currency as one in money."""
    try:
        money = currency(str(data.get("currency", "")))
    except KeyError:
        return metric
    return metric._replace(unit="money") if one_line(metric.unit) in (money.code, money.symbol) else metric


def _names(part: Any, key: str) -> dict[str, Any]:
    """Return the entries under a key; none where nothing or something else stands there."""
    inside = part.get(key) if isinstance(part, dict) else None
    return inside if isinstance(inside, dict) else {}


def _complete(missing: Iterable[Finding]) -> None:
    if found := list(missing):
        raise Refused(found)


def _fitting(text: str, parts: list[tuple[tuple[str, ...], str, Entry]], file: str) -> Added:
    """Add entries one after the other, and refuse them if the contract finds fault with any.

    What is found elsewhere because of them, such as a total that they do not come to, is for the person to mend.
    """
    added, made = Added(text, "", 0, 0), list[Added]()
    for path, name, entry in parts:
        added = add_entry(added.text, path, name, entry, file)
        long = added.last - added.first + 1
        made = [
            *(
                one._replace(first=one.first + long, last=one.last + long) if one.first >= added.first else one
                for one in made
            ),
            added,
        ]
    own = {line for one in made for line in range(one.first, one.last + 1)}
    found = survey_document(read_yaml(added.text, file), added.text).findings
    # in a text that is not there a line is no help, and neither is the same said of two tiers
    faults = {(one.what, one.remedy): one._replace(line=0, column=0, file="") for one in found if one.line in own}
    if faults:
        raise Refused(faults.values())
    return added
