"""Who got the money, as text: sources and uses, cash by date and party, and the returns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np

from payfs.capital.flows import Flow
from payfs.capital.stack import EPOCH
from payfs.investment import Investment, Return
from payfs.report.lines import WIDTH, table, wrapped
from payfs.report.phrases import exact
from payfs.spec import Unknown

UNKNOWN = "not known"
USES = {
    "cost": "Costs",
    "interest": "Interest",
    "principal": "Principal repaid",
    "success": "Success payments",
    "surplus": "Shares of what was left",
    "handed on": "Handed on to holders",
    "guarantee": "Principal made up by guarantors",
    "guaranteed interest": "Interest made up by guarantors",
}


def returns_lines(made: Investment) -> Iterator[str]:
    """Write sources and uses, cash by date and party, and the returns."""
    yield from wrapped(made.contract.spec.title)
    yield f"Returns in {made.contract.money.code}"
    yield ""
    yield from _sources_and_uses(made)
    yield ""
    yield from _by_date(made)
    yield from _by_party(made)
    yield ""
    yield from _returns(made)
    provider = made.provider
    if provider is not None:
        name, balance, low, day = provider
        yield ""
        yield from wrapped(
            f"Cash of {_party(made, name)}: {made.contract.money.show(int(balance[-1, 0]))} in the end; the lowest is "
            f"{made.contract.money.show(int(low[0]))}, on {_day(int(day[0]))}."
        )


def _party(made: Investment, name: str) -> str:
    parties = made.contract.spec.parties
    return parties[name].name if name in parties else name


def _day(day: int) -> str:
    when = EPOCH + timedelta(days=day)
    return f"{when.day} {when.strftime('%B %Y')}"


def _sources_and_uses(made: Investment) -> Iterator[str]:
    show, flows = made.contract.money.show, made.flows
    spent = {name for flow in flows.flows if flow.kind == "draw" for name in (flow.target,) if name not in flows.kept}

    def total(*kinds: str) -> int:
        # what one pool hands to another is neither a source nor a use
        out = flows.total(lambda f: f.kind in kinds and not (f.source in flows.kept and f.target in flows.kept))
        return int(out.sum(axis=0)[0])

    sources = [(f"Drawn from {exact(name)}", int(state)) for name, state in _drawn(made)]
    gaps = [name for name, tranche in made.spec.tranches.items() if isinstance(tranche.commitment, Unknown)]
    into = flows.total(lambda flow: flow.kind == "payment" and (flow.target in flows.kept or flow.tranche is not None))
    sources.append(("Outcome payments that come in", int(into.sum(axis=0)[0])))
    owed = flows.total(lambda f: f.kind in ("interest", "principal", "success") and f.source not in flows.kept)
    sources += [("Paid by others who owe it", int(owed.sum()))] if owed.any() else []
    called = total("guarantee", "guaranteed interest")
    sources += [("Called from guarantors", called)] if called else []
    direct = flows.total(lambda flow: flow.kind == "draw" and flow.target not in flows.kept)
    uses = [(f"Handed to {', '.join(_party(made, name) for name in sorted(spent))} for the service", int(direct.sum()))]
    uses = uses if spent else []
    uses += [(words, total(kind)) for kind, words in USES.items() if total(kind)]
    paid = flows.total(lambda flow: flow.kind == "payment" and flow.tranche is not None)
    uses += [("Paid to holders by the contract's rules", int(paid.sum()))] if paid.any() else []
    left = sum(int(kept[-1, 0]) for name, kept in flows.kept.items() if name in made.spec.pots)
    uses += [("Left in the pools", left)] if left else []
    for title, rows in (("Sources", sources), ("Uses", uses)):
        yield title
        whole = [("Total", show(sum(amount for _, amount in rows)))] if not gaps else []
        yield from table(("", ""), [*_shown(rows, show), *whole], right=(1,))
        if title == "Sources":
            yield ""
    for name in gaps:
        yield from wrapped(
            f"No source says how much was drawn from {exact(name)}, so the two cannot be added up.", "  "
        )


def _shown(rows: list[tuple[str, int]], show: Any) -> list[tuple[str, str]]:
    return [(words if len(words) < 56 else words[:53] + "...", show(amount)) for words, amount in rows]


def _drawn(made: Investment) -> Iterator[tuple[str, int]]:
    for name, tranche in made.spec.tranches.items():
        if isinstance(tranche.commitment, Unknown):
            continue
        yield name, sum(int(f.amounts[:, 0].sum()) for f in made.flows.flows if f.kind == "draw" and f.tranche == name)


WORDS: Mapping[str, str] = {
    "payment": "pays",
    "draw": "puts in",
    "cost": "paid for costs",
    "interest": "interest",
    "principal": "principal",
    "success": "success payment",
    "guarantee": "makes up",
    "guaranteed interest": "makes up interest",
    "deposit": "deposit",
    "surplus": "share of what was left",
    "handed on": "handed on",
    "spending": "spends",
}


def _by_date(made: Investment) -> Iterator[str]:
    """Write every movement of money in order of time: the date, what it is, from whom to whom, how much."""
    show, flows = made.contract.money.show, made.flows
    yield "Cash by date and party"
    rows = []
    for place, day in enumerate(flows.days.tolist()):
        for flow in flows.flows:
            amount = int(flow.amounts[place, 0])
            if amount:
                source, target = (flow.source, flow.target) if amount > 0 else (flow.target, flow.source)
                when = (EPOCH + timedelta(days=day)).isoformat() if flows.known[place] else UNKNOWN
                rows.append([when, _what(flow), f"{source} > {target}", show(abs(amount))])
    if not rows:
        yield "  Nothing is paid in or out on these results."
        return
    lines = list(table(("date", "what", "from > to", "amount"), rows, right=(3,)))
    if max(len(line) for line in lines) <= WIDTH:
        yield from lines
        return
    room = WIDTH - 2 - 10 - 3 * 2 - max(len(row[3]) for row in rows)
    first = min(max(len(row[1]) for row in rows), room // 2)
    for row in rows:
        row[1], row[2] = _short(row[1], first), _short(row[2], room - first)
    yield from table(("date", "what", "from > to", "amount"), rows, right=(3,))


def _by_party(made: Investment) -> Iterator[str]:
    """Write what each party pays and gets in cash, in all."""
    show, rows = made.contract.money.show, []
    for name, both in made.paid_and_got().items():
        paid, got = int(both[0][0]), int(both[1][0])
        if paid or got:
            rows.append((_short(_party(made, name), 30), show(paid), show(got), show(got - paid)))
    left = sum(int(kept[-1, 0]) for kept in made.flows.kept.values())
    if left:
        rows.append(("still in the pools", "", "", show(left)))
    if rows:
        yield ""
        yield "Cash by party, in all"
        yield from table(("", "pays", "gets", "net"), rows, right=(1, 2, 3))


def _what(flow: Flow) -> str:
    if flow.kind in ("cost", "payment"):
        return flow.name
    return f"{WORDS[flow.kind]}, {flow.tranche}" if flow.tranche else WORDS[flow.kind]


def _short(text: str, room: int) -> str:
    return text if len(text) <= room else text[: max(room - 3, 1)] + "..."


def _returns(made: Investment) -> Iterator[str]:
    earned = [made.tranche(name) for name in made.spec.tranches]
    yield "Returns by tranche"
    yield from _table(made, [*earned, made.all] if len(earned) > 1 or made.spec.total is not None else earned)
    several = [name for name, tranche in made.spec.tranches.items() if len(tranche.shares) > 1]
    if several or len(made.holders) < len(made.spec.tranches):
        yield ""
        yield "Returns by holder"
        yield from _table(made, [made.holder(name) for name in made.holders])
    notes = [note for one in earned for note in _notes(made, one)]
    for note in dict.fromkeys([*notes, *_not_paid(made)]):
        yield from wrapped(note, "  ")


def _not_paid(made: Investment) -> Iterator[str]:
    """Say what the cash did not reach, and on which day present values are worked out."""
    show, flows = made.contract.money.show, made.flows
    for name, left in flows.unpaid_costs.items():
        if int(left[0]):
            yield f"Of the cost {exact(name)} {show(int(left[0]))} is not paid: there is no cash for it."
    for name, left in flows.unpaid_interest.items():
        if int(left[0]):
            yield f"Of the interest on {exact(name)} that fell due, {show(int(left[0]))} is not paid."
    for name, kept in flows.kept.items():
        low = int(kept[:, 0].min(initial=0))
        if low < 0:
            day = _day(int(flows.days[int(kept[:, 0].argmin())]))
            yield (
                f"More is taken back out of the pool {exact(name)} than it holds: on {day} it is short by "
                f"{show(-low)}, and the contract does not say who pays that."
            )
    if made.rate is not None and flows.known.any():
        yield f"Present values are those of {_day(int(flows.days[flows.known][0]))}, the first date of the stack."


def _table(made: Investment, returns: list[Return]) -> Iterator[str]:
    header = ("", *(_short(one.name, 18) for one in returns[:3]))
    for start in range(0, len(returns), 3):
        some = returns[start : start + 3]
        if start:
            yield ""
        header = ("", *(_short(one.name, 18) for one in some))
        rows = [[words, *(said(made, one)[place] for one in some)] for place, words in enumerate(ROWS)]
        yield from table(header, rows, right=range(1, len(some) + 1))


ROWS = (
    "put in",
    "interest",
    "principal back",
    "success and the rest",
    "received in all",
    "principal still owed",
    "gain",
    "multiple",
    "IRR a year",
    "present value",
    "paid back on",
    "most at risk",
    "average life [years]",
)


def _nearest(amount: Any) -> int:
    """Round to a whole minor unit, half away from 0; a present value is the one amount that is not whole."""
    return int(Decimal(float(amount)).to_integral_value(ROUND_HALF_UP)) if amount.dtype.kind == "f" else int(amount)


def said(made: Investment, one: Return) -> list[str]:
    """Write a return, a figure for each of :data:`ROWS`."""
    show = made.contract.money.show

    def money(amount: Any) -> str:
        return UNKNOWN if amount is None else show(_nearest(amount[0]))

    rate = UNKNOWN if one.irr is None else "none" if np.isnan(one.irr[0]) else f"{100 * float(one.irr[0]):.2f}%"
    if one.several is not None and bool(one.several[0]):
        rate += " (*)"
    back = UNKNOWN
    if one.gain is not None and int(one.gain[0]) < 0:
        back = "not yet" if not made.flows.ended else "never"
    elif one.payback is not None:
        back = "never" if int(one.payback[0]) < 0 else (EPOCH + timedelta(days=int(one.payback[0]))).isoformat()
    ratio = UNKNOWN
    if one.multiple is not None:
        ratio = "none" if np.isnan(one.multiple[0]) else f"{float(one.multiple[0]):.4f}"
    life = UNKNOWN if one.life is None else "none" if np.isnan(one.life[0]) else f"{float(one.life[0]):.2f}"
    worth = money(one.npv) if made.rate is not None else "no rate given"
    parts = [money(part) if one.apart else UNKNOWN for part in (one.interest, one.principal, one.success)]
    amounts = [money(one.drawn), *parts, money(one.received)]
    return [
        *amounts,
        money(one.outstanding if one.apart else None),
        money(one.gain),
        ratio,
        rate,
        worth,
        back,
        money(one.at_risk),
        life,
    ]


def _notes(made: Investment, one: Return) -> Iterator[str]:
    if one.drawn is None:
        yield f"No source says how much was put into {exact(one.name)}."
    elif one.irr is None:
        yield f"No source says when all of {exact(one.name)} was put in or paid, so it has no rate."
    if one.several is not None and bool(one.several[0]):
        yield "(*) Several rates discount these flows to nothing; the one nearest to 0 is given."
    grant = one.name in made.spec.tranches and made.spec.tranches[one.name].kind == "grant"
    if grant:
        yield f"{exact(one.name)} is a grant that is not repaid."
    elif not made.flows.ended and int(one.outstanding[0]):
        owed = made.contract.money.show(int(one.outstanding[0]))
        yield f"Of {exact(one.name)} {owed} is still owed; its returns are those to date."
    elif one.gain is not None and int(one.gain[0]) < 0:
        yield f"{exact(one.name)} loses {made.contract.money.show(-int(one.gain[0]))}."


def returns_data(made: Investment) -> dict[str, Any]:
    """Return all of it as plain data: dates as ISO 8601, amounts as strings of decimal units."""
    plain, flows = made.contract.money.plain, made.flows

    def iso(day: int) -> str:
        return (date(1970, 1, 1) + timedelta(days=day)).isoformat()

    def number(value: Any) -> float | None:
        return None if value is None or np.isnan(value[0]) else float(value[0])

    def of(one: Return) -> dict[str, Any]:
        amounts = ["drawn", "received", "gain", "npv", "at_risk"]
        amounts += ["interest", "principal", "success", "outstanding"] if one.apart else []
        found = {key: None if (got := getattr(one, key)) is None else plain(_nearest(got[0])) for key in amounts}
        paid = None if one.payback is None or int(one.payback[0]) < 0 else iso(int(one.payback[0]))
        return {
            **found,
            "multiple": number(one.multiple),
            "irr": number(one.irr),
            "several_rates": None if one.several is None else bool(one.several[0]),
            "payback": paid,
            "life_years": number(one.life),
        }

    provider = made.provider
    return {
        "contract": made.contract.name,
        "currency": made.contract.money.code,
        "cash": [
            {
                "date": iso(int(flows.days[place])) if flows.known[place] else None,
                "kind": flow.kind,
                "name": flow.name,
                "tranche": flow.tranche,
                "from": flow.source,
                "to": flow.target,
                "amount": plain(int(flow.amounts[place, 0])),
            }
            for place in range(len(flows.days))
            for flow in flows.flows
            if flow.amounts[place, 0]
        ],
        "kept": {name: plain(int(kept[-1, 0])) for name, kept in flows.kept.items()},
        "unpaid_costs": {name: plain(int(left[0])) for name, left in flows.unpaid_costs.items()},
        "unpaid_interest": {name: plain(int(left[0])) for name, left in flows.unpaid_interest.items()},
        "undrawn": {name: plain(int(left[0])) for name, left in flows.undrawn.items()},
        "tranches": {name: of(made.tranche(name)) for name in made.spec.tranches},
        "holders": {name: of(made.holder(name)) for name in made.holders},
        "all": of(made.all),
        "provider": None
        if provider is None
        else {"name": provider[0], "lowest_cash": plain(int(provider[2][0])), "on": iso(int(provider[3][0]))},
    }
