"""Who got the money, as plain data: for spreadsheets and other programs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np

from payfs.capital.cash import EPOCH
from payfs.capital.returns import NO_DAY
from payfs.investment import Investment, Return
from payfs.report.cash_text import sources_and_uses
from payfs.report.ends_text import happened
from payfs.report.returns_text import nearest


def returns_data(made: Investment) -> dict[str, Any]:
    """Return all of it as plain data: dates as ISO 8601, amounts as strings of decimal units."""
    plain, flows = made.contract.money.plain, made.flows

    def iso(day: int) -> str:
        return (EPOCH + timedelta(days=day)).isoformat()

    def number(value: Any) -> float | None:
        return None if value is None or np.isnan(value[0]) else float(value[0])

    def of(one: Return) -> dict[str, Any]:
        amounts = ["drawn", "received", "gain", "npv", "at_risk"]
        amounts += ["interest", "principal", "success", "outstanding"] if one.apart else []
        found = {key: None if (got := getattr(one, key)) is None else plain(nearest(got[0])) for key in amounts}
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
    sources, uses, gaps = sources_and_uses(made)
    return {
        "contract": made.contract.name,
        "currency": made.contract.money.code,
        "sources": None if gaps else [{"what": words, "amount": plain(amount)} for words, amount in sources],
        "uses": None if gaps else [{"what": words, "amount": plain(amount)} for words, amount in uses],
        "cash": [
            {
                "date": iso(int(flows.days[place])) if flows.known[place] else None,
                "kind": flow.kind,
                "name": flow.name,
                "tranche": flow.tranche,
                "from": flow.source if int(flow.amounts[place, 0]) > 0 else flow.target,
                "to": flow.target if int(flow.amounts[place, 0]) > 0 else flow.source,
                "amount": plain(abs(int(flow.amounts[place, 0]))),
                "in_kind": flow.in_kind,
                "why": flow.why(place, 0),
            }
            for place in range(len(flows.days))
            for flow in flows.on(place)
        ],
        "parties": {
            name: {"pays": plain(int(paid[0])), "gets": plain(int(got[0])), "net": plain(int(got[0] - paid[0]))}
            for name, (paid, got) in made.paid_and_got().items()
        },
        "kept": {name: plain(int(kept[-1, 0])) for name, kept in flows.kept.items()},
        "unpaid_costs": {name: plain(int(left[0])) for name, left in flows.unpaid_costs.items()},
        "unpaid_interest": {name: plain(int(left[0])) for name, left in flows.unpaid_interest.items()},
        "unpaid_success": {name: plain(int(left[0])) for name, left in flows.unpaid_success.items()},
        "beyond_limit": {name: plain(int(cut[0])) for name, cut in flows.beyond_limit.items()},
        "ended_early": [
            {
                "tranche": early.tranche,
                "date": iso(early.day),
                "why": early.why,
                "due": plain(int(early.due[0])),
                "written_off": plain(int(early.lost[0])),
            }
            for early in happened(made)
        ],
        "terminated": bool(flows.terminated[0]),
        "undrawn": {name: plain(int(left[0])) for name, left in flows.undrawn.items()},
        "tranches": {name: of(made.tranche(name)) for name in made.spec.tranches},
        "holders": {name: of(made.holder(name)) for name in made.holders},
        "holder_cash": {
            name: [
                {"date": iso(int(day)) if known else None, "amount": plain(int(amount))}
                for day, known, amount in zip(flows.days, flows.known, made.cash_of_party(name)[:, 0], strict=True)
                if amount
            ]
            for name in made.holders
        },
        "all": of(made.all),
        "provider": None
        if provider is None
        else {
            "name": provider.name,
            "lowest_cash": plain(int(provider.lowest[0])),
            "on": iso(int(provider.on[0])),
            "below_nothing": None if int(provider.below[0]) == NO_DAY else iso(int(provider.below[0])),
        },
    }
