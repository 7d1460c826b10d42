"""What became of claims, as text; a person's id is written only if it is asked for."""

from __future__ import annotations

from collections.abc import Callable

from payfs.claims.fates import Fate, Fates
from payfs.claims.reasons import Reason
from payfs.contract import Contract
from payfs.report.lines import wrapped


def fates_lines(fates: Fates) -> list[str]:
    """Say how many claims were paid, cut and refused, by reason."""
    rows = [("paid", fates.paid)]
    rows += [(f"cut by the limit {limit}", number) for limit, number in fates.cut.items()]
    if fates.towards:
        rows.append(("count towards later ones", fates.towards))
    rows += [(f"refused: {why}", number) for why, number in fates.refused.items()]
    if fates.events:
        rows.append(("only bear on others", fates.events))
    if fates.withdrawn:
        rows.append(("withdrawn", fates.withdrawn))
    wide = max(len(words) for words, _ in rows)
    long = max(len(f"{number:,}") for _, number in rows)
    return ["Claims", *(f"  {words:<{wide}}  {number:>{long},}" for words, number in rows)]


def fate_lines(fate: Fate, contract: Contract, show_people: bool = False) -> list[str]:
    """Say why one claim was paid, paid in part or refused, by clause."""
    show = contract.money.show
    cohort = f", {fate.cohort}" if contract.spec.population.cohorts else ""
    who = f", person {fate.person}" if show_people else ""
    units = f", {fate.units:,} units" if fate.units != 1 else ""
    lines = [f"Row {fate.row}: {fate.outcome}, {fate.day}{cohort}{who}{units}"]
    lines += wrapped(_verdict(fate, show), "  ")
    for decision, counted in fate.decisions:
        clause = f" [{decision.clause}]" if decision.clause else ""
        number = f": {counted:,} of {fate.units:,}" if decision.reason is Reason.COUNTED and fate.units != 1 else ""
        lines += wrapped(f"{decision.metric}: {decision.sentence}{number}{clause}", "  ")
    for share in fate.shares:
        clause = contract.rule(share.rule).clause or ""
        lines += wrapped(f"{share.rule}: {show(share.due)} due{f' [{clause}]' if clause else ''}", "  ")
        before = share.due
        for limit, left in share.after:
            own = contract.spec.limits[limit].clause
            beyond = f"{show(before - left)} of it beyond the limit {limit}"
            said = beyond if left < before else f"within the limit {limit}"
            lines += wrapped(f"{said}: {show(left)}{f' [{own}]' if own else ''}", "    ")
            before = left
    for name in fate.rules:
        rule = contract.rule(name)
        clause = f" [{rule.clause}]" if rule.clause else ""
        part = f", for {rule.pays_for}, whichever they are" if rule.pays_for is not None else ""
        lines += wrapped(f"{name}: paid for with all others that count{part}{clause}", "  ")
    return lines


def _verdict(fate: Fate, show: Callable[[int], str]) -> str:
    """Say in a few words what became of a claim."""
    if fate.withdrawn:
        return "Withdrawn, or not reported yet: nothing is due for it."
    if not fate.decisions:
        return "Not paid for itself: it bears on other claims of the person."
    if fate.shares:
        due, left = sum(share.due for share in fate.shares), sum(share.left for share in fate.shares)
        if left == due:
            return f"Paid in full: {show(left)}."
        return f"Paid in part: {show(left)} of {show(due)}." if left else f"Cut: nothing of {show(due)} is paid."
    if fate.rules:
        return "Counted, and paid for by number."
    if any(units for _, units in fate.decisions):
        return "Counted; no rule pays for it by itself."
    if any(decision.reason in (Reason.BUILDING, Reason.GATE) for decision, _ in fate.decisions):
        return "Nothing is due for it by itself: it counts towards later ones."
    return "Refused."
