"""Digits with their article."""

from __future__ import annotations


def article(digit: int | str) -> str:
    """Returns a digit with its article: "an 8", "a 7"."""
    return f"{'an' if str(digit) == '8' else 'a'} {digit}"
