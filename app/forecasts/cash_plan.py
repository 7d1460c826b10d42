"""What the provider has, spends and gets, as it is typed: text only."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import streamlit as st

from app.parts.kept import Kept
from app.parts.told import show
from payfs.contract import Contract
from payfs.forecast import Plan, Written, cost_months, read_plan, receivers, stack_moves
from payfs.forecast.plan import MOST_LINES
from payfs.text import Refused

LIKE = {"From (month)": "2027-01", "To (month)": "2027-12", "On (day)": "2027-06-30"}


def plan_of(contract: Contract, kept: Kept) -> Plan | None:
    """Draw the fields for the provider's cash, and read them; None where what is typed cannot be read."""
    code, names = contract.money.code, receivers(contract)
    if not names:
        st.write("The contract names nobody who is paid or provides the service, so there is no cash to look at.")
        return None
    party = kept.choice("Whose cash", "party", list(names), format_func=lambda name: contract.spec.parties[name].name)
    party = party or names[0]
    one, other = st.columns(2)
    with one:
        opening = kept.text(f"Cash at the beginning [{code}]", "opening", _opening(contract, party))
    with other:
        late = kept.text("Days from the due date until a payment comes in", "delay", "0")
    months = [month.isoformat()[:7] for month in cost_months(contract)]
    costs = _rows(
        kept, "cost", ("Costs a month", "From (month)", "To (month)"), ("", *months), code, "Add another cost"
    )
    st.caption(
        "Unless you type other months, costs run from the beginning of the contract's term, which may be long before "
        "anything is measured, to the month of its last payment."
    )
    income = _rows(kept, "income", ("Other income", "On (day)"), ("", ""), code, "Add another income")
    stack = _stack(contract, kept, party)
    try:
        return read_plan(
            contract,
            Written(party, opening, [(r[0], r[1], r[2]) for r in costs], [(r[0], r[1]) for r in income], late, stack),
        )
    except Refused as refused:
        show(refused, "The cash cannot be worked out from what is typed:")
        return None


def _opening(contract: Contract, party: str) -> str:
    """Return what the contract says that the provider begins with."""
    spending = contract.spec.capital.spending if contract.spec.capital is not None else None
    if spending is None or spending.provider != party or not isinstance(spending.opening, Fraction):
        return "0"
    return contract.money.plain(int(spending.opening * contract.money.minor))


def _stack(contract: Contract, kept: Kept, party: str) -> bool:
    if contract.spec.capital is None:
        return False
    return kept.tick(
        "Count the funding in the contract, too",
        "stack",
        stack_moves(contract, party),
        help="What investors put in, interest, repayments, and what the contract says that the provider spends. "
        "Outcome payments then go where the contract's funding sends them.",
    )


def _rows(kept: Kept, name: str, labels: Sequence[str], first: Sequence[str], code: str, more: str) -> list[list[str]]:
    """Draw rows of text fields, to which others can be added, and return what stands in them.

    Args:
        kept: where they are kept.
        name: of a row.
        labels: of its fields; the first is an amount.
        first: what stands in the fields of a new row.
        code: of the currency.
        more: the label of the button that adds one.
    """
    count = max(int(kept.get(f"{name}s", 1)), 1)
    rows = []
    for row in range(min(count, MOST_LINES)):
        fields = []
        for place, (column, label, text) in enumerate(zip(st.columns(len(labels)), labels, first, strict=True)):
            with column:
                shown = f"{label} [{code}]" if place == 0 else label
                shown += f" {row + 1}" if row else ""
                fields.append(kept.text(shown, f"{name} {row} {place}", text, placeholder=LIKE.get(label, "")))
        rows.append(fields)
    st.button(more, key=f"{kept.place} more {name}", on_click=kept.put, args=(f"{name}s", count + 1))
    return rows
