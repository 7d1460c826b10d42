"""The payment rules: prices, gates, limits, holdbacks and payers."""
