"""What the forms of a draft ask for, as it was typed, and the entries of the contract file that it makes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from payfs.drafting.scalar import Entry, one_line
from payfs.text import Finding

FIGURES = {"price", "per", "pays", "plus", "most", "most_units", "commitment"}
GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)  # as people type it; a contract file has no such commas

How = Literal["price", "tiers", "bands", "target", "lump sum"]


class NewParty(NamedTuple):
    """Somebody who takes part."""

    name: str
    full_name: str
    role: str
    fiscal_year_starts: str = ""

    def entry(self) -> Entry:
        """Write it in the contract's words."""
        return _said({"name": self.full_name, "role": self.role, "fiscal_year_starts": self.fiscal_year_starts})

    def missing(self) -> Iterator[Finding]:
        """Say what the form leaves out."""
        yield from _needed({"party's name": self.full_name, "role": self.role})


class NewExample(NamedTuple):
    """A worked example: results, of which the form says what the terms as they stand pay on them.

    Attributes:
        name: of the example.
        results: by metric and cohort (empty where it is one for the whole contract), the figures period by period with
            spaces between them, as a row of a table is pasted; ``-`` where there is none.
    """

    name: str
    results: Mapping[tuple[str, str], str]

    def missing(self) -> Iterator[Finding]:
        """Say what the form leaves out."""
        yield from _needed({"example's name": self.name})
        if not any(text.strip() for text in self.results.values()):
            yield Finding("no results are given", "write the figures of at least one metric, a figure for each period")


class NewMetric(NamedTuple):
    """Something that is measured."""

    name: str
    unit: str
    what: str = ""
    plural: str = ""
    step: str = ""
    reports: str = ""
    measured: tuple[str, ...] = ()
    better: str = ""
    verifier: str = ""

    def entry(self) -> Entry:
        """Write it in the contract's words."""
        return _said(
            {
                "what": self.what,
                "unit": self.unit,
                "plural": self.plural,
                "step": self.step or ("0.1%" if one_line(self.unit) == "%" else ""),
                "reports": self.reports,
                "measured": _one_or_list(self.measured),
                "better": self.better,
                "verifier": self.verifier,
            }
        )

    def missing(self) -> Iterator[Finding]:
        """Say what the form leaves out."""
        yield from _needed({"metric's name": self.name, "metric's unit": self.unit})


class Step(NamedTuple):
    """One tier or band: where it begins (nothing for the first, if it is open), and what is paid in it."""

    start: str
    pays: str = ""
    price: str = ""
    plus: str = ""

    def paid(self) -> Entry:
        """Write what is paid in it."""
        return _said({"pays": self.pays, "price": self.price, "plus": self.plus})


