"""Ensembles: several networks asked the same question, and how their answers become one.

Networks that were built differently make different mistakes, so that together they make fewer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.calibration import Calibration
from core.data import Inputs
from core.errors import InvalidInput
from core.inference import Reader

VOTES: Mapping[str, str] = {"mean": "Mean probability", "majority": "Majority"}
MAX_MEMBERS = 20


def check_vote(vote: str) -> str:
    """Returns the vote if there is such a one, or raises InvalidInput naming those there are."""
    if vote not in VOTES:
        raise InvalidInput(f"Expected a vote by {' or '.join(VOTES)}. Received: {vote!r}")
    return vote


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


def shifted(x: Inputs) -> tuple[Inputs, ...]:
    """Returns pictures as they are, and moved by a pixel to each of the four sides.

    What a network reads should not hang on one pixel; asked five times, it does so less. The
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


_FUNCTIONS = {"mean": mean_probability, "majority": majority}


class Ensemble(Reader):
    """Networks that answer together, safe to share between threads.

    Args:
        members: the networks, ready to answer; two or more.
        vote: one of VOTES.
        shifts: whether each network looks five times, see `shifted`; for pictures only. Defaults
            to False.
        calibration: corrects the probabilities of the vote. Defaults to leaving them.
    """

    def __init__(
        self,
        members: Sequence[Reader],
        *,
        vote: str,
        shifts: bool = False,
        calibration: Calibration | None = None,
    ) -> None:
        super().__init__(calibration)
        self._members = tuple(members)
        self._shifts = shifts
        self._vote = _FUNCTIONS[check_vote(vote)]

    def predict_bare(self, x: Inputs) -> NDArray[np.float32]:
        """Lets the members vote."""
        views = shifted(x) if self._shifts else (x,)
        answers = np.stack(
            [np.mean([m.predict(view) for view in views], axis=0) for m in self._members]
        )
        return self._vote(answers)
