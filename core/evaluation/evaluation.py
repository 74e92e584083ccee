"""What a network's answers to test examples show, in numbers and by example."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.data import Labels
from core.evaluation.robustness import confusion_counts
from core.metrics.accuracy import Accuracy

Indices = NDArray[np.int64]
# Where Keras clips probabilities in a cross-entropy: no single answer makes it infinite.
SMALLEST = 1e-7


@dataclass(frozen=True)
class ClassScores:
    """The scores of one class.

    Args:
        precision: share of the examples classified as this class that belong to it; None if there
            are none.
        recall: share of its examples that were classified as it; None if there are none.
        f1: harmonic mean of the two; None if there is neither an example nor an answer.
        examples: number of its examples.
        answers: number of examples classified as it.
    """

    precision: float | None
    recall: float | None
    f1: float | None
    examples: int
    answers: int


@dataclass(frozen=True)
class Scores:
    """The usual scores of a classifier on some examples.

    Args:
        loss: mean cross-entropy, in nats; 0 is perfect.
        classes: the scores of each class.
    """

    loss: float
    classes: tuple[ClassScores, ...]

    @property
    def mean_f1(self) -> float:
        """The macro average of F1 over the classes where it is known, 0..1."""
        known = [each.f1 for each in self.classes if each.f1 is not None]
        return sum(known) / len(known)


def scores_of(probabilities: NDArray[np.float32], y: Labels) -> Scores:
    """Computes the scores with scikit-learn, which takes a second to import: for workers.

    Args:
        probabilities: float32, shape (n, classes), the answers; n at least 1.
        y: int64, shape (n,), the labels.
    """
    from sklearn.metrics import log_loss, precision_recall_fscore_support

    classes = np.arange(probabilities.shape[1])
    clipped = np.clip(probabilities.astype(np.float64), SMALLEST, 1)
    loss = log_loss(y, clipped / clipped.sum(axis=1, keepdims=True), labels=classes)
    answers = probabilities.argmax(axis=1)
    precision, recall, f1, examples = precision_recall_fscore_support(
        y, answers, labels=classes, zero_division=np.nan
    )
    given = np.bincount(answers, minlength=len(classes))
    return Scores(
        float(loss),
        tuple(
            ClassScores(
                _known(precision[n]),
                _known(recall[n]),
                _known(f1[n]),
                int(examples[n]),
                int(given[n]),
            )
            for n in classes
        ),
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A network's answers to test examples, and which of them are worth looking at.

    Args:
        data: description of the examples.
        probabilities: float32, shape (n, classes), the answers.
        y: int64, shape (n,), the labels.
        exhaustive: whether the examples are all that exist. Defaults to False.
        best: the accuracy that no classifier can beat on such data. Defaults to unknown.
    """

    data: str
    probabilities: NDArray[np.float32]
    y: Labels
    exhaustive: bool = False
    best: float | None = None

    def __post_init__(self) -> None:
        if len(self.probabilities) != len(self.y):
            raise ValueError(
                "Expected as many labels as answers. "
                f"Received: {len(self.y)} and {len(self.probabilities)}"
            )

    @cached_property
    def answers(self) -> NDArray[np.int64]:
        """The most probable class of each example: int64, shape (n,)."""
        return np.asarray(self.probabilities.argmax(axis=1), np.int64)

    @cached_property
    def confidence(self) -> NDArray[np.float32]:
        """The probability of each answer: float32, shape (n,)."""
        return np.asarray(self.probabilities.max(axis=1), np.float32)

    @cached_property
    def right(self) -> NDArray[np.bool_]:
        """Which answers are correct: bool, shape (n,)."""
        return np.asarray(self.answers == self.y)

    @property
    def accuracy(self) -> Accuracy:
        """The share of correct answers, with its counts."""
        correct = int(self.right.sum())
        return Accuracy(self.data, correct, len(self.y), self.exhaustive, self.best)

    @cached_property
    def confusion(self) -> NDArray[np.int64]:
        """The confusion matrix, labels by row and answers by column: int64, square."""
        return confusion_counts(self.probabilities, self.y)

    def cell(self, label: int, answer: int) -> Indices:
        """Returns the examples of one class that were read as another, the most confident first."""
        return self._by_confidence(np.flatnonzero((self.y == label) & (self.answers == answer)))

    def mistakes(self) -> Indices:
        """Returns all mistakes, the most confident first."""
        return self._by_confidence(np.flatnonzero(~self.right))

    def least_confident(self, limit: int) -> Indices:
        """Returns at most `limit` examples, right or wrong, the least confident first."""
        return self._by_confidence(np.arange(len(self.y)))[::-1][:limit]

    def samples(self, limit: int, *, random_state: int) -> Indices:
        """Returns at most `limit` examples at random, without replacement."""
        generator = np.random.default_rng(random_state)
        count = min(limit, len(self.y))
        return np.asarray(generator.choice(len(self.y), count, replace=False), np.int64)

    def _by_confidence(self, indices: Indices) -> Indices:
        """Sorts by descending confidence; ties keep the order of the data."""
        return indices[np.argsort(-self.confidence[indices], kind="stable")]


def rates(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Normalizes a confusion matrix's counts by row; a row without examples stays 0."""
    return np.asarray(counts / np.maximum(1, counts.sum(axis=1, keepdims=True)), np.float64)