class NewRule(NamedTuple):
    """A payment rule.

    Attributes:
        name: as typed.
        how: ``price`` for every unit; ``tiers``, of which one decides the whole amount; ``bands``, of which each has
            its own price; ``target``, an amount once a level is reached; ``lump sum``.
        metric: the name of a metric that there is, or a new one; empty for a lump sum without one.
        price: for every unit.
        per: for every so many of them.
        steps: tiers or bands, in ascending order.
        target: the level to be reached; where lower is better, not to be passed. Nothing for a yes or no.
        pays: once the target is reached, or the lump sum.
        clause: the place in the agreement.
        what: what it is for.
        most: the rule's own limit, in all.
        payer: a party, if not the contract's.
        shares: of several payers.
        payee: a party, if not the contract's.
        cohorts: only these.
        periods: only these.
    """

    name: str
    how: How
    metric: str | NewMetric = ""
    price: str = ""
    per: str = ""
    steps: tuple[Step, ...] = ()
    target: str = ""
    pays: str = ""
    clause: str = ""
    what: str = ""
    most: str = ""
    payer: str = ""
    shares: tuple[tuple[str, str], ...] = ()
    payee: str = ""
    cohorts: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()

    def entry(self, metric: str, measured: Mapping[str, Any]) -> Entry:
        """Write it in the contract's words.

        Args:
            metric: its metric's name.
            measured: what the contract says of that metric.
        """
        priced: Entry = {}
        if self.how == "price":
            priced = {"price": self.price, "per": self.per}
        elif self.how == "tiers":
            priced = {"tiers": tiers(_open_below(self.steps, measured, Step("", pays="0")))}
        elif self.how == "bands":
            priced = {"bands": bands(_open_below(self.steps, measured, Step("", price="0")))}
        elif self.how == "target" and measured.get("unit") != "yes/no":
            lower = measured.get("better") == "lower"
            reached, missed = {"pays": one_line(self.pays)}, {"pays": "0"}
            at = one_line(self.target)
            priced = {
                "tiers": [{"up_to": at, **reached}, {"above": at, **missed}]
                if lower
                else [{"below": at, **missed}, {"from": at, **reached}]
            }
        else:
            priced = {"pays": self.pays}
        shares = {one_line(party): one_line(share) for party, share in self.shares}
        return _said(
            {
                "what": self.what,
                "clause": self.clause,
                "metric": metric,
                **priced,
                "most": self.most,
                "payer": "" if shares else self.payer,
                "payers": shares,
                "payee": self.payee,
                "cohorts": _one_or_list(self.cohorts),
                "periods": _one_or_list(self.periods),
            }
        )

    def missing(self, measured: Mapping[str, Any]) -> Iterator[Finding]:
        """Say what the form leaves out."""
        yield from _needed({"rule's name": self.name})
        if isinstance(self.metric, NewMetric):
            yield from self.metric.missing()
        elif self.how != "lump sum":
            yield from _needed({"metric that the rule is paid on": self.metric})
        if self.how == "price":
            yield from _needed({"price": self.price})
        elif self.how in ("tiers", "bands"):
            yield from self._steps_missing()
        else:
            yield from _needed({"amount": self.pays})
            if self.how == "target" and measured.get("unit") != "yes/no":
                yield from _needed({"target": self.target})

    def _steps_missing(self) -> Iterator[Finding]:
        kind, pays = ("tier", "says what it pays") if self.how == "tiers" else ("band", "has a price")
        if not self.steps:
            yield Finding(f"there are no {self.how}", "fill in at least one line")
        for number, step in enumerate(self.steps, 1):
            if number > 1 and not one_line(step.start):
                yield Finding(f"nothing says where {kind} {number} begins", "write the level at which it begins")
            if not (step.paid() if self.how == "tiers" else one_line(step.price)):
                yield Finding(f"nothing {pays} in {kind} {number}", "write the amount, or 0")


class NewLimit(NamedTuple):
    """A limit over rules."""

    name: str
    most: str = ""
    most_units: str = ""
    per: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    cohorts: tuple[str, ...] = ()
    payer: str = ""
    then: str = ""
    unused: str = ""
    beyond: str = ""
    clause: str = ""
    what: str = ""

    def entry(self) -> Entry:
        """Write it in the contract's words."""
        return _said(
            {
                "what": self.what,
                "most": self.most,
                "most_units": self.most_units,
                "payer": self.payer,
                "then": self.then,
                "per": _one_or_list(self.per),
                "rules": list(self.rules),
                "cohorts": list(self.cohorts),
                "unused": self.unused,
                "beyond": self.beyond,
                "clause": self.clause,
            }
        )

    def missing(self) -> Iterator[Finding]:
        """Say what the form leaves out."""
        yield from _needed({"limit's name": self.name})
        if not one_line(self.most) and not one_line(self.most_units):
            yield Finding("nothing says how much the limit lets through", "write an amount, or a number of units")


class Drawn(NamedTuple):
    """One draw on a tranche: the day, and the amount."""

    on: str
    amount: str


