"""Why a contract cannot be worked out on what was reported: what is unknown, missing, or beyond all bounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from payfs.contract import Contract
from payfs.evidence.derive import DividedByNothing
from payfs.limits import NoResult
from payfs.money import MOST, TooLarge
from payfs.spec import UnknownTerm, quoted
from payfs.text import Finding, Path, Refused, dotted


@contextmanager
def saying_why(contract: Contract) -> Iterator[None]:
    """Say in plain words what stands in the way of a statement.

    Raises:
        Refused: what the results need is unknown, missing, or cannot be worked out.
    """
    try:
        yield
    except UnknownTerm as error:
        raise Refused([unknown_finding(contract, path) for path in error.paths]) from None
    except NoResult as error:
        what = f"the limit is the metric {quoted(error.metric)}, and no result says what it was in {error.period}"
        raise Refused([contract.document.finding(("metrics", error.metric), what, "add the result")]) from None
    except DividedByNothing as error:
        what = f"it would divide by nothing in {error.period}" + (
            f" for {error.cohort}" if error.cohort != "all" else ""
        )
        remedy = "check the results, or say in if_zero what it is then"
        raise Refused([contract.document.finding(("metrics", error.metric), what, remedy)]) from None
    except TooLarge:
        finding = Finding(
            f"an amount is beyond {contract.money.show(MOST)} and cannot be paid exactly",
            "check the results and the prices",
            file=contract.file,
        )
        raise Refused([finding]) from None


def unknown_finding(contract: Contract, path: Path) -> Finding:
    """Name the gap."""
    document = next((t.document for t in reversed(contract.terms) if path in t.document.places), contract.document)
    what = "it is unknown, and what these results come to depends on it"
    return document.finding(path, what, "find the figure and write it in the contract")


def unknown_path(finding: Finding) -> str | None:
    """Return the place of the gap that a finding names, if it names one."""
    return dotted(finding.path) if finding.what.startswith("it is unknown") else None


def unknown_in(data: Any, parts: Sequence[str]) -> Iterator[Path]:
    """Yield the places of everything that some parts of a contract's text say is unknown."""
    for part in parts:
        yield from _unknown(data.get(part), (part,))


def _unknown(value: Any, at: Path) -> Iterator[Path]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _unknown(one, (*at, key))
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from _unknown(one, (*at, place))
    elif value == "unknown":
        yield at
