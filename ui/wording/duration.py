"""Lengths of time as people say them."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """Writes a time in words short enough for a progress bar."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    return f"{int(seconds // 60)} min {round(seconds % 60):02d} s"
