"""Cross-checks of what only claims decide: conditions on a person's claims, prices of single claims, limits for one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter

from payfs.contract.written import ContractSpec
from payfs.evidence.counting import ROW, Counting
from payfs.spec import Figure, Problem, Unknown, quoted, under
from payfs.terms.limit import Limit
from payfs.terms.rule import Rule
from payfs.text import suggest


def claim_problems(spec: ContractSpec) -> Iterator[Problem]:
    """Find conditions on claims, prices and limits for one person that cannot be worked out."""
    cohorts = tuple(spec.population.cohorts or {}) or ("all",)
    for name, metric in spec.metrics.items():
        if metric.claims is None:
            continue
        at = ("metrics", name, "claims")
        if metric.worked_out is not None:
            yield Problem(at, "the metric is worked out from others, so no claims count for it", "leave claims out")
            continue
        if metric.unit in ("%", "yes/no"):
            yield Problem(at, f"claims are counted, and the unit is {metric.unit}", "count them in another metric")
        if metric.claims.days is not None and not set(metric.unit.lower().split()) & {"day", "night", "days", "nights"}:
            yield Problem((*at, "days"), f"days are counted, and the unit is {quoted(metric.unit)}", "say unit: day")
        yield from under(metric.claims.problems(cohorts), *at)
        yield from under(_references(spec, name, metric.claims), *at)
    yield from _circle(spec)
    limited = [name for name, limit in spec.limits.items() if "person" in limit.per]
    for name in limited:
        yield from under(_limit(spec.limits[name]), "limits", name)
    for name, rule in spec.rules.items():
        covering = [key for key in limited if spec.limits[key].rules is None or name in (spec.limits[key].rules or ())]
        for path, column in rule.columns():
            if column in ROW and (column != "outcome" or path[0] != "price"):
                what = f"{quoted(column)} stands in every claims file"
                yield Problem(("rules", name, *path), what, "name a column of the contract's own")
        if rule.returned:
            for key in (key for key in covering if spec.limits[key].rules is not None):
                what = f"{quoted(name)} is owed back, which no limit for one person cuts"
                yield Problem(("limits", key, "rules"), what, "leave it out")
            continue
        unnamed = [key for key in covering if spec.limits[key].rules is None]
        if unnamed and (rule.price is None or not _counts_claims(spec, name, rule)):
            what = f"it is paid for all people together, and the limit {quoted(unnamed[0])} for one person covers it"
            yield Problem(("rules", name), what, "name under the limit the rules that it is for")
        elif rule.claim_by_claim or covering:
            yield from under(_by_claim(spec, name, rule), "rules", name)


def changed_prices(before: ContractSpec, later: ContractSpec) -> Iterator[Problem]:
    """Find amendments that change how single claims are paid: what was paid for earlier ones would change with it."""
    what, remedy = "it changes how each claim is paid, for earlier ones too", "take the rule away and add another"
    one = {name: limit for name, limit in before.limits.items() if "person" in limit.per}
    two = {name: limit for name, limit in later.limits.items() if "person" in limit.per}
    for name in sorted({*one, *two}):
        if one.get(name) != two.get(name):
            what_limit = "it changes a limit for one person, which holds for all of the person's claims"
            yield Problem(("limits", name), what_limit, "write the limit for other rules, and let this one stand")
    for name in sorted(set(before.rules) & set(later.rules)):
        pair = before.rules[name], later.rules[name]
        covered = any(limit.rules is None or name in limit.rules for limit in (*one.values(), *two.values()))
        if not any(rule.claim_by_claim or (covered and rule.price is not None) for rule in pair):
            continue
        old, new = ((r.metric, r.cohorts, r.periods, r.uplift, r.price and r.price.by) for r in pair)
        if old != new:
            yield Problem(("rules", name), what, remedy)
        if before.rounding != later.rounding:
            yield Problem(("rounding",), what, "leave the rounding as it is")


def _references(spec: ContractSpec, name: str, words: Counting) -> Iterator[Problem]:
    given = [key for key, metric in spec.metrics.items() if metric.worked_out is None]
    looked_at = [*words.metrics()]
    if words.within is not None and words.within.of in spec.metrics:
        looked_at.append((("within",), words.within.of))
    looked_at += [(("closed_by", at), other) for at, other in enumerate(words.closed_by or ()) if other in spec.metrics]
    for path, other in looked_at:
        if other == name:
            yield Problem(path, "the metric looks at itself", "name another")
        elif other not in given:
            remedy = suggest(other, given) or f"name one of {', '.join(given[:12])}"
            yield Problem(path, f"there is no metric {quoted(other)} that is reported", remedy)
        elif (own := spec.metrics[other].claims) is not None and own.days is not None:
            yield Problem(
                path, f"{quoted(other)} counts days of spells, not claims", "name a metric that counts claims"
            )
    yield from _events(spec, words)
    for path, column in words.columns():
        if column in ROW:
            yield Problem(path, f"{quoted(column)} stands in every claims file", "name a column of the contract's own")


def _events(spec: ContractSpec, words: Counting) -> Iterator[Problem]:
    """Find events that are nearly what the contract calls something else: a slip there would go unseen, and be paid."""
    known = dict.fromkeys(spec.metrics)
    for name, metric in spec.metrics.items():
        known.update(dict.fromkeys((metric.claims or Counting()).outcomes(name)))
    less = words.days.less if words.days is not None else None
    for path, events in ((("closed_by",), words.closed_by), (("lost_by",), words.lost_by), (("days", "less"), less)):
        for place, event in enumerate(events or ()):
            near = [] if event in known else get_close_matches(event, known, n=1, cutoff=0.9)
            if near and re.findall(r"\d", near[0]) == re.findall(r"\d", event):
                what = f"{quoted(event)} is an outcome of its own, and the contract has {quoted(near[0])}"
                yield Problem((*path, place), what, f"did you mean {quoted(near[0])}; else name it less alike")


def _circle(spec: ContractSpec) -> Iterator[Problem]:
    """Find metrics that need each other: neither could ever be first."""
    needs: dict[str, list[str]] = {}
    for name, metric in spec.metrics.items():
        words = metric.claims or Counting()
        found = [*(words.needs or ()), *(words.needs_paid or ()), *(words.missing or ())]
        found += [words.at.of] if words.at is not None else []
        found += [words.within.of] if words.within is not None else []
        needs[name] = [other for other in found if other in spec.metrics and other != name]
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        circle = list(reversed(error.args[1]))[:12]
        what = f"the metrics need each other, so none can be first: {' needs '.join(circle)}"
        yield Problem(("metrics", circle[0], "claims"), what, "break the circle")


def _limit(limit: Limit) -> Iterator[Problem]:
    if limit.most_units is not None and _part(limit.most_units):
        yield Problem(("most_units",), "a limit for one person is one whole number", "write the number")
    most = limit.most
    if most is not None and most.flat is None:
        yield Problem(
            ("most",), "a limit for one person is one amount", "write the amount, and a limit for each cohort"
        )
    for key in ("payer", "then"):
        if getattr(limit, key) is not None:
            yield Problem((key,), "what one person's claims come to has no payer yet", f"leave {key} out")
    for scope in limit.per:
        if scope in ("rule", "cohort"):
            yield Problem(
                ("per",), f"per: person and per: {scope} are both said", "write a limit for each, with rules or cohorts"
            )
    for key, default in (("beyond", "lost"), ("unused", "lost"), ("shared", ("pro rata",))):
        if getattr(limit, key) != default:
            yield Problem((key,), "claims of one person are paid in order of their dates", f"leave {key} out")


def _part(units: object) -> bool:
    return isinstance(units, Figure) and (units.percent or units.value.denominator != 1)


def _counts_claims(spec: ContractSpec, name: str, rule: Rule) -> bool:
    """Whether a rule's metric counts claims one by one, and not days, or what is worked out from others."""
    metric = spec.metrics.get(rule.metric or name)
    return metric is None or (metric.worked_out is None and (metric.claims is None or metric.claims.days is None))


