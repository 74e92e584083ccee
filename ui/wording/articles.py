"""The article before a number."""

from __future__ import annotations


def with_article(number: int | str) -> str:
    """Returns a number with its article: "a 7", "an 8", "an 11"."""
    text = str(number)
    return f"{'an' if text.startswith('8') or text in ('11', '18') else 'a'} {text}"
