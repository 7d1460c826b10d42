"""Worked examples in words, and the names of what a contract does not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from payfs.contract import Contract, Example
from payfs.evidence.entries import Entry, correction_entries, tree_entries
from payfs.evidence.results import value_of
from payfs.periods import read_day
from payfs.report.phrases import Item, Rows, exact, full_stop, inside, listed, names, on, start
from payfs.scale import Scale
from payfs.spec import read_figure, spoken


def example_block(
    contract: Contract, changed: Contract, place: int, example: Example, gaps: Mapping[str, str]
) -> Iterator[Item]:
    """Say a worked example: given these results, this is paid."""
    teller = _Example(contract, changed, example)
    corrected = []
    if example.corrections is not None:
        corrected = correction_entries(contract.document, ("examples", place, "corrections"))
    entries = tree_entries(contract.document, ("examples", place, "results"))
    if example.as_of is not None:
        yield f"As it stood {on(example.as_of)}, with nothing that was reported later:"
    if example.claims is None:
        yield from teller.given(entries, corrected)
    else:
        yield from teller.claimed(example.claims)
        yield from teller.given(entries, corrected, "And given") if entries or corrected else ("Then",)
    yield from teller.outcome(gaps)
    yield ""
    if example.note:
        yield f"Note: {full_stop(example.note)}"
    if example.source:
        yield f"Source: {names(example.source)}."
    if example.confidence:
        yield f"Confidence: {example.confidence}."


class _Example:
    """Says the figures of one worked example."""

    def __init__(self, contract: Contract, changed: Contract, example: Example) -> None:
        self.contract, self.changed, self.example = contract, changed, example
        self.money, self.scales = contract.money, changed.frame.scales
        self.periods = [period.name for period in changed.periods]

    def claimed(self, claims: Sequence[Any]) -> Iterator[Item]:
        """Say the claims, person by person."""
        said: dict[str, list[str]] = {}
        for claim in (claim for claim in claims if isinstance(claim, Mapping)):
            said.setdefault(str(claim.get("person", "")), []).append(claim_said(claim))
        # a letter identifies nobody, and notes speak of it; of anything longer nobody can know, so people are numbered
        lettered = all(len(person) == 1 and person.isalpha() for person in said)
        yield "Given these claims:" if said else "Given no claims."
        if said:
            yield Rows(
                tuple(
                    (f"Person {person if lettered else number}" if not place else "", text)
                    for number, (person, texts) in enumerate(said.items(), 1)
                    for place, text in enumerate(texts)
                )
            )

    def given(self, entries: Sequence[Entry], corrected: Sequence[Entry] = (), word: str = "Given") -> Iterator[Item]:
        """Say the results, metric by metric; the cohort and period that all of them share are said once."""
        placed = [(entry, *self.whose(entry)) for entry in entries]
        cohorts, periods = {cohort for _, cohort, _ in placed}, {period for _, _, period in placed}
        cohort = cohorts.pop() if len(cohorts) == 1 else ""
        period = periods.pop() if len(periods) == 1 else ""
        common = self.place(cohort, period)
        by_metric: dict[str, list[str]] = {}
        for entry, whose, when in placed:
            text = self.measure(entry.value, self.scales.get(entry.metric))
            text += self.place("" if cohort else whose, "" if period else when)
            by_metric.setdefault(entry.metric, []).append(text)
        if len(by_metric) > 4:
            yield f"{word}{common}:"
            yield Rows(tuple((spoken(metric), listed(texts)) for metric, texts in by_metric.items()))
            yield start(" ".join([*(f"{text}," for text in map(self.corrected, corrected)), "then"]))
            return
        said = [f"{spoken(metric)} of {listed(texts)}" for metric, texts in by_metric.items()]
        if any(len(texts) > 1 for texts in by_metric.values()) and len(said) > 1:
            results = " ".join([*(f"{text};" for text in said[:-1]), f"and {said[-1]}"])
        else:
            results = listed(said)
        several = "" if len(placed) == 1 else ", both" if len(placed) == 2 else ", all"
        results = f"{results or 'no results'}{several + common if common else ''}"
        yield f"{word} {'; '.join([results, *map(self.corrected, corrected)])},"

    def corrected(self, entry: Entry) -> str:
        """Say one correction."""
        measured = self.measure(entry.value, self.scales.get(entry.metric))
        whose = self.place(*self.whose(entry))
        return f"and {spoken(entry.metric)}{whose} corrected to {measured} in {spoken(entry.reported)}"

    def whose(self, entry: Entry) -> tuple[str, str]:
        """Say of which cohort and period a result is."""
        metric = entry.metric
        cohort, period = self.where([key for key in (entry.cohort, entry.period) if key])
        known = self.changed.frame.measured_in(metric) if metric in self.scales else ()
        if not period:
            period = self.periods[known[0]] if len(known) == 1 else self.example.period or ""
        if not cohort and self.example.cohort and metric in self.scales and self.changed.spec.metrics[metric].by_cohort:
            cohort = self.example.cohort
        return cohort, period

    def where(self, keys: Sequence[str]) -> tuple[str, str]:
        """Tell cohort and period apart."""
        cohort = next((key for key in keys if key in self.changed.cohorts), "")
        period = next((key for key in keys if key in self.periods and key != cohort), "")
        return cohort, period

    @staticmethod
    def place(cohort: str, period: str) -> str:
        """Say for whom and when."""
        return (f" for {spoken(cohort)}" if cohort else "") + (f" in {spoken(period)}" if period else "")

    @staticmethod
    def measure(text: Any, scale: Scale | None) -> str:
        """Write a measured value with its unit."""
        if scale is None:
            return str(text)
        try:
            return scale.show(value_of(str(text), scale))
        except ValueError:
            return str(text)

    def amount(self, text: Any) -> str:
        """Write an amount of money."""
        try:
            value = text if isinstance(text, Fraction) else read_figure(text).value
        except ValueError:
            return str(text)
        if value == 0:
            return "nothing"
        return self.money.rate(value) if value > 0 else f"{self.money.rate(-value)} owed to the payer"

    def tree(self, tree: Any, show: Any, keys: tuple[str, ...] = ()) -> Iterator[str]:
        """Say figures by cohort and period."""
        if isinstance(tree, Mapping):
            for key, inner in tree.items():
                yield from self.tree(inner, show, (*keys, key))
        else:
            yield show(tree) + self.place(*self.where(keys))

    def outcome(self, gaps: Mapping[str, str]) -> Iterator[Item]:
        """Say what is paid in all and how it is made up, or why it cannot be worked out."""
        expect, parts = self.example.expect, list(self.parts())
        if expect.unknown:
            missing = listed(gaps.get(path, path) for path in expect.unknown)
            what = "who gets what" if all(path.startswith("capital.") for path in expect.unknown) else "the payment"
            yield f"{what} cannot be worked out, because this is not known: {missing}."
            return
        if expect.total is None and not parts:
            yield "nothing is said of the payment."
            return
        if expect.total is None:
            head = "this follows"
        elif expect.total == 0:
            head = "nothing is paid in all"
        else:
            head = f"the payment in all is {self.amount(expect.total)}"
        if len(parts) > 2 or any(len(much) > 40 for _, much in parts):
            yield f"{head}:" if expect.total is None else f"{head}."
            yield Rows(tuple((start(what), much) for what, much in parts))
        else:
            said = "; ".join(f"{what}: {much}" for what, much in parts)
            link = (": " if expect.total is None else "; ") if said else ""
            yield f"{head}{link}{said}."

    def parts(self) -> Iterator[tuple[str, str]]:
        """Yield what else the example comes to: what, and how much."""
        expect, parties = self.example.expect, self.contract.spec.parties
        for name, tree in (expect.metrics or {}).items():
            scale = self.scales.get(name)
            yield spoken(name), listed(self.tree(tree, lambda text, scale=scale: self.measure(text, scale)))
        for name, tree in (expect.rules or {}).items():
            yield f"under {spoken(name)}", listed(self.tree(tree, self.amount))
        for verb, figures in (("from", expect.payers), ("to", expect.payees)):
            for name, figure in (figures or {}).items():
                yield f"{verb} {inside(parties[name].name) if name in parties else name}", self.amount(figure)
        for kind, figures in (
            ("for the cohort", expect.cohorts),
            ("for the period", expect.periods),
        ):
            for name, figure in (figures or {}).items():
                yield f"{kind} {spoken(name)}", self.amount(figure)
        for name, figure in (expect.fiscal_years or {}).items():
            payer, _, year = name.rpartition(" ")
            whose = f" of {inside(parties[payer].name)}" if payer in parties else ""
            yield f"due in the fiscal year {year if whose else name}{whose}", self.amount(figure)
        for name, figure in (expect.unpaid or {}).items():
            limit = self.changed.spec.limits.get(name)
            if name not in self.changed.spec.rules and limit is not None and limit.most_units is not None:
                rule = (limit.rules or ("",))[0]
                beyond = self.scales[self.changed.spec.rules[rule].metric or rule].whole(figure)
            else:
                beyond = self.amount(figure.value)
            yield f"cut off by a limit under {spoken(name)}", beyond
        for name, number in (expect.claims or {}).items():
            yield CLAIMS.get(name, f"claims {name}"), f"{number:,}"
        for name, tree in (expect.capital or {}).items():
            whose = f"for {inside(parties[name].name) if name in parties else spoken(name)}"
            whose = "for all tranches together" if name == "all tranches" else whose
            yield whose, "; ".join(self.earnings(tree if isinstance(tree, Mapping) else {str(tree): ""}))

    def earnings(self, tree: Mapping[str, Any]) -> Iterator[str]:
        """Say what a tranche or a holder puts in and gets back."""
        for key, value in tree.items():
            words = EARNINGS.get(key, key)
            if isinstance(value, Mapping):
                sums = (f"{self.sum(text)} on {_day(str(day))}" for day, text in value.items())
                yield f"{words.removesuffix(' of')}: {listed(sums)}"
            elif key == "multiple":
                yield f"{words} {value}"
            else:
                yield f"{words} {value} a year" if key == "irr" else f"{words} {self.sum(value)}"

    def sum(self, text: Any) -> str:
        """Write an amount of money that may lie below nothing."""
        try:
            value = read_figure(text).value
        except ValueError:
            return str(text)
        return f"{'minus ' if value < 0 else ''}{self.money.rate(abs(value))}" if value else "nothing"


def claim_said(claim: Mapping[str, Any]) -> str:
    """Say one row of an example's claims: what, when, and everything else that stands in it."""
    cells = {key: str(cell) for key, cell in claim.items() if key not in ("person", "outcome") and str(cell)}
    times, every = cells.pop("times", ""), cells.pop("every", "")
    when = f"on {_day(cells.pop('date', ''))}"
    if every or times:
        when = f"{times} times, every {every} from {when.removeprefix('on ')} on"
    elif "to" in cells:
        when = f"{when.replace('on', 'from', 1)} to {_day(cells.pop('to'))}"
    said = [f"{exact(str(claim.get('outcome', '')))} {when}"]
    for key, cell in cells.items():
        if key in ("reported", "withdrawn"):
            said.append(f"{key} on {_day(cell)}")
        elif key == "cohort":
            said.append(f"for {spoken(cell)}")
        elif key == "units":
            said.append(f"{cell} units")
        else:
            said.append(f"ends {_day(cell)}" if key == "to" else f"{exact(key)} {cell}")
    return ", ".join(said)


def _day(text: str) -> str:
    """Write a date in words; what is none stays as it is."""
    try:
        return str(read_day(text))
    except ValueError:
        return text


CLAIMS: Mapping[str, str] = {
    "paid": "claims that are paid in full",
    "cut": "claims that a limit for one person cuts",
    "refused": "claims that are refused",
    "towards": "claims that count towards later ones",
    "withdrawn": "claims that were withdrawn",
}
EARNINGS: Mapping[str, str] = {
    "drawn": "drawn",
    "interest": "interest of",
    "principal": "principal back",
    "success": "success payments and shares of what is left",
    "received": "received in all",
    "gain": "gain of",
    "loss": "loss of",
    "at risk": "at risk at most",
    "multiple": "what comes back divided by what was put in is",
    "irr": "a return of",
    "lowest cash": "lowest cash",
}
