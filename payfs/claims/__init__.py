"""Claims: one row a person and outcome, from administrative data, and the decision on each of them."""
