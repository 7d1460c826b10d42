"""Random contracts that pass their checks, and random results for them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from case_files import contract_of
from hypothesis import reject
from hypothesis import strategies as st

from payfs.contract import Contract
from payfs.evidence.measured import Measured, Series
from payfs.text import Refused

PERIODS = ("2016", "2017", "2018")
PATHS = 3

METRICS: dict[str, Any] = {
    "starts": {"unit": "start"},
    "days": {"unit": "day", "reports": "to date"},
    "net": {"unit": "unit", "least": "-60", "better": "lower"},
    "rate": {"unit": "%", "step": "1%", "most": "100%"},
    "cost": {"unit": "money", "least": "none"},
    "index": {"unit": "point", "step": "0.5", "least": "1", "by_cohort": "no"},
    "budget": {"unit": "money", "by_cohort": "no"},
    "over": {"unit": "start", "difference": {"of": "starts", "less": "20"}},
    "all starts": {"unit": "start", "pooled": "starts"},
    "part": {"unit": "%", "step": "0.1%", "ratio": {"of": "starts", "to": "all starts"}, "if_zero": "0%"},
}

RANGE = {
    "starts": (0, 60),
    "days": (0, 200),
    "net": (-60, 60),
    "rate": (0, 100),
    "cost": (-3_000, 9_000),
    "index": (2, 300),
    "budget": (0, 90_000),
}

COUNTED = ("starts", "days", "net", "over")
MODIFIERS = ("share", "gate", "two_way", "returned", "most", "holdback", "payer", "payers", "most_units", "baseline")


class Deal(NamedTuple):
    """A contract as written and as read, and what was measured."""

    parts: dict[str, Any]
    contract: Contract
    measured: Measured

    def __repr__(self) -> str:
        """Show what was drawn, and no more of it."""
        written = {key: part for key, part in self.parts.items() if key != "metrics"}
        results = {
            name: np.where(series.present[:, :, None], series.values.astype(object), None).tolist()
            for name, series in self.measured.series.items()
        }
        return f"{written}, {results}"


class Drawing:
    """Draws the parts of one contract."""

    def __init__(self, draw: st.DrawFn, cohorts: tuple[str, ...]) -> None:
        self.draw, self.cohorts = draw, cohorts

    def of(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def number(self, least: int, most: int) -> int:
        return self.draw(st.integers(least, most))

    def maybe(self, tenths: int = 3) -> bool:
        return self.number(1, 10) <= tenths

    def money(self, least: int = 0, most: int = 400) -> str:
        """Money, now and then finer than the minor unit."""
        return f"{self.number(least, most)}{self.of('', '', '.5', '.25', '.333', '.005')}"

    def share(self) -> str:
        return self.of("5%", "1/3", "50%", "5/6", "12.5%", "100%")

    def price(self) -> dict[str, Any]:
        choices = ["flat", "flat", "by_year", "by_period", "grows", "indexed", "per"]
        kind = self.of(*choices, *(["by_cohort"] if self.cohorts else []))
        if kind == "by_year":
            return {"price": {"by_year": {"2016": self.money(), "2018": self.money()}}}
        if kind == "by_period":
            return {"price": {"by_period": {name: self.money() for name in PERIODS}}}
        if kind == "by_cohort":
            return {"price": {"by_cohort": {name: self.money() for name in self.cohorts}}}
        if kind == "grows":
            grows, every = self.of("1%", "10%", "-3.5%"), self.of("year", "quarter")
            return {"price": {"starts_at": self.money(), "grows": grows, "every": every, "from": "2016-01-01"}}
        if kind == "indexed":
            return {"price": {"starts_at": self.money(), "index": "index", "index_base": "50.5"}}
        if kind == "per":
            return {"price": self.money(), "per": self.of("3", "5"), "complete": self.of("yes", "no")}
        return {"price": self.money()}

    def tiers(self, edges: list[int], two_way: bool) -> list[dict[str, str]]:
        rows: list[dict[str, str]] = []
        for place in range(len(edges) + 1):
            row = {} if place == 0 else {self.of("from", "above"): str(edges[place - 1])}
            if place == 0 and two_way and self.maybe(5):
                row["pays"] = f"-{self.money()}"
            elif self.maybe(4):
                row["price"] = self.money(most=30)
            else:
                row["pays"] = self.money(most=900)
                if place and self.maybe(4):
                    row["plus"] = self.money(most=20)
            rows.append(row)
        return rows

    def edges(self) -> list[int]:
        return sorted(self.draw(st.sets(st.integers(1, 80), min_size=1, max_size=3)))

    def curve(self, two_way: bool) -> dict[str, Any]:
        kind = self.of("tiers", "bands", "table", "stages")
        edges = self.edges()
        if kind == "tiers":
            return {"tiers": self.tiers(edges, two_way)}
        if kind == "bands":
            word = self.of("from", "above")
            rows = [{"price": self.money(most=30)}]
            return {"bands": [*rows, *({word: str(edge), "price": self.money(most=30)} for edge in edges)]}
        if kind == "table":
            return {"table": [{"at": str(edge), "pays": self.money(most=900)} for edge in [0, *edges]]}
        ends = sorted(self.draw(st.sets(st.integers(1, 900), min_size=1, max_size=2)))
        rows = [{"price": self.money(least=1, most=30), "until_paid": str(end)} for end in ends]
        return {"stages": [*rows, {"price": self.money(most=30)}]}

    def gate(self, held: bool = True) -> dict[str, Any]:
        def one() -> dict[str, Any]:
            kind = self.of("rate", "rate", "starts", "part", "all starts")
            edge = f"{self.number(0, 100)}%" if kind in ("rate", "part") else str(self.number(0, 60))
            gate: dict[str, Any] = {"metric": kind, self.of("from", "above", "up_to", "below"): edge}
            if self.cohorts and kind != "all starts":
                gate["of"] = self.of("each cohort", "every cohort", "any cohort")
            if kind == "starts" and self.maybe():
                gate["counts"] = "to date"
            if self.maybe(2):
                gate["at"] = self.of(*PERIODS)
            return gate

        gate = one() if self.maybe(7) else {self.of("all_of", "any_of", "none_of"): [one(), one()]}
        if held and self.maybe():
            gate["before"] = "held"
        if held and self.maybe():
            gate["otherwise"] = self.share()
        if self.maybe(2):
            gate["stays_open"] = "yes"
        return gate

    def rule(self, others: list[str]) -> dict[str, Any]:
        """Draw one rule that may look at others."""
        two_way = self.maybe(2)
        kinds = ["price", "price", "curve", "curve", "pays", "instalments", "share"]
        kind = self.of(*kinds, *(["part_of", "tops_up"] if others else []), *(["pool"] if self.cohorts else []))
        rule: dict[str, Any] = {}
        if kind in ("price", "curve", "pool"):
            rule = {"metric": self.of(*COUNTED)}
            rule |= self.price() if kind == "price" else self.curve(two_way) if kind == "curve" else {"pool": "1000"}
            if self.maybe(4) and kind != "pool" and "stages" not in rule:
                rule["counts"] = self.of("to date", "each period")
            if self.cohorts and self.maybe(2) and kind != "pool":
                rule["pooled"] = "yes"
            if self.maybe(2) and kind != "pool":
                rule["most_units"] = str(self.number(0, 150))
            if self.maybe(2):
                rule["baseline"] = self.of("7", "25", "starts", "over")
        elif kind == "share":
            rule = {"metric": "cost", "price": self.of("5%", "33.3%", "95%")}
            if self.maybe(4):
                rule["counts"] = "to date"
        elif kind == "pays":
            rule = {"pays": self.money(most=900)} | ({"metric": "rate"} if self.maybe(5) else {})
        elif kind == "instalments":
            rule = {
                "instalments": {"total": self.money(most=900), "split": {"2016": "1/3", "2017": "1/6", "2018": "1/2"}}
            }
        elif kind == "part_of":
            rule = {"part_of": [self.of(*others)], "share": self.share()}
            if self.maybe(5):
                rule["counts"] = "to date"
        else:
            rule = {"tops_up": {"rules": [self.of(*others)], "to": self.money(most=2000)}}
        if two_way:
            rule["two_way"] = "yes"
        elif self.maybe(1):
            rule["returned"] = "yes"
        if self.maybe(2) and kind != "part_of" and "stages" not in rule:
            rule["share"] = self.share()
        if self.maybe():
            rule["gate"] = self.gate(held="stages" not in rule)
        if self.maybe(2):
            rule["most"] = self.money(most=4000)
        if self.maybe(2):
            holdback: dict[str, Any] = {"share": self.of("10%", "1/3"), "released": self.of(*PERIODS)}
            rule["holdback"] = holdback | ({"gate": self.gate(held=False)} if self.maybe(5) else {})
            rule["holdback"].get("gate", {}).pop("stays_open", None)
        if self.maybe(2):
            rule["periods"] = [self.of(*PERIODS)]
        if self.cohorts and self.maybe(2) and rule.get("metric") in COUNTED and "pooled" not in rule:
            rule["cohorts"] = [self.of(*self.cohorts)]
        if self.maybe(2):
            rule |= self.of({"payer": "state"}, {"payers": {"city": "1/3", "state": "2/3"}})
        return rule

    def limit(self, rules: list[str]) -> dict[str, Any]:
        limit: dict[str, Any] = {"most": self.money(most=3000) if self.maybe(8) else "budget"}
        per = [scope for scope in ("rule", *(("cohort",) if self.cohorts else ())) if self.maybe(2)]
        if self.maybe(5):
            per.append(self.of("period", "year", "fiscal year"))
            limit["unused"] = self.of("lost", "lost", "carried forward")
            limit["beyond"] = self.of("lost", "lost", "carried forward")
        if per:
            limit["per"] = per
        if self.maybe():
            limit["rules"] = [self.of(*rules)]
        elif self.maybe():
            limit["shared"] = [self.of(*rules)]
        if self.cohorts and self.maybe(2):
            limit["cohorts"] = [self.of(*self.cohorts)]
        if self.maybe():
            limit["payer"] = "city"
            if self.maybe(5) and limit.get("beyond", "lost") == "lost":
                limit["then"] = "state"
        return limit

    def amendment(self, parts: dict[str, Any]) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        name = self.of(*parts["rules"])
        rule = parts["rules"][name]
        kind = self.of("price", "price", "limit", "add", "payer", "gate")
        if kind == "price" and isinstance(rule.get("price"), str) and not rule["price"].endswith("%"):
            changes = {"rules": {name: {"price": self.money()}}}
        elif kind == "limit" and parts["limits"]:
            changes = {"limits": {self.of(*parts["limits"]): {"most": self.money(most=3000)}}}
        elif kind == "add":
            changes = {"rules": {"z new": {"metric": "starts", "price": self.money()}}}
        elif kind == "gate" and "gate" in rule:
            changes = {"rules": {name: {"gate": "none"}}}
        else:
            changes = {"payer": "state"}
        return {"effective": self.of("2017-01-01", "2018-01-01"), "what": "Deed", "changes": changes}


@st.composite
def written(draw: st.DrawFn, limits: int = 3, amended: bool = True) -> dict[str, Any]:
    """Draw a contract as it would be written."""
    cohorts = draw(st.sampled_from([(), ("east", "west"), ("a", "b", "c")]))
    drawing = Drawing(draw, cohorts)
    metrics = {name: dict(metric) for name, metric in METRICS.items()}
    if not cohorts:
        for metric in metrics.values():
            metric.pop("by_cohort", None)
    parts: dict[str, Any] = {
        "currency": drawing.of("USD", "USD", "JPY", "KWD"),
        "rounding": drawing.of("half up", "half even", "down", "up", {"how": "half up", "to": "5"}),
        "metrics": metrics,
        "rules": {},
    }
    if cohorts:
        parts["population"] = {"cohorts": {name: {} for name in cohorts}}
    for place in range(drawing.number(1, 4)):
        # names in another order than that in which they are written
        parts["rules"][f"{'cadb'[place]} rule"] = drawing.rule(list(parts["rules"]))
    names = list(parts["rules"])
    parts["limits"] = {f"limit {place}": drawing.limit(names) for place in range(drawing.number(0, limits))}
    if amended and drawing.maybe():
        parts["amendments"] = [drawing.amendment(parts)]
    return parts


@st.composite
def results(draw: st.DrawFn, contract: Contract, paths: int = PATHS, whole: bool = False) -> Measured:
    """Draw results for a contract: often zero or missing, now and then on a threshold."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    series = {}
    for name, metric in contract.spec.metrics.items():
        if metric.worked_out:
            continue
        rows = len(contract.cohorts) if metric.by_cohort else 1
        least, most = RANGE[name]
        shape = (rows, len(contract.periods), paths)
        values = rng.integers(least, most, shape, endpoint=True)
        values = np.where(rng.random(shape) < 0.15, np.clip(0, least, most), values)
        if metric.reports == "to date" and rng.random() < 0.7:
            values = np.sort(values, axis=1)
        present = np.ones(shape[:2], dtype=bool) if whole else rng.random(shape[:2]) < rng.choice([0.6, 1.0])
        if name == "budget":
            present[:, 0] = True
        values = values.astype(np.int64) * present[:, :, None]
        series[name] = Series(values, present, contract.frame.scales[name], metric.reports == "to date")
    starts = tuple(period.start.date.year for period in contract.periods)
    return Measured(series, contract.cohorts, tuple(p.name for p in contract.periods), starts, paths)


@st.composite
def deals(draw: st.DrawFn, limits: int = 3, amended: bool = True, whole: bool = False) -> Deal:
    """Draw a contract and results for it."""
    parts = draw(written(limits, amended))
    try:
        contract = contract_of(parts)
    except Refused:
        reject()
    return Deal(parts, contract, draw(results(contract, whole=whole)))
