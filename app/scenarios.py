"""The page Scenarios: what is paid, when, and whether the cash lasts, if it goes well or badly."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from app.forecasts.cash_plan import plan_of
from app.forecasts.files import take, take_blank
from app.forecasts.performance import as_kept, edited, fingerprint, from_kept, kept_grid
from app.forecasts.results import (
    BEST,
    EXPECTED,
    WORST,
    Look,
    draw_break_even,
    draw_cases,
    draw_charts,
    draw_why,
    refused_looks,
)
from app.parts.begun import begun
from app.parts.chosen import Chosen, choose
from app.parts.kept import Kept
from app.parts.places import head
from app.parts.told import plain, show
from app.parts.told import spoken as without_commands
from payfs.claims.table import Claims
from payfs.contract import Contract
from payfs.forecast import (
    Grid,
    Plan,
    Unfunded,
    assuming,
    claims_only,
    counted,
    from_claims,
    grid_of,
    outcome,
    reached,
    read_case,
    read_grid,
    read_upload,
    scaled_unless_chosen,
    to_assume,
)
from payfs.report.forecast_text import WHOLE_COUNTS, case_sentences, claims_sentences, unfunded_sentences
from payfs.report.gaps_text import unknown_terms
from payfs.report.phrases import counted as number_of
from payfs.report.phrases import listed
from payfs.spec import spoken
from payfs.text import Path, Refused, dotted

EMPTY = "an empty grid"
REPLACED = "grid before"
"""Under what the grid is kept that another took the place of."""
USUAL = {WORST: ("75%", "3"), BEST: ("110%", "0")}
KINDS = ["csv", "xlsx", "yaml", "yml"]


def page() -> None:
    """Draw the page."""
    head("scenarios")
    chosen = choose()
    written = chosen.sound()
    kept = Kept("scenarios", chosen.ref)
    tabs = st.tabs(["Performance", "Worst and best", "Cash", "What is not known"], key="part", bind="query-params")
    with tabs[2]:
        plan = plan_of(written, kept)
        plan = None if plan is not None and plan.empty else plan
    with tabs[3]:
        contract = _assumed(written, kept, plan is not None and plan.stack)
    if contract is None:
        return
    with tabs[0]:
        claims: Claims | None = st.session_state.get(f"claims {chosen.ref}")
        grid = _expected(contract, written, kept, chosen, claims)
    with tabs[1]:
        cases = _cases(contract, kept, grid, claims)
    st.header("What it comes to")
    looks = {name: _look(contract, name, one, plan, claims) for name, one in cases.items()}
    unfunded = next((look.refused for look in looks.values() if isinstance(look.refused, Unfunded)), None)
    if plan is not None and unfunded is not None:
        st.warning(plain(without_commands(" ".join(unfunded_sentences(contract, unfunded)))))
        plan = plan._replace(stack=False)
        plan = None if plan.empty else plan
        looks = {name: _look(contract, name, one, plan, claims) for name, one in cases.items()}
    refused_looks(list(looks.values()))
    made = {name: look.made for name, look in looks.items() if look.made is not None}
    if not made:
        return
    draw_cases(contract, made)
    if len(cases) > 1 and not _changes(contract, kept):
        st.write("The three cases are alike until you choose, under Worst and best, what changes in them.")
    assumed = {dotted(path): kept.get(f"assumed {dotted(path)}") for path in to_assume(written)}
    key = json.dumps([chosen.text, assumed])
    if plan is None:
        st.write("Type what is there at the beginning, and the costs, under Cash, to see whether the cash lasts.")
    elif not (plan.costs or plan.stack):
        st.write("No costs are typed yet under Cash, so the cash is told as if there were none.")
    elif len(cases) > 1 and EXPECTED in made:
        draw_break_even(contract, key, looks[EXPECTED], plan, _changes(contract, kept))
    draw_charts(contract, key, plan, made)
    draw_why(contract, kept, made)
    take(contract, chosen.name, grid, made)


def _assumed(contract: Contract, kept: Kept, stack: bool) -> Contract | None:
    """Draw a field for each figure and day that the contract does not say, and lay what is typed over it."""
    paths = [path for path in to_assume(contract) if stack or path[0] != "capital"]
    if not paths:
        st.write("The contract says everything that its payments depend on.")
        return contract
    st.write(
        "The contract leaves these unknown. Whatever depends on one cannot be worked out until you say what to take it "
        "to be. What you type here changes no contract."
    )
    words = {dotted(path): said for path, said in unknown_terms(contract)}
    taken: dict[Path, str] = {}
    for path in paths:
        said = words.get(dotted(path), dotted(path))
        taken[path] = kept.text(
            plain(f"{said[:1].upper()}{said[1:]}"),
            f"assumed {dotted(path)}",
            placeholder="2027-09-30, or 30 days after the period" if path[-1] == "paid" else "",
        )
    try:
        return assuming(contract, taken)
    except Refused as refused:
        show(refused, "What is assumed cannot be:")
        return None


def _expected(contract: Contract, written: Contract, kept: Kept, chosen: Chosen, claims: Claims | None) -> Grid:
    """Draw the grid of what is expected, and from what it can begin; what claims give is no part of it."""
    _claims_told(contract, kept, chosen, claims)
    aside = from_claims(contract, claims) if claims is not None else ()
    at_hand = begun(chosen, written)
    first = grid_of(contract)
    if at_hand:
        first = grid_of(written, next(iter(at_hand.values())))
    whole = kept_grid(contract, kept, "grid", first)
    drawn = whole.without(aside)
    if not drawn.rows:
        kept.stood("grid", as_kept(dict(whole.cells)))
        _upload(contract, kept, chosen)
        return drawn
    choice, button = st.columns([3, 1], vertical_alignment="bottom")
    with choice:
        begin = kept.choice("Begin from", "begin", [*at_hand, EMPTY])
    start = grid_of(written, at_hand[begin]) if begin in at_hand else grid_of(contract)
    with button:
        st.button("Fill the grid", on_click=_replace, args=(kept, start), width="stretch")
    st.write("What is expected in each period. A cell that is left empty is not reported.")
    version = st.session_state.get(f"{kept.place} version", 0)
    key = f"{kept.place} expected {version}"
    grid = whole.overlaid(drawn.changes_to(edited(contract, drawn, key, "What is expected in each period")))
    stands = dict(grid.cells)
    before = from_kept(kept.stood("grid", as_kept(stands)))
    typed = {place: text for place, text in stands.items() if before.get(place, "") != text}
    if kept.elsewhere("grid") and from_kept(kept.get("grid")) != stands:
        # another window changed it: what was typed in this one is laid over that
        _fill(kept, kept_grid(contract, kept, "grid", first).overlaid(typed))
        st.rerun()
    if typed:
        kept.put("grid", as_kept(stands))
        kept.elsewhere("grid")
    if kept.get(REPLACED) is not None and from_kept(kept.get(REPLACED)) != stands:
        st.button("Put back what stood in the grid before", on_click=_replace, args=(kept, _replaced(contract, kept)))
    bare = [name for name in counted(contract) if not any(row.metric == name for row, _ in grid.cells)]
    if bare := [name for name in bare if name not in aside]:
        st.write(f"Nothing is typed for {plain(listed(map(spoken, bare)))}: what depends on it is not paid.")
    _upload(contract, kept, chosen)
    return grid.without(aside)


def _fill(kept: Kept, grid: Grid) -> None:
    """Let the grid begin anew."""
    kept.put("grid", as_kept(dict(grid.cells)))
    kept.elsewhere("grid")
    kept.stood("grid", as_kept(dict(grid.cells)))
    _draw_anew(kept)


def _draw_anew(kept: Kept) -> None:
    """Let the grid be drawn from what is kept, without what was edited in the one that was drawn before."""
    st.session_state[f"{kept.place} version"] = st.session_state.get(f"{kept.place} version", 0) + 1


def _replace(kept: Kept, grid: Grid) -> None:
    """Let the grid begin anew, and keep what stood in it, so that it can be put back."""
    stood = kept.stood("grid", as_kept(dict(grid.cells)))
    if from_kept(stood) != grid.cells:
        kept.put(REPLACED, stood)
    _fill(kept, grid)


def _replaced(contract: Contract, kept: Kept) -> Grid:
    return kept_grid(contract, kept, REPLACED, grid_of(contract))


def _claims_told(contract: Contract, kept: Kept, chosen: Chosen, claims: Claims | None) -> None:
    """Say what only claims decide, and what an uploaded claims file stands for."""
    only = claims_only(contract)

    def put_away() -> None:
        st.session_state.pop(f"claims {chosen.ref}", None)
        _draw_anew(kept)

    if claims is not None:
        which = plain(" ".join(claims_sentences(contract, claims)))
        st.info(
            f"The claims file {plain(claims.file)} is used. {which} It is "
            "about single people, so it is not kept: after a refresh, upload it again. It cannot be scaled or delayed, "
            "because nobody knows which people would be missing; there is one case, as the file has it."
        )
        st.button("Put the claims file away", on_click=put_away)
    elif only:
        names = ", ".join(plain(spoken(name)) for name in only[:8]) + (" and others" if len(only) > 8 else "")
        st.info(
            f"What is paid for {names} is decided for each person, so it needs a claims file, with a row for each "
            "person and outcome (person, outcome, date). It cannot be worked out from numbers of people, and cases "
            "that are scaled or late are not possible for it."
        )


def _upload(contract: Contract, kept: Kept, chosen: Chosen) -> None:
    """Draw the field for a file, and read it; nothing of a bad one is kept."""
    place = f"upload {chosen.ref}"
    number = st.session_state.get(f"{place} number", 0)
    file = st.file_uploader(
        "Or upload results or claims (Excel, CSV or YAML)",
        type=KINDS,
        key=f"{place} {number}",
        help="Results: metric, cohort, period, value; or a grid with the periods across or down, such as the blank "
        "file. Claims: person, outcome, date. What a file of results says takes the place of all that stands in the "
        "grid, which can be put back.",
    )
    if counted(contract):
        take_blank(contract, chosen.name)
    if said := st.session_state.pop(f"{place} said", None):
        st.success(said)
    if file is None:
        return
    try:
        read = read_upload(contract, file.name, file.getvalue())
    except Refused as refused:
        show(refused, f"Nothing of {plain(file.name)} was taken:")
        return
    if read.claims is not None:
        st.session_state[f"claims {chosen.ref}"] = read.claims
        _draw_anew(kept)
        st.session_state[f"{place} said"] = f"{plain(file.name)} was read: {number_of(len(read.claims), 'claim')}."
    elif not read.results:
        st.error(f"Nothing of {plain(file.name)} was taken: it has no results; write a row for each of them.")
        return
    else:
        _replace(kept, grid_of(contract, read.results))
        st.session_state[f"{place} said"] = f"{plain(file.name)} was read: {number_of(len(read.results), 'result')}."
    st.session_state[f"{place} number"] = number + 1
    st.rerun()


def _changes(contract: Contract, kept: Kept) -> list[str]:
    """Return the metrics that cases change."""
    usual = scaled_unless_chosen(contract)
    there = counted(contract)
    chosen = kept.get("changes")
    return [name for name in there if name in (usual if chosen is None else chosen)]


def _cases(contract: Contract, kept: Kept, grid: Grid, claims: Claims | None) -> dict[str, _Typed]:
    """Draw how the worst and the best case differ from what is expected, and return all three."""
    expected = _Typed(grid, None)
    if claims is not None or not counted(contract):
        st.write("What is paid here is decided for each person, so there is one case, which is not scaled or delayed.")
        return {EXPECTED: expected}
    names = kept.several(
        "What changes with the number of people",
        "changes",
        list(counted(contract)),
        _changes(contract, kept),
        format_func=lambda name: name.replace("_", " "),
        help="Counts, days and sums are scaled and delayed. A percentage says how good results are, not how many: "
        "choose it only if it changes, too.",
    )
    st.caption(plain(WHOLE_COUNTS))
    found = {}
    for name, (share, late) in USUAL.items():
        st.subheader(name)
        one, other = st.columns(2)
        with one:
            said = kept.text("Reached of what is expected", f"{name} share", share, help="75%, 3/4 or 60 of 80")
        with other:
            months = kept.text("Months late", f"{name} months", late)
        found[name] = _case(contract, kept, name, grid, said, months, names)
    return {WORST: found[WORST], EXPECTED: expected, BEST: found[BEST]}


class _Typed(NamedTuple):
    """A case as typed.

    Attributes:
        grid: its performance; None where it cannot be.
        refused: why not.
    """

    grid: Grid | None
    refused: Refused | None


def _case(
    contract: Contract, kept: Kept, name: str, grid: Grid, share: str, months: str, names: Sequence[str]
) -> _Typed:
    """Draw one case: what it changes, and its own grid, which may be edited cell by cell."""
    try:
        case = read_case(share, months, names)
        made = reached(contract, read_grid(contract, grid), case)
    except Refused as refused:
        show(refused)
        return _Typed(None, refused)
    for sentence in case_sentences(contract, case, made):
        st.markdown(plain(sentence))
    derived = grid_of(contract, made.results)
    own = from_kept(kept.get(f"own {name}"))
    with st.expander(f"{name} case, period by period"):
        version = st.session_state.get(f"{kept.place} {name} version", 0)
        key = f"{kept.place} {name} {version} {fingerprint(derived)}"
        there = {place: text for place, text in own.items() if place[0] in derived.rows}
        result = edited(contract, derived.overlaid(there), key, f"Performance by period in the case {name}")
        mine = derived.changes_to(result)
        if from_kept(kept.stood(f"own {name}", as_kept(mine))) != mine:
            kept.put(f"own {name}", as_kept(mine))
        if mine:
            figures = "1 figure is" if len(mine) == 1 else f"{len(mine)} figures are"
            st.markdown(f"{figures} your own here, and not worked out.")
            st.button("Work all of them out again", key=f"{key} again", on_click=_derive, args=(kept, name))
    return _Typed(result, None)


def _derive(kept: Kept, name: str) -> None:
    """Let a case be worked out, with no figure of one's own."""
    kept.put(f"own {name}", [])
    st.session_state[f"{kept.place} {name} version"] = st.session_state.get(f"{kept.place} {name} version", 0) + 1


def _look(contract: Contract, name: str, case: _Typed, plan: Plan | None, claims: Claims | None) -> Look:
    """Work out what a case comes to."""
    if case.grid is None:
        return Look(name, (), None, case.refused)
    try:
        results = read_grid(contract, case.grid)
        return Look(name, results, outcome(contract, results, plan, claims), None)
    except Refused as refused:
        return Look(name, (), None, refused)
