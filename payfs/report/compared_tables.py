"""Two scenarios side by side as short tables and a sentence for each party: who gains and loses what."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from payfs.report.compared_labels import named, party, unit_of
from payfs.report.compared_text import FALLS
from payfs.report.phrases import inside, listed
from payfs.report.simulation_figures import Shown, share, shown_of
from payfs.report.simulation_tables import ALL_YEARS, Estimated, Row, Sheet
from payfs.simulate.budget import YEAR
from payfs.simulate.compared import Comparison, Difference, put_in
from payfs.simulate.question import Unit
from payfs.simulate.risk import Figure, Label
from payfs.simulate.worked import ALL, LOWEST, TOTAL
from payfs.spec import spoken

SPREAD = {"5%": "p5", "50%": "p50", "95%": "p95"}
RATES = (" IRR", " multiple")


class Sides:
    """A comparison, told in tables; ``A`` is the first, ``B`` the second."""

    def __init__(self, made: Comparison) -> None:
        """Remember what is told."""
        self.made = made

    @cached_property
    def shown(self) -> Shown:
        """How amounts are written."""
        labels = [one for difference in self.made.labels.values() for one in difference[:3] if one is not None]
        amounts = [one.figures[end].value for one in labels for end in ("least", "most") if end in one.figures]
        return shown_of(self.made.one.contract.money, amounts)

    def of(self, *starts: str) -> dict[str, Difference]:
        """Return the amounts whose labels begin so."""
        return {
            label: difference
            for label, difference in self.made.labels.items()
            if label.startswith(starts) and not _chances(difference)
        }

    def years(self) -> Sheet:
        """What is paid in each fiscal year under both, and by how much it differs, path by path."""
        columns = ("Fiscal year", "A, average", "B, average", "B less A", *(f"B less A, {name}" for name in SPREAD))
        rows: list[Row] = []
        for label, difference in {**self.of(YEAR), TOTAL: self.made.labels[TOTAL]}.items():
            name = ALL_YEARS if label == TOTAL else label.removeprefix(YEAR)
            rows.append((name, *self._means(difference), *(_at(difference.gain, at) for at in SPREAD.values())))
        return Sheet(columns, tuple(rows), self.shown)

    def enough(self) -> Sheet:
        """What to appropriate in each fiscal year under both, so that it is enough with so much confidence."""
        confident = {"80%": "p80", "95%": "p95"}
        heads = {f"{side}, {name}": (side, at) for name, at in confident.items() for side in "AB"}
        rows: list[Row] = []
        for label, difference in {**self.of(YEAR), TOTAL: self.made.labels[TOTAL]}.items():
            cells = [_at(difference.one if side == "A" else difference.other, at) for side, at in heads.values()]
            rows.append((ALL_YEARS if label == TOTAL else label.removeprefix(YEAR), *cells))
        return Sheet(("Fiscal year", *heads), tuple(rows), self.shown)

    def rules(self) -> Sheet:
        """What is paid under each rule in both."""
        rows: list[Row] = [
            (named(self.made, label), *self._means(difference)) for label, difference in self.of("rule ").items()
        ]
        return Sheet(("Rule", "A, average", "B, average", "B less A"), tuple(rows), self.shown)

    def investors(self) -> Sheet:
        """What tranches and the provider get in both."""
        rows: list[Row] = []
        for label, difference in self.made.labels.items():
            if (label.endswith((" received", " loss", *RATES)) or label == LOWEST) and not _chances(difference):
                rows.append((named(self.made, label), *self._means(difference, unit_of(label, difference))))
            if label.endswith(" received") and not _chances(difference):
                rows += self._net(label, difference)
        return Sheet(("", "A, average", "B, average", "B less A"), tuple(rows), self.shown)

    def events(self) -> Sheet:
        """How likely what may happen is in both."""
        rows: list[Row] = []
        for label, difference in self.made.labels.items():
            if _chances(difference):
                rows.append((named(self.made, label), *_both(difference, "probability")))
            for ending, name, _ in FALLS:
                if label.endswith(ending) and not _chances(difference):
                    said = named(self.made, label)
                    words = f"{said} below nothing" if label == LOWEST else f"{said.rpartition(': ')[0]}: money is lost"
                    rows.append((words, *_both(difference, name)))
        return Sheet(("What happens", "A", "B"), tuple(rows), self.shown)

    def said(self) -> list[str]:
        """Say of each party in one sentence what it gains or loses by B."""
        return [*self._payers_said(), *self._provider_said(), *self.untold(), *self._holders_said()]

    def _payers_said(self) -> Iterator[str]:
        for label, difference in self.of("payer ").items():
            name = named(self.made, label)
            if difference.gain is None:
                side = "A" if difference.other is None else "B"
                yield f"{name} pays under {side} alone: {self._mean(difference.one or difference.other)} on average."
                continue
            yield f"Under B, {inside(name)} {self._moved(difference, 'pays')}."

    def _provider_said(self) -> Iterator[str]:
        difference = self.made.labels.get(LOWEST)
        if difference is None or difference.gain is None or difference.one is None or difference.other is None:
            return
        short = [self.shown.both(one.figures["below nothing"], "event") for one in (difference.one, difference.other)]
        capitals = (self.made.one.contract.spec.capital, self.made.other.contract.spec.capital)
        keys = tuple(one.spending.provider if one is not None and one.spending else None for one in capitals)
        name = party(self.made, (keys[0], keys[1]), "the provider, who is not the same under both,")
        low = f"{self._mean(difference.one)} under A and {self._mean(difference.other)} under B on average"
        yield (
            f"The cash of {inside(name)} is at its lowest {low}; it falls below nothing on {short[0]} of the paths "
            f"under A, and on {short[1]} under B."
        )

    def untold(self) -> list[str]:
        """Say of providers whose cash is told under neither, or under one of them alone, why that is so."""
        found: dict[str, list[str]] = {}
        difference = self.made.labels.get(LOWEST)
        sides = (self.made.one, self.made.other)
        for side, worked, label in zip("AB", sides, difference[:2] if difference else (None, None), strict=True):
            if label is not None:
                continue
            for one in worked.contract.spec.parties.values():
                if "service provider" in one.role:
                    found.setdefault(one.name, []).append(side)
        return [
            f"Whether the cash of {inside(name)} lasts is not told under {listed(where)}, because the contract does "
            "not say enough of what it spends."
            for name, where in found.items()
        ]

    def _holders_said(self) -> Iterator[str]:
        for label, difference in self.made.labels.items():
            if not label.endswith(" received") or label.startswith(ALL):
                continue
            tranche = label.removesuffix(" received")
            if difference.gain is None:
                side = "A" if difference.other is None else "B"
                yield f"The tranche {spoken(tranche)} is there under {side} alone."
                continue
            text = f"Under B, {self._holder(tranche)} {self._moved(difference, 'receives')}"
            loss = self.made.labels.get(f"{tranche} loss")
            if loss is not None and loss.one is not None and loss.other is not None:
                often = [self.shown.both(one.figures["above nothing"], "event") for one in (loss.one, loss.other)]
                text += f"; money is lost on {often[0]} of the paths under A, and on {often[1]} under B"
            yield f"{text}."

    def _holder(self, tranche: str) -> str:
        held = [
            list(capital.tranches[tranche].shares) if capital is not None and tranche in capital.tranches else []
            for capital in (self.made.one.contract.spec.capital, self.made.other.contract.spec.capital)
        ]
        several = f"whoever holds {spoken(tranche)}"
        if max(map(len, held)) != 1:
            return several
        keys = [each[0] if each else None for each in held]
        name = party(self.made, (keys[0], keys[1]), several)
        return name if name == several else f"{inside(name)} ({tranche.replace('_', ' ')})"

    def _moved(self, difference: Difference, verb: str) -> str:
        """Say how much more or less somebody pays or receives."""
        assert difference.gain is not None
        mean = difference.gain.figures["mean"]
        if mean.value == 0 and mean.error == 0:
            return f"{verb} the same on every path"
        more, less = (figure.value if figure is not None else 0.0 for figure in (difference.more, difference.less))
        word = "more" if mean.value >= 0 else "less"
        amount = self.shown.both(Figure(abs(mean.value), mean.error))
        return f"{verb} {amount} {word} on average: more on {share(more)} of the paths, and less on {share(less)}"

    def _net(self, label: str, difference: Difference) -> list[Row]:
        """What a tranche receives less what is put into it, which tells who is better off where that differs."""
        tranche = label.removesuffix(" received")
        first, second = put_in(self.made.one, tranche), put_in(self.made.other, tranche)
        more = second - first if first is not None and second is not None else None
        cells: list[Estimated] = []
        for one, less in zip(difference[:3], (first, second, more), strict=True):
            if one is None or less is None:
                cells.append(Estimated(None))
            else:
                cells.append(Estimated(one.figures["mean"]._replace(value=one.figures["mean"].value - less)))
        name = named(self.made, label).removesuffix(" received")
        return [(f"{name} received less what is put in", *cells)] if any(cell.figure for cell in cells) else []

    def _means(self, difference: Difference, unit: Unit = "money") -> list[Estimated]:
        return [_at(one, "mean", unit) for one in difference[:3]]

    def _mean(self, label: Label | None) -> str:
        return self.shown.both(None if label is None else label.figures.get("mean"))


def _at(label: Label | None, name: str, unit: Unit = "money") -> Estimated:
    return Estimated(None if label is None else label.figures.get(name), unit)


def _both(difference: Difference, name: str) -> list[Estimated]:
    return [_at(one, name, "event") for one in difference[:2]]


def _chances(difference: Difference) -> bool:
    return any(one is not None and "probability" in one.figures for one in difference[:2])
