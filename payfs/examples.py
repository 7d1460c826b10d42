"""Worked examples: the contract's own tests. Given these results, these payments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from payfs.claims.fates import fates
from payfs.claims.rows import example_claims
from payfs.claims.table import EPOCH, Claims
from payfs.contract import Contract, Example, survey
from payfs.contract.survey import Survey, ordered
from payfs.earnings import compare_earnings
from payfs.evidence.entries import correction_entries, tree_entries
from payfs.evidence.results import Result, check_entries
from payfs.investment import invest
from payfs.payments import Account, pay
from payfs.scale import OffScale, Scale
from payfs.spec import Figure, Unknown, quoted, read_figure
from payfs.text import Finding, Path, Refused, suggest
from payfs.unknowns import unknown_path


class Outcome(NamedTuple):
    """What became of a contract's worked examples."""

    passed: int
    failed: int
    findings: tuple[Finding, ...]


def examine(path: str) -> tuple[Contract | None, Outcome]:
    """Check a contract file and its worked examples.

    Returns:
        The contract (None if it is faulty), and what became of its examples with everything that is wrong.

    Raises:
        Refused: it cannot be read as YAML at all.
    """
    return examined(survey(path))


def examined(found: Survey) -> tuple[Contract | None, Outcome]:
    """Work out the examples of a contract that has been surveyed; of a faulty one only their names and figures.

    Returns:
        The contract (None if it is faulty), and what became of its examples with everything that is wrong.
    """
    if found.contract is None or found.findings:
        # what an example comes to says nothing while rules are set aside, but its names and figures can be looked at
        rest = slips(found.contract) if found.contract else ()
        own = [finding for finding in rest if not found.aside.explains(finding) and finding not in found.findings]
        return None, Outcome(0, 0, ordered([*found.findings, *map(found.aside.told, own)]))
    return found.contract, run_examples(found.contract)


def run_examples(contract: Contract) -> Outcome:
    """Work every example out and compare."""
    passed, findings = 0, []
    for place, example in enumerate(contract.terms[0].spec.examples):
        found = list(run_example(contract, place, example))
        passed += not found
        findings += found
    failed = len(contract.terms[0].spec.examples) - passed
    return Outcome(passed, failed, ordered(findings))


def slips(contract: Contract) -> Iterator[Finding]:
    """Yield what each example says wrongly, whatever it comes to: for contracts of which not all can be worked out."""
    for place, example in enumerate(contract.terms[0].spec.examples):
        at: Path = ("examples", place)
        try:
            changed = _assuming(contract, example, at)
            yield from _misnamed(contract, changed, example, at)
            given(contract, changed, example, at)
        except Refused as error:
            yield from _refused(contract, example, at, error)


def given(
    contract: Contract, changed: Contract, example: Example, at: Path
) -> tuple[tuple[Result, ...], Claims | None]:
    """Return the results and claims of an example.

    Args:
        contract: whose example it is.
        changed: the contract with what the example assumes.
        example: as written.
        at: its place.

    Raises:
        Refused: everything that is wrong with them.
    """
    entries = tree_entries(contract.document, (*at, "results"))
    if example.corrections is not None:
        entries += correction_entries(contract.document, (*at, "corrections"))
    results = check_entries(entries, changed.frame, example.period or "", example.cohort or "")
    claims = None if example.claims is None else example_claims(contract.document, (*at, "claims"), changed.frame)
    return results, claims


def run_example(contract: Contract, place: int, example: Example) -> Iterator[Finding]:
    """Work one example out and yield what does not hold."""
    at: Path = ("examples", place)
    document = contract.document
    try:
        changed = _assuming(contract, example, at)
        misnamed = list(_misnamed(contract, changed, example, at))
        yield from misnamed
        account = _account(contract, changed, example, at)
        stack = any(gap.startswith("capital.") for gap in example.expect.unknown or ())
        made = invest(account) if example.expect.capital is not None or stack else None
    except Refused as error:
        yield from _refused(contract, example, at, error)
        return
    if misnamed:
        return
    if example.expect.unknown:
        yield document.finding(
            (*at, "expect", "unknown"),
            "it should be refused for want of what is unknown, but it can be worked out",
            "take unknown out",
        )
    yield from _compare(contract, changed, example, at, account)
    if made is not None:
        yield from compare_earnings(contract, example, (*at, "expect"), made)


def example_account(contract: Contract, place: int) -> Account:
    """Work one example out: every payment on the results that it gives, under what it assumes.

    Raises:
        Refused: it cannot be worked out, as an example that expects something unknown cannot.
    """
    example, at = contract.terms[0].spec.examples[place], ("examples", place)
    return _account(contract, _assuming(contract, example, at), example, at)


