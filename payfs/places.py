"""Where the example contracts, scenarios and pages that come with payfs are."""

from __future__ import annotations

import os
from pathlib import Path

from payfs.text import Finding, Refused, suggest


def contract_specs() -> Path:
    """Return the folder of example contracts: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "contract_specs"
    return inside if inside.is_dir() else package.parent / "contract_specs"


def simulations() -> Path:
    """Return the folder of example scenarios: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "simulations"
    return inside if inside.is_dir() else package.parent / "simulations"


def application() -> Path:
    """Return the folder of the application's pages: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "front" / "app"
    return inside if inside.is_dir() else package.parent / "app"


def find_spec(name: str) -> Path:
    """Return a contract file by its path, or an example contract by its short name.

    Raises:
        Refused: there is neither.
    """
    path = Path(name)
    if os.path.exists(path) or path.suffix or len(path.parts) > 1:
        return path
    example = contract_specs() / f"{name}.yaml"
    if os.path.isfile(example):
        return example
    known = example_names()
    hint = suggest(name, known) or f"give a file, or one of the example contracts: {', '.join(known)}"
    raise Refused([Finding("there is no such file or example contract", hint, file=name)])


def example_names() -> list[str]:
    """Return the short names of the example contracts."""
    return sorted(path.stem for path in contract_specs().glob("*.yaml"))


def template_names() -> list[str]:
    """Return the names of the templates."""
    return sorted(path.stem for path in (contract_specs() / "templates").glob("*.yaml"))
