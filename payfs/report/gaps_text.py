"""What a contract says is unknown, and the same in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from payfs.capital.written import Payoff
from payfs.contract import Contract
from payfs.periods import Day, read_day
from payfs.report.clauses import Clauses
from payfs.spec import Unknown, spoken
from payfs.text import Path, dotted

KEYS: Mapping[Any, str] = {
    "pays": "the amount",
    "gives": "the points",
    "price": "the price",
    "plus": "the amount for each unit above",
    "starts_at": "the price at the start",
    "until_paid": "the sum at which the next stage begins",
    "pool": "the sum that is shared out",
    "of": "the sum that amounts are shares of",
    "for_every": "how much of the sum each amount is for",
    "most_units": "the number that is paid for at most",
    "most": "the most that is paid",
    "before": "the amount before the first point",
    "after": "the amount beyond the last point",
    "total": "the fee in all",
    "to": "the sum that is guaranteed",
    "baseline": "the baseline",
    "fixed": "the fixed figure",
    "paid": "the day of payment",
}


def gap(clauses: Clauses, path: Path) -> str:
    """Name a term that the contract does not know."""
    if path[0] == "capital":
        return capital_gap(path)
    if len(path) < 3 or path[0] not in ("rules", "limits", "metrics", "periods"):
        return f"what {dotted(path)} is"
    kind, name, rest = str(path[0]), str(path[1]), path[2:]
    owner = {"rules": "under", "limits": "under the limit", "metrics": "of", "periods": "of"}[kind]
    terms = rest[:1] if rest[:2] == ("price", "amounts") else rest  # below amounts stand names, not terms
    words = [next((KEYS[key] for key in reversed(terms) if key in KEYS), f"the term {dotted(rest)}")]
    words.append(f"{owner} {spoken(name)}")
    spec: Any = getattr(clauses.spec, kind)[name]
    scale, metric = clauses.scales.get(name), name
    if kind == "rules":
        metric = spec.metric or name
        scale = clauses.scales.get(metric)
    if kind == "metrics" and rest[0] == "score":
        spec, rest = spec.score, rest[1:]
        metric = spec.of
        scale = clauses.scales[metric]
    for place, key in enumerate(rest):
        if key in ("tiers", "bands") and scale is not None:
            ends = clauses.range_of(getattr(spec, str(key)), int(rest[place + 1]), scale)
            words.append(f"where {spoken(metric)} is {ends}")
        elif key == "table" and scale is not None:
            words.append(f"at {scale.whole(spec.table[int(rest[place + 1])].at)}")
        elif key == "stages":
            words.append(f"in stage {int(rest[place + 1]) + 1}")
        elif key in ("by_year", "by_cohort", "by_period"):
            words.append(f"for {spoken(str(rest[place + 1]))}")
        elif key == "amounts" and place == 1 and kind == "rules":
            words.append(f"for {' and '.join(spoken(str(name)) for name in rest[place + 1 :])}")
            break
    return " ".join(words)


def unknown_terms(contract: Contract) -> Iterator[tuple[Path, str]]:
    """Yield what the contract says is unknown in any stretch of time: its place, and the same in words."""
    seen: set[Path] = set()
    for terms in contract.terms:
        clauses = Clauses(contract, terms)
        for path in _unknown(terms.spec):
            if path not in seen:
                seen.add(path)
                yield path, gap(clauses, path)


def _unknown(value: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, Unknown) or (
        path[:2] == ("capital", "tranches") and path[3:] == ("kind",) and value == "unknown"
    ):
        yield path[:-1] if path and path[-1] == "flat" else path
    elif isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            if name not in ("amendments", "examples"):
                yield from _unknown(getattr(value, name), (*path, field.alias or name))
    elif isinstance(value, tuple):
        for place, item in enumerate(value):
            yield from _unknown(item, (*path, place))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _unknown(item, (*path, key.written if isinstance(key, Day) else key))


STACK: Mapping[str, str] = {
    "commitment": "how much is committed to",
    "draws": "the day of the draw of",
    "days": "the day count of",
    "rate": "the rate of interest on",
    "least": "the lowest rate of interest on",
    "pays": "the share that a result decides of",
    "amount": "the amount of",
    "amounts": "the amount of",
    "repaid": "the principal that falls due of",
    "irr": "the highest return a year on",
    "multiple": "the highest multiple of what was drawn that comes back on",
    "interest": "the most that is paid beyond principal on",
    "most": "the most that is made up under",
    "kind": "the class of",
    "due": "the days on which interest falls due on",
    "deposited": "the day of the deposit for",
    "up_to": "the sum that is assured by",
    "target": "the sum that is set aside in",
    "opening": "the cash at the beginning, beside",
}


EARLY: Mapping[str, str] = {
    "pays": "the share that is due of",
    "amount": "the amount that is due of",
    "premium": "the premium on",
}


def capital_gap(path: Path) -> str:
    """Name what is not known of the capital stack."""
    if path[1] == "total":
        return "what all tranches together come to"
    owner, terms = (spoken(str(path[2])), path[3:]) if path[1] != "spending" else ("what the service costs", path[1:])
    early = ""
    if path[1] == "terminated":
        several = len(path) > 4 and path[3] not in Payoff.model_fields  # below each tranche's name, or of all alike
        owner, terms = (spoken(str(path[3])), path[4:]) if several else ("every tranche", path[3:])
        early = "where the deal is terminated"
    elif terms[0] == "redeemed":
        early = "where it is redeemed early"
    elif terms[0] == "owed":
        early = "at maturity"
    key = next((str(key) for key in reversed(terms) if key in STACK), "")
    words, day = STACK.get(key, f"{dotted(terms)} of"), next(filter(None, map(_day, terms)), "")
    if key == "draws" and day:
        words = "the sum that is drawn of"
    if key == "share":
        words = "the share of what was drawn that is" if path[1] == "tranches" else "the share that is made up under"
    elif early and key in EARLY:
        words = EARLY[key]
    words += " the success payment of" if terms[0] == "success" else ""
    rows = {"rates": "rate", "tiers": "row", "table": "row"}
    places = [f"({rows[str(part)]} {int(terms[n + 1]) + 1})" for n, part in enumerate(terms) if part in rows]
    return " ".join([words, owner, *([early] if early else []), *([f"on {day}"] if day else []), *places])


def _day(part: object) -> str:
    try:
        return str(part if isinstance(part, Day) else read_day(str(part)))
    except ValueError:
        return ""
