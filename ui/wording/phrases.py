"""Figures as people read them in tables and sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.metrics.accuracy import Accuracy, percent
from ui.wording.nouns import all_of

MOSTLY = 0.5  # of the examples of every class
_WORD_JOINER = "\u2060"  # cannot be seen


def accuracy_words(accuracy: Accuracy) -> str:
    """Returns an accuracy with its counts and 95 % interval, as Markdown for a table's cell."""
    low, high = accuracy.interval
    between = "exactly" if accuracy.exhaustive else f"{percent(low, 1)} to {percent(high, 1)}"
    return (
        f"{accuracy.correct:,} of {accuracy.total:,}: **{percent(accuracy.value, 1)}** ({between})"
    )


def plain(text: str) -> str:
    """Returns text in which Markdown sees nothing: no bold, mathematics, colour, link or picture.

    For sentences that quote what came from outside. It becomes one line, for at the beginning of a
    line Markdown sees headings, lists, quotations and rulers. What looks like an address becomes a
    link even where its signs are escaped, so an invisible one parts it.
    """
    text = " ".join(text.split())
    text = re.sub(r"(?i)(https?:(?=//)|www(?=\.)|@(?=\w))", rf"\1{_WORD_JOINER}", text)
    inside = re.sub(r"([\\`*\[\]$<~]|(?<!\w)_|:(?=//|[\w/+-]+[:\[]))", r"\\\1", text)
    return re.sub(r"^(\d*)([#>+-]|[.)](?=\s))", r"\1\\\2", inside)


def worst_pair(matrix: NDArray[np.float64], classes: Sequence[str], noun: str = "digit") -> str:
    """Says which confusion is the most frequent.

    Args:
        matrix: float64, shape (classes, classes), rows of shares.
        classes: their names.
        noun: what a class is called. Defaults to "digit".
    """
    wrong = matrix - np.diag(np.diag(matrix))
    was, taken = divmod(int(wrong.argmax()), len(wrong))
    share = float(wrong[was, taken])
    if share < 1e-9:
        return f"No {noun} is mistaken for another."
    if (column := matrix[:, taken]).min() > MOSTLY:
        least = float(column.min())
        often = "" if least > 1 - 1e-9 else f" at least {percent(least, 1)} of the time"
        return f"Every {noun} is read as **{classes[taken]}**{often}."
    these = all_of(classes[was], mark="**")
    return (
        f"The most common mistake: {percent(share, 1)} of all {these} are read as"
        f" **{classes[taken]}**."
    )
