"""A limit in sentences: how much is paid at most, of what, and what becomes of the rest."""

from __future__ import annotations

from collections.abc import Iterator

from payfs.report.phrases import (
    Block,
    Item,
    full_stop,
    inside,
    names,
    the,
)
from payfs.report.wording import UNKNOWN_NUMBER, Wording
from payfs.spec import Figure, decimal
from payfs.terms.limit import Limit


class LimitText(Wording):
    """Says up to what is paid."""

    def limit(self, name: str) -> Block:
        """Say how much is paid at most, of what, and what becomes of the rest."""
        limit = self.spec.limits[name]
        scope = self._covers(limit)
        body: list[Item] = []
        if limit.most is not None:
            body += self._most(limit.most, f"is paid {scope}", limit)
        elif limit.rules and "person" in limit.per:
            most = decimal(limit.most_units.value) if isinstance(limit.most_units, Figure) else UNKNOWN_NUMBER
            body.append(f"Payment is made for at most {most} units {scope}.")
        elif limit.rules:
            rule = self.spec.rules.get(limit.rules[0])
            scale = self.scales[(rule.metric if rule else None) or limit.rules[0]]
            units = scale.whole(limit.most_units) if isinstance(limit.most_units, Figure) else UNKNOWN_NUMBER
            body.append(f"Payment is made for at most {units} {scope}.")
        if limit.most is None or not limit.most.none:
            body += self._beyond(limit)
        return Block(self.tag(name, limit.clause, limit.what and limit.what.rstrip(".")), (*body, *self._aside(limit)))

    def _covers(self, limit: Limit) -> str:
        in_time = {"year": "calendar year"}.get(limit.in_time or "", limit.in_time)
        words = [f"in each {in_time}" if in_time else "in all"]
        words += ["for one person"] if "person" in limit.per else []
        words += [f"for each {scope} by itself" for scope in limit.per if scope in ("cohort", "rule")]
        words += [f"by {inside(self.party(limit.payer))}"] if limit.payer else []
        words += [f"under {the('rule', limit.rules)}"] if limit.rules else []
        words += [f"for {the('cohort', limit.cohorts)}"] if limit.cohorts else []
        return " ".join(words)

    def _beyond(self, limit: Limit) -> Iterator[str]:
        time = {"year": "calendar year"}.get(limit.in_time or "", limit.in_time or "period")
        if limit.in_time == "fiscal year":
            payers = [key for key, party in self.spec.parties.items() if "outcome payer" in party.role]
            whose = inside(self.party(limit.payer or payers[0]))
            yield f"It counts by the fiscal year of {whose} in which a payment is due."
        elif limit.in_time == "year":
            yield "It counts by the year in which a payment is due."
        if limit.in_time and "person" in limit.per:
            yield "A claim counts where it belongs by its date, even if it is reported later."
        if limit.then:
            yield f"What passes the limit is paid by {full_stop(inside(self.party(limit.then)))}"
        elif limit.beyond == "carried forward":
            yield f"What passes the limit is carried forward and paid as soon as a later {time} has room."
        else:
            yield "What passes the limit is not paid."
        if "person" in limit.per:
            yield "The claims of the person are served in order of their dates."
            return
        if limit.unused == "carried forward":
            yield f"Room that is not used is added to the next {time}."
        once = [name for name in limit.rules or self.spec.rules if not self.pays_by_cohort(name)]
        if once and (limit.cohorts or "cohort" in limit.per) and limit.most is not None:
            yield "What is paid once for all cohorts together stands outside this limit."
        several = len(limit.rules or self.spec.rules) > 1
        if limit.order:
            served = names(limit.order)
            yield f"Where the payments of a period pass it together, the rules are served in this order: {served}."
            if set(limit.rules or self.spec.rules) - set(limit.order):
                yield "All others come after them."
        elif limit.most is not None and (several or self.cohorts):
            yield "Where the payments of a period pass it together, each is cut in proportion to its amount."
