"""Confidence that can be trusted, and when to say that a picture shows no digit at all.

A fully trained network is overconfident. Dividing its logits by one number, the temperature,
corrects that without changing any answer. Answers whose confidence is then below a threshold are
refused.

Source of temperature scaling: C. Guo, G. Pleiss, Y. Sun, K. Weinberger, "On Calibration of Modern
Neural Networks" (2017).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from core.data import Inputs, Labels, Split
from core.errors import InvalidInput
from core.metrics.accuracy import percent, wilson_interval
from core.metrics.reliability import calibration_error
from core.schema import DEFERRED

# At most this share of the validation pictures is refused, classified correctly or not.
REFUSED_SHARE = 0.005
TEMPERATURES = (0.05, 20.0)
SMALLEST = 1e-12  # what a probability of 0 counts as

Probabilities = NDArray[np.float32]


@dataclass(frozen=True, config=DEFERRED)
class ErrorRate:
    """How often refusal went wrong on some data.

    Args:
        data: description of the pictures.
        errors: digits that were refused, or non-digits that were not.
        total: number of pictures.
    """

    data: str
    errors: int
    total: int

    def __post_init__(self) -> None:
        if not 0 <= self.errors <= self.total or self.total < 1:
            raise InvalidInput(f"{self.errors} of {self.total} cannot be refused.")

    def __str__(self) -> str:
        low, high = wilson_interval(self.errors, self.total)
        return (
            f"{percent(self.errors / self.total)} of {self.total:,} {self.data},"
            f" 95 % interval {percent(low)} to {percent(high)}"
        )


@dataclass(frozen=True, config=DEFERRED)
class Calibration:
    """The correction of a network's raw probabilities.

    Args:
        temperature: divides the logits; above 1 lowers the confidence.
        threshold: confidence, 0..1, below which an answer is refused.
        error_before: expected calibration error on the main test data, 0..1, without the
            temperature.
        error_after: the same with it.
        refused: digits of the test data that are refused by mistake.
        accepted: pictures of no digit that are not refused, by kind.
    """

    temperature: float = 1.0
    threshold: float = 0.0
    error_before: float | None = None
    error_after: float | None = None
    refused: tuple[ErrorRate, ...] = ()
    accepted: tuple[ErrorRate, ...] = ()

    def __post_init__(self) -> None:
        low, high = TEMPERATURES
        if not (low <= self.temperature <= high and 0 <= self.threshold <= 1):
            raise InvalidInput("The calibration's temperature or threshold is out of range.")
        errors = (self.error_before, self.error_after)
        if not all(error is None or 0 <= error <= 1 for error in errors):
            raise InvalidInput("The calibration's error is out of range.")

    def apply(self, probabilities: Probabilities) -> Probabilities:
        """Corrects probabilities, float32 of shape (n, classes)."""
        return tempered(probabilities, self.temperature)


CALIBRATION = TypeAdapter(Calibration)


def tempered(probabilities: Probabilities, temperature: float) -> Probabilities:
    """Returns the probabilities after the logits are divided by the temperature.

    Args:
        probabilities: float32, shape (n, classes), each row summing to 1.
        temperature: above 0; 1 changes nothing.
    """
    if temperature == 1:
        return probabilities
    logits = log_probabilities(probabilities) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


def log_probabilities(probabilities: NDArray[Any]) -> NDArray[Any]:
    """Returns what softmax turns back into these probabilities; a 0 counts as 10⁻¹².

    Args:
        probabilities: any float dtype and shape.
    """
    logits: NDArray[Any] = np.log(np.maximum(probabilities, SMALLEST))
    return logits


def best_temperature(probabilities: Probabilities, labels: NDArray[np.int64]) -> float:
    """Returns the temperature that minimizes the cross-entropy of the labels.

    Args:
        probabilities: float32, shape (n, classes), on validation data.
        labels: int64, shape (n,).
    """
    from scipy.optimize import minimize_scalar

    rows = np.arange(len(labels))

    def loss(logarithm: float) -> float:
        right = tempered(probabilities, float(np.exp(logarithm)))[rows, labels]
        return float(-np.log(np.maximum(right, SMALLEST)).mean())

    found = minimize_scalar(loss, bounds=tuple(np.log(TEMPERATURES)), method="bounded")
    return round(float(np.exp(found.x)), 4)


def calibrate(
    predict: Callable[[Inputs], Probabilities],
    validation: Split,
    tests: Mapping[str, Split],
    non_digits: Mapping[str, Inputs],
) -> Calibration:
    """Fits temperature and threshold on validation data, and measures their effect on test data.

    Args:
        predict: `(x) -> raw probabilities`.
        validation: digits that the network was not trained on.
        tests: digits to measure on, keyed by display name; at least one.
        non_digits: pictures of anything else, by kind.
    """
    return calibrate_answers(
        (predict(validation.x), validation.y),
        {words: (predict(split.x), split.y) for words, split in tests.items()},
        {kind: predict(x) for kind, x in non_digits.items()},
    )


def calibrate_answers(
    validation: tuple[Probabilities, Labels],
    tests: Mapping[str, tuple[Probabilities, Labels]],
    non_digits: Mapping[str, Probabilities],
) -> Calibration:
    """Does what `calibrate` does, from raw probabilities.

    Args:
        validation: answers to digits that the network was not trained on, and their labels.
        tests: the same for digits to measure on, keyed by display name; at least one.
        non_digits: answers to pictures of anything else, by kind.
    """
    raw, labels = validation
    temperature = best_temperature(raw, labels)
    confidence = tempered(raw, temperature).max(axis=1)
    # Rounded down: rounding up could refuse every answer of a very confident network.
    threshold = math.floor(float(np.quantile(confidence, REFUSED_SHARE)) * 10_000) / 10_000
    refused = []
    errors: list[tuple[float, float]] = []
    for words, (probabilities, right) in tests.items():
        scaled = tempered(probabilities, temperature)
        refused.append(ErrorRate(words, int((scaled.max(axis=1) < threshold).sum()), len(right)))
        before, after = (calibration_error(p, right) for p in (probabilities, scaled))
        errors.append((round(before, 5), round(after, 5)))
    accepted = tuple(
        ErrorRate(
            kind,
            int((tempered(answers, temperature).max(axis=1) >= threshold).sum()),
            len(answers),
        )
        for kind, answers in non_digits.items()
    )
    before, after = errors[0]  # of the most important test data
    return Calibration(temperature, threshold, before, after, tuple(refused), accepted)
