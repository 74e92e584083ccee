"""The parts of the Your handwriting page."""
