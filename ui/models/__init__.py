"""The parts of the Models page, and the form that makes an ensemble."""
