"""Where the cash came from and went: sources and uses, every movement by date and why, and totals by party."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from payfs.capital.cash import EPOCH
from payfs.capital.flows import Flow
from payfs.investment import Investment
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


class SourcesAndUses(NamedTuple):
    """Where all cash came from and went.

    Attributes:
        sources: what, and how much [minor units].
        uses: likewise; they come to the same.
        gaps: tranches of which no source says what was put in, so that the two cannot be added up.
    """

    sources: list[tuple[str, int]]
    uses: list[tuple[str, int]]
    gaps: list[str]


def party(made: Investment, name: str) -> str:
    """Return a party's full name, or the name of a pool or tranche."""
    parties = made.contract.spec.parties
    return parties[name].name if name in parties else name


def short(text: str, room: int) -> str:
    """Cut a text to so many columns."""
    return text if len(text) <= room else text[: max(room - 3, 1)] + "..."


def sources_and_uses(made: Investment) -> SourcesAndUses:
    """Add up where all cash came from and went."""
    flows = made.flows
    handed = [flow for flow in flows.flows if flow.kind == "draw" and not flow.in_kind]
    spent = {name for flow in handed for name in (flow.target,) if name not in flows.kept}

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
    direct = flows.total(lambda flow: flow.kind == "draw" and not flow.in_kind and flow.target not in flows.kept)
    uses = [(f"Handed to {', '.join(party(made, name) for name in sorted(spent))} for the service", int(direct.sum()))]
    uses = uses if spent else []
    # interest that was capitalised is paid as principal
    moved = sum(int(amount.sum(axis=0)[0]) for amount in made.capitalised.values())
    paid_out = {kind: total(kind) + {"interest": moved, "principal": -moved}.get(kind, 0) for kind in USES}
    uses += [(words, paid_out[kind]) for kind, words in USES.items() if paid_out[kind]]
    paid = flows.total(lambda flow: flow.kind == "payment" and flow.tranche is not None)
    uses += [("Paid to holders by the contract's rules", int(paid.sum()))] if paid.any() else []
    left = sum(int(kept[-1, 0]) for name, kept in flows.kept.items() if name in made.spec.pots)
    uses += [("Left in the pools", left)] if left else []
    return SourcesAndUses(sources, uses, gaps)


def sources_and_uses_lines(made: Investment) -> Iterator[str]:
    """Write sources and uses."""
    show = made.contract.money.show
    sources, uses, gaps = sources_and_uses(made)
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
        if isinstance(tranche.commitment, Unknown) or tranche.in_kind:
            continue  # a fee that waits brings no cash
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
    "reserve": "set aside",
    "spending": "spends",
}


def by_date_lines(made: Investment, why: bool = False) -> Iterator[str]:
    """Write every movement of money in order of time: the date, what it is, from whom to whom, how much, and why."""
    show, flows = made.contract.money.show, made.flows
    yield "Cash by date and party"
    rows, reasons = [], []
    for place, day in enumerate(flows.days.tolist()):
        when = (EPOCH + timedelta(days=day)).isoformat() if flows.known[place] else UNKNOWN
        for flow in flows.on(place):
            amount = int(flow.amounts[place, 0])
            source, target = (flow.source, flow.target) if amount > 0 else (flow.target, flow.source)
            rows.append([when, _what(flow, amount), f"{source} > {target}", show(abs(amount))])
            reasons.append(flow.why(place, 0))
    if not rows:
        yield "  Nothing is paid in or out on these results."
        return
    header = ("date", "what", "from > to", "amount")
    lines = list(table(header, rows, right=(3,)))
    if max(len(line) for line in lines) > WIDTH:
        room = WIDTH - 2 - 10 - 3 * 2 - max(len(row[3]) for row in rows)
        first = min(max(len(row[1]) for row in rows), room // 2)
        for row in rows:
            row[1], row[2] = short(row[1], first), short(row[2], room - first)
        lines = list(table(header, rows, right=(3,)))
    yield lines[0]
    for line, reason in zip(lines[1:], reasons, strict=True):
        yield line
        if why:
            yield from wrapped(reason, " " * 14)


def by_party_lines(made: Investment) -> Iterator[str]:
    """Write what each party pays and gets in cash, in all."""
    show, rows = made.contract.money.show, []
    for name, both in made.paid_and_got().items():
        paid, got = int(both[0][0]), int(both[1][0])
        if paid or got:
            rows.append((short(party(made, name), 30), show(paid), show(got), show(got - paid)))
    left = sum(int(kept[-1, 0]) for kept in made.flows.kept.values())
    if left:
        rows.append(("still in the pools", "", "", show(left)))
    if rows:
        yield ""
        yield "Cash by party, in all"
        yield from table(("", "pays", "gets", "net"), rows, right=(1, 2, 3))


def _what(flow: Flow, amount: int) -> str:
    if flow.kind in ("cost", "payment"):
        return flow.name
    if flow.kind == "reserve" and amount < 0:
        return "out of the reserve"
    if flow.kind == "draw" and flow.in_kind:
        return f"waits, no cash moves, {flow.tranche}"
    return f"{WORDS[flow.kind]}, {flow.tranche}" if flow.tranche else WORDS[flow.kind]
