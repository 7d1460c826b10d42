"""The calendar of a contract as a table: what is measured when, and when it is paid."""

from __future__ import annotations

from payfs.contract import Contract
from payfs.periods import Day, fiscal_year
from payfs.report.tables import Cell, Table, table_of

NOT_KNOWN = "not known"
COLUMNS = ("Period", "From", "To", "Measured", "Payment due")


def schedule(contract: Contract) -> Table:
    """List every period with the day on which it is measured and the day on which its payment is due.

    A day of which a source gives no more than the month or the year stays as it is written. The fiscal year of the
    payment stands beside it where all payers have the same.
    """
    starts = {party.fiscal_year_starts for party in contract.spec.parties.values() if party.pays}
    own = starts.pop() if len(starts) == 1 else None
    rows = []
    for period in contract.periods:
        days = (period.start, period.end, period.measured)
        due: Cell = _cell(period.paid) if period.paid_known else NOT_KNOWN
        row = [period.name.replace("_", " "), *map(_cell, days), due]
        if own is not None:
            row.append(fiscal_year(period.paid.date, own) if period.paid_known else NOT_KNOWN)
        rows.append(row)
    return table_of((*COLUMNS, "Fiscal year") if own is not None else COLUMNS, rows)


def _cell(day: Day) -> Cell:
    return day.date if day.exact else str(day)
