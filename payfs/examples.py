"""Worked examples: the contract's own tests. Given these results, these payments."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from payfs.contract import Contract, Example
from payfs.evidence.entries import correction_entries, tree_entries
from payfs.evidence.results import check_entries
from payfs.payments import Account, pay, unknown_path
from payfs.scale import OffScale, Scale
from payfs.spec import Figure, Unknown, quoted, read_figure
from payfs.text import Finding, Path, Refused, suggest


class Outcome(NamedTuple):
    """What became of a contract's worked examples."""

    passed: int
    failed: int
    findings: tuple[Finding, ...]


def run_examples(contract: Contract) -> Outcome:
    """Work every example out and compare."""
    passed, findings = 0, []
    for place, example in enumerate(contract.terms[0].spec.examples):
        found = list(run_example(contract, place, example))
        passed += not found
        findings += found
    failed = len(contract.terms[0].spec.examples) - passed
    return Outcome(passed, failed, tuple(findings))


def run_example(contract: Contract, place: int, example: Example) -> Iterator[Finding]:
    """Work one example out and yield what does not hold."""
    at: Path = ("examples", place)
    document = contract.document
    changed = contract
    try:
        if example.assuming is not None:
            changed = contract.assuming(example.assuming, (*at, "assuming"))
        entries = tree_entries(document, (*at, "results"))
        if example.corrections is not None:
            entries += correction_entries(document, (*at, "corrections"))
        results = check_entries(entries, changed.frame, example.period or "", example.cohort or "")
        account = pay(changed, results)
    except Refused as error:
        yield from _refused(contract, example, at, error)
        return
    if example.expect.unknown:
        yield document.finding(
            (*at, "expect", "unknown"),
            "it should be refused for want of what is unknown, but it can be worked out",
            "take unknown out",
        )
    yield from _compare(contract, changed, example, at, account)


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
    if None not in gaps:
        for place, gap in enumerate(expected):
            if gap not in gaps:
                path = (*at, "expect", "unknown", place)
                yield contract.document.finding(path, f"{gap} is not what these results are refused for", "take it out")


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
        known = {
            "payer": changed.spec.parties,
            "payee": changed.spec.parties,
            "cohort": changed.cohorts,
            "period": [p.name for p in changed.periods],
        }.get(by)
        for name, expected in (getattr(expect, key) or {}).items():
            if known is not None and name not in known:
                yield document.finding(
                    (*where, key, name),
                    f"there is no {by} {quoted(name)}",
                    suggest(name, known) or f"name one of {', '.join(list(known)[:12])}",
                )
            else:
                yield from differs((*where, key, name), expected, sums.get(name, 0))
    for name, tree in (expect.rules or {}).items():
        if name not in changed.rules:
            yield document.finding(
                (*where, "rules", name),
                f"there is no rule {quoted(name)}",
                suggest(name, changed.rules) or "name one of the contract's rules",
            )
            continue
        for keys, text in leaves(tree):
            path = (*where, "rules", name, *keys)
            wrong = _unknown_names(changed, keys)
            if wrong:
                yield document.finding(path, *wrong)
                continue
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


def _unknown_names(contract: Contract, keys: tuple[str, ...]) -> tuple[str, str] | None:
    names = [*(p.name for p in contract.periods), *contract.cohorts]
    for key in keys:
        if key not in names:
            return f"there is no period or cohort {quoted(key)}", suggest(
                key, names
            ) or f"name one of {', '.join(names[:12])}"
    return None


def _compare_metrics(
    contract: Contract, changed: Contract, example: Example, where: Path, account: Account
) -> Iterator[Finding]:
    document = contract.document
    measured = account.statement.measured
    periods = [p.name for p in changed.periods]
    for name, tree in (example.expect.metrics or {}).items():
        if name not in measured.series:
            yield document.finding(
                (*where, "metrics", name),
                f"there is no metric {quoted(name)}",
                suggest(name, measured.series) or "name one of the contract's metrics",
            )
            continue
        series = measured.series[name]
        scale: Scale = series.scale
        for keys, text in leaves(tree):
            path = (*where, "metrics", name, *keys)
            wrong = _unknown_names(changed, keys)
            if wrong:
                yield document.finding(path, *wrong)
                continue
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
    elif name in changed.spec.limits:
        amount = sum(value for (_, limit), value in account.unpaid().items() if limit == name)
    else:
        known = [*changed.rules, *changed.spec.limits]
        yield document.finding(
            path,
            f"there is no rule or limit {quoted(name)}",
            suggest(name, known) or f"name one of {', '.join(known[:12])}",
        )
        return
    if figure.value * money.minor != amount:
        yield document.finding(
            path,
            f"expects {money.rate(figure.value)} unpaid, but it comes to {money.show(amount)}",
            "mend the example or the limit",
        )
