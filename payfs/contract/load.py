"""Read a contract file, check it, and lay it out for payment: its terms in each stretch of time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from payfs.contract.check import check, periods_of
from payfs.contract.claimed import changed_prices
from payfs.contract.model import read_as
from payfs.contract.shapes import paid_once
from payfs.contract.written import ContractSpec
from payfs.evidence.results import Frame
from payfs.money import Currency
from payfs.periods import Period
from payfs.scale import Scale
from payfs.spec import quoted
from payfs.terms.limit import Limit
from payfs.terms.rule import Rule
from payfs.text import Document, Finding, Path, Place, Refused, suggest

AMENDABLE = (
    "parties",
    "payer",
    "payers",
    "payee",
    "population",
    "periods",
    "metrics",
    "rules",
    "limits",
    "rounding",
    "term",
    "notes",
    "sources",
)


@dataclass(frozen=True)
class Terms:
    """What holds from one period on.

    Attributes:
        first: the place of the first period for which it holds.
        spec: the contract as written, amendments up to then laid over it.
        document: the text that says so, with its places.
        scales: of each metric.
        metric_order: metrics that are worked out, each after those that it needs.
        rule_order: rules, each after those that it looks at.
    """

    first: int
    spec: ContractSpec
    document: Document
    scales: dict[str, Scale]
    metric_order: tuple[str, ...]
    rule_order: tuple[str, ...]


@dataclass(frozen=True)
class Contract:
    """A contract that passed its checks.

    Attributes:
        file: where it was read.
        text: as written.
        terms: in order of time; the first holds from the beginning, each later one is an amendment.
        periods: in order of payment.
        cohorts: names; ``all`` where the contract has none.
    """

    file: str
    text: str
    terms: tuple[Terms, ...]
    periods: tuple[Period, ...]
    cohorts: tuple[str, ...]

    @property
    def spec(self) -> ContractSpec:
        """The contract as it stands after all amendments."""
        return self.terms[-1].spec

    @property
    def name(self) -> str:
        """The contract's short name."""
        return self.spec.contract

    @property
    def money(self) -> Currency:
        """The contract's currency."""
        return self.spec.currency

    @property
    def document(self) -> Document:
        """The text as first written, with its places."""
        return self.terms[0].document

    @cached_property
    def frame(self) -> Frame:
        """What results are checked against."""
        columns = dict.fromkeys(name for rule in self.rules for _, name in self.rule(rule).columns())
        columns.pop("outcome", None)  # which stands in every claims file
        return Frame(self.spec.metrics, self.terms[-1].scales, self.cohorts, self.periods, tuple(columns))

    @cached_property
    def kept(self) -> dict[Any, Any]:
        """What was found out once of the contract alone: :func:`payfs.contract.once.once`."""
        return {}

    @property
    def sha256(self) -> str:
        """The fingerprint of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def assuming(self, changes: Any, at: Path) -> Contract:
        """Return the contract with changes laid over it, as a worked example asks.

        Raises:
            Refused: the changed contract does not pass its checks.
        """
        data = {key: value for key, value in self.document.data.items() if key != "examples"}
        own, rest = self._places.get(at[:2], ({}, {})), self._places[()]
        bare = replace(self.document, data=data, places=rest[0] | own[0], values=rest[1] | own[1])
        return laid_out(bare.merged(changes, at), self.text)

    @cached_property
    def _places(self) -> dict[Path, tuple[dict[Path, Place], dict[Path, Place]]]:
        """The places and values of each example, and under () those of the rest."""
        parts: dict[Path, tuple[dict[Path, Place], dict[Path, Place]]] = {(): ({}, {})}
        for which, places in enumerate((self.document.places, self.document.values)):
            for path, place in places.items():
                parts.setdefault(path[:2] if path[:1] == ("examples",) else (), ({}, {}))[which][path] = place
        return parts

    def terms_in(self, period: int) -> Terms:
        """Return the terms that hold in a period, by its place."""
        return next(terms for terms in reversed(self.terms) if terms.first <= period)

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of all rules, those that an amendment took away included."""
        return tuple(dict.fromkeys(name for terms in reversed(self.terms) for name in terms.spec.rules))

    def rule(self, name: str) -> Rule:
        """Return a rule as it stood last; an amendment may have taken it away."""
        return next(terms.spec.rules[name] for terms in reversed(self.terms) if name in terms.spec.rules)

    def fiscal_year_start(self, party: str) -> tuple[int, int]:
        """Return the first month and day of a party's fiscal year."""
        return self.spec.parties[party].fiscal_year_starts


