"""Inference: answers from one network or several, and the reading of whole pictures."""
