"""The ledger: what was agreed, reported, verified, approved and paid, with nothing lost."""

from payfs.store.database import Store
from payfs.store.schema import create_store, open_store, upgrade_store

__all__ = ["Store", "create_store", "open_store", "upgrade_store"]
