"""Seven-segment displays: patterns, noisy channels, and their exact theory."""
