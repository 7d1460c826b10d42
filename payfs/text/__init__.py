"""YAML with line numbers, and findings that name the place, the fact and the remedy."""

from payfs.text.files import decode, read_file
from payfs.text.findings import Document, Finding, Path, Place, Refused, dotted, nearest, suggest
from payfs.text.reading import MOST_FINDINGS, read_yaml

__all__ = [
    "MOST_FINDINGS",
    "Document",
    "Finding",
    "Path",
    "Place",
    "Refused",
    "decode",
    "dotted",
    "nearest",
    "read_file",
    "read_yaml",
    "suggest",
]
