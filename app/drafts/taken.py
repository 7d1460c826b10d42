"""What is taken away from a draft: the annex in Word, the workbook, the file itself, and the budget by fiscal year."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from app.drafts.text import Drafted
from app.parts.chosen import version_of
from app.parts.kept import Kept
from app.parts.pictures import picture
from app.parts.taken import take_away
from app.parts.told import show, table
from payfs.contract import Contract
from payfs.drafting.budget import budget
from payfs.drafting.compared import paid_on_example
from payfs.drafting.draft import Draft
from payfs.payments import Account
from payfs.report.annex import annex
from payfs.report.charts import payments_by
from payfs.report.tables import Amount, Table, as_csv, table_of
from payfs.report.workbook import workbook
from payfs.text import Refused


def draw_taken(current: Drafted, draft: Draft) -> None:
    """Draw what can be taken away."""
    name, text, contract = current.name, current.typed, draft.contract
    version = version_of(name, changed=current.changed)
    take_away("Contract file (YAML)", f"{name}.yaml", text.encode())
    if contract is None:
        st.info("The annex, the workbook and the budget can be taken away once the findings are mended.")
        return
    failed = sum(bool(example.findings) for example in draft.examples)
    waiting = sum(not example.worked for example in draft.examples)
    if failed:
        st.warning(f"Worked examples that do not hold: {failed}. The annex says so of each. Mend them before you sign.")
    if waiting:
        st.info(
            f"Worked examples that are not worked out yet: {waiting}. The annex works them out, which takes longer."
        )
    take_away("Payment annex (Word)", f"{name}-annex.docx", lambda: annex(contract, version))
    take_away("Tables and totals (Excel)", f"{name}.xlsx", lambda: workbook(contract, draft=version))
    st.markdown("### Budget by fiscal year")
    if not draft.examples:
        st.info(
            "A budget needs results. Add a worked example with the results that you plan for, by form under Add, and "
            "the budget appears here."
        )
        return
    _budget(current, contract, text, version)


def _budget(current: Drafted, contract: Contract, text: str, version: str) -> None:
    """Draw what is paid in each fiscal year on the results of a worked example."""
    names = [f"{place}. {example.name}" for place, example in enumerate(contract.terms[0].spec.examples, 1)]
    kept = Kept("budget", current.name)
    chosen = kept.choice("On the results of the worked example", "example", names)
    place = names.index(chosen) if chosen in names else 0
    try:
        account, made = _account(text, place, contract), _table(contract, place)
    except Refused as refused:
        show(refused, "This cannot be worked out:")
        return
    if not made.cells:
        st.info("Nothing is paid on these results. Choose another example.")
        return
    right = [made.columns[one] for one in made.right]
    table(made.columns, made.rows, right, f"Budget by fiscal year, on the results of the example {names[place]}")
    st.caption("This is what is paid on these results. On other results it is something else.")
    take_away("Budget by fiscal year (CSV)", f"{current.name}-budget-example-{place + 1}.csv", as_csv(made))
    take_away(
        "Payments on these results (Excel)",
        f"{current.name}-payments.xlsx",
        lambda: workbook(contract, account, version),
    )
    picture(payments_by(account, by="fiscal year", split="payer"), f"{current.name}-budget")


@st.cache_resource(show_spinner=False, max_entries=20)
def _account(text: str, place: int, _contract: Contract) -> Account:
    return paid_on_example(_contract, _contract, place)


def _table(contract: Contract, place: int) -> Table:
    """Return the budget as a table, with the sum of each year where there are several payments in it."""
    parties = contract.spec.parties
    rows = []
    for year, found in groupby(budget(contract, place), key=lambda line: line.fiscal_year):
        lines = list(found)
        for line in lines:
            payer = parties[line.payer].name if line.payer in parties else line.payer
            rows.append((year, payer, line.rule.replace("_", " "), Amount(line.amount, contract.money)))
        if len(lines) > 1:
            rows.append((year, "In all", "", Amount(sum(line.amount for line in lines), contract.money)))
    return table_of(("Fiscal year", "Payer", "Rule", "Amount"), rows)
