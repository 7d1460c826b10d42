"""Adding to a draft by form: rules, limits, tranches, metrics and parties, each as lines of the text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import streamlit as st

from app.drafts.example import draw_example, make_example
from app.drafts.form import Form
from app.drafts.text import Drafted, said, say
from app.parts.kept import Kept
from app.parts.told import plain, show
from payfs.capital.dates import DayCount
from payfs.capital.written import Kind
from payfs.contract.written import Role
from payfs.drafting.draft import Draft
from payfs.drafting.forms import Drawn, How, NewLimit, NewMetric, NewParty, NewRule, NewTranche, Step
from payfs.drafting.insert import insert_limit, insert_metric, insert_party, insert_rule, insert_tranche
from payfs.drafting.lines import Added
from payfs.text import Finding, Refused, read_yaml

RULE, LIMIT, TRANCHE, METRIC, PARTY = "Payment rule", "Limit", "Tranche", "Metric", "Party"
EXAMPLE = "Worked example"
HOWS: dict[str, How] = {
    "A price for every outcome, day or unit": "price",
    "Tiers: one tier decides the whole amount (a cliff at each)": "tiers",
    "Bands: every unit at the price of its band": "bands",
    "An amount once a target is reached": "target",
    "A lump sum": "lump sum",
}
NEW, DEFAULT, NONE = "A new one", "As for the whole contract", "None"
SHARED, BY_DATE = "Several payers share it", "by date"
PER = ["period", "fiscal year", "year", "cohort", "rule", "person"]
MOST_STEPS = 12


def draw_forms(current: Drafted, draft: Draft) -> None:
    """Draw the choice of what is to be added, and its form."""
    kept = Kept("add", current.name)
    # no list that opens: it would close while the page moves, which it does where somebody adds one after another
    kind = kept.one_of("What to add", "kind", [RULE, LIMIT, TRANCHE, METRIC, PARTY, EXAMPLE])
    try:
        data = read_yaml(current.typed, "draft").data
    except Refused:
        st.info("The text cannot be read yet. Mend the findings beside it; then lines can be added to it by form.")
        return
    st.text(
        "What you fill in is written into the text as lines of its own. Nothing that stands there is changed or moved, "
        "and comments stay. Amounts are in the contract's currency, without its sign."
    )
    draw, make = FORMS[kind]
    form = Form(current.name, kind)
    draw(form, data)
    key = f"add said {current.name} {kind}"
    st.button(f"Add this {kind.lower()}", type="primary", on_click=_add, args=(current.name, kind, make, key))
    left: tuple[Finding, ...] = st.session_state.pop(key, ())
    show(left, "Nothing was added, because:")
    said("add", current.typed)


def _add(name: str, kind: str, make: Callable[[Form, str], Added], key: str) -> None:
    """Add what the form says; called when its button is pressed, before the text field is drawn."""
    current, form = Drafted(name), Form(name, kind)
    try:
        added = make(form, current.typed)
    except Refused as refused:
        st.session_state[key] = refused.findings
        say("add", "", "")  # what was added before is not what was asked for now
        return
    current.replace(added.text)
    form.clear()
    lines = f"line {added.first}" if added.first == added.last else f"lines {added.first} to {added.last}"
    say("add", current.typed, f'"{added.name}" now stands on {lines} of the text.')


def _names(data: Any, *path: str) -> list[str]:
    """Return the names under a part of the text."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return [str(name) for name in data] if isinstance(data, dict) else []


def _with_role(data: Any, *roles: str) -> list[str]:
    """Return the parties that have one of some roles."""
    parties = data.get("parties")
    found = []
    for name, party in parties.items() if isinstance(parties, dict) else ():
        role = party.get("role") if isinstance(party, dict) else None
        if set(role if isinstance(role, list) else [role]) & set(roles):
            found.append(str(name))
    return found


def _draw_rule(form: Form, data: Any) -> None:
    form.text("Name of the rule", "name", placeholder="jobs kept")
    how = HOWS.get(form.choice("How it pays", "how", list(HOWS)), "price")
    metrics = _names(data, "metrics")
    options = [*metrics, NEW] + ([NONE] if how == "lump sum" else [])
    metric = form.choice("Paid on the metric", "metric", options)
    if metric == NEW:
        _draw_metric_fields(form, data)
    if how == "price":
        one, two = st.columns(2)
        with one:
            form.text("Price", "price", placeholder="2900")
        with two:
            form.text("for every so many (1 if empty)", "per")
    elif how in ("tiers", "bands"):
        _draw_steps(form, how)
    else:
        one, two = st.columns(2)
        if how == "target":
            with one:
                form.text(
                    "Target", "target", "The level from which it is paid; where lower is better, up to which.", "60"
                )
        with two:
            form.text("Amount", "pays", placeholder="50000")
    form.text("Clause", "clause", "The place in the agreement that says it.", "Sch. 3 §2.1")
    form.text("What it is for", "what")
    form.text("Money, at most, in all", "most", "The rule's own limit. For one on units, add a limit.")
    with st.expander("Who pays, who is paid, and for which cohorts and periods"):
        payers = _with_role(data, "outcome payer")
        payer = form.choice("Payer", "payer", [DEFAULT, *payers, *([SHARED] if len(payers) > 1 else [])])
        if payer == SHARED:
            for party in payers:
                form.text(plain(f"Share of {party}"), f"share of {party}", placeholder="50%")
        form.choice("Payee", "payee", [DEFAULT, *[name for name in _names(data, "parties") if name not in payers]])
        if cohorts := _names(data, "population", "cohorts"):
            form.several("Cohorts", "cohorts", cohorts)
        form.several("Periods", "periods", _names(data, "periods"))


