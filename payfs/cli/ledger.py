"""The commands of the workflow: each takes one step, and prints what happened and its receipt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

import typer

from payfs.cli.shared import AsJson, app, as_json, findings, say

MOST_NUMBER = 2**31 - 1  # that both databases hold
Db = Annotated[
    str | None,
    typer.Option(
        "--db",
        metavar="URL",
        envvar="PAYFS_DB",
        help="The ledger: a file, or postgresql://USER@HOST/DATABASE. Without it, a file among your own data.",
    ),
]
By = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", envvar="PAYFS_USER", help="Who does it. Without it, your login name."),
]
Key = Annotated[
    str | None,
    typer.Option(
        "--key", metavar="KEY", help="The same request with the same key is answered again, and not done twice."
    ),
]
ContractName = Annotated[str, typer.Argument(metavar="CONTRACT", help="The name of a contract in the ledger.")]
SubmissionNumber = Annotated[
    int, typer.Argument(metavar="SUBMISSION", min=1, max=MOST_NUMBER, help="The number of a submission.")
]
BillNumber = Annotated[
    int, typer.Argument(metavar="BILL", min=1, max=MOST_NUMBER, help="The number of an invoice or credit note.")
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, in one line. It names no participant.")]
Who = Annotated[str, typer.Argument(metavar="WHO", help="The name or address that they sign in with.")]
Role = Annotated[
    str,
    typer.Argument(metavar="ROLE", help="keeper, payer, approver, provider, evaluator, investor or viewer."),
]
PartyOption = Annotated[
    str | None, typer.Option("--party", metavar="PARTY", help="For one party of the contract only, such as one payer.")
]
On = Annotated[str, typer.Option("--on", metavar="DATE", help="The day on which it happened, as 2026-11-30.")]


def user_of(by: str | None) -> str:
    """Return who does it: as said, or as logged in."""
    import getpass

    try:
        return by or getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        return ""


def take(db: str | None, step: Callable[[Any], Any], json_: bool) -> None:
    """Take a step in a ledger, and print its answer."""
    from payfs.store import open_store

    with findings():
        store = open_store(db)
        try:
            answer = step(store)
        finally:
            store.close()
    if json_:
        as_json(asdict(answer))
        return
    say(answer.text + (" (this was asked before; nothing was done again)" if answer.again else ""))
    if answer.step == "verify":
        for bill in answer.bills:
            say(f"  payfs invoice {answer.contract} {bill}")
    say(f"receipt {answer.receipt}")


@app.command()
def register(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="A contract file, or the name of an example contract.")],
    db: Db = None,
    by: By = None,
    key: Key = None,
    json_: AsJson = False,
) -> None:
    """Keep a contract in the ledger as it was signed. Whoever does becomes its keeper, who gives roles."""
    from payfs.store import workflow

    take(db, lambda store: workflow.register(store, user_of(by), spec, key), json_)


@app.command()
def amend(
    contract: ContractName,
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="The contract file with its amendment.")],
    reason: Reason,
    db: Db = None,
    by: By = None,
    key: Key = None,
    json_: AsJson = False,
) -> None:
    """Keep a contract's next version. What was certified has to come to the same under it."""
    from payfs.store import workflow

    take(db, lambda store: workflow.amend(store, user_of(by), contract, spec, reason, key), json_)


@app.command()
def grant(
    contract: ContractName,
    who: Who,
    role: Role,
    party: PartyOption = None,
    db: Db = None,
    by: By = None,
    key: Key = None,
    json_: AsJson = False,
) -> None:
    """Give somebody a role under a contract. Nobody gives themselves one."""
    from payfs.store import workflow

    take(db, lambda store: workflow.grant(store, user_of(by), contract, who, role, party, key), json_)


@app.command()
def revoke(
    contract: ContractName,
    who: Who,
    role: Role,
    party: PartyOption = None,
    db: Db = None,
    by: By = None,
    key: Key = None,
    json_: AsJson = False,
) -> None:
    """Take a role away again."""
    from payfs.store import workflow

    take(db, lambda store: workflow.revoke(store, user_of(by), contract, who, role, party, key), json_)


