"""Ensembles: several networks answer the same question, and their answers are combined.

Networks that were built differently make different mistakes, so together they make fewer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs, Labels
from core.errors import InvalidInput
from core.inference.calibration import Calibration
from core.inference.predictor import Classifier

VOTES: Mapping[str, str] = {
    "mean": "Mean probability",
    "majority": "Majority",
    "weighted": "Weighted mean",
}
MAX_MEMBERS = 20
WEIGHT_DECIMALS = 4
_SMALLEST = 1e-12
_MAX_STEPS = 5_000
_CLOSE = 1e-6  # nats: how close to the optimum is enough


def check_vote(vote: str) -> str:
    """Returns the vote if it exists, or raises InvalidInput with the known ones."""
    if vote not in VOTES:
        raise InvalidInput(f"Expected a vote that is one of {', '.join(VOTES)}. Received: {vote!r}")
    return vote


def check_weights(weights: Sequence[float], members: int) -> tuple[float, ...]:
    """Returns the weights as an ensemble stores them: four decimals, summing to 1.

    Such weights are returned unchanged, so a command that names them makes the same ensemble.

    Args:
        weights: one for each member, on any scale.
        members: how many there are.

    Raises:
        InvalidInput: if the count is wrong, one is negative or not a number, or all are 0.
    """
    if len(weights) != members:
        raise InvalidInput(
            f"Expected a weight for each of the {members} members. Received: {len(weights)}"
        )
    try:
        values = [float(weight) for weight in weights]
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidInput("A weight is not a number.") from error
    # All divided by the largest first: the sum of huge ones would overflow.
    largest = max(values)
    if not all(0 <= value < math.inf for value in values) or largest == 0:
        raise InvalidInput("Expected weights from 0, not all of them 0.")
    parts = [value / largest for value in values]
    shares = [round(part / sum(parts), WEIGHT_DECIMALS) for part in parts]
    # The rounding error goes to the largest, where it matters least.
    rest = 1 - sum(share for place, share in enumerate(shares) if place != parts.index(1))
    shares[parts.index(1)] = round(rest, WEIGHT_DECIMALS)
    return tuple(shares)


def mean_probability(answers: NDArray[np.float32]) -> NDArray[np.float32]:
    """Averages the members' probabilities.

    Args:
        answers: float32, shape (members, n, classes).

    Returns:
        float32, shape (n, classes), each row summing to 1.
    """
    return np.asarray(answers.mean(axis=0), np.float32)


def majority(answers: NDArray[np.float32]) -> NDArray[np.float32]:
    """Counts one vote of each member for its answer, plus their mean probability as one vote more.

    That last vote is spread over the classes, so it only breaks ties.

    Args:
        answers: float32, shape (members, n, classes).

    Returns:
        float32, shape (n, classes): shares of the votes.
    """
    votes = np.eye(answers.shape[2])[answers.argmax(axis=2)].sum(axis=0)  # (n, classes)
    return np.asarray((votes + answers.mean(axis=0)) / (len(answers) + 1), np.float32)


def weighted_mean(answers: NDArray[np.float32], weights: Sequence[float]) -> NDArray[np.float32]:
    """Averages the members' probabilities by weight.

    Args:
        answers: float32, shape (members, n, classes).
        weights: one for each member, summing to 1.

    Returns:
        float32, shape (n, classes), each row summing to 1.
    """
    return np.asarray(np.tensordot(np.asarray(weights), answers, axes=1), np.float32)


def best_weights(answers: NDArray[np.float32], labels: Labels) -> tuple[float, ...]:
    """Returns the weights that minimize the cross-entropy of the weighted mean.

    The members are treated as the components of a mixture. Each step gives a member its share of
    the probability of the right answers, which never increases the loss (the EM algorithm). The
    loss is convex, and the largest gain of any member bounds its distance from the minimum.

    Args:
        answers: float32, shape (members, n, classes), to validation data.
        labels: int64, shape (n,), the right classes.

    Returns:
        Weights as `check_weights` returns them.

    Source: A. P. Dempster, N. M. Laird, D. B. Rubin, "Maximum Likelihood from Incomplete Data
    via the EM Algorithm", Journal of the Royal Statistical Society B 39 (1977).
    """
    right = np.maximum(answers[:, np.arange(len(labels)), labels], _SMALLEST).astype(np.float64)
    weights = np.full(len(answers), 1 / len(answers))
    for _ in range(_MAX_STEPS):
        gains = (right / (weights @ right)).mean(axis=1)  # (members,); 1 at the optimum
        if gains.max() < 1 + _CLOSE:
            break
        weights = weights * gains
    return check_weights(weights.tolist(), len(answers))


def predict_augmented(
    classifier: Classifier, x: Inputs, *, test_time_augmentation: bool
) -> NDArray[np.float32]:
    """Returns one network's answers to each view: float32, shape (views, n, classes).

    Args:
        classifier: the network.
        x: float32, shape (n, *input_shape).
        test_time_augmentation: whether it sees five shifted copies, see `shifted`; the first is
            `x` itself.
    """
    return np.stack(
        [classifier.predict(view) for view in (shifted(x) if test_time_augmentation else (x,))]
    )


def vote_of(
    answers: NDArray[np.float32], vote: str, weights: Sequence[float] = ()
) -> NDArray[np.float32]:
    """Combines several answers into one.

    Args:
        answers: float32, shape (members, n, classes).
        vote: one of VOTES.
        weights: one for each member, summing to 1; for the weighted vote.

    Returns:
        float32, shape (n, classes).
    """
    if vote == "weighted":
        return weighted_mean(answers, weights)
    return majority(answers) if vote == "majority" else mean_probability(answers)


def shifted(x: Inputs) -> tuple[Inputs, ...]:
    """Returns the pictures unchanged, and shifted by a pixel to each of the four sides.

    A network's answer should not depend on one pixel; averaged over five views, it depends less on
    it. This is test-time augmentation.

    Args:
        x: float32, shape (n, height, width, channels).
    """
    moved = [x]
    for axis in (1, 2):
        for places in (-1, 1):
            other = np.roll(x, places, axis)
            edge: list[slice | int] = [slice(None)] * x.ndim
            edge[axis] = 0 if places == 1 else -1
            other[tuple(edge)] = 0  # what leaves on one side must not return on the other
            moved.append(other)
    return tuple(moved)


class Ensemble(Classifier):
    """Networks that answer together, safe to share between threads.

    Args:
        members: the networks, ready to answer; two or more.
        vote: one of VOTES.
        weights: one for each member; for the weighted vote. Defaults to none.
        test_time_augmentation: whether each network sees five shifted copies, see `shifted`; for
            pictures only. Defaults
            to False.
        calibration: corrects the probabilities of the vote. Defaults to none.
    """

    def __init__(
        self,
        members: Sequence[Classifier],
        *,
        vote: str,
        weights: Sequence[float] = (),
        test_time_augmentation: bool = False,
        calibration: Calibration | None = None,
    ) -> None:
        super().__init__(calibration)
        self._members = tuple(members)
        self._test_time_augmentation = test_time_augmentation
        self._vote = check_vote(vote)
        self._weights = check_weights(weights, len(members)) if vote == "weighted" else ()

    def predict_uncalibrated(self, x: Inputs) -> NDArray[np.float32]:
        """Lets the members vote."""
        views = [
            predict_augmented(member, x, test_time_augmentation=self._test_time_augmentation).mean(
                axis=0
            )
            for member in self._members
        ]
        return vote_of(np.stack(views), self._vote, self._weights)
