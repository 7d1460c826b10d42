"""One simulated path, told: where each input was drawn, what was measured, what was paid and why."""

from __future__ import annotations

from collections.abc import Iterator

from payfs.report.lines import table, wrapped
from payfs.report.statement_text import explanation_lines
from payfs.simulate.one_path import OnePath
from payfs.simulate.worked import TOTAL


def path_lines(path: OnePath) -> Iterator[str]:
    """Write one path."""
    contract = path.account.contract
    show = contract.money.show
    yield from wrapped(f"Path {path.number:,} of the simulation of {contract.spec.title}")
    yield ""
    yield "Where each input was drawn, between the least (0%) and the most (100%) that is believed"
    rows = []
    for name, ranks in path.ranks.items():
        some = ", ".join(f"{100 * rank:.1f}%" for rank in ranks[:5])
        rows.append((name, some if len(ranks) <= 5 else f"{some} and {len(ranks) - 5} more"))
    yield from table(("", ""), rows)
    yield ""
    yield "What was measured"
    cohorts = any(cohort for _, cohort, _, _ in path.measured)
    header = ("metric", "cohort", "period", "result") if cohorts else ("metric", "period", "result")
    cells = [row if cohorts else (row[0], row[2], row[3]) for row in path.measured]
    yield from table(header, cells, right=(len(header) - 1,))
    yield ""
    yield f"What is paid: {show(int(path.outcomes[TOTAL][0]))} in all"
    for payment in path.account.payments:
        yield ""
        yield from explanation_lines(payment, path.account)
    rates = [(label, values) for label, values in path.outcomes.items() if label.endswith((" IRR", " multiple"))]
    if rates:
        yield ""
        yield "What the investors get"
        rows = []
        for label, values in rates:
            value = float(values[0])
            said = "none" if value != value else f"{100 * value:.2f}%" if label.endswith(" IRR") else f"{value:.4f}"
            rows.append((label, said))
        yield from table(("", ""), rows, right=(1,))
