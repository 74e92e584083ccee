"""How a network's accuracy falls as noise rises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data import Split
from core.inference.predictor import Classifier
from core.metrics.accuracy import Accuracy, accuracy_of
from core.noise.base import Noise

# Enough that the 95 % interval is never wider than about 4.5 points for pictures, and narrow
# for segment patterns, whose examples cost next to nothing.
EXAMPLES = {"pictures": 2_000, "patterns": 20_000}


@dataclass(frozen=True, eq=False)
class NoisePoint:
    """The measurements at one level of noise.

    Args:
        level: of the noise.
        accuracy: the share classified correctly.
        confusion: int64, shape (classes, classes): the confusion matrix, labels by row.
        confidence: mean of the largest probabilities, 0..1.
        refused: number of examples that looked like none of the classes: their answers were less
            confident than the network's threshold.
        refused_right: how many of these answers were correct.
        right: bool, shape (examples,), which of them were classified correctly; the examples are
            the same, in the same order, for every network. None if it was not kept.
    """

    level: float
    accuracy: Accuracy
    confusion: NDArray[np.int64]
    confidence: float
    refused: int = 0
    refused_right: int = 0
    right: NDArray[np.bool_] | None = None

    @property
    def refused_share(self) -> float:
        """The share of the examples that was refused, 0..1."""
        return self.refused / self.accuracy.total

    @property
    def accepted_wrong_share(self) -> float:
        """The share of wrong answers among those not refused, 0..1; 0 if all were refused."""
        accepted = self.accuracy.total - self.refused
        right = self.accuracy.correct - self.refused_right
        return (accepted - right) / accepted if accepted else 0.0


def example_limit(input_shape: Sequence[int]) -> int:
    """Returns how many examples a curve is measured on for inputs of this shape."""
    return EXAMPLES["pictures" if len(input_shape) > 1 else "patterns"]


def accuracy_by_level(
    predictor: Classifier,
    examples: Split,
    noise: Noise,
    *,
    data: str,
    levels: Sequence[float] | None = None,
    random_state: int = 0,
    ceiling: Callable[[Noise, float], float | None] | None = None,
    on_point: Callable[[NoisePoint], None] = lambda point: None,
) -> list[NoisePoint]:
    """Measures a network on the same examples at every level of noise.

    Args:
        predictor: the network.
        examples: clean test examples.
        noise: the kind of noise.
        data: description of the examples.
        levels: the levels to measure. Defaults to the noise's own.
        random_state: seed of the noise.
        ceiling: `(noise, level) -> accuracy`, the best that any classifier can reach on such
            examples, where theory gives it. Defaults to none.
        on_point: called with each point as it is measured.

    Returns:
        One point per level, in the order of `levels`.
    """
    points = []
    for index, level in enumerate(noise.levels if levels is None else levels):
        seed = int(np.random.SeedSequence([random_state, index]).generate_state(1)[0])
        noisy = noise.apply(examples.x, level=level, random_state=seed)
        words = f"{data}, {noise.title.lower()} at {level:g}"
        probabilities = predictor.predict(noisy)
        confidence = probabilities.max(axis=1)
        refused = confidence < predictor.threshold
        right = probabilities.argmax(axis=1) == examples.y
        best = ceiling(noise, level) if ceiling else None
        measured = Split(noisy, examples.y, best_accuracy=best)
        points.append(
            NoisePoint(
                level,
                accuracy_of(probabilities, measured, data=words),
                confusion_counts(probabilities, examples.y),
                float(confidence.mean()),
                int(refused.sum()),
                int((refused & right).sum()),
                right,
            )
        )
        on_point(points[-1])
    return points


def confusion_counts(probabilities: NDArray[np.float32], y: NDArray[np.int64]) -> NDArray[np.int64]:
    """Counts answers by label: the confusion matrix.

    Args:
        probabilities: float32, shape (n, classes), the answers.
        y: int64, shape (n,), the labels.

    Returns:
        int64, shape (classes, classes); row c holds the answers to the examples of class c.
    """
    classes = probabilities.shape[1]
    pairs = y * classes + probabilities.argmax(axis=1)
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes).astype(np.int64)
