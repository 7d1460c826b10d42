"""Run by alembic: the steps run on the connection, and in the transaction, that payfs.store.schema opened."""

from alembic import context
from sqlmodel import SQLModel

import payfs.store.rows  # noqa: F401

context.configure(
    connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata, transactional_ddl=False
)
context.run_migrations()
