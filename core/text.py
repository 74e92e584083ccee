"""Lists as written in a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def listed(parts: Sequence[str], word: str = "and") -> str:
    """Returns the parts as "a", "a and b" or "a, b and c"; nothing for none.

    Args:
        parts: what is listed.
        word: before the last one. Defaults to "and".
    """
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"