def laid_out(document: Document, text: str = "") -> Contract:
    """Check a contract that has been read, and lay it out for payment.

    Raises:
        Refused: what is wrong with it, as far as one fault does not hide another; see :mod:`payfs.contract.survey`.
    """
    spec = written(document)
    periods, found = periods_of(spec, document)
    if found:
        raise Refused(found)
    checked, found = check(spec, document, periods)
    if found or checked is None:
        raise Refused(found)
    terms = [Terms(0, spec, document, *checked)]
    for place, amendment in enumerate(spec.amendments):
        at: Path = ("amendments", place)
        changed = document.merged(amendment.changes, (*at, "changes"))
        found = [*_forbidden(document, amendment.changes, (*at, "changes"))]
        if not found:
            later = written(changed)
            periods_now = periods
            if changed.data.get("periods") is not document.data.get("periods"):
                periods_now, found = periods_of(later, changed)
            if not found:
                found = [*_same_past(document, at, periods, periods_now, later, spec)]
            periods = tuple(periods_now)
        if found:
            raise Refused(found)
        first, problem = _first_period(document, at, spec, periods)
        if problem:
            raise Refused([problem])
        checked, found = check(later, changed, periods)
        if found or checked is None:
            raise Refused(found)
        touched = list(dict.fromkeys(changed_prices(terms[-1].spec, later)))
        if touched:
            raise Refused([document.finding((*at, "changes", *p.path), p.what, p.remedy) for p in touched])
        before, now = (paid_once(s, *c, periods) for s, c in ((terms[-1].spec, _checked(terms[-1])), (later, checked)))
        both = set(terms[-1].spec.rules) & set(later.rules)
        if moved := sorted((before ^ now) & both):
            what = "it changes whether the rule pays for each cohort or once for all of them"
            remedy = "take the rule away and add another"
            raise Refused([document.finding((*at, "changes", "rules", name), what, remedy) for name in moved])
        if first <= terms[-1].first and place:
            raise Refused(
                [
                    document.finding(
                        (*at, "effective"),
                        "it holds from the same period as the amendment before",
                        "write amendments in order of time",
                    )
                ]
            )
        terms.append(Terms(first, later, changed, *checked))
        document = changed
    cohorts = tuple(spec.population.cohorts or {}) or ("all",)
    latest = terms[-1].spec.population.cohorts
    return Contract(document.file, text, tuple(terms), tuple(periods), tuple(latest or {}) or cohorts)


def _checked(terms: Terms) -> tuple[dict[str, Scale], tuple[str, ...], tuple[str, ...]]:
    return terms.scales, terms.metric_order, terms.rule_order


def written(document: Document) -> ContractSpec:
    """Read the document as a contract.

    Raises:
        Refused: unknown and missing keys, and values that cannot be read.
    """
    return read_as(ContractSpec, document)


def _forbidden(document: Document, changes: Any, at: Path) -> Iterator[Finding]:
    for key in changes:
        if key not in AMENDABLE:
            yield document.finding(
                (*at, key),
                f"an amendment cannot change {quoted(key)}",
                suggest(key, AMENDABLE) or f"it can change {', '.join(AMENDABLE)}",
            )


def _cover(limit: Limit) -> Limit:
    """Return a limit without its amount and what is only said of it."""
    return limit.model_copy(update=dict.fromkeys(("most", "most_units", "what", "clause", "note", "source")))


def _same_past(
    document: Document,
    at: Path,
    before: tuple[Period, ...],
    now: tuple[Period, ...],
    later: ContractSpec,
    spec: ContractSpec,
) -> Iterator[Finding]:
    """Find amendments that change what is past: periods, cohorts, and how metrics are measured."""
    effective = spec.amendments[at[1]].effective.date  # type: ignore[index]
    known = {period.name: period for period in now}
    for period in before:
        if period.end.date < effective and known.get(period.name) != period:
            yield document.finding(
                (*at, "changes", "periods"),
                f"it changes {quoted(period.name)}, which ended before it takes effect",
                "change later periods only",
            )
            break
    old = tuple(spec.population.cohorts or {})
    if tuple(later.population.cohorts or {})[: len(old)] != old:
        yield document.finding(
            (*at, "changes", "population"), "it takes cohorts away", "leave the earlier ones as they are"
        )
    for name, limit in spec.limits.items():
        again = later.limits.get(name)
        if again is not None and _cover(again) != _cover(limit):
            yield document.finding(
                (*at, "changes", "limits", name),
                "it changes what the limit covers, and with it what was cut before",
                "take the limit away and add another, or change most only",
            )
    for name, metric in spec.metrics.items():
        changed = later.metrics.get(name)
        if changed is None or (changed.unit, changed.step, changed.by_cohort, changed.claims) != (
            metric.unit,
            metric.step,
            metric.by_cohort,
            metric.claims,
        ):
            yield document.finding(
                (*at, "changes", "metrics", name),
                f"it changes how {quoted(name)} is measured",
                "add another metric, and leave the unit, step and claims of this one",
            )


def _first_period(
    document: Document, at: Path, spec: ContractSpec, periods: tuple[Period, ...]
) -> tuple[int, Finding | None]:
    """Find the first period for which an amendment holds."""
    amendment = spec.amendments[at[1]]  # type: ignore[index]
    names = [period.name for period in periods]
    if amendment.applies_from is not None:
        if amendment.applies_from in names:
            return names.index(amendment.applies_from), None
        return 0, document.finding(
            (*at, "applies_from"),
            f"there is no period {quoted(amendment.applies_from)}",
            suggest(amendment.applies_from, names) or "name one of the contract's periods",
        )
    day = amendment.effective.date
    split = next((period for period in periods if period.start.date < day <= period.end.date), None)
    later = [place for place, period in enumerate(periods) if period.start.date >= day]
    if split is not None or not later:
        what = f"it takes effect inside {quoted(split.name)}" if split else "no period starts on that day or later"
        return 0, document.finding((*at, "effective"), what, "say applies_from: the first period for which it holds")
    first = later[0]
    if any(period.start.date < day for period in periods[first:]):
        return 0, document.finding(
            (*at, "effective"),
            "some periods that started before it are paid after it",
            "say applies_from: the first period for which it holds",
        )
    return first, None
