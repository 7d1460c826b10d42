"""Which figures of a contract are to be assumed, all at once, where a scenario meets one that nobody knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from payfs.contract import Contract
from payfs.text import Finding, Path, Refused
from payfs.unknowns import saying_why, unknown_finding, unknown_in, unknown_path

ASSUME = "say in the scenario, under assuming, what it is taken to be"
PARTS = ("metrics", "rules", "limits")
"""The parts of a contract in which what is paid stands."""


@contextmanager
def saying_what_to_assume(contract: Contract) -> Iterator[None]:
    """Refuse with every figure that is to be assumed, where one is met that is unknown."""
    try:
        with saying_why(contract):
            yield
    except Refused as refused:
        met = [finding.path for finding in refused.findings if unknown_path(finding) and finding.remedy != ASSUME]
        told = [finding for finding in refused.findings if finding.path not in met]
        raise Refused([*told, *(to_assume(contract, met) if met else ())]) from None


def to_assume(contract: Contract, met: Sequence[Path]) -> list[Finding]:
    """Return the figures that were met and are unknown, and the others that a path may meet, as the contract has them.

    Args:
        contract: which is simulated.
        met: the places of those that were met.
    """
    found, every = list[Finding](), list(unknown_in(contract.terms[-1].document.data, PARTS))
    for path in dict.fromkeys(met):
        under = [one for one in every if one[: len(path)] == path]
        found += [unknown_finding(contract, one) for one in under or [path]]
    for one in every:
        if not any(one[: len(path)] == path for path in met):
            what = "it is unknown, and what a path comes to may depend on it"
            found.append(unknown_finding(contract, one)._replace(what=what))
    return [finding._replace(remedy=ASSUME) for finding in sorted(found, key=lambda f: (f.line, f.column))]
