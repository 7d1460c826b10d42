"""The contract: one YAML file, read, checked, and laid out for payment."""

from payfs.contract.load import Contract, Terms
from payfs.contract.survey import Survey, load, load_document, survey
from payfs.contract.written import ContractSpec, Example

__all__ = ["Contract", "ContractSpec", "Example", "Survey", "Terms", "load", "load_document", "survey"]
