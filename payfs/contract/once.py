"""What follows from a contract alone is worked out once, however many blocks of paths are paid under it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from payfs.contract.load import Contract

Names = ParamSpec("Names")
Found = TypeVar("Found")


def once(work: Callable[Concatenate[Contract, Names], Found]) -> Callable[Concatenate[Contract, Names], Found]:
    """Let a function find out once for each contract, and for the names that it is given beside, what it returns.

    Nobody may change what it returns. What it raises is raised each time.
    """
    name = f"{work.__module__}.{work.__qualname__}"  # and not the function, which no other process could be sent

    @wraps(work)
    def known(contract: Contract, /, *names: Names.args, **others: Names.kwargs) -> Found:
        kept: dict[Any, Found] = contract.kept
        key = (name, *names, *others.items())
        if key not in kept:
            kept[key] = work(contract, *names, **others)
        return kept[key]

    return known
