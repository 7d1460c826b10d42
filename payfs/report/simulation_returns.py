"""What a simulation says of those who put money in, as text: the return of each tranche, and what it may lose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from payfs.report.phrases import full_stop, start
from payfs.report.simulation_figures import Shown, paragraph, spread
from payfs.simulate.labels import OF_TRANCHE, Meaning
from payfs.simulate.question import Unit
from payfs.simulate.risk import Figure, Risk
from payfs.simulate.worked import ALL, Worked
from payfs.spec import spoken

COLUMNS = {"mean": "mean", "5%": "p5", "50%": "p50", "95%": "p95"}
WORDS = {"IRR": "IRR a year", "multiple": "multiple", "received": "received", "loss": "loss"}


def invested(found: Mapping[str, Meaning]) -> str | None:
    """Return whose loss tells what investors can lose: all tranches together, else the only one; None for none."""
    names = [one.name for one in found.values() if one.kind == "loss"]
    return ALL if ALL in names else names[0] if len(names) == 1 else None


def returned_lines(worked: Worked, risk: Risk, found: Mapping[str, Meaning], shown: Shown) -> Iterator[str]:
    """Write the returns of each tranche; nothing where there is no capital."""
    if worked.contract.spec.capital is None:
        return
    yield f"Returns by tranche [{shown.unit}]"
    if worked.gap is not None:
        gap = str(worked.gap._replace(file="", line=0, column=0))
        yield from paragraph(full_stop(f"They are not worked out. {start(gap)}"))
        return
    tranches = dict.fromkeys(one.name for one in found.values() if one.kind in OF_TRANCHE)
    for name in tranches:
        yield from _tranche(name, risk, found, shown)
    yield from called_early_lines(worked.called_early)


def called_early_lines(early: Mapping[str, date]) -> Iterator[str]:
    """Warn of guarantees that are called although payments that are late may still come."""
    for name, day in early.items():
        yield ""
        yield from paragraph(
            f"Mind: the guarantee {spoken(name)} is called on {day.day} {day.strftime('%B %Y')}, and by the delays of "
            "this scenario payments that were due by then may come later. It then makes up what is only late, nobody "
            "gives it back, and investors may get both. If that is not meant, call it later: by the capital's ends or "
            "the guarantee's on, in the contract or under assuming."
        )


def _tranche(name: str, risk: Risk, found: Mapping[str, Meaning], shown: Shown) -> Iterator[str]:
    labels: dict[str, str] = {
        kind: label for label, one in found.items() if one.name == name for kind in WORDS if one.kind == kind
    }
    yield ""
    yield from paragraph("All tranches together" if name == ALL else name)
    rows: dict[str, tuple[Mapping[str, Figure], Unit]] = {}
    for kind, words in WORDS.items():
        if kind in labels:
            rows[words] = (risk[labels[kind]].figures, found[labels[kind]].unit)
    yield from spread(shown, rows, COLUMNS)
    said = list(_said(labels, risk, shown))
    if "loss" not in labels:
        said.append("No source says how much is put in, so what is lost, the multiple and the IRR are not known.")
    elif "IRR" not in labels:
        said.append("No source says when all of it is put in or paid, so it has no IRR.")
    yield from paragraph(" ".join(said))


def _said(labels: Mapping[str, str], risk: Risk, shown: Shown) -> Iterator[str]:
    if "loss" in labels:
        loss = risk[labels["loss"]].figures
        yield f"Money is lost on {shown.both(loss['above nothing'], 'event')} of the paths."
        if loss["above nothing"].value > 0:
            yield (
                f"On average {shown.both(loss['mean'])} is lost over all paths, and {shown.both(loss['cvar95'])} over "
                "the worst 5% of them."
            )
    if "IRR" in labels:
        none = risk[labels["IRR"]].figures["none"]
        if none.value > 0:
            yield (
                f"There is no IRR on {shown.both(none, 'event')} of the paths, which the figures of the IRR leave out."
            )
