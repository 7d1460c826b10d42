"""What the page Draft is made of."""
