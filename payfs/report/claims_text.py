"""What became of claims, as text; a person's id is written only if it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from payfs.claims.fates import IN_PART, Fate, Fates, Share
from payfs.claims.reasons import Reason
from payfs.payments import Account
from payfs.report.lines import wrapped
from payfs.report.phrases import listed
from payfs.spec import Figure, decimal


def fates_lines(fates: Fates) -> list[str]:
    """Say how many claims were paid, cut and refused, by reason."""
    rows = [("paid", fates.paid)]
    for limit, number in fates.cut.items():
        rows.append((f"cut: {limit}" if limit == IN_PART else f"cut by the limit {limit}", number))
    if fates.towards:
        rows.append(("count, with nothing due for them alone", fates.towards))
    rows += [(f"refused: {why}", number) for why, number in fates.refused.items()]
    for words, number in (
        ("only bear on others", fates.events),
        ("withdrawn", fates.withdrawn),
        ("not reported yet", fates.unreported),
    ):
        rows += [(words, number)] if number else []
    wide = max(len(words) for words, _ in rows)
    long = max(len(f"{number:,}") for _, number in rows)
    return ["Claims", *(f"  {words:<{wide}}  {number:>{long},}" for words, number in rows)]


def together(account: Account, name: str) -> list[str]:
    """Name what is done to all claims of a rule together, after each of them was decided."""
    contract, rule = account.contract, account.contract.rule(name)
    limits = contract.spec.limits
    mine = [key for key, limit in limits.items() if "person" not in limit.per and name in (limit.rules or (name,))]
    said = [
        (f"only {rule.pays_for} are paid for, whichever they are", rule.pays_for is not None),
        ("only what passes the baseline is paid for", rule.baseline is not None),
        ("a limit on units", rule.most_units is not None),
        ("the gate", rule.gate is not None),
        ("the share that is paid", rule.share is not None),
        ("the rule's own limit", rule.most is not None),
        ("the holdback", rule.holdback is not None),
        (f"the limit{'s' if len(mine) > 1 else ''} {listed(repr(key) for key in mine)}", bool(mine)),
    ]
    return [words for words, there in said if there]


def fate_lines(fate: Fate, account: Account, show_people: bool = False) -> list[str]:
    """Say why one claim was paid, paid in part or refused, by clause."""
    contract = account.contract
    show = contract.money.show
    cohort = f", {fate.cohort}" if contract.spec.population.cohorts else ""
    who = f", person {fate.person}" if show_people else ""
    units = f", {fate.units:,} units" if fate.units != 1 else ""
    lines = [f"Row {fate.row}: {fate.outcome}, {fate.day}{cohort}{who}{units}"]
    lines += wrapped(_verdict(fate, account), "  ")
    told = [decision for decision in fate.decisions if decision.reason is not Reason.WHERE] or fate.decisions
    for decision in told:
        clause = f" [{decision.clause}]" if decision.clause else ""
        part = decision.reason is Reason.COUNTED and decision.units != decision.of and fate.units == decision.of
        number = f": {decision.units:,} of {decision.of:,}" if part else ""
        lines += wrapped(f"{decision.metric}: {decision.sentence}{number}{clause}", "  ")
    for share in fate.shares:
        clause = contract.rule(share.rule).clause or ""
        done = "taken back" if contract.rule(share.rule).returned else "due"
        lines += wrapped(f"{share.rule}: {show(share.due)} {done}{f' [{clause}]' if clause else ''}", "  ")
        lines += _limits(share, account)
        lines += _after(share.rule, fate, account)
    for name in fate.rules:
        clause = f" [{own}]" if (own := contract.rule(name).clause) else ""
        done = "taken back" if contract.rule(name).returned else "paid for"
        lines += wrapped(f"{name}: {done} with all others that count{clause}", "  ")
        lines += _after(name, fate, account)
    if fate.history:
        lines += ["  As it was known by the end of:", *(f"    {period}: {said}" for period, said in fate.history)]
    return lines


def _limits(share: Share, account: Account) -> Iterator[str]:
    """Say what each limit for one person left of a claim, and how much of it had been used."""
    show, before = account.contract.money.show, share.due
    for name, left, used in share.after:
        limit = account.contract.spec.limits[name]
        clause = f" [{limit.clause}]" if limit.clause else ""
        of, spent = "", ""
        if isinstance(limit.most_units, Figure):
            of, spent = f" of {decimal(limit.most_units.value)} units", f"{used:,}"
        elif limit.most and isinstance(limit.most.flat, Fraction):
            of, spent = f" of {account.contract.money.rate(limit.most.flat)}", show(used)
        where = f"the limit '{name}'{of} for one person, of which {spent} had been used"
        said = f"{show(before - left)} of it beyond {where}" if left < before else f"within {where}"
        yield from wrapped(f"{said}: {show(left)}{clause}", "    ")
        before = left


def _after(name: str, fate: Fate, account: Account) -> Iterator[str]:
    """Say what is done to a rule's claims together after each of them was decided."""
    what = together(account, name)
    if fate.place is None or not what:
        return
    period = account.contract.periods[fate.place[1]].name
    cut = account.cut_from(name, fate.place)
    much = f" Limits cut {account.contract.money.show(cut)} from all of them in {period}." if cut else ""
    yield from wrapped(
        f"After that, for all its claims together: {listed(what)}.{much} payfs explain --rule says what it came to.",
        "    ",
    )


def _verdict(fate: Fate, account: Account) -> str:
    """Say in a few words what became of a claim."""
    contract, show = account.contract, account.contract.money.show
    if fate.standing == "not reported":
        return "Not reported by then: nothing is due for it yet."
    if fate.standing == "withdrawn":
        return "Withdrawn: nothing is due for it any more."
    if not fate.decisions:
        return "Not paid for itself: it bears on other claims of the person."
    counts = [decision for decision in fate.decisions if decision.units]
    part = next((f", for {d.units:,} of {d.of:,}" for d in counts if d.units < d.of), "")
    by_number = [name for name in fate.rules if not contract.rule(name).returned]
    shares = [share for share in fate.shares if not contract.rule(share.rule).returned]
    back = [name for name in (*fate.rules, *(s.rule for s in fate.shares)) if contract.rule(name).returned]
    also = " Another rule pays for it by number." if by_number and shares else ""
    also += " Another rule takes money back for it." if back and (by_number or shares) else ""
    if shares:
        due, left = sum(share.due for share in shares), sum(share.left for share in shares)
        if left == due:
            return f"Due in {'part' if part else 'full'}: {show(left)}{part}.{also}"
        return (f"Due in part: {show(left)} of {show(due)}." if left else f"Cut: nothing of {show(due)} is due.") + also
    if by_number:
        return f"Counted, and paid for by number{part}.{also}"
    if back:
        amount = sum(share.left for share in fate.shares)
        return f"Taken back: {show(amount)}." if amount else f"Counted, and taken back by number{part}."
    if counts:
        return "Counted; no rule pays for it by itself."
    if any(decision.reason in (Reason.BUILDING, Reason.GATE) for decision in fate.decisions):
        return "Nothing is due for it by itself: it counts towards later ones."
    return "Refused."
