"""Seven-segment displays: patterns, noisy channels, and what theory knows of them."""
