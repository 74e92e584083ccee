"""Digits and signs as they are called in a sentence."""

from __future__ import annotations

from core.tasks.handwritten_signs import TASK


def class_name(label: int) -> str:
    """Returns what a sample's label stands for: "7", "sign A"."""
    return TASK.classes[label]


def article(digit: int | str) -> str:
    """Returns a digit with its article, "an 8", "a 7"; "your sign A" for a sign.

    Args:
        digit: the label of a sample, or the name of a class.
    """
    name = class_name(int(digit)) if str(digit).isdigit() else str(digit)
    if name.startswith("sign"):
        return f"your {name}"
    return f"{'an' if name == '8' else 'a'} {name}"
