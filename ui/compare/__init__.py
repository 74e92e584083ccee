"""The parts of the Compare models page."""
