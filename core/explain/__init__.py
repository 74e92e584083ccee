"""What is inside a network, and what its prediction depends on."""
