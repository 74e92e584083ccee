"""How good networks are, and which of two is better."""
