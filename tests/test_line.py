"""Lines of every golden case: whole figures, read alike on each path, under the rule's name and clause."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from case_files import account_of, all_cases, contract_of

from payfs.contract import Contract
from payfs.evidence.measured import Measured
from payfs.line import Cell, Fact, Line, explain
from payfs.payments import Account
from payfs.statement import Statement, statement
from payfs.text import Refused

CASES = all_cases()
every_file = pytest.mark.parametrize("file", sorted({case.file for case in CASES}))


def paid(file: str) -> Iterator[tuple[str, Contract, Account]]:
    """Pay every golden case of a file that is not refused, with a clause on every rule that has none."""
    for case in (case for case in CASES if case.file == file):
        (example,) = case.contract["examples"]
        rules = {**case.contract.get("rules", {}), **example.get("assuming", {}).get("rules", {})}
        clauses = {name: {"clause": f"§ {name}"} for name, rule in rules.items() if rule != "none"}
        assuming = example.get("assuming", {})
        given = {**assuming, "rules": merged(clauses, assuming.get("rules", {}))}
        try:
            account = account_of(contract_of({**case.contract, "examples": [{**example, "assuming": given}]}))
        except Refused:
            continue
        yield case.name, account.contract, account


def merged(into: dict, more: dict) -> dict:
    """Lay some keys over others."""
    result = {**into, **more}
    for key in into.keys() & more.keys():
        if isinstance(into[key], dict) and isinstance(more[key], dict):
            result[key] = merged(into[key], more[key])
    return result


def lines_of(line: Line) -> list[Line]:
    """Return a line and all that it was made from."""
    parts = [*line.parts, *(piece for _, piece in line.pieces)]
    return [line, *(inner for part in parts for inner in lines_of(part))]


def every_line(made: Statement) -> list[Line]:
    return [line for stream in made.streams for line in lines_of(stream.line)]


def history_of(made: Statement, change) -> list[tuple[int, Measured]]:
    return [(time, change(known)) for time, known in made.history]


def on_paths(count: int):
    """Let results stand on several paths."""

    def change(measured: Measured) -> Measured:
        series = {
            name: replace(s, values=np.broadcast_to(s.values, (*s.values.shape[:2], count)).copy())
            for name, s in measured.series.items()
        }
        return replace(measured, series=series, paths=count)

    return change


def cells(made: Statement, path: int) -> list[tuple[Line, Cell]]:
    found = []
    for stream in made.streams:
        rows, periods, _ = stream.paid.shape
        found += [(stream.line, Cell(row, period, path)) for row in range(rows) for period in range(periods)]
    return found


@every_file
def test_every_figure_is_a_whole_number_and_no_array_is_larger_than_what_is_paid(file):
    for name, contract, account in paid(file):
        most = (len(contract.cohorts), len(contract.periods), 1)
        arrays = []
        for line in every_line(account.statement):
            arrays += [line.amount, *(fact.values for fact in line.facts.values())]
        arrays += [stream.due for stream in account.statement.streams]
        arrays += account.statement.unpaid_units.values()
        for array in arrays:
            if isinstance(array, np.ndarray):
                assert array.dtype.kind in "bi" or {type(x) for x in array.ravel()} <= {int, bool}, name
                assert all(length in (1, full) for length, full in zip(array.shape, most, strict=True)), name
            else:
                assert isinstance(array, int), name


@every_file
def test_unbounded_integers_stay_unbounded_and_come_to_the_same(file):
    for name, contract, account in paid(file):
        history = history_of(account.statement, Measured.as_objects)
        exact = statement(contract, history[-1][1], history)
        for stream, same in zip(exact.streams, account.statement.streams, strict=True):
            assert stream.paid.dtype == object, name
            assert {type(figure) for figure in stream.paid.ravel()} == {int}, name
            assert stream.paid.tolist() == same.paid.tolist(), name
            assert [line.amount.tolist() for line in lines_of(stream.line)] == [
                line.amount.tolist() for line in lines_of(same.line)
            ], name
        for key, units in exact.unpaid_units.items():
            assert units.tolist() == account.statement.unpaid_units[key].tolist(), name


@every_file
def test_each_path_of_a_batch_is_explained_as_it_would_be_alone(file):
    for name, contract, account in paid(file):
        history = history_of(account.statement, on_paths(3))
        batch = statement(contract, history[-1][1], history)
        alone = [explain(line, cell) for line, cell in cells(account.statement, 0)]
        assert [explain(line, cell) for line, cell in cells(batch, 2)] == alone, name


@every_file
def test_what_is_paid_bears_the_name_and_the_clause_of_its_rule_and_is_written_as_money(file):
    for name, contract, account in paid(file):
        for stream in account.statement.streams:
            rule = contract.terms[0].spec.rules.get(stream.rule)
            if rule is None:
                continue  # an amendment added it, and no clause with it
            assert (stream.line.name, stream.line.clause) == (stream.rule, rule.clause), name
            named = [line for line in lines_of(stream.line) if line.name == stream.rule]
            assert {line.show(-1234) for line in named} == {contract.money.show(-1234)}, name


@every_file
def test_no_line_is_without_a_name(file):
    for name, contract, account in paid(file):
        written = {*contract.terms[0].spec.limits, *contract.terms[0].spec.rules}
        for line in every_line(account.statement):
            assert isinstance(line.name, str), name
            assert line.name.strip(), name
            assert line.name == line.name.lower() or line.name in written, name


@pytest.mark.parametrize("cell", [Cell(0, 0, 0), Cell(1, 2, 3)])
def test_one_figure_may_stand_for_all_cells(cell):
    line = Line("fee", np.array([[[7]]]), "{x} in all", {"x": Fact(5, str)})
    assert explain(line, cell).sentence == "5 in all"
    assert explain(line, cell).amount == "7"
