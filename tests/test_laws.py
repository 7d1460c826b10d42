"""General laws, on contracts that mix every way of paying with limits, cohorts, payers and amendments.

Examples are drawn the same way in every run (``derandomize``), so that a change fails because of what it changed and
not by the luck of the day. To look further, raise ``EXAMPLES`` and take ``derandomize`` out.
"""

import random
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from case_files import CASES, account_of, all_cases, contract_of
from drawn import PERIODS, Deal, Drawing, deals, results
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from payfs.contract import Contract, load
from payfs.evidence.entries import Entry
from payfs.evidence.measured import Measured
from payfs.evidence.results import check_entries
from payfs.limits import NoResult, labels_of
from payfs.line import Cell, Line, explain
from payfs.money import TooLarge, sum_over
from payfs.payments import pay
from payfs.places import contract_specs
from payfs.statement import Statement, blocks, statement
from payfs.text import Finding, Refused

EXAMPLES = 50
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
law = settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=SLOW)


def made(deal: Deal) -> Statement:
    """Work a statement out; contracts whose limit was not measured are passed over."""
    try:
        return statement(deal.contract, deal.measured)
    except NoResult:
        reject()


def by_stream(found: Statement) -> dict[tuple[str, str, int | None], np.ndarray]:
    return {(stream.rule, stream.payer, stream.corrects): stream.paid for stream in found.streams}


def in_objects(found: Statement) -> Statement:
    """Work the same out in Python's unbounded integers."""
    history = [(time, known.as_objects()) for time, known in found.history]
    return statement(found.contract, found.measured.as_objects(), history)


def same(one: np.ndarray, other: np.ndarray) -> bool:
    shape = np.broadcast_shapes(one.shape, other.shape)
    return bool((np.broadcast_to(one, shape) == np.broadcast_to(other, shape)).all())


def in_all(array: np.ndarray, paths: int) -> list[int]:
    """Add up everything on each path."""
    return np.broadcast_to(array.astype(object).sum(axis=(0, 1)), (paths,)).tolist()


# -- parts add up to the whole


@law
@given(deals())
def test_the_total_is_the_sum_by_stream_by_rule_by_payer_and_by_period(deal):
    found = made(deal)
    paths = deal.measured.paths
    whole = in_all(found.total(), paths)
    streams = [in_all(stream.paid, paths) for stream in found.streams]
    assert [sum(column) for column in zip(*streams, strict=True)] == whole
    for parts in (found.by_rule(), found.by_payer()):
        assert [sum(column) for column in zip(*(in_all(a, paths) for a in parts.values()), strict=True)] == whole
    assert in_all(found.by_period(), paths) == whole


def unlimited(parts: dict) -> Contract:
    """Return the contract without limits but those of its rules."""
    bare = {**parts, "limits": {}}
    for amendment in parts.get("amendments", []):
        if "limits" in amendment["changes"]:
            bare.pop("amendments")
    return contract_of(bare)


@law
@given(deals())
def test_what_is_due_is_what_is_paid_and_what_a_limit_cut(deal):
    found, free = made(deal), statement(unlimited(deal.parts), deal.measured)
    for name in deal.contract.spec.rules:
        paid = [stream.paid for stream in found.streams if stream.rule == name]
        cut = [array for (rule, limit), array in found.unpaid.items() if rule == name and limit in deal.parts["limits"]]
        due = [stream.paid for stream in free.streams if stream.rule == name]
        assert same(sum(paid) + sum(cut), sum(due))


@law
@given(deals())
def test_of_each_stream_what_was_due_before_limits_is_kept(deal):
    found, free = made(deal), statement(unlimited(deal.parts), deal.measured)
    taken = {limit.then for limit in deal.contract.spec.limits.values()}
    for stream in found.streams:
        due = by_stream(free).get((stream.rule, stream.payer, stream.corrects))
        if stream.payer not in taken:
            assert due is not None
            assert same(stream.due, due)