def _draw_steps(form: Form, how: str) -> None:
    """Draw the fields of tiers or bands, as many as are asked for."""
    word = "Tier" if how == "tiers" else "Band"
    number = int(form.choice(f"How many {how}", f"number of {how}", [str(n) for n in range(2, MOST_STEPS + 1)]) or 2)
    begins = "begins at" if how == "tiers" else "begins above"
    for place in range(number):
        with st.container(border=True):
            first = " (empty: open below)" if not place else ""
            columns = st.columns(3 if how == "tiers" else 2, vertical_alignment="bottom")
            with columns[0]:
                form.text(f"{word} {place + 1} {begins}{first}", f"{how} {place} start")
            if how == "tiers":
                with columns[1]:
                    form.text(f"{word} {place + 1} pays in all", f"{how} {place} pays")
                with columns[2]:
                    form.text(f"and for each unit above its start, {word.lower()} {place + 1}", f"{how} {place} plus")
            else:
                with columns[1]:
                    form.text(f"Price of a unit in band {place + 1}", f"{how} {place} price")


def _make_rule(form: Form, text: str) -> Added:
    data = read_yaml(text, "draft").data
    how = HOWS.get(form.read("how"), "price")
    number = int(form.read(f"number of {how}") or 0) if how in ("tiers", "bands") else 0
    steps = tuple(
        Step(*(form.read(f"{how} {place} {part}") for part in ("start", "pays", "price", "plus")))
        for place in range(number)
    )
    metric = form.chosen("metric", NONE)
    shares = [(party, form.read(f"share of {party}")) for party in _with_role(data, "outcome payer")]
    rule = NewRule(
        name=form.read("name"),
        how=how,
        metric=_new_metric(form) if metric == NEW else metric,
        price=form.read("price"),
        per=form.read("per"),
        steps=steps,
        target=form.read("target"),
        pays=form.read("pays"),
        clause=form.read("clause"),
        what=form.read("what"),
        most=form.read("most"),
        payer=form.chosen("payer", DEFAULT, SHARED),
        shares=tuple(pair for pair in shares if pair[1].strip()) if form.read("payer") == SHARED else (),
        payee=form.chosen("payee", DEFAULT),
        cohorts=form.list("cohorts"),
        periods=form.list("periods"),
    )
    return insert_rule(text, rule)


def _draw_metric(form: Form, data: Any) -> None:
    _draw_metric_fields(form, data)


def _draw_metric_fields(form: Form, data: Any) -> None:
    one, two = st.columns(2, vertical_alignment="bottom")
    with one:
        form.text("Name of the metric", "metric name", placeholder="jobs kept")
        form.text("Plural of the unit, if irregular", "plural", placeholder="people")
        form.choice("Which is better", "better", ["higher", "lower", "neither"])
    with two:
        form.text("Unit", "unit", "In the singular: job, day, child; % for a percentage, yes/no, or money.", "job")
        form.text("Finest step", "step", "1 if empty; for a percentage such as 0.1%.")
        form.choice("Each result", "reports", ["is for its period", "counts from the start again"])
    form.text("What is counted, exactly", "metric what")
    form.several("Measured in the periods", "measured", _names(data, "periods"))
    form.choice("Verified by", "verifier", [NONE, *_names(data, "parties")])


def _new_metric(form: Form) -> NewMetric:
    better = form.read("better")
    return NewMetric(
        name=form.read("metric name"),
        unit=form.read("unit"),
        what=form.read("metric what"),
        plural=form.read("plural"),
        step=form.read("step"),
        reports="to date" if form.read("reports").startswith("counts") else "",
        measured=form.list("measured"),
        better="" if better == "higher" else better,
        verifier=form.chosen("verifier", NONE),
    )


def _make_metric(form: Form, text: str) -> Added:
    return insert_metric(text, _new_metric(form))


