"""The last step of an answer: from scores to the percentages that a page shows.

A network gives each class a score (logit). The scores are divided by the temperature of the
calibration, and softmax turns the results into probabilities. For an ensemble, the logarithm of the
voted probability takes the place of the score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.inference.calibration import log_probabilities

Scores = NDArray[np.float64]

# The scores come from another computation than the answer, in another order of the sums.
_ROUNDING = 5e-4


@dataclass(frozen=True, eq=False)
class FinalStep:
    """How one answer's percentages come from its scores.

    Args:
        scores: float64, shape (classes,).
        temperature: what divides them, above 0.
        probabilities: float32, shape (classes,), the answer itself.
        votes: float64, shape (classes,), the probabilities that an ensemble's members agreed on;
            None for one network.
    """

    scores: Scores
    temperature: float
    probabilities: NDArray[np.float32]
    votes: Scores | None = None

    @classmethod
    def of_vote(
        cls, votes: NDArray[np.float32], temperature: float, probabilities: NDArray[np.float32]
    ) -> FinalStep:
        """Takes an ensemble's voted probabilities, float32 of shape (classes,), as the start."""
        values = votes.astype(np.float64)
        return cls(log_probabilities(values), temperature, probabilities, values)

    @property
    def divided(self) -> Scores:
        """The scores after the temperature: float64, shape (classes,)."""
        return self.scores / self.temperature

    @property
    def uncorrected(self) -> Scores:
        """The probabilities if nothing were divided: float64, shape (classes,)."""
        return softmax(self.scores)

    @property
    def winner(self) -> int:
        """The index of the most probable class."""
        return int(self.probabilities.argmax())

    @property
    def second(self) -> int:
        """The index of the next most probable class."""
        others = self.probabilities.copy()
        others[self.winner] = -1
        return int(others.argmax())

    @property
    def lead(self) -> float:
        """By how much the winner leads the second, after the temperature."""
        return float(self.divided[self.winner] - self.divided[self.second])

    @property
    def agrees(self) -> bool:
        """Whether the scores really lead to the answer's probabilities."""
        return bool(np.abs(softmax(self.divided) - self.probabilities).max() < _ROUNDING)


def softmax(scores: Scores) -> Scores:
    """Returns the probabilities of scores, float64 of shape (classes,)."""
    powers = np.exp(scores - scores.max())
    shares: Scores = powers / powers.sum()
    return shares
