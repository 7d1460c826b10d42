"""What the pages Simulate and Compare are made of."""
