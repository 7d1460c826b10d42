"""What the page Track and pay is made of."""
