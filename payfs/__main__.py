"""Run payfs as ``python -m payfs``."""

from payfs.cli import main

main()