def _by_claim(spec: ContractSpec, name: str, rule: Rule) -> Iterator[Problem]:
    """Find rules that cannot pay claim by claim."""
    why = "each claim is paid by itself here, because its columns or a limit for one person decide"
    if rule.price is None:
        yield Problem((), why, "say price, and not another word")
        return
    metric = spec.metrics.get(rule.metric or name)
    if metric is not None and metric.worked_out is not None:
        yield Problem((), f"{why}, but the metric is worked out from others", "use a metric that claims give")
    if metric is not None and metric.claims is not None and metric.claims.days is not None:
        yield Problem(
            (), f"{why}, but the metric counts days of spells", "limit the days with times, under the metric's claims"
        )
    if metric is not None and metric.claims is not None and metric.claims.or_counts:
        yield Problem((), f"{why}, but the metric says or_counts: yes", "leave or_counts out: counts cannot decide it")
    for key in ("gate", "per", "baseline", "most_units", "pays_for", "share", "counts"):
        if getattr(rule, key) is not None:
            yield Problem((key,), f"{why}; {key} is not", f"leave {key} out, or name the other rules in the limit")
    if rule.price.index is not None:
        yield Problem(("price",), f"{why}, and an index is not known for each", "write prices by year")
    unknown = rule.uplift.to if rule.uplift is not None else None
    if isinstance(unknown, Unknown) or (unknown is not None and (unknown <= 0 or (unknown * spec.currency.minor) % 1)):
        yield Problem(("uplift", "to"), "money cannot be rounded to that", "write an amount above 0, such as 1")
