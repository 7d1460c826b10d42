"""The capital behind a contract: what its parties pay in, what they receive, and the return on it."""
