"""What cases come to, side by side: payments, cash, break-even, and why each line is what it is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import streamlit as st

from app.parts.explained import explain, line_name
from app.parts.kept import Kept
from app.parts.pictures import fitted
from app.parts.told import plain, show, table
from payfs.contract import Contract
from payfs.evidence.results import Result
from payfs.forecast import BreakEven, Case, Outcome, Plan, break_even
from payfs.report.charts import Drawn, cash_lines, payments_by, side_by_side
from payfs.report.forecast_tables import cases_table, cash_points, cash_table, payments_table
from payfs.report.forecast_text import break_even_sentences, cash_sentences, paid_sentence, party_name
from payfs.report.tables import Table
from payfs.text import Finding, Refused

EXPECTED, WORST, BEST = "Expected", "Worst", "Best"


class Look(NamedTuple):
    """What a case comes to, or what stands in the way.

    Attributes:
        name: of the case.
        results: on which it is paid.
        made: what it comes to; None where something stands in the way.
        refused: that.
    """

    name: str
    results: tuple[Result, ...]
    made: Outcome | None
    refused: Refused | None


def refused_looks(looks: Sequence[Look]) -> None:
    """Say why cases cannot be worked out; of several with the same reason once."""
    said: dict[tuple[Finding, ...], list[str]] = {}
    for look in looks:
        if look.refused is not None:
            said.setdefault(tuple(with_hint(look.refused)), []).append(look.name)
    for found, names in said.items():
        show(found, f"{' and '.join(names)}: this cannot be worked out.")


def with_hint(refused: Refused) -> list[Finding]:
    """Say of what is unknown where it can be assumed."""
    return [
        finding._replace(remedy="type what to take it to be under: What is not known", line=0)
        if finding.what.startswith("it is unknown")
        else finding
        for finding in refused.findings
    ]


def draw_cases(contract: Contract, made: dict[str, Outcome]) -> None:
    """Draw what the cases come to side by side, and in sentences."""
    cash = next((one.cash for one in made.values() if one.cash is not None), None)
    drawn(cases_table(contract, made), "What each case comes to", right=tuple(made))
    if cash is not None:
        st.caption(plain(f"What is received, spent and left is that of {party_name(contract, cash.party)}."))
    for name, one in made.items():
        said = [paid_sentence(one)]
        if one.cash is not None:
            said += cash_sentences(contract, one.cash)
        st.markdown(f"**{name}.** {plain(' '.join(said))}")


class Shown(NamedTuple):
    """A chart as the browser is given it.

    Attributes:
        title: above it.
        spec: in the language of Vega-Lite.
        says: what it shows, in words.
    """

    title: str
    spec: dict[str, Any]
    says: str


def names_of(made: dict[str, Outcome]) -> list[str]:
    """Return which charts there are, by the names of their files: of nothing there is none."""
    paid = any(payment.amount for one in made.values() for payment in one.account.payments)
    cash = any(one.cash is not None for one in made.values())
    return [*(["payments-by-fiscal-year", "payments-by-month"] if paid else []), *(["cash-by-month"] if cash else [])]


def charts_of(contract: Contract, made: dict[str, Outcome]) -> dict[str, Drawn]:
    """Draw payments and cash as charts, by the name of their file."""
    accounts = {name: one.account for name, one in made.items()}
    main = EXPECTED if EXPECTED in accounts else next(iter(accounts))
    charts: dict[str, Drawn] = {}
    for name in names_of(made):
        if name == "cash-by-month":
            cash = {case: one.cash for case, one in made.items() if one.cash is not None}
            whose = party_name(contract, next(iter(cash.values())).party)
            points = {case: cash_points(one) for case, one in cash.items()}
            charts[name] = cash_lines(points, contract.money, whose)
        else:
            by_month = name == "payments-by-month"
            charts[name] = payments_by(accounts[main], by="month") if by_month else side_by_side(accounts)
    return charts


@st.cache_data(show_spinner=False, max_entries=50)
def _shown(key: str, _contract: Contract, _made: dict[str, Outcome]) -> list[Shown]:
    """Make charts ready for the browser, which takes longer than all the payments, once for the same cases."""
    titles = {"payments-by-month": f"Payments by month, {next(iter({EXPECTED} & set(_made)), 'as reported').lower()}"}
    return [
        Shown(
            titles.get(name, name.replace("-", " ").capitalize()),
            fitted(one).to_dict(),
            one.says,
        )
        for name, one in charts_of(_contract, _made).items()
    ]


def draw_charts(contract: Contract, key: str, plan: Plan | None, made: dict[str, Outcome]) -> None:
    """Draw payments and cash, each with its text."""
    # the payments themselves, so that nobody is ever shown what somebody else's claims came to
    paid = {name: [(*p[:6], p.due, p.amount) for p in one.account.payments] for name, one in made.items()}
    same = hashlib.sha256(repr((key, plan, paid)).encode()).hexdigest()
    for one in _shown(same, contract, made):
        st.subheader(one.title)
        st.vega_lite_chart(spec=one.spec, theme=None, width="stretch")
        st.markdown(plain(one.says))
    if st.toggle("Show payments and cash by month as tables"):
        for name, case in made.items():
            drawn(payments_table(case), f"Payments by month, {name.lower()}")
            if case.cash is not None:
                drawn(cash_table(contract, case.cash), f"Cash by month, {name.lower()}")


def drawn(whole: Table, what: str, right: Sequence[str] = ()) -> None:
    """Draw a table as it is taken away."""
    table(whole.columns, whole.rows, right=right or [whole.columns[place] for place in whole.right], what=what)


@st.cache_data(show_spinner="Looking for the break-even", max_entries=100)
def _found(
    key: str, results: tuple[Result, ...], plan: Plan, metrics: tuple[str, ...], _contract: Contract
) -> dict[str, BreakEven]:
    """Find the break-even once for the same contract, results and plan."""
    return break_even(_contract, results, plan, metrics)


def draw_break_even(contract: Contract, key: str, look: Look, plan: Plan, changes: Sequence[str]) -> None:
    """Say from which share of the expected performance on costs are covered, and the cash lasts."""
    st.subheader("Break-even")
    cash = look.made.cash if look.made is not None else None
    if not changes:
        st.write("It cannot be found where nothing changes with the number of people.")
        return
    if cash is None or not int(cash.costs[0]):
        st.write("Type the costs under Cash, to find the break-even.")
        return
    try:
        found = _found(key, look.results, plan, tuple(changes), contract)
    except Refused as refused:
        show(with_hint(refused))
        return
    for sentence in break_even_sentences(contract, found, look.results, Case(Fraction(1), 0, frozenset(changes))):
        st.markdown(plain(sentence))


def draw_why(contract: Contract, kept: Kept, made: dict[str, Outcome]) -> None:
    """Draw a choice of a payment, and why it is what it is."""
    st.subheader("Why is this line what it is?")
    name = _chosen("case", "Case", kept, list(made), EXPECTED)
    account = made[name].account
    payments = {line_name(contract, one): one for one in account.payments}
    if not payments:
        st.write("Nothing is due on these results, so there is no line to explain.")
        return
    show_money = contract.money.show
    line = _chosen("line", "Line", kept, list(payments), shown=lambda one: f"{one}: {show_money(payments[one].amount)}")
    explain(contract, payments[line])


def _chosen(
    query: str,
    label: str,
    kept: Kept,
    options: list[str],
    usual: str | None = None,
    shown: Callable[[str], str] = str,
) -> str:
    """Draw a choice that stands in the address, too; the address decides where it was changed by itself."""
    name = f"why {query}"
    asked, seen = st.query_params.get(query), f"{kept.place}/{name} in the address"
    if asked in options and st.session_state.get(seen) != asked:
        st.session_state[f"{kept.place}/{name}"] = asked
    said = kept.choice(label, name, options, usual, format_func=shown) or options[0]
    st.session_state[seen] = st.query_params[query] = said
    return said