@law
@given(deals(limits=0, amended=False))
def test_what_a_rule_comes_to_is_what_is_left_and_what_its_own_limit_cut(deal):
    found = made(deal)
    looked_at = {other for rule in deal.contract.spec.rules.values() for _, other in rule.other_rules()}
    for name, rule in deal.parts["rules"].items():
        if "most" not in rule or "holdback" in rule or looked_at:
            continue
        bare = {**deal.parts, "rules": {**deal.parts["rules"], name: {k: v for k, v in rule.items() if k != "most"}}}
        free = statement(contract_of(bare), deal.measured).by_rule()[name]
        cut = found.unpaid[name, f"{name}: most"].sum(axis=(0, 1))
        assert same(found.by_rule()[name] + cut, free)


# -- no limit is ever passed


def one_way(parts: dict) -> bool:
    return not any("two_way" in rule or "returned" in rule for rule in parts["rules"].values())


def assert_within(deal: Deal, found: Statement, name: str) -> None:
    """Assert that a limit's running totals stay within it."""
    contract = deal.contract
    limit = contract.spec.limits[name]
    labels = labels_of(contract, limit.in_time, limit.payer)
    rows = [r for r, cohort in enumerate(contract.cohorts) if limit.cohorts is None or cohort in limit.cohorts]
    apart = limit.cohorts is not None or "cohort" in limit.per
    chosen = [
        stream
        for stream in found.streams
        if (limit.rules is None or stream.rule in limit.rules)
        and (limit.payer is None or stream.payer == limit.payer)
        and (not apart or stream.paid.shape[0] == len(contract.cohorts))
    ]
    groups: dict[str, list] = {}
    for stream in chosen:
        groups.setdefault(stream.rule if "rule" in limit.per else "", []).append(
            stream.paid[rows] if apart else stream.paid
        )
    for group in groups.values():
        amount = sum(part if "cohort" in limit.per else part.sum(axis=0, keepdims=True) for part in group)
        amount = np.broadcast_to(amount, (*amount.shape[:2], deal.measured.paths))
        edges = [p for p in range(len(labels) + 1) if p in (0, len(labels)) or labels[p] != labels[p - 1]]
        room_before = 0
        for start, stop in pairwise(edges):
            most = np.stack([most_of(deal, name, place) for place in range(start, stop)])
            so_far = amount[:, start:stop].cumsum(axis=1)
            highest = np.maximum.accumulate(most, axis=0)  # a limit that is lowered takes nothing back
            assert (so_far <= highest[None] + room_before).all()
            if limit.unused == "carried forward":
                room_before = np.maximum(highest[-1] + room_before - so_far[:, -1:], 0)


def most_of(deal: Deal, name: str, place: int) -> np.ndarray:
    """Return a limit in one period, on each path."""
    terms = next(terms for terms in reversed(deal.contract.terms) if terms.first <= place)
    most = terms.spec.limits[name].most
    if most.metric is None:
        return np.full(deal.measured.paths, int(most.flat * deal.contract.money.minor))
    series = deal.measured.series[most.metric]
    minor = Fraction(deal.contract.money.minor) * series.scale.step
    return np.broadcast_to(series.held()[0, place] * int(minor), (deal.measured.paths,))


@law
@given(deals())
def test_no_limit_is_ever_passed(deal):
    assume(deal.parts["limits"])
    assume(one_way(deal.parts))
    found = made(deal)
    for name in deal.contract.spec.limits:
        assert_within(deal, found, name)


@law
@given(deals(limits=1))
def test_a_limit_is_not_passed_either_where_money_flows_both_ways(deal):
    assume(deal.parts["limits"])
    found = made(deal)
    for name in deal.contract.spec.limits:
        assert_within(deal, found, name)


@law
@given(deals(limits=0, amended=False))
def test_no_limit_of_a_rule_is_ever_passed(deal):
    found = made(deal)
    for name, rule in deal.contract.spec.rules.items():
        if rule.most is not None:
            paid = sum(stream.paid for stream in found.streams if stream.rule == name)
            so_far = paid.sum(axis=0).cumsum(axis=0)
            assert (so_far <= int(rule.most.flat * deal.contract.money.minor)).all()