def _draw_limit(form: Form, data: Any) -> None:
    form.text("Name of the limit", "name", placeholder="per year")
    one, two = st.columns(2, vertical_alignment="bottom")
    with one:
        form.text("Money, at most", "most", placeholder="2000000")
    with two:
        form.text("or units, at most", "most units", "Units of the one rule that is named below.")
    form.several("For each", "per", PER, "Nothing chosen: for all of the term together.")
    form.several("Rules", "rules", _names(data, "rules"))
    if cohorts := _names(data, "population", "cohorts"):
        form.several("Cohorts", "cohorts", cohorts)
    payers = _with_role(data, "outcome payer")
    form.choice("Of what this payer pays", "payer", ["All payers", *payers])
    if len(payers) > 1:
        form.choice("What passes it is taken over by", "then", [NONE, *payers])
    form.choice("What passes it is", "beyond", ["lost", "carried forward"])
    form.choice("Room that is not used is", "unused", ["lost", "carried forward"])
    form.text("Clause", "clause")
    form.text("What it is for", "what")


def _make_limit(form: Form, text: str) -> Added:
    limit = NewLimit(
        name=form.read("name"),
        most=form.read("most"),
        most_units=form.read("most units"),
        per=form.list("per"),
        rules=form.list("rules"),
        cohorts=form.list("cohorts"),
        payer=form.chosen("payer", "All payers"),
        then=form.chosen("then", NONE),
        beyond=form.chosen("beyond", "lost"),
        unused=form.chosen("unused", "lost"),
        clause=form.read("clause"),
        what=form.read("what"),
    )
    return insert_limit(text, limit)


def _draw_tranche(form: Form, data: Any) -> None:
    form.text("Name of the tranche", "name", placeholder="senior loan")
    one, two = st.columns(2, vertical_alignment="bottom")
    with one:
        form.choice("Class, which decides its priority", "kind", list(get_args(Kind)))
        form.text("Interest a year", "rate", "Empty: no interest.", "5%")
        form.choice("Interest is due", "due", ["as cash comes", "at maturity", "unknown"])
        draws = form.choice("It is drawn", "draws", ["unknown", "as needed", BY_DATE])
    with two:
        form.text("Amount", "commitment", "What its holder commits, or unknown.", "1500000")
        form.choice("Days of interest", "days", [*get_args(DayCount), "unknown"])
        form.choice("It is repaid", "repaid", ["as cash comes", "at maturity", "never"])
        form.text("It matures on", "matures", placeholder="2031-12-31")
    if draws == BY_DATE:
        _draw_draws(form)
    holder = form.choice(
        "Holder", "holder", list(dict.fromkeys([*_with_role(data, "investor"), NEW, *_names(data, "parties")]))
    )
    if holder == NEW:
        form.text("Name of the holder", "holder name")
    if pools := _names(data, "capital", "pools"):
        form.choice("Pool", "pool", pools)
    form.text("Clause", "clause")


def _draw_draws(form: Form) -> None:
    """Draw the fields of draws by date, as many as are asked for."""
    number = int(form.choice("How many draws", "number of draws", [str(n) for n in range(1, MOST_STEPS + 1)]) or 1)
    for place in range(number):
        one, two = st.columns(2, vertical_alignment="bottom")
        with one:
            form.text(f"Draw {place + 1} on", f"draw {place} on", placeholder="2027-01-31")
        with two:
            form.text(f"Amount of draw {place + 1}", f"draw {place} amount", placeholder="750000")


def _make_tranche(form: Form, text: str) -> Added:
    holder = form.read("holder")
    rate = form.read("rate")
    draws, repaid, due = form.read("draws"), form.read("repaid"), form.read("due")
    number = int(form.read("number of draws") or 1)
    tranche = NewTranche(
        name=form.read("name"),
        kind=form.read("kind"),
        commitment=form.read("commitment"),
        holder=NewParty("", form.read("holder name"), "investor") if holder == NEW else holder,
        rate=rate,
        days=form.read("days"),
        due="" if due == "as cash comes" else due,
        draws=tuple(Drawn(*(form.read(f"draw {place} {part}") for part in ("on", "amount"))) for place in range(number))
        if draws == BY_DATE
        else ("" if draws == "unknown" else draws),
        repaid="" if repaid == "as cash comes" else repaid,
        matures=form.read("matures"),
        pool=form.read("pool"),
        clause=form.read("clause"),
    )
    return insert_tranche(text, tranche)


def _draw_party(form: Form, data: Any) -> None:
    form.text("Short name, by which the contract names it", "name", placeholder="city")
    form.text("Name", "full name", placeholder="City and County of Denver")
    form.choice("Role", "role", list(get_args(Role)))
    form.text("Its fiscal year starts on", "fiscal year", "Empty: 1 January.", "1 July")


def _make_party(form: Form, text: str) -> Added:
    party = NewParty(form.read("name"), form.read("full name"), form.read("role"), form.read("fiscal year"))
    return insert_party(text, party)


FORMS: dict[str, tuple[Callable[[Form, Any], None], Callable[[Form, str], Added]]] = {
    RULE: (_draw_rule, _make_rule),
    LIMIT: (_draw_limit, _make_limit),
    TRANCHE: (_draw_tranche, _make_tranche),
    METRIC: (_draw_metric, _make_metric),
    PARTY: (_draw_party, _make_party),
    EXAMPLE: (draw_example, make_example),
}
