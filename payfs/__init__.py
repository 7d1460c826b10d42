"""payfs: results-based contracts, checked, read in plain English and paid to the cent.

A contract is one YAML file. The same file is checked, read aloud and paid, and every figure says why.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("payfs")
except PackageNotFoundError:  # run from a checkout that is not installed
    __version__ = "0+unknown"
