"""One simulated path, told: what was drawn and measured, what was paid and why, and whether the cash lasts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from payfs.capital.cash import EPOCH
from payfs.investment import Investment
from payfs.payments import Payment
from payfs.report.lines import table, wrapped
from payfs.report.phrases import counted
from payfs.report.statement_text import explanation_lines
from payfs.simulate.one_path import OnePath
from payfs.simulate.worked import TOTAL

MOST_DATES = 60
NEVER_CHANGES = "It gets what it spends on the very day, so that what it has never changes."


def path_lines(path: OnePath, payments: Sequence[Payment] | None = None) -> Iterator[str]:
    """Write one path.

    Args:
        path: as worked out.
        payments: those that are explained; all of them if not said.
    """
    contract = path.account.contract
    show = contract.money.show
    yield from wrapped(f"Path {path.number:,} of the simulation of {contract.spec.title}")
    yield from wrapped(
        f"It is one of {path.draws.paths:,} paths from seed {path.draws.seed}; a run of more or fewer paths, or from "
        "another seed, has other paths."
    )
    yield ""
    yield "How high each input was drawn: 0 is the lowest that is believed, 1 the highest"
    yield from table(("", ""), drawn_rows(path))
    yield ""
    yield "What was measured"
    yield from _results(path.measured)
    if path.truths:
        yield ""
        yield "What it truly was, before the comparison measured it with its error"
        yield from _results(path.truths)
    yield ""
    yield f"What is paid: {show(int(path.outcomes[TOTAL][0]))} in all"
    for payment in path.account.payments if payments is None else payments:
        yield ""
        yield from explanation_lines(payment, path.account)
        if late := late_said(path, payment):
            yield from wrapped(late, "  ")
    if returned := returned_rows(path):
        yield ""
        yield "What the investors get"
        yield from table(("", ""), returned, right=(1,))
    if path.investment is not None:
        yield from _cash(path.investment)


def drawn_rows(path: OnePath) -> list[tuple[str, str]]:
    """Return how high each input was drawn, as its first draws."""
    rows = []
    for name, ranks in path.ranks.items():
        some = ", ".join(f"{rank:.3f}" for rank in ranks[:5])
        rows.append((name, some if len(ranks) <= 5 else f"{some} and {len(ranks) - 5} more"))
    return rows


def returned_rows(path: OnePath) -> list[tuple[str, str]]:
    """Return what the investors get: each label with its figure."""
    show, rows = path.account.contract.money.show, list[tuple[str, str]]()
    for label, values in path.outcomes.items():
        if not label.endswith((" IRR", " multiple")):
            continue
        value = float(values[0])
        said = "none" if np.isnan(value) else f"{100 * value:.2f}%" if label.endswith(" IRR") else f"{value:.4f}"
        if label.endswith(" multiple"):
            name = label.removesuffix(" multiple")
            amounts = [f"{name} {kind}" for kind in ("received", "loss")]
            rows += [(one, show(int(path.outcomes[one][0]))) for one in amounts if one in path.outcomes]
        rows.append((label, said))
    return rows


def late_said(path: OnePath, payment: Payment) -> str:
    """Say on which day a payment comes that is late on this path; nothing of others."""
    days = path.late.get((payment.payer, payment.period), 0)
    if days <= 0 or not payment.amount or payment.due is None:
        return ""
    return f"On this path it comes {counted(days, 'day')} late, on {_day(payment.due + timedelta(days=days))}."


def _day(when: date) -> str:
    return f"{when.day} {when.strftime('%B %Y')}"


def _results(results: Sequence[tuple[str, str, str, str]]) -> Iterator[str]:
    cohorts = any(cohort for _, cohort, _, _ in results)
    header = ("metric", "cohort", "period", "result") if cohorts else ("metric", "period", "result")
    cells = [row if cohorts else (row[0], row[2], row[3]) for row in results]
    return table(header, cells, right=(len(header) - 1,))


def _cash(made: Investment) -> Iterator[str]:
    """Write the provider's cash from date to date."""
    cash = provider_cash(made)
    if cash is None:
        return
    yield ""
    yield from wrapped(f"Cash of {cash.whose}")
    if cash.rows:
        yield from table(("after", "it has"), cash.rows[:MOST_DATES], right=(1,))
    else:
        yield from wrapped(NEVER_CHANGES, "  ")
    if len(cash.rows) > MOST_DATES:
        yield f"  and on {len(cash.rows) - MOST_DATES} more dates"
    yield from wrapped(cash.lowest, "  ")


class CashTold(NamedTuple):
    """The provider's cash on one path.

    Attributes:
        whose: the provider's name.
        rows: after which date it has how much, wherever that changes.
        lowest: how low it falls, and when, in a sentence.
    """

    whose: str
    rows: list[tuple[str, str]]
    lowest: str


def provider_cash(made: Investment) -> CashTold | None:
    """Tell the provider's cash from date to date; None where the contract says nothing of its spending."""
    provider, spending = made.provider, made.spec.spending
    if provider is None or spending is None:
        return None
    show, days = made.contract.money.show, made.flows.days
    moved = np.flatnonzero(made.cash_of_party(spending.provider)[:, 0])
    rows = [
        ((EPOCH + timedelta(days=int(days[row]))).isoformat(), show(int(provider.balance[row, 0])))
        for row in moved.tolist()
    ]
    when = EPOCH + timedelta(days=int(provider.on[0]))
    lowest = f"The lowest is {show(int(provider.lowest[0]))}, on {_day(when)}."
    return CashTold(made.contract.spec.parties[spending.provider].name, rows, lowest)
