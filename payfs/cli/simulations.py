"""The commands that simulate: simulate, solve, compare and sensitivity."""