@app.command()
def details(
    contract: ContractName,
    party: Annotated[str, typer.Argument(metavar="PARTY", help="A party of the contract.")],
    address: Annotated[
        str | None, typer.Option("--address", metavar="TEXT", help="Its lines separated by a semicolon.")
    ] = None,
    tax_id: Annotated[str | None, typer.Option("--tax-id", metavar="TEXT", help="Tax or company number.")] = None,
    purchase_order: Annotated[
        str | None, typer.Option("--purchase-order", metavar="TEXT", help="The payer's number of its order.")
    ] = None,
    bank: Annotated[
        str | None, typer.Option("--bank", metavar="TEXT", help="The payee's account; lines separated by a semicolon.")
    ] = None,
    db: Db = None,
    by: By = None,
    key: Key = None,
    json_: AsJson = False,
) -> None:
    """What invoices say of a party beyond the contract."""
    from payfs.store import workflow

    take(
        db,
        lambda store: workflow.set_details(
            store, user_of(by), contract, party, address, tax_id, purchase_order, bank, key
        ),
        json_,
    )


@app.command()
def submit(
    contract: ContractName,
    results: Annotated[
        list[str],
        typer.Option(
            "--results",
            metavar="FILE",
            help="Results as CSV or YAML, or claims to date as CSV or .xlsx. May be given more than once.",
        ),
    ],
    db: Db = None,
    by: By = None,
    key: Key = None,
    json_: AsJson = False,
) -> None:
    """The provider hands in results, or the register of claims to date."""
    from payfs.store import workflow

    take(db, lambda store: workflow.submit(store, user_of(by), contract, results, key), json_)


@app.command()
def verify(
    contract: ContractName,
    submission: SubmissionNumber,
    results: Annotated[
        list[str] | None,
        typer.Option("--results", metavar="FILE", help="Corrected files, in the place of all that was submitted."),
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="Why it is corrected. It names no participant.")
    ] = None,
    db: Db = None,
    by: By = None,
    key: Key = None,
    json_: AsJson = False,
) -> None:
    """The evaluator verifies a submission, as it is or as corrected, and what is due now is certified."""
    from payfs.store import workflow

    take(
        db,
        lambda store: workflow.verify(store, user_of(by), contract, submission, results or (), reason, key),
        json_,
    )


@app.command("send-back")
def send_back(
    contract: ContractName,
    submission: SubmissionNumber,
    reason: Reason,
    db: Db = None,
    by: By = None,
    key: Key = None,
    json_: AsJson = False,
) -> None:
    """The evaluator returns a submission to the provider."""
    from payfs.store import workflow

    take(db, lambda store: workflow.send_back(store, user_of(by), contract, submission, reason, key), json_)


@app.command()
def approve(
    contract: ContractName,
    bill: BillNumber,
    total: Annotated[
        str,
        typer.Option(
            "--total",
            metavar="AMOUNT",
            help="What it comes to, as you read it on the invoice; of a credit note with its minus: --total -250.00.",
        ),
    ],
    db: Db = None,
    by: By = None,
    key: Key = None,
    json_: AsJson = False,
) -> None:
    """The payer approves an invoice or credit note. Whoever prepared it cannot."""
    from payfs.store import workflow

    take(db, lambda store: workflow.approve(store, user_of(by), contract, bill, total, key), json_)


@app.command()
def dispute(
    contract: ContractName,
    bill: BillNumber,
    reason: Reason,
    db: Db = None,
    by: By = None,
    key: Key = None,
    json_: AsJson = False,
) -> None:
    """The payer disputes an invoice or credit note."""
    from payfs.store import workflow

    take(db, lambda store: workflow.dispute(store, user_of(by), contract, bill, reason, key), json_)


@app.command("record-payment")
def record_payment(
    contract: ContractName,
    bill: BillNumber,
    on: On,
    reference: Annotated[
        str, typer.Option("--reference", metavar="TEXT", help="By which the bank knows the transfer.")
    ],
    db: Db = None,
    by: By = None,
    key: Key = None,
    json_: AsJson = False,
) -> None:
    """Record that an approved invoice was paid, or a credit note repaid."""
    from payfs.store import workflow

    take(
        db,
        lambda store: workflow.record_payment(store, user_of(by), contract, bill, on, reference, key),
        json_,
    )


@app.command("came-back")
def came_back(
    contract: ContractName,
    bill: BillNumber,
    on: On,
    reason: Reason,
    db: Db = None,
    by: By = None,
    key: Key = None,
    json_: AsJson = False,
) -> None:
    """Record that a payment came back, so that it is to be made again."""
    from payfs.store import workflow

    take(db, lambda store: workflow.came_back(store, user_of(by), contract, bill, on, reason, key), json_)