class NewTranche(NamedTuple):
    """Money that somebody puts in.

    Attributes:
        name: as typed.
        kind: its class, which decides its priority: senior, subordinate, first loss ...
        commitment: the amount.
        holder: the name of a party, or a new one.
        rate: of interest, a year; nothing where none is due.
        days: the day count of the interest.
        due: when interest is due.
        draws: ``as needed``, or each with its day; nothing for unknown.
        repaid: ``as cash comes``, ``at maturity`` or ``never``; nothing for the first.
        matures: the day.
        pool: where there are several.
        clause: the place in the agreement.
        what: what it is.
    """

    name: str
    kind: str
    commitment: str
    holder: str | NewParty
    rate: str = ""
    days: str = ""
    due: str = ""
    draws: str | tuple[Drawn, ...] = ""
    repaid: str = ""
    matures: str = ""
    pool: str = ""
    clause: str = ""
    what: str = ""

    def entry(self, holder: str) -> Entry:
        """Write it in the contract's words."""
        interest = _said({"rate": self.rate, "days": self.days or "unknown", "due": self.due})
        return _said(
            {
                "what": self.what,
                "holder": holder,
                "kind": self.kind,
                "pool": self.pool,
                "commitment": self.commitment,
                "draws": self.draws
                if isinstance(self.draws, str)
                else {one_line(one.on): one_line(one.amount) for one in self.draws},
                "interest": interest if one_line(self.rate) else {},
                "repaid": self.repaid,
                "matures": self.matures,
                "clause": self.clause,
            }
        )

    def missing(self) -> Iterator[Finding]:
        """Say what the form leaves out."""
        yield from _needed({"tranche's name": self.name, "class": self.kind, "amount": self.commitment})
        days = [one_line(one.on) for one in self.draws if not isinstance(one, str)]
        for number, one in enumerate(self.draws if not isinstance(self.draws, str) else (), 1):
            yield from _needed({f"day of draw {number}": one.on, f"amount of draw {number}": one.amount})
            if one_line(one.on) and one_line(one.on) in days[: number - 1]:
                yield Finding(f"draw {number} is on the day of another", "add the two up, or give it another day")
        if isinstance(self.holder, NewParty):
            yield from _needed({"name of the holder": self.holder.full_name})
        else:
            yield from _needed({"holder": self.holder})


def tiers(steps: Sequence[Step]) -> list[Entry]:
    """Write tiers that meet: each from where it begins to below where the next begins."""
    return [_said({"from": step.start, "below": end}) | step.paid() for step, end in _with_ends(steps)]


def bands(steps: Sequence[Step]) -> list[Entry]:
    """Write bands that meet: each above where it begins, up to where the next begins."""
    return [_said({"above": step.start, "up_to": end, "price": step.price}) for step, end in _with_ends(steps)]


def _with_ends(steps: Sequence[Step]) -> Iterator[tuple[Step, str]]:
    """Yield each step and where the next begins."""
    yield from zip(steps, [*(step.start for step in steps[1:]), ""], strict=True)


def _open_below(steps: Sequence[Step], measured: Mapping[str, Any], nothing: Step) -> Sequence[Step]:
    """Leave the lower end of the first open; where it begins at a level, nothing is paid below that."""
    first = one_line(steps[0].start) if steps else ""
    if not first:
        return steps
    counted = measured.get("unit") not in ("%", None)
    if counted and not first.strip("0.,"):
        return (steps[0]._replace(start=""), *steps[1:])  # a count is never below 0
    return (nothing, *steps)


def _said(entry: Mapping[str, Any]) -> Entry:
    """Leave out what was not filled in."""
    lines = {key: one_line(value) if isinstance(value, str) else value for key, value in entry.items()}
    for key in FIGURES & lines.keys():
        if isinstance(lines[key], str) and GROUPED.fullmatch(lines[key]):
            lines[key] = lines[key].replace(",", "")
    return {key: value for key, value in lines.items() if value}


def _one_or_list(names: tuple[str, ...]) -> str | list[str]:
    """Write one name by itself, several as a list."""
    return names[0] if len(names) == 1 else list(names)


def _needed(fields: Mapping[str, str]) -> Iterator[Finding]:
    """Say which fields were left empty."""
    for name, value in fields.items():
        if not one_line(value):
            yield Finding(f"the {name} is missing", "fill it in")
