"""Measurements, each a program: `python -m benchmarks.NAME` prints a table and keeps its numbers.

Speed depends on the machine, so it is told as a ratio: the app and something bare, taken in turn
in one run, so that whatever else the machine does hits both alike.
"""
