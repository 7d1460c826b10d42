"""What was measured: metrics, conditions on them, and results read from files."""
