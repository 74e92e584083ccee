"""On what an accuracy was measured, in the same few words on every page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from core.metrics.accuracy import Accuracy, ExactAccuracy, percent

# What cards and jobs call their test examples, and how a sentence goes on after "on 1,234".
_PHRASES: Mapping[str, Callable[[re.Match[str]], str]] = {
    r"MNIST test images(.*)": lambda found: f"test digits of MNIST{found[1]}",
    r"built-in test images(.*)": lambda found: f"built-in test digits{found[1]}",
    r"test examples of “Built-in digits(.*?)”(.*)": lambda found: (
        f"built-in test digits{found[1]}{found[2]}"
    ),
    r"test examples of “Generated patterns”(.*)": lambda found: f"test examples{found[1]}",
    r"test examples of “(MNIST.*?)”(.*)": lambda found: f"test digits of {found[1]}{found[2]}",
    r"(test examples of “.+?”.*)": lambda found: found[1],
    r"a fifth of the uploaded file(.*)": lambda found: (
        f"digits of the uploaded file, kept for testing{found[1]}"
    ),
    r"(rows of “.+” kept for testing.*)": lambda found: found[1],
    r"(.+), (1 in 11 clean)": lambda found: f"test examples, {found[1]} ({found[2]})",
    # "pen strokes by 6 writers …", "own samples kept aside": a plural noun comes first.
    r"((?:pen strokes|own samples|numbers|sequences|shapes|hands).*)": lambda found: found[1],
}


def measured_on(accuracy: Accuracy | ExactAccuracy) -> str:
    """Says on what an accuracy was measured, to stand behind a percentage.

    For example "on 11,000 test examples, mixed faults at 0.3 (1 in 11 clean)", "on 10,000 test
    digits of MNIST", "on all 10 clean patterns", "exact, bit flip at 0.15".

    Args:
        accuracy: the accuracy.
    """
    if isinstance(accuracy, ExactAccuracy):
        return f"exact, {accuracy.data}"
    if accuracy.exhaustive:
        return f"on all {accuracy.total:,} {accuracy.data}"
    return f"on {data_words(accuracy.total, accuracy.data)}"


def data_words(count: int, data: str) -> str:
    """Returns how many examples of which data: "450 built-in test digits".

    Args:
        count: number of examples.
        data: what cards and jobs call them.
    """
    for pattern, phrase in _PHRASES.items():
        if found := re.fullmatch(pattern, data, re.DOTALL):
            return f"{count:,} {phrase(found)}"
    return f"{count:,} test examples: {data}"


def percent_on(accuracy: Accuracy | ExactAccuracy, decimals: int = 1) -> str:
    """Returns a percentage and on what it was measured: "99.3 % on 10,000 test digits of MNIST".

    Args:
        accuracy: the accuracy.
        decimals: of the percentage. Defaults to 1.
    """
    comma = "," if isinstance(accuracy, ExactAccuracy) else ""
    return f"{percent(accuracy.value, decimals)}{comma} {measured_on(accuracy)}"


def interval_words(accuracy: Accuracy | ExactAccuracy | None) -> str:
    """Returns an accuracy's 95 % interval: "99.08 % to 99.42 %"; "exact" where there is none."""
    if accuracy is None:
        return "–"
    if isinstance(accuracy, ExactAccuracy) or accuracy.exhaustive:
        return "exact"
    low, high = accuracy.interval
    return f"{percent(low)} to {percent(high)}"
