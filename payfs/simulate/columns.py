"""Every path of a run as a row of a table, in Parquet and CSV, written block by block.

Amounts are exact decimals in units of the currency, ``decimal128(18, digits)``, and not whole minor units: pandas,
DuckDB, Spark, R and spreadsheets read them as the amounts that they are, so that nobody adds cents up as dollars. In
the file they take no more room, for a decimal of 18 digits is stored as a whole number of 8 bytes. Rates and multiples
are double precision and null where there are none; events are true or false. The bits depend on the figures alone, and
on the version of pyarrow: not on the size of the blocks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from pathlib import Path as FilePath
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from payfs.money import Currency, peak
from payfs.simulate.question import Unit, units_of
from payfs.text import Finding, Refused

Array = NDArray[Any]
Outcomes = Mapping[str, Array]

PATH = "path"
ROWS = 1 << 16
"""Rows of a row group; what a block leaves over waits for the next."""

DIGITS = 18  # of a decimal, the most that fits 8 bytes
WIDE = {"money": 8.0, "rate": 8.0, "number": 8.0, "event": 0.125}  # bytes of a figure in Parquet, not compressed
LONG = {"money": 14.0, "rate": 20.0, "number": 20.0, "event": 6.0}  # letters of it in CSV, with its comma


def size_of(units: Mapping[str, Unit], paths: int, csv: bool) -> int:
    """Return how much room a table may take on the disk [bytes]."""
    row = 8 + sum(WIDE[unit] for unit in units.values())
    row += 11 + sum(LONG[unit] for unit in units.values()) if csv else 0
    return int(row * paths)


class Fingerprints:
    """The SHA-256 of each column, taken block by block."""

    def __init__(self) -> None:
        self._hashes: dict[str, Any] = {}

    def add(self, outcomes: Outcomes) -> None:
        """Take the next paths in."""
        for label, values in outcomes.items():
            small = values.dtype.newbyteorder("<") if values.dtype.itemsize > 1 else values.dtype
            data = np.ascontiguousarray(values, dtype=small)
            self._hashes.setdefault(label, hashlib.sha256()).update(data.view(np.uint8))

    def found(self) -> dict[str, str]:
        """Return them by label."""
        return {label: made.hexdigest() for label, made in self._hashes.items()}


class Table:
    """A table of paths that is being written; a context, which closes its files."""

    def __init__(self, parquet: FilePath, csv: FilePath | None, money: Currency, about: Mapping[str, str]) -> None:
        """Say where to.

        Args:
            parquet: the Parquet file.
            csv: the CSV file, or None.
            money: the currency of amounts.
            about: what the Parquet file says of itself.
        """
        self._parquet, self._csv, self._money, self._about = parquet, csv, money, about
        self._waiting: list[tuple[int, Outcomes]] = []
        self._rows = 0
        self._units: dict[str, Unit] = {}
        self._schema: Any = None
        self._writers: list[Any] = []

    def __enter__(self) -> Table:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None and self._rows:
                self._write(self._taken(self._rows))
        finally:
            for writer in self._writers:
                with suppress(OSError) if kind is not None else nullcontext():  # what went wrong first is what is told
                    writer.close()

    def add(self, first: int, outcomes: Outcomes) -> None:
        """Take the next block: the number of its first path, and (paths,) by label."""
        if not self._writers:
            self._open(outcomes)
        self._waiting.append((first, outcomes))
        self._rows += len(next(iter(outcomes.values())))
        while self._rows >= ROWS:
            self._write(self._taken(ROWS))

    def _taken(self, rows: int) -> dict[str, Array]:
        """Take rows out of what is waiting."""
        first = self._waiting[0][0]
        whole = {
            label: np.concatenate([outcomes[label] for _, outcomes in self._waiting]) for label in self._waiting[0][1]
        }
        rest = {label: values[rows:] for label, values in whole.items()}
        self._rows -= rows
        self._waiting = [(first + rows, rest)] if self._rows else []
        return {PATH: np.arange(first, first + rows, dtype=np.int64)} | {
            label: values[:rows] for label, values in whole.items()
        }

    def _open(self, outcomes: Outcomes) -> None:
        import pyarrow as pa
        from pyarrow import csv, parquet

        self._units = units_of(outcomes)
        kinds = {
            "money": pa.decimal128(DIGITS, self._money.digits),
            "rate": pa.float64(),
            "number": pa.float64(),
            "event": pa.bool_(),
        }
        fields = [pa.field(PATH, pa.int64(), nullable=False)]
        for label, unit in self._units.items():
            unit_said = self._money.code if unit == "money" else "1 a year" if unit == "rate" else unit
            fields.append(pa.field(label, kinds[unit], metadata={"unit": unit_said}))
        self._schema = pa.schema(fields, metadata=dict(self._about))
        self._writers.append(
            parquet.ParquetWriter(
                self._parquet,
                self._schema,
                compression="zstd",
                use_dictionary=False,
                store_decimal_as_integer=True,
            )
        )
        if self._csv is not None:
            self._writers.append(csv.CSVWriter(self._csv, self._schema))

    def _write(self, columns: Mapping[str, Array]) -> None:
        import pyarrow as pa

        arrays = [self._array(label, values) for label, values in columns.items()]
        table = pa.Table.from_arrays(arrays, schema=self._schema)
        for writer in self._writers:
            writer.write_table(table)

    def _array(self, label: str, values: Array) -> Any:
        import pyarrow as pa

        unit = self._units.get(label)
        if unit == "money":
            if peak(values) >= 10**DIGITS:
                raise Refused([Finding(f"an amount of {label!r} has more than {DIGITS} digits", "check the figures")])
            # 16 bytes, the lower 8 first; the higher ones only carry the sign
            pairs = np.empty((len(values), 2), dtype="<i8")
            pairs[:, 0] = values
            np.right_shift(pairs[:, 0], 63, out=pairs[:, 1])
            kind = pa.decimal128(DIGITS, self._money.digits)
            return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(pairs)])
        if unit in ("rate", "number"):
            return pa.array(values, mask=np.isnan(values))
        return pa.array(values)
