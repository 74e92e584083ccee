"""Ensembles: several networks asked the same question, and how their answers become one.

Networks that were built differently make different mistakes, so that together they make fewer.
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
_CLOSE = 1e-6  # nats: no weights are better by more than this


def check_vote(vote: str) -> str:
    """Returns the vote if there is such a one, or raises InvalidInput naming those there are."""
    if vote not in VOTES:
        raise InvalidInput(f"Expected a vote that is one of {', '.join(VOTES)}. Received: {vote!r}")
    return vote


def check_weights(weights: Sequence[float], members: int) -> tuple[float, ...]:
    """Returns the weights as an ensemble keeps them: four decimals, and together 1.

    Given again, these come back as they are, so that a command which names them makes the same.

    Args:
        weights: one for each member, in any unit.
        members: how many there are.

    Raises:
        InvalidInput: if there are more or fewer, or one is negative or no number, or all are 0.
    """
    if len(weights) != members:
        raise InvalidInput(
            f"Expected a weight for each of the {members} members. Received: {len(weights)}"
        )
    try:
        values = [float(weight) for weight in weights]
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidInput("A weight is not a number.") from error
    # All divided by the largest first: the sum of huge ones would be no number any more.
    largest = max(values)
    if not all(0 <= value < math.inf for value in values) or largest == 0:
        raise InvalidInput("Expected weights from 0, not all of them 0.")
    parts = [value / largest for value in values]
    shares = [round(part / sum(parts), WEIGHT_DECIMALS) for part in parts]
    # What rounding took or gave falls on the largest, where it matters least.
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
    """Counts one vote of each member for its answer; their mean probability is one vote more.

    That last vote is spread over the classes, so it only decides where others are even.

    Args:
        answers: float32, shape (members, n, classes).

    Returns:
        float32, shape (n, classes): shares of the votes.
    """
    votes = np.eye(answers.shape[2])[answers.argmax(axis=2)].sum(axis=0)  # (n, classes)
    return np.asarray((votes + answers.mean(axis=0)) / (len(answers) + 1), np.float32)


def weighted_mean(answers: NDArray[np.float32], weights: Sequence[float]) -> NDArray[np.float32]:
    """Averages the members' probabilities, some counting for more than others.

    Args:
        answers: float32, shape (members, n, classes).
        weights: one for each member, together 1.

    Returns:
        float32, shape (n, classes), each row summing to 1.
    """
    return np.asarray(np.tensordot(np.asarray(weights), answers, axes=1), np.float32)


def best_weights(answers: NDArray[np.float32], labels: Labels) -> tuple[float, ...]:
    """Returns the weights under which the labels are least surprising to the weighted mean.

    The members are taken for the parts of a mixture. Each step gives a member the share that it
    had in the probability of the right answers, which never makes the loss worse (the EM
    algorithm). The loss has one valley only, and the largest gain that any member promises says
    how far its floor can still be.

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
        gains = (right / (weights @ right)).mean(axis=1)  # (members,); 1 where nothing is to gain
        if gains.max() < 1 + _CLOSE:
            break
        weights = weights * gains
    return check_weights(weights.tolist(), len(answers))


def predict_augmented(
    classifier: Classifier, x: Inputs, *, test_time_augmentation: bool
) -> NDArray[np.float32]:
    """Returns what one network says at each look: float32, shape (looks, n, classes).

    Args:
        classifier: the network.
        x: float32, shape (n, *input_shape).
        test_time_augmentation: whether it sees five shifted copies, see `shifted`; the first is
            `x` as it is.
    """
    return np.stack(
        [classifier.predict(view) for view in (shifted(x) if test_time_augmentation else (x,))]
    )


def vote_of(
    answers: NDArray[np.float32], vote: str, weights: Sequence[float] = ()
) -> NDArray[np.float32]:
    """Makes one answer of several.

    Args:
        answers: float32, shape (members, n, classes).
        vote: one of VOTES.
        weights: one for each member, together 1; for the weighted vote.

    Returns:
        float32, shape (n, classes).
    """
    if vote == "weighted":
        return weighted_mean(answers, weights)
    return majority(answers) if vote == "majority" else mean_probability(answers)


def shifted(x: Inputs) -> tuple[Inputs, ...]:
    """Returns pictures as they are, and moved by a pixel to each of the four sides.

    What a network reads should not depend on one pixel; asked five times, it does so less. The
    field's name for this is test-time augmentation.

    Args:
        x: float32, shape (n, height, width, channels).
    """
    moved = [x]
    for axis in (1, 2):
        for places in (-1, 1):
            other = np.roll(x, places, axis)
            edge: list[slice | int] = [slice(None)] * x.ndim
            edge[axis] = 0 if places == 1 else -1
            other[tuple(edge)] = 0  # what left on one side must not come back on the other
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
        calibration: corrects the probabilities of the vote. Defaults to leaving them.
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
        looks = [
            predict_augmented(member, x, test_time_augmentation=self._test_time_augmentation).mean(
                axis=0
            )
            for member in self._members
        ]
        return vote_of(np.stack(looks), self._vote, self._weights)
