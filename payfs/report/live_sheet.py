"""A sheet in which quantities can be changed: amounts, limits and the total follow by formulas."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from payfs.payments import Account
from payfs.report.excel import EXACT, Sheet, money_format, place, summed
from payfs.report.live import Live
from payfs.report.phrases import the
from payfs.report.tables import Amount
from payfs.spec import spoken

COLUMNS = ("Rule", "Clause", "Cohort", "Period", "Quantity", "Unit", "Price")
QUANTITY, PRICE, DUE = 4, 6, 7  # columns
SHADE = "#FFF6D6"
HOW = (
    "Change a quantity in a shaded cell: what is due, the limits and the total follow. Quantities are whole steps of "
    "the metric and at least 0. Every formula stands beside the exact figure that payfs comes to."
)
TO_DATE = (
    "Where a unit says 'to date', the quantity is a total to date: due is what it comes to, less what was due before, "
    "and never less than nothing. Leave it empty where nothing was reported."
)
NOTHING = "No rule of this contract is a quantity times a price alone, so nothing here can be worked out live."


def live_sheet(sheet: Sheet, made: Live, account: Account | None) -> None:
    """Write what can be worked out live with its formulas, and in words what cannot.

    Args:
        sheet: an empty sheet.
        made: what can be worked out live.
        account: from which the quantities are taken; without it they are empty.
    """
    contract, money = made.contract, made.contract.money
    sheet.heading(0, "Quantity times price")
    row = 1
    for text in [HOW, TO_DATE] if any(one.to_date for one in made.rows) else [HOW] if made.rows else [NOTHING]:
        sheet.note(row, text, DUE + 1)
        row += 1
    row += 1
    head = None
    if made.rows:
        head = row
        quantities = _quantities(made, account)
        values = [int(value[0]) for value in made.worked_out([np.array([one or 0]) for one in quantities])]
        row = _rows(sheet, made, row, quantities, values) + 1
        row = _caps(sheet, made, row, head, values) + 1
    row = _left_out(sheet, made, row, account)
    if account is not None:
        sheet.text(row, 0, "All rules, as payfs works them out on these results", bold=True)
        sheet.put(row, DUE, Amount(account.total, money), bold=True)
    sheet.finish(head if contract.periods and made.rows else None)


def _quantities(made: Live, account: Account | None) -> list[int | None]:
    """Return what was reported for every row [steps]; None where nothing was."""
    if account is None:
        return [None] * len(made.rows)
    measured = account.statement.measured
    found: list[int | None] = []
    for row in made.rows:
        series = measured.series[row.metric]
        at = row.cohort or 0
        found.append(int(series.values[at, row.period, 0]) if series.present[at, row.period] else None)
    return found


def _rows(sheet: Sheet, made: Live, top: int, quantities: list[int | None], values: list[int]) -> int:
    contract, money = made.contract, made.contract.money
    for column, name in enumerate((*COLUMNS, f"Due [{money.code}]")):
        sheet.head(top, column, name if column != PRICE else f"Price [{money.code}]", column in (QUANTITY, PRICE, DUE))
    asked: dict[tuple[str, int | None, int], int] = {}
    for number, (one, quantity) in enumerate(zip(made.rows, quantities, strict=True)):
        row = top + 1 + number
        rule, scale = contract.spec.rules[one.rule], made.scale(one)
        named = contract.spec.population.cohorts and one.cohort is not None
        unit = "percentage points" if scale.percent else scale.plural
        sheet.put(row, 0, one.rule.replace("_", " "))
        sheet.put(row, 1, rule.clause or "")
        sheet.put(row, 2, contract.cohorts[one.cohort or 0].replace("_", " ") if named else "")
        sheet.put(row, 3, contract.periods[one.period].name.replace("_", " "))
        sheet.put(row, 5, f"{unit}, to date" if one.to_date else unit)
        cell = (one.metric, one.cohort, one.period)
        exact = None if quantity is None else scale.value(quantity)
        _quantity(sheet, row, asked.get(cell), exact)
        asked.setdefault(cell, row)
        price = one.price / scale.step / money.minor  # [units of the currency for one unit]
        fine = (price * money.minor).denominator != 1
        form = sheet.book.format(num_format="#,##0.00########" if fine else money_format(money.digits))
        sheet.sheet.write_number(row, PRICE, float(price), form)
        sheet.formula(row, DUE, _due(made, number, top), Amount(values[number], money))
    return top + 1 + len(made.rows)


def _quantity(sheet: Sheet, row: int, same: int | None, value: Fraction | None) -> None:
    """Write a quantity that can be changed, or where another rule asks for the same, a reference to that."""
    form = sheet.book.format(num_format="#,##0.########", bg_color=SHADE, border=1, border_color="#B7A869")
    if same is not None:
        plain = sheet.book.format(num_format="#,##0.########")
        sheet.sheet.write_formula(row, QUANTITY, f"={place(same, QUANTITY)}", plain, float(value or 0))
        return
    if value is None or abs(value) >= EXACT:
        sheet.sheet.write_blank(row, QUANTITY, None, form)
    else:
        sheet.sheet.write_number(row, QUANTITY, float(value), form)
    sheet.sheet.data_validation(
        row, QUANTITY, row, QUANTITY, {"validate": "decimal", "criteria": ">=", "value": 0, "ignore_blank": True}
    )


def _due(made: Live, number: int, top: int) -> str:
    """Return the formula of what is due for a row."""
    one, row, digits = made.rows[number], top + 1 + number, made.contract.money.digits
    product = f"ROUND({place(row, QUANTITY)}*{place(row, PRICE)},{digits})"
    if not one.to_date:
        return f"={product}"
    before = [
        (top + 1 + at, DUE)
        for at, other in enumerate(made.rows[:number])
        if (other.rule, other.cohort) == (one.rule, one.cohort)
    ]
    return f"=MAX(0,ROUND({product}-{summed(before)},{digits}))" if before else f"=MAX(0,{product})"


def _caps(sheet: Sheet, made: Live, row: int, top: int, values: list[int]) -> int:
    """Write limits in their order, and the total."""
    money = made.contract.money
    digits = money.digits
    cells = [(top + 1 + number, DUE) for number in range(len(made.rows))]
    if made.caps:
        for column, name in ((0, "Limit"), (2, "For"), (5, "Comes to"), (PRICE, "At most"), (DUE, "Let through")):
            sheet.head(row, column, name, column >= 5)
        for column in (1, 3, 4):
            sheet.head(row, column, "")
        row += 1
    for number, cap in enumerate(made.caps, len(made.rows)):
        own = cap.limit in made.contract.spec.rules and all(member < len(made.rows) for member in cap.members)
        sheet.text(row, 0, f"{'own limit of ' if own else ''}{cap.limit.replace('_', ' ')}")
        sheet.text(row, 2, cap.whose.replace("_", " "))
        comes_to = sum(values[member] for member in cap.members)
        parts = summed([cells[member] for member in cap.members])
        sheet.formula(row, 5, f"=ROUND({parts},{digits})", Amount(comes_to, money))
        sheet.put(row, PRICE, Amount(cap.most, money))
        sheet.formula(row, DUE, f"=MIN({place(row, 5)},{place(row, PRICE)})", Amount(values[number], money))
        cells.append((row, DUE))
        row += 1
    row += 1 if made.caps else 0
    for name in dict.fromkeys(one.rule for one in made.rows):
        mine = [number for number, one in enumerate(made.rows) if one.rule == name]
        sheet.text(row, 0, f"Due under {spoken(name)}, before limits")
        due = f"=ROUND({summed([cells[number] for number in mine])},{digits})"
        sheet.formula(row, DUE, due, Amount(sum(values[number] for number in mine), money))
        row += 1
    label = "Total" if not made.left_out and not made.without else "Total of these rules"
    label += f", before {the('limit', list(made.without))}" if made.without else ""
    sheet.text(row, 0, label, bold=True)
    whole = f"=ROUND({summed([cells[member] for member in made.top])},{digits})"
    sheet.formula(row, DUE, whole, Amount(sum(values[member] for member in made.top), money), bold=True, top=1)
    return row + 1


def _left_out(sheet: Sheet, made: Live, row: int, account: Account | None) -> int:
    """Say what is not worked out here, and why, with what payfs comes to."""
    money = made.contract.money
    if made.left_out:
        for column, name in ((0, "Not worked out here: rule"), (2, "Why"), (DUE, "Paid on these results")):
            sheet.head(row, column, name, column == DUE)
        for column in (1, 3, 4, 5, 6):
            sheet.head(row, column, "")
        row += 1
        sums = account.sums("rule") if account is not None else {}
        for name, why in made.left_out.items():
            sheet.text(row, 0, name.replace("_", " "))
            sheet.text(row, 2, why)
            if account is not None:
                sheet.put(row, DUE, Amount(sums.get(name, 0), money))
            row += 1
        row += 1
    for name, why in made.without.items():
        sheet.note(row, f"The limit {spoken(name)} is not worked out here: {why}.", DUE + 1)
        row += 1
    return row + (1 if made.without else 0)
