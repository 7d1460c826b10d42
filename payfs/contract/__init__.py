"""The contract: one YAML file, read, checked, and laid out for payment."""

from payfs.contract.load import Contract, Terms, load, load_document
from payfs.contract.written import ContractSpec, Example

__all__ = ["Contract", "ContractSpec", "Example", "Terms", "load", "load_document"]
