"""What it costs a network to be put into whole numbers (quantisation)."""

from __future__ import annotations

from core.export.int8 import MAX_LOSS
from core.metrics.accuracy import Accuracy, percent
from core.training.card import Int8
from ui.wording.cards import size_words
from ui.wording.mcnemar import in_short
from ui.wording.measured import measured_on
from ui.wording.phrases import accuracy_words, plain

SCHEME_WORDS = {
    "int8": "Weights and activations are whole numbers of 8 bits (full-integer quantisation).",
    "int16": "Weights are whole numbers of 8 bits, activations of 16 (int16x8): with 8 bits for"
    " both it lost more than 0.1 percentage points of its accuracy.",
    "dynamic": "Weights are whole numbers of 8 bits, activations stay as they were (dynamic-range"
    " quantisation): otherwise it lost more than 0.1 percentage points of its accuracy.",
}


def cost_words(int8: Int8, before: int, after: int) -> str:
    """Says in two or three sentences what became of size and accuracy.

    Args:
        int8: what was measured.
        before: bytes of the LiteRT file in float32.
        after: bytes of the quantised one.
    """
    size = f"{size_words(after)} instead of {size_words(before)}"
    if after >= before:
        size += ": so small a network gains nothing by it"
    parts = [
        f"{percent(new.value)} instead of {percent(old.value)} {plain(measured_on(new))}"
        for old, new in zip(int8.before, int8.after, strict=True)
    ]
    more = [plain(measured_on(new)) for new in _losing(int8)]
    lost = f" More than 0.1 points are lost {', and '.join(more)}." if more else ""
    warning = f"{lost} By theory, {_exact(int8.exact)}." if more and int8.exact else lost
    return f"{size}. Right: {'; '.join(parts)}.{warning}"


def exact_words(int8: Int8) -> str:
    """Says what theory knows of the accuracy; empty where it gives none."""
    if int8.exact is None:
        return ""
    before, after = int8.exact
    return (
        f"Exactly, over all 128 patterns and the noise that it was trained on: {percent(before)} as"
        f" trained, {percent(after)} in whole numbers. Where two digits are equally probable, the"
        " two may name different ones; that changes the counts above, but not what is to be"
        " expected."
    )


def cost_table(int8: Int8) -> dict[str, list[str]]:
    """Returns the columns of a table: each part of the test data, before and after."""
    return {
        "Measured": [plain(measured_on(old)) for old in int8.before],
        "As trained (95 % interval)": [accuracy_words(old) for old in int8.before],
        "In whole numbers": [accuracy_words(new) for new in int8.after],
        "On the same examples": [
            in_short(pair, "the one as trained", "the one in whole numbers") for pair in int8.pairs
        ],
    }


def _exact(exact: tuple[float, float]) -> str:
    before, after = exact
    return f"it is right on {percent(after)}, and was on {percent(before)}"


def _losing(int8: Int8) -> list[Accuracy]:
    """Returns the parts of the test data on which more is lost than should be."""
    return [
        new
        for old, new in zip(int8.before, int8.after, strict=True)
        if old.value - new.value > MAX_LOSS
    ]
