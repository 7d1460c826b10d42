"""Monte Carlo on the contract itself: what is believed, drawn a million times, and paid by the same engine."""
