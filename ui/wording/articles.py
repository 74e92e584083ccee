"""Digits and signs as they are called in a sentence."""

from __future__ import annotations

from core.tasks.handwritten_signs import TASK


def class_name(label: int) -> str:
    """Returns what a sample's label stands for: "7", "sign A"."""
    return TASK.classes[label]


def article(digit: int | str) -> str:
    """Returns a digit with its article, "an 8", "a 7"; "your sign A"; any other class as it is.

    Args:
        digit: the label of a sample, or the name of a class.
    """
    name = digit if isinstance(digit, str) else class_name(int(digit))
    if name in ("sign A", "sign B"):
        return f"your {name}"
    if not name.isdigit():
        return name
    return f"{'an' if name[0] == '8' or name in ('11', '18') else 'a'} {name}"
