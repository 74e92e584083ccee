"""The parts of the Noise page."""
