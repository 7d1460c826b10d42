"""The ledger as it was first published.

Revision ID: 0001
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from payfs.store.migrations.guards import anchored, append_only, refuses

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEYS = {
    "entry": [["number"]],
    "request": [["key"]],
    "engine": [["sha256"]],
    "file": [["sha256"]],
    "contract": [["name"]],
    "version": [["id"], ["contract", "number"]],
    "role_change": [["id"]],
    "details": [["id"]],
    "submission": [["id"], ["contract", "number"]],
    "submission_file": [["id"], ["submission", "position"]],
    "sent_back": [["id"], ["submission"]],
    "verification": [["id"], ["submission"]],
    "verification_file": [["id"], ["verification", "position"]],
    "certificate": [["id"], ["contract", "number"], ["verification"]],
    "bill": [["id"], ["contract", "number"]],
    "line": [["id"], ["certificate", "position"]],
    "approval": [["id"], ["bill"]],
    "dispute": [["id"], ["bill"]],
    "payment": [["id"], ["bill", "attempt"]],
    "payment_return": [["id"], ["payment"]],
    "posting": [["id"]],
}

# Everything before a certificate under its contract is part of what it rests on.
PREPARED = """EXISTS (SELECT 1 FROM bill b JOIN certificate c ON c.id = b.certificate
    JOIN submission s ON s.contract = c.contract JOIN verification v ON v.submission = s.id AND v.entry <= c.entry
    WHERE b.id = NEW.bill AND NEW."by" IN (v."by", s."by"))
    OR EXISTS (SELECT 1 FROM bill b JOIN certificate c ON c.id = b.certificate
    JOIN version w ON w.contract = c.contract AND w.entry <= c.entry WHERE b.id = NEW.bill AND NEW."by" = w."by")"""
NO_ROLE = """NOT EXISTS (SELECT 1 FROM role_change r JOIN {of} ON b.contract = r.contract
    WHERE b.id = NEW.{what} AND r.who = NEW."by" AND r.role = '{role}' AND r.given
    AND (r.party IS NULL OR r.party = {party})
    AND NOT EXISTS (SELECT 1 FROM role_change t WHERE t.contract = r.contract AND t.who = r.who AND t.role = r.role
        AND COALESCE(t.party, '') = COALESCE(r.party, '') AND t.id > r.id AND NOT t.given))"""
NO_APPROVER = NO_ROLE.format(of="bill b", what="bill", role="approver", party="b.payer")
NO_PAYER = NO_ROLE.format(of="bill b", what="bill", role="payer", party="b.payer")
NO_EVALUATOR = NO_ROLE.format(of="submission b", what="submission", role="evaluator", party="NULL")
OTHER_AMOUNT = """NOT EXISTS (SELECT 1 FROM bill b WHERE b.id = NEW.bill
    AND b.amount = NEW.amount AND b.currency = NEW.currency)"""
PAID_ALREADY = """EXISTS (SELECT 1 FROM payment p WHERE p.bill = NEW.bill
    AND NOT EXISTS (SELECT 1 FROM payment_return x WHERE x.payment = p.id))"""
# Table, name, when a row is refused, what is said.
GUARDS = (
    (
        "verification",
        "verification_by_another",
        'EXISTS (SELECT 1 FROM submission s WHERE s.id = NEW.submission AND s."by" = NEW."by")',
        "payfs: whoever handed results in cannot verify them; have another evaluator do it",
    ),
    (
        "verification",
        "verification_of_open",
        "EXISTS (SELECT 1 FROM sent_back x WHERE x.submission = NEW.submission)",
        "payfs: a submission that was sent back cannot be verified; have it handed in anew",
    ),
    (
        "sent_back",
        "sent_back_of_open",
        "EXISTS (SELECT 1 FROM verification x WHERE x.submission = NEW.submission)",
        "payfs: a submission that was verified cannot be sent back; have a corrected one handed in",
    ),
    (
        "approval",
        "approval_by_another",
        PREPARED,
        "payfs: whoever prepared a payment cannot approve it; have another approver do it",
    ),
    (
        "approval",
        "approval_by_approver",
        NO_APPROVER,
        "payfs: only an approver of the payer can approve a bill; ask the keeper of the contract for the role",
    ),
    (
        "payment",
        "payment_of_approved",
        "NOT EXISTS (SELECT 1 FROM approval a WHERE a.bill = NEW.bill)",
        "payfs: a bill that is not approved cannot be paid; have it approved first",
    ),
    (
        "payment",
        "payment_by_payer",
        NO_PAYER,
        "payfs: only a payer of the contract can record a payment; ask the keeper of the contract for the role",
    ),
    (
        "verification",
        "verification_by_evaluator",
        NO_EVALUATOR,
        "payfs: only an evaluator can verify results; ask the keeper of the contract for the role",
    ),
    (
        "role_change",
        "role_in_one_spelling",
        "NEW.who <> lower(NEW.who) OR NEW.who <> trim(NEW.who)",
        "payfs: a user is written in small letters, so that nobody is two; write it so",
    ),
    (
        "role_change",
        "role_by_another",
        'NEW.given AND NEW.who = NEW."by" AND EXISTS (SELECT 1 FROM role_change r WHERE r.contract = NEW.contract)',
        "payfs: nobody gives themselves a role; have another keeper give it",
    ),
    (
        "bill",
        "bill_of_certificate",
        "NOT EXISTS (SELECT 1 FROM certificate c WHERE c.id = NEW.certificate AND c.entry = NEW.entry "
        "AND c.contract = NEW.contract AND c.currency = NEW.currency)",
        "payfs: a bill is made with its certificate; correct by a new submission",
    ),
    (
        "payment_return",
        "return_of_payment",
        "NOT EXISTS (SELECT 1 FROM payment p WHERE p.id = NEW.payment)",
        "payfs: only a payment can come back; there is none of this number",
    ),
    (
        "payment",
        "payment_by_another",
        'EXISTS (SELECT 1 FROM approval a WHERE a.bill = NEW.bill AND a."by" = NEW."by")',
        "payfs: whoever approves a payment does not record it; have another payer do it",
    ),
    (
        "payment",
        "payment_in_full",
        OTHER_AMOUNT,
        "payfs: a payment is of the amount of its bill; pay what the bill comes to",
    ),
    ("payment", "payment_once", PAID_ALREADY, "payfs: a bill is paid once; there is nothing to do"),
)


def upgrade() -> None:
    """Make the tables, and the guards on them."""
    op.create_table(
        "anchor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "contract",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_index(op.f("ix_contract_entry"), "contract", ["entry"], unique=False)
    op.create_table(
        "engine",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("libraries", sa.String(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_index(op.f("ix_engine_entry"), "engine", ["entry"], unique=False)
    op.create_table(
        "entry",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("contract", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("rows_digest", sa.String(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index(op.f("ix_entry_contract"), "entry", ["contract"], unique=False)
    op.create_table(
        "file",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_index(op.f("ix_file_entry"), "file", ["entry"], unique=False)
    op.create_table(
        "request",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(op.f("ix_request_entry"), "request", ["entry"], unique=False)
    op.create_table(
        "details",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract", sa.String(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("data", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract"],
            ["contract.name"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_details_contract"), "details", ["contract"], unique=False)
    op.create_index(op.f("ix_details_entry"), "details", ["entry"], unique=False)
    op.create_table(
        "role_change",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("party", sa.String(), nullable=True),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract"],
            ["contract.name"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_role_change_contract"), "role_change", ["contract"], unique=False)
    op.create_index(op.f("ix_role_change_entry"), "role_change", ["entry"], unique=False)
    op.create_table(
        "submission",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("covers", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract"],
            ["contract.name"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("contract", "number"),
    )
    op.create_index(op.f("ix_submission_entry"), "submission", ["entry"], unique=False)
    op.create_table(
        "version",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("effective", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract"],
            ["contract.name"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("contract", "number"),
    )
    op.create_index(op.f("ix_version_entry"), "version", ["entry"], unique=False)
    op.create_table(
        "sent_back",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission"],
            ["submission.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("submission"),
    )
    op.create_index(op.f("ix_sent_back_entry"), "sent_back", ["entry"], unique=False)
    op.create_table(
        "submission_file",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file"],
            ["file.sha256"],
        ),
        sa.ForeignKeyConstraint(
            ["submission"],
            ["submission.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("submission", "position"),
    )
    op.create_index(op.f("ix_submission_file_entry"), "submission_file", ["entry"], unique=False)
    op.create_table(
        "verification",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission"],
            ["submission.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("submission"),
    )
    op.create_index(op.f("ix_verification_entry"), "verification", ["entry"], unique=False)
    op.create_table(
        "certificate",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("verification", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("engine", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("to_date", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract"],
            ["contract.name"],
        ),
        sa.ForeignKeyConstraint(
            ["engine"],
            ["engine.sha256"],
        ),
        sa.ForeignKeyConstraint(
            ["verification"],
            ["verification.id"],
        ),
        sa.ForeignKeyConstraint(
            ["version"],
            ["version.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("contract", "number"),
        sa.UniqueConstraint("verification"),
    )
    op.create_index(op.f("ix_certificate_entry"), "certificate", ["entry"], unique=False)
    op.create_table(
        "verification_file",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("verification", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file"],
            ["file.sha256"],
        ),
        sa.ForeignKeyConstraint(
            ["verification"],
            ["verification.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("verification", "position"),
    )
    op.create_index(op.f("ix_verification_file_entry"), "verification_file", ["entry"], unique=False)
    op.create_table(
        "bill",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("certificate", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payer", sa.String(), nullable=False),
        sa.Column("payee", sa.String(), nullable=False),
        sa.Column("due", sa.String(), nullable=True),
        sa.Column("due_written", sa.String(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate"],
            ["certificate.id"],
        ),
        sa.ForeignKeyConstraint(
            ["contract"],
            ["contract.name"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("contract", "number"),
    )
    op.create_index(op.f("ix_bill_certificate"), "bill", ["certificate"], unique=False)
    op.create_index(op.f("ix_bill_entry"), "bill", ["entry"], unique=False)
    op.create_table(
        "approval",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bill", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bill"],
            ["bill.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("bill"),
    )
    op.create_index(op.f("ix_approval_entry"), "approval", ["entry"], unique=False)
    op.create_table(
        "dispute",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bill", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bill"],
            ["bill.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("bill"),
    )
    op.create_index(op.f("ix_dispute_entry"), "dispute", ["entry"], unique=False)
    op.create_table(
        "line",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("certificate", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("bill", sa.Integer(), nullable=True),
        sa.Column("contract", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("payer", sa.String(), nullable=False),
        sa.Column("payee", sa.String(), nullable=False),
        sa.Column("cohort", sa.String(), nullable=True),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("reported", sa.String(), nullable=False),
        sa.Column("measured", sa.String(), nullable=True),
        sa.Column("due", sa.String(), nullable=True),
        sa.Column("due_written", sa.String(), nullable=True),
        sa.Column("fiscal_year", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=False),
        sa.Column("corrects", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("explanation", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bill"],
            ["bill.id"],
        ),
        sa.ForeignKeyConstraint(
            ["certificate"],
            ["certificate.id"],
        ),
        sa.ForeignKeyConstraint(
            ["contract"],
            ["contract.name"],
        ),
        sa.ForeignKeyConstraint(
            ["corrects"],
            ["bill.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("certificate", "position"),
    )
    op.create_index(op.f("ix_line_bill"), "line", ["bill"], unique=False)
    op.create_index(op.f("ix_line_contract"), "line", ["contract"], unique=False)
    op.create_index(op.f("ix_line_entry"), "line", ["entry"], unique=False)
    op.create_table(
        "payment",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bill", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("paid_on", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bill"],
            ["bill.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("bill", "attempt"),
    )
    op.create_index(op.f("ix_payment_entry"), "payment", ["entry"], unique=False)
    op.create_table(
        "posting",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bill", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bill"],
            ["bill.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_posting_bill"), "posting", ["bill"], unique=False)
    op.create_index(op.f("ix_posting_entry"), "posting", ["entry"], unique=False)
    op.create_table(
        "payment_return",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("payment", sa.Integer(), nullable=False),
        sa.Column("came_on", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment"],
            ["payment.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("payment"),
    )
    op.create_index(op.f("ix_payment_return_entry"), "payment_return", ["entry"], unique=False)
    for guard in guards(op.get_bind().dialect.name):
        op.execute(sa.text(guard))


def guards(dialect: str) -> Iterator[str]:
    """Yield the guards that this step brings; the audit looks whether they are still there."""
    for table, keys in KEYS.items():
        yield from append_only(dialect, table, keys)
    yield from anchored(dialect)
    for table, name, when, says in GUARDS:
        yield from refuses(dialect, table, name, when, says)
