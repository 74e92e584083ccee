"""Accuracy and confidence, measured, and how sure the measurement is."""
