"""A statement and its explanations as text of at most 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from payfs.claims.fates import fates
from payfs.line import Explanation
from payfs.payments import Account, Payment
from payfs.periods import read_day
from payfs.report.claims_text import fates_lines, together
from payfs.report.lines import WIDTH, table, wrapped
from payfs.text import suggest


def statement_lines(account: Account) -> Iterator[str]:
    """Write the statement: every payment by rule, then the sums."""
    contract, money = account.contract, account.contract.money
    parties = contract.spec.parties
    yield from wrapped(contract.spec.title)
    yield f"Statement in {money.code}"
    groups: dict[tuple[str, str, str], list[Payment]] = {}
    for payment in account.payments:
        groups.setdefault((payment.rule, payment.payer, payment.payee), []).append(payment)
    order = {name: place for place, name in enumerate(contract.spec.rules)}
    for (rule, payer, payee), payments in sorted(groups.items(), key=lambda item: (order.get(item[0][0], -1), item[0])):
        yield ""
        spec = contract.spec.rules.get(rule)
        clause = f" [{spec.clause}]" if spec is not None and spec.clause else ""
        yield from wrapped(f"{rule}{clause}")
        yield from wrapped(f"{parties[payer].name} pays {parties[payee].name}", "  ")
        yield from _payments_table(account, payments)
    if not account.payments:
        yield ""
        yield "Nothing is due on these results yet."
    yield ""
    yield from _sums(account)
    made = fates(account.evidence)
    if made is not None:
        yield ""
        yield from fates_lines(made)
        rules = {payment.rule for payment in account.payments}
        if any(together(account, name) for name in rules):
            yield from wrapped(
                "Each claim by itself. Limits on all claims together, gates, holdbacks and what else is done to the "
                "claims of a rule together come after that.",
                "  ",
            )
    for metric, silent in account.evidence.silent().items():
        yield ""
        listed = ", ".join(silent[:6]) + (f" and {len(silent) - 6} more" if len(silent) > 6 else "")
        yield from wrapped(
            f"No claim that bears on {metric!r} lies in {listed}. That is not a 0: what depends on it is not due. "
            "If silence means that there was none, say if_none: 0 under its claims."
        )


def _payments_table(account: Account, payments: list[Payment]) -> Iterator[str]:
    contract, money = account.contract, account.contract.money
    with_cohort = any(payment.cohort for payment in payments)
    rule = contract.spec.rules.get(payments[0].rule)
    scale = contract.frame.scales.get((rule.metric if rule else None) or payments[0].rule)
    rows, so_far = [], 0
    for payment in payments:
        so_far += payment.amount
        measured = "" if payment.measured is None else payment.measured
        period = (
            payment.period if payment.reported == payment.period else f"{payment.period} (corrected {payment.reported})"
        )
        day = _day(payment)
        row = [str(day), period, measured, money.show(payment.amount), money.show(so_far)]
        rows.append([row[0], payment.cohort or "", *row[1:]] if with_cohort else row)
    unit = f" [{'%' if scale.percent else scale.plural}]" if scale is not None else ""
    header = ["due", "period", f"measured{unit}", "amount", "to date"]
    header = [header[0], "cohort", *header[1:]] if with_cohort else header
    last = len(header)
    lines = list(table(header, rows, right=(last - 3, last - 2, last - 1)))
    if max(len(line) for line in lines) > WIDTH:  # the running total can be had by adding up
        header, rows = header[:-1], [row[:-1] for row in rows]
        lines = list(table(header, rows, right=(last - 3, last - 2)))
    if max(len(line) for line in lines) > WIDTH:  # and dates, and corrections, written in short
        for row, payment in zip(rows, payments, strict=True):
            row[0] = payment.due.isoformat() if payment.due else row[0]
            again = "" if payment.reported == payment.period else f" in {payment.reported}"
            row[-3] = payment.period + again
        lines = list(table(header, rows, right=(last - 3, last - 2)))
    yield from lines


def _day(payment: Payment) -> str:
    return str(read_day(payment.due_written)) if payment.due_written else "not known"


def _sums(account: Account) -> Iterator[str]:
    contract, money = account.contract, account.contract.money
    rows: list[Sequence[str]] = []
    sums = account.sums("rule")
    for rule in [name for name in contract.rules if name in sums]:
        rows.append((rule, money.show(sums[rule])))
    rows.append(("Total", money.show(account.total)))
    yield "By rule"
    yield from table(("", ""), rows, right=(1,))
    payers = account.sums("payer")
    for payer in payers:
        of_payer = [payment for payment in account.payments if payment.payer == payer]
        years: dict[str, int] = {}
        for payment in of_payer:
            year = account.fiscal_year(payment)
            years[year] = years.get(year, 0) + payment.amount
        yield ""
        yield from wrapped(f"By fiscal year of {contract.spec.parties[payer].name}")
        body = [
            *((year, money.show(amount)) for year, amount in sorted(years.items())),
            ("Total", money.show(payers[payer])),
        ]
        yield from table(("", ""), body, right=(1,))
    cuts = account.unpaid()
    units = account.unpaid_units()
    if cuts or units:
        yield ""
        yield "Not paid, because a limit was reached"
        beyond = [(rule, limit, money.show(amount)) for (rule, limit), amount in cuts.items()]
        beyond += [(rule, limit, amount) for (rule, limit), amount in units.items()]
        yield from table(("rule", "limit", "beyond it"), beyond, right=(2,))


def explanation_lines(payment: Payment, account: Account) -> Iterator[str]:
    """Read the explanation of one payment aloud, from what is paid down to what was measured."""
    money = account.contract.money
    parties = account.contract.spec.parties
    cohort = f", {payment.cohort}" if payment.cohort else ""
    yield from wrapped(f"{payment.rule}, {payment.period}{cohort}: {money.show(payment.amount)}")
    yield from wrapped(f"{parties[payment.payer].name} pays {parties[payment.payee].name}, due {_day(payment)}", "  ")
    rule = account.contract.rule(payment.rule)
    for name in rule.source or ():
        yield from wrapped(f"Source: {account.contract.spec.sources[name]}", "  ")
    if payment.reported != payment.period:
        yield from wrapped(f"A correction reported in {payment.reported}; below is what is due in all.", "  ")
    yield from _tree(payment.explanation, 1)


def _tree(explanation: Explanation, depth: int) -> Iterator[str]:
    indent = "  " * min(depth, 12)
    clause = f" [{explanation.clause}]" if explanation.clause else ""
    yield from wrapped(f"{explanation.name} = {explanation.amount}{clause}", indent)
    yield from wrapped(explanation.sentence, indent + "  ")
    for part in explanation.parts:
        yield from _tree(part, depth + 1)


def chosen(account: Account, rule: str | None, period: str | None) -> tuple[list[Payment], str]:
    """Return the payments of a rule and period, or what is wrong with the choice."""
    rules = list(account.contract.spec.rules)
    periods = [p.name for p in account.contract.periods]
    if rule is not None and rule not in rules:
        return [], f"there is no rule {rule!r}; {suggest(rule, rules) or 'its rules are ' + ', '.join(rules)}"
    if period is not None and period not in periods:
        listed = f"its periods are {', '.join(periods[:24])}"
        return [], f"there is no period {period!r}; {suggest(period, periods) or listed}"
    found = [p for p in account.payments if (rule is None or p.rule == rule) and (period is None or p.period == period)]
    if not found:
        asked = " and ".join(repr(name) for name in (rule, period) if name is not None)
        return (
            [],
            f"nothing is due{f' for {asked}' if asked else ''}; run payfs pay to see what is due, and what is missing",
        )
    return found, ""
