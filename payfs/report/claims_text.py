"""What became of claims, as text; a person's id is written only if it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from payfs.claims.fates import Fate, Fates
from payfs.claims.reasons import Reason
from payfs.payments import Account
from payfs.report.lines import wrapped
from payfs.terms.sums import written_share


def fates_lines(fates: Fates) -> list[str]:
    """Say how many claims were paid, cut and refused, by reason."""
    rows = [("paid", fates.paid)]
    rows += [(f"cut by the limit {limit}", number) for limit, number in fates.cut.items()]
    if fates.towards:
        rows.append(("count, with nothing due for them alone", fates.towards))
    rows += [(f"refused: {why}", number) for why, number in fates.refused.items()]
    if fates.events:
        rows.append(("only bear on others", fates.events))
    if fates.withdrawn:
        rows.append(("withdrawn", fates.withdrawn))
    wide = max(len(words) for words, _ in rows)
    long = max(len(f"{number:,}") for _, number in rows)
    return ["Claims", *(f"  {words:<{wide}}  {number:>{long},}" for words, number in rows)]


def fate_lines(fate: Fate, account: Account, show_people: bool = False) -> list[str]:
    """Say why one claim was paid, paid in part or refused, by clause."""
    contract = account.contract
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
            most = contract.spec.limits[limit].most
            of = f" of {contract.money.rate(most.flat)}" if most and isinstance(most.flat, Fraction) else ""
            beyond = f"{show(before - left)} of it beyond the limit '{limit}'{of} for one person"
            said = beyond if left < before else f"within the limit '{limit}'{of} for one person"
            lines += wrapped(f"{said}: {show(left)}{f' [{own}]' if own else ''}", "    ")
            before = left
        lines += _after(share.rule, fate, account)
    for name in fate.rules:
        rule = contract.rule(name)
        clause = f" [{rule.clause}]" if rule.clause else ""
        part = f", for {rule.pays_for}, whichever they are" if rule.pays_for is not None else ""
        lines += wrapped(f"{name}: paid for with all others that count{part}{clause}", "  ")
        lines += _after(name, fate, account)
    return lines


def _after(name: str, fate: Fate, account: Account) -> Iterator[str]:
    """Say what is done to a rule's claims together after each of them was decided."""
    contract = account.contract
    rule = contract.rule(name)
    if fate.place is None:
        return
    period = contract.periods[fate.place[1]].name
    cut = account.cut_from(name, fate.place)
    if cut:
        what = f"after that, limits on all claims together cut {contract.money.show(cut)} from this rule in {period}"
        yield from wrapped(f"{what}; payfs explain --rule says which", "    ")
    if rule.gate is not None:
        yield from wrapped("after that, a gate decides whether the rule pays at all", "    ")
    if rule.holdback is not None:
        share = written_share(rule.holdback.share)
        yield from wrapped(f"after that, {share} of what the rule comes to is held back", "    ")


def _verdict(fate: Fate, show: Callable[[int], str]) -> str:
    """Say in a few words what became of a claim."""
    if fate.withdrawn:
        return "Withdrawn, or not reported yet: nothing is due for it."
    if not fate.decisions:
        return "Not paid for itself: it bears on other claims of the person."
    if fate.shares:
        due, left = sum(share.due for share in fate.shares), sum(share.left for share in fate.shares)
        if left == due:
            return f"Due in full: {show(left)}."
        return f"Due in part: {show(left)} of {show(due)}." if left else f"Cut: nothing of {show(due)} is due."
    if fate.rules:
        return "Counted, and paid for by number."
    if any(units for _, units in fate.decisions):
        return "Counted; no rule pays for it by itself."
    if any(decision.reason in (Reason.BUILDING, Reason.GATE) for decision, _ in fate.decisions):
        return "Nothing is due for it by itself: it counts towards later ones."
    return "Refused."
