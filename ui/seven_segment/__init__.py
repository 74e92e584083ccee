"""The parts of the Seven segments page."""
