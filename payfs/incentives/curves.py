"""The payment curve of a rule: what it pays at every level of the result that it is paid on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from payfs.contract import Contract
from payfs.evidence.measured import Flags
from payfs.incentives.alone import asked_by_gate, judged, metrics_behind, reported_behind, with_others
from payfs.incentives.held import Given, examples_of, trial_of
from payfs.incentives.levels import edges, finer, grid, most_levels, probes, range_of
from payfs.incentives.tiers import terms_of, thresholds
from payfs.incentives.trial import Gap, Trial, see
from payfs.money import Array, Currency
from payfs.scale import Scale
from payfs.spec import Unknown, spoken, written_share
from payfs.terms.rule import Rule

MOST_METRICS = 6  # that are varied for one rule, each in turn
MOST_ROUNDS = 12  # in which a coarse grid is refined; 16 parts each time


@dataclass(frozen=True)
class PaymentCurve:
    """What a rule pays at every level of one reported metric.

    Attributes:
        rule: name.
        metric: the reported metric that is varied.
        of: the metric that the rule is paid on; the same, unless that is worked out.
        scale: of the metric that is varied.
        money: the contract's currency.
        levels: in ascending order, not always every step [steps of the metric].
        amounts: what is paid in all, limits applied, 0 where not known [minor units].
        known: where nothing stands in the way.
        counted: what the rule's metric comes to at each level [steps of that metric]; None where it cannot be told.
        gaps: what stands in the way elsewhere.
        cut: by limit, where it cuts something off.
        trial: how it was tried: cohort, period and what is held.
        source: the worked example from which the levels that are held are taken; empty where they are assumed.
    """

    rule: str
    metric: str
    of: str
    scale: Scale
    money: Currency
    levels: Array
    amounts: Array
    known: Flags
    counted: Array | None
    gaps: tuple[Gap, ...]
    cut: dict[str, Flags]
    trial: Trial
    source: str = ""

    @cached_property
    def most(self) -> int:
        """The most that the rule pays, or takes where that is more [minor units]."""
        return max(int(self.amounts.max()), int(-self.amounts.min()), 0)

    @property
    def cohort(self) -> str | None:
        """The cohort whose result is varied; None where it is one for all of them."""
        contract = self.trial.contract
        named = contract.spec.population.cohorts and contract.frame.metrics[self.metric].by_cohort
        return contract.cohorts[self.trial.cohort] if named else None

    @property
    def period(self) -> str:
        """The period whose result is varied."""
        return self.trial.contract.periods[self.trial.period].name

    @property
    def held(self) -> dict[str, int]:
        """The levels of other metrics [steps]; metrics that are not here were not reported."""
        skipped = {self.metric} if self.trial.manner != "after" and not self.trial.pooled_sum else set()
        return {name: int(level) for name, level in self.trial.held.items() if name not in skipped}

    def at(self, level: int) -> int | None:
        """Return what is paid at one level [minor units]; None where it is not known, or was not looked at."""
        place = int(np.searchsorted(self.levels, level))
        there = place < len(self.levels) and int(self.levels[place]) == level and bool(self.known[place])
        return int(self.amounts[place]) if there else None


def paid_at(curve: PaymentCurve, level: int) -> int | None:
    """Return what a rule pays at any level of a curve's metric [minor units]; None where it is not known.

    Args:
        curve: the payment curve.
        level: whether it was looked at or not [steps].
    """
    place = int(np.searchsorted(curve.levels, level))
    if place < len(curve.levels) and int(curve.levels[place]) == level:
        return curve.at(level)
    seen = see(curve.trial, np.array([level], dtype=np.int64))
    return int(seen.amounts[0]) if seen.known[0] else None


class NoCurve(ValueError):
    """A rule has no payment curve: its kind (``no metric``, ``fixed``) and why, in plain words."""

    def __init__(self, kind: str, what: str) -> None:
        super().__init__(what)
        self.kind, self.what = kind, what


def curve_of(contract: Contract, rule: str) -> PaymentCurve:
    """Return the payment curve of a rule over the first of the reported metrics that it is paid on.

    Raises:
        NoCurve: it is paid on nothing that is measured.
    """
    return curves_of(contract, rule)[0]


def curves_of(contract: Contract, rule: str, examples: tuple[Given, ...] | None = None) -> tuple[PaymentCurve, ...]:
    """Return the payment curves of a rule: over its metric, or over each reported metric behind it in turn.

    Args:
        contract: the contract.
        rule: the rule's name.
        examples: what its worked examples give, where it is known already.

    Raises:
        NoCurve: it is paid on nothing that is measured.
    """
    given = examples_of(contract) if examples is None else examples
    return tuple(_curve(contract, rule, metric, given) for metric in varied(contract, rule))


def varied(contract: Contract, name: str) -> tuple[str, ...]:
    """Return the reported metrics that are varied for a rule.

    They are those behind the metric that it is paid on. A rule that is paid on none, but stands behind a gate, is
    varied by what the gate asks for. Metrics of which neither more nor less is better, such as a control group's, are
    no performance and are left out, unless there is nothing else.

    Raises:
        NoCurve: there is none.
    """
    spec = terms_of(contract, name).spec
    rule = spec.rules[name]
    metric = rule.metric or name
    own = [metric] if metric in spec.metrics and rule.part_of is None and rule.tops_up is None else []
    asked = own or list(asked_by_gate(rule))
    names = reported_behind(spec, asked)
    if not names and asked:
        raise NoCurve("fixed", "what it is paid on is fixed in the contract, so no result changes it")
    if not names:
        raise NoCurve("no metric", _without_metric(contract, rule))
    performance = tuple(metric for metric in names if judged(spec.metrics[metric]))
    return (performance or names)[:MOST_METRICS]


def _curve(contract: Contract, name: str, metric: str, examples: tuple[Given, ...]) -> PaymentCurve:
    terms = terms_of(contract, name)
    scale = terms.scales[metric]
    given = [example.levels[metric] for example in examples if metric in example.levels]
    rules = with_others(terms.spec, name)
    asked = [terms.spec.rules[rule].metric or rule for rule in rules]
    asked += [gate for rule in rules for gate in asked_by_gate(terms.spec.rules[rule])]
    needed = metrics_behind(terms.spec, asked)

    def starts(held: dict[str, int]) -> dict[str, list[int]]:
        return thresholds(contract, terms, name, needed, held)

    direct = starts({}).get(metric, [])
    seen = trial_of(contract, name, metric, examples, probes(scale, direct, given))
    trial = seen.trial
    held = {other: int(level) for other, level in trial.held.items() if other != metric}
    every = starts(held)
    direct = every.get(metric, [])
    low, high = range_of(trial, scale, direct, {k: v for k, v in every.items() if k != metric}, given)
    at_most = most_levels(contract)
    levels = grid(low, high, direct, at_most)
    of = terms.spec.rules[name].metric or name
    wanted = dict.fromkeys([metric, of, *every])
    made = see(trial, levels, edges(levels, trial.counted(levels, wanted), every))
    for _ in range(MOST_ROUNDS):
        more = finer(levels, made.amounts, made.known, at_most)
        if not len(more):
            break
        extra = see(made.trial, more, edges(more, trial.counted(more, wanted), every))
        order = np.argsort(np.concatenate([levels, more]), kind="stable")
        levels = np.concatenate([levels, more])[order]
        cut = {
            limit: np.concatenate([_flags(made.cut, limit, made.known), _flags(extra.cut, limit, extra.known)])[order]
            for limit in dict.fromkeys([*made.cut, *extra.cut])
        }
        made = made._replace(
            amounts=np.concatenate([made.amounts, extra.amounts])[order],
            known=np.concatenate([made.known, extra.known])[order],
            cut=cut,
            gaps=tuple(dict.fromkeys([*made.gaps, *extra.gaps])),
        )
    found = {other: level for other, level in held.items() if other != metric}
    source = next((e.name for e in examples if found and all(e.levels.get(k) == v for k, v in found.items())), "")
    return PaymentCurve(
        rule=name,
        metric=metric,
        of=of if of in terms.scales else metric,
        scale=scale,
        money=contract.money,
        levels=levels,
        amounts=made.amounts,
        known=made.known,
        counted=trial.counted(levels, [of]).get(of),
        gaps=made.gaps,
        cut={limit: flags for limit, flags in made.cut.items() if flags.any()},
        trial=made.trial,
        source=source,
    )


def listed(words: Sequence[str]) -> str:
    """Join words: ``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def _without_metric(contract: Contract, rule: Rule) -> str:
    """Say why a rule that is paid on nothing measured has no curve."""
    if rule.part_of is not None and rule.share is not None:
        return f"it is {written_share(rule.share)} of what {listed([spoken(other) for other in rule.part_of])} " + (
            "comes to, and rewards what that rewards"
            if len(rule.part_of) == 1
            else "come to, and rewards what they reward"
        )
    if rule.tops_up is not None:
        to = rule.tops_up.to
        much = "a sum that is unknown" if isinstance(to, Unknown) else contract.money.rate(to)
        others = listed([spoken(other) for other in rule.tops_up.rules])
        come = "comes" if len(rule.tops_up.rules) == 1 else "come"
        return f"it makes up what {others} {come} to, to {much}: below that, doing better there earns nothing in all"
    return "it is a fixed sum, and no result changes it"


def _flags(cut: Mapping[str, Flags], limit: str, known: Flags) -> Flags:
    nowhere: Flags = np.zeros(len(known), dtype=bool)
    return cut.get(limit, nowhere)
