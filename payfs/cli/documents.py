"""The commands that write files for others: the payment annex in Word, and the workbook."""

from __future__ import annotations

from typing import Annotated

import typer

from payfs.cli.shared import AsOf, Large, Results, Spec, account_of, app, write_new


@app.command()
def annex(
    spec: Spec,
    file: Annotated[str, typer.Argument(metavar="FILE.docx", help="The Word document, which is not there yet.")],
) -> None:
    """The payment annex in Word: the terms in plain English, the calendar, and the worked examples."""
    from payfs.contract import load
    from payfs.places import find_spec

    def made() -> bytes:
        from payfs.report.annex import annex as write

        return write(load(find_spec(spec)))

    write_new(file, made)


@app.command()
def workbook(
    spec: Spec,
    file: Annotated[str, typer.Argument(metavar="FILE.xlsx", help="The workbook, which is not there yet.")],
    results: Results = (),  # type: ignore[assignment]
    large: Large = False,
    as_of: AsOf = None,
) -> None:
    """A workbook: every payment and sum, the calendar, and quantities at prices with live formulas."""
    from payfs.contract import load
    from payfs.places import find_spec

    def made() -> bytes:
        from payfs.report.workbook import workbook as write

        if results:
            account = account_of(spec, results, large, as_of)
            return write(account.contract, account)
        return write(load(find_spec(spec)))

    write_new(file, made)
