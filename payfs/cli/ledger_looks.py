"""The commands that make, keep and look at a ledger: db, ledger, invoice and certificate."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from payfs.cli.ledger import MOST_NUMBER, BillNumber, By, ContractName, Db, user_of
from payfs.cli.shared import AsJson, app, as_json, complain, counted, findings, say, write_new

db_app = typer.Typer(help="Make, upgrade, back up and restore a ledger.", no_args_is_help=True, rich_markup_mode=None)
ledger_app = typer.Typer(help="Look at a ledger, and prove it.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(db_app, name="db")
app.add_typer(ledger_app, name="ledger")

BackupFile = Annotated[str, typer.Argument(metavar="FILE", help="The backup, a file.")]
Paper = Annotated[str, typer.Option("--paper", metavar="SIZE", help="With --pdf: a4 or letter.")]
Fonts = Annotated[
    list[Path] | None,
    typer.Option("--fonts", metavar="FOLDER", help="With --pdf: fonts for letters that payfs does not bring along."),
]
Pdf = Annotated[str | None, typer.Option("--pdf", metavar="FILE", help="Write it to a PDF file.")]


@contextmanager
def opened(db: str | None) -> Iterator[Any]:
    """Open a ledger, and print what is refused."""
    from payfs.store import open_store

    with findings():
        store = open_store(db)
        try:
            yield store
        finally:
            store.close()


@db_app.command()
def init(db: Db = None) -> None:
    """Make a new, empty ledger."""
    from payfs.store import create_store

    with findings():
        store = create_store(db)
        store.close()
        say(f"{store.name} is a new, empty ledger")


@db_app.command()
def upgrade(db: Db = None) -> None:
    """Bring a ledger that an earlier version of payfs made up to date. Back it up before."""
    from payfs.store import upgrade_store

    with findings():
        before, now = upgrade_store(db)
    say(f"up to date already: step {now}" if before == now else f"brought from step {before} to step {now}")


@db_app.command()
def backup(file: BackupFile, db: Db = None) -> None:
    """Copy a ledger into one file, while others go on working."""
    from payfs.store.backup import back_up

    with opened(db) as store:
        copied = back_up(store, file)
        say(f"{file} holds {counted_of(copied.entries)} and {copied.rows:,} rows; keep it together with")
        say(f"receipt {copied.receipt}")


@db_app.command()
def restore(file: BackupFile, db: Db = None) -> None:
    """Make a new ledger from a backup, once the backup is proved to be sound."""
    from payfs.store.backup import restore as restored

    with findings():
        copied = restored(file, db)
    say(f"restored {counted_of(copied.entries)} and {copied.rows:,} rows, up to")
    say(f"receipt {copied.receipt}")


def counted_of(entries: int) -> str:
    """Write how many entries there are."""
    return f"{entries:,} {'entry' if entries == 1 else 'entries'}"


@ledger_app.command("verify")
def verify_ledger(
    receipts: Annotated[
        list[str] | None,
        typer.Option(
            "--receipt",
            metavar="RECEIPT",
            help="One that was noted elsewhere, NUMBER:HASH. Only it shows that a log was cut off, or written anew.",
        ),
    ] = None,
    db: Db = None,
    json_: AsJson = False,
) -> None:
    """Walk the log and the books: is anything changed, missing, paid twice, or paid beyond a limit?"""
    from payfs.store.audit import check_ledger

    with opened(db) as store:
        audit = check_ledger(store, receipts or ())
    if json_:
        as_json({**audit._asdict(), "findings": [finding._asdict() for finding in audit.findings]})
    else:
        for finding in audit.findings:
            complain(str(finding))
        bills = f"{audit.bills:,} {'invoice or credit note' if audit.bills == 1 else 'invoices and credit notes'}"
        say(f"{counted_of(audit.entries)} of the log, {audit.rows:,} rows, {bills} followed,")
        say(
            f"{counted(audit.limits, 'limit')} added up, {counted(audit.contracts, 'contract')} worked out anew: "
            + (counted(len(audit.findings), "finding") if audit.findings else "sound")
        )
        if receipts:
            say(f"{counted(len(receipts), 'receipt')} from elsewhere compared")
        say(f"receipt {audit.receipt}")
    if audit.findings:
        raise typer.Exit(1)


@ledger_app.command("replay")
def replay_ledger(
    contract: Annotated[
        str | None, typer.Option("--contract", metavar="CONTRACT", help="Only the certificates of one contract.")
    ] = None,
    stored_engine: Annotated[
        bool,
        typer.Option(
            "--stored-engine",
            help="Work amounts out by the program that is kept beside each certificate. It is run: trust the ledger.",
        ),
    ] = False,
    db: Db = None,
    json_: AsJson = False,
) -> None:
    """Make every certificate again from the stored contract and results, and compare to the cent."""
    from payfs.money import currency
    from payfs.store.replay import replay

    with opened(db) as store:
        made = replay(store, contract, stored_engine)
    totals = {code: currency(code).plain(amount) for code, amount in made.total.items()}
    if json_:
        as_json(
            {
                "certificates": made.certificates,
                "lines": made.lines,
                "total": totals,
                "engines": made.engines,
                "findings": [finding._asdict() for finding in made.findings],
            }
        )
    else:
        for finding in made.findings:
            complain(str(finding))
        shown = ", ".join(currency(code).show(amount) for code, amount in made.total.items()) or "nothing"
        what = f"{counted(made.certificates, 'certificate')}, {counted(made.lines, 'line')}, {shown} in all"
        how = counted(len(made.findings), "difference") if made.findings else "every one the same, to the cent"
        say(f"{what}: {how}")
        for name, number in made.engines.items():
            say(f"  {counted(number, 'certificate')} made by {name}")
    if made.findings:
        raise typer.Exit(1)


@ledger_app.command("show")
def show_ledger(
    contract: Annotated[
        str | None, typer.Argument(metavar="CONTRACT", help="One contract, with its history; all without it.")
    ] = None,
    db: Db = None,
    by: By = None,
    json_: AsJson = False,
) -> None:
    """What is kept, what waits for whom; of one contract also its account and its history."""
    from payfs.cli.ledger_data import contract_data, overview_data
    from payfs.cli.ledger_text import contract_lines, overview_lines
    from payfs.store.members import looking
    from payfs.store.standing import contracts_kept
    from payfs.store.step import user

    today = datetime.date.today()
    with opened(db) as store:
        if contract is None:
            with store.reading() as session:
                rows = contracts_kept(session, today, user(user_of(by)))
            data: Any = overview_data(rows)
            lines = list(overview_lines(rows))
        else:
            with looking(store, user_of(by), contract) as session:
                data = contract_data(session, contract, today)
                lines = list(contract_lines(session, contract, today))
        if json_:
            as_json(data)
        else:
            for line in lines:
                say(line)


@ledger_app.command("export")
def export_ledger(
    contract: ContractName,
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="A folder that is not there yet.")],
    db: Db = None,
    by: By = None,
) -> None:
    """Write all of a contract into a folder: texts, files, statement, invoices, payments and log."""
    from payfs.cli.ledger_export import export
    from payfs.store.members import looking

    with opened(db) as store, looking(store, user_of(by), contract) as session:
        for line in export(session, contract, user_of(by), folder):
            say(line)


@app.command()
def invoice(
    contract: ContractName,
    bill: BillNumber,
    pdf: Pdf = None,
    paper: Paper = "a4",
    fonts: Fonts = None,
    db: Db = None,
    by: By = None,
    json_: AsJson = False,
) -> None:
    """An invoice or credit note: as text, with --pdf as a document, with --json as data."""
    from payfs.report.bill_data import bill_data
    from payfs.report.bill_pdf import bill_pdf
    from payfs.report.bill_text import bill_lines
    from payfs.store.documents import bill_document

    document = _looked_up(db, by, contract, lambda session: bill_document(session, contract, bill))
    if pdf is not None:
        write_new(pdf, lambda: bill_pdf(document, paper, fonts or ()))
    elif json_:
        as_json(bill_data(document))
    else:
        say("\n".join(bill_lines(document)))


@app.command()
def certificate(
    contract: ContractName,
    number: Annotated[
        int, typer.Argument(metavar="CERTIFICATE", min=1, max=MOST_NUMBER, help="The number of a payment certificate.")
    ],
    pdf: Pdf = None,
    paper: Paper = "a4",
    fonts: Fonts = None,
    db: Db = None,
    by: By = None,
    json_: AsJson = False,
) -> None:
    """A payment certificate with the explanation of each line: as text, with --pdf or --json."""
    from payfs.report.bill_data import certificate_data
    from payfs.report.bill_pdf import certificate_pdf
    from payfs.report.bill_text import certificate_lines
    from payfs.store.documents import certificate_document

    document = _looked_up(db, by, contract, lambda session: certificate_document(session, contract, number))
    if pdf is not None:
        write_new(pdf, lambda: certificate_pdf(document, paper, fonts or ()))
    elif json_:
        as_json(certificate_data(document))
    else:
        say("\n".join(certificate_lines(document)))


def _looked_up(db: str | None, by: str | None, contract: str, look: Callable[[Any], Any]) -> Any:
    from payfs.store.members import looking

    with opened(db) as store, looking(store, user_of(by), contract) as session:
        return look(session)