@law
@given(deals(limits=0, amended=False))
def test_no_more_units_are_paid_than_the_rule_says(deal):
    found = made(deal)
    for name, rule in deal.contract.spec.rules.items():
        if rule.most_units is None:
            continue
        cut = found.unpaid_units[name, f"{name}: most_units"]
        assert (cut.sum(axis=(0, 1)) >= 0).all() or rule.two_way


# -- order never matters


@law
@given(deals(), st.randoms(use_true_random=False))
def test_the_order_of_keys_never_matters(deal, rng):
    def shuffled(tree):
        if isinstance(tree, list):
            return [shuffled(branch) for branch in tree]
        if not isinstance(tree, dict):
            return tree
        keys = list(tree)
        rng.shuffle(keys)
        return {key: shuffled(tree[key]) for key in keys}

    found = made(deal)
    parts = {key: part if key in ("limits", "population") else shuffled(part) for key, part in deal.parts.items()}
    other = statement(contract_of(shuffled_top(parts, rng)), deal.measured)
    assert by_stream(found).keys() == by_stream(other).keys()
    for key, array in by_stream(found).items():
        assert same(array, by_stream(other)[key])
    assert found.unpaid.keys() == other.unpaid.keys()
    for key, array in found.unpaid.items():
        assert same(array, other.unpaid[key])


def shuffled_top(parts: dict, rng: random.Random) -> dict:
    keys = list(parts)
    rng.shuffle(keys)
    return {key: parts[key] for key in keys}


def entries(measured: Measured, contract: Contract, path: int) -> list[Entry]:
    """Write one path's results as they would be reported."""
    rows = []
    for name, series in measured.series.items():
        for row, period in np.argwhere(series.present):
            cohort = contract.cohorts[row] if series.present.shape[0] > 1 else ""
            value = series.scale.written(int(series.values[row, period, path]))
            rows.append(Entry(name, cohort, measured.periods[period], value, "", Finding("")))
    return rows


@law
@given(deals(), st.randoms(use_true_random=False))
def test_the_order_of_results_never_matters(deal, rng):
    made(deal)
    rows = entries(deal.measured, deal.contract, 0)
    one = pay(deal.contract, check_entries(rows, deal.contract.frame))
    rng.shuffle(rows)
    assert pay(deal.contract, check_entries(rows, deal.contract.frame)).payments == one.payments


# -- one case is a batch of one, whatever it is worked out in


@law
@given(deals())
def test_a_path_of_a_batch_equals_that_path_alone(deal):
    found = by_stream(made(deal))
    for path in range(deal.measured.paths):
        alone = by_stream(statement(deal.contract, deal.measured.take(slice(path, path + 1))))
        assert alone.keys() == found.keys()
        for key, array in found.items():
            assert same(array[:, :, path : path + 1] if array.shape[2] > 1 else array, alone[key])


