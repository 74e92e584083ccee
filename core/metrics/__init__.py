"""Accuracy and calibration, with confidence intervals."""