def _assuming(contract: Contract, example: Example, at: Path) -> Contract:
    return contract if example.assuming is None else contract.assuming(example.assuming, (*at, "assuming"))


def _account(contract: Contract, changed: Contract, example: Example, at: Path) -> Account:
    as_of = None if example.as_of is None else (example.as_of.date - EPOCH).days
    return pay(changed, *given(contract, changed, example, at), as_of)


def _refused(contract: Contract, example: Example, at: Path, error: Refused) -> Iterator[Finding]:
    gaps = [unknown_path(finding) for finding in error.findings]
    expected = example.expect.unknown or ()
    for finding, gap in zip(error.findings, gaps, strict=True):
        if gap is None:
            placed = finding if finding.line else contract.document.finding(at, finding.what, finding.remedy)
            yield placed._replace(what=f"in the example {quoted(example.name)}: {finding.what}")
        elif gap not in expected:
            what = f"the example {quoted(example.name)} cannot be worked out, because {gap} is unknown"
            yield contract.document.finding(
                (*at, "expect"), what, f"expect unknown: [{gap}], or give the figure under assuming"
            )
    if None not in gaps and expected:
        for key in sorted(example.expect.model_fields_set - {"unknown"}):
            what = f"the results are refused for what is unknown, so nothing can be expected of {key}"
            yield contract.document.finding(
                (*at, "expect", key), what, "take it out, or give the figures under assuming"
            )
    if None not in gaps:
        for place, gap in enumerate(expected):
            if gap not in gaps:
                path = (*at, "expect", "unknown", place)
                yield contract.document.finding(path, f"{gap} is not what these results are refused for", "take it out")


def _misnamed(contract: Contract, changed: Contract, example: Example, at: Path) -> Iterator[Finding]:
    """Find names in what an example expects that the contract does not have."""
    expect, spec = example.expect, changed.spec
    periods = [p.name for p in changed.periods]
    known: dict[str, tuple[str, Iterable[str]]] = {
        "rules": ("rule", changed.rules),
        "payers": ("payer", spec.parties),
        "payees": ("payee", spec.parties),
        "cohorts": ("cohort", changed.cohorts),
        "periods": ("period", periods),
        "metrics": ("metric", spec.metrics),
        "unpaid": ("rule or limit", [*changed.rules, *spec.limits]),
    }
    within = [*periods, *changed.cohorts]
    for key, (kind, names) in known.items():
        for name, tree in (getattr(expect, key) or {}).items():
            path = (*at, "expect", key, name)
            if name not in names:
                remedy = suggest(name, names) or f"name one of {', '.join(list(names)[:12])}"
                yield contract.document.finding(path, f"there is no {kind} {quoted(name)}", remedy)
                continue
            for keys, _ in leaves(tree):
                for wrong in (word for word in keys if word not in within):
                    remedy = suggest(wrong, within) or f"name one of {', '.join(within[:12])}"
                    what = f"there is no period or cohort {quoted(wrong)}"
                    yield contract.document.finding((*path, *keys), what, remedy)


def _compare(contract: Contract, changed: Contract, example: Example, at: Path, account: Account) -> Iterator[Finding]:
    expect, money, document = example.expect, changed.money, contract.document

    def differs(path: Path, expected: Fraction | Unknown, amount: int) -> Iterator[Finding]:
        if isinstance(expected, Unknown):
            yield document.finding(path, "an expected figure is unknown", "write under unknown: what is missing")
            return
        wanted = expected * money.minor
        if wanted != amount:
            comes = money.show(amount)
            what = f"the example {quoted(example.name)} expects {money.rate(expected)}, but it comes to {comes}"
            yield document.finding(
                path,
                what,
                f"the difference is {money.rate(Fraction(amount, money.minor) - expected)}: mend the example or rule",
            )

    where: Path = (*at, "expect")
    if expect.total is not None:
        yield from differs((*where, "total"), expect.total, account.total)
    for key, by in (
        ("payers", "payer"),
        ("payees", "payee"),
        ("cohorts", "cohort"),
        ("periods", "period"),
        ("fiscal_years", "fiscal year"),
    ):
        sums = account.sums(by)
        for name, expected in (getattr(expect, key) or {}).items():
            yield from differs((*where, key, name), expected, sums.get(name, 0))
    for name, tree in (expect.rules or {}).items():
        for keys, text in leaves(tree):
            path = (*where, "rules", name, *keys)
            amount = sum(
                p.amount
                for p in account.payments
                if p.rule == name and all(key in (p.cohort, p.period) for key in keys)
            )
            yield from _as_figure(
                document.finding(path, ""),
                text,
                lambda figure, path=path, amount=amount: differs(path, figure.value, amount),
            )
    yield from _compare_metrics(contract, changed, example, where, account)
    yield from _compare_claims(contract, example, (*where, "claims"), account)
    for name, figure in (expect.unpaid or {}).items():
        yield from _compare_unpaid(contract, changed, (*where, "unpaid", name), name, figure, account)


