"""Cross-checks of what every part of a capital stack may say: names that there are, shares that a result decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from payfs.capital.written import Capital
from payfs.contract.written import ContractSpec
from payfs.evidence.metric import table_problems
from payfs.scale import Scale
from payfs.spec import Figure, Problem, quoted, under
from payfs.text import suggest
from payfs.words import Payout, Point, Tier, fit, tier_problems

At = tuple[str | int, ...]
MANY = ("receives", "covers", "source")


class ByResult:
    """Looks names and shares through that a result decides."""

    def __init__(self, spec: ContractSpec, capital: Capital, scales: Mapping[str, Scale]) -> None:
        """Take the contract and its stack as written, and how its metrics are measured."""
        self.spec, self.capital, self.scales = spec, capital, scales

    def _named(self, names: Iterable[str], known: Iterable[str], kind: str, path: At) -> Iterator[Problem]:
        listed = list(known)
        for place, name in enumerate(names):
            if name not in listed:
                where = (*path, name) if path[-1] == "surplus" else (*path, place) if path[-1] in MANY else path
                known_ = f"name one of {', '.join(listed[:12])}" if listed else f"write it under {kind}s"
                yield Problem(where, f"there is no {kind} {quoted(name)}", suggest(name, listed) or known_)

    def _pooled(self, metric: str, path: At) -> Iterator[Problem]:
        """Find percentages of which each cohort has its own, so that there is none for all together."""
        spec, scale = self.spec.metrics.get(metric), self.scales.get(metric)
        percent = spec is not None and scale is not None and scale.percent and not spec.worked_out
        if percent and spec is not None and spec.by_cohort and len(self.spec.population.cohorts or ()) > 1:
            what = "each cohort has a percentage of its own, and they cannot be added up"
            yield Problem(path, what, "name a metric with by_cohort: no, or one worked out from pooled counts")

    def _by(
        self, by: str, tiers: tuple[Tier, ...] | None, table: tuple[Point, ...] | None, most: Fraction | None = None
    ) -> Iterator[Problem]:
        yield from self._named((by,), self.spec.metrics, "metric", ("by",))
        if (tiers is None) == (table is None):
            yield Problem((), "what the result decides is said twice, or not at all", "say tiers, or table")
            return
        scale = self.scales.get(by)
        if scale is None:
            return
        yield from self._pooled(by, ("by",))
        rows: tuple[Tier | Point, ...] = tiers if tiers is not None else table or ()
        for place, row in enumerate(rows):
            at: At = ("tiers" if tiers is not None else "table", place)
            if row.gives is not None:
                yield Problem((*at, "gives"), "points stand where a share is meant", "say pays: a share")
            for word in ("pays", "price", "plus"):
                figure = getattr(row, word, None)
                if isinstance(figure, Figure) and not figure.percent and figure.value:
                    yield Problem((*at, word), f"{figure} is no percentage", "write a share, such as 12%")
                elif isinstance(figure, Figure) and most is not None and word == "pays" and figure.share > most:
                    what = f"{figure} is more than all that is outstanding"
                    yield Problem((*at, word), what, "write a share of at most 100%")
        if tiers == ():
            yield Problem(("tiers",), "the list is empty", "list at least one")
        if tiers is not None:
            yield from under(tier_problems(tiers, _Shares(Fraction(1))), "tiers")
            yield from under(fit(tiers, scale), "tiers")
        else:
            yield from under(table_problems(table or (), scale), "table")


class _Shares(Payout):
    """What a result decides is a share of whatever it is a share of."""

    def problem(self, pay: object) -> None:
        """Leave figures to those who know that they are shares."""
