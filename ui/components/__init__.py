"""Widgets of our own that run partly in the browser; the Python, JS and CSS lie side by side."""