def leaves(tree: Any, keys: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the figures of a tree with their keys."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from leaves(value, (*keys, key))
    else:
        yield keys, tree


def _as_figure(blank: Finding, text: Any, then: Any) -> Iterator[Finding]:
    try:
        figure = read_figure(text)
    except ValueError as error:
        context = getattr(error, "context", None) or {}
        yield blank._replace(what=context.get("what", str(error)), remedy=context.get("remedy", ""))
        return
    yield from then(figure)


def _compare_metrics(
    contract: Contract, changed: Contract, example: Example, where: Path, account: Account
) -> Iterator[Finding]:
    document = contract.document
    measured = account.statement.measured
    periods = [p.name for p in changed.periods]
    for name, tree in (example.expect.metrics or {}).items():
        series = measured.series[name]
        scale: Scale = series.scale
        for keys, text in leaves(tree):
            path = (*where, "metrics", name, *keys)
            rows = [
                r
                for r in range(series.present.shape[0])
                if series.present.shape[0] == 1 or changed.cohorts[r] in keys or not set(keys) & set(changed.cohorts)
            ]
            asked = set(keys) & set(periods) or ({example.period} if example.period else set(periods))
            columns = [place for place, period in enumerate(periods) if period in asked]
            found = {int(series.values[r, c, 0]) for r in rows for c in columns if series.present[r, c]}
            if len(found) != 1:
                what = (
                    "nothing is known of it in this example" if not found else "it has several values in this example"
                )
                yield document.finding(path, what, "name the cohort and the period")
                continue
            value = found.pop()
            if scale.yes_no:
                holds = text == scale.written(value)
            else:
                try:
                    holds = scale.steps(read_figure(text)) == value
                except OffScale as error:
                    yield document.finding(path, error.what, error.remedy)
                    continue
                except ValueError:
                    holds = False
            if not holds:
                yield document.finding(
                    path,
                    f"the example {quoted(example.name)} expects {quoted(text)}, but it comes to {scale.show(value)}",
                    "mend the example or the metric",
                )


def _compare_claims(contract: Contract, example: Example, where: Path, account: Account) -> Iterator[Finding]:
    made = fates(account.evidence)
    for name, expected in (example.expect.claims or {}).items():
        path = (*where, name)
        if made is None:
            yield contract.document.finding(path, "the example gives no claims", "give claims, or take this out")
            return
        got = {"paid": made.paid, "cut": sum(made.cut.values()), "refused": sum(made.refused.values())}
        got |= {"towards": made.towards, "withdrawn": made.withdrawn}
        if name not in got:
            remedy = suggest(name, got) or f"count {', '.join(got)}"
            yield contract.document.finding(path, f"claims are not {quoted(name)}", remedy)
        elif got[name] != expected:
            what = f"the example {quoted(example.name)} expects {expected} claims {name}, but there are {got[name]}"
            yield contract.document.finding(path, what, "mend the example or the conditions")


def _compare_unpaid(
    contract: Contract, changed: Contract, path: Path, name: str, figure: Figure, account: Account
) -> Iterator[Finding]:
    document, money = contract.document, changed.money
    units = {limit: array for (_, limit), array in account.statement.unpaid_units.items()}
    if name in changed.rules:
        amount = sum(value for (rule, _), value in account.unpaid().items() if rule == name)
    elif name in units:
        scale = next(
            changed.frame.scales[changed.rule(rule).metric or rule]
            for rule, limit in account.statement.unpaid_units
            if limit == name
        )
        got = int(units[name].sum())
        try:
            holds = scale.steps(figure) == got
        except OffScale as error:
            yield document.finding(path, error.what, error.remedy)
            return
        if not holds:
            yield document.finding(
                path, f"expects {figure} unpaid, but it comes to {scale.show(got)}", "mend the example or the limit"
            )
        return
    else:
        amount = sum(value for (_, limit), value in account.unpaid().items() if limit == name)
    if figure.value * money.minor != amount:
        yield document.finding(
            path,
            f"expects {money.rate(figure.value)} unpaid, but it comes to {money.show(amount)}",
            "mend the example or the limit",
        )