@law
@given(deals())
def test_blocks_of_paths_come_to_the_same(deal):
    found = by_stream(made(deal))
    parts = [by_stream(statement(deal.contract, block)) for block in blocks(deal.measured, 2)]
    assert len(parts) == -(-deal.measured.paths // 2)
    sizes = [block.paths for block in blocks(deal.measured, 2)]
    for key, array in found.items():
        wide = [np.broadcast_to(p[key], (*p[key].shape[:2], n)) for p, n in zip(parts, sizes, strict=True)]
        assert same(array, np.concatenate(wide, axis=2))


@law
@given(deals())
def test_64_bits_come_to_the_same_as_unbounded_integers(deal):
    found = made(deal)
    exact = statement(deal.contract, deal.measured.as_objects())
    for key, array in by_stream(found).items():
        assert array.dtype == np.int64
        assert by_stream(exact)[key].dtype == object
        assert same(array, by_stream(exact)[key])
    for key, array in found.unpaid.items():
        assert same(array, exact.unpaid[key])
    for key, array in found.unpaid_units.items():
        assert same(array, exact.unpaid_units[key])


@law
@given(deals(), st.sampled_from([10**6, 10**9, 10**12]))
def test_large_results_come_to_the_same_or_are_refused_by_both(deal, factor):
    def large(measured: Measured) -> Measured:
        series = {
            name: s.__class__(np.clip(s.values * factor, -(10**15), 10**15), s.present, s.scale, s.running)
            for name, s in measured.series.items()
            if name not in ("rate", "index")
        }
        return measured.with_series(series)

    measured = large(deal.measured)
    try:
        exact = by_stream(statement(deal.contract, measured.as_objects()))
    except NoResult:
        reject()
    except TooLarge:
        with pytest.raises(TooLarge):
            statement(deal.contract, measured)
        return
    found = by_stream(statement(deal.contract, measured))
    for key, array in found.items():
        assert same(array, exact[key])


# -- an explanation prints the very arrays that were added up


def lines(line: Line):
    yield line
    for part in line.parts:
        yield from lines(part)


@law
@given(deals())
def test_every_cell_is_explained_with_exactly_its_amount(deal):
    found = made(deal)
    show = deal.contract.money.show
    for stream in found.streams:
        shape = (stream.paid.shape[0], stream.paid.shape[1], deal.measured.paths)
        for place in np.ndindex(shape):
            cell = Cell(*place)
            explanation = explain(stream.line, cell)
            at = tuple(0 if length == 1 else where for length, where in zip(stream.paid.shape, cell, strict=True))
            assert explanation.amount == show(int(stream.paid[at]))
            for part in walk(explanation):
                assert part.sentence
                assert "{" not in part.sentence


def walk(explanation):
    yield explanation
    for part in explanation.parts:
        yield from walk(part)


# -- more outcomes never pay less


@st.composite
def rising(draw):
    """Draw contracts in which nothing speaks against more of what is measured."""
    cohorts = draw(st.sampled_from([(), ("east", "west")]))
    drawing = Drawing(draw, cohorts)
    rules = {}
    for place in range(drawing.number(1, 3)):
        metric = drawing.of("starts", "days")
        kind = drawing.of("price", "bands", "tiers", "table", "stages", "part_of", "tops_up")
        plain = [name for name, rule in rules.items() if rule.get("metric") == "starts" and "stages" not in rule]
        if (kind == "part_of" and not plain) or (kind == "tops_up" and not rules):
            kind = "price"
        if kind == "part_of":
            rule = {"part_of": [drawing.of(*plain)], "share": drawing.share()}
        elif kind == "tops_up":
            rule = {"tops_up": {"rules": [drawing.of(*rules)], "to": drawing.money(most=5000)}, "periods": ["2018"]}
        elif kind == "tiers":
            low = drawing.number(0, 300)
            tiers = [{"below": "20", "pays": str(low)}, {"from": "20", "pays": str(low + drawing.number(0, 300))}]
            rule = {"metric": metric, "tiers": tiers}
        elif kind == "table":
            rise = sorted(drawing.number(0, 500) for _ in range(3))
            points = [{"at": str(at), "pays": str(pays)} for at, pays in zip((0, 20, 70), rise, strict=True)]
            rule = {"metric": metric, "table": points}
        elif kind == "bands":
            rule = {"metric": metric, "bands": [{"up_to": "30", "price": drawing.money()}, {"price": drawing.money()}]}
        elif kind == "stages":
            stages = [{"price": drawing.money(1, 30), "until_paid": "300"}, {"price": drawing.money(0, 30)}]
            rule = {"metric": metric, "stages": stages}
        else:
            rule = {"metric": metric, "price": drawing.money()}
            rule |= drawing.of(
                {},
                {"per": "3"},
                {"per": "3", "complete": "yes"},
                {"baseline": "9"},
                *([] if cohorts else [{"most_units": "70"}]),
            )
        # a share of what a total to date adds is rounded in each period, and so may be a cent less in all
        exact = metric == "days" or kind in ("stages", "tops_up")
        if drawing.maybe() and not exact:
            rule["share"] = drawing.share()
        if drawing.maybe() and not exact:
            rule["gate"] = {
                "metric": "all starts",
                "from": "20",
                **drawing.of({}, {"before": "held"}, {"otherwise": "50%"}),
            }
        if drawing.maybe() and not exact:
            rule["holdback"] = {"share": "10%", "released": "2018", "gate": {"metric": "all starts", "from": "20"}}
        rules[f"rule {place}"] = rule
    limits = {"limit": drawing.limit(list(rules))} if drawing.maybe(5) else {}
    if any(rule.get("metric") == "days" or "stages" in rule or "tops_up" in rule for rule in rules.values()):
        # what comes earlier in a total to date may be lost to the limit of its year, and is not due again later
        for limit in limits.values():
            scopes = [scope for scope in limit.pop("per", []) if scope in ("rule", "cohort")]
            limit.update({"per": scopes} if scopes else {}, beyond="lost", unused="lost")
    parts = {
        "metrics": {
            "starts": {"unit": "start"},
            "days": {"unit": "day", "reports": "to date"},
            "budget": {"unit": "money", **({"by_cohort": "no"} if cohorts else {})},
            "all starts": {"unit": "start", "pooled": "starts"},
        },
        "rules": rules,
        "limits": limits,
        "rounding": drawing.of("half up", "half even", "down", "up"),
    }
    if cohorts:
        parts["population"] = {"cohorts": {name: {} for name in cohorts}}
    try:
        contract = contract_of(parts)
    except Refused:
        reject()
    return Deal(parts, contract, draw(results(contract, whole=True)))


@law
@given(rising(), st.integers(0, 2**32 - 1))
def test_more_outcomes_never_pay_less(deal, seed):
    rng = np.random.default_rng(seed)
    more = {}
    for name in ("starts", "days"):
        series = deal.measured.series[name]
        extra = rng.integers(0, 12, series.values.shape) * (rng.random(series.values.shape) < 0.5)
        more[name] = series.__class__(series.values + extra, series.present, series.scale, series.running)
    before = made(deal).total()
    after = statement(deal.contract, deal.measured.with_series(more)).total()
    assert (after >= before).all()


# -- splitting a period changes nothing for a linear rule


@law
@given(st.data(), st.booleans(), st.lists(st.integers(0, 300), min_size=8, max_size=8))
def test_splitting_a_period_changes_nothing_for_a_linear_rule(data, to_date, halves):
    drawing = Drawing(data.draw, ())
    price = drawing.money() if to_date else f"{drawing.number(0, 9999)}.{drawing.number(10, 99)}"
    rule = {"metric": "starts", "price": price, **({"counts": "to date"} if to_date else {})}
    if drawing.maybe(5):
        rule["most"] = drawing.money(most=20_000)
    if drawing.maybe(5):
        rule["most_units"] = "500"

    def total(every: str, counts: list[int]) -> int:
        parts = {
            "metrics": {"starts": {"unit": "start"}},
            "rules": {"starts": rule},
            "periods": {"run": {"every": every, "from": "2016-01-01", "to": "2019-12-31"}},
        }
        contract = contract_of(parts)
        names = [period.name for period in contract.periods]
        rows = [Entry("starts", "", p, str(c), "", Finding("")) for p, c in zip(names, counts, strict=True)]
        return pay(contract, check_entries(rows, contract.frame)).total

    assert total("half-year", halves) == total("year", [a + b for a, b in zip(halves[::2], halves[1::2], strict=True)])


# -- scaling the currency scales the payment


@law
@given(st.data(), st.lists(st.integers(0, 90), min_size=3, max_size=3))
def test_ten_times_the_amounts_pay_ten_times_as_much(data, counts):
    drawing = Drawing(data.draw, ())
    kind = drawing.of("price", "tiers", "bands", "lump")
    figures = [drawing.number(0, 500) for _ in range(4)]

    def total(scale: int) -> list[int]:
        a, b, c, most = (str(figure * scale) for figure in figures)
        rule = {
            "price": {"price": a},
            "tiers": {"tiers": [{"below": "20", "price": a}, {"from": "20", "pays": b, "plus": c}]},
            "bands": {"bands": [{"up_to": "30", "price": a}, {"above": "30", "price": b}]},
            "lump": {"pays": a},
        }[kind]
        parts = {
            "metrics": {"starts": {"unit": "start"}},
            "rules": {"starts": {"metric": "starts", **rule}, "other": {"metric": "starts", "price": c}},
            "limits": {"all": {"most": f"{most}00", "shared": ["other", "starts"]}},
        }
        contract = contract_of(parts)
        rows = [Entry("starts", "", p, str(n), "", Finding("")) for p, n in zip(PERIODS, counts, strict=True)]
        return [payment.amount for payment in pay(contract, check_entries(rows, contract.frame)).payments]

    assert total(10) == [amount * 10 for amount in total(1)]


# -- a correction pays the difference, so that in the end it is paid once


def reported(deal: Deal, rng: random.Random) -> tuple[list[Entry], list[Entry]]:
    """Return results some of which were wrong at first and corrected later, and the right ones alone."""
    rows = entries(deal.measured, deal.contract, 0)
    told = []
    for row, other in zip(rows, entries(deal.measured, deal.contract, 1), strict=True):
        place = PERIODS.index(row.period)
        if rng.random() < 0.3 and place < 2:
            told += [other, row._replace(reported=rng.choice(PERIODS[place + 1 :]))]
        else:
            told.append(row)
    return told, rows


def sums(payments) -> dict[tuple, int]:
    """Add up payments for each rule, cohort and period."""
    found: dict[tuple, int] = {}
    for payment in payments:
        key = (payment.rule, payment.payee, payment.cohort, payment.period)
        found[key] = found.get(key, 0) + payment.amount
    return {key: amount for key, amount in found.items() if amount}


@law
@given(deals(limits=0), st.randoms(use_true_random=False))
def test_corrected_results_come_to_what_they_would_have_come_to_at_once(deal, rng):
    told, rows = reported(deal, rng)
    account = pay(deal.contract, check_entries(told, deal.contract.frame))
    once = pay(deal.contract, check_entries(rows, deal.contract.frame))
    assert sums(account.payments) == sums(once.payments)
    assert account.total == once.total


@law
@given(deals(), st.randoms(use_true_random=False))
def test_sums_of_payments_add_up_and_pass_no_limit_after_corrections_either(deal, rng):
    made(deal)
    told, _ = reported(deal, rng)
    try:
        account = pay(deal.contract, check_entries(told, deal.contract.frame))
    except Refused:
        reject()
    assert account.total == int(account.statement.total()[0, 0, 0])
    for by in ("rule", "payer", "payee", "period", "fiscal year"):
        assert sum(account.sums(by).values()) == account.total
    one = Deal(deal.parts, deal.contract, account.statement.measured)
    if one_way(deal.parts) and all(change >= 0 for change in changes(account)):
        for name in deal.contract.spec.limits:
            assert_within(one, account.statement, name)


def changes(account) -> list[int]:
    return [payment.amount for payment in account.payments]


# -- the same laws on every golden case and on every deal


@pytest.mark.parametrize("case", [c for c in all_cases() if not c.refused], ids=lambda c: f"{c.file}: {c.name}")
def test_a_golden_case_obeys_the_laws(case):
    try:
        found = account_of(contract_of(case.contract))
    except Refused:
        return  # what is unknown is refused
    again = in_objects(found.statement)
    for key, array in by_stream(found.statement).items():
        assert same(array, by_stream(again)[key])
    assert found.total == int(found.statement.total()[0, 0, 0])
    for payment in found.payments:
        assert payment.why
    assert CASES.is_dir()


@pytest.mark.parametrize("path", sorted(contract_specs().glob("*.yaml")), ids=lambda path: path.stem)
def test_a_deal_comes_to_the_same_in_unbounded_integers(path):
    contract = load(path)
    for place, example in enumerate(contract.terms[0].spec.examples):
        if example.expect.unknown:
            continue
        found = account_of(contract, place).statement
        again = in_objects(found)
        for key, array in by_stream(found).items():
            assert same(array, by_stream(again)[key])
            assert same(sum_over(array, 0), sum_over(by_stream(again)[key], 0))
