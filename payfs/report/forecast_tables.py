"""A forecast as tables that can be taken away: cases side by side, payments and cash by month, and the grid itself."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Mapping
from fractions import Fraction

from payfs.contract import Contract
from payfs.forecast import NEVER, Grid, Outcome, ProviderCash, wide
from payfs.report.forecast_text import first_text, month_text, party_name
from payfs.report.tables import Amount, Cell, Number, Table, table_of
from payfs.spec import DIGITS

NOT_KNOWN = "not known"


def cases_table(contract: Contract, made: Mapping[str, Outcome]) -> Table:
    """Lay what several cases come to side by side; what is received, spent and left is the provider's."""
    money = contract.money

    def amounts(figures: list[int]) -> list[Cell]:
        return [Amount(figure, money) for figure in figures]

    rows: list[tuple[str, list[Cell]]] = [
        ("Paid in all", amounts([one.total for one in made.values()])),
        ("First payment", [first_text(one) for one in made.values()]),
    ]
    cash = [one.cash for one in made.values() if one.cash is not None]
    if len(cash) == len(made) and cash:
        lowest = [one.months[int(one.lowest_in[0])] for one in cash]
        below = [int(one.below_in[0]) for one in cash]
        others = [int(one.other[:, 0].sum()) for one in cash]
        rows += [
            ("Outcome payments received", amounts([int(one.payments[0]) for one in cash])),
            *([("Other money, as the funding has it", amounts(others))] if any(others) else []),
            ("Costs", amounts([int(one.costs[0]) for one in cash])),
            ("Lowest cash", amounts([int(one.lowest[0]) for one in cash])),
            ("Lowest in", [month_text(month) for month in lowest]),
            (
                "Runs out in",
                [
                    "never" if place == NEVER else month_text(one.months[place])
                    for one, place in zip(cash, below, strict=True)
                ],
            ),
            ("Cash at the end", amounts([int(one.end[0]) for one in cash])),
        ]
    return table_of(("", *made), [(what, *cells) for what, cells in rows])


def payments_table(made: Outcome) -> Table:
    """List what is due in each month, by payer and payee."""
    contract = made.account.contract
    rows = [
        (
            month_text(row.month) if row.month is not None else NOT_KNOWN,
            party_name(contract, row.payer),
            party_name(contract, row.payee),
            Amount(row.amount, contract.money),
        )
        for row in made.by_month
    ]
    return table_of(("Month", "Payer", "Payee", "Due"), [*rows, ("In all", "", "", Amount(made.total, contract.money))])


def cash_table(contract: Contract, cash: ProviderCash) -> Table:
    """List the provider's cash month by month: what there was, came in and went out, and what is left; for one path."""
    parts = (cash.before, cash.paid, cash.other, cash.out, cash.closing, cash.low)
    names = ("At the beginning", "Outcome payments", "Other income", "Out", "At the end", "Lowest")
    rows: list[list[Cell]] = [
        [month_text(month), *(Amount(int(part[place, 0]), contract.money) for part in parts)]
        for place, month in enumerate(cash.months)
    ]
    return table_of(("Month", *names), rows)


def cash_points(cash: ProviderCash) -> list[tuple[datetime.date, int]]:
    """Return the provider's cash for a chart: from the first day of each month what there is before its outcome
    payments, and on the last what is left; for one path.
    """
    points: list[tuple[datetime.date, int]] = []
    for place, month in enumerate(cash.months):
        last = month.replace(day=calendar.monthrange(month.year, month.month)[1])
        points += [(month, int(cash.low[place, 0])), (last, int(cash.closing[place, 0]))]
    return points


def grid_table(grid: Grid) -> Table:
    """Lay a grid out so that it can be edited in a spreadsheet and read back."""
    head, *rows = wide(grid)
    names = len(head) - len(grid.periods)
    return table_of(head, [(*row[:names], *(_figure(text) for text in row[names:])) for row in rows])


def _figure(text: str) -> Cell:
    """Return a plain number as one, so that no spreadsheet takes it for text; all else as it stands."""
    match = DIGITS.fullmatch(text)
    if match is None or "," in text:
        return text
    value = Fraction(text)
    return int(value) if match[3] is None else Number(value, len(match[3]) - 1)
